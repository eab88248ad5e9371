"""Explain one finding: inputs with sources, thresholds, and the evaluation step by step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checker.assess.assessment import Assessment, EntryView, Finding, Number
from checker.model.errors import UsageError, did_you_mean
from checker.outputs import words
from checker.packs.rulebook import Rulebook


def find(assessment: Assessment, rulebook: Rulebook, name: str) -> Finding:
    """The finding of a rule by id or code.

    Raises:
        UsageError: No rule of that name, or one that is not for this kind of platform.
    """
    for finding in assessment.findings:
        if name.casefold() in (finding.rule.casefold(), finding.code.casefold()):
            return finding
    known = [*rulebook.rules, *(rule.code for rule in rulebook.rules.values())]
    if name in known:
        raise UsageError(f"{name} is not a rule for a {words.KINDS[assessment.kind]}")
    known += [number.id for number in assessment.numbers]
    raise UsageError(f"no rule or number '{name}'. {did_you_mean(name, known)}".rstrip())


def find_number(assessment: Assessment, name: str) -> Number | None:
    """The number of that id, or None."""
    return assessment.number(name.casefold())


def number_explanation(assessment: Assessment, number: Number) -> str:
    """A number explained down to sources and assumptions, as text."""
    lines = [
        number.title,
        f"{number.id} · {assessment.name} {words.cut_text(assessment)}",
        "",
        f"-> {words.number_text(number)}" + (f" in {number.scenario}" if number.scenario else ""),
        "",
        number.meaning,
    ]
    if number.model:
        lines.append(f"Told by the model {number.model}; see docs/models.md.")
    if number.sampled:
        lines.append("The range was sampled and may miss a peak.")
    if number.variants:
        lines += ["", "Scenarios"]
        uses = {scenario.name: scenario for scenario in assessment.scenarios}
        for variant in number.variants:
            use = uses[variant.scenario]
            cited = "; ".join(" ".join(filter(None, reference)) for reference in use.references)
            lines.append(f"  {variant.scenario}: {words.number_text(number, variant.scenario)}")
            lines.append(f"      {use.title}: {use.meaning}" + (f" ({cited})" if cited else ""))
    lines += ["", "Inputs", *_inputs(assessment, number.used)]
    if number.missing:
        lines += ["", "Missing"]
        lines += [f"  {fact}: {words.REASONS.get(reason, reason)}" for fact, reason in number.missing.items()]
    if number.assumed:
        lines += ["", "Assumed", *_thresholds(assessment, number.assumed)]
    if number.trace is not None:
        lines += ["", "Evaluation", *_steps(number.trace, 1)]
    if number.reference:
        lines += ["", f"Rests on {number.reference}"]
    return "\n".join(lines) + "\n"


def explanation(assessment: Assessment, rulebook: Rulebook, finding: Finding) -> str:
    """The finding explained down to sources and thresholds, as text."""
    rule = rulebook.rules[finding.rule]
    lines = [
        f"{finding.code}  {finding.title}",
        f"{finding.rule} · {finding.severity} · {assessment.name} {words.cut_text(assessment)}",
        "",
        finding.question,
        f"-> {words.outcome_words(finding).upper()}. {words.message(finding, rule.message)}",
        *(f"   {words.override_reason(override)}" for override in assessment.overrides_of(finding.rule)),
        "",
        f"Why it matters: {finding.rationale}",
    ]
    lines += ["", "Inputs", *_inputs(assessment, finding.facts)]
    if finding.parameters:
        lines += ["", "Thresholds", *_thresholds(assessment, finding.parameters)]
    lines += ["", "Evaluation"]
    for name, trace in finding.trace.items():
        lines.append(f"  {name}: {finding.conditions[name]}")
        lines += _steps(trace, 2)
    if finding.open:
        lines += ["", "Open because"]
        lines += [f"  {fact}: {words.REASONS.get(reason, reason)}" for fact, reason in finding.open.items()]
    lines += ["", "Rests on"]
    titles = {work["id"]: work["title"] for work in assessment.bibliography}
    lines += [f"  {source} {locator}: {titles[source]}" for source, locator in finding.references]
    if finding.ask:
        lines += ["", f"Ask: {finding.ask}"]
    return "\n".join(lines) + "\n"


def _inputs(assessment: Assessment, ids: Iterable[str]) -> list[str]:
    """Facts and tables with every entry that counts and its source."""
    facts = {fact.id: fact for fact in assessment.facts}
    tables = {table.id: table for table in assessment.tables}
    lines: list[str] = []
    for id in ids:
        if id in facts:
            fact = facts[id]
            told = (
                words.amount(fact.value, fact.unit)
                if fact.status == "reported"
                else words.REASONS.get(fact.status, fact.status)
            )
            marks = [mark for mark, on in (("too old", fact.stale), ("sources disagree", fact.conflict)) if on]
            lines.append(f"  {id}: {told}" + (f" ({', '.join(marks)})" if marks else ""))
            lines += [f"      {_entry(assessment, entry, fact.unit)}" for entry in fact.entries if entry.counts]
        elif id in tables:
            table = tables[id]
            extent = "complete" if table.complete else "further rows may exist"
            lines.append(f"  {id}: {len(table.rows)} rows, {extent}")
            for row in table.rows:
                lines.append(f"      {row.label}")
                lines += [f"          {_entry(assessment, entry, '')}" for entry in row.entries]
    return lines


def _thresholds(assessment: Assessment, ids: Iterable[str]) -> list[str]:
    """Parameters with value, day, basis, meaning and source."""
    used = {parameter.id: parameter for parameter in assessment.parameters}
    lines: list[str] = []
    for id in ids:
        parameter = used[id]
        place = " ".join(filter(None, [parameter.source, parameter.locator]))
        note = f"; the pack has {parameter.changed}" if parameter.changed else ""
        lines.append(
            f"  {id} = {words.number(parameter.value, parameter.unit)} since {parameter.since} "
            f"[{parameter.basis}] {parameter.meaning} ({place}{note})"
        )
    return lines


def _entry(assessment: Assessment, entry: EntryView, unit: str) -> str:
    sources = {source.id: source for source in assessment.sources}
    since = f"from {entry.since}" if entry.since else "undated"
    until = f" until {entry.until}" if entry.until else ""
    known = f", known {entry.known_on}" if entry.known_on else ""
    source = sources.get(entry.source or "")
    where = ", ".join(filter(None, [source.publisher, source.date])) if source else ""
    named = "no source" if source is None else f"{source.title} ({where or entry.source})"
    place = f", {entry.locator}" if entry.locator else ""
    value = f"{words.amount(entry.value, unit)}; " if entry.value is not None else ""
    alleged = ", alleged" if entry.alleged else ""
    return f"{value}{since}{until}{known}; E{entry.grade}{alleged}: {named}{place}"


def _steps(trace: Any, depth: int) -> list[str]:
    """The evaluation, one line a step, without steps that only repeat what stands above them."""
    if not isinstance(trace, dict):
        return []
    value = trace["value"]
    shown = (
        "surely true"
        if value == [True]
        else "surely false"
        if value == [False]
        else "open"
        if value == [False, True]
        else words.amount(value)
    )
    line = f"{'  ' * depth}{trace['text']} = {shown}"
    return [line, *(step for child in trace.get("steps", ()) for step in _steps(child, depth + 1))]
