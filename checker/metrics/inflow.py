"""How much a platform lives on new deposits, from shares of its promised balances that a profile can hold.

Promised balances V grow by the promised rate and by deposits less withdrawals; assets A grow by what they earn and by
the same net flow. Their ratio c = A/V then follows dc/dt = (g - w) - lam c with lam = r_p - r_n - w + g, which has a
closed form. As long as deposits exceed withdrawals the assets never run out, however little they earn: having always
paid proves nothing while deposits grow.

Rates are continuous; a yearly yield is turned into one by `continuous_rate`. Source: derived here from the model in
`checker.metrics.artzrouni` with flows in proportion to promised balances.
"""

from __future__ import annotations

from math import inf

import numpy as np

from checker.metrics.model import Column, Input, model

__all__ = [
    "break_even_inflow",
    "break_even_money",
    "collapse_days",
    "continuous_rate",
    "coverage_after",
    "dependence",
]

YEAR = 365.0

FLOWS = {
    "coverage": Input("ratio", +1),
    "promised": Input("rate", -1),
    "earned": Input("rate", +1, (-inf, inf)),
    "inflow": Input("rate", None),
    "withdrawals": Input("rate", None),
}


@model(unit="rate", inputs={"flow": Input("money", 0, (-inf, inf)), "balance": Input("money", 0)})
def yearly_share(flow: Column, balance: Column) -> Column:
    """A flow of twelve months as a yearly share of a balance.

    Args:
        flow: Money of twelve months.
        balance: What it is measured by, in money.

    Returns:
        Share per year; not defined without a balance.

    >>> yearly_share(flow=15, balance=100)
    0.15
    """
    return np.where(balance > 0, flow / balance, np.nan)


@model(unit="rate", inputs={"apy": Input("rate", +1, (-1.0, inf))})
def continuous_rate(apy: Column) -> Column:
    """Continuous yearly rate that grows as much in a year as a yearly yield: ln(1 + APY).

    Args:
        apy: Yearly yield, compounded.

    >>> round(continuous_rate(apy=0.1), 6)
    0.09531
    """
    return np.log1p(apy)


def _drift(promised: Column, earned: Column, inflow: Column, withdrawals: Column) -> Column:
    """The rate lam at which coverage is drawn to its resting value."""
    return (promised - earned) - (withdrawals - inflow)


@model(unit="ratio", inputs={"days": Input("days", 0)} | FLOWS, range=(0.0, inf))
def coverage_after(
    days: Column, coverage: Column, promised: Column, earned: Column, inflow: Column, withdrawals: Column
) -> Column:
    """Assets over promised balances after some days; 0 once the assets have run out.

    Formula: c(t) = c0 exp(-lam t) + (g - w) (1 - exp(-lam t)) / lam, t in years; c0 + (g - w) t where lam is 0. The
    direction in inflow and withdrawals turns where coverage passes 1: new money dilutes a surplus and a shortfall
    alike.

    Args:
        days: Days from now.
        coverage: Assets over promised balances now, c0.
        promised: Continuous rate credited to depositors, r_p.
        earned: Continuous rate that the assets earn, r_n.
        inflow: New deposits of a year as a share of promised balances, g.
        withdrawals: Withdrawals of a year as a share of promised balances, w.

    >>> flows = {"coverage": 1, "promised": 0.1, "earned": 0.02, "inflow": 0.1, "withdrawals": 0.15}
    >>> round(coverage_after(days=3650, **flows), 3)
    0.309
    """
    years = days / YEAR
    drift = _drift(promised, earned, inflow, withdrawals)
    gathered = np.where(drift == 0, years, -np.expm1(-drift * years) / np.where(drift == 0, 1.0, drift))
    return np.maximum(coverage * np.exp(-drift * years) + (inflow - withdrawals) * gathered, 0.0)


@model(
    unit="days",
    inputs=FLOWS,
    range=(0.0, inf),
    never="at these flows the assets never run out, which holds only as long as deposits come in",
)
def collapse_days(coverage: Column, promised: Column, earned: Column, inflow: Column, withdrawals: Column) -> Column:
    """Days until the assets have run out if flows keep their share of promised balances.

    Formula: t = ln(1 + lam c0 / (w - g)) / lam years; c0 / (w - g) where lam is 0; never where deposits cover
    withdrawals (g >= w) or the logarithm does not exist. Equal to -ln(-c*/(c0 - c*)) / lam with c* = (g - w) / lam.

    Args:
        coverage: Assets over promised balances now, c0.
        promised: Continuous rate credited to depositors, r_p.
        earned: Continuous rate that the assets earn, r_n.
        inflow: New deposits of a year as a share of promised balances, g.
        withdrawals: Withdrawals of a year as a share of promised balances, w.

    Returns:
        Days; never as above.

    >>> flows = {"coverage": 1, "promised": 0.1, "earned": 0.02, "inflow": 0.1, "withdrawals": 0.15}
    >>> round(collapse_days(**flows) / 365, 2)
    15.67
    """
    drift = _drift(promised, earned, inflow, withdrawals)
    held = coverage / (withdrawals - inflow)
    reach = np.where(drift == 0, held, np.log1p(drift * held) / np.where(drift == 0, 1.0, drift))
    return np.where((withdrawals > inflow) & (drift * held > -1), YEAR * reach, inf)


@model(
    unit="rate",
    inputs={"withdrawals": Input("rate", +1), "earned": Input("rate", -1, (-inf, inf)), "coverage": Input("ratio", 0)},
    range=(0.0, inf),
)
def break_even_inflow(withdrawals: Column, earned: Column, coverage: Column) -> Column:
    """New deposits needed in a year so that the assets do not shrink, as a share of promised balances.

    Formula: max(0, w - r_n c).

    Args:
        withdrawals: Withdrawals of a year as a share of promised balances, w.
        earned: Rate that the assets earn, r_n.
        coverage: Assets over promised balances, c.

    >>> round(break_even_inflow(withdrawals=0.15, earned=0.02, coverage=1), 2)
    0.13
    """
    return np.maximum(withdrawals - earned * coverage, 0.0)


@model(
    unit="money",
    inputs={"withdrawals": Input("money", +1), "income": Input("money", -1, (-inf, inf))},
    range=(0.0, inf),
)
def break_even_money(withdrawals: Column, income: Column) -> Column:
    """New deposits needed in a year so that the assets do not shrink, in money.

    Formula: max(0, withdrawals - income).

    Args:
        withdrawals: Withdrawals of a year.
        income: What the assets earn in a year.

    >>> break_even_money(withdrawals=150, income=20)
    130.0
    """
    return np.maximum(withdrawals - income, 0.0)


@model(
    unit="share",
    inputs={"withdrawals": Input("rate", 0), "earned": Input("rate", -1, (-inf, inf)), "coverage": Input("ratio", 0)},
    range=(0.0, inf),
)
def dependence(withdrawals: Column, earned: Column, coverage: Column) -> Column:
    """Share of withdrawals that only new deposits can pay without eating into the assets.

    Formula: max(0, w - r_n c) / w. Above 1 where the assets lose money, for new deposits then make up losses as well.

    Args:
        withdrawals: Withdrawals of a year as a share of promised balances, w.
        earned: Rate that the assets earn, r_n.
        coverage: Assets over promised balances, c.

    Returns:
        Share; not defined without withdrawals.

    >>> round(dependence(withdrawals=0.15, earned=0.02, coverage=1), 4)
    0.8667
    """
    needed = break_even_inflow.function(withdrawals, earned, coverage)
    return np.where(withdrawals > 0, needed / withdrawals, np.nan)
