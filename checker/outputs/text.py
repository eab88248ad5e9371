"""The terminal: what is certain first, then page 1 of the report in small."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from checker.assess.assessment import Assessment, Finding
from checker.model.finding import Grade, Outcome
from checker.outputs import words
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from rich.text import Text

SYMBOLS = {Outcome.PASS: "✓", Outcome.WARN: "!", Outcome.FAIL: "✗", Outcome.NOT_APPLICABLE: "–"}
COLOURS = {Outcome.PASS: "green", Outcome.WARN: "yellow", Outcome.FAIL: "red", Outcome.NOT_APPLICABLE: "dim"}
LEVEL_COLOURS = ("green", "cyan", "yellow", "red")


def _chip(finding: Finding) -> tuple[str, str]:
    if finding.outcome is None:
        return f"? {words.outcome_words(finding)}", "magenta"
    return f"{SYMBOLS[finding.outcome]} {words.outcome_words(finding)}", COLOURS[finding.outcome]


def _scale(best: Grade, worst: Grade) -> Text:
    from rich.text import Text

    text = Text("safest ")
    for grade in Grade:
        inside = best <= grade <= worst
        text.append(f"[{grade.name}]" if inside else f" {grade.name} ", style="bold reverse" if inside else "dim")
    return text.append(" worst")


def render_text(assessment: Assessment, rulebook: Rulebook, *, colour: bool, width: int, questions: int = 5) -> str:
    """The result for a terminal of `width` columns; without `colour` it is plain text."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    verdict = assessment.verdict
    templates = {rule.id: rule.message for rule in rulebook.rules.values()}
    console.print(Text(words.certain(assessment), style="bold"))
    console.print()
    console.print(Text(f"{assessment.name} · {words.KINDS[assessment.kind]} · {words.cut_text(assessment)}"))
    for _, banner in verdict.status:
        console.print(Text(f" {banner} ", style="bold white on red"))
    for changed in (p for p in assessment.parameters if p.changed):
        console.print(
            Text(
                f"Changed: {changed.id} = {words.number(changed.value, changed.unit)} ({changed.changed})",
                style="yellow",
            )
        )
    if verdict.best is not None and verdict.worst is not None:
        line = Text(f"Grade {words.grade_range(assessment)}   ", style="bold")
        console.print(line.append_text(_scale(verdict.best, verdict.worst)))
        if verdict.grade is not None:
            console.print(Text(f"      {words.GRADES[verdict.grade]}"))
        if (verdict.uncapped_best, verdict.uncapped_worst) != (verdict.best, verdict.worst):
            span = words.span(verdict.uncapped_best, verdict.uncapped_worst)
            console.print(Text(f"      {span} from the pattern alone; caps and stops decide the rest", style="dim"))
    coverage = verdict.coverage
    age = f"; newest evidence {assessment.newest_evidence}" if assessment.newest_evidence else ""
    console.print(
        Text(
            f"Known {coverage.known} of {coverage.asked} facts ({coverage.all:.0%}), "
            f"{coverage.critical_known} of {coverage.critical_asked} critical ones ({coverage.critical:.0%}){age}"
        )
    )
    console.print()
    if verdict.traits:
        traits = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for _ in range(4):
            traits.add_column(overflow="fold")
        for trait in verdict.traits:
            because = [assessment.finding(rule).code for rule in (trait.fails or trait.warns)]
            undecided = f"{len(trait.undecided)} rules open" if trait.undecided else ""
            traits.add_row(
                Text(trait.id, style="bold"),
                Text(trait.name),
                Text(words.level_text(trait), style=LEVEL_COLOURS[trait.worst]),
                Text("; ".join(filter(None, [words.listed(because, 5), undecided])), style="dim"),
            )
        console.print(traits)
        console.print()
    reasons = words.reasons(assessment, templates)
    if reasons:
        console.print(Text("Why", style="bold"))
        for index, (text, rule) in enumerate(reasons, 1):
            console.print(Text(f"  {index}. {text} [{assessment.finding(rule).code}]"))
        console.print()
    shown = words.ranked(assessment)
    if shown:
        console.print(Text("Findings", style="bold"))
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for _ in range(3):
            table.add_column(overflow="fold")
        for finding in shown:
            chip, style = _chip(finding)
            table.add_row(Text(f"  {finding.code}"), Text(chip, style=style), Text(finding.title))
        console.print(table)
        console.print()
    if assessment.questions:
        console.print(Text("Ask first", style="bold"))
        for question in assessment.questions[:questions]:
            console.print(Text(f"  - {words.question_text(question)}"))
        more = len(assessment.questions) - questions
        if more > 0:
            console.print(Text(f"    and {more} more in --format json and in the report", style="dim"))
        console.print()
    for warning in assessment.warnings:
        console.print(Text(f"Note: {warning}", style="yellow"))
    packs = " ".join(f"{pack['id']} {pack['version']}" for pack in assessment.packs)
    console.print(Text(f"ddcheck {assessment.program}; packs {packs}. {words.LIMITS.split('. ')[0]}.", style="dim"))
    return out.getvalue()
