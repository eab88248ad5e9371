"""`ddcheck batch`: what a user names, reads and gets back; interrupted or killed, it goes on where it was."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyarrow import parquet

from checker.cli import batch as command
from checker.cli.main import main
from checker.cli.stderr import addressing
from checker.resources import data_path

CUT = ("--known-by", "2022-09-30")
LEAN = ("--no-assessments", "--jobs", "1")


@pytest.fixture(autouse=True)
def surroundings(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    profiles = tmp_path / "in"
    (profiles / "deep").mkdir(parents=True)
    for name in ("celsius", "nexo"):
        shutil.copy(data_path("profiles", f"{name}.json"), profiles)
    shutil.copy(data_path("profiles", "aave.json"), profiles / "deep" / "nexo.json")
    (profiles / "broken.json").write_text('{"ddcheck": 1,\n "platform": {"name": "x"')
    (profiles / "README.md").write_text("no profile")
    return profiles


def thin(path: Path, count: int) -> Path:
    """A table of thin platforms, some of them promising too much."""
    lines = ["name,kind,terms.offered_apy,terms.principal_promise,from,known_on,evidence,source"]
    lines += [
        f"P{n:03},{'fund' if n % 3 else 'cefi_lender'},{n % 40}%,{'yes' if n % 7 == 0 else 'no'},"
        "2021-01-01,2021-02-01,terms_of_use,terms"
        for n in range(count)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_folder_with_a_broken_file(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["batch", str(folder), "--out", str(out), *CUT, "--jobs", "2"]) == 0
    shown, told = capsys.readouterr()
    assert "broken.json:2:" in told
    assert "3 platforms, 3 rows: 3 judged, 0 unchanged, 1 could not be read" in told
    assert shown.index("Celsius") < shown.index("Aave")
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert {row["name"] for row in rows} == {"Celsius Network", "Nexo", "Aave (v2 and v3)"}
    with (out / "results.csv").open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [row["name"] for row in rows]
    for row in rows:
        whole = json.loads((out / row["assessment"]).read_text())
        assert whole["platform"]["name"] == row["name"]
        assert whole["verdict"]["worst"] == row["worst"]
    errors = [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]
    assert [(Path(error["file"]).name, error["line"]) for error in errors] == [("broken.json", 2)]
    names = sorted(path.name for path in (out / "assessments").iterdir())
    assert names == ["celsius.json", "deep-nexo.json", "in-nexo.json"]


def test_a_batch_says_what_a_single_check_says(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 4: no other platform changes a result."""
    main(["batch", str(folder), "--out", str(tmp_path / "out"), *CUT])
    capsys.readouterr()
    main([str(folder / "celsius.json"), *CUT, "--format", "json"])
    assert (tmp_path / "out" / "assessments" / "celsius.json").read_text() == capsys.readouterr().out


def test_what_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = thin(tmp_path / "t.csv", 12), str(tmp_path / "out")
    given = ["batch", str(table), "--out", out, *CUT, "--jobs", "1"]
    assert main([*given, "--limit", "3", "--sort", "name", "--only", "fund"]) == 0
    shown, told = capsys.readouterr()
    assert [line.split()[0] for line in shown.splitlines()[1:4]] == ["P001", "P002", "P004"]
    assert "3 of 8 shown" in shown
    assert "not assessable: 12" in shown
    assert "whole assessments were not written" in told
    assert main([*given, "--format", "json"]) == 0
    shown, told = capsys.readouterr()
    assert len([json.loads(line) for line in shown.splitlines()]) == 12
    assert "0 judged, 12 unchanged" in told
    assert main([*given, "--only", "fnd"]) == 2
    assert "Did you mean 'fund'" in capsys.readouterr().err


def test_forms_of_the_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, out = thin(tmp_path / "t.csv", 4), tmp_path / "out"
    given = ["batch", str(table), "--out", str(out), *CUT, *LEAN]
    assert main([*given, "--results", "parquet", "--results", "csv", "--rules-columns"]) == 0
    assert not (out / "results.jsonl").exists()
    columns = parquet.read_table(out / "results.parquet")
    assert columns.num_rows == 4
    assert set(columns.column("rules.t1.short_terms").to_pylist()) <= {"P", "W", "F", "N", "PW", "PF", "PWF", "PWFN"}
    with (out / "results.csv").open(newline="") as file:
        assert csv.DictReader(file).fieldnames == columns.column_names
    assert main([*given, "--results", "xml"]) == 2
    assert "--results knows no 'xml'" in capsys.readouterr().err


def test_a_series_with_what_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    given = ["batch", str(data_path("profiles", "iron-finance.json")), "--out", str(out), *LEAN]
    assert main([*given, "--every", "month", "--from", "2021-05-01", "--until", "2021-07-31"]) == 0
    shown = capsys.readouterr().out
    rows = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert [row["known_by"] for row in rows] == ["2021-05-31", "2021-06-30", "2021-07-31"]
    assert "2021-05-31 → 2021-06-30: Iron Finance" in shown
    assert "worse (facts)" in shown
    assert "2022" not in shown  # a past cut does not tell what came later
    for wrong, message in (
        (["--from", "2021-01-01"], "--every"),
        (["--every", "month", "--as-of", "2021-01-01"], "Use --until"),
        (["--every", "month", "--from", "2022-01-01", "--until", "2021-01-01"], "lies after the last day"),
    ):
        assert main([*given, *wrong]) == 2
        assert message in capsys.readouterr().err


def test_a_foreign_table_with_its_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, mapping = tmp_path / "foreign.csv", tmp_path / "map.yaml"
    table.write_text("Who,Yield %\nAlpha,17\nBeta,much\n")
    mapping.write_text(
        "ddcheck_mapping: 1\ncolumns: {Who: name, 'Yield %': {to: terms.offered_apy, scale: 0.01}}\n"
        "constants: {kind: yield_product}\ndefaults: {known_on: 2022-01-01, source: list}\n"
    )
    given = ["batch", str(table), "--out", str(tmp_path / "out"), *CUT, *LEAN]
    assert main(given) == 3
    assert "foreign.csv:1:1: unknown column 'Who'" in capsys.readouterr().err
    assert main([*given, "--mapping", str(mapping)]) == 0
    shown, told = capsys.readouterr()
    assert "Alpha" in shown
    assert "foreign.csv:3:2 Yield %: expected a plain number to scale, found 'much'" in told
    mapping.write_text("ddcheck_mapping: 1\ncolumn: {}\n")
    assert main([*given, "--mapping", str(mapping)]) == 3
    assert "map.yaml:2:1 column: unknown key 'column'" in capsys.readouterr().err


LIST = [
    {"name": "Sand Market", "category": "Lending", "tvl": 1.5e6, "url": "https://sand.example"},
    {"name": "Sand Market", "category": "Yield", "tvl": 2e6},
    {"name": "Sunk Market", "category": "Lending", "tvl": -3.0},
    {"name": "Swap", "category": "Dexs", "tvl": 1e9},
]


def llama(path: Path, *entries: object) -> Path:
    path.write_text(json.dumps(entries or LIST))
    return path


def test_an_aggregators_list_is_imported_and_judged_in_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, out = llama(tmp_path / "protocols-2025-12-19.json"), tmp_path / "out"
    asked = ["batch", "--import", "defillama", str(saved), "--out", str(out), "--jobs", "1"]
    assert main([*asked, "--portfolio", "html"]) == 0
    shown, told = capsys.readouterr()
    assert "2 profiles in" in told
    assert "1 entry could not be read" in told
    assert "not taken: 1 protocol of 1 other category" in told
    assert "the list is of 2025-12-19 and judged as known by" in told
    assert "2 platforms, 2 rows: 2 judged, 0 unchanged, 1 could not be read" in told
    assert "Sand Market (Yield)" in shown
    assert len((out / "imported.jsonl").read_text().splitlines()) == 2
    (fault,) = map(json.loads, (out / "errors.jsonl").read_text().splitlines())
    assert (fault["file"], fault["key"]) == (saved.as_posix(), "[2].tvl")
    assert "[2].tvl" in (out / "portfolio.html").read_text().replace("\u200b", "").replace("<wbr>", "")

    assert main([*asked, "--known-by", "2025-12-19"]) == 0
    assert "the list is of" not in capsys.readouterr().err
    assert main([*asked, "--known-by", "2025-12-19"]) == 0
    assert "0 judged, 2 unchanged, 1 could not be read" in capsys.readouterr().err
    llama(saved, {**LIST[0], "tvl": 1.0}, LIST[1])
    assert main([*asked, "--known-by", "2025-12-19", "--fail-on", "F"]) == 1
    assert "1 judged, 1 unchanged, 0 could not be read" in capsys.readouterr().err


def test_a_list_that_cannot_be_read_stops_and_keeps_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    saved = llama(tmp_path / "protocols.json")
    asked = ["batch", "--import", "defillama", str(saved), "--out", str(out), *LEAN]
    assert main([*asked, "--on", "2025-12-19"]) == 0
    before = (out / "imported.jsonl").read_bytes()
    saved.write_text("[1,")
    assert main([*asked, "--on", "2025-12-19"]) == 3
    assert main(asked) == 2
    assert "name the day with --on" in capsys.readouterr().err
    assert (out / "imported.jsonl").read_bytes() == before
    llama(saved, {"name": "Swap", "category": "Dexs"})
    assert main([*asked, "--on", "2025-12-19"]) == 3


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ([], "Missing argument"),
        (["x.csv", "--pools", "y.json"], "--pools belongs to --import"),
        (["x.csv", "--category", "Lending"], "--category belongs to --import"),
        (["x.json", "y.json", "--import", "defillama"], "takes one list of protocols"),
        (["x.json", "--import", "defillama", "--mapping", "m.yaml"], "--mapping is for tables"),
        (["x.json", "--import", "defillama", "--markets", "m.json"], "name --pools, too"),
        (["x.json", "--import", "other"], "other"),
        (["x.json", "--import", "defillama", "--engine", "spark"], "--import does not go with --engine spark"),
    ],
)
def test_an_import_that_cannot_be_meant(
    asked: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", *asked, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err


def test_one_of_a_kind_is_told_in_the_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.jsonl").write_text(json.dumps({"ddcheck": 1, "platform": {"name": "P", "kind": "fund"}}) + "\n")
    assert main(["batch", str(tmp_path / "one.jsonl"), "--out", str(tmp_path / "out"), *CUT, *LEAN]) == 0
    assert "1 platform, 1 row: 1 judged" in capsys.readouterr().err


def test_reports_are_written_for_those_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each report is told the cut and the language; one that fails is a fault and stops nothing."""
    from checker.app import render
    from checker.outputs import pdf

    def rendered(told: object, rulebook: object, language: str = "en", **_: object) -> bytes:
        assessment = getattr(told, "assessment", told)
        if assessment.name == "Nexo":
            raise ZeroDivisionError("oops")
        return f"{assessment.name} {assessment.options.known_by} {language}".encode()

    monkeypatch.setattr(pdf, "render_pdf", rendered)
    monkeypatch.setattr("checker.app.batch.reports.prepare", lambda path, settings, rulebook: _bare(path, settings))
    assert render.render_one  # the pool renders through it
    out = tmp_path / "out"
    given = ["batch", str(folder / "celsius.json"), str(folder / "nexo.json"), "--out", str(out), *CUT, *LEAN]
    assert main([*given, "--pdf-for", "celsius,in-nexo,nexo", "--lang", "zh-Hans"]) == 0
    told = capsys.readouterr().err
    assert (out / "reports" / "celsius.pdf").read_text() == "Celsius Network 2022-09-30 zh-Hans"
    assert "ZeroDivisionError" in told
    rows = {row["id"]: row for row in map(json.loads, (out / "results.jsonl").read_text().splitlines())}
    assert (rows["celsius"]["report"], rows["nexo"]["report"]) == ("reports/celsius.pdf", "")


def _bare(path: Path, settings: object) -> object:
    from checker.app.audit import audit_one

    return audit_one(path, settings)  # type: ignore[arg-type]


def test_exit_codes(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert main(["batch", str(folder / "broken.json"), "--out", out]) == 3
    assert main(["batch", str(tmp_path / "nothing"), "--out", out]) == 2
    assert main(["batch", str(folder), "--out", out, *CUT, *LEAN, "--fail-on", "E"]) == 1
    assert main(["batch", str(folder / "celsius.json"), "--out", str(folder / "README.md")]) == 2
    assert main(["batch", str(folder), "--out", out, "--jobs", "0"]) == 2
    (tmp_path / "empty").mkdir()
    assert main(["batch", str(tmp_path / "empty"), "--out", out]) == 2
    capsys.readouterr()


def test_no_cell_is_a_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "evil.json"
    profile.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "=cmd|' /C calc'!A0", "kind": "fund"}}))
    main(["batch", str(profile), "--out", str(tmp_path / "out"), *LEAN])
    capsys.readouterr()
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert row["name"].startswith("'=")


def test_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing for two seconds; then how many, at which rate, and how long it will take; a plain line for a log."""
    now = [0.0]
    monkeypatch.setattr(command, "monotonic", lambda: now[0])
    assert command._progress("none") is None
    assert command._progress("auto") is None  # stderr is no terminal here
    tell = command._progress("plain")
    assert tell is not None
    with addressing(["batch"]):
        for seconds, done in ((1, 1), (11, 20), (12, 22), (25, 50), (26, 100)):
            now[0] = seconds
            tell(done, 100, done * 2)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "20 of 100, 40 rows, 1.8 a second, 0:44 left",
        "50 of 100, 100 rows, 2.0 a second, 0:25 left",
    ]
    with addressing(["batch"]):
        tell(70, None, 70)
        now[0] = 40
        tell(80, None, 80)
    assert capsys.readouterr().err == "80 done, 80 rows, 2.0 a second\n"


# ----------------------------------------------------------------------------------------- whole processes, interrupted


def started(table: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    given = ["batch", str(table), "--out", str(out), *CUT, "--assessments", "--jobs", "2", *more]
    program = f"import sys; from checker.cli.main import main; sys.exit(main({given!r}))"
    return subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        start_new_session=True,
    )


def after_some(out: Path, process: subprocess.Popen[str], count: int = 6) -> None:
    """Wait until some assessments are written."""
    for _ in range(3000):
        if len(list(out.glob("assessments/P*.json")) + list(out.glob("assessments/p*.json"))) >= count:
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("nothing was written")


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A table, and what a run over it that nobody disturbs writes."""
    folder = tmp_path_factory.mktemp("whole")
    table = thin(folder / "t.csv", 30)
    assert main(["batch", str(table), "--out", str(folder / "out"), *CUT, "--assessments", "--jobs", "2"]) == 0
    return table, folder / "out"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ended_from_outside_it_goes_on_where_it_was(
    how: signal.Signals, tmp_path: Path, in_one_go: tuple[Path, Path]
) -> None:
    """Whole files, a state to go on from, no worker left behind; the same results as in one go."""
    (table, whole), out = in_one_go, tmp_path / "out"
    process = started(table, out)
    after_some(out, process)
    workers = children(process.pid)
    assert workers
    if how is signal.SIGKILL:
        time.sleep(1.1)  # the state is written every second
    process.send_signal(how)
    _, told = process.communicate(timeout=60)
    if how is signal.SIGKILL:
        assert process.returncode == -9
    else:
        assert process.returncode == 130, told
        assert "the same command goes on from there" in told
    for _ in range(100):
        left = [pid for pid in workers if Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid)]
        if not left:
            break
        time.sleep(0.1)
    assert not left
    assert not (out / "results.csv").exists()
    for path in out.glob("assessments/[!.]*.json"):
        json.loads(path.read_text())
    again = started(table, out)
    _, told = again.communicate(timeout=300)
    assert again.returncode == 0, told
    judged = int(told.rpartition(" judged")[0].rpartition(" ")[2])
    assert judged < 30, told
    names = {str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file()}
    assert names == {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    for name in sorted(names - {"state.sqlite"}):
        assert (out / name).read_bytes().splitlines() == (whole / name).read_bytes().splitlines(), name


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
