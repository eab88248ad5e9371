"""Platforms side by side: safer only where ranges do not touch, and never a difference of knowledge taken for more."""

import json
from dataclasses import replace
from datetime import date
from itertools import combinations, product

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.compare import compare_profiles
from checker.assess.comparison import Difference, Order, _between, compare, order
from checker.model.errors import InputError, UsageError
from checker.model.finding import Outcome
from checker.resources import data_path

CUT = date(2022, 5, 31)
RANGES = [(lo, hi) for lo in range(6) for hi in range(lo, 6)]
MIRROR = {
    Order.SAFER: Order.RISKIER,
    Order.RISKIER: Order.SAFER,
    Order.NO_WORSE: Order.NO_BETTER,
    Order.NO_BETTER: Order.NO_WORSE,
    Order.SAME: Order.SAME,
    Order.OPEN: Order.OPEN,
    Order.NONE: Order.NONE,
}


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def assessed(name, rulebook, day=CUT):
    return audit_one(data_path("profiles", f"{name}.json"), Settings(date(2099, 1, 1), day, day), rulebook)


@pytest.fixture(scope="module")
def platforms(rulebook):
    return [assessed(name, rulebook) for name in ("celsius", "aave", "voyager", "fidelity-spaxx")]


@pytest.mark.parametrize("first", RANGES)
def test_an_order_says_what_every_pair_of_values_says(first):
    """By brute force over every grade that both ranges leave possible."""
    for second in RANGES:
        pairs = [(a, b) for a in range(first[0], first[1] + 1) for b in range(second[0], second[1] + 1)]
        told = order(first, second)
        assert (told is Order.SAFER) == all(a < b for a, b in pairs)
        assert (told is Order.RISKIER) == all(a > b for a, b in pairs)
        assert (told is Order.SAME) == all(a == b for a, b in pairs)
        if told is Order.NO_WORSE:
            assert all(a <= b for a, b in pairs)
        if told is Order.OPEN:
            assert any(a < b for a, b in pairs)
            assert any(a > b for a, b in pairs)
        assert order(second, first) is MIRROR[told]


def test_without_a_grade_there_is_no_order():
    assert order(None, (0, 0)) is Order.NONE
    assert order((0, 0), None) is Order.NONE


def finding(pattern, possible, *, presumed=False, rumoured=False):
    return replace(pattern, possible=tuple(possible), presumed=presumed, rumoured=rumoured)


def test_a_rule_differs_surely_only_where_no_outcome_is_common(platforms):
    pattern = platforms[0].findings[0]
    harm = {Outcome.NOT_APPLICABLE: 0, Outcome.PASS: 0, Outcome.WARN: 1, Outcome.FAIL: 2}
    sets = [found for count in range(1, 5) for found in combinations(Outcome, count)]
    for first, second in product(sets, sets):
        told = _between(finding(pattern, first), finding(pattern, second))
        apart = not {harm[a] for a in first} & {harm[b] for b in second}
        assert (told is Difference.SURE) == apart
        silent = _between(finding(pattern, first, presumed=True), finding(pattern, second))
        assert (silent is Difference.SILENT) == apart
        assert silent is not Difference.SURE
        assert _between(finding(pattern, first, rumoured=True), finding(pattern, second)) is not Difference.SURE
    assert _between(None, pattern) is Difference.ALONE


def test_every_rule_of_every_platform_stands_once(platforms):
    told = compare(platforms)
    assert sorted(line.rule for line in told.rules) == sorted({f.rule for a in platforms for f in a.findings})
    for line in told.rules:
        for assessment, found in zip(platforms, line.findings, strict=True):
            assert found == next((f for f in assessment.findings if f.rule == line.rule), None)
    counts = [told.pairs[0].rules[why] for why in Difference]
    assert sum(counts) == len({f.rule for a in platforms[:2] for f in a.findings})


def test_sure_differences_come_first(platforms):
    whys = [line.difference for line in compare(platforms).rules]
    assert whys[0] is Difference.SURE
    assert whys == sorted(whys, key=[*Difference].index)


def test_the_order_given_is_kept_and_only_mirrored_by_another(platforms):
    forth, back = compare(platforms[:2]), compare(platforms[1::-1])
    assert [a.name for a in forth.assessments] == [a.name for a in platforms[:2]]
    assert back.pairs[0].grade is MIRROR[forth.pairs[0].grade]
    assert back.pairs[0].rules == forth.pairs[0].rules
    assert {line.rule: line.difference for line in back.rules} == {line.rule: line.difference for line in forth.rules}


def test_a_third_platform_changes_nothing_between_two(platforms):
    """Law 4: no platform changes what is said of others."""
    two, three = compare(platforms[:2]), compare(platforms[:3])
    assert two.pairs[0] == three.pairs[0]


def test_a_platform_beside_itself_differs_in_nothing(platforms):
    pair = compare([platforms[0], platforms[0]]).pairs[0]
    assert {why for why, count in pair.rules.items() if count} <= {Difference.SAME, Difference.BOTH_OPEN}
    assert pair.only_knowledge
    assert pair.flattered is None


def test_less_knowledge_is_said_where_it_keeps_a_better_end_open(platforms):
    """Nobody looked at the fund by this day: it may be better than Celsius, but on less."""
    told = compare([platforms[0], platforms[3]])
    assert told.pairs[0].grade is Order.OPEN
    assert told.pairs[0].flattered == 1
    assert compare([platforms[3], platforms[0]]).pairs[0].flattered == 0


def test_knowing_less_never_makes_a_platform_surely_safer(rulebook, tmp_path):
    """A profile of which facts are struck out is never surely safer than the whole one, by grade or trait."""
    raw = json.loads(data_path("profiles", "celsius.json").read_text(encoding="utf-8"))
    whole = assessed("celsius", rulebook)
    for section in ("terms", "structure", "governance", "disclosure"):
        path = tmp_path / f"{section}.json"
        path.write_text(json.dumps({key: value for key, value in raw.items() if key != section}), encoding="utf-8")
        thin = audit_one(path, Settings(date(2099, 1, 1), CUT, CUT), rulebook)
        pair = compare([whole, thin]).pairs[0]
        assert pair.grade is not Order.RISKIER
        assert Order.RISKIER not in pair.traits.values()
        assert pair.rules[Difference.SURE] == 0


def test_questions_hold_open_a_rule_on_which_they_may_differ(platforms):
    told = compare(platforms[:2])
    open_still = {line.code: line for line in told.rules if line.difference not in (Difference.SAME, Difference.SURE)}
    assert told.questions
    for question in told.questions:
        assert set(question.rules) <= set(open_still)
        assert question.critical == sum(open_still[code].severity == "critical" for code in question.rules)
        for place in question.platforms:
            asked = next(q for q in platforms[place].questions if q.fact == question.fact)
            codes = {platforms[place].finding(rule).code for rule in asked.rules}
            assert codes & set(question.rules)
    ranks = [(-q.critical, -len(q.rules)) for q in told.questions]
    assert ranks == sorted(ranks)


def test_only_one_cut_and_one_rulebook(platforms, rulebook):
    later = assessed("aave", rulebook, date(2022, 6, 30))
    with pytest.raises(ValueError, match="same cut"):
        compare([platforms[0], later])


@pytest.mark.parametrize("count", [1, 7])
def test_two_to_six(platforms, count):
    with pytest.raises(ValueError, match="2 to 6"):
        compare([platforms[0]] * count)


def test_files_are_checked_together(tmp_path, rulebook):
    settings = Settings(date(2099, 1, 1), CUT, CUT)
    celsius = data_path("profiles", "celsius.json")
    with pytest.raises(UsageError, match="named twice"):
        compare_profiles([celsius, celsius.parent / ".." / "profiles" / "celsius.json"], settings, rulebook)
    with pytest.raises(UsageError, match="2 to 6"):
        compare_profiles([celsius], settings, rulebook)
    bad = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in bad:
        path.write_text('{"ddcheck": 1, "platform": {"name": "X", "kind": "castle"}}', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        compare_profiles([celsius, *bad], settings, rulebook)
    assert {fault.file for fault in raised.value.faults} == {str(path) for path in bad}
