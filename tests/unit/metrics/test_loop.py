"""Loops: the seed's numbers, a round-by-round simulation as oracle, and the edges without debt."""

import math
from inspect import signature

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import loop
from checker.metrics.model import ModelError

MODELS = laws.models_of(loop)
FIVE = loop.leverage(ltv=0.8, rounds=5)


def simulated(capital, ltv, number, swap_cost):
    held, owed, added = capital, 0.0, capital
    for _ in range(number):
        loan = added * ltv
        added = loan * (1 - swap_cost)
        held, owed = held + added, owed + loan
    return held, owed


# ------------------------------------------------------------------------------------------------------ published


@pytest.mark.parametrize(("rounds", "position"), [(0, 100_000), (4, 336_160), (5, 368_928)])
def test_rounds_count_borrowings_after_the_first_deposit(rounds, position):
    assert loop.position(capital=100_000, ltv=0.8, rounds=rounds) == pytest.approx(position, rel=1e-8)


def test_five_borrowings_at_80_percent_owe_268928_and_give_leverage_of_3_69():
    assert loop.debt(capital=100_000, ltv=0.8, rounds=5) == pytest.approx(268_928, rel=1e-8)
    assert loop.leverage(ltv=0.8, rounds=5) == pytest.approx(3.68928, rel=1e-8)
    assert loop.limit(ltv=0.8) == pytest.approx(5, rel=1e-8)
    assert loop.debt_ratio(ltv=0.8, rounds=5) == pytest.approx(268_928 / 368_928, rel=1e-8)


def test_the_wipe_out_is_at_27_1_percent_and_at_25_percent_7_8_percent_are_left():
    assert loop.wipe_out_fall(leverage=FIVE) == pytest.approx(0.271, abs=5e-4)
    assert loop.capital_left(leverage=FIVE, price_fall=0.25) == pytest.approx(0.078, abs=5e-4)
    assert loop.wipe_out_fall(leverage=4) == 0.25


def test_a_threshold_of_85_percent_closes_the_loop_at_a_fall_of_14_2_percent():
    assert loop.liquidation_fall(leverage=FIVE, liquidation_ltv=0.85) == pytest.approx(0.142, abs=5e-4)


def test_18_percent_net_on_12_percent_takes_borrowing_at_9_8_percent_for_granted():
    implied = loop.implied_borrow_rate(leverage=FIVE, asset_yield=0.12, net=0.18)
    assert implied == pytest.approx(0.098, abs=5e-4)
    assert loop.net_carry(leverage=FIVE, asset_yield=0.12, borrow_rate=implied) == pytest.approx(0.18, rel=1e-8)


@pytest.mark.parametrize(("leverage", "fall"), [(3.5, 0.285714), (5, 0.2)])
def test_reported_exchange_loops_are_wiped_out_by_the_inverse_of_their_leverage(leverage, fall):
    assert loop.wipe_out_fall(leverage=leverage) == pytest.approx(fall, abs=1e-6)


# ---------------------------------------------------------------------------------------------------------- edges


def test_without_a_loan_to_value_nothing_is_borrowed():
    assert loop.leverage(ltv=0, rounds=7) == 1
    assert loop.debt_ratio(ltv=0, rounds=7) == 0
    assert loop.debt_ratio(ltv=0, rounds=0) == 0


def test_at_a_loan_to_value_of_100_percent_each_round_adds_the_deposit_again():
    assert loop.leverage(ltv=1, rounds=5) == 6
    assert loop.debt(capital=10, ltv=1, rounds=5) == 50
    assert loop.limit(ltv=1) is None
    assert loop.limit(ltv=1, swap_cost=0.01) == pytest.approx(100, rel=1e-8)


def test_close_to_100_percent_the_series_stays_exact():
    assert loop.leverage(ltv=1 - 1e-12, rounds=1000) == pytest.approx(1001, rel=1e-8)


def test_many_rounds_come_to_the_limit():
    assert loop.leverage(ltv=0.8, rounds=500) == pytest.approx(loop.limit(ltv=0.8), rel=1e-8)


def test_without_debt_there_is_no_liquidation_and_no_break_even():
    assert loop.liquidation_fall(leverage=1, liquidation_ltv=0.8) is None
    assert loop.days_to_liquidation(leverage=1, asset_yield=0, borrow_rate=1, liquidation_ltv=0) is None
    assert loop.break_even_borrow_rate(leverage=1, asset_yield=0.05) is None
    assert loop.break_even_borrow_rate(leverage=1, asset_yield=-0.05) is None
    assert loop.wipe_out_fall(leverage=1) == 1


def test_a_loop_drawn_beyond_the_threshold_is_liquidated_now():
    assert loop.liquidation_fall(leverage=FIVE, liquidation_ltv=0.7) == 0
    assert loop.days_to_liquidation(leverage=FIVE, asset_yield=1, borrow_rate=0, liquidation_ltv=0.7) == 0


def test_a_debt_that_costs_no_more_than_the_yield_never_closes_the_loop():
    assert loop.days_to_liquidation(leverage=3, asset_yield=0.1, borrow_rate=0.1, liquidation_ltv=0.9) is None


def test_the_days_of_negative_carry_end_where_debt_meets_the_threshold():
    days = loop.days_to_liquidation(leverage=FIVE, asset_yield=0.05, borrow_rate=0.15, liquidation_ltv=0.85)
    collateral = FIVE * math.exp(0.05 * days / 365)
    debt = (FIVE - 1) * math.exp(0.15 * days / 365)
    assert collateral * 0.85 == pytest.approx(debt, rel=1e-8)
    fallen = loop.days_to_liquidation(
        leverage=FIVE, asset_yield=0.05, borrow_rate=0.15, liquidation_ltv=0.85, price_fall=0.1
    )
    assert fallen == pytest.approx(days + 365 * math.log(0.9) / 0.1, rel=1e-8)


def test_swap_costs_lower_the_position_and_raise_what_is_at_stake():
    cheap = loop.effective_leverage(ltv=0.8, rounds=5)
    assert cheap == pytest.approx(FIVE, rel=1e-8)
    assert loop.leverage(ltv=0.8, rounds=5, swap_cost=0.01) < FIVE
    assert loop.effective_leverage(ltv=0.8, rounds=5, swap_cost=0.01) > FIVE


# ---------------------------------------------------------------------------------------------------------- table


@settings(max_examples=40)
@given(st.floats(1, 1e6), st.floats(0, 1), st.integers(0, 30), st.floats(0, 0.5))
def test_the_table_is_what_lending_round_by_round_gives(capital, ltv, number, swap_cost):
    table = loop.rounds(capital, ltv, number, swap_cost)
    assert [line.number for line in table] == list(range(number + 1))
    for line in table:
        held, owed = simulated(capital, ltv, line.number, swap_cost)
        assert line.position == pytest.approx(held, rel=1e-8)
        assert line.debt == pytest.approx(owed, rel=1e-8)
        assert line.leverage == pytest.approx(held / capital, rel=1e-8)
        assert line.debt_ratio == pytest.approx(owed / held, rel=1e-8)
        assert line.wipe_out_fall == pytest.approx(1 - owed / held, rel=1e-8, abs=1e-8)
        assert line.pledged == pytest.approx(
            line.borrowed * (1 - swap_cost) if line.number else capital, rel=1e-6, abs=1e-6
        )


def test_the_table_ends_with_the_published_position():
    last = loop.rounds(100_000, 0.8, 5)[-1]
    assert (round(last.position), round(last.debt), round(last.leverage, 2)) == (368_928, 268_928, 3.69)


@pytest.mark.parametrize("number", [-1, 2.5, 10_001, math.nan, math.inf])
def test_a_number_of_rounds_that_cannot_be_is_refused(number):
    with pytest.raises(ModelError, match="'number'"):
        loop.rounds(100, 0.8, number)


def test_the_table_refuses_what_the_formula_refuses():
    with pytest.raises(ModelError, match=r"'ltv' is 1\.2, expected a number from 0 to 1"):
        loop.rounds(100, 1.2, 3)
    with pytest.raises(ModelError, match="'capital' is -1"):
        loop.rounds(-1, 0.8, 3)


# ----------------------------------------------------------------------------------------------------------- laws


def test_every_formula_is_a_model():
    public = {name for name in loop.__all__ if name not in ("Round", "rounds")}
    assert {model.function.__name__ for model in MODELS} == public
    assert list(signature(loop.rounds).parameters) == ["capital", "ltv", "number", "swap_cost"]


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
    laws.assert_examples_hold(loop)
