"""The facts of one cut as the interpreter reads them: a point-in-time view beside the reference rates of that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import inf

from checker.lang.tree import COMPUTED, READER
from checker.model.interval import Interval, point
from checker.model.state import CERTAIN, FactState, Status, TableState
from checker.model.view import View
from checker.packs.reference import Rate, Reference

ANY_SHARE = Interval(0.0, 1.0)


def computed_state(id: str, value: Interval | None) -> FactState:
    """A computed input as the interpreter reads it; it rests on no evidence of its own."""
    if value is None:
        return FactState(id, Status.NOT_EXAMINED, ANY_SHARE, CERTAIN)
    return FactState(id, Status.REPORTED, value, CERTAIN)


def reader_state(id: str, reader: Mapping[str, str | float]) -> FactState:
    """What the person who asks said about themselves; unsaid it may be anything, which is no lack of evidence."""
    said = reader.get(id.partition(".")[2])
    if said is None:
        anything = None if READER[id].kind == "text" else Interval(0.0, inf)
        return FactState(id, Status.NOT_EXAMINED, anything, CERTAIN)
    return FactState(id, Status.REPORTED, frozenset({said}) if isinstance(said, str) else point(said), CERTAIN)


@dataclass(frozen=True)
class Cut:
    """Facts and reference rates at one as-of and known-by date.

    Attributes:
        view: The facts of the profile.
        rates: The reference rates.
        used: Every rate that was asked for.
        computed: Inputs computed from the profile itself; one that is not computed yet may have any value.
        reader: What the person who asks said: `country`, `amount`.
    """

    view: View
    rates: Reference
    used: dict[str, Rate] = field(default_factory=dict)
    computed: dict[str, Interval] = field(default_factory=dict)
    reader: Mapping[str, str | float] = field(default_factory=dict)

    def fact(self, id: str, shift: int) -> FactState:
        """The state of a fact, `shift` days earlier, or of an input that no profile states."""
        if id in COMPUTED:
            return computed_state(id, self.computed.get(id))
        if id in READER:
            return reader_state(id, self.reader)
        return self.view.back(shift).fact(id)

    def table(self, id: str, shift: int) -> TableState:
        """The state of a table, `shift` days earlier."""
        return self.view.back(shift).table(id)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        """A reference rate with the name of its series and day, or None where none is held."""
        rate = self.rates.rate(role, asset, self.day(shift), known_by=self.view.known_by)
        if rate is None:
            return None
        name = f"{rate.series}@{rate.valid_from.isoformat()}"
        self.used[name] = rate
        return Interval(rate.lo, rate.hi), name

    def fiat(self, asset: str) -> bool | None:
        """Whether an asset is, or follows, a state's currency; None where unknown."""
        return self.rates.is_fiat(asset)

    def day(self, shift: int) -> date:
        """The day judged, `shift` days earlier."""
        return self.view.as_of - timedelta(shift)

    def days_before(self, ordinal: float, shift: int) -> float:
        """Days from a date (as ordinal) to the day judged."""
        return self.day(shift).toordinal() - ordinal
