"""One profile at many cuts: the verdict of an assessment on each, without its words, traces and numbers.

From one cut to the next little changes. What a rule says depends on nothing but the packs and what it asks of the
facts: the answers are kept with its result, and while every question has the same answer at another cut the result
stands.
An age alone is no answer; a fact that has grown too old is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from checker.assess.assess import program, rules_of_kind
from checker.assess.assessment import Assessment, Finding, Options, Question, Verdict
from checker.assess.bench import Bench
from checker.engine.coverage import NOT_DISCLOSED_SHARE
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Program
from checker.model.finding import Outcome
from checker.model.interval import Interval, Truth
from checker.model.profile import Profile
from checker.model.state import FactState, TableState
from checker.packs.rulebook import Rule, Rulebook

__all__ = ["Brief", "Series"]

NOT_APPLICABLE = Outcome.NOT_APPLICABLE
_Asked = tuple[Any, ...]
_T = TypeVar("_T")


@dataclass
class _Answers:
    """What the facts of one cut answer, in a form in which two cuts can be compared."""

    cut: Cut
    found: dict[_Asked, object] = field(default_factory=dict)

    def answer(self, asked: _Asked) -> object:
        """The answer to a question, without ages."""
        if asked[1] == NOT_DISCLOSED_SHARE:
            return self._ask(asked)
        if asked not in self.found:
            self.found[asked] = self._ask(asked)
        return self.found[asked]

    def _ask(self, asked: _Asked) -> object:
        method, *arguments = asked
        answer = getattr(self.cut, method)(*arguments)
        if isinstance(answer, FactState):
            return _ageless(answer)
        if isinstance(answer, TableState):
            rows = tuple(
                (row.label, row.entries, tuple((name, _ageless(cell)) for name, cell in row.cells.items()))
                for row in answer.rows
            )
            columns = tuple(sorted(answer.columns.items(), key=lambda column: column[0]))
            return answer.status, rows, answer.complete, answer.support, answer.rest, columns
        return answer


def _ageless(state: FactState) -> tuple[object, ...]:
    return (
        state.status,
        state.value,
        state.support,
        state.entries,
        state.stale,
        state.conflict,
        state.undated,
        state.rumour,
    )


@dataclass
class _Listened:
    """The facts of a cut, with every question that is asked of them kept."""

    cut: Cut
    asked: dict[_Asked, None] = field(default_factory=dict)

    def fact(self, id: str, shift: int) -> FactState:
        self.asked["fact", id, shift] = None
        return self.cut.fact(id, shift)

    def table(self, id: str, shift: int) -> TableState:
        self.asked["table", id, shift] = None
        return self.cut.table(id, shift)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        self.asked["reference", role, asset, shift] = None
        return self.cut.reference(role, asset, shift)

    def fiat(self, asset: str) -> bool | None:
        self.asked["fiat", asset] = None
        return self.cut.fiat(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        self.asked["days_before", ordinal, shift] = None
        return self.cut.days_before(ordinal, shift)


@dataclass(frozen=True)
class _Kept:
    """What something said, with what it asked of the facts and was answered."""

    said: Any
    told: tuple[tuple[_Asked, object], ...]

    def stands(self, answers: _Answers) -> bool:
        """Whether the facts of another cut answer the same."""
        return all(answers.answer(asked) == answer for asked, answer in self.told)


_Memory = dict[Hashable, _Kept]


class _Again(Bench):
    """A bench that takes over what was said at an earlier cut."""

    def __init__(
        self,
        profile: Profile,
        rulebook: Rulebook,
        options: Options,
        prepared: tuple[Program, list[Rule]],
        memory: _Memory,
    ) -> None:
        self._memory = memory
        self._answers: _Answers | None = None
        self.reused = 0
        super().__init__(profile, rulebook, options, prepared)

    def _said(self, key: Hashable, work: Callable[[RuleEngine], _T]) -> _T:
        """What some work on the facts gives, worked out again only if they answer it differently."""
        answers = self._answers = self._answers or _Answers(self.cut)
        kept = self._memory.get(key)
        if kept is not None and kept.stands(answers):
            self.reused += 1
        else:
            facts = _Listened(self.cut)
            said = work(RuleEngine(self.program, facts, self.dictionary))
            kept = self._memory[key] = _Kept(said, tuple((asked, answers.answer(asked)) for asked in facts.asked))
        found: _T = kept.said
        return found

    def _judged(self) -> dict[str, RuleResult]:
        first = {rule.id: self._rule(rule) for rule in self.rules if not self._asks_computed(rule)}
        self.cut.computed[NOT_DISCLOSED_SHARE] = self._share_of(first)
        return {rule.id: first.get(rule.id) or self._rule(rule) for rule in self.rules}

    def _rule(self, rule: Rule) -> RuleResult:
        return self._said(rule.id, lambda engine: engine.evaluate(rule, self.reads(rule)))

    def _share_of(self, first: Mapping[str, RuleResult]) -> Interval:
        """The withheld share, which hangs on how facts stand and on which rules apply."""
        facts = sorted({fact for rule in self.rules for fact in self.reads(rule)})
        how = tuple((NOT_APPLICABLE in result.possible, len(result.possible) == 1) for result in first.values())
        key = "share", tuple(self._status(fact) for fact in facts), how
        if key not in self._memory:
            self._memory[key] = _Kept(self.withheld().share(self.rules, first), ())
        share: Interval = self._memory[key].said
        return share

    def legs(self) -> dict[str, tuple[Truth, bool]]:
        """The structure leg of each trait of this kind."""
        traits = self.rulebook.scheme.traits
        return {
            name: self._said(("leg", trait.structure), lambda engine, leg=trait.structure: engine.leg(leg)[:2])  # type: ignore[misc]
            for name, trait in traits.items()
            if self.profile.kind in trait.kinds
        }

    def _immaterial(self, ways: frozenset[str]) -> bool:
        if "" in ways:
            return False

        def decided(engine: RuleEngine) -> bool:
            values = [engine.interpreter.metric(metric).value for metric in sorted(ways)]
            return all(
                not value.is_open if isinstance(value, Truth) else isinstance(value, Interval) and value.is_point
                for value in values
            )

        return self._said(("ways", ways), decided)

    def _arguments(self, rule: Rule, result: RuleResult) -> dict[str, object]:  # noqa: ARG002
        """No sentence about a single rule is told."""
        return {}


@dataclass(frozen=True)
class Brief:
    """The verdict at a cut.

    Attributes:
        assessment: An assessment of which only what the verdict and its words need is filled in.
        results: What every rule says.
    """

    assessment: Assessment
    results: Mapping[str, RuleResult]


class Series:
    """Judges one profile at one cut after another; the order of the cuts changes nothing but the time it takes.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: Changes to the packs, and for whom; the cut is set for each judgement.

    Attributes:
        reused: How often something said at an earlier cut could be taken over.
    """

    def __init__(self, profile: Profile, rulebook: Rulebook, options: Options) -> None:
        self.profile = profile
        self.rulebook = rulebook
        self.options = options
        self.reused = 0
        self._packs: dict[tuple[float, ...], tuple[tuple[Program, list[Rule]], _Memory]] = {}
        self._latest = None if options.parameters == "as-of" else self._prepared(None)

    def _prepared(self, as_of: str | None) -> tuple[tuple[Program, list[Rule]], _Memory]:
        """The packs compiled with the parameters in force, and what was said under the same parameters."""
        compiled = program(self.rulebook, as_of)
        key = tuple(value for value, _ in compiled.params.values())
        if key not in self._packs:
            self._packs[key] = (compiled, rules_of_kind(self.rulebook, self.profile.kind, compiled)), {}
        return self._packs[key]

    def at(self, as_of: date, known_by: date) -> Brief:
        """The verdict at a cut.

        Args:
            as_of: Day whose state is judged.
            known_by: Last day on which something could become known.
        """
        options = replace(self.options, as_of=as_of.isoformat(), known_by=known_by.isoformat())
        prepared, memory = self._latest or self._prepared(options.as_of)
        bench = _Again(self.profile, self.rulebook, options, prepared, memory)
        brief = Brief(_brief(bench), bench.results)
        self.reused += bench.reused
        return brief


def _brief(bench: Bench) -> Assessment:
    verdict = bench.verdict()
    named = {rule for constraint in verdict.constraints for rule in constraint.rules}
    waiting = dict.fromkeys(fact for result in bench.results.values() for fact in result.open)
    asked = [fact for fact in waiting if fact in bench.dictionary and not fact.startswith("platform.")]
    return bare(
        bench.profile.name,
        bench.profile.kind,
        bench.options,
        verdict,
        tuple(bench.finding(bench.results[rule]) for rule in bench.results if rule in named),
        sha256=bench.profile.sha256,
        questions=tuple(Question(fact, "", "", "", (), 0) for fact in asked),
    )


def bare(
    name: str,
    kind: str,
    options: Options,
    verdict: Verdict,
    findings: tuple[Finding, ...],
    *,
    sha256: str = "",
    questions: tuple[Question, ...] = (),
) -> Assessment:
    """An assessment of which only what a row of a batch needs is filled in.

    Args:
        name: The platform.
        kind: Its kind.
        options: The cut.
        verdict: The verdict.
        findings: Findings of the rules that limit the grade.
        sha256: Digest of the profile.
        questions: Unknown facts that keep a rule open.
    """
    return Assessment(
        program="",
        name=name,
        kind=kind,
        platform={},
        options=options,
        profile={"sha256": sha256} if sha256 else {},
        packs=(),
        data={},
        verdict=verdict,
        findings=findings,
        metrics=(),
        numbers=(),
        headline=(),
        precedent=None,
        workings=(),
        scenarios=(),
        parameters=(),
        rates=(),
        facts=(),
        tables=(),
        questions=questions,
        sources=(),
        bibliography=(),
        notes=(),
        warnings=(),
        newest_evidence=None,
        oldest_evidence_days=None,
    )
