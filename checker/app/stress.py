"""The numbers behind the verdict under scenarios: those that ship, one of them, or a user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from checker.model.errors import UsageError, did_you_mean
from checker.packs.rulebook import Rulebook
from checker.packs.scenarios import own_scenarios

_FILES = (".yaml", ".yml", ".json")


def with_scenarios(rulebook: Rulebook, asked: Sequence[str]) -> tuple[Rulebook, tuple[str, ...]]:
    """The rulebook with the scenarios of the files asked for, and the names of all scenarios asked for.

    Args:
        rulebook: The rulebook.
        asked: Names of scenarios that ship, and files with own ones.

    Raises:
        UsageError: A name that is no scenario and no file.
        InputError: A file that cannot be read or is invalid.
    """
    names: list[str] = []
    scenarios = rulebook.scenarios
    for item in asked:
        if item in scenarios.all:
            names.append(item)
        elif Path(item).suffix in _FILES:
            before = set(scenarios.all)
            scenarios = own_scenarios(Path(item), scenarios)
            names += [name for name in scenarios.all if name not in before]
        else:
            hint = did_you_mean(item, scenarios.all) or f"Scenarios: {', '.join(scenarios.all)}; or name a .yaml file."
            raise UsageError(f"no scenario '{item}'. {hint}")
    return replace(rulebook, scenarios=scenarios), tuple(names)
