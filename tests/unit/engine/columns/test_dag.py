from math import inf

import pytest

from checker.engine.columns.arrays import ArrayPlan
from checker.engine.columns.dag import MOST, Dag


@pytest.fixture
def dag():
    return Dag()


def number(dag, name, lo=0.0, hi=MOST):
    return dag.column(name, "F", lo, hi, dag.number(lo))


def condition(dag, name):
    return dag.eq(dag.column(name, "I", 0.0, 1.0, dag.integer(0)), dag.integer(1))


def value(expr, **columns):
    import numpy as np

    plan = ArrayPlan({"out": expr})
    arrays = {name: np.array([held]) for name, held in columns.items()}
    return plan.run(arrays, 1)["out"][0]


def test_equal_expressions_are_one(dag):
    a, b = number(dag, "a"), number(dag, "b")
    assert dag.plus(a, b) is dag.plus(a, b)
    assert dag.lt(a, b) is not dag.lt(b, a)


def test_what_a_range_settles_folds_away(dag):
    share, rate = number(dag, "share", 0.0, 1.0), number(dag, "rate", 2.0, 3.0)
    assert dag.lt(share, rate) is dag.true
    assert dag.le(rate, share) is dag.false
    assert dag.least(share, rate) is share
    assert dag.most(share, rate) is rate
    assert dag.is_inf(share, 1) is dag.false


def test_logic_folds(dag):
    a, b = condition(dag, "a"), condition(dag, "b")
    assert dag.and_(a, dag.not_(a)) is dag.false
    assert dag.or_(a, dag.not_(a)) is dag.true
    assert dag.and_(a, dag.or_(b, a)) is a
    assert dag.or_(a, dag.and_(b, a)) is a
    assert dag.not_(dag.not_(a)) is a
    assert dag.pick(a, dag.true, b) is dag.or_(a, b)


def test_zero_times_an_endless_number_is_zero(dag):
    a, b = number(dag, "a"), dag.column("b", "F", 0.0, inf, dag.number(inf))
    assert value(dag.product(a, b), a=0.0, b=inf) == 0.0
    assert value(dag.product(a, b), a=2.0, b=inf) == inf


def test_a_product_that_cannot_be_odd_has_no_guard(dag):
    a, b = number(dag, "a"), number(dag, "b")
    assert dag.product(dag.number(2.0), a).op == "*"
    assert dag.product(a, b).op == "*"
    assert dag.product(a, dag.column("c", "F", 0.0, inf, dag.number(inf))).op == "if"


def test_counts_do_not_overflow(dag):
    parts = [condition(dag, f"c{index}") for index in range(200)]
    total = dag.count(parts)
    assert value(total, **{f"c{index}": 1 for index in range(200)}) == 200


def test_an_expression_shows_itself_shortly(dag):
    deep = condition(dag, "a")
    for index in range(60):
        deep = dag.and_(dag.or_(deep, condition(dag, f"x{index}")), dag.not_(deep))
    assert len(repr(deep)) < 80
