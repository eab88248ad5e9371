"""Benchmark rates by currency and date, and which currency an asset follows.

Data, not assumptions: a day without a row has no rate, of an asset that nobody listed nothing is said, and a rate that
the public could not yet know on the known-by date is not used. Every rate carries its source and the mark that says how
sure it is. Imports `model`.

    >>> from datetime import date
    >>> from checker.resources import data_path
    >>> reference = load_reference(data_path("rules", "reference"))
    >>> reference.rate("policy", "USDC", date(2023, 8, 1), known_by=date(2023, 8, 1)).lo
    0.055
    >>> reference.rate("risk_free", "USD", date(2026, 11, 22), known_by=date(2026, 11, 22)) is None
    True
    >>> reference.is_fiat("USDC"), reference.is_fiat("WBTC"), reference.is_fiat("XYZ")
    (True, False, None)
"""

import csv
import datetime
import hashlib
import io
import math
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from checker.model.days import span, tells_later
from checker.model.document import Document, Place, dotted, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean

ROLES = (
    "risk_free",
    "policy",
    "deposit",
    "deposit_1y",
    "deposit_cap",
    "deposit_cap_1y",
    "treasury_1y",
    "prime_lending",
    "protocol_savings",
    "staking_net",
)
CONFIDENCE = ("high", "medium", "low")
KNOWN = ("from", "after")
CONVERSIONS = {"discount_91d": "365 d / (360 - 91 d)"}
LAST_MONTH_DAYS = 31  # a month's average may serve the month that still runs if it ended at most this long ago

_ROW_COLUMNS = ("series", "from", "until", "value", "kind", "source", "confidence", "note")
_SOURCE_COLUMNS = ("id", "title", "date", "url")
_SERIES_KEYS = ("currency", "unit", "roles", "proxy", "every", "convert", "meaning", "note")
_KINDS_OF_ASSET = ("fiat", "fiat_pegged", "commodity_pegged", "crypto")
_LOWEST, _HIGHEST = -0.1, 1.0  # fractions per year; outside it a percentage was written for a fraction
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rate:
    """A benchmark rate as the public could know it.

    Attributes:
        lo: Lower bound, as a fraction per year.
        hi: Upper bound; equal to `lo` where the source states one value.
        series: Id of the series.
        meaning: What the series measures.
        proxy: The series stands in for a better one that is missing.
        valid_from: First day the row holds.
        valid_until: Last day the row holds; None where that was not yet known.
        known_on: First day the public could know the value.
        stated: The value as the source states it, before conversion.
        formula: How `lo` and `hi` follow from `stated` (d in the formula); empty where they are equal.
        source: Id of the source.
        source_title: The document the value was taken from; empty where its title would tell what came after the cut.
        source_date: Its day, or its month or year where no more is known; empty where unknown or after the cut.
        url: Its address; empty where there is no document, or one after the cut.
        compiled_later: The document appeared after the cut; the value was public before, on `known_on`.
        confidence: high, medium or low.
        unverified: The row rests on general knowledge or inference.
        note: What the row says beyond that.
    """

    lo: float
    hi: float
    series: str
    meaning: str
    proxy: bool
    valid_from: date
    valid_until: date | None
    known_on: date
    stated: float
    formula: str
    source: str
    source_title: str
    source_date: str
    url: str
    compiled_later: bool
    confidence: str
    unverified: bool
    note: str


@dataclass(frozen=True)
class Row:
    """One line of the table of rates: a value that holds from one day to another, both included."""

    start: date
    until: date
    known_on: date
    value: float
    kind: str
    source: str
    confidence: str
    note: str


@dataclass(frozen=True)
class Series:
    """Rates of one kind in one currency.

    Attributes:
        id: Name of the series.
        currency: What the rates are paid in.
        roles: What the series serves as, with its priority there; 1 is asked first.
        proxy: Roles in which it stands in for a better series.
        monthly: One row for every calendar month.
        formula: Conversion of the stated value, as in `CONVERSIONS`; empty for none.
        meaning: What is measured.
        note: Limits and gaps.
        rows: In the order of time, never overlapping.
    """

    id: str
    currency: str
    roles: Mapping[str, int]
    proxy: tuple[str, ...]
    monthly: bool
    formula: str
    meaning: str
    note: str
    rows: tuple[Row, ...]

    def row(self, on: date, known_by: date) -> Row | None:
        """Return the row in force on a day, as the public could know it by another.

        Args:
            on: The day the rate is wanted for.
            known_by: The last day whose knowledge may be used.

        Returns:
            The row that covers `on` if it was known. For a monthly series whose month is not yet over by `known_by`,
            the latest known row that ended at most 31 days before `on`. Else None.
        """
        if on > known_by:
            return None  # whether a rate would still hold on a later day was not known
        at = bisect_right(self.rows, on, key=lambda row: row.start) - 1
        if at < 0:
            return None
        covering = self.rows[at]
        if covering.until >= on and covering.known_on <= known_by:
            return covering
        if self.monthly and known_by <= _end_of_month(on):
            for row in self.rows[at::-1]:
                if (on - row.until).days > LAST_MONTH_DAYS:
                    return None
                if row.until < on and row.known_on <= known_by:
                    return row
        return None


@dataclass(frozen=True)
class Source:
    """Where rates were read; `date` is its day, or its month or year where no more is known."""

    title: str
    date: str
    url: str

    def later(self, cut: datetime.date) -> bool:
        """Whether it may have appeared after a day; one without a date is taken by what its title names."""
        return span(self.date)[1] > cut if self.date else tells_later(self.title, cut)


@dataclass(frozen=True)
class Asset:
    """What an asset follows.

    Attributes:
        currency: The currency or coin it follows; its own name if it follows nothing.
        kind: fiat, fiat_pegged, commodity_pegged or crypto.
        note: What a reader should know about it.
    """

    currency: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Reference:
    """Benchmark rates and assets, as loaded from `rules/reference/`.

    Attributes:
        series: Every series by its id.
        sources: Every source by its id.
        assets: Every known asset by its name in upper case, other names included.
        digest: Hex SHA-256 over the four files.
    """

    series: Mapping[str, Series]
    sources: Mapping[str, Source]
    assets: Mapping[str, Asset]
    digest: str
    _by_role: Mapping[tuple[str, str], tuple[Series, ...]] = field(repr=False)

    def rate(self, role: str, asset: str, on: date, known_by: date) -> Rate | None:
        """Return the benchmark an asset is measured against on a day.

        Args:
            role: One of `ROLES`.
            asset: Name of a currency or token; a pegged, wrapped or staked token has the rate of what it follows.
            on: The day the rate is wanted for.
            known_by: The last day whose knowledge may be used: nothing the public learnt later enters.

        Returns:
            The rate of the first series, by priority, that has one. None where none has: a rate is never assumed, and
            never carried past its last day (for the month that still runs see `Series.row`).
        """
        if role not in ROLES:
            raise ValueError(f"unknown role {role!r}; roles: {', '.join(ROLES)}")
        name = asset.strip().upper()
        known = self.assets.get(name)
        currencies = (name,) if known is None or known.currency == name else (name, known.currency)
        for currency in currencies:
            for series in self._by_role.get((role, currency), ()):
                row = series.row(on, known_by)
                if row is not None:
                    return self._rate(series, row, role, known_by)
        return None

    def currency(self, asset: str) -> str | None:
        """Return the currency or coin an asset follows, None for an unknown asset."""
        known = self.assets.get(asset.strip().upper())
        return known.currency if known else None

    def is_fiat(self, asset: str) -> bool | None:
        """Return whether an asset is, or is made to follow, the currency of a state; None for an unknown asset."""
        known = self.assets.get(asset.strip().upper())
        return known.kind in ("fiat", "fiat_pegged") if known else None

    def _rate(self, series: Series, row: Row, role: str, known_by: date) -> Rate:
        source = self.sources[row.source]
        later = source.later(known_by)
        value = _bond_equivalent(row.value) if series.formula else row.value
        return Rate(
            lo=value,
            hi=value,
            series=series.id,
            meaning=series.meaning,
            proxy=role in series.proxy,
            valid_from=row.start,
            valid_until=row.until if row.until <= known_by else None,
            known_on=row.known_on,
            stated=row.value,
            formula=series.formula,
            source=row.source,
            source_title="" if later and tells_later(source.title, known_by) else source.title,
            source_date="" if later else source.date,
            url="" if later else source.url,
            compiled_later=later,
            confidence=row.confidence,
            unverified=row.note.startswith("unverified"),
            note=row.note,
        )


def load_reference(folder: Path) -> Reference:
    """Load the benchmark rates and the table of assets.

    Args:
        folder: Holds `benchmarks.csv`, `benchmark_sources.csv`, `series.yaml` and `assets.yaml`.

    Raises:
        PackError: A file is missing or malformed; every fault is listed.
    """
    return _Loader(folder).load()


def _bond_equivalent(discount: float) -> float:
    """Return the yearly yield of a 91-day bill from its bank discount rate d: 365 d / (360 - 91 d).

    The discount is stated on face value and 360 days; the yield is on the price paid and 365 days.
    """
    return 365 * discount / (360 - 91 * discount)


def _end_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


class _Loader:
    """Reads the four files of a folder and collects every fault in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._faults: list[Fault] = []
        self._digest = hashlib.sha256()

    def load(self) -> Reference:
        assets = self._assets()
        sources = self._sources()
        declared, known = self._declared()
        rows = self._rows(declared, known, sources)
        for name in declared:
            if not rows.get(name):
                self._add(
                    "benchmarks.csv", f"series '{name}' has no row", "Add its rows or remove it from series.yaml."
                )
        if self._faults:
            raise PackError(self._faults)
        series = {name: replace(entry, rows=tuple(rows[name])) for name, entry in declared.items()}
        by_role: dict[tuple[str, str], list[Series]] = {}
        for entry in series.values():
            for role in entry.roles:
                by_role.setdefault((role, entry.currency), []).append(entry)
        ranked = {
            (role, currency): tuple(sorted(entries, key=lambda entry: (entry.roles[role], entry.id)))
            for (role, currency), entries in by_role.items()
        }
        return Reference(series, sources, assets, self._digest.hexdigest(), ranked)

    def _add(self, file: str, message: str, hint: str = "", line: int | None = None, key: str = "") -> None:
        column = None if line is None else 1
        self._faults.append(Fault(str(self._folder / file), message, hint, line, column, key))

    # ------------------------------------------------------------------------------------------------------- tables

    def _lines(self, name: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of every line below the header."""
        try:
            content = (self._folder / name).read_bytes()
            text = content.decode("utf-8")
        except OSError as error:
            self._add(name, f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})")
            return
        except UnicodeDecodeError:
            self._add(name, "the file is not UTF-8", "Save it as UTF-8.")
            return
        self._digest.update(content)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            if (header := next(reader, [])) != list(columns):
                self._add(name, f"the columns are {', '.join(header)}; expected {', '.join(columns)}", line=1)
                return
            for cells in reader:
                if len(cells) == len(columns):
                    yield reader.line_num, cells
                else:
                    self._add(name, f"{len(cells)} cells; expected {len(columns)}", line=reader.line_num)
        except csv.Error as error:
            self._add(name, str(error), line=reader.line_num)

    def _sources(self) -> dict[str, Source]:
        file = "benchmark_sources.csv"
        sources: dict[str, Source] = {}
        for line, (name, title, day, url) in self._lines(file, _SOURCE_COLUMNS):
            if name in sources:
                self._add(file, f"source '{name}' is given twice", line=line, key="id")
            if not name or not title:
                self._add(file, "a source needs an id and a title", line=line, key="title")
            if url and not url.startswith(("https://", "http://")):
                self._add(file, f"'{url}' is not an address", "Leave it empty where there is none.", line, "url")
            try:
                span(day or "2000")
            except ValueError:
                self._add(file, f"expected a date such as 2022-05, found '{day}'", line=line, key="date")
                day = ""
            sources[name] = Source(title, day, url)
        return sources

    def _rows(
        self, declared: Mapping[str, Series], known: Mapping[str, str], sources: Mapping[str, Source]
    ) -> dict[str, list[Row]]:
        file = "benchmarks.csv"
        rows: dict[str, list[Row]] = {}
        for line, (name, start_text, until_text, value_text, kind, source, confidence, note) in self._lines(
            file, _ROW_COLUMNS
        ):
            start, until = self._date(file, line, "from", start_text), self._date(file, line, "until", until_text)
            value = self._value(file, line, value_text)
            if not (name in declared and kind in known and source in sources and confidence in CONFIDENCE):
                for key, word, words in (
                    ("series", name, declared),
                    ("kind", kind, known),
                    ("source", source, sources),
                    ("confidence", confidence, CONFIDENCE),
                ):
                    if word not in words:
                        self._add(file, f"unknown {key} '{word}'", did_you_mean(word, list(words)), line, key)
                continue
            if start is None or until is None or value is None:
                continue
            if start > until:
                self._add(file, f"the row ends on {until} before it starts on {start}", line=line, key="until")
                continue
            earlier = rows.setdefault(name, [])
            if earlier and earlier[-1].until >= start:
                message = (
                    f"the row starts on {start}, but the row of '{name}' before it holds until {earlier[-1].until}"
                )
                self._add(file, message, "Rows of a series stand in the order of time and never overlap.", line, "from")
                continue
            known_on = start if known[kind] == "from" else until + _DAY
            earlier.append(Row(start, until, known_on, value, kind, source, confidence, note))
        return rows

    def _date(self, file: str, line: int, key: str, text: str) -> date | None:
        try:
            if len(text) == len("2022-05-31"):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._add(file, f"'{text}' is not a date", "Write it as YYYY-MM-DD.", line, key)
        return None

    def _value(self, file: str, line: int, text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if _LOWEST <= value <= _HIGHEST:
            return value
        message = f"'{text}' is not a rate between {_LOWEST} and {_HIGHEST}"
        self._add(file, message, "Write a fraction per year: 0.0525 is 5.25%.", line, "value")
        return None

    # --------------------------------------------------------------------------------------------------------- YAML

    def _document(self, name: str) -> Document | None:
        try:
            document = read_document(self._folder / name)
        except InputError as error:
            self._faults += error.faults
            return None
        self._digest.update(document.sha256.encode())
        return document

    def _wrong(self, document: Document, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        line, column = document.position(place, key=key)
        self._faults.append(Fault(document.path, message, hint, line, column, dotted(place)))

    def _mapping(
        self, document: Document, value: object, place: Place, keys: Sequence[str] = ()
    ) -> Iterator[tuple[Place, str, object]]:
        """Yield place, key and value of an object's entries; `keys` are the allowed ones, empty for any."""
        if not isinstance(value, dict):
            self._wrong(document, place, "expected an object with keys")
            return
        for name, entry in value.items():
            if keys and name not in keys:
                self._wrong(document, (*place, name), f"unknown key '{name}'", did_you_mean(name, keys), key=True)
            else:
                yield (*place, name), name, entry

    def _word(self, document: Document, value: object, place: Place, words: Sequence[str] = ()) -> str:
        """Return a text, one of `words` unless that is empty."""
        if not isinstance(value, str) or not value:
            self._wrong(document, place, "expected a text")
            return ""
        if words and value not in words:
            self._wrong(document, place, f"unknown word '{value}'", did_you_mean(value, words))
        return value

    def _words(self, document: Document, value: object, place: Place, words: Sequence[str] = ()) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._wrong(document, place, "expected a list")
            return ()
        return tuple(self._word(document, entry, (*place, index), words) for index, entry in enumerate(value))

    def _declared(self) -> tuple[dict[str, Series], dict[str, str]]:
        """Return the series of series.yaml without their rows, and when each kind of row is known."""
        document = self._document("series.yaml")
        if document is None:
            return {}, {}
        known: dict[str, str] = {}
        series: dict[str, Series] = {}
        for place, name, part in self._mapping(document, document.value, (), ("kinds", "series")):
            for below, key, entry in self._mapping(document, part, place):
                if name == "kinds":
                    known[key] = self._word(document, entry, below, KNOWN)
                else:
                    series[key] = self._one_series(document, below, key, entry)
        return series, known

    def _one_series(self, document: Document, place: Place, name: str, entry: object) -> Series:
        parts = {key: (at, value) for at, key, value in self._mapping(document, entry, place, _SERIES_KEYS)}
        text = dict.fromkeys(("currency", "unit", "meaning", "note", "every", "convert"), "")
        allowed = {"unit": ("fraction per year",), "every": ("month",), "convert": tuple(CONVERSIONS)}
        for key in text:
            if key in parts:
                text[key] = self._word(document, parts[key][1], parts[key][0], allowed.get(key, ()))
            elif key in ("currency", "unit", "meaning"):
                self._wrong(document, place, f"series '{name}' has no '{key}'", key=True)
        roles: dict[str, int] = {}
        if "roles" in parts:
            for at, role, priority in self._mapping(document, parts["roles"][1], parts["roles"][0], ROLES):
                if isinstance(priority, int) and not isinstance(priority, bool) and priority >= 1:
                    roles[role] = priority
                else:
                    self._wrong(document, at, "expected a priority: 1, 2, ...")
        proxy: tuple[str, ...] = ()
        if "proxy" in parts:
            proxy = self._words(document, parts["proxy"][1], parts["proxy"][0], tuple(roles))
        formula = CONVERSIONS.get(text["convert"], "")
        monthly = text["every"] == "month"
        return Series(name, text["currency"], roles, proxy, monthly, formula, text["meaning"], text["note"], ())

    def _assets(self) -> dict[str, Asset]:
        document = self._document("assets.yaml")
        if document is None:
            return {}
        assets: dict[str, Asset] = {}
        aliases: list[tuple[Place, str, str]] = []
        notes: list[tuple[Place, str, str]] = []

        def add(name: str, currency: str, kind: str, place: Place, *, key: bool = False) -> None:
            if name != name.upper():
                self._wrong(document, place, f"'{name}' is not in upper case", key=key)
            if name in assets:
                self._wrong(document, place, f"asset '{name}' is given twice", key=key)
            assets[name] = Asset(currency, kind)

        for place, kind, part in self._mapping(document, document.value, (), (*_KINDS_OF_ASSET, "aliases", "notes")):
            if kind == "fiat":
                for index, name in enumerate(self._words(document, part, place)):
                    add(name, name, kind, (*place, index))
                continue
            for below, name, entry in self._mapping(document, part, place):
                if kind in ("aliases", "notes"):
                    (aliases if kind == "aliases" else notes).append((below, name, self._word(document, entry, below)))
                    continue
                if kind == "crypto":
                    add(name, name, kind, below, key=True)
                for index, token in enumerate(self._words(document, entry, below)):
                    add(token, name, kind, (*below, index))
        for place, name, entry in notes:
            if name in assets:
                assets[name] = Asset(assets[name].currency, assets[name].kind, entry)
            else:
                self._wrong(document, place, f"unknown asset '{name}'", did_you_mean(name, list(assets)), key=True)
        for place, name, target in aliases:
            if target in assets:
                known = assets[target]
                add(name, known.currency, known.kind, place, key=True)
                assets[name] = known
            else:
                self._wrong(document, place, f"unknown asset '{target}'", did_you_mean(target, list(assets)))
        return assets
