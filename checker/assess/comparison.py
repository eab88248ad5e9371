"""Two to six platforms side by side, at the same cut and under the same rules.

Nothing is added up and nobody is ranked by a number. A platform is called safer than another only where the worst it
may be is better than the best the other may be; else the ranges overlap and the two cannot be told apart. The same
holds trait by trait and rule by rule, and a difference that comes from what is unknown is never mixed with one that is
sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

from checker.assess.assessment import Assessment, Finding
from checker.model.finding import Outcome

FEWEST, MOST = 2, 6
_HARM = {Outcome.NOT_APPLICABLE: 0, Outcome.PASS: 0, Outcome.WARN: 1, Outcome.FAIL: 2}
_SEVERITIES = ("critical", "major", "minor")


class Order(Enum):
    """How the first of a pair stands to the second.

    Attributes:
        SAFER: The worst it may be is better than the best the other may be.
        RISKIER: The reverse.
        NO_WORSE: The worst it may be equals the best the other may be.
        NO_BETTER: The reverse.
        SAME: Both are certain and equal.
        OPEN: The ranges overlap: they cannot be told apart.
        NONE: One of them has nothing to compare.
    """

    SAFER = "safer"
    RISKIER = "riskier"
    NO_WORSE = "no_worse"
    NO_BETTER = "no_better"
    SAME = "same"
    OPEN = "open"
    NONE = "none"


class Difference(Enum):
    """Why the outcomes of a rule differ.

    Attributes:
        SURE: They have no outcome in common, whatever the unknown facts turn out to be.
        SILENT: They have none in common, but one of them is presumed from silence.
        UNKNOWN: They may be the same yet.
        BOTH_OPEN: The same outcomes are possible for all, and more than one.
        SAME: They are the same; a rule that does not apply harms as little as one that passes.
        ALONE: The rule is asked of one of them only.
    """

    SURE = "sure"
    SILENT = "silent"
    UNKNOWN = "unknown"
    BOTH_OPEN = "both_open"
    SAME = "same"
    ALONE = "alone"


@dataclass(frozen=True)
class Pair:
    """Two of the platforms, by place.

    Attributes:
        first: Place of the first.
        second: Place of the second.
        grade: How their grades stand.
        traits: How each trait stands; a trait that does not apply to one of them is NONE.
        rules: How many rules differ, by why.
        flattered: The one that may come out better, or worse, and of which less is known; None where neither is.
    """

    first: int
    second: int
    grade: Order
    traits: Mapping[str, Order]
    rules: Mapping[Difference, int]
    flattered: int | None

    @property
    def only_knowledge(self) -> bool:
        """Whether nothing surely differs: neither grade nor trait nor any rule that is asked of both."""
        apart = {Order.SAFER, Order.RISKIER, Order.NONE}
        return not (
            self.grade in apart
            or apart & {*self.traits.values()} - {Order.NONE}
            or self.rules[Difference.SURE]
            or self.rules[Difference.SILENT]
        )


@dataclass(frozen=True)
class RuleLine:
    """A rule with its outcome for each platform; None where it is not asked of that kind."""

    rule: str
    code: str
    severity: str
    title: str
    findings: tuple[Finding | None, ...]
    difference: Difference


@dataclass(frozen=True)
class DecidingQuestion:
    """A question whose answer could tell the platforms apart.

    Attributes:
        fact: The fact.
        ask: The question.
        platforms: Of whom it is to be asked.
        rules: Codes of the rules on which they may differ and that it holds open.
        critical: How many of those are critical.
    """

    fact: str
    ask: str
    platforms: tuple[int, ...]
    rules: tuple[str, ...]
    critical: int


@dataclass(frozen=True)
class Comparison:
    """The platforms in the order given, and what lies between them.

    Attributes:
        assessments: The platforms.
        pairs: Every pair, in order.
        rules: Every rule that is asked of any of them: surely different ones first.
        questions: Questions that could tell them apart, those that hold most open first.
    """

    assessments: tuple[Assessment, ...]
    pairs: tuple[Pair, ...]
    rules: tuple[RuleLine, ...]
    questions: tuple[DecidingQuestion, ...]

    def lines(self, difference: Difference) -> tuple[RuleLine, ...]:
        """The rules that differ for this reason."""
        return tuple(line for line in self.rules if line.difference is difference)


def order(first: tuple[int, int] | None, second: tuple[int, int] | None) -> Order:
    """How two ranges from best to worst stand to each other; less is better.

    >>> order((1, 2), (4, 5)), order((0, 5), (4, 5)), order((0, 3), (3, 5))
    (<Order.SAFER: 'safer'>, <Order.OPEN: 'open'>, <Order.NO_WORSE: 'no_worse'>)
    """
    if first is None or second is None:
        return Order.NONE
    if first == second and first[0] == first[1]:
        return Order.SAME
    if first[1] < second[0]:
        return Order.SAFER
    if second[1] < first[0]:
        return Order.RISKIER
    if first[1] == second[0]:
        return Order.NO_WORSE
    return Order.NO_BETTER if second[1] == first[0] else Order.OPEN


def _between(first: Finding | None, second: Finding | None) -> Difference:
    """Why the outcomes of two findings of one rule differ."""
    if first is None or second is None:
        return Difference.ALONE
    harms = [{_HARM[outcome] for outcome in finding.possible} for finding in (first, second)]
    if harms[0] == harms[1]:
        return Difference.SAME if len(harms[0]) == 1 else Difference.BOTH_OPEN
    if harms[0] & harms[1] or first.rumoured or second.rumoured:
        return Difference.UNKNOWN
    return Difference.SILENT if first.presumed or second.presumed else Difference.SURE


_WEIGHT = (
    Difference.SURE,
    Difference.SILENT,
    Difference.UNKNOWN,
    Difference.BOTH_OPEN,
    Difference.SAME,
    Difference.ALONE,
)


def compare(assessments: Sequence[Assessment]) -> Comparison:
    """What lies between platforms that were judged at the same cut under the same rules.

    Args:
        assessments: Two to six, in the order in which they are to stand.

    Raises:
        ValueError: They are too few or too many, or were not judged at the same cut under the same rules.
    """
    if not FEWEST <= len(assessments) <= MOST:
        raise ValueError(f"{FEWEST} to {MOST} platforms can be compared, not {len(assessments)}")
    first = assessments[0]
    if any(
        (other.options, other.packs, other.data) != (first.options, first.packs, first.data) for other in assessments
    ):
        raise ValueError("platforms are compared at the same cut and under the same rules")
    found = [{finding.rule: finding for finding in assessment.findings} for assessment in assessments]
    rules = tuple(sorted(_lines(found), key=_place))
    pairs = tuple(_pair(assessments, found, left, right) for left, right in combinations(range(len(assessments)), 2))
    return Comparison(tuple(assessments), pairs, rules, tuple(_questions(assessments, rules)))


def _place(line: RuleLine) -> tuple[int, int, int, str]:
    """Sure differences first; then those where somebody surely does badly, then those where somebody is settled."""
    asked = [finding for finding in line.findings if finding is not None]
    adverse = any(_HARM[min(finding.possible)] > 0 for finding in asked)
    settled = any(finding.outcome is Outcome.PASS for finding in asked)
    told = 0 if adverse else 1 if settled else 2
    return _WEIGHT.index(line.difference), told, _SEVERITIES.index(line.severity), line.code


def _lines(found: Sequence[Mapping[str, Finding]]) -> Iterable[RuleLine]:
    for rule in dict.fromkeys(rule for findings in found for rule in findings):
        row = tuple(findings.get(rule) for findings in found)
        known = next(finding for finding in row if finding is not None)
        why = min((_between(*pair) for pair in combinations(row, 2)), key=_WEIGHT.index)
        yield RuleLine(rule, known.code, known.severity, known.title, row, why)


def _grades(assessment: Assessment) -> tuple[int, int] | None:
    best, worst = assessment.verdict.best, assessment.verdict.worst
    return None if best is None or worst is None else (best, worst)


def _pair(assessments: Sequence[Assessment], found: Sequence[Mapping[str, Finding]], left: int, right: int) -> Pair:
    one, other = assessments[left], assessments[right]
    levels = [{trait.id: (trait.best, trait.worst) for trait in side.verdict.traits} for side in (one, other)]
    counts = dict.fromkeys(Difference, 0)
    for rule in dict.fromkeys([*found[left], *found[right]]):
        counts[_between(found[left].get(rule), found[right].get(rule))] += 1
    return Pair(
        left,
        right,
        order(_grades(one), _grades(other)),
        {id: order(levels[0].get(id), levels[1].get(id)) for id in dict.fromkeys([*levels[0], *levels[1]])},
        counts,
        _flattered(one, other, left, right),
    )


def _flattered(one: Assessment, other: Assessment, left: int, right: int) -> int | None:
    if one.verdict.best is None or other.verdict.best is None or one.verdict.best == other.verdict.best:
        return None
    better, worse, place = (one, other, left) if one.verdict.best < other.verdict.best else (other, one, right)
    assert better.verdict.worst is not None
    assert worse.verdict.best is not None
    overlaps = better.verdict.worst > worse.verdict.best
    return place if overlaps and better.verdict.coverage.critical < worse.verdict.coverage.critical else None


def _questions(assessments: Sequence[Assessment], rules: Sequence[RuleLine]) -> list[DecidingQuestion]:
    """Questions by what they hold open of the rules on which the platforms may yet differ."""
    unsettled = {
        line.rule: line
        for line in rules
        if line.difference in (Difference.SILENT, Difference.UNKNOWN, Difference.BOTH_OPEN)
    }
    asks: dict[str, str] = {}
    holds: dict[str, dict[int, set[str]]] = {}
    for place, assessment in enumerate(assessments):
        for question in assessment.questions:
            held = {rule for rule in question.rules if rule in unsettled}
            if held:
                asks[question.fact] = question.ask
                holds.setdefault(question.fact, {})[place] = held
    told = []
    for fact, by_platform in holds.items():
        lines = [unsettled[rule] for rule in sorted(set().union(*by_platform.values()))]
        critical = sum(line.severity == "critical" for line in lines)
        codes = tuple(sorted(line.code for line in lines))
        told.append(DecidingQuestion(fact, asks[fact], tuple(by_platform), codes, critical))
    return sorted(told, key=lambda q: (-q.critical, -len(q.rules), -len(q.platforms), q.fact))
