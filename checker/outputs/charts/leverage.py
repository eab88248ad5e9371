"""How far borrowed money carries: the turns of a loop and the fall that ends it, or the capital before depositors."""

from __future__ import annotations

from checker.assess.assessment import Assessment, Working
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale
from checker.outputs.charts.model import Chart, Missing
from checker.outputs.charts.reading import Ends, Reading, ends_of, pair, told
from checker.outputs.charts.rows import BARS, Bar, axis, bars
from checker.outputs.language import tr

NEEDED = (
    "leverage.has_loop_positions",
    "leverage.reported_loop_leverage",
    "leverage.loop_ltv",
    "leverage.loop_rounds",
    "leverage.liquidation_threshold",
    "leverage.total_assets",
    "leverage.equity",
    "leverage.reported_equity_ratio",
    "leverage.reported_leverage",
)


def leverage(assessment: Assessment) -> Chart:
    """The drawing of a loop where one is told, else of own capital; it lacks what tells neither."""
    read = Reading(assessment)
    missing = read.missing(NEEDED)
    for id, draw in (("loop_health", _loop), ("balance_sheet", _balance)):
        working = assessment.working(id)
        if working is not None:
            return draw(assessment, working, missing)
    title = tr("How much is borrowed, and how much own capital stands before depositors, is not known")
    return Chart("leverage", title, None, title, missing, (), "")


def _loop(assessment: Assessment, working: Working, missing: tuple[Missing, ...]) -> Chart:
    turned, health, closed, wiped = working.rows[0]
    times = ends_of(turned) or (1.0, None)
    title = _loop_title(turned, closed, wiped)
    names = [tr(heading) for heading, _ in working.columns]
    values = [told(cell, unit) for cell, (_, unit) in zip(working.rows[0], working.columns, strict=True)]
    losses = _losses(assessment)
    alt = title + tr(". ") + tr("; ").join(pair(n, v) for n, v in zip(names, values, strict=True))
    alt += "".join(tr("; ") + text for text in losses) + tr(".")
    note = tr("Filled: certain. Hatched: perhaps. Below a health factor of one the loop is closed by force.")
    drawing = Drawing("leverage")
    top = _turns(drawing, times, names[0], values[0])
    fall = Scale(0.0, _widest(closed, wiped), BARS[0], BARS[1])
    rows = []
    for name, cell, value in ((names[2], closed, values[2]), (names[3], wiped, values[3])):
        ends = ends_of(cell)
        known = ends is not None
        rows.append(Bar(name, "", (0.0, 0.0), ends or (0.0, None), "risk", value if known else tr("not known"), known))
    bottom = bars(drawing, fall, rows, top + 4) + 2
    texts = [(value, words.number(value, "share")) for value in fall.ticks(5)]
    axis(drawing, fall, top + 4, bottom, texts, tr("a further fall is safer →"))
    told_health = values[1] if ends_of(health) is not None else tr("not known")
    y = bottom + 28
    shown = tr("{name}: {value} (below 1 it is closed)").format(name=names[1], value=told_health)
    for text in (shown, *losses):
        y = drawing.text(0, y, text, WIDTH, lines=2, size=SMALL)
    return Chart("leverage", title, drawing.svg(alt, note), alt, missing, working.facts, note)


def _loop_title(turned: object, closed: object, wiped: object) -> str:
    times = told(turned, "ratio")
    ends = ends_of(closed)
    if ends is not None and ends[1] is not None:
        text = tr("Own money is turned {times} times; a fall of {fall} closes the loop by force")
        return text.format(times=times, fall=told(closed, "share"))
    if ends_of(wiped) is not None:
        text = tr("Own money is turned {times} times; a fall of {fall} wipes it out")
        return text.format(times=times, fall=told(wiped, "share"))
    return tr("Own money is turned {times} times").format(times=times)


def _turns(drawing: Drawing, times: Ends, name: str, value: str) -> float:
    """Own money and what is borrowed on it, side by side."""
    lo, hi = times
    scale = Scale(0.0, hi if hi is not None else (lo or 1.0) * 1.2, BARS[0], BARS[1])
    row = Bar(name, tr("own money, then borrowed"), (0.0, 0.0), times, "pale", value)
    bottom = bars(drawing, scale, [row], 2.0)
    drawing.rect(Box(scale.left, 8.0, scale.at(1.0) - scale.left, 15.0), "ink", tr("own money"))
    return bottom


def _widest(*cells: object) -> float:
    ends = [end for cell in cells for end in (ends_of(cell) or ()) if end is not None]
    return min(1.0, max([*ends, 0.05]) * 1.1)


def _losses(assessment: Assessment) -> list[str]:
    """Own money lost where a peg breaks, a sentence for each way it did."""
    number = assessment.number("l.depeg_loss")
    if number is None or not number.told:
        return []
    text = tr("Own money lost: {share} ({case})")
    return [
        text.format(
            case=words.in_sentence(words.scenario_title(assessment, variant.scenario)),
            share=words.number_text(number, variant.scenario),
        )
        for variant in number.variants
        if variant.told
    ]


def _balance(assessment: Assessment, working: Working, missing: tuple[Missing, ...]) -> Chart:  # noqa: ARG001
    (_, assets, _), (_, debts, debt_share), (_, equity, share) = working.rows
    names = [tr(str(row[0])) for row in working.rows]
    amounts = ["" if ends_of(cell) is None else told(cell, "money") for cell in (assets, debts, equity)]
    debt = ends_of(debt_share) or (None, None)
    lo, hi = ends_of(share) or (None, None)
    if hi is not None and hi < 0:
        hole = told(_turned(share), "share")
        title = tr("Debts exceed assets by {share} of all assets").format(share=hole)
        last = Bar(tr("Hole"), told(_turned(equity), "money"), (1.0, 1.0), debt, "ink", hole)
    else:
        shown = told(share, "share")
        title = tr("Own capital is {share} of all assets: a fall by as much uses it up").format(share=shown)
        last = Bar(names[2], amounts[2], (0.0, 0.0), (max(0.0, lo or 0.0), hi), "cash", shown)
    alt = title + tr(". ") + tr("; ").join(pair(n, a) for n, a in zip(names, amounts, strict=True) if a) + tr(".")
    note = tr("Filled: certain. Hatched: perhaps. Own capital takes losses first; more of it is safer.")
    rows = [
        Bar(names[0], amounts[0], (0.0, 0.0), (1.0, 1.0), "pale", words.number(1.0, "share")),
        Bar(names[1], amounts[1], (0.0, 0.0), (debt[0] or 0.0, debt[1]), "risk", told(debt_share, "share")),
        last,
    ]
    known = [end for end in (*debt, lo, hi, 1.0) if end is not None]
    drawing = Drawing("leverage")
    scale = Scale(0.0, max(known) * (1.15 if debt[1] is None else 1.0), BARS[0], BARS[1])
    bottom = bars(drawing, scale, rows, 2.0) + 2
    texts = [(value, words.number(value, "share")) for value in scale.ticks(5)]
    axis(drawing, scale, 2.0, bottom, texts, tr("of all assets"))
    return Chart("leverage", title, drawing.svg(alt, note), alt, missing, working.facts, note)


def _turned(cell: object) -> list[float | None]:
    """A negative amount told as a hole."""
    lo, hi = ends_of(cell) or (None, None)
    return [None if hi is None else -hi, None if lo is None else -lo]
