"""The assessment: one immutable result, from which every output is rendered and nothing is computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checker.assess.turns import Changes, Edge
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
    """A threshold that was used, with its value in force, day and source; no day where it was set after the cut.

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
class RowFigure:
    """A row that gives an end of a figure over a table.

    Attributes:
        table: The table fact.
        row: What tells the row from the others.
        parts: What its figure is made of: id, unit and value of each number.
    """

    table: str
    row: str
    parts: tuple[tuple[str, str, object], ...]


@dataclass(frozen=True)
class MetricValue:
    """A derived number or condition with its bounds; an end that rests on nothing known is null.

    Attributes:
        rows: The rows that give its ends, where it is a highest or lowest over rows.
    """

    id: str
    unit: str
    meaning: str
    reference: str
    value: object
    formulas: tuple[str, ...]
    rows: tuple[RowFigure, ...] = ()


@dataclass(frozen=True)
class Variant:
    """A number under one scenario: its bounds, the ends at which it never comes about, whether facts bound it."""

    scenario: str
    value: object
    never: tuple[bool, bool]
    told: bool


@dataclass(frozen=True)
class Number:
    """A printed metric with its bounds and what they rest on.

    Attributes:
        id: The metric.
        title: Its name for a reader.
        unit: Its unit; empty for a condition.
        meaning: What it tells.
        reference: Ids of the bibliography, with commas between.
        worse: Which direction is worse for a depositor.
        model: The model that tells it, or empty where a formula does.
        scenario: The scenario of `value`, if it depends on one.
        value: `[lo, hi]` with null for an end that is not known or never comes about.
        never: For each end whether it never comes about.
        never_means: What that means.
        told: Whether facts of the profile bound it at all.
        sampled: Whether the range was sampled and may miss a peak.
        used: Facts it was computed from.
        missing: Facts it would need, with the reason why they are open.
        assumed: Parameters that stand in for what no fact tells.
        evidence: Weakest evidence grade among the inputs, or None where none is known.
        variants: The number under every scenario of its kind.
        trace: How it was computed, step by step; None where no fact tells anything.
    """

    id: str
    title: str
    unit: str
    meaning: str
    reference: str
    worse: str
    model: str
    scenario: str
    value: object
    never: tuple[bool, bool]
    never_means: str
    told: bool
    sampled: bool
    used: tuple[str, ...]
    missing: Mapping[str, str]
    assumed: tuple[str, ...]
    evidence: int | None
    variants: tuple[Variant, ...]
    trace: Trace | None


@dataclass(frozen=True)
class Remark:
    """A sentence with placeholders in braces and what fills them: words, or a value with its unit."""

    text: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Working:
    """A working table behind the numbers.

    Attributes:
        id: Its id.
        title: Its title.
        columns: Heading and unit of each column; no unit for words.
        rows: Cells by column: words, a number, `[lo, hi]` with null for an end that is not known, or null.
        notes: What the table shows, a sentence each.
        facts: Facts it was computed from.
        scenarios: The scenario of each row, where rows depend on one.
    """

    id: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[Remark, ...]
    facts: tuple[str, ...]
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True)
class Precedent:
    """What a verdict of this class has meant: of the platform-dates with it, those after which the door shut in a year.

    Attributes:
        verdict: The class: flagged, cleared, alarmed, open, not_assessable.
        platforms: Platforms in the corpus.
        dates: Platform-dates with a verdict of the class.
        closed: Those after which withdrawals stopped within a year.
        lo: Lower end of Wilson's interval at 95%.
        hi: Its upper end.
    """

    verdict: str
    platforms: int
    dates: int
    closed: int
    lo: float
    hi: float


@dataclass(frozen=True)
class ScenarioUse:
    """A scenario under which numbers are told.

    Attributes:
        name: Its name.
        kind: `run`, `shock` or `depeg`.
        title: A short phrase for a reader.
        meaning: What it assumes and on what it rests; empty where that came after the cut.
        references: Ids of works with the places in them.
        own: Whether the user brought it.
        later: Whether it was measured on an event after the cut.
    """

    name: str
    kind: str
    title: str
    meaning: str
    references: tuple[tuple[str, str], ...]
    own: bool
    later: bool = False


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
    """Facts that the rules of this kind read: how many, how many are known or settled; the same for critical rules.

    A fact is settled where it is not known, but no answer could change anything. `settled` names those facts, and
    `critical_settled` counts the critical ones among them; a row of a batch does without.
    """

    asked: int
    known: int
    critical_asked: int
    critical_known: int
    critical_not_examined: int
    settled: tuple[str, ...] = ()
    critical_settled: int = 0

    @property
    def reported(self) -> int:
        """Facts that are known."""
        return self.known - len(self.settled)

    @property
    def critical_reported(self) -> int:
        """Critical facts that are known."""
        return self.critical_known - self.critical_settled

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
    """A reference rate that was used, as the public could know it, with its source and how sure it is.

    Where its source was compiled after the cut, `later` says so and neither day nor address is told.
    """

    id: str
    meaning: str
    lo: float
    hi: float
    source: str
    url: str
    confidence: str
    unverified: bool
    date: str = ""
    later: bool = False


@dataclass(frozen=True)
class SourceView:
    """A source that an entry of the cut cites.

    Attributes:
        id: Its id in the profile, or `#n` where not even its title may be told.
        title: Its title, or why it is withheld.
        publisher: Who published it.
        date: Day of publication, or its month or year where no more is known.
        url: Its address.
        public: Where it bears no date, the first day on which something that rests on it was public.
    """

    id: str
    title: str
    publisher: str
    date: str
    url: str
    public: str = ""


@dataclass(frozen=True)
class NoteView:
    """A sourced remark of the profile that fits no fact; `inferred` names those of its dates that were inferred."""

    text: str
    topic: str
    known_on: str | None
    evidence: str
    source: str
    inferred: tuple[str, ...] = ()


@dataclass(frozen=True)
class OverrideView:
    """An outcome that an analyst recorded by hand; it stands beside the computed ones and changes none of them.

    Attributes:
        rule: The rule.
        code: Its code.
        outcome: What the analyst would say.
        computed: The outcomes that are possible by the facts.
        who: Who decided it.
        on: The day on which it was decided.
        until: The last day on which it stands.
        why: The reason given.
    """

    rule: str
    code: str
    outcome: Outcome
    computed: tuple[Outcome, ...]
    who: str
    on: str
    until: str
    why: str


@dataclass(frozen=True)
class Assessment:
    """Everything known about one platform at one cut, judged by one rulebook.

    `headline` names the numbers that stand beside the grade, each with the scenario under which it is told. `changes`
    and `edges` say what would change the verdict, where that was asked for.
    """

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
    numbers: tuple[Number, ...]
    headline: tuple[tuple[str, str], ...]
    precedent: Precedent | None
    workings: tuple[Working, ...]
    scenarios: tuple[ScenarioUse, ...]
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
    overrides: tuple[OverrideView, ...] = ()
    changes: Changes | None = None
    edges: tuple[Edge, ...] | None = None

    def overrides_of(self, rule: str) -> tuple[OverrideView, ...]:
        """What analysts recorded by hand for a rule."""
        return tuple(override for override in self.overrides if override.rule == rule)

    def number(self, id: str) -> Number | None:
        """The number of a metric, or None where it is not told for this kind."""
        return next((number for number in self.numbers if number.id == id), None)

    def working(self, id: str) -> Working | None:
        """The working table of that id, or None where its facts do not exist."""
        return next((working for working in self.workings if working.id == id), None)

    def finding(self, rule: str) -> Finding:
        """The finding of a rule, by id or by catalogue code."""
        return next(f for f in self.findings if rule in (f.rule, f.code))
