"""What a command says beside its results: sentences and faults on stderr, in the language of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import zip_longest

import click

from checker.model.errors import Fault

__all__ = ["addressing", "in_words", "note", "show"]

_arguments: ContextVar[Sequence[str]] = ContextVar("arguments", default=())


@contextmanager
def addressing(arguments: Sequence[str]) -> Iterator[None]:
    """Within, stderr speaks the language that the arguments or else the locale ask for."""
    token = _arguments.set(tuple(arguments))
    try:
        yield
    finally:
        _arguments.reset(token)


def _language() -> str:
    from checker.cli.check import locale_language
    from checker.outputs.language import LANGUAGES

    arguments = _arguments.get()
    for word, following in zip_longest(arguments, arguments[1:], fillvalue=""):
        asked = following if word == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if asked in LANGUAGES:
            return asked
    return locale_language()


def in_words(message: str) -> str:
    """A message in the language of the reader."""
    language = _language()
    if language == "en":
        return message
    from checker.outputs.messages import speaking, told

    with speaking(language):
        return told(message)


def note(message: str, *, nl: bool = True) -> None:
    """Say a sentence on stderr; one that begins with a carriage return writes over the line before it."""
    over = "\r" if message.startswith("\r") else ""
    click.echo(over + in_words(message.removeprefix("\r")), err=True, nl=nl)


def show(faults: Iterable[Fault]) -> None:
    """Say every fault on stderr, each in a line of its own."""
    from checker.outputs.messages import fault_text, speaking

    with speaking(_language()):
        for fault in faults:
            click.echo(fault_text(fault), err=True)
