"""Benchmark rates: published values, gaps that stay gaps, marks that stay marks, and nothing known later."""

import shutil
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.errors import PackError
from checker.packs.reference import CONFIDENCE, ROLES, load_reference
from checker.resources import data_path

FOLDER = data_path("rules", "reference")
LATE = date(2026, 11, 22)
REFERENCE = load_reference(FOLDER)


def rate(role, asset, on, known_by=LATE):
    return REFERENCE.rate(role, asset, date.fromisoformat(on), known_by)


# ------------------------------------------------------------------------------------------------------ published


@pytest.mark.parametrize(
    ("role", "asset", "on", "value"),
    [
        ("policy", "USD", "2023-08-01", 0.055),
        ("policy", "USD", "2022-05-31", 0.01),
        ("policy", "USDT", "2020-04-01", 0.0025),
        ("policy", "EUR", "2023-10-01", 0.04),
        ("policy", "EURC", "2020-01-01", -0.005),
        ("policy", "GBP", "2023-09-01", 0.0525),
        ("policy", "KRW", "2023-06-01", 0.035),
        ("policy", "ZAR", "2024-01-15", 0.0825),
        ("risk_free", "BTC", "2022-05-31", 0.0),
        ("risk_free", "WBTC", "2022-05-31", 0.0),
        ("risk_free", "ETH", "2024-08-15", 0.0358),
        ("risk_free", "STETH", "2025-06-01", 0.0298),
        ("treasury_1y", "USD", "2022-05-31", 0.0206),
        ("prime_lending", "CNY", "2022-04-20", 0.037),
        ("prime_lending", "CNY", "2020-06-01", 0.0385),
        ("deposit", "CNY", "2018-06-30", 0.015),
        ("deposit", "USDC", "2022-01-15", 0.0006),
        ("deposit_cap", "USD", "2020-09-07", 0.008),
        ("protocol_savings", "DAI", "2020-01-10", 0.06),
        ("protocol_savings", "USDS", "2025-02-10", 0.0875),
        ("staking_net", "ETH", "2025-04-04", 0.0299),
    ],
)
def test_published_values(role, asset, on, value):
    found = rate(role, asset, on)
    assert (found.lo, found.hi, found.stated, found.formula) == (value, value, value, "")


@pytest.mark.parametrize(("on", "discount"), [("2022-05-31", 0.0098), ("2021-06-15", 0.0004), ("2026-05-31", 0.036)])
def test_a_bill_is_stated_as_a_discount_and_given_as_a_yield(on, discount):
    found = rate("risk_free", "USD", on)
    assert (found.series, found.stated, found.formula) == ("us_tbill_3m", discount, "365 d / (360 - 91 d)")
    assert found.lo == found.hi == pytest.approx(365 * discount / (360 - 91 * discount), rel=1e-12)


def test_at_five_percent_the_conversion_adds_about_an_eighth_of_a_point():
    found = rate("risk_free", "USD", "2023-05-31")
    assert 0.0013 < found.lo - found.stated < 0.0016


# ----------------------------------------------------------------------------------------------------------- gaps


@pytest.mark.parametrize(
    ("role", "asset", "on"),
    [
        ("risk_free", "USD", "2026-11-22"),  # the series ends in May 2026
        ("policy", "USD", "2026-06-01"),
        ("policy", "EUR", "2026-01-01"),
        ("treasury_1y", "USD", "2026-04-25"),
        ("deposit", "USD", "2022-05-31"),  # January and July only
        ("risk_free", "ETH", "2022-05-31"),
        ("risk_free", "CNY", "2022-05-31"),  # neither a lending nor an administered rate is risk-free
        ("deposit", "USD", "2005-01-01"),
        ("policy", "BTC", "2022-05-31"),
        ("policy", "JPY", "2022-05-31"),
        ("risk_free", "CEL", "2022-05-31"),
        ("risk_free", "NO SUCH TOKEN", "2022-05-31"),
        ("protocol_savings", "DAI", "2021-06-01"),
        ("protocol_savings", "USDC", "2020-01-10"),  # another token's savings rate is not its benchmark
        ("staking_net", "ETH", "2025-04-05"),
    ],
)
def test_a_missing_rate_is_none(role, asset, on):
    assert rate(role, asset, on) is None


def test_an_unknown_role_is_our_own_mistake():
    with pytest.raises(ValueError, match="unknown role 'libor'"):
        rate("libor", "USD", "2022-05-31")


def test_a_policy_rate_says_where_it_stands_in_for_a_bill():
    assert rate("risk_free", "EUR", "2023-10-01").proxy
    assert not rate("policy", "EUR", "2023-10-01").proxy
    assert not rate("risk_free", "USD", "2023-10-01").proxy


# -------------------------------------------------------------------------------------------------- point in time


def test_the_average_of_a_running_month_is_not_known_yet():
    may = date(2022, 5, 31)
    running = rate("risk_free", "USD", "2022-05-31", may)
    assert (running.valid_from, running.valid_until) == (date(2022, 4, 1), date(2022, 4, 30))
    complete = rate("risk_free", "USD", "2022-05-31", may + timedelta(days=1))
    assert (complete.valid_from, complete.known_on) == (date(2022, 5, 1), date(2022, 6, 1))


def test_after_the_last_row_the_month_before_serves_while_its_own_runs_and_no_longer():
    june = date(2026, 6, 15)
    assert rate("risk_free", "USD", "2026-06-15", june).valid_until == date(2026, 5, 31)
    assert rate("risk_free", "USD", "2026-06-15", date(2026, 7, 1)) is None
    assert rate("risk_free", "USD", "2026-07-15", date(2026, 7, 15)) is None


def test_only_a_monthly_series_looks_back():
    assert rate("deposit", "USD", "2022-02-10", date(2022, 2, 10)) is None
    assert rate("risk_free", "ETH", "2025-09-30", date(2025, 9, 30)) is None
    assert rate("risk_free", "ETH", "2025-09-30", date(2025, 10, 1)).lo == 0.0298


def test_a_decision_is_known_on_its_first_day_and_its_end_is_not():
    decided = rate("policy", "USD", "2022-05-31", date(2022, 5, 31))
    assert (decided.valid_from, decided.known_on, decided.valid_until) == (date(2022, 5, 5), date(2022, 5, 5), None)
    assert rate("policy", "USD", "2022-05-31").valid_until is not None


def test_an_inferred_decision_is_known_after_the_months_it_was_inferred_from():
    assert rate("policy", "USD", "2026-02-01", date(2026, 2, 1)) is None
    assert rate("policy", "USD", "2026-02-01", date(2026, 6, 1)).unverified


def test_the_future_is_not_known():
    assert rate("policy", "USD", "2022-06-01", date(2022, 5, 31)) is None


DAYS = st.dates(date(2006, 1, 1), date(2026, 12, 31))
ASSETS = st.sampled_from(["USD", "USDC", "DAI", "USDS", "EUR", "GBP", "CNY", "KRW", "ZAR", "BTC", "ETH", "WSTETH"])


@given(st.sampled_from(ROLES), ASSETS, DAYS, st.integers(-5, 400))
def test_no_row_known_later_changes_anything(role, asset, on, later):
    known_by = on + timedelta(days=later)
    found = REFERENCE.rate(role, asset, on, known_by)
    assert found == _known_by(known_by).rate(role, asset, on, known_by)
    if found is not None:
        assert found.known_on <= known_by
        assert found.valid_from <= on <= known_by
        assert found.valid_until is None or found.valid_until <= known_by


@given(st.sampled_from(ROLES), ASSETS, DAYS)
def test_with_hindsight_a_rate_holds_on_its_day(role, asset, on):
    found = REFERENCE.rate(role, asset, on, date(2030, 1, 1))
    if found is not None:
        assert found.valid_from <= on <= found.valid_until


def _known_by(day):
    """The table as it could have been written on a day."""

    def cut(series):
        return replace(series, rows=tuple(row for row in series.rows if row.known_on <= day))

    return replace(
        REFERENCE,
        _by_role={key: tuple(cut(series) for series in entries) for key, entries in REFERENCE._by_role.items()},
    )


# -------------------------------------------------------------------------------------------------------- health


def test_every_row_is_kept_with_its_source_and_marks():
    rows = [row for series in REFERENCE.series.values() for row in series.rows]
    assert (len(rows), len(REFERENCE.series)) == (749, 18)
    assert all(REFERENCE.sources[row.source].title for row in rows)
    assert {row.source for row in rows} == set(REFERENCE.sources)
    assert {level: sum(row.confidence == level for row in rows) for level in CONFIDENCE} == {
        "high": 606,
        "medium": 106,
        "low": 37,
    }


def test_unverified_marks_are_kept():
    rows = [row for series in REFERENCE.series.values() for row in series.rows]
    unverified = [row for row in rows if row.note.startswith("unverified")]
    assert len(unverified) == 32
    assert all(row.confidence == "low" for row in unverified)
    assert rate("policy", "USD", "2007-01-01").unverified
    assert not rate("policy", "USD", "2023-08-01").unverified


def test_no_document_means_no_address_and_low_confidence():
    for series in REFERENCE.series.values():
        for row in series.rows:
            if not REFERENCE.sources[row.source].url and series.id != "btc":
                assert row.confidence == "low", (series.id, row.start)


@pytest.mark.parametrize("series", REFERENCE.series.values(), ids=lambda series: series.id)
def test_rows_of_a_series_never_overlap(series):
    assert series.roles
    for earlier, later in zip(series.rows, series.rows[1:], strict=False):
        assert earlier.start <= earlier.until < later.start


def test_priorities_are_distinct():
    for (role, currency), entries in REFERENCE._by_role.items():
        assert len({series.roles[role] for series in entries}) == len(entries), (role, currency)


def test_loading_takes_milliseconds():
    assert min(_timed() for _ in range(5)) < 0.05  # 5 ms on an idle core; the margin is for busy machines


def _timed():
    start = time.perf_counter()
    load_reference(FOLDER)
    return time.perf_counter() - start


def test_the_digest_follows_the_content(tmp_path):
    copy = _copy(tmp_path)
    assert load_reference(copy).digest == REFERENCE.digest
    with open(copy / "assets.yaml", "a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert load_reference(copy).digest != REFERENCE.digest


# -------------------------------------------------------------------------------------------------------- assets


@pytest.mark.parametrize(
    ("asset", "currency", "fiat"),
    [
        ("USD", "USD", True),
        ("usdc", "USD", True),
        (" USDT ", "USD", True),
        ("STABLECOINS", "USD", True),
        ("EURC", "EUR", True),
        ("RMB", "CNY", True),
        ("JPY", "JPY", True),
        ("BTC", "BTC", False),
        ("wBTC", "BTC", False),
        ("cbBTC", "BTC", False),
        ("stETH", "ETH", False),
        ("CEL", "CEL", False),
        ("PAXG", "XAU", False),
        ("XYZ", None, None),
        ("", None, None),
    ],
)
def test_what_an_asset_follows(asset, currency, fiat):
    assert REFERENCE.currency(asset) == currency
    assert REFERENCE.is_fiat(asset) is fiat


def test_currencies_of_series_are_known_assets():
    assert {series.currency for series in REFERENCE.series.values()} <= set(REFERENCE.assets)


# -------------------------------------------------------------------------------------------------------- faults


def _copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "reference")


def _faults(folder):
    with pytest.raises(PackError) as error:
        load_reference(folder)
    return error.value.faults


@pytest.mark.parametrize(
    ("line", "key", "part"),
    [
        ("us_policy_uper,2030-01-01,2030-01-02,0.05,policy rate,fred_dff,high,", "series", "unknown series"),
        ("us_policy_upper,2030-01-01,2030-01-02,0.05,policy,fred_dff,high,", "kind", "unknown kind"),
        ("us_policy_upper,2030-01-01,2030-01-02,0.05,policy rate,nobody,high,", "source", "unknown source"),
        ("us_policy_upper,2030-01-01,2030-01-02,0.05,policy rate,fred_dff,sure,", "confidence", "unknown confidence"),
        ("us_policy_upper,2030-01-32,2030-02-02,0.05,policy rate,fred_dff,high,", "from", "not a date"),
        ("us_policy_upper,20300101,2030-02-02,0.05,policy rate,fred_dff,high,", "from", "not a date"),
        ("us_policy_upper,2030-01-02,2030-01-01,0.05,policy rate,fred_dff,high,", "until", "before it starts"),
        ("us_policy_upper,2026-05-01,2030-01-01,0.05,policy rate,fred_dff,high,", "from", "holds until 2026-05-31"),
        ("us_policy_upper,2030-01-01,2030-01-02,5.25,policy rate,fred_dff,high,", "value", "not a rate"),
        ("us_policy_upper,2030-01-01,2030-01-02,nan,policy rate,fred_dff,high,", "value", "not a rate"),
        ("us_policy_upper,2030-01-01,2030-01-02,,policy rate,fred_dff,high,", "value", "not a rate"),
        ("us_policy_upper,2030-01-01", "", "2 cells"),
        ('us_policy_upper,"2030', "", "end of data"),
    ],
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path, line, key, part):
    folder = _copy(tmp_path)
    with open(folder / "benchmarks.csv", "a", encoding="utf-8") as file:
        file.write(line + "\n")
    (fault,) = _faults(folder)
    assert fault.file == str(folder / "benchmarks.csv")
    assert (fault.line, fault.key) == (751, key)
    assert part in fault.message


@pytest.mark.parametrize(
    ("file", "old", "new", "part"),
    [
        ("series.yaml", "roles: {policy: 1}", "roles: {polcy: 1}", "unknown key 'polcy'"),
        ("series.yaml", "roles: {policy: 1}", "roles: {policy: first}", "expected a priority"),
        ("series.yaml", "convert: discount_91d", "convert: discount", "unknown word 'discount'"),
        ("series.yaml", "  policy rate: from", "  policy rate: soon", "unknown word 'soon'"),
        ("series.yaml", "    every: month", "    evry: month", "unknown key 'evry'"),
        ("series.yaml", "proxy: [risk_free]", "proxy: [deposit]", "unknown word 'deposit'"),
        ("assets.yaml", "[PAXG, XAUT]", "[PAXG, USDC]", "asset 'USDC' is given twice"),
        ("assets.yaml", "[PAXG, XAUT]", "[PAXG, xaut]", "not in upper case"),
        ("assets.yaml", "PAX: USDP", "PAX: USPD", "unknown asset 'USPD'"),
        ("assets.yaml", "aliases:", "alias:", "unknown key 'alias'"),
        ("benchmark_sources.csv", "id,title,date,url", "id,title,date,link", "expected id, title, date, url"),
    ],
)
def test_a_fault_in_any_file_has_its_place(tmp_path, file, old, new, part):
    folder = _copy(tmp_path)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    faults = [fault for fault in _faults(folder) if part in fault.message]
    assert faults
    assert faults[0].file == str(folder / file)
    assert faults[0].line


def test_all_faults_are_listed_at_once(tmp_path):
    folder = _copy(tmp_path)
    with open(folder / "benchmarks.csv", "a", encoding="utf-8") as file:
        file.write("btc,2030-01-01,2030-01-02,x,definition,definition_btc,high,\n")
        file.write("btc,2031-01-01,2031-01-02,y,definition,definition_btc,high,\n")
    (folder / "assets.yaml").unlink()
    assert [fault.line for fault in _faults(folder)] == [None, 751, 752]
