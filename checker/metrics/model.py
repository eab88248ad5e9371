"""What makes a function a model: units and ranges of its inputs, and which way its result moves with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from math import inf
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Input", "Model", "ModelError", "Number", "model"]

Number = float
Column = NDArray[np.float64]


class ModelError(ValueError):
    """An input that cannot be: the message names model, input, value and what was expected."""


@dataclass(frozen=True)
class Input:
    """One number that a model takes.

    Attributes:
        unit: `money`, `share`, `rate`, `ratio`, `days`, `count`, `money_per_month`, as in the dictionary of facts.
        sign: +1 where the result never falls as this input rises, -1 where it never rises, 0 where it moves one way
            for any fixed values of the others but which way depends on them, None where it may turn.
        range: Possible values, both ends included.
        default: The value where none is given; None where one must be given.
        free: What no fact could tell, such as the timing inside a bucket: where it is not given, a range of results
            covers every value of it.
    """

    unit: str
    sign: int | None
    range: tuple[float, float] = (0.0, inf)
    default: float | None = None
    free: bool = False


@dataclass(frozen=True)
class Model:
    """A function over numbers or columns with what is known about it.

    A scalar call gives a float, or None where the result never comes about or is not defined. A call with columns
    (numpy arrays, broadcast against each other) gives a column in which infinity stands for never and NaN for not
    defined, since a column holds no None.

    Attributes:
        function: The formula over columns.
        unit: Unit of the result.
        inputs: The inputs by name.
        scenario: The kind of scenario it takes as argument `scenario` (`run`, `shock`, `depeg`), or none.
        range: Possible results.
        never: What it means that the result never comes about; empty where it always does.
    """

    function: Callable[..., Any]
    unit: str
    inputs: Mapping[str, Input]
    scenario: str = ""
    range: tuple[float, float] = (-inf, inf)
    never: str = ""
    __wrapped__: Callable[..., Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "__wrapped__", self.function)
        object.__setattr__(self, "__doc__", self.function.__doc__)
        object.__setattr__(self, "__module__", self.function.__module__)

    @property
    def name(self) -> str:
        """Module and name, as a pack writes it: `survival.horizon`."""
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    @overload
    def __call__(self, *, scenario: object = None, **values: float) -> float | None: ...
    @overload
    def __call__(self, *, scenario: object = None, **values: float | Column) -> Any: ...
    def __call__(self, *, scenario: object = None, **values: float | Column) -> Any:
        """The result for numbers (float or None) or for columns (column).

        Raises:
            ModelError: an unknown or missing input, NaN, infinity in a scalar, or a value outside its range.
        """
        unknown = set(values) - set(self.inputs)
        if unknown:
            raise ModelError(f"{self.name} takes no input '{sorted(unknown)[0]}'; it takes {', '.join(self.inputs)}")
        columns: dict[str, Column] = {}
        for name, wanted in self.inputs.items():
            value = values.get(name, wanted.default)
            if value is None:
                raise ModelError(f"{self.name} needs '{name}' ({wanted.unit})")
            columns[name] = np.asarray(value, dtype=float)
            lo, hi = wanted.range
            low, high = columns[name].min(initial=inf), columns[name].max(initial=-inf)
            if np.isnan(columns[name]).any():
                raise ModelError(f"{self.name}: '{name}' is not a number")
            if low < lo or high > hi or high == inf or low == -inf:
                raise ModelError(
                    f"{self.name}: '{name}' is {low if low < lo else high:g}, expected a number"
                    f" {'of at least' if hi == inf else 'from'} {lo:g}{'' if hi == inf else f' to {hi:g}'}"
                )
        result = self.raw(columns, scenario)
        if any(np.ndim(column) for column in columns.values()):
            return result
        return float(result) if np.isfinite(result) else None

    def raw(self, values: Mapping[str, Any], scenario: object = None) -> Any:
        """The formula itself, unchecked: infinity for never, NaN for not defined; takes infinite inputs as limits."""
        extra = {"scenario": scenario} if self.scenario else {}
        with np.errstate(all="ignore"):
            return self.function(**values, **extra)


def model(
    *,
    unit: str,
    inputs: Mapping[str, Input],
    scenario: str = "",
    range: tuple[float, float] = (-inf, inf),
    never: str = "",
) -> Callable[[Callable[..., Any]], Model]:
    """Marks a function over columns as a model.

    The function takes every input by keyword as a numpy array of any shape and returns an array; it must not branch on
    values with `if` (use `np.where`). Infinity in the result means never, NaN not defined.
    """

    def marked(function: Callable[..., Any]) -> Model:
        wanted = [*inputs, *(["scenario"] if scenario else [])]
        if list(signature(function).parameters) != wanted:
            raise TypeError(f"{function.__name__} must take exactly {', '.join(wanted)}")
        return Model(function, unit, dict(inputs), scenario, range, never)

    return marked
