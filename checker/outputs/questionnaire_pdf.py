"""The questionnaire for print, with rules to write on, in the style of the report."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from checker.assess.questionnaire import Questionnaire
from checker.outputs.faces import punctuated
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.page import clean, shortened
from checker.outputs.pdf import _environment, _rendering, _style, laid_out, sheet, written
from checker.outputs.questionnaire import how_to, subtitle, title, told
from checker.resources import data_path

if TYPE_CHECKING:
    from weasyprint import CSS

MOST_RULES = 5  # of one question; the other forms have all


@cache
def _own_style() -> CSS:
    return sheet(data_path("reports", "styles", "questions.css").read_text(encoding="utf-8"))


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
    with _rendering:
        html = punctuated(render_html(form, language), language)
        return written(laid_out(html, [_style(language), _own_style()]))
