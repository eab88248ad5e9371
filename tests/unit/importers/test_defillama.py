"""Profiles out of the aggregator's lists: only what it says, with its day, source and grade; never more."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.app.audit import shipped_rulebook
from checker.importers.defillama import KINDS, MAX_NAME, Listed, Tally, day_in, listed, profiles
from checker.importers.records import Record, Unread
from checker.model.errors import InputError
from checker.model.profile import Profile, parse_profile

DAY = date(2025, 12, 19)
TODAY = date(2026, 11, 22)
LIST = Path(__file__).parents[3] / "benchmarks" / "data" / "defillama-protocols-2025-12-19.json"
DOCS = Path(__file__).parents[3] / "docs" / "importers.md"
PROTOCOL = {
    "name": "Sand Market",
    "slug": "sand-market",
    "category": "Lending",
    "tvl": 1.5e6,
    "url": "https://sand.example",
}


def of(kind: str, *items: Any) -> Listed:
    return listed(kind, json.dumps(items).encode(), f"{kind}.json", on=DAY)


def one(protocol: Any, pools: Listed | None = None, markets: Listed | None = None) -> Record:
    (found,) = profiles(of("protocols", protocol), pools, markets)
    assert isinstance(found, Record), found.faults
    return found


def read(record: Record) -> Profile:
    return parse_profile(record.document(), shipped_rulebook().dictionary, today=TODAY)


class TestProtocols:
    def test_what_the_list_says_becomes_a_profile(self) -> None:
        record = one(PROTOCOL)
        read(record)
        assert record.value is not None
        assert record.value["platform"]["kind"] == "defi_market"
        (entry,) = record.value["leverage"]["tvl"]
        assert (entry["value"], entry["evidence"], entry["locator"]) == (1.5e6, "onchain", "[0].tvl")
        assert entry["from"] == entry["known_on"] == "2025-12-19"
        assert record.value["sources"][entry["source"]]["publisher"] == "DefiLlama"

    def test_nothing_is_called_examined(self) -> None:
        assert "examined" not in (one(PROTOCOL).value or {})

    def test_every_statement_has_day_source_and_evidence(self) -> None:
        record = one(PROTOCOL, of("pools", POOL), of("markets", MARKET))
        entries = list(_entries(record.value))
        assert len(entries) == 6
        for entry in entries:
            assert {"from", "known_on", "evidence", "source", "locator"} <= set(entry)
            assert entry["source"] in (record.value or {})["sources"]

    def test_a_missing_value_is_left_out_and_not_zero(self) -> None:
        assert "leverage" not in (one({"name": "Sand", "category": "CDP"}).value or {})

    def test_other_categories_are_counted_and_not_taken(self) -> None:
        tally = Tally()
        others = [{"name": "Bridge", "category": "Bridge"}, {"name": "No category"}]
        assert list(profiles(of("protocols", *others), tally=tally)) == []
        assert tally.categories == {"Bridge": 1, "none": 1}

    def test_names_that_repeat_are_told_apart_by_their_category(self) -> None:
        branch = PROTOCOL | {"category": "Yield"}
        found = [record for record in profiles(of("protocols", PROTOCOL, branch, branch)) if isinstance(record, Record)]
        names = ["Sand Market", "Sand Market (Yield)", "Sand Market (Yield 2)"]
        assert [record.id for record in found] == names
        assert [(record.value or {})["platform"]["name"] for record in found] == names

    def test_an_unknown_category_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(InputError, match="Lending"):
            list(profiles(of("protocols"), categories=["Lendin"]))

    @pytest.mark.parametrize(
        ("change", "key", "words"),
        [
            ({"tvl": -1}, "[0].tvl", "at least 0"),
            ({"tvl": "1e6"}, "[0].tvl", "expected a number"),
            ({"tvl": True}, "[0].tvl", "expected a number"),
            ({"name": " "}, "[0].name", "expected a name"),
            ({"name": ["x"]}, "[0].name", "expected a name"),
            ({"name": "x" * (MAX_NAME + 1)}, "[0].name", "301 characters"),
        ],
    )
    def test_what_cannot_be_read_is_told_with_its_place(self, change: dict[str, Any], key: str, words: str) -> None:
        (found,) = profiles(of("protocols", PROTOCOL | change))
        assert isinstance(found, Unread)
        assert found.faults[0].key == key
        assert words in found.faults[0].message

    @pytest.mark.parametrize("name", ["=1+1", "<script>", "{{ 7*7 }}", "\u202egnp.exe", "../../etc"])
    def test_hostile_names_stay_names(self, name: str) -> None:
        record = one(PROTOCOL | {"name": name})
        assert (record.value or {})["platform"]["name"] == name

    def test_a_website_that_is_no_web_address_is_left_out(self) -> None:
        assert "website" not in (one(PROTOCOL | {"url": "javascript:alert(1)"}).value or {})["platform"]

    @pytest.mark.parametrize("raw", [b"{}", b"3", b'"x"', b"[1", b"[NaN]", b"\xff", b'{"data": {}}'])
    def test_what_is_no_list_is_refused(self, raw: bytes) -> None:
        with pytest.raises(InputError):
            listed("protocols", raw, "f.json", on=DAY)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["name", "category", "tvl", "url", "slug"]), inner, max_size=5)
            ),
        )
    )
    def test_no_entry_raises(self, item: Any) -> None:
        for hostile in (item, {"category": "Lending", "name": "x"} | (item if isinstance(item, dict) else {})):
            for found in profiles(of("protocols", hostile)):
                assert isinstance(found, (Record, Unread))


POOL = {
    "pool": "a", "project": "sand-market", "chain": "Ethereum", "symbol": "USDC", "exposure": "single",
    "apyBase": 4.25, "apyReward": 1.0, "tvlUsd": 600.0,
}  # fmt: skip
MARKET = {"pool": "a", "totalSupplyUsd": 1000.0, "totalBorrowUsd": 400.0}


class TestPools:
    def test_a_pool_of_one_asset_is_a_product_with_its_rate_as_a_fraction(self) -> None:
        record = one(PROTOCOL, of("pools", POOL))
        read(record)
        (row,) = (record.value or {})["terms"]["products"]["rows"]
        assert (row["asset"], row["rate"]) == ("USDC", 0.0425)
        assert "token_bonus" not in row

    @pytest.mark.parametrize("change", [{"exposure": "multi"}, {"apyBase": None}, {"symbol": 3}])
    def test_other_pools_are_no_products(self, change: dict[str, Any]) -> None:
        assert "terms" not in (one(PROTOCOL, of("pools", POOL | change)).value or {})

    def test_a_slug_is_made_of_the_name_where_the_list_has_none(self) -> None:
        record = one(PROTOCOL | {"slug": "", "name": "Sand Market"}, of("pools", POOL))
        assert "terms" in (record.value or {})

    def test_pools_of_projects_that_are_not_listed_are_counted(self) -> None:
        tally = Tally()
        list(profiles(of("protocols", PROTOCOL), of("pools", POOL | {"project": "other"}), tally=tally))
        assert tally.pools == 1

    def test_balances_are_added_up_over_all_pools(self) -> None:
        pools = of("pools", POOL, POOL | {"pool": "b"})
        markets = of("markets", MARKET, MARKET | {"pool": "b", "totalSupplyUsd": 500.0, "totalBorrowUsd": 500.0})
        record = one(PROTOCOL, pools, markets)
        read(record)
        money = (record.value or {})["deposit_liquidity"]
        assert [money[name][0]["value"] for name in ("client_liabilities", "borrowed", "idle_liquidity")] == [
            1500,
            900,
            600,
        ]

    @pytest.mark.parametrize(
        "market", [MARKET | {"pool": "b"}, MARKET | {"totalBorrowUsd": None}, MARKET | {"totalBorrowUsd": 2e3}]
    )
    def test_balances_that_are_not_all_told_are_left_out(self, market: dict[str, Any]) -> None:
        assert "deposit_liquidity" not in (one(PROTOCOL, of("pools", POOL), of("markets", market)).value or {})

    def test_a_product_of_a_yield_platform_has_no_balances(self) -> None:
        record = one(PROTOCOL | {"category": "Yield"}, of("pools", POOL), of("markets", MARKET))
        assert "deposit_liquidity" not in (record.value or {})


class TestTheRealList:
    def test_every_entry_is_read_or_told(self) -> None:
        found = list(profiles(listed("protocols", LIST.read_bytes(), LIST.name, on=DAY)))
        faults = [record for record in found if isinstance(record, Unread)]
        assert (len(found), len(faults)) == (2429, 3)
        assert all("at least 0" in fault.faults[0].message for fault in faults)
        ids = [record.id for record in found if isinstance(record, Record)]
        assert len(set(ids)) == len(ids)
        for record in [record for record in found if isinstance(record, Record)][::40]:
            read(record)

    def test_its_day_stands_in_its_name(self) -> None:
        assert day_in(LIST.name) == DAY
        assert day_in("2025-01-01-to-2025-02-01.json") is None
        assert day_in("2025-13-45.json") is None


def test_the_page_lists_every_category_and_every_fact() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert [name for name, kind in KINDS.items() if f"| {name} | `{kind}` |" not in page] == []
    record = one(PROTOCOL, of("pools", POOL), of("markets", MARKET))
    stated = {
        f"{section}.{name}"
        for section, facts in (record.value or {}).items()
        if section not in ("ddcheck", "sources")
        for name in facts
    }
    assert [fact for fact in sorted(stated) if f"`{fact}`" not in page] == []


def _entries(value: Any) -> Any:
    if isinstance(value, dict):
        if "evidence" in value:
            yield value
        for inner in value.values():
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner)
