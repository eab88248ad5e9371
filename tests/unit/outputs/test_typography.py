"""How the report is set: one grid, no stranded lines, words that break at their joints, evidence said once."""

import re
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.outputs import words
from checker.outputs.language import speaking
from checker.outputs.layout import PAPERS
from checker.outputs.markup import breakable, brief_address, unwidowed, wrapped
from checker.outputs.page import Page, _told_once
from checker.outputs.parts import Evidence, Known
from checker.outputs.pdf import _style, laid_out, missing_system_libraries, render_document, render_html

ROOT = Path(__file__).parents[3]
CUT = date(2025, 10, 1)
HEADINGS = ("h1", "h2")
MILLIMETRE = 96 / 25.4

pytestmark = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def aave(rulebook):
    return audit_one(ROOT / "profiles" / "aave.json", Settings(date(2099, 1, 1), CUT, CUT), rulebook)


@pytest.fixture(scope="module")
def document(aave, rulebook):
    return render_document(aave, rulebook)


def boxes(page, kind):
    return [box for box in page._page_box.descendants() if type(box).__name__ == kind]


def lines(page):
    """The lines in the flow of a page, top down: their element's name, their text and where they end."""
    found = []
    for block in page._page_box.descendants():
        children = getattr(block, "children", ())
        if children and type(children[0]).__name__ == "LineBox" and block.element is not None:
            for line in children:
                text = "".join(getattr(box, "text", "") for box in line.descendants())
                found.append((line.position_y, block.element.tag, text.strip()))
    return [(tag, text) for _, tag, text in sorted(found, key=lambda line: line[0]) if text]


def test_every_page_has_the_same_edges(document):
    pages = [page._page_box for page in document.pages]
    assert len({(page.margin_left, page.margin_right, page.margin_bottom) for page in pages}) == 1
    assert len({page.margin_top for page in pages[1:]}) == 1
    assert pages[1].width == pytest.approx(PAPERS["a4"].width * MILLIMETRE, abs=0.5)
    assert pages[1].height == pytest.approx(PAPERS["a4"].height * MILLIMETRE, abs=0.5)


def test_no_page_ends_with_a_heading_or_begins_with_the_rest_of_a_list(document):
    told = [lines(page) for page in document.pages]
    for page in told:
        body = [line for line in page if line[0] != "html"]  # the foot belongs to the page
        assert body[-1][0] not in HEADINGS, body[-1]
    assert sum(tag == "h1" and text == "How to rebut this report" for tag, text in told[-1]) == 1


def test_a_row_does_not_stand_alone_under_a_repeated_head(rulebook):
    rows = "".join(f"<tr><td>row {number}</td></tr>" for number in range(1, 9))
    table = f'<table class="t"><thead><tr><th>head</th></tr></thead><tbody>{rows}</tbody></table>'
    for lead in range(212, 246, 2):
        html = f'<html lang="en"><title>t</title><body><main><div style="height:{lead}mm"></div>{table}</main></body>'
        shown = [lines(page) for page in laid_out(html, [_style("en")]).pages]
        counts = [sum(text.startswith("row") for _, text in page) for page in shown]
        assert sum(counts) == 8
        assert 1 not in counts, (lead, counts)


def test_a_line_is_broken_at_its_end_and_nowhere_before(rulebook):
    """The renderer breaks a text that fits, but for the space at its end, after its first word."""
    widths = [48 + step / 8 for step in range(160)]
    parts = "".join(
        f'<p style="width:{width}mm"><b>reserves</b>: it replaces the module by burning <i>of staked tokens</i></p>'
        for width in widths
    )
    document = laid_out(f'<html lang="en"><title>t</title><body>{parts}</body></html>', [_style("en")])
    firsts = [
        len("".join(getattr(box, "text", "") for box in block.children[0].descendants()).split())
        for page in document.pages
        for block in boxes(page, "BlockBox")
        if block.element_tag == "p"
    ]
    assert len(firsts) == len(widths)
    assert firsts == sorted(firsts)
    assert firsts[0] < firsts[-1]


def test_words_break_at_their_joints_and_leave_no_scrap():
    for text in ("ltv_practice.reported_wavg_ltv", "https://a.example/b/c/long-words-in-an-address?x=1&y=22222"):
        pieces = breakable(text).split("\u200b")
        assert "".join(pieces) == text
        assert len(pieces) > 1
        assert all(len(piece) >= 4 for piece in pieces)
        assert all(piece[-1] in "._/&?=+-" for piece in pieces[:-1])
    long = "proposal-onboarding-aaves-ausdc-and-ausdt-as-usde-backing"
    assert all(piece[-1] == "-" for piece in wrapped(long).split("\u200b")[:-1])


def test_an_address_on_paper_is_short_and_its_link_is_whole(aave, rulebook):
    url = next(source.url for source in aave.sources if len(source.url) > 200)
    html = render_html(aave, rulebook).replace("\u200b", "")
    shown = re.search(rf'<a class="url" href="{re.escape(url)}">([^<]*)</a>', html)
    assert shown is not None
    assert shown[1] == brief_address(url)
    assert len(shown[1]) <= 84
    assert shown[1].endswith("…")


def test_a_short_last_word_does_not_stand_alone():
    assert unwidowed("a quarter and 30% are V") == "a quarter and 30% are\u00a0V"
    assert unwidowed("the retention is from memory") == "the retention is from memory"


def known(name, *entries):
    return Known(None, name, f"fact-{name}", "yes", (), entries, ())


def test_long_evidence_is_told_once():
    long = Evidence("", "2020", "2020", "press", "E1", (), "the third table of the second annex to the terms", (), "")
    brief = Evidence("", "2020", "2020", "press", "E1", (), "p. 3", (), "")
    told = {}
    facts = [known("a", long), known("b", long), known("c", brief), known("d", brief), known("e", brief, brief)]
    facts.append(known("f", brief, brief))
    assert [_told_once(fact, told).same for fact in facts] == [
        None,
        ("a", "fact-a"),
        None,
        None,
        None,
        ("e", "fact-e"),
    ]


def test_what_stands_in_place_of_evidence_is_the_same_evidence(aave, rulebook):
    shown = [fact for _, _, facts in Page(aave, rulebook).facts_by_section() for fact in facts]
    first = {fact.anchor: fact for fact in shown if fact.same is None}
    repeated = [fact for fact in shown if fact.same is not None]
    assert repeated
    for fact in repeated:
        name, place = fact.same
        assert (first[place].name, first[place].entries) == (name, fact.entries)
        assert shown.index(first[place]) < shown.index(fact)


def test_a_row_of_a_table_does_not_repeat_its_name(aave, rulebook):
    for sheet in Page(aave, rulebook).sheets():
        for label, cells, _ in sheet.rows:
            assert not any(cell.endswith(f": {label}") for cell in cells.split(" · "))


def test_every_question_has_its_place_in_its_section(aave, rulebook):
    page = Page(aave, rulebook)
    first, rest = page.first_and_rest()
    table = render_html(aave, rulebook).partition('<table class="asks-more">')[2].partition("</table>")[0]
    shown = [int(number) for number in re.findall(r'<td class="no" id="ask-\d+">(\d+)</td>', table)]
    assert shown == [question.number for _, _, found in rest for question in found]
    for _, _, found in rest:
        numbers = [question.number for question in found]
        assert numbers == sorted(numbers)
    assert len(first) + len(shown) == len(aave.questions)


def test_one_sign_and_one_form_of_a_range():
    assert words.amount([-0.9057, -0.7246], "share") == "−90.57% to −72.46%"
    assert words.number(-2.5e6, "money") == "−$2.5m"
    assert words.number(-3, "days") == "−3 days"
    assert words.period("2021-03-01", "2022-05-31") == "2021-03-01 to 2022-05-31"
    with speaking("zh-Hant"):
        assert words.period("2021-03-01", "2022-05-31") == "2021年3月1日至2022年5月31日"


def test_texts_write_per_cent_without_a_space():
    stray = re.compile(r"\d[ \u00a0]%(?!\w)")
    for file in (ROOT / "rules").rglob("*.yaml"):
        assert not stray.search(file.read_text(encoding="utf-8")), file
