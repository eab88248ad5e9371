"""The report for a browser: one file that loads nothing, says all that the PDF says, and lets every link arrive."""

import json
import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.explain import explanation
from checker.app.report import prepare
from checker.cli.main import main
from checker.outputs import words
from checker.outputs.html import _labelled, _one_lower, _unstyled, policy, render_html_page
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.page import Page, anchor
from checker.outputs.pages import context
from checker.resources import data_path

EVIL = (
    '</script></style></title><img src=x onerror=alert(1)><script>alert(1)</script>" onclick="x()" style="color:red" '
    '{{ 7*7 }}{% x %}--><!-- <table class="t"> url(https://evil.example/) \''
)
VOID = {"meta", "br", "input", "link", "img", "hr", "col", "wbr", "source"}
CASES = [("celsius", "2022-05-31"), ("fidelity-spaxx", "2022-05-31"), ("three-arrows-capital", "2022-09-30")]


@cache
def rulebook():
    return shipped_rulebook()


@cache
def assessed(name="celsius", day="2022-05-31"):
    cut = date.fromisoformat(day)
    return audit_one(data_path("profiles", f"{name}.json"), Settings(date(2099, 1, 1), cut, cut), rulebook())


@cache
def reported():
    """A report with every analysis, of a platform with few facts."""
    cut = date(2022, 5, 31)
    settings = Settings(date(2099, 1, 1), cut, cut)
    return prepare(data_path("profiles", "fidelity-spaxx.json"), settings, rulebook())


@cache
def page(name="celsius", day="2022-05-31", language="en"):
    return render_html_page(assessed(name, day), rulebook(), language)


class Element(dict):
    """The attributes of an element, with its tag, those around it and its text."""

    def __init__(self, tag, attributes, around, number):
        super().__init__(attributes)
        self.tag, self.around, self.number, self.pieces = tag, around, number, []

    @property
    def text(self):
        return "".join(self.pieces)

    @property
    def words(self):
        return " ".join(self.text.split())


class Document(HTMLParser):
    """Elements in the order of the document; tags must match."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.faults = [], [], []
        self.feed(html)
        self.close()
        self.faults += [element.tag for element in self.open]
        self.places = {element["id"]: element for element in self.elements if "id" in element}

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"{tag} has an attribute twice")
        element = Element(tag, attributes, [around.number for around in self.open], len(self.elements))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
            return
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.pieces.append(data)

    def all(self, *tags):
        return [element for element in self.elements if element.tag in tags]

    def inside(self, element):
        return [other for other in self.elements[element.number + 1 :] if element.number in other.around]


@cache
def document(name="celsius", day="2022-05-31", language="en"):
    return Document(page(name, day, language))


@pytest.fixture(params=CASES, ids=lambda case: "-".join(case))
def case(request):
    return request.param


@pytest.fixture
def parsed(case):
    return document(*case)


def test_the_document_is_well_formed(parsed):
    assert parsed.faults == []
    assert page().startswith('<!DOCTYPE html>\n<html lang="en">')


def test_ids_are_unique_and_every_link_arrives(parsed):
    ids = Counter(element["id"] for element in parsed.elements if "id" in element)
    assert [id for id, count in ids.items() if count > 1] == []
    for link in parsed.all("a"):
        target = link["href"]
        assert target.startswith(("#", "https://", "http://")), target
        assert not target.startswith("#") or target[1:] in ids, target
    named = [id for e in parsed.elements for id in e.get("aria-labelledby", "").split()]
    assert set(named) <= set(ids)


def test_nothing_is_loaded_and_only_what_the_file_carries_may_run(parsed):
    (law,) = [m["content"] for m in parsed.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    (style,), (script,) = parsed.all("style"), parsed.all("script")
    for element, kind in ((style, "style-src"), (script, "script-src")):
        digest = b64encode(sha256(element.text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in law
    assert law.startswith("default-src 'none';")
    assert "unsafe" not in law
    assert law == policy(style.text, script.text)
    assert not parsed.all("link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "image", "use")
    for element in parsed.elements:
        assert "style" not in element
        assert "src" not in element
        assert not [name for name in element if name.startswith("on")]
        assert "://" not in str(element.get("href", "")) or element.tag == "a"
    assert not re.search(r"url\(|@import|@font-face|://", style.text)
    assert not re.search(r"\bfetch\b|XMLHttpRequest|import\(|eval|innerHTML|://", script.text)
    assert len(script.text) < 10_000


def test_headings_step_down_one_by_one(parsed):
    levels = [int(element.tag[1]) for element in parsed.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_names_and_tables(parsed):
    for tag in ("main", "nav", "footer"):
        assert len(parsed.all(tag)) == 1
    first = parsed.all("a")[0]
    assert first["class"] == "skip"
    assert first["href"] == "#main"
    for element in parsed.all("nav"):
        assert element["aria-label"]
    for cell in parsed.all("th"):
        assert cell["scope"] in ("col", "row")
    for drawing in (element for element in parsed.all("svg")):
        assert drawing["role"] == "img"
        assert drawing["aria-labelledby"]
    for part in parsed.all("details"):
        assert parsed.elements[part.number + 1].tag == "summary"


def test_every_finding_stands_once_with_outcome_and_sentence(case, parsed):
    assessment = assessed(*case)
    words_of = {rule.id: rule.message for rule in rulebook().rules.values()}
    places = [e["id"] for e in parsed.elements if e.get("id", "").startswith("rule-")]
    assert len(places) == len(assessment.findings)
    for finding in assessment.findings:
        shown = parsed.places[anchor("rule", finding.rule)]
        chip = Page.chip(finding)
        assert shown["data-state"] == chip.state
        text = shown.words
        assert f"{chip.symbol} {chip.word}" in text
        assert f"{finding.code} {finding.title}" in text
        if chip.state != "na":
            assert words.message(finding, words_of[finding.rule])[1:] in text


def test_the_filter_counts_what_there_is(case, parsed):
    assessment = assessed(*case)
    counts = Counter(Page.chip(finding).state for finding in assessment.findings)
    shown = {b["data-show"]: int(b.words.split()[-1]) for b in parsed.all("button") if "data-show" in b}
    assert shown == dict(counts)
    assert "hidden" in parsed.places["filter"], "without a script there is nothing to press"
    assert "hidden" in parsed.places["scheme"]


def test_evaluations_are_those_of_explain(case, parsed):
    """Every line that `ddcheck explain` prints stands in the finding or in a figure that it leads to."""
    assessment = assessed(*case)
    met = 0
    for finding in assessment.findings[::7]:
        told, leads = "", [anchor("rule", finding.rule)]
        for place in leads:
            told += f" {parsed.places[place].words}"
            inner = [
                e["href"][1:] for e in parsed.inside(parsed.places[place]) if e.get("href", "").startswith("#figure")
            ]
            leads += [lead for lead in dict.fromkeys(inner) if lead not in leads]
        text = explanation(assessment, rulebook(), finding).partition("\nEvaluation\n")[2].partition("\n\n")[0]
        for line in filter(lambda line: " = " in line, text.splitlines()):
            met += 1
            assert " ".join(line.split()) in told, finding.code
    assert met > 30


def test_a_figure_is_told_once_however_many_rules_read_it():
    filled = context(assessed(), rulebook(), None)
    traces = json.dumps([finding.trace for finding in filled["a"].findings])
    html = page()
    assert len(html.encode()) < 1_500_000
    assert traces.count('"metric t3.liquid_30d"') > 3
    assert html.count('<details class="trace" id="figure-t3.liquid_30d"') == 1
    assert html.count('href="#figure-t3.liquid_30d"') > 3


def test_the_first_page_says_what_is_certain(case, parsed):
    assessment = assessed(*case)
    verdict = parsed.places["verdict"].text
    assert words.certain(assessment) in verdict
    for sentence in words.headline(assessment):
        assert sentence in verdict
    for trait in assessment.verdict.traits:
        assert words.level_range(trait) in verdict


def test_all_of_a_whole_report_has_its_place():
    html = render_html_page(reported(), rulebook())
    parsed = Document(html)
    assert parsed.faults == []
    ids = {element.get("id") for element in parsed.elements}
    assert {"verdict", "mechanism", "decision", "findings", "facts", "sources", "rebut", "over-time"} <= ids
    assert set(re.findall(r'href="#([^"]*)"', html)) <= ids
    assert "want of room" not in html
    assert "Page 2" not in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language(language):
    parsed = document(language=language)
    assert parsed.faults == []
    assert parsed.all("html")[0]["lang"] == language
    with speaking(language):
        assert tr("Findings") in parsed.all("nav")[0].text
        assert tr("The four traits of a cash pool") in parsed.places["verdict"].text


def test_the_same_assessment_gives_the_same_file_again():
    assert render_html_page(assessed(), rulebook()) == page()


def test_no_language_but_those_there_are():
    with pytest.raises(ValueError, match="no report in 'de'"):
        render_html_page(assessed(), rulebook(), "de")


def test_hostile_text_changes_nothing_but_itself(tmp_path):
    def told(text):
        entry = {"from": "2021-01-01", "known_on": "2021-01-01", "evidence": "terms_of_use", "source": "s1"}
        return {
            "ddcheck": 1,
            "platform": {"name": f"Token {text}", "kind": "cefi_lender"},
            "terms": {"offered_apy": {"value": 0.18, **entry, "locator": text, "note": text}},
            "sources": {"s1": {"title": text, "publisher": text, "date": "2021-01-01", "url": "https://example.com/"}},
            "notes": [{"text": text, "topic": text, "known_on": "2021-01-01", "evidence": "press", "source": "s1"}],
        }

    shapes = []
    for text in (EVIL, re.sub(r"[^\w\s]", "x", EVIL)):
        path = tmp_path / "p.json"
        path.write_text(json.dumps(told(text)), encoding="utf-8")
        cut = date(2022, 5, 31)
        assessment = audit_one(path, Settings(date(2099, 1, 1), cut, cut), rulebook())
        parsed = Document(render_html_page(assessment, rulebook()))
        assert parsed.faults == []
        drawn = {inner.number for svg in parsed.all("svg") for inner in parsed.inside(svg)}  # lines break elsewhere
        shapes.append([(e.tag, sorted(e)) for e in parsed.elements if e.number not in drawn])
        assert not [a["href"] for a in parsed.all("a") if not a["href"].startswith(("#", "http://", "https://"))]
        assert "49" not in parsed.all("title")[0].text
        assert parsed.all("main")[0].words.count(" ".join(text.split())) > 5
    assert shapes[0] == shapes[1], "hostile text made or unmade an element or an attribute"


def test_ten_thousand_characters_of_a_name(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "W" * 10_000, "kind": "fund"}}))
    cut = date(2022, 5, 31)
    html = render_html_page(audit_one(path, Settings(date(2099, 1, 1), cut, cut), rulebook()), rulebook())
    parsed = Document(html)
    assert parsed.faults == []
    assert "W" * 10_000 in parsed.all("h1")[0].text
    assert len(parsed.all("title")[0].text) < 200


def test_changed_thresholds_stand_at_the_top():
    changed = shipped_rulebook(overrides={"t1.spread_fail": 0.05})
    cut = date(2022, 5, 31)
    settings = Settings(date(2099, 1, 1), cut, cut, overrides={"t1.spread_fail": 0.05})
    assessment = audit_one(data_path("profiles", "celsius.json"), settings)
    main_part = render_html_page(assessment, changed).partition("<main")[2]
    assert "Changed: t1.spread_fail = 5%" in main_part.partition("<section")[0]


def test_a_style_on_an_element_becomes_a_rule_and_an_odd_one_is_refused():
    html, style = _unstyled('<td style="width:44mm"></td><i style="flex-grow: 3"></i>')
    assert html == '<td data-s="w44"></td><i data-s="g3"></i>'
    assert style == 'main [data-s="g3"]{flex-grow:3}main [data-s="w44"]{width:24.4%}'
    with pytest.raises(ValueError, match="no screen has"):
        _unstyled('<i style="background:red"></i>')


def test_cells_of_a_narrow_table_carry_their_heading():
    table = (
        '<table class="t"><thead><tr><th scope="col">A</th><th scope="col">“B” &lt;/style&gt;</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
    html, style = _labelled(table)
    assert '[data-t="0"] td:nth-child(2)::before{content:"\\201c B\\201d  \\3c \\2f style\\3e "}' in style
    assert html.count('role="cell"') == 2
    assert html.count('role="columnheader"') == 2
    assert 'role="rowgroup"' in html
    assert _one_lower("<h1 id='a'>x</h1><h3>y</h3><th>") == "<h2 id='a'>x</h2><h4>y</h4><th>"


def test_the_command_writes_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    out = tmp_path / "o.html"
    profile = str(data_path("profiles", "fidelity-spaxx.json"))
    assert main([profile, "--known-by", "2022-05-31", "--html", str(out), "--since", "2021-12-31"]) == 0
    assert "written to" in capsys.readouterr().err
    html = out.read_text(encoding="utf-8")
    assert Document(html).faults == []
    assert 'id="since"' in html


@pytest.mark.parametrize("url", ["https://example.com/<a>", "javascript:alert(1)", "file:///etc/passwd", "//x"])
def test_a_source_may_be_followed_only_by_http(url):
    sources = tuple(replace(source, url=url, title=f"T\u202e\x07{EVIL}") for source in assessed().sources)
    parsed = Document(render_html_page(replace(assessed(), sources=sources), rulebook()))
    assert parsed.faults == []
    outside = {link["href"] for link in parsed.all("a") if not link["href"].startswith("#")}
    assert outside
    assert all(link.startswith(("https://", "http://")) and "example" not in link for link in outside)
    assert "\u202e" not in parsed.all("main")[0].text


def test_dark_is_the_same_by_the_system_and_by_choice():
    text = data_path("reports", "styles", "scheme.css").read_text(encoding="utf-8")
    light, system, chosen = re.findall(r":root[^{]*\{([^}]*)\}", text)
    assert system.split() == chosen.split()
    assert set(re.findall(r"--[\w-]+(?=:)", light)) == set(re.findall(r"--[\w-]+(?=:)", system))
    own, other = (
        data_path("reports", "styles", name).read_text(encoding="utf-8") for name in ("html.css", "comparison.css")
    )
    assert set(re.findall(r"var\((--[\w-]+)\)", own + other)) <= set(re.findall(r"--[\w-]+(?=:)", light))
    assert not re.findall(r": [^;]*#[0-9a-f]{3,6}\b", own), "a colour without a dark value"
