"""Reads profiles out of any of the files a batch takes, one record at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from checker.importers.records.draft import (
    COMPLETE,
    CellError,
    Draft,
    as_written,
    meant,
    says_nothing,
)
from checker.importers.records.find import LINES, PROFILES, TABLES, find_files, named
from checker.importers.records.mapping import NONE, ColumnMap, Mapping
from checker.importers.records.record import Record, Unread, digest, in_cell, unread
from checker.importers.records.tables import BadRow, Cells, Table, headings_twice, open_table
from checker.importers.records.target import LONG, SAID, Target, TargetError, read_target
from checker.model.dictionary import Dictionary
from checker.model.document import MAX_BYTES, parse_json, read_bytes
from checker.model.errors import Fault, InputError, quoted

GROUPED_BYTES = 64 * 1024 * 1024
"""A table in the long form up to this size may have the rows of a platform anywhere; beyond, they stand together."""

Found = Record | Unread


@dataclass(frozen=True)
class Sources:
    """The files of a batch, found and counted before any is read.

    Attributes:
        profiles: Files that hold one profile each, with their names.
        others: Files that hold many.
        unread: What could not be made a record of before, as entries of a list that was imported.
    """

    profiles: tuple[tuple[Path, str], ...]
    others: tuple[Path, ...]
    unread: tuple[Unread, ...] = ()


def sources(paths: Sequence[str], *, without: Path | None = None) -> Sources:
    """The files that paths name.

    Raises:
        UsageError: A path names nothing.
    """
    files = find_files(paths, (*PROFILES, *LINES, *TABLES), without=without)
    many = [path for path in files if path.suffix.lower() in (*LINES, *TABLES)]
    single = [path for path in files if path.suffix.lower() not in (*LINES, *TABLES)]
    return Sources(tuple((job.path, job.name) for job in named(single)), tuple(many))


def records(
    found: Sources,
    dictionary: Dictionary,
    mapping: Mapping | None = None,
    *,
    cut: tuple[date, date] | None = None,
) -> Iterator[Found]:
    """Every record of every file, in the order of the files; what cannot be read comes with its faults.

    What was found to be unreadable before comes first.

    Args:
        found: The files.
        dictionary: The facts that columns may state.
        mapping: How foreign columns are read.
        cut: Day judged and day known by of records that name none; None where they are judged on many days.
    """
    known = _Known(cut)
    yield from found.unread
    for record in _all(found, dictionary, mapping or NONE):
        if isinstance(record, Record) and known.twice(record):
            yield Unread(record.file, (_twice(record),))
        else:
            yield record


class _Known:
    """The platforms and days that stood before, by digests of a few bytes each."""

    def __init__(self, cut: tuple[date, date] | None) -> None:
        self.cut = cut
        self.seen: set[bytes] = set()

    def twice(self, record: Record) -> bool:
        """Whether the same platform was there for the same day; one without a day stands for all days."""
        day = record.cut or self.cut
        whole, any_day = self._digest(record.id, "all"), self._digest(record.id, "any")
        own = self._digest(record.id, f"{day[0]} {day[1]}") if day is not None else whole
        again = own in self.seen or (whole if record.cut is not None else any_day if day is None else own) in self.seen
        self.seen |= {own} if self.cut is not None else {own, any_day}
        return again

    @staticmethod
    def _digest(*parts: str) -> bytes:
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _twice(record: Record) -> Fault:
    what = f"{quoted(record.id)} stands here again"
    if record.cut:
        what = f"{quoted(record.id)} stands here again for the same day"
    hint = "A platform stands once in a batch, or once for each day: give it an id of its own, or a day in as_of."
    fault = Fault(record.file, what, hint, record.line, 1 if record.line else None)
    return in_cell(fault) if record.cells else fault


def _all(found: Sources, dictionary: Dictionary, mapping: Mapping) -> Iterator[Found]:
    for path, name in found.profiles:
        try:
            sha256 = hashlib.sha256(read_bytes(path, max_bytes=MAX_BYTES)).hexdigest()
        except InputError as error:
            yield unread(path, error)
        else:
            yield Record(name, path.as_posix(), None, sha256)
    for path in found.others:
        try:
            if path.suffix.lower() in LINES:
                yield from _lines(path)
            else:
                with closing(open_table(path, sheet=mapping.sheet)) as table:
                    yield from table_records(table, path, dictionary, mapping)
        except InputError as error:
            yield unread(path, error)


def expected(found: Sources) -> int | None:
    """About how many records there are, without reading them; None where only reading tells."""
    count = len(found.profiles) + len(found.unread)
    for path in found.others:
        try:
            if path.suffix.lower() == ".parquet":
                from pyarrow import parquet

                count += parquet.read_metadata(path).num_rows
            elif path.suffix.lower() == ".xlsx":
                return None
            else:
                with open(path, "rb") as file:
                    lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
                count += lines - (path.suffix.lower() not in LINES)
        except Exception:  # told when the file is read
            return None
    return count


# -------------------------------------------------------------------------------------------------------- JSON lines


def _lines(path: Path) -> Iterator[Found]:
    name = path.as_posix()
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        message = f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})"
        raise InputError([Fault(name, message)]) from None
    with file:
        number = 0
        while raw := file.readline(MAX_BYTES + 1):
            number += 1
            if len(raw) > MAX_BYTES:
                while raw and not raw.endswith(b"\n"):
                    raw = file.readline(MAX_BYTES)
                yield Unread(name, (Fault(name, f"the line is longer than {MAX_BYTES:,} bytes", "", number, 1),))
                continue
            if raw.strip():
                yield line_record(raw, name, number)


def line_record(raw: bytes, name: str, number: int) -> Found:
    """A profile as JSON that stands in a line or row of a file."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = Fault(name, f"byte 0x{raw[error.start]:02x} is not UTF-8", "Save the file as UTF-8.", number, 1)
        return Unread(name, (fault,))
    record = Record("", name, number, hashlib.sha256(raw.strip()).hexdigest(), text=text)
    try:
        value = parse_json(text, name).value
    except InputError as error:
        return Unread(name, record.located(error.faults))
    platform = value.get("platform") if isinstance(value, dict) else None
    title = platform.get("name") if isinstance(platform, dict) else None
    id = title.strip() if isinstance(title, str) and title.strip() else f"{Path(name).stem}-{number}"
    return replace(record, id=id)


# ------------------------------------------------------------------------------------------------------------ tables


@dataclass(frozen=True)
class _Column:
    """A column that is read."""

    number: int
    heading: str
    target: Target
    map: ColumnMap | None


def table_records(table: Table, path: Path, dictionary: Dictionary, mapping: Mapping) -> Iterator[Found]:
    """The records of one table.

    Raises:
        InputError: Its headings are wrong; carries every fault.
    """
    long = mapping.form == "long" if mapping.form else _is_long(table, mapping)
    columns = _columns(table, dictionary, mapping, long=long)
    reader = _Reader(table, path, dictionary, mapping, columns)
    yield from reader.long() if long else reader.wide()


def _targets(table: Table, mapping: Mapping) -> list[str]:
    found = []
    for heading in table.headings:
        column = mapping.columns.get(heading)
        found.append(column.to if column is not None else heading)
    return found


def _is_long(table: Table, mapping: Mapping) -> bool:
    targets = {target.strip() for target in _targets(table, mapping)}
    return "fact" in targets and bool(targets & {"value", "lo", "hi", "status"})


def _columns(table: Table, dictionary: Dictionary, mapping: Mapping, *, long: bool) -> list[_Column]:
    faults: list[Fault] = []

    def fault(column: int, message: str, hint: str = "") -> None:
        faults.append(table.fault(table.heading_line, column, message, hint))

    for column in headings_twice(table.headings):
        fault(column, f"two columns are called {quoted(table.headings[column - 1])}", "Rename one.")
    found: list[_Column] = []
    used: dict[Target, int] = {}
    for number, heading in enumerate(table.headings, 1):
        map = mapping.columns.get(heading)
        if not heading or (map is None and heading in mapping.columns):
            continue
        try:
            target = read_target(map.to if map is not None else heading, dictionary, long=long)
        except TargetError as error:
            if map is None and mapping.others == "ignore":
                continue
            fault(number, error.message, error.hint)
            continue
        if target in used:
            fault(number, f"it states the same as column {used[target]}", "Leave one of them out.")
        used[target] = number
        found.append(_Column(number, heading, target, map))
    for heading in mapping.columns:
        if heading not in table.headings:
            faults.append(
                table.fault(table.heading_line, 1, f"the mapping names a column {quoted(heading)} that is not here")
            )
    owns = {column.target.own for column in found} | set(mapping.constants)
    if not owns & {"name", "id", "platform"}:
        fault(1, "no column names the platform", "Call one 'name' (long form: 'platform'), or use a mapping file.")
    if long:
        owns -= set(LONG)
    if faults:
        raise InputError(faults)
    return found


class _Reader:
    """Reads the rows of one table into records."""

    def __init__(
        self, table: Table, path: Path, dictionary: Dictionary, mapping: Mapping, columns: Sequence[_Column]
    ) -> None:
        self.table, self.path = table, path
        self.dictionary, self.mapping, self.columns = dictionary, mapping, columns
        self.missing = mapping
        self.targets: dict[str, Target] = {}
        self.constants = [(read_target(name, dictionary), value) for name, value in mapping.constants.items()]

    # -- one row a platform

    def wide(self) -> Iterator[Found]:
        for row in self.table.rows:
            if isinstance(row, BadRow):
                yield Unread(self.table.file, row.faults)
                continue
            line, cells = row
            draft = Draft(self.mapping, line, self.table.sources or {})
            faults: list[Fault] = []
            for column in self.columns:
                self._put(draft, column.target, column, cells, line, faults)
            self._constants(draft, line)
            draft.close_row()
            yield self._record(draft, faults)

    def _put(self, draft: Draft, target: Target, column: _Column, cells: Cells, line: int, faults: list[Fault]) -> None:
        value = cells[column.number - 1] if column.number <= len(cells) else None
        try:
            if column.map is None or not column.map.values:
                if says_nothing(value, self.mapping) and not self._word(target, value):
                    return
            elif value is None or (isinstance(value, str) and not value.strip()):
                return
            value = meant(value, column.map, target.definition)
            if value is None:
                return
            own = target.own or (target.side if target.side in SAID else "")
            plain = target.side in ("value", "lo", "hi") and not target.examined
            written = as_written(value, target.definition if plain else None, "as_of" if target.examined else own)
            draft.put(target, written, (line, column.number))
        except CellError as error:
            faults.append(self.table.fault(line, column.number, error.message, error.hint, column.heading))

    @staticmethod
    def _word(target: Target, value: object) -> bool:
        """Whether a text that usually says nothing is a word of the fact: `none` of an enum, or of a table."""
        if not isinstance(value, str) or target.definition is None or not value.strip():
            return False
        words = COMPLETE if target.definition.type == "table" else target.definition.values
        return target.side == "value" and value.strip() in words

    def _constants(self, draft: Draft, line: int) -> None:
        for target, value in self.constants:
            if target.own in ("", *SAID) or target.own not in draft.own:
                draft.put(target, as_written(value, target.definition, target.own), (line, 1))

    # -- one row a fact

    def long(self) -> Iterator[Found]:
        together = self.path.suffix.lower() == ".xlsx" or self.path.stat().st_size <= GROUPED_BYTES
        drafts: dict[tuple[str, ...], tuple[Draft, list[Fault]]] = {}
        done: set[int] = set()
        for row in self.table.rows:
            if isinstance(row, BadRow):
                yield Unread(self.table.file, row.faults)
                continue
            line, cells = row
            by_own = {column.target.own: column for column in self.columns if column.target.own}
            key = tuple(
                self._text(cells, by_own[own]) if own in by_own else ""
                for own in ("id", "name", "platform", "as_of", "known_by")
            )
            if not together and key not in drafts:
                yield from (self._record(*entry) for entry in drafts.values())
                done |= {hash(old) for old in drafts}
                drafts = {}
                if hash(key) in done:
                    message = "rows of this platform stood further above, too"
                    hint = f"In a file beyond {GROUPED_BYTES:,} bytes they stand together: sort it by platform."
                    yield Unread(self.table.file, (self.table.fault(line, 1, message, hint),))
                    continue
            if key not in drafts:
                drafts[key] = Draft(self.mapping, line, self.table.sources or {}), []
                self._constants(drafts[key][0], line)
            self._long_row(*drafts[key], cells, line, by_own)
        yield from (self._record(*entry) for entry in drafts.values())

    @staticmethod
    def _text(cells: Cells, column: _Column) -> str:
        value = cells[column.number - 1] if column.number <= len(cells) else None
        return "" if value is None else str(value).strip()

    def _long_row(self, draft: Draft, faults: list[Fault], cells: Cells, line: int, by_own: dict[str, _Column]) -> None:
        draft.row()
        name = self._text(cells, by_own["fact"])
        fact_map: ColumnMap | None = None
        target: Target | None = None
        if name:
            number = by_own["fact"].number
            try:
                if name in self.mapping.facts:
                    fact_map = self.mapping.facts[name]
                    if fact_map is None:
                        return
                target = self._target(fact_map.to if fact_map is not None else name)
            except TargetError as error:
                if self.mapping.others == "ignore" and fact_map is None:
                    return
                faults.append(self.table.fault(line, number, error.message, error.hint, name))
                return
        for own, column in by_own.items():
            if own == "fact":
                continue
            if own in ("value", "lo", "hi", "status", "reason"):
                if target is None:
                    continue
                if target.own or target.examined:
                    stated = target if own == "value" else None
                else:
                    side = target.side if own == "value" else own
                    stated = replace(target, side=side)
                if stated is not None:
                    self._put(draft, stated, replace(column, map=fact_map or column.map), cells, line, faults)
            else:
                known = replace(column.target, own="name") if own == "platform" else column.target
                self._put(draft, known, column, cells, line, faults)
        draft.close_row()

    def _target(self, name: str) -> Target:
        if name not in self.targets:
            self.targets[name] = read_target(name, self.dictionary, what="fact")
        return self.targets[name]

    # -- a record

    def _record(self, draft: Draft, faults: Sequence[Fault]) -> Found:
        table = self.table
        found = list(faults)
        cut: tuple[date, date] | None = None
        try:
            as_of, known_by = draft.day("as_of"), draft.day("known_by")
            if as_of is not None or known_by is not None:
                cut = as_of or known_by or date.min, known_by or as_of or date.min
                if cut[0] > cut[1]:
                    raise CellError(f"as_of {cut[0]} lies after known_by {cut[1]}")
        except CellError as error:
            own = next((draft.own[key] for key in ("as_of", "known_by") if key in draft.own), (None, (draft.line, 1)))
            found.append(table.fault(*own[1], error.message, error.hint))
        if found:
            return Unread(table.file, tuple(found))
        document, places = draft.document()
        id = draft.text("id") or draft.text("name") or f"{self.path.stem}-{draft.line}"
        return Record(id, table.file, draft.line, digest(document), cut, "", document, places, table.cells)
