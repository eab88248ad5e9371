"""Pages one to three: one page each on every paper, what was not asked for is said, nothing is cut or lost."""

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from markupsafe import Markup

from checker.app.audit import Settings, shipped_rulebook
from checker.app.report import PARTS, prepare
from checker.assess.cases import Resemblance
from checker.assess.difference import FactChange, Standing
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.change import step_text
from checker.outputs.charts import Chart, Missing
from checker.outputs.decision import INTERESTS, LIMITS, UNASKED, Change, Way
from checker.outputs.faces import punctuated
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.layout import PAPERS, Room, drawing_height, ems, lines
from checker.outputs.mechanism import PAGE, PLAIN, QUESTIONS, Mechanism
from checker.outputs.page import Page
from checker.outputs.pages import context
from checker.outputs.pdf import _style, laid_out, missing_system_libraries, render_html
from checker.outputs.report import Report, Since
from checker.packs.cases import load_cases
from checker.resources import data_path

ROOT = Path(__file__).parents[3]
CUT, EARLIER = date(2022, 5, 31), date(2022, 3, 1)
EVIL = '<img src="file:///etc/passwd"><script>x</script>{{ 7*7 }}{% x %}</svg></section>\u202e'
APPENDIX = re.compile(r'<section class="appendix".*</section>', re.DOTALL)
NOT_A_PAGE = '<section class="appendix" id="appendix"><h1>END</h1></section>'
needs_pango = pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def report(rulebook):
    settings = Settings(date(2099, 1, 1), CUT, CUT)
    return prepare(ROOT / "profiles" / "celsius.json", settings, rulebook, since=EARLIER)


@pytest.fixture(scope="module")
def html(report, rulebook):
    return render_html(report, rulebook)


def part(html, name):
    found = re.search(rf'<section class="{name}[^"]*".*?</section>', html, re.DOTALL)
    assert found, name
    return found[0]


def plain(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u200b", "").split())


def squeezed(text):
    return re.sub(r"\s", "", plain(text))


def front_pages(report, rulebook, language, paper):
    """The laid-out pages with an appendix of one line in place of the real one."""
    html = APPENDIX.sub(NOT_A_PAGE, render_html(report, rulebook, language, paper=paper))
    return laid_out(html, [_style(language, paper)]).pages


# ----------------------------------------------------------------------------------------------- one page each


@needs_pango
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_verdict_mechanism_and_decision_take_a_page_each(report, rulebook, language, paper):
    pages = front_pages(report, rulebook, language, paper)
    places = [next(n for n, page in enumerate(pages) if name in page.anchors) for name in PARTED]
    assert places == [0, 1, 2, 3]
    assert len(pages) == 4


PARTED = ("verdict", "mechanism", "decision", "appendix")


@needs_pango
@pytest.mark.slow
@pytest.mark.parametrize("file", sorted((ROOT / "profiles").glob("*.json")), ids=lambda file: file.stem)
def test_every_shipped_profile_takes_a_page_each_in_every_language_on_every_paper(file, rulebook):
    days = [case.day for case in load_cases(data_path("rules", "backtest", "cases.yaml")) if case.profile == file.stem]
    day = max(days, default=date(2026, 6, 30))
    told = prepare(file, Settings(date(2099, 1, 1), day, day), rulebook, since=date(day.year - 1, 1, 1))
    for language in LANGUAGES:
        for paper in PAPERS:
            pages = front_pages(told, rulebook, language, paper)
            assert len(pages) == 4, (language, paper)


@needs_pango
def test_a_name_of_ten_thousand_characters_breaks_no_page_but_the_first(report, rulebook):
    named = replace(report, assessment=replace(report.assessment, name="Ein sehr langer Name " * 476))
    pages = front_pages(named, rulebook, "en", "a4")
    places = [next(n for n, page in enumerate(pages) if name in page.anchors) for name in PARTED]
    assert places[2] - places[1] == 1
    assert places[3] - places[2] == 1


def test_another_paper_is_refused_by_name(report, rulebook):
    with pytest.raises(ValueError, match="'a5'"):
        render_html(report, rulebook, paper="a5")


# ----------------------------------------------------------------------------------------------- structure


def test_sections_headings_and_links(html):
    assert re.findall(r'<section class="(\w+)', html) == ["verdict", "mechanism", "decision", "appendix"]
    for name in PARTED:
        assert len(re.findall(r"<h1", part(html, name))) >= 1
    places = re.findall(r'\bid="([^"]*)"', html)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(places)
    heads = re.findall(r"<th\b[^>]*>", html)
    assert heads
    assert all('scope="col"' in head for head in heads)


def test_the_day_is_named_as_not_today(html, report):
    assert f"As of {report.assessment.options.as_of}: not a statement on today." in plain(part(html, "verdict"))


def test_a_reason_that_rests_on_allegations_says_so(report, rulebook):
    page = Page(report, rulebook)
    charged = {reason.code for reason in page.reasons() if reason.alleged}
    assert "G-02" in charged
    for reason in page.reasons():
        finding = report.assessment.finding(reason.code)
        entries = [
            entry
            for fact in report.assessment.facts
            if fact.id in finding.facts
            for entry in fact.entries
            if entry.counts
        ]
        entries += [
            entry
            for table in report.assessment.tables
            if table.id in finding.facts
            for row in table.rows
            for entry in row.entries
        ]
        assert bool(reason.alleged) == any(entry.alleged for entry in entries)


# ----------------------------------------------------------------------------------------------- mechanism


def chart(id, height=100, missing=()):
    svg = Markup(f'<svg viewBox="0 0 680 {height}"><title>t</title></svg>') if height else None
    return Chart(id, f"Title of {id}", svg, "alt", missing, (), "")


def mechanism(charts, paper="a4", asks=None):
    return Mechanism({c.id: c for c in charts}, words.fact_name, lambda id: f"fact-{id}", asks or {}, PAPERS[paper])


def test_drawings_stand_in_the_order_of_the_page_and_none_is_lost(report, rulebook):
    told = context(report, rulebook)["mechanism"]
    ids = [f.chart.id for f in told.drawn]
    assert ids == [id for id in PAGE if id in ids]
    everything = {f.chart.id for f in (*told.drawn, *told.further, *told.lacking)}
    assert everything == set(PAGE)
    assert set(PAGE) | {"grades"} == set(QUESTIONS) == set(PLAIN)


def test_what_finds_no_room_is_drawn_in_the_appendix_and_named_on_the_page(report, rulebook):
    html = render_html(report, rulebook)
    told = context(report, rulebook)["mechanism"]
    for found in told.drawn:
        assert f'id="{found.anchor}"' in part(html, "mechanism")
        assert found.chart.svg in part(html, "mechanism")
    for found in told.further:
        assert f'href="#{found.anchor}"' in part(html, "mechanism")
        assert found.chart.svg in part(html, "appendix")


def test_a_chart_without_facts_names_them_and_leads_to_their_questions(report, rulebook):
    html = part(render_html(report, rulebook), "mechanism")
    lacking = context(report, rulebook)["mechanism"].lacking
    assert lacking
    for found in lacking:
        assert found.question in plain(html)
        for name, reason, place in found.missing:
            assert re.search(rf"{re.escape(name)}[^(]* \({re.escape(reason)}\)", plain(html))
            assert f'href="#{place}"' in html


@pytest.mark.parametrize(
    "heights", [(100,) * 7, (240,) * 7, (240, 60, 240, 60, 240, 60, 60), (2000, 60, 60, 60, 60, 60, 60)]
)
@pytest.mark.parametrize("paper", PAPERS)
def test_the_drawings_of_a_page_fit_it(heights, paper):
    told = mechanism([chart(id, height) for id, height in zip(PAGE, heights, strict=True)], paper)
    sheet = PAPERS[paper]
    assert sum(f.height(sheet.width, told.scale) for f in told.drawn) <= sheet.height
    assert len(told.drawn) + len(told.further) == len(PAGE)
    assert told.drawn


def test_smaller_drawings_are_chosen_only_where_more_of_them_then_fit():
    assert mechanism([chart("flow", 240)]).scale == 1.0
    many = mechanism([chart(id, 130) for id in PAGE[:5]])
    assert many.scale < 1.0
    assert len(many.drawn) == 5


def test_where_nothing_is_drawn_the_questions_stand_in_its_place():
    missing = (Missing("terms.offered_apy", "offered apy", "nobody looked"),)
    told = mechanism(
        [chart(id, 0, missing=missing) for id in PAGE], asks={"terms.offered_apy": "What is the highest rate you pay?"}
    )
    assert not told.drawn
    question = "What is the highest rate you pay?"
    assert all(f.asks == (question,) for f in told.lacking)
    assert [told.asked(f) for f in told.lacking] == [(question,), *[()] * (len(told.lacking) - 1)]


# ----------------------------------------------------------------------------------------------- decision


def test_the_page_says_what_turns_the_grade_and_the_appendix_has_every_way(report, html):
    page, appendix = squeezed(part(html, "decision")), squeezed(part(html, "appendix"))
    turns = report.assessment.changes.turns
    for turn in turns:
        for found in turn.sets:
            for step in found.steps:
                assert squeezed(step_text(step)) in page + appendix
    raising = turns[0].sets[0]
    assert all(squeezed(step_text(step)) in page for step in raising.steps)
    assert squeezed(words.span(raising.best, raising.worst)) in page


def test_questions_are_ranked_by_what_an_answer_settles_on_every_page(report, html, rulebook):
    ranked = [unknown.fact for unknown in report.unknowns]
    page = Page(report, rulebook)
    assert [asked.question.fact for asked in page.questions()] == ranked
    first, rest = page.first_and_rest()
    assert [asked.number for asked in first] == [*range(1, len(first) + 1)]
    assert len(first) + sum(len(found) for _, _, found in rest) == len(ranked)
    told = context(report, rulebook)
    assert [query.number for query in told["decision"].asked] == [*range(1, len(told["decision"].asked) + 1)]
    assert [asked.number for asked in told["front"].asked] == [*range(1, len(told["front"].asked) + 1)]
    for query in told["decision"].asked:
        assert plain(query.text) in plain(part(html, "decision"))
        assert query.aside in plain(part(html, "decision"))
    headings = [heading for heading, _ in told["decision"].groups]
    assert len(set(headings)) == len(headings)
    assert all(plain(part(html, "decision")).count(heading) == 1 for heading in headings)
    assert [query for _, queries in told["decision"].groups for query in queries] == [*told["decision"].asked]


def test_a_page_tells_the_same_in_every_language(report, rulebook):
    counts = []
    for language in LANGUAGES:
        with speaking(language):
            told = context(report, rulebook)
        decision, mechanism = told["decision"], told["mechanism"]
        counts.append(
            (
                [query.number for query in decision.asked],
                [len(way.sets) for way in decision.ways],
                [case.name for case in decision.cases_here],
                [f.anchor for f in mechanism.drawn],
                mechanism.asks_each,
                len(told["front"].asked),
            )
        )
    assert counts[0][0]
    assert counts == [counts[0]] * len(LANGUAGES)


def test_what_all_sets_of_changes_share_is_said_once():
    shared, one, other = ("cover: at least 0.5", ""), ("licence: yes", ""), ("claim: no", "")
    sets = (Change((shared, one), "D..F"), Change((other, shared), "D..F"))
    way = Way("", sets, ("Any one of these sets suffices.", "There are more."), scale_ends=False)
    assert way.common == (shared,)
    assert [found.steps for found in way.apart] == [(one,), (other,)]
    assert way.notes_apart == "There are more."
    alone = way.first(1)
    assert (alone.common, alone.apart) == ((), sets[:1])


def test_the_report_names_no_option_of_the_command_line_before_its_end(report, rulebook):
    html = part(render_html(Report(replace(report.assessment, changes=None)), rulebook), "decision")
    assert "--" not in plain(html)
    assert "--" not in words.fact_name("reader.country") + words.fact_name("reader.amount")


def test_the_effect_of_an_answer_is_what_was_worked_out(report):
    for unknown in report.unknowns:
        text = words.settles_text(unknown)
        if unknown.settles_grade:
            assert text == "an answer alone can settle the grade"
        elif unknown.settles_findings > 1:
            assert str(unknown.settles_findings) in text
        elif not unknown.settles_findings:
            assert "open" in text


def test_past_cases_are_told_with_what_differs_and_nothing_after_the_cut(report, html):
    page = plain(part(html, "decision"))
    assert report.cases
    assert "A resemblance, not a forecast." in page
    for found in report.cases:
        assert found.case.ended <= CUT
        assert found.case.name in page
        assert found.case.ended.isoformat() in page
        assert "Different:" in page
    assert not re.search(r"202[3-9]|2022-0[6-9]|2022-1", page)


@pytest.mark.parametrize("label", ["failed", "halted", "impaired", "survived", "wound_down"])
def test_an_outcome_is_told_without_what_became_known_later(report, rulebook, label):
    case = report.cases[0].case.model_copy(update={"label": label, "name": EVIL})
    changed: Resemblance = replace(report.cases[0], case=case)
    note = context(replace(report, cases=(changed,)), rulebook)["decision"].cases[0]
    assert case.ended.isoformat() in note.told
    assert "fraud" not in note.told
    assert "lost" not in note.told
    html = render_html(replace(report, cases=(changed,)), rulebook)
    assert "<script" not in html
    assert "<img" not in html


def test_facts_and_rules_are_told_apart_since_an_earlier_report(report, html):
    page, appendix = plain(part(html, "decision")), plain(part(html, "appendix"))
    since = report.since
    assert f"On {EARLIER} it stood at" in page
    assert "By the facts" in page
    assert "By the rules: nothing" in page
    assert f"Facts changed: {len(since.facts)}; findings changed: {len(since.rules)}" in page
    for change in since.rules:
        assert f"{change.code} {change.title}" in appendix
    for change in since.facts:
        assert squeezed(words.fact_name(change.fact)) in squeezed(appendix)


def test_an_earlier_result_with_hostile_text_changes_nothing_but_itself(report, rulebook):
    standing = Standing(Grade.C, Grade.F, ("V1", "V5"), {})
    hostile = FactChange(EVIL, EVIL, EVIL, {"cells": {EVIL: EVIL}, "evidence": EVIL}, None, (EVIL,))
    odd = FactChange("terms.offered_apy", "", "rate", {"status": EVIL, "value": None, "evidence": None}, None, ())
    since = Since("2022-01-01", "2022-01-01", standing, None, standing, (hostile, odd))
    html = render_html(replace(report, since=since), rulebook)
    assert "<script" not in html
    assert "<img" not in html
    assert "{{ 7*7 }}{% x %}" in unescape(html)
    assert re.findall(r'<section class="(\w+)', html) == ["verdict", "mechanism", "decision", "appendix"]


def test_parts_that_nobody_asked_for_are_named_and_leave_no_empty_box(report, rulebook):
    bare = Report(replace(report.assessment, changes=None))
    html = part(render_html(bare, rulebook), "decision")
    for name in UNASKED.values():
        assert name in plain(html)
    assert "Not asked for, and not worked out" in plain(html)
    for box in ("ways", "case", "figure"):
        assert f'class="{box}"' not in html
    assert "<ol></ol>" not in html
    assert len(PARTS) == 4
    whole = part(render_html(report, rulebook), "decision")
    assert "Not asked for" not in plain(whole)


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_and_interests_stand_on_the_page(report, rulebook, language):
    html = squeezed(part(render_html(report, rulebook, language), "decision"))
    with speaking(language):
        for text in (*LIMITS, INTERESTS):
            assert squeezed(tr(text)) in html


def test_the_verdict_over_time_stands_in_the_appendix_day_by_day(report, html):
    appendix = plain(part(html, "appendix"))
    for moment in report.timeline.moments:
        assert moment.day.isoformat() in appendix
    assert max(moment.day for moment in report.timeline.moments) <= CUT


# ----------------------------------------------------------------------------------------------- room


def test_room_is_taken_only_where_it_is():
    room = Room(10.0)
    assert room.take(7.5)
    assert not room.take(2.6)
    assert room.take(2.5)
    assert room.left == 0.0


def test_wider_text_never_takes_fewer_lines():
    for text in ("a", "grade " * 40, "等级" * 90, "W" * 300):
        assert ems(text + "x") > ems(text)
        assert lines(text, 50, 8) >= lines(text, 100, 8) >= lines(text, 100, 6)
    assert lines("", 100, 8) == 1


def test_a_drawing_keeps_its_shape():
    assert drawing_height(Markup('<svg viewBox="0 0 680 170">'), 176) == pytest.approx(44)
    assert drawing_height(Markup("<svg>"), 176) == 0.0


# ------------------------------------------------------------------------------- sentences and numbers as they are read


def test_the_last_grade_over_time_is_that_of_the_first_page_also_where_only_time_moved_it(rulebook):
    day = date(2026, 11, 1)
    settings = Settings(date(2099, 1, 1), day, day)
    told = prepare(ROOT / "reports" / "samples" / "ten-facts.json", settings, rulebook, parts=("timeline",))
    last, verdict = told.timeline.moments[-1], told.assessment.verdict
    assert (last.day, last.best, last.worst) == (day, verdict.best, verdict.worst)
    assert last.by_time
    assert not last.moved_by
    text = context(told, rulebook)["decision"].timeline_text
    assert f"to {words.span(verdict.best, verdict.worst)}; the cause: time: facts too old" in text
    assert "Judged on 2 days; the grade moved once" in text


@pytest.mark.parametrize(
    ("value", "english", "simplified"),
    [
        (9_876, "$9,876", "9,876美元"),
        (12_345, "$12,345", "1.2345万美元"),
        (999_999, "$999,999", "99.9999万美元"),
        (1_234_567, "$1.235m", "123.5万美元"),
        (-54_000_000, "−$54m", "−5,400万美元"),
    ],
)
def test_an_amount_has_as_many_figures_in_every_language(value, english, simplified):
    assert words.number(value, "money") == english
    with speaking("zh-Hans"):
        assert words.number(value, "money") == simplified


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        ([0.64, None], "days", "at least 15 hours"),
        ([4.9, None], "days", "at least 4 days"),
        ([0.39, 2.6], "days", "9 hours to 3 days"),
        ([48.03, 48.03], "days", "48 days"),
        ([47.9999999, None], "days", "at least 48 days"),
        ([30, 30], "days", "30 days"),
        ([-0.3, None], "money_per_month", "at least $0 a month"),
        ([None, -0.0], "money_per_month", "at most $0 a month"),
        ([-1e-9, 0.1], "share", "0% to 10%"),
    ],
)
def test_days_are_whole_and_nothing_has_no_sign(value, unit, told):
    assert words.amount(value, unit) == told


def test_a_floor_of_nothing_is_told_as_unknown():
    assert words.amount([0.0, None], "money") == "an unknown amount"
    assert words.amount([0.0, None], "rate") == "at least 0%"
    assert words.amount([0.0, 5.0], "days") == "0 days to 5 days"


def test_a_mark_with_its_own_space_has_no_other_behind_it_but_a_chip_has():
    html = '<p title="a。 b">完。 <a href="#x">甲</a>。</b> 乙， c</p><li>丙： <span>（丁）</span> 3</li>'
    set_well = '<p title="a。 b">完。<a href="#x">甲</a>。</b>乙，c</p><li>丙：<span>（丁）</span> 3</li>'
    assert punctuated(html, "zh-Hans") == set_well
    assert punctuated(html, "en") == html


def test_what_a_chart_lacks_is_told_by_reason(report, rulebook):
    for found in context(report, rulebook)["mechanism"].lacking:
        assert [fact for reason, facts in found.lacks for fact in facts] == [
            (name, place) for told, _ in found.lacks for name, reason, place in found.missing if reason == told
        ]
        assert len({reason for reason, _ in found.lacks}) == len(found.lacks)


def test_no_question_stands_twice_beside_the_charts_that_are_not_drawn(report, rulebook):
    told = context(report, rulebook)["mechanism"]
    asked = [text for found in told.lacking for text in told.asked(found)]
    assert asked
    assert len(asked) == len(set(asked))


def test_what_a_reader_is_told_holds_no_expression_and_no_bare_id(html, rulebook):
    beside = re.sub(r'<(span|a) class="(?:soft|fact|url)".*?</\1>', " ", html.split('<h1 id="rates">')[0])
    told = plain(beside)
    assert not re.search(r"&&|\|\||\bparams\.|[!=<>]=", told)
    assert set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", told)) - set(rulebook.reference.series) == set()


def test_facts_stand_by_name_with_the_id_beside(html, report):
    known = next(fact for fact in report.assessment.facts if fact.status == "reported" and fact.id.startswith("terms."))
    row = re.search(rf'<tr id="fact-{re.escape(known.id)}">(.*?)</tr>', html, re.DOTALL)
    assert row is not None
    assert plain(row[1]).startswith(f"{words.capital(words.fact_name(known.id))} {known.id.partition('.')[2]} ")
