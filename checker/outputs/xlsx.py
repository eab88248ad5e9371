"""The assessment as a workbook: a sheet for the verdict and one for each table.

Every cell of text is written as text, so that nothing in it can run; only http and https addresses become links. No
clock goes into the file: its date is the cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.language import tr
from checker.outputs.page import SYMBOLS, clean, safe_link
from checker.outputs.tables import Cell, Sheet, Tables, changed_sentences, defused, one_line
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

ORDER = ("verdict", "findings", "facts", "numbers", "questions", "sources", "parameters")
_MOST = 32_767  # characters of a cell
_LONGEST_LINK = 2_000  # characters; the format takes 2,079
_WIDEST_TITLE = 255  # characters of a property of the document
_COLOURS: Mapping[str, Mapping[str, object]] = {
    "pass": {"font_color": "#14603A", "bg_color": "#E6F3EB"},
    "warn": {"font_color": "#3A2900", "bg_color": "#F4CD68"},
    "fail": {"font_color": "#FFFFFF", "bg_color": "#8C1A1F", "bold": True},
    "open": {"font_color": "#2A3A55", "bg_color": "#FFFFFF", "border": 4},
    "presumed": {"font_color": "#8C1A1F", "bg_color": "#F9E3E1", "border": 4, "bold": True},
    "na": {"font_color": "#5A6573", "bg_color": "#E8EBEF"},
}
_SHARES = ("lo", "hi", "number")


class _Formats:
    """The formats of a workbook, made once."""

    def __init__(self, book: Workbook) -> None:
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EBEF"}
        )
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#5A6573"})
        self.cell = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"text_wrap": True, "valign": "top", "bold": True})
        self.share = book.add_format({"valign": "top", "num_format": "0.00%"})
        self.plain = book.add_format({"valign": "top", "num_format": "#,##0.####"})
        self.link = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#24507F", "underline": 1})
        self.states = {
            state: book.add_format({"text_wrap": True, "valign": "top", **colour}) for state, colour in _COLOURS.items()
        }


def text_cell(cell: str) -> str:
    """Text as a cell holds it: clean, at most as long as the format allows, never a formula if copied elsewhere."""
    text = str(defused(clean(cell)))
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, unit: object, formats: _Formats) -> None:
    if isinstance(cell, bool):
        sheet.write_string(row, column, tr("yes") if cell else tr("no"), formats.cell)
    elif isinstance(cell, (int, float)):
        sheet.write_number(row, column, cell, formats.share if unit in ("rate", "share") else formats.plain)
    else:
        sheet.write_string(row, column, text_cell(cell or ""), formats.cell)


def write_table(sheet: Worksheet, table: Sheet, formats: Any, top: int = 0) -> None:
    """Write a table with a heading row that stays in view and can be filtered."""
    keys = [column.key for column in table.columns]
    unit = keys.index("unit") if "unit" in keys else None
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(top, place, column.heading, formats.head)
    for index, row in enumerate(table.rows):
        at = top + 1 + index
        for place, cell in enumerate(row):
            key = keys[place]
            if key == "outcome_text" and table.states:
                state = table.states[index]
                sheet.write_string(at, place, f"{SYMBOLS[state]} {text_cell(str(cell))}", formats.states[state])
            elif key == "url" and isinstance(cell, str) and safe_link(cell) and len(cell) <= _LONGEST_LINK:
                sheet.write_url(at, place, cell, formats.link, text_cell(cell))
            else:
                told = row[unit] if unit is not None and key in _SHARES else ""
                _write(sheet, at, place, cell, told, formats)
    sheet.freeze_panes(top + 1, 1)
    if table.rows:
        sheet.autofilter(top, 0, top + len(table.rows), len(keys) - 1)
    _for_print(sheet, top)


def _for_print(sheet: Worksheet, top: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)


def open_book(title: str, day: str) -> tuple[BytesIO, Workbook]:
    """An empty workbook in memory, its date that of the cut."""
    import xlsxwriter

    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties(
        {"title": one_line(title)[:_WIDEST_TITLE], "author": "ddcheck", "created": datetime.fromisoformat(day)}
    )
    return buffer, book


def render_xlsx(assessment: Assessment, rulebook: Rulebook) -> bytes:
    """The assessment as a workbook (Office Open XML); the same assessment gives the same bytes."""
    tables = Tables(assessment, rulebook)
    title = tr("{name}: due diligence, {cut}").format(name=assessment.name, cut=words.cut_text(assessment))
    buffer, book = open_book(title, assessment.options.known_by)
    formats = _Formats(book)
    for id in ORDER:
        table = tables.table(id)
        sheet = book.add_worksheet(table.title[:31])
        if id == "verdict":
            _write_verdict(sheet, table, title, assessment, formats)
        else:
            write_table(sheet, table, formats)
    book.close()
    return buffer.getvalue()


def _write_verdict(sheet: Worksheet, table: Sheet, title: str, assessment: Assessment, formats: _Formats) -> None:
    """The verdict on the first sheet, with what the user changed above it and the words of the verdict in bold."""
    sheet.write_string(0, 0, text_cell(one_line(title)), formats.title)
    notes = [*changed_sentences(assessment), words.motto()]
    for row, note in enumerate(notes, 1):
        sheet.write_string(row, 0, text_cell(note))
    top = len(notes) + 2
    write_table(sheet, table, formats, top)
    for index, (key, _, value) in enumerate(table.rows, top + 1):
        if str(key) in ("certain", "best", "worst", "grade") or str(key).startswith("status."):
            sheet.write_string(index, 2, text_cell(str(value)), formats.bold)
