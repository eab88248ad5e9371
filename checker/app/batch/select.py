"""Which platforms of a batch are shown, and in which order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from heapq import nsmallest
from typing import Any

from checker.app.batch.state import State
from checker.assess.portfolio import BatchRow, move, rank
from checker.model.dictionary import KINDS
from checker.model.errors import UsageError, did_you_mean
from checker.model.finding import Grade
from checker.packs.rulebook import Rulebook

Wanted = Callable[[BatchRow], bool]
MOVED, UNASSESSABLE = "moved", "not-assessable"
_RANGE = re.compile(r"([A-F])(?:\.\.([A-F]))?")

SORTS: Mapping[str, Callable[[BatchRow], tuple[Any, ...]]] = {
    "grade": rank,
    "worst-first": lambda row: (
        row.worst is None or not row.assessable,
        -(row.worst or 0),
        -(row.best or 0),
        row.name,
        row.id,
    ),
    "name": lambda row: (row.name.casefold(), row.id),
    "kind": lambda row: (row.kind, *rank(row)),
    "known": lambda row: (-row.coverage_critical, -row.coverage_all, row.name, row.id),
}
"""The orders that `--sort` knows."""


def selection(texts: Sequence[str], rulebook: Rulebook, state: State | None = None) -> Wanted:
    """What `--only` lets through: kinds, worst ends, rules that surely fail; several of one sort widen it.

    Args:
        texts: A kind, a grade or a range of grades for the worst end, a rule's id or code, `moved`, `not-assessable`.
        rulebook: The packs, for the rules.
        state: The run, for what moved.

    Raises:
        UsageError: A text is none of these.
    """
    codes = {rule.code.casefold(): rule.id for rule in rulebook.rules.values()}
    kinds: set[str] = set()
    grades: set[Grade] = set()
    rules: set[str] = set()
    moved = unassessable = False
    for text in (part.strip() for whole in texts for part in whole.split(",")):
        if text in KINDS:
            kinds.add(text)
        elif match := _RANGE.fullmatch(text):
            first, last = Grade[match[1]], Grade[match[2] or match[1]]
            if first > last:
                raise UsageError(f"--only {text}: the better grade comes first, as in {match[2]}..{match[1]}")
            grades |= {grade for grade in Grade if first <= grade <= last}
        elif text in rulebook.rules:
            rules.add(text)
        elif text.casefold() in codes:
            rules.add(codes[text.casefold()])
        elif text == MOVED:
            moved = True
        elif text == UNASSESSABLE:
            unassessable = True
        else:
            known = [*KINDS, *rulebook.rules, *(rule.code for rule in rulebook.rules.values()), MOVED, UNASSESSABLE]
            near = did_you_mean(text, known)
            raise UsageError(
                f"--only takes a kind, a worst grade (D, C..F), a rule, {MOVED} or {UNASSESSABLE}; got '{text}'. {near}"
            )

    def wanted(row: BatchRow) -> bool:
        if kinds and row.kind not in kinds:
            return False
        if grades or unassessable:
            graded = row.assessable and row.worst is not None
            if not ((graded and row.worst in grades) or (unassessable and not graded)):
                return False
        if rules and not rules & row.fails:
            return False
        if moved:
            before = state.earlier(row.id) if state is not None else None
            return before is not None and move(before, row) is not None
        return True

    return wanted


def listing(state: State, wanted: Wanted, sort: str, limit: int) -> tuple[tuple[BatchRow, ...], int]:
    """The latest rows that are wanted, the first `limit` of them in order, and how many there are."""
    count = 0

    def counted() -> Any:
        nonlocal count
        for row in state.latest():
            if wanted(row):
                count += 1
                yield row

    return tuple(nsmallest(limit, counted(), key=SORTS[sort])), count
