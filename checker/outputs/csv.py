"""One table of the assessment as CSV: a row for each finding, unless another table is asked for.

Every row begins with the platform and the cut, so that files of several platforms can be put under each other.
"""

from __future__ import annotations

import csv
from io import StringIO

from checker.assess.assessment import Assessment
from checker.outputs.tables import Cell, Sheet, Tables, defused, one_line
from checker.packs.rulebook import Rulebook

LEAD = ("platform", "kind", "as_of", "known_by")


def cell_text(cell: Cell) -> str:
    """A cell as CSV holds it: one line, never a formula, `true` and `false`, nothing for nothing.

    >>> cell_text(True), cell_text(None), cell_text("@SUM(A1)"), cell_text(0.25)
    ('true', '', "'@SUM(A1)", '0.25')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if cell is None:
        return ""
    return str(defused(one_line(cell))) if isinstance(cell, str) else str(cell)


def sheet_text(sheet: Sheet, lead: dict[str, str]) -> str:
    """A table as CSV, each row after the cells that lead every row."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*lead, *(cell_text(column.key) for column in sheet.columns)])
    for row in sheet.rows:
        writer.writerow([*map(cell_text, lead.values()), *map(cell_text, row)])
    return out.getvalue()


def render_csv(assessment: Assessment, rulebook: Rulebook, table: str = "findings") -> str:
    """A table as CSV text in UTF-8, separated by commas, keys of the columns first.

    Args:
        assessment: What is rendered.
        rulebook: Where the wording of rules and facts stands.
        table: One of `checker.outputs.tables.TABLES`.
    """
    options = assessment.options
    lead = dict(zip(LEAD, (assessment.name, assessment.kind, options.as_of, options.known_by), strict=True))
    return sheet_text(Tables(assessment, rulebook).table(table), lead)
