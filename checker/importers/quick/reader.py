"""The reader: one profile after another becomes a row, and all rows the columns of a layout."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from checker.engine.columns.arrays import Array
from checker.engine.columns.flatten import Record
from checker.engine.columns.layout import NOT_EXAMINED, Layout, column
from checker.engine.rules import PROVED
from checker.importers.quick.beyond import Beyond, Looks
from checker.importers.quick.facts import (
    CONDITION,
    NUMBER,
    SETTLING,
    WHO,
    WIDTH,
    WORD,
    Asked,
    Fact,
    Facts,
)
from checker.importers.quick.parts import Sources, read_defaults, read_examined, texts_of_notes, texts_of_sources
from checker.importers.quick.shapes import DOCUMENT, Entry, OtherwiseError, texts_in
from checker.importers.quick.statements import (
    NO_MORE,
    NOT_HELD,
    NOTHING,
    Counting,
    CutDays,
    Key,
    Statement,
    key_of,
    merged,
    texts_of,
)
from checker.model.profile import FORMAT, FactEntry, Profile
from checker.packs.reference import Reference
from checker.packs.rulebook import Rule

TYPES: Mapping[str, Any] = {"Float64": np.float64, "Int8": np.int8, "Int16": np.int16, "Int32": np.int32}
Defaulted = tuple[Key, str | None]
"""Dates, evidence and source of statements that say nothing of them."""


class QuickReader:
    """Reads profiles into the columns of a layout at one cut.

    Args:
        layout: The columns.
        days: The cut.
        reference: The reference rates, for leaves.
        rules: Gives the rules that apply to a kind.
        reader: What the person who asks said.

    Attributes:
        layout: The columns.
        count: Rows read since they were last taken.
        name: Name of the platform read last.
        kind: Its kind.
    """

    def __init__(
        self,
        layout: Layout,
        days: CutDays,
        reference: Reference,
        rules: Callable[[str], Sequence[Rule]],
        reader: Mapping[str, str | float] | None = None,
    ) -> None:
        self.layout, self.days = layout, days
        self.name = self.kind = ""
        self._last: Any = None
        self._decode = msgspec.json.Decoder(DOCUMENT).decode
        self._counting = Counting(layout.rulebook.dictionary, days)
        self._facts = Facts(layout, self._counting, rules)
        self._beyond = Beyond(layout, self._counting, reference, reader or {})
        self._empty()

    def _empty(self) -> None:
        self.count = 0
        self._figures = array("d")
        self._sizes: list[int] = []
        self._kinds: list[int] = []
        self._cells: list[Record] = []

    # -- a profile

    def read(self, raw: bytes) -> bool:
        """Read one profile as the next row.

        Returns:
            Whether it could be read here; else it goes the long way, and there is no row of it.
        """
        try:
            texts = texts_in(raw)
            self._last = document = self._decode(raw)
            figures, cells, kind = self._row(document, texts)
        except (OtherwiseError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        self._figures.fromlist(figures)
        self._sizes.append(len(figures) // WIDTH)
        self._kinds.append(kind)
        self._cells.append(cells)
        self.count += 1
        return True

    def _row(self, document: Any, texts: int) -> tuple[list[float], Record, int]:
        """The figures of one profile, its cells, its kind; facts not in the layout are checked like all others."""
        schema, format, defaults, looks, sources, notes, overrides, *sections = msgspec.structs.astuple(document)
        if format != FORMAT or overrides or sections[0] is None:
            raise OtherwiseError
        name, kind = sections[0].get("name"), sections[0].get("kind")
        if type(name) is not str or not name.strip() or type(kind) is not str:
            raise OtherwiseError
        asked = self._facts.of_kind(kind)
        self.name, self.kind = name.strip(), kind
        known: Sources = sources or {}
        heads = defaults, looks, sources, notes, overrides, format, *sections
        found = len(heads) - heads.count(None) + 2 * (schema is not None) + texts_of_sources(known, self._counting)
        default: Defaulted = NOTHING, None
        if defaults is not None:
            default, more = read_defaults(defaults, known, self._counting)
            found += more
        if notes is not None:
            found += texts_of_notes(notes, known, self._counting)
        examined: Looks = {}
        if looks is not None:
            examined, more = read_examined(looks, known, self.days.today)
            found += more
        figures: list[float] = []
        later: list[tuple[Fact, list[Statement]]] = []
        if found + self._stated(sections, asked, known, default, figures, later) != texts:
            raise OtherwiseError
        cells: Record = {}
        if later or examined or self.layout.leaves:
            cells = self._beyond.settle(kind, asked, figures, later, examined)
        return figures, cells, asked.at

    def _stated(
        self,
        sections: Sequence[Mapping[str, Any] | None],
        asked: Asked,
        known: Sources,
        default: Defaulted,
        figures: list[float],
        later: list[tuple[Fact, list[Statement]]],
    ) -> int:
        """Add the figures of facts that one plain statement settles, other facts to `later`; how many texts all have.

        This is the way of every statement of every profile, so it is one loop with few calls.
        """
        found = 0
        value: Any
        least: Any
        most: Any
        count, assumed = self._counting.count, texts_of(default[0])
        for facts, table in zip(sections, asked.sections, strict=True):
            if not facts:
                continue
            found += len(facts)
            for name, body in facts.items():
                try:
                    fact = table[name]
                except KeyError:
                    raise OtherwiseError from None
                if type(body) is Entry:
                    value, source = body.value, body.source
                    if (
                        value is None
                        or body.status is not None
                        or body.lo is not None
                        or body.hi is not None
                        or body.reason is not None
                    ):
                        statement, texts = self._other(fact, body, known, default)
                        found += texts
                        later.append((fact, [statement]))
                        continue
                    if body.until is None and body.seen is None and body.alleged is None and body.inferred is None:
                        key: Key = (body.from_, body.known_on, body.evidence)
                    else:
                        key = key_of(body)
                    if source is None:
                        found -= 2
                        if key[0] is None and key[1] is None and key[2] is None:
                            key, source = merged(key, default[0]), default[1]
                            found -= assumed
                    elif source not in known:
                        raise OtherwiseError
                    if body.locator is not None:
                        found += 2
                    if body.note is not None:
                        found += 2
                elif body is None:
                    continue
                elif type(body) is list:
                    if not body:
                        raise OtherwiseError
                    history = [self._other(fact, member, known, default) for member in body]
                    found += sum(texts for _, texts in history)
                    later.append((fact, [statement for statement, _ in history]))
                    continue
                elif fact.way == WHO:
                    found += 1
                    continue
                else:
                    value, (key, source) = body, default
                    found -= 3 + assumed
                try:
                    texts, code, age = fact.counted[key]
                except KeyError:
                    texts, code, age = count(key, fact.manner)
                found += texts + 3  # with the keys of value and source, and the source
                way, kind_of = fact.way, type(value)
                if way == NUMBER:
                    if kind_of is float or kind_of is int:
                        if not fact.least <= value <= fact.most:
                            raise OtherwiseError
                        least = most = value
                    else:
                        found += 1
                        least, most = value = fact.value(value)
                elif way == CONDITION or way == WORD:  # noqa: SIM109 - `in` takes longer
                    if kind_of is str:
                        found += 1
                    least, most = fact.bits.get(value), 0.0
                    if least is None or kind_of is not fact.word:
                        raise OtherwiseError
                else:
                    found += 1
                    value = fact.value(value)
                    least = most = value[0].toordinal() if fact.definition.type == "date" else 0.0
                if not fact.plain[code]:
                    counts = code != NOT_HELD and (code >= fact.least_code or value in fact.adverse)
                    if fact.kept or (counts and code < SETTLING):
                        later.append((fact, [(key, (least, most) if way == NUMBER else value, source, None)]))
                        continue
                    if not counts:
                        continue
                    if fact.proved and code % 3 < PROVED:
                        raise OtherwiseError
                if age > fact.max_age:
                    least, most = fact.aged(value, least, most)
                if fact.at >= 0:
                    figures += (fact.at, code, least, most)
        return found

    def _other(self, fact: Fact, body: Entry, known: Sources, default: Defaulted) -> tuple[Statement, int]:
        """A statement of any form, with how many texts it has."""
        value, source, status = body.value, body.source, body.status
        key = key_of(body)
        said = msgspec.structs.astuple(body)[len(NOTHING) + len(NO_MORE) :]
        texts = texts_of(key) + sum(1 + (type(part) is str) for part in said if part is not None)
        bounded = body.lo is not None or body.hi is not None
        if (source is not None and source not in known) or (value is not None and bounded) or fact.way == WHO:
            raise OtherwiseError
        if status is None or status == "reported":
            if value is None and not bounded:
                raise OtherwiseError
            value = fact.bounds(body.lo, body.hi) if bounded else fact.value(value)
            if source is None and key[: len(NOTHING)] == NOTHING:
                key, source = merged(key, default[0]), default[1]
            status = None
        elif value is not None or bounded or not fact.may_stand(status, source, body.reason):
            raise OtherwiseError
        self._counting.count(key, fact.manner)
        return (key, value, source, status), texts

    # -- rows

    def forget(self) -> None:
        """Take back the row read last."""
        del self._figures[len(self._figures) - WIDTH * self._sizes.pop() :]
        self._kinds.pop()
        self._cells.pop()
        self.count -= 1

    def profile(self) -> Profile:
        """The profile read last: name, kind, facts and examinations, without its sources and notes."""
        _, _, defaults, looks, sources, _, _, *sections = msgspec.structs.astuple(self._last)
        known: Sources = sources or {}
        default = (NOTHING, None) if defaults is None else read_defaults(defaults, known, self._counting)[0]
        facts: dict[str, tuple[FactEntry, ...]] = {}
        for said, table in zip(sections, self._facts.of_kind(self.kind).sections, strict=True):
            for name, body in (said or {}).items():
                fact = table[name]
                if fact.way == WHO:
                    value = self.name if name == "name" else self.kind
                    facts[fact.definition.id] = (self._counting.entry((NOTHING, value, None, None)),)
                elif body is not None:
                    bodies = body if isinstance(body, list) else [body]
                    facts[fact.definition.id] = tuple(self._whole(fact, one, known, default) for one in bodies)
        examined, _ = read_examined(looks or {}, known, self.days.today)
        return Profile("", "", FORMAT, self.name, self.kind, facts, {}, examined, {}, ())

    def _whole(self, fact: Fact, body: Any, known: Sources, default: Defaulted) -> FactEntry:
        """A statement with all it says."""
        if not isinstance(body, Entry):
            return self._counting.entry((default[0], fact.value(body), default[1], None))
        entry = self._counting.entry(self._other(fact, body, known, default)[0])
        said = {"locator": body.locator or "", "note": body.note or "", "reason": body.reason or ""}
        return entry.model_copy(update=said) if any(said.values()) else entry

    def take(self) -> tuple[dict[str, Array], int]:
        """The rows read so far as columns of the layout, filled where nothing is known; the reader is empty then."""
        count, facts, dictionary = self.count, self.layout.facts, self.layout.rulebook.dictionary
        specs = {spec.name: spec for spec in self.layout.columns}
        figures = np.array(self._figures, np.float64).reshape(-1, WIDTH)
        at, row = figures[:, 0].astype(np.intp), np.repeat(np.arange(count), self._sizes)
        stand = np.full((len(facts), count), NOT_EXAMINED, np.int8)
        stand[at, row] = figures[:, 1]
        bounds = np.zeros((2, len(facts), count))
        for index, (id, shift) in enumerate(facts):
            stem = column(id, shift)
            for side, names in enumerate(((f"{stem}.lo", f"{stem}.set"), (f"{stem}.hi",))):
                bounds[side, index] = next((specs[name].missing for name in names if name in specs), 0.0)
        for side in (0, 1):
            bounds[side, at, row] = figures[:, 2 + side]
        found: dict[str, Array] = {"kind": np.array(self._kinds, np.int8)}
        found["as_of"] = np.full(count, self.days.as_of.toordinal(), np.int32)
        for index, (id, shift) in enumerate(facts):
            stem = column(id, shift)
            found[f"{stem}.how"] = stand[index]
            if dictionary[id].type in ("number", "date"):
                found[f"{stem}.lo"], found[f"{stem}.hi"] = bounds[0, index], bounds[1, index]
            elif f"{stem}.set" in specs:
                found[f"{stem}.set"] = bounds[0, index].astype(np.int16)
        for name in (*(f"{id}.how" for id in self.layout.tables), *self._leaf_columns()):
            found[name] = np.full(count, specs[name].missing, TYPES[specs[name].type])
        for index, cells in enumerate(self._cells):
            for name, cell in cells.items():
                found[name][index] = cell
        self._empty()
        return found, count

    def _leaf_columns(self) -> Iterator[str]:
        for name, leaf in self.layout.leaves.items():
            yield from (f"{name}.{end}" for end in (("lo", "hi", "proof") if leaf.is_number else ("set", "proof")))


__all__ = ["TYPES", "QuickReader"]
