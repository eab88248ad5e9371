"""Does the paid rate follow the market: regression, verdicts, refusals."""

import csv
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from unit.metrics import laws

from checker.metrics import pass_through as module
from checker.metrics.model import ModelError
from checker.metrics.pass_through import Verdict, changes_needed, levels_fit, ols, pass_through

NORRIS = Path(__file__).parents[2] / "data" / "nist_norris.csv"
SEEDS = st.integers(0, 2**32 - 1)


def market_of(changes, seed=1):
    return 0.05 + np.random.default_rng(seed).normal(0, 0.01, changes + 1).cumsum()


def paid_of(market, slope, noise=0.0005, seed=2):
    steps = slope * np.diff(market) + np.random.default_rng(seed).normal(0, noise, len(market) - 1)
    return np.concatenate([[0.1], 0.1 + steps.cumsum()])


@pytest.fixture(scope="module")
def norris():
    with NORRIS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 36
    return np.array([float(row["y"]) for row in rows]), np.array([float(row["x"]) for row in rows])


@pytest.mark.parametrize("model", laws.models_of(module), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model)
    laws.assert_bounds_contain(model)
    laws.assert_range_holds(model)
    laws.assert_columns_match(model)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(module)


def test_the_certified_line_of_nist_norris(norris):
    fit = ols(*norris)
    assert fit.slope == pytest.approx(1.00211681802045, rel=1e-10)
    assert fit.intercept == pytest.approx(-0.262323073774029, rel=1e-10)
    assert fit.se_slope == pytest.approx(0.000429796848199937, rel=1e-8)
    assert fit.se_intercept == pytest.approx(0.232818234301152, rel=1e-8)
    assert fit.residual_sd == pytest.approx(0.884796396144373, rel=1e-8)
    assert fit.r_squared == pytest.approx(0.999993745883712, rel=1e-10)
    assert fit.n == 36
    assert fit.lags is None


@pytest.mark.parametrize("lags", [0, 1, 3, 8])
def test_newey_west_is_the_double_sum_over_all_pairs_of_residuals(norris, lags):
    y, x = norris
    fit = ols(y, x, lags=lags)
    residuals = y - fit.intercept - fit.slope * x
    design = np.column_stack([np.ones_like(x), x])
    middle = np.zeros((2, 2))
    for s in range(len(x)):
        for t in range(len(x)):
            weight = max(0.0, 1 - abs(s - t) / (lags + 1))
            middle += weight * residuals[s] * residuals[t] * np.outer(design[s], design[t])
    bread = np.linalg.inv(design.T @ design)
    variances = np.diag(bread @ middle @ bread)
    assert fit.se_intercept == pytest.approx(sqrt(variances[0]), rel=1e-8)
    assert fit.se_slope == pytest.approx(sqrt(variances[1]), rel=1e-8)


@given(SEEDS, st.integers(3, 40))
@settings(max_examples=30)
def test_the_line_and_its_p_value_are_those_of_scipy(seed, n):
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    fit, judge = ols(y, x), stats.linregress(x, y)
    assert fit.slope == pytest.approx(judge.slope, rel=1e-8)
    assert fit.intercept == pytest.approx(judge.intercept, rel=1e-8, abs=1e-12)
    assert fit.se_slope == pytest.approx(judge.stderr, rel=1e-8)
    assert fit.p_value(0) == pytest.approx(judge.pvalue, rel=1e-8)


def test_34_changes_tell_a_slope_of_one_half_at_equal_noise():
    assert changes_needed(slope=0.5, noise=0.01, market=0.01) == 34
    reach = stats.norm.ppf(0.975) + stats.norm.ppf(0.9)
    assert changes_needed(slope=0.3, noise=0.02, market=0.01, power=0.9) == ceil((reach * 2 / 0.3) ** 2) + 2


def test_no_number_of_changes_tells_a_slope_of_nothing():
    assert changes_needed(slope=0, noise=0.01, market=0.01) is None
    assert changes_needed(slope=0.5, noise=0.01, market=0) is None


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(1.0, Verdict.PASS_THROUGH), (0.0, Verdict.DECOUPLED), (0.5, Verdict.PARTIAL), (1.5, Verdict.PARTIAL)],
)
def test_a_slope_of_the_made_history_gets_its_verdict(slope, verdict):
    market = market_of(40)
    found = pass_through(paid_of(market, slope), market)
    assert found.verdict is verdict
    assert found.fit.slope == pytest.approx(slope, abs=0.05)
    assert found.changes == 40
    assert (found.p_none >= 0.05) == (slope == 0)
    assert (found.p_full >= 0.05) == (slope == 1)


def test_noise_that_hides_the_slope_leaves_it_undecided_and_says_how_long_to_wait():
    market = market_of(15)
    found = pass_through(paid_of(market, 0.5, noise=0.05), market)
    assert found.verdict is Verdict.UNDECIDED
    assert found.p_none >= 0.05
    assert found.p_full >= 0.05
    assert found.needed > 15
    assert "fit no pass-through as well as full" in found.reason


def test_a_paid_rate_that_never_changed_is_constant_however_short_its_history():
    market = [0.05, 0.07, 0.03]
    found = pass_through([0.195] * 3, market)
    assert found.verdict is Verdict.CONSTANT
    assert found.market_move == pytest.approx(0.04, rel=1e-8)
    assert found.paid_move == 0
    assert found.fit is None
    assert pass_through([0.195] * 41, market_of(40)).verdict is Verdict.CONSTANT


def test_eleven_changes_are_refused_and_twelve_judged():
    for changes, verdict in ((11, Verdict.UNDECIDED), (12, Verdict.PASS_THROUGH)):
        market = market_of(changes)
        found = pass_through(paid_of(market, 1.0, noise=0.0001), market)
        assert found.verdict is verdict
        assert (found.fit is None) == (changes < 12)
    short = market_of(11)
    assert "11 changes are too few" in pass_through(paid_of(short, 0.0), short).reason


def test_a_market_that_stood_still_decides_nothing():
    for paid in ([0.1] * 20, market_of(19)):
        found = pass_through(paid, [0.03] * 20)
        assert found.verdict is Verdict.UNDECIDED
        assert "never changed" in found.reason
    steady = pass_through(paid_of(market_of(19), 1.0), 0.03 + 0.001 * np.arange(20))
    assert steady.verdict is Verdict.UNDECIDED
    assert "same step" in steady.reason


@pytest.mark.parametrize(
    ("slope", "verdict", "p_none", "p_full"),
    [(1.0, Verdict.PASS_THROUGH, 0.0, 1.0), (0.5, Verdict.PARTIAL, 0.0, 0.0)],
)
def test_an_exact_fit_is_certain(slope, verdict, p_none, p_full):
    market = market_of(24)
    found = pass_through(0.01 + slope * market, market)
    assert found.verdict is verdict
    assert found.p_none == pytest.approx(p_none, abs=1e-12)
    assert found.p_full == pytest.approx(p_full, abs=1e-12)


def test_a_slope_without_any_error_is_certain():
    fit = ols([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0])
    assert fit.p_value(1.0) == 1
    assert fit.p_value(0.5) == pytest.approx(0, abs=1e-12)


def test_autocorrelated_residuals_get_newey_west_errors():
    market = market_of(60)
    swing = np.concatenate([[0.0], (0.001 * np.sin(np.arange(60) / 3)).cumsum()])
    found = pass_through(market + swing, market)
    assert found.fit.autocorrelation > 1.96 / sqrt(60)
    assert found.fit.lags == 3
    steps = np.diff(market + swing), np.diff(market)
    assert found.fit.se_slope == pytest.approx(ols(*steps, lags=3).se_slope, rel=1e-8)
    assert pass_through(paid_of(market, 1.0), market).fit.lags is None
    assert pass_through(paid_of(market, 1.0), market, lags=2).fit.lags == 2


@given(SEEDS, st.floats(-1, 1), st.floats(0.1, 10))
@settings(max_examples=30)
def test_the_verdict_depends_neither_on_the_level_nor_on_the_unit_of_the_rates(seed, level, unit):
    market = market_of(20, seed)
    paid = paid_of(market, 0.6, noise=0.005, seed=seed)
    one, other = pass_through(paid, market), pass_through(unit * (paid + level), unit * (market - level))
    assert one.verdict is other.verdict
    assert one.fit.slope == pytest.approx(other.fit.slope, rel=1e-6, abs=1e-9)


def test_about_one_in_twenty_histories_of_full_pass_through_is_refuted():
    refuted = 0
    for seed in range(400):
        market = market_of(24, seed)
        refuted += pass_through(paid_of(market, 1.0, noise=0.01, seed=seed + 10_000), market).p_full < 0.05
    assert 0.03 < refuted / 400 < 0.09


def test_levels_are_compared_with_lags_only():
    market = market_of(40)
    assert levels_fit(market + 0.01, market, lags=2).slope == pytest.approx(1, rel=1e-8)
    with pytest.raises(ModelError, match="'lags' is 0, expected at least 1 where levels are compared"):
        levels_fit(market, market, lags=0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pass_through([0.1], [0.1]), "'paid' has 1 dates and 'market' 1"),
        (lambda: pass_through([0.1, 0.2], [0.1, 0.2, 0.3]), "'paid' has 2 dates and 'market' 3"),
        (lambda: pass_through([0.1, float("nan")], [0.1, 0.2]), "'paid' is nan at position 1"),
        (lambda: pass_through([[0.1], [0.2]], [0.1, 0.2]), "'paid' has 2 dimensions"),
        (lambda: pass_through([0.1, 0.2], [0.1, 0.2], alpha=1.5), "'alpha' is 1.5"),
        (lambda: pass_through([0.1, 0.2], [0.1, 0.2], lags=-1), "'lags' is -1"),
        (lambda: ols([1, 2], [1, 2]), "'x' has 2 numbers, expected at least 3"),
        (lambda: ols([1, 2, 3], [1, 2]), "'y' has 3 numbers and 'x' 2"),
        (lambda: ols([1, 2, 3], [4, 4, 4]), "'x' is 4 throughout, expected it to vary"),
        (lambda: ols([1, 2, 3], [1, 2, 3], lags=3), "'lags' is 3, expected a whole number from 0 to 2"),
    ],
)
def test_impossible_histories_are_refused(call, words):
    with pytest.raises(ModelError) as raised:
        call()
    assert words in str(raised.value)
