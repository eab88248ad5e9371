"""Runs, falls and breaks of a peg: their shapes, what ships, and the calibration on runs that happened."""

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import scenario
from checker.metrics.model import ModelError
from checker.metrics.scenario import Depeg, Run, Shock, daily_share, requests, run_total
from checker.packs.scenarios import read_scenarios
from checker.resources import data_path

MODELS = laws.models_of(scenario)


@pytest.fixture(scope="module")
def shipped():
    bibliography = yaml.safe_load((data_path("rules") / "sources.yaml").read_text(encoding="utf-8"))
    found, faults = read_scenarios(data_path("rules") / "scenarios.yaml", bibliography)
    assert faults == ()
    return found


@pytest.mark.parametrize(
    ("name", "total"),
    [("slow_drain", 45.5), ("crypto_run", 61.7), ("flash_run", 68.6), ("bank_run", 81.0), ("depeg_run", 72.9)],
)
def test_the_named_runs_ask_for_the_published_totals(shipped, name, total):
    assert round(100 * shipped.all[name].value.total, 1) == total


@pytest.mark.parametrize(
    ("name", "days", "first", "last"),
    [
        ("slow_drain", 30, 0.02, 0.02 * 0.98**29),
        ("crypto_run", 30, 0.087, 0.02 * 0.913**5 * 0.98**24),
        ("flash_run", 30, 0.25, 0.02 * 0.75 * 0.913**4 * 0.98**24),
        ("bank_run", 2, 0.24, 0.57),
        ("depeg_run", 30, 0.147, 0.02 * 0.853**3 * 0.913**4 * 0.98**22),
    ],
)
def test_the_named_runs_ask_day_by_day_as_published(shipped, name, days, first, last):
    run = shipped.all[name].value
    assert run.days == days
    assert (run.requests[0], run.requests[-1]) == pytest.approx((first, last), rel=1e-8)


EPISODES = [
    ("FTX", 0.367, 5, 0.087, 3),
    ("Celsius", 0.2, 11, 0.020, 3),
    ("Celsius", 0.098, 4, 0.025, 3),
    ("Voyager", 0.14, 11, 0.014, 3),
    ("Voyager", 0.39, 20, 0.024, 3),
    ("Anchor", 5.3 / 14, 3, 0.147, 3),
    ("USDe", 2.2 / 14.8, 2, 0.077, 3),
    ("Silicon Valley Bank", 42 / 175, 1, 0.24, 2),
    ("Silicon Valley Bank with the queue", 142 / 175, 2, 0.57, 2),
    ("Silvergate", 8.1 / 11.9, 92, 0.012, 3),
    ("Signature", 0.2, 1, 0.2, 3),
]


@pytest.mark.parametrize(("platform", "total", "days", "daily", "digits"), EPISODES)
def test_the_daily_share_of_each_run_that_happened_is_the_published_one(platform, total, days, daily, digits):
    assert round(daily_share(total=total, days=days), digits) == daily


def test_the_runs_that_happened_ship_as_published(shipped):
    listed = [(e.platform, round(e.total, 3), e.days, e.daily) for e in shipped.episodes]
    assert listed == [(name, pytest.approx(total, abs=6e-4), days, daily) for name, total, days, daily, _ in EPISODES]
    for episode in shipped.episodes:
        assert daily_share(total=episode.total, days=episode.days) == pytest.approx(episode.daily, abs=0.005)
        assert episode.references


@pytest.mark.parametrize(
    ("kind", "run"),
    [
        ("cefi_lender", "crypto_run"),
        ("p2p", "crypto_run"),
        ("yield_product", "crypto_run"),
        ("bank", "bank_run"),
        ("fund", "bank_run"),
        ("defi_market", "depeg_run"),
    ],
)
def test_each_kind_of_platform_has_the_run_that_is_shown_first(shipped, kind, run):
    assert shipped.headline(kind) == run


def test_the_episode_of_october_2025_ships_with_the_oracle_fixed_and_following(shipped):
    fixed, follows = (shipped.all[f"usde_oracle_{name}"].value for name in ("fixed", "follows"))
    assert fixed.market_fall == follows.market_fall == follows.oracle_fall == 0.35
    assert fixed.oracle_fall <= 0.01


def test_every_shipped_scenario_cites_the_bibliography(shipped):
    assert all(entry.references for entry in shipped.all.values())


def test_a_share_of_the_initial_balance_is_not_one_of_the_remaining():
    initial = requests([(1, 1, 0.24, "initial"), (2, 2, 0.57, "initial")])
    remaining = requests([(1, 1, 0.24, "remaining"), (2, 2, 0.75, "remaining")])
    assert initial == pytest.approx(remaining, rel=1e-8)
    assert sum(requests([(1, 1, 0.24, "remaining"), (2, 2, 0.57, "remaining")])) == pytest.approx(0.6732, rel=1e-8)


def test_nobody_asks_between_steps_and_after_the_last():
    run = Run("gap", "a gap", requests([(2, 3, 0.5, "remaining"), (5, 5, 1.0, "remaining")]))
    assert run.requests == (0.0, 0.5, 0.25, 0.0, 0.25)
    assert run.asked(np.array([-3, 0, 1, 2, 3.9, 4, 5, 99])).tolist() == [0, 0, 0, 0.5, 0.75, 0.75, 1, 1]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([(0, 1, 0.1, "remaining")], "step 1: 'first day' is 0"),
        ([(1, 1.5, 0.1, "remaining")], "step 1: 'last day' is 1.5, expected a whole number"),
        ([(1, 3, 0.1, "remaining"), (3, 4, 0.1, "remaining")], "step 2: days 3 to 4, expected days in order"),
        ([(3, 2, 0.1, "remaining")], "step 1: days 3 to 2"),
        ([(1, 2, 1.1, "remaining")], "step 1: 'share' is 1.1, expected a number from 0 to 1"),
        ([(1, 2, 0.1, "rest")], "'of' is 'rest', expected 'remaining' or 'initial'"),
        ([(1, 3, 0.4, "initial")], "day 3 asks for 0.4 of the initial balance, 0.2 is left"),
    ],
)
def test_steps_that_cannot_be_are_refused(steps, words):
    with pytest.raises(ModelError, match=words):
        requests(steps)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Run("r", "t", ()), "run 'r': 'requests' is empty"),
        (lambda: Run("r", "t", (0.6, 0.6)), "run 'r': 'requests' add up to 1.2"),
        (lambda: Run("r", "t", (0.5, -0.1)), "run 'r': 'requests, day 2' is -0.1"),
        (lambda: Run("r", "t", (float("nan"),)), "run 'r': 'requests, day 1' is nan"),
        (lambda: Shock("s", "t", 1.2), "shock 's': 'price_fall' is 1.2"),
        (lambda: Shock("s", "t", 0.2, slippage=-1), "shock 's': 'slippage' is -1"),
        (lambda: Shock("s", "t", 0.2, cost=2), "shock 's': 'cost' is 2"),
        (lambda: Depeg("d", "t", 1.1, 0.3), "depeg 'd': 'oracle_fall' is 1.1"),
        (lambda: Depeg("d", "t", 0.1, -0.3), "depeg 'd': 'market_fall' is -0.3"),
        (lambda: Depeg("d", "t", 0.1, 0.3, bonus=-0.1), "depeg 'd': 'bonus' is -0.1"),
        (lambda: Depeg("d", "t", 0.1, 0.3, slippage=7), "depeg 'd': 'slippage' is 7"),
        (lambda: Depeg("d", "t", 0.1, 0.3, utilisation_before=0.8), "depeg 'd': one 'utilisation' of two"),
        (lambda: Depeg("d", "t", 0.1, 0.3, 0, 0, 0.8, 1.2), "depeg 'd': 'utilisation_after' is 1.2"),
    ],
)
def test_scenarios_that_cannot_be_are_refused(make, words):
    with pytest.raises(ModelError, match=words):
        make()


@given(st.floats(0, 1), st.floats(1, 400))
def test_total_and_daily_share_undo_each_other(total, days):
    assert run_total(share=daily_share(total=total, days=days), days=days) == pytest.approx(total, rel=1e-8, abs=1e-12)


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_constant_daily_share_asks_in_steps_what_the_closed_form_gives(share, days):
    assert sum(requests([(1, days, share, "remaining")])) == pytest.approx(
        run_total(share=share, days=days), rel=1e-8, abs=1e-12
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law", ["assert_monotone", "assert_bounds_contain", "assert_range_holds", "assert_columns_match"]
)
def test_models_keep_the_laws(law, model):
    getattr(laws, law)(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_models_refuse_the_impossible(model):
    laws.assert_refuses_the_impossible(model)


def test_the_examples_in_their_words_hold():
    laws.assert_examples_hold(scenario)
