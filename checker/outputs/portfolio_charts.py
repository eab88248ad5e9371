"""The drawings of the portfolio report: how verdicts are spread, both ends of the grades, how much is known.

Each is drawn from counts that the portfolio holds. The finding is the title, the counts stand beside the bars, and
bars differ by place and by filling: grey printing loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from checker.assess.portfolio import Distribution, SectionCount, Shares
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale
from checker.outputs.charts.reading import pair
from checker.outputs.language import mark, tr
from checker.packs.meaning import VerdictClass

__all__ = ["CLASSES", "Picture", "classes", "ends", "known", "sections"]

CLASSES = {
    VerdictClass.CLEARED: mark("certainly C or better"),
    VerdictClass.OPEN: mark("neither, D at worst"),
    VerdictClass.ALARMED: mark("neither, E or F possible"),
    VerdictClass.FLAGGED: mark("certainly D or worse"),
    VerdictClass.NOT_ASSESSABLE: mark("not assessable"),
}
"""What the classes of verdicts are called, the safe end first."""
_TONES = {
    VerdictClass.CLEARED: "cash",
    VerdictClass.OPEN: "none",
    VerdictClass.ALARMED: "pale",
    VerdictClass.FLAGGED: "risk",
}
_ROW, _HIGH = 17.0, 11.0
_LEAST = 1.2
"""Width of the bar of a count that is not nothing, however small."""


@dataclass(frozen=True)
class Picture:
    """A drawing with its finding, how to read it, and its counts as text."""

    id: str
    title: str
    note: str
    alt: str
    svg: Markup


def _picture(drawing: Drawing, title: str, told: Sequence[str], note: str) -> Picture:
    alt = title + tr(". ") + tr("; ").join(told) + tr(".")
    return Picture(drawing.id, title, note, alt, drawing.svg(alt, note))


def _count(count: int, of: int) -> str:
    return tr("{count} ({share})").format(count=f"{count:,}", share=words.percent(count / of)) if of else "0"


def _wide(scale: Scale, count: int) -> float:
    return max(scale.at(float(count)) - scale.left, _LEAST) if count else 0.0


def classes(spread: Distribution) -> Picture:
    """How many platforms fall into each class of verdicts."""
    rows = [(tr(CLASSES[name]), spread.classes.get(name, 0), name) for name in CLASSES]
    shown: list[tuple[str, int, VerdictClass | None]] = [*rows]
    if spread.findings_only:
        shown.append((tr("findings only"), spread.findings_only, None))
    drawing = Drawing("portfolio-classes")
    scale = Scale(0.0, float(max(spread.total, 1)), 176.0, 570.0)
    top = 2.0
    for name, count, kind in shown:
        drawing.text(0, top + 9, name, 170, size=SMALL)
        box = Box(scale.left, top, _wide(scale, count), _HIGH)
        if count and kind in _TONES:
            drawing.rect(box, _TONES[kind], pair(name, str(count)))
        elif count:
            drawing.hatch(box, pair(name, str(count)), withheld=False)
        beside = scale.left + box.width + 6
        drawing.text(beside, top + 9, _count(count, spread.total), WIDTH - beside, size=SMALL, bold=count > 0)
        top += _ROW
    drawing.line((scale.left, 0), (scale.left, top - 4))
    title = tr("How certain the verdicts are")
    note = tr("C is the worst grade that raises no flag; a verdict is certain if no missing fact can change that.")
    return _picture(drawing, title, [pair(name, f"{count:,}") for name, count, _ in shown], note)


def ends(spread: Distribution) -> Picture:
    """Grades at best to the left, at worst to the right of the letters; the dark part is one letter at both ends."""
    drawing = Drawing("portfolio-ends")
    most = max(max(spread.at_best(grade), spread.at_worst(grade)) for grade in Grade) or 1
    left, right = Scale(0.0, float(most), 0.0, 222.0), Scale(0.0, float(most), 0.0, 222.0)
    middle, gap = 340.0, 22.0
    drawing.text(middle - gap, 9, tr("at best"), 200, size=SMALL, anchor="end", bold=True)
    drawing.text(middle + gap, 9, tr("at worst"), 200, size=SMALL, bold=True)
    top = 16.0
    told: list[str] = []
    for grade in Grade:
        best, worst, sure = spread.at_best(grade), spread.at_worst(grade), spread.certain(grade)
        said = tr("{grade}: {best} at best, {worst} at worst, {sure} at both ends").format(
            grade=grade.name, best=f"{best:,}", worst=f"{worst:,}", sure=f"{sure:,}"
        )
        told.append(said)
        drawing.text(middle, top + 10, grade.name, 20, size=12, anchor="middle", bold=True)
        for side, scale, count in ((-1, left, best), (1, right, worst)):
            wide, dark = _wide(scale, count), _wide(scale, sure)
            edge = middle + side * gap
            drawing.rect(Box(edge if side > 0 else edge - wide, top, wide, 12), "pale", said)
            if sure:
                drawing.rect(Box(edge if side > 0 else edge - dark, top, dark, 12), "ink", said)
            place = edge + side * (wide + 5)
            anchor = "start" if side > 0 else "end"
            drawing.text(place, top + 9.5, f"{count:,}", 60, size=SMALL, anchor=anchor, bold=count > 0)
        top += _ROW
    drawing.text(0, 26, tr("safest"), 90, size=SMALL, soft=True)
    drawing.text(0, 26 + 5 * _ROW, tr("worst"), 90, size=SMALL, soft=True)
    title = tr("Grades of the assessable platforms at both ends")
    note = tr("Dark: the letter is certain. Light: it is the best, or the worst, that the known facts allow.")
    return _picture(drawing, title, told, note)


def known(shares: Shares, total: int) -> Picture:
    """Platforms by how many of their critical facts are known."""
    drawing = Drawing("portfolio-known")
    most = float(max(*shares.tenths, 1))
    base, high, step = 96.0, 76.0, WIDTH / len(shares.tenths)
    told: list[str] = []
    for tenth, count in enumerate(shares.tenths):
        name = f"{tenth * 10}–{tenth * 10 + 10}%"
        told.append(pair(name, f"{count:,}"))
        left = tenth * step + 6
        tall = max(high * count / most, _LEAST) if count else 0.0
        if count:
            drawing.rect(Box(left, base - tall, step - 12, tall), "ink", pair(name, f"{count:,}"))
        centre = left + step / 2 - 6
        drawing.text(centre, base - tall - 4, f"{count:,}", step, size=SMALL, anchor="middle", bold=count > 0)
        drawing.text(centre, base + 12, name, step, size=SMALL, anchor="middle", soft=True)
    drawing.line((0, base), (WIDTH, base))
    title = tr("On average {share} of the critical facts are known").format(share=words.percent(shares.mean))
    note = tr("Platforms by the share of the facts asked by critical rules that is known or settled; right is more.")
    return _picture(drawing, title, told if total else [], note)


def sections(counts: Sequence[SectionCount]) -> Picture:
    """Which sections of the profiles hold critical rules open."""
    drawing = Drawing("portfolio-sections")
    order = [*words.SECTIONS]
    ranked = sorted(counts, key=lambda c: order.index(c.section) if c.section in order else len(order))
    scale = Scale(0.0, 1.0, 176.0, 515.0)
    top = 20.0
    drawing.hatch(Box(1, 3, 14, 9), "")
    name = tr("holds a critical rule open")
    drawing.text(20, 11, name, 300, size=SMALL)
    beside = 20 + drawing.measured(name, SMALL) + 18
    drawing.rect(Box(beside, 3, 14, 9), "ink")
    drawing.text(beside + 19, 11, tr("holds none open"), 300, size=SMALL)
    told: list[str] = []
    for count in ranked:
        title = tr(words.SECTIONS.get(count.section, count.section))
        done = (count.asked - count.open) / count.asked if count.asked else 1.0
        value = tr("{open} of {asked} open").format(open=f"{count.open:,}", asked=f"{count.asked:,}")
        told.append(pair(title, value))
        drawing.text(0, top + 9, title, 170, size=SMALL)
        split = scale.at(done)
        if split > scale.left:
            drawing.rect(Box(scale.left, top, split - scale.left, _HIGH), "ink", pair(title, value))
        drawing.hatch(Box(split, top, scale.right - split, _HIGH), pair(title, value))
        drawing.text(525, top + 9, value, WIDTH - 525, size=SMALL)
        top += _ROW
    worst = max(ranked, key=lambda c: c.open / c.asked if c.asked else 0.0)
    most = tr(words.SECTIONS.get(worst.section, worst.section))
    title = tr("Least is settled of: {section}").format(section=words.in_sentence(most))
    note = tr("The facts that critical rules ask of every platform of the set, by section of the profile.")
    return _picture(drawing, title, told, note)
