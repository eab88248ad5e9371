"""The back-test as text, JSON, CSV, HTML and PDF: they agree, and nothing from a file can break out."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from xml.etree import ElementTree

import jsonschema
import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.backtest import (
    HORIZONS,
    READINGS,
    About,
    Backtest,
    Case,
    Cited,
    Event,
    Label,
    Mark,
    Onset,
    Reading,
    Track,
    judged,
)
from checker.model.finding import Grade
from checker.outputs import backtest as told
from checker.outputs import backtest_schema
from checker.outputs.backtest_page import render_html, render_pdf, timeline
from checker.outputs.language import speaking
from checker.resources import data_path

SHUT = date(2022, 6, 12)
EVENT = Event(SHUT, "Withdrawals <stopped>", Cited("Title & more", "Paper", "2022-06", "https://example.org/?a=1&b=2"))
HOSTILE = '=1+1</title><script>alert("x")</script>'


def reading(best: Grade | None, worst: Grade | None, assessable: bool = True) -> Reading:
    rules = ("m.scheme_return",)
    return Reading(best, worst, assessable, 0.3, 0.2, rules, (), rules, (), rules)


OPEN = reading(Grade.B, Grade.F, False)
BAD = reading(Grade.D, Grade.F)


def track(name: str, title: str, days: list[tuple[date, int | None, Reading]], flagged: date | None = None) -> Track:
    marks = tuple(Mark(day, ahead, dict.fromkeys(READINGS, r)) for day, ahead, r in days)
    onset = None
    if flagged is not None:
        onset = Onset(flagged, (SHUT - flagged).days, ("m.scheme_return",), ("marketing.advertised_apy",), ())
    line = tuple((day, r) for day, _, r in days)
    graded = days[0][2].best is not None
    return Track(name, title, "fund", graded, "0" * 64, days[0][0], days[-1][0], line, marks, onset, onset, flagged)


def before(*readings: Reading) -> list[tuple[date, int | None, Reading]]:
    return [(SHUT - timedelta(ahead), ahead, r) for ahead, r in zip(HORIZONS, readings, strict=True)]


@pytest.fixture(scope="module")
def result() -> Backtest:
    tracks = [
        track("hit", "Hit", before(OPEN, OPEN, BAD, BAD, BAD), SHUT - timedelta(90)),
        track("miss", HOSTILE, before(OPEN, OPEN, OPEN, OPEN, OPEN)),
        track("false", "False", [(SHUT, None, BAD)]),
        track("quiet", "Quiet", [(SHUT - timedelta(9), None, OPEN), (SHUT, None, OPEN)]),
        track("token", "Token", [(SHUT, None, reading(None, None, False))]),
    ]
    labels = [Label.FAILED, Label.FAILED, Label.SURVIVED, Label.WOUND_DOWN, Label.IMPAIRED]
    cases = {
        t.profile: Case(
            t.profile, label, EVENT if label is not Label.SURVIVED else None, t.profile, known_miss="told too late"
        )
        for t, label in zip(tracks, labels, strict=True)
    }
    whole = judged(tracks, cases, rules=tuple(shipped_rulebook().rules))
    return Backtest(
        **{
            **whole.__dict__,
            "about": About(program="x", outcomes="o" * 64, inputs="i" * 64),
            "without_outcome": ("other",),
            "without_profile": ("gone",),
        }
    )


def test_json_follows_the_schema_that_ships(result: Backtest) -> None:
    plain = json.loads(told.render_json(result, shipped_rulebook()))
    schema = json.loads(data_path("rules", "schema", "backtest.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plain, schema)
    assert plain["horizons"][-1]["sensitivity"]["count"] == 1
    assert [p["hit"] for p in plain["platforms"]] == [False, True, False, True, None]
    assert plain["corpus"] | {"clusters": []} == {
        "platforms": 5,
        "failures": 2,
        "survivors": 2,
        "apart": 1,
        "first": "2021-06-12",
        "last": "2022-06-12",
        "clusters": [],
        "without_outcome": ["other"],
        "without_profile": ["gone"],
    }


def test_the_schema_that_ships_is_current() -> None:
    shipped = data_path("rules", "schema", "backtest.schema.json").read_text(encoding="utf-8")
    assert shipped == backtest_schema.schema_text(), "run: python -m checker.outputs.backtest_schema --write"


def test_csv_has_a_row_for_each_day_and_no_formula(result: Backtest) -> None:
    rows = list(csv.DictReader(io.StringIO(told.render_csv(result))))
    assert len(rows) == sum(len(t.marks) for t in result.tracks)
    assert [row["flagged"] for row in rows if row["profile"] == "hit"] == ["false", "false", "true", "true", "true"]
    assert {row["lead_days"] for row in rows if row["profile"] == "hit"} == {"90"}
    assert all(not cell.startswith("=") for row in rows for cell in row.values())


def test_text_tells_hits_and_misses_side_by_side(result: Backtest) -> None:
    text = told.render_text(result, shipped_rulebook(), colour=False, width=140)
    assert text.startswith("In a corpus of 5 platforms: 1 of 2 whose door shut were flagged the day before; 1 of 2")
    assert "\x1b" not in text
    for shown in ("missed", "90 days", "told too late", "Outcomes without a profile here: gone", "exact"):
        assert shown.lower() in text.lower()
    assert text.index("Hit ") < text.index("alert(")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_fits_its_width(result: Backtest, width: int) -> None:
    text = told.render_text(result, shipped_rulebook(), colour=False, width=width)
    assert max(map(len, text.splitlines())) <= width


def drawings(html: str) -> Iterator[ElementTree.Element]:
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        yield ElementTree.fromstring(svg)


def test_html_stands_alone_and_nothing_breaks_out(result: Backtest) -> None:
    html = render_html(result, shipped_rulebook())
    assert "<script" not in html
    assert not re.search(r"(src|@import|url\()", html)
    assert '<a href="https://example.org/?a=1&amp;b=2">' in html
    found = list(drawings(html))
    assert len(found) == 4
    for svg in found:
        name = "{http://www.w3.org/2000/svg}"
        assert svg.find(f"{name}title") is not None
        assert svg.find(f"{name}desc") is not None
        assert [t.text for t in svg.iter(f"{name}text")][:6] == [*"ABCDEF"]


def test_a_flag_is_heavier_than_any_other_line(result: Backtest) -> None:
    """Grey printing loses nothing: weight and dashes carry what colour says."""
    svg = ElementTree.fromstring(timeline(result.tracks[1], SHUT, "Title", "Description"))
    lines = [e for e in svg if e.tag.endswith("line")]
    heavy = [e for e in lines if e.get("stroke-width") == "3"]
    dashed = [e for e in lines if e.get("stroke-dasharray") == "3 2"]
    assert len(heavy) == 1
    assert len(dashed) == 1
    ends = [float(heavy[0].get("x1", "0")), float(heavy[0].get("x2", "0"))]
    assert ends[0] < ends[1]


def test_another_language_changes_words_only(result: Backtest) -> None:
    rulebook = shipped_rulebook()
    with speaking("zh-Hans"):
        chinese = json.loads(told.render_json(result, rulebook))
    english = json.loads(told.render_json(result, rulebook))
    for plain in (chinese, english):
        for key in ("headline", "definitions", "limits"):
            del plain[key]
    assert chinese == english
    with pytest.raises(ValueError, match="no report in 'xx'"):
        render_html(result, rulebook, "xx")


@pytest.mark.slow
def test_pdf_is_tagged_and_the_same_twice(result: Backtest) -> None:
    rulebook = shipped_rulebook()
    pdf = render_pdf(result, rulebook)
    assert pdf.startswith(b"%PDF")
    assert pdf == render_pdf(result, rulebook)
