"""The JSON Schema of the assessment, generated from the dataclasses that it is made of."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from checker.assess import assessment as parts
from checker.assess import turns
from checker.model.finding import Grade, Outcome
from checker.outputs.json import SCHEMA

GRADE = {"enum": [*Grade.__members__, None]}
OUTCOME = {"enum": [*Outcome.__members__]}
_LISTS = {
    "metrics": parts.MetricValue,
    "numbers": parts.Number,
    "workings": parts.Working,
    "scenarios": parts.ScenarioUse,
    "parameters": parts.ParameterUse,
    "rates": parts.RateUse,
    "facts": parts.FactView,
    "tables": parts.TableView,
    "questions": parts.Question,
    "sources": parts.SourceView,
    "notes": parts.NoteView,
    "overrides": parts.OverrideView,
}


def _object(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return schema | ({"description": description} if description else {})


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _verdict() -> dict[str, Any]:
    share = {"type": "number", "minimum": 0, "maximum": 1}
    count = {"type": "integer", "minimum": 0}
    level = {"type": "integer", "minimum": 0, "maximum": 3}
    strings = _list({"type": "string"})
    trait = _object(
        {
            "name": {"type": "string"},
            "best": level,
            "worst": level,
            "best_name": {"type": "string"},
            "worst_name": {"type": "string"},
            "presumed": {"type": "boolean"},
            "open": {"type": "boolean"},
            "structure": {"enum": ["yes", "no", "open", "presumed"]},
            "fails": strings,
            "warns": strings,
            "undecided": strings,
        }
    )
    ends = _object({"best": GRADE, "worst": GRADE})
    facts = _object(
        {"asked": count, "known": count, "settled": count},
        "Known counts the facts that are told, and those that are settled: no answer could change anything.",
    )
    return _object(
        {
            "grade": {**GRADE, "description": "The letter; null while best and worst differ or there is no grade"},
            "best": GRADE,
            "worst": GRADE,
            "uncapped": ends,
            "assessable": {"type": "boolean"},
            "bounds": {"type": "string"},
            "coverage": _object(
                {
                    "all": share,
                    "critical": share,
                    "critical_not_examined": share,
                    "facts": facts,
                    "critical_facts": facts,
                }
            ),
            "pattern": _object({end: {"type": ["string", "null"]} for end in ("best", "worst")}),
            "traits": {"type": "object", "additionalProperties": trait},
            "stops": strings,
            "deciding": strings,
            "constraints": _list(
                _object(
                    {
                        "end": {"enum": ["best", "worst"]},
                        "kind": {"type": "string"},
                        "grade": {"enum": [*Grade.__members__]},
                        "rules": strings,
                    }
                )
            ),
            "status": _list(_object({"id": {"type": "string"}, "text": {"type": "string"}})),
        },
        "Both ends of the verdict with everything that stands beside it",
    )


def _changes(step: dict[str, Any]) -> dict[str, Any]:
    strings = _list({"type": "string"})
    count = {"type": "integer", "minimum": 0}
    letter = {"enum": [*Grade.__members__]}
    ends = _object({"best": letter, "worst": letter})
    number = {"type": "number"}
    turn = _object(
        {
            "end": {"enum": ["best", "worst"]},
            "way": {"enum": ["raise", "lower"]},
            "grade": letter,
            "target": GRADE,
            "exact": {"type": "boolean"},
            "more": {"type": "boolean"},
            "candidates": count,
            "sets": _list(_object({"best": letter, "worst": letter, "steps": _list(step)})),
            "held_by": strings,
            "withheld": strings,
        }
    )
    edge = _object(
        {
            "parameter": {"type": "string"},
            "unit": {"type": "string"},
            "value": number,
            "range": {"type": "array", "items": number, "minItems": 2, "maxItems": 2},
            "at_lo": ends,
            "at_hi": ends,
            "rules": strings,
        }
    )
    core = _object({"grade": letter, "facts": strings, "of": count})
    return _object(
        {
            "best": GRADE,
            "worst": GRADE,
            "turns": _list(turn),
            "core": {"anyOf": [core, {"type": "null"}]},
            "edges": _list(edge),
            "parameters_tried": count,
        }
    )


def assessment_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `--format json`."""
    definitions: dict[str, Any] = {}

    def described(model: type) -> dict[str, Any]:
        schema = TypeAdapter(model).json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        schema["additionalProperties"] = False
        return dict(schema)

    finding = described(parts.Finding)
    finding["properties"]["possible"] = _list(OUTCOME)
    finding["properties"] |= {"outcome": {"enum": [*Outcome.__members__, None]}, "text": {"type": "string"}}
    lists = {name: _list(described(model)) for name, model in _LISTS.items()}
    lists["overrides"]["items"]["properties"] |= {"outcome": OUTCOME, "computed": _list(OUTCOME)}
    finding["properties"]["overrides"] = {
        **lists["overrides"],
        "description": "What analysts recorded by hand; it stands beside the outcome and changes nothing",
    }
    finding["required"] = [*finding["properties"]]
    for unused in ("Outcome", "Grade"):
        definitions.pop(unused, None)
    text = {"type": "string"}
    words = {"type": "object", "additionalProperties": text}
    top = _object(
        {
            "schema": {"const": SCHEMA},
            "program": _object({"name": text, "version": text}),
            "platform": {
                "type": "object",
                "properties": {"name": text, "kind": text},
                "required": ["name", "kind"],
            },
            "options": described(parts.Options),
            "inputs": {
                "type": "object",
                "properties": {"profile": words, "packs": _list(words)},
                "required": ["profile", "packs"],
            },
            "certain": {**text, "description": "The first sentence: what is certain"},
            "reasons": _list(_object({"text": text, "rule": text})),
            "verdict": _verdict(),
            "precedent": {"anyOf": [described(parts.Precedent), {"type": "null"}]},
            "headline": {
                **_list(_object({"text": text, "number": text, "scenario": text})),
                "description": "The numbers that stand beside the grade",
            },
            "findings": _list(finding),
            **lists,
            "bibliography": _list(words),
            "warnings": _list(text),
            "evidence": _object(
                {"newest": {"type": ["string", "null"]}, "oldest_age_days": {"type": ["integer", "null"]}}
            ),
            "limits": text,
        }
    )
    top["properties"]["changes"] = {
        **_changes(described(turns.Step)),
        "description": "What would change the verdict; only with --changes",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ddcheck assessment",
        **top,
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(assessment_schema(), ensure_ascii=False, indent=2) + "\n"
