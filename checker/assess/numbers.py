"""The numbers behind the verdict: every metric that bears a title, with its inputs, what is missing and assumed.

A metric that a model tells under a scenario is told under each scenario of its kind. Nothing here decides anything:
rules read the same metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import inf

from checker.assess.assessment import Number, ScenarioUse, Variant
from checker.engine.scalar import Interpreter, Result, plain
from checker.lang.tree import NOT_STATED
from checker.model.interval import Interval, Truth
from checker.model.state import Status, Words
from checker.model.view import View
from checker.packs.rulebook import MetricDef, Rulebook


def numbers(
    rulebook: Rulebook, interpreter: Interpreter, unread: Interpreter, view: View, kind: str
) -> tuple[Number, ...]:
    """Every titled metric of this kind of platform, in the order of the packs.

    Args:
        rulebook: The packs.
        interpreter: Evaluates the facts of the profile, with traces.
        unread: Evaluates a platform of which only the kind is known: a number that says no more than this is not told.
        view: The facts at the cut.
        kind: The kind of platform.
    """
    shown = [m for m in rulebook.metrics.values() if m.title and (not m.kinds or kind in m.kinds)]
    return tuple(_number(metric, rulebook, interpreter, unread, view) for metric in shown)


def _number(metric: MetricDef, rulebook: Rulebook, interpreter: Interpreter, unread: Interpreter, view: View) -> Number:
    result = interpreter.metric(metric.id)
    states = {fact: _state(view, rulebook, fact) for fact in _facts(result)}
    used = {fact: support for fact, (status, _, support) in states.items() if status is Status.REPORTED}
    scenarios = rulebook.scenarios.of_kind(metric.scenario_kind) if used else {}
    nothing = unread.metric(metric.id).value if used else result.value
    bound = all(
        _state(view, rulebook, id)[0] is Status.REPORTED
        if id in rulebook.dictionary
        else interpreter.metric(id).value != unread.metric(id).value
        for id in metric.needs
    )
    value, never = _printed(metric, result.value, nothing)
    told = bound and _says_something(value, never)
    variants: list[Variant] = []
    for name in scenarios:
        variant = interpreter.modelled(metric.id, name).value
        assert isinstance(variant, Interval)
        anything = unread.modelled(metric.id, name).value
        printed = _printed(metric, variant, anything)
        told_there = bound and _says_something(*printed)
        told = told or told_there
        variants.append(Variant(name, *printed, told_there))
    return Number(
        metric.id,
        metric.title,
        metric.unit,
        metric.meaning,
        metric.reference,
        metric.worse,
        metric.model,
        metric.scenario,
        value,
        never,
        metric.never,
        told,
        result.trace is not None and result.trace["op"] == "sampled range",
        tuple(used),
        {fact: reason for fact, (status, reason, _) in states.items() if status is not Status.REPORTED},
        tuple(sorted(set(_parameters(result.trace)))),
        min(used.values(), default=None),
        tuple(variants),
        result.trace if told else None,
    )


def used_facts(result: Result, view: View, rulebook: Rulebook) -> list[str]:
    """The reported facts and tables that a traced result was computed from."""
    return [fact for fact in _facts(result) if _state(view, rulebook, fact)[0] is Status.REPORTED]


def scenario_uses(rulebook: Rulebook, later: Callable[[str], bool]) -> tuple[ScenarioUse, ...]:
    """The scenarios under which numbers are told.

    At a past cut one measured on a later event keeps its title and the ids of the works it rests on.

    Args:
        rulebook: The packs.
        later: Whether a source of the rulebook, by id, may be later than the cut.
    """
    return tuple(
        ScenarioUse(
            s.name,
            s.kind,
            s.title,
            "" if any(later(id) for id, _ in s.references) else s.meaning,
            tuple((id, "" if later(id) else locator) for id, locator in s.references),
            s.own,
            any(later(id) for id, _ in s.references),
        )
        for s in rulebook.scenarios.all.values()
    )


def _printed(
    metric: MetricDef, value: Interval | Truth | Words, nothing: Interval | Truth | Words
) -> tuple[object, tuple[bool, bool]]:
    """A value as it is printed, with the ends at which it never comes about.

    An end that stands where it would stand without any fact is no bound, but for the ends of a share.
    """
    if not isinstance(value, Interval) or not isinstance(nothing, Interval):
        return plain(value), (False, False)
    never = (value.lo == inf, value.hi == inf) if metric.never else (False, False)
    if value == nothing and not value.is_point:
        return [None, None], never
    share = metric.unit == "share"
    lo = None if value.lo == nothing.lo and not (share and value.lo == 0) else value.lo
    hi = None if value.hi == nothing.hi and not (share and value.hi == 1) else value.hi
    if value.is_point or value.lo == inf:
        lo, hi = value
    return [None if end is None or abs(end) == inf else end for end in (lo, hi)], never


def _says_something(value: object, never: tuple[bool, bool]) -> bool:
    """Whether a printed value bounds anything: a floor of nothing does not."""
    return never[0] or value not in ([None, None], [0.0, None], [False, True])


def _facts(result: Result) -> list[str]:
    """The facts and tables a result was computed from, in reading order."""
    found: dict[str, None] = {}
    for step in _steps(result.trace):
        inputs = step.get("inputs", ())
        assert isinstance(inputs, Collection)
        for id, _ in inputs:
            fact = str(id).partition("[")[0]
            if fact not in NOT_STATED and not fact.startswith(("platform.", "reference:")):
                found[fact] = None
    return list(found)


def _parameters(trace: object) -> Iterator[str]:
    for step in _steps(trace):
        for param in step.get("params", ()):  # type: ignore[attr-defined]
            yield str(param).partition("@")[0]


def _steps(trace: object) -> Iterator[Mapping[str, object]]:
    """Every step of a trace once, in reading order; metrics that several steps read are one step."""
    seen: set[int] = set()
    todo = [trace]
    while todo:
        step = todo.pop()
        if isinstance(step, Mapping) and id(step) not in seen:
            seen.add(id(step))
            yield step
            steps = step.get("steps", ())
            assert isinstance(steps, Collection)
            todo += reversed(list(steps))


def _state(view: View, rulebook: Rulebook, fact: str) -> tuple[Status, str, int]:
    """How a fact or table stands, why it is open, and its evidence."""
    if fact in rulebook.dictionary and rulebook.dictionary[fact].type == "table":
        table = view.table(fact)
        support = min(
            (cell.support.worst for row in table.rows for cell in row.cells.values() if cell.status is Status.REPORTED),
            default=0,
        )
        return Status.REPORTED if table.rows else table.status, table.reason.value, support
    state = view.fact(fact)
    return state.status, state.reason.value, state.support.worst
