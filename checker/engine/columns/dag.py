"""Column expressions before they meet a library: a graph where every expression stands once and folds what it can.

Three kinds: `F` a double (never null, never NaN, infinite where a bound is missing), `B` a condition, `I` a small
integer. Each expression knows the least and greatest value it can take, so that most guards fold away: a double
that may be infinite has an infinite end there, one that is unbounded but finite ends at `MOST`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from math import inf, isinf, isnan

MOST = 1e100
"""No number of a batch is larger, unless it is infinite: what overflows is then plain to see beforehand."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Expr:
    """One expression of the graph.

    Attributes:
        id: Its number; parts have smaller ones.
        op: What it does.
        args: The expressions it is made of.
        extra: A constant, the name of a column, or the members of a set.
        kind: `F`, `B` or `I`.
        lo: Least value.
        hi: Greatest value.
    """

    id: int
    op: str
    args: tuple[Expr, ...]
    extra: float | int | bool | str | tuple[int, ...] | None
    kind: str
    lo: float
    hi: float

    def __repr__(self) -> str:
        """Its operation and the numbers of its parts: the whole of it would not end."""
        return f"#{self.id} {self.op}({', '.join(f'#{arg.id}' for arg in self.args)})"

    @property
    def value(self) -> float | int | bool:
        """The constant, or the number beside an operation."""
        assert isinstance(self.extra, int | float)
        return self.extra

    @property
    def members(self) -> tuple[int, ...]:
        """The members of a set."""
        assert isinstance(self.extra, tuple)
        return self.extra

    @property
    def is_constant(self) -> bool:
        """Whether it is one value."""
        return self.op == "const"


@dataclass
class Dag:
    """Builds expressions; equal ones are one object."""

    _held: dict[object, Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.true = self.const(True, "B")
        self.false = self.const(False, "B")

    def __len__(self) -> int:
        return len(self._held)

    def _make(
        self,
        op: str,
        kind: str,
        args: tuple[Expr, ...] = (),
        extra: float | int | bool | str | tuple[int, ...] | None = None,
        lo: float = 0.0,
        hi: float = 1.0,
    ) -> Expr:
        key = (op, kind, extra, *(arg.id for arg in args))
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = Expr(len(self._held), op, args, extra, kind, lo, hi)
        return found

    # -- leaves

    def const(self, value: float | int | bool, kind: str) -> Expr:
        """One value."""
        return self._make("const", kind, (), value, float(value), float(value))

    def number(self, value: float) -> Expr:
        """A double."""
        return self.const(float(value), "F")

    def integer(self, value: int) -> Expr:
        """A small integer."""
        return self.const(int(value), "I")

    def column(self, name: str, kind: str, lo: float, hi: float, missing: Expr) -> Expr:
        """A column of the batch, what it holds where it is null, and the ends of what it can hold."""
        return self._make("col", kind, (missing,), name, min(lo, missing.lo), max(hi, missing.hi))

    # -- conditions

    def not_(self, a: Expr) -> Expr:
        """Not."""
        if a.is_constant:
            return self.false if a.extra else self.true
        return a.args[0] if a.op == "not" else self._make("not", "B", (a,))

    def and_(self, a: Expr, b: Expr) -> Expr:
        """And."""
        if a is self.false or b is self.false or a is self.not_(b):
            return self.false
        if a is self.true or a is b:
            return b
        if b is self.true:
            return a
        for x, y in ((a, b), (b, a)):
            if (x.op == "and" and y in x.args) or (y.op == "or" and x in y.args):
                return x
            if y.op == "or" and self.not_(x) in y.args:
                return self.and_(x, y.args[0] if y.args[1] is self.not_(x) else y.args[1])
        return self._make("and", "B", (a, b) if a.id < b.id else (b, a))

    def or_(self, a: Expr, b: Expr) -> Expr:
        """Or."""
        if a is self.true or b is self.true or a is self.not_(b):
            return self.true
        if a is self.false or a is b:
            return b
        if b is self.false:
            return a
        for x, y in ((a, b), (b, a)):
            if (x.op == "or" and y in x.args) or (y.op == "and" and x in y.args):
                return x
            if y.op == "and" and self.not_(x) in y.args:
                return self.or_(x, y.args[0] if y.args[1] is self.not_(x) else y.args[1])
        return self._make("or", "B", (a, b) if a.id < b.id else (b, a))

    def all_(self, parts: Iterable[Expr]) -> Expr:
        """All of them."""
        return reduce(self.and_, parts, self.true)

    def any_(self, parts: Iterable[Expr]) -> Expr:
        """Any of them."""
        return self._balanced("or", list(parts))

    def _balanced(self, op: str, parts: list[Expr]) -> Expr:
        join = self.or_ if op == "or" else self.add
        if not parts:
            return self.false
        while len(parts) > 1:
            parts = [join(*parts[i : i + 2]) if i + 1 < len(parts) else parts[i] for i in range(0, len(parts), 2)]
        return parts[0]

    # -- comparisons

    def lt(self, a: Expr, b: Expr) -> Expr:
        """Less than."""
        if a.hi < b.lo:
            return self.true
        if a.lo >= b.hi or a is b:
            return self.false
        return self._make("lt", "B", (a, b))

    def le(self, a: Expr, b: Expr) -> Expr:
        """At most."""
        if a.hi <= b.lo or a is b:
            return self.true
        if a.lo > b.hi:
            return self.false
        return self._make("le", "B", (a, b))

    def eq(self, a: Expr, b: Expr) -> Expr:
        """Equal."""
        if a is b:
            return self.true
        if a.hi < b.lo or b.hi < a.lo:
            return self.false
        if a.is_constant and b.is_constant:
            return self.true if a.extra == b.extra else self.false
        return self._make("eq", "B", (a, b) if a.id < b.id else (b, a))

    def is_in(self, a: Expr, values: Iterable[int]) -> Expr:
        """Whether an integer is among some."""
        members = tuple(sorted(values))
        if a.is_constant:
            return self.true if a.extra in members else self.false
        if len(members) <= 2:
            return self.any_([self.eq(a, self.integer(value)) for value in members])
        return self._make("in", "B", (a,), members)

    def is_inf(self, a: Expr, sign: int) -> Expr:
        """Whether a double is infinite in one direction."""
        return self.eq(a, self.number(sign * inf))

    # -- choices

    def pick(self, condition: Expr, then: Expr, otherwise: Expr) -> Expr:
        """One of two."""
        if condition is self.true or then is otherwise:
            return then
        if condition is self.false:
            return otherwise
        if then.kind == "B":
            return self.or_(self.and_(condition, then), self.and_(self.not_(condition), otherwise))
        if condition.op == "not":
            return self.pick(condition.args[0], otherwise, then)
        if otherwise.op == "if" and otherwise.args[0] is condition:
            otherwise = otherwise.args[2]
        if then.op == "if" and then.args[0] is condition:
            then = then.args[1]
        if then is otherwise:
            return then
        lo, hi = min(then.lo, otherwise.lo), max(then.hi, otherwise.hi)
        return self._make("if", then.kind, (condition, then, otherwise), None, lo, hi)

    def least(self, a: Expr, b: Expr) -> Expr:
        """The smaller."""
        if a is b or a.hi <= b.lo:
            return a
        if b.hi <= a.lo:
            return b
        for x, y in ((a, b), (b, a)):
            if x.op == "min" and y in x.args:
                return x
            if x.op == "max" and y in x.args:
                return y
        return self._make("min", a.kind, (a, b) if a.id < b.id else (b, a), None, min(a.lo, b.lo), min(a.hi, b.hi))

    def most(self, a: Expr, b: Expr) -> Expr:
        """The greater."""
        if a is b or a.lo >= b.hi:
            return a
        if b.lo >= a.hi:
            return b
        for x, y in ((a, b), (b, a)):
            if x.op == "max" and y in x.args:
                return x
            if x.op == "min" and y in x.args:
                return y
        return self._make("max", a.kind, (a, b) if a.id < b.id else (b, a), None, max(a.lo, b.lo), max(a.hi, b.hi))

    def least_of(self, parts: Iterable[Expr]) -> Expr:
        """The smallest."""
        return reduce(self.least, parts)

    def most_of(self, parts: Iterable[Expr]) -> Expr:
        """The greatest."""
        return reduce(self.most, parts)

    # -- arithmetic

    def _folded(self, value: float) -> Expr:
        return self.number(value)

    def plus(self, a: Expr, b: Expr) -> Expr:
        """Sum of doubles; never of opposite infinities."""
        if a.is_constant and b.is_constant:
            return self._folded(float(a.value) + float(b.value))
        for x, y in ((a, b), (b, a)):
            if x.is_constant and x.extra == 0:
                return y
        return self._make("+", "F", (a, b), None, _whole(a.lo + b.lo, -inf), _whole(a.hi + b.hi, inf))

    def minus(self, a: Expr, b: Expr) -> Expr:
        """Difference of doubles; never of equal infinities."""
        if a.is_constant and b.is_constant:
            return self._folded(float(a.value) - float(b.value))
        return self._make("-", "F", (a, b), None, _whole(a.lo - b.hi, -inf), _whole(a.hi - b.lo, inf))

    def times(self, a: Expr, b: Expr) -> Expr:
        """Product of doubles; never of zero and an infinity."""
        for x, y in ((a, b), (b, a)):
            if x.is_constant and x.extra == 0:
                return self.number(0.0)
            if x.is_constant and x.extra == 1:
                return y
        if a.is_constant and b.is_constant:
            return self._folded(float(a.value) * float(b.value))
        corners = [0.0 if x == 0 or y == 0 else x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        return self._make("*", "F", (a, b), None, min(corners), max(corners))

    def product(self, a: Expr, b: Expr) -> Expr:
        """Product in which zero times an infinity is zero."""
        odd = (_may_be_zero(a) and _may_be_infinite(b)) or (_may_be_zero(b) and _may_be_infinite(a))
        if not odd or a.is_constant or b.is_constant:
            zero = (a.is_constant and a.extra == 0) or (b.is_constant and b.extra == 0)
            if zero or not odd:
                return self.times(a, b)
        zero_ = self.number(0.0)
        nothing = self.or_(self.eq(a, zero_), self.eq(b, zero_))
        return self.pick(nothing, zero_, self.times(a, b))

    def over(self, a: Expr, b: Expr) -> Expr:
        """Quotient of doubles; the divisor is never zero, nor are both infinite."""
        if a.is_constant and b.is_constant:
            return self._folded(float(a.value) / float(b.value))
        lo, hi = -inf, inf
        if a.lo >= 0 and b.lo >= 0:
            lo = 0.0
        return self._make("/", "F", (a, b), None, lo, hi)

    def as_double(self, a: Expr) -> Expr:
        """An integer as a double."""
        return self.number(float(a.lo)) if a.is_constant else self._make("double", "F", (a,), None, a.lo, a.hi)

    def as_integer(self, a: Expr) -> Expr:
        """A condition as 0 or 1."""
        if a.is_constant:
            return self.integer(1 if a.extra else 0)
        return self._make("int", "I", (a,), None, 0.0, 1.0)

    def add(self, a: Expr, b: Expr) -> Expr:
        """Sum of integers."""
        for x, y in ((a, b), (b, a)):
            if x.is_constant and x.extra == 0:
                return y
        if a.is_constant and b.is_constant:
            return self.integer(int(a.lo + b.lo))
        return self._make("add", "I", (a, b), None, a.lo + b.lo, a.hi + b.hi)

    def count(self, parts: Iterable[Expr]) -> Expr:
        """How many conditions hold."""
        held = [self.as_integer(part) for part in parts]
        return self._balanced("add", held) if held else self.integer(0)

    def scaled(self, a: Expr, factor: int) -> Expr:
        """An integer times a constant."""
        if a.is_constant:
            return self.integer(int(a.lo) * factor)
        if factor == 1:
            return a
        return self._make(
            "scale", "I", (a,), factor, min(a.lo * factor, a.hi * factor), max(a.lo * factor, a.hi * factor)
        )

    def quotient(self, a: Expr, divisor: int) -> Expr:
        """An integer divided by a positive constant, rounded down."""
        if a.is_constant:
            return self.integer(int(a.lo) // divisor)
        return self._make("//", "I", (a,), divisor, a.lo // divisor, a.hi // divisor)

    def remainder(self, a: Expr, divisor: int) -> Expr:
        """What is left of a nonnegative integer after division by a positive constant."""
        if a.is_constant:
            return self.integer(int(a.lo) % divisor)
        if a.lo >= 0 and a.hi < divisor:
            return a
        return self._make("%", "I", (a,), divisor, 0.0, float(divisor - 1))


def _whole(value: float, otherwise: float) -> float:
    return otherwise if isnan(value) else value


def _may_be_zero(a: Expr) -> bool:
    return a.lo <= 0 <= a.hi


def _may_be_infinite(a: Expr) -> bool:
    return isinf(a.lo) or isinf(a.hi)


def reached(outputs: Iterable[Expr]) -> Iterator[Expr]:
    """Every expression that some outputs are made of, parts first."""
    seen: dict[int, Expr] = {}
    todo = list(outputs)
    while todo:
        expr = todo.pop()
        if expr.id not in seen:
            seen[expr.id] = expr
            todo += expr.args
    return iter(seen[id] for id in sorted(seen))


__all__ = ["MOST", "Dag", "Expr", "reached"]
