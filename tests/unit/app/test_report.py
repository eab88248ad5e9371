"""What a whole report is prepared from: every analysis where asked for, and what changed since something earlier."""

import json
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.report import CUTS, PARTS, prepare
from checker.cli.main import main
from checker.model.errors import InputError, UsageError
from checker.outputs.json import render_json

ROOT = Path(__file__).parents[3]
PROFILE = ROOT / "profiles" / "envestio.json"
LATE, EARLY = date(2020, 1, 20), date(2019, 12, 1)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def settings(day=LATE, **told):
    return Settings(date(2099, 1, 1), day, day, **told)


@pytest.fixture(scope="module")
def report(rulebook):
    told = []
    return prepare(PROFILE, settings(), rulebook, since=EARLY, progress=told.append), told


@pytest.fixture
def result(tmp_path, rulebook):
    """The result of the earlier cut, as `--json` writes it."""
    path = tmp_path / "earlier.json"
    path.write_text(render_json(audit_one(PROFILE, settings(EARLY), rulebook), rulebook), encoding="utf-8")
    return path


def test_a_whole_report_has_every_part_of_one_assessment(report, rulebook):
    whole, told = report
    alone = audit_one(PROFILE, settings(), rulebook, changes=True)
    assert whole.assessment == alone
    assert {unknown.fact for unknown in whole.unknowns} == {question.fact for question in alone.questions}
    assert max(whole.timeline.days) <= LATE
    last = whole.timeline.moments[-1]
    assert (last.best, last.worst) == (alone.verdict.best, alone.verdict.worst)
    assert whole.judged_from == ""
    assert len(told) == len(PARTS) + 1


def test_parts_that_were_not_asked_for_are_absent_and_the_edges_are_there(rulebook):
    bare = prepare(PROFILE, settings(), rulebook, parts=())
    assert (bare.unknowns, bare.timeline, bare.cases, bare.since, bare.assessment.changes) == (None,) * 5
    assert bare.assessment.edges is not None
    some = prepare(PROFILE, settings(), rulebook, parts=("cases",))
    assert some.cases is not None
    assert some.timeline is None


def test_a_long_history_is_told_from_a_day_that_is_named(rulebook):
    day = date(2026, 6, 30)
    whole = prepare(ROOT / "profiles" / "aave.json", settings(day), rulebook, parts=("timeline",))
    assert len(whole.timeline.days) == CUTS
    assert whole.judged_from == whole.timeline.days[0].isoformat()


def test_a_platform_of_which_nothing_is_dated_has_no_timeline(tmp_path, rulebook):
    path = tmp_path / "bare.json"
    path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "Bare", "kind": "cefi_lender"}}), encoding="utf-8")
    whole = prepare(path, settings(), rulebook)
    assert whole.timeline is None
    assert whole.assessment.changes is not None


def test_since_an_earlier_cut_both_ends_are_the_verdicts_of_their_days(report, rulebook):
    since = report[0].since
    for point, day in ((since.start, EARLY), (since.end, LATE)):
        verdict = audit_one(PROFILE, settings(day), rulebook).verdict
        assert (point.best, point.worst) == (verdict.best, verdict.worst)
        assert point.traits == {trait.id: (trait.best, trait.worst) for trait in verdict.traits}
    assert (since.as_of, since.known_by) == (EARLY.isoformat(), EARLY.isoformat())
    assert since.facts
    assert since.rules
    assert not since.packs
    assert {change.by for change in since.rules} == {"facts"}


def test_since_an_earlier_result_says_the_same_as_since_its_cut(report, result, rulebook):
    told = prepare(PROFILE, settings(), rulebook, parts=(), since=result).since
    since = report[0].since
    assert told.between is None
    assert (told.start, told.end) == (since.start, since.end)
    plain = [json.loads(json.dumps([c.fact, c.row, c.unit, c.old, c.new])) for c in since.facts]
    assert [[c.fact, c.row, c.unit, c.old, c.new] for c in told.facts] == plain
    assert [c.moved for c in told.facts] == [c.moved for c in since.facts]
    assert [(c.rule, c.code, c.old, c.new, c.by) for c in told.rules] == [
        (c.rule, c.code, c.old, c.new, c.by) for c in since.rules
    ]
    assert [(c.presumed[0], c.presumed[2]) for c in told.rules] == [(c.presumed[0], c.presumed[2]) for c in since.rules]
    assert (told.packs, told.parameters, told.rates) == (since.packs, since.parameters, since.rates)


def test_other_packs_and_thresholds_are_told_apart_from_facts(result, rulebook):
    page = json.loads(result.read_text(encoding="utf-8"))
    page["inputs"]["packs"] = [
        pack | ({"sha256": "0" * 64, "version": "0.9.0"} if pack["id"] == "m" else {})
        for pack in page["inputs"]["packs"]
    ]
    used = next(p for p in page["parameters"] if p["id"] == "t1.spread_fail")
    used["value"] = 0.5
    result.write_text(json.dumps(page), encoding="utf-8")
    since = prepare(PROFILE, settings(), rulebook, parts=(), since=result).since
    (pack,) = since.packs
    assert (pack.pack, pack.old) == ("m", "0.9.0")
    (threshold,) = since.parameters
    assert (threshold.parameter, threshold.old) == ("t1.spread_fail", 0.5)
    for change in since.rules:
        touched = change.rule.startswith("m.") or "t1.spread_fail" in rulebook.parameters_of.get(change.rule, ())
        assert touched == (change.by in ("rules", "both")), change.rule


def test_since_an_earlier_version_of_the_profile(tmp_path, rulebook):
    page = json.loads(PROFILE.read_text(encoding="utf-8"))
    section = next(name for name in page if name == "terms")
    del page[section]["offered_apy"]
    path = tmp_path / "before.json"
    path.write_text(json.dumps(page), encoding="utf-8")
    since = prepare(PROFILE, settings(), rulebook, parts=(), since=path).since
    assert "terms.offered_apy" in {change.fact for change in since.facts}
    assert since.between is not None
    assert since.known_by == LATE.isoformat()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "--since|expected|profile"),
        ('{"schema": "ddcheck/timeline/1"}', "neither a day"),
        ('{"schema": "ddcheck/assessment/1"}', "neither a day"),
        ("{", "ends too early"),
    ],
)
def test_what_is_no_earlier_result_is_refused(tmp_path, rulebook, text, message):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((UsageError, InputError), match=message):
        prepare(PROFILE, settings(), rulebook, parts=(), since=path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda page: page["platform"].update(name="Somebody Else"), "not about"),
        (lambda page: page["options"].update(known_by="2021-01-01", as_of="2021-01-01"), "after this cut"),
        (lambda page: page["options"].update(known_by="soon"), "neither a day"),
        (lambda page: page["verdict"].update(best="Z"), "neither a day"),
        (lambda page: page["facts"].append("x"), "neither a day"),
        (lambda page: page["findings"][0].update(possible=["MAYBE"]), "neither a day"),
        (lambda page: page.update(parameters=None), "neither a day"),
    ],
)
def test_a_result_of_another_platform_a_later_cut_or_another_shape_is_refused(result, rulebook, change, message):
    page = json.loads(result.read_text(encoding="utf-8"))
    change(page)
    result.write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        prepare(PROFILE, settings(), rulebook, parts=(), since=result)


def test_numbers_that_are_none_are_refused(result, rulebook):
    text = result.read_text(encoding="utf-8")
    for number in ("NaN", "Infinity", "1e999"):
        result.write_text(text.replace('"value": ', f'"value": {number}, "was": ', 1), encoding="utf-8")
        with pytest.raises((UsageError, InputError)):
            prepare(PROFILE, settings(), rulebook, parts=(), since=result)


@pytest.mark.parametrize("day", [LATE, date(2021, 1, 1)])
def test_since_takes_an_earlier_day(rulebook, day):
    with pytest.raises(UsageError, match="does not lie before"):
        prepare(PROFILE, settings(), rulebook, parts=(), since=day)


def test_the_command_says_what_is_no_day_and_no_file(tmp_path, capsys):
    arguments = [str(PROFILE), "--known-by", "2020-01-20", "--pdf", str(tmp_path / "r.pdf"), "--since", "nowhere.json"]
    assert main(arguments) == 2
    assert "nowhere.json" in capsys.readouterr().err
    assert not (tmp_path / "r.pdf").exists()
