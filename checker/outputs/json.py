"""The whole assessment as JSON: stable keys, no clock, byte-identical for the same input."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from checker.assess.assessment import Assessment, Finding, Number, Verdict
from checker.outputs import words
from checker.outputs.language import tr
from checker.packs.rulebook import Rulebook

SCHEMA = "ddcheck/assessment/1"
LISTS = (
    "metrics",
    "numbers",
    "workings",
    "scenarios",
    "parameters",
    "rates",
    "facts",
    "tables",
    "questions",
    "sources",
    "bibliography",
    "notes",
    "overrides",
    "warnings",
)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def verdict_dict(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain values."""
    coverage = verdict.coverage
    return {
        "grade": verdict.grade.name if verdict.grade is not None else None,
        "best": verdict.best.name if verdict.best is not None else None,
        "worst": verdict.worst.name if verdict.worst is not None else None,
        "uncapped": {
            "best": verdict.uncapped_best.name if verdict.uncapped_best is not None else None,
            "worst": verdict.uncapped_worst.name if verdict.uncapped_worst is not None else None,
        },
        "assessable": verdict.assessable,
        "bounds": verdict.bounds,
        "coverage": {
            "all": round(coverage.all, 4),
            "critical": round(coverage.critical, 4),
            "critical_not_examined": round(coverage.not_examined, 4),
            "facts": {"asked": coverage.asked, "known": coverage.known, "settled": len(coverage.settled)},
            "critical_facts": {
                "asked": coverage.critical_asked,
                "known": coverage.critical_known,
                "settled": coverage.critical_settled,
            },
        },
        "pattern": {"best": verdict.pattern_best, "worst": verdict.pattern_worst},
        "traits": {
            trait.id: {
                "name": trait.name,
                "best": trait.best,
                "worst": trait.worst,
                "best_name": trait.best_name,
                "worst_name": trait.worst_name,
                "presumed": trait.presumed,
                "open": trait.open,
                "structure": trait.structure,
                "fails": list(trait.fails),
                "warns": list(trait.warns),
                "undecided": list(trait.undecided),
            }
            for trait in verdict.traits
        },
        "stops": list(verdict.stops),
        "deciding": list(verdict.deciding),
        "constraints": [
            {"end": c.end, "kind": c.kind, "grade": c.grade.name, "rules": list(c.rules)} for c in verdict.constraints
        ],
        "status": [{"id": id, "text": text} for id, text in verdict.status],
    }


def _finding(assessment: Assessment, finding: Finding, templates: Mapping[str, str]) -> dict[str, Any]:
    plain = {field.name: _plain(getattr(finding, field.name)) for field in fields(finding) if field.name != "trace"}
    plain["trace"] = finding.trace
    plain["outcome"] = finding.outcome.name if finding.outcome is not None else None
    plain["text"] = words.message(finding, templates)
    plain["overrides"] = _plain(assessment.overrides_of(finding.rule))
    return dict(plain)


def assessment_dict(assessment: Assessment, rulebook: Rulebook) -> dict[str, Any]:
    """The assessment as plain values, in the order a reader thinks."""
    templates = {rule.id: rule.message for rule in rulebook.rules.values()}
    plain = {
        name: _plain(getattr(assessment, name)) for name in (*LISTS, "platform", "options", "profile", "packs", "data")
    }
    head = {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": assessment.program},
        "platform": {"name": assessment.name, "kind": assessment.kind, **plain["platform"]},
        "options": plain["options"],
        "inputs": {"profile": plain["profile"], "packs": plain["packs"], **plain["data"]},
        "certain": words.certain(assessment),
        "reasons": [{"text": text, "rule": rule} for text, rule in words.reasons(assessment, templates)],
        "verdict": verdict_dict(assessment.verdict),
        "precedent": _plain(assessment.precedent),
        "headline": [
            {"text": text, "number": id, "scenario": scenario}
            for text, (id, scenario) in zip(words.headline(assessment), assessment.headline, strict=True)
        ],
        "findings": [_finding(assessment, finding, templates[finding.rule]) for finding in assessment.findings],
    }
    for working, shown in zip(assessment.workings, plain["workings"], strict=True):
        for remark, note in zip(working.notes, shown["notes"], strict=True):
            note["text"] = words.remark(remark)
    plain["warnings"] = [tr(words.WARNINGS[id]).format(count=count) for id, count in assessment.warnings]
    if assessment.changes is not None:
        from checker.outputs.change import changes_dict

        head["changes"] = changes_dict(assessment.changes)
    return (
        head
        | {name: plain[name] for name in LISTS}
        | {
            "evidence": {"newest": assessment.newest_evidence, "oldest_age_days": assessment.oldest_evidence_days},
            "limits": tr(words.LIMITS),
        }
    )


def stress_dict(assessment: Assessment, rulebook: Rulebook, scenarios: Collection[str] = ()) -> dict[str, Any]:
    """The numbers behind the verdict with what they rest on: facts with their entries, parameters, sources.

    Args:
        assessment: The assessment.
        rulebook: The packs.
        scenarios: The scenarios to keep; none named are all.
    """
    whole = assessment_dict(assessment, rulebook)
    used = {fact for number in assessment.numbers for fact in number.used}
    used |= {fact for working in assessment.workings for fact in working.facts}
    assumed = {parameter for number in assessment.numbers for parameter in number.assumed}
    numbers = [
        {**number, "variants": [v for v in number["variants"] if not scenarios or v["scenario"] in scenarios]}
        for number in whole["numbers"]
    ]
    return {key: whole[key] for key in ("program", "platform", "options", "inputs", "headline")} | {
        "numbers": numbers,
        "workings": [working for w in whole["workings"] if (working := _of_scenarios(w, scenarios)) is not None],
        "scenarios": [s for s in whole["scenarios"] if not scenarios or s["name"] in scenarios],
        "facts": [fact for fact in whole["facts"] if fact["id"] in used],
        "tables": [table for table in whole["tables"] if table["id"] in used],
        "parameters": [parameter for parameter in whole["parameters"] if parameter["id"] in assumed],
        "sources": whole["sources"],
    }


def _of_scenarios(working: dict[str, Any], scenarios: Collection[str]) -> dict[str, Any] | None:
    """A working table with the rows of some scenarios only, or None where it has none of theirs."""
    if not scenarios:
        return working
    kept = [index for index, name in enumerate(working["scenarios"]) if name in scenarios]
    shown = {key: [working[key][index] for index in kept] for key in ("rows", "scenarios")}
    return working | shown if kept else None


def number_dict(assessment: Assessment, rulebook: Rulebook, number: Number) -> dict[str, Any]:
    """One number with the facts, tables, parameters and sources that it rests on."""
    whole = assessment_dict(assessment, rulebook)
    return {
        "number": next(n for n in whole["numbers"] if n["id"] == number.id),
        "scenarios": [s for s in whole["scenarios"] if s["name"] in {v.scenario for v in number.variants}],
        "facts": [fact for fact in whole["facts"] if fact["id"] in number.used],
        "tables": [table for table in whole["tables"] if table["id"] in number.used],
        "parameters": [parameter for parameter in whole["parameters"] if parameter["id"] in number.assumed],
        "sources": whole["sources"],
    }


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _indented(value: Any, depth: int = 0) -> str:
    """A value as JSON that people can read: indented, but each trace and each list of plain values in one line.

    A trace is deep and long: indented, it would be mostly spaces, three quarters of the file.
    """
    if not isinstance(value, (dict, list)) or not value:
        return _compact(value)
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        rows = [
            f"{inner}{_compact(key)}: {_traces(item, depth + 1) if key == 'trace' else _indented(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    if not any(isinstance(item, (dict, list)) for item in value):
        return _compact(value)
    return "[\n" + ",\n".join(f"{inner}{_indented(item, depth + 1)}" for item in value) + f"\n{outer}]"


def _traces(value: Any, depth: int) -> str:
    """A trace in one line; where there is one for each condition, a line for each."""
    if not isinstance(value, dict) or not value or "op" in value:
        return _compact(value)
    inner, outer = "  " * (depth + 1), "  " * depth
    rows = ",\n".join(f"{inner}{_compact(key)}: {_compact(item)}" for key, item in value.items())
    return f"{{\n{rows}\n{outer}}}"


def render_json(assessment: Assessment, rulebook: Rulebook) -> str:
    """The assessment as JSON text, indented, UTF-8, with a newline at the end."""
    return _indented(assessment_dict(assessment, rulebook)) + "\n"
