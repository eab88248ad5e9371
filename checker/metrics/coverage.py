"""Coverage: liquid assets against the money that leaves under stress, for a bank and for a platform.

A bank's ratio counts assets by level and caps the lower ones. A platform's counts what it can sell within the horizon:
nothing pledged, none of its own token, nothing that waits in a queue longer than the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model
from checker.metrics.scenario import Run

__all__ = ["CLASSES", "Cover", "Holding", "cover", "hqla", "lcr", "platform_cover", "run_cover", "sellable"]

CLASSES = ("insured_stable", "insured_other", "operational", "uninsured_retail", "institutional")
INFLOW_CAP = 0.75

LEVELS = {name: Input("money", +1) for name in ("level_1", "level_2a", "level_2b")}
AMOUNTS = {name: Input("money", -1, default=0.0 if name == "operational" else None) for name in CLASSES}
RATES = {
    f"runoff_{name}": Input("share", -1, (0.0, 1.0), default=1.0 if name == "operational" else None) for name in CLASSES
}
INFLOWS = {"inflow": Input("money", +1), "inflow_cap": Input("share", +1, (0.0, 1.0), default=INFLOW_CAP)}


class Holding(NamedTuple):
    """An asset as a seller in a hurry sees it.

    Attributes:
        amount: Value at its mark, in money.
        days: Days until it is cash, a withdrawal queue included; None where nothing makes it cash.
        haircut: Share of the mark lost on the way.
        pledged: Whether others hold it as security, or it is lent on.
        own_token: Whether the platform itself issued it.
    """

    amount: float
    days: float | None
    haircut: float = 0.0
    pledged: bool = False
    own_token: bool = False


@dataclass(frozen=True)
class Cover:
    """Liquid assets against a stressed outflow, with the steps between.

    Attributes:
        stock: Liquid assets, in money.
        outflow: Money that leaves, in money.
        inflow: Inflows that count, after the cap.
        net: Outflow less these inflows.
        ratio: Stock over net outflow; None where there is no net outflow.
    """

    stock: float
    outflow: float
    inflow: float
    net: float
    ratio: float | None


@model(unit="money", inputs=LEVELS, range=(0.0, inf))
def hqla(level_1: Column, level_2a: Column, level_2b: Column) -> Column:
    """Stock of high-quality liquid assets of a bank, after haircuts and caps.

    L1 + a + b - adj15 - adj40 with a = 0.85 L2A, b = 0.5 L2B, adj15 = max(b - 15/85 (L1 + a), b - 15/60 L1, 0) and
    adj40 = max(a + b - adj15 - 2/3 L1, 0). Level 2 makes at most 40% of the whole stock, which is two thirds of
    Level 1 and not 40% of it; Level 2B at most 15% of the whole. Computed as the
    least that these caps leave, min(L1 + a + min(b, 15/85 (L1 + a)), 5/3 L1), which is the same. Source: BCBS 238,
    Annex 1.

    Args:
        level_1: Cash, central-bank reserves and the like, in money.
        level_2a: Assets with a haircut of 15%, in money before it.
        level_2b: Assets with a haircut of 50%, in money before it.

    Returns:
        Money.

    Raises:
        ModelError: Negative money.

    >>> hqla(level_1=60, level_2a=100, level_2b=0)
    100.0
    """
    a, b = 0.85 * level_2a, 0.5 * level_2b
    return np.minimum(level_1 + a + np.minimum(b, (level_1 + a) * 15 / 85), level_1 * 5 / 3)


def _net(outflow: Column, inflow: Column, inflow_cap: Column) -> Column:
    return np.maximum(outflow - inflow, outflow * (1 - inflow_cap))


def _ratio(stock: Column, net: Column) -> Column:
    return np.where(net > 0, stock / net, np.nan)


@model(
    unit="ratio",
    inputs={**LEVELS, "outflow": Input("money", -1), **INFLOWS},
    range=(0.0, inf),
)
def lcr(
    level_1: Column, level_2a: Column, level_2b: Column, outflow: Column, inflow: Column, inflow_cap: Column
) -> Column:
    """Liquidity coverage ratio of a bank: liquid assets over the net outflow of a stressed month.

    hqla / (out - min(in, 0.75 out)). Source: BCBS 238, para. 69 and Annex 1.

    Args:
        level_1: As in `hqla`.
        level_2a: As in `hqla`.
        level_2b: As in `hqla`.
        outflow: Money that leaves in 30 days of stress.
        inflow: Money that comes in, before the cap.
        inflow_cap: Largest part of the outflow that inflows may offset.

    Returns:
        Ratio; not defined where there is no net outflow.

    Raises:
        ModelError: Negative money or a cap outside 0 to 1.

    >>> round(lcr(level_1=120, level_2a=40, level_2b=0, outflow=200, inflow=70), 4)
    1.1846
    """
    return _ratio(hqla.function(level_1, level_2a, level_2b), _net(outflow, inflow, inflow_cap))


@model(unit="ratio", inputs={"stock": Input("money", +1), **AMOUNTS, **RATES, **INFLOWS}, range=(0.0, inf))
def cover(
    stock: Column,
    insured_stable: Column,
    insured_other: Column,
    operational: Column,
    uninsured_retail: Column,
    institutional: Column,
    runoff_insured_stable: Column,
    runoff_insured_other: Column,
    runoff_operational: Column,
    runoff_uninsured_retail: Column,
    runoff_institutional: Column,
    inflow: Column,
    inflow_cap: Column,
) -> Column:
    """Cover of a platform: what it can sell within a horizon over the money that leaves by class of depositor.

    stock / (out - min(in, cap out)), out = sum of deposits times run-off by class. Stock, run-offs and inflow belong to
    one horizon; a run-off of 30 days may not be divided by 30 for a day, since runs are worst at the start: see
    `run_cover`.

    Args:
        stock: Cash and what can be sold within the horizon, in money (`sellable`).
        insured_stable: Insured deposits of long-standing clients, in money.
        insured_other: Other insured retail deposits.
        operational: Institutions' balances for clearing, custody and cash management.
        uninsured_retail: Uninsured retail deposits.
        institutional: Money of financial institutions and funds.
        runoff_insured_stable: Share of these that leaves within the horizon.
        runoff_insured_other: The same for the second class.
        runoff_operational: The same for the third.
        runoff_uninsured_retail: The same for the fourth.
        runoff_institutional: The same for the fifth.
        inflow: Money that comes in, before the cap.
        inflow_cap: Largest part of the outflow that inflows may offset.

    Returns:
        Ratio; not defined where there is no net outflow.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.
    """
    amounts = (insured_stable, insured_other, operational, uninsured_retail, institutional)
    rates = (
        runoff_insured_stable,
        runoff_insured_other,
        runoff_operational,
        runoff_uninsured_retail,
        runoff_institutional,
    )
    return _ratio(stock, _net(_outflow(amounts, rates), inflow, inflow_cap))


def _outflow(amounts: Sequence[Column], rates: Sequence[Column]) -> Column:
    out: Any = 0.0
    for amount, rate in zip(amounts, rates, strict=True):
        out = out + np.where(rate > 0, amount * rate, 0.0)
    return np.asarray(out)


@model(
    unit="ratio",
    inputs={"stock": Input("money", +1), "due": Input("money", -1), "days": Input("days", -1)},
    scenario="run",
    range=(0.0, inf),
)
def run_cover(stock: Column, due: Column, days: Column, scenario: object) -> Column:
    """Cover of a platform in a named run: what it can sell within a horizon over what depositors ask for by then.

    stock / (due * share of the balance asked for in so many days).

    Args:
        stock: Cash and what can be sold within the horizon, in money (`sellable`).
        due: Deposits that may be called within the horizon, in money.
        days: The horizon; parts of a day do not count.
        scenario: The run.

    Returns:
        Ratio; not defined where nobody asks for anything.

    Raises:
        ModelError: Negative money or days.

    >>> run = Run("two", "two days", (0.24, 0.57))
    >>> round(run_cover(stock=24, due=100, days=1, scenario=run), 6)
    1.0
    """
    if not isinstance(scenario, Run):
        raise ModelError(f"coverage: 'scenario' is {scenario!r}, expected a run")
    return _ratio(stock, _outflow((due,), (scenario.asked(days),)))


def sellable(holdings: Iterable[tuple[float, float | None, float, bool, bool]], days: float) -> float:
    """What can be turned into cash within a horizon: unpledged, not the own token, after haircut.

    Args:
        holdings: Amount in money, days until cash (None for never), haircut, whether pledged and whether own token.
        days: The horizon.

    Returns:
        Money.

    Raises:
        ModelError: Negative amounts or days, or a haircut outside 0 to 1.

    >>> sellable([Holding(100, 5, 0.1), Holding(50, 0, pledged=True), Holding(70, 40)], 30)
    90.0
    """
    number("sellable", "days", days)
    total = 0.0
    for index, item in enumerate(holdings):
        holding = Holding(*item)
        where = f"sellable, holding {index}"
        number(where, "amount", holding.amount)
        number(where, "haircut", holding.haircut, 0.0, 1.0)
        in_time = holding.days is not None and number(where, "days", holding.days) <= days
        if in_time and not holding.pledged and not holding.own_token:
            total += holding.amount * (1 - holding.haircut)
    return total


def platform_cover(
    stock: float, deposits: Iterable[tuple[float, float]], inflow: float = 0.0, inflow_cap: float = INFLOW_CAP
) -> Cover:
    """Cover of a platform over any number of classes of depositors, with its steps; the formula is that of `cover`.

    Args:
        stock: What can be sold within the horizon, in money (`sellable`).
        deposits: Amount in money and share of it that leaves within the horizon, for each class.
        inflow: Money that comes in, before the cap.
        inflow_cap: Largest part of the outflow that inflows may offset.

    Returns:
        The cover.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> platform_cover(50, [(100, 0.4), (60, 1.0)], inflow=20).ratio
    0.625
    """
    number("platform_cover", "stock", stock)
    number("platform_cover", "inflow", inflow)
    number("platform_cover", "inflow_cap", inflow_cap, 0.0, 1.0)
    table = list(deposits)
    for index, (amount, rate) in enumerate(table):
        number(f"platform_cover, class {index}", "amount", amount)
        number(f"platform_cover, class {index}", "run-off", rate, 0.0, 1.0)
    amounts = [np.asarray(float(amount)) for amount, _ in table]
    out = _outflow(amounts, [np.asarray(float(rate)) for _, rate in table])
    net = _net(out, np.asarray(inflow), np.asarray(inflow_cap))
    return Cover(float(stock), float(out), float(out - net), float(net), float(stock / net) if net > 0 else None)
