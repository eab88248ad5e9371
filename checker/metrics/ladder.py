"""Maturity ladder: what comes in and what may be called, by time, and how long assets and deposits live.

A ladder is contractual where assets stand at the day they fall due, and one with sales where they stand at the day they
can be cash, less the haircut; the caller chooses which days and amounts go in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf, isnan
from typing import Any

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

__all__ = [
    "BUCKETS",
    "Ladder",
    "Lives",
    "average_life",
    "duration",
    "first_gap",
    "ladder",
    "lives",
    "steps",
    "worst_gap",
]

BUCKETS = (1.0, 7.0, 30.0, 90.0, 180.0, 365.0, inf)
SLACK = 1e-9

TOTALS = {
    **{name: Input("money", +1) for name in ("cash_1d", "cash_7d", "cash_30d")},
    **{name: Input("money", -1) for name in ("due_1d", "due_7d", "due_30d")},
}


@dataclass(frozen=True)
class Ladder:
    """What comes in and what may be called, by bucket of time.

    Attributes:
        bounds: Upper end of each bucket in days; the last one is open.
        assets: Cash coming in, in money.
        deposits: What may be called at the earliest, in money.
        gap: Assets less deposits.
        cumulative: Gaps up to and with each bucket.
        ratio: Cumulative gaps over all deposits; None where there are no deposits.
        worst: Lowest cumulative gap.
        first_negative: First bucket, from 0, whose cumulative gap is negative; None where there is none.
    """

    bounds: tuple[float, ...]
    assets: tuple[float, ...]
    deposits: tuple[float, ...]
    gap: tuple[float, ...]
    cumulative: tuple[float, ...]
    ratio: tuple[float | None, ...]
    worst: float
    first_negative: int | None


@dataclass(frozen=True)
class Lives:
    """Average lives of assets and deposits in days, weighted by amount.

    Attributes:
        assets: Of all assets; None where some have no day on which they end, or there are none.
        deposits: Of all deposits, by notice; None where there are none.
        gap: Assets less deposits; None where one of them is.
        dated: Of the assets that have such a day; None where there are none.
        undated_share: Share of assets that have none.
    """

    assets: float | None
    deposits: float | None
    gap: float | None
    dated: float | None
    undated_share: float | None


def ladder(
    assets: Iterable[tuple[float, float | None]],
    deposits: Iterable[tuple[float, float]],
    bounds: Sequence[float] = BUCKETS,
) -> Ladder:
    """Sorts assets and deposits into buckets of time and compares them.

    Deposits stand at their earliest redemption: on demand in the first bucket, else after the notice. A penalty for
    leaving early does not move them.

    Args:
        assets: Amount in money and days until cash; None where nothing makes it cash (locked, equity, own token).
        deposits: Amount in money and days of notice.
        bounds: Upper ends of the buckets in days, rising, the last one infinite.

    Returns:
        The ladder.

    Raises:
        ModelError: Negative amounts or days, or bounds that do not rise to infinity.

    >>> demand = ladder([(20, 0), (80, 700)], [(100, 0)])
    >>> demand.worst, demand.first_negative
    (-80.0, 0)
    """
    ends = _checked_bounds(bounds)
    inflow, outflow = [0.0] * len(ends), [0.0] * len(ends)
    for index, (amount, day) in enumerate(assets):
        where = f"ladder, asset {index}"
        number(where, "amount", amount)
        at = inf if day is None else number(where, "day", day)
        inflow[int(np.searchsorted(ends, at))] += amount
    for index, (amount, notice) in enumerate(deposits):
        where = f"ladder, deposit {index}"
        number(where, "amount", amount)
        outflow[int(np.searchsorted(ends, number(where, "notice", notice)))] += amount
    return steps(inflow, outflow, bounds)


def steps(assets: Sequence[float], deposits: Sequence[float], bounds: Sequence[float] = BUCKETS) -> Ladder:
    """Compares amounts that are already sorted into buckets.

    gap = assets - deposits by bucket; cumulative gap = sum of gaps so far; ratio = cumulative gap / all deposits.
    Source: BCBS 238, monitoring tool on contractual maturity mismatch.

    Args:
        assets: Cash coming in by bucket, in money.
        deposits: What may be called by bucket, in money.
        bounds: Upper ends of the buckets in days.

    Returns:
        The ladder.

    Raises:
        ModelError: Negative amounts, or assets, deposits and bounds of different length.

    >>> steps([30, 10, 60], [50, 50, 0], [30, 365, float("inf")]).ratio
    (-0.2, -0.6, 0.0)
    """
    ends = _checked_bounds(bounds)
    for name, amounts in (("assets", assets), ("deposits", deposits)):
        if len(amounts) != len(ends):
            raise ModelError(f"steps: '{name}' has {len(amounts)} buckets, expected {len(ends)} as in 'bounds'")
        for index, amount in enumerate(amounts):
            number("steps", f"{name}, bucket {index}", amount)
    gap = tuple(float(came - went) for came, went in zip(assets, deposits, strict=True))
    cumulative = tuple(accumulate(gap))
    owed, size = float(sum(deposits)), float(sum(assets)) + float(sum(deposits))
    return Ladder(
        ends,
        tuple(map(float, assets)),
        tuple(map(float, deposits)),
        gap,
        cumulative,
        tuple(total / owed if owed else None for total in cumulative),
        min(cumulative),
        next((index for index, total in enumerate(cumulative) if total < -SLACK * size), None),
    )


def _checked_bounds(bounds: Sequence[float]) -> tuple[float, ...]:
    ends = tuple(map(float, bounds))
    rising = all(low < high for low, high in zip((0.0, *ends), ends, strict=False))
    if not ends or any(map(isnan, ends)) or not rising or ends[-1] != inf:
        raise ModelError(f"ladder: 'bounds' are {ends}, expected days that rise from above 0 to infinity")
    return ends


def average_life(items: Iterable[tuple[float, float]]) -> float | None:
    """Average time until payment, weighted by amount.

    sum(amount * time) / sum(amount).

    Args:
        items: Amount in money and time in any one unit.

    Returns:
        Time in that unit; None where the amounts add up to nothing.

    Raises:
        ModelError: A negative amount or time.

    >>> average_life([(50, 0), (50, 1095)])
    547.5
    """
    table = [
        (number(f"average_life, item {index}", "amount", amount), number(f"average_life, item {index}", "time", time))
        for index, (amount, time) in enumerate(items)
    ]
    total = sum(amount for amount, _ in table)
    return sum(amount * time for amount, time in table) / total if total else None


def lives(assets: Iterable[tuple[float, float | None]], deposits: Iterable[tuple[float, float]]) -> Lives:
    """Average lives of assets and of deposits, and how much longer the assets live.

    Args:
        assets: Amount in money and days until it ends; None where there is no such day.
        deposits: Amount in money and days of notice.

    Returns:
        The lives. An asset without an end leaves the average of all assets, and so the gap, open.

    Raises:
        ModelError: A negative amount, life or notice.

    >>> lives([(60, 0), (40, 1000)], [(90, 0), (10, 30)]).gap
    397.0
    """
    table = list(assets)
    dated = [(amount, day) for amount, day in table if day is not None]
    undated = sum(number("lives", "amount", amount) for amount, day in table if day is None)
    life, notice = average_life(dated), average_life(deposits)
    total = sum(amount for amount, _ in table)
    whole = None if undated > 0 else life
    return Lives(
        whole,
        notice,
        None if whole is None or notice is None else whole - notice,
        life,
        undated / total if total else None,
    )


def duration(payments: Iterable[tuple[float, float]], rate: float) -> tuple[float, float] | None:
    """Macaulay and modified duration of a stream of payments, compounding once a year.

    D = sum(t c (1 + y)^-t) / sum(c (1 + y)^-t); modified = D / (1 + y), the share of value lost for each point that the
    rate rises.

    Args:
        payments: Amount in money and years until it is paid.
        rate: Yield per year.

    Returns:
        Both in years; None where nothing is paid.

    Raises:
        ModelError: A negative amount or time, or a rate of -100% or less.

    >>> [round(years, 4) for years in duration([(5, 1), (105, 2)], 0.05)]
    [1.9524, 1.8594]
    """
    if number("duration", "rate", rate, -1.0) == -1.0:
        raise ModelError("duration: 'rate' is -1, expected a rate above it")
    discounted = [
        (number("duration", "amount", amount) * (1 + rate) ** -number("duration", "time", years), years)
        for amount, years in payments
    ]
    life = average_life(discounted)
    return None if life is None else (life, life / (1 + rate))


def _gaps(cash: Sequence[Column], due: Sequence[Column]) -> list[Column]:
    reached: list[Any] = list(np.maximum.accumulate(np.broadcast_arrays(*cash)))
    called: list[Any] = list(np.maximum.accumulate(np.broadcast_arrays(*due)))
    return [came - went for came, went in zip(reached, called, strict=True)]


@model(unit="money", inputs=TOTALS)
def worst_gap(
    cash_1d: Column, cash_7d: Column, cash_30d: Column, due_1d: Column, due_7d: Column, due_30d: Column
) -> Column:
    """Lowest cumulative gap within 30 days if all call what they may: negative is the hole.

    The least of cash less deposits due within 1, 7 and 30 days. Totals are cumulative; one below an earlier one is
    raised to it.

    Args:
        cash_1d: Cash reachable within a day, in money.
        cash_7d: The same within 7 days.
        cash_30d: The same within 30 days.
        due_1d: Deposits that may be called within a day, in money.
        due_7d: The same within 7 days.
        due_30d: The same within 30 days.

    Returns:
        Money.

    Raises:
        ModelError: Negative money.

    >>> worst_gap(cash_1d=10, cash_7d=20, cash_30d=40, due_1d=15, due_7d=45, due_30d=50)
    -25.0
    """
    return np.asarray(np.minimum.reduce(_gaps((cash_1d, cash_7d, cash_30d), (due_1d, due_7d, due_30d))))


@model(unit="days", inputs=TOTALS, range=(1.0, inf), never="cash covers all that may be called within 30 days")
def first_gap(
    cash_1d: Column, cash_7d: Column, cash_30d: Column, due_1d: Column, due_7d: Column, due_30d: Column
) -> Column:
    """End of the first bucket by which more may be called than has come in: 1, 7 or 30 days.

    Args:
        cash_1d: Cash reachable within a day, in money.
        cash_7d: The same within 7 days.
        cash_30d: The same within 30 days.
        due_1d: Deposits that may be called within a day, in money.
        due_7d: The same within 7 days.
        due_30d: The same within 30 days.

    Returns:
        Days; never where there is no such bucket.

    Raises:
        ModelError: Negative money.

    >>> first_gap(cash_1d=15, cash_7d=20, cash_30d=40, due_1d=15, due_7d=45, due_30d=50)
    7.0
    """
    day, week, month = (gap < 0 for gap in _gaps((cash_1d, cash_7d, cash_30d), (due_1d, due_7d, due_30d)))
    return np.where(day, BUCKETS[0], np.where(week, BUCKETS[1], np.where(month, BUCKETS[2], inf)))
