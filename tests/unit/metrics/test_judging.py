"""Statistics of the back-test against published values."""

from itertools import product

import pytest

from checker.metrics import judging as j

NORMAL = {1: 33, 2: 6, 3: 6, 4: 11, 5: 2}
ABNORMAL = {1: 3, 2: 2, 3: 2, 4: 11, 5: 33}


def spread(counts: dict[int, int]) -> list[float]:
    return [float(rating) for rating, count in counts.items() for _ in range(count)]


def test_area_and_error_of_the_109_ct_images_of_hanley_and_mcneil() -> None:
    """Hanley & McNeil 1982, table I: 58 normal and 51 abnormal images, rated 1 to 5."""
    area = j.auc(spread(ABNORMAL), spread(NORMAL))
    assert area is not None
    assert area == pytest.approx(0.893, abs=5e-4)
    assert j.hanley_mcneil_error(area, 51, 58) == pytest.approx(0.032, abs=5e-4)


@pytest.mark.parametrize(
    ("count", "trials", "wilson", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_intervals_of_newcombe(count: int, trials: int, wilson: tuple[float, ...], exact: tuple[float, ...]) -> None:
    """Newcombe 1998, table I, methods 3 and 5."""
    assert j.wilson(count, trials) == pytest.approx(wilson, abs=5e-5)
    assert j.clopper_pearson(count, trials) == pytest.approx(exact, abs=5e-5)


def test_intervals_mirror_and_nest() -> None:
    for trials in (1, 2, 7, 20, 113):
        for count in range(trials + 1):
            told, mirror = j.wilson(count, trials), j.wilson(trials - count, trials)
            exact = j.clopper_pearson(count, trials)
            assert told is not None
            assert mirror is not None
            assert exact is not None
            assert told == pytest.approx((1 - mirror[1], 1 - mirror[0]))
            for lo, hi in (told, exact):
                assert 0 <= lo <= count / trials <= hi <= 1
    assert j.wilson(0, 0) is None
    assert j.clopper_pearson(0, 0) is None
    with pytest.raises(ValueError, match="3 of 2"):
        j.wilson(3, 2)


def test_what_small_numbers_prove() -> None:
    """Catching 8 of 8 proves little more than 63 % (exact) or 68 % (score); none of 30 means up to 11 %."""
    assert j.wilson(8, 8) == pytest.approx((0.6756, 1.0), abs=5e-5)
    assert j.clopper_pearson(8, 8) == pytest.approx((0.6306, 1.0), abs=5e-5)
    assert j.wilson(0, 30) == pytest.approx((0.0, 0.1135), abs=5e-5)


def test_area_by_counting_pairs() -> None:
    for first, second in product(([1.0], [0.0, 1.0], [2.0, 2.0, 5.0]), ([1.0], [0.0, 3.0], [2.0, 2.0])):
        pairs = [(a > b) + 0.5 * (a == b) for a in first for b in second]
        assert j.auc(first, second) == pytest.approx(sum(pairs) / len(pairs))
    assert j.auc([], [1.0]) is None


def test_a_perfect_area_has_no_error_and_a_case_is_needed() -> None:
    assert j.hanley_mcneil_error(1.0, 5, 7) == 0.0
    with pytest.raises(ValueError, match="0 and 7"):
        j.hanley_mcneil_error(0.8, 0, 7)


def test_brier_of_a_constant_forecast() -> None:
    """At a base rate of one in ten the constant forecast scores 0.09 already, and so has no skill."""
    outcomes = [True] + [False] * 9
    assert j.brier([0.1] * 10, outcomes) == pytest.approx(0.09)
    assert j.brier_skill([0.1] * 10, outcomes) == pytest.approx(0.0)
    assert j.brier_skill([1.0] + [0.0] * 9, outcomes) == pytest.approx(1.0)
    assert j.brier_skill([0.0] * 10, outcomes) == pytest.approx(1 - 0.1 / 0.09)
    assert j.brier_skill([0.5, 0.5], [True, True]) is None
    assert j.brier([], []) is None
    with pytest.raises(ValueError, match="1 forecasts for 2"):
        j.brier([0.1], [True, False])


def test_three_against_four_cases_reach_one_in_thirty_five() -> None:
    told = j.permutation([5, 6, 7], [1, 2, 3, 4])
    assert told == j.Permutation(1 / 35, True, 35, 35, 1 / 35)
    equal = j.permutation([1, 1, 1], [1, 1, 1, 1])
    assert equal is not None
    assert equal.p == 1.0
    assert j.permutation([], [1.0]) is None


def test_a_sample_agrees_with_all_arrangements(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = [3.0, 4.0, 5.0, 1.0, 4.0], [1.0, 2.0, 2.0, 3.0, 4.0, 0.0]
    exact = j.permutation(first, second)
    monkeypatch.setattr(j, "EXACT_BELOW", 10)
    sample = j.permutation(first, second)
    assert exact is not None
    assert sample is not None
    assert exact.exact
    assert not sample.exact
    assert sample.p == pytest.approx(exact.p, abs=0.01)
    assert sample == j.permutation(first, second)
