"""The portfolio report: a batch as a page for print and as one file for a browser, from one template.

First what the set looks like, then every platform on its own facts, then what moved, what fails most often, what to ask
first and what could not be read. What is counted over the set is marked so: a count changes no grade. Tables are
limited, and say so; everything else stands in the table of results.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from checker.assess.portfolio import BatchRow, Day, Direction, Distribution, Heat, History, Move, Portfolio
from checker.model.errors import Fault
from checker.model.finding import Grade
from checker.outputs import faces, words
from checker.outputs import portfolio_charts as drawn
from checker.outputs.charts.reading import joined
from checker.outputs.language import LANGUAGES, mark, speaking, tr
from checker.outputs.overview import CAUSES, DIRECTIONS
from checker.outputs.page import shortened
from checker.outputs.pdf import PAPERS, _environment, _rendering, _style, laid_out, sheet, written
from checker.outputs.portfolio_charts import Picture
from checker.packs.meaning import VerdictClass
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import Document

__all__ = ["About", "Board", "render_html", "render_pdf"]

BEST_SHOWN, WORST_SHOWN = 100, 60
"""Platforms of a long league table that stand at its head and at its foot."""
THIN_SHOWN = 30
MOVES_SHOWN = 40
NAMES_SHOWN = 30
RULES_SHOWN = 15
RULES_NAMED = 4
FACTS_SHOWN = 15
FACTS_FIRST = 5
FAULTS_SHOWN = 40
GRID_ROWS, GRID_CUTS = 60, 24
LISTED = 600
"""Up to so many platforms, the appendix names each."""
LONGEST_NAME, LONGEST_TEXT = 160, 400
"""Characters of a name, and of what is told of a fault; the results have them whole."""
MARKS = {
    Direction.WORSE: "▼",
    Direction.BETTER: "▲",
    Direction.WIDER: "↕",
    Direction.NARROWER: "↔",
    Direction.SAME: "•",
}
"""The sign of each way in which a range moves."""
LEVELS = (mark("absent"), mark("structural"), mark("aggravated"), mark("present"))


@dataclass(frozen=True)
class About:
    """What the report says about the run, which the portfolio does not hold.

    Attributes:
        version: Version of the program.
        parameters: `latest`, or `as-of` for thresholds as in force on the day judged.
        changed: Thresholds that the user changed, with their values.
        results: Names of the tables of results, as the reader finds them.
        errors: Name of the file with every fault.
        starters: The facts with which a profile begins.
    """

    version: str
    parameters: str = "latest"
    changed: Mapping[str, object] = field(default_factory=dict)
    results: tuple[str, ...] = ("results.csv",)
    errors: str = "errors.jsonl"
    starters: Collection[str] = ()


@dataclass(frozen=True)
class Bar:
    """A trait of a platform: steps that are certain, only possible or absent, and the levels as text."""

    trait: str
    steps: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Line:
    """A platform in the league table."""

    place: int
    name: str
    link: Markup
    kind: str
    span: str
    cells: tuple[tuple[str, str], ...]
    traits: tuple[Bar, ...]
    known: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class HeatCell:
    """How many platforms of a kind surely, and perhaps, have a trait; shade 0 to 4 by how many surely do."""

    sure: int
    possible: int
    of: int
    shade: int


@dataclass(frozen=True)
class MoveLine:
    """What moved, and why."""

    sign: str
    word: str
    name: str
    days: str
    before: str
    now: str
    why: str
    details: tuple[str, ...]


class Board:
    """A portfolio in the order and the words of the report.

    Args:
        told: What is rendered.
        rulebook: Where the wording of rules and facts stands.
        about: What the report says about the run.
        linked: Whether names lead to the reports on single platforms that lie in the same folder.
    """

    def __init__(self, told: Portfolio, rulebook: Rulebook, about: About, *, linked: bool = False) -> None:
        self.told = told
        self.rulebook = rulebook
        self.about = about
        self.linked = linked

    # -- what it is about

    @property
    def spread(self) -> Distribution:
        """How the verdicts are spread."""
        return self.told.distribution

    @property
    def assessable(self) -> int:
        """Platforms with a grade and enough known behind it."""
        return self.spread.total - self.spread.not_assessable - self.spread.findings_only

    @cached_property
    def _days(self) -> tuple[str, str]:
        """The first and the last day of which a platform is told here."""
        days = [row.as_of for row in self.told.league] or [""]
        return min(days), max(days)

    @property
    def last_day(self) -> str:
        """The last day known by."""
        return max((day.known_by for day in self.told.days), default="")

    @property
    def headline(self) -> str:
        """How many could be assessed, and of how many the worse half of the scale is certain."""
        platforms, flagged = self.told.platforms, self.spread.classes.get(VerdictClass.FLAGGED, 0)
        if not platforms:
            return tr("No platform could be read")
        if platforms == 1:
            text = (
                tr("The one platform cannot be assessed on what is known")
                if not self.assessable
                else tr("The one platform can be assessed; it is certainly D or worse")
                if flagged
                else tr("The one platform can be assessed; it is not certainly D or worse")
            )
        elif not self.assessable:
            text = tr("None of {platforms} platforms can be assessed on what is known")
        elif flagged == self.assessable > 1:
            text = tr("{count} of {platforms} platforms can be assessed; all of these are certainly D or worse")
        elif flagged:
            text = tr("{count} of {platforms} platforms can be assessed, {flagged} of them certainly D or worse")
        else:
            text = tr("{count} of {platforms} platforms can be assessed; none of these is certainly D or worse")
        return text.format(count=f"{self.assessable:,}", platforms=f"{platforms:,}", flagged=f"{flagged:,}")

    @property
    def cut(self) -> str:
        """The cut in words, and for whom."""
        known = {row.known_by for row in self.told.league}
        if len(known) > 1:
            text = tr("each platform as known by its own last day, {first} to {last}").format(
                first=words.day(min(known)), last=words.day(max(known))
            )
        else:
            text = tr("as known by {day}").format(day=words.day(self.last_day))
        readers = {row.reader for row in self.told.league if row.reader}
        return tr("{cut}, for {reader}").format(cut=text, reader=readers.pop()) if len(readers) == 1 else text

    @property
    def not_today(self) -> str:
        """That nothing here is a statement on the day of reading."""
        first, last = self._days
        if first != last:
            text = tr("States of {first} to {last}, each platform at its own last day: not a statement on today.")
            return text.format(first=words.day(first), last=words.day(last))
        return tr("As of {day}: not a statement on today.").format(day=words.day(last))

    def changed(self) -> tuple[str, ...]:
        """What was changed in the packs for this run."""
        text = tr("Changed: {name} = {value}")
        found = [text.format(name=name, value=value) for name, value in sorted(self.about.changed.items())]
        if self.about.parameters == "as-of":
            found.append(tr("Thresholds as of each day."))
        return tuple(found)

    def figures(self) -> tuple[tuple[str, str, str], ...]:
        """The figures of the first page: label, figure, what it means."""
        told, spread = self.told, self.spread
        single = sum(spread.certain(grade) for grade in Grade)
        return (
            (tr("Platforms"), f"{told.platforms:,}", self._rows_text()),
            (tr("Assessable"), f"{self.assessable:,}", self._left_text()),
            (tr("One letter certain"), f"{single:,}", tr("both ends of the range agree")),
            (tr("With a stop"), f"{told.stopped:,}", tr("it limits the grade, whatever else is known")),
            (
                tr("Critical facts known or settled"),
                words.percent(told.critical.mean) if told.platforms else "–",
                tr("mean over the platforms; of all facts {share}").format(share=words.percent(told.coverage.mean)),
            ),
            (tr("Could not be read"), f"{told.unread:,}", tr("files or rows with a fault; in no count here")),
        )

    def _rows_text(self) -> str:
        kinds = tr("kinds: {count}").format(count=len(self.told.kinds))
        if len(self.told.days) <= 1:
            return kinds
        days = tr("judged on {days} days, {rows} verdicts").format(days=len(self.told.days), rows=f"{self.told.rows:,}")
        return kinds + tr("; ") + days

    def _left_text(self) -> str:
        parts = [tr("not assessable: {count}").format(count=f"{self.spread.not_assessable:,}")]
        if self.spread.findings_only:
            parts.append(tr("findings only: {count}").format(count=f"{self.spread.findings_only:,}"))
        return tr("; ").join(parts)

    # -- what is certain

    def certain(self) -> tuple[str, ...]:
        """What no missing fact can change, over the set."""
        found: list[str] = []
        counts = [
            (tr("Certainly D or worse: {count}."), VerdictClass.FLAGGED),
            (tr("Certainly C or better: {count}."), VerdictClass.CLEARED),
        ]
        for text, name in counts:
            if self.assessable:
                found.append(text.format(count=_of(self.spread.classes.get(name, 0), self.assessable)))
        for heat in self._heat(""):
            if heat.best[3]:
                found.append(
                    tr("{trait} ({id}) is surely present: {count}.").format(
                        trait=self._trait(heat.trait), id=heat.trait, count=_of(heat.best[3], sum(heat.best))
                    )
                )
        for id, count in self.told.statuses:
            found.append(
                tr("Live status, apart from the grade: {text}: {count}.").format(
                    text=words.in_sentence(self._status(id)), count=_of(count, self.told.platforms)
                )
            )
        return tuple(found)

    def why_not(self) -> str:
        """Why platforms are not assessable; empty where all are."""
        count = self.spread.not_assessable
        if not count:
            return ""
        limit = self.rulebook.scheme.not_assessable
        text = tr(
            "Not assessable: {count}. Of the facts that critical rules ask of each of them, more than {share} were "
            "never looked at, and what is known does not force a grade worse than {grade}. That says nothing against a "
            "platform: it says what is still to be asked. Where little is known, only a bad verdict can be certain; so "
            "the share of bad verdicts in a set of thin profiles says nothing about its platforms as a whole."
        )
        return text.format(
            count=_of(count, self.told.platforms),
            share=words.percent(limit.critical_not_examined_above),
            grade=limit.best_at_least,
        )

    def holding_up(self) -> tuple[tuple[str, str], ...]:
        """What to ask first of platforms that are not assessable: the question, and how many wait for its answer."""
        starters = self.about.starters
        ranked = sorted(self.told.unknowns, key=lambda f: (f.fact not in starters, -f.not_assessable, -f.rules))
        return tuple(
            (self._ask(f.fact), _of(f.not_assessable, self.spread.not_assessable))
            for f in ranked[:FACTS_FIRST]
            if f.not_assessable
        )

    def pictures(self) -> tuple[Picture, ...]:
        """The drawings of the first page; where no platform is assessable they show what is known."""
        if self.assessable:
            return drawn.classes(self.spread), drawn.ends(self.spread)
        found = [self._known()] if sum(map(bool, self.told.critical.tenths)) > 1 else []
        return (*found, *self._sections())

    def _sections(self) -> tuple[Picture, ...]:
        return (drawn.sections(self.told.sections),) if self.told.sections else ()

    def _known(self) -> Picture:
        return drawn.known(self.told.critical, self.told.platforms)

    # -- platform by platform

    @cached_property
    def traits(self) -> tuple[tuple[str, str], ...]:
        """The traits of the platforms here: id and name."""
        ids = sorted({trait.id for row in self.told.league for trait in row.traits})
        return tuple((id, self._trait(id)) for id in ids)

    @cached_property
    def _moves(self) -> Mapping[str, Move]:
        """The last move of each platform that ends at its latest cut."""
        found = self.told.movers if self.told.since else self.told.steps
        latest = {row.id: row.cut for row in self.told.league}
        return {move.now.id: move for move in found if latest.get(move.now.id) == move.now.cut}

    @property
    def moving(self) -> bool:
        """Whether anything can have moved: there was an earlier run, or there are several cuts."""
        return bool(self.told.since) or len(self.told.days) > 1

    @cached_property
    def _assessable(self) -> tuple[BatchRow, ...]:
        return tuple(row for row in self.told.league if row.assessable and row.best is not None)

    def league(self) -> tuple[Line, ...]:
        """The assessable platforms at the head of the ranking."""
        rows = self._assessable
        head = rows if len(rows) <= BEST_SHOWN + WORST_SHOWN else rows[:BEST_SHOWN]
        return tuple(self._line(place, row) for place, row in enumerate(head, 1))

    def foot(self) -> tuple[Line, ...]:
        """The platforms at the foot of a long ranking; none where the head holds all, or the foot is not kept."""
        rows = self._assessable
        if len(rows) <= BEST_SHOWN + WORST_SHOWN or len(rows) < self.assessable:
            return ()
        first = len(rows) - WORST_SHOWN
        return tuple(self._line(place, row) for place, row in enumerate(rows[first:], first + 1))

    @property
    def league_note(self) -> str:
        """How many of the assessable platforms stand in the league table, where not all do."""
        shown = len(self.league()) + len(self.foot())
        if shown == self.assessable:
            return ""
        text = tr("{shown} of {count} stand here; the others are counted by kind below and stand in {files}.")
        return text.format(shown=f"{shown:,}", count=f"{self.assessable:,}", files=self._files)

    def thin(self) -> tuple[Line, ...]:
        """Platforms that are not assessable, those of which most is known first.

        Of many only those stand here of which the facts exclude anything: lines that are all alike tell nothing.
        """
        rows = self._thin if self.spread.not_assessable <= THIN_SHOWN else filter(_excludes, self._thin)
        return tuple(self._line(place, row, thin=True) for place, row in enumerate(islice(rows, THIN_SHOWN), 1))

    @cached_property
    def _thin(self) -> tuple[BatchRow, ...]:
        return tuple(row for row in self.told.league if not row.assessable and row.best is not None)

    @property
    def thin_note(self) -> str:
        """How many of the platforms that are not assessable stand here, where not all do."""
        shown, count = len(self.thin()), self.spread.not_assessable
        if shown == count:
            return ""
        telling = sum(map(_excludes, self._thin))
        if not telling and len(self._thin) == count:
            text = tr(
                "What is known of these {count} platforms leaves every grade and every level of the traits possible. "
                "They are counted by kind below; each stands in {files}."
            )
        elif telling > shown or len(self._thin) < count:
            text = tr(
                "The {shown} of which most is known, equals by name; {count} in all, by kind below, each in {files}."
            )
        else:
            text = tr(
                "The {shown} of {count} of which the facts exclude a grade or a level; of the others they exclude "
                "nothing. Each stands in {files}."
            )
        return text.format(shown=f"{shown:,}", count=f"{count:,}", files=self._files)

    def ungraded(self) -> str:
        """The platforms of kinds that get findings only."""
        names = [_name(row) for row in self.told.league if row.best is None]
        return words.listed(names, NAMES_SHOWN)

    def _line(self, place: int, row: BatchRow, *, thin: bool = False) -> Line:
        moved = self._moves.get(row.id)
        remarks: list[str] = []
        if moved is not None and moved.direction is not Direction.SAME:
            remarks.append(f"{MARKS[moved.direction]} {tr(DIRECTIONS[moved.direction])}")
        remarks += [tr("stop")] if row.stops else []
        remarks += [words.in_sentence(self._status(id)) for id in row.status]
        return Line(
            place,
            _name(row),
            Markup(quote(row.report, errors="surrogateescape")) if self.linked and row.report else Markup(),
            _kind(row.kind),
            words.span(row.best, row.worst) if thin else _span(row),
            tuple(_scale(row)),
            tuple(_bar(row, id) for id, _ in self.traits),
            words.percent(row.coverage_critical),
            tuple(remarks),
        )

    # -- over the set

    def kinds(self) -> tuple[tuple[str, Distribution], ...]:
        """How the verdicts are spread by kind."""
        return tuple((_kind(kind), spread) for kind, spread in self.told.kinds)

    def kind_columns(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The columns of the table by kind that count any platform, each with its count for every kind."""
        spreads = [spread for _, spread in self.told.kinds]
        found = [(tr(name), [spread.classes.get(key, 0) for spread in spreads]) for key, name in drawn.CLASSES.items()]
        found.append((tr("findings only"), [spread.findings_only for spread in spreads]))
        return tuple((name, tuple(counts)) for name, counts in found if any(counts))

    def _heat(self, kind: str) -> tuple[Heat, ...]:
        return tuple(heat for heat in self.told.heat if heat.kind == kind)

    def heat(self) -> tuple[tuple[str, tuple[HeatCell | None, ...]], ...]:
        """Kinds by traits: how many platforms surely, and perhaps, have the trait."""
        names = [("", tr("all kinds")), *((kind, _kind(kind)) for kind, _ in self.told.kinds)]
        rows: list[tuple[str, tuple[HeatCell | None, ...]]] = []
        for kind, name in names:
            by_trait = {heat.trait: heat for heat in self._heat(kind)}
            if by_trait:
                rows.append((name, tuple(_heat_cell(by_trait.get(id)) for id, _ in self.traits)))
        return tuple(rows)

    def levels(self) -> tuple[tuple[str, str, tuple[tuple[int, int], ...]], ...]:
        """Every trait with the platforms at each level, at best and at worst."""
        return tuple(
            (heat.trait, self._trait(heat.trait), tuple(zip(heat.best, heat.worst, strict=True)))
            for heat in self._heat("")
        )

    def level_names(self) -> tuple[str, ...]:
        """The levels of a trait."""
        return tuple(tr(name) for name in LEVELS)

    def failing(self) -> tuple[tuple[str, str, int, int, int, int, int], ...]:
        """The rules that most platforms fail: code, title, counts."""
        rows: list[tuple[str, str, int, int, int, int, int]] = []
        for count in [count for count in self.told.rules if count.fails][:RULES_SHOWN]:
            rows.append(
                (*self._rule(count.rule), count.fails, count.warns, count.passes, count.open, count.not_applicable)
            )
        return tuple(rows)

    def coverage(self) -> tuple[Picture, ...]:
        """The drawings of what is known; none where the first page has them."""
        return (self._known(), *self._sections()) if self.assessable else ()

    def asks(self) -> tuple[tuple[str, str, str, int, bool], ...]:
        """The facts that hold up most platforms: question, name, how many, rules held open, begins a profile."""
        return tuple(
            (self._ask(f.fact), f.fact, _of(f.platforms, self.told.platforms), f.rules, f.fact in self.about.starters)
            for f in self.told.unknowns[:FACTS_SHOWN]
        )

    # -- what moved

    @property
    def moves_title(self) -> str:
        """Since when, and how many moved."""
        told = self.told
        if told.since:
            text = tr("Moved since the last run (known by {day}): {count}")
            return text.format(day=words.day(told.since), count=f"{told.moved:,}")
        return tr("Moves from one cut to the next: {count}").format(count=f"{told.stepped:,}")

    def moves(self) -> tuple[MoveLine, ...]:
        """What moved, the gravest first."""
        found = self.told.movers if self.told.since else self.told.steps
        return tuple(self._move(move) for move in found[:MOVES_SHOWN])

    @property
    def moves_left(self) -> int:
        """Moves that stand in no table here."""
        count = self.told.moved if self.told.since else self.told.stepped
        return count - len(self.moves())

    def _move(self, move: Move) -> MoveLine:
        before, now = move.before, move.now
        return MoveLine(
            MARKS[move.direction],
            tr(DIRECTIONS[move.direction]),
            _name(now),
            f"{words.day(before.known_by)} → {words.day(now.known_by)}" if before.cut != now.cut else "",
            _span(before),
            _span(now),
            words.listed([tr(CAUSES[cause]) for cause in move.causes]),
            tuple(self._details(move)),
        )

    def _details(self, move: Move) -> Iterable[str]:
        """What else is other than before: live status, stops, traits, rules that surely fail."""
        before, now = move.before, move.now
        for text, ids in (
            (tr("Live status: {names}."), [id for id in now.status if id not in before.status]),
            (tr("No longer: {names}."), [id for id in before.status if id not in now.status]),
        ):
            if ids:
                yield text.format(names=tr("; ").join(words.in_sentence(self._status(id)) for id in ids))
        levels = [f"{new.id} {_levels(old)} → {_levels(new)}" for old, new in move.traits if old and new]
        if levels:
            yield tr(", ").join(levels) + tr(".")
        for text, rules in (
            (tr("New stop: {rules}."), sorted({*now.stops} - {*before.stops})),
            (tr("No longer a stop: {rules}."), sorted({*before.stops} - {*now.stops})),
            (tr("Now fails: {rules}."), move.failing),
            (tr("No longer fails: {rules}."), move.no_longer_failing),
        ):
            if rules:
                yield text.format(rules=self._named(rules))

    def _named(self, rules: Sequence[str]) -> str:
        """Rules by code and title; of many the first."""
        named = [" ".join(filter(None, self._rule(rule))) for rule in rules[:RULES_NAMED]]
        if len(rules) > RULES_NAMED:
            named.append(tr("and {count} more").format(count=len(rules) - RULES_NAMED))
        return tr("; ").join(named)

    def come_and_gone(self) -> tuple[str, ...]:
        """Platforms that only one of the two runs has."""
        found = []
        for text, ids in (
            (tr("New: {names}"), list(self.told.new)),
            (tr("No longer here: {names}"), list(self.told.gone)),
        ):
            if ids:
                found.append(text.format(names=words.listed([shortened(id, LONGEST_NAME) for id in ids], NAMES_SHOWN)))
        return tuple(found)

    def days(self) -> tuple[tuple[str, Distribution, int, int, int], ...]:
        """Every cut: its spread, and how many moved for the worse, for the better, otherwise."""
        return tuple(_day(day) for day in self.told.days)

    @cached_property
    def grid_days(self) -> tuple[tuple[str, str], ...]:
        """The cuts of the grid."""
        return tuple((day.known_by, day.as_of) for day in self.told.days[-GRID_CUTS:])

    def grid_heads(self) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        """The heads of the grid: year, how many cuts, each as month, or month and day where two share one."""
        years: dict[str, list[str]] = {}
        for known_by, _ in self.grid_days:
            years.setdefault(known_by[:4], []).append(known_by[5:])
        short = all(len({day[:2] for day in days}) == len(days) for days in years.values())
        return tuple(
            (year, len(days), tuple(day[:2] if short else day for day in days)) for year, days in years.items()
        )

    def grid(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Platforms by cuts: the range of the grade at each, shaded by its best end."""
        return tuple((_name(history.row), self._cells(history)) for history in self.told.histories[:GRID_ROWS])

    def _cells(self, history: History) -> tuple[tuple[str, str], ...]:
        by_cut = {(ends.known_by, ends.as_of): ends for ends in history.ends}
        cells: list[tuple[str, str]] = []
        for cut in self.grid_days:
            ends = by_cut.get(cut)
            if ends is None or ends.best is None or ends.worst is None:
                cells.append(("", "·"))
            elif not ends.assessable:
                cells.append(("thin", "?"))
            else:
                text = ends.best.name if ends.best is ends.worst else f"{ends.best.name}–{ends.worst.name}"
                cells.append((f"g{int(ends.best)}", text))
        return tuple(cells)

    @property
    def grid_note(self) -> str:
        """What of the grid is left out."""
        rows, platforms = len(self.grid()), self.told.platforms - self.spread.findings_only
        found = []
        if rows < platforms:
            found.append(
                tr("The first {rows} of {platforms} in the ranking.").format(rows=rows, platforms=f"{platforms:,}")
            )
        if len(self.grid_days) < len(self.told.days):
            text = tr("The last {cuts} of {all_cuts} cuts.")
            found.append(text.format(cuts=len(self.grid_days), all_cuts=len(self.told.days)))
        return joined(*found)

    # -- what could not be read, and everything

    def faults(self) -> tuple[tuple[str, ...], ...]:
        """What could not be read: place, what is wrong, what helps."""
        return tuple(
            tuple(shortened(text, LONGEST_TEXT) for text in (_place(fault), fault.message, fault.hint))
            for fault in self.told.unreadable[:FAULTS_SHOWN]
        )

    @property
    def faults_left(self) -> bool:
        """Whether there are more faults than stand here."""
        return len(self.told.unreadable) > FAULTS_SHOWN

    def everyone(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Every platform by kind, in order of its name, with its range; none where there are too many to name."""
        if self.told.platforms > LISTED:
            return ()
        found: dict[str, list[tuple[str, str]]] = {kind: [] for kind, _ in self.told.kinds}
        for row in sorted(self.told.league, key=lambda row: (row.name.casefold(), row.id)):
            span = "–" if row.best is None else words.span(row.best, row.worst)
            found[row.kind].append((_name(row), span if row.assessable or row.best is None else f"{span} ?"))
        return tuple((_kind(kind), tuple(rows)) for kind, rows in found.items())

    @property
    def everyone_note(self) -> str:
        """Where every platform stands."""
        if self.told.platforms > LISTED:
            text = tr("{count} platforms are more than the {most} that are named here; each stands in {files}.")
            return text.format(count=f"{self.told.platforms:,}", most=LISTED, files=self._files)
        text = tr(
            "Each with all its figures in {files}. A question mark: not assessable; a dash: no grade for its kind."
        )
        return text.format(files=self._files)

    def versions(self) -> str:
        """The packs with their versions and digests."""
        packs = [f"{pack.id} {pack.version} ({pack.sha256[:12]})" for pack in self.rulebook.packs.values()]
        return " · ".join([f"ddcheck {self.about.version}", *packs])

    # -- words

    @property
    def _files(self) -> str:
        return words.listed(list(self.about.results))

    def _trait(self, id: str) -> str:
        trait = self.rulebook.scheme.traits.get(id)
        return tr(trait.name) if trait else id

    def _status(self, id: str) -> str:
        return next((tr(banner.text) for banner in self.rulebook.scheme.status if banner.id == id), id)

    def _rule(self, id: str) -> tuple[str, str]:
        rule = self.rulebook.rules.get(id)
        return (rule.code, tr(rule.title)) if rule else (id, "")

    def _ask(self, fact: str) -> str:
        return tr(self.rulebook.dictionary[fact].ask) if fact in self.rulebook.dictionary else words.fact_name(fact)


def _excludes(row: BatchRow) -> bool:
    """Whether what is known of a platform excludes any grade, or any level of a trait, or tells a stop or a status."""
    open_grade = (row.best, row.worst) == (min(Grade), max(Grade))
    open_traits = all((trait.best, trait.worst) == (0, len(LEVELS) - 1) for trait in row.traits)
    return not (open_grade and open_traits) or bool(row.stops or row.status)


def _of(count: int, of: int) -> str:
    """A count of a whole.

    >>> _of(3, 1200)
    '3 of 1,200'
    """
    return tr("{count} of {of}").format(count=f"{count:,}", of=f"{of:,}")


def _name(row: BatchRow) -> str:
    return shortened(row.name, LONGEST_NAME)


def _kind(kind: str) -> str:
    return tr(words.KINDS.get(kind, kind))


def _span(row: BatchRow) -> str:
    text = words.span(row.best, row.worst)
    return text if row.assessable or row.best is None else tr("{grade}, not assessable").format(grade=text)


def _scale(row: BatchRow) -> Iterable[tuple[str, str]]:
    """The letters with how they stand: certain, possible, hazy where it is not assessable, or out."""
    if row.best is None or row.worst is None:
        return
    for grade in Grade:
        if not row.best <= grade <= row.worst:
            yield grade.name, "out"
        elif not row.assessable:
            yield grade.name, "hazy"
        else:
            yield grade.name, "sure" if row.best is row.worst else "maybe"


def _levels(trait: tuple[str, int, int]) -> str:
    _, best, worst = trait
    return str(best) if best == worst else f"{best}–{worst}"


def _bar(row: BatchRow, id: str) -> Bar:
    trait = next((trait for trait in row.traits if trait.id == id), None)
    if trait is None:
        return Bar(id, (), "–")
    steps = ["sure" if step <= trait.best else "maybe" if step <= trait.worst else "out" for step in (1, 2, 3)]
    return Bar(id, tuple(steps), _levels(trait))


def _heat_cell(heat: Heat | None) -> HeatCell | None:
    if heat is None:
        return None
    of, sure = sum(heat.best), heat.best[3]
    shade = 0 if not sure else min(1 + int(4 * sure / of * 0.9999), 4)
    return HeatCell(sure, heat.worst[3] - sure, of, shade)


def _day(day: Day) -> tuple[str, Distribution, int, int, int]:
    worse, better = day.moves.get(Direction.WORSE, 0), day.moves.get(Direction.BETTER, 0)
    name = words.day(day.known_by)
    if day.as_of != day.known_by:
        name = tr("state of {as_of}, as known by {known_by}").format(as_of=words.day(day.as_of), known_by=name)
    return name, day.distribution, worse, better, sum(day.moves.values()) - worse - better


def _place(fault: Fault) -> str:
    parts: Sequence[object] = [fault.file, fault.line, fault.column]
    place = ":".join(str(part) for part in parts if part is not None)
    return f"{place} {fault.key}".rstrip() if fault.key else place


# ---------------------------------------------------------------------------------------------------------- rendering


def _markup(
    told: Portfolio, rulebook: Rulebook, about: About, language: str, *, screen: str = "", linked: bool = False
) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"no portfolio report in {language!r}; there is {', '.join(LANGUAGES)}")
    with speaking(language):
        board = Board(told, rulebook, about, linked=linked)
        template = _environment().get_template("portfolio.html.j2")
        shown = {"board": board, "told": told, "about": about, "language": language, "screen": screen}
        return template.render(shown, joined=joined)


def _own_style() -> str:
    return data_path("reports", "styles", "portfolio.css").read_text(encoding="utf-8")


def render_html(
    told: Portfolio, rulebook: Rulebook, about: About, language: str = "en", *, linked: bool = False
) -> str:
    """The report as one file for a browser; it loads nothing and runs nothing.

    Args:
        told: What is rendered.
        rulebook: Where the wording of rules and facts stands.
        about: What the report says about the run.
        language: Language of everything but names.
        linked: Whether names lead to the reports on single platforms, by their paths from the folder of the results.

    Raises:
        ValueError: There is no report in this language.
    """
    style = data_path("reports", "styles", "report.css").read_text(encoding="utf-8") + _own_style()
    assert "</" not in style
    return _markup(told, rulebook, about, language, screen=Markup(style + faces.style(language)), linked=linked)


def render_document(
    told: Portfolio, rulebook: Rulebook, about: About, language: str = "en", *, paper: str = "a4"
) -> Document:
    """The laid-out pages from which the PDF is written; see `render_pdf`."""
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}; there is {', '.join(PAPERS)}")
    html = faces.punctuated(_markup(told, rulebook, about, language), language)
    return laid_out(html, [_style(language, paper), sheet(_own_style())])


def render_pdf(told: Portfolio, rulebook: Rulebook, about: About, language: str = "en", *, paper: str = "a4") -> bytes:
    """The report as a tagged PDF (PDF/UA-1); see `render_html`.

    Args:
        told: What is rendered.
        rulebook: Where the wording of rules and facts stands.
        about: What the report says about the run.
        language: Language of everything but names.
        paper: "a4" or "letter".

    Raises:
        ValueError: There is no report in this language or on this paper.
        OSError: Pango is missing.
    """
    with _rendering:
        return written(render_document(told, rulebook, about, language, paper=paper))
