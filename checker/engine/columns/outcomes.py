"""What rules say, in columns: conditions to outcomes, then silence is weighed as `checker.engine.rules` does.

An outcome is one of four bits of a small integer; a rule that one record has judged beforehand takes what is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from checker.engine.columns.dag import Dag, Expr
from checker.engine.columns.flatten import (
    BEST,
    PRESUMED,
    RUMOURED,
    STOP,
    STOP_FALSE,
    STOP_PRESUMED,
    STOP_PROOF,
    STOP_PROVABLE,
    STOP_TRUE,
    WORST,
)
from checker.engine.columns.interpreter import Columns, OnlyKind, Source, Trial
from checker.engine.columns.layout import KIND, KINDS, SILENT_AT_ONCE
from checker.engine.columns.values import Cond, Num, Res
from checker.engine.rules import PROVED, worst_values
from checker.engine.scalar import Interpreter
from checker.model.finding import Outcome
from checker.model.state import Status, Value
from checker.packs.rulebook import Rule

NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
Possibilities = tuple[Expr, Expr, Expr, Expr]
"""Whether NOT_APPLICABLE, PASS, WARN, FAIL are possible."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """A stop condition (see `checker.engine.rules.StopState`)."""

    holds: Cond
    presumed: Expr
    proof: Expr
    provable: Expr


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says.

    Attributes:
        rule: The rule.
        kinds: The kinds it can apply to.
        here: Whether a record is of one of them.
        possible: The outcomes still possible.
        presumed: Silence, not evidence, gives the worst of them.
        rumoured: Hearsay took part.
        worst: Evidence behind a favourable reading, at the worst end.
        best: The same at the best end.
        stop: The stop condition, where the rule has one.
    """

    rule: Rule
    kinds: frozenset[str]
    here: Expr
    possible: Possibilities
    presumed: Expr
    rumoured: Expr
    worst: Expr
    best: Expr
    stop: Stopping | None

    def end(self, dag: Dag, *, best: bool) -> Possibilities:
        """Which outcome is its best, or its worst; exactly one."""
        order = (0, 1, 2, 3) if best else (3, 2, 1, 0)
        found: list[Expr] = [dag.false] * 4
        before = dag.false
        for index in order:
            found[index] = dag.and_(self.possible[index], dag.not_(before))
            before = dag.or_(before, self.possible[index])
        return found[0], found[1], found[2], found[3]

    def only_not_applicable(self, dag: Dag) -> Expr:
        """Whether it surely does not apply."""
        return dag.and_(self.possible[0], dag.not_(dag.any_(self.possible[1:])))


@dataclass(frozen=True, slots=True)
class _Reading:
    possible: Possibilities
    conditions: Mapping[str, Res]


def kinds_of(source: Source, rule: Rule) -> frozenset[str]:
    """The kinds that a rule can apply to, whatever the facts."""
    root = rule.conditions["applies_if"].root
    return frozenset(
        kind
        for kind in KINDS
        if not Interpreter(source.layout.program, OnlyKind(source.layout, kind)).evaluate(root).truth.surely_false
    )


class Rulings:
    """Rules over a batch.

    Args:
        source: The batch.
        share: What is withheld of the critical facts, for rules that ask for it.
    """

    def __init__(self, source: Source, share: Num | None = None) -> None:
        self.source = source
        self.dag = source.dag
        self.share = share
        self.plain = Columns(source, share=share)
        self.dictionary = source.layout.rulebook.dictionary

    # -- one rule

    def judge(self, rule: Rule) -> Ruling:
        """What a rule says."""
        dag = self.dag
        kinds = kinds_of(self.source, rule)
        reading = self._reading(self.plain, rule)
        possible, presumed = self._silence(rule, reading)
        worst, best = self._support(reading)
        told = Ruling(
            rule,
            kinds,
            self.source.of_kind(kinds),
            possible,
            presumed,
            dag.false,
            worst,
            best,
            self._stop(rule, reading),
        )
        name = f"{rule.id}.given"
        return self._given(told, name) if name in self.source.present else told

    def _reading(self, columns: Columns, rule: Rule) -> _Reading:
        dag = self.dag
        results = {name: columns.evaluate(expression.root) for name, expression in rule.conditions.items()}
        applies = results["applies_if"].cond
        fails = [results[name].cond for name in ("fail_if", "stop_if") if name in results]
        fail = Cond(dag.any_([c.t for c in fails]), dag.all_(c.f for c in fails))
        warn = results["warn_if"].cond if "warn_if" in results else Cond(dag.false, dag.true)
        here = dag.not_(applies.f)
        unfailed = dag.and_(here, dag.not_(fail.t))
        possible = (
            dag.not_(applies.t),
            dag.and_(unfailed, dag.not_(warn.t)),
            dag.and_(unfailed, dag.not_(warn.f)),
            dag.and_(here, dag.not_(fail.f)),
        )
        return _Reading(possible, results)

    def _support(self, reading: _Reading) -> tuple[Expr, Expr]:
        dag = self.dag
        applies = reading.conditions["applies_if"]
        named = [reading.conditions[n].false for n in ("fail_if", "stop_if", "warn_if") if n in reading.conditions]
        worst = dag.least_of([applies.true.worst, *(s.worst for s in named)])
        best = dag.least_of([applies.true.best, *(s.best for s in named)])
        out, undecided = applies.cond.f, self.source.algebra.is_open(applies.cond)
        against = applies.false
        return (
            dag.pick(out, against.worst, dag.pick(undecided, dag.least(worst, against.worst), worst)),
            dag.pick(out, against.best, dag.pick(undecided, dag.most(best, against.best), best)),
        )

    # -- silence

    def _silent(self, reading: _Reading) -> dict[str, Expr]:
        """For each fact that may be withheld, whether it is and keeps the rule open."""
        dag = self.dag
        _, may_pass, may_warn, may_fail = reading.possible
        several = dag.or_(dag.and_(may_pass, dag.or_(may_warn, may_fail)), dag.and_(may_warn, may_fail))
        held: dict[str, Expr] = {}

        def add(name: str, gate: Expr) -> None:
            result = reading.conditions.get(name)
            for fact, silent in (result.silent if result else {}).items():
                part = dag.and_(gate, silent)
                held[fact] = dag.or_(held[fact], part) if fact in held else part

        failed = dag.any_([reading.conditions[n].cond.t for n in ("fail_if", "stop_if") if n in reading.conditions])
        add("fail_if", several)
        add("stop_if", several)
        add("warn_if", dag.and_(several, dag.not_(failed)))
        add("applies_if", self.source.algebra.is_open(reading.conditions["applies_if"].cond))
        return {fact: silent for fact, silent in held.items() if silent is not dag.false}

    def _values(self, fact: str, worse: str | None) -> list[Value]:
        definition = self.dictionary[fact]
        return worst_values(definition, definition.worse if worse is None else worse)

    def _trials(self, silent: Mapping[str, Expr], worse: Mapping[str, str]) -> Iterator[dict[str, tuple[Trial, ...]]]:
        """What silence tries: all combinations, or one fact at a time where they are many."""
        values = {fact: self._values(fact, worse.get(fact)) for fact in sorted(silent)}
        several = [fact for fact in values if len(values[fact]) > 1]
        count = 1
        for fact in several:
            count *= len(values[fact])
        if count <= SILENT_AT_ONCE:
            choices = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
        else:
            most = max(len(tried) for tried in values.values())
            choices = [
                {fact: tried[min(turn, len(tried) - 1)] for fact, tried in values.items()} for turn in range(most)
            ]
        for choice in choices:
            yield {
                fact: (Trial(silent[fact], Status.NOT_DISCLOSED, value),)
                for fact, value in choice.items()
                if value is not None
            }

    def _adverse(self, tried: Mapping[str, tuple[Trial, ...]]) -> Columns:
        return Columns(self.source, tried, self.share, self.plain)

    def _silence(self, rule: Rule, reading: _Reading) -> tuple[Possibilities, Expr]:
        dag = self.dag
        silent = self._silent(reading) if rule.silence != "unobserved" else {}
        if not silent:
            return reading.possible, dag.false
        na, may_pass, may_warn, may_fail = reading.possible
        floors = [dag.false] * 3
        for tried in self._trials(silent, rule.worse):
            left = self._reading(self._adverse(tried), rule).possible
            bare = dag.true
            for index in range(3):
                bare = dag.and_(bare, dag.not_(left[index]))
                floors[index] = dag.or_(floors[index], bare)
        some = dag.any_(list(silent.values()))
        reaches = (
            dag.any_((may_pass, may_warn, may_fail)),
            dag.or_(may_warn, may_fail),
            dag.false if rule.silence == "at_least_warn" else may_fail,
        )
        lost = [
            dag.and_(dag.and_(possible, some), dag.and_(floor, reach))
            for possible, floor, reach in zip((na, may_pass, may_warn), floors, reaches, strict=True)
        ]
        presumed = dag.any_(lost)
        kept = [dag.and_(p, dag.not_(gone)) for p, gone in zip((na, may_pass, may_warn), lost, strict=True)]
        if rule.silence == "at_least_warn":
            kept[2] = dag.or_(kept[2], lost[1])
        return (kept[0], kept[1], kept[2], may_fail), presumed

    # -- stops

    def _stop(self, rule: Rule, reading: _Reading) -> Stopping | None:
        if "stop_if" not in rule.conditions:
            return None
        dag = self.dag
        root = rule.conditions["stop_if"].root
        stop = reading.conditions["stop_if"]
        two = dag.integer(PROVED)
        doubt = dag.and_(stop.cond.t, dag.lt(stop.true.proof, two))
        doubted = self._doubted(rule, doubt)
        beyond = Columns(self.source, doubted, self.share).evaluate(root)
        out = dag.pick(doubt, beyond.cond.f, stop.cond.f)
        presumed = dag.false
        if rule.silence == "fail":
            asked = dag.and_(dag.not_(out), dag.or_(doubt, self.source.algebra.is_open(stop.cond)))
            silent = {
                fact: dag.and_(
                    asked, dag.pick(doubt, beyond.silent.get(fact, dag.false), stop.silent.get(fact, dag.false))
                )
                for fact in {*beyond.silent, *stop.silent}
            }
            silent = {fact: expr for fact, expr in silent.items() if expr is not dag.false}
            for tried in self._trials(silent, rule.worse) if silent else ():
                both = {fact: (*doubted.get(fact, ()), *tried.get(fact, ())) for fact in {*doubted, *tried}}
                presumed = dag.or_(presumed, self._adverse(both).evaluate(root).cond.t)
            presumed = dag.and_(presumed, dag.any_(list(silent.values())))
        holds = Cond(dag.or_(stop.cond.t, presumed), dag.and_(stop.cond.f, dag.not_(presumed)))
        return Stopping(holds, presumed, stop.true.proof, dag.not_(out))

    def _doubted(self, rule: Rule, where: Expr) -> dict[str, tuple[Trial, ...]]:
        """Facts that are alleged or hearsay, at their best value."""
        found: dict[str, tuple[Trial, ...]] = {}
        two = self.dag.integer(PROVED)
        for id in self.source.layout.rulebook.reads[rule.id]:
            definition = self.dictionary[id]
            if definition.type == "table" or id == KIND or (id, 0) not in self.source.layout.facts:
                continue
            worse = rule.worse.get(id, definition.worse)
            value: Value = None
            if worse == "order":
                value = frozenset({definition.values[0]})
            elif worse in ("higher", "lower"):
                value = worst_values(definition, "lower" if worse == "higher" else "higher")[0]
            if value is None:
                continue
            proof = self.source.state(id, 0).support.proof
            found[id] = (Trial(self.dag.and_(where, self.dag.lt(proof, two)), Status.REPORTED, value),)
        return found

    # -- what is judged beforehand

    def _given(self, told: Ruling, name: str) -> Ruling:
        dag = self.dag
        code = dag.column(name, "I", -1.0, float(1 << 19), dag.integer(-1))
        given = dag.le(dag.integer(0), code)

        def part(at: int, size: int) -> Expr:
            return dag.remainder(dag.quotient(code, 1 << at), size)

        def bit(at: int) -> Expr:
            return dag.eq(part(at, 2), dag.integer(1))

        possible = [dag.pick(given, bit(index), held) for index, held in enumerate(told.possible)]
        stop = told.stop
        if stop is not None:
            has = bit(STOP)
            stop = Stopping(
                Cond(
                    dag.pick(given, dag.and_(has, bit(STOP_TRUE)), stop.holds.t),
                    dag.pick(given, dag.or_(dag.not_(has), bit(STOP_FALSE)), stop.holds.f),
                ),
                dag.pick(given, bit(STOP_PRESUMED), stop.presumed),
                dag.pick(given, part(STOP_PROOF, 4), stop.proof),
                dag.pick(given, bit(STOP_PROVABLE), stop.provable),
            )
        return Ruling(
            told.rule,
            told.kinds,
            told.here,
            (possible[0], possible[1], possible[2], possible[3]),
            dag.pick(given, bit(PRESUMED), told.presumed),
            dag.and_(given, bit(RUMOURED)),
            dag.pick(given, part(WORST, 8), told.worst),
            dag.pick(given, part(BEST, 8), told.best),
            stop,
        )

    # -- structure legs

    def leg(self, metric: str) -> tuple[Cond, Expr]:
        """A structure leg: its truth, and whether it is true only because the platform is silent."""
        dag = self.dag
        result = self.plain.metric(metric)
        silent = result.silent
        presumed = dag.false
        for tried in self._trials(silent, {}) if silent else ():
            presumed = dag.or_(presumed, self._adverse(tried).metric(metric).cond.t)
        presumed = dag.and_(presumed, dag.any_(list(silent.values())))
        truth = result.cond
        return Cond(dag.or_(truth.t, presumed), dag.and_(truth.f, dag.not_(presumed))), presumed
