"""The report in a browser, as a reader uses it: by keyboard, on a phone, in the dark, without a script, on paper."""

import json
import re
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.report import prepare
from checker.outputs.html import render_html_page
from checker.resources import data_path

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing; see `make heavy`")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing; see `make heavy`")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
EVIL = '</script><script>alert(1)</script><img src="https://evil.example/x" onerror="alert(1)"><!-- '
CUT = date(2022, 5, 31)
VIEWS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "small": {"viewport": {"width": 320, "height": 640}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing; see `make heavy`"),
    pytest.mark.skipif(sys.platform == "win32", reason="the browser is looked for where Debian puts it"),
]


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Reports by name: many open facts in three languages, rules that do not apply, and text that means harm."""
    folder = tmp_path_factory.mktemp("reports")
    book, settings = shipped_rulebook(), Settings(date(2099, 1, 1), CUT, CUT)
    celsius = audit_one(data_path("profiles", "celsius.json"), settings, book)
    entry = {"from": "2021-01-01", "known_on": "2021-01-01", "evidence": "terms_of_use", "source": "s1"}
    harm = {
        "ddcheck": 1,
        "platform": {"name": f"{EVIL}{'W' * 300}", "kind": "cefi_lender"},
        "terms": {"offered_apy": {"value": 0.18, **entry, "locator": EVIL, "note": EVIL}},
        "sources": {"s1": {"title": EVIL + "Z" * 300, "publisher": EVIL, "url": f"https://example.com/{'b' * 300}"}},
    }
    path = folder / "harm.json"
    path.write_text(json.dumps(harm), encoding="utf-8")
    told = {
        "celsius": render_html_page(celsius, book),
        "celsius-zh-Hans": render_html_page(celsius, book, "zh-Hans"),
        "celsius-zh-Hant": render_html_page(celsius, book, "zh-Hant"),
        "fund": render_html_page(prepare(data_path("profiles", "fidelity-spaxx.json"), settings, book), book),
        "harm": render_html_page(audit_one(path, settings, book), book),
    }
    for name, html in told.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return folder


class Visit:
    """A page with what the browser said and asked for."""

    def __init__(self, browser, file, **view):
        self.context = browser.new_context(**view)
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.address = Path(file).as_uri()
        self.page.goto(self.address)

    def shown(self):
        """The states of the findings that are to be seen."""
        return self.page.eval_on_selector_all(
            "article.finding", "all => all.filter(f => f.offsetParent !== null).map(f => f.dataset.state)"
        )

    def focused(self, attribute):
        return self.page.evaluate(f"document.activeElement.getAttribute('{attribute}')")

    def tab_to(self, selector, most=60):
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")


@pytest.fixture
def visit(browser, files):
    opened = []

    def go(name, **view):
        opened.append(Visit(browser, files / f"{name}.html", **view))
        return opened[-1]

    yield go
    for found in opened:
        found.context.close()


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("celsius-zh-Hans", "phone"),
        ("celsius-zh-Hant", "small"),
        ("fund", "desktop"),
        ("fund", "dark"),
        ("fund", "small"),
        ("harm", "phone"),
    ],
)
def test_quiet_within_the_screen_and_fit_for_everyone(visit, name, view):
    seen = visit(name, **VIEWS[view])
    page = seen.page
    page.eval_on_selector_all("details", "all => all.slice(0, 6).forEach(part => { part.open = true; })")
    assert seen.asked == [seen.address]
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": name == "fund"}}}  # a slow rule
    found = axe_api.Axe().run(page, options=options).response
    assert [(v["id"], v["nodes"][0]["html"][:120], v["nodes"][0]["failureSummary"]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20
    page.eval_on_selector_all("details", "all => all.forEach(part => { part.open = true; })")
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= room
    assert seen.said == []


def test_the_path_of_the_keyboard(visit):
    seen = visit("celsius", **VIEWS["desktop"])
    page = seen.page
    total = len(seen.shown())
    page.keyboard.press("Tab")
    assert seen.focused("class") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert seen.focused("id") == "main"
    page.locator("#findings").evaluate("part => { part.tabIndex = -1; part.focus(); }")
    seen.tab_to('[data-show="fail"]')
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Space")
    assert seen.focused("aria-pressed") == "true"
    fails = seen.shown()
    assert set(fails) == {"fail"}
    assert str(len(fails)) in page.text_content("#filter-told")
    assert str(total) in page.text_content("#filter-told")
    seen.tab_to('[data-show="presumed"]')
    page.keyboard.press("Enter")
    assert set(seen.shown()) == {"fail", "presumed"}
    seen.tab_to("#filter-text")
    page.keyboard.type("no finding holds this")
    assert seen.shown() == []
    assert not page.is_visible("section.group")
    page.keyboard.press("Escape")
    assert len(seen.shown()) == total
    page.keyboard.type("G-04")
    assert 1 <= len(seen.shown()) < total
    seen.tab_to("article.finding summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    seen.tab_to("article.finding details.trace > summary")
    page.keyboard.press("Space")
    assert page.is_visible("article.finding:not(.out) .tree")


def test_a_link_opens_the_way_to_what_it_names(visit):
    seen = visit("celsius", **VIEWS["desktop"])
    page = seen.page
    target = page.get_attribute('.tree a[href^="#figure-"]', "href")
    page.goto(seen.address + target)
    assert page.evaluate("id => document.getElementById(id).open", target[1:])
    page.click('[data-show="warn"]')
    rule = page.get_attribute('.reasons a[href^="#rule-"]', "href")
    page.click(f'.reasons a[href="{rule}"]')
    found = page.locator(f'[id="{rule[1:]}"]')
    assert found.is_visible()
    assert found.locator("p.line").is_visible()
    assert found.evaluate(
        "part => { const at = part.getBoundingClientRect().top; return at >= 0 && at < innerHeight; }"
    )
    found.locator("summary").first.click()
    assert not found.locator("p.line").is_visible()
    page.click(f'.reasons a[href="{rule}"]')
    assert found.locator("p.line").is_visible(), "the same link a second time"


def test_colours_follow_the_system_until_the_reader_chooses(visit):
    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    seen = visit("celsius", **VIEWS["dark"])
    dark = paper(seen.page)
    assert seen.page.get_attribute("#scheme", "aria-pressed") == "true"
    seen.page.focus("#scheme")
    seen.page.keyboard.press("Enter")
    assert paper(seen.page) == "rgb(255, 255, 255)" != dark
    assert seen.page.get_attribute("#scheme", "aria-pressed") == "false"
    seen.page.reload()
    assert paper(seen.page) == "rgb(255, 255, 255)"
    seen.page.click("#scheme")
    assert paper(seen.page) == dark
    seen.page.emulate_media(media="print")
    assert paper(seen.page) == "rgb(255, 255, 255)"
    assert seen.said == []


def test_without_a_script_everything_can_be_read(visit):
    seen = visit("fund", **VIEWS["desktop"], java_script_enabled=False)
    page = seen.page
    assert page.locator("article.finding").count() > 30
    assert all(page.locator("article.finding h4").nth(at).is_visible() for at in (0, 5, -1))
    assert not page.is_visible("#filter")
    assert not page.is_visible("#scheme")
    first = page.locator("article.finding summary").first
    first.click()
    assert page.locator("article.finding p.line").first.is_visible()


def test_the_policy_holds_against_what_is_put_in_later(visit):
    seen = visit("celsius", **VIEWS["desktop"])
    failed = []
    seen.page.on("requestfailed", lambda request: failed.append((request.url, request.failure)))
    seen.page.evaluate(
        """() => {
          const script = document.createElement("script"); script.textContent = "window.harmed = true";
          const image = document.createElement("img"); image.src = "https://example.com/x.png";
          document.body.append(script, image);
        }"""
    )
    seen.page.wait_for_timeout(200)
    assert not seen.page.evaluate("Boolean(window.harmed)")
    assert failed == [("https://example.com/x.png", "csp")]
    assert len([text for text in seen.said if "Content Security Policy" in text]) == 2


def test_on_paper_it_is_like_the_pdf(visit):
    seen = visit("celsius", **VIEWS["desktop"])
    page = seen.page
    page.click('[data-show="warn"]')
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 15 < pages < 45
    assert not page.evaluate("document.querySelector('details.more').open"), "folded again afterwards"
    page.emulate_media(media="print")
    assert len(seen.shown()) == page.locator("article.finding").count(), "paper leaves no finding out"
    for gone in (".bar", ".parts", "#filter"):
        assert not page.is_visible(gone)
    page.set_viewport_size({"width": 680, "height": 1000})  # as wide as the paper without its margins
    assert page.evaluate("document.getElementById('verdict').offsetHeight") < 1010, "the verdict takes one page"
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= room
