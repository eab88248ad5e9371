"""The verdict over time: for a terminal, as JSON, and as a chart.

The chart is vector graphics whose text stays text. It is readable in grey: the range from the best to the worst end is
a band between a full and a dashed line, days on which not enough was known are hatched, and every move has its day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from checker.assess.timeline import EXAMINED, Moment, Timeline
from checker.model.finding import Grade
from checker.model.profile import Profile
from checker.outputs import words
from checker.outputs.language import mark, spoken, tr
from checker.outputs.page import clean
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "LEVELS",
    "grade_moved",
    "grade_steps",
    "moved_text",
    "render_json",
    "render_svg",
    "render_text",
    "step_text",
]

SCHEMA = "ddcheck/timeline/1"
LEVELS = (mark("absent"), mark("structural"), mark("aggravated"), mark("present"))
_STEP = 40  # height of a grade
_LEFT, _TOP, _WIDE, _BELOW = 64, 64, 760, 96
_APART = 46  # least distance of two dates on the axis
_HATCH = 8  # distance of the lines that hatch
_NAMED = 72  # characters of a name in the title of the chart


def _new(name: str) -> str:
    """A fact, or a section that was examined, as words."""
    if name.startswith(EXAMINED):
        id = name.removeprefix(EXAMINED)
        section = words.in_sentence(tr(words.SECTIONS[id])) if id in words.SECTIONS else words.fact_name(id)
        return tr("what the examined section {section} leaves out").format(section=section)
    return words.fact_name(name)


def moved_text(moment: Moment, *, grade: bool = False) -> str:
    """What moved the verdict on a day, in words; with `grade` only what moved the grade, where facts did."""
    parts = []
    moved_by = (moment.graded_by if grade else ()) or moment.moved_by
    if moved_by:
        facts = words.listed([_new(name) for name in moved_by], 6)
        parts.append(tr("{facts} (others new that day do the same)").format(facts=facts) if moment.jointly else facts)
    if moment.by_time:
        parts.append(tr("time: facts too old, statements ended, other market rates"))
    return tr("; ").join(parts) or tr("nothing known moves it")


def _grade(moment: Moment) -> str:
    text = words.span(moment.best, moment.worst)
    return text if moment.assessable or moment.best is None else tr("{grade}, not assessable").format(grade=text)


def grade_moved(before: Moment, moment: Moment) -> bool:
    """Whether a reader sees another grade: one of its ends, or that it can be told at all."""
    return (before.best, before.worst, before.assessable) != (moment.best, moment.worst, moment.assessable)


def grade_steps(moments: Sequence[Moment]) -> list[Moment]:
    """The first day, and those on which the grade moved."""
    return [moment for place, moment in enumerate(moments) if place == 0 or grade_moved(moments[place - 1], moment)]


def step_text(before: Moment | None, moment: Moment, statuses: Mapping[str, str]) -> str:
    """What is another than it was before: the grade, levels of traits, stops, live statuses.

    Args:
        before: The moment before; None on the first day.
        moment: The moment.
        statuses: The words of live statuses by id.
    """
    if before is None:
        return tr("first day judged")
    parts = []
    if (before.best, before.worst) != (moment.best, moment.worst):
        old, new = (words.span(m.best, m.worst) for m in (before, moment))
        parts.append(tr("grade {old} → {new}").format(old=old, new=new))
    if before.assessable != moment.assessable:
        parts.append(tr("now assessable") if moment.assessable else tr("no longer assessable"))
    was = {name: levels for name, *levels in before.traits}
    for name, *levels in moment.traits:
        if name in was and was[name] != levels:
            old, new = (_level_words(*ends) for ends in (was[name], levels))
            parts.append(tr("{trait}: {old} → {new}").format(trait=name, old=old, new=new))
    parts += [tr(statuses[id]) for id in moment.status if id in statuses and id not in before.status]
    if before.stops != moment.stops:
        parts.append(tr("stops of the grade"))
    return tr("; ").join(parts) or tr("live status")


def _level_words(best: int, worst: int) -> str:
    lo, hi = (tr(LEVELS[level]) for level in (best, worst))
    return lo if best == worst else tr("{best} to {worst}").format(best=lo, worst=hi)


def _levels(moment: Moment) -> list[str]:
    return [str(best) if best == worst else f"{best}-{worst}" for _, best, worst in moment.traits]


def render_text(profile: Profile, told: Timeline, rulebook: Rulebook, *, colour: bool, width: int) -> str:
    """The days on which the verdict moved, for a terminal of `width` columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    console.print(Text(f"{profile.name} · {tr(words.KINDS[profile.kind])}", style="bold"))
    console.print(
        Text(
            (
                tr("1 day on which something became known: {first}")
                if len(told.days) == 1
                else tr("{count} days on which something became known, {first} to {last}; the verdict moved on {moved}")
            ).format(
                count=len(told.days),
                first=words.day(told.days[0]),
                last=words.day(told.days[-1]),
                moved=len(told.moments) - 1,
            )
        )
    )
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text(tr("Day")), no_wrap=True)
    table.add_column(Text(tr("Grade")), overflow="fold")
    for name, _, _ in told.moments[0].traits:
        table.add_column(Text(name), no_wrap=True)
    table.add_column(Text(tr("Moved by")), overflow="fold", ratio=1)
    shown: tuple[str, ...] = ()
    for moment in told.moments:
        moved = Text(moved_text(moment))
        for banner in rulebook.scheme.status:
            if banner.id in moment.status and banner.id not in shown:
                moved.append(f"\n{tr(banner.text)}", style="bold")
        shown = moment.status
        table.add_row(
            Text(words.day(moment.day)), Text(_grade(moment), style="bold"), *map(Text, _levels(moment)), moved
        )
    console.print(table)
    if told.moments[0].traits:
        console.print()
        note = tr("Traits: level at best - at worst; 0 absent, 1 structural, 2 aggravated, 3 present.")
        console.print(Text(note, style="dim"))
    return out.getvalue()


def render_json(profile: Profile, told: Timeline, rulebook: Rulebook, program: str) -> str:
    """The same as JSON text, with a newline at the end.

    Args:
        profile: The profile.
        told: Its verdict over time.
        rulebook: The packs.
        program: Version of the program.
    """
    page = {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": program},
        "platform": {"name": profile.name, "kind": profile.kind},
        "inputs": {
            "profile": {"sha256": profile.sha256},
            "packs": [{"id": p.id, "version": p.version, "sha256": p.sha256} for p in rulebook.packs.values()],
        },
        "days": [str(day) for day in told.days],
        "moments": [_moment(moment) for moment in told.moments],
    }
    return json.dumps(page, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _moment(moment: Moment) -> dict[str, Any]:
    best, worst = moment.best, moment.worst
    return {
        "day": str(moment.day),
        "best": best.name if best is not None else None,
        "worst": worst.name if worst is not None else None,
        "assessable": moment.assessable,
        "critical_known": round(moment.critical, 4),
        "pattern": {"best": moment.pattern[0], "worst": moment.pattern[1]},
        "traits": {name: {"best": low, "worst": high} for name, low, high in moment.traits},
        "stops": list(moment.stops),
        "status": list(moment.status),
        "new": list(moment.new),
        "moved_by": list(moment.moved_by),
        "grade_moved_by": list(moment.graded_by),
        "jointly": moment.jointly,
        "by_time": moment.by_time,
    }


# --------------------------------------------------------------------------------------------------------- the chart


@dataclass(frozen=True)
class _Span:
    """A time over which the verdict stood still: its rectangle, both lines, what it says."""

    left: float
    width: float
    top: float
    height: float
    best: float
    worst: float
    hatch: str
    title: str


@dataclass(frozen=True)
class _Tick:
    """A date on the axis."""

    x: float
    text: str


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(data_path("reports", "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["n"] = lambda number: f"{number:.2f}".rstrip("0").rstrip(".")
    return environment


def render_svg(profile: Profile, told: Timeline, until: date | None = None) -> str:
    """The chart of the grade over time as an SVG document; a kind without a grade has none to draw.

    Args:
        profile: The profile.
        told: Its verdict over time.
        until: Where the axis ends; None for the last day judged.
    """
    first = told.moments[0].day
    last = max(until or told.days[-1], told.days[-1], first + timedelta(1))
    days = (last - first).days

    def x(day: date) -> float:
        return _LEFT + (day - first).days / days * _WIDE

    def y(grade: Grade) -> float:
        return _TOP + (grade + 0.5) * _STEP

    spans: list[_Span] = []
    ends = [*(moment.day for moment in told.moments[1:]), last]
    for moment, end in zip(told.moments, ends, strict=True):
        if moment.best is not None and moment.worst is not None:
            best, worst = y(moment.best), y(moment.worst)
            title = tr("From {day}: {grade}").format(day=words.day(moment.day), grade=_grade(moment))
            spans.append(
                _Span(
                    x(moment.day),
                    x(end) - x(moment.day),
                    best - 7,
                    worst - best + 14,
                    best,
                    worst,
                    ""
                    if moment.assessable
                    else _hatch(x(moment.day), best - 7, x(end) - x(moment.day), worst - best + 14),
                    clean(f"{title}. {moved_text(moment)}"),
                )
            )
    name = clean(profile.name)
    name = name if len(name) <= _NAMED else name[: _NAMED - 1] + "…"
    return (
        _environment()
        .get_template("timeline.svg.j2")
        .render(
            language=spoken(),
            name=name,
            title=tr("{name}: the grade over time").format(name=name),
            description=_description(told, spans),
            width=_LEFT + _WIDE + 24,
            height=_TOP + len(Grade) * _STEP + _BELOW,
            left=_LEFT,
            right=_LEFT + _WIDE,
            top=_TOP,
            bottom=_TOP + len(Grade) * _STEP,
            step=_STEP,
            grades=[(grade.name, y(grade)) for grade in Grade],
            spans=spans,
            ticks=_ticks(first, last, x),
            legend_hatch=_hatch(310, -12, 36, 16),
            best_line=_line(spans, "best"),
            worst_line=_line(spans, "worst"),
            safest=tr("safest"),
            words={
                "best": tr("at best"),
                "worst": tr("at worst"),
                "hatched": tr("not enough is known to assess it"),
                "none": tr("This kind of platform gets no grade."),
            },
        )
        + "\n"
    )


def _line(spans: list[_Span], end: str) -> str:
    """A line of steps through one end of every span."""
    points: list[str] = []
    for span in spans:
        height = span.best if end == "best" else span.worst
        points += [f"{span.left:.2f},{height:.2f}", f"{span.left + span.width:.2f},{height:.2f}"]
    return " ".join(points)


def _hatch(left: float, top: float, width: float, height: float) -> str:
    """Diagonal lines over a rectangle, as a path."""
    parts: list[str] = []
    for offset in range(_HATCH, int(width + height) + 1, _HATCH):
        start, end = max(offset - height, 0.0), min(offset, width)
        if end > start:
            parts.append(f"M{left + start:.2f},{top + offset - start:.2f}L{left + end:.2f},{top + offset - end:.2f}")
    return "".join(parts)


def _ticks(first: date, last: date, x: Callable[[date], float]) -> list[_Tick]:
    """Dates on the axis: both ends, and the beginnings of years that fit between."""
    ticks = [_Tick(x(first), words.day(first))]
    for year in range(first.year + 1, last.year + 1):
        place = x(date(year, 1, 1))
        if place - ticks[-1].x >= _APART + (24 if len(ticks) == 1 else 0) and x(last) - place >= _APART + 24:
            ticks.append(_Tick(place, str(year)))
    if x(last) - ticks[-1].x >= _APART:
        ticks.append(_Tick(x(last), words.day(last)))
    return ticks


def _description(told: Timeline, spans: list[_Span]) -> str:
    if not spans:
        return tr("This kind of platform gets no grade.")
    steps = tr("; ").join(
        tr("{name}: {value}").format(name=words.day(moment.day), value=_grade(moment)) for moment in told.moments
    )
    return tr("The range from the best to the worst end of the grade, from the day on. {steps}.").format(steps=steps)
