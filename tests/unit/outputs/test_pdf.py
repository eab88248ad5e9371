"""The PDF: what every page must show; nothing is loaded from outside; the same input gives the same bytes."""

import ctypes.util
import hashlib
import json
import logging
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.translations import missing
from checker.cli.main import main
from checker.model.dictionary import EVIDENCE
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import LANGUAGES, speaking, tr
from checker.outputs.page import GROUPS, LEVELS, Page, anchor, clean, safe_link, wrapped
from checker.outputs.pdf import _Refusal, missing_system_libraries, render_document, render_html, render_pdf

ROOT = Path(__file__).parents[3]
EVIL = '<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd"><script>x</script>{{ 7*7 }}{% x %}'
CUT = date(2022, 5, 31)
GOLDEN = ROOT / "tests" / "golden" / "celsius-2022-05-31.page1.txt"
NOT_APPLICABLE = Outcome.NOT_APPLICABLE
TRANSLATED = [language for language in LANGUAGES if language != "en"]
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z']+\b[ ,]+){2,}[A-Za-z][a-z']+")
NAMES = re.compile(r"Celsius Network|ddcheck")  # what stays as it is in every language

pytestmark = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def settings(**changed):
    return Settings(date(2099, 1, 1), CUT, CUT, **changed)


def profile(**platform):
    told = {"from": "2021-01-01", "known_on": "2021-01-01", "evidence": "terms_of_use", "source": "s1"}
    return {
        "ddcheck": 1,
        "platform": {"name": "Tiny Lender", "kind": "cefi_lender", "country": "US", **platform},
        "terms": {
            "offered_apy": {"value": 0.18, "locator": "s. 1", **told},
            "offered_asset": {"value": "USD", **told},
            "rate_kind": {"value": "fixed", **told},
        },
        "governance": {"withdrawals_status": {"value": "suspended", **told}},
        "sources": {"s1": {"title": "Terms", "publisher": "P", "date": "2021-01-01", "url": "https://example.com/t"}},
        "notes": [{"text": "A remark", "topic": "t", "known_on": "2021-01-01", "evidence": "press", "source": "s1"}],
    }


@pytest.fixture
def audited(tmp_path, rulebook):
    def audit(content, **changed):
        path = tmp_path / "p.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return audit_one(path, settings(**changed), None if changed else rulebook)

    return audit


@pytest.fixture(scope="module")
def celsius(rulebook):
    return audit_one(ROOT / "profiles" / "celsius.json", settings(), rulebook)


@pytest.fixture(scope="module")
def celsius_document(celsius, rulebook):
    return render_document(celsius, rulebook)


def texts(document, margins=True):
    """The text of every page as it is laid out, with or without running heads and feet."""

    def walk(box):
        if not margins and type(box).__name__ == "MarginBox":
            return
        yield getattr(box, "text", "") or ""
        for child in getattr(box, "children", ()):
            yield from walk(child)
            yield " " if not hasattr(child, "text") else ""

    pages = (" ".join("".join(walk(page._page_box)).split()) for page in document.pages)
    return [page.replace("\u200b", "") for page in pages]


def blocks(page):
    """The text of a page, a line for each block, whatever the fonts make of its lines."""

    def walk(box):
        children = getattr(box, "children", ())
        if type(box).__name__ == "MarginBox":
            return
        if children and type(children[0]).__name__ == "LineBox":
            yield " ".join(" ".join("".join(words_of(line)) for line in children).split()).replace("\u200b", "")
            return
        for child in children:
            yield from walk(child)

    def words_of(box):
        yield getattr(box, "text", "") or ""
        for child in getattr(box, "children", ()):
            yield from words_of(child)

    return [line for line in walk(page._page_box) if line]


def squeezed(text):
    return re.sub(r"\s", "", clean(text)).replace("\u200b", "")


def test_first_page_says_what_is_certain_and_how_much_is_known(celsius, celsius_document):
    first = squeezed(texts(celsius_document)[0])
    coverage = celsius.verdict.coverage
    for shown in (
        "Celsius Network",
        f"{celsius.verdict.best.name} at best – {celsius.verdict.worst.name} at worst",
        words.certain(celsius),
        words.KINDS[celsius.kind],
        f"{coverage.reported} known, {len(coverage.settled)} settled of {coverage.asked}",
        f"{coverage.critical_reported} known, {coverage.critical_settled} settled of {coverage.critical_asked}",
        celsius.options.as_of,
        celsius.newest_evidence,
        "A is the safe end",
        words.LIMITS,
        celsius.questions[0].ask,
        *(trait.name for trait in celsius.verdict.traits),
        *(trait.worst_name for trait in celsius.verdict.traits),
    ):
        assert squeezed(shown).lower() in first.lower(), shown


def test_three_pages_of_one_page_each_and_the_appendix_follows(celsius_document):
    shown = texts(celsius_document)
    assert words.LIMITS[-30:] in shown[0]
    assert "How it works" in shown[1]
    assert "Before you decide" in shown[2]
    assert "Interests" in shown[2]
    assert "Findings" in shown[3]
    assert 8 < len(shown) < 23, "an investor reads no more"
    assert all(len(page) > 300 for page in shown[:-1]), "an almost empty page"


def test_every_page_has_platform_date_and_number(celsius, celsius_document):
    shown = texts(celsius_document)
    for number, page in enumerate(shown, 1):
        assert f"page {number} of {len(shown)}" in page
        assert "Celsius Network" in page
        assert celsius.options.known_by in page


def test_the_first_page_is_as_recorded(celsius_document):
    """Set DDCHECK_UPDATE_GOLDEN=1 to record it anew; a change of it is a decision."""
    shown = "".join(f"{line}\n" for line in blocks(celsius_document.pages[0]))
    if os.environ.get("DDCHECK_UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_every_rule_stands_in_the_report_exactly_once(celsius, celsius_document, rulebook):
    whole = squeezed("".join(texts(celsius_document, margins=False)))
    html = render_html(celsius, rulebook)
    for finding in celsius.findings:
        assert whole.count(squeezed(f"{finding.code} {finding.title}")) == 1
        assert html.count(f'id="{anchor("rule", finding.rule)}"') == 1


def test_adverse_findings_are_in_full_and_the_others_say_what_keeps_them_open(celsius, rulebook):
    page = Page(celsius, rulebook)
    full = {entry.finding.rule for group in page.groups() for entry in group.entries}
    briefs = {brief.finding.rule: brief for group in page.groups() for brief in group.briefs}
    idle = {entry.finding.rule for entry in page.not_applying()}
    assert full | set(briefs) | idle == {finding.rule for finding in celsius.findings}
    assert not full & set(briefs)
    for finding in celsius.findings:
        assert (finding.rule in full) == (
            Outcome.PASS not in finding.possible and finding.outcome is not NOT_APPLICABLE
        )
        if finding.rule in briefs and finding.outcome is None:
            assert sum(len(facts) for _, facts in briefs[finding.rule].open) > 0
    assert [group.id for group in page.groups()] == [id for id in GROUPS if id in {f.group for f in celsius.findings}]


def test_an_open_fact_and_its_rule_lead_to_each_other(celsius, rulebook):
    html = render_html(celsius, rulebook)
    asked = {question.fact: question for question in celsius.questions}
    for finding in celsius.findings:
        part = html.partition(f'id="{anchor("rule", finding.rule)}"')[2]
        part = re.split(r'\bid="rule-', part)[0]
        for fact in finding.open:
            if fact in asked:
                assert f'href="#{anchor("fact", fact)}"' in part
    for question in celsius.questions:
        part = re.split(r'<p class="ask"|<td class="no"', html.partition(f'id="{anchor("fact", question.fact)}"')[2])[0]
        assert any(f'href="#{anchor("rule", rule)}"' in part for rule in question.rules)


def test_cells_of_many_rows_are_named_once(celsius, rulebook):
    cells = {f"terms.products[Earn / {asset}].rate": "stale" for asset in ("BTC", "ETH", "USDC")}
    finding = replace(celsius.findings[0], open={**cells, "terms.rate_kind": "stale"})
    ((reason, facts),) = Page(celsius, rulebook)._open(finding)
    assert reason == words.REASONS["stale"]
    assert facts == (
        ("products on offer: annual yield", anchor("fact", "terms.products")),
        ("how the rate is set", anchor("fact", "terms.rate_kind")),
    )


def test_the_day_beside_a_grade_is_that_of_a_statement_of_this_grade(celsius, rulebook):
    fact = next(fact for fact in celsius.facts if fact.id == "terms.open_to_public")
    counting = [entry for entry in fact.entries if entry.counts]
    assert max(entry.since for entry in counting) > (since := "2022-04-12"), "a later statement of a lower grade"
    assert max(entry.since for entry in counting if entry.grade == fact.evidence) == since
    (shown,) = [part for part in Page(celsius, rulebook)._inputs(celsius.finding("T1-05")) if "public" in part.name]
    assert shown.detail.startswith(f"E{fact.evidence}, from {since}")


def test_every_rule_fact_source_and_threshold_is_there(celsius, celsius_document, rulebook):
    whole = squeezed("".join(texts(celsius_document, margins=False)))
    for finding in celsius.findings:
        assert squeezed(finding.code) in whole
        assert squeezed(finding.title) in whole
    for fact in celsius.facts:
        section, _, name = fact.id.partition(".")
        told = (words.fact_name(fact.id), *([name] if section != "platform" else []))
        assert any(squeezed(text).lower() in whole.lower() for text in told)
        assert section in whole
    for parameter in celsius.parameters:
        assert squeezed(words.item_name(parameter.id)).lower() in whole.lower()
    for source in celsius.sources:
        assert squeezed(source.title)[:60] in whole
    page = Page(celsius, rulebook)
    works = {work["id"] for work, *_ in page.bibliography()} | {id for id, _ in page.later_works()}
    assert {parameter.source for parameter in celsius.parameters if parameter.source} <= works
    for work in works:
        assert work in whole
    for pack in celsius.packs:
        assert pack["sha256"] in whole
    assert celsius.profile["sha256"] in whole


@pytest.mark.slow
def test_what_stands_beside_a_finding_is_printed_once(celsius, rulebook):
    """The engine repeats the rest of a float that it tried at the end of a page and then took to the next."""

    def beside(box):
        element = getattr(box, "element", None)
        if element is not None and element.get("class") == "severity" and type(box).__name__ == "BlockBox":
            yield box
        for child in getattr(box, "children", ()):
            yield from beside(child)

    with speaking("zh-Hant"):
        entries = [entry for group in Page(celsius, rulebook).groups() for entry in group.entries]
    document = render_document(celsius, rulebook, "zh-Hant")
    assert sum(len(list(beside(page._page_box))) for page in document.pages) == len(entries)


def test_links_inside_the_document_lead_somewhere(celsius_document, celsius, rulebook, caplog):
    anchors = {name for page in celsius_document.pages for name in page.anchors}
    links = {target for page in celsius_document.pages for kind, target, *_ in page.links if kind == "internal"}
    assert links <= anchors
    assert {anchor("rule", finding.rule) for finding in celsius.findings} <= anchors
    sources = {f"source-{number}" for number in range(1, len(celsius.sources) + 1)}
    assert sources <= anchors
    assert {place for cited in Page(celsius, rulebook).sources() for _, place in cited.facts} <= links
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        celsius_document.write_pdf()
    assert not caplog.records


@pytest.mark.parametrize("file", sorted((ROOT / "profiles").glob("*.json")), ids=lambda file: file.stem)
def test_no_link_of_any_shipped_profile_is_dead(file, rulebook):
    html = render_html(audit_one(file, settings(), rulebook), rulebook)
    places = re.findall(r'\bid="([^"]*)"', html)
    assert len(places) == len(set(places))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(places)


def test_bookmarks_reach_every_finding(celsius, celsius_document):
    def labels(tree):
        for label, _, children, _ in tree:
            yield label
            yield from labels(children)

    found = squeezed(" ".join(labels(celsius_document.make_bookmark_tree())))
    for finding in celsius.findings:
        if finding.possible != (0,):
            assert squeezed(finding.code + finding.title) in found


def test_title_language_and_dates_come_from_the_assessment(celsius, celsius_document):
    metadata = celsius_document.metadata
    assert metadata.lang == "en"
    assert metadata.title.startswith("Celsius Network")
    assert metadata.created == celsius.options.known_by
    assert celsius.profile["sha256"] in " ".join(metadata.keywords)


@pytest.mark.slow
def test_the_whole_report_is_the_same_bytes_again(celsius, rulebook):
    assert render_pdf(celsius, rulebook) == render_pdf(celsius, rulebook)


def test_the_same_assessment_gives_the_same_bytes_again_and_in_another_process(audited, rulebook, tmp_path):
    content = profile(kind="token")  # few rules: the same pages, sooner
    del content["terms"]["rate_kind"]
    assessment = audited(content)
    first = render_pdf(assessment, rulebook)
    assert first.startswith(b"%PDF-")
    assert render_pdf(assessment, rulebook) == first
    program = (
        "import hashlib, sys; from datetime import date; from pathlib import Path\n"
        "from checker.app.audit import Settings, audit_one, shipped_rulebook\n"
        "from checker.outputs.pdf import render_pdf\n"
        "book = shipped_rulebook(); cut = date(2022, 5, 31)\n"
        "done = audit_one(Path(sys.argv[1]), Settings(date(2099, 1, 1), cut, cut), book)\n"
        "print(hashlib.sha256(render_pdf(done, book)).hexdigest())"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "p.json"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert found.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_hostile_text_is_shown_and_nothing_is_loaded(audited, rulebook, monkeypatch):
    content = profile(name="Token " + EVIL, kind="token")
    content["terms"]["offered_apy"] |= {"locator": EVIL, "note": EVIL}
    content["sources"]["s1"] |= {"title": EVIL, "publisher": EVIL}
    content["notes"][0] |= {"text": EVIL, "topic": EVIL}
    assessment = audited(content)
    asked = []
    monkeypatch.setattr(_Refusal, "__call__", lambda self, url, *_, **__: asked.append(url))
    html = render_html(assessment, rulebook)
    assert "<img" not in html
    assert "<script" not in html
    assert "<link" not in html
    document = render_document(assessment, rulebook)
    assert not asked
    assert squeezed(EVIL) in squeezed("".join(texts(document, margins=False)))
    assert b"/EmbeddedFile" not in document.write_pdf(uncompressed_pdf=True)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://x.y/<img>", "//x", "https://a b"]
)
def test_unsafe_addresses_are_text_never_links(audited, rulebook, url):
    assert not safe_link(url)
    assessment = audited(profile())
    assessment = replace(assessment, sources=tuple(replace(source, url=url) for source in assessment.sources))
    html = render_html(assessment, rulebook)
    assert not re.search(r'href="(?!#|https?://)', html)
    assert f'href="{url}' not in html


def test_no_stylesheet_names_an_address():
    for file in (ROOT / "reports").rglob("*"):
        if file.suffix in (".css", ".j2"):
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"url\(|@import|@font-face|<img|<script|<link|\|\s*safe\b", text), file


def test_refusal():
    with pytest.raises(ValueError, match="loads nothing"):
        _Refusal()("file:///etc/passwd")


@pytest.mark.parametrize(
    "name", ["极限收益理财平台" * 12, "W" * 240, "Société Générale d'Épargne " * 8, "منصة الإقراض"]
)
def test_long_and_foreign_names_wrap_and_are_not_cut(audited, rulebook, name):
    content = profile(name=name)
    content["sources"]["s1"] |= {
        "title": "合同条款" * 60,
        "publisher": "Z" * 300,
        "url": "https://example.com/" + "b" * 400,
    }
    document = render_document(audited(content), rulebook)
    assert content["sources"]["s1"]["url"] in {link for page in document.pages for kind, link, *_ in page.links}
    shown = texts(document, margins=False)
    assert squeezed(name) in squeezed(shown[0])
    assert squeezed("合同条款" * 60) in squeezed("".join(shown))
    assert "example.com/" + "b" * 60 in squeezed("".join(shown))
    width = document.pages[0].width

    def right_edges(box):
        if getattr(box, "text", None) and box.text.strip():
            yield box.position_x + box.width, box.text
        for child in getattr(box, "children", ()):
            yield from right_edges(child)

    for page in document.pages:
        for edge, text in right_edges(page._page_box):
            assert edge <= width - 30, text


def test_changed_thresholds_are_named_on_every_page(audited):
    changed = {"t1.spread_fail": 0.05}
    assessment = audited(profile(), overrides=changed)
    for page in texts(render_document(assessment, shipped_rulebook(overrides=changed))):
        assert "Changed: t1.spread_fail = 5%, stricter than the pack's 7%" in page


def test_live_status_stands_apart_from_the_grade(audited, rulebook):
    assert (
        "Live status on 2022-05-31: withdrawals are suspended"
        in texts(render_document(audited(profile()), rulebook))[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_banners_leave_the_verdict_on_one_page(rulebook, language):
    day = date(2023, 12, 31)
    assessment = audit_one(ROOT / "profiles" / "celsius.json", Settings(date(2099, 1, 1), day, day), rulebook)
    banners = [(banner.id, banner.text) for banner in rulebook.scheme.status][-3:]
    few = replace(
        assessment,
        name="A name of two lines that a platform with an odd taste might choose",
        verdict=replace(assessment.verdict, status=tuple(banners)),
        **dict.fromkeys(("facts", "tables", "metrics", "sources", "notes", "bibliography", "rates"), ()),
    )
    shown = texts(render_document(few, rulebook, language))
    with speaking(language):
        assert tr("how to rebut it") in shown[0]
        assert shown[1].startswith(tr("How it works"))


def test_a_platform_that_nobody_looked_at_is_not_assessable_and_never_passes(audited, rulebook):
    empty = {"ddcheck": 1, "platform": {"name": "Unknown", "kind": "cefi_lender"}}
    assessment = audited(empty)
    html = render_html(assessment, rulebook)
    first = html.partition('class="appendix"')[0]
    assert "Not assessable" in first
    for grade in (assessment.verdict.best, assessment.verdict.worst):
        assert f'<p class="big">{grade.name}</p>' in first
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(re.findall(r'\bid="([^"]*)"', html))
    states = {Page.chip(finding).state for finding in assessment.findings}
    assert "fail" not in states
    assert all(Page.chip(f).state == "open" for f in assessment.findings if len(f.possible) > 1)


def test_a_kind_without_a_grade_gets_no_empty_boxes(audited, rulebook):
    assessment = audited({"ddcheck": 1, "platform": {"name": "Some Token", "kind": "token"}})
    html = render_html(assessment, rulebook)
    assert words.certain(assessment) in html
    assert 'class="scale"' not in html
    assert 'class="tiles"' not in html


def test_outcomes_differ_in_symbol_and_word(celsius):
    chips = {Page.chip(finding).state: Page.chip(finding) for finding in celsius.findings}
    assert len({chip.symbol for chip in chips.values()}) == len(chips)
    assert len({chip.word for chip in chips.values()}) == len(chips)


def test_a_presumed_level_is_not_drawn_as_certain(celsius, rulebook):
    for tile in Page(celsius, rulebook).tiles():
        steps = dict(tile.steps)
        assert tile.steps[0] == (LEVELS[0], "off")
        if tile.trait.presumed:
            assert "certain" not in steps.values()
        if tile.trait.open:
            assert steps[tile.trait.worst_name] == "possible"


def test_text_is_clean_and_long_words_break():
    assert clean("a\x00b\u202ec") == "a\ufffdbc"
    assert wrapped("short words stay") == "short words stay"
    assert wrapped("x" * 60).replace("\u200b", "") == "x" * 60
    assert "\u200b" in wrapped("x" * 60)
    assert "\u200b" not in wrapped("期限错配" * 20)


def test_another_language_is_refused_by_name(celsius, rulebook):
    with pytest.raises(ValueError, match="'tlh'"):
        render_html(celsius, rulebook, "tlh")


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_first_page_speaks_one_language(celsius, rulebook, language):
    if missing(rulebook, language):
        pytest.skip("the catalogues are not complete")
    document = render_document(celsius, rulebook, language)
    assert document.metadata.lang == language
    shown = texts(document)
    assert not ENGLISH_SENTENCE.search(NAMES.sub("", shown[0]))
    with speaking(language):
        foot = tr("page {page} of {pages}")
    for number, page in enumerate(shown, 1):
        assert foot.format(page=number, pages=len(shown)) in page
    whole = squeezed("".join(texts(document, margins=False)))
    with speaking(language):
        for finding in celsius.findings:
            assert whole.count(squeezed(f"{finding.code} {tr(finding.title)}")) == 1
    assert not re.search(r"not disclosed|nobody looked|at least|too old|audited", shown[3])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_program_has_a_report(audited, rulebook, language):
    html = render_html(audited(profile(kind="token")), rulebook, language)
    assert f'<html lang="{language}">' in html


def test_the_languages_do_not_disturb_each_other(audited, rulebook):
    assessment = audited(profile(kind="token"))
    first = render_html(assessment, rulebook)
    other = render_html(assessment, rulebook, "zh-Hans")
    assert render_html(assessment, rulebook) == first != other


def test_the_chosen_language_reaches_the_report(tmp_path, rulebook, monkeypatch, capsys):
    monkeypatch.setattr("checker.outputs.pdf.render_pdf", lambda told, rulebook, language, **_: language.encode())
    path = tmp_path / "p.json"
    path.write_text(json.dumps(profile()), encoding="utf-8")
    assert main([str(path), "--pdf", str(tmp_path / "r.pdf"), "--lang", "zh-Hans"]) == 0
    assert (tmp_path / "r.pdf").read_bytes() == b"zh-Hans"


def test_every_word_of_a_profile_has_a_word_in_the_report():
    assert set(words.EVIDENCE_WORDS) == set(EVIDENCE)


def test_missing_libraries_are_named_by_package(monkeypatch):
    def nothing(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr("checker.outputs.pdf.ctypes.CDLL", nothing)
    assert missing_system_libraries() == ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]


def test_looking_for_libraries_loads_no_renderer():
    program = (
        "import sys; from checker.outputs.pdf import missing_system_libraries; missing_system_libraries(); "
        "sys.exit('weasyprint' in sys.modules or 'jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
