"""What would change a verdict, in words and as JSON: sets of changes, the core, the thresholds on an edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import StringIO
from typing import Any

from checker.assess.assessment import Assessment
from checker.assess.turns import Changes, ChangeSet, Edge, Step, Turn
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.language import mark, tr

__all__ = [
    "change_page",
    "changes_dict",
    "edge_text",
    "edges_sentence",
    "render_changes",
    "step_text",
    "turn_head",
    "turn_notes",
    "why_nothing",
]

SCHEMA = "ddcheck/changes/1"
_RELATIONS = {
    "at least": mark("at least {value}"),
    "at most": mark("at most {value}"),
    "more than": mark("more than {value}"),
    "less than": mark("less than {value}"),
    "": mark("{value}"),
}
_HEADS = {
    ("best", "raise"): mark("What would raise the best end above {grade}"),
    ("worst", "lower"): mark("What would lower the worst end below {grade}"),
    ("best", "lower"): mark("What would lower the best end below {grade}"),
}
_AT_THE_END = {
    ("best", "raise"): mark("The best end is {grade} already; nothing raises it."),
    ("worst", "lower"): mark("The worst end is {grade} already; nothing lowers it."),
    ("best", "lower"): mark("The best end is {grade} already; nothing lowers it."),
}
_NOTHING = {
    "raise": mark("No better value of known facts does it: they leave {rules} as they are."),
    "lower": mark("No worse value of a known fact does it; what is unknown or too old is asked."),
}


# ---------------------------------------------------------------------------------------------------------- JSON


def _ends(grades: tuple[Grade, Grade]) -> dict[str, str]:
    return {"best": grades[0].name, "worst": grades[1].name}


def _set(found: ChangeSet) -> dict[str, Any]:
    return {"best": found.best.name, "worst": found.worst.name, "steps": [asdict(step) for step in found.steps]}


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "end": turn.end,
        "way": turn.way,
        "grade": turn.grade.name,
        "target": turn.target.name if turn.target is not None else None,
        "exact": turn.exact,
        "more": turn.more,
        "candidates": turn.candidates,
        "sets": [_set(found) for found in turn.sets],
        "held_by": list(turn.held_by),
        "withheld": list(turn.withheld),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "parameter": edge.parameter,
        "unit": edge.unit,
        "value": edge.value,
        "range": list(edge.range),
        "at_lo": _ends(edge.at_lo),
        "at_hi": _ends(edge.at_hi),
        "rules": list(edge.rules),
    }


def changes_dict(changes: Changes) -> dict[str, Any]:
    """What would change a verdict, as plain values."""
    core = changes.core
    return {
        "best": changes.best.name if changes.best is not None else None,
        "worst": changes.worst.name if changes.worst is not None else None,
        "turns": [_turn(turn) for turn in changes.turns],
        "core": None if core is None else {"grade": core.grade.name, "facts": list(core.facts), "of": core.of},
        "edges": [_edge(edge) for edge in changes.edges],
        "parameters_tried": changes.parameters,
    }


def change_page(assessment: Assessment) -> dict[str, Any]:
    """The page of `ddcheck change --format json`: whose verdict, at which cut, what would change it."""
    assert assessment.changes is not None
    options = asdict(assessment.options)
    return {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": assessment.program},
        "platform": {"name": assessment.name, "kind": assessment.kind},
        "options": options,
        "inputs": {"profile": dict(assessment.profile), "packs": [dict(pack) for pack in assessment.packs]},
        **changes_dict(assessment.changes),
    }


# --------------------------------------------------------------------------------------------------------- words


def step_text(step: Step) -> str:
    """One change in words: what would have to be, and what is."""
    name = words.fact_name(step.fact)
    if step.row:
        name = tr("{table} ({row})").format(table=name, row=words.row_label(step.row))
    if step.column:
        name = tr("{table}: {column}").format(table=name, column=words.fact_name(step.column))
    if step.complete:
        name = tr("{table}, that there are no others").format(table=name)
    if step.to is None:
        told = tr("{name}: {value}").format(name=name, value=words.amount(step.now, step.unit)) if step.now else name
    else:
        to = tr(_RELATIONS[step.relation]).format(value=words.amount(step.to, step.unit))
        now = words.amount(step.now, step.unit)
        away = _away(step)
        told = (
            tr("{name}: {to} instead of {now}, {distance} away").format(name=name, to=to, now=now, distance=away)
            if away
            else tr("{name}: {to} instead of {now}").format(name=name, to=to, now=now)
        )
    if step.needs is not None:
        return tr("{change}, on evidence of at least E{needs} (now E{evidence})").format(
            change=told, needs=step.needs, evidence=step.evidence
        )
    return told if step.to is not None else tr("{change}, stated anew").format(change=told)


def _away(step: Step) -> str:
    """How far a number is from where the grade turns; shares and rates in percentage points."""
    if not step.distance:
        return ""
    if step.unit in ("share", "rate"):
        count = f"{step.distance * 100:,.4g}"
        text = tr("1 percentage point") if count == "1" else tr("{count} percentage points")
        return text.format(count=count)
    return words.number(step.distance, step.unit)


def edge_text(edge: Edge) -> str:
    """A threshold on an edge in words: its value, its plausible range, the grade at both ends of it."""
    lo, hi = (words.number(value, edge.unit) for value in edge.range)
    return tr("{name} is {value}; {lo} would give {at_lo}, {hi} would give {at_hi}").format(
        name=words.item_name(edge.parameter),
        value=words.number(edge.value, edge.unit),
        lo=lo,
        hi=hi,
        at_lo=words.span(*edge.at_lo),
        at_hi=words.span(*edge.at_hi),
    )


def edges_sentence(edges: Iterable[Edge]) -> str:
    """What a list of thresholds on an edge means; also where it is empty."""
    if list(edges):
        return tr(
            "Each threshold has a range that its sources make plausible. Within it these would move an end of the "
            "grade: the verdict stands on an edge."
        )
    return tr("No threshold, moved within the range that its sources make plausible, would move an end of the grade.")


def _codes(assessment: Assessment, rules: Iterable[str]) -> str:
    return words.listed(sorted(assessment.finding(rule).code for rule in rules), 6)


def turn_head(turn: Turn) -> str:
    """What a turn of the grade is about; where the scale ends, that it does."""
    key = turn.end, turn.way
    if turn.target is None:
        return tr(_AT_THE_END[key]).format(grade=turn.grade.name)
    return tr(_HEADS[key]).format(grade=turn.grade.name)


def why_nothing(assessment: Assessment, turn: Turn) -> list[str]:
    """Why no change of known facts turns the grade."""
    if turn.target is None or turn.sets:
        return []
    told = [tr(_NOTHING[turn.way]).format(rules=_codes(assessment, turn.held_by))]
    if turn.withheld:
        asked = words.listed([words.fact_name(fact) for fact in turn.withheld], 6)
        told.append(tr("Withheld, and to be asked: {facts}.").format(facts=asked))
    return told


def turn_notes(turn: Turn) -> list[str]:
    """How the sets of changes are to be read."""
    notes = []
    if len(turn.sets) > 1:
        single = all(len(found.steps) == 1 for found in turn.sets)
        notes.append(tr("Any one of these changes suffices.") if single else tr("Any one of these sets suffices."))
    if turn.sets and turn.more:
        notes.append(tr("There are more of the same size."))
    if turn.sets and not turn.exact:
        notes.append(tr("None of its parts can be left out, but a smaller set of other changes may exist."))
    return notes


def _turn_lines(assessment: Assessment, turn: Turn) -> Iterator[tuple[str, str]]:
    """A turn of the grade, line by line with its style."""
    yield turn_head(turn), "dim" if turn.target is None else "bold"
    for text in why_nothing(assessment, turn):
        yield f"  {text}", ""
    for index, found in enumerate(turn.sets, 1):
        grade = words.span(found.best, found.worst)
        for position, step in enumerate(found.steps):
            lead = f"{index}." if position == 0 else " " * len(f"{index}.")
            tail = f"  -> {grade}" if position == len(found.steps) - 1 else ""
            yield f"  {lead} {step_text(step)}{tail}", ""
    if notes := turn_notes(turn):
        yield "  " + " ".join(notes), "dim"


def render_changes(assessment: Assessment, *, colour: bool, width: int, head: bool = True) -> str:
    """What would change the verdict, for a terminal of `width` columns; `head` says whose verdict it is."""
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    changes = assessment.changes
    assert changes is not None

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style=style))

    if head:
        line(words.certain(assessment), "bold")
        console.print()
        line(f"{assessment.name} · {tr(words.KINDS[assessment.kind])} · {words.cut_text(assessment)}")
        if changes.core is not None:
            line(tr("Grade {grade}").format(grade=words.grade_range(assessment)))
        console.print()
    if changes.core is None:
        line(tr("This kind of platform gets no grade, so nothing changes it."))
        return out.getvalue()
    for turn in changes.turns:
        for text, style in _turn_lines(assessment, turn):
            line(text, style)
        console.print()
    line(tr("What the best end rests on"), "bold")
    core = changes.core
    if core.facts:
        facts = words.listed([words.fact_name(fact) for fact in core.facts], 12)
        line("  " + tr("{grade} follows from {count} of {of} facts alone: {facts}.").format(
            grade=core.grade.name, count=len(core.facts), of=core.of, facts=facts
        ))  # fmt: skip
    else:
        line("  " + tr("{grade} follows from no fact: nothing known limits it.").format(grade=core.grade.name))
    console.print()
    line(tr("Thresholds on an edge"), "bold")
    for edge in changes.edges:
        line(f"  {edge_text(edge)} [{_codes(assessment, edge.rules)}]")
    line(
        "  "
        + (
            tr("{count} of {of} thresholds, moved within their plausible range, move an end of the grade.")
            if len(changes.edges) > 1
            else tr("1 of {of} thresholds, moved within its plausible range, moves an end of the grade.")
            if changes.edges
            else tr("None of {of} thresholds, moved within its plausible range, moves an end of the grade.")
        ).format(count=len(changes.edges), of=changes.parameters),
        "dim",
    )
    return out.getvalue()
