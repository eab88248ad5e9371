"""The findings as JUnit XML, for pipelines that watch a platform as they watch a program.

A rule is a test case. No outcome passes in silence, and no two are merged:

* a FAIL is a `failure` (of type `fail`, or `presumed` where silence alone gives it),
* an open outcome is an `error` (of type `open`): nobody knows, so the case is neither passed nor failed,
* a WARN passes, and says so in `system-out`,
* a rule that surely does not apply is `skipped`.

The shape is that of the JUnit schema of Jenkins' xUnit plugin (junit-10.xsd). No clock goes into it: times are zero,
the time stamp is the cut.
"""

from __future__ import annotations

from xml.etree import ElementTree as Xml

from checker.assess.assessment import Assessment, Finding
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import tr
from checker.outputs.tables import Tables, code_of, one_line
from checker.packs.rulebook import Rulebook


def render_junit(assessment: Assessment, rulebook: Rulebook) -> str:
    """The findings as one test suite; the verdict stands in its properties."""
    tables = Tables(assessment, rulebook)
    findings = tables.findings_in_order()
    counts = {
        "tests": len(findings),
        "failures": sum(finding.outcome is Outcome.FAIL for finding in findings),
        "errors": sum(finding.outcome is None for finding in findings),
    }
    skipped = sum(finding.outcome is Outcome.NOT_APPLICABLE for finding in findings)
    told = {name: str(count) for name, count in counts.items()}
    root = Xml.Element("testsuites", {"name": "ddcheck", **told, "time": "0"})
    suite = Xml.SubElement(
        root,
        "testsuite",
        {
            "name": one_line(assessment.name),
            **told,
            "skipped": str(skipped),
            "time": "0",
            "timestamp": f"{assessment.options.known_by}T00:00:00",
        },
    )
    properties = Xml.SubElement(suite, "properties")
    for key, _, value in tables.table("verdict").rows:
        text = str(value).lower() if isinstance(value, bool) else one_line("" if value is None else value)
        Xml.SubElement(properties, "property", {"name": str(key), "value": text})
    for finding in findings:
        _case(suite, finding, tables, assessment)
    Xml.SubElement(suite, "system-out").text = one_line(words.certain(assessment))
    Xml.indent(root)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{Xml.tostring(root, encoding='unicode')}\n"


def _case(suite: Xml.Element, finding: Finding, tables: Tables, assessment: Assessment) -> None:
    title = one_line(tr(finding.title))
    case = Xml.SubElement(
        suite, "testcase", {"classname": f"ddcheck.{finding.pack}", "name": f"{finding.code} {title}", "time": "0"}
    )
    outcome = one_line(words.outcome_words(finding))
    text = one_line(tables.text(finding))
    if finding.outcome is Outcome.NOT_APPLICABLE:
        Xml.SubElement(case, "skipped", {"message": outcome})
    elif finding.outcome is Outcome.FAIL:
        kind = "presumed" if finding.presumed else "fail"
        Xml.SubElement(case, "failure", {"type": kind, "message": f"{outcome}: {text}"}).text = _detail(finding, tables)
    elif finding.outcome is None:
        Xml.SubElement(case, "error", {"type": "open", "message": f"{outcome}: {text}"}).text = _detail(finding, tables)
    marks = [code_of(finding), "/".join(possible.name for possible in finding.possible)]
    marks += ["PRESUMED"] if finding.presumed else []
    lines = [f"{' '.join(marks)}: {outcome}"]
    if finding.outcome is Outcome.WARN:
        lines.append(text)
    lines += [one_line(words.override_text(override)) for override in assessment.overrides_of(finding.rule)]
    Xml.SubElement(case, "system-out").text = "\n".join(lines)


def _detail(finding: Finding, tables: Tables) -> str:
    """What a person who opens the case reads: the question, what is unknown, what to ask, the sources."""
    lines = [tr(finding.question)]
    lines += [
        f"{words.fact_name(fact)} ({fact}): {tr(words.REASONS.get(reason, reason))}"
        for fact, reason in sorted(finding.open.items())
    ]
    lines += [tr("Ask: {question}").format(question=tr(finding.ask))] if finding.ask else []
    marks = tables.marks(finding)
    lines += [tr("Sources: {numbers}").format(numbers=" ".join(f"[{mark}]" for mark in marks))] if marks else []
    return "\n".join(map(one_line, lines))
