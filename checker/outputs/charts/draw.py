"""A small drawing board: shapes and labels that know how much room they take, printed as one SVG.

Sizes are user units; a drawing is 680 of them wide, the width of a page. Widths of text are estimated from above, so
that a label that fits here fits in every font of the style sheet. Colours differ in lightness as well as in hue and
are always outlined, text and lines take the colour of the text around them: the same drawing is read on paper, in grey
and on a dark screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from checker.outputs.faces import stack
from checker.outputs.language import spoken
from checker.outputs.markup import clean
from checker.resources import data_path

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH = 680.0
SIZE, SMALL = 10.5, 9.5
_HATCH = 6.0
_LONGEST = 400  # characters of a text that are looked at; the whole of it stands in the title of its label
_WIDTHS = {  # the wider of Inter and DejaVu Sans, rounded up
    0.35: "'Iijl ,.:;|",
    0.45: "()/[\\]ft!r",
    0.55: '"*-_`?Jsz',
    0.65: "FLckvxy$0123456789EPSTabdeghnopqu{}",
    0.75: "ABKRVXYZCU",
    0.9: "&DGHNOQ#+<=>^w~M",
    1.0: "%@Wm",
}
_ADVANCES = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OPENING = frozenset("（「『“‘(")
_CLOSING = frozenset("、，。：；）」』！？%,.;:)…")
_BOLD = 1.12


@dataclass(frozen=True)
class Box:
    """A rectangle of a drawing."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share more than an edge."""
        across = self.left < other.right - 0.01 and other.left < self.right - 0.01
        return across and self.top < other.bottom - 0.01 and other.top < self.bottom - 0.01


@dataclass(frozen=True)
class Label:
    """A line of text with the box it takes; `full` is the whole of a text that was shortened."""

    x: float
    y: float
    text: str
    full: str
    size: float
    anchor: str
    bold: bool
    soft: bool

    @property
    def box(self) -> Box:
        """The room it takes at most."""
        width = columns(self.text, self.size, bold=self.bold)
        left = {"start": self.x, "middle": self.x - width / 2, "end": self.x - width}[self.anchor]
        return Box(left, self.y - 0.78 * self.size, width, self.size)


@dataclass(frozen=True)
class Shape:
    """A rectangle or path: how it is filled and drawn, and what it says when pointed at."""

    kind: str
    tone: str
    box: Box | None = None
    path: str = ""
    dashed: bool = False
    weight: float = 1.0
    title: str = ""


@cache
def _advance(character: str) -> float:
    """Upper estimate of the width of a character, in parts of the size."""
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if _is_wide(character):
        return 1.0
    if character in _ADVANCES:
        return _ADVANCES[character]
    if ord(character) < 0x180:
        return 0.65 if category == "Ll" else 0.9
    return 1.05 if ord(character) < 0x2000 or ord(character) > 0x2100 else 1.0


def columns(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """The width of a text at most, in user units.

    >>> columns("资金池", 10.0), columns("", 10.0)
    (30.0, 0.0)
    """
    return sum(map(_advance, text)) * size * (_BOLD if bold else 1.0)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _pieces(text: str) -> Iterator[str]:
    """Words with the space behind them; of Chinese each character with the marks that close it."""
    piece = ""
    for character in text:
        if piece and character not in _CLOSING:
            joint = _is_wide(character) or _is_wide(piece[-1]) or (piece[-1] == " " and character != " ")
            if joint and piece[-1] not in _OPENING:
                yield piece
                piece = ""
        piece += character
    if piece:
        yield piece


def wrap(text: str, room: float, lines: int = 1, size: float = SIZE, *, bold: bool = False) -> list[str]:
    """A text in lines of at most so much room; what does not fit ends with an ellipsis.

    >>> wrap("cash at once", 42.0, 2, 10.0), wrap("cash at once", 36.0, 1, 10.0)
    (['cash at', 'once'], ['cash…'])
    """
    text = " ".join(clean(text).split())
    cut = len(text) > _LONGEST
    found: list[str] = []
    line = ""

    def width(piece: str) -> float:
        return columns(piece.rstrip(), size, bold=bold)

    for piece in _pieces(text[:_LONGEST]):
        if width(line + piece) <= room:
            line += piece
            continue
        if line:
            found.append(line.rstrip())
        while width(piece) > room and len(found) <= lines:
            keep = next(n for n in range(len(piece), 0, -1) if n == 1 or width(piece[:n]) <= room)
            found.append(piece[:keep])
            piece = piece[keep:]
        line = piece
        if len(found) > lines:
            break
    if line:
        found.append(line.rstrip())
    if len(found) <= lines and not cut:
        return _without_orphan(text, found, room, size, bold=bold)
    found = found[:lines]
    last = found[-1]
    while last and columns(last + "…", size, bold=bold) > room:
        last = last[:-1]
    found[-1] = last.rstrip() + "…"
    return found


def _without_orphan(text: str, found: list[str], room: float, size: float, *, bold: bool) -> list[str]:
    """The same lines, the last but one shorter where a single character would stand below it."""
    if len(found) < 2 or len(found[-1]) > 2 or not _is_wide(found[-1][0]):
        return found
    narrower = wrap(text, room - 2.2 * size, len(found), size, bold=bold) if room > 8 * size else found
    return narrower if len(narrower) == len(found) and not narrower[-1].endswith("…") else found


def hatched(box: Box, step: float = _HATCH) -> str:
    """Diagonal lines over a box, as a path."""
    parts: list[str] = []
    offset = step
    while offset < box.width + box.height:
        start, end = max(offset - box.height, 0.0), min(offset, box.width)
        if end > start:
            parts.append(
                f"M{n(box.left + start)},{n(box.top + offset - start)}L{n(box.left + end)},{n(box.top + offset - end)}"
            )
        offset += step
    return "".join(parts)


def n(number: float) -> str:
    """A coordinate, the same on every machine.

    >>> n(2.0), n(2.345), n(-0.001)
    ('2', '2.35', '0')
    """
    text = f"{number + 0.0:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _height(points: Sequence[tuple[float, float]], x: float) -> float:
    """The height of a line through points at a place."""
    for (left, start), (right, end) in pairwise(points):
        if left <= x <= right:
            return start if right == left else start + (end - start) * (x - left) / (right - left)
    return points[-1][1]


@dataclass(frozen=True)
class Scale:
    """Where a value of an axis lies."""

    lo: float
    hi: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """The place of a value, kept within the axis."""
        share = (min(max(value, self.lo), self.hi) - self.lo) / (self.hi - self.lo)
        return self.left + share * (self.right - self.left)

    def to_next_tick(self, most: int = 5) -> Scale:
        """The same scale, drawn on to the next round value."""
        ticks = self.ticks(most)
        if len(ticks) < 2 or self.hi - ticks[-1] < 1e-9 * self.hi:
            return self
        return Scale(self.lo, ticks[-1] + ticks[1] - ticks[0], self.left, self.right)

    def ticks(self, most: int = 5) -> list[float]:
        """Round values, at most so many."""
        span = self.hi - self.lo
        power = 10.0 ** (len(str(int(span))) - 1) if span >= 1 else 1.0
        while power > span / most:
            power /= 10
        step = next(step for step in (power * f for f in (1, 2, 2.5, 5, 10, 20, 25, 50)) if span / step <= most)
        first = -int(-self.lo // step)
        return [k * step for k in range(first, int(self.hi / step + 1e-9) + 1)]


@dataclass
class Drawing:
    """Shapes and labels in the order in which they are drawn.

    Args:
        id: Id of the chart; it begins every id in the document.
    """

    id: str
    shapes: list[Shape] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    height: float = 0.0

    def rect(self, box: Box, tone: str, title: str = "") -> None:
        """A filled rectangle: `ink`, `dim`, `pale`, `risk`, `cash` or `none`."""
        self._reach(box)
        self.shapes.append(Shape("rect", tone, box, title=clean(title)))

    def fill(self, box: Box, tone: str, title: str = "") -> None:
        """A filled rectangle without an edge."""
        self._reach(box)
        self.shapes.append(Shape("fill", tone, box, title=clean(title)))

    def hatch(self, box: Box, title: str = "", *, withheld: bool = False) -> None:
        """A hatched rectangle: what is not known; what is withheld is hatched more closely, within a full edge."""
        if box.width < 0.5 or box.height < 0.5:
            return
        self._reach(box)
        path = hatched(box, 2.5 if withheld else _HATCH)
        tone = "risk" if withheld else "ink"
        self.shapes.append(Shape("hatch", tone, box, path, dashed=not withheld, title=clean(title)))

    def grid(self, *points: tuple[float, float]) -> None:
        """A faint line behind everything that is drawn already."""
        self.line(*points, tone="soft")
        self.shapes.insert(0, self.shapes.pop())

    def line(self, *points: tuple[float, float], dashed: bool = False, weight: float = 1.0, tone: str = "ink") -> None:
        """A line through points."""
        path = "M" + "L".join(f"{n(x)},{n(y)}" for x, y in points)
        self.shapes.append(Shape("line", tone, path=path, dashed=dashed, weight=weight))

    def area(self, points: Sequence[tuple[float, float]], tone: str) -> None:
        """A filled shape without an edge."""
        path = "M" + "L".join(f"{n(x)},{n(y)}" for x, y in points) + "Z"
        self.shapes.append(Shape("area", tone, path=path))

    def band(
        self, low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], title: str, *, cross: bool
    ) -> None:
        """The room between two lines over the same places, hatched upright or, with `cross`, slantwise."""
        parts: list[str] = []
        x, lean = low[0][0] + 4, 5.0 if cross else 0.0
        while x + lean < low[-1][0]:
            down, up = _height(low, x), _height(high, x + lean)
            if down - up > 1:
                parts.append(f"M{n(x)},{n(down)}L{n(x + lean)},{n(up)}")
            x += 8
        if parts:
            self.shapes.append(Shape("band", "ink", path="".join(parts), title=clean(title)))

    def arrow(self, x: float, y: float, to_x: float, *, dashed: bool = False, back: bool = False) -> None:
        """A level arrow; one that also comes back has a head at both ends."""
        self.line((x + (5 if back else 0), y), (to_x - 5, y), dashed=dashed, weight=1.2)
        self.head(to_x, y, 1)
        if back:
            self.head(x, y, -1)

    def head(self, x: float, y: float, direction: int) -> None:
        """The head of a level arrow that ends at a place; 1 points right, -1 left."""
        self.area([(x, y), (x - 7 * direction, y - 3.6), (x - 7 * direction, y + 3.6)], "ink")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        room: float,
        *,
        lines: int = 1,
        size: float = SIZE,
        anchor: str = "start",
        bold: bool = False,
        soft: bool = False,
    ) -> float:
        """A text whose first line stands on `y`; returns the `y` below its last line."""
        whole = " ".join(clean(text).split())
        parts = wrap(text, room, lines, size, bold=bold)
        full = whole if parts and parts[-1].endswith("…") else ""
        for part in parts:
            label = Label(x, y, part, full, size, anchor, bold, soft)
            self._reach(label.box)
            self.labels.append(label)
            y += size * 1.22
        return y

    @staticmethod
    def measured(text: str, size: float = SIZE, *, bold: bool = False) -> float:
        """The room a text takes at most."""
        return columns(clean(text), size, bold=bold)

    def _reach(self, box: Box) -> None:
        self.height = max(self.height, box.bottom + 3)

    def svg(self, title: str, description: str) -> Markup:
        """The drawing as an SVG element.

        Args:
            title: The alternative text: PDF readers speak it in place of the drawing.
            description: How to read it.
        """
        template = _environment().get_template("chart.svg.j2")
        return Markup(
            template.render(
                id=self.id,
                language=spoken(),
                faces=stack(spoken()).replace('"', "").replace(", ", ","),  # WeasyPrint takes a space into the name
                title=clean(title),
                description=clean(description),
                width=WIDTH,
                height=round(self.height + 0.5),
                shapes=self.shapes,
                labels=self.labels,
            )
        )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(data_path("reports", "templates", "charts")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["n"] = n
    return environment
