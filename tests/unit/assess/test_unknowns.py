"""Which open fact settles most; and that hiding and silencing facts of real profiles never pays."""

from dataclasses import replace
from datetime import date

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import _Assessor
from checker.assess.assessment import Options
from checker.assess.unknowns import Trial, rank_unknowns
from checker.model.finding import Outcome
from checker.model.profile import FactEntry, Table, load_profile
from checker.model.state import Status
from checker.model.view import View
from checker.resources import data_path

TODAY = date(2026, 12, 31)
CUT = Options("2022-05-31", "2022-05-31")
LONG_AGO = date(2000, 1, 1)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def profile(rulebook):
    return lambda name: load_profile(data_path("profiles", f"{name}.json"), rulebook.dictionary, today=TODAY)


@pytest.fixture(scope="module")
def celsius(profile):
    return profile("celsius")


@pytest.fixture(scope="module")
def ranked(celsius, rulebook):
    return rank_unknowns(celsius, rulebook, CUT)


class Judge(_Assessor):
    """Judges without the printed numbers."""

    def _numbers(self):
        return ()


def ends(profile, rulebook, options=CUT):
    verdict = Judge(profile, rulebook, options, "test").verdict()
    return verdict.best, verdict.worst


class TestRank:
    def test_every_open_question_is_ranked_once(self, celsius, rulebook, ranked):
        assessor = _Assessor(celsius, rulebook, CUT, "test")
        asked = {q.fact for q in assessor.questions([assessor.finding(r) for r in assessor.results.values()])}
        named = [unknown.fact for unknown in ranked]
        assert len(named) == len(set(named)) > 150
        assert asked <= set(named)

    def test_facts_that_can_settle_the_grade_come_first(self, ranked):
        settling = [unknown.settles_grade for unknown in ranked]
        assert settling == sorted(settling, reverse=True)
        assert 0 < sum(settling) < 12

    def test_what_an_answer_settles_is_what_it_settles_when_it_is_in_the_profile(self, celsius, rulebook, ranked):
        """An answer that is tried gives the verdict of the profile with that answer as the platform's own words."""
        yes_or_no = [u for u in ranked if u.worst_answer is not None and isinstance(u.worst_answer.value, bool)][:6]
        assert len(yes_or_no) == 6
        for unknown in yes_or_no:
            for answer in (unknown.best_answer, unknown.worst_answer):
                entry = FactEntry.model_construct(
                    value=answer.value, status=Status.REPORTED, reason="", from_=date(2022, 5, 31), until=None,
                    known_on=date(2022, 5, 31), seen=None, evidence="company_disclosed", source=None, locator="",
                    note="", alleged=False, inferred=(),
                )  # fmt: skip
                told = replace(celsius, facts={**celsius.facts, unknown.fact: (entry,)})
                assert ends(told, rulebook) == (answer.best, answer.worst), unknown.fact

    def test_an_answer_in_own_words_ends_a_presumption(self, celsius, rulebook):
        """Loss-absorbing capital is withheld at this cut and presumed absent; any answer takes the presumption away."""
        trial = Trial(celsius, rulebook, CUT)
        rule = "t2.use_limited"
        assert trial.case.results[rule].presumed
        assert trial.case.results[rule].possible == {Outcome.FAIL}
        told = trial.answer("structure.investment_limits", True)
        assert Outcome.FAIL not in told.outcomes[rule]


class TestCelsius:
    """What the cut of 2022-05-31 asks first is what the examiner's report of January 2023 answered."""

    def test_the_first_questions_were_answered_by_the_examiner(self, celsius, ranked):
        first = [unknown.fact for unknown in ranked[:2]]
        for fact in first:
            later = {e.evidence for e in celsius.facts[fact] if e.known_on and e.known_on > date(2022, 5, 31)}
            assert "examiner" in later, fact
        assert first == ["affiliates.buyback_funded_from", "yield_source.returns_paid_from_deposits"]

    def test_most_of_the_first_six_are_known_today(self, celsius, rulebook, ranked):
        hindsight = View(celsius, rulebook.dictionary, date(2022, 5, 31), TODAY)
        before = View(celsius, rulebook.dictionary, date(2022, 5, 31), date(2022, 5, 31))

        def entries(view, fact):
            if rulebook.dictionary[fact].type == "table":
                return len(view.table(fact).rows)
            return len(view.fact(fact).entries)

        answered = [u.fact for u in ranked[:6] if entries(hindsight, u.fact) > entries(before, u.fact)]
        assert len(answered) >= 4

    def test_merging_those_answers_narrows_the_range(self, celsius, rulebook, ranked):
        asked = {unknown.fact for unknown in ranked[:2]}
        brought_forward = {
            fact: tuple(
                entry.model_copy(update={"known_on": date(2022, 5, 31)}) if fact in asked else entry
                for entry in history
            )
            for fact, history in celsius.facts.items()
        }
        before = ends(celsius, rulebook)
        after = ends(replace(celsius, facts=brought_forward), rulebook)
        assert [grade.name for grade in before] == ["E", "F"]
        assert [grade.name for grade in after] == ["F", "F"]


def without(profile, definition, status):
    entry = FactEntry.model_construct(
        value=None, status=status, reason="", from_=LONG_AGO, until=None, known_on=LONG_AGO, seen=None, evidence=None,
        source=None, locator="", note="", alleged=False, inferred=(),
    )  # fmt: skip
    if definition.type == "table":
        return replace(profile, tables={**profile.tables, definition.id: Table(stated=(entry,))})
    return replace(profile, facts={**profile.facts, definition.id: (entry,)})


@pytest.mark.parametrize(
    ("name", "day"),
    [("celsius", "2022-05-31"), ("ally-bank", "2026-12-31")],
)
def test_hiding_only_widens_and_silencing_only_worsens(profile, rulebook, name, day):
    known, options = profile(name), Options(day, day)
    assessor = _Assessor(known, rulebook, options, "test")
    read = {fact for rule in assessor.rules for fact in assessor.reads(rule)}
    best, worst = ends(known, rulebook, options)
    tried = 0
    for fact in sorted({*known.facts, *known.tables} & read):
        definition = rulebook.dictionary[fact]
        if definition.section == "platform":
            continue
        low, high = ends(without(known, definition, Status.NOT_EXAMINED), rulebook, options)
        assert low <= best, fact
        assert high >= worst, fact
        tried += 1
        if not definition.observable and definition.type not in ("table", "text", "asset"):
            low, high = ends(without(known, definition, Status.NOT_DISCLOSED), rulebook, options)
            assert high >= worst, fact
            assert low >= min(best, 4), fact
    assert tried > 15
