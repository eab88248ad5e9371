"""A series gives at every cut what an assessment gives, whatever it took over from other cuts."""

from dataclasses import replace
from datetime import date

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.assess.series import Series
from checker.model.profile import load_profile
from checker.model.strict import knowledge_days
from checker.outputs import words
from checker.resources import data_path

TODAY = date(2026, 11, 22)
FILES = sorted(data_path("profiles").glob("*.json"))


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def held_against(path, rulebook, days, **given):
    """Judges a profile at some days, in this order, and holds each against an assessment of its own."""
    profile = load_profile(path, rulebook.dictionary, today=TODAY)
    options = Options("", "", **given)
    series = Series(profile, rulebook, options)
    for day in days(profile):
        brief = series.at(day, day)
        whole = assess(profile, rulebook, replace(options, as_of=f"{day}", known_by=f"{day}"), version="")
        where = (path.stem, day)
        assert brief.assessment.verdict == whole.verdict, where
        assert words.certain(brief.assessment) == words.certain(whole), where
        for finding in whole.findings:
            result = brief.results[finding.rule]
            assert tuple(sorted(result.possible)) == finding.possible, (*where, finding.rule)
            assert (result.presumed, result.rumoured) == (finding.presumed, finding.rumoured), (*where, finding.rule)
            assert {fact: reason.value for fact, reason in result.open.items()} == dict(finding.open)
    return series


def after_what_is_known(profile):
    """The last days on which something became known, days between them, and long after, when facts have aged."""
    known = knowledge_days(profile)[-3:]
    ahead = [date.fromordinal(day.toordinal() + step) for day in known[-1:] for step in (1, 40)]
    return [*known, *ahead, date.fromordinal(known[-1].toordinal() + 1500)]


@pytest.mark.parametrize("name", ["celsius", "usde-loop", "strategy", "reserve-primary-fund"])
def test_as_an_assessment(name, rulebook):
    series = held_against(data_path("profiles", f"{name}.json"), rulebook, after_what_is_known)
    assert series.reused > 0


def test_the_order_of_the_cuts_changes_nothing(rulebook):
    held_against(data_path("profiles", "anchor.json"), rulebook, lambda p: [*after_what_is_known(p)][::-1])


def test_thresholds_as_of_the_day(rulebook):
    """What was said under one threshold is never taken over under another."""
    days = [date(2014, 12, 31), date(2018, 12, 31), date(2019, 1, 1), date(2022, 5, 31), date(2014, 12, 31)]
    held_against(data_path("profiles", "ally-bank.json"), rulebook, lambda _: days, parameters="as-of")


def test_the_person_who_asks_is_heard(rulebook):
    profile = load_profile(data_path("profiles", "nexo.json"), rulebook.dictionary, today=TODAY)
    day = date(2022, 9, 30)
    told = {}
    for country in ("DE", "US"):
        options = Options("", "", reader={"country": country, "amount": 20000.0})
        told[country] = Series(profile, rulebook, options).at(day, day)
        whole = assess(profile, rulebook, replace(options, as_of=f"{day}", known_by=f"{day}"), version="")
        assert told[country].assessment.verdict == whole.verdict


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_profile_on_every_day_on_which_something_became_known(path, rulebook):
    held_against(path, rulebook, lambda profile: [*knowledge_days(profile), *after_what_is_known(profile)])
