"""The verdict table row by row, and a search for moves that would break its laws."""

import os
from functools import cache
from itertools import product
from random import Random

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.verdict import Leg, RuleEnd, Stop, TraitEnd, trait_end, verdict_end
from checker.model.finding import Grade, Outcome

NA, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
A, B, C, D, E, F = Grade
TRAITS = ("T1", "T2", "T3", "T4")
MOVES = 3_000_000 if os.environ.get("DDCHECK_HYPOTHESIS") == "long" else 200_000


@cache
def scheme():
    return shipped_rulebook().scheme


def rule(outcome=PASS, severity="minor", group="C", **how):
    return RuleEnd(outcome, severity, group, **how)


def harm(name, count, outcome, *, skip=(), **how):
    """So many rules of a trait's harm leg at one outcome; `skip` leaves out rules that share their facts."""
    ids = [id for id in scheme().traits[name].harm if id not in skip][:count]
    return {id: rule(outcome, group=name, **how) for id in ids}


def end(levels, *, best=False, presumed=0, **others):
    """One end for the given trait levels, reached by minor rules so that no cap interferes.

    Level 1 is the structure alone, 2 a failing rule without the structure, 3 both; so many level 3 rest on silence.
    """
    legs, rules = {}, {}
    for index, (name, level) in enumerate(zip(TRAITS, levels, strict=True)):
        legs[name] = Leg(level in (1, 3))
        if level >= 2:
            rules |= harm(name, 1, FAIL, presumed=index < presumed)
    rules |= others
    return verdict_end(scheme(), legs, rules, best=best)


def grade(*levels, **how):
    return end(levels, **how).grade


class TestLevels:
    @pytest.mark.parametrize(
        ("structure", "fails", "warns", "level"),
        [
            (False, 0, 0, 0),
            (False, 0, 3, 0),
            (True, 0, 0, 1),
            (True, 0, 1, 1),
            (True, 0, 2, 2),
            (True, 0, 3, 2),
            (False, 1, 0, 2),
            (False, 2, 2, 2),
            (True, 1, 0, 3),
            (True, 2, 1, 3),
        ],
    )
    def test_a_row_of_the_level_table(self, structure, fails, warns, level):
        ids = scheme().traits["T2"].harm
        rules = {id: rule(FAIL) for id in ids[:fails]} | {id: rule(WARN) for id in ids[fails : fails + warns]}
        assert trait_end(scheme(), scheme().traits["T2"], Leg(structure), rules).level == level

    @pytest.mark.parametrize("name", TRAITS)
    def test_every_combination_has_the_level_that_the_table_says(self, name):
        trait = scheme().traits[name]
        apart = [id for id in trait.harm if not any(id in group for group in trait.shared)][:3]
        for outcomes, structure in product(product((NA, PASS, WARN, FAIL), repeat=3), (False, True)):
            rules = {id: rule(outcome) for id, outcome in zip(apart, outcomes, strict=True)}
            f, w = outcomes.count(FAIL), outcomes.count(WARN)
            level = 3 if structure and f else 2 if f or (structure and w >= 2) else 1 if structure else 0
            assert trait_end(scheme(), trait, Leg(structure), rules).level == level, (outcomes, structure)

    def test_warnings_of_rules_that_share_their_facts_count_once(self):
        trait = scheme().traits["T3"]
        shared = {id: rule(WARN) for id in ("t3.liquid_1d", "t3.liquid_7d", "t3.lcr_30d")}
        assert trait_end(scheme(), trait, Leg(True), shared).level == 1
        assert trait_end(scheme(), trait, Leg(True), shared | {"t3.outflow": rule(WARN)}).level == 2

    def test_a_rule_that_is_not_loaded_takes_no_part(self):
        assert trait_end(scheme(), scheme().traits["T1"], Leg(True), {}) == TraitEnd(1, True, (), (), False)

    @pytest.mark.parametrize(
        ("leg", "first", "second", "presumed"),
        [
            (False, True, True, True),
            (False, True, False, False),
            (True, False, False, True),
            (False, False, False, False),
        ],
    )
    def test_a_level_rests_on_silence_if_its_structure_or_all_its_failures_do(self, leg, first, second, presumed):
        ids = scheme().traits["T2"].harm
        rules = {ids[0]: rule(FAIL, presumed=first), ids[1]: rule(FAIL, presumed=second)}
        assert trait_end(scheme(), scheme().traits["T2"], Leg(True, leg), rules).presumed is presumed


class TestPatterns:
    def test_every_combination_of_levels_has_the_pattern_and_grade_that_the_table_says(self):
        for levels in product(range(4), repeat=4):
            k3, k2, k1 = (sum(level >= least for level in levels) for least in (3, 2, 1))
            if k3 == 4:
                expected = ("V5", F)
            elif k3 == 3 and k1 == 4:
                expected = ("V4", E)
            elif k3 >= 2:
                expected = ("V3", D)
            elif k3 == 1 or k2 >= 2:
                expected = ("V2", C)
            elif k1:
                expected = ("V1", B if 2 in levels else A)
            else:
                expected = ("V0", A)
            found = end(levels)
            assert (found.pattern, found.uncapped) == expected, levels
            assert found.grade == expected[1]

    def test_structure_alone_is_an_a_until_a_harm_rule_warns(self):
        assert grade(1, 1, 1, 1) is A
        assert grade(1, 1, 1, 1, **harm("T2", 1, WARN)) is B

    @pytest.mark.parametrize(("presumed", "best"), [(0, F), (1, F), (2, E), (3, E), (4, E)])
    def test_the_full_pattern_needs_three_traits_on_evidence_for_its_best_end(self, presumed, best):
        assert grade(3, 3, 3, 3, best=True, presumed=presumed) is best
        assert grade(3, 3, 3, 3, best=False, presumed=presumed) is F


class TestCaps:
    @pytest.mark.parametrize(
        ("rules", "cap"),
        [
            ([(FAIL, "critical", "C")], D),
            ([(FAIL, "critical", "T2")], D),
            ([(FAIL, "critical", "C"), (FAIL, "critical", "C")], D),
            ([(FAIL, "critical", "C"), (FAIL, "critical", "G")], E),
            ([(FAIL, "critical", "C"), (FAIL, "critical", "T3")], D),
            ([(FAIL, "critical", "T1"), (FAIL, "critical", "T2"), (FAIL, "critical", "T3")], D),
            ([(FAIL, "major", "C")], C),
            ([(FAIL, "major", "C"), (FAIL, "major", "G")], C),
            ([(FAIL, "minor", "C")], A),
            ([(WARN, "critical", "C")], B),
            ([(WARN, "major", "C")], B),
            ([(WARN, "minor", "C")], A),
            ([(NA, "critical", "C")], A),
            ([(PASS, "critical", "C")], A),
        ],
    )
    def test_a_cap(self, rules, cap):
        named = {f"x.{index}": rule(*how) for index, how in enumerate(rules)}
        assert grade(0, 0, 0, 0, **named) is cap

    @pytest.mark.parametrize(("evidence", "cap"), [(0, D), (1, C), (2, B), (3, A), (4, A), (None, A)])
    @pytest.mark.parametrize("outcome", [NA, PASS, WARN])
    def test_weak_evidence_behind_a_critical_rule_that_does_not_fail(self, outcome, evidence, cap):
        found = grade(0, 0, 0, 0, **{"x.a": rule(outcome, "critical", evidence=evidence)})
        assert found is max(cap, B if outcome is WARN else A)

    def test_the_weakest_evidence_counts(self):
        rules = {"x.a": rule(PASS, "critical", evidence=4), "x.b": rule(PASS, "critical", evidence=2)}
        found = end((0, 0, 0, 0), **rules)
        assert (found.grade, found.deciding) == (B, ("x.b",))

    @pytest.mark.parametrize("how", [(FAIL, "critical"), (PASS, "major"), (PASS, "minor")])
    def test_weak_evidence_behind_a_failure_or_a_lesser_rule_caps_nothing(self, how):
        assert not [c for c in end((0, 0, 0, 0), **{"x.a": rule(*how, evidence=0)}).constraints if "evidence" in c.kind]

    @pytest.mark.parametrize(
        ("stop", "best", "worst"), [(Stop.PROVED, F, F), (Stop.PRESUMED, E, F), (Stop.ALLEGED, D, D), (None, A, A)]
    )
    def test_a_stop(self, stop, best, worst):
        harmless = set(scheme().stops.rules) - {id for trait in scheme().traits.values() for id in trait.harm}
        named = {min(harmless): rule(FAIL, "minor", stop=stop)}
        assert end((0, 0, 0, 0), best=True, **named).grade is best
        assert end((0, 0, 0, 0), best=False, **named).grade is worst

    def test_a_stop_counts_only_for_the_rules_that_may_stop(self):
        assert grade(0, 0, 0, 0, **{"x.a": rule(FAIL, "minor", stop=Stop.PROVED)}) is A

    def test_the_worst_limit_decides_and_the_uncapped_grade_is_kept(self):
        found = end((1, 0, 0, 0), **{"x.a": rule(FAIL, "critical"), "x.b": rule(FAIL, "major")})
        assert (found.grade, found.uncapped, found.deciding) == (D, A, ("x.a",))

    def test_rules_that_carry_the_pattern_decide_it(self):
        found = end((3, 3, 0, 0))
        assert found.grade is D
        assert found.deciding == tuple(sorted((scheme().traits["T1"].harm[0], scheme().traits["T2"].harm[0])))


# ------------------------------------------------------------------------------------------------------- the search

POLICIES = ("fail", "at_least_warn", "unobserved")
STOPS = (None, Stop.ALLEGED, Stop.PROVED)


class World:
    """Four legs and a dozen rules, each decided, open or silent; the two ends follow as the engine would give them."""

    def __init__(self, rng):
        table = scheme()
        self.rng = rng
        self.legs = {name: rng.choice((False, True, True, "open", "silent")) for name in TRAITS}
        self.rules, self.states = {}, {}
        for name in TRAITS:
            for id in rng.sample(table.traits[name].harm, 2):
                self.add(id, name)
        for id in ("c.x", "g.y", "r.z", rng.choice(table.stops.rules)):
            self.add(id, id[0].upper())

    def add(self, id, group):
        rng = self.rng
        self.rules[id] = (
            rng.choice(("critical", "major", "minor")),
            group,
            rng.choice(POLICIES),
            id in scheme().stops.rules,
        )
        self.states[id] = rng.choice((self.decided(id), self.decided(id), self.decided(id), "open", "silent"))

    def decided(self, id):
        outcome = self.rng.choice((NA, PASS, PASS, WARN, FAIL))
        stop = self.rng.choice(STOPS) if outcome is FAIL and self.rules[id][3] else None
        return (outcome, self.rng.choice((1, 2, 3, 4, 4, 4, 4)), stop)

    def rule_end(self, id, state, best):
        severity, group, policy, may_stop = self.rules[id]
        if state == "silent" and policy != "unobserved":
            if policy == "fail":
                return RuleEnd(FAIL, severity, group, True, Stop.PRESUMED if may_stop else None, 1 if best else 0)
            if best:
                return RuleEnd(WARN, severity, group, False, None, 1)
            return RuleEnd(FAIL, severity, group, True, Stop.PROVED if may_stop else None, 0)
        if isinstance(state, str):
            if best:
                return RuleEnd(PASS, severity, group, False, None, 4 if state == "open" else 1)
            return RuleEnd(FAIL, severity, group, False, Stop.PROVED if may_stop else None, 0)
        outcome, evidence, stop = state
        return RuleEnd(outcome, severity, group, False, stop, evidence)

    @staticmethod
    def leg_end(state, best):
        if state == "silent":
            return Leg(True, True)
        return Leg(not best if state == "open" else state)

    def start(self):
        self.ends = {
            best: (
                {name: self.leg_end(state, best) for name, state in self.legs.items()},
                {id: self.rule_end(id, state, best) for id, state in self.states.items()},
            )
            for best in (True, False)
        }
        return self.grades()

    def grades(self):
        return tuple(verdict_end(scheme(), *self.ends[best], best=best).grade for best in (True, False))

    def with_leg(self, name, state):
        kept = [self.ends[best][0][name] for best in (True, False)]
        for best in (True, False):
            self.ends[best][0][name] = self.leg_end(state, best)
        found = self.grades()
        self.ends[True][0][name], self.ends[False][0][name] = kept
        return found

    def with_rule(self, id, state):
        kept = [self.ends[best][1][id] for best in (True, False)]
        for best in (True, False):
            self.ends[best][1][id] = self.rule_end(id, state, best)
        found = self.grades()
        self.ends[True][1][id], self.ends[False][1][id] = kept
        return found

    def worsenings(self, id):
        state = self.states[id]
        if state == "silent" and self.rules[id][2] == "fail":
            return [(FAIL, 4, Stop.PROVED if self.rules[id][3] else None)]
        if isinstance(state, str):
            return []
        outcome, evidence, stop = state
        found = [(worse, evidence, None) for worse in (PASS, WARN, FAIL) if worse > outcome]
        found += [(outcome, evidence - 1, stop)] if evidence > 1 else []
        if outcome is FAIL and self.rules[id][3]:
            found += [(outcome, evidence, worse) for worse in STOPS[STOPS.index(stop) + 1 :]]
        return found


def broken(world):
    """The moves of one world that break a law, and how many moves were tried."""
    best, worst = world.start()
    faults, moves = [], 1
    if worst < best:
        faults.append(("ends", world.states))

    def check(law, what, found, low, high):
        nonlocal moves
        moves += 1
        if not (low[0] <= found[0] <= high[0] and low[1] <= found[1] <= high[1]) or found[1] < found[0]:
            faults.append((law, what, (best, worst), found, world.legs, world.states, world.rules))

    for name, state in world.legs.items():
        if state is False:
            check("monotone", name, world.with_leg(name, True), (best, worst), (F, F))
        if state == "silent":
            check("monotone", name, world.with_leg(name, True), (best, worst), (F, F))
        if state != "open":
            check("ignorance widens", name, world.with_leg(name, "open"), (A, worst), (best, F))
        if state != "silent":
            check("silence never pays", name, world.with_leg(name, "silent"), (min(best, E), worst), (F, F))
    for id, state in world.states.items():
        policy = world.rules[id][2]
        for worse in world.worsenings(id):
            check("monotone", (id, worse), world.with_rule(id, worse), (best, worst), (F, F))
        if state != "open":
            check("ignorance widens", id, world.with_rule(id, "open"), (A, worst), (best, F))
        if state != "silent":
            floor = min(best, E)
            if policy == "unobserved":
                floor = A
            elif policy == "at_least_warn" and not isinstance(state, str) and state[0] is FAIL:
                floor = min(floor, world.with_rule(id, (WARN, state[1], None))[0])
            check("silence never pays", id, world.with_rule(id, "silent"), (floor, worst), (F, F))
    return faults, moves


def test_no_move_in_random_worlds_breaks_a_law():
    rng, moves, count = Random(20220531), 0, 0
    while moves < MOVES:
        faults, tried = broken(World(rng))
        assert not faults, faults[0]
        moves, count = moves + tried, count + 1
    assert count > MOVES / 100


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("stops", "presumed_best", "A"),
        ("stops", "grade", "C"),
        ("caps", "critical_fail", "A"),
        ("caps", "major_fail", "A"),
    ],
)
def test_the_search_finds_a_table_with_a_fault(monkeypatch, part, key, value):
    """So a search without finds means something."""
    table = scheme()
    bad = table.model_copy(update={part: getattr(table, part).model_copy(update={key: value})})
    monkeypatch.setitem(globals(), "scheme", lambda: bad)
    assert any(broken(World(Random(seed)))[0] for seed in range(2000))
