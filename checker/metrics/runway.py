"""How long a subsidy lasts: the day on which the reserve that tops up the promised rate is empty.

Two versions belong together, since a growing platform empties its reserve faster than its books of today say: deposits
and income as they are, and both growing on. A third needs no books at all: the reserve itself at two dates.

Source: arithmetic; the worked case is the yield reserve of Anchor, January to May 2022 (Cointelegraph 28 January and
18 February 2022; CoinDesk 28 January and 9 May 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from checker.metrics._root import crossing
from checker.metrics.model import Column, Input, ModelError, model

__all__ = [
    "Runway",
    "deposit_growth",
    "growth_days",
    "observed_days",
    "reserve_left",
    "runway",
    "shortfall_days",
    "static_days",
    "unsubsidised",
]

YEAR = 365.0
HORIZON = 50.0
"""Years that a growing platform is looked ahead."""

BOOKS = {
    "reserve": Input("money", +1),
    "deposits": Input("money", -1),
    "promised": Input("rate", -1),
    "income": Input("money", +1),
}
GROWTH = {
    "deposit_growth": Input("rate", -1, (-inf, inf), default=0.0),
    "income_growth": Input("rate", +1, (-inf, inf), default=0.0),
}


def _lasting(reserve: Column, burn: Column) -> Column:
    """Days for which a reserve pays a constant yearly amount."""
    return np.where(burn > 0, YEAR * reserve / burn, inf)


@model(unit="days", inputs=BOOKS, range=(0.0, inf), never="the income pays the promise, so the reserve lasts")
def static_days(reserve: Column, deposits: Column, promised: Column, income: Column) -> Column:
    """Days until the reserve is empty if deposits and income stay as they are.

    Formula: 365 reserve / (promised x deposits - income).

    Args:
        reserve: What is left in the reserve.
        deposits: Deposits that earn the promised rate.
        promised: Rate promised, as a yearly share of deposits.
        income: What the assets earn in a year.

    Returns:
        Days; never where the income pays the promise.

    >>> round(static_days(reserve=30e6, deposits=5e9, promised=0.195, income=432e6), 1)
    20.2
    """
    return _lasting(reserve, promised * deposits - income)


@model(
    unit="days",
    inputs={"reserve": Input("money", +1), "monthly_shortfall": Input("money_per_month", -1)},
    range=(0.0, inf),
    never="nothing is drawn from the reserve",
)
def shortfall_days(reserve: Column, monthly_shortfall: Column) -> Column:
    """Days until the reserve is empty at a stated monthly shortfall.

    Formula: 365 reserve / (12 monthly shortfall).

    Args:
        reserve: What is left in the reserve.
        monthly_shortfall: Promised interest of a month less the income of a month.

    Returns:
        Days; never where there is no shortfall.

    >>> shortfall_days(reserve=120, monthly_shortfall=10)
    365.0
    """
    return _lasting(reserve, 12.0 * monthly_shortfall)


@model(
    unit="days",
    inputs={"reserve": Input("money", +1), "earlier": Input("money", -1), "days": Input("days", +1)},
    range=(0.0, inf),
    never="the reserve grew in that time",
)
def observed_days(reserve: Column, earlier: Column, days: Column) -> Column:
    """Days until the reserve is empty if it keeps falling as between two dates.

    Formula: reserve x days / (earlier - reserve). Ask for at least two windows: a long one understates a fall that
    speeds up.

    Args:
        reserve: What is left in the reserve.
        earlier: What was left at the earlier date.
        days: Days between the two dates.

    Returns:
        Days; never where the reserve grew. Not defined for a window of no days, or where both amounts are the same to
        the last digit: then one figure was carried forward and nothing was measured twice.

    >>> round(observed_days(reserve=176, earlier=323, days=30), 1)
    35.9
    """
    lasts = np.where(earlier > reserve, reserve * days / (earlier - reserve), inf)
    return np.where((days > 0) & (earlier != reserve), lasts, np.nan)


@model(unit="rate", inputs={"deposits": Input("money", -1), "income": Input("money", +1)}, range=(0.0, inf))
def unsubsidised(deposits: Column, income: Column) -> Column:
    """Rate that deposits would earn without the reserve: income over deposits.

    Args:
        deposits: Deposits that earn the promised rate.
        income: What the assets earn in a year.

    Returns:
        Rate a year; not defined without deposits.

    >>> unsubsidised(deposits=5e9, income=432e6)
    0.0864
    """
    return np.where(deposits > 0, income / deposits, np.nan)


@model(
    unit="rate",
    inputs={"deposits": Input("money", +1), "earlier": Input("money", -1), "days": Input("days", 0, default=90.0)},
)
def deposit_growth(deposits: Column, earlier: Column, days: Column) -> Column:
    """Continuous yearly growth of deposits between two dates.

    Formula: 365 ln(deposits / earlier) / days.

    Args:
        deposits: Deposits now.
        earlier: Deposits at the earlier date.
        days: Days between the two dates.

    Returns:
        Rate a year; not defined where either amount or the time is nothing, or where both amounts are the same to the
        last digit: then one figure was carried forward and nothing was measured twice.

    >>> round(deposit_growth(deposits=14, earlier=8.5, days=80), 3)
    2.277
    """
    defined = (deposits > 0) & (earlier > 0) & (days > 0) & (deposits != earlier)
    return np.where(defined, YEAR * (np.log(deposits) - np.log(earlier)) / days, np.nan)


def _accrued(years: Column, rate: Column, discount: Column | float) -> Column:
    """What a unit a year, growing, adds up to, times exp(-discount x years) so that it cannot overflow."""
    speed = np.abs(rate)
    grown = np.where(speed == 0, years, -np.expm1(-speed * years) / np.where(speed == 0, 1.0, speed))
    return np.exp((np.maximum(rate, 0.0) - discount) * years) * grown


def _overspent(
    years: Column, reserve: Column, paid: Column, income: Column, paid_growth: Column, income_growth: Column
) -> Column:
    """What was drawn beyond the reserve; of the right sign but discounted by the faster growth."""
    g, h = np.where(paid > 0, paid_growth, 0.0), np.where(income > 0, income_growth, 0.0)
    discount = np.maximum(np.maximum(g, h), 0.0)
    drawn = paid * _accrued(years, g, discount) - income * _accrued(years, h, discount)
    return drawn - reserve * np.exp(-discount * years)


@model(
    unit="days",
    inputs=BOOKS | GROWTH,
    range=(0.0, inf),
    never="the reserve lasts for 50 years at this growth",
)
def growth_days(
    reserve: Column, deposits: Column, promised: Column, income: Column, deposit_growth: Column, income_growth: Column
) -> Column:
    """Days until the reserve is empty if deposits and income keep growing.

    Formula: the first T with reserve = integral over 0..T of (promised x deposits x exp(g t) - income x exp(h t)) dt.
    The integrand changes its sign at most once, so the reserve falls during one stretch of time at most, and the root
    lies there or nowhere.

    Args:
        reserve: What is left in the reserve.
        deposits: Deposits that earn the promised rate.
        promised: Rate promised, as a yearly share of deposits.
        income: What the assets earn in a year.
        deposit_growth: Continuous yearly growth of deposits, such as `deposit_growth` over the last 90 days.
        income_growth: Continuous yearly growth of income.

    Returns:
        Days; never where the reserve lasts for 50 years.

    >>> round(growth_days(reserve=456.6, deposits=8500, promised=0.195, income=500, deposit_growth=2.277))
    95
    """
    paid = promised * deposits
    faster = deposit_growth > income_growth
    turn = np.clip((np.log(income) - np.log(paid)) / (deposit_growth - income_growth), 0.0, HORIZON)
    falls_now = paid > income
    start = np.where(falls_now, 0.0, np.where(faster, turn, HORIZON))
    stop = np.where(falls_now & (deposit_growth < income_growth), turn, HORIZON)
    books = (reserve, paid, income, deposit_growth, income_growth)
    emptied = (paid > 0) & (start < stop) & (_overspent(stop, *books) >= 0) & np.isfinite(paid)
    at_once = np.isinf(paid) & np.isfinite(income) | (deposit_growth == inf) & (paid > 0) & (income_growth < inf)
    never = np.where(at_once, 0.0, inf)
    return np.where(emptied, YEAR * crossing(_overspent, start, stop, books, emptied), never)


@model(
    unit="money",
    inputs={"days": Input("days", None, (0.0, YEAR * HORIZON))} | BOOKS | GROWTH,
)
def reserve_left(
    days: Column,
    reserve: Column,
    deposits: Column,
    promised: Column,
    income: Column,
    deposit_growth: Column,
    income_growth: Column,
) -> Column:
    """What is left in the reserve after some days; negative by what somebody would have had to add.

    Formula: reserve - integral over 0..T of (promised x deposits x exp(g t) - income x exp(h t)) dt.

    Args:
        days: Days from now.
        reserve: What is left in the reserve now.
        deposits: Deposits that earn the promised rate.
        promised: Rate promised, as a yearly share of deposits.
        income: What the assets earn in a year.
        deposit_growth: Continuous yearly growth of deposits.
        income_growth: Continuous yearly growth of income.

    >>> round(reserve_left(days=17.5, reserve=30, deposits=5000, promised=0.195, income=432), 1)
    4.0
    """
    years = days / YEAR
    paid = promised * deposits * _accrued(years, deposit_growth, 0.0)
    return reserve - paid + income * _accrued(years, income_growth, 0.0)


@dataclass(frozen=True)
class Runway:
    """When the reserve is empty, by every way of telling.

    Attributes:
        static: Days if nothing changes; None where it lasts.
        growth: Days if deposits and income keep growing; None where it lasts for 50 years.
        observed: Days at the pace of each past window, as given; None where the reserve did not fall in it.
        unsubsidised: Rate that deposits would earn without the reserve; None without deposits.
    """

    static: float | None
    growth: float | None
    observed: tuple[float | None, ...]
    unsubsidised: float | None

    @property
    def shortest(self) -> float | None:
        """Days by the worst way of telling; None where the reserve lasts by all."""
        return min((days for days in (self.static, self.growth, *self.observed) if days is not None), default=None)

    @property
    def longest(self) -> float | None:
        """Days by the best way of telling; None where the reserve lasts by one of them."""
        told = [days for days in (self.static, self.growth, *self.observed) if days is not None]
        return max(told) if len(told) == 2 + len(self.observed) else None


def runway(
    *,
    reserve: float,
    deposits: float,
    promised: float,
    income: float,
    deposit_growth: float = 0.0,
    income_growth: float = 0.0,
    windows: Sequence[tuple[float, float]] = (),
) -> Runway:
    """The day on which the reserve is empty: static, with growth, and as the reserve itself tells.

    Args:
        reserve: What is left in the reserve.
        deposits: Deposits that earn the promised rate.
        promised: Rate promised, as a yearly share of deposits.
        income: What the assets earn in a year.
        deposit_growth: Continuous yearly growth of deposits.
        income_growth: Continuous yearly growth of income.
        windows: Earlier amounts in the reserve with the days since.

    Raises:
        ModelError: a negative amount, or a window of no days.

    >>> told = runway(reserve=35, deposits=5000, promised=0.195, income=432, windows=[(54.432, 7)])
    >>> [round(told.shortest, 1), round(told.longest, 1)]
    [12.6, 23.5]
    """
    if any(days <= 0 for _, days in windows):
        raise ModelError("runway.runway: 'windows' has a window of no days, expected more than 0")
    books = {"reserve": reserve, "deposits": deposits, "promised": promised, "income": income}
    return Runway(
        static_days(**books),
        growth_days(**books, deposit_growth=deposit_growth, income_growth=income_growth),
        tuple(observed_days(reserve=reserve, earlier=earlier, days=days) for earlier, days in windows),
        unsubsidised(deposits=deposits, income=income),
    )
