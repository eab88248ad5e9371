import copy
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checker.model.dictionary import EVIDENCE, KINDS, SECTIONS, load_dictionary
from checker.model.document import parse_json, read_document
from checker.model.errors import ProfileError
from checker.model.profile import parse_profile, plain_limit
from checker.model.schema import profile_schema, write_profile_schema
from checker.resources import data_path

TODAY = date(2023, 1, 1)
DICTIONARY = load_dictionary(data_path("rules", "facts"))
SCHEMA = profile_schema(DICTIONARY)
VALIDATOR = Draft202012Validator(SCHEMA)
COMMITTED = data_path("rules", "schema", "profile.schema.json")

GOOD = {
    "$schema": "../rules/schema/profile.schema.json",
    "ddcheck": 1,
    "platform": {"name": "Celsius Network", "kind": "cefi_lender", "country": "US", "launched": "2018-06-01"},
    "terms": {
        "rate_kind": {"value": "platform_set", "from": "2021-09-17", "evidence": "terms_of_use", "source": "terms"},
        "offered_apy": [{"value": 0.13, "from": "2021-09-17", "until": None}, {"lo": "17%", "hi": 0.1863}],
        "redeem_any_time": True,
        "notice_days": {"status": "not_disclosed", "source": "terms", "value": None},
        "products": [{"product": "Earn", "asset": "USDC", "rate": {"hi": "9.32%"}, "tenor_days": 0, "insured": None}],
    },
    "deposit_liquidity": {
        "client_liabilities": "1.2bn",
        "deposits": {"rows": [], "complete": [{"from": "2022-01-01", "known_on": "2022-02-01", "source": "terms"}]},
    },
    "exposures": {"named": {"status": "not_disclosed", "source": "terms"}},
    "examined": {"terms": [{"on": "2022-05-31", "known_on": "2022-05-31", "sources": ["terms"]}]},
    "sources": {"terms": {"title": "Terms of use", "url": "https://example.org/terms", "date": "2021-09-17"}},
    "notes": [{"text": "It halted.", "topic": "halt", "source": "terms", "known_on": "2022-06-12"}],
    "defaults": {"from": "2022-01-01", "evidence": "press", "source": "terms"},
}


def load(profile):
    return parse_profile(parse_json(json.dumps(profile), "p.json"), DICTIONARY, today=TODAY)


def valid(profile):
    return VALIDATOR.is_valid(profile)


def test_the_committed_schema_is_current(tmp_path):
    path = tmp_path / "profile.schema.json"
    write_profile_schema(DICTIONARY, path)
    assert COMMITTED.read_bytes() == path.read_bytes(), (
        "rules/schema/profile.schema.json is old: write it again with checker.model.schema.write_profile_schema"
    )


def test_it_is_a_sound_schema_of_the_stated_draft():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def references(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for part in schema.values():
            yield from references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from references(part)


def test_every_reference_leads_somewhere_and_every_definition_is_used():
    used = set()
    for reference in references(SCHEMA):
        part = SCHEMA
        for key in reference.removeprefix("#/").split("/"):
            part = part[key]
        used.add(reference.split("/")[2])
    assert used == set(SCHEMA["$defs"])


def test_every_fact_and_column_is_described_by_its_meaning():
    for definition in DICTIONARY.facts.values():
        fact = SCHEMA["properties"][definition.section]["properties"][definition.name]
        assert fact["description"].startswith(definition.meaning)
        if definition.type == "table":
            columns = fact["anyOf"][0]["items"]["properties"]
            assert all(columns[name]["description"].startswith(c.meaning) for name, c in definition.columns.items())


def test_a_good_profile_is_accepted_by_both():
    assert load(GOOD).name == "Celsius Network"
    assert [error.message for error in VALIDATOR.iter_errors(GOOD)] == []


BAD = [
    (("ddcheck",), 2),
    (("platform",), None),
    (("platform", "kind"), "bnk"),
    (("platform", "name"), ""),
    (("platform", "name"), {"value": "A"}),
    (("term",), {}),
    (("terms", "offered_apr"), 1),
    (("terms", "offered_apy"), 17),
    (("terms", "offered_apy"), "17 percent"),
    (("terms", "offered_apy"), "1.2bn"),
    (("terms", "offered_apy"), []),
    (("terms", "offered_apy"), [0.1]),
    (("terms", "offered_apy"), {}),
    (("terms", "offered_apy"), {"valeu": 1}),
    (("terms", "offered_apy"), {"value": 0.1, "from": "1 May 2022"}),
    (("terms", "offered_apy"), {"value": 0.1, "evidence": "hearsay"}),
    (("terms", "offered_apy"), {"value": 0.1, "alleged": "no"}),
    (("terms", "offered_apy"), {"value": 0.1, "inferred": ["form"]}),
    (("terms", "offered_apy"), {"status": "hidden"}),
    (("terms", "redeem_any_time"), "true"),
    (("terms", "redeem_any_time"), {"lo": True}),
    (("terms", "rate_kind"), "guessed"),
    (("terms", "notice_days"), -1),
    (("terms", "notice_days"), "7d"),
    (("terms", "offered_asset"), "US Treasuries"),
    (("terms", "products"), [{"rate": 0.1}]),
    (("terms", "products"), [{"product": "Earn", "ratee": 0.1}]),
    (("terms", "products"), [{"product": "Earn", "rate": 9}]),
    (("terms", "products"), {"row": []}),
    (("deposit_liquidity", "client_liabilities"), "$5"),
    (("deposit_liquidity", "client_liabilities"), -5),
    (("deposit_liquidity", "deposits"), {"rows": [], "complete": [{"from": "2022-01-01"}]}),
    (("platform", "launched"), "June 2018"),
    (("examined", "tems"), []),
    (("examined", "terms"), [{"on": "2022-05-31", "sources": ["terms"]}]),
    (("examined", "terms"), [{"on": "2022-05-31", "known_on": "2022-05-31", "sources": []}]),
    (("sources", "terms"), {}),
    (("sources", "terms"), {"title": "t", "url": "javascript:alert(1)"}),
    (("notes",), [{"topic": "x"}]),
    (("defaults", "until"), "2022-01-01"),
]


@pytest.mark.parametrize(("place", "value"), BAD, ids=str)
def test_a_bad_profile_is_refused_by_both(place, value):
    profile = copy.deepcopy(GOOD)
    inner = profile
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    assert not valid(profile)
    with pytest.raises(ProfileError):
        load(profile)


def test_the_profiles_of_the_project_follow_it():
    for path in sorted(data_path("profiles").glob("*.json")):
        errors = [
            f"{path.name} {error.json_path}: {error.message[:200]}"
            for error in VALIDATOR.iter_errors(read_document(path).value)
        ]
        assert not errors


# ------------------------------------------------------------------------------------- what is loaded is always valid

DAYS = st.dates(date(2018, 1, 1), TODAY).map(str)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
BLANK = st.sampled_from(["", " ", "\t"])


def numbers(definition):
    low, high = definition.range
    limit = plain_limit(definition)
    low, high = max(low, -1e12), min(high, 1e12)
    bare = st.floats(max(low, -limit), min(high, limit))
    ints = st.integers(-3, 3).filter(lambda n: low <= n <= high and abs(n) <= limit)
    texts = st.floats(max(low, -9), min(high, 9)).map(lambda x: f"{x:.4f}")
    suffix = {"rate": "%", "share": "%", "ratio": "%", "money": "m", "money_per_month": "k", "count": "bn"}
    tail = st.sampled_from(["", suffix.get(definition.unit, "")])
    return bare | ints | st.builds(lambda a, x, b, s: f"{a}{x}{b}{s}", BLANK, texts, BLANK, tail)


def bare_values(definition):
    match definition.type:
        case "number":
            return numbers(definition)
        case "bool":
            return st.booleans()
        case "enum":
            return st.sampled_from(definition.values)
        case "date":
            return st.dates().map(str)
        case _:
            return TEXTS


def provenance():
    return st.fixed_dictionaries(
        {},
        optional={
            "from": st.none() | DAYS,
            "until": st.none() | st.dates().map(str),
            "known_on": DAYS,
            "seen": DAYS,
            "evidence": st.sampled_from([*EVIDENCE]),
            "source": st.sampled_from(["a", "b"]),
            "locator": TEXTS,
            "note": st.none() | TEXTS,
            "alleged": st.booleans(),
            "inferred": st.just([]) | st.just(["from"]),
        },
    )


def full_entries(definition):
    value = bare_values(definition)
    said = [st.fixed_dictionaries({"value": value}, optional={"lo": st.none()})]
    if definition.type in ("number", "date"):
        said.append(st.fixed_dictionaries({}, optional={"lo": value, "hi": value}))
    said.append(
        st.fixed_dictionaries(
            {"status": st.sampled_from(["not_disclosed", "not_applicable", "not_examined"])},
            optional={"reason": st.just("why"), "value": st.none()},
        )
    )
    return st.builds(lambda what, where: what | where, st.one_of(said), provenance())


def facts(definition):
    if definition.type != "table":
        full = full_entries(definition)
        return st.one_of(st.none(), bare_values(definition), full, st.lists(full, max_size=2))
    cells = {
        name: st.none() | bare_values(column) | st.fixed_dictionaries({}, optional={"value": bare_values(column)})
        for name, column in definition.columns.items()
    }
    row = st.builds(lambda what, where: what | where, st.fixed_dictionaries({}, optional=cells), provenance())
    rows = st.lists(row, max_size=2)
    complete = st.none() | st.lists(provenance(), max_size=1)
    silent = st.builds(lambda where: where | {"status": "not_disclosed", "lo": None}, provenance())
    return rows | silent | st.fixed_dictionaries({"rows": st.none() | rows}, optional={"complete": complete})


@st.composite
def profiles(draw):
    profile = {
        "ddcheck": 1,
        "platform": {"name": "A", "kind": draw(st.sampled_from(KINDS))},
        "sources": {"a": {"title": "A"}, "b": {"title": "B", "date": None, "url": "http://b.example"}},
    }
    chosen = draw(st.lists(st.sampled_from([*DICTIONARY]), min_size=1, max_size=3, unique=True))
    for definition in map(DICTIONARY.get, chosen):
        if definition.id not in ("platform.name", "platform.kind"):
            profile.setdefault(definition.section, {})[definition.name] = draw(facts(definition))
    if draw(st.booleans()):
        profile["defaults"] = draw(provenance().map(lambda p: {k: v for k, v in p.items() if k in ("from", "source")}))
    if draw(st.booleans()):
        profile["notes"] = draw(st.lists(provenance().map(lambda where: where | {"text": "n"}), max_size=1))
    if draw(st.booleans()):
        profile[draw(st.sampled_from(SECTIONS[1:]))] = None
    return profile


@settings(max_examples=200)
@given(profiles())
def test_every_profile_that_is_loaded_is_valid(profile):
    try:
        load(profile)
    except ProfileError:
        return
    assert [error.message for error in VALIDATOR.iter_errors(profile)] == []


@pytest.mark.parametrize("fact", [fact for fact in DICTIONARY if fact not in ("platform.name", "platform.kind")])
def test_every_fact_can_be_written_in_full(fact):
    definition = DICTIONARY[fact]

    def example(column):
        fixed = {"number": max(0, column.range[0]), "bool": True, "date": "2022-01-01", "text": "x", "asset": "USDC"}
        return column.values[0] if column.type == "enum" else fixed[column.type]

    if definition.type == "table":
        entry = [{name: example(column) for name, column in definition.columns.items()}]
    else:
        entry = {"value": example(definition), "from": "2022-01-01", "source": "a"}
    profile = {
        "ddcheck": 1,
        "platform": {"name": "A", "kind": definition.kinds[0]},
        "sources": {"a": {"title": "A"}},
    }
    profile.setdefault(definition.section, {})[definition.name] = entry
    load(profile)
    assert valid(profile)
