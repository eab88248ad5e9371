"""Explain one finding: inputs with sources, thresholds, and the evaluation step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checker.assess.assessment import Assessment, EntryView, Finding, Number
from checker.model.errors import UsageError, did_you_mean
from checker.outputs import places, words
from checker.outputs.language import mark, tr
from checker.packs.rulebook import Rulebook

_CONDITIONS = {
    "applies_if": mark("applies if"),
    "fail_if": mark("fails if"),
    "warn_if": mark("warns if"),
    "stop_if": mark("stops if"),
}


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
    value = words.number_text(number)
    if number.scenario:
        value = tr("{value} in {scenario}").format(
            value=value, scenario=words.scenario_title(assessment, number.scenario)
        )
    lines = [
        tr(number.title),
        f"{number.id} · {assessment.name} · {words.cut_text(assessment)}",
        "",
        f"-> {value}",
        "",
        tr(number.meaning),
    ]
    if number.model:
        lines.append(tr("Told by the model {model}; see docs/models.md.").format(model=number.model))
    if number.sampled:
        lines.append(tr("The range was sampled and may miss a peak."))
    if number.variants:
        lines += ["", tr("Scenarios")]
        uses = {scenario.name: scenario for scenario in assessment.scenarios}
        for variant in number.variants:
            use = uses[variant.scenario]
            cited = tr("; ").join(f"{id} {places.place(where, id)}".rstrip() for id, where in use.references)
            told = _named(tr(use.title), tr(use.meaning))
            lines.append("  " + _named(variant.scenario, words.number_text(number, variant.scenario)))
            lines.append(f"      {_aside(told, cited)}")
    lines += ["", tr("Inputs"), *_inputs(assessment, number.used)]
    if number.missing:
        lines += ["", tr("Missing"), *_reasons(number.missing)]
    if number.assumed:
        lines += ["", tr("Assumed"), *_thresholds(assessment, number.assumed)]
    if number.trace is not None:
        lines += ["", tr("Evaluation"), *_steps(number.trace, 1)]
    if number.reference:
        lines += ["", tr("Rests on {reference}").format(reference=number.reference)]
    return "\n".join(lines) + "\n"


def explanation(assessment: Assessment, rulebook: Rulebook, finding: Finding) -> str:
    """The finding explained down to sources and thresholds, as text."""
    rule = rulebook.rules[finding.rule]
    severity = tr(words.SEVERITIES[finding.severity])
    lines = [
        f"{finding.code}  {tr(finding.title)}",
        f"{finding.rule} · {severity} · {assessment.name} · {words.cut_text(assessment)}",
        "",
        tr(finding.question),
        tr("-> {outcome}. {message}").format(
            outcome=words.outcome_words(finding).upper(), message=words.message(finding, rule.message)
        ),
        *(f"   {words.override_reason(override)}" for override in assessment.overrides_of(finding.rule)),
        "",
        tr("Why it matters: {text}").format(text=tr(finding.rationale)),
    ]
    lines += ["", tr("Inputs"), *_inputs(assessment, finding.facts)]
    if finding.parameters:
        lines += ["", tr("Thresholds"), *_thresholds(assessment, finding.parameters)]
    lines += ["", tr("Evaluation")]
    for name, trace in finding.trace.items():
        lines.append("  " + _named(tr(_CONDITIONS.get(name, name)), finding.conditions[name]))
        lines += _steps(trace, 2)
    if finding.open:
        lines += ["", tr("Open because"), *_reasons(finding.open)]
    lines += ["", tr("Rests on")]
    titles = {work["id"]: tr(work["title"]) for work in assessment.bibliography}
    for source, locator in finding.references:
        lines.append("  " + _named(f"{source} {places.place(locator, source)}".rstrip(), titles[source]))
    if finding.ask:
        lines += ["", tr("Ask: {question}").format(question=tr(finding.ask))]
    return "\n".join(lines) + "\n"


def _named(name: str, value: str) -> str:
    return tr("{name}: {value}").format(name=name, value=value)


def _aside(text: str, aside: str) -> str:
    return text + tr(" ({text})").format(text=aside) if aside else text


def _item(id: str, name: str) -> str:
    """A fact or threshold by its name and the id that expressions have; one without a name by its id."""
    return name if name == id else _aside(name, id)


def _reasons(unknown: Mapping[str, str]) -> list[str]:
    """Facts that are not known, each with why."""
    told = ((_item(fact, words.fact_name(fact)), words.REASONS.get(reason, reason)) for fact, reason in unknown.items())
    return ["  " + _named(name, tr(reason)) for name, reason in told]


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
                else tr(words.REASONS.get(fact.status, fact.status))
            )
            marks = [text for text, on in ((tr("too old"), fact.stale), (tr("sources disagree"), fact.conflict)) if on]
            lines.append("  " + _aside(_named(_item(id, words.fact_name(id)), told), tr(", ").join(marks)))
            lines += [f"      {_entry(assessment, entry, fact.unit)}" for entry in fact.entries if entry.counts]
        elif id in tables:
            table = tables[id]
            extent = tr("complete") if table.complete else tr("further rows may exist")
            rows = (tr("{n} row") if len(table.rows) == 1 else tr("{n} rows")).format(n=len(table.rows))
            lines.append("  " + _named(_item(id, words.fact_name(id)), tr(", ").join((rows, extent))))
            for row in table.rows:
                lines.append(f"      {words.row_label(row.label)}")
                lines += [f"          {_entry(assessment, entry, '')}" for entry in row.entries]
    return lines


def _thresholds(assessment: Assessment, ids: Iterable[str]) -> list[str]:
    """Parameters with value, day, basis, meaning and source."""
    used = {parameter.id: parameter for parameter in assessment.parameters}
    lines: list[str] = []
    for id in ids:
        parameter = used[id]
        place = " ".join(filter(None, [parameter.source, places.place(parameter.locator, parameter.source)]))
        note = tr("the pack has {value}").format(value=parameter.changed) if parameter.changed else ""
        text = tr("{name} = {value} since {day} [{basis}] {meaning}").format(
            name=_item(id, words.item_name(id)),
            value=words.number(parameter.value, parameter.unit),
            day=words.day(parameter.since) or tr("a day after the cut"),
            basis=parameter.basis,
            meaning=tr(parameter.meaning),
        )
        lines.append("  " + _aside(text, tr("; ").join(filter(None, [place, note]))))
    return lines


def _entry(assessment: Assessment, entry: EntryView, unit: str) -> str:
    source = next((source for source in assessment.sources if source.id == entry.source), None)
    when = [tr("from {day}").format(day=words.day(entry.since)) if entry.since else tr("undated")]
    when += [tr("until {day}").format(day=words.day(entry.until))] if entry.until else []
    when += [tr("public {day}").format(day=words.day(entry.known_on))] if entry.known_on else []
    if source is None:
        named = tr("no source")
    else:
        where = tr(", ").join(filter(None, [source.publisher, words.published(source)]))
        named = _aside(tr(source.title), where or source.id)
    grade = [f"E{entry.grade}", *([tr("alleged")] if entry.alleged else [])]
    value = [words.amount(entry.value, unit)] if entry.value is not None else []
    support = _named(tr(", ").join(grade), tr(", ").join(filter(None, [named, places.place(entry.locator)])))
    return tr("; ").join([*value, tr(", ").join(when), support])


def _steps(trace: Any, depth: int) -> list[str]:
    """The evaluation, one line a step, without steps that only repeat what stands above them."""
    if not isinstance(trace, dict):
        return []
    line = f"{'  ' * depth}{trace['text']} = {words.step_value(trace['value'])}"
    return [line, *(step for child in trace.get("steps", ()) for step in _steps(child, depth + 1))]
