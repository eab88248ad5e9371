"""One profile at one cut, judged again and again with some facts or thresholds changed.

The grade at both ends is the one that an assessment gives. A trial evaluates only the rules that read what was changed;
every other rule, metric and fact keeps what it said before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from checker.assess.assess import _Assessor, _OnlyKind, program, rules_of_kind
from checker.assess.assessment import Options
from checker.assess.verdict import VerdictEnd
from checker.engine.coverage import NOT_DISCLOSED_SHARE, Withheld
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter, Program
from checker.lang.tree import Column, Fact, Metric, Param, walk
from checker.model.finding import Grade, Outcome
from checker.model.interval import Interval, Truth
from checker.model.profile import Profile
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

__all__ = ["Bench", "Trial"]

NOT_APPLICABLE = frozenset({Outcome.NOT_APPLICABLE})


@dataclass(frozen=True)
class Trial:
    """What comes out of a trial.

    Attributes:
        results: What every rule of the kind says.
        legs: The structure leg of every trait: its truth, and whether only silence makes it true.
        best: The verdict at its best; None for a kind without a grade.
        worst: The verdict at its worst.
    """

    results: Mapping[str, RuleResult]
    legs: Mapping[str, tuple[Truth, bool]]
    best: VerdictEnd | None
    worst: VerdictEnd | None

    @property
    def grades(self) -> tuple[Grade, Grade] | None:
        """The grade at its best and at its worst."""
        return None if self.best is None or self.worst is None else (self.best.grade, self.worst.grade)

    def end(self, best: bool) -> VerdictEnd:
        """The verdict at one end, for a kind that has a grade."""
        end = self.best if best else self.worst
        assert end is not None
        return end


class Bench(_Assessor):
    """One profile at one cut, judged without words and traces.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
    """

    def __init__(self, profile: Profile, rulebook: Rulebook, options: Options) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.dictionary = rulebook.dictionary
        self.options = options
        self.view = View(
            profile, rulebook.dictionary, date.fromisoformat(options.as_of), date.fromisoformat(options.known_by)
        )
        self.program = program(rulebook, options.as_of if options.parameters == "as-of" else None)
        self.cut = Cut(self.view, rulebook.reference, reader=options.reader or {})
        self.engine = RuleEngine(self.program, self.cut, rulebook.dictionary)
        self.rules = rules_of_kind(rulebook, profile.kind, self.program)
        self.results = self._judged()
        self.complete_view = True

    @cached_property
    def now(self) -> Trial:
        """The verdict as it is."""
        return self._told(self.results, self.legs() if self.graded else {})

    @property
    def graded(self) -> bool:
        """Whether platforms of this kind get a grade."""
        scheme = self.rulebook.scheme
        told = sum(self.profile.kind in trait.kinds for trait in scheme.traits.values())
        return self.profile.kind in scheme.graded_kinds and told >= scheme.fewest_traits

    def _told(self, results: Mapping[str, RuleResult], legs: Mapping[str, tuple[Truth, bool]]) -> Trial:
        if not self.graded:
            return Trial(results, legs, None, None)
        before = self.results
        self.results = dict(results)
        try:
            best, worst = self.ends(legs)
        finally:
            self.results = before
        return Trial(results, legs, best, worst)

    # -- what reads what

    @cached_property
    def _behind(self) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
        """For each metric the facts and the parameters that it is computed from, through other metrics too."""
        found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

        def behind(id: str) -> tuple[frozenset[str], frozenset[str]]:
            if id not in found:
                facts: set[str] = set()
                parameters: set[str] = set()
                for formula in self.rulebook.metrics[id].formulas:
                    for node in walk(formula.root):
                        if isinstance(node, Fact):
                            facts.add(node.id)
                        elif isinstance(node, Param):
                            parameters.add(f"{node.pack}.{node.name}")
                        elif isinstance(node, Metric) or (isinstance(node, Column) and node.pack):
                            more = behind(f"{node.pack}.{node.name}")
                            facts |= more[0]
                            parameters |= more[1]
                found[id] = frozenset(facts), frozenset(parameters)
            return found[id]

        for id in self.rulebook.metrics:
            behind(id)
        return found

    @cached_property
    def _readers(self) -> Mapping[str, frozenset[str]]:
        """For each fact and each parameter the rules of this kind that read it."""
        found: dict[str, set[str]] = {}
        for rule in self.rules:
            for name in (*self.reads(rule), *self.rulebook.parameters_of[rule.id]):
                found.setdefault(name, set()).add(rule.id)
        return {name: frozenset(rules) for name, rules in found.items()}

    def readers(self, name: str) -> frozenset[str]:
        """The rules of this kind that read a fact or a parameter, through metrics too."""
        return self._readers.get(name, frozenset())

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts and tables that rules or structure legs of this kind read, in the order of the dictionary."""
        read = {fact for rule in self.rules for fact in self.reads(rule)}
        for name in self.now.legs:
            read |= self._behind[self.rulebook.scheme.traits[name].structure][0]
        return tuple(
            id
            for id in self.dictionary
            if id in read and not id.startswith("platform.") and self.dictionary[id].applies_to(self.profile.kind)
        )

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the verdict on this kind may depend on, sorted."""
        found = {id for rule in self.rules for id in self.rulebook.parameters_of[rule.id]}
        for name in self.now.legs:
            found |= self._behind[self.rulebook.scheme.traits[name].structure][1]
        return tuple(sorted(found))

    # -- trials

    def with_parameters(self, values: Mapping[str, float]) -> Trial:
        """The verdict with some parameters at other values.

        Args:
            values: By parameter id, in the parameter's unit.
        """
        params = self.program.params
        changed = {id: (value, params[id][1]) for id, value in values.items()}
        compiled = replace(self.program, params={**params, **changed})
        return self._tried(compiled, self.view, frozenset(values))

    def with_profile(self, profile: Profile, facts: Collection[str]) -> Trial:
        """The verdict on the profile with other histories of some facts.

        Args:
            profile: The changed profile, of the same kind.
            facts: The facts and tables in which it differs, those that another examination of a section touches too.
        """
        ids = frozenset(facts)
        return self._tried(self.program, _overlaid(self.view, profile, ids), ids)

    def _tried(self, compiled: Program, view: View, names: frozenset[str]) -> Trial:
        cut = Cut(view, self.rulebook.reference, reader=self.options.reader or {})
        engine = RuleEngine(compiled, cut, self.dictionary)
        self._keep(engine.interpreter, names)
        touched = frozenset[str]().union(*(self.readers(name) for name in names))
        results = dict(self.results)
        computing = []
        for rule in self.rules:
            if self._asks_computed(rule):
                computing.append(rule)
            elif rule.id in touched:
                results[rule.id] = engine.evaluate(rule, self.reads(rule))
        if computing:
            share = self._share(compiled, view, results, names)
            cut.computed[NOT_DISCLOSED_SHARE] = share
            moved = share != self.cut.computed[NOT_DISCLOSED_SHARE]
            for rule in computing:
                if moved or rule.id in touched:
                    results[rule.id] = engine.evaluate(rule, self.reads(rule))
        return self._told(results, self._legs(engine, names) if self.graded else {})

    def _keep(self, interpreter: Interpreter, names: frozenset[str]) -> None:
        """Hands on the value of every metric that nothing changed is behind."""
        for key, result in self.engine.interpreter._cache.items():
            facts, parameters = self._behind[key[0]]
            if names.isdisjoint(facts) and names.isdisjoint(parameters) and NOT_DISCLOSED_SHARE not in facts:
                interpreter._cache[key] = result

    def _legs(self, engine: RuleEngine, names: frozenset[str]) -> dict[str, tuple[Truth, bool]]:
        legs = dict(self.now.legs)
        for name in legs:
            structure = self.rulebook.scheme.traits[name].structure
            facts, parameters = self._behind[structure]
            if not (names.isdisjoint(facts) and names.isdisjoint(parameters)):
                truth, presumed, _ = engine.leg(structure)
                legs[name] = truth, presumed
        return legs

    def _share(
        self, compiled: Program, view: View, results: Mapping[str, RuleResult], names: Iterable[str]
    ) -> Interval:
        """The withheld share; worked out again only where a fact's status or a rule's being applied changed."""
        first = {id: result for id, result in results.items() if not self.rulebook.computed_of[id]}
        if all(_status(view, fact) is self._status(fact) for fact in names if fact in self.dictionary) and all(
            _applies(result) == _applies(self.results[id]) for id, result in first.items()
        ):
            return self.cut.computed[NOT_DISCLOSED_SHARE]
        of_kind = Interpreter(compiled, _OnlyKind(self.profile.kind, self.dictionary))
        withheld = Withheld(
            self.rulebook,
            self.profile.kind,
            lambda fact: _status(view, fact),
            lambda node: of_kind.evaluate(node).truth,
        )
        return withheld.share(self.rules, first)

    def rule(self, id: str) -> Rule:
        """A rule by its id."""
        return self.rulebook.rules[id]


def _applies(result: RuleResult) -> tuple[bool, bool]:
    return result.possible == NOT_APPLICABLE, Outcome.NOT_APPLICABLE in result.possible


def _status(view: View, fact: str) -> object:
    return view.table(fact).status if view.dictionary[fact].type == "table" else view.fact(fact).status


def _overlaid(view: View, profile: Profile, facts: frozenset[str]) -> View:
    """The view of a changed profile, which shares every state that the change leaves alone."""
    return View(
        profile,
        view.dictionary,
        view.as_of,
        view.known_by,
        {id: state for id, state in view._facts.items() if id not in facts},
        {id: state for id, state in view._tables.items() if id not in facts},
        {days: _overlaid(earlier, profile, facts) for days, earlier in view._earlier.items()},
    )
