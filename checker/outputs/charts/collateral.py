"""What is left uncovered of the loans as collateral falls: a band for what is known, a line where it is certain."""

from __future__ import annotations

from checker.assess.assessment import Assessment, Working
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Drawing, Scale
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Reading, ends_of, joined, pair, told
from checker.outputs.language import tr

NEEDED = (
    "ltv_practice.reported_collateral_cover",
    "ltv_practice.collateral_value",
    "ltv_practice.secured_loans",
    "ltv_practice.reported_wavg_ltv",
    "ltv_practice.collateral",
    "exposures.loan_book",
)
_LEFT, _RIGHT, _TOP, _HIGH = 40.0, 500.0, 12.0, 128.0
_SHOCK = "worst_day"


def collateral(assessment: Assessment) -> Chart:
    """The drawing of the stress of collateral; it lacks any cover and any ratio of liquidation."""
    read = Reading(assessment)
    missing = read.missing(NEEDED)
    working = assessment.working("collateral_curve")
    if working is None:
        title = tr("What a fall of collateral would leave uncovered is not known")
        return Chart("collateral", title, None, title, missing, (), "")
    names = [heading for heading, _ in working.columns[1:]]
    title = _title(assessment, working)
    shown = []
    for index, name in enumerate(names, 1):
        parts = [
            pair(words.number(row[0], "share"), told(row[index], "share"))
            for row in working.rows
            if row[0] in (0.0, 0.2, 0.4, 0.6)
        ]
        shown.append(tr("{name}, uncovered after a fall of {parts}").format(name=tr(name), parts=tr(", ").join(parts)))
    alt = title + tr(". ") + tr("; ").join(shown) + tr(".")
    notes = [words.remark(note) for note in working.notes]
    if not all(_certain(cell) for row in working.rows for cell in row[1:]):
        notes.append(tr("Hatched: between the two ends of what is known."))
    note = joined(*notes)
    drawing = Drawing("collateral")
    _draw(drawing, working, names)
    return Chart("collateral", title, drawing.svg(alt, note), alt, missing, working.facts, note)


def _title(assessment: Assessment, working: Working) -> str:
    for id, text in (
        ("c.shortfall", tr("In {case}, {share} of the secured loans are left without cover")),
        ("c.book_shortfall", tr("In {case}, {share} of all loans are left without cover")),
    ):
        number = assessment.number(id)
        shock = next((v for v in number.variants if v.scenario == _SHOCK and v.told), None) if number else None
        if number is not None and shock is not None:
            case = words.in_sentence(words.scenario_title(assessment, _SHOCK))
            return text.format(case=case, share=words.number_text(number, _SHOCK))
    fall, *lost = next(row for row in working.rows if row[0] == 0.4)
    return tr("After a fall of {fall}, {share} of a loan that was about to be closed is without cover").format(
        fall=words.number(fall, "share"),  # type: ignore[arg-type]
        share=told(lost[-1], "share"),
    )


def _draw(drawing: Drawing, working: Working, names: list[str]) -> None:
    across = Scale(0.0, 1.0, _LEFT, _RIGHT)
    up = Scale(0.0, 1.0, _TOP + _HIGH, _TOP)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line((_LEFT, up.at(share)), (_RIGHT, up.at(share)), tone="soft")
        drawing.text(
            _LEFT - 5, up.at(share) + 3.4, words.number(share, "share"), _LEFT - 5, size=SMALL, anchor="end", soft=True
        )
    for fall in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        drawing.line((across.at(fall), up.at(0.0)), (across.at(fall), up.at(0.0) + 4))
        drawing.text(
            across.at(fall), up.at(0.0) + 15, words.number(fall, "share"), 50, size=SMALL, anchor="middle", soft=True
        )
    drawing.line((_LEFT, up.at(0.0)), (_RIGHT, up.at(0.0)))
    room = WIDTH - _RIGHT - 14
    drawing.text(_LEFT, up.at(0.0) + 29, tr("fall of collateral →"), _RIGHT - _LEFT, size=SMALL, soft=True)
    y = (
        drawing.text(
            _RIGHT + 14,
            _TOP + 4,
            tr("up: part of the loans without cover, lower is safer"),
            room,
            lines=3,
            size=SMALL,
            soft=True,
        )
        + 10
    )
    for index, name in enumerate(names, 1):
        dashed = index > 1
        points = [(across.at(float(row[0])), ends_of(row[index]) or (0.0, 1.0)) for row in working.rows]  # type: ignore[arg-type]
        low = [(x, up.at(lo or 0.0)) for x, (lo, _) in points]
        high = [(x, up.at(1.0 if hi is None else hi)) for x, (_, hi) in points]
        if low != high:
            drawing.band(low, high, tr(name), cross=dashed)
            drawing.line(*high, dashed=dashed, weight=1.2, tone="risk")
        drawing.line(*low, dashed=dashed, weight=2.0, tone="risk")
        drawing.line((_RIGHT + 14, y - 3), (_RIGHT + 38, y - 3), dashed=dashed, weight=2.0, tone="risk")
        y = drawing.text(_RIGHT + 44, y, tr(name), room - 30, lines=2, size=SMALL) + 6
    if any(not _certain(cell) for row in working.rows for cell in row[1:]):
        drawing.band(
            [(_RIGHT + 14, y), (_RIGHT + 42, y)], [(_RIGHT + 14, y - 9), (_RIGHT + 42, y - 9)], "", cross=False
        )
        drawing.text(_RIGHT + 44, y, tr("not known where"), room - 30, lines=2, size=SMALL)


def _certain(cell: object) -> bool:
    ends = ends_of(cell)
    return ends is not None and ends[0] == ends[1]
