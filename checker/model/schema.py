"""The JSON Schema of profiles, generated from the models and the dictionary of facts, for editors and other tools.

It is looser than `load_profile` where a schema cannot say a rule (sources that exist, dates in order, kinds):
everything that is read as a profile is valid under it, and not the other way round.

    from checker.model.dictionary import load_dictionary
    write_profile_schema(load_dictionary("rules/facts"), "rules/schema/profile.schema.json")
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from checker.model.dictionary import PROVENANCE_KEYS, SECTIONS, UNITS, ColumnDef, Dictionary, FactDef
from checker.model.profile import (
    FORMAT,
    IDENTITY,
    MAX_TEXT,
    SUFFIXES,
    Defaults,
    Examination,
    FactEntry,
    IsoDate,
    Note,
    Override,
    Provenance,
    Source,
    plain_limit,
)

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER = r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?"


def write_profile_schema(dictionary: Dictionary, path: str | Path) -> None:
    """Writes the schema to a file, byte for byte the same for the same dictionary."""
    text = json.dumps(profile_schema(dictionary), indent=1, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8", newline="\n")


def profile_schema(dictionary: Dictionary) -> Schema:
    """Returns the JSON Schema (draft 2020-12) of profiles over these facts."""
    provenance, silence = _model(Provenance), _model(FactEntry) | {"required": ["status"]}
    silence["properties"] |= {key: {"type": "null"} for key in ("value", "lo", "hi")}
    definitions: dict[str, Schema] = {
        "provenance": provenance,
        "completeness": provenance | {"required": ["from", "known_on", "source"]},
        "silence": silence,
        "examination": _model(Examination),
        "source": _model(Source),
        "note": _model(Note),
        "override": _model(Override),
        "defaults": _model(Defaults),
    }
    sections = {section: _section(dictionary, section, definitions) for section in SECTIONS}
    sections["platform"] |= {"type": "object", "required": ["name", "kind"]}
    return {
        "$schema": _DIALECT,
        "title": f"ddcheck profile, format {FORMAT}",
        "description": "Sourced facts about one platform",
        "type": "object",
        "required": ["ddcheck", "platform"],
        "additionalProperties": False,
        "properties": {
            "$schema": _or_null({"type": "string"}),
            "ddcheck": {"description": "Format of the profile", "const": FORMAT},
            "defaults": _or_null(_ref("defaults")),
            **sections,
            "examined": _map_of({section: _list_of("examination") for section in SECTIONS}),
            "sources": _or_null({"type": "object", "additionalProperties": _ref("source")}),
            "notes": _list_of("note"),
            "overrides": _list_of("override"),
        },
        "$defs": definitions,
    }


# ---------------------------------------------------------------------------------------------------------- building


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _or_null(schema: Schema) -> Schema:
    """A null says nothing, as if the key were not there."""
    if isinstance(kind := schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return schema | {"type": [kind, "null"]}
    words = {key: schema[key] for key in ("title", "description") if key in schema}
    return words | {"anyOf": [{key: part for key, part in schema.items() if key not in words}, {"type": "null"}]}


def _map_of(properties: Mapping[str, Schema]) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": False, "properties": dict(properties)}


def _list_of(name: str) -> Schema:
    return {"type": ["array", "null"], "items": _ref(name)}


def _model(model: type[BaseModel]) -> Schema:
    """The schema of a pydantic model as it is written in a file: required keys, and null for what may be left out."""
    source = model.model_json_schema(by_alias=True)
    inner = source.get("$defs", {})
    required = source.get("required", ())
    plain = {key: _plain(part, inner) for key, part in source["properties"].items()}
    properties = {key: part if key in required else _or_null(part) for key, part in plain.items()}
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _plain(part: Schema, inner: Mapping[str, Schema]) -> Schema:
    """Takes the noise out of what pydantic generates: titles, defaults, references, alternatives to null."""
    if "$ref" in part:
        part = inner[part["$ref"].rpartition("/")[2]] | {key: value for key, value in part.items() if key != "$ref"}
    kept = {key: value for key, value in part.items() if key not in ("title", "default", "anyOf")}
    for alternative in part.get("anyOf", ()):
        if alternative != {"type": "null"}:
            kept = _plain(alternative, inner) | kept
    return kept


def _section(dictionary: Dictionary, section: str, definitions: dict[str, Schema]) -> Schema:
    facts = dictionary.of_section(section)
    return _map_of({fact.name: _fact(fact, definitions) for fact in facts})


def _fact(fact: FactDef, definitions: dict[str, Schema]) -> Schema:
    if fact.type == "table":
        return _described(fact, _table(fact, definitions))
    name = _value(fact, definitions)
    if fact.id in IDENTITY:
        return _described(fact, _ref(name))
    form = f"{name}_entry"
    if form not in definitions:
        bounds = _bounds(fact, name)
        definitions[form] = {
            "type": "object",
            "additionalProperties": False,
            "properties": bounds | _about_itself() | _whether(),
            "anyOf": [{"required": [key]} for key in (*bounds, "status")],
        }
        history = {"type": "array", "items": _ref(form), "minItems": 1}
        definitions[f"{name}_fact"] = {"anyOf": [_ref(name), _ref(form), history, {"type": "null"}]}
    return _described(fact, _ref(f"{name}_fact"))


def _about_itself() -> dict[str, Schema]:
    """What every entry and every row may say about itself."""
    return {key: {"$ref": f"#/$defs/provenance/properties/{key}"} for key in PROVENANCE_KEYS}


def _whether() -> dict[str, Schema]:
    """What an entry may say in place of a value."""
    return {key: {"$ref": f"#/$defs/silence/properties/{key}"} for key in ("status", "reason")}


def _described(definition: ColumnDef, schema: Schema) -> Schema:
    text = definition.meaning
    if definition.unit is not None:
        text += f" ({UNITS[definition.unit]})"
    return {"description": text} | schema


def _value(definition: ColumnDef, definitions: dict[str, Schema]) -> str:
    """The name of the schema of bare values of this sort."""
    name: str = definition.type
    if definition.type == "number":
        name = "_".join((str(definition.unit), *map(_bound, definition.range)))
    elif definition.type == "enum":
        name = "_or_".join(definition.values)
    definitions.setdefault(name, _bare(definition))
    return name


def _bound(value: float) -> str:
    return f"{value:g}" if math.isfinite(value) else "open"


def _bare(definition: ColumnDef) -> Schema:
    match definition.type:
        case "bool":
            return {"type": "boolean"}
        case "enum":
            return {"enum": list(definition.values)}
        case "date":
            return TypeAdapter(IsoDate).json_schema()
        case "asset":
            return {"type": "string", "pattern": r"^\s*\S{1,40}\s*$", "description": "Ticker or currency code"}
        case "number":
            return _bare_number(definition)
        case _:
            return {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": r"\S"}


def _bare_number(definition: ColumnDef) -> Schema:
    limit = plain_limit(definition)
    lo, hi = max(definition.range[0], -limit), min(definition.range[1], limit)
    number: Schema = {"type": "number"}
    if math.isfinite(lo):
        number["minimum"] = lo
    if math.isfinite(hi):
        number["maximum"] = hi
    suffixes = "|".join(SUFFIXES.get(definition.unit or "", ()))
    pattern = rf"^\s*{_NUMBER}\s*({suffixes})?\s*$" if suffixes else rf"^\s*{_NUMBER}\s*$"
    return {"anyOf": [number, {"type": "string", "maxLength": 60, "pattern": pattern}]}


def _bounds(definition: ColumnDef, name: str) -> dict[str, Schema]:
    """The keys that give a value: `value` itself and, for what has an order, its bounds."""
    value: Schema = {"anyOf": [_ref(name), {"type": "null"}]}
    bound: Schema = value if definition.type in ("number", "date") else {"type": "null"}
    return {"value": value, "lo": bound, "hi": bound}


def _table(fact: FactDef, definitions: dict[str, Schema]) -> Schema:
    row: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _cell(column, definitions) for name, column in fact.columns.items()} | _about_itself(),
        "anyOf": [{"required": [column]} for column in fact.key],
    }
    rows: Schema = {"type": "array", "items": row}
    full = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "rows": _or_null(rows),
            "complete": _list_of("completeness"),
            "stated": _list_of("silence"),
            "status": {"type": "null"},
        },
    }
    return {"anyOf": [rows, full, _ref("silence"), {"type": "null"}]}


def _cell(column: ColumnDef, definitions: dict[str, Schema]) -> Schema:
    name = _value(column, definitions)
    bounds = {"type": "object", "additionalProperties": False, "properties": _bounds(column, name)}
    definitions.setdefault(f"{name}_cell", {"anyOf": [_ref(name), bounds, {"type": "null"}]})
    return _described(column, _ref(f"{name}_cell"))
