"""Decisive unknowns: which open fact would settle most, so that the first question asked is the one that counts.

An answer is tried as the platform would give it: one value, in its own words (E1, or full evidence of what it promises
or admits). The best and the worst answer are tried, or every word where there is no best; a question is worth what even
its less helpful answer settles. The share of facts withheld is left as it is while answers are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from math import inf

from checker.assess.assess import _Assessor
from checker.assess.assessment import Options
from checker.assess.bounds import OTHER_WORD, WEIGHT, Case, Choice, Space, rule_end
from checker.assess.verdict import Leg, verdict_end
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter
from checker.lang.tree import NOT_STATED
from checker.model.finding import Grade, Outcome
from checker.model.interval import Interval, point
from checker.model.profile import Profile
from checker.model.state import FactState, Reason, Status, Support, TableState, Value
from checker.model.view import FOUND, OWN_WORDS, PROVED_PROMISE
from checker.packs.rulebook import Rulebook

MOST_ANSWERS = 8
"""Answers tried for a fact that has no best one."""
HALFWAY = 30.0
"""Where an unbounded number counts as halfway to infinity when ranges of it are compared (days, for a run)."""


@dataclass(frozen=True)
class Answer:
    """What an answer would make of the result.

    Attributes:
        value: The answer: a number in the unit of the fact, a truth value, a word, an ISO date; None for a table that
            is stated to be complete as it is.
        best: The best grade left, None for a kind without a grade.
        worst: The worst grade left.
        outcomes: What each rule that reads the fact then leaves possible, best first.
    """

    value: object
    best: Grade | None
    worst: Grade | None
    outcomes: Mapping[str, tuple[Outcome, ...]]

    @property
    def settles_grade(self) -> bool:
        """Whether one letter is left."""
        return self.best is not None and self.best == self.worst


@dataclass(frozen=True)
class Unknown:
    """An open fact and what knowing it would settle.

    Attributes:
        fact: Its id; a table counts as one fact.
        reason: Why it is open.
        settles_grade: Some answer alone leaves one letter.
        settles_findings: Findings that its less helpful answer makes certain.
        narrows: How much of the ranges of the headline numbers its less helpful answer takes away, 1 for the whole of
            one number.
        rules: The rules it keeps open, critical ones first.
        critical: How many of them are critical.
        nearness: How near it brings its rules to being settled: for each rule its weight (4 critical, 2 major, 1 minor)
            over the number of unknowns that hold it open.
        observable: Anyone can look it up.
        best_answer: The answer best for the platform, None where no answer can be tried.
        worst_answer: The answer worst for it.
    """

    fact: str
    reason: str
    settles_grade: bool
    settles_findings: int
    narrows: float
    rules: tuple[str, ...]
    critical: int
    nearness: float
    observable: bool
    best_answer: Answer | None
    worst_answer: Answer | None


@dataclass(frozen=True)
class _Answered:
    """The facts of a cut with one of them answered."""

    facts: object
    id: str
    state: FactState | TableState

    def fact(self, id: str, shift: int) -> FactState:
        if id == self.id and shift == 0 and isinstance(self.state, FactState):
            return self.state
        return self.facts.fact(id, shift)  # type: ignore[attr-defined,no-any-return]

    def table(self, id: str, shift: int) -> TableState:
        if id == self.id and shift == 0 and isinstance(self.state, TableState):
            return self.state
        return self.facts.table(id, shift)  # type: ignore[attr-defined,no-any-return]

    def __getattr__(self, name: str) -> object:
        return getattr(self.facts, name)


@dataclass
class Trial:
    """Tries answers for the open facts of one profile at one cut.

    Args:
        profile: The profile.
        rulebook: The packs.
        options: The cut and any changes to the packs.
    """

    profile: Profile
    rulebook: Rulebook
    options: Options
    _before: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def judged(self) -> _Assessor:
        """The profile as it is."""
        return _Assessor(self.profile, self.rulebook, self.options, "")

    @cached_property
    def case(self) -> Case:
        """The profile as it is, with both ends of its verdict."""
        return self.judged.case()

    def answer(self, fact: str, value: object) -> Answer:
        """What an answer would make of the result.

        Args:
            fact: Id of the fact.
            value: A number in its unit, a truth value, a word, an ISO date; None for a table that is complete as it is.
        """
        return self._tried(fact, self._told(fact, value), value)[0]

    def _told(self, fact: str, value: object) -> FactState | TableState:
        definition = self.rulebook.dictionary[fact]
        grade = PROVED_PROMISE if definition.about == "promise" else OWN_WORDS
        support = Support(grade, grade, FOUND)
        if definition.type == "table":
            return replace(self.case.cut.table(fact, 0), status=Status.REPORTED, complete=True, support=support)
        state = self.case.cut.fact(fact, 0)
        told: Value
        if isinstance(value, date) or (definition.type == "date" and isinstance(value, str)):
            told = point(float((value if isinstance(value, date) else date.fromisoformat(value)).toordinal()))
        elif isinstance(value, bool | str):
            told = frozenset({value})  # type: ignore[assignment]
        else:
            assert isinstance(value, int | float)
            told = point(float(value))
        return replace(
            state,
            status=Status.REPORTED,
            value=told,
            support=Support(max(grade, state.support.worst), max(grade, state.support.worst), FOUND),
            stale=False,
            conflict=False,
            rumour=None if grade > OWN_WORDS else state.rumour,
        )

    def _tried(self, fact: str, state: FactState | TableState, value: object) -> tuple[Answer, int, float]:
        """An answer, how many open findings it makes certain, and how much it narrows the headline numbers."""
        case, reads = self.case, self.rulebook.reads
        facts = _Answered(case.cut, fact, state)
        engine = RuleEngine(case.program, facts, self.rulebook.dictionary)  # type: ignore[arg-type]
        readers = [rule for rule in case.rules if fact in reads[rule.id]]
        results = dict(case.results)
        for rule in readers:
            results[rule.id] = engine.evaluate(rule, reads[rule.id])
        settled = sum(len(case.results[r.id].possible) > 1 and len(results[r.id].possible) == 1 for r in readers)
        best, worst = self._grades(fact, engine, results) if case.legs else (None, None)
        outcomes = {rule.id: tuple(sorted(results[rule.id].possible)) for rule in readers}
        return Answer(value, best, worst, outcomes), settled, self._narrowed(fact, engine.interpreter)

    def _grades(self, fact: str, engine: RuleEngine, results: Mapping[str, RuleResult]) -> tuple[Grade, Grade]:
        scheme, packs = self.rulebook.scheme, self.rulebook.packs
        grades: list[Grade] = []
        legs = dict(self.case.legs)
        for name in legs:
            structure = scheme.traits[name].structure
            if any(fact in facts for facts in self.rulebook.behind[structure]):
                truth, presumed, _ = engine.leg(structure)
                legs[name] = (truth, presumed)
        for best in (True, False):
            ends = {id: rule_end(r, packs[r.rule.pack].group, best=best) for id, r in results.items()}
            present = {n: Leg(t.surely_true if best else not t.surely_false, p) for n, (t, p) in legs.items()}
            grades.append(verdict_end(scheme, present, ends, best=best).grade)
        return grades[0], grades[1]

    def _narrowed(self, fact: str, interpreter: Interpreter) -> float:
        total = 0.0
        for id, scenario in self.judged._headline():
            if any(fact in facts for facts in self.rulebook.behind[id]):
                before = self._width(self.case_interpreter, id, scenario)
                total += max(before - self._width(interpreter, id, scenario), 0.0) / before if before else 0.0
        return total

    @cached_property
    def case_interpreter(self) -> Interpreter:
        """Evaluates the facts as they are."""
        return Interpreter(self.case.program, self.case.cut)

    def _width(self, interpreter: Interpreter, id: str, scenario: str) -> float:
        """The width of a number's range, an unbounded number measured on a scale that ends at infinity."""
        key = f"{id}@{scenario}"
        if interpreter is self.case_interpreter and key in self._before:
            return self._before[key][0]
        result = interpreter.modelled(id, scenario) if scenario else interpreter.metric(id)
        value = result.value
        width = 0.0
        if isinstance(value, Interval):
            lo, hi = (max(end, 0.0) for end in value)
            if self.rulebook.metrics[id].unit == "share":
                width = min(hi, 1.0) - min(lo, 1.0)
            else:
                width = _of_all(hi) - _of_all(lo)
        if interpreter is self.case_interpreter:
            self._before = {**self._before, key: (width, width)}
        return width

    def unknown(self, fact: str, reason: str, rules: Sequence[str]) -> Unknown:
        """What knowing one open fact would settle.

        Args:
            fact: Its id.
            reason: Why it is open.
            rules: The rules it keeps open.
        """
        definition = self.rulebook.dictionary[fact]
        ordered = sorted(rules, key=lambda id: (-WEIGHT[self.rulebook.rules[id].severity], id))
        tried = [self._tried(fact, self._told(fact, value), value) for value in self._answers(fact)]
        return Unknown(
            fact,
            reason,
            any(answer.settles_grade for answer, _, _ in tried),
            min((settled for _, settled, _ in tried), default=0),
            min((narrowed for _, _, narrowed in tried), default=0.0),
            tuple(ordered),
            sum(self.rulebook.rules[id].severity == "critical" for id in ordered),
            sum(WEIGHT[self.rulebook.rules[id].severity] / len(self.case.results[id].open) for id in ordered),
            definition.observable,
            min(tried, key=_goodness)[0] if tried else None,
            max(tried, key=_goodness)[0] if len(tried) > 1 else None,
        )

    def _answers(self, fact: str) -> list[object]:
        definition = self.rulebook.dictionary[fact]
        if definition.type == "table":
            return [None]
        space = self.spaces
        state = self.case.cut.fact(fact, 0)
        ends = [s.toward(s.directions.get(fact, definition.worse), definition, state.value) for s in space]
        values: Iterable[Choice | None] = ends
        if None in ends or ends[0] == ends[1]:
            values = space[0].values((fact, 0))[:MOST_ANSWERS]
        return [self._plain(fact, value) for value in values if value is not None]

    @cached_property
    def spaces(self) -> tuple[Space, Space]:
        """The values open facts may take toward the best and toward the worst end."""
        return Space(self.case, True), Space(self.case, False)

    def _plain(self, fact: str, value: Choice) -> object:
        if isinstance(value, Interval):
            dated = self.rulebook.dictionary[fact].type == "date"
            return date.fromordinal(int(value.lo)).isoformat() if dated else value.lo
        assert isinstance(value, frozenset)
        word = next(iter(value))
        return "another" if word == OTHER_WORD else word


def rank_unknowns(profile: Profile, rulebook: Rulebook, options: Options) -> tuple[Unknown, ...]:
    """The open facts of a profile, most decisive first.

    First come facts that alone can settle the grade, then those whose less helpful answer settles most findings, then
    those that narrow the headline numbers most, then those whose rules fewest other unknowns hold open; among equals
    what anyone can look up comes before what must be asked.

    Args:
        profile: The profile.
        rulebook: The packs.
        options: The cut and any changes to the packs.
    """
    trial = Trial(profile, rulebook, options)
    open_: dict[str, list[str]] = {}
    reasons: dict[str, str] = {}
    for result in trial.case.results.values():
        for name, reason in result.open.items():
            fact = name.partition("[")[0]
            definition = rulebook.dictionary.get(fact)
            if definition is None or definition.section == "platform" or fact in NOT_STATED:
                continue
            if result.rule.id not in open_.setdefault(fact, []):
                open_[fact].append(result.rule.id)
            if reasons.get(fact, Reason.APPLICABILITY.value) == Reason.APPLICABILITY.value:
                reasons[fact] = reason.value
    found = [trial.unknown(fact, reasons[fact], rules) for fact, rules in open_.items()]
    return tuple(
        sorted(
            found,
            key=lambda u: (
                not u.settles_grade,
                -u.settles_findings,
                -round(u.narrows, 6),
                -round(u.nearness, 6),
                not u.observable,
                u.fact,
            ),
        )
    )


def _of_all(value: float) -> float:
    """A number without upper end on a scale from 0 to 1."""
    return 1.0 if value == inf else value / (HALFWAY + value)


def _goodness(tried: tuple[Answer, int, float]) -> tuple[int, int, int]:
    """Sorts answers from best to worst for the platform."""
    answer = tried[0]
    outcomes = [outcome for possible in answer.outcomes.values() for outcome in (possible[0], possible[-1])]
    return (
        sum(outcomes),
        -1 if answer.worst is None else int(answer.worst),
        -1 if answer.best is None else int(answer.best),
    )
