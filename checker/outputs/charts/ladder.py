"""The liquidity ladder: what depositors may call against the cash that can be reached by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.assess.assessment import Assessment, Working
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Ends, Reading, ends_of, joined, pair, rounded, sentence, told
from checker.outputs.language import tr

NEEDED = (
    "deposit_liquidity.client_liabilities",
    "deposit_liquidity.liquid_assets_1d",
    "deposit_liquidity.liabilities_redeemable_1d",
    "deposit_liquidity.liquid_assets_7d",
    "asset_duration.assets",
    "deposit_liquidity.deposits",
    "terms.notice_days",
    "deposit_liquidity.liquid_assets_30d",
)
_LEFT, _TOP, _HIGH = 124.0, 6.0, 84.0
_GAP_WITHIN, _SHARES = "Gap, of all deposits", "Cash reached, of all deposits"


@dataclass(frozen=True)
class _Step:
    """A time on the ladder: what may be called, what is there, and what the working says of the difference."""

    name: str
    called: Ends | None
    cash: Ends | None
    gap: Ends | None


def ladder(assessment: Assessment) -> Chart:
    """The drawing of the ladder; it lacks what tells either side."""
    read = Reading(assessment)
    missing = read.missing(NEEDED)
    working = assessment.working("maturity_ladder") or assessment.working("cash_and_calls")
    if working is None:
        title = tr("Neither the cash that can be reached nor what may be called is known")
        return Chart("ladder", title, None, title, missing, (), "")
    steps, unit, cumulative, how = _steps(working)
    title = _title(steps, unit, cumulative)
    shown = [
        tr("{time}: called {called}, there {cash}").format(
            time=step.name, called=_value(step.called, unit), cash=_value(step.cash, unit)
        )
        for step in steps
    ]
    alt = title + tr(". ") + tr("; ").join(shown) + tr(".")
    note = joined(how, tr("Filled: surely so much. Hatched: perhaps, or not known."))
    drawing = Drawing("ladder")
    _draw(drawing, steps, unit)
    return Chart("ladder", title, drawing.svg(alt, note), alt, missing, working.facts, note)


def _steps(working: Working) -> tuple[list[_Step], str, bool, str]:
    """The steps with their unit, whether they add up what came before, and how they are told."""
    headings = [heading for heading, _ in working.columns]

    def ends(row: Sequence[object], heading: str) -> Ends | None:
        return ends_of(row[headings.index(heading)]) if heading in headings else None

    if "Deposits out" in headings:
        sales = "Assets in, with sales" in headings
        cash, gap = (
            ("Assets in, with sales", "Gap so far, with sales")
            if sales
            else (
                "Assets in, by contract",
                "Gap so far, by contract",
            )
        )
        steps = [
            _Step(_time(row[0]), ends(row, "Deposits out"), ends(row, cash), ends(row, gap)) for row in working.rows
        ]
        how = tr("Assets stand where they can be sold.") if sales else tr("Assets stand where they fall due.")
        return steps, "money", False, how
    shares = [_Step("", ends(row, "May be called, of all deposits"), ends(row, _SHARES), None) for row in working.rows]
    money = [_Step("", ends(row, "May be called"), ends(row, "Cash reached"), None) for row in working.rows]
    gaps = [sum(ends(row, heading) is not None for row in working.rows) for heading in (_GAP_WITHIN, "Gap")]
    by_share = gaps[0] > gaps[1] or not any(step.called or step.cash for step in money)
    found, gap = (shares, _GAP_WITHIN) if by_share else (money, "Gap")
    steps = [
        _Step(tr("within {time}").format(time=_days(row[0])), step.called, step.cash, ends(row, gap))
        for row, step in zip(working.rows, found, strict=True)
    ]
    how = tr("Each step holds those before it.")
    if by_share:
        how = joined(tr("Parts of all deposits."), how)
    return steps, "share" if by_share else "money", True, how


def _time(cell: object) -> str:
    return tr(cell) if isinstance(cell, str) else tr("to {time}").format(time=_days(cell))


def _days(cell: object) -> str:
    return words.amount(cell, "days")


def _value(ends: Ends | None, unit: str) -> str:
    return tr("not known") if ends is None else told(list(ends), unit)


def _title(steps: Sequence[_Step], unit: str, cumulative: bool) -> str:
    for step in steps:
        if step.gap is not None and step.gap[1] is not None and step.gap[1] < 0:
            lo, hi = step.gap
            short = told([-(hi or 0.0), None if lo is None else -lo], unit)
            if unit == "share":
                text = tr("What may be called {time} exceeds the cash reached by then by {short} of all deposits")
            elif cumulative:
                text = tr("What may be called {time} exceeds the cash reached by then by {short}")
            else:
                text = tr("What may be called ({time}) exceeds what can be cash by then by {short}")
            return text.format(time=step.name, short=short)
    if all(step.gap is not None and step.gap[0] is not None and step.gap[0] >= 0 for step in steps):
        return tr("At every step the cash reached covers what may be called")
    first = steps[0]
    if first.cash is None and first.called is not None and first.called[0]:
        text = tr("{amount} may be called {time}; what could be paid by then is not known")
        if unit == "share":
            text = tr("{amount} of all deposits may be called {time}; what could be paid by then is not known")
        return sentence(text.format(amount=_value(first.called, unit), time=first.name))
    return tr("Whether cash covers what may be called is not known")


# -------------------------------------------------------------------------------------------------------- its drawing


def _draw(drawing: Drawing, steps: Sequence[_Step], unit: str) -> None:
    room = (WIDTH - _LEFT) / len(steps)
    known = [end for step in steps for ends in (step.called, step.cash) for end in ends or () if end]
    beyond = any(ends is not None and ends[1] is None for step in steps for ends in (step.called, step.cash))
    base = _TOP + _HIGH
    scale = Scale(0.0, max(known, default=1.0) * (1.2 if beyond else 1.0), base, _TOP)
    wide = min(40.0, room * 0.34)
    lines = [(tr("may be called"), "ink"), (tr("cash reached"), "cash")]
    sides = [step.called for step in steps], [step.cash for step in steps]
    sure = [any(ends is not None and ends[0] for ends in side) for side in sides]
    if any(step.gap is not None for step in steps):
        lines.append((tr("over (+), short (−)"), ""))
    y = base + 14
    for index, step in enumerate(steps):
        centre = _LEFT + room * (index + 0.5)
        for left, ends, tone in ((centre - wide - 1.5, step.called, "ink"), (centre + 1.5, step.cash, "cash")):
            _column(drawing, scale, left, wide, ends, tone, pair(step.name, _value(ends, unit)))
        drawing.text(centre, y, step.name, room - 4, anchor="middle", size=SMALL, bold=True)
    drawing.line((_LEFT, base), (WIDTH, base))
    for place, (name, tone) in enumerate(lines):
        y += 14
        if tone and sure[place]:
            drawing.rect(Box(1, y - 8, 11, 9), tone)
        elif tone:
            drawing.hatch(Box(1, y - 8, 11, 9))
        drawing.text(17 if tone else 0, y, name, _LEFT - (22 if tone else 6), size=SMALL)
        for index, step in enumerate(steps):
            text = _gap(step.gap, unit) if not tone else _short((step.called, step.cash)[place], unit)
            drawing.text(_LEFT + room * (index + 0.5), y, text, room - 4, lines=2, anchor="middle", size=SMALL)


def _column(drawing: Drawing, scale: Scale, left: float, wide: float, ends: Ends | None, tone: str, title: str) -> None:
    """A standing bar: filled as far as it surely reaches, hatched as far as it may."""
    base = scale.left
    if ends is None:
        drawing.hatch(Box(left, _TOP, wide, base - _TOP), title)
        return
    sure, top = scale.at(ends[0] or 0.0), _TOP - 4 if ends[1] is None else scale.at(ends[1])
    drawing.hatch(Box(left, top, wide, sure - top), title)
    if base - sure > 0.3:
        drawing.rect(Box(left, sure, wide, base - sure), tone, title)
    elif base - top <= 0.6:
        drawing.line((left, base - 1), (left + wide, base - 1), weight=2)


def _short(ends: Ends | None, unit: str) -> str:
    """Both ends as briefly as can be."""
    if ends is None:
        return tr("not known")
    lo, hi = (None if end is None else rounded(end) for end in ends)
    if lo == hi and lo is not None:
        return words.number(lo, unit)
    if hi is None:
        return f"≥ {words.number(lo or 0.0, unit)}"
    if not lo:
        return f"≤ {words.number(hi, unit)}"
    return tr("{lo} to {hi}").format(lo=words.number(lo, unit), hi=words.number(hi, unit))


def _gap(ends: Ends | None, unit: str) -> str:
    if ends is None:
        return tr("not known")

    def signed(value: float) -> str:
        return f"{words.MINUS if value < 0 else '+' if value else ''}{words.number(rounded(abs(value)), unit)}"

    lo, hi = ends
    if lo is None:
        return f"≤ {signed(hi)}" if hi is not None else tr("not known")
    if hi is None:
        return f"≥ {signed(lo)}"
    return signed(lo) if lo == hi else tr("{lo} to {hi}").format(lo=signed(lo), hi=signed(hi))
