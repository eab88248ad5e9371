"""The report as one file for a browser: the pages of the PDF, on a screen of any width, with every finding in full.

It is made from the same templates. The file loads nothing and sends nothing: its policy allows the one style and the
one script that it carries, by their hashes. The script only filters, folds and changes colours; without it everything
can be read. On paper it looks like the PDF.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import cast

from markupsafe import Markup

from checker.assess.assessment import Assessment, Finding
from checker.engine.scalar import Trace
from checker.outputs import faces, words
from checker.outputs.language import LANGUAGES, mark, speaking, tr
from checker.outputs.layout import SCREEN
from checker.outputs.page import STATE_ORDER, SYMBOLS, Page, anchor
from checker.outputs.pages import context
from checker.outputs.parts import Chip, Count
from checker.outputs.pdf import _environment
from checker.outputs.report import Report
from checker.packs.rulebook import Rulebook
from checker.resources import data_path

__all__ = ["Screen", "TraceStep", "render_html_page"]

PARTS = (
    ("verdict", mark("Verdict"), True),
    ("mechanism", mark("How it works"), True),
    ("decision", mark("Before you decide"), True),
    ("findings", mark("Findings"), True),
    ("not-applicable", mark("Rules that did not apply"), False),
    ("deciding", mark("What limits the grade"), False),
    ("change", mark("What would change the verdict"), False),
    ("over-time", mark("The verdict over time"), False),
    ("since", mark("What changed since the last report"), False),
    ("questions", mark("Open questions"), True),
    ("facts", mark("Facts"), True),
    ("tables", mark("Tables"), False),
    ("parameters", mark("Thresholds"), False),
    ("numbers", mark("The numbers behind the verdict"), False),
    ("computed", mark("Computed figures"), False),
    ("sources", mark("Sources of the profile"), True),
    ("bibliography", mark("Standards, studies and cases cited"), False),
    ("versions", mark("How this was made"), False),
    ("rebut", mark("How to rebut this report"), True),
)
"""The parts that the list of contents names where the report has them, and whether a narrow screen names them too."""
CONDITIONS = {
    "applies_if": mark("applies if"),
    "fail_if": mark("fails if"),
    "warn_if": mark("warns if"),
    "stop_if": mark("stops if"),
}
STATES = {
    "fail": mark("fail"),
    "presumed": mark("presumed"),
    "warn": mark("warn"),
    "open": mark("open"),
    "pass": mark("pass"),
    "na": mark("not applicable"),
}
_TOP = "verdict.html.j2"
_BELOW = ("mechanism.html.j2", "decision.html.j2", "appendix.html.j2")
_HEADING = re.compile(r"<(/?)h([1-5])\b")
_INLINE = re.compile(r' style="([^"]*)"')
_SIZE = re.compile(r"width: ?(\d+)mm")
_GROWTH = re.compile(r"flex-grow: \d+")
_COUNT = re.compile(r"counter-reset: list-item \d+")  # a browser reads where a list starts from the list itself
_TABLE = re.compile(r'<table class="t">(\s*<thead>.*?</thead>)(.*?)</table>', re.DOTALL)
_HEAD_CELL = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_FIGURE = re.compile(r'(<figure id="([\w-]+)">(?:(?!</figure>).)*?<div class="drawing")>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_ROLES = (("<thead>", "rowgroup"), ("<tbody>", "rowgroup"), ("<tr", "row"), ("<td", "cell"), ("<th", "columnheader"))


@dataclass(frozen=True)
class TraceStep:
    """A step of an evaluation: its expression, where that leads, its value in words, and what it was made of."""

    text: str
    place: str
    value: str
    steps: tuple[TraceStep, ...]


class Screen:
    """What a screen shows beyond paper: how every finding and figure was computed, and the outcomes to filter by.

    A figure that several rules read is told once, and the evaluations lead there.

    Args:
        page: The words of the report.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._thresholds = {parameter.id for parameter in page.thresholds()}
        self._told: dict[str, dict[TraceStep, Markup]] = {}
        self._figures: list[tuple[str, Markup, TraceStep]] = []
        self._evaluations = {finding.rule: tuple(self._conditions(finding)) for finding in page.assessment.findings}

    @property
    def states(self) -> tuple[Count, ...]:
        """How many findings are in each state, the worst first."""
        counts = dict.fromkeys(STATE_ORDER, 0)
        for finding in self._page.assessment.findings:
            counts[self._page.chip(finding).state] += 1
        return tuple(
            Count(Chip(state, SYMBOLS[state], tr(STATES[state]), ""), count) for state, count in counts.items() if count
        )

    def evaluation(self, finding: Finding) -> tuple[tuple[str, TraceStep], ...]:
        """The conditions of a finding, each with its evaluation."""
        return self._evaluations[finding.rule]

    @property
    def figures(self) -> tuple[tuple[Markup, TraceStep], ...]:
        """The figures that evaluations lead to, each with its place."""
        return tuple((place, step) for _, place, step in sorted(self._figures, key=lambda told: (told[0], told[1])))

    def _conditions(self, finding: Finding) -> Iterable[tuple[str, TraceStep]]:
        for name, trace in finding.trace.items():
            yield tr(CONDITIONS.get(name, name)), self._step(trace)

    def _step(self, trace: Trace) -> TraceStep:
        operation, text = str(trace["op"]), str(trace["text"])
        value = words.step_value(trace["value"])
        if operation.startswith("metric "):
            return TraceStep(text, self._figure(operation.removeprefix("metric "), trace), value, ())
        place = ""
        if operation == "fact":
            place = self._page.place(text)
        elif operation == "param":
            id = str(cast("list[str]", trace["params"])[0]).partition("@")[0]
            place = anchor("param", id) if id in self._thresholds else ""
        return TraceStep(text, place, value, self._steps(trace))

    def _steps(self, trace: Trace) -> tuple[TraceStep, ...]:
        return tuple(self._step(inner) for inner in cast("list[Trace]", trace.get("steps") or ()))

    def _figure(self, id: str, trace: Trace) -> Markup:
        """The place where a figure is told; one that came about in another way is told again."""
        told = self._told.setdefault(id, {})
        step = TraceStep(id, "", words.step_value(trace["value"]), self._steps(trace))
        if step not in told:
            told[step] = anchor("figure", f"{id}-{len(told) + 1}" if told else id)
            self._figures.append((id, told[step], step))
        return told[step]


def render_html_page(told: Assessment | Report, rulebook: Rulebook, language: str = "en") -> str:
    """The whole report as one file for a browser; it loads nothing.

    Args:
        told: What is rendered: an assessment, or one with the analyses of a whole report.
        rulebook: Where the wording of messages and facts stands.
        language: Language of everything but sources' own words.

    Raises:
        ValueError: There is no report in this language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no report in {language!r}; there is {', '.join(LANGUAGES)}")
    templates = _environment()
    with speaking(language):
        filled = dict(context(told, rulebook, None))
        filled |= {"language": language, "web": Screen(cast("Page", filled["page"]))}
        main = templates.get_template(_TOP).render(filled)
        main += "".join(_one_lower(templates.get_template(name).render(filled)) for name in _BELOW)
        main, sizes = _unstyled(main)
        main, labels = _labelled(main)
        main = faces.punctuated(_FIGURE.sub(_reachable, main).replace("\u200b", ""), language)
        style = _own("styles", "scheme.css") + _own("styles", "html.css") + sizes + labels
        script = _own("scripts", "report.js")
        filled |= {
            "main": Markup(main),
            "style": Markup(style),
            "script": Markup(f"<script>{script}</script>"),
            "policy": Markup(policy(style, script)),
            "parts": [(id, tr(name), main_part) for id, name, main_part in PARTS if f' id="{id}"' in main],
        }
        return templates.get_template("screen.html.j2").render(filled).replace("\u200b", "")


def policy(style: str, script: str) -> str:
    """What a browser may do with the file: show this style and run this script, nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _own(folder: str, name: str) -> str:
    """A style or script of the program, which must not end the element that carries it."""
    text = data_path("reports", folder, name).read_text(encoding="utf-8")
    assert "</" not in text
    return text


def _one_lower(html: str) -> str:
    """A part whose headings stand below the title of the whole: on paper each part begins a level of its own."""
    return _HEADING.sub(lambda found: f"<{found[1]}h{int(found[2]) + 1}", html)


def _unstyled(html: str) -> tuple[str, str]:
    """The document without styles on elements, which the policy forbids, and the style that takes their place.

    Text cannot be mistaken for a style: its quotation marks are escaped.
    """
    rules: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        if _COUNT.fullmatch(found[1]) is not None:
            return ""
        if (size := _SIZE.fullmatch(found[1])) is not None:
            share = round(100 * int(size[1]) / SCREEN.width, 1)
            rules[f"w{size[1]}"] = f"width:{share}%"
            return f' data-s="w{size[1]}"'
        if _GROWTH.fullmatch(found[1]) is None:
            raise ValueError(f"a template styles an element in a way that no screen has: {found[1]!r}")
        count = found[1].rpartition(" ")[2]
        rules[f"g{count}"] = f"flex-grow:{count}"
        return f' data-s="g{count}"'

    html = _INLINE.sub(named, html)
    return html, "".join(f'main [data-s="{name}"]{{{rule}}}' for name, rule in sorted(rules.items()))


def _labelled(html: str) -> tuple[str, str]:
    """Tables whose rows a narrow screen shows as blocks, each cell with its heading; they stay tables to a reader."""
    rules: list[str] = []

    def table(found: re.Match[str]) -> str:
        number = len(rules)
        heads = [" ".join(_TAG.sub("", head).split()) for head in _HEAD_CELL.findall(found[1])]
        cells = enumerate(heads[1:], 2)
        rules.append("".join(f'[data-t="{number}"] td:nth-child({at})::before{{{_content(h)}}}' for at, h in cells))
        inner = found[1] + found[2]
        for tag, role in _ROLES:
            if tag.endswith(">"):
                inner = inner.replace(tag, f'{tag[:-1]} role="{role}">')
            else:
                inner = re.sub(rf"{tag}(?=[ >])", f'{tag} role="{role}"', inner)
        return f'<table class="t" role="table" data-t="{number}">{inner}</table>'

    html = _TABLE.sub(table, html)
    return html, f"@media screen and (max-width:44rem){{{''.join(rules)}}}" if rules else ""


def _content(text: str) -> str:
    """A text as style, every character of it that could end one written by number."""
    safe = "".join(c if c.isalnum() or c in " -" else f"\\{ord(c):x} " for c in str(Markup(text).unescape()))
    return f'content:"{safe}"'


def _reachable(found: re.Match[str]) -> str:
    """A drawing that may be wider than a screen, which the keyboard can move."""
    return f'{found[1]} role="group" tabindex="0" aria-labelledby="{found[2]}-title">'
