"""The pages of a report, as its templates are filled: verdict, mechanism, decision, appendix.

PDF and HTML are made from the same templates and the same context.
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.charts import charts
from checker.outputs.decision import Decision, Query
from checker.outputs.front import Front
from checker.outputs.language import tr
from checker.outputs.layout import PAPERS, SCREEN
from checker.outputs.mechanism import Mechanism
from checker.outputs.page import Page
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
    drawn = charts(assessment, rulebook, report.timeline)
    asked = page.questions()
    queries = [
        Query(open.number, tr(open.question.ask), open.reason, open.effect or words.holds_open(len(open.rules)))
        for open in asked
    ]
    asks = {open.question.fact: tr(open.question.ask) for open in asked}

    def units(table: str, column: str) -> str:
        definition = rulebook.dictionary.get(table)
        return (definition.columns[column].unit or "") if definition and column in definition.columns else ""

    sheet = PAPERS[paper] if paper is not None else SCREEN
    return {
        "page": page,
        "front": Front(page, sheet),
        "mechanism": Mechanism(drawn, words.fact_name, page.place, asks, sheet),
        "decision": Decision(report, drawn, page.rule_link, page.place, queries, units, sheet),
        "a": assessment,
        "v": assessment.verdict,
    }
