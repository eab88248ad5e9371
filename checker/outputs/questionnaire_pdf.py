"""The questionnaire for print, with rules to write on, in the style of the report."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from checker.assess.questionnaire import Questionnaire
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.page import clean, shortened
from checker.outputs.pdf import _environment, _fonts, _Refusal, _rendering, _style
from checker.outputs.questionnaire import how_to, subtitle, title, told
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import CSS

MOST_RULES = 5  # of one question; the other forms have all


@cache
def _own_style() -> CSS:
    from weasyprint import CSS

    text = data_path("reports", "styles", "questions.css").read_text(encoding="utf-8")
    return CSS(string=text, url_fetcher=_Refusal(), font_config=_fonts())


def render_html(form: Questionnaire, language: str = "en") -> str:
    """The document from which the PDF is made, without its style.

    Raises:
        ValueError: There is no questionnaire in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no questionnaire in {language!r}; there is {', '.join(LANGUAGES)}")
    with speaking(language):
        return (
            _environment()
            .get_template("questions.html.j2")
            .render(
                form=form,
                questions=[told(form, asked) for asked in form.asked],
                title=title(form),
                subtitle=subtitle(form),
                running=shortened(clean(title(form))),
                how=(how_to()[0], how_to()[-1]),
                most=MOST_RULES,
                language=language,
            )
        )


def render_pdf(form: Questionnaire, language: str = "en") -> bytes:
    """The questionnaire as a tagged PDF (PDF/UA-1).

    Raises:
        ValueError: There is no questionnaire in this language.
        OSError: Pango is missing.
    """
    from weasyprint import HTML

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with _rendering:
        html = HTML(string=render_html(form, language), url_fetcher=_Refusal())
        pdf = html.write_pdf(
            stylesheets=[_style(language), _own_style()],
            font_config=_fonts(),
            pdf_variant="pdf/ua-1",
            pdf_tags=True,
        )
    assert isinstance(pdf, bytes)
    return pdf
