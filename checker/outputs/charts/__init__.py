"""The charts of a report, drawn as vector graphics from one assessment; nothing is computed here.

Each module draws one chart from facts, numbers and working tables of the assessment. A chart whose facts do not exist
has no drawing and names what is missing; what is known in part is drawn with both its ends, hatched between them.

    >>> IDS[:2]
    ('flow', 'waterfall')

May import the assessment and the words and language of the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping

from checker.assess.assessment import Assessment
from checker.assess.timeline import Timeline
from checker.outputs.charts.collateral import collateral
from checker.outputs.charts.coverage import coverage
from checker.outputs.charts.flow import flow
from checker.outputs.charts.grades import grades
from checker.outputs.charts.ladder import ladder
from checker.outputs.charts.leverage import leverage
from checker.outputs.charts.model import Chart, Missing
from checker.outputs.charts.survival import survival
from checker.outputs.charts.waterfall import waterfall
from checker.packs.rulebook import Rulebook

__all__ = ["IDS", "Chart", "Missing", "charts"]

IDS = ("flow", "waterfall", "ladder", "survival", "leverage", "collateral", "grades", "coverage")


def charts(assessment: Assessment, rulebook: Rulebook, timeline: Timeline | None = None) -> Mapping[str, Chart]:
    """Every chart by id, in reading order, in the language being spoken.

    Args:
        assessment: What is drawn.
        rulebook: Where the dictionary of facts and the names of reference rates stand.
        timeline: The verdict over time, where it was worked out; what lies beyond the cut is left out.
    """
    drawn = (
        flow(assessment),
        waterfall(assessment, rulebook),
        ladder(assessment),
        survival(assessment),
        leverage(assessment),
        collateral(assessment),
        grades(assessment, timeline),
        coverage(assessment, rulebook),
    )
    return {chart.id: chart for chart in drawn}
