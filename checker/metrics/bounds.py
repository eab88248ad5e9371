"""Intervals through a model: exact ends where the result moves one way with each input, a sampled range elsewhere.

A result that is monotone in each input for any fixed values of the others has its extremes over a box at corners. An
input whose direction is known contributes one end, one whose direction depends on the others both. An input along
which the result may turn is sampled on a grid; the range is then labelled as sampled, since it may miss a peak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import product
from math import inf, isfinite
from typing import NamedTuple

import numpy as np

from checker.metrics.model import Column, Model, ModelError
from checker.model.interval import Interval

GRID = 9


class Bounded(NamedTuple):
    """A range of results and whether it was sampled rather than reached at corners."""

    value: Interval
    sampled: bool


@cache
def find(name: str) -> Model:
    """The model of that name, `module.function`.

    Raises:
        ModelError: No such model.
    """
    module, _, function = name.partition(".")
    try:
        found = getattr(import_module(f"checker.metrics.{module}"), function, None)
    except ModuleNotFoundError:
        found = None
    if not isinstance(found, Model):
        raise ModelError(f"there is no model '{name}'")
    return found


def models(module: str) -> list[str]:
    """Names of the models in a module, `module.function`; none where there is no such module."""
    try:
        held = vars(import_module(f"checker.metrics.{module}"))
    except ModuleNotFoundError:
        return []
    return sorted(value.name for value in held.values() if isinstance(value, Model))


def bounded(model: Model, box: Mapping[str, Interval], scenario: object = None) -> Bounded:
    """The range of a model over a box of inputs.

    An end that is not defined at its corner (such as a ratio to a deposit base that may be zero) is unbounded. An input
    that is not in the box takes its default, or every value if it is free; else the result may be anything.

    Args:
        model: The model.
        box: An interval for each input, in the model's units; ends beyond the possible are cut off.
        scenario: The scenario, for models that take one.
    """
    ends: dict[str, Interval] = {}
    for name, wanted in model.inputs.items():
        given = box.get(name)
        if given is None:
            if wanted.default is None and not wanted.free:
                return Bounded(Interval(*model.range), False)
            given = Interval(*wanted.range) if wanted.default is None else Interval(wanted.default, wanted.default)
        ends[name] = Interval(*(min(max(end, wanted.range[0]), wanted.range[1]) for end in given))
    turning = [name for name, end in ends.items() if model.inputs[name].sign is None and not end.is_point]
    if not all(isfinite(end) for name in turning for end in ends[name]):
        return Bounded(Interval(*model.range), True)
    low, high = list(_points(model, ends, 1)), list(_points(model, ends, -1))
    columns = {name: np.array(column) for name, column in zip(ends, zip(*low, *high, strict=True), strict=True)}
    values = np.broadcast_to(np.asarray(model.raw(columns, scenario), dtype=float), (len(low) + len(high),))
    return Bounded(
        Interval(
            max(_end(values[: len(low)], -inf), model.range[0]),
            min(_end(values[len(low) :], inf), model.range[1]),
        ),
        bool(turning),
    )


def _points(model: Model, ends: Mapping[str, Interval], direction: int) -> Iterator[tuple[float, ...]]:
    """The points among which the lowest (`direction` 1) or highest (-1) result lies."""
    choices: list[list[float]] = []
    for name, (lo, hi) in ends.items():
        sign = model.inputs[name].sign
        if lo == hi:
            choices.append([lo])
        elif sign is None:
            choices.append([float(x) for x in np.linspace(lo, hi, GRID)])
        elif sign == 0:
            choices.append([lo, hi])
        else:
            choices.append([lo if sign * direction > 0 else hi])
    return product(*choices)


def _end(values: Column, undefined: float) -> float:
    if np.isnan(values).any():
        return undefined
    return float(values.min() if undefined < 0 else values.max())
