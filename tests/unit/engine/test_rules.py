"""What silence, ignorance, hearsay and stops make of one rule, on a small pack of its own."""

import json
from datetime import date

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assess import program
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, worst_values
from checker.model.document import Document
from checker.model.finding import Outcome
from checker.model.interval import point
from checker.model.profile import parse_profile
from checker.model.view import View
from checker.packs.load import load_rulebook
from checker.resources import data_path

NA, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
DAY = date(2022, 5, 31)
LIQUID, OWED = "deposit_liquidity.liquid_assets_30d", "deposit_liquidity.client_liabilities"
POOLED, CLAIM, PRODUCTS = "structure.pooled", "structure.direct_claim_on_assets", "structure.products_per_pool"
SILENT, HIDDEN = {"status": "not_disclosed"}, {"status": "not_examined"}


def parameter(unit, value):
    dated = {"from": "2015-01-01", "value": value, "note": "chosen"}
    return {"unit": unit, "basis": "JDG", "meaning": "A line", "range": [0, 9], "values": [dated]}


PACK = {
    "pack.yaml": {"title": "Trial", "group": "X", "version": "1.0.0", "summary": "Rules to try the engine on"},
    "parameters.yaml": {
        "few": parameter("count", 1),
        "many": parameter("count", 3),
        "half": parameter("ratio", 0.5),
    },
    "metrics.yaml": {},
}
RULES = {
    "products": {"fail_if": f"{PRODUCTS} > params.many", "warn_if": f"{PRODUCTS} > params.few"},
    "both": {"fail_if": f"{POOLED} && {PRODUCTS} > params.many"},
    "either": {"fail_if": f"{POOLED} && !{CLAIM}", "warn_if": f"{PRODUCTS} > params.few"},
    "where_pooled": {
        "applies_if": POOLED,
        "fail_if": f"{PRODUCTS} > params.many",
        "warn_if": f"{PRODUCTS} > params.few",
    },
    "sized": {"fail_if": f"{LIQUID} < params.half * {OWED}"},
    "stopping": {"fail_if": POOLED, "stop_if": f"{POOLED} || {PRODUCTS} > params.many"},
}


def rule_file(name, silence):
    conditions = {"applies_if": 'platform.kind == "cefi_lender"', **RULES[name]}
    message = dict.fromkeys(("pass", "warn", "fail", "open"), "A sentence.")
    text = dict.fromkeys(("title", "question", "rationale", "case", "false_alarms", "ask"), "Some text.")
    return {"code": "X-01", "since": "1.0.0", "severity": "major", "silence": silence, **text, **conditions,
            "references": [{"source": "BA-01", "locator": "para. 1"}], "message": message}  # fmt: skip


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "trial"
    folder.mkdir()
    for name, content in PACK.items():
        (folder / name).write_text(json.dumps(content))
    for name in RULES:
        for silence in ("fail", "at_least_warn", "unobserved"):
            (folder / f"{name}_{silence}.yaml").write_text(json.dumps(rule_file(name, silence)))
    return load_rulebook(data_path("rules"), extra=[folder])


@pytest.fixture
def judge(rulebook):
    def judge(rule, silence="fail", **facts):
        document = {
            "ddcheck": 1,
            "platform": {"name": "P", "kind": "cefi_lender"},
            "sources": {"s": {"title": "S"}},
            "defaults": {"from": "2022-05-31", "known_on": "2022-05-31", "evidence": "audit", "source": "s"},
        }
        for id, raw in facts.items():
            section, name = {"pooled": POOLED, "claim": CLAIM, "products": PRODUCTS, "liquid": LIQUID, "owed": OWED}[
                id
            ].split(".")
            entries = raw if isinstance(raw, list) else [raw]
            full = [{"source": "s", **e} if isinstance(e, dict) else {"value": e} for e in entries]
            document.setdefault(section, {})[name] = full
        profile = parse_profile(Document(document, "p", "", lambda spots: {}), rulebook.dictionary, today=DAY)
        cut = Cut(View(profile, rulebook.dictionary, DAY, DAY), rulebook.reference)
        tried = rulebook.rules[f"trial.{rule}_{silence}"]
        return RuleEngine(program(rulebook), cut, rulebook.dictionary).evaluate(tried, rulebook.reads[tried.id])

    return judge


def said(value, evidence, **how):
    return {"value": value, "evidence": evidence, "from": "2022-05-31", "known_on": "2022-05-31", **how}


class TestOutcomes:
    @pytest.mark.parametrize(("products", "outcome"), [(0, PASS), (1, PASS), (1.01, WARN), (3, WARN), (3.01, FAIL)])
    def test_a_known_fact_gives_one_outcome(self, judge, products, outcome):
        result = judge("products", products=products)
        assert (result.possible, result.open, result.presumed, result.rumoured) == ({outcome}, {}, False, False)

    @pytest.mark.parametrize(
        ("bounds", "possible"),
        [
            ({"hi": 1}, {PASS}),
            ({"lo": 1, "hi": 2}, {PASS, WARN}),
            ({"lo": 2, "hi": 3}, {WARN}),
            ({"lo": 2}, {WARN, FAIL}),
            ({"lo": 4}, {FAIL}),
        ],
    )
    def test_a_range_gives_every_outcome_within_it(self, judge, bounds, possible):
        result = judge("products", products={**bounds, "from": "2022-05-31", "evidence": "audit"})
        assert result.possible == possible
        assert result.open == ({PRODUCTS: "range_straddles"} if len(possible) > 1 else {})

    @pytest.mark.parametrize("silence", ["fail", "at_least_warn", "unobserved"])
    def test_what_nobody_examined_leaves_every_outcome(self, judge, silence):
        for facts in ({}, {"products": HIDDEN}):
            result = judge("products", silence, **facts)
            assert (result.possible, result.presumed) == ({PASS, WARN, FAIL}, False)
            assert result.open == {PRODUCTS: "not_examined"}
            assert (result.support.worst, result.support.best) == (0, 4)

    def test_a_rule_that_does_not_apply_says_so_and_nothing_else(self, judge):
        assert judge("where_pooled", pooled=False).possible == {NA}

    def test_unknown_applicability_adds_that_outcome_with_its_reason(self, judge):
        result = judge("where_pooled", products=5)
        assert (result.possible, result.open) == ({NA, FAIL}, {POOLED: "applicability_unknown"})


class TestSilence:
    @pytest.mark.parametrize(
        ("silence", "possible", "presumed"),
        [("fail", {FAIL}, True), ("at_least_warn", {WARN, FAIL}, True), ("unobserved", {PASS, WARN, FAIL}, False)],
    )
    def test_a_withheld_fact_under_each_policy(self, judge, silence, possible, presumed):
        result = judge("products", silence, products=SILENT)
        assert (result.possible, result.presumed) == (possible, presumed)
        assert result.open == {PRODUCTS: "not_disclosed"}
        assert (result.support.worst, result.support.best) == (0, 1)

    def test_at_least_warn_leaves_a_warn_to_a_rule_that_has_none(self, judge):
        result = judge("both", "at_least_warn", pooled=True, products=SILENT)
        assert (result.possible, result.presumed) == ({WARN, FAIL}, True)

    @pytest.mark.parametrize("silence", ["fail", "at_least_warn"])
    def test_silence_does_not_count_where_it_could_change_nothing(self, judge, silence):
        assert judge("both", silence, pooled=False, products=SILENT).possible == {PASS}
        assert judge("either", silence, pooled=True, claim=False, products=SILENT).possible == {FAIL}
        assert not judge("either", silence, pooled=True, claim=False, products=SILENT).presumed

    def test_the_worst_that_silence_hides_may_be_less_than_a_failure(self, judge):
        result = judge("either", pooled=False, products=SILENT)
        assert (result.possible, result.presumed) == ({WARN}, True)

    def test_unexamined_facts_beside_silent_ones_keep_the_outcome_open(self, judge):
        result = judge("both", pooled=SILENT)
        assert (result.possible, result.presumed) == ({PASS, FAIL}, False)

    def test_two_silent_facts_are_taken_at_their_worst_together(self, judge):
        result = judge("both", pooled=SILENT, products=SILENT)
        assert (result.possible, result.presumed) == ({FAIL}, True)

    def test_a_silent_fact_without_direction_is_tried_at_both_ends(self, judge):
        assert judge("sized", liquid=10, owed=SILENT).possible == {FAIL}

    def test_silence_about_applicability_makes_the_rule_apply(self, judge):
        result = judge("where_pooled", pooled=SILENT, products=5)
        assert (result.possible, result.presumed) == ({FAIL}, True)

    def test_worst_values_follow_the_direction(self, rulebook):
        facts = rulebook.dictionary
        assert worst_values(facts[POOLED], "higher") == [frozenset({True})]
        assert worst_values(facts[POOLED], "lower") == [frozenset({False})]
        assert worst_values(facts[POOLED], "none") == [frozenset({True}), frozenset({False})]
        assert worst_values(facts["terms.rate_kind"], "order") == [frozenset({"guaranteed"})]
        assert worst_values(facts[LIQUID], "lower") == [point(0.0)]


class TestHearsay:
    def test_alone_and_adverse_it_takes_pass_away_and_proves_nothing(self, judge):
        result = judge("products", "unobserved", products=said(9, "rumour"))
        assert (result.possible, result.rumoured) == ({WARN, FAIL}, True)

    def test_alone_it_is_never_a_certain_failure(self, judge):
        result = judge("both", "unobserved", pooled=True, products=said(9, "rumour"))
        assert (result.possible, result.rumoured) == ({WARN, FAIL}, True)

    def test_alone_and_favourable_it_leaves_everything_open(self, judge):
        result = judge("products", products=said(0, "rumour"))
        assert (result.possible, result.rumoured) == ({PASS, WARN, FAIL}, False)

    def test_what_else_nobody_examined_may_still_make_it_harmless(self, judge):
        assert judge("both", products=said(9, "rumour")).possible == {PASS, FAIL}

    @pytest.mark.parametrize(("rumour", "possible"), [(0, {PASS}), (2, {PASS, WARN}), (9, {PASS, WARN})])
    def test_beside_own_words_it_opens_the_rule_towards_warn(self, judge, rumour, possible):
        result = judge("products", products=[said(1, "company_disclosed"), said(rumour, "rumour")])
        assert (result.possible, result.rumoured) == (possible, len(possible) > 1)

    def test_own_words_that_fail_need_no_hearsay(self, judge):
        result = judge("products", products=[said(9, "company_disclosed"), said(0, "rumour")])
        assert (result.possible, result.rumoured) == ({FAIL}, False)

    @pytest.mark.parametrize("better", ["analyst", "onchain", "audit"])
    def test_beside_a_better_source_it_counts_for_nothing(self, judge, better):
        assert judge("products", products=[said(1, better), said(9, "rumour")]).possible == {PASS}


class TestSupport:
    def test_the_platform_itself_needs_no_evidence(self, judge):
        assert judge("products", products=0).support[:2] == (4, 4)

    def test_the_weakest_of_what_is_needed_counts(self, judge):
        result = judge("either", pooled=said(True, "audit"), claim=said(True, "company_disclosed"), products=0)
        assert result.support[:2] == (1, 1)

    def test_what_settles_a_condition_counts_at_its_strongest(self, judge):
        assert judge("both", pooled=said(False, "audit"), products=said(0, "company_disclosed")).support[:2] == (4, 4)

    def test_an_unexamined_fact_could_settle_it_on_better_evidence(self, judge):
        assert judge("both", products=said(0, "company_disclosed")).support[:2] == (1, 4)

    def test_unknown_applicability_could_be_settled_on_any_evidence(self, judge):
        assert judge("where_pooled", products=said(0, "company_disclosed")).support[:2] == (0, 4)


class TestStops:
    @pytest.mark.parametrize(
        ("entry", "proof"),
        [
            (said(True, "company_disclosed"), 2),
            (said(True, "analyst"), 2),
            (said(True, "court_finding"), 2),
            (said(True, "audit", alleged=True), 1),
            (said(True, "complaint"), 1),
            (said(True, "press"), 0),
        ],
    )
    def test_what_a_stop_rests_on(self, judge, entry, proof):
        result = judge("stopping", pooled=entry, products=0)
        assert result.possible == {FAIL}
        assert result.stop.truth.surely_true
        assert (result.stop.proof, result.stop.presumed, result.stop.provable) == (proof, False, proof == 2)

    def test_a_rule_without_stop_if_has_none(self, judge):
        assert judge("both", pooled=True, products=9).stop is None

    def test_a_stop_condition_that_surely_does_not_hold(self, judge):
        assert judge("stopping", pooled=False, products=0).stop.truth.surely_false

    def test_silence_presumes_it_only_where_silence_fails(self, judge):
        assert judge("stopping", pooled=SILENT, products=0).stop.presumed
        assert not judge("stopping", "at_least_warn", pooled=SILENT, products=0).stop.presumed

    def test_what_nobody_examined_leaves_it_open(self, judge):
        stop = judge("stopping", products=0).stop
        assert stop.truth.is_open
        assert stop.provable

    def test_beside_a_charge_an_unexamined_fact_could_still_prove_it(self, judge):
        assert judge("stopping", pooled=said(True, "complaint")).stop.provable
        assert not judge("stopping", pooled=said(True, "complaint"), products=0).stop.provable

    def test_beside_a_charge_silence_still_presumes_it(self, judge):
        assert judge("stopping", pooled=said(True, "complaint"), products=SILENT).stop.presumed

    def test_a_rule_that_does_not_apply_stops_nothing(self):
        rulebook = shipped_rulebook()
        stopping = [rule for rule in rulebook.rules.values() if "stop_if" in rule.conditions]
        assert stopping
        for rule in stopping:
            document = {"ddcheck": 1, "platform": {"name": "P", "kind": "token"}}
            profile = parse_profile(Document(document, "p", "", lambda spots: {}), rulebook.dictionary, today=DAY)
            cut = Cut(View(profile, rulebook.dictionary, DAY, DAY), rulebook.reference)
            result = RuleEngine(program(rulebook), cut, rulebook.dictionary).evaluate(rule, rulebook.reads[rule.id])
            if result.possible == {NA}:
                assert result.stop is None


def test_what_is_withheld_today_is_presumed_though_nobody_examined_it_a_year_ago():
    rulebook = shipped_rulebook()
    document = {
        "ddcheck": 1,
        "platform": {"name": "P", "kind": "cefi_lender"},
        "sources": {"s": {"title": "A page"}},
        "examined": {"deposit_liquidity": [{"on": str(DAY), "known_on": str(DAY), "sources": ["s"]}]},
    }
    profile = parse_profile(Document(document, "p", "", lambda spots: {}), rulebook.dictionary, today=DAY)
    cut = Cut(View(profile, rulebook.dictionary, DAY, DAY), rulebook.reference)
    assert [cut.fact(OWED, days).status for days in (0, 365)] == ["not_disclosed", "not_examined"]
    rule = rulebook.rules["t1.client_money_growth"]
    result = RuleEngine(program(rulebook), cut, rulebook.dictionary).evaluate(rule, rulebook.reads[rule.id])
    assert (result.possible, result.presumed) == ({WARN, FAIL}, True)
