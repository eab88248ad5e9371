"""One profile at many cuts: the same verdict as an assessment, without its words, traces and numbers.

A look back asks for the verdict on a thousand platform-days. What is the same on all of them is prepared once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from checker.assess.assess import _Assessor, program, rules_of_kind
from checker.assess.assessment import Coverage, Options, Verdict
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.engine.scalar import Program
from checker.model.finding import Outcome
from checker.model.profile import Profile
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

__all__ = ["Judge", "Judgement"]


@dataclass(frozen=True)
class Judgement:
    """The verdict at one cut.

    Attributes:
        verdict: Both ends with coverage, stops and the rules that decide.
        fails: Rules that surely fail, in order of their ids.
        warns: Rules that surely warn.
        applying: Rules that do not surely fail to apply.
    """

    verdict: Verdict
    fails: tuple[str, ...]
    warns: tuple[str, ...]
    applying: tuple[str, ...]

    @property
    def coverage(self) -> Coverage:
        """How much is known."""
        return self.verdict.coverage


class Judge:
    """Judges one profile at any day with what was public on that day.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
    """

    def __init__(self, profile: Profile, rulebook: Rulebook) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self._programs: dict[tuple[tuple[str, float], ...], tuple[Program, list[Rule]]] = {}
        self._latest = self._prepared(None)
        self._told: dict[tuple[date, int, frozenset[str]], tuple[Judgement, Judgement]] = {}

    def _prepared(self, as_of: str | None) -> tuple[Program, list[Rule]]:
        compiled = program(self.rulebook, as_of)
        key = tuple((id, value) for id, (value, _) in compiled.params.items())
        if key not in self._programs:
            self._programs[key] = compiled, rules_of_kind(self.rulebook, self.profile.kind, compiled)
        return self._programs[key]

    def at(
        self, day: date, *, parameters: str = "latest", without: Collection[str] = ()
    ) -> tuple[Judgement, Judgement]:
        """The verdict at a day, and the same without some rules.

        Args:
            day: The day that is judged, with what was public on it.
            parameters: `latest`, or `as-of` for the values in force on that day.
            without: Ids of the rules that the second verdict leaves out.
        """
        compiled, rules = self._prepared(day.isoformat()) if parameters == "as-of" else self._latest
        left_out = frozenset(without)
        key = day, id(compiled), left_out
        if key not in self._told:
            whole = _Quick(self.profile, self.rulebook, day, parameters, compiled, rules)
            judgement = whole.judgement()
            touched = left_out & whole.results.keys()
            self._told[key] = judgement, whole.without(touched) if touched else judgement
        return self._told[key]

    def known(self, rules: Collection[str], day: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The facts behind some rules at a day: all that have an entry then, and those of which one was new that day.

        Args:
            rules: Ids of rules.
            day: The day, with what was public on it.
        """
        view = View(self.profile, self.rulebook.dictionary, day, day)
        reads = sorted({fact for rule in rules for fact in self.rulebook.reads[rule]})
        known: list[str] = []
        new: list[str] = []
        for fact in reads:
            table = self.profile.tables.get(fact)
            entries = [*self.profile.facts.get(fact, ())] if table is None else [*table.rows, *table.complete]
            held = [entry for entry in entries if view.holds(entry)]
            if held and not fact.startswith("platform."):
                known.append(fact)
                if any(entry.known_on == day for entry in held):
                    new.append(fact)
        return tuple(known), tuple(new)

    def unknown(self, day: date, most: int = 5) -> tuple[str, ...]:
        """The facts that keep the most critical rules open at a day, the first to ask for."""
        compiled, rules = self._latest
        return _Quick(self.profile, self.rulebook, day, "latest", compiled, rules).unknown()[:most]


class _Quick(_Assessor):
    """The verdict of an assessment and nothing else."""

    def __init__(
        self, profile: Profile, rulebook: Rulebook, day: date, parameters: str, compiled: Program, rules: list[Rule]
    ) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.dictionary = rulebook.dictionary
        self.options = Options(day.isoformat(), day.isoformat(), parameters, dict(rulebook.overrides))
        self.view = View(profile, rulebook.dictionary, day, day)
        self.program = compiled
        self.cut = Cut(self.view, rulebook.reference)
        self.engine = RuleEngine(compiled, self.cut, rulebook.dictionary)
        self.rules = rules
        self.results = self._judged()
        self.complete_view = True

    def judgement(self) -> Judgement:
        """The verdict with what is certain of each rule."""
        surely = {
            outcome: tuple(sorted(id for id, r in self.results.items() if r.possible == {outcome}))
            for outcome in (Outcome.FAIL, Outcome.WARN, Outcome.NOT_APPLICABLE)
        }
        out = set(surely[Outcome.NOT_APPLICABLE])
        applying = tuple(sorted(self.results.keys() - out))
        return Judgement(self.verdict(), surely[Outcome.FAIL], surely[Outcome.WARN], applying)

    def without(self, rules: Collection[str]) -> Judgement:
        """The judgement as if some rules did not exist."""
        self.rules = [rule for rule in self.rules if rule.id not in rules]
        self.results = {id: result for id, result in self.results.items() if id not in rules}
        return self.judgement()

    def unknown(self) -> tuple[str, ...]:
        """Every open fact, those that keep the most critical rules open first."""
        return tuple(question.fact for question in self.questions([*map(self.finding, self.results.values())]))
