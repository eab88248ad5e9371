"""Batch auditing: order and workers do not matter, a bad file is listed and stops nothing, files are whole."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.resources import data_path

CUT = ("--known-by", "2022-09-30")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    profiles = tmp_path / "in"
    (profiles / "deep").mkdir(parents=True)
    for name in ("celsius", "nexo"):
        shutil.copy(data_path("profiles", f"{name}.json"), profiles)
    shutil.copy(data_path("profiles", "aave.json"), profiles / "deep" / "nexo.json")
    (profiles / "broken.json").write_text('{"ddcheck": 1,\n "platform": {"name": "x"')
    (profiles / "README.md").write_text("no profile")
    return profiles


def test_a_folder_with_a_broken_file(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(folder), "--out", str(out), *CUT, "--jobs", "2"]) == 0
    shown, told = capsys.readouterr()
    assert "broken.json:2:" in told
    assert "3 audited, 1 could not be read" in told
    assert shown.index("Celsius") < shown.index("Aave")
    rows = [json.loads(line) for line in (out / "summary.jsonl").read_text().splitlines()]
    assert {row["name"] for row in rows} == {"Celsius Network", "Nexo", "Aave (v2 and v3)"}
    with (out / "summary.csv").open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [row["name"] for row in rows]
    for row in rows:
        whole = json.loads((out / row["assessment"]).read_text())
        assert whole["platform"]["name"] == row["name"]
        assert whole["verdict"]["worst"] == row["worst"]
    errors = [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]
    assert [(Path(error["file"]).name, error["line"]) for error in errors] == [("broken.json", 2)]
    names = sorted(path.name for path in (out / "assessments").iterdir())
    assert names == ["celsius.json", "deep-nexo.json", "in-nexo.json"]


def test_workers_and_order_change_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    files = sorted(str(path) for path in folder.rglob("*.json"))
    main(["batch", *files, "--out", str(one), *CUT, "--jobs", "1"])
    main(["batch", *reversed(files), "--out", str(two), *CUT, "--jobs", "2"])
    capsys.readouterr()
    for path in sorted(one.rglob("*.*")):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path


def test_a_batch_says_what_a_single_check_says(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 4: no other platform changes a result."""
    main(["batch", str(folder), "--out", str(tmp_path / "out"), *CUT])
    capsys.readouterr()
    main([str(folder / "celsius.json"), *CUT, "--format", "json"])
    assert (tmp_path / "out" / "assessments" / "celsius.json").read_text() == capsys.readouterr().out


def test_patterns_and_reports(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(folder / "cel*.json"), "--out", str(out), *CUT, "--pdf-for", "D"]) == 0
    capsys.readouterr()
    assert (out / "reports" / "celsius.pdf").read_bytes().startswith(b"%PDF")


def test_exit_codes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert main(["batch", str(folder / "broken.json"), "--out", out]) == 3
    assert main(["batch", str(tmp_path / "nothing"), "--out", out]) == 2
    assert main(["batch", str(folder), "--out", out, *CUT, "--fail-on", "E"]) == 1
    (tmp_path / "empty").mkdir()
    assert main(["batch", str(tmp_path / "empty"), "--out", out]) == 2
    capsys.readouterr()


def test_no_cell_is_a_formula(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDCHECK_CACHE", "")
    profile = tmp_path / "evil.json"
    profile.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "=cmd|' /C calc'!A0", "kind": "fund"}}))
    main(["batch", str(profile), "--out", str(tmp_path / "out")])
    capsys.readouterr()
    with (tmp_path / "out" / "summary.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert row["name"].startswith("'=")
