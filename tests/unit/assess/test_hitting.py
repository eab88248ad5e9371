"""Smallest sets: held against trying every subset."""

from itertools import chain, combinations
from random import Random

import pytest

from checker.assess.hitting import hitting_sets, irreducible, smallest_sets


def reaching(solutions):
    return lambda chosen: any(solution <= chosen for solution in solutions)


def every(count):
    return chain.from_iterable(combinations(range(count), size) for size in range(count + 1))


def test_what_is_smallest_agrees_with_trying_every_subset():
    rng = Random(5)
    for _ in range(1500):
        count = rng.randint(1, 9)
        solutions = [frozenset(rng.sample(range(count), rng.randint(1, count))) for _ in range(rng.randint(1, 4))]
        reached = reaching(solutions)
        size = next(len(chosen) for chosen in every(count) if reached(frozenset(chosen)))
        wanted = [chosen for chosen in combinations(range(count), size) if reached(frozenset(chosen))]
        found = smallest_sets(count, reached, most=1000)
        assert (list(found.sets), found.exact, found.more) == (wanted, True, False), solutions


def test_greedy_choice_needs_three_where_two_suffice():
    a, b, c, d, e = range(5)
    clauses = [{a, c}, {b, c}, {a, c}, {b, c}, {a, d}, {b, e}]
    found = smallest_sets(5, lambda chosen: all(chosen & clause for clause in clauses))
    assert found.sets == ((a, b),)


def test_nothing_reaches_a_goal_out_of_reach():
    found = smallest_sets(4, lambda chosen: False)
    assert (found.sets, found.exact, found.more) == ((), True, False)


def test_a_goal_that_is_reached_already_needs_nothing():
    assert smallest_sets(4, lambda chosen: True).sets == ((),)


def test_only_so_many_are_listed_and_the_rest_is_said():
    found = smallest_sets(6, lambda chosen: len(chosen) >= 1, most=4)
    assert found.sets == ((0,), (1,), (2,), (3,))
    assert found.more


def test_what_is_larger_than_asked_for_is_not_found():
    def reached(chosen):
        return len(chosen) >= 3

    assert smallest_sets(5, reached, largest=2).sets == ()
    assert len(smallest_sets(5, reached, largest=3, most=20).sets) == 10


def test_a_spent_budget_gives_a_set_of_which_nothing_can_be_left_out():
    solutions = [frozenset({0, 1, 2}), frozenset({9, 10})]
    found = smallest_sets(12, reaching(solutions), budget=3)
    assert not found.exact
    assert [frozenset(chosen) for chosen in found.sets] == [frozenset({0, 1, 2})]


@pytest.mark.parametrize("seed", range(5))
def test_an_irreducible_part_reaches_the_goal_and_no_part_of_it_does(seed):
    rng = Random(seed)
    reached = reaching([frozenset(rng.sample(range(8), 4)) for _ in range(3)])
    kept = irreducible(range(8), reached)
    assert reached(frozenset(kept))
    assert not any(reached(frozenset(kept) - {member}) for member in kept)


def test_hitting_sets_hit_every_clause_and_miss_no_solution():
    rng = Random(8)
    for _ in range(300):
        clauses = [frozenset(rng.sample(range(6), rng.randint(1, 3))) for _ in range(rng.randint(1, 5))]
        size = rng.randint(1, 4)
        found = list(hitting_sets(clauses, size))
        assert all(len(chosen) <= size and all(chosen & clause for clause in clauses) for chosen in found)
        for chosen in combinations(range(6), size):
            if all(frozenset(chosen) & clause for clause in clauses):
                assert any(part <= frozenset(chosen) for part in found)
