"""What is told of a figure can be worked out again: ends that rest on facts, and the row that gives them."""

import json
from datetime import date

import pytest

from checker.app.audit import Settings, audit_one, options_of, shipped_rulebook
from checker.assess.assess import assess
from checker.model.document import parse_json
from checker.model.profile import parse_profile
from checker.resources import data_path

DAY = date(2022, 6, 30)
SAID = {"from": "2022-06-01", "known_on": "2022-06-01", "evidence": "terms_of_use", "source": "s"}


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def judged(rulebook):
    def judge(*rows, **terms):
        stated = {name: [{"value": value, **SAID}] for name, value in terms.items()}
        products = {"rows": [row | SAID for row in rows]}
        document = {
            "ddcheck": 1,
            "platform": {"name": "P", "kind": "cefi_lender"},
            "terms": stated | ({"products": products} if rows else {}),
            "sources": {"s": {"title": "Terms", "date": "2022-06-01"}},
        }
        profile = parse_profile(parse_json(json.dumps(document), "p.json"), rulebook.dictionary, today=DAY)
        return assess(profile, rulebook, options_of(Settings(DAY, DAY, DAY)), version="x")

    return judge


def figure(assessment, id):
    return next(metric for metric in assessment.metrics if metric.id == id)


def product(asset, rate, **more):
    return {"product": "Earn", "asset": asset, "rate": rate, "tenor_days": 0, "promotional": False} | more


def test_a_figure_over_rows_names_the_row_that_gives_it_and_what_it_is_made_of(judged):
    told = judged(product("USDC", 0.09), product("EUR", 0.02), product("BTC", 0.01))
    over = figure(told, "t1.over_cap")
    (row,) = over.rows
    assert row.table == "terms.products"
    assert "USDC" in row.row
    parts = {id: value for id, _, value in row.parts}
    assert set(parts) == {"terms.products.rate", "t1.deposit_cap"}
    (rate, _), (cap, _) = parts["terms.products.rate"], parts["t1.deposit_cap"]
    assert over.value[0] == pytest.approx(rate - cap)
    spread = figure(told, "t1.offered_spread")
    (row,) = spread.rows
    (rate, _), (bill, _) = (value for _, _, value in row.parts)
    assert [id for id, _, _ in row.parts] == ["terms.products.rate", "reference:risk_free(USDC)"]
    assert spread.value[0] == pytest.approx(rate - bill)


def test_what_is_merely_conceivable_is_no_end_of_a_figure(judged):
    """A rate of 1,000 % is conceivable; that says nothing about a spread over a rate that nobody looked up."""
    told = judged(product("USDC", 0.09), offered_apy=0.12)
    assert figure(told, "t1.offered_cap").value == [None, None]
    low, high = figure(told, "t1.offered_spread").value
    assert low == pytest.approx(0.09 - 0.009961, abs=1e-6)
    assert high is None
    assert figure(judged(), "t1.offered_spread").value == [None, None]


def test_where_nothing_is_known_no_rate_has_the_ends_of_what_is_conceivable(judged):
    rates = [metric.value for metric in judged().metrics if metric.unit == "rate"]
    assert len(rates) > 5
    assert not [value for value in rates if any(end is not None and abs(end) >= 1 for end in value)]


def test_zero_stays_an_end(judged):
    assert figure(judged(), "t1.legal_cap").value[0] == 0


def test_a_finding_names_the_figures_it_rests_on(judged):
    told = judged(product("USDC", 0.09), offered_apy=0.09)
    finding = next(finding for finding in told.findings if finding.rule == "t1.deposit_rate_cap")
    assert [outcome.name for outcome in finding.possible] == ["FAIL"]
    assert finding.metrics == ("t1.over_cap", "t1.over_cap_multiple")
    alone = judged(offered_apy=0.09, offered_asset="USDC", min_term_days=0)
    finding = next(finding for finding in alone.findings if finding.rule == "t1.deposit_rate_cap")
    assert "t1.offered_cap" in finding.metrics


@pytest.mark.parametrize(("name", "day"), [("celsius", date(2022, 5, 31)), ("voyager", DAY)])
def test_of_real_platforms_every_row_holds_the_end_it_gives(rulebook, name, day):
    told = audit_one(data_path("profiles", f"{name}.json"), Settings(date(2099, 1, 1), day, day), rulebook)
    labels = {(table.id, row.label) for table in told.tables for row in table.rows}
    rows = [(metric, row) for metric in told.metrics for row in metric.rows]
    assert rows
    for metric, row in rows:
        assert (row.table, row.row) in labels, metric.id
        assert all(value != [None, None] for _, _, value in row.parts)
