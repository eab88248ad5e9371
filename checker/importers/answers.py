"""Reads a filled-in questionnaire: Markdown, a spreadsheet, YAML or JSON, each value with the place it stands at.

What is read comes from the platform that is judged, or from anyone who says so: size is bounded, nothing is evaluated,
a formula is refused. Whether the answers fit the dictionary of facts is not looked at here.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from checker.assess.questionnaire import (
    ANSWER_KEYS,
    FENCE,
    FORMAT,
    FORMAT_KEY,
    HEAD_KEYS,
    KEY_ROW,
    QUESTIONS_SHEET,
    SAID_KEYS,
)
from checker.model.document import Document, Place, parse_json, parse_yaml, read_bytes, read_text
from checker.model.errors import Fault, InputError, did_you_mean, quoted

MAX_UNPACKED = 64 * 1024 * 1024  # bytes of a spreadsheet when unpacked
MAX_ROWS = 5_000  # of a sheet
MAX_COLUMNS = 200
_PARTS = 2_000  # files inside a spreadsheet
_FENCE = re.compile(rf"^\s*```\s*{FENCE}(s?)\s+(\S+)\s*$")
_END = re.compile(r"^\s*```\s*$")
_LINE = re.compile(r"^(\s*)([A-Za-z_][A-Za-z_ ]*?)\s*:\s*(.*?)\s*$")
_RULE = re.compile(r"^\s*\|?[\s|:-]*-[\s|:-]*\|?\s*$")
_CELL = re.compile(r"((?:[^|\\]|\\.)*)(?:\||$)")


@dataclass(frozen=True)
class Spot:
    """A place in a file: of a text line and column, of a spreadsheet sheet and cell (then part of `file`)."""

    file: str
    line: int | None = None
    column: int | None = None

    def fault(self, message: str, hint: str = "", key: str = "") -> Fault:
        """A fault at this place."""
        return Fault(self.file, message, hint, self.line, self.column, key)


@dataclass(frozen=True)
class Written:
    """A value as somebody wrote it: text, a number, a truth, or `{lo, hi}`."""

    value: object
    at: Spot


@dataclass(frozen=True)
class Reply:
    """What is said about one fact.

    Attributes:
        fact: The fact's id.
        said: What is filled in, by key; what is blank is left out.
        rows: Rows of a table by column; blank cells are left out.
    """

    fact: Written
    said: Mapping[str, Written]
    rows: tuple[Mapping[str, Written], ...] = ()


@dataclass(frozen=True)
class Replies:
    """A filled-in questionnaire.

    Attributes:
        path: The file as the user named it.
        sha256: Digest of the file.
        head: Platform, who answered, and when, as far as filled in.
        replies: One for each question of the file, those left blank too.
    """

    path: str
    sha256: str
    head: Mapping[str, Written]
    replies: tuple[Reply, ...]


def read_answers(path: str | Path) -> Replies:
    """Reads a filled-in questionnaire; the end of its name says which form it has.

    Raises:
        InputError: The file cannot be read or is no questionnaire; carries every fault.
    """
    readers: Mapping[str, Callable[[str], Replies]] = {
        ".md": _markdown,
        ".xlsx": _spreadsheet,
        ".yaml": lambda name: _document(name, parse_yaml),
        ".yml": lambda name: _document(name, parse_yaml),
        ".json": lambda name: _document(name, parse_json),
    }
    suffix = Path(path).suffix.lower()
    if suffix not in readers:
        near = did_you_mean(suffix, readers) if suffix else ""
        raise InputError([Fault(str(path), "no form of questionnaire ends like this", near or "Use .md or .xlsx.")])
    replies = readers[suffix](str(path))
    if not replies.replies:
        raise InputError([Fault(str(path), "no question stands here", "`ddcheck ask` writes the questionnaire.")])
    return replies


@dataclass
class _Collected:
    """What was read so far, and what is wrong with it."""

    path: str
    head: dict[str, Written] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _seen: dict[str, Spot] = field(default_factory=dict)

    def keep(self, fact: Written, said: Mapping[str, Written], rows: Iterable[Mapping[str, Written]] = ()) -> None:
        """One question with what is filled in."""
        id = str(fact.value)
        if (first := self._seen.get(id)) is not None:
            where = f"line {first.line}" if first.line else first.file
            self.faults.append(fact.at.fault(f"{quoted(id)} is answered twice, first in {where}", "Keep one.", id))
        self._seen.setdefault(id, fact.at)
        self.replies.append(Reply(fact, dict(said), tuple(row for row in rows if row)))

    def known(self, name: str, keys: Sequence[str], at: Spot) -> bool:
        """Whether a key is one of those that may stand here; notes the fault if not."""
        if name in keys:
            return True
        self.faults.append(at.fault(f"unknown key {quoted(name)}", did_you_mean(name, keys)))
        return False

    def done(self, sha256: str) -> Replies:
        """Everything, or all faults."""
        if self.faults:
            raise InputError(self.faults)
        return Replies(self.path, sha256, self.head, tuple(self.replies))


# -------------------------------------------------------------------------------------------------------- Markdown


def _markdown(path: str) -> Replies:
    text, sha256 = read_text(path)
    found = _Collected(path)
    block: tuple[str, str, Spot] | None = None  # plural, id, place
    said: dict[str, Written] = {}
    table: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if block is None:
            if match := _FENCE.match(line):
                block, said, table = (match[1], match[2], Spot(path, number, match.start(2) + 1)), {}, []
            continue
        plural, id, at = block
        if _END.match(line):
            if plural:
                found.head |= said
            else:
                found.keep(Written(id, at), said, _pipe_rows(found, table))
            block = None
        elif plural and id != str(FORMAT):
            found.faults.append(at.fault(f"expected format {FORMAT}, found {quoted(id)}"))
            break
        elif line.lstrip().startswith("|"):
            table.append((number, line))
        elif line.strip():
            _said(found, said, line, number, HEAD_KEYS if plural else ANSWER_KEYS)
    if block is not None and not found.faults:
        found.faults.append(block[2].fault("the block that starts here has no end", "Close it with a line of ```."))
    return found.done(sha256)


def _said(found: _Collected, said: dict[str, Written], line: str, number: int, keys: Sequence[str]) -> None:
    """One line of a block: `key: value`."""
    match = _LINE.match(line)
    if match is None:
        at = Spot(found.path, number, len(line) - len(line.lstrip()) + 1)
        found.faults.append(
            at.fault(f"expected a line such as `answer: ...`, found {quoted(line.strip())}", "Write it in one line.")
        )
        return
    key = match[2].strip().lower().replace(" ", "_")
    at = Spot(found.path, number, match.start(3) + 1)
    if not found.known(key, keys, Spot(found.path, number, match.start(2) + 1)):
        return
    if key in said:
        found.faults.append(at.fault(f"{quoted(key)} is given twice", "Keep one."))
    if match[3]:
        said[key] = Written(match[3], at)


def _pipe_rows(found: _Collected, lines: Sequence[tuple[int, str]]) -> Iterator[dict[str, Written]]:
    """The rows of a table drawn with `|`; the first line names the columns."""
    names: list[str] | None = None
    for number, line in lines:
        if _RULE.match(line):
            continue
        start = line.index("|") + 1
        cells = [
            (match[1].strip().replace("\\|", "|"), match.start(1) + len(match[1]) - len(match[1].lstrip()) + 1)
            for match in _CELL.finditer(line.rstrip().removesuffix("|"), start)
        ]
        if names is None:
            names = [text for text, _ in cells]
            continue
        row: dict[str, Written] = {}
        for index, (text, column) in enumerate(cells):
            if index >= len(names):
                if text:
                    found.faults.append(
                        Spot(found.path, number, column).fault("a cell beyond the last column", "See the first line.")
                    )
            elif text:
                row[names[index]] = Written(text, Spot(found.path, number, column))
        yield row


# --------------------------------------------------------------------------------------------------- YAML and JSON


def _document(path: str, parse: Callable[[str, str], Document]) -> Replies:
    text, sha256 = read_text(path)
    document = parse(text, path)
    found = _Collected(path)

    def at(place: Place, key: bool = False) -> Spot:
        return Spot(path, *document.position(place, key=key))

    top = document.value
    if not isinstance(top, dict) or FORMAT_KEY not in top:
        message = f"{FORMAT_KEY!r} is missing: this is no questionnaire"
        raise InputError([at(()).fault(message, "`ddcheck ask` writes one.")])
    if top[FORMAT_KEY] != FORMAT or isinstance(top[FORMAT_KEY], bool):
        raise InputError([at((FORMAT_KEY,)).fault(f"expected format {FORMAT}, found {quoted(top[FORMAT_KEY])}")])
    for key, value in top.items():
        found.known(key, (FORMAT_KEY, *HEAD_KEYS, "answers"), at((key,), True))
        if key in HEAD_KEYS and not _blank(value):
            found.head[key] = Written(value, at((key,)))
    answers = top.get("answers")
    if not isinstance(answers, dict):
        found.faults.append(at(("answers",)).fault(f"expected an object by fact, found {quoted(answers)}"))
        return found.done(sha256)
    for fact, body in answers.items():
        place = ("answers", fact)
        if not isinstance(body, dict):
            hint = 'Write {"answer": ..., "date": ...}.'
            found.faults.append(at(place).fault(f"expected an object, found {quoted(body)}", hint, fact))
            continue
        said: dict[str, Written] = {}
        for key, value in body.items():
            if found.known(key, (*ANSWER_KEYS, "rows", *SAID_KEYS), at((*place, key), True)) and (
                key in ANSWER_KEYS and not _blank(value)
            ):
                said[key] = Written(value, at((*place, key)))
        rows = list(_object_rows(found, body.get("rows"), (*place, "rows"), at))
        found.keep(Written(fact, at(place, True)), said, rows)
    return found.done(sha256)


def _object_rows(
    found: _Collected, raw: Any, place: Place, at: Callable[[Place], Spot]
) -> Iterator[dict[str, Written]]:
    if raw is not None and not isinstance(raw, list):
        found.faults.append(at(place).fault(f"expected a list of rows, found {quoted(raw)}"))
        return
    for index, row in enumerate(raw or ()):
        if isinstance(row, dict):
            yield {name: Written(cell, at((*place, index, name))) for name, cell in row.items() if not _blank(cell)}
        else:
            found.faults.append(at((*place, index)).fault(f"expected an object for each row, found {quoted(row)}"))


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


# ----------------------------------------------------------------------------------------------------- spreadsheet


def _spreadsheet(path: str) -> Replies:
    content = read_bytes(path)
    found = _Collected(path)
    sheets = {name: list(rows) for name, rows in _sheets(path, content, found)}
    questions = sheets.pop(QUESTIONS_SHEET, None)
    if questions is None:
        near = did_you_mean(QUESTIONS_SHEET, sheets) or f"Sheets: {', '.join(sheets)}."
        raise InputError([Fault(path, f"there is no sheet {QUESTIONS_SHEET!r}", "" if "mean" in near else near)])
    tables = dict(_table_sheets(found, sheets))
    names: dict[int, str] = {}
    headings = 0
    for number, cells in enumerate(questions, 1):

        def at(column: int, row: int = number) -> Spot:
            return _cell(path, QUESTIONS_SHEET, row, column)

        if not names:
            key = cells.get(1)
            if cells.get(0) == KEY_ROW:
                headings = number + 1
                names = {column: str(name) for column, name in cells.items() if column}
                for column, name in names.items():
                    found.known(name, (*ANSWER_KEYS, "fact", *SAID_KEYS), at(column))
            elif key in HEAD_KEYS and not _blank(cells.get(3)):
                found.head[str(key)] = Written(cells[3], at(3))
            continue
        by_name = {names[column]: (column, value) for column, value in cells.items() if column in names}
        if number == headings and "." not in str(by_name.get("fact", (0, ""))[1]):
            continue
        said = {
            key: Written(by_name[key][1], at(by_name[key][0]))
            for key in ANSWER_KEYS
            if key in by_name and not _blank(by_name[key][1])
        }
        if "fact" in by_name and not _blank(by_name["fact"][1]):
            column, fact = by_name["fact"]
            found.keep(Written(str(fact).strip(), at(column)), said, tables.pop(str(fact).strip(), ()))
        elif said:
            first = next(iter(said.values()))
            found.faults.append(first.at.fault("an answer in a row that names no fact", "Its id stands in the row."))
    if not names:
        message = f"the row that names the columns is missing: its first cell says {KEY_ROW!r}"
        found.faults.append(Fault(f"{path}, sheet {QUESTIONS_SHEET}", message, "Do not delete the small print."))
    for fact, rows in tables.items():
        if rows := [row for row in rows if row]:
            message = f"rows of {quoted(fact)}, which the sheet {QUESTIONS_SHEET!r} does not ask"
            found.faults.append(next(iter(rows[0].values())).at.fault(message))
    return found.done(hashlib.sha256(content).hexdigest())


def _table_sheets(
    found: _Collected, sheets: Mapping[str, Sequence[Mapping[int, object]]]
) -> Iterator[tuple[str, list[dict[str, Written]]]]:
    """The rows of every sheet that holds a table, by the fact's id: below ids, question, names, meanings and forms."""
    for sheet, lines in sheets.items():
        if not lines or lines[0].get(0) != KEY_ROW or len(lines) < 3:
            continue
        names = {column: str(name).strip() for column, name in lines[2].items() if not _blank(name)}
        rows: list[dict[str, Written]] = []
        for number, cells in enumerate(lines[5:], 6):
            row: dict[str, Written] = {}
            for column, value in cells.items():
                at = _cell(found.path, sheet, number, column)
                if column in names:
                    row[names[column]] = Written(value, at)
                else:
                    found.faults.append(at.fault("a cell beyond the last column", "The third row names the columns."))
            rows.append(row)
        yield str(lines[0].get(1)).strip(), rows


def _cell(path: str, sheet: str, row: int, column: int) -> Spot:
    """The place of a cell, as a spreadsheet names it.

    >>> _cell("a.xlsx", "questions", 12, 27).file
    'a.xlsx, sheet questions, cell AB12'
    """
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return Spot(f"{path}, sheet {sheet}, cell {letters}{row}")


def _sheets(path: str, content: bytes, found: _Collected) -> Iterator[tuple[str, Iterator[dict[int, object]]]]:
    """Every sheet with the cells of its rows by column, blank ones left out."""
    import warnings

    from openpyxl import load_workbook

    _check_size(path, content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
            sheets = [
                (sheet.title, [_cells(found, sheet.title, row, cells) for row, cells in enumerate(_rows(sheet), 1)])
                for sheet in book.worksheets
            ]
            book.close()
        except Exception as error:
            message = f"not a spreadsheet that can be read ({type(error).__name__})"
            raise InputError([Fault(path, message, "Save it again as .xlsx.")]) from None
    yield from ((title, iter(rows)) for title, rows in sheets)


def _rows(sheet: Any) -> Iterable[Sequence[Any]]:
    rows: Iterable[Sequence[Any]] = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)
    return rows


def _cells(found: _Collected, sheet: str, row: int, cells: Sequence[Any]) -> dict[int, object]:
    kept: dict[int, object] = {}
    for column, cell in enumerate(cells):
        value = cell.value
        if _blank(value):
            continue
        if cell.data_type in ("f", "e"):
            what = "a formula" if cell.data_type == "f" else "an error"
            found.faults.append(
                _cell(found.path, sheet, row, column).fault(f"{what} in place of a value", "Write the value.")
            )
            continue
        if isinstance(value, datetime):
            value = value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        elif isinstance(value, date):
            value = value.isoformat()
        kept[column] = value.strip() if isinstance(value, str) else value
    return kept


def _check_size(path: str, content: bytes) -> None:
    """Refuses what would unpack to more than a questionnaire can hold."""
    try:
        parts = zipfile.ZipFile(BytesIO(content)).infolist()
    except zipfile.BadZipFile:
        raise InputError(
            [Fault(path, "not a spreadsheet: an .xlsx file is a zip archive", "Save it as .xlsx.")]
        ) from None
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        message = f"the spreadsheet unpacks to more than {MAX_UNPACKED:,} bytes or {_PARTS:,} parts"
        raise InputError([Fault(path, message, "Copy the answers into the questionnaire as it was sent.")])
