"""The pages of a report, as its templates are filled: verdict, mechanism, decision, appendix.

PDF and HTML are made from the same templates and the same context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from checker.assess.assessment import Assessment
from checker.assess.unknowns import Unknown
from checker.outputs import words
from checker.outputs.charts import Chart, charts
from checker.outputs.decision import Decision, Query
from checker.outputs.front import Front
from checker.outputs.language import LANGUAGES, speaking, spoken, tr
from checker.outputs.layout import PAPERS, SCREEN
from checker.outputs.mechanism import Mechanism
from checker.outputs.page import Page
from checker.outputs.parts import Asked
from checker.outputs.report import Report, report_of
from checker.packs.rulebook import Rulebook

__all__ = ["context"]


def context(told: Assessment | Report, rulebook: Rulebook, paper: str | None = "a4") -> Mapping[str, object]:
    """What the templates of a report read, in the language being spoken.

    Args:
        told: What is rendered: an assessment, or one with the analyses of a whole report.
        rulebook: Where the wording of messages and facts stands.
        paper: The sheet that pages two and three have to fit, "a4" or "letter"; None for a screen, where everything
            finds room and every finding is told in full.
    """
    report = report_of(told)
    assessment = report.assessment
    page = Page(report, rulebook, whole=paper is None)
    asked = page.questions()

    unknowns = {unknown.fact: unknown for unknown in report.unknowns or ()}

    def queries() -> list[Query]:
        return [_query(open, unknowns.get(open.question.fact)) for open in asked]

    def units(table: str, column: str) -> str:
        definition = rulebook.dictionary.get(table)
        return (definition.columns[column].unit or "") if definition and column in definition.columns else ""

    @cache
    def drawn_in(_language: str) -> Mapping[str, Chart]:
        return charts(assessment, rulebook, report.timeline)

    def drawn() -> Mapping[str, Chart]:
        return drawn_in(spoken())

    def mechanism(others: Sequence[Mechanism] = ()) -> Mechanism:
        asks = {open.question.fact: tr(open.question.ask) for open in asked}
        return Mechanism(drawn(), words.fact_name, page.place, asks, sheet, others)

    sheet = PAPERS[paper] if paper is not None else SCREEN
    others: list[Mechanism] = []
    for language in LANGUAGES if paper is not None else ():
        if language != spoken():
            with speaking(language):
                others.append(mechanism())
    return {
        "page": page,
        "front": Front(page, sheet),
        "mechanism": mechanism(others),
        "decision": Decision(report, drawn, page.rule_link, page.place, queries, units, sheet),
        "a": assessment,
        "v": assessment.verdict,
    }


def _query(open: Asked, unknown: Unknown | None) -> Query:
    """A question as the third page asks it, under the heading that says what an answer settles."""
    group = "open"
    if unknown is not None and unknown.settles_grade:
        group = "grade"
    elif unknown is not None and unknown.settles_findings:
        group = "findings"
    asides = []
    reason = open.question.reason
    if reason != "not_examined":
        asides.append(tr(words.REASONS.get(reason, reason)))
    if group == "findings" and unknown is not None and unknown.settles_findings > 1:
        asides.append(tr("at least {count} findings").format(count=unknown.settles_findings))
    if group == "open" and len(open.rules) > 1:
        asides.append(tr("{count} rules").format(count=len(open.rules)))
    return Query(open.number, tr(open.question.ask), group, tr("; ").join(asides))
