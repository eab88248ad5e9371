"""Messages in another language, found by their English pattern.

What is wrong with a file or a command is told by every floor, in English and with its values already in it. A catalogue
holds such a message as a pattern with numbered placeholders, `there is no folder {0} to write {1} into`; the message at
hand is matched with it and its values are put into the translation. A message without a pattern stays English.

    >>> with speaking("zh-Hans"):
    ...     told("there is no such file")
    '没有这个文件'
"""

from __future__ import annotations

import re
from functools import cache

from checker.model.errors import Fault
from checker.outputs.language import catalogue, speaking, spoken

__all__ = ["fault_text", "speaking", "told"]

_NUMBERED = re.compile(r"\{(\d)\}")
_FOUND = ", found "  # parts what was expected from what is there, and so never stands inside a value


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The patterns of a language with their translations, the most particular first."""
    texts = [(text, translation) for text, translation in catalogue(language).items() if "{0}" in text]
    texts.sort(key=lambda pair: len(_NUMBERED.sub("", pair[0])), reverse=True)
    return tuple((_pattern(text), translation) for text, translation in texts)


def _pattern(text: str) -> re.Pattern[str]:
    parts = _NUMBERED.split(text)
    groups = ["(.*?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)]
    if parts[-1] == "" and parts[-3].endswith(". "):  # a hint that may be missing
        groups[-3:] = [re.escape(parts[-3].rstrip()), "(?: (.*))?"]
    return re.compile("".join(groups), re.DOTALL)


def told(message: str) -> str:
    """A message in the language being spoken."""
    language = spoken()
    if language == "en" or not message.strip():
        return message
    if (translation := catalogue(language).get(message)) is not None:
        return translation
    for pattern, translation in _patterns(language):
        match = pattern.fullmatch(message)
        if match is not None and not any(_FOUND in (value or "") for value in match.groups()):
            values = [told(value or "") for value in match.groups()]
            return _NUMBERED.sub(lambda number: values[int(number[1])], translation)  # noqa: B023 (used at once)
    return message


def fault_text(fault: Fault) -> str:
    """A fault with its place, in the language being spoken."""
    if spoken() == "en":
        return str(fault)
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}:{fault.column}"
    lead = f"{place} {fault.key}" if fault.key else place
    return f"{lead}：{told(fault.message)}" + (f"。{told(fault.hint)}" if fault.hint else "")
