"""Outcomes, findings and the assessment: the immutable result that every output renders."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """What a rule says; ordered from best to worst. One that does not apply asks nothing."""

    NOT_APPLICABLE = 0
    PASS = 1
    WARN = 2
    FAIL = 3


class Grade(IntEnum):
    """The letter; a higher number is worse."""

    A = 0
    B = 1
    C = 2
    D = 3
    E = 4
    F = 5


Possible = frozenset[Outcome]
