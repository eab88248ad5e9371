"""The small world of the conformance cases: names from `scope.yaml`, facts in memory, one function per interpreter.

An interpreter is a function `(Case) -> Answer`. To hold another one to the same cases, add it to `INTERPRETERS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from checker.engine.scalar import Interpreter, MetricForm, Program, Result
from checker.lang.check import Scope, compile_expression
from checker.lang.tree import UNITS, Expression, Type
from checker.model.interval import Interval, Truth
from checker.model.state import (
    CERTAIN,
    SILENT,
    UNEXAMINED,
    FactState,
    Reason,
    RowState,
    Status,
    Support,
    TableState,
)

FOLDER = Path(__file__).parent
NAMES: Mapping[str, Any] = yaml.safe_load((FOLDER / "scope.yaml").read_text())
KEYS = {"name", "expr", "facts", "tables", "params", "rates", "earlier", "hidden", "expect", "note"}


class Answer(NamedTuple):
    """What an interpreter says, and what keeps it open with the reason.

    The value is an interval `(lo, hi)`; True, False, or None for an open condition; or the words still possible, None
    for any.
    """

    value: tuple[float, float] | bool | frozenset[str] | None
    open: dict[str, str]


@dataclass(frozen=True)
class Case:
    """One case as it stands in a file."""

    file: str
    name: str
    expr: str
    expect: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, float] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    earlier: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    hidden: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self):
        return f"{self.file}:{self.name}"


def cases(*files: str) -> list[Case]:
    """The cases of some files, in their order."""
    found = []
    for file in files:
        for entry in yaml.safe_load((FOLDER / f"{file}.yaml").read_text()):
            unknown = set(entry) - KEYS
            assert not unknown, f"{file}: {entry.get('name')}: unknown keys {sorted(unknown)}"
            entry.pop("note", None)
            found.append(Case(file, **entry))
    names = [str(case) for case in found]
    assert len(names) == len(set(names)), f"a name is used twice: {sorted({n for n in names if names.count(n) > 1})}"
    return found


# ------------------------------------------------------------------------------------------------------------- names


def kind_of(definition: Mapping[str, Any], id: str = "") -> Type:
    """The type of a fact, column, parameter or metric."""
    kind = definition.get("type", "number")
    if kind == "table":
        return Type("table", (), table=id)
    lowest = definition.get("range", [-inf])[0]
    words = definition.get("values")
    unit = UNITS[definition["unit"]] if "unit" in definition else ()
    return Type(kind, unit, tuple(words) if words else None, nonnegative=kind == "number" and lowest >= 0)


@cache
def scope(pack: str = NAMES["pack"]) -> Scope:
    """The names in reach, as `pack` sees them."""
    facts = NAMES["facts"]
    metrics = NAMES["metrics"]
    computed: dict[str, dict[str, tuple[str, Type]]] = {}
    for id, metric in metrics.items():
        if "over" in metric:
            owner, name = id.split(".")
            computed.setdefault(metric["over"], {})[name] = (owner, kind_of(metric))
    return Scope(
        {id: kind_of(fact, id) for id, fact in facts.items()},
        {
            id: {name: kind_of(column) for name, column in fact["columns"].items()}
            for id, fact in facts.items()
            if fact["type"] == "table"
        },
        {id: kind_of({"range": [0.0], **param}) for id, param in NAMES["params"].items()},
        {id: kind_of(metric) for id, metric in metrics.items() if "over" not in metric},
        computed,
        pack,
    )


@cache
def compiled(text: str) -> Expression:
    """A typed expression of the pack `own`."""
    return compile_expression(text, scope())


@cache
def metric_forms() -> Mapping[str, MetricForm]:
    """The metrics of the scope, typed."""
    forms = {}
    for id, metric in NAMES["metrics"].items():
        pack = scope(id.split(".")[0])
        row = (metric["as"], metric["over"]) if "over" in metric else None
        formulas = [compile_expression(text, pack, expect=kind_of(metric), row=row) for text in metric["formula"]]
        forms[id] = MetricForm(tuple(f.root for f in formulas), metric["worse"], metric.get("as", ""))
    return forms


def program(params: Mapping[str, float] | None = None) -> Program:
    """Parameters (some with another value) and metrics."""
    changed = {f"own.{name}" if "." not in name else name: value for name, value in (params or {}).items()}
    assert set(changed) <= set(NAMES["params"]), f"unknown parameter in {sorted(changed)}"
    values = {id: float(changed.get(id, param["value"])) for id, param in NAMES["params"].items()}
    return Program({id: (value, "2020-01-01") for id, value in values.items()}, metric_forms())


# ------------------------------------------------------------------------------------------------------------- facts


def anything(definition: Mapping[str, Any]):
    """Every value that a fact or column may have."""
    match definition["type"]:
        case "number":
            return Interval(*map(float, definition.get("range", [-inf, inf])))
        case "date":
            return Interval(float(date.min.toordinal()), float(date.max.toordinal()))
        case "bool":
            return frozenset({True, False})
        case "enum":
            return frozenset(definition["values"])
        case _:
            return None


def _end(value: Any) -> float:
    return float(value.toordinal() if isinstance(value, date) else value)


def stated(definition: Mapping[str, Any], written: Any):
    """The value still possible when `written` is all that is said: one value, `{lo, hi}`, or `{any: [...]}`."""
    if isinstance(written, dict):
        if "any" in written:
            return frozenset(written["any"])
        if "value" in written:
            return stated(definition, written["value"])
        whole = anything(definition)
        return Interval(
            _end(written["lo"]) if "lo" in written else whole.lo, _end(written["hi"]) if "hi" in written else whole.hi
        )
    if isinstance(written, bool | str):
        return frozenset({written})
    return Interval(_end(written), _end(written))


def fact_state(id: str, definition: Mapping[str, Any], written: Any) -> FactState:
    """The state of a fact or cell: `written` is a value, a mapping with `status`, `grade`, `conflict`, or None."""
    if written is None:
        return FactState(id, Status.NOT_EXAMINED, anything(definition), UNEXAMINED)
    extra = written if isinstance(written, dict) else {}
    status = Status(extra.get("status", "reported"))
    if status is not Status.REPORTED:
        support = SILENT if status is Status.NOT_DISCLOSED else UNEXAMINED
        return FactState(id, status, anything(definition), support)
    grade = extra.get("grade")
    support = CERTAIN if grade is None else Support(grade, grade, extra.get("proof", 2))
    return FactState(
        id,
        status,
        stated(definition, written),
        support,
        (0,),
        stale=extra.get("stale", False),
        conflict=extra.get("conflict", False),
    )


@dataclass
class Memory:
    """Facts in memory: what a case says of today, and of as many days before as it names in `earlier`."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[str, Any] = field(default_factory=dict)
    earlier: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    def _at(self, shift: int, what: str) -> Mapping[str, Any]:
        return self.earlier.get(shift, {}).get(what, {}) if shift else getattr(self, what)

    def fact(self, id: str, shift: int) -> FactState:
        return fact_state(id, NAMES["facts"][id], self._at(shift, "facts").get(id))

    def table(self, id: str, shift: int) -> TableState:
        written = self._at(shift, "tables").get(id) or {}
        assert set(written) <= {"rows", "complete", "silent", "grade"}, written
        columns = NAMES["facts"][id]["columns"]
        rows = []
        for index, cells in enumerate(written.get("rows", ())):
            assert set(cells) <= set(columns), cells
            label = str(cells.get("name", index + 1))
            states = {
                name: fact_state(f"{id}[{label}].{name}", column, cells.get(name)) for name, column in columns.items()
            }
            rows.append(RowState(label, (index,), states))
        complete, silent, grade = written.get("complete", False), written.get("silent", False), written.get("grade", 4)
        support = Support(grade, grade, 2) if complete else SILENT if silent else UNEXAMINED
        reason = Reason.NOT_DISCLOSED if silent else Reason.NOT_EXAMINED
        status = Status.REPORTED if rows or complete else Status.NOT_DISCLOSED if silent else Status.NOT_EXAMINED
        return TableState(id, status, tuple(rows), complete, support, reason)

    def reference(self, role: str, asset: str, shift: int) -> tuple[Interval, str] | None:
        held = self._at(shift, "rates").get(role, {}) if role in self._at(shift, "rates") else NAMES["rates"][role]
        if held.get(asset) is None:
            return None
        return stated({"type": "number"}, held[asset]), f"{asset}_{role}@{shift}"

    def fiat(self, asset: str) -> bool | None:
        return NAMES["fiat"].get(asset)

    def days_before(self, ordinal: float, shift: int) -> float:
        return NAMES["as_of"].toordinal() - shift - ordinal


def memory(case: Case) -> Memory:
    """The facts of a case."""
    for bound in (case, *(Case("", "", "", {}, **then) for then in case.earlier.values())):
        unknown = (set(bound.facts) | set(bound.tables)) - set(NAMES["facts"])
        assert not unknown, f"{case}: unknown facts {sorted(unknown)}"
    return Memory(case.facts, case.tables, case.rates, case.earlier)


# ------------------------------------------------------------------------------------------------------ interpreters


def answer(result: Result) -> Answer:
    """A scalar result in the shape that every interpreter gives."""
    value = result.value
    if isinstance(value, Truth):
        assert not (value.surely_true and value.surely_false)
        return Answer(None if value.is_open else value.surely_true, {k: str(v) for k, v in result.open.items()})
    plain = tuple(value) if isinstance(value, Interval) else value
    return Answer(plain, {k: str(v) for k, v in result.open.items()})


def scalar(case: Case, *, tracing: bool = False) -> Answer:
    """The scalar interpreter."""
    return answer(evaluated(case, tracing=tracing))


def evaluated(case: Case, *, tracing: bool = False) -> Result:
    """The full result of the scalar interpreter, `hidden` being tried in place of what is not disclosed."""
    overrides = {id: (Status.NOT_DISCLOSED, stated(NAMES["facts"][id], value)) for id, value in case.hidden.items()}
    return Interpreter(program(case.params), memory(case), tracing, overrides).evaluate(compiled(case.expr).root)


INTERPRETERS: dict[str, Callable[[Case], Answer]] = {"scalar": scalar}
