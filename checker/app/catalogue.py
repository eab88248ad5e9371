"""The rulebook and the dictionary as plain values and as text, for readers and for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import inf
from typing import Any

from checker.app.cases import read_cases
from checker.app.translations import untranslated
from checker.model.dictionary import ColumnDef, FactDef
from checker.model.finding import Outcome
from checker.outputs import places, words
from checker.outputs.language import LANGUAGES, mark, spoken, tr
from checker.outputs.width import filled
from checker.packs.rulebook import Rule, Rulebook

_SILENCE = {
    "fail": mark("presumed to fail"),
    "at_least_warn": mark("no pass"),
    "unobserved": mark("stays open"),
}
_TYPES = {
    "number": mark("number"),
    "bool": mark("yes/no"),
    "enum": mark("one of the values"),
    "table": mark("table"),
    "text": mark("text"),
    "date": mark("day"),
    "asset": mark("asset"),
}
_UNITS = {
    "money": mark("US dollars"),
    "money_per_month": mark("US dollars a month"),
    "share": mark("share"),
    "rate": mark("yearly rate"),
    "ratio": mark("multiple"),
    "count": mark("count"),
    "days": mark("days"),
    "hours": mark("hours"),
    "months": mark("months"),
    "condition": mark("condition"),
}
_WORSE = {
    "higher": mark("higher is worse"),
    "lower": mark("lower is worse"),
    "order": mark("the later in the list, the worse"),
    "none": mark("no direction is worse"),
}
_YES_WORSE = {"higher": mark("yes is worse"), "lower": mark("no is worse")}
_ABOUT = {"promise": mark("what the platform says or offers"), "state": mark("how things are")}


def rule_summary(rulebook: Rulebook, rule: Rule) -> dict[str, Any]:
    """One rule in a list: id, code, severity, group, references, languages."""
    return {
        "id": rule.id,
        "code": rule.code,
        "title": tr(rule.title),
        "severity": rule.severity,
        "pack": rule.pack,
        "group": rulebook.packs[rule.pack].group,
        "silence": rule.silence,
        "references": [reference.source for reference in rule.references],
        "languages": [language for language in LANGUAGES if not untranslated(rule, language)],
    }


def rule_page(rulebook: Rulebook, rule: Rule) -> dict[str, Any]:
    """One rule whole."""
    return {
        **rule_summary(rulebook, rule),
        "question": tr(rule.question),
        "since": rule.since,
        "conditions": {name: expression.text for name, expression in rule.conditions.items()},
        "worse": dict(rule.worse),
        "facts": list(rulebook.reads[rule.id]),
        "metrics": [_metric(rulebook, id) for id in rulebook.metrics_of[rule.id]],
        "parameters": [_parameter(rulebook, id) for id in rulebook.parameters_of[rule.id]],
        "rationale": tr(rule.rationale),
        "case": tr(rule.case),
        "false_alarms": tr(rule.false_alarms),
        "ask": tr(rule.ask),
        "message": {outcome: tr(text) for outcome, text in rule.message.items()},
        "references": [_reference(rulebook, r.source, r.locator) for r in rule.references],
        "cases": [
            {"name": case.name, "expect": case.expect, "file": case.file, "line": case.line}
            for case in read_cases(rule)
        ],
    }


def _metric(rulebook: Rulebook, id: str) -> dict[str, Any]:
    metric = rulebook.metrics[id]
    return {
        "id": id,
        "unit": metric.unit or "condition",
        "meaning": tr(metric.meaning),
        "formulas": list(metric.told_by),
        "reference": metric.reference,
    }


def _parameter(rulebook: Rulebook, id: str) -> dict[str, Any]:
    parameter = rulebook.parameters[id]
    return {
        "id": id,
        "unit": parameter.unit,
        "basis": parameter.basis,
        "meaning": tr(parameter.meaning),
        "range": list(parameter.range),
        "learned_from": list(parameter.learned_from),
        "values": [
            {
                "from": d.since,
                "value": d.value,
                "source": d.citation.source,
                "locator": d.citation.locator,
                "note": tr(d.note),
            }
            for d in parameter.values
        ],
    }


def _reference(rulebook: Rulebook, source: str, locator: str) -> dict[str, Any]:
    entry = rulebook.sources[source]
    return {
        "source": source,
        "locator": locator,
        "title": entry.title,
        "issuer": entry.issuer,
        "date": entry.date,
        "status": entry.status,
        "unverified": tr(entry.unverified),
        "url": list(entry.url),
    }


def rule_text(page: dict[str, Any]) -> str:
    """A rule page for the terminal."""
    severity = tr(words.SEVERITIES[page["severity"]])
    silence = tr("where facts are kept silent: {effect}").format(effect=tr(_SILENCE[page["silence"]]))
    lines = [f"{page['code']}  {page['title']}", f"{page['id']} · {severity} · {silence}", "", page["question"], ""]
    lines += _paragraph(tr("Why it matters"), page["rationale"])
    lines += _paragraph(tr("A real case"), page["case"])
    lines += _paragraph(tr("False alarms"), page["false_alarms"])
    lines += [tr("Conditions"), *(_named(name, text) for name, text in page["conditions"].items()), ""]
    for metric in page["metrics"]:
        lines.append(_named(metric["id"] + tr(" ({text})").format(text=_unit(metric["unit"])), metric["meaning"]))
        lines += [f"      = {formula}" for formula in metric["formulas"]]
    if page["parameters"]:
        lines += ["", tr("Thresholds")]
        for parameter in page["parameters"]:
            lines.append(f"  {parameter['id']} [{parameter['basis']}] {parameter['meaning']}")
            for value in parameter["values"]:
                cited = f"{value['source']} {places.place(value['locator'], value['source'])}".strip()
                since = tr("from {day}").format(day=words.day(value["from"]))
                place = tr("; ").join(filter(None, [cited, value["note"]]))
                told = tr("{name}: {value}").format(name=since, value=words.number(value["value"], parameter["unit"]))
                lines.append(f"      {told}{tr(' ({text})').format(text=place)}")
    lines += ["", tr("Facts"), *(f"  {fact}" for fact in page["facts"]), "", tr("References")]
    for reference in page["references"]:
        weaker = tr("; ").join(filter(None, [reference["status"], reference["unverified"]]))
        place = f"{reference['source']} {places.place(reference['locator'], reference['source'])}".rstrip()
        lines.append(f"{_named(place, tr(reference['title']))} [{weaker}]")
    lines += ["", tr("Ask"), f"  {page['ask']}", "", tr("Cases")]
    return "\n".join([*lines, *_cases(page["cases"])]) + "\n"


def _cases(cases: list[dict[str, Any]]) -> list[str]:
    """The cases of a rule by name; where their language is not spoken, how many expect which outcome."""
    wanted = [
        ("NOT_APPLICABLE",) if case["expect"].get("not_applicable") else tuple(case["expect"].get("possible", ()))
        for case in cases
    ]
    if spoken() == "en":
        return [f"  {' '.join(outcomes):<18} {case['name']}" for outcomes, case in zip(wanted, cases, strict=True)]
    counted = Counter(wanted)
    return [
        _named(words.either([tr(words.OUTCOMES[Outcome[name]]) for name in outcomes]) or tr("others"), str(count))
        for outcomes, count in counted.items()
    ]


def _named(name: str, value: str) -> str:
    return "  " + tr("{name}: {value}").format(name=name, value=value)


def _unit(unit: str) -> str:
    return tr(_UNITS.get(unit, unit))


def _paragraph(title: str, text: str) -> list[str]:
    return [title, *(f"  {line}" for line in filled(text, 98)), ""] if text else []


def unit_or_type(definition: ColumnDef) -> str:
    """What a fact is measured in, or what sort of value it has."""
    return _unit(definition.unit) if definition.unit else tr(_TYPES[definition.type])


def fact_page(definition: FactDef) -> dict[str, Any]:
    """One fact of the dictionary as plain values."""
    page: dict[str, Any] = {"id": definition.id, "section": definition.section, **_column(definition)}
    page |= {
        "about": definition.about,
        "observable": definition.observable,
        "expected_public": list(definition.expected_public),
        "kinds": list(definition.kinds),
        "max_age_days": definition.max_age_days,
        "min_evidence": definition.min_evidence,
        "ask": tr(definition.ask),
        "where": tr(definition.where),
    }
    if definition.type == "table":
        page["key"] = list(definition.key)
        page["columns"] = {name: _column(column) for name, column in definition.columns.items()}
    return page


def _column(definition: ColumnDef) -> dict[str, Any]:
    page: dict[str, Any] = {"type": definition.type, "worse": definition.worse, "meaning": tr(definition.meaning)}
    if definition.type == "number":
        page["unit"] = definition.unit
        page["range"] = [None if abs(end) == inf else end for end in definition.range]
    if definition.values:
        page["values"] = list(definition.values)
    return page


def readers(rulebook: Rulebook, fact: str) -> list[str]:
    """The rules that read a fact, by code."""
    return [rule.code for rule in rulebook.rules.values() if fact in rulebook.reads[rule.id]]


def fact_text(page: dict[str, Any], codes: Iterable[str]) -> str:
    """A fact for the terminal."""
    kind = tr(_TYPES[page["type"]])
    if page.get("unit"):
        kind += tr(" ({text})").format(text=_unit(page["unit"]))
    worse = (_YES_WORSE if page["type"] == "bool" else _WORSE).get(page["worse"], _WORSE["none"])
    lines = [f"{page['id']}  {words.fact_name(page['id'])}", f"  {page['meaning']}"]
    lines.append("  " + tr("; ").join((kind, tr(worse), tr(_ABOUT[page["about"]]))))
    if page.get("values"):
        values = tr(", ").join(f"{value}{_spoken_value(value)}" for value in page["values"])
        best = tr(" (best first)") if page["worse"] == "order" else ""
        lines.append("  " + tr("values: {values}").format(values=values) + best)
    if page.get("columns"):
        for name, column in page["columns"].items():
            lines.append("  " + tr("column {name}: {meaning}").format(name=name, meaning=column["meaning"]))
    lines.append("  " + tr("ask: {question}").format(question=page["ask"]))
    lines.append("  " + tr("where: {place}").format(place=page["where"]))
    lines.append("  " + tr("read by: {rules}").format(rules=tr(", ").join(codes) or tr("no rule yet")))
    if page["max_age_days"]:
        lines.append("  " + tr("too old after {days} days").format(days=page["max_age_days"]))
    return "\n".join(lines) + "\n"


def _spoken_value(value: str) -> str:
    """What a word of a fact means where it is not spoken, in brackets."""
    told = words.amount(value)
    return "" if spoken() == "en" or told == value else tr(" ({text})").format(text=told)
