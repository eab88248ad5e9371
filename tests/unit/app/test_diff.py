"""Two verdicts compared: facts, rules, and the movement of the grade split between the two."""

import json
import shutil
from copy import deepcopy
from datetime import date

import pytest

from checker.app.audit import Settings, shipped_rulebook
from checker.app.diff import compare, rulebook_at
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.model.errors import PackError, UsageError
from checker.model.finding import Grade, Outcome
from checker.model.profile import load_profile
from checker.outputs.diff import render_diff, render_json
from checker.resources import data_path

TODAY = date(2026, 11, 22)
FUND = {
    "ddcheck": 1,
    "platform": {"name": "A small fund", "kind": "fund"},
    "defaults": {"from": "2022-05-01", "known_on": "2022-05-01", "evidence": "audit", "source": "report"},
    "structure": {"pooled": True, "passes_result_through": True},
    "disclosure": {"audited_accounts": True},
    "sources": {"report": {"title": "A report"}},
}


def at(day, **how):
    cut = date.fromisoformat(day)
    return Settings(TODAY, cut, cut, **how)


def written(tmp_path, name, raw):
    path = tmp_path / name
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path


@pytest.fixture
def pair(tmp_path):
    worse = deepcopy(FUND)
    worse["disclosure"]["audited_accounts"] = False
    return written(tmp_path, "old.json", FUND), written(tmp_path, "new.json", worse)


def rules_with(tmp_path, file, *changes):
    """The rules that ship with something changed in one file."""
    folder = tmp_path / "rules"
    shutil.copytree(data_path("rules"), folder, dirs_exist_ok=True)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return folder


def test_a_fact_that_changed_and_what_it_did(pair):
    day = at("2022-05-31")
    told = compare(pair, (day, day), ((), ())).difference
    assert (told.start.best, told.between.best, told.end.best) == (Grade.A, Grade.D, Grade.D)
    assert [(c.fact, c.old["value"], c.new["value"], c.moved) for c in told.facts] == [
        ("disclosure.audited_accounts", [True], [False], ("d.audited_accounts",))
    ]
    [rule] = told.rules
    assert (rule.rule, rule.by) == ("d.audited_accounts", "facts")
    assert Outcome.FAIL in rule.between == rule.new != rule.old
    assert (told.packs, told.parameters, told.rates) == ((), (), ())


def test_a_threshold_that_changed_and_what_it_did(tmp_path):
    """Northern Rock stands on the edge of the smallest equity over assets."""
    folder = rules_with(tmp_path, "l/parameters.yaml", ("value: 0.03, source: BA-05", "value: 0.05, source: BA-05"))
    path = data_path("profiles", "northern-rock.json")
    day = at("2026-11-22")
    told = compare((path, path), (day, day), ((), (folder,))).difference
    assert (told.start.best, told.between.best, told.end.best) == (Grade.C, Grade.C, Grade.D)
    assert [(p.parameter, p.old, p.new) for p in told.parameters] == [("l.equity_fail", 0.03, 0.05)]
    assert [(p.pack, p.old) for p in told.packs] == [("l", shipped_rulebook().packs["l"].version)]
    assert "l.balance_sheet_leverage" in [rule.rule for rule in told.rules]
    assert {rule.by for rule in told.rules} == {"rules"}
    assert told.facts == ()


def test_facts_and_rules_together_are_split_in_that_order(tmp_path, pair):
    """The accounts are no longer audited; the new rules do not mind as much."""
    folder = rules_with(tmp_path, "d/audited_accounts.yaml", ("severity: critical", "severity: minor"))
    day = at("2022-05-31")
    told = compare(pair, (day, day), ((), (folder,))).difference
    assert (told.start.best, told.between.best, told.end.best) == (Grade.A, Grade.D, Grade.A)
    page = json.loads(render_json(told))
    assert page["order"] == ["facts", "rules"]
    assert page["verdict"]["moved_by_facts"]["best"] == 3
    assert page["verdict"]["moved_by_rules"]["best"] == -3


def test_two_cuts_of_one_profile_are_the_two_assessments():
    path = data_path("profiles", "celsius.json")
    told = compare((path, path), (at("2022-05-31"), at("2022-07-14")), ((), ())).difference
    rulebook = shipped_rulebook()
    profile = load_profile(path, rulebook.dictionary, today=TODAY)
    for day, side, point in (("2022-05-31", told.old, told.start), ("2022-07-14", told.new, told.end)):
        verdict = assess(profile, rulebook, Options(day, day, "latest", {}, {}), version="test").verdict
        assert (verdict.best, verdict.worst) == (side.verdict.best, side.verdict.worst) == (point.best, point.worst)
    assert told.between == told.end
    changed = {rule.rule: rule for rule in told.rules}
    assert changed["g.withdrawals"].new == (Outcome.FAIL,)
    facts = {change.fact: change for change in told.facts}
    assert facts["governance.withdrawals_status"].new["value"] == ["suspended"]
    assert "g.withdrawals" in facts["governance.withdrawals_status"].moved


def test_nothing_later_than_a_cut_is_told_of_its_side():
    path = data_path("profiles", "celsius.json")
    told = compare((path, path), (at("2022-05-31"), at("2022-06-30")), ((), ())).difference
    text = render_json(told) + render_diff(told, colour=False, width=100)
    assert "2022-07" not in text
    assert "2023" not in json.dumps(json.loads(render_json(told))["facts"])


def test_thresholds_of_the_day_count_as_rules(tmp_path):
    """With the values in force on each day, a later value moves the verdict as a rule, not as a fact."""
    path = data_path("profiles", "anchor.json")
    old, new = (at(day, parameters="as-of") for day in ("2018-05-31", "2022-05-01"))
    told = compare((path, path), (old, new), ((), ())).difference
    assert [change.parameter for change in told.parameters] == ["t3.lcr_warn", "t4.capital_warn"]
    same = compare((path, path), (at("2018-05-31"), at("2022-05-01")), ((), ())).difference
    assert same.parameters == ()


def test_a_row_that_is_new_is_named(tmp_path):
    row = {"authority": "SEC", "country": "US", "type": "fraud", "stage": "charged", "opened": "2022-05-01"}
    actions = shipped_rulebook().dictionary["governance.actions"].columns
    row["type"], row["stage"] = actions["type"].values[-1], actions["stage"].values[-1]
    more = deepcopy(FUND)
    more["governance"] = {"actions": [row]}
    pair = written(tmp_path, "old.json", FUND), written(tmp_path, "new.json", more)
    told = compare(pair, (at("2022-05-31"), at("2022-05-31")), ((), ())).difference
    rows = [change for change in told.facts if change.row]
    assert [(change.fact, change.old) for change in rows] == [("governance.actions", None)]
    assert "no such row" in render_diff(told, colour=False, width=200)


def test_a_folder_without_rules_is_refused_with_what_is_expected(tmp_path):
    with pytest.raises(UsageError, match=r"pack\.yaml"):
        rulebook_at([tmp_path], at("2022-05-31"))
    with pytest.raises(UsageError, match="one whole set"):
        rulebook_at([data_path("rules")] * 2, at("2022-05-31"))


def test_broken_rules_stop_the_comparison_with_every_fault(tmp_path):
    folder = rules_with(tmp_path, "d/audited_accounts.yaml", ("severity: critical", "severity: dreadful"))
    path = data_path("profiles", "aave.json")
    with pytest.raises(PackError, match="audited_accounts"):
        compare((path, path), (at("2022-05-31"), at("2022-05-31")), ((), (folder,)))


def test_the_terminal_says_the_split_and_its_order(pair):
    day = at("2022-05-31")
    text = render_diff(compare(pair, (day, day), ((), ())).difference, colour=False, width=100)
    assert "Grade A..F -> D..F" in text
    assert "By the facts: best end A to D" in text
    assert "By the rules: nothing" in text
    assert "Facts first" in text
    assert "audited accounts published: yes (E4) -> no (E4) [D-01]" in text
