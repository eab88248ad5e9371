"""Values that may be unknown: numbers as intervals, conditions as pairs, enumerations as sets.

Ignorance is a range. A number is the interval of all values it may still have, a condition is the pair
(surely true, surely false), a word is the set of words still possible. Every operation here contains each result that
some choice of the unknown inputs would give (inclusion), so that an unknown can never turn into a certain pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf, isnan
from typing import NamedTuple

__all__ = [
    "FALSE",
    "OPEN",
    "TRUE",
    "UNKNOWN",
    "Interval",
    "Truth",
    "add",
    "at_least",
    "divide",
    "greater",
    "hull",
    "intersect",
    "multiply",
    "negate",
    "point",
    "subtract",
    "truth",
]


class Interval(NamedTuple):
    """All values between `lo` and `hi`; an infinite end means that no bound is known.

    >>> Interval(0.04, 0.06).is_point
    False
    """

    lo: float
    hi: float

    @property
    def is_point(self) -> bool:
        """Whether exactly one value is left."""
        return self.lo == self.hi


class Truth(NamedTuple):
    """What is certain about a condition. Never both; neither means that it is open."""

    surely_true: bool
    surely_false: bool

    @property
    def is_open(self) -> bool:
        """Whether the condition may still be true and may still be false."""
        return not (self.surely_true or self.surely_false)


UNKNOWN = Interval(-inf, inf)
TRUE = Truth(True, False)
FALSE = Truth(False, True)
OPEN = Truth(False, False)


def point(value: float) -> Interval:
    """The interval that holds one value."""
    return Interval(value, value)


def truth(possible: Iterable[bool]) -> Truth:
    """The pair for a set of truth values still possible.

    >>> truth({True})
    Truth(surely_true=True, surely_false=False)
    """
    values = set(possible)
    return Truth(values == {True}, values == {False})


def _low(value: float) -> float:
    return -inf if isnan(value) else value


def _high(value: float) -> float:
    return inf if isnan(value) else value


def add(a: Interval, b: Interval) -> Interval:
    """Sum; infinite ends of opposite sign leave that end unbounded."""
    return Interval(_low(a.lo + b.lo), _high(a.hi + b.hi))


def negate(a: Interval) -> Interval:
    """Sign reversed."""
    return Interval(0.0 - a.hi, 0.0 - a.lo)


def subtract(a: Interval, b: Interval) -> Interval:
    """Difference, the two taken as independent."""
    return add(a, negate(b))


def _product(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def multiply(a: Interval, b: Interval) -> Interval:
    """Product; an unbounded end times zero is zero, since every value within the range is finite."""
    corners = [_product(x, y) for x in a for y in b]
    return Interval(min(corners), max(corners))


def _quotients(x: float, y: float) -> tuple[float, ...]:
    if abs(y) < inf:
        return (x / y,)
    return (0.0,) if abs(x) < inf else (0.0, inf if (x > 0) == (y > 0) else -inf)


def divide(a: Interval, b: Interval) -> Interval:
    """Quotient; unknown wherever the divisor may be zero, of any size where both ends are infinite.

    >>> divide(Interval(1, 2), Interval(0, 4))
    Interval(lo=-inf, hi=inf)
    """
    if b.lo <= 0 <= b.hi:
        return UNKNOWN
    corners = [quotient for x in a for y in b for quotient in _quotients(x, y)]
    return Interval(min(corners), max(corners))


def hull(values: Iterable[Interval]) -> Interval:
    """The smallest interval that holds them all."""
    values = list(values)
    return Interval(min(v.lo for v in values), max(v.hi for v in values))


def intersect(a: Interval, b: Interval) -> Interval | None:
    """The values in both, or None where the two exclude each other."""
    lo, hi = max(a.lo, b.lo), min(a.hi, b.hi)
    return Interval(lo, hi) if lo <= hi else None


def _beyond(a: Interval, b: Interval) -> bool:
    """Whether `a` lies at an infinity that the unbounded but finite `b` cannot reach."""
    return (a.lo == inf and b.lo < inf) or (b.hi == -inf and a.hi > -inf)


def greater(a: Interval, b: Interval) -> Truth:
    """The condition a > b."""
    return Truth(a.lo > b.hi or _beyond(a, b), a.hi <= b.lo or _beyond(b, a))


def at_least(a: Interval, b: Interval) -> Truth:
    """The condition a >= b."""
    return Truth(a.lo >= b.hi or _beyond(a, b), a.hi < b.lo or _beyond(b, a))


COMPARISONS: dict[str, Callable[[Interval, Interval], Truth]] = {
    ">": greater,
    ">=": at_least,
    "<": lambda a, b: greater(b, a),
    "<=": lambda a, b: at_least(b, a),
    "==": lambda a, b: Truth(a.is_point and a == b, a.hi < b.lo or b.hi < a.lo),
    "!=": lambda a, b: Truth(a.hi < b.lo or b.hi < a.lo, a.is_point and a == b),
}
ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
}
