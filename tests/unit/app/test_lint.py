"""Every check of the linter finds its fault in a small pack that is otherwise clean, at the right file and line."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.app.lint import CHECKS, lint_packs
from checker.cli.main import main
from checker.model.errors import UsageError
from checker.outputs.language import catalogue
from checker.resources import data_path

PACK = """\
title: A pack for tests
group: OWN
version: 1.2.0
summary: One rule and what it needs.
"""
PARAMETERS = """\
warn_line:
  unit: share
  basis: JDG
  meaning: Share of the pool that should be seen
  range: [0.6, 0.9]
  learned_from: [nobody-we-know]
  values:
    - {from: 2020-02-29, value: 0.75, note: A judgement}
fail_line:
  unit: share
  basis: STD
  meaning: Share of the pool below which nothing is seen
  range: [0.4, 0.6]
  values:
    - {from: 2020-01-01, value: 0.5, source: CN-01}
"""
METRICS = """\
structure:
  type: bool
  worse: higher
  meaning: Money is pooled
  formula: structure.pooled
below_warn:
  type: bool
  worse: higher
  meaning: Less is seen than should be
  reference: CN-01, US-05
  formula: disclosure.pool_assets_disclosed_share < params.warn_line
income_cover:
  unit: ratio
  worse: lower
  meaning: Cash income over interest, for display
  formula: yield_source.cash_income_12m / yield_source.interest_paid_12m
"""
RULE = """\
code: OWN-01
title: The public sees what the pool holds
question: Can I see what the pool holds?
since: 1.0.0
severity: major
applies_if: platform.kind in ["cefi_lender", "fund"] && !structure.passes_result_through
fail_if: disclosure.pool_assets_disclosed_share < params.fail_line
warn_if: below_warn
silence: fail
worse: {}
rationale: What cannot be seen can be missing.
case: Nobody saw what was missing in 2022.
false_alarms: A vehicle that passes its result through is left out.
ask: Send the list.
references:
  - {source: CN-01, locator: Q&A}
message:
  pass: "{disclosure.pool_assets_disclosed_share} is seen; income covers {income_cover}."
  warn: "{disclosure.pool_assets_disclosed_share} is seen."
  fail: "{disclosure.pool_assets_disclosed_share} is seen."
  open: "What is seen cannot be established: {unknowns}."
"""
KNOWN = "platform.kind: fund, structure.passes_result_through: false"
CASES = {
    "all is seen": ("disclosure.pool_assets_disclosed_share: 1", "{possible: [PASS]}"),
    "exactly on the warning line": ("disclosure.pool_assets_disclosed_share: 0.75", "{possible: [PASS]}"),
    "between the lines": ("disclosure.pool_assets_disclosed_share: 0.6", "{possible: [WARN]}"),
    "exactly on the failing line": ("disclosure.pool_assets_disclosed_share: 0.5", "{possible: [WARN]}"),
    "beyond the failing line": ("disclosure.pool_assets_disclosed_share: 0.4", "{possible: [FAIL]}"),
    "not examined": ("platform.country: US", "{possible: [PASS, WARN, FAIL]}"),
    "withheld": (
        "disclosure.pool_assets_disclosed_share: {status: not_disclosed}",
        "{possible: [FAIL], presumed: true}",
    ),
}
FALSE_ALARM = """\
- name: false alarm - the result passes through
  facts: {platform.kind: fund, structure.passes_result_through: true}
  expect: {not_applicable: true}
"""


def case(name, fact, expect):
    return f"- name: {name}\n  facts: {{{KNOWN}, {fact}}}\n  expect: {expect}\n"


def good_files():
    cases = "".join(case(name, *parts) for name, parts in CASES.items())
    return {
        "pack.yaml": PACK,
        "parameters.yaml": PARAMETERS,
        "metrics.yaml": METRICS,
        "seen.yaml": RULE,
        "seen.test.yaml": cases + FALSE_ALARM,
    }


@dataclass
class House:
    """A root with the shipped dictionary and sources, and one pack that names nothing else."""

    root: Path
    files: dict[str, str] = field(default_factory=good_files)
    stops: str = "[]"

    def change(self, file, old, new):
        assert old in self.files[file], f"{old!r} is not in {file}"
        self.files[file] = self.files[file].replace(old, new)

    def drop_case(self, name):
        text = self.files["seen.test.yaml"]
        self.files["seen.test.yaml"], count = re.subn(rf"- name: {re.escape(name)}\n(  .*\n)+", "", text)
        assert count == 1

    def line(self, file, text):
        return next(i for i, line in enumerate(self.files[file].splitlines(), 1) if text in line)

    def write(self):
        self.root.mkdir(exist_ok=True)
        shipped = data_path("rules")
        for name in ("facts", "reference", "sources.yaml"):
            (self.root / name).symlink_to(shipped / name)
        verdict = re.sub(
            r"structure: t\d\.structure", "structure: own.structure", (shipped / "verdict.yaml").read_text()
        )
        verdict = re.sub(r"(stops:\n  rules: )\[.*\]", rf"\g<1>{self.stops}", verdict)
        (self.root / "verdict.yaml").write_text(verdict.replace("harm: [t1.offered_spread", "harm: [own.seen"))
        (self.root / "own").mkdir()
        for name, text in self.files.items():
            (self.root / "own" / name).write_text(text)

    def write_added(self):
        """The pack alone, to be added to the shipped ones."""
        text = self.files["metrics.yaml"]
        self.files["metrics.yaml"] = text[text.index("below_warn:") :]
        self.write()
        return self.root / "own"

    def problems(self, names=()):
        self.write()
        problems = lint_packs(self.root, names=names)
        assert {problem.check for problem in problems} <= set(CHECKS)
        return [problem for problem in problems if problem.severity == "error"]


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "rules")


def found(problems):
    return {(problem.check, problem.file.rpartition("/")[2], problem.line) for problem in problems}


def test_the_small_pack_is_clean(house):
    assert house.problems() == []


# What is changed in which file, the check that must speak up, and in which file and line (by a text in that line).
SEEN, CASE_FILE = "seen.yaml", "seen.test.yaml"
FAIL_IF = "fail_if: disclosure.pool_assets_disclosed_share < params.fail_line"
TEXTS = [
    ("load", SEEN, "params.fail_line\n", "params.fail_lime\n", SEEN, "fail_if"),
    ("load", SEEN, "< params.fail_line\n", "< 0.5\n", SEEN, "fail_if"),
    ("load", SEEN, "params.fail_line\n", "yield_source.yield_paid_12m\n", SEEN, "fail_if"),
    ("load", SEEN, '"{disclosure.pool_assets_disclosed_share} is seen."', '"{nothing} is seen."', SEEN, "  warn:"),
    ("load", SEEN, "severity: major", "severity: grave", SEEN, "severity"),
    ("load", SEEN, "source: CN-01", "source: CN-99", SEEN, "CN-99"),
    ("case-file", CASE_FILE, "- name: all is seen\n", "- nome: all is seen\n", CASE_FILE, "- nome"),
    ("case-failed", CASE_FILE, "{possible: [WARN]}", "{possible: [FAIL]}", CASE_FILE, "- name: between"),
    ("case-name", CASE_FILE, "- name: withheld", "- name: not examined", CASE_FILE, "- name: not examined"),
    ("division", SEEN, FAIL_IF, f"{FAIL_IF} / params.warn_line", SEEN, "fail_if"),
    ("metric-source", "metrics.yaml", "CN-01, US-05", "CN-01, US-99", "metrics.yaml", "US-99"),
    ("worse", SEEN, "worse: {}", "worse: {terms.offered_apy: none}", SEEN, "worse"),
    ("worse", SEEN, "worse: {}", "worse: {disclosure.pool_assets_disclosed_share: lower}", SEEN, "worse"),
    ("worse", SEEN, "worse: {}", "worse: {structure.passes_result_through: order}", SEEN, "worse"),
    ("silence", SEEN, "silence: fail", "silence: unobserved", SEEN, "silence"),
    ("open-message", SEEN, ": {unknowns}", "", SEEN, "  open"),
    ("dated-text", SEEN, "rationale: What", "rationale: Since 2022 what", SEEN, "rationale"),
    ("dated-text", SEEN, "is seen; income", "is seen (1999 rule); income", SEEN, "  pass"),
    ("dated-text", SEEN, "ask: Send the list", "ask: Send the list of 2021-06", SEEN, "ask"),
    ("code", SEEN, "code: OWN-01", "code: T1-01", SEEN, "code"),
    ("since", SEEN, "since: 1.0.0", "since: '1.0'", SEEN, "since"),
    ("since", SEEN, "since: 1.0.0", "since: 1.3.0", SEEN, "since"),
    ("parameter-date", "parameters.yaml", "2020-02-29", "2021-02-29", "parameters.yaml", "2021-02-29"),
    ("unused-parameter", SEEN, "params.fail_line", "params.warn_line", "parameters.yaml", "fail_line:"),
    ("unused-metric", SEEN, "; income covers {income_cover}", "", "metrics.yaml", "income_cover:"),
    ("unfinished", SEEN, "ask: Send the list", "ask: Send (to be written)", SEEN, "ask"),
    ("unfinished", CASE_FILE, "name: withheld", "name: (to be written)", CASE_FILE, "to be written"),
    ("unfinished", "pack.yaml", "summary: One", "summary: (to be written)", "pack.yaml", "summary"),
    ("non-monotone", SEEN, FAIL_IF, FAIL_IF.replace("<", ">"), SEEN, "fail_if"),
    ("applies-direction", SEEN, "&& !structure.", "&& structure.", SEEN, "applies_if"),
]


@pytest.mark.parametrize(("check", "file", "old", "new", "where", "line"), TEXTS)
def test_a_fault_in_a_text_is_found_where_it_stands(house, check, file, old, new, where, line):
    house.change(file, old, new)
    problems = house.problems()
    lines = [i for i, text in enumerate(house.files[where].splitlines(), 1) if line in text]
    assert (check, where, lines[-1]) in found(problems), problems


@pytest.mark.parametrize(
    ("check", "names"),
    [
        ("case-pass", ["all is seen", "exactly on the warning line"]),
        ("case-warn", ["between the lines", "exactly on the failing line"]),
        ("case-fail", ["beyond the failing line"]),
        ("case-not-examined", ["not examined"]),
        ("case-not-disclosed", ["withheld"]),
        ("case-not-applicable", ["false alarm - the result passes through"]),
        ("case-false-alarm", ["false alarm - the result passes through"]),
        ("case-threshold", ["exactly on the failing line"]),
    ],
)
def test_a_missing_case_is_found(house, check, names):
    for name in names:
        house.drop_case(name)
    assert (check, CASE_FILE, 1) in found(house.problems())


def test_only_what_is_missing_is_found(house):
    house.drop_case("withheld")
    assert found(house.problems()) == {("case-not-disclosed", CASE_FILE, 1)}


def test_a_threshold_inside_a_metric_needs_its_case_too(house):
    house.drop_case("exactly on the warning line")
    line = house.line("metrics.yaml", "params.warn_line")
    assert ("case-threshold", "metrics.yaml", line) in found(house.problems())


def test_a_case_close_to_a_threshold_is_not_on_it(house):
    house.change(
        CASE_FILE,
        "disclosure.pool_assets_disclosed_share: 0.5}",
        "disclosure.pool_assets_disclosed_share: 0.5000000001}",
    )
    assert ("case-threshold", CASE_FILE, 1) in found(house.problems())


def test_another_kind_does_not_stand_for_the_fact_that_takes_a_rule_out(house):
    house.drop_case("false alarm - the result passes through")
    house.files[CASE_FILE] += (
        "- name: false alarm - a bank\n  facts: {platform.kind: bank}\n  expect: {not_applicable: true}\n"
    )
    assert found(house.problems()) == {("case-not-applicable", CASE_FILE, 1)}


def test_where_only_the_kind_decides_another_kind_is_enough(house):
    house.change(SEEN, " && !structure.passes_result_through", "")
    house.drop_case("false alarm - the result passes through")
    house.files[CASE_FILE] += (
        "- name: false alarm - a bank\n  facts: {platform.kind: bank}\n  expect: {not_applicable: true}\n"
    )
    assert found(house.problems()) == set()


def test_silence_about_what_anyone_can_see_needs_no_case(house):
    house.change(SEEN, "disclosure.pool_assets_disclosed_share", "deposit_liquidity.outflow_30d_share")
    house.change(SEEN, " && !structure.passes_result_through", "")
    house.change(SEEN, "silence: fail", "silence: unobserved")
    house.change("metrics.yaml", "disclosure.pool_assets_disclosed_share", "deposit_liquidity.outflow_30d_share")
    assert not {"silence", "case-not-disclosed", "load"} & {problem.check for problem in house.problems()}


def test_a_rule_without_cases(house):
    del house.files[CASE_FILE]
    problems = house.problems()
    assert ("case-file", SEEN, 1) in found(problems)


def test_cases_without_a_rule(house):
    house.files["gone.test.yaml"] = house.files[CASE_FILE]
    assert found(house.problems()) == {("case-file", "gone.test.yaml", 1)}


@pytest.mark.parametrize("orphan", [False, True])
def test_cases_that_are_no_yaml(house, orphan):
    file = "gone.test.yaml" if orphan else CASE_FILE
    house.files[file] = "- name: &anchor first\n"
    line = 1
    assert ("case-file", file, line) in found(house.problems())


def test_a_code_given_twice(house):
    house.files["twin.yaml"], house.files["twin.test.yaml"] = house.files[SEEN], house.files[CASE_FILE]
    assert found(house.problems()) == {("code", "twin.yaml", 1)}


def test_a_minor_rule_outside_the_traits_may_leave_silence_unobserved(house):
    house.files["other.yaml"] = (
        house.files[SEEN].replace("OWN-01", "OWN-02").replace("silence: fail", "silence: unobserved")
    )
    house.files["other.yaml"] = house.files["other.yaml"].replace("severity: major", "severity: minor")
    house.files["other.test.yaml"] = house.files[CASE_FILE].replace(
        "{possible: [FAIL], presumed: true}", "{possible: [PASS, WARN, FAIL]}"
    )
    assert found(house.problems()) == set()


def test_a_critical_rule_that_never_fails(house):
    house.change(SEEN, f"{FAIL_IF}\n", "")
    house.change(SEEN, "severity: major", "severity: critical")
    assert ("severity", SEEN, 5) in found(house.problems())


def test_a_stop_that_the_verdict_table_does_not_name(house):
    house.change(SEEN, "silence: fail", "stop_if: below_warn\nsilence: fail")
    assert ("severity", SEEN, house.line(SEEN, "stop_if")) in found(house.problems())


def test_a_named_stop_without_its_condition(house):
    house.stops = "[own.seen]"
    assert found(house.problems()) == {("severity", SEEN, 1)}


FORMULAS = [
    ("yield_source.cash_income_12m / yield_source.interest_paid_12m < params.warn_line", True),
    ("yield_source.cash_income_12m / (params.warn_line * yield_source.interest_paid_12m) < params.warn_line", True),
    ("yield_source.cash_income_12m < params.warn_line * yield_source.interest_paid_12m", False),
    (
        "yield_source.interest_paid_12m > 0 ? yield_source.cash_income_12m / yield_source.interest_paid_12m"
        " < params.warn_line : false",
        False,
    ),
    (
        "structure.first_loss_capital / max(structure.risk_assets, structure.first_loss_capital) < params.warn_line",
        False,
    ),
]


@pytest.mark.parametrize(("formula", "faulty"), FORMULAS)
def test_a_division_by_what_may_be_zero(house, formula, faulty):
    house.change("metrics.yaml", "disclosure.pool_assets_disclosed_share < params.warn_line", f"'{formula}'")
    line = house.line("metrics.yaml", formula[:30])
    problems = house.problems()
    assert (("metric-division", "metrics.yaml", line) in found(problems)) is faulty, problems
    assert not faulty or "Multiply out" in next(p.hint for p in problems if p.check == "metric-division")


def test_a_division_for_display_is_left_alone(house):
    assert "/" in house.files["metrics.yaml"]
    assert house.problems() == []


def test_an_island_in_the_middle_of_the_range_is_found(house):
    """Both ends of the range pass; only the search along it meets the part that fails."""
    house.change(SEEN, FAIL_IF, f"{FAIL_IF} && disclosure.pool_assets_disclosed_share > 0")
    problem = next(p for p in house.problems() if p.check == "non-monotone")
    assert problem.line == house.line(SEEN, "fail_if")
    assert "disclosure.pool_assets_disclosed_share" in problem.message
    assert re.search(r"gives FAIL, 0 gives WARN", problem.message), problem.message


def test_a_restated_direction_ends_the_search(house):
    house.change(SEEN, FAIL_IF, f"{FAIL_IF} && disclosure.pool_assets_disclosed_share > 0")
    house.change(SEEN, "worse: {}", "worse: {disclosure.pool_assets_disclosed_share: none}")
    assert "non-monotone" not in {problem.check for problem in house.problems()}


def test_everything_is_told_at_once(house):
    house.drop_case("withheld")
    house.change(SEEN, "code: OWN-01", "code: XX-01")
    house.change(SEEN, "rationale: What", "rationale: Since 2022 what")
    house.change("parameters.yaml", "2020-02-29", "2021-02-29")
    assert {check for check, _, _ in found(house.problems())} == {
        "case-not-disclosed", "code", "dated-text", "parameter-date",
    }  # fmt: skip


def test_every_fault_of_loading_is_told_at_once(house):
    house.change(SEEN, "params.fail_line", "params.fail_lime")
    house.change("metrics.yaml", "params.warn_line", "params.warn_lime")
    house.change("parameters.yaml", "range: [0.6, 0.9]", "range: [0.8, 0.9]")
    problems = house.problems()
    assert {p.check for p in problems} == {"load"}
    assert {p.file.rpartition("/")[2] for p in problems} == {SEEN, "metrics.yaml", "parameters.yaml"}


def test_what_nothing_uses_is_a_note(house):
    house.write()
    notes = [problem for problem in lint_packs(house.root) if problem.severity == "info"]
    assert {problem.check for problem in notes} == {"unused-source", "unused-fact"}
    told = " ".join(problem.message for problem in notes)
    assert "'CN-14'" in told
    assert "'CN-01'" not in told
    assert all(problem.line for problem in notes)


def test_an_added_pack_is_linted_beside_the_shipped_ones(house):
    house.drop_case("withheld")
    problems = lint_packs(data_path("rules"), [house.write_added()], ["own"])
    assert found(problems) == {("case-not-disclosed", CASE_FILE, 1)}


def test_an_unknown_name_is_no_clean_bill(house):
    house.write()
    with pytest.raises(UsageError, match="no rule, code or pack 'owm'"):
        lint_packs(house.root, names=["owm"])


def test_names_choose_rules(house):
    house.files["twin.yaml"] = house.files[SEEN].replace("OWN-01", "OWN-02")
    house.files["twin.test.yaml"] = FALSE_ALARM
    assert found(house.problems(["own.seen"])) == set()


@pytest.mark.parametrize("name", ["own", "OWN", "own.seen", "OWN-01"])
def test_a_pack_is_chosen_by_id_or_group_a_rule_by_id_or_code(house, name):
    house.drop_case("withheld")
    assert found(house.problems([name])) == {("case-not-disclosed", CASE_FILE, 1)}


def test_a_shipped_text_without_translation(monkeypatch):
    """The check "translation" looks at the shipped packs alone."""
    title = shipped_rulebook().rules["t1.offered_spread"].title
    lacking = {text: chinese for text, chinese in catalogue("zh-Hans").items() if text != title}
    monkeypatch.setattr(
        "checker.app.translations.catalogue", lambda language: lacking if language == "zh-Hans" else catalogue(language)
    )
    problems = lint_packs(data_path("rules"), names=["t1.offered_spread"])
    assert [(p.check, Path(p.file).name) for p in problems if p.severity == "error"] == [
        ("translation", "offered_spread.yaml")
    ]
    assert title in problems[0].message


def test_each_check_is_shown_to_fail_here():
    """No check without a broken example in this file."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [check for check in CHECKS if f'"{check}"' not in text] == []


@pytest.mark.slow
def test_the_shipped_packs_are_clean():
    assert [str(p) for p in lint_packs(data_path("rules")) if p.severity == "error"] == []


def test_the_command_line_ends_with_3_and_the_place(house, capsys):
    house.drop_case("withheld")
    pack = str(house.write_added())
    assert main(["rules", "lint", "own", "--rules", pack]) == 3
    out = capsys.readouterr().out
    assert out.startswith(f"{pack}/seen.test.yaml:1:1 case-not-disclosed: no case withholds a fact. Add one")


def test_the_command_line_speaks_json(house, capsys):
    house.change("pack.yaml", "version: 1.2.0", "version: one")
    assert main(["rules", "lint", "own", "--rules", str(house.write_added()), "--format", "json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert {"file", "line", "column", "check", "message", "hint", "key", "severity"} == set(told[0])
    assert told[0]["check"] == "load"


def test_a_clean_pack_ends_with_0(house, capsys):
    assert main(["rules", "lint", "own", "--rules", str(house.write_added())]) == 0
    assert capsys.readouterr().out == ""
