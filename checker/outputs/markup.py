"""Text on its way into a document: clean, able to wrap, unable to leave its place."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

__all__ = ["anchor", "breakable", "clean", "safe_link", "shortened", "wrapped"]

_NEVER_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_SAFE_LINK = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\s\u200b\u2e80-\uffff]{28,}")  # Chinese breaks by itself
_RUNNING_NAME = 70  # characters of a name repeated on every page; the first page has it whole


def clean(text: object) -> str:
    """Text without characters that no document may hold, or that turn the reading direction of what follows."""
    return _TURNS_TEXT.sub("", _NEVER_IN_XML.sub("\ufffd", str(text)))


def wrapped(text: object) -> str:
    """Clean text in which a word too long for a column may break (zero-width spaces are put in it)."""
    return _LONG_WORD.sub(lambda word: re.sub(r"(.{12})(?=.)", "\\1\u200b", word[0]), clean(text))


def breakable(text: object) -> str:
    """Text that may break after the joints of ids, paths and formulas (zero-width spaces are put there)."""
    return re.sub(r"(?<=[._/&?=])(?=\w)", "\u200b", clean(text))


def safe_link(url: str) -> Markup:
    """The address, escaped, if a reader may be sent there (http or https), else nothing."""
    return escape(clean(url)) if _SAFE_LINK.fullmatch(url) else Markup()


def anchor(kind: str, id: str) -> Markup:
    """A name for a place in the document, the same for the same id and unable to leave an attribute."""
    return Markup(f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]', lambda found: f'_{ord(found[0]):x}', id)}")


def shortened(text: str, most: int = _RUNNING_NAME) -> str:
    """A name for the running head; the first page has it whole."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
