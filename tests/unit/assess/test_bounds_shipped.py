"""Bounds of the verdict of shipped profiles, and what their label says."""

from datetime import date
from time import process_time

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import bounds_of
from checker.assess.assessment import Options
from checker.assess.bounds import TRIALS, Bounds, End, Span
from checker.model.profile import load_profile
from checker.resources import data_path


@pytest.fixture
def found():
    shipped = shipped_rulebook()

    def found(name, day="2026-12-31"):
        profile = load_profile(data_path("profiles", f"{name}.json"), shipped.dictionary, today=date(2026, 12, 31))
        return bounds_of(profile, shipped, Options(day, day))

    return found


def figures(told):
    return (told.grade, told.pattern, *told.traits.values())


class TestShippedProfiles:
    """What the shipped packs leave open, with everything known today."""

    @pytest.mark.parametrize("name", ["ally-bank", "nexo", "superstate-ustb", "gbtc"])
    def test_every_end_is_exact(self, found, name):
        told = found(name)
        assert told.label == "exact"
        assert all(span.best.attained <= span.worst.attained for span in figures(told))

    def test_the_grade_of_celsius_before_its_fall_is_exact(self, found):
        assert found("celsius", "2022-05-31").grade == Span(End(4, 4, 4), End(5, 5, 5))

    def test_two_hundred_unknowns_take_less_than_two_seconds(self, found):
        start = process_time()
        told = found("ally-bank")
        assert told.judged < 2 * TRIALS
        assert process_time() - start < 2

    def test_a_kind_without_a_grade_has_no_bounds(self, found):
        assert found("three-arrows-capital") is None


def test_an_end_that_is_narrower_than_the_rules_say_is_exact_but_not_labelled_so():
    narrower, same = Span(End(0, 1, 1), End(5, 5, 5)), Span(End(0, 0, 0), End(3, 3, 3))
    told = Bounds(narrower, same, {"T1": same}, 1)
    assert (told.exact, told.label) == (True, "per rule")
    assert Bounds(same, same, {}, 1).label == "exact"
