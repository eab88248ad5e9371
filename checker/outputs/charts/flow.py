"""Where the money goes: from depositors into the platform, and from there to whoever has it in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, wrap
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Ends, Reading, aside, is_empty, is_zero, pair, sentence, told
from checker.outputs.language import mark, tr
from checker.outputs.markup import clean, shortened

POOLED, SEGREGATION, CLAIM = "structure.pooled", "structure.segregation", "structure.client_claim"
OWED, NOTICE, ANY_TIME = "deposit_liquidity.client_liabilities", "terms.notice_days", "terms.redeem_any_time"
NAMED = "exposures.named"
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
_MOST_USES, _MOST_NAMES, _MOST_LINES, _MOST_DETAIL, _MOST_HELD, _MOST_NAME = 7, 3, 5, 2, 3, 4
_LOW = 108.0  # least height: that of a platform of which three lines are told


@dataclass(frozen=True)
class _Use:
    """What is done with the money.

    Attributes:
        name: Its name.
        facts: Facts that tell of it.
        state: known, absent or open.
        amount: How much, in words; empty where that is not known.
        detail: What else is known of it.
        back: Whether it comes back to the platform.
    """

    name: str
    facts: tuple[str, ...]
    state: str
    amount: str = ""
    detail: str = ""
    back: bool = False


def flow(assessment: Assessment) -> Chart:
    """The drawing of the flow; it lacks only what nobody knows, and says so."""
    read = Reading(assessment)
    uses = [use for make in _USES if (use := make(read)) is not None]
    known = [use for use in uses if use.state == "known"]
    open_ = [use for use in uses if use.state == "open"]
    absent = [use for use in uses if use.state == "absent"]
    facts = [POOLED, SEGREGATION, CLAIM, OWED, *(fact for use in uses for fact in use.facts)]
    missing = read.missing(facts)
    sources = tuple(dict.fromkeys(fact for fact in facts if read.known(fact)))
    title = _title(read, known, open_, absent)
    if not known and read.truth(POOLED) is None and not read.words(SEGREGATION):
        return Chart("flow", title, None, title, missing, sources, "")
    note = tr("Dashed and hatched: not known. What is said not to exist is left out.")
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


def _amounts(read: Reading, *ids: tuple[str, str]) -> str:
    """The first amount or share that is known, in words."""
    for id, unit in ids:
        ends = read.ends(id)
        if ends is not None and not is_zero(ends) and not is_empty(ends) and (ends[0] or ends[1] != 1):
            return told(list(ends), unit)
    return ""


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
    amount = _amounts(read, (facts[0], "money"), (facts[1], "money"), (facts[2], "share"))
    if amount and not (_amounts(read, (facts[0], "money"), (facts[1], "money"))):
        amount = tr("{share} of deposits").format(share=amount)
    return _Use(tr("Lent to borrowers"), facts, state, amount, _names(read))


def _names(read: Reading) -> str:
    """The largest borrowers by name with what they owe."""
    table = read.table(NAMED)
    if table is None:
        return ""
    rows: list[tuple[float, str]] = []
    for row in table.rows:
        amount = row.cells.get("amount")
        low = amount[0] if isinstance(amount, list) and len(amount) == 2 and isinstance(amount[0], int | float) else 0.0
        name = shortened(clean(row.label), 40)
        rows.append((low, aside(name, told(amount, "money")) if low else name))
    rows.sort(key=lambda item: -item[0])
    return words.listed([name for _, name in rows], _MOST_NAMES)


def _reused(read: Reading) -> _Use | None:
    facts = ("ltv_practice.reuse_observed", "ltv_practice.reuse_allowed", "ltv_practice.reused_fully_paid_share")
    seen, allowed = read.truth(facts[0]), read.words(facts[1])
    share = read.ends(facts[2])
    present = seen is True or _positive(share)
    state = _state(read, facts, present=present, absent=seen is False or (allowed == ("none",) and not present))
    if state is None:
        return None
    detail = tr(_REUSE[allowed[0]]) if len(allowed) == 1 and allowed[0] in _REUSE else ""
    return _Use(tr("Pledged or lent on again"), facts, state, _amounts(read, (facts[2], "share")), detail)


def _own_account(read: Reading) -> _Use | None:
    facts = ("ltv_practice.reuse_for_own_account", "governance.proprietary_trading")
    what, trades = read.words(facts[0]), read.truth(facts[1])
    present = what in (("trading",), ("hedging",)) or trades is True
    state = _state(read, facts, present=present, absent=what == ("none",) or (trades is False and not what))
    if state is None:
        return None
    detail = tr("hedging only") if what == ("hedging",) else tr("its gain, your risk") if present else ""
    return _Use(tr("Own positions of the platform"), facts, state, "", detail)


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
    amount = _amounts(read, (facts[0], "money"), (facts[2], "money"), (facts[1], "share"), (facts[3], "share"))
    return _Use(tr("Affiliates"), facts, state, amount, tr("same owners or managers"), back=True)


def _own_token(read: Reading) -> _Use | None:
    facts = ("affiliates.own_token_value", "affiliates.has_own_token")
    value, has = read.ends(facts[0]), read.truth(facts[1])
    state = _state(read, facts, present=_positive(value), absent=has is False or is_zero(value))
    if state is None:
        return None
    detail = tr("among the assets, at its own price") if state == "known" else ""
    return _Use(tr("Own token"), facts, state, _amounts(read, (facts[0], "money")), detail, back=True)


def _loops(read: Reading) -> _Use | None:
    facts = ("leverage.has_loop_positions", "leverage.reported_loop_leverage", "leverage.recursive_deposit_share")
    has, times, share = read.truth(facts[0]), read.ends(facts[1]), read.ends(facts[2])
    present = has is True or _positive(times) or _positive(share)
    state = _state(read, facts, present=present, absent=has is False)
    if state is None:
        return None
    number = read.assessment.number("l.loop_leverage")
    amount = ""
    if number is not None and number.told:
        amount = tr("{times} times").format(times=words.number_text(number))
    elif _positive(share):
        amount = _amounts(read, (facts[2], "share"))
    detail = tr("borrowed and lent again") if state == "known" else ""
    return _Use(tr("Loops"), facts, state, amount, detail, back=True)


def _platforms(read: Reading) -> _Use | None:
    facts = ("exposures.interplatform_share", "exposures.top_venue_share")
    ends = [read.ends(fact) for fact in facts]
    state = _state(read, facts, present=any(map(_positive, ends)), absent=is_zero(ends[0]))
    if state is None:
        return None
    return _Use(tr("Other platforms and venues"), facts, state, _amounts(read, *((fact, "share") for fact in facts)))


def _cash(read: Reading) -> _Use | None:
    facts = ("deposit_liquidity.liquid_assets_1d", "deposit_liquidity.idle_liquidity")
    ends = [read.ends(fact) for fact in facts]
    there = any(e is not None and not is_zero(e) and not is_empty(e) for e in ends)
    state = _state(read, facts, present=there, absent=any(map(is_zero, ends)))
    if state is None:
        return None
    return _Use(tr("Kept as cash"), facts, state, _amounts(read, *((fact, "money") for fact in facts)))


_USES: tuple[Callable[[Reading], _Use | None], ...] = (
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
    if pooled is None:
        text = tr("Whether the money is pooled is not known; known of the ways it may take: {known} of {all}")
    elif pooled:
        text = tr("The money goes into one pool; known of the ways it may take from there: {known} of {all}")
    else:
        text = tr("The money is not pooled; known of the ways it may take: {known} of {all}")
    return text.format(all=total, known=settled)


def _alt(read: Reading, title: str, known: list[_Use], open_: list[_Use], absent: list[_Use]) -> str:
    parts = [title]
    parts.append(sentence(words.listed([_pool(read), _kept(read), _held(read)])))
    if known:
        names = [words.in_sentence(use.name) for use in known]
        shown = [aside(name, use.amount) if use.amount else name for name, use in zip(names, known, strict=True)]
        parts.append(tr("Known: {uses}").format(uses=words.listed(shown, 9)))
    if open_:
        parts.append(
            tr("Not known: {uses}").format(uses=words.listed([words.in_sentence(use.name) for use in open_], 9))
        )
    if absent:
        parts.append(
            tr("Said not to exist: {uses}").format(
                uses=words.listed([words.in_sentence(use.name) for use in absent], 9)
            )
        )
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
    owed = read.ends(OWED)
    known = owed is not None and not is_empty(owed) and not is_zero(owed)
    drawing.arrow(right + 2, middle, _HOUSE[0], dashed=not known)
    room = _HOUSE[0] - right - 12
    amount = told(list(owed), "money") if known and owed is not None else tr("amount not known")
    taken = len(wrap(amount, room, 2, SMALL, bold=known))
    drawing.text(right + 6, middle - 6 - 11.6 * (taken - 1), amount, room, lines=2, size=SMALL, bold=known)
    terms = _terms(read)
    if terms:
        drawing.text(right + 6, middle + 13, terms, room, lines=2, size=SMALL)


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
    names = words.listed([words.in_sentence(part.name) for part in open_], 9)
    return tr("Not known: {uses}").format(uses=names)


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
    drawing.arrow(_TRUNK, middle, box.left, back=use.back, dashed=not use.amount)
    told = use.amount or tr("amount not known")
    drawing.text(_TRUNK + 9, middle - 5, told, box.left - _TRUNK - 18, size=SMALL, bold=bool(use.amount))
    if use.back:
        drawing.text(_TRUNK + 9, middle + 11, tr("and back"), box.left - _TRUNK - 18, size=SMALL, soft=True)
    drawing.rect(box, "pale", pair(use.name, use.detail) if use.detail else use.name)
    drawing.text(box.left + 7, box.top + 13, use.name, room, bold=True)
    if use.detail:
        drawing.text(box.left + 7, box.top + 25, use.detail, room, lines=_MOST_DETAIL, size=SMALL)
