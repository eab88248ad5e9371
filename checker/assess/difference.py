"""Two verdicts side by side: what changed in the facts and in the packs, and what each did to the grade.

The movement is split in two steps, always in this order: first the facts change under the old packs, then the packs
change. Facts are all that a cut shows: statements, their age, market rates, how a platform answers. Packs are rules,
thresholds and the dated values in force. The order matters where both touch the same rule; another order could give
another split of the same whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checker.assess.assess import assess
from checker.assess.assessment import Assessment, FactView, Options, TableView
from checker.assess.bench import Bench
from checker.engine.rules import RuleResult
from checker.model.finding import Grade, Outcome
from checker.model.profile import Profile
from checker.packs.rulebook import Rulebook, changed

__all__ = ["Difference", "FactChange", "PackChange", "ParameterChange", "RuleChange", "Side", "Standing", "difference"]


@dataclass(frozen=True)
class Side:
    """One of the two verdicts: a profile, a rulebook, and the cut."""

    profile: Profile
    rulebook: Rulebook
    options: Options


@dataclass(frozen=True)
class Standing:
    """The verdict at one of the three points: both ends of the grade, of the pattern and of every trait."""

    best: Grade | None
    worst: Grade | None
    pattern: tuple[str | None, str | None]
    traits: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class FactChange:
    """A fact, table or row that stands otherwise.

    Attributes:
        fact: The fact or table.
        row: Label of the row; empty for a fact or a table as a whole.
        unit: Unit of the value.
        old: How it stood: status, value, evidence grade, and `stale` or `conflict` where so; None where it was absent.
        new: How it stands.
        moved: Rules whose outcome the facts changed and that read it.
    """

    fact: str
    row: str
    unit: str
    old: Mapping[str, object] | None
    new: Mapping[str, object] | None
    moved: tuple[str, ...]


@dataclass(frozen=True)
class RuleChange:
    """A rule whose outcome is another, at the three points; None where there is no such rule for the kind.

    Attributes:
        rule: Its id.
        code: Its code.
        title: Its title.
        severity: Its severity.
        old: The outcomes possible before.
        between: With the new facts under the old packs.
        new: The outcomes possible now.
        presumed: Whether only silence gave the worst of them, at the three points.
        by: `facts`, `rules` or `both`.
    """

    rule: str
    code: str
    title: str
    severity: str
    old: tuple[Outcome, ...] | None
    between: tuple[Outcome, ...] | None
    new: tuple[Outcome, ...] | None
    presumed: tuple[bool, bool, bool]
    by: str


@dataclass(frozen=True)
class ParameterChange:
    """A threshold with another value in force; None where a side does not have it."""

    parameter: str
    unit: str
    old: float | None
    new: float | None


@dataclass(frozen=True)
class PackChange:
    """A pack that is new, gone or different."""

    pack: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Difference:
    """Two assessments and all that lies between them.

    Attributes:
        old: The first.
        new: The second.
        start: The old facts under the old packs.
        between: The new facts under the old packs.
        end: The new facts under the new packs.
        facts: What changed in the facts.
        rules: Rules whose outcome changed.
        packs: What changed in the packs.
        parameters: Thresholds whose value in force changed.
        rates: Market rates that changed: name, old and new id; None where a side used none.
    """

    old: Assessment
    new: Assessment
    start: Standing
    between: Standing
    end: Standing
    facts: tuple[FactChange, ...]
    rules: tuple[RuleChange, ...]
    packs: tuple[PackChange, ...]
    parameters: tuple[ParameterChange, ...]
    rates: tuple[tuple[str, str | None, str | None], ...]


def difference(old: Side, new: Side, *, version: str) -> Difference:
    """What lies between two verdicts.

    Args:
        old: The first; its packs judge the facts of the second before the packs change.
        new: The second.
        version: Version of the program, printed in the assessments.
    """
    first = assess(old.profile, old.rulebook, old.options, version=version)
    last = assess(new.profile, new.rulebook, new.options, version=version)
    start, middle, end = Bench(*_parts(old)), Bench(*_parts(_between(old, new))), Bench(*_parts(new))
    rules = tuple(_rule_changes(start, middle, end))
    return Difference(
        first,
        last,
        _standing(start),
        _standing(middle),
        _standing(end),
        tuple(_fact_changes(first, last, start, end, rules)),
        rules,
        tuple(_pack_changes(old.rulebook, new.rulebook)),
        tuple(_parameter_changes(start, end)),
        tuple(_rate_changes(first, last)),
    )


def _parts(side: Side) -> tuple[Profile, Rulebook, Options]:
    return side.profile, side.rulebook, side.options


def _between(old: Side, new: Side) -> Side:
    """The new facts under the old packs, with the values that were in force on the old side."""
    rulebook = old.rulebook
    if old.options.parameters == "as-of":
        dated = {id: parameter.at(old.options.as_of).value for id, parameter in rulebook.parameters.items()}
        rulebook = changed(rulebook, dated | dict(rulebook.overrides))
    options = Options(
        new.options.as_of, new.options.known_by, "latest", dict(rulebook.overrides), dict(new.options.reader or {})
    )
    return Side(new.profile, rulebook, options)


def _standing(bench: Bench) -> Standing:
    if bench.now.grades is None:
        return Standing(None, None, (None, None), {})
    best, worst = bench.now.end(True), bench.now.end(False)
    return Standing(
        best.grade,
        worst.grade,
        (best.pattern, worst.pattern),
        {name: (best.traits[name].level, worst.traits[name].level) for name in best.traits},
    )


def _possible(result: RuleResult | None) -> tuple[Outcome, ...] | None:
    return None if result is None else tuple(sorted(result.possible))


def _rule_changes(start: Bench, middle: Bench, end: Bench) -> Iterable[RuleChange]:
    for id in sorted({*start.results, *middle.results, *end.results}):
        old, between, new = (bench.results.get(id) for bench in (start, middle, end))
        was, then, now = ((_possible(r), r is not None and r.presumed) for r in (old, between, new))
        if was == then == now:
            continue
        by = "both" if was != then and then != now else "facts" if was != then else "rules"
        rule = next(bench.rulebook.rules[id] for bench in (end, start) if id in bench.rulebook.rules)
        yield RuleChange(
            id, rule.code, rule.title, rule.severity, was[0], then[0], now[0], (was[1], then[1], now[1]), by
        )


def _fact_changes(
    old: Assessment, new: Assessment, start: Bench, end: Bench, rules: Iterable[RuleChange]
) -> Iterable[FactChange]:
    moved = [change.rule for change in rules if change.by != "rules"]

    def movers(fact: str) -> tuple[str, ...]:
        return tuple(
            rule for rule in moved if any(fact in bench.rulebook.reads.get(rule, ()) for bench in (start, end))
        )

    was, now = ({fact.id: fact for fact in side.facts} for side in (old, new))
    for id in _ordered(was, now):
        before, after = _fact(was.get(id)), _fact(now.get(id))
        if before != after:
            unit = next(facts[id].unit for facts in (now, was) if id in facts)
            yield FactChange(id, "", unit, before, after, movers(id))
    had, has = ({table.id: table for table in side.tables} for side in (old, new))
    for id in _ordered(had, has):
        before, after = _table(had.get(id)), _table(has.get(id))
        if before != after:
            yield FactChange(id, "", "", before, after, movers(id))
        rows, rows_now = (
            {row.label: row for row in table.rows} if table is not None else {} for table in (had.get(id), has.get(id))
        )
        for label in _ordered(rows, rows_now):
            earlier, later = (
                {"cells": dict(found[label].cells), "evidence": max((e.grade for e in found[label].entries), default=0)}
                if label in found
                else None
                for found in (rows, rows_now)
            )
            if earlier != later:
                yield FactChange(id, label, "", earlier, later, movers(id))


def _ordered(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _fact(fact: FactView | None) -> Mapping[str, object] | None:
    if fact is None or (fact.status == "not_examined" and fact.rumour is None):
        return None
    told: dict[str, object] = {"status": fact.status, "value": fact.value, "evidence": fact.evidence}
    marks = {"stale": fact.stale, "conflict": fact.conflict, "rumour": fact.rumour}
    return told | {name: mark for name, mark in marks.items() if mark}


def _table(table: TableView | None) -> Mapping[str, object] | None:
    if table is None or table.status == "not_examined":
        return None
    return {"status": table.status, "complete": table.complete}


def _pack_changes(old: Rulebook, new: Rulebook) -> Iterable[PackChange]:
    for id in _ordered(old.packs, new.packs):
        was, now = old.packs.get(id), new.packs.get(id)
        if was is None or now is None or was.sha256 != now.sha256:
            yield PackChange(id, was.version if was else None, now.version if now else None)
    if old.scheme != new.scheme:
        yield PackChange("verdict", old.scheme.version, new.scheme.version)


def _parameter_changes(start: Bench, end: Bench) -> Iterable[ParameterChange]:
    was, now = start.program.params, end.program.params
    for id in _ordered(was, now):
        before, after = was.get(id), now.get(id)
        if before is None or after is None or before[0] != after[0]:
            unit = next(bench.rulebook.parameters[id].unit for bench in (end, start) if id in bench.rulebook.parameters)
            yield ParameterChange(id, unit, before[0] if before else None, after[0] if after else None)


def _rate_changes(old: Assessment, new: Assessment) -> Iterable[tuple[str, str | None, str | None]]:
    was, now = ({rate.id.partition("@")[0]: rate.id for rate in side.rates} for side in (old, new))
    for series in sorted({*was, *now}):
        if was.get(series) != now.get(series):
            yield series, was.get(series), now.get(series)
