"""`ddcheck change`, `diff` and `timeline` as their user meets them."""

import json
from pathlib import Path

import jsonschema
import pytest

from checker.cli.main import main
from checker.outputs.schema import schema_text
from checker.resources import data_path

CELSIUS, ANCHOR = (str(data_path("profiles", f"{name}.json")) for name in ("celsius", "anchor"))
NORTHERN_ROCK = str(data_path("profiles", "northern-rock.json"))


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def test_change_says_what_would_raise_and_lower_the_grade(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "change", ANCHOR, "--known-by", "2022-03-31")
    assert "What would raise the best end above D" in text
    moved = "share of collateral in the own token: at most 15% instead of 40% to 100%, 25 percentage points away"
    assert moved in " ".join(text.split())
    assert "The worst end is F already" in text
    assert "highest annual yield offered: at least 36%" in text
    assert "D follows from 3 of" in text


def test_change_for_celsius_before_it_shut(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(out(capsys, "change", CELSIUS, "--known-by", "2022-05-31", "--format", "json"))
    raised, lowered, down = page["turns"]
    assert (page["best"], page["worst"], raised["target"], lowered["target"]) == ("E", "F", "D", None)
    assert raised["exact"]
    assert {len(found["steps"]) for found in raised["sets"]} == {3}
    steps = [found["steps"][0] for found in down["sets"]]
    assert {"governance.withdrawals_status", "governance.fraud_charge"} <= {step["fact"] for step in steps}
    assert "2022-06" not in json.dumps(page["turns"])


def test_change_lists_the_thresholds_on_an_edge(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "change", NORTHERN_ROCK, "--known-by", "2026-11-01")
    assert "failing line for equity over assets is 3%; 3% would give C..F, 5% would give D..F [L-01]" in text


def test_the_assessment_carries_changes_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    options = (NORTHERN_ROCK, "--known-by", "2026-11-01", "--format", "json")
    plain, whole = (json.loads(out(capsys, *options, *more)) for more in ((), ("--changes",)))
    assert "changes" not in plain
    assert [edge["parameter"] for edge in whole["changes"]["edges"]] == ["l.equity_fail", "t3.outflow_fail"]
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert [error.message[:200] for error in validator.iter_errors(whole)] == []
    assert {key: value for key, value in whole.items() if key != "changes"} == plain


def test_changes_in_the_terminal_follow_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, NORTHERN_ROCK, "--known-by", "2026-11-01", "--changes")
    assert text.index("Findings") < text.index("What would raise the best end")


def test_the_report_marks_thresholds_on_an_edge() -> None:
    from datetime import date

    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.outputs.pdf import render_html

    cut = date(2026, 11, 1)
    settings = Settings(date(2026, 11, 22), cut, cut)
    for edges, marked in ((True, 2), (False, 0)):
        html = render_html(audit_one(Path(NORTHERN_ROCK), settings, edges=edges), shipped_rulebook())
        assert html.count(">on an edge<") == marked
        assert html.count('id="edges"') == bool(marked)


def test_diff_of_two_dates(capsys: pytest.CaptureFixture[str]) -> None:
    text = out(capsys, "diff", CELSIUS, "--known-by", "2022-05-31", "--known-by", "2022-07-14")
    assert "Grade E..F -> F" in text
    assert "state of withdrawals: open (E1) -> suspended" in text


def test_diff_of_two_profiles_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(out(capsys, "diff", CELSIUS, ANCHOR, "--known-by", "2022-05-31", "--format", "json"))
    assert (page["old"]["platform"]["name"], page["new"]["platform"]["name"]) == ("Celsius Network", "Anchor Protocol")
    assert page["verdict"]["between"] == page["verdict"]["new"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing to compare"),
        (("--known-by", "2022-05-31"), "nothing to compare"),
        (("--known-by", "2022-05-31") * 3, "first the old, then the new"),
        (("--as-of", "2022-06-30", "--known-by", "2022-05-31", "--known-by", "2022-06-30"), "lies after --known-by"),
    ],
)
def test_diff_says_what_it_needs(capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str) -> None:
    assert main(["diff", CELSIUS, *options]) == 2
    assert said in capsys.readouterr().err


def test_timeline_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = tmp_path / "anchor.svg"
    assert main(["timeline", ANCHOR, "--until", "2022-03-31", "--svg", str(chart)]) == 0
    text, err = capsys.readouterr()
    assert "2022-01-28  D..F" in text
    assert "2022-04-20" not in text
    assert "chart written to" in err
    assert chart.read_text(encoding="utf-8").startswith("<svg")


def test_timeline_as_json_stops_where_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(
        out(capsys, "timeline", ANCHOR, "--from", "2022-01-01", "--until", "2022-03-31", "--format", "json")
    )
    assert page["days"][0] >= "2022-01-01"
    assert page["days"][-1] <= "2022-03-31"
    assert page["moments"][0]["day"] == page["days"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2022-02-01", "--until", "2022-01-01"), "lies after"),
        (("--until", "2001-01-01"), "nothing in"),
        (("--svg", "no/such/folder/a.svg"), "no folder"),
    ],
)
def test_timeline_says_what_is_wrong(capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str) -> None:
    assert main(["timeline", ANCHOR, *options]) == 2
    assert said in capsys.readouterr().err
