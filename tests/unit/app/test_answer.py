"""Filled-in questionnaires merged into a profile: units, history, refusals, tables, and every fault at its place."""

import json
import zipfile
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.styles import numbers

from checker.app.answer import answered, moved
from checker.app.ask import questions_for, rendered
from checker.app.audit import Settings, shipped_rulebook
from checker.assess.questionnaire import Asked
from checker.importers import answers as importer
from checker.importers.answers import read_answers
from checker.model.errors import InputError, UsageError
from checker.model.profile import load_profile
from checker.model.state import Status
from checker.outputs.questionnaire import render_xlsx
from checker.resources import data_path

TODAY = date(2026, 7, 1)
ON = "2026-06-30"
SOURCE = f"answers-{ON}"
FORMS = (".md", ".xlsx", ".yaml", ".json")
PROFILE = {
    "ddcheck": 1,
    "platform": {"name": "Ten Facts", "kind": "cefi_lender"},
    "defaults": {"from": "2026-01-01", "known_on": "2026-01-02", "evidence": "terms_of_use", "source": "terms"},
    "terms": {
        "offered_apy": "8.8%",
        "notice_days": {"value": 0, "from": "2026-01-01", "known_on": "2026-01-01", "source": "terms"},
        "rate_kind": [{"value": "platform_set", "from": "2026-01-01", "known_on": "2026-01-01", "source": "terms"}],
    },
    "exposures": {"named": [{"counterparty": "Old Fund", "amount": 1000, "from": "2026-01-01", "source": "terms"}]},
    "leverage": {"positions": {"status": "not_disclosed", "from": "2026-02-01", "source": "terms"}},
    "sources": {"terms": {"title": "Terms of use", "publisher": "Ten Facts", "date": "2026-01-01"}},
}
ASKED = (
    "terms.offered_apy",
    "terms.notice_days",
    "terms.rate_kind",
    "terms.offered_asset",
    "structure.pooled",
    "deposit_liquidity.client_liabilities",
    "deposit_liquidity.liquid_assets_7d",
    "ltv_practice.reported_oc_loan_share",
    "disclosure.accounts_date",
    "leverage.equity",
    "exposures.named",
    "leverage.positions",
    "deposit_liquidity.deposits",
    "asset_duration.assets",
)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(PROFILE, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def form(rulebook, tmp_path_factory):
    """The questionnaire with a fixed set of questions."""
    cut = date(2026, 6, 1)
    profile = tmp_path_factory.mktemp("form") / "p.json"
    profile.write_text(json.dumps(PROFILE), encoding="utf-8")
    form = questions_for(profile, Settings(TODAY, cut, cut), rulebook, most=1)
    asked = tuple(Asked(n, rulebook.dictionary[id], "not_examined", (), (), (), 0) for n, id in enumerate(ASKED, 1))
    sheets = {id: id[:31] for id in ASKED if rulebook.dictionary[id].columns}
    return replace(form, asked=asked, sheets=sheets)


def fill(form, suffix, path, replies, *, rows=None, head=None):
    """Fills in a form of any kind as a person would: the same words in each."""
    head = {"answered_on": ON} | (head or {})
    rows = rows or {}
    if suffix == ".md":
        path.write_text(_filled_text(rendered(form, ".md", "en").decode(), replies, rows, head), encoding="utf-8")
    elif suffix == ".xlsx":
        _fill_sheet(render_xlsx(form), path, replies, rows, head)
    else:
        load, dump = (json.loads, json.dumps) if suffix == ".json" else (yaml.safe_load, yaml.safe_dump)
        document = load(rendered(form, suffix, "en").decode())
        document |= head
        for fact, said in replies.items():
            document["answers"].setdefault(fact, {}).update(said)
        for fact, table in rows.items():
            document["answers"][fact]["rows"] = table
        path.write_text(dump(document), encoding="utf-8")
    return path


def _filled_text(text, replies, rows, head):
    for key, value in head.items():
        text = "\n".join(f"{key}: {value}" if line.split(":")[0] == key else line for line in text.split("\n"))
    for fact in {*replies, *rows}:
        start = text.index(f"```answer {fact}\n")
        end = text.index("\n```", start + 5)
        block = text[start:end].split("\n")
        for key, value in replies.get(fact, {}).items():
            block[block.index(f"{key}:")] = f"{key}: {value}"
        if fact in rows:
            at = next(index for index, line in enumerate(block) if line.startswith("| ---"))
            names = [name.strip() for name in block[at - 1].strip("|").split("|")]
            block[at + 1 : at + 5] = [
                "| " + " | ".join(str(row.get(name, "")) for name in names) + " |" for row in rows[fact]
            ]
        text = text[:start] + "\n".join(block) + text[end:]
    return text


def _fill_sheet(content, path, replies, rows, head):
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book["questions"]
    keys = {}
    for line in sheet.iter_rows():
        if keys and (said := replies.get(line[keys["fact"]].value)):
            for key, value in said.items():
                line[keys[key]].value = value
        if line[0].value == "ddcheck":
            keys = {cell.value: cell.column - 1 for cell in line}
        elif not keys and line[1].value in head:
            line[3].value = head[line[1].value]
    for fact, table in rows.items():
        page = book[fact[:31]]
        names = {cell.value: cell.column for cell in page[3]}
        for number, row in enumerate(table, 6):
            for name, value in row.items():
                page.cell(number, names[name]).value = value
    book.save(path)


REPLIES = {
    "terms.offered_apy": {"answer": "17%"},
    "terms.notice_days": {"answer": "30", "date": "2026-06-01"},
    "terms.rate_kind": {"answer": "Platform set"},
    "terms.offered_asset": {"answer": "usdc"},
    "structure.pooled": {"answer": "yes"},
    "deposit_liquidity.client_liabilities": {
        "answer": "1.2bn",
        "document": "Letter, p. 2",
        "link": "https://example.com/l",
    },
    "deposit_liquidity.liquid_assets_7d": {"answer": "300m..450m"},
    "ltv_practice.reported_oc_loan_share": {"answer": ">=60%"},
    "disclosure.accounts_date": {"answer": "2025-12-31"},
    "leverage.equity": {"not_disclosed": "yes"},
    "exposures.named": {"answer": "all"},
    "leverage.positions": {"answer": "none"},
    "deposit_liquidity.deposits": {"not_disclosed": "yes"},
}
ROWS = {
    "exposures.named": [
        {"counterparty": "New Fund", "amount": "2m", "secured": "no"},
        {"counterparty": "Bank", "amount": "10k"},
    ],
    "asset_duration.assets": [{"class": "cash", "amount": "5m"}],
}


@pytest.mark.parametrize("suffix", FORMS)
def test_answers_of_every_form_come_into_the_profile_with_their_units(suffix, form, profile, rulebook, tmp_path):
    filled = fill(form, suffix, tmp_path / f"a{suffix}", REPLIES, rows=ROWS, head={"answered_by": "CFO"})
    before = load_profile(profile, rulebook.dictionary, today=TODAY)
    old, merged = answered(profile, filled, rulebook, today=TODAY)
    new = merged.profile
    assert old == before
    assert (merged.answers, merged.refusals, merged.blank) == (12, 2, 0)

    latest = {fact: history[-1] for fact, history in new.facts.items()}
    assert {fact: latest[fact].value for fact in REPLIES if fact in latest} == {
        "terms.offered_apy": (0.17, 0.17),
        "terms.notice_days": (30.0, 30.0),
        "terms.rate_kind": "platform_set",
        "terms.offered_asset": "USDC",
        "structure.pooled": True,
        "deposit_liquidity.client_liabilities": (1.2e9, 1.2e9),
        "deposit_liquidity.liquid_assets_7d": (3e8, 4.5e8),
        "ltv_practice.reported_oc_loan_share": (0.6, 1.0),
        "disclosure.accounts_date": (date(2025, 12, 31), date(2025, 12, 31)),
        "leverage.equity": None,
    }
    for fact, entry in latest.items():
        if entry.source == SOURCE:
            assert entry.evidence == "company_disclosed"
            assert entry.known_on == date(2026, 6, 30)
            assert entry.from_ == (date(2026, 6, 1) if fact == "terms.notice_days" else date(2026, 6, 30))
    assert latest["leverage.equity"].status is Status.NOT_DISCLOSED
    assert latest["deposit_liquidity.client_liabilities"].locator == "Letter, p. 2; https://example.com/l"

    named = new.tables["exposures.named"]
    assert [row.cells["counterparty"] for row in named.rows] == ["Old Fund", "New Fund", "Bank"]
    assert named.rows[1].cells == {"counterparty": "New Fund", "amount": (2e6, 2e6), "secured": False}
    assert [statement.source for statement in named.complete] == [SOURCE]
    positions = new.tables["leverage.positions"]
    assert (positions.rows, len(positions.complete)) == ((), 1)
    assert [entry.source for entry in positions.stated] == ["terms"]
    deposits = new.tables["deposit_liquidity.deposits"]
    assert [(entry.status, entry.source) for entry in deposits.stated] == [(Status.NOT_DISCLOSED, SOURCE)]
    assets = new.tables["asset_duration.assets"]
    assert [row.cells["amount"] for row in assets.rows] == [(5e6, 5e6)]
    assert assets.complete == ()

    source = new.sources[SOURCE]
    assert (source.publisher, source.date) == ("Ten Facts", "2026-06-30")
    assert source.note.startswith("Answered by CFO. SHA-256 of the file: ")


@pytest.mark.parametrize("suffix", FORMS)
def test_what_the_profile_holds_is_kept_in_its_order(suffix, form, profile, rulebook, tmp_path):
    filled = fill(form, suffix, tmp_path / f"a{suffix}", REPLIES, rows=ROWS)
    old, merged = answered(profile, filled, rulebook, today=TODAY)
    for fact, history in old.facts.items():
        assert merged.profile.facts[fact][: len(history)] == history
    for fact, table in old.tables.items():
        assert merged.profile.tables[fact].rows[: len(table.rows)] == table.rows
        assert merged.profile.tables[fact].stated[: len(table.stated)] == table.stated
    written = json.loads(merged.text)
    assert merged.text == json.dumps(written, indent=2, ensure_ascii=False) + "\n"
    assert [key for key in written if key in PROFILE] == list(PROFILE)
    new = {"ltv_practice", "deposit_liquidity", "asset_duration", "structure", "disclosure"}
    assert set(written) - set(PROFILE) == new
    assert written["terms"]["offered_apy"][0] == {"value": "8.8%"}
    assert list(written["terms"]) == ["offered_apy", "notice_days", "rate_kind", "offered_asset"]
    assert list(written["sources"]) == ["terms", SOURCE]


def test_new_sections_stand_where_a_reader_looks_for_them(form, profile, rulebook, tmp_path):
    replies = {"structure.pooled": {"answer": "no"}, "ltv_practice.reported_oc_loan_share": {"answer": "10%"}}
    filled = fill(form, ".md", tmp_path / "a.md", replies)
    written = json.loads(answered(profile, filled, rulebook, today=TODAY)[1].text)
    order = [
        "ddcheck",
        "platform",
        "defaults",
        "terms",
        "ltv_practice",
        "structure",
        "exposures",
        "leverage",
        "sources",
    ]
    assert list(written) == order


def test_a_shipped_profile_changes_only_where_it_is_answered(rulebook, tmp_path):
    path = data_path("profiles", "celsius.json")
    day = date(2022, 5, 31)
    form = questions_for(path, Settings(TODAY, day, day), rulebook, most=40)
    fact = "ltv_practice.reported_oc_loan_share"
    filled = fill(form, ".md", tmp_path / "a.md", {fact: {"answer": "91%"}}, head={"answered_on": "2022-05-31"})
    _, merged = answered(path, filled, rulebook, today=TODAY)
    old, new = path.read_text(encoding="utf-8").splitlines(), merged.text.splitlines()
    kept = [line.rstrip(",") for line in new]
    assert all(line.rstrip(",") in kept for line in old)
    assert 10 < len(new) - len(old) < 25


def test_an_answer_is_not_known_before_it_was_given(form, profile, rulebook, tmp_path):
    filled = fill(form, ".md", tmp_path / "a.md", REPLIES | {"terms.offered_apy": {"answer": "40%"}}, rows=ROWS)
    old, merged = answered(profile, filled, rulebook, today=TODAY)
    before = Settings(TODAY, date(2026, 6, 29), date(2026, 6, 29))
    assert moved(old, merged, before, rulebook).changed == ()
    after = Settings(TODAY, date(2026, 6, 30), date(2026, 6, 30))
    assert len(moved(old, merged, after, rulebook).changed) > 3


def test_a_refusal_is_silence_and_never_better_than_ignorance(form, profile, rulebook, tmp_path):
    replies = {fact: {"not_disclosed": "yes"} for fact in ASKED if not rulebook.dictionary[fact].observable}
    filled = fill(form, ".md", tmp_path / "a.md", replies)
    old, merged = answered(profile, filled, rulebook, today=TODAY)
    change = moved(old, merged, Settings(TODAY, TODAY, TODAY), rulebook)
    assert merged.refusals == len(replies)
    assert change.after.verdict.worst >= change.before.verdict.worst
    for before, after in change.changed:
        assert max(after.possible) >= max(before.possible)


def test_cells_of_a_spreadsheet_keep_their_types(form, profile, rulebook, tmp_path):
    replies = {
        "terms.offered_apy": {"answer": 0.17},
        "terms.notice_days": {"answer": 30, "date": datetime(2026, 6, 1)},
        "structure.pooled": {"answer": True},
        "disclosure.accounts_date": {"answer": datetime(2025, 12, 31)},
        "deposit_liquidity.client_liabilities": {"answer": 1.2e9},
    }
    filled = fill(form, ".xlsx", tmp_path / "a.xlsx", replies, head={"answered_on": datetime(2026, 6, 30)})
    book = openpyxl.load_workbook(filled)
    for row in book["questions"].iter_rows():
        for cell in row:
            if cell.value == 0.17:
                cell.number_format = numbers.FORMAT_PERCENTAGE
    book.save(filled)
    new = answered(profile, filled, rulebook, today=TODAY)[1].profile
    assert new.facts["terms.offered_apy"][-1].value == (0.17, 0.17)
    assert new.facts["terms.notice_days"][-1].value == (30.0, 30.0)
    assert new.facts["terms.notice_days"][-1].from_ == date(2026, 6, 1)
    assert new.facts["structure.pooled"][-1].value is True
    assert new.facts["disclosure.accounts_date"][-1].value == (date(2025, 12, 31), date(2025, 12, 31))
    assert new.facts["deposit_liquidity.client_liabilities"][-1].value == (1.2e9, 1.2e9)


def test_a_profile_in_yaml_is_read_and_given_back_as_json(form, rulebook, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(yaml.safe_dump(PROFILE, sort_keys=False), encoding="utf-8")
    filled = fill(form, ".yaml", tmp_path / "a.yml", {"structure.pooled": {"answer": True}})
    assert json.loads(answered(path, filled, rulebook, today=TODAY)[1].text)["structure"]["pooled"]["value"] is True


def test_a_second_questionnaire_of_the_same_day_has_its_own_source(form, profile, rulebook, tmp_path):
    first = fill(form, ".md", tmp_path / "a.md", {"structure.pooled": {"answer": "yes"}})
    profile.write_text(answered(profile, first, rulebook, today=TODAY)[1].text, encoding="utf-8")
    second = fill(form, ".md", tmp_path / "b.md", {"structure.pooled": {"answer": "no"}})
    _, merged = answered(profile, second, rulebook, today=TODAY)
    assert merged.source == f"{SOURCE}-2"
    assert [entry.value for entry in merged.profile.facts["structure.pooled"]] == [True, False]
    with pytest.raises(UsageError, match=r"the answers of .*a\.md are in .*p\.json already"):
        answered(profile, first, rulebook, today=TODAY)


# ---------------------------------------------------------------------------------------------------------- faults


def faults(profile, filled, rulebook):
    before = profile.read_bytes()
    with pytest.raises(InputError) as caught:
        answered(profile, filled, rulebook, today=TODAY)
    assert profile.read_bytes() == before
    return [str(fault).replace(f"{filled.parent}/", "") for fault in caught.value.faults]


BAD = [
    ({"terms.offered_apy": {"answer": "17"}}, "17 is beyond 1, but the value is a fraction. Did you mean 17 %"),
    ({"terms.offered_apy": {"answer": "much"}}, "expected a number in fractions per year, found 'much'"),
    ({"terms.offered_apy": {"not_disclosed": "yes"}}, "anyone can observe terms.offered_apy"),
    ({"terms.rate_kind": {"answer": "platform_sett"}}, "Did you mean 'platform_set'?"),
    ({"structure.pooled": {"answer": "perhaps"}}, "expected true or false, found 'perhaps'"),
    ({"disclosure.accounts_date": {"answer": "2025-02-30"}}, "there is no day 2025-02-30"),
    ({"deposit_liquidity.liquid_assets_7d": {"answer": "450m..300m"}}, "lo '450m' is above hi '300m'"),
    ({"structure.pooled": {"answer": "yes", "date": "2026-07-01"}}, "refers to a later day, 2026-07-01"),
    ({"structure.pooled": {"answer": "yes", "date": "June"}}, "expected a date such as 2022-05-31, found 'June'"),
    ({"structure.pooled": {"answer": "yes", "not_disclosed": "yes"}}, "both an answer and not_disclosed"),
    ({"structure.pooled": {"answer": "yes", "not_disclosed": "maybe"}}, "expected yes or no, found 'maybe'"),
    ({"structure.pooled": {"document": "Letter"}}, "there is a document, but no answer"),
    ({"exposures.named": {"answer": "every"}}, "expected one of all, none, some; found 'every'"),
    ({"exposures.named": {"answer": "none"}}, "'none', but the profile knows of 1 on that day"),
    ({"leverage.positions": {"answer": "all"}}, "'all', but there is no row. Answer 'none' if there are none."),
    ({"leverage.positions": {"answer": "some"}}, "'some', but there is no row"),
]


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize(("replies", "message"), BAD)
def test_each_fault_is_told_once_at_its_place(suffix, replies, message, form, profile, rulebook, tmp_path):
    filled = fill(form, suffix, tmp_path / f"a{suffix}", replies)
    (told,) = faults(profile, filled, rulebook)
    assert message in told
    (fact,) = replies
    place, _, rest = told.partition(f" {fact}: ")
    assert rest
    if suffix == ".md":
        _, line, column = place.split(":")
        text = filled.read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert text[int(column) - 1 :].strip() in [str(value) for value in replies[fact].values()]
    elif suffix == ".xlsx":
        assert place.startswith("a.xlsx, sheet questions, cell ")
        cell = openpyxl.load_workbook(filled)["questions"][place.rpartition(" ")[2]]
        assert cell.value in replies[fact].values()
    else:
        assert int(place.split(":")[1]) >= 1
    assert place.startswith(f"a{suffix}")


def test_all_faults_come_at_once_in_the_order_of_the_file(form, profile, rulebook, tmp_path):
    replies = {fact: said for case, _ in BAD for fact, said in case.items()}
    told = faults(profile, fill(form, ".md", tmp_path / "a.md", replies), rulebook)
    lines = [int(fault.split(":")[1]) for fault in told]
    assert len(told) >= len(replies) - 1
    assert lines == sorted(lines)


def test_faults_of_rows_name_the_cell_and_the_nearest_column(form, profile, rulebook, tmp_path):
    rows = {"asset_duration.assets": [{"class": "cash", "amount": "5m"}, {"class": "cash", "amount": "lots"}]}
    filled = fill(form, ".xlsx", tmp_path / "a.xlsx", {}, rows=rows)
    (told,) = faults(profile, filled, rulebook)
    column = next(
        cell.column_letter
        for cell in openpyxl.load_workbook(filled)["asset_duration.assets"][3]
        if cell.value == "amount"
    )
    assert told.startswith(f"a.xlsx, sheet asset_duration.assets, cell {column}7 asset_duration.assets: expected a num")
    filled = fill(
        form, ".json", tmp_path / "a.json", {}, rows={"asset_duration.assets": [{"class": "cash", "amout": 1}]}
    )
    assert "unknown column 'amout'. Did you mean 'amount'?" in faults(profile, filled, rulebook)[0]


def test_an_unknown_fact_is_told_with_the_nearest(form, profile, rulebook, tmp_path):
    path = tmp_path / "a.md"
    text = _filled_text(rendered(form, ".md", "en").decode(), {}, {}, {"answered_on": ON})
    text = text.replace("```answer structure.pooled\nanswer:", "```answer structure.poled\nanswer: yes")
    path.write_text(text, encoding="utf-8")
    (told,) = faults(profile, path, rulebook)
    assert "unknown fact 'structure.poled'. Did you mean 'structure.pooled'?" in told
    path.write_text(text.replace("structure.poled", "platform.name"), encoding="utf-8")
    assert "platform.name says which profile it is and cannot be answered" in faults(profile, path, rulebook)[0]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"platform": "Eleven Facts"}, "a.md:13:11 platform: the questionnaire is of 'Eleven Facts', the profile of"),
        ({"platform": ""}, "the questionnaire names no platform"),
        ({"answered_on": ""}, "does not say on which day it was answered. Fill in the day"),
        ({"answered_on": "30.6.2026"}, "answered_on: expected a date such as 2022-05-31, found '30.6.2026'"),
        ({"answered_on": "2026-07-02"}, "answered_on: 2026-07-02 lies in the future; today is 2026-07-01"),
    ],
)
def test_the_head_must_fit(head, message, form, profile, rulebook, tmp_path):
    filled = fill(form, ".md", tmp_path / "a.md", {"structure.pooled": {"answer": "yes"}}, head=head)
    assert any(message in fault for fault in faults(profile, filled, rulebook))


def test_a_questionnaire_left_blank_is_no_answer(form, profile, rulebook, tmp_path):
    filled = fill(form, ".md", tmp_path / "a.md", {})
    assert faults(profile, filled, rulebook) == ["a.md: nothing is answered. Fill in at least one answer."]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answered_by:", "answerd_by: x", "a.md:14:1: unknown key 'answerd_by'. Did you mean 'answered_by'?"),
        ("document:", "documnt: x", "unknown key 'documnt'. Did you mean 'document'?"),
        ("\nlink:", "\na line", "expected a line such as `answer: ...`, found 'a line'. Write it in one line."),
        ("answer: y\n", "answer: y\nanswer: again\n", "'answer' is given twice"),
        ("```answers 1", "```answers 2", "expected format 1, found '2'"),
        ("```answer terms.notice_days", "```answer terms.offered_apy", "is answered twice, first in line "),
        ("| class |", "| class ||", ""),
    ],
)
def test_a_broken_block_is_told_with_its_line(old, new, message, form, profile, rulebook, tmp_path):
    path = tmp_path / "a.md"
    text = _filled_text(
        rendered(form, ".md", "en").decode(), {"structure.pooled": {"answer": "y"}}, {}, {"answered_on": ON}
    )
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if message:
        assert any(message in fault for fault in faults(profile, path, rulebook))
    else:
        answered(profile, path, rulebook, today=TODAY)


def test_a_block_without_end_is_told(form, profile, rulebook, tmp_path):
    path = tmp_path / "a.md"
    path.write_text(rendered(form, ".md", "en").decode().rstrip().removesuffix("```"), encoding="utf-8")
    assert "the block that starts here has no end" in faults(profile, path, rulebook)[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.md", "# Notes\n", "a.md: no question stands here"),
        ("a.md", "", "the file is empty"),
        ("a.txt", "x", "no form of questionnaire ends like this"),
        ("a.json", "{}", "'ddcheck_answers' is missing: this is no questionnaire"),
        ("a.json", '{"ddcheck_answers": true, "answers": {}}', "expected format 1, found true"),
        ("a.json", '{"ddcheck_answers": 1, "answers": []}', "expected an object by fact, found a list"),
        ("a.json", '{"ddcheck_answers": 1, "answers": {"a.b": 3}}', "a.b: expected an object, found 3"),
        ("a.json", '{"ddcheck_answers": 1, "answers": {"a.b": {"anser": 3}}}', "Did you mean 'answer'?"),
        ("a.json", '{"ddcheck_answers": 1, "answers": {"a.b": {"rows": 3}}}', "expected a list of rows, found 3"),
        ("a.json", '{"ddcheck_answers": 1, "answers": {"a.b": {"rows": [3]}}}', "expected an object for each row"),
        ("a.yaml", "ddcheck_answers: 1\nanswers: {a.b: &x {answer: 1}, c.d: *x}\n", "anchor &x"),
        ("a.json", '{"ddcheck_answers": 1, "answers": {"a.b": {"answer": NaN}}}', "NaN"),
        ("a.xlsx", "PK", "not a spreadsheet: an .xlsx file is a zip archive"),
        ("missing.md", None, "there is no such file"),
    ],
)
def test_what_is_no_questionnaire_is_refused(name, content, message, profile, rulebook, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert message in faults(profile, path, rulebook)[0]


def test_formulas_and_errors_in_cells_are_refused(form, profile, rulebook, tmp_path):
    replies = {"leverage.equity": {"answer": "=1+1"}, "structure.pooled": {"answer": "#DIV/0!"}}
    filled = fill(form, ".xlsx", tmp_path / "a.xlsx", replies)
    told = faults(profile, filled, rulebook)
    assert any("a formula in place of a value. Write the value." in fault for fault in told)
    assert any("an error in place of a value" in fault for fault in told)


def test_a_spreadsheet_that_unpacks_too_large_is_refused(profile, rulebook, tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 100_000)
    monkeypatch.setattr(importer, "MAX_UNPACKED", 50_000)
    assert "the spreadsheet unpacks to more than 50,000 bytes" in faults(profile, path, rulebook)[0]
    monkeypatch.undo()
    assert "not a spreadsheet that can be read" in faults(profile, path, rulebook)[0]


def test_other_spreadsheets_are_told_what_is_missing(form, profile, rulebook, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "question"
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert "there is no sheet 'questions'" in faults(profile, path, rulebook)[0]
    book.active.title = "questions"
    book.active.append(["x", "y"])
    book.save(path)
    assert "the row that names the columns is missing" in faults(profile, path, rulebook)[0]


def test_rows_of_a_sheet_that_is_not_asked_are_told(form, profile, rulebook, tmp_path):
    filled = fill(form, ".xlsx", tmp_path / "a.xlsx", {}, rows={"asset_duration.assets": [{"class": "cash"}]})
    book = openpyxl.load_workbook(filled)
    book["asset_duration.assets"]["B1"] = "asset_duration.other"
    book.save(filled)
    assert (
        "rows of 'asset_duration.other', which the sheet 'questions' does not ask"
        in faults(profile, filled, rulebook)[0]
    )


def test_an_answer_cannot_bring_control_characters_or_overrides(form, profile, rulebook, tmp_path):
    replies = {"structure.pooled": {"answer": True, "document": "a\u202eb"}}
    filled = fill(form, ".json", tmp_path / "a.json", replies)
    assert "control character U+202E" in faults(profile, filled, rulebook)[0]
    document = json.loads(filled.read_text(encoding="utf-8"))
    document["overrides"] = [{"rule": "G-02"}]
    filled.write_text(json.dumps(document), encoding="utf-8")
    assert any("unknown key 'overrides'" in fault for fault in faults(profile, filled, rulebook))


def test_places_of_a_file_are_those_a_spreadsheet_shows():
    assert importer._cell("a.xlsx", "s", 3, 0).file.endswith("cell A3")
    assert importer._cell("a.xlsx", "s", 3, 25).file.endswith("cell Z3")
    assert importer._cell("a.xlsx", "s", 3, 26).file.endswith("cell AA3")
    assert importer._cell("a.xlsx", "s", 3, 701).file.endswith("cell ZZ3")


def test_reading_does_not_depend_on_windows_line_ends(form, tmp_path):
    path = tmp_path / "a.md"
    filled = fill(form, ".md", path, {"structure.pooled": {"answer": "yes"}})
    content = filled.read_bytes().replace(b"\n", b"\r\n")
    filled.write_bytes(content)
    replies = {reply.fact.value: reply.said for reply in read_answers(Path(filled)).replies}
    assert replies["structure.pooled"]["answer"].value == "yes"
