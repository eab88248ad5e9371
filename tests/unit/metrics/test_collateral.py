"""Collateral under stress: tolerable falls, one liquidation, toxic loan-to-values, shortfalls and claims."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import collateral
from checker.metrics.model import ModelError
from checker.metrics.scenario import Shock

MODELS = laws.models_of(collateral)
SHARES = st.sampled_from([0.0, 0.05, 0.5, 1.0]) | st.floats(0, 1)
SHOCKS = st.builds(lambda fall, slippage, cost: Shock("x", "x", fall, slippage, cost), SHARES, SHARES, SHARES)
LOAN = {"units": 3, "price": 3300, "debt": 8400, "liquidation_ltv": 0.8, "close_factor": 0.5, "bonus": 0.1}


# ------------------------------------------------------------------------------------------------------ published


@pytest.mark.parametrize(
    ("ratio", "plain", "costly"), [(1.25, 0.2, 0.141), (1.5, 0.333, 0.284), (2.0, 0.5, 0.463)], ids=str
)
def test_tolerable_falls_of_the_seeds_range_without_and_with_slippage_and_cost(ratio, plain, costly):
    assert collateral.tolerable_fall(collateral_ratio=ratio) == pytest.approx(plain, abs=5e-4)
    with_costs = collateral.tolerable_fall(collateral_ratio=ratio, slippage=0.05, cost=0.02)
    assert with_costs == pytest.approx(costly, abs=5e-4)


def test_three_ether_at_3300_are_liquidated_with_a_profit_of_420():
    step = collateral.liquidation_step(**LOAN)
    assert step.health_factor == pytest.approx(0.943, abs=5e-4)
    assert (step.repaid, step.seized, step.profit) == pytest.approx((4200, 4620, 420), rel=1e-8)
    assert (step.debt, step.collateral) == pytest.approx((4200, 5280), rel=1e-8)


def test_three_ether_at_3500_are_left_alone():
    step = collateral.liquidation_step(**LOAN | {"price": 3500})
    assert step.health_factor == pytest.approx(1, rel=1e-8)
    assert (step.repaid, step.seized, step.profit, step.debt) == (0, 0, 0, 8400)


@pytest.mark.parametrize(("year", "evidenced", "gap"), [(2019, 0.24, 0.76), (2020, 0.16, 0.84), (2021, 0.17, 0.83)])
def test_blockfis_collateral_claim_fell_short_by_three_quarters_or_more(year, evidenced, gap):
    assert collateral.claim_gap(claimed=1, evidenced=evidenced) == pytest.approx(gap, rel=1e-8)
    assert collateral.claim_gap(claimed=0.5, evidenced=evidenced) == pytest.approx(gap - 0.5, rel=1e-8)
    assert collateral.claim_gap(claimed=0.5, evidenced=evidenced) > 0.25


def test_the_uncollateralised_rest_of_blockfis_loans_loses_lgd_directly():
    loans = {"loans": 100, "loss_given_default": 0.6}
    assert collateral.uncollateralised_loss(**loans, collateralised_share=0.24) == pytest.approx(45.6, rel=1e-8)
    assert collateral.uncollateralised_loss(**loans, collateralised_share=0.16) == pytest.approx(50.4, rel=1e-8)
    expected = collateral.uncollateralised_loss(**loans, collateralised_share=0.16, default_probability=0.1)
    assert expected == pytest.approx(5.04, rel=1e-8)


# ---------------------------------------------------------------------------------------------------- liquidation


@settings(max_examples=100)
@given(st.floats(1, 1e4), st.floats(0.5, 1.5), st.floats(0.01, 1), st.floats(0, 0.3))
def test_a_liquidation_raises_the_loan_to_value_exactly_above_the_toxic_one(value, ltv, close_factor, bonus):
    step = collateral.liquidation_step(
        units=value, price=1, debt=ltv * value, liquidation_ltv=0.4, close_factor=close_factor, bonus=bonus
    )
    toxic = collateral.toxic_ltv(bonus=bonus)
    if step.ltv_after is not None and abs(ltv - toxic) > 1e-6 and step.collateral > 1e-6 * value:
        assert (step.ltv_after > step.ltv_before) == (ltv > toxic)


def test_the_collateral_caps_what_is_seized_and_the_rest_is_bad_debt():
    step = collateral.liquidation_step(**LOAN | {"debt": 9500, "close_factor": 1})
    assert (step.seized, step.repaid, step.collateral) == pytest.approx((9900, 9000, 0), rel=1e-8)
    assert step.debt == pytest.approx(collateral.bad_debt(collateral=9900, debt=9500, bonus=0.1), rel=1e-8)
    assert step.debt == pytest.approx(500, rel=1e-8)
    assert step.ltv_after is None


def test_full_liquidation_leaves_no_bad_debt_up_to_the_toxic_loan_to_value():
    toxic = collateral.toxic_ltv(bonus=0.25)
    assert toxic == pytest.approx(0.8, rel=1e-8)
    assert collateral.bad_debt(collateral=100, debt=80, bonus=0.25) == 0
    assert collateral.bad_debt(collateral=100, debt=81, bonus=0.25) == pytest.approx(1, rel=1e-8)


def test_without_debt_or_collateral_the_step_has_no_ratio():
    free = collateral.liquidation_step(**LOAN | {"debt": 0})
    assert (free.health_factor, free.repaid) == (None, 0)
    bare = collateral.liquidation_step(**LOAN | {"units": 0})
    assert (bare.health_factor, bare.repaid, bare.seized, bare.debt, bare.ltv_before) == (0, 0, 0, 8400, None)
    assert collateral.health_factor(collateral=0, debt=0, liquidation_ltv=0.5) is None


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"units": -1}, "'units' is -1, expected a number of at least 0"),
        ({"price": float("inf")}, "'price' is inf"),
        ({"close_factor": 1.1}, "'close_factor' is 1.1, expected a number from 0 to 1"),
        ({"bonus": float("nan")}, "'bonus' is nan"),
        ({"liquidation_ltv": 2}, "'liquidation_ltv' is 2, expected a number from 0 to 1"),
        ({"debt": -5}, "'debt' is -5"),
    ],
)
def test_a_loan_that_cannot_be_is_refused(change, part):
    with pytest.raises(ModelError, match=part):
        collateral.liquidation_step(**LOAN | change)


# ------------------------------------------------------------------------------------------------------ shortfall


@settings(max_examples=100)
@given(st.floats(0.1, 5), SHOCKS)
def test_a_shortfall_begins_where_the_tolerable_fall_ends(ratio, shock):
    tolerable = collateral.tolerable_fall(collateral_ratio=ratio, slippage=shock.slippage, cost=shock.cost)
    lost = collateral.shortfall(collateral_ratio=ratio, scenario=shock)
    if shock.price_fall < tolerable - 1e-9:
        assert lost == 0
    elif shock.price_fall > tolerable + 1e-9:
        assert lost > 0


def test_a_halved_price_leaves_a_quarter_of_a_loan_at_150_percent_unpaid():
    assert collateral.shortfall(collateral_ratio=1.5, scenario=Shock("h", "h", 0.5)) == pytest.approx(0.25, rel=1e-8)
    costly = Shock("h", "h", 0.5, slippage=0.05, cost=0.02)
    assert collateral.shortfall(collateral_ratio=1.5, scenario=costly) == pytest.approx(1 - 0.75 * 0.931, rel=1e-8)


def test_the_surplus_of_one_bucket_does_not_pay_for_another():
    lines = collateral.bucket_shortfalls([100, 100, 0], [300, 120, 50], Shock("h", "h", 0.5))
    assert [line.shortfall for line in lines] == pytest.approx([0, 40, 0], rel=1e-8)
    assert [line.share for line in lines] == [0, pytest.approx(0.4, rel=1e-8), None]
    assert lines[1].tolerable_fall == pytest.approx(1 / 6, rel=1e-8)
    assert lines[2].tolerable_fall is None


def test_buckets_that_cannot_be_are_refused():
    with pytest.raises(ModelError, match="'collaterals' has 1 values, expected 2"):
        collateral.bucket_shortfalls([1, 2], [1], Shock("h", "h", 0.5))
    with pytest.raises(ModelError, match="'debts' is -1"):
        collateral.bucket_shortfalls([-1], [1], Shock("h", "h", 0.5))


# ----------------------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law",
    [laws.assert_monotone, laws.assert_bounds_contain, laws.assert_columns_match, laws.assert_range_holds],
    ids=lambda law: law.__name__,
)
def test_models_obey(model, law):
    law(model, SHOCKS if model.scenario else laws.NO_SCENARIO, examples=40)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_impossible_is_refused(model):
    laws.assert_refuses_the_impossible(model, Shock("h", "h", 0.5))


def test_examples_hold():
    laws.assert_examples_hold(collateral)
