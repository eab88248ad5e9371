"""The nearest past cases: platforms of the corpus whose traits stood as this one's do. A resemblance, not a forecast.

The measure is simple enough to be redone by hand. Two platforms are as many *steps* apart as their levels of the four
traits differ, added up: 0 where all are alike, 12 where all are opposite. Where a level is open, it counts with the
least and with the greatest difference it may have, so that the distance is a range; two unknown platforms are not alike
because nobody looked. Cases of the same kind come first, then those with the least greatest distance. One that may be
more than `FAR` steps away resembles nothing and is left out.

What came after the cut is not told: a case counts only if its outcome was public by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from checker.assess.assessment import Assessment
from checker.model.finding import Outcome
from checker.packs.cases import CaseFile

__all__ = ["FAR", "MOST_STEPS", "Apart", "Resemblance", "nearest_cases", "steps_apart"]

FAR = 6
"""The greatest distance at which a case still resembles: half of the steps there are."""
MOST_STEPS = 12
"""Four traits with three steps each."""

Levels = tuple[int, int]


@dataclass(frozen=True)
class Apart:
    """A trait that differs, or may: its levels here and in the case, least and greatest."""

    trait: str
    here: Levels
    there: Levels


@dataclass(frozen=True)
class Resemblance:
    """A past case beside an assessment.

    Attributes:
        case: The case.
        same_kind: Whether both are platforms of one kind.
        least: Steps that surely lie between them.
        most: Steps that may lie between them.
        alike: Traits that surely have the same level, with the level.
        apart: Traits that differ or may differ.
        shared: Rules that surely fail in both.
        only_here: Rules that surely fail here and applied there without surely failing.
        only_there: Rules that surely failed there and apply here without surely failing.
    """

    case: CaseFile
    same_kind: bool
    least: int
    most: int
    alike: tuple[tuple[str, int], ...]
    apart: tuple[Apart, ...]
    shared: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]


def steps_apart(one: Levels, other: Levels) -> Levels:
    """The least and the greatest number of steps between two levels, each known as a range.

    >>> steps_apart((2, 3), (3, 3)), steps_apart((0, 3), (0, 3))
    ((0, 1), (0, 3))
    """
    least = max(one[0] - other[1], other[0] - one[1], 0)
    return least, max(one[1] - other[0], other[1] - one[0])


def nearest_cases(
    assessment: Assessment, cases: Iterable[CaseFile], *, profile: str = "", most: int = 3
) -> tuple[Resemblance, ...]:
    """The cases nearest to an assessment, each platform once; none for a kind without traits.

    Args:
        assessment: What they are held against; its cut bounds what may be told.
        cases: The corpus.
        profile: Name of the file of its own profile; the platform itself, under that name or its own, is left out.
        most: How many at most.
    """
    known_by = date.fromisoformat(assessment.options.known_by)
    own = assessment.name.casefold()
    found: dict[str, Resemblance] = {}
    if assessment.verdict.traits:
        for case in cases:
            if case.ended > known_by or case.profile == profile or case.name.casefold() == own:
                continue
            told = _resemblance(assessment, case)
            before = found.get(case.profile)
            if told.most <= FAR and (before is None or _order(told) < _order(before)):
                found[case.profile] = told
    return tuple(sorted(found.values(), key=_order)[:most])


def _order(told: Resemblance) -> tuple[bool, int, int, int, int, str]:
    """Same kind first, then the nearest; among equals more shared failures, then the latest day."""
    return (
        not told.same_kind,
        told.most,
        told.least,
        -len(told.shared),
        -told.case.day.toordinal(),
        told.case.profile,
    )


def _resemblance(assessment: Assessment, case: CaseFile) -> Resemblance:
    here = {trait.id: (trait.best, trait.worst) for trait in assessment.verdict.traits}
    both = [trait for trait in here if trait in case.traits]
    steps = [steps_apart(here[trait], case.traits[trait]) for trait in both]
    alike = [(trait, here[trait][0]) for trait, (_, at_most) in zip(both, steps, strict=True) if at_most == 0]
    apart = [Apart(trait, here[trait], case.traits[trait]) for trait in both if (trait, here[trait][0]) not in alike]
    fails = {finding.rule for finding in assessment.findings if finding.possible == (Outcome.FAIL,)}
    applying = {finding.rule for finding in assessment.findings if finding.outcome is not Outcome.NOT_APPLICABLE}
    failed = set(case.fails)
    untold = 3 * (len(here) - len(both))
    return Resemblance(
        case,
        case.kind == assessment.kind,
        sum(least for least, _ in steps),
        sum(at_most for _, at_most in steps) + untold,
        tuple(alike),
        tuple(apart),
        tuple(sorted(fails & failed)),
        tuple(sorted(fails & set(case.applying) - failed)),
        tuple(sorted(failed & applying - fails)),
    )
