"""The comparison as JSON: the platforms, every pair, the rules with the outcome of each, the questions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from checker.assess.assessment import Assessment, Finding
from checker.assess.comparison import Comparison, Difference, Pair, RuleLine
from checker.outputs import words
from checker.outputs.comparison import Row, Sides
from checker.outputs.json import verdict_dict
from checker.outputs.language import tr
from checker.packs.rulebook import Rulebook

SCHEMA = "ddcheck/comparison/1"


def _platform(assessment: Assessment) -> dict[str, Any]:
    return {
        "name": assessment.name,
        "kind": assessment.kind,
        "profile": dict(assessment.profile),
        "certain": words.certain(assessment),
        "verdict": verdict_dict(assessment.verdict),
        "headline": words.headline(assessment),
        "evidence": {"newest": assessment.newest_evidence, "oldest_age_days": assessment.oldest_evidence_days},
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "first": pair.first,
        "second": pair.second,
        "grade": pair.grade.value,
        "traits": {id: how.value for id, how in pair.traits.items()},
        "rules": {why.value: count for why, count in pair.rules.items()},
        "only_knowledge": pair.only_knowledge,
        "flattered": pair.flattered,
    }


def _finding(finding: Finding | None, text: str) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "outcome": finding.outcome.name if finding.outcome is not None else None,
        "possible": [outcome.name for outcome in finding.possible],
        "presumed": finding.presumed,
        "rumoured": finding.rumoured,
        "text": text,
    }


def _rule(line: RuleLine, rulebook: Rulebook) -> dict[str, Any]:
    message = rulebook.rules[line.rule].message
    return {
        "rule": line.rule,
        "code": line.code,
        "severity": line.severity,
        "title": tr(line.title),
        "difference": line.difference.value,
        "findings": [
            _finding(finding, words.message(finding, message) if finding is not None else "")
            for finding in line.findings
        ],
    }


def _rows(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{"label": row.label, "cells": list(row.cells)} for row in rows]


def comparison_dict(told: Comparison, rulebook: Rulebook) -> dict[str, Any]:
    """The comparison as plain values; platforms are named by their place, counted from 0."""
    sides = Sides(told, rulebook)
    first = told.assessments[0]
    return {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": first.program},
        "options": asdict(first.options),
        "inputs": {"packs": [dict(pack) for pack in first.packs], **first.data},
        "platforms": [_platform(assessment) for assessment in told.assessments],
        "certain": [*sides.verdict(), *sides.traits()],
        "knowledge": list(sides.knowledge()),
        "not_comparable": list(sides.not_comparable()),
        "pairs": [_pair(pair) for pair in told.pairs],
        "counts": {why.value: len(told.lines(why)) for why in Difference},
        "rules": [_rule(line, rulebook) for line in told.rules],
        "yields": _rows(sides.yields()),
        "questions": [
            {
                "fact": question.fact,
                "question": tr(question.ask),
                "platforms": list(question.platforms),
                "rules": list(question.rules),
                "critical": question.critical,
            }
            for question in told.questions
        ],
        "limits": tr(words.LIMITS),
    }


def render_json(told: Comparison, rulebook: Rulebook) -> str:
    """The comparison as JSON text, with a newline at the end."""
    return json.dumps(comparison_dict(told, rulebook), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
