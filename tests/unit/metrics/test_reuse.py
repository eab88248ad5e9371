"""Reuse: published velocities, the geometry of loops, and totals that count a deposit twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import loop, reuse

MODELS = laws.models_of(reuse)


def test_pledged_collateral_turned_over_3_times_in_2007_and_2_4_times_in_2010():
    assert reuse.velocity(received=10.0, source=3.4) == pytest.approx(3.0, abs=0.1)
    assert reuse.velocity(received=5.8, source=2.4) == pytest.approx(2.4, abs=0.05)


def test_the_gap_of_december_2021_doubled_the_money_locked():
    assert reuse.tvl_multiplier(gross=2 * 139.87, receipts=100, reborrowed=39.87) == pytest.approx(2, rel=1e-8)
    assert reuse.adjusted_tvl(gross=2 * 139.87, receipts=139.87) == pytest.approx(139.87, rel=1e-8)


def test_a_loop_of_five_rounds_shows_3_69_times_the_money_that_is_there():
    gross = loop.position(capital=100_000, ltv=0.8, rounds=5)
    owed = loop.debt(capital=100_000, ltv=0.8, rounds=5)
    assert reuse.tvl_multiplier(gross=gross, receipts=0, reborrowed=owed) == pytest.approx(3.68928, rel=1e-8)
    assert reuse.multiplier(reuse_share=0.8, haircut=0, times=5) == pytest.approx(3.68928, rel=1e-8)


def test_more_than_a_third_of_alamedas_assets_were_its_groups_own_tokens():
    assert reuse.self_referential_share(own_issued=3.66 + 2.16, total_assets=14.6) == pytest.approx(0.399, abs=5e-4)


@settings(max_examples=60)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 40))
def test_the_multiplier_is_the_sum_over_every_hand(share, haircut, times):
    expected = sum((share * (1 - haircut)) ** k for k in range(times + 1))
    assert reuse.multiplier(reuse_share=share, haircut=haircut, times=times) == pytest.approx(expected, rel=1e-8)


def test_pledging_on_without_end_comes_to_the_limit_or_to_none():
    limit = reuse.multiplier_limit(reuse_share=0.9, haircut=0.1)
    assert limit == pytest.approx(1 / 0.19, rel=1e-8)
    assert reuse.multiplier(reuse_share=0.9, haircut=0.1, times=400) == pytest.approx(limit, rel=1e-8)
    assert reuse.multiplier_limit(reuse_share=1, haircut=0) is None
    assert reuse.multiplier(reuse_share=1, haircut=0, times=9) == 10
    assert reuse.multiplier_limit(reuse_share=0, haircut=0) == 1


def test_what_is_not_defined_has_no_number():
    assert reuse.velocity(received=0, source=0) is None
    assert reuse.self_referential_share(own_issued=0, total_assets=0) is None
    assert reuse.tvl_multiplier(gross=100, receipts=100) is None
    assert reuse.adjusted_tvl(gross=100, receipts=100) == 0


def test_a_part_larger_than_its_whole_has_no_number():
    assert reuse.adjusted_tvl(gross=100, receipts=80, reborrowed=30) is None
    assert reuse.tvl_multiplier(gross=100, receipts=80, reborrowed=30) is None
    assert reuse.self_referential_share(own_issued=2, total_assets=1) is None


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
    laws.assert_examples_hold(reuse)
