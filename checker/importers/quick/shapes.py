"""What is decoded of a profile, and what is refused before: the models' own keys, and nothing else.

Dates are decoded as days, words of evidence and status as those that are known: all others go the long way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from checker.model.dictionary import EVIDENCE, SECTIONS
from checker.model.document import MAX_BYTES
from checker.model.profile import MAX_TEXT

STEP = 57
"""Every so manieth sign is looked at to find a number of more than 400, which is refused: seven in a row."""
QUOTE = ord('"')
_ESCAPES = re.compile(rb"\\u(?:00[0189]|007[fF]|[dD][89a-fA-F]|202[a-eA-E]|206[6-9])|\\[bfr]")
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
_IN_NUMBERS = bytes(ord("0" if chr(sign) in "0123456789.eE+-" else " ") for sign in range(256))
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{401}")

Day = date
Standing = Literal["reported", "not_disclosed", "not_applicable", "not_examined"]
End = Literal["from", "until", "known_on", "seen"]
if TYPE_CHECKING:
    Evidence = str
else:
    Evidence = Literal[tuple(EVIDENCE)]


class OtherwiseError(Exception):
    """This profile is read the long way."""


# ------------------------------------------------------------------------------------------------------------ types


class Stated(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Dates and evidence of a statement, which decide how it counts at a cut; the first three may have defaults."""

    from_: Day | None = msgspec.field(name="from", default=None)
    known_on: Day | None = None
    evidence: Evidence | None = None
    until: Day | None = None
    seen: Day | None = None
    alleged: bool | None = None
    inferred: tuple[End, ...] | None = None


class Entry(Stated, forbid_unknown_fields=True, gc=False):
    """A statement about a fact."""

    value: int | float | str | bool | None = None
    source: str | None = None
    locator: str | None = None
    note: str | None = None
    status: Standing | None = None
    reason: str | None = None
    lo: int | float | str | None = None
    hi: int | float | str | None = None


class Note(Stated, forbid_unknown_fields=True, gc=False):
    """A note, which moves no rule."""

    text: str = ""
    topic: str | None = None
    source: str | None = None
    locator: str | None = None
    note: str | None = None


class Look(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An examination of one section."""

    on: Day
    known_on: Day
    sources: tuple[str, ...]
    note: str | None = None


class Source(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Where facts were read; its date may be a month or a year."""

    title: str
    publisher: str | None = None
    date: str | None = None
    url: str | None = None
    locator: str | None = None
    note: str | None = None


class Defaults(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What is filled in where a statement says nothing of these."""

    from_: Day | None = msgspec.field(name="from", default=None)
    known_on: Day | None = None
    evidence: Evidence | None = None
    source: str | None = None


Body = Entry | list[Entry] | int | float | str | bool | None


def _document(sections: Iterable[str]) -> type[msgspec.Struct]:
    """The type of a whole profile: its head and tail, then its sections."""
    fields: list[Any] = [
        ("schema_", str | None, msgspec.field(name="$schema", default=None)),
        ("ddcheck", int),
        ("defaults", Defaults | None, None),
        ("examined", dict[str, list[Look] | None] | None, None),
        ("sources", dict[str, Source] | None, None),
        ("notes", list[Note] | None, None),
        ("overrides", list[None] | None, None),
    ]
    fields += [(section, dict[str, Body] | None, None) for section in sections]
    return msgspec.defstruct("Document", fields, forbid_unknown_fields=True, gc=False, kw_only=True)


DOCUMENT = _document(SECTIONS)


# ------------------------------------------------------------------------------------------------------------ bytes


def texts_in(raw: bytes) -> int:
    """How many texts a file has, keys and values, once it is sure that it holds no text or number that is refused.

    Where as many are found as the profile is read, no key stands twice.

    >>> texts_in(b'{"ddcheck": 1, "platform": {"name": "Acme"}}')
    4
    """
    if len(raw) > MAX_BYTES or b"\x7f" in raw or (not raw.isascii() and _CONTROLS.search(raw)):
        raise OtherwiseError
    if b"0000000" in raw[::STEP].translate(_IN_NUMBERS) and _LONG_NUMBER.search(raw):
        raise OtherwiseError
    if b"\\" not in raw:
        if len(raw) > MAX_TEXT and max(map(len, raw.split(b'"'))) > MAX_TEXT:
            raise OtherwiseError
        return int(np.count_nonzero(np.frombuffer(raw, np.uint8) == QUOTE)) // 2
    texts = _TEXTS.findall(raw)
    if _ESCAPES.search(raw) or max(map(len, texts), default=0) > MAX_TEXT:
        raise OtherwiseError
    return len(texts)


__all__ = [
    "DOCUMENT",
    "Defaults",
    "Entry",
    "Look",
    "Note",
    "OtherwiseError",
    "Source",
    "Stated",
    "texts_in",
]
