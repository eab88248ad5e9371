"""Where the money goes: from depositors into the platform, and from there to whoever has it in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, wrap
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Ends, Reading, aside, is_empty, is_zero, joined, pair, sentence, told
from checker.outputs.language import mark, tr
from checker.outputs.markup import clean, shortened

POOLED, SEGREGATION, CLAIM = "structure.pooled", "structure.segregation", "structure.client_claim"
OWED, NOTICE, ANY_TIME = "deposit_liquidity.client_liabilities", "terms.notice_days", "terms.redeem_any_time"
CALLABLE = tuple(f"deposit_liquidity.liabilities_redeemable_{days}d" for days in (1, 7, 30))
NAMED, ASSETS, EARNING = "exposures.named", "asset_duration.assets", "yield_source.sources"
_GIVERS = {
    "fund": mark("Holders"),
    "borrower": mark("Lenders"),
    "treasury": mark("Investors"),
    "exchange": mark("Clients"),
    "token": mark("Holders"),
}
_KEPT = {
    "segregated": mark("kept apart for each client"),
    "omnibus_client": mark("together with other clients' assets"),
    "ledger_only": mark("apart in the books only"),
    "commingled": mark("mixed with the platform's own"),
}
_CLAIMS = {
    "insured_deposit": mark("you hold an insured deposit"),
    "owner_trust": mark("you remain the owner"),
    "secured": mark("you hold a secured claim"),
    "unit_holder": mark("you hold a unit"),
    "unsecured": mark("you hold an unsecured claim"),
    "unclear": mark("your claim is unclear"),
}
_REUSE = {
    "opt_in": mark("with each client's consent"),
    "general_terms": mark("by the general terms"),
    "silent": mark("the terms are silent"),
}
_TOP, _APART = 8.0, 5.0
_GIVER, _HOUSE, _TRUNK, _USE = (0.0, 94.0), (192.0, 328.0), 340.0, 458.0
_MOST_USES, _MOST_NAMES, _MOST_LINES, _MOST_DETAIL, _MOST_HELD, _MOST_NAME = 7, 3, 5, 3, 3, 4
_LOW = 108.0  # least height: that of a platform of which three lines are told


@dataclass(frozen=True)
class _Use:
    """What is done with the money.

    Attributes:
        name: Its name.
        facts: Facts that tell of it.
        state: known, absent or open.
        amount: How much, in words; empty where that is not known.
        dated: The day of an amount that is too old to rely on.
        detail: What else is known of it.
        back: Whether it comes back to the platform.
        listed: Its name among others; empty where that is its name.
    """

    name: str
    facts: tuple[str, ...]
    state: str
    amount: str = ""
    dated: str = ""
    detail: str = ""
    back: bool = False
    listed: str = ""

    @property
    def among(self) -> str:
        """Its name in a list."""
        return self.listed or words.in_sentence(self.name)


def flow(assessment: Assessment) -> Chart:
    """The drawing of the flow; it lacks only what nobody knows, and says so."""
    read = Reading(assessment)
    uses = [use for make in _USES if (use := make(read)) is not None]
    if assessment.kind in _HOLDERS:
        uses = [use for use in uses if use.state != "open" or not set(use.facts) & _LENT]
    known = [use for use in uses if use.state == "known"]
    open_ = [use for use in uses if use.state == "open"]
    absent = [use for use in uses if use.state == "absent"]
    facts = [POOLED, SEGREGATION, CLAIM, OWED, *(fact for use in uses for fact in use.facts)]
    if (called := _owed(read)[2]) != OWED:
        facts.insert(3, called)
    missing = read.missing(facts)
    sources = tuple(dict.fromkeys(fact for fact in facts if read.known(fact)))
    title = _title(read, known, open_, absent)
    if not known and read.truth(POOLED) is None and not read.words(SEGREGATION):
        return Chart("flow", title, None, title, missing, sources, "")
    note = tr("Dashed and hatched: not known. What is said not to exist is left out.")
    if _owed(read)[1] or any(use.dated for use in known):
        note = joined(note, tr("Dashed with a date: known for that day, too old to rely on."))
    alt = _alt(read, title, known, open_, absent)
    drawing = _draw(read, known, open_)
    return Chart("flow", title, drawing.svg(alt, note), alt, missing, sources, note)


# ------------------------------------------------------------------------------------------------------ what is known


def _state(read: Reading, facts: tuple[str, ...], *, present: bool, absent: bool) -> str | None:
    if not any(map(read.applies, facts)):
        return None
    return "known" if present else "absent" if absent else "open"


def _positive(ends: Ends | None) -> bool:
    return ends is not None and ends[0] is not None and ends[0] > 0


def _says(ends: Ends | None) -> bool:
    return ends is not None and not is_zero(ends) and not is_empty(ends) and bool(ends[0] or ends[1] != 1)


def _amounts(read: Reading, *ids: tuple[str, str]) -> tuple[str, str]:
    """The first amount or share that is known, in words, with its day where that is too old to rely on."""
    for id, unit in ids:
        ends, day = read.too_old(id)
        if not day and (ends := read.ends(id)) is None:
            continue
        if ends is not None and _says(ends):
            return told(list(ends), unit), day
    return "", ""


def _owed(read: Reading) -> tuple[str, str, str]:
    """What depositors are owed, in words, its day where it is too old, and the fact that tells it.

    What they may call within some days is owed as well: where it tells more, it stands in place of the debts.
    """
    best, day, fact = read.ends(OWED), read.too_old(OWED)[1], OWED
    best = best if best is not None and _says(best) else None
    for id in CALLABLE:
        ends = read.ends(id)
        if ends is None or not ends[0] or read.too_old(id)[1]:
            continue
        if best is None or (day and ends[0] >= (best[0] or 0.0)) or ends[0] > (best[0] or 0.0):
            best, day, fact = (ends[0], None), "", id
    if day:
        best = read.too_old(OWED)[0]
    return told(list(best), "money") if best is not None else "", day, fact


def _loans(read: Reading) -> _Use | None:
    facts = ("exposures.loan_book", "deposit_liquidity.borrowed", "deposit_liquidity.reported_utilisation", NAMED)
    named = read.table(NAMED)
    ends = [read.ends(fact) for fact in facts[:3]]
    state = _state(
        read,
        facts,
        present=named is not None or any(map(_positive, ends)),
        absent=any(map(is_zero, ends)),
    )
    if state is None:
        return None
    amount, day = _amounts(read, (facts[0], "money"), (facts[1], "money"))
    whole = next((found for id in facts[:2] if (found := read.too_old(id)[0] or read.ends(id)) is not None), None)
    owing = _named(read)
    largest = max((low for low, _ in owing), default=0.0)
    if largest and (whole is None or (whole[1] is not None and whole[1] < largest)):
        amount, day = told([largest, None], "money"), ""  # the whole is no less than one part of it
    if not amount:
        amount, day = _amounts(read, (facts[2], "share"))
        amount = tr("{share} of deposits").format(share=amount) if amount else ""
    names = words.listed([name for _, name in owing], _MOST_NAMES)
    return _Use(tr("Lent to borrowers"), facts, state, amount, day, names, listed=tr("loans to borrowers"))


def _named(read: Reading) -> list[tuple[float, str]]:
    """The largest borrowers by name with what they owe: at least so much, and in words."""
    table = read.table(NAMED)
    rows: list[tuple[float, str]] = []
    for row in table.rows if table is not None else ():
        amount = row.cells.get("amount")
        low = amount[0] if isinstance(amount, list) and len(amount) == 2 and isinstance(amount[0], int | float) else 0.0
        name = shortened(clean(words.row_label(row.label)), 40)
        put = pair if "(" in name or "（" in name else aside
        rows.append((low, put(name, told(amount, "money")) if low else name))
    rows.sort(key=lambda item: -item[0])
    return rows


def _holdings(read: Reading) -> _Use | None:
    """What a fund or another holder of assets has bought."""
    if read.assessment.kind not in _HOLDERS:
        return None
    facts = (ASSETS, EARNING)
    table = read.table(ASSETS) or read.table(EARNING)
    state = _state(read, facts, present=table is not None, absent=False)
    if state is None:
        return None
    held = [clean(words.row_label(row.label)) for row in table.rows] if table is not None else []
    return _Use(
        tr("Securities and other assets"), facts, state, detail=words.listed([shortened(name, 90) for name in held], 2)
    )


def _reused(read: Reading) -> _Use | None:
    facts = ("ltv_practice.reuse_observed", "ltv_practice.reuse_allowed", "ltv_practice.reused_fully_paid_share")
    seen, allowed = read.truth(facts[0]), read.words(facts[1])
    share = read.ends(facts[2])
    present = seen is True or _positive(share)
    state = _state(read, facts, present=present, absent=seen is False or (allowed == ("none",) and not present))
    if state is None:
        return None
    detail = tr(_REUSE[allowed[0]]) if len(allowed) == 1 and allowed[0] in _REUSE else ""
    amount, day = _amounts(read, (facts[2], "share"))
    return _Use(
        tr("Pledged or lent on again"), facts, state, amount, day, detail, listed=tr("reuse as a pledge or loan")
    )


def _own_account(read: Reading) -> _Use | None:
    facts = ("ltv_practice.reuse_for_own_account", "governance.proprietary_trading")
    what, trades = read.words(facts[0]), read.truth(facts[1])
    present = what in (("trading",), ("hedging",)) or trades is True
    state = _state(read, facts, present=present, absent=what == ("none",) or (trades is False and not what))
    if state is None:
        return None
    detail = tr("hedging only") if what == ("hedging",) else tr("its gain, your risk") if present else ""
    return _Use(tr("Own positions of the platform"), facts, state, detail=detail)


def _affiliates(read: Reading) -> _Use | None:
    facts = (
        "affiliates.affiliate_loans",
        "affiliates.reported_affiliate_loans_share",
        "affiliates.affiliate_notes",
        "affiliates.reported_affiliate_notes_share",
    )
    ends = [read.ends(fact) for fact in facts]
    state = _state(read, facts, present=any(map(_positive, ends)), absent=is_zero(ends[0]) or is_zero(ends[1]))
    if state is None:
        return None
    amount, day = _amounts(read, (facts[0], "money"), (facts[2], "money"), (facts[1], "share"), (facts[3], "share"))
    return _Use(tr("Affiliates"), facts, state, amount, day, tr("same owners or managers"), back=True)


def _own_token(read: Reading) -> _Use | None:
    facts = ("affiliates.own_token_value", "affiliates.has_own_token")
    value, has = read.ends(facts[0]), read.truth(facts[1])
    state = _state(read, facts, present=_positive(value), absent=has is False or is_zero(value))
    if state is None:
        return None
    detail = tr("among the assets, at its own price") if state == "known" else ""
    amount, day = _amounts(read, (facts[0], "money"))
    return _Use(tr("Own token"), facts, state, amount, day, detail, back=True)


def _loops(read: Reading) -> _Use | None:
    facts = ("leverage.has_loop_positions", "leverage.reported_loop_leverage", "leverage.recursive_deposit_share")
    has, times, share = read.truth(facts[0]), read.ends(facts[1]), read.ends(facts[2])
    present = has is True or _positive(times) or _positive(share)
    state = _state(read, facts, present=present, absent=has is False)
    if state is None:
        return None
    number = read.assessment.number("l.loop_leverage")
    amount = day = ""
    if number is not None and number.told:
        amount = tr("{times} times").format(times=words.number_text(number))
    elif _positive(share):
        amount, day = _amounts(read, (facts[2], "share"))
    detail = tr("borrowed and lent again") if state == "known" else ""
    return _Use(tr("Loops"), facts, state, amount, day, detail, back=True)


def _platforms(read: Reading) -> _Use | None:
    facts = ("exposures.interplatform_share", "exposures.top_venue_share")
    ends = [read.ends(fact) for fact in facts]
    state = _state(read, facts, present=any(map(_positive, ends)), absent=is_zero(ends[0]))
    if state is None:
        return None
    amount, day = _amounts(read, *((fact, "share") for fact in facts))
    return _Use(
        tr("Other platforms and venues"), facts, state, amount, day, listed=tr("deposits on other platforms or venues")
    )


def _cash(read: Reading) -> _Use | None:
    facts = ("deposit_liquidity.liquid_assets_1d", "deposit_liquidity.idle_liquidity")
    ends = [read.ends(fact) for fact in facts]
    there = any(e is not None and not is_zero(e) and not is_empty(e) for e in ends)
    state = _state(read, facts, present=there, absent=any(map(is_zero, ends)))
    if state is None:
        return None
    amount, day = _amounts(read, *((fact, "money") for fact in facts))
    return _Use(tr("Kept as cash"), facts, state, amount, day, listed=tr("cash kept"))


_HOLDERS = frozenset({"fund"})
"""Kinds that buy assets rather than lend: of what a lender does with money only what is known is drawn."""
_LENT = frozenset({"exposures.loan_book", "affiliates.has_own_token", "leverage.has_loop_positions"})
_USES: tuple[Callable[[Reading], _Use | None], ...] = (
    _holdings,
    _loans,
    _reused,
    _own_account,
    _affiliates,
    _own_token,
    _loops,
    _platforms,
    _cash,
)


# ---------------------------------------------------------------------------------------------------------- its words


def _pool(read: Reading) -> str:
    pooled = read.truth(POOLED)
    if pooled is None:
        return tr("not known whether pooled")
    return tr("one pool for all") if pooled else tr("no common pool")


def _kept(read: Reading) -> str:
    kept = [tr(_KEPT[word]) for word in read.words(SEGREGATION) if word in _KEPT]
    return tr(" or ").join(kept) if 0 < len(kept) < 3 else tr("not known how it is kept")


def _held(read: Reading) -> str:
    held = [tr(_CLAIMS[word]) for word in read.words(CLAIM) if word in _CLAIMS]
    return tr(" or ").join(held) if 0 < len(held) < 3 else tr("not known what you hold")


def _title(read: Reading, known: list[_Use], open_: list[_Use], absent: list[_Use]) -> str:
    pooled = read.truth(POOLED)
    if not known and pooled is None:
        return tr("Where the money goes is not known")
    total = len(known) + len(open_) + len(absent)
    settled = len(known) + len(absent)
    first = (
        tr("Whether the money is pooled is not known")
        if pooled is None
        else tr("The money goes into one pool")
        if pooled
        else tr("The money is not pooled")
    )
    if not settled:
        return first + tr("; ") + tr("what is done with it is not known")
    second = (
        tr("of {all} possible uses of it only one is known")
        if settled == 1
        else tr("of {all} possible uses of it {known} are known")
    )
    return first + tr("; ") + second.format(all=total, known=settled)


def _alt(read: Reading, title: str, known: list[_Use], open_: list[_Use], absent: list[_Use]) -> str:
    parts = [title]
    parts.append(sentence(words.listed([_pool(read), _kept(read), _held(read)])))
    if known:
        shown = [
            aside(use.among, tr(", ").join(filter(None, [use.amount, use.dated]))) if use.amount else use.among
            for use in known
        ]
        parts.append(tr("Known: {uses}").format(uses=words.listed(shown, 9)))
    if open_:
        parts.append(_unknown(open_))
    if absent:
        parts.append(tr("Said not to exist: {uses}").format(uses=tr(", ").join(use.among for use in absent)))
    return tr(". ").join(parts) + tr(".")


def _terms(read: Reading) -> str:
    notice = read.ends(NOTICE)
    if notice is not None and not is_empty(notice):
        return tr("on demand") if is_zero(notice) else tr("notice: {days}").format(days=_days(notice))
    return tr("on demand") if read.truth(ANY_TIME) else ""


def _days(ends: Ends) -> str:
    return words.amount(list(ends), "days")


# -------------------------------------------------------------------------------------------------------- its drawing


def _draw(read: Reading, known: list[_Use], open_: list[_Use]) -> Drawing:
    drawing = Drawing("flow")
    top = _TOP
    places: list[tuple[_Use | None, Box]] = []
    room = WIDTH - _USE - 1
    for use in known[:_MOST_USES]:
        height = 20.0 + 11.6 * len(wrap(use.detail, room - 14, _MOST_DETAIL, SMALL))
        places.append((use, Box(_USE, top, room, height)))
        top += height + _APART
    if open_:
        height = 10 + 11.6 * len(wrap(_unknown(open_), room - 22, _MOST_LINES, SMALL))
        places.append((None, Box(_USE, top, room, height)))
        top += height + _APART
    short = max(0.0, _LOW - (top - _APART - _TOP)) / 2
    places = [(use, Box(box.left, box.top + short, box.width, box.height)) for use, box in places]
    middle = _TOP + max(top - _APART - _TOP, _LOW) / 2
    _giver(drawing, read, middle)
    _house(drawing, read, middle)
    if places:
        ends = [box.top + box.height / 2 for _, box in places]
        drawing.line((_TRUNK, min(*ends, middle)), (_TRUNK, max(*ends, middle)))
        drawing.line((_HOUSE[1], middle), (_TRUNK, middle))
    for place, box in places:
        _use(drawing, place, box, open_)
    return drawing


def _giver(drawing: Drawing, read: Reading, middle: float) -> None:
    left, right = _GIVER
    drawing.rect(Box(left + 1, middle - 20, right - left, 40), "none")
    name = tr(_GIVERS.get(read.assessment.kind, mark("Depositors")))
    drawing.text((left + right) / 2 + 1, middle - 3, name, right - left - 6, anchor="middle", bold=True)
    drawing.text(
        (left + right) / 2 + 1, middle + 11, tr("you among them"), right - left - 6, anchor="middle", size=SMALL
    )
    owed, day, _ = _owed(read)
    sure = bool(owed) and not day
    drawing.arrow(right + 2, middle, _HOUSE[0], dashed=not sure)
    room = _HOUSE[0] - right - 12
    amount = owed or tr("amount not known")
    taken = len(wrap(amount, room, 2, SMALL, bold=sure))
    drawing.text(right + 6, middle - 6 - 11.6 * (taken - 1), amount, room, lines=2, size=SMALL, bold=sure)
    y = middle + 13
    if day:
        y = drawing.text(right + 6, y, tr("on {day}").format(day=day), room, lines=2, size=SMALL, soft=True)
    terms = _terms(read)
    if terms:
        drawing.text(right + 6, y, terms, room, lines=2, size=SMALL)


def _house(drawing: Drawing, read: Reading, middle: float) -> None:
    left, right = _HOUSE
    room, centre = right - left - 14, (left + right) / 2
    name = wrap(read.assessment.name, room, _MOST_NAME, bold=True)
    told = [wrap(text, room, _MOST_HELD, SMALL) for text in (_pool(read), _kept(read), _held(read))]
    height = 12 + 12.8 * len(name) + sum(4 + 11.6 * len(lines) for lines in told)
    box = Box(left, middle - height / 2, right - left, height)
    if read.truth(POOLED) is None:
        drawing.hatch(Box(left, box.top, 7, height))
        drawing.rect(Box(left + 7, box.top, right - left - 7, height), "none")
    else:
        drawing.rect(box, "pale")
    y = drawing.text(centre, box.top + 14, read.assessment.name, room, lines=_MOST_NAME, anchor="middle", bold=True)
    for text in (_pool(read), _kept(read), _held(read)):
        y = drawing.text(centre, y + 4, text, room, lines=_MOST_HELD, anchor="middle", size=SMALL)


def _unknown(open_: list[_Use]) -> str:
    return tr("Not known: {uses}").format(uses=tr(", ").join(part.among for part in open_))


def _use(drawing: Drawing, use: _Use | None, box: Box, open_: list[_Use]) -> None:
    middle = box.top + box.height / 2
    room = box.width - 14
    if use is None:
        text = _unknown(open_)
        drawing.arrow(_TRUNK, middle, box.left, dashed=True)
        drawing.hatch(Box(box.left, box.top, 9, box.height), text)
        drawing.rect(Box(box.left + 9, box.top, box.width - 9, box.height), "none")
        drawing.text(box.left + 15, box.top + 12, text, box.width - 22, lines=_MOST_LINES, size=SMALL)
        return
    sure = bool(use.amount) and not use.dated
    drawing.arrow(_TRUNK, middle, box.left, back=use.back, dashed=not sure)
    told = use.amount or tr("amount not known")
    drawing.text(_TRUNK + 9, middle - 5, told, box.left - _TRUNK - 18, size=SMALL, bold=sure)
    if use.dated:
        day = tr("on {day}").format(day=use.dated)
        drawing.text(_TRUNK + 9, middle + 11, day, box.left - _TRUNK - 18, size=SMALL, soft=True)
    elif use.back:
        drawing.text(_TRUNK + 9, middle + 11, tr("and back"), box.left - _TRUNK - 18, size=SMALL, soft=True)
    drawing.rect(box, "pale", pair(use.name, use.detail) if use.detail else use.name)
    drawing.text(box.left + 7, box.top + 13, use.name, room, bold=True)
    if use.detail:
        drawing.text(box.left + 7, box.top + 25, use.detail, room, lines=_MOST_DETAIL, size=SMALL)
