"""The numbers behind the verdict for a terminal: each with its bounds, its inputs, and its value in every scenario."""

from __future__ import annotations

from collections.abc import Collection
from io import StringIO
from itertools import groupby

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.language import tr
from checker.packs.rulebook import Rulebook


def render_stress(
    assessment: Assessment, rulebook: Rulebook, *, colour: bool, width: int, scenarios: Collection[str] = ()
) -> str:
    """Every number that the facts tell anything about, pack by pack, then those that they do not.

    Args:
        assessment: The assessment.
        rulebook: The packs, for their titles.
        colour: Whether the terminal shows colour.
        width: Columns of the terminal.
        scenarios: Names of the scenarios to show; none named are all.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style=style))

    line(f"{assessment.name} · {tr(words.KINDS[assessment.kind])} · {words.cut_text(assessment)}", "bold")
    for sentence in words.headline(assessment):
        line(sentence)
    shown = [number for number in assessment.numbers if number.told and (not scenarios or number.variants)]
    for pack, group in groupby(shown, key=lambda number: number.id.partition(".")[0]):
        console.print()
        line(tr(rulebook.packs[pack].title), "bold")
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for ratio in (5, 3):
            table.add_column(overflow="fold", ratio=ratio)
        for number in group:
            kept = [v for v in number.variants if not scenarios or v.scenario in scenarios]
            value = "" if kept else words.number_text(number)
            table.add_row(Text("  " + tr(number.title)), Text(value, style="bold"))
            for variant in kept:
                title = words.scenario_title(assessment, variant.scenario)
                table.add_row(Text(f"    {title}"), Text(words.number_text(number, variant.scenario), style="bold"))
            table.add_row(Text(f"    {words.basis(number)}", style="dim"), "")
        console.print(table)
    for working in assessment.workings:
        rows = words.cells(working, scenarios)
        if not rows:
            continue
        console.print()
        line(tr(working.title), "bold")
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for heading, unit in working.columns:
            table.add_column(Text(tr(heading)), overflow="fold", justify="right" if unit else "left")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
        for note in working.notes:
            line(f"  {words.remark(note)}", "dim")
    if scenarios and not shown:
        console.print()
        line(tr("The facts tell no number that depends on this scenario."))
    untold = [number for number in assessment.numbers if not number.told]
    if untold and not scenarios:
        console.print()
        text = tr("Numbers that the facts do not tell: {count}; --format json names the facts that each needs")
        line(text.format(count=len(untold)), "dim")
    return out.getvalue()
