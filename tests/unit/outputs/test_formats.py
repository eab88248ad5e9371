"""Tables, spreadsheet, Markdown and JUnit: what hostile text may not do, and the same bytes again."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from markdown_it import MarkdownIt

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.forms import Choices, render
from checker.cli import targets
from checker.outputs.csv import cell_text, render_csv
from checker.outputs.junit import render_junit
from checker.outputs.language import speaking
from checker.outputs.markdown import address, inline, render_markdown
from checker.outputs.tables import TABLES, Tables, defused
from checker.outputs.xlsx import render_xlsx
from checker.resources import data_path

CUT = date(2022, 5, 31)
EVIL = (
    '=HYPERLINK("http://evil.example","x") # Heading | cell | <script>alert(1)</script> [a](http://evil.example) '
    "![b](http://evil.example/x.png) **bold** `code` @everyone #1 www.evil.example &amp; $x$ _y_ ~~z~~ ]]> --"
)
WORSE = f"{EVIL}\r\n# Heading\n| a | b |\n\u202e\x07\x00"  # what the loader refuses, should it ever get past it
STARTS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "＝1+1", "＋1", "－1", "＠x"]


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def profile():
    told = {"from": "2021-01-01", "known_on": "2021-01-01", "evidence": "terms_of_use", "source": "s1"}
    return {
        "ddcheck": 1,
        "platform": {"name": EVIL, "kind": "cefi_lender", "country": "US"},
        "terms": {
            "offered_apy": {"value": 0.18, "locator": EVIL, "note": EVIL, **told},
            "offered_asset": {"value": "USD", **told},
            "rate_kind": {"value": "fixed", **told},
            "products": [{"product": EVIL, "asset": "USD", "rate": 0.18, **told}],
        },
        "structure": {"pooled": {"value": True, **told | {"source": "s2"}}},
        "sources": {
            "s1": {"title": EVIL, "publisher": EVIL, "date": "2021-01-01", "url": "https://evil.example/`x`"},
            "s2": {
                "title": "Order",
                "publisher": "Court",
                "date": "2021-01-01",
                "url": "https://court.example/a?b=c|d",
            },
        },
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, rulebook):
    path = tmp_path_factory.mktemp("hostile") / "p.json"
    path.write_text(json.dumps(profile()), encoding="utf-8")
    assessment = audit_one(path, Settings(date(2099, 1, 1), CUT, CUT), rulebook)
    assert assessment.name.startswith("=HYPERLINK")
    sources = [
        replace(source, title=WORSE, publisher=WORSE, url="javascript:alert(1)") if source.title == EVIL else source
        for source in assessment.sources
    ]
    assert sources != [*assessment.sources]
    return replace(assessment, name=WORSE, sources=tuple(sources))


@pytest.fixture(scope="module")
def celsius(rulebook):
    return audit_one(data_path("profiles", "celsius.json"), Settings(date(2099, 1, 1), CUT, CUT), rulebook)


# -- tables


@pytest.mark.parametrize("text", STARTS)
def test_no_text_begins_like_a_formula(text):
    assert str(defused(text)).startswith("'")
    assert cell_text(text).startswith("'") or not re.match(r"[\s=+\-@＝＋－＠]", cell_text(text))


def test_numbers_are_not_text_that_begins_like_a_formula():
    assert defused(-5) == -5
    assert cell_text(-0.5) == "-0.5"


@pytest.mark.parametrize("table", TABLES)
def test_csv_of_hostile_text_is_one_table_and_runs_nothing(hostile, rulebook, table):
    text = render_csv(hostile, rulebook, table)
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(Tables(hostile, rulebook).table(table).rows)
    assert text.count("\n") == len(rows)
    for row in rows[1:]:
        for cell in row:
            assert not re.match(r"\s*[=+@＝＋－＠]|-(?!\d)", cell), cell
            assert not re.search(r"[\x00-\x08\x0e-\x1f\u202e]", cell)


def test_every_row_tells_its_platform_and_cut(celsius, rulebook):
    for table in TABLES:
        for row in csv.DictReader(io.StringIO(render_csv(celsius, rulebook, table))):
            assert (row["platform"], row["kind"], row["known_by"]) == ("Celsius Network", "cefi_lender", "2022-05-31")


def test_the_command_line_knows_the_tables():
    assert tuple(TABLES) == targets.TABLES


def test_raw_values_are_those_of_the_assessment(celsius, rulebook):
    rows = [row for row in csv.DictReader(io.StringIO(render_csv(celsius, rulebook, "facts"))) if row["column"] == ""]
    raw = {row["fact"]: row["raw"] for row in rows}
    for fact in celsius.facts:
        assert json.loads(raw[fact.id]) == json.loads(json.dumps(fact.value))
    cells = sum(len(row.cells) for table in celsius.tables for row in table.rows)
    whole = list(csv.DictReader(io.StringIO(render_csv(celsius, rulebook, "facts"))))
    assert len(whole) == len(celsius.facts) + len(celsius.tables) + cells


# -- spreadsheet


def test_no_cell_of_a_workbook_is_a_formula_and_no_link_leaves_the_web(hostile, rulebook):
    content = render_xlsx(hostile, rulebook)
    book = openpyxl.load_workbook(io.BytesIO(content))
    links = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                if isinstance(cell.value, str):
                    assert not re.match(r"\s*[=@＝＋－＠]", cell.value), cell.value
                if cell.hyperlink is not None:
                    links.append(cell.hyperlink.target)
    assert links == ["https://court.example/a?b=c|d"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "external" in name.lower() or "vba" in name.lower()]
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name)


def test_a_workbook_is_dated_by_the_cut(celsius, rulebook):
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(celsius, rulebook)))
    assert book.properties.created.date() == CUT
    assert book.properties.title == "Celsius Network: due diligence, as known by 2022-05-31"
    assert book["Findings"].auto_filter.ref is not None
    outcome = next(cell for cell in book["Findings"][1] if cell.value == "outcome").column
    fills = {book["Findings"].cell(row, outcome).fill.fgColor.rgb for row in range(2, 60)}
    assert len(fills) >= 3, "outcomes differ in colour beside symbol and word"


def test_a_cell_too_long_for_the_format_says_so(hostile, rulebook):
    from checker.outputs.xlsx import text_cell

    assert len(text_cell("x" * 40_000)) == 32_767
    assert text_cell("x" * 40_000).endswith("…")
    assert text_cell("x" * 32_767).endswith("x")


# -- Markdown

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    EVIL, WORSE,
    "# h", "- a", "+ a", "1. a", "1) a", "> q", "===", "---", "```\nx\n```", "    code", "<b>x</b>", "<!-- x",
    "[x]: http://evil.example", "[x](y)", "![x](y)", "<http://evil.example>", "*a* _b_ **c** __d__", "`c`", "a|b", "\\",
    "\\[x](y)", "a\\", "&lt;b&gt;", "&#60;", "http://evil.example", "a__b__", "~~a~~", "* * *", "= x",
]  # fmt: skip


def kinds(text):
    tokens = MARKDOWN.parse(text)
    return [token.type for token in tokens], [child.type for token in tokens for child in token.children or ()]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_a_paragraph_a_list_a_cell_and_a_heading(text):
    told = inline(text)
    for frame, blocks in (
        (f"{told}\n", ["paragraph_open", "inline", "paragraph_close"]),
        (f"- {told}\n", None),
        (f"# {told}\n", ["heading_open", "inline", "heading_close"]),
        (f"a\n{told}\n", ["paragraph_open", "inline", "paragraph_close"]),
        (f"> {told}\n", None),
        (f"| a | b |\n| --- | --- |\n| {told} | c |\n", None),
    ):
        found, inner = kinds(frame)
        assert set(inner) <= {"text", "softbreak", "text_special"}, (frame, inner)
        if blocks is not None:
            assert found == blocks, (frame, found)
        else:
            allowed = {"list", "bullet", "item", "paragraph", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
            assert {part for name in found for part in name.split("_")} - {"open", "close", "inline"} <= allowed
            assert found.count("td_open") in (0, 2)
            assert found.count("list_item_open") in (0, 1)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_is_what_was_said(text):
    """Rendered, the text is itself: nothing is lost and no mark is left over."""
    from checker.outputs.tables import one_line

    tokens = MARKDOWN.parse(f"x {inline(text)} x")
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert shown.replace("\u2060", "").split() == f"x {one_line(text)} x".split()


def test_nobody_is_called_by_a_profile():
    assert "@everyone" not in inline("@everyone")
    assert "#1" not in inline("see #1").replace("\\", "")


def test_a_hostile_profile_adds_no_block_and_no_link_to_the_report(hostile, celsius, rulebook):
    text = render_markdown(hostile, rulebook)
    tokens = MARKDOWN.parse(text)
    headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    clean = MARKDOWN.parse(render_markdown(celsius, rulebook))
    assert [h for h in headings[1:] if h in text] == [
        clean[i + 1].content for i, token in enumerate(clean) if token.type == "heading_open"
    ][1:]
    assert not [token for token in tokens if token.type in ("html_block", "fence", "code_block")]
    children = [child for token in tokens for child in token.children or ()]
    assert not [child for child in children if child.type in ("html_inline", "image")]
    assert [child.attrs["href"] for child in children if child.type == "link_open"] == []
    assert "https://court.example" in text.replace("\\", "")


def test_a_safe_address_is_a_link_and_any_other_is_text():
    assert address("https://court.example/a") == "<https://court.example/a>"
    for url in ("javascript:alert(1)", "https://x.example/`a", "https://x.example/a|b", "file:///etc/passwd"):
        assert not address(url).startswith("<")


# -- JUnit

SHAPE = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        ["properties", "testcase", "system-out"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["skipped", "error", "failure", "system-out"]),
    "skipped": ({"message"}, []),
    "error": ({"type", "message"}, []),
    "failure": ({"type", "message"}, []),
    "system-out": (set(), []),
}
ONCE = {"properties", "skipped", "error", "failure"}


def fits(element):
    """Whether an element has the attributes and children, in the order, that the schema of JUnit reports gives it."""
    attributes, children = SHAPE[element.tag]
    assert set(element.attrib) == attributes, element.tag
    order = [child.tag for child in element]
    assert order == sorted(order, key=children.index), element.tag
    for tag in ONCE:
        assert order.count(tag) <= 1
    for child in element:
        fits(child)


@pytest.mark.parametrize("which", ["hostile", "celsius"])
def test_junit_has_the_shape_that_pipelines_read(which, rulebook, request):
    text = render_junit(request.getfixturevalue(which), rulebook)
    root = Xml.fromstring(text)
    fits(root)
    assert root.find("testsuite").attrib["timestamp"] == "2022-05-31T00:00:00"
    assert {element.attrib["time"] for element in root.iter() if "time" in element.attrib} == {"0"}


def test_no_rule_passes_in_silence(celsius, rulebook):
    cases = {
        case.attrib["name"].split()[0]: case
        for case in Xml.fromstring(render_junit(celsius, rulebook)).iter("testcase")
    }
    for finding in celsius.findings:
        children = [child.tag for child in cases[finding.code]]
        names = [outcome.name for outcome in finding.possible]
        if names == ["PASS"]:
            assert children == ["system-out"]
        elif names == ["WARN"]:
            assert children == ["system-out"]
            assert "WARN" in cases[finding.code].findtext("system-out")
        elif names == ["FAIL"]:
            failure = cases[finding.code].find("failure")
            assert failure.attrib["type"] == ("presumed" if finding.presumed else "fail")
        elif names == ["NOT_APPLICABLE"]:
            assert "skipped" in children
        else:
            assert cases[finding.code].find("error").attrib["type"] == "open"
            for fact in finding.open:
                assert fact in cases[finding.code].find("error").text


# -- the same bytes

RENDER = """
import hashlib, sys
from datetime import date
from pathlib import Path
from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.forms import Choices, render
cut = date(2022, 5, 31)
rulebook = shipped_rulebook()
assessment = audit_one(Path(sys.argv[1]), Settings(date(2099, 1, 1), cut, cut), rulebook)
for form in ("csv", "xlsx", "markdown", "junit"):
    print(hashlib.sha256(render(form, assessment, rulebook, Choices())).hexdigest())
"""


def test_the_same_bytes_in_another_process_with_another_hash_seed(tmp_path, celsius, rulebook):
    done = subprocess.run(
        [sys.executable, "-c", RENDER, str(data_path("profiles", "celsius.json"))],
        capture_output=True,
        check=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "1", "TZ": "UTC-9", "PYTHONPATH": str(data_path("rules").parent)},
    )
    here = [render(form, celsius, rulebook, Choices()) for form in ("csv", "xlsx", "markdown", "junit")]
    assert done.stdout.split() == [hashlib.sha256(content).hexdigest() for content in here]


def test_the_languages_do_not_disturb_each_other(celsius, rulebook):
    before = render_markdown(celsius, rulebook)
    with speaking("zh-Hans"):
        assert render_markdown(celsius, rulebook) != before
    assert render_markdown(celsius, rulebook) == before
