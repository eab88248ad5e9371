"""The comparison as a page for print and as one file for a browser, from one template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from checker.assess.comparison import Comparison
from checker.outputs import faces
from checker.outputs.comparison import DEPTH_NOTE, NOTES, TITLES, YIELD_NOTE, Sides
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.pdf import PAPERS, _environment, _rendering, _style, laid_out, sheet, written
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import Document

UPRIGHT = 3  # platforms that stand side by side on an upright page; more turn it
MOST_QUESTIONS = 15


def _markup(told: Comparison, rulebook: Rulebook, language: str, **more: object) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"no comparison in {language!r}; there is {', '.join(LANGUAGES)}")
    texts: Mapping[str, object] = {
        "differences": [*TITLES],
        "titles": TITLES,
        "notes": NOTES,
        "yield_note": YIELD_NOTE,
        "depth_note": DEPTH_NOTE,
        "most": MOST_QUESTIONS,
        "screen": "",
    }
    with speaking(language):
        sides = Sides(told, rulebook)
        template = _environment().get_template("comparison.html.j2")
        return template.render(sides=sides, first=told.assessments[0], language=language, **{**texts, **more})


def _own_style() -> str:
    return data_path("reports", "styles", "comparison.css").read_text(encoding="utf-8")


def render_html(told: Comparison, rulebook: Rulebook, language: str = "en") -> str:
    """The comparison as one file for a browser; it loads nothing and runs nothing.

    Raises:
        ValueError: There is no comparison in this language.
    """
    from markupsafe import Markup

    styles = data_path("reports", "styles")
    style = "".join((styles / name).read_text(encoding="utf-8") for name in ("report.css", "scheme.css"))
    style += _own_style()
    assert "</" not in style
    return _markup(told, rulebook, language, screen=Markup(style + faces.style(language)))


def render_document(told: Comparison, rulebook: Rulebook, language: str = "en", *, paper: str = "a4") -> Document:
    """The laid-out pages from which the PDF is written; see `render_pdf`."""
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}; there is {', '.join(PAPERS)}")
    html = faces.punctuated(_markup(told, rulebook, language), language)
    turned = " landscape" if len(told.assessments) > UPRIGHT else ""
    own = sheet(f"{_own_style()}\n@page {{ size: {PAPERS[paper]}{turned} }}")
    return laid_out(html, [_style(language, paper), own])


def render_pdf(told: Comparison, rulebook: Rulebook, language: str = "en", *, paper: str = "a4") -> bytes:
    """The comparison as a tagged PDF (PDF/UA-1).

    Args:
        told: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.
        paper: "a4" or "letter".

    Raises:
        ValueError: There is no comparison in this language or on this paper.
        OSError: Pango is missing.
    """
    with _rendering:
        return written(render_document(told, rulebook, language, paper=paper))
