"""Columns of numbers given to table functions, refused with a message where they cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from checker.metrics.model import Column, ModelError


def amounts(where: str, name: str, values: ArrayLike) -> Column:
    """Numbers of any shape, if all are finite and none is negative.

    Raises:
        ModelError: NaN, infinity, or a negative number.
    """
    numbers = np.asarray(values, dtype=float)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        raise ModelError(f"{where}: '{name}' is {numbers[wrong].flat[0]:g}, expected a number of at least 0")
    return numbers


def history(where: str, name: str, values: Sequence[float] | Column) -> Column:
    """A history of finite numbers as a column.

    Raises:
        ModelError: not one-dimensional, or with a gap.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1:
        raise ModelError(f"{where}: '{name}' has {numbers.ndim} dimensions, expected one sequence of numbers")
    if not np.isfinite(numbers).all():
        gap = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise ModelError(f"{where}: '{name}' is {numbers[gap]:g} at position {gap}, expected a number at every date")
    return numbers
