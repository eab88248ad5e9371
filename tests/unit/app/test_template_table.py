"""Tables to fill in: what is written by `ddcheck facts template --table` is read by `ddcheck batch`."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from checker.app.audit import shipped_rulebook
from checker.app.template import chosen_facts, csv_table, table_rows, xlsx_table
from checker.cli.main import main
from checker.importers.records import Record, records, sources
from checker.model.dictionary import KINDS
from checker.model.profile import parse_profile


@pytest.fixture(scope="module")
def dictionary():
    return shipped_rulebook().dictionary


@pytest.fixture(scope="module")
def read():
    return {fact for facts in shipped_rulebook().reads.values() for fact in facts}


@pytest.mark.parametrize("form", ["wide", "long"])
def test_every_heading_is_known(form, dictionary, read, tmp_path):
    """Unfilled, a table says nothing: no column is refused, and the one fault is that no platform is named."""
    for kind in KINDS:
        path = tmp_path / f"{kind}.csv"
        path.write_text(csv_table(chosen_facts(dictionary, kind, read, starter=False), form))
        found = list(records(sources([str(path)]), dictionary))
        assert len(found) == (0 if form == "wide" else 1)
        assert all(isinstance(record, Record) and set(record.value) == {"ddcheck", "platform"} for record in found)


def test_a_filled_in_spreadsheet_is_a_profile(dictionary, read, tmp_path):
    facts = chosen_facts(dictionary, "cefi_lender", read, starter=True)
    for form in ("wide", "long"):
        book = load_workbook(BytesIO(xlsx_table(facts, form)))
        sheet = book["platforms"]
        said = {"known_on": "2021-02-01", "evidence": "terms_of_use", "source": "s1", "kind": "cefi_lender"}
        headings = [cell.value for cell in sheet[1]]
        if form == "wide":
            filled = said | {"name": "Alpha", "terms.offered_apy": "17%"}
            for heading, value in filled.items():
                sheet.cell(2, headings.index(heading) + 1, value)
        else:
            for row in sheet.iter_rows(min_row=2):
                row[headings.index("platform")].value = "Alpha"
                if row[headings.index("fact")].value == "terms.offered_apy":
                    for heading, value in (said | {"value": 0.17}).items():
                        row[headings.index(heading)].value = value
        for column, value in enumerate(("s1", "Terms of use", "Alpha", "2021-01-31"), 1):
            book["sources"].cell(2, column, value)
        path = tmp_path / f"{form}.xlsx"
        book.save(path)
        (record,) = records(sources([str(path)]), dictionary)
        profile = parse_profile(record.document(), dictionary, today=date(2026, 1, 1))
        (rate,) = profile.facts["terms.offered_apy"]
        assert (rate.value, rate.known_on, rate.source) == ((0.17, 0.17), date(2021, 2, 1), "s1")
        assert profile.sources["s1"].title == "Terms of use"
        assert set(profile.facts) == {"platform.name", "platform.kind", "terms.offered_apy"}


def test_tables_of_facts_stand_in_the_long_form(dictionary):
    products = dictionary["terms.products"]
    assert [row[2] for row in table_rows([products], "long")[1:3]] == [
        f"terms.products[1].{column}" for column in [*products.columns][:2]
    ]
    assert "terms.products" not in table_rows([products], "wide")[0]


def test_the_command(tmp_path, capsys):
    assert main(["facts", "template", "--table", "wide", "--starter"]) == 0
    assert capsys.readouterr().out.startswith("name,kind,as_of,known_by,from,known_on,evidence,source,terms.")
    out = tmp_path / "t.xlsx"
    assert main(["facts", "template", "--table", "long", "--format", "xlsx", "--out", str(out)]) == 0
    assert load_workbook(out).sheetnames == ["platforms", "questions", "sources"]
    for wrong in (["--format", "csv"], ["--table", "wide", "--format", "yaml"]):
        assert main(["facts", "template", *wrong]) == 2
    capsys.readouterr()
