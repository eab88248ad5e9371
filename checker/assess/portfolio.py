"""Many platforms side by side: league table, distribution, trait heat map, coverage, movers, what could not be read.

Pure and bounded: rows come in one at a time, grouped by platform with the earliest cut first; counts are kept of all of
them, whole rows only of the first `keep` in the ranking. No number here judges a platform; it counts verdicts.

    >>> from checker.model.finding import Grade
    >>> row = BatchRow("a", "A", "fund", "a.json", None, "2022-05-31", "2022-05-31", Grade.B, Grade.D)
    >>> portfolio([row]).distribution.ranges
    ((<Grade.B: 1>, <Grade.D: 3>, 1),)
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

from checker.model.errors import Fault
from checker.model.finding import Grade
from checker.packs.meaning import VerdictClass, verdict_class

__all__ = [
    "BatchRow",
    "Cause",
    "Day",
    "Direction",
    "Distribution",
    "Ends",
    "FactCount",
    "Heat",
    "History",
    "Move",
    "Portfolio",
    "RuleCount",
    "SectionCount",
    "Shares",
    "TraitLevels",
    "move",
    "portfolio",
    "rank",
]

KEEP = 10_000
"""Rows and moves that a portfolio keeps whole; of the rest only counts remain."""
HISTORIES = 200
"""Platforms of which every cut is kept, where there are several."""
LEVELS = 4
TENTHS = 10
_T = TypeVar("_T")


class TraitLevels(NamedTuple):
    """A trait with its level at best and at worst."""

    id: str
    best: int
    worst: int


@dataclass(frozen=True)
class BatchRow:
    """One platform at one cut, as a batch judged it.

    Attributes:
        id: What the platform is called in this batch: the name of its file, or its name in a table.
        name: Name of the platform.
        kind: Kind of the product deposited in.
        file: The file that states its facts, as the user named it.
        line: Line or row in that file; None where the file holds one profile.
        as_of: Day whose state is judged (ISO date).
        known_by: Last day on which something could become known (ISO date).
        best: Grade at its best; None for a kind without a grade.
        worst: Grade at its worst.
        assessable: Whether enough was known.
        pattern_best: The pattern at its best.
        pattern_worst: The pattern at its worst.
        traits: Levels of the traits of its kind.
        coverage_all: Share of the facts asked that are known or settled.
        coverage_critical: The same of the facts that critical rules ask.
        stops: Rules that stop the grade.
        deciding: Rules that decide the best end.
        status: Live statuses.
        outcomes: By rule, the outcomes still possible: letters of P(ass), W(arn), F(ail), N(ot applicable).
        certain: The sentence that says what is certain.
        reader: What the person who asks said about themselves, as `--for` takes it.
        facts: Digest of the facts that were public at the cut.
        rules: Digest of everything that judged them: packs, thresholds, reference data, program.
        assessment: File of the whole assessment, relative to the results; empty if none was written.
        report: File of its report, relative to the results; empty if none was written.
        open: Facts that hold critical rules open, each with how many, the one that holds most first; None if not told.
    """

    id: str
    name: str
    kind: str
    file: str
    line: int | None
    as_of: str
    known_by: str
    best: Grade | None = None
    worst: Grade | None = None
    assessable: bool = True
    pattern_best: str | None = None
    pattern_worst: str | None = None
    traits: tuple[TraitLevels, ...] = ()
    coverage_all: float = 1.0
    coverage_critical: float = 1.0
    stops: tuple[str, ...] = ()
    deciding: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)
    certain: str = ""
    reader: str = ""
    facts: str = ""
    rules: str = ""
    assessment: str = ""
    report: str = ""
    open: tuple[tuple[str, int], ...] | None = None

    @property
    def grade(self) -> Grade | None:
        """The letter, only when both ends agree."""
        return self.best if self.best == self.worst else None

    @property
    def cut(self) -> tuple[str, str]:
        """The day known by, then the day judged: in this order rows of a platform follow each other."""
        return self.known_by, self.as_of

    @property
    def fails(self) -> frozenset[str]:
        """The rules that surely fail."""
        return frozenset(rule for rule, letters in self.outcomes.items() if letters == "F")


def rank(row: BatchRow) -> tuple[Any, ...]:
    """Where a platform stands in the league: assessable ones by worst, then best end; the others by what is known."""
    if row.assessable and row.worst is not None and row.best is not None:
        return 0, int(row.worst), int(row.best), row.name, row.id, row.file
    return 1, -row.coverage_critical, -row.coverage_all, row.name, row.id, row.file


# ---------------------------------------------------------------------------------------------------------- movement


class Direction(StrEnum):
    """Which way the range of the grade moved."""

    WORSE = "worse"
    BETTER = "better"
    WIDER = "wider"
    NARROWER = "narrower"
    SAME = "same"


class Cause(StrEnum):
    """What differs between two verdicts on one platform."""

    FACTS = "facts"
    RULES = "rules"
    TIME = "time"


@dataclass(frozen=True)
class Move:
    """A verdict that is another than before.

    Attributes:
        before: The earlier row.
        now: The later row.
    """

    before: BatchRow
    now: BatchRow

    @property
    def direction(self) -> Direction:
        """Which way the range moved; a range that became known or unknown moved by its assessability."""
        old, new = _ends(self.before), _ends(self.now)
        if old is None or new is None or old == new:
            return Direction.SAME
        low, high = new[0] - old[0], new[1] - old[1]
        if low >= 0 and high >= 0:
            return Direction.WORSE
        if low <= 0 and high <= 0:
            return Direction.BETTER
        return Direction.WIDER if high > 0 else Direction.NARROWER

    @property
    def steps(self) -> int:
        """By how many letters the ends moved, taken together."""
        old, new = _ends(self.before), _ends(self.now)
        if old is None or new is None:
            return 0
        return abs(new[0] - old[0]) + abs(new[1] - old[1])

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What differs behind the two verdicts; time is named only where neither facts nor rules do."""
        facts, rules = self.before.facts != self.now.facts, self.before.rules != self.now.rules
        found = [cause for cause, holds in ((Cause.FACTS, facts), (Cause.RULES, rules)) if holds]
        return tuple(found or [Cause.TIME])

    @property
    def traits(self) -> tuple[tuple[TraitLevels | None, TraitLevels | None], ...]:
        """The traits whose level is another: before and now."""
        old, new = ({trait.id: trait for trait in row.traits} for row in (self.before, self.now))
        return tuple((old.get(id), new.get(id)) for id in sorted(old | new) if old.get(id) != new.get(id))

    @property
    def failing(self) -> tuple[str, ...]:
        """Rules that surely fail now and did not before."""
        return tuple(sorted(self.now.fails - self.before.fails))

    @property
    def no_longer_failing(self) -> tuple[str, ...]:
        """Rules that surely failed before and do not now."""
        return tuple(sorted(self.before.fails - self.now.fails))


def _ends(row: BatchRow) -> tuple[Grade, Grade] | None:
    return None if row.best is None or row.worst is None else (row.best, row.worst)


def move(before: BatchRow, now: BatchRow) -> Move | None:
    """How one platform moved between two verdicts, or None if it did not."""

    def told(row: BatchRow) -> tuple[object, ...]:
        return _ends(row), row.assessable, row.traits, row.stops, row.status, row.fails

    return Move(before, now) if told(before) != told(now) else None


def _move_rank(found: Move) -> tuple[Any, ...]:
    """The gravest first: stops, then how far it moved, for the worse before for the better."""
    order = [Direction.WORSE, Direction.WIDER, Direction.NARROWER, Direction.BETTER, Direction.SAME]
    stopped = bool({*found.now.stops} - {*found.before.stops})
    return not stopped, -found.steps, order.index(found.direction), found.now.cut, found.now.name, found.now.id


# ------------------------------------------------------------------------------------------------------------ counts


@dataclass(frozen=True)
class Distribution:
    """How verdicts are spread.

    Attributes:
        ranges: Best end, worst end, and how many assessable platforms have that range; in order of the grades.
        classes: How many graded platforms fall into each class of verdicts.
        not_assessable: How many have a grade but too little known behind it.
        findings_only: How many are of a kind without a grade.
    """

    ranges: tuple[tuple[Grade, Grade, int], ...]
    classes: Mapping[VerdictClass, int]
    not_assessable: int
    findings_only: int

    @property
    def total(self) -> int:
        """All platforms."""
        return sum(count for *_, count in self.ranges) + self.not_assessable + self.findings_only

    def at_best(self, grade: Grade) -> int:
        """Assessable platforms with this best end."""
        return sum(count for best, _, count in self.ranges if best is grade)

    def at_worst(self, grade: Grade) -> int:
        """Assessable platforms with this worst end."""
        return sum(count for _, worst, count in self.ranges if worst is grade)

    def certain(self, grade: Grade) -> int:
        """Assessable platforms with this single letter."""
        return sum(count for best, worst, count in self.ranges if best is worst is grade)


@dataclass(frozen=True)
class Heat:
    """How many assessable platforms have a trait at each level, 0 to 3.

    Attributes:
        kind: Kind of the platforms; empty for all.
        trait: Id of the trait.
        best: Counts by level at the best end.
        worst: Counts by level at the worst end.
    """

    kind: str
    trait: str
    best: tuple[int, ...]
    worst: tuple[int, ...]


@dataclass(frozen=True)
class Shares:
    """How much is known: platforms by tenths of a share, the last tenth with 100%, and the mean.

    Attributes:
        tenths: Ten counts.
        mean: Mean share; 1 where there is no platform.
    """

    tenths: tuple[int, ...]
    mean: float


@dataclass(frozen=True)
class RuleCount:
    """What one rule says of all platforms.

    Attributes:
        rule: Id of the rule.
        fails: Platforms that surely fail it.
        warns: Platforms of which it surely warns.
        passes: Platforms that surely pass.
        open: Platforms of which it is open.
        not_applicable: Platforms to which it surely does not apply.
    """

    rule: str
    fails: int
    warns: int
    passes: int
    open: int
    not_applicable: int


@dataclass(frozen=True)
class Day:
    """One of the cuts of a batch with several.

    Attributes:
        known_by: Last day on which something could become known (ISO date).
        as_of: Day whose state is judged (ISO date).
        distribution: How the verdicts of that cut are spread.
        moves: How many platforms moved to this cut from the one before it, by the direction of their range.
    """

    known_by: str
    as_of: str
    distribution: Distribution
    moves: Mapping[Direction, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FactCount:
    """What one open fact holds up over all platforms.

    Attributes:
        fact: Its id.
        platforms: Platforms of which it holds a critical rule open.
        not_assessable: Those of them that are not assessable.
        rules: The critical rules that it holds open, added up over the platforms.
    """

    fact: str
    platforms: int
    not_assessable: int
    rules: int


@dataclass(frozen=True)
class SectionCount:
    """The facts of one section that critical rules ask, over all platforms.

    Attributes:
        section: Its name.
        asked: Facts asked, added up over the platforms.
        open: Those of them that hold a critical rule open.
    """

    section: str
    asked: int
    open: int


class Ends(NamedTuple):
    """The range of a grade at one cut; no ends for a kind without a grade."""

    known_by: str
    as_of: str
    best: Grade | None
    worst: Grade | None
    assessable: bool


@dataclass(frozen=True)
class History:
    """One platform over the cuts of a batch.

    Attributes:
        row: The platform at its latest cut.
        ends: The range at every cut, the earliest first.
    """

    row: BatchRow
    ends: tuple[Ends, ...]


@dataclass(frozen=True)
class Portfolio:
    """A batch as a whole; platforms count once, at their latest cut, unless it says otherwise.

    Attributes:
        league: The platforms in the order of the ranking, the first `keep` of them.
        platforms: How many platforms there are.
        rows: How many platform-cuts were judged.
        days: Every cut with its distribution, the earliest first.
        distribution: How the verdicts are spread.
        kinds: The same by kind, the most frequent kind first.
        heat: Trait levels, for all kinds and for each kind.
        coverage: What is known of all facts asked.
        critical: What is known of the facts that critical rules ask.
        rules: Counts by rule, the one that most platforms fail first.
        movers: What moved since the earlier run, the gravest first, the first `keep` of them.
        moved: How many moved since the earlier run.
        steps: What moved from one cut to the next within this run, the gravest first, the first `keep` of them.
        stepped: How many such moves there are.
        new: Ids of platforms that the earlier run did not have, the first `keep` of them.
        gone: Ids of platforms that only the earlier run has.
        since: Last day known by in the earlier run; empty where there was none.
        unreadable: Faults of what could not be read.
        unread: How many records could not be read.
        stopped: Platforms that surely have a stop.
        statuses: Live statuses with how many platforms have each, the most frequent first.
        unknowns: Facts that hold critical rules open, the one that holds up most platforms first; none unless every
            row tells them.
        sections: The facts that critical rules ask, by section; none where nobody said what is asked.
        histories: Platforms with a grade over the cuts, where there are several, in the order of the ranking; the
            first of them.
    """

    league: tuple[BatchRow, ...]
    platforms: int
    rows: int
    days: tuple[Day, ...]
    distribution: Distribution
    kinds: tuple[tuple[str, Distribution], ...]
    heat: tuple[Heat, ...]
    coverage: Shares
    critical: Shares
    rules: tuple[RuleCount, ...]
    movers: tuple[Move, ...] = ()
    moved: int = 0
    steps: tuple[Move, ...] = ()
    stepped: int = 0
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    since: str = ""
    unreadable: tuple[Fault, ...] = ()
    unread: int = 0
    stopped: int = 0
    statuses: tuple[tuple[str, int], ...] = ()
    unknowns: tuple[FactCount, ...] = ()
    sections: tuple[SectionCount, ...] = ()
    histories: tuple[History, ...] = ()


# ---------------------------------------------------------------------------------------------------------- counting


class _Spread:
    """Counts verdicts into a distribution."""

    def __init__(self) -> None:
        self.ranges: Counter[tuple[Grade, Grade]] = Counter()
        self.classes: Counter[VerdictClass] = Counter()
        self.not_assessable = self.findings_only = 0

    def add(self, row: BatchRow) -> None:
        if row.best is None or row.worst is None:
            self.findings_only += 1
            return
        self.classes[verdict_class(row.best, row.worst, row.assessable)] += 1
        if row.assessable:
            self.ranges[row.best, row.worst] += 1
        else:
            self.not_assessable += 1

    def distribution(self) -> Distribution:
        return Distribution(
            tuple((best, worst, count) for (best, worst), count in sorted(self.ranges.items())),
            {name: self.classes[name] for name in VerdictClass},
            self.not_assessable,
            self.findings_only,
        )


class _Levels:
    """Counts trait levels by kind."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], tuple[list[int], list[int]]] = {}

    def add(self, row: BatchRow) -> None:
        if not row.assessable:
            return
        for kind in ("", row.kind):
            for trait in row.traits:
                best, worst = self.counts.setdefault((kind, trait.id), ([0] * LEVELS, [0] * LEVELS))
                best[trait.best] += 1
                worst[trait.worst] += 1

    def heat(self) -> tuple[Heat, ...]:
        return tuple(
            Heat(kind, trait, tuple(best), tuple(worst)) for (kind, trait), (best, worst) in sorted(self.counts.items())
        )


class _Known:
    """Counts shares into tenths."""

    def __init__(self) -> None:
        self.tenths = [0] * TENTHS
        self.total = 0.0

    def add(self, share: float) -> None:
        self.tenths[min(int(share * TENTHS + 1e-9), TENTHS - 1)] += 1
        self.total += share

    def shares(self) -> Shares:
        count = sum(self.tenths)
        return Shares(tuple(self.tenths), round(self.total / count, 6) if count else 1.0)


class _Open:
    """Counts open facts.

    Args:
        asked: Gives the facts that critical rules ask of a kind; None where nobody knows.
    """

    def __init__(self, asked: Callable[[str], Collection[str]] | None) -> None:
        self.asked = asked
        self.platforms: Counter[str] = Counter()
        self.thin: Counter[str] = Counter()
        self.rules: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.untold = False

    def add(self, row: BatchRow) -> None:
        self.kinds[row.kind] += 1
        self.untold |= row.open is None
        for fact, rules in row.open or ():
            self.platforms[fact] += 1
            self.rules[fact] += rules
            self.thin[fact] += row.best is not None and not row.assessable

    def unknowns(self) -> tuple[FactCount, ...]:
        if self.untold:
            return ()
        found = [FactCount(fact, count, self.thin[fact], self.rules[fact]) for fact, count in self.platforms.items()]
        return tuple(sorted(found, key=lambda f: (-f.platforms, -f.rules, f.fact)))

    def sections(self) -> tuple[SectionCount, ...]:
        if self.asked is None or self.untold:
            return ()
        asked: Counter[str] = Counter()
        for kind, platforms in self.kinds.items():
            for fact in self.asked(kind):
                asked[fact.partition(".")[0]] += platforms
        open_: Counter[str] = Counter()
        for fact, platforms in self.platforms.items():
            open_[fact.partition(".")[0]] += platforms
        return tuple(SectionCount(section, count, open_[section]) for section, count in sorted(asked.items()))


class _First(Generic[_T]):
    """The first `keep` of many things in some order, and how many there were."""

    def __init__(self, keep: int, order: Callable[[_T], tuple[Any, ...]]) -> None:
        self.keep, self.order, self.count = keep, order, 0
        self._kept: list[tuple[tuple[Any, ...], int, _T]] = []

    def add(self, thing: _T) -> None:
        self.count += 1
        entry = self.order(thing), self.count, thing
        if len(self._kept) < self.keep or (self._kept and entry < self._kept[-1]):
            insort(self._kept, entry, key=lambda kept: kept[:2])
            del self._kept[self.keep :]

    def kept(self) -> tuple[_T, ...]:
        return tuple(thing for *_, thing in self._kept)


def _rule_counts(counts: Mapping[str, Counter[str]]) -> Iterator[RuleCount]:
    for rule, letters in counts.items():
        fails, warns, passes, out = (letters[letter] for letter in "FWPN")
        yield RuleCount(rule, fails, warns, passes, letters.total() - fails - warns - passes - out, out)


def portfolio(
    rows: Iterable[BatchRow],
    *,
    before: Callable[[str], BatchRow | None] | None = None,
    gone: Sequence[str] = (),
    since: str = "",
    faults: Collection[Fault] = (),
    unread: int = 0,
    keep: int = KEEP,
    asked: Callable[[str], Collection[str]] | None = None,
) -> Portfolio:
    """Counts and ranks the rows of a batch.

    Args:
        rows: All rows, those of one platform together and its earliest cut first.
        before: Gives the latest row of a platform in the earlier run; None where there was no earlier run.
        gone: Ids of platforms that only the earlier run has.
        since: Last day known by in the earlier run.
        faults: Faults of what could not be read.
        unread: How many records could not be read.
        keep: How many rows and moves are kept whole.
        asked: Gives the facts that critical rules ask of a kind.
    """
    whole, levels, known, critical = _Spread(), _Levels(), _Known(), _Known()
    kinds: dict[str, _Spread] = {}
    days: dict[tuple[str, str], _Spread] = {}
    rules: dict[str, Counter[str]] = {}
    moves: dict[tuple[str, str], Counter[Direction]] = {}
    statuses: Counter[str] = Counter()
    open_ = _Open(asked)
    histories = _First[History](min(keep, HISTORIES), lambda history: rank(history.row))
    stopped = 0
    league, movers, steps = _First(keep, rank), _First(keep, _move_rank), _First(keep, _move_rank)
    new = _First[str](keep, lambda id: (id,))
    count = 0
    for id, group in groupby(rows, key=lambda row: row.id):
        last: BatchRow | None = None
        ends: list[Ends] = []
        for row in group:
            count += 1
            ends.append(Ends(row.known_by, row.as_of, row.best, row.worst, row.assessable))
            days.setdefault(row.cut, _Spread()).add(row)
            if last is not None and (found := move(last, row)) is not None:
                steps.add(found)
                moves.setdefault(row.cut, Counter())[found.direction] += 1
            last = row
        assert last is not None
        league.add(last)
        open_.add(last)
        stopped += bool(last.stops)
        statuses.update(last.status)
        if last.best is not None:
            histories.add(History(last, tuple(ends)))
        for spread in (whole, kinds.setdefault(last.kind, _Spread())):
            spread.add(last)
        levels.add(last)
        known.add(last.coverage_all)
        critical.add(last.coverage_critical)
        for rule, letters in last.outcomes.items():
            rules.setdefault(rule, Counter())[letters] += 1
        if before is not None:
            earlier = before(id)
            if earlier is None:
                new.add(id)
            elif (found := move(earlier, last)) is not None:
                movers.add(found)
    return Portfolio(
        league.kept(),
        league.count,
        count,
        tuple(Day(*cut, spread.distribution(), dict(moves.get(cut, {}))) for cut, spread in sorted(days.items())),
        whole.distribution(),
        tuple(
            sorted(((kind, spread.distribution()) for kind, spread in kinds.items()), key=lambda k: (-k[1].total, k[0]))
        ),
        levels.heat(),
        known.shares(),
        critical.shares(),
        tuple(sorted(_rule_counts(rules), key=lambda r: (-r.fails, -r.warns, r.rule))),
        movers.kept(),
        movers.count,
        steps.kept(),
        steps.count,
        new.kept(),
        tuple(gone),
        since,
        tuple(faults),
        unread,
        stopped,
        tuple(sorted(statuses.items(), key=lambda s: (-s[1], s[0]))),
        open_.unknowns(),
        open_.sections(),
        histories.kept() if len(days) > 1 else (),
    )
