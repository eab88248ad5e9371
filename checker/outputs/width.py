"""How many columns a text takes in a terminal: a Chinese character takes two."""

from __future__ import annotations

from unicodedata import category, east_asian_width

__all__ = ["columns", "filled", "padded"]

_NEVER_FIRST = "，。；：、！？）》”’」』】％%,.;:!?)"


def _columns_of(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def columns(text: str) -> int:
    """The columns of a line.

    >>> columns("T1-01"), columns("期限错配")
    (5, 8)
    """
    return sum(map(_columns_of, text))


def padded(text: str, width: int) -> str:
    """A text with spaces up to `width` columns; a longer one as it stands.

    >>> padded("期限", 6) + "|"
    '期限  |'
    """
    return text + " " * (width - columns(text))


def filled(text: str, width: int) -> list[str]:
    """The lines of a paragraph, none wider than `width` columns where it can be broken.

    English breaks at spaces, Chinese after any character that no mark of punctuation follows.

    >>> filled("one two three", 8), filled("短钱配长资产，传言。", 12)
    (['one two', 'three'], ['短钱配长资', '产，传言。'])
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line.strip() and columns(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """What must not be broken: words with the space that follows, single Chinese characters with their punctuation."""
    pieces: list[str] = []
    for character in text:
        wide = _columns_of(character) == 2
        joined = pieces and (
            character in _NEVER_FIRST
            or (not wide and not pieces[-1].endswith((" ", "\n")) and _columns_of(pieces[-1][-1]) < 2)
            or character == " "
        )
        if joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
