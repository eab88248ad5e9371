"""The cost of borrowing from a pool as it empties: cheap up to a kink, steep beyond it."""

from __future__ import annotations

from math import inf

import numpy as np

from checker.metrics.model import Column, Input, model

__all__ = ["rate"]


@model(
    unit="rate",
    inputs={
        "utilisation": Input("share", 1, (0.0, 1.0)),
        "slope_1": Input("rate", 1),
        "slope_2": Input("rate", 1),
        "optimal_utilisation": Input("share", -1, (0.0, 1.0)),
        "base_rate": Input("rate", 1, (0.0, inf), 0.0),
    },
    range=(0.0, inf),
)
def rate(
    utilisation: Column, slope_1: Column, slope_2: Column, optimal_utilisation: Column, base_rate: Column
) -> Column:
    """Yearly borrow rate of a pool with a kinked curve.

    Up to the kink base + s1 U / Uo, beyond it base + s1 + s2 (U - Uo) / (1 - Uo) (documentation of Aave v3 and Derive).

    Args:
        utilisation: Share of the pool that is lent out, U.
        slope_1: Rise of the rate from an empty pool to the kink, s1.
        slope_2: Rise of the rate from the kink to a pool lent out in full, s2.
        optimal_utilisation: Utilisation at the kink, Uo.
        base_rate: Rate at a utilisation of 0.

    Returns:
        Rate per year.

    >>> round(rate(utilisation=0.8, slope_1=0.048, slope_2=1.0, optimal_utilisation=0.8), 6)
    0.048
    >>> round(rate(utilisation=1.0, slope_1=0.048, slope_2=1.0, optimal_utilisation=0.8), 6)
    1.048
    """
    below = np.where(utilisation > 0, np.minimum(utilisation / optimal_utilisation, 1), 0.0)
    above = np.where(
        utilisation > optimal_utilisation, (utilisation - optimal_utilisation) / (1 - optimal_utilisation), 0.0
    )
    return base_rate + slope_1 * below + slope_2 * above
