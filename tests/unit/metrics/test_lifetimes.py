"""Payback of programmes of daily returns against how long they lived."""

import pytest
from unit.metrics import laws

from checker.metrics import lifetimes
from checker.metrics.lifetimes import payback, payback_days, survival, survival_to_payback
from checker.metrics.model import ModelError


@pytest.mark.parametrize("model", laws.models_of(lifetimes), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model)
    laws.assert_bounds_contain(model)
    laws.assert_range_holds(model)
    laws.assert_columns_match(model)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(lifetimes)


@pytest.mark.parametrize(("days", "alive"), [(28, 0.5), (91, 0.25), (304, 0.10)])
def test_the_fit_runs_through_the_three_quantiles_of_moore_han_and_clayton(days, alive):
    assert survival(days=days) == pytest.approx(alive, abs=0.005)


@pytest.mark.parametrize(("daily_rate", "days", "alive"), [(0.01, 100, 0.24), (0.02, 50, 0.37)])
def test_payback_and_survival_at_one_and_two_per_cent_a_day(daily_rate, days, alive):
    told = payback(daily_rate)
    assert told.days == pytest.approx(days, rel=1e-8)
    assert told.survival == pytest.approx(alive, abs=0.005)
    assert told.fitted
    assert told.upper_bound
    assert "fit" in told.basis


def test_the_twelve_per_cent_alive_at_the_end_were_187_programmes_of_1576():
    alive = 187 / 1576
    assert alive == pytest.approx(0.12, abs=0.005)
    assert survival(days=28) > alive > survival(days=304)


def test_a_promise_of_some_per_cent_a_year_gets_no_survival():
    assert payback_days(daily_rate=0.1 / 365) == pytest.approx(3650, rel=1e-8)
    assert survival_to_payback(daily_rate=0.1 / 365) is None
    assert survival(days=305) is None
    assert payback(0.2 / 365).survival is None


def test_nothing_paid_is_never_paid_back():
    assert payback_days(daily_rate=0) is None
    assert survival_to_payback(daily_rate=0) is None


def test_a_negative_rate_is_refused():
    with pytest.raises(ModelError, match=r"'daily_rate' is -0\.01"):
        payback(-0.01)
