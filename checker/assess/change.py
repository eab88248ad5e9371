"""What would change a verdict: smallest changes of known facts, the facts it rests on, thresholds it hangs on.

A change is a new statement about a fact that is known already: another value, better evidence for the same value, or
both. It takes effect on the day judged; what was true before stays as it was. What is unknown is never changed here: it
is asked. Each change that is listed was judged again on the changed profile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from math import inf, isfinite
from typing import Any, TypeVar

from checker.assess.assessment import Options
from checker.assess.bench import Bench, Trial
from checker.assess.hitting import smallest_sets
from checker.assess.turns import Changes, ChangeSet, Core, Edge, Edit, Step, Turn
from checker.assess.verdict import Stop
from checker.model.dictionary import ColumnDef, FactDef
from checker.model.finding import Grade
from checker.model.interval import Interval, hull, point
from checker.model.profile import FactEntry, Profile, Provenance, Row, Table
from checker.model.profile import Value as Written
from checker.model.state import FactState, Reason, RowState, Status, Value
from checker.model.view import as_value
from checker.model.view import grade as evidence_grade
from checker.packs.rulebook import Rulebook

__all__ = ["changed_profile", "changes", "core", "edges", "without"]

MOST = 8
"""Sets of changes that are listed for one turn of the grade."""
EXACT_UP_TO = 20
"""Candidates up to which the smallest sets are found whatever it takes."""
BUDGET = 1500
"""Trials after which a search among more candidates settles for a set that cannot be made smaller."""
MOST_ASSIGNMENTS = 48
"""Ways to set facts without a direction that a search goes through."""
FAR = {"money": 1e15, "money_per_month": 1e15, "days": 36500.0, "months": 1200.0, "hours": 876000.0}
"""Where a number without a bound is taken to its end, in its unit."""
FAR_ELSE = 1e6
FAR_DAYS = 20 * 365
DIGITS = 6
"""Significant digits to which the value of a flip is told."""
AUDITED = 4
WORDS = {1: "company_disclosed", 2: "analyst", 3: "solvency_attestation", 4: "audit"}
PROMISES = {1: "press", 4: "terms_of_use"}
_STOPS = {None: 0, Stop.ALLEGED: 1, Stop.PRESUMED: 2, Stop.PROVED: 3}

_Entry = TypeVar("_Entry", bound=Provenance)


def changes(profile: Profile, rulebook: Rulebook, options: Options) -> Changes:
    """Everything that would change the verdict on a profile.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
    """
    bench = Bench(profile, rulebook, options)
    if bench.now.grades is None:
        return Changes(None, None, (), None, (), 0)
    best, worst = bench.now.grades
    turns = tuple(
        _Search(bench, end, way).turn() for end, way in (("best", "raise"), ("worst", "lower"), ("best", "lower"))
    )
    return Changes(best, worst, turns, core(bench), tuple(_edges(bench)), len(bench.parameters))


def edges(profile: Profile, rulebook: Rulebook, options: Options) -> tuple[Edge, ...]:
    """The thresholds on which the grade hangs, in the order of their ids.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
    """
    bench = Bench(profile, rulebook, options)
    return tuple(_edges(bench)) if bench.now.grades is not None else ()


def _edges(bench: Bench) -> Iterable[Edge]:
    for id in bench.parameters:
        parameter = bench.rulebook.parameters[id]
        at_lo, at_hi = (bench.with_parameters({id: value}).grades for value in parameter.range)
        assert at_lo is not None
        assert at_hi is not None
        if at_lo != bench.now.grades or at_hi != bench.now.grades:
            value, _ = bench.program.params[id]
            yield Edge(id, parameter.unit, value, parameter.range, at_lo, at_hi, tuple(sorted(bench.readers(id))))


# ------------------------------------------------------------------------------------------------------ the core


def core(bench: Bench) -> Core:
    """A smallest explanation: facts hidden one by one while the best end of the grade stays where it is.

    Facts that no deciding rule reads go first, so that what is left is read by the rules that the verdict names.
    """
    told = [id for id in bench.facts if bench.status(id) is not Status.NOT_EXAMINED]
    grade = bench.now.end(True).grade
    deciding = {fact for rule in bench.now.end(True).deciding for fact in bench.reads(bench.rule(rule))}
    ordered = sorted(told, key=lambda fact: (fact in deciding, _weight(bench, fact)))
    hidden: list[str] = []
    aside = [fact for fact in ordered if fact not in deciding]
    if aside and _best_without(bench, aside) >= grade:
        hidden = aside
    for fact in ordered:
        if fact not in hidden and _best_without(bench, [*hidden, fact]) >= grade:
            hidden.append(fact)
    left = set(hidden)
    return Core(grade, tuple(fact for fact in told if fact not in left), len(told))


def _best_without(bench: Bench, facts: Sequence[str]) -> Grade:
    versions = dict.fromkeys(facts, "hidden")
    return bench.with_facts(versions, lambda: without(bench.profile, bench.rulebook, facts)).end(True).grade


def without(profile: Profile, rulebook: Rulebook, facts: Iterable[str]) -> Profile:
    """The profile with some facts recorded as not examined."""
    entry = FactEntry.model_construct(
        value=None, status=Status.NOT_EXAMINED, reason="", **_provenance(None, None, alleged=False)
    )
    histories, tables = dict(profile.facts), dict(profile.tables)
    for fact in facts:
        if rulebook.dictionary[fact].type == "table":
            tables[fact] = Table(stated=(entry,))
        else:
            histories[fact] = (entry,)
    return replace(profile, facts=histories, tables=tables)


def _weight(bench: Bench, fact: str) -> tuple[int, int]:
    """How many critical rules read a fact, and how many rules."""
    readers = bench.readers(fact)
    return sum(bench.rule(id).severity == "critical" for id in readers), len(readers)


# ------------------------------------------------------------------------------------------- statements and profiles


def _provenance(day: date | None, evidence: str | None, *, alleged: bool = False) -> dict[str, Any]:
    return {
        "from_": day, "until": None, "known_on": day, "seen": None, "evidence": evidence, "source": None,
        "locator": "", "note": "", "alleged": alleged, "inferred": (),
    }  # fmt: skip


def _word(definition: FactDef, grade: int) -> str:
    """An evidence word of that grade; the platform's own words prove what it promises, and little else."""
    if definition.about == "promise" and grade in PROMISES:
        return PROMISES[grade]
    return WORDS[max(grade, 1)]


def _written(definition: ColumnDef, value: Value) -> list[Written]:
    """A value as entries say it: more than one where several words are possible."""
    if isinstance(value, Interval):
        if definition.type == "date":
            lo, hi = (date.fromordinal(int(end)) for end in value)
            return [(lo, hi)]
        return [(value.lo, value.hi)]
    return sorted(value, key=str) if value is not None else []


def changed_profile(bench: Bench, edits: Sequence[Edit]) -> Profile:
    """The profile with new statements from the day judged on.

    What is said of that very day gives way; what was true before stays.
    """
    facts, tables = dict(bench.profile.facts), dict(bench.profile.tables)
    for edit in edits:
        definition = bench.dictionary[edit.fact]
        if definition.type == "table":
            tables[edit.fact] = _changed_table(bench, definition, tables.get(edit.fact, Table()), edit)
        else:
            facts[edit.fact] = _changed_history(bench, definition, facts.get(edit.fact, ()), edit)
    return replace(bench.profile, facts=facts, tables=tables)


def last_value(bench: Bench, fact: str) -> Value:
    """What is known of a fact; of one that is too old, what was stated last."""
    state = bench.view.fact(fact)
    if not state.stale:
        return state.value
    about = bench.dictionary[fact].about
    stated = [bench.profile.facts[fact][index] for index in state.entries]
    best = max(evidence_grade(entry, about) for entry in stated)
    leading = [entry.value for entry in stated if evidence_grade(entry, about) == best]
    values = [as_value(value) for value in leading if value is not None]
    numbers = [value for value in values if isinstance(value, Interval)]
    if numbers:
        return hull(numbers)
    words: frozenset[Any] = frozenset().union(*(value for value in values if isinstance(value, frozenset)))
    return words or state.value


def _earlier(bench: Bench, entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    """The entries that a statement from the day judged on replaces or leaves alone."""
    return tuple(entry for entry in entries if not (bench.view.holds(entry) and entry.from_ == bench.view.as_of))


def _changed_history(
    bench: Bench, definition: FactDef, history: tuple[FactEntry, ...], edit: Edit
) -> tuple[FactEntry, ...]:
    value = edit.values[""] if "" in edit.values else last_value(bench, edit.fact)
    given = _provenance(bench.view.as_of, _word(definition, edit.grade))
    new = [
        FactEntry.model_construct(value=written, status=Status.REPORTED, reason="", **given)
        for written in _written(definition, value)
    ]
    return (*_earlier(bench, history), *new)


def _changed_table(bench: Bench, definition: FactDef, table: Table, edit: Edit) -> Table:
    given = _provenance(bench.view.as_of, _word(definition, edit.grade))
    if edit.complete:
        statement = Provenance.model_construct(**given)
        return replace(table, complete=(*_earlier(bench, table.complete), statement))
    state = _row(bench, edit)
    cells: dict[str, Written] = {}
    for index in state.entries:
        cells |= bench.profile.tables[edit.fact].rows[index].cells
    for column, value in edit.values.items():
        cells[column] = _written(definition.columns[column], value)[0]
    replaced = {index for index in state.entries if table.rows[index].from_ == bench.view.as_of}
    kept = tuple(row for index, row in enumerate(table.rows) if index not in replaced)
    return replace(table, rows=(*kept, Row.model_construct(cells=cells, **given)))


def _row(bench: Bench, edit: Edit) -> RowState:
    return next(row for row in bench.view.table(edit.fact).rows if row.label == edit.row)


# ------------------------------------------------------------------------------------------------------ the search


@dataclass(frozen=True)
class _Candidate:
    """A change that is tried: one place of the profile, as far as it can go.

    `free` marks a value without a direction, which is tried beside the others and never taken for harmless.
    """

    edit: Edit
    free: bool = False

    @property
    def place(self) -> tuple[str, str, bool]:
        return self.edit.fact, self.edit.row, self.edit.complete


@dataclass(frozen=True)
class _Slim:
    """A change as small as it can be, with the number told for each column and whether only what is beyond it turns."""

    edit: Edit
    turns: Mapping[str, tuple[float, bool]] = field(default_factory=dict)


class _Search:
    """One end of the grade, moved one way by changes of known facts.

    Args:
        bench: The profile at its cut.
        end: `best` or `worst`.
        way: `raise` or `lower`.
    """

    def __init__(self, bench: Bench, end: str, way: str) -> None:
        self.bench = bench
        self.end, self.way = end, way
        self.best, self.up = end == "best", way == "raise"
        self.grade = bench.now.end(self.best).grade
        last = Grade.A if self.up else Grade.F
        self.target = None if self.grade is last else Grade(self.grade + (-1 if self.up else 1))
        self._tried: dict[object, Trial] = {}

    def reached(self, trial: Trial) -> bool:
        """Whether the end is where it should be, or beyond."""
        assert self.target is not None
        grade = trial.end(self.best).grade
        return grade <= self.target if self.up else grade >= self.target

    def trial(self, edits: Sequence[Edit]) -> Trial:
        """The verdict with some changes."""
        if not edits:
            return self.bench.now
        versions: dict[str, tuple[Hashable, ...]] = {}
        for edit in sorted(edits, key=lambda edit: edit.fact):
            key = edit.row, edit.complete, edit.grade, tuple(sorted(edit.values.items(), key=str))
            versions[edit.fact] = (*versions.get(edit.fact, ()), key)
        whole = tuple(versions.items())
        if whole not in self._tried:
            self._tried[whole] = self.bench.with_facts(versions, lambda: changed_profile(self.bench, edits))
        return self._tried[whole]

    def holds(self, edits: Sequence[Edit]) -> bool:
        """Whether some changes suffice."""
        return self.reached(self.trial(edits))

    def turn(self) -> Turn:
        """The smallest sets of changes."""
        if self.target is None:
            return Turn(self.end, self.way, self.grade, None, (), True, False, 0)
        asked: set[str] = set()
        while True:
            facts = [fact for fact in self.bench.facts if fact not in asked]
            turn, narrowed = self._turned(facts)
            if not narrowed:
                return turn
            asked |= narrowed

    def _turned(self, facts: Sequence[str]) -> tuple[Turn, set[str]]:
        """The turn by changes of some facts, and those that were only made more precise, which is a question."""
        candidates = self._candidates(facts)
        directed = [candidate for candidate in candidates if not candidate.free]
        if self.up:
            directed = self._narrowed(directed)
        free = self._free(directed, [candidate for candidate in candidates if candidate.free])
        found, exact, more = self._smallest(directed, free)
        sets: list[ChangeSet] = []
        narrowed: set[str] = set()
        for edits in found:
            slim, precise = self._slim(edits)
            narrowed |= precise
            told = None if precise else self._told(slim)
            if told is not None and all(told.steps != other.steps for other in sets):
                sets.append(told)
            exact = exact and (told is not None or bool(precise))
        held, withheld = self._held(directed) if self.up and not sets else ((), ())
        count = len({candidate.place for candidate in (*directed, *free)})
        turn = Turn(self.end, self.way, self.grade, self.target, tuple(sets), exact, more, count, held, withheld)
        return turn, narrowed

    # -- what could change

    def _candidates(self, facts: Iterable[str]) -> list[_Candidate]:
        found: list[_Candidate] = []
        for id in sorted(facts, key=lambda fact: tuple(-count for count in _weight(self.bench, fact))):
            definition = self.bench.dictionary[id]
            if definition.type == "table":
                found += self._of_table(definition)
            elif self.bench.view.fact(id).status is Status.REPORTED:
                found += self._of_fact(definition)
        return found

    def _direction(self, definition: FactDef) -> str:
        """The direction in which a fact is worse, where all that read it agree."""
        rules = [self.bench.rule(id) for id in self.bench.readers(definition.id)]
        ways = {rule.worse.get(definition.id, definition.worse) for rule in rules} or {definition.worse}
        return ways.pop() if len(ways) == 1 else "none"

    def _of_fact(self, definition: FactDef) -> Iterable[_Candidate]:
        state = self.bench.view.fact(definition.id)
        grade = AUDITED if self.up else max(state.support.worst, 1)
        worse = self._direction(definition)
        if worse != "none":
            value = self._furthest(definition, worse)
            values = {} if _is_open(state.value, value) else {"": value}
            if values or grade > state.support.worst:
                yield _Candidate(Edit(definition.id, grade, values))
            return
        if grade > state.support.worst:
            yield _Candidate(Edit(definition.id, grade, {}))
        for value in _alternatives(definition, state.value, self._near(definition)):
            yield _Candidate(Edit(definition.id, grade, {"": value}), free=True)

    def _of_table(self, definition: FactDef) -> Iterable[_Candidate]:
        state = self.bench.view.table(definition.id)
        for row in state.rows:
            values = {
                name: value
                for name, column in definition.columns.items()
                if column.worse != "none"
                and name not in definition.key
                and row.cells[name].status is Status.REPORTED
                and not _is_open(row.cells[name].value, value := self._furthest(column, column.worse))
            }
            now = _grade_of(row)
            grade = AUDITED if self.up else max(now, 1)
            if values or grade > now:
                yield _Candidate(Edit(definition.id, grade, values, row.label))
        if self.up and state.complete and state.support.worst < AUDITED:
            yield _Candidate(Edit(definition.id, AUDITED, {}, complete=True))

    def _furthest(self, definition: ColumnDef, worse: str) -> Value:
        """The best value of a fact with a direction, or the worst one."""
        adverse = not self.up
        match definition.type:
            case "bool":
                return frozenset({(worse == "higher") == adverse})
            case "enum":
                return frozenset({definition.values[-1 if adverse else 0]})
            case "date":
                today = self.bench.view.as_of.toordinal()
                return point(float(today if (worse == "higher") == adverse else today - FAR_DAYS))
        lo, hi = definition.range
        far = FAR.get(definition.unit or "", FAR_ELSE)
        return point((far if hi == inf else hi) if (worse == "higher") == adverse else (-far if lo == -inf else lo))

    def _near(self, definition: ColumnDef) -> list[float]:
        """The thresholds that a number without a direction may meet."""
        bench = self.bench
        units = {"share", "ratio"} if definition.unit in ("share", "ratio") else {definition.unit}
        return [bench.program.params[id][0] for id in bench.parameters if bench.rulebook.parameters[id].unit in units]

    def _narrowed(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        """The candidates that a rule above the target reads, or one that rises above it once those are changed."""
        facts: set[str] = set()
        trial = self.bench.now
        while True:
            more = self._limiting(trial) - facts
            if self.reached(trial) or not more:
                return [candidate for candidate in candidates if candidate.edit.fact in facts]
            facts |= more
            trial = self.trial([c.edit for c in candidates if c.edit.fact in facts])

    def _limiting(self, trial: Trial) -> set[str]:
        """The facts behind everything that keeps the end from the target."""
        bench, end = self.bench, trial.end(self.best)
        assert self.target is not None
        facts: set[str] = set()
        for constraint in end.constraints:
            if constraint.grade > self.target:
                rules = set(constraint.rules)
                if constraint.kind.startswith("pattern"):
                    for name, trait in end.traits.items():
                        rules |= {*trait.fails, *trait.warns}
                        if trait.structure:
                            facts |= bench.behind(bench.rulebook.scheme.traits[name].structure)
                facts |= {fact for rule in rules for fact in bench.reads(bench.rule(rule))}
        return facts

    def _free(self, directed: Sequence[_Candidate], free: Sequence[_Candidate]) -> list[_Candidate]:
        """The values without a direction that help some rule or leg, as things are or with all else changed.

        Of values that do the same in both the nearest is kept.
        """
        everything = [candidate.edit for candidate in directed]
        kept: dict[object, _Candidate] = {}
        for candidate in free:
            effects = []
            helps = False
            for base in ([], everything):
                rest = [edit for edit in base if edit.fact != candidate.edit.fact]
                before, after = self._standing(self.trial(rest)), self._standing(self.trial([*rest, candidate.edit]))
                helps = helps or any(
                    now < was if self.up else now > was for was, now in zip(before, after, strict=True)
                )
                effects.append(after)
            if helps:
                kept.setdefault((candidate.place, *effects), candidate)
        return list(kept.values())

    def _standing(self, trial: Trial) -> tuple[tuple[int, int, int], ...]:
        """How every rule and every structure leg stands at this end; a higher number is worse."""
        rules = [self.bench.rule_end(result, self.best) for result in trial.results.values()]
        weak = [-(end.evidence if end.evidence is not None else AUDITED) for end in rules]
        stops = [_STOPS[end.stop] for end in rules]
        standing = [(int(e.outcome), stop, low) for e, stop, low in zip(rules, stops, weak, strict=True)]
        return (
            *standing,
            *(
                (int(not truth.surely_false if not self.best else truth.surely_true), 0, 0)
                for truth, _ in trial.legs.values()
            ),
        )

    # -- the smallest sets

    def _smallest(
        self, directed: Sequence[_Candidate], free: Sequence[_Candidate]
    ) -> tuple[list[list[Edit]], bool, bool]:
        budget = None if len(directed) <= EXACT_UP_TO else BUDGET
        found: list[list[Edit]] = []
        exact, more = True, False
        size: int | None = None
        assignments, all_tried = self._assignments(free)
        for chosen in assignments:
            if size is not None and len(chosen) >= max(size, 2):
                break
            fixed = [candidate.edit for candidate in chosen]
            places = {candidate.place for candidate in chosen}
            rest = [candidate for candidate in directed if candidate.place not in places]

            def reached(members: frozenset[int], rest: list[_Candidate] = rest, fixed: list[Edit] = fixed) -> bool:
                return self.holds([*fixed, *(rest[index].edit for index in sorted(members))])

            room = None if size is None else size - len(chosen)
            solution = smallest_sets(len(rest), reached, most=MOST, largest=room, budget=budget)
            if not solution.sets:
                continue
            sets = [[*fixed, *(rest[index].edit for index in members)] for members in solution.sets]
            if size is None or len(sets[0]) < size:
                size, found, exact, more = len(sets[0]), sets, solution.exact, solution.more
            elif len(sets[0]) == size:
                found, more = found + sets, more or solution.more
        if size is not None and size > 1 and not all_tried:
            exact = False
        return found[:MOST], exact, more or len(found) > MOST

    @staticmethod
    def _assignments(free: Sequence[_Candidate]) -> tuple[list[tuple[_Candidate, ...]], bool]:
        """Ways to set facts without a direction, the fewest first, and whether these are all."""
        ways: list[tuple[_Candidate, ...]] = [()]
        for count in range(1, len({candidate.place for candidate in free}) + 1):
            for chosen in combinations(free, count):
                if len({candidate.place for candidate in chosen}) == count:
                    if len(ways) > MOST_ASSIGNMENTS and count > 1:
                        return ways, False
                    ways.append(chosen)
        return ways, True

    def _held(self, directed: Sequence[_Candidate]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rules that hold the end although every known fact is at its best, and what they miss."""
        trial = self.trial([candidate.edit for candidate in directed])
        end = trial.end(self.best)
        rules = end.deciding
        withheld = {
            fact
            for rule in rules
            for fact, reason in trial.results[rule].open.items()
            if reason is Reason.NOT_DISCLOSED and fact in self.bench.dictionary
        }
        return rules, tuple(sorted(withheld))

    # -- how far each has to go

    def _told(self, edits: Sequence[_Slim]) -> ChangeSet | None:
        """A set of changes judged on the whole changed profile; None where that does not bear it out."""
        assert self.target is not None
        statements = tuple(slim.edit for slim in edits)
        grades = Bench(changed_profile(self.bench, statements), self.bench.rulebook, self.bench.options).now.grades
        assert grades is not None
        grade = grades[0 if self.best else 1]
        if not (grade <= self.target if self.up else grade >= self.target):
            return None
        return ChangeSet(tuple(step for slim in edits for step in self._steps(slim)), *grades, statements)

    def _slim(self, edits: Sequence[Edit]) -> tuple[list[_Slim], set[str]]:
        """Each change as small as the others allow, and the facts that would only have to be known more precisely."""
        found = [_Slim(edit) for edit in edits]
        narrowed: set[str] = set()
        for index in range(len(found)):
            found[index], precise = self._trimmed([slim.edit for slim in found], index)
            if precise:
                narrowed.add(found[index].edit.fact)
        return found, narrowed

    def _trimmed(self, edits: Sequence[Edit], index: int) -> tuple[_Slim, bool]:
        """One change as small as it can be: no value if evidence suffices, no better evidence if a value does."""

        def holds(edit: Edit) -> bool:
            return self.holds([*edits[:index], edit, *edits[index + 1 :]])

        edit, now = edits[index], self._grade_now(edits[index])
        if edit.values and holds(same := replace(edit, values={})):
            edit = same
        for column in list(edit.values) if edit.row else ():
            fewer = replace(edit, values={name: value for name, value in edit.values.items() if name != column})
            if fewer.values and holds(fewer):
                edit = fewer
        weaker = (replace(edit, grade=grade) for grade in range(max(now, 1), edit.grade))
        edit = next(filter(holds, weaker), edit)
        turns: dict[str, tuple[float, bool]] = {}
        precise = False
        for column in list(edit.values):

            def with_value(value: Value, edit: Edit = edit, column: str = column) -> Edit:
                return replace(edit, values={**edit.values, column: value})

            goal = edit.values[column]
            if isinstance(goal, Interval):
                number, told, beyond = self._flip(edit, column, goal.lo, lambda x: holds(with_value(point(x))))
                precise = precise or told is None
                turns[column] = number if told is None else told, beyond
                edit = with_value(point(number))
            else:
                edit = with_value(self._nearest_word(edit, column, lambda word: holds(with_value(frozenset({word})))))
        return _Slim(edit, turns), precise

    def _flip(
        self, edit: Edit, column: str, goal: float, holds: Callable[[float], bool]
    ) -> tuple[float, float | None, bool]:
        """Where a number turns the grade.

        Returns:
            A number that turns it, the number that is told (None where what is known includes one that does), and
            whether only what lies beyond that turns it.
        """
        definition, state = self._definition(edit, column), self._state(edit, column)
        start = self._start(definition, state.value, goal)
        if holds(start):
            return start, None, False
        whole = definition.type == "date"
        near, far = _bisected(start, goal, holds, whole=whole)
        told = far if whole else float(f"{far:.{DIGITS}g}")
        if holds(told):
            return told, told, False
        return (far, told, True) if min(near, far) <= told <= max(near, far) else (far, far, False)

    def _nearest_word(self, edit: Edit, column: str, holds: Callable[[str], bool]) -> Value:
        """The word nearest to what is known, in the order from best to worst, that suffices."""
        definition, known, goal = self._definition(edit, column), self._state(edit, column).value, edit.values[column]
        if definition.type == "enum" and definition.worse == "order" and isinstance(known, frozenset):
            order = list(definition.values)
            ranks = sorted(order.index(str(word)) for word in known)
            last = next(order.index(str(word)) for word in goal) if isinstance(goal, frozenset) else 0
            way = 1 if last > ranks[-1] else -1
            for rank in range((ranks[-1] if way > 0 else ranks[0]) + way, last, way):
                if holds(order[rank]):
                    return frozenset({order[rank]})
        return goal

    @staticmethod
    def _start(definition: ColumnDef, value: Value, goal: float) -> float:
        """The end of what is known from which a number would have to move, finite."""
        assert isinstance(value, Interval)
        lo, hi = definition.range if definition.type == "number" else (-inf, inf)
        far = FAR.get(definition.unit or "", FAR_ELSE) if definition.type == "number" else goal
        end = goal if value.lo < goal < value.hi else value.lo if goal <= value.lo else value.hi
        return max(min(end, far if hi == inf else hi), -far if lo == -inf else lo) if abs(end) == inf else end

    def _definition(self, edit: Edit, column: str) -> ColumnDef:
        definition = self.bench.dictionary[edit.fact]
        return definition.columns[column] if edit.row else definition

    def _state(self, edit: Edit, column: str) -> FactState:
        return _row(self.bench, edit).cells[column] if edit.row else self.bench.view.fact(edit.fact)

    def _grade_now(self, edit: Edit) -> int:
        if edit.complete:
            return self.bench.view.table(edit.fact).support.worst
        return _grade_of(_row(self.bench, edit)) if edit.row else self.bench.view.fact(edit.fact).support.worst

    def _steps(self, slim: _Slim) -> Iterable[Step]:
        edit, now = slim.edit, self._grade_now(slim.edit)
        needs = edit.grade if edit.grade > now else None
        if not edit.values:
            whole = edit.row or edit.complete
            unit = "" if whole else self.bench.dictionary[edit.fact].unit or ""
            shown = None if whole else self._shown(edit, "")
            yield Step(edit.fact, edit.row, "", unit, shown, None, "", None, now, needs, edit.complete)
        for column, value in edit.values.items():
            definition, known = self._definition(edit, column), self._state(edit, column).value
            to: object = next(iter(value)) if isinstance(value, frozenset) else None
            relation, distance = "", None
            if isinstance(value, Interval) and isinstance(known, Interval):
                number, beyond = slim.turns[column]
                up = value.lo > known.hi
                relation = ("more than" if up else "less than") if beyond else "at least" if up else "at most"
                to = date.fromordinal(int(number)).isoformat() if definition.type == "date" else number
                end = known.hi if up else known.lo
                distance = abs(number - end) if isfinite(end) else None
            yield Step(
                edit.fact, edit.row, column, definition.unit or "", self._shown(edit, column), to, relation,
                distance, now, needs, False,
            )  # fmt: skip

    def _shown(self, edit: Edit, column: str) -> object:
        value = self._state(edit, column).value if edit.row else last_value(self.bench, edit.fact)
        return self.bench._shown(value, self._definition(edit, column))


def _grade_of(row: RowState) -> int:
    """The evidence grade of a row: that of its weakest cell."""
    return min((cell.support.worst for cell in row.cells.values() if cell.status is Status.REPORTED), default=0)


def _is_open(known: Value, value: Value) -> bool:
    """Whether a word is the one known, or among those still possible: which it is, is asked and no change."""
    return isinstance(known, frozenset) and isinstance(value, frozenset) and value <= known


def _alternatives(definition: ColumnDef, now: Value, near: Iterable[float]) -> list[Value]:
    """Other values of a fact without a direction: each word, or numbers around what is known and at thresholds."""
    if isinstance(now, frozenset):
        words: list[Value] = [frozenset({word}) for word in definition.values]
        either: list[Value] = [frozenset({False}), frozenset({True})]
        every = words if definition.type == "enum" else either if definition.type == "bool" else []
        return [value for value in every if not _is_open(now, value)]
    if not isinstance(now, Interval) or definition.type != "number":
        return []
    lo, hi = definition.range
    far = FAR.get(definition.unit or "", FAR_ELSE)
    ends = {far if hi == inf else hi, -far if lo == -inf else lo}
    known = {end for end in now if isfinite(end)}
    around = {end * factor for end in known for factor in (0.01, 0.1, 0.5, 2.0, 10.0, 100.0)}
    numbers = {x for x in {*ends, *around, *near} if lo <= x <= hi and not now.lo <= x <= now.hi}
    return [point(x) for x in sorted(numbers, key=lambda x: (max(now.lo - x, x - now.hi), x))]


def _bisected(near: float, far: float, holds: Callable[[float], bool], *, whole: bool = False) -> tuple[float, float]:
    """Two neighbouring numbers of which the far one suffices and the near one does not.

    Large spans are halved by their logarithm, so that an amount is found as fast as a share.
    """
    tolerance = 1.0 if whole else 0.0
    for _ in range(200):
        gap = abs(far - near)
        if gap <= (tolerance or 10 ** -(DIGITS + 2) * max(abs(far), abs(near), 1e-9)):
            break
        same_sign = near * far > 0 and max(abs(near / far), abs(far / near)) > 4
        middle = (abs(near) * abs(far)) ** 0.5 * (1 if far > 0 else -1) if same_sign else (near + far) / 2
        if not same_sign and not whole and near == 0 and abs(far) > 1:
            middle = far / 1000
        if whole:
            middle = float(round((near + far) / 2))
        if middle in (near, far):
            break
        near, far = (near, middle) if holds(middle) else (middle, far)
    return near, far
