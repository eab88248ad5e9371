"""Profiles straight to columns: JSON is decoded by type and written to a layout's columns, with no profile in between.

Most facts of most profiles are statements with a value, dates, evidence and a source. Those are read here; what else a
profile may hold (tables, notes, overrides, anything that is wrong) is left to `checker.model.profile` and `flatten`,
which also say what is wrong. Whatever is read here gives the very row that they give.

    reader = QuickReader(judge.layout, Cuts(day, day, today), rules_of)
    row = reader.read(b'{"ddcheck": 1, "platform": {"name": "Acme", "kind": "fund"}}')   # None: the long way
    results = judge.judge_arrays(*reader.take())

What repeats is worked out once: a date, the dates and evidence of a statement, a number written as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
import numpy as np

from checker.engine.columns.arrays import Array
from checker.engine.columns.flatten import Record, is_known, leaf_cells
from checker.engine.columns.layout import (
    KINDS,
    NOT_EXAMINED,
    Layout,
    RuleForm,
    column,
    how,
    how_table,
    number_range,
    words_of,
)
from checker.engine.cut import Cut
from checker.engine.rules import PROVED
from checker.engine.scalar import Interpreter
from checker.lang.tree import Call, walk
from checker.model.dictionary import EVIDENCE, SECTIONS, ColumnDef, Dictionary, FactDef
from checker.model.document import MAX_BYTES
from checker.model.interval import Interval
from checker.model.profile import (
    FORMAT,
    IDENTITY,
    MAX_SOURCE_ID,
    MAX_TEXT,
    Examination,
    FactEntry,
    InvalidValueError,
    Profile,
    plain_limit,
    read_bounds,
    read_value,
)
from checker.model.state import FactState, Status
from checker.model.view import View, aged, grade, proof
from checker.packs.reference import Reference
from checker.packs.rulebook import Rule

TYPES: Mapping[str, Any] = {"Float64": np.float64, "Int8": np.int8, "Int16": np.int16, "Int32": np.int32}
LARGEST = float(1 << 63)
BELOW_LARGEST = float((1 << 63) - 1024)
"""Numbers from here on are left to the slow reader, which refuses whole ones."""
MEMORY = 200_000
"""What is kept of repeating parts, each."""
STEP = 57
"""Every so manieth sign is looked at to find a number of more than 400, which is refused: seven in a row."""
_ESCAPES = re.compile(rb"\\u(?:00[0189]|007[fF]|[dD][89a-fA-F]|202[a-eA-E]|206[6-9])|\\[bfr]")
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
_NUMBERS = re.compile(rb"[0-9.eE+-]{7}")
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{401}")
_URL = re.compile(r"https?://[^\s<>\"'\\]{1,2000}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATUS = {status.value: status for status in Status}
_ENDS = {"from": 0, "until": 1, "known_on": 2, "seen": 3}


class _OtherwiseError(Exception):
    """This profile is read the long way."""


# ------------------------------------------------------------------------------------------------ what is decoded


class _Entry(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A statement; the first seven fields decide how it counts at a cut."""

    from_: str | None = msgspec.field(name="from", default=None)
    until: str | None = None
    known_on: str | None = None
    seen: str | None = None
    evidence: str | None = None
    alleged: bool | None = None
    inferred: tuple[str, ...] | None = None
    value: int | float | str | bool | None = None
    source: str | None = None
    locator: str | None = None
    note: str | None = None
    status: str | None = None
    reason: str | None = None
    lo: int | float | str | None = None
    hi: int | float | str | None = None


class _Look(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    on: str
    known_on: str
    sources: tuple[str, ...]
    note: str | None = None


class _Source(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    title: str
    publisher: str | None = None
    date: str | None = None
    url: str | None = None
    locator: str | None = None
    note: str | None = None


class _Defaults(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    from_: str | None = msgspec.field(name="from", default=None)
    known_on: str | None = None
    source: str | None = None
    evidence: str | None = None


_Body = _Entry | list[_Entry] | int | float | str | bool | None
_Facts = dict[str, _Body]


def _document(sections: Iterable[str]) -> type[msgspec.Struct]:
    """The type of a whole profile, of the models' own keys."""
    fields: list[Any] = [
        ("schema_", str | None, msgspec.field(name="$schema", default=None)),
        ("ddcheck", int),
        ("defaults", _Defaults | None, None),
        ("examined", dict[str, list[_Look] | None] | None, None),
        ("sources", dict[str, _Source] | None, None),
        ("notes", list[None] | None, None),
        ("overrides", list[None] | None, None),
    ]
    fields += [(section, _Facts | None, None) for section in sections]
    return msgspec.defstruct("_Document", fields, forbid_unknown_fields=True, gc=False, kw_only=True)


DOCUMENT = _document(SECTIONS)


# ------------------------------------------------------------------------------------------------- what is known of it


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


_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Dated:
    """Dates and evidence of a statement, as far as a view asks about them."""

    from_: date | None
    until: date | None
    known_on: date | None
    seen: date | None
    evidence: str | None
    alleged: bool


@dataclass(slots=True)
class _Fact:
    """A fact with what is asked of it at every profile.

    Attributes:
        definition: The fact.
        at: Its place among the facts of the layout, or -1 where no rule reads it.
        way: How its value is read: `NUMBER`, `CONDITION`, `WORD`, or `TEXT` for what is read by the model.
        low: Least value of a number; for words the mask of all.
        high: Greatest value of a number.
        least: Least number that is read here without a percent sign.
        most: Greatest such number.
        bits: Mask of each word.
        stale: Mask of each word that is too old.
        age: Days after which a statement is too old.
        manner: Which statements count alike: by promise or state, by number or not.
        simple: Whether one statement of some weight settles it, and nothing but columns read it.
        counted: Statements of its manner that were met before.
        texts: Values written as text that were met before.
    """

    definition: FactDef
    at: int
    way: int
    low: float
    high: float
    least: float
    most: float
    bits: Mapping[Any, int]
    stale: Mapping[Any, int]
    age: float
    manner: int
    simple: bool
    counted: dict[_Key, _Counted]
    texts: dict[str, Any] = field(default_factory=dict)


_Counted = tuple[int, int, int, float]
"""How a statement counts: texts written, grade (-1 where it does not hold at the cut), proof, age in days."""
_Stated = tuple[_Key, Any, str | None, str | None]
"""A statement: dates and evidence, value, source, status."""
NUMBER, CONDITION, WORD, TEXT = range(4)
WIDTH = 4
"""Figures of a fact in a row: its place, how it stands, its bounds; a set stands in place of the lower one."""
NOTHING: _Key = (None,) * 7


@dataclass(frozen=True)
class _Silence:
    """What is withheld because somebody looked for it: figures of facts, ids of facts, cells of tables."""

    figures: Mapping[int, tuple[float, ...]]
    ids: Mapping[int, str]
    tables: Record


class QuickReader:
    """Reads profiles into the columns of a layout at one cut.

    Args:
        layout: The columns.
        days: The cut.
        reference: The reference rates, for leaves.
        rules: Gives the rules that apply to a kind.
        reader: What the person who asks said.

    Attributes:
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
        self.layout, self.days, self.reference = layout, days, reference
        self.reader = reader or {}
        self.dictionary: Dictionary = layout.rulebook.dictionary
        self.count = 0
        self.name = self.kind = ""
        self._last: Any = None
        self._rules = rules
        self._decode = msgspec.json.Decoder(DOCUMENT).decode
        self._dates: dict[str, date] = {}
        self._counted: tuple[dict[_Key, _Counted], ...] = ({}, {}, {}, {})
        self._at = {fact: index for index, fact in enumerate(layout.facts)}
        self._earlier = [(id, shift) for id, shift in layout.facts if shift]
        self._tables: dict[str, list[dict[str, _Fact]]] = {kind: self._of_kind(kind) for kind in KINDS}
        self._leaf_memory: dict[Any, Record] = {}
        self._looking_back = {
            name
            for name, leaf in layout.leaves.items()
            if any(isinstance(node, Call) and node.function == "was" for node in walk(leaf.node))
        }
        self._silences: dict[Any, _Silence] = {}
        self._asking: dict[str, list[tuple[Rule, RuleForm, frozenset[str]]]] = {}
        self._blank = self._view("", {}, {})
        self._empty()

    def _empty(self) -> None:
        self.count = 0
        self._figures: list[float] = []
        self._sizes: list[int] = []
        self._kinds: list[int] = []
        self._cells: list[Record] = []

    def _of_kind(self, kind: str) -> list[dict[str, _Fact]]:
        """The facts that a kind may state, section by section."""
        kept = frozenset[str]().union(*(leaf.facts for leaf in self.layout.leaves.values()))
        kept |= {id for id, _ in self._earlier}
        found: list[dict[str, _Fact]] = []
        for section in SECTIONS:
            of_section = (self.dictionary[id] for id in self.dictionary if id not in IDENTITY)
            found.append(
                {
                    d.name: self._fact(d, d.id in kept)
                    for d in of_section
                    if d.section == section and d.type != "table" and d.applies_to(kind)
                }
            )
        return found

    def _fact(self, definition: FactDef, kept: bool) -> _Fact:
        kind = definition.type
        words = words_of(definition) if kind in ("bool", "enum") else ()
        low, high = number_range(definition) if kind in ("number", "date") else (float((1 << len(words)) - 1), 0.0)
        bits = {word: 1 << bit for bit, word in enumerate(words)}
        manner = 2 * (definition.about == "promise") + (kind == "number")
        limit = min(plain_limit(definition), BELOW_LARGEST) if kind == "number" else 0.0
        return _Fact(
            definition,
            self._at.get((definition.id, 0), -1),
            {"number": NUMBER, "bool": CONDITION, "enum": WORD}.get(kind, TEXT),
            low,
            high,
            max(low, -limit),
            min(high, limit),
            bits,
            {word: sum(bits[w] for w in aged(definition, frozenset({word}))) for word in words},  # type: ignore[arg-type, misc, union-attr]
            np.inf if definition.max_age_days is None else definition.max_age_days,
            manner,
            not definition.min_evidence and not kept,
            self._counted[manner],
        )

    # -- parts that repeat

    def _date(self, text: str) -> date:
        day = self._dates.get(text)
        if day is None:
            if not _ISO.fullmatch(text):
                raise _OtherwiseError
            try:
                day = date.fromisoformat(text)
            except ValueError:
                raise _OtherwiseError from None
            _remember(self._dates, text, day)
        return day

    def _past(self, text: str) -> None:
        if self._date(text) > self.days.today:
            raise _OtherwiseError

    def _count(self, key: _Key, manner: int) -> _Counted:
        """How statements with these dates and this evidence count at the cut; refuses what the long way refuses."""
        from_, until, known_on, seen = days = [None if text is None else self._date(text) for text in key[:4]]
        evidence, alleged, inferred = key[4:]
        wrong = any(day is not None and day > self.days.today for day in (from_, known_on, seen))
        for first, last in ((from_, until), (from_, seen), (seen, until)):
            wrong |= first is not None and last is not None and first > last
        wrong |= evidence is not None and evidence not in EVIDENCE
        wrong |= evidence == "complaint" and alleged is False
        wrong |= any(name not in _ENDS or days[_ENDS[name]] is None for name in inferred or ())
        if wrong:
            raise _OtherwiseError
        entry: Any = _Dated(from_, until, known_on, seen, evidence, bool(alleged) or evidence == "complaint")
        view, texts = self._blank, _texts(key)
        found: _Counted = texts, -1, 0, 0.0
        if view.holds(entry):
            about = "promise" if manner & 2 else "state"
            # the type alone matters: a measured number speaks for its day, all else as long as its source shows it
            day = view.attested(entry, _MEASURED if manner & 1 else _STANDING, about)
            age = -np.inf if day is None else (self.days.as_of - day).days
            found = texts, grade(entry, about), proof(entry), age
        _remember(self._counted[manner], key, found)
        return found

    def _entry(self, stated: _Stated) -> FactEntry:
        """A statement as far as a view asks about it."""
        key, value, source, status = stated
        days = [None if text is None else self._date(text) for text in key[:4]]
        return FactEntry.model_construct(
            from_=days[0],
            until=days[1],
            known_on=days[2],
            seen=days[3],
            evidence=key[4],
            source=source,
            locator="",
            note="",
            alleged=bool(key[5]) or key[4] == "complaint",
            inferred=key[6] or (),
            value=value,
            status=Status.REPORTED if status is None else Status(status),
            reason="",
        )

    def _view(
        self,
        kind: str,
        facts: Mapping[str, tuple[FactEntry, ...]],
        examined: Mapping[str, tuple[Examination, ...]],
    ) -> View:
        profile = Profile("", "", 1, "", kind, facts, {}, examined, {}, ())
        return View(profile, self.dictionary, self.days.as_of, self.days.known_by)

    def _value(self, fact: _Fact, raw: Any) -> Any:
        """A value in the common shape, by the model's own reader."""
        text = type(raw) is str
        value = fact.texts.get(raw) if text else None
        if value is None:
            try:
                value = read_value(fact.definition, raw)
            except InvalidValueError:
                raise _OtherwiseError from None
            if fact.way == NUMBER and abs(value[0]) >= LARGEST:  # type: ignore[index, arg-type]
                raise _OtherwiseError
            if text:
                _remember(fact.texts, raw, value)
        return value

    def _bounds(self, fact: _Fact, lo: Any, hi: Any) -> Any:
        try:
            value: Any = read_bounds(fact.definition, lo, hi)
        except InvalidValueError:
            raise _OtherwiseError from None
        if fact.way == NUMBER and any(LARGEST <= abs(end) < np.inf for end in value):
            raise _OtherwiseError
        return value

    # -- a profile

    def read(self, raw: bytes) -> bool:
        """Read one profile as the next row.

        Returns:
            Whether it could be read here; else it goes the long way, and there is no row of it.
        """
        try:
            texts = _checked(raw)
            self._last = self._decode(raw)
            figures, cells = self._row(self._last, texts)
        except (_OtherwiseError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        self._figures += figures
        self._sizes.append(len(figures) // WIDTH)
        self._kinds.append(KINDS.index(self.kind))
        self._cells.append(cells)
        self.count += 1
        return True

    def _row(self, document: Any, texts: int) -> tuple[list[float], Record]:
        """The figures of one profile; facts that are not in the layout are checked like all others."""
        schema, format, defaults, looks, sources, notes, overrides, *sections = msgspec.structs.astuple(document)
        rest = [defaults, looks, sources, notes, overrides, format, *sections]
        if format != FORMAT or notes or overrides or sections[0] is None:
            raise _OtherwiseError
        platform = sections[0]
        name, kind = platform.get("name"), platform.get("kind")
        if type(name) is not str or not name.strip() or type(kind) is not str or kind not in self._tables:
            raise _OtherwiseError
        self.name, self.kind = name.strip(), kind
        known: Mapping[str, _Source] = sources or {}
        default, default_source, found = NOTHING, None, 2
        if defaults is not None:
            default, default_source = self._defaults(defaults, known)
            found += _texts(default) + 2 * (default_source is not None)
        found += self._sources(known) + len(rest) - rest.count(None) + 2 * (schema is not None)
        astuple = msgspec.structs.astuple
        value: Any
        figures: list[float] = []
        later: list[tuple[_Fact, list[_Stated]]] = []
        doubted: set[str] = set()
        for facts, table in zip(sections, self._tables[kind], strict=True):
            if not facts:
                continue
            found += len(facts)
            for fact_name, body in facts.items():
                fact = table.get(fact_name)
                if fact is None:
                    if facts is platform and fact_name in ("name", "kind"):
                        continue
                    raise _OtherwiseError
                if type(body) is _Entry:
                    value, source = body.value, body.source
                    if (
                        value is None
                        or body.status is not None
                        or body.lo is not None
                        or body.hi is not None
                        or body.reason is not None
                    ):
                        statement, more = self._other(fact, astuple(body), known, default, default_source)
                        found += more
                        later.append((fact, [statement]))
                        continue
                    key = (
                        body.from_,
                        body.until,
                        body.known_on,
                        body.seen,
                        body.evidence,
                        body.alleged,
                        body.inferred,
                    )
                    if source is not None:
                        if source not in known:
                            raise _OtherwiseError
                        found += 3
                        count = fact.counted.get(key) or self._count(key, fact.manner)
                        found += count[0]
                    elif defaults is None or key[0] is not None or key[2] is not None or key[4] is not None:
                        count = fact.counted.get(key) or self._count(key, fact.manner)
                        found += 1 + count[0]
                    else:
                        found += 1 + _texts(key)
                        key, source = _merged(key, default), default_source
                        count = fact.counted.get(key) or self._count(key, fact.manner)
                    if body.locator is not None:
                        found += 2
                    if body.note is not None:
                        found += 2
                elif body is None:
                    continue
                elif type(body) is list:
                    if not body:
                        raise _OtherwiseError
                    history = []
                    for member in body:
                        statement, more = self._other(fact, astuple(member), known, default, default_source)
                        found += more
                        history.append(statement)
                    later.append((fact, history))
                    continue
                else:
                    value, key, source = body, default, default_source
                    count = fact.counted.get(key) or self._count(key, fact.manner)
                kind_of = type(value)
                if kind_of is str:
                    found += 1
                way = fact.way
                if way == NUMBER:
                    if kind_of is float or kind_of is int:
                        if not fact.least <= value <= fact.most:
                            raise _OtherwiseError
                        least = most = value
                    else:
                        least, most = self._value(fact, value)
                elif way == TEXT or kind_of is not (bool if way == CONDITION else str):
                    value = self._value(fact, value)
                    least = most = value[0].toordinal() if fact.definition.type == "date" else 0.0
                else:
                    least, most = fact.bits.get(value), 0.0
                    if least is None:
                        raise _OtherwiseError
                _, strength, proved, age = count
                if strength <= 0 or not fact.simple:
                    if strength == 0 or not fact.simple:
                        later.append((fact, [(key, (least, most) if way == NUMBER else value, source, None)]))
                    continue
                if age > fact.age:
                    if way in (CONDITION, WORD):
                        least = fact.stale[value]
                    elif fact.definition.worse == "higher":
                        most = fact.high
                    elif fact.definition.worse == "lower":
                        least = fact.low
                if proved < PROVED:
                    doubted.add(fact.definition.id)
                if fact.at >= 0:
                    figures += (fact.at, 3 * strength + proved, least, most)
        examined, more = self._examined(looks, known)
        if found + more != texts:
            raise _OtherwiseError
        return figures, self._settled(figures, later, examined, doubted)

    def _other(
        self,
        fact: _Fact,
        stated: tuple[Any, ...],
        known: Mapping[str, _Source],
        default: _Key,
        default_source: str | None,
    ) -> tuple[_Stated, int]:
        """A statement of any form, with how many texts it has."""
        key: _Key = stated[:7]
        value, source, _, _, status, reason, lo, hi = stated[7:]
        texts = _texts(key) + sum(1 + (type(part) is str) for part in stated[7:] if part is not None)
        bounded = lo is not None or hi is not None
        if (source is not None and source not in known) or (value is not None and bounded):
            raise _OtherwiseError
        if status is None or status == Status.REPORTED:
            if value is None and not bounded:
                raise _OtherwiseError
            value = self._bounds(fact, lo, hi) if bounded else self._value(fact, value)
            if source is None and key[0] is None and key[2] is None and key[4] is None:
                key, source = _merged(key, default), default_source
            status = None
        elif value is not None or bounded or status not in _STATUS or not _may_stand(fact, status, source, reason):
            raise _OtherwiseError
        if key not in self._counted[fact.manner]:
            self._count(key, fact.manner)
        return (key, value, source, status), texts

    def _sources(self, sources: Mapping[str, _Source]) -> int:
        """Check the sources; how many texts they have."""
        texts = len(sources)
        for name, source in sources.items():
            if not name.strip() == name != "" or len(name) > MAX_SOURCE_ID or not source.title.strip():
                raise _OtherwiseError
            texts += 2
            if source.date is not None:
                texts += 2
                self._past(source.date)
            if source.url is not None:
                texts += 2
                if not _URL.fullmatch(source.url):
                    raise _OtherwiseError
            if source.publisher is not None:
                texts += 2
            if source.locator is not None:
                texts += 2
            if source.note is not None:
                texts += 2
        return texts

    def _defaults(self, defaults: _Defaults, known: Mapping[str, _Source]) -> tuple[_Key, str | None]:
        if defaults.source is not None and defaults.source not in known:
            raise _OtherwiseError
        key: _Key = (defaults.from_, None, defaults.known_on, None, defaults.evidence, None, None)
        self._count(key, 0)
        return key, defaults.source

    def _examined(
        self, looks: Mapping[str, list[_Look] | None] | None, known: Mapping[str, _Source]
    ) -> tuple[dict[str, tuple[Examination, ...]], int]:
        """When somebody looked at each section, and how many texts that has."""
        texts, found = len(looks or ()), {}
        for section, members in (looks or {}).items():
            if section not in SECTIONS:
                raise _OtherwiseError
            for look in members or ():
                texts += 5 + len(look.sources) + 2 * (look.note is not None)
                self._past(look.on)
                self._past(look.known_on)
                if not look.sources or any(source not in known for source in look.sources):
                    raise _OtherwiseError
            found[section] = tuple(
                Examination.model_construct(
                    on=self._date(look.on),
                    known_on=self._date(look.known_on),
                    sources=look.sources,
                    note=look.note or "",
                )
                for look in members or ()
            )
        return found, texts

    # -- what is not one plain statement

    def _settled(
        self,
        figures: list[float],
        later: list[tuple[_Fact, list[_Stated]]],
        examined: dict[str, tuple[Examination, ...]],
        doubted: set[str],
    ) -> Record:
        """Facts that need a view, silence, leaves; the figures of facts are added, cells of all else returned."""
        layout, kind = self.layout, self.kind
        if not (later or examined or layout.leaves):
            if doubted:
                self._weigh(frozenset(), frozenset(), doubted)
            return {}
        entries = {fact.definition.id: tuple(map(self._entry, stated)) for fact, stated in later}
        view = self._view(kind, entries, examined)
        silent, rumoured = set[str](), set[str]()
        settled = set[int]()
        for id in entries:
            for shift in (0, *(days for early, days in self._earlier if early == id)):
                at = self._at.get((id, shift), -1)
                if at < 0:
                    continue
                settled.add(at)
                state = view.back(shift).fact(id)
                if state.status is not Status.NOT_EXAMINED:
                    figures += (at, *_figures(layout.rulebook.dictionary[id], state))
                if not shift:
                    if state.rumour is not None:
                        rumoured.add(id)
                    if state.status is Status.NOT_DISCLOSED:
                        silent.add(id)
                    elif state.status is Status.REPORTED and state.support.proof < PROVED:
                        doubted.add(id)
        cells: Record = {}
        if examined:
            silence = self._silence(kind, examined)
            settled |= {int(at) for at in figures[::WIDTH]}
            for at, numbers in silence.figures.items():
                if at not in settled:
                    figures += numbers
                    if at in silence.ids:
                        silent.add(silence.ids[at])
            cells |= silence.tables
        if silent or rumoured or doubted:
            self._weigh(silent, rumoured, doubted)
        if layout.leaves:
            self._leaves(view, entries, examined, cells)
        return cells

    def _silence(self, kind: str, examined: Mapping[str, tuple[Examination, ...]]) -> _Silence:
        key = kind, tuple((s, tuple((e.on, e.known_on) for e in looks)) for s, looks in sorted(examined.items()))
        if key not in self._silences:
            view, dictionary = self._view(kind, {}, examined), self.dictionary
            states = {at: view.back(shift).fact(id) for (id, shift), at in self._at.items()}
            held = {at: state for at, state in states.items() if state.status is Status.NOT_DISCLOSED}
            tables = {id: view.table(id).status for id in self.layout.tables}
            silence = _Silence(
                {at: (at, *_figures(dictionary[state.id], state)) for at, state in held.items()},
                {at: state.id for at, state in held.items() if not self.layout.facts[at][1]},
                {f"{id}.how": how_table(s) for id, s in tables.items() if s is not Status.NOT_EXAMINED},
            )
            _remember(self._silences, key, silence)
        return self._silences[key]

    def _weigh(self, silent: Collection[str], rumoured: Collection[str], doubted: Collection[str]) -> None:
        """Leave to the long way what needs a rule judged beforehand; see `needs_giving`."""
        if self.kind not in self._asking:
            forms = ((rule, self.layout.rules[rule.id]) for rule in self._rules(self.kind))
            self._asking[self.kind] = [(rule, form, frozenset(form.facts)) for rule, form in forms]
        for rule, form, facts in self._asking[self.kind]:
            if not facts.isdisjoint(rumoured):
                raise _OtherwiseError
            held = facts.intersection(silent)
            several = not form.unrolled and len(held & form.undirected.keys()) > 1
            if rule.silence != "unobserved" and (several or not form.tried.isdisjoint(held)):
                raise _OtherwiseError
            if form.stops and not form.tried.isdisjoint(facts.intersection(doubted)):
                raise _OtherwiseError

    def _leaves(
        self,
        view: View,
        entries: Mapping[str, tuple[FactEntry, ...]],
        examined: Mapping[str, tuple[Examination, ...]],
        cells: Record,
    ) -> None:
        """Expressions without a column form; what they say of the same facts is worked out once."""
        cut = Cut(view, self.reference, reader=self.reader)
        looked = tuple((s, tuple((e.on, e.known_on) for e in looks)) for s, looks in sorted(examined.items()))
        interpreter: Interpreter | None = None
        for leaf in self.layout.leaves.values():
            held = sorted(leaf.facts & entries.keys())
            states = [cut.fact(id, leaf.shift) for id in held]
            told = tuple((s.status, s.value, s.support, s.rumour, s.conflict, s.stale) for s in states)
            key = leaf.name, self.kind, looked, tuple(held), told
            found = None if leaf.name in self._looking_back else self._leaf_memory.get(key)
            if found is None:
                interpreter = interpreter or Interpreter(self.layout.program, cut)
                found = leaf_cells(leaf, interpreter) if is_known(leaf, cut) else {}
                _remember(self._leaf_memory, key, found)
            cells |= found

    # -- rows

    def forget(self) -> None:
        """Take back the row read last."""
        del self._figures[len(self._figures) - WIDTH * self._sizes.pop() :]
        self._kinds.pop()
        self._cells.pop()
        self.count -= 1

    def profile(self) -> Profile:
        """The profile read last: name, kind, facts and examinations, without its sources."""
        _, _, defaults, looks, sources, _, _, *sections = msgspec.structs.astuple(self._last)
        default, source = (NOTHING, None) if defaults is None else self._defaults(defaults, sources or {})
        facts: dict[str, tuple[FactEntry, ...]] = {}
        for said, section, table in zip(sections, SECTIONS, self._tables[self.kind], strict=True):
            for name, body in (said or {}).items():
                fact = table.get(name)
                if fact is None:
                    value = self.name if name == "name" else self.kind
                    facts[f"{section}.{name}"] = (self._entry((NOTHING, value, None, None)),)
                elif body is not None:
                    bodies = body if isinstance(body, list) else [body]
                    facts[fact.definition.id] = tuple(
                        self._whole(fact, one, sources or {}, default, source) for one in bodies
                    )
        examined, _ = self._examined(looks, sources or {})
        return Profile("", "", FORMAT, self.name, self.kind, facts, {}, examined, {}, ())

    def _whole(
        self, fact: _Fact, body: Any, known: Mapping[str, _Source], default: _Key, default_source: str | None
    ) -> FactEntry:
        """A statement with all it says."""
        if not isinstance(body, _Entry):
            return self._entry((default, self._value(fact, body), default_source, None))
        stated, _ = self._other(fact, msgspec.structs.astuple(body), known, default, default_source)
        entry = self._entry(stated)
        said = {"locator": body.locator or "", "note": body.note or "", "reason": body.reason or ""}
        return entry.model_copy(update=said) if any(said.values()) else entry

    def take(self) -> tuple[dict[str, Array], int]:
        """The rows read so far as columns of the layout, filled where nothing is known; the reader is empty then."""
        count, facts, dictionary = self.count, self.layout.facts, self.dictionary
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


# ------------------------------------------------------------------------------------------------------- small things

_MEASURED = ColumnDef(name="measured", type="number", meaning="A number")
_STANDING = ColumnDef(name="standing", type="bool", meaning="A condition")


def _remember(memory: dict[Any, Any], key: Any, value: Any) -> None:
    """Keep what repeats; a memory that is full begins anew."""
    if len(memory) >= MEMORY:
        memory.clear()
    memory[key] = value


def _texts(key: _Key) -> int:
    """How many texts dates and evidence have: keys and values."""
    *words, alleged, inferred = key
    written = sum(word is not None for word in words)
    return 2 * written + (alleged is not None) + (0 if inferred is None else 1 + len(inferred))


def _merged(key: _Key, default: _Key) -> _Key:
    """Dates and evidence of a statement that says nothing of from, known_on and evidence."""
    return default[0], key[1], default[2], key[3], default[4], *key[5:]


def _may_stand(fact: _Fact, status: str, source: str | None, reason: str | None) -> bool:
    """Whether a fact that applies to the kind may be said to stand so; see `check_status` of the model."""
    if status == Status.NOT_EXAMINED:
        return True
    if source is None or (status == Status.NOT_DISCLOSED and fact.definition.observable):
        return False
    return status != Status.NOT_APPLICABLE or bool(reason and fact.definition.may_not_apply)


def _figures(definition: FactDef, state: FactState) -> tuple[float, float, float]:
    """How a fact stands, and its bounds or the set of its words."""
    value = state.value
    if isinstance(value, Interval):
        return how(state), value.lo, value.hi
    if isinstance(value, frozenset) and definition.type in ("bool", "enum"):
        return how(state), sum(1 << bit for bit, word in enumerate(words_of(definition)) if word in value), 0.0
    return how(state), 0.0, 0.0


def _checked(raw: bytes) -> int:
    """How many texts a file has, keys and values, once it is sure that it holds no text or number that is refused.

    Where as many are found as the profile is read, no key stands twice.
    """
    if len(raw) > MAX_BYTES or b"\x7f" in raw or (not raw.isascii() and _CONTROLS.search(raw)):
        raise _OtherwiseError
    if _NUMBERS.search(raw[::STEP]) and _LONG_NUMBER.search(raw):
        raise _OtherwiseError
    if b"\\" not in raw:
        if len(raw) > MAX_TEXT and max(map(len, raw.split(b'"'))) > MAX_TEXT:
            raise _OtherwiseError
        return raw.count(b'"') // 2
    texts = _TEXTS.findall(raw)
    if _ESCAPES.search(raw) or max(map(len, texts), default=0) > MAX_TEXT:
        raise _OtherwiseError
    return len(texts)


__all__ = ["TYPES", "CutDays", "QuickReader"]
