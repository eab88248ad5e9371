"""What is known about one fact at one point in time: the values still possible, how well proved, by which entries.

States are what the engine reads. They are built by `checker.model.view` from the entries of a profile, and by rule
cases directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from checker.model.interval import Interval

Words = frozenset[str] | None
Value = Interval | frozenset[bool] | Words
"""Numbers and dates (as ordinal days) are intervals; conditions and words are sets; None is any word."""


class Status(StrEnum):
    """How a fact stands in a profile."""

    REPORTED = "reported"
    NOT_DISCLOSED = "not_disclosed"
    NOT_EXAMINED = "not_examined"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Why something is open."""

    NOT_EXAMINED = "not_examined"
    NOT_DISCLOSED = "not_disclosed"
    RANGE = "range_straddles"
    STALE = "stale"
    CONFLICT = "conflict"
    APPLICABILITY = "applicability_unknown"
    REFERENCE = "no_reference_rate"


class Support(NamedTuple):
    """How strong the evidence is: evidence grade (0-4) counted at the worst and at the best end, and what it proves.

    `proof` is 2 for an adverse fact that is found, admitted or shown by a third party, 1 for one that is only alleged,
    0 for hearsay. Supports combine by the weakest (all needed) or the strongest (one suffices), field by field.
    """

    worst: int
    best: int
    proof: int

    def weaker(self, other: Support) -> Support:
        """Both are needed."""
        return Support(min(self[0], other[0]), min(self[1], other[1]), min(self[2], other[2]))

    def stronger(self, other: Support) -> Support:
        """Either suffices."""
        return Support(max(self[0], other[0]), max(self[1], other[1]), max(self[2], other[2]))


CERTAIN = Support(4, 4, 2)
UNEXAMINED = Support(0, 4, 0)
SILENT = Support(0, 1, 0)


@dataclass(frozen=True, slots=True)
class FactState:
    """One fact at one point in time.

    Attributes:
        id: The fact's id, or `table[row].column` for a cell.
        status: How it stands.
        value: The values still possible, after conflict and age.
        support: Its evidence.
        entries: Positions (in the profile's history of this fact) of the entries that count.
        stale: Its newest entry is older than the dictionary allows.
        conflict: Entries that count exclude each other.
        undated: An entry that counts has no day on which it became public.
        rumour: What hearsay says while nothing better is known, else None.
        age_days: Age of the newest entry that counts, or None where it has no date.
    """

    id: str
    status: Status
    value: Value
    support: Support
    entries: tuple[int, ...] = ()
    stale: bool = False
    conflict: bool = False
    undated: bool = False
    rumour: Value = None
    age_days: int | None = None

    @property
    def reason(self) -> Reason:
        """Why the fact leaves something open, if it does."""
        if self.status is Status.NOT_DISCLOSED:
            return Reason.NOT_DISCLOSED
        if self.status is not Status.REPORTED:
            return Reason.NOT_EXAMINED
        if self.conflict:
            return Reason.CONFLICT
        return Reason.STALE if self.stale else Reason.RANGE


@dataclass(frozen=True, slots=True)
class RowState:
    """One row of a table: its key as a reader sees it, its position in the profile, its cells."""

    label: str
    entries: tuple[int, ...]
    cells: dict[str, FactState]


@dataclass(frozen=True, slots=True)
class TableState:
    """A table at one point in time; unless `complete`, further rows may exist.

    `rest` says why further rows are not known and `support` how well completeness is proved.
    """

    id: str
    status: Status
    rows: tuple[RowState, ...]
    complete: bool
    support: Support
    rest: Reason = Reason.NOT_EXAMINED
    columns: dict[str, Value] = field(default_factory=dict)

    @property
    def reason(self) -> Reason:
        """Why rows may be missing."""
        return self.rest
