"""Platforms side by side, as each reader meets them: a narrow terminal, a page, a browser, a program."""

import csv
import io
import json
import re
from datetime import date

import pytest
from markdown_it import MarkdownIt
from pdf_pages import box_text, squeezed

from checker.app.audit import Settings, shipped_rulebook
from checker.app.compare import compare_profiles
from checker.assess.comparison import Difference, Order
from checker.outputs import words
from checker.outputs.comparison import TITLES, Sides, short_text
from checker.outputs.comparison_json import comparison_dict, render_json
from checker.outputs.comparison_markdown import render_csv, render_markdown
from checker.outputs.comparison_text import render_text
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.pdf import missing_system_libraries
from checker.resources import data_path

CUT = date(2022, 5, 31)
needs_pango = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)
EVIL = '<script>alert(1)</script> {{ 7*7 }} [x](http://evil.example) | =1+1 <img src="file:///etc/passwd"> {name} {0}'


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def compared(rulebook, *names, day=CUT):
    settings = Settings(date(2099, 1, 1), day, day)
    return compare_profiles([data_path("profiles", f"{name}.json") for name in names], settings, rulebook)


@pytest.fixture(scope="module")
def two(rulebook):
    return compared(rulebook, "celsius", "aave")


@pytest.fixture(scope="module")
def six(rulebook):
    return compared(rulebook, "celsius", "aave", "voyager", "fidelity-spaxx", "nexo", "three-arrows-capital")


@pytest.fixture(scope="module")
def late(rulebook):
    """After the doors had shut: letters and live status."""
    return compared(rulebook, "celsius", "voyager", "ally-bank", day=date(2023, 5, 31))


@pytest.fixture(scope="module")
def hostile(rulebook, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for place, name in enumerate((EVIL, EVIL, "名" * 3000 + "x" * 7000)):
        path = folder / f"{place}.json"
        path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": name, "kind": "p2p"}}), encoding="utf-8")
        paths.append(path)
    return compare_profiles(paths, Settings(date(2099, 1, 1), CUT, CUT), rulebook)


def text_of(told, rulebook, width=80):
    return render_text(told, rulebook, colour=False, width=width)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("which", ["two", "six", "late"])
def test_no_line_is_wider_than_the_terminal(which, width, language, rulebook, request):
    from rich.cells import cell_len

    with speaking(language):
        text = text_of(request.getfixturevalue(which), rulebook, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("which", ["two", "six", "late"])
def test_the_terminal_says_who_what_and_how_sure(which, rulebook, request):
    told = request.getfixturevalue(which)
    text = text_of(told, rulebook)
    sides = Sides(told, rulebook)
    flat = " ".join(text.split())
    assert flat.startswith(sides.verdict()[0])
    for assessment in told.assessments:
        assert assessment.name in flat
        assert words.grade_range(assessment) in flat
        assert f"{assessment.verdict.coverage.critical:.0%}" in flat
        for _, status in assessment.verdict.status:
            assert words.in_sentence(status) in flat
    for line in told.lines(Difference.SURE):
        assert f"  {line.code}" in text
        for finding in line.findings:
            assert short_text(finding).split()[0] in text


def test_the_surest_difference_comes_first(two, rulebook):
    text = text_of(two, rulebook)
    shown = [text.index(TITLES[why]) for why in TITLES if two.lines(why)]
    assert shown == sorted(shown)
    assert len(shown) >= 2
    assert text.index("The rate, and what pays it") > shown[-1]


def test_a_yield_is_told_apart_from_the_grade(two, rulebook):
    sides = Sides(two, rulebook)
    grades = {row.label for row in sides.rows()}
    offered = next(row for row in sides.yields() if row.label == "Highest annual yield offered")
    assert offered.cells == ("at least 8.8%", "not examined")
    assert not grades & {row.label for row in sides.yields()}


def test_sentences_follow_the_order_of_the_grades(late, rulebook):
    sides = Sides(late, rulebook)
    orders = [pair.grade for pair in late.pairs]
    assert Order.SAME in orders
    told = " ".join(sides.verdict())
    assert "The grade of Celsius Network (F) and Voyager Digital (F) is the same, and certain." in told
    assert ("surely safer" in told) == (Order.SAFER in orders or Order.RISKIER in orders)
    assert ("surely no worse" in told) == (Order.NO_WORSE in orders or Order.NO_BETTER in orders)
    assert ("cannot be told apart" in told) == (Order.OPEN in orders)


def test_what_is_not_comparable_is_said(two, late, rulebook):
    sentences = " ".join(Sides(two, rulebook).not_comparable())
    assert "The kinds differ (centralised lender and DeFi money market)" in sentences
    alone = [line.code for line in two.lines(Difference.ALONE)]
    assert (
        str(
            sum(
                two.assessments[0].finding(code) is not None
                for code in alone
                if code in {f.code for f in two.assessments[0].findings}
            )
        )
        in sentences
    )
    assert Sides(compared(rulebook, "celsius", "voyager"), rulebook).not_comparable() == ()


def test_a_kind_without_a_grade_is_compared_by_findings_only(six, rulebook):
    sides = Sides(six, rulebook)
    assert any("Three Arrows Capital" in sentence and "Without a grade" in sentence for sentence in sides.verdict())
    assert all(pair.grade is Order.NONE for pair in six.pairs if pair.second == 5)


def test_platforms_of_one_name_are_told_apart(hostile, rulebook):
    names = Sides(hostile, rulebook).names
    assert len(set(names)) == 3
    assert names[0].endswith("(1)")
    assert names[1].endswith("(2)")


# -- JSON, CSV, Markdown


def test_json_tells_the_same_as_the_comparison(six, rulebook):
    whole = json.loads(render_json(six, rulebook))
    assert whole["schema"] == "ddcheck/comparison/1"
    assert [p["name"] for p in whole["platforms"]] == [a.name for a in six.assessments]
    assert [(p["first"], p["second"], p["grade"]) for p in whole["pairs"]] == [
        (pair.first, pair.second, pair.grade.value) for pair in six.pairs
    ]
    for rule, line in zip(whole["rules"], six.rules, strict=True):
        assert (rule["code"], rule["difference"]) == (line.code, line.difference.value)
        for told, finding in zip(rule["findings"], line.findings, strict=True):
            assert (told is None) == (finding is None)
            if finding is not None:
                assert (told["possible"], told["presumed"]) == ([o.name for o in finding.possible], finding.presumed)
    assert sum(whole["counts"].values()) == len(six.rules)
    assert comparison_dict(six, rulebook)["certain"] == whole["certain"]


def test_csv_has_a_row_for_each_rule_and_a_column_for_each_platform(six, rulebook):
    rows = list(csv.DictReader(io.StringIO(render_csv(six, rulebook))))
    assert [row["code"] for row in rows] == [line.code for line in six.rules]
    names = Sides(six, rulebook).names
    for row, line in zip(rows, six.rules, strict=True):
        for place, finding in enumerate(line.findings, 1):
            cell = row[f"{place} {names[place - 1]}"].split()
            if finding is None:
                assert cell == ["NOT_ASKED"]
            else:
                assert [word for word in cell if word not in ("OPEN", "PRESUMED")] == [o.name for o in finding.possible]
                assert ("PRESUMED" in cell) == finding.presumed
                assert ("OPEN" in cell) == (finding.outcome is None)


def test_markdown_holds_every_difference_in_a_table(two, rulebook):
    text = render_markdown(two, rulebook)
    for why in TITLES:
        for line in two.lines(why):
            assert re.search(rf"^\| {line.code} ", text, re.MULTILINE)
    for sentence in Sides(two, rulebook).verdict():
        assert f"**{sentence}**" in text


def test_hostile_names_stay_names(hostile, rulebook):
    for width in (60, 120):
        assert "{{ 7*7 }}" in " ".join(text_of(hostile, rulebook, width).split())
    tokens = MarkdownIt("commonmark").enable("table").parse(render_markdown(hostile, rulebook))
    children = [child.type for token in tokens for child in token.children or ()]
    assert not {"html_inline", "link_open", "image"} & {*children}
    assert not [token for token in tokens if token.type == "html_block"]
    head = next(csv.reader(io.StringIO(render_csv(hostile, rulebook))))
    assert not [cell for cell in head if re.match(r"\s*[=+@-]", cell)]


# -- page and browser


@needs_pango
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_a_browser_loads_and_runs_nothing(language, hostile, rulebook):
    from checker.outputs.comparison_pdf import render_html

    html = render_html(hostile, rulebook, language)
    assert "<script" not in html
    assert "<img" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html
    assert "{{ 7*7 }}" in html
    assert "49" not in re.findall(r"<h1.*?</h1>", html, re.DOTALL)[0]
    assert f'<html lang="{language}">' in html


@needs_pango
def test_links_of_the_page_lead_somewhere(two, rulebook):
    from checker.outputs.comparison_pdf import render_html

    html = render_html(two, rulebook)
    places = set(re.findall(r' id="([^"]*)"', html))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= places
    assert re.findall(r'href="#source-1-', html)


@needs_pango
def test_the_page_for_print_says_what_the_terminal_says(late, rulebook):
    from checker.outputs.comparison_pdf import render_document

    document = render_document(late, rulebook)
    whole = squeezed("".join(box_text(page) for page in document.pages))
    sides = Sides(late, rulebook)
    for sentence in (*sides.verdict(), *sides.traits(), *sides.knowledge(), *sides.not_comparable()):
        assert squeezed(sentence) in whole
    for row in (*sides.rows(grades=False), *sides.yields()):
        assert squeezed(row.label) in whole
        for cell in row.cells:
            assert squeezed(cell) in whole
    for name, status in sides.statuses():
        assert squeezed(f"{name}: {status}") in whole
    for why in TITLES:
        for line in late.lines(why):
            assert line.code in whole


@needs_pango
@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_six_platforms_stand_side_by_side_on_a_turned_page(paper, six, two, rulebook):
    from checker.outputs.comparison_pdf import render_document

    page = render_document(six, rulebook, paper=paper).pages[0]
    assert page.width > page.height
    page = render_document(two, rulebook, paper=paper).pages[0]
    assert page.width < page.height


@needs_pango
@pytest.mark.slow
def test_the_same_comparison_gives_the_same_bytes_again(two, hostile, rulebook):
    from checker.outputs.comparison_pdf import render_pdf

    for told in (two, hostile):
        assert render_pdf(told, rulebook) == render_pdf(told, rulebook)
