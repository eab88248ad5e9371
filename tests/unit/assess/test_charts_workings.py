"""The working tables behind the charts: exact cells, bounds where facts are bounded, nothing without facts."""

import json
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook

DAY = date(2026, 1, 31)
ENTRY = {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "audit", "source": "s"}
TERMS = {"offered_apy": 0.1, "offered_asset": "USD", "rate_kind": "platform_set"}


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture
def of(tmp_path: Path, rulebook):
    """Assess a profile of a centralised lender with some sections."""

    def build(kind="cefi_lender", day=DAY, **sections):
        document = {
            "ddcheck": 1,
            "platform": {"name": "Test", "kind": kind},
            "defaults": ENTRY,
            **sections,
            "sources": {"s": {"title": "Accounts", "publisher": "Test", "date": "2020-01-01"}},
        }
        path = tmp_path / "p.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return audit_one(path, Settings(date(2026, 11, 22), day, day), rulebook)

    return build


def cells(working):
    """Cells by the first word of their row."""
    return {row[0]: row[1:] for row in working.rows}


def near(*values):
    return [None if value is None else pytest.approx(value) for value in values]


class TestWhoPays:
    def test_parts_fill_the_promise_one_after_the_other(self, of):
        found = of(
            terms=TERMS | {"offered_asset": "XYZ"},
            yield_source={"net_asset_yield_12m": 0.06, "subsidy_share": 0.3, "risk_free_apy": 0.04},
        )
        rows = cells(found.working("who_pays"))
        assert rows["Promised"] == (0.1, 0.0, 0.1)
        assert list(rows["Earned, as much as government bills pay"]) == near(0.04, 0.0, 0.04)
        assert list(rows["Earned beyond that"]) == near(0.02, 0.04, 0.06)
        assert list(rows["Paid by a known subsidy"]) == near(0.03, 0.06, 0.09)
        assert list(rows["Paid by nobody known"]) == near(0.01, 0.09, 0.1)

    def test_parts_of_exact_facts_add_up(self, of):
        for earned in (-0.02, 0.0, 0.03, 0.07, 0.2):
            found = of(terms=TERMS, yield_source={"net_asset_yield_12m": earned, "subsidy_share": 0.2})
            parts = [row[1] for row in found.working("who_pays").rows]
            low = [part[0] if isinstance(part, list) else part for part in parts]
            high = [part[1] if isinstance(part, list) else part for part in parts]
            assert sum(low[1:]) <= low[0] + 1e-12 <= sum(high[1:]) + 2e-12

    def test_the_reference_rate_goes_before_a_stated_one(self, of):
        found = of(terms=TERMS, yield_source={"net_asset_yield_12m": 0.06, "risk_free_apy": 0.01})
        part = cells(found.working("who_pays"))["Earned, as much as government bills pay"][0]
        assert 0.03 < part < 0.05
        assert any(rate.lo == pytest.approx(part) for rate in found.rates)

    def test_an_unknown_subsidy_leaves_the_rest_open(self, of):
        rows = cells(of(terms=TERMS, yield_source={"net_asset_yield_12m": 0.06}).working("who_pays"))
        assert rows["Paid by nobody known"][0] == near(0.0, 0.04)
        assert rows["Paid by a known subsidy"][0] == near(0.0, 0.04)

    def test_a_monthly_shortfall_is_a_subsidy(self, of):
        found = of(
            terms=TERMS,
            yield_source={"net_asset_yield_12m": 0.04, "monthly_shortfall": 5e6},
            deposit_liquidity={"client_liabilities": 1e9},
        )
        rows = cells(found.working("who_pays"))
        assert rows["Paid by a known subsidy"][0] == pytest.approx(0.06)
        assert rows["Paid by nobody known"][0] == pytest.approx(0.0)
        assert "yield_source.monthly_shortfall" in found.working("who_pays").facts

    def test_not_shown_without_earnings_or_subsidy(self, of):
        assert of(terms=TERMS).working("who_pays") is None
        assert of(yield_source={"net_asset_yield_12m": 0.06}).working("who_pays") is None


class TestCashAndCalls:
    def test_one_side_is_told(self, of):
        working = of(deposit_liquidity={"liabilities_redeemable_1d": 500.0}).working("cash_and_calls")
        assert working.rows[0][:3] == (1.0, None, 500.0)
        assert [row[1:] for row in working.rows[1:]] == [(None, [500.0, None], None, None)] * 2
        assert working.facts == ("deposit_liquidity.liabilities_redeemable_1d",)

    def test_what_may_be_called_within_a_week_may_be_called_within_a_month(self, of):
        told = {"liabilities_redeemable_1d": 300.0, "liabilities_redeemable_7d": 200.0}
        first, second, third = of(deposit_liquidity=told).working("cash_and_calls").rows
        assert (first[2], second[2]) == (300.0, 200.0)  # facts that contradict each other stand as they are
        assert third[2] == [200.0, None]

    def test_a_ladder_takes_its_place(self, of):
        found = of(
            deposit_liquidity={
                "liabilities_redeemable_1d": 500.0,
                "liquid_assets_1d": 100.0,
                "client_liabilities": 600.0,
            }
        )
        assert found.working("maturity_ladder") is not None
        assert found.working("cash_and_calls") is None

    def test_nothing_without_amounts(self, of):
        assert of(terms={"notice_days": 0}).working("cash_and_calls") is None


class TestLoopHealth:
    def test_a_loop_of_known_turns(self, of):
        found = of("yield_product", leverage={"reported_loop_leverage": 4.0, "liquidation_threshold": 0.9})
        ((times, health, closed, wiped),) = found.working("loop_health").rows
        assert (times, wiped) == (4.0, 0.25)
        assert health == pytest.approx(4 * 0.9 / 3)
        assert closed == pytest.approx(1 - 1 / health)

    def test_bounds(self, of):
        turned = {"reported_loop_leverage": {"lo": 3.0, "hi": 5.0}, "liquidation_threshold": {"lo": 0.8, "hi": 0.9}}
        ((times, health, closed, wiped),) = of("yield_product", leverage=turned).working("loop_health").rows
        assert times == [3.0, 5.0]
        assert health == near(5 * 0.8 / 4, 3 * 0.9 / 2)
        assert closed == near(0.0, 1 - (2 / 3) / 0.9)
        assert wiped == near(0.2, 1 / 3)

    def test_without_a_threshold_only_the_turns_are_told(self, of):
        ((times, health, closed, _),) = (
            of("yield_product", leverage={"reported_loop_leverage": 4.0}).working("loop_health").rows
        )
        assert times == 4.0
        assert health == closed == [None, None]

    def test_no_loop_no_table(self, of):
        assert of("yield_product").working("loop_health") is None


class TestBalanceSheet:
    def test_from_its_parts(self, of):
        found = of(leverage={"total_assets": 1000.0, "equity": 80.0}, affiliates={"has_own_token": False})
        rows = cells(found.working("balance_sheet"))
        assert rows["Debts"] == (920.0, pytest.approx(0.92))
        assert rows["Own capital"] == (80.0, pytest.approx(0.08))

    def test_a_stated_ratio_tells_no_amounts(self, of):
        rows = cells(of("bank", leverage={"reported_equity_ratio": 0.05}).working("balance_sheet"))
        assert rows["All assets"][0] is None
        assert rows["Own capital"] == (None, pytest.approx(0.05))

    def test_an_open_own_token_opens_the_capital(self, of):
        rows = cells(of(leverage={"total_assets": 1000.0, "equity": 80.0}).working("balance_sheet"))
        assert rows["Own capital"][0] in ([None, 80.0], 80.0)
        assert rows["Own capital"][1] != pytest.approx(0.08)

    def test_nothing_without_a_balance_sheet(self, of):
        assert of(structure={"direct_claim_on_assets": False}).working("balance_sheet") is None


class TestCollateralCurve:
    def test_observed_cover(self, of):
        found = of(ltv_practice={"collateral_value": 150.0, "secured_loans": 100.0})
        working = found.working("collateral_curve")
        rows = cells(working)
        assert rows[0.0] == (0.0,)
        assert rows[0.4] == (pytest.approx(1 - 1.5 * 0.6 * 0.95),)
        assert rows[1.0] == (1.0,)
        bear = 1 - 1 / (1.5 * 0.95)
        assert any(row[0] == pytest.approx(bear) and row[1] == pytest.approx(0.0, abs=1e-9) for row in working.rows)
        number = found.number("c.shortfall")
        shock = next(variant for variant in number.variants if variant.scenario == "worst_day")
        assert shock.value[0] == pytest.approx(rows[0.4][0])

    def test_a_worse_cover_never_loses_less(self, of):
        def lost(cover):
            practice = {"collateral_value": cover, "secured_loans": 100.0}
            return dict(of(ltv_practice=practice).working("collateral_curve").rows)

        better, worse = lost(150.0), lost(120.0)
        assert all(worse[fall] >= better[fall] for fall in set(better) & set(worse))

    def test_at_the_ratio_of_liquidation(self, of):
        rows = [{"asset": "ETH", "liquidation_ltv": 0.8}, {"asset": "USDC", "liquidation_ltv": 0.9}]
        working = of(ltv_practice={"collateral": {"rows": rows}}).working("collateral_curve")
        assert [heading for heading, _ in working.columns] == ["Collateral falls by", "A loan about to be closed"]
        assert cells(working)[0.4][0] == near(1 - 0.6 * 0.95 / 0.8, 1 - 0.6 * 0.95 / 0.9)

    def test_falls_rise_and_losses_with_them(self, of):
        rows = [{"asset": "ETH", "liquidation_ltv": 0.8}]
        working = of(
            ltv_practice={"collateral": {"rows": rows}, "reported_collateral_cover": {"lo": 0.5, "hi": 1.3}}
        ).working("collateral_curve")
        for column in (1, 2):
            ends = [row[column] if isinstance(row[column], list) else [row[column]] * 2 for row in working.rows]
            assert ends == sorted(ends)

    def test_nothing_without_collateral(self, of):
        assert of(exposures={"loan_book": 100.0}).working("collateral_curve") is None
