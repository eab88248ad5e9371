"""What table functions ask of single numbers; models over columns check theirs in `checker.metrics.model`."""

from __future__ import annotations

from math import inf, isfinite

from checker.metrics.model import ModelError

__all__ = ["number"]


def number(where: str, name: str, value: float, lo: float = 0.0, hi: float = inf) -> float:
    """The value, if it is a finite number within its range.

    Args:
        where: The function that asks.
        name: The input.
        value: What was given.
        lo: Lowest possible value.
        hi: Highest possible value.

    Raises:
        ModelError: It is not, with all of these named.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"{where}: '{name}' is {value!r}, expected a number")
    if not isfinite(value) or value < lo or value > hi:
        wanted = f"of at least {lo:g}" if hi == inf else f"from {lo:g} to {hi:g}"
        raise ModelError(f"{where}: '{name}' is {value:g}, expected a number {wanted}")
    return float(value)
