"""The column interpreter, held to the scalar one on every case of the language that has a column form."""

from functools import cache

import pytest
from conformance.frames import BACKENDS, rows
from conformance.in_columns import Asked, batch, plan, scalar_parts
from conformance.test_conformance import CASES

from checker.engine.columns.arrays import ArrayPlan, filled
from checker.engine.columns.dag import Dag
from checker.engine.columns.lower import Plan

VALUES = ("lo", "hi", "t", "f", "mask")
SLICE = 150
SLOW = {"pyarrow": pytest.mark.slow}
LIBRARIES = [pytest.param(name, marks=SLOW.get(name, ())) for name in BACKENDS]


@cache
def asked():
    return [(str(case), each) for case in CASES if (each := Asked.of(case)).in_columns()]


@cache
def records():
    return batch([each.record() for _, each in asked()])


def differences(found, parts=None):
    """Where a record's own expression came out otherwise than the scalar interpreter says."""
    for index, (name, each) in enumerate(asked()):
        for part, wanted in scalar_parts(each).items():
            if parts is not None and part not in parts:
                continue
            if found[index][f"{index}/{part}"] != wanted:
                yield f"{name} {part}: {found[index][f'{index}/{part}']} instead of {wanted}"


def evaluated(library, parts):
    """Every case in one batch, its own record last, in slices that a planner of queries bears."""
    import narwhals.stable.v2 as nw

    columns = records()
    outputs = plan([each for _, each in asked()], columns, Dag()).outputs
    wanted = [name for name in outputs if parts is None or name.partition("/")[2] in parts]
    found = [{} for _ in asked()]
    for start in range(0, len(wanted), SLICE):
        some = Plan({name: outputs[name] for name in wanted[start : start + SLICE]})
        for row, held in zip(
            found, rows(some.run(nw.from_native(BACKENDS[library](columns))).to_native()), strict=True
        ):
            row.update(held)
    return found


def test_nearly_every_case_has_a_column_form():
    left_out = sorted(str(case) for case in CASES if not Asked.of(case).in_columns())
    assert len(asked()) >= 0.95 * len(CASES), left_out


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_value_agrees(library):
    assert list(differences(evaluated(library, VALUES), VALUES)) == []


def test_every_value_agrees_with_its_evidence():
    assert list(differences(evaluated("polars", None))) == []


def test_every_case_agrees_over_arrays():
    import narwhals.stable.v2 as nw

    columns = records()
    whole = ArrayPlan(plan([each for _, each in asked()], columns, Dag()).outputs)
    arrays = whole.run(filled(nw.from_native(BACKENDS["polars"](columns)), whole), len(columns["kind"]))
    found = [{name: held[index] for name, held in arrays.items()} for index in range(len(columns["kind"]))]
    assert list(differences(found)) == []
