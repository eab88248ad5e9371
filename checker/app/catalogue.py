"""The rulebook and the dictionary as plain values and as text, for readers and for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from textwrap import fill, indent
from typing import Any

from checker.app.cases import read_cases
from checker.app.translations import untranslated
from checker.model.dictionary import ColumnDef, FactDef
from checker.outputs.language import LANGUAGES, spoken, tr
from checker.outputs.words import fact_name
from checker.packs.rulebook import Rule, Rulebook


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
        "question": rule.question,
        "since": rule.since,
        "conditions": {name: expression.text for name, expression in rule.conditions.items()},
        "worse": dict(rule.worse),
        "facts": list(rulebook.reads[rule.id]),
        "metrics": [_metric(rulebook, id) for id in rulebook.metrics_of[rule.id]],
        "parameters": [_parameter(rulebook, id) for id in rulebook.parameters_of[rule.id]],
        "rationale": rule.rationale,
        "case": rule.case,
        "false_alarms": rule.false_alarms,
        "ask": rule.ask,
        "message": dict(rule.message),
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
        "meaning": metric.meaning,
        "formulas": list(metric.told_by),
        "reference": metric.reference,
    }


def _parameter(rulebook: Rulebook, id: str) -> dict[str, Any]:
    parameter = rulebook.parameters[id]
    return {
        "id": id,
        "unit": parameter.unit,
        "basis": parameter.basis,
        "meaning": parameter.meaning,
        "range": list(parameter.range),
        "learned_from": list(parameter.learned_from),
        "values": [
            {
                "from": d.since,
                "value": d.value,
                "source": d.citation.source,
                "locator": d.citation.locator,
                "note": d.note,
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
        "unverified": entry.unverified,
        "url": list(entry.url),
    }


def rule_text(page: dict[str, Any]) -> str:
    """A rule page for the terminal."""
    lines = [f"{page['code']}  {page['title']}", f"{page['id']} · {page['severity']} · silence: {page['silence']}", ""]
    lines += [page["question"], "", *_paragraph("Why", page["rationale"]), *_paragraph("Case", page["case"])]
    lines += _paragraph("False alarms", page["false_alarms"])
    lines += ["Conditions", *(f"  {name}: {text}" for name, text in page["conditions"].items()), ""]
    for metric in page["metrics"]:
        lines.append(f"  {metric['id']} ({metric['unit']}): {metric['meaning']}")
        lines += [f"      = {formula}" for formula in metric["formulas"]]
    if page["parameters"]:
        lines += ["", "Thresholds"]
        for parameter in page["parameters"]:
            lines.append(f"  {parameter['id']} [{parameter['basis']}] {parameter['meaning']}")
            for value in parameter["values"]:
                place = " ".join(filter(None, [value["source"], value["locator"], value["note"]]))
                lines.append(f"      from {value['from']}: {value['value']:g} {parameter['unit']} ({place})")
    lines += ["", "Facts", *(f"  {fact}" for fact in page["facts"]), "", "References"]
    for reference in page["references"]:
        mark = f"{reference['status']}" + (f"; {reference['unverified']}" if reference["unverified"] else "")
        lines.append(f"  {reference['source']} {reference['locator']}: {reference['title']} [{mark}]")
    lines += ["", "Ask", f"  {page['ask']}", "", "Cases"]
    for case in page["cases"]:
        expected = case["expect"]
        wanted = "NOT_APPLICABLE" if expected.get("not_applicable") else " ".join(expected.get("possible", ()))
        lines.append(f"  {wanted:<18} {case['name']}")
    return "\n".join(lines) + "\n"


def _paragraph(title: str, text: str) -> list[str]:
    return [title, indent(fill(text, 98), "  "), ""] if text else []


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
        "where": definition.where,
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
    kind = page["type"] + (f" ({page['unit']})" if page.get("unit") else "")
    lines = [f"{page['id']}  {fact_name(page['id'])}", f"  {page['meaning']}"]
    lines.append(
        "  "
        + tr("type: {kind}; worse: {worse}; about: {about}").format(kind=kind, worse=page["worse"], about=page["about"])
    )
    if page.get("values"):
        values = tr(", ").join(page["values"])
        best = tr(" (best first)") if page["worse"] == "order" else ""
        lines.append("  " + tr("values: {values}").format(values=values) + best)
    if page.get("columns"):
        for name, column in page["columns"].items():
            lines.append("  " + tr("column {name}: {meaning}").format(name=name, meaning=column["meaning"]))
    lines.append("  " + tr("ask: {question}").format(question=page["ask"]))
    if spoken() == "en":
        lines.append(f"  where: {page['where']}")
    lines.append("  " + tr("read by: {rules}").format(rules=tr(", ").join(codes) or tr("no rule yet")))
    if page["max_age_days"]:
        lines.append("  " + tr("too old after {days} days").format(days=page["max_age_days"]))
    return "\n".join(lines) + "\n"
