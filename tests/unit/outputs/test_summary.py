"""The first page alone: one page whatever it has to say, no link that leads nowhere, the sources that it cites."""

import json
import re
from datetime import date

import pytest
from pdf_pages import box_text, squeezed

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.outputs import words
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.pdf import missing_system_libraries
from checker.outputs.summary import render_document, render_html, render_summary_pdf
from checker.resources import data_path

CUT = date(2022, 5, 31)
pytestmark = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def assessed(name, rulebook, day=CUT):
    return audit_one(data_path("profiles", f"{name}.json"), Settings(date(2099, 1, 1), day, day), rulebook)


def named(name, rulebook, folder):
    path = folder / "p.json"
    path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": name, "kind": "p2p"}}), encoding="utf-8")
    return audit_one(path, Settings(date(2099, 1, 1), CUT, CUT), rulebook)


def test_the_sources_of_the_page_stand_under_it(rulebook):
    html = render_html(assessed("celsius", rulebook), rulebook)
    cited = {int(number) for number in re.findall(r'<a class="mark">\[(\d+)\]</a>', html)}
    listed = {int(number) for number in re.findall(r'<span class="mark">\[(\d+)\]</span>', html)}
    assert cited
    assert cited == listed


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_on_the_page_leads_into_the_report_that_is_not_there(language, rulebook):
    html = render_html(assessed("celsius", rulebook, date(2023, 12, 31)), rulebook, language)
    assert 'href="#' not in html
    with speaking(language):
        whole = tr("This is the first page of the report; the whole report has every rule, fact and source.")
    assert whole in html


@pytest.mark.parametrize("length", [10, 10_000])
def test_a_page_stays_one_page_whatever_the_name(length, rulebook, tmp_path):
    document = render_document(named("W" * length, rulebook, tmp_path), rulebook, paper="letter")
    assert len(document.pages) == 1
    text = squeezed(box_text(document.pages[0]))
    assert "WWWWWWWWWW" in text
    assert ("Notassessable" in text) or length > 10


def test_text_that_looks_like_a_link_stays_text(rulebook, tmp_path):
    html = render_html(named('x href="#a" <a href="#b">', rulebook, tmp_path), rulebook)
    assert "href=&#34;#a&#34;" in html


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["celsius", "aave", "fidelity-spaxx", "three-arrows-capital", "voyager"])
def test_every_platform_fits_in_every_language_on_both_papers(name, language, paper, rulebook):
    assessment = assessed(name, rulebook, date(2023, 12, 31))
    with speaking(language):
        certain = words.certain(assessment)
    document = render_document(assessment, rulebook, language, paper=paper)
    assert len(document.pages) == 1
    assert squeezed(certain) in squeezed(box_text(document.pages[0]))


@pytest.mark.slow
def test_the_same_bytes_again(rulebook):
    assessment = assessed("celsius", rulebook)
    pdf = render_summary_pdf(assessment, rulebook)
    assert pdf.startswith(b"%PDF")
    assert render_summary_pdf(assessment, rulebook) == pdf


def test_an_unknown_paper_is_refused(rulebook):
    with pytest.raises(ValueError, match="no paper 'a5'"):
        render_document(assessed("nexo", rulebook), rulebook, paper="a5")
    with pytest.raises(ValueError, match="no report in 'xx'"):
        render_html(assessed("nexo", rulebook), rulebook, "xx")
