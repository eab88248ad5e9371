"""The charts of a report: they say what the assessment holds, name what is missing, and no label touches another."""

import json
import os
import re
from dataclasses import replace
from datetime import date, timedelta
from html import escape
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.assess.assessment import Options
from checker.assess.timeline import timeline
from checker.model.profile import load_profile
from checker.outputs import words
from checker.outputs.charts import IDS, charts
from checker.outputs.charts.draw import Box, Drawing, Label, Scale, columns, hatched, wrap
from checker.outputs.charts.reading import rounded, told
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.pdf import missing_system_libraries
from checker.outputs.timeline import grade_steps

ROOT = Path(__file__).parents[3]
PROFILES = sorted((ROOT / "profiles").glob("*.json"))
SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</svg><script>alert(1)</script><svg onload=x> \"'&{{ 7*7 }}{% x %}"
TURNED = "\u202eevil\u0007\u2066 name"
ENTRY = {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "audit", "source": "s"}
DAY, DAY_OF_CELSIUS = date(2026, 1, 31), date(2022, 5, 31)
LATER = date(2099, 1, 1)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def real(rulebook):
    found = {}

    def build(name, day):
        if (name, day) not in found:
            settings = Settings(LATER, date.fromisoformat(day), date.fromisoformat(day))
            found[name, day] = audit_one(ROOT / "profiles" / f"{name}.json", settings, rulebook)
        return found[name, day]

    return build


@pytest.fixture
def of(tmp_path, rulebook):
    """Assess a small profile, by default a centralised lender."""

    def build(name="Test", kind="cefi_lender", day=DAY, **sections):
        document = {
            "ddcheck": 1,
            "platform": {"name": name, "kind": kind},
            "defaults": ENTRY,
            **sections,
            "sources": {"s": {"title": "Accounts", "publisher": "Test", "date": "2020-01-01"}},
        }
        path = tmp_path / "p.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return audit_one(path, Settings(LATER, day, day), rulebook)

    return build


def parsed(chart):
    return ElementTree.fromstring(str(chart.svg))


def labels(chart):
    """The lines of text of a chart with the room they take at most."""
    found = []
    for text in parsed(chart).iter(f"{SVG}text"):
        place = float(text.get("x")), float(text.get("y"))
        shape = float(text.get("font-size")), text.get("text-anchor", "start"), "font-weight" in text.attrib
        found.append(Label(*place, text.text or "", "", *shape, soft=False))
    return found


def printed(chart):
    return " ".join(label.text for label in labels(chart))


def assert_well_laid(chart):
    if chart.svg is None:
        return
    left, top, width, height = map(float, parsed(chart).get("viewBox").split())
    told_labels = labels(chart)
    assert told_labels, chart.id
    for label in told_labels:
        box = label.box
        assert box.left >= left - 0.05, (chart.id, label)
        assert box.right <= left + width + 0.05, (chart.id, label)
        assert box.top >= top - 0.05, (chart.id, label)
        assert box.bottom <= top + height + 0.05, (chart.id, label)
    for one, other in combinations(told_labels, 2):
        assert not one.box.overlaps(other.box), (chart.id, one.text, other.text)


def assert_sound(found):
    """What holds for every chart of every platform."""
    assert tuple(found) == IDS
    ids = []
    for chart in found.values():
        assert chart.title
        assert chart.alt.startswith(chart.title)
        assert len(chart.missing) <= 5
        assert all(m.fact and m.name and m.reason for m in chart.missing)
        if chart.svg is not None:
            root = parsed(chart)
            assert root.get("role") == "img"
            assert root[0].tag == f"{SVG}title"
            assert root[0].text == chart.alt
            assert root[1].tag == f"{SVG}desc"
            places = [element.get(name, "") for element in root.iter() for name in ("x", "y", "width", "height", "d")]
            assert not any(re.search("nan|inf|None", place) for place in places)
            named = [element.get("id") for element in root.iter() if element.get("id")]
            assert all(name.startswith(f"chart-{chart.id}-") for name in named)
            ids += named
    assert len(ids) == len(set(ids))


# ------------------------------------------------------------------------------------------------------ all platforms


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_profile_has_its_charts(path, rulebook):
    assessment = audit_one(path, Settings(LATER, DAY, DAY), rulebook)
    for language in LANGUAGES:
        with speaking(language):
            found = charts(assessment, rulebook)
            assert_sound(found)
            for chart in found.values():
                assert_well_laid(chart)
            if language == "en":
                assert charts(assessment, rulebook) == found


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("celsius", "2022-05-31"),
        ("celsius", "2022-07-20"),
        ("blockfi", "2022-05-31"),
        ("voyager", "2022-05-31"),
        ("anchor", "2022-05-31"),
        ("usde-loop", "2025-10-15"),
        ("fidelity-spaxx", "2025-12-31"),
        ("ally-bank", "2025-12-31"),
        ("reserve-primary-fund", "2008-09-15"),
    ],
)
def test_charts_at_a_past_day(name, day, real, rulebook):
    found = charts(real(name, day), rulebook)
    assert_sound(found)
    for chart in found.values():
        assert_well_laid(chart)
        known = {fact.id for fact in real(name, day).facts} | {table.id for table in real(name, day).tables}
        assert set(chart.sources) <= known


def test_an_unknown_platform_shows_its_coverage_and_names_what_would_draw_the_rest(of, rulebook):
    found = charts(of(), rulebook)
    assert [chart.id for chart in found.values() if chart.svg is not None] == ["coverage"]
    for id in ("flow", "waterfall", "ladder", "survival", "leverage", "collateral"):
        assert len(found[id].missing) == 5
        assert found[id].missing[0].reason == "nobody looked"
    assert "terms.offered_apy" in {m.fact for m in found["waterfall"].missing}
    assert found["grades"].missing == ()


def test_ten_facts(of, rulebook):
    terms = {"offered_apy": "8.8%", "offered_asset": "BTC", "rate_kind": "platform_set", "notice_days": 0}
    structure = {"pooled": True, "segregation": "commingled", "client_claim": "unsecured"}
    found = charts(of(terms=terms | {"offering_mode": "continuous"}, structure=structure), rulebook)
    assert_sound(found)
    assert found["waterfall"].title == "Nothing known shows what the promised rate (8.8%) is paid from"
    assert found["flow"].svg is not None
    assert "mixed with the platform's own" in printed(found["flow"])
    assert found["ladder"].svg is None


def test_a_missing_fact_is_asked_for_in_the_order_of_the_report(real, rulebook):
    assessment = real("celsius", "2022-05-31")
    order = [question.fact for question in assessment.questions]
    for chart in charts(assessment, rulebook).values():
        places = [order.index(m.fact) for m in chart.missing if m.fact in order]
        assert places == sorted(places)
    reasons = {m.fact: m.reason for m in charts(assessment, rulebook)["coverage"].missing}
    assert reasons["structure.first_loss_capital"] == "not disclosed"


# ------------------------------------------------------------------------------------------------------------ content


class TestFlow:
    def test_what_is_known_is_named_with_its_amount(self, real, rulebook):
        flow = charts(real("celsius", "2022-05-31"), rulebook)["flow"]
        text = printed(flow)
        for part in ("at least $14bn", "on demand", "one pool for all", "Own token", "$1.5bn"):
            assert part in text
        assert "loans to borrowers" in flow.alt.partition("Not known")[2]
        assert "affiliates.own_token_value" in flow.sources

    def test_what_is_said_not_to_exist_is_not_drawn(self, of, rulebook):
        structure = {"pooled": True}
        unknown = charts(of(structure=structure), rulebook)["flow"]
        token = {"affiliates": {"has_own_token": False}}
        absent = charts(of(structure=structure, **token), rulebook)["flow"]
        assert "own token" in printed(unknown)
        assert "own token" not in printed(absent).lower()
        assert "Said not to exist: own token" in absent.alt

    def test_borrowers_are_named_largest_first(self, of, rulebook):
        rows = [{"counterparty": "Small", "amount": 5e6}, {"counterparty": "Large", "amount": 9e8}]
        flow = charts(of(exposures={"named": {"rows": rows}, "loan_book": 2e9}), rulebook)["flow"]
        assert "Large ($900m) and Small ($5m)" in printed(flow)
        assert "$2bn" in printed(flow)

    def test_a_figure_that_is_too_old_is_dashed_and_bears_its_day(self, of, rulebook):
        old = {"value": 2e9, "from": "2019-01-01", "known_on": "2019-01-01"}
        fresh = charts(of(structure={"pooled": True}, exposures={"loan_book": 2e9}), rulebook)["flow"]
        stale = charts(of(structure={"pooled": True}, exposures={"loan_book": old}), rulebook)["flow"]
        assert "2019-01-01" not in printed(fresh)
        assert "$2bn on 2019-01-01" in printed(stale)
        assert "too old to rely on" in stale.note
        assert str(stale.svg).count("stroke-dasharray") == str(fresh.svg).count("stroke-dasharray") + 1

    def test_the_whole_is_no_less_than_one_borrower(self, of, rulebook):
        rows = [{"counterparty": "Large", "amount": 9e8}]
        flow = charts(of(exposures={"named": {"rows": rows}, "loan_book": 1e8}), rulebook)["flow"]
        assert "at least $900m" in printed(flow)
        assert "$100m" not in printed(flow)

    def test_what_may_be_called_stands_in_for_older_debts(self, real, rulebook):
        found = charts(real("voyager", "2022-06-30"), rulebook)
        assert "at least $5.5bn" in printed(found["flow"])
        assert "$5.5bn" in found["ladder"].title
        assert "deposit_liquidity.liabilities_redeemable_1d" in found["flow"].sources

    def test_a_fund_holds_assets_and_is_not_asked_for_loops(self, of, rulebook):
        sources = {"rows": [{"activity": "Treasury bills", "share": 1}]}
        found = charts(of(kind="fund", structure={"pooled": True}, yield_source={"sources": sources}), rulebook)
        assert "Treasury bills" in printed(found["flow"])
        assert "loops" not in printed(found["flow"]).lower()
        assert "100%" in printed(found["waterfall"])
        assert found["waterfall"].sources == ("yield_source.sources",)

    def test_nothing_known_draws_nothing(self, of, rulebook):
        flow = charts(of(), rulebook)["flow"]
        assert flow.svg is None
        assert flow.title == "Where the money goes is not known"


TERMS = {"offered_apy": 0.1, "offered_asset": "USD", "rate_kind": "platform_set"}


class TestWaterfall:
    def test_parts_are_those_of_the_working(self, of, rulebook):
        yields = {"net_asset_yield_12m": 0.06, "subsidy_share": 0.3}
        assessment = of(terms=TERMS, yield_source=yields)
        chart = charts(assessment, rulebook)["waterfall"]
        for row in assessment.working("who_pays").rows:
            assert told(row[1], "rate") in printed(chart)
        assert chart.title == "Of the promised rate (10%), 6% is earned, a subsidy pays 3%, nobody known pays 1%"
        assert chart.sources == assessment.working("who_pays").facts

    def test_what_is_earned_in_full(self, of, rulebook):
        chart = charts(of(terms=TERMS, yield_source={"net_asset_yield_12m": 0.11}), rulebook)["waterfall"]
        assert chart.title == "The promised rate (10%) is earned"

    def test_an_unknown_payer_is_hatched_and_never_zero(self, real, rulebook):
        chart = charts(real("celsius", "2022-05-31"), rulebook)["waterfall"]
        assert "not known" in printed(chart)
        assert "c-unknown" in str(chart.svg)
        assert "c-risk" not in str(chart.svg)
        assert "Government bills" in printed(chart)
        assert "0.772%" in printed(chart)

    def test_a_bill_rate_is_shown_only_where_the_rules_were_told_one(self, real, rulebook):
        assessment = replace(real("celsius", "2022-05-31"), rates=())
        assert "Government bills" not in printed(charts(assessment, rulebook)["waterfall"])


class TestLadder:
    def test_from_totals(self, of, rulebook):
        totals = {
            "client_liabilities": 1000e6,
            "liquid_assets_1d": 100e6,
            "liabilities_redeemable_1d": 600e6,
            "liquid_assets_7d": 200e6,
            "liabilities_redeemable_7d": 700e6,
        }
        chart = charts(of(deposit_liquidity=totals), rulebook)["ladder"]
        assert chart.title == "What may be called within 1 day exceeds the cash reached by then by $500m"
        for part in ("$600m", "$100m", "−$500m", "not known"):
            assert part in printed(chart)

    def test_from_tables(self, of, rulebook):
        assets = [
            {"class": "cash", "amount": 200e6, "days_to_cash": 0, "encumbered": False},
            {"class": "loans", "amount": 700e6, "days_to_cash": 200, "encumbered": False},
        ]
        deposits = [{"class": "uninsured_retail", "amount": 600e6, "notice_days": 0}]
        chart = charts(
            of(asset_duration={"assets": {"rows": assets}}, deposit_liquidity={"deposits": {"rows": deposits}}),
            rulebook,
        )["ladder"]
        assert chart.title == "What may be called (to 1 day) exceeds what can be cash by then by $400m"
        assert "−$400m" in printed(chart)
        assert "+$300m" in printed(chart)

    def test_one_side_alone_is_drawn_and_the_other_is_not_known(self, real, rulebook):
        chart = charts(real("celsius", "2022-05-31"), rulebook)["ladder"]
        assert chart.title == "At least $14bn may be called within 1 day; what could be paid by then is not known"
        assert printed(chart).count("not known") == 3
        assert printed(chart).count("≥ $14bn") == 3
        assert "$0" not in printed(chart)
        assert "c-cash" not in str(chart.svg)  # nor in its legend


class TestSurvival:
    def test_the_title_tells_the_run_of_the_first_page(self, real, rulebook):
        assessment = real("anchor", "2022-05-31")
        scenario = dict(assessment.headline)["t3.run_days"]
        title = charts(assessment, rulebook)["survival"].title
        assert any(title.startswith(sentence.rstrip(".")) for sentence in words.headline(assessment))
        assert words.in_sentence(words.scenario_title(assessment, scenario)) in " ".join(words.headline(assessment))

    def test_every_run_says_what_the_number_says(self, real, rulebook):
        assessment = real("anchor", "2022-05-31")
        number = assessment.number("t3.run_days")
        text = re.sub(r"\s+", " ", printed(charts(assessment, rulebook)["survival"]))
        for variant in number.variants:
            said = "everyone is paid" if variant.never[0] else words.number_text(number, variant.scenario)
            assert said in text

    def test_bars_end_where_the_days_end(self, real, rulebook):
        assessment = real("anchor", "2022-05-31")
        variant = next(v for v in assessment.number("t3.run_days").variants if v.scenario == "depeg_run")
        root = parsed(charts(assessment, rulebook)["survival"])
        scale = Scale(0.0, 30.0, 220.0, 562.0)
        sure = [
            float(r.get("x")) + float(r.get("width")) for r in root.iter(f"{SVG}rect") if r.get("class") == "c-cash"
        ]
        perhaps = [
            float(r.get("x")) + float(r.get("width")) for r in root.iter(f"{SVG}rect") if r.get("class") == "c-unknown"
        ]
        assert any(abs(end - scale.at(variant.value[0])) < 0.02 for end in sure)
        assert any(abs(end - scale.at(variant.value[1])) < 0.02 for end in perhaps)


class TestLeverage:
    def test_a_loop(self, real, rulebook):
        assessment = real("usde-loop", "2025-10-15")
        chart = charts(assessment, rulebook)["leverage"]
        ((times, health, closed, wiped),) = assessment.working("loop_health").rows
        for cell, unit in ((times, "ratio"), (health, "ratio"), (closed, "share"), (wiped, "share")):
            assert told(cell, unit) in printed(chart)
        assert "Health factor" in printed(chart)

    def test_own_capital(self, of, rulebook):
        chart = charts(
            of(leverage={"total_assets": 1000e6, "equity": 80e6}, affiliates={"has_own_token": False}), rulebook
        )
        assert chart["leverage"].title == "Own capital is 8% of all assets: a fall by as much uses it up"
        assert "$920m" in printed(chart["leverage"])

    def test_debts_above_assets(self, of, rulebook):
        chart = charts(
            of(leverage={"total_assets": 1000e6, "equity": -80e6}, affiliates={"has_own_token": False}), rulebook
        )
        assert chart["leverage"].title == "Debts exceed assets by 8% of all assets"
        assert "$80m" in printed(chart["leverage"])


class TestCollateral:
    def test_a_band_between_what_is_known(self, real, rulebook):
        assessment = real("blockfi", "2026-01-31")
        chart = charts(assessment, rulebook)["collateral"]
        number = assessment.number("c.book_shortfall")
        assert words.number_text(number, "worst_day") in chart.title
        assert "c-hatch" in str(chart.svg)
        assert "not known where" in printed(chart)

    def test_a_point_has_no_band(self, of, rulebook):
        covered = {"collateral_value": 150e6, "secured_loans": 100e6}
        chart = charts(of(ltv_practice=covered), rulebook)["collateral"]
        assert chart.title == "In bitcoin's worst day, 40%, 14.5% of the secured loans are left without cover"
        assert "c-hatch" not in str(chart.svg)


@pytest.fixture(scope="module")
def anchor_over_time(rulebook):
    profile = load_profile(ROOT / "profiles" / "anchor.json", rulebook.dictionary, today=LATER)
    cut = date(2022, 5, 31)
    return timeline(profile, rulebook, Options(str(cut), str(cut)), until=cut)


class TestGrades:
    def test_each_stand_is_told(self, anchor_over_time, real, rulebook):
        chart = charts(real("anchor", "2022-05-31"), rulebook, anchor_over_time)["grades"]
        assert_well_laid(chart)
        last = grade_steps(anchor_over_time.moments)[-1]
        assert f"{last.day}: {words.span(last.best, last.worst)}" in chart.alt
        assert "2022-05-31" in printed(chart)

    def test_the_title_tells_since_when_what_holds_now_has_held(self, rulebook):
        profile = load_profile(ROOT / "profiles" / "celsius.json", rulebook.dictionary, today=LATER)
        told = timeline(profile, rulebook, Options(str(DAY_OF_CELSIUS), str(DAY_OF_CELSIUS)), until=DAY_OF_CELSIUS)
        settings = Settings(LATER, DAY_OF_CELSIUS, DAY_OF_CELSIUS)
        assessment = audit_one(ROOT / "profiles" / "celsius.json", settings, rulebook)
        last = told.moments[-1]
        since = next(m.day for m in told.moments if m.best == last.best)
        chart = charts(assessment, rulebook, told)["grades"]
        assert chart.title == f"Since {since} no reading of the facts gives better than {last.best.name}"
        assert all(m.best < last.best for m in told.moments if m.day < since)

    def test_what_moves_a_trait_alone_is_no_step_of_the_grade(self, anchor_over_time, real, rulebook):
        moments = anchor_over_time.moments
        steps = grade_steps(moments)
        assert len(steps) < len(moments)
        alt = charts(real("anchor", "2022-05-31"), rulebook, anchor_over_time)["grades"].alt
        assert all((f"{m.day}: " in alt) == (m in steps) for m in moments)

    def test_days_are_written_as_the_language_writes_them(self, anchor_over_time, real, rulebook):
        with speaking("zh-Hans"):
            text = printed(charts(real("anchor", "2022-05-31"), rulebook, anchor_over_time)["grades"])
        assert "2022年5月31日" in text
        assert "2022-05-31" not in text

    def test_nothing_beyond_the_cut(self, anchor_over_time, real, rulebook):
        early = anchor_over_time.moments[-1].day - timedelta(1)
        chart = charts(real("anchor", str(early)), rulebook, anchor_over_time)["grades"]
        assert str(anchor_over_time.moments[-1].day) not in str(chart.svg)
        assert (
            chart.svg
            == charts(
                real("anchor", str(early)),
                rulebook,
                replace(anchor_over_time, moments=tuple(m for m in anchor_over_time.moments if m.day <= early)),
            )["grades"].svg
        )


class TestCoverage:
    def test_counts_add_up_to_what_the_rules_read(self, real, rulebook):
        assessment = real("celsius", "2022-05-31")
        chart = charts(assessment, rulebook)["coverage"]
        rows = re.findall(r": (\d+) of (\d+) known, (\d+) settled", chart.alt)
        coverage = assessment.verdict.coverage
        assert len(rows) == len(words.SECTIONS)
        assert sum(int(every) for _, every, _ in rows) == coverage.asked
        assert sum(int(known) for known, _, _ in rows) == coverage.reported
        assert sum(int(settled) for _, _, settled in rows) == len(coverage.settled)
        for text in ("known", "settled", "not disclosed", "nobody looked"):
            assert text in printed(chart)

    def test_what_is_too_old_is_told_apart(self, real, rulebook):
        assessment = real("celsius", "2023-12-31")
        read = {id for finding in assessment.findings for id in finding.facts}
        old = [fact.id for fact in assessment.facts if fact.stale and fact.id in read]
        root = parsed(charts(assessment, rulebook)["coverage"])
        drawn = re.findall(r"known, but too old \((\d+)\)", ElementTree.tostring(root, encoding="unicode"))
        assert old
        assert sum(map(int, drawn)) == len(old)

    def test_what_is_withheld_looks_different(self, real, rulebook):
        root = parsed(charts(real("celsius", "2022-05-31"), rulebook)["coverage"])
        edges = {r.get("stroke-dasharray") for r in root.iter(f"{SVG}rect") if r.get("class") == "c-unknown"}
        assert edges == {None, "3 2"}


# ------------------------------------------------------------------------------------------------- hostile and strange


def hostile(name):
    rows = [{"counterparty": name, "amount": 5e6}, {"counterparty": name + " 2", "amount": 123456789.123}]
    sources = [{"activity": name, "share": 1.0}]
    return {
        "terms": {"offered_apy": "1250%", "offered_asset": "USD", "notice_days": 12345},
        "structure": {"pooled": True},
        "exposures": {"named": {"rows": rows}, "loan_book": 987654321987.65},
        "yield_source": {"sources": {"rows": sources}},
        "deposit_liquidity": {"client_liabilities": {"lo": 1234567890123.4, "hi": 9876543210987.6}},
        "leverage": {"total_assets": 5.0, "equity": {"lo": -1e15, "hi": 3.0}},
    }


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize(
    "name",
    [
        EVIL,
        "x" * 10_000,
        "word " * 2_000,
        "资金池平台" * 40,
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦" * 50,
        "a\u0301" * 300,
    ],
    ids=["script", "long", "words", "chinese", "arabic", "emoji", "accents"],
)
def test_names_of_every_kind(name, language, of, rulebook):
    with speaking(language):
        found = charts(of(name=name, **hostile(name)), rulebook)
        assert_sound(found)
        for chart in found.values():
            assert_well_laid(chart)
            if chart.svg is not None:
                assert {element.tag for element in parsed(chart).iter()} <= {
                    SVG + tag for tag in ("svg", "title", "desc", "g", "rect", "path", "text")
                }


def test_characters_that_turn_or_break_text_are_cleaned(real, rulebook):
    found = charts(replace(real("celsius", "2022-05-31"), name=TURNED), rulebook)
    assert_sound(found)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u0007]", "".join(str(chart.svg) for chart in found.values()))


def test_a_shortened_name_stands_in_full_in_its_title(of, rulebook):
    name = "A very long name of a platform that does not fit into its box at all, whatever the font"
    flow = charts(of(name=name, structure={"pooled": True}), rulebook)["flow"]
    assert name not in printed(flow)
    assert name in [title.text for title in parsed(flow).iter(f"{SVG}title")]


def contact_sheet(found):
    """All charts of a platform on A4, with what they say beside the drawing."""
    style = "@page{size:A4;margin:14mm 17mm}body{font:8pt Inter,'Noto Sans CJK SC',sans-serif}h2{font-size:9pt}"
    parts = [f"<html lang=en><head><title>Charts</title><style>{style}</style></head><body>"]
    for chart in found.values():
        missing = "; ".join(f"{m.name} ({m.reason})" for m in chart.missing)
        parts += [f"<h2>{escape(chart.title)}</h2>", str(chart.svg or ""), f"<p>{escape(chart.note)}</p>"]
        parts.append(f"<p>{escape(missing)}</p>")
    return "".join([*parts, "</body></html>"])


@pytest.mark.slow
@pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")
@pytest.mark.parametrize(("name", "day"), [("anchor", "2022-05-31"), ("usde-loop", "2025-10-15")])
def test_a_contact_sheet_speaks_the_alternative_text(name, day, real, rulebook):
    """With DDCHECK_CONTACT_SHEETS naming a folder the sheets are left there to be looked at."""
    from weasyprint import HTML

    found = charts(real(name, day), rulebook)
    document = HTML(string=contact_sheet(found)).render(pdf_variant="pdf/ua-1", pdf_tags=True)
    pdf = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, uncompressed_pdf=True)
    assert pdf.count(b"/Alt") == sum(chart.svg is not None for chart in found.values())
    if folder := os.environ.get("DDCHECK_CONTACT_SHEETS"):
        (Path(folder) / f"{name}-{day}.pdf").write_bytes(pdf)


# ------------------------------------------------------------------------------------------------------ drawing board


def test_wrapped_text_fits_and_loses_nothing():
    text = "The quick brown fox jumps over the lazy dog 资金池，里面有很多钱。"
    for room in (30.0, 55.0, 90.0, 300.0):
        lines = wrap(text, room, 50, 10.0)
        assert all(columns(line, 10.0) <= room for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not any(line[0] in "，。" for line in lines)


def test_shortened_text_says_so():
    assert wrap("a long sentence that goes on", 40.0, 1, 10.0)[0].endswith("…")
    assert wrap("x" * 1000, 1e9, 1)[0].endswith("…")


def test_a_character_of_chinese_is_as_wide_as_the_size():
    assert columns("资金", 10.0) == 20.0
    assert columns("é", 10.0) < columns("W", 10.0)
    assert columns("e\u0301", 10.0) == columns("e", 10.0)


def test_hatching_stays_in_its_box():
    box = Box(10.0, 20.0, 30.0, 15.0)
    numbers = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[\d.]+,[\d.]+", hatched(box))]
    assert len(numbers) > 6
    assert all(box.left <= x <= box.right and box.top <= y <= box.bottom for x, y in numbers)


@pytest.mark.parametrize(("lo", "hi"), [(0.0, 30.0), (0.0, 0.2), (0.0, 1.0), (0.0, 14e9), (0.0, 7e-5), (0.0, 123.0)])
def test_ticks_are_round_and_few(lo, hi):
    ticks = Scale(lo, hi, 0.0, 100.0).ticks(5)
    assert 2 <= len(ticks) <= 6
    assert all(lo <= tick <= hi * (1 + 1e-9) for tick in ticks)


def test_numbers_have_three_digits():
    assert [rounded(value) for value in (0.0, 0.083908, 5.5e9, 13614.3)] == [0.0, 0.0839, 5.5e9, 13614.0]


def test_a_drawing_is_as_high_as_what_it_holds():
    drawing = Drawing("x")
    drawing.text(0, 50, "text", 100)
    assert parsed(type("C", (), {"svg": drawing.svg("t", "d")})).get("viewBox") == "0 0 680 56"
