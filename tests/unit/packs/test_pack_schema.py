"""The committed schemas of pack files are current and sound; they accept every shipped file and refuse broken ones."""

import copy

import pytest
from jsonschema import Draft202012Validator

from checker.app.cases import EXPECTATIONS, KEYS
from checker.model.document import read_document
from checker.packs.schema import MEANINGS, TITLES, pack_schemas, write_pack_schemas
from checker.resources import data_path

ROOT = data_path("rules")
SCHEMAS = pack_schemas()
SPECIAL = {"pack.yaml": "pack", "parameters.yaml": "parameters", "metrics.yaml": "metrics"}


def kind(path):
    return SPECIAL.get(path.name) or ("cases" if path.name.endswith(".test.yaml") else "rule")


FILES = [
    (kind(path), path) for folder in sorted(ROOT.glob("*/pack.yaml")) for path in sorted(folder.parent.glob("*.yaml"))
]
FILES += [(name, ROOT / f"{name}.yaml") for name in ("verdict", "scenarios")]


def faults(name, value):
    return [error.json_path + ": " + error.message for error in Draft202012Validator(SCHEMAS[name]).iter_errors(value)]


def test_the_committed_schemas_are_current(tmp_path):
    write_pack_schemas(tmp_path)
    for name in TITLES:
        committed = ROOT / "schema" / f"{name}.schema.json"
        assert committed.read_bytes() == (tmp_path / committed.name).read_bytes(), (
            f"{committed.name} is old: python -m checker.packs.schema --write"
        )


@pytest.mark.parametrize("name", TITLES)
def test_each_is_a_sound_schema_of_the_stated_draft(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMAS[name]["title"] == TITLES[name]


@pytest.mark.parametrize(("name", "path"), FILES, ids=[f"{path.parent.name}/{path.name}" for _, path in FILES])
def test_every_shipped_file_is_valid(name, path):
    assert faults(name, read_document(path).value) == []


def test_all_kinds_of_files_were_tried():
    assert {name for name, _ in FILES} == set(TITLES)


RULE = read_document(ROOT / "t3" / "lcr_30d.yaml").value
PARAMETERS = read_document(ROOT / "t3" / "parameters.yaml").value
METRICS = read_document(ROOT / "t3" / "metrics.yaml").value
CASES = read_document(ROOT / "t3" / "lcr_30d.test.yaml").value


def changed(value, *path_and_new):
    *path, last, new = path_and_new
    whole = part = copy.deepcopy(value)
    for step in path:
        part = part[step]
    part[last] = new
    return whole


BROKEN = {
    "an unknown severity": ("rule", changed(RULE, "severity", "grave")),
    "an unknown key": ("rule", changed(RULE, "sevrity", "major")),
    "an unknown silence": ("rule", changed(RULE, "silence", "pass")),
    "no references": ("rule", changed(RULE, "references", [])),
    "a message without its sentence": ("rule", changed(RULE, "message", {"fail": "It fails."})),
    "an unknown direction": ("rule", changed(RULE, "worse", {"terms.rate_kind": "up"})),
    "an unknown basis": ("parameters", changed(PARAMETERS, "lq1_warn", "basis", "GUESS")),
    "a day that is none": ("parameters", changed(PARAMETERS, "lq1_warn", "values", [{"from": "2020", "value": 1}])),
    "a name in upper case": ("parameters", {"Lq1": PARAMETERS["lq1_warn"]}),
    "an unknown unit": ("metrics", changed(METRICS, "liquid_1d", "unit", "dollars")),
    "a metric without a formula": ("metrics", {"empty": {"worse": "none", "meaning": "Nothing"}}),
    "a pack without a version": ("pack", {"title": "Pack", "group": "P", "summary": "None"}),
    "a case without expectations": ("cases", [{"name": "nothing", "facts": {}}]),
    "an empty expectation": ("cases", [{"name": "nothing", "expect": {}}]),
    "an unknown outcome": ("cases", changed(CASES, 0, "expect", {"possible": ["OK"]})),
    "a fact without a section": ("cases", changed(CASES, 0, "facts", {"kind": "bank"})),
    "no cases": ("cases", []),
}


@pytest.mark.parametrize(("name", "value"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_refused(name, value):
    assert faults(name, value)


def test_cases_know_the_keys_that_are_read():
    case = SCHEMAS["cases"]["items"]["properties"]
    assert set(case) == set(KEYS)
    assert set(case["expect"]["properties"]) == set(EXPECTATIONS)


def test_every_meaning_belongs_to_a_key():
    parts = {name: part for schema in SCHEMAS.values() for name, part in schema.get("$defs", {}).items()}
    parts |= {"RuleFile": SCHEMAS["rule"], "PackFile": SCHEMAS["pack"]}
    for model, meanings in MEANINGS.items():
        assert set(meanings) <= set(parts[model]["properties"]), model
        for key, meaning in meanings.items():
            assert parts[model]["properties"][key]["description"] == meaning
