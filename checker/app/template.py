"""Questionnaires: a profile to fill in, from the dictionary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

from checker.model.dictionary import Dictionary, FactDef
from checker.model.document import read_document
from checker.outputs.language import mark, spoken, tr
from checker.resources import data_path


def starter_facts(kind: str) -> list[str]:
    """The fifteen facts to begin with for a kind of platform."""
    table = read_document(data_path("rules", "starter.yaml")).value
    return list(table.get(kind, table["default"]))


def chosen_facts(dictionary: Dictionary, kind: str, read: Iterable[str], *, starter: bool) -> list[FactDef]:
    """The facts a questionnaire for a kind asks for: the starter ones, or all that a rule reads."""
    ids = starter_facts(kind) if starter else [id for id in dictionary if id in set(read)]
    return [dictionary[id] for id in ids if dictionary[id].section != "platform" and dictionary[id].applies_to(kind)]


def _hint(definition: FactDef) -> str:
    match definition.type:
        case "number":
            unit = definition.unit or ""
            form = {"rate": '"8.5%"', "share": '"40%"', "money": '"1.2bn"'}.get(unit)
            return tr("{unit}, such as {form}").format(unit=unit, form=form) if form else unit
        case "bool":
            return "true | false"
        case "enum":
            return " | ".join(definition.values)
        case "table":
            return tr("rows with {columns}").format(columns=", ".join(definition.columns))
        case _:
            return definition.type


def yaml_template(facts: Iterable[FactDef], kind: str) -> str:
    """A profile in YAML with the question above every fact."""
    lines = [
        "# " + tr("A profile for ddcheck. Fill in what you know; leave the rest as null."),
        "# " + tr("A fact may be a bare value, or an object with the keys named here; a list of those is its history:"),
        "# value, from, until, known_on, evidence, source, locator",
        "# " + tr("The defaults below are used wherever a fact does not say it itself."),
        "ddcheck: 1",
        "platform:",
        "  name: null    # " + tr("the platform's name"),
        f"  kind: {kind}",
        "defaults:",
        "  from: null        # " + tr("first day on which it was true, such as 2026-01-31"),
        "  known_on: null    # " + tr("first day on which the public could know"),
        "  evidence: null    # advertised, terms_of_use, company_disclosed, analyst, onchain, audit, register ...",
        "  source: null      # " + tr("an id from the sources below"),
    ]
    section = ""
    for definition in facts:
        if definition.section != section:
            section = definition.section
            lines += ["", f"{section}:"]
        name = definition.id.partition(".")[2]
        lines.append(f"  # {tr(definition.ask)}")
        if spoken() == "en":
            lines.append(f"  # {definition.where}")
        lines.append(f"  {name}: null    # {_hint(definition)}")
    lines += [
        "",
        "sources: {}",
        "#  terms: {title: Terms of use, publisher: the platform, date: 2026-01-31, url: https://example.com/terms}",
    ]
    return "\n".join(lines) + "\n"


def json_template(facts: Iterable[FactDef], kind: str) -> str:
    """A profile in JSON; the schema gives an editor the questions."""
    document: dict[str, object] = {
        "$schema": "profile.schema.json",
        "ddcheck": 1,
        "platform": {"name": None, "kind": kind},
        "defaults": {"from": None, "known_on": None, "evidence": None, "source": None},
    }
    for definition in facts:
        section = document.setdefault(definition.section, {})
        assert isinstance(section, dict)
        section[definition.id.partition(".")[2]] = None
    document["sources"] = {}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


COLUMNS = (
    (mark("fact"), 34),
    (mark("question"), 60),
    (mark("what to write"), 30),
    (mark("value"), 22),
    (mark("from"), 12),
    (mark("known on"), 12),
    (mark("evidence"), 18),
    (mark("source"), 40),
    (mark("where to look"), 40),
)


def xlsx_template(facts: Iterable[FactDef], kind: str) -> bytes:
    """A questionnaire as a spreadsheet; every cell is text, so nothing in it can run."""
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "ddcheck questionnaire", "created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet("facts")
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    answer = book.add_format(
        {"text_wrap": True, "valign": "top", "bg_color": "#FFF8E1", "border": 1, "num_format": "@"}
    )
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, tr(title), bold)
    for row, definition in enumerate(facts, 1):
        where = definition.where if spoken() == "en" else ""
        for column, text in ((0, definition.id), (1, tr(definition.ask)), (2, _hint(definition)), (8, where)):
            sheet.write_string(row, column, text, wrap)
        for column in range(3, 8):
            sheet.write_string(row, column, "", answer)
        if definition.values:
            sheet.data_validation(row, 3, row, 3, {"validate": "list", "source": list(definition.values)})
    sheet.freeze_panes(1, 1)
    book.add_worksheet("platform").write_row(0, 0, ["kind", kind])
    book.close()
    return buffer.getvalue()


# ------------------------------------------------------------------------------------------- tables for `ddcheck batch`

TABLE_FORMS = ("wide", "long")
_WIDE = ("name", "kind", "as_of", "known_by", "from", "known_on", "evidence", "source")
_LONG = ("platform", "kind", "fact", "value", "lo", "hi", "from", "until", "known_on", "evidence", "source", "locator")
_LONG_MORE = ("note", "status", "reason")
_SOURCE = ("id", "title", "publisher", "date", "url")
_GUIDE = ((mark("fact"), 44), (mark("question"), 70), (mark("what to write"), 44), (mark("where to look"), 50))


def table_rows(facts: Iterable[FactDef], form: str) -> list[list[str]]:
    """A table to fill in, as `ddcheck batch` reads it: its headings, and in the long form a row for each fact.

    Args:
        facts: The facts to ask for; tables of facts stand in the long form only, a row for each of their columns.
        form: `wide`, one row a platform, or `long`, one row a fact.
    """
    if form == "wide":
        return [[*_WIDE, *(fact.id for fact in facts if fact.type != "table")]]
    heading = [*_LONG, *_LONG_MORE]
    asked = heading.index("fact")
    rows = [heading]
    for fact in facts:
        for id in [f"{fact.id}[1].{column}" for column in fact.columns] if fact.type == "table" else [fact.id]:
            row = [""] * len(heading)
            row[asked] = id
            rows.append(row)
    return rows


def csv_table(facts: Iterable[FactDef], form: str) -> str:
    """A table to fill in, as CSV."""
    return "".join(",".join(row) + "\n" for row in table_rows(facts, form))


def xlsx_table(facts: Iterable[FactDef], form: str) -> bytes:
    """A table to fill in, as a spreadsheet with the questions and a sheet for sources beside it."""
    import xlsxwriter

    facts = list(facts)
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "ddcheck table", "created": datetime(2000, 1, 1)})
    bold, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("platforms")
    for number, row in enumerate(table_rows(facts, form)):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text, bold if number == 0 else None)
    sheet.set_column(0, len(_WIDE) + len(facts), 18)
    sheet.freeze_panes(1, 1)
    guide = book.add_worksheet("questions")
    for column, (title, width) in enumerate(_GUIDE):
        guide.set_column(column, column, width)
        guide.write_string(0, column, tr(title), bold)
    for number, fact in enumerate(facts, 1):
        where = fact.where if spoken() == "en" else ""
        for column, text in enumerate((fact.id, tr(fact.ask), _hint(fact), where)):
            guide.write_string(number, column, text, wrap)
    listed = book.add_worksheet("sources")
    for column, text in enumerate(_SOURCE):
        listed.set_column(column, column, 30)
        listed.write_string(0, column, text, bold)
    book.close()
    return buffer.getvalue()
