"""Rows become the document of a profile: what a row says about a fact is one entry, with the place it stands at."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from checker.importers.records.mapping import ColumnMap, Mapping
from checker.importers.records.record import Position
from checker.importers.records.target import IDENTITY, SAID, Target
from checker.model.dictionary import ColumnDef
from checker.model.document import Place
from checker.model.errors import did_you_mean, quoted
from checker.model.profile import FORMAT, MAX_SOURCE_ID
from checker.model.state import Status

DAYS = ("as_of", "known_by", "from", "until", "known_on", "seen")
COMPLETE = ("complete", "none")
"""Words that say of a table that no other rows exist."""
SILENCES = tuple(status.value for status in Status if status is not Status.REPORTED)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_TRUTH = {**dict.fromkeys(("true", "yes", "y", "1"), True), **dict.fromkeys(("false", "no", "n", "0"), False)}


class CellError(ValueError):
    """A cell that cannot be taken for what its column states."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint


def says_nothing(value: object, mapping: Mapping) -> bool:
    """Whether a cell is blank, or holds a word that stands for that."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in {"", *mapping.missing})


def meant(value: object, column: ColumnMap | None, definition: ColumnDef | None) -> object:
    """A cell after its column's words and scale.

    Raises:
        CellError: The mapping names words, and this is none of them.
    """
    if column is None:
        return value
    if column.values:
        text = str(value).strip() if not isinstance(value, bool) else str(value).lower()
        folded = {word.casefold(): word for word in column.values}
        word = text if text in column.values else folded.get(text.casefold())
        if word is not None:
            return column.values[word]
        number = isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER.fullmatch(text))
        if definition is None or definition.type != "number" or not number:
            raise CellError(
                f"{quoted(value)} is none of the words that the mapping names", did_you_mean(text, list(column.values))
            )
    if column.scale is not None:
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise CellError(f"expected a plain number to scale, found {quoted(value)}")
        value = float(f"{value * column.scale:.15g}")
    return value


def as_written(value: object, definition: ColumnDef | None, own: str = "") -> object:
    """A cell as a profile would write it; whether it fits the dictionary is not looked at here."""
    if own in DAYS or (definition is not None and definition.type == "date"):
        match = _DAY.fullmatch(value) if isinstance(value, str) else None
        return match[1] if match else value
    if definition is not None and definition.type == "bool":
        text = str(value).strip().casefold() if not isinstance(value, float) or value in (0, 1) else ""
        return _TRUTH.get(text.removesuffix(".0"), value)
    if definition is not None and definition.type == "number":
        return value
    return value if isinstance(value, str) else f"{value:.15g}" if isinstance(value, float) else str(value)


@dataclass
class Statement:
    """What one row says about one fact, or about one row of a table fact."""

    target: Target
    at: Position
    parts: dict[str, object] = field(default_factory=dict)
    cells: dict[str, dict[str, object]] = field(default_factory=dict)
    places: dict[tuple[str, ...], Position] = field(default_factory=dict)

    def put(self, target: Target, value: object, at: Position) -> None:
        """One cell of the row."""
        if target.column and target.side in ("value", "lo", "hi"):
            self.cells.setdefault(target.column, {})[target.side] = value
            self.places[target.column, target.side] = at
            self.places.setdefault((target.column,), at)
        else:
            self.parts[target.side] = value
            self.places[target.side,] = at


class Draft:
    """A profile that is being put together from the rows of a table.

    Args:
        mapping: Constants, defaults and sources that every record has.
        line: Row where it begins.
        sources: Sources that come with the table.
    """

    def __init__(self, mapping: Mapping, line: int, sources: MappingType[str, MappingType[str, str]]) -> None:
        self.mapping = mapping
        self.line = line
        self.known = {**sources, **mapping.sources}
        self.own: dict[str, tuple[object, Position]] = {}
        self.said: dict[str, tuple[object, Position]] = {}
        self.statements: list[Statement] = []
        self.examined: list[tuple[str, object, Position, dict[str, object]]] = []
        self._open: dict[tuple[str, str], Statement] = {}

    def row(self) -> None:
        """What follows is said by another row."""
        self._open = {}
        self.said = {}

    def put(self, target: Target, value: object, at: Position) -> None:
        """One cell."""
        if target.own in IDENTITY:
            self.own.setdefault(target.own, (value, at))
        elif target.own:
            self.said[target.own] = value, at
        elif target.examined:
            self.examined.append((target.examined, value, at, {}))
        else:
            key = target.fact, target.label
            if key not in self._open:
                self._open[key] = Statement(target, at)
                self.statements.append(self._open[key])
            self._open[key].put(target, value, at)

    def close_row(self) -> None:
        """Fills in, for what this row stated, what it says about all of its facts."""
        for statement in self._open.values():
            for key, (value, at) in self.said.items():
                if key not in statement.parts:
                    statement.parts[key] = value
                    statement.places[key,] = at
        for *_, said in self.examined:
            if not said:
                said.update({key: value for key, (value, _) in self.said.items()})

    def text(self, own: str) -> str:
        """A plain column as text, empty if it is not stated."""
        value = self.own.get(own, ("", None))[0]
        return str(value).strip()

    def day(self, own: str) -> date | None:
        """A plain column as a day.

        Raises:
            CellError: It is no day.
        """
        text = self.text(own)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise CellError(f"expected a day such as 2022-05-31, found {quoted(text)}") from None

    # -- the document

    def document(self) -> tuple[dict[str, Any], dict[Place, Position]]:
        """The profile as a document, and the place of each of its values."""
        places: dict[Place, Position] = {}
        document: dict[str, Any] = {"ddcheck": FORMAT, "platform": {}}
        for own in ("name", "kind"):
            if own in self.own:
                document["platform"][own], places["platform", own] = self.own[own]
        sources: dict[str, dict[str, str]] = {}
        tables: dict[tuple[str, tuple[object, ...]], int] = {}
        for statement in self.statements:
            section, _, name = statement.target.fact.partition(".")
            said = self._said(statement, sources)
            holder = document.setdefault(section, {})
            places.setdefault((section, name), statement.at)
            if statement.target.definition is not None and self._is_table(statement):
                self._table(statement, holder, (section, name), said, tables, places)
                continue
            entries = holder.setdefault(name, [])
            place = (section, name, len(entries))
            silence = statement.parts.get("value")
            entry = {key: value for key, value in statement.parts.items() if key not in SAID}
            if isinstance(silence, str) and silence in SILENCES and not self._allows(statement, silence):
                entry["status"] = entry.pop("value")
                places[(*place, "status")] = statement.places["value",]
            entries.append(entry | said)
            places[place] = statement.at
            places |= {(*place, *key): at for key, at in statement.places.items()}
        for section, day, at, row in self.examined:
            said = {**self.mapping.defaults, **row}
            source = self._source(said.get("source"), sources)
            looked = {"on": day, "known_on": said.get("known_on", day), "sources": [source] if source else []}
            looks = document.setdefault("examined", {}).setdefault(section, [])
            looks.append(looked)
            places["examined", section, len(looks) - 1] = at
        self._identify(document, tables)
        if sources:
            document["sources"] = sources
        return document, places

    def _identify(self, document: dict[str, Any], rows: MappingType[tuple[str, tuple[object, ...]], int]) -> None:
        """What identifies a row of a table is said once: later rows of its history have the same key."""
        keys = {statement.target.fact: statement.target.key for statement in self.statements}
        by_label: dict[tuple[str, object], list[dict[str, Any]]] = {}
        for (fact, said), index in rows.items():
            section, _, name = fact.partition(".")
            by_label.setdefault((fact, said[0]), []).append(document[section][name]["rows"][index])
        for (fact, _), entries in by_label.items():
            known = {column: row[column] for row in entries for column in keys[fact] if column in row}
            for row in entries:
                row.update({column: value for column, value in known.items() if column not in row})

    @staticmethod
    def _is_table(statement: Statement) -> bool:
        return bool(statement.target.label or statement.target.column) or (
            statement.target.definition is not None and statement.target.definition.type == "table"
        )

    @staticmethod
    def _allows(statement: Statement, word: str) -> bool:
        definition = statement.target.definition
        return definition is not None and (word in definition.values or definition.type == "text")

    def _said(self, statement: Statement, sources: dict[str, dict[str, str]]) -> dict[str, Any]:
        """Dates, evidence and source of a statement, the mapping's defaults where it says nothing of its own."""
        said: dict[str, Any] = {key: statement.parts[key] for key in SAID if key in statement.parts}
        said = {**self.mapping.defaults, **said}
        if "source" in said:
            said["source"] = self._source(said["source"], sources)
        return said

    def _source(self, text: object, sources: dict[str, dict[str, str]]) -> str | None:
        """The id of a source, which is listed with what is known of it; a bare text is its own title."""
        if text is None:
            return None
        title = str(text).strip()
        fits = len(title) <= MAX_SOURCE_ID and title.isprintable()
        id = title if fits else f"{title[:40].strip()} {sha256(title.encode()).hexdigest()[:8]}"
        known = self.known.get(title)
        if known is not None:
            sources[id] = dict(known)
        else:
            sources[id] = {"title": title} | ({"url": title} if title.startswith(("https://", "http://")) else {})
        return id

    def _table(
        self,
        statement: Statement,
        holder: dict[str, Any],
        place: Place,
        said: dict[str, Any],
        rows: dict[tuple[str, tuple[object, ...]], int],
        places: dict[Place, Position],
    ) -> None:
        """A row of a table fact, or a statement about the table as a whole."""
        fact, label = statement.target.fact, statement.target.label
        table = holder.setdefault(str(place[-1]), {})
        word = statement.parts.get("value") or statement.parts.get("status")
        if not label:
            part = "complete" if word in COMPLETE else "stated"
            entries = table.setdefault(part, [])
            reason = {key: statement.parts[key] for key in ("reason",) if key in statement.parts}
            entries.append(said if part == "complete" else {"status": word} | reason | said)
            where: Place = (*place, part, len(entries) - 1)
            if part == "complete":
                table.setdefault("rows", [])
            else:
                places[(*where, "status")] = statement.places.get(("value",), statement.at)
        else:
            key = fact, (label, *sorted(said.items()))
            entries = table.setdefault("rows", [])
            if key not in rows:
                rows[key] = len(entries)
                entries.append(dict(said))
            where = (*place, "rows", rows[key])
            for column, sides in statement.cells.items():
                entries[rows[key]][column] = sides["value"] if [*sides] == ["value"] else sides
                places[(*where, column)] = statement.places[column,]
        places.setdefault(where, statement.at)
        for part_key, at in statement.places.items():
            places.setdefault((*where, *part_key), at)
