"""The verdict table as data: its shape, and the names it uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import Field

from checker.lang.tree import Type
from checker.model.document import Document, Faults, Place
from checker.model.errors import Fault, did_you_mean
from checker.packs.files import File, Text

GradeLetter = Literal["A", "B", "C", "D", "E", "F"]
GRADES: tuple[GradeLetter, ...] = ("A", "B", "C", "D", "E", "F")


class Trait(File):
    """A trait: the condition that is its structure leg, the rules that are its harm leg.

    `shared` lists groups of harm rules that read the same facts; their WARNs count once.
    """

    name: Text
    zh: str
    question: Text
    kinds: list[str]
    structure: str
    harm: Annotated[list[str], Field(min_length=1)]
    shared: list[list[str]]


class Level(File):
    """A row of the level table."""

    level: Annotated[int, Field(ge=0, le=3)]
    name: str
    structure: bool
    fails: int
    warns: int


class Pattern(File):
    """A row of the pattern table."""

    pattern: str
    name: str
    k3: int
    k2: int
    k1: int
    grade: GradeLetter
    fewest_on_evidence: int = 0
    grade_if_presumed: GradeLetter | None = None
    grade_if_clean: GradeLetter | None = None


class GroupCap(File):
    """Critical FAILs spread over several groups."""

    groups: int
    except_: Annotated[list[str], Field(alias="except")]
    grade: GradeLetter


class Caps(File):
    """What findings outside the pattern leave possible at best."""

    critical_fail: GradeLetter
    critical_fails_in_groups: GroupCap
    major_fail: GradeLetter
    critical_or_major_warn: GradeLetter


class Stops(File):
    """Rules whose `stop_if` settles the grade."""

    rules: list[str]
    grade: GradeLetter
    presumed_best: GradeLetter
    alleged_best: GradeLetter


class NotAssessable(File):
    """When a result is not called assessable."""

    critical_not_examined_above: float
    best_at_least: GradeLetter


class Banner(File):
    """A live status, shown apart from the grade when its condition surely holds."""

    id: str
    text: Text
    if_: Annotated[str, Field(alias="if")]


class Scheme(File):
    """`verdict.yaml`."""

    version: str
    graded_kinds: list[str]
    fewest_traits: int
    traits: dict[str, Trait]
    levels: list[Level]
    patterns: list[Pattern]
    caps: Caps
    evidence_caps: dict[str, GradeLetter]
    stops: Stops
    not_assessable: NotAssessable
    grades: dict[GradeLetter, str]
    headline: list[str] = Field(default_factory=list)
    status: list[Banner]


def read_scheme(
    document: Document, rules: Collection[str], metrics: Mapping[str, Type], packs: Collection[str]
) -> tuple[Scheme | None, tuple[Fault, ...]]:
    """The verdict table with every fault found in it; a rule of a pack that is not loaded may be named already."""
    faults = Faults(document)
    scheme = faults.check(Scheme, document.value, ())
    if scheme is None:
        return None, faults.listed()
    named: list[tuple[Place, str]] = [
        (("stops", "rules", index), rule) for index, rule in enumerate(scheme.stops.rules)
    ]
    for name, trait in scheme.traits.items():
        if trait.structure not in metrics or metrics[trait.structure].kind != "bool":
            faults.add(("traits", name, "structure"), f"'{trait.structure}' is not a condition among the metrics")
        named += [(("traits", name, "harm", index), rule) for index, rule in enumerate(trait.harm)]
    for index, metric in enumerate(scheme.headline):
        if metric not in metrics and metric.split(".")[0] in packs:
            faults.add(("headline", index), f"unknown metric '{metric}'", did_you_mean(metric, metrics))
    for place, rule in named:
        if rule not in rules and rule.split(".")[0] in packs:
            faults.add(place, f"unknown rule '{rule}'", did_you_mean(rule, rules))
    return scheme, faults.listed()
