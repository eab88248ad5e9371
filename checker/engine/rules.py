"""Rules: conditions become outcomes, then silence and hearsay are weighed as `docs/verdict.md` says.

Silence. A silent fact counts only where it could matter. For every value of the unexamined facts the platform is taken
to hide the value that is worst for it; the outcomes that remain are those no worse hidden value can exclude. A fact
with a direction has one worst value; one without is tried at each word or at both ends.

Hearsay. It counts only while nothing better is known: alone it takes PASS away, beside the platform's own words it
leaves the rule open towards WARN.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from checker.engine.scalar import Facts, Interpreter, MetricForm, Open, Program, Result, Trace
from checker.model.dictionary import Dictionary, FactDef
from checker.model.finding import Outcome, Possible
from checker.model.interval import FALSE, TRUE, Interval, Truth, point
from checker.model.state import FactState, Reason, Status, Support, TableState, Value
from checker.packs.rulebook import Rule

MAX_TRIALS = 256
PROVED = 2
NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL


@dataclass(frozen=True, slots=True)
class StopState:
    """A stop condition.

    Attributes:
        truth: Whether it holds.
        presumed: Only silence makes it hold.
        proof: What its evidence proves (0-2).
        provable: It is proved, or facts still open could prove what is only alleged so far.
    """

    truth: Truth
    presumed: bool
    proof: int
    provable: bool = True


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a rule says about one profile.

    Attributes:
        possible: The outcomes still possible.
        presumed: Silence, not evidence, gives the worst of them.
        rumoured: Hearsay took part.
        open: What keeps it open, with the reason.
        support: Evidence grades behind a favourable reading, at the worst and at the best end.
        stop: The stop condition, where the rule has one.
        trace: The explanation of each condition.
        told: The outcomes that the facts leave, before silence and hearsay are weighed.
    """

    rule: Rule
    possible: Possible
    presumed: bool
    rumoured: bool
    open: Open
    support: Support
    stop: StopState | None
    trace: Mapping[str, Trace] = field(default_factory=dict)
    told: Possible = frozenset()

    @property
    def best(self) -> Outcome:
        """The best outcome still possible."""
        return min(self.possible)

    @property
    def worst(self) -> Outcome:
        """The worst outcome still possible."""
        return max(self.possible)


@dataclass(frozen=True, slots=True)
class _Reading:
    possible: Possible
    conditions: Mapping[str, Result]
    open: Open


@dataclass(frozen=True, slots=True)
class _Proved:
    """The facts without the rows of tables that are only alleged or hearsay."""

    facts: Facts

    def fact(self, id: str, shift: int) -> FactState:
        return self.facts.fact(id, shift)

    def table(self, id: str, shift: int) -> TableState:
        state = self.facts.table(id, shift)
        return replace(
            state, rows=tuple(row for row in state.rows if any(c.support.proof == PROVED for c in row.cells.values()))
        )

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        return self.facts.reference(role, asset, shift)

    def fiat(self, asset: str) -> bool | None:
        return self.facts.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        return self.facts.days_before(ordinal, shift)


class _Tried(Mapping[str, MetricForm]):
    """The metrics under which values are tried; only those that are asked for are looked at."""

    def __init__(self, metrics: Mapping[str, MetricForm], facts: Interpreter) -> None:
        self._metrics = metrics
        self._facts = facts
        self._forms: dict[str, MetricForm] = {}

    def __getitem__(self, id: str) -> MetricForm:
        if id not in self._forms:
            form = self._metrics[id]
            told_twice = len(form.formulas) > 1 and form.apart == "range" and not form.variable and not form.model
            if told_twice and self._facts.metric(id).open.get(id) is not Reason.CONFLICT:
                form = replace(form, apart="silent")
            self._forms[id] = form
        return self._forms[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)


def worst_values(fact: FactDef, worse: str) -> list[Value]:
    """The values of a silent fact that could be worst for the platform: one where it has a direction."""
    if fact.type == "bool":
        return (
            [frozenset({True})]
            if worse == "higher"
            else [frozenset({False})]
            if worse == "lower"
            else [frozenset({True}), frozenset({False})]
        )
    if fact.type == "enum":
        values = fact.values or ()
        return [frozenset({values[-1]})] if worse == "order" else [frozenset({value}) for value in values]
    if fact.type in ("number", "date"):
        lo, hi = fact.range
        return [point(hi)] if worse == "higher" else [point(lo)] if worse == "lower" else [point(lo), point(hi)]
    return [None]


def _outcomes(interpreter: Interpreter, rule: Rule) -> _Reading:
    results = {name: interpreter.evaluate(expression.root) for name, expression in rule.conditions.items()}
    applies = results["applies_if"].truth
    if applies.surely_false:
        return _Reading(frozenset({NOT_APPLICABLE}), results, {})
    fail = _either(results.get("fail_if"), results.get("stop_if"))
    warn = results["warn_if"].truth if "warn_if" in results else FALSE
    possible: set[Outcome] = set()
    if not fail.surely_false:
        possible.add(FAIL)
    if not fail.surely_true and not warn.surely_false:
        possible.add(WARN)
    if not fail.surely_true and not warn.surely_true:
        possible.add(PASS)
    unknowns: Open = {}
    if len(possible) > 1:
        for name in ("fail_if", "stop_if", "warn_if"):
            if name in results and not (name == "warn_if" and fail.surely_true):
                unknowns |= results[name].open
    if applies.is_open:
        possible.add(NOT_APPLICABLE)
        unknowns |= {
            fact: reason if reason is not Reason.NOT_EXAMINED else Reason.APPLICABILITY
            for fact, reason in results["applies_if"].open.items()
            if fact not in unknowns
        }
    return _Reading(frozenset(possible), results, unknowns)


def _either(fail: Result | None, stop: Result | None) -> Truth:
    parts = [result.truth for result in (fail, stop) if result is not None]
    return Truth(any(p.surely_true for p in parts), all(p.surely_false for p in parts))


@dataclass
class RuleEngine:
    """Evaluates rules against the facts of one profile at one cut."""

    program: Program
    facts: Facts
    dictionary: Dictionary
    tracing: bool = False
    _plain: Interpreter = field(init=False)

    def __post_init__(self) -> None:
        self._plain = Interpreter(self.program, self.facts, self.tracing)

    @property
    def interpreter(self) -> Interpreter:
        """The interpreter of the facts as they are."""
        return self._plain

    def evaluate(self, rule: Rule, reads: Iterable[str]) -> RuleResult:
        """What a rule says.

        Args:
            rule: The rule.
            reads: The facts it reads, through metrics too.
        """
        reading = _outcomes(self._plain, rule)
        possible, presumed = self._silence(rule, reads, reading)
        possible, rumoured = self._hearsay(rule, reads, reading, possible)
        traces = {name: r.trace for name, r in reading.conditions.items() if r.trace is not None}
        unknowns = reading.open if len(possible) > 1 or presumed or rumoured else {}
        return RuleResult(
            rule,
            possible,
            presumed,
            rumoured,
            unknowns,
            _support(reading),
            self._stop(rule, reads, reading),
            traces,
            reading.possible,
        )

    def _trials(self, rule: Rule, silent: list[str]) -> list[dict[str, tuple[Status | None, Value]]]:
        choices = [
            worst_values(self.dictionary[fact], rule.worse.get(fact, self.dictionary[fact].worse)) for fact in silent
        ]
        trials: list[dict[str, tuple[Status | None, Value]]] = []
        for values in product(*choices):
            trials.append({fact: (Status.NOT_DISCLOSED, value) for fact, value in zip(silent, values, strict=True)})
            if len(trials) == MAX_TRIALS:
                break
        return trials

    @cached_property
    def _adverse(self) -> Program:
        """The program under which values are tried for silent facts.

        Where values that are only tried contradict each other the worst counts; where they contradict evidence, the
        evidence. Evidence that contradicts itself stays as it is.
        """
        return replace(self.program, metrics=_Tried(self.program.metrics, self._plain))

    def _silent(self, reads: Iterable[str], unknowns: Open) -> list[str]:
        return sorted(fact for fact in reads if fact in unknowns and self._is_silent(fact, unknowns[fact]))

    def _is_silent(self, fact: str, reason: Reason) -> bool:
        """Whether an open fact is withheld: now, or at the earlier day at which it keeps something open."""
        if fact not in self.dictionary or self.dictionary[fact].type == "table":
            return False
        return reason is Reason.NOT_DISCLOSED or self.facts.fact(fact, 0).status is Status.NOT_DISCLOSED

    def _silence(self, rule: Rule, reads: Iterable[str], reading: _Reading) -> tuple[Possible, bool]:
        silent = self._silent(reads, reading.open) if rule.silence != "unobserved" else []
        if not silent or len(reading.possible) == 1:
            return reading.possible, False
        floor = NOT_APPLICABLE
        adverse = self._adverse
        for trial in self._trials(rule, silent):
            interpreter = Interpreter(adverse, self.facts, overrides=trial)
            floor = max(floor, min(_outcomes(interpreter, rule).possible))
        floor = min(floor, max(reading.possible), WARN if rule.silence == "at_least_warn" else FAIL)
        kept = frozenset(outcome for outcome in reading.possible if outcome >= floor)
        presumed = kept != reading.possible
        if presumed and rule.silence == "at_least_warn" and PASS in reading.possible - kept:
            kept |= {WARN}
        return kept, presumed

    def _hearsay(
        self, rule: Rule, reads: Iterable[str], reading: _Reading, possible: Possible
    ) -> tuple[Possible, bool]:
        alone: dict[str, tuple[Status | None, Value]] = {}
        beside_own_words: dict[str, tuple[Status | None, Value]] = {}
        for fact in reads:
            state = None if self.dictionary[fact].type == "table" else self.facts.fact(fact, 0)
            if state is not None and state.rumour is not None:
                rumours = beside_own_words if state.status is Status.REPORTED else alone
                rumours[fact] = (None, state.rumour)
        weighed = possible
        if alone and PASS in possible:
            silent = self._silent(reads, reading.open) if rule.silence != "unobserved" else []
            tried = [alone | trial for trial in self._trials(rule, silent)] if silent else [alone]
            told = [
                _outcomes(Interpreter(self._adverse, self.facts, overrides=values), rule).possible for values in tried
            ]
            if max(map(min, told)) > PASS:
                weighed = (possible - {PASS}) | {WARN}
        if beside_own_words and max(possible) is not NOT_APPLICABLE:
            interpreter = Interpreter(self.program, self.facts, overrides=alone | beside_own_words)
            if max(_outcomes(interpreter, rule).possible) > max(possible):
                weighed = weighed | {WARN}
        return weighed, weighed != possible

    def _stop(self, rule: Rule, reads: Iterable[str], reading: _Reading) -> StopState | None:
        if "stop_if" not in reading.conditions or reading.conditions["applies_if"].truth.surely_false:
            return None
        stop, root = reading.conditions["stop_if"], rule.conditions["stop_if"].root
        facts: Facts = self.facts
        doubted: dict[str, tuple[Status | None, Value]] = {}
        beyond = stop
        if stop.truth.surely_true and stop.true.proof < PROVED:
            facts, doubted = _Proved(facts), self._doubted(rule, reads)
            beyond = Interpreter(self.program, facts, overrides=doubted).evaluate(root)
        presumed = False
        if not beyond.truth.surely_false and rule.silence == "fail" and (beyond is not stop or stop.truth.is_open):
            silent = self._silent(reads, beyond.open)
            for trial in self._trials(rule, silent) if silent else []:
                tried = Interpreter(self._adverse, facts, overrides=doubted | trial).evaluate(root)
                presumed |= tried.truth.surely_true
        return StopState(TRUE if presumed else stop.truth, presumed, stop.true.proof, not beyond.truth.surely_false)

    def _doubted(self, rule: Rule, reads: Iterable[str]) -> dict[str, tuple[Status | None, Value]]:
        """Facts that are alleged or hearsay, at their best value."""
        found: dict[str, tuple[Status | None, Value]] = {}
        for id in reads:
            fact = self.dictionary[id]
            if fact.type != "table" and self.facts.fact(id, 0).support.proof < PROVED:
                worse = rule.worse.get(id, fact.worse)
                best = {"higher": "lower", "lower": "higher"}.get(worse)
                if worse == "order":
                    found[id] = (Status.REPORTED, frozenset({fact.values[0]}))
                elif best:
                    found[id] = (Status.REPORTED, worst_values(fact, best)[0])
        return found

    def leg(self, metric: str) -> tuple[Truth, bool, Open]:
        """A structure leg: its truth, whether it is true only because the platform is silent, what keeps it open."""
        result = self._plain.metric(metric)
        silent = self._silent(result.open, result.open)
        if result.truth.is_open and silent:
            for values in product(*(worst_values(self.dictionary[f], self.dictionary[f].worse) for f in silent)):
                trial = {fact: (Status.NOT_DISCLOSED, v) for fact, v in zip(silent, values, strict=True)}
                if Interpreter(self._adverse, self.facts, overrides=trial).metric(metric).truth.surely_true:
                    return TRUE, True, result.open
        return result.truth, False, result.open


def _support(reading: _Reading) -> Support:
    """Evidence behind a favourable reading: of everything read if the rule applies, else of why it does not."""
    applies = reading.conditions["applies_if"]
    if applies.truth.surely_false:
        return applies.false
    support = applies.true
    for name in ("fail_if", "stop_if", "warn_if"):
        if name in reading.conditions:
            support = support.weaker(reading.conditions[name].false)
    if applies.truth.is_open:
        return Support(min(support.worst, applies.false.worst), max(support.best, applies.false.best), support.proof)
    return support
