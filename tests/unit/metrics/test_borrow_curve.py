"""The kinked borrow curve: published points, the kink, and its edges."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import borrow_curve
from checker.metrics.borrow_curve import rate

CURVE = {"slope_1": 0.048, "slope_2": 1.0, "optimal_utilisation": 0.8}


@pytest.mark.parametrize(("utilisation", "expected"), [(0, 0), (0.4, 0.024), (0.8, 0.048), (0.9, 0.548), (1, 1.048)])
def test_the_derive_curve_pays_4_8_percent_at_the_kink_and_104_8_percent_when_full(utilisation, expected):
    assert rate(utilisation=utilisation, **CURVE) == pytest.approx(expected, rel=1e-8)
    assert rate(utilisation=utilisation, base_rate=0.02, **CURVE) == pytest.approx(expected + 0.02, rel=1e-8)


@settings(max_examples=60)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 0.95), st.floats(0, 0.1))
def test_both_branches_of_the_documentation_are_met(utilisation, slope, optimal, base):
    found = rate(utilisation=utilisation, slope_1=slope, slope_2=2.0, optimal_utilisation=optimal, base_rate=base)
    if utilisation <= optimal:
        expected = base + slope * utilisation / optimal
    else:
        expected = base + slope + 2.0 * (utilisation - optimal) / (1 - optimal)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_a_kink_at_either_end_is_no_division_by_zero():
    assert rate(utilisation=0, slope_1=0.1, slope_2=1, optimal_utilisation=0) == 0
    assert rate(utilisation=0.5, slope_1=0.1, slope_2=1, optimal_utilisation=0) == pytest.approx(0.6, rel=1e-8)
    assert rate(utilisation=1, slope_1=0.1, slope_2=1, optimal_utilisation=1) == pytest.approx(0.1, rel=1e-8)


@pytest.mark.parametrize(
    "law",
    [laws.assert_monotone, laws.assert_bounds_contain, laws.assert_columns_match, laws.assert_range_holds],
    ids=lambda law: law.__name__,
)
def test_the_model_obeys(law):
    law(rate)


def test_the_impossible_is_refused():
    laws.assert_refuses_the_impossible(rate)


def test_examples_hold():
    assert laws.models_of(borrow_curve) == [rate]
    laws.assert_examples_hold(borrow_curve)
