"""The third page: what would change the verdict, what to ask, what such cases became, what changed, what to mind.

Everything is told in full in the appendix; the page takes the first of each list, as many as it has room for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from itertools import groupby
from typing import Any, cast

from checker.assess.cases import MOST_STEPS, Resemblance
from checker.assess.difference import FactChange
from checker.assess.turns import ChangeSet, Step
from checker.outputs import words
from checker.outputs.change import step_text, turn_head, turn_notes, why_nothing
from checker.outputs.charts import Chart
from checker.outputs.diff import moves_text, outcomes_text, state_text
from checker.outputs.language import LANGUAGES, mark, speaking, spoken, tr
from checker.outputs.layout import SCREEN, Paper, Room, lines
from checker.outputs.meaning import meaning_text
from checker.outputs.mechanism import Figure, figure
from checker.outputs.report import Report, Since
from checker.outputs.timeline import LEVELS, grade_steps, moved_text
from checker.outputs.timeline import step_text as moment_text

__all__ = ["CaseNote", "Change", "Decision", "Moved", "Query", "Way"]

Link = tuple[str, str]
"""A name and the place it leads to; the place is empty where there is none."""

LIMITS = (
    mark(
        "Bounds are honest only as far as the profile is: a fact that nobody looked for cannot fail. A verdict holds "
        "for the day judged and for what was public by the cut, not for today."
    ),
    mark(
        "Rules and thresholds were written with known failures in view; that some of these would have been seen is no "
        "proof that the next one will be."
    ),
)
INTERESTS = mark(
    "ddcheck is free software: its rules, thresholds and sources are open to all, and whatever a user changes is "
    "printed on every page. It does not know who wrote the profile. Whoever hands you this report should say so, and "
    "say what they hold in the platform, owe it, or are paid by it."
)
UNASKED = {
    "changes": mark("what would raise or lower the grade"),
    "cases": mark("the nearest past cases"),
    "timeline": mark("the grade over time"),
    "since": mark("what changed since an earlier report"),
}
_OUTCOMES = {
    "failed": mark("its door shut on {day}, {days} later"),
    "halted": mark("its door shut on {day}, {days} later"),
    "impaired": mark("its worst day came on {day}, {days} later"),
    "survived": mark("it still paid on {day}, {days} later"),
    "wound_down": mark("it closed in order on {day}, {days} later"),
}
SETTLES = {
    "grade": mark("The answer to each of these alone can settle the grade"),
    "findings": mark("Any answer to one of these settles a finding"),
    "open": mark("These keep rules open"),
}
"""What the answers to a group of questions do."""
_MANY = 10**6
_ANY = (0, 3)  # a level of which nothing is known
_HEAD, _FOOT = 9.0, 8.0  # millimetres of the heading, and of the rim of what stands at the foot
_TITLE, _ROW, _SMALL = 8.8, 4.0, 3.7  # of a heading with its distance, of a line of text, of one of small text
_TEXT = 8.2  # points of running text
_SPARE = 22.0  # what the estimate of the parts is above what they take, at least
_HALF = 0.48  # of the width: a column of two
_MOST_ASKED, _MOST_SETS, _TURNS = 18, 3, 5  # of questions, of further ways, of rounds in which both grow


@dataclass(frozen=True)
class Change:
    """A set of changes that turns the grade: its steps with the places of their facts, and the grade then."""

    steps: tuple[Link, ...]
    grade: str

    @property
    def text(self) -> str:
        """The whole set as running text, to measure it."""
        return "; ".join(text for text, _ in self.steps) + f" → {self.grade}"

    def without(self, steps: Collection[Link]) -> Change:
        """The set without some of its steps."""
        return Change(tuple(step for step in self.steps if step not in steps), self.grade)


@dataclass(frozen=True)
class Way:
    """One way in which an end of the grade turns.

    Attributes:
        title: What would turn, or that nothing does.
        sets: The smallest sets of changes.
        notes: How they are to be read, or why there are none.
        scale_ends: There is no further letter.
        whole: All sets, where `sets` are the first of them.
    """

    title: str
    sets: tuple[Change, ...]
    notes: tuple[str, ...]
    scale_ends: bool
    whole: tuple[Change, ...] = ()

    @property
    def common(self) -> tuple[Link, ...]:
        """The steps that every set has, shown or not, where several are shown."""
        if len(self.sets) < 2:
            return ()
        every = self.whole or self.sets
        return tuple(step for step in self.sets[0].steps if all(step in found.steps for found in every))

    @property
    def notes_apart(self) -> str:
        """How they are to be read; that any one of them will do is said already where they have steps in common."""
        return " ".join(self.notes[1:] if self.common else self.notes)

    @property
    def apart(self) -> tuple[Change, ...]:
        """The sets without what they have in common."""
        return tuple(found.without(self.common) for found in self.sets)

    def first(self, most: int) -> Way:
        """The same with its first sets only."""
        return replace(self, sets=self.sets[:most], whole=self.whole or self.sets)


@dataclass(frozen=True)
class Query:
    """A question to send, with its place in the appendix.

    Attributes:
        number: Its place among all.
        text: Its wording.
        group: What an answer settles, as the key of a heading: `grade`, `findings` or `open`.
        aside: What the heading does not say: why it is open where somebody looked, how many findings it settles.
    """

    number: int
    text: str
    group: str
    aside: str


@dataclass(frozen=True)
class CaseNote:
    """A past case: what it was and became, what it has in common with this platform, what differs."""

    name: str
    told: str
    distance: str
    alike: tuple[str, ...]
    shared: tuple[Link, ...]
    differs: tuple[str, ...]
    only_here: tuple[Link, ...]
    only_there: tuple[Link, ...]


@dataclass(frozen=True)
class _Plan:
    """How much of each list stands on the page, and what is left of it then.

    Attributes:
        sets: Sets of changes of either way.
        asked: Questions.
        cases: Past cases.
        chart: Whether the grade over time is drawn.
        facts: Changed facts.
        rules: Changed findings.
        left: What is left, in millimetres.
    """

    sets: int
    asked: int
    cases: int
    chart: bool
    facts: int
    rules: int
    left: float

    def least(self, other: _Plan) -> _Plan:
        """What there is room for in both."""
        return _Plan(
            min(self.sets, other.sets),
            min(self.asked, other.asked),
            min(self.cases, other.cases),
            self.chart and other.chart,
            min(self.facts, other.facts),
            min(self.rules, other.rules),
            self.left,
        )


@dataclass(frozen=True)
class Moved:
    """What changed since an earlier verdict, facts and rules apart.

    Attributes:
        title: Both grades and the earlier day.
        by_facts: What the facts did to the grade, or what all together did where the old packs are not at hand.
        by_rules: What the packs did to it.
        facts: The changed facts: what changed, its place, codes of the rules it moved.
        rules: The changed findings: code and title, its place, old and new outcome and by what.
        packs: Packs and thresholds that changed, and market rates.
    """

    title: str
    by_facts: str
    by_rules: str
    facts: tuple[tuple[str, str, str], ...]
    rules: tuple[tuple[str, str, str], ...]
    packs: tuple[str, ...]


class Decision:
    """What the third page and its parts of the appendix show.

    Args:
        report: The assessment and its analyses.
        charts: Gives the charts by id, in the language being spoken; of them the grade over time stands here.
        rule_link: Code and place of a rule.
        place: The place of a fact; empty where it has none.
        queries: Gives the questions in the order of the report, in the language being spoken.
        units: The unit of a column of a table.
        paper: The sheet.
    """

    def __init__(
        self,
        report: Report,
        charts: Callable[[], Mapping[str, Chart]],
        rule_link: Callable[[str], Link],
        place: Callable[[str], str],
        queries: Callable[[], Iterable[Query]],
        units: Callable[[str, str], str],
        paper: Paper,
    ) -> None:
        self.report = report
        self.assessment = report.assessment
        self._rule_link = rule_link
        self._place = place
        self._units = units
        self._paper = paper
        self._queries, self._charts = queries, charts
        self._tell()
        tellings = [self]
        for language in LANGUAGES if paper is not SCREEN else ():
            if language != spoken():
                tellings.append(self._in(language))
        most = reduce(_Plan.least, [told._plan() for told in tellings])
        # what one language has more room for than another goes to the questions
        self._fill(reduce(_Plan.least, [told._plan(most) for told in tellings]))

    def _tell(self) -> None:
        """Everything that may stand on the page, in the language being spoken."""
        self._language = spoken()
        report = self.report
        chart = self._charts().get("grades") if report.timeline is not None else None
        drawn = chart is not None and chart.svg is not None
        self.grades: Figure | None = figure(chart, words.fact_name, self._place) if chart and drawn else None
        self.queries = tuple(self._queries())
        self.all_ways = tuple(self._ways())
        self.cases = tuple(self._case(told) for told in report.cases or ())
        self.since = self._since(report.since) if report.since is not None else None

    # -- what stands on the page

    def _in(self, language: str) -> Decision:
        """The same in another language, to see how much it has room for: a page tells the same in all."""
        with speaking(language):
            other = copy(self)
            other._tell()
            return other

    def _fill(self, plan: _Plan) -> None:
        """Puts on the page what the plan has room for."""
        self.ways = tuple(way.first(plan.sets) for way in self._main_ways())
        self.asked = self.queries[: plan.asked]
        self.cases_here = self.cases[: plan.cases]
        self.chart_here = plan.chart
        self.facts_here, self.rules_here = plan.facts, plan.rules
        self.left = plan.left

    @property
    def ways_elsewhere(self) -> tuple[Way, ...]:
        """The ways that do not stand on the page in full."""
        whole = {(way.title, len(way.sets)) for way in self.ways}
        return tuple(way for way in self.all_ways if (way.title, len(way.sets)) not in whole)

    @property
    def groups(self) -> tuple[tuple[str, tuple[Query, ...]], ...]:
        """The questions on the page under what an answer settles."""
        found = groupby(self.asked, key=lambda query: query.group)
        return tuple((tr(SETTLES[group]), tuple(queries)) for group, queries in found)

    def _plan(self, most: _Plan | None = None) -> _Plan:
        """Chooses how much of each list the page has room for: something of all, then more of the first.

        Args:
            most: What is not to be exceeded but by questions; None for no limit.
        """
        most = most or _Plan(_MOST_SETS + 1, 0, len(self.cases), True, _MANY, _MANY, 0.0)
        with speaking(self._language):
            return self._planned(most)

    def _planned(self, most: _Plan) -> _Plan:
        width = self._paper.width
        foot = lines(" ".join(self.limits), width, 7) + lines(self.interests, width, 7) + 1
        room = Room(self._paper.height - _HEAD - _FOOT - 3.4 * foot + _SPARE)
        for text in filter(None, [self.meaning, self.timeline_text, self.unasked]):
            room.take(_ROW * lines(f"{text}{'x' * 12}", width - 4, _TEXT) + 3)
        here = [0, 0]
        if self.since is not None:
            room.take(_TITLE + _ROW * lines(f"{self.since.title} {self.since.by_facts} {'x' * 70}", width, _TEXT) + 0.8)
        sets = 1 if self.all_ways else 0
        if sets:
            room.take(self._ways_height(sets) + _SMALL)
        asked = min(3, len(self.queries))
        groups = {query.group for query in self.queries[:_MOST_ASKED]}
        room.take(_TITLE + sum(map(self._query_height, self.queries[:asked])) + _SMALL * (2 + len(groups)))
        shown = 0
        if self.report.cases is not None:
            room.take(_TITLE + _SMALL * lines(self.resembles, width, 7.4))
            while shown < most.cases and room.take(self._case_height(self.cases[shown])):
                shown += 1
        chart = most.chart and self.grades is not None and room.take(self.grades.height(width) + 2)
        for _ in range(_TURNS):
            if (
                0 < sets < most.sets
                and (more := self._ways_height(sets + 1) - self._ways_height(sets)) > 0
                and room.take(more)
            ):
                sets += 1
            if self.since is not None:
                self._name_changes(self.since, room, here, most)
            while (
                asked < len(self.queries) and asked < _MOST_ASKED and room.take(self._query_height(self.queries[asked]))
            ):
                asked += 1
                if asked % 3 == 0:
                    break
        return _Plan(sets, asked, shown, chart, here[0], here[1], room.left)

    def _name_changes(self, since: Moved, room: Room, here: list[int], most: _Plan) -> None:
        """Names one more changed fact and one more changed finding where there is room."""
        width = self._paper.width
        for place, (told, limit) in enumerate(((since.facts, most.facts), (since.rules, most.rules))):
            count = here[place]
            if count < min(len(told), limit):
                text = f"{told[count][0]} {told[count][2]}"
                if room.take(_ROW * lines(text, width, _TEXT) + 0.9):
                    here[place] += 1

    def _main_ways(self) -> tuple[Way, ...]:
        """One way up and one way down: the end of the scale is skipped where the other end can still move."""
        raising, worst, best = self.all_ways if len(self.all_ways) == 3 else (None, None, None)
        if raising is None or worst is None or best is None:
            return ()
        return raising, best if worst.scale_ends else worst

    def _ways_height(self, sets: int) -> float:
        """Both ways stand side by side, in columns of half the width."""
        half = self._paper.width * _HALF

        def height(way: Way) -> float:
            shown = way.first(sets)
            found = sum(lines(change.text, half - 6, _TEXT) * _ROW + 1.2 for change in shown.apart)
            if shown.common:
                text = "; ".join(text for text, _ in shown.common)
                found += lines(f"{text}{'x' * 60}", half, _TEXT) * _ROW + 1.2
            return found + _ROW * (lines(way.title, half, 9) + lines(" ".join(way.notes), half, 7.4) + 1)

        return max(map(height, self._main_ways()), default=0.0) + 3

    def _query_height(self, query: Query) -> float:
        return _ROW * lines(f"{query.text} {query.aside}", self._paper.width - 6, _TEXT) + 1.1

    def _case_height(self, case: CaseNote) -> float:
        codes = 7 * (min(len(case.only_here), 6) + min(len(case.only_there), 6))
        parts = (
            f"{case.name} {case.told} {case.distance}",
            f"{' '.join(case.alike)}{'x' * (7 * min(len(case.shared), 8) + 40)}",
            f"{' '.join(case.differs)}{'x' * (codes + 70)}",
        )
        return _ROW * sum(lines(part, self._paper.width, _TEXT) for part in parts) + 1.4

    # -- what would change it

    def _ways(self) -> Iterable[Way]:
        changes = self.assessment.changes
        for turn in changes.turns if changes is not None else ():
            notes = why_nothing(self.assessment, turn) or turn_notes(turn)
            yield Way(turn_head(turn), tuple(map(self._set, turn.sets)), tuple(notes), turn.target is None)

    def _set(self, found: ChangeSet) -> Change:
        return Change(tuple(map(self._step, found.steps)), words.span(found.best, found.worst))

    def _step(self, step: Step) -> Link:
        return step_text(step), self._place(step.fact)

    @property
    def core(self) -> str:
        """The facts that the best end rests on."""
        core = self.assessment.changes.core if self.assessment.changes is not None else None
        if core is None:
            return ""
        if not core.facts:
            return tr("{grade} follows from no fact: nothing known limits it.").format(grade=core.grade.name)
        facts = words.listed([words.fact_name(fact) for fact in core.facts], 12)
        return tr("{grade} follows from {count} of {of} facts alone: {facts}.").format(
            grade=core.grade.name, count=len(core.facts), of=core.of, facts=facts
        )

    # -- what such a verdict has meant

    @property
    def meaning(self) -> str:
        """What such a verdict has meant in the back-test, or why this is not told."""
        if told := meaning_text(self.assessment.precedent):
            return told
        if not self.graded:
            return ""
        return tr(
            "What became of platforms with such a verdict is not shown: the back-test includes cases from after this "
            "cut, or none like this one."
        )

    @property
    def graded(self) -> bool:
        """Whether this kind of platform gets a grade."""
        return self.assessment.verdict.graded

    @property
    def resembles(self) -> str:
        """What the list of cases is, also where it is empty."""
        if self.cases:
            return tr(
                "A resemblance, not a forecast. A step is one level of one trait; {most} lie between opposites, and an "
                "open level counts as a range."
            ).format(most=MOST_STEPS)
        if any(trait.open for trait in self.assessment.verdict.traits):
            return tr(
                "No past case whose outcome was public by this day surely resembles it: too many levels of the four "
                "traits are open. Answers to the questions would narrow them."
            )
        return tr("No past case whose outcome was public by this day resembles it.")

    def _case(self, told: Resemblance) -> CaseNote:
        case = told.case
        grade = case.best if case.best == case.worst else f"{case.best}..{case.worst}"
        outcome = tr(_OUTCOMES[case.label]).format(day=words.day(case.ended), days=words.number(case.days, "days"))
        kind = tr(words.KINDS[case.kind])
        steps = words.amount([told.least, told.most])
        names = {
            trait.id: tr("{name} ({value})").format(name=tr(trait.name), value=trait.id)
            for trait in self.assessment.verdict.traits
        }
        same: dict[int, list[str]] = {}
        for trait, level in told.alike:
            same.setdefault(level, []).append(names[trait])
        alike = tuple(
            tr("{traits}: {level} in both").format(traits=words.listed(traits), level=tr(LEVELS[level]))
            for level, traits in same.items()
        )
        differs = tuple(
            tr("{trait}: not known in either").format(trait=names[apart.trait])
            if apart.here == apart.there == _ANY
            else tr("{trait}: {here} here, {there} there").format(
                trait=names[apart.trait], here=_levels(apart.here), there=_levels(apart.there)
            )
            for apart in told.apart
        )
        return CaseNote(
            case.name,
            tr("{kind}; on {day} it stood at {grade}, and {outcome}.").format(
                kind=kind, day=words.day(case.day), grade=grade, outcome=outcome
            ),
            tr("{steps} of {most} steps away").format(steps=steps, most=MOST_STEPS),
            alike,
            self._rule_links(told.shared),
            differs,
            self._rule_links(told.only_here),
            self._rule_links(told.only_there),
        )

    def _rule_links(self, rules: Iterable[str]) -> tuple[Link, ...]:
        return tuple(sorted(map(self._rule_link, rules)))

    # -- over time, and since an earlier report

    @property
    def timeline_text(self) -> str:
        """When the grade last moved and by what; what else of the verdict moved."""
        told = self.report.timeline
        if told is None or not told.moments:
            return ""
        moments = told.moments
        judged = len({*told.days, *(moment.day for moment in moments)})
        steps = grade_steps(moments)
        text = tr("Judged on {days}").format(days=words.number(judged, "days"))
        if self.report.judged_from:
            text = tr("{text}, counted from {day}").format(text=text, day=words.day(self.report.judged_from))
        if len(steps) == 1:
            told_grade = tr("the grade has not moved")
        else:
            last = steps[-1]
            once = tr("the grade moved once, on {day}, to {grade}; the cause: {facts}")
            often = tr("the grade moved {moved} times, last on {day}, to {grade}; the cause: {facts}")
            told_grade = (often if len(steps) > 2 else once).format(
                moved=len(steps) - 1,
                day=words.day(last.day),
                grade=words.span(last.best, last.worst),
                facts=moved_text(last, grade=True),
            )
        parts = [text, told_grade]
        beside = [place for place, moment in enumerate(moments) if moment not in steps]
        if beside:
            last = moments[beside[-1]]
            once = tr("while it stood, something else moved once, on {day} ({what})")
            often = tr("while it stood, something else moved {moved} times, last on {day} ({what})")
            parts.append(
                (often if len(beside) > 1 else once).format(
                    moved=len(beside),
                    day=words.day(last.day),
                    what=moment_text(moments[beside[-1] - 1], last, dict(self.assessment.verdict.status)),
                )
            )
        return tr("; ").join(parts) + tr(".")

    def moments(self) -> tuple[tuple[str, str, str, str], ...]:
        """The days on which the verdict moved: day, grade, what of it moved, what moved it."""
        told = self.report.timeline
        moments = told.moments if told is not None else ()
        return tuple(
            (
                words.day(moment.day),
                words.span(moment.best, moment.worst),
                moment_text(moments[place - 1] if place else None, moment, dict(self.assessment.verdict.status)),
                moved_text(moment),
            )
            for place, moment in enumerate(moments)
        )

    def _since(self, since: Since) -> Moved:
        codes = {change.rule: change.code for change in since.rules}
        options = self.assessment.options
        title = (
            tr("By the earlier report of the same day it stood at {old}, now at {new}.")
            if (since.as_of, since.known_by) == (options.as_of, options.known_by)
            else tr("On {day} it stood at {old}, now at {new}.")
        ).format(
            day=" / ".join(dict.fromkeys(map(words.day, (since.as_of, since.known_by)))),
            old=words.span(since.start.best, since.start.worst),
            new=words.span(since.end.best, since.end.worst),
        )
        if since.between is None:
            by_facts = tr("Moved: {moves}").format(moves=moves_text(since.start, since.end))
            by_rules = (
                tr("The old rules are not at hand, so that what moved the grade is told by finding.")
                if since.packs or since.parameters
                else ""
            )
        else:
            by_facts = tr("By the facts: {moves}").format(moves=moves_text(since.start, since.between))
            by_rules = tr("By the rules: {moves}").format(moves=moves_text(since.between, since.end))
        facts = []
        for change in sorted(since.facts, key=lambda change: (not change.moved, bool(change.row))):
            name = words.fact_name(change.fact)
            if change.row:
                name = tr("{table} ({row})").format(table=name, row=words.row_label(change.row))
            facts.append(
                (
                    tr("{name}: {old} → {new}").format(
                        name=name, old=self._state(change, change.old), new=self._state(change, change.new)
                    ),
                    self._place(change.fact),
                    words.listed(sorted(codes[rule] for rule in change.moved if rule in codes), 6),
                )
            )
        order = {"critical": 0, "major": 1, "minor": 2}
        by = {"facts": tr("facts"), "rules": tr("rules"), "both": tr("facts and rules")}
        now = {finding.rule for finding in self.assessment.findings}
        rules = [
            (
                f"{change.code} {tr(change.title)}",
                self._rule_link(change.rule)[1] if change.rule in now else "",
                tr("{old} → {new}, by {what}").format(
                    old=outcomes_text(change.old, change.presumed[0]),
                    new=outcomes_text(change.new, change.presumed[2]),
                    what=by[change.by],
                ),
            )
            for change in sorted(since.rules, key=lambda change: (order.get(change.severity, 3), change.code))
        ]
        return Moved(title, by_facts, by_rules, tuple(facts), tuple(rules), tuple(_packs(since)))

    def _state(self, change: FactChange, state: Mapping[str, Any] | None) -> str:
        """How a fact stands; of a row that stood before and stands now, only the cells that differ."""
        if state is None or not change.row:
            return state_text(change, state)
        cells: Mapping[str, object] = state["cells"]
        if change.old is not None and change.new is not None:
            was, now = (cast("Mapping[str, object]", side["cells"]) for side in (change.old, change.new))
            cells = {name: cell for name, cell in cells.items() if was.get(name) != now.get(name)}
        told = [
            f"{words.fact_name(name)} {words.amount(cell, self._units(change.fact, name))}"
            for name, cell in cells.items()
        ]
        return f"{words.listed(told, 4)} (E{state['evidence']})".strip()

    # -- what was not asked for, limits, interests

    @property
    def unasked(self) -> str:
        """What this report leaves out because nobody asked for it."""
        report = self.report
        missing = [
            tr(UNASKED[name])
            for name, there in (
                ("changes", self.assessment.changes is not None),
                ("cases", report.cases is not None),
                ("timeline", report.timeline is not None),
                ("since", report.since is not None),
            )
            if not there
        ]
        return tr("Not asked for, and not worked out: {parts}.").format(parts=words.listed(missing)) if missing else ""

    @property
    def limits(self) -> tuple[str, ...]:
        """What this kind of report cannot see."""
        return tuple(map(tr, LIMITS))

    @property
    def interests(self) -> str:
        """Whose interests a reader should know."""
        return tr(INTERESTS)


def _levels(levels: tuple[int, int]) -> str:
    lo, hi = (tr(LEVELS[level]) for level in levels)
    if levels == _ANY:
        return tr("not known")
    if levels[1] - levels[0] == 1:
        return tr(" or ").join([lo, hi])
    return lo if lo == hi else tr("{best} to {worst}").format(best=lo, worst=hi)


def _packs(since: Since) -> Iterable[str]:
    for pack in since.packs:
        old, new = (version or tr("absent") for version in (pack.old, pack.new))
        text = f"{old} → {new}" if old != new else tr("{version}, with other contents").format(version=old)
        yield tr("pack {pack}: {text}").format(pack=pack.pack, text=text)
    for parameter in since.parameters:
        old, new = (
            tr("absent") if value is None else words.number(value, parameter.unit)
            for value in (parameter.old, parameter.new)
        )
        yield tr("threshold {name}: {old} → {new}").format(name=parameter.parameter, old=old, new=new)
    for series, was, now in since.rates:
        days = [words.day(id.partition("@")[2]) if id else tr("absent") for id in (was, now)]
        yield tr("market rate {series}: of {old} → of {new}").format(series=series, old=days[0], new=days[1])
