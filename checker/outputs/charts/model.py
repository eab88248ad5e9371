"""What a chart is: a finding in a sentence, a drawing or what it lacks, and the facts it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Missing:
    """A fact that would draw a chart, or draw it without hatching.

    Attributes:
        fact: Its id.
        name: Its name for a reader.
        reason: Why it is open, in words.
    """

    fact: str
    name: str
    reason: str


@dataclass(frozen=True)
class Chart:
    """A chart of the report.

    Attributes:
        id: Its id: flow, waterfall, ladder, survival, leverage, collateral, grades or coverage.
        title: What it shows, as a sentence that states the finding.
        svg: The drawing, or None where its facts do not exist.
        alt: Alternative text: the finding and the main figures in words.
        missing: The facts that would draw it, most decisive first.
        sources: Ids of the facts it rests on.
        note: Under which scenario it is told, what hatching means; empty where nothing needs saying.
    """

    id: str
    title: str
    svg: Markup | None
    alt: str
    missing: tuple[Missing, ...]
    sources: tuple[str, ...]
    note: str
