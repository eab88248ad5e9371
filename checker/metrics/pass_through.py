"""Does the paid rate follow the market it is said to come from?

A rate that is earned in a market moves with that market. The changes of the paid rate are regressed on the changes of
the market rate: a slope of 1 is full pass-through, a slope of 0 a rate that somebody sets and pays for in some other
way. Changes are used because two levels that both drift give a large t value for nothing (Granger & Newbold 1974).

Source: ordinary least squares; Newey & West (1987) for standard errors under autocorrelation, with Bartlett weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

import numpy as np

from checker.metrics._columns import history
from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

__all__ = ["Fit", "PassThrough", "Verdict", "changes_needed", "levels_fit", "ols", "pass_through"]

FEWEST = 12
"""Changes below which no slope is judged."""
ALPHA = 0.05
EXACT = 1e-9
"""A slope this close to the tested one counts as equal to it."""
STILL = 1e-12
"""A history whose spread is below this share of its size has not moved."""


class Verdict(StrEnum):
    """What the histories show."""

    CONSTANT = "constant"
    DECOUPLED = "decoupled"
    PASS_THROUGH = "pass_through"
    PARTIAL = "partial"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Fit:
    """A straight line through points, y = intercept + slope x.

    Attributes:
        slope: Slope.
        intercept: Value at x = 0.
        se_slope: Standard error of the slope.
        se_intercept: Standard error of the intercept.
        residual_sd: Standard deviation of the residuals, with n - 2 degrees of freedom.
        r_squared: Share of the variance of y explained; None where y does not vary.
        n: Points.
        lags: Lags of the Newey-West standard errors; None where they are classical.
        autocorrelation: Correlation of residuals that follow each other; None where all are 0.
    """

    slope: float
    intercept: float
    se_slope: float
    se_intercept: float
    residual_sd: float
    r_squared: float | None
    n: int
    lags: int | None
    autocorrelation: float | None

    def p_value(self, slope: float) -> float:
        """Two-sided probability of a slope at least this far off if the true one were `slope` (t, n - 2)."""
        from scipy.special import stdtr

        if abs(self.slope - slope) < EXACT:
            return 1.0
        if self.se_slope == 0:
            return 0.0
        return float(2 * stdtr(self.n - 2, -abs((self.slope - slope) / self.se_slope)))


def ols(y: Sequence[float] | Column, x: Sequence[float] | Column, *, lags: int | None = None) -> Fit:
    """Least-squares line with classical or Newey-West standard errors.

    Formula: b = (X'X)^-1 X'y. Classical: s^2 (X'X)^-1 with s^2 = u'u / (n - 2). Newey-West: (X'X)^-1 S (X'X)^-1 with
    S = sum over |k| <= L of (1 - |k|/(L+1)) sum over t of u_t u_(t-k) x_t x_(t-k)', without small-sample factor.

    Args:
        y: Explained.
        x: Explaining, of the same length.
        lags: Lags L of Newey-West; None for classical standard errors.

    Raises:
        ModelError: fewer than three points, lengths that differ, an x that does not vary, or impossible lags.

    >>> fit = ols([1, 3, 5, 7.5], [0, 1, 2, 3])
    >>> round(fit.slope, 6), round(fit.se_slope, 6)
    (2.15, 0.086603)
    """
    where = "pass_through.ols"
    explained, explaining = history(where, "y", y), history(where, "x", x)
    n = len(explained)
    if n != len(explaining):
        raise ModelError(f"{where}: 'y' has {n} numbers and 'x' {len(explaining)}, expected as many")
    if n < 3:
        raise ModelError(f"{where}: 'x' has {n} numbers, expected at least 3 for a line and its error")
    if _still(explaining):
        raise ModelError(f"{where}: 'x' is {explaining[0]:g} throughout, expected it to vary")
    if lags is not None and not 0 <= lags < n:
        raise ModelError(f"{where}: 'lags' is {lags}, expected a whole number from 0 to {n - 1}")
    design = np.column_stack([np.ones(n), explaining])
    intercept, slope = np.linalg.lstsq(design, explained, rcond=None)[0]
    residuals = explained - intercept - slope * explaining
    left = float(residuals @ residuals)
    spread = float(((explained - explained.mean()) ** 2).sum())
    inverse = np.linalg.pinv(design)
    if lags is None:
        covariance = inverse @ inverse.T * left / (n - 2)
    else:
        scores = design * residuals[:, np.newaxis]
        middle = scores.T @ scores
        for k in range(1, lags + 1):
            shifted = scores[k:].T @ scores[:-k]
            middle += (1 - k / (lags + 1)) * (shifted + shifted.T)
        bread = inverse @ inverse.T
        covariance = bread @ middle @ bread
    se_intercept, se_slope = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Fit(
        float(slope),
        float(intercept),
        float(se_slope),
        float(se_intercept),
        sqrt(left / (n - 2)),
        1 - left / spread if spread else None,
        n,
        lags,
        float(residuals[1:] @ residuals[:-1] / left) if left else None,
    )


@model(
    unit="count",
    inputs={
        "slope": Input("ratio", -1),
        "noise": Input("rate", +1),
        "market": Input("rate", -1),
        "alpha": Input("share", -1, (0.0, 0.5), ALPHA),
        "power": Input("share", +1, (0.5, 1.0), 0.8),
    },
    range=(2.0, inf),
    never="no number of changes shows a slope of nothing, or of a market that stands still",
)
def changes_needed(slope: Column, noise: Column, market: Column, alpha: Column, power: Column) -> Column:
    """How many changes it takes to tell a slope from none.

    Formula: n = ceil((z(1 - alpha/2) + z(power))^2 noise^2 / (slope^2 market^2)) + 2.

    Args:
        slope: Size of the slope to be told from 0.
        noise: Standard deviation of the residuals.
        market: Standard deviation of the changes of the market rate.
        alpha: Level of the two-sided test.
        power: Probability of telling it.

    >>> changes_needed(slope=0.5, noise=0.01, market=0.01)
    34.0
    """
    from scipy.special import ndtri

    signal = slope * market
    reach = ndtri(1 - alpha / 2) + ndtri(power)
    return np.where(signal > 0, np.ceil((reach * noise / signal) ** 2) + 2, inf)


@dataclass(frozen=True)
class PassThrough:
    """Whether the paid rate follows the market, with what the answer rests on.

    Attributes:
        verdict: What the histories show.
        reason: Why, in one sentence.
        changes: Changes of the two rates that were used.
        market_move: Highest less lowest market rate.
        paid_move: Highest less lowest paid rate.
        fit: The line through the changes; None where there was too little to fit.
        p_none: Probability of such a slope if nothing were passed through.
        p_full: Probability of such a slope if everything were passed through.
        needed: Changes needed to tell a slope of one half from none with 80% probability at the noise seen.
    """

    verdict: Verdict
    reason: str
    changes: int
    market_move: float
    paid_move: float
    fit: Fit | None = None
    p_none: float | None = None
    p_full: float | None = None
    needed: float | None = None


def pass_through(
    paid: Sequence[float] | Column,
    market: Sequence[float] | Column,
    *,
    lags: int | None = None,
    alpha: float = ALPHA,
) -> PassThrough:
    """Whether the paid rate follows the market rate it is said to come from.

    The line runs through first differences. Verdict at level `alpha`, p being the two-sided probability of such a
    slope: `decoupled` where none is not refuted and 1 is; `pass_through` the other way round; `partial` where both are
    refuted; `undecided` where neither is, below twelve changes, or where the market did not move. A paid rate that
    never changed while the market did is `constant` however short the history: an administered rate, bad only where
    the market moved far (`market_move`) and the difference is paid from reserves or new money.

    Args:
        paid: Rate paid at equal steps of time, weekly or monthly.
        market: Market rate at the same dates.
        lags: Lags of Newey-West standard errors; None takes classical ones unless the residuals are autocorrelated
            (first correlation beyond 1.96/sqrt(n)), then floor(4 (n/100)^(2/9)) lags, at least one.
        alpha: Level of the tests.

    Raises:
        ModelError: histories of different length, of fewer than two dates, or with gaps.

    >>> market = [0.05, 0.04, 0.06, 0.03, 0.05, 0.07, 0.04, 0.06, 0.05, 0.03, 0.04, 0.06, 0.05]
    >>> pass_through([0.195] * 13, market).verdict.value
    'constant'
    """
    where = "pass_through.pass_through"
    rates, market_rates = history(where, "paid", paid), history(where, "market", market)
    if len(rates) != len(market_rates) or len(rates) < 2:
        raise ModelError(
            f"{where}: 'paid' has {len(rates)} dates and 'market' {len(market_rates)}, expected the same, two or more"
        )
    number(where, "alpha", alpha, 0, 1)
    if lags is not None and lags < 0:
        raise ModelError(f"{where}: 'lags' is {lags}, expected a whole number of at least 0")
    changes = len(rates) - 1
    moves = (changes, float(np.ptp(market_rates)), float(np.ptp(rates)))
    if _still(market_rates):
        return PassThrough(Verdict.UNDECIDED, "The market rate never changed.", *moves)
    if _still(rates):
        return PassThrough(Verdict.CONSTANT, "The paid rate never changed while the market rate did.", *moves)
    if changes < FEWEST:
        reason = f"{changes} changes are too few to judge a slope; at least {FEWEST} are needed."
        return PassThrough(Verdict.UNDECIDED, reason, *moves)
    steps = np.diff(market_rates)
    if np.ptp(steps) <= STILL * np.abs(market_rates).max():
        return PassThrough(Verdict.UNDECIDED, "The market rate changed by the same step every time.", *moves)
    fit = _fit(np.diff(rates), steps, lags)
    p_none, p_full = fit.p_value(0.0), fit.p_value(1.0)
    needed = changes_needed(slope=0.5, noise=fit.residual_sd, market=float(np.std(steps, ddof=1)))
    verdict, reason = _judged(p_none >= alpha, p_full >= alpha)
    return PassThrough(verdict, reason, *moves, fit, p_none, p_full, needed)


def levels_fit(paid: Sequence[float] | Column, market: Sequence[float] | Column, *, lags: int) -> Fit:
    """The line through the levels themselves: a second view, never the verdict.

    Two rates that drift give a large t value for nothing, so standard errors must allow for autocorrelation.

    Args:
        paid: Rate paid at equal steps of time.
        market: Market rate at the same dates.
        lags: Lags of the Newey-West standard errors, at least one.

    Raises:
        ModelError: no lags, or as `ols`.
    """
    if lags < 1:
        raise ModelError(f"pass_through.levels_fit: 'lags' is {lags}, expected at least 1 where levels are compared")
    return ols(paid, market, lags=lags)


def _still(values: Column) -> bool:
    return bool(np.ptp(values) <= STILL * np.abs(values).max())


def _fit(paid: Column, market: Column, lags: int | None) -> Fit:
    fit = ols(paid, market, lags=lags)
    linked = fit.autocorrelation is not None and abs(fit.autocorrelation) > 1.96 / sqrt(fit.n)
    if lags is None and linked:
        return ols(paid, market, lags=max(1, int(4 * (fit.n / 100) ** (2 / 9))))
    return fit


def _judged(none_possible: bool, full_possible: bool) -> tuple[Verdict, str]:
    if none_possible and full_possible:
        return Verdict.UNDECIDED, "The changes fit no pass-through as well as full pass-through."
    if none_possible:
        return Verdict.DECOUPLED, "The changes fit no pass-through and refute full pass-through."
    if full_possible:
        return Verdict.PASS_THROUGH, "The changes fit full pass-through and refute none."
    return Verdict.PARTIAL, "The changes refute both no and full pass-through."
