"""The verdict over time: judged on every day on which something became known, with what was public on that day.

Days on which nothing moved are left out. What moved it is told by taking it away again: a fact moved the verdict if the
verdict of that day is another without what became known of it that day. What moves without new facts moves by time:
facts grow too old, statements end, market rates change. The grade and the traits are told apart: what moved a trait
need not have moved the grade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from checker.assess.assessment import Options
from checker.assess.bench import Bench, Trial, prepare
from checker.assess.hitting import irreducible
from checker.model.finding import Grade
from checker.model.profile import Examination, Profile, Provenance
from checker.model.strict import knowledge_days
from checker.packs.rulebook import Rulebook

__all__ = ["Moment", "Timeline", "timeline"]

EXAMINED = "examined:"
"""Leads the name of a section that was examined, in place of a fact."""

_Entry = TypeVar("_Entry", bound=Provenance)
Levels = tuple[tuple[str, int, int], ...]
Standing = tuple[tuple[Grade, Grade] | None, Levels]


@dataclass(frozen=True)
class Moment:
    """The verdict on a day on which it moved.

    Attributes:
        day: The day judged, with what was public on it.
        best: The grade at its best; None for a kind without a grade.
        worst: The grade at its worst.
        assessable: Whether enough was known.
        critical: Share of the critical facts known or settled.
        pattern: The pattern at its best and at its worst.
        traits: Id and level at best and at worst of every trait.
        stops: Rules that stop the grade.
        status: Live statuses, by id.
        new: Facts and examined sections (`examined:<section>`) of which something became known that day.
        moved_by: Those of them without which the verdict of that day would be another.
        graded_by: Those of them without which the grade would be another; where only that moved, whether one can be
            told.
        jointly: None of the new facts is needed by itself, another would do; `moved_by` are some that suffice.
        by_time: It would have moved without anything new.
    """

    day: date
    best: Grade | None
    worst: Grade | None
    assessable: bool
    critical: float
    pattern: tuple[str | None, str | None]
    traits: Levels
    stops: tuple[str, ...]
    status: tuple[str, ...]
    new: tuple[str, ...]
    moved_by: tuple[str, ...]
    graded_by: tuple[str, ...]
    jointly: bool
    by_time: bool


@dataclass(frozen=True)
class Timeline:
    """A verdict over time.

    Attributes:
        days: Every day judged.
        moments: The first day, and every day on which the verdict moved; the last day asked for among them where time
            alone has moved it since the last of `days`.
    """

    days: tuple[date, ...]
    moments: tuple[Moment, ...]


def timeline(
    profile: Profile,
    rulebook: Rulebook,
    options: Options,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Timeline:
    """The verdict on every day on which something became known.

    Args:
        profile: The validated profile.
        rulebook: The loaded packs.
        options: Changes to the packs, and for whom; the cut is set for each day.
        since: The first day to judge; None for the first on which something was known.
        until: The last day to judge.
        progress: Told how many days are done, of how many.
    """
    days = [
        day for day in knowledge_days(profile) if (since is None or day >= since) and (until is None or day <= until)
    ]
    same = prepare(profile.kind, rulebook, options) if options.parameters != "as-of" else None
    moments: list[Moment] = []
    before: tuple[object, ...] | None = None
    for done, day in enumerate(days):
        if progress is not None:
            progress(done, len(days))
        cut = replace(options, as_of=day.isoformat(), known_by=day.isoformat())
        bench = Bench(profile, rulebook, cut, same)
        now = _whole(bench)
        if now != before:
            moments.append(_moment(bench, day, before))
        before = now
    if until is not None and days and until > days[-1]:
        bench = Bench(profile, rulebook, replace(options, as_of=until.isoformat(), known_by=until.isoformat()), same)
        if _whole(bench) != before:
            moments.append(_moment(bench, until, before))
    if progress is not None:
        progress(len(days), len(days))
    return Timeline(tuple(days), tuple(moments))


def _standing(trial: Trial) -> Standing:
    """What counts as the verdict: both ends of the grade and of every trait."""
    if trial.grades is None:
        return None, ()
    best, worst = trial.end(True).traits, trial.end(False).traits
    return trial.grades, tuple((name, best[name].level, worst[name].level) for name in best)


def _whole(bench: Bench) -> tuple[object, ...]:
    """The verdict with what stands beside it: whether it is assessable, stops, live statuses."""
    verdict = bench.verdict()
    return _standing(bench.now), verdict.assessable, verdict.stops, verdict.status


def _moment(bench: Bench, day: date, before: tuple[object, ...] | None) -> Moment:
    verdict = bench.verdict()
    new = _new(bench.profile, day)
    whole = before is not None and before[0] == _standing(bench.now)
    tell = _tell_whole if whole else _tell
    now = tell(bench, (), day)
    bare = tell(bench, new, day)
    alone = {name: tell(bench, (name,), day) for name in new}

    def moving(part: Callable[[Any], object]) -> tuple[list[str], bool]:
        """The facts that moved a part of the verdict, and whether others would do as well."""
        found = [name for name in new if part(alone[name]) != part(now)]
        if found or part(bare) == part(now):
            return found, False
        kept = irreducible(
            range(len(new)),
            lambda members: part(tell(bench, [n for i, n in enumerate(new) if i not in members], day)) == part(now),
        )
        return [new[index] for index in kept], True

    graded, by_several = moving((lambda told: (told[0][0], told[1])) if whole else (lambda told: told[0]))
    moved, jointly = moving(lambda told: told)
    by_time = before is not None and bare != (before if whole else before[0])
    return Moment(
        day,
        verdict.best,
        verdict.worst,
        verdict.assessable,
        verdict.coverage.critical,
        (verdict.pattern_best, verdict.pattern_worst),
        _standing(bench.now)[1],
        verdict.stops,
        tuple(id for id, _ in verdict.status),
        tuple(new),
        tuple(name for name in new if name in moved or name in graded),
        tuple(graded),
        jointly or by_several,
        by_time,
    )


def _new(profile: Profile, day: date) -> list[str]:
    """Facts, tables and examined sections of which something became known on a day."""
    found = [id for id, history in profile.facts.items() if any(entry.known_on == day for entry in history)]
    for id, table in profile.tables.items():
        if any(entry.known_on == day for entry in (*table.rows, *table.complete, *table.stated)):
            found.append(id)
    return [
        *found,
        *(EXAMINED + section for section, looks in profile.examined.items() if any(e.known_on == day for e in looks)),
    ]


def _touched(bench: Bench, names: Iterable[str]) -> set[str]:
    """The facts that taking something away can change."""
    facts: set[str] = set()
    for name in names:
        if name.startswith(EXAMINED):
            section = name.removeprefix(EXAMINED)
            facts |= {definition.id for definition in bench.dictionary.of_section(section)}
        else:
            facts.add(name)
    return facts


def _tell(bench: Bench, away: Sequence[str], day: date) -> object:
    """The verdict without what became known of some facts on the day."""
    if not away:
        return _standing(bench.now)
    taken = tuple(sorted(away))
    versions = dict.fromkeys(_touched(bench, away), taken)
    return _standing(bench.with_facts(versions, lambda: _without(bench.profile, away, day)))


def _tell_whole(bench: Bench, away: Sequence[str], day: date) -> object:
    """The same with what stands beside the verdict."""
    if not away:
        return _whole(bench)
    prepared = bench.program, bench.rules
    return _whole(Bench(_without(bench.profile, away, day), bench.rulebook, bench.options, prepared))


def _without(profile: Profile, names: Iterable[str], day: date) -> Profile:
    """The profile without what became known of some facts on a day."""

    def kept(entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
        return tuple(entry for entry in entries if entry.known_on != day)

    facts, tables, examined = dict(profile.facts), dict(profile.tables), dict(profile.examined)
    for name in names:
        if name in facts:
            facts[name] = kept(facts[name])
        elif name in tables:
            table = tables[name]
            tables[name] = replace(
                table, rows=kept(table.rows), complete=kept(table.complete), stated=kept(table.stated)
            )
        else:
            section = name.removeprefix(EXAMINED)
            looks: tuple[Examination, ...] = examined[section]
            examined[section] = tuple(look for look in looks if look.known_on != day)
    return replace(profile, facts=facts, tables=tables, examined=examined)
