"""The back-test as data: what became of each platform, what the checker said before, and what the two have in common.

Pure: verdicts and outcomes in, counts and intervals out. The verdicts were reached before anything here is called, and
nothing here can change one.

Words. *Flagged*: certainly D or worse (the best end). *Alarmed*: assessable, and E or F is possible (the worst end).
*Cleared*: certainly C or better. The door *shut* when withdrawals stopped, not when bankruptcy was filed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from statistics import mean, median

from checker.metrics.judging import (
    Permutation,
    auc,
    brier,
    brier_skill,
    clopper_pearson,
    hanley_mcneil_error,
    permutation,
    wilson,
)
from checker.model.finding import Grade
from checker.packs.meaning import ALARMED_FROM, CLEARED_TO, FLAGGED_FROM, VerdictClass, verdict_class

__all__ = [
    "EVE",
    "HORIZONS",
    "READINGS",
    "About",
    "Backtest",
    "Case",
    "Cited",
    "Event",
    "Group",
    "Label",
    "Mark",
    "Onset",
    "Reading",
    "Track",
    "judged",
]

EVE = 1
HORIZONS = (365, 180, 90, 30, EVE)
"""Days before the door shut; the last is the day before, the cut of the back-test."""
YEAR = 365
DAYS_OF_A_YEAR = 365.25
READINGS = ("whole", "without_learned", "as_of", "strict")
"""The verdict as it stands; without the rules whose thresholds were learned from the case; with thresholds as of the
day; without dates that were inferred."""


class Label(StrEnum):
    """What became of a platform."""

    FAILED = "failed"
    HALTED = "halted"
    IMPAIRED = "impaired"
    SURVIVED = "survived"
    WOUND_DOWN = "wound_down"


class Group(StrEnum):
    """How a platform counts."""

    FAILURE = "failure"
    SURVIVOR = "survivor"
    APART = "apart"


@dataclass(frozen=True)
class Cited:
    """Where an outcome was read; the date may be a day, a month or a year."""

    title: str
    publisher: str
    date: str
    url: str


@dataclass(frozen=True)
class Event:
    """Something that happened on a day, with its source."""

    day: date
    what: str
    source: Cited


@dataclass(frozen=True)
class Case:
    """What became of one platform; see `rules/backtest/outcomes.yaml` for the meaning of each part."""

    profile: str
    label: Label
    event: Event | None
    cluster: str
    evaluate_on: tuple[date, ...] = ()
    stress: Event | None = None
    last_seen: Event | None = None
    expected: str = ""
    known_miss: str = ""
    learned: frozenset[str] = frozenset()

    @property
    def shut(self) -> bool:
        """Whether the door shut."""
        return self.label in (Label.FAILED, Label.HALTED)

    def group(self, graded: bool) -> Group:
        """How the platform counts; a kind without a grade, and one that was impaired, stand apart."""
        if not graded or self.label is Label.IMPAIRED:
            return Group.APART
        return Group.FAILURE if self.shut else Group.SURVIVOR

    def marks(self) -> tuple[tuple[date, int | None], ...]:
        """The days on which the case is judged, each with the days left until the event, in order of time."""
        days: dict[date, int | None] = {}
        if self.event is not None and self.label is not Label.WOUND_DOWN:
            days = {self.event.day - timedelta(horizon): horizon for horizon in HORIZONS}
        for day in self.evaluate_on:
            days.setdefault(day, None)
        return tuple(sorted(days.items()))


@dataclass(frozen=True)
class Reading:
    """A verdict in small.

    Attributes:
        best: Best end of the grade, None for a kind that gets none.
        worst: Worst end.
        assessable: Whether enough was looked at.
        known: Share of the facts asked that are known or settled.
        critical: The same of those that critical rules ask.
        deciding: Rules behind the best end.
        stops: Rules that stop.
        fails: Rules that surely fail.
        warns: Rules that surely warn.
        applying: Rules that may apply; told for the days on which a case is judged.
        suspended: Whether withdrawals were already suspended, as the public knew.
    """

    best: Grade | None
    worst: Grade | None
    assessable: bool
    known: float
    critical: float
    deciding: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    applying: tuple[str, ...] = ()
    suspended: bool = False

    @property
    def flagged(self) -> bool:
        """Certainly D or worse."""
        return self.best is not None and self.best >= FLAGGED_FROM

    @property
    def alarmed(self) -> bool:
        """Assessable, with E or F possible."""
        return self.assessable and self.worst is not None and self.worst >= ALARMED_FROM

    @property
    def cleared(self) -> bool:
        """Certainly C or better."""
        return self.worst is not None and self.worst <= CLEARED_TO

    @property
    def kind(self) -> VerdictClass:
        """The class of the verdict."""
        return verdict_class(self.best, self.worst, self.assessable)

    @property
    def span(self) -> tuple[Grade | None, Grade | None]:
        """Both ends."""
        return self.best, self.worst


@dataclass(frozen=True)
class Mark:
    """A day on which a case is judged, under each reading; `ahead` are the days left until the event."""

    day: date
    ahead: int | None
    readings: Mapping[str, Reading]

    @property
    def whole(self) -> Reading:
        """The verdict as it stands."""
        return self.readings["whole"]


@dataclass(frozen=True)
class Onset:
    """From which day on something held without a break until the last day before the event.

    Attributes:
        day: The first such day.
        lead_days: Days from it until the event.
        deciding: Rules behind the best end on that day.
        facts: Facts those rules read that were known then.
        new: Those of them of which something became known on that day.
    """

    day: date
    lead_days: int
    deciding: tuple[str, ...]
    facts: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Track:
    """One platform under the back-test.

    Attributes:
        profile: Name of its file.
        name: Name of the platform.
        kind: Kind of the product.
        graded: Whether its kind gets a grade.
        sha256: Digest of the file.
        known_from: First day on which anything was known.
        known_until: Last day on which something became known.
        days: The verdict on every day looked at, in order of time.
        marks: The days on which it is judged.
        flagged: Since when it was flagged, if it was when the door shut.
        alarmed: Since when it was alarmed, likewise.
        ever_flagged: First day on which it was flagged at all.
        left_out: Rules whose thresholds were learned from this case.
        dropped: Entries that the strict reading drops.
        later: Entries that count only from a later day in the strict reading.
        facts: Facts behind the best end on the last day before the event.
        unknown: Where the door shut without a flag: the facts that kept the most critical rules open.
    """

    profile: str
    name: str
    kind: str
    graded: bool
    sha256: str
    known_from: date | None
    known_until: date | None
    days: tuple[tuple[date, Reading], ...]
    marks: tuple[Mark, ...]
    flagged: Onset | None = None
    alarmed: Onset | None = None
    ever_flagged: date | None = None
    left_out: tuple[str, ...] = ()
    dropped: int = 0
    later: int = 0
    facts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def since(days: Sequence[tuple[date, Reading]], holds: Callable[[Reading], bool]) -> date | None:
    """The first day from which something holds without a break until the last day."""
    found: date | None = None
    for day, reading in reversed(days):
        if not holds(reading):
            break
        found = day
    return found


@dataclass(frozen=True)
class Share:
    """A count with both intervals at 95%."""

    count: int
    of: int
    wilson: tuple[float, float] | None
    clopper_pearson: tuple[float, float] | None

    @property
    def value(self) -> float | None:
        """The share, or None of nothing."""
        return self.count / self.of if self.of else None


def share(hits: Iterable[bool]) -> Share:
    """How many are true, of how many."""
    told = list(hits)
    count = sum(told)
    return Share(count, len(told), wilson(count, len(told)), clopper_pearson(count, len(told)))


@dataclass(frozen=True)
class Ranking:
    """How well one end of the grade ranks platforms that shut their door above those that did not.

    Attributes:
        end: `best` or `worst`.
        auc: Area under the curve.
        error: Its standard error (Hanley and McNeil), over platforms.
        interval: Area plus and minus 1.96 errors, within 0 and 1.
        test: Permutation over clusters, each with the mean score of its platforms.
        clusters: How many clusters shut and how many did not.
    """

    end: str
    auc: float | None
    error: float | None
    interval: tuple[float, float] | None
    test: Permutation | None
    clusters: tuple[int, int]


@dataclass(frozen=True)
class Verdicts:
    """How many were flagged, alarmed, cleared; each count with its intervals."""

    flagged: Share
    alarmed: Share
    cleared: Share
    not_assessable: Share
    critical: float | None
    known: float | None


@dataclass(frozen=True)
class AtHorizon:
    """Everything some days before the door shut, against the survivors on the days they are judged.

    Attributes:
        ahead: Days before the event.
        reading: Which reading.
        failures: What the checker said of platforms that shut.
        survivors: What it said of those that did not; each counts once, on its worst day.
        with_facts: How many failures had any fact by then.
        ranking: Both ends as scores.
        brier: Score of "flagged" taken as a forecast.
        base: Score of the constant forecast.
        skill: How much of that is saved.
    """

    ahead: int
    reading: str
    failures: Verdicts
    survivors: Verdicts
    with_facts: int
    ranking: tuple[Ranking, ...]
    brier: float | None
    base: float | None
    skill: float | None


@dataclass(frozen=True)
class AtThreshold:
    """Confusion when one end of the grade at some letter or worse is the alarm, on the eve."""

    end: str
    grade: Grade
    hits: Share
    false_alarms: Share


@dataclass(frozen=True)
class RuleRecord:
    """What one rule did.

    Attributes:
        rule: Its id.
        failures: Of the failures to which it may have applied on the eve, those on which it surely failed.
        survivors: Of the survivors to which it may have applied, those on which it surely failed on any day judged.
        warned_failures: Failures on which it surely warned.
        warned_survivors: Survivors on which it surely warned.
        decided_failures: Flagged failures for which it was among the rules behind the best end.
        decided_survivors: Flagged survivors likewise.
        lead_days: Median days for which it had surely failed when the door shut.
    """

    rule: str
    failures: Share
    survivors: Share
    warned_failures: int
    warned_survivors: int
    decided_failures: int
    decided_survivors: int
    lead_days: float | None


@dataclass(frozen=True)
class Row:
    """Of some platform-dates, those after which the door shut within a year."""

    name: str
    closed: Share
    platforms: int


@dataclass(frozen=True)
class Change:
    """A platform whose verdict on a day differs under another reading."""

    profile: str
    day: date
    ahead: int | None
    reading: str
    before: tuple[Grade | None, Grade | None]
    after: tuple[Grade | None, Grade | None]
    unflagged: bool
    newly_flagged: bool


@dataclass(frozen=True)
class Lead:
    """Days between the first flag and the shut door, over the failures that were flagged when it shut."""

    flagged: int
    of: int
    median: float | None
    least: int | None
    most: int | None


@dataclass(frozen=True)
class AlarmYears:
    """Platform-years of survivors, from the first day with a fact to the last day judged, and those under a flag."""

    watched: float
    flagged: float
    alarmed: float

    @property
    def share(self) -> float | None:
        """Share of the time under a flag."""
        return self.flagged / self.watched if self.watched else None


@dataclass(frozen=True)
class About:
    """What a back-test was made from, so that it can be made again.

    Attributes:
        program: Version of the program.
        parameters: Which thresholds the whole reading used, `latest` or `as-of`.
        strict: Whether the whole reading is the strict one.
        overrides: Thresholds set by the user.
        packs: Id, version and digest of each pack.
        outcomes: Digest of the outcomes.
        inputs: Digest of everything: packs, dictionary, reference rates, verdict table, outcomes, profiles.
    """

    program: str = ""
    parameters: str = "latest"
    strict: bool = False
    overrides: Mapping[str, float] = field(default_factory=dict)
    packs: tuple[Mapping[str, str], ...] = ()
    outcomes: str = ""
    inputs: str = ""


@dataclass(frozen=True)
class Backtest:
    """The whole result, from which every output is rendered."""

    tracks: tuple[Track, ...]
    cases: Mapping[str, Case]
    horizons: tuple[AtHorizon, ...]
    variants: tuple[AtHorizon, ...]
    thresholds: tuple[AtThreshold, ...]
    clusters_caught: Share
    lead: Lead
    alarm_years: AlarmYears
    rules: tuple[RuleRecord, ...]
    never_decide: tuple[str, ...]
    only_false: tuple[str, ...]
    changes: tuple[Change, ...]
    classes: tuple[Row, ...]
    best_ends: tuple[Row, ...]
    without_outcome: tuple[str, ...] = ()
    without_profile: tuple[str, ...] = ()
    cluster_notes: Mapping[str, str] = field(default_factory=dict)
    about: About = About()

    def of(self, group: Group) -> list[Track]:
        """The platforms of a group, by name of their file."""
        return [track for track in self.tracks if self.group(track) is group]

    def group(self, track: Track) -> Group:
        """How a platform counts."""
        return self.cases[track.profile].group(track.graded)

    @property
    def eve(self) -> AtHorizon:
        """The day before the door shut."""
        return next(h for h in self.horizons if h.ahead == EVE)

    @property
    def dates(self) -> tuple[date, date] | None:
        """First and last day on which a verdict was reached."""
        days = [day for track in self.tracks for day, _ in track.days]
        return (min(days), max(days)) if days else None


def mark_of(track: Track, ahead: int) -> Mark | None:
    """The mark some days before the event."""
    return next((mark for mark in track.marks if mark.ahead == ahead), None)


def worst_day(track: Track, reading: str = "whole") -> Reading:
    """What the checker said of a survivor on the worst of the days it is judged: best end first, then worst end."""
    readings = [mark.readings[reading] for mark in track.marks]
    return max(readings, key=lambda r: (_score(r.best), r.assessable, _score(r.worst)))


def _score(grade: Grade | None) -> float:
    return float(grade) if grade is not None else 0.0


def judged(
    tracks: Sequence[Track], cases: Mapping[str, Case], *, rules: Sequence[str] = (), horizons: Sequence[int] = HORIZONS
) -> Backtest:
    """Everything that follows from verdicts and outcomes.

    Args:
        tracks: Platforms that have an outcome.
        cases: What became of them, by profile.
        rules: Ids of all rules, for those that never did anything.
        horizons: Days before the event at which to count.
    """
    ordered = tuple(sorted(tracks, key=lambda track: track.profile))
    failures = [t for t in ordered if cases[t.profile].group(t.graded) is Group.FAILURE]
    survivors = [t for t in ordered if cases[t.profile].group(t.graded) is Group.SURVIVOR]
    records = _records(failures, survivors, cases, rules)
    return Backtest(
        ordered,
        cases,
        tuple(_at(failures, survivors, cases, ahead, "whole") for ahead in horizons),
        tuple(_at(failures, survivors, cases, EVE, reading) for reading in READINGS[1:]),
        _thresholds(failures, survivors),
        _clusters_caught(failures, cases),
        _lead(failures),
        _alarm_years(survivors),
        records,
        tuple(r.rule for r in records if not r.decided_failures),
        tuple(r.rule for r in records if r.survivors.count and not r.failures.count),
        _changes(ordered),
        *_meaning(ordered, cases),
    )


def _verdicts(readings: Sequence[Reading]) -> Verdicts:
    return Verdicts(
        share(r.flagged for r in readings),
        share(r.alarmed for r in readings),
        share(r.cleared for r in readings),
        share(not r.assessable for r in readings),
        median(r.critical for r in readings) if readings else None,
        median(r.known for r in readings) if readings else None,
    )


def _at(
    failures: Sequence[Track], survivors: Sequence[Track], cases: Mapping[str, Case], ahead: int, reading: str
) -> AtHorizon:
    marks = [(track, mark) for track in failures if (mark := mark_of(track, ahead)) is not None]
    shut = [(track, mark.readings[reading]) for track, mark in marks]
    lived = [(track, worst_day(track, reading)) for track in survivors]
    forecasts = [float(r.flagged) for _, r in (*shut, *lived)]
    outcomes = [True] * len(shut) + [False] * len(lived)
    base = len(shut) / len(outcomes) if outcomes else 0.0
    return AtHorizon(
        ahead,
        reading,
        _verdicts([r for _, r in shut]),
        _verdicts([r for _, r in lived]),
        sum(track.known_from is not None and track.known_from <= mark.day for track, mark in marks),
        tuple(_ranking(end, shut, lived, cases) for end in ("best", "worst")),
        brier(forecasts, outcomes),
        base * (1 - base) if outcomes else None,
        brier_skill(forecasts, outcomes),
    )


def _ranking(
    end: str,
    shut: Sequence[tuple[Track, Reading]],
    lived: Sequence[tuple[Track, Reading]],
    cases: Mapping[str, Case],
) -> Ranking:
    def score(reading: Reading) -> float:
        return _score(reading.best if end == "best" else reading.worst)

    def clustered(members: Sequence[tuple[Track, Reading]]) -> list[float]:
        scores: dict[str, list[float]] = {}
        for track, reading in members:
            scores.setdefault(cases[track.profile].cluster, []).append(score(reading))
        return [mean(scores[name]) for name in sorted(scores)]

    area = auc([score(r) for _, r in shut], [score(r) for _, r in lived])
    error = hanley_mcneil_error(area, len(shut), len(lived)) if area is not None else None
    interval = None
    if area is not None and error is not None:
        interval = max(0.0, area - 1.96 * error), min(1.0, area + 1.96 * error)
    first, second = clustered(shut), clustered(lived)
    return Ranking(end, area, error, interval, permutation(first, second), (len(first), len(second)))


def _thresholds(failures: Sequence[Track], survivors: Sequence[Track]) -> tuple[AtThreshold, ...]:
    shut = [mark.whole for track in failures if (mark := mark_of(track, EVE)) is not None]
    lived = [[mark.whole for mark in track.marks] for track in survivors]
    found: list[AtThreshold] = []
    for end in ("best", "worst"):
        for grade in list(Grade)[1:]:

            def reaches(reading: Reading, end: str = end, grade: Grade = grade) -> bool:
                reached = reading.best if end == "best" else reading.worst
                return reached is not None and reached >= grade

            alarms = share(any(map(reaches, readings)) for readings in lived)
            found.append(AtThreshold(end, grade, share(map(reaches, shut)), alarms))
    return tuple(found)


def _clusters_caught(failures: Sequence[Track], cases: Mapping[str, Case]) -> Share:
    """Clusters of failures of which every platform was flagged when its door shut."""
    caught: dict[str, bool] = {}
    for track in failures:
        cluster = cases[track.profile].cluster
        caught[cluster] = caught.get(cluster, True) and track.flagged is not None
    return share(caught.values())


def _lead(failures: Sequence[Track]) -> Lead:
    days = [track.flagged.lead_days for track in failures if track.flagged is not None]
    return Lead(
        len(days),
        len(failures),
        float(median(days)) if days else None,
        min(days, default=None),
        max(days, default=None),
    )


def _spans(track: Track, until: date) -> Iterable[tuple[int, Reading]]:
    """Each verdict from the first day with a fact on, with the days it stood."""
    days = [(day, r) for day, r in track.days if track.known_from is not None and track.known_from <= day <= until]
    ends = [day for day, _ in days[1:]] + [until]
    for (day, reading), end in zip(days, ends, strict=True):
        yield (end - day).days, reading


def _alarm_years(survivors: Sequence[Track]) -> AlarmYears:
    watched = flagged = alarmed = 0
    for track in survivors:
        for days, reading in _spans(track, max(mark.day for mark in track.marks)):
            watched += days
            flagged += days * reading.flagged
            alarmed += days * reading.alarmed
    return AlarmYears(watched / DAYS_OF_A_YEAR, flagged / DAYS_OF_A_YEAR, alarmed / DAYS_OF_A_YEAR)


def _records(
    failures: Sequence[Track], survivors: Sequence[Track], cases: Mapping[str, Case], rules: Sequence[str]
) -> tuple[RuleRecord, ...]:
    eves = [(track, mark.whole) for track in failures if (mark := mark_of(track, EVE)) is not None]
    judged_on = [(track, [mark.whole for mark in track.marks]) for track in survivors]
    found: list[RuleRecord] = []
    for rule in sorted(rules):
        shut = [(track, rule in reading.fails) for track, reading in eves if rule in reading.applying]
        leads: list[int] = []
        for track, failed in shut:
            event = cases[track.profile].event
            if failed and event is not None:
                days = [(day, r) for day, r in track.days if day < event.day]
                first = since(days, lambda r: rule in r.fails)  # noqa: B023
                leads += [(event.day - first).days] if first is not None else []
        found.append(
            RuleRecord(
                rule,
                share(failed for _, failed in shut),
                share(
                    any(rule in r.fails for r in readings)
                    for _, readings in judged_on
                    if any(rule in r.applying for r in readings)
                ),
                sum(rule in reading.warns for _, reading in eves),
                sum(any(rule in r.warns for r in readings) for _, readings in judged_on),
                sum(reading.flagged and rule in reading.deciding for _, reading in eves),
                sum(any(r.flagged and rule in r.deciding for r in readings) for _, readings in judged_on),
                float(median(leads)) if leads else None,
            )
        )
    return tuple(found)


def _changes(tracks: Sequence[Track]) -> tuple[Change, ...]:
    return tuple(
        Change(
            track.profile,
            mark.day,
            mark.ahead,
            name,
            mark.whole.span,
            reading.span,
            mark.whole.flagged and not reading.flagged,
            reading.flagged and not mark.whole.flagged,
        )
        for name in READINGS[1:]
        for track in tracks
        for mark in track.marks
        if (reading := mark.readings[name]).span != mark.whole.span
    )


def quarter_ends(first: date, last: date) -> list[date]:
    """The last day of every quarter between two days.

    >>> [day.isoformat() for day in quarter_ends(date(2022, 1, 1), date(2022, 7, 1))]
    ['2022-03-31', '2022-06-30']
    """
    days = [
        date(year, month, 30 if month in (6, 9) else 31)
        for year in range(first.year, last.year + 1)
        for month in (3, 6, 9, 12)
    ]
    return [day for day in days if first <= day <= last]


def _meaning(tracks: Sequence[Track], cases: Mapping[str, Case]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Over the quarter ends of every graded platform: how often the door shut within a year.

    A day counts if the door was not already shut and if it is known what happened in the year after it.
    """
    seen: list[tuple[str, Reading, bool]] = []
    for track in tracks:
        case = cases[track.profile]
        if not track.graded or track.known_from is None:
            continue
        shut = case.event.day if case.event is not None and case.shut else None
        for day, reading in track.days:
            if day != _quarter_end(day) or day < track.known_from or reading.suspended:
                continue
            closes = shut is not None and day < shut and (shut - day).days <= YEAR
            if (shut is not None and day < shut) or (shut is None and day + timedelta(YEAR) <= _followed(track, case)):
                seen.append((track.profile, reading, closes))

    def row(name: str, chosen: Callable[[Reading], bool]) -> Row:
        members = [(profile, closes) for profile, reading, closes in seen if chosen(reading)]
        return Row(name, share(closes for _, closes in members), len({profile for profile, _ in members}))

    classes = [row(kind.value, lambda r, kind=kind: r.kind is kind) for kind in VerdictClass]  # type: ignore[misc]
    ends = [row(grade.name, lambda r, grade=grade: r.best is grade) for grade in Grade]  # type: ignore[misc]
    return (*classes, row("all", lambda _: True)), tuple(ends)


def _quarter_end(day: date) -> date:
    month = (day.month + 2) // 3 * 3
    return date(day.year, month, 30 if month in (6, 9) else 31)


def _followed(track: Track, case: Case) -> date:
    """Until when it is known that the door stayed open; what was closed in order can shut no door any more."""
    if case.label is Label.WOUND_DOWN:
        return date.max
    days = [case.last_seen.day if case.last_seen is not None else None, track.known_until]
    return max((day for day in days if day is not None), default=date.min)
