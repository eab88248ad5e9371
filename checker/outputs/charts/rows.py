"""Charts of level bars: a name, a bar from its lowest to its highest end, the value in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale, wrap
from checker.outputs.charts.reading import Ends, pair

NAMES, BARS, VALUES = 212.0, (220.0, 562.0), 574.0
HIGH, LINE = 28.0, 11.6  # of a row of up to two lines, and of a line
_MOST_DETAIL, _MOST_VALUE = 3, 3


@dataclass(frozen=True)
class Bar:
    """A row.

    Attributes:
        name: What it is.
        detail: A second, softer line.
        start: Where it begins, at least and at most.
        end: Where it ends, at least and at most; None for an end that is not known.
        tone: How the certain part is filled.
        value: The value in words.
        known: Whether anything is known at all.
    """

    name: str
    detail: str
    start: Ends
    end: Ends
    tone: str
    value: str
    known: bool = True


def bars(drawing: Drawing, scale: Scale, told: Sequence[Bar], top: float) -> float:
    """Draws rows, one below the other; returns where they end.

    What a bar surely covers is filled, what it may cover beyond is hatched, an end that is not known has an arrow.
    """
    for bar in told:
        most = 1 if bar.detail else 3
        names = wrap(bar.name, NAMES - 4, most)
        lines = len(names) + len(wrap(bar.detail, NAMES - 4, _MOST_DETAIL, SMALL))
        taken = len(wrap(bar.value, WIDTH - VALUES, _MOST_VALUE, SMALL, bold=bar.known))
        high = max(HIGH, LINE * max(lines, taken) + 5)
        middle = top + high / 2
        y = middle + 3.6 - LINE / 2 * (lines - 1)
        y = drawing.text(0, y, bar.name, NAMES - 4, lines=most)
        if bar.detail:
            drawing.text(0, y - 1, bar.detail, NAMES - 4, lines=_MOST_DETAIL, size=SMALL, soft=True)
        _bar(drawing, scale, bar, middle)
        y = middle + 3.4 - LINE / 2 * (taken - 1)
        drawing.text(
            VALUES, y, bar.value, WIDTH - VALUES, lines=_MOST_VALUE, size=SMALL, bold=bar.known, soft=not bar.known
        )
        top += high
    return top


def _bar(drawing: Drawing, scale: Scale, bar: Bar, middle: float) -> None:
    high = 15.0
    top = middle - high / 2
    title = pair(bar.name, bar.value)
    if not bar.known:
        drawing.hatch(Box(scale.left, top, scale.right - scale.left, high), title)
        return
    start_lo, start_hi = bar.start[0] or 0.0, bar.start[1]
    end_lo, end_hi = bar.end
    left = scale.at(start_lo)
    right = scale.right if end_hi is None else scale.at(end_hi)
    sure_left = None if start_hi is None else scale.at(start_hi)
    sure_right = None if end_lo is None else scale.at(end_lo)
    sure = sure_left is not None and sure_right is not None and sure_right - sure_left > 0.3
    if sure and sure_left is not None and sure_right is not None:
        drawing.hatch(Box(left, top, sure_left - left, high), title)
        drawing.rect(Box(sure_left, top, sure_right - sure_left, high), bar.tone, title)
        drawing.hatch(Box(sure_right, top, right - sure_right, high), title)
    elif right - left > 0.6:
        drawing.hatch(Box(left, top, right - left, high), title)
    else:
        drawing.line((left, top - 1), (left, top + high + 1), weight=2)
    if end_hi is None:
        drawing.head(scale.right + 8, middle, 1)


def axis(
    drawing: Drawing, scale: Scale, top: float, bottom: float, texts: Sequence[tuple[float, str]], words: str
) -> None:
    """A scale below bars, with lines up to `top`, its values and which direction is better.

    Values that would touch each other or stand beyond the drawing are left out.
    """
    taken = -1e9
    for value, text in texts:
        x = scale.at(value)
        drawing.grid((x, top), (x, bottom))
        width = drawing.measured(text, SMALL)
        place = min(max(x, scale.left + width / 2 - 12), WIDTH - width / 2)
        if place - width / 2 > taken + 4:
            drawing.text(place, bottom + 12, text, width + 1, size=SMALL, anchor="middle", soft=True)
            taken = place + width / 2
    drawing.line((scale.left, bottom), (scale.right, bottom))
    drawing.text(0, bottom + 12, words, scale.left - 16, lines=1, size=SMALL, soft=True)
