"""Solvency that rests on tokens the platform issued itself: what is left when their price falls."""

from __future__ import annotations

from math import inf

import numpy as np

from checker.metrics.model import Column, Input, model

__all__ = ["fall_to_insolvency", "solvency", "solvency_without"]

_BALANCE = {
    "total_assets": Input("money", 1),
    "own_tokens": Input("money", -1),
    "liabilities": Input("money", -1),
}


@model(
    unit="ratio",
    inputs={**_BALANCE, "fall": Input("share", -1, (0.0, 1.0))},
    range=(0.0, inf),
    never="there are no liabilities",
)
def solvency(total_assets: Column, own_tokens: Column, liabilities: Column, fall: Column) -> Column:
    """Assets over liabilities after own tokens fell: (total - own * fall) / liabilities.

    Args:
        total_assets: All assets at stated value, own tokens included.
        own_tokens: Tokens issued by the platform or its affiliates, at stated value.
        liabilities: All liabilities.
        fall: Fall of the own tokens' price, share of the price.

    Returns:
        Ratio; insolvent below 1; not defined where own tokens exceed all assets.

    >>> [round(solvency(total_assets=14.6, own_tokens=5.82, liabilities=8, fall=x), 2) for x in (0, 0.5, 1)]
    [1.82, 1.46, 1.1]
    """
    return np.where(own_tokens > total_assets, np.nan, (total_assets - own_tokens * fall) / liabilities)


@model(unit="ratio", inputs=_BALANCE, range=(0.0, inf), never="there are no liabilities")
def solvency_without(total_assets: Column, own_tokens: Column, liabilities: Column) -> Column:
    """Assets over liabilities if own tokens were worth nothing: (total - own) / liabilities.

    Args:
        total_assets: All assets at stated value, own tokens included.
        own_tokens: Tokens issued by the platform or its affiliates, at stated value.
        liabilities: All liabilities.

    Returns:
        Ratio; insolvent below 1; not defined where own tokens exceed all assets.

    >>> round(solvency_without(total_assets=14.6, own_tokens=5.82, liabilities=8), 2)
    1.1
    """
    worthless = np.asarray(1.0)
    left: Column = solvency.function(
        total_assets=total_assets, own_tokens=own_tokens, liabilities=liabilities, fall=worthless
    )
    return left


@model(
    unit="share",
    inputs=_BALANCE,
    range=(0.0, inf),
    never="solvent even if own tokens were worth nothing",
)
def fall_to_insolvency(total_assets: Column, own_tokens: Column, liabilities: Column) -> Column:
    """Fall of the own tokens' price that uses up the equity: (total - liabilities) / own.

    Args:
        total_assets: All assets at stated value, own tokens included.
        own_tokens: Tokens issued by the platform or its affiliates, at stated value.
        liabilities: All liabilities.

    Returns:
        Share of the price; 0 if already insolvent, never if even a price of nothing leaves it solvent, not defined
        where own tokens exceed all assets.

    >>> fall_to_insolvency(total_assets=100, own_tokens=40, liabilities=80)
    0.5
    """
    equity = total_assets - liabilities
    fall = np.where((equity > own_tokens) | (own_tokens == 0), inf, equity / own_tokens)
    return np.where(own_tokens > total_assets, np.nan, np.where(equity < 0, 0.0, fall))
