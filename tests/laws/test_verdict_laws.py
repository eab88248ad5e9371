"""Laws 1 to 3 of the whole way, from random profiles to grades and coverage.

Outside them are facts that tell one quantity twice where the tellings contradict each other, or where one telling is
presumed or rumoured: whichever is hidden, the other then speaks alone. They are left out only when a move breaks a law.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace

import pytest
from laws.worlds import GRADED, LONG, Worlds, direction, hidden, silenced, with_fact, worsened

from checker.assess.assess import _Assessor
from checker.assess.assessment import Options, Verdict
from checker.engine.rules import RuleEngine, RuleResult
from checker.model.dictionary import FactDef
from checker.model.finding import Grade, Outcome
from checker.model.profile import Profile
from checker.model.state import Status
from checker.packs.rulebook import Rule

PROFILES = 3000 if LONG else 18
MOVES = 12


class _Reusing:
    """An engine that judges again only the rules that read one fact, or an input computed from all facts."""

    def __init__(self, engine: RuleEngine, before: _Assessor, fact: str) -> None:
        self.engine, self.before, self.fact = engine, before, fact

    def evaluate(self, rule: Rule, reads: Iterable[str]) -> RuleResult:
        again = self.fact in reads or self.before.rulebook.computed_of[rule.id]
        return self.engine.evaluate(rule, reads) if again else self.before.results[rule.id]

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


class Judge:
    """Grades profiles on the day of the worlds, and profiles that differ from another in one fact."""

    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds
        day = worlds.day.isoformat()
        self.options = Options(day, day)

    def assessor(self, profile: Profile) -> _Assessor:
        return _Assessor(profile, self.worlds.rulebook, self.options, "test")

    def after(self, before: _Assessor, profile: Profile, fact: str) -> _Assessor:
        """The assessor of a profile that differs in one fact: only rules that read it are judged again."""
        moved = copy(before)
        moved.profile, moved.engine = profile, self.worlds.engine(profile)
        moved.cut = moved.engine.facts
        moved.view = moved.cut.view
        moved.engine = _Reusing(moved.engine, before, fact)
        moved.results = moved._judged()
        return moved

    def contested(self, fact: str, *assessors: _Assessor) -> bool:
        metrics = {metric for assessor in assessors for metric in self.worlds.contested(assessor.engine)}
        return any(fact in self.worlds.told_by[metric] for metric in metrics)


@pytest.fixture(scope="module")
def judge(worlds):
    return Judge(worlds)


def agreeing(worlds: Worlds, kind: str) -> list[FactDef]:
    """Facts whose direction is the same in every rule of the kind that reads them."""
    return [
        definition
        for definition in worlds.facts[kind]
        if definition.worse != "none"
        and all(
            direction(rule, definition) == definition.worse
            for rule in worlds.rules[kind]
            if definition.id in worlds.rulebook.reads[rule.id]
        )
    ]


def drawn(worlds: Worlds, seed: str, facts):
    """Profiles of every kind, each with a few facts to move."""
    for index, (rng, _) in enumerate(worlds.profiles(seed, PROFILES)):
        kind = GRADED[index % len(GRADED)]
        worlds.lean = rng.choice((0.0, 0.9, 0.97, 0.99))
        profile = worlds.profile(rng, kind=kind, plain=index % 3 == 0, known=1.0 if index % 2 else None)
        candidates = [d for d in facts(kind) if d.id in profile.facts or d.id in profile.tables]
        worlds.lean = 0.0
        yield rng, profile, rng.sample(candidates, min(MOVES, len(candidates)))


def shown(fact: str, before: Verdict, after: Verdict) -> str:
    return f"{fact}: {before.best.name}..{before.worst.name} became {after.best.name}..{after.worst.name}"


def test_a_worse_fact_never_improves_a_grade_or_a_level(worlds, judge):
    moved = mattered = 0
    for rng, profile, facts in drawn(worlds, "law 1", lambda kind: agreeing(worlds, kind)):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            history = profile.facts[definition.id]
            if len(history) != 1 or before.view.fact(definition.id).status is not Status.REPORTED:
                continue
            pool = worlds.pool(definition) if definition.type == "number" else []
            value = worsened(definition, definition.worse, history[0].value, rng, pool)
            if value is None:
                continue
            worse = with_fact(profile, definition.id, history[0].model_copy(update={"value": value}))
            after = judge.after(before, worse, definition.id)
            result = after.verdict()
            moved += 1
            mattered += (result.best, result.worst, result.traits) != (verdict.best, verdict.worst, verdict.traits)
            falls = result.best < verdict.best or result.worst < verdict.worst
            falls |= any(
                late.best < early.best or late.worst < early.worst
                for early, late in zip(verdict.traits, result.traits, strict=True)
            )
            assert not falls or judge.contested(definition.id, before, after), shown(definition.id, verdict, result)
    assert moved > 3 * PROFILES
    assert mattered >= PROFILES / 9


def test_hiding_a_fact_never_narrows_the_range_nor_raises_coverage(worlds, judge):
    moved = mattered = 0
    for _, profile, facts in drawn(worlds, "law 2", lambda kind: worlds.facts[kind]):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            after = judge.after(before, hidden(profile, definition), definition.id)
            result = after.verdict()
            moved += 1
            mattered += (result.best, result.worst) != (verdict.best, verdict.worst)
            broken = (
                result.best > verdict.best
                or result.worst < verdict.worst
                or result.coverage.all > verdict.coverage.all
                or result.coverage.critical > verdict.coverage.critical
                or result.coverage.not_examined < verdict.coverage.not_examined
            )
            assert not broken or judge.contested(definition.id, before, after), (
                shown(definition.id, verdict, result), verdict.coverage, result.coverage,
            )  # fmt: skip
    assert moved > 5 * PROFILES
    assert mattered >= PROFILES / 9


def test_silence_never_pays(worlds, judge):
    """The best end moves at most from F to E, or, where a rule says at_least_warn, to what a WARN gives.

    A table, a text or an asset that is withheld is open rather than presumed: only its worst end is held here.
    """
    moved = mattered = 0
    for _, profile, facts in drawn(worlds, "law 3", lambda kind: [d for d in worlds.facts[kind] if not d.observable]):
        before = judge.assessor(profile)
        verdict = before.verdict()
        for definition in facts:
            after = judge.after(before, silenced(profile, definition), definition.id)
            result = after.verdict()
            moved += 1
            mattered += (result.best, result.worst) != (verdict.best, verdict.worst)
            least = (
                Grade.A if definition.type in ("table", "text", "asset") else min(_floor(before, definition), Grade.E)
            )
            broken = result.worst < verdict.worst or result.best < least
            assert not broken or judge.contested(definition.id, before), shown(definition.id, verdict, result)
    assert moved > 3 * PROFILES
    assert mattered >= PROFILES / 9


def _floor(before: _Assessor, definition: FactDef) -> Grade:
    """The best end if every at_least_warn rule that fails and reads the fact would only warn."""
    softer = copy(before)
    softer.results = {
        id: replace(result, possible=frozenset({Outcome.WARN}))
        if definition.id in before.reads(result.rule)
        and result.rule.silence == "at_least_warn"
        and result.best is Outcome.FAIL
        else result
        for id, result in before.results.items()
    }
    return softer.ends(before.legs())[0].grade
