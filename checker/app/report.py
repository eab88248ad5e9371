"""Prepare a report: judge a profile, and add what a reader needs to decide.

The analyses share the profile and the packs and cost some seconds together; each is bounded. `prepare` is what
`ddcheck PROFILE --pdf` does before it renders.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from checker import __version__
from checker.app.audit import Settings, options_of, shipped_rulebook
from checker.assess import change
from checker.assess.assess import assess
from checker.assess.assessment import Assessment, Options
from checker.assess.cases import Resemblance, nearest_cases
from checker.assess.difference import (
    FactChange,
    PackChange,
    ParameterChange,
    RuleChange,
    Side,
    Standing,
    difference,
)
from checker.assess.timeline import Timeline, timeline
from checker.assess.unknowns import rank_unknowns
from checker.model.errors import UsageError
from checker.model.finding import Grade, Outcome
from checker.model.profile import Profile, load_profile
from checker.model.strict import knowledge_days
from checker.outputs.json import SCHEMA
from checker.outputs.report import Report, Since, since_of
from checker.packs.cases import load_cases
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

__all__ = ["PARTS", "prepare", "since_cut", "since_file"]

PARTS = ("changes", "unknowns", "timeline", "cases")
"""The analyses of a whole report, in the order of the work."""
CUTS = 24
"""Days that the timeline of a report judges at most: the last on which something became known."""
MAX_RESULT_BYTES = 64 * 1024 * 1024
_NOT_A_RESULT = "{path} is neither a day, nor a profile, nor the whole result that `ddcheck PROFILE --json FILE` writes"


def prepare(
    path: Path,
    settings: Settings,
    rulebook: Rulebook | None = None,
    *,
    parts: Collection[str] = PARTS,
    since: Path | date | None = None,
    trials: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Judge the profile in a file and work out what a whole report says of it.

    Args:
        path: The file.
        settings: The cut and any changes to the packs.
        rulebook: The packs, where they are loaded already.
        parts: Which of `PARTS` are worked out.
        since: An earlier cut, an earlier version of the profile, or an earlier result, to say what changed since.
        trials: How many rules may be judged, for each end, to find whether facts attain the verdict.
        progress: Told what is worked out next.

    Raises:
        InputError: The profile or a pack is invalid; it carries every fault.
        UsageError: There is nothing earlier to compare with.
    """
    tell = progress or (lambda _: None)
    rulebook = rulebook or shipped_rulebook(settings.packs, settings.overrides)
    profile = load_profile(path, rulebook.dictionary, today=settings.today)
    options = options_of(settings)
    assessment = assess(profile, rulebook, options, version=__version__, trials=trials)
    if "changes" in parts:
        tell("what would change the verdict")
        found = change.changes(profile, rulebook, options)
        assessment = replace(assessment, changes=found, edges=found.edges)
    else:
        assessment = replace(assessment, edges=change.edges(profile, rulebook, options))
    unknowns = told = cases = compared = None
    judged_from = ""
    if "unknowns" in parts:
        tell("which question settles most")
        unknowns = rank_unknowns(profile, rulebook, options)
    if "timeline" in parts:
        tell("the verdict over time")
        told, judged_from = _timeline(profile, rulebook, options, settings.known_by)
    if "cases" in parts:
        tell("the nearest past cases")
        cases = _cases(assessment, path)
    if since is not None:
        tell("what changed since")
        side = Side(profile, rulebook, options)
        compared = (
            since_cut(side, settings, since)
            if isinstance(since, date)
            else since_file(side, assessment, since, settings.today)
        )
    return Report(assessment, unknowns, told, judged_from, cases, compared)


def _timeline(profile: Profile, rulebook: Rulebook, options: Options, known_by: date) -> tuple[Timeline | None, str]:
    """The verdict over time, and the first day judged where earlier ones are left out; None where no day is known."""
    days = [day for day in knowledge_days(profile) if day <= known_by]
    if not days:
        return None, ""
    since = days[-CUTS] if len(days) > CUTS else None
    return timeline(profile, rulebook, options, since=since, until=known_by), since.isoformat() if since else ""


def _cases(assessment: Assessment, path: Path) -> tuple[Resemblance, ...]:
    file = data_path("rules", "backtest", "cases.yaml")
    return nearest_cases(assessment, load_cases(file), profile=path.stem)


def since_cut(side: Side, settings: Settings, day: date) -> Since:
    """What changed since an earlier cut of the same profile under the same packs.

    Args:
        side: The profile, the packs and the cut of the report.
        settings: The same cut as days.
        day: The earlier cut.

    Raises:
        UsageError: The day is not earlier.
    """
    if day >= settings.known_by:
        raise UsageError(f"--since {day} does not lie before --known-by {settings.known_by}")
    as_of = min(day, settings.as_of)
    earlier = replace(side.options, as_of=as_of.isoformat(), known_by=day.isoformat())
    return since_of(difference(replace(side, options=earlier), side, version=__version__))


def since_file(side: Side, assessment: Assessment, file: Path, today: date) -> Since:
    """What changed since an earlier result, or since an earlier version of the profile, judged at the same cut.

    Args:
        side: The profile, the packs and the cut of the report.
        assessment: Its assessment.
        file: The result as JSON, or the profile.
        today: No date of a profile may lie after it.

    Raises:
        InputError: The file is a profile, and invalid.
        UsageError: The file is neither, or is about another platform or a later cut.
    """
    try:
        size = file.stat().st_size
        text = file.read_text(encoding="utf-8") if size <= MAX_RESULT_BYTES else ""
    except (OSError, UnicodeDecodeError):
        raise UsageError(_NOT_A_RESULT.format(path=file)) from None
    result = _parsed(text) if file.suffix.lower() == ".json" else None
    if isinstance(result, Mapping) and result.get("schema") == SCHEMA:
        try:
            return _since_result(result, assessment, side.rulebook, file)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise UsageError(_NOT_A_RESULT.format(path=file)) from None
    if isinstance(result, Mapping) and "schema" in result:
        raise UsageError(_NOT_A_RESULT.format(path=file))
    earlier = load_profile(file, side.rulebook.dictionary, today=today)
    _same_platform(earlier.name, assessment.name, file)
    return since_of(difference(replace(side, profile=earlier), side, version=__version__))


def _parsed(text: str) -> object:
    """The JSON in a text, or None where there is none, or a number in it that is none."""

    def finite(number: str) -> float:
        value = float(number)
        if not isfinite(value):
            raise ValueError(number)
        return value

    try:
        return json.loads(text, parse_float=finite, parse_constant=finite)
    except (ValueError, RecursionError):
        return None


def _same_platform(earlier: object, name: str, file: Path) -> None:
    if earlier != name:
        raise UsageError(
            f"{file} is about {str(earlier)[:80]!r}, not about {name[:80]!r}; --since takes the same platform"
        )


# ----------------------------------------------------------------------------------------------- an earlier result


def _since_result(old: Mapping[str, Any], new: Assessment, rulebook: Rulebook, file: Path) -> Since:
    """What lies between an earlier result and an assessment; the old packs are not at hand, so nothing lies between."""
    _same_platform(old["platform"]["name"], new.name, file)
    options = old["options"]
    as_of, known_by = (date.fromisoformat(options[key]).isoformat() for key in ("as_of", "known_by"))
    if known_by > new.options.known_by:
        raise UsageError(f"{file} knows what became public by {known_by}, after this cut of {new.options.known_by}")
    now = _plain(new)
    packs = tuple(_packs(old, new))
    parameters = tuple(_parameters(old["parameters"], new))
    facts = tuple(_facts(old, now))
    other = {change.pack for change in packs}
    thresholds = {change.parameter for change in parameters}
    rules = tuple(_rules(old, new, rulebook, {change.fact for change in facts}, other, thresholds))
    moved = {change.rule: change for change in rules}

    def movers(fact: str) -> tuple[str, ...]:
        return tuple(id for id in moved if moved[id].by != "rules" and fact in rulebook.reads.get(id, ()))

    return Since(
        as_of,
        known_by,
        _standing(old["verdict"]),
        None,
        _of(new),
        tuple(replace(change, moved=movers(change.fact)) for change in facts),
        rules,
        packs,
        parameters,
        tuple(_rates(old["rates"], new)),
    )


def _plain(assessment: Assessment) -> Mapping[str, Any]:
    """Facts and tables as the result file has them."""
    from checker.outputs.json import _plain as plain

    told = {"facts": plain(assessment.facts), "tables": plain(assessment.tables)}
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


def _standing(verdict: Mapping[str, Any]) -> Standing:
    best, worst = (Grade[verdict[end]] if verdict[end] is not None else None for end in ("best", "worst"))
    traits = {str(name): (int(t["best"]), int(t["worst"])) for name, t in verdict["traits"].items()}
    return Standing(best, worst, (verdict["pattern"]["best"], verdict["pattern"]["worst"]), traits)


def _of(assessment: Assessment) -> Standing:
    verdict = assessment.verdict
    return Standing(
        verdict.best,
        verdict.worst,
        (verdict.pattern_best, verdict.pattern_worst),
        {trait.id: (trait.best, trait.worst) for trait in verdict.traits},
    )


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[FactChange]:
    was, now = ({str(fact["id"]): fact for fact in side["facts"]} for side in (old, new))
    for id in dict.fromkeys([*was, *now]):
        before, after = _fact(was.get(id)), _fact(now.get(id))
        if before != after:
            yield FactChange(id, "", str((now.get(id) or was[id])["unit"]), before, after, ())
    had, has = ({str(table["id"]): table for table in side["tables"]} for side in (old, new))
    for id in dict.fromkeys([*had, *has]):
        before, after = _table(had.get(id)), _table(has.get(id))
        if before != after:
            yield FactChange(id, "", "", before, after, ())
        rows, rows_now = (
            {str(row["label"]): _row(row) for row in (table or {"rows": ()})["rows"]}
            for table in (had.get(id), has.get(id))
        )
        for label in dict.fromkeys([*rows, *rows_now]):
            if rows.get(label) != rows_now.get(label):
                yield FactChange(id, label, "", rows.get(label), rows_now.get(label), ())


def _fact(fact: Mapping[str, Any] | None) -> Mapping[str, object] | None:
    if fact is None or (fact["status"] == "not_examined" and fact["rumour"] is None):
        return None
    told = {name: fact[name] for name in ("status", "value", "evidence")}
    return told | {name: fact[name] for name in ("stale", "conflict", "rumour") if fact[name]}


def _table(table: Mapping[str, Any] | None) -> Mapping[str, object] | None:
    if table is None or table["status"] == "not_examined":
        return None
    return {"status": table["status"], "complete": table["complete"]}


def _row(row: Mapping[str, Any]) -> Mapping[str, object]:
    return {"cells": dict(row["cells"]), "evidence": max((entry["grade"] for entry in row["entries"]), default=0)}


def _rules(
    old: Mapping[str, Any],
    new: Assessment,
    rulebook: Rulebook,
    facts: Collection[str],
    packs: Collection[str],
    parameters: Collection[str],
) -> Iterable[RuleChange]:
    """Rules with another outcome; the packs moved one if its own files, or a threshold it reads, are other ones."""
    was = {str(finding["rule"]): finding for finding in old["findings"]}
    now = {finding.rule: finding for finding in new.findings}
    for id in sorted({*was, *now}):
        before = tuple(sorted(Outcome[name] for name in was[id]["possible"])) if id in was else None
        after = now[id].possible if id in now else None
        presumed = was[id]["presumed"] is True if id in was else False, now[id].presumed if id in now else False
        if (before, presumed[0]) == (after, presumed[1]):
            continue
        reads = {*rulebook.reads.get(id, ()), *(was[id]["facts"] if id in was else ())}
        used = {*(was[id]["parameters"] if id in was else ()), *(now[id].parameters if id in now else ())}
        pack = now[id].pack if id in now else was[id]["pack"]
        by_rules = before is None or after is None or pack in packs or bool(used & set(parameters))
        by = "both" if by_rules and reads & set(facts) else "rules" if by_rules else "facts"
        code, title, severity = (
            (now[id].code, now[id].title, now[id].severity)
            if id in now
            else (str(was[id]["code"]), str(was[id]["title"]), str(was[id]["severity"]))
        )
        yield RuleChange(id, code, title, severity, before, None, after, (presumed[0], False, presumed[1]), by)


def _packs(old: Mapping[str, Any], new: Assessment) -> Iterable[PackChange]:
    was = {str(pack["id"]): pack for pack in old["inputs"]["packs"]}
    now = {pack["id"]: pack for pack in new.packs}
    for id in dict.fromkeys([*was, *now]):
        if id not in was or id not in now or was[id]["sha256"] != now[id]["sha256"]:
            yield PackChange(
                id, str(was[id]["version"]) if id in was else None, now[id]["version"] if id in now else None
            )
    if old["inputs"]["verdict"] != new.data["verdict"]:
        yield PackChange("verdict", str(old["inputs"]["verdict"]), new.data["verdict"])


def _parameters(old: Iterable[Mapping[str, Any]], new: Assessment) -> Iterable[ParameterChange]:
    was = {str(used["id"]): (float(used["value"]), str(used["unit"])) for used in old}
    now = {used.id: (used.value, used.unit) for used in new.parameters}
    for id in dict.fromkeys([*was, *now]):
        before, after = was.get(id), now.get(id)
        if before is None or after is None or before[0] != after[0]:
            unit = (after or before or (0.0, ""))[1]
            yield ParameterChange(id, unit, before[0] if before else None, after[0] if after else None)


def _rates(old: Iterable[Mapping[str, Any]], new: Assessment) -> Iterable[tuple[str, str | None, str | None]]:
    was = {str(rate["id"]).partition("@")[0]: str(rate["id"]) for rate in old}
    now = {rate.id.partition("@")[0]: rate.id for rate in new.rates}
    for series in sorted({*was, *now}):
        if was.get(series) != now.get(series):
            yield series, was.get(series), now.get(series)
