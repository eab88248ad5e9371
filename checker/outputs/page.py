"""What a page shows, in the order it shows it: numbered sources, grouped findings, links both ways.

Nothing is judged or calculated here; the assessment is sorted, numbered and put into words for the templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby

from markupsafe import Markup

from checker.assess.assessment import (
    Assessment,
    EntryView,
    FactView,
    Finding,
    MetricValue,
    ParameterUse,
    RowView,
    TableView,
    TraitView,
)
from checker.model.finding import Grade, Outcome
from checker.outputs import places, words
from checker.outputs.change import edges_sentence
from checker.outputs.language import tr
from checker.outputs.markup import anchor, breakable, clean, safe_link, shortened, wrapped
from checker.outputs.parts import (
    Asked,
    Bound,
    Brief,
    Chip,
    Cited,
    Count,
    EdgeRow,
    Entry,
    Evidence,
    Group,
    Input,
    Known,
    Limit,
    Mark,
    NumberRow,
    Reason,
    Sheet,
    Step,
    Tile,
    WorkingTable,
)
from checker.outputs.report import Report, report_of
from checker.outputs.words import GROUPS, by_code
from checker.packs.rulebook import Rulebook

__all__ = [
    "GROUPS",
    "LEVELS",
    "SYMBOLS",
    "Asked",
    "Chip",
    "Page",
    "Step",
    "anchor",
    "breakable",
    "by_code",
    "clean",
    "in_full",
    "safe_link",
    "shortened",
    "wrapped",
]

LEVELS = ("absent", "structural", "aggravated", "present")
SYMBOLS = {"pass": "✓", "warn": "!", "fail": "✗", "open": "?", "presumed": "◇", "na": "–"}
FINDING_STATES = {Outcome.PASS: "pass", Outcome.WARN: "warn", Outcome.FAIL: "fail", Outcome.NOT_APPLICABLE: "na"}
STATE_ORDER = ("fail", "presumed", "warn", "open", "pass", "na")
_TILE_WIDTH = 18  # columns of a tile on the first page; a Chinese character takes two
_LONG = 40  # characters of a place and a note with which evidence takes more than a line
_FIRST = 20  # questions that stand in a line of their own; the others stand by section


def in_full(finding: Finding) -> bool:
    """Whether a finding is printed in full: it fails or warns, or can end in nothing else."""
    return finding.outcome is not Outcome.NOT_APPLICABLE and Outcome.PASS not in finding.possible


class Page:
    """The assessment in the order and the words of the report.

    Args:
        told: What is rendered: an assessment, or one with analyses.
        rulebook: Where the wording of rules and facts stands; no value is taken from it.
        whole: Whether every finding is told in full, not only the adverse ones.
    """

    def __init__(self, told: Assessment | Report, rulebook: Rulebook, *, whole: bool = False) -> None:
        self.report = report_of(told)
        self.whole = whole
        self.assessment = assessment = self.report.assessment
        self.verdict = assessment.verdict
        self.rulebook = rulebook
        self._numbers = {source.id: number for number, source in enumerate(assessment.sources, 1)}
        self._facts = {fact.id: fact for fact in assessment.facts}
        self._tables = {table.id: table for table in assessment.tables}
        self._parameters = {parameter.id: parameter for parameter in assessment.parameters}
        self._metrics = {metric.id: metric for metric in assessment.metrics}
        self._bibliography = {source["id"] for source in assessment.bibliography}
        self._later = {work["id"] for work in assessment.bibliography if work["title"] in words.WITHHELD}
        self._by_rule = {finding.rule: finding for finding in assessment.findings}
        self._templates: Mapping[str, Mapping[str, str]] = {r.id: r.message for r in rulebook.rules.values()}
        self._asked = {question.fact for question in assessment.questions}
        self._readers: dict[str, list[Finding]] = {}
        for finding in sorted(assessment.findings, key=by_code):
            for id in finding.facts:
                self._readers.setdefault(id, []).append(finding)

    # -- the first page

    @property
    def name(self) -> str:
        """The platform's name."""
        return self.assessment.name

    @property
    def running_name(self) -> str:
        """The name for the head of every page."""
        return shortened(clean(self.assessment.name))

    @property
    def title(self) -> str:
        """The document's title."""
        cut = words.cut_text(self.assessment)
        return tr("{name}: due diligence, {cut}").format(name=self.running_name, cut=cut)

    @property
    def kind(self) -> str:
        """What the platform is, in words."""
        kind = tr(words.KINDS[self.assessment.kind])
        return kind[0].upper() + kind[1:]

    @property
    def country(self) -> str:
        """The law that governs the claim."""
        return places.value("country", words.amount(self.assessment.platform.get("country") or ""))

    @property
    def overrides(self) -> tuple[ParameterUse, ...]:
        """Thresholds that the user changed."""
        return tuple(p for p in self.assessment.parameters if p.changed)

    @property
    def changes(self) -> tuple[str, ...]:
        """What the user changed, in words: thresholds and packs."""
        added = [pack for pack in self.assessment.packs if pack["added"]]
        told = tr("Added pack: {name} {version}")
        return (
            *map(words.changed_text, self.overrides),
            *(told.format(name=pack["id"], version=pack["version"]) for pack in added),
        )

    def scale(self) -> tuple[Step, ...]:
        """The letters A to F, those still possible marked."""
        best, worst = self.verdict.best, self.verdict.worst
        if best is None or worst is None:
            return ()
        inside = "certain" if best == worst else "possible"
        return tuple(
            Step(grade.name, tr(words.GRADES[grade]), inside if best <= grade <= worst else "outside")
            for grade in Grade
        )

    def tiles(self) -> tuple[Tile, ...]:
        """The four traits."""
        return tuple(self._tile(trait) for trait in self.verdict.traits)

    @property
    def tiles_wrap(self) -> bool:
        """Whether the level of some trait takes two lines of its tile."""
        return any(len(words.level_range(trait).encode("gb18030")) > _TILE_WIDTH for trait in self.verdict.traits)

    def _tile(self, trait: TraitView) -> Tile:
        reached = "presumed" if trait.presumed else "certain"
        steps = tuple(
            (name, "off" if not level or level > trait.worst else reached if level <= trait.best else "possible")
            for level, name in enumerate(LEVELS)
        )
        marks = []
        if trait.presumed:
            marks.append(Chip("presumed", SYMBOLS["presumed"], tr("presumed"), ""))
        if trait.open:
            marks.append(Chip("open", SYMBOLS["open"], tr("open"), ""))
        because = self.links(trait.fails or trait.warns)
        word = words.level_range(trait)
        return Tile(trait, f"level-{trait.worst}", word, steps, tuple(marks), because)

    def rule_link(self, rule: str) -> tuple[str, str]:
        """Code and place of a rule of this kind."""
        return self._by_rule[rule].code, anchor("rule", rule)

    def reasons(self) -> tuple[Reason, ...]:
        """The main reasons, gravest first."""
        shown: list[Reason] = []
        for text, rule in words.reasons(self.assessment, self._templates):
            finding = self._by_rule[rule]
            marks = self._marks_of(finding)
            own = text == words.message(finding, self._templates[rule])
            chip = self.chip(finding) if own else Chip("na", "○", tr("evidence"), "")
            more = max(0, len(marks) - 4)
            shown.append(Reason(text, finding.code, anchor("rule", rule), chip, marks[:4], more, self.alleged(finding)))
        return tuple(shown)

    def alleged(self, finding: Finding) -> str:
        """Whether a finding rests on allegations, in words; empty where it rests on none."""
        entries = [e for id in finding.facts if id in self._facts for e in self._facts[id].entries if e.counts]
        entries += [e for id in finding.facts if id in self._tables for r in self._tables[id].rows for e in r.entries]
        charges = sum(entry.alleged for entry in entries)
        if not charges:
            return ""
        return tr("alleged") if charges == len(entries) else tr("in part alleged")

    @property
    def uncapped(self) -> str:
        """The grade before caps and stops, where it differs."""
        best, worst = self.verdict.uncapped_best, self.verdict.uncapped_worst
        if best is None or worst is None or (best, worst) == (self.verdict.best, self.verdict.worst):
            return ""
        return words.span(best, worst)

    def links(self, rules: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Codes of rules with their places, in their order."""
        ordered = sorted((self._by_rule[rule] for rule in rules), key=by_code)
        return tuple((finding.code, anchor("rule", finding.rule)) for finding in ordered)

    def deciding(self) -> tuple[tuple[str, str], ...]:
        """The rules that decide the best end."""
        return self.links(self.verdict.deciding)

    def stops(self) -> tuple[tuple[str, str], ...]:
        """The stops that are proved, alleged or presumed."""
        return self.links(self.verdict.stops)

    def limits(self) -> tuple[Bound, ...]:
        """What limits the grade at each end, gravest first; what is only possible stands apart from what is so."""
        return tuple(
            Bound(
                words.end_text(constraint.end),
                constraint.grade.name,
                text,
                self.links(rules),
                "" if rules else words.structure_alone(self.assessment, constraint.end),
            )
            for constraint in self.verdict.constraints
            for text, rules in words.limits(self.assessment, constraint)
        )

    def questions(self) -> tuple[Asked, ...]:
        """Every open question, the most useful first: by what an answer settles, where that was worked out."""
        asked = self.assessment.questions
        unknowns = {unknown.fact: unknown for unknown in self.report.unknowns or ()}
        if unknowns:
            rank = {fact: place for place, fact in enumerate(unknowns)}
            asked = tuple(sorted(asked, key=lambda question: rank.get(question.fact, len(rank))))
        return tuple(
            Asked(
                question,
                number,
                anchor("fact", question.fact),
                self._is_reported(question.fact),
                tr(words.REASONS.get(question.reason, question.reason)),
                self.links(question.rules),
                words.settles_text(unknowns[question.fact]) if question.fact in unknowns else "",
            )
            for number, question in enumerate(asked, 1)
        )

    def first_and_rest(self) -> tuple[tuple[Asked, ...], tuple[tuple[str, str, tuple[Asked, ...]], ...]]:
        """The first questions, and the others by section of the profile: its title and id."""
        asked = self.questions()
        rest: dict[str, list[Asked]] = {}
        for question in asked[_FIRST:]:
            rest.setdefault(question.question.fact.partition(".")[0], []).append(question)
        return asked[:_FIRST], tuple(
            (_section_title(section), section, tuple(rest[section])) for section in sorted(rest, key=_section_place)
        )

    def aligned(self, number: int) -> str:
        """A question's number, padded with spaces as wide as figures."""
        return str(number).rjust(len(str(len(self.assessment.questions))), "\u2007")

    def _is_reported(self, id: str) -> bool:
        item = self._facts.get(id) or self._tables.get(id)
        return item is not None and item.status == "reported"

    def place(self, id: str) -> str:
        """The place of a fact or of its question; empty where the document has neither."""
        if id.startswith("platform.") and not self._is_reported(id):
            return ""
        return anchor("fact", id) if id in self._facts or id in self._tables or id in self._asked else ""

    def counts(self, findings: Iterable[Finding]) -> tuple[Count, ...]:
        """How many findings there are of each outcome, the worst first."""
        counted = Counter(replace(self.chip(finding), detail="") for finding in findings)
        kinds = sorted(counted, key=lambda chip: (STATE_ORDER.index(chip.state), chip.word))
        return tuple(Count(chip, counted[chip]) for chip in kinds)

    def tally(self, findings: Iterable[Finding]) -> str:
        """How many findings there are of each outcome, in words."""
        return " · ".join(f"{counted.count} {counted.chip.word}" for counted in self.counts(findings))

    # -- findings

    @staticmethod
    def chip(finding: Finding) -> Chip:
        """A finding's outcome for the eye."""
        hearsay = tr("hearsay") if finding.rumoured else ""
        if finding.outcome is None:
            possible = words.possible_text(finding)
            detail = tr("{outcome}, presumed").format(outcome=possible) if finding.presumed else possible
            return Chip("open", SYMBOLS["open"], tr("open"), tr(", ").join(filter(None, [detail, hearsay])))
        state, word = FINDING_STATES[finding.outcome], tr(words.OUTCOMES[finding.outcome])
        if finding.presumed:
            return Chip("presumed", SYMBOLS["presumed"], tr("{outcome}, presumed").format(outcome=word), hearsay)
        return Chip(state, SYMBOLS[state], word, hearsay)

    def groups(self) -> tuple[Group, ...]:
        """Findings of rules that apply, or may apply, by trait and group."""
        applying = [f for f in self.assessment.findings if f.outcome is not Outcome.NOT_APPLICABLE]
        titles = {t.id: t.name for t in self.verdict.traits}
        packs = {pack["group"]: pack["title"] for pack in self.assessment.packs}
        shown = []
        for id, found in groupby(sorted(applying, key=by_code), key=lambda f: f.group):
            findings = list(found)
            full = tuple(self._entry(finding) for finding in findings if self._in_full(finding))
            briefs = tuple(self._brief(finding) for finding in findings if not self._in_full(finding))
            shown.append(Group(id, tr(titles.get(id) or packs.get(id) or id), self.tally(findings), full, briefs))
        return tuple(shown)

    def _in_full(self, finding: Finding) -> bool:
        return self.whole or in_full(finding)

    def not_applying(self) -> tuple[Entry, ...]:
        """Rules of this kind that surely do not apply."""
        found = [f for f in self.assessment.findings if f.outcome is Outcome.NOT_APPLICABLE]
        return tuple(map(self._entry, sorted(found, key=by_code)))

    def _open(self, finding: Finding) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """The facts that keep a finding open, by why they are unknown."""
        by_reason: dict[str, dict[str, dict[str, None]]] = {}
        for id, reason in finding.open.items():
            fact, column = words.table_of(id)
            columns = by_reason.setdefault(tr(words.REASONS.get(reason, reason)), {}).setdefault(fact, {})
            columns.update({column: None} if column else {})
        return tuple(
            (
                reason,
                tuple((words.with_columns(fact, list(columns)), self.place(fact)) for fact, columns in named.items()),
            )
            for reason, named in by_reason.items()
        )

    def _brief(self, finding: Finding) -> Brief:
        settled = finding.outcome is not None
        return Brief(
            finding,
            anchor("rule", finding.rule),
            self.chip(finding),
            tuple(sorted(self._open(finding), key=lambda told: told[0] != tr(words.REASONS["not_examined"]))),
            tuple(self._inputs(finding)) if settled else (),
            () if settled else self._marks_of(finding),
            self._overrides_of(finding),
        )

    def _entry(self, finding: Finding) -> Entry:
        references = tuple(
            (id, anchor("bib", id) if id in self._bibliography else "", places.place(locator, id))
            for id, locator in finding.references
        )
        return Entry(
            finding,
            anchor("rule", finding.rule),
            self.chip(finding),
            self._message(finding),
            tuple(self._computed(finding)),
            tuple(self._inputs(finding)),
            tuple(self._limit(self._parameters[id]) for id in finding.parameters if id in self._parameters),
            self._open(finding),
            tuple((places.enumerated(self.work(id), locator), place) for id, place, locator in references),
            self._why_not(finding),
            self._overrides_of(finding),
        )

    def _overrides_of(self, finding: Finding) -> tuple[str, ...]:
        return tuple(map(words.override_text, self.assessment.overrides_of(finding.rule)))

    def by_hand(self) -> tuple[tuple[str, str, str], ...]:
        """What analysts recorded by hand: code and place of the rule, and the sentence."""
        return tuple(
            (override.code, anchor("rule", override.rule), words.override_reason(override))
            for override in self.assessment.overrides
        )

    def _message(self, finding: Finding) -> str:
        """The sentence of a finding, after its question; some sentences repeat the question themselves."""
        text = words.message(finding, self._templates.get(finding.rule, {}))
        return text.removeprefix(tr(finding.question)).lstrip() or text

    def _computed(self, finding: Finding) -> Iterable[tuple[str, str, str]]:
        for id in finding.metrics:
            if (metric := self._metrics.get(id)) is not None and _is_bounded(metric.value):
                yield words.item_name(id), anchor("metric", id), self._figure(metric)

    def _figure(self, metric: MetricValue) -> str:
        """A figure in words, with the rows of a table that give its ends and what stands in them."""
        value = words.amount(metric.value, metric.unit)
        told = []
        for row in metric.rows:
            parts = (f"{self._part_name(id)} {words.amount(part, unit)}" for id, unit, part in row.parts)
            label = words.row_label(row.row)
            told.append(tr("{label}: {value}").format(label=label, value=tr(", ").join(parts)) if row.parts else label)
        return tr("{name} ({value})").format(name=value, value=tr("; ").join(told)) if told else value

    def _part_name(self, id: str) -> str:
        return words.item_name(id) if id in self.rulebook.metrics else words.fact_name(id)

    def _inputs(self, finding: Finding) -> Iterable[Input]:
        for id in finding.facts:
            name, place = words.fact_name(id), anchor("fact", id)
            if (fact := self._facts.get(id)) is not None and fact.status == "reported":
                counting = [entry for entry in fact.entries if entry.counts]
                detail = [f"E{fact.evidence}"] if fact.evidence is not None else []
                since = max((e.since for e in counting if e.since and e.grade == fact.evidence), default="")
                detail += [tr("from {day}").format(day=words.day(since))] if since else []
                detail += self._flags(fact)
                yield Input(name, place, self.value(fact), tr(", ").join(detail), self._marks(counting))
            elif (table := self._tables.get(id)) is not None and table.status == "reported":
                entries = [entry for row in table.rows for entry in row.entries]
                value = (tr("{n} row") if len(table.rows) == 1 else tr("{n} rows")).format(n=len(table.rows))
                yield Input(name, place, value, "" if table.complete else tr("may be incomplete"), self._marks(entries))

    def _limit(self, parameter: ParameterUse) -> Limit:
        return Limit(
            words.item_name(parameter.id),
            anchor("param", parameter.id),
            words.number(parameter.value, parameter.unit),
            self.work(parameter.source) or parameter.basis,
            bool(parameter.changed),
        )

    def _why_not(self, finding: Finding) -> str:
        """The facts of the condition under which the rule would apply, with their values."""
        seen: dict[str, str] = {}

        def walk(step: object) -> None:
            if not isinstance(step, Mapping):
                return
            if step.get("op") == "fact":
                unit = self._facts[str(step["text"])].unit if str(step.get("text")) in self._facts else ""
                seen[str(step.get("text"))] = words.amount(step.get("value"), unit)
            for inner in step.get("steps", ()) or ():
                walk(inner)

        walk(finding.trace.get("applies_if"))
        told = tr("{name}: {value}")
        return tr("; ").join(told.format(name=words.fact_name(name), value=value) for name, value in seen.items())

    # -- evidence

    def _marks(self, entries: Iterable[EntryView]) -> tuple[Mark, ...]:
        numbers = sorted({self._numbers[e.source] for e in entries if e.source in self._numbers})
        return tuple(Mark(str(number), f"source-{number}") for number in numbers)

    def _marks_of(self, finding: Finding) -> tuple[Mark, ...]:
        entries = [
            entry for id in finding.facts if id in self._facts for entry in self._facts[id].entries if entry.counts
        ]
        entries += [
            entry
            for id in finding.facts
            if id in self._tables
            for row in self._tables[id].rows
            for entry in row.entries
        ]
        return self._marks(entries)

    def value(self, fact: FactView) -> str:
        """A fact's value in words; an end that is only the limit of what is conceivable is not printed as a number."""
        return places.value(fact.id, words.amount(self._bounded(fact.id, fact.value), fact.unit))

    def _bounded(self, id: str, value: object) -> object:
        span = self.rulebook.dictionary[id].range if id in self.rulebook.dictionary else None
        return _without_limits(value, span)

    @staticmethod
    def _flags(fact: FactView) -> list[str]:
        flags = []
        if fact.stale:
            flags.append(tr("too old"))
        if fact.conflict:
            flags.append(tr("sources disagree"))
        if fact.rumour is not None:
            flags.append(tr("hearsay"))
        if any(entry.alleged and entry.counts for entry in fact.entries):
            flags.append(tr("alleged"))
        return flags

    def _evidence(self, entry: EntryView, id: str, unit: str, value: str) -> Evidence:
        own = words.amount(self._bounded(id, entry.value), unit) if entry.value is not None else ""
        flags = [tr("alleged")] if entry.alleged else []
        flags += [tr(words.INFERRED.get(name, name)) for name in entry.inferred]
        if entry.known_on and entry.since and entry.known_on < entry.since:
            flags.append(tr("announced before its start"))
        return Evidence(
            "" if own == value else own,
            words.period(entry.since, entry.until),
            words.day(entry.known_on or ""),
            tr(words.EVIDENCE_WORDS.get(entry.evidence, entry.evidence)) or tr("no evidence named"),
            f"E{entry.grade}",
            self._marks([entry]),
            places.place(entry.locator),
            tuple(flags),
            entry.note,
        )

    def _readers_of(self, id: str) -> tuple[tuple[str, str], ...]:
        return tuple((finding.code, anchor("rule", finding.rule)) for finding in self._readers.get(id, ()))

    def facts(self) -> tuple[Known, ...]:
        """Facts that are known at the cut."""
        shown = []
        for fact in self.assessment.facts:
            if fact.status == "reported" and not fact.id.startswith("platform."):
                value = self.value(fact)
                entries = tuple(
                    self._evidence(entry, fact.id, fact.unit, value) for entry in fact.entries if entry.counts
                )
                flags = [flag for flag in self._flags(fact) if flag != tr("alleged")]
                earlier = len(fact.entries) - len(entries)
                flags += [tr("earlier entries: {count}").format(count=earlier)] if earlier else []
                shown.append(
                    Known(
                        fact,
                        words.fact_name(fact.id),
                        anchor("fact", fact.id),
                        value,
                        tuple(flags),
                        entries,
                        self._readers_of(fact.id),
                    )
                )
        return tuple(shown)

    def facts_by_section(self) -> tuple[tuple[str, str, tuple[Known, ...]], ...]:
        """Facts that are known at the cut, by section of the profile: its title and id."""
        found: dict[str, list[Known]] = {}
        for known in self.facts():
            found.setdefault(known.fact.id.partition(".")[0], []).append(known)
        told: dict[tuple[Evidence, ...], tuple[str, str]] = {}
        return tuple(
            (_section_title(id), id, tuple(_told_once(known, told) for known in found[id]))
            for id in sorted(found, key=_section_place)
        )

    def unasked(self) -> tuple[tuple[str, tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]], ...]:
        """Facts and tables without a value for which no open rule waits, by why."""
        found: dict[str, list[tuple[str, str, tuple[tuple[str, str], ...]]]] = {name: [] for name in words.STATUSES}
        items: list[FactView | TableView] = [*self.assessment.facts, *self.assessment.tables]
        waited_for = self._asked.union(*(finding.open for finding in self.assessment.findings))
        for item in items:
            if item.status in found and item.id not in waited_for:
                found[item.status].append((item.id, anchor("fact", item.id), self._readers_of(item.id)))
        return tuple((tr(words.STATUSES[status]), tuple(facts)) for status, facts in found.items() if facts)

    def platform_facts(self) -> tuple[tuple[str, str, str], ...]:
        """The platform's own line: name, kind, country and the rest."""
        return tuple(
            (words.fact_name(fact.id), anchor("fact", fact.id), self.value(fact))
            for fact in self.assessment.facts
            if fact.id.startswith("platform.") and fact.status == "reported"
        )

    def sheets(self) -> tuple[Sheet, ...]:
        """Tables of the profile that have rows or are known to have none."""
        return tuple(
            Sheet(
                table,
                words.fact_name(table.id),
                anchor("fact", table.id),
                tr("all rows are known") if table.complete else tr("there may be more rows"),
                tuple(self._row(table.id, row) for row in table.rows),
                self._readers_of(table.id),
            )
            for table in self.assessment.tables
            if table.status == "reported"
        )

    def _row(self, id: str, row: RowView) -> tuple[str, str, tuple[Evidence, ...]]:
        columns = self.rulebook.dictionary[id].columns
        label, cells = words.row_label(row.label), []
        named = label.split(" / ")
        for name, value in row.cells.items():
            unit = columns[name].unit or "" if name in columns else ""
            span = columns[name].range if name in columns else None
            told = places.value(name, words.amount(_without_limits(value, span), unit))
            if told not in named:
                cells.append(tr("{name}: {value}").format(name=words.fact_name(name), value=told))
        evidence = tuple(self._evidence(entry, id, "", "") for entry in row.entries)
        return label, " · ".join(cells) or "–", evidence

    def sources(self) -> tuple[Cited, ...]:
        """Sources of the profile, numbered, with what rests on them."""
        resting: dict[str, dict[str, str]] = {}
        for fact in self.assessment.facts:
            for entry in fact.entries:
                if entry.source:
                    resting.setdefault(entry.source, {})[words.fact_name(fact.id)] = anchor("fact", fact.id)
        for table in self.assessment.tables:
            for entry in (entry for row in table.rows for entry in row.entries):
                if entry.source:
                    resting.setdefault(entry.source, {})[words.fact_name(table.id)] = anchor("fact", table.id)
        return tuple(
            Cited(self._numbers[s.id], s, safe_link(s.url), tuple(resting.get(s.id, {}).items()))
            for s in self.assessment.sources
            if s.title not in words.WITHHELD
        )

    def withheld(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Sources of which only a remark may be shown, by remark: their numbers."""
        found: dict[str, list[int]] = {}
        for source in self.assessment.sources:
            if source.title in words.WITHHELD:
                found.setdefault(tr(source.title), []).append(self._numbers[source.id])
        return tuple((remark, tuple(numbers)) for remark, numbers in found.items())

    def mark(self, source: str | None) -> tuple[Mark, ...]:
        """The mark of a source."""
        return (Mark(str(self._numbers[source]), f"source-{self._numbers[source]}"),) if source in self._numbers else ()

    def parameter_users(self) -> Callable[[str], tuple[tuple[str, str], ...]]:
        """The rules that use a parameter."""
        users: dict[str, list[Finding]] = {}
        for finding in sorted(self.assessment.findings, key=by_code):
            for id in finding.parameters:
                users.setdefault(id, []).append(finding)
        return lambda id: tuple((finding.code, anchor("rule", finding.rule)) for finding in users.get(id, ()))

    def _read_in_full(self) -> frozenset[str]:
        """Ids of thresholds and figures that a finding printed in full reads."""
        shown = [finding for finding in self.assessment.findings if self._in_full(finding)]
        return self.on_edge | {id for finding in shown for id in (*finding.parameters, *finding.metrics)}

    @property
    def on_edge(self) -> frozenset[str]:
        """Ids of the thresholds that would move the grade within their plausible range."""
        return frozenset(edge.parameter for edge in self.assessment.edges or ())

    def edges(self) -> tuple[EdgeRow, ...]:
        """The thresholds on an edge in words."""
        return tuple(
            EdgeRow(
                words.item_name(edge.parameter),
                anchor("param", edge.parameter),
                words.number(edge.value, edge.unit),
                words.amount(list(edge.range), edge.unit),
                words.span(*edge.at_lo),
                words.span(*edge.at_hi),
                edge.rules,
            )
            for edge in self.assessment.edges or ()
        )

    def edges_sentence(self) -> str:
        """What it means that thresholds are listed there, or none."""
        return edges_sentence(self.assessment.edges or ())

    def thresholds(self) -> tuple[ParameterUse, ...]:
        """Thresholds of the rules printed in full, and those the user changed."""
        shown = self._read_in_full()
        return tuple(p for p in self.assessment.parameters if p.id in shown or p.changed)

    def other_thresholds(self) -> tuple[tuple[str, str], ...]:
        """The remaining thresholds in running text, by pack."""
        shown = {parameter.id for parameter in self.thresholds()}
        rest = [p for p in self.assessment.parameters if p.id not in shown]
        titles = {pack["id"]: tr(pack["title"]) for pack in self.assessment.packs}
        return tuple(
            (titles.get(pack, pack), tr("; ").join(map(self._threshold_text, found)))
            for pack, found in groupby(rest, key=lambda p: p.id.partition(".")[0])
        )

    def _threshold_text(self, parameter: ParameterUse) -> str:
        """A threshold in a few words: name, value, basis and source."""
        value = words.number(parameter.value, parameter.unit)
        told = tr("{name}: {value}").format(name=words.item_name(parameter.id), value=value)
        return told + tr(" ({text})").format(
            text=" ".join(filter(None, [parameter.basis, self.work(parameter.source)]))
        )

    def work(self, id: str) -> str:
        """A work of the bibliography by its id, marked where it appeared after the cut."""
        return tr("{name}, later").format(name=id) if id in self._later else id

    def bibliography(self) -> tuple[tuple[Mapping[str, str], Markup, Markup], ...]:
        """Works cited: the work, its place, its address if a reader may be sent there."""
        shown = [source for source in self._cited() if source["id"] not in self._later]
        return tuple((source, anchor("bib", source["id"]), safe_link(source["url"])) for source in shown)

    def later_works(self) -> tuple[tuple[str, Markup], ...]:
        """Works cited that appeared after the cut: id and place."""
        return tuple((work["id"], anchor("bib", work["id"])) for work in self._cited() if work["id"] in self._later)

    def _cited(self) -> Iterable[Mapping[str, str]]:
        """The works that something printed cites: findings in full, thresholds, scenarios of the numbers told."""
        cited = {parameter.source for parameter in self.assessment.parameters}
        cited |= {id for id, _ in self.scenario_works()}
        for finding in self.assessment.findings:
            if self._in_full(finding):
                cited |= {id for id, _ in finding.references}
        return (work for work in self.assessment.bibliography if work["id"] in cited)

    def scenario_works(self) -> tuple[tuple[str, Markup], ...]:
        """The works on which the scenarios of the numbers told rest: id and place."""
        told = {variant.scenario for number in self.assessment.numbers if number.told for variant in number.variants}
        cited = {id for use in self.assessment.scenarios if use.name in told for id, _ in use.references}
        return tuple((id, anchor("bib", id)) for id in sorted(cited) if id in self._bibliography)

    def computed(self) -> tuple[tuple[MetricValue, str], ...]:
        """Figures that a finding printed in full reads and of which something is known, with their value in words."""
        shown = self._read_in_full()
        return tuple((m, self._figure(m)) for m in self.assessment.metrics if m.id in shown and _is_bounded(m.value))

    def numbers(self) -> tuple[NumberRow, ...]:
        """The numbers that the facts tell anything about, each under every scenario of its kind."""
        return tuple(
            NumberRow(
                number,
                anchor("number", number.id),
                words.number_text(number),
                tuple(
                    (words.scenario_title(self.assessment, v.scenario), words.number_text(number, v.scenario))
                    for v in number.variants
                ),
                words.basis(number),
            )
            for number in self.assessment.numbers
            if number.told
        )

    def workings(self) -> tuple[WorkingTable, ...]:
        """The working tables behind the numbers."""
        return tuple(
            WorkingTable(
                working,
                anchor("working", working.id),
                tuple(map(tuple, words.cells(working))),
                tuple(map(words.remark, working.notes)),
                tuple((words.fact_name(id), self.place(id)) for id in working.facts),
            )
            for working in self.assessment.workings
        )

    def untold(self) -> int:
        """How many numbers no fact bounds."""
        return sum(not number.told for number in self.assessment.numbers)

    def in_bibliography(self, id: str) -> bool:
        """Whether a cited work stands in the bibliography."""
        return id in self._bibliography


def _without_limits(value: object, span: tuple[float, float] | None) -> object:
    """A range whose end is the limit of the conceivable, with that end left open."""
    if span is None or not isinstance(value, list) or len(value) != 2 or value[0] == value[1]:
        return value
    lo, hi = value
    return [None if lo == span[0] and span[0] != 0 else lo, None if hi == span[1] and span[1] != 1 else hi]


def _told_once(known: Known, told: dict[tuple[Evidence, ...], tuple[str, str]]) -> Known:
    """A fact that names an earlier one in place of the same evidence, where that takes more than about a line."""
    is_long = len(known.entries) > 1 or any(len(e.locator) + len(e.note) > _LONG for e in known.entries)
    first = told.setdefault(known.entries, (known.name, known.anchor))
    return replace(known, same=first) if is_long and first[1] != known.anchor else known


def _section_title(id: str) -> str:
    """The name of a section of the profile."""
    return tr(words.SECTIONS[id]) if id in words.SECTIONS else words.fact_name(id)


def _section_place(id: str) -> tuple[int, str]:
    """Sort key: sections in the order of the profile."""
    return list(words.SECTIONS).index(id) if id in words.SECTIONS else len(words.SECTIONS), id


def _is_bounded(value: object) -> bool:
    """Whether a figure says anything: a floor of nothing does not."""
    return words.is_known(value) and value != [0.0, None]
