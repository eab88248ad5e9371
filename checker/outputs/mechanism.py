"""The second page: where the money goes, who pays the yield, whether it can be paid back, what breaks it.

A drawing appears where its facts exist. Where they do not, a line says which facts would draw it, each with its
question. What finds no room on the page is drawn in the appendix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checker.outputs.charts import Chart
from checker.outputs.language import mark, speaking, spoken, tr
from checker.outputs.layout import Paper, Room, drawing_height, leading, lines

__all__ = ["Figure", "Mechanism", "figure"]

QUESTIONS = {
    "flow": mark("What do I own, and where does my money go?"),
    "waterfall": mark("Who pays my yield?"),
    "ladder": mark("Can I get it back, and on which day does the door shut?"),
    "survival": mark("How long would everyone be paid in a run?"),
    "leverage": mark("Does borrowing upon borrowing stand behind it?"),
    "collateral": mark("What if prices fall?"),
    "coverage": mark("How do we know?"),
    "grades": mark("How did the verdict come about?"),
}
"""What a depositor asks, by the chart that answers it, in the order of the page."""
PAGE = ("flow", "waterfall", "ladder", "survival", "leverage", "collateral", "coverage")
PLAIN = {
    "flow": mark("the flow of the money"),
    "waterfall": mark("the sources of the yield"),
    "ladder": mark("deposits against assets by term"),
    "survival": mark("survival in a run"),
    "leverage": mark("leverage and loops"),
    "collateral": mark("collateral under a fall of prices"),
    "coverage": mark("what is known by section"),
    "grades": mark("the grade over time"),
}
_SCALES = (1.0, 0.94, 0.88)
_SOURCES = 8  # facts named under a drawing; the rest is counted
_HEAD, _FURTHER = 17.0, 6.0  # millimetres of the heading, and of the line that names what stands in the appendix
_FIGURE, _TITLE, _CAPTION, _LINE = 9.2, 4.7, 3.35, 3.9  # of a figure's rim and question, of lines of different sizes


@dataclass(frozen=True)
class Figure:
    """A chart on a page.

    Attributes:
        chart: The chart.
        question: The depositor's question that it answers.
        plain: What it draws, in a few words.
        anchor: Its place.
        sources: The facts it rests on, with their places.
        more: How many more it rests on.
        missing: Facts it lacks: name, reason, place of the question or fact.
        asks: The questions for those facts.
    """

    chart: Chart
    question: str
    plain: str
    anchor: str
    sources: tuple[tuple[str, str], ...]
    more: int
    missing: tuple[tuple[str, str, str], ...]
    asks: tuple[str, ...]

    def height(self, width: float, scale: float = 1.0) -> float:
        """About how many millimetres it takes, `width` millimetres wide with a drawing of `scale` of that."""
        if self.chart.svg is None:
            named = self._lacking or self.chart.title
            return leading() * _LINE * lines(f"{self.question} {self.plain} {named}{'x' * 24}", width, 7.6) + 1.0
        said = _TITLE * lines(self.chart.title, width, 9.5) + _CAPTION * lines(self.under, width, 6.8)
        return _FIGURE + leading() * said + drawing_height(self.chart.svg, width * scale)

    @property
    def under(self) -> str:
        """The text under the drawing, as far as its length matters."""
        named = [name for name, _ in self.sources] + [self._lacking]
        return f"{self.chart.note} {', '.join(named)}{'x' * 36}"

    @property
    def lacks(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """The facts it lacks with their places, by why they are open."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, reason, place in self.missing:
            found.setdefault(reason, []).append((name, place))
        return tuple((reason, tuple(facts)) for reason, facts in found.items())

    @property
    def _lacking(self) -> str:
        """The facts it lacks in words, as far as their length matters."""
        return "; ".join(f"{', '.join(name for name, _ in facts)} ({reason})" for reason, facts in self.lacks)


def figure(
    chart: Chart, name: Callable[[str], str], place: Callable[[str], str], asks: Mapping[str, str] | None = None
) -> Figure:
    """A chart with its question and the places of its facts.

    Args:
        chart: The chart.
        name: The name of a fact.
        place: The place of a fact; empty where it has none.
        asks: The question for each open fact.
    """
    named = {name(id): place(id) for id in chart.sources}
    return Figure(
        chart,
        tr(QUESTIONS[chart.id]),
        tr(PLAIN[chart.id]),
        f"chart-{chart.id}",
        tuple(named.items())[:_SOURCES],
        max(len(named) - _SOURCES, 0),
        tuple((missing.name, missing.reason, place(missing.fact)) for missing in chart.missing),
        tuple(asks[missing.fact] for missing in chart.missing if missing.fact in asks) if asks else (),
    )


class Mechanism:
    """The drawings of the second page, and those that stand in the appendix.

    Args:
        charts: The charts by id.
        name: The name of a fact.
        place: The place of a fact; empty where it has none.
        asks: The question for each open fact.
        paper: The sheet.
        others: The same in other languages: a page draws and asks the same in all.
    """

    def __init__(
        self,
        charts: Mapping[str, Chart],
        name: Callable[[str], str],
        place: Callable[[str], str],
        asks: Mapping[str, str],
        paper: Paper,
        others: Sequence[Mechanism] = (),
    ) -> None:
        figures = [figure(charts[id], name, place, asks) for id in PAGE if id in charts]
        self.lacking = tuple(f for f in figures if f.chart.svg is None)
        drawable = [found for found in figures if found.chart.svg is not None]
        self._language = spoken()
        self._width, self._drawable = paper.width, len(drawable)
        self._space = paper.height - _HEAD * leading() - sum(f.height(paper.width) for f in self.lacking) - 2
        tried = [_filled(drawable, self._space, paper.width, scale) for scale in _SCALES]
        self.drawn, self.left, self.scale = max(tried, key=lambda found: (len(found[0]), found[2]))
        """`scale` is the width of the drawings as a share of the page's, smaller where more of them then find room."""
        if others:
            kept = set.intersection(*({f.anchor for f in told.drawn} for told in (self, *others)))
            for told in (self, *others):
                told.drawn = tuple(found for found in told.drawn if found.anchor in kept)
            self.scale = next(
                (scale for scale in _SCALES if all(told.free(scale) >= 0 for told in (self, *others))), _SCALES[-1]
            )
            self.left = self.free(self.scale)
        self.further = tuple(found for found in drawable if found not in self.drawn)
        self._asks = _each_once({f.anchor: f.asks for f in self.lacking})
        most = max(map(len, self._asks.values()), default=0)
        self.asks_each = next((n for n in range(most, 0, -1) if self._asking(n, paper.width) <= self.left), 0)
        """For how many questions there is room beside each chart that is not drawn."""
        for told in others:
            left = told.free(self.scale)
            while self.asks_each and told._asking(self.asks_each, paper.width) > left:
                self.asks_each -= 1

    def free(self, scale: float) -> float:
        """What the drawings leave of the page, drawn with a scale."""
        with speaking(self._language):
            taken = sum(found.height(self._width, scale) for found in self.drawn)
        return self._space - taken - (_FURTHER if len(self.drawn) < self._drawable else 0.0)

    def asked(self, found: Figure) -> tuple[str, ...]:
        """The questions that stand beside a chart that is not drawn."""
        return self._asks[found.anchor][: self.asks_each]

    def _asking(self, each: int, width: float) -> float:
        """The height of so many questions for each chart that is not drawn."""
        asked = [text for asks in self._asks.values() for text in asks[:each]]
        with speaking(self._language):
            return leading() * sum(_LINE * lines(text, width - 5, 7.6) for text in asked) + 1.3 * len(self.lacking)


def _each_once(asks: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The questions by chart, each only where it is asked first."""
    asked: set[str] = set()
    found = {}
    for name, texts in asks.items():
        found[name] = tuple(text for text in texts if text not in asked)
        asked.update(texts)
    return found


def _filled(
    figures: Sequence[Figure], space: float, width: float, scale: float
) -> tuple[tuple[Figure, ...], float, float]:
    """The figures that find room, what is left then, and the scale."""
    whole = sum(found.height(width, scale) for found in figures) <= space
    room = Room(space if whole else space - _FURTHER)
    drawn = tuple(found for found in figures if room.take(found.height(width, scale)))
    return drawn, room.left, scale
