"""The assessment: one immutable result, from which every output is rendered and nothing is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checker.engine.scalar import Trace
from checker.model.finding import Grade, Outcome


@dataclass(frozen=True)
class Options:
    """What was asked: the cut (`as_of` is judged, `known_by` bounds what was public), and any changes to the packs.

    `reader` is what the person who asks said about themselves: `country` (ISO 3166 code), `amount` (US dollars).
    """

    as_of: str
    known_by: str
    parameters: str = "latest"
    overrides: Mapping[str, float] | None = None
    reader: Mapping[str, str | float] | None = None


@dataclass(frozen=True)
class EntryView:
    """One entry of a profile that was public at the cut.

    `source` is an id, or `#n` for the n-th source of the profile where even its title could be later than the cut.
    """

    value: object
    since: str | None
    until: str | None
    known_on: str | None
    evidence: str
    grade: int
    source: str
    locator: str
    alleged: bool
    inferred: tuple[str, ...]
    counts: bool
    note: str


@dataclass(frozen=True)
class FactView:
    """A fact (or a cell of a table) as it stood at the cut."""

    id: str
    status: str
    value: object
    unit: str
    evidence: int | None
    stale: bool
    conflict: bool
    age_days: int | None
    rumour: object
    entries: tuple[EntryView, ...]


@dataclass(frozen=True)
class RowView:
    """A row of a table: its key as text and its cells."""

    label: str
    cells: Mapping[str, object]
    entries: tuple[EntryView, ...]


@dataclass(frozen=True)
class TableView:
    """A table as it stood at the cut."""

    id: str
    status: str
    complete: bool
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class ParameterUse:
    """A threshold that was used, with its value in force, day and source.

    Where a user set it, `changed` holds the pack's value and `effect` says `looser`, `stricter` or `changed`.
    """

    id: str
    unit: str
    value: float
    since: str
    basis: str
    meaning: str
    source: str
    locator: str
    changed: str
    effect: str


@dataclass(frozen=True)
class MetricValue:
    """A derived number or condition with its bounds."""

    id: str
    unit: str
    meaning: str
    reference: str
    value: object
    formulas: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """An outcome, or the set of those still possible, with its evidence, trace and words."""

    rule: str
    code: str
    pack: str
    group: str
    severity: str
    title: str
    question: str
    possible: tuple[Outcome, ...]
    presumed: bool
    rumoured: bool
    stop: str
    open: Mapping[str, str]
    message: str
    arguments: Mapping[str, object]
    evidence: int | None
    facts: tuple[str, ...]
    metrics: tuple[str, ...]
    parameters: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    ask: str
    rationale: str
    conditions: Mapping[str, str]
    trace: Mapping[str, Trace]

    @property
    def outcome(self) -> Outcome | None:
        """The outcome if it is certain."""
        return self.possible[0] if len(self.possible) == 1 else None


@dataclass(frozen=True)
class TraitView:
    """A trait at both ends."""

    id: str
    name: str
    zh: str
    question: str
    best: int
    worst: int
    best_name: str
    worst_name: str
    presumed: bool
    open: bool
    structure: str
    fails: tuple[str, ...]
    warns: tuple[str, ...]
    undecided: tuple[str, ...]


@dataclass(frozen=True)
class ConstraintView:
    """One thing that limits the grade at one end."""

    end: str
    kind: str
    grade: Grade
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """Facts that the rules of this kind read: how many, how many are known or settled; the same for critical rules."""

    asked: int
    known: int
    critical_asked: int
    critical_known: int
    critical_not_examined: int

    @property
    def all(self) -> float:
        """Share known or settled of all facts asked."""
        return self.known / self.asked if self.asked else 1.0

    @property
    def critical(self) -> float:
        """Share known or settled of the facts that critical rules ask."""
        return self.critical_known / self.critical_asked if self.critical_asked else 1.0

    @property
    def not_examined(self) -> float:
        """Share of the critical facts that nobody looked at."""
        return self.critical_not_examined / self.critical_asked if self.critical_asked else 0.0


@dataclass(frozen=True)
class Verdict:
    """The grade at both ends with everything that must stand beside it."""

    graded: bool
    assessable: bool
    best: Grade | None
    worst: Grade | None
    uncapped_best: Grade | None
    uncapped_worst: Grade | None
    pattern_best: str | None
    pattern_worst: str | None
    traits: tuple[TraitView, ...]
    stops: tuple[str, ...]
    deciding: tuple[str, ...]
    constraints: tuple[ConstraintView, ...]
    coverage: Coverage
    status: tuple[tuple[str, str], ...]
    bounds: str

    @property
    def grade(self) -> Grade | None:
        """The letter, only when both ends agree."""
        return self.best if self.best == self.worst else None


@dataclass(frozen=True)
class Question:
    """An unknown fact, the rules it keeps open, and what to ask for it."""

    fact: str
    reason: str
    ask: str
    where: str
    rules: tuple[str, ...]
    critical: int


@dataclass(frozen=True)
class RateUse:
    """A reference rate that was used, as the public could know it, with its source and how sure it is."""

    id: str
    meaning: str
    lo: float
    hi: float
    source: str
    url: str
    confidence: str
    unverified: bool


@dataclass(frozen=True)
class SourceView:
    """A source that an entry of the cut cites."""

    id: str
    title: str
    publisher: str
    date: str
    url: str


@dataclass(frozen=True)
class NoteView:
    """A sourced remark of the profile that fits no fact."""

    text: str
    topic: str
    known_on: str | None
    evidence: str
    source: str


@dataclass(frozen=True)
class Assessment:
    """Everything known about one platform at one cut, judged by one rulebook."""

    program: str
    name: str
    kind: str
    platform: Mapping[str, object]
    options: Options
    profile: Mapping[str, str]
    packs: tuple[Mapping[str, str], ...]
    data: Mapping[str, str]
    verdict: Verdict
    findings: tuple[Finding, ...]
    metrics: tuple[MetricValue, ...]
    parameters: tuple[ParameterUse, ...]
    rates: tuple[RateUse, ...]
    facts: tuple[FactView, ...]
    tables: tuple[TableView, ...]
    questions: tuple[Question, ...]
    sources: tuple[SourceView, ...]
    bibliography: tuple[Mapping[str, str], ...]
    notes: tuple[NoteView, ...]
    warnings: tuple[tuple[str, int], ...]
    newest_evidence: str | None
    oldest_evidence_days: int | None

    def finding(self, rule: str) -> Finding:
        """The finding of a rule, by id or by catalogue code."""
        return next(f for f in self.findings if rule in (f.rule, f.code))
