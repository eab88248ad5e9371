"""What is promised, what is earned, and who pays the difference."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import yields
from checker.metrics.model import ModelError
from checker.metrics.yields import (
    AttributableYield,
    Line,
    Source,
    Tier,
    attributable,
    attributable_yields,
    blended_rate,
    coverage,
    excess,
    gap,
    gap_split,
    headline_premium,
    interest,
    platform_rate,
    unexplained_part,
    unexplained_share,
)

BLOCKFI = [Tier(25, 0.062), Tier(None, 0.02)]
RATES = st.floats(-0.5, 1.0)
PROMISES = st.floats(0.0, 1.0)


@pytest.mark.parametrize("model", laws.models_of(yields), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model)
    laws.assert_bounds_contain(model)
    laws.assert_range_holds(model)
    laws.assert_columns_match(model)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(yields)


@pytest.mark.parametrize(("balance", "rate"), [(25, 0.062), (100, 0.0305)])
def test_blockfi_pays_the_blended_rate_of_its_two_tiers(balance, rate):
    assert blended_rate(balance, BLOCKFI) == pytest.approx(rate, rel=1e-8)


def test_blockfi_headline_premium():
    assert headline_premium(25, BLOCKFI) == pytest.approx(0, abs=1e-12)
    assert headline_premium(100, BLOCKFI) == pytest.approx(0.0315, rel=1e-8)


def test_at_the_edge_of_two_tiers_the_lower_applies_in_full():
    tiers = [Tier(10, 0.08), Tier(20, 0.04), Tier(None, 0.0)]
    assert interest(10, tiers) == pytest.approx(0.8, rel=1e-8)
    assert interest(20, tiers) == pytest.approx(1.2, rel=1e-8)
    assert interest(1000, tiers) == pytest.approx(1.2, rel=1e-8)


def test_an_empty_account_has_interest_of_nothing_and_no_rate():
    assert interest(0, BLOCKFI) == 0
    assert blended_rate(0, BLOCKFI) is None
    assert headline_premium(0, BLOCKFI) is None


def test_balances_in_a_column_get_the_rates_of_single_balances():
    balances = np.array([0.0, 1.0, 25.0, 26.0, 1e6])
    rates = blended_rate(balances, BLOCKFI)
    assert np.isnan(rates[0])
    assert rates[1:] == pytest.approx([blended_rate(float(balance), BLOCKFI) for balance in balances[1:]], rel=1e-12)
    assert interest(balances, BLOCKFI)[1:] == pytest.approx(rates[1:] * balances[1:], rel=1e-12)


@given(st.lists(st.just(0.0) | st.floats(1e-6, 1e4), min_size=2, max_size=6).map(sorted))
def test_falling_tiers_pay_larger_balances_a_lower_rate(balances):
    rates = [rate for rate in (blended_rate(balance, BLOCKFI) for balance in balances) if rate is not None]
    assert all(high <= low + 1e-12 for low, high in pairwise(rates))
    assert all(0.02 - 1e-12 <= rate <= 0.062 + 1e-12 for rate in rates)


def test_tiers_of_a_line_apply_to_each_account_and_not_to_the_total():
    assert platform_rate([Line(100, 4, BLOCKFI)]) == pytest.approx(0.062, rel=1e-8)
    assert platform_rate([Line(100, 1, BLOCKFI)]) == pytest.approx(0.0305, rel=1e-8)


def test_the_platform_rate_weighs_lines_by_balance():
    lines = [Line(100, 1, BLOCKFI), Line(300, 2, [Tier(None, 0.1)])]
    assert platform_rate(lines) == pytest.approx((3.05 + 30) / 400, rel=1e-8)


def test_a_platform_that_owes_nothing_promises_no_rate():
    assert platform_rate([]) is None
    assert platform_rate([Line(0, 5, BLOCKFI)]) is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interest(-1, BLOCKFI), "yields.interest: 'balance' is -1, expected a number of at least 0"),
        (lambda: interest(float("nan"), BLOCKFI), "'balance' is nan"),
        (lambda: interest(1, []), "'tiers' must end in exactly one band without an upper end"),
        (lambda: interest(1, [Tier(5, 0.1)]), "'tiers' must end in exactly one band without an upper end"),
        (lambda: interest(1, [Tier(None, 0.1), Tier(None, 0.2)]), "'tiers' must end in exactly one band"),
        (lambda: interest(1, [Tier(9, 0.1), Tier(5, 0.1), Tier(None, 0)]), "'tiers' must have rising upper ends"),
        (lambda: interest(1, [Tier(0, 0.1), Tier(None, 0)]), "'tiers' must have rising upper ends"),
        (lambda: interest(1, [Tier(None, -0.1)]), "'tiers.rate' is -0.1"),
        (lambda: platform_rate([Line(1, 0.5, BLOCKFI)]), "'accounts' is 0.5"),
        (lambda: platform_rate([Line(-1, 1, BLOCKFI)]), "'balance' is -1"),
        (lambda: attributable_yields([Source(-1, 0.1, 1)], deposits=1), "'amount' is -1"),
        (lambda: attributable_yields([Source(1, -1.1, 1)], deposits=1), "'rate' is -1.1"),
        (lambda: attributable_yields([Source(1, 0.1, 1.5)], deposits=1), "'verified' is 1.5"),
        (lambda: attributable_yields([], deposits=-1), "'deposits' is -1"),
    ],
)
def test_impossible_input_is_refused_by_name(call, words):
    with pytest.raises(ModelError) as raised:
        call()
    assert words in str(raised.value)


def test_anchor_earned_8_6_per_cent_in_january_and_5_2_in_spring_2022():
    assert attributable(income=432e6, deposits=5e9) == pytest.approx(0.086, abs=0.0005)
    spring = attributable(income=2e6 * 365, deposits=7.5e6 * 365 / 0.195)
    assert spring == pytest.approx(0.052, rel=1e-8)
    assert coverage(promised=0.195, attributable=spring) == pytest.approx(2 / 7.5, rel=1e-8)
    assert gap(promised=0.195, attributable=spring) == pytest.approx(0.143, rel=1e-8)


def test_evidence_weighs_gains_and_own_tokens_earn_nothing():
    sources = [Source(60, 0.10, 1), Source(30, 0.20, 0.5), Source(10, 0.50, 0), Source(40, 0.9, 1, own_token=True)]
    found = attributable_yields(sources, deposits=100, costs=1, expected_loss=2)
    assert found.given == pytest.approx((6 + 3 - 3) / 100, rel=1e-8)
    assert found.upper == pytest.approx((6 + 6 + 5 - 3) / 100, rel=1e-8)


def test_an_admitted_loss_counts_in_full_however_weak_its_evidence():
    found = attributable_yields([Source(100, 0.1, 1), Source(100, -0.04, 0)], deposits=100)
    assert found.given == found.upper == pytest.approx(0.06, rel=1e-8)
    token = attributable_yields([Source(100, -0.04, 0, own_token=True)], deposits=100)
    assert token.given == pytest.approx(-0.04, rel=1e-8)


def test_without_deposits_no_yield_is_defined():
    assert attributable_yields([Source(1, 0.1, 1)], deposits=0) == AttributableYield(None, None)


@given(
    st.lists(st.builds(Source, st.floats(0, 100), st.floats(-1, 2), st.floats(0, 1), st.booleans()), max_size=5),
    st.floats(1, 1000),
)
def test_better_evidence_never_lowers_the_yield(sources, deposits):
    found = attributable_yields(sources, deposits=deposits)
    assert found.given <= found.upper + 1e-12
    proven = attributable_yields([source._replace(verified=1) for source in sources], deposits=deposits)
    assert proven.given == proven.upper == pytest.approx(found.upper, rel=1e-12)


def test_no_unexplained_share_where_no_more_than_the_benchmark_is_promised():
    assert unexplained_share(promised=0.05, attributable=0.01, benchmark=0.05) is None
    assert unexplained_share(promised=0.04, attributable=0.01, benchmark=0.05) is None
    assert excess(promised=0.04, benchmark=0.05) == pytest.approx(-0.01, rel=1e-8)


def test_the_unexplained_share_passes_one_where_less_than_the_benchmark_is_earned():
    assert unexplained_share(promised=0.15, attributable=0.0, benchmark=0.05) == pytest.approx(1.5, rel=1e-8)


def test_nothing_promised_has_no_coverage():
    assert coverage(promised=0, attributable=0.05) is None


@given(PROMISES, RATES, st.floats(-0.02, 0.2), st.floats(0, 0.5))
def test_the_parts_of_a_promise_add_up_to_it_and_none_is_negative(promised, earned, benchmark, subsidy):
    split = gap_split(promised=promised, attributable=earned, benchmark=benchmark, subsidy=subsidy)
    parts = [split.benchmark, split.disclosed, split.subsidy, split.unexplained]
    assert min(parts) >= 0
    assert split.promised == pytest.approx(promised, rel=1e-15, abs=1e-15)
    assert split.benchmark + split.disclosed == pytest.approx(min(promised, max(earned, 0)), rel=1e-12, abs=1e-15)
    shortfall = max(0, gap(promised=promised, attributable=max(earned, 0.0)))
    assert split.subsidy + split.unexplained == pytest.approx(shortfall, rel=1e-12, abs=1e-15)
    assert split.benchmark <= max(benchmark, 0)
    assert split.subsidy <= subsidy
    assert split.retained == pytest.approx(max(0, earned - promised), abs=1e-15)


def test_a_benchmark_that_is_not_earned_explains_nothing():
    split = gap_split(promised=0.12, attributable=0.0, benchmark=0.05)
    assert (split.benchmark, split.disclosed, split.unexplained) == (0, 0, 0.12)


def test_a_net_loss_is_no_part_of_the_promise():
    split = gap_split(promised=0.12, attributable=-0.3, benchmark=0.05, subsidy=0.02)
    assert (split.benchmark, split.disclosed, split.subsidy) == (0, 0, 0.02)
    assert split.unexplained == pytest.approx(0.10, rel=1e-8)


def test_a_subsidy_that_is_not_needed_explains_nothing():
    split = gap_split(promised=0.1, attributable=0.08, benchmark=0.05, subsidy=0.5)
    assert split.subsidy == pytest.approx(0.02, rel=1e-8)
    assert split.unexplained == 0


def test_a_negative_benchmark_counts_as_none():
    split = gap_split(promised=0.03, attributable=0.02, benchmark=-0.005)
    assert (split.benchmark, split.disclosed) == (0, 0.02)


def test_the_unexplained_part_is_the_share_of_the_excess_where_the_benchmark_is_earned_and_nothing_subsidised():
    promised, earned, benchmark = 0.195, 0.0864, 0.005
    part = unexplained_part(promised=promised, attributable=earned)
    share = unexplained_share(promised=promised, attributable=earned, benchmark=benchmark)
    assert part == pytest.approx(share * excess(promised=promised, benchmark=benchmark), rel=1e-8)


def test_a_negative_promise_is_refused():
    with pytest.raises(ModelError, match=r"'promised' is -0\.1"):
        gap_split(promised=-0.1, attributable=0, benchmark=0)
