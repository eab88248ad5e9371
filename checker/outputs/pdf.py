"""The investor's PDF: page 1 is the verdict, the appendix has every rule, input and source.

Nothing outside the program is read while rendering: the style sheet is part of the program, the text is escaped, and
every address that a document could name is refused. The same assessment gives the same bytes under the same libraries
and fonts, which the last page names.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import re
import threading
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.page import Page, anchor, breakable, clean, safe_link, wrapped
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from weasyprint import CSS, Document
    from weasyprint.text.fonts import FontConfiguration

# A library by the names the loader may know it under, and the Debian package that carries it.
_LIBRARIES = (
    ("libpango-1.0-0", ("libpango-1.0.so.0", "libpango-1.0.dylib"), "pango-1.0"),
    ("libpangoft2-1.0-0", ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "pangoft2-1.0"),
    ("libharfbuzz-subset0", ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"), "harfbuzz-subset"),
)
_rendering = threading.Lock()  # Pango's font map belongs to one thread at a time


def missing_system_libraries() -> list[str]:
    """The Debian packages that the PDF lacks, named without loading the renderer.

    Without Pango there is no PDF. Without the HarfBuzz subset library there is one, some 36 times slower, and the
    renderer says nothing.
    """
    return [
        package
        for package, files, name in _LIBRARIES
        if not any(_library(file) for file in files) and _library(ctypes.util.find_library(name)) is None
    ]


def _library(file: str | None) -> ctypes.CDLL | None:
    """A shared library, or None where the loader does not find it."""
    if file is None:
        return None
    try:
        return ctypes.CDLL(file)
    except OSError:
        return None


class _Refusal:
    """Takes the place of the fetcher of addresses: there is nothing that a report may load."""

    _fail_on_errors = False

    def __call__(self, url: str, *_: object, **__: object) -> NoReturn:
        raise ValueError(f"a report loads nothing from outside, nor {url!r}")


def _finalized(value: object) -> object:
    """What a template prints: clean text that can wrap; an absent value is a fault of the template."""
    from markupsafe import Markup

    if value is None:
        raise ValueError("a template printed a value that is absent")
    return value if isinstance(value, Markup) else wrapped(value)


def _filled(text: str, **pieces: object) -> Markup:
    """A translated sentence with pieces of the page put in; only pieces that are markup stay so."""
    from markupsafe import Markup, escape

    safe = {name: piece if isinstance(piece, Markup) else wrapped(piece) for name, piece in pieces.items()}
    return Markup(escape(wrapped(text))).format(**safe)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import escape

    environment = Environment(
        loader=FileSystemLoader(data_path("reports", "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = breakable
    environment.filters["verbatim"] = lambda text: escape(clean(text))
    environment.filters["upper_first"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["lower_first"] = lambda text: text[:1].lower() + text[1:]
    environment.filters["fill"] = _filled
    environment.globals.update(_=tr, anchor=anchor, safe_link=safe_link, words=words, libraries=_versions())
    return environment


def _versions() -> str:
    """The libraries on which the bytes of the file depend."""
    from importlib.metadata import version

    _, files, name = _LIBRARIES[0]
    pango = next(filter(None, (_library(file) for file in (*files, ctypes.util.find_library(name)))), None)
    shown = f"WeasyPrint {version('weasyprint')}, Jinja2 {version('jinja2')}"
    if pango is not None:
        pango.pango_version_string.restype = ctypes.c_char_p
        shown += f", Pango {pango.pango_version_string().decode()}"
    return shown


@cache
def _fonts() -> FontConfiguration:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def _foot() -> str:
    """The foot of every page in the language being spoken, as style."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    counters = {"{page}": "counter(page)", "{pages}": "counter(pages)"}
    parts = filter(None, re.split(r"(\{pages?\})", tr("page {page} of {pages}")))
    place = " ".join(counters.get(part) or quoted(part) for part in parts)
    left = quoted(tr("A pattern and its evidence, not a forecast"))
    return f"@page {{ @bottom-left {{ content: {left} }} @bottom-right {{ content: {place} }} }}"


@cache
def _style(language: str) -> CSS:
    from weasyprint import CSS

    style = data_path("reports", "styles", "report.css").read_text(encoding="utf-8")
    with speaking(language):
        return CSS(string=style + _foot(), url_fetcher=_Refusal(), font_config=_fonts())


def render_html(assessment: Assessment, rulebook: Rulebook, language: str = "en") -> str:
    """The document from which the PDF is made, without its style.

    Args:
        assessment: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.

    Raises:
        ValueError: There is no report in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no report in {language!r}; there is {', '.join(LANGUAGES)}")
    template = _environment().get_template("report.html.j2")
    with speaking(language):
        page = Page(assessment, rulebook)
        return template.render(page=page, a=assessment, v=assessment.verdict, language=language)


def render_document(assessment: Assessment, rulebook: Rulebook, language: str = "en") -> Document:
    """The laid-out pages from which the PDF is written; see `render_pdf`."""
    from weasyprint import HTML

    html = HTML(string=render_html(assessment, rulebook, language), url_fetcher=_Refusal())
    return html.render(stylesheets=[_style(language)], font_config=_fonts(), pdf_variant="pdf/ua-1", pdf_tags=True)


def render_pdf(assessment: Assessment, rulebook: Rulebook, language: str = "en") -> bytes:
    """The report as a tagged PDF (PDF/UA-1).

    Args:
        assessment: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.

    Raises:
        ValueError: There is no report in this language.
        OSError: Pango is missing; `missing_system_libraries` names the packages.
    """
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with _rendering:
        pdf = render_document(assessment, rulebook, language).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    assert isinstance(pdf, bytes)
    return pdf
