"""Mapping files: which column of a foreign table states which fact, and how its values are to be read.

ddcheck_mapping: 1
columns:
  Protocol: name
  APY: {to: terms.offered_apy, scale: 0.01}
  Audited?: {to: governance.code_audit, values: {"yes": true, "no": false}}
  Chains: null                      # not read
constants: {kind: defi_market}
defaults: {known_on: 2025-12-19, evidence: onchain, source: list}
sources: {list: {title: List of protocols, date: 2025-12-19}}
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from checker.importers.records.target import TargetError, read_target
from checker.model.dictionary import Dictionary
from checker.model.document import Faults, read_document
from checker.model.errors import quoted

FORMAT_KEY = "ddcheck_mapping"
FORMAT = 1
MISSING = ("", "-", "–", "—", "n/a", "na", "nan", "null", "none given", "#n/a")
"""Texts that say nothing, whatever their case, unless a mapping names its own."""

Scalar = str | bool | int | float


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)


class ColumnMap(_Part):
    """How one column is read."""

    to: str = Field(description="What it states: name, kind, as_of, a fact, a fact's bound or source ...")
    scale: float | None = Field(None, description="Factor that brings its numbers into the fact's unit")
    values: dict[str, Scalar | None] = Field(
        default_factory=dict, description="What its words mean; null where one says nothing"
    )


class Mapping(_Part):
    """A mapping file."""

    ddcheck_mapping: Literal[1]
    form: Literal["wide", "long"] | None = Field(None, description="One row a platform, or one row a fact")
    sheet: str | None = Field(None, description="Sheet of a spreadsheet; the first one otherwise")
    columns: dict[str, ColumnMap | None] = Field(default_factory=dict, description="By the column's heading")
    facts: dict[str, ColumnMap | None] = Field(
        default_factory=dict, description="Long form: by what the table calls a fact"
    )
    others: Literal["refuse", "ignore"] = Field("refuse", description="What becomes of columns that are not named")
    constants: dict[str, Scalar] = Field(default_factory=dict, description="What every row states, by target")
    defaults: dict[str, str] = Field(default_factory=dict, description="from, known_on, evidence, source")
    sources: dict[str, dict[str, str]] = Field(default_factory=dict, description="As the sources of a profile")
    missing: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        MISSING, description="Texts that say nothing, whatever their case"
    )


NONE = Mapping(ddcheck_mapping=1)
"""What is used where no mapping is given: headings are targets."""

DEFAULT_KEYS = ("from", "known_on", "evidence", "source")


def read_mapping(path: str | Path, dictionary: Dictionary) -> Mapping:
    """Reads a mapping file.

    Raises:
        InputError: It cannot be read or is no mapping; carries every fault.
    """
    from checker.model.errors import InputError

    document = read_document(path)
    faults = Faults(document)
    if isinstance(document.value, dict) and FORMAT_KEY not in document.value:
        faults.add((), f"{FORMAT_KEY!r} is missing", f"A mapping begins with {FORMAT_KEY}: {FORMAT}.")
    mapping = faults.check(Mapping, _spelled_out(document.value), ())
    if mapping is not None:
        for part, columns in (("columns", mapping.columns), ("facts", mapping.facts)):
            for name, column in columns.items():
                if column is not None:
                    _check(faults, dictionary, column.to, (part, name), fact=part == "facts")
                    if column.scale == 0:
                        faults.add((part, name, "scale"), "a scale of 0 says nothing", "Give the factor.")
        for target in mapping.constants:
            _check(faults, dictionary, target, ("constants", target))
        for key in mapping.defaults:
            if key not in DEFAULT_KEYS:
                faults.add(
                    ("defaults", key), f"unknown key {quoted(key)}", f"Known: {', '.join(DEFAULT_KEYS)}.", key=True
                )
    faults.raise_as(InputError)
    assert mapping is not None
    return mapping


def _check(faults: Faults, dictionary: Dictionary, target: str, place: tuple[str, ...], *, fact: bool = False) -> None:
    try:
        found = read_target(target, dictionary, long=not fact)
        if fact and not found.fact:
            raise TargetError(f"{quoted(target)} is no fact", "")
    except TargetError as error:
        faults.add(place, error.message, error.hint)


def _spelled_out(raw: Any) -> Any:
    """A column given by its target alone is spelled out; what is null is kept, as a column that is not read."""
    if not isinstance(raw, dict):
        return raw
    found = dict(raw)
    for part in ("columns", "facts"):
        if isinstance(columns := raw.get(part), MappingType):
            found[part] = {name: {"to": to} if isinstance(to, str) else to for name, to in columns.items()}
    return found
