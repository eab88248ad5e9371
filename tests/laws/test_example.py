"""The verdict that docs/verdict.md works out by hand is the one that comes out."""

import json
import re
from copy import deepcopy
from pathlib import Path

import pytest

from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.model.document import Document
from checker.model.profile import parse_profile

PAGE = Path(__file__).resolve().parents[2] / "docs" / "verdict.md"


@pytest.fixture(scope="module")
def example():
    return json.loads(re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1])


@pytest.fixture
def judge(worlds):
    def judge(raw):
        profile = parse_profile(
            Document(raw, "example", "", lambda spots: {}), worlds.rulebook.dictionary, today=worlds.day
        )
        day = worlds.day.isoformat()
        return assess(profile, worlds.rulebook, Options(day, day), version="test")

    return judge


def span(result):
    return f"{result.verdict.best.name}..{result.verdict.worst.name}"


def test_the_worked_example(example, judge):
    result = judge(example)
    verdict = result.verdict
    assert (span(result), verdict.pattern_best, verdict.pattern_worst, verdict.assessable) == ("D..F", "V3", "V5", True)
    assert [(t.structure, t.best, t.worst) for t in verdict.traits] == [
        ("yes", 3, 3), ("yes", 3, 3), ("open", 0, 3), ("yes", 1, 3),
    ]  # fmt: skip
    assert result.finding("t1.offered_spread").outcome.name == "FAIL"
    assert result.finding("t2.client_assets_segregated").outcome.name == "FAIL"
    assert result.finding("t1.returns_from_assets").stop == "alleged"


def test_the_changes_to_it(example, judge):
    found, hidden, silent, softened = (deepcopy(example) for _ in range(4))
    found["yield_source"]["returns_paid_from_deposits"]["evidence"] = "court_finding"
    del hidden["yield_source"]
    silent["structure"]["segregation"] = {"status": "not_disclosed", "source": "terms"}
    own = {
        "value": "segregated",
        "from": "2022-05-01",
        "known_on": "2022-05-01",
        "evidence": "company_disclosed",
        "source": "terms",
    }
    softened["structure"]["segregation"] = [example["structure"]["segregation"], own]
    assert [span(judge(raw)) for raw in (found, hidden, silent, softened)] == ["F..F", "D..F", "D..F", "D..F"]
    assert judge(silent).finding("t2.client_assets_segregated").presumed
