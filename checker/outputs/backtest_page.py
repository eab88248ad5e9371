"""The back-test as a page: HTML that stands alone, and a tagged PDF of the same.

The charts are drawings of our own: for each platform the range of the grade over time, the letter that was certain as a
heavy line, the day on which the door shut as an upright. Text stays text, every drawing has a title and a description,
and weight and dashes tell apart what grey printing would mix up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from checker.assess.backtest import EVE, HORIZONS, AtHorizon, Backtest, Group, Reading, Share, Track
from checker.model.finding import Grade
from checker.outputs import backtest as told
from checker.outputs import faces, words
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.page import clean
from checker.outputs.pdf import _environment, _foot, _rendering, laid_out, sheet, written
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import CSS

__all__ = ["BacktestPage", "render_html", "render_pdf", "timeline"]

WIDTH, HEIGHT = 330.0, 118.0
LEFT, RIGHT, TOP, BOTTOM = 18.0, 12.0, 8.0, 20.0
LONGEST_DAYS = 1100
"""A chart begins at most so many days before its end; what came earlier is told in the tables."""
INK, SOFT, RULE, BAND, ALARM = "#17212e", "#5a6573", "#cdd4dd", "#dde2e9", "#8c1a1f"


@dataclass(frozen=True)
class Chart:
    """A drawing with the finding as its title."""

    track: Track
    title: str
    svg: Markup
    right: bool | None


@dataclass(frozen=True)
class Line:
    """A row of a table: a name, whether the checker was right, cells."""

    name: str
    right: bool | None
    word: str
    cells: tuple[tuple[str, bool], ...]
    note: str


class BacktestPage:
    """The back-test in the order and the words of the report.

    Args:
        result: What is rendered.
        rulebook: Where the wording of rules stands.
    """

    def __init__(self, result: Backtest, rulebook: Rulebook) -> None:
        self.result = result
        self.rulebook = rulebook

    @property
    def headline(self) -> str:
        """What was caught, missed and flagged falsely."""
        return told.headline(self.result)

    def figures(self) -> tuple[tuple[str, str, str], ...]:
        """The figures of the first page: label, figure, what it rests on."""
        eve, years = self.result.eve, self.result.alarm_years
        best = eve.ranking[0]
        found = [
            _figure(tr("Flagged the day before the door shut"), eve.failures.flagged),
            _figure(tr("Survivors flagged"), eve.survivors.flagged),
        ]
        lead = self.result.lead
        if lead.median is not None:
            found.append((tr("Median lead"), words.number(lead.median, "days"), told.lead_text(self.result)))
        if best.auc is not None:
            found.append((tr("Area under the curve"), f"{best.auc:.2f}", told.ranking_text(best)))
        if years.share is not None:
            found.append((tr("Survivors' time under a flag"), words.percent(years.share), told.years_text(self.result)))
        found.append(_figure(tr("Shocks caught whole"), self.result.clusters_caught))
        return tuple(found)

    def definitions(self) -> tuple[str, ...]:
        """What the words mean."""
        return tuple(tr(text) for text in told.DEFINITIONS.values())

    def limits(self) -> tuple[str, ...]:
        """What the back-test cannot show."""
        return tuple(tr(text) for text in told.LIMITS)

    def horizons(self) -> tuple[str, ...]:
        """The heads of the columns of days before."""
        return tuple(tr("{n} d").format(n=ahead) for ahead in HORIZONS)

    def failures(self) -> tuple[Line, ...]:
        """Platforms whose door shut: hits, then misses."""
        return tuple(self._failure(track) for track in told.ordered(self.result, Group.FAILURE))

    def _failure(self, track: Track) -> Line:
        marks = {mark.ahead: mark.whole for mark in track.marks}
        event = self.result.cases[track.profile].event
        day = words.day(event.day) if event is not None else ""
        eve = marks[EVE]
        cells = [(day, False), *((told.shown(marks[ahead]), marks[ahead].flagged) for ahead in HORIZONS)]
        cells += [
            (words.number(track.flagged.lead_days, "days") if track.flagged else tr("missed"), False),
            (words.percent(eve.critical), False),
            (told.codes(self.rulebook, eve.deciding, 3) if eve.flagged else "–", False),
        ]
        right = told.is_hit(self.result, track)
        return Line(track.name, right, tr("flagged") if right else tr("missed"), tuple(cells), "")

    def others(self, group: str) -> tuple[Line, ...]:
        """Platforms of another group, with the verdict on each day judged."""
        return tuple(self._other(track, Group(group)) for track in told.ordered(self.result, Group(group)))

    def _other(self, track: Track, group: Group) -> Line:
        case = self.result.cases[track.profile]
        marks = [mark for mark in track.marks if mark.ahead in (None, EVE)]
        flagged = [mark for mark in marks if mark.whole.flagged]
        days = tr(", ").join(
            tr("{name}: {value}").format(name=words.day(mark.day), value=told.shown(mark.whole)) for mark in marks
        )
        cells = (
            (tr(told.LABELS[case.label]), False),
            (days, bool(flagged)),
            (words.percent(marks[-1].whole.critical) if marks else "–", False),
            (told.codes(self.rulebook, flagged[-1].whole.deciding, 3) if flagged else "–", False),
        )
        right = None if group is Group.APART else told.is_hit(self.result, track)
        word = tr("no grade") if not track.graded else tr("flagged") if flagged else tr("quiet")
        return Line(track.name, right, word, cells, "")

    def wrong(self) -> tuple[tuple[str, str], ...]:
        """Misses and false alarms, each with what stood against a right verdict."""
        return tuple(
            (track.name, told.why(self.result, track, self.rulebook))
            for group in (Group.FAILURE, Group.SURVIVOR)
            for track in told.ordered(self.result, group)
            if not told.is_hit(self.result, track)
        )

    def counts(self) -> tuple[tuple[str, ...], ...]:
        """The table over the horizons."""
        return tuple(
            (
                str(at.ahead),
                told.share_text(at.failures.flagged),
                _exact(at),
                told.share_text(at.survivors.flagged),
                f"{at.failures.not_assessable.count} / {at.survivors.not_assessable.count}",
                f"{told._percent(at.failures.critical)} / {told._percent(at.survivors.critical)}",
                f"{at.ranking[0].auc:.2f} ± {at.ranking[0].error:.2f}" if at.ranking[0].auc is not None else "–",
            )
            for at in self.result.horizons
        )

    def readings(self) -> tuple[tuple[str, ...], ...]:
        """The eve under each reading."""
        return tuple(
            (
                tr(told.READING_NAMES[at.reading]),
                told.share_text(at.failures.flagged),
                told.share_text(at.survivors.flagged),
                words.listed(told.unflagged(self.result, at.reading), 20) or "–",
            )
            for at in (self.result.eve, *self.result.variants)
        )

    def statistics(self) -> tuple[str, ...]:
        """What the ranks and scores say."""
        result = self.result
        texts = [told.lead_text(result), told.clusters_text(result), told.years_text(result)]
        return (*texts, *map(told.ranking_text, result.eve.ranking), told.skill_text(result.eve))

    def rules(self) -> tuple[tuple[str, ...], ...]:
        """What each rule did that decided or failed on anyone."""
        active = [r for r in self.result.rules if r.failures.count or r.survivors.count]
        active.sort(key=lambda r: (-r.decided_failures, -r.failures.count, r.rule))
        rows: list[tuple[str, ...]] = []
        for record in active:
            rule = self.rulebook.rules.get(record.rule)
            rows.append(
                (
                    rule.code if rule else record.rule,
                    tr(rule.title) if rule else "",
                    str(record.decided_failures),
                    f"{record.failures.count}/{record.failures.of}",
                    f"{record.survivors.count}/{record.survivors.of}",
                    "–" if record.lead_days is None else words.number(record.lead_days, "days"),
                )
            )
        return tuple(rows)

    def rule_lists(self) -> tuple[str, ...]:
        """Rules that never decide, or only alarm falsely."""
        return tuple(
            text.format(codes=told.codes(self.rulebook, rules, 200) or tr("none"))
            for text, rules in told.rule_lists(self.result)
        )

    def meaning(self) -> tuple[tuple[str, ...], ...]:
        """What a verdict has meant."""
        rows = [(tr(told.CLASSES[row.name]), row) for row in self.result.classes]
        rows += [(tr("{grade} at best").format(grade=row.name), row) for row in self.result.best_ends]
        return tuple((name, told.share_text(row.closed), str(row.platforms)) for name, row in rows if row.closed.of)

    def unused(self) -> tuple[str, ...]:
        """Profiles without an outcome and outcomes without a profile."""
        found: list[str] = []
        if self.result.without_outcome:
            names = words.listed(list(self.result.without_outcome), 40)
            found.append(tr("Not used, because no outcome is told: {names}").format(names=names))
        if self.result.without_profile:
            names = words.listed(list(self.result.without_profile), 40)
            found.append(tr("Outcomes without a profile here: {names}").format(names=names))
        return tuple(found)

    def charts(self, group: str) -> tuple[Chart, ...]:
        """The timelines of a group; a kind without a grade has none."""
        tracks = [track for track in told.ordered(self.result, Group(group)) if track.graded and track.days]
        return tuple(self._chart(track) for track in tracks)

    def _chart(self, track: Track) -> Chart:
        group, case = self.result.group(track), self.result.cases[track.profile]
        event = case.event.day if case.event is not None and group is not Group.SURVIVOR else None
        title = f"{track.name}: {told.result_text(self.result, track)}"
        svg = timeline(track, event, title, self._description(track, event, case.shut))
        return Chart(track, title, svg, None if group is Group.APART else told.is_hit(self.result, track))

    def _description(self, track: Track, event: date | None, shut: bool) -> str:
        first, last = track.marks[0], track.marks[-1]
        text = tr("From {first} ({before}) to {last} ({after}).").format(
            first=words.day(first.day),
            before=told.span(first.whole.span),
            last=words.day(last.day),
            after=told.span(last.whole.span),
        )
        if event is None:
            return text
        end = tr("The door shut on {day}.") if shut else tr("The worst day was {day}.")
        return f"{text} {end.format(day=words.day(event))}"

    def outcomes(self) -> tuple[tuple[str, str, str, str, str], ...]:
        """What became of each platform, with its source."""
        rows: list[tuple[str, str, str, str, str]] = []
        for track in self.result.tracks:
            case = self.result.cases[track.profile]
            event = case.event or case.last_seen
            if event is not None:
                source = tr(", ").join((event.source.publisher, event.source.title))
                source += tr(" ({text})").format(text=words.day(event.source.date))
                text = f"{tr(event.what).rstrip('.。')}{tr('. ')}{source}"
                day = words.day(event.day)
                rows.append((track.name, tr(told.LABELS[case.label]), day, text, event.source.url))
        return tuple(rows)


def _figure(label: str, share: Share) -> tuple[str, str, str]:
    return label, tr("{count} of {of}").format(count=share.count, of=share.of), told.share_text(share)


def _exact(at: AtHorizon) -> str:
    ends = at.failures.flagged.clopper_pearson
    return "–" if ends is None else f"{told._percent(ends[0])} – {told._percent(ends[1])}"


# ------------------------------------------------------------------------------------------------------------ drawing


def timeline(track: Track, event: date | None, title: str, description: str) -> Markup:
    """The range of a grade over time.

    Args:
        track: The platform; its verdicts are steps that stand until the next one.
        event: The day on which the door shut, drawn as an upright.
        title: The finding, read out in place of the drawing.
        description: First and last range, for whoever cannot see it.
    """
    end = event or max(day for day, _ in track.days)
    start = max(min(day for day, _ in track.days), end - timedelta(LONGEST_DAYS))
    start = min(start, end - timedelta(30))
    steps = _steps(track.days, start, end)
    length = max(1, (end - start).days)

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - start).days / length

    def y(grade: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * grade / len(Grade)

    parts: list[str] = []
    for grade in Grade:
        middle = y(grade + 0.5)
        parts.append(f'<text x="4" y="{middle + 3:.1f}" font-size="8.5" fill="{INK}">{grade.name}</text>')
        parts.append(_rule(LEFT, y(grade), WIDTH - RIGHT, y(grade), RULE, 0.4))
    for first, last, reading in steps:
        if reading.best is None or reading.worst is None:
            continue
        left, wide = x(first), max(0.6, x(last) - x(first))
        top, tall = y(reading.best), y(reading.worst + 1) - y(reading.best)
        fill = BAND if reading.assessable else "#f3f5f8"
        parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{fill}"/>')
    parts.append(_rule(LEFT, y(Grade.D), WIDTH - RIGHT, y(Grade.D), INK, 0.7, "1.5 2"))
    for first, last, reading in steps:
        if reading.best is not None:
            colour, weight = (ALARM, 3.0) if reading.flagged else (INK, 1.4)
            dashes = "" if reading.assessable else "3 2"
            height = y(reading.best) + (1.5 if reading.flagged else 0.7)
            shown = min(x(first), x(last) - (4.0 if reading.flagged else 0.8))
            parts.append(_rule(shown, height, x(last), height, colour, weight, dashes))
    for day in _years(start, end):
        parts.append(_rule(x(day), HEIGHT - BOTTOM, x(day), HEIGHT - BOTTOM + 3, SOFT, 0.6))
        if LEFT + 8 < x(day) < WIDTH - RIGHT - 58:
            parts.append(_text(x(day), HEIGHT - 7, str(day.year), SOFT, "middle"))
    if event is not None:
        parts.append(_rule(x(event), TOP - 4, x(event), HEIGHT - BOTTOM, INK, 1.6))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 7, end.isoformat(), INK, "end"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" class="timeline"'
    named = f"><title>{escape(clean(title))}</title><desc>{escape(clean(description))}</desc>"
    return Markup(head + named + "".join(parts) + "</svg>")


def _steps(days: Sequence[tuple[date, Reading]], start: date, end: date) -> list[tuple[date, date, Reading]]:
    """Verdicts with the days between which they stood, equal neighbours joined, cut at the start."""
    found: list[tuple[date, date, Reading]] = []
    for index, (day, reading) in enumerate(days):
        until = days[index + 1][0] if index + 1 < len(days) else end
        if until <= start or day > end:
            continue
        first = max(day, start)
        if found and (found[-1][2].span, found[-1][2].assessable) == (reading.span, reading.assessable):
            found[-1] = (found[-1][0], min(until, end), reading)
        else:
            found.append((first, min(until, end), reading))
    return found


def _years(start: date, end: date) -> list[date]:
    return [day for year in range(start.year, end.year + 1) if start <= (day := date(year, 1, 1)) <= end]


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="8" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


# ---------------------------------------------------------------------------------------------------------- rendering


def _css() -> str:
    return data_path("reports", "styles", "backtest.css").read_text(encoding="utf-8")


@cache
def _print_style(language: str) -> CSS:
    with speaking(language):
        return sheet(_foot())


def render_html(result: Backtest, rulebook: Rulebook, language: str = "en") -> str:
    """The report as one HTML file that needs nothing else.

    Args:
        result: What is rendered.
        rulebook: Where the wording of rules stands.
        language: Language of everything but sources' own words.

    Raises:
        ValueError: There is no report in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no report in {language!r}; there is {', '.join(LANGUAGES)}")
    template = _environment().get_template("backtest.html.j2")
    with speaking(language):
        page = BacktestPage(result, rulebook)
        return template.render(page=page, r=result, language=language, style=Markup(_css() + faces.style(language)))


def render_pdf(result: Backtest, rulebook: Rulebook, language: str = "en") -> bytes:
    """The report as a tagged PDF (PDF/UA-1); see `render_html`.

    Raises:
        OSError: Pango is missing.
    """
    with _rendering:
        html = faces.punctuated(render_html(result, rulebook, language), language)
        return written(laid_out(html, [_print_style(language)]))
