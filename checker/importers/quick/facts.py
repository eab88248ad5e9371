"""What a kind of platform may state, and how each value is read: what is asked of a fact at every profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checker.engine.columns.layout import KINDS, Layout, RuleForm, how, number_range, words_of
from checker.engine.rules import PROVED
from checker.importers.quick.shapes import OtherwiseError
from checker.importers.quick.statements import CODES, Counted, Counting, Key, manner_of, remember
from checker.model.dictionary import SECTIONS, FactDef
from checker.model.interval import Interval
from checker.model.profile import IDENTITY, InvalidValueError, plain_limit, read_bounds, read_value
from checker.model.state import FactState, Status
from checker.model.view import aged
from checker.packs.rulebook import Rule

NUMBER, CONDITION, WORD, TEXT, WHO = range(5)
"""How a value is read; `TEXT` by the model, `WHO` are name and kind, which are read first."""
LARGEST = float(1 << 63)
BELOW_LARGEST = float((1 << 63) - 1024)
"""Numbers from here on are left to the slow reader, which refuses whole ones."""
WIDTH = 4
"""Figures of a fact in a row: its place, how it stands, its bounds; a set stands in place of the lower one."""
SETTLING = 3
"""Least code of a statement that is more than a rumour."""


@dataclass(slots=True)
class Fact:
    """A fact with what is asked of it at every profile of a kind.

    Attributes:
        definition: The fact.
        at: Its place among the facts of the layout, or -1 where no rule reads it.
        way: How its value is read.
        low: Least value of a number; for words the mask of all.
        high: Greatest value of a number.
        least: Least number that is read here without a percent sign.
        most: Greatest such number.
        word: What its words are in a file: `bool` or `str`.
        bits: Mask of each word.
        stale: Mask of each word that is too old.
        max_age: Days after which a statement is too old.
        manner: Which statements count alike.
        counted: Statements of its manner that were met before.
        plain: For each code whether one statement of it settles the fact, whatever it says; last for one that does
            not hold.
        kept: Whether more than columns read it.
        least_code: Least code of a statement that counts, whatever it says.
        adverse: Words that count however weak their evidence.
        proved: Whether a stop asks if it is proved.
        texts: Values written as text that were met before.
    """

    definition: FactDef
    at: int
    way: int
    low: float
    high: float
    least: float
    most: float
    word: type
    bits: Mapping[Any, int]
    stale: Mapping[Any, int]
    max_age: float
    manner: int
    counted: Mapping[Key, Counted]
    plain: tuple[bool, ...]
    kept: bool
    least_code: int
    adverse: frozenset[Any]
    proved: bool
    texts: dict[str, Any] = field(default_factory=dict)

    def value(self, raw: Any) -> Any:
        """A value in the common shape, by the model's own reader."""
        text = type(raw) is str
        value = self.texts.get(raw) if text else None
        if value is None:
            try:
                value = read_value(self.definition, raw)
            except InvalidValueError:
                raise OtherwiseError from None
            if self.way == NUMBER and abs(value[0]) >= LARGEST:  # type: ignore[index, arg-type]
                raise OtherwiseError
            if text:
                remember(self.texts, raw, value)
        return value

    def bounds(self, lo: Any, hi: Any) -> Any:
        """Bounds in the common shape."""
        try:
            value: Any = read_bounds(self.definition, lo, hi)
        except InvalidValueError:
            raise OtherwiseError from None
        if self.way == NUMBER and any(LARGEST <= abs(end) < np.inf for end in value):
            raise OtherwiseError
        return value

    def aged(self, value: Any, least: float, most: float) -> tuple[float, float]:
        """The bounds, or the set, of a value that is too old to limit how bad things can be."""
        if self.way != NUMBER and self.definition.type != "date":
            return self.stale.get(value, least), most
        worse = self.definition.worse
        return (self.low if worse == "lower" else least), (self.high if worse == "higher" else most)

    def may_stand(self, status: str, source: str | None, reason: str | None) -> bool:
        """Whether it may be said to stand so; see `check_status` of the model."""
        if status == Status.NOT_EXAMINED:
            return True
        if source is None or (status == Status.NOT_DISCLOSED and self.definition.observable):
            return False
        return status != Status.NOT_APPLICABLE or bool(reason and self.definition.may_not_apply)


@dataclass(frozen=True)
class Asked:
    """What is asked at platforms of one kind.

    Attributes:
        at: Position of the kind among all.
        sections: The facts it may state, section by section.
        rules: The rules, each with its form and the facts it reads.
        proved: Facts of which a stop asks whether they are proved.
    """

    at: int
    sections: list[dict[str, Fact]]
    rules: list[tuple[Rule, RuleForm, frozenset[str]]]
    proved: frozenset[str]


class Facts:
    """The facts of a layout, kind by kind.

    Args:
        layout: The columns.
        counting: Statements at the cut.
        rules: Gives the rules that apply to a kind.
    """

    def __init__(self, layout: Layout, counting: Counting, rules: Callable[[str], Sequence[Rule]]) -> None:
        self.layout, self._counting, self._rules = layout, counting, rules
        self._at = {id: index for index, (id, shift) in enumerate(layout.facts) if not shift}
        self._kept = frozenset[str]().union(*(leaf.facts for leaf in layout.leaves.values()))
        self._kept |= {id for id, shift in layout.facts if shift}
        self._kinds: dict[str, Asked] = {}
        self._made: dict[tuple[str, bool], Fact] = {}

    def of_kind(self, kind: str) -> Asked:
        """What is asked at platforms of a kind."""
        if kind not in self._kinds:
            if kind not in KINDS:
                raise OtherwiseError
            forms = [(rule, self.layout.rules[rule.id]) for rule in self._rules(kind)]
            proved = frozenset[str]().union(*(form.tried.intersection(form.facts) for _, form in forms if form.stops))
            dictionary = self.layout.rulebook.dictionary
            told = [dictionary[id] for id in dictionary]
            told = [d for d in told if d.type != "table" and (d.id in IDENTITY or d.applies_to(kind))]
            self._kinds[kind] = Asked(
                KINDS.index(kind),
                [
                    {d.name: self._shared(d, d.id in proved) for d in told if d.section == section}
                    for section in SECTIONS
                ],
                [(rule, form, frozenset(form.facts)) for rule, form in forms],
                proved,
            )
        return self._kinds[kind]

    def _shared(self, definition: FactDef, proved: bool) -> Fact:
        key = definition.id, proved
        if key not in self._made:
            self._made[key] = self._fact(definition, proved)
        return self._made[key]

    def _fact(self, definition: FactDef, proved: bool) -> Fact:
        kind = definition.type
        words = words_of(definition) if kind in ("bool", "enum") else ()
        low, high = number_range(definition) if kind in ("number", "date") else (float((1 << len(words)) - 1), 0.0)
        bits = {word: 1 << bit for bit, word in enumerate(words)}
        limit = min(plain_limit(definition), BELOW_LARGEST) if kind == "number" else 0.0
        stale: dict[Any, int] = {word: sum(bits[w] for w in aged(definition, frozenset({word}))) for word in words}  # type: ignore[arg-type, misc, union-attr]
        kept = definition.id in self._kept
        least_code = 3 * int(definition.min_evidence[1]) if definition.min_evidence else 0
        return Fact(
            definition,
            self._at.get(definition.id, -1),
            WHO if definition.id in IDENTITY else {"number": NUMBER, "bool": CONDITION, "enum": WORD}.get(kind, TEXT),
            low,
            high,
            max(low, -limit),
            min(high, limit),
            bool if kind == "bool" else str,
            bits,
            stale,
            np.inf if definition.max_age_days is None else definition.max_age_days,
            manner_of(definition),
            self._counting.known[manner_of(definition)],
            tuple(
                not kept and CODES > code >= max(least_code, SETTLING) and (code % 3 >= PROVED or not proved)
                for code in range(CODES + 1)
            ),
            kept,
            least_code,
            frozenset(word for word in words if definition.worse != "none" and stale[word] == bits[word]),
            proved,
        )


def figures_of(definition: FactDef, state: FactState) -> tuple[float, float, float]:
    """How a fact stands, and its bounds or the set of its words."""
    value = state.value
    if isinstance(value, Interval):
        return how(state), value.lo, value.hi
    if isinstance(value, frozenset) and definition.type in ("bool", "enum"):
        return how(state), sum(1 << bit for bit, word in enumerate(words_of(definition)) if word in value), 0.0
    return how(state), 0.0, 0.0


__all__ = ["CONDITION", "NUMBER", "SETTLING", "WHO", "WIDTH", "WORD", "Asked", "Fact", "Facts", "figures_of"]
