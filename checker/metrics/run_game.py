"""The run as a game: what those who leave first take from those who stay.

A platform holds cash and an illiquid asset that sells at a discount now and is worth more if held. Whoever leaves is
paid par while it lasts; whoever stays shares what is left. After Diamond and Dybvig 1983, in the form of Diamond 2007
(Economic Quarterly 93(2), 189-200), with cash and a sale discount added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, model

__all__ = ["Game", "Payoff", "advantage", "early", "f_max", "f_star", "game", "late", "sale_loss", "stayers_loss"]

CASH = Input("ratio", +1)
ILLIQUID = Input("ratio", +1)
HAIRCUT = Input("share", -1, (0.0, 1.0))
GAIN = Input("share", +1, (-1.0, inf), default=0.0)
DEPOSITS = Input("ratio", -1)
SHARE = (0.0, 1.0)
TENTHS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LATE_RATE = Input("share", +1, default=0.0)


@dataclass(frozen=True)
class Payoff:
    """What one gets of 1 when a share of depositors leaves.

    Attributes:
        leaving: Share that leaves.
        early: What one who leaves gets.
        late: What one who stays gets; None where nobody stays.
    """

    leaving: float
    early: float
    late: float | None


@dataclass(frozen=True)
class Game:
    """A platform's run game.

    Attributes:
        f_max: Largest share of depositors that can leave and be paid in full.
        f_star: Share of leavers from which those who stay lose; None where they never do.
        sale_loss: What stayers lose for each 1 paid out of sales; None where sales bring in nothing.
        payoffs: What leavers and stayers get, by share of leavers.
    """

    f_max: float
    f_star: float | None
    sale_loss: float | None
    payoffs: tuple[Payoff, ...]


@model(
    unit="share",
    inputs={"cash": CASH, "illiquid": ILLIQUID, "haircut": HAIRCUT, "deposits": DEPOSITS},
    range=(0.0, 1.0),
)
def f_max(cash: Column, illiquid: Column, haircut: Column, deposits: Column) -> Column:
    """Largest share of depositors that can leave at once and be paid in full, by selling everything.

    min(1, (c + k (1 - h)) / D).

    Args:
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        deposits: What depositors are owed.

    Returns:
        Share; 1 where there are no deposits.

    Raises:
        ModelError: Negative money or a haircut outside 0 to 1.

    >>> f_max(cash=10, illiquid=90, haircut=0.3, deposits=100)
    0.73
    """
    worth = cash + np.where(haircut < 1, illiquid * (1 - haircut), 0.0)
    return np.where(worth >= deposits, 1.0, worth / deposits)


@model(
    unit="share",
    inputs={"cash": CASH, "illiquid": ILLIQUID, "haircut": HAIRCUT, "gain": GAIN, "deposits": DEPOSITS},
    range=(0.0, inf),
    never="those who stay get par however many leave",
)
def f_star(cash: Column, illiquid: Column, haircut: Column, gain: Column, deposits: Column) -> Column:
    """Share of leavers from which those who stay get less than par: if more leave first, whoever stays loses.

    0 where c + k (1 + g) < D, since staying loses anyway; else where what is left after paying f D falls short of
    (1 - f) D: f* = ((k + c/(1 - h)) (1 + g) - D) / (D ((1 + g)/(1 - h) - 1)), and c/D where sales bring in nothing.
    Never where cash covers all deposits, where f* would be 1 or more, and where holding is worth no more than selling.

    Args:
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        gain: What holding them to the end brings, over the mark.
        deposits: What depositors are owed.

    Returns:
        Share.

    Raises:
        ModelError: Negative money, a haircut outside 0 to 1, or a loss of more than everything.

    >>> f_star(cash=0, illiquid=1, haircut=0, gain=1, deposits=1.28)
    0.5625
    """
    kept = np.where(gain > -1, illiquid * (1 + gain), 0.0)
    # All terms of the formula times (1 - h), so that h = 1 needs no case of its own.
    price = 1 - haircut
    edge = (1 + gain) - price
    share = (kept * price + cash * (1 + gain) - deposits * price) / (deposits * edge)
    outlived = (cash >= deposits) | (edge <= 0) | (share >= 1)
    return np.where(cash + kept < deposits, 0.0, np.where(outlived, inf, np.maximum(share, 0.0)))


@model(
    unit="share",
    inputs={
        "leaving": Input("share", -1, SHARE),
        "cash": CASH,
        "illiquid": ILLIQUID,
        "haircut": HAIRCUT,
        "deposits": DEPOSITS,
    },
    range=(0.0, 1.0),
)
def early(leaving: Column, cash: Column, illiquid: Column, haircut: Column, deposits: Column) -> Column:
    """What one who leaves gets of 1, on average over those who leave.

    1 up to f_max, then f_max / f.

    Args:
        leaving: Share of depositors that leaves.
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        deposits: What depositors are owed.

    Returns:
        Share.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> early(leaving=1, cash=10, illiquid=90, haircut=0.3, deposits=100)
    0.73
    """
    most = f_max.function(cash, illiquid, haircut, deposits)
    return np.where(leaving <= most, 1.0, most / leaving)


LATE = {
    "leaving": Input("share", None, SHARE),
    "cash": CASH,
    "illiquid": ILLIQUID,
    "haircut": HAIRCUT,
    "gain": GAIN,
    "deposits": DEPOSITS,
    "late_rate": LATE_RATE,
}


@model(unit="share", inputs=LATE, range=(0.0, inf))
def late(
    leaving: Column,
    cash: Column,
    illiquid: Column,
    haircut: Column,
    gain: Column,
    deposits: Column,
    late_rate: Column,
) -> Column:
    """What one who stays gets of 1.

    min(1 + late rate, (cash left + illiquid left (1 + g)) / ((1 - f) D)); nothing is left beyond f_max. While cash
    lasts, those who leave a platform with a surplus make the rest richer; once it sells, poorer: the result may turn
    in f.

    Args:
        leaving: Share of depositors that leaves.
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        gain: What holding them to the end brings, over the mark.
        deposits: What depositors are owed.
        late_rate: What staying is promised on top of par.

    Returns:
        Share; not defined where nobody stays or there are no deposits.

    Raises:
        ModelError: Negative money, a share outside 0 to 1, or a loss of more than everything.

    >>> round(late(leaving=0.5, cash=10, illiquid=90, haircut=0.3, gain=0, deposits=100), 4)
    0.6571
    """
    paid = leaving * deposits
    sold = np.where(paid > cash, (paid - cash) / (1 - haircut), 0.0)
    left = np.maximum(cash - paid, 0.0) + np.maximum(illiquid - sold, 0.0) * (1 + gain)
    share = np.minimum(1 + late_rate, left / ((1 - leaving) * deposits))
    return np.where((leaving < 1) & (deposits > 0), share, np.nan)


@model(
    unit="share",
    inputs={
        **{name: Input(wanted.unit, None, wanted.range, wanted.default) for name, wanted in LATE.items()},
        "gain": Input("share", -1, GAIN.range, GAIN.default),
        "late_rate": Input("share", -1, default=0.0),
    },
    range=(-inf, 1.0),
)
def advantage(
    leaving: Column,
    cash: Column,
    illiquid: Column,
    haircut: Column,
    gain: Column,
    deposits: Column,
    late_rate: Column,
) -> Column:
    """First-mover advantage: what leaving brings of 1 beyond staying; negative where staying pays.

    early(f) - late(f).

    Args:
        leaving: Share of depositors that leaves.
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        gain: What holding them to the end brings, over the mark.
        deposits: What depositors are owed.
        late_rate: What staying is promised on top of par.

    Returns:
        Share; not defined where nobody stays or there are no deposits.

    Raises:
        ModelError: Negative money, a share outside 0 to 1, or a loss of more than everything.

    >>> round(advantage(leaving=0.5, cash=10, illiquid=90, haircut=0.3, gain=0, deposits=100), 4)
    0.3429
    """
    stays = late.function(leaving, cash, illiquid, haircut, gain, deposits, late_rate)
    return np.asarray(early.function(leaving, cash, illiquid, haircut, deposits) - stays)


@model(
    unit="share",
    inputs={
        "leaving": Input("share", None, SHARE),
        "cash": Input("ratio", -1),
        "illiquid": Input("ratio", -1),
        "haircut": Input("share", +1, SHARE),
        "gain": Input("share", -1, GAIN.range, GAIN.default),
        "deposits": Input("ratio", +1),
    },
    range=(0.0, 1.0),
)
def stayers_loss(
    leaving: Column, cash: Column, illiquid: Column, haircut: Column, gain: Column, deposits: Column
) -> Column:
    """Share of their deposit that those who stay lose when a share of depositors leaves.

    max(0, 1 - late(f)).

    Args:
        leaving: Share of depositors that leaves.
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        gain: What holding them to the end brings, over the mark.
        deposits: What depositors are owed.

    Returns:
        Share; not defined where nobody stays or there are no deposits.

    Raises:
        ModelError: Negative money, a share outside 0 to 1, or a loss of more than everything.

    >>> round(stayers_loss(leaving=0.5, cash=10, illiquid=90, haircut=0.3, gain=0, deposits=100), 4)
    0.3429
    """
    return np.asarray(1 - late.function(leaving, cash, illiquid, haircut, gain, deposits, np.asarray(0.0)))


@model(
    unit="ratio",
    inputs={"haircut": Input("share", +1, SHARE)},
    range=(0.0, inf),
    never="sales bring in nothing, so that none can be paid out of them",
)
def sale_loss(haircut: Column) -> Column:
    """What stayers lose, at the mark, for each 1 that is paid to leavers out of sales.

    h / (1 - h): selling 1/(1 - h) of marks to pay 1.

    Args:
        haircut: Share of the mark lost by selling now.

    Returns:
        Ratio.

    Raises:
        ModelError: A haircut outside 0 to 1.

    >>> round(sale_loss(haircut=0.2), 6)
    0.25
    """
    return haircut / (1 - haircut)


def game(
    cash: float,
    illiquid: float,
    haircut: float,
    deposits: float,
    *,
    gain: float = 0.0,
    late_rate: float = 0.0,
    leaving: Sequence[float] = TENTHS,
) -> Game:
    """The run game of a platform as a table over shares of leavers.

    Args:
        cash: Cash at par.
        illiquid: Illiquid assets at their mark.
        haircut: Share of the mark lost by selling them now.
        deposits: What depositors are owed, in money, above 0.
        gain: What holding the illiquid assets to the end brings, over the mark.
        late_rate: What staying is promised on top of par.
        leaving: Shares of depositors that leave.

    Returns:
        The game.

    Raises:
        ModelError: An input that cannot be.

    >>> [payoff.late for payoff in game(20, 80, 0.5, 100, leaving=(0, 0.2, 0.6)).payoffs]
    [1.0, 1.0, 0.0]
    """
    shares = np.array([number("game", "leaving", share, 0.0, 1.0) for share in leaving])
    held = {"cash": cash, "illiquid": illiquid, "haircut": haircut, "deposits": deposits}
    goes = early(leaving=shares, **held)
    stays = late(leaving=shares, **held, gain=gain, late_rate=late_rate)
    most = f_max(**held)
    assert most is not None
    return Game(
        most,
        f_star(**held, gain=gain),
        sale_loss(haircut=haircut),
        tuple(
            Payoff(float(share), float(leaver), float(stayer) if isfinite(stayer) else None)
            for share, leaver, stayer in zip(shares, goes, stays, strict=True)
        ),
    )
