"""Sources, defaults, examinations and notes: checked as the model checks them, and their texts counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from checker.importers.quick.shapes import Defaults, Look, Note, OtherwiseError, Source
from checker.importers.quick.statements import STATE, Counting, Key, key_of, texts_of
from checker.model.dictionary import SECTIONS
from checker.model.profile import MAX_SOURCE_ID, Examination

Sources = Mapping[str, Source]
_URL = re.compile(r"https?://[^\s<>\"'\\]{1,2000}")


def texts_of_sources(sources: Sources, counting: Counting) -> int:
    """Check the sources; how many texts they have."""
    is_address, past = _URL.fullmatch, counting.past
    texts = 3 * len(sources)
    for id, source in sources.items():
        if id.strip() != id or not id or len(id) > MAX_SOURCE_ID or not source.title.strip():
            raise OtherwiseError
        if source.date is not None:
            texts += 2
            if source.date not in past:
                counting.published(source.date)
        if source.url is not None:
            texts += 2
            if not is_address(source.url):
                raise OtherwiseError
        if source.publisher is not None:
            texts += 2
        if source.locator is not None:
            texts += 2
        if source.note is not None:
            texts += 2
    return texts


def read_defaults(defaults: Defaults, known: Sources, counting: Counting) -> tuple[tuple[Key, str | None], int]:
    """Dates, evidence and source of statements that say nothing of them, and how many texts these have."""
    if defaults.source is not None and defaults.source not in known:
        raise OtherwiseError
    key: Key = (defaults.from_, defaults.known_on, defaults.evidence)
    counting.count(key, STATE)
    return (key, defaults.source), texts_of(key) + 2 * (defaults.source is not None)


def read_examined(
    looks: Mapping[str, list[Look] | None], known: Sources, today: date
) -> tuple[dict[str, tuple[Examination, ...]], int]:
    """When somebody looked at each section, and how many texts that has."""
    texts, found = len(looks), {}
    for section, members in looks.items():
        if section not in SECTIONS:
            raise OtherwiseError
        for look in members or ():
            texts += 5 + len(look.sources) + 2 * (look.note is not None)
            if look.on > today or look.known_on > today:
                raise OtherwiseError
            if not look.sources or any(source not in known for source in look.sources):
                raise OtherwiseError
        found[section] = tuple(
            Examination.model_construct(on=look.on, known_on=look.known_on, sources=look.sources, note=look.note or "")
            for look in members or ()
        )
    return found, texts


def texts_of_notes(notes: list[Note], known: Sources, counting: Counting) -> int:
    """Check the notes; how many texts they have."""
    texts = 0
    for note in notes:
        if not note.text.strip() or (note.source is not None and note.source not in known):
            raise OtherwiseError
        key = key_of(note)
        counting.count(key, STATE)
        said = (note.text, note.topic, note.source, note.locator, note.note)
        texts += texts_of(key) + 2 * (len(said) - said.count(None))
    return texts


__all__ = ["Sources", "read_defaults", "read_examined", "texts_of_notes", "texts_of_sources"]
