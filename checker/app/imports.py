"""Turn an aggregator's lists, saved or fetched, into profiles: one line of JSON each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from checker.app.files import write_whole
from checker.importers.defillama import KINDS, Listed, Tally, as_lines, day_in, listed, profiles
from checker.importers.fetch import fetch, is_address
from checker.importers.records import Unread
from checker.model.document import read_bytes
from checker.model.errors import Fault, UsageError

MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Imported:
    """What became of the lists.

    Attributes:
        profiles: How many profiles were written.
        unread: The entries that could not be read.
        on: The day of the list of protocols.
        tally: What was not taken.
    """

    profiles: int
    unread: tuple[Unread, ...]
    on: date
    tally: Tally = field(default_factory=Tally)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with the entries, with its place."""
        return tuple(fault for entry in self.unread for fault in entry.faults)


def defillama(
    protocols: str,
    pools: str | None,
    markets: str | None,
    out: Path,
    *,
    on: date | None = None,
    categories: Sequence[str] = tuple(KINDS),
    cache: Path | None = None,
    told: Callable[[str], None] | None = None,
) -> Imported:
    """Write a profile of each protocol to a file of JSON lines.

    Args:
        protocols: File or address of the list of protocols.
        pools: File or address of the list of yield pools.
        markets: File or address of the list of lending markets.
        out: The file to write; whole or not at all.
        on: Day of saved files whose names do not hold it.
        categories: Categories of the aggregator that are taken.
        cache: Folder in which fetched answers are kept.
        told: Called with each address before it is asked.

    Raises:
        InputError: A list cannot be read.
        UsageError: A saved list has no day.
    """

    def read(kind: str, place: str | None) -> Listed | None:
        if place is None:
            return None
        if is_address(place):
            if told is not None:
                told(place)
            answer = fetch(place, cache=cache)
            return listed(kind, answer.content, place, on=answer.on, url=place)
        day = on or day_in(Path(place).name)
        if day is None:
            raise UsageError(
                f"{place} does not say from which day it is: name the day with --on, or in the file's name"
            )
        return listed(kind, read_bytes(Path(place), max_bytes=MAX_BYTES), place, on=day)

    first = read("protocols", protocols)
    assert first is not None
    tally = Tally()
    found = profiles(
        first, read("pools", pools), read("markets", markets), categories=categories or tuple(KINDS), tally=tally
    )
    lines: list[str] = []
    unread: list[Unread] = []
    for line in as_lines(found):
        if isinstance(line, Unread):
            unread.append(line)
        else:
            lines.append(line + "\n")
    write_whole(out, "".join(lines).encode("utf-8", "replace"))
    return Imported(len(lines), tuple(unread), first.on, tally)
