"""Named assumptions that stress a platform: a run of depositors, a fall of collateral, a break of a peg.

A run is a list of requests by day. It can be written as steps, each with a constant daily share, and a share can be
calibrated on a run that happened: how much left in how many days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

__all__ = ["Depeg", "Run", "Shock", "Step", "daily_share", "requests", "run_total"]

SLACK = 1e-9


@dataclass(frozen=True)
class Run:
    """A run on deposits: what is asked back on each day.

    Attributes:
        name: Its name in the file of scenarios.
        title: A short phrase for a reader.
        requests: Share of the initial balance asked for on day 1, 2, ...; afterwards nobody asks.
    """

    name: str
    title: str
    requests: tuple[float, ...]

    def __post_init__(self) -> None:
        where = f"run '{self.name}'"
        if not self.requests:
            raise ModelError(f"{where}: 'requests' is empty, expected a share for at least one day")
        for day, share in enumerate(self.requests, 1):
            number(where, f"requests, day {day}", share, 0.0, 1.0)
        if self.total > 1 + SLACK:
            raise ModelError(f"{where}: 'requests' add up to {self.total:g}, expected at most 1 of the initial balance")

    @property
    def days(self) -> int:
        """Length of the run in days."""
        return len(self.requests)

    @property
    def total(self) -> float:
        """Share of the initial balance asked for in the whole run."""
        return sum(self.requests)

    @cached_property
    def _by_day(self) -> Column:
        return np.minimum([0.0, *accumulate(self.requests)], 1.0)

    def asked(self, day: Any) -> Column:
        """Share of the initial balance asked for by the end of a day, none before the first; days may be a column."""
        return np.asarray(self._by_day[np.clip(np.floor(day), 0, self.days).astype(int)])


@dataclass(frozen=True)
class Shock:
    """A fall in the price of collateral and what selling it then costs.

    Attributes:
        name: Its name in the file of scenarios.
        title: A short phrase for a reader.
        price_fall: Share of the price that is lost.
        slippage: Further share of the price lost by selling.
        cost: Share of the proceeds that selling costs.
    """

    name: str
    title: str
    price_fall: float
    slippage: float = 0.0
    cost: float = 0.0

    def __post_init__(self) -> None:
        for name in ("price_fall", "slippage", "cost"):
            number(f"shock '{self.name}'", name, getattr(self, name), 0.0, 1.0)


@dataclass(frozen=True)
class Depeg:
    """A break of a peg, as the market sees it and as the oracle that decides on liquidation does.

    Attributes:
        name: Its name in the file of scenarios.
        title: A short phrase for a reader.
        oracle_fall: Share by which the price that the oracle reports falls below the peg.
        market_fall: Share by which the price at which one can sell falls below the peg.
        bonus: Discount a liquidator gets, as a share of the debt repaid.
        slippage: Further share of the market price lost by selling.
        utilisation_before: Share of the lent pool in use before the break; None where the pool is left aside.
        utilisation_after: The same after it.
    """

    name: str
    title: str
    oracle_fall: float
    market_fall: float
    bonus: float = 0.0
    slippage: float = 0.0
    utilisation_before: float | None = None
    utilisation_after: float | None = None

    def __post_init__(self) -> None:
        where = f"depeg '{self.name}'"
        for name in ("oracle_fall", "market_fall", "slippage"):
            number(where, name, getattr(self, name), 0.0, 1.0)
        number(where, "bonus", self.bonus)
        if (self.utilisation_before is None) != (self.utilisation_after is None):
            raise ModelError(f"{where}: one 'utilisation' of two is given, expected both or neither")
        for name in ("utilisation_before", "utilisation_after"):
            if getattr(self, name) is not None:
                number(where, name, getattr(self, name), 0.0, 1.0)


class Step(NamedTuple):
    """Days of a run on which the same share is asked for each day.

    Attributes:
        first: First day, from 1.
        last: Last day, included.
        share: What is asked for on each of them.
        of: `remaining`, the balance that has not been asked for yet, or `initial`, the balance before the run.
    """

    first: int
    last: int
    share: float
    of: str = "remaining"


def requests(steps: Iterable[tuple[int, int, float, str]]) -> tuple[float, ...]:
    """Share of the initial balance asked for on each day of a run that is told in steps.

    A share q of the remaining balance asks for q times what nobody asked for before; days between steps ask for
    nothing. The two bases differ: 24% and then 57% of the initial balance is 75% of what remained after the first.

    Args:
        steps: First day, last day, share per day and its base, in the order of days and without overlap.

    Returns:
        A share for each day from 1 to the last.

    Raises:
        ModelError: Days out of order, a share outside 0 to 1, an unknown base, or more asked for than is left.

    >>> [round(share, 4) for share in requests([(1, 2, 0.5, "remaining"), (4, 4, 0.25, "initial")])]
    [0.5, 0.25, 0.0, 0.25]
    """
    asked: list[float] = []
    for index, step in enumerate(steps, 1):
        first, last, share, of = Step(*step)
        where = f"requests, step {index}"
        for name, day in (("first day", first), ("last day", last)):
            if number(where, name, day, 1.0) % 1:
                raise ModelError(f"{where}: '{name}' is {day:g}, expected a whole number of days")
        number(where, "share", share, 0.0, 1.0)
        if of not in ("remaining", "initial"):
            raise ModelError(f"{where}: 'of' is {of!r}, expected 'remaining' or 'initial'")
        if first <= len(asked) or last < first:
            raise ModelError(f"{where}: days {first} to {last}, expected days in order and after day {len(asked)}")
        asked.extend([0.0] * (first - 1 - len(asked)))
        left = 1.0 - sum(asked)
        for day in range(first, last + 1):
            wanted = share * left if of == "remaining" else share
            if wanted > left + SLACK:
                raise ModelError(f"{where}: day {day} asks for {wanted:g} of the initial balance, {left:g} is left")
            asked.append(min(wanted, left))
            left = max(0.0, left - wanted)
    return tuple(asked)


@model(
    unit="share",
    inputs={"total": Input("share", +1, (0.0, 1.0)), "days": Input("days", -1, (1.0, np.inf))},
    range=(0.0, 1.0),
)
def daily_share(total: Column, days: Column) -> Column:
    """Constant share of the remaining balance that leaves each day where a total leaves in so many days.

    q = 1 - (1 - X)^(1/n). Calibrates a run on one that happened.

    Args:
        total: Share of the initial balance that left.
        days: Days it took.

    Returns:
        Share of the remaining balance per day.

    Raises:
        ModelError: A share outside 0 to 1 or less than a day.

    >>> round(daily_share(total=0.367, days=5), 3)
    0.087
    """
    return -np.expm1(np.log1p(-total) / days)


@model(
    unit="share",
    inputs={"share": Input("share", +1, (0.0, 1.0)), "days": Input("days", +1)},
    range=(0.0, 1.0),
)
def run_total(share: Column, days: Column) -> Column:
    """Share of the initial balance that has left after so many days at a constant daily share of what remains.

    X = 1 - (1 - q)^n, the inverse of `daily_share`.

    Args:
        share: Share of the remaining balance that leaves each day.
        days: Days of the run.

    Returns:
        Share of the initial balance.

    Raises:
        ModelError: A share outside 0 to 1 or negative days.

    >>> round(run_total(share=0.02, days=30), 3)
    0.455
    """
    return np.where((share == 0) | (days == 0), 0.0, -np.expm1(days * np.log1p(-share)))
