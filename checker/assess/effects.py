"""What an answer to one open question would decide: which values clear a rule, which confirm that it is broken.

An answer is tried as it would arrive: as one more entry in the platform's own words, of the day judged, beside
everything the profile holds. All other facts stay as they are, unknown ones unknown. Numbers are searched for the
values at which a rule changes, so that a reader learns the threshold in the fact's own unit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import isfinite
from typing import Any

from checker.assess.assess import program
from checker.assess.assessment import Options
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.engine.scalar import Facts
from checker.model.dictionary import FactDef
from checker.model.finding import Outcome, Possible
from checker.model.interval import Interval
from checker.model.profile import FactEntry, Profile, Provenance, Table
from checker.model.profile import Value as Written
from checker.model.state import FactState, Status, TableState
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

ANSWERED = "company_disclosed"
"""The evidence of what a platform answers: its own words."""

_GRIDS: Mapping[str, tuple[float, ...]] = {
    "rate": (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 10.0),
    "share": (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1.0, 2.0),
    "ratio": (0.0, 0.1, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 5.0, 10.0, 100.0, 1e4),
    "days": (0.0, 1.0, 7.0, 30.0, 90.0, 180.0, 365.0, 730.0, 1825.0, 36500.0),
    "months": (0.0, 1.0, 3.0, 6.0, 12.0, 24.0, 60.0, 1200.0),
    "hours": (0.0, 1.0, 4.0, 12.0, 24.0, 48.0, 168.0, 8760.0),
    "count": (0.0, 1.0, 2.0, 5.0, 10.0, 100.0, 1e4, 1e6, 1e9),
}
_MONEY = (0.0, *(10.0**power for power in range(3, 16)))
_DAYS = (0, 1, 7, 30, 90, 180, 365, 730, 1825, 3650, 7300, 18250)
_HALVINGS = 60
_CLOSE = 1e-10  # relative width at which the place of a change is known


@dataclass(frozen=True)
class Answers:
    """Answers that have the same effect.

    Attributes:
        lo: Least number or day (as ordinal); None where nothing bounds it.
        hi: Greatest number or day; None where nothing bounds it.
        above: `lo` itself is left out.
        below: `hi` itself is left out.
        words: Words or conditions, where the fact has such.
        all_rows: The statement that a table has no rows beyond those known.
    """

    lo: float | None = None
    hi: float | None = None
    above: bool = False
    below: bool = False
    words: tuple[str | bool, ...] = ()
    all_rows: bool = False


@dataclass(frozen=True)
class Effect:
    """What some answers would do to some rules: the outcomes that remain possible.

    Attributes:
        answers: The answers.
        possible: The outcomes that remain, best first.
        rules: Ids of the rules.
        lifts: Better outcomes become possible again that silence or age had excluded.
    """

    answers: Answers
    possible: tuple[Outcome, ...]
    rules: tuple[str, ...]
    lifts: bool = False

    @property
    def clears(self) -> bool:
        """Whether nothing adverse remains."""
        return self.possible[-1] <= Outcome.PASS

    @property
    def confirms(self) -> bool:
        """Whether only a failure remains."""
        return self.possible == (Outcome.FAIL,)


@dataclass(frozen=True, slots=True)
class _Answered:
    """The facts of the cut with one of them answered; what it was on earlier days stays as it is."""

    facts: Facts
    state: FactState | TableState

    def fact(self, id: str, shift: int) -> FactState:
        if shift == 0 and id == self.state.id and isinstance(self.state, FactState):
            return self.state
        return self.facts.fact(id, shift)

    def table(self, id: str, shift: int) -> TableState:
        if shift == 0 and id == self.state.id and isinstance(self.state, TableState):
            return self.state
        return self.facts.table(id, shift)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        return self.facts.reference(role, asset, shift)

    def fiat(self, asset: str) -> bool | None:
        return self.facts.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        return self.facts.days_before(ordinal, shift)


class Answering:
    """Tries answers on the rules that a fact holds open.

    Args:
        profile: The profile.
        rulebook: The packs.
        options: The cut.
    """

    def __init__(self, profile: Profile, rulebook: Rulebook, options: Options) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.as_of, self.known_by = date.fromisoformat(options.as_of), date.fromisoformat(options.known_by)
        self.program = program(rulebook, options.as_of if options.parameters == "as-of" else None)
        self.view = View(profile, rulebook.dictionary, self.as_of, self.known_by)
        self.cut = Cut(self.view, rulebook.reference, reader=options.reader or {})
        self.now = RuleEngine(self.program, self.cut, rulebook.dictionary)

    def effects(self, fact: str, rules: Iterable[str]) -> tuple[Effect, ...]:
        """What answers to a fact would do to rules, as far as this answer alone decides anything.

        Args:
            fact: The fact.
            rules: Ids of the rules that it holds open.
        """
        definition = self.rulebook.dictionary[fact]
        trials = _Trials(self, definition)
        found: dict[tuple[Answers, tuple[Outcome, ...], bool], list[str]] = {}
        for id in rules:
            if self.rulebook.computed_of[id]:
                continue  # reads what is computed over all rules
            rule = self.rulebook.rules[id]
            before = self.now.evaluate(rule, self.rulebook.reads[id])
            for answers, possible in trials.parts(rule):
                if possible != before.possible and not _only_applies(before.possible, possible):
                    lifts = possible > before.possible
                    found.setdefault((answers, tuple(sorted(possible)), lifts), []).append(id)
        effects = [Effect(answers, possible, tuple(ids), lifts) for (answers, possible, lifts), ids in found.items()]
        return tuple(sorted(effects, key=lambda effect: (effect.possible[-1], effect.possible, effect.rules)))

    def state(self, definition: FactDef, value: Written | None) -> FactState | TableState:
        """The state of a fact once it is answered; of a table, once all its rows are said to be known."""
        about: dict[str, Any] = {
            "from_": self.as_of,
            "known_on": self.as_of,
            "evidence": ANSWERED,
            "until": None,
            "seen": None,
            "source": None,
            "locator": "",
            "note": "",
            "alleged": False,
            "inferred": (),
        }
        if definition.type == "table":
            table = self.profile.tables.get(definition.id, Table())
            whole = replace(table, complete=(*table.complete, Provenance.model_construct(**about)))
            told = replace(self.profile, tables={**self.profile.tables, definition.id: whole})
            return View(told, self.view.dictionary, self.as_of, self.known_by).table(definition.id)
        entry = FactEntry.model_construct(value=value, status=Status.REPORTED, reason="", **about)
        history = (*self.profile.facts.get(definition.id, ()), entry)
        told = replace(self.profile, facts={**self.profile.facts, definition.id: history})
        return View(told, self.view.dictionary, self.as_of, self.known_by).fact(definition.id)


def _only_applies(before: Possible, possible: Possible) -> bool:
    """Whether an answer says no more than that the rule applies."""
    return len(possible) > 1 and possible == before - {Outcome.NOT_APPLICABLE}


class _Trials:
    """The answers to one fact, each judged once for every rule that asks."""

    def __init__(self, answering: Answering, definition: FactDef) -> None:
        self.answering = answering
        self.definition = definition
        self.engines: dict[object, RuleEngine] = {}
        self.told: dict[tuple[object, str], Possible] = {}

    def parts(self, rule: Rule) -> Sequence[tuple[Answers, Possible]]:
        """The outcomes that remain possible for each part of the answers."""
        match self.definition.type:
            case "bool":
                return self._words(rule, (True, False))
            case "enum":
                return self._words(rule, self.definition.values)
            case "number":
                return self._line(rule, lambda x: (x, x), self._numbers(), _between)
            case "date":
                return self._line(rule, _as_days, self._days(), _between_days)
            case "table":
                return [(Answers(all_rows=True), self._possible(rule, None, None))]
            case _:
                return []

    def _possible(self, rule: Rule, key: object, value: Written | None) -> Possible:
        if (key, rule.id) not in self.told:
            if key not in self.engines:
                answering = self.answering
                facts = _Answered(answering.cut, answering.state(self.definition, value))
                self.engines[key] = RuleEngine(answering.program, facts, answering.rulebook.dictionary)
            self.told[key, rule.id] = self.engines[key].evaluate(rule, self.answering.rulebook.reads[rule.id]).possible
        return self.told[key, rule.id]

    def _words(self, rule: Rule, words: Sequence[str | bool]) -> list[tuple[Answers, Possible]]:
        parts: dict[Possible, list[str | bool]] = {}
        for word in words:
            parts.setdefault(self._possible(rule, (type(word), word), word), []).append(word)
        return [(Answers(words=tuple(same)), possible) for possible, same in parts.items()]

    def _numbers(self) -> list[float]:
        lo, hi = self.definition.range
        unit = self.definition.unit or ""
        grid = _GRIDS.get(unit, _MONEY)
        points = {x for size in grid for x in (size, -size) if lo <= x <= hi}
        return sorted(points | {end for end in (lo, hi) if isfinite(end)})

    def _days(self) -> list[float]:
        today = self.answering.as_of.toordinal()
        days = {today + sign * days for days in _DAYS for sign in (-1, 1)}
        return sorted(float(day) for day in days if date.min.toordinal() <= day <= date.max.toordinal())

    def _line(
        self,
        rule: Rule,
        written: Callable[[float], Written],
        points: Sequence[float],
        between: Callable[[float, float], float],
    ) -> list[tuple[Answers, Possible]]:
        """The line of numbers cut where the rule changes.

        A fact with a direction changes a rule one way only, so that between two answers with the same outcome there is
        no other; one without is looked at on a grid.
        """

        def at(x: float) -> Possible:
            return self._possible(rule, x, written(x))

        monotone = self.definition.worse != "none"
        cuts: list[tuple[float, bool]] = []  # places of change; whether the place itself belongs to the left
        known = [points[0], points[-1]] if monotone else list(points)
        for left, right in pairwise(known):
            while at(left) != at(right):
                left, belongs, beyond = self._change(at, left, right, points, between)
                cuts.append((left, belongs))
                left = beyond
        parts: list[tuple[Answers, Possible]] = []
        ends: list[tuple[float, bool] | None] = [None, *cuts, None]
        for start, end in pairwise(ends):
            inside = _inside(start, end, points, between)
            answers = Answers(
                None if start is None else start[0],
                None if end is None else end[0],
                start is not None and start[1],
                end is not None and not end[1],
            )
            parts.append((answers, at(inside)))
        return parts

    @staticmethod
    def _change(
        at: Callable[[float], Possible],
        left: float,
        right: float,
        points: Sequence[float],
        between: Callable[[float, float], float],
    ) -> tuple[float, bool, float]:
        """The first change after `left`: its place, whether it belongs to the left, and a point beyond it."""
        first = at(left)
        grid = points[bisect_left(points, left) : bisect_left(points, right) + 1]
        step = bisect_left(grid, True, key=lambda x: at(x) != first)
        low, high = (grid[step - 1] if step else left), (grid[step] if step < len(grid) else right)
        for _ in range(_HALVINGS):
            middle = between(low, high)
            if not low < middle < high or high - low <= _CLOSE * max(abs(low), abs(high)):
                break
            if at(middle) == first:
                low = middle
            else:
                high = middle
        place = high if between is _between_days else _plainest(low, high)
        belongs = at(place) == first
        return place, belongs, high


def _inside(
    start: tuple[float, bool] | None,
    end: tuple[float, bool] | None,
    points: Sequence[float],
    between: Callable[[float, float], float],
) -> float:
    """An answer between two places of change."""
    if start is None:
        return points[0]
    if end is None:
        return points[-1]
    if start[0] == end[0]:
        return start[0]
    return between(start[0], end[0])


def _between(low: float, high: float) -> float:
    """A number between two: by size where they differ by orders of magnitude."""
    if low > 0 and high / low > 4:
        return float((low * high) ** 0.5)
    return (low + high) / 2


def _between_days(low: float, high: float) -> float:
    return float((low + high) // 2)


def _as_days(ordinal: float) -> Written:
    day = date.fromordinal(int(ordinal))
    return day, day


def _plainest(low: float, high: float) -> float:
    """The number between two that has the fewest digits.

    >>> _plainest(0.24999999999, 0.25000000001)
    0.25
    """
    for digits in range(1, 17):
        for x in (low, high):
            rounded = float(f"{x:.{digits - 1}e}")
            if low <= rounded <= high:
                return rounded
    return high
