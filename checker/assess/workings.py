"""The working tables behind the numbers: ladder, run day by day, rates by balance, pass-through, loops, named claims.

Each is built from the same facts at the cut and shown only where its facts exist. Nothing here decides anything. Texts
are written in English and translated where they are printed.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf, isfinite

from checker.assess.assessment import Remark, Working
from checker.assess.numbers import used_facts
from checker.engine.cut import Cut
from checker.engine.scalar import Interpreter, Program
from checker.metrics.bounds import bounded, find
from checker.metrics.depeg import variants
from checker.metrics.ladder import BUCKETS, Ladder, ladder, lives
from checker.metrics.loop import MOST_ROUNDS, limit, liquidation_fall, rounds
from checker.metrics.pass_through import FEWEST, PassThrough, Verdict, pass_through
from checker.metrics.scenario import Depeg, Run, Shock
from checker.metrics.survival import simulate
from checker.metrics.yields import Tier, blended_rate
from checker.model.interval import UNKNOWN, Interval, add, multiply, point, subtract
from checker.model.state import RowState, Status, TableState
from checker.packs.rulebook import Rulebook

Cell = object
Columns = tuple[tuple[str, str], ...]

ASSETS, DEPOSITS = "asset_duration.assets", "deposit_liquidity.deposits"
PRODUCTS, NAMED, POSITIONS = "terms.products", "exposures.named", "leverage.positions"
OFFERED, OFFERED_ASSET = "terms.offered_apy", "terms.offered_asset"
BENCHMARK, THRESHOLD = "yield_source.benchmark_lending_apy", "leverage.liquidation_threshold"
SOURCES, OWED = "yield_source.sources", "t3.owed"
INDEPENDENT, OWN_WORD = 2, 0.5
AMOUNT = Interval(0.0, inf)
LTV, ROUNDS = "leverage.loop_ltv", "leverage.loop_rounds"
CAPITAL, EQUITY, LOSS, SHOCK = "l.loss_capital", "leverage.equity", "n.default_loss", "n.collateral_shock"
SPARED = frozenset({"sovereign", "central_counterparty"})

MONTHS, FEWEST_MONTHS = 36, 3
ROUNDS_SHOWN = 20
CAPITAL_SHOWN = 100.0
ANY_DAY = Interval(0.0, inf)


def mark(text: str) -> str:
    """A text that outputs translate; catalogues find it by this name."""
    return text


@dataclass(frozen=True)
class Material:
    """What workings are built from.

    Attributes:
        rulebook: The packs.
        program: Parameters in force, metrics and scenarios.
        cut: The facts at the cut.
        interpreter: Evaluates them, with traces.
        unread: Evaluates a platform of which only the kind is known.
    """

    rulebook: Rulebook
    program: Program
    cut: Cut
    interpreter: Interpreter
    unread: Interpreter

    def table(self, id: str) -> TableState:
        """A table at the cut."""
        return self.cut.table(id, 0)

    def number(self, fact: str) -> Interval | None:
        """A reported number, or None where nothing is reported."""
        state = self.cut.fact(fact, 0)
        return state.value if state.status is Status.REPORTED and isinstance(state.value, Interval) else None

    def metric(self, id: str) -> Interval:
        """A metric that is a number; unknown where no pack has it."""
        return _metric(self.interpreter, id)

    def parameter(self, id: str) -> float:
        """A parameter in force."""
        return self.program.params[id][0]


def workings(material: Material) -> tuple[Working, ...]:
    """Every working table whose facts exist, in reading order."""
    built: Iterable[Callable[[Material], Working | None]] = (
        maturity_ladder,
        run_path,
        rates_by_balance,
        yield_by_source,
        offered_and_market,
        loop_rounds,
        loop_depeg,
        named_exposures,
        claims_on_it,
        cash_and_calls,
        who_pays,
        loop_health,
        balance_sheet,
        collateral_curve,
    )
    return tuple(working for build in built if (working := build(material)) is not None)


# -- maturity ladder


@dataclass(frozen=True)
class _Held:
    """An amount with the time at which it comes or may be called; infinity is never."""

    amount: Interval
    day: Interval


def maturity_ladder(material: Material) -> Working | None:
    """Assets and deposits by bucket of time, from the tables where they are told, else from totals."""
    assets, deposits = material.table(ASSETS), material.table(DEPOSITS)
    owed = [_Held(_cell(row, "amount"), _cell(row, "notice_days", ANY_DAY)) for row in deposits.rows]
    views: dict[str, list[_Held]] = {}
    for name, column in (("contract", "maturity_days"), ("sales", "days_to_cash")):
        pledged = _pledged if name == "sales" else _free
        held = [_Held(_cell(row, "amount"), pledged(row, _cell(row, column, ANY_DAY))) for row in assets.rows]
        if any(_is_told(row, column) for row in assets.rows) and _are_bounded(held):
            views[name] = held
    if not views or not _are_bounded(owed) or not any(_is_told(row, "notice_days") for row in deposits.rows):
        return _ladder_of_totals(material)
    columns: list[tuple[str, str]] = [(mark("Up to"), "days"), (mark("Deposits out"), "money")]
    lines: list[list[Cell]] = [
        [mark("later") if bound == inf else bound, _shown(out)]
        for bound, out in zip(BUCKETS, _by_bucket(owed), strict=True)
    ]
    notes: list[Remark] = []
    for name, held in views.items():
        columns += _LADDER_COLUMNS[name]
        worst = ladder(_corner(held, best=False), [(amount, day or 0.0) for amount, day in _corner(owed, best=True)])
        best = ladder(_corner(held, best=True), _called(owed))
        for line, cells in zip(lines, _ladder_cells(held, owed, worst, best), strict=True):
            line += cells
        notes.append(_first_gap(name, worst, best))
    if "contract" in views and all(h.amount.is_point and h.day.is_point for h in [*views["contract"], *owed]):
        notes += _average_lives(views["contract"], owed)
    if not (assets.complete and deposits.complete):
        notes.append(Remark(mark("Only rows that the profile lists are counted; there may be more.")))
    return Working(
        "maturity_ladder",
        mark("Maturity ladder: what comes in and what may be called"),
        tuple(columns),
        tuple(map(tuple, lines)),
        tuple(notes),
        (ASSETS, DEPOSITS),
    )


_LADDER_COLUMNS = {
    "contract": (
        (mark("Assets in, by contract"), "money"),
        (mark("Gap, by contract"), "money"),
        (mark("Gap so far, by contract"), "money"),
        (mark("Of all deposits, by contract"), "share"),
    ),
    "sales": (
        (mark("Assets in, with sales"), "money"),
        (mark("Gap, with sales"), "money"),
        (mark("Gap so far, with sales"), "money"),
        (mark("Of all deposits, with sales"), "share"),
    ),
}
_FIRST_GAP = {
    "contract": (
        mark("By contract more may be called than has come in; first bucket: {bucket}."),
        mark("By contract more may perhaps be called than has come in; first possible bucket: {bucket}."),
        mark("By contract what comes in covers what may be called in every bucket."),
    ),
    "sales": (
        mark("With sales more may be called than can be cash; first bucket: {bucket}."),
        mark("With sales more may perhaps be called than can be cash; first possible bucket: {bucket}."),
        mark("With sales what can be cash covers what may be called in every bucket."),
    ),
}


def _pledged(row: RowState, day: Interval) -> Interval:
    """The day of cash of an asset that may be pledged: never while it is."""
    pledged = row.cells["encumbered"].value
    if pledged == frozenset({True}):
        return point(inf)
    return day if pledged == frozenset({False}) else Interval(day.lo, inf)


def _free(row: RowState, day: Interval) -> Interval:  # noqa: ARG001
    return day


def _are_bounded(held: Sequence[_Held]) -> bool:
    return bool(held) and all(isfinite(end) for item in held for end in item.amount)


def _corner(held: Sequence[_Held], *, best: bool) -> list[tuple[float, float | None]]:
    """The largest amounts at the earliest days, or the smallest at the latest."""
    ends = [(item.amount.hi, item.day.lo) if best else (item.amount.lo, item.day.hi) for item in held]
    return [(amount, None if day == inf else day) for amount, day in ends]


def _called(owed: Sequence[_Held]) -> list[tuple[float, float]]:
    """Deposits at their smallest and latest; those without a last day come in the open bucket."""
    last = BUCKETS[-2] + 1
    return [(item.amount.lo, max(last, item.day.lo) if item.day.hi == inf else item.day.hi) for item in owed]


def _bucket(day: float) -> int:
    return next(index for index, bound in enumerate(BUCKETS) if day <= bound)


def _by_bucket(held: Sequence[_Held]) -> list[Interval]:
    """What surely and what possibly falls in each bucket."""
    lo, hi = [0.0] * len(BUCKETS), [0.0] * len(BUCKETS)
    for item in held:
        first, last = _bucket(item.day.lo), _bucket(item.day.hi)
        for index in range(first, last + 1):
            hi[index] += item.amount.hi
        if first == last:
            lo[first] += item.amount.lo
    return [Interval(*ends) for ends in zip(lo, hi, strict=True)]


def _ladder_cells(held: Sequence[_Held], owed: Sequence[_Held], worst: Ladder, best: Ladder) -> Iterator[list[Cell]]:
    fixed = all(item.amount.is_point for item in owed)
    for index, (came, went) in enumerate(zip(_by_bucket(held), _by_bucket(owed), strict=True)):
        low, high = worst.ratio[index], best.ratio[index]
        yield [
            _shown(came),
            _shown(subtract(came, went)),
            _shown(Interval(worst.cumulative[index], best.cumulative[index])),
            _shown(Interval(low, high)) if fixed and low is not None and high is not None else None,
        ]


def _first_gap(name: str, worst: Ladder, best: Ladder) -> Remark:
    sure, possible, never = _FIRST_GAP[name]
    if worst.first_negative is None:
        return Remark(never)
    bound = BUCKETS[worst.first_negative]
    bucket = mark("later") if bound == inf else _argument(bound, "days")
    return Remark(sure if worst.first_negative == best.first_negative else possible, {"bucket": bucket})


def _average_lives(held: Sequence[_Held], owed: Sequence[_Held]) -> list[Remark]:
    found = lives(_corner(held, best=False), _called(owed))
    if found.assets is not None and found.deposits is not None:
        text = mark("Assets live {assets} on average, deposits {deposits}.")
        return [
            Remark(text, {"assets": _argument(found.assets, "days"), "deposits": _argument(found.deposits, "days")})
        ]
    if found.dated is not None and found.undated_share is not None:
        text = mark("Assets that end live {assets} on average; {share} of all assets have no end.")
        arguments = {"assets": _argument(found.dated, "days"), "share": _argument(found.undated_share, "share")}
        return [Remark(text, arguments)]
    return []


def _ladder_of_totals(material: Material) -> Working | None:
    """Three rows from the totals that rules read; bounds where facts are missing."""
    lines: list[tuple[Cell, ...]] = []
    facts: dict[str, None] = {}
    bounds_gap = False
    for day in (1, 7, 30):
        ids = [f"t3.{name}_{day}d" for name in ("liquid", "redeemable", "reach", "due")]
        if not material.program.metrics.keys() >= set(ids):
            return None
        cells: list[Cell] = [float(day)]
        for cash, due in (ids[:2], ids[2:]):
            gap = _gap(material, cash, due)
            bounds_gap |= gap is not None
            cells += [_told(material.metric(id), _metric(material.unread, id)) for id in (cash, due)]
            cells.append(gap)
        for id in ids:
            facts |= dict.fromkeys(used_facts(material.interpreter.metric(id), material.cut.view, material.rulebook))
        lines.append(tuple(cells))
    if not bounds_gap:
        return None
    columns = (
        (mark("Within"), "days"),
        (mark("Cash reached"), "money"),
        (mark("May be called"), "money"),
        (mark("Gap"), "money"),
        (mark("Cash reached, of all deposits"), "share"),
        (mark("May be called, of all deposits"), "share"),
        (mark("Gap, of all deposits"), "share"),
    )
    note = Remark(mark("From totals, as rules read them; amounts are cumulative. Shares are told by other facts too."))
    return Working(
        "maturity_ladder",
        mark("Maturity ladder: what can be reached and what may be called"),
        columns,
        tuple(lines),
        (note,),
        tuple(facts),
    )


def _gap(material: Material, first: str, second: str) -> Cell:
    """Cash less what may be called; an end that rests on no cash, or on nothing being called, bounds nothing."""
    cash, due = material.metric(first), material.metric(second)
    value = subtract(cash, due)
    if value.is_point:
        return _shown(value)
    nothing = subtract(_metric(material.unread, first), _metric(material.unread, second))
    return _told(Interval(-inf if cash.lo <= 0 else value.lo, inf if due.lo <= 0 else value.hi), nothing)


# -- run day by day


def run_path(material: Material) -> Working | None:
    """Every run played day by day on tables that are complete and tell every amount and day."""
    assets, deposits = material.table(ASSETS), material.table(DEPOSITS)
    held = [(row, _cell(row, "amount"), _pledged(row, _cell(row, "days_to_cash", ANY_DAY))) for row in assets.rows]
    owed = [(_cell(row, "amount"), _cell(row, "notice_days", ANY_DAY)) for row in deposits.rows]
    complete = assets.complete and deposits.complete and bool(owed)
    if not complete or not all(n.is_point for _, amount, day in held for n in (amount, day)):
        return None
    if not all(number.is_point for pair in owed for number in pair):
        return None
    lines: list[tuple[Cell, ...]] = []
    names: list[str] = []
    for scenario in material.rulebook.scenarios.of_kind("run").values():
        assert isinstance(scenario.value, Run)
        played = simulate(
            [(amount.lo, None if day.lo == inf else day.lo, 0.0) for _, amount, day in held],
            [(amount.lo, notice.lo) for amount, notice in owed],
            scenario.value,
        )
        binding = held[played.binding.asset][0].label if played.binding else None
        names.append(scenario.name)
        lines.append(
            (
                scenario.title,
                mark("never") if played.fail_day is None else float(played.fail_day),
                played.met_on_fail_day,
                played.paid_of_run,
                played.min_buffer,
                played.early,
                played.late,
                played.late_in_queue,
                binding,
            )
        )
    columns = (
        (mark("Run"), ""),
        (mark("First day not paid in full"), "days"),
        (mark("Paid on that day"), "share"),
        (mark("Paid of the run"), "share"),
        (mark("Lowest cash less due"), "money"),
        (mark("Who asks first gets"), "share"),
        (mark("Who has not asked gets"), "share"),
        (mark("The same behind the queue"), "share"),
        (mark("Binding asset"), ""),
    )
    note = Remark(
        mark(
            "Thirty days on the tables of assets and deposits. The binding asset is the one that would move the day of "
            "failure most if it were cash on day one."
        )
    )
    title = mark("Runs, day by day")
    return Working("run_path", title, columns, tuple(lines), (note,), (ASSETS, DEPOSITS), tuple(names))


# -- rates by balance


def rates_by_balance(material: Material) -> Working | None:
    """The marginal rate of each band of a balance and the rate on the whole balance at its top, and far above it."""
    tables: dict[tuple[str, str, str], list[RowState]] = {}
    for row in material.table(PRODUCTS).rows:
        tables.setdefault((_text(row, "product"), _text(row, "asset"), str(row.cells["tenor_days"].value)), []).append(
            row
        )
    lines: list[tuple[Cell, ...]] = []
    edges: list[float] = []
    for (product, asset, _), rows in tables.items():
        bands = _bands(rows)
        if bands is None:
            continue
        uppers = [upper for upper, _ in bands if upper is not None]
        edges.append(uppers[-1])
        low, high = (_tiers(bands, end) for end in (0, 1))
        best = Interval(max(tier.rate for tier in low), max(tier.rate for tier in high))
        balances = [(upper, rate) for upper, rate in bands if upper is not None]
        if bands[-1][0] is None:
            balances.append((4 * uppers[-1], bands[-1][1]))
        for balance, rate in balances:
            ends = [blended_rate(balance, tiers) for tiers in (low, high)]
            blended = Interval(ends[0] or 0.0, ends[1] or 0.0)
            # where rates are ranges its two parts are taken as independent, which bounds the premium
            premium = subtract(best, blended)
            premium = Interval(max(0.0, premium.lo), premium.hi)
            lines.append((product, asset, balance, _shown(rate), _shown(blended), _shown(premium)))
    if not lines:
        return None
    columns = (
        (mark("Product"), ""),
        (mark("Asset"), ""),
        (mark("Balance"), "count"),
        (mark("Rate on its last part"), "rate"),
        (mark("Rate on the whole"), "rate"),
        (mark("Below the highest rate by"), "rate"),
    )
    note = Remark(
        mark(
            "Each rate is paid on the part of a balance within its band. Balances are the upper ends of bands and four "
            "times the highest of them."
        )
    )
    title = mark("What is really promised, by balance")
    return Working("rates_by_balance", title, columns, tuple(lines), (note,), (PRODUCTS,))


def _bands(rows: Sequence[RowState]) -> list[tuple[float | None, Interval]] | None:
    """Upper end and rate of each band from the bottom up; None where they are no closed sequence with a finite edge."""
    told: list[tuple[float, float | None, Interval]] = []
    for row in rows:
        lower, upper, rate = (row.cells[name] for name in ("balance_from", "balance_to", "rate"))
        start = lower.value if lower.status is Status.REPORTED else point(0.0)
        end = upper.value if upper.status is Status.REPORTED else None
        if not isinstance(start, Interval) or not start.is_point or not isinstance(rate.value, Interval):
            return None
        if isinstance(end, Interval) and not end.is_point:
            return None
        if rate.status is not Status.REPORTED or not all(map(isfinite, rate.value)) or rate.value.lo < 0:
            return None
        told.append((start.lo, end.lo if isinstance(end, Interval) else None, rate.value))
    told.sort(key=lambda band: band[0])
    bands: list[tuple[float | None, Interval]] = []
    reached = 0.0
    for index, (bottom, top, paid) in enumerate(told):
        if top is None and index + 1 < len(told):
            top = told[index + 1][0]
        if bottom != reached or (top is not None and top <= bottom):
            return None
        bands.append((top, paid))
        reached = inf if top is None else top
    return bands if any(top is not None for top, _ in bands) else None


def _tiers(bands: Sequence[tuple[float | None, Interval]], end: int) -> list[Tier]:
    tiers = [Tier(upper, rate[end]) for upper, rate in bands]
    return tiers if tiers[-1].upper is None else [*tiers, Tier(None, tiers[-1].rate)]


# -- does the offered rate follow the market


def yield_by_source(material: Material) -> Working | None:
    """What each activity earns in a year, by amount and rate, and what that makes on deposits by evidence.

    A third party's word (E2 and better) counts in full, the platform's own detailed one (E1) by half, hearsay not.
    """
    rows = [row for row in material.table(SOURCES).rows if any(_is_told(row, c) for c in ("amount", "apy", "share"))]
    if not rows:
        return None
    lines: list[tuple[Cell, ...]] = []
    weighted = stated = point(0.0)
    whole = True
    for row in rows:
        amount, rate = _cell(row, "amount", AMOUNT), _cell(row, "apy")
        earned = multiply(amount, rate)
        grade = min(row.cells[c].support.worst for c in ("amount", "apy", "share") if _is_told(row, c))
        weight = 1.0 if grade >= INDEPENDENT else OWN_WORD if grade == 1 else 0.0
        whole = whole and isfinite(earned.lo) and isfinite(earned.hi)
        gain, loss = (Interval(*(f(end, 0.0) for end in earned)) for f in (max, min))
        stated = add(stated, earned)
        weighted = add(weighted, add(multiply(gain, point(weight)), loss))
        lines.append(
            (
                row.label,
                _shown(amount) if _is_told(row, "amount") else None,
                _shown(rate) if _is_told(row, "apy") else None,
                _shown(earned),
                _shown(_cell(row, "share")) if _is_told(row, "share") else None,
                f"E{grade}",
            )
        )
    columns = (
        (mark("Activity"), ""),
        (mark("Assets employed"), "money"),
        (mark("Yearly yield"), "rate"),
        (mark("Earned a year"), "money"),
        (mark("Of all yield"), "share"),
        (mark("Evidence"), ""),
    )
    notes: list[Remark] = []
    owed = material.metric(OWED)
    if whole and owed.lo > 0 and isfinite(owed.hi):
        text = mark("On deposits that is {given} by the evidence, {upper} if all that is stated were true.")
        model = find("yields.attributable")
        given, upper = (bounded(model, {"income": income, "deposits": owed}).value for income in (weighted, stated))
        notes.append(Remark(text, {"given": _range(given, "rate"), "upper": _range(upper, "rate")}))
    title = mark("What earns the yield, by activity and evidence")
    return Working("yield_by_source", title, columns, tuple(lines), tuple(notes), (SOURCES,))


def offered_and_market(material: Material) -> Working | None:
    """The offered rate beside the market rate, month by month back from the cut while both are told."""
    cut = replace(material.cut, used={})  # what is looked up here is told in the table itself
    interpreter = Interpreter(material.program, cut)
    asset = cut.fact(OFFERED_ASSET, 0).value
    currency = next(iter(asset)) if isinstance(asset, frozenset) and len(asset) == 1 else ""

    def market(shift: int) -> Interval:
        with interpreter.back(shift):
            return _metric(interpreter, "t4.market_rate")

    def riskless(shift: int) -> Interval:
        found = cut.reference("risk_free", str(currency), shift) if currency else None
        return found[0] if found else UNKNOWN

    sampled = _months(cut, market)
    followed, basis = mark("Market rate"), (BENCHMARK,)
    if len(sampled) < FEWEST_MONTHS:
        sampled, followed, basis = _months(cut, riskless), mark("Risk-free rate"), (OFFERED_ASSET,)
    if len(sampled) < FEWEST_MONTHS:
        return None
    found = pass_through([paid for _, paid, _ in sampled], [rate for _, _, rate in sampled])
    reported = [fact for fact in (OFFERED, *basis) if cut.fact(fact, 0).status is Status.REPORTED]
    return Working(
        "pass_through",
        mark("Does the offered rate follow the market?"),
        ((mark("Day"), ""), (mark("Offered rate"), "rate"), (followed, "rate")),
        tuple((day.isoformat(), paid, rate) for day, paid, rate in sampled),
        (_judged(found),),
        tuple(reported),
    )


def _months(cut: Cut, market: Callable[[int], Interval]) -> list[tuple[date, float, float]]:
    """Days a month apart, oldest first, as far back as both rates are points."""
    found: list[tuple[date, float, float]] = []
    today = cut.view.as_of
    for back in range(MONTHS + 1):
        months = today.year * 12 + today.month - 1 - back
        year, month = divmod(months, 12)
        if year < 1:
            break
        day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
        shift = (today - day).days
        state = cut.fact(OFFERED, shift)
        rate = market(shift)
        if state.status is not Status.REPORTED or not isinstance(state.value, Interval) or not state.value.is_point:
            break
        if not rate.is_point or not isfinite(rate.lo):
            break
        found.append((day, state.value.lo, rate.lo))
    return found[::-1]


_FITTED = {
    Verdict.DECOUPLED: mark(
        "Decoupled: {changes} changes fit no pass-through and refute full pass-through; slope {slope}, "
        "p {p_none} for none and {p_full} for full."
    ),
    Verdict.PASS_THROUGH: mark(
        "Pass-through: {changes} changes fit full pass-through and refute none; slope {slope}, "
        "p {p_none} for none and {p_full} for full."
    ),
    Verdict.PARTIAL: mark(
        "Partial: {changes} changes refute both no and full pass-through; slope {slope}, "
        "p {p_none} for none and {p_full} for full."
    ),
    Verdict.UNDECIDED: mark(
        "Undecided: {changes} changes fit no pass-through as well as full pass-through; slope {slope}, "
        "p {p_none} for none and {p_full} for full."
    ),
}


def _judged(found: PassThrough) -> Remark:
    """The verdict with its reason and the numbers it rests on."""
    arguments: dict[str, object] = {
        "verdict": found.verdict.value,
        "changes": _argument(float(found.changes), "count"),
        "market_move": _argument(found.market_move, "rate"),
        "paid_move": _argument(found.paid_move, "rate"),
    }
    if found.fit is not None and found.p_none is not None and found.p_full is not None:
        arguments |= {
            "slope": _argument(found.fit.slope, "ratio"),
            "p_none": _argument(found.p_none, "ratio"),
            "p_full": _argument(found.p_full, "ratio"),
        }
        return Remark(_FITTED[found.verdict], arguments)
    if found.verdict is Verdict.CONSTANT:
        text = mark(
            "Constant: the offered rate never changed in {changes} steps of a month while the other moved by "
            "{market_move}; somebody sets it."
        )
    elif not found.market_move:
        text = mark("Undecided: the rate it should follow never changed.")
    elif found.changes < FEWEST:
        text = mark("Undecided: {changes} changes are too few to judge a slope; at least {least} are needed.")
        arguments["least"] = _argument(float(FEWEST), "count")
    else:
        text = mark("Undecided: the rate it should follow changed by the same step every time.")
    return Remark(text, arguments)


# -- loops


@dataclass(frozen=True)
class _Loop:
    """A loop with a known loan-to-value and number of rounds; `capital` is own money, `threshold` that of closing."""

    name: str
    ltv: float
    rounds: int
    capital: float
    threshold: Interval | None
    facts: tuple[str, ...] = field(default=())


def loop_rounds(material: Material) -> Working | None:
    """Loops round by round: what is held and owed, and which fall ends them."""
    loops = list(_loops(material))
    if not loops:
        return None
    lines: list[tuple[Cell, ...]] = []
    notes: list[Remark] = []
    for loop in loops:
        table = rounds(loop.capital, loop.ltv, loop.rounds)
        for line in table:
            if line.number > ROUNDS_SHOWN and line is not table[-1]:
                continue
            lines.append(
                (
                    loop.name,
                    float(line.number),
                    line.borrowed,
                    line.position,
                    line.debt,
                    line.leverage,
                    line.wipe_out_fall,
                    _closing_fall(line.leverage, loop.threshold),
                )
            )
        notes += _loop_notes(loop, table[-1].leverage, table[-1].wipe_out_fall)
    if any(loop.capital == CAPITAL_SHOWN for loop in loops):
        notes.append(Remark(mark("Where own money is not told, the table shows {money} of it."), {"money": _money()}))
    columns = (
        (mark("Loop"), ""),
        (mark("Round"), "count"),
        (mark("Borrowed"), "money"),
        (mark("Held"), "money"),
        (mark("Owed"), "money"),
        (mark("Times own money"), "ratio"),
        (mark("Own money gone at a fall of"), "share"),
        (mark("Closed by force at a fall of"), "share"),
    )
    title = mark("Loops, round by round")
    return Working("loop_rounds", title, columns, tuple(lines), tuple(notes), _loop_facts(loops))


def _loops(material: Material) -> Iterator[_Loop]:
    threshold = material.number(THRESHOLD)
    shared = () if threshold is None else (THRESHOLD,)
    ltv, turns = material.number(LTV), material.number(ROUNDS)
    if _whole(turns) and ltv is not None and ltv.is_point:
        assert turns is not None
        yield _Loop(mark("As stated"), ltv.lo, int(turns.lo), CAPITAL_SHOWN, threshold, (LTV, ROUNDS, *shared))
    for row in material.table(POSITIONS).rows:
        ltv, turns, own = (_cell(row, name) for name in ("ltv", "rounds", "own_capital"))
        if not (_is_told(row, "ltv") and _is_told(row, "rounds")) or not ltv.is_point or not _whole(turns):
            continue
        capital = own.lo if own.is_point and own.lo > 0 else CAPITAL_SHOWN
        held = _cell(row, "liquidation_threshold") if _is_told(row, "liquidation_threshold") else threshold
        facts = (POSITIONS,) if _is_told(row, "liquidation_threshold") else (POSITIONS, *shared)
        yield _Loop(_text(row, "asset") or row.label, ltv.lo, int(turns.lo), capital, held, facts)


def _whole(turns: Interval | None) -> bool:
    return turns is not None and turns.is_point and turns.lo % 1 == 0 and 0 <= turns.lo <= MOST_ROUNDS


def _loop_facts(loops: Sequence[_Loop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for loop in loops for fact in loop.facts))


def _money() -> Mapping[str, object]:
    return _argument(CAPITAL_SHOWN, "money")


def _closing_fall(leverage: float, threshold: Interval | None) -> Cell:
    if threshold is None or leverage <= 1:
        return None
    ends = [liquidation_fall(leverage=leverage, liquidation_ltv=end) for end in threshold]
    return _shown(Interval(ends[0] or 0.0, ends[1] or 0.0))


def _loop_notes(loop: _Loop, leverage: float, fall: float) -> list[Remark]:
    most = limit(ltv=loop.ltv)
    arguments: dict[str, object] = {
        "loop": loop.name,
        "fall": _argument(fall, "share"),
        "leverage": _argument(leverage, "ratio"),
        "limit": mark("without end") if most is None else _argument(most, "ratio"),
    }
    near = float(round(leverage))
    if abs(near / leverage - 1) > 0.005 and near > 1:
        arguments |= {"near": _argument(near, "ratio"), "near_fall": _argument(1 / near, "share")}
        text = mark(
            "{loop}: own money is gone at a fall of {fall}, one over {leverage}, not at {near_fall}, one over {near}; "
            "ever more rounds lead to {limit} times."
        )
    else:
        text = mark(
            "{loop}: own money is gone at a fall of {fall}, one over {leverage}; "
            "ever more rounds lead to {limit} times."
        )
    return [Remark(text, arguments)]


def loop_depeg(material: Material) -> Working | None:
    """What is left of each loop when a peg breaks: as each scenario has it, and with both kinds of oracle."""
    loops = [loop for loop in _loops(material) if loop.rounds]
    if not loops:
        return None
    lines: list[tuple[Cell, ...]] = []
    names: list[str] = []
    for loop in loops:
        last = rounds(loop.capital, loop.ltv, loop.rounds)[-1]
        thresholds = loop.threshold or Interval(0.0, 1.0)
        for title, name, depeg in _cases(material):
            low, high = (variants(last.position, last.debt, end, depeg).stated for end in thresholds)
            closed: Cell = mark("perhaps")
            if low.liquidated == high.liquidated:
                closed = mark("yes") if low.liquidated else mark("no")
            names.append(name)
            lines.append(
                (
                    loop.name,
                    title,
                    depeg.market_fall,
                    depeg.oracle_fall,
                    closed,
                    _ends(low.bad_debt, high.bad_debt),
                    _ends(low.latent_hole, high.latent_hole),
                    _ends(max(0.0, low.equity), max(0.0, high.equity)),
                    _ends(low.capital_lost, high.capital_lost),
                )
            )
    if not lines:
        return None
    columns = (
        (mark("Loop"), ""),
        (mark("Case"), ""),
        (mark("Market falls by"), "share"),
        (mark("Oracle shows"), "share"),
        (mark("Closed by force"), ""),
        (mark("Lenders lose"), "money"),
        (mark("Hole not shown"), "money"),
        (mark("Own money left"), "money"),
        (mark("Own money lost"), "share"),
    )
    note = Remark(
        mark(
            "The oracle decides whether a loop is closed, the market what is left of it; a hole that the oracle does "
            "not show is the lenders' too."
        )
    )
    title = mark("Loops when a peg breaks, by what the oracle shows")
    return Working("loop_depeg", title, columns, tuple(lines), (note,), _loop_facts(loops), tuple(names))


def _cases(material: Material) -> Iterator[tuple[str, str, Depeg]]:
    """Every de-peg as it is told, then those kinds of oracle that no scenario tells."""
    told = [s for s in material.rulebook.scenarios.of_kind("depeg").values() if isinstance(s.value, Depeg)]
    seen: set[tuple[float, ...]] = set()
    for fixed, text in ((None, ""), (False, _FOLLOWS), (True, _FIXED)):
        for scenario in told:
            depeg = scenario.value
            assert isinstance(depeg, Depeg)
            if fixed is not None:
                depeg = replace(depeg, oracle_fall=0.0 if fixed else depeg.market_fall)
            key = (depeg.oracle_fall, depeg.market_fall, depeg.bonus, depeg.slippage)
            if fixed is None or key not in seen:
                yield text or scenario.title, scenario.name, depeg
            seen.add(key)


_FOLLOWS, _FIXED = mark("the oracle follows the market"), mark("the oracle stays at the peg")


# -- named exposures


def named_exposures(material: Material) -> Working | None:
    """The named counterparties by what their default costs, and what is lost as one after the other fails."""
    if LOSS not in material.program.metrics:
        return None
    found = [(row, _loss(material, row)) for row in material.table(NAMED).rows]
    losing = [(row, loss) for row, loss in found if loss is not None and (loss.lo > 0 or isfinite(loss.hi))]
    if not any(loss.hi > 0 for _, loss in losing):
        return None
    losing.sort(key=lambda item: (-item[1].hi, -item[1].lo, item[0].label))
    capital, equity = material.metric(CAPITAL), material.number(EQUITY) or UNKNOWN
    lows = sorted((loss.lo for _, loss in losing), reverse=True)
    highs = sorted((loss.hi for _, loss in losing), reverse=True)
    lines: list[tuple[Cell, ...]] = []
    lost = point(0.0)
    for (row, loss), low, high in zip(losing, lows, highs, strict=True):
        lost = add(lost, Interval(low, high))
        lines.append(
            (
                row.label,
                _shown(_cell(row, "amount")),
                _shown(_cell(row, "collateral")) if _is_told(row, "collateral") else None,
                _shown(loss),
                _shown(lost),
                _part(capital, lost),
                _part(equity, lost),
            )
        )
    columns = (
        (mark("Counterparty"), ""),
        (mark("Owes"), "money"),
        (mark("Collateral"), "money"),
        (mark("Loss if it fails"), "money"),
        (mark("Loss if all down to it fail"), "money"),
        (mark("Of the capital that takes losses first"), "share"),
        (mark("Of equity"), "share"),
    )
    facts = [NAMED, *(fact for fact in (EQUITY,) if material.number(fact) is not None)]
    if capital != _metric(material.unread, CAPITAL):
        facts += used_facts(material.interpreter.metric(CAPITAL), material.cut.view, material.rulebook)
    return Working(
        "named_exposures",
        mark("Named counterparties and what their default costs"),
        columns,
        tuple(lines),
        tuple(_default_notes(material, losing, lows, highs)),
        tuple(dict.fromkeys(facts)),
    )


def claims_on_it(material: Material) -> Working | None:
    """Who was owed by this platform, from the reference table of exposures: who is hit if it fails."""
    table, view = material.rulebook.exposures, material.cut.view
    name = view.profile.name.casefold()
    rows = [
        row
        for row in (table.select(known_by=view.known_by) if table is not None else ())
        if row.amount_usd is not None and row.as_of <= view.as_of and f"{name} ".startswith(f"{row.debtor.casefold()} ")
    ]
    if table is None or not rows:
        return None
    rows.sort(key=lambda row: (-(row.amount_usd or 0.0), row.creditor, row.as_of))
    lines = tuple(
        (row.creditor, row.amount_usd, row.kind, "" if row.add_up else "–", row.as_of.isoformat(), row.source_title)
        for row in rows
    )
    columns = (
        (mark("Creditor"), ""),
        (mark("Is owed"), "money"),
        (mark("What it is"), ""),
        (mark("Counted"), ""),
        (mark("On"), ""),
        (mark("Told by"), ""),
    )
    notes = (
        Remark(mark("From the table of exposures that ships; a dash marks amounts that repeat or overlap others.")),
        Remark(mark("Those that may be added come to {total}."), {"total": _argument(table.total(rows), "money")}),
    )
    return Working("claims_on_it", mark("Who is hit if it fails: claims on it"), columns, lines, notes, ())


def _loss(material: Material, row: RowState) -> Interval | None:
    """Loss from the default of a counterparty; None for those that are taken not to default, or of unknown amount."""
    if not _is_told(row, "amount"):
        return None
    kind = row.cells["kind"].value
    if isinstance(kind, frozenset) and kind and kind <= SPARED:
        return None
    value = material.interpreter.column(LOSS, row).value
    if not isinstance(value, Interval):
        return None
    return Interval(max(0.0, value.lo), max(0.0, value.hi))


def _part(capital: Interval, lost: Interval) -> Cell:
    """Part of a capital that is lost."""
    if capital.hi <= 0:
        return mark("none left")
    return _shown(bounded(find("exposure.equity_lost"), {"equity": capital, "exposure": lost}).value)


def _default_notes(
    material: Material, losing: Sequence[tuple[RowState, Interval]], lows: Sequence[float], highs: Sequence[float]
) -> Iterator[Remark]:
    shock = _argument(material.parameter(SHOCK), "share")
    yield Remark(mark("Collateral is taken after a fall of {shock}; nothing else is recovered."), {"shock": shock})
    certain = all(loss.is_point for _, loss in losing)
    one = Interval(lows[0], highs[0])
    arguments: dict[str, object] = {"loss": _range(one, "money")}
    if certain:
        arguments["first"] = losing[0][0].label
        yield Remark(mark("If {first} fails, {loss} is lost."), arguments)
    else:
        yield Remark(mark("If the worst of them fails, {loss} is lost."), arguments)
    if len(losing) > 1:
        two = add(one, Interval(lows[1], highs[1]))
        arguments = {"loss": _range(two, "money")}
        if certain:
            arguments |= {"first": losing[0][0].label, "second": losing[1][0].label}
            yield Remark(mark("If {first} and {second} fail, {loss} is lost."), arguments)
        else:
            yield Remark(mark("If the worst two of them fail, {loss} is lost."), arguments)
    if not material.table(NAMED).complete:
        yield Remark(mark("There may be others that the profile does not name."))


# -- cells


def _metric(interpreter: Interpreter, id: str) -> Interval:
    if id not in interpreter.program.metrics:
        return UNKNOWN
    value = interpreter.metric(id).value
    return value if isinstance(value, Interval) else UNKNOWN


def _is_told(row: RowState, column: str) -> bool:
    return row.cells[column].status is Status.REPORTED


def _cell(row: RowState, column: str, otherwise: Interval = UNKNOWN) -> Interval:
    value = row.cells[column].value
    return value if _is_told(row, column) and isinstance(value, Interval) else otherwise


def _text(row: RowState, column: str) -> str:
    value = row.cells[column].value
    return str(next(iter(value))) if isinstance(value, frozenset) and len(value) == 1 else ""


def _ends(a: float | None, b: float | None) -> Cell:
    return None if a is None or b is None else _shown(Interval(min(a, b), max(a, b)))


def _shown(value: Interval) -> Cell:
    """A cell: a number, or both ends with None for one that is not known."""
    if value.is_point:
        return value.lo if isfinite(value.lo) else None
    ends = [end if isfinite(end) else None for end in value]
    return None if ends in ([None, None], [0.0, None]) else ends


def _known(value: Interval, nothing: Interval) -> Interval:
    """A value of which an end that stands where it would without any fact is not known."""
    if value.is_point:
        return value
    return Interval(-inf if value.lo == nothing.lo else value.lo, inf if value.hi == nothing.hi else value.hi)


def _told(value: Interval, nothing: Interval) -> Cell:
    """A cell in which only what facts tell stands."""
    return _shown(_known(value, nothing))


def _argument(value: float, unit: str) -> Mapping[str, object]:
    return {"value": [value, value], "unit": unit}


def _range(value: Interval, unit: str) -> Mapping[str, object]:
    return {"value": [end if isfinite(end) else None for end in value], "unit": unit}


# -- behind the charts


COLLATERAL = "ltv_practice.collateral"
EARNED, UNSUBSIDISED, SUBSIDY = "t4.earned", "t4.unsubsidised", "t4.subsidy_rate"
SHORTFALL, RISKLESS = "yield_source.monthly_shortfall", "yield_source.risk_free_apy"
LEVERAGE, CAPITAL_SHARE = "l.loop_leverage", "l.capital_share"
TOTAL_ASSETS, OWN_EQUITY = "leverage.total_assets", "l.own_equity"
COVERS = (("c.book_cover", mark("All loans")), ("c.collateral_ratio", mark("Secured loans")))
CLOSING_COST = "c.liquidation_cost"
FALLS = 10


def _says(material: Material, id: str) -> bool:
    """Whether facts tell more of a metric than its kind of platform does."""
    return material.metric(id) != _metric(material.unread, id)


def _behind(material: Material, *ids: str) -> tuple[str, ...]:
    """The facts behind metrics, each once."""
    found: dict[str, None] = {}
    for id in ids:
        if id in material.program.metrics:
            result = material.interpreter.metric(id)
            found |= dict.fromkeys(used_facts(result, material.cut.view, material.rulebook))
    return tuple(found)


def cash_and_calls(material: Material) -> Working | None:
    """Cash that can be reached beside what may be called, where too little is known for a maturity ladder."""
    if maturity_ladder(material) is not None:
        return None
    lines: list[tuple[Cell, ...]] = []
    ids: list[str] = []
    reached: list[Interval] = []
    for day in (1, 7, 30):
        names = [f"t3.{name}_{day}d" for name in ("liquid", "redeemable", "reach", "due")]
        if not material.program.metrics.keys() >= set(names):
            return None
        known = [_known(material.metric(id), _metric(material.unread, id)) for id in names]
        reached = list(map(_no_less, known, reached or known))
        lines.append((float(day), *map(_shown, reached)))
        ids += names
    if not any(cell is not None for line in lines for cell in line[1:4]):
        return None
    columns = (
        (mark("Within"), "days"),
        (mark("Cash reached"), "money"),
        (mark("May be called"), "money"),
        (mark("Cash reached, of all deposits"), "share"),
        (mark("May be called, of all deposits"), "share"),
    )
    note = Remark(mark("Amounts are cumulative. Too little is known to set one side against the other."))
    title = mark("What is known of cash and of what may be called")
    return Working("cash_and_calls", title, columns, tuple(lines), (note,), _behind(material, *ids))


def _no_less(value: Interval, before: Interval) -> Interval:
    """A cumulative amount, which holds that of the days before; facts that contradict this stand as they are."""
    return Interval(max(value.lo, before.lo), value.hi) if value.hi >= before.lo else value


def who_pays(material: Material) -> Working | None:
    """The promised rate by who pays it, filled in this order: riskless, earned beyond it, subsidy, nobody known."""
    promised = material.number(OFFERED)
    if promised is None or promised.hi <= 0 or (promised.lo <= 0 and promised.hi == inf):
        return None
    earned, facts = UNKNOWN, [OFFERED]
    for id in (EARNED, UNSUBSIDISED):
        if _says(material, id):
            earned = material.metric(id)
            facts += _behind(material, id)
            break
    subsidy = _subsidy(material, facts)
    if len(facts) == 1:
        return None
    asset = material.cut.fact(OFFERED_ASSET, 0).value
    currency = next(iter(asset)) if isinstance(asset, frozenset) and len(asset) == 1 else ""
    found = material.cut.reference("risk_free", str(currency), 0) if currency else None
    stated = material.number(RISKLESS)
    riskless = found[0] if found else stated or UNKNOWN
    if riskless is not UNKNOWN:
        facts.append(OFFERED_ASSET if found else RISKLESS)
    box = {"promised": promised, "attributable": earned, "benchmark": riskless, "subsidy": subsidy}
    income = _each(max, earned, point(0.0))
    ends = [
        point(0.0),
        _each(min, promised, _each(min, income, _each(max, riskless, point(0.0)))),
        _each(min, promised, income),
        _each(min, promised, add(income, subsidy)),
        promised,
    ]
    parts = [bounded(find(f"yields.{name}_part"), box).value for name in _PARTS]
    lines: list[tuple[Cell, ...]] = [(mark("Promised"), _ends_of(promised), 0.0, _ends_of(promised))]
    for (name, part), start, end in zip(zip(_PARTS.values(), parts, strict=True), ends, ends[1:], strict=False):
        lines.append((name, _ends_of(part), _ends_of(start), _ends_of(end)))
    notes = [Remark(mark("Each part begins where the one before it ends; a range says how far it may reach."))]
    if riskless is not UNKNOWN:
        notes.append(Remark(mark("Government bills pay {rate}."), {"rate": _range(riskless, "rate")}))
    columns = (
        (mark("Part"), ""),
        (mark("Rate"), "rate"),
        (mark("Begins at"), "rate"),
        (mark("Ends at"), "rate"),
    )
    title = mark("Who pays the promised rate")
    return Working("who_pays", title, columns, tuple(lines), tuple(notes), tuple(dict.fromkeys(facts)))


_PARTS = {
    "benchmark": mark("Earned, as much as government bills pay"),
    "disclosed": mark("Earned beyond that"),
    "subsidy": mark("Paid by a known subsidy"),
    "unexplained": mark("Paid by nobody known"),
}


def _subsidy(material: Material, facts: list[str]) -> Interval:
    """A known subsidy as a yearly rate: as a share of the promise, else the monthly shortfall over what is owed."""
    if _says(material, SUBSIDY) and material.number("yield_source.subsidy_share") is not None:
        facts += _behind(material, SUBSIDY)
        return _each(max, material.metric(SUBSIDY), point(0.0))
    short = material.number(SHORTFALL)
    if short is None or not _says(material, OWED):
        return AMOUNT
    facts += [SHORTFALL, *_behind(material, OWED)]
    box = {"income": multiply(short, point(12.0)), "deposits": material.metric(OWED)}
    return _each(max, bounded(find("yields.attributable"), box).value, point(0.0))


def _each(pick: Callable[[float, float], float], a: Interval, b: Interval) -> Interval:
    return Interval(pick(a.lo, b.lo), pick(a.hi, b.hi))


def _ends_of(value: Interval) -> Cell:
    """A cell that keeps a zero below an end that is not known: a part of a whole may be nothing."""
    if value.is_point:
        return _shown(value)
    return [end if isfinite(end) else None for end in value]


def loop_health(material: Material) -> Working | None:
    """How far the loops are from being closed by force, in one line."""
    if not _says(material, LEVERAGE):
        return None
    turned, threshold = _each(max, material.metric(LEVERAGE), point(1.0)), material.number(THRESHOLD)
    if threshold is None:
        health, closed = UNKNOWN, UNKNOWN
    else:
        # collateral over debt is L / (L - 1), which falls as L grows: its ends are taken there, not from the parts
        ends = [bounded(find("collateral.health_factor"), _at(end, threshold)).value for end in turned]
        health = Interval(min(v.lo for v in ends), max(v.hi for v in ends))
        closed = bounded(find("loop.liquidation_fall"), {"leverage": turned, "liquidation_ltv": threshold}).value
    wiped = bounded(find("loop.wipe_out_fall"), {"leverage": turned}).value
    line = (_shown(turned), _ends_of(health), _ends_of(closed), _ends_of(wiped))
    columns = (
        (mark("Times own money"), "ratio"),
        (mark("Health factor"), "ratio"),
        (mark("Closed by force at a fall of"), "share"),
        (mark("Own money gone at a fall of"), "share"),
    )
    note = Remark(mark("The health factor is what may be owed over what is owed; below one the loop is closed."))
    facts = (*_behind(material, LEVERAGE), *((THRESHOLD,) if threshold is not None else ()))
    title = mark("Loops: distance to being closed by force")
    return Working("loop_health", title, columns, (line,), (note,), tuple(dict.fromkeys(facts)))


def _at(end: float, threshold: Interval) -> Mapping[str, Interval]:
    """A loop of one leverage; one without end borrows all but nothing of its own."""
    if not isfinite(end):
        return {"collateral": point(1.0), "debt": point(1.0), "liquidation_ltv": threshold}
    return {"collateral": point(end), "debt": point(end - 1), "liquidation_ltv": threshold}


def balance_sheet(material: Material) -> Working | None:
    """Assets, debts and own capital without the own token, in money and of all assets."""
    if CAPITAL_SHARE not in material.program.metrics or not _says(material, CAPITAL_SHARE):
        return None
    share, whole = material.metric(CAPITAL_SHARE), _metric(material.unread, CAPITAL_SHARE)
    share = Interval(-inf if share.lo == whole.lo else share.lo, inf if share.hi == whole.hi else share.hi)
    equity = material.metric(OWN_EQUITY) if _says(material, OWN_EQUITY) else UNKNOWN
    assets = material.number(TOTAL_ASSETS) or AMOUNT
    debts = subtract(assets, equity)
    facts = _behind(material, CAPITAL_SHARE, OWN_EQUITY)
    if share == UNKNOWN or not any(fact.startswith("leverage.") for fact in facts):
        return None
    lines = (
        (mark("All assets"), _shown(assets), 1.0),
        (mark("Debts"), _shown(Interval(max(0.0, debts.lo), debts.hi)), _shown(subtract(point(1.0), share))),
        (mark("Own capital"), _shown(equity), _shown(share)),
    )
    columns = ((mark("Part"), ""), (mark("Amount"), "money"), (mark("Of all assets"), "share"))
    note = Remark(mark("Own capital leaves out the own token. A fall of all assets by its share uses it up."))
    return Working("balance_sheet", mark("Who stands before depositors"), columns, lines, (note,), facts)


def collateral_curve(material: Material) -> Working | None:
    """Part of the loans without cover as collateral falls: at the cover observed, and at the ratio of liquidation."""
    curves: list[tuple[str, Interval]] = []
    facts: list[str] = []
    for id, name in COVERS:
        if id in material.program.metrics and _says(material, id) and not curves:
            curves.append((name, material.metric(id)))
            facts += _behind(material, id)
    closing = [_cell(row, "liquidation_ltv") for row in material.table(COLLATERAL).rows]
    closing = [ltv for ltv in closing if ltv.lo > 0]
    if closing:
        lo, hi = min(ltv.lo for ltv in closing), min(1.0, max(ltv.hi for ltv in closing))
        curves.append((mark("A loan about to be closed"), Interval(1 / max(lo, hi), 1 / lo)))
        facts.append(COLLATERAL)
    if not curves or CLOSING_COST not in material.program.params:
        return None
    cost = point(material.parameter(CLOSING_COST))
    bear = find("collateral.tolerable_fall")
    falls = {step / FALLS for step in range(FALLS + 1)}
    for _, cover in curves:
        ends = bounded(bear, {"collateral_ratio": cover, "cost": cost}).value
        falls |= {end for end in ends if isfinite(end)}
    lines = tuple(
        (fall, *(_ends_of(_uncovered(cover, fall, cost.lo)) for _, cover in curves)) for fall in sorted(falls)
    )
    note = Remark(mark("Selling costs {cost} of the proceeds."), {"cost": _range(cost, "share")})
    return Working(
        "collateral_curve",
        mark("Part of the loans without cover as collateral falls"),
        ((mark("Collateral falls by"), "share"), *((name, "share") for name, _ in curves)),
        lines,
        (note,),
        tuple(dict.fromkeys(facts)),
    )


def _uncovered(cover: Interval, fall: float, cost: float) -> Interval:
    shock = Shock("", "", price_fall=fall, cost=cost)
    return bounded(find("collateral.shortfall"), {"collateral_ratio": cover}, shock).value
