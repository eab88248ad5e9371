"""The investor's PDF: page 1 is the verdict, the appendix has every rule, input and source.

Nothing outside the program is read while rendering: the style sheet is part of the program, the text is escaped, and
every address that a document could name is refused. The same assessment gives the same bytes under the same libraries
and fonts, which the last page names. Every file is tagged (PDF/UA-1); one for the archive is PDF/A-3a as well.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import logging
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NoReturn

from checker.assess.assessment import Assessment
from checker.outputs import faces, places, words
from checker.outputs.archive import ARCHIVAL, attached, declare_accessible, enclosures, name_files_once
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.markup import brief_address, unwidowed
from checker.outputs.page import anchor, breakable, clean, safe_link, wrapped
from checker.outputs.pages import context
from checker.outputs.report import Report, report_of
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup
    from weasyprint import CSS, HTML, Attachment, Document
    from weasyprint.text.fonts import FontConfiguration

# A library by the names the loader may know it under, and the Debian package that carries it.
_LIBRARIES = (
    ("libpango-1.0-0", ("libpango-1.0.so.0", "libpango-1.0.dylib"), "pango-1.0"),
    ("libpangoft2-1.0-0", ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "pangoft2-1.0"),
    ("libharfbuzz-subset0", ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"), "harfbuzz-subset"),
)
PAPERS = {"a4": "A4", "letter": "letter"}
VARIANT = "pdf/ua-1"
_NOTES = re.compile(r"^::(?:footnote|note)-", re.MULTILINE)  # styles of notes at the foot of a page
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
    """Takes the place of the fetcher of addresses: a report may load nothing; `asked` is what it tried."""

    _fail_on_errors = False

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str, *_: object, **__: object) -> NoReturn:
        self.asked.append(url)
        raise ValueError(f"a report loads nothing from outside, nor {url!r}")


def _finalized(value: object) -> object:
    """What a template prints: clean text that can wrap; an absent value is a fault of the template."""
    from markupsafe import Markup

    if value is None:
        raise ValueError("a template printed a value that is absent")
    return value if isinstance(value, Markup) else wrapped(value)


def _filled(text: str, /, **pieces: object) -> Markup:
    """A translated sentence with pieces of the page put in; only pieces that are markup stay so."""
    from markupsafe import Markup, escape

    safe = {name: piece if isinstance(piece, Markup) else wrapped(piece) for name, piece in pieces.items()}
    return Markup(escape(wrapped(text))).format(**safe)


def _with_commands(text: str) -> Markup:
    """A translated sentence whose commands, which stand between backticks, are set as code."""
    from markupsafe import Markup, escape

    parts = wrapped(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


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
        auto_reload=False,
    )
    environment.filters["breakable"] = breakable
    environment.filters["brief_address"] = brief_address
    environment.filters["unwidowed"] = unwidowed
    environment.filters["verbatim"] = lambda text: escape(clean(text))
    environment.filters["upper_first"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["lower_first"] = lambda text: text[:1].lower() + text[1:]
    environment.filters["fill"] = _filled
    environment.filters["with_commands"] = _with_commands
    environment.globals.update(_=tr, anchor=anchor, safe_link=safe_link, words=words, places=places)
    environment.globals["libraries"] = _versions()
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
def _style(language: str, paper: str = "a4") -> CSS:
    """The style of the report on a paper, with the faces and the foot of a language."""
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}; there is {', '.join(PAPERS)}")
    style = data_path("reports", "styles", "report.css").read_text(encoding="utf-8")
    with speaking(language):
        return sheet(style + faces.style(language) + _foot() + f"@page {{ size: {PAPERS[paper]} }}")


def sheet(text: str) -> CSS:
    """A style sheet, parsed once, that loads nothing."""
    from weasyprint import CSS

    return CSS(string=text, url_fetcher=_Refusal(), font_config=_fonts())


def render_html(told: Assessment | Report, rulebook: Rulebook, language: str = "en", *, paper: str = "a4") -> str:
    """The document from which the PDF is made, without its style.

    Args:
        told: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.
        paper: "a4" or "letter": what the pages that must stay one page are filled for.

    Raises:
        ValueError: There is no report in this language or on this paper.
    """
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}; there is {', '.join(PAPERS)}")
    if language not in LANGUAGES:
        raise ValueError(f"no report in {language!r}; there is {', '.join(LANGUAGES)}")
    template = _environment().get_template("report.html.j2")
    with speaking(language):
        return template.render(context(told, rulebook, paper), language=language)


@cache
def _source() -> type[HTML]:
    """The renderer's document without what no report has: notes at the foot, and markers of anything but list items.

    The renderer computes a style for each of these on every element, which takes a tenth of its time.
    """
    import weasyprint
    from weasyprint.html import UA_COUNTER_STYLE

    text = files(weasyprint.css).joinpath("html5_ua.css").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not _NOTES.match(line))
    lean = weasyprint.CSS(string=text.replace("\n::marker {", "\nli::marker {"), counter_style=type(UA_COUNTER_STYLE)())

    _mend_line_breaks()

    class Source(weasyprint.HTML):  # type: ignore[misc]  # the renderer has no types
        def _ua_stylesheets(self, *args: object, **kwargs: object) -> list[CSS]:
            return [lean, *super()._ua_stylesheets(*args, **kwargs)[1:]]

    return Source


def _mend_line_breaks() -> None:
    """Let a text that fits its line but for the space at its end stand whole.

    The renderer breaks it after its first word, where something follows it.
    """
    from weasyprint.layout import inline

    split = inline.split_first_line

    def first_line(text: str, style: object, context: object, max_width: float | None, *args: Any, **how: Any) -> Any:
        found = split(text, style, context, max_width, *args, **how)
        resume_at, width = found[2], found[3]
        if resume_at is not None and max_width is not None and text.endswith(" ") and width < max_width / 2:
            whole = split(text.rstrip(" "), style, context, max_width, *args, **how)
            return whole if whole[2] is None else found
        return found

    inline.split_first_line = first_line


@contextmanager
def _unswept() -> Iterator[None]:
    """No search for cyclic garbage inside: it would walk all rules again and again, a seventh of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def make_ready() -> None:
    """Load what every report needs and a fork may share: the renderer and the templates, without a face.

    Raises:
        OSError: Pango is missing.
    """
    from jinja2.meta import find_referenced_templates

    _source()
    waiting: list[str | None] = ["report.html.j2"]
    for name in waiting:  # grows: what a template uses follows it
        if name is not None:
            source = data_path("reports", "templates").joinpath(name).read_text(encoding="utf-8")
            used = find_referenced_templates(_environment().parse(source))
            waiting += [other for other in used if other not in waiting]
            _environment().get_template(name)


def laid_out(html: str, sheets: Sequence[CSS], variant: str = VARIANT) -> Document:
    """A document on pages; nothing that it names is loaded."""
    with _unswept():
        source = _source()(string=faces.drawable(html), url_fetcher=_Refusal())
        return source.render(stylesheets=list(sheets), font_config=_fonts(), pdf_variant=variant, pdf_tags=True)


def written(document: Document, variant: str = VARIANT, attachments: Sequence[Attachment] = ()) -> bytes:
    """The file of a document."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with _unswept(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the renderer leaves its colour profile open
        pdf = document.write_pdf(
            pdf_variant=variant, pdf_tags=True, attachments=list(attachments), finisher=name_files_once
        )
    assert isinstance(pdf, bytes)
    return pdf


def render_document(
    told: Assessment | Report, rulebook: Rulebook, language: str = "en", *, paper: str = "a4", archive: bool = False
) -> Document:
    """The laid-out pages from which the PDF is written; see `render_pdf`."""
    html = faces.punctuated(render_html(told, rulebook, language, paper=paper), language)
    return laid_out(html, [_style(language, paper)], ARCHIVAL if archive else VARIANT)


def render_pdf(
    told: Assessment | Report,
    rulebook: Rulebook,
    language: str = "en",
    *,
    paper: str = "a4",
    archive: bool = False,
    profile: bytes | None = None,
) -> bytes:
    """The report as a tagged PDF: PDF/UA-1, and for the archive PDF/A-3a in the same file.

    Args:
        told: What is rendered.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.
        paper: "a4" or "letter".
        archive: Whether the file is to be kept: it then holds the assessment as JSON and the profile.
        profile: The bytes of the profile that was judged, for the archive.

    Raises:
        ValueError: There is no report in this language or on this paper, or the profile is not the one judged.
        OSError: Pango is missing; `missing_system_libraries` names the packages.
    """
    with _rendering:
        document = render_document(told, rulebook, language, paper=paper, archive=archive)
        if not archive:
            return written(document)
        assessment = report_of(told).assessment
        with speaking(language):
            enclosed = enclosures(assessment, rulebook, profile)
        declare_accessible(document)
        return written(document, ARCHIVAL, attached(enclosed, assessment.options.known_by))
