"""Thirty threshold rules over sixteen numbers, told three ways: a pack, NumPy by hand, Polars by hand.

The pack is what a user of ddcheck would write. The two versions by hand do what the pack does, with both bounds of
every number, and give the same outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

KINDS = ("cefi_lender", "defi_market", "yield_product", "p2p", "fund")
"""The kinds that the rules are for."""
FACTS: Mapping[str, tuple[str, float]] = {
    "rate": ("terms.offered_apy", 0.2),
    "notice": ("terms.notice_days", 60.0),
    "costs": ("yield_source.opex_share", 0.1),
    "losses": ("yield_source.expected_loss_rate", 0.1),
    "subsidy": ("yield_source.subsidy_share", 1.0),
    "unsecured": ("ltv_practice.reported_unsecured_loan_share", 1.0),
    "life": ("asset_duration.asset_wal_days", 800.0),
    "illiquid": ("asset_duration.illiquid_share", 1.0),
    "venue": ("exposures.top_venue_share", 1.0),
    "liquid": ("deposit_liquidity.liquid_assets_1d", 4e8),
    "liquid_30d": ("deposit_liquidity.liquid_assets_30d", 8e8),
    "due": ("deposit_liquidity.liabilities_redeemable_1d", 9e8),
    "clients": ("deposit_liquidity.client_liabilities", 1e9),
    "loans": ("exposures.loan_book", 9e8),
    "largest": ("exposures.top1_exposure", 3e8),
    "assets": ("leverage.total_assets", 1.2e9),
}
"""Short names, the facts behind them, and the greatest value drawn; none can be negative but the rate, from -1."""
LEAST = {short: -1.0 if short == "rate" else 0.0 for short in FACTS}
MOST = {
    **dict.fromkeys(FACTS, inf),
    **dict.fromkeys(("notice", "life"), 36500.0),
    **dict.fromkeys(("costs", "losses"), 10.0),
    **dict.fromkeys(("subsidy", "unsecured", "illiquid", "venue"), 1.0),
}
"""The ends of what a fact can be, as the dictionary of facts has them."""


@dataclass(frozen=True)
class Threshold:
    """A rule: the condition, and its numbers where it fails and where it warns.

    Attributes:
        text: The condition, with short names of facts and a place for each number.
        fail: The numbers where it fails.
        warn: The numbers where it warns.
        units: What the numbers are.
    """

    text: str
    fail: tuple[float, ...]
    warn: tuple[float, ...]
    units: tuple[str, ...]


RULES: tuple[Threshold, ...] = (
    Threshold("rate > {}", (0.15,), (0.08,), ("rate",)),
    Threshold("rate < {}", (0.001,), (0.01,), ("rate",)),
    Threshold("notice < {}", (2.0,), (15.0,), ("days",)),
    Threshold("notice > {}", (50.0,), (40.0,), ("days",)),
    Threshold("costs > {}", (0.08,), (0.05,), ("rate",)),
    Threshold("losses > {}", (0.08,), (0.04,), ("rate",)),
    Threshold("subsidy > {}", (0.8,), (0.5,), ("share",)),
    Threshold("unsecured > {}", (0.7,), (0.3,), ("share",)),
    Threshold("life > {}", (700.0,), (365.0,), ("days",)),
    Threshold("illiquid > {}", (0.6,), (0.3,), ("share",)),
    Threshold("venue > {}", (0.7,), (0.4,), ("share",)),
    Threshold("venue >= {}", (0.9,), (0.8,), ("share",)),
    Threshold("liquid < {} * due", (0.25,), (0.6,), ("ratio",)),
    Threshold("liquid < {} * clients", (0.05,), (0.15,), ("ratio",)),
    Threshold("liquid_30d < {} * clients", (0.2,), (0.4,), ("ratio",)),
    Threshold("liquid_30d < {} * due", (0.4,), (0.9,), ("ratio",)),
    Threshold("largest > {} * loans", (0.25,), (0.1,), ("ratio",)),
    Threshold("largest > {} * assets", (0.2,), (0.08,), ("ratio",)),
    Threshold("loans > {} * clients", (1.2,), (0.8,), ("ratio",)),
    Threshold("loans > {} * assets", (0.9,), (0.6,), ("ratio",)),
    Threshold("due > {} * clients", (0.9,), (0.5,), ("ratio",)),
    Threshold("clients > {} * assets", (1.0,), (0.9,), ("ratio",)),
    Threshold("costs + losses > {}", (0.15,), (0.1,), ("rate",)),
    Threshold("rate + costs + losses > {}", (0.3,), (0.2,), ("rate",)),
    Threshold("liquid + loans < {} * clients", (0.6,), (0.9,), ("ratio",)),
    Threshold("rate > {} && subsidy > {}", (0.1, 0.5), (0.05, 0.2), ("rate", "share")),
    Threshold("illiquid > {} && due > {} * clients", (0.5, 0.5), (0.2, 0.3), ("share", "ratio")),
    Threshold("unsecured > {} && losses > {}", (0.5, 0.05), (0.3, 0.02), ("share", "rate")),
    Threshold("notice < {} || life > {}", (1.0, 750.0), (5.0, 500.0), ("days", "days")),
    Threshold("venue > {} || largest > {} * loans", (0.8, 0.3), (0.5, 0.2), ("share", "ratio")),
)

# ------------------------------------------------------------------------------------------------------------ a pack


def ids(copies: int = 1) -> list[str]:
    """The ids of the rules of the pack."""
    return [f"bench.r{number:03}" for number in range(1, len(RULES) * copies + 1)]


def write_pack(folder: Path, copies: int = 1) -> Path:
    """Write the rules as a pack; further copies of them have thresholds of their own.

    Args:
        folder: Where the folder of the pack is made.
        copies: How many times the thirty are told.
    """
    pack = folder / "bench"
    pack.mkdir(parents=True)
    pack.joinpath("pack.yaml").write_text(
        "title: Thirty thresholds\ngroup: X\nversion: 1.0.0\nsummary: Rules to measure with, which judge nobody.\n"
    )
    parameters = []
    for number in range(len(RULES) * copies):
        rule, lap = RULES[number % len(RULES)], number // len(RULES)
        stem = f"r{number + 1:03}"
        conditions = {}
        for side, values in (("fail", rule.fail), ("warn", rule.warn)):
            names = [f"{stem}_{side}_{index}" for index in range(len(values))]
            for name, value, unit in zip(names, values, rule.units, strict=True):
                parameters.append(_parameter(name, value * (1 + lap / 1000), unit))
            conditions[side] = _spelled(rule.text.format(*(f"params.{name}" for name in names)))
        pack.joinpath(f"{stem}.yaml").write_text(_rule(number + 1, conditions["fail"], conditions["warn"]))
    pack.joinpath("parameters.yaml").write_text("".join(parameters))
    return pack


def _spelled(text: str) -> str:
    return " ".join(FACTS[word][0] if word in FACTS else word for word in text.split())


def _parameter(name: str, value: float, unit: str) -> str:
    return (
        f"{name}:\n  unit: {unit}\n  basis: JDG\n  meaning: A number to measure with\n"
        f"  range: [{value / 2!r}, {value * 2!r}]\n"
        f"  values:\n    - {{from: 2000-01-01, value: {value!r}, source: CN-14, locator: none}}\n"
    )


def _rule(number: int, fail: str, warn: str) -> str:
    kinds = ", ".join(f'"{kind}"' for kind in KINDS)
    return f"""code: X-{number:03}
title: Threshold {number}
question: Is it within threshold {number}?
since: 1.0.0
severity: minor
applies_if: platform.kind in [{kinds}]
fail_if: {fail}
warn_if: {warn}
silence: unobserved
rationale: A rule to measure with.
case: None; it is there to be timed.
false_alarms: None; it is there to be timed.
ask: Nothing.
references:
  - {{source: CN-14, locator: none}}
message:
  pass: "Within."
  warn: "Near."
  fail: "Beyond."
  open: "Open: {{unknowns}}."
"""


# ------------------------------------------------------------------------------------------------------------ records


def drawn(count: int, seed: int, kinds: Mapping[str, int], missing: float = 0.2) -> dict[str, Any]:
    """Records as arrays: `kind`, and `<fact>.lo`, `.hi` with NaN where a bound is unknown.

    Args:
        count: How many.
        seed: Of the generator.
        kinds: The number of each kind that is drawn.
        missing: The share of facts of which nothing is known; half as many are known within bounds.
    """
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {"kind": random.choice(list(kinds.values()), count).astype(np.int8)}
    for fact, most in FACTS.values():
        lo = random.random(count) * most
        hi = lo.copy()
        draw = random.random(count)
        wide = draw < missing * 1.5
        hi[wide] *= 1 + random.random(int(wide.sum()))
        np.minimum(hi, most, out=hi)
        unknown = draw < missing
        lo[unknown] = np.nan
        hi[unknown] = np.nan
        found[f"{fact}.lo"], found[f"{fact}.hi"] = lo, hi
    return found


# ------------------------------------------------------------------------------------------------------------ by hand

Pair = tuple[Any, Any]


def _above(a: Pair, b: Pair) -> Pair:
    """Whether a is surely above b, and whether it surely is not."""
    return a[0] > b[1], a[1] <= b[0]


def _below(a: Pair, b: Pair) -> Pair:
    return a[1] < b[0], a[0] >= b[1]


def _at_least(a: Pair, b: Pair) -> Pair:
    return a[0] >= b[1], a[1] < b[0]


def _both(a: Pair, b: Pair) -> Pair:
    return a[0] & b[0], a[1] | b[1]


def _either(a: Pair, b: Pair) -> Pair:
    return a[0] | b[0], a[1] & b[1]


def _plus(*parts: Pair) -> Pair:
    lo, hi = parts[0]
    for part in parts[1:]:
        lo, hi = lo + part[0], hi + part[1]
    return lo, hi


def conditions(f: Mapping[str, Pair]) -> Iterator[tuple[Pair, Pair]]:
    """Each rule as whether it fails and whether it warns, both by two never-null booleans; written out by hand."""

    def at(value: float) -> Pair:
        return value, value

    def times(factor: float, a: Pair) -> Pair:
        return a[0] * factor, a[1] * factor

    yield _above(f["rate"], at(0.15)), _above(f["rate"], at(0.08))
    yield _below(f["rate"], at(0.001)), _below(f["rate"], at(0.01))
    yield _below(f["notice"], at(2.0)), _below(f["notice"], at(15.0))
    yield _above(f["notice"], at(50.0)), _above(f["notice"], at(40.0))
    yield _above(f["costs"], at(0.08)), _above(f["costs"], at(0.05))
    yield _above(f["losses"], at(0.08)), _above(f["losses"], at(0.04))
    yield _above(f["subsidy"], at(0.8)), _above(f["subsidy"], at(0.5))
    yield _above(f["unsecured"], at(0.7)), _above(f["unsecured"], at(0.3))
    yield _above(f["life"], at(700.0)), _above(f["life"], at(365.0))
    yield _above(f["illiquid"], at(0.6)), _above(f["illiquid"], at(0.3))
    yield _above(f["venue"], at(0.7)), _above(f["venue"], at(0.4))
    yield _at_least(f["venue"], at(0.9)), _at_least(f["venue"], at(0.8))
    yield _below(f["liquid"], times(0.25, f["due"])), _below(f["liquid"], times(0.6, f["due"]))
    yield _below(f["liquid"], times(0.05, f["clients"])), _below(f["liquid"], times(0.15, f["clients"]))
    yield _below(f["liquid_30d"], times(0.2, f["clients"])), _below(f["liquid_30d"], times(0.4, f["clients"]))
    yield _below(f["liquid_30d"], times(0.4, f["due"])), _below(f["liquid_30d"], times(0.9, f["due"]))
    yield _above(f["largest"], times(0.25, f["loans"])), _above(f["largest"], times(0.1, f["loans"]))
    yield _above(f["largest"], times(0.2, f["assets"])), _above(f["largest"], times(0.08, f["assets"]))
    yield _above(f["loans"], times(1.2, f["clients"])), _above(f["loans"], times(0.8, f["clients"]))
    yield _above(f["loans"], times(0.9, f["assets"])), _above(f["loans"], times(0.6, f["assets"]))
    yield _above(f["due"], times(0.9, f["clients"])), _above(f["due"], times(0.5, f["clients"]))
    yield _above(f["clients"], times(1.0, f["assets"])), _above(f["clients"], times(0.9, f["assets"]))
    spent = _plus(f["costs"], f["losses"])
    yield _above(spent, at(0.15)), _above(spent, at(0.1))
    needed = _plus(f["rate"], f["costs"], f["losses"])
    yield _above(needed, at(0.3)), _above(needed, at(0.2))
    held = _plus(f["liquid"], f["loans"])
    yield _below(held, times(0.6, f["clients"])), _below(held, times(0.9, f["clients"]))
    yield (
        _both(_above(f["rate"], at(0.1)), _above(f["subsidy"], at(0.5))),
        _both(_above(f["rate"], at(0.05)), _above(f["subsidy"], at(0.2))),
    )
    yield (
        _both(_above(f["illiquid"], at(0.5)), _above(f["due"], times(0.5, f["clients"]))),
        _both(_above(f["illiquid"], at(0.2)), _above(f["due"], times(0.3, f["clients"]))),
    )
    yield (
        _both(_above(f["unsecured"], at(0.5)), _above(f["losses"], at(0.05))),
        _both(_above(f["unsecured"], at(0.3)), _above(f["losses"], at(0.02))),
    )
    yield (
        _either(_below(f["notice"], at(1.0)), _above(f["life"], at(750.0))),
        _either(_below(f["notice"], at(5.0)), _above(f["life"], at(500.0))),
    )
    yield (
        _either(_above(f["venue"], at(0.8)), _above(f["largest"], times(0.3, f["loans"]))),
        _either(_above(f["venue"], at(0.5)), _above(f["largest"], times(0.2, f["loans"]))),
    )


def by_numpy(arrays: Mapping[str, Any], kinds: Mapping[str, int]) -> dict[str, Any]:
    """The outcomes still possible, as `BatchJudge` has them: 2 for PASS, 4 for WARN, 8 for FAIL; 0 for other kinds."""
    f = {}
    for short, (fact, _) in FACTS.items():
        lo, hi = arrays[f"{fact}.lo"], arrays[f"{fact}.hi"]
        f[short] = np.where(np.isnan(lo), LEAST[short], lo), np.where(np.isnan(hi), MOST[short], hi)
    here = np.isin(arrays["kind"], [kinds[kind] for kind in KINDS])
    found = {}
    for name, (fail, warn) in zip(ids(), conditions(f), strict=True):
        unfailed = ~fail[0] & here
        passes = (unfailed & ~warn[0]).view(np.int8) * np.int8(2)
        warns = (unfailed & ~warn[1]).view(np.int8) * np.int8(4)
        found[f"rules.{name}"] = passes + warns + (here & ~fail[1]).view(np.int8) * np.int8(8)
    return found


def by_polars(frame: Any, kinds: Mapping[str, int]) -> Any:
    """The same with Polars; frame has null where a bound is unknown.

    Of the ways to write it this is the fastest that we found: lazily, nulls filled before anything else.
    """
    import polars as pl

    ends = [(pl.col(f"{FACTS[s][0]}.{end}"), held[s]) for s in FACTS for end, held in (("lo", LEAST), ("hi", MOST))]
    filled = [column.fill_null(value) for column, value in ends]
    f = {short: (pl.col(f"{fact}.lo"), pl.col(f"{fact}.hi")) for short, (fact, _) in FACTS.items()}
    here = pl.col("here")
    found = []
    for name, (fail, warn) in zip(ids(), conditions(f), strict=True):
        unfailed = here & ~fail[0]
        passes = (unfailed & ~warn[0]).cast(pl.Int8) * 2
        warns = (unfailed & ~warn[1]).cast(pl.Int8) * 4
        fails = (here & ~fail[1]).cast(pl.Int8) * 8
        found.append((passes + warns + fails).alias(f"rules.{name}"))
    of_kind = pl.col("kind").is_in([kinds[kind] for kind in KINDS]).alias("here")
    return frame.lazy().with_columns(*filled, of_kind).select(found).collect()
