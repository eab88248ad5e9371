"""The assessment as flat tables, one definition for every format that has rows: CSV, spreadsheet, Markdown.

A table has keys that stay the same in every language and headings in the language being spoken. Cells hold text,
numbers or truths; sources are told by their number in the table of sources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checker.assess.assessment import Assessment, EntryView, Finding, Number
from checker.outputs import places, words
from checker.outputs.language import mark, tr
from checker.outputs.page import Page, by_code, clean
from checker.packs.rulebook import Rulebook

Cell = str | int | float | bool | None

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_LINE_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")

TABLES = {
    "findings": mark("Findings"),
    "facts": mark("Facts"),
    "numbers": mark("Numbers"),
    "questions": mark("Questions"),
    "sources": mark("Sources"),
    "parameters": mark("Thresholds"),
    "verdict": mark("Verdict"),
}
_COLUMNS = {
    "findings": {
        "code": (mark("rule"), 8),
        "rule": (mark("id"), 22),
        "group": (mark("group"), 7),
        "severity": (mark("severity"), 10),
        "title": (mark("requirement"), 44),
        "outcome": (mark("outcome, as a code"), 12),
        "possible": (mark("outcomes possible"), 18),
        "presumed": (mark("presumed from silence"), 11),
        "hearsay": (mark("by hearsay"), 10),
        "stop": (mark("stop"), 10),
        "outcome_text": (mark("outcome"), 22),
        "text": (mark("finding"), 60),
        "evidence": (mark("evidence"), 9),
        "open": (mark("unknown facts"), 44),
        "facts": (mark("facts read"), 44),
        "thresholds": (mark("thresholds read"), 30),
        "sources": (mark("sources"), 10),
        "by_hand": (mark("recorded by hand"), 30),
        "ask": (mark("what to ask"), 44),
        "references": (mark("references"), 30),
    },
    "facts": {
        "fact": (mark("fact"), 38),
        "name": (mark("name"), 30),
        "row": (mark("row"), 24),
        "column": (mark("column"), 16),
        "status": (mark("status"), 14),
        "value": (mark("value"), 28),
        "lo": (mark("lowest"), 12),
        "hi": (mark("highest"), 12),
        "unit": (mark("unit"), 8),
        "raw": (mark("value, as JSON"), 24),
        "evidence": (mark("evidence"), 9),
        "flags": (mark("marks"), 20),
        "age_days": (mark("age in days"), 8),
        "since": (mark("true from"), 12),
        "known_on": (mark("public from"), 12),
        "sources": (mark("sources"), 10),
        "locator": (mark("place in the source"), 30),
        "rules": (mark("rules that read it"), 24),
    },
    "numbers": {
        "number": (mark("id"), 26),
        "title": (mark("number"), 44),
        "scenario": (mark("scenario"), 16),
        "value": (mark("value"), 28),
        "lo": (mark("lowest"), 12),
        "hi": (mark("highest"), 12),
        "unit": (mark("unit"), 8),
        "told": (mark("bounded by facts"), 10),
        "worse": (mark("worse if"), 10),
        "basis": (mark("rests on"), 50),
        "facts": (mark("facts read"), 40),
        "missing": (mark("facts missing"), 40),
    },
    "questions": {
        "number": (mark("No."), 6),
        "fact": (mark("fact"), 38),
        "question": (mark("question"), 54),
        "reason": (mark("reason, as a code"), 16),
        "reason_text": (mark("why it is open"), 22),
        "critical": (mark("critical rules held open"), 10),
        "rules": (mark("rules held open"), 40),
        "where": (mark("where it is usually published"), 40),
    },
    "sources": {
        "number": (mark("No."), 6),
        "id": (mark("id"), 16),
        "title": (mark("title"), 60),
        "publisher": (mark("publisher"), 28),
        "date": (mark("date"), 12),
        "url": (mark("address"), 60),
        "facts": (mark("facts that rest on it"), 50),
    },
    "parameters": {
        "parameter": (mark("threshold"), 28),
        "value": (mark("value"), 16),
        "number": (mark("value, as a number"), 12),
        "unit": (mark("unit"), 8),
        "since": (mark("in force from"), 12),
        "basis": (mark("basis"), 8),
        "meaning": (mark("meaning"), 60),
        "source": (mark("source"), 14),
        "locator": (mark("place in the source"), 24),
        "changed": (mark("the pack's value, where changed"), 14),
        "effect": (mark("effect of the change"), 12),
        "rules": (mark("rules that read it"), 24),
    },
    "verdict": {
        "key": (mark("id"), 28),
        "name": (mark("name"), 40),
        "value": (mark("value"), 90),
    },
}
_VERDICT = {
    "name": mark("platform"),
    "kind": mark("kind"),
    "as_of": mark("day whose state is judged"),
    "known_by": mark("last day of what is used"),
    "certain": mark("what is certain"),
    "grade": mark("grade, where both ends agree"),
    "best": mark("grade at best (A is the safe end)"),
    "worst": mark("grade at worst (F is the worst)"),
    "assessable": mark("assessable"),
    "uncapped.best": mark("at best, without caps and stops"),
    "uncapped.worst": mark("at worst, without caps and stops"),
    "pattern.best": mark("pattern at best (V0 to V5)"),
    "pattern.worst": mark("pattern at worst (V0 to V5)"),
    "coverage.facts.known": mark("facts known or settled"),
    "coverage.facts.asked": mark("facts asked"),
    "coverage.all": mark("share of the facts known or settled"),
    "coverage.critical_facts.known": mark("critical facts known or settled"),
    "coverage.critical_facts.asked": mark("critical facts asked"),
    "coverage.critical": mark("share of the critical facts known or settled"),
    "coverage.critical_not_examined": mark("share of the critical facts nobody looked at"),
    "evidence.newest": mark("newest evidence"),
    "evidence.oldest_age_days": mark("age of the oldest evidence in days"),
    "stops": mark("stops"),
    "deciding": mark("rules that decide the best end"),
    "profile.sha256": mark("hash of the profile (SHA-256)"),
    "program": mark("program"),
    "limits": mark("limits"),
}
_WORSE = {"higher": mark("higher"), "lower": mark("lower"), "none": mark("neither way")}


@dataclass(frozen=True)
class Column:
    """A column: its key for programs, its heading for people, and its width in characters."""

    key: str
    heading: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """A table with its rows.

    Attributes:
        id: Its id.
        title: Its title.
        columns: Its columns.
        rows: A cell for each column.
        states: For each row the state of its outcome (pass, warn, fail, open, presumed, na), where rows have one.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    states: tuple[str, ...] = ()

    def column(self, key: str) -> int:
        """The place of a column."""
        return next(place for place, column in enumerate(self.columns) if column.key == key)


def defused(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it.

    >>> defused("=1+1"), defused(-5), defused("plain")
    ("'=1+1", -5, 'plain')
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def one_line(text: object) -> str:
    """Clean text in one line."""
    return _LINE_BREAKS.sub(" ", clean(text)).strip()


def code_of(finding: Finding) -> str:
    """The outcome as one code; an open one is no blank."""
    return finding.outcome.name if finding.outcome is not None else "OPEN"


def _ends(value: object) -> tuple[Cell, Cell]:
    """Both ends of a numeric value; nothing where there is none."""
    if isinstance(value, list) and len(value) == 2 and not any(isinstance(end, (bool, str)) for end in value):
        return value[0], value[1]
    return None, None


class Tables:
    """The tables of one assessment.

    Args:
        assessment: What is rendered.
        rulebook: Where the wording of rules and facts stands; no value is taken from it.
    """

    def __init__(self, assessment: Assessment, rulebook: Rulebook) -> None:
        self._assessment = assessment
        self._rulebook = rulebook
        self._page = Page(assessment, rulebook)
        self._numbers = {source.id: number for number, source in enumerate(assessment.sources, 1)}
        self._codes = {finding.rule: finding.code for finding in assessment.findings}
        self._readers: dict[str, list[str]] = {}
        for finding in self.findings_in_order():
            for id in (*finding.facts, *finding.parameters):
                self._readers.setdefault(id, []).append(finding.code)

    def table(self, id: str) -> Sheet:
        """The table of that id.

        Raises:
            KeyError: There is none.
        """
        columns = tuple(Column(key, tr(heading), width) for key, (heading, width) in _COLUMNS[id].items())
        rows = tuple(
            {
                "findings": self._findings,
                "facts": self._facts,
                "numbers": self._told,
                "questions": self._questions,
                "sources": self._sources,
                "parameters": self._parameters,
                "verdict": self._verdict,
            }[id]()
        )
        states = tuple(Page.chip(finding).state for finding in self.findings_in_order()) if id == "findings" else ()
        return Sheet(id, tr(TABLES[id]), columns, rows, states)

    def findings_in_order(self) -> list[Finding]:
        """Findings by group and number."""
        return sorted(self._assessment.findings, key=by_code)

    def group_title(self, group: str) -> str:
        """The title of a trait or of a group of rules."""
        names = {pack["group"]: pack["title"] for pack in self._assessment.packs}
        names |= {trait.id: trait.name for trait in self._assessment.verdict.traits}
        return tr(names.get(group, group))

    def marks(self, finding: Finding) -> tuple[int, ...]:
        """Numbers of the sources that a finding rests on."""
        read = set(finding.facts)
        entries = [e for fact in self._assessment.facts if fact.id in read for e in fact.entries if e.counts]
        entries += [
            e for table in self._assessment.tables if table.id in read for row in table.rows for e in row.entries
        ]
        return self._cited(entries)

    def _cited(self, entries: Iterable[EntryView]) -> tuple[int, ...]:
        return tuple(sorted({self._numbers[e.source] for e in entries if e.source in self._numbers}))

    def _findings(self) -> Iterator[tuple[Cell, ...]]:
        for finding in self.findings_in_order():
            unknown = (
                f"{fact}: {tr(words.REASONS.get(reason, reason))}" for fact, reason in sorted(finding.open.items())
            )
            yield (
                finding.code,
                finding.rule,
                finding.group,
                tr(words.SEVERITIES[finding.severity]),
                tr(finding.title),
                code_of(finding),
                _joined(outcome.name for outcome in finding.possible),
                finding.presumed,
                finding.rumoured,
                tr(words.STOPS.get(finding.stop, finding.stop)) if finding.stop else "",
                words.outcome_words(finding),
                self.text(finding),
                f"E{finding.evidence}" if finding.evidence is not None else "",
                "; ".join(unknown),
                _joined(finding.facts),
                _joined(finding.parameters),
                _joined(map(str, self.marks(finding))),
                "; ".join(map(words.override_text, self._assessment.overrides_of(finding.rule))),
                tr(finding.ask) if finding.ask else "",
                "; ".join(places.enumerated(id, places.place(locator, id)) for id, locator in finding.references),
            )

    def text(self, finding: Finding) -> str:
        """The sentence of a finding."""
        return words.message(finding, self._rulebook.rules[finding.rule].message)

    def _facts(self) -> Iterator[tuple[Cell, ...]]:
        for fact in self._assessment.facts:
            counting = [entry for entry in fact.entries if entry.counts]
            flags = {
                tr("too old"): fact.stale,
                tr("sources disagree"): fact.conflict,
                tr("hearsay"): fact.rumour is not None,
                tr("alleged"): any(entry.alleged for entry in counting),
            }
            reported = fact.status == "reported"
            yield (
                fact.id,
                words.fact_name(fact.id),
                "",
                "",
                fact.status,
                self._page.value(fact) if reported else tr(words.STATUSES[fact.status]),
                *_ends(fact.value),
                fact.unit,
                json.dumps(fact.value, ensure_ascii=False),
                f"E{fact.evidence}" if fact.evidence is not None else "",
                tr(", ").join(flag for flag, raised in flags.items() if raised),
                fact.age_days,
                max((entry.since for entry in counting if entry.since), default=""),
                max((entry.known_on for entry in counting if entry.known_on), default=""),
                _joined(map(str, self._cited(counting))),
                "; ".join(dict.fromkeys(places.place(entry.locator) for entry in counting if entry.locator)),
                _joined(self._readers.get(fact.id, ())),
            )
        for table in self._assessment.tables:
            extent = tr("all rows are known") if table.complete else tr("there may be more rows")
            value = extent if table.status == "reported" else tr(words.STATUSES[table.status])
            readers = _joined(self._readers.get(table.id, ()))
            name = words.fact_name(table.id)
            yield (table.id, name, "", "", table.status, value, None, None, *("",) * 9, readers)
            for row in table.rows:
                entries = row.entries
                columns = self._rulebook.dictionary[table.id].columns
                for column, cell in row.cells.items():
                    unit = (columns[column].unit or "") if column in columns else ""
                    yield (
                        table.id,
                        name,
                        row.label,
                        column,
                        table.status,
                        places.value(column, words.amount(cell, unit)),
                        *_ends(cell),
                        unit,
                        json.dumps(cell, ensure_ascii=False),
                        f"E{max((entry.grade for entry in entries), default=0)}" if entries else "",
                        tr("alleged") if any(entry.alleged for entry in entries) else "",
                        None,
                        max((entry.since for entry in entries if entry.since), default=""),
                        max((entry.known_on for entry in entries if entry.known_on), default=""),
                        _joined(map(str, self._cited(entries))),
                        "; ".join(dict.fromkeys(places.place(entry.locator) for entry in entries if entry.locator)),
                        readers,
                    )

    def _told(self) -> Iterator[tuple[Cell, ...]]:
        for number in self._assessment.numbers:
            for scenario, value, told in _by_scenario(number):
                yield (
                    number.id,
                    tr(number.title),
                    scenario,
                    words.number_text(number, scenario) if told else tr("unknown"),
                    *_ends(value),
                    number.unit,
                    told,
                    tr(_WORSE[number.worse]),
                    words.basis(number) if told else "",
                    _joined(number.used),
                    _joined(number.missing),
                )

    def _questions(self) -> Iterator[tuple[Cell, ...]]:
        for number, question in enumerate(self._assessment.questions, 1):
            yield (
                number,
                question.fact,
                tr(question.ask),
                question.reason,
                tr(words.REASONS.get(question.reason, question.reason)),
                question.critical,
                _joined(self._codes[rule] for rule in question.rules),
                tr(question.where) if words.spoken_here(question.where) else "",
            )

    def _sources(self) -> Iterator[tuple[Cell, ...]]:
        resting: dict[str, dict[str, None]] = {}
        for item in self._assessment.facts:
            for entry in item.entries:
                resting.setdefault(entry.source, {})[item.id] = None
        for table in self._assessment.tables:
            for entry in (entry for row in table.rows for entry in row.entries):
                resting.setdefault(entry.source, {})[table.id] = None
        for number, source in enumerate(self._assessment.sources, 1):
            title = tr(source.title) if source.title in words.WITHHELD else source.title
            facts = _joined(resting.get(source.id, ()))
            yield number, source.id, title, source.publisher, source.date, source.url, facts

    def _parameters(self) -> Iterator[tuple[Cell, ...]]:
        for used in self._assessment.parameters:
            yield (
                used.id,
                words.number(used.value, used.unit),
                used.value,
                used.unit,
                used.since,
                used.basis,
                tr(used.meaning),
                used.source,
                places.place(used.locator, used.source),
                used.changed,
                used.effect,
                _joined(self._readers.get(used.id, ())),
            )

    def _verdict(self) -> Iterator[tuple[Cell, ...]]:
        assessment, verdict = self._assessment, self._assessment.verdict
        coverage = verdict.coverage
        undecided = tr("open") if verdict.best is not None else tr("no grade")
        values: dict[str, Cell] = {
            "name": assessment.name,
            "kind": tr(words.KINDS[assessment.kind]),
            "as_of": assessment.options.as_of,
            "known_by": assessment.options.known_by,
            "certain": words.certain(assessment),
            "grade": verdict.grade.name if verdict.grade is not None else undecided,
            "best": verdict.best.name if verdict.best is not None else undecided,
            "worst": verdict.worst.name if verdict.worst is not None else undecided,
            "assessable": verdict.assessable,
            "uncapped.best": verdict.uncapped_best.name if verdict.uncapped_best is not None else undecided,
            "uncapped.worst": verdict.uncapped_worst.name if verdict.uncapped_worst is not None else undecided,
            "pattern.best": verdict.pattern_best or undecided,
            "pattern.worst": verdict.pattern_worst or undecided,
            "coverage.facts.known": coverage.known,
            "coverage.facts.asked": coverage.asked,
            "coverage.all": round(coverage.all, 4),
            "coverage.critical_facts.known": coverage.critical_known,
            "coverage.critical_facts.asked": coverage.critical_asked,
            "coverage.critical": round(coverage.critical, 4),
            "coverage.critical_not_examined": round(coverage.not_examined, 4),
            "evidence.newest": assessment.newest_evidence or tr("undated"),
            "evidence.oldest_age_days": assessment.oldest_evidence_days,
            "stops": _joined(self._codes[rule] for rule in verdict.stops) or tr("none"),
            "deciding": _joined(self._codes[rule] for rule in verdict.deciding) or tr("none"),
        }
        for key, value in values.items():
            yield key, tr(_VERDICT[key]), value
        for id, text in verdict.status:
            yield f"status.{id}", tr("live status, apart from the grade"), tr(text)
        for trait in verdict.traits:
            name = f"{trait.id} {tr(trait.name)}"
            yield f"traits.{trait.id}", name, words.level_text(trait)
            yield f"traits.{trait.id}.best", tr("{name}, level at best (0 to 3)").format(name=name), trait.best
            yield f"traits.{trait.id}.worst", tr("{name}, level at worst (0 to 3)").format(name=name), trait.worst
        for place, sentence in enumerate(words.headline(assessment), 1):
            yield f"headline.{place}", tr("number beside the grade"), sentence
        templates = {rule.id: rule.message for rule in self._rulebook.rules.values()}
        for place, (sentence, rule) in enumerate(words.reasons(assessment, templates), 1):
            yield f"reasons.{place}", tr("reason"), f"{sentence} [{self._codes[rule]}]"
        for place, sentence in enumerate(changed_sentences(assessment), 1):
            yield f"changed.{place}", tr("changed by the user"), sentence
        yield "profile.sha256", tr(_VERDICT["profile.sha256"]), assessment.profile["sha256"]
        packs = (f"{pack['id']} {pack['version']}" for pack in assessment.packs)
        yield "program", tr(_VERDICT["program"]), f"ddcheck {assessment.program}; {'; '.join(packs)}"
        yield "limits", tr(_VERDICT["limits"]), tr(words.LIMITS)


def changed_sentences(assessment: Assessment) -> tuple[str, ...]:
    """What the user changed, in words: thresholds and packs."""
    told = tr("Added pack: {name} {version}")
    return (
        *(words.changed_text(used) for used in assessment.parameters if used.changed),
        *(told.format(name=pack["id"], version=pack["version"]) for pack in assessment.packs if pack["added"]),
    )


def _by_scenario(number: Number) -> Iterator[tuple[str, object, bool]]:
    if not number.variants:
        yield "", number.value, number.told
    for variant in number.variants:
        yield variant.scenario, variant.value, variant.told


def _joined(items: Iterable[str]) -> str:
    return " ".join(items)
