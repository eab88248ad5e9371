"""The point-in-time view: what the public could know by one day about the state on another.

The view at (as-of D, known-by K) takes the entries with `known_on <= K`, `from <= D` and `until` empty, not yet known,
or `>= D`. An entry gives way to a later one of the same or a higher evidence grade; all that remain are compared. Where
they exclude each other, the adverse end is the worst of all, the favourable end the best among those of the highest
grade, so that a platform cannot soften a finding by contradicting it. Age takes away the adverse bound, never the
favourable one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from checker.model.dictionary import EVIDENCE, ColumnDef, Dictionary, FactDef
from checker.model.interval import Interval
from checker.model.profile import Examination, FactEntry, Profile, Provenance, Row, Table
from checker.model.profile import Value as Written
from checker.model.state import (
    SILENT,
    UNEXAMINED,
    FactState,
    Reason,
    RowState,
    Status,
    Support,
    TableState,
    Value,
)

RUMOUR, OWN_WORDS, THIRD_PARTY, PROVED_PROMISE = 0, 1, 2, 4
FOUND, ALLEGED, HEARSAY = 2, 1, 0


def grade(entry: Provenance, about: str) -> int:
    """Evidence grade (0-4) of an entry: the platform's own words are full evidence of what it promised."""
    word = EVIDENCE.get(entry.evidence or "")
    if word is None:
        return OWN_WORDS
    return PROVED_PROMISE if word.own and about == "promise" else word.grade


def proof(entry: Provenance) -> int:
    """What an adverse entry proves: 2 found, admitted or shown by a third party; 1 alleged; 0 hearsay."""
    word = EVIDENCE.get(entry.evidence or "")
    if entry.alleged or (word is not None and word.word == "complaint"):
        return ALLEGED
    if word is None or not (word.own or word.grade >= THIRD_PARTY):
        return HEARSAY
    return FOUND


def possible_values(definition: ColumnDef) -> Value:
    """Everything a fact could be."""
    match definition.type:
        case "number":
            return Interval(*definition.range)
        case "date":
            return Interval(float(date.min.toordinal()), float(date.max.toordinal()))
        case "bool":
            return frozenset({True, False})
        case "enum":
            return frozenset(definition.values)
        case _:
            return None


def as_value(written: Written) -> Value:
    """A value as an entry states it, as the set or interval of what is possible."""
    if isinstance(written, tuple):
        lo, hi = (end.toordinal() if isinstance(end, date) else end for end in written)
        return Interval(float(lo), float(hi))
    if isinstance(written, bool):
        return frozenset({written})
    return frozenset({written})


@dataclass(frozen=True, slots=True)
class Statement:
    """An entry as it counts here: its place in the profile's history, its value, grade and what it proves."""

    index: int
    entry: Provenance
    value: Value
    grade: int
    proof: int


def _rank(definition: ColumnDef, value: frozenset[object]) -> list[int]:
    order = [False, True] if definition.type == "bool" else list(definition.values)
    ranks = sorted(order.index(word) for word in value)  # type: ignore[arg-type]
    if definition.type == "bool" and definition.worse == "lower":
        ranks = sorted(1 - rank for rank in ranks)
    return ranks


def _wholly_adverse(definition: ColumnDef, value: Value) -> bool:
    """Whether a word or condition is the worst there is, which needs no strong evidence."""
    if definition.worse == "none" or not isinstance(value, frozenset):
        return False
    last = 1 if definition.type == "bool" else len(definition.values) - 1
    return _rank(definition, value)[0] == last


def _words_from(definition: ColumnDef, ranks: Sequence[int]) -> Value:
    if definition.type == "bool":
        flip = definition.worse == "lower"
        return frozenset(bool(rank) != flip for rank in ranks)
    return frozenset(definition.values[rank] for rank in ranks)


def combine(definition: ColumnDef, statements: Sequence[Statement]) -> tuple[Value, bool, list[Statement]]:
    """One value from all statements that count.

    Returns:
        The value, whether statements exclude each other, and those that reach the adverse end.
    """
    top = max(s.grade for s in statements)
    leading = [s for s in statements if s.grade == top]
    if definition.type in ("number", "date"):
        values = [s.value for s in statements if isinstance(s.value, Interval)]
        best = [s.value for s in leading if isinstance(s.value, Interval)]
        conflict = max(v.lo for v in values) > min(v.hi for v in values)
        lo, hi = min(v.lo for v in values), max(v.hi for v in values)
        if definition.worse == "higher":
            lo = min(v.lo for v in best)
        elif definition.worse == "lower":
            hi = max(v.hi for v in best)
        adverse = [
            s
            for s in statements
            if definition.worse == "none"
            or (
                isinstance(s.value, Interval)
                and (s.value.hi == hi if definition.worse == "higher" else s.value.lo == lo)
            )
        ]
        return Interval(lo, hi), conflict, adverse
    sets = [s.value for s in statements if isinstance(s.value, frozenset)]
    conflict = not frozenset.intersection(*sets)
    union = frozenset[object]().union(*sets)
    if definition.worse == "none":
        return union, conflict, list(statements)  # type: ignore[return-value]
    floor = min(_rank(definition, s.value)[0] for s in leading)  # type: ignore[arg-type]
    ranks = [rank for rank in _rank(definition, union) if rank >= floor]
    adverse = [s for s in statements if _rank(definition, s.value)[-1] == ranks[-1]]  # type: ignore[arg-type]
    return _words_from(definition, ranks), conflict, adverse


def aged(definition: ColumnDef, value: Value) -> Value:
    """A value too old to limit how bad things can be: its adverse end becomes the worst of its range."""
    if isinstance(value, Interval):
        anything = possible_values(definition)
        assert isinstance(anything, Interval)
        lo, hi = anything
        if definition.worse == "higher":
            return Interval(value.lo, hi)
        return Interval(lo, value.hi) if definition.worse == "lower" else value
    if definition.worse == "none" or not isinstance(value, frozenset):
        return value
    last = 1 if definition.type == "bool" else len(definition.values) - 1
    return _words_from(definition, range(_rank(definition, value)[0], last + 1))


@dataclass
class View:
    """A profile at one cut.

    Args:
        profile: The profile.
        dictionary: The facts.
        as_of: The day whose state is judged.
        known_by: The last day on which something could become known.
    """

    profile: Profile
    dictionary: Dictionary
    as_of: date
    known_by: date
    _facts: dict[str, FactState] = field(default_factory=dict)
    _tables: dict[str, TableState] = field(default_factory=dict)
    _earlier: dict[int, View] = field(default_factory=dict)

    def back(self, days: int) -> View:
        """The view of an earlier state, with what is known now."""
        if not days:
            return self
        if days not in self._earlier:
            self._earlier[days] = View(self.profile, self.dictionary, self.as_of - timedelta(days), self.known_by)
        return self._earlier[days]

    def public(self, entry: Provenance) -> bool:
        """Whether the public could know of an entry; one without a day counts as known."""
        return entry.known_on is None or entry.known_on <= self.known_by

    def end(self, entry: Provenance) -> date | None:
        """The last day of an entry, unless that end was not known yet."""
        return entry.until if entry.until is not None and entry.until <= self.known_by else None

    def holds(self, entry: Provenance) -> bool:
        """Whether an entry is public and speaks of the day that is judged."""
        end = self.end(entry)
        return (
            self.public(entry)
            and (entry.from_ is None or entry.from_ <= self.as_of)
            and (end is None or end >= self.as_of)
        )

    def attested(self, entry: Provenance, definition: ColumnDef, about: str) -> date | None:
        """The latest day for which an entry speaks.

        A measured number speaks for the day it was measured; a clause or a condition for as long as its source shows
        it, that is until it was published.
        """
        end = self.end(entry)
        if end is not None:
            return min(end, self.as_of)
        standing = about == "promise" or definition.type != "number"
        days = [entry.from_, entry.seen, entry.known_on if standing or entry.from_ is None else None]
        known = [min(day, self.as_of, self.known_by) for day in days if day is not None]
        return max(known) if known else None

    @staticmethod
    def _in_force(statements: list[Statement]) -> list[Statement]:
        """The statements that no later one of the same or a higher grade replaces."""

        def replaced(statement: Statement) -> bool:
            start = statement.entry.from_ or date.min
            return any((s.entry.from_ or date.min) > start and s.grade >= statement.grade for s in statements)

        return [statement for statement in statements if not replaced(statement)]

    def fact(self, id: str) -> FactState:
        """The state of a fact at this cut."""
        if id not in self._facts:
            definition = self.dictionary[id]
            entries = [
                (index, entry) for index, entry in enumerate(self.profile.facts.get(id, ())) if self.holds(entry)
            ]
            self._facts[id] = self._state(id, definition, definition, entries)
        return self._facts[id]

    def _state(
        self, id: str, owner: FactDef, definition: ColumnDef, entries: Sequence[tuple[int, FactEntry]]
    ) -> FactState:
        least = int(owner.min_evidence[1]) if owner.min_evidence else 0
        statements = [
            Statement(i, e, as_value(e.value), grade(e, owner.about), proof(e))
            for i, e in entries
            if e.status is Status.REPORTED and e.value is not None
        ]
        statements = [s for s in statements if s.grade >= least or _wholly_adverse(definition, s.value)]
        reported = self._in_force([s for s in statements if s.grade > RUMOUR])
        rumour: Value = None
        rumoured = [s for s in statements if s.grade == RUMOUR]
        if rumoured and not any(s.grade >= THIRD_PARTY for s in reported):
            rumour = combine(definition, rumoured)[0]
        anything = possible_values(definition)
        if not reported:
            status = self._unreported(id, owner, entries)
            support = SILENT if status is Status.NOT_DISCLOSED else UNEXAMINED
            return FactState(id, status, anything, support, rumour=rumour)
        value, conflict, adverse = combine(definition, reported)
        ages = [
            (self.as_of - day).days
            for day in (self.attested(s.entry, definition, owner.about) for s in reported)
            if day is not None
        ]
        age = min(ages) if ages else None
        stale = (age is not None and owner.max_age_days is not None and age > owner.max_age_days) or self._withdrawn(
            entries, reported
        )
        best = max(s.grade for s in reported)
        return FactState(
            id,
            Status.REPORTED,
            aged(definition, value) if stale else value,
            Support(best, best, max(s.proof for s in adverse)),
            tuple(s.index for s in reported),
            stale,
            conflict,
            any(s.entry.known_on is None for s in reported),
            rumour,
            age,
        )

    @staticmethod
    def _withdrawn(entries: Sequence[tuple[int, FactEntry]], reported: Sequence[Statement]) -> bool:
        """Whether the platform stopped disclosing after the last value: it then ages at once."""
        latest = max(s.entry.from_ or date.min for s in reported)
        return any(e.status is Status.NOT_DISCLOSED and (e.from_ or date.min) > latest for _, e in entries)

    def _unreported(self, id: str, owner: FactDef, entries: Sequence[tuple[int, FactEntry]]) -> Status:
        statuses = {entry.status for _, entry in entries} - {Status.REPORTED}
        for status in (Status.NOT_DISCLOSED, Status.NOT_APPLICABLE, Status.NOT_EXAMINED):
            if status in statuses:
                return status
        whole = id == owner.id
        return Status.NOT_DISCLOSED if whole and self._withheld(owner) else Status.NOT_EXAMINED

    def _withheld(self, definition: FactDef) -> bool:
        """Whether somebody looked where this kind of platform would publish the fact, and it was not there."""
        return (
            not definition.observable
            and definition.expected_of(self.profile.kind)
            and self.examination(definition) is not None
        )

    def examination(self, definition: FactDef) -> Examination | None:
        """The latest examination of the fact's section that is public and not too old."""
        looked = [
            e
            for e in self.profile.examined.get(definition.section, ())
            if e.known_on <= self.known_by
            and e.on <= self.as_of
            and (definition.max_age_days is None or (self.as_of - e.on).days <= definition.max_age_days)
        ]
        return max(looked, key=lambda e: e.on) if looked else None

    def table(self, id: str) -> TableState:
        """The state of a table at this cut."""
        if id not in self._tables:
            self._tables[id] = self._table_state(self.dictionary[id], self.profile.tables.get(id, Table()))
        return self._tables[id]

    def _table_state(self, definition: FactDef, table: Table) -> TableState:
        live = [
            (index, row)
            for index, row in enumerate(table.rows)
            if self.holds(row) and grade(row, definition.about) > RUMOUR
        ]
        by_key: dict[tuple[object, ...], list[tuple[int, Row]]] = {}
        for index, row in live:
            by_key.setdefault(tuple(row.cells.get(column) for column in definition.key), []).append((index, row))
        rows = tuple(self._row(definition, members) for members in by_key.values())
        statements = [s for s in table.complete if self.holds(s) and self._fresh(s, definition)]
        stated = [(i, e) for i, e in enumerate(table.stated) if self.holds(e)]
        examination = self.examination(definition) if definition.observable and not stated else None
        complete = bool(statements) or (examination is not None and bool(rows))
        best = max((grade(s, definition.about) for s in statements), default=0)
        if examination is not None:
            best = max(best, PROVED_PROMISE if definition.about == "promise" else THIRD_PARTY)
        status = Status.REPORTED if rows or complete else self._unreported(definition.id, definition, stated)
        withheld = self._withheld(definition) or any(e.status is Status.NOT_DISCLOSED for _, e in stated)
        silent = status is Status.NOT_DISCLOSED or (status is Status.REPORTED and withheld)
        return TableState(
            definition.id,
            status,
            rows,
            complete,
            Support(best, best, FOUND) if complete else SILENT if silent else UNEXAMINED,
            Reason.NOT_DISCLOSED if silent else Reason.NOT_EXAMINED,
        )

    def _fresh(self, entry: Provenance, definition: FactDef) -> bool:
        day = entry.seen or entry.known_on or entry.from_
        end = self.end(entry)
        if end is not None or day is None or definition.max_age_days is None:
            return True
        return (self.as_of - min(day, self.as_of)).days <= definition.max_age_days

    def _row(self, definition: FactDef, members: Sequence[tuple[int, Row]]) -> RowState:
        kept = self._in_force([Statement(i, row, None, grade(row, definition.about), proof(row)) for i, row in members])
        indices = tuple(s.index for s in kept)
        rows = dict(members)
        label = " / ".join(_cell_text(rows[indices[0]].cells.get(column)) for column in definition.key)
        cells: dict[str, FactState] = {}
        for name, column in definition.columns.items():
            id = f"{definition.id}[{label}].{name}"
            entries = [(i, _cell_entry(rows[i], name)) for i in indices if name in rows[i].cells]
            cells[name] = self._state(id, definition, column, entries)
        return RowState(label, indices, cells)


def _cell_entry(row: Row, column: str) -> FactEntry:
    given = {name: getattr(row, name) for name in Provenance.model_fields}
    return FactEntry.model_construct(value=row.cells[column], status=Status.REPORTED, reason="", **given)


def _cell_text(value: object) -> str:
    if isinstance(value, tuple):
        lo, hi = value
        return f"{lo:g}" if lo == hi and isinstance(lo, float) else str(lo) if lo == hi else f"{lo}..{hi}"
    return "any" if value is None else str(value)
