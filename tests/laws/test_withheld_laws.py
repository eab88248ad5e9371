"""Laws 1 to 3 of the share of key facts withheld, on random profiles."""

import pytest
from laws.worlds import LONG, direction, hidden, silenced, with_fact, worsened

from checker.engine.coverage import Withheld
from checker.model.interval import OPEN
from checker.model.state import Status

PROFILES = 300 if LONG else 3


def share(worlds, profile, rules, results):
    """The share, given what the rules it rests on say."""
    engine = worlds.engine(profile)

    def status(fact):
        table = worlds.rulebook.dictionary[fact].type == "table"
        return (engine.facts.table(fact, 0) if table else engine.facts.fact(fact, 0)).status

    return Withheld(worlds.rulebook, profile.kind, status, lambda node: OPEN).share(rules, results)


def moves(worlds, rules, profile, engine, rng):
    for definition in worlds.facts[profile.kind]:
        readers = [rule for rule in rules if definition.id in worlds.rulebook.reads[rule.id]]
        if not readers:
            continue
        yield "hide", definition, hidden(profile, definition)
        if not definition.observable:
            yield "silence", definition, silenced(profile, definition)
        history = profile.facts.get(definition.id, ())
        directions = {direction(rule, definition) for rule in readers}
        if definition.type == "table" or len(history) != 1 or len(directions) > 1:
            continue
        if engine.facts.fact(definition.id, 0).status is Status.REPORTED:
            pool = worlds.pool(definition) if definition.type == "number" else []
            value = worsened(definition, directions.pop(), history[0].value, rng, pool)
            if value is not None:
                changed = history[0].model_copy(update={"value": value})
                yield "worsen", definition, with_fact(profile, definition.id, changed)


def test_ignorance_widens_silence_never_pays_and_a_worse_fact_never_helps(worlds):
    mattered = 0
    reads, asked = worlds.rulebook.reads, worlds.rulebook.computed_of
    for index, (rng, profile) in enumerate(worlds.profiles("withheld", PROFILES)):
        rules = [r for r in worlds.rules[profile.kind] if r.severity == "critical" and not asked[r.id]]
        engine = worlds.engine(profile)
        results = {rule.id: worlds.result(engine, rule) for rule in rules}
        before = share(worlds, profile, rules, results)
        for what, definition, moved in moves(worlds, rules, profile, engine, rng):
            other = worlds.engine(moved)
            changed = {r.id: worlds.result(other, r) for r in rules if definition.id in reads[r.id]}
            after = share(worlds, moved, rules, results | changed)
            mattered += after != before
            sound = after.hi >= before.hi and (after.lo <= before.lo if what == "hide" else after.lo >= before.lo)
            if not sound:
                pytest.fail(f"profile {index} ({profile.kind}): to {what} {definition.id} moved {before} to {after}")
    assert mattered > 10 * PROFILES
