"""The first page of the report in a file of its own: one page, never two.

It is the page of the report, from the same template, with the sources that it cites under it. What a link would lead
to is not there, so there are none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from checker.assess.assessment import Assessment
from checker.outputs import faces, layout, words
from checker.outputs.front import Front
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.page import Page, clean, shortened
from checker.outputs.pdf import PAPERS, _environment, _rendering, _style, laid_out, sheet, written
from checker.outputs.report import Report, report_of
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import Document

TIGHTEST = 3
_INNER_LINK = re.compile(r' href="#[^"]*"')
_MOST_SOURCES = 8
_FOOT, _STEP = 2.0, 25.0  # millimetres that the sources take, and that each step of tightness takes from the questions
_NAME = 400  # characters of a name where there is no more room
_SOURCE = 90  # characters of a source; the report has it whole


def render_html(
    told: Assessment | Report, rulebook: Rulebook, language: str = "en", *, paper: str = "a4", tight: int = 0
) -> str:
    """The document from which the PDF is made, without its style.

    Args:
        told: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.
        paper: "a4" or "letter".
        tight: How little air is left, 0 to 3; the tightest leaves the sources to the report.

    Raises:
        ValueError: There is no report in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no report in {language!r}; there is {', '.join(LANGUAGES)}")
    with speaking(language):
        page = Page(_named(told) if tight == TIGHTEST else told, rulebook)
        whole = layout.PAPERS[paper]
        room = replace(whole, height=whole.height - _FOOT - tight * _STEP)
        html = (
            _environment()
            .get_template("summary.html.j2")
            .render(
                page=page,
                front=Front(page, room),
                a=page.assessment,
                v=page.assessment.verdict,
                language=language,
                tight=tight,
                sources=_sources(page) if tight < TIGHTEST else (),
            )
        )
    return _INNER_LINK.sub("", html)  # text has no bare quotation mark: it is escaped


def _named(told: Assessment | Report) -> Report:
    """What is rendered, a name of thousands of letters shortened; the report has it whole."""
    report = report_of(told)
    name = shortened(clean(report.assessment.name), _NAME)
    return replace(report, assessment=replace(report.assessment, name=name))


def _sources(page: Page) -> tuple[tuple[str, str], ...]:
    """The sources that the reasons cite: number, and what it is."""
    cited = sorted({int(mark.text) for reason in page.reasons() for mark in reason.marks})
    found = []
    for number in cited[:_MOST_SOURCES]:
        source = page.assessment.sources[number - 1]
        title = tr(source.title) if source.title in words.WITHHELD else source.title
        text = tr(", ").join(
            filter(None, [shortened(title, _SOURCE), source.publisher[:_SOURCE], words.published(source)])
        )
        found.append((str(number), text))
    return tuple(found)


def render_document(
    told: Assessment | Report, rulebook: Rulebook, language: str = "en", *, paper: str = "a4"
) -> Document:
    """The one page, laid out with as much air as it allows."""
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}; there is {', '.join(PAPERS)}")
    own = sheet(data_path("reports", "styles", "summary.css").read_text(encoding="utf-8"))
    document = None
    for tight in range(TIGHTEST + 1):
        html = faces.punctuated(render_html(told, rulebook, language, paper=paper, tight=tight), language)
        document = laid_out(html, [_style(language, paper), own])
        if len(document.pages) == 1:
            return document
    assert document is not None
    return document.copy(document.pages[:1])


def render_summary_pdf(
    told: Assessment | Report, rulebook: Rulebook, language: str = "en", *, paper: str = "a4"
) -> bytes:
    """The first page of the report as a tagged PDF of one page (PDF/UA-1).

    Args:
        told: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.
        paper: "a4" or "letter".

    Raises:
        ValueError: There is no report in this language or on this paper.
        OSError: Pango is missing.
    """
    with _rendering:
        return written(render_document(told, rulebook, language, paper=paper))
