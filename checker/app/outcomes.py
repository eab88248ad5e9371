"""The outcomes that a back-test is held against, read from their file.

Only the back-test imports this module, and only after nothing can change a verdict any more: no profile, rule or
reference rate knows how a platform ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from checker.assess.backtest import Case, Cited, Event, Label
from checker.model.document import Faults, Place, read_document
from checker.model.errors import PackError, did_you_mean, quoted
from checker.model.profile import IsoDate, Url, Words
from checker.packs.files import File

__all__ = ["Outcomes", "read_outcomes"]

_PARTS = (4, 7, 10)  # a year, a month, a day


def _some_day(text: str) -> str:
    """A day, a month or a year; the exact day is not always told."""
    padded = text + "0000-01-01"[len(text) :]
    try:
        if len(text) in _PARTS:
            date.fromisoformat(padded)
            return text
    except ValueError:
        pass
    raise PydanticCustomError(
        "fault",
        "{message}",
        {"message": f"expected a date, found {quoted(text)}", "hint": 'Write "2022-05-31", "2022-05" or "2022".'},
    )


class SourceFile(File):
    """Where an outcome was read."""

    title: Words
    publisher: Words
    date: Annotated[str, AfterValidator(_some_day)]
    url: Url


class EventFile(File):
    """Something that happened, with its source."""

    date: IsoDate
    what: Words
    source: SourceFile


class CaseFile(File):
    """What became of one platform."""

    label: Annotated[Label, Field(strict=False)]
    event: EventFile | None = None
    stress: EventFile | None = None
    last_seen: EventFile | None = None
    cluster: str = ""
    evaluate_on: list[IsoDate] = Field(default_factory=list)
    expected: str = ""
    known_miss: str = ""


class ClusterFile(File):
    """A shock that several platforms share; `also` names those without a profile."""

    what: Words
    also: list[str] = Field(default_factory=list)


class OutcomesFile(File):
    """`outcomes.yaml`; each entry is checked against its own shape."""

    clusters: dict[str, Any] = Field(default_factory=dict)
    platforms: Annotated[dict[str, Any], Field(min_length=1)]


@dataclass(frozen=True)
class Outcomes:
    """What became of each platform, by the name of its profile; the shocks; the digest of the file."""

    cases: Mapping[str, Case]
    clusters: Mapping[str, str]
    sha256: str


def read_outcomes(path: Path) -> Outcomes:
    """The outcomes in a file.

    Raises:
        InputError: The file cannot be read or is invalid; it carries every fault.
    """
    document = read_document(path)
    faults = Faults(document)
    file = faults.check(OutcomesFile, document.value, ())
    if file is None:
        raise PackError(faults.listed())
    clusters = {name: faults.check(ClusterFile, raw, ("clusters", name)) for name, raw in file.clusters.items()}
    read = {name: _case(faults, ("platforms", name), raw) for name, raw in file.platforms.items()}
    told = {name: case for name, case in read.items() if case is not None}
    for name, case in told.items():
        _check(faults, ("platforms", name), case, clusters)
    if len(told) == len(read):
        for name in clusters.keys() - {case.cluster for case in told.values()}:
            faults.add(("clusters", name), f"no platform is of cluster {quoted(name)}", "Remove it.", key=True)
    faults.raise_as(PackError)
    shocks = {name: cluster for name, cluster in clusters.items() if cluster is not None}
    members: dict[str, set[str]] = {name: set(cluster.also) for name, cluster in shocks.items()}
    for name, case in told.items():
        members.setdefault(case.cluster or name, set()).add(name)
    cases = {
        name: Case(
            name,
            case.label,
            _event(case.event),
            case.cluster or name,
            tuple(sorted(case.evaluate_on)),
            _event(case.stress),
            _event(case.last_seen),
            case.expected.strip(),
            case.known_miss.strip(),
            frozenset(members[case.cluster or name]),
        )
        for name, case in told.items()
    }
    return Outcomes(cases, {name: cluster.what for name, cluster in shocks.items()}, document.sha256)


def _case(faults: Faults, place: Place, raw: object) -> CaseFile | None:
    """An entry; its parts are checked first, so that a wrong key is held against the keys of its own part."""
    before = len(faults)
    if isinstance(raw, dict):
        for key in ("event", "stress", "last_seen"):
            part = raw.get(key)
            if isinstance(part, dict):
                if isinstance(part.get("source"), dict):
                    faults.check(SourceFile, part["source"], (*place, key, "source"))
                if len(faults) == before:
                    faults.check(EventFile, part, (*place, key))
    return faults.check(CaseFile, raw, place) if len(faults) == before else None


def _check(faults: Faults, place: Place, case: CaseFile, clusters: Collection[str]) -> None:
    if case.cluster and case.cluster not in clusters:
        hint = did_you_mean(case.cluster, clusters) or "Describe it under clusters, or leave the key out."
        faults.add((*place, "cluster"), f"unknown cluster {quoted(case.cluster)}", hint)
    if case.label is not Label.SURVIVED and case.event is None:
        faults.add(
            place, f"{case.label.value} needs an event", "Say on which day the door shut, and where that is told."
        )
    if case.label is Label.SURVIVED and case.event is not None:
        faults.add((*place, "event"), "a survivor has no event", "Call its worst day stress, or choose another label.")
    if case.label in (Label.SURVIVED, Label.WOUND_DOWN) and not case.evaluate_on:
        faults.add(place, f"{case.label.value} needs evaluate_on", "Name days on which it can honestly be judged.")
    if case.label is Label.SURVIVED and case.last_seen is None:
        faults.add(place, "survived needs last_seen", "Name the last day on which a source shows it paying.")
    if case.label in (Label.FAILED, Label.HALTED) and case.evaluate_on:
        hint = "It is judged some days before its event: remove the key."
        faults.add((*place, "evaluate_on"), f"{case.label.value} has an event and no days of its own", hint)


def _event(file: EventFile | None) -> Event | None:
    if file is None:
        return None
    source = file.source
    return Event(file.date, file.what, Cited(source.title, source.publisher, source.date, source.url))
