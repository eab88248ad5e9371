"""What a batch does with every record: at which cuts it is judged, and what is written about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from checker import __version__
from checker.app.audit import Settings
from checker.app.reader import written
from checker.assess.portfolio import BatchRow
from checker.importers.records import Record
from checker.model.profile import Profile
from checker.model.strict import knowledge_days
from checker.packs.rulebook import Rulebook

EVERY: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
"""Months between two cuts of a series; each is the last day of a month, of a quarter, of a year."""
YEAR = 12
ALL = "all"
_UNSAFE = re.compile(r"[^\w.-]+")
_FLOORS = ("model", "lang", "metrics", "packs", "engine", "assess", "importers", "app/batch")
GRADES = "ABCDEF"


@dataclass(frozen=True)
class Plan:
    """What is done with every record.

    Attributes:
        settings: The cut and changes to the packs; a record may name a cut of its own.
        every: `month`, `quarter` or `year` for a series of cuts; None for one.
        since: First day of a series; None for the first on which anything was known of a platform.
        until: Last day of a series.
        assessments: Whether the whole assessment is written as JSON.
        pdf_for: Reports wanted: `all`, a grade (it or worse, or not assessable), or ids of platforms.
        language: Language of the reports.
    """

    settings: Settings
    every: str | None = None
    since: date | None = None
    until: date | None = None
    assessments: bool = False
    pdf_for: frozenset[str] = field(default_factory=frozenset)
    language: str = "en"

    def cuts(self, record: Record, profile: Profile) -> list[tuple[date, date]]:
        """The cuts (day judged, day known by) at which a profile is judged, the earliest first."""
        if record.cut is not None:
            return [record.cut]
        if self.every is None:
            return [(self.settings.as_of, self.settings.known_by)]
        until = self.until or self.settings.known_by
        days = knowledge_days(profile)
        first = max(filter(None, (self.since, days[0] if days else None)), default=None)
        ends = list(period_ends(self.every, first, until)) if first is not None else list(_last_end(self.every, until))
        return [(day, day) for day in ends]

    def wants_report(self, row: BatchRow) -> bool:
        """Whether a report is written about a platform."""
        if ALL in self.pdf_for or row.id in self.pdf_for or row.name in self.pdf_for:
            return True
        return any(at_or_worse(row, grade) for grade in self.pdf_for if grade in GRADES)

    def series(self, record: Record) -> bool:
        """Whether the files of a record bear its cut in their names."""
        return self.every is not None or record.cut is not None


def at_or_worse(row: BatchRow, grade: str) -> bool:
    """Whether the worst end is this grade or worse, or there is no assessable grade."""
    return row.worst is None or not row.assessable or row.worst.name >= grade


def period_ends(every: str, first: date, until: date) -> Iterator[date]:
    """The last days of the periods that end from `first` to `until`, both included.

    >>> [str(day) for day in period_ends("quarter", date(2022, 2, 1), date(2022, 9, 30))]
    ['2022-03-31', '2022-06-30', '2022-09-30']
    """
    step = EVERY[every]
    month = first.year * 12 + first.month - 1
    while True:
        end = _month_end(month)
        if end > until:
            return
        if end >= first and (month + 1) % step == 0:
            yield end
        month += 1


def _month_end(month: int) -> date:
    year, index = divmod(month + 1, 12)
    return date(year, index + 1, 1) - timedelta(1)


def _last_end(every: str, until: date) -> list[date]:
    """The last period that ended: for a profile that does not say when anything became known."""
    return list(period_ends(every, date(max(until.year - 1, 1), 1, 1), until))[-1:]


def stem(record: Record) -> str:
    """The name of a record's files; ids that a file name cannot hold, or could confuse, carry a mark of their own."""
    if record.alone:
        return record.id
    plain = _UNSAFE.sub("-", record.id).strip("-.")[:80]
    return (
        plain if plain == record.id.lower() else f"{plain or 'platform'}-{sha256(record.id.encode()).hexdigest()[:8]}"
    )


def rules_digest(rulebook: Rulebook, settings: Settings) -> str:
    """Digest of all that judges the facts: packs, thresholds, reference data, for whom, and the program."""
    digest = sha256(f"{__version__} {code_digest()} {settings.parameters} {written(settings.reader)}".encode())
    parts = [f"{pack.id} {pack.sha256}" for pack in rulebook.packs.values()]
    parts += [rulebook.dictionary.sha256, rulebook.reference.digest, repr(rulebook.scheme)]
    parts += [f"{id}={value!r}" for id, value in sorted(rulebook.overrides.items())]
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def code_digest() -> str:
    """Digest of the code that a verdict depends on, so that a changed program never takes over old results."""
    root = Path(__file__).resolve().parents[2]
    digest = sha256()
    for floor in _FLOORS:
        for path in sorted((root / floor).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def record_digest(record: Record, plan: Plan, rules: str) -> str:
    """Digest of all that the rows of a record depend on."""
    settings = plan.settings
    parts: Collection[object] = (
        rules,
        record.id,
        record.file,
        record.sha256,
        record.cut,
        settings.as_of,
        settings.known_by,
        plan.every,
        plan.since,
        plan.until,
        plan.assessments,
        sorted(plan.pdf_for),
        plan.language if plan.pdf_for else "",
    )
    return sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
