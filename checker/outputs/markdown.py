"""The assessment as Markdown, for an issue or a wiki: the verdict, the reasons, the questions, every finding, sources.

The text of a profile stays text: nothing in it becomes a heading, a link, a cell, a mention or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from checker.assess.assessment import Assessment, Finding
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import tr
from checker.outputs.meaning import meaning_text
from checker.outputs.page import SYMBOLS, Page, safe_link
from checker.outputs.tables import Tables, changed_sentences, one_line
from checker.packs.rulebook import Rulebook

MOST_QUESTIONS = 10
_MARKS = re.compile(r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#|\w)|\$(?!\d)")
_STARTS = re.compile(r"^(?:[-+=#]|\d+(?=[.)]))")
_REFERS = re.compile(r"[@#](?=\S)")
_LINKS = re.compile(r"(:(?=//)|(?<=\bwww)\.)", re.IGNORECASE)
_JOINER = "\u2060"  # has no width; parts a sign from the name that it would call


def inline(text: object) -> str:
    r"""Text that no Markdown takes for a mark, in one line.

    >>> print(inline("<b> [x](y) | a_b _c_"))
    \<b\> \[x\](y) \| a_b \_c\_
    """
    line = _MARKS.sub(r"\\\g<0>", one_line(text))
    line = _LINKS.sub(r"\\\1", line)
    line = _REFERS.sub(lambda sign: ("\\#" if sign[0] == "#" else "@") + _JOINER, line)
    return _STARTS.sub(lambda start: f"\\{start[0]}" if not start[0][0].isdigit() else f"{start[0]}\\", line)


def row(cells: Iterable[object]) -> str:
    """A row of a table."""
    return f"| {' | '.join(inline(cell) for cell in cells)} |"


def table(headings: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table, a line for each row."""
    yield row(headings)
    yield "|" + " --- |" * len(headings)
    yield from map(row, rows)


def address(url: str) -> str:
    """A link if a reader may be sent there, else the address as text."""
    return f"<{url}>" if safe_link(url) and not re.search(r"[`|\x00-\x20]", url) else inline(url)


def render_markdown(assessment: Assessment, rulebook: Rulebook) -> str:
    """The assessment as Markdown with tables, as GitHub and most wikis read it."""
    tables = Tables(assessment, rulebook)
    lines = [f"# {inline(_title(assessment))}", "", f"**{inline(words.certain(assessment))}**", ""]
    lines += _head(assessment)
    lines += _traits(assessment)
    lines += _decides(assessment, tables, rulebook)
    lines += _questions(assessment)
    lines += _findings(tables)
    lines += _sources(tables)
    lines += _foot(assessment)
    return "\n".join(lines) + "\n"


def _title(assessment: Assessment) -> str:
    return tr("{name}: due diligence, {cut}").format(name=assessment.name, cut=words.cut_text(assessment))


def _head(assessment: Assessment) -> Iterator[str]:
    verdict, coverage = assessment.verdict, assessment.verdict.coverage
    for _, text in verdict.status:
        told = tr("Live status on {day}: {text}.").format(
            day=words.day(assessment.options.as_of), text=words.in_sentence(tr(text))
        )
        yield f"> **■ {inline(told)}** {inline(tr('This stands apart from the grade.'))}"
        yield ""
    for sentence in changed_sentences(assessment):
        yield f"> ▲ {inline(sentence)}"
        yield ""
    if assessment.overrides:
        yield f"> {inline(words.overrides_note(len(assessment.overrides)))}"
        yield ""
    kind = tr(words.KINDS[assessment.kind])
    rows = [(tr("kind"), kind)]
    if verdict.best is not None and verdict.worst is not None:
        meanings = [
            f"{grade.name} {words.in_sentence(tr(words.GRADES[grade]))}" for grade in (verdict.best, verdict.worst)
        ]
        rows.append(
            (tr("Grade {grade}").format(grade=words.grade_range(assessment)), " – ".join(dict.fromkeys(meanings)))
        )
        rows.append((tr("scale"), tr("A is the safe end, F the worst")))
        if not verdict.assessable:
            rows.append((tr("assessable"), tr("no")))
        if (verdict.uncapped_best, verdict.uncapped_worst) != (verdict.best, verdict.worst):
            rows.append((tr("without caps and stops"), words.span(verdict.uncapped_best, verdict.uncapped_worst)))
    known = tr("{known} of {asked} ({share})")
    rows.append(
        (
            tr("facts known or settled"),
            known.format(known=coverage.known, asked=coverage.asked, share=words.percent(coverage.all)),
        )
    )
    rows.append(
        (
            tr("critical facts known or settled"),
            known.format(
                known=coverage.critical_known, asked=coverage.critical_asked, share=words.percent(coverage.critical)
            ),
        )
    )
    rows.append((tr("newest evidence"), words.day(assessment.newest_evidence or tr("undated"))))
    yield from table((tr("verdict"), ""), rows)
    yield ""
    for sentence in filter(None, [*words.headline(assessment), meaning_text(assessment.precedent)]):
        yield f"- {inline(sentence)}"
    yield ""


def _traits(assessment: Assessment) -> Iterator[str]:
    if not assessment.verdict.traits:
        return
    yield f"## {inline(tr('The four traits of a cash pool'))}"
    yield ""
    codes = {finding.rule: finding.code for finding in assessment.findings}
    rows = (
        (
            f"{trait.id} {tr(trait.name)}",
            words.level_text(trait),
            " ".join(codes[rule] for rule in (trait.fails or trait.warns)) or "–",
            len(trait.undecided),
        )
        for trait in assessment.verdict.traits
    )
    yield from table((tr("trait"), tr("level"), tr("because of"), tr("rules still open")), rows)
    yield ""


def _decides(assessment: Assessment, tables: Tables, rulebook: Rulebook) -> Iterator[str]:
    templates = {rule.id: rule.message for rule in rulebook.rules.values()}
    found = words.reasons(assessment, templates)
    if not found:
        return
    yield f"## {inline(tr('What decides'))}"
    yield ""
    for place, (sentence, rule) in enumerate(found, 1):
        finding = assessment.finding(rule)
        yield f"{place}. {inline(sentence)} ({finding.code}{_marks(tables, finding)})"
    yield ""


def _marks(tables: Tables, finding: Finding) -> str:
    return "".join(f" \\[{number}\\]" for number in tables.marks(finding))


def _questions(assessment: Assessment) -> Iterator[str]:
    questions = assessment.questions
    if not questions:
        return
    yield f"## {inline(tr('Ask first: what keeps most rules open'))}"
    yield ""
    for place, question in enumerate(questions[:MOST_QUESTIONS], 1):
        yield f"{place}. {inline(words.question_text(question))} `{question.fact}`"
    if len(questions) > MOST_QUESTIONS:
        yield ""
        more = tr("and {count} more; --csv FILE --table questions lists them all")
        yield inline(more.format(count=len(questions) - MOST_QUESTIONS))
    yield ""


def _findings(tables: Tables) -> Iterator[str]:
    yield f"## {inline(tr('Findings'))}"
    applying = [finding for finding in tables.findings_in_order() if finding.outcome is not Outcome.NOT_APPLICABLE]
    for group, found in groupby(applying, key=lambda finding: finding.group):
        yield ""
        yield f"### {inline(f'{group} {tables.group_title(group)}')}"
        yield ""
        rows = (
            (finding.code, outcome(finding), tr(finding.title), tables.text(finding) + _plain_marks(tables, finding))
            for finding in found
        )
        yield from table((tr("rule"), tr("outcome"), tr("requirement"), tr("finding")), rows)
    yield ""
    rest = [finding.code for finding in tables.findings_in_order() if finding.outcome is Outcome.NOT_APPLICABLE]
    if rest:
        yield inline(tr("These rules do not apply: {codes}").format(codes=", ".join(rest)))
        yield ""


def _plain_marks(tables: Tables, finding: Finding) -> str:
    return "".join(f" [{number}]" for number in tables.marks(finding))


def outcome(finding: Finding) -> str:
    """An outcome as symbol and word."""
    return f"{SYMBOLS[Page.chip(finding).state]} {words.outcome_words(finding)}"


def _sources(tables: Tables) -> Iterator[str]:
    sheet = tables.table("sources")
    if not sheet.rows:
        return
    yield f"## {inline(sheet.title)}"
    yield ""
    for number, _, title, publisher, day, url, _ in sheet.rows:
        told = inline(", ".join(str(part) for part in (title, publisher, day) if part))
        yield f"{number}. {told}{' ' + address(str(url)) if url else ''}"
    yield ""


def _foot(assessment: Assessment) -> Iterator[str]:
    yield "---"
    yield ""
    for warning, count in assessment.warnings:
        yield inline(tr("Note: {text}").format(text=tr(words.WARNINGS[warning]).format(count=count)))
        yield ""
    yield inline(tr(words.LIMITS))
    yield ""
    packs = " ".join(f"{pack['id']} {pack['version']}" for pack in assessment.packs)
    yield f"ddcheck {inline(assessment.program)} · {inline(packs)} · `sha256 {assessment.profile['sha256']}`"
