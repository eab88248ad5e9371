"""The claims of the five articles that the rulebook began with: each is carried, and each error in them is known."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checker.app.audit import shipped_rulebook
from checker.app.cases import Case, case_profile, run_case
from checker.assess.assess import program
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.model.document import Document, read_document
from checker.model.interval import Interval
from checker.model.profile import parse_profile
from checker.model.view import View
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

CLAIMS = data_path("rules", "claims.yaml")
ERRORS = Path(__file__).parent / "data" / "seed_errors.yaml"
COUNTS = {"SEED-000": 18, "SEED-001": 19, "SEED-002": 29, "SEED-003": 49, "SEED-004": 17}
STATUSES = {"ok", "part", "wrong", "disputed", "rumour", "not_checked"}
KEYS = {"seed", "claim", "rules", "facts", "metrics", "carried_by", "status", "error", "note"}
UNCARRIED_AT_MOST = 3


def read(path: Path) -> list[dict[str, Any]]:
    loaded = read_document(path).value
    assert isinstance(loaded, list)
    return loaded


CLAIM_LIST = read(CLAIMS)
ERROR_LIST = read(ERRORS)
SHOWN = [(error["id"], raw) for error in ERROR_LIST for raw in error.get("shows", ())]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return shipped_rulebook()


def test_every_claim_of_every_article_is_there() -> None:
    assert Counter(claim["seed"] for claim in CLAIM_LIST) == COUNTS
    assert len({claim["claim"] for claim in CLAIM_LIST}) == sum(COUNTS.values())
    for claim in CLAIM_LIST:
        assert set(claim) <= KEYS, claim["claim"]
        assert claim["status"] in STATUSES, claim["claim"]


def test_every_name_exists(rulebook: Rulebook) -> None:
    codes = {rule.code for rule in rulebook.rules.values()}
    unknown = [
        (claim["claim"], name)
        for claim in CLAIM_LIST
        for name in (
            *(code for code in claim.get("rules", ()) if code not in codes),
            *(fact for fact in claim.get("facts", ()) if fact not in rulebook.dictionary),
            *(metric for metric in claim.get("metrics", ()) if metric not in rulebook.metrics),
        )
    ]
    assert unknown == []
    assert {claim["seed"] for claim in CLAIM_LIST} <= set(rulebook.sources)


def test_a_claim_is_carried_or_says_why_not() -> None:
    uncarried = []
    for claim in CLAIM_LIST:
        if claim.get("carried_by") == "none":
            assert claim["note"], claim["claim"]
            uncarried.append(claim["claim"])
        else:
            assert claim["rules"], claim["claim"]
            assert claim["facts"], claim["claim"]
    assert len(uncarried) <= UNCARRIED_AT_MOST


def facts_behind(rulebook: Rulebook, claim: dict[str, Any]) -> set[str]:
    """Every fact that the claim's rules and metrics read."""
    ids = {rule.code: rule.id for rule in rulebook.rules.values()}
    found: set[str] = set()
    for code in claim["rules"]:
        found |= set(rulebook.reads[ids[code]])
    for metric in claim["metrics"]:
        for formula in rulebook.metrics[metric].formulas:
            collected: dict[str, set[str]] = {}
            rulebook._collect(formula.root, "", collected, set())
            found |= set(collected)
    return found


def test_facts_of_a_claim_are_read_by_its_rules(rulebook: Rulebook) -> None:
    apart = [
        (claim["claim"], fact)
        for claim in CLAIM_LIST
        if "carried_by" not in claim and not claim.get("note", "").startswith("No rule reads")
        for fact in claim["facts"]
        if fact not in facts_behind(rulebook, claim)
    ]
    assert apart == []


def test_every_wrong_claim_has_its_correction() -> None:
    known = {error["id"] for error in ERROR_LIST}
    assert len(known) == len(ERROR_LIST) == 14
    for claim in CLAIM_LIST:
        if claim["status"] == "wrong":
            assert claim["error"] in known, claim["claim"]
        elif claim["status"] == "disputed":
            assert claim.get("error") in known or claim["note"], claim["claim"]
        elif "error" in claim:
            assert claim["error"] in known, claim["claim"]


def test_every_error_says_what_was_found_and_where(rulebook: Rulebook) -> None:
    for error in ERROR_LIST:
        assert error["said"], error["id"]
        assert error["found"], error["id"]
        assert set(error["sources"]) <= set(rulebook.sources), error["id"]
        assert error["seed"] in COUNTS, error["id"]
        assert error.get("shows") or error.get("correction"), error["id"]


def case_of(raw: dict[str, Any]) -> Case:
    return Case(
        raw["rule"],
        raw["name"],
        raw["facts"],
        str(raw.get("as_of", "2022-05-31")),
        raw.get("params", {}),
        raw["expect"],
        str(ERRORS),
        1,
    )


@pytest.mark.parametrize(("error", "raw"), SHOWN, ids=[f"{error}: {raw['name']}" for error, raw in SHOWN])
def test_what_a_rule_shows(error: str, raw: dict[str, Any], rulebook: Rulebook) -> None:
    case = case_of(raw)
    assert run_case(case, rulebook.rules[case.rule], rulebook).failures == ()


@pytest.mark.parametrize(
    ("error", "raw"),
    [(error, raw) for error, raw in SHOWN if "metrics" in raw],
    ids=[raw["name"] for _, raw in SHOWN if "metrics" in raw],
)
def test_what_a_metric_shows(error: str, raw: dict[str, Any], rulebook: Rulebook) -> None:
    case = case_of(raw)
    day = date.fromisoformat(case.as_of)
    document = Document(
        case_profile(case, rulebook.dictionary), case.file, "", lambda spots: dict.fromkeys(spots, (1, 1))
    )
    profile = parse_profile(document, rulebook.dictionary, today=day)
    cut = Cut(View(profile, rulebook.dictionary, day, day), rulebook.reference)
    interpreter = RuleEngine(program(rulebook), cut, rulebook.dictionary).interpreter
    for metric, expected in raw["metrics"].items():
        value = interpreter.metric(metric).value
        assert isinstance(value, Interval)
        assert (value.lo, value.hi) == pytest.approx((expected, expected), abs=1e-5), metric


def test_profiles_hold_the_corrected_figures() -> None:
    checked = 0
    for error in ERROR_LIST:
        if "profile" not in error:
            continue
        told = error["profile"]
        profile = json.loads(data_path("profiles", f"{told['name']}.json").read_text(encoding="utf-8"))
        section, _, table = told["table"].partition(".")
        rows = [row for row in profile[section][table] if row["event"] == told["event"]]
        assert rows, error["id"]
        assert all(row[told["column"]] <= told["at_most"] for row in rows), error["id"]
        checked += 1
    assert checked


def test_parameters_carry_the_corrected_dates(rulebook: Rulebook) -> None:
    for error in ERROR_LIST:
        for parameter, day in error.get("parameters", {}).items():
            assert rulebook.parameters[parameter].values[-1].since == str(day)
