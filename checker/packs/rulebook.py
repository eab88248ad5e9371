"""The loaded rulebook: rules, parameters, metrics, bibliography and verdict table, each checked and typed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

from checker.lang.polarity import signs
from checker.lang.tree import COMPUTED, NOT_STATED, READER, Column, Expression, Fact, Metric, Node, Param, walk
from checker.model.days import span, tells_later
from checker.model.errors import Fault, PackError, did_you_mean

if TYPE_CHECKING:
    from checker.model.dictionary import Dictionary
    from checker.packs.exposures import Exposures
    from checker.packs.meaning import Meaning
    from checker.packs.reference import Reference
    from checker.packs.scenarios import Scenarios
    from checker.packs.scheme import Scheme

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FRAGMENT = re.compile(r"\[([^\[\]]*)\]")
TEST = re.compile(r"\{([^{} ]+) is ([^{}]+)\}")
UNKNOWN = "unknown"
CONDITIONS = ("applies_if", "fail_if", "warn_if", "stop_if")


@dataclass(frozen=True)
class Citation:
    """A source of the bibliography and the place in it."""

    source: str
    locator: str = ""


@dataclass(frozen=True)
class Dated:
    """A value of a parameter from a day on, with its source."""

    since: str
    value: float
    citation: Citation
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """A threshold: its unit, legal or empirical basis, plausible range, and every dated value.

    `basis` is LAW, STD, EMP, DER, SEED or JDG as in the rulebook; `learned_from` names platforms whose failure gave the
    value, so that a back-test can leave it out.
    """

    id: str
    unit: str
    basis: str
    meaning: str
    range: tuple[float, float]
    learned_from: tuple[str, ...]
    values: tuple[Dated, ...]

    def at(self, day: str | None) -> Dated:
        """The value in force on a day (ISO date), or the latest one; before the first value, the first."""
        if day is None:
            return self.values[-1]
        held = [dated for dated in self.values if dated.since <= day]
        return held[-1] if held else self.values[0]


@dataclass(frozen=True)
class MetricDef:
    """A derived number or condition with the formulas that tell it, or a model with its inputs.

    Attributes:
        formulas: The expressions: alternatives that tell one quantity, or one for each input of the model.
        title: Its name among the printed numbers; empty where it is not printed.
        kinds: The kinds of platform for which it is printed; none named are all.
        needs: Metrics that facts must bound, and facts that must be reported, before it is printed.
        model: The function of `checker.metrics`, as `module.name`; empty where formulas tell it.
        inputs: Names of the model's inputs, in the order of `formulas`.
        signs: For each formula which way the result moves with it: 1, -1, or 0 where that depends.
        scenario: The scenario under which the model is asked, if it takes one.
        scenario_kind: `run`, `shock`, `depeg` or none.
        never: What it means that the result never comes about.
    """

    id: str
    unit: str
    kind: str
    worse: str
    meaning: str
    reference: str
    formulas: tuple[Expression, ...]
    apart: str = "range"
    over: str = ""
    variable: str = ""
    title: str = ""
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    model: str = ""
    inputs: tuple[str, ...] = ()
    signs: tuple[int, ...] = ()
    scenario: str = ""
    scenario_kind: str = ""
    never: str = ""

    @property
    def told_by(self) -> tuple[str, ...]:
        """The formulas as a reader sees them; a model as one call with its inputs."""
        texts = tuple(" ".join(formula.text.split()) for formula in self.formulas)
        if not self.model:
            return texts
        inputs = ", ".join(f"{name} = {text}" for name, text in zip(self.inputs, texts, strict=True))
        return (f"{self.model}({inputs})" + (f" in {self.scenario}" if self.scenario else ""),)


@dataclass(frozen=True)
class Rule:
    """A requirement over facts, metrics and parameters."""

    id: str
    pack: str
    code: str
    title: str
    question: str
    since: str
    severity: str
    silence: str
    conditions: Mapping[str, Expression]
    worse: Mapping[str, str]
    rationale: str
    case: str
    false_alarms: str
    ask: str
    references: tuple[Citation, ...]
    message: Mapping[str, str]
    file: str

    @property
    def can_fail(self) -> bool:
        """Whether FAIL is among its outcomes."""
        return "fail_if" in self.conditions or "stop_if" in self.conditions

    @property
    def can_warn(self) -> bool:
        """Whether WARN is among its outcomes."""
        return "warn_if" in self.conditions


@dataclass(frozen=True)
class Pack:
    """A folder of rules with its version and the hash of everything in it that counts."""

    id: str
    title: str
    group: str
    version: str
    summary: str
    sha256: str
    shipped: bool = True


def slot(placeholder: str) -> tuple[str, tuple[str, ...]]:
    """What a placeholder of a message names, and the words it is tested for; none where its value is printed.

    >>> slot("offered_spread"), slot("governance.withdrawals_status is delayed or limited")
    (('offered_spread', ()), ('governance.withdrawals_status', ('delayed', 'limited')))
    """
    name, _, words = placeholder.partition(" is ")
    return name, tuple(words.split(" or ")) if words else ()


@dataclass(frozen=True)
class SourceDef:
    """An entry of the bibliography; `status` is V (seen), V2 (seen in a secondary text) or M (from memory).

    `date` is the day of publication, or its month or year where no more is known. `remarks` are what is told of the
    work only from a day on, such as its revision.
    """

    id: str
    title: str
    issuer: str
    date: str
    article: str
    remarks: tuple[tuple[str, str], ...]
    says: str
    url: tuple[str, ...]
    status: str
    unverified: str

    def later(self, cut: datetime.date) -> bool:
        """Whether it may have appeared after a day; one without a date is taken by what its title names."""
        if self.date:
            return span(self.date)[1] > cut
        return tells_later(f"{self.title} {self.issuer} {self.article}", cut)

    def address(self, cut: datetime.date) -> str:
        """The first web address that names nothing later than a day."""
        return next((url for url in self.url if not tells_later(url, cut)), "")

    def places(self, cut: datetime.date) -> str:
        """Where in the work, with the remarks that had come to be so by a day."""
        return "; ".join(filter(None, [self.article, *(text for day, text in self.remarks if span(day)[1] <= cut)]))


@dataclass(frozen=True)
class Rulebook:
    """All packs together."""

    dictionary: Dictionary
    reference: Reference
    packs: Mapping[str, Pack]
    rules: Mapping[str, Rule]
    parameters: Mapping[str, Parameter]
    metrics: Mapping[str, MetricDef]
    sources: Mapping[str, SourceDef]
    scheme: Scheme
    banners: Mapping[str, Expression]
    scenarios: Scenarios
    meaning: Meaning | None = None
    exposures: Exposures | None = None
    overrides: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def reads(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """For each rule the facts it reads, each with the metrics it is read through; "" where directly."""
        return {
            id: {fact: ways for fact, ways in inputs.items() if fact not in NOT_STATED}
            for id, inputs in self._inputs.items()
        }

    @cached_property
    def computed_of(self) -> Mapping[str, frozenset[str]]:
        """For each rule the computed inputs it reads; one that reads any is judged after all that read none."""
        return {id: frozenset(inputs.keys() & COMPUTED.keys()) for id, inputs in self._inputs.items()}

    @cached_property
    def _inputs(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        return {rule.id: self._inputs_of(rule) for rule in self.rules.values()}

    def _inputs_of(self, rule: Rule) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for expression in rule.conditions.values():
            self._collect(expression.root, "", found, set())
        return {fact: frozenset(ways) for fact, ways in sorted(found.items())}

    def _collect(self, root: Node, way: str, found: dict[str, set[str]], seen: set[tuple[str, str]]) -> None:
        for node in walk(root):
            if isinstance(node, Fact):
                found.setdefault(node.id, set()).add(way)
            elif isinstance(node, Metric) or (isinstance(node, Column) and node.pack):
                metric = self.metrics[f"{node.pack}.{node.name}"]
                inner = way if metric.over else metric.id
                if (metric.id, inner) not in seen:
                    seen.add((metric.id, inner))
                    for formula in metric.formulas:
                        self._collect(formula.root, inner, found, seen)

    @cached_property
    def reader_of(self) -> Mapping[str, frozenset[str]]:
        """For each rule what it reads about the person who asks."""
        return {id: frozenset(inputs.keys() & READER.keys()) for id, inputs in self._inputs.items()}

    @cached_property
    def behind(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        """For each metric the facts behind each of its formulas, through other metrics too."""
        found: dict[str, tuple[frozenset[str], ...]] = {}
        for id, metric in self.metrics.items():
            of_formulas: list[frozenset[str]] = []
            for formula in metric.formulas:
                facts: dict[str, set[str]] = {}
                self._collect(formula.root, "", facts, set())
                of_formulas.append(frozenset(facts))
            found[id] = tuple(of_formulas)
        return found

    @cached_property
    def parameters_of(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule the parameters it reads, through metrics too."""
        return {rule.id: tuple(sorted(self._names_of(rule, Param))) for rule in self.rules.values()}

    @cached_property
    def metrics_of(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule the metrics it reads, through other metrics too (computed columns left out)."""
        return {
            rule.id: tuple(sorted(id for id in self._names_of(rule, Metric) if not self.metrics[id].over))
            for rule in self.rules.values()
        }

    def _names_of(self, rule: Rule, kind: type[Param] | type[Metric]) -> set[str]:
        found: set[str] = set()
        todo = [expression.root for expression in rule.conditions.values()]
        seen: set[str] = set()
        while todo:
            for node in walk(todo.pop()):
                if isinstance(node, kind):
                    found.add(f"{node.pack}.{node.name}")
                if isinstance(node, Metric) or (isinstance(node, Column) and node.pack):
                    id = f"{node.pack}.{node.name}"
                    if id not in seen:
                        seen.add(id)
                        todo.extend(formula.root for formula in self.metrics[id].formulas)
        return found

    def _signed(self, id: str) -> list[tuple[Expression, int]]:
        metric = self.metrics[id]
        return list(zip(metric.formulas, metric.signs or (1,) * len(metric.formulas), strict=True))

    def strictness(self, parameter: str) -> int:
        """What raising a parameter does: 1 makes rules stricter, -1 looser, 0 if it does both or nothing."""
        found: set[int] = set()
        for rule in self.rules.values():
            if parameter in self.parameters_of[rule.id]:
                for expression in rule.conditions.values():
                    found |= signs(expression.root, parameter, self._signed)
        return found.pop() if len(found) == 1 else 0


def changed(rulebook: Rulebook, overrides: Mapping[str, float]) -> Rulebook:
    """The rulebook with parameters set by the user, by `pack.name`.

    Raises:
        PackError: unknown parameters and values that are not finite, all at once.
    """
    faults: list[Fault] = []
    for id, value in overrides.items():
        if id not in rulebook.parameters:
            faults.append(Fault("--set", f"unknown parameter '{id}'", did_you_mean(id, rulebook.parameters)))
        elif not isfinite(value):
            faults.append(Fault("--set", f"'{id}' is set to {value}, which is no number to compare with"))
    if faults:
        raise PackError(faults)
    return replace(rulebook, overrides=dict(overrides))
