"""The verdict table in columns: outcomes and structure legs of both ends become levels, a pattern and a grade.

The table is the data that `checker.assess.verdict` reads; grades are numbers from 0 (A) to 5 (F).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from checker.engine.columns.dag import Dag, Expr
from checker.engine.columns.interpreter import Source
from checker.engine.columns.outcomes import Possibilities, Ruling
from checker.engine.columns.values import Cond
from checker.model.finding import Grade
from checker.packs.scheme import Scheme, Trait

NONE = -1
"""Stands for no grade, no pattern, no level: the kind is not graded, or the trait does not apply to it."""


@dataclass(frozen=True, slots=True)
class Level:
    """A trait at one end."""

    here: Expr
    level: Expr
    presumed: Expr
    clean: Expr


@dataclass(frozen=True, slots=True)
class End:
    """One end of the verdict."""

    grade: Expr
    uncapped: Expr
    pattern: Expr
    traits: Mapping[str, Level]


@dataclass
class Table:
    """The verdict of a batch at one end.

    Args:
        source: The batch.
        rulings: What every rule says.
        legs: The structure legs, each with whether only silence makes it true.
        best: Whether this is the best end.
    """

    source: Source
    rulings: Mapping[str, Ruling]
    legs: Mapping[str, tuple[Cond, Expr]]
    best: bool

    def __post_init__(self) -> None:
        self.dag: Dag = self.source.dag
        self.scheme: Scheme = self.source.layout.rulebook.scheme
        self.packs = self.source.layout.rulebook.packs

    @cached_property
    def ends(self) -> Mapping[str, Possibilities]:
        """The outcome of each rule at this end, where it is of the kind."""
        found: dict[str, Possibilities] = {}
        for id, ruling in self.rulings.items():
            na, passes, warns, fails = ruling.end(self.dag, best=self.best)
            here = ruling.here
            found[id] = (
                self.dag.and_(here, na),
                self.dag.and_(here, passes),
                self.dag.and_(here, warns),
                self.dag.and_(here, fails),
            )
        return found

    def grade_of(self, letter: str) -> Expr:
        """A grade as its number."""
        return self.dag.integer(int(Grade[letter]))

    def _when(self, condition: Expr, letter: str) -> Expr:
        return self.dag.pick(condition, self.grade_of(letter), self.dag.integer(0))

    # -- traits

    def trait(self, name: str) -> Level:
        """One trait from its structure leg and the rules of its harm leg."""
        dag = self.dag
        trait = self.scheme.traits[name]
        truth, silent = self.legs[name]
        structure = truth.t if self.best else dag.not_(truth.f)
        harm = [id for id in trait.harm if id in self.rulings]
        failing = [self.ends[id][3] for id in harm]
        fails, warns = dag.count(failing), self._warnings(trait, harm)
        level = dag.integer(NONE)
        for row in reversed(self.scheme.levels):
            fits = dag.le(dag.integer(row.fails), fails)
            fits = dag.and_(fits, dag.le(dag.integer(row.warns), warns))
            if row.structure:
                fits = dag.and_(fits, structure)
            level = dag.pick(fits, dag.integer(row.level), level)
        only_presumed = dag.all_(dag.or_(dag.not_(self.ends[id][3]), self.rulings[id].presumed) for id in harm)
        presumed = dag.and_(dag.eq(level, dag.integer(3)), dag.or_(silent, only_presumed))
        clean = dag.not_(dag.any_([*failing, *(self.ends[id][2] for id in harm)]))
        return Level(self.source.of_kind(trait.kinds), level, presumed, clean)

    def _warnings(self, trait: Trait, harm: Sequence[str]) -> Expr:
        """WARNs, those of one group that shares its facts counting once."""
        groups: dict[str, list[Expr]] = {}
        group_of = {rule: str(index) for index, group in enumerate(trait.shared) for rule in group}
        for id in harm:
            groups.setdefault(group_of.get(id, id), []).append(self.ends[id][2])
        return self.dag.count(self.dag.any_(held) for held in groups.values())

    # -- the grade

    def end(self) -> End:
        """Levels, pattern and grade."""
        dag = self.dag
        traits = {name: self.trait(name) for name in self.scheme.traits}
        base, pattern = self._pattern(traits)
        grade = dag.most_of([base, self._caps(), self._evidence(), self._stops()])
        return End(grade, base, pattern, traits)

    def _pattern(self, traits: Mapping[str, Level]) -> tuple[Expr, Expr]:
        dag = self.dag
        reached = [
            dag.count(dag.and_(t.here, dag.le(dag.integer(level), t.level)) for t in traits.values())
            for level in (1, 2, 3)
        ]
        three = dag.integer(3)
        proved = dag.count(dag.all_((t.here, dag.eq(t.level, three), dag.not_(t.presumed))) for t in traits.values())
        clean = dag.all_(dag.or_(dag.not_(t.here), t.clean) for t in traits.values())
        grade, pattern = dag.integer(0), dag.integer(NONE)
        for row in reversed(self.scheme.patterns):
            fits = dag.all_(
                dag.le(dag.integer(least), count)
                for least, count in zip((row.k1, row.k2, row.k3), reached, strict=True)
            )
            given = self.grade_of(row.grade)
            if self.best and row.grade_if_presumed:
                few = dag.lt(proved, dag.integer(row.fewest_on_evidence))
                given = dag.pick(few, self.grade_of(row.grade_if_presumed), given)
            if row.grade_if_clean:
                given = dag.pick(clean, self.grade_of(row.grade_if_clean), given)
            grade = dag.pick(fits, given, grade)
            pattern = dag.pick(fits, dag.integer(pattern_code(self.scheme, row.pattern)), pattern)
        return grade, pattern

    def _caps(self) -> Expr:
        dag, caps = self.dag, self.scheme.caps
        critical = {id: e[3] for id, e in self.ends.items() if self._severity(id) == "critical"}
        major = [e[3] for id, e in self.ends.items() if self._severity(id) == "major"]
        warned = [e[2] for id, e in self.ends.items() if self._severity(id) in ("critical", "major")]
        groups: dict[str, list[Expr]] = {}
        for id, failing in critical.items():
            group = self.packs[self.rulings[id].rule.pack].group
            if group not in caps.critical_fails_in_groups.except_:
                groups.setdefault(group, []).append(failing)
        spread = dag.count(dag.any_(held) for held in groups.values())
        return dag.most_of(
            [
                self._when(dag.any_(list(critical.values())), caps.critical_fail),
                self._when(
                    dag.le(dag.integer(caps.critical_fails_in_groups.groups), spread),
                    caps.critical_fails_in_groups.grade,
                ),
                self._when(dag.any_(major), caps.major_fail),
                self._when(dag.any_(warned), caps.critical_or_major_warn),
            ]
        )

    def _severity(self, id: str) -> str:
        return self.rulings[id].rule.severity

    def _evidence(self) -> Expr:
        dag = self.dag
        none = dag.integer(9)
        held = [
            dag.pick(
                dag.and_(ruling.here, dag.not_(self.ends[id][3])), ruling.best if self.best else ruling.worst, none
            )
            for id, ruling in self.rulings.items()
            if ruling.rule.severity == "critical"
        ]
        weakest = dag.least_of([none, *held])
        grade = dag.integer(0)
        for word, letter in self.scheme.evidence_caps.items():
            grade = dag.pick(dag.eq(weakest, dag.integer(int(word[1:]))), self.grade_of(letter), grade)
        return grade

    def stop(self, id: str) -> tuple[Expr, Expr, Expr]:
        """Whether a rule stops at this end on what is proved, presumed, or alleged."""
        dag = self.dag
        stop = self.rulings[id].stop
        if stop is None:
            return dag.false, dag.false, dag.false
        counts = dag.and_(self.ends[id][3], dag.not_(stop.holds.f))
        told = dag.and_(counts, dag.not_(stop.presumed))
        sure = stop.holds.t if self.best else dag.and_(stop.holds.t, dag.not_(stop.provable))
        proved = dag.and_(sure, dag.eq(stop.proof, dag.integer(2)))
        if not self.best:
            proved = dag.or_(proved, dag.not_(sure))
        alleged = dag.and_(sure, dag.eq(stop.proof, dag.integer(1)))
        return dag.and_(told, proved), dag.and_(counts, stop.presumed), dag.and_(told, alleged)

    def _stops(self) -> Expr:
        dag, table = self.dag, self.scheme.stops
        held = [self.stop(id) for id in table.rules if id in self.rulings]
        proved, presumed, alleged = (dag.any_([h[index] for h in held]) for index in range(3))
        return dag.most_of(
            [
                self._when(proved, table.grade),
                self._when(presumed, table.presumed_best if self.best else table.grade),
                self._when(alleged, table.alleged_best),
            ]
        )


def pattern_code(scheme: Scheme, pattern: str) -> int:
    """A pattern as its number: 0 for the mildest of the table."""
    return len(pattern_names(scheme)) - 1 - pattern_names(scheme)[::-1].index(pattern)


def pattern_names(scheme: Scheme) -> tuple[str, ...]:
    """The patterns of the table, the mildest first."""
    return tuple(dict.fromkeys(row.pattern for row in reversed(scheme.patterns)))
