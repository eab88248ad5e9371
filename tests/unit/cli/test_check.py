"""The main command as its user meets it: verdicts, exit codes, files, and an answer to every kind of bad input."""

import json
import os
import re
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.resources import data_path

CELSIUS = str(data_path("profiles", "celsius.json"))
PAST = ("--known-by", "2022-05-31")
TEN_FACTS = {
    "ddcheck": 1,
    "platform": {"name": "Ten Facts", "kind": "cefi_lender"},
    "defaults": {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "terms_of_use", "source": "terms"},
    "terms": {
        "offered_apy": "8.8%",
        "offered_asset": "BTC",
        "rate_kind": "platform_set",
        "offering_mode": "continuous",
        "open_to_public": True,
        "notice_days": 0,
    },
    "structure": {
        "pooled": True,
        "direct_claim_on_assets": False,
        "use_clause": "sole_discretion",
        "client_claim": "unsecured",
    },
    "sources": {"terms": {"title": "Terms of use", "publisher": "Ten Facts", "date": "2026-01-01"}},
}


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")


def write(tmp_path: Path, content: object, name: str = "p.json") -> str:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_first_line_says_what_is_certain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CELSIUS, *PAST]) == 0
    out, err = capsys.readouterr()
    first = out.split("\n\n")[0].replace("\n", " ")
    assert "at best" in first
    assert "The rest can only make it worse." in first
    assert "Pooled operation" in out
    assert err == ""


def test_check_is_the_default_command(capsys: pytest.CaptureFixture[str]) -> None:
    main([CELSIUS, *PAST])
    short = capsys.readouterr().out
    main(["check", *PAST, CELSIUS])
    assert capsys.readouterr().out == short


def test_json_on_stdout_is_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "a.json"
    assert main([CELSIUS, *PAST, "--format", "json", "--json", str(target)]) == 0
    assert capsys.readouterr().out == target.read_text(encoding="utf-8")
    assert json.loads(target.read_text(encoding="utf-8"))["verdict"]["grade"] is None


def test_a_ten_fact_profile_says_what_is_certain_and_what_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([write(tmp_path, TEN_FACTS), "--known-by", "2026-11-01"]) == 0
    out = capsys.readouterr().out
    assert "at best" in out.splitlines()[0] or "Not assessable" in out.splitlines()[0]
    assert "Ask first" in out
    assert "T1-01" in out


def test_a_chinese_profile_is_judged_in_chinese_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = json.loads(json.dumps(TEN_FACTS))
    profile["platform"]["name"] = "聚宝盆理财平台"
    profile["platform"]["kind"] = "p2p"
    profile["sources"]["terms"]["title"] = "用户协议（2026年1月版）"
    assert main([write(tmp_path, profile), "--known-by", "2026-11-01"]) == 0
    assert "聚宝盆理财平台" in capsys.readouterr().out


def test_yaml_keeps_norway(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "ddcheck: 1\nplatform: {name: Fjord, kind: p2p, country: NO}\nterms: {notice_days: 30}\n"
    assert main([write(tmp_path, text, "p.yaml"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["platform"]["country"] == "NO"


@pytest.mark.parametrize(
    ("content", "place", "told"),
    [
        ('{"ddcheck": 1,', "p.json:1:", "too early"),
        ('{"ddcheck": 1, "ddcheck": 1}', "p.json:1:16", "duplicate key 'ddcheck'"),
        (
            '{"ddcheck": 1, "platform": {"name": "x", "kind": "bank"}, "terms": {"notice_days": NaN}}',
            "p.json:1:",
            "NaN",
        ),
        (
            '{"ddcheck": 1, "platform": {"name": "x", "kind": "bank"}, "terms": {"offered_apr": 0.1}}',
            "p.json:1:",
            "Did you mean 'terms.offered_apy'",
        ),
        ('{"ddcheck": 1, "platform": {"name": "x", "kind": "bank"}, "terms": {"offered_apy": 17}}', "p.json:1:", "17%"),
        (
            '{"ddcheck": 1, "platform": {"name": "x", "kind": "bank"}, "terms": {"offered_apy": "abc"}}',
            "p.json:1:",
            "abc",
        ),
        ('{"ddcheck": 1, "platform": {"name": "x", "kind": "banc"}}', "p.json:1:", "Did you mean 'bank'"),
        ("", "p.json:", "the file is empty"),
        ("[" * 10_000, "p.json:1:65", "levels of nesting"),
        ("\x00", "p.json", ""),
    ],
)
def test_bad_profiles_are_answered_with_place_and_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, place: str, told: str
) -> None:
    assert main([write(tmp_path, content)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert place in err
    assert told in err
    assert "Traceback" not in err
    assert err.rstrip().endswith("nothing was judged.")


def test_every_fault_is_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = {
        "ddcheck": 1,
        "platform": {"name": "x", "kind": "bank"},
        "terms": {"offered_apy": 17, "rate_kind": "fixd", "notice_days": -1},
        "structure": {"pooled": "yes", "poled": True},
    }
    text = json.dumps(profile, indent=1)
    assert main([write(tmp_path, text)]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert lines[-1].startswith("5 faults")
    assert [line.split(":")[1] for line in lines[:-1]] == sorted((line.split(":")[1] for line in lines[:-1]), key=int)


def test_a_date_in_the_future_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = json.loads(json.dumps(TEN_FACTS))
    profile["terms"]["notice_days"] = {"value": 0, "from": "2999-01-01", "known_on": "2999-01-01", "evidence": "audit"}
    assert main([write(tmp_path, profile)]) == 3
    assert "2999-01-01" in capsys.readouterr().err


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert main([str(path)]) == 3
    assert "larger than" in capsys.readouterr().err


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 3
    assert "none.json" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 3
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--known-by", "31.05.2022"],
        ["--as-of", "2022-06-01", "--known-by", "2022-05-31"],
        ["--set", "t1.spread_fail"],
        ["--fail-on", "Z"],
        ["--nonsense"],
        ["--pdf", "/no/such/folder/r.pdf"],
        ["--json", "/no/such/folder/r.json"],
    ],
)
def test_usage_errors_are_exit_code_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main([CELSIUS, *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_unknown_parameter_is_named_with_its_neighbour(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CELSIUS, "--set", "t1.spread_fial=0.5"]) == 3
    assert "t1.spread_fail" in capsys.readouterr().err


def test_a_changed_threshold_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CELSIUS, *PAST, "--set", "t1.spread_fail=50%"]) == 0
    out = capsys.readouterr().out
    assert "Changed: t1.spread_fail = 50%, looser than the pack's 7%" in out
    assert main([CELSIUS, *PAST, "--set", "t3.lcr_fail=0.9"]) == 0
    assert "Changed: t3.lcr_fail = 90%, stricter than the pack's 60%" in capsys.readouterr().out


def test_fail_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CELSIUS, *PAST, "--fail-on", "E"]) == 1
    assert main([CELSIUS, *PAST]) == 0
    capsys.readouterr()


def test_an_internal_error_is_ours_and_has_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DDCHECK_DEBUG", raising=False)
    monkeypatch.setattr("checker.app.audit.audit_one", lambda *_, **__: 1 / 0)
    assert main([CELSIUS]) == 4
    err = capsys.readouterr().err
    assert "our fault" in err
    assert "Traceback" not in err


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.app.audit.audit_one", interrupt)
    assert main([CELSIUS]) == 130
    capsys.readouterr()


def test_written_files_are_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from checker.app.files import write_whole
    from checker.model.errors import UsageError

    target = tmp_path / "a.txt"
    write_whole(target, b"old")

    def no_space(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(UsageError, match="No space left"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_written_at_the_past_cut_is_later(capsys: pytest.CaptureFixture[str]) -> None:
    """Law 6 on a real profile: no date after the cut stands anywhere in the output, thresholds and versions apart."""
    assert main([CELSIUS, *PAST, "--format", "json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    judged = {
        key: whole[key] for key in ("certain", "reasons", "verdict", "facts", "tables", "sources", "notes", "questions")
    }
    judged["findings"] = [
        {key: finding[key] for key in ("text", "arguments", "possible", "open", "trace")}
        for finding in whole["findings"]
    ]
    text = json.dumps(judged)
    days = re.findall(r"(?<!@)\b(20\d\d-\d\d-\d\d)\b", text)
    assert days
    assert max(days) <= "2022-05-31"
    for later in ("paused", "chapter 11", "bankrupt", "pleaded", "sentenced", "estate"):
        assert not re.search(rf"\b{later}\b", text.lower()), later


def test_without_pango_there_is_no_pdf_but_a_verdict_and_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "checker.outputs.pdf.missing_system_libraries", lambda: ["libpango-1.0-0", "libharfbuzz-subset0"]
    )
    assert main([CELSIUS, *PAST, "--pdf", str(tmp_path / "r.pdf")]) == 2
    out, err = capsys.readouterr()
    assert "at best" in out
    assert "apt-get install libpango-1.0-0 libharfbuzz-subset0" in err
    assert not (tmp_path / "r.pdf").exists()
