"""The working tables behind the numbers: exact cells, bounds where facts are bounded, nothing without facts."""

import json
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.outputs import words
from checker.resources import data_path

DAY = date(2026, 1, 31)
ENTRY = {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "audit", "source": "s"}
BOUNDS = [1.0, 7.0, 30.0, 90.0, 180.0, 365.0, "later"]


@cache
def rulebook():
    return shipped_rulebook()


def assessed(path, as_of, known_by=None):
    known_by = known_by or as_of
    return audit_one(path, Settings(date(2026, 11, 22), known_by, as_of), rulebook())


@cache
def real(name, as_of, known_by=None):
    days = [date.fromisoformat(day) for day in (as_of, known_by) if day]
    return assessed(data_path("profiles", f"{name}.json"), *days)


@pytest.fixture
def of(tmp_path: Path):
    """Assess a profile of a centralised lender with some sections."""

    def build(as_of=DAY, known_by=None, kind="cefi_lender", **sections):
        document = {
            "ddcheck": 1,
            "platform": {"name": "Test", "kind": kind},
            "defaults": ENTRY,
            **sections,
            "sources": {"s": {"title": "Accounts", "publisher": "Test", "date": "2020-01-01"}},
        }
        path = tmp_path / "p.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return assessed(path, as_of, known_by)

    return build


def whole(*rows):
    return {"rows": list(rows), "complete": [dict(ENTRY)]}


def column(working, heading):
    index = [name for name, _ in working.columns].index(heading)
    return [row[index] for row in working.rows]


def notes(working):
    return [words.remark(note) for note in working.notes]


CASH = {"class": "cash", "amount": 200, "days_to_cash": 0, "maturity_days": 0, "encumbered": False}
LOANS = {"class": "loans", "amount": 700, "days_to_cash": 20, "maturity_days": 100, "encumbered": False}
PLEDGED = {"class": "pledged", "amount": 100, "days_to_cash": 1, "maturity_days": 5, "encumbered": True}
ON_DEMAND = {"class": "uninsured_retail", "amount": 600, "notice_days": 0}
NOTICE = {"class": "institutional", "amount": 300, "notice_days": 10}


def tables(assets=(CASH, LOANS, PLEDGED), deposits=(ON_DEMAND, NOTICE)):
    return {"asset_duration": {"assets": whole(*assets)}, "deposit_liquidity": {"deposits": whole(*deposits)}}


class TestLadder:
    def test_contract_and_sales_side_by_side(self, of):
        ladder = of(**tables()).working("maturity_ladder")
        assert column(ladder, "Up to") == BOUNDS
        assert column(ladder, "Deposits out") == [600, 0, 300, 0, 0, 0, 0]
        assert column(ladder, "Assets in, by contract") == [200, 100, 0, 0, 700, 0, 0]
        assert column(ladder, "Gap, by contract") == [-400, 100, -300, 0, 700, 0, 0]
        assert column(ladder, "Gap so far, by contract") == [-400, -300, -600, -600, 100, 100, 100]
        assert column(ladder, "Of all deposits, by contract")[0] == pytest.approx(-400 / 900)
        assert column(ladder, "Assets in, with sales") == [200, 0, 700, 0, 0, 0, 100]
        assert column(ladder, "Gap so far, with sales") == [-400, -400, 0, 0, 0, 0, 100]
        assert ladder.facts == ("asset_duration.assets", "deposit_liquidity.deposits")

    def test_notes_tell_the_first_gap_and_average_lives(self, of):
        assert notes(of(**tables()).working("maturity_ladder")) == [
            "By contract more may be called than has come in; first bucket: 1 day.",
            "With sales more may be called than can be cash; first bucket: 1 day.",
            "Assets live 70 days on average, deposits 3 days.",
        ]

    def test_all_is_covered(self, of):
        ladder = of(**tables(assets=[{**CASH, "amount": 900}])).working("maturity_ladder")
        assert notes(ladder)[:2] == [
            "By contract what comes in covers what may be called in every bucket.",
            "With sales what can be cash covers what may be called in every bucket.",
        ]

    def test_ranges_of_amounts_and_days_stay_ranges(self, of):
        loans = {**LOANS, "amount": {"lo": 600, "hi": 700}, "days_to_cash": {"lo": 5, "hi": 20}}
        ladder = of(**tables(assets=[CASH, loans])).working("maturity_ladder")
        assert column(ladder, "Assets in, with sales") == [200, [0, 700], [0, 700], 0, 0, 0, 0]
        assert column(ladder, "Gap, with sales") == [-400, [0, 700], [-300, 400], 0, 0, 0, 0]
        assert column(ladder, "Gap so far, with sales")[:3] == [-400, [-400, 300], [-100, 0]]
        assert column(ladder, "Gap so far, by contract")[-1] == [-100, 0]

    def test_ranges_contain_every_case_they_stand_for(self, of):
        rng = Random(1)
        names = ("amount", "days_to_cash", "maturity_days", "notice_days")

        def loose(row):
            return row | {k: {"lo": v, "hi": v + rng.choice((0, 50, 200))} for k, v in row.items() if k in names}

        def case(row):
            drawn = {k: v["lo"] + rng.random() * (v["hi"] - v["lo"]) for k, v in row.items() if k in names}
            return row | drawn

        assets, deposits = [loose(row) for row in (CASH, LOANS, PLEDGED)], [loose(row) for row in (ON_DEMAND, NOTICE)]
        bounds = of(**tables(assets, deposits)).working("maturity_ladder")
        for _ in range(15):
            exact = of(**tables([*map(case, assets)], [*map(case, deposits)])).working("maturity_ladder")
            for around, within in zip(bounds.rows, exact.rows, strict=True):
                for range_, number in zip(around[1:], within[1:], strict=True):
                    lo, hi = range_ if isinstance(range_, list) else (range_, range_)
                    assert lo is None or lo - 1e-6 <= number
                    assert hi is None or number <= hi + 1e-6

    def test_an_asset_of_which_nobody_says_whether_it_is_pledged_may_never_be_cash(self, of):
        silent = {key: value for key, value in LOANS.items() if key != "encumbered"}
        ladder = of(**tables(assets=[CASH, silent])).working("maturity_ladder")
        assert column(ladder, "Assets in, with sales")[2:] == [[0, 700]] * 5
        assert column(ladder, "Gap so far, with sales")[-1] == 0
        assert column(ladder, "Assets in, by contract")[4] == 700

    def test_tables_that_may_lack_rows_say_so(self, of):
        told = tables()
        told["asset_duration"]["assets"] = told["asset_duration"]["assets"]["rows"]
        assert "Only rows that the profile lists are counted; there may be more." in notes(
            of(**told).working("maturity_ladder")
        )

    def test_one_view_where_only_one_kind_of_day_is_told(self, of):
        held = [{key: value for key, value in row.items() if key != "maturity_days"} for row in (CASH, LOANS)]
        ladder = of(**tables(assets=held)).working("maturity_ladder")
        assert [heading for heading, _ in ladder.columns][2:] == [
            "Assets in, with sales",
            "Gap, with sales",
            "Gap so far, with sales",
            "Of all deposits, with sales",
        ]

    def test_totals_where_the_tables_are_missing(self, of):
        liquidity = {
            "liquid_assets_1d": 100,
            "liquid_assets_7d": {"lo": 150, "hi": 200},
            "liabilities_redeemable_1d": 500,
            "liabilities_redeemable_7d": 600,
            "client_liabilities": 1000,
        }
        ladder = of(deposit_liquidity=liquidity).working("maturity_ladder")
        assert column(ladder, "Within") == [1, 7, 30]
        assert column(ladder, "Cash reached")[:2] == [100, [150, 200]]
        assert column(ladder, "Gap")[:2] == [-400, [-450, -400]]
        assert column(ladder, "Gap, of all deposits")[:2] == [pytest.approx(-0.4), pytest.approx([-0.45, -0.4])]
        assert set(ladder.facts) <= {f"deposit_liquidity.{name}" for name in liquidity}

    def test_no_ladder_where_one_side_is_unknown(self, of):
        assert of(deposit_liquidity={"client_liabilities": 1000}).working("maturity_ladder") is None
        assert of(deposit_liquidity={"liquid_assets_1d": 100}).working("maturity_ladder") is None

    def test_celsius_at_its_filing_is_told_by_totals(self):
        ladder = real("celsius", "2022-07-20").working("maturity_ladder")
        assert column(ladder, "Cash reached")[0] == [130_000_000.0, 1_917_000_000.0]
        assert column(ladder, "Gap, of all deposits")[0][0] == pytest.approx(-0.97632058)
        assert column(ladder, "Gap, of all deposits")[0][1] is None

    def test_an_open_market_is_told_by_its_utilisation(self):
        ladder = real("aave", "2025-10-01", "2026-11-22").working("maturity_ladder")
        assert column(ladder, "Gap, of all deposits")[0] == pytest.approx([-0.9057, -0.72456])


class TestRunPath:
    def test_every_run_with_its_binding_asset(self, of):
        path = of(**tables()).working("run_path")
        assert path.scenarios == tuple(rulebook().scenarios.of_kind("run"))
        day = dict(zip(path.scenarios, column(path, "First day not paid in full"), strict=True))
        asset = dict(zip(path.scenarios, column(path, "Binding asset"), strict=True))
        # 24 % and 57 % of 600: 144 are paid on day one, 56 of the 342 due on day two
        assert day["bank_run"] == 2
        assert column(path, "Paid on that day")[path.scenarios.index("bank_run")] == pytest.approx(56 / 342)
        assert asset["bank_run"] == "loans"
        # by day 17 a drain of 2 % a day asks for 174.4 of 600 and, ten days later, for 39.6 of 300
        assert day["slow_drain"] == 17
        assert asset["slow_drain"] == "loans"

    def test_not_where_rows_may_be_missing_or_amounts_are_ranges(self, of):
        told = tables()
        told["asset_duration"]["assets"] = told["asset_duration"]["assets"]["rows"]
        assert of(**told).working("run_path") is None
        assert of(**tables(assets=[{**CASH, "amount": {"lo": 1, "hi": 2}}])).working("run_path") is None
        assert of(**tables(deposits=[{**ON_DEMAND, "notice_days": {"lo": 0, "hi": 2}}])).working("run_path") is None

    def test_all_is_paid_out_of_cash(self, of):
        path = of(**tables(assets=[{**CASH, "amount": 900}])).working("run_path")
        assert set(column(path, "First day not paid in full")) == {"never"}
        assert set(column(path, "Paid of the run")) == {1.0}


def product(rate, since=None, to=None, name="Account"):
    row = {"product": name, "asset": "BTC", "rate": rate, "tenor_days": 0}
    return row | ({} if since is None else {"balance_from": since}) | ({} if to is None else {"balance_to": to})


class TestRatesByBalance:
    def test_blockfi_in_april_2019(self):
        rates = real("blockfi", "2019-04-15").working("rates_by_balance")
        assert [row[:3] for row in rates.rows] == [
            ("Interest Account", "BTC", 25.0),
            ("Interest Account", "BTC", 100.0),
            ("Interest Account", "ETH", 500.0),
            ("Interest Account", "ETH", 2000.0),
        ]
        assert column(rates, "Rate on its last part") == [0.062, 0.02] * 2
        assert column(rates, "Rate on the whole") == pytest.approx([0.062, 0.0305] * 2)
        assert column(rates, "Below the highest rate by") == pytest.approx([0, 0.0315] * 2, abs=1e-12)

    def test_a_last_band_with_an_end_says_nothing_beyond_it(self, of):
        rows = [product(0.08, 0, 10), product(0.04, 10, 30)]
        rates = of(terms={"products": rows}).working("rates_by_balance")
        assert column(rates, "Balance") == [10, 30]
        assert column(rates, "Rate on the whole") == pytest.approx([0.08, 1.6 / 30])

    def test_a_range_of_rates_stays_a_range(self, of):
        rows = [product({"lo": 0.06, "hi": 0.08}, 0, 10), product(0.02, 10)]
        rates = of(terms={"products": rows}).working("rates_by_balance")
        assert column(rates, "Rate on the whole")[1] == pytest.approx([0.03, 0.035])
        assert column(rates, "Below the highest rate by")[1] == pytest.approx([0.025, 0.05])

    @pytest.mark.parametrize(
        "rows",
        [
            [product(0.06)],
            [product(0.06, 0)],
            [product(0.06, 5, 10)],
            [product(0.06, 0, 10), product(0.02, 20)],
            [product(0.06, 0, {"lo": 5, "hi": 10}), product(0.02, 10)],
        ],
        ids=["no band", "one open band", "not from 0", "a hole", "an edge that is a range"],
    )
    def test_no_table_without_a_closed_sequence_of_bands(self, of, rows):
        assert of(terms={"products": rows}).working("rates_by_balance") is None

    def test_bands_of_other_products_stand_apart(self, of):
        rows = [product(0.06, 0, 10), product(0.02, 10), product(0.09, 0, name="Other")]
        rates = of(terms={"products": rows}).working("rates_by_balance")
        assert set(column(rates, "Product")) == {"Account"}
        assert column(rates, "Below the highest rate by") == pytest.approx([0, 0.03], abs=1e-12)


def history(*values):
    """Values that change at the beginning of each month up to January 2026."""
    months = [(2024 + (index // 12), index % 12 + 1) for index in range(25)][-len(values) :]
    days = [f"{year}-{month:02}-01" for year, month in months]
    return [{"value": value, "from": day, "known_on": day} for value, day in zip(values, days, strict=True)]


MARKET = [0.05, 0.04, 0.06, 0.03, 0.05, 0.07, 0.04, 0.06, 0.05, 0.03, 0.04, 0.06, 0.05, 0.07]


def offered(values, market=MARKET, **how):
    return {
        "terms": {"offered_apy": history(*values), "offered_asset": "NOSUCHCOIN"},
        "yield_source": {"benchmark_lending_apy": history(*market)},
        **how,
    }


class TestPassThrough:
    def test_full_pass_through(self, of):
        found = of(**offered([rate + 0.01 for rate in MARKET])).working("pass_through")
        assert column(found, "Market rate") == MARKET
        assert column(found, "Day")[0] == "2024-12-31"
        assert column(found, "Day")[2] == "2025-02-28"
        assert found.notes[0].arguments["verdict"] == "pass_through"
        assert found.notes[0].arguments["slope"]["value"] == pytest.approx([1, 1])
        assert found.notes[0].arguments["p_none"]["value"] == pytest.approx([0, 0], abs=1e-9)
        assert notes(found)[0].startswith("Pass-through: 13 changes fit full pass-through and refute none; slope 1")

    def test_a_rate_that_follows_nothing_is_decoupled(self, of):
        own = [0.08, 0.081, 0.08, 0.079, 0.08, 0.08, 0.081, 0.08, 0.08, 0.079, 0.08, 0.08, 0.08, 0.081]
        found = of(**offered(own)).working("pass_through")
        assert found.notes[0].arguments["verdict"] == "decoupled"
        assert found.notes[0].arguments["p_none"]["value"][0] > 0.05
        assert found.notes[0].arguments["p_full"]["value"][0] < 0.05

    def test_below_twelve_changes_no_slope_is_judged(self, of):
        found = of(**offered([0.06, 0.05, 0.07, 0.04], MARKET[:4])).working("pass_through")
        assert notes(found) == ["Undecided: 3 changes are too few to judge a slope; at least 12 are needed."]

    def test_a_market_that_stands_still_decides_nothing(self, of):
        found = of(**offered([0.06, 0.05, 0.07], [0.05] * 3)).working("pass_through")
        assert notes(found) == ["Undecided: the rate it should follow never changed."]

    def test_two_months_are_no_history(self, of):
        assert of(**offered([0.06, 0.05], MARKET[:2])).working("pass_through") is None

    def test_a_range_ends_the_history(self, of):
        rates = [0.06, {"lo": 0.05, "hi": 0.07}, 0.06, 0.05, 0.07]
        entries = history(*rates)
        entries[1] = {key: entries[1][key] for key in ("from", "known_on")} | rates[1]
        told = offered([0.06])
        told["terms"]["offered_apy"] = entries
        assert len(of(**told).working("pass_through").rows) == 3

    def test_at_most_three_years(self, of):
        rate = {"value": 0.05, "from": "2019-01-01", "until": "2023-07-20", "known_on": "2019-01-01"}
        told = {"terms": {"offered_apy": [rate], "offered_asset": {"value": "USD", "from": "2019-01-01"}}}
        found = of(as_of=date(2023, 7, 15), known_by=DAY, **told).working("pass_through")
        assert len(found.rows) == 37
        assert column(found, "Day")[0] == "2020-07-15"

    def test_anchor_paid_a_constant_rate(self):
        found = real("anchor", "2022-01-15", "2022-06-01").working("pass_through")
        assert set(column(found, "Offered rate")) == {0.1945}
        assert [heading for heading, _ in found.columns][2] == "Risk-free rate"
        assert len(found.rows) == 10
        assert found.notes[0].arguments["verdict"] == "constant"
        assert found.notes[0].arguments["market_move"]["value"][0] == pytest.approx(0.00131862, abs=1e-8)

    def test_what_is_looked_up_for_it_adds_no_reference_rate_to_the_report(self):
        assert len([rate for rate in real("anchor", "2022-01-15", "2022-06-01").rates if "tbill_3m" in rate.id]) <= 1


class TestLoops:
    def test_the_example_of_the_usde_loop(self):
        table = real("usde-loop", "2025-10-15").working("loop_rounds")
        assert [round(held) for held in column(table, "Held")] == [100000, 180000, 244000, 295200, 336160, 368928]
        assert round(column(table, "Owed")[-1]) == 268928
        assert column(table, "Own money gone at a fall of")[-1] == pytest.approx(0.27105560)
        assert column(table, "Closed by force at a fall of")[-1] == pytest.approx([0.2102442, 0.2178708], abs=1e-6)
        assert notes(table) == [
            "USDe: own money is gone at a fall of 27.11%, one over 3.689, not at 25%, one over 4; "
            "ever more rounds lead to 5 times."
        ]

    def test_both_oracles_of_the_usde_loop(self):
        table = real("usde-loop", "2025-10-15").working("loop_depeg")
        assert column(table, "Oracle shows") == [0.01, 0.35, 0.0]
        assert column(table, "Closed by force") == ["no", "yes", "no"]
        assert column(table, "Lenders lose") == pytest.approx([0, 40544, 0])
        assert column(table, "Hole not shown") == pytest.approx([29124.8, 0, 29124.8])
        assert column(table, "Own money lost") == [1, 1, 1]
        assert table.scenarios == ("usde_oracle_fixed", "usde_oracle_follows", "usde_oracle_fixed")

    def test_stated_loan_to_value_and_rounds_are_shown_for_a_hundred_dollars(self, of):
        leverage = {"loop_ltv": 0.5, "loop_rounds": 1, "liquidation_threshold": 0.5}
        found = of(kind="yield_product", leverage=leverage)
        table = found.working("loop_rounds")
        assert column(table, "Held") == [100, 150]
        assert column(table, "Closed by force at a fall of") == [None, pytest.approx(1 / 3)]
        assert notes(table)[-1] == "Where own money is not told, the table shows $100 of it."
        # closed where the oracle follows: 50 (1 + 0.05) / 0.65 of 150 are sold
        depeg = found.working("loop_depeg")
        follows = column(depeg, "Closed by force").index("yes")
        assert column(depeg, "Own money left")[follows] == pytest.approx((150 - 52.5 / 0.65) * 0.65)
        assert column(depeg, "Own money left")[0] == pytest.approx(47.5)

    def test_an_unknown_threshold_leaves_both_ends(self, of):
        found = of(kind="yield_product", leverage={"loop_ltv": 0.5, "loop_rounds": 1}).working("loop_depeg")
        assert set(column(found, "Closed by force")) == {"perhaps"}
        assert column(found, "Own money left")[0] == pytest.approx([(150 - 52.5 / 0.65) * 0.65, 47.5])

    def test_a_range_of_rounds_is_no_table(self, of):
        loose = {"loop_ltv": 0.8, "loop_rounds": {"lo": 4, "hi": 5}}
        assert of(kind="yield_product", leverage=loose).working("loop_rounds") is None

    def test_a_long_loop_is_cut_in_the_middle(self, of):
        table = of(kind="yield_product", leverage={"loop_ltv": 0.5, "loop_rounds": 60}).working("loop_rounds")
        assert column(table, "Round") == [*range(21), 60]
        assert notes(table)[0] == (
            "As stated: own money is gone at a fall of 50%, one over 2; ever more rounds lead to 2 times."
        )


def claim(name, amount, **how):
    return {"counterparty": name, "kind": "fund", "amount": amount, "guaranteed": False} | how


class TestNamedExposures:
    def test_one_after_the_other(self, of):
        named = whole(
            claim("Small", 50, secured=False),
            claim("Large", 300, collateral=200, secured=True),
            claim("State", 900, kind="sovereign", secured=False),
        )
        found = of(exposures={"named": named}, structure={"first_loss_capital": 200}, leverage={"equity": 250})
        table = found.working("named_exposures")
        assert column(table, "Counterparty") == ["Large", "Small"]
        assert column(table, "Loss if it fails") == pytest.approx([180, 50])
        assert column(table, "Loss if all down to it fail") == pytest.approx([180, 230])
        assert column(table, "Of equity") == pytest.approx([180 / 250, 230 / 250])
        assert notes(table) == [
            "Collateral is taken after a fall of 40%; nothing else is recovered.",
            "If Large fails, $180 is lost.",
            "If Large and Small fail, $230 is lost.",
        ]

    def test_capital_that_is_gone_before(self, of):
        named = whole(claim("Large", 300, secured=False))
        table = of(kind="fund", exposures={"named": named}, leverage={"equity": -5}).working("named_exposures")
        assert table.rows[0][-2:] == ("none left", "none left")

    def test_the_same_loss_as_the_number_of_the_pack(self, of):
        named = whole(claim("A", 100, collateral=50, secured=True), claim("B", 60, secured=False))
        found = of(exposures={"named": named}, structure={"first_loss_capital": 400})
        table = found.working("named_exposures")
        one = found.number("n.top1_loss").value
        assert one == pytest.approx([70, 70])
        assert column(table, "Loss if it fails")[0] == pytest.approx(70)

    def test_ranges_of_voyager(self):
        table = real("voyager", "2022-07-10").working("named_exposures")
        assert column(table, "Counterparty") == ["Three Arrows Capital", "Alameda Research"]
        assert column(table, "Owes") == [[650e6, 685e6], 376.8e6]
        assert column(table, "Loss if all down to it fail") == [[0, 685e6], [0, 1061.8e6]]
        assert "There may be others that the profile does not name." in notes(table)

    def test_an_amount_that_is_unknown_is_left_out(self):
        assert real("usde-loop", "2025-10-15").working("named_exposures") is None


def test_ten_facts_show_nothing(of):
    terms = {"offered_apy": "8.8%", "offered_asset": "BTC", "rate_kind": "platform_set", "notice_days": 0}
    structure = {"pooled": True, "direct_claim_on_assets": False}
    assert of(terms=terms | {"offering_mode": "continuous"}, structure=structure).workings == ()


def test_a_past_cut_shows_nothing_that_came_later(of):
    later = {"known_on": "2026-02-01"}
    early = tables()
    both = tables(assets=[CASH, LOANS, PLEDGED, {**CASH, "class": "more", "amount": 5000, **later}])
    before, after = (of(**told).workings for told in (early, both))
    assert [asdict(working) for working in before] == [asdict(working) for working in after]
    assert real("blockfi", "2019-03-10").working("rates_by_balance") is None
    assert real("usde-loop", "2025-10-13").working("loop_rounds") is None
    assert real("voyager", "2022-06-01").working("named_exposures") is None


@pytest.mark.parametrize(
    ("name", "as_of"), [("celsius", "2022-07-20"), ("usde-loop", "2025-10-15"), ("ftx-earn", "2022-09-30")]
)
def test_rows_fit_their_columns_and_facts_are_shown(name, as_of):
    found = real(name, as_of)
    shown = {fact.id for fact in found.facts} | {table.id for table in found.tables}
    assert found.workings
    for working in found.workings:
        assert all(len(row) == len(working.columns) for row in working.rows), working.id
        assert working.scenarios == () or len(working.scenarios) == len(working.rows)
        assert set(working.facts) <= shown
        assert all("{" not in text for text in notes(working))


def test_yield_by_source_weighs_evidence_and_counts_losses_in_full(of):
    rows = [
        {"activity": "loans", "amount": 800, "apy": 0.05},
        {"activity": "trading", "amount": 200, "apy": 0.2, "evidence": "advertised"},
        {"activity": "stakes", "amount": 100, "apy": -0.1, "evidence": "advertised"},
    ]
    sections = {"deposit_liquidity": {"client_liabilities": 1000}, "yield_source": {"sources": whole(*rows)}}
    working = of(**sections).working("yield_by_source")
    assert dict(zip(column(working, "Activity"), column(working, "Earned a year"), strict=True)) == pytest.approx(
        {"loans": 40.0, "trading": 40.0, "stakes": -10.0}
    )
    assert sorted(column(working, "Evidence")) == ["E1", "E1", "E4"]
    assert notes(working) == ["On deposits that is 5% by the evidence, 7% if all that is stated were true."]


def test_yield_by_source_claims_no_sum_where_a_rate_or_an_amount_is_missing(of):
    rows = [{"activity": "loans", "amount": 800, "apy": 0.05}, {"activity": "trading", "amount": 200}]
    sections = {"deposit_liquidity": {"client_liabilities": 1000}, "yield_source": {"sources": whole(*rows)}}
    working = of(**sections).working("yield_by_source")
    assert not working.notes
    assert None in column(working, "Earned a year")


def test_claims_on_a_failed_borrower_add_up_without_what_overlaps_and_come_only_when_public():
    working = real("three-arrows-capital", "2026-11-22").working("claims_on_it")
    owed = dict(zip(column(working, "Creditor"), column(working, "Is owed"), strict=True))
    assert owed["Deribit"] == 80e6
    genesis = [row for row in working.rows if row[0] == "Genesis"]
    assert [(row[1], row[3]) for row in genesis] == [(2.36e9, ""), (1.2e9, "–")]
    counted = sum(row[1] for row in working.rows if row[3] == "")
    assert notes(working)[1] == f"Those that may be added come to {words.number(counted, 'money')}."
    assert real("three-arrows-capital", "2022-06-10").working("claims_on_it") is None
    early = real("three-arrows-capital", "2022-06-25").working("claims_on_it")
    assert max(column(early, "On")) <= "2022-06-25"


def test_no_claims_are_shown_for_a_platform_that_nobody_in_the_table_lent_to(of):
    assert of().working("claims_on_it") is None
