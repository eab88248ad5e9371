"""When the reserve that pays the promised rate is empty; the yield reserve of Anchor, 2022, in millions of dollars."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from unit.metrics import laws

from checker.metrics import runway as module
from checker.metrics.bounds import bounded
from checker.metrics.model import ModelError
from checker.metrics.runway import (
    deposit_growth,
    growth_days,
    observed_days,
    reserve_left,
    runway,
    shortfall_days,
    static_days,
    unsubsidised,
)
from checker.model.interval import Interval

JANUARY = {"reserve": 30.0, "deposits": 5000.0, "promised": 0.195, "income": 432.0}
INJECTED = {"reserve": 456.6, "deposits": 8500.0, "promised": 0.195}
TO_14BN = deposit_growth(deposits=14, earlier=8.5, days=80)
"""From 18 February to 9 May 2022."""

GROWTHS = st.sampled_from([0.0, 0.5, -0.5]) | st.floats(-3, 3)
BOOKS = {
    "reserve": st.floats(1, 1000),
    "deposits": st.floats(0, 1e4),
    "promised": st.floats(0, 0.4),
    "income": st.floats(0, 2000),
    "deposit_growth": GROWTHS,
    "income_growth": GROWTHS,
}


@pytest.mark.parametrize("model", laws.models_of(module), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model, examples=15)
    laws.assert_bounds_contain(model, examples=15)
    laws.assert_range_holds(model, examples=30)
    laws.assert_columns_match(model, examples=10)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(module)


def test_anchor_on_31_january_has_20_2_days_left():
    assert static_days(**JANUARY) == pytest.approx(20.2, abs=0.05)
    assert growth_days(**JANUARY) == pytest.approx(static_days(**JANUARY), rel=1e-8)


def test_anchor_burns_1_49_million_a_day_and_would_earn_8_64_per_cent():
    assert 30.0 - reserve_left(days=1, **JANUARY) == pytest.approx(1.49, abs=0.005)
    assert unsubsidised(deposits=5000, income=432) == pytest.approx(0.0864, rel=1e-8)


def test_anchor_has_4_0_million_left_on_17_to_18_february_where_6_56_were():
    assert reserve_left(days=17.5, **JANUARY) == pytest.approx(4.0, abs=0.05)
    assert reserve_left(days=17, **JANUARY) < 6.56


def test_anchor_on_28_january_has_28_days_by_the_average_and_12_by_the_last_week():
    average, last_week = 35 + 1.25 * 90, 35 / (1 - 0.357)
    assert (last_week - 35) / 7 == pytest.approx(2.8, abs=0.05)
    told = runway(**JANUARY | {"reserve": 35.0}, windows=[(average, 90), (last_week, 7)])
    assert told.observed[0] == pytest.approx(28, rel=1e-8)
    assert math.floor(told.observed[1]) == 12
    assert told.shortest == told.observed[1]
    assert told.longest == told.observed[0]
    assert told.shortest < 20 < told.longest


def test_anchor_on_9_may_has_36_days_at_4_9_million_a_day():
    pace = (323 - 176) / 30
    assert pace == pytest.approx(4.9, abs=0.05)
    assert observed_days(reserve=176, earlier=323, days=30) == pytest.approx(36, abs=0.5)


def test_anchor_in_spring_earns_5_2_per_cent_without_the_reserve():
    assert unsubsidised(deposits=7.5 * 365 / 0.195, income=2 * 365) == pytest.approx(0.052, abs=0.0005)


def test_anchor_after_the_injection_reaches_9_may_as_printed_at_incomes_of_half_to_seven_tenths_of_a_billion():
    for income, static, growing in ((519.0, 207, 99), (724.0, 252, 144)):
        left = {"days": 80.0, "income": income, **INJECTED}
        assert reserve_left(**left) == pytest.approx(static, abs=0.5)
        assert reserve_left(**left, deposit_growth=TO_14BN) == pytest.approx(growing, abs=0.5)
        assert growing < 176 < static


@pytest.mark.parametrize(("income", "days"), [(519.0, 95), (724.0, 104)])
def test_anchor_after_the_injection_lasts_95_to_104_days_with_growth(income, days):
    assert growth_days(income=income, deposit_growth=TO_14BN, **INJECTED) == pytest.approx(days, abs=0.5)


@pytest.mark.parametrize(("income", "days"), [(531.0, 148), (757.0, 185)])
def test_anchor_after_the_injection_lasts_148_to_185_days_static_at_slightly_higher_incomes(income, days):
    assert static_days(income=income, **INJECTED) == pytest.approx(days, abs=0.5)
    assert growth_days(income=income, deposit_growth=TO_14BN, **INJECTED) < days < 330


def test_growth_of_anchor_deposits_is_continuous():
    assert 8.5 * math.exp(TO_14BN * 80 / 365) == pytest.approx(14, rel=1e-8)
    assert deposit_growth(deposits=2, earlier=1) == pytest.approx(math.log(2) * 365 / 90, rel=1e-8)


@pytest.mark.parametrize("amounts", [{"deposits": 0, "earlier": 1}, {"deposits": 1, "earlier": 0}])
def test_growth_from_or_to_nothing_is_not_defined(amounts):
    assert deposit_growth(**amounts) is None
    assert np.isnan(deposit_growth(**{name: np.array([float(value)]) for name, value in amounts.items()}))


@given(st.fixed_dictionaries(BOOKS), st.floats(0.001, 2000))
def test_what_is_left_is_the_integral_of_the_burn(books, days):
    paid, g, h = books["promised"] * books["deposits"], books["deposit_growth"], books["income_growth"]
    spent, _ = quad(lambda t: paid * math.exp(g * t) - books["income"] * math.exp(h * t), 0, days / 365)
    assert reserve_left(days=days, **books) == pytest.approx(books["reserve"] - spent, rel=1e-8, abs=1e-6)


@given(st.fixed_dictionaries(BOOKS))
def test_the_reserve_is_empty_for_the_first_time_on_the_day_told(books):
    days = growth_days(**books)
    last = 365 * 50.0 if days is None else days
    before = reserve_left(days=np.linspace(0, last, 400)[:-1], **books)
    scale = books["reserve"] + books["promised"] * books["deposits"] + books["income"]
    assert (before > -1e-9 * np.maximum(scale, np.abs(before))).all()
    if days is not None:
        flow = 1 + scale * math.exp(max(0, books["deposit_growth"], books["income_growth"]) * days / 365)
        assert reserve_left(days=days, **books) == pytest.approx(0, abs=1e-8 * flow * (1 + days / 365))


def test_a_burn_that_starts_later_empties_the_reserve_later():
    books = {"reserve": 10.0, "deposits": 1000.0, "promised": 0.1, "income": 150.0}
    assert static_days(**books) is None
    assert growth_days(**books) is None
    days = growth_days(**books, deposit_growth=0.5)
    assert days > 365 * math.log(1.5) / 0.5
    assert reserve_left(days=days, **books, deposit_growth=0.5) == pytest.approx(0, abs=1e-8)


def test_a_burn_that_ends_in_time_never_empties_the_reserve():
    books = {"deposits": 1000.0, "promised": 0.1, "income": 90.0, "income_growth": 1.0}
    assert growth_days(reserve=10.0, **books) is None
    assert growth_days(reserve=0.1, **books) > 0


def test_an_income_that_pays_the_promise_makes_the_reserve_last():
    assert static_days(reserve=1, deposits=100, promised=0.05, income=5) is None
    assert growth_days(reserve=0, deposits=100, promised=0.05, income=5) is None
    assert shortfall_days(reserve=1, monthly_shortfall=0) is None
    assert observed_days(reserve=5, earlier=4, days=30) is None


def test_an_empty_reserve_under_burn_lasts_no_day():
    assert static_days(reserve=0, deposits=100, promised=0.1, income=5) == 0
    assert growth_days(reserve=0, deposits=100, promised=0.1, income=5, deposit_growth=1) == 0


def test_growth_is_looked_ahead_for_fifty_years_only():
    books = {"deposits": 100.0, "promised": 0.1, "income": 5.0}
    assert growth_days(reserve=5 * 49.9, **books) == pytest.approx(365 * 49.9, rel=1e-8)
    assert growth_days(reserve=5 * 50.1, **books) is None
    assert static_days(reserve=5 * 50.1, **books) == pytest.approx(365 * 50.1, rel=1e-8)


def test_extreme_growth_does_not_overflow():
    books = {"reserve": 10.0, "deposits": 100.0, "promised": 0.1, "income": 50.0}
    assert 0 < growth_days(**books, deposit_growth=900.0, income_growth=-900.0) < 10
    assert growth_days(**books, deposit_growth=900.0, income_growth=901.0) is None
    no_income = books | {"income": 0.0}
    assert growth_days(**no_income, income_growth=900.0) == pytest.approx(365, rel=1e-8)


def test_unknown_income_leaves_a_range_from_none_of_it_to_never():
    known = {name: Interval(value, value) for name, value in JANUARY.items()}
    for model in (static_days, growth_days):
        value, sampled = bounded(model, known | {"income": Interval(0.0, math.inf)})
        assert not sampled
        assert value == Interval(pytest.approx(365 * 30 / 975, rel=1e-8), math.inf)
        value, _ = bounded(model, known | {"reserve": Interval(0.0, math.inf), "deposits": Interval(0.0, math.inf)})
        assert value == Interval(0, math.inf)


def test_shortfall_of_a_month_and_yearly_burn_agree():
    monthly = (0.195 * 5000 - 432) / 12
    assert shortfall_days(reserve=30, monthly_shortfall=monthly) == pytest.approx(static_days(**JANUARY), rel=1e-8)


def test_a_reserve_that_lasts_by_one_way_of_telling_has_no_longest_day():
    told = runway(reserve=10, deposits=100, promised=0.05, income=6, windows=[(20, 10)])
    assert told.static is told.growth is told.longest is None
    assert told.shortest == pytest.approx(10, rel=1e-8)
    assert told.unsubsidised == pytest.approx(0.06, rel=1e-8)


def test_a_window_of_no_days_is_refused():
    assert observed_days(reserve=1, earlier=2, days=0) is None
    with pytest.raises(ModelError, match="'windows' has a window of no days"):
        runway(**JANUARY, windows=[(40, 0)])
    with pytest.raises(ModelError, match="'reserve' is -1"):
        runway(**JANUARY | {"reserve": -1})
