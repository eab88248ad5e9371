"""The share of key facts withheld, exactly, on a small pack of its own."""

import json
from types import SimpleNamespace

import pytest

from checker.engine.coverage import Withheld
from checker.model.finding import Outcome
from checker.model.interval import FALSE, OPEN, TRUE
from checker.model.state import Status
from checker.packs.load import load_rulebook
from checker.resources import data_path

NA, PASS, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.FAIL
POOLED, CLAIM, PRODUCTS = "structure.pooled", "structure.direct_claim_on_assets", "structure.products_per_pool"
RATIO, ASSETS = "disclosure.reported_solvency_ratio", "disclosure.verified_assets"
DEBTS, LCR = "disclosure.verified_liabilities", "deposit_liquidity.published_lcr"
SEEN = "affiliates.has_own_token"
SILENT, HIDDEN, TOLD = Status.NOT_DISCLOSED, Status.NOT_EXAMINED, Status.REPORTED

METRICS = {
    "cover": {"unit": "ratio", "worse": "lower", "meaning": "Told twice", "formula": [RATIO, f"{ASSETS} / {DEBTS}"]},
    "by_kind": {
        "unit": "ratio",
        "worse": "lower",
        "meaning": "Told by kind",
        "formula": f'platform.kind == "bank" ? {LCR} : {RATIO}',
    },
}
RULES = {
    "plain": ("critical", f"{POOLED} && !{CLAIM} && {SEEN}"),
    "told": ("critical", "cover < params.one"),
    "kind": ("critical", "by_kind < params.one"),
    "small": ("minor", f"{PRODUCTS} > params.one"),
    "asking": ("critical", "coverage.not_disclosed_share > params.one"),
}


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "counting"
    folder.mkdir()
    one = {
        "unit": "ratio",
        "basis": "JDG",
        "meaning": "One",
        "range": [0, 2],
        "values": [{"from": "2015-01-01", "value": 1, "note": "chosen"}],
    }
    files = {
        "pack.yaml": {"title": "Trial", "group": "X", "version": "1.0.0", "summary": "Rules to count"},
        "parameters.yaml": {"one": one},
        "metrics.yaml": METRICS,
    }
    text = dict.fromkeys(("title", "question", "rationale", "case", "false_alarms", "ask"), "Some text.")
    message = dict.fromkeys(("pass", "fail", "open"), "A sentence.")
    for index, (name, (severity, condition)) in enumerate(RULES.items()):
        files[f"{name}.yaml"] = {
            "code": f"X-0{index}",
            "since": "1.0.0",
            "severity": severity,
            "silence": "fail",
            **text,
            "applies_if": 'platform.kind in ["cefi_lender", "bank"]',
            "fail_if": condition,
            "references": [{"source": "BA-01"}],
            "message": message,
        }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return load_rulebook(data_path("rules"), extra=[folder])


@pytest.fixture
def share(rulebook):
    def share(*names, kind="cefi_lender", possible=None, **status):
        known = {
            POOLED: "pooled",
            CLAIM: "claim",
            PRODUCTS: "products",
            RATIO: "ratio",
            ASSETS: "assets",
            DEBTS: "debts",
            LCR: "lcr",
            SEEN: "seen",
        }
        rules = [rulebook.rules[f"counting.{name}"] for name in names]
        results = {r.id: SimpleNamespace(possible=(possible or {}).get(r.id.split(".")[1], {FAIL})) for r in rules}
        results.pop("counting.asking", None)
        bank = TRUE if kind == "bank" else FALSE
        withheld = Withheld(
            rulebook,
            kind,
            lambda fact: status.get(known[fact], TOLD),
            lambda node: bank if "platform.kind" in node.text else OPEN,
        )
        return tuple(withheld.share(rules, results))

    return share


def test_what_is_reported_or_can_be_seen_by_anyone_is_not_withheld(share):
    assert share("plain") == (0, 0)
    assert share("plain", seen=HIDDEN) == (0, 0)


def test_silence_counts_at_both_ends_and_ignorance_at_the_upper_end(share):
    assert share("plain", pooled=SILENT) == (0.5, 0.5)
    assert share("plain", pooled=HIDDEN) == (0, 0.5)
    assert share("plain", pooled=SILENT, claim=HIDDEN) == (0.5, 1)


def test_facts_of_rules_that_are_not_critical_are_no_key_facts(share):
    assert share("plain", "small", products=SILENT) == (0, 0)
    assert share("small", products=SILENT) == (0, 0)


def test_a_rule_that_does_not_apply_settles_its_facts_and_leaves_the_number_of_key_facts(share):
    facts = {"pooled": SILENT, "claim": SILENT}
    assert share("plain", possible={"plain": {NA}}, **facts) == (0, 0)
    assert share("plain", possible={"plain": {NA, FAIL}}, **facts) == (0, 1)
    assert share("plain", "told", possible={"told": {NA}}, assets=SILENT, pooled=SILENT) == (0.2, 0.2)


def test_a_quantity_told_another_way_settles_its_parts(share):
    assert share("told", assets=SILENT, debts=SILENT) == (0, 0)
    assert share("told", ratio=SILENT) == (0, 0)
    assert share("told", ratio=SILENT, assets=SILENT) == (2 / 3, 2 / 3)


def test_as_long_as_another_telling_may_turn_up_nothing_is_surely_withheld(share):
    assert share("told", ratio=HIDDEN, assets=SILENT) == (0, 2 / 3)
    assert share("told", ratio=HIDDEN, assets=HIDDEN, debts=HIDDEN) == (0, 1)


def test_the_branch_that_a_kind_never_takes_is_not_asked_for(share):
    assert share("kind", ratio=SILENT) == (1, 1)
    assert share("kind", kind="bank", ratio=SILENT) == (0, 0)
    assert share("kind", kind="bank", lcr=SILENT) == (0.5, 0.5)


def test_a_rule_that_asks_for_the_share_adds_nothing_to_it(share, rulebook):
    assert share("plain", "asking", pooled=SILENT) == (0.5, 0.5)
    assert share("asking") == (0, 0)
    assert rulebook.computed_of["counting.asking"] == {"coverage.not_disclosed_share"}
    assert rulebook.reads["counting.asking"].keys() == {"platform.kind"}
