"""Several platforms at one cut under one rulebook, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.assess.comparison import FEWEST, MOST, Comparison, compare
from checker.model.errors import Fault, InputError, UsageError
from checker.packs.rulebook import Rulebook

__all__ = ["compare_profiles"]


def compare_profiles(
    paths: Sequence[Path], settings: Settings, rulebook: Rulebook | None = None, *, trials: int = 0
) -> Comparison:
    """Judge the profiles and tell what lies between them, in the order given.

    Args:
        paths: Two to six files.
        settings: The cut and any changes to the packs, the same for all.
        rulebook: The packs, where they are loaded already.
        trials: How many rules may be judged, for each end, to find whether facts attain the verdict.

    Raises:
        InputError: Profiles or a pack are invalid; it carries the faults of all of them.
        UsageError: There are too few or too many, or a file is named twice.
    """
    if not FEWEST <= len(paths) <= MOST:
        raise UsageError(
            f"compare takes {FEWEST} to {MOST} profiles, not {len(paths)}; for more, `ddcheck batch` writes a ranking"
        )
    seen: dict[Path, Path] = {}
    for path in paths:
        if (place := path.resolve()) in seen:
            raise UsageError(f"{path} is named twice; a platform is compared with others")
        seen[place] = path
    rulebook = rulebook or shipped_rulebook(settings.packs, settings.overrides)
    faults: list[Fault] = []
    found = []
    for path in paths:
        try:
            found.append(audit_one(path, settings, rulebook, trials=trials))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return compare(found)
