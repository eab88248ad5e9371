"""How much of a page a part will take, so that a page that must stay one page is filled and not broken.

An estimate on the safe side. What finds no room goes to the
appendix, never away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from unicodedata import east_asian_width

from markupsafe import Markup

from checker.outputs.language import spoken

__all__ = ["PAPERS", "SCREEN", "Paper", "Room", "drawing_height", "ems", "leading", "lines"]

_VIEW = re.compile(r'viewBox="\s*[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)')
_NARROW = "iljtfrI.,;:!|()[]'’-·"
_RAGGED = 1.8
"""What a line leaves free at its end, in ems."""
_POINT = 25.4 / 72


@dataclass(frozen=True)
class Paper:
    """What the margins leave of a sheet, in millimetres."""

    width: float
    height: float


PAPERS = {"a4": Paper(180.0, 264.0), "letter": Paper(185.9, 246.4)}
SCREEN = Paper(180.0, 100_000.0)
"""A sheet that never ends: everything finds room in its place."""


def ems(text: str) -> float:
    """About how wide a text is, in sizes of its face: a wide character takes one.

    >>> round(ems("grade"), 2), ems("等级")
    (2.53, 2.0)
    """
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    if east_asian_width(character) in "WF" or character in "MW@%":
        return 1.0
    if character in "mw":
        return 0.84
    if character.isupper():
        return 0.7
    if character in _NARROW:
        return 0.33
    return 0.27 if character == " " else 0.61 if character.isdigit() else 0.55


def lines(text: str, width: float, points: float) -> int:
    """How many lines a text takes at most in a column of `width` millimetres, set in a size of `points`."""
    room = max(width / (points * _POINT) - _RAGGED, 1.0)
    return max(ceil(ems(text) / room), 1)


def leading() -> float:
    """How much more room the lines of the language being spoken take than English ones."""
    return 1.06 if spoken().startswith("zh") else 1.0


def drawing_height(svg: Markup, width: float) -> float:
    """The height in millimetres of a drawing that is `width` millimetres wide."""
    view = _VIEW.search(svg)
    return float(view[2]) / float(view[1]) * width if view else 0.0


@dataclass
class Room:
    """What is left of a page, in millimetres."""

    left: float

    def take(self, height: float) -> bool:
        """Takes a height if it is there."""
        if height > self.left:
            return False
        self.left -= height
        return True
