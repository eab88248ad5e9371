"""From the graph to a library of data frames, through Narwhals: what is used twice becomes a column, once.

Expressions are computed in passes; in each one every expression stands on columns of earlier passes. Columns that
nothing needs any more are dropped on the way, so that memory stays bounded by what is alive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

import narwhals.stable.v2 as nw

from checker.engine.columns.dag import Expr, reached

DEEPEST = 24
"""How deep one expression may nest before part of it becomes a column."""
GROUP = 600
"""How many new columns are worked out before dead ones are dropped."""
_PREFIX = "__"


@dataclass(frozen=True, slots=True)
class Pass:
    """One step: the columns that are made, and those of ours that are alive afterwards."""

    made: tuple[Expr, ...]
    alive: frozenset[int]


@dataclass(frozen=True, eq=False)
class Plan:
    """How some outputs are worked out.

    Attributes:
        outputs: The expressions by the name of their column.
    """

    outputs: Mapping[str, Expr]

    @cached_property
    def size(self) -> int:
        """How many expressions there are."""
        return sum(1 for _ in reached(self.outputs.values()))

    @cached_property
    def inputs(self) -> frozenset[str]:
        """The columns of the batch that are read."""
        return frozenset(str(e.extra) for e in reached(self.outputs.values()) if e.op == "col")

    @cached_property
    def columns(self) -> frozenset[int]:
        """The expressions that become columns."""
        uses: dict[int, int] = {}
        depth: dict[int, int] = {}
        found: set[int] = set()
        order = list(reached(self.outputs.values()))
        for expr in order:
            for arg in expr.args:
                uses[arg.id] = uses.get(arg.id, 0) + 1
        for expr in order:
            if expr.op == "const":
                depth[expr.id] = 0
                continue
            inner = 1 + max((0 if arg.id in found else depth[arg.id] for arg in expr.args), default=0)
            if uses.get(expr.id, 0) > 1 or inner >= DEEPEST:
                found.add(expr.id)
            depth[expr.id] = inner
        return frozenset(found)

    @cached_property
    def passes(self) -> tuple[Pass, ...]:
        """The steps in order, each with what later ones still need."""
        outputs = list(self.outputs.values())
        order = list(reached(outputs))
        needs: dict[int, frozenset[int]] = {}
        for expr in order:
            below: frozenset[int] = frozenset()
            for arg in expr.args:
                below |= frozenset((arg.id,)) if arg.id in self.columns else needs[arg.id]
            needs[expr.id] = below
        by_id = {expr.id: expr for expr in order}
        groups = self._groups(outputs, needs)
        steps: list[tuple[list[Expr], set[int]]] = []
        done: dict[int, int] = {}
        for group in groups:
            level: dict[int, list[Expr]] = {}
            start = len(steps)
            for id in sorted(group):
                at = max([start, *(done[need] + 1 for need in needs[id])])
                done[id] = at
                level.setdefault(at, []).append(by_id[id])
            for at in sorted(level):
                while len(steps) <= at:
                    steps.append(([], set()))
                steps[at][0].extend(level[at])
        alive: set[int] = set()
        for output in outputs:
            alive |= {output.id} if output.id in self.columns else needs[output.id]
        found: list[Pass] = []
        for made, _ in reversed(steps):
            found.append(Pass(tuple(made), frozenset(alive)))
            alive -= {expr.id for expr in made}
            for expr in made:
                alive |= needs[expr.id]
        return tuple(reversed(found))

    def _groups(self, outputs: Sequence[Expr], needs: Mapping[int, frozenset[int]]) -> list[set[int]]:
        """Columns in groups: those that some outputs need, before those that only later ones do."""
        groups: list[set[int]] = [set()]
        seen: set[int] = set()
        for output in outputs:
            todo = [output.id] if output.id in self.columns else list(needs[output.id])
            while todo:
                id = todo.pop()
                if id not in seen:
                    seen.add(id)
                    groups[-1].add(id)
                    todo += needs[id]
            if len(groups[-1]) > GROUP:
                groups.append(set())
        return [group for group in groups if group]

    def run(self, frame: Any, keep: Sequence[str] = ()) -> Any:
        """The outputs of a batch, as a frame of the same library.

        Args:
            frame: A Narwhals frame, eager or lazy.
            keep: Columns of the batch that stay.
        """
        doubles = [str(e.extra) for e in reached(self.outputs.values()) if e.op == "col" and e.kind == "F"]
        backend = _Backend(frame, doubles)
        columns = self.columns
        inputs = [name for name in frame.columns if name in self.inputs or name in keep]
        later = isinstance(frame, nw.DataFrame) and frame.implementation.is_polars()
        frame = frame.lazy() if later else frame
        frame = frame.select(*inputs)
        writer = _Writer(columns, backend)
        passes = self.passes
        for index, step in enumerate(passes):
            made = [writer.body(expr).alias(_name(expr)) for expr in step.made]
            before = passes[index - 1].alive if index else frozenset[int]()
            dead = before - step.alive
            frame = frame.with_columns(*made)
            if dead:
                frame = frame.drop(*(f"{_PREFIX}{id}" for id in sorted(dead)), strict=False)
        final = [writer.reference(expr).alias(name) for name, expr in self.outputs.items()]
        frame = frame.select(*(nw.col(name) for name in keep), *final)
        return frame.collect() if later else frame


def _name(expr: Expr) -> str:
    return f"{_PREFIX}{expr.id}"


def _type(expr: Expr) -> Any:
    if expr.kind == "F":
        return nw.Float64()
    if expr.kind == "B":
        return nw.Boolean()
    size = max(abs(expr.lo), abs(expr.hi))
    return nw.Int8() if size < 2**7 else nw.Int16() if size < 2**15 else nw.Int32()


class _Backend:
    """What differs between libraries: whether the least of two columns is one operation, which columns may hold NaN."""

    def __init__(self, frame: Any, doubles: Sequence[str]) -> None:
        pandas_like = frame.implementation.is_pandas_like()
        self.horizontal = not pandas_like
        self.nan: frozenset[str] = frozenset()
        if isinstance(frame, nw.LazyFrame):
            self.nan = frozenset(doubles)
        elif not pandas_like:
            found = frame.select(nw.col(*doubles).is_nan().any()) if doubles else frame.select()
            self.nan = frozenset(name for name in found.columns if found.item(0, name))


class _Writer:
    """Writes expressions of the graph as Narwhals expressions."""

    def __init__(self, columns: frozenset[int], backend: _Backend) -> None:
        self.columns = columns
        self.backend = backend

    def reference(self, expr: Expr) -> Any:
        """An expression where it is used: by name if it is a column."""
        return nw.col(_name(expr)) if expr.id in self.columns else self.body(expr)

    def body(self, expr: Expr) -> Any:
        """An expression spelled out."""
        if expr.op == "const":
            return nw.lit(expr.value, dtype=_type(expr))
        if expr.op == "col":
            name = str(expr.extra)
            column = nw.col(name)
            if name in self.backend.nan:
                column = column.fill_nan(None)
            return column.fill_null(expr.args[0].value).cast(_type(expr))
        a, *rest = expr.args
        match expr.op:
            case "not":
                return ~self.reference(a)
            case "if":
                then, otherwise = (self.reference(part) for part in rest)
                return nw.when(self.reference(a)).then(then).otherwise(otherwise)
            case "min" | "max":
                return self._extreme(expr, a, rest[0])
            case "in":
                return self.reference(a).is_in(list(expr.members))
            case "double":
                return self.reference(a).cast(nw.Float64())
            case "int":
                return self.reference(a).cast(nw.Int8())
            case "scale":
                return self._widened(a, expr) * expr.value
            case "//":
                return self.reference(a) // expr.value
            case "%":
                return self.reference(a) % expr.value
            case "add":
                return self._widened(a, expr) + self._widened(rest[0], expr)
        return self._binary(expr.op, a, rest[0])

    def _widened(self, a: Expr, total: Expr) -> Any:
        """An integer in the size that the result needs."""
        same = isinstance(_type(a), type(_type(total)))
        return self.reference(a) if same else self.reference(a).cast(_type(total))

    def _extreme(self, expr: Expr, a: Expr, b: Expr) -> Any:
        left, right = self.reference(a), self.reference(b)
        if self.backend.horizontal:
            return nw.min_horizontal(left, right) if expr.op == "min" else nw.max_horizontal(left, right)
        first = left < right if expr.op == "min" else left > right
        return nw.when(first).then(left).otherwise(right)

    def _operand(self, expr: Expr) -> Any:
        """A constant as itself where it stands beside a column."""
        if expr.op == "const" and (expr.kind != "F" or abs(expr.lo) < inf):
            return expr.value
        return self.reference(expr)

    def _binary(self, op: str, a: Expr, b: Expr) -> Any:
        if a.op == "const" and b.op != "const":
            swapped = {"lt": "gt", "le": "ge"}.get(op, op)
            if op in ("lt", "le", "eq", "+", "*"):
                return _OPERATORS[swapped](self.reference(b), self._operand(a))
            return _OPERATORS[op](self.reference(a), self.reference(b))
        return _OPERATORS[op](self.reference(a), self._operand(b))


_OPERATORS: Mapping[str, Any] = {
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "eq": lambda a, b: a == b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
