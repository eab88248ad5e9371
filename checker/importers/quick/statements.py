"""How a statement counts at the cut: whether it holds, its evidence and age, worked out once for all alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from checker.importers.quick.shapes import OtherwiseError, Stated
from checker.model.days import span
from checker.model.dictionary import ColumnDef, Dictionary, FactDef
from checker.model.profile import Examination, FactEntry, Profile
from checker.model.state import Status
from checker.model.view import View, grade, proof

MEMORY = 200_000
"""What is kept of repeating parts, each."""
ALLEGATION = "complaint"

Key = tuple[Any, ...]
"""Day it is true from, day the public knew, evidence; then, if any is said, end, day seen, alleged, inferred dates."""
NOTHING: Key = (None, None, None)
NO_MORE: Key = (None, None, None, None)
Counted = tuple[int, int, float]
"""How a statement counts: its texts and those of its keys, `3 * grade + proof` or `NOT_HELD`, age in days."""
CODES = 15
"""Codes of a statement that holds: grades 0 to 4, three of each."""
NOT_HELD = CODES
Statement = tuple[Key, Any, str | None, str | None]
"""Dates and evidence, value, source, status."""
STATE, MEASURED, PROMISE = range(3)
"""Manners of counting: a condition, a measured number, anything promised."""


@dataclass(frozen=True)
class CutDays:
    """The cut of a batch.

    Attributes:
        as_of: Day whose state is judged.
        known_by: Last day on which something could become known.
        today: No entry may have begun, or become public, after this day.
    """

    as_of: date
    known_by: date
    today: date


class Counting:
    """Statements at one cut.

    Args:
        dictionary: The facts.
        days: The cut.

    Attributes:
        known: For each manner, how the statements met before count, by key.
        past: Days, months and years of publication met before.
    """

    def __init__(self, dictionary: Dictionary, days: CutDays) -> None:
        self.dictionary, self.days = dictionary, days
        self.known: tuple[dict[Key, Counted], ...] = ({}, {}, {})
        self.past: set[str] = set()
        self._blank = self.view("", {}, {})

    def count(self, key: Key, manner: int) -> Counted:
        """How a statement with these dates and this evidence counts; refuses what the long way refuses."""
        found = self.known[manner].get(key)
        if found is None:
            self._count(key)
            found = self.known[manner][key]
        return found

    def _count(self, key: Key) -> None:
        from_, known_on, evidence, until, seen, alleged, inferred = key if len(key) > len(NOTHING) else key + NO_MORE
        today = self.days.today
        for day in (from_, known_on, seen):
            if day is not None and day > today:
                raise OtherwiseError
        for first, last in ((from_, until), (from_, seen), (seen, until)):
            if first is not None and last is not None and first > last:
                raise OtherwiseError
        if evidence == ALLEGATION and alleged is False:
            raise OtherwiseError
        if inferred:
            ends = {"from": from_, "until": until, "known_on": known_on, "seen": seen}
            if any(ends[name] is None for name in inferred):
                raise OtherwiseError
        entry: Any = Stated(from_, known_on, evidence, until, seen, alleged is True or evidence == ALLEGATION, None)
        texts = texts_of(key)
        found: list[Counted] = [(texts, NOT_HELD, 0.0)] * len(self.known)
        if self._blank.holds(entry):
            proved = proof(entry)
            for manner, (definition, about) in enumerate(_MANNERS):
                day = self._blank.attested(entry, definition, about)
                age = -np.inf if day is None else (self.days.as_of - day).days
                found[manner] = texts, 3 * grade(entry, about) + proved, age
        for memory, counted in zip(self.known, found, strict=True):
            remember(memory, key, counted)

    def published(self, text: str) -> None:
        """Refuse what is no day, month or year, or one to come."""
        try:
            first, _ = span(text)
        except ValueError:
            raise OtherwiseError from None
        if first > self.days.today:
            raise OtherwiseError
        if len(self.past) >= MEMORY:
            self.past.clear()
        self.past.add(text)

    def entry(self, statement: Statement) -> FactEntry:
        """A statement as far as a view asks about it."""
        key, value, source, status = statement
        from_, known_on, evidence, until, seen, alleged, inferred = key if len(key) > len(NOTHING) else key + NO_MORE
        return FactEntry.model_construct(
            from_=from_,
            until=until,
            known_on=known_on,
            seen=seen,
            evidence=evidence,
            source=source,
            locator="",
            note="",
            alleged=alleged is True or evidence == ALLEGATION,
            inferred=inferred or (),
            value=value,
            status=Status.REPORTED if status is None else Status(status),
            reason="",
        )

    def view(
        self,
        kind: str,
        facts: Mapping[str, tuple[FactEntry, ...]],
        examined: Mapping[str, tuple[Examination, ...]],
    ) -> View:
        """These facts at the cut."""
        profile = Profile("", "", 1, "", kind, facts, {}, examined, {}, ())
        return View(profile, self.dictionary, self.days.as_of, self.days.known_by)


# a measured number speaks for its day, all else for as long as its source shows it: nothing more of a fact is asked
_NUMBER = ColumnDef(name="number", type="number", meaning="A number")
_CONDITION = ColumnDef(name="condition", type="bool", meaning="A condition")
_MANNERS = (_CONDITION, "state"), (_NUMBER, "state"), (_CONDITION, "promise")


def manner_of(definition: FactDef) -> int:
    """Which of the manners the statements about a fact count in."""
    if definition.about == "promise":
        return PROMISE
    return MEASURED if definition.type == "number" else STATE


def key_of(stated: Stated) -> Key:
    """Dates and evidence of a statement, short where most of it is not said."""
    if stated.until is None and stated.seen is None and stated.alleged is None and stated.inferred is None:
        return stated.from_, stated.known_on, stated.evidence
    said = stated.from_, stated.known_on, stated.evidence
    return *said, stated.until, stated.seen, stated.alleged, stated.inferred


def texts_of(key: Key) -> int:
    """How many texts dates and evidence have in the file: keys and values."""
    alleged, inferred = key[5:] or (None, None)
    days = sum(said is not None for said in key[:5])
    return 2 * days + (alleged is not None) + (0 if inferred is None else 1 + len(inferred))


def merged(key: Key, default: Key) -> Key:
    """Dates and evidence of a statement that says nothing of those that have a default."""
    return default + key[len(NOTHING) :]


def remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep what repeats; a memory that is full begins anew."""
    if len(memory) >= MEMORY:
        memory.clear()
    memory[key] = value


__all__ = [
    "CODES",
    "NOTHING",
    "NOT_HELD",
    "NO_MORE",
    "STATE",
    "Counted",
    "Counting",
    "CutDays",
    "Key",
    "Statement",
    "key_of",
    "manner_of",
    "merged",
    "remember",
    "texts_of",
]
