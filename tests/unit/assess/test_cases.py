"""The nearest past cases: a measure that can be redone by hand, nothing that came after the cut, never oneself."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.backtest import cases_text, shipped_outcomes
from checker.app.outcomes import read_outcomes
from checker.assess.cases import FAR, MOST_STEPS, nearest_cases, steps_apart
from checker.model.errors import InputError
from checker.model.finding import Outcome
from checker.packs.cases import CaseFile, load_cases
from checker.resources import data_path

SHIPPED = load_cases(data_path("rules", "backtest", "cases.yaml"))
RANGES = [(lo, hi) for lo, hi in product(range(4), range(4)) if lo <= hi]
CUT = date(2022, 11, 1)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def blockfi(rulebook):
    return audit_one(data_path("profiles") / "blockfi.json", Settings(date(2099, 1, 1), CUT, CUT), rulebook)


def case(**told):
    plain = {
        "profile": "other",
        "name": "Other",
        "kind": "cefi_lender",
        "day": date(2020, 1, 1),
        "label": "failed",
        "ended": date(2020, 1, 2),
        "traits": {"T1": (3, 3), "T2": (3, 3), "T3": (3, 3), "T4": (3, 3)},
        "best": "F",
        "worst": "F",
        "critical": 0.5,
        "fails": (),
        "warns": (),
        "applying": (),
    }
    dated = {key: value.isoformat() if isinstance(value, date) else value for key, value in (plain | told).items()}
    return CaseFile(**dated)


def with_levels(assessment, **levels):
    traits = tuple(
        replace(trait, best=levels[trait.id][0], worst=levels[trait.id][1]) for trait in assessment.verdict.traits
    )
    return replace(assessment, verdict=replace(assessment.verdict, traits=traits))


ALL = {"T1": (3, 3), "T2": (3, 3), "T3": (3, 3), "T4": (3, 3)}


@pytest.mark.parametrize("one", RANGES)
@pytest.mark.parametrize("other", RANGES)
def test_steps_are_the_least_and_greatest_difference_of_what_is_possible(one, other):
    differences = [abs(here - there) for here in range(one[0], one[1] + 1) for there in range(other[0], other[1] + 1)]
    assert steps_apart(one, other) == (min(differences), max(differences))


def test_knowing_less_never_brings_a_case_nearer():
    for wide, narrow, other in product(RANGES, RANGES, RANGES):
        if wide[0] <= narrow[0] and narrow[1] <= wide[1]:
            least, most = steps_apart(narrow, other)
            vague = steps_apart(wide, other)
            assert vague[0] <= least
            assert vague[1] >= most


def test_two_platforms_that_nobody_looked_at_are_not_alike(blockfi):
    unknown = dict.fromkeys(ALL, (0, 3))
    assert nearest_cases(with_levels(blockfi, **unknown), [case(traits=unknown)]) == ()


def test_the_distance_adds_up_over_the_traits_and_a_far_case_is_left_out(blockfi):
    here = with_levels(blockfi, **ALL)
    (found,) = nearest_cases(here, [case(traits={"T1": (3, 3), "T2": (1, 3), "T3": (2, 2), "T4": (0, 1)})])
    assert (found.least, found.most) == (0 + 0 + 1 + 2, 0 + 2 + 1 + 3)
    assert found.most == FAR
    assert found.alike == (("T1", 3),)
    assert [(apart.trait, apart.here, apart.there) for apart in found.apart] == [
        ("T2", (3, 3), (1, 3)),
        ("T3", (3, 3), (2, 2)),
        ("T4", (3, 3), (0, 1)),
    ]
    assert nearest_cases(here, [case(traits={"T1": (2, 3), "T2": (1, 3), "T3": (2, 2), "T4": (0, 1)})]) == ()
    assert 3 * len(ALL) == MOST_STEPS


def test_the_same_kind_comes_first_then_the_nearest_then_the_more_alike(blockfi):
    here = with_levels(blockfi, **ALL)
    fails = tuple(sorted(f.rule for f in blockfi.findings if f.possible == (Outcome.FAIL,)))
    one_off = ALL | {"T1": (2, 2)}
    cases = [
        case(profile="kind", kind="p2p"),
        case(profile="off", traits=one_off),
        case(profile="alike", fails=fails[:2], applying=fails),
        case(profile="near"),
    ]
    assert [found.case.profile for found in nearest_cases(here, cases, most=9)] == ["alike", "near", "off", "kind"]
    assert len(nearest_cases(here, cases, most=2)) == 2


def test_what_fails_in_both_and_in_one_is_told_of_rules_that_apply_to_both(blockfi):
    fails = sorted(f.rule for f in blockfi.findings if f.possible == (Outcome.FAIL,))
    others = sorted(f.rule for f in blockfi.findings if f.outcome is not Outcome.NOT_APPLICABLE and f.rule not in fails)
    both, here, not_asked = fails[:3]
    told = case(fails=(both, others[0], "zz.not_of_this_kind"), applying=(both, here, others[0], "zz.not_of_this_kind"))
    (found,) = nearest_cases(with_levels(blockfi, **ALL), [told])
    assert found.shared == (both,)
    assert found.only_here == (here,)
    assert not_asked not in found.only_here
    assert found.only_there == (others[0],)


@pytest.mark.parametrize("days", [0, 1])
def test_an_outcome_after_the_cut_is_withheld(blockfi, days):
    told = case(ended=CUT + timedelta(days), day=date(2022, 1, 1))
    assert len(nearest_cases(with_levels(blockfi, **ALL), [told])) == (1 if days == 0 else 0)


def test_no_shipped_case_is_told_before_its_end(blockfi):
    for year in range(2007, 2027):
        cut = date(year, 6, 30)
        options = replace(blockfi.options, known_by=cut.isoformat(), as_of=cut.isoformat())
        for found in nearest_cases(replace(blockfi, options=options), SHIPPED, most=99):
            assert found.case.day <= found.case.ended <= cut


def test_a_platform_does_not_resemble_itself(blockfi):
    here = with_levels(blockfi, **ALL)
    assert nearest_cases(here, [case(profile="mine")], profile="mine") == ()
    assert nearest_cases(here, [case(name=blockfi.name.upper())]) == ()
    assert all(found.case.profile != "blockfi" for found in nearest_cases(here, SHIPPED, most=99))


def test_a_platform_judged_on_many_days_is_told_once_on_its_nearest(blockfi):
    days = [case(day=date(2019, 1, day), traits=ALL | {"T1": (3 - day % 3, 3)}) for day in (1, 2, 3)]
    (found,) = nearest_cases(with_levels(blockfi, **ALL), days)
    assert found.case.day == date(2019, 1, 3)


def test_a_kind_without_traits_resembles_nothing(rulebook):
    day = date(2026, 10, 1)
    strategy = audit_one(data_path("profiles") / "strategy.json", Settings(day, day, day), rulebook)
    assert not strategy.verdict.traits
    assert nearest_cases(strategy, SHIPPED) == ()


def test_the_shipped_cases_are_the_corpus_with_its_outcomes(rulebook):
    told = read_outcomes(shipped_outcomes()).cases
    for found in SHIPPED:
        outcome = told[found.profile]
        assert found.label == outcome.label.value
        if outcome.shut:
            assert outcome.event is not None
            assert found.ended == outcome.event.day
            assert found.days == 1
        assert set(found.fails) <= set(found.applying) <= set(rulebook.rules)
        assert len(found.traits) >= 3
        assert found.best <= found.worst
    assert {found.profile for found in SHIPPED} <= {path.stem for path in data_path("profiles").glob("*.json")}
    assert len({found.profile for found in SHIPPED}) > 35


@pytest.mark.slow
def test_the_shipped_cases_are_those_that_the_packs_give():
    day = date.today()
    shipped = data_path("rules", "backtest", "cases.yaml").read_text(encoding="utf-8")
    text = cases_text([str(data_path("profiles"))], Settings(day, day, day))
    assert text == shipped, "run: ddcheck backtest profiles --write-meaning"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("traits: {T1: [0, 4]}", "4"),
        ("best: G", "G"),
        ("critical: 2.0", "2"),
        ("label: fraud", "fraud"),
        ("extra: 1", "extra"),
    ],
)
def test_a_malformed_file_of_cases_is_refused(tmp_path, line, fault):
    good = {
        "profile": "x", "name": "X", "kind": "p2p", "day": "2020-01-01", "label": "failed", "ended": "2020-01-02",
        "traits": "{T1: [0, 3]}", "best": "A", "worst": "F", "critical": "0.5", "fails": "[]", "warns": "[]",
        "applying": "[]",
    }  # fmt: skip
    path = tmp_path / "cases.yaml"

    def written(told):
        lines = [f"{'  - ' if n == 0 else '    '}{key}: {value}" for n, (key, value) in enumerate(told.items())]
        path.write_text("cases:\n" + "\n".join(lines) + "\n", encoding="utf-8")

    written(good)
    assert load_cases(path)[0].days == 1
    key, _, value = line.partition(": ")
    written(good | {key: value})
    with pytest.raises(InputError, match=fault):
        load_cases(path)
