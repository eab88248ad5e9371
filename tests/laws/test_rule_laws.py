"""Laws 1 to 3 of single rules, on random profiles and on every case that stands beside the rules."""

from datetime import date
from random import Random

import pytest
from laws.worlds import LONG, Worlds, direction, hidden, silenced, with_fact, worsened

from checker.app import cases
from checker.model.document import Document
from checker.model.finding import Outcome
from checker.model.profile import parse_profile
from checker.model.state import Status

PROFILES = 1500 if LONG else 4
FAIL, WARN = Outcome.FAIL, Outcome.WARN


def names(result):
    return sorted(outcome.name for outcome in result.possible)


def contested(worlds, rule, *engines):
    used = set(worlds.rulebook.metrics_of[rule.id])
    return any(used & worlds.contested(engine) for engine in engines)


def moves(worlds, rules, profile, engine, rng, unstated):
    """Every fact that is read hidden, silenced and worsened, with its rules; `unstated` takes in those never stated.

    A table, a text or an asset that is withheld is open rather than presumed: it has no worst value to try.
    """
    for definition in worlds.facts[profile.kind]:
        readers = [rule for rule in rules if definition.id in worlds.rulebook.reads[rule.id]]
        stated = definition.id in profile.facts or definition.id in profile.tables
        if not readers or not (stated or unstated):
            continue
        yield "hide", readers, definition, hidden(profile, definition)
        if not definition.observable and definition.type not in ("table", "text", "asset"):
            yield "silence", readers, definition, silenced(profile, definition)
        history = profile.facts.get(definition.id, ())
        if (
            len(history) != 1
            or definition.type == "table"
            or engine.facts.fact(definition.id, 0).status is not Status.REPORTED
        ):
            continue
        for worse in sorted({direction(rule, definition) for rule in readers}):
            pool = worlds.pool(definition) if definition.type == "number" else []
            value = worsened(definition, worse, history[0].value, rng, pool)
            if value is not None:
                same = [rule for rule in readers if direction(rule, definition) == worse]
                yield (
                    "worsen",
                    same,
                    definition,
                    with_fact(profile, definition.id, history[0].model_copy(update={"value": value})),
                )


def fault(what, before, after):
    """What a move breaks, or nothing."""
    if what == "hide":
        if after.best > before.best or after.worst < before.worst:
            return "hiding narrows the outcomes"
        if after.best is not FAIL and after.support.best < before.support.best:
            return "hiding weakens the evidence at the best end"
    elif what == "silence":
        least = min(before.best, WARN) if before.rule.silence == "at_least_warn" else before.best
        if after.worst < before.worst:
            return "silence improves the worst end"
        if before.rule.silence != "unobserved" and after.best < least:
            return "silence improves the best end"
    elif after.best < before.best or after.worst < before.worst:
        return "a worse fact improves the outcome"
    return ""


def judged(worlds, profile, rules, rng, label, unstated=True):
    engine = worlds.engine(profile)
    before = {rule.id: worlds.result(engine, rule) for rule in rules}
    count = mattered = 0
    for what, readers, definition, moved in moves(worlds, rules, profile, engine, rng, unstated):
        other = worlds.engine(moved)
        for rule in readers:
            early, late = before[rule.id], worlds.result(other, rule)
            count += 1
            mattered += early.possible != late.possible
            found = fault(what, early, late)
            if found and not contested(worlds, rule, engine, other):
                pytest.fail(f"{label}: {rule.id}, {definition.id}: {found}: {names(early)} became {names(late)}")
    return count, mattered


def test_the_laws_hold_for_every_rule_in_random_profiles(worlds):
    count = mattered = 0
    for index, (rng, profile) in enumerate(worlds.profiles("rules", PROFILES)):
        tried, changed = judged(worlds, profile, worlds.rules[profile.kind], rng, f"profile {index}")
        count, mattered = count + tried, mattered + changed
    assert count > 100 * PROFILES
    assert mattered > 5 * PROFILES


def test_the_laws_hold_for_every_case_beside_the_rules(worlds):
    """Each fact of each case is hidden, silenced and made worse, one by one."""
    rng, count, days = Random(7), 0, {}
    for rule in worlds.rulebook.rules.values():
        if not cases.test_file(rule).exists():
            continue
        for case in cases.read_cases(rule):
            if case.params or "coverage" in str(case.facts):
                continue
            day = date.fromisoformat(case.as_of)
            document = Document(cases.case_profile(case, worlds.rulebook.dictionary), case.file, "", lambda spots: {})
            profile = parse_profile(document, worlds.rulebook.dictionary, today=day)
            if profile.kind in worlds.rules and rule in worlds.rules[profile.kind]:
                at = days.setdefault(day, worlds if day == worlds.day else Worlds(worlds.rulebook, day))
                count += judged(at, profile, [rule], rng, f"{case.file}: {case.name}", False)[0]
    assert count > 1000
