"""A scaffolded rule loads at once, is called unfinished until it is written, and then takes part in an audit."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.lint import lint_packs
from checker.app.scaffold import MARK, scaffold
from checker.cli.main import main
from checker.model.errors import PackError, UsageError
from checker.outputs.pdf import render_html
from checker.packs.load import load_rulebook
from checker.resources import data_path

ROOT = data_path("rules")
TODAY = date(2023, 1, 31)


@pytest.fixture(scope="module")
def rulebook():
    return load_rulebook(ROOT)


def new(rule, folder):
    assert main(["rules", "new", rule, "--dir", str(folder)]) == 0


def errors(pack):
    return [problem for problem in lint_packs(ROOT, [pack], [pack.name]) if problem.severity == "error"]


def written(pack):
    return {path.name: path.read_text() for path in sorted(pack.iterdir())}


def fill(path, *changes):
    text = path.read_text()
    for old, put in changes:
        assert old in text, f"{old!r} is not in {path.name}"
        text = text.replace(old, put)
    path.write_text(text)


def test_a_new_pack_loads_and_its_cases_pass(tmp_path, capsys):
    new("own.lock_up", tmp_path)
    pack = tmp_path / "own"
    assert set(written(pack)) == {"pack.yaml", "parameters.yaml", "metrics.yaml", "lock_up.yaml", "lock_up.test.yaml"}
    assert load_rulebook(ROOT, extra=[pack]).rules["own.lock_up"].code == "OWN-01"
    steps = capsys.readouterr().out
    assert f"ddcheck rules lint own --rules {pack}" in steps
    assert main(["rules", "test", "own", "--rules", str(pack)]) == 0


def test_lint_names_every_text_that_is_not_written_yet(tmp_path):
    new("own.lock_up", tmp_path)
    pack = tmp_path / "own"
    problems = errors(pack)
    assert {problem.check for problem in problems} == {"unfinished"}
    marked = {
        (name, number)
        for name, text in written(pack).items()
        for number, line in enumerate(text.splitlines(), 1)
        if MARK in line
    }
    assert {(Path(problem.file).name, problem.line) for problem in problems} == marked


def test_a_second_rule_joins_the_pack_and_leaves_what_was_there(tmp_path):
    new("own.lock_up", tmp_path)
    pack = tmp_path / "own"
    fill(pack / "parameters.yaml", ("lock_up_warn:\n", "# a comment of the author\nlock_up_warn:\n"))
    before = written(pack)
    new("own.second", tmp_path)
    after = written(pack)
    assert after["parameters.yaml"].startswith(before.pop("parameters.yaml"))
    assert {name: after[name] for name in before} == before
    rules = load_rulebook(ROOT, extra=[pack]).rules
    assert rules["own.second"].code == "OWN-02"
    assert main(["rules", "test", "own", "--rules", str(pack)]) == 0


def test_the_day_of_the_example_thresholds_is_given_from_outside(rulebook, tmp_path):
    made = scaffold(rulebook, ROOT, "own.lock_up", tmp_path, TODAY)
    assert made.new_pack
    assert not made.shipped
    assert "from: 2023-01-31" in made.files[tmp_path / "own" / "parameters.yaml"]
    assert not (tmp_path / "own").exists()


def test_a_rule_for_a_shipped_pack_takes_its_next_number(rulebook):
    made = scaffold(rulebook, ROOT, "t2.lock_up", ROOT, TODAY)
    assert made.shipped
    assert "code: T2-08" in made.files[ROOT / "t2" / "lock_up.yaml"]
    assert "--rules" not in made.next_steps()
    assert set(made.files) == {ROOT / "t2" / name for name in ("parameters.yaml", "lock_up.yaml", "lock_up.test.yaml")}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("t3.lcr_30d", "t3.lcr_30d is a shipped rule"),
        ("t3.lock_up", "t3 is a shipped pack and cannot be shadowed"),
        ("terms.lock_up", "terms is a section of the facts"),
        ("lock_up", "write PACK.NAME"),
        ("own.Lock-Up", "write PACK.NAME"),
        ("own.a.b", "write PACK.NAME"),
        ("own.pack", "pack.yaml has another use"),
        ("../own.rule", "write PACK.NAME"),
    ],
)
def test_a_name_that_is_taken_or_malformed_is_refused(rulebook, tmp_path, rule, why):
    with pytest.raises(UsageError, match=why):
        scaffold(rulebook, ROOT, rule, tmp_path, TODAY)


def test_nothing_is_overwritten(tmp_path, capsys):
    new("own.lock_up", tmp_path)
    before = written(tmp_path / "own")
    assert main(["rules", "new", "own.lock_up", "--dir", str(tmp_path)]) == 2
    assert "exists; nothing was written" in capsys.readouterr().err
    assert written(tmp_path / "own") == before


def test_cases_that_stand_there_alone_are_not_overwritten(rulebook, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "lock_up.test.yaml").write_text("- name: mine\n")
    with pytest.raises(UsageError, match=r"lock_up\.test\.yaml exists"):
        scaffold(rulebook, ROOT, "own.lock_up", tmp_path, TODAY)


def test_a_folder_of_other_yaml_files_is_no_pack(rulebook, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "notes.yaml").write_text("a: 1\n")
    with pytest.raises(UsageError, match=r"no pack\.yaml"):
        scaffold(rulebook, ROOT, "own.lock_up", tmp_path, TODAY)


@pytest.mark.parametrize("text", ["{a: {unit: share}}\n", "lock_up_warn: {}\n"])
def test_parameters_that_cannot_be_extended_are_refused(rulebook, tmp_path, text):
    new("own.first", tmp_path)
    path = tmp_path / "own" / "parameters.yaml"
    path.write_text(text)
    with pytest.raises(PackError):
        scaffold(rulebook, ROOT, "own.lock_up", tmp_path, TODAY)
    assert path.read_text() == text


def test_empty_parameters_are_replaced(rulebook, tmp_path):
    new("own.first", tmp_path)
    path = tmp_path / "own" / "parameters.yaml"
    path.write_text("{}\n")
    made = scaffold(rulebook, ROOT, "own.lock_up", tmp_path, TODAY)
    assert made.files[path].startswith("lock_up_warn:")


def test_a_folder_that_cannot_be_made_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["rules", "new", "own.lock_up", "--dir", str(tmp_path / "file" / "below")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_round_trip_in_a_copy_of_a_pack(tmp_path, capsys):
    """A rule is added to a copy of a pack through the commands alone, written, and seen in the result."""
    pack = tmp_path / "mine"
    shutil.copytree(ROOT / "t2", pack)
    for path in pack.glob("*.yaml"):
        path.write_text(path.read_text().replace("code: T2-", "code: M2-").replace("group: T2", "group: M2"))
    new("mine.headline_reached", tmp_path)
    assert errors(pack)

    share = ("disclosure.pool_assets_disclosed_share", "yield_source.headline_balance_share")
    fill(
        pack / "headline_reached.yaml",
        share,
        (f"title: {MARK}", "title: The headline rate reaches most balances"),
        (f"question: {MARK}", "question: Who gets the headline rate?"),
        (f"rationale: {MARK}", "rationale: A rate that few receive is bait."),
        (f"case: {MARK}", "case: BlockFi paid less above a tier."),
        (f"false_alarms: {MARK}", "false_alarms: A fund pays one rate to all."),
        (f"ask: {MARK}", "ask: Send the distribution of rates paid."),
        (f"locator: {MARK}", "locator: official Q&A"),
        (f"}}: {MARK}", "} of balances get the headline rate."),
        (f"{MARK} cannot", "Who gets the headline rate cannot"),
        (f"not_applicable: {MARK}", "not_applicable: Nothing is offered here."),
    )
    fill(pack / "headline_reached.test.yaml", share, (f" - {MARK}", " - a fund"), (f" {MARK}", ""))
    fill(
        pack / "parameters.yaml",
        (f"meaning: {MARK}", "meaning: Share of balances that get the headline rate"),
        (f"note: {MARK}", "note: A judgement"),
    )
    assert errors(pack) == []
    assert main(["rules", "test", "mine", "--rules", str(pack)]) == 0
    assert main(["rules", "lint", "mine", "--rules", str(pack)]) == 0

    capsys.readouterr()
    profile = data_path("profiles", "celsius.json")
    cut = ["--known-by", "2022-05-31", "--rules", str(pack)]
    assert main([str(profile), *cut, "--format", "json"]) == 0
    result = json.loads(capsys.readouterr().out)
    finding = next(f for f in result["findings"] if f["rule"] == "mine.headline_reached")
    assert finding["code"] == "M2-08"
    assert finding["title"] == "The headline rate reaches most balances"
    assert "mine.headline_reached_fail" in finding["parameters"]

    assert main([str(profile), *cut]) == 0
    assert "Added pack: mine" in capsys.readouterr().out
    day = date(2022, 5, 31)
    rulebook = shipped_rulebook((pack,))
    html = render_html(audit_one(profile, Settings(date(2026, 11, 22), day, day, packs=(pack,)), rulebook), rulebook)
    assert "The headline rate reaches most balances" in html
    assert "M2-08" in html
