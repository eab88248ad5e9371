"""The exposures of 2022: every row with its source and marks, nothing counted twice, nothing known too early."""

import shutil
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.model.errors import PackError
from checker.packs.exposures import COLUMNS, CONFIDENCE, load_exposures
from checker.packs.reference import load_reference
from checker.resources import data_path

FOLDER = data_path("rules", "reference")
TABLE = load_exposures(FOLDER)
LAST_LINE = len(TABLE.rows) + 1
GOOD = {
    "creditor": "A",
    "debtor": "B",
    "amount_usd": "100",
    "kind": "gross",
    "add_up": "true",
    "as_of": "2022-06-01",
    "known_on": "2022-06-02",
    "note": "loan",
    "source_title": "A paper",
    "source_url": "https://example.org/a",
    "confidence": "high",
}


# --------------------------------------------------------------------------------------------------------- health


def test_every_row_is_kept_with_its_source_and_marks():
    assert len(TABLE.rows) == 79
    assert Counter(row.confidence for row in TABLE.rows) == {"high": 47, "medium": 25, "low": 7}
    assert all(row.source_title and row.note and row.creditor and row.debtor for row in TABLE.rows)
    assert not any(row.source_title.startswith("[") for row in TABLE.rows)
    assert [row.creditor for row in TABLE.rows if not row.url] == ["Celsius"]
    assert {row.kind for row in TABLE.rows} == set(TABLE.kinds)


def test_a_row_keeps_what_its_source_says():
    (row,) = TABLE.select(creditor="Equities First", debtor="Three Arrows Capital")
    assert (row.amount_usd, row.kind, row.add_up, row.confidence) == (162e6, "gross", True, "high")
    assert (row.as_of, row.known_on) == (date(2022, 7, 7), date(2022, 7, 19))
    assert row.note == "gross loan; collateral worth 91m"
    assert row.source_title == "Three Arrows owes $3.5bn. Genesis crypto lent $2.4bn"
    assert row.url == "https://www.ledgerinsights.com/three-arrows-owes-3-5bn-genesis-crypto-lent-2-4bn"


def test_amounts_nobody_published_stay_unknown_and_are_never_added():
    unnamed = [row for row in TABLE.rows if row.amount_usd is None]
    assert len(unnamed) == 13
    assert all(row.kind == "named" and not row.add_up for row in unnamed)
    assert all(row.amount_usd > 0 for row in TABLE.rows if row.kind != "named")


def test_what_repeats_other_rows_is_not_added():
    assert not any(row.add_up for row in TABLE.rows if row.kind in ("net", "total", "restated"))
    assert not any(row.add_up for row in TABLE.rows if "do not add" in row.note or "overlaps" in row.note)


def test_no_creditor_adds_two_accounts_of_the_same_debt():
    twice = Counter((row.creditor, row.debtor) for row in TABLE.rows if row.add_up)
    assert [pair for pair, count in twice.items() if count > 1] == [("Genesis", "Digital Currency Group")]


@pytest.mark.parametrize(
    ("creditor", "debtor", "total"),
    [
        ("Genesis", "Three Arrows Capital", 2.36e9),
        ("Digital Currency Group", "Three Arrows Capital", 0),
        ("BlockFi", "Alameda", 680e6),
        ("BlockFi", "FTX", 355e6),
        ("Voyager", "Alameda", 376.8e6),
        ("Genesis", "Digital Currency Group", 1.675e9),
        ("FalconX", "Three Arrows Capital", 0),
    ],
)
def test_totals_count_a_debt_once(creditor, debtor, total):
    rows = TABLE.select(creditor=creditor, debtor=debtor)
    assert rows
    assert TABLE.total(rows) == total


# -------------------------------------------------------------------------------------------------- point in time


def test_an_amount_dated_after_the_news_was_not_known_before_its_own_day():
    (row,) = TABLE.select(creditor="Voyager", debtor="Three Arrows Capital")
    assert (row.known_on, row.as_of, row.public_on) == (date(2022, 6, 22), date(2022, 7, 5), date(2022, 7, 5))
    assert not TABLE.select(creditor="Voyager", debtor="Three Arrows Capital", known_by=date(2022, 7, 4))
    assert TABLE.select(creditor="Voyager", debtor="Three Arrows Capital", known_by=date(2022, 7, 5)) == (row,)


@settings(max_examples=40)
@given(st.dates(date(2021, 9, 1), date(2025, 1, 1)))
def test_no_row_is_used_before_the_public_knew_it(day):
    known = TABLE.select(known_by=day)
    assert all(row.known_on <= day and row.as_of <= day for row in known)
    assert all(row.public_on > day for row in TABLE.rows if row not in known)


# --------------------------------------------------------------------------------------------------------- faults


def _copy(tmp_path):
    return shutil.copytree(FOLDER, tmp_path / "reference")


def _faults(folder):
    with pytest.raises(PackError) as error:
        load_exposures(folder)
    return error.value.faults


def _append(folder, *lines):
    with open(folder / "exposures_2022.csv", "a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def _line(**change):
    return ",".join((GOOD | change)[column] for column in COLUMNS)


def test_a_new_row_is_read(tmp_path):
    folder = _copy(tmp_path)
    _append(folder, _line())
    table = load_exposures(folder)
    assert table.total(table.select(creditor="A")) == 100
    assert table.digest != TABLE.digest


def test_the_benchmark_rates_load_beside_the_exposures_and_do_not_change_with_them(tmp_path):
    folder = _copy(tmp_path)
    _append(folder, _line())
    assert load_reference(folder).digest == load_reference(FOLDER).digest


@pytest.mark.parametrize(
    ("change", "key", "part"),
    [
        ({"creditor": ""}, "creditor", "the row has no creditor"),
        ({"debtor": " "}, "debtor", "the row has no debtor"),
        ({"note": ""}, "note", "the row has no note"),
        ({"source_title": ""}, "source_title", "the row has no source_title"),
        ({"amount_usd": "-5"}, "amount_usd", "'-5' is not an amount above 0"),
        ({"amount_usd": "0"}, "amount_usd", "'0' is not an amount above 0"),
        ({"amount_usd": "2.3bn"}, "amount_usd", "'2.3bn' is not an amount above 0"),
        ({"amount_usd": "nan"}, "amount_usd", "'nan' is not an amount above 0"),
        ({"amount_usd": "inf"}, "amount_usd", "'inf' is not an amount above 0"),
        ({"amount_usd": "", "kind": "named"}, "add_up", "a row without an amount cannot be added"),
        ({"kind": "gros"}, "kind", "unknown kind 'gros'"),
        ({"add_up": "yes"}, "add_up", "unknown add_up 'yes'"),
        ({"confidence": "sure"}, "confidence", "unknown confidence 'sure'"),
        ({"as_of": "2022-06-31"}, "as_of", "'2022-06-31' is not a date"),
        ({"known_on": "20220601"}, "known_on", "'20220601' is not a date"),
        ({"source_url": "example.org"}, "source_url", "'example.org' is not an address"),
        ({"source_url": ""}, "confidence", "a row without an address cannot have high confidence"),
    ],
)
def test_a_malformed_row_is_refused_with_its_line_and_key(tmp_path, change, key, part):
    folder = _copy(tmp_path)
    _append(folder, _line(**change))
    (fault,) = _faults(folder)
    assert fault.file == str(folder / "exposures_2022.csv")
    assert (fault.line, fault.key) == (LAST_LINE + 1, key)
    assert part in fault.message


def test_the_nearest_word_is_offered(tmp_path):
    folder = _copy(tmp_path)
    _append(folder, _line(kind="gros"))
    assert _faults(folder)[0].hint == "Did you mean 'gross'?"


def test_all_faults_are_listed_at_once(tmp_path):
    folder = _copy(tmp_path)
    _append(folder, _line(kind="x", as_of="y"), "A,B", _line(), _line())
    faults = _faults(folder)
    assert [(fault.line, fault.key) for fault in faults] == [
        (LAST_LINE + 1, "kind"),
        (LAST_LINE + 1, "as_of"),
        (LAST_LINE + 2, ""),
        (LAST_LINE + 4, ""),
    ]
    assert f"repeats line {LAST_LINE + 3}" in faults[-1].message


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("kinds:", "kind:", "unknown key 'kind'"),
        ("  debtor: Who owes, or what is held\n", "", "the columns are creditor, amount_usd"),
        ("  gross: Owed before collateral, or without any\n", "", "unknown kind 'gross'"),
        ("  total: All creditors, or all customers, together\n", "  total:\n", "'total' has no meaning"),
    ],
)
def test_words_without_a_meaning_are_refused(tmp_path, old, new, part):
    folder = _copy(tmp_path)
    text = (folder / "exposures_2022.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "exposures_2022.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(part in fault.message for fault in _faults(folder))


def test_a_missing_or_foreign_file_is_said_so(tmp_path):
    folder = _copy(tmp_path)
    (folder / "exposures_2022.csv").write_text("creditor,debtor\n", encoding="utf-8")
    assert "expected creditor, debtor, amount_usd" in _faults(folder)[0].message
    (folder / "exposures_2022.csv").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in _faults(folder)[0].message
    (folder / "exposures_2022.csv").unlink()
    assert "cannot be read" in _faults(folder)[0].message
    (folder / "exposures_2022.yaml").unlink()
    assert len(_faults(folder)) == 2


def test_confidence_words_are_those_of_the_other_reference_data():
    assert CONFIDENCE == ("high", "medium", "low")
