"""What a column of a table states: who the platform is, the cut, a fact, one side of a fact, or where it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from checker.model.dictionary import SECTIONS, ColumnDef, Dictionary
from checker.model.errors import did_you_mean, nearest, quoted

IDENTITY = ("id", "name", "kind", "as_of", "known_by")
"""Columns that say which record a row is."""
SAID = ("from", "until", "known_on", "seen", "evidence", "source", "locator", "note")
"""What may be said about a value; alone in a wide row it is said about all of its facts."""
SIDES = ("value", "lo", "hi", "status", "reason")
LONG = ("platform", "fact")
"""Columns of the long form beside those of identity, sides and provenance."""

_FORM = re.compile(r"(?P<fact>[a-z_0-9]+\.[a-z_0-9]+)(?:\[(?P<label>[^\[\]]{1,200})\])?(?:\.(?P<rest>[a-z_0-9.]+))?")


class TargetError(ValueError):
    """A name that states nothing known.

    Attributes:
        message: What is wrong.
        hint: The nearest name.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class Target:
    """What a column states.

    Attributes:
        own: One of the plain names (`name`, `as_of`, `source`); empty for a fact.
        fact: Id of a fact; empty otherwise.
        label: Which row of a table fact is meant; empty otherwise.
        column: Column of a table fact; empty otherwise.
        side: `value`, `lo`, `hi`, `status`, `reason`, or what is said about the fact.
        examined: Section that was examined on the day the column gives; empty otherwise.
        definition: What the value has to be; None where it is text or a day.
        key: Columns that identify a row of a table fact.
    """

    own: str = ""
    fact: str = ""
    label: str = ""
    column: str = ""
    side: str = "value"
    examined: str = ""
    definition: ColumnDef | None = field(default=None, compare=False)
    key: tuple[str, ...] = field(default=(), compare=False)


def read_target(text: str, dictionary: Dictionary, *, long: bool = False, what: str = "column") -> Target:
    """What a name states.

    Args:
        text: `name`, `terms.offered_apy`, `terms.offered_apy.lo`, `terms.products[USDC flexible].rate`, `source` ...
        dictionary: The facts.
        long: Whether it heads a column of the long form.
        what: What the name is, as a fault calls it.

    Raises:
        TargetError: It states nothing known.
    """
    name = text.strip()
    plain = (*IDENTITY, *SAID, *((*LONG, *SIDES) if long else ()))
    if name in plain:
        return Target(own=name)
    if name in ("platform.name", "platform.kind"):
        return Target(own=name.partition(".")[2])
    section, _, rest = name.partition(".")
    if section == "examined" and rest in SECTIONS:
        return Target(examined=rest)
    match = _FORM.fullmatch(name)
    definition = dictionary.get(match["fact"]) if match else None
    if match is None or definition is None:
        message = f"unknown fact {quoted(name)}" if what == "fact" else f"unknown column {quoted(name)}"
        raise TargetError(message, _near(name, dictionary, plain))
    parts = [part for part in (match["rest"] or "").split(".") if part]
    label, column = match["label"] or "", ""
    value: ColumnDef = definition
    if definition.type == "table":
        if parts and parts[0] in definition.columns:
            column = parts.pop(0)
            value = definition.columns[column]
            if not label:
                raise TargetError(
                    f"{quoted(name)} does not say which row of {definition.id} it means",
                    f"Name the row, any name will do: {definition.id}[first].{column}.",
                )
        elif parts and parts[0] not in (*SIDES, *SAID):
            raise TargetError(
                f"{definition.id} has no column {quoted(parts[0])}", did_you_mean(parts[0], list(definition.columns))
            )
    elif label:
        raise TargetError(f"{definition.id} is no table, so it has no rows", f"Write {definition.id}.")
    side = parts.pop(0) if parts else "value"
    if parts or side not in (*SIDES, *SAID):
        unknown = parts[0] if parts else side
        raise TargetError(f"{quoted(unknown)} says nothing about a fact", did_you_mean(unknown, (*SIDES, *SAID)))
    if column and side in ("status", "reason"):
        raise TargetError(f"a column of a table has no {side}", f"State {definition.id}.{side}.")
    return Target(fact=definition.id, label=label, column=column, side=side, definition=value, key=definition.key)


def _near(name: str, dictionary: Dictionary, plain: tuple[str, ...]) -> str:
    near = nearest(name, plain) or dictionary.nearest(name.split("[")[0])
    return (
        f"Did you mean {near!r}?"
        if near
        else "`ddcheck facts list` names all facts; a mapping file names what is not to be read."
    )
