"""The JSON Schemas of the files of a pack, generated from their models, for editors and other tools.

    python -m checker.packs.schema --write

writes them to `rules/schema/`. A schema says what a file may look like; loading checks names, units and sources.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from checker.model.finding import Outcome
from checker.model.state import Reason
from checker.packs.files import File, MetricFile, PackFile, ParameterFile, RuleFile
from checker.packs.load import NAME
from checker.packs.scenarios import ScenariosFile
from checker.packs.scheme import Scheme
from checker.resources import data_path

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_Name = Annotated[str, Field(pattern=NAME.pattern)]
_FACT = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"

TITLES: Mapping[str, str] = {
    "rule": "ddcheck rule, <rule>.yaml",
    "parameters": "ddcheck thresholds of a pack, parameters.yaml",
    "metrics": "ddcheck derived numbers of a pack, metrics.yaml",
    "pack": "ddcheck pack, pack.yaml",
    "verdict": "ddcheck verdict table, verdict.yaml",
    "scenarios": "ddcheck scenarios, scenarios.yaml or your own file for ddcheck stress",
    "cases": "ddcheck cases of a rule, <rule>.test.yaml",
}
"""Each file of a pack with the title of its schema."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "RuleFile": {
        "code": "Number in the catalogue, such as T3-03; begins with the pack's group",
        "title": "The requirement, put positively",
        "question": "What a depositor would ask",
        "since": "Version of the pack that first held the rule",
        "applies_if": "For whom the rule is; an expression",
        "fail_if": "FAIL where this is true; an expression",
        "warn_if": "Else WARN where this is true; an expression",
        "stop_if": "A stop, and a FAIL; only in rules that verdict.yaml names",
        "silence": "What a withheld fact does: the worst it could give, all but PASS, or nothing",
        "worse": "Directions of facts restated for this rule",
        "rationale": "Why it matters",
        "case": "The real case that showed it",
        "false_alarms": "Whom it would hit wrongly, and what lets them pass",
        "ask": "What to ask the platform",
        "message": "One sentence for each outcome; placeholders {metric}, {params.x}, {section.fact}, {unknowns}",
    },
    "ReferenceEntry": {"source": "Id in the bibliography", "locator": "Paragraph, article or page"},
    "ParameterFile": {
        "basis": "Law, standard, empirical, derived, seed article or judgement",
        "meaning": "What the threshold says",
        "range": "Plausible range for the sensitivity page",
        "learned_from": "Platforms whose failure gave the value",
        "values": "Every value with the day it took effect, oldest first",
    },
    "ParameterValue": {
        "from": "First day on which the value holds",
        "source": "Id in the bibliography",
        "locator": "Paragraph, article or page",
        "note": "How a derived or judged value was reached",
    },
    "MetricFile": {
        "worse": "Which direction is worse for a depositor",
        "reference": "Ids of the bibliography, with commas between",
        "title": "Its name among the printed numbers; without one it is not printed",
        "kinds": "Kinds of platform for which it is printed; none named are all",
        "needs": "Metrics that facts must bound and facts that must be reported before it is printed",
        "formula": "An expression, or several that tell the same quantity",
        "model": "The function of checker.metrics that tells it, module.name",
        "inputs": "An expression for each input of the model",
        "scenario": "The scenario under which rules ask the model",
        "apart": "What counts where formulas exclude each other",
        "over": "The table whose column this is",
        "as": "The name of a row in the formula",
    },
    "StepFile": {
        "days": "First and last day",
        "share": "What is asked for on each of them",
        "of": "Of what remains, or of the initial balance",
    },
    "RunFile": {
        "title": "A short phrase for a reader; no year, no platform",
        "meaning": "What it assumes and on what it rests",
        "calibrated_on": "The run that it was taken from",
        "censored": "Whether payment stopped before the run did, so that the true demand was larger",
        "headline_for": "Kinds of platform for which this run is shown first",
    },
    "ShockFile": {
        "price_fall": "Share of the price that is lost",
        "slippage": "Further share lost by selling",
        "cost": "Share of the proceeds that selling costs",
    },
    "DepegFile": {
        "oracle_fall": "Fall of the price that decides on liquidation",
        "market_fall": "Fall of the price at which one can sell",
        "bonus": "Discount a liquidator gets",
        "utilisation": "Share of the lent pool in use, before and after",
    },
    "PackFile": {
        "group": "What the codes of its rules begin with",
        "version": "Raised with every change",
    },
}
"""What the keys of a file mean, for the reader of an editor."""


def pack_schemas() -> dict[str, Schema]:
    """The schema of each kind of file, by name."""
    whole: dict[str, type[File]] = {
        "rule": RuleFile,
        "pack": PackFile,
        "verdict": Scheme,
        "scenarios": ScenariosFile,
    }
    schemas = {name: _plain(model.model_json_schema()) for name, model in whole.items()}
    schemas["parameters"] = _plain(TypeAdapter(dict[_Name, ParameterFile]).json_schema())
    schemas["metrics"] = _plain(TypeAdapter(dict[_Name, MetricFile]).json_schema())
    schemas["metrics"]["$defs"]["MetricFile"]["oneOf"] = [{"required": ["formula"]}, {"required": ["model", "inputs"]}]
    for name, schema in schemas.items():
        if name not in whole:
            schema["additionalProperties"] = False
        parts = schema.get("$defs", {}) | ({whole[name].__name__: schema} if name in whole else {})
        for model, part in parts.items():
            for key, meaning in MEANINGS.get(model, {}).items():
                part["properties"][key] = {"description": meaning} | part["properties"][key]
    schemas["cases"] = _cases()
    return {name: {"$schema": _DIALECT, "title": TITLES[name]} | schemas[name] for name in TITLES}


def _plain(part: Any) -> Any:
    """Takes out the titles and defaults that pydantic writes at every key, and the line breaks of docstrings."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain: Schema = {}
    for key, inner in part.items():
        if key in ("properties", "patternProperties", "$defs"):
            plain[key] = {name: _plain(value) for name, value in inner.items()}
        elif key == "description":
            plain[key] = " ".join(inner.split())
        elif key not in ("title", "default"):
            plain[key] = _plain(inner)
    return plain


def _cases() -> Schema:
    expect: Schema = {
        "type": "object",
        "additionalProperties": False,
        "anyOf": [{"required": ["possible"]}, {"required": ["not_applicable"]}],
        "properties": {
            "possible": {
                "description": "Exactly the outcomes that stay possible",
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"enum": [outcome.name for outcome in Outcome]},
            },
            "not_applicable": {"description": "The rule does not apply", "const": True},
            "presumed": {"description": "Whether silence, not evidence, decides", "type": "boolean"},
            "decisive": {
                "description": "Exactly the facts that keep it open",
                "type": "array",
                "items": {"type": "string"},
            },
            "reason": {"description": "A reason why it is open", "enum": [reason.value for reason in Reason]},
            "stop": {"description": "Whether the stop holds", "type": "boolean"},
        },
    }
    facts: Schema = {
        "description": "Facts as in a profile; those not named are not examined, bare values are audited",
        "type": ["object", "null"],
        "propertyNames": {"pattern": _FACT},
    }
    return {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "expect"],
            "properties": {
                "name": {"description": "What is special about the case", "type": "string", "minLength": 1},
                "facts": facts,
                "as_of": {"description": "The day judged", "type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                "params": {
                    "description": "Parameters changed for this case",
                    "type": ["object", "null"],
                    "additionalProperties": {"type": "number"},
                },
                "expect": expect,
            },
        },
    }


def schema_text(schema: Schema) -> str:
    """A schema as it is committed, the same bytes for the same models."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def write_pack_schemas(folder: Path) -> None:
    """Writes `<name>.schema.json` for every kind of file."""
    for name, schema in pack_schemas().items():
        (folder / f"{name}.schema.json").write_text(schema_text(schema), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m checker.packs.schema --write")
    write_pack_schemas(data_path("rules", "schema"))
