"""Coverage and what is withheld, in columns: see `checker.engine.coverage` and the coverage of an assessment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from checker.engine.columns.dag import Dag, Expr
from checker.engine.columns.interpreter import Columns, OnlyKind, Source
from checker.engine.columns.layout import KINDS, NOT_DISCLOSED, NOT_EXAMINED
from checker.engine.columns.outcomes import Ruling
from checker.engine.columns.values import Num
from checker.engine.scalar import Interpreter
from checker.lang.tree import NOT_STATED, Column, Fact, Metric, Node, Ternary, walk
from checker.model.interval import OPEN, Truth
from checker.packs.rulebook import Rule

Needed = dict[str, Expr]
"""Facts, each with where it counts."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How many facts the rules of a kind ask, and how many are known; the same for critical rules."""

    asked: Expr
    known: Expr
    critical_asked: Expr
    critical_known: Expr
    critical_not_examined: Expr


@dataclass
class Counting:
    """Counts facts by how they stand.

    Args:
        source: The batch.
        rules: The rules with the kinds they can apply to.
    """

    source: Source
    rules: Mapping[str, tuple[Rule, frozenset[str]]]
    _needed: dict[tuple[str, bool], Needed] = field(default_factory=dict)
    _told: dict[str, tuple[Expr, Expr]] = field(default_factory=dict)
    _branches: dict[int, tuple[Node, dict[str, Truth]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dag: Dag = self.source.dag
        self.rulebook = self.source.layout.rulebook

    def code(self, fact: str) -> Expr:
        """How a fact or table stands."""
        return self.source.codes(fact)

    def _is(self, fact: str, code: int) -> Expr:
        return self.dag.eq(self.code(fact), self.dag.integer(code))

    def reported(self, fact: str) -> Expr:
        """Whether a fact is reported."""
        return self.dag.le(self.dag.integer(0), self.code(fact))

    def _kinds_of_fact(self, fact: str) -> frozenset[str]:
        if fact.startswith("platform."):
            return frozenset()
        return frozenset(kind for kind in KINDS if self.rulebook.dictionary[fact].applies_to(kind))

    # -- coverage

    def covered(self, rulings: Mapping[str, Ruling], plain: Columns) -> Covered:
        """How much is known.

        Args:
            rulings: What every rule says.
            plain: The evaluation of the facts as they are.
        """
        dag = self.dag
        asked: list[Expr] = []
        known: list[Expr] = []
        critical: list[Expr] = []
        critical_known: list[Expr] = []
        unexamined: list[Expr] = []
        readers: dict[str, list[Ruling]] = {}
        for id, (rule, _) in self.rules.items():
            for fact in self.rulebook.reads[rule.id]:
                readers.setdefault(fact, []).append(rulings[id])
        for fact, held in readers.items():
            kinds = self._kinds_of_fact(fact)
            counted = kinds & frozenset[str]().union(*(r.kinds for r in held))
            grave = kinds & frozenset[str]().union(*(r.kinds for r in held if r.rule.severity == "critical"))
            if not counted:
                continue
            here, here_critical = self.source.of_kind(counted), self.source.of_kind(grave)
            settled = dag.all_(self._settled(fact, ruling, plain) for ruling in held)
            is_known = dag.or_(self.reported(fact), settled)
            asked.append(here)
            known.append(dag.and_(here, is_known))
            critical.append(here_critical)
            critical_known.append(dag.and_(here_critical, is_known))
            missing = dag.and_(here_critical, dag.not_(is_known))
            unexamined.append(dag.and_(missing, self._is(fact, NOT_EXAMINED)))
        asked_of = self._count_by_kind(readers, critical_only=False)
        critical_of = self._count_by_kind(readers, critical_only=True)
        return Covered(asked_of, dag.count(known), critical_of, dag.count(critical_known), dag.count(unexamined))

    def _count_by_kind(self, readers: Mapping[str, list[Ruling]], *, critical_only: bool) -> Expr:
        counts = {
            kind: float(
                sum(
                    kind in self._kinds_of_fact(fact)
                    and any(kind in r.kinds and (r.rule.severity == "critical" or not critical_only) for r in held)
                    for fact, held in readers.items()
                )
            )
            for kind in KINDS
        }
        return self.source.by_kind(counts, lambda count: self.dag.integer(int(count)))

    def _settled(self, fact: str, ruling: Ruling, plain: Columns) -> Expr:
        """Whether a rule needs a fact no more: it is not of the kind, does not apply, or is told without it."""
        dag = self.dag
        out = dag.or_(dag.not_(ruling.here), ruling.only_not_applicable(dag))
        ways = self.rulebook.reads[ruling.rule.id][fact]
        if "" in ways:
            return out
        decided = dag.all_(dag.not_(plain.algebra.undecided(plain.metric(way, 0).value)) for way in sorted(ways))
        return dag.or_(out, decided)

    # -- what is withheld

    def withheld(self, rulings: Mapping[str, Ruling]) -> Num:
        """The share of the critical facts that is withheld; a rule that is not in `rulings` reads no fact."""
        dag = self.dag
        of_kind: dict[str, set[str]] = {}
        surely: dict[str, list[Expr]] = {}
        possibly: dict[str, list[Expr]] = {}
        for id, (rule, kinds) in self.rules.items():
            if rule.severity != "critical":
                continue
            for fact in self.rulebook.reads[rule.id]:
                if not self.rulebook.dictionary[fact].observable:
                    of_kind.setdefault(fact, set()).update(kinds & self._kinds_of_fact(fact))
            ruling = rulings.get(id)
            if ruling is None:
                continue
            may = dag.and_(ruling.here, dag.not_(ruling.only_not_applicable(dag)))
            must = dag.and_(ruling.here, dag.not_(ruling.possible[0]))
            for fact, where in self._needs(rule, surely_told=True).items():
                hidden = dag.or_(self._is(fact, NOT_DISCLOSED), self._is(fact, NOT_EXAMINED))
                possibly.setdefault(fact, []).append(dag.all_((may, where, hidden)))
            for fact, where in self._needs(rule, surely_told=False).items():
                surely.setdefault(fact, []).append(dag.all_((must, where, self._is(fact, NOT_DISCLOSED))))
        counts = {kind: float(sum(kind in kinds for kinds in of_kind.values())) for kind in KINDS}
        total = self.source.by_kind(counts, dag.number)
        ends: list[Expr] = []
        for parts in (surely, {f: [*surely.get(f, ()), *possibly.get(f, ())] for f in {**surely, **possibly}}):
            held = [
                dag.and_(self.source.of_kind(of_kind[fact]), dag.any_(parts[fact]))
                for fact in parts
                if of_kind.get(fact)
            ]
            none = dag.eq(total, dag.number(0.0))
            divided = dag.over(dag.as_double(dag.count(held)), dag.pick(none, dag.number(1.0), total))
            ends.append(dag.pick(none, dag.number(0.0), divided))
        return Num(ends[0], ends[1])

    def _needs(self, rule: Rule, *, surely_told: bool) -> Needed:
        """The facts a rule still needs, without those behind metrics that are surely (or possibly) told already."""
        return self._joined(self._below(e.root, surely_told) for e in rule.conditions.values())

    def _joined(self, parts: Iterable[Needed]) -> Needed:
        held: Needed = {}
        for part in parts:
            for fact, where in part.items():
                held[fact] = self.dag.or_(held[fact], where) if fact in held else where
        return held

    def _gated(self, gate: Expr, needed: Needed) -> Needed:
        gated = {fact: self.dag.and_(gate, where) for fact, where in needed.items()}
        return {fact: where for fact, where in gated.items() if where is not self.dag.false}

    def _below(self, node: Node, surely_told: bool) -> Needed:
        if isinstance(node, Fact) and node.id not in NOT_STATED:
            kinds = self._kinds_of_fact(node.id)
            return self._gated(self.source.of_kind(kinds), {node.id: self.dag.true}) if kinds else {}
        held: list[Needed] = []
        if isinstance(node, Metric):
            id = f"{node.pack}.{node.name}"
            key = (id, surely_told)
            if key not in self._needed:
                self._needed[key] = {}
                told, untold = self._metric(id)
                unsettled = self.dag.not_(told) if surely_told else untold
                inside = self._joined(self._below(root, surely_told) for root in self._formulas(node))
                self._needed[key] = self._gated(unsettled, inside)
            held.append(self._needed[key])
        held += [self._gated(where, self._below(part, surely_told)) for part, where in self._parts(node)]
        return self._joined(held)

    def _formulas(self, node: Metric | Column) -> list[Node]:
        return [formula.root for formula in self.rulebook.metrics[f"{node.pack}.{node.name}"].formulas]

    def _parts(self, node: Node) -> Iterator[tuple[Node, Expr]]:
        """What a node is made of, each with the kinds of platform that can take that branch."""
        true = self.dag.true
        if isinstance(node, Ternary):
            yield node.condition, true
            truths = self._by_kind(node.condition)
            yield node.then, self.source.of_kind([k for k in KINDS if not truths[k].surely_false])
            yield node.otherwise, self.source.of_kind([k for k in KINDS if not truths[k].surely_true])
        elif isinstance(node, Column) and node.pack:
            yield from ((root, true) for root in self._formulas(node))
        else:
            yield from ((child, true) for child in node.children)

    def _by_kind(self, node: Node) -> dict[str, Truth]:
        """A condition as far as the kind alone decides it."""
        if id(node) not in self._branches:
            layout = self.source.layout
            of_a_row = any(isinstance(part, Column) for part in walk(node))
            self._branches[id(node)] = (
                node,
                {
                    kind: OPEN if of_a_row else Interpreter(layout.program, OnlyKind(layout, kind)).evaluate(node).truth
                    for kind in KINDS
                },
            )
        return self._branches[id(node)][1]

    def _metric(self, id: str) -> tuple[Expr, Expr]:
        """Whether one of a metric's formulas surely has all its facts, and whether surely none has."""
        if id not in self._told:
            dag, metric = self.dag, self.rulebook.metrics[id]
            told = [self._tells(formula.root) for formula in metric.formulas]
            if metric.model:
                told = [(dag.all_(t for t, _ in told), dag.any_([f for _, f in told]))]
            self._told[id] = dag.any_([t for t, _ in told]), dag.all_(f for _, f in told)
        return self._told[id]

    def _tells(self, node: Node) -> tuple[Expr, Expr]:
        """Whether every fact of an expression is surely reported, and whether one surely is not."""
        dag = self.dag
        if isinstance(node, Fact):
            kinds = frozenset() if node.id in NOT_STATED else self._kinds_of_fact(node.id)
            if not kinds:
                return dag.true, dag.false
            here = self.source.of_kind(kinds)
            missing, silent = self._is(node.id, NOT_EXAMINED), self._is(node.id, NOT_DISCLOSED)
            return dag.not_(dag.and_(here, dag.or_(missing, silent))), dag.and_(here, silent)
        parts = [(dag.true, self._metric(f"{node.pack}.{node.name}"))] if isinstance(node, Metric) else []
        parts += [(where, self._tells(part)) for part, where in self._parts(node)]
        return (
            dag.all_(dag.or_(dag.not_(where), told) for where, (told, _) in parts),
            dag.any_([dag.and_(where, untold) for where, (_, untold) in parts]),
        )
