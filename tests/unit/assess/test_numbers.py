"""The numbers behind the verdict: told against a platform of which only the kind is known, and what each rests on."""

import json
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.lang.tree import NOT_STATED
from checker.outputs import words
from checker.resources import data_path

DAY = date(2026, 1, 31)
ENTRY = {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "audit", "source": "s"}


@cache
def rulebook():
    return shipped_rulebook()


@cache
def real(name, as_of, known_by=None):
    known_by = known_by or as_of
    settings = Settings(date(2026, 11, 22), date.fromisoformat(known_by), date.fromisoformat(as_of))
    return audit_one(data_path("profiles", f"{name}.json"), settings, rulebook())


@pytest.fixture
def of(tmp_path: Path):
    """Assess a profile with some sections."""

    def build(kind="cefi_lender", **sections):
        document = {
            "ddcheck": 1,
            "platform": {"name": "Test", "kind": kind},
            "defaults": ENTRY,
            **sections,
            "sources": {"s": {"title": "Accounts", "publisher": "Test", "date": "2020-01-01"}},
        }
        path = tmp_path / "p.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return audit_one(path, Settings(date(2026, 11, 22), DAY, DAY), rulebook())

    return build


def liquid(day_one, in_all=1000):
    """A lender whose deposits are all on demand, with cash of one size at every horizon."""
    named = {f"liquid_assets_{days}d": day_one for days in (1, 7, 30)}
    return {
        "terms": {"notice_days": 0, "rate_kind": "platform_set"},
        "deposit_liquidity": named | {"liabilities_redeemable_1d": in_all, "client_liabilities": in_all},
    }


def steps(trace):
    yield trace
    for step in trace.get("steps", ()):
        yield from steps(step)


def variants(number):
    return {variant.scenario: variant for variant in number.variants}


class TestTold:
    @pytest.mark.parametrize("kind", ["cefi_lender", "defi_market", "yield_product", "p2p", "fund", "bank"])
    def test_nothing_is_told_of_a_platform_of_which_only_the_kind_is_known(self, of, kind):
        numbers = of(kind).numbers
        assert numbers
        assert [number.id for number in numbers if number.told] == []
        assert all(number.trace is None and number.evidence is None and not number.used for number in numbers)
        assert all(number.value in ([None, None], [False, True]) or number.never[0] for number in numbers)

    def test_a_number_whose_facts_are_known_is_told_exactly(self, of):
        number = of(**liquid(250)).number("t3.paid_day_one")
        assert number.told
        assert number.value == [0.25, 0.25]
        assert words.number_text(number) == "25%"

    def test_a_fact_that_bounds_nothing_tells_nothing(self, of):
        number = of(deposit_liquidity={"liquid_assets_1d": 100}).number("t3.paid_day_one")
        assert not number.told
        assert number.used == ("deposit_liquidity.liquid_assets_1d",)
        assert number.trace is None

    def test_an_end_is_printed_only_where_facts_move_it(self, of):
        number = of(yield_source={"net_asset_yield_12m": 0.02}, terms={"offered_apy": {"lo": 0.08}}).number("t4.gap")
        assert number.told
        assert number.value == [pytest.approx(0.06), None]
        assert words.number_text(number) == "at least 6%"

    def test_a_share_is_printed_with_its_natural_ends(self, of):
        told = liquid({"lo": 0, "hi": 600})
        assert of(**told).number("t3.paid_day_one").value == [0.0, 0.6]

    def test_only_numbers_of_its_kind_are_printed(self, of):
        assert of("cefi_lender").number("t3.utilisation") is None
        assert of("defi_market").number("t3.utilisation") is not None


class TestNever:
    def test_all_is_paid_where_cash_covers_all(self, of):
        number = of(**liquid(1000)).number("t3.run_days")
        assert number.told
        assert number.never == (True, True)
        assert number.value == [None, None]
        assert words.number_text(number) == "throughout"
        assert number.never_means == "the run ends, or 30 days pass, before the cash does"

    def test_one_end_may_never_come(self, of):
        number = of(**liquid({"lo": 200, "hi": 1000})).number("t3.run_days")
        assert number.never == (False, True)
        assert number.value[0] > 0
        assert number.value[1] is None
        assert words.number_text(number).endswith(", perhaps throughout")

    def test_a_number_that_always_comes_about_has_no_such_end(self, of):
        assert of(**liquid(1000)).number("t3.paid_day_one").never == (False, False)


class TestScenarios:
    def test_a_run_number_is_told_under_every_run(self, of):
        number = of(**liquid(200)).number("t3.run_days")
        found = variants(number)
        assert tuple(found) == tuple(rulebook().scenarios.of_kind("run"))
        assert found[number.scenario].value == number.value
        assert all(variant.told for variant in found.values())
        # a fifth of deposits: 24 % asked for on day one, or 2 % of the rest each day for eleven days; that totals of
        # one day leave open whether a notice of a day is due widens the range by a day
        assert found["bank_run"].value == pytest.approx([0.2 / 0.24, 1 + 0.2 / 0.24])
        assert found["slow_drain"].value == pytest.approx([11.05, 12.05], abs=0.01)

    def test_a_number_without_facts_has_no_variants(self, of):
        assert of().number("t3.run_days").variants == ()

    def test_headlines_are_told_under_the_run_of_the_kind(self, of):
        assert dict(of("bank", **liquid(200)).headline)["t3.run_days"] == "bank_run"
        assert dict(of("cefi_lender", **liquid(200)).headline)["t3.run_days"] == "crypto_run"
        assert dict(of(**liquid(200)).headline)["t3.paid_day_one"] == ""

    def test_every_scenario_used_is_explained(self, of):
        found = of(**liquid(200))
        named = {scenario.name for scenario in found.scenarios}
        assert {variant.scenario for number in found.numbers for variant in number.variants} <= named

    def test_a_scenario_from_a_later_event_keeps_its_title_only(self):
        uses = {scenario.name: scenario for scenario in real("celsius", "2022-05-31").scenarios}
        assert uses["bank_run"].title
        assert uses["bank_run"].meaning == ""


class TestBasis:
    def test_evidence_is_that_of_the_weakest_fact_used(self, of):
        told = liquid(200)
        told["deposit_liquidity"]["client_liabilities"] = {"value": 1000, "evidence": "company_disclosed"}
        assert of(**told).number("t3.run_days").evidence == 1
        assert of(**liquid(200)).number("t3.run_days").evidence == 4

    def test_missing_facts_have_their_reason(self, of):
        told = liquid(200)
        del told["deposit_liquidity"]["liquid_assets_30d"]
        number = of(**told).number("t3.run_days")
        assert number.missing["deposit_liquidity.liquid_assets_30d"] == "not_examined"
        assert "deposit_liquidity.liquid_assets_30d" not in number.used

    def test_parameters_that_stand_in_for_facts_are_named_and_shown(self):
        found = real("aave", "2025-10-01", "2026-11-22")
        number = found.number("t3.paid_day_one")
        assert number.assumed == ("t3.repaid_1d",)
        shown = {parameter.id for parameter in found.parameters}
        assert {id for number in found.numbers for id in number.assumed} <= shown

    @pytest.mark.parametrize(
        ("name", "as_of"),
        [("anchor", "2022-01-31"), ("aave", "2025-10-01"), ("usde-loop", "2025-10-15"), ("celsius", "2022-07-20")],
    )
    def test_every_number_told_leads_to_facts(self, name, as_of):
        found = real(name, as_of, "2026-01-01" if name != "celsius" else None)
        shown = {fact.id for fact in found.facts} | {table.id for table in found.tables}
        told = [number for number in found.numbers if number.told]
        assert told
        for number in told:
            inputs = {str(id).partition("[")[0] for step in steps(number.trace) for id, _ in step.get("inputs", ())}
            facts = {id for id in inputs if id not in NOT_STATED and not id.startswith(("platform.", "reference:"))}
            assert facts == set(number.used) | set(number.missing), number.id
            assert set(number.used) <= shown, number.id
            assert number.used or any(id.startswith("reference:") for id in inputs), number.id
            assert number.evidence is not None

    def test_a_model_says_which_one_in_its_trace(self):
        number = real("anchor", "2022-01-31").number("t4.runway_stated")
        assert number.model == "runway.shortfall_days"
        assert number.trace["op"] == "model"
        assert number.value == pytest.approx([30e6 / 39e6 * 365 / 12] * 2)
        assert set(number.used) == {"yield_source.subsidy_reserve", "yield_source.monthly_shortfall"}
        assert number.evidence == 2


class TestCoverAndRun:
    def test_cover_by_horizon_takes_each_class_at_its_run_off(self, of):
        deposits = [
            {"class": "uninsured_retail", "amount": 500, "notice_days": 0},
            {"class": "operational", "amount": 300, "notice_days": 4},
            {"class": "institutional", "amount": 200, "notice_days": 7},
        ]
        assets = [
            {"class": "cash", "amount": 100, "days_to_cash": 0, "encumbered": False},
            {"class": "bills", "amount": 150, "days_to_cash": 5, "encumbered": False},
            {"class": "loans", "amount": 50, "days_to_cash": 6, "encumbered": False},
        ]
        assessment = of(
            deposit_liquidity={"deposits": {"rows": deposits, "complete": [dict(ENTRY)]}},
            asset_duration={"assets": {"rows": assets, "complete": [dict(ENTRY)]}},
            terms={"rate_kind": "platform_set", "notice_days": 3},
        )
        retail = next(p.value for p in assessment.parameters if p.id == "t3.runoff_uninsured_retail")
        operational = next(p.value for p in assessment.parameters if p.id == "t3.runoff_operational")
        institutional = next(p.value for p in assessment.parameters if p.id == "t3.runoff_institutional")
        expected = {
            "1d": 100 / (500 * retail),
            "5d": 250 / (500 * retail + 300 * operational),
            "7d": 300 / (500 * retail + 300 * operational + 200 * institutional),
        }
        for horizon, cover in expected.items():
            assert assessment.number(f"t3.stressed_cover_{horizon}").value == pytest.approx([cover, cover])

    def test_who_leaves_first_gains_what_the_sales_cost_those_who_stay(self, of):
        assessment = of(**liquid(100), leverage={"total_assets": 1000, "equity": 0})
        given = {p.id: p.value for p in assessment.parameters}
        wave, discount = given["t3.first_wave"], given["t3.forced_sale_discount"]
        left = 900 - (wave * 1000 - 100) / (1 - discount)
        loss = 1 - left / ((1 - wave) * 1000)
        assert assessment.number("t3.stayers_loss").value == pytest.approx([loss, loss])
        assert assessment.number("t3.leaving_first").value == pytest.approx([loss, loss])
