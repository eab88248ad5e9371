"""Values in columns: numbers as two bounds, conditions as two never-null booleans, words as the set still possible.

Each operation is that of `checker.model.interval`, written over columns; the two agree to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from checker.engine.columns.dag import Dag, Expr


class Num(NamedTuple):
    """A number by its bounds."""

    lo: Expr
    hi: Expr


class Cond(NamedTuple):
    """A condition: surely true, surely false."""

    t: Expr
    f: Expr


@dataclass(frozen=True, slots=True)
class WordSet:
    """A word: the sum of the bits of those still possible."""

    mask: Expr
    words: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A word that is always known, by its position."""

    code: Expr
    words: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word written in a rule."""

    word: object


Val = Num | Cond | WordSet | Code | Word


class Sup(NamedTuple):
    """Evidence: the grade that counts at the worst and at the best end, and what it proves."""

    worst: Expr
    best: Expr
    proof: Expr


@dataclass(slots=True)
class Res:
    """A value with its evidence when true and when false, and the silent facts that keep it open.

    Attributes:
        value: The value.
        true: Evidence of its being true, or of a number.
        false: Evidence of its being false.
        silent: For each fact that may be withheld, whether it is and keeps the value open.
        conflict: Whether its own tellings exclude each other and leave it open.
    """

    value: Val
    true: Sup
    false: Sup
    silent: Mapping[str, Expr] = field(default_factory=dict)
    conflict: Expr | None = None

    @property
    def num(self) -> Num:
        """The value as a number."""
        assert isinstance(self.value, Num)
        return self.value

    @property
    def cond(self) -> Cond:
        """The value as a condition."""
        assert isinstance(self.value, Cond)
        return self.value


class Algebra:
    """Interval arithmetic, Kleene's logic and evidence over one graph of expressions."""

    def __init__(self, dag: Dag) -> None:
        self.dag = dag
        self.certain = Sup(*(dag.integer(v) for v in (4, 4, 2)))
        self.unknown = Num(dag.number(-inf), dag.number(inf))
        self.open = Cond(dag.false, dag.false)

    def point(self, value: float) -> Num:
        """One number."""
        return Num(self.dag.number(value), self.dag.number(value))

    # -- conditions

    def is_open(self, a: Cond) -> Expr:
        """Whether a condition is open."""
        return self.dag.not_(self.dag.or_(a.t, a.f))

    def is_point(self, a: Num) -> Expr:
        """Whether one number is left."""
        return self.dag.eq(a.lo, a.hi)

    def undecided(self, value: Val) -> Expr:
        """Whether more than one value is left."""
        if isinstance(value, Num):
            return self.dag.not_(self.is_point(value))
        if isinstance(value, Cond):
            return self.is_open(value)
        if isinstance(value, WordSet):
            return self.dag.not_(self.dag.is_in(value.mask, [1 << bit for bit in range(len(value.words))]))
        return self.dag.false

    def choose(self, condition: Expr, then: Val, otherwise: Val) -> Val:
        """One of two values of a kind."""
        pick = self.dag.pick
        if isinstance(then, Num) and isinstance(otherwise, Num):
            return Num(pick(condition, then.lo, otherwise.lo), pick(condition, then.hi, otherwise.hi))
        if isinstance(then, Cond) and isinstance(otherwise, Cond):
            return Cond(pick(condition, then.t, otherwise.t), pick(condition, then.f, otherwise.f))
        assert isinstance(then, WordSet)
        assert isinstance(otherwise, WordSet)
        return WordSet(pick(condition, then.mask, otherwise.mask), then.words)

    # -- words

    def within(self, value: Val, words: Iterable[object]) -> Cond:
        """Whether a word is among some."""
        among = set(words)
        if isinstance(value, Word):
            return Cond(self.dag.true, self.dag.false) if value.word in among else Cond(self.dag.false, self.dag.true)
        if isinstance(value, Code):
            codes = [position for position, word in enumerate(value.words) if word in among]
            inside = self.dag.any_([self.dag.eq(value.code, self.dag.integer(code)) for code in codes])
            if len(codes) == len(value.words):
                inside = self.dag.true
            return Cond(inside, self.dag.not_(inside))
        assert isinstance(value, WordSet)
        bits = [bit for bit, word in enumerate(value.words) if word in among]
        rest = [bit for bit in range(len(value.words)) if bit not in bits]
        return Cond(self._subset(value, bits), self._subset(value, rest))

    def _subset(self, value: WordSet, bits: Sequence[int]) -> Expr:
        """Whether no word is possible but those of some bits."""
        dag, mask, count = self.dag, value.mask, len(value.words)
        if len(bits) == count:
            return dag.true
        if not bits:
            return dag.false
        if len(bits) == 1:
            return dag.eq(mask, dag.integer(1 << bits[0]))
        if bits[-1] == len(bits) - 1:
            return dag.lt(mask, dag.integer(1 << len(bits)))
        if bits[0] == count - len(bits):
            return dag.eq(dag.remainder(mask, 1 << bits[0]), dag.integer(0))
        masks = [0]
        for bit in bits:
            masks += [mask | 1 << bit for mask in masks]
        return dag.is_in(mask, masks[1:])

    def same(self, a: Val, b: Val) -> Cond:
        """Whether two words are the same."""
        if isinstance(b, Word):
            return self.within(a, {b.word})
        if isinstance(a, Word):
            return self.within(b, {a.word})
        dag = self.dag
        words = [word for word in self._all_words(a) if word in self._all_words(b)]
        surely = dag.any_([dag.and_(self.within(a, {word}).t, self.within(b, {word}).t) for word in words])
        apart = dag.all_([dag.or_(self.within(a, {word}).f, self.within(b, {word}).f) for word in words])
        return Cond(surely, apart)

    @staticmethod
    def _all_words(value: Val) -> tuple[object, ...]:
        assert isinstance(value, WordSet | Code)
        return value.words

    # -- arithmetic

    def _low(self, a: Expr, b: Expr) -> Expr:
        opposite = self._opposite(a, b)
        total = self.dag.plus(a, b)
        return total if opposite is None else self.dag.pick(opposite, self.dag.number(-inf), total)

    def _high(self, a: Expr, b: Expr) -> Expr:
        opposite = self._opposite(a, b)
        total = self.dag.plus(a, b)
        return total if opposite is None else self.dag.pick(opposite, self.dag.number(inf), total)

    def _opposite(self, a: Expr, b: Expr) -> Expr | None:
        """Whether two ends are infinities of opposite sign, where they may be."""
        dag = self.dag
        ways = [
            dag.and_(dag.is_inf(x, 1), dag.is_inf(y, -1)) for x, y in ((a, b), (b, a)) if x.hi == inf and y.lo == -inf
        ]
        found = dag.any_(ways)
        return None if found is dag.false else found

    def add(self, a: Num, b: Num) -> Num:
        """Sum."""
        return Num(self._low(a.lo, b.lo), self._high(a.hi, b.hi))

    def negate(self, a: Num) -> Num:
        """Sign reversed."""
        zero = self.dag.number(0.0)
        return Num(self.dag.minus(zero, a.hi), self.dag.minus(zero, a.lo))

    def multiply(self, a: Num, b: Num) -> Num:
        """Product."""
        dag = self.dag
        for x, y in ((a, b), (b, a)):
            if x.lo is x.hi and x.lo.is_constant and abs(x.lo.lo) < inf:
                ends = dag.product(x.lo, y.lo), dag.product(x.lo, y.hi)
                return Num(*ends) if x.lo.lo >= 0 else Num(ends[1], ends[0])
        if _ordered(a) and _ordered(b) and a.lo.lo >= 0 and b.lo.lo >= 0:
            return Num(dag.product(a.lo, b.lo), dag.product(a.hi, b.hi))
        corners = [dag.product(x, y) for x in a for y in b]
        return Num(dag.least_of(corners), dag.most_of(corners))

    def divide(self, a: Num, b: Num) -> Num:
        """Quotient; unknown wherever the divisor may be zero."""
        dag = self.dag
        zero = dag.number(0.0)
        unknown = dag.and_(dag.le(b.lo, zero), dag.le(zero, b.hi))
        one = dag.number(1.0)
        divisor = Num(dag.pick(unknown, one, b.lo), dag.pick(unknown, one, b.hi))
        if a.lo.lo >= 0 and b.lo.lo >= 0 and a.lo.hi < inf and b.lo.hi < inf and _ordered(a) and _ordered(b):
            lo, hi = dag.over(a.lo, divisor.hi), dag.over(a.hi, divisor.lo)
        else:
            corners = [self._quotients(x, y) for x in a for y in divisor]
            lo = dag.least_of(low for low, _ in corners)
            hi = dag.most_of(high for _, high in corners)
        return Num(dag.pick(unknown, dag.number(-inf), lo), dag.pick(unknown, dag.number(inf), hi))

    def _quotients(self, x: Expr, y: Expr) -> tuple[Expr, Expr]:
        """Least and greatest quotient of two ends; of two infinite ones it may be of any size."""
        dag = self.dag
        if not (abs(x.lo) == inf or abs(x.hi) == inf) or not (abs(y.lo) == inf or abs(y.hi) == inf):
            found = dag.over(x, y)
            return found, found
        zero = dag.number(0.0)
        endless_x = dag.or_(dag.is_inf(x, 1), dag.is_inf(x, -1))
        endless_y = dag.or_(dag.is_inf(y, 1), dag.is_inf(y, -1))
        both = dag.and_(endless_x, endless_y)
        found = dag.over(x, dag.pick(both, dag.number(1.0), y))
        alike = dag.eq(dag.as_integer(dag.lt(zero, x)), dag.as_integer(dag.lt(zero, y)))
        low = dag.pick(both, dag.pick(alike, zero, dag.number(-inf)), found)
        high = dag.pick(both, dag.pick(alike, dag.number(inf), zero), found)
        return low, high

    # -- comparisons

    def _beyond(self, a: Num, b: Num) -> Expr:
        dag = self.dag
        most, least = dag.number(inf), dag.number(-inf)
        above = dag.and_(dag.is_inf(a.lo, 1), dag.lt(b.lo, most))
        below = dag.and_(dag.is_inf(b.hi, -1), dag.lt(least, a.hi))
        return dag.or_(above, below)

    def greater(self, a: Num, b: Num) -> Cond:
        """A > b."""
        dag = self.dag
        return Cond(dag.or_(dag.lt(b.hi, a.lo), self._beyond(a, b)), dag.or_(dag.le(a.hi, b.lo), self._beyond(b, a)))

    def at_least(self, a: Num, b: Num) -> Cond:
        """A >= b."""
        dag = self.dag
        return Cond(dag.or_(dag.le(b.hi, a.lo), self._beyond(a, b)), dag.or_(dag.lt(a.hi, b.lo), self._beyond(b, a)))

    def equal(self, a: Num, b: Num) -> Cond:
        """A == b."""
        dag = self.dag
        alike = dag.and_(dag.eq(a.lo, b.lo), dag.eq(a.hi, b.hi))
        return Cond(dag.and_(self.is_point(a), alike), dag.or_(dag.lt(a.hi, b.lo), dag.lt(b.hi, a.lo)))

    def operation(self, op: str, a: Num, b: Num) -> Val:
        """Arithmetic or comparison."""
        match op:
            case "+":
                return self.add(a, b)
            case "-":
                return self.add(a, self.negate(b))
            case "*":
                return self.multiply(a, b)
            case "/":
                return self.divide(a, b)
            case ">":
                return self.greater(a, b)
            case ">=":
                return self.at_least(a, b)
            case "<":
                return self.greater(b, a)
            case "<=":
                return self.at_least(b, a)
            case "==":
                return self.equal(a, b)
        assert op == "!="
        same = self.equal(a, b)
        return Cond(same.f, same.t)

    # -- evidence

    def weaker(self, parts: Iterable[Sup]) -> Sup:
        """All are needed."""
        dag = self.dag
        held = [*parts]
        if not held:
            return self.certain
        return Sup(*(dag.least_of([self.certain[i], *(sup[i] for sup in held)]) for i in range(3)))

    def strongest(self, among: Sequence[tuple[Expr, Sup]]) -> Sup:
        """The strongest of those that count; -1 where none does."""
        return Sup(*(self.most_where([(counts, sup[i]) for counts, sup in among], -1) for i in range(3)))

    def weakest(self, among: Sequence[tuple[Expr, Sup]]) -> Sup:
        """The weakest of those that count; certain where none does."""
        return Sup(
            *(self.least_where([(counts, sup[i]) for counts, sup in among], int(self.certain[i].lo)) for i in range(3))
        )

    def most_where(self, parts: Sequence[tuple[Expr, Expr]], nothing: int) -> Expr:
        """The greatest of the integers that count."""
        none = self.dag.integer(nothing)
        return self.dag.most_of([self.dag.pick(counts, value, none) for counts, value in parts])

    def least_where(self, parts: Sequence[tuple[Expr, Expr]], nothing: int) -> Expr:
        """The smallest of the integers that count."""
        none = self.dag.integer(nothing)
        return self.dag.least_of([none, *(self.dag.pick(counts, value, none) for counts, value in parts)])

    def chosen(self, condition: Expr, then: Sup, otherwise: Sup) -> Sup:
        """One of two."""
        return Sup(*(self.dag.pick(condition, a, b) for a, b in zip(then, otherwise, strict=True)))


def _ordered(a: Num) -> bool:
    """Whether the static ends tell that the lower bound is nowhere positive infinity nor the upper one negative."""
    return a.lo.hi < inf and a.hi.lo > -inf
