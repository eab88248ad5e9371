"""The scalar interpreter: one profile, one typed tree, values with bounds, support, open unknowns and a trace.

Logic is Kleene's: `&&` is surely false as soon as one side is, open unless both are sure. Each result also carries

* the support of its being true and of its being false (which evidence that rests on),
* the facts that keep it open, with the reason,
* on request the trace: `{op, value, text, inputs, params, steps}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from checker.lang.tree import (
    REFERENCE_ROLES,
    Binary,
    Call,
    Column,
    Fact,
    Literal,
    Macro,
    Membership,
    Metric,
    Node,
    Param,
    Ternary,
    Unary,
)
from checker.model.interval import (
    ARITHMETIC,
    COMPARISONS,
    FALSE,
    OPEN,
    TRUE,
    UNKNOWN,
    Interval,
    Truth,
    add,
    hull,
    intersect,
    negate,
    point,
    truth,
)
from checker.model.state import (
    CERTAIN,
    UNEXAMINED,
    FactState,
    Reason,
    RowState,
    Status,
    Support,
    TableState,
    Value,
    Words,
)

Trace = dict[str, object]
Open = dict[str, Reason]
NOTHING_OPEN: Open = {}


@dataclass(frozen=True, slots=True)
class MetricForm:
    """A metric as the engine reads it.

    Attributes:
        formulas: Every formula that tells it.
        worse: Its adverse direction.
        variable: For a computed column, the name under which its formula reads the row.
        apart: What holds where formulas exclude each other: `range` or `worst`.
        model: The function of `checker.metrics` that tells it, as `module.name`; its inputs are the formulas.
        inputs: Names of the model's inputs, in the order of the formulas.
        scenario: The scenario under which the model is asked, if it takes one.
    """

    formulas: tuple[Node, ...]
    worse: str = "none"
    variable: str = ""
    apart: str = "range"
    model: str = ""
    inputs: tuple[str, ...] = ()
    scenario: str = ""


class Facts(Protocol):
    """Where the interpreter gets its inputs; `shift` counts days before the as-of date."""

    def fact(self, id: str, shift: int) -> FactState:
        """The state of a fact."""

    def table(self, id: str, shift: int) -> TableState:
        """The state of a table."""

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        """A reference rate with the name of its series and day, or None where none is held."""

    def fiat(self, asset: str) -> bool | None:
        """Whether an asset is, or follows, a currency issued by a state; None where unknown."""

    def days_before(self, ordinal: float, shift: int) -> float:
        """Days from a date (as ordinal) to the as-of date."""


@dataclass(frozen=True, slots=True)
class Program:
    """What the interpreter needs of the packs: parameter values in force, the metrics, the scenarios by name."""

    params: Mapping[str, tuple[float, str]]
    metrics: Mapping[str, MetricForm]
    scenarios: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """A value with its support when true (or used as a number) and when false, what keeps it open, and its trace."""

    value: Interval | Truth | Words
    true: Support = CERTAIN
    false: Support = CERTAIN
    open: Open = field(default_factory=dict)
    trace: Trace | None = None

    @property
    def number(self) -> Interval:
        """The value as an interval."""
        assert isinstance(self.value, Interval)
        return self.value

    @property
    def truth(self) -> Truth:
        """The value as a condition."""
        assert isinstance(self.value, Truth)
        return self.value


@dataclass(slots=True)
class _Rows:
    """A table being quantified over: rows with the certainty that they belong, and what may be missing."""

    rows: list[tuple[RowState, Result]]
    complete: bool
    support: Support
    missing: Open


@dataclass
class Interpreter:
    """Evaluates typed trees against one set of facts.

    Args:
        program: Parameters and metrics.
        facts: The facts at the cut.
        tracing: Whether to build traces.
        overrides: Values to use in place of facts of a given status: `{fact: (status, value)}`; this is how silence
            and hearsay are tried out.
    """

    program: Program
    facts: Facts
    tracing: bool = False
    overrides: Mapping[str, tuple[Status | None, Value]] = field(default_factory=dict)
    _cache: dict[tuple[str, int], Result] = field(default_factory=dict)
    _shift: int = 0
    _rows: dict[str, RowState] = field(default_factory=dict)

    def evaluate(self, node: Node) -> Result:
        """The value of a typed tree."""
        match node:
            case Literal():
                return self._literal(node)
            case Fact():
                return self._fact(node)
            case Param():
                return self._param(node)
            case Metric():
                return self._metric(node)
            case Column():
                return self._column(node)
            case Unary():
                return self._unary(node)
            case Binary(op="&&") | Binary(op="||"):
                return self._logic(node)
            case Binary():
                return self._binary(node)
            case Membership():
                return self._membership(node)
            case Ternary():
                return self._ternary(node)
            case Call():
                return self._call(node)
            case Macro():
                return self._macro(node)
        raise TypeError(f"no such node: {node!r}")

    def _traced(
        self,
        result: Result,
        node: Node,
        op: str,
        *steps: Result,
        inputs: list[list[object]] | None = None,
        params: list[str] | None = None,
    ) -> Result:
        if self.tracing:
            trace: Trace = {"op": op, "text": node.text, "value": plain(result.value)}
            if inputs:
                trace["inputs"] = inputs
            if params:
                trace["params"] = params
            children = [step.trace for step in steps if step.trace is not None]
            if children:
                trace["steps"] = children
            result.trace = trace
        return result

    def _literal(self, node: Literal) -> Result:
        value: Interval | Truth | Words
        if isinstance(node.value, bool):
            value = TRUE if node.value else FALSE
        elif isinstance(node.value, str):
            value = frozenset({node.value})
        else:
            value = point(node.value)
        return Result(value)

    def _param(self, node: Param) -> Result:
        value, since = self.program.params[f"{node.pack}.{node.name}"]
        return self._traced(Result(point(value)), node, "param", params=[f"{node.pack}.{node.name}@{since}"])

    def _fact(self, node: Fact) -> Result:
        result = self._state(node, self.facts.fact(node.id, self._shift))
        if node.id.startswith("platform."):
            result.true = result.false = CERTAIN
        return result

    def _state(self, node: Node, state: FactState) -> Result:
        value: Interval | Truth | Words | frozenset[bool] = state.value
        override = self.overrides.get(state.id)
        if override is not None and override[0] in (None, state.status):
            value = override[1]
        if node.type.kind == "bool":
            assert isinstance(value, frozenset)
            value = truth(value)  # type: ignore[arg-type]
        decided = is_decided(value)  # type: ignore[arg-type]
        unknowns = NOTHING_OPEN if decided else {state.id: state.reason}
        result = Result(value, state.support, state.support, unknowns)  # type: ignore[arg-type]
        return self._traced(result, node, "fact", inputs=[[state.id, list(state.entries)]])

    def _metric(self, node: Metric) -> Result:
        result = self.metric(f"{node.pack}.{node.name}")
        return self._traced(
            Result(result.value, result.true, result.false, result.open),
            node,
            f"metric {node.pack}.{node.name}",
            result,
        )

    def metric(self, id: str) -> Result:
        """The value of a metric: what all its formulas together allow.

        Formulas that agree bound each other. Where two exclude each other the adverse end is the worst of all, the
        favourable end the best among the best-evidenced.
        """
        key = (id, self._shift)
        if key not in self._cache:
            form = self.program.metrics[id]
            if form.model:
                self._cache[key] = self.modelled(id, form.scenario)
                return self._cache[key]
            results = [self.evaluate(formula) for formula in form.formulas]
            self._cache[key] = _combined(id, results, form) if len(results) > 1 else results[0]
            if self.tracing and len(results) > 1:
                steps = [result.trace for result in results if result.trace is not None]
                combined = self._cache[key]
                combined.trace = {"op": "same quantity", "text": id, "value": plain(combined.value), "steps": steps}
        return self._cache[key]

    @contextmanager
    def back(self, days: int) -> Iterator[None]:
        """What is evaluated inside reads the facts so many days before the as-of date."""
        before = self._shift
        self._shift += days
        try:
            yield
        finally:
            self._shift = before

    def column(self, id: str, row: RowState) -> Result:
        """The value of a computed column in a row of its table."""
        form = self.program.metrics[id]
        with self._bound(form.variable, row):
            results = [self.evaluate(formula) for formula in form.formulas]
        return _combined(id, results, form) if len(results) > 1 else results[0]

    def modelled(self, id: str, scenario: str) -> Result:
        """The value of a metric that a model tells, under a named scenario; it rests on all inputs of the model."""
        from checker.metrics.bounds import bounded, find

        form = self.program.metrics[id]
        inputs = [self.evaluate(formula) for formula in form.formulas]
        box = {name: result.number for name, result in zip(form.inputs, inputs, strict=True)}
        found = bounded(find(form.model), box, self.program.scenarios[scenario] if scenario else None)
        support = _weakest([result.true for result in inputs])
        unknowns: Open = {}
        for result in () if found.value.is_point else inputs:
            unknowns |= result.open
        outcome = Result(found.value, support, support, unknowns)
        if self.tracing:
            steps = [result.trace for result in inputs if result.trace is not None]
            told = f"{form.model}({', '.join(form.inputs)})" + (f" in {scenario}" if scenario else "")
            outcome.trace = {"op": "sampled range" if found.sampled else "model", "text": told, "steps": steps}
            outcome.trace["value"] = plain(found.value)
        return outcome

    def _column(self, node: Column) -> Result:
        row = self._rows[node.variable]
        if node.pack:
            result = self.column(f"{node.pack}.{node.name}", row)
            return self._traced(Result(result.value, result.true, result.false, result.open), node, "column", result)
        return self._state(node, row.cells[node.name])

    @contextmanager
    def _bound(self, variable: str, row: RowState) -> Iterator[None]:
        before = self._rows
        self._rows = {**before, variable: row}
        try:
            yield
        finally:
            self._rows = before

    def _unary(self, node: Unary) -> Result:
        operand = self.evaluate(node.operand)
        if node.op == "!":
            value = Truth(operand.truth.surely_false, operand.truth.surely_true)
            return self._traced(Result(value, operand.false, operand.true, operand.open), node, "!", operand)
        return self._traced(
            Result(negate(operand.number), operand.true, operand.true, operand.open), node, "-", operand
        )

    def _logic(self, node: Binary) -> Result:
        sides = [self.evaluate(node.left), self.evaluate(node.right)]
        return self._traced(_all(sides) if node.op == "&&" else _any(sides), node, node.op, *sides)

    def _binary(self, node: Binary) -> Result:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        support = left.true.weaker(right.true)
        value: Interval | Truth
        if isinstance(left.value, Interval) and isinstance(right.value, Interval):
            operation = ARITHMETIC.get(node.op) or COMPARISONS[node.op]
            value = operation(left.value, right.value)
        else:
            value = _same_word(left.value, right.value)  # type: ignore[arg-type]
            if node.op == "!=":
                value = Truth(value.surely_false, value.surely_true)
        unknowns = NOTHING_OPEN if is_decided(value) else left.open | right.open
        return self._traced(Result(value, support, support, unknowns), node, node.op, left, right)

    def _membership(self, node: Membership) -> Result:
        operand = self.evaluate(node.operand)
        words = operand.value
        assert words is None or isinstance(words, frozenset)
        value = OPEN if words is None else Truth(words <= set(node.words), words.isdisjoint(node.words))
        unknowns = NOTHING_OPEN if is_decided(value) else operand.open
        return self._traced(Result(value, operand.true, operand.true, unknowns), node, "in", operand)

    def _ternary(self, node: Ternary) -> Result:
        condition = self.evaluate(node.condition)
        if condition.truth.is_open:
            then, otherwise = self.evaluate(node.then), self.evaluate(node.otherwise)
            value = _either(then.value, otherwise.value)
            unknowns = NOTHING_OPEN if is_decided(value) else condition.open | then.open | otherwise.open
            support = condition.true.weaker(then.true).weaker(otherwise.true)
            support = _at_best(support, [condition.true.weaker(then.true), condition.false.weaker(otherwise.true)])
            against = condition.true.weaker(then.false).weaker(otherwise.false)
            against = _at_best(against, [condition.true.weaker(then.false), condition.false.weaker(otherwise.false)])
            return self._traced(Result(value, support, against, unknowns), node, "?:", condition, then, otherwise)
        branch = self.evaluate(node.then if condition.truth.surely_true else node.otherwise)
        guard = condition.true if condition.truth.surely_true else condition.false
        result = Result(branch.value, branch.true.weaker(guard), branch.false.weaker(guard), branch.open)
        return self._traced(result, node, "?:", condition, branch)

    def _call(self, node: Call) -> Result:
        if node.function == "was":
            return self._was(node)
        arguments = [self.evaluate(argument) for argument in node.arguments]
        unknowns: Open = {}
        inputs: list[list[object]] = []
        support = CERTAIN
        for argument in arguments:
            unknowns |= argument.open
            support = support.weaker(argument.true)
        value: Interval | Truth
        if node.function in ("min", "max"):
            pick = min if node.function == "min" else max
            value = Interval(pick(a.number.lo for a in arguments), pick(a.number.hi for a in arguments))
        elif node.function == "days_since":
            date = arguments[0].number
            value = Interval(*(self.facts.days_before(end, self._shift) for end in (date.hi, date.lo)))
        elif node.function == "is_fiat":
            value, missing = self._fiat(arguments[0].value)  # type: ignore[arg-type]
            unknowns |= missing
        else:
            value, missing, series = self._reference(node.function, arguments[0].value)  # type: ignore[arg-type]
            unknowns |= missing
            inputs = [[f"reference:{node.function}", [name]] for name in series]
        if is_decided(value):
            unknowns = NOTHING_OPEN
        return self._traced(Result(value, support, support, unknowns), node, node.function, *arguments, inputs=inputs)

    def _fiat(self, assets: Words) -> tuple[Truth, Open]:
        if assets is None:
            return OPEN, {}
        answers = {self.facts.fiat(asset) for asset in assets}
        if None in answers:
            return OPEN, {f"reference:is_fiat({', '.join(sorted(assets))})": Reason.REFERENCE}
        return truth(answer for answer in answers if answer is not None), {}

    def _reference(self, function: str, assets: Words) -> tuple[Interval, Open, list[str]]:
        if assets is None:
            return UNKNOWN, {}, []
        rates = [self.facts.reference(REFERENCE_ROLES[function], asset, self._shift) for asset in sorted(assets)]
        held = [rate for rate in rates if rate is not None]
        if len(held) < len(rates):
            return UNKNOWN, {f"reference:{function}({', '.join(sorted(assets))})": Reason.REFERENCE}, []
        straddling = any(not interval.is_point for interval, _ in held)
        missing: Open = {f"reference:{function}({', '.join(sorted(assets))})": Reason.RANGE} if straddling else {}
        return hull(interval for interval, _ in held), missing, [name for _, name in held]

    def _was(self, node: Call) -> Result:
        expression, days = node.arguments
        assert isinstance(days, Param)
        with self.back(int(self.program.params[f"{days.pack}.{days.name}"][0])):
            result = self.evaluate(expression)
        return self._traced(
            Result(result.value, result.true, result.false, result.open), node, "was", result, self.evaluate(days)
        )

    def _macro(self, node: Macro) -> Result:
        table = self._table(node.table)
        bodies: list[tuple[Result, Result]] = []
        steps: list[Result] = []
        for row, member in table.rows:
            with self._bound(node.variable, row):
                body = self.evaluate(node.body)
            bodies.append((member, body))
            if self.tracing:
                trace: Trace = {"op": "row", "text": row.label, "value": plain(body.value)}
                trace["inputs"] = [[(row.cells and next(iter(row.cells.values())).id) or row.label, list(row.entries)]]
                trace["steps"] = [step.trace for step in (member, body) if step.trace is not None]
                steps.append(Result(body.value, trace=trace))
        if node.macro in ("exists", "all"):
            result = _quantified(table, bodies, node.macro)
        else:
            result = _aggregated(table, bodies, node.macro, node.body.type.nonnegative)
        return self._traced(result, node, node.macro, *steps)

    def _table(self, node: Node) -> _Rows:
        if isinstance(node, Macro):
            table = self._table(node.table)
            kept: list[tuple[RowState, Result]] = []
            support = table.support
            for row, member in table.rows:
                with self._bound(node.variable, row):
                    condition = self.evaluate(node.body)
                both = _all([member, condition])
                if both.truth.surely_false:
                    support = support.weaker(both.false)
                else:
                    kept.append((row, self._traced(both, node.body, "filter", member, condition)))
            return _Rows(kept, table.complete, support, table.missing)
        assert isinstance(node, Fact)
        state = self.facts.table(node.id, self._shift)
        missing: Open = NOTHING_OPEN if state.complete else {state.id: state.reason}
        return _Rows([(row, Result(TRUE)) for row in state.rows], state.complete, state.support, missing)


def plain(value: object) -> object:
    """A value as the trace shows it: `[lo, hi]` with null for no bound, or the list of what is possible."""
    if isinstance(value, Interval):
        return [None if abs(end) == inf else end for end in value]
    if isinstance(value, Truth):
        return [True] if value.surely_true else [False] if value.surely_false else [False, True]
    if isinstance(value, frozenset):
        return sorted(value)
    return None


def is_decided(value: Interval | Truth | Words) -> bool:
    """Whether only one value is left."""
    if isinstance(value, Interval):
        return value.is_point
    if isinstance(value, Truth):
        return not value.is_open
    return value is not None and len(value) == 1


def _same_word(a: Words, b: Words) -> Truth:
    if a is None or b is None:
        return OPEN
    return Truth(len(a) == 1 and a == b, a.isdisjoint(b))


def _either(a: Interval | Truth | Words, b: Interval | Truth | Words) -> Interval | Truth:
    if isinstance(a, Interval) and isinstance(b, Interval):
        return hull([a, b])
    assert isinstance(a, Truth)
    assert isinstance(b, Truth)
    return Truth(a.surely_true and b.surely_true, a.surely_false and b.surely_false)


def _weakest(supports: list[Support]) -> Support:
    result = CERTAIN
    for support in supports:
        result = result.weaker(support)
    return result


def _strongest(supports: list[Support]) -> Support:
    result = supports[0]
    for support in supports[1:]:
        result = result.stronger(support)
    return result


def _at_best(support: Support, others: list[Support]) -> Support:
    """The support with its best end at the strongest of all that may still turn out to carry it."""
    return support._replace(best=max(other.best for other in others)) if others else support


def _all(parts: list[Result]) -> Result:
    """Conjunction. One part that is surely false settles it, on the strongest evidence among such parts."""
    false = [part for part in parts if part.truth.surely_false]
    value = Truth(all(part.truth.surely_true for part in parts), bool(false))
    against = _strongest([part.false for part in false]) if false else _weakest([part.false for part in parts])
    against = _at_best(against, [part.false for part in parts if not part.truth.surely_true])
    return Result(value, _weakest([part.true for part in parts]), against, _still_open(value, parts))


def _any(parts: list[Result]) -> Result:
    """Disjunction. One part that is surely true settles it, on the strongest evidence among such parts."""
    true = [part for part in parts if part.truth.surely_true]
    value = Truth(bool(true), all(part.truth.surely_false for part in parts))
    support = _strongest([part.true for part in true]) if true else _weakest([part.true for part in parts])
    support = _at_best(support, [part.true for part in parts if not part.truth.surely_false])
    return Result(value, support, _weakest([part.false for part in parts]), _still_open(value, parts))


def _still_open(value: Truth, parts: list[Result]) -> Open:
    if not value.is_open:
        return NOTHING_OPEN
    unknowns: Open = {}
    for part in parts:
        unknowns |= part.open
    return unknowns


def _known(told: list[Result]) -> list[Result]:
    """The tellings that rest on evidence, or all of them where none does."""
    return [result for result in told if max(result.true.worst, result.false.worst) > 0] or told


def _combined(id: str, results: list[Result], form: MetricForm) -> Result:
    """One quantity told by several formulas (see `Interpreter.metric`)."""
    unknowns: Open = {}
    for result in results:
        unknowns |= result.open
    if isinstance(results[0].value, Truth):
        told = [result for result in results if not result.truth.is_open]
        answers = {result.truth for result in told}
        if not answers:
            support = _at_best(_weakest([result.true for result in results]), [result.true for result in results])
            return Result(OPEN, support, support, unknowns)
        if len(answers) == 1:
            value = told[0].truth
            support = _at_best(_strongest([r.true for r in told]), [r.true for r in results])
            against = _at_best(_strongest([r.false for r in told]), [r.false for r in results])
            return Result(value, support, against)
        if form.apart == "silent" and len(known := _known(told)) < len(told):
            return _combined(id, known, form)
        best = max(r.true.worst if r.truth.surely_true else r.false.worst for r in told)
        leading = {r.truth for r in told if (r.true.worst if r.truth.surely_true else r.false.worst) == best}
        adverse = FALSE if form.worse == "lower" else TRUE
        if form.apart != "range" and form.worse != "none":
            return Result(adverse, _weakest([r.true for r in told]), _weakest([r.false for r in told]))
        value = adverse if leading == {adverse} and form.worse != "none" else OPEN
        conflict = {id: Reason.CONFLICT} if value.is_open else NOTHING_OPEN
        return Result(value, _weakest([r.true for r in told]), _weakest([r.false for r in told]), conflict)
    merged: Interval | None = results[0].number
    for result in results[1:]:
        merged = merged and intersect(merged, result.number)
    if merged is not None:
        exact = [r.true for r in results if r.number == merged]
        bounding = [r.true for r in results if r.number.lo == merged.lo or r.number.hi == merged.hi]
        support = _at_best(_strongest(exact) if exact else _weakest(bounding), [r.true for r in results])
        return Result(merged, support, support, NOTHING_OPEN if merged.is_point else _limiting(results, unknowns))
    told = [result for result in results if result.number != UNKNOWN]
    if form.apart == "silent" and len(known := _known(told)) < len(told):
        return _combined(id, known, form)
    told = [r for r in told if any(intersect(r.number, other.number) is None for other in told)]
    best = max(result.true.worst for result in told)
    leading_numbers = [result.number for result in told if result.true.worst == best]
    everything = hull(result.number for result in told)
    favourable = hull(leading_numbers)
    value_number = everything
    if form.apart != "range":
        favourable = Interval(max(r.number.lo for r in told), min(r.number.hi for r in told))
    if form.worse == "higher":
        value_number = Interval(favourable.lo, everything.hi)
    elif form.worse == "lower":
        value_number = Interval(everything.lo, favourable.hi)
    support = _weakest([result.true for result in told])
    conflicting: Open = NOTHING_OPEN if value_number.is_point else unknowns | {id: Reason.CONFLICT}
    return Result(value_number, support, support, conflicting)


def _limiting(results: list[Result], unknowns: Open) -> Open:
    """What keeps a quantity open: the unknowns of the formulas that bound it at all, else those of every formula.

    What is withheld is never left out, since silence is weighed by it.
    """
    limited: Open = {}
    for result in results:
        if result.number.lo > -inf and result.number.hi < inf:
            limited |= result.open
    withheld = {fact: reason for fact, reason in unknowns.items() if reason is Reason.NOT_DISCLOSED}
    return limited | withheld if limited else unknowns


def _quantified(table: _Rows, bodies: list[tuple[Result, Result]], macro: str) -> Result:
    rest = Result(OPEN, UNEXAMINED, UNEXAMINED, table.missing)
    completeness = Result(Truth(macro == "all", macro == "exists"), table.support, table.support)
    closing = [completeness] if table.complete else [rest]
    if macro == "exists":
        return _any([_all([member, body]) for member, body in bodies] + closing)
    return _all([_any([_negated(member), body]) for member, body in bodies] + closing)


def _negated(result: Result) -> Result:
    return Result(Truth(result.truth.surely_false, result.truth.surely_true), result.false, result.true, result.open)


def _aggregated(table: _Rows, bodies: list[tuple[Result, Result]], macro: str, nonnegative: bool) -> Result:
    unknowns: Open = dict(table.missing)
    support = table.support if table.complete else UNEXAMINED
    for member, body in bodies:
        unknowns |= member.open | body.open
        support = support.weaker(member.true).weaker(body.true)
    sure = [body.number for member, body in bodies if member.truth.surely_true]
    possible = [body.number for _, body in bodies]
    if macro == "sum":
        value = point(0.0)
        for member, body in bodies:
            term = body.number
            if not member.truth.surely_true:
                term = hull([term, point(0.0)])
            value = add(value, term)
        if not table.complete:
            value = Interval(value.lo if nonnegative else -inf, inf)
    elif macro == "max":
        lo = max((number.lo for number in sure), default=-inf)
        value = Interval(lo, max((number.hi for number in possible), default=-inf) if table.complete else inf)
    else:
        hi = min((number.hi for number in sure), default=inf)
        value = Interval(min((number.lo for number in possible), default=inf) if table.complete else -inf, hi)
    return Result(value, support, support, NOTHING_OPEN if value.is_point else unknowns)
