"""Records: the same facts in any form give the same profile; a fault names file, row and column and stops nothing."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as arrow
import pytest
import xlsxwriter
from pyarrow import parquet

from checker.app.audit import shipped_rulebook
from checker.importers.records import Record, Unread, expected, read_mapping, records, sources, tables
from checker.importers.records import read as reading
from checker.importers.records.record import letters
from checker.model.errors import InputError, UsageError
from checker.model.profile import parse_profile
from checker.model.state import Status

TODAY = date(2026, 11, 22)
LIQUID = "deposit_liquidity.liquid_assets_30d"


@pytest.fixture(scope="module")
def dictionary():
    return shipped_rulebook().dictionary


def found(path, dictionary, mapping=None):
    return list(records(sources([str(path)]), dictionary, mapping))


def only(path, dictionary, mapping=None):
    (record,) = found(path, dictionary, mapping)
    assert isinstance(record, Record), record.faults
    return record


def profile_of(record, dictionary):
    try:
        return parse_profile(record.document(), dictionary, today=TODAY)
    except InputError as error:
        raise AssertionError([*map(str, record.located(error.faults))]) from None


def faults(path, dictionary, mapping=None):
    """All faults, those of profiles as the dictionary finds them too."""
    told = []
    for record in found(path, dictionary, mapping):
        if isinstance(record, Unread):
            told += record.faults
            continue
        try:
            parse_profile(record.document(), dictionary, today=TODAY)
        except InputError as error:
            told += record.located(error.faults)
    return [str(fault).replace(f"{path.as_posix()}", path.name) for fault in told]


HEAD = ("name", "kind", "terms.offered_apy", "terms.principal_promise", "leverage.tvl.lo", "leverage.tvl.hi")
SAID = ("from", "known_on", "evidence", "source")
ROW = ("Alpha Lend", "cefi_lender", 0.17, True, 1_000_000, 2_000_000)
TOLD = ("2021-01-01", "2021-02-01", "terms_of_use", "terms 2021")


def write_csv(path, *rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_xlsx(path, *rows, sheet="platforms", more=()):
    with xlsxwriter.Workbook(str(path)) as book:
        for name, lines in ((sheet, rows), *more):
            page = book.add_worksheet(name)
            for number, row in enumerate(lines):
                page.write_row(number, 0, row)
    return path


def write_parquet(path, *rows):
    columns = {name: [row[index] for row in rows[1:]] for index, name in enumerate(rows[0])}
    parquet.write_table(arrow.table(columns), path, row_group_size=2)
    return path


WRITERS = {".csv": write_csv, ".xlsx": write_xlsx, ".parquet": write_parquet}


def facts_of(profile):
    return {
        id: [(e.value, e.status, e.from_, e.known_on, e.evidence, e.source) for e in history]
        for id, history in profile.facts.items()
    }


# ------------------------------------------------------------------------------------------------- one form, another


@pytest.mark.parametrize("suffix", WRITERS)
def test_wide_tables_say_the_same_in_every_format(suffix, tmp_path, dictionary):
    path = WRITERS[suffix](tmp_path / f"t{suffix}", (*HEAD, *SAID), (*ROW, *TOLD))
    record = only(path, dictionary)
    profile = profile_of(record, dictionary)
    assert (record.id, profile.name, profile.kind) == ("Alpha Lend", "Alpha Lend", "cefi_lender")
    said = (Status.REPORTED, date(2021, 1, 1), date(2021, 2, 1), "terms_of_use", "terms 2021")
    facts = facts_of(profile)
    assert facts["terms.offered_apy"] == [((0.17, 0.17), *said)]
    assert facts["terms.principal_promise"] == [(True, *said)]
    assert facts["leverage.tvl"] == [((1e6, 2e6), *said)]
    assert profile.sources["terms 2021"].title == "terms 2021"


def test_long_tables_say_the_same_as_wide_ones(tmp_path, dictionary):
    wide = write_csv(tmp_path / "w.csv", (*HEAD, *SAID), (*ROW, *TOLD))
    long = write_csv(
        tmp_path / "l.csv",
        ("platform", "kind", "fact", "value", "lo", "hi", *SAID),
        ("Alpha Lend", "cefi_lender", "terms.offered_apy", "17%", "", "", *TOLD),
        ("Alpha Lend", "", "terms.principal_promise", "yes", "", "", *TOLD),
        ("Alpha Lend", "", "leverage.tvl", "", "1m", "2m", *TOLD),
    )
    first, second = (profile_of(only(path, dictionary), dictionary) for path in (wide, long))
    assert facts_of(first) == facts_of(second)
    assert first.sources == second.sources


def test_lines_of_json_are_profiles(tmp_path, dictionary):
    document = {"ddcheck": 1, "platform": {"name": "Alpha Lend", "kind": "fund"}, "terms": {"offered_apy": "17%"}}
    path = tmp_path / "p.jsonl"
    bad = json.dumps(document | {"terms": {"offered_apr": 1}})
    path.write_text(f"{json.dumps(document)}\n\n{bad}\n{{oops\n\xff\n".encode("latin-1").decode("latin-1"), "latin-1")
    first, second, third, fourth = found(path, dictionary)
    assert facts_of(profile_of(first, dictionary))["terms.offered_apy"][0][0] == (0.17, 0.17)
    assert (first.id, first.line) == ("Alpha Lend", 1)
    told = faults(path, dictionary)
    assert told[0].startswith("p.jsonl:3:1: 'Alpha Lend' stands here again")
    assert told[1].startswith("p.jsonl:4:")
    assert told[2] == "p.jsonl:5:1: byte 0xff is not UTF-8. Save the file as UTF-8."
    assert all(isinstance(record, Unread) for record in (second, third, fourth))


def test_a_profile_line_is_faulted_at_its_line(tmp_path, dictionary):
    path = tmp_path / "p.jsonl"
    good = {"ddcheck": 1, "platform": {"name": "A", "kind": "fund"}}
    bad = {"ddcheck": 1, "platform": {"name": "B", "kind": "fund"}, "terms": {"offered_apr": 1}}
    path.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")
    (told,) = faults(path, dictionary)
    assert told.startswith("p.jsonl:2:")
    assert "terms.offered_apr: unknown fact 'terms.offered_apr'. Did you mean 'terms.offered_apy'?" in told


def test_a_semicolon_or_a_tab_separates_too(tmp_path, dictionary):
    for delimiter in (";", "\t"):
        path = write_csv(tmp_path / "t.csv", (*HEAD, *SAID), (*ROW, *TOLD), delimiter=delimiter)
        assert facts_of(profile_of(only(path, dictionary), dictionary))["leverage.tvl"][0][0] == (1e6, 2e6)


# -------------------------------------------------------------------------------------------------------- what it says


def test_a_history_and_a_table_in_the_long_form(tmp_path, dictionary):
    head = ("platform", "kind", "fact", "value", "from", "known_on", "evidence", "source", "locator", "note")
    said = ("terms_of_use", "https://example.com/terms", "p. 3", "as read")
    path = write_csv(
        tmp_path / "l.csv",
        head,
        ("Beta", "cefi_lender", "terms.offered_apy", "0.08", "2020-01-01", "2020-01-01", *said),
        ("Gamma", "fund", "terms.offered_apy", "0.03", "2020-01-01", "2020-01-01", *said),
        ("Beta", "", "terms.offered_apy", "0.12", "2021-01-01", "2021-01-02", *said),
        ("Beta", "", "terms.products[flex].product", "Flex", "2021-01-01", "2021-01-02", *said),
        ("Beta", "", "terms.products[flex].rate", "12%", "2021-01-01", "2021-01-02", *said),
        ("Beta", "", "terms.products[flex].rate", "13%", "2022-01-01", "2022-01-02", *said),
        ("Beta", "", "terms.products", "complete", "2021-01-01", "2021-01-02", *said),
        ("Beta", "", LIQUID, "not_disclosed", "2021-01-01", "2021-01-02", *said),
        ("Beta", "", "examined.governance", "2021-01-05", "", "2021-01-06", *said),
    )
    beta, gamma = found(path, dictionary)
    assert (beta.id, beta.line, gamma.line) == ("Beta", 2, 3)
    profile = profile_of(beta, dictionary)
    rates = [(e.value, e.known_on) for e in profile.facts["terms.offered_apy"]]
    assert rates == [((0.08, 0.08), date(2020, 1, 1)), ((0.12, 0.12), date(2021, 1, 2))]
    table = profile.tables["terms.products"]
    assert [dict(row.cells) for row in table.rows] == [
        {"product": "Flex", "rate": (0.12, 0.12)},
        {"product": "Flex", "rate": (0.13, 0.13)},
    ]
    assert [row.known_on for row in table.complete] == [date(2021, 1, 2)]
    assert profile.sources["https://example.com/terms"].url == "https://example.com/terms"
    assert profile.facts["terms.offered_apy"][0].locator == "p. 3"
    assert profile.facts[LIQUID][0].status is Status.NOT_DISCLOSED
    (look,) = profile.examined["governance"]
    assert (look.on, look.known_on, look.sources) == (
        date(2021, 1, 5),
        date(2021, 1, 6),
        ("https://example.com/terms",),
    )


def test_a_fact_of_a_wide_row_may_have_a_source_of_its_own(tmp_path, dictionary):
    path = write_csv(
        tmp_path / "w.csv",
        ("name", "kind", "terms.offered_apy", "terms.offered_apy.source", "terms.rate_kind", "source", "known_on"),
        ("A", "fund", "3%", "rates page", "nav", "prospectus", "2021-01-01"),
    )
    profile = profile_of(only(path, dictionary), dictionary)
    (rate,), (kind,) = profile.facts["terms.offered_apy"], profile.facts["terms.rate_kind"]
    assert (rate.source, rate.known_on) == ("rates page", date(2021, 1, 1))
    assert kind.source == "prospectus"


def test_a_blank_cell_says_nothing_and_a_word_may_say_why(tmp_path, dictionary):
    path = write_csv(
        tmp_path / "w.csv",
        ("name", "kind", "terms.offered_apy", LIQUID, "governance.admin_key", "terms.rate_kind", *SAID),
        ("A", "defi_market", "", "not_disclosed", "none", "n/a", *TOLD),
    )
    assert dictionary["governance.admin_key"].values[0] == "none"
    profile = profile_of(only(path, dictionary), dictionary)
    assert "terms.offered_apy" not in profile.facts
    assert "terms.rate_kind" not in profile.facts
    assert profile.facts[LIQUID][0].status is Status.NOT_DISCLOSED
    assert profile.facts["governance.admin_key"][0].value == "none"


def test_days_of_a_row(tmp_path, dictionary):
    path = write_xlsx(
        tmp_path / "w.xlsx",
        ("name", "kind", "as_of", "known_by"),
        ("A", "fund", "2022-03-31", "2022-05-31"),
        ("A", "fund", "2022-03-31", ""),
        ("B", "fund", "", "2022-05-31T00:00:00Z"),
        ("C", "fund", "2022-06-30", "2022-05-31"),
        ("D", "fund", "June", ""),
    )
    first, second, third, late, odd = found(path, dictionary)
    assert first.cut == (date(2022, 3, 31), date(2022, 5, 31))
    assert second.cut == (date(2022, 3, 31),) * 2
    assert third.cut == (date(2022, 5, 31),) * 2
    assert "cell C5: as_of 2022-06-30 lies after known_by 2022-05-31" in str(late.faults[0])
    assert "cell C6: expected a day such as 2022-05-31, found 'June'" in str(odd.faults[0])


def test_days_and_missing_numbers_of_typed_columns(tmp_path, dictionary):
    path = tmp_path / "t.parquet"
    table = arrow.table(
        {
            "name": ["A", "B"],
            "kind": ["fund", "fund"],
            "known_by": arrow.array([datetime(2022, 5, 31), None], arrow.timestamp("us")),
            "known_on": arrow.array([date(2022, 1, 1)] * 2, arrow.date32()),
            "terms.offered_apy": arrow.array([float("nan"), 0.03], arrow.float64()),
        }
    )
    parquet.write_table(table, path)
    first, second = found(path, dictionary)
    assert first.cut == (date(2022, 5, 31),) * 2
    assert second.cut is None
    assert "terms.offered_apy" not in profile_of(first, dictionary).facts
    assert profile_of(second, dictionary).facts["terms.offered_apy"][0].known_on == date(2022, 1, 1)


# ------------------------------------------------------------------------------------------------------------ mapping


MAPPING = """\
ddcheck_mapping: 1
columns:
  Protocol: name
  Category: {to: kind, values: {Lending: defi_market, Fund: fund}}
  APY (%): {to: terms.offered_apy, scale: 0.01}
  TVL: leverage.tvl
  Guaranteed?: {to: terms.principal_promise, values: {"Y": true, "N": false, "?": null}}
  Chains: null
constants: {platform.country: US}
defaults: {known_on: 2025-12-19, evidence: onchain, source: list}
sources: {list: {title: List of protocols, date: 2025-12-19}}
"""


def write_mapping(path, text=MAPPING):
    path.write_text(text)
    return path


def test_a_foreign_table(tmp_path, dictionary):
    mapping = read_mapping(write_mapping(tmp_path / "m.yaml"), dictionary)
    path = write_csv(
        tmp_path / "f.csv",
        ("Protocol", "Category", "APY (%)", "TVL", "Guaranteed?", "Chains"),
        ("Alpha", "lending", "17.5", "1200000", "y", "Ethereum"),
        ("Beta", "Fund", "", "-", "?", ""),
        ("Gamma", "Bridge", "3", "", "", ""),
        ("Delta", "Fund", "about 3", "", "", ""),
    )
    alpha, beta, gamma, delta = found(path, dictionary, mapping)
    profile = profile_of(alpha, dictionary)
    assert profile.kind == "defi_market"
    (rate,) = profile.facts["terms.offered_apy"]
    assert rate.value == (0.175, 0.175)
    assert (rate.known_on, rate.evidence, rate.source) == (date(2025, 12, 19), "onchain", "list")
    assert profile.facts["terms.principal_promise"][0].value is True
    assert profile.facts["platform.country"][0].value == "US"
    assert profile.sources["list"].title == "List of protocols"
    assert set(profile_of(beta, dictionary).facts) == {"platform.name", "platform.kind", "platform.country"}
    assert [str(fault).partition("f.csv")[2] for fault in (*gamma.faults, *delta.faults)] == [
        ":4:2 Category: 'Bridge' is none of the words that the mapping names. Known: Lending, Fund.",
        ":5:3 APY (%): expected a plain number to scale, found 'about 3'",
    ]


def test_names_of_facts_in_a_foreign_long_table(tmp_path, dictionary):
    mapping = read_mapping(
        write_mapping(
            tmp_path / "m.yaml",
            "ddcheck_mapping: 1\nform: long\ncolumns: {who: platform, what: fact, number: value}\nothers: ignore\n"
            "facts: {yield: {to: terms.offered_apy, scale: 0.01}, users: null}\nconstants: {kind: fund}\n",
        ),
        dictionary,
    )
    rows = ("Alpha", "yield", 5), ("Alpha", "users", 7), ("Alpha", "something else", 7)
    path = write_csv(tmp_path / "f.csv", ("who", "what", "number"), *rows)
    profile = profile_of(only(path, dictionary, mapping), dictionary)
    assert profile.kind == "fund"
    assert facts_of(profile)["terms.offered_apy"][0][0] == (0.05, 0.05)
    assert set(profile.facts) == {"platform.name", "platform.kind", "terms.offered_apy"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {}\n", "1:1: 'ddcheck_mapping' is missing"),
        ("ddcheck_mapping: 2\n", "ddcheck_mapping: expected 1, found 2"),
        ("ddcheck_mapping: 1\ncolumn: {}\n", "2:1 column: unknown key 'column'. Did you mean 'columns'?"),
        (
            "ddcheck_mapping: 1\ncolumns:\n  Rate: terms.offered_apr\n",
            "3:9 columns.Rate: unknown column 'terms.offered_apr'. Did you mean 'terms.offered_apy'?",
        ),
        ("ddcheck_mapping: 1\ncolumns: {R: {to: terms.offered_apy, scale: 0}}\n", "a scale of 0 says nothing"),
        ("ddcheck_mapping: 1\ndefaults: {form: 2020-01-01}\n", "unknown key 'form'"),
        ("ddcheck_mapping: 1\nconstants: {kinds: fund}\n", "Did you mean 'kind'?"),
        ("ddcheck_mapping: 1\nfacts: {x: name}\n", "'name' is no fact"),
    ],
)
def test_a_wrong_mapping_is_told_with_its_place(text, told, tmp_path, dictionary):
    with pytest.raises(InputError) as error:
        read_mapping(write_mapping(tmp_path / "m.yaml", text), dictionary)
    assert told in str(error.value)


# ------------------------------------------------------------------------------------------------------------- faults


def test_every_fault_names_file_row_and_column(tmp_path, dictionary):
    path = write_csv(
        tmp_path / "w.csv",
        (*HEAD, *SAID),
        ("A", "cefi_lender", "17", "maybe", "2m", "1m", *TOLD),
        ("B", "cefi lender", "5%", "", "", "", "2021-01-01", "2031-01-01", "audit", ""),
        ("E", "fund", "5%", "", "", "", "2021-01-01", "2021-01-01", "hearsay", ""),
        ("", "fund", "5%", "", "", "", *TOLD),
        ("C", "fund", "5%", "", "", "", *TOLD, "too much"),
        ("D", "fund", "5%", "no", "", "", *TOLD),
    )
    told = faults(path, dictionary)
    assert [line.split(" ")[0] for line in told] == [
        "w.csv:2:3",
        "w.csv:2:4",
        "w.csv:2:5",
        "w.csv:3:2",
        "w.csv:3:8",
        "w.csv:4:9",
        "w.csv:5:1",
        "w.csv:6:11:",
    ]
    assert 'Did you mean 17 %? Write "17%"' in told[0]
    assert "Did you mean 'cefi_lender'?" in told[3]
    assert "'platform.name' is missing" in told[6]
    assert len([r for r in found(path, dictionary) if isinstance(r, Record)]) == 5  # C cannot be split into columns


def test_a_cell_of_a_spreadsheet_is_named_as_it_does(tmp_path, dictionary):
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("list")
        page.write_row(0, 0, ("name", "kind", "terms.offered_apy"))
        page.write_row(1, 0, ("A", "fund", 17))
        page.write_row(2, 0, ("B", "fund"))
        page.write_formula(2, 2, "=1+1")
        page.write_row(3, 0, ("C", "fund", 0.03))
    told = faults(path, dictionary)
    assert told[0].startswith("w.xlsx, sheet list, cell C2 terms.offered_apy")
    assert told[1] == "w.xlsx, sheet list, cell C3: a formula in place of a value. Write the value."
    assert len(told) == 2


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        (("name", "kind", "terms.offered_apr"), "1:3: unknown column 'terms.offered_apr'. Did you mean"),
        (("name", "kind", "terms.offered_apy.low"), "1:3: 'low' says nothing about a fact"),
        (("name", "kind", "terms.products.rate"), "Name the row, any name will do: terms.products[first].rate."),
        (("name", "kind", "terms.offered_apy[a]"), "is no table"),
        (("name", "kind", "kind"), "1:3: two columns are called 'kind'"),
        (("name", "kind", "platform.kind"), "1:3: it states the same as column 2"),
        (("kind", "terms.offered_apy", "source"), "1:1: no column names the platform"),
    ],
)
def test_wrong_headings_stop_the_file(heading, told, tmp_path, dictionary):
    path = write_csv(tmp_path / "w.csv", heading, ("A", "fund", "1%"))
    (unread,) = found(path, dictionary)
    assert isinstance(unread, Unread)
    assert any(told in str(fault) for fault in unread.faults), unread.faults


def test_a_platform_stands_once_or_once_a_day(tmp_path, dictionary):
    rows = ("A", "fund", "2022-01-31"), ("A", "fund", "2022-02-28"), ("A", "fund", "2022-01-31")
    path = write_csv(tmp_path / "w.csv", ("name", "kind", "as_of"), *rows)
    first, second, third = found(path, dictionary)
    assert (first.id, second.id) == ("A", "A")
    assert str(third.faults[0]).partition("w.csv")[2].startswith(":4:1: 'A' stands here again for the same day")


def test_a_day_that_is_named_and_the_day_of_the_batch_are_one(tmp_path, dictionary):
    rows = ("A", "fund", ""), ("A", "fund", "2022-05-31"), ("A", "fund", "2022-06-30")
    path = write_csv(tmp_path / "w.csv", ("name", "kind", "as_of"), *rows)
    cut = date(2022, 5, 31), date(2022, 5, 31)
    kinds = [type(found) for found in records(sources([str(path)]), dictionary, cut=cut)]
    assert kinds == [Record, Unread, Record]
    for order in (rows, rows[::-1]):  # judged on many days, the first row stands for all of them
        path = write_csv(tmp_path / "w.csv", ("name", "kind", "as_of"), *order)
        kinds = [type(found) for found in records(sources([str(path)]), dictionary)]
        assert kinds == ([Record, Unread, Unread] if order is rows else [Record, Record, Unread])


def test_text_that_is_not_utf8_loses_its_row_only(tmp_path, dictionary):
    path = tmp_path / "w.csv"
    path.write_bytes(b"name,kind\nA,fund\nB\xff,fund\nC,fund\n")
    kinds = [type(record).__name__ for record in found(path, dictionary)]
    assert kinds == ["Record", "Unread", "Record"]
    assert faults(path, dictionary) == ["w.csv:3:1: text that is not UTF-8. Save the file as UTF-8."]


def test_a_line_without_end_is_refused(tmp_path, dictionary, monkeypatch):
    monkeypatch.setattr(tables, "MAX_LINE", 200)
    path = tmp_path / "w.csv"
    path.write_text("name,kind\nA,fund\n" + "x" * 500 + ",fund\n")
    first, second = found(path, dictionary)
    assert first.id == "A"
    assert "a line longer than 200 characters" in str(second.faults[0])
    monkeypatch.setattr(reading, "MAX_BYTES", 200)
    lines = tmp_path / "p.jsonl"
    good = json.dumps({"ddcheck": 1, "platform": {"name": "A", "kind": "fund"}})
    lines.write_text(good + "\n" + "y" * 900 + "\n" + good.replace("A", "B") + "\n")
    assert [type(record).__name__ for record in found(lines, dictionary)] == ["Record", "Unread", "Record"]


@pytest.mark.parametrize("name", ["w.parquet", "w.xlsx", "w.csv"])
def test_a_damaged_file_is_told_and_the_next_is_read(name, tmp_path, dictionary):
    (tmp_path / name).write_bytes(b"")
    if name != "w.csv":
        (tmp_path / name).write_bytes(b"PAR1 no more than this")
    write_csv(tmp_path / "z.csv", ("name", "kind"), ("A", "fund"))
    first, second = found(tmp_path, dictionary)
    assert isinstance(first, Unread)
    assert first.faults[0].file.endswith(name)
    assert second.id == "A"


def test_a_spreadsheet_that_unpacks_to_too_much_is_not_opened(tmp_path, dictionary, monkeypatch):
    path = write_xlsx(tmp_path / "w.xlsx", ("name", "kind"), ("A", "fund"))
    monkeypatch.setattr(tables, "MAX_UNPACKED", 100)
    (unread,) = found(path, dictionary)
    assert "unpacks to more than 100 bytes" in str(unread.faults[0])


def test_sources_of_a_spreadsheet(tmp_path, dictionary):
    listed = ("id", "title", "publisher", "date", "url"), ("s1", "Terms", "The platform", "2021-01-01", "https://x.y/t")
    path = write_xlsx(
        tmp_path / "w.xlsx",
        ("name", "kind", "terms.offered_apy", "source"),
        ("A", "fund", 0.03, "s1"),
        more=[("sources", listed)],
    )
    source = profile_of(only(path, dictionary), dictionary).sources["s1"]
    assert (source.title, source.publisher, source.date) == ("Terms", "The platform", "2021-01-01")


# ------------------------------------------------------------------------------------------------------------- streams


def test_rows_are_read_one_at_a_time(tmp_path, dictionary, monkeypatch):
    """The first record is there before the last row is read."""
    monkeypatch.setattr(tables, "BATCH_ROWS", 2)
    rows = [(f"P{i}", "fund") for i in range(1000)]
    for suffix, write in (("csv", write_csv), ("parquet", write_parquet)):
        path = write(tmp_path / f"w.{suffix}", ("name", "kind"), *rows)
        stream = records(sources([str(path)]), dictionary)
        assert next(stream).id == "P0"
        stream.close()
        assert [record.id for record in found(path, dictionary)] == [name for name, _ in rows]


def test_a_large_long_table_has_its_rows_together(tmp_path, dictionary, monkeypatch):
    head = ("platform", "kind", "fact", "value")
    rows = [(name, "fund", "terms.offered_apy", "3%") for name in ("A", "B", "C", "A")]
    path = write_csv(tmp_path / "l.csv", head, *rows)
    assert [record.id for record in found(path, dictionary)] == ["A", "B", "C"]
    monkeypatch.setattr(reading, "GROUPED_BYTES", 10)
    told = found(path, dictionary)
    assert [record.id for record in told if isinstance(record, Record)] == ["A", "B", "C"]
    assert [str(f).partition("l.csv")[2][:4] for u in told if isinstance(u, Unread) for f in u.faults] == [":5:1"]


def test_what_files_are_found(tmp_path, dictionary):
    for name in ("a.json", "b.yaml", "c.csv", "d.jsonl", "README.md", ".hidden.json", "out/e.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    chosen = sources([str(tmp_path)], without=tmp_path / "out")
    assert [name for _, name in chosen.profiles] == ["a", "b"]
    assert [path.name for path in chosen.others] == ["c.csv", "d.jsonl"]
    with pytest.raises(UsageError, match="nothing to audit at"):
        sources([str(tmp_path / "nothing")])


def test_how_many_there_are_is_known_beforehand(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    write_csv(tmp_path / "b.csv", ("name", "kind"), ("A", "fund"), ("B", "fund"))
    write_parquet(tmp_path / "c.parquet", ("name", "kind"), ("C", "fund"))
    assert expected(sources([str(tmp_path)])) == 4
    write_xlsx(tmp_path / "d.xlsx", ("name", "kind"), ("A", "fund"))
    assert expected(sources([str(tmp_path)])) is None


def test_letters_of_columns():
    assert [letters(n) for n in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_no_path_leaves_the_working_folder_of_the_reader(tmp_path: Path, dictionary):
    """A name with the parts of a path in it stays a name."""
    path = write_csv(tmp_path / "w.csv", ("name", "kind"), ("../../etc/passwd", "fund"))
    from checker.app.batch.plan import stem

    assert "/" not in stem(only(path, dictionary))
    assert not stem(only(path, dictionary)).startswith(".")
