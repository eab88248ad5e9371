"""The words of the first page and of what limits the grade: one count of facts, nothing possible told as proved."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.json import assessment_dict
from checker.outputs.markdown import render_markdown
from checker.outputs.page import Page
from checker.outputs.text import render_text
from checker.packs.rulebook import PLACEHOLDER, slot

ROOT = Path(__file__).parents[3]
CUTS = {"aave": "2025-10-01", "voyager": "2022-06-30", "fidelity-spaxx": "2025-04-30", "anchor": "2022-05-06"}


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def real(rulebook):
    found = {}

    def build(name):
        if name not in found:
            day = date.fromisoformat(CUTS[name])
            found[name] = audit_one(ROOT / "profiles" / f"{name}.json", Settings(date(2099, 1, 1), day, day), rulebook)
        return found[name]

    return build


@pytest.fixture(params=CUTS)
def assessment(real, request):
    return real(request.param)


class TestCounts:
    def test_what_is_known_and_what_is_only_settled_make_up_the_coverage(self, assessment):
        coverage = assessment.verdict.coverage
        stands = {item.id: item.status for item in (*assessment.facts, *assessment.tables)}
        read = {id for finding in assessment.findings for id in finding.facts}
        critical = {id for f in assessment.findings if f.severity == "critical" for id in f.facts}
        known = {id for id in read if stands[id] == "reported"}
        assert coverage.asked == len(read)
        assert coverage.reported == len(known)
        assert coverage.critical_reported == len(known & critical)
        assert coverage.settled
        assert not known & set(coverage.settled)
        assert coverage.critical_settled == len(critical & set(coverage.settled))
        assert coverage.known == coverage.reported + len(coverage.settled)

    def test_every_form_counts_the_same_and_says_what_it_counts(self, assessment, rulebook):
        coverage = assessment.verdict.coverage
        told = assessment_dict(assessment, rulebook)["verdict"]["coverage"]
        assert told["facts"] == {
            "asked": coverage.asked,
            "known": coverage.known,
            "settled": coverage.known - coverage.reported,
        }
        assert told["critical_facts"]["known"] - told["critical_facts"]["settled"] == coverage.critical_reported
        assert f"Known or settled: {coverage.known} of {coverage.asked} facts" in render_text(
            assessment, rulebook, colour=False, width=200
        )
        assert "| facts known or settled |" in render_markdown(assessment, rulebook)

    def test_the_newest_and_oldest_evidence_are_those_of_rows_too(self, assessment):
        entries = [e for fact in assessment.facts for e in fact.entries if e.counts]
        rows = [e for table in assessment.tables for row in table.rows for e in row.entries]
        assert assessment.newest_evidence == max(e.known_on for e in (*entries, *rows) if e.known_on)
        assert assessment.oldest_evidence_days >= max(f.age_days for f in assessment.facts if f.age_days is not None)

    def test_a_row_alone_can_be_the_newest_and_the_oldest(self, real):
        assert real("voyager").newest_evidence == max(
            e.known_on for table in real("voyager").tables for row in table.rows for e in row.entries if e.known_on
        )
        facts = [f.age_days for f in real("aave").facts if f.age_days is not None]
        assert real("aave").oldest_evidence_days > max(facts)


class TestLimits:
    def test_each_rule_stands_once_with_its_limit(self, assessment):
        for constraint in assessment.verdict.constraints:
            told = words.limits(assessment, constraint)
            assert sorted(rule for _, rules in told for rule in rules) == sorted(constraint.rules)
            assert 1 <= len(told) <= 2

    def test_only_a_stop_that_stands_is_called_proved(self, assessment):
        for constraint in assessment.verdict.constraints:
            if constraint.kind != "stop, proved":
                continue
            for text, rules in words.limits(assessment, constraint):
                proved = {assessment.finding(rule).stop == "proved" for rule in rules}
                assert proved == {text == "a stop, proved"}
                assert text in ("a stop, proved", "a stop, if it were proved")

    def test_what_may_still_pass_is_not_said_to_fail(self, assessment):
        seen = set()
        for constraint in assessment.verdict.constraints:
            if "FAIL" not in constraint.kind:
                continue
            for text, rules in words.limits(assessment, constraint):
                surely = "could" not in text
                seen.add(surely)
                if surely or "groups" not in constraint.kind:
                    assert {assessment.finding(rule).outcome is Outcome.FAIL for rule in rules} == {surely}
        assert False in seen

    def test_sure_and_possible_limits_stand_apart(self, real):
        told = [text for c in real("voyager").verdict.constraints for text, _ in words.limits(real("voyager"), c)]
        worst = told[len([c for c in real("voyager").verdict.constraints if c.end == "best"]) :]
        assert worst.index("a critical requirement fails") + 1 == worst.index("a critical requirement could fail")

    def test_a_pattern_to_which_no_rule_adds_names_its_traits(self, real, rulebook):
        rows = [row for row in Page(real("aave"), rulebook).limits() if not row.rules]
        assert [row.note for row in rows] == ["no rule: the structure of T1 and T3"]

    def test_rules_stand_in_their_order(self, assessment, rulebook):
        page = Page(assessment, rulebook)
        order = [f.code for f in sorted(assessment.findings, key=words.by_code)]
        for row in page.limits():
            codes = [code for code, _ in row.rules]
            assert codes == sorted(codes, key=order.index)
        codes = [code for code, _ in page.deciding()]
        assert codes == sorted(codes, key=order.index)


class TestReasons:
    def test_they_are_what_limits_the_best_end_the_gravest_first(self, assessment, rulebook):
        templates = {rule.id: rule.message for rule in rulebook.rules.values()}
        weight = {}
        for constraint in assessment.verdict.constraints:
            if constraint.end == "best":
                weight.update({rule: max(weight.get(rule, 0), constraint.grade) for rule in constraint.rules})
        found = words.reasons(assessment, templates)
        assert found
        assert all(rule in weight for _, rule in found)
        own = [weight[rule] for text, rule in found if not text.startswith("Not independently")]
        assert own == sorted(own, reverse=True)

    def test_the_evidence_that_decides_is_told_of_its_rules_only(self, real, rulebook):
        templates = {rule.id: rule.message for rule in rulebook.rules.values()}
        text, rule = words.reasons(real("fidelity-spaxx"), templates)[0]
        assert text == (
            "Not independently verified: behind T2-02 stand facts known from nothing better than the platform's own "
            "words."
        )
        assert real("fidelity-spaxx").finding(rule).code == "T2-02"

    def test_an_open_reason_says_that_no_answer_makes_it_good(self, real, rulebook):
        finding = real("aave").finding("C-03")
        assert finding.possible == (Outcome.WARN, Outcome.FAIL)
        text = words.message(finding, rulebook.rules[finding.rule].message)
        assert text.endswith("Whatever the answer, this is weak at best.")

    def test_one_rule_is_told_in_the_singular(self, real):
        anchor = real("anchor")
        assert "failed critical requirement (" in words.certain(anchor)
        two = [
            replace(c, rules=(*c.rules, "m.guarantee")) if c.kind == "critical FAIL" and c.end == "best" else c
            for c in anchor.verdict.constraints
        ]
        told = words.certain(replace(anchor, verdict=replace(anchor.verdict, constraints=tuple(two))))
        assert "failed critical requirements (" in told


class TestFragments:
    TEMPLATE = "Not all is covered ([scheme: {scheme}][; limit: {limit}][; yours: {amount}])."

    @pytest.mark.parametrize(
        ("known", "text"),
        [
            (
                {"scheme": "none", "limit": 250_000.0, "amount": 20_000.0},
                " (scheme: none; limit: $250,000; yours: $20,000)",
            ),
            ({"scheme": "none"}, " (scheme: none)"),
            ({"limit": 250_000.0}, " (limit: $250,000)"),
            ({"limit": [0.0, None]}, ""),
            ({"limit": [0.0, 5_000.0]}, " (limit: $0 to $5,000)"),
            ({}, ""),
        ],
    )
    def test_what_is_not_known_goes_with_its_words(self, known, text):
        units = {"limit": "money", "amount": "money"}
        arguments = {n: {"value": known.get(n), "unit": units.get(n)} for n in ("scheme", "limit", "amount")}
        assert words.filled(self.TEMPLATE, arguments) == f"Not all is covered{text}."

    def test_a_share_between_nothing_and_all_tells_nothing(self):
        told = {"covered": {"value": [0.0, 1.0], "unit": "share"}}
        assert words.filled("Said[ of {covered}].", told) == "Said."
        told["covered"]["value"] = [0.1, 1.0]
        assert words.filled("Said[ of {covered}].", told) == "Said of 10% to 100%."

    def test_a_list_of_unknowns_is_a_part_only_where_there_are_some(self):
        template = "It is open[: {unknowns}]."
        assert words.filled(template, {"unknowns": []}) == "It is open."
        assert words.filled(template, {"unknowns": ["platform.country"]}) != "It is open."

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (["late"], "Shut; it is late or shut."),
            (["late", "shut"], "Shut; it is late or shut."),
            (["late", "open"], "Shut."),
            ([True], "Shut; so it is."),
            (True, "Shut; so it is."),
            ([False], "Shut."),
            ([False, True], "Shut; who knows."),
            (None, "Shut; who knows."),
        ],
    )
    def test_a_test_lets_a_part_stand_only_where_it_surely_holds(self, value, text):
        template = (
            "Shut[{door is late or shut}; it is late or shut][{door is true}; so it is][{door is unknown}; who knows]."
        )
        assert words.filled(template, {"door": {"value": value, "unit": None}}) == text

    def test_no_authored_message_prints_a_bare_yes_or_no(self, rulebook):
        printed = [
            (rule.code, name)
            for rule in rulebook.rules.values()
            for text in rule.message.values()
            for name, tested_for in map(slot, PLACEHOLDER.findall(text))
            if not tested_for and name in rulebook.dictionary and rulebook.dictionary[name].type == "bool"
        ]
        assert not printed

    def test_what_is_only_alleged_is_not_asserted(self, real, rulebook):
        finding = real("voyager").finding("m.false_safety")
        assert finding.stop == "alleged"
        text = words.message(finding, rulebook.rules[finding.rule].message)
        assert text.startswith("Alleged, not found by a court or an authority: a claim of safety")
        assert "insured" not in text
        assert not words.message(replace(finding, stop="proved"), rulebook.rules[finding.rule].message).startswith("Al")

    def test_an_open_message_tells_what_is_known_first(self, real, rulebook):
        finding = real("voyager").finding("g.withdrawals")
        text = words.message(finding, rulebook.rules[finding.rule].message)
        assert text.startswith("Withdrawals are ")
        assert "insolvency petition" in text

    def test_no_message_of_a_finding_tells_an_unknown_limit(self, real, rulebook):
        finding = real("fidelity-spaxx").finding("G-03")
        text = words.message(finding, rulebook.rules[finding.rule].message)
        assert "unknown" not in text
        assert "no protection scheme covers this product" in text
