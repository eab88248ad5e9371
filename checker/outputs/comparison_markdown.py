"""Platforms side by side as Markdown and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.assess.comparison import Comparison, Difference
from checker.outputs import words
from checker.outputs.comparison import DEPTH_NOTE, NOTES, TITLES, YIELD_NOTE, Row, Sides, chip_full
from checker.outputs.language import tr
from checker.outputs.markdown import address, inline, table
from checker.outputs.tables import Column, Sheet, code_of
from checker.packs.rulebook import Rulebook

MOST_QUESTIONS = 15


def render_markdown(told: Comparison, rulebook: Rulebook) -> str:
    """The comparison as Markdown with tables, as GitHub and most wikis read it."""
    sides = Sides(told, rulebook)
    lines = [f"# {inline(sides.title)}", ""]
    for sentence in sides.verdict():
        lines += [f"**{inline(sentence)}**", ""]
    lines += [f"- {inline(sentence)}" for sentence in (*sides.traits(), *sides.knowledge())]
    lines.append("")
    for name, text in sides.statuses():
        lines += [f"> **■ {inline(tr('{label}: {value}').format(label=name, value=text))}**", ""]
    for text in sides.changes:
        lines += [f"> ▲ {inline(text)}", ""]
    lines += _rows(sides, sides.rows())
    for why in TITLES:
        lines += _differences(sides, why)
    lines += [inline(sides.alike()), ""]
    lines += [f"## {inline(tr('The rate, and what pays it'))}", "", inline(tr(YIELD_NOTE)), ""]
    lines += _rows(sides, sides.yields())
    lines += _questions(sides)
    lines += _apart(sides)
    lines += _sources(sides)
    lines += ["---", "", inline(tr(DEPTH_NOTE)), "", inline(tr(words.LIMITS)), ""]
    first = told.assessments[0]
    packs = " ".join(f"{pack['id']} {pack['version']}" for pack in first.packs)
    lines.append(f"ddcheck {inline(first.program)} · {inline(packs)}")
    return "\n".join(lines) + "\n"


def _heads(sides: Sides) -> list[str]:
    return ["", *(f"{place} {name}" for place, name in enumerate(sides.names, 1))]


def _rows(sides: Sides, rows: Iterable[Row]) -> Iterator[str]:
    yield from table(_heads(sides), ((one.label, *one.cells) for one in rows))
    yield ""


def _differences(sides: Sides, why: Difference) -> Iterator[str]:
    found = sides.differences(why)
    if not found:
        return
    yield f"## {inline(tr('{title} ({count})').format(title=tr(TITLES[why]), count=len(found)))}"
    yield ""
    yield inline(tr(NOTES[why]))
    yield ""
    rows = []
    for one in found:
        cells = []
        for place, chip in enumerate(one.chips):
            text = chip_full(chip)
            if why is not Difference.UNKNOWN and one.texts[place]:
                marks = "".join(f" [{place + 1}.{mark}]" for mark in one.marks[place])
                text = tr("{label}: {value}").format(label=text, value=one.texts[place]) + marks
            cells.append(text)
        rows.append((f"{one.line.code} {one.title}", *cells))
    yield from table(_heads(sides), rows)
    yield ""


def _questions(sides: Sides) -> Iterator[str]:
    questions = sides.told.questions
    if not questions:
        return
    yield f"## {inline(tr('Questions that could tell them apart'))}"
    yield ""
    for place, question in enumerate(questions[:MOST_QUESTIONS], 1):
        yield f"{place}. {inline(sides.question(question))}"
    if len(questions) > MOST_QUESTIONS:
        yield ""
        yield inline(tr("and {count} more").format(count=len(questions) - MOST_QUESTIONS))
    yield ""


def _apart(sides: Sides) -> Iterator[str]:
    if sentences := sides.not_comparable():
        yield f"## {inline(tr('Not comparable'))}"
        yield ""
        yield from (f"- {inline(sentence)}" for sentence in sentences)
        yield ""


def _sources(sides: Sides) -> Iterator[str]:
    if not (cited := sides.sources()):
        return
    yield f"## {inline(tr('Sources'))}"
    for side in cited:
        yield ""
        yield f"### {inline(f'{side.place} {side.name}')}"
        yield ""
        for numbers, source, _ in side.sources:
            link = f" {address(source.url)}" if source.url else ""
            marks = " ".join(f"\\[{side.place}.{number}\\]" for number in numbers)
            yield f"- {marks} {inline(sides.source_text(source))}{link}"
    yield ""


def render_csv(told: Comparison, rulebook: Rulebook) -> str:
    """A row for each rule, the sure differences first, with the outcomes possible for each platform."""
    from checker.outputs.csv import sheet_text

    sides = Sides(told, rulebook)
    keys = ("difference", "code", "rule", "severity", "title")
    columns = [Column(key, key, 0) for key in keys]
    columns += [Column(f"{place} {name}", name, 0) for place, name in enumerate(sides.names, 1)]
    rows = []
    for line in told.rules:
        outcomes = []
        for finding in line.findings:
            if finding is None:
                outcomes.append("NOT_ASKED")
                continue
            possible = " ".join(outcome.name for outcome in finding.possible)
            text = possible if finding.outcome is not None else f"{code_of(finding)} {possible}"
            outcomes.append(f"{text} PRESUMED" if finding.presumed else text)
        title = tr(line.title)
        rows.append(
            (line.difference.value, line.code, line.rule, tr(words.SEVERITIES[line.severity]), title, *outcomes)
        )
    options = told.assessments[0].options
    return sheet_text(
        Sheet("comparison", "", tuple(columns), tuple(rows)), {"as_of": options.as_of, "known_by": options.known_by}
    )
