"""A leveraged position in a token that leaves its peg while the pool it borrows from dries up.

Whether the position is closed is decided by the price the lender's oracle shows, what is then lost by the price the
market pays. On 10 and 11 October 2025 USDe traded at 0.65 on one exchange while the oracle of the largest lender stayed
near 1, so almost nothing was liquidated there. Both variants are therefore always run: an oracle that follows the
market, and one that does not move.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from checker.metrics import borrow_curve, loop
from checker.metrics.checks import number
from checker.metrics.model import Column, Input, model

if TYPE_CHECKING:
    from checker.metrics.scenario import Depeg

__all__ = [
    "Outcome",
    "Variants",
    "bad_debt",
    "capital_lost",
    "carry_after",
    "equity_left",
    "hole",
    "latent_hole",
    "lost_if_oracle_fixed",
    "lost_if_oracle_follows",
    "variants",
]


class _Result(NamedTuple):
    """Columns; `marked` is the equity at market prices, which may be below zero."""

    liquidated: NDArray[np.bool_]
    bad_debt: Column
    latent_hole: Column
    marked: Column


def _result(collateral: Column, debt: Column, liquidation_ltv: Column, scenario: Depeg, oracle_fall: float) -> _Result:
    oracle, market = 1 - oracle_fall, 1 - scenario.market_fall
    sold = market * (1 - scenario.slippage)
    liquidated = collateral * oracle * liquidation_ltv < debt
    paid = min(oracle, sold) / (1 + scenario.bonus)  # debt repaid for each unit of collateral at today's price
    seized = np.where(collateral * paid <= debt, collateral, debt / paid)
    return _Result(
        liquidated,
        np.where(liquidated, np.maximum(0, debt - collateral * paid), 0.0),
        np.where(liquidated, 0.0, np.maximum(0, debt - collateral * sold)),
        np.where(liquidated, (collateral - seized) * market, collateral * market - debt),
    )


def _lost(leverage: Column, liquidation_ltv: Column, scenario: Depeg, oracle_fall: float) -> Column:
    result = _result(leverage, leverage - 1, liquidation_ltv, scenario, oracle_fall)
    return 1 - np.maximum(0, result.marked)


_MONEY = {
    "collateral": Input("money", -1),
    "debt": Input("money", 1),
    "liquidation_ltv": Input("share", -1, (0.0, 1.0)),
}
_LEVERAGED = {"leverage": Input("ratio", 1, (1.0, inf)), "liquidation_ltv": Input("share", -1, (0.0, 1.0))}


@model(unit="money", inputs=_MONEY, scenario="depeg", range=(0.0, inf))
def bad_debt(collateral: Column, debt: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Lenders' loss once the position has been closed by force: B - min(B, s m / (1 + bonus)).

    It is closed where HF = C (1 - oracle fall) LT / B < 1; s = min(C, B (1 + bonus) / m) is sold at
    m = min(1 - oracle fall, (1 - market fall) (1 - slippage)).

    Args:
        collateral: Value of the collateral at the peg, C.
        debt: Debt, B.
        liquidation_ltv: Loan-to-value at which the position is closed, LT.
        scenario: The de-peg.

    Returns:
        Money; 0 where the position stays open.
    """
    return _result(collateral, debt, liquidation_ltv, scenario, scenario.oracle_fall).bad_debt


@model(
    unit="money",
    inputs={**_MONEY, "collateral": Input("money", None), "debt": Input("money", None)}
    | {"liquidation_ltv": Input("share", 1, (0.0, 1.0))},
    scenario="depeg",
    range=(0.0, inf),
)
def latent_hole(collateral: Column, debt: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Lenders' loss that no oracle shows yet, the position being open: max(0, B - C (1 - market fall) (1 - slippage)).

    Args:
        collateral: Value of the collateral at the peg, C.
        debt: Debt, B.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Money; 0 where the position is closed, since its loss is then bad debt.
    """
    return _result(collateral, debt, liquidation_ltv, scenario, scenario.oracle_fall).latent_hole


@model(unit="money", inputs=_MONEY, scenario="depeg", range=(0.0, inf))
def hole(collateral: Column, debt: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Lenders' loss, whether taken or still hidden: bad debt where the position is closed, else the latent hole.

    Args:
        collateral: Value of the collateral at the peg.
        debt: Debt.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Money.
    """
    result = _result(collateral, debt, liquidation_ltv, scenario, scenario.oracle_fall)
    return result.bad_debt + result.latent_hole


@model(
    unit="money",
    inputs={
        "collateral": Input("money", 1),
        "debt": Input("money", -1),
        "liquidation_ltv": Input("share", 1, (0.0, 1.0)),
    },
    scenario="depeg",
    range=(0.0, inf),
)
def equity_left(collateral: Column, debt: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Own money left at market prices: (C - s) (1 - market fall) where closed, else max(0, C (1 - market fall) - B).

    What is below zero is the lenders' hole; the owner may walk away.

    Args:
        collateral: Value of the collateral at the peg, C.
        debt: Debt, B.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Money.
    """
    return np.maximum(0, _result(collateral, debt, liquidation_ltv, scenario, scenario.oracle_fall).marked)


@model(unit="share", inputs=_LEVERAGED, scenario="depeg", range=(0.0, 1.0))
def capital_lost(leverage: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Share of the own money lost, with the oracle as the scenario has it.

    Args:
        leverage: Collateral per unit of own money at the peg.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Share of the own money.
    """
    return _lost(leverage, liquidation_ltv, scenario, scenario.oracle_fall)


@model(unit="share", inputs=_LEVERAGED, scenario="depeg", range=(0.0, 1.0))
def lost_if_oracle_follows(leverage: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Share of the own money lost if the oracle shows what the market pays, whatever the scenario says of it.

    Args:
        leverage: Collateral per unit of own money at the peg.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Share of the own money.
    """
    return _lost(leverage, liquidation_ltv, scenario, scenario.market_fall)


@model(unit="share", inputs=_LEVERAGED, scenario="depeg", range=(0.0, 1.0))
def lost_if_oracle_fixed(leverage: Column, liquidation_ltv: Column, scenario: Depeg) -> Column:
    """Share of the own money lost at market prices if the oracle stays at the peg, whatever the scenario says of it.

    Args:
        leverage: Collateral per unit of own money at the peg.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        Share of the own money.
    """
    return _lost(leverage, liquidation_ltv, scenario, 0.0)


@model(
    unit="rate",
    inputs={
        "leverage": Input("ratio", 0, (1.0, inf)),
        "asset_yield": Input("rate", 1, (-1.0, inf)),
        "utilisation": Input("share", -1, (0.0, 1.0)),
        "slope_1": Input("rate", -1),
        "slope_2": Input("rate", -1),
        "optimal_utilisation": Input("share", 1, (0.0, 1.0)),
        "base_rate": Input("rate", -1, (0.0, inf), 0.0),
    },
    scenario="depeg",
)
def carry_after(
    leverage: Column,
    asset_yield: Column,
    utilisation: Column,
    slope_1: Column,
    slope_2: Column,
    optimal_utilisation: Column,
    base_rate: Column,
    scenario: Depeg,
) -> Column:
    """What the loop that stays open earns a year once borrowers crowd the pool: net carry at the borrow rate then.

    Args:
        leverage: Collateral per unit of own money.
        asset_yield: Yearly yield of the collateral.
        utilisation: Share of the pool lent out; stays where the scenario gives none.
        slope_1: Rise of the borrow rate up to the kink.
        slope_2: Rise of the borrow rate beyond the kink.
        optimal_utilisation: Utilisation at the kink.
        base_rate: Borrow rate at a utilisation of 0.
        scenario: The de-peg, with the utilisation after it.

    Returns:
        Rate per year on the own money.
    """
    after = utilisation if scenario.utilisation_after is None else np.asarray(float(scenario.utilisation_after))
    borrow_rate = borrow_curve.rate.function(
        utilisation=after,
        slope_1=slope_1,
        slope_2=slope_2,
        optimal_utilisation=optimal_utilisation,
        base_rate=base_rate,
    )
    carry: Column = loop.net_carry.function(leverage=leverage, asset_yield=asset_yield, borrow_rate=borrow_rate)
    return carry


@dataclass(frozen=True)
class Outcome:
    """One position after a de-peg.

    Attributes:
        oracle_fall: Fall that the oracle shows.
        liquidated: The position is closed by force.
        bad_debt: Lenders' loss taken.
        latent_hole: Lenders' loss that the oracle does not show.
        equity: Own money at market prices; below zero by as much as the debt exceeds the collateral.
        capital_lost: Share of the own money lost, at most 1; None without own money.
    """

    oracle_fall: float
    liquidated: bool
    bad_debt: float
    latent_hole: float
    equity: float
    capital_lost: float | None


@dataclass(frozen=True)
class Variants:
    """The same de-peg with an oracle as the scenario has it, one that follows the market and one that stays put."""

    stated: Outcome
    oracle_follows: Outcome
    oracle_fixed: Outcome


def variants(collateral: float, debt: float, liquidation_ltv: float, scenario: Depeg) -> Variants:
    """A position after a de-peg under each kind of oracle.

    Args:
        collateral: Value of the collateral at the peg.
        debt: Debt.
        liquidation_ltv: Loan-to-value at which the position is closed.
        scenario: The de-peg.

    Returns:
        The three outcomes.

    Raises:
        ModelError: An amount that is no number of at least 0, or a liquidation threshold that is no share.
    """
    where = "depeg.variants"
    number(where, "collateral", collateral)
    number(where, "debt", debt)
    number(where, "liquidation_ltv", liquidation_ltv, 0.0, 1.0)

    def outcome(oracle_fall: float) -> Outcome:
        with np.errstate(all="ignore"):
            result = _result(
                np.asarray(collateral), np.asarray(debt), np.asarray(liquidation_ltv), scenario, oracle_fall
            )
        own, marked = collateral - debt, float(result.marked)
        return Outcome(
            oracle_fall,
            bool(result.liquidated),
            float(result.bad_debt),
            float(result.latent_hole),
            marked,
            1 - max(0.0, marked) / own if own > 0 else None,
        )

    return Variants(outcome(scenario.oracle_fall), outcome(scenario.market_fall), outcome(0.0))
