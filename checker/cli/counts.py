"""Counts as a sentence on stderr says them, each with its noun; the noun of one is singular."""

from __future__ import annotations


def platforms(count: int) -> str:
    """So many platforms."""
    return f"{count:,} platform" if count == 1 else f"{count:,} platforms"


def rows(count: int) -> str:
    """So many rows of results."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def records(count: int) -> str:
    """So many records."""
    return f"{count:,} record" if count == 1 else f"{count:,} records"


def profiles(count: int) -> str:
    """So many profiles."""
    return f"{count:,} profile" if count == 1 else f"{count:,} profiles"


def entries(count: int) -> str:
    """So many entries of a list."""
    return f"{count:,} entry" if count == 1 else f"{count:,} entries"


def protocols(count: int) -> str:
    """So many protocols of a list."""
    return f"{count:,} protocol" if count == 1 else f"{count:,} protocols"


def categories(count: int) -> str:
    """So many categories that are not taken."""
    return f"{count:,} other category" if count == 1 else f"{count:,} other categories"


def pools(count: int) -> str:
    """So many yield pools."""
    return f"{count:,} pool" if count == 1 else f"{count:,} pools"


def faults(count: int) -> str:
    """So many faults beyond those shown."""
    return f"{count:,} more fault" if count == 1 else f"{count:,} more faults"
