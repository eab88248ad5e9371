"""The back-test: every profile judged with what was public before its outcome, then held against the outcome.

The rules of honesty. The cut is the day before the door shut. A fact counts from the day on which the public could know
it; the strict reading drops days that were inferred. Outcomes stand in a file of their own that is read here and
nowhere else. A result is also told without the rules whose thresholds were learned from the case, and with thresholds
as of the day. What is missed stays in.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from checker import __version__
from checker.app.audit import Settings, shipped_rulebook
from checker.app.batch import Job, find_profiles
from checker.app.outcomes import Outcomes, read_outcomes
from checker.assess.backtest import (
    EVE,
    About,
    Backtest,
    Case,
    Group,
    Label,
    Mark,
    Onset,
    Reading,
    Track,
    judged,
    quarter_ends,
    since,
)
from checker.assess.judgement import Judge, Judgement
from checker.model.errors import Fault, InputError, UsageError
from checker.model.profile import Profile, load_profile
from checker.model.strict import knowledge_days, strict
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

__all__ = ["backtest", "cases_text", "learned_rules", "meaning_text", "shipped_outcomes", "track"]

SHUT = "withdrawals_suspended"
"""The live status that says the door is shut already."""


def shipped_outcomes() -> Path:
    """The outcomes of the platforms that ship with the program."""
    return data_path("rules", "backtest", "outcomes.yaml")


def learned_rules(rulebook: Rulebook, case: Case) -> frozenset[str]:
    """The rules that use a threshold learned from a case or from another platform of its cluster."""
    learned = {id for id, p in rulebook.parameters.items() if case.learned & {*p.learned_from}}
    return frozenset(rule for rule, used in rulebook.parameters_of.items() if learned & {*used})


def _reading(judgement: Judgement, *, applying: bool = False) -> Reading:
    verdict = judgement.verdict
    return Reading(
        verdict.best,
        verdict.worst,
        verdict.assessable,
        verdict.coverage.all,
        verdict.coverage.critical,
        verdict.deciding,
        verdict.stops,
        judgement.fails,
        judgement.warns,
        judgement.applying if applying else (),
        any(id == SHUT for id, _ in verdict.status),
    )


def track(
    profile: Profile, name: str, case: Case, rulebook: Rulebook, settings: Settings, *, only_strict: bool
) -> Track:
    """One platform under the back-test.

    Args:
        profile: Its profile.
        name: Name of the profile's file.
        case: What became of it; only its days and the rules learned from it are used.
        rulebook: The loaded packs.
        settings: Which thresholds the whole reading uses.
        only_strict: Whether the whole reading is the strict one.
    """
    careful, dropped, later = strict(profile)
    whole = careful if only_strict else profile
    judge = Judge(whole, rulebook)
    careful_judge = Judge(careful, rulebook)
    left_out = learned_rules(rulebook, case)
    marks: list[Mark] = []
    found: dict[date, Reading] = {}
    for day, ahead in case.marks():
        told, without = judge.at(day, parameters=settings.parameters, without=left_out)
        reading = _reading(told, applying=True)
        dated = judge.at(day, parameters="as-of", without=left_out)[0]
        careful_told = told if only_strict else careful_judge.at(day, parameters=settings.parameters)[0]
        readings = {
            "whole": reading,
            "without_learned": _reading(without),
            "as_of": _reading(dated),
            "strict": _reading(careful_told),
        }
        marks.append(Mark(day, ahead, readings))
        found[day] = reading
    known = knowledge_days(whole)
    event = case.event.day if case.event is not None and case.group(True) is not Group.SURVIVOR else None
    last = max([mark.day for mark in marks] + ([event - timedelta(1)] if event is not None else []))
    first = min(known, default=None)
    days = {day for day in known if day <= last}
    days |= {*quarter_ends(first, last)} if first is not None else set()
    for day in days - found.keys():
        found[day] = _reading(judge.at(day, parameters=settings.parameters)[0])
    line = tuple(sorted(found.items()))
    graded = any(reading.best is not None for _, reading in line)
    before = [(day, reading) for day, reading in line if event is None or day < event]
    last_day, last_reading = before[-1] if before else (last, Reading(None, None, False, 0.0, 0.0))
    missed = case.group(graded) is Group.FAILURE and not last_reading.flagged
    return Track(
        name,
        profile.name,
        profile.kind,
        graded,
        profile.sha256,
        first,
        max(known, default=None),
        line,
        tuple(marks),
        _onset(before, event, judge, lambda reading: reading.flagged),
        _onset(before, event, judge, lambda reading: reading.alarmed),
        next((day for day, reading in before if reading.flagged), None),
        tuple(sorted(left_out)),
        dropped,
        later,
        judge.known(last_reading.deciding, last_day)[0],
        judge.unknown(last_day) if missed else (),
    )


def _onset(
    before: Sequence[tuple[date, Reading]], event: date | None, judge: Judge, holds: Callable[[Reading], bool]
) -> Onset | None:
    day = since(before, holds) if event is not None else None
    if day is None or event is None:
        return None
    reading = dict(before)[day]
    return Onset(day, (event - day).days, reading.deciding, *judge.known(reading.deciding, day))


_worker: dict[str, Any] = {}


def _start(settings: Settings, only_strict: bool) -> None:
    rulebook = shipped_rulebook(settings.packs, settings.overrides)
    gc.freeze()
    _worker.update(rulebook=rulebook, settings=settings, only_strict=only_strict)


def _track_of(task: tuple[Job, Case]) -> Track | tuple[Fault, ...]:
    return track_file(*task, **_worker)


def track_file(
    job: Job, case: Case, *, rulebook: Rulebook, settings: Settings, only_strict: bool
) -> Track | tuple[Fault, ...]:
    """The track of a file, or its faults."""
    try:
        profile = load_profile(job.path, rulebook.dictionary, today=settings.today)
        return track(profile, job.name, case, rulebook, settings, only_strict=only_strict)
    except InputError as error:
        return error.faults


def backtest(
    paths: Sequence[str],
    outcomes: Path | None,
    settings: Settings,
    *,
    only_strict: bool = False,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Backtest, tuple[Fault, ...]]:
    """Judge every profile that has an outcome, and hold the verdicts against the outcomes.

    Args:
        paths: Folders, files or patterns with profiles.
        outcomes: The file of outcomes; None for the one that ships.
        settings: Packs, changed thresholds, and which thresholds count; its dates are not used.
        only_strict: Whether entries with inferred dates are left out of everything.
        workers: Processes; 1 runs in this one.
        progress: Called with (done, all) after each profile.

    Returns:
        The result, and the faults of profiles that could not be read.

    Raises:
        UsageError: No profile has an outcome.
        InputError: The outcomes or the packs are invalid.
    """
    told = read_outcomes(outcomes or shipped_outcomes())
    jobs = find_profiles(paths)
    tasks = [(job, told.cases[job.name]) for job in jobs if job.name in told.cases]
    if not tasks:
        raise UsageError(
            "none of the profiles has an outcome. Outcomes go by the name of the profile's file: name the right "
            "folder, or the right file with --outcomes"
        )
    rulebook = shipped_rulebook(settings.packs, settings.overrides)
    tracks: list[Track] = []
    faults: list[Fault] = []
    for index, result in enumerate(_run(tasks, rulebook, settings, only_strict, min(workers, len(tasks))), 1):
        if isinstance(result, Track):
            tracks.append(result)
        else:
            faults += result
        if progress is not None:
            progress(index, len(tasks))
    if not tracks:
        raise InputError(faults)
    result = judged(tracks, {t.profile: told.cases[t.profile] for t in tracks}, rules=tuple(rulebook.rules))
    result = replace(
        result,
        without_outcome=tuple(job.name for job in jobs if job.name not in told.cases),
        without_profile=_without_profile(told.cases, jobs),
        cluster_notes=told.clusters,
        about=_about(rulebook, settings, told, tracks, only_strict),
    )
    return result, tuple(faults)


def _about(
    rulebook: Rulebook, settings: Settings, outcomes: Outcomes, tracks: Sequence[Track], only_strict: bool
) -> About:
    packs = tuple({"id": p.id, "version": p.version, "sha256": p.sha256} for p in rulebook.packs.values())
    digest = sha256(f"{settings.parameters} {only_strict} {sorted(rulebook.overrides.items())}".encode())
    parts = [pack["sha256"] for pack in packs] + [rulebook.dictionary.sha256, rulebook.reference.digest]
    parts += [repr(rulebook.scheme), outcomes.sha256]
    parts += [f"{track.profile} {track.sha256}" for track in sorted(tracks, key=lambda track: track.profile)]
    for part in parts:
        digest.update(part.encode() + b"\0")
    return About(
        __version__,
        settings.parameters,
        only_strict,
        rulebook.overrides,
        packs,
        outcomes.sha256,
        digest.hexdigest(),
    )


def _without_profile(cases: Mapping[str, Case], jobs: Sequence[Job]) -> tuple[str, ...]:
    return tuple(sorted(cases.keys() - {job.name for job in jobs}))


def _run(
    tasks: Sequence[tuple[Job, Case]], rulebook: Rulebook, settings: Settings, only_strict: bool, workers: int
) -> Any:
    """Each track as it is done, in the order of the tasks; the largest files are begun first."""
    if workers == 1:
        for job, case in tasks:
            yield track_file(job, case, rulebook=rulebook, settings=settings, only_strict=only_strict)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(settings, only_strict)) as pool:
        try:
            by_size = sorted(range(len(tasks)), key=lambda index: -tasks[index][0].path.stat().st_size)
            running = {index: pool.submit(_track_of, tasks[index]) for index in by_size}
            for index in range(len(tasks)):
                yield running[index].result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def meaning_text(result: Backtest) -> str:
    """`meaning.yaml`: what the verdict of a platform outside the corpus is told about those inside it."""
    dates = result.dates
    every = next(row for row in result.classes if row.name == "all")
    lines = [
        "# What a verdict has meant in the corpus of the back-test: of the platform-dates with it (quarter ends, as",
        "# known then), those after which the door shut within a year. The intervals are Wilson's at 95%, as if dates",
        "# were independent; docs/backtest.md says what this cannot show. Made by",
        "# `ddcheck backtest profiles --write-meaning`; do not edit.",
        "",
        f"platforms: {every.platforms}",
        f"dates: {every.closed.of}",
        f"first: {dates[0] if dates else ''}".rstrip(),
        f"last: {dates[1] if dates else ''}".rstrip(),
        f"inputs: {result.about.inputs}",
    ]
    for name, rows in (("classes", result.classes), ("best_ends", result.best_ends)):
        lines += ["", f"{name}:"]
        for row in rows:
            ends = row.closed.wilson
            interval = "" if ends is None else f", lo: {ends[0]:.4f}, hi: {ends[1]:.4f}"
            if row.name != "all":
                told = f"closed: {row.closed.count}, dates: {row.closed.of}, platforms: {row.platforms}{interval}"
                lines.append(f"  {row.name}: {{{told}}}")
    return "\n".join(lines) + "\n"


def cases_text(paths: Sequence[str], settings: Settings) -> str:
    """`cases.yaml`: how each platform of the corpus stood before its outcome, for the nearest past cases of a report.

    A platform whose door shut, or that was impaired, is told on the day before; one that survived or closed in order on
    each of its days to be judged. Kinds without a grade have no traits and are left out.

    Args:
        paths: Folders, files or patterns with profiles.
        settings: Packs and changed thresholds; its dates are not used.

    Raises:
        InputError: A profile or the outcomes are invalid.
    """
    rulebook = shipped_rulebook(settings.packs, settings.overrides)
    told = read_outcomes(shipped_outcomes())
    lines = [
        "# How each platform of the corpus stood before its outcome, judged with what was public then, and what became",
        "# of it; outcomes.yaml says what the labels mean and where each is told. `ended` is the day the door shut, of",
        "# an impaired platform its worst day, of one wound down the day of its end, of a survivor the last on which a",
        "# source shows it paying. Made by `ddcheck backtest profiles --write-meaning`; do not edit.",
        "",
        "cases:",
    ]
    for job in find_profiles(paths):
        case = told.cases.get(job.name)
        if case is None:
            continue
        profile = load_profile(job.path, rulebook.dictionary, today=settings.today)
        judge = Judge(profile, rulebook)
        ended = case.last_seen if case.label is Label.SURVIVED else case.event
        assert ended is not None, "the file of outcomes was checked"
        days = case.evaluate_on or (ended.day - timedelta(EVE),)
        for day in days:
            judgement = judge.at(day)[0]
            verdict = judgement.verdict
            if verdict.best is None or verdict.worst is None or day > ended.day:
                continue
            levels = ", ".join(f"{trait.id}: [{trait.best}, {trait.worst}]" for trait in verdict.traits)
            lines += [
                f"  - profile: {job.name}",
                f"    name: {json.dumps(profile.name, ensure_ascii=False)}",
                f"    kind: {profile.kind}",
                f"    day: {day}",
                f"    label: {case.label.value}",
                f"    ended: {ended.day}",
                f"    traits: {{{levels}}}",
                f"    best: {verdict.best.name}",
                f"    worst: {verdict.worst.name}",
                f"    critical: {verdict.coverage.critical:.4f}",
                f"    fails: [{', '.join(judgement.fails)}]",
                f"    warns: [{', '.join(judgement.warns)}]",
                f"    applying: [{', '.join(judgement.applying)}]",
            ]
    return "\n".join(lines) + "\n"
