import hashlib
import json
import math
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model import document as module
from checker.model.document import MAX_BYTES, MAX_DEPTH, Faults, dotted, parse_json, parse_yaml, read_document
from checker.model.errors import InputError, PackError


def refusal(parse, text):
    """The faults of a text as (line, column, key, message)."""
    with pytest.raises(InputError) as caught:
        parse(text, "t")
    return [(fault.line, fault.column, fault.key, fault.message) for fault in caught.value.faults]


def nested(levels, opening, closing, core):
    return opening * levels + core + closing * levels


# ------------------------------------------------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"a": 1,}', 1, 9, "expected a key in double quotes"),
        ("{'a': 1}", 1, 2, "expected a key in double quotes"),
        ('{"a": 1\n "b": 2}', 2, 2, "expected ',' or the closing bracket"),
        ('{"a" 1}', 1, 6, "expected ':' after the key"),
        ('{"a": }', 1, 7, "expected a value"),
        ('{"a": 1} {"b": 2}', 1, 10, "more text after the end of the document"),
        ('{"a": "x', 1, 7, "the text that starts here has no closing quote"),
        ('{"a": "x\ny"}', 1, 9, "a line break or control character inside quotes"),
        ('{"a": 1', 1, 8, "the text ends too early: expected ',' or the closing bracket"),
        ('{"a": 1, // note\n}', 1, 10, "expected a key in double quotes"),
    ],
)
def test_malformed_json_is_placed(text, line, column, message):
    ((found_line, found_column, key, found),) = refusal(parse_json, text)
    if text == '{"a": 1,}' and sys.version_info >= (3, 13):
        column, message = 8, "a comma before the closing bracket"
    assert (found_line, found_column, key, found) == (line, column, "", message)


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "message"),
    [
        ('{"a": 1,\n "b": {"c": 1,\n  "c": 2}}', 3, 3, "b.c", "duplicate key 'c', first given in line 2"),
        ('[1, {"x": NaN}]', 1, 11, "[1].x", "NaN is not a number"),
        ('{"x": [0, -Infinity]}', 1, 11, "x[1]", "-Infinity is not a number"),
        ('{"x": 1e999}', 1, 7, "x", "the number '1e999' is too large"),
        ('{"x": 9223372036854775808}', 1, 7, "x", "the number '9223372036854775808' has more than 64 bits"),
        ('{"x": "a\\ud800b"}', 1, 7, "x", "half of a surrogate pair, which is no character"),
        ('{"\\udfff": 1}', 1, 2, "'\\udfff'", "half of a surrogate pair, which is no character"),
        ('{"x": "a\\u0000"}', 1, 7, "x", "NUL character in text"),
    ],
)
def test_json_that_python_would_take_is_refused(text, line, column, key, message):
    assert refusal(parse_json, text) == [(line, column, key, message)]


def test_all_refused_values_of_a_json_document_are_listed_at_once():
    places = [fault[:3] for fault in refusal(parse_json, '{"a": NaN, "a": 1,\n"b": [1e999]}')]
    assert places == [(1, 7, "a"), (1, 12, "a"), (2, 7, "b[0]")]


def test_a_million_digits_are_refused_at_once():
    started = time.perf_counter()
    ((line, column, _, message),) = refusal(parse_json, '{"x": ' + "9" * 1_000_000 + "}")
    assert (line, column) == (1, 7)
    assert message.endswith("has more than 64 bits")
    assert len(message) < 200
    assert time.perf_counter() - started < 2


def test_the_greatest_numbers_that_fit_are_kept_exactly():
    document = parse_json("[9223372036854775807, -9223372036854775807, 1.7976931348623157e308]")
    assert document.value == [2**63 - 1, -(2**63) + 1, 1.7976931348623157e308]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_depth_is_bounded(opening, closing):
    assert parse_json(nested(MAX_DEPTH, opening, closing, "1")).value
    for levels in (MAX_DEPTH + 1, 900, 10_000, 100_000):
        ((line, column, key, message),) = refusal(parse_json, nested(levels, opening, closing, "1"))
        assert (line, column, key) == (1, MAX_DEPTH * len(opening) + 1, "")
        assert message == "more than 64 levels of nesting"


def test_ten_thousand_unclosed_brackets_are_one_fault():
    assert len(refusal(parse_json, "[" * 10_000)) == 1


def test_a_surrogate_pair_is_a_character():
    assert parse_json('["\\ud83d\\ude00", "\\\\ud800"]').value == ["\U0001f600", "\\ud800"]


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff"])
@pytest.mark.parametrize("parse", [parse_json, parse_yaml])
def test_an_empty_text_is_refused(parse, text):
    assert refusal(parse, text) == [(None, None, "", "the file is empty")]


@pytest.mark.parametrize("parse", [parse_json, parse_yaml])
def test_nul_and_lone_surrogates_in_the_text_are_refused(parse):
    assert refusal(parse, 'a: 1\n"b\0"')[0][:2] == (2, 3)
    assert refusal(parse, 'a: 1\n"b\ud800"')[0] == (2, 3, "", "half of a surrogate pair, which is no character")


@pytest.mark.parametrize("parse", [parse_json, parse_yaml])
def test_a_byte_order_mark_is_skipped_and_does_not_count(parse):
    document = parse('\ufeff{"a": 1}')
    assert document.value == {"a": 1}
    assert document.position(("a",)) == (1, 7)


def test_a_list_at_top_level_is_a_document():
    assert parse_json("[1]").position((0,)) == (1, 2)


def test_positions_of_keys_values_and_places_that_do_not_exist():
    document = parse_json('{"terms": {\n   "rate": [1,\n  {"x": null}]}}')
    assert document.position(()) == (1, 1)
    assert document.position(("terms",)) == (1, 11)
    assert document.position(("terms", "rate"), key=True) == (2, 4)
    assert document.position(("terms", "rate", 1, "x")) == (3, 9)
    assert document.position(("terms", "rate", 1, "y"), key=True) == (3, 3)
    assert document.position(("terms", "other", 5)) == (1, 11)
    assert document.positions([(("terms",), True), (("nothing",), False)]) == [(1, 2), (1, 1)]


def test_a_good_document_is_never_scanned(monkeypatch):
    monkeypatch.setattr(module, "_json_nodes", None)
    assert parse_json('{"a": [1, "\u4f60", 2.5, true]}').value == {"a": [1, "\u4f60", 2.5, True]}


def values(scalars, keys=st.text(max_size=6)):  # noqa: B008  (strategies are immutable)
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=25
    )


JSON_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
)


def places(value, place=()):
    yield place, value
    if isinstance(value, (dict, list)):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(child, (*place, key))


@given(value=values(JSON_SCALARS), indent=st.sampled_from([None, 0, 1, 3]), ascii_only=st.booleans())
def test_every_json_position_is_where_the_value_can_be_read_again(value, indent, ascii_only):
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
        document = parse_json(text)
    except InputError:
        assert "\\u0000" in text  # a NUL in a key
        return
    assert document.value == value
    lines = text.split("\n")
    decoder = json.JSONDecoder()
    for place, expected in places(value):
        line, column = document.position(place)
        assert decoder.raw_decode("\n".join([lines[line - 1][column - 1 :], *lines[line:]]))[0] == expected
        if place and isinstance(place[-1], str):
            line, column = document.position(place, key=True)
            assert decoder.raw_decode(lines[line - 1][column - 1 :])[0] == place[-1]


@given(st.text(max_size=60) | st.text('{}[]",:0123456789.eE-truefalsn\\u \n', max_size=40))
def test_no_text_breaks_the_json_reader(text):
    try:
        value = parse_json(text).value
    except InputError:
        return
    json.dumps(value, allow_nan=False).encode()


# ------------------------------------------------------------------------------------------------------------ YAML


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("12", 12),
        ("+12", 12),
        ("-0", 0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2022-05-31", "2022-05-31"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-3", -0.0015),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("'12'", "12"),
        ('"true"', "true"),
        ("12 apples", "12 apples"),
        ("=", "="),
    ],
)
def test_plain_scalars_follow_the_core_schema(text, value):
    found = parse_yaml(f"x: {text}\ny: 0").value["x"]
    assert found == value
    assert type(found) is type(value)


def test_yaml_integers_and_floats_keep_their_type():
    found = parse_yaml("[1, 1.0]").value
    assert [type(number) for number in found] == [int, float]


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "message"),
    [
        ("a: .nan", 1, 4, "a", ".nan is not a number"),
        ("a: [1, -.inf]", 1, 8, "a[1]", "-.inf is not a number"),
        ("a: 1e999", 1, 4, "a", "the number '1e999' is too large"),
        ("a: 99999999999999999999", 1, 4, "a", "the number '99999999999999999999' has more than 64 bits"),
        ("a: 0xFFFFFFFFFFFFFFFFF", 1, 4, "a", "the number 'FFFFFFFFFFFFFFFFF' has more than 64 bits"),
        ("a: 1\nb: 2\na: 3", 3, 1, "a", "duplicate key 'a', first given in line 1"),
        ("a: &x 1", 1, 4, "a", "anchor &x"),
        ("a: !!python/object:os.system 1", 1, 4, "a", "tag tag:yaml.org,2002:python/object:os.system"),
        ("a: !x 1", 1, 4, "a", "tag !x"),
        ("a: *x", 1, 4, "a", "alias *x"),
        ("b: 1\n<<: {a: 1}", 2, 1, "<<", "merge key <<"),
        ("? [a]\n: 1", 1, 3, "", "a key must be text, not a list or an object"),
        ("{a: {? {b: 1} : 2}}", 1, 8, "a", "a key must be text, not a list or an object"),
        ("a: 1\n---\nb: 2", 2, 1, "", "a second document starts here"),
        ('a: "\\0"', 1, 4, "a", "NUL character in text"),
    ],
)
def test_yaml_that_is_refused(text, line, column, key, message):
    assert refusal(parse_yaml, text) == [(line, column, key, message)]


def test_all_refused_values_of_a_yaml_document_are_listed_at_once():
    text = "<<: {a: .nan}\nb: 2\nb: 1e999\n'c\td': &x 1"
    assert [fault[:3] for fault in refusal(parse_yaml, text)] == [
        (1, 1, "<<"),
        (1, 9, "<<.a"),
        (3, 1, "b"),
        (3, 4, "b"),
        (4, 8, r"'c\td'"),
    ]


def test_a_yaml_key_is_always_text():
    document = parse_yaml("{.nan: 1, 1e999: 2, null: 3, true: 4, 2022: 5}")
    assert document.value == {".nan": 1, "1e999": 2, "null": 3, "true": 4, "2022": 5}


def test_a_billion_laughs_end_at_the_first_alias():
    bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True))
    assert [fault[3] for fault in refusal(parse_yaml, bomb)] == ["anchor &a", "anchor &b", "alias *a"]


@pytest.mark.parametrize(
    ("opening", "closing", "width"), [("[", "]", 1), ("{a: ", "}", 4), ("- ", "", 2)], ids=["list", "object", "block"]
)
def test_yaml_depth_is_bounded(opening, closing, width):
    assert parse_yaml(nested(MAX_DEPTH, opening, closing, "1")).value
    for levels in (MAX_DEPTH + 1, 10_000):
        started = time.perf_counter()
        faults = refusal(parse_yaml, nested(levels, opening, closing, "1"))
        assert faults == [(1, MAX_DEPTH * width + 1, "", "more than 64 levels of nesting")]
        assert time.perf_counter() - started < 2


def test_too_many_yaml_values_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_YAML_NODES", 50)
    assert parse_yaml("[" + "1, " * 40 + "]").value
    assert refusal(parse_yaml, "[" + "1, " * 100 + "]")[-1][3] == "more than 50 values"


def test_a_tab_is_explained():
    with pytest.raises(InputError) as caught:
        parse_yaml("a:\n\tb: 1", "t")
    (fault,) = caught.value.faults
    assert (fault.line, fault.hint) == (2, "Indent with spaces, not with tabs.")


def test_a_control_character_is_placed_in_characters_not_bytes():
    ((line, column, _, message),) = refusal(parse_yaml, "a: 1\n\u4f60\u597d: \x07")
    assert (line, column) == (2, 5)
    assert message == "not valid YAML: control characters are not allowed"


def test_yaml_syntax_is_placed():
    ((line, column, _, message),) = refusal(parse_yaml, "a: [1, 2\nb: 3")
    assert (line, column) == (2, 2)
    assert message.startswith("not valid YAML: ")


def test_yaml_positions_and_keys_as_written():
    document = parse_yaml("\u4f60\u597d: {2022: [x,\n  'y']}\nb:\n  - c: |\n      long\n")
    assert document.value == {"\u4f60\u597d": {"2022": ["x", "y"]}, "b": [{"c": "long\n"}]}
    assert document.position(("\u4f60\u597d", "2022"), key=True) == (1, 6)
    assert document.position(("\u4f60\u597d", "2022", 1)) == (2, 3)
    assert document.position(("b", 0, "c")) == (4, 8)
    assert document.position(("b", 0, "d"), key=True) == (4, 5)
    assert document.position(()) == (1, 1)


CORE_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text("abcdefnotruy0123456789.-+_xe ~", max_size=8),
)


@given(values(CORE_SCALARS, st.text("ab\u00e9\u4f60 :#-'?<", max_size=6)))
def test_json_text_means_the_same_in_yaml(value):
    text = json.dumps(value, ensure_ascii=False)
    assert parse_yaml(text).value == parse_json(text).value == value


@given(st.text("0123456789.+-eExob_nulltrefasNaIif~ ", max_size=10))
def test_a_plain_scalar_is_typed_only_if_it_reads_back_as_that_value(text):
    text = text.strip()
    try:
        value = parse_yaml(f"[{text}]").value
    except InputError:
        return
    (found,) = value if value else [None]
    if isinstance(found, bool):
        assert text.lower() == ("true" if found else "false")
    elif isinstance(found, int):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        assert "_" not in text
        assert int(text, base) == found
    elif isinstance(found, float):
        assert math.isfinite(found)
        assert float(text) == found
    elif found is None:
        assert text.lower() in ("", "~", "null")
    elif isinstance(found, str):
        assert found == text


@given(st.text(max_size=60) | st.text("{}[]&*!|>'\"%@`#,:?- \n\tab1", max_size=40))
def test_no_text_breaks_the_yaml_reader(text):
    try:
        value = parse_yaml(text).value
    except InputError:
        return
    json.dumps(value, allow_nan=False).encode()


# ----------------------------------------------------------------------------------------------------------- files


def file_refusal(path, **options):
    with pytest.raises(InputError) as caught:
        read_document(path, **options)
    (fault,) = caught.value.faults
    assert fault.file == str(path)
    return fault


def test_a_file_is_read_by_its_name_and_hashed(tmp_path):
    for name, text in (("a.json", '{"no": "no"}'), ("a.yaml", "no: no"), ("a.YML", "no: no"), ("a", '{"no": "no"}')):
        path = tmp_path / name
        path.write_text(text)
        document = read_document(path)
        assert document.value == {"no": "no"}
        assert document.path == str(path)
        assert document.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_file_of_50_mb_is_refused_without_reading_it(tmp_path, monkeypatch):
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    monkeypatch.setattr(module, "_decoded", None)
    assert file_refusal(path).message == f"the file is larger than {MAX_BYTES:,} bytes"
    assert "larger than 10 bytes" in file_refusal(path, max_bytes=10).message


def test_a_stream_without_a_size_is_bounded_too():
    assert "larger than 1,000 bytes" in file_refusal("/dev/zero", max_bytes=1000).message


@pytest.mark.parametrize("name", ["p.json", "p.yaml"])
def test_encodings(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b'\xef\xbb\xbf{"a": "\xe4\xbd\xa0"}')
    assert read_document(path).value == {"a": "\u4f60"}
    path.write_bytes('{"a": 1}'.encode("utf-16"))
    fault = file_refusal(path)
    assert (fault.message, fault.hint) == ("the text is in UTF-16", "Save it as UTF-8.")
    path.write_bytes('{"a": 1}'.encode("utf-16-le"))
    assert file_refusal(path).message == "NUL character"
    path.write_bytes(b'{"a":\n "\xe4\xbd\xa0\xff"}')
    fault = file_refusal(path)
    assert (fault.line, fault.column, fault.message) == (2, 4, "byte 0xff is not UTF-8")


def test_files_that_cannot_be_opened(tmp_path):
    (tmp_path / "celsius.json").write_text("{}")
    fault = file_refusal(tmp_path / "celcius.json")
    assert (fault.message, fault.hint) == ("there is no such file", "Did you mean 'celsius.json'?")
    assert file_refusal(tmp_path).message == "this is a folder, not a file"
    assert file_refusal(tmp_path / "no" / "such.json").hint == ""


# ---------------------------------------------------------------------------------------------------------- faults


def test_faults_come_in_the_order_of_the_file():
    faults = Faults(parse_yaml("a: 1\nb: [x, y]", "t"))
    faults.add(("b", 1), "second", "Do that.")
    faults.add(("a",), "first", key=True)
    assert [str(fault) for fault in faults.listed()] == ["t:1:1 a: first", "t:2:8 b[1]: second. Do that."]
    with pytest.raises(PackError):
        faults.raise_as(PackError)


def test_endless_faults_are_counted_not_kept():
    faults = Faults(parse_json("[0]", "t"))
    for _ in range(10_000):
        faults.add((0,), "bad")
    assert len(faults) == 10_000
    assert len(faults.listed()) == module.MAX_FAULTS + 1
    assert faults.listed()[-1].message == "9800 more faults"


def test_no_faults_raise_nothing():
    faults = Faults(parse_json("[0]", "t"))
    faults.raise_as(PackError)
    assert not faults


def test_places_are_written_as_people_do():
    assert dotted(("a", 0, "b", 1, 2)) == "a[0].b[1][2]"
    assert dotted(("a", "\x1b")) == r"a.'\x1b'"
