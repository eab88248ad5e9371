"""How far the open facts can move the verdict: for each end a bound, and a completion of the facts that attains it.

Each rule at its best gives a verdict that no facts can beat, but where rules share facts none need reach it. So the
open facts are *completed*: each takes one value of those still possible. The verdict of a completion is attained. Where
it equals the bound, that end is exact; where it does not, the facts that pull rules apart are tried and the cases are
split until bound and attained verdict meet or a stated number of trials is spent.

A completion keeps how facts are known. Silence stays silence and weighs as `docs/verdict.md` says, whatever the hidden
value; hearsay stays hearsay. A fact that nobody examined becomes known with the evidence that serves the end asked: the
strongest at the best end, none at the worst. What is told twice is told alike: no completion makes two tellings of one
quantity exclude each other; of the two the binding one is completed and the other is left to follow it. What is left
open is read against the end asked, so that no unlucky value of it could undo what is called attained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from math import inf, isfinite, nextafter

from checker.assess.verdict import Leg, RuleEnd, Stop, VerdictEnd, verdict_end
from checker.engine.coverage import Withheld
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter, Program, Result
from checker.lang.tree import COMPUTED, READER, REFERENCE_ROLES, Binary, Call, Column, Literal, Macro, Membership, walk
from checker.model.dictionary import ColumnDef
from checker.model.finding import Outcome
from checker.model.interval import Interval, Truth, point
from checker.model.state import UNEXAMINED, FactState, RowState, Status, TableState, Value
from checker.model.view import possible_values
from checker.packs.rulebook import Rule, Rulebook

Key = tuple[str, int]
"""A fact or table, and how many days before the as-of date it is read."""
Choice = Value | TableState
Choices = Mapping[Key, Choice]
Share = Callable[[Mapping[str, RuleResult]], Interval]

NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
LARGE = 1e15
"""Stands for a number without an upper end: finite, and beyond any balance sheet in dollars."""
TRIALS = 2000
"""Rules judged for each end in a full search before it gives up.

It is a count and not a time, so that the same facts give the same answer everywhere.
"""
BOLD_ATTEMPTS = 6
"""How often only the bolder of two tellings is left open before both are."""
REFERENCE = "reference:"
RATES = (0.0, 0.05, 0.5, -0.01, 0.02)
"""Values tried for a reference rate that is not held, fractions per year."""
WEIGHT = {"critical": 4, "major": 2, "minor": 1}
"""What rules weigh against each other while completions are looked for."""
OTHER_WORD = "\N{HORIZONTAL ELLIPSIS}"
"""A word that no rule names."""


@dataclass(frozen=True)
class End:
    """One end of one figure as a rank, 0 being best.

    Attributes:
        rule: Where the verdict ends with each rule at its own end.
        bound: No completion of the facts goes beyond it; between `rule` and `attained`.
        attained: Some completion reaches it.
    """

    rule: int
    bound: int
    attained: int

    @property
    def exact(self) -> bool:
        """Whether the bound is reached."""
        return self.bound == self.attained


@dataclass(frozen=True)
class Span:
    """A figure of the verdict from its best to its worst end."""

    best: End
    worst: End

    @property
    def exact(self) -> bool:
        """Whether both ends are reached."""
        return self.best.exact and self.worst.exact

    @property
    def per_rule_exact(self) -> bool:
        """Whether both ends are reached where the rules taken one by one put them."""
        return all(end.rule == end.attained for end in (self.best, self.worst))


@dataclass(frozen=True)
class Bounds:
    """Bounds of grade, pattern and trait levels.

    Attributes:
        grade: Ranks are grades, A being 0.
        pattern: Ranks count the patterns of the table from none (0) up.
        traits: Ranks are levels, by trait.
        judged: How many rules were judged to find them.
    """

    grade: Span
    pattern: Span
    traits: Mapping[str, Span]
    judged: int

    @property
    def exact(self) -> bool:
        """Whether every end of every figure is reached."""
        return self.grade.exact and self.pattern.exact and all(span.exact for span in self.traits.values())

    @property
    def label(self) -> str:
        """For the verdict with each rule at its own end: `exact`, or `per rule` where an end is only an outer bound."""
        spans = (self.grade, self.pattern, *self.traits.values())
        return "exact" if all(span.per_rule_exact for span in spans) else "per rule"


@dataclass(frozen=True)
class Case:
    """One profile at one cut, judged rule by rule.

    Attributes:
        rulebook: The packs.
        program: Parameters and metrics.
        cut: The facts.
        kind: The kind of platform.
        rules: The rules of the kind.
        results: What each says.
        legs: The structure legs of the traits of the kind, each with whether only silence makes it true.
        ends: The verdict with each rule at its best, and at its worst.
        withheld: Counts what is withheld.
    """

    rulebook: Rulebook
    program: Program
    cut: Cut
    kind: str
    rules: Sequence[Rule]
    results: Mapping[str, RuleResult]
    legs: Mapping[str, tuple[Truth, bool]]
    ends: tuple[VerdictEnd, VerdictEnd]
    withheld: Withheld


def rule_end(result: RuleResult, group: str, *, best: bool) -> RuleEnd:
    """A rule at one end of what it leaves possible.

    Args:
        result: What the rule says.
        group: The group of its pack.
        best: Whether the best end is asked.
    """
    outcome = result.best if best else result.worst
    evidence = result.support.best if best else result.support.worst
    presumed = result.presumed and outcome is FAIL
    return RuleEnd(outcome, result.rule.severity, group, presumed, stop_end(result, best=best), evidence)


def stop_end(result: RuleResult, *, best: bool) -> Stop | None:
    """On what a stop rests at one end, or None where it does not hold there."""
    stop = result.stop
    if stop is None or stop.truth.surely_false or (result.best if best else result.worst) is not FAIL:
        return None
    if stop.presumed:
        return Stop.PRESUMED
    if stop.truth.surely_true and (best or not stop.provable):
        return {2: Stop.PROVED, 1: Stop.ALLEGED}.get(stop.proof)
    return None if best else Stop.PROVED


def bounds(case: Case, trials: int = 0) -> Bounds:
    """Bounds of the verdict of a case.

    Args:
        case: A case of a kind that is graded.
        trials: How many rules may be judged for each end to reach bounds that the plain completion does not; 0 for
            none.
    """
    best = _Search(case, best=True, trials=trials)
    worst = _Search(case, best=False, trials=trials)
    spans = [Span(*ends) for ends in zip(best.found(), worst.found(), strict=True)]
    grade, pattern, *levels = spans
    return Bounds(grade, pattern, dict(zip(case.legs, levels, strict=True)), best.judged + worst.judged)


@dataclass
class _Facts:
    """The facts of a case with some of the open ones completed.

    Attributes:
        space: What may be completed, and how.
        choices: Values chosen.
        toward: Whether every fact with a direction that is not chosen goes to the end asked.
        silent_too: Whether silent facts are completed as well.
        left: What is still open.
    """

    space: Space
    choices: Choices
    toward: bool
    silent_too: bool
    left: frozenset[str] = frozenset()

    def fact(self, id: str, shift: int) -> FactState:
        """The state of a fact, completed."""
        if id in COMPUTED:
            value = self.space.share
            return self.space.cut.fact(id, shift) if value is None else _valued(self.space.cut.fact(id, shift), value)
        key = (id, shift)
        known = self.space.state(key)
        if known is None:
            return self.space.cut.fact(id, shift)
        if known.status is Status.NOT_DISCLOSED and not self.silent_too:
            return known
        if key in self.choices:
            choice = self.choices[key]
            assert not isinstance(choice, TableState)
            return _valued(known, self.space.ahead(id, choice) if self.toward else choice)
        if not self.toward or id in self.left:
            return known
        return self.space.extreme(key, known)

    def table(self, id: str, shift: int) -> TableState:
        """The state of a table, completed."""
        chosen = self.choices.get((id, shift))
        if isinstance(chosen, TableState):
            return chosen
        return self.space.table((id, shift), self.toward and id not in self.left)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        """A reference rate; one that is not held may be chosen."""
        held = self.space.cut.reference(role, asset, shift)
        chosen = self.choices.get((f"{REFERENCE}{role}:{asset}", shift))
        if held is None:
            self.space.missed[role, asset].add(shift)
        return (chosen, "chosen") if held is None and isinstance(chosen, Interval) else held

    def fiat(self, asset: str) -> bool | None:
        """Whether an asset follows a state's currency."""
        return self.space.cut.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        """Days from a date to the day judged."""
        return self.space.cut.days_before(ordinal, shift)


def _valued(state: FactState, value: Value) -> FactState:
    return replace(state, value=value)


def _single(value: Choice) -> bool:
    if isinstance(value, Interval):
        return value.is_point
    return isinstance(value, frozenset) and len(value) == 1


@dataclass
class Space:
    """The open facts of a case and the values they may take at one end."""

    case: Case
    best: bool
    share: Interval | None = None
    missed: defaultdict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    _states: dict[Key, FactState | None] = field(default_factory=dict)
    _extremes: dict[Key, FactState] = field(default_factory=dict)
    _tables: dict[tuple[Key, bool], TableState] = field(default_factory=dict)

    @property
    def cut(self) -> Cut:
        """The facts as they are."""
        return self.case.cut

    def state(self, key: Key) -> FactState | None:
        """A fact as it is, or None where nothing is open about it."""
        if key not in self._states:
            state = self.cut.fact(*key)
            self._states[key] = None if _single(state.value) else state
        return self._states[key]

    def extreme(self, key: Key, known: FactState) -> FactState:
        """A fact at the end of its values that serves the end asked; as it is where it has no such end."""
        if key not in self._extremes:
            value = self.toward(self.directions.get(key[0], "none"), self._column(key[0]), known.value)
            self._extremes[key] = known if value is None else _valued(known, value)
        return self._extremes[key]

    def ahead(self, id: str, value: Value) -> Value:
        """The value at the end asked, or all of them where a fact has no direction."""
        ahead = self.toward(self.directions.get(id, "none"), self._column(id), value)
        return value if ahead is None else ahead

    def _column(self, id: str) -> ColumnDef | None:
        return None if id in READER else self.case.rulebook.dictionary[id]

    def toward(self, worse: str, column: ColumnDef | None, value: Value) -> Value:
        """The value at the end asked, or None where there is no direction."""
        if worse == "none" or column is None or value is None or _single(value):
            return None
        if isinstance(value, Interval):
            lo, hi = finite(value)
            return point(lo if (worse == "higher") == self.best else hi)
        if column.type == "bool":
            return frozenset({(worse == "higher") != self.best})
        ordered = [word for word in column.values if word in value]
        return frozenset({ordered[0 if self.best else -1]})

    @cached_property
    def readers(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that read each fact."""
        found: dict[str, list[Rule]] = {}
        for rule in self.case.rules:
            for id in (*self.case.rulebook.reads[rule.id], *sorted(self.case.rulebook.reader_of[rule.id])):
                found.setdefault(id, []).append(rule)
        for name in self.case.legs:
            for facts in self.case.rulebook.behind[self.case.rulebook.scheme.traits[name].structure]:
                for id in facts:
                    found.setdefault(id, [])
        return {id: tuple(rules) for id, rules in found.items()}

    @cached_property
    def directions(self) -> Mapping[str, str]:
        """The adverse direction in which a fact is completed: the dictionary's, else one that some rule states."""
        found: dict[str, str] = {}
        for id, rules in self.readers.items():
            if id in self.case.rulebook.dictionary:
                own = self.case.rulebook.dictionary[id].worse
                stated = [rule.worse[id] for rule in rules if rule.worse.get(id, "none") != "none"]
                found[id] = own if own != "none" else stated[0] if stated else "none"
        return found

    def contested(self, id: str) -> bool:
        """Whether rules that read a fact disagree on its direction, or give it none."""
        definition = self.case.rulebook.dictionary.get(id)
        if definition is None:
            return True
        ways = {definition.worse, *(rule.worse.get(id, definition.worse) for rule in self.readers.get(id, ()))}
        return len(ways) != 1 or "none" in ways

    # -- tables

    def table(self, key: Key, toward: bool) -> TableState:
        """A table as it is, with the open cells of its rows at the end asked."""
        held = (key, toward)
        if held not in self._tables:
            state = self.cut.table(*key)
            self._tables[held] = replace(state, rows=tuple(map(self._row(key[0]), state.rows))) if toward else state
        return self._tables[held]

    def _row(self, id: str) -> Callable[[RowState], RowState]:
        columns = self.case.rulebook.dictionary[id].columns

        def completed(row: RowState) -> RowState:
            cells = dict(row.cells)
            for name, cell in row.cells.items():
                value = self.toward(columns[name].worse, columns[name], cell.value)
                if value is not None and cell.status is not Status.NOT_DISCLOSED:
                    cells[name] = _valued(cell, value)
            return replace(row, cells=cells)

        return completed

    def _further(self, id: str, best: bool) -> RowState:
        """A row that nobody knows, its cells at one end."""
        cells: dict[str, FactState] = {}
        for name, column in self.case.rulebook.dictionary[id].columns.items():
            anything = possible_values(column)
            value = Space(self.case, best).toward(column.worse, column, anything)
            if column.type == "text":
                value = frozenset({OTHER_WORD})
            cells[name] = FactState(
                f"{id}[further].{name}", Status.NOT_EXAMINED, anything if value is None else value, UNEXAMINED
            )
        return RowState("further", (), cells)

    def tables(self, key: Key) -> list[Choice]:
        """The ways in which a table may be completed: without further rows, or with one."""
        state = self.table(key, True)
        if state.complete:
            return []
        closed = replace(state, complete=True)
        rows = [self._further(key[0], self.best), self._further(key[0], not self.best)]
        return [closed, *(replace(closed, rows=(*state.rows, row)) for row in rows)]

    # -- values to try

    def values(self, key: Key) -> list[Choice]:
        """The values of an open fact worth trying; for words and conditions all of them."""
        id = key[0]
        if id.startswith(REFERENCE):
            return [point(rate) for rate in RATES]
        definition = self.case.rulebook.dictionary.get(id)
        if definition is not None and definition.type == "table":
            return self.tables(key)
        state = self.state(key)
        if state is None:
            return []
        if isinstance(state.value, Interval):
            return [point(x) for x in self._numbers(id, state.value)]
        if state.value is None:
            return [frozenset({word}) for word in (*self.words(id), OTHER_WORD)]
        order = list(definition.values) if definition is not None and definition.type == "enum" else [False, True]
        found: list[Choice] = [frozenset({word}) for word in order if word in state.value]  # type: ignore[misc]
        return found

    def words(self, id: str) -> list[str]:
        """The words that rules compare with a fact or know as an asset."""
        found: dict[str, None] = {}
        for rule in self.readers.get(id, ()):
            for metric in ("", *self.case.rulebook.metrics_of[rule.id]):
                trees = (
                    [f.root for f in self.case.rulebook.metrics[metric].formulas]
                    if metric
                    else [e.root for e in rule.conditions.values()]
                )
                for tree in trees:
                    for node in walk(tree):
                        sides = (node.left, node.right) if isinstance(node, Binary) else ()
                        if isinstance(node, Membership) and getattr(node.operand, "id", "") == id:
                            found.update(dict.fromkeys(node.words))
                        elif any(getattr(side, "id", "") == id for side in sides):
                            found.update((str(s.value), None) for s in sides if isinstance(s, Literal))
                            found.update(dict.fromkeys(self._told(getattr(s, "id", "")) for s in sides))
        definition = self.case.rulebook.dictionary.get(id)
        if definition is not None and definition.type == "asset":
            found.update(dict.fromkeys(("USDC", "USD", "BTC", "ETH", "EUR")))
        return [word for word in found if word]

    def _told(self, id: str) -> str:
        """The word of a fact that is known, or nothing."""
        value = self.cut.fact(id, 0).value if id in self.case.rulebook.dictionary.facts else None
        return next(iter(value)) if isinstance(value, frozenset) and len(value) == 1 else ""  # type: ignore[return-value]

    def cuts(self, id: str) -> list[float]:
        """Thresholds that a number may meet, smallest first."""
        unit = "money" if id in READER else self.case.rulebook.dictionary[id].unit
        found = {0.0}
        for rule in self.readers.get(id, ()):
            for parameter in self.case.rulebook.parameters_of[rule.id]:
                same = self.case.rulebook.parameters[parameter].unit == unit
                plain = {self.case.rulebook.parameters[parameter].unit, unit} <= {"share", "ratio", "count"}
                if same or plain:
                    found.add(self.case.program.params[parameter][0])
        return sorted(found)

    def _numbers(self, id: str, value: Interval) -> list[float]:
        lo, hi = finite(value)
        cuts = self.cuts(id)
        if id not in READER and self.case.rulebook.dictionary[id].unit in ("money", "money_per_month"):
            cuts = sorted({*cuts, *self._sums})
        between = [(a + b) / 2 for a, b in pairwise(cuts)]
        beyond = [cuts[-1] + 1.0, cuts[-1] * 2]
        inside = sorted({x for x in (*cuts, *between, *beyond) if lo < x < hi})
        return [lo, hi, *inside]

    def parts(self, key: Key, held: Choice | None, *, halve: bool) -> list[Choice]:
        """The values of a fact in parts that leave none out; nothing where it cannot be cut further.

        Args:
            key: The fact.
            held: The values left of it; None for all that are possible.
            halve: Whether a range without a threshold in it is cut too, at its middle.
        """
        definition = self.case.rulebook.dictionary.get(key[0])
        if key[0].startswith(REFERENCE) or isinstance(held, TableState) or (definition and definition.type == "table"):
            return []
        state = self.state(key)
        if state is None:
            return []
        value = state.value if held is None else held
        if isinstance(value, Interval):
            return list(self._cut(key[0], value, halve))
        if isinstance(value, frozenset):
            return [frozenset({word}) for word in sorted(value)]  # type: ignore[misc]
        return []

    def _cut(self, id: str, value: Interval, halve: bool) -> Iterator[Interval]:
        """A range cut at the middle one of the thresholds within it, else at its middle if it may be halved."""
        lo, hi = finite(value)
        inside = [x for x in self.cuts(id) if lo <= x <= hi]
        if inside and lo < hi:
            middle = inside[len(inside) // 2]
            below, above = nextafter(middle, -inf), nextafter(middle, inf)
        elif halve and nextafter(lo, inf) < hi:
            middle = (lo + hi) / 2
            below, above = middle, nextafter(middle, inf)
        else:
            return
        if inside:
            yield point(middle)
        if value.lo <= below:
            yield Interval(value.lo, below)
        if above <= value.hi:
            yield Interval(above, value.hi)

    @cached_property
    def _sums(self) -> list[float]:
        """Amounts of money that the profile states."""
        found: set[float] = set()
        for id in self.readers:
            definition = self.case.rulebook.dictionary.get(id)
            if definition is not None and definition.unit == "money" and definition.type == "number":
                value = self.cut.fact(id, 0).value
                if isinstance(value, Interval):
                    found |= {end for end in value if isfinite(end)}
        return sorted(found)[-6:]


def finite(value: Interval) -> Interval:
    """An interval of values that a fact can really have: an end without bound becomes a large number.

    >>> finite(Interval(0.0, float("inf"))).hi == LARGE
    True
    """
    return Interval(max(value.lo, -LARGE), min(value.hi, LARGE))


@dataclass(frozen=True)
class _Trial:
    """One completion: what is chosen, what is left open on purpose."""

    choices: Choices = field(default_factory=dict)
    left: frozenset[str] = frozenset()

    def having(self, key: Key, choice: Choice | None) -> _Trial:
        """This one with another choice for one fact; None leaves it open."""
        if choice is None:
            return self.leaving({key[0]})
        return _Trial({**self.choices, key: choice}, self.left - {key[0]})

    def leaving(self, facts: Set[str]) -> _Trial:
        """This one with facts left open."""
        return _Trial({k: v for k, v in self.choices.items() if k[0] not in facts}, self.left | facts)


@dataclass(frozen=True)
class _Judged:
    """The verdict of a completion.

    Attributes:
        ranks: Grade, pattern and levels.
        rules: Every rule at the end asked.
        legs: The structure legs.
        open: What still leaves a rule, or a leg, open.
    """

    ranks: tuple[int, ...]
    rules: Mapping[str, RuleEnd]
    legs: Mapping[str, Leg]
    open: Mapping[str, frozenset[str]]


class _Search:
    """Looks for completions that reach the bound of one end."""

    def __init__(self, case: Case, *, best: bool, trials: int) -> None:
        self.case, self.best, self.trials = case, best, trials
        self.space = Space(case, best)
        self.scheme = case.rulebook.scheme
        self.judged = 0
        self.patterns = list(dict.fromkeys(row.pattern for row in reversed(self.scheme.patterns)))
        self._per_rule = self._ranks(case.ends[0 if best else 1])
        self.bound = list(self._per_rule)
        self.attained: list[int] = []
        self._rules = {rule.id: rule for rule in case.rules}
        self._late = [rule.id for rule in case.rules if case.rulebook.computed_of[rule.id]]
        self._silent = frozenset(
            id
            for id in self.space.readers
            if id not in READER
            and case.rulebook.dictionary[id].type != "table"
            and case.cut.fact(id, 0).status is Status.NOT_DISCLOSED
        )
        self._shares: dict[tuple[object, ...], Interval] = {}

    def found(self) -> list[End]:
        """Each figure's bound and what is attained."""
        trial = self._consistent(self._plain())
        judged = self._judge(trial)
        self._note(judged)
        if self.trials and not self._done():
            trial, judged = self._climb(trial, judged)
            for item in range(len(self.bound)):
                if not self._reached(item):
                    self._split(item, trial)
        return [End(*ends) for ends in zip(self._per_rule, self.bound, self.attained, strict=True)]

    def _ranks(self, end: VerdictEnd) -> tuple[int, ...]:
        levels = (end.traits[name].level for name in self.case.legs)
        return (int(end.grade), self.patterns.index(end.pattern), *levels)

    def _reached(self, item: int) -> bool:
        return self.attained[item] == self.bound[item]

    def _done(self) -> bool:
        return all(map(self._reached, range(len(self.bound))))

    def _spent(self) -> bool:
        return self.judged >= self.trials

    def _note(self, judged: _Judged) -> None:
        pick, limit = (min, max) if self.best else (max, min)
        reached = [limit(pair) for pair in zip(judged.ranks, self._per_rule, strict=True)]
        self.attained = [pick(pair) for pair in zip(self.attained or reached, reached, strict=True)]

    # -- one completion

    def _plain(self) -> _Trial:
        """Every fact with a direction at the end asked; words that nobody knows are words that no rule names."""
        words = {
            (id, 0): frozenset({OTHER_WORD})
            for id in self.space.readers
            if (READER[id].kind if id in READER else self.case.rulebook.dictionary[id].type) == "text"
            and self.space.state((id, 0)) is not None
        }
        return _Trial(words)

    def _facts(self, trial: _Trial, *, silent_too: bool = False, toward: bool = True) -> _Facts:
        return _Facts(self.space, trial.choices, toward, silent_too, trial.left)

    def _judge(self, trial: _Trial, before: _Judged | None = None, changed: str = "") -> _Judged:
        """The verdict of a completion, what it leaves open read against the end asked.

        Args:
            trial: The completion.
            before: The verdict of one that differs in one fact only.
            changed: That fact.
        """
        program, dictionary = self.case.program, self.case.rulebook.dictionary
        told = RuleEngine(program, self._facts(trial), dictionary)
        full = RuleEngine(program, self._facts(trial, silent_too=True), dictionary)
        rules = dict(before.rules) if before else {}
        still = dict(before.open) if before else {}
        for id, rule in self._rules.items():
            if id not in self._late and (before is None or self._touches(id, changed)):
                rules[id], still[id] = self._rule_end(rule, told, full)
        if self._late:
            self.space.share = self._share_of(rules)
            late = RuleEngine(program, self._facts(trial), dictionary)
            for id in self._late:
                rules[id], still[id] = self._rule_end(self._rules[id], late, late)
            self.space.share = None
        legs = dict(before.legs) if before else {}
        for name in self.case.legs:
            metric = self.scheme.traits[name].structure
            if before is None or changed in self._behind(metric):
                legs[name], still[name] = self._leg(metric, told, full)
        ordered = {id: rules[id] for id in self._rules}
        ranks = self._ranks(verdict_end(self.scheme, legs, ordered, best=self.best))
        return _Judged(ranks, ordered, legs, still)

    def _touches(self, rule: str, id: str) -> bool:
        if id.startswith(REFERENCE):
            return rule in self._asking_rates
        return id in self.case.rulebook.reads[rule] or id in self.case.rulebook.reader_of[rule]

    @cached_property
    def _asking_rates(self) -> frozenset[str]:
        """Rules that may ask for a reference rate."""
        rulebook = self.case.rulebook
        asking = {
            id
            for id, metric in rulebook.metrics.items()
            if any(isinstance(n, Call) and n.function in REFERENCE_ROLES for f in metric.formulas for n in walk(f.root))
        }
        return frozenset(
            rule.id
            for rule in self.case.rules
            if not asking.isdisjoint(rulebook.metrics_of[rule.id])
            or any(isinstance(n, Call | Macro | Column) for e in rule.conditions.values() for n in walk(e.root))
        )

    def _rule_end(self, rule: Rule, told: RuleEngine, full: RuleEngine) -> tuple[RuleEnd, frozenset[str]]:
        self.judged += 1
        reads = self.case.rulebook.reads[rule.id]
        result = told.evaluate(rule, reads)
        floor = min(result.possible)
        possible = result.possible
        decided = len(possible) == 1 or len(result.told) == 1
        stop_open = result.stop is not None and result.stop.truth.is_open
        if (not decided or stop_open) and not self._silent.isdisjoint(reads):
            self.judged += 1
            spoken = full.evaluate(rule, reads)
            if result.stop is not None and result.stop.presumed:
                spoken = replace(spoken, stop=result.stop)
            if decided:
                result = replace(result, stop=spoken.stop)
            else:
                unlucky = possible if self.best and not self._silent.issuperset(result.open) else frozenset[Outcome]()
                result, possible = spoken, frozenset(max(outcome, floor) for outcome in spoken.possible)
                decided = not unlucky and (len(possible) == 1 or len(spoken.told) == 1)
                possible |= unlucky
        outcome = min(possible) if self.best == decided else max(possible)
        told_by, at_least = (result.support.best, 0) if self.best else (result.support.worst, 4)
        evidence = told_by if decided else at_least
        group = self.case.rulebook.packs[rule.pack].group
        presumed = decided and result.presumed and outcome is FAIL
        end = RuleEnd(outcome, rule.severity, group, presumed, self._stop(result, outcome), evidence)
        return end, frozenset() if decided else frozenset(result.open)

    def _stop(self, result: RuleResult, outcome: Outcome) -> Stop | None:
        stop = result.stop
        if stop is None or stop.truth.surely_false or outcome is not FAIL:
            return None
        if stop.presumed:
            return Stop.PRESUMED
        if stop.truth.is_open:
            return Stop.PROVED if self.best else None
        if self.best or not stop.provable:
            return {2: Stop.PROVED, 1: Stop.ALLEGED}.get(stop.proof)
        return Stop.PROVED

    def _leg(self, metric: str, told: RuleEngine, full: RuleEngine) -> tuple[Leg, frozenset[str]]:
        truth, presumed, still = told.leg(metric)
        if truth.is_open and self._silent:
            spoken = full.interpreter.metric(metric)
            truth, still = spoken.truth, spoken.open
        present = not truth.surely_false if self.best else truth.surely_true
        return Leg(present, presumed), frozenset(still) if truth.is_open else frozenset()

    def _share_of(self, rules: Mapping[str, RuleEnd]) -> Interval:
        """What is withheld: at the best end what nobody examined turns out disclosed, at the worst end withheld."""
        key = tuple(end.outcome is NOT_APPLICABLE for end in rules.values() if end.severity == "critical")
        if key not in self._shares:
            results = {
                id: replace(self.case.results[id], possible=frozenset({end.outcome})) for id, end in rules.items()
            }
            share = self.case.withheld.share(self.case.rules, results)
            self._shares[key] = point(share.lo if self.best else share.hi)
        return self._shares[key]

    # -- one quantity told twice

    @cached_property
    def _twice(self) -> list[str]:
        """The metrics of this kind that several formulas tell, and that tell alike so far."""
        used = {id for rule in self.case.rules for id in self.case.rulebook.metrics_of[rule.id]}
        used |= {self.scheme.traits[name].structure for name in self.case.legs}
        plain = Interpreter(self.case.program, self.case.cut)
        return [
            id
            for id in sorted(used)
            if len((metric := self.case.rulebook.metrics[id]).formulas) > 1
            and not metric.model
            and not metric.over
            and not _apart([plain.evaluate(f.root) for f in metric.formulas])
        ]

    def _behind(self, metric: str) -> frozenset[str]:
        """The facts behind a metric."""
        return frozenset[str]().union(*self.case.rulebook.behind[metric])

    def _conflicts(self, trial: _Trial, metrics: Iterable[str]) -> list[str]:
        interpreter = Interpreter(self.case.program, self._facts(trial, silent_too=False))
        return [
            id
            for id in metrics
            if _apart([interpreter.evaluate(f.root) for f in self.case.rulebook.metrics[id].formulas])
        ]

    def _consistent(self, trial: _Trial) -> _Trial:
        """The completion with facts left open until no two tellings of one quantity exclude each other."""
        conflicts = self._twice
        for attempt in range(BOLD_ATTEMPTS + 1):
            conflicts = self._conflicts(trial, conflicts)
            if not conflicts:
                break
            interpreter = Interpreter(self.case.program, self._facts(trial))
            for id in conflicts:
                if attempt < BOLD_ATTEMPTS:
                    trial = self._reconciled(trial, id, interpreter)
                else:
                    trial = trial.leaving(self._behind(id))
        return trial

    def _reconciled(self, trial: _Trial, id: str, interpreter: Interpreter) -> _Trial:
        """Leaves open what is behind the bolder of two tellings: the one the other's facts cannot follow."""
        metric = self.case.rulebook.metrics[id]
        tellings: list[tuple[float, frozenset[str]]] = []
        for formula, facts in zip(metric.formulas, self.case.rulebook.behind[id], strict=True):
            value = interpreter.evaluate(formula.root).value
            size = (
                float(value.surely_true) - float(value.surely_false)
                if isinstance(value, Truth)
                else sum(finite(value)) / 2
                if isinstance(value, Interval)
                else 0.0
            )
            adverse = size if metric.worse != "lower" else -size
            tellings.append((adverse if self.best else -adverse, facts))
        tellings.sort(key=lambda pair: pair[0])
        for _, facts in tellings:
            opened = {f for f in facts if f not in self._silent and self._completed(trial, f)} - trial.left
            if opened:
                return trial.leaving(opened)
        return trial

    def _completed(self, trial: _Trial, id: str) -> bool:
        if id in READER or self.case.rulebook.dictionary[id].type == "table":
            return (id, 0) in trial.choices
        return self.space.state((id, 0)) is not None

    # -- trying values

    def _climb(self, trial: _Trial, judged: _Judged) -> tuple[_Trial, _Judged]:
        """Tries other values for the facts of rules that stay behind their bound, keeping what helps."""
        helped = True
        while helped and not self._done() and not self._spent():
            helped = False
            for key in self._behind_gaps(judged):
                score = self._score(judged)
                for choice in (*self.space.values(key), None):
                    tried = trial.having(key, choice)
                    if self._conflicts(tried, [id for id in self._twice if key[0] in self._behind(id)]):
                        continue
                    outcome = self._judge(tried, judged, key[0])
                    self._note(outcome)
                    if self._score(outcome) < score:
                        trial, judged, helped = tried, outcome, True
                        score = self._score(outcome)
                    if self._spent() or self._done():
                        return trial, judged
        return trial, judged

    def _score(self, judged: _Judged) -> tuple[int, int]:
        away = sum(abs(rank - bound) for rank, bound in zip(judged.ranks, self.bound, strict=True))
        behind = sum(WEIGHT[end.severity] * abs(end.outcome - self._aim(id)) for id, end in judged.rules.items())
        return away, behind + sum(leg.present != self._leg_aim(name) for name, leg in judged.legs.items())

    @cached_property
    def _weighed(self) -> frozenset[str]:
        """The rules that count whatever their severity: harm legs and stops."""
        harm = {id for name in self.case.legs for id in self.scheme.traits[name].harm}
        return frozenset(harm | set(self.scheme.stops.rules))

    def _aim(self, id: str) -> Outcome:
        result = self.case.results[id]
        return result.best if self.best else result.worst

    def _leg_aim(self, name: str) -> bool:
        truth, _ = self.case.legs[name]
        return truth.surely_true if self.best else not truth.surely_false

    def _behind_gaps(self, judged: _Judged) -> list[Key]:
        """Facts that keep rules and legs behind: first what is open, then what they pull two ways."""
        found: dict[Key, None] = {}
        gaps = [
            rule
            for rule in self.case.rules
            if (rule.severity != "minor" or rule.id in self._weighed)
            and judged.rules[rule.id].outcome != self._aim(rule.id)
        ]
        behind = [
            (judged.open[rule.id], self._reading(rule.id))
            for rule in sorted(gaps, key=lambda rule: -WEIGHT[rule.severity])
        ]
        behind += [
            (judged.open[name], self._behind(self.scheme.traits[name].structure))
            for name, leg in judged.legs.items()
            if leg.present != self._leg_aim(name)
        ]
        for still, _ in behind:
            for name in sorted(still):
                found.update(dict.fromkeys(self._keys(name)))
        for _, reads in behind:
            for name in sorted(reads, key=lambda id: not self.space.contested(id)):
                found.update(dict.fromkeys(self._keys(name)))
        return list(found)

    def _keys(self, name: str) -> list[Key]:
        """What may be chosen for something open: the fact, the table of a cell, a rate that is not held."""
        if name.startswith(REFERENCE):
            return [
                (f"{REFERENCE}{role}:{asset}", shift)
                for (role, asset), shifts in self.space.missed.items()
                if f"({asset})" in name
                for shift in sorted(shifts)
            ]
        id = name.partition("[")[0]
        if id == "platform.kind" or id not in self.space.readers:
            return []
        return [(id, 0)]

    # -- splitting

    def _split(self, item: int, start: _Trial) -> None:
        """Splits the values of facts until the best bound among what is left is attained, or trials are spent."""
        sign = 1 if self.best else -1
        queue: list[tuple[int, int, Choices]] = [(sign * self.bound[item], 0, {})]
        stuck: list[int] = []
        count = 0
        while queue and queue[0][0] < sign * self.attained[item] and not self._spent():
            rank, _, box = heappop(queue)
            tried = _Trial({**start.choices, **box}, start.left - {id for id, _ in box})
            judged = None
            if not self._conflicts(tried, self._twice):
                judged = self._judge(tried)
                self._note(judged)
            parts = self._parts(box, judged)
            if not parts:
                stuck.append(rank)
            for part in parts:
                inner = sign * self._outer(part)[item]
                if inner < sign * self.attained[item]:
                    count += 1
                    heappush(queue, (inner, count, part))
        pick = min if self.best else max
        left = [sign * rank for rank in (*stuck, *(rank for rank, _, _ in queue))]
        self.bound[item] = pick([*left, self.attained[item]])

    def _parts(self, box: Choices, judged: _Judged | None) -> list[Choices]:
        """A box of values cut along one fact that rules pull two ways; nothing where no fact is left to cut."""
        keys = self._behind_gaps(judged) if judged else []
        keys += [(id, 0) for id in sorted(self.space.readers) if self.space.contested(id)]
        for halve in (False, True):
            for key in keys:
                parts = [] if key[0] == "platform.kind" else self.space.parts(key, box.get(key), halve=halve)
                if len(parts) > 1:
                    return [{**box, key: part} for part in parts]
        return []

    def _outer(self, box: Choices) -> tuple[int, ...]:
        """The verdict with each rule at its end over a box of values."""
        trial = _Trial(box)
        program, dictionary, reads = self.case.program, self.case.rulebook.dictionary, self.case.rulebook.reads
        engine = RuleEngine(program, self._facts(trial, toward=False), dictionary)
        full = RuleEngine(program, self._facts(trial, toward=False, silent_too=True), dictionary)
        touched = {id for id, _ in box}
        results = dict(self.case.results)
        for id, rule in self._rules.items():
            if id not in self._late and not touched.isdisjoint(self._reading(id)):
                self.judged += 1
                results[id] = engine.evaluate(rule, reads[id])
                if len(results[id].possible) > 1 and not self._silent.isdisjoint(reads[id]):
                    results[id] = self._spoken(results[id], full.evaluate(rule, reads[id]), box)
        if self._late:
            self.space.share = self.case.withheld.share(self.case.rules, results)
            late = RuleEngine(program, self._facts(trial, toward=False), dictionary)
            results |= {id: late.evaluate(self._rules[id], reads[id]) for id in self._late}
            self.space.share = None
        legs: dict[str, Leg] = {}
        for name, (truth, presumed) in self.case.legs.items():
            metric = self.scheme.traits[name].structure
            if not touched.isdisjoint(self._behind(metric)):
                truth, presumed, _ = engine.leg(metric)
                truth = full.interpreter.metric(metric).truth if truth.is_open else truth
            legs[name] = Leg(truth.surely_true if self.best else not truth.surely_false, presumed)
        packs = self.case.rulebook.packs
        rules = {id: rule_end(result, packs[result.rule.pack].group, best=self.best) for id, result in results.items()}
        return self._ranks(verdict_end(self.scheme, legs, rules, best=self.best))

    def _spoken(self, told: RuleResult, spoken: RuleResult, box: Choices) -> RuleResult:
        """A rule over a box that bounds hidden values too: no hidden value betters what silence makes of the rest.

        Args:
            told: What the rule says while the platform is silent.
            spoken: What it says of the hidden values in the box.
            box: The box. While unexamined facts of the rule vary in it, silence may still make more of one of them.
        """
        floor = min(told.possible)
        possible = {max(outcome, floor) for outcome in spoken.possible}
        varying = (self.space.state((id, 0)) for id in self._reading(told.rule.id) if id not in self._silent)
        if any(state is not None and not _single(box.get((state.id, 0), state.value)) for state in varying):
            possible.add(max(told.possible))
        presumed = told.stop is not None and told.stop.presumed
        return replace(spoken, possible=frozenset(possible), stop=told.stop if presumed else spoken.stop)

    def _reading(self, rule: str) -> frozenset[str]:
        return frozenset(self.case.rulebook.reads[rule]) | self.case.rulebook.reader_of[rule]


def _apart(results: Sequence[Result]) -> bool:
    """Whether two tellings of one quantity exclude each other."""
    values = [result.value for result in results]
    if isinstance(values[0], Truth):
        return any(v.surely_true for v in values) and any(v.surely_false for v in values)  # type: ignore[union-attr]
    if isinstance(values[0], Interval):
        return max(v.lo for v in values) > min(v.hi for v in values)  # type: ignore[union-attr]
    return False
