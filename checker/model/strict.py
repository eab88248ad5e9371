"""A profile without what rests on dates that nobody can check.

A look back is only as good as its `known_on`. The strict reading of a profile drops every entry whose `known_on` is
inferred or missing, and lets one whose source is dated later count from the day of that source: a source of 2023 that
tells of 2021 proves nothing about what could be read in 2021. Of a source dated by its month or year this is the first
day of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from checker.model.profile import Examination, Profile, Provenance

_Entry = TypeVar("_Entry", bound=Provenance)


def strict(profile: Profile) -> tuple[Profile, int, int]:
    """The strict reading of a profile.

    Returns:
        The profile, how many of its entries were dropped, and how many count only from a later day.
    """
    dropped = later = 0

    def kept(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
        nonlocal dropped, later
        found: list[_Entry] = []
        for entry in entries:
            day = _public(profile, entry)
            if day is None:
                dropped += 1
            elif day == entry.known_on:
                found.append(entry)
            else:
                later += 1
                found.append(entry.model_copy(update={"known_on": day}))
        return tuple(found)

    facts = {id: history if id.startswith("platform.") else kept(history) for id, history in profile.facts.items()}
    tables = {
        id: replace(table, rows=kept(table.rows), complete=kept(table.complete), stated=kept(table.stated))
        for id, table in profile.tables.items()
    }
    examined = {
        section: tuple(_moved(profile, examination) for examination in examinations)
        for section, examinations in profile.examined.items()
    }
    strict_profile = replace(profile, facts=facts, tables=tables, examined=examined, notes=kept(profile.notes))
    return strict_profile, dropped, later


def _public(profile: Profile, entry: Provenance) -> date | None:
    """The day on which an entry was certainly public, or None where no day is certain."""
    if entry.known_on is None or "known_on" in entry.inferred:
        return None
    source = profile.sources.get(entry.source or "")
    return max(entry.known_on, source.appeared[0]) if source is not None and source.appeared else entry.known_on


def _moved(profile: Profile, examination: Examination) -> Examination:
    """An examination as of the day on which the last of its sources was out."""
    spans = [profile.sources[id].appeared for id in examination.sources if id in profile.sources]
    day = max([examination.known_on, *(appeared[0] for appeared in spans if appeared)])
    return examination if day == examination.known_on else examination.model_copy(update={"known_on": day})


def knowledge_days(profile: Profile) -> list[date]:
    """The days on which something about the platform became known, in order."""
    days: set[date | None] = set()
    histories: list[Iterable[Provenance]] = [*profile.facts.values()]
    for table in profile.tables.values():
        histories += [table.rows, table.complete, table.stated]
    for history in histories:
        days |= {entry.known_on for entry in history}
    for examinations in profile.examined.values():
        days |= {examination.known_on for examination in examinations}
    return sorted(day for day in days if day is not None)
