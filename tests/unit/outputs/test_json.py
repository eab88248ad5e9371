"""The assessment as JSON: its schema, the same bytes anywhere, and agreement with what the terminal says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from checker.cli.main import main
from checker.outputs.schema import schema_text
from checker.resources import data_path

PROFILES = sorted(path.stem for path in data_path("profiles").glob("*.json"))
CUT = "2022-09-30"


def assessed(name: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main([str(data_path("profiles", f"{name}.json")), "--known-by", CUT, *options]) == 0
    return capsys.readouterr().out


def test_the_committed_schema_is_current() -> None:
    assert data_path("rules", "schema", "assessment.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", PROFILES)
def test_every_result_fits_the_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    options = ("--format", "json", "--set", "t1.spread_fail=0.5", "--for", "country=DE,amount=20000")
    result = json.loads(assessed(name, capsys, *options))
    assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(result)] == []


def test_the_schema_refuses_what_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    result = json.loads(assessed("nexo", capsys, "--format", "json"))
    result["verdict"]["grade"] = "A+"
    result["findings"][0]["surprise"] = 1
    assert len(list(validator.iter_errors(result))) == 2


def test_the_same_bytes_in_other_processes_with_other_hash_seeds(tmp_path: Path) -> None:
    found = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "checker",
                str(data_path("profiles", "aave.json")),
                "--known-by",
                CUT,
                "--format",
                "json",
            ],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "DDCHECK_CACHE": str(tmp_path / seed), "TZ": f"UTC-{seed}"},
        )
        found.add(run.stdout)
    assert len(found) == 1


@pytest.mark.parametrize("name", PROFILES)
def test_terminal_and_json_say_the_same(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 10 for these two outputs."""
    monkeypatch.setenv("COLUMNS", "120")
    whole = json.loads(assessed(name, capsys, "--format", "json"))
    text = " ".join(assessed(name, capsys).split())
    assert text.startswith(" ".join(whole["certain"].split()))
    verdict = whole["verdict"]
    shown = verdict["grade"] or f"{verdict['best']}..{verdict['worst']}"
    assert f"Grade {shown} " in text or (verdict["best"] is None and "Grade" not in text)
    for reason in whole["reasons"]:
        assert " ".join(reason["text"].split()) in text
    for finding in whole["findings"]:
        if finding["possible"][0] in ("WARN", "FAIL"):
            assert f" {finding['code']} " in text
    for banner in verdict["status"]:
        assert banner["text"] in text
    coverage = verdict["coverage"]
    assert f"{coverage['facts']['known']} of {coverage['facts']['asked']} facts" in text


def test_every_open_fact_of_a_finding_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(assessed("celsius", capsys, "--format", "json"))
    asked = {question["fact"] for question in whole["questions"]}
    known = {fact["id"] for fact in whole["facts"]} | {table["id"] for table in whole["tables"]}
    for finding in whole["findings"]:
        for fact in finding["open"]:
            if fact in known and not fact.startswith("platform."):
                assert fact in asked, (finding["code"], fact)


def test_traces_stand_in_one_line_and_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    text = assessed("celsius", capsys, "--format", "json")
    whole = json.loads(text)
    assert len(text) < 0.5 * len(json.dumps(whole, ensure_ascii=False, indent=2)), "traces are mostly spaces"
    lines = text.splitlines()
    for finding in whole["findings"]:
        for name, trace in finding["trace"].items():
            assert f'"{name}": {json.dumps(trace, ensure_ascii=False)}' in text
    assert lines[0] == "{"
    assert max(len(line) - len(line.lstrip()) for line in lines) < 20
