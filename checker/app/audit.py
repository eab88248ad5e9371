"""Audit one profile: load the rulebook and the profile, judge at the cut, give the assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from checker import __version__
from checker.assess.assess import assess
from checker.assess.assessment import Assessment, Options
from checker.model.profile import load_profile
from checker.packs.cache import cached_rulebook
from checker.packs.rulebook import Rulebook, changed
from checker.resources import data_path


@dataclass(frozen=True)
class Settings:
    """What a user may choose for an audit; dates are already resolved (the command line reads the clock, once)."""

    today: date
    known_by: date
    as_of: date
    parameters: str = "latest"
    packs: Sequence[Path] = ()
    overrides: Mapping[str, float] = field(default_factory=dict)
    reader: Mapping[str, str | float] = field(default_factory=dict)


def shipped_rulebook(packs: Sequence[Path] = (), overrides: Mapping[str, float] | None = None) -> Rulebook:
    """The rulebook that comes with the program, with added packs and changed parameters."""
    rulebook = cached_rulebook(data_path("rules"), packs)
    return changed(rulebook, overrides) if overrides else rulebook


def options_of(settings: Settings) -> Options:
    """The cut and the changes to the packs, as an assessment prints them."""
    return Options(
        settings.as_of.isoformat(),
        settings.known_by.isoformat(),
        settings.parameters,
        dict(settings.overrides),
        dict(settings.reader),
    )


def audit_one(
    path: Path,
    settings: Settings,
    rulebook: Rulebook | None = None,
    *,
    changes: bool = False,
    edges: bool = False,
    trials: int = 0,
) -> Assessment:
    """Judge the profile in a file.

    Args:
        path: The file.
        settings: The cut and any changes to the packs.
        rulebook: The packs, where they are loaded already.
        changes: Whether to work out what would change the verdict, too; it takes up to some seconds.
        edges: Whether to work out which thresholds the grade hangs on, too; it takes some tenths of a second.
        trials: How many rules may be judged, for each end, to find whether facts attain the verdict.

    Raises:
        InputError: The profile or a pack is invalid; it carries every fault.
    """
    rulebook = rulebook or shipped_rulebook(settings.packs, settings.overrides)
    profile = load_profile(path, rulebook.dictionary, today=settings.today)
    options = options_of(settings)
    assessment = assess(profile, rulebook, options, version=__version__, trials=trials)
    if not (changes or edges):
        return assessment
    from checker.assess import change

    if not changes:
        return replace(assessment, edges=change.edges(profile, rulebook, options))
    found = change.changes(profile, rulebook, options)
    return replace(assessment, changes=found, edges=found.edges)
