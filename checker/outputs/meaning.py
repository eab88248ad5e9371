"""What a verdict has meant, in one sentence, always with the corpus it was counted in."""

from __future__ import annotations

from checker.assess.assessment import Precedent
from checker.outputs.language import mark, tr
from checker.packs.meaning import VerdictClass

VERDICTS = {
    VerdictClass.FLAGGED: mark("certainly D or worse"),
    VerdictClass.CLEARED: mark("certainly C or better"),
    VerdictClass.ALARMED: mark("E or F possible, not certain"),
    VerdictClass.OPEN: mark("D possible, nothing worse"),
    VerdictClass.NOT_ASSESSABLE: mark("not assessable"),
}


def meaning_text(precedent: Precedent | None) -> str:
    """The sentence for a verdict; empty where the corpus holds none like it, or the kind gets no grade."""
    if precedent is None:
        return ""
    return tr(
        "In the corpus of {n} platforms, chosen by hand, a verdict like this ({verdict}) stood on {dates} quarter "
        "ends; after {closed} of them the door shut within a year ({share}, interval {lo} to {hi})."
    ).format(
        n=precedent.platforms,
        verdict=tr(VERDICTS[VerdictClass(precedent.verdict)]),
        dates=precedent.dates,
        closed=precedent.closed,
        share=f"{precedent.closed / precedent.dates:.0%}",
        lo=f"{precedent.lo:.0%}",
        hi=f"{precedent.hi:.0%}",
    )
