"""Who pays the yield: the rate really promised on a balance, what the assets verifiably earn, and the gap between.

The advertised rate is often the top of a table of balance bands; the rate on a balance is its weighted average. What
the assets earn counts as far as it is evidenced. The difference is paid from a subsidy, or by nobody knows whom.

Source: arithmetic; the weights of evidence (1 on-chain or audited, 0.5 stated with detail, 0 merely stated) are a
convention of this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import NamedTuple, overload

import numpy as np

from checker.metrics._columns import amounts
from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model

__all__ = [
    "AttributableYield",
    "GapSplit",
    "Line",
    "Source",
    "Tier",
    "attributable",
    "attributable_yields",
    "benchmark_part",
    "blended_rate",
    "coverage",
    "disclosed_part",
    "excess",
    "gap",
    "gap_split",
    "headline_premium",
    "interest",
    "platform_rate",
    "subsidy_part",
    "unexplained_part",
    "unexplained_share",
]

PROMISED = Input("rate", +1)
ATTRIBUTABLE = Input("rate", -1, (-inf, inf))
BENCHMARK = Input("rate", 0, (-1.0, inf))


class Tier(NamedTuple):
    """A band of a balance and the rate paid on the part of the balance within it.

    Attributes:
        upper: Upper end of the band, itself included, in the unit of the balance; None for the last band.
        rate: Yearly rate on the part within the band.
    """

    upper: float | None
    rate: float


class Line(NamedTuple):
    """Equal accounts under one table of rates.

    Attributes:
        balance: Balance of all of them together, money.
        accounts: How many there are; the tiers apply to each, not to the total.
        tiers: The table.
    """

    balance: float
    accounts: float
    tiers: Sequence[Tier]


class Source(NamedTuple):
    """An activity that earns money with a part of the assets.

    Attributes:
        amount: Assets employed, money.
        rate: Yearly yield of it; negative for a loss.
        verified: Weight of the evidence, 0 to 1.
        own_token: Paid in a token that the platform or an affiliate issues, emissions included; earns nothing.
    """

    amount: float
    rate: float
    verified: float
    own_token: bool = False


def _bands(function: str, tiers: Sequence[Tier]) -> tuple[Column, Column]:
    """Lower ends of the bands with infinity at the close, and their rates."""
    uppers = [tier.upper for tier in tiers]
    if not tiers or uppers[-1] is not None or None in uppers[:-1]:
        raise ModelError(f"{function}: 'tiers' must end in exactly one band without an upper end (None), got {uppers}")
    edges = [0.0, *(number(function, "tiers.upper", upper) for upper in uppers if upper is not None)]
    if any(high <= low for low, high in pairwise(edges)):
        raise ModelError(f"{function}: 'tiers' must have rising upper ends above 0, got {edges[1:]}")
    rates = [number(function, "tiers.rate", tier.rate) for tier in tiers]
    return np.array([*edges, inf]), np.array(rates)


@overload
def interest(balance: float, tiers: Sequence[Tier]) -> float: ...
@overload
def interest(balance: Column, tiers: Sequence[Tier]) -> Column: ...
def interest(balance: float | Column, tiers: Sequence[Tier]) -> float | Column:
    """Interest of one year promised on a balance under marginal tiers.

    Formula: sum over bands of (part of the balance within the band) x (rate of the band). At the very edge of two
    bands the whole balance is in the lower one.

    Args:
        balance: Balance of one account, in the unit of the tiers; a number or a column.
        tiers: Bands from the bottom up.

    Returns:
        Interest in the unit of the balance.

    Raises:
        ModelError: a negative balance, or bands that do not rise to one without an upper end.

    >>> interest(100, [Tier(25, 0.062), Tier(None, 0.02)])
    3.05
    """
    edges, rates = _bands("yields.interest", tiers)
    held = amounts("yields.interest", "balance", balance)[..., np.newaxis]
    parts = np.clip(held, edges[:-1], edges[1:]) - edges[:-1]
    total: Column = (parts * rates).sum(axis=-1)
    return total if total.ndim else float(total)


@overload
def blended_rate(balance: float, tiers: Sequence[Tier]) -> float | None: ...
@overload
def blended_rate(balance: Column, tiers: Sequence[Tier]) -> Column: ...
def blended_rate(balance: float | Column, tiers: Sequence[Tier]) -> float | Column | None:
    """Yearly rate really promised on a balance: interest over balance.

    Args:
        balance: Balance of one account, in the unit of the tiers; a number or a column.
        tiers: Bands from the bottom up.

    Returns:
        The rate; None (NaN in a column) for an empty account.

    Raises:
        ModelError: a negative balance, or bands that do not rise to one without an upper end.

    >>> round(blended_rate(100, [Tier(25, 0.062), Tier(None, 0.02)]), 4)
    0.0305
    """
    held = np.asarray(balance, dtype=float)
    with np.errstate(all="ignore"):
        rate = np.where(held > 0, np.asarray(interest(held, tiers)) / held, np.nan)
    return rate if held.ndim else _optional(float(rate))


def headline_premium(balance: float, tiers: Sequence[Tier]) -> float | None:
    """By how much the highest advertised rate exceeds the rate on a balance; None for an empty account.

    Args:
        balance: Balance of one account, in the unit of the tiers.
        tiers: Bands from the bottom up.

    Raises:
        ModelError: a negative balance, or bands that do not rise to one without an upper end.

    >>> round(headline_premium(100, [Tier(25, 0.062), Tier(None, 0.02)]), 4)
    0.0315
    """
    rate = blended_rate(float(balance), tiers)
    return None if rate is None else max(tier.rate for tier in tiers) - rate


def platform_rate(lines: Sequence[Line]) -> float | None:
    """Yearly rate that the platform promises on all it owes: the average over its lines by balance.

    Formula: sum(balance x rate of one account) / sum(balance). The average account stands for its line; where
    accounts differ and rates fall with the balance the true rate is lower.

    Args:
        lines: Groups of equal accounts.

    Returns:
        The rate; None where nothing is owed.

    Raises:
        ModelError: a negative balance, less than one account, or wrong bands.
    """
    name = "yields.platform_rate"
    owed = paid = 0.0
    for line in lines:
        balance = number(name, "balance", line.balance)
        accounts = number(name, "accounts", line.accounts, 1)
        owed += balance
        paid += accounts * interest(balance / accounts, line.tiers)
    return paid / owed if owed else None


@model(
    unit="rate",
    inputs={
        "income": Input("money", +1, (-inf, inf)),
        "costs": Input("money", -1, default=0.0),
        "expected_loss": Input("money", -1, default=0.0),
        "deposits": Input("money", 0),
    },
)
def attributable(income: Column, costs: Column, expected_loss: Column, deposits: Column) -> Column:
    """Yearly yield that the assets earn for each unit of deposits, after costs and expected losses.

    Formula: (income - costs - expected loss) / deposits.

    Args:
        income: Income of a year as far as it is evidenced; negative for a loss.
        costs: Costs of a year.
        expected_loss: Credit losses expected in a year, unless the income is net of them.
        deposits: Deposits that the income has to serve.

    Returns:
        Rate a year; not defined without deposits.

    >>> round(attributable(income=432, deposits=5000), 4)
    0.0864
    """
    return np.where(deposits > 0, (income - costs - expected_loss) / deposits, np.nan)


@dataclass(frozen=True)
class AttributableYield:
    """What the assets earn for depositors a year.

    Attributes:
        given: With every source weighted by its evidence; None without deposits.
        upper: If all that is stated were true; None without deposits.
    """

    given: float | None
    upper: float | None


def attributable_yields(
    sources: Sequence[Source], *, deposits: float, costs: float = 0.0, expected_loss: float = 0.0
) -> AttributableYield:
    """Yearly yield by source and evidence, net, for each unit of deposits.

    Formula: (sum of amount x rate x verified - costs - expected loss) / deposits. The weight applies to gains only: an
    admitted loss counts in full, and so does a loss in own tokens.

    Args:
        sources: What earns the money.
        deposits: Deposits to be served, money.
        costs: Costs of a year, money.
        expected_loss: Credit losses expected in a year, money.

    Raises:
        ModelError: a negative amount, a rate below -1, or a weight outside 0 to 1.

    >>> attributable_yields([Source(80, 0.05, 1), Source(20, 0.2, 0.5), Source(9, 0.9, 1, True)], deposits=100)
    AttributableYield(given=0.06, upper=0.08)
    """
    name = "yields.attributable_yields"
    given = upper = 0.0
    for source in sources:
        earned = number(name, "amount", source.amount) * number(name, "rate", source.rate, -1)
        weight = number(name, "verified", source.verified, 0, 1)
        gain = 0.0 if source.own_token else max(0.0, earned)
        loss = min(0.0, earned)
        given += weight * gain + loss
        upper += gain + loss
    return AttributableYield(
        *(
            attributable(income=income, costs=costs, expected_loss=expected_loss, deposits=deposits)
            for income in (given, upper)
        )
    )


@model(unit="rate", inputs={"promised": PROMISED, "attributable": ATTRIBUTABLE})
def gap(promised: Column, attributable: Column) -> Column:
    """What is promised beyond what the assets earn, a year; negative where they earn more.

    Args:
        promised: Rate promised, such as `platform_rate`.
        attributable: Yield that the assets earn, such as `attributable`.

    >>> round(gap(promised=0.195, attributable=0.0864), 4)
    0.1086
    """
    return promised - attributable


@model(unit="ratio", inputs={"promised": Input("rate", 0), "attributable": Input("rate", +1, (-inf, inf))})
def coverage(promised: Column, attributable: Column) -> Column:
    """How much of the promised rate the assets earn: 1 where the promise is earned, below it where it is not.

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.

    Returns:
        Ratio; not defined where nothing is promised.

    >>> round(coverage(promised=0.195, attributable=0.052), 4)
    0.2667
    """
    return np.where(promised > 0, attributable / promised, np.nan)


@model(unit="rate", inputs={"promised": PROMISED, "benchmark": Input("rate", -1, (-1.0, inf))})
def excess(promised: Column, benchmark: Column) -> Column:
    """What is promised beyond a riskless rate of the same date and currency, a year.

    Args:
        promised: Rate promised.
        benchmark: Riskless rate: three-month bills, or the deposit rate of the central bank.

    >>> round(excess(promised=0.195, benchmark=0.005), 4)
    0.19
    """
    return promised - benchmark


@model(
    unit="ratio",
    inputs={
        "promised": Input("rate", 0),
        "attributable": ATTRIBUTABLE,
        "benchmark": BENCHMARK,
    },
)
def unexplained_share(promised: Column, attributable: Column, benchmark: Column) -> Column:
    """Share of the excess over a riskless rate that the assets do not earn.

    Formula: (promised - attributable) / (promised - benchmark). Above 1 where they earn less than the riskless rate,
    negative where they earn more than is promised.

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.
        benchmark: Riskless rate.

    Returns:
        Ratio; not defined where no more than the riskless rate is promised.

    >>> round(unexplained_share(promised=0.195, attributable=0.0864, benchmark=0.005), 4)
    0.5716
    """
    above = promised - benchmark
    return np.where(above > 0, (promised - attributable) / above, np.nan)


def _earned(promised: Column, attributable: Column) -> Column:
    return np.minimum(promised, np.maximum(attributable, 0.0))


def _short(promised: Column, attributable: Column) -> Column:
    return promised - _earned(promised, attributable)


@model(
    unit="rate",
    inputs={
        "promised": PROMISED,
        "attributable": Input("rate", +1, (-inf, inf)),
        "benchmark": Input("rate", +1, (-1.0, inf)),
    },
    range=(0.0, inf),
)
def benchmark_part(promised: Column, attributable: Column, benchmark: Column) -> Column:
    """Part of the promised rate that is earned and that a riskless investment would pay as well.

    Formula: min(promised, attributable, benchmark), not below 0. A riskless rate that nobody shows to be earned
    explains nothing.

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.
        benchmark: Riskless rate.

    >>> benchmark_part(promised=0.195, attributable=0.0864, benchmark=0.005)
    0.005
    """
    return np.minimum(_earned(promised, attributable), np.maximum(benchmark, 0.0))


@model(
    unit="rate",
    inputs={
        "promised": PROMISED,
        "attributable": Input("rate", +1, (-inf, inf)),
        "benchmark": Input("rate", -1, (-1.0, inf)),
    },
    range=(0.0, inf),
)
def disclosed_part(promised: Column, attributable: Column, benchmark: Column) -> Column:
    """Part of the promised rate that is earned from disclosed and evidenced sources beyond the riskless rate.

    Formula: max(0, min(promised, attributable) - max(0, benchmark)).

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.
        benchmark: Riskless rate.

    >>> round(disclosed_part(promised=0.195, attributable=0.0864, benchmark=0.005), 4)
    0.0814
    """
    return np.maximum(_earned(promised, attributable) - np.maximum(benchmark, 0.0), 0.0)


@model(
    unit="rate",
    inputs={"promised": PROMISED, "attributable": ATTRIBUTABLE, "subsidy": Input("rate", +1, default=0.0)},
    range=(0.0, inf),
)
def subsidy_part(promised: Column, attributable: Column, subsidy: Column) -> Column:
    """Part of the promised rate that an evidenced subsidy pays, as far as it is needed.

    Formula: min(subsidy, max(0, promised - max(0, attributable))).

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.
        subsidy: Evidenced payments of a sponsor or a reserve in a year over deposits.

    >>> round(subsidy_part(promised=0.195, attributable=0.0864, subsidy=0.2), 4)
    0.1086
    """
    return np.minimum(subsidy, _short(promised, attributable))


@model(
    unit="rate",
    inputs={"promised": PROMISED, "attributable": ATTRIBUTABLE, "subsidy": Input("rate", -1, default=0.0)},
    range=(0.0, inf),
)
def unexplained_part(promised: Column, attributable: Column, subsidy: Column) -> Column:
    """Part of the promised rate that neither evidenced earnings nor an evidenced subsidy pays.

    Formula: max(0, promised - max(0, attributable) - subsidy).

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn.
        subsidy: Evidenced payments of a sponsor or a reserve in a year over deposits.

    >>> round(unexplained_part(promised=0.195, attributable=0.0864, subsidy=0.1), 4)
    0.0086
    """
    return np.maximum(_short(promised, attributable) - subsidy, 0.0)


@dataclass(frozen=True)
class GapSplit:
    """A promised rate by who pays it. The four parts add up to it; none is negative.

    `benchmark` and `disclosed` together are the promise as far as it is earned, `subsidy` and `unexplained` together
    the gap as far as it is positive.

    Attributes:
        benchmark: Earned, and paid by a riskless investment as well.
        disclosed: Earned beyond that, from disclosed and evidenced sources.
        subsidy: Paid by an evidenced subsidy.
        unexplained: Paid by nobody who could be shown.
        retained: Earned beyond the promise and kept by the platform; no part of the promise.
    """

    benchmark: float
    disclosed: float
    subsidy: float
    unexplained: float
    retained: float

    @property
    def promised(self) -> float:
        """The promised rate: the sum of the four parts."""
        return self.benchmark + self.disclosed + self.subsidy + self.unexplained


def gap_split(*, promised: float, attributable: float, benchmark: float, subsidy: float = 0.0) -> GapSplit:
    """The promised rate by who pays it: earned up to the benchmark, earned above it, subsidised, unexplained.

    The parts are filled in that order until the promise is reached, so a source that is not needed explains nothing
    twice. A net loss (negative `attributable`) leaves both earned parts at 0; it is not a part of the promise.

    Args:
        promised: Rate promised.
        attributable: Yield that the assets earn, net, as evidenced.
        benchmark: Riskless rate; a negative one counts as 0.
        subsidy: Evidenced payments of a sponsor or a reserve in a year over deposits.

    Raises:
        ModelError: a rate outside its range.

    >>> split = gap_split(promised=0.125, attributable=0.0625, benchmark=0.03125, subsidy=0.015625)
    >>> split.benchmark, split.disclosed, split.subsidy, split.unexplained
    (0.03125, 0.03125, 0.015625, 0.046875)
    """
    earning = {"promised": promised, "attributable": attributable}
    return GapSplit(
        benchmark=benchmark_part(**earning, benchmark=benchmark) or 0.0,
        disclosed=disclosed_part(**earning, benchmark=benchmark) or 0.0,
        subsidy=subsidy_part(**earning, subsidy=subsidy) or 0.0,
        unexplained=unexplained_part(**earning, subsidy=subsidy) or 0.0,
        retained=max(0.0, attributable - promised),
    )


def _optional(value: float) -> float | None:
    return value if np.isfinite(value) else None
