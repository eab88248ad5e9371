"""Judges many records with the column interpreter: facts become columns, thousands of rows are judged at once.

What a row says is what the scalar engine says of it; only which facts hold critical rules open is not told. A record
that cannot be read, and a sentence that counts open facts, go the scalar way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from time import monotonic
from typing import Any

import numpy as np

from checker.app.audit import options_of
from checker.app.batch.judge import (
    LETTERS,
    Done,
    Setup,
    facts_digest,
    judge_record,
    public_facts,
    row_of,
    with_files,
)
from checker.assess.assess import program, rules_of_kind
from checker.assess.assessment import Assessment, ConstraintView, Coverage, Finding, Options, TraitView, Verdict
from checker.assess.bench import Bench
from checker.assess.portfolio import BatchRow
from checker.assess.series import bare
from checker.assess.verdict import Leg, RuleEnd, Stop, verdict_end
from checker.engine.columns.arrays import Array
from checker.engine.columns.flatten import Record as Cells
from checker.engine.columns.flatten import flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.columns.layout import KINDS
from checker.engine.columns.verdict import NONE, pattern_names
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.engine.scalar import Program
from checker.importers.quick import TYPES, CutDays, QuickReader
from checker.importers.records import Record
from checker.model.document import read_bytes
from checker.model.finding import Grade, Outcome
from checker.model.profile import Profile, parse_profile
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

ROWS = 4_096
"""Rows judged at once at most; they take some hundred megabytes."""
CUTS = 32
"""Cuts for which profiles are read straight to columns; rows of a table may name a day each."""
SECONDS = 5.0
"""How long a row that was read waits for others, so that an interruption costs little."""
STOPS = (None, Stop.PROVED, Stop.PRESUMED, Stop.ALLEGED)
_BEST = tuple(next((o for o in sorted(Outcome) if mask >> o & 1), Outcome.PASS) for mask in range(16))
_LETTERS = tuple("".join(letter for letter, o in LETTERS if mask >> o & 1) for mask in range(16))


def columns(setup: Setup, workers: int, records: Iterable[Record]) -> Iterator[Done]:  # noqa: ARG001
    """Judge records by the thousand, in this process, in the order in which they come.

    Args:
        setup: What every judgement needs.
        workers: Is not used: reading and judging take less than handing records over would.
        records: The records, taken as there is room for them.
    """
    if setup.plan.assessments:
        for record in records:
            yield judge_record(record, setup)
        return
    bench = ColumnBench(setup)
    for record in records:
        yield from bench.take(record)
    yield from bench.rest()


@dataclass(frozen=True)
class _Row:
    """One platform at one cut, read and waiting."""

    as_of: date
    known_by: date
    facts: str
    judge: BatchJudge
    cells: Cells | None
    reader: QuickReader | None = None


@dataclass(frozen=True)
class _Read:
    """A record that was read."""

    record: Record
    name: str
    kind: str
    rows: tuple[_Row, ...]


@dataclass
class ColumnBench:
    """Gathers rows until there are enough to judge them together.

    Args:
        setup: What every judgement needs.
    """

    setup: Setup
    _waiting: list[_Read] = field(default_factory=list)
    _count: int = 0
    _since: float = 0.0
    _readers: dict[tuple[int, date, date], QuickReader] = field(default_factory=dict)
    _judges: dict[tuple[float, ...], BatchJudge] = field(default_factory=dict)
    _in_force: dict[str | None, BatchJudge] = field(default_factory=dict)
    _rules: dict[tuple[int, str], list[Rule]] = field(default_factory=dict)
    _ends: dict[tuple[int, bytes], tuple[tuple[ConstraintView, ...], tuple[str, ...]]] = field(default_factory=dict)
    _outcomes: dict[tuple[str, bytes], dict[str, str]] = field(default_factory=dict)

    @property
    def _rulebook(self) -> Rulebook:
        return self.setup.rulebook

    @cached_property
    def _options(self) -> Options:
        return options_of(self.setup.plan.settings)

    def anew(self) -> ColumnBench:
        """One with nothing waiting, that shares what is compiled."""
        return replace(self, _waiting=[], _count=0)

    # -- reading

    def take(self, record: Record) -> Iterator[Done]:
        """Take a record; what is done by now is given."""
        try:
            read = self._quick(record) or self._read(record)
        except Exception:  # the scalar way tells what is wrong with it, or judges it
            yield judge_record(record, self.setup)
            return
        if not self._waiting:
            self._since = monotonic()
        self._waiting.append(read)
        self._count += len(read.rows)
        if self._count >= ROWS or monotonic() - self._since > SECONDS:
            yield from self.rest()

    def _quick(self, record: Record) -> _Read | None:
        """A record read straight to columns; None where it goes the long way."""
        plan = self.setup.plan
        raw = text_of(record)
        if plan.every is not None or raw is None:
            return None
        as_of, known_by = record.cut or (plan.settings.as_of, plan.settings.known_by)
        judge = self._judge(as_of)
        reader = self._reader(judge, as_of, known_by)
        if reader is None or not reader.read(raw):
            return None
        try:
            facts = facts_digest(public_facts(reader.profile()), known_by)
        except Exception:
            reader.forget()
            raise
        return _Read(record, reader.name, reader.kind, (_Row(as_of, known_by, facts, judge, None, reader),))

    def _reader(self, judge: BatchJudge, as_of: date, known_by: date) -> QuickReader | None:
        key = id(judge), as_of, known_by
        if key not in self._readers:
            if len(self._readers) >= CUTS:
                return None
            days = CutDays(as_of, known_by, max(self.setup.plan.settings.today, known_by))
            self._readers[key] = QuickReader(
                judge.layout,
                days,
                self._rulebook.reference,
                lambda kind: self._rules_of(judge.program, kind),
                self._options.reader,
            )
        return self._readers[key]

    def _read(self, record: Record) -> _Read:
        plan = self.setup.plan
        today = max(plan.settings.today, record.cut[1] if record.cut else date.min)
        profile = parse_profile(record.document(), self._rulebook.dictionary, today=today)
        statements = public_facts(profile)
        rows: list[_Row] = []
        for as_of, known_by in plan.cuts(record, profile):
            judge = self._judge(as_of)
            facts = facts_digest(statements, known_by)
            rows.append(_Row(as_of, known_by, facts, judge, self._cells(profile, judge, as_of, known_by)))
        return _Read(record, profile.name, profile.kind, tuple(rows))

    def _cells(self, profile: Profile, judge: BatchJudge, as_of: date, known_by: date) -> Cells:
        view = View(profile, self._rulebook.dictionary, as_of, known_by)
        cut = Cut(view, self._rulebook.reference, reader=self._options.reader or {})
        rules = self._rules_of(judge.program, profile.kind)
        cells = flatten(
            judge.layout,
            RuleEngine(judge.program, cut, self._rulebook.dictionary),
            profile.kind,
            as_of.toordinal(),
            rules,
        )
        if any(self._rulebook.computed_of[id] for id in self._rulebook.rules if f"{id}.given" in cells):
            options = replace(self._options, as_of=as_of.isoformat(), known_by=known_by.isoformat())
            bench = Bench(profile, self._rulebook, options, (judge.program, rules))
            cells = flatten(judge.layout, bench.engine, profile.kind, as_of.toordinal(), rules)
        return cells

    def _judge(self, as_of: date) -> BatchJudge:
        """What judges a day: one for all days, unless parameters are those in force on the day."""
        day = as_of.isoformat() if self._options.parameters == "as-of" else None
        if day not in self._in_force:
            compiled = program(self._rulebook, day)
            key = tuple(value for value, _ in compiled.params.values())
            if key not in self._judges:
                judge = BatchJudge(self._rulebook, compiled, reader=self._options.reader or {}, behind=True)
                self._judges[key] = judge
            self._in_force[day] = self._judges[key]
        return self._in_force[day]

    def _rules_of(self, compiled: Program, kind: str) -> list[Rule]:
        key = id(compiled), kind
        if key not in self._rules:
            self._rules[key] = rules_of_kind(self._rulebook, kind, compiled)
        return self._rules[key]

    # -- judging

    def rest(self) -> Iterator[Done]:
        """Judge what waits."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        found: dict[int, BatchRow | None] = {}
        for judge in {id(row.judge): row.judge for read in waiting for row in read.rows}.values():
            of_judge = [(read, row) for read in waiting for row in read.rows if row.judge is judge]
            of_judge.sort(key=lambda pair: id(pair[1].reader) if pair[1].reader is not None else 0)
            batch = arrays(judge, [row.cells for _, row in of_judge if row.cells is not None])
            for reader in sorted((r for r in self._readers.values() if r.layout is judge.layout and r.count), key=id):
                batch = beside(judge, batch, *reader.take())
            results = judge.judge_arrays(batch, len(of_judge))
            table = _Results(results)
            for index, (read, row) in enumerate(of_judge):
                found[id(row)] = self._row(read, row, table, index)
        for read in waiting:
            rows = [found[id(row)] for row in read.rows]
            whole = [row for row in rows if row is not None]
            if len(whole) < len(rows):
                yield judge_record(read.record, self.setup)
            else:
                yield Done(read.record, tuple(with_files(read.record, row, None, self.setup) for row in whole))

    def _row(self, read: _Read, row: _Row, table: _Results, index: int) -> BatchRow | None:
        """One row of the results; None where its sentence counts open facts, which only the scalar way does."""
        verdict = self._verdict(read.kind, table, index)
        if verdict.assessable and verdict.best is not None and verdict.best < Grade.C and verdict.grade is None:
            return None
        options = replace(self._options, as_of=row.as_of.isoformat(), known_by=row.known_by.isoformat())
        assessment = _assessment(read, options, verdict, self._rulebook)
        return row_of(read.record, assessment, self._letters(read.kind, table, index), row.facts, self.setup.rules)

    def _letters(self, kind: str, table: _Results, index: int) -> Mapping[str, str]:
        key = kind, table.masks[index].tobytes()
        if key not in self._outcomes:
            masks = zip(table.rules, table.masks[index].tolist(), strict=True)
            self._outcomes[key] = dict(sorted((rule, _LETTERS[mask]) for rule, mask in masks if mask))
        return self._outcomes[key]

    def _verdict(self, kind: str, table: _Results, index: int) -> Verdict:
        scheme, at = self._rulebook.scheme, table.at
        coverage = Coverage(
            asked=at("coverage.asked", index),
            known=at("coverage.known", index),
            critical_asked=at("coverage.critical_asked", index),
            critical_known=at("coverage.critical_known", index),
            critical_not_examined=at("coverage.critical_not_examined", index),
        )
        status = tuple((b.id, b.text) for b in scheme.status if b.id in table.banners and at(f"status.{b.id}", index))
        if at("grade.best", index) == NONE:
            return Verdict(
                False, False, None, None, None, None, None, None, (), (), (), (), coverage, status, "per rule"
            )
        traits = tuple(
            TraitView(
                id,
                trait.name,
                trait.zh,
                trait.question,
                at(f"traits.{id}.best", index),
                at(f"traits.{id}.worst", index),
                *("", "", bool(at(f"traits.{id}.presumed", index)), False, "", (), (), ()),
            )
            for id, trait in scheme.traits.items()
            if kind in trait.kinds
        )
        patterns = pattern_names(scheme)
        constraints, deciding = self._limits(kind, table, index)
        return Verdict(
            True,
            bool(at("assessable", index)),
            Grade(at("grade.best", index)),
            Grade(at("grade.worst", index)),
            Grade(at("uncapped.best", index)),
            Grade(at("uncapped.worst", index)),
            patterns[at("pattern.best", index)],
            patterns[at("pattern.worst", index)],
            traits,
            tuple(sorted(id for id in table.stops if at(f"stops.{id}", index))),
            deciding,
            constraints,
            coverage,
            status,
            "per rule",
        )

    def _limits(self, kind: str, table: _Results, index: int) -> tuple[tuple[ConstraintView, ...], tuple[str, ...]]:
        """What limits the grade at its best end, and the rules that decide it, by the table of the verdict itself."""
        key = KINDS.index(kind), table.behind[index].tobytes()
        if key not in self._ends:
            scheme, at, rulebook = self._rulebook.scheme, table.at, self._rulebook
            ends: dict[str, RuleEnd] = {}
            for id, mask in zip(table.rules, table.masks[index].tolist(), strict=True):
                if mask:
                    rule, outcome = rulebook.rules[id], _BEST[mask]
                    presumed = outcome is Outcome.FAIL and bool(at(f"presumed.{id}", index))
                    stop = STOPS[at(f"stopped.{id}", index)] if id in table.stops else None
                    evidence = at(f"evidence.{id}", index) if rule.severity == "critical" else None
                    ends[id] = RuleEnd(
                        outcome, rule.severity, rulebook.packs[rule.pack].group, presumed, stop, evidence
                    )
            legs = {
                id: Leg(at(f"structure.{id}", index) > 0, at(f"structure.{id}", index) > 1)
                for id, trait in scheme.traits.items()
                if kind in trait.kinds
            }
            end = verdict_end(scheme, legs, ends, best=True)
            ordered = sorted(end.constraints, key=lambda c: -c.grade)
            self._ends[key] = tuple(ConstraintView("best", c.kind, c.grade, c.rules) for c in ordered), end.deciding
        return self._ends[key]


class _Results:
    """What the columns say, and the parts of it that are compared as a whole."""

    def __init__(self, results: Mapping[str, Array]) -> None:
        self.columns = results
        self.rules = [name.removeprefix("rules.") for name in results if name.startswith("rules.")]
        self.stops = [name.removeprefix("stops.") for name in results if name.startswith("stops.")]
        self.banners = {name.removeprefix("status.") for name in results if name.startswith("status.")}
        self.masks = self._beside("rules.")
        parts = [self._beside(f"{part}.") for part in ("rules", "presumed", "evidence", "stopped", "structure")]
        self.behind = np.concatenate(parts, axis=1)

    def _beside(self, start: str) -> Array:
        held = [array.astype(np.int8) for name, array in self.columns.items() if name.startswith(start)]
        return np.ascontiguousarray(np.stack(held, axis=1))

    def at(self, name: str, index: int) -> int:
        """A figure of one row."""
        return int(self.columns[name][index])


def arrays(judge: BatchJudge, rows: Sequence[Cells]) -> dict[str, Array]:
    """Records side by side, all columns of the layout, so that one plan serves every batch."""
    found: dict[str, Array] = {}
    for spec in judge.layout.columns:
        held = np.full(len(rows), spec.missing, TYPES[spec.type])
        found[spec.name] = held
    for index, row in enumerate(rows):
        for name, cell in row.items():
            if cell is not None:
                found[name][index] = cell
    return found


def beside(judge: BatchJudge, first: Mapping[str, Array], second: Mapping[str, Array], size: int) -> dict[str, Array]:
    """Rows below rows; a column that the later ones lack is not known of them."""
    return {
        spec.name: np.concatenate(
            (first[spec.name], second.get(spec.name, np.full(size, spec.missing, TYPES[spec.type])))
        )
        for spec in judge.layout.columns
    }


def text_of(record: Record) -> bytes | None:
    """A record as JSON text; None where it is none."""
    if record.value is not None:
        return json.dumps(record.value, ensure_ascii=False, allow_nan=False).encode()
    if record.text:
        return record.text.encode()
    return read_bytes(record.file) if record.file.lower().endswith(".json") else None


def _assessment(read: _Read, options: Options, verdict: Verdict, rulebook: Rulebook) -> Assessment:
    """An assessment of which only what the first sentence needs is filled in."""
    named = {rule for constraint in verdict.constraints for rule in constraint.rules}
    findings = tuple(_finding(rulebook.rules[id], rulebook) for id in sorted(named))
    return bare(read.name, read.kind, options, verdict, findings)


def _finding(rule: Rule, rulebook: Rulebook) -> Finding:
    """A finding that has no more than its name and its place among the others."""
    nothing: dict[str, Any] = {}
    group = rulebook.packs[rule.pack].group
    return Finding(
        *(
            rule.id,
            rule.code,
            rule.pack,
            group,
            rule.severity,
            rule.title,
            rule.question,
            (),
            False,
            False,
            "",
            nothing,
        ),
        *("", nothing, None, (), (), (), (), "", "", nothing, nothing),
    )
