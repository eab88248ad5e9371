"""How long a platform pays in a run: closed form, totals, tables, and that totals enclose tables."""

from math import ceil, inf

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import survival
from checker.metrics.bounds import bounded
from checker.metrics.model import ModelError
from checker.metrics.scenario import Run, daily_share, requests
from checker.metrics.survival import (
    Asset,
    Deposit,
    equal_share,
    horizon,
    late_leaver,
    paid_day_one,
    paid_of_run,
    run_days,
    simulate,
)
from checker.model.interval import Interval

FTX = Run("crypto_run", "FTX", requests([(1, 5, 0.087, "remaining"), (6, 30, 0.02, "remaining")]))
BANK = Run("bank_run", "SVB", (0.24, 0.57))
SLOW = Run("slow_drain", "Celsius", requests([(1, 30, 0.02, "remaining")]))
ALL = Run("all", "everyone in four days", (0.4, 0.3, 0.2, 0.1))
LONG = Run("long", "forty days", (0.025,) * 40)
RUNS = st.sampled_from([FTX, BANK, SLOW, ALL, LONG])

AMOUNT = st.floats(0.01, 1000).map(lambda x: round(x, 2))
DAY = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 7.0, 7.5, 8.0, 30.0, 30.5, 31.0]) | st.integers(0, 45).map(float)
HAIRCUT = st.sampled_from([0.0, 0.1, 0.5, 1.0])
ASSETS = st.lists(st.tuples(AMOUNT, DAY | st.none(), HAIRCUT), max_size=5)
DEPOSITS = st.lists(st.tuples(AMOUNT, DAY), min_size=1, max_size=4)


def totals(assets, deposits):
    """What a profile with sums only would state about the tables."""
    cash = {
        f"cash_{days}d": sum(a * (1 - h) for a, day, h in assets if day is not None and day <= days)
        for days in (1, 7, 30)
    }
    due = {f"due_{days}d": sum(a for a, notice in deposits if notice <= days) for days in (1, 7, 30)}
    return cash, due


def by_hand(assets, deposits, run, days):
    """Day of failure, share met on it, lowest buffer and cash by day, counted with plain loops."""
    fail, met, lowest, cash_by_day, due_by_day = None, None, inf, [], []
    for today in range(1, days + 1):
        cash = sum(a * (1 - h) for a, day, h in assets if day is not None and max(1, ceil(day)) <= today)
        due = 0.0
        for amount, notice in deposits:
            for asked, share in enumerate(run.requests, 1):
                if asked + ceil(notice) <= today:
                    due += amount * share
        before = due_by_day[-1] if due_by_day else 0.0
        if fail is None and due > cash * (1 + 1e-9):
            fail, met = today, max(0.0, cash - before) / (due - before)
        lowest = min(lowest, cash - due)
        cash_by_day.append(cash)
        due_by_day.append(due)
    return fail, met, lowest, cash_by_day, due_by_day


@pytest.mark.parametrize(
    ("total", "days", "fifth", "half"),
    [(0.2, 11, 11.0, 34), (0.367, 5, 2.4, 7.6), (5.3 / 14, 3, 1.4, 4.4), (42 / 175, 1, 0.8, 2.5)],
    ids=["Celsius in May", "FTX", "Anchor", "SVB"],
)
def test_a_fifth_and_a_half_in_cash_survive_the_published_days(total, days, fifth, half):
    share = daily_share(total=total, days=days)
    assert round(horizon(cash=20, deposits=100, daily_share=share), 1) == fifth
    assert round(horizon(cash=50, deposits=100, daily_share=share), 0 if half == 34 else 1) == half


def test_the_closed_form_at_its_edges():
    assert horizon(cash=100, deposits=100, daily_share=0.5) is None
    assert horizon(cash=20, deposits=100, daily_share=0) is None
    assert horizon(cash=0, deposits=0, daily_share=1) is None
    assert horizon(cash=20, deposits=100, daily_share=1) == pytest.approx(0.2, rel=1e-8)
    assert horizon(cash=0, deposits=100, daily_share=0.1) == 0


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.9))
def test_after_the_survived_days_the_cash_is_gone(liquid, share):
    days = horizon(cash=liquid, deposits=1, daily_share=share)
    assert 1 - (1 - share) ** days == pytest.approx(liquid, rel=1e-8)


@given(st.integers(1, 25))
def test_closed_form_and_simulation_agree_where_the_cash_ends_with_a_day(days):
    cash = 100 * SLOW.asked(days)
    assert horizon(cash=cash, deposits=100, daily_share=0.02) == pytest.approx(days, rel=1e-8)
    assert simulate([(cash, 0, 0)], [(100, 0)], SLOW).days == pytest.approx(days, abs=1e-5)


def test_what_is_paid_on_day_one():
    assert paid_day_one(cash_1d=12, due_1d=100) == pytest.approx(0.12, rel=1e-8)
    assert paid_day_one(cash_1d=120, due_1d=100) == 1
    assert paid_day_one(cash_1d=1, due_1d=0) is None
    assert equal_share(cash_30d=1, due_all=0) is None


def test_a_bank_with_half_its_deposits_in_cash_fails_on_the_second_day():
    found = simulate([(50, 0, 0), (50, None, 0)], [(100, 0)], BANK)
    assert found.fail_day == 2
    assert found.met_on_fail_day == pytest.approx(26 / 57, rel=1e-8)
    assert found.days == pytest.approx(1 + 26 / 57, rel=1e-8)
    assert found.min_buffer == pytest.approx(-31, rel=1e-8)
    assert found.paid[:3] == pytest.approx((24, 50, 50), rel=1e-8)
    assert found.paid_of_run == pytest.approx(50 / 81, rel=1e-8)
    assert (found.early, found.late, found.late_in_queue) == (1, 0, 0)


def test_cash_that_comes_after_the_doors_shut_goes_to_those_who_stayed():
    found = simulate([(40, 0, 0), (20, 20, 0.5)], [(100, 0)], BANK)
    assert found.fail_day == 2
    assert found.late == pytest.approx(10 / 60, rel=1e-8)
    assert found.late_in_queue == 0
    assert found.early == 1


def test_an_early_leaver_whose_payday_is_the_fail_day_gets_part_now_and_part_later():
    found = simulate([(20, 0, 0), (20, 20, 0)], [(100, 0)], ALL)
    assert (found.fail_day, found.met_on_fail_day) == (1, 0.5)
    assert found.late == pytest.approx(20 / 80, rel=1e-8)
    assert found.early == pytest.approx(0.5 + 0.5 * 0.25, rel=1e-8)


def test_an_early_leaver_with_notice_may_come_too_late():
    found = simulate([(20, 0, 0), (20, 20, 0)], [(50, 3), (50, 9)], BANK)
    assert found.fail_day == 5
    assert found.early == 1
    assert simulate([(1, 0, 0)], [(50, 40)], BANK).early == pytest.approx(1 / 50, rel=1e-8)


def test_a_run_that_is_outlived_has_no_fail_day():
    found = simulate([(90, 0, 0)], [(100, 0)], BANK)
    assert (found.fail_day, found.met_on_fail_day, found.days, found.binding) == (None, None, None, None)
    assert (found.paid, found.paid_of_run, found.early) == (found.due, 1, 1)
    assert found.late == found.late_in_queue == pytest.approx(9 / 19, rel=1e-8)


def test_when_everyone_has_been_paid_there_is_no_late_leaver():
    assert simulate([(100, 0, 0)], [(100, 0)], ALL).late is None
    assert simulate([(100, 0, 0)], [(100, 0)], ALL).fail_day is None


def test_without_deposits_nothing_falls_due():
    found = simulate([(1, 0, 0)], [], BANK)
    assert (found.fail_day, found.paid_of_run, found.early, found.late) == (None, None, None, None)
    assert found.min_buffer == 1


def test_without_assets_the_first_payment_fails():
    found = simulate([], [(100, 2)], BANK)
    assert (found.fail_day, found.met_on_fail_day, found.binding) == (3, 0, None)


def test_day_0_counts_as_day_1_and_notice_beyond_the_horizon_asks_for_nothing():
    assert simulate([(10, 0, 0)], [(100, 0)], BANK) == simulate([(10, 1, 0)], [(100, 0)], BANK)
    assert simulate([], [(100, 30)], BANK, horizon=30).fail_day is None
    assert simulate([], [(100, 29)], BANK, horizon=30).fail_day == 30


def test_the_binding_asset_is_the_one_whose_date_or_haircut_moves_the_fail_day_most():
    by_date = simulate([(20, 0, 0), (30, 10, 0), (60, 20, 0)], [(100, 0)], ALL)
    assert by_date.binding == survival.Binding(2, "date", 3)
    by_haircut = simulate([(100, 0, 0.5), (30, 10, 0)], [(100, 0)], ALL)
    assert by_haircut.binding == survival.Binding(0, "haircut", None)
    assert simulate([(20, 0, 0)], [(100, 0)], ALL).binding is None


@settings(max_examples=60)
@given(ASSETS, DEPOSITS, RUNS, st.sampled_from([1, 10, 30, 60]))
def test_the_simulation_is_what_plain_loops_count(assets, deposits, run, days):
    found = simulate(assets, deposits, run, days)
    fail, met, lowest, cash, due = by_hand(assets, deposits, run, days)
    assert found.fail_day == fail
    assert found.cash == pytest.approx(cash, rel=1e-8, abs=1e-8)
    assert found.due == pytest.approx(due, rel=1e-8, abs=1e-8)
    assert found.min_buffer == pytest.approx(lowest, rel=1e-8, abs=1e-6)
    if fail is not None:
        assert found.met_on_fail_day == pytest.approx(met, rel=1e-6, abs=1e-6)
        assert found.paid[-1] == pytest.approx(max(cash[fail - 1], ([0.0, *due])[fail - 1]), rel=1e-8, abs=1e-8)
        assert found.paid[fail - 1 :] == (found.paid[-1],) * (days - fail + 1)


@settings(max_examples=40)
@given(ASSETS, DEPOSITS, RUNS)
def test_no_other_asset_would_move_the_fail_day_further(assets, deposits, run):
    found = simulate(assets, deposits, run)
    assume(found.fail_day is not None)
    improved = {}
    for index, (amount, day, haircut) in enumerate(assets):
        for by, better in (("date", (amount, 1, haircut)), ("haircut", (amount, day, 0.0))):
            table = [*assets[:index], better, *assets[index + 1 :]]
            improved[index, by] = simulate(table, deposits, run)
    lived = {key: inf if result.days is None else result.days for key, result in improved.items()}
    if found.binding is None:
        assert all(days <= found.days * (1 + 1e-6) + 1e-9 for days in lived.values())
    else:
        best = lived[found.binding.asset, found.binding.by]
        assert best > found.days
        assert best >= max(lived.values()) * (1 - 1e-9)
        assert improved[found.binding.asset, found.binding.by].fail_day == found.binding.fail_day


@settings(max_examples=100)
@given(ASSETS, DEPOSITS, RUNS)
def test_totals_enclose_every_table_that_adds_up_to_them(assets, deposits, run):
    found = simulate(assets, deposits, run, 30)
    cash, due = totals(assets, deposits)
    days = inf if found.days is None else found.days
    low = run_days(**cash, **due, early=0, late=1, scenario=run)
    high = run_days(**cash, **due, early=1, late=0, scenario=run)
    assert low is None or low <= days + 1e-6
    assert low is not None or days == inf
    assert high is None or high >= days - 1e-6
    box = {name: Interval(value, value) for name, value in (cash | due).items()}
    box |= {"early": Interval(0, 1), "late": Interval(0, 1)}
    for model, truth in ((run_days, days), (paid_of_run, found.paid_of_run)):
        value, sampled = bounded(model, box, run)
        assert not sampled
        assert truth is None or value.lo - 1e-6 <= truth <= value.hi + 1e-6


@settings(max_examples=100)
@given(ASSETS, DEPOSITS, RUNS)
def test_totals_enclose_what_a_late_leaver_gets(assets, deposits, run):
    found = simulate(assets, deposits, run, 30)
    cash, due = totals(assets, deposits)
    owed = sum(amount for amount, _ in deposits)
    given_ = {"cash_30d": cash["cash_30d"], **due, "due_all": owed}
    worst, best = (late_leaver(**given_, late=late, scenario=run) for late in (1, 0))
    assume(None not in (worst, best, found.late, found.late_in_queue))
    assert worst - 1e-6 <= found.late_in_queue <= best + 1e-6
    assert found.late_in_queue - 1e-6 <= found.late <= equal_share(cash_30d=cash["cash_30d"], due_all=owed) + 1e-6


def test_totals_alone_tell_the_day_where_nothing_is_left_open():
    same = {"cash_1d": 20, "cash_7d": 20, "cash_30d": 20, "due_1d": 0, "due_7d": 0, "due_30d": 100}
    soonest = run_days(**same, early=0, late=1, scenario=FTX)
    assert soonest == pytest.approx(simulate([(20, 0, 0)], [(100, 8)], FTX).days, rel=1e-8)
    assert run_days(**same, early=0, late=0, scenario=FTX) is None
    assert paid_of_run(**same, early=0, late=0, scenario=FTX) is None
    half = run_days(**same, early=0, late=0.5, scenario=FTX)
    assert half == pytest.approx(simulate([(20, 0, 0)], [(50, 8), (50, 30)], FTX).days, rel=1e-8)


def test_mixed_shares_are_tables_with_those_shares():
    cash = {"cash_1d": 5, "cash_7d": 15, "cash_30d": 60}
    due = {"due_1d": 40, "due_7d": 80, "due_30d": 100}
    assets = [(5, 1, 0), (4, 2, 0), (6, 7, 0), (18, 8, 0), (27, 30, 0)]
    deposits = [(28, 0), (12, 1), (28, 2), (12, 7), (14, 8), (6, 30)]
    for run in (FTX, BANK, SLOW, ALL):
        found = simulate(assets, deposits, run)
        assert run_days(**cash, **due, early=0.4, late=0.7, scenario=run) == pytest.approx(found.days, rel=1e-6)
        share = paid_of_run(**cash, **due, early=0.4, late=0.7, scenario=run)
        assert share == pytest.approx(found.paid_of_run, rel=1e-6)


def test_what_a_step_adds_has_come_on_its_last_day():
    totals_ = {"cash_1d": 0, "cash_7d": 50, "cash_30d": 100, "due_1d": 100, "due_7d": 100, "due_30d": 100}
    seventh = Run("seventh", "from day 7", (0.0,) * 6 + (0.5, 0.5))
    thirtieth = Run("thirtieth", "on day 30", (0.0,) * 29 + (1.0,))
    assert run_days(**totals_, early=0, late=1, scenario=seventh) == pytest.approx(7, rel=1e-8)
    assert run_days(**totals_, early=0.5, late=1, scenario=seventh) == pytest.approx(7.5, rel=1e-8)
    assert run_days(**totals_, early=0, late=1, scenario=thirtieth) is None
    for day in (1, 6, 29):
        the_day_before = Run("before", "a day too soon", (0.0,) * (day - 1) + (1.0,))
        wanted = {1: 0, 6: 5, 29: 28.5}[day]
        assert run_days(**totals_, early=0, late=1, scenario=the_day_before) == pytest.approx(wanted, rel=1e-8)


def test_a_total_below_an_earlier_one_is_raised_to_it():
    raised = {"cash_1d": 30, "cash_7d": 30, "cash_30d": 30, "due_1d": 100, "due_7d": 100, "due_30d": 100}
    lower = raised | {"cash_7d": 0, "cash_30d": 10, "due_7d": 3, "due_30d": 0}
    for model in (run_days, paid_of_run):
        expected = model(**raised, early=0.3, late=0.6, scenario=FTX)
        assert model(**lower, early=0.3, late=0.6, scenario=FTX) == expected


def test_unbounded_totals_are_limits():
    known = {"cash_1d": 30.0, "cash_7d": 30.0, "cash_30d": 30.0, "due_1d": 100.0, "due_7d": 100.0, "due_30d": 100.0}
    low, high = np.float64(0), np.float64(1)
    point = {name: np.float64(value) for name, value in known.items()}
    assert run_days.raw(point | {"due_1d": np.inf, "early": low, "late": high}, FTX) == 0
    assert run_days.raw(point | {"cash_1d": np.inf, "early": high, "late": low}, FTX) == inf
    assert run_days.raw(point | {"cash_30d": np.inf, "early": low, "late": high}, SLOW) == pytest.approx(
        run_days(**known, early=0, late=1, scenario=SLOW)
    )
    box = {name: Interval(value, value) for name, value in known.items()}
    box |= {"cash_7d": Interval(0, inf), "cash_30d": Interval(0, inf), "due_7d": Interval(0, inf)}
    box |= {"due_30d": Interval(0, inf), "early": Interval(0, 1), "late": Interval(0, 1)}
    days, _ = bounded(run_days, box, FTX)
    assert 0 < days.lo < days.hi == inf


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: simulate([(-1, 0, 0)], [], BANK), "simulate, asset 0: 'amount' is -1"),
        (lambda: simulate([(1, -1, 0)], [], BANK), "simulate, asset 0: 'day' is -1"),
        (lambda: simulate([(1, 0, 1.2)], [], BANK), "simulate, asset 0: 'haircut' is 1.2"),
        (lambda: simulate([(1, inf, 0)], [], BANK), "simulate, asset 0: 'day' is inf"),
        (lambda: simulate([], [(-1, 0)], BANK), "simulate, deposit 0: 'amount' is -1"),
        (lambda: simulate([], [(1, -2)], BANK), "simulate, deposit 0: 'notice' is -2"),
        (lambda: simulate([], [], BANK, 0), "simulate: 'horizon' is 0"),
        (lambda: simulate([], [], BANK, 1.5), "simulate: 'horizon' is 1.5, expected a whole number"),
        (lambda: late_leaver(cash_30d=1, due_1d=1, due_7d=1, due_30d=1, due_all=1, late=0), "expected a run"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ModelError, match=words):
        call()


def test_tables_may_name_their_columns():
    assert simulate([Asset(10, 0)], [Deposit(100)], BANK) == simulate([(10, 0, 0)], [(100, 0)], BANK)


CASES = [
    (model, RUNS if model.scenario else laws.NO_SCENARIO, FTX if model.scenario else None)
    for model in laws.models_of(survival)
]
IDS = [model.name for model, _, _ in CASES]


@pytest.mark.parametrize(("model", "scenarios", "_"), CASES, ids=IDS)
@pytest.mark.parametrize(
    "law", ["assert_monotone", "assert_bounds_contain", "assert_range_holds", "assert_columns_match"]
)
def test_models_keep_the_laws(law, model, scenarios, _):
    getattr(laws, law)(model, scenarios, examples=12)


@pytest.mark.parametrize(("model", "_", "scenario"), CASES, ids=IDS)
def test_models_refuse_the_impossible(model, _, scenario):
    laws.assert_refuses_the_impossible(model, scenario)


def test_the_examples_in_their_words_hold():
    laws.assert_examples_hold(survival)
