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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heappop, heappush
from math import inf, isfinite, nextafter

from checker.assess.verdict import Leg, RuleEnd, Stop, VerdictEnd, verdict_end
from checker.engine.coverage import NOT_DISCLOSED_SHARE, Withheld
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter, Program, Result
from checker.lang.tree import COMPUTED, READER, Binary, Literal, Membership, walk
from checker.model.dictionary import ColumnDef
from checker.model.finding import Outcome
from checker.model.interval import Interval, Truth, point
from checker.model.state import UNEXAMINED, FactState, RowState, Status, Support, TableState, Value
from checker.packs.rulebook import Rule, Rulebook

Key = tuple[str, int]
"""A fact or table, and how many days before the as-of date it is read."""
Choice = Value | TableState
Choices = Mapping[Key, Choice]
Share = Callable[[Mapping[str, RuleResult]], Interval]

NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
LARGE = 1e15
"""Stands for a number without an upper end: finite, and beyond any balance sheet in dollars."""
TRIALS = 12000
"""Rules judged in a full search before it gives up; the count is fixed so that the same facts give the same answer."""
OTHER_WORD = "\N{HORIZONTAL ELLIPSIS}"
"""A word that no rule names."""


@dataclass(frozen=True)
class End:
    """One end of one figure as a rank, 0 being best.

    Attributes:
        bound: No completion of the facts goes beyond it.
        attained: Some completion reaches it.
    """

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
        """`exact`, or `per rule` where an end is only an outer bound."""
        return "exact" if self.exact else "per rule"


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


def bounds(case: Case, trials: int = 0) -> Bounds:
    """Bounds of the verdict of a case.

    Args:
        case: A case of a kind that is graded.
        trials: How many rules may be judged to narrow bounds that the plain completion does not reach; 0 for none.
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

    space: _Space
    choices: Choices
    toward: bool
    silent_too: bool
    left: frozenset[Key] = frozenset()

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
            return _valued(known, choice)
        if not self.toward or key in self.left:
            return known
        return self.space.extreme(key, known)

    def table(self, id: str, shift: int) -> TableState:
        """The state of a table, completed."""
        chosen = self.choices.get((id, shift))
        if isinstance(chosen, TableState):
            return chosen
        return self.space.table((id, shift), self.toward)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        """A reference rate."""
        return self.space.cut.reference(role, asset, shift)

    def fiat(self, asset: str) -> bool | None:
        """Whether an asset follows a state's currency."""
        return self.space.cut.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        """Days from a date to the day judged."""
        return self.space.cut.days_before(ordinal, shift)


def _valued(state: FactState, value: Value) -> FactState:
    return replace(state, value=value)


def _single(value: Value) -> bool:
    if isinstance(value, Interval):
        return value.is_point
    return value is not None and len(value) == 1


@dataclass
class _Space:
    """The open facts of a case and the values they may take at one end."""

    case: Case
    best: bool
    share: Interval | None = None
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
        ways = {rule.worse.get(id, definition.worse) for rule in self.readers.get(id, ())}
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
        from checker.model.view import possible_values

        cells: dict[str, FactState] = {}
        for name, column in self.case.rulebook.dictionary[id].columns.items():
            anything = possible_values(column)
            value = _Space(self.case, best).toward(column.worse, column, anything)
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
        definition = self.case.rulebook.dictionary.get(id)
        if definition is not None and definition.type == "asset":
            found.update(dict.fromkeys(("USDC", "USD", "BTC", "ETH", "EUR")))
        return list(found)

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
        between = [(a + b) / 2 for a, b in zip(cuts, cuts[1:], strict=False)]
        beyond = [cuts[-1] + 1.0, cuts[-1] * 2]
        inside = sorted({x for x in (*cuts, *between, *beyond) if lo < x < hi})
        return [lo, hi, *inside]

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
    left: frozenset[Key] = frozenset()

    def having(self, key: Key, choice: Choice | None) -> _Trial:
        """This one with another choice for one fact; None leaves it open."""
        choices = {k: v for k, v in self.choices.items() if k != key}
        if choice is None:
            return _Trial(choices, self.left | {key})
        return _Trial({**choices, key: choice}, self.left - {key})


@dataclass(frozen=True)
class _Judged:
    """The verdict of a completion: ranks of grade, pattern and levels, and the rules and legs behind them."""

    ranks: tuple[int, ...]
    rules: Mapping[str, RuleEnd]
    legs: Mapping[str, Leg]
    sound: bool = True


class _Search:
    """Looks for completions that reach the bound of one end."""

    def __init__(self, case: Case, *, best: bool, trials: int) -> None:
        self.case, self.best, self.trials = case, best, trials
        self.space = _Space(case, best)
        self.scheme = case.rulebook.scheme
        self.judged = 0
        self.patterns = list(dict.fromkeys(row.pattern for row in reversed(self.scheme.patterns)))
        self.outer = case.ends[0 if best else 1]
        self.bound = list(self._ranks(self.outer))
        self.attained: list[int] | None = None
        self._silent = frozenset(
            id
            for id in self.space.readers
            if id not in READER
            and case.rulebook.dictionary[id].type != "table"
            and case.cut.fact(id, 0).status is Status.NOT_DISCLOSED
        )
        self._rule_cache: dict[tuple[object, ...], RuleEnd] = {}
        self._leg_cache: dict[tuple[object, ...], Leg] = {}
        self._share_cache: dict[tuple[object, ...], Interval] = {}

    def found(self) -> list[End]:
        """Each figure's bound and what is attained."""
        trial = self._consistent(_Trial())
        self._note(self._judge(trial))
        if self.trials and not self._done():
            trial = self._climb(trial)
            for item in range(len(self.bound)):
                if not self._reached(item):
                    self._split(item, trial)
        assert self.attained is not None
        return [End(*ends) for ends in zip(self.bound, self.attained, strict=True)]

    def _ranks(self, end: VerdictEnd) -> tuple[int, ...]:
        levels = (end.traits[name].level for name in self.case.legs)
        return (int(end.grade), self.patterns.index(end.pattern), *levels)

    def _reached(self, item: int) -> bool:
        return self.attained is not None and self.attained[item] == self.bound[item]

    def _done(self) -> bool:
        return all(map(self._reached, range(len(self.bound))))

    def _spent(self) -> bool:
        return self.judged >= self.trials

    def _note(self, judged: _Judged) -> None:
        pick = min if self.best else max
        held = self.attained or list(judged.ranks)
        self.attained = [pick(pair) for pair in zip(held, judged.ranks, strict=True)]

    # -- one completion

    def _facts(self, trial: _Trial, *, silent_too: bool = False, toward: bool = True) -> _Facts:
        return _Facts(self.space, trial.choices, toward, silent_too, trial.left)

    def _chosen(self, trial: _Trial, reads: Iterable[str]) -> tuple[object, ...]:
        ids = set(reads)
        chosen = [(k, id(v) if isinstance(v, TableState) else v) for k, v in trial.choices.items() if k[0] in ids]
        return tuple(sorted(map(repr, chosen))), tuple(sorted(k for k in trial.left if k[0] in ids))

    def _judge(self, trial: _Trial) -> _Judged:
        """The verdict of a completion, what it leaves open read against the end asked."""
        program, dictionary, reads = self.case.program, self.case.rulebook.dictionary, self.case.rulebook.reads
        told = RuleEngine(program, self._facts(trial), dictionary)
        full = RuleEngine(program, self._facts(trial, silent_too=True), dictionary)
        rules: dict[str, RuleEnd] = {}
        late = [rule for rule in self.case.rules if self.case.rulebook.computed_of[rule.id]]
        for rule in self.case.rules:
            if rule in late:
                continue
            key = (rule.id, *self._chosen(trial, self._inputs(rule)))
            if key not in self._rule_cache:
                self._rule_cache[key] = self._rule_end(rule, told, full, reads[rule.id])
            rules[rule.id] = self._rule_cache[key]
        if late:
            share = self._share_of(rules)
            self.space.share = share
            fresh = RuleEngine(program, self._facts(trial), dictionary)
            for rule in late:
                key = (rule.id, share, *self._chosen(trial, self._inputs(rule)))
                if key not in self._rule_cache:
                    self._rule_cache[key] = self._rule_end(rule, fresh, fresh, reads[rule.id])
                rules[rule.id] = self._rule_cache[key]
            self.space.share = None
        legs: dict[str, Leg] = {}
        for name in self.case.legs:
            metric = self.scheme.traits[name].structure
            key = (name, *self._chosen(trial, self._behind(metric)))
            if key not in self._leg_cache:
                self._leg_cache[key] = self._leg(metric, told, full)
            legs[name] = self._leg_cache[key]
        ordered = {rule.id: rules[rule.id] for rule in self.case.rules}
        return _Judged(self._ranks(verdict_end(self.scheme, legs, ordered, best=self.best)), ordered, legs)

    def _inputs(self, rule: Rule) -> frozenset[str]:
        return frozenset(self.case.rulebook.reads[rule.id]) | self.case.rulebook.reader_of[rule.id]

    def _rule_end(self, rule: Rule, told: RuleEngine, full: RuleEngine, reads: Mapping[str, object]) -> RuleEnd:
        self.judged += 1
        result = told.evaluate(rule, reads)
        floor = min(result.possible)
        decided = len(result.possible) == 1 or len(result.told) == 1
        possible = result.possible
        stop_open = result.stop is not None and result.stop.truth.is_open
        if (not decided or stop_open) and not self._silent.isdisjoint(reads):
            spoken = full.evaluate(rule, reads)
            self.judged += 1
            if not decided:
                result, possible = spoken, frozenset(max(outcome, floor) for outcome in spoken.possible)
                decided = len(possible) == 1 or len(spoken.told) == 1
            elif spoken.stop is not None:
                result = replace(result, stop=spoken.stop)
        pick = min if self.best == decided else max
        outcome = pick(possible)
        evidence = (result.support.best if self.best else result.support.worst) if decided else 0 if self.best else 4
        group = self.case.rulebook.packs[rule.pack].group
        presumed = decided and result.presumed and outcome is FAIL
        return RuleEnd(outcome, rule.severity, group, presumed, self._stop(result, outcome), evidence)

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

    def _leg(self, metric: str, told: RuleEngine, full: RuleEngine) -> Leg:
        truth, presumed, _ = told.leg(metric)
        if truth.is_open and self._silent:
            truth = full.interpreter.metric(metric).truth
        return Leg(not truth.surely_false if self.best else truth.surely_true, presumed)

    def _share_of(self, rules: Mapping[str, RuleEnd]) -> Interval:
        """What is withheld: at the best end what nobody examined turns out disclosed, at the worst end withheld."""
        key = tuple((id, end.outcome is NOT_APPLICABLE) for id, end in rules.items() if end.severity == "critical")
        if key not in self._share_cache:
            results = {
                id: replace(self.case.results[id], possible=frozenset({end.outcome})) for id, end in rules.items()
            }
            share = self.case.withheld.share(self.case.rules, results)
            self._share_cache[key] = point(share.lo if self.best else share.hi)
        return self._share_cache[key]

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
            if (metric := self.case.rulebook.metrics[id])
            and len(metric.formulas) > 1
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
        for _ in range(8):
            conflicts = self._conflicts(trial, self._twice)
            if not conflicts:
                return trial
            interpreter = Interpreter(self.case.program, self._facts(trial))
            for id in conflicts:
                trial = self._reconciled(trial, id, interpreter)
        return _Trial(trial.choices, trial.left | {(id, 0) for id in self.space.readers})

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
            opened = {
                (fact, 0) for fact in facts if fact not in self._silent and self._completed(trial, fact)
            } - trial.left
            if opened:
                choices = {k: v for k, v in trial.choices.items() if k not in opened}
                return _Trial(choices, trial.left | opened)
        return trial

    def _completed(self, trial: _Trial, id: str) -> bool:
        if id in READER or self.case.rulebook.dictionary[id].type == "table":
            return (id, 0) in trial.choices
        return self.space.state((id, 0)) is not None

    # -- trying values

    def _climb(self, trial: _Trial) -> _Trial:
        """Tries other values for the facts of rules that stay behind their bound, keeping what helps."""
        current = self._judge(trial)
        score = self._score(current)
        helped = True
        while helped and not self._done() and not self._spent():
            helped = False
            for key in self._behind_gaps(current):
                for choice in (*self.space.values(key), None):
                    tried = trial.having(key, choice)
                    touched = [id for id in self._twice if key[0] in self._behind(id)]
                    if self._conflicts(tried, touched):
                        continue
                    judged = self._judge(tried)
                    self._note(judged)
                    if self._score(judged) < score:
                        trial, current, score, helped = tried, judged, self._score(judged), True
                    if self._spent() or self._done():
                        return trial
        return trial

    def _score(self, judged: _Judged) -> tuple[int, int]:
        away = sum(abs(rank - bound) for rank, bound in zip(judged.ranks, self.bound, strict=True))
        return away, sum(abs(end.outcome - self._aim(id)) for id, end in judged.rules.items()) + sum(
            leg.present != self._leg_aim(name) for name, leg in judged.legs.items()
        )

    def _aim(self, id: str) -> Outcome:
        result = self.case.results[id]
        return result.best if self.best else result.worst

    def _leg_aim(self, name: str) -> bool:
        truth, _ = self.case.legs[name]
        return truth.surely_true if self.best else not truth.surely_false

    def _behind_gaps(self, judged: _Judged) -> list[Key]:
        """Facts read by rules and legs that stay behind, those that rules pull two ways first."""
        found: dict[str, None] = {}
        severe = {"critical": 0, "major": 1, "minor": 2}
        gaps = [rule for rule in self.case.rules if judged.rules[rule.id].outcome != self._aim(rule.id)]
        for rule in sorted(gaps, key=lambda rule: severe[rule.severity]):
            found.update(dict.fromkeys(sorted(self._inputs(rule))))
        for name, leg in judged.legs.items():
            if leg.present != self._leg_aim(name):
                found.update(dict.fromkeys(sorted(self._behind(self.scheme.traits[name].structure))))
        keys = [(id, 0) for id in found if id in READER or self.case.rulebook.dictionary[id].section != "platform"]
        return sorted(keys, key=lambda key: not self.space.contested(key[0]))

    # -- splitting

    def _split(self, item: int, start: _Trial) -> None:
        """Splits the values of facts until the best bound among what is left is attained, or trials are spent."""


def _apart(results: Sequence[Result]) -> bool:
    """Whether two tellings of one quantity exclude each other."""
    values = [result.value for result in results]
    if isinstance(values[0], Truth):
        return any(v.surely_true for v in values) and any(v.surely_false for v in values)  # type: ignore[union-attr]
    if isinstance(values[0], Interval):
        return max(v.lo for v in values) > min(v.hi for v in values)  # type: ignore[union-attr]
    return False
