import math
from typing import get_args

import pytest

from checker.model.dictionary import (
    EVIDENCE,
    GRADED_KINDS,
    KINDS,
    PROVENANCE_KEYS,
    SECTIONS,
    UNITS,
    Unit,
    load_dictionary,
)
from checker.model.errors import PackError
from checker.model.profile import Provenance
from checker.resources import data_path

RATE = """\
offered_apy:
  type: number
  unit: rate
  worse: higher
  about: promise
  meaning: Highest rate
  ask: Which rate do you pay?
"""


def write(folder, text, section="terms"):
    (folder / f"{section}.yaml").write_text(text)
    return folder


def read(folder, text):
    (fact,) = load_dictionary(write(folder, text)).facts.values()
    return fact


def refusal(folder, text=None):
    with pytest.raises(PackError) as caught:
        load_dictionary(folder if text is None else write(folder, text))
    return [(fault.line, fault.column, fault.key, fault.message, fault.hint) for fault in caught.value.faults]


def test_the_dictionary_of_the_project_is_sound():
    dictionary = load_dictionary(data_path("rules", "facts"))
    assert dictionary.sections == SECTIONS
    assert dictionary["platform.kind"].values == KINDS
    assert [fact.section for fact in dictionary.facts.values()] == sorted(
        (fact.section for fact in dictionary.facts.values()), key=SECTIONS.index
    )
    assert all(
        fact == definition.id == f"{definition.section}.{definition.name}"
        for fact, definition in dictionary.facts.items()
    )
    assert sum(len(dictionary.of_section(section)) for section in SECTIONS) == len(dictionary)


def test_constants_agree():
    assert KINDS[: len(GRADED_KINDS)] == GRADED_KINDS
    assert set(get_args(Unit)) == set(UNITS)
    assert [field.alias or name for name, field in Provenance.model_fields.items()] == list(PROVENANCE_KEYS)


def test_evidence_words_rise_in_grade_and_own_words_prove_least():
    grades = [word.grade for word in EVIDENCE.values()]
    assert grades == sorted(grades)
    assert set(grades) == {0, 1, 2, 3, 4}
    assert all(name == word.word for name, word in EVIDENCE.items())
    assert {word.word for word in EVIDENCE.values() if word.own} == {
        "advertised",
        "company_disclosed",
        "terms_of_use",
        "protocol_docs",
        "debtor_declaration",
    }
    assert all(word.grade == 1 for word in EVIDENCE.values() if word.own)


def test_what_an_entry_leaves_out(tmp_path):
    fact = read(tmp_path, RATE)
    assert (fact.id, fact.section, fact.name) == ("terms.offered_apy", "terms", "offered_apy")
    assert (fact.observable, fact.expected_public, fact.kinds) == (False, (), KINDS)
    assert (fact.max_age_days, fact.min_evidence, fact.where) == (None, None, "")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("unit: rate", (-1, math.inf)),
        ("unit: share", (0, 1)),
        ("unit: money", (0, math.inf)),
        ("unit: days", (0, math.inf)),
        ("unit: money\n  range: [null, null]", (-math.inf, math.inf)),
        ("unit: share\n  range: [-10, 1]", (-10, 1)),
        ("unit: days\n  range: [0, null]", (0, math.inf)),
    ],
)
def test_ranges_by_unit(tmp_path, lines, expected):
    fact = read(tmp_path, RATE.replace("unit: rate", lines))
    assert fact.range == expected
    assert all(type(bound) is float for bound in fact.range)


def test_expected_of_all_means_all_kinds_it_applies_to(tmp_path):
    fact = read(tmp_path, RATE + "  expected_public: all\n")
    assert all(fact.expected_of(kind) for kind in KINDS)
    fact = read(tmp_path, RATE + "  expected_public: all\n  kinds: [bank, fund]\n")
    assert [kind for kind in KINDS if fact.expected_of(kind)] == ["fund", "bank"]
    assert [kind for kind in KINDS if fact.applies_to(kind)] == ["fund", "bank"]


def test_order_is_that_of_sections_not_of_file_names(tmp_path):
    write(tmp_path, RATE, "asset_duration")
    write(tmp_path, RATE, "terms")
    dictionary = load_dictionary(tmp_path)
    assert list(dictionary) == ["terms.offered_apy", "asset_duration.offered_apy"]
    assert dictionary.sections == ("terms", "asset_duration")
    assert "terms.offered_apy" in dictionary
    assert "terms.other" not in dictionary
    assert dictionary.get("terms.other") is None
    assert dictionary.nearest("marketing.offered_apy") == "terms.offered_apy"
    assert dictionary.nearest("terms.ofered_apy") == "terms.offered_apy"
    assert dictionary.nearest("zzzzzz") is None


def test_the_digest_follows_the_content(tmp_path):
    before = load_dictionary(write(tmp_path, RATE)).sha256
    assert load_dictionary(tmp_path).sha256 == before
    assert load_dictionary(write(tmp_path, RATE + "# more\n")).sha256 != before


ENUM = """\
rate_kind: {type: enum, values: [nav, fixed], worse: order, about: promise, meaning: How it is set, ask: Who sets it?}
"""
TABLE = """\
products:
  type: table
  about: promise
  key: [product]
  meaning: Rates
  ask: Send them.
  columns:
    product: {type: text, meaning: Name}
    rate: {type: number, unit: rate, worse: higher, meaning: Rate}
"""


def test_a_table_has_columns_with_ranges(tmp_path):
    table = read(tmp_path, TABLE)
    assert table.key == ("product",)
    assert table.columns["rate"].range == (-1, math.inf)
    assert [column.name for column in table.columns.values()] == ["product", "rate"]


@pytest.mark.parametrize(
    ("text", "old", "new", "fault"),
    [
        (RATE, "meaning:", "meening:", (6, 3, "meening", "unknown key 'meening'", "Did you mean 'meaning'?")),
        (RATE, "  meaning: Highest rate\n", "", (2, 3, "", "'meaning' is missing", "")),
        (RATE, "  ask: Which rate do you pay?\n", "", (2, 3, "", "'ask' is missing", "")),
        (
            RATE,
            "ask: Which rate do you pay?",
            "ask: ''",
            (7, 8, "ask", "expected text that is not empty, found ''", ""),
        ),
        (RATE, "unit: rate", "unit: percent", (3, 9, "unit", "expected", "")),
        (RATE, "  unit: rate\n", "", (2, 3, "", "'unit' is missing", "One of: rate,")),
        (RATE, "type: number", "type: numbr", (2, 9, "type", "expected 'number'", "")),
        (
            RATE,
            "worse: higher",
            "worse: order",
            (4, 10, "worse", "'order' is no direction of type number", "One of: higher"),
        ),
        (RATE, "  worse: higher\n", "", (2, 3, "", "'worse' is missing", "One of: higher, lower, none.")),
        (
            RATE,
            "about: promise",
            "about: rumour",
            (5, 10, "about", "expected 'promise' or 'state', found 'rumour'", ""),
        ),
        (RATE, "unit: rate", "unit: rate\n  range: [1, 0]", (4, 10, "range", "the range must rise", "")),
        (RATE, "unit: rate", "unit: rate\n  range: [0]", (4, 10, "range", "", "")),
        (RATE, "unit: rate", "unit: rate\n  range: ['0', 1]", (4, 11, "range[0]", "expected a number, found '0'", "")),
        (
            RATE,
            "unit: rate",
            "unit: rate\n  values: [a, b]",
            (4, 11, "values", "only a fact of type enum has values", ""),
        ),
        (RATE, "unit: rate", "unit: rate\n  key: [a]", (4, 8, "key", "only a table has key", "")),
        (RATE, "unit: rate", "unit: rate\n  id: x.y", (4, 3, "id", "unknown key 'id'", "")),
        (
            RATE,
            "unit: rate",
            "unit: rate\n  max_age_days: 0",
            (4, 17, "max_age_days", "expected a number above 0, found 0", ""),
        ),
        (
            RATE,
            "unit: rate",
            "unit: rate\n  observable: 'yes'",
            (4, 15, "observable", "expected true or false, found 'yes'", ""),
        ),
        (RATE, "unit: rate", "unit: rate\n  kinds: [banc]", (4, 11, "kinds[0]", "expected 'cefi_lender'", "")),
        (
            RATE,
            "unit: rate",
            "unit: rate\n  kinds: [bank]\n  expected_public: [fund]",
            (5, 20, "expected_public", "cannot be expected of fund, to which the fact does not apply", ""),
        ),
        (RATE, "unit: rate", "unit: rate\n  min_evidence: E5", (4, 17, "min_evidence", "expected 'E0'", "")),
        (RATE, "offered_apy:", "Offered:", (1, 1, "", "'Offered' is no name", "")),
        (ENUM, "values: [nav, fixed], ", "", (1, 12, "values", "an enum needs at least two different values", "")),
        (ENUM, "[nav, fixed]", "[nav, nav]", (1, 33, "values", "an enum needs at least two different values", "")),
        (ENUM, "[nav, fixed]", "[nav, 1]", (1, 39, "values[1]", "expected text, found 1", "")),
        (
            ENUM,
            "worse: order",
            "worse: higher",
            (1, 54, "worse", "'higher' is no direction of type enum", "One of: order, none."),
        ),
        (TABLE, "[product]", "[produkt]", (4, 9, "key[0]", "unknown column 'produkt'", "Did you mean 'product'?")),
        (TABLE, "  key: [product]\n", "", (2, 3, "", "a table needs columns, and a key", "")),
        (TABLE, "worse: higher, ", "", (9, 11, "columns.rate", "'worse' is missing", "")),
        (TABLE, "unit: rate, ", "", (9, 11, "columns.rate", "'unit' is missing", "")),
        (TABLE, "meaning: Rate}", "name: x, meaning: Rate}", (9, 53, "columns.rate.name", "unknown key 'name'", "")),
        (TABLE, "    rate:", "    source:", (9, 5, "columns.source", "'source' cannot be the name of a column", "")),
        (TABLE, "type: text", "type: table", (8, 21, "columns.product.type", "a column cannot be a table", "")),
        (
            TABLE,
            "    product: {type: text, meaning: Name}",
            "    product: 3",
            (8, 14, "columns.product", "expected an object", ""),
        ),
    ],
)
def test_a_broken_entry_is_refused_in_its_place(tmp_path, text, old, new, fault):
    assert old in text
    line, column, key, message, hint = fault
    first, *_ = (found for found in refusal(tmp_path, text.replace(old, new, 1)) if found[3].startswith(message))
    name = text.replace(old, new, 1).partition(":")[0]
    assert first[:3] == (line, column, f"{name}.{key}" if key else name)
    assert first[4].startswith(hint)


@pytest.mark.parametrize("text", ["[1]", "offered_apy: 3", "3"])
def test_what_is_no_object_is_refused(tmp_path, text):
    assert refusal(tmp_path, text)[0][3].startswith("expected")


def test_faults_of_all_files_are_listed_together(tmp_path):
    write(tmp_path, RATE.replace("type: number", "type: 1"), "terms")
    write(tmp_path, "a: [", "marketing")
    write(tmp_path, "a: 1", "term")
    messages = [fault[3:] for fault in refusal(tmp_path)]
    assert len(messages) == 3
    assert ("unknown section 'term'", "Did you mean 'terms'?") in messages


def test_an_empty_folder_is_no_dictionary(tmp_path):
    assert refusal(tmp_path)[0][3] == "no file of facts here"
