"""Who gains by leaving first, and what it costs those who stay."""

from math import ceil, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import run_game
from checker.metrics.model import ModelError
from checker.metrics.run_game import advantage, early, f_max, f_star, game, late, sale_loss, stayers_loss

MODELS = laws.models_of(run_game)
DIAMOND = {"cash": 0, "illiquid": 1, "haircut": 0, "deposits": 1.28}
MONEY = st.floats(0.01, 1000).map(lambda x: round(x, 3))
SHARE = st.floats(0, 1).map(lambda x: round(x, 3))
GAIN = st.floats(-0.5, 2).map(lambda x: round(x, 3))


def test_diamonds_bank_tips_at_56_25_percent():
    assert f_star(gain=1, **DIAMOND) == pytest.approx(0.5625, rel=1e-8)
    assert f_star(gain=1, **DIAMOND) == pytest.approx((2 - 1.28) / (1.28 * (2 - 1)), rel=1e-8)


def test_diamonds_bank_breaks_with_the_79th_of_100_runners():
    assert f_max(**DIAMOND) == pytest.approx(0.78125, rel=1e-8)
    assert ceil(100 * f_max(**DIAMOND)) == 79
    assert early(leaving=0.78, **DIAMOND) == 1
    assert early(leaving=0.79, **DIAMOND) < 1


def test_diamonds_bank_pays_1_813_late_when_a_quarter_leaves_early():
    late_pay = 1.28 * late(leaving=0.25, gain=1, late_rate=10, **DIAMOND)
    assert round(late_pay, 3) == 1.813


def test_diamonds_optimal_contract_pays_1_2815_early_and_1_8123_late():
    first = 1 / (0.25 + 0.75 / sqrt(2))
    assert round(first, 4) == 1.2815
    late_pay = first * late(leaving=0.25, cash=0, illiquid=1, haircut=0, gain=1, deposits=first, late_rate=10)
    assert late_pay == pytest.approx(sqrt(2) * first, rel=1e-8)
    assert int(late_pay * 1e4) / 1e4 == 1.8123


def test_an_insolvent_platform_has_tipped_before_anyone_leaves():
    assert f_star(cash=10, illiquid=80, haircut=0.2, gain=0.1, deposits=100) == 0


def test_cash_that_covers_all_deposits_never_tips():
    assert f_star(cash=100, illiquid=0, haircut=1, gain=0, deposits=100) is None
    assert f_star(cash=0, illiquid=0, haircut=0.5, deposits=0) is None


def test_assets_that_cannot_be_sold_tip_when_cash_is_gone():
    assert f_star(cash=20, illiquid=90, haircut=1, gain=0, deposits=100) == pytest.approx(0.2, rel=1e-8)
    assert f_star(cash=20, illiquid=90, haircut=1 - 1e-9, gain=0, deposits=100) == pytest.approx(0.2, rel=1e-6)


def test_selling_at_no_discount_never_tips():
    assert f_star(cash=20, illiquid=80, haircut=0, gain=0, deposits=100) is None
    assert f_star(cash=20, illiquid=100, haircut=0.05, gain=-0.1, deposits=100) is None


def test_nobody_who_stays_has_no_late_payoff():
    assert late(leaving=1, **DIAMOND) is None
    assert stayers_loss(leaving=1, **DIAMOND) is None
    assert advantage(leaving=1, **DIAMOND) is None


def test_beyond_f_max_whoever_stays_gets_nothing():
    bank = {"cash": 10, "illiquid": 90, "haircut": 0.3, "deposits": 100}
    assert late(leaving=0.74, **bank) == 0
    assert early(leaving=0.74, **bank) == pytest.approx(0.73 / 0.74, rel=1e-8)
    assert stayers_loss(leaving=0.74, **bank) == 1


def test_the_late_payoff_is_capped_by_its_promise():
    rich = {"cash": 50, "illiquid": 100, "haircut": 0.1, "gain": 0.2, "deposits": 100}
    assert late(leaving=0.2, **rich) == 1
    assert late(leaving=0.2, late_rate=0.1, **rich) == pytest.approx(1.1, rel=1e-8)
    assert late(leaving=0.2, late_rate=5, **rich) == pytest.approx((30 + 120) / 80, rel=1e-8)
    assert advantage(leaving=0.2, late_rate=0.1, **rich) == pytest.approx(-0.1, rel=1e-8)


def test_sales_at_a_discount_cost_stayers_h_over_1_minus_h():
    assert sale_loss(haircut=0.2) == pytest.approx(0.25, rel=1e-8)
    assert sale_loss(haircut=0) == 0
    assert sale_loss(haircut=1) is None


@given(MONEY, SHARE, SHARE)
def test_what_stayers_lose_is_the_loss_on_each_unit_sold(deposits, haircut, leaving):
    assume(0 < leaving < 1)
    assume(haircut < 1)
    assume(leaving / (1 - haircut) < 1)
    lost = stayers_loss(leaving=leaving, cash=0, illiquid=deposits, haircut=haircut, deposits=deposits)
    total = lost * (1 - leaving) * deposits
    assert total == pytest.approx(sale_loss(haircut=haircut) * leaving * deposits, rel=1e-8, abs=1e-8)


@given(MONEY, MONEY, SHARE, GAIN, MONEY)
def test_staying_pays_par_up_to_f_star_and_less_beyond(cash, illiquid, haircut, gain, deposits):
    assume(gain >= -haircut)  # else selling beats holding, and the more leave the better for those who stay
    bank = {"cash": cash, "illiquid": illiquid, "haircut": haircut, "gain": gain, "deposits": deposits}
    tips = f_star(**bank)
    shares = np.linspace(0, 0.99, 100)
    loss = stayers_loss(leaving=shares, **bank)
    up_to = np.inf if tips is None else tips
    assert loss[shares < up_to - 1e-6] == pytest.approx(0, abs=1e-6)
    assert (loss[shares > up_to + 1e-6] > 0).all()


@given(MONEY, MONEY, SHARE, GAIN, MONEY, SHARE)
def test_nobody_is_paid_out_of_nothing(cash, illiquid, haircut, gain, deposits, leaving):
    assume(leaving < 1)
    held = {"cash": cash, "illiquid": illiquid, "haircut": haircut, "deposits": deposits}
    paid = leaving * deposits * early(leaving=leaving, **held)
    kept = (1 - leaving) * deposits * late(leaving=leaving, gain=gain, **held)
    assert paid + kept <= (cash + illiquid * max(1, 1 + gain)) * (1 + 1e-8)


def test_the_table_gathers_what_the_models_give():
    found = game(10, 90, 0.3, 100, gain=0.05, late_rate=0.02, leaving=(0, 0.5, 0.9, 1))
    bank = {"cash": 10, "illiquid": 90, "haircut": 0.3, "deposits": 100}
    assert (found.f_max, found.f_star) == (f_max(**bank), f_star(gain=0.05, **bank))
    assert found.sale_loss == sale_loss(haircut=0.3)
    assert [row.leaving for row in found.payoffs] == [0, 0.5, 0.9, 1]
    assert [row.late for row in found.payoffs[:3]] == [
        late(leaving=f, gain=0.05, late_rate=0.02, **bank) for f in (0, 0.5, 0.9)
    ]
    assert [row.early for row in found.payoffs] == [early(leaving=f, **bank) for f in (0, 0.5, 0.9, 1)]
    assert found.payoffs[3].late is None
    assert len(game(10, 90, 0.3, 100).payoffs) == 11
    with pytest.raises(ModelError, match="game: 'leaving' is"):
        game(10, 90, 0.3, 100, leaving=(1.5,))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law", ["assert_monotone", "assert_bounds_contain", "assert_range_holds", "assert_columns_match"]
)
def test_models_keep_the_laws(law, model):
    getattr(laws, law)(model, examples=15)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_models_refuse_the_impossible(model):
    laws.assert_refuses_the_impossible(model)


def test_the_examples_in_their_words_hold():
    laws.assert_examples_hold(run_game)
