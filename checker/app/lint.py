"""Lint the packs: faults that loading cannot see, all at once, each with its place and the name of its check.

Three sorts of checks: what stands written (`READING`), what the cases beside a rule cover (`KINDS_OF_CASE`), and what
the rule does when a fact is moved in its worse direction (`_non_monotone`). A problem of severity `info` is a hint
that fails nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Literal

from checker.app.cases import (
    Case,
    CaseResult,
    case_computed,
    case_profile,
    case_reader,
    read_cases,
    run_case,
    test_file,
)
from checker.app.scaffold import MARK
from checker.app.translations import untranslated
from checker.assess.assess import program
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.engine.scalar import Interpreter, MetricForm, Program, Result
from checker.lang.tree import UNITS, Binary, Call, Column, Fact, Metric, Node, Param, Ternary, walk
from checker.model.dictionary import KINDS, FactDef
from checker.model.document import Document, Place, dotted, read_document
from checker.model.errors import InputError, PackError, UsageError, did_you_mean
from checker.model.finding import Outcome, Possible
from checker.model.interval import Interval, Truth, point
from checker.model.profile import parse_profile
from checker.model.state import CERTAIN, FactState, Reason, Status, TableState, Value
from checker.model.view import View
from checker.outputs.language import LANGUAGES
from checker.packs.load import NAME, NOT_RULES, load_rulebook
from checker.packs.rulebook import PLACEHOLDER, MetricDef, Rule, Rulebook, slot
from checker.resources import data_path

Severity = Literal["error", "info"]
NOT_APPLICABLE, PASS, WARN, FAIL = Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.WARN, Outcome.FAIL
MAX_MOVES = 400  # evaluations spent on one rule in the search for an outcome that improves
MAX_STEPS = 12  # values of one fact along its direction
DAY = date(2022, 5, 31)  # of the facts that are no case's: only a kind is known
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
PRINTED = ("title", "question", "rationale", "ask")

CHECKS: Mapping[str, str] = {
    "load": "a file that cannot be read or typed: shape, names, units, numbers in expressions, placeholders, sources",
    "case-file": "a rule without readable cases beside it, or cases without their rule",
    "case-failed": "a case that does not come out as it expects",
    "case-name": "two cases of one name",
    "case-pass": "no case passes",
    "case-warn": "no case warns on evidence, though the rule can warn",
    "case-fail": "no case fails on evidence, though the rule can fail",
    "case-not-examined": "no case stays open because something was not examined",
    "case-not-disclosed": "no case with a fact that is withheld",
    "case-not-applicable": "no case to which the rule does not apply",
    "case-threshold": "no case lies exactly on a threshold",
    "case-false-alarm": "no case of the false alarm",
    "unfinished": "a text that the scaffold left to be written",
    "division": "a division in a condition: by sign or by zero the answer turns",
    "metric-division": "a metric read by a condition divides by a fact that may be zero or less",
    "non-monotone": "a fact moved in its worse direction improves the outcome",
    "applies-direction": "a fact moved in its worse direction makes the rule drop out",
    "worse": "a direction restated for a fact that the rule does not read, or that the type does not have",
    "silence": "silence is without consequence though the rule matters and could be kept silent about",
    "severity": "severity, stops and conditions do not go together",
    "open-message": "the message for an open outcome does not name what is unknown",
    "dated-text": "a year in a text that is printed at earlier cuts too",
    "translation": "a text of a shipped rule that a catalogue lacks",
    "code": "a code given twice, or not of the pack's group",
    "since": "no version, or one later than the pack's",
    "parameter-date": "a day that is not in the calendar",
    "metric-source": "a metric that rests on a source the bibliography does not hold",
    "unused-parameter": "a parameter that no rule, metric or message reads",
    "unused-metric": "a metric that no rule, message or verdict table reads",
    "unused-fact": "a fact that no rule reads (info)",
    "unused-source": "a source of the bibliography that nothing cites (info)",
}
"""Every check by its name, with what it finds."""


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong, or worth knowing, in a file; lines and columns count from 1, 0 where the whole file is meant."""

    file: str
    line: int
    column: int
    check: str
    message: str
    hint: str = ""
    key: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        kind = "" if self.severity == "error" else f" ({self.severity})"
        return f"{place} {self.check}{kind}: {self.message}." + (f" {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class _Found:
    """A problem: the file, the place in it, whether the key is meant; `at` where line and column are known already."""

    file: Path
    place: Place
    check: str
    message: str
    hint: str = ""
    key: bool = False
    severity: Severity = "error"
    at: tuple[int, int] | None = None


@dataclass(frozen=True)
class _Setting:
    """Facts under which a rule is tried, and the parameters in force there."""

    name: str
    kind: str
    facts: Cut
    program: Program
    given: Mapping[str, object]
    key: str


@dataclass(frozen=True)
class _Tried:
    """A case, what came out, and its facts; no facts where it could not even be read."""

    case: Case
    outcome: CaseResult
    setting: _Setting | None

    @property
    def possible(self) -> Possible:
        """The outcomes that came out; none where the case could not be judged."""
        return self.outcome.result.possible if self.outcome.result else frozenset()

    @property
    def presumed(self) -> bool:
        """Whether silence decided."""
        return bool(self.outcome.result and self.outcome.result.presumed)


def lint_packs(root: Path, extra: Sequence[Path] = (), names: Collection[str] = ()) -> list[Problem]:
    """Load the packs and lint them; faults that stop the loading are problems too.

    Args:
        root: The folder of the shipped rules.
        extra: Folders of added packs.
        names: Packs, groups, rule ids or codes to look at; all if there are none.
    """
    try:
        rulebook = load_rulebook(root, extra=extra)
    except PackError as error:
        return [Problem(f.file, f.line or 0, f.column or 0, "load", f.message, f.hint, f.key) for f in error.faults]
    return lint(rulebook, root, extra, names)


def lint(rulebook: Rulebook, root: Path, extra: Sequence[Path] = (), names: Collection[str] = ()) -> list[Problem]:
    """Every problem of every file, in the order of files and lines.

    Args:
        rulebook: The packs, loaded from `root` and `extra`.
        root: The folder of the shipped rules.
        extra: Folders of added packs.
        names: Packs, groups, rule ids or codes to look at; all if there are none.

    Raises:
        UsageError: A name is neither a pack, nor a rule, nor a code.
    """
    linter = _Linter(rulebook, root, {folder.name: folder for folder in extra}, frozenset(names))
    known = {*rulebook.rules, *(rule.code for rule in rulebook.rules.values())}
    known |= {name for pack in rulebook.packs for name in linter.words(pack)}
    for name in names:
        if name not in known:
            raise UsageError(f"no rule, code or pack '{name}'. {did_you_mean(name, known)}")
    problems: set[Problem] = set()
    for found in linter.found():
        line, column = found.at or linter.document(found.file).position(found.place, key=found.key)
        key = dotted(found.place)
        problems.add(
            Problem(str(found.file), line, column, found.check, found.message, found.hint, key, found.severity)
        )
    return sorted(problems)


@dataclass
class _Linter:
    rulebook: Rulebook
    root: Path
    added: Mapping[str, Path]
    names: frozenset[str]
    _documents: dict[Path, Document] = field(default_factory=dict)

    def document(self, path: Path) -> Document:
        """A file that has been loaded before, with its positions."""
        if path not in self._documents:
            self._documents[path] = read_document(path)
        return self._documents[path]

    def folder(self, pack: str) -> Path:
        """Where a pack stands."""
        return self.added.get(pack, self.root / pack)

    def chosen(self, rule: Rule) -> bool:
        """Whether the rule is among those to look at."""
        return not self.names or bool(self.names & {rule.id, rule.code, *self.words(rule.pack)})

    def words(self, pack: str) -> set[str]:
        """What a pack may be called by: its id and its group."""
        return {pack, self.rulebook.packs[pack].group}

    @cached_property
    def program(self) -> Program:
        """Parameters and metrics as they stand."""
        return program(self.rulebook)

    def found(self) -> Iterator[_Found]:
        """Everything, unplaced and unordered."""
        rules = [rule for rule in self.rulebook.rules.values() if self.chosen(rule)]
        tried: dict[str, list[_Tried]] = {}
        for rule in rules:
            for check in READING:
                yield from check(self, rule)
            tried[rule.id] = yield from self.tried(rule)
            yield from _names(self, rule, tried[rule.id])
            if tried[rule.id]:
                yield from _kinds_of_case(self, rule, tried[rule.id])
            yield from _non_monotone(self, rule, tried[rule.id])
        for pack in self.rulebook.packs:
            own = [rule for rule in self.rulebook.rules.values() if rule.pack == pack]
            if not self.names or self.names & self.words(pack):
                yield from _thresholds(self, pack, {rule.id: tried[rule.id] for rule in own})
                for whole in PACKS:
                    yield from whole(self, pack)
        if not self.names:
            yield from _unused_sources(self)
            yield from _unused_facts(self)

    def tried(self, rule: Rule) -> Generator[_Found, None, list[_Tried]]:
        """Runs the cases of a rule; gives back what came out."""
        path = test_file(rule)
        if not path.is_file():
            yield _Found(
                Path(rule.file),
                (),
                "case-file",
                f"no cases: {path.name} is missing",
                "Every rule has its cases beside it.",
            )
            return []
        try:
            cases = read_cases(rule)
        except PackError as error:
            for fault in error.faults:
                at = (fault.line or 0, fault.column or 0)
                yield _Found(path, (), "case-file", fault.message, fault.hint, at=at)
            return []
        tried = []
        for index, case in enumerate(cases):
            outcome = run_case(case, rule, self.rulebook)
            for failure in outcome.failures:
                yield _Found(path, (index,), "case-failed", f"'{case.name}': {failure}")
            tried.append(_Tried(case, outcome, self.setting(case, rule) if outcome.result else None))
        return tried

    def setting(self, case: Case, rule: Rule) -> _Setting:
        """The facts of a case that could be judged, and the parameters in force in it."""
        params = {name if name in self.program.params else f"{rule.pack}.{name}": v for name, v in case.params.items()}
        changed = {id: (float(value), "case") for id, value in params.items()}
        compiled = replace(self.program, params={**self.program.params, **changed}) if changed else self.program
        kind = str(case.facts.get("platform.kind", "cefi_lender"))
        key = json.dumps([case.as_of, sorted(params.items())])
        return _Setting(f"case '{case.name}'", kind, self.cut(case), compiled, case.facts, key)

    def cut(self, case: Case) -> Cut:
        """The facts of a case."""
        day = date.fromisoformat(case.as_of)
        raw = case_profile(case, self.rulebook.dictionary)
        document = Document(raw, case.file, "", lambda spots: dict.fromkeys(spots, (case.line, 1)))
        profile = parse_profile(document, self.rulebook.dictionary, today=day)
        view = View(profile, self.rulebook.dictionary, day, day)
        return Cut(view, self.rulebook.reference, computed=case_computed(case), reader=case_reader(case))

    @cached_property
    def kinds(self) -> Mapping[str, _Setting]:
        """For each kind the facts of a platform of which nothing else is known."""
        return {
            kind: _Setting(
                f"a {kind} of which nothing else is known",
                kind,
                self.cut(Case("", kind, {"platform.kind": kind}, DAY.isoformat(), {}, {}, kind, 1)),
                self.program,
                {"platform.kind": kind},
                "",
            )
            for kind in KINDS
        }

    def applies(self, rule: Rule, setting: _Setting) -> Truth:
        """Whether a rule applies under a setting."""
        return Interpreter(setting.program, setting.facts).evaluate(rule.conditions["applies_if"].root).truth

    def outcomes(self, rule: Rule, setting: _Setting, fact: str, value: Value) -> Possible | None:
        """The outcomes with one fact known to be `value`; None where formulas of one quantity then exclude each other.

        Between contradiction and agreement bounds narrow in either direction, so that such points cannot be compared.
        """
        facts = _Moved(setting.facts, fact, value)
        own = replace(setting.program, metrics=self.metrics_of[rule.id])
        engine = RuleEngine(own, facts, self.rulebook.dictionary)
        possible = engine.evaluate(rule, self.rulebook.reads[rule.id]).possible
        metrics = (engine.interpreter.metric(id) for id in self.rulebook.metrics_of[rule.id])
        return None if any(Reason.CONFLICT in metric.open.values() for metric in metrics) else possible

    @cached_property
    def metrics_of(self) -> Mapping[str, Mapping[str, MetricForm]]:
        """For each rule the metrics that it reads, computed columns included; with no others an engine is faster."""
        return {
            rule.id: {
                id: self.program.metrics[id]
                for node in self.below(expression.root for expression in rule.conditions.values())
                if (id := _metric_of(node))
            }
            for rule in self.rulebook.rules.values()
        }

    def conditions_through(self, rule: Rule, fact: str) -> Iterator[str]:
        """The conditions of a rule that read a fact, through metrics too."""
        for name, expression in rule.conditions.items():
            if any(isinstance(node, Fact) and node.id == fact for node in self.below([expression.root])):
                yield name

    def below(self, roots: Iterable[Node]) -> Iterator[Node]:
        """All nodes under some roots and under the metrics they read."""
        todo, seen = list(roots), set[str]()
        while todo:
            for node in walk(todo.pop()):
                yield node
                if (id := _metric_of(node)) and id not in seen:
                    seen.add(id)
                    todo.extend(formula.root for formula in self.rulebook.metrics[id].formulas)

    @cached_property
    def read_by_conditions(self) -> frozenset[str]:
        """The metrics on which an outcome or a structure leg depends."""
        roots = [e.root for rule in self.rulebook.rules.values() for e in rule.conditions.values()]
        legs = {trait.structure for trait in self.rulebook.scheme.traits.values()}
        roots += [formula.root for id in legs for formula in self.rulebook.metrics[id].formulas]
        roots += [banner.root for banner in self.rulebook.banners.values()]
        return frozenset(legs | {id for node in self.below(roots) if (id := _metric_of(node))})

    @cached_property
    def shown(self) -> frozenset[str]:
        """The metrics and parameters that messages print, by whole id; parameters as `pack.params.name`."""
        return frozenset(
            name if name in self.rulebook.metrics or name in self.rulebook.dictionary else f"{rule.pack}.{name}"
            for rule in self.rulebook.rules.values()
            for text in rule.message.values()
            for name, _ in map(slot, PLACEHOLDER.findall(text))
        )


@dataclass(frozen=True)
class _Moved:
    """Facts with one of them put to a value, as well proved as can be; earlier days stay as they are."""

    facts: Cut
    id: str
    value: Value

    def fact(self, id: str, shift: int) -> FactState:
        if id == self.id and not shift:
            return FactState(id, Status.REPORTED, self.value, CERTAIN)
        return self.facts.fact(id, shift)

    def table(self, id: str, shift: int) -> TableState:
        return self.facts.table(id, shift)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        return self.facts.reference(role, asset, shift)

    def fiat(self, asset: str) -> bool | None:
        return self.facts.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        return self.facts.days_before(ordinal, shift)


def _metric_of(node: Node) -> str:
    """The id of the metric that a node reads, or nothing."""
    if isinstance(node, Metric) or (isinstance(node, Column) and node.pack):
        return f"{node.pack}.{node.name}"
    return ""


# ------------------------------------------------------------------------------------------------ what stands written


def _division(_: _Linter, rule: Rule) -> Iterator[_Found]:
    for name, expression in rule.conditions.items():
        for node in walk(expression.root):
            if isinstance(node, Binary) and node.op == "/":
                hint = f"Multiply it out: compare with params.x * {node.right.text}; a ratio is a metric for display."
                yield _Found(Path(rule.file), (name,), "division", f"'{node.text}' divides in a condition", hint)


def _worse(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    for fact, direction in rule.worse.items():
        definition = linter.rulebook.dictionary.get(fact)
        place: Place = ("worse", fact)
        if definition is None or fact not in linter.rulebook.reads[rule.id]:
            yield _Found(
                Path(rule.file), place, "worse", f"'{fact}' is not read by this rule", "Remove the line.", True
            )
        elif direction == definition.worse:
            hint = f"The dictionary says {direction} already: remove the line."
            yield _Found(Path(rule.file), place, "worse", f"'{fact}' is restated as it is", hint, True)
        elif direction != "none" and (direction == "order") != (definition.type == "enum"):
            hint = "An enum has order or none, all else higher, lower or none."
            yield _Found(
                Path(rule.file), place, "worse", f"'{fact}' is {definition.type} and has no '{direction}'", hint
            )


def _silence(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    named = any(rule.id in trait.harm for trait in linter.rulebook.scheme.traits.values())
    if rule.silence != "unobserved" or (rule.severity == "minor" and not named):
        return
    if hidden := _can_be_withheld(linter, rule):
        message = f"a {rule.severity} rule {'of a trait leg ' if named else ''}lets silence pass"
        hint = f"Say fail or at_least_warn; unobserved is for what anyone can see, not for {', '.join(hidden)}."
        yield _Found(Path(rule.file), ("silence",), "silence", message, hint)


def _can_be_withheld(linter: _Linter, rule: Rule) -> list[str]:
    """The facts of a rule about which a platform can keep silent."""
    facts = (linter.rulebook.dictionary[id] for id in linter.rulebook.reads[rule.id])
    return [fact.id for fact in facts if not fact.observable and fact.section != "platform"]


def _severity(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    file, stops = Path(rule.file), linter.rulebook.scheme.stops.rules
    if rule.severity == "critical" and not rule.can_fail:
        yield _Found(
            file, ("severity",), "severity", "a critical rule that never fails", "Give it fail_if, or call it major."
        )
    if "stop_if" in rule.conditions and rule.id not in stops:
        hint = f"Named there are {', '.join(stops)}."
        yield _Found(
            file, ("stop_if",), "severity", "stop_if in a rule that verdict.yaml does not name as a stop", hint, True
        )
    if "stop_if" not in rule.conditions and rule.id in stops:
        yield _Found(
            file, (), "severity", "verdict.yaml names this rule as a stop, but it has no stop_if", "Write stop_if."
        )


def _texts(_: _Linter, rule: Rule) -> Iterator[_Found]:
    file = Path(rule.file)
    if "{unknowns}" not in rule.message["open"]:
        hint = "Say what cannot be established, and end with {unknowns}."
        yield _Found(file, ("message", "open"), "open-message", "the message does not print {unknowns}", hint)
    printed: list[tuple[Place, str]] = [((name,), getattr(rule, name)) for name in PRINTED]
    printed += [(("message", name), text) for name, text in rule.message.items()]
    for place, text in printed:
        if year := YEAR.search(text):
            hint = "Results as of an earlier day print it too: put what happened, with its date, into `case`."
            yield _Found(file, place, "dated-text", f"'{year[0]}' looks like a year", hint)


def _code(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    for other in linter.rulebook.rules.values():
        if other.code == rule.code and other.id < rule.id:
            yield _Found(
                Path(rule.file),
                ("code",),
                "code",
                f"'{rule.code}' is the code of {other.id} already",
                "Number it anew.",
            )
    group = linter.rulebook.packs[rule.pack].group
    if not re.fullmatch(rf"{re.escape(group)}-\d+", rule.code):
        yield _Found(
            Path(rule.file),
            ("code",),
            "code",
            f"'{rule.code}' is not of group {group}",
            f"Write {group}-01 or the like.",
        )


def _since(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    version = VERSION.fullmatch(rule.since)
    pack = linter.rulebook.packs[rule.pack].version
    if not version:
        hint = "Write three numbers, such as 1.0.0."
        yield _Found(Path(rule.file), ("since",), "since", f"'{rule.since}' is no version", hint)
    elif (whole := VERSION.fullmatch(pack)) and tuple(map(int, version.groups())) > tuple(map(int, whole.groups())):
        hint = "Raise the version in pack.yaml with the rule."
        yield _Found(Path(rule.file), ("since",), "since", f"{rule.since} is later than the pack's {pack}", hint)


def _unfinished(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    for path in (Path(rule.file), test_file(rule)):
        if path.is_file():
            yield from _marks(linter, path)


def _marks(linter: _Linter, path: Path) -> Iterator[_Found]:
    try:
        todo: list[tuple[Place, object]] = [((), linter.document(path).value)]
    except InputError:
        return
    while todo:
        place, value = todo.pop()
        if isinstance(value, dict):
            todo += [((*place, key), part) for key, part in value.items()]
        elif isinstance(value, list):
            todo += [((*place, index), part) for index, part in enumerate(value)]
        elif isinstance(value, str) and MARK in value:
            yield _Found(path, place, "unfinished", f"'{dotted(place)}' is still {MARK}", "Write it.")


def _translations(linter: _Linter, rule: Rule) -> Iterator[_Found]:
    """Catalogues belong to the shipped packs; an added pack speaks the language it is written in."""
    if linter.root.resolve() != data_path("rules").resolve() or not linter.rulebook.packs[rule.pack].shipped:
        return
    for language in LANGUAGES:
        lacking = untranslated(rule, language)
        if lacking:
            message = f"not translated into {language}: {len(lacking)} texts, the first '{lacking[0][:60]}'"
            hint = f"Fill in reports/locales/{language}/rules-{rule.pack}.po."
            yield _Found(Path(rule.file), (), "translation", message, hint)


READING: tuple[Callable[[_Linter, Rule], Iterator[_Found]], ...] = (
    _division, _worse, _silence, _severity, _texts, _code, _since, _unfinished, _translations,
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------- whole packs


def _parameters(linter: _Linter, pack: str) -> Iterator[_Found]:
    file = linter.folder(pack) / "parameters.yaml"
    read = {
        f"{node.pack}.{node.name}" for root in _roots(linter.rulebook) for node in walk(root) if isinstance(node, Param)
    }
    for id, parameter in linter.rulebook.parameters.items():
        owner, name = id.split(".")
        if owner != pack:
            continue
        if id not in read and f"{pack}.params.{name}" not in linter.shown:
            hint = "Remove it, or use it in a condition, a formula or a message."
            yield _Found(file, (name,), "unused-parameter", f"nothing reads the parameter '{name}'", hint, True)
        for index, dated in enumerate(parameter.values):
            try:
                date.fromisoformat(dated.since)
            except ValueError:
                hint = "Write the first day on which the value holds, as 2019-01-01."
                place = (name, "values", index, "from")
                yield _Found(file, place, "parameter-date", f"'{dated.since}' is no day of the calendar", hint)


def _roots(rulebook: Rulebook) -> Iterator[Node]:
    """Every expression there is."""
    for rule in rulebook.rules.values():
        yield from (expression.root for expression in rule.conditions.values())
    for metric in rulebook.metrics.values():
        yield from (formula.root for formula in metric.formulas)
    yield from (banner.root for banner in rulebook.banners.values())


def _metrics(linter: _Linter, pack: str) -> Iterator[_Found]:
    file = linter.folder(pack) / "metrics.yaml"
    shown = linter.shown | {id for id, metric in linter.rulebook.metrics.items() if metric.title}
    roots = [f.root for id in shown if id in linter.rulebook.metrics for f in linter.rulebook.metrics[id].formulas]
    used = linter.read_by_conditions | shown | {id for node in linter.below(roots) if (id := _metric_of(node))}
    for id, metric in linter.rulebook.metrics.items():
        owner, name = id.split(".")
        if owner != pack:
            continue
        if id not in used:
            hint = "Remove it, or show it in a message."
            yield _Found(file, (name,), "unused-metric", f"nothing reads the metric '{name}'", hint, True)
        for source in filter(None, re.split(r"[,;\s]+", metric.reference)):
            if source not in linter.rulebook.sources:
                hint = did_you_mean(source, linter.rulebook.sources) or "Give ids of sources.yaml, with commas between."
                yield _Found(file, (name, "reference"), "metric-source", f"unknown source '{source}'", hint)
        if id in linter.read_by_conditions:
            yield from _metric_divisions(linter, file, name, metric)


def _metric_divisions(linter: _Linter, file: Path, name: str, metric: MetricDef) -> Iterator[_Found]:
    for index, formula in enumerate(metric.formulas):
        for whole, fact in _divisors(formula.root, frozenset()):
            definition = linter.rulebook.dictionary.get(fact)
            least = definition.range[0] if definition else 0
            if least <= 0:
                place: Place = (name, "formula") if len(metric.formulas) == 1 else (name, "formula", index)
                hint = (
                    f"Multiply out where it is compared (instead of a / b < c write a < c * b), guard it with "
                    f"'{fact} > 0 ? ... : ...', or divide by max({fact}, params.x)."
                )
                message = f"'{whole.text}' divides by {fact}, which may be {'zero' if least == 0 else 'zero or less'}"
                yield _Found(file, place, "metric-division", message, hint)


def _divisors(node: Node, guarded: frozenset[str]) -> Iterator[tuple[Node, str]]:
    """Divisions with the facts that stand bare in the divisor, unless a condition around them looks at the fact."""
    if isinstance(node, Ternary):
        seen = guarded | {part.id for part in walk(node.condition) if isinstance(part, Fact)}
        yield from _divisors(node.condition, guarded)
        yield from _divisors(node.then, seen)
        yield from _divisors(node.otherwise, seen)
        return
    if isinstance(node, Binary) and node.op == "/":
        todo = [node.right]
        while todo:
            part = todo.pop()
            if isinstance(part, Binary) and part.op == "*":
                todo += [part.left, part.right]
            elif isinstance(part, Fact) and part.id not in guarded:
                yield node, part.id
    for child in node.children:
        yield from _divisors(child, guarded)


def _pack_files(linter: _Linter, pack: str) -> Iterator[_Found]:
    folder = linter.folder(pack)
    for path in sorted(folder.glob("*.test.yaml")):
        if f"{pack}.{path.name.removesuffix('.test.yaml')}" not in linter.rulebook.rules:
            yield _Found(
                path, (), "case-file", "cases without a rule beside them", "Remove or rename the file.", at=(1, 1)
            )
    for name in NOT_RULES:
        if (folder / name).is_file():
            yield from _marks(linter, folder / name)
    for rule in linter.rulebook.rules.values():
        if rule.pack == pack and not (NAME.match(Path(rule.file).stem) and NAME.match(pack)):
            hint = "Name folder and file in small letters, digits and _."
            yield _Found(Path(rule.file), (), "code", f"'{rule.id}' is no id: it follows from folder and file", hint)


PACKS: tuple[Callable[[_Linter, str], Iterator[_Found]], ...] = (_parameters, _metrics, _pack_files)


def _unused_sources(linter: _Linter) -> Iterator[_Found]:
    rulebook = linter.rulebook
    cited = {reference.source for rule in rulebook.rules.values() for reference in rule.references}
    cited |= {dated.citation.source for parameter in rulebook.parameters.values() for dated in parameter.values}
    cited |= {source for metric in rulebook.metrics.values() for source in re.split(r"[,;\s]+", metric.reference)}
    cited |= {source for scenario in rulebook.scenarios.all.values() for source, _ in scenario.references}
    cited |= {reference.source for episode in rulebook.scenarios.episodes for reference in episode.references}
    for id in rulebook.sources:
        if id not in cited:
            message = f"no rule, metric, parameter or scenario cites '{id}'"
            yield _Found(linter.root / "sources.yaml", (id,), "unused-source", message, "", True, "info")


def _unused_facts(linter: _Linter) -> Iterator[_Found]:
    read = {node.id for root in _roots(linter.rulebook) for node in walk(root) if isinstance(node, Fact)}
    for id in linter.rulebook.dictionary:
        section, name = id.split(".")
        if id not in read and section != "platform" and id not in linter.shown:
            file = linter.root / "facts" / f"{section}.yaml"
            yield _Found(file, (name,), "unused-fact", f"no rule reads '{id}'", "", True, "info")


# ---------------------------------------------------------------------------------------------- what the cases cover


def _names(_: _Linter, rule: Rule, tried: Sequence[_Tried]) -> Iterator[_Found]:
    first: dict[str, int] = {}
    for index, each in enumerate(tried):
        if each.case.name in first:
            message = f"'{each.case.name}' is the name of the case in line {tried[first[each.case.name]].case.line} too"
            yield _Found(test_file(rule), (index, "name"), "case-name", message, "Say what is special about it.")
        first.setdefault(each.case.name, index)


def _applies_by_kind(linter: _Linter, rule: Rule) -> dict[str, Truth]:
    return {kind: linter.applies(rule, setting) for kind, setting in linter.kinds.items()}


def _by_fact(linter: _Linter, rule: Rule) -> bool:
    """Whether something else than the kind can make the rule not apply."""
    return any(truth.is_open for truth in _applies_by_kind(linter, rule).values())


def _always_applies(linter: _Linter, rule: Rule) -> bool:
    return all(truth.surely_true for truth in _applies_by_kind(linter, rule).values())


def _withheld(each: _Tried, facts: Iterable[str]) -> bool:
    if each.setting is None:
        return False
    view = each.setting.facts.view
    return any(
        view.fact(id).status is Status.NOT_DISCLOSED for id in facts if view.dictionary[id].type != "table"
    ) or any(view.table(id).status is Status.NOT_DISCLOSED for id in facts if view.dictionary[id].type == "table")


def _unexamined(each: _Tried) -> bool:
    result = each.outcome.result
    reasons = set(result.open.values()) if result else set()
    return len(each.possible) > 1 and bool(reasons & {Reason.NOT_EXAMINED, Reason.APPLICABILITY})


@dataclass(frozen=True)
class _KindOfCase:
    """A kind of case that a rule must have: when, what counts as one, and what to write."""

    check: str
    needed: Callable[[_Linter, Rule], bool]
    met: Callable[[_Linter, Rule, _Tried], bool]
    message: str
    hint: str


KINDS_OF_CASE: tuple[_KindOfCase, ...] = (
    _KindOfCase(
        "case-pass",
        lambda _, __: True,
        lambda _, __, each: each.possible == {PASS},
        "no case passes",
        "Add a platform that meets the requirement.",
    ),
    _KindOfCase(
        "case-warn",
        lambda _, rule: rule.can_warn,
        lambda _, __, each: each.possible == {WARN} and not each.presumed,
        "no case warns on evidence",
        "Add facts between the two lines.",
    ),
    _KindOfCase(
        "case-fail",
        lambda _, rule: rule.can_fail,
        lambda _, __, each: each.possible == {FAIL} and not each.presumed,
        "no case fails on evidence",
        "Add facts beyond the failing line.",
    ),
    _KindOfCase(
        "case-not-examined",
        lambda _, __: True,
        lambda _, __, each: _unexamined(each),
        "no case leaves a fact unexamined",
        "Leave out every fact but platform.kind, or the one that matters, and expect all outcomes that stay possible.",
    ),
    _KindOfCase(
        "case-not-disclosed",
        lambda linter, rule: rule.silence != "unobserved" and bool(_can_be_withheld(linter, rule)),
        lambda linter, rule, each: _withheld(each, linter.rulebook.reads[rule.id]),
        "no case withholds a fact",
        "Add one with {status: not_disclosed} and what is presumed from it.",
    ),
    _KindOfCase(
        "case-not-applicable",
        lambda linter, rule: not _always_applies(linter, rule) and not _by_fact(linter, rule),
        lambda _, __, each: each.possible == {NOT_APPLICABLE},
        "no case lies outside applies_if",
        "Add a platform of another kind and expect {not_applicable: true}.",
    ),
    _KindOfCase(
        "case-not-applicable",
        _by_fact,
        lambda linter, rule, each: (
            each.possible == {NOT_APPLICABLE}
            and each.setting is not None
            and linter.applies(rule, linter.kinds[each.setting.kind]).is_open
        ),
        "no case lies outside applies_if because of a fact",
        "Add a platform of a kind that the rule is for, with the fact that takes it out.",
    ),
    _KindOfCase(
        "case-false-alarm",
        lambda _, __: True,
        lambda _, __, each: "false alarm" in each.case.name.casefold(),
        "no case is called a false alarm",
        "Add the honest platform of `false_alarms`, named 'false alarm - ...'.",
    ),
)


def _kinds_of_case(linter: _Linter, rule: Rule, tried: Sequence[_Tried]) -> Iterator[_Found]:
    for kind in KINDS_OF_CASE:
        if kind.needed(linter, rule) and not any(kind.met(linter, rule, each) for each in tried):
            yield _Found(test_file(rule), (), kind.check, kind.message, kind.hint)


@dataclass
class _Watcher(Interpreter):
    """An interpreter that notes which comparisons were met exactly: both sides known and equal."""

    watched: Mapping[int, Binary] = field(default_factory=dict)
    met: set[int] = field(default_factory=set)

    def evaluate(self, node: Node) -> Result:
        """The value of a typed tree, its comparisons watched."""
        result = super().evaluate(node)
        if (comparison := self.watched.get(id(node))) is not None:
            left, right = (super(_Watcher, self).evaluate(side).number for side in (comparison.left, comparison.right))
            if left.is_point and left == right:
                self.met.add(id(node))
        return result


def _comparisons(root: Node) -> list[Binary]:
    """The comparisons of numbers with a parameter; one that only says how far to look back is none."""
    return [
        node
        for node in walk(root)
        if isinstance(node, Binary)
        and node.op in COMPARISONS
        and _has_threshold(node)
        and node.left.type.kind == "number"
    ]


def _has_threshold(node: Node) -> bool:
    if isinstance(node, Call) and node.function == "was":
        return _has_threshold(node.arguments[0])
    return isinstance(node, Param) or any(_has_threshold(child) for child in node.children)


def _thresholds(linter: _Linter, pack: str, tried: Mapping[str, Sequence[_Tried]]) -> Iterator[_Found]:
    """Comparisons in a rule must be met by one of its cases, those in a metric by any case of its pack."""
    inner = {
        (id, index): _comparisons(formula.root)
        for id, metric in linter.rulebook.metrics.items()
        if id.split(".")[0] == pack
        for index, formula in enumerate(metric.formulas)
    }
    shared = {id(node): node for nodes in inner.values() for node in nodes}
    met: set[int] = set()
    for name, cases in tried.items():
        rule = linter.rulebook.rules[name]
        own = {key: _comparisons(expression.root) for key, expression in rule.conditions.items()}
        watched = shared | {id(node): node for nodes in own.values() for node in nodes}
        if not watched:
            continue
        for each in cases:
            if each.setting is not None:
                watcher = _Watcher(each.setting.program, each.setting.facts, watched=watched)
                applies = watcher.evaluate(rule.conditions["applies_if"].root).truth
                for condition in () if applies.surely_false else rule.conditions.values():
                    watcher.evaluate(condition.root)
                met |= watcher.met
        for key, nodes in own.items() if cases else ():
            for node in nodes:
                if id(node) not in met:
                    yield _Found(
                        test_file(rule), (), "case-threshold", f"no case lies exactly on {key}: {node.text}", _EXACTLY
                    )
    for (metric, index), nodes in inner.items():
        formulas = linter.rulebook.metrics[metric].formulas
        read = metric in linter.read_by_conditions and any(tried.values())
        for node in nodes if read else ():
            if id(node) not in met:
                short = metric.split(".")[1]
                place: Place = (short, "formula") if len(formulas) == 1 else (short, "formula", index)
                message = f"no case of the pack lies exactly on {node.text}"
                yield _Found(linter.folder(pack) / "metrics.yaml", place, "case-threshold", message, _EXACTLY)


_EXACTLY = (
    "Add a case whose two sides are equal to the last digit; where rounding prevents it, choose facts and `params` "
    "that are sums of powers of two (0.25, 0.0625)."
)


# ------------------------------------------------------------------------------------ what a rule does with worse facts


def _non_monotone(linter: _Linter, rule: Rule, tried: Sequence[_Tried]) -> Iterator[_Found]:
    """Moves each fact along its worse direction through the cases, and reports the first improvement of each fact."""
    settings = [each.setting for each in tried if each.setting is not None]
    settings.sort(key=lambda setting: -len(setting.given))
    settings += [s for kind, s in linter.kinds.items() if not linter.applies(rule, s).surely_false]
    ladders = {fact.id: _ladder(linter, rule, fact, settings) for fact in _directed(linter, rule)}
    spent, reported, seen = 0, set[str](), set[tuple[str, str, str]]()
    for setting in settings:
        for fact, ladder in ladders.items():
            if fact in reported or spent >= MAX_MOVES:
                continue
            rest = {id: value for id, value in setting.given.items() if id != fact}
            key = (fact, setting.key, json.dumps(rest, sort_keys=True, default=str))
            if key in seen:
                continue
            seen.add(key)
            spent += len(ladder)
            outcomes = [(value, linter.outcomes(rule, setting, fact, value)) for value in ladder]
            for (value, better), (further, after) in pairwise(outcomes):
                if better is None or after is None:
                    continue
                if min(after) < min(better) or max(after) < max(better):
                    reported.add(fact)
                    drops = NOT_APPLICABLE in after and NOT_APPLICABLE not in better
                    check = "applies-direction" if drops else "non-monotone"
                    message = (
                        f"a worse {fact} improves the outcome: {_value(value)} gives {_words(better)}, "
                        f"{_value(further)} gives {_words(after)}, all else as in {setting.name}"
                    )
                    hint = "Rewrite the condition, or restate the direction under `worse` and say in `rationale` why."
                    name = next(linter.conditions_through(rule, fact), "applies_if")
                    yield _Found(Path(rule.file), (name,), check, message, hint)
                    break


def _directed(linter: _Linter, rule: Rule) -> list[FactDef]:
    facts = (linter.rulebook.dictionary[id] for id in linter.rulebook.reads[rule.id])
    return [fact for fact in facts if fact.type != "table" and rule.worse.get(fact.id, fact.worse) != "none"]


def _ladder(linter: _Linter, rule: Rule, fact: FactDef, settings: Sequence[_Setting]) -> list[Value]:
    """Values of a fact from good to bad: its words, or numbers at, between and beyond those of cases and thresholds."""
    direction = rule.worse.get(fact.id, fact.worse)
    if fact.type == "bool":
        return [frozenset({direction == "lower"}), frozenset({direction == "higher"})]
    if fact.type == "enum":
        return [frozenset({word}) for word in fact.values]
    marks = {end for setting in settings for end in _ends(setting.facts.fact(fact.id, 0).value) if isfinite(end)}
    firm: set[float] = set()
    if fact.type == "number":
        unit = UNITS[fact.unit] if fact.unit else ()
        thresholds = (linter.rulebook.parameters[id] for id in linter.rulebook.parameters_of[rule.id])
        firm = {linter.program.params[p.id][0] for p in thresholds if UNITS[p.unit] == unit} | {0.0, *fact.range}
        firm |= {max(2 * max(marks, default=0.0), 1.0)}
        firm = {mark for mark in firm if isfinite(mark) and fact.range[0] <= mark <= fact.range[1]}
    ordered = sorted(firm | marks)
    between = {(low + high) / 2 for low, high in pairwise(ordered)}
    steps = sorted({*_thinned(firm, MAX_STEPS), *_thinned((marks | between) - firm, MAX_STEPS - len(firm))})
    return [point(step) for step in (steps if direction == "higher" else reversed(steps))]


def _ends(value: Value) -> tuple[float, ...]:
    return tuple(value) if isinstance(value, Interval) else ()


def _thinned(steps: set[float], most: int) -> list[float]:
    """At most so many of the values, spread evenly, the ends kept."""
    ordered, most = sorted(steps), max(most, 2)
    if len(ordered) <= most:
        return ordered
    return [ordered[round(index * (len(ordered) - 1) / (most - 1))] for index in range(most)]


def _value(value: Value) -> str:
    if isinstance(value, Interval):
        return f"{value.lo:g}"
    return ", ".join(str(word).lower() for word in value or ())


def _words(possible: Possible) -> str:
    return " or ".join(outcome.name for outcome in sorted(possible))
