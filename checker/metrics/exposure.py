"""What the failure of a named borrower costs, directly: the first line to read before any contagion is computed.

The loss on a claim is what collateral does not cover, less what is recovered of the rest. Equity bears it first; what
exceeds equity falls on deposits and other creditors of the same rank alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from checker.metrics.model import Column, Input, ModelError, model

__all__ = ["Default", "NamedExposure", "defaults", "deposits_lost", "direct_loss", "equity_lost"]

_CLAIM = {
    "exposure": Input("money", 1),
    "collateral": Input("money", -1, default=0.0),
    "recovery": Input("share", -1, (0.0, 1.0), 0.0),
}
_SECOND = {"second_exposure": Input("money", 1, default=0.0), "second_collateral": Input("money", -1, default=0.0)}


def _loss(exposure: Column, collateral: Column, recovery: Column) -> Column:
    return np.maximum(0, exposure - collateral) * (1 - recovery)


@model(unit="money", inputs=_CLAIM, range=(0.0, inf))
def direct_loss(exposure: Column, collateral: Column, recovery: Column) -> Column:
    """Loss if one borrower fails: max(0, exposure - collateral) * (1 - recovery).

    Args:
        exposure: What the borrower owes.
        collateral: What a sale of its collateral brings in.
        recovery: Share of the uncovered part that is paid in the end.

    Returns:
        Money.

    >>> direct_loss(exposure=162, collateral=91)
    71.0
    """
    return _loss(exposure, collateral, recovery)


@model(
    unit="share",
    inputs={"equity": Input("money", -1, (-inf, inf)), **_CLAIM, **_SECOND},
    range=(0.0, inf),
    never="no equity is left to bear the loss",
)
def equity_lost(
    equity: Column,
    exposure: Column,
    collateral: Column,
    recovery: Column,
    second_exposure: Column,
    second_collateral: Column,
) -> Column:
    """Loss if one or two borrowers fail, as a share of equity; from 1 on the loss reaches depositors.

    Args:
        equity: Own capital of the platform.
        exposure: What the first borrower owes.
        collateral: What a sale of its collateral brings in.
        recovery: Share of the uncovered part that is paid in the end.
        second_exposure: What the second borrower owes; 0 asks for the first alone.
        second_collateral: What a sale of the second one's collateral brings in.

    Returns:
        Share of equity; never where equity is gone before, not defined where neither loss nor equity is left.

    >>> equity_lost(equity=100, exposure=162, collateral=91)
    0.71
    """
    loss = _loss(exposure, collateral, recovery) + _loss(second_exposure, second_collateral, recovery)
    return np.where(equity > 0, loss / equity, np.where(loss > 0, inf, np.nan))


@model(
    unit="share",
    inputs={
        "equity": Input("money", -1, (-inf, inf)),
        "deposits": Input("money", -1),
        **_CLAIM,
        **_SECOND,
        "other_liabilities": Input("money", -1, default=0.0),
    },
    range=(0.0, 1.0),
)
def deposits_lost(
    equity: Column,
    deposits: Column,
    exposure: Column,
    collateral: Column,
    recovery: Column,
    second_exposure: Column,
    second_collateral: Column,
    other_liabilities: Column,
) -> Column:
    """Share of deposits lost if one or two borrowers fail: what exceeds equity, spread over creditors of equal rank.

    min(1, max(0, loss - equity) / (deposits + other liabilities)); equity below zero is a loss already there.

    Args:
        equity: Own capital of the platform.
        deposits: Owed to depositors.
        exposure: What the first borrower owes.
        collateral: What a sale of its collateral brings in.
        recovery: Share of the uncovered part that is paid in the end.
        second_exposure: What the second borrower owes; 0 asks for the first alone.
        second_collateral: What a sale of the second one's collateral brings in.
        other_liabilities: Owed to others of the same rank as depositors.

    Returns:
        Share of deposits; not defined where nothing is owed to anybody.

    >>> deposits_lost(equity=50, deposits=200, exposure=162, collateral=91)
    0.105
    """
    loss = _loss(exposure, collateral, recovery) + _loss(second_exposure, second_collateral, recovery)
    owed = deposits + other_liabilities
    return np.where(owed > 0, np.minimum(1, np.maximum(0, loss - equity) / owed), np.nan)


@dataclass(frozen=True)
class NamedExposure:
    """A claim on a named borrower, or on a group of connected ones.

    Attributes:
        name: The borrower.
        amount: What it owes.
        collateral: What a sale of its collateral brings in.
        recovery: Share of the uncovered part that is paid in the end.
    """

    name: str
    amount: float
    collateral: float = 0.0
    recovery: float = 0.0


@dataclass(frozen=True)
class Default:
    """The largest borrowers fail together.

    Attributes:
        names: Who fails, the largest loss first.
        exposure: What they owe.
        loss: Direct loss.
        equity_lost: Loss as a share of equity; None where equity is gone before.
        equity_left: Equity after the loss; below zero by the hole.
        deposits_lost: Share of deposits lost; None where nothing is owed to anybody.
    """

    names: tuple[str, ...]
    exposure: float
    loss: float
    equity_lost: float | None
    equity_left: float
    deposits_lost: float | None


def defaults(
    exposures: Sequence[NamedExposure],
    equity: float,
    deposits: float,
    other_liabilities: float = 0.0,
    top: Sequence[int] = (1, 2),
) -> tuple[Default, ...]:
    """What is lost if the worst borrower fails, the two worst, and so on.

    Borrowers are ordered by the loss they would cause, not by what they owe; equal ones stay in their order.

    Args:
        exposures: Claims, connected borrowers added up.
        equity: Own capital of the platform.
        deposits: Owed to depositors.
        other_liabilities: Owed to others of the same rank as depositors.
        top: How many fail together, for each line.

    Returns:
        One line for each number in `top`; where there are fewer borrowers all of them fail.

    Raises:
        ModelError: An amount or share that cannot be, a name given twice, or a number in `top` below 1.

    >>> one, two = defaults([NamedExposure("A", 60), NamedExposure("B", 90, collateral=50)], equity=80, deposits=400)
    >>> one.names, one.equity_lost, two.loss, two.deposits_lost
    (('A',), 0.75, 100.0, 0.05)
    """
    names = [claim.name for claim in exposures]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(f"exposure.defaults: '{name}' is given twice, expected connected claims added up")
    for number in top:
        if not 1 <= number < inf or number % 1:
            raise ModelError(f"exposure.defaults: 'top' holds {number}, expected whole numbers of at least 1")
    losses: Column = direct_loss(
        exposure=np.array([claim.amount for claim in exposures]),
        collateral=np.array([claim.collateral for claim in exposures]),
        recovery=np.array([claim.recovery for claim in exposures]),
    )
    worst = np.argsort(-losses, kind="stable")
    lines = []
    for number in top:
        failed = worst[: int(number)]
        loss = float(losses[failed].sum())
        lines.append(
            Default(
                tuple(names[index] for index in failed),
                float(sum(exposures[index].amount for index in failed)),
                loss,
                equity_lost(equity=equity, exposure=loss),
                equity - loss,
                deposits_lost(equity=equity, deposits=deposits, exposure=loss, other_liabilities=other_liabilities),
            )
        )
    return tuple(lines)
