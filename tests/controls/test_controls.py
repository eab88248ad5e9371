"""Controls that must come out right, and the worked rows of the rulebook as the facts give them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.assess.assessment import Assessment
from checker.model.document import read_document
from checker.model.finding import Grade, Outcome
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

HERE = Path(__file__).parent
TODAY = date(2026, 11, 1)


def read(name: str) -> list[dict[str, Any]]:
    loaded = read_document(HERE / name).value
    assert isinstance(loaded, list)
    return loaded


CONTROLS = read("controls.yaml")
ROWS = read("recorded.yaml")
CUTS = [(row, cut) for row in ROWS for cut in row["cuts"]]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return shipped_rulebook()


def audited(path: Path, as_of: str, known_by: str, reader: dict[str, Any], rulebook: Rulebook) -> Assessment:
    settings = Settings(TODAY, date.fromisoformat(known_by), date.fromisoformat(as_of), reader=reader)
    return audit_one(path, settings, rulebook)


def place(control: dict[str, Any]) -> Path:
    if "schematic" in control:
        return HERE / "schematic" / f"{control['schematic']}.yaml"
    return data_path("profiles", f"{control['profile']}.json")


def certain(assessment: Assessment, outcome: Outcome) -> list[str]:
    return sorted(finding.code for finding in assessment.findings if finding.outcome is outcome)


@pytest.mark.parametrize("control", CONTROLS, ids=[control["name"] for control in CONTROLS])
def test_control(control: dict[str, Any], rulebook: Rulebook) -> None:
    day = str(control["as_of"])
    assessment = audited(place(control), day, day, control.get("reader", {}), rulebook)
    verdict = assessment.verdict
    assert verdict.graded
    if "allowed" in control:
        allowed = [Grade[letter] for letter in control["allowed"]]
        assert verdict.best in allowed, verdict.constraints
        assert verdict.worst in allowed, verdict.constraints
    if "schematic" in control:
        assert verdict.grade is not None, "a complete set of facts gives one letter"
        assert verdict.assessable
        assert verdict.stops == ()
    if "uncapped_best" in control:
        assert verdict.uncapped_best is Grade[control["uncapped_best"]]
        assert verdict.stops == ()
    if control.get("no_stop"):
        assert verdict.stops == ()
    if "fails" in control:
        assert certain(assessment, Outcome.FAIL) == sorted(control["fails"])


def test_schematic_fixtures_are_marked_and_used() -> None:
    used = {control["schematic"] for control in CONTROLS if "schematic" in control}
    files = sorted((HERE / "schematic").glob("*.yaml"))
    assert {path.stem for path in files} == used
    for path in files:
        assert path.read_text(encoding="utf-8").startswith("# SCHEMATIC"), path.name
        assert "chematic" in read_document(path).value["platform"]["name"], path.name


@pytest.mark.parametrize("control", [c for c in CONTROLS if "schematic" in c], ids=lambda c: c["schematic"])
def test_schematic_fixtures_leave_nothing_of_weight_open(control: dict[str, Any], rulebook: Rulebook) -> None:
    day = str(control["as_of"])
    assessment = audited(place(control), day, day, control.get("reader", {}), rulebook)
    opened = [f.code for f in assessment.findings if f.outcome is None and f.severity != "minor"]
    assert opened == []


def spread(best: object, worst: object) -> str:
    return str(best) if best == worst else f"{best}..{worst}"


@pytest.mark.parametrize(("row", "cut"), CUTS, ids=[f"{row['row']}, known by {cut['known_by']}" for row, cut in CUTS])
def test_recorded_row(row: dict[str, Any], cut: dict[str, Any], rulebook: Rulebook) -> None:
    path = data_path("profiles", f"{row['profile']}.json")
    assessment = audited(path, str(row["as_of"]), str(cut["known_by"]), {}, rulebook)
    verdict = assessment.verdict
    assert verdict.best is not None
    assert verdict.worst is not None
    assert verdict.uncapped_best is not None
    assert verdict.uncapped_worst is not None
    found = {
        "grade": spread(verdict.best.name, verdict.worst.name),
        "uncapped": spread(verdict.uncapped_best.name, verdict.uncapped_worst.name),
        "pattern": spread(verdict.pattern_best, verdict.pattern_worst),
        "assessable": verdict.assessable,
        "traits": {trait.id: spread(trait.best, trait.worst) for trait in verdict.traits},
        "presumed": [trait.id for trait in verdict.traits if trait.presumed],
        "stops": list(verdict.stops),
        "outcomes": {code: [o.name for o in assessment.finding(code).possible] for code in cut["outcomes"]},
    }
    assert found == {key: cut[key] for key in found}


def levels(text: str) -> range:
    low, _, high = text.partition("..")
    return range(int(low), int(high or low) + 1)


@pytest.mark.parametrize(("row", "cut"), CUTS, ids=[f"{row['row']}, known by {cut['known_by']}" for row, cut in CUTS])
def test_a_difference_from_a_row_is_explained(row: dict[str, Any], cut: dict[str, Any]) -> None:
    differs = cut["differs"]
    contradicted = False
    for trait in ("T1", "T2", "T3", "T4"):
        expected, found = levels(row["expected"][trait]), levels(cut["traits"][trait])
        contradicted |= not set(expected) & set(found)
        if not set(found) <= set(expected):
            assert differs.get(trait) or differs.get("grade"), trait
    assert not contradicted, "a level outside the row's would be a fault, not a gap in the facts"
    if cut["grade"] != row["expected"]["grade"]:
        assert differs.get("grade") or len(cut["grade"]) == 1, cut["grade"]
    open_or_passed = [code for code, outcomes in cut["outcomes"].items() if outcomes != ["FAIL"]]
    if open_or_passed:
        assert differs.get("outcomes"), open_or_passed


def test_every_row_has_both_cuts() -> None:
    for row in ROWS:
        known_by = [str(cut["known_by"]) for cut in row["cuts"]]
        assert known_by == [str(row["as_of"]), TODAY.isoformat()]
