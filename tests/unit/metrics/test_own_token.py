"""Solvency on own tokens: Alameda's balance of June 2022 and the edges of insolvency."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import own_token

MODELS = laws.models_of(own_token)
ALAMEDA = {"total_assets": 14.6, "own_tokens": 3.66 + 2.16, "liabilities": 8.0}


def test_alameda_covered_its_debts_1_83_times_with_ftt_and_1_10_times_without():
    assert own_token.solvency(**ALAMEDA, fall=0) == pytest.approx(1.83, abs=0.0051)
    assert own_token.solvency(**ALAMEDA, fall=1) == pytest.approx(1.10, abs=0.005)
    assert own_token.solvency_without(**ALAMEDA) == own_token.solvency(**ALAMEDA, fall=1)


def test_on_paper_no_fall_of_ftt_alone_made_alameda_insolvent():
    assert own_token.fall_to_insolvency(**ALAMEDA) is None


def test_the_fall_to_insolvency_is_0_where_insolvent_and_none_where_out_of_reach():
    assert own_token.fall_to_insolvency(total_assets=90, own_tokens=40, liabilities=100) == 0
    assert own_token.fall_to_insolvency(total_assets=100, own_tokens=40, liabilities=100) == 0
    assert own_token.fall_to_insolvency(total_assets=100, own_tokens=40, liabilities=60) == 1
    assert own_token.fall_to_insolvency(total_assets=100, own_tokens=40, liabilities=59) is None
    assert own_token.fall_to_insolvency(total_assets=100, own_tokens=0, liabilities=100) is None
    assert own_token.fall_to_insolvency(total_assets=100, own_tokens=0, liabilities=101) == 0


@settings(max_examples=60)
@given(st.floats(1, 1e6), st.floats(0.01, 1), st.floats(0.01, 1))
def test_at_the_fall_to_insolvency_assets_equal_liabilities(total, own_share, debt_share):
    balance = {"total_assets": total, "own_tokens": own_share * total, "liabilities": debt_share * total}
    fall = own_token.fall_to_insolvency(**balance)
    if fall is None:
        assert own_token.solvency_without(**balance) >= 1 - 1e-9
    else:
        assert own_token.solvency(**balance, fall=fall) == pytest.approx(1, rel=1e-8)


def test_without_liabilities_or_with_more_tokens_than_assets_there_is_no_number():
    assert own_token.solvency(total_assets=10, own_tokens=5, liabilities=0, fall=0.5) is None
    assert own_token.solvency(total_assets=10, own_tokens=11, liabilities=5, fall=0.5) is None
    assert own_token.solvency_without(total_assets=10, own_tokens=11, liabilities=5) is None
    assert own_token.fall_to_insolvency(total_assets=10, own_tokens=11, liabilities=5) is None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law",
    [laws.assert_monotone, laws.assert_bounds_contain, laws.assert_columns_match, laws.assert_range_holds],
    ids=lambda law: law.__name__,
)
def test_models_obey(model, law):
    law(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_impossible_is_refused(model):
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(own_token)
