"""Law 10: every form of one verdict says the same; each is read as its own reader would read it."""

import csv
import json
import re
from datetime import date
from functools import cache
from html import unescape
from html.parser import HTMLParser
from io import BytesIO, StringIO
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from pdf_pages import box_text, squeezed

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.csv import render_csv
from checker.outputs.html import render_html_page
from checker.outputs.json import render_json
from checker.outputs.junit import render_junit
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.markdown import render_markdown
from checker.outputs.pdf import missing_system_libraries, render_document, render_html
from checker.outputs.summary import render_document as summary_document
from checker.outputs.tables import _COLUMNS, TABLES
from checker.outputs.text import render_text
from checker.outputs.xlsx import ORDER, render_xlsx
from checker.resources import data_path

needs_pango = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)
SPOKEN = [language for language in LANGUAGES if language in ("en", "zh-Hans")]
CASES = [
    ("celsius", "2022-05-31"),  # a range, presumed findings, open traits
    ("celsius", "2023-12-31"),  # a letter, stops, live status
    ("aave", "2025-10-31"),  # numbers that are told
    ("fidelity-spaxx", "2022-05-31"),  # not assessable, rules that do not apply
    ("three-arrows-capital", "2022-09-30"),  # no grade
]
SYMBOLS = {"✓": "pass", "!": "warn", "✗": "fail", "?": "open", "◇": "presumed", "–": "na"}


@cache
def rulebook():
    return shipped_rulebook()


@cache
def assessed(name, day):
    cut = date.fromisoformat(day)
    return audit_one(data_path("profiles", f"{name}.json"), Settings(date(2099, 1, 1), cut, cut), rulebook())


def state(finding):
    """How an outcome must look in every form."""
    if finding.outcome is None:
        return "open"
    if finding.presumed:
        return "presumed"
    return {Outcome.PASS: "pass", Outcome.WARN: "warn", Outcome.FAIL: "fail", Outcome.NOT_APPLICABLE: "na"}[
        finding.outcome
    ]


def rules(assessment):
    return {f.code: ([o.name for o in f.possible], f.presumed) for f in assessment.findings}


def states(assessment):
    return {f.code: state(f) for f in assessment.findings}


def facts_of(assessment):
    """What the tables of verdicts hold under the same keys as the JSON."""
    verdict = assessment.verdict
    ends = [verdict.best.name if verdict.best is not None else None, verdict.worst and verdict.worst.name]
    return {
        "best": ends[0],
        "worst": verdict.worst.name if verdict.worst is not None else None,
        "coverage.facts.known": verdict.coverage.known,
        "coverage.facts.asked": verdict.coverage.asked,
        "coverage.critical": round(verdict.coverage.critical, 4),
        "coverage.all": round(verdict.coverage.all, 4),
        **{f"traits.{trait.id}.best": trait.best for trait in verdict.traits},
        **{f"traits.{trait.id}.worst": trait.worst for trait in verdict.traits},
    }


@pytest.fixture(params=CASES, ids=lambda case: "-".join(case))
def assessment(request):
    return assessed(*request.param)


@pytest.fixture(params=SPOKEN)
def language(request):
    with speaking(request.param):
        yield request.param


def same_table(found, assessment):
    """A table of a verdict, whatever it was written as, says what the assessment says."""
    for key, value in facts_of(assessment).items():
        if value is None:
            assert found[key] == tr("no grade"), key
        else:
            assert str(found[key]) == str(value), key
    assert found["certain"] == words.certain(assessment)
    for place, sentence in enumerate(words.headline(assessment), 1):
        assert found[f"headline.{place}"] == sentence
    for trait in assessment.verdict.traits:
        assert found[f"traits.{trait.id}"] == words.level_text(trait)
    statuses = {key.removeprefix("status.") for key in found if key.startswith("status.")}
    assert statuses == {id for id, _ in assessment.verdict.status}


def test_json(assessment):
    whole = json.loads(render_json(assessment, rulebook()))
    assert {f["code"]: (f["possible"], f["presumed"]) for f in whole["findings"]} == rules(assessment)
    flat = {"best": whole["verdict"]["best"], "worst": whole["verdict"]["worst"]}
    coverage = whole["verdict"]["coverage"]
    flat |= {"coverage.facts.known": coverage["facts"]["known"], "coverage.facts.asked": coverage["facts"]["asked"]}
    flat |= {"coverage.critical": coverage["critical"], "coverage.all": coverage["all"]}
    for id, trait in whole["verdict"]["traits"].items():
        flat |= {f"traits.{id}.best": trait["best"], f"traits.{id}.worst": trait["worst"]}
    assert flat == facts_of(assessment)
    assert [h["text"] for h in whole["headline"]] == words.headline(assessment)
    assert len(whole["sources"]) == len(assessment.sources)


def read_csv(assessment, table):
    return list(csv.DictReader(StringIO(render_csv(assessment, rulebook(), table))))


def test_csv(assessment, language):
    findings = {row["code"]: row for row in read_csv(assessment, "findings")}
    assert {code: (row["possible"].split(), row["presumed"] == "true") for code, row in findings.items()} == rules(
        assessment
    )
    for finding in assessment.findings:
        row = findings[finding.code]
        assert row["outcome"] == (finding.outcome.name if finding.outcome is not None else "OPEN")
        assert row["outcome_text"] == words.outcome_words(finding)
    same_table({row["key"]: row["value"] for row in read_csv(assessment, "verdict")}, assessment)
    assert len(read_csv(assessment, "sources")) == len(assessment.sources)
    assert len(read_csv(assessment, "questions")) == len(assessment.questions)
    assert [row["parameter"] for row in read_csv(assessment, "parameters")] == [p.id for p in assessment.parameters]
    told = {row["number"] for row in read_csv(assessment, "numbers")}
    assert told == {number.id for number in assessment.numbers}
    known = {row["fact"] for row in read_csv(assessment, "facts")}
    assert known == {item.id for item in (*assessment.facts, *assessment.tables)}


def read_xlsx(content):
    """Sheets as rows by the key of the column; the heading row is found by its first heading."""
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == [tr(TABLES[id]) for id in ORDER]
    found = {}
    for id, sheet in zip(ORDER, book.worksheets, strict=True):
        heads = [tr(heading) for heading, _ in _COLUMNS[id].values()]
        rows = [[("" if value is None else value) for value in row] for row in sheet.iter_rows(values_only=True)]
        top = next(place for place, row in enumerate(rows) if row[: len(heads)] == heads)
        found[id] = [dict(zip(_COLUMNS[id], row, strict=False)) for row in rows[top + 1 :]]
        assert sheet.freeze_panes == f"B{top + 2}"
    return found


def test_xlsx(assessment, language):
    book = read_xlsx(render_xlsx(assessment, rulebook()))
    findings = {row["code"]: row for row in book["findings"]}
    yes = tr("yes")
    assert {code: (row["possible"].split(), row["presumed"] == yes) for code, row in findings.items()} == rules(
        assessment
    )
    for finding in assessment.findings:
        symbol, _, word = findings[finding.code]["outcome_text"].partition(" ")
        assert (SYMBOLS[symbol], word) == (state(finding), words.outcome_words(finding))
    same_table({row["key"]: row["value"] for row in book["verdict"]}, assessment)
    assert len(book["sources"]) == len(assessment.sources)
    assert len(book["questions"]) == len(assessment.questions)


def test_junit(assessment, language):
    suite = Xml.fromstring(render_junit(assessment, rulebook())).find("testsuite")
    found = {}
    for case in suite.iter("testcase"):
        code = case.attrib["name"].split(" ")[0]
        head = case.findtext("system-out").splitlines()[0].partition(": ")[0].split(" ")
        found[code] = (head[1].split("/"), "PRESUMED" in head)
        assert case.findtext("system-out").splitlines()[0].endswith(words.outcome_words(assessment.finding(code)))
    assert found == rules(assessment)
    told = {p.attrib["name"]: p.attrib["value"] for p in suite.iter("property")}
    same_table(told, assessment)
    outcomes = [finding.outcome for finding in assessment.findings]
    assert int(suite.attrib["tests"]) == len(outcomes)
    assert int(suite.attrib["failures"]) == outcomes.count(Outcome.FAIL) == len(list(suite.iter("failure")))
    assert int(suite.attrib["errors"]) == outcomes.count(None) == len(list(suite.iter("error")))
    assert int(suite.attrib["skipped"]) == outcomes.count(Outcome.NOT_APPLICABLE) == len(list(suite.iter("skipped")))


def plain(markdown):
    """Text without the marks that keep it text."""
    return re.sub(r"\\([^\w\s])", r"\1", markdown).replace("\u2060", "")


def test_markdown(assessment, language):
    text = plain(render_markdown(assessment, rulebook()))
    found = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"\| ([A-Z]\d?-\d+) \| (\S) (.*?) \| .* \|", line):
            found[match[1]] = (SYMBOLS[match[2]], match[3])
    expected = {
        f.code: (state(f), words.outcome_words(f))
        for f in assessment.findings
        if f.outcome is not Outcome.NOT_APPLICABLE
    }
    assert found == expected
    idle = [f.code for f in assessment.findings if f.outcome is Outcome.NOT_APPLICABLE]
    if idle:
        lines = [line for line in text.splitlines() if not line.startswith("|")]
        assert sorted(idle) in (sorted(re.findall(r"[A-Z]\d?-\d+", line)) for line in lines)
    assert f"**{words.certain(assessment)}**" in text
    if assessment.verdict.best is not None:
        assert tr("Grade {grade}").format(grade=words.grade_range(assessment)) in text
    for sentence in words.headline(assessment):
        assert f"- {sentence}" in text
    for trait in assessment.verdict.traits:
        assert f"| {trait.id} {tr(trait.name)} | {words.level_text(trait)} |" in text
    numbered = re.findall(r"^(\d+)\. ", text.rsplit("\n## ", 1)[-1], re.MULTILINE)
    assert len(numbered) == len(assessment.sources)
    coverage = assessment.verdict.coverage
    assert (
        f"| {tr('{known} of {asked} ({share})')} |".format(
            known=coverage.known, asked=coverage.asked, share=f"{coverage.all:.0%}"
        )
        in text
    )


def test_terminal(assessment, language):
    text = render_text(assessment, rulebook(), colour=False, width=200)
    assert squeezed(text).startswith(squeezed(words.certain(assessment)))
    for sentence in words.headline(assessment):
        assert squeezed(sentence) in squeezed(text)
    for trait in assessment.verdict.traits:
        line = next(line for line in text.splitlines() if line.startswith(f"{trait.id}  "))
        assert squeezed(words.level_text(trait)) in squeezed(line)
    found = {
        match[1]: SYMBOLS[match[2]]
        for line in text.splitlines()
        if (match := re.match(r"  ([A-Z]\d?-\d+)\s+(\S) ", line))
    }
    assert found == {f.code: state(f) for f in words.ranked(assessment)}


class Findings(HTMLParser):
    """The state of the first chip inside every element that is the place of a rule; none is a rule that is idle."""

    def __init__(self):
        super().__init__()
        self.found, self.place = {}, None

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if (named.get("id") or "").startswith("rule-"):
            self.place = named["id"].removeprefix("rule-")
            self.found[self.place] = "na"
        elif self.place and "chip" in (named.get("class") or "").split():
            self.found[self.place] = named["class"].split()[1]
            self.place = None


@needs_pango
def test_report(assessment, language):
    """The document that the PDF is made from; the file itself is read below."""
    parser = Findings()
    parser.feed(render_html(assessment, rulebook(), language))
    assert parser.found == {finding.rule: state(finding) for finding in assessment.findings}


def test_html(assessment, language):
    """The file for a browser tells every finding in full, those that do not apply with a chip of their own."""
    html = render_html_page(assessment, rulebook(), language)
    parser = Findings()
    parser.feed(html)
    assert parser.found == {finding.rule: state(finding) for finding in assessment.findings}
    verdict = unescape(html.partition('id="verdict"')[2].partition("</section>")[0])
    text = squeezed(re.sub("<[^>]*>", "", verdict))
    for sentence in (words.certain(assessment), *words.headline(assessment)):
        assert squeezed(sentence) in text
    for trait in assessment.verdict.traits:
        assert squeezed(words.level_range(trait)) in text
    assert f"{assessment.verdict.coverage.all:.0%}" in text
    assert len(re.findall(r'id="source-\d+"', html)) == len(assessment.sources)
    assert len(re.findall(r'id="ask-\d+"', html)) == len(assessment.questions)


def same_pages(document, assessment):
    first = squeezed(box_text(document.pages[0]))
    assert squeezed(words.certain(assessment)) in first
    for sentence in words.headline(assessment):
        assert squeezed(sentence) in first
    for trait in assessment.verdict.traits:
        assert squeezed(words.level_range(trait)) in first
    assert f"{assessment.verdict.coverage.all:.0%}" in first
    assert f"{assessment.verdict.coverage.critical:.0%}" in first


@needs_pango
@pytest.mark.slow
def test_pdf(assessment, language):
    document = render_document(assessment, rulebook(), language)
    same_pages(document, assessment)
    whole = squeezed("".join(box_text(page) for page in document.pages))
    for finding in assessment.findings:
        assert finding.code in whole


@needs_pango
@pytest.mark.parametrize("language", SPOKEN)
def test_summary(language):
    assessment = assessed(*CASES[1])
    with speaking(language):
        document = summary_document(assessment, rulebook(), language)
        assert len(document.pages) == 1
        same_pages(document, assessment)


def test_every_state_of_an_outcome_is_met():
    """The cases would not tell forms apart if they held only some of the outcomes."""
    met = {state(finding) for case in CASES for finding in assessed(*case).findings}
    assert met == set(SYMBOLS.values())
    assert any(
        finding.rumoured or (finding.presumed and finding.outcome is None)
        for c in CASES
        for finding in assessed(*c).findings
    )
    assert any(assessed(*case).verdict.best is None for case in CASES)
