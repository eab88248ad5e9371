"""Profiles out of the aggregator DefiLlama's lists: protocols, yield pools, lending markets; saved files or answers.

The aggregator reads chains, so its figures are evidence of grade E2. What it cannot know is left out and stays not
examined; no section is ever called examined. Nothing is summed up or derived but the balances of one lending protocol
over its pools, and only where every pool tells both of its balances. Rewards are left out: the aggregator does not say
whether they are paid in the platform's own token.

    from checker.importers.defillama import lists, profiles

    found = lists(Path("protocols.json").read_bytes(), "protocols.json", on=date(2025, 12, 19))
    for record in profiles(found, pools=None, markets=None): ...
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from checker.importers.records.record import Record, Unread, digest
from checker.model.document import parse_json
from checker.model.errors import Fault, InputError, did_you_mean, quoted
from checker.model.profile import FORMAT

KINDS: Mapping[str, str] = {
    "Lending": "defi_market",
    "CDP": "defi_market",
    "Uncollateralized Lending": "defi_market",
    "RWA Lending": "defi_market",
    "NFT Lending": "defi_market",
    "Yield": "yield_product",
    "Yield Aggregator": "yield_product",
    "Yield Lottery": "yield_product",
    "Farm": "yield_product",
    "Leveraged Farming": "yield_product",
    "Basis Trading": "yield_product",
    "Options Vault": "yield_product",
    "Onchain Capital Allocator": "yield_product",
    "Risk Curators": "yield_product",
    "CeDeFi": "yield_product",
    "Staking Pool": "yield_product",
    "Liquid Staking": "yield_product",
    "Liquid Restaking": "yield_product",
}
"""What the product deposited in is, by the aggregator's category; other categories take no deposits to lend or earn."""

URLS: Mapping[str, str] = {
    "protocols": "https://api.llama.fi/protocols",
    "pools": "https://yields.llama.fi/pools",
}
"""Where the aggregator answers."""

PUBLISHER = "DefiLlama"
_TITLES = {"protocols": "List of protocols", "pools": "List of yield pools", "markets": "List of lending markets"}
MAX_NAME = 300
MAX_PRODUCTS = 500
_UNSAFE = re.compile(r"[^a-z0-9]+")
_ISO = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


@dataclass(frozen=True)
class Listed:
    """One of the aggregator's lists as it stood on a day.

    Attributes:
        kind: `protocols`, `pools` or `markets`.
        items: Its entries.
        on: The day.
        file: Where it was read, as the user named it.
        url: The address that the source of a fact gives.
    """

    kind: str
    items: Sequence[Any]
    on: date
    file: str
    url: str = ""

    def source(self) -> dict[str, str]:
        """The list as a source of a profile."""
        about = {"title": f"{_TITLES[self.kind]}, {self.on.isoformat()}", "publisher": PUBLISHER}
        return about | {"date": self.on.isoformat()} | ({"url": self.url} if self.url else {})


@dataclass
class Tally:
    """What was not taken, to be told at the end.

    Attributes:
        categories: Protocols of categories that are no lending or yield products, by category.
        pools: Pools of projects that the list of protocols does not have.
    """

    categories: Counter[str] = field(default_factory=Counter)
    pools: int = 0


def day_in(name: str) -> date | None:
    """The day that a file's name ends with or holds, if it holds just one.

    >>> day_in("llama-protocols-2025-12-19.json")
    datetime.date(2025, 12, 19)
    """
    days = set(_ISO.findall(name))
    try:
        return date.fromisoformat(days.pop()) if len(days) == 1 else None
    except ValueError:
        return None


def listed(kind: str, raw: bytes, file: str, *, on: date, url: str = "") -> Listed:
    """One list as the aggregator answers it.

    Args:
        kind: `protocols`, `pools` or `markets`.
        raw: The answer, JSON: an array, or an object that holds one under `data`.
        file: Where it was read, for messages.
        on: The day on which the aggregator gave it.
        url: The address that it came from, where it came from there.

    Raises:
        InputError: It is not that.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Fault(file, f"byte 0x{raw[error.start]:02x} is not UTF-8", "Save it as UTF-8.")]) from None
    value = parse_json(text, file).value
    items = value.get("data") if isinstance(value, dict) else value
    if not isinstance(items, list):
        what = "an object without `data`" if isinstance(value, dict) else type(value).__name__
        hint = "Save the answer of the aggregator as it is, for protocols from " + URLS["protocols"]
        raise InputError(
            [Fault(file, f"expected the {_TITLES[kind].lower()}: an array of objects; found {what}", hint)]
        )
    return Listed(kind, items, on, file, url)


def profiles(
    protocols: Listed,
    pools: Listed | None = None,
    markets: Listed | None = None,
    *,
    categories: Sequence[str] = tuple(KINDS),
    tally: Tally | None = None,
) -> Iterator[Record | Unread]:
    """A profile of each protocol of these categories, in the order of the list.

    Args:
        protocols: The protocols: name, category, value locked, website.
        pools: Yield pools; each with one asset becomes a product with its rate.
        markets: Lending markets, joined to pools by id; balances lent and idle.
        categories: Categories that are taken.
        tally: Counts what is not taken.

    Raises:
        InputError: There is no such category.
    """
    unknown = [name for name in categories if name not in KINDS]
    if unknown:
        hint = did_you_mean(unknown[0], list(KINDS)) or "Categories: " + ", ".join(KINDS)
        raise InputError([Fault(protocols.file, f"no category {quoted(unknown[0])} is imported", hint)])
    tally = tally if tally is not None else Tally()
    by_project = _by_project(pools)
    balances = _balances(markets)
    names: set[str] = set()
    known: set[str] = set()
    for index, item in enumerate(protocols.items):
        place = f"[{index}]"
        if not isinstance(item, Mapping):
            yield _unread(protocols, place, f"expected an object, found {quoted(item)}")
            continue
        category = item.get("category")
        slug = _slug(item)
        known.add(slug)
        if not isinstance(category, str) or category not in categories:
            tally.categories[category if isinstance(category, str) and len(category) <= MAX_NAME else "none"] += 1
            continue
        made = _Profile(protocols, place, item, pools, markets)
        made.protocol(KINDS[category])
        made.products(by_project.get(slug, []), balances)
        if made.faults:
            yield Unread(protocols.file, tuple(made.faults))
            continue
        name = _own_name(str(made.document["platform"]["name"]), category, names)
        made.document["platform"]["name"] = name
        yield Record(name, protocols.file, None, digest(made.document), value=made.document)
    tally.pools += sum(len(found) for project, found in by_project.items() if project not in known)


def _own_name(name: str, category: str, taken: set[str]) -> str:
    """A name that no earlier protocol bears: of two branches of one protocol the later has its category beside it."""
    found, number = name, 1
    while found in taken:
        found = f"{name} ({category})" if number == 1 else f"{name} ({category} {number})"
        number += 1
    taken.add(found)
    return found


def _unread(source: Listed, key: str, message: str, hint: str = "") -> Unread:
    return Unread(source.file, (Fault(source.file, message, hint, key=key),))


def _slug(item: Mapping[str, Any]) -> str:
    slug = item.get("slug")
    name = item.get("name")
    text = slug if isinstance(slug, str) and slug else name if isinstance(name, str) else ""
    return _UNSAFE.sub("-", text[:MAX_NAME].replace("'", "").casefold()).strip("-")


def _by_project(pools: Listed | None) -> dict[str, list[tuple[int, Mapping[str, Any]]]]:
    found: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for index, pool in enumerate(pools.items if pools else ()):
        project = pool.get("project") if isinstance(pool, Mapping) else None
        if isinstance(project, str):
            found.setdefault(_slug({"slug": project}), []).append((index, pool))
    return found


def _balances(markets: Listed | None) -> dict[str, tuple[int, Mapping[str, Any]]]:
    return {
        market["pool"]: (index, market)
        for index, market in enumerate(markets.items if markets else ())
        if isinstance(market, Mapping) and isinstance(market.get("pool"), str)
    }


def _number(value: object, *, least: float) -> float | None:
    """A finite number, or None where there is none.

    Raises:
        ValueError: It is something else, or below `least`.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"expected a number, found {quoted(value)}")
    if value < least:
        raise ValueError(f"expected a number of at least {least:g}, found {quoted(value)}")
    return float(value)


class _Profile:
    """A profile that is being put together from what the lists say about one protocol."""

    def __init__(
        self, source: Listed, place: str, item: Mapping[str, Any], pools: Listed | None, markets: Listed | None
    ) -> None:
        self.source, self.place, self.item, self.pools, self.markets = source, place, item, pools, markets
        self.document: dict[str, Any] = {"ddcheck": FORMAT, "platform": {}, "sources": {}}
        self.faults: list[Fault] = []

    def fault(self, source: Listed, key: str, message: str, hint: str = "") -> None:
        self.faults.append(Fault(source.file, message, hint, key=key))

    def said(self, source: Listed, locator: str) -> dict[str, Any]:
        """What every statement out of a list says about itself; the list becomes a source."""
        self.document["sources"].setdefault(source.kind, source.source())
        day = source.on.isoformat()
        said = {"from": day, "known_on": day, "seen": day, "evidence": "onchain", "source": source.kind}
        return said | {"locator": locator}

    def state(self, fact: str, value: float, said: Mapping[str, Any]) -> None:
        section, _, name = fact.partition(".")
        self.document.setdefault(section, {})[name] = [{"value": value, **said}]

    def protocol(self, kind: str) -> None:
        """What the list of protocols says."""
        name = self.item.get("name")
        if not isinstance(name, str) or not name.strip():
            self.fault(self.source, f"{self.place}.name", f"expected a name, found {quoted(name)}")
            return
        if len(name) > MAX_NAME:
            self.fault(self.source, f"{self.place}.name", f"the name has {len(name):,} characters, at most {MAX_NAME}")
            return
        self.document["platform"] = {"name": name.strip(), "kind": kind}
        website = self.item.get("url")
        if isinstance(website, str) and website.startswith(("https://", "http://")) and len(website) <= MAX_NAME:
            said = self.said(self.source, f"{self.place}.url")
            self.document["platform"]["website"] = [{"value": website, **said}]
        key = f"{self.place}.tvl"
        try:
            tvl = _number(self.item.get("tvl"), least=0)
        except ValueError as error:
            self.fault(self.source, key, str(error))
        else:
            if tvl is not None:
                self.state("leverage.tvl", tvl, self.said(self.source, key))

    def products(
        self, pools: Sequence[tuple[int, Mapping[str, Any]]], balances: Mapping[str, tuple[int, Mapping[str, Any]]]
    ) -> None:
        """What the lists of pools and markets say: rates by product; balances where every pool tells them."""
        if self.pools is None or not pools:
            return
        rows = [row for index, pool in pools[:MAX_PRODUCTS] if (row := self._product(self.pools, index, pool))]
        if rows:
            self.document.setdefault("terms", {})["products"] = {"rows": rows}
        if self.markets is None or self.document["platform"].get("kind") != "defi_market":
            return
        found = [balances.get(str(pool.get("pool"))) for _, pool in pools]
        if any(market is None for market in found):
            return
        supplied = borrowed = 0.0
        for index, market in (pair for pair in found if pair is not None):
            key = f"[{index}]"
            try:
                supply = _number(market.get("totalSupplyUsd"), least=0)
                lent = _number(market.get("totalBorrowUsd"), least=0)
            except ValueError as error:
                self.fault(self.markets, key, str(error))
                return
            if supply is None or lent is None or lent > supply:
                return
            supplied, borrowed = supplied + supply, borrowed + lent
        said = self.said(self.markets, f"totalSupplyUsd and totalBorrowUsd of {len(found)} pools, added up")
        self.state("deposit_liquidity.client_liabilities", supplied, said)
        self.state("deposit_liquidity.borrowed", borrowed, said)
        self.state("deposit_liquidity.idle_liquidity", supplied - borrowed, said)

    def _product(self, source: Listed, index: int, pool: Mapping[str, Any]) -> dict[str, Any] | None:
        """A pool that takes one asset, as a row of `terms.products`."""
        key = f"[{index}]"
        symbol, exposure = pool.get("symbol"), pool.get("exposure")
        if exposure not in (None, "single") or not isinstance(symbol, str) or not 0 < len(symbol) <= 40:
            return None
        try:
            base = _number(pool.get("apyBase"), least=-100)
        except ValueError as error:
            self.fault(source, key, str(error))
            return None
        if base is None:
            return None
        about = [text for name in ("chain", "poolMeta", "pool") if isinstance(text := pool.get(name), str) and text]
        product = " · ".join([symbol, *about])[:MAX_NAME]
        return {"product": product, "asset": symbol, "rate": float(f"{base / 100:.12g}")} | self.said(source, key)


def as_lines(found: Iterator[Record | Unread]) -> Iterator[str | Unread]:
    """Each profile as a line of JSON; what could not be read as it is."""
    for record in found:
        if isinstance(record, Unread):
            yield record
        else:
            yield json.dumps(record.value, ensure_ascii=False, separators=(",", ":"))
