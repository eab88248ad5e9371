"""Smallest sets that reach a goal, where more never undoes it: minimum hitting sets found through what fails.

A set that fails, made as large as it can be while it still fails, proves that every solution holds one of the members
it lacks. Those proofs are clauses; a smallest set that hits them all is tried next. When it reaches the goal nothing
smaller can, since every smaller set was ruled out by a clause. Greedy choice, one by one what helps most, does fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Smallest", "hitting_sets", "irreducible", "smallest_sets"]

Reached = Callable[[frozenset[int]], bool]


@dataclass(frozen=True)
class Smallest:
    """What was found.

    Attributes:
        sets: Solutions, each as sorted indices; none if not even all together reach the goal, or if all are
            larger than asked for.
        exact: No smaller set reaches the goal, and unless `more` these are all of that size.
        more: There are further solutions of the same size.
    """

    sets: tuple[tuple[int, ...], ...]
    exact: bool
    more: bool = False


class _SpentError(Exception):
    """The budget of trials is spent."""


def hitting_sets(clauses: Sequence[frozenset[int]], size: int) -> Iterator[frozenset[int]]:
    """Sets of at most so many members that hit every clause; each solution of that size contains one of them.

    >>> [sorted(found) for found in hitting_sets([frozenset({1, 2}), frozenset({2, 3})], 1)]
    [[2]]
    """
    seen: set[frozenset[int]] = set()

    def extended(chosen: frozenset[int]) -> Iterator[frozenset[int]]:
        missed = [clause for clause in clauses if chosen.isdisjoint(clause)]
        if not missed:
            if chosen not in seen:
                seen.add(chosen)
                yield chosen
            return
        room = size - len(chosen)
        if room == 0 or _apart(missed) > room:
            return
        shortest = min(missed, key=len)
        for member in sorted(shortest):
            yield from extended(chosen | {member})

    yield from extended(frozenset())


def _apart(clauses: Sequence[frozenset[int]]) -> int:
    """How many of the clauses share no member, at least: so many members are needed."""
    taken: set[int] = set()
    count = 0
    for clause in sorted(clauses, key=len):
        if taken.isdisjoint(clause):
            taken |= clause
            count += 1
    return count


def irreducible(members: Sequence[int], reached: Reached) -> tuple[int, ...]:
    """A part of `members` that reaches the goal and of which nothing can be left out; the last are left out first."""
    kept = list(members)
    for member in reversed(members):
        fewer = [other for other in kept if other != member]
        if reached(frozenset(fewer)):
            kept = fewer
    return tuple(sorted(kept))


def smallest_sets(
    count: int, reached: Reached, *, most: int = 8, largest: int | None = None, budget: int | None = None
) -> Smallest:
    """The smallest sets of `0 .. count - 1` that reach a goal.

    Args:
        count: How many candidates there are.
        reached: Whether a set reaches the goal; a larger set never reaches less.
        most: How many solutions to list.
        largest: Solutions larger than this are not looked for.
        budget: How many trials at most; None for as many as it takes. When it is spent, one irreducible set is given.
    """
    everything = frozenset(range(count))
    known: dict[frozenset[int], bool] = {}

    def tried(chosen: frozenset[int]) -> bool:
        if chosen not in known:
            if budget is not None and len(known) >= budget:
                raise _SpentError
            known[chosen] = reached(chosen)
        return known[chosen]

    if not reached(everything):
        return Smallest((), True)
    clauses: list[frozenset[int]] = []
    try:
        for size in range(count + 1 if largest is None else min(count, largest) + 1):
            found = _of_size(size, clauses, everything, tried, most)
            if found:
                chosen = sorted(tuple(sorted(solution)) for solution in found)
                return Smallest(tuple(chosen[:most]), True, len(chosen) > most)
    except _SpentError:
        return Smallest((irreducible(range(count), reached),), False)
    return Smallest((), True)


def _of_size(
    size: int, clauses: list[frozenset[int]], everything: frozenset[int], tried: Reached, most: int
) -> list[frozenset[int]]:
    """The solutions of one size, one more than `most` at most; every failure on the way adds a clause."""
    while True:
        found: list[frozenset[int]] = []
        for chosen in hitting_sets(clauses, size):
            if not tried(chosen):
                clauses.append(_clause(chosen, everything, tried))
                break
            found.append(chosen)
            if len(found) > most:
                return found
        else:
            return found


def _clause(failed: frozenset[int], everything: frozenset[int], tried: Reached) -> frozenset[int]:
    """What a failed set lacks once it is as large as it can be while it fails: every solution holds one of these."""
    grown = failed
    for member in sorted(everything - failed):
        larger = grown | {member}
        if larger != everything and not tried(larger):
            grown = larger
    return everything - grown
