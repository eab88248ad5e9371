"""Findings to assessment: evaluates every rule of a kind, both ends of the verdict, coverage and the open questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import inf

from checker.assess.assessment import (
    Assessment,
    ConstraintView,
    Coverage,
    EntryView,
    FactView,
    Finding,
    MetricValue,
    NoteView,
    Number,
    Options,
    OverrideView,
    ParameterUse,
    Precedent,
    Question,
    RateUse,
    RowView,
    SourceView,
    TableView,
    TraitView,
    Verdict,
    Working,
)
from checker.assess.bounds import TRIALS, Bounds, Case, bounds
from checker.assess.figures import bearing, deciding_rows, told_value, without_limits
from checker.assess.manual import rules_meant
from checker.assess.numbers import numbers, scenario_uses
from checker.assess.verdict import Leg, RuleEnd, Stop, VerdictEnd, verdict_end
from checker.assess.workings import Material, workings
from checker.engine.coverage import NOT_DISCLOSED_SHARE, Withheld
from checker.engine.cut import Cut, computed_state, reader_state
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter, MetricForm, Program, plain
from checker.lang.tree import COMPUTED, READER
from checker.model.days import tells_later
from checker.model.dictionary import ColumnDef, Dictionary
from checker.model.finding import Grade, Outcome
from checker.model.interval import Interval, Truth
from checker.model.profile import Profile, Provenance
from checker.model.state import UNEXAMINED, FactState, Reason, Status, TableState, Value
from checker.model.view import View, grade, possible_values
from checker.packs.meaning import verdict_class
from checker.packs.rulebook import PLACEHOLDER, Rule, Rulebook, SourceDef, slot

NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL


@dataclass(frozen=True)
class _OnlyKind:
    """Facts of which only the kind is known: what a rule says then is fixed for all platforms of the kind."""

    kind: str
    dictionary: Dictionary

    def fact(self, id: str, shift: int) -> FactState:  # noqa: ARG002
        if id in COMPUTED:
            return computed_state(id, None)
        if id in READER:
            return reader_state(id, {})
        value: Value = frozenset({self.kind}) if id == "platform.kind" else possible_values(self.dictionary[id])
        return FactState(id, Status.NOT_EXAMINED, value, UNEXAMINED)

    def table(self, id: str, shift: int) -> TableState:  # noqa: ARG002
        return TableState(id, Status.NOT_EXAMINED, (), False, UNEXAMINED)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:  # noqa: ARG002
        return None

    def fiat(self, asset: str) -> bool | None:  # noqa: ARG002
        return None

    def days_before(self, ordinal: float, shift: int) -> float:  # noqa: ARG002
        return inf


def program(rulebook: Rulebook, as_of: str | None = None) -> Program:
    """Parameter values in force and metrics, as the interpreter needs them.

    Args:
        rulebook: The loaded packs.
        as_of: ISO date at which parameters are taken; None for the latest values.
    """
    params: dict[str, tuple[float, str]] = {}
    for id, parameter in rulebook.parameters.items():
        dated = parameter.at(as_of)
        changed = rulebook.overrides.get(id)
        params[id] = (dated.value, dated.since) if changed is None else (changed, "set by the user")
    metrics = {
        id: MetricForm(
            tuple(f.root for f in metric.formulas),
            metric.worse,
            metric.variable,
            metric.apart,
            metric.model,
            metric.inputs,
            metric.scenario,
        )
        for id, metric in rulebook.metrics.items()
    }
    return Program(params, metrics, rulebook.scenarios.named)


def rules_of_kind(rulebook: Rulebook, kind: str, compiled: Program) -> list[Rule]:
    """The rules that can apply to a kind, whatever the facts."""
    interpreter = Interpreter(compiled, _OnlyKind(kind, rulebook.dictionary))
    return [
        rule
        for rule in rulebook.rules.values()
        if not interpreter.evaluate(rule.conditions["applies_if"].root).truth.surely_false
    ]


def assess(profile: Profile, rulebook: Rulebook, options: Options, *, version: str, trials: int = 0) -> Assessment:
    """Judge one profile.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
        version: Version of the program, printed in the result.
        trials: How many rules may be judged, for each end, to find whether facts attain the verdict; 0 to leave it an
            outer bound.
    """
    assessor = _Assessor(profile, rulebook, options, version)
    assessment = assessor.assessment()
    if not trials or not assessment.verdict.graded:
        return assessment
    label = bounds(assessor.case(), trials).label
    return replace(assessment, verdict=replace(assessment.verdict, bounds=label))


def bounds_of(profile: Profile, rulebook: Rulebook, options: Options, *, trials: int = TRIALS) -> Bounds | None:
    """How far the open facts can move the verdict, or None for a kind without a grade.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
        trials: How many rules may be judged for each end.
    """
    case = _Assessor(profile, rulebook, options, "").case()
    return bounds(case, trials) if len(case.legs) >= rulebook.scheme.fewest_traits else None


class _Assessor:
    def __init__(self, profile: Profile, rulebook: Rulebook, options: Options, version: str) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.dictionary = rulebook.dictionary
        self.options = options
        self.version = version
        self.view = View(
            profile, rulebook.dictionary, date.fromisoformat(options.as_of), date.fromisoformat(options.known_by)
        )
        self.program = program(rulebook, options.as_of if options.parameters == "as-of" else None)
        self.cut = Cut(self.view, rulebook.reference, reader=options.reader or {})
        self.engine = RuleEngine(self.program, self.cut, rulebook.dictionary, tracing=True)
        self.rules = rules_of_kind(rulebook, profile.kind, self.program)
        self.manual = rules_meant(profile, rulebook, self.rules)
        self.results = self._judged()
        self.complete_view = self._nothing_hidden()
        self.unread = Interpreter(self.program, _OnlyKind(profile.kind, self.dictionary))
        self.numbers = self._numbers()

    @cached_property
    def free(self) -> Interpreter:
        """Evaluates the facts without the limits of what is merely conceivable."""
        return without_limits(self.engine.interpreter, self.view, self.rulebook)

    def reads(self, rule: Rule) -> Mapping[str, frozenset[str]]:
        return self.rulebook.reads[rule.id]

    def _judged(self) -> dict[str, RuleResult]:
        """What every rule says; rules that read a computed input come after all that read none."""
        first = {r.id: self.engine.evaluate(r, self.reads(r)) for r in self.rules if not self._asks_computed(r)}
        self.cut.computed[NOT_DISCLOSED_SHARE] = self.withheld().share(self.rules, first)
        return {r.id: first.get(r.id) or self.engine.evaluate(r, self.reads(r)) for r in self.rules}

    def withheld(self) -> Withheld:
        """Counts what the platform withholds."""
        of_kind = Interpreter(self.program, _OnlyKind(self.profile.kind, self.dictionary))
        return Withheld(self.rulebook, self.profile.kind, self._status, lambda node: of_kind.evaluate(node).truth)

    def case(self) -> Case:
        """What is judged, as bounds and unknowns read it; a kind without a grade has no legs."""
        graded = self.profile.kind in self.rulebook.scheme.graded_kinds
        legs = self.legs() if graded else {}
        return Case(
            self.rulebook,
            self.program,
            self.cut,
            self.profile.kind,
            self.rules,
            self.results,
            legs,
            self.ends(legs),
            self.withheld(),
        )

    def _asks_computed(self, rule: Rule) -> bool:
        return bool(self.rulebook.computed_of[rule.id])

    # -- the verdict

    def coverage(self) -> Coverage:
        """Facts asked and known.

        A fact is settled where all rules that read it surely do not apply, or where every metric it enters is decided
        without it.
        """
        readers: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for fact in self.reads(rule):
                if not fact.startswith("platform.") and self.dictionary[fact].applies_to(self.profile.kind):
                    readers.setdefault(fact, []).append(rule)
        critical = {f for f, rules in readers.items() if any(r.severity == "critical" for r in rules)}
        known = {fact for fact, rules in readers.items() if self._known(fact, rules)}
        unexamined = {f for f in critical - known if self._status(f) is Status.NOT_EXAMINED}
        settled = {fact for fact in known if self._status(fact) is not Status.REPORTED}
        return Coverage(
            len(readers),
            len(known),
            len(critical),
            len(critical & known),
            len(unexamined),
            tuple(sorted(settled)),
            len(critical & settled),
        )

    def _status(self, fact: str) -> Status:
        table = self.dictionary[fact].type == "table"
        return self.view.table(fact).status if table else self.view.fact(fact).status

    def _known(self, fact: str, rules: Iterable[Rule]) -> bool:
        if self._status(fact) is Status.REPORTED:
            return True
        return all(
            self.results[rule.id].possible == {NOT_APPLICABLE} or self._immaterial(self.reads(rule)[fact])
            for rule in rules
        )

    def _immaterial(self, ways: frozenset[str]) -> bool:
        if "" in ways:
            return False
        values = [self.engine.interpreter.metric(metric).value for metric in ways]
        return all(not v.is_open if isinstance(v, Truth) else isinstance(v, Interval) and v.is_point for v in values)

    def legs(self) -> dict[str, tuple[Truth, bool]]:
        """The structure leg of each trait of this kind: its truth and whether only silence makes it true."""
        found: dict[str, tuple[Truth, bool]] = {}
        for name, trait in self.rulebook.scheme.traits.items():
            if self.profile.kind in trait.kinds:
                truth, presumed, _ = self.engine.leg(trait.structure)
                found[name] = (truth, presumed)
        return found

    def _rule_end(self, result: RuleResult, best: bool) -> RuleEnd:
        outcome = result.best if best else result.worst
        presumed = result.presumed and outcome is FAIL
        evidence = result.support.best if best else result.support.worst
        group = self.rulebook.packs[result.rule.pack].group
        return RuleEnd(outcome, result.rule.severity, group, presumed, self._stop(result, best), evidence)

    @staticmethod
    def _stop(result: RuleResult, best: bool) -> Stop | None:
        stop = result.stop
        if stop is None or stop.truth.surely_false or (result.best if best else result.worst) is not FAIL:
            return None
        if stop.presumed:
            return Stop.PRESUMED
        if stop.truth.surely_true and (best or not stop.provable):
            return {2: Stop.PROVED, 1: Stop.ALLEGED}.get(stop.proof)
        return None if best else Stop.PROVED

    def ends(self, legs: Mapping[str, tuple[Truth, bool]]) -> tuple[VerdictEnd, VerdictEnd]:
        """The verdict at its best and at its worst."""
        scheme = self.rulebook.scheme
        best_legs = {name: Leg(truth.surely_true, presumed) for name, (truth, presumed) in legs.items()}
        worst_legs = {name: Leg(not truth.surely_false, presumed) for name, (truth, presumed) in legs.items()}
        best = {id: self._rule_end(result, True) for id, result in self.results.items()}
        worst = {id: self._rule_end(result, False) for id, result in self.results.items()}
        return (
            verdict_end(scheme, best_legs, best, best=True),
            verdict_end(scheme, worst_legs, worst, best=False),
        )

    def verdict(self) -> Verdict:
        """Both ends with everything that must stand beside them."""
        scheme = self.rulebook.scheme
        coverage = self.coverage()
        status = self._live_status()
        legs = self.legs() if self.profile.kind in scheme.graded_kinds else {}
        if len(legs) < scheme.fewest_traits:
            return Verdict(
                False, False, None, None, None, None, None, None, (), (), (), (), coverage, status, "per rule"
            )
        best, worst = self.ends(legs)
        limit = scheme.not_assessable
        hidden = coverage.not_examined > limit.critical_not_examined_above
        assessable = not (hidden and best.grade <= Grade[limit.best_at_least])
        constraints = [
            ConstraintView(end, constraint.kind, constraint.grade, constraint.rules)
            for end, side in (("best", best), ("worst", worst))
            for constraint in sorted(side.constraints, key=lambda c: -c.grade)
        ]
        stops = sorted(id for id in scheme.stops.rules if (r := self.results.get(id)) and self._stop(r, True))
        return Verdict(
            True,
            assessable,
            best.grade,
            worst.grade,
            best.uncapped,
            worst.uncapped,
            best.pattern,
            worst.pattern,
            tuple(self._trait(name, legs[name], best, worst) for name in legs),
            tuple(stops),
            best.deciding,
            tuple(constraints),
            coverage,
            status,
            "per rule",
        )

    def _trait(self, name: str, leg: tuple[Truth, bool], best: VerdictEnd, worst: VerdictEnd) -> TraitView:
        scheme = self.rulebook.scheme
        trait = scheme.traits[name]
        names = {row.level: row.name for row in scheme.levels}
        low, high = best.traits[name], worst.traits[name]
        truth, silent = leg
        structure = "presumed" if silent else "yes" if truth.surely_true else "no" if truth.surely_false else "open"
        undecided = [id for id in trait.harm if id in self.results and len(self.results[id].possible) > 1]
        return TraitView(
            name,
            trait.name,
            trait.zh,
            trait.question,
            low.level,
            high.level,
            names[low.level],
            names[high.level],
            low.presumed,
            low.level != high.level,
            structure,
            low.fails,
            low.warns,
            tuple(undecided),
        )

    def _live_status(self) -> tuple[tuple[str, str], ...]:
        shown: list[tuple[str, str]] = []
        for banner in self.rulebook.scheme.status:
            expression = self.rulebook.banners.get(banner.id)
            if expression and self.engine.interpreter.evaluate(expression.root).truth.surely_true:
                shown.append((banner.id, banner.text))
        return tuple(shown)

    # -- findings

    def finding(self, result: RuleResult) -> Finding:
        """The finding of one rule."""
        rule = result.rule
        stop = self._stop(result, True)
        possible = tuple(sorted(result.possible))
        return Finding(
            rule.id,
            rule.code,
            rule.pack,
            self.rulebook.packs[rule.pack].group,
            rule.severity,
            rule.title,
            rule.question,
            possible,
            result.presumed,
            result.rumoured,
            stop.value if stop else "",
            {fact: reason.value for fact, reason in sorted(result.open.items())},
            self._message(rule, possible),
            self._arguments(rule, result),
            None if possible[-1] is FAIL and len(possible) == 1 else result.support.worst,
            tuple(
                fact
                for fact in self.reads(rule)
                if not fact.startswith("platform.") and self.dictionary[fact].applies_to(self.profile.kind)
            ),
            self._figures(rule, result),
            self.rulebook.parameters_of[rule.id],
            tuple(
                (r.source, "" if self._later(self.rulebook.sources[r.source]) else r.locator) for r in rule.references
            ),
            rule.ask,
            rule.rationale,
            {name: expression.text for name, expression in rule.conditions.items()},
            result.trace,
        )

    def _figures(self, rule: Rule, result: RuleResult) -> tuple[str, ...]:
        """The figures that the conditions of a rule rest on; all that it reads where nothing is traced."""
        told = bearing(result.trace.values())
        read = self.rulebook.metrics_of[rule.id]
        return tuple(id for id in read if id in told) if result.trace else read

    @staticmethod
    def _message(rule: Rule, possible: Sequence[Outcome]) -> str:
        if len(possible) > 1:
            return "open"
        name = possible[0].name.lower()
        return name if name in rule.message else "open" if possible[0] is not NOT_APPLICABLE else ""

    def _arguments(self, rule: Rule, result: RuleResult) -> dict[str, object]:
        """Values for the placeholders of every message of a rule."""
        arguments: dict[str, object] = {}
        for text in rule.message.values():
            for placeholder in PLACEHOLDER.findall(text):
                name, _ = slot(placeholder)
                if name == "unknowns":
                    arguments[name] = sorted(result.open)
                elif name.startswith("params."):
                    id = f"{rule.pack}.{name.removeprefix('params.')}"
                    arguments[name] = {"value": self.program.params[id][0], "unit": self.rulebook.parameters[id].unit}
                elif name in READER:
                    arguments[name] = {
                        "value": plain(self.cut.fact(name, 0).value),
                        "unit": "money" if READER[name].kind == "number" else "",
                    }
                elif name in self.dictionary:
                    state = self.view.fact(name)
                    arguments[name] = {
                        "value": self._shown(state.value, self.dictionary[name]),
                        "unit": self.dictionary[name].unit,
                    }
                else:
                    id = name if name in self.rulebook.metrics else f"{rule.pack}.{name}"
                    metric = self.rulebook.metrics[id]
                    value = told_value(metric, self.engine.interpreter, self.free)
                    arguments[name] = {"value": value, "unit": metric.unit}
        return arguments

    @staticmethod
    def _shown(value: object, definition: ColumnDef) -> object:
        """A value as outputs print it; an end that is only the limit of what is conceivable is no bound."""
        if not isinstance(value, Interval):
            return None if definition.type == "enum" and value == frozenset(definition.values) else plain(value)
        if definition.type == "date":
            days = [date.fromordinal(int(end)) for end in value]
            return [None if day in (date.min, date.max) else day.isoformat() for day in days]
        lo, hi = definition.range
        if value == definition.range:
            return [None, None]
        lo_told = value.lo > lo or lo == 0 or value.is_point
        hi_told = value.hi < hi or hi == 1 or value.is_point
        return [value.lo if lo_told else None, value.hi if hi_told and abs(value.hi) < inf else None]

    # -- what was used

    def entry(self, entry: Provenance, value: object, about: str, counts: bool) -> EntryView:
        """An entry of the cut; nothing in it is later than the known-by date."""
        end = self.view.end(entry)
        return EntryView(
            value,
            entry.from_.isoformat() if entry.from_ else None,
            end.isoformat() if end else None,
            entry.known_on.isoformat() if entry.known_on else None,
            entry.evidence or "",
            grade(entry, about),
            self._source(entry.source),
            entry.locator,
            entry.alleged,
            tuple(entry.inferred),
            counts,
            entry.note if self.complete_view else "",
        )

    def _source(self, id: str | None) -> str:
        """A source's id, or only its number where even its title could tell what came after the cut.

        Whatever rests on it was public by the cut, so one that bears no date, or only a month or year that the cut
        falls into, is named unless its title, publisher, address or id names a later day.
        """
        if id is None:
            return ""
        source, cut = self.profile.sources[id], self.view.known_by
        first, last = source.appeared or (date.min, date.max)
        told = " ".join(filter(None, [id, source.title, source.publisher, source.url]))
        named = self.complete_view or last <= cut or (first <= cut and not tells_later(told, cut))
        return id if named else f"#{list(self.profile.sources).index(id) + 1}"

    def _nothing_hidden(self) -> bool:
        """Whether the cut shows the whole profile, so that remarks written with hindsight may be shown."""
        entries: list[Provenance] = [e for history in self.profile.facts.values() for e in history]
        for table in self.profile.tables.values():
            entries += [*table.rows, *table.complete, *table.stated]
        entries += self.profile.notes
        return all(self.view.public(entry) for entry in entries) and all(
            source.appeared is None or source.appeared[0] <= self.view.known_by
            for source in self.profile.sources.values()
        )

    def fact_view(self, id: str) -> FactView:
        """A fact with every entry that speaks of the cut, those that count marked."""
        definition = self.dictionary[id]
        state = self.view.fact(id)
        entries = tuple(
            self.entry(
                entry,
                self._written(entry.value) if entry.status is Status.REPORTED else entry.status.value,
                definition.about,
                index in state.entries,
            )
            for index, entry in enumerate(self.profile.facts.get(id, ()))
            if self.view.holds(entry)
        )
        return FactView(
            id,
            state.status.value,
            self._shown(state.value, definition) if state.status is Status.REPORTED else None,
            definition.unit or "",
            state.support.worst if state.status is Status.REPORTED else None,
            state.stale,
            state.conflict,
            state.age_days,
            self._shown(state.rumour, definition) if state.rumour is not None else None,
            entries,
        )

    @staticmethod
    def _written(value: object) -> object:
        if isinstance(value, tuple):
            return [end.isoformat() if isinstance(end, date) else None if abs(end) == inf else end for end in value]
        return value

    def table_view(self, id: str) -> TableView:
        """A table with its rows at the cut."""
        definition = self.dictionary[id]
        state = self.view.table(id)
        table = self.profile.tables.get(id)
        rows = []
        for row in state.rows:
            cells = {
                name: self._shown(cell.value, definition.columns[name])
                for name, cell in row.cells.items()
                if cell.status is Status.REPORTED
            }
            entries = tuple(
                self.entry(table.rows[index], None, definition.about, True)
                for index in row.entries
                if table is not None
            )
            rows.append(RowView(row.label, cells, entries))
        return TableView(id, state.status.value, state.complete, tuple(rows))

    def questions(self, findings: Sequence[Finding]) -> tuple[Question, ...]:
        """Open facts, those that keep the most critical rules open first, then the most rules, the easiest first."""
        waiting: dict[str, list[Finding]] = {}
        reasons: dict[str, str] = {}
        for finding in findings:
            for fact, reason in finding.open.items():
                if fact in self.dictionary and self.dictionary[fact].section != "platform":
                    waiting.setdefault(fact, []).append(finding)
                    if reason != Reason.APPLICABILITY:
                        reasons[fact] = reason
        questions = [
            Question(
                fact,
                reasons.get(fact, Reason.APPLICABILITY.value),
                self.dictionary[fact].ask,
                self.dictionary[fact].where,
                tuple(finding.rule for finding in held),
                sum(finding.severity == "critical" for finding in held),
            )
            for fact, held in waiting.items()
        ]
        return tuple(
            sorted(
                questions, key=lambda q: (-q.critical, -len(q.rules), not self.dictionary[q.fact].observable, q.fact)
            )
        )

    def _parameters(self) -> tuple[ParameterUse, ...]:
        used = sorted(
            {id for rule in self.rules for id in self.rulebook.parameters_of[rule.id]}
            | {id for number in self.numbers for id in number.assumed}
        )
        shown: list[ParameterUse] = []
        for id in used:
            parameter = self.rulebook.parameters[id]
            value, since = self.program.params[id]
            dated = parameter.at(self.options.as_of if self.options.parameters == "as-of" else None)
            changed = repr(dated.value) if id in self.rulebook.overrides else ""
            source = "" if changed else dated.citation.source
            hidden = self._later(self.rulebook.sources[source]) if source else not self.complete_view
            place = "" if hidden else dated.citation.locator or dated.note
            in_force = since if changed or since <= self.options.known_by else ""
            shown.append(
                ParameterUse(
                    id,
                    parameter.unit,
                    value,
                    in_force,
                    parameter.basis,
                    parameter.meaning,
                    source,
                    place,
                    changed,
                    self._effect(id, value - dated.value) if changed else "",
                )
            )
        return tuple(shown)

    def _effect(self, parameter: str, difference: float) -> str:
        """What a change of a parameter by a user does to the rules."""
        direction = self.rulebook.strictness(parameter) * difference
        return "stricter" if direction > 0 else "looser" if direction < 0 else "changed"

    def _numbers(self) -> tuple[Number, ...]:
        return numbers(self.rulebook, self.engine.interpreter, self.unread, self.view, self.profile.kind)

    def _workings(self) -> tuple[Working, ...]:
        return workings(Material(self.rulebook, self.program, self.cut, self.engine.interpreter, self.unread))

    def _precedent(self, verdict: Verdict) -> Precedent | None:
        """What such a verdict has meant; a cut before the end of the corpus does not show what came later."""
        meaning = self.rulebook.meaning
        if meaning is None or meaning.last is None or self.options.known_by < meaning.last:
            return None
        row = meaning.row(verdict.best, verdict.worst, verdict.assessable)
        if row is None or row.lo is None or row.hi is None:
            return None
        name = verdict_class(verdict.best, verdict.worst, verdict.assessable)
        return Precedent(name.value, meaning.platforms, row.dates, row.closed, row.lo, row.hi)

    def _headline(self) -> tuple[tuple[str, str], ...]:
        """The numbers beside the grade; one that a run tells is told under the run of this kind of platform."""
        run = self.rulebook.scenarios.headline(self.profile.kind, self._cited_later)
        return tuple(
            (number.id, run if self.rulebook.metrics[number.id].scenario_kind == "run" else "")
            for id in self.rulebook.scheme.headline
            for number in self.numbers
            if number.id == id
        )

    def _metric_values(self) -> tuple[MetricValue, ...]:
        used = sorted({id for rule in self.rules for id in self.rulebook.metrics_of[rule.id]})
        values: list[MetricValue] = []
        for id in used:
            metric = self.rulebook.metrics[id]
            value = told_value(metric, self.engine.interpreter, self.free)
            rows = deciding_rows(self.engine.interpreter.metric(id).trace, value, self.rulebook)
            values.append(MetricValue(id, metric.unit, metric.meaning, metric.reference, value, metric.told_by, rows))
        return tuple(values)

    def _cited(
        self, facts: Sequence[FactView], tables: Sequence[TableView], notes: Sequence[NoteView]
    ) -> tuple[SourceView, ...]:
        resting: dict[str, list[str | None]] = {}
        for entry in (entry for fact in facts for entry in fact.entries):
            resting.setdefault(entry.source, []).append(entry.known_on)
        for entry in (entry for table in tables for row in table.rows for entry in row.entries):
            resting.setdefault(entry.source, []).append(entry.known_on)
        for note in notes:
            resting.setdefault(note.source, []).append(note.known_on)
        withheld = (
            "A source of the profile that appeared after the cut or names a later day; what it tells was public before"
        )
        views: list[SourceView] = []
        for id in sorted(filter(None, resting)):
            source = self.profile.sources.get(id)
            if source is None:
                views.append(SourceView(id, withheld, "", "", ""))
            else:
                public = "" if source.date else min(filter(None, resting[id]), default="")
                views.append(
                    SourceView(id, source.title, source.publisher, source.date or "", source.url or "", public)
                )
        return tuple(views)

    def _later(self, source: SourceDef) -> bool:
        """Whether a source of the rulebook may be later than the cut."""
        return source.later(self.view.known_by)

    def _cited_later(self, id: str) -> bool:
        """Whether a work that a scenario cites may be later than the cut; a user's own scenario cites what it likes."""
        return id in self.rulebook.sources and self._later(self.rulebook.sources[id])

    def _bibliography_entry(self, source: SourceDef) -> Mapping[str, str]:
        """A source of the rulebook; one that may be later than the cut keeps only its id and mark."""
        entry = {"id": source.id, "status": source.status}
        if self._later(source):
            return {
                **entry,
                "title": "A work later than the cut; see ddcheck rules show",
                "issuer": "",
                "date": "",
                "article": "",
                "url": "",
                "unverified": "",
            }
        return {
            **entry,
            "title": source.title,
            "issuer": source.issuer,
            "date": source.date,
            "article": source.places(self.view.known_by),
            "url": source.address(self.view.known_by),
            "unverified": source.unverified,
        }

    def _notes(self) -> tuple[NoteView, ...]:
        return tuple(
            NoteView(
                note.text,
                note.topic,
                note.known_on.isoformat() if note.known_on else None,
                note.evidence or "",
                self._source(note.source),
                tuple(note.inferred),
            )
            for note in self.profile.notes
            if self.view.public(note)
            and (note.known_on is not None or self.complete_view)
            and (note.from_ is None or note.from_ <= self.view.as_of)
        )

    def _overrides(self) -> tuple[OverrideView, ...]:
        return tuple(
            OverrideView(
                manual.rule.id,
                manual.rule.code,
                manual.override.outcome,
                tuple(sorted(self.results[manual.rule.id].possible)),
                manual.override.who,
                manual.override.on.isoformat(),
                manual.override.until.isoformat(),
                manual.override.why,
            )
            for manual in self.manual
            if manual.stands(self.view.as_of)
        )

    def _warnings(self, facts: Sequence[FactView]) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        if ended := sum(manual.override.until < self.view.as_of for manual in self.manual):
            found.append(("overrides_ended", ended))
        facts = [fact for fact in facts if not fact.id.startswith("platform.")]
        undated = [f.id for f in facts if any(e.known_on is None for e in f.entries)]
        if undated:
            found.append(("undated", len(undated)))
        unsourced = [f.id for f in facts if any(not e.evidence for e in f.entries)]
        if unsourced:
            found.append(("no_evidence", len(unsourced)))
        return tuple(found)

    def _ages(self, facts: Sequence[FactView], tables: Sequence[TableView]) -> tuple[str | None, int | None]:
        """The day of the newest evidence that counts, and the age of the oldest in days, rows of tables included."""
        entries = [entry for fact in facts for entry in fact.entries if entry.counts]
        entries += [entry for table in tables for row in table.rows for entry in row.entries]
        ages = [fact.age_days for fact in facts]
        ages += [c.age_days for t in tables for row in self.view.table(t.id).rows for c in row.cells.values()]
        return (
            max((entry.known_on for entry in entries if entry.known_on), default=None),
            max((age for age in ages if age is not None), default=None),
        )

    def assessment(self) -> Assessment:
        """The whole result."""
        findings = tuple(self.finding(result) for result in self.results.values())
        read = {fact for rule in self.rules for fact in self.reads(rule)} | set(self.profile.facts)
        facts = tuple(
            self.fact_view(id) for id in self.dictionary if id in read and self.dictionary[id].type != "table"
        )
        shown = read | set(self.profile.tables)
        tables = tuple(
            self.table_view(id) for id in self.dictionary if id in shown and self.dictionary[id].type == "table"
        )
        notes = self._notes()
        verdict = self.verdict()
        newest, oldest = self._ages(facts, tables)
        cited = sorted(
            {source for f in findings for source, _ in f.references}
            | {p.source for p in self._parameters() if p.source}
            | {
                s
                for scenario in self.rulebook.scenarios.all.values()
                for s, _ in scenario.references
                if not scenario.own
            }
        )
        rulebook = self.rulebook
        platform = {
            id.removeprefix("platform."): view.value[0]
            if isinstance(view.value, list) and len(view.value) == 1
            else view.value
            for id in self.dictionary
            if id.startswith("platform.") and (view := self.fact_view(id)).value is not None
        }
        return Assessment(
            self.version,
            self.profile.name,
            self.profile.kind,
            platform,
            self.options,
            {"sha256": self.profile.sha256},
            tuple(
                {
                    "id": p.id,
                    "title": p.title,
                    "group": p.group,
                    "version": p.version,
                    "sha256": p.sha256,
                    "added": "" if p.shipped else "yes",
                }
                for p in rulebook.packs.values()
            ),
            {
                "dictionary": rulebook.dictionary.sha256,
                "reference": rulebook.reference.digest,
                "verdict": rulebook.scheme.version,
            },
            verdict,
            findings,
            self._metric_values(),
            self.numbers,
            self._headline(),
            self._precedent(verdict),
            self._workings(),
            scenario_uses(self.rulebook, self._cited_later),
            self._parameters(),
            tuple(
                RateUse(
                    id,
                    r.meaning,
                    r.lo,
                    r.hi,
                    r.source_title,
                    r.url,
                    r.confidence,
                    r.unverified,
                    r.source_date,
                    r.compiled_later,
                )
                for id, r in sorted(self.cut.used.items())
            ),
            facts,
            tables,
            self.questions(findings),
            self._cited(facts, tables, notes),
            tuple(self._bibliography_entry(rulebook.sources[id]) for id in cited),
            notes,
            self._warnings(facts),
            newest,
            oldest,
            overrides=self._overrides(),
        )
