"""What a verdict has meant: in the corpus of the back-test, how often a platform with it shut its door within a year.

`rules/backtest/meaning.yaml` is made by `ddcheck backtest profiles --write-meaning`; nothing here knows how any single
platform ended. It is a count over a corpus chosen by hand, never a probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from checker.model.document import Faults, read_document
from checker.model.errors import PackError
from checker.model.finding import Grade
from checker.packs.files import Day, File

__all__ = ["Meaning", "MeaningRow", "VerdictClass", "load_meaning", "meaning_of", "verdict_class"]

FLAGGED_FROM, CLEARED_TO, ALARMED_FROM = Grade.D, Grade.C, Grade.E


class VerdictClass(StrEnum):
    """Every verdict falls into one of these."""

    FLAGGED = "flagged"
    CLEARED = "cleared"
    ALARMED = "alarmed"
    OPEN = "open"
    NOT_ASSESSABLE = "not_assessable"


def verdict_class(best: Grade | None, worst: Grade | None, assessable: bool) -> VerdictClass:
    """The class of a verdict.

    Flagged: certainly D or worse. Cleared: certainly C or better. Alarmed: neither, with E or F still possible. Open:
    neither, with D the worst that is possible. Not assessable: too little of what matters was looked at.

    >>> verdict_class(Grade.D, Grade.F, True).value, verdict_class(Grade.B, Grade.F, False).value
    ('flagged', 'not_assessable')
    """
    if best is None or worst is None or not assessable:
        return VerdictClass.NOT_ASSESSABLE
    if best >= FLAGGED_FROM:
        return VerdictClass.FLAGGED
    if worst <= CLEARED_TO:
        return VerdictClass.CLEARED
    return VerdictClass.ALARMED if worst >= ALARMED_FROM else VerdictClass.OPEN


class MeaningRow(File):
    """Of the platform-dates with a verdict, those after which the door was shut within a year.

    `lo` and `hi` are Wilson's interval at 95%, as if the dates were independent, which those of one platform are not.
    """

    closed: Annotated[int, Field(ge=0)]
    dates: Annotated[int, Field(ge=0)]
    platforms: Annotated[int, Field(ge=0)]
    lo: Annotated[float, Field(ge=0, le=1)] | None = None
    hi: Annotated[float, Field(ge=0, le=1)] | None = None


class Meaning(File):
    """`meaning.yaml`: rows by verdict class and by the best end of the grade, and the corpus they were counted in."""

    platforms: Annotated[int, Field(ge=0)]
    dates: Annotated[int, Field(ge=0)]
    first: Day | None = None
    last: Day | None = None
    inputs: str
    classes: Mapping[VerdictClass, MeaningRow]
    best_ends: dict[str, MeaningRow]

    def row(self, best: Grade | None, worst: Grade | None, assessable: bool) -> MeaningRow | None:
        """The row of a verdict's class, or None for a platform without a grade or a class never seen."""
        if best is None or worst is None:
            return None
        row = self.classes.get(verdict_class(best, worst, assessable))
        return row if row is not None and row.dates else None


def load_meaning(path: Path) -> Meaning:
    """The table in a file.

    Raises:
        InputError: The file cannot be read or is malformed.
    """
    document = read_document(path)
    faults = Faults(document)
    raw = document.value
    if isinstance(raw, dict) and isinstance(raw.get("classes"), dict):
        known = {name.value: name for name in VerdictClass}
        raw = {**raw, "classes": {known.get(name, name): row for name, row in raw["classes"].items()}}
    meaning = faults.check(Meaning, raw, ())
    if meaning is None:
        raise PackError(faults.listed())
    return meaning


def meaning_of(root: Path) -> Meaning | None:
    """The table of a rulebook's folder, or None where there is none."""
    path = root / "backtest" / "meaning.yaml"
    return load_meaning(path) if path.exists() else None
