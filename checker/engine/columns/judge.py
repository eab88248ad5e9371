"""Many platforms at once: a batch of records in, a batch of verdicts out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from checker.engine.columns.arrays import Array, ArrayPlan, filled
from checker.engine.columns.coverage import Counting, Covered
from checker.engine.columns.dag import Dag, Expr
from checker.engine.columns.interpreter import Source
from checker.engine.columns.layout import Layout
from checker.engine.columns.lower import Plan
from checker.engine.columns.outcomes import Ruling, Rulings, kinds_of
from checker.engine.columns.values import Cond
from checker.engine.columns.verdict import NONE, End, Table
from checker.engine.scalar import Program
from checker.model.finding import Grade
from checker.packs.rulebook import Rule, Rulebook

Through = Literal["auto", "expressions", "arrays"]
WIDE = 4000
"""Expressions above which a batch goes through arrays: a library of data frames would take longer to be told."""
LONG = 250_000
"""Records from which Polars, which works on several processors, is faster than arrays."""


@dataclass
class BatchJudge:
    """Judges batches of records whose columns are those of a layout.

    What is compiled for one set of columns serves every batch that has them.

    Args:
        rulebook: The packs.
        program: Parameters in force and metrics.
        rules: Ids of the rules to judge; all of them, with the verdict, by default.
        reader: What the person who asks said.
        as_of: Ordinal of the day judged, for batches that do not say.
        masks_only: Whether only the outcomes of rules are wanted, without how they came about.
        behind: Whether what limits the grade at its best end is wanted, too: `evidence.<rule>` (grade) of critical
            rules, `stopped.<rule>` (1 proved, 2 presumed, 3 alleged), `structure.<trait>` (1 there, 2 presumed).
    """

    rulebook: Rulebook
    program: Program
    rules: Collection[str] | None = None
    reader: Mapping[str, str | float] = field(default_factory=dict)
    as_of: int | None = None
    masks_only: bool = False
    behind: bool = False
    _plans: dict[frozenset[str], Plan] = field(default_factory=dict)
    _arrays: dict[Plan, ArrayPlan] = field(default_factory=dict)

    @cached_property
    def layout(self) -> Layout:
        """The columns that batches may have."""
        return Layout.of(self.rulebook, self.program, None if self.rules is None else self._rules)

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        chosen = self.rulebook.rules if self.rules is None else {id: self.rulebook.rules[id] for id in self.rules}
        return dict(chosen)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(spec.name for spec in self.layout.columns)

    def judge(self, frame: Any, *, keep: Collection[str] = (), through: Through = "auto") -> Any:
        """The results of a batch.

        Args:
            frame: A data frame, table or relation; eager or lazy.
            keep: Columns of the batch that stay beside the results, such as an id.
            through: `expressions` of the frame's library, NumPy `arrays`, or what suits the batch.

        Returns:
            A frame of the library it came from, in the order of the batch where that library keeps one; a lazy frame
            that goes through arrays is collected.
        """
        import narwhals.stable.v2 as nw

        batch = nw.from_native(frame)
        names = batch.collect_schema().names()
        plan = self.plan(names)
        if through == "auto":
            lazy = isinstance(batch, nw.LazyFrame)
            suits = lazy or (batch.implementation.is_polars() and len(batch) >= LONG)
            through = "expressions" if suits and plan.size <= WIDE else "arrays"
        if through == "expressions":
            return plan.run(batch, tuple(keep)).to_native()
        if isinstance(batch, nw.LazyFrame):
            batch = batch.collect()
        found = self.judge_arrays(filled(batch, self.array_plan(names)), len(batch))
        results = nw.from_dict(found, backend=batch.implementation)
        return (nw.concat([batch.select(*keep), results], how="horizontal") if keep else results).to_native()

    def judge_arrays(self, arrays: Mapping[str, Array], size: int) -> dict[str, Array]:
        """The results of a batch of NumPy arrays.

        Args:
            arrays: Columns of the layout, filled with what `Spec.missing` says where nothing is known.
            size: How many records there are.
        """
        return self.array_plan(arrays).run(arrays, size)

    def array_plan(self, columns: Collection[str]) -> ArrayPlan:
        """The operations over arrays for batches with some columns."""
        plan = self.plan(columns)
        if plan not in self._arrays:
            self._arrays[plan] = ArrayPlan(plan.outputs)
        return self._arrays[plan]

    def plan(self, columns: Collection[str]) -> Plan:
        """What is worked out for batches with some columns."""
        present = frozenset(columns) & self._names
        if present not in self._plans:
            self._plans[present] = Plan(self.results(present))
        return self._plans[present]

    def results(self, present: frozenset[str]) -> dict[str, Expr]:
        """Every result as an expression over the columns that are there."""
        source = Source(self.layout, present, self.reader, self.as_of)
        if self.rules is not None:
            rulings = Rulings(source)
            return dict(self._of_rules({id: rulings.judge(rule) for id, rule in self._rules.items()}, source.dag))
        return self._whole(source)

    def _of_rules(self, rulings: Mapping[str, Ruling], dag: Dag) -> dict[str, Expr]:
        found: dict[str, Expr] = {}
        for id, ruling in rulings.items():
            mask = dag.integer(0)
            for index, possible in enumerate(ruling.possible):
                bit = dag.as_integer(dag.and_(ruling.here, possible))
                mask = dag.add(mask, dag.scaled(bit, 1 << index))
            found[f"rules.{id}"] = mask
            if not self.masks_only:
                found[f"presumed.{id}"] = dag.and_(ruling.here, ruling.presumed)
                found[f"rumoured.{id}"] = dag.and_(ruling.here, ruling.rumoured)
        return found

    def _whole(self, source: Source) -> dict[str, Expr]:
        dag, scheme = source.dag, self.rulebook.scheme
        kinds = {id: kinds_of(source, rule) for id, rule in self._rules.items()}
        counting = Counting(source, {id: (rule, kinds[id]) for id, rule in self._rules.items()})
        first = Rulings(source)
        rulings = {id: first.judge(r) for id, r in self._rules.items() if not self.rulebook.computed_of[id]}
        late = Rulings(source, counting.withheld(rulings))
        rulings = {id: rulings[id] if id in rulings else late.judge(rule) for id, rule in self._rules.items()}
        legs = {name: first.leg(trait.structure) for name, trait in scheme.traits.items()}
        best, worst = (Table(source, rulings, legs, best=end) for end in (True, False))
        ends = best.end(), worst.end()
        covered = counting.covered(rulings, first.plain)
        found = self._verdict(source, ends, covered)
        for id in scheme.stops.rules:
            if id in rulings:
                found[f"stops.{id}"] = dag.any_(best.stop(id))
        for banner in scheme.status:
            expression = self.rulebook.banners.get(banner.id)
            if expression is not None:
                found[f"status.{banner.id}"] = first.plain.evaluate(expression.root).cond.t
        if self.behind:
            found |= self._behind(best, legs)
        return found | self._of_rules(rulings, dag)

    def _behind(self, best: Table, legs: Mapping[str, tuple[Cond, Expr]]) -> dict[str, Expr]:
        dag, rulings = best.dag, best.rulings
        found = {f"evidence.{id}": r.best for id, r in rulings.items() if r.rule.severity == "critical"}
        for id in self.rulebook.scheme.stops.rules:
            if id in rulings:
                code = dag.integer(0)
                for number, held in enumerate(best.stop(id), 1):
                    code = dag.pick(held, dag.integer(number), code)
                found[f"stopped.{id}"] = code
        for name, (truth, presumed) in legs.items():
            there = dag.pick(truth.t, dag.integer(1), dag.integer(0))
            found[f"structure.{name}"] = dag.pick(presumed, dag.integer(2), there)
        return found

    def _verdict(self, source: Source, ends: tuple[End, End], covered: Covered) -> dict[str, Expr]:
        dag, scheme = source.dag, self.rulebook.scheme
        none = dag.integer(NONE)
        of_kind = {k: sum(k in t.kinds for t in scheme.traits.values()) for k in scheme.graded_kinds}
        graded = source.of_kind([kind for kind, count in of_kind.items() if count >= scheme.fewest_traits])
        best, worst = ends
        found: dict[str, Expr] = {}
        for name, end in (("best", best), ("worst", worst)):
            found[f"grade.{name}"] = dag.pick(graded, end.grade, none)
            found[f"uncapped.{name}"] = dag.pick(graded, end.uncapped, none)
            found[f"pattern.{name}"] = dag.pick(graded, end.pattern, none)
        for trait in scheme.traits:
            for name, end in (("best", best), ("worst", worst)):
                level = end.traits[trait]
                found[f"traits.{trait}.{name}"] = dag.pick(dag.and_(graded, level.here), level.level, none)
            found[f"traits.{trait}.presumed"] = dag.all_((graded, best.traits[trait].here, best.traits[trait].presumed))
        limit = scheme.not_assessable
        divisor = dag.pick(dag.eq(covered.critical_asked, dag.integer(0)), dag.integer(1), covered.critical_asked)
        hidden = dag.lt(
            dag.number(limit.critical_not_examined_above),
            dag.over(dag.as_double(covered.critical_not_examined), dag.as_double(divisor)),
        )
        unsure = dag.and_(hidden, dag.le(best.grade, dag.integer(int(Grade[limit.best_at_least]))))
        found["assessable"] = dag.and_(graded, dag.not_(unsure))
        found["coverage.asked"] = covered.asked
        found["coverage.known"] = covered.known
        found["coverage.critical_asked"] = covered.critical_asked
        found["coverage.critical_known"] = covered.critical_known
        found["coverage.critical_not_examined"] = covered.critical_not_examined
        return found
