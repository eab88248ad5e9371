"""The verdict table: outcomes and structure legs of one end become levels, a pattern and a grade.

Pure and small on purpose: the search for violations runs it millions of times, and a reader can redo it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from checker.model.finding import Grade, Outcome
from checker.packs.scheme import Scheme, Trait

PASS, WARN, FAIL, NOT_APPLICABLE = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NOT_APPLICABLE


class Stop(StrEnum):
    """On what a stop rests."""

    PROVED = "proved"
    PRESUMED = "presumed"
    ALLEGED = "alleged"


@dataclass(frozen=True, slots=True)
class RuleEnd:
    """One rule at one end: its outcome, whether silence alone gives it, its stop, the evidence grade behind it (0-4).

    `evidence` is None where it caps nothing (the kind alone makes the rule inapplicable).
    """

    outcome: Outcome
    severity: str
    group: str
    presumed: bool = False
    stop: Stop | None = None
    evidence: int | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """A structure leg at one end."""

    present: bool
    presumed: bool = False


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that limits the grade, with the rules that make it so."""

    kind: str
    grade: Grade
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TraitEnd:
    """A trait at one end: level, the harm rules that fail and warn, whether only silence puts it at level 3."""

    level: int
    structure: bool
    fails: tuple[str, ...]
    warns: tuple[str, ...]
    presumed: bool


@dataclass(frozen=True, slots=True)
class VerdictEnd:
    """One end of the verdict."""

    grade: Grade
    uncapped: Grade
    pattern: str
    traits: Mapping[str, TraitEnd]
    constraints: tuple[Constraint, ...]

    @property
    def deciding(self) -> tuple[str, ...]:
        """The rules behind whatever fixes the grade at this end."""
        return tuple(sorted({rule for c in self.constraints if c.grade == self.grade for rule in c.rules}))


def _warnings(warns: Iterable[str], shared: list[list[str]]) -> int:
    """WARNs, those of one group that shares its facts counting once."""
    groups = {rule: index for index, group in enumerate(shared) for rule in group}
    return len({groups.get(rule, rule) for rule in warns})


def trait_end(scheme: Scheme, trait: Trait, leg: Leg, rules: Mapping[str, RuleEnd]) -> TraitEnd:
    """The level of one trait from its structure leg and the rules of its harm leg."""
    harm = [(id, rules[id]) for id in trait.harm if id in rules]
    fails = tuple(id for id, rule in harm if rule.outcome is FAIL)
    warns = tuple(id for id, rule in harm if rule.outcome is WARN)
    counted = _warnings(warns, trait.shared)
    level = next(
        row.level
        for row in scheme.levels
        if len(fails) >= row.fails and counted >= row.warns and leg.present >= row.structure
    )
    presumed = level == 3 and (leg.presumed or all(rules[id].presumed for id in fails))
    return TraitEnd(level, leg.present, fails, warns, presumed)


def verdict_end(scheme: Scheme, legs: Mapping[str, Leg], rules: Mapping[str, RuleEnd], *, best: bool) -> VerdictEnd:
    """One end of the verdict.

    Args:
        scheme: The table.
        legs: The structure legs of the traits that apply to the kind.
        rules: Every rule of the kind at this end; those that do not apply too.
        best: Whether this is the best end, where presumption is not evidence.
    """
    traits = {name: trait_end(scheme, scheme.traits[name], leg, rules) for name, leg in legs.items()}
    base, pattern, carrying = _pattern(scheme, traits, best)
    constraints = [Constraint(f"pattern {pattern}", base, carrying)]
    constraints += _caps(scheme, rules)
    constraints += _evidence(scheme, rules)
    constraints += _stops(scheme, rules, best)
    return VerdictEnd(max(c.grade for c in constraints), base, pattern, traits, tuple(constraints))


def _pattern(scheme: Scheme, traits: Mapping[str, TraitEnd], best: bool) -> tuple[Grade, str, tuple[str, ...]]:
    k3, k2, k1 = (sum(trait.level >= level for trait in traits.values()) for level in (3, 2, 1))
    row = next(row for row in scheme.patterns if k3 >= row.k3 and k2 >= row.k2 and k1 >= row.k1)
    grade = Grade[row.grade]
    on_evidence = sum(trait.level == 3 and not trait.presumed for trait in traits.values())
    if best and row.grade_if_presumed and on_evidence < row.fewest_on_evidence:
        grade = Grade[row.grade_if_presumed]
    if row.grade_if_clean and not any(trait.fails or trait.warns for trait in traits.values()):
        grade = Grade[row.grade_if_clean]
    carrying = [id for trait in traits.values() if trait.level >= 2 for id in (trait.fails or trait.warns)]
    return grade, row.pattern, tuple(sorted(set(carrying)))


def _caps(scheme: Scheme, rules: Mapping[str, RuleEnd]) -> list[Constraint]:
    caps = scheme.caps
    critical = {id: rule for id, rule in rules.items() if rule.outcome is FAIL and rule.severity == "critical"}
    major = [id for id, rule in rules.items() if rule.outcome is FAIL and rule.severity == "major"]
    warned = [id for id, rule in rules.items() if rule.outcome is WARN and rule.severity in ("critical", "major")]
    found: list[Constraint] = []
    if critical:
        found.append(Constraint("critical FAIL", Grade[caps.critical_fail], tuple(sorted(critical))))
    spread = {
        id: rule.group for id, rule in critical.items() if rule.group not in caps.critical_fails_in_groups.except_
    }
    if len(set(spread.values())) >= caps.critical_fails_in_groups.groups:
        grade = Grade[caps.critical_fails_in_groups.grade]
        found.append(Constraint("critical FAILs in several groups", grade, tuple(sorted(spread))))
    if major:
        found.append(Constraint("major FAIL", Grade[caps.major_fail], tuple(sorted(major))))
    if warned:
        found.append(Constraint("WARN", Grade[caps.critical_or_major_warn], tuple(sorted(warned))))
    return found


def _evidence(scheme: Scheme, rules: Mapping[str, RuleEnd]) -> list[Constraint]:
    counted = {
        id: rule.evidence
        for id, rule in rules.items()
        if rule.severity == "critical" and rule.outcome is not FAIL and rule.evidence is not None
    }
    if not counted:
        return []
    weakest = min(counted.values())
    grade = scheme.evidence_caps.get(f"E{weakest}")
    if grade is None:
        return []
    return [
        Constraint(f"evidence E{weakest}", Grade[grade], tuple(sorted(id for id, e in counted.items() if e == weakest)))
    ]


def _stops(scheme: Scheme, rules: Mapping[str, RuleEnd], best: bool) -> list[Constraint]:
    table = scheme.stops
    grades = {
        Stop.PROVED: table.grade,
        Stop.PRESUMED: table.presumed_best if best else table.grade,
        Stop.ALLEGED: table.alleged_best,
    }
    found: list[Constraint] = []
    for stop, grade in grades.items():
        ids = tuple(sorted(id for id in table.rules if id in rules and rules[id].stop is stop))
        if ids:
            found.append(Constraint(f"stop, {stop}", Grade[grade], ids))
    return found
