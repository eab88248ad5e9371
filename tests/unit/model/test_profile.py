import json
import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from checker.model.dictionary import ColumnDef, load_dictionary
from checker.model.document import parse_json, parse_yaml
from checker.model.errors import InputError, ProfileError
from checker.model.profile import (
    FactEntry,
    InvalidValueError,
    Provenance,
    Source,
    load_profile,
    parse_profile,
    read_bounds,
    read_value,
)
from checker.model.state import Status

TODAY = date(2023, 1, 1)

FACTS = {
    "platform": """
name: {type: text, about: state, meaning: Name, ask: What is it called?}
kind:
  {type: enum, values: [cefi_lender, defi_market, yield_product, p2p, fund, bank, borrower, treasury, exchange, token],
  worse: none, about: state, meaning: Kind, ask: Who takes the money?}
country: {type: text, about: state, meaning: Country, ask: Which law?}
launched: {type: date, about: state, meaning: First day, ask: Since when?}
""",
    "terms": """
offered_apy:
  {type: number, unit: rate, worse: higher, about: promise, observable: true, meaning: Rate, ask: Which rate?}
offered_asset: {type: asset, about: promise, meaning: Asset, ask: Which asset?}
rate_kind:
  {type: enum, values: [nav, platform_set, fixed], worse: order, about: promise, meaning: Kind, ask: Who sets it?}
redeem_any_time: {type: bool, worse: none, about: promise, meaning: Redeemable, ask: When?}
notice_days: {type: number, unit: days, range: [0, 36500], worse: lower, about: promise, meaning: Notice, ask: Which?}
products:
  type: table
  about: promise
  observable: true
  key: [product, asset]
  meaning: Rates
  ask: Send them.
  columns:
    product: {type: text, meaning: Name}
    asset: {type: asset, meaning: Asset}
    rate: {type: number, unit: rate, worse: higher, meaning: Rate}
    promotional: {type: bool, worse: none, meaning: Limited}
    since: {type: date, meaning: Since}
""",
    "deposit_liquidity": """
client_liabilities: {type: number, unit: money, worse: none, about: state, meaning: Owed, ask: How much?}
published_lcr: {type: number, unit: ratio, worse: lower, about: state, kinds: [bank], meaning: Cover, ask: Which?}
outflow_share: {type: number, unit: share, range: [-10, 1], worse: higher, about: state, meaning: Outflow, ask: What?}
collateral_share: {type: number, unit: share, range: [0, 10], worse: lower, about: state, meaning: Cover, ask: What?}
largest_position:
  {type: number, unit: money, worse: higher, about: state, may_not_apply: All is cash, meaning: Largest, ask: Which?}
""",
    "leverage": """
derivatives:
  {type: table, about: state, key: [venue], meaning: Positions, ask: Which?,
  columns: {venue: {type: text, meaning: Venue}}}
bank_lines:
  {type: table, about: state, kinds: [bank], key: [venue], meaning: Lines, ask: Which?,
  columns: {venue: {type: text, meaning: Venue}}}
""",
}


@pytest.fixture(scope="module")
def dictionary(tmp_path_factory):
    folder = tmp_path_factory.mktemp("facts")
    for section, text in FACTS.items():
        (folder / f"{section}.yaml").write_text(text)
    return load_dictionary(folder)


@pytest.fixture
def read(dictionary):
    """Reads a profile from what it adds to the least that a profile holds."""

    def read(**sections):
        top = {"ddcheck": 1, "platform": {"name": "Celsius", "kind": "cefi_lender"}}
        top["sources"] = {"terms-2021": {"title": "Terms of use"}, "order": {"title": "Order", "date": "2022-07-01"}}
        return parse_profile(parse_json(json.dumps(top | sections), "p.json"), dictionary, today=TODAY)

    return read


@pytest.fixture
def refusal(read):
    """The faults of a profile as (key, message, hint)."""

    def refusal(**sections):
        with pytest.raises(ProfileError) as caught:
            read(**sections)
        return [(fault.key, fault.message, fault.hint) for fault in caught.value.faults]

    return refusal


def only(profile, fact):
    (entry,) = profile.facts[fact]
    return entry


# ---------------------------------------------------------------------------------------------------------- values


def column(kind="number", unit=None, low=-math.inf, high=math.inf, values=()):
    return ColumnDef(name="x", type=kind, unit=unit, range=(low, high), values=values, meaning="x")


RATE = column(unit="rate", low=-1, high=1000)
SHARE = column(unit="share", low=0, high=1)
MONEY = column(unit="money", low=0)


@pytest.mark.parametrize(
    ("definition", "raw", "value"),
    [
        (RATE, 0.17, 0.17),
        (RATE, "17%", 0.17),
        (RATE, "17 %", 0.17),
        (RATE, " 8.8% ", 0.088),
        (RATE, "18.63%", 0.1863),
        (RATE, "-0.5%", -0.005),
        (RATE, "120%", 1.2),
        (RATE, "0.17", 0.17),
        (RATE, 1, 1.0),
        (RATE, -1, -1.0),
        (SHARE, "100%", 1.0),
        (SHARE, 0, 0.0),
        (column(unit="share", low=0, high=10), 1.5, 1.5),
        (column(unit="ratio", low=0), 1.38, 1.38),
        (column(unit="ratio", low=0), "138%", 1.38),
        (MONEY, "1.2bn", 1.2e9),
        (MONEY, "350m", 3.5e8),
        (MONEY, "10k", 1e4),
        (MONEY, "1.1 m", 1.1e6),
        (MONEY, 1200000, 1.2e6),
        (MONEY, "1200000", 1.2e6),
        (column(unit="money_per_month"), "-3m", -3e6),
        (column(unit="count", low=0), "12k", 12000.0),
        (column(unit="days", low=0), 7, 7.0),
        (column(unit="days", low=0), "7", 7.0),
        (column(unit="days", low=0), "1e2", 100.0),
    ],
)
def test_numbers_become_exact_points(definition, raw, value):
    assert read_value(definition, raw) == (value, value)
    assert all(type(end) is float for end in read_value(definition, raw))


@pytest.mark.parametrize(
    ("definition", "raw", "message", "hint"),
    [
        (RATE, 17, "17 is beyond 1, but the value is a fraction", 'Did you mean 17 %? Write "17%"'),
        (RATE, 8.8, "8.8 is beyond 1, but the value is a fraction", 'Did you mean 8.8 %? Write "8.8%"'),
        (RATE, "17", "'17' is beyond 1, but the value is a fraction", 'Did you mean 17 %? Write "17%"'),
        (RATE, 1.2, "1.2 is beyond 1, but the value is a fraction", 'Did you mean 1.2 %? Write "1.2%" (or "120%"'),
        (RATE, -5, "-5 is beyond 1, but the value is a fraction", 'Did you mean -5 %? Write "-5%"'),
        (RATE, "-101%", "'-101%' is outside the range -1 to 1,000", ""),
        (SHARE, 17, "17 is beyond 1, but the value is a fraction", 'Did you mean 17 %? Write "17%"'),
        (SHARE, "101%", "'101%' is outside the range 0 to 1", ""),
        (SHARE, -0.1, "-0.1 is outside the range 0 to 1", ""),
        (
            column(unit="share", low=-10, high=1),
            -5,
            "-5 is beyond 1, but the value is a fraction",
            "Did you mean -5 %?",
        ),
        (
            RATE,
            "17 percent",
            "expected a number in fractions per year, found '17 percent'",
            "Write a fraction such as 0.17",
        ),
        (RATE, "1.2bn", "expected a number in fractions per year, found '1.2bn'", "Write a fraction such as 0.17"),
        (RATE, True, "expected a number in fractions per year, found true", "Write a fraction such as 0.17"),
        (RATE, [1], "expected a number in fractions per year, found a list", "Write a fraction such as 0.17"),
        (RATE, "nan", "expected a number in fractions per year, found 'nan'", "Write a fraction such as 0.17"),
        (RATE, "\u0661%", "expected a number in fractions per year, found '\u0661%'", "Write a fraction such as 0.17"),
        (MONEY, "1.2b", "expected a number in US dollars, found '1.2b'", "Write US dollars such as 1200000"),
        (MONEY, "$5m", "expected a number in US dollars, found '$5m'", "Write US dollars such as 1200000"),
        (MONEY, "1,200", "expected a number in US dollars, found '1,200'", "Write US dollars such as 1200000"),
        (MONEY, "5%", "expected a number in US dollars, found '5%'", "Write US dollars such as 1200000"),
        (MONEY, -1, "-1 is outside the range 0 to unbounded", ""),
        (MONEY, "1e999", "'1e999' is outside the range 0 to unbounded", ""),
        (column(unit="days"), "7d", "expected a number in days, found '7d'", "Write a plain number."),
        (column("bool"), "true", "expected true or false, found 'true'", "Write it without quotes."),
        (column("bool"), "yes", "expected true or false, found 'yes'", ""),
        (column("bool"), 1, "expected true or false, found 1", ""),
        (
            column("enum", values=("nav", "fixed")),
            "fixd",
            "expected one of nav, fixed; found 'fixd'",
            "Did you mean 'fixed'?",
        ),
        (column("enum", values=("nav", "fixed")), True, "expected one of nav, fixed; found true", ""),
        (column("text"), "  ", "expected text, found '  '", ""),
        (column("text"), 5, "expected text, found 5", ""),
        (column("text"), "a\x1b[31m", "control character U+001B in text", "Remove it."),
        (column("text"), "a\u202eb", "control character U+202E in text", "Remove it."),
        (column("text"), "x" * 20_001, "the text is longer than 20,000 characters", ""),
        (column("asset"), "US Treasuries", "expected an asset, found 'US Treasuries'", "Write its ticker"),
        (column("asset"), "<b>", "expected an asset, found '<b>'", "Write its ticker"),
        (column("date"), "2022-02-30", "there is no day 2022-02-30", ""),
        (column("date"), "20220230", "expected a date such as 2022-05-31, found '20220230'", "Write year-month-day"),
        (
            column("date"),
            "2022-W01-1",
            "expected a date such as 2022-05-31, found '2022-W01-1'",
            "Write year-month-day",
        ),
        (column("date"), 2022, "expected a date such as 2022-05-31, found 2022", "Write year-month-day"),
    ],
)
def test_values_that_are_refused(definition, raw, message, hint):
    with pytest.raises(InvalidValueError) as caught:
        read_value(definition, raw)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
    assert bool(caught.value.hint) == bool(hint)


def test_other_values():
    assert read_value(column("bool"), False) is False
    assert read_value(column("enum", values=("nav", "no")), "no") == "no"
    assert read_value(column("text"), " \u4f60\u3000\u597d \n") == "\u4f60\u3000\u597d"
    assert read_value(column("asset"), "stEth") == "STETH"
    assert read_value(column("date"), "2022-05-31") == (date(2022, 5, 31), date(2022, 5, 31))


def test_bounds_and_what_a_missing_one_stands_for():
    assert read_bounds(RATE, "5%", 0.07) == (0.05, 0.07)
    assert read_bounds(RATE, None, 0.07) == (-1, 0.07)
    assert read_bounds(MONEY, "1m", None) == (1e6, math.inf)
    assert read_bounds(column("date"), "2022-01-01", None) == (date(2022, 1, 1), date.max)
    assert read_bounds(column("date"), None, "2022-01-01") == (date.min, date(2022, 1, 1))


@pytest.mark.parametrize(
    ("definition", "low", "high", "key", "message"),
    [
        (RATE, 0.2, "10%", "lo", "lo 0.2 is above hi '10%'"),
        (RATE, 0.2, 20, "hi", "20 is beyond 1, but the value is a fraction"),
        (RATE, "x", 20, "lo", "expected a number in fractions per year, found 'x'"),
        (column("date"), "2022-01-02", "2022-01-01", "lo", "lo '2022-01-02' is above hi '2022-01-01'"),
        (column("text"), "a", "b", "", "a value of type text has no bounds"),
    ],
)
def test_bounds_that_are_refused(definition, low, high, key, message):
    with pytest.raises(InvalidValueError) as caught:
        read_bounds(definition, low, high)
    assert (caught.value.key, caught.value.message) == (key, message)


@given(st.decimals(-1, 1000, places=4))
def test_percent_text_is_the_nearest_double(percent):
    assert read_value(RATE, f"{percent * 100:f}%") == (float(percent), float(percent))


# ----------------------------------------------------------------------------------------------------------- forms


def test_a_bare_value_takes_the_defaults(read):
    defaults = {"from": "2022-01-01", "known_on": "2022-01-02", "source": "order", "evidence": "audit"}
    entry = only(read(terms={"offered_apy": "17%"}, defaults=defaults), "terms.offered_apy")
    assert entry == FactEntry.model_validate(
        {"value": (0.17, 0.17), "from": "2022-01-01", "known_on": "2022-01-02", "source": "order", "evidence": "audit"}
    )
    assert only(read(terms={"offered_apy": "17%"}), "terms.offered_apy") == FactEntry(value=(0.17, 0.17))


def test_defaults_never_mix_with_what_an_entry_says_itself(read):
    defaults = {"from": "2022-01-01", "source": "order", "evidence": "audit"}
    terms = {
        "offered_apy": {"value": 0.1, "source": "terms-2021"},
        "notice_days": {"lo": 1, "note": "n"},
        "rate_kind": {"status": "not_examined"},
    }
    profile = read(terms=terms, defaults=defaults)
    assert only(profile, "terms.offered_apy").evidence is None
    assert only(profile, "terms.offered_apy").from_ is None
    assert only(profile, "terms.notice_days").source == "order"
    assert only(profile, "terms.notice_days").value == (1, 36500)
    assert only(profile, "terms.rate_kind").source is None
    assert only(profile, "platform.kind") == FactEntry(value="cefi_lender")


def test_a_full_form_keeps_everything(read):
    raw = {
        "value": "platform_set",
        "from": "2021-09-17",
        "until": "2022-12-31",
        "known_on": "2021-09-10",
        "seen": "2022-06-01",
        "evidence": "terms_of_use",
        "source": "terms-2021",
        "locator": "s. 4",
        "note": "n",
        "alleged": True,
        "inferred": ["known_on", "until"],
    }
    entry = only(read(terms={"rate_kind": raw}), "terms.rate_kind")
    assert (entry.value, entry.status, entry.locator, entry.note) == ("platform_set", Status.REPORTED, "s. 4", "n")
    assert (entry.from_, entry.until) == (date(2021, 9, 17), date(2022, 12, 31))
    assert (entry.known_on, entry.seen) == (date(2021, 9, 10), date(2022, 6, 1))
    assert (entry.evidence, entry.source) == ("terms_of_use", "terms-2021")
    assert (entry.alleged, entry.inferred) == (True, ("known_on", "until"))


def test_a_history_keeps_its_order(read):
    history = [{"value": 0.13, "from": "2021-09-17"}, {"value": "18.63%", "from": "2021-01-01"}, {"lo": 0.1, "hi": 0.2}]
    entries = read(terms={"offered_apy": history}).facts["terms.offered_apy"]
    assert [entry.value for entry in entries] == [(0.13, 0.13), (0.1863, 0.1863), (0.1, 0.2)]


def test_null_says_nothing(read):
    profile = read(
        terms={"offered_apy": None, "notice_days": {"value": 1, "until": None, "hi": None, "status": None}},
        leverage=None,
        defaults=None,
        examined=None,
        notes=None,
    )
    assert "terms.offered_apy" not in profile.facts
    assert only(profile, "terms.notice_days").value == (1, 1)


def test_json_and_yaml_say_the_same(dictionary):
    text = "ddcheck: 1\nplatform: {name: No, kind: bank}\nterms:\n  offered_apy: 17%\n  redeem_any_time: true\n"
    as_json = (
        '{"ddcheck":1,"platform":{"name":"No","kind":"bank"},"terms":{"offered_apy":"17%","redeem_any_time":true}}'
    )
    first, second = (
        parse_profile(document, dictionary, today=TODAY) for document in (parse_yaml(text), parse_json(as_json))
    )
    assert (
        (first.name, first.kind, first.facts) == (second.name, second.kind, second.facts) == ("No", "bank", first.facts)
    )


def test_a_complaint_is_always_alleged(read, refusal):
    assert only(read(terms={"offered_apy": {"value": 0.1, "evidence": "complaint"}}), "terms.offered_apy").alleged
    entry = {"value": 0.1, "evidence": "complaint", "alleged": False}
    ((key, message, _),) = refusal(terms={"offered_apy": entry})
    assert (key, message) == ("terms.offered_apy.alleged", "a complaint is alleged until it is decided")


def test_tables(read):
    rows = [
        {
            "product": "Earn",
            "asset": "usdc",
            "rate": "9.32%",
            "promotional": None,
            "from": "2022-06-14",
            "source": "order",
        },
        {"asset": "BTC", "rate": {"lo": 0.01}, "since": {"lo": "2021-01-01", "hi": "2021-02-01"}, "promotional": False},
    ]
    table = read(terms={"products": rows}, defaults={"evidence": "audit"}).tables["terms.products"]
    first, second = table.rows
    assert first.cells == {"product": "Earn", "asset": "USDC", "rate": (0.0932, 0.0932)}
    assert (first.from_, first.source, first.evidence) == (date(2022, 6, 14), "order", None)
    assert second.cells == {
        "asset": "BTC",
        "rate": (0.01, math.inf),
        "since": (date(2021, 1, 1), date(2021, 2, 1)),
        "promotional": False,
    }
    assert second.evidence == "audit"
    assert (table.complete, table.stated) == ((), ())


def test_a_table_can_state_that_it_is_complete_or_silent(read):
    statement = {"from": "2022-01-01", "known_on": "2022-02-01", "source": "order", "evidence": "audit"}
    table = read(leverage={"derivatives": {"rows": [], "complete": [statement]}}).tables["leverage.derivatives"]
    assert table.rows == ()
    assert table.complete == (Provenance.model_validate(statement),)
    silent = {"status": "not_disclosed", "source": "order", "from": "2022-01-01"}
    table = read(leverage={"derivatives": silent}).tables["leverage.derivatives"]
    assert [entry.status for entry in table.stated] == [Status.NOT_DISCLOSED]


def test_an_observable_table_may_be_empty(read):
    assert read(terms={"products": []}).tables["terms.products"].rows == ()


def test_sources_examinations_and_notes(read):
    profile = read(
        sources={"order": {"title": " Order ", "url": "https://example.org/a?b=1", "date": "2022-07-01"}},
        examined={"terms": [{"on": "2022-05-31", "known_on": "2022-06-01", "sources": ["order"]}]},
        notes=[{"text": "It halted.", "topic": "halt", "from": "2022-06-12", "evidence": "press", "source": "order"}],
    )
    assert profile.sources == {
        "order": Source.model_validate({"title": "Order", "url": "https://example.org/a?b=1", "date": "2022-07-01"})
    }
    assert profile.examined["terms"][0].on == date(2022, 5, 31)
    assert profile.examined["terms"][0].sources == ("order",)
    assert profile.notes[0].text == "It halted."
    assert profile.notes[0].from_ == date(2022, 6, 12)


def test_a_source_may_be_dated_by_its_month_or_year(read):
    profile = read(
        sources={"order": {"title": "Order", "date": "2022-02"}, "terms-2021": {"title": "T", "date": "2021"}}
    )
    assert profile.sources["order"].appeared == (date(2022, 2, 1), date(2022, 2, 28))
    assert profile.sources["terms-2021"].date == "2021"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2022-13", "there is no month 2022-13"),
        ("2022-02-30", "there is no day 2022-02-30"),
        ("May 2022", "expected a date such as 2022-05-31"),
        ("2999-01", "lies in the future"),
    ],
)
def test_a_source_without_such_a_day_is_refused(refusal, day, told):
    ((key, message, _),) = refusal(sources={"order": {"title": "Order", "date": day}, "terms-2021": {"title": "T"}})
    assert key == "sources.order.date"
    assert told in message


def test_what_is_read_cannot_be_changed(read):
    profile = read(terms={"offered_apy": 0.1})
    with pytest.raises(ValidationError):
        only(profile, "terms.offered_apy").note = "changed"
    with pytest.raises(AttributeError):
        profile.kind = "bank"


def test_the_profile_names_its_file(dictionary, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("ddcheck: 1\nplatform: {name: A, kind: fund}\n")
    profile = load_profile(path, dictionary, today=TODAY)
    assert (profile.path, profile.format, profile.name, profile.kind) == (str(path), 1, "A", "fund")
    assert len(profile.sha256) == 64
    with pytest.raises(InputError, match="larger than 5 bytes"):
        load_profile(path, dictionary, today=TODAY, max_bytes=5)


# ---------------------------------------------------------------------------------------------------------- faults

STATEMENT = {"from": "2022-01-01", "known_on": "2022-02-01", "source": "order"}
REFUSED = [
    ({"ddcheck": None}, "", "'ddcheck' is missing"),
    ({"ddcheck": 2}, "ddcheck", "expected format 1, found 2"),
    ({"ddcheck": True}, "ddcheck", "expected format 1, found true"),
    ({"ddcheck": "1"}, "ddcheck", "expected format 1, found '1'"),
    ({"$schema": 1}, "$schema", "expected the path of the schema"),
    ({"term": {}}, "term", "unknown key 'term'"),
    ({"platform": None}, "", "'platform.name' is missing"),
    ({"platform": {"kind": "bank"}}, "platform", "'platform.name' is missing"),
    ({"platform": {"name": "A"}}, "platform", "'platform.kind' is missing"),
    ({"platform": {"name": "A", "kind": "bnk"}}, "platform.kind", "expected one of cefi_lender"),
    ({"platform": {"name": "A", "kind": {"value": "bank"}}}, "platform.kind", "expected one of"),
    ({"platform": {"name": 5, "kind": "bank"}}, "platform.name", "expected text, found 5"),
    ({"platform": {"name": ["A"], "kind": "bank"}}, "platform.name", "expected text, found a list"),
    ({"platform": {}}, "platform", "'platform.name' is missing"),
    ({"platform": []}, "platform", "expected an object, found a list"),
    ({"terms": [1]}, "terms", "expected an object, found a list"),
    ({"terms": {"offered_apr": 1}}, "terms.offered_apr", "unknown fact 'terms.offered_apr'"),
    ({"terms": {"client_liabilities": 1}}, "terms.client_liabilities", "unknown fact"),
    ({"terms": {"offered_apy": 17}}, "terms.offered_apy", "17 is beyond 1"),
    ({"terms": {"offered_apy": []}}, "terms.offered_apy", "a history without entries"),
    ({"terms": {"offered_apy": [0.1]}}, "terms.offered_apy[0]", "expected an object in a history, found 0.1"),
    ({"terms": {"offered_apy": {}}}, "terms.offered_apy", "the entry has no value"),
    ({"terms": {"offered_apy": {"value": None}}}, "terms.offered_apy", "the entry has no value"),
    ({"terms": {"offered_apy": {"status": "reported"}}}, "terms.offered_apy", "the entry has no value"),
    ({"terms": {"offered_apy": {"value": 1, "lo": 0}}}, "terms.offered_apy", "both a value and bounds"),
    ({"terms": {"offered_apy": {"lo": 0.2, "hi": 0.1}}}, "terms.offered_apy.lo", "lo 0.2 is above hi 0.1"),
    ({"terms": {"offered_apy": [{"lo": 0.2, "hi": 3}]}}, "terms.offered_apy[0].hi", "3 is beyond 1"),
    ({"terms": {"offered_apy": {"valeu": 1}}}, "terms.offered_apy.valeu", "unknown key 'valeu'"),
    (
        {"terms": {"offered_apy": {"value": 0.1, "from_": "2022-01-01"}}},
        "terms.offered_apy.from_",
        "unknown key 'from_'",
    ),
    ({"terms": {"redeem_any_time": "false"}}, "terms.redeem_any_time", "expected true or false, found 'false'"),
    ({"terms": {"redeem_any_time": {"lo": True}}}, "terms.redeem_any_time", "a value of type bool has no bounds"),
    ({"terms": {"rate_kind": ["nav"]}}, "terms.rate_kind[0]", "expected an object in a history"),
    ({"terms": {"notice_days": 40000}}, "terms.notice_days", "40000 is outside the range 0 to 36,500"),
    (
        {"terms": {"notice_days": {"value": 1, "from": "2022-13-01"}}},
        "terms.notice_days.from",
        "there is no day 2022-13-01",
    ),
    ({"terms": {"notice_days": {"value": 1, "from": 20220101}}}, "terms.notice_days.from", "expected a date such as"),
    (
        {"terms": {"notice_days": {"value": 1, "from": "2022-02-01", "until": "2022-01-01"}}},
        "terms.notice_days.until",
        "until 2022-01-01 lies before from 2022-02-01",
    ),
    (
        {"terms": {"notice_days": {"value": 1, "from": "2022-02-01", "seen": "2022-01-01"}}},
        "terms.notice_days.seen",
        "seen 2022-01-01 lies before from 2022-02-01",
    ),
    (
        {"terms": {"notice_days": {"value": 1, "seen": "2022-02-01", "until": "2022-01-01"}}},
        "terms.notice_days.until",
        "until 2022-01-01 lies before seen 2022-02-01",
    ),
    *(
        (
            {"terms": {"notice_days": {"value": 1, key: "2023-01-02"}}},
            f"terms.notice_days.{key}",
            "2023-01-02 lies in the future; today is 2023-01-01",
        )
        for key in ("from", "known_on", "seen")
    ),
    (
        {"terms": {"notice_days": {"value": 1, "source": "terms-2012"}}},
        "terms.notice_days.source",
        "unknown source 'terms-2012'",
    ),
    ({"terms": {"notice_days": {"value": 1, "source": 7}}}, "terms.notice_days.source", "expected text, found 7"),
    (
        {"terms": {"notice_days": {"value": 1, "evidence": "advert"}}},
        "terms.notice_days.evidence",
        "unknown evidence 'advert'",
    ),
    (
        {"terms": {"notice_days": {"value": 1, "alleged": "no"}}},
        "terms.notice_days.alleged",
        "expected true or false, found 'no'",
    ),
    (
        {"terms": {"notice_days": {"value": 1, "inferred": ["form"]}}},
        "terms.notice_days.inferred[0]",
        "expected 'from'",
    ),
    (
        {"terms": {"notice_days": {"value": 1, "inferred": ["from"]}}},
        "terms.notice_days.inferred[0]",
        "there is no date 'from' here",
    ),
    ({"terms": {"notice_days": {"value": 1, "inferred": "from"}}}, "terms.notice_days.inferred", "expected a list"),
    (
        {"terms": {"notice_days": {"value": 1, "note": "\x1b[2J"}}},
        "terms.notice_days.note",
        "control character U+001B in text",
    ),
    ({"terms": {"notice_days": {"status": "hidden"}}}, "terms.notice_days.status", "expected 'reported'"),
    ({"terms": {"notice_days": {"status": "not_disclosed"}}}, "terms.notice_days", "not_disclosed needs a source"),
    (
        {"terms": {"notice_days": {"value": 1, "status": "not_disclosed", "source": "order"}}},
        "terms.notice_days.status",
        "an entry with a value cannot be not_disclosed",
    ),
    (
        {"terms": {"offered_apy": {"status": "not_disclosed", "source": "order"}}},
        "terms.offered_apy.status",
        "anyone can observe terms.offered_apy, so it cannot be not_disclosed",
    ),
    (
        {"terms": {"notice_days": {"status": "not_applicable", "source": "order", "reason": "r"}}},
        "terms.notice_days.status",
        "terms.notice_days applies to every cefi_lender",
    ),
    (
        {"deposit_liquidity": {"published_lcr": {"status": "not_applicable", "source": "order"}}},
        "deposit_liquidity.published_lcr",
        "not_applicable needs a reason",
    ),
    (
        {"deposit_liquidity": {"published_lcr": {"status": "not_applicable", "reason": "r"}}},
        "deposit_liquidity.published_lcr",
        "not_applicable needs a source",
    ),
    (
        {"deposit_liquidity": {"published_lcr": 1.1}},
        "deposit_liquidity.published_lcr",
        "deposit_liquidity.published_lcr does not apply to a cefi_lender",
    ),
    (
        {"deposit_liquidity": {"published_lcr": {"status": "not_disclosed", "source": "order"}}},
        "deposit_liquidity.published_lcr",
        "deposit_liquidity.published_lcr does not apply to a cefi_lender",
    ),
    (
        {"leverage": {"bank_lines": [{"venue": "x"}]}},
        "leverage.bank_lines",
        "leverage.bank_lines does not apply to a cefi_lender",
    ),
    ({"terms": {"products": 3}}, "terms.products", "expected a list of rows, found 3"),
    ({"terms": {"products": [3]}}, "terms.products[0]", "expected an object for each row, found 3"),
    (
        {"terms": {"products": [{"rate": 0.1}]}},
        "terms.products[0]",
        "nothing identifies the row: state product or asset",
    ),
    ({"terms": {"products": [{"product": "a", "ratee": 0.1}]}}, "terms.products[0].ratee", "unknown key 'ratee'"),
    ({"terms": {"products": [{"product": "a", "cells": {}}]}}, "terms.products[0].cells", "unknown key 'cells'"),
    ({"terms": {"products": [{"product": "a", "rate": 9}]}}, "terms.products[0].rate", "9 is beyond 1"),
    ({"terms": {"products": [{"product": "a", "rate": {}}]}}, "terms.products[0].rate", "there is no value"),
    (
        {"terms": {"products": [{"product": "a", "rate": {"low": 1}}]}},
        "terms.products[0].rate.low",
        "unknown key 'low'",
    ),
    ({"terms": {"products": [{"product": "a", "source": "x"}]}}, "terms.products[0].source", "unknown source 'x'"),
    ({"terms": {"products": {"row": []}}}, "terms.products.row", "unknown key 'row'"),
    (
        {"terms": {"products": {"status": "not_disclosed", "source": "order"}}},
        "terms.products.status",
        "anyone can observe terms.products",
    ),
    ({"leverage": {"derivatives": []}}, "leverage.derivatives", "a table without rows says nothing"),
    ({"leverage": {"derivatives": {"rows": []}}}, "leverage.derivatives", "a table without rows says nothing"),
    (
        {"leverage": {"derivatives": {"complete": STATEMENT}}},
        "leverage.derivatives.complete",
        "expected a list of statements",
    ),
    *(
        (
            {"leverage": {"derivatives": {"complete": [{k: v for k, v in STATEMENT.items() if k != key}]}}},
            "leverage.derivatives.complete[0]",
            f"'{key}' is missing",
        )
        for key in STATEMENT
    ),
    ({"examined": {"tems": []}}, "examined.tems", "unknown key 'tems'"),
    (
        {"examined": {"terms": {"on": "2022-01-01"}}},
        "examined.terms",
        "expected a list of examinations, found an object",
    ),
    (
        {"examined": {"terms": [{"known_on": "2022-01-01", "sources": ["order"]}]}},
        "examined.terms[0]",
        "'on' is missing",
    ),
    (
        {"examined": {"terms": [{"on": "2022-01-01", "sources": ["order"]}]}},
        "examined.terms[0]",
        "'known_on' is missing",
    ),
    (
        {"examined": {"terms": [{"on": "2022-01-01", "known_on": "2022-01-01", "sources": []}]}},
        "examined.terms[0].sources",
        "expected at least one entry",
    ),
    (
        {"examined": {"terms": [{"on": "2022-01-01", "known_on": "2022-01-01", "sources": ["order", "x"]}]}},
        "examined.terms[0].sources[1]",
        "unknown source 'x'",
    ),
    (
        {"examined": {"terms": [{"on": "2023-01-02", "known_on": "2022-01-01", "sources": ["order"]}]}},
        "examined.terms[0].on",
        "2023-01-02 lies in the future",
    ),
    ({"sources": {"a": {}}}, "sources.a", "'title' is missing"),
    ({"sources": {"a": {"title": " "}}}, "sources.a.title", "expected text that is not empty"),
    ({"sources": {"a": {"title": "t", "url": "javascript:alert(1)"}}}, "sources.a.url", "expected a web address"),
    ({"sources": {"a": {"title": "t", "url": "https://a b"}}}, "sources.a.url", "expected a web address"),
    ({"sources": {"a": {"title": "t", "date": "2023-06-01"}}}, "sources.a.date", "2023-06-01 lies in the future"),
    ({"sources": {"a": {"title": "t", "autor": "x"}}}, "sources.a.autor", "unknown key 'autor'"),
    ({"sources": {"": {"title": "t"}}}, "sources.''", "'' cannot be the id of a source"),
    ({"sources": {"a\x07": {"title": "t"}}}, r"sources.'a\x07'", r"'a\x07' cannot be the id of a source"),
    ({"sources": []}, "sources", "expected an object, found a list"),
    ({"notes": {}}, "notes", "expected a list of notes, found an object"),
    ({"notes": ["x"]}, "notes[0]", "expected an object, found 'x'"),
    ({"notes": [{"topic": "x"}]}, "notes[0]", "'text' is missing"),
    ({"notes": [{"text": "x", "source": "y"}]}, "notes[0].source", "unknown source 'y'"),
    ({"defaults": {"until": "2022-01-01"}}, "defaults.until", "unknown key 'until'"),
    ({"defaults": {"source": "x"}}, "defaults.source", "unknown source 'x'"),
    ({"defaults": []}, "defaults", "expected an object, found a list"),
]


@pytest.mark.parametrize(("sections", "key", "message"), REFUSED, ids=lambda part: str(part)[:60])
def test_each_fault_is_named_in_its_place(refusal, sections, key, message):
    found = refusal(**sections)
    assert any(at == key and text.startswith(message) for at, text, _ in found), found
    assert len(found) <= 2


def test_one_mistake_in_the_defaults_is_one_fault(refusal):
    found = refusal(defaults={"source": "x"}, terms={"offered_apy": 0.1, "notice_days": 1})
    assert [key for key, _, _ in found] == ["defaults.source"]


@pytest.mark.parametrize(
    ("sections", "hint"),
    [
        ({"term": {}}, "Did you mean 'terms'?"),
        ({"terms": {"offered_apr": 1}}, "Did you mean 'terms.offered_apy'?"),
        ({"terms": {"client_liabilities": 1}}, "Did you mean 'deposit_liquidity.client_liabilities'?"),
        ({"terms": {"rate_kind": {"value": "nav", "knwon_on": "2022-01-01"}}}, "Did you mean 'known_on'?"),
        ({"terms": {"rate_kind": "platfrm_set"}}, "Did you mean 'platform_set'?"),
        ({"terms": {"products": [{"produkt": "a", "asset": "BTC"}]}}, "Did you mean 'product'?"),
        ({"terms": {"notice_days": {"value": 1, "source": "terms-2012"}}}, "Did you mean 'terms-2021'?"),
        ({"terms": {"notice_days": {"value": 1, "evidence": "advertized"}}}, "Did you mean 'advertised'?"),
        ({"terms": {"offered_apy": 17}}, 'Did you mean 17 %? Write "17%" (or "1700%" if 17 was meant).'),
        ({"platform": {"name": "A"}}, "Who takes the money?"),
    ],
)
def test_the_nearest_name_is_offered(refusal, sections, hint):
    assert [found[2] for found in refusal(**sections)] == [hint]


def test_all_faults_come_at_once_in_the_order_of_the_file(dictionary):
    text = """{
  "platform": {"name": "A", "kind": "bank"},
  "terms": {"offered_apy": 17,
            "ofered": 1},
  "ddcheck": 1,
  "notes": [{}]
}"""
    with pytest.raises(ProfileError) as caught:
        parse_profile(parse_json(text, "p.json"), dictionary, today=TODAY)
    assert str(caught.value).splitlines() == [
        "p.json:3:28 terms.offered_apy: 17 is beyond 1, but the value is a fraction. "
        'Did you mean 17 %? Write "17%" (or "1700%" if 17 was meant).',
        "p.json:4:13 terms.ofered: unknown fact 'terms.ofered'. Did you mean 'terms.offered_apy'?",
        "p.json:6:13 notes[0]: 'text' is missing",
    ]


@pytest.mark.parametrize("text", ["[]", "3", "null", '"x"'])
def test_a_profile_is_an_object(dictionary, text):
    with pytest.raises(ProfileError) as caught:
        parse_profile(parse_json(text, "p.json"), dictionary, today=TODAY)
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (1, 1)
    assert fault.message.startswith("expected an object")


def test_a_day_known_before_it_came_is_fine(read):
    entry = {"value": 1, "from": "2022-06-01", "known_on": "2022-05-01"}
    assert only(read(terms={"notice_days": entry}), "terms.notice_days").known_on == date(2022, 5, 1)


def test_what_became_known_today_is_fine(read):
    entry = {"value": 1, "from": str(TODAY), "known_on": str(TODAY)}
    assert only(read(terms={"notice_days": entry}), "terms.notice_days").from_ == TODAY


def test_an_end_in_the_future_is_fine(read):
    entry = {"value": 1, "from": "2022-06-01", "until": "2030-05-01"}
    assert only(read(terms={"notice_days": entry}), "terms.notice_days").until == date(2030, 5, 1)


def test_what_may_not_apply(read):
    entry = {"status": "not_applicable", "reason": "r", "source": "order"}
    sections = {"deposit_liquidity": {"published_lcr": entry, "largest_position": entry}}
    profile = read(**sections)
    assert only(profile, "deposit_liquidity.published_lcr").status is Status.NOT_APPLICABLE
    assert only(profile, "deposit_liquidity.largest_position").reason == "r"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(0, 1)
    | st.sampled_from(["17%", "2022-01-01", "x", "order"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "value",
                    "lo",
                    "hi",
                    "from",
                    "until",
                    "source",
                    "evidence",
                    "status",
                    "rows",
                    "complete",
                    "product",
                    "rate",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["terms", "platform", "leverage", "examined", "sources", "notes", "defaults", "ddcheck"]),
        JSON_VALUES
        | st.dictionaries(
            st.sampled_from(
                ["offered_apy", "products", "derivatives", "rate_kind", "launched", "order", "terms", "name"]
            ),
            JSON_VALUES,
            max_size=4,
        ),
    )
)
def test_no_shape_breaks_the_reader(dictionary, sections):
    top = {"ddcheck": 1, "platform": {"name": "A", "kind": "bank"}} | sections
    try:
        parse_profile(parse_json(json.dumps(top), "p.json"), dictionary, today=TODAY)
    except ProfileError as error:
        faults = error.faults
        assert all(fault.line and fault.message for fault in faults)
