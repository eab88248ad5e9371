"""The grade over time, as far as the cut: the range from the best to the worst end, day by day of knowledge."""

from __future__ import annotations

from datetime import date, timedelta

from checker.assess.assessment import Assessment
from checker.assess.timeline import Moment, Timeline
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import pair
from checker.outputs.language import tr
from checker.outputs.timeline import grade_steps, moved_text

_LEFT, _RIGHT, _TOP, _STEP = 74.0, 660.0, 1.0, 18.0
_TAIL = 14.0  # what the last step takes at least, so that it is seen
_MOST_TOLD = 12


def grades(assessment: Assessment, timeline: Timeline | None) -> Chart:
    """The drawing of the grade over time; there is none without a timeline, or for a kind without a grade."""
    cut = date.fromisoformat(assessment.options.known_by)
    moments = [m for m in (timeline.moments if timeline else ()) if m.day <= cut]
    graded = grade_steps([m for m in moments if m.best is not None and m.worst is not None])
    if not graded:
        title = (
            tr("The grade over time was not asked for")
            if timeline is None
            else tr("There is no grade over time for this kind of platform")
        )
        return Chart("grades", title, None, title, (), (), "")
    title = _title(graded)
    steps = [pair(words.day(m.day), _grade(m)) for m in graded]
    if len(steps) > _MOST_TOLD:
        left_out = tr("{count} more between").format(count=len(steps) - _MOST_TOLD)
        steps = [*steps[: _MOST_TOLD // 2], left_out, *steps[-_MOST_TOLD // 2 :]]
    alt = title + tr(". ") + tr("; ").join(steps) + tr(".")
    note = tr("Full line: at best. Dashed line: at worst. Hatched: not enough is known to assess it.")
    facts = tuple(
        dict.fromkeys(name for m in graded for name in m.graded_by or m.moved_by if not name.startswith("examined:"))
    )
    drawing = Drawing("grades")
    _draw(drawing, graded, cut)
    return Chart("grades", title, drawing.svg(alt, note), alt, (), facts, note)


def _grade(moment: Moment) -> str:
    text = words.span(moment.best, moment.worst)
    return text if moment.assessable else tr("{grade}, not assessable").format(grade=text)


def _title(graded: list[Moment]) -> str:
    """What holds now, and since when."""
    last = graded[-1]
    if last.assessable and last.best is not None and last.best >= Grade.D:
        better = [place for place, m in enumerate(graded) if m.best is not None and m.best < last.best]
        since = graded[better[-1] + 1 if better else 0]
        return tr("Since {day} no reading of the facts gives better than {grade}").format(
            day=words.day(since.day), grade=last.best.name
        )
    return tr("The grade is {grade} since {day}").format(grade=_grade(last), day=words.day(last.day))


def _draw(drawing: Drawing, graded: list[Moment], cut: date) -> None:
    first = graded[0].day
    last = max(cut, first + timedelta(1))
    open_end = (
        _RIGHT - _TAIL if (last - graded[-1].day).days * (_RIGHT - _LEFT) < _TAIL * (last - first).days else _RIGHT
    )
    scale = Scale(0.0, float((last - first).days), _LEFT, open_end)

    def x(day: date) -> float:
        return scale.at(float((day - first).days))

    def y(grade: Grade) -> float:
        return _TOP + (grade + 0.5) * _STEP

    for grade in Grade:
        drawing.line((_LEFT, y(grade)), (_RIGHT, y(grade)), tone="soft")
        drawing.text(_LEFT - 8, y(grade) + 4, grade.name, 12, anchor="end", bold=True)
    drawing.text(0, y(Grade.A) + 4, tr("safest"), _LEFT - 24, size=SMALL, soft=True)
    drawing.text(0, y(Grade.F) + 4, tr("worst"), _LEFT - 24, size=SMALL, soft=True)
    best: list[tuple[float, float]] = []
    worst: list[tuple[float, float]] = []
    ends = [*(m.day for m in graded[1:]), last]
    for place, (moment, end) in enumerate(zip(graded, ends, strict=True), 1):
        if moment.best is None or moment.worst is None:
            continue
        left, right = x(moment.day), _RIGHT if place == len(graded) else x(end)
        box = Box(left, y(moment.best) - 4, right - left, y(moment.worst) - y(moment.best) + 8)
        said = tr("From {day}: {grade}").format(day=words.day(moment.day), grade=_grade(moment))
        title = said + tr(". ") + moved_text(moment, grade=True)
        if moment.assessable:
            drawing.fill(box, "pale", title)
        else:
            drawing.hatch(box, title)
        best += [(left, y(moment.best)), (right, y(moment.best))]
        worst += [(left, y(moment.worst)), (right, y(moment.worst))]
    drawing.line(*worst, dashed=True, weight=1.6)
    drawing.line(*best, weight=2.4)
    _dates(drawing, first, last, scale)


def _dates(drawing: Drawing, first: date, last: date, scale: Scale) -> None:
    """The first day and the cut, and the beginnings of years that fit between."""
    base = _TOP + len(Grade) * _STEP + 4
    drawing.line((_LEFT, base), (_RIGHT, base))
    begin, cut = words.day(first), words.day(last)
    wide = drawing.measured(begin, SMALL)
    drawing.line((_LEFT, base), (_LEFT, base + 4))
    drawing.text(_LEFT, base + 14, begin, wide + 1, size=SMALL, soft=True)
    taken = _LEFT + wide
    wide = drawing.measured(cut, SMALL)
    end = min(WIDTH, scale.right + wide / 2)
    begins = end - wide
    for year in range(first.year + 1, last.year + 1):
        place = scale.at(float((date(year, 1, 1) - first).days))
        name = words.day(year)
        half = drawing.measured(name, SMALL) / 2
        if place - half > taken + 8 and place + half < begins - 8:
            drawing.line((place, base), (place, base + 4))
            drawing.text(place, base + 14, name, 2 * half + 1, size=SMALL, anchor="middle", soft=True)
            taken = place + half
    if begins > taken + 8:
        drawing.line((scale.right, base), (scale.right, base + 4))
        drawing.text(end, base + 14, cut, wide + 1, size=SMALL, anchor="end", soft=True)
