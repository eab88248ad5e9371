"""The laws of the whole way, from random profiles to grades."""

from dataclasses import replace

import pytest
from laws.worlds import GRADED, LONG, Worlds, direction, hidden, silenced, with_fact, worsened

from checker.assess.assess import _Assessor
from checker.assess.assessment import Options, Verdict
from checker.model.dictionary import FactDef
from checker.model.finding import Grade, Outcome
from checker.model.profile import Profile
from checker.model.state import Status

PROFILES = 3000 if LONG else 90
MOVES = 6


class Judge:
    """Grades profiles on the day of the worlds."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        day = worlds.day.isoformat()
        self.options = Options(day, day)

    def assessor(self, profile: Profile) -> _Assessor:
        return _Assessor(profile, self.worlds.rulebook, self.options, "test")

    def verdict(self, profile: Profile) -> Verdict:
        return self.assessor(profile).verdict()

    def contested(self, *assessors: _Assessor) -> set[str]:
        """Facts that tell a quantity about which tellings, presumption or hearsay contradict each other."""
        found: set[str] = set()
        for assessor in assessors:
            for metric in self.worlds.contested(assessor.engine):
                found |= self.worlds.told_by[metric]
        return found


@pytest.fixture(scope="module")
def judge(worlds):
    return Judge(worlds)


def agreeing(worlds: Worlds, kind: str) -> list[FactDef]:
    """Facts whose direction is the same in every rule that reads them."""
    found = []
    for definition in worlds.facts[kind]:
        rules = [rule for rule in worlds.rules[kind] if definition.id in worlds.rulebook.reads[rule.id]]
        if definition.worse != "none" and all(direction(rule, definition) == definition.worse for rule in rules):
            found.append(definition)
    return found


def drawn(worlds: Worlds, seed: str, facts, count=PROFILES):
    """Profiles, each with a few facts to move."""
    for index, (rng, profile) in enumerate(worlds.profiles(seed, count)):
        kind = GRADED[index % len(GRADED)]
        profile = worlds.profile(rng, kind=kind)
        candidates = facts(kind, profile)
        yield rng, profile, rng.sample(candidates, min(MOVES, len(candidates)))


def shown(fact: str, before: Verdict, after: Verdict) -> str:
    return f"{fact}: {before.best.name}..{before.worst.name} became {after.best.name}..{after.worst.name}"


def told(worlds):
    def facts(kind, profile):
        return [d for d in worlds.facts[kind] if d.id in profile.facts or d.id in profile.tables]

    return facts


def test_a_worse_fact_never_improves_a_grade_or_a_level(worlds, judge):
    moved = 0
    for rng, profile, facts in drawn(worlds, "law 1", lambda kind, _: agreeing(worlds, kind)):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            history = profile.facts.get(definition.id, ())
            if len(history) != 1 or before.view.fact(definition.id).status is not Status.REPORTED:
                continue
            pool = worlds.pool(definition) if definition.type == "number" else []
            value = worsened(definition, definition.worse, history[0].value, rng, pool)
            if value is None:
                continue
            worse = with_fact(profile, definition.id, history[0].model_copy(update={"value": value}))
            after = judge.assessor(worse)
            if definition.id in judge.contested(before, after):
                continue
            result = after.verdict()
            moved += 1
            assert result.best >= verdict.best, shown(definition.id, verdict, result)
            assert result.worst >= verdict.worst, shown(definition.id, verdict, result)
            for low, high in zip(verdict.traits, result.traits, strict=True):
                assert high.best >= low.best, (definition.id, low, high)
                assert high.worst >= low.worst, (definition.id, low, high)
    assert moved > PROFILES


def test_hiding_a_fact_never_narrows_the_range_nor_raises_coverage(worlds, judge):
    moved = 0
    for _, profile, facts in drawn(worlds, "law 2", told(worlds)):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            after = judge.assessor(hidden(profile, definition))
            if definition.id in judge.contested(before, after):
                continue
            result = after.verdict()
            moved += 1
            assert result.best <= verdict.best, shown(definition.id, verdict, result)
            assert result.worst >= verdict.worst, shown(definition.id, verdict, result)
            assert result.coverage.all <= verdict.coverage.all, definition.id
            assert result.coverage.critical <= verdict.coverage.critical, definition.id
            assert result.coverage.not_examined >= verdict.coverage.not_examined, definition.id
    assert moved > PROFILES


def test_silence_never_pays(worlds, judge):
    """The best end moves at most from F to E, or, where a rule says at_least_warn, to what a WARN gives."""
    moved = 0
    for _, profile, facts in drawn(worlds, "law 3", told(worlds)):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            if definition.observable:
                continue
            after = judge.assessor(silenced(profile, definition))
            if definition.id in judge.contested(before) - judge_told_silent(worlds, definition, before):
                continue
            result = after.verdict()
            moved += 1
            assert result.worst >= verdict.worst, shown(definition.id, verdict, result)
            assert result.best >= min(floor(before, definition), Grade.E), shown(definition.id, verdict, result)
    assert moved > PROFILES


def judge_told_silent(worlds, definition, before):
    return set()


def floor(before: _Assessor, definition: FactDef) -> Grade:
    """The best end when every at_least_warn rule that reads the fact and fails would only warn."""
    kept = dict(before.results)
    for id, result in before.results.items():
        reads = definition.id in before.reads(result.rule)
        if reads and result.rule.silence == "at_least_warn" and result.best is Outcome.FAIL:
            before.results[id] = replace(result, possible=frozenset({Outcome.WARN}))
    try:
        return before.ends(before.legs())[0].grade
    finally:
        before.results.clear()
        before.results.update(kept)
