"""What a reader of records gives: a profile with the place it stands at, or the reason why it cannot be read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from checker.model.document import Document, Place, parse_json, read_document
from checker.model.errors import Fault, InputError

Position = tuple[int, int]


@dataclass(frozen=True)
class Record:
    """The profile of one platform, not yet checked against the dictionary.

    Attributes:
        id: What the platform is called in this batch; unique together with `cut`.
        file: The file as the user named it, with the sheet of a spreadsheet.
        line: Line or row where it begins; None where the file is one profile.
        sha256: Digest of what states it.
        cut: Day judged and day known by, where the record names them itself.
        text: The profile as JSON, for a line of JSON lines.
        value: The profile as a document, for rows of a table.
        places: For such a document, row and column of each value.
        cells: Whether those are cells of a spreadsheet, named by letters.
    """

    id: str
    file: str
    line: int | None
    sha256: str
    cut: tuple[date, date] | None = None
    text: str = ""
    value: Mapping[str, Any] | None = None
    places: Mapping[Place, Position] = field(default_factory=dict)
    cells: bool = False

    @property
    def alone(self) -> bool:
        """Whether the file holds this one profile and nothing else."""
        return self.value is None and not self.text

    @property
    def key(self) -> tuple[str, str, str]:
        """What no two records of a batch share: id, day known by, day judged."""
        as_of, known_by = self.cut or ("", "")
        return self.id, str(known_by), str(as_of)

    def document(self) -> Document:
        """The profile as it stands in the file.

        Raises:
            InputError: It cannot be read or is not well formed.
        """
        if self.value is not None:
            return Document(dict(self.value), self.file, self.sha256, self._find)
        if self.text:
            whole = parse_json(self.text, self.file)
            return Document(whole.value, self.file, self.sha256, whole._find)
        return read_document(self.file)

    def _find(self, spots: Collection[tuple[Place, bool]]) -> Mapping[tuple[Place, bool], Position]:
        found = {spot: self.places[spot[0]] for spot in spots if spot[0] in self.places}
        if self.line is not None:
            found.setdefault(((), False), (self.line, 1))
        return found

    def located(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Faults of this record at their place in the file."""
        if self.text and self.line is not None:
            return tuple(replace(fault, line=self.line, column=fault.column or 1) for fault in faults)
        return tuple(in_cell(fault) if self.cells else fault for fault in faults)


@dataclass(frozen=True)
class Unread:
    """A record, or a whole file, that could not be read.

    Attributes:
        file: The file as the user named it.
        faults: All that is wrong with it.
    """

    file: str
    faults: tuple[Fault, ...]


def letters(column: int) -> str:
    """A column of a spreadsheet, counted from 1, by its letters.

    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    found = ""
    while column:
        column, letter = divmod(column - 1, 26)
        found = chr(65 + letter) + found
    return found


def in_cell(fault: Fault) -> Fault:
    """A fault that names its cell as a spreadsheet does."""
    if fault.line is None:
        return fault
    cell = f"{fault.file}, cell {letters(fault.column or 1)}{fault.line}"
    return replace(fault, file=cell, line=None, column=None)


def digest(value: object) -> str:
    """Digest of a document built from rows."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def unread(path: str | Path, error: InputError) -> Unread:
    """A file that cannot be read."""
    return Unread(Path(path).as_posix(), error.faults)
