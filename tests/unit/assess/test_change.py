"""What would change a verdict: exact on small profiles, borne out on real ones, by trial as by judging anew."""

import os
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.assess.bench import Bench
from checker.assess.change import _Search, changed_profile, changes, core, edges, without
from checker.model.document import Document
from checker.model.finding import Grade
from checker.model.profile import load_profile, parse_profile
from checker.model.state import Status
from checker.packs.rulebook import changed
from checker.resources import data_path

A, B, C, D, E, F = Grade
DAY = date(2022, 5, 31)
CUT = Options(DAY.isoformat(), DAY.isoformat(), reader={})
TODAY = date(2026, 11, 22)
LONG = os.environ.get("DDCHECK_HYPOTHESIS") == "long"
FUND = {
    "ddcheck": 1,
    "platform": {"name": "A small fund", "kind": "fund"},
    "defaults": {"from": "2022-05-01", "known_on": "2022-05-01", "evidence": "audit", "source": "report"},
    "structure": {"pooled": True, "passes_result_through": True},
    "disclosure": {"audited_accounts": False},
    "governance": {"withdrawals_status": "open", "insolvency": False},
    "sources": {"report": {"title": "A report"}},
}


def profile(raw):
    return parse_profile(Document(raw, "small", "", lambda spots: {}), shipped_rulebook().dictionary, today=DAY)


@cache
def real(name):
    return load_profile(data_path("profiles", f"{name}.json"), shipped_rulebook().dictionary, today=TODAY)


@cache
def bench(name, day="2022-05-31"):
    return Bench(real(name), shipped_rulebook(), Options(day, day, reader={}))


def turn(case, end, way):
    key = id(case), end, way
    if key not in _turns:
        _turns[key] = case, _Search(case, end, way).turn()
    return _turns[key][1]


_turns = {}


def small(**sections):
    raw = deepcopy(FUND)
    for section, facts in sections.items():
        raw[section] = raw.get(section, {}) | facts
    return Bench(profile(raw), shipped_rulebook(), CUT)


def told(found):
    return [[(step.fact, step.to, step.needs) for step in each.steps] for each in found.sets]


class TestSmallProfiles:
    def test_the_one_fact_that_fails_raises_the_grade(self):
        found = turn(small(), "best", "raise")
        assert (found.grade, found.target, found.exact) == (D, C, True)
        assert told(found) == [[("disclosure.audited_accounts", True, None)]]
        assert found.sets[0].best <= C

    def test_a_word_goes_only_as_far_as_it_must(self):
        found = turn(small(governance={"withdrawals_status": "suspended"}), "best", "raise")
        assert (found.grade, found.target) == (F, E)
        assert told(found) == [[("governance.withdrawals_status", "limited", None)]]

    def test_evidence_alone_suffices_where_only_evidence_is_weak(self):
        raw = deepcopy(FUND)
        raw["disclosure"]["audited_accounts"] = True
        raw["structure"]["passes_result_through"] = {
            "value": True, "from": "2022-05-01", "known_on": "2022-05-01", "evidence": "company_disclosed",
            "source": "report",
        }  # fmt: skip
        found = turn(Bench(profile(raw), shipped_rulebook(), CUT), "best", "raise")
        assert (found.grade, found.target) == (C, B)
        assert told(found) == [[("structure.passes_result_through", None, 2)]]
        assert found.sets[0].steps[0].evidence == 1

    def test_a_known_fact_that_turns_bad_lowers_the_best_end(self):
        found = turn(small(disclosure={"audited_accounts": True}), "best", "lower")
        assert (found.grade, found.target) == (A, B)
        words = [[step[:2] for step in each] for each in told(found)]
        assert [("governance.insolvency", True)] in words
        assert [("disclosure.audited_accounts", False)] in words

    def test_the_ends_of_the_scale_have_nowhere_to_go(self):
        whole = changes(small(disclosure={"audited_accounts": True}).profile, shipped_rulebook(), CUT)
        up, down, _ = whole.turns
        assert (up.grade, up.target, up.sets) == (A, None, ())
        assert (down.grade, down.target, down.sets) == (F, None, ())

    def test_what_is_withheld_is_asked_and_never_changed(self):
        case = small(disclosure={"audited_accounts": {"status": "not_disclosed", "source": "report"}})
        found = turn(case, "best", "raise")
        assert found.grade >= D
        assert found.sets == ()
        assert "d.audited_accounts" in found.held_by
        assert found.withheld == ("disclosure.audited_accounts",)

    def test_what_is_too_old_to_bind_is_asked_and_never_worsened(self):
        raw = deepcopy(FUND)
        old = {"value": False, "from": "2012-01-01", "known_on": "2012-01-01", "evidence": "audit", "source": "report"}
        raw["governance"]["insolvency"] = old
        case = Bench(profile(raw), shipped_rulebook(), CUT)
        assert case.view.fact("governance.insolvency").stale
        assert all(
            "governance.insolvency" not in [step.fact for step in each.steps]
            for each in turn(case, "best", "lower").sets
        )

    def test_the_core_is_the_fact_that_suffices(self):
        assert core(small()).facts == ("disclosure.audited_accounts",)
        assert core(small()).grade is D
        assert core(small(disclosure={"audited_accounts": True})).facts == ()

    def test_a_kind_without_a_grade_has_nothing_to_change(self):
        raw = {**deepcopy(FUND), "platform": {"name": "A token", "kind": "token"}}
        del raw["structure"], raw["disclosure"], raw["governance"]
        found = changes(profile(raw), shipped_rulebook(), CUT)
        assert (found.best, found.turns, found.core, found.edges) == (None, (), None, ())


class TestNumbers:
    @pytest.mark.parametrize(
        ("fact", "relation", "to", "distance"),
        [
            ("yield_source.income_run_rate", "at least", 1.214e9, 484e6),
            ("yield_source.subsidy_reserve", "at least", 418e6, 242e6),
            ("affiliates.own_token_collateral_share", "at most", 0.15, 0.25),
        ],
    )
    def test_the_distance_to_the_flip_in_the_unit_of_the_fact(self, fact, relation, to, distance):
        steps = [s for each in turn(bench("anchor"), "best", "raise").sets for s in each.steps if s.fact == fact]
        assert [(step.relation, step.to) for step in steps] == [(relation, pytest.approx(to))] * len(steps)
        assert steps[0].distance == pytest.approx(distance)

    def test_a_hair_before_the_flip_nothing_happens(self):
        case = bench("anchor")
        for found in (turn(case, "best", "raise"), turn(case, "best", "lower")):
            for each in found.sets:
                for index, step in enumerate(each.steps):
                    if step.relation in ("at least", "at most"):
                        edit = each.edits[index]
                        value = edit.values[step.column]
                        short = value.lo - 2e-5 * abs(value.lo) * (1 if step.relation == "at least" else -1)
                        nearer = replace(edit, values={**edit.values, step.column: type(value)(short, short)})
                        edits = (*each.edits[:index], nearer, *each.edits[index + 1 :])
                        grade = Bench(changed_profile(case, edits), case.rulebook, case.options).now.end(True).grade
                        assert grade == found.grade, step


class TestExactness:
    @pytest.mark.parametrize("name", ["anchor", "voyager"])
    def test_no_smaller_set_of_what_was_tried_suffices(self, name):
        """Every smaller subset of the candidates, by enumeration."""
        search = _Search(bench(name), "best", "raise")
        found = turn(bench(name), "best", "raise")
        assert found.exact
        size = min(len(each.edits) for each in found.sets)
        candidates = search._candidates(search.bench.facts)
        everything = [c for c in candidates if not c.free]
        pool = search._narrowed(everything) + search._free(
            search._narrowed(everything), [c for c in candidates if c.free]
        )
        for fewer in range(size):
            for chosen in combinations(pool, fewer):
                if len({c.place for c in chosen}) == fewer:
                    assert not search.holds([c.edit for c in chosen]), chosen

    @pytest.mark.parametrize("name", ["anchor", "voyager"])
    def test_none_of_a_set_can_be_left_out(self, name):
        for way in ("raise", "lower"):
            search = _Search(bench(name), "best", way)
            for each in turn(bench(name), "best", way).sets:
                for index in range(len(each.edits)):
                    assert not search.holds([*each.edits[:index], *each.edits[index + 1 :]])

    @pytest.mark.parametrize("name", ["anchor", "celsius", "bitconnect", "ally-bank"])
    def test_the_core_suffices_and_nothing_in_it_can_be_left_out(self, name):
        case = bench(name, TODAY.isoformat())
        found = core(case)
        known = [fact for fact in case.facts if case.status(fact) is not Status.NOT_EXAMINED]

        def best(kept):
            hidden = without(case.profile, case.rulebook, [fact for fact in known if fact not in kept])
            return Bench(hidden, case.rulebook, case.options).now.end(True).grade

        assert best(found.facts) == found.grade == case.now.end(True).grade
        for fact in found.facts:
            assert best([other for other in found.facts if other != fact]) < found.grade


def state(trial):
    return {id: (r.possible, r.presumed, r.support, r.open) for id, r in trial.results.items()}


class TestTrials:
    @pytest.mark.parametrize("name", ["celsius", "ally-bank"])
    def test_a_trial_says_what_judging_anew_says(self, name):
        case = bench(name, TODAY.isoformat())
        known = [fact for fact in case.facts if case.status(fact) is Status.REPORTED]
        for fact in known[::6]:
            hidden = without(case.profile, case.rulebook, [fact])
            trial = case.with_facts({fact: "hidden"}, lambda hidden=hidden: hidden)
            anew = Bench(hidden, case.rulebook, case.options).now
            assert state(trial) == state(anew), fact
            assert (trial.legs, trial.end(True), trial.end(False)) == (anew.legs, anew.end(True), anew.end(False))

    def test_a_parameter_that_is_tried_says_what_a_changed_pack_says(self):
        case = bench("northern-rock", TODAY.isoformat())
        for id in case.parameters[::10]:
            for value in case.rulebook.parameters[id].range:
                anew = Bench(case.profile, changed(case.rulebook, {id: value}), case.options).now
                trial = case.with_parameters({id: value})
                assert state(trial) == state(anew), id
                assert (trial.end(True), trial.end(False)) == (anew.end(True), anew.end(False)), id

    def test_a_trial_leaves_no_trace(self):
        case = bench("celsius")
        before = state(case.now)
        for id in case.parameters[:20]:
            case.with_parameters({id: case.rulebook.parameters[id].range[0]})
        assert state(case.now) == before == state(Bench(case.profile, case.rulebook, case.options).now)


class TestEdges:
    def test_the_thresholds_that_move_a_grade_are_those_that_a_changed_pack_shows(self):
        case = bench("northern-rock", TODAY.isoformat())
        found = {edge.parameter: edge for edge in edges(case.profile, case.rulebook, case.options)}
        assert {*found} == {"l.equity_fail", "t3.outflow_fail"}
        for id in case.parameters:
            lo, hi = case.rulebook.parameters[id].range
            for value, told in ((lo, "at_lo"), (hi, "at_hi")):
                if id in found or id.startswith("l."):
                    verdict = Bench(case.profile, changed(case.rulebook, {id: value}), case.options).now.grades
                    assert verdict == (getattr(found[id], told) if id in found else case.now.grades), id

    def test_an_edge_tells_its_value_and_its_rules(self):
        case = bench("northern-rock", TODAY.isoformat())
        edge = edges(case.profile, case.rulebook, case.options)[0]
        assert (edge.value, edge.range, edge.at_lo, edge.at_hi) == (0.03, (0.03, 0.05), (C, F), (D, F))
        assert edge.rules == ("l.balance_sheet_leverage",)

    @pytest.mark.parametrize("name", ["anchor"])
    def test_no_edge_means_that_no_threshold_moves_the_grade(self, name):
        case = bench(name)
        assert edges(case.profile, case.rulebook, CUT) == ()
        for id in case.parameters[::12]:
            for value in case.rulebook.parameters[id].range:
                anew = Bench(case.profile, changed(case.rulebook, {id: value}), CUT)
                assert anew.now.grades == case.now.grades, id


HANDFUL = ("anchor", "fidelity-spaxx")
ALL = sorted(path.stem for path in data_path("profiles").glob("*.json"))


def borne_out(name, cut):
    rulebook = shipped_rulebook()
    found = changes(real(name), rulebook, cut)
    case = Bench(real(name), rulebook, cut)
    for each in found.turns:
        for one in each.sets:
            verdict = assess(changed_profile(case, one.edits), rulebook, cut, version="test").verdict
            assert (verdict.best, verdict.worst) == (one.best, one.worst), one.steps
            grade = verdict.best if each.end == "best" else verdict.worst
            assert grade <= each.target if each.way == "raise" else grade >= each.target, one.steps
    return found


@pytest.mark.parametrize("name", HANDFUL)
def test_every_change_is_borne_out_by_judging_the_changed_profile(name):
    found = borne_out(name, CUT)
    assert any(each.sets for each in found.turns)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_change_to_every_real_profile_is_borne_out(name):
    borne_out(name, Options(TODAY.isoformat(), TODAY.isoformat(), reader={}))
