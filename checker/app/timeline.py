"""The verdict on one profile over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from checker.app.audit import Settings, options_of
from checker.assess.timeline import Timeline, timeline
from checker.model.errors import UsageError
from checker.model.profile import Profile, load_profile
from checker.packs.rulebook import Rulebook

__all__ = ["Told", "timeline_of"]


@dataclass(frozen=True)
class Told:
    """A profile with its verdict over time."""

    profile: Profile
    timeline: Timeline


def timeline_of(
    path: Path,
    settings: Settings,
    rulebook: Rulebook,
    *,
    since: date | None,
    until: date,
    progress: Callable[[int, int], None] | None = None,
) -> Told:
    """The verdict on the profile in a file on every day on which something became known.

    Args:
        path: The file.
        settings: Changes to the packs, and for whom.
        rulebook: The packs.
        since: The first day to judge; None for the first on which something was known.
        until: The last day to judge.
        progress: Told how many days are done, of how many.

    Raises:
        InputError: The profile is invalid; it carries every fault.
        UsageError: Nothing became known between the two days.
    """
    profile = load_profile(path, rulebook.dictionary, today=settings.today)
    found = timeline(profile, rulebook, options_of(settings), since=since, until=until, progress=progress)
    if not found.days:
        between = f"from {since} to {until}" if since else f"until {until}"
        raise UsageError(
            f"nothing in {path} became known {between}. Choose other days, or give its facts a known_on date"
        )
    return Told(profile, found)
