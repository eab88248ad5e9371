"""Languages: catalogues in gettext's .po form, keyed by the English text, read when another language is asked.

One way for everything a reader sees: sentences of the outputs, texts of rules, facts and the verdict table. A text that
a catalogue lacks stays English; a test keeps the catalogues complete. English has a catalogue, too, of names alone: an
id such as `max_ltv` is no word for a reader.
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
COUNTRY = "country|"
COUNTRIES = (
    *("AE", "AI", "AR", "AT", "AU", "BE", "BG", "BM", "BR", "BS", "CA", "CH", "CN", "CR", "CY", "CZ", "DE", "DK", "EE"),
    *("ES", "EU", "FI", "FR", "GB", "GG", "GI", "GR", "HK", "HR", "HU", "ID", "IE", "IL", "IM", "IN", "IS", "IT", "JE"),
    *("JP", "KR", "KY", "KZ", "LI", "LT", "LU", "LV", "MH", "MO", "MT", "MU", "MX", "MY", "NG", "NL", "NO", "NZ", "PA"),
    *("PH", "PL", "PT", "RO", "RU", "SC", "SE", "SG", "SI", "SK", "SV", "TH", "TR", "TW", "UA", "US", "VC", "VG", "VN"),
    *("ZA",),
)
"""Codes of the countries that have a name in other languages; English readers know the codes."""
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
    return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text) if "\\" in text else text


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
    """All translations of a language; in English the names of facts, columns, thresholds, figures and values."""
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
    found = catalogue(language)
    return found.get(VALUE + text) or (text if language == "en" else found.get(text, text))


def tr_name(id: str) -> str:
    """The name of a fact, column, threshold or figure in the language being spoken, by its id or the end of that.

    >>> tr_name("deposit_liquidity.liquid_assets_7d"), tr_name("max_ltv")
    ('assets liquid within seven days', 'highest loan-to-value at granting')
    """
    words, found = id.rpartition(".")[2].replace("_", " "), catalogue(_current.get())
    return found.get(id) or found.get(words, words)


def tr_country(code: str) -> str:
    """A country by its code, in the language being spoken; a code without a name stays.

    >>> tr_country("US")
    'US'
    """
    return catalogue(_current.get()).get(COUNTRY + code, code)


def mark(text: str) -> str:
    """A text that is translated where it is used, marked here so that catalogues hold it."""
    return text
