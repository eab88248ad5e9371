"""What a verdict has meant, in one sentence, always with the corpus it was counted in."""

from __future__ import annotations

from checker.model.finding import Grade
from checker.outputs.language import mark, tr
from checker.packs.meaning import Meaning, VerdictClass, verdict_class

VERDICTS = {
    VerdictClass.FLAGGED: mark("certainly D or worse"),
    VerdictClass.CLEARED: mark("certainly C or better"),
    VerdictClass.ALARMED: mark("E or F possible, not certain"),
    VerdictClass.OPEN: mark("D possible, nothing worse"),
    VerdictClass.NOT_ASSESSABLE: mark("not assessable"),
}


def meaning_text(meaning: Meaning, best: Grade | None, worst: Grade | None, assessable: bool) -> str:
    """The sentence for a verdict; empty where the corpus holds none like it, or the kind gets no grade.

    Args:
        meaning: The counts that ship.
        best: Best end of the grade.
        worst: Worst end.
        assessable: Whether enough was looked at.
    """
    row = meaning.row(best, worst, assessable)
    if row is None or row.lo is None or row.hi is None:
        return ""
    return tr(
        "In the corpus of {n} platforms, chosen by hand, a verdict like this ({verdict}) stood on {dates} quarter "
        "ends; after {closed} of them the door shut within a year ({share}, interval {lo} to {hi})."
    ).format(
        n=meaning.platforms,
        verdict=tr(VERDICTS[verdict_class(best, worst, assessable)]),
        dates=row.dates,
        closed=row.closed,
        share=f"{row.closed / row.dates:.0%}",
        lo=f"{row.lo:.0%}",
        hi=f"{row.hi:.0%}",
    )
