"""Loops: collateral lent out, the loan swapped back into collateral and pledged again, round after round.

Lending E, borrowing the share l of the pledge each round and losing the share f of every swap gives a geometric series
with the ratio q = l (1 - f). `rounds` counts borrowings after the first deposit, so none of them means no debt. Rates
are fractions per year. What the market may lose before nothing is left depends on the leverage alone, however reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from checker.metrics.model import Column, Input, ModelError, model

__all__ = [
    "Round",
    "break_even_borrow_rate",
    "capital_left",
    "days_to_liquidation",
    "debt",
    "debt_ratio",
    "effective_leverage",
    "implied_borrow_rate",
    "leverage",
    "limit",
    "liquidation_fall",
    "net_carry",
    "position",
    "rounds",
    "wipe_out_fall",
]

DAYS = 365
MOST_ROUNDS = 10_000  # of a table; the formulas take any number

_FALLS = {"leverage": Input("ratio", -1, (1.0, inf))}


def _series(ratio: Column, terms: Column) -> Column:
    """1 + q + q^2 + ... with that many terms."""
    many = -np.expm1(terms * np.log(ratio)) / (1 - ratio)
    return np.where(terms == 0, 0.0, np.where(ratio == 1, terms, many))


@model(
    unit="ratio",
    inputs={
        "ltv": Input("share", 1, (0.0, 1.0)),
        "rounds": Input("count", 1),
        "swap_cost": Input("share", -1, (0.0, 1.0), 0.0),
    },
    range=(1.0, inf),
)
def leverage(ltv: Column, rounds: Column, swap_cost: Column) -> Column:
    """Collateral held per unit of own money.

    C/E = (1 - q^(n+1)) / (1 - q) with q = l (1 - f); n + 1 where q = 1.

    Args:
        ltv: Loan-to-value drawn in each round, l.
        rounds: Borrowings after the first deposit, n.
        swap_cost: Share lost when a loan is swapped into collateral, f.

    Returns:
        Times the own money.

    >>> round(leverage(ltv=0.8, rounds=5), 2)
    3.69
    """
    return _series(ltv * (1 - swap_cost), rounds + 1)


@model(
    unit="money",
    inputs={
        "capital": Input("money", 1),
        "ltv": Input("share", 1, (0.0, 1.0)),
        "rounds": Input("count", 1),
        "swap_cost": Input("share", -1, (0.0, 1.0), 0.0),
    },
    range=(0.0, inf),
)
def position(capital: Column, ltv: Column, rounds: Column, swap_cost: Column) -> Column:
    """Collateral held after the last round: C = E (1 - q^(n+1)) / (1 - q).

    Args:
        capital: Own money put in, E.
        ltv: Loan-to-value drawn in each round.
        rounds: Borrowings after the first deposit.
        swap_cost: Share lost in each swap.

    Returns:
        Money.

    >>> round(position(capital=100_000, ltv=0.8, rounds=5)), round(position(capital=100_000, ltv=0.8, rounds=4))
    (368928, 336160)
    """
    return capital * _series(ltv * (1 - swap_cost), rounds + 1)


@model(
    unit="money",
    inputs={
        "capital": Input("money", 1),
        "ltv": Input("share", 1, (0.0, 1.0)),
        "rounds": Input("count", 1),
        "swap_cost": Input("share", -1, (0.0, 1.0), 0.0),
    },
    range=(0.0, inf),
)
def debt(capital: Column, ltv: Column, rounds: Column, swap_cost: Column) -> Column:
    """Debt after the last round: B = E l (1 - q^n) / (1 - q).

    Args:
        capital: Own money put in, E.
        ltv: Loan-to-value drawn in each round, l.
        rounds: Borrowings after the first deposit, n.
        swap_cost: Share lost in each swap.

    Returns:
        Money.

    >>> round(debt(capital=100_000, ltv=0.8, rounds=5))
    268928
    """
    return capital * ltv * _series(ltv * (1 - swap_cost), rounds)


@model(
    unit="ratio",
    inputs={"ltv": Input("share", 1, (0.0, 1.0)), "swap_cost": Input("share", -1, (0.0, 1.0), 0.0)},
    range=(1.0, inf),
    never="the position grows without end: each round pledges as much as the one before",
)
def limit(ltv: Column, swap_cost: Column) -> Column:
    """Leverage that ever more rounds come close to: 1 / (1 - l (1 - f)).

    Args:
        ltv: Loan-to-value drawn in each round, l.
        swap_cost: Share lost in each swap, f.

    Returns:
        Times the own money; never where a round loses nothing.

    >>> round(limit(ltv=0.8), 6)
    5.0
    """
    return 1 / (1 - ltv * (1 - swap_cost))


@model(
    unit="share",
    inputs={
        "ltv": Input("share", 1, (0.0, 1.0)),
        "rounds": Input("count", 1),
        "swap_cost": Input("share", 1, (0.0, 1.0), 0.0),
    },
    range=(0.0, 1.0),
)
def debt_ratio(ltv: Column, rounds: Column, swap_cost: Column) -> Column:
    """Loan-to-value of the whole loop: B/C, debt over collateral.

    It rises with the swap cost too: what a swap loses is missing in the collateral and stays in the debt.

    Args:
        ltv: Loan-to-value drawn in each round.
        rounds: Borrowings after the first deposit.
        swap_cost: Share lost in each swap.

    Returns:
        Share of the collateral.

    >>> round(debt_ratio(ltv=0.8, rounds=5), 3)
    0.729
    """
    ratio = ltv * (1 - swap_cost)
    # B/C = l S / (1 + q S), S the series without its last term; in this form it also holds for S without end
    return np.minimum(1, ltv / (1 / _series(ratio, rounds) + ratio))


@model(
    unit="ratio",
    inputs={
        "ltv": Input("share", 1, (0.0, 1.0)),
        "rounds": Input("count", 1),
        "swap_cost": Input("share", 1, (0.0, 1.0), 0.0),
    },
    range=(1.0, inf),
    never="no own money is left in the loop",
)
def effective_leverage(ltv: Column, rounds: Column, swap_cost: Column) -> Column:
    """Collateral per unit of own money that is still there after the swaps: 1 / (1 - B/C).

    Equal to the leverage where swaps cost nothing. What a fall wipes out follows from this one.

    Args:
        ltv: Loan-to-value drawn in each round.
        rounds: Borrowings after the first deposit.
        swap_cost: Share lost in each swap.

    Returns:
        Times the own money left.

    >>> round(effective_leverage(ltv=0.8, rounds=5, swap_cost=0.01), 2)
    3.72
    """
    owed: Column = debt_ratio.function(ltv=ltv, rounds=rounds, swap_cost=swap_cost)
    return 1 / (1 - owed)


@model(unit="share", inputs=_FALLS, range=(0.0, 1.0))
def wipe_out_fall(leverage: Column) -> Column:
    """Fall of the collateral's price at which nothing of the own money is left: 1 / leverage.

    Args:
        leverage: Collateral per unit of own money.

    Returns:
        Share of the price.

    >>> round(wipe_out_fall(leverage=3.68928), 3)
    0.271
    """
    return 1 / leverage


@model(
    unit="share",
    inputs={**_FALLS, "price_fall": Input("share", -1, (0.0, 1.0))},
    range=(0.0, 1.0),
)
def capital_left(leverage: Column, price_fall: Column) -> Column:
    """Own money left after a fall of the collateral's price, without liquidation: max(0, 1 - leverage * fall).

    A loss beyond the own money is the lenders'.

    Args:
        leverage: Collateral per unit of own money.
        price_fall: Fall of the collateral against the debt, share of the price.

    Returns:
        Share of the own money.

    >>> round(capital_left(leverage=3.68928, price_fall=0.25), 3)
    0.078
    """
    return np.maximum(0, 1 - leverage * price_fall)


@model(
    unit="share",
    inputs={**_FALLS, "liquidation_ltv": Input("share", 1, (0.0, 1.0))},
    range=(0.0, inf),
    never="there is no debt",
)
def liquidation_fall(leverage: Column, liquidation_ltv: Column) -> Column:
    """Fall of the collateral's price at which the position is closed by force: 1 - (1 - 1/leverage) / LT.

    Args:
        leverage: Collateral per unit of own money.
        liquidation_ltv: Loan-to-value at which the position is closed, LT.

    Returns:
        Share of the price; 0 where it may be closed now, never without debt.

    >>> round(liquidation_fall(leverage=3.68928, liquidation_ltv=0.85), 3)
    0.142
    """
    return np.where(leverage == 1, inf, np.maximum(0, 1 - (1 - 1 / leverage) / liquidation_ltv))


@model(
    unit="rate",
    inputs={
        "leverage": Input("ratio", 0, (1.0, inf)),
        "asset_yield": Input("rate", 1, (-1.0, inf)),
        "borrow_rate": Input("rate", -1, (-1.0, inf)),
    },
)
def net_carry(leverage: Column, asset_yield: Column, borrow_rate: Column) -> Column:
    """What the loop earns a year per unit of own money: leverage * yield - (leverage - 1) * borrow rate.

    Args:
        leverage: Collateral per unit of own money.
        asset_yield: Yearly yield of the collateral.
        borrow_rate: Yearly cost of the debt.

    Returns:
        Rate per year on the own money.

    >>> round(net_carry(leverage=3.68928, asset_yield=0.12, borrow_rate=0.0977), 2)
    0.18
    """
    return leverage * asset_yield - (leverage - 1) * borrow_rate


def _borrow_rate(leverage: Column, asset_yield: Column, net: Column) -> Column:
    spread = asset_yield - net
    return asset_yield + np.where((leverage > 1) | (spread > 0), spread / (leverage - 1), np.nan)


@model(
    unit="rate",
    inputs={"leverage": Input("ratio", 0, (1.0, inf)), "asset_yield": Input("rate", 1, (-1.0, inf))},
    never="there is no debt whose cost could eat the yield",
)
def break_even_borrow_rate(leverage: Column, asset_yield: Column) -> Column:
    """Borrow rate above which the loop loses money: leverage * yield / (leverage - 1).

    Args:
        leverage: Collateral per unit of own money.
        asset_yield: Yearly yield of the collateral.

    Returns:
        Rate per year; never without debt, not defined without debt and without yield.

    >>> round(break_even_borrow_rate(leverage=5, asset_yield=0.08), 6)
    0.1
    """
    return _borrow_rate(leverage, asset_yield, np.asarray(0.0))


@model(
    unit="rate",
    inputs={
        "leverage": Input("ratio", 0, (1.0, inf)),
        "asset_yield": Input("rate", 1, (-1.0, inf)),
        "net": Input("rate", -1, (-1.0, inf)),
    },
    never="there is no debt whose cost could bring the yield down to that",
)
def implied_borrow_rate(leverage: Column, asset_yield: Column, net: Column) -> Column:
    """Borrow rate that a promised net return takes for granted: (leverage * yield - net) / (leverage - 1).

    Args:
        leverage: Collateral per unit of own money.
        asset_yield: Yearly yield of the collateral.
        net: Return on the own money that is promised, a year.

    Returns:
        Rate per year; never or not defined without debt.

    >>> round(implied_borrow_rate(leverage=3.68928, asset_yield=0.12, net=0.18), 3)
    0.098
    """
    return _borrow_rate(leverage, asset_yield, net)


@model(
    unit="days",
    inputs={
        "leverage": Input("ratio", -1, (1.0, inf)),
        "asset_yield": Input("rate", 1, (-1.0, inf)),
        "borrow_rate": Input("rate", -1, (-1.0, inf)),
        "liquidation_ltv": Input("share", 1, (0.0, 1.0)),
        "price_fall": Input("share", -1, (0.0, 1.0), 0.0),
    },
    range=(0.0, inf),
    never="the debt never outgrows the collateral",
)
def days_to_liquidation(
    leverage: Column, asset_yield: Column, borrow_rate: Column, liquidation_ltv: Column, price_fall: Column
) -> Column:
    """Days until a debt that grows faster than the collateral closes the position at unchanged prices.

    365 ln(HF) / (b - y) with the health factor HF = C (1 - fall) LT / B; both rates compound continuously.

    Args:
        leverage: Collateral per unit of own money.
        asset_yield: Yearly yield of the collateral, y.
        borrow_rate: Yearly cost of the debt, b.
        liquidation_ltv: Loan-to-value at which the position is closed, LT.
        price_fall: Fall of the collateral's price before the first day.

    Returns:
        Days; 0 where it may be closed now, never without debt or with b <= y.

    >>> round(days_to_liquidation(leverage=3.68928, asset_yield=0.05, borrow_rate=0.15, liquidation_ltv=0.85))
    561
    """
    health = np.where(leverage > 1, liquidation_ltv * (1 - price_fall) / (1 - 1 / leverage), inf)
    excess = borrow_rate - asset_yield
    growing = np.where(excess > 0, DAYS * np.log(health) / excess, inf)
    return np.where(health < 1, 0.0, growing)


@dataclass(frozen=True)
class Round:
    """A loop after one of its rounds.

    Attributes:
        number: Borrowings so far; 0 is the first deposit.
        borrowed: Money borrowed in this round.
        pledged: Collateral added in this round, after the swap.
        position: Collateral held.
        debt: Debt owed.
        leverage: Collateral per unit of own money put in.
        debt_ratio: Debt over collateral.
        wipe_out_fall: Fall of the collateral's price at which the own money is gone.
    """

    number: int
    borrowed: float
    pledged: float
    position: float
    debt: float
    leverage: float
    debt_ratio: float
    wipe_out_fall: float


def rounds(capital: float, ltv: float, number: int, swap_cost: float = 0.0) -> tuple[Round, ...]:
    """The loop round by round, the first deposit first.

    Args:
        capital: Own money put in.
        ltv: Loan-to-value drawn in each round.
        number: Borrowings after the first deposit.
        swap_cost: Share lost in each swap.

    Returns:
        `number` + 1 lines.

    Raises:
        ModelError: An input outside its range, or more rounds than a table holds.

    >>> [round(line.position) for line in rounds(100_000, 0.8, 3)]
    [100000, 180000, 244000, 295200]
    """
    if not 0 <= number <= MOST_ROUNDS or number % 1:
        raise ModelError(f"loop.rounds: 'number' is {number}, expected a whole number from 0 to {MOST_ROUNDS}")
    done = np.arange(int(number) + 1, dtype=float)
    held: Column = position(capital=capital, ltv=ltv, rounds=done, swap_cost=swap_cost)
    owed: Column = debt(capital=capital, ltv=ltv, rounds=done, swap_cost=swap_cost)
    times: Column = leverage(ltv=ltv, rounds=done, swap_cost=swap_cost)
    ratio: Column = debt_ratio(ltv=ltv, rounds=done, swap_cost=swap_cost)
    borrowed, pledged = np.diff(owed, prepend=0.0), np.diff(held, prepend=0.0)
    table = (borrowed, pledged, held, owed, times, ratio, 1 - ratio)
    return tuple(Round(index, *(float(column[index]) for column in table)) for index in range(len(done)))
