"""What the charts read of an assessment: values with their ends, why a fact is open, what is most worth asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from checker.assess.assessment import Assessment, FactView, TableView
from checker.outputs import words
from checker.outputs.charts.model import Missing
from checker.outputs.language import spoken, tr

MOST_MISSING = 5
Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class Reading:
    """An assessment as the charts ask it.

    Args:
        assessment: What is drawn.
    """

    assessment: Assessment

    @cached_property
    def _facts(self) -> Mapping[str, FactView]:
        return {fact.id: fact for fact in self.assessment.facts}

    @cached_property
    def _tables(self) -> Mapping[str, TableView]:
        return {table.id: table for table in self.assessment.tables}

    @cached_property
    def _asked(self) -> Mapping[str, tuple[int, str]]:
        """Place and reason of every open question."""
        return {q.fact: (place, q.reason) for place, q in enumerate(self.assessment.questions)}

    def applies(self, id: str) -> bool:
        """Whether this kind of platform can have the fact."""
        return id in self._facts or id in self._tables

    def known(self, id: str) -> bool:
        """Whether anything is reported."""
        if id in self._tables:
            return bool(self._tables[id].rows)
        fact = self._facts.get(id)
        return fact is not None and fact.status == "reported" and words.is_known(fact.value)

    def ends(self, id: str) -> Ends | None:
        """Both ends of a reported number, None for one that is not known."""
        fact = self._facts.get(id)
        return ends_of(fact.value) if fact is not None and fact.status == "reported" else None

    def too_old(self, id: str) -> tuple[Ends | None, str]:
        """What was last stated of a number that is too old to rely on, and the day of it; else None and no day."""
        fact = self._facts.get(id)
        if fact is None or fact.status != "reported" or not fact.stale:
            return None, ""
        counting = [entry for entry in fact.entries if entry.counts and (entry.since or entry.known_on)]
        if not counting:
            return None, ""
        last = max(counting, key=lambda entry: str(entry.since or entry.known_on))
        return ends_of(last.value), words.day(last.since or last.known_on)

    def truth(self, id: str) -> bool | None:
        """A reported statement, if it is certain."""
        fact = self._facts.get(id)
        value = fact.value if fact is not None and fact.status == "reported" else None
        return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], bool) else None

    def words(self, id: str) -> tuple[str, ...]:
        """The words that are still possible; none where nothing is reported."""
        fact = self._facts.get(id)
        value = fact.value if fact is not None and fact.status == "reported" else None
        return tuple(map(str, value)) if isinstance(value, list) else ()

    def table(self, id: str) -> TableView | None:
        """A table with rows."""
        table = self._tables.get(id)
        return table if table is not None and table.rows else None

    def reason(self, id: str) -> str:
        """Why a fact is open, in words."""
        if id in self._asked:
            reason = self._asked[id][1]
            return tr(words.REASONS.get(reason, reason))
        found = self._facts.get(id) or self._tables.get(id)
        status = found.status if found is not None else "not_examined"
        return tr(words.REASONS.get(status, words.STATUSES.get(status, status)))

    def missing(self, ids: Iterable[str]) -> tuple[Missing, ...]:
        """Those of some facts that are open, the most decisive first, at most five."""
        wanted = [id for id in dict.fromkeys(ids) if self.applies(id) and not self.known(id)]
        last = len(self._asked)
        wanted.sort(key=lambda id: self._asked.get(id, (last, ""))[0])
        return tuple(Missing(id, words.fact_name(id), self.reason(id)) for id in wanted[:MOST_MISSING])


def ends_of(value: object) -> Ends | None:
    """Both ends of a cell or value that is a number or a range; None where it says nothing."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None
    if isinstance(value, int | float):
        return float(value), float(value)
    if isinstance(value, list | tuple) and len(value) == 2 and value != [None, None]:
        lo, hi = value
        if all(end is None or isinstance(end, int | float) for end in (lo, hi)):
            return lo, hi
    return None


def told(value: object, unit: str) -> str:
    """A cell in words; a dash where nothing is told."""
    ends = ends_of(value)
    if ends is None:
        return "–"
    lo, hi = (None if end is None else rounded(end) for end in ends)
    # a part that begins at nothing says nothing at its lower end
    return words.amount([None if lo == 0 and hi != 0 else lo, hi], unit) if hi is not None or lo else tr("unknown")


def is_empty(ends: Ends) -> bool:
    """Whether a range from nothing on has no end that says anything."""
    return not ends[0] and ends[1] is None


def is_zero(ends: Ends | None) -> bool:
    """Whether a number is known to be nothing."""
    return ends is not None and ends[0] == 0 and ends[1] == 0


def rounded(value: float) -> float:
    """A number with the three digits that a chart can show.

    >>> rounded(0.083908), rounded(13614.3)
    (0.0839, 13614.0)
    """
    return float(round(value) if abs(value) >= 1000 and abs(value) < 1e6 else f"{value:.3g}") if value else 0.0


def joined(*sentences: str) -> str:
    """Sentences one behind the other, as the language being spoken sets them."""
    return ("" if spoken().startswith("zh") else " ").join(filter(None, sentences))


def pair(name: str, value: str) -> str:
    """A name with its value.

    >>> pair("Debts", "$5m")
    'Debts: $5m'
    """
    return name + tr(": ") + value


def aside(name: str, value: str) -> str:
    """A name with its value as running text holds it.

    >>> aside("affiliates", "$5m")
    'affiliates ($5m)'
    """
    return tr("{name} ({value})").format(name=name, value=value)


def sentence(text: str) -> str:
    """A text that begins a sentence.

    >>> sentence("at least $14bn")
    'At least $14bn'
    """
    return text[:1].upper() + text[1:]
