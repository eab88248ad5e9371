"""The JSON Schema of the back-test (draft 2020-12).

    python -m checker.outputs.backtest_schema --write

writes it to `rules/schema/backtest.schema.json`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from checker.assess.backtest import READINGS, Group, Label
from checker.model.dictionary import KINDS
from checker.model.finding import Grade
from checker.outputs.backtest import CLASSES, SCHEMA
from checker.resources import data_path

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
NUMBER: Schema = {"type": ["number", "null"]}
GRADE: Schema = {"enum": [*Grade.__members__, None]}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _object(properties: Schema, description: str = "") -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return schema | ({"description": description} if description else {})


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def backtest_schema() -> Schema:
    """JSON Schema of `ddcheck backtest --format json`."""
    interval = {**_maybe({"type": "array", "items": SHARE, "minItems": 2, "maxItems": 2}), "description": "At 95 %"}
    ends = _object({"best": GRADE, "worst": GRADE})
    coverage = _object({"all": SHARE, "critical": SHARE}, "Facts known or settled, of those asked")
    verdict = {
        "grade": GRADE,
        "best": GRADE,
        "worst": GRADE,
        "assessable": FLAG,
        "flagged": {**FLAG, "description": "Certainly D or worse"},
        "alarmed": {**FLAG, "description": "Assessable, and E or F is possible"},
        "cleared": {**FLAG, "description": "Certainly C or better"},
    }
    source = _object({"title": TEXT, "publisher": TEXT, "date": TEXT, "url": TEXT})
    reading = {"enum": list(READINGS)}
    definitions: Schema = {
        "share": _object(
            {"count": COUNT, "of": COUNT, "share": SHARE, "wilson": interval, "clopper_pearson": interval}
        ),
        "event": _object({"date": DAY, "what": TEXT, "source": source}),
        "onset": _object(
            {
                "date": DAY,
                "lead_days": {"type": "integer"},
                "deciding": _list(TEXT),
                "facts": _list(TEXT),
                "new_facts": {**_list(TEXT), "description": "Those of which something became known on that day"},
            },
            "Since when something held without a break until the day before the event",
        ),
        "verdicts": _object(
            {
                **{name: _ref("share") for name in ("flagged", "alarmed", "cleared", "not_assessable")},
                "median_coverage": _object({"all": SHARE, "critical": SHARE}),
            }
        ),
        "ranking": _object(
            {
                "score": {"enum": ["best end", "worst end"]},
                "auc": SHARE,
                "error": {**NUMBER, "description": "Hanley and McNeil 1982"},
                "interval": interval,
                "clusters": _object({"shut": COUNT, "open": COUNT}),
                "permutation": _maybe(
                    _object(
                        {
                            "p": SHARE,
                            "exact": FLAG,
                            "arrangements": COUNT,
                            "tried": COUNT,
                            "smallest_p": {**SHARE, "description": "The smallest p that so few cases can reach"},
                        }
                    )
                ),
            }
        ),
        "reading": _object(verdict),
    }
    failures = json.loads(json.dumps(definitions["verdicts"]))
    failures["properties"]["with_facts"] = COUNT
    failures["required"].append("with_facts")
    definitions["at"] = _object(
        {
            "days_before": COUNT,
            "reading": reading,
            "failures": failures,
            "survivors": _ref("verdicts"),
            "sensitivity": _ref("share"),
            "false_alarm_rate": _ref("share"),
            "auc": _list(_ref("ranking")),
            "brier": _object({"score": NUMBER, "base_rate": NUMBER, "skill": NUMBER}),
        }
    )
    definitions["day"] = _object(
        {
            "date": DAY,
            "days_before": {"type": ["integer", "null"]},
            **verdict,
            "coverage": coverage,
            "deciding": _list(TEXT),
            "stops": _list(TEXT),
            "fails": _list(TEXT),
            "warns": _list(TEXT),
            "other_readings": _object({name: _ref("reading") for name in READINGS[1:]}),
        }
    )
    definitions["platform"] = _object(
        {
            "profile": TEXT,
            "name": TEXT,
            "kind": {"enum": list(KINDS)},
            "sha256": TEXT,
            "label": {"enum": [label.value for label in Label]},
            "group": {"enum": [group.value for group in Group]},
            "cluster": TEXT,
            "event": _maybe(_ref("event")),
            "stress": _maybe(_ref("event")),
            "last_seen": _maybe(_ref("event")),
            "expected": TEXT,
            "known_miss": TEXT,
            "hit": {"type": ["boolean", "null"], "description": "Whether the checker was right; null if counted apart"},
            "known_from": _maybe(DAY),
            "known_until": _maybe(DAY),
            "flagged_since": _maybe(_ref("onset")),
            "alarmed_since": _maybe(_ref("onset")),
            "first_flagged": _maybe(DAY),
            "facts": _list(TEXT),
            "unknown": _list(TEXT),
            "rules_learned_from_case": _list(TEXT),
            "strict": _object({"dropped": COUNT, "counted_later": COUNT}),
            "days": _list(_ref("day")),
            "timeline": _list(
                _object({"date": DAY, "best": GRADE, "worst": GRADE, "assessable": FLAG, "critical": SHARE})
            ),
        }
    )
    row = _object({"verdict": TEXT, "closed_within_a_year": _ref("share"), "platforms": COUNT})
    named = {**row, "properties": {**row["properties"], "verdict": {"enum": list(CLASSES)}}}
    lettered = {**row, "properties": {**row["properties"], "verdict": {"enum": [*Grade.__members__]}}}
    top = _object(
        {
            "schema": {"const": SCHEMA},
            "program": _object({"name": TEXT, "version": TEXT}),
            "headline": {**TEXT, "description": "What was caught, missed and flagged falsely"},
            "options": _object(
                {
                    "parameters": {"enum": ["latest", "as-of"]},
                    "strict": FLAG,
                    "overrides": {"type": "object", "additionalProperties": {"type": "number"}},
                }
            ),
            "inputs": _object(
                {"sha256": TEXT, "outcomes": TEXT, "packs": _list({"type": "object", "additionalProperties": TEXT})}
            ),
            "definitions": {"type": "object", "additionalProperties": TEXT},
            "limits": _list(TEXT),
            "corpus": _object(
                {
                    "platforms": COUNT,
                    "failures": COUNT,
                    "survivors": COUNT,
                    "apart": COUNT,
                    "first": _maybe(DAY),
                    "last": _maybe(DAY),
                    "clusters": _list(_object({"name": TEXT, "what": TEXT})),
                    "without_outcome": _list(TEXT),
                    "without_profile": _list(TEXT),
                }
            ),
            "horizons": _list(_ref("at")),
            "other_readings": _list(_ref("at")),
            "thresholds": _list(
                _object(
                    {
                        "score": {"enum": ["best end", "worst end"]},
                        "from": {"enum": [*Grade.__members__]},
                        "hits": _ref("share"),
                        "misses": COUNT,
                        "false_alarms": _ref("share"),
                        "quiet": COUNT,
                    }
                )
            ),
            "clusters_caught": _ref("share"),
            "lead_days": _object(
                {
                    "flagged": COUNT,
                    "of": COUNT,
                    "median": NUMBER,
                    "least": {"type": ["integer", "null"]},
                    "most": {"type": ["integer", "null"]},
                }
            ),
            "survivor_years": _object(
                {"watched": NUMBER, "flagged": NUMBER, "alarmed": NUMBER, "share_flagged": SHARE}
            ),
            "changes": _list(
                _object(
                    {
                        "profile": TEXT,
                        "date": DAY,
                        "days_before": {"type": ["integer", "null"]},
                        "reading": reading,
                        "before": ends,
                        "after": ends,
                        "unflagged": FLAG,
                        "newly_flagged": FLAG,
                    }
                )
            ),
            "rules": _object(
                {
                    "all": _list(
                        _object(
                            {
                                "rule": TEXT,
                                "code": TEXT,
                                "title": TEXT,
                                "severity": TEXT,
                                "failed_on_failures": _ref("share"),
                                "failed_on_survivors": _ref("share"),
                                "warned_on_failures": COUNT,
                                "warned_on_survivors": COUNT,
                                "decided_failures": COUNT,
                                "decided_survivors": COUNT,
                                "median_lead_days": NUMBER,
                            }
                        )
                    ),
                    "never_decide": _list(TEXT),
                    "only_false_alarms": _list(TEXT),
                }
            ),
            "meaning": _object({"classes": _list(named), "best_ends": _list(lettered)}),
            "platforms": _list(_ref("platform")),
        }
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ddcheck back-test",
        **top,
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(backtest_schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m checker.outputs.backtest_schema --write")
    path = data_path("rules", "schema", "backtest.schema.json")
    path.write_text(schema_text(), encoding="utf-8", newline="\n")
