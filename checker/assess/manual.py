"""Outcomes that analysts record by hand: whose rule is meant, and on which days they stand.

An override is an opinion with a name and an end. It is printed beside the computed outcome and takes part in nothing:
no finding, level, grade or question reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from checker.model.errors import Fault, ProfileError, did_you_mean, quoted
from checker.model.profile import Override, Profile
from checker.packs.rulebook import Rule, Rulebook


@dataclass(frozen=True)
class Manual:
    """An override with the rule that it means."""

    rule: Rule
    override: Override

    def stands(self, day: date) -> bool:
        """Whether it had been recorded by that day and has not run out."""
        return self.override.on <= day <= self.override.until


def rules_meant(profile: Profile, rulebook: Rulebook, judged: Iterable[Rule]) -> tuple[Manual, ...]:
    """The overrides of a profile with their rules, oldest first.

    Args:
        profile: The profile.
        rulebook: The packs in use.
        judged: The rules of the profile's kind.

    Raises:
        ProfileError: An override names no rule of the packs, or one that does not judge this kind.
    """
    if not profile.overrides:
        return ()
    of_kind = {name.casefold(): rule for rule in judged for name in (rule.id, rule.code)}
    known = {name.casefold() for rule in rulebook.rules.values() for name in (rule.id, rule.code)}
    found: list[Manual] = []
    faults: list[Fault] = []
    for index, (override, (line, column)) in enumerate(zip(profile.overrides, profile.override_at, strict=True)):
        name = override.rule.casefold()
        if name in of_kind:
            found.append(Manual(of_kind[name], override))
            continue
        message, hint = f"unknown rule {quoted(override.rule)}", _nearest(override.rule, rulebook)
        if name in known:
            message, hint = f"{quoted(override.rule)} is no rule for a {profile.kind}", "Remove the override."
        faults.append(Fault(profile.path, message, hint, line, column, f"overrides[{index}].rule"))
    if faults:
        raise ProfileError(faults)
    return tuple(sorted(found, key=lambda manual: manual.override.on))


def _nearest(name: str, rulebook: Rulebook) -> str:
    codes = {rule.code: None for rule in rulebook.rules.values()}
    hint = did_you_mean(name, [*rulebook.rules, *codes])
    return hint if "mean" in hint else "`ddcheck rules list` names all; a rule of your own pack needs --rules."
