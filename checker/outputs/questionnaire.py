"""The questions to a platform in words, and the forms to fill in: Markdown, YAML, JSON, a spreadsheet.

Every form has the same questions and the same keys to fill in, so that it can be read back by `checker.importers`
whatever language its sentences are in. The page for print is in `checker.outputs.questionnaire_pdf`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

from checker.assess.effects import Answers, Effect
from checker.assess.questionnaire import (
    ANSWER_KEYS,
    EXTENTS,
    FENCE,
    FORMAT,
    FORMAT_KEY,
    HEAD_KEYS,
    KEY_ROW,
    QUESTIONS_SHEET,
    SAID_KEYS,
    Asked,
    Questionnaire,
)
from checker.model.dictionary import UNITS, ColumnDef, FactDef
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import mark, spoken, tr

_FORMS = {
    "rate": mark("a rate per year, such as 8.5%"),
    "share": mark("a share, such as 40%"),
    "ratio": mark("a ratio, such as 1.2 or 120%"),
    "money": mark("US dollars, such as 1200000 or 1.2m (k, m, bn)"),
    "money_per_month": mark("US dollars a month, such as 50000 or 50k (k, m, bn)"),
    "days": mark("a number of days"),
    "months": mark("a number of months"),
    "hours": mark("a number of hours"),
    "count": mark("a number"),
    "bool": mark("yes or no"),
    "date": mark("a day, such as 2026-01-31"),
    "asset": mark("a ticker or currency code, such as USDC or EUR"),
    "text": mark("a few words"),
}
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_WIDTHS = {"number": 5, "fact": 30, "question": 48, "matters": 48, "decides": 48, "write": 30, "where": 40}
_ANSWER_WIDTHS = {"answer": 24, "date": 12, "document": 30, "link": 30, "not_disclosed": 16}
_HEADINGS = {
    "number": mark("No."),
    "fact": mark("fact"),
    "question": mark("question"),
    "matters": mark("why it matters"),
    "decides": mark("what an answer decides"),
    "write": mark("what to write"),
    "where": mark("where it is usually published"),
    "answer": mark("answer"),
    "date": mark("day it refers to"),
    "document": mark("document"),
    "link": mark("link"),
    "not_disclosed": mark("not disclosed (yes)"),
    "platform": mark("platform"),
    "answered_by": mark("answered by"),
    "answered_on": mark("answered on (year-month-day)"),
}
SPARE_ROWS = 12  # empty rows of a table in a spreadsheet, a third of it in text


@dataclass(frozen=True)
class Told:
    """A question in words.

    Attributes:
        asked: The question.
        question: The sentence.
        reason: Why it is open.
        matters: The rules it holds open, a line each.
        decides: What answers decide, a line each.
        write: The form of the answer.
        where: Where it is usually published.
    """

    asked: Asked
    question: str
    reason: str
    matters: tuple[str, ...]
    decides: tuple[str, ...]
    write: str
    where: str


def told(form: Questionnaire, asked: Asked) -> Told:
    """A question in the language being spoken."""
    return Told(
        asked,
        tr(asked.fact.ask),
        tr(words.REASONS.get(asked.reason, asked.reason)),
        tuple(
            tr("{code} ({severity}): {question}").format(
                code=rule.code, severity=tr(words.SEVERITIES[rule.severity]), question=tr(rule.question)
            )
            for rule in asked.rules
        ),
        tuple(_decides(form, asked)),
        answer_form(asked.fact),
        tr(asked.fact.where) if words.spoken_here(asked.fact.where) else "",
    )


def answer_form(definition: FactDef) -> str:
    """What to write as an answer to a fact."""
    if definition.type == "enum":
        return tr("one of: {words}").format(words=", ".join(definition.values))
    if definition.type == "table":
        return tr(
            "a line for each with {columns}; then “all” if these are all, “none” if there are none, “some” if there "
            "are more"
        ).format(columns=", ".join(definition.columns))
    return tr(_FORMS[definition.unit or "" if definition.type == "number" else definition.type])


def column_form(column: ColumnDef) -> str:
    """What to write into a column of a table."""
    if column.type == "enum":
        return ", ".join(column.values)
    return tr(_FORMS[column.unit or "" if column.type == "number" else column.type])


def _decides(form: Questionnaire, asked: Asked) -> list[str]:
    """What answers decide alone, and what takes other facts besides."""
    alike: dict[tuple[str, str], list[str]] = {}
    for effect in asked.effects:
        alike.setdefault((answers_text(asked, effect.answers), effect_template(effect)), []).extend(effect.rules)
    lines = [
        tr("{answers}: {effect}").format(
            answers=answers, effect=template.format(rules=words.listed([form.codes[rule] for rule in rules], 6))
        )
        for (answers, template), rules in alike.items()
    ]
    decided = {rule for effect in asked.effects for rule in effect.rules if not effect.lifts}
    waiting = [rule.code for rule in asked.rules if rule.id not in decided]
    if waiting:
        beside = words.listed([words.fact_name(fact) for fact in asked.beside], 4)
        template = (
            tr("{rules}: no answer decides alone; needed besides: {facts}")
            if beside
            else tr("{rules}: what the answer says decides")
        )
        lines.append(template.format(rules=words.listed(waiting, 6), facts=beside))
    return lines


def answers_text(asked: Asked, answers: Answers) -> str:
    """The answers that have one effect.

    They are told in the unit of the fact, so that a platform can see on which side of a threshold it stands.
    """
    if answers.all_rows:
        return (
            tr("that there are no others than those known ({n})").format(n=asked.known_rows)
            if asked.known_rows
            else tr("that there are none")
        )
    if answers.words:
        return tr(" or ").join(
            (tr("yes") if word else tr("no")) if isinstance(word, bool) else str(word) for word in answers.words
        )
    fact = asked.fact
    if fact.type == "date":
        return _days_text(answers)
    lo, hi = answers.lo, answers.hi
    least = fact.range[0]
    if hi is not None and (lo is None or lo == hi) and hi in (least, lo) and not answers.below:
        return tr("exactly {value}").format(value=exact(hi, fact.unit or ""))
    lower = tr("more than {value}") if answers.above else tr("at least {value}")
    upper = tr("less than {value}") if answers.below else tr("at most {value}")
    ends = [
        template.format(value=exact(end, fact.unit or ""))
        for template, end in ((lower, lo), (upper, hi))
        if end is not None
    ]
    return _between(ends)


def _between(ends: list[str]) -> str:
    """Both ends of what would do, one of them, or neither."""
    if len(ends) == 2:
        return tr("{lower} and {upper}").format(lower=ends[0], upper=ends[1])
    return "".join(ends) or tr("any answer")


def _days_text(answers: Answers) -> str:
    ends = [
        template.format(day=words.day(date.fromordinal(int(end))))
        for template, end in ((tr("{day} or later"), answers.lo), (tr("before {day}"), answers.hi))
        if end is not None
    ]
    return _between(ends)


def exact(value: float, unit: str) -> str:
    """A threshold with its unit; where four digits do not tell it, it says so.

    >>> exact(0.25, "share"), exact(4 / 7, "share")
    ('25%', 'about 57.14%')
    """
    scale = 100 if unit in ("rate", "share") else 1
    size = abs(value)
    if unit in ("money", "money_per_month"):
        scale_down = next((s for s in (1e12, 1e9, 1e6) if size >= s), 1.0)
        plain = value / scale_down
        told_whole = float(f"{plain:.4g}") == plain if scale_down > 1 else plain == int(plain)
    else:
        plain = value * scale
        told_whole = abs(float(f"{plain:.4g}") - plain) <= 1e-9 * max(1.0, abs(plain)) or plain == int(plain)
    text = words.number(value, unit)
    return text if told_whole else tr("about {value}").format(value=text)


def effect_template(effect: Effect) -> str:
    """What remains possible of some rules, with a place for their codes."""
    possible = set(effect.possible)
    if effect.clears:
        return tr("clears {rules}")
    if effect.confirms:
        return tr("confirms a failure of {rules}")
    if possible == {Outcome.WARN}:
        return tr("leaves {rules} weak")
    if effect.lifts:
        return tr("takes back what was presumed of {rules}, and leaves it open")
    if not possible & {Outcome.PASS, Outcome.NOT_APPLICABLE}:
        return tr("leaves no pass for {rules}")
    if Outcome.FAIL not in possible:
        return tr("rules out a failure of {rules}")
    outcomes = words.either([tr(words.OUTCOMES[outcome]) for outcome in effect.possible])
    return tr("narrows {{rules}} to {outcomes}").format(outcomes=outcomes)


def title(form: Questionnaire) -> str:
    """The title."""
    return tr("Questions to {name}").format(name=form.platform)


def subtitle(form: Questionnaire) -> str:
    """The cut and how many questions there are."""
    cut = (
        tr("as known by {day}").format(day=words.day(form.known_by))
        if form.as_of == form.known_by
        else tr("state of {as_of}, as known by {known_by}").format(
            as_of=words.day(form.as_of), known_by=words.day(form.known_by)
        )
    )
    text = tr("{kind}, {cut}; the first {asked} of {open} open questions").format(
        kind=tr(words.KINDS[form.kind]), cut=cut, asked=len(form.asked), open=form.open
    )
    return text[:1].upper() + text[1:]


def how_to() -> tuple[str, ...]:
    """How to fill it in, a sentence each."""
    return (
        tr("What is left blank counts as not answered: nothing follows from it."),
        tr("answer: the value in the form named; a range as 10%..20%, >=10% or <=20%."),
        tr("date: the day to which the answer refers, year-month-day; left blank, the day of the answers."),
        tr("document, link: where a reader can check it."),
        tr("not_disclosed: yes, if you do not disclose this. It is then recorded as not disclosed."),
        tr(
            "Answers are recorded as the platform's own words (E1), which prove what it promises and little about how "
            "things are; a document that others wrote or checked counts for more and is entered with its own source."
        ),
    )


# ------------------------------------------------------------------------------------------------------------ text


def _md(text: str) -> str:
    """Text that no Markdown takes for a mark, in one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def render_markdown(form: Questionnaire) -> str:
    """The questionnaire as Markdown; the blocks to fill in are fenced and carry the fact's id."""
    lines = [f"# {_md(title(form))}", "", _md(subtitle(form)), ""]
    lines += [f"- {_md(sentence)}" for sentence in how_to()]
    lines += ["", f"```{FENCE}s {FORMAT}", f"platform: {_one_line(form.platform)}"]
    lines += [*(f"{key}:" for key in HEAD_KEYS[1:]), "```"]
    for asked in form.asked:
        question = told(form, asked)
        lines += ["", f"## {asked.number}. {_md(question.question)}", ""]
        lines += [f"`{asked.fact.id}`: {_md(question.reason)}", "", f"{tr('Why it matters')}", ""]
        lines += [f"- {_md(line)}" for line in question.matters]
        lines += ["", tr("What an answer decides"), "", *(f"- {_md(line)}" for line in question.decides), ""]
        lines.append(tr("Write: {form}").format(form=_md(question.write)) + "  ")
        if question.where:
            lines.append(tr("Usually published: {where}").format(where=_md(question.where)))
        lines += ["", f"```{FENCE} {asked.fact.id}", f"{ANSWER_KEYS[0]}:"]
        if columns := asked.fact.columns:
            lines += [_row(columns), _row(["---"] * len(columns))]
            lines += [_row([" "] * len(columns))] * (SPARE_ROWS // 3)
        lines += [*(f"{key}:" for key in ANSWER_KEYS[1:]), "```"]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str] | dict[str, ColumnDef]) -> str:
    return "| " + " | ".join(cells) + " |"


def render_yaml(form: Questionnaire) -> str:
    """The questionnaire as YAML, each question as a comment above its answer."""
    lines = [f"# {_one_line(text)}" for text in (title(form), subtitle(form), *how_to())]
    lines += [f"{FORMAT_KEY}: {FORMAT}", f"platform: {json.dumps(form.platform, ensure_ascii=False)}"]
    lines += [*(f"{key}: null" for key in HEAD_KEYS[1:]), "answers:"]
    for asked in form.asked:
        question = told(form, asked)
        said = [f"{asked.number}. {question.question}", *(f"- {line}" for line in question.matters)]
        said += [tr("What an answer decides"), *(f"- {line}" for line in question.decides)]
        said.append(tr("Write: {form}").format(form=question.write))
        if question.where:
            said.append(tr("Usually published: {where}").format(where=question.where))
        lines += ["", *(f"  # {_one_line(line)}" for line in said), f"  {asked.fact.id}:"]
        lines += [f"    {key}: null" for key in ANSWER_KEYS]
        if asked.fact.columns:
            lines.append(f"    rows: []    # - {{{', '.join(f'{name}: null' for name in asked.fact.columns)}}}")
    return "\n".join(lines) + "\n"


def render_json(form: Questionnaire) -> str:
    """The questionnaire as JSON."""
    answers: dict[str, dict[str, object]] = {}
    for asked in form.asked:
        question = told(form, asked)
        said = (asked.number, question.question, list(question.matters), list(question.decides), question.write)
        entry: dict[str, object] = dict(zip(SAID_KEYS, (*said, question.where), strict=True))
        entry |= dict.fromkeys(ANSWER_KEYS)
        if asked.fact.columns:
            entry["rows"] = []
        answers[asked.fact.id] = entry
    document: dict[str, object] = {FORMAT_KEY: FORMAT, "platform": form.platform}
    document |= dict.fromkeys(HEAD_KEYS[1:])
    document["answers"] = answers
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


# ----------------------------------------------------------------------------------------------------- spreadsheet


def render_xlsx(form: Questionnaire) -> bytes:
    """The questionnaire as a spreadsheet; every cell is text, so nothing in it can run.

    The first sheet has a row for each question, every table asked has a sheet of its own. The row that names the
    columns for a reader of files stands above the headings in small print.
    """
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": _one_line(title(form)), "created": datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    large = book.add_format({"bold": True, "font_size": 14})
    small = book.add_format({"font_size": 7, "font_color": "#8A929C"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    fill = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFF8E1", "border": 1, "num_format": "@"})

    sheet = book.add_worksheet(QUESTIONS_SHEET)
    sheet.write_string(0, 0, _one_line(title(form)), large)
    sheet.write_string(1, 0, subtitle(form))
    for row, sentence in enumerate(how_to(), 2):
        sheet.write_string(row, 0, sentence)
    top = 3 + len(how_to())
    for row, key in enumerate(HEAD_KEYS, top):
        sheet.write_string(row, 1, key, small)
        sheet.write_string(row, 2, tr(_HEADINGS[key]), wrap)
        sheet.write_string(row, 3, form.platform if key == "platform" else "", fill)
    keys_at = top + len(HEAD_KEYS) + 1
    columns = [*_WIDTHS][:-2], [*_ANSWER_WIDTHS], [*_WIDTHS][-2:]
    keys = [key for part in columns for key in part]
    for column, key in enumerate(keys):
        sheet.set_column(column, column, (_WIDTHS | _ANSWER_WIDTHS)[key])
        sheet.write_string(keys_at, column, KEY_ROW if key == "number" else key, small)
        sheet.write_string(keys_at + 1, column, tr(_HEADINGS[key]), bold)
    for row, asked in enumerate(form.asked, keys_at + 2):
        question = told(form, asked)
        in_sheet = tr("rows in the sheet “{name}”; here: {words}")
        write = (
            in_sheet.format(name=form.sheets[asked.fact.id], words=", ".join(EXTENTS))
            if asked.fact.columns
            else question.write
        )
        texts = {
            "number": str(asked.number),
            "fact": asked.fact.id,
            "question": question.question,
            "matters": "\n".join(question.matters),
            "decides": "\n".join(question.decides),
            "write": write,
            "where": question.where,
        }
        for column, key in enumerate(keys):
            sheet.write_string(row, column, texts.get(key, ""), wrap if key in texts else fill)
        if choices := _choices(asked.fact):
            at = keys.index("answer")
            sheet.data_validation(row, at, row, at, {"validate": "list", "source": choices, "ignore_blank": True})
        at = keys.index("not_disclosed")
        sheet.data_validation(row, at, row, at, {"validate": "list", "source": ["yes"], "ignore_blank": True})
    sheet.freeze_panes(keys_at + 2, 3)
    for asked in form.asked:
        if asked.fact.columns:
            rows = book.add_worksheet(form.sheets[asked.fact.id])
            rows.write_string(0, 0, KEY_ROW, small)
            rows.write_string(0, 1, asked.fact.id, small)
            rows.write_string(1, 0, tr(asked.fact.ask), bold)
            for column, (name, definition) in enumerate(asked.fact.columns.items()):
                rows.set_column(column, column, 24)
                rows.write_string(2, column, name, small)
                unit = f" ({tr(UNITS[definition.unit])})" if definition.unit and spoken() == "en" else ""
                rows.write_string(3, column, f"{tr(definition.meaning)}{unit}", bold)
                rows.write_string(4, column, column_form(definition), wrap)
                for row in range(5, 5 + SPARE_ROWS):
                    rows.write_string(row, column, "", fill)
            rows.freeze_panes(5, 0)
    book.close()
    return buffer.getvalue()


def _choices(definition: FactDef) -> list[str]:
    """The words of a list to choose from, as far as a spreadsheet takes them."""
    if definition.type == "table":
        return list(EXTENTS)
    values = ["yes", "no"] if definition.type == "bool" else list(definition.values)
    return values if values and len(",".join(values)) <= 255 else []


TEXT_FORMS: dict[str, Callable[[Questionnaire], str]] = {
    ".md": render_markdown,
    ".yaml": render_yaml,
    ".yml": render_yaml,
    ".json": render_json,
}
"""By the end of a file's name, what writes it."""
