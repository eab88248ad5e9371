"""The graph over NumPy arrays: one operation after the other in chunks that stay in the cache.

A wide batch through all packs takes some fifty thousand small operations. As expressions of a data-frame library their
making alone takes seconds; here each costs a call. What is no longer needed is let go at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.engine.columns.dag import Expr, reached

Array = NDArray[Any]
CHUNK = 8_192
"""Records worked on at once: an array of doubles then stays below the size that is mapped anew at every call."""
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "lt": np.less,
    "le": np.less_equal,
    "eq": np.equal,
    "min": np.minimum,
    "max": np.maximum,
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


@dataclass(frozen=True, slots=True)
class _Step:
    """One operation: what it calls on which slots, where the result goes, which slots are empty afterwards."""

    function: Callable[..., Any]
    args: tuple[int, ...]
    at: int
    free: tuple[int, ...]


class ArrayPlan:
    """The operations behind some outputs, in order.

    Args:
        outputs: The expressions by the name of their result.
    """

    def __init__(self, outputs: Mapping[str, Expr]) -> None:
        order = list(reached(outputs.values()))
        kept = {expr.id for expr in outputs.values()}
        last: dict[int, int] = {}
        for expr in order:
            for arg in expr.args:
                last[arg.id] = expr.id
        freed: dict[int, list[int]] = {}
        for id, at in last.items():
            if id not in kept:
                freed.setdefault(at, []).append(id)
        slots: dict[int, int] = {}
        empty: list[int] = []
        self.constants: dict[int, Any] = {}
        self.inputs: dict[str, tuple[int, Any]] = {}
        self.missing: dict[str, Any] = {}
        self.steps: list[_Step] = []
        count = 0
        for expr in order:
            args = tuple(slots[arg.id] for arg in expr.args)
            free = [slots[id] for id in freed.get(expr.id, ()) if id in slots and slots[id] not in self.constants]
            if empty and expr.op not in ("const", "col"):
                at = empty.pop()
            else:
                at, count = count, count + 1
            slots[expr.id] = at
            if expr.op == "const":
                self.constants[at] = _constant(expr)
            elif expr.op == "col":
                self.inputs[str(expr.extra)] = at, _type(expr)
                self.missing[str(expr.extra)] = _constant(expr.args[0])
            else:
                self.steps.append(_Step(_function(expr), args, at, tuple(free)))
            empty += free
        self.count = count
        self.outputs = {name: slots[expr.id] for name, expr in outputs.items()}
        self.types = {name: _type(expr) for name, expr in outputs.items()}

    def run(self, arrays: Mapping[str, Array], size: int) -> dict[str, Array]:
        """The outputs for so many records.

        Args:
            arrays: The columns that are read, filled where nothing is known.
            size: How many records there are.
        """
        found = {name: np.empty(size, dtype) for name, dtype in self.types.items()}
        with np.errstate(all="ignore"):
            for start in range(0, size, CHUNK):
                stop = min(start + CHUNK, size)
                part = self._part({name: arrays[name][start:stop] for name in self.inputs})
                for name, slot in self.outputs.items():
                    found[name][start:stop] = part[slot]
        return found

    def _part(self, arrays: Mapping[str, Array]) -> list[Any]:
        slots: list[Any] = [None] * self.count
        for at, value in self.constants.items():
            slots[at] = value
        for name, (at, dtype) in self.inputs.items():
            slots[at] = np.asarray(arrays[name], dtype)
        for step in self.steps:
            args = step.args
            if len(args) == 2:
                slots[step.at] = step.function(slots[args[0]], slots[args[1]])
            else:
                slots[step.at] = step.function(*[slots[arg] for arg in args])
            for at in step.free:
                if at != step.at:
                    slots[at] = None
        return slots


def filled(frame: Any, plan: ArrayPlan) -> dict[str, Array]:
    """The columns that a plan reads, as arrays, filled where nothing is known.

    Args:
        frame: An eager Narwhals frame.
        plan: The operations.
    """
    import narwhals.stable.v2 as nw

    types = {np.float64: nw.Float64(), np.int8: nw.Int8(), np.int16: nw.Int16(), np.int32: nw.Int32()}
    found: dict[str, Array] = {}
    whole = frame.select(
        *(nw.col(name).fill_null(plan.missing[name]).cast(types[dtype]) for name, (_, dtype) in plan.inputs.items())
    )
    for name, (_, dtype) in plan.inputs.items():
        array = whole[name].to_numpy()
        if dtype is np.float64 and np.isnan(array).any():
            array = np.where(np.isnan(array), plan.missing[name], array)
        found[name] = np.asarray(array, dtype)
    return found


def _type(expr: Expr) -> Any:
    if expr.kind == "F":
        return np.float64
    if expr.kind == "B":
        return np.bool_
    size = max(abs(expr.lo), abs(expr.hi))
    return np.int8 if size < 2**7 else np.int16 if size < 2**15 else np.int32


def _constant(expr: Expr) -> Any:
    """A constant as Python has it, so that it never widens an array."""
    return float(expr.lo) if expr.kind == "F" else expr.extra


def _function(expr: Expr) -> Callable[..., Any]:
    if expr.op in _FUNCTIONS:
        return _FUNCTIONS[expr.op]
    dtype = _type(expr)
    match expr.op:
        case "if":
            return _pick_double if expr.kind == "F" else _picker(dtype)
        case "in":
            table = np.zeros(int(expr.args[0].hi) + 1, np.bool_)
            table[np.array(expr.members)] = True
            return lambda a: table[a]
        case "add":
            return lambda a, b: np.add(a, b, dtype=dtype)
        case "double" | "int":
            return lambda a: a.astype(dtype)
        case "scale":
            return lambda a: np.multiply(a, expr.value, dtype=dtype)
        case "//":
            return lambda a: np.floor_divide(a, expr.value).astype(dtype, copy=False)
    assert expr.op == "%", expr.op
    return lambda a: (a - np.floor_divide(a, expr.value) * expr.value).astype(dtype, copy=False)


def _pick_double(condition: Array, then: Any, otherwise: Any) -> Array:
    """One of two doubles, bit by bit: faster than a branch that no processor can foresee."""
    mask = np.negative(condition.view(np.int8)).astype(np.int64)
    a, b = _bits(then), _bits(otherwise)
    picked: Array = ((a ^ b) & mask) ^ b
    return picked.view(np.float64)


def _bits(value: Any) -> Any:
    return np.float64(value).view(np.int64) if isinstance(value, float) else value.view(np.int64)


def _picker(dtype: Any) -> Callable[..., Any]:
    """One of two small integers, bit by bit."""

    def pick(condition: Array, then: Any, otherwise: Any) -> Array:
        mask = np.negative(condition.view(np.int8)).astype(dtype, copy=False)
        a = then if isinstance(then, int) else then.astype(dtype, copy=False)
        b = otherwise if isinstance(otherwise, int) else otherwise.astype(dtype, copy=False)
        picked: Array = ((a ^ b) & mask) ^ b
        return picked

    return pick


__all__ = ["CHUNK", "Array", "ArrayPlan", "filled"]
