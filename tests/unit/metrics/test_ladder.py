"""The ladder by bucket, average lives and durations, and the gaps that totals allow."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import ladder as module
from checker.metrics.ladder import average_life, duration, first_gap, ladder, lives, steps, worst_gap
from checker.metrics.model import ModelError

MODELS = laws.models_of(module)
AMOUNT = st.floats(0, 1e6).map(lambda x: round(x, 2))
DAY = st.floats(0, 2000).map(lambda x: round(x, 1)) | st.sampled_from([0.0, 1.0, 7.0, 30.0, 365.0])
ASSETS = st.lists(st.tuples(AMOUNT, DAY | st.none()), max_size=6)
DEPOSITS = st.lists(st.tuples(AMOUNT, DAY), max_size=6)


def test_demand_deposits_against_long_assets_are_short_in_the_first_bucket():
    found = ladder([(20, 0), (30, 30.5), (40, 1095), (10, None)], [(70, 0), (20, 7), (10, 90)])
    assert found.assets == (20, 0, 0, 30, 0, 0, 50)
    assert found.deposits == (70, 20, 0, 10, 0, 0, 0)
    assert found.gap == (-50, -20, 0, 20, 0, 0, 50)
    assert found.cumulative == (-50, -70, -70, -50, -50, -50, 0)
    assert found.ratio == pytest.approx((-0.5, -0.7, -0.7, -0.5, -0.5, -0.5, 0.0), rel=1e-8)
    assert (found.worst, found.first_negative) == (-70, 0)


def test_an_amount_at_the_end_of_a_bucket_belongs_to_it():
    assert ladder([(1, 7), (2, 7.01)], []).assets == (0, 1, 2, 0, 0, 0, 0)


def test_a_ladder_that_is_never_short_has_no_first_negative_bucket():
    found = ladder([(0.3, 0)], [(0.1, 0), (0.2, 0)])
    assert found.cumulative[0] < 0, "rounding alone"
    assert found.first_negative is None
    assert ladder([(0.1, 0)], [(0.3, 0)]).first_negative == 0


def test_without_deposits_ratios_are_not_defined():
    assert ladder([(5, 0)], []).ratio == (None,) * 7


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: steps([1, 2], [1, 2, 3], [1, 7, inf]), "'assets' has 2 buckets, expected 3"),
        (lambda: steps([1, 2, 3], [1, 2], [1, 7, inf]), "'deposits' has 2 buckets, expected 3"),
        (lambda: steps([1, -2, 3], [1, 2, 3], [1, 7, inf]), "'assets, bucket 1' is -2"),
        (lambda: ladder([], [], [7, 1, inf]), "'bounds' are .* expected days that rise"),
        (lambda: ladder([], [], [1, 7]), "'bounds' are .* expected days that rise"),
        (lambda: ladder([], [], []), "'bounds' are"),
        (lambda: ladder([], [], [1, nan, inf]), "'bounds' are"),
        (lambda: ladder([(-1, 0)], []), "ladder, asset 0: 'amount' is -1"),
        (lambda: ladder([(1, -1)], []), "ladder, asset 0: 'day' is -1"),
        (lambda: ladder([], [(1, 0), (1, nan)]), "ladder, deposit 1: 'notice' is nan"),
        (lambda: average_life([(1, -1)]), "average_life, item 0: 'time' is -1"),
        (lambda: lives([(-1, None)], []), "lives: 'amount' is -1"),
        (lambda: duration([(1, 1)], -1), "duration: 'rate' is -1"),
        (lambda: duration([(1, 1)], -2), "duration: 'rate' is -2"),
    ],
)
def test_tables_that_cannot_be_are_refused(call, words):
    with pytest.raises(ModelError, match=words):
        call()


@given(ASSETS, DEPOSITS)
def test_the_ladder_adds_up(assets, deposits):
    found = ladder(assets, deposits)
    assert found.cumulative[-1] == pytest.approx(
        sum(amount for amount, _ in assets) - sum(amount for amount, _ in deposits), rel=1e-8, abs=1e-3
    )
    assert found.worst == min(found.cumulative)
    below = [index for index, total in enumerate(found.cumulative) if total < -1e-3]
    if below:
        assert found.first_negative is not None
        assert found.first_negative <= below[0]


@given(ASSETS, DEPOSITS)
def test_totals_give_the_worst_of_the_first_three_buckets(assets, deposits):
    found = ladder(assets, deposits)
    came, went = np.cumsum(found.assets), np.cumsum(found.deposits)
    totals = dict(zip(worst_gap.inputs, [*came[:3], *went[:3]], strict=True))
    assert worst_gap(**totals) == pytest.approx(min(found.cumulative[:3]), rel=1e-8, abs=1e-3)
    if min(abs(total) for total in found.cumulative[:3]) > 1e-2:
        short = found.first_negative
        assert first_gap(**totals) == ((1, 7, 30)[short] if short is not None and short < 3 else None)


def test_average_life_is_weighted_by_amount():
    assert average_life([(25, 10), (75, 50)]) == pytest.approx(40, rel=1e-8)
    assert average_life([]) is None
    assert average_life([(0, 5)]) is None


def test_an_asset_without_an_end_leaves_the_gap_open():
    found = lives([(60, 0), (20, 1000), (20, None)], [(100, 0)])
    assert (found.assets, found.gap) == (None, None)
    assert (found.dated, found.undated_share, found.deposits) == (250, 0.2, 0)
    assert lives([(5, None), (0, 3)], [(1, 0)]).dated is None
    assert lives([], []) == module.Lives(None, None, None, None, None)
    assert lives([(60, 0), (20, 1000)], []).gap is None


@given(st.floats(0.001, 0.3), st.integers(1, 40))
def test_the_duration_of_a_bond_at_par_is_that_of_its_closed_form(rate, years):
    bond = [(rate, year) for year in range(1, years)] + [(1 + rate, years)]
    macaulay, modified = duration(bond, rate)
    assert macaulay == pytest.approx((1 + rate) / rate * (1 - (1 + rate) ** -years), rel=1e-8)
    assert modified == pytest.approx(macaulay / (1 + rate), rel=1e-8)


@given(st.floats(-0.2, 0.5), st.floats(0, 40))
def test_the_duration_of_a_single_payment_is_its_time(rate, years):
    assert duration([(100, years)], rate)[0] == pytest.approx(years, rel=1e-8)


def test_modified_duration_is_the_loss_of_value_for_a_rise_of_the_rate():
    payments = [(5, 1), (5, 2), (105, 3)]
    value = lambda rate: sum(amount * (1 + rate) ** -years for amount, years in payments)  # noqa: E731
    slope = (value(0.07 + 1e-6) - value(0.07 - 1e-6)) / 2e-6
    assert duration(payments, 0.07)[1] == pytest.approx(-slope / value(0.07), rel=1e-6)


def test_nothing_paid_has_no_duration():
    assert duration([], 0.05) is None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law", ["assert_monotone", "assert_bounds_contain", "assert_range_holds", "assert_columns_match"]
)
def test_models_keep_the_laws(law, model):
    getattr(laws, law)(model, examples=30)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_models_refuse_the_impossible(model):
    laws.assert_refuses_the_impossible(model)


def test_the_examples_in_their_words_hold():
    laws.assert_examples_hold(module)
