"""The first page must stay one page: how many questions it has room for, and whether it is set tightly."""

from __future__ import annotations

from copy import copy

from checker.outputs import words
from checker.outputs.language import LANGUAGES, speaking, spoken, tr
from checker.outputs.layout import SCREEN, Paper, leading, lines
from checker.outputs.page import Asked, Page

__all__ = ["Front"]

MOST_ASKED = 5
_FEW_ASKED = 3  # questions for which the page is rather set tightly
_MARGINS = 5.0  # the first page has smaller margins than the others, top and bottom together (millimetres)
_TITLES = ((36, 25.0), (90, 17.0), (10**9, 10.0))  # characters of a name up to which it is set in a size (points)
_TIGHT = 0.62  # of the distances between parts
_SPARE = 5.0  # what the estimate may fall short
_MM = 25.4 / 72


class Front:
    """What the first page takes, in millimetres, on the safe side.

    Args:
        page: The words of the page.
        paper: The sheet.
    """

    def __init__(self, page: Page, paper: Paper) -> None:
        self.page = page
        self.width = paper.width
        self.room = paper.height + _MARGINS - _SPARE
        self.tight, most = self._fit()
        for language in LANGUAGES if paper is not SCREEN else ():
            if language != spoken():
                with speaking(language):
                    most = min(most, copy(self)._fit()[1])
        self._leading = leading()
        self.asked: tuple[Asked, ...] = page.questions()[:most]
        """The questions that stand on the page, as many in every language; none where it is full."""

    def _fit(self) -> tuple[bool, int]:
        """Whether the page is set tightly, and how many questions it has room for, in the language being spoken."""
        self._leading = leading()
        asked = self.page.questions()
        tight = self._text() + self._distances() + self._asks(asked[:_FEW_ASKED]) > self.room
        fixed = self._text() + self._distances() * (_TIGHT if tight else 1.0)
        most = min(MOST_ASKED, len(asked))
        while most and fixed + self._asks(asked[:most]) > self.room:
            most -= 1
        return tight, most

    def _high(self, text: str, points: float, ratio: float = 1.38, width: float = 0.0) -> float:
        """The height of a text in a size of `points`."""
        return lines(text, width or self.width, points) * points * ratio * _MM * self._leading

    def _distances(self) -> float:
        """What lies between the parts."""
        page = self.page
        found = 26.0
        found += 3 if words.headline(page.assessment) else 0
        found += 8 if page.verdict.traits else 0
        found += 6.4 if page.assessment.findings else 0
        return found + (2.5 + len(page.verdict.status) if page.verdict.status else 0)

    def _text(self) -> float:
        """What the parts take without what lies between them."""
        page, verdict = self.page, self.page.verdict
        size = next(points for most, points in _TITLES if len(page.name) <= most)
        found = 3.7 + self._high(page.name, size, 1.2) + self._high(f"{page.kind} {words.cut_text(page.assessment)}", 9)
        found += 4.2
        slim = len(verdict.status) > 2
        for _, text in verdict.status:
            told = f"{tr(text)} {page.assessment.options.as_of}{'x' * 60}"
            found += self._high(told, 8.6 if slim else 10, 1.38, self.width - 7) + (2 if slim else 4)
        certain = self._high(words.certain(page.assessment), 11, 1.42, self.width - 52)
        found += max(certain + 20, 36) if verdict.best is not None else certain + 10
        found += 16.4  # the three measures
        answers = words.headline(page.assessment)
        if answers:
            half = self.width / len(answers) - 8
            found += max(self._high(answer, 8, 1.3, half) for answer in answers) + 1.6
        found += 13.5  # how many rules ended how
        if verdict.traits:
            question = max(self._high(tr(trait.question), 7.2, 1.3, self.width / 4 - 7.6) for trait in verdict.traits)
            found += 4.8 + 24.5 + question + (4.2 if page.tiles_wrap else 0)
            found += 2 * 7 * 1.38 * _MM
        if page.assessment.overrides:
            found += 2 * 7 * 1.38 * _MM + 1.6
        reasons = page.reasons()
        if reasons:
            found += 4.8
        for reason in reasons:
            marks = " ".join(mark.text for mark in reason.marks)
            text = f"{reason.chip.word}xxxx {reason.text} {reason.alleged} {reason.code} {marks}{'x' * 12}"
            found += self._high(text, 8.6, 1.36, self.width - 6) + 1.2
        if page.uncapped or verdict.stops:
            found += (
                self._high("x" * (60 + 7 * min(len(verdict.deciding), 6) + 7 * min(len(verdict.stops), 4)), 8) + 1.6
            )
        return found + self._high(f"{tr(words.LIMITS)}{'x' * 150}", 7, 1.36)

    def _asks(self, asked: tuple[Asked, ...]) -> float:
        """The questions with their heading and the link to all of them."""
        if not asked:
            return 0.0
        found = 11.2 + 5.0
        for question in asked:
            text = f"{tr(question.question.ask)} {question.reason}; {question.effect or 'x' * 40}"
            found += self._high(text, 8.6, 1.36, self.width - 6) + 1.2
        return found
