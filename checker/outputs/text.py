"""The terminal: what is certain first, then page 1 of the report in small."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from checker.assess.assessment import Assessment, Finding
from checker.model.finding import Grade, Outcome
from checker.outputs import words
from checker.outputs.language import tr
from checker.outputs.meaning import meaning_text
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SYMBOLS = {Outcome.PASS: "✓", Outcome.WARN: "!", Outcome.FAIL: "✗", Outcome.NOT_APPLICABLE: "–"}
COLOURS = {Outcome.PASS: "green", Outcome.WARN: "yellow", Outcome.FAIL: "red", Outcome.NOT_APPLICABLE: "dim"}
LEVEL_COLOURS = ("green", "cyan", "yellow", "red")


def _chip(finding: Finding) -> tuple[str, str]:
    if finding.outcome is None:
        return f"? {words.outcome_words(finding)}", "magenta"
    if finding.presumed:
        return f"◇ {words.outcome_words(finding)}", "red"
    return f"{SYMBOLS[finding.outcome]} {words.outcome_words(finding)}", COLOURS[finding.outcome]


def _scale(best: Grade, worst: Grade) -> Text:
    from rich.text import Text

    text = Text(tr("safest") + " ")
    for grade in Grade:
        inside = best <= grade <= worst
        text.append(f"[{grade.name}]" if inside else f" {grade.name} ", style="bold reverse" if inside else "dim")
    return text.append(" " + tr("worst"))


def render_text(assessment: Assessment, rulebook: Rulebook, *, colour: bool, width: int, questions: int = 5) -> str:
    """The result for a terminal of `width` columns; without `colour` it is plain text."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out,
        force_terminal=colour,
        no_color=not colour,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )
    _head(console, assessment)
    _traits(console, assessment)
    _reasons(console, assessment, rulebook)
    _findings(console, assessment)
    _overrides(console, assessment)
    _questions(console, assessment, questions)
    _foot(console, assessment)
    return out.getvalue()


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))


def _list(console: Console, marks: Sequence[str], texts: Sequence[str]) -> None:
    """Sentences that each begin beside their mark, also where their language has no spaces to break at."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for mark, text in zip(marks, texts, strict=True):
        table.add_row(Text(f"  {mark}"), Text(text))
    console.print(table)


def _head(console: Console, assessment: Assessment) -> None:
    from rich.text import Text

    verdict = assessment.verdict
    _line(console, words.certain(assessment), "bold")
    console.print()
    _line(console, f"{assessment.name} · {tr(words.KINDS[assessment.kind])} · {words.cut_text(assessment)}")
    for _, banner in verdict.status:
        _line(console, f" {tr(banner)} ", "bold white on red")
    for used in assessment.parameters:
        if used.changed:
            _line(console, words.changed_text(used), "yellow")
    for pack in assessment.packs:
        if pack["added"]:
            _line(
                console, tr("Added pack: {name} {version}").format(name=pack["id"], version=pack["version"]), "yellow"
            )
    if verdict.best is not None and verdict.worst is not None:
        line = Text(tr("Grade {grade}").format(grade=words.grade_range(assessment)) + "   ", style="bold")
        console.print(line.append_text(_scale(verdict.best, verdict.worst)))
        if verdict.grade is not None:
            _line(console, "      " + tr(words.GRADES[verdict.grade]))
        if (verdict.uncapped_best, verdict.uncapped_worst) != (verdict.best, verdict.worst):
            span = words.span(verdict.uncapped_best, verdict.uncapped_worst)
            text = tr("{span} from the pattern alone; caps and stops decide the rest").format(span=span)
            _line(console, f"      {text}", "dim")
    coverage = verdict.coverage
    known = tr(
        "Known or settled: {known} of {asked} facts ({share}), {critical} of {of} critical ones ({critical_share})"
    ).format(
        known=coverage.known,
        asked=coverage.asked,
        share=f"{coverage.all:.0%}",
        critical=coverage.critical_known,
        of=coverage.critical_asked,
        critical_share=f"{coverage.critical:.0%}",
    )
    if assessment.newest_evidence:
        known += tr("; newest evidence {day}").format(day=words.day(assessment.newest_evidence))
    _line(console, known)
    for sentence in filter(None, [*words.headline(assessment), meaning_text(assessment.precedent)]):
        _line(console, sentence)
    console.print()


def _traits(console: Console, assessment: Assessment) -> None:
    from rich.table import Table
    from rich.text import Text

    if not assessment.verdict.traits:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for trait in assessment.verdict.traits:
        because = words.listed([assessment.finding(rule).code for rule in (trait.fails or trait.warns)], 5)
        undecided = tr("open rules: {count}").format(count=len(trait.undecided)) if trait.undecided else ""
        table.add_row(
            Text(trait.id, style="bold"),
            Text(tr(trait.name)),
            Text(words.level_text(trait), style=LEVEL_COLOURS[trait.worst]),
            Text(tr("; ").join(filter(None, [because, undecided])), style="dim"),
        )
    console.print(table)
    console.print()


def _reasons(console: Console, assessment: Assessment, rulebook: Rulebook) -> None:
    templates = {rule.id: rule.message for rule in rulebook.rules.values()}
    found = words.reasons(assessment, templates)
    if found:
        _line(console, tr("Why"), "bold")
        told = [f"{text} [{assessment.finding(rule).code}]" for text, rule in found]
        _list(console, [f"{index}." for index in range(1, len(told) + 1)], told)
        console.print()


def _findings(console: Console, assessment: Assessment) -> None:
    from rich.table import Table
    from rich.text import Text

    shown = words.ranked(assessment)
    if not shown:
        return
    _line(console, tr("Findings"), "bold")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in shown:
        chip, style = _chip(finding)
        manual = [words.override_text(override) for override in assessment.overrides_of(finding.rule)]
        told = Text(chip, style=style)
        for text in manual:
            told.append(f"\n{text}", style="cyan")
        table.add_row(Text(f"  {finding.code}"), told, Text(tr(finding.title)))
    console.print(table)
    console.print()


def _overrides(console: Console, assessment: Assessment) -> None:
    if not assessment.overrides:
        return
    _line(console, words.overrides_note(len(assessment.overrides)), "bold cyan")
    for override in assessment.overrides:
        _line(console, f"  {words.override_reason(override)}", "cyan")
    console.print()


def _questions(console: Console, assessment: Assessment, most: int) -> None:
    if not assessment.questions:
        return
    _line(console, tr("Ask first: what keeps most rules open"), "bold")
    asked = [words.question_text(question) for question in assessment.questions[:most]]
    _list(console, ["-"] * len(asked), asked)
    if len(assessment.questions) > most:
        more = tr("and {count} more in --format json and in the report").format(count=len(assessment.questions) - most)
        _line(console, f"    {more}", "dim")
    console.print()


def _foot(console: Console, assessment: Assessment) -> None:
    for warning, count in assessment.warnings:
        _line(console, tr("Note: {text}").format(text=tr(words.WARNINGS[warning]).format(count=count)), "yellow")
    packs = " ".join(f"{pack['id']} {pack['version']}" for pack in assessment.packs)
    _line(console, f"ddcheck {assessment.program} · {packs} · {words.motto()}", "dim")
