"""The faces in which documents are set: one place for their names, and what is missing on this machine.

Inter for Latin script, Noto Sans CJK for Chinese in the glyphs of the place (SC on the mainland, TC in Taiwan), DejaVu
for symbols and other scripts. Only what a document shows travels in it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

_MAINLAND = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")
_TAIWAN = ("Noto Sans CJK TC", "Source Han Sans TC", "Noto Sans TC")
_LATIN = ("Inter",)
_REST = ("Droid Sans Fallback", "DejaVu Sans", "sans-serif")
_STACKS = {
    "en": (*_LATIN, *_MAINLAND, *_REST),
    "zh-Hans": (*_LATIN, *_MAINLAND, *_REST),
    "zh-Hant": (*_LATIN, *_TAIWAN, *_MAINLAND, *_REST),
}
_CHINESE = {"zh-Hans": _MAINLAND, "zh-Hant": _TAIWAN}
BOXES = "\ufffd\u25a1"  # stand for a character that cannot be shown
# Separators of lines and paragraphs, and the mark of byte order.
_NO_GLYPH: dict[int, str | None] = {0x2028: " ", 0x2029: " ", 0xFEFF: None}
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # choose between forms of the character before
CHINESE_PACKAGE = "fonts-noto-cjk"
_WIDE = "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
_WHOLE = r"<title\b.*?</title>|<svg\b.*?</svg>|<[^>]*>"  # titles, drawings and tags stay as they are
# A space behind a mark that brings its own, in the midst of a text.
_SPARE = re.compile(
    rf"{_WHOLE}|([。，、：；！？）」』](?:</(?:b|a)>)*) +(?=(?:<(?:b|a|span)\b[^>]*>)*[^\s<])", re.DOTALL
)
# Marks that Latin and Chinese script share, beside Chinese text.
_SHARED = re.compile(rf"{_WHOLE}|((?<={_WIDE})[“”‘’…—]+|[“”‘’…—]+(?={_WIDE}))", re.DOTALL)


def stack(language: str, *, latin: bool = True) -> str:
    """The faces of a language in order of preference, as a value of `font-family`; without those for Latin if so asked.

    >>> stack("zh-Hant").split(", ")[:2]
    ['Inter', '"Noto Sans CJK TC"']
    """
    names = [name for name in _STACKS.get(language, _STACKS["en"]) if latin or name not in _LATIN]
    return ", ".join(f'"{name}"' if " " in name else name for name in names)


def style(language: str) -> str:
    """The faces of a document and of the margins of its pages; parts in another language take that one's faces."""
    shared = f".wide {{ font-family: {stack(language, latin=False)} }}\n" if language in _CHINESE else ""
    others = "".join(f":lang({other}) {{ font-family: {stack(other)} }}\n" for other in _CHINESE if other != language)
    return f"@page {{ font-family: {stack(language)} }}\nhtml {{ font-family: {stack(language)} }}\n{others}{shared}"


def punctuated(html: str, language: str) -> str:
    """A Chinese document set as its script is: marks shared with Latin are wide, and no space follows one with its own.

    Args:
        html: The document.
        language: Its language; one that is not Chinese stays as it is.
    """
    if language not in _CHINESE:
        return html
    html = _SPARE.sub(lambda found: found[1] or found[0], html)
    return _SHARED.sub(lambda found: f'<span class="wide">{found[1]}</span>' if found[1] else found[0], html)


def drawable(html: str) -> str:
    """The document with a box for every character that no installed face has, or that means something in private only.

    A glyph that is missing makes a file unfit for the archive and for a screen reader, and a reader sees a box anyway.
    """
    lost = {character for character in set(html) if character > "\x7e" and not _shown(character)}
    box = next((mark for mark in BOXES if _shown(mark)), "?")
    return html.translate(_NO_GLYPH | {ord(character): box for character in lost})


def _shown(character: str) -> bool:
    """Whether a face has the character, or it shows nothing by itself."""
    category = unicodedata.category(character)
    if category in ("Cn", "Co", "Cs"):
        return False
    fontconfig = _fontconfig()
    if category in ("Cf", "Zs") or _SELECTORS.match(character) or fontconfig is None:
        return True
    return bool(fontconfig.FcCharSetHasChar(_all_characters(), ord(character)))


def missing_faces(language: str) -> list[str]:
    """The Debian package with the faces of a language, where none of them is installed; nothing where nobody can tell.

    A document is set all the same, in whatever face has the characters.
    """
    wanted = _CHINESE.get(language)
    if wanted is None or _any_installed(wanted) is not False:
        return []
    return [CHINESE_PACKAGE]


@cache
def _fontconfig() -> ctypes.CDLL | None:
    """The library that knows the installed faces, or None."""
    try:
        library = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        if (file := ctypes.util.find_library("fontconfig")) is None:
            return None
        library = ctypes.CDLL(file)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, returns, takes in (
        ("FcNameParse", pointer, (text,)),
        ("FcFontMatch", pointer, (pointer, pointer, ctypes.POINTER(number))),
        ("FcFontSort", pointer, (pointer, pointer, number, ctypes.POINTER(pointer), ctypes.POINTER(number))),
        ("FcPatternGetString", number, (pointer, text, number, ctypes.POINTER(text))),
        ("FcPatternDestroy", None, (pointer,)),
        ("FcFontSetDestroy", None, (pointer,)),
        ("FcCharSetHasChar", number, (pointer, ctypes.c_uint32)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = returns, takes
    return library


@cache
def _all_characters() -> ctypes.c_void_p:
    """The characters that any installed face has, as a set of fontconfig's that lives as long as the program."""
    fontconfig = _fontconfig()
    assert fontconfig is not None
    pattern = fontconfig.FcNameParse(b"sans-serif")
    characters = ctypes.c_void_p()
    faces = fontconfig.FcFontSort(None, pattern, 1, ctypes.byref(characters), ctypes.byref(ctypes.c_int()))
    if faces:
        fontconfig.FcFontSetDestroy(faces)
    fontconfig.FcPatternDestroy(pattern)
    return characters


def _any_installed(families: Sequence[str]) -> bool | None:
    """Whether fontconfig finds one of the families by name; None where there is no fontconfig."""
    fontconfig = _fontconfig()
    return None if fontconfig is None else any(family in _best_match(fontconfig, family) for family in families)


def _best_match(fontconfig: ctypes.CDLL, family: str) -> list[str]:
    """All family names of the face that fontconfig offers for a family."""
    pattern = fontconfig.FcNameParse(family.encode())
    found = fontconfig.FcFontMatch(None, pattern, ctypes.byref(ctypes.c_int()))
    names: list[str] = []
    name = ctypes.c_char_p()
    while found and fontconfig.FcPatternGetString(found, b"family", len(names), ctypes.byref(name)) == 0:
        names.append((name.value or b"").decode(errors="replace"))
    for held in filter(None, (pattern, found)):
        fontconfig.FcPatternDestroy(held)
    return names
