"""De-pegs: the oracle decides what is closed, the market what is lost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import depeg, loop
from checker.metrics.model import ModelError
from checker.metrics.scenario import Depeg

MODELS = laws.models_of(depeg)
OCTOBER = Depeg("usde_oct_2025", "USDe at 0.65 on one exchange", 0.0, 0.35, bonus=0.04, slippage=0.02)
FOLLOWS = replace(OCTOBER, oracle_fall=0.35)
FALLS = st.sampled_from([0.0, 0.05, 0.35, 1.0]) | st.floats(0, 1)
SCENARIOS = st.builds(
    lambda oracle, market, bonus, slippage, after: Depeg("x", "x", oracle, market, bonus, slippage, 0.8, after),
    FALLS,
    FALLS,
    st.floats(0, 0.5),
    FALLS,
    st.floats(0, 1),
)


def by_hand(collateral, debt, threshold, scenario):
    oracle, market = 1 - scenario.oracle_fall, 1 - scenario.market_fall
    if debt == 0 or collateral * oracle * threshold / debt >= 1:
        marked = collateral * market - debt
        return False, 0.0, max(0.0, debt - collateral * market * (1 - scenario.slippage)), marked
    price = min(oracle, market * (1 - scenario.slippage))
    seized = min(collateral, debt * (1 + scenario.bonus) / price) if price > 0 else collateral
    recovered = min(debt, seized * price / (1 + scenario.bonus))
    return True, debt - recovered, 0.0, (collateral - seized) * market


# --------------------------------------------------------------------------------------------------------- worked


def test_with_a_fixed_oracle_nothing_is_liquidated_and_the_hole_stays_hidden():
    found = depeg.variants(368_928, 268_928, 0.85, OCTOBER)
    fixed = found.oracle_fixed
    assert (fixed.liquidated, fixed.bad_debt) == (False, 0)
    assert fixed.latent_hole == pytest.approx(268_928 - 368_928 * 0.65 * 0.98, rel=1e-8)
    assert fixed.equity == pytest.approx(368_928 * 0.65 - 268_928, rel=1e-8)
    assert fixed.capital_lost == 1
    assert found.stated == fixed


def test_with_an_oracle_that_follows_the_loop_is_closed_and_lenders_lose():
    follows = depeg.variants(368_928, 268_928, 0.85, OCTOBER).oracle_follows
    assert follows.liquidated
    assert follows.bad_debt == pytest.approx(268_928 - 368_928 * 0.65 * 0.98 / 1.04, rel=1e-8)
    assert (follows.latent_hole, follows.equity, follows.capital_lost) == (0, 0, 1)


def test_a_fall_of_5_percent_costs_an_unlevered_20th_and_a_loop_18_percent():
    small = Depeg("small", "a twentieth", 0.0, 0.05)
    assert depeg.capital_lost(leverage=1, liquidation_ltv=0.85, scenario=small) == pytest.approx(0.05, rel=1e-8)
    leverage = loop.leverage(ltv=0.8, rounds=5)
    lost = depeg.capital_lost(leverage=leverage, liquidation_ltv=0.85, scenario=small)
    assert lost == pytest.approx(0.05 * 3.68928, rel=1e-8)
    assert lost == pytest.approx(1 - loop.capital_left(leverage=leverage, price_fall=0.05), rel=1e-8)


def test_a_liquidation_costs_the_bonus_even_where_the_market_recovered():
    closed = Depeg("wick", "an oracle that printed a wick", 0.2, 0.0, bonus=0.05)
    found = depeg.variants(300.0, 200.0, 0.8, closed).stated
    assert found.liquidated
    assert found.equity == pytest.approx(300 - 200 * 1.05 / 0.8, rel=1e-8)
    assert found.bad_debt == 0


def test_the_oracle_at_its_threshold_does_not_liquidate():
    at = Depeg("at", "exactly at the threshold", 0.0, 0.0)
    assert not depeg.variants(125.0, 100.0, 0.8, at).stated.liquidated
    assert depeg.variants(124.9, 100.0, 0.8, at).stated.liquidated


def test_models_run_both_oracles_whatever_the_scenario_says():
    point = {"leverage": 3.0, "liquidation_ltv": 0.8}
    mild = replace(OCTOBER, market_fall=0.2)
    for scenario in (mild, replace(mild, oracle_fall=0.2), replace(mild, oracle_fall=0.9)):
        follows = depeg.lost_if_oracle_follows(**point, scenario=scenario)
        fixed = depeg.lost_if_oracle_fixed(**point, scenario=scenario)
        assert follows == depeg.capital_lost(**point, scenario=replace(mild, oracle_fall=0.2))
        assert fixed == depeg.capital_lost(**point, scenario=mild) == pytest.approx(0.6, rel=1e-8)
        assert follows > fixed


@pytest.mark.parametrize(("after", "expected"), [(0.8, 5 * 0.1 - 4 * 0.048), (1.0, 5 * 0.1 - 4 * 1.048)])
def test_carry_is_recomputed_at_the_utilisation_after(after, expected):
    crowded = replace(OCTOBER, utilisation_before=0.5, utilisation_after=after)
    curve = {"slope_1": 0.048, "slope_2": 1.0, "optimal_utilisation": 0.8}
    carry = depeg.carry_after(leverage=5, asset_yield=0.1, utilisation=0.5, **curve, scenario=crowded)
    assert carry == pytest.approx(expected, rel=1e-8)
    calm = depeg.carry_after(leverage=5, asset_yield=0.1, utilisation=after, **curve, scenario=OCTOBER)
    assert calm == pytest.approx(expected, rel=1e-8)


# ---------------------------------------------------------------------------------------------------------- edges


def test_without_debt_nothing_is_closed_and_the_market_fall_is_the_loss():
    found = depeg.variants(100.0, 0.0, 0.0, replace(FOLLOWS, oracle_fall=1.0)).stated
    assert (found.liquidated, found.bad_debt, found.latent_hole) == (False, 0, 0)
    assert found.capital_lost == pytest.approx(0.35, rel=1e-8)


def test_a_token_that_is_worth_nothing_leaves_the_whole_debt():
    gone = Depeg("gone", "worth nothing", 1.0, 1.0)
    found = depeg.variants(100.0, 60.0, 0.8, gone).stated
    assert (found.liquidated, found.bad_debt, found.equity, found.capital_lost) == (True, 60, 0, 1)


def test_a_position_without_own_money_has_no_share_to_lose():
    assert depeg.variants(100.0, 120.0, 0.8, OCTOBER).stated.capital_lost is None


@settings(max_examples=150)
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1), SCENARIOS)
def test_the_outcome_is_the_one_worked_out_by_hand(collateral, debt, threshold, scenario):
    found = depeg.variants(collateral, debt, threshold, scenario).stated
    liquidated, lost, latent, marked = by_hand(collateral, debt, threshold, scenario)
    assert found.liquidated == liquidated
    near = {"rel": 1e-8, "abs": 1e-6}
    assert found.bad_debt == pytest.approx(lost, **near)
    assert found.latent_hole == pytest.approx(latent, **near)
    assert found.equity == pytest.approx(marked, **near)
    point = {"collateral": collateral, "debt": debt, "liquidation_ltv": threshold, "scenario": scenario}
    assert depeg.bad_debt(**point) == pytest.approx(lost, **near)
    assert depeg.latent_hole(**point) == pytest.approx(latent, **near)
    assert depeg.hole(**point) == pytest.approx(lost + latent, **near)
    assert depeg.equity_left(**point) == pytest.approx(max(0, marked), **near)


@settings(max_examples=60)
@given(st.floats(1, 20), st.floats(0, 1), SCENARIOS)
def test_closing_never_leaves_the_owner_more_than_holding_on(leverage, threshold, scenario):
    found = depeg.variants(leverage, leverage - 1, threshold, scenario)
    assert found.oracle_follows.capital_lost >= found.oracle_fixed.capital_lost - 1e-9 or found.oracle_fixed.liquidated


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ((-1, 50, 0.8), "'collateral' is -1, expected a number of at least 0"),
        ((100, float("nan"), 0.8), "'debt' is nan"),
        ((100, 50, 1.2), "'liquidation_ltv' is 1.2, expected a number from 0 to 1"),
    ],
)
def test_a_position_that_cannot_be_is_refused(values, part):
    with pytest.raises(ModelError, match=part):
        depeg.variants(*values, OCTOBER)


# ----------------------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law",
    [laws.assert_monotone, laws.assert_bounds_contain, laws.assert_columns_match, laws.assert_range_holds],
    ids=lambda law: law.__name__,
)
def test_models_obey(model, law):
    law(model, SCENARIOS, examples=40)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_impossible_is_refused(model):
    assert model.scenario == "depeg"
    laws.assert_refuses_the_impossible(model, OCTOBER)


def test_examples_hold():
    laws.assert_examples_hold(depeg)
