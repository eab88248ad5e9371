"""Hostile text in every field of a profile changes nothing but itself: it is shown, and that is all it does."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args, get_origin

import pytest
import verapdf
from pdf_pages import box_text, file_text, needs_poppler, squeezed

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.model import profile as profile_model
from checker.outputs import faces
from checker.outputs.page import clean
from checker.outputs.pdf import missing_system_libraries, render_document, render_html, render_pdf

ROOT = Path(__file__).parents[3]
CUT = date(2022, 5, 31)
SETTINGS = Settings(date(2099, 1, 1), CUT, CUT)
MOST_PAGES = 60

pytestmark = pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")

EVIL = (
    '<img src="file:///etc/passwd" onerror=x><link rel=attachment href="file:///etc/passwd"><script>alert(1)</script>'
    '<svg><image href="http://evil.example/i.svg"/></svg></style><style>*{display:none}@import url(//evil.example/a);'
    '@page{size:1mm}</style>" style="background:url(file:///etc/shadow)" x=\'{{ 7*191 }}{% include "x" %}{# gone #}'
    "{{ page.rulebook }} %(x)s {0} {name} ${x} javascript:alert(1) http://evil.example/a file:///etc/passwd "
    "&lt;b&gt; &#0; &amp; ]]><!-- --><title>t</title></body></html> =1+1 @x \\9 \\"
)
"""Markup, styles, templates, addresses, entities and placeholders."""
SCRIPTS = "שלום مرحبا \u200e\u200f 极限收益 👩\u200d👩\u200d👧🚀 Z\u0338a\u0335l\u0341 \ue000\ufeff\u2028\u00ad ﷽ 𐍈"
"""Right to left, joined pictures, marks that pile up, characters without a face or a meaning."""
NEVER_TEXT = "\x00\x1b[31m\u202e\u2066\ud800\udfff\uffff"
"""What no profile may hold, but a caller of the renderer might."""


class Marked:
    """Gives each field a text of its own, and remembers it."""

    def __init__(self, evil):
        self.evil = evil
        self.given = {}

    def __call__(self, field):
        text = f"ZQ{len(self.given)}Z{self.evil}ZQ"
        self.given[text] = field
        return text


def texts_of(part):
    """The names of the free texts of a part of a profile."""

    def is_text(annotation):
        if annotation is str or annotation is profile_model.Url:
            return True
        return any(is_text(inner) for inner in get_args(annotation)) if get_origin(annotation) is not None else False

    words = {"evidence", "source", "outcome", "rule", "sources", "date"}  # ids, words of a list and days, not free
    return {name for name, field in part.model_fields.items() if is_text(field.annotation) and name not in words}


def hostile_profile(mark, name, kind="token"):
    """A profile in which every text that its author may choose is hostile."""
    told = {"from": "2021-01-01", "known_on": "2021-01-01", "evidence": "terms_of_use", "source": "s<1>"}

    def entry(field, **value):
        return {**value, **told, "locator": mark(f"{field}.locator"), "note": mark(f"{field}.note")}

    return {
        "ddcheck": 1,
        "platform": {"name": name, "kind": kind, "country": "US", "website": mark("platform.website")},
        "terms": {
            "offered_apy": [entry("offered_apy", value=0.18), entry("offered_apy again", lo=0.1, hi=0.2)],
            "offered_asset": entry("offered_asset", value="U}}{{7*7"),
            "products": [entry("products", product=mark("product"), asset="A*{%x", rate=0.1)],
        },
        "ltv_practice": {"property_ltv": entry("property_ltv", status="not_applicable", reason=mark("reason"))},
        "deposit_liquidity": {"losses": [entry("losses", event=mark("event"), amount=1000)]},
        "governance": {
            "protection_scheme": entry("protection_scheme", value=mark("protection_scheme")),
            "withdrawals_status": entry("withdrawals_status", value="suspended"),
            "actions": [entry("actions", authority=mark("authority"), type="warning", country="US")],
        },
        "asset_duration": {"assets": [entry("assets", **{"class": mark("class")}, amount=7)]},
        "yield_source": {"sources": [entry("activities", activity=mark("activity"), share=0.5)]},
        "disclosure": {"totals": [entry("totals", statement=mark("statement"), part=mark("part"), amount=7, total=9)]},
        "exposures": {"named": [entry("named", counterparty=mark("counterparty"), amount=5)]},
        "examined": {
            "affiliates": [
                {
                    "on": "2022-01-01",
                    "known_on": "2022-01-01",
                    "sources": ["s<1>"],
                    "note": mark("examined.note"),
                }
            ]
        },
        "sources": {
            "s<1>": {
                "title": mark("title"),
                "publisher": mark("publisher"),
                "url": "https://evil.example/{{7*7}}/%3Cscript%3E?a=1&b=url(x)",
                "locator": mark("source.locator"),
                "note": mark("source.note"),
            }
        },
        "notes": [entry("notes", text=mark("note.text"), topic=mark("note.topic"))],
        "overrides": [
            {
                "rule": "A-02",
                "outcome": "PASS",
                "who": mark("who"),
                "on": "2022-01-01",
                "until": "2022-06-01",
                "why": mark("why"),
            }
        ],
    }


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def audited(content, path, rulebook):
    path.write_text(json.dumps(content), encoding="utf-8")
    return audit_one(path, SETTINGS, rulebook)


def shown_as(text):
    """How a page shows a text."""
    return squeezed(faces.drawable(clean(text)))


def test_the_profile_here_has_every_text_that_a_profile_can_have():
    mark = Marked("x")
    written = json.dumps(hostile_profile(mark, "n"))
    parts = [part for part in vars(profile_model).values() if isinstance(part, type)]
    parts = [part for part in parts if issubclass(part, profile_model.Part) and part is not profile_model.Defaults]
    names = set().union(*map(texts_of, parts))
    missing = {name for name in names if f'"{name}": ' not in written}
    assert missing == {"cells"}, "a new field of text: make it hostile here"
    assert {"title", "publisher", "locator", "note", "text", "topic", "who", "why", "url"} <= names


@pytest.mark.parametrize("evil", [EVIL, SCRIPTS], ids=["markup", "scripts"])
def test_hostile_text_in_every_field_is_shown_and_does_nothing(tmp_path, rulebook, evil):
    mark = Marked(evil)
    plain = audited(hostile_profile(Marked("x"), "Name"), tmp_path / "q.json", rulebook)
    assessment = audited(hostile_profile(mark, mark("platform.name")), tmp_path / "p.json", rulebook)
    assert assessment.verdict == plain.verdict, "no text moves a verdict"

    html = render_html(assessment, rulebook)
    harmless = render_html(plain, rulebook)
    tags = [re.findall(r"<[a-z][a-z0-9]*", text) for text in (html, harmless)]
    assert set(tags[0]) <= set(tags[1]), "an element of another sort"
    assert not re.search(r'href="(?!#|https?://)|<[^>]*\s(?:on\w+|src|data)\s*=', html)

    document = render_document(assessment, rulebook)
    assert document.url_fetcher.asked == [], "the fetcher was asked for something"
    assert len(document.pages) < MOST_PAGES
    shown = squeezed("".join(box_text(page, margins=False) for page in document.pages))
    drawn = {field: shown_as(text) in shown for text, field in mark.given.items()}
    parts = {field for text, field in mark.given.items() if shown_as(text[:5]) in shown}
    assert {field for field in parts if not drawn[field]} <= {"platform.website"}, "shown, but not whole"
    assert {"platform.name", "title", "publisher", "note.text", "note.topic", "product", "who", "why"} <= parts
    assert "1337" not in shown, "a template in the text was run"


def test_what_no_text_may_hold_is_shown_as_a_box(tmp_path, rulebook):
    assessment = audited(hostile_profile(Marked("x"), "Name"), tmp_path / "p.json", rulebook)
    text = f"a{NEVER_TEXT}b{SCRIPTS}c"
    assessment = replace(
        assessment,
        name=text,
        sources=tuple(replace(source, title=text, publisher=text) for source in assessment.sources),
        notes=tuple(replace(note, text=text, topic=text) for note in assessment.notes),
    )
    document = render_document(assessment, rulebook)
    shown = squeezed("".join(box_text(page) for page in document.pages))
    assert shown.count(shown_as(text)) >= 5
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff]", shown)
    assert document.write_pdf()


@pytest.mark.parametrize("name", ["W" * 10_000, "极限" * 5_000, "a b " * 2_500], ids=["letters", "chinese", "words"])
def test_a_name_of_ten_thousand_characters_is_whole_and_ends(tmp_path, rulebook, name):
    name = name.strip()
    content = {"ddcheck": 1, "platform": {"name": name, "kind": "token"}}
    document = render_document(audited(content, tmp_path / "p.json", rulebook), rulebook)
    assert len(document.pages) < 20
    assert shown_as(name) in squeezed("".join(box_text(page, margins=False) for page in document.pages))


@pytest.mark.slow
@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_hostile_report_conforms_and_reads_as_it_was_written(tmp_path, rulebook, language):
    mark = Marked(EVIL + SCRIPTS)
    content = hostile_profile(mark, mark("platform.name"), "cefi_lender")
    assessment = audited(content, tmp_path / "p.json", rulebook)
    pdf = render_pdf(assessment, rulebook, language, archive=True, profile=(tmp_path / "p.json").read_bytes())
    read = squeezed("".join(file_text(pdf, tmp_path)))
    assert squeezed(EVIL[:60]) in read
    assert b"/JavaScript" not in pdf
    assert b"/Launch" not in pdf
    if verapdf.missing():
        pytest.skip("veraPDF cannot run without " + ", ".join(verapdf.missing()))
    path = tmp_path / "hostile.pdf"
    path.write_bytes(pdf)
    assert not any(verapdf.validate([("3a", path), ("ua1", path)]).values())
