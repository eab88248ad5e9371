"""The shapes of the files in a pack, as pydantic models; editors use the JSON Schemas generated from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from checker.model.days import PUBLISHED, span

Severity = Literal["critical", "major", "minor"]
Silence = Literal["fail", "at_least_warn", "unobserved"]
Basis = Literal["LAW", "STD", "EMP", "DER", "SEED", "JDG"]
UnitName = Literal["rate", "share", "ratio", "money", "money_per_month", "days", "months", "hours", "count"]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Text = Annotated[str, Field(min_length=3)]


def _published(text: str) -> str:
    """A day of publication as far as it is known."""
    try:
        span(text)
    except ValueError:
        fault = {"message": f"there is no {('year', 'month', 'day')[text.count('-')]} {text}", "hint": ""}
        raise PydanticCustomError("fault", "{message}", fault) from None
    return text


Published = Annotated[str, Field(pattern=f"^{PUBLISHED}$"), AfterValidator(_published)]


class File(BaseModel):
    """A part of a pack: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True, allow_inf_nan=False)


class PackFile(File):
    """`pack.yaml`: what a pack is."""

    title: Text
    group: str
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    summary: Text


class ReferenceEntry(File):
    """A citation: an id of the bibliography and the place in it."""

    source: str
    locator: str = ""


class MessageFile(File):
    """The sentences of a finding, one for each outcome; placeholders only."""

    open: Text
    fail: str = ""
    warn: str = ""
    passes: Annotated[str, Field(alias="pass", min_length=3)]
    not_applicable: str = ""


class RuleFile(File):
    """`<rule>.yaml`: a requirement, what breaks it, what silence means, and why anyone should care."""

    code: str
    title: Text
    question: Text
    since: str
    severity: Severity
    applies_if: str
    fail_if: str = ""
    warn_if: str = ""
    stop_if: str = ""
    silence: Silence
    worse: dict[str, Literal["higher", "lower", "order", "none"]] = {}
    rationale: Text
    case: Text
    false_alarms: Text
    ask: str
    references: Annotated[list[ReferenceEntry], Field(min_length=1)]
    message: MessageFile


class ParameterValue(File):
    """One value of a threshold, the day it took effect and where it stands written."""

    from_: Annotated[Day, Field(alias="from")]
    value: float | int
    source: str = ""
    locator: str = ""
    note: str = ""


class ParameterFile(File):
    """A threshold: unit, basis, meaning, plausible range for sensitivity, dated values."""

    unit: UnitName
    basis: Basis
    meaning: Text
    range: Annotated[list[float | int], Field(min_length=2, max_length=2)]
    learned_from: list[str] = []
    values: Annotated[list[ParameterValue], Field(min_length=1)]


class MetricFile(File):
    """A derived number or condition: one formula, several that tell the same quantity, or a model with its inputs.

    Where formulas exclude each other the value spans the worst of all and the best of the best-evidenced (`apart:
    range`), or is the worst (`apart: worst`). A model is a function of `checker.metrics`; each of its inputs is an
    expression. What bears a `title` is printed among the numbers of an assessment.
    """

    title: str = ""
    kinds: list[str] = []
    needs: list[str] = []
    unit: UnitName | None = None
    type: Literal["number", "bool"] = "number"
    worse: Literal["higher", "lower", "none"]
    meaning: Text
    reference: str = ""
    formula: str | Annotated[list[str], Field(min_length=1)] | None = None
    model: Annotated[str, Field(pattern=r"^([a-z][a-z_]*\.[a-z][a-z0-9_]*)?$")] = ""
    inputs: dict[str, str] = {}
    scenario: str = ""
    apart: Literal["range", "worst"] = "range"
    over: str = ""
    as_: Annotated[str, Field(alias="as")] = ""


class RemarkFile(File):
    """What is told of a work from the day on which it came to be so."""

    date: Published
    text: Text


class SourceFile(File):
    """An entry of the bibliography with its verification mark (V seen, V2 seen in a secondary text, M from memory)."""

    title: Text
    issuer: str = ""
    date: Published | Literal[""] = ""
    article: str = ""
    remarks: list[RemarkFile] = []
    says: str = ""
    url: list[str] = []
    status: Literal["V", "V2", "M"]
    unverified: str = ""
