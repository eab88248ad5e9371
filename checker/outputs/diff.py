"""Two verdicts side by side, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from io import StringIO
from typing import TYPE_CHECKING, Any

from checker.assess.assessment import Assessment
from checker.assess.difference import Difference, FactChange, RuleChange, Standing
from checker.model.dictionary import Dictionary
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import mark, tr

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["moves_text", "outcomes_text", "render_diff", "render_json", "state_text"]

SCHEMA = "ddcheck/diff/1"
_BY = {"facts": mark("facts"), "rules": mark("rules"), "both": mark("facts and rules")}
_ORDER = {"critical": 0, "major": 1, "minor": 2}
ORDER = mark("Facts first, under the old rules; then the rules.")


# ---------------------------------------------------------------------------------------------------------- JSON


def _side(assessment: Assessment) -> dict[str, Any]:
    return {
        "platform": {"name": assessment.name, "kind": assessment.kind},
        "options": asdict(assessment.options),
        "inputs": {
            "profile": dict(assessment.profile),
            "packs": [dict(pack) for pack in assessment.packs],
            **assessment.data,
        },
        "certain": words.certain(assessment),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "best": standing.best.name if standing.best is not None else None,
        "worst": standing.worst.name if standing.worst is not None else None,
        "pattern": {"best": standing.pattern[0], "worst": standing.pattern[1]},
        "traits": {name: {"best": low, "worst": high} for name, (low, high) in standing.traits.items()},
    }


def _steps(start: Standing, end: Standing) -> dict[str, int | None]:
    """By how many letters each end moved; more is worse."""
    return {
        "best": None if start.best is None or end.best is None else end.best - start.best,
        "worst": None if start.worst is None or end.worst is None else end.worst - start.worst,
    }


def _names(outcomes: tuple[Outcome, ...] | None) -> list[str] | None:
    return None if outcomes is None else [outcome.name for outcome in outcomes]


def _rule(change: RuleChange) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "code": change.code,
        "title": change.title,
        "severity": change.severity,
        "old": _names(change.old),
        "between": _names(change.between),
        "new": _names(change.new),
        "presumed": list(change.presumed),
        "by": change.by,
    }


def render_json(told: Difference) -> str:
    """The comparison as JSON text, with a newline at the end."""
    page = {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": told.new.program},
        "order": ["facts", "rules"],
        "old": _side(told.old),
        "new": _side(told.new),
        "verdict": {
            "old": _standing(told.start),
            "between": _standing(told.between),
            "new": _standing(told.end),
            "moved_by_facts": _steps(told.start, told.between),
            "moved_by_rules": _steps(told.between, told.end),
        },
        "facts": [asdict(change) for change in told.facts],
        "rules": [_rule(change) for change in told.rules],
        "packs": [asdict(change) for change in told.packs],
        "parameters": [asdict(change) for change in told.parameters],
        "rates": [{"series": series, "old": old, "new": new} for series, old, new in told.rates],
    }
    return json.dumps(page, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


# ------------------------------------------------------------------------------------------------------- terminal


def outcomes_text(outcomes: tuple[Outcome, ...] | None, presumed: bool) -> str:
    """The outcomes possible at one of the points, in words."""
    if outcomes is None:
        return tr("not asked")
    text = tr(" or ").join(tr(words.OUTCOMES[outcome]) for outcome in outcomes)
    return tr("{outcome}, presumed").format(outcome=text) if presumed else text


def state_text(change: FactChange, state: Mapping[str, Any] | None, dictionary: Dictionary | None = None) -> str:
    """How a fact stands, in a few words; the dictionary tells the units of a row's cells."""
    if state is None:
        return tr("unknown") if not change.row else tr("no such row")
    if change.row:
        columns = dictionary[change.fact].columns if dictionary is not None and change.fact in dictionary else {}
        cells = [
            f"{words.fact_name(name)} {words.amount(cell, columns[name].unit or '' if name in columns else '')}"
            for name, cell in state["cells"].items()
        ]
        return words.listed(cells, 3) + tr(" ({text})").format(text=f"E{state['evidence']}")
    if "complete" in state:
        if state["status"] != "reported":
            return tr(words.STATUSES.get(state["status"], state["status"]))
        return tr("complete") if state["complete"] else tr("further rows may exist")
    if state["status"] != "reported":
        return tr(words.STATUSES.get(state["status"], state["status"]))
    marks = [f"E{state['evidence']}"]
    marks += [tr("too old")] if state.get("stale") else []
    marks += [tr("sources disagree")] if state.get("conflict") else []
    return words.amount(state["value"], change.unit) + tr(" ({text})").format(text=tr(", ").join(marks))


def moves_text(start: Standing, end: Standing) -> str:
    """What one step does to the grade, in words."""
    if start.best is None or start.worst is None or end.best is None or end.worst is None:
        return tr("no grade to move")
    parts = []
    for name, before, after in ((tr("best end"), start.best, end.best), (tr("worst end"), start.worst, end.worst)):
        if before != after:
            parts.append(tr("{end} {old} to {new}").format(end=name, old=before.name, new=after.name))
    for trait, (low, high) in end.traits.items():
        was = start.traits.get(trait)
        if was is not None and was != (low, high):
            old, new = (f"{a}" if a == b else f"{a}-{b}" for a, b in (was, (low, high)))
            parts.append(tr("{end} {old} to {new}").format(end=trait, old=old, new=new))
    return tr("; ").join(parts) or tr("nothing")


def render_diff(told: Difference, *, colour: bool, width: int, dictionary: Dictionary | None = None) -> str:
    """The comparison for a terminal of `width` columns; the dictionary tells the units of cells."""
    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )

    def line(text: str, style: str = "") -> None:
        console.print(Text(text, style=style))

    for lead, side in ((tr("Old"), told.old), (tr("New"), told.new)):
        text = f"{side.name} · {tr(words.KINDS[side.kind])} · {words.cut_text(side)}"
        line(tr("{name}: {value}").format(name=lead, value=text))
    console.print()
    spans = [words.span(point.best, point.worst) for point in (told.start, told.between, told.end)]
    line(tr("Grade {old} -> {new}").format(old=spans[0], new=spans[2]), "bold")
    line("  " + tr("By the facts: {moves}").format(moves=moves_text(told.start, told.between)))
    line("  " + tr("By the rules: {moves}").format(moves=moves_text(told.between, told.end)))
    line("  " + tr(ORDER), "dim")
    _rules(console, told)
    _packs(console, told)
    _facts(console, told, dictionary)
    return out.getvalue()


def _title(console: Console, text: str) -> None:
    from rich.text import Text

    console.print()
    console.print(Text(text, style="bold"))


def _rules(console: Console, told: Difference) -> None:
    from rich.table import Table
    from rich.text import Text

    _title(console, tr("Findings that changed: {count}").format(count=len(told.rules)))
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for ratio in (None, 5, 4, None):
        table.add_column(overflow="fold", ratio=ratio)
    for change in sorted(told.rules, key=lambda c: (_ORDER[c.severity], c.code)):
        old = outcomes_text(change.old, change.presumed[0])
        new = outcomes_text(change.new, change.presumed[2])
        by = tr("by {what}").format(what=tr(_BY[change.by]))
        table.add_row(Text(f"  {change.code}"), Text(tr(change.title)), Text(f"{old} -> {new}"), Text(by, style="dim"))
    if told.rules:
        console.print(table)


def _packs(console: Console, told: Difference) -> None:
    from rich.text import Text

    if not (told.packs or told.parameters):
        return
    _title(console, tr("Rules that changed"))
    for pack in told.packs:
        old, new = (version or tr("absent") for version in (pack.old, pack.new))
        text = f"{old} -> {new}" if old != new else tr("{version}, with other contents").format(version=old)
        console.print(Text("  " + tr("{name}: {value}").format(name=pack.pack, value=text)))
    for parameter in told.parameters:
        old, new = (
            tr("absent") if value is None else words.number(value, parameter.unit)
            for value in (parameter.old, parameter.new)
        )
        console.print(Text("  " + tr("{name}: {old} -> {new}").format(name=parameter.parameter, old=old, new=new)))


def _facts(console: Console, told: Difference, dictionary: Dictionary | None) -> None:
    from rich.text import Text

    _title(console, tr("Facts that changed: {count}").format(count=len(told.facts)))
    codes = {change.rule: change.code for change in told.rules}
    for change in told.facts:
        name = words.fact_name(change.fact)
        if change.row:
            name = tr("{table} ({row})").format(table=name, row=words.row_label(change.row))
        moves = f" [{words.listed(sorted(codes[rule] for rule in change.moved), 6)}]" if change.moved else ""
        text = tr("{name}: {old} -> {new}").format(
            name=name,
            old=state_text(change, change.old, dictionary),
            new=state_text(change, change.new, dictionary),
        )
        console.print(Text(f"  {text}{moves}"))
    for series, old, new in told.rates:
        days = [words.day(id.partition("@")[2]) if id else tr("absent") for id in (old, new)]
        text = tr("market rate {series}: of {old} -> of {new}").format(series=series, old=days[0], new=days[1])
        console.print(Text(f"  {text}", style="dim"))
