"""Rows of CSV, XLSX and Parquet files, one at a time, each value with its place; nothing is evaluated.

What is held in memory is one line of a CSV, one batch of a Parquet file, and of a spreadsheet its table of texts.
"""

from __future__ import annotations

import csv
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from checker.importers.records.record import in_cell
from checker.model.errors import Fault, InputError, UsageError, did_you_mean

MAX_LINE = 1024 * 1024
"""Characters of one line of a CSV."""
MAX_SHEET = 64 * 1024 * 1024
"""Bytes of a spreadsheet."""
MAX_UNPACKED = 512 * 1024 * 1024
"""Bytes of a spreadsheet when unpacked."""
MAX_PARTS = 10_000
MAX_COLUMNS = 4_096
BATCH_ROWS = 2_048
"""Rows of a Parquet file in memory at once."""
SOURCES_SHEET = "sources"
_NOT_TEXT = re.compile("[\ud800-\udfff\0]")

Cells = Sequence[object]


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read."""

    line: int
    faults: tuple[Fault, ...]


@dataclass
class Table:
    """A table that is being read.

    Attributes:
        file: The file as the user named it, with the sheet of a spreadsheet.
        headings: The headings of its columns, in order.
        rows: Its rows with their line or row number, the first after the headings first.
        heading_line: Line or row of the headings.
        cells: Whether places are cells of a spreadsheet.
        count: How many rows there are, or about so many; None where unknown.
        sources: Rows of the sheet of sources, by their id.
        shut: Closes the file.
    """

    file: str
    headings: Sequence[str]
    rows: Iterator[tuple[int, Cells] | BadRow]
    heading_line: int = 1
    cells: bool = False
    count: int | None = None
    sources: dict[str, dict[str, str]] | None = None
    shut: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Leave the file, read to its end or not."""
        self.shut()

    def fault(self, line: int, column: int, message: str, hint: str = "", key: str = "") -> Fault:
        """A fault at a cell."""
        found = Fault(self.file, message, hint, line, column, key)
        return in_cell(found) if self.cells else found


def open_table(path: Path, *, sheet: str | None = None) -> Table:
    """Opens a table by the end of its name.

    Raises:
        InputError: It cannot be read.
        UsageError: Reading it needs a library that is not installed.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            return _parquet(path)
        return _xlsx(path, sheet) if suffix == ".xlsx" else _csv(path)
    except OSError as error:
        message = f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})"
        raise InputError([Fault(path.as_posix(), message)]) from None


# --------------------------------------------------------------------------------------------------------------- CSV


def _csv(path: Path) -> Table:
    name = path.as_posix()
    file = open(path, encoding="utf-8-sig", errors="surrogateescape", newline="")  # noqa: SIM115 - closed by the rows
    try:
        first = file.readline(MAX_LINE + 1)
        if first.startswith(("\udcff\udcfe", "\udcfe\udcff")):
            raise InputError([Fault(name, "the text is in UTF-16", "Save it as UTF-8.", 1, 1)])
        if not first.strip():
            raise InputError([Fault(name, "the file is empty", "Its first line names the columns.")])
        if len(first) > MAX_LINE:
            raise InputError([Fault(name, f"a line longer than {MAX_LINE:,} characters", "", 1, 1)])
        tab, semicolon = first.count("\t"), first.count(";")
        commas = first.count(",")
        delimiter = "\t" if tab > max(commas, semicolon) else ";" if semicolon > commas else ","
        file.seek(0)
        headings, line = _next_line(csv.reader(_bounded(file), delimiter=delimiter, strict=True), name)
        if _NOT_TEXT.search("".join(headings)):
            raise InputError([Fault(name, "a heading that is not UTF-8", "Save the file as UTF-8.", 1, 1)])
    except BaseException:
        file.close()
        raise
    file.seek(0)

    def rows() -> Iterator[tuple[int, Cells] | BadRow]:
        reader = csv.reader(_bounded(file), delimiter=delimiter, strict=True)
        start = 1
        while True:
            try:
                cells = next(reader, None)
            except (csv.Error, InputError) as error:
                text = error.faults[0].message if isinstance(error, InputError) else f"not valid CSV: {error}"
                yield BadRow(start, (Fault(name, text, "What follows is not read.", start, 1),))
                return
            if cells is None:
                return
            at, start = start, reader.line_num + 1
            if at == 1 or not any(cell.strip() for cell in cells):
                continue
            bad = _bad_text(name, at, cells) or _beyond(name, at, cells, len(headings))
            yield BadRow(at, (bad,)) if bad else (at, cells)

    return Table(name, [heading.strip() for heading in headings], rows(), line, count=_lines(path) - 1, shut=file.close)


def _next_line(reader: Any, name: str) -> tuple[list[str], int]:
    try:
        return next(reader), 1
    except csv.Error as error:
        raise InputError([Fault(name, f"not valid CSV: {error}", "", 1, 1)]) from None


def _bounded(file: Any) -> Iterator[str]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise InputError([Fault("", f"a line longer than {MAX_LINE:,} characters")])
        yield line


def _lines(path: Path) -> int:
    """About how many lines a file has: those inside quotes count too."""
    with open(path, "rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _bad_text(name: str, line: int, cells: Sequence[str]) -> Fault | None:
    for column, cell in enumerate(cells, 1):
        if not cell.isascii() and _NOT_TEXT.search(cell):
            return Fault(name, "text that is not UTF-8", "Save the file as UTF-8.", line, column)
    return None


def _beyond(name: str, line: int, cells: Sequence[str], columns: int) -> Fault | None:
    extra = next((index for index, cell in enumerate(cells[columns:], columns + 1) if cell.strip()), None)
    if extra is None:
        return None
    return Fault(name, "a value beyond the last heading", "Does a value with a comma lack its quotes?", line, extra)


# ------------------------------------------------------------------------------------------------------------- XLSX


def _xlsx(path: Path, sheet: str | None) -> Table:
    import warnings

    from openpyxl import load_workbook

    name = path.as_posix()
    _check_size(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        except Exception as error:
            message = f"not a spreadsheet that can be read ({type(error).__name__})"
            raise InputError([Fault(name, message, "Save it again as .xlsx.")]) from None
    sheets = {found.title: found for found in book.worksheets}
    chosen = sheet or next((title for title in sheets if title != SOURCES_SHEET), "")
    if chosen not in sheets:
        raise InputError([Fault(name, f"there is no sheet {chosen!r}", did_you_mean(chosen, list(sheets)))])
    file = f"{name}, sheet {chosen}"
    sources = _sources(name, sheets[SOURCES_SHEET]) if SOURCES_SHEET in sheets and chosen != SOURCES_SHEET else None
    lines = _sheet_rows(file, sheets[chosen])
    first = next(lines, None)
    if first is None:
        raise InputError([Fault(file, "the sheet is empty", "Its first row names the columns.")])
    if isinstance(first, BadRow):
        raise InputError(first.faults)
    headings = ["" if cell is None else str(cell).strip() for cell in first[1]]
    while headings and not headings[-1]:
        headings.pop()

    def rows() -> Iterator[tuple[int, Cells] | BadRow]:
        for row in lines:
            if not isinstance(row, BadRow):
                line, cells = row
                extra = next(
                    (i for i, cell in enumerate(cells[len(headings) :], len(headings) + 1) if cell is not None), None
                )
                if extra is not None:
                    fault = in_cell(Fault(file, "a value beyond the last heading", "", line, extra))
                    row = BadRow(line, (fault,))
            yield row

    count = sheets[chosen].max_row
    return Table(file, headings, rows(), first[0], True, count - first[0] if count else None, sources, book.close)


def _check_size(path: Path) -> None:
    name = path.as_posix()
    if path.stat().st_size > MAX_SHEET:
        raise InputError(
            [Fault(name, f"the spreadsheet is larger than {MAX_SHEET:,} bytes", "Save it as CSV or Parquet.")]
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise InputError(
            [Fault(name, "not a spreadsheet: an .xlsx file is a zip archive", "Save it as .xlsx.")]
        ) from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        message = f"the spreadsheet unpacks to more than {MAX_UNPACKED:,} bytes or {MAX_PARTS:,} parts"
        raise InputError([Fault(name, message, "Save it as CSV or Parquet.")])


def _sheet_rows(file: str, sheet: Any) -> Iterator[tuple[int, Cells] | BadRow]:
    """The rows of a sheet that hold anything."""
    last = 0
    try:
        for line, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
            last = line
            faults = [
                in_cell(Fault(file, f"{what} in place of a value", "Write the value.", line, column))
                for column, cell in enumerate(cells, 1)
                if (what := {"f": "a formula", "e": "an error"}.get(getattr(cell, "data_type", ""), ""))
            ]
            values = [plain_cell(cell.value) for cell in cells]
            if faults:
                yield BadRow(line, tuple(faults))
            elif any(value is not None for value in values):
                yield line, values
    except InputError:
        raise
    except Exception as error:  # a damaged part of the archive shows only while it is read
        message = f"the sheet cannot be read beyond row {last} ({type(error).__name__})"
        yield BadRow(last + 1, (Fault(file, message, "Save it again as .xlsx."),))


def _sources(name: str, sheet: Any) -> dict[str, dict[str, str]]:
    """The sheet of sources: a row each, its first row names id, title, publisher, date, url."""
    found: dict[str, dict[str, str]] = {}
    names: list[str] = []
    for row in _sheet_rows(f"{name}, sheet {SOURCES_SHEET}", sheet):
        if isinstance(row, BadRow):
            raise InputError(row.faults)
        texts = ["" if cell is None else str(cell).strip() for cell in row[1]]
        if not names:
            names = texts
            continue
        entry = {key: text for key, text in zip(names, texts, strict=False) if key and text}
        if id := entry.pop("id", ""):
            found[id] = entry
    return found


# ---------------------------------------------------------------------------------------------------------- Parquet


def _parquet(path: Path) -> Table:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("reading Parquet needs pyarrow: pip install 'ddcheck[parquet]'") from None
    name = path.as_posix()
    try:
        file = parquet.ParquetFile(path)
        schema = file.schema_arrow
        nested = [field.name for field in schema if arrow.types.is_nested(field.type)]
    except (arrow.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError([Fault(name, f"not a Parquet file that can be read ({first})")]) from None

    def rows() -> Iterator[tuple[int, Cells] | BadRow]:
        line = 0
        columns = [field.name for field in schema if field.name not in nested]
        try:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
                values = [column.to_pylist() for column in batch.columns]
                for cells in zip(*values, strict=True):
                    line += 1
                    yield line, [plain_cell(cell) for cell in cells]
        except (arrow.ArrowException, OSError, ValueError) as error:
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            yield BadRow(line + 1, (Fault(name, f"the file cannot be read beyond row {line} ({first})"),))

    headings = [field.name for field in schema if field.name not in nested]
    return Table(name, headings, rows(), 1, count=file.metadata.num_rows, shut=file.close)


def plain_cell(value: object) -> object:
    """A value as text, number or truth; what says nothing is None, a day is written year-month-day."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    text = str(value).strip()
    return text or None


def headings_twice(headings: Iterable[str]) -> list[int]:
    """Columns, counted from 1, whose heading stood before."""
    seen: set[str] = set()
    found = []
    for column, heading in enumerate(headings, 1):
        if heading and heading in seen:
            found.append(column)
        seen.add(heading)
    return found
