"""Profiles: the sourced facts about one platform, read against the dictionary of facts.

A fact may be short (a bare value) or full (an object with its dates, evidence and source); a list of full forms is its
history. A table is a list of rows. Whatever the form, each becomes entries with values in one shape: numbers and dates
as (lo, hi), words as text. A key whose value is null says nothing. All faults of a file are listed at once.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SkipValidation,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from checker.model.days import PUBLISHED, Span, span
from checker.model.dictionary import (
    EVIDENCE,
    KINDS,
    SECTIONS,
    ColumnDef,
    Dictionary,
    FactDef,
)
from checker.model.document import MAX_BYTES, Document, Faults, Place, read_document
from checker.model.errors import ProfileError, did_you_mean, quoted
from checker.model.finding import Outcome
from checker.model.state import Status

FORMAT = 1
"""The format of profiles that this version reads, the value of their key `ddcheck`."""

MAX_TEXT = 20_000  # characters in one text
MAX_SOURCE_ID = 80
MAX_OVERRIDE_DAYS = 400  # a judgement by hand is looked at again at least once a year

Value = tuple[float, float] | tuple[date, date] | bool | str
"""Number and date: least and greatest possible value, both inclusive. Enum, text and asset: the word."""

_Part = TypeVar("_Part", bound="Part")
_Stated = TypeVar("_Stated", bound="Provenance")


# ---------------------------------------------------------------------------------------------- texts, dates, words


def _fault(message: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("fault", "{message}", {"message": message, "hint": hint})


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _printable(text: str) -> str:
    """Refuses what could rewrite a terminal or a page: control characters and changes of writing direction."""
    if match := _UNPRINTABLE.search(text):
        raise _fault(f"control character U+{ord(match[0]):04X} in text", "Remove it.")
    return text


def _iso_date(raw: object) -> date:
    if isinstance(raw, str) and _ISO_DATE.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise _fault(f"there is no day {raw}") from None
    raise _fault(f"expected a date such as 2022-05-31, found {quoted(raw)}", "Write year-month-day in quotes.")


def _published(raw: object) -> str:
    """A day of publication as far as it is known."""
    if isinstance(raw, str) and re.fullmatch(PUBLISHED, raw):
        try:
            span(raw)
        except ValueError:
            raise _fault(f"there is no {('year', 'month', 'day')[raw.count('-')]} {raw}") from None
        return raw
    raise _fault(
        f"expected a date such as 2022-05-31, found {quoted(raw)}",
        "Write year-month-day in quotes, or only 2022-05 or 2022 where no more is known.",
    )


def _evidence_word(word: str) -> str:
    if word not in EVIDENCE:
        raise _fault(
            f"unknown evidence {quoted(word)}", did_you_mean(word, EVIDENCE) or f"Known: {', '.join(EVIDENCE)}."
        )
    return word


def _outcome(raw: object) -> object:
    """An outcome by its name; the values behind the names are no words of a profile."""
    if isinstance(raw, str) and raw in Outcome.__members__:
        return Outcome[raw]
    names = [*Outcome.__members__]
    near = did_you_mean(raw, names) if isinstance(raw, str) else ""
    raise _fault(f"expected one of {', '.join(names)}; found {quoted(raw)}", near if "mean" in near else "")


def _web_address(url: str) -> str:
    if not _URL.fullmatch(url):
        raise _fault(f"expected a web address, found {quoted(url)}", "It begins with https:// or http://.")
    return url


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_URL = re.compile(r"https?://[^\s<>\"'\\]{1,2000}")

IsoDate = Annotated[
    date,
    BeforeValidator(_iso_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_ISO_DATE.pattern}$"}),
]
Published = Annotated[str, BeforeValidator(_published), WithJsonSchema({"type": "string", "pattern": f"^{PUBLISHED}$"})]
Text = Annotated[str, StringConstraints(max_length=MAX_TEXT), AfterValidator(_printable)]
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=True), AfterValidator(_printable)
]
EvidenceName = Annotated[str, AfterValidator(_evidence_word), WithJsonSchema({"type": "string", "enum": [*EVIDENCE]})]
OutcomeName = Annotated[
    Outcome, BeforeValidator(_outcome), WithJsonSchema({"type": "string", "enum": [*Outcome.__members__]})
]
Url = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]


# ---------------------------------------------------------------------------------------------- the parts of a profile


class Part(BaseModel):
    """Base of everything a profile holds: frozen, nothing unknown, no text taken for a number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)

    PAST: ClassVar[tuple[str, ...]] = ()
    """Keys of dates that cannot lie in the future."""


class Provenance(Part):
    """When something was true, since when the public could know, and who says so."""

    PAST: ClassVar[tuple[str, ...]] = ("from", "known_on", "seen")

    from_: IsoDate | None = Field(None, alias="from", description="First day on which it was true")
    until: IsoDate | None = Field(None, description="Last day on which it was true; left out while it lasts")
    known_on: IsoDate | None = Field(None, description="First day on which the public could know it")
    seen: IsoDate | None = Field(None, description="Last day on which the source shows it still true")
    evidence: EvidenceName | None = Field(None, description="What kind of evidence the source is")
    source: Words | None = Field(None, description="Id of an entry under sources")
    locator: Text = Field("", description="Where in the source: page, section, paragraph")
    note: Text = Field("", description="Anything a reader should know about this entry")
    alleged: bool = Field(False, description="Charged, not found; a complaint always is")
    inferred: Annotated[tuple[Literal["from", "until", "known_on", "seen"], ...], Field(strict=False)] = Field(
        (), description="Those of its dates that were inferred or are approximate"
    )


class FactEntry(Provenance):
    """One statement about one fact: its value in the common shape, or why there is none."""

    value: SkipValidation[Value | None] = None
    status: Annotated[Status, Field(strict=False)] = Field(
        Status.REPORTED, description="Anything but reported carries no value"
    )
    reason: Text = Field("", description="Why the fact does not apply")


class Row(Provenance):
    """One row of a table: the cells it states, by column."""

    cells: SkipValidation[Mapping[str, Value]] = Field(default_factory=dict)


class Examination(Part):
    """Somebody looked at the sources of one section."""

    PAST: ClassVar[tuple[str, ...]] = ("on", "known_on")

    on: IsoDate = Field(description="The day whose state the sources show")
    known_on: IsoDate = Field(description="First day on which those sources were public")
    sources: Annotated[tuple[Words, ...], Field(strict=False, min_length=1)] = Field(
        description="Ids of the sources that were read"
    )
    note: Text = Field("", description="What was looked for")


class Source(Part):
    """Where facts were read."""

    title: Words = Field(description="Title as the source gives it")
    publisher: Text = Field("", description="Who published it")
    date: Published | None = Field(
        None, description="Day of publication, or its month (2022-05) or year where no more is known"
    )
    url: Url | None = Field(None, description="Web address, if there is one")
    locator: Text = Field("", description="Where in it, if every use has the same place")
    note: Text = Field("", description="Anything a reader should know about the source")

    @property
    def appeared(self) -> Span | None:
        """The first and the last day on which it can have appeared; None where it bears no date."""
        return span(self.date) if self.date else None


class Note(Provenance):
    """Something sourced that is worth telling and is no fact of the dictionary."""

    text: Words = Field(description="What happened, in a sentence")
    topic: Text = Field("", description="What it is about")


class Override(Part):
    """An analyst's own outcome for a rule: shown beside the computed one for a while, it changes nothing else."""

    PAST: ClassVar[tuple[str, ...]] = ("on",)

    rule: Words = Field(description="Id or code of the rule")
    outcome: OutcomeName = Field(description="The outcome that the analyst would give")
    who: Words = Field(description="Who decided it")
    on: IsoDate = Field(description="Day on which it was decided")
    until: IsoDate = Field(description=f"Last day on which it stands, at most {MAX_OVERRIDE_DAYS} days later")
    why: Words = Field(description="The reason, which a reader can follow")


class Defaults(Part):
    """What is filled in where an entry says nothing about its dates, evidence and source."""

    PAST: ClassVar[tuple[str, ...]] = ("from", "known_on")

    from_: IsoDate | None = Field(None, alias="from", description="First day on which it was true")
    known_on: IsoDate | None = Field(None, description="First day on which the public could know it")
    source: Words | None = Field(None, description="Id of an entry under sources")
    evidence: EvidenceName | None = Field(None, description="What kind of evidence the source is")


@dataclass(frozen=True)
class Table:
    """A table fact.

    Attributes:
        rows: Its rows in the order of the file.
        complete: Statements that at their time no other rows existed.
        stated: Statements that the table as a whole, or what the rows leave out, was not disclosed, does not apply or
            was not examined.
    """

    rows: tuple[Row, ...] = ()
    complete: tuple[Provenance, ...] = ()
    stated: tuple[FactEntry, ...] = ()


@dataclass(frozen=True)
class Profile:
    """The facts about one platform.

    Attributes:
        path: The file as the user named it.
        sha256: Digest of the file.
        format: Format of the file.
        name: Name of the platform.
        kind: Kind of the product deposited in.
        facts: History of every fact that the file mentions, in its order; tables apart.
        tables: Every table that the file mentions.
        examined: By section, when somebody looked.
        sources: By id.
        notes: In the order of the file.
        overrides: Outcomes that analysts recorded by hand, in the order of the file.
        override_at: For each of them line and column of its rule in the file.
    """

    path: str
    sha256: str
    format: int
    name: str
    kind: str
    facts: Mapping[str, tuple[FactEntry, ...]]
    tables: Mapping[str, Table]
    examined: Mapping[str, tuple[Examination, ...]]
    sources: Mapping[str, Source]
    notes: tuple[Note, ...]
    overrides: tuple[Override, ...] = ()
    override_at: tuple[tuple[int, int], ...] = ()


# ------------------------------------------------------------------------------------------------------------ values


class InvalidValueError(ValueError):
    """A value that is not what the dictionary asks for.

    Attributes:
        message: What is wrong and what was expected.
        hint: What to write.
        key: The bound at fault, "lo" or "hi"; empty for the value as a whole.
    """

    def __init__(self, message: str, hint: str = "", key: str = "") -> None:
        super().__init__(message, hint, key)
        self.message, self.hint, self.key = message, hint, key


_NUMBER = re.compile(
    r"(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\s*(?P<suffix>%|k|m|bn)?"
)
_PERCENT = Decimal("0.01")
_SCALES = {"": Decimal(1), "%": _PERCENT, "k": Decimal(10**3), "m": Decimal(10**6), "bn": Decimal(10**9)}
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("rate", "share", "ratio"), ("%",)),
    **dict.fromkeys(("money", "money_per_month", "count"), ("k", "m", "bn")),
}
"""By unit, what may follow a number in text."""
_FORMS = {
    **dict.fromkeys(("rate", "share", "ratio"), 'Write a fraction such as 0.17, or "17%".'),
    **dict.fromkeys(("money", "money_per_month"), 'Write US dollars such as 1200000, or "1.2m" (k, m, bn).'),
    "count": 'Write a number such as 1200, or "1.2k" (k, m, bn).',
}
_ASSET = re.compile(r"[^\s\x00-\x20\x7f<>\"'`\\]{1,40}")


def plain_limit(definition: ColumnDef) -> float:
    """Greatest size of a number of this sort that may be written without a percent sign.

    A rate of 17 may mean 17% or 1,700%, so rates beyond 1 are written as text; so are shares, unless their range
    goes beyond 1.
    """
    ambiguous = definition.unit == "rate" or (definition.unit == "share" and definition.range[1] <= 1)
    return 1.0 if ambiguous else math.inf


def _number(definition: ColumnDef, raw: object) -> float:
    unit, hint = definition.unit or "", _FORMS.get(definition.unit or "", "Write a plain number.")
    suffix = ""
    if type(raw) is int or type(raw) is float:
        number = float(raw)
    elif isinstance(raw, str):
        match = _NUMBER.fullmatch(raw.strip()) if len(raw) <= 60 else None
        suffix = (match and match["suffix"]) or ""
        if match is None or (suffix and suffix not in SUFFIXES.get(unit, ())):
            raise InvalidValueError(f"expected a number in {_unit_name(unit)}, found {quoted(raw)}", hint)
        number = float(Decimal(match["number"]) * _SCALES[suffix])
    else:
        raise InvalidValueError(f"expected a number in {_unit_name(unit)}, found {quoted(raw)}", hint)
    if suffix != "%" and abs(number) > plain_limit(definition):
        raise InvalidValueError(
            f"{quoted(raw)} is beyond 1, but the value is a fraction",
            f'Did you mean {number:g} %? Write "{number:g}%" (or "{number * 100:g}%" if {number:g} was meant).',
        )
    lo, hi = definition.range
    if not lo <= number <= hi or not math.isfinite(number):
        raise InvalidValueError(f"{quoted(raw)} is outside the range {_bound(lo)} to {_bound(hi)}")
    return number


def _unit_name(unit: str) -> str:
    names = {
        "rate": "fractions per year",
        "share": "fractions of a whole",
        "ratio": "plain figures",
        "count": "plain figures",
        "money": "US dollars",
        "money_per_month": "US dollars a month",
    }
    return names.get(unit, unit)


def _bound(value: float) -> str:
    return f"{value:,.15g}" if math.isfinite(value) else "unbounded"


def _bool(_: ColumnDef, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    hint = "Write it without quotes." if isinstance(raw, str) and raw.lower() in ("true", "false") else ""
    raise InvalidValueError(f"expected true or false, found {quoted(raw)}", hint)


def _enum(definition: ColumnDef, raw: object) -> str:
    if isinstance(raw, str) and raw in definition.values:
        return raw
    near = did_you_mean(raw, definition.values) if isinstance(raw, str) else ""
    raise InvalidValueError(
        f"expected one of {', '.join(definition.values)}; found {quoted(raw)}", near if "mean" in near else ""
    )


def _text(_: ColumnDef, raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidValueError(f"expected text, found {quoted(raw)}")
    if len(raw) > MAX_TEXT:
        raise InvalidValueError(f"the text is longer than {MAX_TEXT:,} characters")
    if match := _UNPRINTABLE.search(raw):
        raise InvalidValueError(f"control character U+{ord(match[0]):04X} in text", "Remove it.")
    return raw.strip()


def _asset(definition: ColumnDef, raw: object) -> str:
    text = _text(definition, raw)
    if not _ASSET.fullmatch(text):
        raise InvalidValueError(
            f"expected an asset, found {quoted(raw)}", "Write its ticker or currency code, such as USDC or EUR."
        )
    return text.upper()


def _date(_: ColumnDef, raw: object) -> date:
    try:
        return _iso_date(raw)
    except PydanticCustomError as error:
        context = error.context or {}
        raise InvalidValueError(context["message"], context["hint"]) from None


_READERS: Mapping[str, Callable[[ColumnDef, object], Any]] = {
    "number": _number,
    "bool": _bool,
    "enum": _enum,
    "text": _text,
    "asset": _asset,
    "date": _date,
}
_INTERVALS: Mapping[str, Callable[[ColumnDef], tuple[Any, Any]]] = {
    "number": lambda definition: definition.range,
    "date": lambda _: (date.min, date.max),
}
"""Types whose values may be given by their bounds, with what a missing bound stands for."""


def read_value(definition: ColumnDef, raw: object) -> Value:
    """Brings a value as written into the common shape.

    >>> rate = ColumnDef(name="r", type="number", unit="rate", range=(-1, 1000), meaning="A rate")
    >>> read_value(rate, "18.63%")
    (0.1863, 0.1863)

    Raises:
        InvalidValueError: It is not what the dictionary asks for.
    """
    value: Value = _READERS[definition.type](definition, raw)
    return (value, value) if definition.type in _INTERVALS else value  # type: ignore[return-value]


def read_bounds(definition: ColumnDef, lo: object, hi: object) -> Value:
    """Brings bounds as written into the common shape; a bound that is None is that of the range.

    Raises:
        InvalidValueError: A bound is not what the dictionary asks for, or the two are in the wrong order.
    """
    if definition.type not in _INTERVALS:
        raise InvalidValueError(
            f"a value of type {definition.type} has no bounds", "Write value in place of lo and hi."
        )
    bounds = list(_INTERVALS[definition.type](definition))
    for index, (key, raw) in enumerate((("lo", lo), ("hi", hi))):
        if raw is not None:
            try:
                bounds[index] = _READERS[definition.type](definition, raw)
            except InvalidValueError as error:
                raise InvalidValueError(error.message, error.hint, key) from None
    if bounds[0] > bounds[1]:
        raise InvalidValueError(f"lo {quoted(lo)} is above hi {quoted(hi)}", "Exchange the two.", "lo")
    return bounds[0], bounds[1]


# ----------------------------------------------------------------------------------------------------------- reading


def load_profile(path: str | Path, dictionary: Dictionary, *, today: date, max_bytes: int = MAX_BYTES) -> Profile:
    """Reads a profile from a JSON or YAML file.

    Args:
        path: The file.
        dictionary: The facts it may state.
        today: No entry may have begun, or become public, after this day.
        max_bytes: Larger files are refused.

    Raises:
        InputError: The file cannot be read or is not well formed.
        ProfileError: It is not a valid profile; carries every fault.
    """
    return parse_profile(read_document(path, max_bytes=max_bytes), dictionary, today=today)


def parse_profile(document: Document, dictionary: Dictionary, *, today: date) -> Profile:
    """Checks a document against the dictionary; see `load_profile`."""
    return _Reader(document, dictionary, today).profile()


_TOP_KEYS = ("$schema", "ddcheck", "defaults", *SECTIONS, "examined", "sources", "notes", "overrides")
_DEFAULT_KEYS = ("from", "known_on", "source", "evidence")
_VALUE_KEYS = ("value", "lo", "hi")
_DATE_KEYS = ("from", "until", "known_on", "seen", "on")
_FIELDS = {"from": "from_"}
"""Names of fields that differ from their keys."""
IDENTITY = ("platform.name", "platform.kind")
"""Facts that say which profile it is: plain texts without dates."""


class _Reader:
    """Reads one profile and collects what is wrong with it."""

    def __init__(self, document: Document, dictionary: Dictionary, today: date) -> None:
        self.document = document
        self.dictionary = dictionary
        self.today = today
        self.faults = Faults(document)
        self.name = ""
        self.kind: str | None = None
        self.sources: dict[str, Source] = {}
        self.known_sources: tuple[str, ...] = ()
        self.defaults: dict[str, Any] = {}
        self.facts: dict[str, tuple[FactEntry, ...]] = {}
        self.tables: dict[str, Table] = {}

    def profile(self) -> Profile:
        top = self.object(self.document.value, ())
        if isinstance(self.document.value, dict):
            self.known_keys(top, _TOP_KEYS, ())
            self.version(top)
            self.read_sources(top.get("sources"))
            self.read_defaults(top.get("defaults"))
            self.read_identity(top.get("platform"))
        for section in SECTIONS:
            self.section(section, top.get(section))
        examined = self.examined(top.get("examined"))
        notes = self.notes(top.get("notes"))
        overrides = self.overrides(top.get("overrides"))
        self.faults.raise_as(ProfileError)
        return Profile(
            path=self.document.path,
            sha256=self.document.sha256,
            format=FORMAT,
            name=self.name,
            kind=self.kind or "",
            facts=self.facts,
            tables=self.tables,
            examined=examined,
            sources=self.sources,
            notes=notes,
            overrides=overrides,
            override_at=tuple(
                self.document.positions((("overrides", index, "rule"), False) for index in range(len(overrides)))
            ),
        )

    # -- shapes

    def object(self, raw: Any, place: Place) -> dict[str, Any]:
        if isinstance(raw, dict):
            return raw
        if raw is not None or not place:
            self.faults.add(place, f"expected an object, found {quoted(raw)}")
        return {}

    def list(self, raw: Any, place: Place, what: str) -> Iterable[tuple[Place, Any]]:
        if isinstance(raw, list):
            return (((*place, index), member) for index, member in enumerate(raw))
        if raw is not None:
            self.faults.add(place, f"expected a list of {what}, found {quoted(raw)}")
        return ()

    def known_keys(self, raw: Mapping[str, Any], keys: Collection[str], place: Place) -> None:
        for key in raw:
            if key not in keys:
                self.faults.add((*place, key), f"unknown key {quoted(key)}", did_you_mean(key, keys), key=True)

    def part(
        self, model: type[_Part], raw: Any, place: Place, *, also: Iterable[str] = (), **read: Any
    ) -> _Part | None:
        """Validates one part and what goes beyond its own shape.

        Args:
            model: What the part is.
            raw: What the file says.
            place: Where it says so.
            also: Keys of the same object that the caller has read.
            **read: What the caller made of them.
        """
        part = self.faults.check(model, raw, place, also=tuple(also), read=read)
        if part is not None:
            self.check_dates(part, place)
            self.check_sources(part, place)
        return part

    def provenance(
        self, model: type[_Stated], raw: dict[str, Any], place: Place, *, also: Iterable[str] = (), **read: Any
    ) -> _Stated | None:
        """A part that says where it comes from; a complaint is an allegation whether it says so or not."""
        if raw.get("evidence") == "complaint":
            if raw.get("alleged") is False:
                self.faults.add((*place, "alleged"), "a complaint is alleged until it is decided", "Remove the key.")
            raw = raw | {"alleged": True}
        return self.part(model, raw, place, also=also, **read)

    def check_dates(self, part: Part, place: Place) -> None:
        given = {key: day for key in _DATE_KEYS if (day := getattr(part, _FIELDS.get(key, key), None)) is not None}
        for key in part.PAST:
            if key in given and given[key] > self.today:
                self.faults.add((*place, key), f"{given[key]} lies in the future; today is {self.today}")
        if isinstance(part, Source) and part.appeared is not None and part.appeared[0] > self.today:
            self.faults.add((*place, "date"), f"{part.date} lies in the future; today is {self.today}")
        for earlier, later in (("from", "until"), ("from", "seen"), ("seen", "until")):
            if earlier in given and later in given and given[earlier] > given[later]:
                self.faults.add((*place, later), f"{later} {given[later]} lies before {earlier} {given[earlier]}")
        if isinstance(part, Provenance):
            for index, key in enumerate(part.inferred):
                if key not in given:
                    self.faults.add((*place, "inferred", index), f"there is no date {key!r} here")

    def check_sources(self, part: Part, place: Place) -> None:
        cited: list[tuple[Place, str]] = []
        if isinstance(part, (Provenance, Defaults)) and part.source is not None:
            cited = [((*place, "source"), part.source)]
        elif isinstance(part, Examination):
            cited = [((*place, "sources", index), source) for index, source in enumerate(part.sources)]
        for where, source in cited:
            if source not in self.known_sources:
                hint = did_you_mean(source, self.known_sources) or "Add it under sources."
                self.faults.add(where, f"unknown source {quoted(source)}", hint)

    # -- head and tail of the file

    def version(self, top: Mapping[str, Any]) -> None:
        version = top.get("ddcheck")
        if version is None:
            self.faults.add((), "'ddcheck' is missing", f'Add "ddcheck": {FORMAT}, the format of the profile.')
        elif type(version) is not int or version != FORMAT:
            self.faults.add(("ddcheck",), f"expected format {FORMAT}, found {quoted(version)}")
        if not isinstance(top.get("$schema") or "", str):
            self.faults.add(("$schema",), "expected the path of the schema")

    def read_sources(self, raw: Any) -> None:
        entries = self.object(raw, ("sources",))
        self.known_sources = tuple(entries)
        for name, entry in entries.items():
            if not name.strip() == name != "" or len(name) > MAX_SOURCE_ID or _UNPRINTABLE.search(name):
                hint = f"Use up to {MAX_SOURCE_ID} characters, such as terms-2021-09."
                self.faults.add(("sources", name), f"{quoted(name)} cannot be the id of a source", hint, key=True)
            if (source := self.part(Source, entry, ("sources", name))) is not None:
                self.sources[name] = source

    def read_defaults(self, raw: Any) -> None:
        before = len(self.faults)
        if raw is not None and self.part(Defaults, raw, ("defaults",)) is not None and len(self.faults) == before:
            self.defaults = {key: value for key, value in raw.items() if value is not None}

    def read_identity(self, platform: Any) -> None:
        """Name and kind say which profile this is: plain texts without dates."""
        place: Place = () if platform is None else ("platform",)
        texts = {} if platform is None else platform
        if not isinstance(texts, dict):
            return  # reported with the section
        for key in ("name", "kind"):
            if texts.get(key) is None:
                definition = self.dictionary.get(f"platform.{key}")
                self.faults.add(place, f"'platform.{key}' is missing", definition.ask if definition else "")
        if isinstance(name := texts.get("name"), str):
            self.name = name.strip()
        if isinstance(kind := texts.get("kind"), str) and kind in KINDS:
            self.kind = kind

    def examined(self, raw: Any) -> dict[str, tuple[Examination, ...]]:
        sections = self.object(raw, ("examined",))
        self.known_keys(sections, SECTIONS, ("examined",))
        return {
            section: tuple(
                examination
                for place, member in self.list(sections.get(section), ("examined", section), "examinations")
                if (examination := self.part(Examination, member, place)) is not None
            )
            for section in sections
        }

    def notes(self, raw: Any) -> tuple[Note, ...]:
        members = self.list(raw, ("notes",), "notes")
        notes = (self.provenance(Note, self.object(member, place), place) for place, member in members)
        return tuple(note for note in notes if note is not None)

    def overrides(self, raw: Any) -> tuple[Override, ...]:
        members = self.list(raw, ("overrides",), "overrides")
        overrides = [self.part(Override, member, place) for place, member in members]
        for index, override in enumerate(overrides):
            if override is not None and not 0 <= (override.until - override.on).days <= MAX_OVERRIDE_DAYS:
                last = date.fromordinal(min(override.on.toordinal() + MAX_OVERRIDE_DAYS, date.max.toordinal()))
                message = f"{override.until} is no end for an override: expected a day from {override.on} to {last}"
                self.faults.add(("overrides", index, "until"), message, "Record it again when it has run out.")
        return tuple(override for override in overrides if override is not None)

    # -- facts

    def section(self, section: str, raw: Any) -> None:
        for name, body in self.object(raw, (section,)).items():
            place, fact = (section, name), f"{section}.{name}"
            definition = self.dictionary.get(fact)
            if definition is None:
                near = self.dictionary.nearest(fact)
                hint = f"Did you mean {near!r}?" if near else "The dictionary of facts lists all names."
                self.faults.add(place, f"unknown fact {quoted(fact)}", hint, key=True)
            elif body is not None:
                if definition.type == "table":
                    self.tables[fact] = table = self.table(definition, body, place)
                    claims = bool(table.rows or table.complete or any(map(_claims, table.stated)))
                else:
                    self.facts[fact] = history = self.history(definition, body, place)
                    claims = any(map(_claims, history))
                if claims and self.kind is not None and not definition.applies_to(self.kind):
                    hint = f"It applies to {', '.join(definition.kinds)}."
                    self.faults.add(place, f"{fact} does not apply to a {self.kind}", hint, key=True)

    def history(self, definition: FactDef, raw: Any, place: Place) -> tuple[FactEntry, ...]:
        """The entries of one fact, whichever form it is written in."""
        entries: list[FactEntry | None]
        if definition.id in IDENTITY:
            entries = [self.bare(definition, raw, place, {})]
        elif isinstance(raw, list):
            if not raw:
                self.faults.add(place, "a history without entries", "Leave the fact out.")
            entries = [self.entry(definition, member, (*place, index)) for index, member in enumerate(raw)]
        elif isinstance(raw, dict):
            entries = [self.entry(definition, raw, place)]
        else:
            entries = [self.bare(definition, raw, place, self.defaults)]
        return tuple(entry for entry in entries if entry is not None)

    def bare(self, definition: FactDef, raw: Any, place: Place, defaults: dict[str, Any]) -> FactEntry | None:
        value = self.value(definition, raw, place)
        return None if value is None else self.provenance(FactEntry, defaults, place, value=value)

    def entry(self, definition: FactDef, raw: Any, place: Place) -> FactEntry | None:
        """One full form."""
        if not isinstance(raw, dict):
            hint = 'Write {"value": ..., "from": ..., "known_on": ..., "evidence": ..., "source": ...}.'
            self.faults.add(place, f"expected an object in a history, found {quoted(raw)}", hint)
            return None
        given = {key: raw[key] for key in _VALUE_KEYS if raw.get(key) is not None}
        rest = {key: part for key, part in raw.items() if key not in _VALUE_KEYS}
        value = self.bounded(definition, given, place) if given else None
        rest = self.with_defaults(rest) if given else rest
        entry = self.provenance(FactEntry, rest, place, also=_VALUE_KEYS, value=value)
        if entry is not None:
            self.check_status(definition, entry, bool(given), place)
        return entry

    def with_defaults(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Fills in the defaults where nothing at all is said about dates, evidence and source."""
        return raw if any(raw.get(key) is not None for key in _DEFAULT_KEYS) else raw | self.defaults

    def check_status(self, definition: FactDef, entry: FactEntry, has_value: bool, place: Place) -> None:
        status = entry.status
        if status is Status.REPORTED:
            if not has_value:
                self.faults.add(place, "the entry has no value", "Give value, or lo and hi, or a status that says why.")
            return
        at_status = (*place, "status")
        if has_value:
            self.faults.add(at_status, f"an entry with a value cannot be {status}", "Remove the value or the status.")
        if status is Status.NOT_EXAMINED:
            return
        if entry.source is None:
            self.faults.add(place, f"{status} needs a source like any fact", "Say where the silence is shown.")
        if status is Status.NOT_DISCLOSED and definition.observable:
            hint = "Leave it out, or state not_examined, where nobody looked."
            self.faults.add(at_status, f"anyone can observe {definition.id}, so it cannot be not_disclosed", hint)
        if status is Status.NOT_APPLICABLE:
            if not entry.reason:
                self.faults.add(place, "not_applicable needs a reason", 'Add "reason".')
            if self.kind is not None and definition.applies_to(self.kind) and not definition.may_not_apply:
                hint = "Where nobody looked, leave it out."
                self.faults.add(at_status, f"{definition.id} applies to every {self.kind}", hint)

    def table(self, definition: FactDef, raw: Any, place: Place) -> Table:
        if isinstance(raw, dict) and raw.get("status") is not None:
            entry = self.entry(definition, raw, place)
            return Table(stated=() if entry is None else (entry,))
        rows_at, raw_rows, raw_complete, raw_stated = place, raw, None, None
        if isinstance(raw, dict):
            self.known_keys(raw, ("rows", "complete", "stated", "status"), place)
            rows_at, raw_rows, raw_complete = (*place, "rows"), raw.get("rows"), raw.get("complete")
            raw_stated = raw.get("stated")
        said = raw_rows or raw_complete or raw_stated
        if not said and isinstance(raw, (dict, list)) and not definition.observable:
            hint = 'To state that there is nothing, write {"rows": [], "complete": [{...}]} with its source.'
            self.faults.add(place, "a table without rows says nothing", hint)
        rows = [self.row(definition, member, where) for where, member in self.list(raw_rows, rows_at, "rows")]
        complete = [
            self.completeness(member, where)
            for where, member in self.list(raw_complete, (*place, "complete"), "statements")
        ]
        stated = [
            self.silence(definition, member, where)
            for where, member in self.list(raw_stated, (*place, "stated"), "statements")
        ]
        return Table(
            rows=tuple(row for row in rows if row is not None),
            complete=tuple(statement for statement in complete if statement is not None),
            stated=tuple(entry for entry in stated if entry is not None),
        )

    def silence(self, definition: FactDef, raw: Any, place: Place) -> FactEntry | None:
        """A statement about a table as a whole, beside its rows."""
        if isinstance(raw, dict) and raw.get("status") is None:
            self.faults.add(place, "'status' is missing", "not_disclosed, not_applicable or not_examined.")
            return None
        return self.entry(definition, raw, place)

    def row(self, definition: FactDef, raw: Any, place: Place) -> Row | None:
        if not isinstance(raw, dict):
            self.faults.add(place, f"expected an object for each row, found {quoted(raw)}")
            return None
        columns = definition.columns
        given = {name: cell for name, cell in raw.items() if name in columns and cell is not None}
        rest = {key: part for key, part in raw.items() if key not in columns}
        if not any(name in given for name in definition.key):
            self.faults.add(place, f"nothing identifies the row: state {' or '.join(definition.key)}")
        cells = {}
        for name, cell in given.items():
            if isinstance(cell, dict):
                self.known_keys(cell, _VALUE_KEYS, (*place, name))
                value = self.bounded(columns[name], cell, (*place, name))
            else:
                value = self.value(columns[name], cell, (*place, name))
            if value is not None:
                cells[name] = value
        return self.provenance(Row, self.with_defaults(rest), place, also=columns, cells=cells)

    def completeness(self, raw: Any, place: Place) -> Provenance | None:
        statement = self.provenance(Provenance, self.object(raw, place), place)
        if statement is not None:
            for key in ("from", "known_on", "source"):
                if getattr(statement, _FIELDS.get(key, key)) is None:
                    self.faults.add(
                        place, f"{key!r} is missing", "Completeness is a statement with dates and a source."
                    )
        return statement

    def bounded(self, definition: ColumnDef, given: Mapping[str, Any], place: Place) -> Value | None:
        """The value of a full form: `value`, or `lo` and `hi`, or one of them."""
        raw, lo, hi = (given.get(key) for key in _VALUE_KEYS)
        if raw is not None:
            if lo is not None or hi is not None:
                self.faults.add(place, "both a value and bounds", "Give value, or lo and hi.")
            return self.value(definition, raw, (*place, "value"))
        if lo is None and hi is None:
            self.faults.add(place, "there is no value", "Give value, or lo and hi.")
            return None
        try:
            return read_bounds(definition, lo, hi)
        except InvalidValueError as error:
            self.faults.add((*place, error.key) if error.key else place, error.message, error.hint)
            return None

    def value(self, definition: ColumnDef, raw: Any, place: Place) -> Value | None:
        try:
            return read_value(definition, raw)
        except InvalidValueError as error:
            self.faults.add(place, error.message, error.hint)
            return None


def _claims(entry: FactEntry) -> bool:
    """Whether the entry takes the fact to exist for this kind of platform."""
    return entry.status in (Status.REPORTED, Status.NOT_DISCLOSED)
