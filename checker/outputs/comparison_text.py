"""Platforms side by side in the terminal: what is certain first, then a table, then where they differ and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from checker.assess.comparison import Comparison, Difference
from checker.outputs import words
from checker.outputs.comparison import (
    DEPTH_NOTE,
    NOT_TOLD,
    NOTES,
    TITLES,
    YIELD_NOTE,
    DifferenceRow,
    Row,
    Sides,
    chip_full,
    short_text,
)
from checker.outputs.language import tr
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_LABEL = 26  # columns of what a row tells
_SHORT = 10  # columns of a platform that is told in a few signs
_CELL = 20  # least columns of a platform in a table; with less, a few signs have to do
_TITLE = 34  # least columns of a requirement beside its outcomes
_CHIP = 10  # columns of an outcome in one word
_MOST = {Difference.SURE: 40, Difference.SILENT: 20, Difference.UNKNOWN: 10}
_MOST_QUESTIONS = 5
_STYLES = {"pass": "green", "warn": "yellow", "fail": "red", "open": "magenta", "presumed": "red", "na": "dim"}


def render_text(told: Comparison, rulebook: Rulebook, *, colour: bool, width: int) -> str:
    """The comparison for a terminal of `width` columns; without `colour` it is plain text."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    sides = Sides(told, rulebook)
    _head(console, sides)
    _table(console, sides, sides.rows(kinds=_side_by_side(console, sides)))
    for why in TITLES:
        _differences(console, sides, why)
    _line(console, sides.alike(), "dim")
    _yields(console, sides)
    _questions(console, sides)
    _apart(console, sides)
    _foot(console, told)
    return out.getvalue()


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))


def _hanging(console: Console, mark: str, text: str | Text, style: str = "") -> None:
    """A paragraph whose further lines stand under its first word."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 0, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark), text if isinstance(text, Text) else Text(text, style=style))
    console.print(grid)


def _head(console: Console, sides: Sides) -> None:
    for sentence in sides.verdict():
        _line(console, sentence, "bold")
    for sentence in (*sides.traits(), *sides.knowledge()):
        _line(console, sentence)
    console.print()
    for place, assessment in enumerate(sides.told.assessments, 1):
        told = f"{assessment.name} · {tr(words.KINDS[assessment.kind])} · {sides.cut}"
        _hanging(console, f"{place}  ", told)
    for name, text in sides.statuses():
        _line(console, f" {tr('{label}: {value}').format(label=name, value=text)} ", "bold white on red")
    for text in sides.changes:
        _line(console, text, "yellow")
    console.print()


def _side_by_side(console: Console, sides: Sides) -> bool:
    return (console.width - _LABEL) // len(sides.names) >= _CELL


def _table(console: Console, sides: Sides, rows: Sequence[Row]) -> None:
    """A column for each platform where there is room, else a narrow one for what a few signs can tell."""
    from rich.table import Table
    from rich.text import Text

    wide = _side_by_side(console, sides)
    shown = rows if wide else [row for row in rows if row.short]
    if shown:
        table = Table(box=None, padding=(0, 2 if wide else 1, 0, 0), header_style="bold", expand=wide)
        table.add_column("", overflow="fold", ratio=4 if wide else None)
        for place, name in enumerate(sides.names, 1):
            heading = Text(f"{place} {name}" if wide else str(place))
            table.add_column(heading, overflow="fold", ratio=3 if wide else None, min_width=None if wide else _SHORT)
        for row in shown:
            table.add_row(Text(row.label, style="dim"), *map(Text, row.cells if wide else row.short))
        console.print(table)
    if not wide:
        if shown:
            _line(console, tr("Levels: 0 absent, 1 structural, 2 aggravated, 3 present; ◇ presumed."), "dim")
        for row in rows:
            if not row.short:
                _line(console, row.label, "dim")
                told = (f"{n}\u00a0{cell}" for n, cell in enumerate(row.cells, 1) if cell != tr(NOT_TOLD))
                _hanging(console, "   ", tr("; ").join(told))
    console.print()


def _differences(console: Console, sides: Sides, why: Difference) -> None:
    rows = sides.differences(why)
    if not rows:
        return
    _line(console, tr("{title} ({count})").format(title=tr(TITLES[why]), count=len(rows)), "bold")
    _line(console, tr(NOTES[why]), "dim")
    shown = rows[: _MOST[why]]
    if console.width - 8 - (_CHIP + 2) * len(sides.names) >= _TITLE:
        _matrix(console, sides, shown)
    else:
        _stacked(console, shown)
    if len(rows) > len(shown):
        _line(console, tr("and {count} more in the other forms").format(count=len(rows) - len(shown)), "dim")
    console.print()


def _matrix(console: Console, sides: Sides, rows: Iterable[DifferenceRow]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=True, header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("", overflow="fold")
    wide = len(sides.names) == 2
    for place, name in enumerate(sides.names, 1):
        table.add_column(Text(f"{place} {name}" if wide else str(place)), overflow="fold", min_width=_CHIP)
    for row in rows:
        cells = [
            Text(chip_full(chip) if wide else short_text(finding), style=_STYLES[chip.state] if chip else "dim")
            for chip, finding in zip(row.chips, row.line.findings, strict=True)
        ]
        table.add_row(Text(f"  {row.line.code}"), Text(row.title), *cells)
    console.print(table)


def _stacked(console: Console, rows: Iterable[DifferenceRow]) -> None:
    """Each requirement on a line, its outcomes under it by the numbers of the platforms."""
    from rich.text import Text

    for row in rows:
        _hanging(console, f"  {row.line.code:<6} ", row.title)
        cells = Text()
        for place, (chip, finding) in enumerate(zip(row.chips, row.line.findings, strict=True), 1):
            cells.append(f"{place}\u00a0")
            cells.append(short_text(finding).replace(" ", "\u00a0"), style=_STYLES[chip.state] if chip else "dim")
            cells.append("  ")
        _hanging(console, " " * 9, cells)


def _yields(console: Console, sides: Sides) -> None:
    console.print()
    _line(console, tr("The rate, and what pays it"), "bold")
    _line(console, tr(YIELD_NOTE), "dim")
    _table(console, sides, sides.yields())


def _questions(console: Console, sides: Sides) -> None:
    questions = sides.told.questions
    if not questions:
        return
    _line(console, tr("Questions that could tell them apart"), "bold")
    for question in questions[:_MOST_QUESTIONS]:
        _hanging(console, "  - ", sides.question(question))
    if len(questions) > _MOST_QUESTIONS:
        _line(console, tr("and {count} more in the other forms").format(count=len(questions) - _MOST_QUESTIONS), "dim")
    console.print()


def _apart(console: Console, sides: Sides) -> None:
    sentences = sides.not_comparable()
    if not sentences:
        return
    _line(console, tr("Not comparable"), "bold")
    for sentence in sentences:
        _hanging(console, "  - ", sentence)
    console.print()


def _foot(console: Console, told: Comparison) -> None:
    first = told.assessments[0]
    _line(console, tr(DEPTH_NOTE), "dim")
    packs = " ".join(f"{pack['id']} {pack['version']}" for pack in first.packs)
    _line(console, f"ddcheck {first.program} · {packs} · {words.motto()}", "dim")
