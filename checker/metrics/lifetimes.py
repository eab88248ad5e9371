"""What is known about how long programmes of daily returns live: will one live until it has paid the stake back?

Moore, Han & Clayton, "The Postmodern Ponzi Scheme" (Financial Cryptography 2012), followed 1,576 of them: half were
gone after 28 days, three in four after three months, nine in ten after ten months. The curve through these three
points is a fit of this project, not the authors'. It says nothing beyond ten months, and so nothing about a promise of
some per cent a year. Higher rates lived shorter, so what it gives for a high rate is an upper bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from checker.metrics.model import Column, Input, model

__all__ = ["Payback", "payback", "payback_days", "survival", "survival_to_payback"]

MEDIAN_DAYS = 28.0
SHAPE = 0.926
OBSERVED_DAYS = 304.0
"""Ten months: the last quantile that was observed; beyond it the fit is not used."""


@model(unit="days", inputs={"daily_rate": Input("share", -1)}, range=(0.0, inf), never="nothing is paid back")
def payback_days(daily_rate: Column) -> Column:
    """Days until the payments add up to the stake, if the stake itself is not returned.

    Formula: 1 / daily rate.

    Args:
        daily_rate: Share of the stake that is paid each day.

    >>> payback_days(daily_rate=0.01)
    100.0
    """
    return np.where(daily_rate > 0, 1.0 / daily_rate, inf)


@model(unit="share", inputs={"days": Input("days", -1)}, range=(0.0, 1.0))
def survival(days: Column) -> Column:
    """Share of programmes of daily returns still alive after some days: a log-logistic fit to three quantiles.

    Formula: 1 / (1 + (days / 28)^0.926).

    Args:
        days: Days since the programme began.

    Returns:
        Share; not defined beyond ten months, the last quantile observed.

    >>> survival(days=28)
    0.5
    """
    return np.where(days <= OBSERVED_DAYS, 1.0 / (1.0 + (days / MEDIAN_DAYS) ** SHAPE), np.nan)


@model(unit="share", inputs={"daily_rate": Input("share", +1)}, range=(0.0, 1.0))
def survival_to_payback(daily_rate: Column) -> Column:
    """Share of programmes of daily returns that live until the stake is paid back: an upper bound, from a fit.

    Formula: survival(1 / daily rate).

    Args:
        daily_rate: Share of the stake that is paid each day.

    Returns:
        Share; not defined where payback takes more than ten months.

    >>> round(survival_to_payback(daily_rate=0.01), 2)
    0.24
    """
    alive: Column = survival.function(payback_days.function(daily_rate))
    return alive


@dataclass(frozen=True)
class Payback:
    """A promise per day against the lifetimes of programmes that promised the like.

    Attributes:
        days: Days until the stake is paid back.
        survival: Share that lived so long; None beyond what was observed.
        basis: Where the share comes from.
        fitted: The share is read off a fitted curve, not counted.
        upper_bound: The share is too high for a high rate, since those lived shorter.
    """

    days: float | None
    survival: float | None
    basis: str = "Moore, Han & Clayton 2012, 1,576 programmes; log-logistic fit to three quantiles"
    fitted: bool = True
    upper_bound: bool = True


def payback(daily_rate: float) -> Payback:
    """How long until the stake is paid back, and which share of like programmes lived so long.

    Args:
        daily_rate: Share of the stake that is paid each day.

    Raises:
        ModelError: a negative rate.

    >>> round(payback(0.02).survival, 2)
    0.37
    """
    return Payback(payback_days(daily_rate=daily_rate), survival_to_payback(daily_rate=daily_rate))
