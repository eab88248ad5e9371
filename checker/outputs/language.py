"""Languages: catalogues in gettext's .po form, keyed by the English text, read when another language is asked.

One way for everything a reader sees: sentences of the outputs, texts of rules, facts and the verdict table. A text that
a catalogue lacks stays English; a test keeps the catalogues complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from checker.model.errors import Fault, PackError
from checker.resources import data_path

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
_LOCALES = {
    **dict.fromkeys(("zh", "zh_cn", "zh_sg", "zh_hans"), "zh-Hans"),
    **dict.fromkeys(("zh_tw", "zh_hk", "zh_mo", "zh_hant"), "zh-Hant"),
}
VALUE = "value|"
_LINE = re.compile(r'^(?:(msgctxt|msgid|msgstr)\s+)?"((?:[^"\\]|\\.)*)"\s*$')
_ESCAPE = re.compile(r"\\(.)")
_current: ContextVar[str] = ContextVar("language", default="en")


def from_locale(locale: str) -> str:
    """The language for a POSIX locale such as `zh_CN.UTF-8`; English where none fits.

    >>> from_locale("zh_CN.UTF-8"), from_locale("zh_Hant_HK"), from_locale("de_DE")
    ('zh-Hans', 'zh-Hant', 'en')
    """
    name = locale.partition(".")[0].partition("@")[0].lower().replace("-", "_")
    return _LOCALES.get("_".join(name.split("_")[:2]), "en")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


def read_po(path: Path) -> dict[str, str]:
    """The translations in a .po file by English text; empty ones are left out.

    Raises:
        PackError: A line is malformed or a text is translated twice.
    """
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    key = ""

    def keep(line: int) -> None:
        text, translation = entry.get("msgid", ""), entry.get("msgstr", "")
        if text and translation:
            if found.get(text, translation) != translation:
                raise PackError([Fault(str(path), f"'{text[:60]}' is translated twice", "Keep one.", line, 1)])
            found[text] = translation
        entry.clear()

    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None or (match[1] is None and not key):
            raise PackError([Fault(str(path), "expected msgid or msgstr with a text in quotes", "", number, 1)])
        if match[1]:
            if match[1] == "msgid":
                keep(number)
            key = match[1]
            entry[key] = ""
        entry[key] += _unescaped(match[2])
    keep(len(lines))
    return found


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All translations of a language."""
    if language == "en":
        return {}
    found: dict[str, str] = {}
    for path in sorted(data_path("reports", "locales", language).glob("*.po")):
        found |= read_po(path)
    return found


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is rendered inside speaks this language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def spoken() -> str:
    """The language being spoken."""
    return _current.get()


def tr(text: str) -> str:
    """A text in the language being spoken."""
    language = _current.get()
    return text if language == "en" else catalogue(language).get(text, text)


def tr_value(text: str) -> str:
    """A word that is the value of a fact, in the language being spoken.

    Where a sentence uses the same English word, it may mean something else there: `open` withdrawals are no open
    question. Catalogues hold such a value as `value|open`.
    """
    language = _current.get()
    if language == "en":
        return text
    found = catalogue(language)
    return found.get(VALUE + text) or found.get(text, text)


def mark(text: str) -> str:
    """A text that is translated where it is used, marked here so that catalogues hold it."""
    return text
