"""Text on its way into a document: clean, able to wrap, unable to leave its place."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

__all__ = ["anchor", "breakable", "brief_address", "clean", "safe_link", "shortened", "unwidowed", "wrapped"]

_NEVER_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_SAFE_LINK = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\s\u200b\u2e80-\uffff]{28,}")  # Chinese breaks by itself
_PIECE = re.compile(r"[^\s\u200b]{3,}?[._/&?=+-](?=\w[^\s\u200b]{3})")  # at least four characters, up to a joint
_ADDRESS = 84  # characters of an address on paper, where a click leads to the whole of it
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_LAST_SHORT = re.compile(r" (?=\S{1,3}$)")
_RUNNING_NAME = 70  # characters of a name repeated on every page; the first page has it whole


def clean(text: object) -> str:
    """Text without characters that no document may hold, or that turn the reading direction of what follows."""
    return _TURNS_TEXT.sub("", _NEVER_IN_XML.sub("\ufffd", str(text)))


def wrapped(text: object) -> str:
    """Clean text in which a word too long for a column may break (zero-width spaces are put in it)."""
    return _LONG_WORD.sub(lambda word: _LONG_WORD.sub(_cut, _PIECE.sub("\\g<0>\u200b", word[0])), clean(text))


def _cut(word: re.Match[str]) -> str:
    """A word that nothing joins, which may break anywhere but near its ends."""
    return re.sub(r"(.{12})(?=.{4})", "\\1\u200b", word[0])


def breakable(text: object) -> str:
    """Text that may break after the joints of ids, paths and addresses (zero-width spaces are put there).

    >>> breakable("liquid_reserves.at_30d").replace("\u200b", "|")
    'liquid_|reserves.|at_30d'
    """
    return _PIECE.sub("\\g<0>\u200b", clean(text))


def brief_address(url: str) -> str:
    """An address as it stands on paper: without its scheme, a long one cut at its end.

    >>> brief_address("https://www.example.org/a/b")
    'example.org/a/b'
    """
    shown = _SCHEME.sub("", clean(url), count=1).removesuffix("/")
    return shortened(shown, _ADDRESS)


def unwidowed(text: str) -> str:
    r"""Text whose last word does not stand on a line alone if it is short.

    >>> unwidowed("the articles are V")
    'the articles are\xa0V'
    """
    return _LAST_SHORT.sub("\u00a0", text)


def safe_link(url: str) -> Markup:
    """The address, escaped, if a reader may be sent there (http or https), else nothing."""
    return escape(clean(url)) if _SAFE_LINK.fullmatch(url) else Markup()


def anchor(kind: str, id: str) -> Markup:
    """A name for a place in the document, the same for the same id and unable to leave an attribute."""
    return Markup(f"{kind}-{re.sub(r'[^A-Za-z0-9_.-]', lambda found: f'_{ord(found[0]):x}', id)}")


def shortened(text: str, most: int = _RUNNING_NAME) -> str:
    """A name for the running head; the first page has it whole."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
