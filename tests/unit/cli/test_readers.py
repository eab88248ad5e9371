"""The commands for readers and authors: rules, facts, explain, schema."""

import json
from pathlib import Path

import openpyxl
import pytest

from checker.app.audit import shipped_rulebook
from checker.app.template import starter_facts
from checker.cli.main import main
from checker.model.dictionary import GRADED_KINDS
from checker.resources import data_path

CELSIUS = str(data_path("profiles", "celsius.json"))


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main([*arguments]) == code
    return capsys.readouterr().out


def test_all_hundred_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(told(capsys, "rules", "list", "--format", "json"))
    assert len(rows) == 100
    assert {len({row[key] for row in rows}) for key in ("id", "code")} == {100}
    assert all(row["references"] and row["languages"] == ["en", "zh-Hans", "zh-Hant"] for row in rows)
    counted = {group: sum(row["group"] == group for row in rows) for group in sorted({row["group"] for row in rows})}
    assert counted == {
        "A": 8, "C": 10, "D": 9, "G": 9, "L": 9, "M": 8, "N": 8, "R": 7, "T1": 8, "T2": 7, "T3": 9, "T4": 8,
    }  # fmt: skip


def test_a_rule_is_shown_with_thresholds_sources_and_cases(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(told(capsys, "rules", "show", "T3-03", "--format", "json"))
    assert page["id"] == "t3.lcr_30d"
    assert any(value["source"] == "BA-01" for parameter in page["parameters"] for value in parameter["values"])
    assert len(page["cases"]) > 7
    text = told(capsys, "rules", "show", "t3.lcr_30d")
    assert "Thresholds" in text
    assert "BA-01" in text


def test_unknown_names_are_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, near in (
        (["rules", "show", "T3-33"], "T3-03"),
        (["facts", "show", "terms.offered_apr"], "terms.offered_apy"),
        (["facts", "list", "term"], "terms"),
        (["facts", "template", "--kind", "banc"], "bank"),
        (["explain", CELSIUS, "T1-011"], "T1-01"),
    ):
        assert main(arguments) == 2
        assert near in capsys.readouterr().err


def test_an_explanation_goes_down_to_source_and_threshold(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "explain", CELSIUS, "t1-01", "--known-by", "2022-05-31")
    for part in (
        "FAIL",
        "terms.offered_apy",
        "8.8%",
        "failing line for the rate over government bills (t1.spread_fail) = 7%",
        "CN-14",
        "risk_free(p.asset)",
        "surely true",
    ):
        assert part in text
    page = json.loads(told(capsys, "explain", CELSIUS, "T1-01", "--known-by", "2022-05-31", "--format", "json"))
    assert page["finding"]["outcome"] == "FAIL"
    assert page["finding"]["trace"]["fail_if"]["value"] == [True]


def test_a_rule_for_another_kind_is_said_to_be_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", CELSIUS, "G-08"]) == 2
    assert "not a rule for a centralised lender" in capsys.readouterr().err


@pytest.mark.parametrize("kind", GRADED_KINDS)
def test_fifteen_starter_facts_that_rules_read(kind: str) -> None:
    rulebook = shipped_rulebook()
    facts = starter_facts(kind)
    read = {fact for reads in rulebook.reads.values() for fact in reads}
    assert len(facts) == len(set(facts)) == 15
    assert all(fact in read and rulebook.dictionary[fact].applies_to(kind) for fact in facts)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_template_filled_in_is_a_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    path = tmp_path / f"p.{form}"
    assert main(["facts", "template", "--starter", "--format", form, "--out", str(path)]) == 0
    capsys.readouterr()
    text = path.read_text(encoding="utf-8")
    filled = (
        text.replace("name: null ", "name: Mine ", 1).replace("offered_apy: null ", 'offered_apy: "8.8%" ')
        if form == "yaml"
        else text.replace('"name": null', '"name": "Mine"').replace('"offered_apy": null', '"offered_apy": "8.8%"')
    )
    path.write_text(filled, encoding="utf-8")
    result = json.loads(told(capsys, str(path), "--format", "json"))
    assert result["platform"]["name"] == "Mine"
    assert next(f for f in result["facts"] if f["id"] == "terms.offered_apy")["value"] == [0.088, 0.088]


def test_a_spreadsheet_asks_every_fact_and_holds_no_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "q.xlsx"
    assert main(["facts", "template", "--kind", "bank", "--format", "xlsx", "--out", str(path)]) == 0
    capsys.readouterr()
    sheet = openpyxl.load_workbook(path)["facts"]
    ids = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert "deposit_liquidity.published_lcr" in ids
    assert len(ids) == len(set(ids)) > 100
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert main(["facts", "template", "--format", "xlsx"]) == 2
    capsys.readouterr()


@pytest.mark.parametrize("name", ["profile", "assessment", "rule", "cases", "parameters", "metrics", "pack", "verdict"])
def test_schemas_are_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(told(capsys, "schema", name))["$schema"].endswith("2020-12/schema")


def test_the_dictionary_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    pages = json.loads(told(capsys, "facts", "list", "--format", "json"))
    assert len(pages) == len(shipped_rulebook().dictionary)
    assert all(page["meaning"] and page["ask"] for page in pages)
    assert "read by: " in told(capsys, "facts", "show", "terms.notice_days")


def test_readers_of_chinese_are_asked_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert "询问：" in told(capsys, "facts", "show", "terms.notice_days", "--lang", "zh-Hans")
    assert "期限错配" not in told(capsys, "rules", "list", "T3", "--lang", "en")
    assert "流动" in told(capsys, "rules", "list", "T3", "--lang", "zh-Hans")
    template = told(capsys, "facts", "template", "--starter", "--lang", "zh-Hans")
    assert template.count("？") >= 14
    assert "Rates page" not in template
    assert json.loads(told(capsys, "facts", "show", "terms.notice_days", "--format", "json"))["ask"].startswith(
        "What notice"
    )


def test_an_explanation_names_no_work_that_came_later(capsys: pytest.CaptureFixture[str]) -> None:
    title = shipped_rulebook().sources["EM-12"].title
    assert title not in told(capsys, "explain", CELSIUS, "T1-08", "--known-by", "2022-05-31")
    assert title in told(capsys, "explain", CELSIUS, "T1-08", "--known-by", "2026-11-01")


def test_a_scaffold_tells_a_program_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(told(capsys, "rules", "new", "mine.first", "--dir", str(tmp_path), "--format", "json"))
    assert all(Path(file).is_file() for file in page["files"])
    assert {Path(file).name for file in page["files"]} >= {"pack.yaml", "first.yaml", "first.test.yaml"}
