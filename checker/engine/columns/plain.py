"""The plain form of a batch: one column a fact, as a spreadsheet has it, made into the columns of the layout.

A cell is the value of a fact, an empty one a fact that nobody examined. All cells rest on one kind of evidence and are
of the day judged; without a word for the evidence they are the platform's own words of no day, hence of every day. A
platform whose facts differ in that, or that has tables, is a profile and goes through `flatten`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from checker.engine.columns.flatten import Record, fact_cells, is_known, leaf_cells
from checker.engine.columns.layout import KIND, KINDS, Layout, Leaf, column, how, number_range
from checker.engine.cut import Cut
from checker.engine.scalar import Interpreter
from checker.model.dictionary import Dictionary, FactDef
from checker.model.profile import FactEntry, Profile
from checker.model.state import Status
from checker.model.view import View
from checker.packs.rulebook import Rulebook

Written = float | bool | str | date


@dataclass
class PlainForm:
    """Turns plain cells into records.

    Args:
        layout: The columns.
        day: The day judged, on which all cells were known.
        evidence: The word of the dictionary for what the cells rest on; empty for the platform's own words.
        reader: What the person who asks said.
    """

    layout: Layout
    day: date
    evidence: str = ""
    reader: Mapping[str, str | float] = field(default_factory=dict)
    _words: dict[tuple[str, Written], Record] = field(default_factory=dict)
    _standing: dict[str, int] = field(default_factory=dict)
    _leaves: dict[tuple[object, ...], Record] = field(default_factory=dict)

    @property
    def _rulebook(self) -> Rulebook:
        return self.layout.rulebook

    @property
    def _dictionary(self) -> Dictionary:
        return self._rulebook.dictionary

    def record(self, kind: str, cells: Mapping[str, Written | None]) -> Record:
        """One platform as a record.

        Args:
            kind: The kind of platform.
            cells: Values by the id of the fact. Facts that no rule reads are left out.

        Raises:
            ValueError: A value is none that the fact can have.
        """
        record: Record = {"kind": KINDS.index(kind), "as_of": self.day.toordinal()}
        told = {id: value for id, value in cells.items() if value is not None}
        for id, shift in self.layout.facts:
            if id in told and not (shift and self.evidence):
                cells_ = self._fact(id, told[id])
                record |= {column(id, shift) + name.removeprefix(id): cell for name, cell in cells_.items()}
        for leaf in self.layout.leaves.values():
            reads = {id: told[id] for id in sorted(leaf.facts) if id in told}
            if reads or not (leaf.facts or leaf.tables):
                record |= self._of_words(kind, reads, leaf) if not leaf.tried else self._leaf(kind, reads, leaf)
        return record

    def _of_words(self, kind: str, reads: Mapping[str, Written], leaf: Leaf) -> Record:
        """A leaf that only words decide, such as a reference rate: once for each combination of them."""
        key = (leaf.name, kind, *reads.items())
        if key not in self._leaves:
            self._leaves[key] = self._leaf(kind, reads, leaf)
        return self._leaves[key]

    def records(self, columns: Mapping[str, Sequence[Any]]) -> list[Record]:
        """Many platforms, from one column a fact; `platform.kind` is one of them."""
        kinds = columns[KIND]
        names = [name for name in columns if name != KIND]
        rows = zip(*(columns[name] for name in names), strict=True) if names else ((),) * len(kinds)
        return [self.record(kind, dict(zip(names, row, strict=True))) for kind, row in zip(kinds, rows, strict=True)]

    def _fact(self, id: str, value: Written) -> Record:
        definition, stem = self._dictionary[id], column(id, 0)
        if definition.type not in ("number", "date"):
            if (id, value) not in self._words:
                state = self._view("bank", {id: value}).fact(id)
                known = state.status is not Status.NOT_EXAMINED
                self._words[id, value] = fact_cells(definition, state, stem) if known else {}
            return self._words[id, value]
        if id not in self._standing:
            self._standing[id] = how(self._view("bank", {id: value}).fact(id))
        if self._standing[id] < 0:
            return {}
        end = float(value.toordinal()) if isinstance(value, date) else float(value)
        lo, hi = number_range(definition)
        if not lo <= end <= hi:
            raise ValueError(f"{id} lies between {lo:g} and {hi:g}, found {end:g}")
        return {f"{stem}.how": self._standing[id], f"{stem}.lo": end, f"{stem}.hi": end}

    def _leaf(self, kind: str, told: Mapping[str, Written], leaf: Leaf) -> Record:
        cut = Cut(self._view(kind, told), self._rulebook.reference, reader=self.reader)
        return leaf_cells(leaf, Interpreter(self.layout.program, cut)) if is_known(leaf, cut) else {}

    def _view(self, kind: str, told: Mapping[str, Written]) -> View:
        facts = {id: (self._entry(self._dictionary[id], value),) for id, value in told.items()}
        facts[KIND] = (self._entry(self._dictionary[KIND], kind),)
        profile = Profile("", "", 1, "", kind, facts, {}, {}, {}, ())
        return View(profile, self._dictionary, self.day, self.day)

    def _entry(self, definition: FactDef, value: Written) -> FactEntry:
        written: Any = value
        if definition.type == "number":
            written = (float(value), float(value))  # type: ignore[arg-type]
        elif definition.type == "date":
            written = (value, value)
        elif definition.type == "bool" and not isinstance(value, bool):
            raise ValueError(f"{definition.id} is true or false, found {value!r}")
        elif definition.type == "enum" and value not in definition.values:
            raise ValueError(f"{definition.id} is one of {', '.join(definition.values)}, found {value!r}")
        return FactEntry.model_construct(
            from_=self.day if self.evidence else None,
            until=None,
            known_on=self.day if self.evidence else None,
            seen=None,
            evidence=self.evidence or None,
            source=None,
            locator="",
            note="",
            alleged=False,
            inferred=(),
            value=written,
            status=Status.REPORTED,
            reason="",
        )


__all__ = ["PlainForm", "Written"]
