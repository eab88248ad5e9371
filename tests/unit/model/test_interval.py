"""Interval arithmetic keeps three laws: inclusion, widening, and never both sure."""

from math import inf, nextafter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
    at_least,
    divide,
    greater,
    hull,
    intersect,
    multiply,
    negate,
    point,
    subtract,
    truth,
)

EXACT = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
}
FINITE = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.1, 3.0, -2.5, 1e-9, 1e9]),
    st.floats(-1e100, 1e100, allow_nan=False, allow_subnormal=False).map(lambda x: x + 0.0),
)


@st.composite
def intervals(draw):
    """A point, a bounded range, or a range with an infinite end."""
    lo, hi = sorted((draw(FINITE), draw(FINITE)))
    shape = draw(st.sampled_from(["point", "range", "range", "up", "down", "unknown"]))
    ends = {"point": (lo, lo), "range": (lo, hi), "up": (lo, inf), "down": (-inf, hi), "unknown": (-inf, inf)}
    return Interval(*ends[shape])


@st.composite
def inside(draw, interval):
    """A finite value of an interval: an end, or anything between."""
    lo, hi = max(interval.lo, -1e100), min(interval.hi, 1e100)
    return draw(st.one_of(st.sampled_from([lo, hi]), st.floats(lo, hi)))


@st.composite
def wider(draw, interval):
    """An interval that holds another one; an infinite end stays infinite."""
    lo = draw(st.one_of(st.just(interval.lo), st.just(-inf), FINITE.map(lambda x: min(x, interval.lo))))
    hi = draw(st.one_of(st.just(interval.hi), st.just(inf), FINITE.map(lambda x: max(x, interval.hi))))
    return Interval(lo, hi)


def holds(outer, inner):
    return outer.lo <= inner.lo and inner.hi <= outer.hi


@pytest.mark.parametrize("op", ARITHMETIC)
@given(data=st.data())
def test_arithmetic_contains_every_result(op, data):
    a, b = data.draw(intervals()), data.draw(intervals())
    x, y = data.draw(inside(a)), data.draw(inside(b))
    if op == "/" and y == 0:
        assert divide(a, b) == UNKNOWN
        return
    found = ARITHMETIC[op](a, b)
    assert found.lo <= EXACT[op](x, y) <= found.hi


@pytest.mark.parametrize("op", COMPARISONS)
@given(data=st.data())
def test_comparisons_are_sure_only_of_what_every_choice_gives(op, data):
    a, b = data.draw(intervals()), data.draw(intervals())
    x, y = data.draw(inside(a)), data.draw(inside(b))
    found = COMPARISONS[op](a, b)
    assert not (found.surely_true and found.surely_false)
    assert found != (FALSE if EXACT[op](x, y) else TRUE)


@pytest.mark.parametrize("op", COMPARISONS)
@given(x=FINITE, y=FINITE)
def test_comparisons_of_points_are_sure(op, x, y):
    assert COMPARISONS[op](point(x), point(y)) == (TRUE if EXACT[op](x, y) else FALSE)


@pytest.mark.parametrize("op", ARITHMETIC)
@given(data=st.data())
def test_wider_operands_never_give_a_narrower_result(op, data):
    a, b = data.draw(intervals()), data.draw(intervals())
    wide = ARITHMETIC[op](data.draw(wider(a)), data.draw(wider(b)))
    assert holds(wide, ARITHMETIC[op](a, b))


@pytest.mark.parametrize("op", COMPARISONS)
@given(data=st.data())
def test_wider_operands_never_give_a_surer_condition(op, data):
    a, b = data.draw(intervals()), data.draw(intervals())
    narrow = COMPARISONS[op](a, b)
    wide = COMPARISONS[op](data.draw(wider(a)), data.draw(wider(b)))
    assert wide in (narrow, OPEN)


@pytest.mark.parametrize(("op", "other"), [("<", ">="), (">", "<="), ("==", "!=")])
@given(a=intervals(), b=intervals())
def test_opposites_turn_each_other_round(op, other, a, b):
    assert COMPARISONS[op](a, b) == COMPARISONS[other](a, b)[::-1]


@given(a=intervals(), b=intervals())
def test_the_two_ways_to_write_a_comparison_agree(a, b):
    assert greater(a, b) == COMPARISONS["<"](b, a)
    assert at_least(a, b) == COMPARISONS["<="](b, a)


@given(a=intervals(), b=intervals())
@example(a=point(0.0), b=point(-3.0))
def test_results_are_intervals(a, b):
    """Lower end first, and no NaN, which would compare false with everything."""
    for operation in ARITHMETIC.values():
        found = operation(a, b)
        assert found.lo <= found.hi


@given(a=intervals(), b=intervals())
def test_sum_and_product_do_not_mind_the_order(a, b):
    assert add(a, b) == add(b, a)
    assert multiply(a, b) == multiply(b, a)
    assert subtract(a, b) == negate(subtract(b, a))


@given(a=intervals())
def test_minus_twice_is_nothing(a):
    assert negate(negate(a)) == a


@given(a=intervals())
def test_nought_times_anything_is_nought(a):
    assert multiply(a, point(0.0)) == point(0.0)


def test_minus_nought_is_written_without_a_sign():
    assert str(negate(point(0.0))) == "Interval(lo=0.0, hi=0.0)"
    assert str(multiply(point(0.0), point(-3.0))) == "Interval(lo=0.0, hi=0.0)"


@given(a=intervals(), b=intervals(), data=st.data())
def test_intersection_is_what_both_hold(a, b, data):
    x = data.draw(inside(a))
    both = intersect(a, b)
    assert (both is not None and both.lo <= x <= both.hi) == (b.lo <= x <= b.hi)


@given(a=intervals(), b=intervals(), c=intervals())
def test_hull_is_the_least_that_holds_all(a, b, c):
    found = hull([a, b, c])
    assert all(holds(found, part) for part in (a, b, c))
    assert found.lo in (a.lo, b.lo, c.lo)
    assert found.hi in (a.hi, b.hi, c.hi)


@given(data=st.data())
def test_many_intervals_have_a_common_value_exactly_if_each_two_have(data):
    """What the engine relies on when several formulas tell one quantity."""
    parts = data.draw(st.lists(intervals(), min_size=2, max_size=4))
    common = parts[0]
    for part in parts[1:]:
        common = common and intersect(common, part)
    assert (common is None) == any(intersect(a, b) is None for a in parts for b in parts)


def test_division_asks_whether_the_divisor_may_be_zero():
    assert divide(point(1.0), Interval(0.0, 1.0)) == UNKNOWN
    assert divide(point(1.0), Interval(-1.0, 0.0)) == UNKNOWN
    assert divide(point(1.0), Interval(-1.0, 1.0)) == UNKNOWN
    assert divide(point(0.0), point(0.0)) == UNKNOWN
    least = nextafter(0.0, 1.0)
    assert divide(point(0.0), Interval(least, 1.0)) == point(0.0)


@pytest.mark.parametrize(
    ("a", "b", "quotient"),
    [
        (point(3.0), point(inf), (0.0, 0.0)),
        (point(inf), point(inf), (0.0, inf)),
        (point(-inf), point(inf), (-inf, 0.0)),
        (point(-inf), point(-inf), (0.0, inf)),
        (point(inf), point(-2.0), (-inf, -inf)),
        (Interval(1.0, inf), Interval(1.0, inf), (0.0, inf)),
        (Interval(-4.0, 8.0), Interval(2.0, inf), (-2.0, 4.0)),
    ],
)
def test_division_at_infinity(a, b, quotient):
    assert divide(a, b) == quotient


def test_what_is_unbounded_never_reaches_an_infinite_corner():
    """The worst corner of a silent fact may be infinite; every number that is merely unbounded is finite."""
    assert greater(point(inf), UNKNOWN) == TRUE
    assert greater(UNKNOWN, point(inf)) == FALSE
    assert at_least(UNKNOWN, point(inf)) == FALSE
    assert greater(UNKNOWN, point(-inf)) == TRUE
    assert at_least(point(-inf), Interval(-inf, 0.0)) == FALSE
    assert greater(point(inf), point(inf)) == FALSE
    assert at_least(point(inf), point(inf)) == TRUE
    assert add(point(inf), point(-inf)) == UNKNOWN


@pytest.mark.parametrize(
    ("possible", "pair"), [({True}, TRUE), ({False}, FALSE), ({True, False}, OPEN), (set(), OPEN), ([True, True], TRUE)]
)
def test_truth_of_a_set(possible, pair):
    assert truth(possible) == pair
    assert pair.is_open == (pair == OPEN)


def test_a_point_is_one_value():
    assert point(3.0).is_point
    assert not Interval(3.0, 4.0).is_point
    assert Truth(False, False).is_open
