"""Outcomes recorded by hand: shown beside the computed ones while they stand, and never more than shown."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.explain import explanation
from checker.model.dictionary import load_dictionary
from checker.model.errors import ProfileError
from checker.model.finding import Outcome
from checker.model.profile import MAX_OVERRIDE_DAYS
from checker.model.schema import profile_schema
from checker.outputs.json import assessment_dict
from checker.outputs.pdf import missing_system_libraries, render_html
from checker.outputs.schema import assessment_schema
from checker.outputs.text import render_text
from checker.resources import data_path

CUT = date(2022, 5, 31)
HAND = {
    "rule": "G-02",
    "outcome": "PASS",
    "who": "A. Analyst",
    "on": "2022-05-01",
    "until": "2022-08-01",
    "why": "The order was lifted by telephone.",
}


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture
def audited(tmp_path, rulebook):
    def audit(*overrides, day=CUT, profile="celsius", today=date(2099, 1, 1)):
        content = json.loads(data_path("profiles", f"{profile}.json").read_text(encoding="utf-8"))
        path = tmp_path / "p.json"
        path.write_text(json.dumps(content | {"overrides": list(overrides)}, indent=2), encoding="utf-8")
        return audit_one(path, Settings(today, day, day), rulebook)

    return audit


def faults(audited, *overrides, **options):
    with pytest.raises(ProfileError) as caught:
        audited(*overrides, **options)
    return [str(fault).partition("p.json")[2] for fault in caught.value.faults]


def without(assessment):
    return replace(assessment, overrides=(), profile={}, warnings=())


@pytest.mark.parametrize("outcome", Outcome.__members__)
def test_it_stands_beside_the_computed_outcome_and_changes_nothing_else(audited, outcome):
    plain, marked = audited(), audited(HAND | {"outcome": outcome})
    (override,) = marked.overrides
    assert (override.rule, override.code) == ("g.regulatory_action", "G-02")
    assert override.outcome is Outcome[outcome]
    assert override.computed == plain.finding("G-02").possible == (Outcome.FAIL,)
    assert without(marked) == without(plain)


def test_every_rule_overridden_to_pass_leaves_grade_and_findings(audited):
    plain = audited()
    marked = audited(*(HAND | {"rule": finding.rule} for finding in plain.findings))
    assert len(marked.overrides) == len(plain.findings) > 90
    assert without(marked) == without(plain)


@pytest.mark.parametrize(
    ("day", "shown", "ended"),
    [
        ("2022-04-30", 0, 0),
        ("2022-05-01", 1, 0),
        ("2022-08-01", 1, 0),
        ("2022-08-02", 0, 1),
    ],
)
def test_it_stands_from_its_day_to_its_last(audited, day, shown, ended):
    assessment = audited(HAND, day=date.fromisoformat(day))
    assert len(assessment.overrides) == shown
    assert dict(assessment.warnings).get("overrides_ended", 0) == ended


def test_one_made_later_is_not_in_the_result_of_an_earlier_day(audited, rulebook):
    later = HAND | {"who": "Hindsight", "on": "2022-06-01", "until": "2022-07-01"}
    assessment = audited(later)
    assert "Hindsight" not in json.dumps(assessment_dict(assessment, rulebook))
    assert without(assessment) == without(audited())
    assert assessment.warnings == audited().warnings


def test_several_are_told_oldest_first(audited):
    marked = audited(HAND | {"who": "Second", "on": "2022-05-10", "outcome": "WARN"}, HAND)
    assert [override.who for override in marked.overrides_of("g.regulatory_action")] == ["A. Analyst", "Second"]


@pytest.mark.parametrize("name", ["G-02", "g-02", "g.regulatory_action"])
def test_a_rule_is_named_by_code_or_id(audited, name):
    assert audited(HAND | {"rule": name}).overrides[0].rule == "g.regulatory_action"


def test_an_unknown_rule_is_refused_with_its_place_and_the_nearest_name(audited):
    first, second, third = faults(
        audited, HAND | {"rule": "g.regulatory_acton"}, HAND | {"rule": "G-99"}, HAND | {"rule": "nothing"}
    )
    assert first.endswith("unknown rule 'g.regulatory_acton'. Did you mean 'g.regulatory_action'?")
    assert first.split()[1] == "overrides[0].rule:"
    assert int(first.split(":")[1]) > 2000  # the line in the file
    assert "overrides[1].rule: unknown rule 'G-99'" in second
    assert "`ddcheck rules list` names all" in third


def test_a_rule_that_does_not_judge_the_kind_is_refused(audited, rulebook):
    only_funds = next(
        rule.code
        for rule in rulebook.rules.values()
        if rule.code not in {finding.code for finding in audited().findings}
    )
    (fault,) = faults(audited, HAND | {"rule": only_funds})
    assert f"'{only_funds}' is no rule for a cefi_lender" in fault


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"until": None}, "'until' is missing"),
        ({"who": None}, "'who' is missing"),
        ({"why": " "}, "expected text that is not empty"),
        ({"outcome": "pass"}, "expected one of NOT_APPLICABLE, PASS, WARN, FAIL; found 'pass'. Did you mean 'PASS'?"),
        ({"outcome": 1}, "expected one of NOT_APPLICABLE, PASS, WARN, FAIL; found 1"),
        ({"outcome": "OPEN"}, "found 'OPEN'"),
        ({"on": "2099-01-02"}, "2099-01-02 lies in the future"),
        ({"on": "9999-12-30", "until": "9999-12-31"}, "9999-12-30 lies in the future"),
        ({"until": "2022-04-30"}, "2022-04-30 is no end for an override: expected a day from 2022-05-01 to 2023-06-05"),
        ({"until": "2023-06-06"}, "Record it again when it has run out."),
        ({"outcme": "PASS"}, "unknown key 'outcme'. Did you mean 'outcome'?"),
    ],
)
def test_faults_name_their_place(audited, change, message):
    told = faults(audited, HAND | change)
    assert any(message in fault and " overrides[0]" in fault for fault in told), told


def test_the_longest_stands_for_four_hundred_days(audited):
    last = date(2022, 5, 1) + timedelta(MAX_OVERRIDE_DAYS)
    assert audited(HAND | {"until": last.isoformat()}).overrides[0].until == "2023-06-05"
    assert MAX_OVERRIDE_DAYS == 400


def test_every_output_shows_it_beside_the_computed_one(audited, rulebook):
    hostile = HAND | {"why": "<b>why</b>"}
    assessment = audited(hostile)
    text = " ".join(render_text(assessment, rulebook, colour=False, width=200).split())
    assert "G-02 ✗ fail No authority" in text
    assert "by hand: pass (A. Analyst, until 2022-08-01)" in text
    whole = "G-02: fail by the facts; pass by hand, A. Analyst, 2022-05-01 to 2022-08-01: <b>why</b>"
    assert whole in text
    assert whole in explanation(assessment, rulebook, assessment.finding("G-02"))
    page = assessment_dict(assessment, rulebook)
    (listed,) = page["overrides"]
    assert listed["outcome"] == "PASS"
    assert listed["computed"] == ["FAIL"]
    finding = next(f for f in page["findings"] if f["code"] == "G-02")
    assert finding["overrides"] == [listed]
    assert finding["outcome"] == "FAIL"
    assert all(not f["overrides"] for f in page["findings"] if f["code"] != "G-02")
    jsonschema.Draft202012Validator(assessment_schema()).validate(page)


@pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")
def test_the_report_has_a_note_on_its_first_page_and_each_in_the_appendix(audited, rulebook):
    first, _, appendix = render_html(audited(HAND | {"why": "<b>why</b>"}), rulebook).partition('class="appendix"')
    assert "Outcomes recorded by hand stand beside the computed ones and change nothing: 1" in first
    assert 'href="#by-hand"' in first
    assert "by hand: pass (A. Analyst, until 2022-08-01)" in appendix
    assert "&lt;b&gt;why&lt;/b&gt;" in appendix
    assert "by hand" not in render_html(audited(), rulebook)


def test_the_schema_of_profiles_knows_it():
    validator = jsonschema.Draft202012Validator(profile_schema(load_dictionary(data_path("rules", "facts"))))
    profile = {"ddcheck": 1, "platform": {"name": "X", "kind": "fund"}, "overrides": [HAND]}
    assert list(validator.iter_errors(profile)) == []
    profile["overrides"] = [HAND | {"outcome": "pass"}, {"rule": "G-02"}]
    assert len(list(validator.iter_errors(profile))) >= 2


def test_shipped_profiles_hold_none():
    for path in Path(data_path("profiles")).glob("*.json"):
        assert "overrides" not in json.loads(path.read_text(encoding="utf-8"))
