"""One profile at one cut, judged again and again with some facts or thresholds changed.

The grade at both ends is the one that an assessment gives. A trial evaluates only the rules that read what was changed;
every other rule, metric and fact keeps what it said before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from checker.assess.assess import _Assessor, _OnlyKind, program, rules_of_kind
from checker.assess.assessment import Options
from checker.assess.verdict import Leg, RuleEnd, VerdictEnd, verdict_end
from checker.engine.coverage import NOT_DISCLOSED_SHARE, Withheld
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter, Program
from checker.lang.tree import Column, Fact, Metric, Param, walk
from checker.model.finding import Grade, Outcome
from checker.model.interval import Interval, Truth
from checker.model.profile import Profile
from checker.model.state import Status
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

__all__ = ["Bench", "Trial", "prepare"]

NOT_APPLICABLE = frozenset({Outcome.NOT_APPLICABLE})
_T = TypeVar("_T")


def prepare(kind: str, rulebook: Rulebook, options: Options) -> tuple[Program, list[Rule]]:
    """The packs compiled with the parameters in force, and the rules of a kind of platform."""
    compiled = program(rulebook, options.as_of if options.parameters == "as-of" else None)
    return compiled, rules_of_kind(rulebook, kind, compiled)


class Trial:
    """What comes out of a trial.

    Args:
        bench: Where it was tried.
        results: What every rule of the kind says.
        legs: The structure leg of every trait: its truth, and whether only silence makes it true.
    """

    def __init__(self, bench: Bench, results: Mapping[str, RuleResult], legs: Mapping[str, tuple[Truth, bool]]) -> None:
        self.bench, self.results, self.legs = bench, results, legs
        self._ends: dict[bool, VerdictEnd] = {}

    def end(self, best: bool) -> VerdictEnd:
        """The verdict at its best or at its worst, for a kind that has a grade."""
        if best not in self._ends:
            self._ends[best] = self.bench.one_end(self.results, self.legs, best)
        return self._ends[best]

    @property
    def grades(self) -> tuple[Grade, Grade] | None:
        """The grade at its best and at its worst; None for a kind without a grade."""
        return (self.end(True).grade, self.end(False).grade) if self.bench.graded else None


class Bench(_Assessor):
    """One profile at one cut, judged without words and traces.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: The cut and any changes to the packs.
        prepared: Compiled packs and the rules of this kind of platform, where they are at hand already.
    """

    def __init__(
        self,
        profile: Profile,
        rulebook: Rulebook,
        options: Options,
        prepared: tuple[Program, list[Rule]] | None = None,
    ) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.dictionary = rulebook.dictionary
        self.options = options
        self.view = View(
            profile, rulebook.dictionary, date.fromisoformat(options.as_of), date.fromisoformat(options.known_by)
        )
        compiled, rules = prepared or prepare(profile.kind, rulebook, options)
        self.program = compiled
        self.cut = Cut(self.view, rulebook.reference, reader=options.reader or {})
        self.engine = RuleEngine(self.program, self.cut, rulebook.dictionary)
        self.rules = rules
        self.results = self._judged()
        self.complete_view = True
        self._memo: dict[Hashable, object] = {}
        self._reading: dict[str, frozenset[str]] = {}
        self._rule_ends: dict[tuple[int, bool], tuple[RuleResult, RuleEnd]] = {}

    @cached_property
    def now(self) -> Trial:
        """The verdict as it is."""
        return Trial(self, self.results, self.legs() if self.graded else {})

    @property
    def graded(self) -> bool:
        """Whether platforms of this kind get a grade."""
        scheme = self.rulebook.scheme
        told = sum(self.profile.kind in trait.kinds for trait in scheme.traits.values())
        return self.profile.kind in scheme.graded_kinds and told >= scheme.fewest_traits

    def one_end(
        self, results: Mapping[str, RuleResult], legs: Mapping[str, tuple[Truth, bool]], best: bool
    ) -> VerdictEnd:
        """One end of the verdict from what rules and legs say."""
        sides = {
            name: Leg(truth.surely_true if best else not truth.surely_false, presumed)
            for name, (truth, presumed) in legs.items()
        }
        ends = {id: self.rule_end(result, best) for id, result in results.items()}
        return verdict_end(self.rulebook.scheme, sides, ends, best=best)

    def rule_end(self, result: RuleResult, best: bool) -> RuleEnd:
        """What a rule contributes at one end."""
        key = id(result), best
        if key not in self._rule_ends:
            self._rule_ends[key] = result, self._rule_end(result, best)
        return self._rule_ends[key][1]

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
        return self._tried(values, compiled, lambda: self.view)

    def with_facts(self, versions: Mapping[str, Hashable], profile: Callable[[], Profile]) -> Trial:
        """The verdict on a changed profile; what a rule says of the same versions of its facts is worked out once.

        Args:
            versions: By fact or table, something that tells what it says there from what it says elsewhere.
            profile: Gives the changed profile, of the same kind, which differs in those facts only.
        """
        return self._tried(versions, self.program, lambda: _overlaid(self.view, profile(), frozenset(versions)))

    def _tried(self, versions: Mapping[str, Hashable], compiled: Program, view: Callable[[], View]) -> Trial:
        names = frozenset(versions)
        made: list[RuleEngine] = []

        def engine() -> RuleEngine:
            if not made:
                cut = Cut(view(), self.rulebook.reference, reader=self.options.reader or {})
                made.append(RuleEngine(compiled, cut, self.dictionary))
                self._keep(made[0].interpreter, names)
            return made[0]

        touched = frozenset[str]().union(*(self.readers(name) for name in names))
        results = dict(self.results)
        computing = [rule for rule in self.rules if self._asks_computed(rule)]
        for id in touched:
            if not self.rulebook.computed_of[id]:
                results[id] = self._once(id, versions, (), self._judging(engine, id))
        if computing:
            share = self._share(versions, results, compiled, engine)
            for rule in computing:
                if rule.id in touched or share != self.cut.computed[NOT_DISCLOSED_SHARE]:
                    results[rule.id] = self._once(rule.id, versions, (share,), self._judging(engine, rule.id, share))
        legs = dict(self.now.legs)
        for name in legs:
            structure = self.rulebook.scheme.traits[name].structure
            if not all(names.isdisjoint(behind) for behind in self._behind[structure]):
                legs[name] = self._once(structure, versions, (), self._standing(engine, structure))
        return Trial(self, results, legs)

    def _judging(
        self, engine: Callable[[], RuleEngine], id: str, share: Interval | None = None
    ) -> Callable[[], RuleResult]:
        """The work of judging one rule; `share` is how much is withheld, for a rule that reads it."""

        def judged() -> RuleResult:
            used = engine()
            if share is not None:
                assert isinstance(used.facts, Cut)
                used.facts.computed[NOT_DISCLOSED_SHARE] = share
            return used.evaluate(self.rule(id), self.rulebook.reads[id])

        return judged

    def _standing(self, engine: Callable[[], RuleEngine], structure: str) -> Callable[[], tuple[Truth, bool]]:
        """The work of judging one structure leg."""

        def stood() -> tuple[Truth, bool]:
            truth, presumed, _ = engine().leg(structure)
            return truth, presumed

        return stood

    def _once(
        self, name: str, versions: Mapping[str, Hashable], also: tuple[Hashable, ...], work: Callable[[], _T]
    ) -> _T:
        """What a rule or structure leg says, worked out once for the same versions of what it reads."""
        read = self._read_by(name)
        key = name, also, tuple((fact, versions[fact]) for fact in sorted(read.intersection(versions)))
        if key not in self._memo:
            self._memo[key] = work()
        return self._memo[key]  # type: ignore[return-value]

    def _read_by(self, name: str) -> frozenset[str]:
        """The facts and parameters behind a rule or a structure leg."""
        if name not in self._reading:
            rule = name in self.rulebook.rules
            self._reading[name] = (
                frozenset((*self.rulebook.reads[name], *self.rulebook.parameters_of[name]))
                if rule
                else self._behind[name][0] | self._behind[name][1]
            )
        return self._reading[name]

    def _keep(self, interpreter: Interpreter, names: frozenset[str]) -> None:
        """Hands on the value of every metric that nothing changed is behind."""
        for key, result in self.engine.interpreter._cache.items():
            facts, parameters = self._behind[key[0]]
            if names.isdisjoint(facts) and names.isdisjoint(parameters) and NOT_DISCLOSED_SHARE not in facts:
                interpreter._cache[key] = result

    def _share(
        self,
        versions: Mapping[str, Hashable],
        results: Mapping[str, RuleResult],
        compiled: Program,
        engine: Callable[[], RuleEngine],
    ) -> Interval:
        """The withheld share; worked out again only where a fact's status or a rule's being applied changed."""
        first = {id: result for id, result in results.items() if not self.rulebook.computed_of[id]}
        applied = tuple(id for id, result in first.items() if _applies(result) != _applies(self.results[id]))
        how = tuple(_applies(first[id]) for id in applied)
        stated = [fact for fact in versions if fact in self.dictionary]
        set_apart = tuple((name, versions[name]) for name in sorted(versions) if name not in self.dictionary)
        key = "", applied, how, set_apart, tuple((fact, versions[fact]) for fact in sorted(stated))
        if key not in self._memo:
            facts = engine().facts if stated else self.cut
            assert isinstance(facts, Cut)
            if any(_status(facts.view, fact) is not self._status(fact) for fact in stated):
                self._memo[key] = self._withheld_share(facts.view, first, compiled)
            else:
                as_stated = "", applied, how, set_apart, ()
                if as_stated not in self._memo:
                    now = self.cut.computed[NOT_DISCLOSED_SHARE]
                    self._memo[as_stated] = now if not applied else self._withheld_share(self.view, first, compiled)
                self._memo[key] = self._memo[as_stated]
        return self._memo[key]  # type: ignore[return-value]

    def _withheld_share(self, view: View, results: Mapping[str, RuleResult], compiled: Program) -> Interval:
        of_kind = Interpreter(compiled, _OnlyKind(self.profile.kind, self.dictionary))
        withheld = Withheld(
            self.rulebook,
            self.profile.kind,
            lambda fact: _status(view, fact),
            lambda node: of_kind.evaluate(node).truth,
        )
        return withheld.share(self.rules, results)

    def rule(self, id: str) -> Rule:
        """A rule by its id."""
        return self.rulebook.rules[id]

    def behind(self, metric: str) -> frozenset[str]:
        """The facts that a metric is computed from, through other metrics too."""
        return self._behind[metric][0]

    def status(self, fact: str) -> Status:
        """How a fact or table of the profile stands."""
        return self._status(fact)


def _applies(result: RuleResult) -> tuple[bool, bool]:
    return result.possible == NOT_APPLICABLE, Outcome.NOT_APPLICABLE in result.possible


def _status(view: View, fact: str) -> Status:
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
