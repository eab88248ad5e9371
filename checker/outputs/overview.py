"""A batch in the terminal: the ranked platforms, how the verdicts are spread, what moved, what could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from checker.assess.portfolio import BatchRow, Cause, Direction, Distribution, Move, Portfolio
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.language import mark, tr
from checker.packs.meaning import VerdictClass

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

__all__ = ["CAUSES", "DIRECTIONS", "move_text", "render_overview", "spread_text"]

MOST_MOVES = 10
_GRADES, _GAP, _LEAST = 6, 2, 16
DIRECTIONS = {
    Direction.WORSE: mark("worse"),
    Direction.BETTER: mark("better"),
    Direction.WIDER: mark("wider"),
    Direction.NARROWER: mark("narrower"),
    Direction.SAME: mark("same range"),
}
CAUSES = {Cause.FACTS: mark("facts"), Cause.RULES: mark("rules"), Cause.TIME: mark("time alone")}
_COLOURS = {Grade.A: "green", Grade.B: "green", Grade.C: "yellow", Grade.D: "yellow", Grade.E: "red", Grade.F: "red"}
_MARKS = {Direction.WORSE: "▼", Direction.BETTER: "▲", Direction.WIDER: "↕", Direction.NARROWER: "→←"}


def render_overview(
    rows: Sequence[BatchRow],
    of: int,
    portfolio: Portfolio,
    codes: Mapping[str, str],
    *,
    colour: bool,
    width: int,
) -> str:
    """The batch for a terminal of `width` columns.

    Args:
        rows: The platforms to show, in order.
        of: How many there are to show in all.
        portfolio: The batch as a whole.
        codes: Codes of the rules by id.
        colour: Whether the terminal shows colour.
        width: Its columns.
    """
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    if rows:
        _table(console, rows)
    if of > len(rows):
        text = tr("{shown} of {count} shown; --limit shows more, and the table of results holds all")
        _line(console, text.format(shown=len(rows), count=of), "dim")
    if portfolio.platforms:
        console.print()
        _line(console, spread_text(portfolio.distribution))
    _moves(console, portfolio, codes)
    return out.getvalue()


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))


def _scale(row: BatchRow) -> Text:
    """The range on the scale from A to F; letters inside it, dots outside."""
    from rich.text import Text

    if row.best is None or row.worst is None:
        return Text(tr("no grade"), style="dim")
    text = Text()
    for grade in Grade:
        inside = row.best <= grade <= row.worst
        style = "dim" if not inside or not row.assessable else f"bold {_COLOURS[grade]}"
        text.append(grade.name if inside else "·", style=style)
    return text


def _table(console: Console, rows: Sequence[BatchRow]) -> None:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    traits = sorted({trait.id for row in rows for trait in row.traits})
    dated = len({row.cut for row in rows}) > 1
    kinds = {row.kind: tr(words.KINDS.get(row.kind, row.kind)) for row in rows}
    remarks = [_remark(row) for row in rows]
    fixed = [
        (tr("kind"), max(map(cell_len, kinds.values()))),
        (tr("grade"), max(_GRADES, cell_len(tr("no grade")))),
        (tr("known"), 4),
        *((trait, 3) for trait in traits),
        *([(tr("known by"), 10)] if dated else []),
        ("", max(remark.cell_len for remark in remarks)),
    ]
    widths = [max(width, cell_len(title)) for title, width in fixed]
    names = max(cell_len(row.name) for row in rows)
    room = max(console.width - sum(widths) - _GAP * len(widths), _LEAST)
    table = Table(box=None, padding=(0, _GAP, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(tr("platform"), overflow="ellipsis", no_wrap=True, width=min(names, room))
    for (title, _), width in zip(fixed, widths, strict=True):
        table.add_column(title, no_wrap=True, width=width, justify="right" if title == tr("known") else "left")
    for row, remark in zip(rows, remarks, strict=True):
        levels = {trait.id: trait for trait in row.traits}
        table.add_row(
            Text(row.name),
            Text(kinds[row.kind]),
            _scale(row),
            Text(f"{row.coverage_critical:.0%}"),
            *(Text(_level(levels, trait)) for trait in traits),
            *([Text(row.known_by)] if dated else []),
            remark,
        )
    console.print(table)


def _level(levels: Mapping[str, tuple[str, int, int]], trait: str) -> str:
    if trait not in levels:
        return "-"
    _, best, worst = levels[trait]
    return str(best) if best == worst else f"{best}-{worst}"


def _remark(row: BatchRow) -> Text:
    from rich.text import Text

    if row.best is None:
        return Text(tr("findings only"), style="dim")
    if not row.assessable:
        return Text(tr("not assessable"), style="dim")
    if row.stops:
        return Text(tr("stop"), style="bold red")
    return Text("")


def spread_text(spread: Distribution) -> str:
    """How the verdicts are spread, in a line."""
    parts = [
        (tr("certainly C or better: {count}"), spread.classes[VerdictClass.CLEARED]),
        (tr("certainly D or worse: {count}"), spread.classes[VerdictClass.FLAGGED]),
        (tr("neither, E or F possible: {count}"), spread.classes[VerdictClass.ALARMED]),
        (tr("neither, D at worst: {count}"), spread.classes[VerdictClass.OPEN]),
        (tr("not assessable: {count}"), spread.not_assessable),
        (tr("findings only: {count}"), spread.findings_only),
    ]
    return " · ".join(text.format(count=count) for text, count in parts if count)


def _moves(console: Console, portfolio: Portfolio, codes: Mapping[str, str]) -> None:
    moves, count = portfolio.movers, portfolio.moved
    title = tr("Moved since the last run (known by {day}): {count}").format(day=portfolio.since, count=count)
    if not portfolio.since:
        moves, count = portfolio.steps, portfolio.stepped
        title = tr("Moves from one cut to the next: {count}").format(count=count)
    if not portfolio.since and not count:
        return
    console.print()
    if not count:
        title = tr("Nothing moved since the last run (known by {day}).").format(day=portfolio.since)
    _line(console, title, "bold")
    for found in moves[:MOST_MOVES]:
        _line(console, f"  {move_text(found, codes, dated=not portfolio.since)}")
    if count > MOST_MOVES:
        _line(console, "  " + tr("and {count} more").format(count=count - MOST_MOVES), "dim")
    for text, ids in (
        (tr("New: {names}"), list(portfolio.new)),
        (tr("No longer here: {names}"), list(portfolio.gone)),
    ):
        if ids:
            _line(console, "  " + text.format(names=words.listed(ids, 8)))


def move_text(found: Move, codes: Mapping[str, str], *, dated: bool = False) -> str:
    """How a platform moved, in a line.

    Args:
        found: The move.
        codes: Codes of the rules by id.
        dated: Whether the two cuts are named.
    """
    before, now = found.before, found.now
    spans = [_span(before), _span(now)]
    day = f"{before.known_by} → {now.known_by}: " if dated else ""
    text = f"{day}{now.name}: {spans[0]}"
    if spans[0] != spans[1]:
        text += f" → {spans[1]}"
    by = words.listed([tr(CAUSES[cause]) for cause in found.causes])
    text += f" {_MARKS.get(found.direction, '')} {tr(DIRECTIONS[found.direction])} ({by})".replace("  ", " ")
    details = []
    levels = [
        f"{new.id} {_range(old)} → {_range(new)}" for old, new in found.traits if old is not None and new is not None
    ]
    if levels:
        details.append(", ".join(levels))
    if found.failing:
        named = words.listed([codes.get(rule, rule) for rule in found.failing], 4)
        details.append(tr("now fails {rules}").format(rules=named))
    if found.no_longer_failing:
        named = words.listed([codes.get(rule, rule) for rule in found.no_longer_failing], 4)
        details.append(tr("no longer fails {rules}").format(rules=named))
    return tr("; ").join([text, *details])


def _span(row: BatchRow) -> str:
    text = words.span(row.best, row.worst)
    return text if row.assessable or row.best is None else tr("{grade}, not assessable").format(grade=text)


def _range(levels: tuple[str, int, int]) -> str:
    _, best, worst = levels
    return str(best) if best == worst else f"{best}-{worst}"
