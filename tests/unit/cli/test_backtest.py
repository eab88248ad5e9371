"""`ddcheck backtest` on the command line."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.resources import data_path

NAMES = ("iron-finance", "peerberry", "three-arrows-capital")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "120")
    profiles = tmp_path / "in"
    profiles.mkdir()
    for name in NAMES:
        shutil.copy(data_path("profiles", f"{name}.json"), profiles)
    shutil.copy(data_path("profiles", "kuetzal.json"), profiles / "unknown.json")
    return profiles


def test_every_output_of_one_run(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {form: tmp_path / f"o.{form}" for form in ("json", "csv", "html")}
    written = [part for form, path in files.items() for part in (f"--{form}", str(path))]
    assert main(["backtest", str(folder), "--jobs", "1", *written]) == 0
    shown, _ = capsys.readouterr()
    assert shown.startswith("In a corpus of 3 platforms:")
    assert "Not used, because no outcome is told: unknown" in shown
    plain = json.loads(files["json"].read_text())
    assert [p["profile"] for p in plain["platforms"]] == [*NAMES]
    assert plain["options"] == {"parameters": "latest", "strict": False, "overrides": {}}
    with files["csv"].open(newline="") as file:
        assert {row["profile"] for row in csv.DictReader(file)} == {*NAMES}
    assert "<!DOCTYPE html>" in files["html"].read_text()


def test_json_on_stdout_and_the_switches(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(folder / "iron-finance.json")
    assert main(["backtest", path, "--format", "json", "--strict", "--parameters", "as-of", "--jobs", "1"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["options"] == {"parameters": "as-of", "strict": True, "overrides": {}}
    assert main(["backtest", path, "--format", "csv", "--jobs", "1"]) == 0
    assert capsys.readouterr().out.startswith("profile,name,kind,label")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["unknown.json"], 2, "none of the profiles has an outcome"),
        (["nothing-here"], 2, "nothing to audit at"),
        (["iron-finance.json", "--write-meaning", "--strict"], 2, "--write-meaning takes the packs"),
        (["iron-finance.json", "--html", "no/such/o.html"], 2, "there is no folder"),
        (["iron-finance.json", "--set", "t1.nothing=1"], 3, "unknown parameter 't1.nothing'"),
    ],
)
def test_what_goes_wrong(
    folder: Path, arguments: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", str(folder / arguments[0]), *arguments[1:], "--jobs", "1"]) == code
    assert told in capsys.readouterr().err


def test_a_broken_profile_is_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "peerberry.json").write_text("{")
    assert main(["backtest", str(folder), "--format", "json", "--jobs", "1"]) == 0
    shown, told = capsys.readouterr()
    assert len(json.loads(shown)["platforms"]) == 2
    assert "peerberry.json:1" in told
    assert "1 profile could not be read" in told


def test_faults_of_the_outcomes_stop_the_run(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = tmp_path / "mine.yaml"
    outcomes.write_text("platforms:\n  iron-finance: {label: broke}\n")
    assert main(["backtest", str(folder), "--outcomes", str(outcomes)]) == 3
    assert "mine.yaml:2:25 platforms.iron-finance.label: expected 'failed'" in capsys.readouterr().err
