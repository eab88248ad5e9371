"""The cases of the corpus: how each platform stood shortly before its outcome, and what the outcome was.

`rules/backtest/cases.yaml` is made by `ddcheck backtest profiles --write-meaning`. A report names the nearest of them;
no rule and no verdict reads the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from checker.model.document import Faults, read_document
from checker.model.errors import PackError
from checker.model.profile import IsoDate
from checker.packs.files import File

__all__ = ["CaseFile", "CasesFile", "Label", "load_cases"]

Label = Literal["failed", "halted", "impaired", "survived", "wound_down"]
Letter = Literal["A", "B", "C", "D", "E", "F"]
_Level = Annotated[int, Field(ge=0, le=3)]
_Levels = Annotated[tuple[_Level, _Level], Field(strict=False)]
_Rules = Annotated[tuple[str, ...], Field(strict=False)]


class CaseFile(File):
    """One platform on one day, judged with what was public on that day, and what became of it.

    Attributes:
        profile: Name of the file of its profile.
        name: Name of the platform.
        kind: Its kind.
        day: The day judged.
        label: What became of it; see `outcomes.yaml`.
        ended: The day the door shut, the worst day, the day of the orderly end, or the last day on which a source
            shows a survivor paying.
        traits: Least and greatest level of every trait.
        best: The grade at its best.
        worst: The grade at its worst.
        critical: Share of the critical facts known or settled.
        fails: Rules that surely failed.
        warns: Rules that surely warned.
        applying: Rules that may have applied.
    """

    profile: str
    name: str
    kind: str
    day: IsoDate
    label: Label
    ended: IsoDate
    traits: Mapping[str, _Levels]
    best: Letter
    worst: Letter
    critical: Annotated[float, Field(ge=0, le=1)]
    fails: _Rules
    warns: _Rules
    applying: _Rules

    @property
    def days(self) -> int:
        """Days from the day judged to the outcome."""
        return (self.ended - self.day).days


class CasesFile(File):
    """`cases.yaml`."""

    cases: Annotated[tuple[CaseFile, ...], Field(strict=False)]


def load_cases(path: Path) -> tuple[CaseFile, ...]:
    """The cases in a file.

    Raises:
        InputError: The file cannot be read or is malformed.
    """
    document = read_document(path)
    faults = Faults(document)
    file = faults.check(CasesFile, document.value, ())
    if file is None:
        raise PackError(faults.listed())
    return file.cases
