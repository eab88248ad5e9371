"""Two verdicts compared: two profiles, one profile at two cuts, or one under two versions of the packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checker import __version__
from checker.app.audit import Settings, options_of, shipped_rulebook
from checker.assess.difference import Difference, Side, difference
from checker.model.errors import UsageError
from checker.model.profile import load_profile
from checker.packs.cache import cached_rulebook
from checker.packs.rulebook import Rulebook, changed

__all__ = ["Compared", "compare", "rulebook_at"]


@dataclass(frozen=True)
class Compared:
    """Two verdicts with the packs that gave them."""

    difference: Difference
    old: Rulebook
    new: Rulebook


def rulebook_at(folders: Sequence[Path], settings: Settings) -> Rulebook:
    """The packs of one side.

    Args:
        folders: Folders of added packs, or one whole set of rules, which stands in place of those that ship.
        settings: Added packs and thresholds of both sides.

    Raises:
        PackError: A folder is invalid; it carries every fault.
        UsageError: A folder is neither.
    """
    whole = [folder for folder in folders if (folder / "verdict.yaml").is_file()]
    for folder in folders:
        if folder not in whole and not (folder / "pack.yaml").is_file():
            raise UsageError(
                f"{folder} holds no rules: expected the folder of a pack, with pack.yaml, or a whole set of rules, "
                "with verdict.yaml, facts and packs"
            )
    if len(whole) > 1:
        raise UsageError(f"one side takes one whole set of rules, not {len(whole)}: {', '.join(map(str, whole))}")
    added = [*settings.packs, *(folder for folder in folders if folder not in whole)]
    rulebook = cached_rulebook(whole[0], added) if whole else shipped_rulebook(added)
    return changed(rulebook, settings.overrides) if settings.overrides else rulebook


def compare(
    profiles: tuple[Path, Path], settings: tuple[Settings, Settings], rules: tuple[Sequence[Path], Sequence[Path]]
) -> Compared:
    """Two verdicts and what lies between them.

    Args:
        profiles: The old and the new profile; the same file where only cut or packs differ.
        settings: The cut of each side.
        rules: Folders of rules of each side.

    Raises:
        InputError: A profile or a pack is invalid; it carries every fault.
        UsageError: A folder holds no rules.
    """
    books = [rulebook_at(folders, side) for folders, side in zip(rules, settings, strict=True)]
    sides = [
        Side(load_profile(path, rulebook.dictionary, today=side.today), rulebook, options_of(side))
        for path, side, rulebook in zip(profiles, settings, books, strict=True)
    ]
    return Compared(difference(sides[0], sides[1], version=__version__), books[0], books[1])
