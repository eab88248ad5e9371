"""Dependence on new deposits, from shares of promised balances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from unit.metrics import laws

from checker.metrics import inflow as module
from checker.metrics.inflow import (
    break_even_inflow,
    break_even_money,
    collapse_days,
    continuous_rate,
    coverage_after,
    dependence,
)

EXAMPLE = {"coverage": 1.0, "promised": 0.1, "earned": 0.02, "inflow": 0.1, "withdrawals": 0.15}
GROWING = EXAMPLE | {"withdrawals": 0.05}
SCHEMES = st.fixed_dictionaries(
    {
        "coverage": st.floats(0.01, 3),
        "promised": st.floats(0, 1),
        "earned": st.floats(-0.5, 0.5),
        "inflow": st.floats(0, 2),
        "withdrawals": st.floats(0, 2),
    }
)


@pytest.mark.parametrize("model", laws.models_of(module), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model)
    laws.assert_bounds_contain(model)
    laws.assert_range_holds(model)
    laws.assert_columns_match(model)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(module)


def test_the_example_collapses_after_15_67_years():
    assert collapse_days(**EXAMPLE) / 365 == pytest.approx(15.67, abs=0.005)
    assert coverage_after(days=15.0 * 365, **EXAMPLE) > 0
    assert coverage_after(days=collapse_days(**EXAMPLE), **EXAMPLE) == pytest.approx(0, abs=1e-10)


def test_the_example_rests_at_minus_1_667_and_its_time_is_that_of_the_formula():
    drift = 0.1 - 0.02 - 0.15 + 0.1
    assert drift == pytest.approx(0.03, rel=1e-8)
    rest = (0.1 - 0.15) / drift
    assert rest == pytest.approx(-1.667, abs=0.0005)
    years = -math.log(-rest / (1 - rest)) / drift
    assert collapse_days(**EXAMPLE) == pytest.approx(365 * years, rel=1e-8)


def test_a_scheme_that_grows_rests_at_0_385_and_never_collapses():
    assert collapse_days(**GROWING) is None
    assert coverage_after(days=365 * 1000, **GROWING) == pytest.approx(0.385, abs=0.0005)


def test_the_example_needs_inflow_of_13_per_cent_and_depends_on_it_for_87():
    shares = {"withdrawals": 0.15, "earned": 0.02, "coverage": 1.0}
    assert break_even_inflow(**shares) == pytest.approx(0.13, rel=1e-8)
    assert dependence(**shares) == pytest.approx(0.13 / 0.15, rel=1e-8)
    assert break_even_money(withdrawals=150, income=20) == pytest.approx(1000 * break_even_inflow(**shares), rel=1e-8)


def test_earnings_that_pay_all_withdrawals_need_no_inflow():
    shares = {"withdrawals": 0.05, "earned": 0.06, "coverage": 1.0}
    assert break_even_inflow(**shares) == dependence(**shares) == 0


def test_losses_make_dependence_pass_one():
    assert dependence(withdrawals=0.1, earned=-0.05, coverage=1) == pytest.approx(1.5, rel=1e-8)


def test_without_withdrawals_no_dependence_is_defined():
    assert dependence(withdrawals=0, earned=0.02, coverage=1) is None


@pytest.mark.parametrize("nudge", [0.0, 1e-12, 1e-9, -1e-9])
def test_without_drift_coverage_falls_in_a_line(nudge):
    flows = {"coverage": 0.8, "promised": 0.25, "earned": nudge, "inflow": 0.25, "withdrawals": 0.5}
    assert collapse_days(**flows) == pytest.approx(365 * 0.8 / 0.25, rel=1e-8)
    assert coverage_after(days=365, **flows) == pytest.approx(0.55, rel=1e-8)


def test_inflow_that_equals_withdrawals_never_empties_the_assets():
    assert collapse_days(coverage=0.1, promised=0.3, earned=0, inflow=0.2, withdrawals=0.2) is None


def test_earnings_beyond_the_outflow_never_empty_the_assets():
    flows = {"coverage": 1.0, "promised": 0.1, "earned": 0.12, "inflow": 0.1, "withdrawals": 0.15}
    assert collapse_days(**flows) is None
    assert np.isposinf(collapse_days(**flows | {"earned": np.array([0.12, 0.5])})).all()


def test_no_assets_and_more_going_out_than_coming_in_is_a_collapse_today():
    assert collapse_days(coverage=0, promised=0.1, earned=0, inflow=0.1, withdrawals=0.2) == 0


def test_coverage_stays_at_nothing_after_the_collapse():
    assert coverage_after(days=365 * 30, **EXAMPLE) == 0


def test_new_money_dilutes_a_surplus():
    surplus = {"days": 365.0, "coverage": 3.0, "promised": 0.5, "earned": 0.0, "withdrawals": 0.0}
    path = [coverage_after(inflow=inflow, **surplus) for inflow in (0, 3, 20)]
    assert path[0] > path[1] < path[2]


@given(SCHEMES, st.floats(1, 2000))
def test_the_path_solves_its_equation(scheme, days):
    drift = scheme["promised"] - scheme["earned"] - scheme["withdrawals"] + scheme["inflow"]
    net = scheme["inflow"] - scheme["withdrawals"]
    solved = solve_ivp(lambda t, c: net - drift * c, (0, days / 365), [scheme["coverage"]], rtol=1e-10, atol=1e-12)
    assert coverage_after(days=days, **scheme) == pytest.approx(max(0, solved.y[0, -1]), rel=1e-7, abs=1e-8)


@given(SCHEMES)
def test_coverage_is_positive_until_the_collapse_and_nothing_from_then_on(scheme):
    days = collapse_days(**scheme)
    if days is None:
        path = coverage_after(days=np.array([1.0, 100.0, 5000.0]), **scheme)
        assert (path >= 0).all()
        assert path[0] > 0
    else:
        assert coverage_after(days=0.99 * days, **scheme) > 0
        assert coverage_after(days=1.01 * days + 1e-6, **scheme) == pytest.approx(0, abs=1e-9)


@given(SCHEMES.filter(lambda scheme: scheme["coverage"] * abs(scheme["earned"]) < scheme["withdrawals"]))
def test_assets_hold_their_level_at_the_break_even_inflow(scheme):
    needed = break_even_inflow(**{name: scheme[name] for name in ("withdrawals", "earned", "coverage")})
    change = scheme["earned"] * scheme["coverage"] + needed - scheme["withdrawals"]
    assert change == pytest.approx(0, abs=1e-12)


def test_a_yearly_yield_becomes_a_continuous_rate():
    assert math.exp(continuous_rate(apy=0.195)) == pytest.approx(1.195, rel=1e-8)
