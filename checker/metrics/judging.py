"""Judging the checker itself: how well a verdict tells platforms that shut their door from those that did not.

Small numbers decide here, so every share comes with an interval, every rank statistic with its error, and every
probability score with the one a constant forecast would get.

    Hanley & McNeil (1982), Radiology 143(1):29-36: the area under the curve and its standard error.
    Newcombe (1998), Statistics in Medicine 17:857-872: the intervals of Wilson (his method 3) and Clopper-Pearson (5).
    Brier (1950), Monthly Weather Review 78:1-3.
    Fisher (1935), The Design of Experiments: the permutation test.

>>> [round(end, 4) for end in wilson(81, 263)]
[0.2553, 0.3662]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, sqrt
from statistics import NormalDist

import numpy as np

__all__ = [
    "Permutation",
    "auc",
    "brier",
    "brier_skill",
    "clopper_pearson",
    "hanley_mcneil_error",
    "permutation",
    "wilson",
]

EXACT_BELOW = 100_000
"""Up to so many arrangements are gone through one by one; beyond, a seeded sample is drawn and called one."""
SAMPLES = 20_000
SEED = 20_220_612
_SAME = 1e-9


def wilson(successes: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Score interval of a share, without continuity correction: the default interval.

    Formula: (2np + z^2 -+ z sqrt(z^2 + 4npq)) / (2 (n + z^2)).

    Args:
        successes: Count of the cases in question.
        trials: Count of all cases.
        confidence: Coverage aimed at, as a share.

    Returns:
        Lower and upper end, or None without a trial.

    >>> [round(end, 4) for end in wilson(0, 20)]
    [0.0, 0.1611]
    """
    _counts(successes, trials)
    if not trials:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    middle = 2 * successes + z * z
    reach = z * sqrt(z * z + 4 * successes * (1 - share))
    bottom = 2 * (trials + z * z)
    lo = 0.0 if successes == 0 else (middle - reach) / bottom
    hi = 1.0 if successes == trials else (middle + reach) / bottom
    return lo, hi


def clopper_pearson(successes: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Exact interval of a share: covers at least as often as it says, and so is wide.

    Formula: quantiles of Beta(k, n - k + 1) and Beta(k + 1, n - k).

    Args:
        successes: Count of the cases in question.
        trials: Count of all cases.
        confidence: Coverage guaranteed, as a share.

    Returns:
        Lower and upper end, or None without a trial.

    >>> [round(end, 4) for end in clopper_pearson(1, 29)]
    [0.0009, 0.1776]
    """
    from scipy.stats import beta

    _counts(successes, trials)
    if not trials:
        return None
    tail = (1 - confidence) / 2
    lo = 0.0 if successes == 0 else float(beta.ppf(tail, successes, trials - successes + 1))
    hi = 1.0 if successes == trials else float(beta.ppf(1 - tail, successes + 1, trials - successes))
    return lo, hi


def _counts(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no count of cases")


def auc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Chance that a case of the first sort scores above one of the second, ties half (Mann-Whitney).

    Args:
        positives: Scores of the platforms that shut their door, higher is worse.
        negatives: Scores of those that did not.

    Returns:
        The area, or None if one side is empty.

    >>> auc([3, 4, 5], [1, 2, 3])
    0.9444444444444444
    """
    if not positives or not negatives:
        return None
    first, second = np.asarray(positives, float)[:, None], np.asarray(negatives, float)[None, :]
    return float(((first > second) + 0.5 * (first == second)).mean())


def hanley_mcneil_error(area: float, positives: int, negatives: int) -> float:
    """Standard error of an area under the curve.

    Formula: Q1 = A/(2-A), Q2 = 2A^2/(1+A); the square root of
    (A(1-A) + (n1-1)(Q1-A^2) + (n0-1)(Q2-A^2)) / (n1 n0).

    Args:
        area: The area under the curve.
        positives: Count of platforms that shut their door.
        negatives: Count of those that did not.

    >>> round(hanley_mcneil_error(0.8932, 51, 58), 3)
    0.032
    """
    if not 0 <= area <= 1 or positives < 1 or negatives < 1:
        raise ValueError(f"no error can be told of an area of {area} over {positives} and {negatives} cases")
    first, second = area / (2 - area), 2 * area * area / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (first - area * area) + (negatives - 1) * (second - area * area)
    return sqrt(max(0.0, variance) / (positives * negatives))


def brier(forecasts: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """Mean squared distance of forecast probabilities from what happened; 0 is perfect.

    Args:
        forecasts: Probability that was forecast for each case.
        outcomes: Whether it happened.

    >>> round(brier([0.1] * 10, [True] + [False] * 9), 2)
    0.09
    """
    if len(forecasts) != len(outcomes):
        raise ValueError(f"{len(forecasts)} forecasts for {len(outcomes)} outcomes")
    if not outcomes:
        return None
    return float(np.mean((np.asarray(forecasts, float) - np.asarray(outcomes, float)) ** 2))


def brier_skill(forecasts: Sequence[float], outcomes: Sequence[bool]) -> float | None:
    """How much of the constant forecast's score is saved: 1 is perfect, 0 no better, below 0 worse.

    Formula: 1 - Brier / (b (1 - b)), with b the share of cases in which it happened.

    Args:
        forecasts: Probability that was forecast for each case.
        outcomes: Whether it happened.

    Returns:
        The skill, or None if all outcomes are alike, where the constant forecast is perfect.
    """
    score = brier(forecasts, outcomes)
    base = sum(outcomes) / len(outcomes) if outcomes else 0.0
    return None if score is None or base in (0.0, 1.0) else 1 - score / (base * (1 - base))


@dataclass(frozen=True)
class Permutation:
    """What a permutation test found.

    Attributes:
        p: Chance of an area at least as large if labels were dealt at random.
        exact: Whether every arrangement was gone through; else a seeded sample was drawn.
        arrangements: How many arrangements there are.
        tried: How many were looked at.
        smallest: The smallest p that so few cases can reach.
    """

    p: float
    exact: bool
    arrangements: int
    tried: int
    smallest: float


def permutation(positives: Sequence[float], negatives: Sequence[float]) -> Permutation | None:
    """One-sided permutation test of the area under the curve.

    Cases that share one cause are one case: give one score for each cluster.

    Args:
        positives: Scores of the cases that shut their door, higher is worse.
        negatives: Scores of those that did not.

    Returns:
        The result, or None if one side is empty.

    >>> permutation([5, 6, 7], [1, 2, 3, 4]).p == 1 / 35
    True
    """
    if not positives or not negatives:
        return None
    count, every = len(positives), len(positives) + len(negatives)
    arrangements = comb(every, count)
    ranks = _midranks(np.concatenate([np.asarray(positives, float), np.asarray(negatives, float)]))
    observed = ranks[:count].sum() - _SAME
    if arrangements < EXACT_BELOW:
        sums = np.array([ranks[list(chosen)].sum() for chosen in combinations(range(every), count)])
        return Permutation(float((sums >= observed).mean()), True, arrangements, arrangements, 1 / arrangements)
    rng = np.random.default_rng(SEED)
    drawn = rng.permuted(np.broadcast_to(ranks, (SAMPLES, every)), axis=1)[:, :count].sum(axis=1)
    p = (1 + int((drawn >= observed).sum())) / (1 + SAMPLES)
    return Permutation(p, False, arrangements, SAMPLES, 1 / (1 + SAMPLES))


def _midranks(scores: np.ndarray) -> np.ndarray:
    """Ranks, equal scores sharing the mean of theirs."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + 1 + ends) / 2)[inverse]
