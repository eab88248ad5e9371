"""Who owed whom in the failures of 2022: rows with source, date of publication and a word on what they count.

Statements, not balance sheets: the same debt may stand in several rows, and only those that say so may be added. An
amount that no source gives stays None. Imports `model`.

    >>> from datetime import date
    >>> from checker.resources import data_path
    >>> table = load_exposures(data_path("rules", "reference"))
    >>> loans = table.select(creditor="BlockFi", debtor="Three Arrows Capital")
    >>> [(row.kind, row.amount_usd, row.add_up) for row in loans]
    [('gross', 1000000000.0, True), ('net', 80000000.0, False)]
    >>> table.total(table.select(debtor="Three Arrows Capital", known_by=date(2022, 6, 21)))
    1000000.0
"""

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from checker.model.document import Document, dotted, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean, quoted

CONFIDENCE = ("high", "medium", "low")
COLUMNS = (
    "creditor",
    "debtor",
    "amount_usd",
    "kind",
    "add_up",
    "as_of",
    "known_on",
    "note",
    "source_title",
    "source_url",
    "confidence",
)

_TABLE, _MEANING = "exposures_2022.csv", "exposures_2022.yaml"
_ADD_UP = {"true": True, "false": False}


@dataclass(frozen=True)
class ExposureRow:
    """What one source says a debtor owed a creditor.

    Attributes:
        creditor: Who is owed, or who holds the asset.
        debtor: Who owes, or what is held.
        amount_usd: Amount in dollars at the prices of `as_of`; None where no source gives one.
        kind: What the amount counts, a key of `Exposures.kinds`.
        add_up: It may be added to other such rows of its creditor or debtor without counting money twice.
        as_of: Day the amount holds for.
        known_on: Day the public learnt of the exposure.
        note: What the source says the amount is.
        source_title: The document it was taken from.
        url: Its address; empty where none is known.
        confidence: high, medium or low.
    """

    creditor: str
    debtor: str
    amount_usd: float | None
    kind: str
    add_up: bool
    as_of: date
    known_on: date
    note: str
    source_title: str
    url: str
    confidence: str

    @property
    def public_on(self) -> date:
        """First day the public could know this amount: neither before it was told nor before the day it holds for."""
        return max(self.as_of, self.known_on)


@dataclass(frozen=True)
class Exposures:
    """The table of exposures.

    Attributes:
        rows: In the order of the file.
        kinds: What each kind of amount means.
        digest: Hex SHA-256 over table and meaning.
    """

    rows: tuple[ExposureRow, ...]
    kinds: Mapping[str, str]
    digest: str

    def select(
        self, *, creditor: str | None = None, debtor: str | None = None, known_by: date | None = None
    ) -> tuple[ExposureRow, ...]:
        """Return rows by name, as the public could know them on a day.

        Args:
            creditor: Who is owed; None for anybody.
            debtor: Who owes; None for anybody.
            known_by: Last day whose knowledge may be used; None for all of it.
        """
        return tuple(
            row
            for row in self.rows
            if (creditor is None or row.creditor == creditor)
            and (debtor is None or row.debtor == debtor)
            and (known_by is None or row.public_on <= known_by)
        )

    def total(self, rows: Iterable[ExposureRow]) -> float:
        """Return the sum of those among some rows that may be added, in dollars; unnamed amounts are not in it."""
        return math.fsum(row.amount_usd for row in rows if row.add_up and row.amount_usd is not None)


def load_exposures(folder: Path) -> Exposures:
    """Load the exposures of 2022.

    Args:
        folder: Holds `exposures_2022.csv` and `exposures_2022.yaml`.

    Raises:
        PackError: A file is missing or malformed; every fault is listed.
    """
    return _Loader(folder).load()


def exposures_of(folder: Path) -> Exposures | None:
    """The exposures of a rulebook's reference folder, or None where it holds none."""
    return load_exposures(folder) if (folder / _TABLE).exists() else None


class _Loader:
    """Reads the two files and collects every fault in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faults: list[Fault] = []
        self._digest = hashlib.sha256()

    def load(self) -> Exposures:
        kinds = self._kinds()
        rows = tuple(self._rows(kinds))
        if self._faults:
            raise PackError(self._faults)
        return Exposures(rows, kinds, self._digest.hexdigest())

    def _add(self, message: str, hint: str = "", line: int | None = None, key: str = "") -> None:
        column = None if line is None else 1
        self._faults.append(Fault(str(self._folder / _TABLE), message, hint, line, column, key))

    def _kinds(self) -> dict[str, str]:
        """Return the meaning of every kind, after a look at the meaning of every column."""
        try:
            document = read_document(self._folder / _MEANING)
        except InputError as error:
            self._faults += error.faults
            return {}
        self._digest.update(document.sha256.encode())
        value = document.value if isinstance(document.value, dict) else {}
        for key in value:
            if key not in ("columns", "kinds"):
                self._wrong(document, key, f"unknown key '{key}'", did_you_mean(key, ("columns", "kinds")))
        columns, kinds = (self._meanings(document, value, part) for part in ("columns", "kinds"))
        if columns and tuple(columns) != COLUMNS:
            self._wrong(document, "columns", f"the columns are {', '.join(columns)}; expected {', '.join(COLUMNS)}")
        return kinds

    def _meanings(self, document: Document, value: Mapping[str, object], part: str) -> dict[str, str]:
        entries = value.get(part)
        if not isinstance(entries, dict) or not entries:
            self._wrong(document, part, f"expected '{part}', an object with a meaning for each key")
            return {}
        for key, meaning in entries.items():
            if not isinstance(meaning, str) or not meaning:
                self._wrong(document, part, f"'{key}' has no meaning")
        return {str(key): str(meaning) for key, meaning in entries.items()}

    def _wrong(self, document: Document, key: str, message: str, hint: str = "") -> None:
        line, column = document.position((key,), key=True)
        self._faults.append(Fault(document.path, message, hint, line, column, dotted((key,))))

    def _lines(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the number and the cells of every line below the header."""
        try:
            content = (self._folder / _TABLE).read_bytes()
            text = content.decode("utf-8")
        except OSError as error:
            self._add(f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})")
            return
        except UnicodeDecodeError:
            self._add("the file is not UTF-8", "Save it as UTF-8.")
            return
        self._digest.update(content)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            if (header := next(reader, [])) != list(COLUMNS):
                self._add(f"the columns are {', '.join(header)}; expected {', '.join(COLUMNS)}", line=1)
                return
            for cells in reader:
                if len(cells) == len(COLUMNS):
                    yield reader.line_num, dict(zip(COLUMNS, cells, strict=True))
                else:
                    self._add(f"{len(cells)} cells; expected {len(COLUMNS)}", line=reader.line_num)
        except csv.Error as error:
            self._add(str(error), line=reader.line_num)

    def _rows(self, kinds: Mapping[str, str]) -> Iterator[ExposureRow]:
        seen: dict[tuple[str, ...], int] = {}
        for line, cells in self._lines():
            before = len(self._faults)
            for key in ("creditor", "debtor", "note", "source_title"):
                if not cells[key].strip():
                    self._add(f"the row has no {key}", line=line, key=key)
            for key, words in (("kind", tuple(kinds)), ("add_up", tuple(_ADD_UP)), ("confidence", CONFIDENCE)):
                if cells[key] not in words:
                    hint = did_you_mean(cells[key], words)
                    self._add(f"unknown {key} {quoted(cells[key])}", hint, line, key)
            url = cells["source_url"]
            if url and not url.startswith(("https://", "http://")):
                self._add(f"{quoted(url)} is not an address", "Leave it empty where there is none.", line, "source_url")
            if not url and cells["confidence"] == "high":
                message = "a row without an address cannot have high confidence"
                self._add(message, "Give the address, or lower the confidence.", line, "confidence")
            amount = self._amount(line, cells["amount_usd"])
            if not cells["amount_usd"] and cells["add_up"] == "true":
                self._add("a row without an amount cannot be added", "Write false.", line, "add_up")
            as_of, known_on = self._date(line, "as_of", cells["as_of"]), self._date(line, "known_on", cells["known_on"])
            same = seen.setdefault(tuple(cells.values()), line)
            if same != line:
                self._add(f"the row repeats line {same}", "Remove one of them.", line)
            if len(self._faults) > before or as_of is None or known_on is None:
                continue
            yield ExposureRow(
                cells["creditor"],
                cells["debtor"],
                amount,
                cells["kind"],
                _ADD_UP[cells["add_up"]],
                as_of,
                known_on,
                cells["note"],
                cells["source_title"],
                url,
                cells["confidence"],
            )

    def _date(self, line: int, key: str, text: str) -> date | None:
        try:
            if len(text) == len("2022-05-31"):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._add(f"{quoted(text)} is not a date", "Write it as YYYY-MM-DD.", line, key)
        return None

    def _amount(self, line: int, text: str) -> float | None:
        if not text:
            return None
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if 0 < amount < math.inf:
            return amount
        hint = "Write dollars as 2360000000; leave it empty where no source gives one."
        self._add(f"{quoted(text)} is not an amount above 0", hint, line, "amount_usd")
        return None
