"""How much a platform withholds: the share of its kind's critical facts that are not disclosed and not settled.

The critical facts of a kind are those its critical rules read, a fixed set; what anyone can see is left out, since
nobody can withhold it. One that is not disclosed counts unless it is settled: every critical rule that reads it does
not apply, or reads it through a metric that is told another way, that is by a formula whose facts are all reported.
Apart from which rules apply, only how facts stand decides that and never how good or bad they are, so that a worse fact
cannot shorten the list.

The share is an interval. At its lower end count the facts that are surely withheld whatever the unexamined ones turn
out to be; at its upper end also those that are not examined and that somebody could still find withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from checker.engine.rules import RuleResult
from checker.lang.tree import NOT_STATED, Column, Fact, Metric, Node, Ternary, walk
from checker.model.finding import Outcome
from checker.model.interval import FALSE, OPEN, TRUE, Interval, Truth
from checker.model.state import Status
from checker.packs.rulebook import Rule, Rulebook

NOT_DISCLOSED_SHARE = "coverage.not_disclosed_share"
_TOLD = {Status.NOT_EXAMINED: OPEN, Status.NOT_DISCLOSED: FALSE}


@dataclass
class Withheld:
    """The critical facts of one kind of platform, and which of them one profile withholds.

    Args:
        rulebook: The loaded packs.
        kind: The kind of platform.
        status: How a fact or table of the profile stands.
        by_kind: The truth of a condition as far as the kind alone decides it.
    """

    rulebook: Rulebook
    kind: str
    status: Callable[[str], Status]
    by_kind: Callable[[Node], Truth]
    _told: dict[str, Truth] = field(default_factory=dict)

    def share(self, rules: Iterable[Rule], results: Mapping[str, RuleResult]) -> Interval:
        """The share that is withheld, with what was not examined at its upper end.

        Args:
            rules: The rules of this kind.
            results: What each of them says; a rule without a result reads no fact.
        """
        critical: set[str] = set()
        surely: set[str] = set()
        possibly: set[str] = set()
        for rule in rules:
            if rule.severity != "critical":
                continue
            critical |= {f for f in self.rulebook.reads[rule.id] if self._counts(f) and not self._observable(f)}
            possible = results[rule.id].possible if rule.id in results else {Outcome.NOT_APPLICABLE}
            if possible == {Outcome.NOT_APPLICABLE}:
                continue
            needed = self._needed(rule, surely_told=True)
            possibly |= {f for f in needed if self.status(f) in (Status.NOT_DISCLOSED, Status.NOT_EXAMINED)}
            if Outcome.NOT_APPLICABLE not in possible:
                needed = self._needed(rule, surely_told=False)
                surely |= {f for f in needed if self.status(f) is Status.NOT_DISCLOSED}
        if not critical:
            return Interval(0.0, 0.0)
        return Interval(len(surely & critical) / len(critical), len((surely | possibly) & critical) / len(critical))

    def _counts(self, fact: str) -> bool:
        return not fact.startswith("platform.") and self.rulebook.dictionary[fact].applies_to(self.kind)

    def _observable(self, fact: str) -> bool:
        return self.rulebook.dictionary[fact].observable

    def _needed(self, rule: Rule, *, surely_told: bool) -> set[str]:
        """The facts a rule still needs, without those behind metrics that are surely (or possibly) told already."""
        facts: set[str] = set()
        seen: set[str] = set()
        todo: list[Node] = [expression.root for expression in rule.conditions.values()]
        while todo:
            node = todo.pop()
            if isinstance(node, Fact) and node.id not in NOT_STATED and self._counts(node.id):
                facts.add(node.id)
            elif isinstance(node, Metric):
                told = self._metric(f"{node.pack}.{node.name}")
                settled = told.surely_true if surely_told else not told.surely_false
                if not settled and f"{node.pack}.{node.name}" not in seen:
                    seen.add(f"{node.pack}.{node.name}")
                    todo += self._formulas(node)
            todo += self._parts(node)
        return facts

    def _formulas(self, node: Metric | Column) -> list[Node]:
        return [formula.root for formula in self.rulebook.metrics[f"{node.pack}.{node.name}"].formulas]

    def _parts(self, node: Node) -> Iterator[Node]:
        """What a node is made of, without the branch that this kind never takes."""
        if isinstance(node, Ternary):
            yield node.condition
            of_a_row = any(isinstance(part, Column) for part in walk(node.condition))
            taken = OPEN if of_a_row else self.by_kind(node.condition)
            if not taken.surely_false:
                yield node.then
            if not taken.surely_true:
                yield node.otherwise
        elif isinstance(node, Column) and node.pack:
            yield from self._formulas(node)
        else:
            yield from node.children

    def _metric(self, id: str) -> Truth:
        """Whether one of a metric's formulas has all its facts, or a model all its inputs."""
        if id not in self._told:
            metric = self.rulebook.metrics[id]
            told = [self._tells(formula.root) for formula in metric.formulas]
            if metric.model:
                told = [Truth(all(t.surely_true for t in told), any(t.surely_false for t in told))]
            self._told[id] = Truth(any(t.surely_true for t in told), all(t.surely_false for t in told))
        return self._told[id]

    def _tells(self, node: Node) -> Truth:
        """Whether every fact of an expression is reported."""
        if isinstance(node, Fact):
            return (
                _TOLD.get(self.status(node.id), TRUE) if node.id not in NOT_STATED and self._counts(node.id) else TRUE
            )
        parts = [self._metric(f"{node.pack}.{node.name}")] if isinstance(node, Metric) else []
        parts += [self._tells(part) for part in self._parts(node)]
        return Truth(all(t.surely_true for t in parts), any(t.surely_false for t in parts))
