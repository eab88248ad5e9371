"""A reader who asked for Chinese meets no English sentence: in the report, in the terminal, on stderr.

What others wrote stays as they wrote it and is taken out before the search: names, titles, notes and cells of a
profile, works and places that are cited, ids, formulas and addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.assess.assessment import Assessment
from checker.cli.main import main
from checker.outputs.language import LANGUAGES
from checker.outputs.pdf import render_html
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

TRANSLATED = [language for language in LANGUAGES if language != "en"]
TODAY = date(2026, 11, 22)
CUTS = [
    pytest.param("celsius", date(2022, 5, 31), marks=pytest.mark.slow),
    pytest.param("anchor", date(2022, 4, 30)),
    pytest.param("aave", date(2025, 10, 31), marks=pytest.mark.slow),
    pytest.param("fidelity-spaxx", date(2026, 1, 31), marks=pytest.mark.slow),
]
THIN = {
    "ddcheck": 1,
    "platform": {"name": "Thin", "kind": "cefi_lender", "country": "SG"},
    "terms": {"offered_apy": "12%", "offered_asset": "USDC", "redeem_any_time": True, "open_to_public": True},
    "governance": {"legal_entity_verified": True, "withdrawals_status": "open"},
    "marketing": {"guarantee_claim": "none"},
    "structure": {"pooled": True, "per_product_books": False},
}
FOUR_WORDS = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[ ,;:]+){3,}[A-Za-z][A-Za-z'’-]*")
NEVER_TOLD = re.compile(
    r"https?://\S+|[a-z][a-z_0-9]*\.[a-z_0-9.]+|\bddcheck(?: [a-z]+)*|--[a-z-]+(?: [A-Z]+)*|`[^`]*`"
)
TWO_WORDS = re.compile("[a-z] [A-Za-z]")  # a list of ids, set apart by commas, has none
FORMULAS = {"test", "hash"}  # classes of elements that hold conditions, formulas and hashes
SPOKEN_BY_ATTRIBUTES = {"alt", "title", "aria-label", "data-label"}


def _written(folder: Path, profile: object) -> Path:
    path = folder / "profile.json"
    path.write_text(json.dumps(profile), encoding="utf-8")
    return path


@cache
def _rulebook() -> Rulebook:
    return shipped_rulebook()


@cache
def _assessed(name: str, day: date) -> Assessment:
    return audit_one(data_path("profiles", f"{name}.json"), Settings(TODAY, day, day), _rulebook())


class _Texts(HTMLParser):
    """The texts of a page that a reader meets, also those that are only read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.skipped = 0
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in ("br", "meta", "link", "img", "hr", "col", "wbr"):
            skip = tag in ("style", "script") or bool(FORMULAS & set((named.get("class") or "").split()))
            self.open.append(skip)
            self.skipped += skip
        self.found += [value for name, value in attrs if name in SPOKEN_BY_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if self.open and tag not in ("br", "meta", "link", "img", "hr", "col", "wbr"):
            self.skipped -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.found.append(data)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)


def _words_of_others(profile: Path, assessment: Assessment, rulebook: Rulebook) -> list[str]:
    """What the profile and the cited works say in their own words, the longest first."""
    found = set(_strings(json.loads(profile.read_text(encoding="utf-8"))))
    found.update(_strings([dict(work) for work in assessment.bibliography]))
    found.update(locator for finding in assessment.findings for _, locator in finding.references)
    found.update(value.citation.locator for p in rulebook.parameters.values() for value in p.values)
    found.update(metric.reference for metric in rulebook.metrics.values())
    found.update(source for rate in assessment.rates for source in (rate.source, rate.id))
    found.update(part for scenario in assessment.scenarios for cited in scenario.references for part in cited)
    found.update(row.label for table in assessment.tables for row in table.rows)
    for text in list(found):
        found.update(re.split(r"[/(),;:]\s*", text))
    return sorted({text.strip() for text in found if " " in text.strip()}, key=len, reverse=True)


def _english(text: str, others: list[str]) -> list[str]:
    text = text.replace("\u200b", "").replace("\u00a0", " ")
    for own in others:
        if own in text:
            text = text.replace(own, "·")
        elif own[1:] in text:
            text = text.replace(own[1:], "·")  # begins with another case inside a sentence
    found = [words for words in FOUR_WORDS.findall(NEVER_TOLD.sub("·", text)) if TWO_WORDS.search(words)]
    return [words for words in found if not any(words in own for own in others)]  # a line of a name that is wrapped


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize(("name", "day"), CUTS)
def test_no_english_sentence_remains_in_a_report(name: str, day: date, language: str) -> None:
    profile, rulebook, assessment = data_path("profiles", f"{name}.json"), _rulebook(), _assessed(name, day)
    page = _Texts()
    page.feed(render_html(assessment, rulebook, language))
    others = _words_of_others(profile, assessment, rulebook)
    assert len(page.found) > 500
    assert [found for text in page.found for found in _english(text, others)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_profile_of_ten_facts_is_told_in_one_language(language: str, tmp_path: Path) -> None:
    profile, rulebook = _written(tmp_path, THIN), _rulebook()
    assessment = audit_one(profile, Settings(TODAY, TODAY, TODAY), rulebook)
    page = _Texts()
    page.feed(render_html(assessment, rulebook, language))
    others = _words_of_others(profile, assessment, rulebook)
    assert [found for text in page.found for found in _english(text, others)] == []


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "celsius", "--known-by", "2022-05-31", "--changes"),
        ("explain", "celsius", "R-01", "--known-by", "2022-05-31"),
        ("explain", "celsius", "T1-01", "--known-by", "2022-05-31"),
        ("stress", "anchor", "--known-by", "2022-04-30"),
        ("change", "anchor", "--known-by", "2022-04-30"),
        ("diff", "celsius", "--known-by", "2021-06-30", "--known-by", "2022-05-31"),
        ("timeline", "anchor", "--until", "2022-05-31"),
        ("ask", "celsius", "--known-by", "2022-05-31"),
        ("rules", "show", "T3-03"),
        ("rules", "show", "C"),
        ("rules", "list"),
        ("facts", "list"),
        ("facts", "show", "terms.products"),
    ],
    ids=" ".join,
)
def test_no_english_sentence_remains_in_the_terminal(
    arguments: tuple[str, ...], language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100000")  # nothing wraps
    command, *rest = arguments
    own = [word for word in rest if (data_path("profiles") / f"{word}.json").is_file()]
    given = [str(data_path("profiles", f"{word}.json")) if word in own else word for word in rest]
    assert main([command, *given, "--lang", language]) == 0
    out, error = capsys.readouterr()
    rulebook, others = _rulebook(), []
    if own:
        profile = data_path("profiles", f"{own[0]}.json")
        others = _words_of_others(profile, _assessed(own[0], TODAY), rulebook)
    others += [source.title for source in rulebook.sources.values()]
    others += [reference.locator for rule in rulebook.rules.values() for reference in rule.references]
    others += [value.citation.locator for p in rulebook.parameters.values() for value in p.values]
    others = sorted((text for text in others if " " in text), key=len, reverse=True)
    assert [found for line in out.splitlines() if " && " not in line for found in _english(line, others)] == []
    assert _english(error, []) == []


FAULTY = {
    "ddcheck": 1,
    "platform": {"name": "Faulty", "kind": "cefi_lendr"},
    "terms": {
        "offered_apr": "8%",
        "offered_apy": 17,
        "redeem_any_time": "maybe",
        "notice_days": {"value": 3, "source": "s9", "from": "2023-02-30"},
        "min_term_days": {"lo": 5, "hi": 2},
        "open_to_public": {},
        "suspension_clause": [],
    },
    "nonsense": 1,
}


@pytest.mark.parametrize("language", TRANSLATED)
def test_faults_are_told_in_the_language_with_their_place(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(_written(tmp_path, FAULTY))
    assert main([path]) == 3
    english = capsys.readouterr().err.splitlines()
    assert main([path, "--lang", language]) == 3
    chinese = capsys.readouterr().err.splitlines()
    assert len(chinese) == len(english) > 8
    for before, after in zip(english[:-1], chinese[:-1], strict=True):
        place = before.partition(": ")[0]
        assert after.startswith(f"{place}：")
        assert re.search("[\u4e00-\u9fff]", after)
    assert [found for line in chinese for found in _english(line, [])] == []


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize(
    "arguments",
    [
        ("none.json",),
        ("PROFILE", "--known-by", "2022-01-01", "--as-of", "2022-02-01"),
        ("PROFILE", "--set", "nonsense"),
        ("PROFILE", "--for", "country=XX1"),
        ("explain", "PROFILE", "Z-99"),
        ("stress", "PROFILE", "--scenario", "nonsense"),
        ("timeline", "PROFILE", "--from", "2022-02-01", "--until", "2022-01-01"),
        ("facts", "show", "terms.offered_apr"),
        ("rules", "show", "Z-99"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_told_in_the_language(
    arguments: tuple[str, ...], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(data_path("profiles", "celsius.json")) if word == "PROFILE" else word for word in arguments]
    assert main([*given, "--lang", language]) in (2, 3)
    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith(("Usage", "Try"))]
    assert re.search("[\u4e00-\u9fff]", "".join(told))
    assert [found for line in told for found in _english(line, [])] == []
