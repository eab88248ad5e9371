"""The back-test on a small corpus with known answers, and its rules of honesty."""

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import checker
from checker.app.audit import Settings, shipped_rulebook
from checker.app.backtest import backtest, learned_rules, meaning_text
from checker.app.outcomes import read_outcomes
from checker.assess.backtest import EVE, Backtest, Case, Group, Label, mark_of
from checker.model.errors import InputError, UsageError
from checker.model.finding import Grade
from checker.outputs.backtest import render_markdown
from checker.packs.meaning import load_meaning
from checker.resources import data_path

TODAY = date(2026, 1, 1)
SETTINGS = Settings(TODAY, TODAY, TODAY)
SHUT = date(2022, 6, 12)
SOURCE = '{title: "T", publisher: "P", date: "2022-06", url: "https://example.org/x"}'
EVENT = f"{{date: {SHUT}, what: Withdrawals stopped, source: {SOURCE}}}"
SEEN = f"{{date: 2025-01-01, what: It paid, source: {SOURCE}}}"

SET = {"value": "platform_set", "from": "2021-06-01", "known_on": "2021-06-01", "evidence": "advertised", "source": "s"}


def profile(name: str, *entries: dict[str, Any], kind: str = "yield_product") -> dict[str, Any]:
    """A profile that promises a return by the day at a rate the platform sets: from half a percent on that stops."""
    promise = [
        {"from": "2021-06-01", "evidence": "advertised", "source": "s", **entry} if "value" in entry else entry
        for entry in entries
    ]
    return {
        "ddcheck": 1,
        "platform": {"name": name, "kind": kind},
        **({"marketing": {"promised_daily_return": promise}, "terms": {"rate_kind": SET}} if promise else {}),
        "sources": {"s": {"title": "Source", "date": "2021-06-01"}},
    }


def promised(known_on: str, **more: object) -> dict[str, Any]:
    return {"value": 0.01, "known_on": known_on, **more}


PROFILES = {
    "caught": profile("Caught", promised("2022-01-13")),
    "caught-too": profile("Caught too", promised("2022-05-13")),
    "guessed": profile("Guessed", promised("2022-01-01", inferred=["known_on"])),
    "missed": profile("Missed", promised("2022-06-12")),
    "false-alarm": profile("False alarm", promised("2022-01-01")),
    "quiet": profile("Quiet", {"value": 0.0, "known_on": "2021-06-01"}),
    "holder": profile("Holder", kind="treasury"),
    "no-outcome": profile("No outcome"),
}
OUTCOMES = f"""
clusters:
  one shock: {{what: Both fell on one day}}
platforms:
  caught: {{label: failed, event: {EVENT}, cluster: one shock}}
  caught-too: {{label: halted, event: {EVENT}, cluster: one shock}}
  guessed: {{label: failed, event: {EVENT}}}
  missed: {{label: failed, event: {EVENT}, known_miss: told too late}}
  false-alarm: {{label: survived, last_seen: {SEEN}, evaluate_on: [2021-12-01, 2022-06-11]}}
  quiet: {{label: wound_down, event: {EVENT}, evaluate_on: [2022-06-11]}}
  holder: {{label: failed, event: {EVENT}}}
  not-here: {{label: failed, event: {EVENT}}}
"""

Run = Callable[..., Backtest]


def written_to(place: Path) -> Path:
    folder = place / "corpus"
    folder.mkdir()
    for name, written in PROFILES.items():
        (folder / f"{name}.json").write_text(json.dumps(written))
    (place / "outcomes.yaml").write_text(OUTCOMES)
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return written_to(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Backtest:
    """The small corpus as it stands."""
    folder = written_to(tmp_path_factory.mktemp("whole"))
    return backtest([str(folder)], folder.parent / "outcomes.yaml", SETTINGS)[0]


@pytest.fixture
def run(corpus: Path) -> Run:
    def run(outcomes: str = "", *, paths: list[str] | None = None, **options: Any) -> Backtest:
        file = corpus.parent / "outcomes.yaml"
        if outcomes:
            file.write_text(outcomes)
        settings = options.pop("settings", SETTINGS)
        result, faults = backtest(paths or [str(corpus)], file, settings, **options)
        assert not faults
        return result

    return run


def test_hits_misses_and_false_alarms(whole: Backtest) -> None:
    result = whole
    assert [track.profile for track in result.of(Group.FAILURE)] == ["caught", "caught-too", "guessed", "missed"]
    assert [track.profile for track in result.of(Group.SURVIVOR)] == ["false-alarm", "quiet"]
    assert [track.profile for track in result.of(Group.APART)] == ["holder"]
    assert result.without_outcome == ("no-outcome",)
    assert result.without_profile == ("not-here",)
    eve = result.eve
    assert (eve.failures.flagged.count, eve.failures.flagged.of) == (3, 4)
    assert (eve.survivors.flagged.count, eve.survivors.flagged.of) == (1, 2)
    by_ahead = {at.ahead: at.failures.flagged.count for at in result.horizons}
    assert by_ahead == {365: 0, 180: 0, 90: 2, 30: 3, 1: 3}
    assert {at.ahead: at.with_facts for at in result.horizons} == {365: 4, 180: 4, 90: 4, 30: 4, 1: 4}


def test_the_cut_is_the_day_before_and_a_miss_stays_in(whole: Backtest) -> None:
    result = whole
    tracks = {track.profile: track for track in result.tracks}
    missed = tracks["missed"]
    assert missed.flagged is None
    assert max(day for day, _ in missed.days) == SHUT - timedelta(1)
    assert result.cases["missed"].known_miss == "told too late"
    assert missed.unknown
    eve = mark_of(missed, EVE)
    assert eve is not None
    assert eve.whole.best is not None
    assert eve.whole.best < Grade.D


def test_lead_and_what_decided(whole: Backtest) -> None:
    result = whole
    caught = next(track for track in result.tracks if track.profile == "caught")
    assert caught.flagged is not None
    assert (caught.flagged.day, caught.flagged.lead_days) == (date(2022, 1, 13), 150)
    assert caught.flagged.deciding == ("m.scheme_return",)
    assert caught.flagged.new == ("marketing.promised_daily_return",)
    assert (result.lead.flagged, result.lead.of) == (3, 4)
    assert (result.lead.median, result.lead.least, result.lead.most) == (150.0, 30, 162)
    assert (result.clusters_caught.count, result.clusters_caught.of) == (2, 3)


def test_a_flag_that_went_away_is_no_lead(run: Run, corpus: Path) -> None:
    gone = profile("Gone", promised("2022-01-13"), {"value": 0.0, "from": "2022-03-01", "known_on": "2022-03-01"})
    (corpus / "caught.json").write_text(json.dumps(gone))
    track = next(track for track in run().tracks if track.profile == "caught")
    assert track.flagged is None
    assert track.ever_flagged == date(2022, 1, 13)


def test_time_of_survivors_under_a_flag(whole: Backtest) -> None:
    years = whole.alarm_years
    flagged = (date(2022, 6, 11) - date(2022, 1, 1)).days
    watched = (date(2022, 6, 11) - date(2021, 6, 1)).days
    assert years.flagged == pytest.approx(flagged / 365.25)
    assert years.watched == pytest.approx(2 * watched / 365.25)


def test_the_strict_switch_drops_inferred_days(run: Run, whole: Backtest) -> None:
    assert [c.profile for c in whole.changes if c.reading == "strict" and c.ahead == EVE] == ["guessed"]
    strict = next(at for at in whole.variants if at.reading == "strict")
    assert strict.failures.flagged.count == 2
    only = run(only_strict=True)
    assert only.eve.failures.flagged.count == 2
    assert only.about.strict
    guessed = next(track for track in only.tracks if track.profile == "guessed")
    assert guessed.flagged is None
    assert guessed.dropped == 1
    assert only.about.inputs != whole.about.inputs


def test_rules_learned_from_the_case_or_its_shock_are_left_out(run: Run) -> None:
    rulebook = shipped_rulebook()
    case = Case("bitconnect", Label.FAILED, None, "bitconnect", learned=frozenset({"bitconnect"}))
    learned = learned_rules(rulebook, case)
    assert "m.scheme_return" in learned
    assert learned == {
        rule
        for rule, used in rulebook.parameters_of.items()
        if any("bitconnect" in rulebook.parameters[id].learned_from for id in used)
    }
    assert learned_rules(rulebook, replace(case, learned=frozenset({"somebody"}))) == frozenset()
    result = run(OUTCOMES.replace("{what: Both fell on one day}", "{what: Both fell, also: [bitconnect]}"))
    without = next(at for at in result.variants if at.reading == "without_learned")
    assert without.failures.flagged.count == 1
    lost = {c.profile for c in result.changes if c.reading == "without_learned" and c.unflagged and c.ahead == EVE}
    assert lost == {"caught", "caught-too"}
    assert result.eve.failures.flagged.count == 3


def test_thresholds_as_of_the_day(run: Run) -> None:
    result = run(settings=replace(SETTINGS, parameters="as-of"))
    assert result.about.parameters == "as-of"
    for track in result.tracks:
        for mark in track.marks:
            assert mark.readings["as_of"].span == mark.whole.span


def test_outcomes_cannot_change_a_verdict(run: Run, whole: Backtest) -> None:
    """The same profiles under other labels, days and clusters: where a day is judged twice, it is judged alike."""
    first = {track.profile: dict(track.days) for track in whole.tracks}
    swapped = OUTCOMES.replace("caught: {label: failed", "caught: {label: impaired").replace("one shock", "another")
    swapped = swapped.replace(str(SHUT), "2022-06-11").replace("2021-12-01", "2021-12-31")
    second = {track.profile: dict(track.days) for track in run(swapped).tracks}
    shared = 0
    for name, days in first.items():
        for day in days.keys() & second[name].keys():
            shared += 1
            assert replace(days[day], applying=()) == replace(second[name][day], applying=())
    assert shared > 12


def test_only_the_back_test_reads_outcomes() -> None:
    root = Path(checker.__file__).parent
    readers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "checker.app.outcomes"
    }
    assert readers == {"app/backtest.py"}


def test_order_and_workers_do_not_matter(run: Run, corpus: Path, whole: Backtest) -> None:
    paths = [str(corpus / f"{name}.json") for name in PROFILES]
    assert run(paths=paths[::-1]) == whole
    assert run(workers=2) == whole


def test_a_broken_profile_stops_nothing(corpus: Path) -> None:
    (corpus / "caught.json").write_text('{"ddcheck": 1')
    result, faults = backtest([str(corpus)], corpus.parent / "outcomes.yaml", SETTINGS)
    assert [Path(fault.file).name for fault in faults] == ["caught.json"]
    assert result.eve.failures.flagged.of == 3


def test_nothing_to_test(corpus: Path) -> None:
    with pytest.raises(UsageError, match="none of the profiles has an outcome"):
        backtest([str(corpus / "no-outcome.json")], corpus.parent / "outcomes.yaml", SETTINGS)


def test_one_sided_corpora_tell_what_they_can(run: Run, corpus: Path) -> None:
    result = run(paths=[str(corpus / "caught.json")])
    assert result.eve.ranking[0].auc is None
    assert result.eve.skill is None
    assert result.alarm_years.share is None
    assert run(paths=[str(corpus / "quiet.json")]).lead.median is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("label: failed, event", "label: faild, event", "label: expected 'failed'"),
        ("cluster: one shock}", "cluster: one shok}", "unknown cluster 'one shok'. Did you mean 'one shock'?"),
        ("known_miss: told", "known_mis: told", "unknown key 'known_mis'. Did you mean 'known_miss'?"),
        ("label: wound_down, event: " + EVENT + ",", "label: wound_down,", "wound_down needs an event"),
        (", evaluate_on: [2022-06-11]}", "}", "wound_down needs evaluate_on"),
        (f"last_seen: {SEEN}, ", "", "survived needs last_seen"),
        ("label: survived, ", f"label: survived, event: {EVENT}, ", "a survivor has no event"),
        ('date: "2022-06"', 'date: "2022-13"', "expected a date, found '2022-13'"),
        ("date: 2022-06-12", "date: 2022-06-31", "there is no day 2022-06-31"),
        ("https://example.org/x", "example.org", "expected a web address"),
        ("known_miss: told too late", "evaluate_on: [2022-01-01]", "has an event and no days of its own"),
        ("one shock: {", "idle: {what: Nobody fell}\n  one shock: {", "no platform is of cluster 'idle'"),
    ],
)
def test_faults_of_the_outcomes(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in OUTCOMES
    path = tmp_path / "outcomes.yaml"
    path.write_text(OUTCOMES.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_outcomes(path)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")


def test_the_outcomes_that_ship() -> None:
    told = read_outcomes(data_path("rules", "backtest", "outcomes.yaml"))
    profiles = {path.stem for path in data_path("profiles").glob("*.json")}
    assert told.cases.keys() == profiles
    for case in told.cases.values():
        assert case.marks(), case.profile
        assert case.expected, case.profile
    assert told.cases["celsius"].learned >= {"celsius", "voyager"}
    assert "stream-finance" in told.cases["elixir-deusd"].learned


def test_every_platform_a_threshold_was_learned_from_has_an_outcome_or_a_cluster() -> None:
    told = read_outcomes(data_path("rules", "backtest", "outcomes.yaml"))
    known = frozenset[str]().union(*(case.learned for case in told.cases.values()))
    learned = {name for p in shipped_rulebook().parameters.values() for name in p.learned_from}
    assert learned <= known


def test_meaning_of_a_small_corpus(whole: Backtest, tmp_path: Path) -> None:
    path = tmp_path / "meaning.yaml"
    path.write_text(meaning_text(whole))
    meaning = load_meaning(path)
    row = meaning.row(Grade.F, Grade.F, True)
    assert row is not None
    # One quarter end under a flag each, 2022-03-31: of two platforms whose door shut, and of one survivor.
    assert (row.closed, row.dates, row.platforms) == (2, 3, 3)
    assert row.lo is not None
    assert meaning.row(None, None, False) is None
    assert meaning.row(Grade.A, Grade.C, True) is None


@pytest.mark.slow
def test_the_meaning_that_ships_is_current() -> None:
    settings = Settings(date.today(), date.today(), date.today())
    result, faults = backtest([str(data_path("profiles"))], None, settings, workers=2)
    assert not faults
    shipped = data_path("rules", "backtest", "meaning.yaml").read_text(encoding="utf-8")
    assert meaning_text(result) == shipped, "run: ddcheck backtest profiles --write-meaning"
    table = render_markdown(result, shipped_rulebook())
    assert table in (Path(checker.__file__).parents[1] / "README.md").read_text(encoding="utf-8"), (
        "run: ddcheck backtest profiles --format markdown"
    )
