"""Questionnaires: a profile to fill in, from the dictionary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

from checker.model.dictionary import Dictionary, FactDef
from checker.model.document import read_document
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
            form = {"rate": '"8.5%"', "share": '"40%"', "money": '"1.2bn"'}.get(unit, "a number")
            return f"{unit}, such as {form}" if unit in ("rate", "share", "money") else unit
        case "bool":
            return "true or false"
        case "enum":
            return " | ".join(definition.values)
        case "table":
            return "rows with " + ", ".join(definition.columns)
        case _:
            return definition.type


def yaml_template(facts: Iterable[FactDef], kind: str) -> str:
    """A profile in YAML with the question above every fact."""
    lines = [
        "# A profile for ddcheck. Fill in what you know; leave the rest as null.",
        "# A fact may be a bare value, or {value, from, until, known_on, evidence, source, locator};",
        "# a list of those is its history.",
        "# The defaults below are used wherever a fact does not say it itself.",
        "ddcheck: 1",
        "platform:",
        "  name: null    # the platform's name",
        f"  kind: {kind}",
        "defaults:",
        "  from: null        # first day on which it was true, such as 2026-01-31",
        "  known_on: null    # first day on which the public could know",
        "  evidence: null    # advertised, terms_of_use, company_disclosed, analyst, onchain, audit, register ...",
        "  source: null      # an id from sources below",
    ]
    section = ""
    for definition in facts:
        if definition.section != section:
            section = definition.section
            lines += ["", f"{section}:"]
        name = definition.id.partition(".")[2]
        lines += [f"  # {definition.ask}", f"  # {definition.where}", f"  {name}: null    # {_hint(definition)}"]
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
    ("fact", 34),
    ("question", 60),
    ("what to write", 30),
    ("value", 22),
    ("from", 12),
    ("known on", 12),
    ("evidence", 18),
    ("source", 40),
    ("where to look", 40),
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
        sheet.write_string(0, column, title, bold)
    for row, definition in enumerate(facts, 1):
        for column, text in ((0, definition.id), (1, definition.ask), (2, _hint(definition)), (8, definition.where)):
            sheet.write_string(row, column, text, wrap)
        for column in range(3, 8):
            sheet.write_string(row, column, "", answer)
        if definition.values:
            sheet.data_validation(row, 3, row, 3, {"validate": "list", "source": list(definition.values)})
    sheet.freeze_panes(1, 1)
    book.add_worksheet("platform").write_row(0, 0, ["kind", kind])
    book.close()
    return buffer.getvalue()
