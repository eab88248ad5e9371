"""The scalar interpreter's evaluation, step by step, over columns: see `checker.engine.scalar`.

What silence tries is a value in place of a fact wherever a condition holds, so that one expression serves all records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from checker.engine.columns.dag import MOST, Dag, Expr
from checker.engine.columns.layout import (
    CERTAINLY,
    KIND,
    NOT_APPLICABLE,
    NOT_DISCLOSED,
    NOT_EXAMINED,
    Layout,
    Leaf,
    column,
    is_leaf,
    number_range,
    pack_evidence,
    words_of,
)
from checker.engine.columns.values import Algebra, Code, Cond, Num, Res, Sup, Val, Word, WordSet
from checker.engine.cut import ANY_SHARE
from checker.engine.scalar import Interpreter, MetricForm, Result
from checker.lang.tree import (
    COMPUTED,
    READER,
    Binary,
    Call,
    Fact,
    Literal,
    Membership,
    Metric,
    Node,
    Param,
    Ternary,
    Unary,
)
from checker.model.dictionary import KINDS, Kind
from checker.model.interval import Interval, Truth
from checker.model.state import UNEXAMINED, FactState, Status, TableState, Value
from checker.model.view import possible_values


@dataclass(frozen=True)
class OnlyKind:
    """Facts of which only the kind is known."""

    layout: Layout
    kind: str
    reader: Mapping[str, str | float] = field(default_factory=dict)

    def fact(self, id: str, shift: int) -> FactState:  # noqa: ARG002
        """Anything, but for the kind."""
        value: Value = None
        if id == KIND:
            value = frozenset({self.kind})
        elif id in COMPUTED:
            value = ANY_SHARE
        elif id in READER:
            value = None if READER[id].kind == "text" else Interval(0.0, inf)
        else:
            value = possible_values(self.layout.rulebook.dictionary[id])
        return FactState(id, Status.NOT_EXAMINED, value, UNEXAMINED)

    def table(self, id: str, shift: int) -> TableState:  # noqa: ARG002
        """No rows, of which nobody knows whether they are all."""
        return TableState(id, Status.NOT_EXAMINED, (), False, UNEXAMINED)

    def reference(self, role: str, asset: str, shift: int) -> None:  # noqa: ARG002
        """None is held."""
        return

    def fiat(self, asset: str) -> None:  # noqa: ARG002
        """Not known."""
        return

    def days_before(self, ordinal: float, shift: int) -> float:  # noqa: ARG002
        """No day is near."""
        return inf


@dataclass(frozen=True, slots=True)
class State:
    """A fact in columns: the values still possible, its evidence, and how it stands."""

    value: Val
    support: Sup
    withheld: Expr
    reported: Expr


@dataclass(frozen=True, slots=True)
class Trial:
    """A value in place of a fact of a status, wherever a condition holds."""

    where: Expr
    status: Status
    value: Value


@dataclass
class Source:
    """What a batch holds, as expressions; a column that is not in it is constant.

    Attributes:
        layout: The columns.
        present: The columns that the batch has.
        reader: What the person who asks said.
        as_of: Ordinal of the day judged, where the batch does not say.
    """

    layout: Layout
    present: frozenset[str]
    reader: Mapping[str, str | float] = field(default_factory=dict)
    as_of: int | None = None
    dag: Dag = field(default_factory=Dag)
    _states: dict[tuple[str, int], State] = field(default_factory=dict)
    _leaves: dict[str, Res] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.algebra = Algebra(self.dag)

    @cached_property
    def kind(self) -> Code:
        """The kind of platform."""
        code = self.dag.column("kind", "I", 0.0, float(len(KINDS) - 1), self.dag.integer(0))
        return Code(code, KINDS)

    @cached_property
    def day(self) -> Num:
        """The day judged, as its ordinal."""
        if "as_of" in self.present:
            day = self.dag.as_double(self.dag.column("as_of", "I", 1.0, 4e6, self.dag.integer(1)))
            return Num(day, day)
        return self.algebra.unknown if self.as_of is None else self.algebra.point(float(self.as_of))

    def of_kind(self, kinds: Iterable[str]) -> Expr:
        """Whether a record is of one of some kinds."""
        return self.algebra.within(self.kind, kinds).t

    def by_kind(self, values: Mapping[Kind, float], make: Callable[[float], Expr]) -> Expr:
        """A constant for each kind."""
        groups: dict[float, list[Kind]] = {}
        for kind in KINDS:
            groups.setdefault(values[kind], []).append(kind)
        ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
        found = make(ordered[0][0])
        for value, kinds in ordered[1:]:
            found = self.dag.pick(self.of_kind(kinds), make(value), found)
        return found

    def codes(self, stem: str) -> Expr:
        """How a fact or table stands."""
        nothing = self.dag.integer(NOT_EXAMINED)
        if f"{stem}.how" not in self.present:
            return nothing
        return self.dag.column(f"{stem}.how", "I", float(NOT_APPLICABLE), 14.0, nothing)

    def integer(self, name: str, lo: float, hi: float, missing: int) -> Expr:
        """A column of small integers, or what it holds where it is not there."""
        nothing = self.dag.integer(missing)
        return self.dag.column(name, "I", lo, hi, nothing) if name in self.present else nothing

    def end(self, name: str, lo: float, hi: float, missing: float) -> Expr:
        """A column of bounds."""
        nothing = self.dag.number(missing)
        return self.dag.column(name, "F", lo, hi, nothing) if name in self.present else nothing

    def computed(self, id: str) -> Num:
        """An input that is computed from all rules, where the batch gives it."""
        lo, hi = ANY_SHARE
        return Num(self.end(f"{id}.lo", lo, hi, lo), self.end(f"{id}.hi", lo, hi, hi))

    def state(self, id: str, shift: int) -> State:
        """A fact."""
        key = (id, shift)
        if key not in self._states:
            self._states[key] = self._state(id, shift)
        return self._states[key]

    def _state(self, id: str, shift: int) -> State:
        dag, definition, stem = self.dag, self.layout.rulebook.dictionary[id], column(id, shift)
        code = self.codes(stem)
        withheld = dag.eq(code, dag.integer(NOT_DISCLOSED))
        reported = dag.le(dag.integer(0), code)
        grade = dag.quotient(code, 3)
        zero = dag.integer(0)
        support = Sup(
            dag.most(grade, zero),
            dag.pick(reported, grade, dag.pick(withheld, dag.integer(1), dag.integer(4))),
            dag.pick(reported, dag.remainder(code, 3), zero),
        )
        if id.startswith("platform."):
            support = self.algebra.certain
        value: Val
        if definition.type in ("number", "date"):
            lo, hi = number_range(definition)
            value = Num(
                self.end(f"{stem}.lo", max(lo, -MOST), min(hi, MOST), lo),
                self.end(f"{stem}.hi", max(lo, -MOST), min(hi, MOST), hi),
            )
        else:
            words = words_of(definition)
            everything = (1 << len(words)) - 1
            mask = self.integer(f"{stem}.set", 1.0, float(everything), everything)
            value = WordSet(mask, words)
        return State(value, support, withheld, reported)

    def leaf(self, leaf: Leaf) -> Res:
        """A leaf; where nothing is known of what it reads it is what the scalar interpreter then gives."""
        if leaf.name not in self._leaves:
            self._leaves[leaf.name] = self._leaf(leaf)
        return self._leaves[leaf.name]

    def _leaf(self, leaf: Leaf) -> Res:
        dag = self.dag
        silent = {kind: self._unasked(leaf, kind) for kind in KINDS}
        given = f"{leaf.name}.proof" in self.present
        proofs = {kind: float(pack_evidence(r.true, r.false)) for kind, r in silent.items()}
        code = self.by_kind(proofs, lambda v: dag.integer(int(v)))
        known = dag.false
        if given:
            told = dag.column(f"{leaf.name}.proof", "I", -1.0, float(CERTAINLY), dag.integer(-1))
            known = dag.le(dag.integer(0), told)
            code = dag.pick(known, told, code)
        value: Val
        if leaf.is_number:
            ends = []
            for index, (name, missing) in enumerate((("lo", -inf), ("hi", inf))):
                otherwise = self.by_kind({k: r.number[index] for k, r in silent.items()}, dag.number)
                told = self.end(f"{leaf.name}.{name}", -inf, inf, missing)
                ends.append(dag.pick(known, told, otherwise))
            value = Num(*ends)
        else:
            masks = {k: float(_mask(r.truth)) for k, r in silent.items()}
            told = self.integer(f"{leaf.name}.set", 1.0, 3.0, 3)
            mask = dag.pick(known, told, self.by_kind(masks, lambda v: dag.integer(int(v))))
            value = Cond(dag.eq(mask, dag.integer(2)), dag.eq(mask, dag.integer(1)))
        return Res(value, self._evidence(dag.quotient(code, 75)), self._evidence(dag.remainder(code, 75)))

    def _evidence(self, code: Expr) -> Sup:
        dag = self.dag
        grades = dag.quotient(code, 3)
        return Sup(dag.quotient(grades, 5), dag.remainder(grades, 5), dag.remainder(code, 3))

    def _unasked(self, leaf: Leaf, kind: str) -> Result:
        return Interpreter(self.layout.program, OnlyKind(self.layout, kind)).evaluate(leaf.node)


def _mask(value: Truth) -> int:
    return 3 - value.surely_true - 2 * value.surely_false


@dataclass
class Columns:
    """Evaluates typed trees over a batch.

    Args:
        source: The batch.
        tried: Values in place of facts.
        share: What is withheld of the critical facts, once that is known.
        plain: The evaluation without trials, of which conflicts of evidence are asked while values are tried.
    """

    source: Source
    tried: Mapping[str, Sequence[Trial]] = field(default_factory=dict)
    share: Num | None = None
    plain: Columns | None = None
    _metrics: dict[tuple[str, int], Res] = field(default_factory=dict)
    _nodes: dict[tuple[int, int], tuple[Node, Res]] = field(default_factory=dict)
    _shift: int = 0

    def __post_init__(self) -> None:
        self.dag = self.source.dag
        self.algebra = self.source.algebra
        self.layout = self.source.layout
        self.certain = self.algebra.certain

    def evaluate(self, node: Node) -> Res:
        """The value of a typed tree."""
        key = (id(node), self._shift)
        if key not in self._nodes:
            self._nodes[key] = node, self._evaluated(node)
        return self._nodes[key][1]

    def _evaluated(self, node: Node) -> Res:
        if is_leaf(self.layout.rulebook, node):
            return self._leaf(node)
        match node:
            case Literal():
                return self._literal(node)
            case Fact():
                return self._fact(node)
            case Param():
                value, _ = self.layout.program.params[f"{node.pack}.{node.name}"]
                return self._sure(self.algebra.point(value))
            case Metric():
                return self.metric(f"{node.pack}.{node.name}")
            case Unary():
                return self._unary(node)
            case Binary(op="&&"):
                return self.all_([self.evaluate(node.left), self.evaluate(node.right)])
            case Binary(op="||"):
                return self.any_([self.evaluate(node.left), self.evaluate(node.right)])
            case Binary():
                return self._binary(node)
            case Membership():
                operand = self.evaluate(node.operand)
                value_ = self.algebra.within(operand.value, node.words)
                return self._made(value_, operand.true, operand.true, [operand])
            case Ternary():
                return self._ternary(node)
            case Call():
                return self._call(node)
        raise TypeError(f"no column form: {node!r}")

    def _sure(self, value: Val) -> Res:
        return Res(value, self.certain, self.certain)

    def _made(self, value: Val, true: Sup, false: Sup, parts: Iterable[Res]) -> Res:
        """A value that stays open on what its parts are open on."""
        return Res(value, true, false, self._still_open(value, parts))

    def _still_open(self, value: Val, parts: Iterable[Res]) -> dict[str, Expr]:
        held = self.joined(parts)
        if not held:
            return held
        undecided = self.algebra.undecided(value)
        gated = {fact: self.dag.and_(undecided, silent) for fact, silent in held.items()}
        return {fact: silent for fact, silent in gated.items() if silent is not self.dag.false}

    def joined(self, parts: Iterable[Res]) -> dict[str, Expr]:
        """The silent facts of several values together."""
        held: dict[str, Expr] = {}
        for part in parts:
            for fact, silent in part.silent.items():
                held[fact] = self.dag.or_(held[fact], silent) if fact in held else silent
        return held

    # -- leaves

    def _leaf(self, node: Node) -> Res:
        return self.source.leaf(self.layout.leaf_of(node, self._shift))

    def _literal(self, node: Literal) -> Res:
        if isinstance(node.value, bool):
            true, false = self.dag.true, self.dag.false
            return self._sure(Cond(true, false) if node.value else Cond(false, true))
        if isinstance(node.value, str):
            return self._sure(Word(node.value))
        return self._sure(self.algebra.point(node.value))

    def _fact(self, node: Fact) -> Res:
        if node.id == KIND:
            return self._sure(self.source.kind)
        if node.id in COMPUTED:
            return self._sure(self.source.computed(node.id) if self.share is None else self.share)
        if node.id in READER:
            return self._sure(self._asked(node))
        state = self.source.state(node.id, self._shift)
        value = self._tried(node.id, state)
        definition = self.layout.rulebook.dictionary[node.id]
        if definition.type == "bool":
            assert isinstance(value, WordSet)
            two, one = self.dag.integer(2), self.dag.integer(1)
            value = Cond(self.dag.eq(value.mask, two), self.dag.eq(value.mask, one))
        undecided = self.algebra.undecided(value)
        silent = self.dag.and_(undecided, state.withheld)
        open_ = {} if silent is self.dag.false else {node.id: silent}
        return Res(value, state.support, state.support, open_)

    def _asked(self, node: Fact) -> Num:
        said = self.source.reader.get(node.id.partition(".")[2])
        if said is None:
            return Num(self.dag.number(0.0), self.dag.number(inf))
        assert not isinstance(said, str)
        return self.algebra.point(said)

    def _tried(self, id: str, state: State) -> Val:
        value = state.value
        for trial in self.tried.get(id, ()):
            stands = state.withheld if trial.status is Status.NOT_DISCLOSED else state.reported
            value = self.algebra.choose(self.dag.and_(trial.where, stands), self.constant(id, trial.value), value)
        return value

    def constant(self, id: str, value: Value) -> Val:
        """A value of a fact as a constant."""
        if isinstance(value, Interval):
            return Num(self.dag.number(value.lo), self.dag.number(value.hi))
        assert value is not None
        words = words_of(self.layout.rulebook.dictionary[id])
        return WordSet(self.dag.integer(sum(1 << bit for bit, word in enumerate(words) if word in value)), words)

    # -- metrics

    def metric(self, id: str, shift: int | None = None) -> Res:
        """The value of a metric: what all its formulas together allow."""
        before, self._shift = self._shift, self._shift if shift is None else shift
        try:
            key = (id, self._shift)
            if key not in self._metrics:
                self._metrics[key] = self._told(id)
            return self._metrics[key]
        finally:
            self._shift = before

    def _told(self, id: str) -> Res:
        form = self.layout.program.metrics[id]
        if form.model:
            return self.source.leaf(self.layout.leaves[column(f"metric.{id}", self._shift)])
        results = [self.evaluate(formula) for formula in form.formulas]
        if len(results) == 1:
            return results[0]
        silent = self.dag.true if form.apart == "silent" else self.dag.false
        if self.plain is not None and form.apart == "range" and not form.variable:
            conflict = self.plain.metric(id, 0).conflict
            silent = self.dag.true if conflict is None else self.dag.not_(conflict)
        if isinstance(results[0].value, Cond):
            return self._conditions(results, form, silent)
        return self._numbers(results, form, silent)

    def _conditions(self, results: Sequence[Res], form: MetricForm, silent: Expr) -> Res:
        """One condition told by several formulas."""
        dag, algebra = self.dag, self.algebra
        conds = [result.cond for result in results]
        told = [dag.or_(c.t, c.f) for c in conds]
        apart = dag.and_(dag.any_([c.t for c in conds]), dag.any_([c.f for c in conds]))
        counted = [dag.true] * len(results)
        narrowed = dag.and_(apart, silent)
        if narrowed is not dag.false:
            known = [dag.and_(t, self._known(r)) for t, r in zip(told, results, strict=True)]
            narrowed = dag.and_(narrowed, dag.any_(known))
            counted = [dag.or_(dag.not_(narrowed), k) for k in known]
            told = [dag.and_(t, k) for t, k in zip(told, counted, strict=True)]
        true = [dag.and_(t, c.t) for t, c in zip(told, conds, strict=True)]
        false = [dag.and_(t, c.f) for t, c in zip(told, conds, strict=True)]
        some_true, some_false = dag.any_(true), dag.any_(false)
        apart = dag.and_(some_true, some_false)
        adverse = form.worse != "lower"
        weak_true = algebra.weakest([(t, r.true) for t, r in zip(told, results, strict=True)])
        weak_false = algebra.weakest([(t, r.false) for t, r in zip(told, results, strict=True)])
        # no telling, or tellings that agree
        nothing = dag.not_(dag.or_(some_true, some_false))
        agreed_true = self._at_best(
            algebra.strongest([(t, r.true) for t, r in zip(told, results, strict=True)]), results, counted, "true"
        )
        agreed_false = self._at_best(
            algebra.strongest([(t, r.false) for t, r in zip(told, results, strict=True)]), results, counted, "false"
        )
        untold = self._at_best(algebra.weaker([r.true for r in results]), results, counted, "true")
        # tellings that exclude each other
        weight = [dag.pick(c.t, r.true.worst, r.false.worst) for c, r in zip(conds, results, strict=True)]
        best = algebra.most_where(list(zip(told, weight, strict=True)), -1)
        leads = [dag.and_(t, dag.eq(w, best)) for t, w in zip(told, weight, strict=True)]
        opposed = dag.any_([dag.and_(x, c.f if adverse else c.t) for x, c in zip(leads, conds, strict=True)])
        settled = dag.false
        if form.worse != "none":
            settled = dag.true if form.apart != "range" else dag.or_(silent, dag.not_(opposed))
        value = Cond(
            dag.and_(some_true, dag.or_(dag.not_(some_false), settled if adverse else dag.false)),
            dag.and_(some_false, dag.or_(dag.not_(some_true), dag.false if adverse else settled)),
        )
        supports = [
            algebra.chosen(apart, weak, algebra.chosen(nothing, untold, agreed))
            for weak, agreed in ((weak_true, agreed_true), (weak_false, agreed_false))
        ]
        held = {fact: dag.and_(nothing, expr) for fact, expr in self.joined(results).items()}
        open_ = {fact: expr for fact, expr in held.items() if expr is not dag.false}
        return Res(value, supports[0], supports[1], open_, dag.and_(apart, dag.not_(settled)))

    def _known(self, result: Res) -> Expr:
        """Whether a telling rests on evidence."""
        zero = self.dag.integer(0)
        return self.dag.or_(self.dag.lt(zero, result.true.worst), self.dag.lt(zero, result.false.worst))

    def _at_best(self, support: Sup, results: Sequence[Res], counted: Sequence[Expr], side: str) -> Sup:
        ends = [getattr(result, side).best for result in results]
        return support._replace(best=self.algebra.most_where(list(zip(counted, ends, strict=True)), -1))

    def _numbers(self, results: Sequence[Res], form: MetricForm, silent: Expr) -> Res:
        """One number told by several formulas."""
        dag, algebra = self.dag, self.algebra
        nums = [result.num for result in results]
        least, most = dag.number(-inf), dag.number(inf)

        def merged(counted: Sequence[Expr]) -> Num:
            los = [dag.pick(c, n.lo, least) for c, n in zip(counted, nums, strict=True)]
            his = [dag.pick(c, n.hi, most) for c, n in zip(counted, nums, strict=True)]
            return Num(dag.most_of(los), dag.least_of(his))

        counted = [dag.true] * len(results)
        common = merged(counted)
        apart = dag.lt(common.hi, common.lo)
        told = [
            dag.not_(dag.and_(dag.is_inf(n.lo, -1), dag.is_inf(n.hi, 1))) if apart is not dag.false else dag.true
            for n in nums
        ]
        narrowed = dag.and_(apart, silent)
        if narrowed is not dag.false:
            known = [dag.and_(t, self._known(r)) for t, r in zip(told, results, strict=True)]
            narrowed = dag.and_(narrowed, dag.any_(known))
            counted = [dag.or_(dag.not_(narrowed), k) for k in known]
            told = [dag.and_(t, c) for t, c in zip(told, counted, strict=True)]
            common = merged(counted)
            apart = dag.lt(common.hi, common.lo)
        # what all of them leave
        exact = [
            dag.and_(c, dag.and_(dag.eq(n.lo, common.lo), dag.eq(n.hi, common.hi)))
            for c, n in zip(counted, nums, strict=True)
        ]
        bounding = [
            dag.and_(c, dag.or_(dag.eq(n.lo, common.lo), dag.eq(n.hi, common.hi)))
            for c, n in zip(counted, nums, strict=True)
        ]
        trues = [result.true for result in results]
        support = algebra.chosen(
            dag.any_(exact),
            algebra.strongest(list(zip(exact, trues, strict=True))),
            algebra.weakest(list(zip(bounding, trues, strict=True))),
        )
        support = self._at_best(support, results, counted, "true")
        value = common
        conflict = dag.false
        if apart is not dag.false:
            value, support, conflict = self._apart(results, form, told, apart, silent, common, support)
        open_ = self._open_tellings(value, results, counted)
        return Res(value, support, support, open_, conflict)

    def _apart(
        self,
        results: Sequence[Res],
        form: MetricForm,
        told: Sequence[Expr],
        apart: Expr,
        silent: Expr,
        common: Num,
        support: Sup,
    ) -> tuple[Num, Sup, Expr]:
        """The value where tellings exclude each other, and what the others leave elsewhere."""
        dag, algebra = self.dag, self.algebra
        nums = [result.num for result in results]

        def disjoint(a: Num, b: Num) -> Expr:
            return dag.or_(dag.lt(a.hi, b.lo), dag.lt(b.hi, a.lo))

        clashing = [
            dag.and_(
                told[i],
                dag.any_([dag.and_(told[j], disjoint(nums[i], nums[j])) for j in range(len(nums)) if j != i]),
            )
            for i in range(len(nums))
        ]
        weights = [(c, r.true.worst) for c, r in zip(clashing, results, strict=True)]
        best = algebra.most_where(weights, -1)
        leads = [dag.and_(c, dag.eq(w, best)) for c, w in weights]
        everything = self._hull(nums, clashing)
        favourable = self._hull(nums, leads)
        strict = dag.true if form.apart != "range" else silent
        if strict is not dag.false and form.worse != "none":
            least, most = dag.number(-inf), dag.number(inf)
            narrow = Num(
                dag.most_of([dag.pick(c, n.lo, least) for c, n in zip(clashing, nums, strict=True)]),
                dag.least_of([dag.pick(c, n.hi, most) for c, n in zip(clashing, nums, strict=True)]),
            )
            favourable = Num(dag.pick(strict, narrow.lo, favourable.lo), dag.pick(strict, narrow.hi, favourable.hi))
        told_apart = everything
        if form.worse == "higher":
            told_apart = Num(favourable.lo, everything.hi)
        elif form.worse == "lower":
            told_apart = Num(everything.lo, favourable.hi)
        weak = algebra.weakest([(c, r.true) for c, r in zip(clashing, results, strict=True)])
        value = Num(dag.pick(apart, told_apart.lo, common.lo), dag.pick(apart, told_apart.hi, common.hi))
        conflict = dag.and_(apart, dag.not_(algebra.is_point(value)))
        return value, algebra.chosen(apart, weak, support), conflict

    def _hull(self, nums: Sequence[Num], counted: Sequence[Expr]) -> Num:
        dag = self.dag
        least, most = dag.number(-inf), dag.number(inf)
        return Num(
            dag.least_of([dag.pick(c, n.lo, most) for c, n in zip(counted, nums, strict=True)]),
            dag.most_of([dag.pick(c, n.hi, least) for c, n in zip(counted, nums, strict=True)]),
        )

    def _open_tellings(self, value: Num, results: Sequence[Res], counted: Sequence[Expr]) -> dict[str, Expr]:
        dag = self.dag
        held: dict[str, Expr] = {}
        for result, counts in zip(results, counted, strict=True):
            for fact, silent in result.silent.items():
                part = dag.and_(counts, silent)
                held[fact] = dag.or_(held[fact], part) if fact in held else part
        if not held:
            return held
        undecided = self.algebra.undecided(value)
        gated = {fact: dag.and_(undecided, expr) for fact, expr in held.items()}
        return {fact: expr for fact, expr in gated.items() if expr is not dag.false}

    # -- operators

    def _unary(self, node: Unary) -> Res:
        operand = self.evaluate(node.operand)
        if node.op == "!":
            return Res(Cond(operand.cond.f, operand.cond.t), operand.false, operand.true, operand.silent)
        return Res(self.algebra.negate(operand.num), operand.true, operand.true, operand.silent)

    def all_(self, parts: Sequence[Res]) -> Res:
        """Conjunction: one part that is surely false settles it."""
        dag = self.dag
        value = Cond(dag.all_(p.cond.t for p in parts), dag.any_([p.cond.f for p in parts]))
        against = self._settled(parts, [p.cond.f for p in parts], [p.cond.t for p in parts], "false")
        return self._made(value, self.algebra.weaker([p.true for p in parts]), against, parts)

    def any_(self, parts: Sequence[Res]) -> Res:
        """Disjunction: one part that is surely true settles it."""
        dag = self.dag
        value = Cond(dag.any_([p.cond.t for p in parts]), dag.all_(p.cond.f for p in parts))
        support = self._settled(parts, [p.cond.t for p in parts], [p.cond.f for p in parts], "true")
        return self._made(value, support, self.algebra.weaker([p.false for p in parts]), parts)

    def _settled(self, parts: Sequence[Res], settling: Sequence[Expr], out: Sequence[Expr], side: str) -> Sup:
        """The evidence of parts of which one suffices: the strongest that does, else the weakest of all."""
        dag, algebra = self.dag, self.algebra
        supports = [getattr(part, side) for part in parts]
        if all(support == supports[0] for support in supports):
            return Sup(*supports[0])
        strong = algebra.strongest(list(zip(settling, supports, strict=True)))
        weak = algebra.weaker(supports)
        best = algebra.most_where([(dag.not_(o), s.best) for o, s in zip(out, supports, strict=True)], -1)
        settled = dag.any_(settling)
        return Sup(
            dag.pick(settled, strong.worst, weak.worst),
            dag.pick(dag.all_(out), weak.best, best),
            dag.pick(settled, strong.proof, weak.proof),
        )

    def _binary(self, node: Binary) -> Res:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        support = self.algebra.weaker([left.true, right.true])
        if isinstance(left.value, Num) and isinstance(right.value, Num):
            value = self.algebra.operation(node.op, left.value, right.value)
        else:
            same = self.algebra.same(left.value, right.value)
            value = same if node.op == "==" else Cond(same.f, same.t)
        return self._made(value, support, support, [left, right])

    def _ternary(self, node: Ternary) -> Res:
        dag, algebra = self.dag, self.algebra
        condition = self.evaluate(node.condition)
        c = condition.cond
        if c.t is dag.true or c.f is dag.true:
            branch = self.evaluate(node.then if c.t is dag.true else node.otherwise)
            guard = condition.true if c.t is dag.true else condition.false
            true, false = algebra.weaker([branch.true, guard]), algebra.weaker([branch.false, guard])
            return Res(branch.value, true, false, branch.silent)
        then, otherwise = self.evaluate(node.then), self.evaluate(node.otherwise)
        undecided = algebra.is_open(c)
        value: Val
        if isinstance(then.value, Num):
            a, b = then.value, otherwise.num
            value = Num(
                dag.pick(c.t, a.lo, dag.pick(c.f, b.lo, dag.least(a.lo, b.lo))),
                dag.pick(c.t, a.hi, dag.pick(c.f, b.hi, dag.most(a.hi, b.hi))),
            )
        else:
            x, y = then.cond, otherwise.cond
            value = Cond(
                dag.and_(dag.or_(c.f, x.t), dag.or_(c.t, y.t)),
                dag.and_(dag.or_(c.f, x.f), dag.or_(c.t, y.f)),
            )
        supports = []
        for side in ("true", "false"):
            first, second = getattr(then, side), getattr(otherwise, side)
            taken = algebra.weaker([first, condition.true])
            left_out = algebra.weaker([second, condition.false])
            both = algebra.weaker([condition.true, first, second])
            if undecided is dag.false:
                supports.append(algebra.chosen(c.t, taken, left_out))
                continue
            both = both._replace(best=dag.most(taken.best, left_out.best))
            supports.append(algebra.chosen(c.t, taken, algebra.chosen(c.f, left_out, both)))
        kept = self.joined([condition])
        gate = dag.and_(undecided, algebra.undecided(value)) if kept else dag.false
        held = {fact: dag.and_(gate, expr) for fact, expr in kept.items()}
        if then.silent or otherwise.silent:
            still = algebra.undecided(value)
            for part, skipped in ((then, c.f), (otherwise, c.t)):
                for fact, expr in part.silent.items():
                    counts = dag.and_(dag.and_(dag.not_(skipped), still), expr)
                    held[fact] = dag.or_(held[fact], counts) if fact in held else counts
        return Res(
            value, supports[0], supports[1], {fact: expr for fact, expr in held.items() if expr is not dag.false}
        )

    def _call(self, node: Call) -> Res:
        if node.function == "was":
            return self._was(node)
        arguments = [self.evaluate(argument) for argument in node.arguments]
        support = self.algebra.weaker([argument.true for argument in arguments])
        if node.function == "days_since":
            date = arguments[0].num
            day = self.source.day
            if self._shift:
                day = self.algebra.add(day, self.algebra.point(float(-self._shift)))
            value = self.algebra.add(day, self.algebra.negate(date))
        else:
            assert node.function in ("min", "max"), node.function
            pick = self.dag.least_of if node.function == "min" else self.dag.most_of
            value = Num(pick([a.num.lo for a in arguments]), pick([a.num.hi for a in arguments]))
        return self._made(value, support, support, arguments)

    def _was(self, node: Call) -> Res:
        expression, days = node.arguments
        assert isinstance(days, Param)
        before = self._shift
        self._shift += int(self.layout.program.params[f"{days.pack}.{days.name}"][0])
        try:
            result = self.evaluate(expression)
        finally:
            self._shift = before
        return Res(result.value, result.true, result.false, result.silent)


__all__ = ["Columns", "OnlyKind", "Source", "State", "Trial"]
