"""The cases in data, held against every interpreter of the language."""

from math import inf

import pytest
from conformance.world import INTERPRETERS, Case, cases, evaluated, scope

from checker.lang.check import compile_expression
from checker.lang.parser import ExpressionError
from checker.lang.tree import Type

FILES = ("literals", "comparison", "logic", "arithmetic", "words", "tables", "unknowns", "functions")
CASES = cases(*FILES)
ERRORS = cases("errors")


def expected(case: Case):
    """The value a case expects, in the shape of an answer."""
    wanted = {key: case.expect[key] for key in ("truth", "value", "words") if key in case.expect}
    assert len(wanted) == 1, f"{case} must expect one of truth, value, words"
    assert set(case.expect) <= {*wanted, "open"}, case.expect
    ((key, value),) = wanted.items()
    if key == "truth":
        return {"open": None}.get(value, value)
    if key == "words":
        return None if value == "any" else frozenset(value)
    lo, hi = value if isinstance(value, list) else (value, value)
    return float(lo), float(hi)


@pytest.mark.parametrize("interpreter", INTERPRETERS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case, interpreter):
    found = INTERPRETERS[interpreter](case)
    value = expected(case)
    assert (type(found.value), found.value) == (type(value), value)
    unknowns = case.expect.get("open", [])
    assert (found.open if isinstance(unknowns, dict) else sorted(found.open)) == (
        unknowns if isinstance(unknowns, dict) else sorted(unknowns)
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_tracing_changes_nothing(case):
    plain, traced = evaluated(case), evaluated(case, tracing=True)
    assert (plain.value, plain.open, plain.true, plain.false) == (traced.value, traced.open, traced.true, traced.false)


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_error(case):
    assert set(case.expect) <= {"error", "at", "as"}, case.expect
    wanted = case.expect.get("as")
    with pytest.raises(ExpressionError) as refused:
        compile_expression(case.expr, scope(), expect=Type(wanted) if wanted else None)
    assert (refused.value.message, refused.value.offset) == (case.expect["error"], case.expect["at"])


def test_every_file_holds_its_share():
    """A file that is not read, or that loses its cases, is a fault here and not a silence."""
    counts = {file: sum(case.file == file for case in CASES) for file in FILES}
    least = {
        "literals": 8,
        "comparison": 40,
        "logic": 50,
        "arithmetic": 50,
        "words": 30,
        "tables": 60,
        "unknowns": 50,
        "functions": 40,
    }
    assert {file: count for file, count in counts.items() if count < least[file]} == {}
    assert len(ERRORS) >= 60
    assert inf > sum(counts.values()) >= 330
