"""The forms in which a verdict or a comparison is written; each is loaded only when it is asked for.

render("csv", whole, language="en", table="facts") -> bytes
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.assess.assessment import Assessment
from checker.assess.comparison import Comparison
from checker.outputs.language import speaking
from checker.outputs.report import Report, report_of
from checker.packs.rulebook import Rulebook

__all__ = ["Choices", "render", "render_comparison"]


@dataclass(frozen=True)
class Choices:
    """What a user may choose of a form.

    Attributes:
        language: Language of everything but sources' own words.
        table: The table, of CSV.
        paper: The paper, of a PDF.
    """

    language: str = "en"
    table: str = "findings"
    paper: str = "a4"


def _json(assessment: Assessment, rulebook: Rulebook, _: Choices) -> str:
    from checker.outputs.json import render_json

    return render_json(assessment, rulebook)


def _csv(assessment: Assessment, rulebook: Rulebook, choices: Choices) -> str:
    from checker.outputs.csv import render_csv

    return render_csv(assessment, rulebook, choices.table)


def _xlsx(assessment: Assessment, rulebook: Rulebook, _: Choices) -> bytes:
    from checker.outputs.xlsx import render_xlsx

    return render_xlsx(assessment, rulebook)


def _markdown(assessment: Assessment, rulebook: Rulebook, _: Choices) -> str:
    from checker.outputs.markdown import render_markdown

    return render_markdown(assessment, rulebook)


def _junit(assessment: Assessment, rulebook: Rulebook, _: Choices) -> str:
    from checker.outputs.junit import render_junit

    return render_junit(assessment, rulebook)


def _html(told: Assessment | Report, rulebook: Rulebook, choices: Choices) -> str:
    from checker.outputs.html import render_html_page

    return render_html_page(told, rulebook, choices.language)


_FORMS: dict[str, Callable[[Assessment, Rulebook, Choices], str | bytes]] = {
    "json": _json,
    "csv": _csv,
    "xlsx": _xlsx,
    "markdown": _markdown,
    "junit": _junit,
}


def render(form: str, told: Assessment | Report, rulebook: Rulebook, choices: Choices) -> bytes:
    """One verdict in one form: json, csv, xlsx, markdown, junit, or html, which shows the analyses of a report too.

    What is for print is in `checker.outputs.pdf`.
    """
    with speaking(choices.language):
        if form == "html":
            content: str | bytes = _html(told, rulebook, choices)
        else:
            content = _FORMS[form](report_of(told).assessment, rulebook, choices)
    return content.encode() if isinstance(content, str) else content


def render_comparison(form: str, told: Comparison, rulebook: Rulebook, choices: Choices) -> bytes:
    """A comparison in one form: pdf, html, json, csv or markdown."""
    content: str | bytes
    with speaking(choices.language):
        if form == "pdf":
            from checker.outputs.comparison_pdf import render_pdf

            content = render_pdf(told, rulebook, choices.language, paper=choices.paper)
        elif form == "html":
            from checker.outputs.comparison_pdf import render_html

            content = render_html(told, rulebook, choices.language)
        elif form == "json":
            from checker.outputs.comparison_json import render_json

            content = render_json(told, rulebook)
        else:
            from checker.outputs.comparison_markdown import render_csv, render_markdown

            content = (render_csv if form == "csv" else render_markdown)(told, rulebook)
    return content.encode() if isinstance(content, str) else content
