"""Loans against collateral under stress: how far its price may fall, who bears the rest, and what was only claimed.

The collateral ratio kappa is collateral over debt at today's prices, the inverse of the loan-to-value. What a sale
brings in is reduced by slippage (a worse price for the size sold) and cost (fees, auctions, lawyers), in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

if TYPE_CHECKING:
    from checker.metrics.scenario import Shock

__all__ = [
    "BucketShortfall",
    "LiquidationStep",
    "bad_debt",
    "bucket_shortfalls",
    "claim_gap",
    "health_factor",
    "liquidation_step",
    "shortfall",
    "tolerable_fall",
    "toxic_ltv",
    "uncollateralised_loss",
]


@model(
    unit="share",
    inputs={
        "collateral_ratio": Input("ratio", 1),
        "slippage": Input("share", -1, (0.0, 1.0), 0.0),
        "cost": Input("share", -1, (0.0, 1.0), 0.0),
    },
    range=(0.0, 1.0),
)
def tolerable_fall(collateral_ratio: Column, slippage: Column, cost: Column) -> Column:
    """Fall of the collateral's price that a sale still covers: max(0, 1 - 1 / (kappa (1 - slippage) (1 - cost))).

    Args:
        collateral_ratio: Collateral over debt, kappa.
        slippage: Share of the price lost to the size of the sale.
        cost: Share of the proceeds lost to fees.

    Returns:
        Share of the price; 0 where a sale today would not cover the debt.

    >>> [round(tolerable_fall(collateral_ratio=k, slippage=0.05, cost=0.02), 3) for k in (1.25, 1.5, 2)]
    [0.141, 0.284, 0.463]
    """
    return np.maximum(0, 1 - 1 / (collateral_ratio * (1 - slippage) * (1 - cost)))


@model(
    unit="ratio",
    inputs={
        "collateral": Input("money", 1),
        "debt": Input("money", -1),
        "liquidation_ltv": Input("share", 1, (0.0, 1.0)),
    },
    range=(0.0, inf),
    never="there is no debt",
)
def health_factor(collateral: Column, debt: Column, liquidation_ltv: Column) -> Column:
    """How far a loan is from being closed by force: C LT / B, below 1 it may be.

    Args:
        collateral: Value of the collateral, C.
        debt: Debt, B.
        liquidation_ltv: Loan-to-value at which the loan may be closed, LT.

    Returns:
        Ratio; never without debt.

    >>> round(health_factor(collateral=9900, debt=8400, liquidation_ltv=0.8), 3)
    0.943
    """
    return np.where(debt == 0, inf, collateral * liquidation_ltv / debt)


@model(unit="share", inputs={"bonus": Input("share", -1)}, range=(0.0, 1.0))
def toxic_ltv(bonus: Column) -> Column:
    """Loan-to-value above which every liquidation leaves the loan worse off than before: 1 / (1 + bonus).

    Repaying d and handing over d (1 + i) of collateral lowers B/C only while B/C < 1 / (1 + i) (Warmuz, Chaudhary &
    Pinna, arXiv 2212.07306, 2022).

    Args:
        bonus: Liquidator's bonus, share of the debt repaid.

    Returns:
        Loan-to-value.

    >>> round(toxic_ltv(bonus=0.1), 3)
    0.909
    """
    return 1 / (1 + bonus)


@model(
    unit="money",
    inputs={
        "collateral": Input("money", -1),
        "debt": Input("money", 1),
        "bonus": Input("share", 1, default=0.0),
    },
    range=(0.0, inf),
)
def bad_debt(collateral: Column, debt: Column, bonus: Column) -> Column:
    """Debt that nobody pays once all collateral has gone to liquidators: max(0, B - C / (1 + bonus)).

    Args:
        collateral: Value of the collateral at the price of the liquidation, C.
        debt: Debt, B.
        bonus: Liquidator's bonus, share of the debt repaid.

    Returns:
        Money.

    >>> round(bad_debt(collateral=9900, debt=9500, bonus=0.1), 6)
    500.0
    """
    return np.maximum(0, debt - collateral / (1 + bonus))


@model(
    unit="share",
    inputs={"collateral_ratio": Input("ratio", -1)},
    scenario="shock",
    range=(0.0, 1.0),
)
def shortfall(collateral_ratio: Column, scenario: Shock) -> Column:
    """Share of a debt that the sale of its collateral leaves unpaid: max(0, 1 - kappa (1 - fall)(1 - slip)(1 - cost)).

    For one loan or for a bucket of loans with the same ratio; within a bucket of mixed ratios it is the least that is
    lost, since the surplus of one borrower does not pay for another.

    Args:
        collateral_ratio: Collateral over debt before the fall, kappa.
        scenario: Fall of the price, slippage and cost of the sale.

    Returns:
        Share of the debt; 0 as far as `tolerable_fall` reaches.
    """
    proceeds = (1 - scenario.price_fall) * (1 - scenario.slippage) * (1 - scenario.cost)
    return np.maximum(0, 1 - collateral_ratio * proceeds)


@model(
    unit="share",
    inputs={"claimed": Input("share", 1, (0.0, 1.0)), "evidenced": Input("share", -1, (0.0, 1.0))},
    range=(-1.0, 1.0),
)
def claim_gap(claimed: Column, evidenced: Column) -> Column:
    """Share of loans said to be covered by collateral for which there is no evidence: claimed - evidenced.

    Args:
        claimed: Share of loans, by amount or by number, that is said to be over-collateralised.
        evidenced: The same share as evidence shows it, counted the same way.

    Returns:
        Share of the loans; below 0 where evidence shows more than was claimed.

    >>> round(claim_gap(claimed=1, evidenced=0.24), 2)
    0.76
    """
    return claimed - evidenced


@model(
    unit="money",
    inputs={
        "loans": Input("money", 1),
        "collateralised_share": Input("share", -1, (0.0, 1.0)),
        "loss_given_default": Input("share", 1, (0.0, 1.0)),
        "default_probability": Input("share", 1, (0.0, 1.0), 1.0),
    },
    range=(0.0, inf),
)
def uncollateralised_loss(
    loans: Column, collateralised_share: Column, loss_given_default: Column, default_probability: Column
) -> Column:
    """Expected loss of loans without any collateral: no price fall is needed, they lose LGD when the borrower fails.

    EAD * PD * LGD with the exposure EAD = loans (1 - collateralised share).

    Args:
        loans: All loans.
        collateralised_share: Share of them with any collateral.
        loss_given_default: Share of an uncollateralised loan lost when its borrower fails, LGD.
        default_probability: Chance of that, PD; 1 asks what is lost if all of them fail.

    Returns:
        Money.

    >>> round(uncollateralised_loss(loans=1000, collateralised_share=0.24, loss_given_default=0.6), 6)
    456.0
    """
    return loans * (1 - collateralised_share) * loss_given_default * default_probability


@dataclass(frozen=True)
class LiquidationStep:
    """What one call of a fixed-spread liquidation does to a loan.

    Attributes:
        health_factor: Before the call; None without debt.
        repaid: Debt the liquidator pays back; 0 where the loan may not be closed.
        seized: Value of the collateral handed over for it.
        profit: The liquidator's, at the price of the call.
        collateral: Value of the collateral left.
        debt: Debt left.
        ltv_before: Loan-to-value before the call; None without collateral.
        ltv_after: Loan-to-value after it; None without collateral.
    """

    health_factor: float | None
    repaid: float
    seized: float
    profit: float
    collateral: float
    debt: float
    ltv_before: float | None
    ltv_after: float | None


def liquidation_step(
    *, units: float, price: float, debt: float, liquidation_ltv: float, close_factor: float, bonus: float
) -> LiquidationStep:
    """One call of a fixed-spread liquidation: repay up to a share of the debt, take that much collateral and a bonus.

    With HF = C p LT / B < 1 the liquidator repays min(CF B, C p / (1 + bonus)) and takes (1 + bonus) times that (Qin,
    Zhou, Gamito, Jovanovic & Gervais, "An empirical study of DeFi liquidations", 2021).

    Args:
        units: Collateral in units of the token, C.
        price: Price of a unit, p.
        debt: Debt, B.
        liquidation_ltv: Loan-to-value at which the loan may be closed, LT.
        close_factor: Share of the debt that one call may repay, CF.
        bonus: Liquidator's bonus, share of the debt repaid.

    Returns:
        The step; a healthy loan is left as it is.

    Raises:
        ModelError: An input outside its range.

    >>> step = liquidation_step(units=3, price=3300, debt=8400, liquidation_ltv=0.8, close_factor=0.5, bonus=0.1)
    >>> round(step.health_factor, 3), round(step.repaid), round(step.seized), round(step.profit)
    (0.943, 4200, 4620, 420)
    """
    where = "collateral.liquidation_step"
    number(where, "units", units)
    number(where, "price", price)
    number(where, "close_factor", close_factor, 0.0, 1.0)
    number(where, "bonus", bonus)
    value = units * price
    health = health_factor(collateral=value, debt=debt, liquidation_ltv=liquidation_ltv)
    open_to_all = health is not None and health < 1
    repaid = min(close_factor * debt, value * toxic_ltv.function(bonus=bonus)) if open_to_all else 0.0
    seized = min(repaid * (1 + bonus), value)
    return LiquidationStep(
        health,
        repaid,
        seized,
        seized - repaid,
        value - seized,
        debt - repaid,
        debt / value if value > 0 else None,
        (debt - repaid) / (value - seized) if value > seized else None,
    )


@dataclass(frozen=True)
class BucketShortfall:
    """A loan, or a bucket of loans of one collateral ratio, after a price fall.

    Attributes:
        debt: What is owed.
        collateral: Value of the collateral before the fall.
        tolerable_fall: Fall that a sale at the scenario's slippage and cost still covers; None without debt.
        shortfall: Money left unpaid.
        share: The same as a share of the debt; None without debt.
    """

    debt: float
    collateral: float
    tolerable_fall: float | None
    shortfall: float
    share: float | None


def bucket_shortfalls(
    debts: Sequence[float], collaterals: Sequence[float], scenario: Shock
) -> tuple[BucketShortfall, ...]:
    """What each loan or bucket of loans leaves unpaid after a price fall; no surplus pays for another's hole.

    Args:
        debts: Debt of each bucket.
        collaterals: Value of the collateral of each bucket before the fall.
        scenario: Fall of the price, slippage and cost of the sale.

    Returns:
        One line for each bucket, in their order.

    Raises:
        ModelError: Lists of different length, or an amount that is no number of at least 0.
    """
    where = "collateral.bucket_shortfalls"
    if len(debts) != len(collaterals):
        raise ModelError(f"{where}: 'collaterals' has {len(collaterals)} values, expected {len(debts)} as in 'debts'")
    lines = []
    for owed, held in zip(debts, collaterals, strict=True):
        number(where, "debts", owed)
        number(where, "collaterals", held)
        if owed == 0:
            lines.append(BucketShortfall(owed, held, None, 0.0, None))
            continue
        share = shortfall(collateral_ratio=held / owed, scenario=scenario)
        fall = tolerable_fall(collateral_ratio=held / owed, slippage=scenario.slippage, cost=scenario.cost)
        lines.append(BucketShortfall(owed, held, fall, owed * (share or 0.0), share))
    return tuple(lines)
