"""What is told of the figures that rules read: ends that rest on what is known, and the row of a table that gives them.

A figure whose facts nobody stated has the ends of what is conceivable (a rate of 1,000 %); they decide rules, and
nothing is lost by not printing them. A highest or lowest over rows is one row's figure, and a reader who wants to
work it out again needs that row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isclose
from typing import Any

from checker.assess.assessment import RowFigure
from checker.engine.scalar import Interpreter, Result, plain
from checker.lang.tree import REFERENCE_ROLES
from checker.model.interval import Interval
from checker.model.state import Status
from checker.model.view import View
from checker.packs.rulebook import MetricDef, Rulebook

Step = Mapping[str, Any]
_SAME = "same quantity"
_METRIC = "metric "
_CLOSE = 1e-12


@dataclass
class WithoutLimits(Interpreter):
    """Evaluates the same facts, but of what nobody stated only zero and the whole of a share are limits.

    Args:
        exact: Tells what models make of the facts as they are.
    """

    exact: Interpreter | None = field(default=None)

    def modelled(self, id: str, scenario: str) -> Result:
        """What a model says of the facts as they are: it is made for conceivable values only."""
        assert self.exact is not None
        return self.exact.modelled(id, scenario)


def without_limits(exact: Interpreter, view: View, rulebook: Rulebook) -> Interpreter:
    """An interpreter of the same facts in which what is merely conceivable bounds nothing.

    Args:
        exact: Evaluates the facts as they are.
        view: The facts at the cut.
        rulebook: The packs.
    """
    freed: dict[str, tuple[Status | None, Interval]] = {}
    for id, definition in rulebook.dictionary.facts.items():
        if definition.type != "number":
            continue
        state = view.fact(id)
        if state.status in (Status.NOT_EXAMINED, Status.NOT_DISCLOSED) and isinstance(state.value, Interval):
            freed[id] = state.status, _freed(state.value, definition.unit == "share")
    return WithoutLimits(exact.program, exact.facts, overrides={**exact.overrides, **freed}, exact=exact)


def _freed(value: Interval, share: bool) -> Interval:
    return Interval(value.lo if value.lo >= 0 else -inf, value.hi if share and value.hi <= 1 else inf)


def told_value(metric: MetricDef, exact: Interpreter, free: Interpreter) -> object:
    """A figure as it is told: an end that stands only for what is conceivable is none.

    Args:
        metric: The figure.
        exact: Evaluates the facts as they are.
        free: The same facts without limits, as `without_limits` gives it.
    """
    value = exact.metric(metric.id).value
    if not isinstance(value, Interval) or value.is_point:
        return plain(value)
    loose = free.metric(metric.id).value
    assert isinstance(loose, Interval)
    whole = metric.unit == "share" and value.hi == 1
    return plain(Interval(value.lo if loose.lo > -inf else -inf, value.hi if loose.hi < inf or whole else inf))


def bearing(traces: Iterable[object]) -> frozenset[str]:
    """The figures that traced conditions rest on; where several ways tell one quantity, those that give its ends."""
    found: set[str] = set()
    seen: set[int] = set()
    todo = list(traces)
    while todo:
        step = todo.pop()
        if not isinstance(step, Mapping) or id(step) in seen:
            continue
        seen.add(id(step))
        op = str(step.get("op", ""))
        if op.startswith(_METRIC):
            found.add(op.removeprefix(_METRIC))
        todo += _giving(step) if op == _SAME else step.get("steps", ())
    return frozenset(found)


def deciding_rows(trace: object, value: object, rulebook: Rulebook) -> tuple[RowFigure, ...]:
    """The rows that give the ends of a figure over a table, the lower end first; none where rows do not.

    Args:
        trace: How the figure was computed.
        value: The figure as it is told, `[lo, hi]`.
        rulebook: The packs, for the units of what stands in a row.
    """
    if not (isinstance(value, Sequence) and len(value) == 2 and isinstance(trace, Mapping)):
        return ()
    rows: dict[str, RowFigure] = {}
    for end in (0, 1):
        if isinstance(value[end], float) and (row := _row(trace, end)) is not None:
            table = str(row["inputs"][0][0]).partition("[")[0]
            parts = tuple(_parts(row["steps"][-1], table, rulebook)) if row.get("steps") else ()
            rows.setdefault(row["text"], RowFigure(table, row["text"], parts))
    return tuple(rows.values())


def _row(step: Step, end: int) -> Step | None:
    """The row that gives one end of a traced figure."""
    steps = [inner for inner in step.get("steps", ()) if isinstance(inner, Mapping)]
    op = str(step.get("op", ""))
    rows = [inner for inner in steps if inner.get("op") == "row"]
    if op in ("min", "max") and rows:
        bounding = [row for row in rows if _same_end(row, step, end) and (_belongs(row) or (op == "max") == (end == 1))]
        return bounding[0] if bounding else None
    if op == _SAME:
        giving = [inner for inner in steps if _same_end(inner, step, end)]
        return next((row for inner in giving if (row := _row(inner, end)) is not None), None)
    if op.startswith(_METRIC):
        return _row(steps[0], end) if steps else None
    if op == "?:" and len(steps) == 2:
        return _row(steps[1], end)
    return None


def _parts(step: Step, table: str, rulebook: Rulebook) -> Iterator[tuple[str, str, object]]:
    """What a row's figure is made of: id, unit and value of every number, each once."""
    seen: set[str] = set()
    for id, unit, value in _numbers(step, table, rulebook):
        if id not in seen and value != [None, None]:
            seen.add(id)
            yield id, unit, value


def _numbers(step: Step, table: str, rulebook: Rulebook) -> Iterator[tuple[str, str, object]]:
    op, value = str(step.get("op", "")), step.get("value")
    steps = [inner for inner in step.get("steps", ()) if isinstance(inner, Mapping)]
    if op == "column":
        name = str(step["text"]).rpartition(".")[2]
        of_table = (metric for metric in rulebook.metrics.values() if metric.over == table)
        if (metric := next((m for m in of_table if m.id.rpartition(".")[2] == name), None)) is not None:
            yield metric.id, metric.unit, value
    elif op.startswith(_METRIC):
        id = op.removeprefix(_METRIC)
        yield id, rulebook.metrics[id].unit, value
    elif op in REFERENCE_ROLES:
        assets = steps[0].get("value") if steps else None
        if isinstance(assets, list) and len(assets) == 1:
            yield f"reference:{op}({assets[0]})", "rate", value
    elif op == "fact":
        id = str(step["inputs"][0][0])
        fact, column = id.partition("[")[0], id.rpartition("].")[2] if "[" in id else ""
        definition = rulebook.dictionary.get(fact)
        stated = definition.columns.get(column) if definition is not None and column else definition
        if stated is not None and stated.type == "number":
            yield f"{fact}.{column}" if column else fact, stated.unit or "", value
    else:
        for inner in steps:
            yield from _numbers(inner, table, rulebook)


def _giving(step: Step) -> list[Step]:
    """The tellings of a quantity that give one of its ends, or all where none does."""
    steps = [inner for inner in step.get("steps", ()) if isinstance(inner, Mapping)]
    return [inner for inner in steps if any(_same_end(inner, step, end) for end in (0, 1))] or steps


def _same_end(one: Step, other: Step, end: int) -> bool:
    """Whether two figures have an end in common; conditions do where they say the same."""
    a, b = one.get("value"), other.get("value")
    if not (isinstance(a, list) and isinstance(b, list) and len(a) == len(b) == 2):
        return a == b
    x, y = a[end], b[end]
    if isinstance(x, float) and isinstance(y, float):
        return isclose(x, y, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return x is not None and x == y


def _belongs(row: Step) -> bool:
    """Whether a row is surely among those that are looked at."""
    steps = row.get("steps", ())
    return len(steps) < 2 or steps[0].get("value") == [True]
