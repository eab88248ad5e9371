"""The life of a scheme that pays old depositors from new deposits: cash against promises, from start to collapse.

A first deposit K; new deposits at s0 exp(r_i t) a year; a rate r_p promised, a rate r_n really earned; the share r_w of
the promised balance withdrawn each year. With g = r_p - r_w:

    promised balances   dV/dt = g V + s0 exp(r_i t),          V(0) = K
    cash                dS/dt = r_n S + s0 exp(r_i t) - r_w V, S(0) = starting cash

Both are sums of exponentials. Written with divided differences of x -> exp(x t),

    V = K exp(g t) + s0 [r_i, g]
    S = S(0) exp(r_n t) + s0 [r_i, r_n] - r_w (K [g, r_n] + s0 [r_i, g, r_n])

they hold where two or three of the rates coincide, without a special case. Rates are continuous, times in years.

Source: M. Artzrouni, "The mathematics of Ponzi schemes", Mathematical Social Sciences 58(2), 2009, 190-201, section 2;
the fit to Charles Ponzi from section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf

import numpy as np
from numpy.typing import NDArray

from checker.metrics._columns import amounts
from checker.metrics._root import crossing
from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

__all__ = [
    "CriticalGrowth",
    "InflowFit",
    "collapse_days",
    "coverage_after",
    "critical_growth",
    "fitted_inflow",
    "inflow_dependence",
    "scheme_cash",
    "scheme_promises",
]

YEAR = 365.0
HORIZON = 200.0
"""Years searched for a collapse."""
NEAR = 0.5
"""Spread of three exponents below which their divided difference is summed as a series."""
NOISE = 1e-12
HALVINGS = 16
"""Cash below nothing by less than this share of its terms is rounding, not collapse."""

SCHEME = {
    "first": Input("money", None),
    "start": Input("money", +1),
    "inflow": Input("money", None),
    "growth": Input("rate", None, (-inf, inf)),
    "promised": Input("rate", None),
    "earned": Input("rate", None, (-inf, inf)),
    "withdrawals": Input("rate", None),
}


def _pair(a: Column, b: Column, years: Column) -> Column:
    """(exp(a t) - exp(b t)) / (a - b), t exp(a t) where both are equal."""
    spread = np.abs(a - b)
    slope = np.where(spread == 0, years, -np.expm1(-spread * years) / np.where(spread == 0, 1.0, spread))
    return np.exp(np.maximum(a, b) * years) * slope


def _triple(a: Column, b: Column, c: Column, years: Column) -> Column:
    """Second divided difference of x -> exp(x t).

    Far rates are divided by their largest distance; near ones go into the series of Hermite and Genocchi,
    t^2 exp(m t) sum over k of h_k / (k + 2)!, h_k the complete homogeneous polynomial of distances from m.
    """
    low, mid, high = np.sort(np.stack(np.broadcast_arrays(a, b, c)), axis=0)
    spread = high - low
    near = spread * years < NEAR
    far = (_pair(mid, high, years) - _pair(low, mid, years)) / np.where(spread == 0, 1.0, spread)
    x, y = (np.where(near, end - mid, 0.0) * years for end in (low, high))
    total, power, h, scale = np.full_like(x, 0.5), np.ones_like(x), np.ones_like(x), 2.0
    for k in range(1, 16):
        power = power * x
        h = h * y + power
        scale *= k + 2
        total = total + h / scale
    return np.where(near, years**2 * np.exp(mid * years) * total, far)


def _promises(years: Column, first: Column, inflow: Column, growth: Column, net: Column, discount: Column) -> Column:
    pace = np.where(inflow > 0, growth, net)
    return first * np.exp((net - discount) * years) + inflow * _pair(pace - discount, net - discount, years)


def _fastest(inflow: Column, growth: Column, net: Column, earned: Column) -> Column:
    """The fastest of the rates at which money grows; amounts are discounted at it so that none can overflow."""
    return np.maximum(np.maximum(net, earned), np.where(inflow > 0, growth, -inf))


def _cash_terms(
    years: Column,
    first: Column,
    start: Column,
    inflow: Column,
    growth: Column,
    promised: Column,
    earned: Column,
    withdrawals: Column,
) -> tuple[Column, Column]:
    """Cash that came in and cash that went out, interest on both included, at the fastest of the rates discounted."""
    net = promised - withdrawals
    discount = _fastest(inflow, growth, net, earned)
    pace = np.where(inflow > 0, growth, net)
    g, i, n = net - discount, pace - discount, earned - discount
    gained = start * np.exp(n * years) + inflow * _pair(i, n, years)
    lost = withdrawals * (first * _pair(g, n, years) + inflow * _triple(i, g, n, years))
    return gained, lost


def _cash(years: Column, *scheme: Column) -> Column:
    gained, lost = _cash_terms(years, *scheme)
    return gained - lost


def scheme_promises(
    years: Column, *, first: float, inflow: float, growth: float, promised: float, withdrawals: float
) -> Column:
    """Promised balances over time, V(t).

    Args:
        years: Times.
        first: First deposit, K.
        inflow: New deposits a year at the start, s0.
        growth: Continuous yearly growth of new deposits, r_i.
        promised: Continuous rate promised, r_p.
        withdrawals: Share of promised balances withdrawn in a year, r_w.

    Raises:
        ModelError: a negative amount, rate or time, or one that is not a number.

    >>> scheme_promises(np.array([0.0, 1.0]), first=1, inflow=0, growth=0, promised=0.1, withdrawals=0.1)
    array([1., 1.])
    """
    where = "artzrouni.scheme_promises"
    _checked(where, first=first, inflow=inflow, promised=promised, withdrawals=withdrawals)
    number(where, "growth", growth, -inf)
    times = amounts(where, "years", years)
    return _promises(*np.broadcast_arrays(times, first, inflow, growth, promised - withdrawals, 0.0))


def scheme_cash(
    years: Column,
    *,
    first: float,
    start: float,
    inflow: float,
    growth: float,
    promised: float,
    earned: float,
    withdrawals: float,
) -> Column:
    """Cash over time, S(t); negative, and without meaning, once the scheme has collapsed.

    Args:
        years: Times.
        first: First deposit, K.
        start: Cash at the start, S(0): K, or more where a sponsor adds to it.
        inflow: New deposits a year at the start, s0.
        growth: Continuous yearly growth of new deposits, r_i.
        promised: Continuous rate promised, r_p.
        earned: Continuous rate really earned, r_n.
        withdrawals: Share of promised balances withdrawn in a year, r_w.

    Raises:
        ModelError: a negative amount, rate or time, or one that is not a number.

    >>> cash = scheme_cash(np.array([1.0]), first=1, start=1, inflow=0, growth=0, promised=0.1, earned=0, withdrawals=1)
    >>> cash.round(4)
    array([0.3406])
    """
    where = "artzrouni.scheme_cash"
    _checked(where, first=first, start=start, inflow=inflow, promised=promised, withdrawals=withdrawals)
    number(where, "growth", growth, -inf)
    number(where, "earned", earned, -inf)
    times = amounts(where, "years", years)
    scheme = np.broadcast_arrays(times, first, start, inflow, growth, promised, earned, withdrawals)
    _, _, _, deposits, pace, credited, own, taken = scheme
    return np.exp(_fastest(deposits, pace, credited - taken, own) * times) * _cash(*scheme)


def _checked(where: str, **values: float) -> None:
    for name, value in values.items():
        number(where, name, value)


@model(
    unit="days",
    inputs=SCHEME
    | {"first": Input("money", -1), "promised": Input("rate", -1), "earned": Input("rate", +1, (-inf, inf))},
    range=(0.0, inf),
    never="it does not run dry within 200 years, which holds only as long as deposits keep growing so",
)
def collapse_days(
    first: Column,
    start: Column,
    inflow: Column,
    growth: Column,
    promised: Column,
    earned: Column,
    withdrawals: Column,
) -> Column:
    """Days until the cash of the scheme is gone.

    Formula: the first t > 0 with S(t) <= 0. The net flow s0 exp(r_i t) - r_w V changes its sign at most once, at
    z = (s0 - r_w K) / (s0 (r_p - r_i)), t = ln(1 + (r_i - g) z) / (r_i - g), so cash at its own interest falls during
    one stretch of time at most, and the root lies there or nowhere. After long times what is left drowns in the noise
    of far larger flows, so that the stretch is looked at from its end towards its start.

    Args:
        first: First deposit, K.
        start: Cash at the start, S(0).
        inflow: New deposits a year at the start, s0.
        growth: Continuous yearly growth of new deposits, r_i.
        promised: Continuous rate promised, r_p.
        earned: Continuous rate really earned, r_n.
        withdrawals: Share of promised balances withdrawn in a year, r_w.

    Returns:
        Days; never where there is cash for 200 years.

    >>> round(collapse_days(first=1, start=1, inflow=1, growth=0, promised=0.1, earned=0.02, withdrawals=0.5) / 365, 2)
    12.56
    """
    scheme = (first, start, inflow, growth, promised, earned, withdrawals)
    falling, start_years, stop_years = _falling(first, inflow, growth, promised, withdrawals)
    dry, end = np.zeros_like(falling), stop_years
    for halvings in range(HALVINGS):
        at = start_years + (stop_years - start_years) * 0.5**halvings
        gained, lost = _cash_terms(at, *scheme)
        seen = falling & (gained - lost <= -NOISE * (gained + lost))
        dry, end = dry | seen, np.where(seen, at, end)
    return YEAR * crossing(_cash, start_years, end, scheme, dry)


def _falling(
    first: Column, inflow: Column, growth: Column, promised: Column, withdrawals: Column
) -> tuple[NDArray[np.bool_], Column, Column]:
    """Whether and between which years more is withdrawn than comes in."""
    lead = growth - (promised - withdrawals)
    surplus = inflow - withdrawals * first
    speed = inflow * (growth - promised)
    reach = -surplus / speed
    turned = np.where(lead == 0, reach, np.log1p(lead * reach) / np.where(lead == 0, 1.0, lead))
    turns = (reach > 0) & (lead * reach > -1) & (turned < HORIZON)
    below = (surplus < 0) | ((surplus == 0) & (speed < 0))
    start = np.where(below, 0.0, np.where(turns, turned, HORIZON))
    stop = np.where(below & turns, turned, HORIZON)
    return start < stop, start, stop


@model(unit="ratio", inputs={"days": Input("days", None, (0.0, YEAR * HORIZON))} | SCHEME)
def coverage_after(
    days: Column,
    first: Column,
    start: Column,
    inflow: Column,
    growth: Column,
    promised: Column,
    earned: Column,
    withdrawals: Column,
) -> Column:
    """Cash over promised balances after some days, S/V; negative, and without meaning, after the collapse.

    Args:
        days: Days from the start.
        first: First deposit, K.
        start: Cash at the start, S(0).
        inflow: New deposits a year at the start, s0.
        growth: Continuous yearly growth of new deposits, r_i.
        promised: Continuous rate promised, r_p.
        earned: Continuous rate really earned, r_n.
        withdrawals: Share of promised balances withdrawn in a year, r_w.

    Returns:
        Ratio; not defined where nothing is promised.

    >>> round(coverage_after(days=365, first=1, start=1, inflow=0, growth=0, promised=0.1, earned=0, withdrawals=0), 3)
    0.905
    """
    cash, promises = _positions(days, first, start, inflow, growth, promised, earned, withdrawals)
    return np.where(promises > 0, cash / promises, np.nan)


@model(
    unit="share",
    inputs={"days": Input("days", None, (0.0, YEAR * HORIZON))} | SCHEME | {"start": Input("money", 0)},
    range=(0.0, 1.0),
)
def inflow_dependence(
    days: Column,
    first: Column,
    start: Column,
    inflow: Column,
    growth: Column,
    promised: Column,
    earned: Column,
    withdrawals: Column,
) -> Column:
    """Share of withdrawals that earnings do not pay after some days.

    Formula: 1 - r_n S / W, kept between 0 and 1, with W = r_w V.

    Args:
        days: Days from the start.
        first: First deposit, K.
        start: Cash at the start, S(0).
        inflow: New deposits a year at the start, s0.
        growth: Continuous yearly growth of new deposits, r_i.
        promised: Continuous rate promised, r_p.
        earned: Continuous rate really earned, r_n.
        withdrawals: Share of promised balances withdrawn in a year, r_w.

    Returns:
        Share; not defined without withdrawals.

    >>> scheme = {"first": 1, "start": 1, "inflow": 0, "growth": 0, "promised": 0.1, "earned": 0.02}
    >>> round(inflow_dependence(days=0, **scheme, withdrawals=0.1), 2)
    0.8
    """
    cash, promises = _positions(days, first, start, inflow, growth, promised, earned, withdrawals)
    paid = withdrawals * promises
    return np.where(paid > 0, np.clip(1 - earned * cash / paid, 0.0, 1.0), np.nan)


def _positions(days: Column, *scheme: Column) -> tuple[Column, Column]:
    """Cash and promised balances, both discounted at the fastest of the rates."""
    first, _, inflow, growth, promised, earned, withdrawals = scheme
    years, net = days / YEAR, promised - withdrawals
    return _cash(years, *scheme), _promises(years, first, inflow, growth, net, _fastest(inflow, growth, net, earned))


@dataclass(frozen=True)
class CriticalGrowth:
    """How fast new deposits must grow for a scheme to live to a horizon.

    Attributes:
        rate: Continuous yearly growth above which it lives; None where it always or never does.
        always: It lives at every growth that was tried.
        never: It does not live at the highest growth that was tried.
        lives_below: It also lives at some lower growth: few new deposits leave few promises to keep.
    """

    rate: float | None
    always: bool = False
    never: bool = False
    lives_below: bool = False


def critical_growth(
    *,
    first: float,
    start: float,
    inflow: float,
    promised: float,
    earned: float,
    withdrawals: float,
    years: float,
    lowest: float = -10.0,
    highest: float = 10.0,
) -> CriticalGrowth:
    """The growth of new deposits that a scheme must exceed to live to a horizon, and above which it always does.

    Life is not monotone in growth: a scheme may live on its earnings when deposits dry up, die at a moderate growth
    that piles up promises, and live again on a fast one. So the growth is the highest at which it dies: found among
    2,001 equal steps, then by bisection.

    Args:
        first: First deposit, K.
        start: Cash at the start, S(0).
        inflow: New deposits a year at the start, s0.
        promised: Continuous rate promised, r_p.
        earned: Continuous rate really earned, r_n.
        withdrawals: Share of promised balances withdrawn in a year, r_w.
        years: Horizon, above 0 and up to 200.
        lowest: Lowest growth tried.
        highest: Highest growth tried.

    Raises:
        ModelError: an input out of its range, or a lowest growth that is not below the highest.

    >>> critical = critical_growth(first=1, start=1, inflow=1, promised=0.1, earned=0.02, withdrawals=0.5, years=20)
    >>> round(critical.rate, 3)
    0.067
    """
    where = "artzrouni.critical_growth"
    if number(where, "years", years, 0, HORIZON) == 0:
        raise ModelError(f"{where}: 'years' is 0, expected more")
    if number(where, "lowest", lowest, -inf) >= number(where, "highest", highest, -inf):
        raise ModelError(f"{where}: 'lowest' is {lowest:g}, expected below 'highest' of {highest:g}")
    books = {"first": first, "start": start, "inflow": inflow}
    rates = {"promised": promised, "earned": earned, "withdrawals": withdrawals}

    def outlives(growth: float | Column) -> NDArray[np.bool_]:
        days: Column = collapse_days(**books, **rates, growth=np.atleast_1d(growth))
        return np.greater(days, YEAR * years)

    tried = np.linspace(lowest, highest, 2001)
    lives = outlives(tried)
    if lives.all():
        return CriticalGrowth(None, always=True)
    dies = int(np.flatnonzero(~lives)[-1])
    below = bool(lives[:dies].any())
    if dies == len(tried) - 1:
        return CriticalGrowth(None, never=True, lives_below=below)
    from scipy.optimize import bisect

    def side(growth: float) -> float:
        return 1.0 if outlives(growth)[0] else -1.0

    return CriticalGrowth(float(bisect(side, tried[dies], tried[dies + 1], xtol=1e-13)), lives_below=below)


@dataclass(frozen=True)
class InflowFit:
    """New deposits that grow exponentially, s0 exp(r_i t).

    Attributes:
        start: New deposits a year at the start, s0.
        growth: Continuous yearly growth, r_i.
    """

    start: float
    growth: float


def fitted_inflow(*, total: float, last: float, years: float) -> InflowFit:
    """New deposits that grow exponentially and add up to a total with a known pace at the end.

    Formula: s0 exp(r_i T) = last and s0 (exp(r_i T) - 1) / r_i = total, hence r_i T / (1 - exp(-r_i T)) =
    last T / total, solved for r_i T.

    Args:
        total: All deposits taken.
        last: Deposits a year at the end.
        years: Time from the first to the last, T.

    Raises:
        ModelError: an amount or a time that is not above 0.

    >>> ponzi = fitted_inflow(total=10, last=0.2 * 365, years=0.58)
    >>> round(ponzi.start, 3), round(ponzi.growth, 3)
    (1.13, 7.187)
    """
    where = "artzrouni.fitted_inflow"
    for name, value in {"total": total, "last": last, "years": years}.items():
        if number(where, name, value) == 0:
            raise ModelError(f"{where}: '{name}' is 0, expected more")
    from scipy.optimize import brentq

    pace = last * years / total

    def over(x: float) -> float:
        return (1.0 if x == 0 else -x / expm1(-x)) - pace

    low, high = (0.0, pace + 1) if pace >= 1 else (-700.0, 0.0)
    exponent = float(brentq(over, low, high, xtol=1e-14, rtol=1e-14))
    return InflowFit(last * exp(-exponent), exponent / years)
