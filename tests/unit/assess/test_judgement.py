"""The quick verdict of a look back is the verdict of the assessment."""

from datetime import date

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.assess.judgement import Judge
from checker.model.finding import Outcome
from checker.model.profile import load_profile
from checker.resources import data_path

CUTS = [
    ("celsius", "2022-05-31"),
    ("nexo", "2022-09-30"),
    ("aave", "2025-10-09"),
    ("fidelity-spaxx", "2025-04-30"),
    ("three-arrows-capital", "2022-06-26"),
    ("celsius", "2017-01-01"),
]


@pytest.mark.parametrize(("name", "day"), CUTS)
@pytest.mark.parametrize("parameters", ["latest", "as-of"])
def test_the_same_verdict_as_the_assessment(name: str, day: str, parameters: str) -> None:
    rulebook = shipped_rulebook()
    profile = load_profile(data_path("profiles", f"{name}.json"), rulebook.dictionary, today=date(2027, 1, 1))
    whole = assess(profile, rulebook, Options(day, day, parameters), version="x")
    told, same = Judge(profile, rulebook).at(date.fromisoformat(day), parameters=parameters)
    assert told.verdict == whole.verdict
    assert same is told
    assert told.fails == tuple(sorted(f.rule for f in whole.findings if f.possible == (Outcome.FAIL,)))


def test_a_rule_left_out_is_nowhere() -> None:
    rulebook = shipped_rulebook()
    profile = load_profile(data_path("profiles", "celsius.json"), rulebook.dictionary, today=date(2027, 1, 1))
    judge = Judge(profile, rulebook)
    told, _ = judge.at(date(2022, 6, 11))
    without = judge.at(date(2022, 6, 11), without=told.verdict.deciding)[1]
    assert not set(without.fails) & set(told.verdict.deciding)
    assert not set(without.verdict.deciding) & set(told.verdict.deciding)
    assert without.verdict.best is not None
    assert told.verdict.best is not None
    assert without.verdict.best <= told.verdict.best
    assert judge.at(date(2022, 6, 11))[0] == told
