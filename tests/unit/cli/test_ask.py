"""`ddcheck ask` and `ddcheck answer` as their user meets them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.outputs.pdf import missing_system_libraries
from checker.resources import data_path

CUT = ("--known-by", "2022-05-31")
FACT = "ltv_practice.reported_oc_loan_share"


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path / "cache"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")


@pytest.fixture
def celsius(tmp_path: Path) -> Path:
    path = tmp_path / "celsius.json"
    shutil.copy(data_path("profiles", "celsius.json"), path)
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """What a command prints, after a look at its exit code."""

    def call(*arguments: object, code: int = 0) -> tuple[str, str]:
        assert main([str(argument) for argument in arguments]) == code
        captured = capsys.readouterr()
        return captured.out, captured.err

    return call


@pytest.fixture
def filled(celsius: Path, run, tmp_path: Path) -> Path:
    """A questionnaire with one answer."""
    out, _ = run("ask", celsius, *CUT, "--top", "40")
    out = out.replace("answered_on:", "answered_on: 2022-05-31", 1)
    block = f"```answer {FACT}\nanswer:"
    assert block in out
    path = tmp_path / "a.md"
    path.write_text(out.replace(block, f"{block} 91%"), encoding="utf-8")
    return path


def test_markdown_goes_to_the_terminal_unless_a_file_is_named(celsius: Path, run, tmp_path: Path) -> None:
    out, err = run("ask", celsius, *CUT, "--top", "3")
    assert out.startswith("# Questions to Celsius Network\n")
    assert out.count("```answer ") == 3
    assert err == ""
    file = tmp_path / "q.md"
    again, told = run("ask", celsius, *CUT, "--top", "3", "--out", file)
    assert again == ""
    assert told.startswith("3 of ")
    assert file.read_text(encoding="utf-8") == out


@pytest.mark.parametrize("suffix", ["xlsx", "yaml", "json", "pdf"])
def test_the_name_of_the_file_says_the_form(suffix: str, celsius: Path, run, tmp_path: Path) -> None:
    if suffix == "pdf" and missing_system_libraries():
        pytest.skip("Pango is missing")
    file = tmp_path / f"q.{suffix}"
    run("ask", celsius, *CUT, "--top", "2", "--out", file)
    assert file.read_bytes()[:4] in (b"PK\x03\x04", b"# Qu", b"{\n  ", b"%PDF")


def test_chinese_is_asked_in_chinese_with_the_same_keys(celsius: Path, run) -> None:
    english, _ = run("ask", celsius, *CUT, "--top", "3")
    chinese, _ = run("ask", celsius, *CUT, "--top", "3", "--lang", "zh-Hans")
    assert chinese != english
    blocks = [[line for line in text.split("\n") if line.startswith("```answer")] for text in (english, chinese)]
    assert blocks[0] == blocks[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--out", "q.doc"), 2, "no form of questionnaire for q.doc"),
        (("--out", "/no/such/folder/q.md"), 2, "cannot write /no/such/folder/q.md"),
        (("--top", "-1"), 2, "-1 is not in the range"),
        (("--as-of", "2022-06-01", *CUT), 2, "lies after --known-by"),
        (("--as-of", "June"), 2, "is not a day"),
    ],
)
def test_what_cannot_be_asked_is_told(arguments, code: int, message: str, celsius: Path, run) -> None:
    out, err = run("ask", celsius, *arguments, code=code)
    assert out == ""
    assert message in err


def test_a_broken_profile_is_told_with_its_faults(run, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"ddcheck": 1, "platform": {"name": "X"}}', encoding="utf-8")
    assert "'platform.kind' is missing" in run("ask", path, code=3)[1]
    assert "'platform.kind' is missing" in run("answer", path, tmp_path / "a.md", code=3)[1]


def test_answers_are_merged_into_the_profile_and_the_verdict_is_shown_before_and_after(
    celsius: Path, filled: Path, run
) -> None:
    before = celsius.read_text(encoding="utf-8")
    out, err = run("answer", celsius, filled, *CUT)
    known = [
        int(count) for count in re.findall(r"^(?:Before|After): \S+, (\d+) of \d+ facts known or settled", out, re.M)
    ]
    assert known[1] == known[0] + 1
    assert "  C-01 open: pass, warn or fail → pass: " in out
    assert err.startswith("1 answers and 0 refusals, 39 left blank; written to ")
    profile = json.loads(celsius.read_text(encoding="utf-8"))
    assert profile != json.loads(before)
    section, fact = FACT.split(".")
    entries = profile[section][fact]
    assert (entries[-1] if isinstance(entries, list) else entries)["value"] == "91%"
    found, _ = run("explain", celsius, "C-01", *CUT)
    assert "-> PASS" in found
    assert "Answers to a questionnaire of ddcheck (Celsius Network, 2022-05-31)" in found


def test_another_file_can_be_written_instead(celsius: Path, filled: Path, run, tmp_path: Path) -> None:
    before, new = celsius.read_bytes(), tmp_path / "new.json"
    out, _ = run("answer", celsius, filled, "--out", new, *CUT, "--format", "json")
    assert celsius.read_bytes() == before
    page = json.loads(out)
    assert (page["source"], page["answers"], page["refusals"]) == ("answers-2022-05-31", 1, 0)
    changed = {change["code"]: change["after"] for change in page["changed"]}
    assert changed["C-01"] == ["PASS"]
    assert page["before"]["known"] + 1 == page["after"]["known"]
    run(new, *CUT)


def test_nothing_is_written_where_anything_is_wrong(celsius: Path, filled: Path, run, tmp_path: Path) -> None:
    before, new = celsius.read_bytes(), tmp_path / "new.json"
    filled.write_text(filled.read_text(encoding="utf-8").replace("answer: 91%", "answer: 91"), encoding="utf-8")
    out, err = run("answer", celsius, filled, "--out", new, code=3)
    assert out == ""
    assert "91 is beyond 1, but the value is a fraction. Did you mean 91 %?" in err
    assert ":9 ltv_practice.reported_oc_loan_share: " in err
    assert not new.exists()
    assert run("answer", celsius, filled, code=3)[0] == ""
    assert celsius.read_bytes() == before


def test_the_same_answers_are_merged_once(celsius: Path, filled: Path, run) -> None:
    run("answer", celsius, filled, *CUT)
    after = celsius.read_bytes()
    assert "already" in run("answer", celsius, filled, *CUT, code=2)[1]
    assert celsius.read_bytes() == after


def test_answers_later_than_the_cut_say_so(celsius: Path, filled: Path, run) -> None:
    out, err = run("answer", celsius, filled, "--known-by", "2022-05-30")
    assert "Findings that changed" not in out
    assert "the answers of 2022-05-31 are later than --known-by 2022-05-30 and change nothing" in err


def test_a_profile_in_yaml_needs_a_file_to_write(filled: Path, run, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("ddcheck: 1\nplatform: {name: Celsius Network, kind: cefi_lender}\n", encoding="utf-8")
    assert "name a file with --out NEW.json" in run("answer", path, filled, code=2)[1]
    run("answer", path, filled, "--out", tmp_path / "new.json")
    assert json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))["ltv_practice"]


def test_both_commands_are_listed_in_the_help(run) -> None:
    out, _ = run("--help")
    assert "\n  ask " in out
    assert "\n  answer " in out
