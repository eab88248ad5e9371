"""Reuse and illusion: one piece of collateral pledged many times, one deposit counted many times.

What a depositor should take from these numbers is the share of a stated total that is there only once.
"""

from __future__ import annotations

from math import inf

import numpy as np

from checker.metrics import loop
from checker.metrics.model import Column, Input, model

__all__ = ["adjusted_tvl", "multiplier", "multiplier_limit", "self_referential_share", "tvl_multiplier", "velocity"]


@model(
    unit="ratio",
    inputs={"received": Input("money", 1), "source": Input("money", -1)},
    range=(0.0, inf),
    never="nobody is known to have pledged anything first",
)
def velocity(received: Column, source: Column) -> Column:
    """How often a piece of collateral is pledged: collateral received over what its owners first pledged.

    Singh, "Velocity of Pledged Collateral", IMF WP/11/256 (2011).

    Args:
        received: Pledged collateral received that may be pledged again, all takers together.
        source: Collateral first pledged by those who own it.

    Returns:
        Times.

    >>> round(velocity(received=10, source=10 / 3), 6)
    3.0
    """
    return received / source


@model(
    unit="ratio",
    inputs={
        "reuse_share": Input("share", 1, (0.0, 1.0)),
        "haircut": Input("share", -1, (0.0, 1.0)),
        "times": Input("count", 1),
    },
    range=(1.0, inf),
)
def multiplier(reuse_share: Column, haircut: Column, times: Column) -> Column:
    """Claims that rest on one unit of collateral pledged on n times: sum of (u (1 - h))^k for k = 0 to n.

    The geometry is that of a loop with the loan-to-value u and the swap cost h.

    Args:
        reuse_share: Share of the collateral received that is pledged on, u.
        haircut: Haircut at each pledge, h.
        times: How often it is pledged on, n.

    Returns:
        Times the collateral.

    >>> round(multiplier(reuse_share=0.8, haircut=0, times=5), 2)
    3.69
    """
    claims: Column = loop.leverage.function(ltv=reuse_share, rounds=times, swap_cost=haircut)
    return claims


@model(
    unit="ratio",
    inputs={"reuse_share": Input("share", 1, (0.0, 1.0)), "haircut": Input("share", -1, (0.0, 1.0))},
    range=(1.0, inf),
    never="all of it is pledged on without a haircut: no limit",
)
def multiplier_limit(reuse_share: Column, haircut: Column) -> Column:
    """Claims that rest on one unit of collateral pledged on without end: 1 / (1 - u (1 - h)).

    Args:
        reuse_share: Share of the collateral received that is pledged on, u.
        haircut: Haircut at each pledge, h.

    Returns:
        Times the collateral; never where u (1 - h) = 1.

    >>> round(multiplier_limit(reuse_share=0.8, haircut=0.1), 2)
    3.57
    """
    claims: Column = loop.limit.function(ltv=reuse_share, swap_cost=haircut)
    return claims


@model(
    unit="money",
    inputs={
        "gross": Input("money", 1),
        "receipts": Input("money", -1),
        "reborrowed": Input("money", -1, default=0.0),
    },
    range=(0.0, inf),
)
def adjusted_tvl(gross: Column, receipts: Column, reborrowed: Column) -> Column:
    """Money locked, counted once: gross - receipts of other platforms - what was borrowed and deposited again.

    After Luo, Feng, Xu & Tasca, arXiv 2404.11745 (2024).

    Args:
        gross: Total value locked as platforms state it.
        receipts: Part of it that consists of receipts of other platforms.
        reborrowed: Part of it that was borrowed and deposited again.

    Returns:
        Money; not defined where the parts exceed the whole.

    >>> adjusted_tvl(gross=100, receipts=40, reborrowed=10)
    50.0
    """
    once = gross - receipts - reborrowed
    return np.where(once < 0, np.nan, once)


@model(
    unit="ratio",
    inputs={
        "gross": Input("money", -1),
        "receipts": Input("money", 1),
        "reborrowed": Input("money", 1, default=0.0),
    },
    range=(1.0, inf),
    never="nothing in it is there only once",
)
def tvl_multiplier(gross: Column, receipts: Column, reborrowed: Column) -> Column:
    """How many times over the money locked is counted: gross / adjusted.

    Args:
        gross: Total value locked as platforms state it.
        receipts: Part of it that consists of receipts of other platforms.
        reborrowed: Part of it that was borrowed and deposited again.

    Returns:
        Times; not defined where the parts exceed the whole.

    >>> tvl_multiplier(gross=100, receipts=40, reborrowed=10)
    2.0
    """
    once: Column = adjusted_tvl.function(gross=gross, receipts=receipts, reborrowed=reborrowed)
    return gross / once


@model(
    unit="share",
    inputs={"own_issued": Input("money", 1), "total_assets": Input("money", -1)},
    range=(0.0, 1.0),
)
def self_referential_share(own_issued: Column, total_assets: Column) -> Column:
    """Share of the assets that the platform or its affiliates issued themselves, and that falls when it does.

    Args:
        own_issued: Tokens, shares and claims issued by the platform or its affiliates.
        total_assets: All assets, those included.

    Returns:
        Share of the assets; not defined without assets, or where the part exceeds the whole.

    >>> round(self_referential_share(own_issued=5.82, total_assets=14.6), 3)
    0.399
    """
    return np.where(own_issued > total_assets, np.nan, own_issued / total_assets)
