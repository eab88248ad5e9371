"""What a report shows: an assessment, and the analyses of it that were asked for.

The first page and the appendix need nothing but the assessment. The other parts cost some seconds, so that a caller
chooses them; a page says of a part that was not asked for, and leaves no empty box.
"""

from __future__ import annotations

from dataclasses import dataclass

from checker.assess.assessment import Assessment
from checker.assess.cases import Resemblance
from checker.assess.difference import Difference, FactChange, PackChange, ParameterChange, RuleChange, Standing
from checker.assess.timeline import Timeline
from checker.assess.unknowns import Unknown

__all__ = ["Report", "Since", "report_of", "since_of"]


@dataclass(frozen=True)
class Since:
    """What lies between an earlier verdict and this one.

    Attributes:
        as_of: The day the earlier verdict judged.
        known_by: What was public by then was used.
        start: The earlier verdict.
        between: The new facts under the old packs; None where the old packs are not at hand.
        end: This verdict.
        facts: What changed in the facts.
        rules: Rules whose outcome changed.
        packs: What changed in the packs.
        parameters: Thresholds whose value in force changed.
        rates: Market rates that changed: name, old and new id; None where a side used none.
    """

    as_of: str
    known_by: str
    start: Standing
    between: Standing | None
    end: Standing
    facts: tuple[FactChange, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    packs: tuple[PackChange, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()
    rates: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True)
class Report:
    """An assessment with what an analysis adds; None where a part was not asked for.

    What would change the verdict, and the thresholds on an edge, stand in the assessment itself.

    Attributes:
        assessment: The assessment.
        unknowns: The open facts, those first whose answer settles most.
        timeline: The verdict over time, up to the cut.
        judged_from: Where the timeline leaves out earlier days, the first day it judges.
        cases: The nearest past cases; empty where none resembles.
        since: What changed since an earlier verdict.
    """

    assessment: Assessment
    unknowns: tuple[Unknown, ...] | None = None
    timeline: Timeline | None = None
    judged_from: str = ""
    cases: tuple[Resemblance, ...] | None = None
    since: Since | None = None


def report_of(told: Assessment | Report) -> Report:
    """A report, also from a bare assessment, which then has no part but its own."""
    return told if isinstance(told, Report) else Report(told)


def since_of(told: Difference) -> Since:
    """What a page shows of the difference of two verdicts."""
    options = told.old.options
    return Since(
        options.as_of,
        options.known_by,
        told.start,
        told.between,
        told.end,
        told.facts,
        told.rules,
        told.packs,
        told.parameters,
        told.rates,
    )
