"""The life of a scheme that pays from new deposits, against its differential equation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from unit.metrics import laws

from checker.metrics import artzrouni
from checker.metrics.artzrouni import (
    collapse_days,
    coverage_after,
    critical_growth,
    fitted_inflow,
    inflow_dependence,
    scheme_cash,
    scheme_promises,
)
from checker.metrics.bounds import bounded
from checker.metrics.model import ModelError
from checker.model.interval import Interval

INTRODUCTION = {"promised": 0.10, "earned": 0.02, "withdrawals": 0.5}
"""Rates of the paper's example; the share withdrawn is ours."""
BOOKS = {"first": 1.0, "start": 1.0, "inflow": 1.0}
RATES = st.sampled_from([0.0, 0.1, 0.3]) | st.floats(-0.5, 0.8)
SHARES = st.sampled_from([0.0, 0.1, 0.3]) | st.floats(0, 0.8)
SCHEMES = st.fixed_dictionaries(
    {
        "first": st.floats(0.1, 3),
        "start": st.floats(0.1, 5),
        "inflow": st.just(0.0) | st.floats(0.01, 3),
        "growth": RATES,
        "promised": SHARES,
        "earned": RATES,
        "withdrawals": SHARES,
    }
)


def promised_part(scheme):
    return {name: scheme[name] for name in ("first", "inflow", "growth", "promised", "withdrawals")}


def solved(scheme, years):
    """Promised balances and cash from the differential equations themselves."""

    def change(t, state):
        promises, cash = state
        deposits = scheme["inflow"] * math.exp(scheme["growth"] * t)
        return [
            (scheme["promised"] - scheme["withdrawals"]) * promises + deposits,
            scheme["earned"] * cash + deposits - scheme["withdrawals"] * promises,
        ]

    start = [scheme["first"], scheme["start"]]
    path = solve_ivp(change, (0, years[-1]), start, t_eval=years, method="DOP853", rtol=1e-11, atol=1e-12)
    return path.y


def printed(scheme, t):
    """Cash by the formula as it is printed, for rates that all differ."""
    names = ("first", "start", "inflow", "growth", "promised", "earned", "withdrawals")
    k, s, s0, r_i, r_p, r_n, r_w = (scheme[name] for name in names)
    g = r_p - r_w
    a, b = s0 * (r_i - r_p) / (r_i - g), r_w * (k - s0 / (r_i - g))
    own = s - a / (r_i - r_n) + b / (g - r_n)
    return own * math.exp(r_n * t) + a / (r_i - r_n) * math.exp(r_i * t) - b / (g - r_n) * math.exp(g * t)


@pytest.mark.parametrize("model", laws.models_of(artzrouni), ids=lambda model: model.name)
def test_models_obey_the_laws(model):
    laws.assert_monotone(model, examples=15)
    laws.assert_bounds_contain(model, examples=15)
    laws.assert_range_holds(model, examples=30)
    laws.assert_columns_match(model, examples=10)
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(artzrouni)


def test_the_fit_to_charles_ponzi():
    ponzi = fitted_inflow(total=10, last=0.2 * 365, years=0.58)
    assert ponzi.start == pytest.approx(1.130, abs=0.0005)
    assert ponzi.growth == pytest.approx(7.187, abs=0.0005)
    assert ponzi.start * 1e6 / 365 == pytest.approx(3095, abs=0.5)
    assert ponzi.start * math.exp(0.58 * ponzi.growth) == pytest.approx(73, rel=1e-8)
    assert ponzi.start * math.expm1(0.58 * ponzi.growth) / ponzi.growth == pytest.approx(10, rel=1e-8)


@given(st.floats(0.1, 100), st.floats(-40, 40), st.floats(0.1, 5))
def test_the_fit_finds_the_deposits_that_made_the_totals(start, exponent, years):
    growth = exponent / years
    total = start * years if growth == 0 else start * math.expm1(exponent) / growth
    fit = fitted_inflow(total=total, last=start * math.exp(exponent), years=years)
    assert fit.growth * years == pytest.approx(exponent, rel=1e-8, abs=1e-8)
    assert fit.start == pytest.approx(start, rel=1e-6)


@given(SCHEMES, st.floats(0.5, 12))
@settings(max_examples=60)
def test_cash_and_promises_solve_their_equations(scheme, last):
    years = np.linspace(0, last, 5)
    promises, cash = solved(scheme, years)
    assert scheme_promises(years, **promised_part(scheme)) == pytest.approx(promises, rel=1e-8, abs=1e-9)
    assert scheme_cash(years, **scheme) == pytest.approx(cash, rel=1e-8, abs=1e-8 * np.abs(promises).max())


@given(SCHEMES, st.permutations([-0.25, 0.05, 0.35]), st.tuples(*[st.floats(-0.1, 0.1)] * 3), st.floats(0.1, 20))
def test_the_formula_as_printed_gives_the_same_where_the_rates_differ(scheme, places, shifts, t):
    net, growth, earned = (place + shift for place, shift in zip(places, shifts, strict=True))
    rates = {"promised": 0.4 + net, "withdrawals": 0.4, "growth": growth, "earned": earned}
    apart = scheme | rates
    scale = 100 * math.exp(max(net, growth, earned) * t)
    assert scheme_cash(np.array([t]), **apart)[0] == pytest.approx(printed(apart, t), rel=1e-8, abs=1e-12 * scale)


@pytest.mark.parametrize("nudge", [0.0, 1e-15, 1e-10, 1e-7, 1e-4])
@pytest.mark.parametrize(
    ("growth", "promised", "earned", "withdrawals"),
    [(0.1, 0.2, 0.05, 0.1), (0.1, 0.3, 0.1, 0.1), (0.3, 0.2, 0.1, 0.1), (0.1, 0.2, 0.1, 0.1), (0.0, 0.0, 0.0, 0.0)],
    ids=["inflow-as-promises", "inflow-as-earned", "earned-as-promises", "all-three", "all-nothing"],
)
def test_rates_that_coincide_are_limits(growth, promised, earned, withdrawals, nudge):
    rates = {"growth": growth + nudge, "promised": promised, "earned": earned + 2 * nudge, "withdrawals": withdrawals}
    scheme = BOOKS | rates
    years = np.linspace(0, 30, 7)
    promises, cash = solved(scheme, years)
    assert scheme_promises(years, **promised_part(scheme)) == pytest.approx(promises, rel=1e-8)
    assert scheme_cash(years, **scheme) == pytest.approx(cash, rel=1e-8, abs=1e-8)


@given(SCHEMES, st.floats(0, 40))
def test_what_earns_as_much_as_it_promises_always_holds_what_it_owes(scheme, t):
    honest = scheme | {"earned": scheme["promised"], "start": scheme["first"]}
    promises = scheme_promises(np.array([t]), **promised_part(honest))[0]
    scale = math.exp(max(honest["earned"], honest["growth"], 0) * t)
    assert scheme_cash(np.array([t]), **honest)[0] == pytest.approx(promises, rel=1e-8, abs=1e-9 * scale)
    assert collapse_days(**honest) is None


@given(SCHEMES, st.floats(0.001, 1), st.floats(0.001, 1))
def test_deposits_that_grow_faster_than_the_promise_and_cover_withdrawals_at_once_keep_it_alive(scheme, one, other):
    earned = scheme["promised"] - one
    growing = scheme | {"earned": earned, "growth": scheme["promised"] + other}
    growing["inflow"] = max(scheme["inflow"], scheme["withdrawals"] * scheme["first"] + 0.001)
    assert collapse_days(**growing) is None


def test_deposits_that_grow_faster_than_the_promise_but_start_too_small_do_not():
    scheme = {"first": 1, "start": 1, "inflow": 1e-4, "growth": 0.2, "promised": 0.1, "earned": 0.0, "withdrawals": 1}
    days = collapse_days(**scheme)
    assert days / 365 == pytest.approx(2.57, abs=0.02)
    assert scheme_cash(np.array([days / 365]), **scheme)[0] == pytest.approx(0, abs=1e-9)


@given(SCHEMES)
@settings(max_examples=60)
def test_cash_is_gone_for_the_first_time_on_the_day_told(scheme):
    days = collapse_days(**scheme)
    years = np.linspace(0, 30 if days is None else min(30, days / 365), 400)[1:-1]
    promises, cash = solved(scheme, years)
    assert (cash > -1e-7 * (1 + promises)).all()
    if days is not None and days < 365 * 30:
        at = np.array([days / 365])
        scale = 1 + abs(scheme_promises(at, **promised_part(scheme))[0])
        assert scheme_cash(at, **scheme)[0] == pytest.approx(0, abs=1e-8 * scale * math.exp(days / 365))


def test_new_deposits_that_grow_exactly_as_promised_do_not_hide_the_collapse():
    scheme = {"first": 2.0, "start": 1.0, "inflow": 0.5, "growth": 0.5, "promised": 0.5, "withdrawals": 0.3}
    days = collapse_days(earned=0.0, **scheme)
    assert days == pytest.approx(collapse_days(earned=0.0, **{**scheme, "growth": 0.5 + 1e-7}), rel=1e-4)
    assert scheme_cash(np.array([days / 365]), earned=0.0, **scheme)[0] == pytest.approx(0, abs=1e-6)


def test_the_rates_of_the_introduction_collapse_without_growth_and_live_with_it():
    years = collapse_days(**BOOKS, **INTRODUCTION, growth=0.0) / 365
    _, cash = solved(BOOKS | INTRODUCTION | {"growth": 0.0}, np.array([0, years * 0.99, years * 1.01]))
    assert cash[1] > 0 > cash[2]
    assert collapse_days(**BOOKS, **INTRODUCTION, growth=0.11) is None


def test_a_sponsor_who_adds_cash_delays_the_collapse():
    books = {"first": 1.0, "inflow": 1.0, "growth": 0.0, **INTRODUCTION}
    days = [collapse_days(start=start, **books) for start in (1.0, 1.5, 2.5)]
    assert days == sorted(days)
    assert days[0] < days[2]


@pytest.mark.parametrize("years", [5, 20, 100])
def test_the_critical_growth_parts_collapse_from_life(years):
    critical = critical_growth(**BOOKS, **INTRODUCTION, years=years)
    assert collapse_days(**BOOKS, **INTRODUCTION, growth=critical.rate - 1e-6) < 365 * years
    above = collapse_days(**BOOKS, **INTRODUCTION, growth=critical.rate + 1e-6)
    assert above is None or above > 365 * years
    assert critical.rate < INTRODUCTION["promised"]
    assert not critical.lives_below


def test_the_critical_growth_nears_the_promised_rate_as_the_horizon_grows():
    rates = [critical_growth(**BOOKS, **INTRODUCTION, years=years).rate for years in (5, 20, 100, 200)]
    assert rates == sorted(rates)
    assert 0.09 < rates[-1] < 0.1


def test_a_scheme_may_live_with_few_new_deposits_die_with_more_and_live_again_with_many():
    scheme = {"first": 0.1, "start": 4.4, "inflow": 2.3, "promised": 1.4, "earned": 0.85, "withdrawals": 1.6}
    critical = critical_growth(**scheme, years=20)
    assert critical.lives_below
    assert collapse_days(**scheme, growth=-5.0) is None
    assert collapse_days(**scheme, growth=critical.rate - 1e-6) < 365 * 20
    tried = np.linspace(critical.rate + 1e-6, 10, 500)
    assert (collapse_days(growth=tried, **{name: np.array(value) for name, value in scheme.items()}) > 365 * 20).all()


def test_a_scheme_that_needs_no_growth_or_cannot_be_saved_by_any_says_so():
    honest = critical_growth(**BOOKS, promised=0.05, earned=0.2, withdrawals=0.1, years=50)
    assert honest.rate is None
    assert honest.always
    assert not honest.never
    doomed = critical_growth(first=1, start=0.1, inflow=0, promised=0.1, earned=0, withdrawals=1, years=5)
    assert doomed.rate is None
    assert doomed.never
    assert not doomed.always


@given(SCHEMES, st.floats(0, 3000))
def test_coverage_and_dependence_come_from_cash_and_promises(scheme, days):
    at = np.array([days / 365])
    cash, promises = scheme_cash(at, **scheme)[0], scheme_promises(at, **promised_part(scheme))[0]
    scale = 1 + math.exp(max(scheme["earned"], scheme["growth"], 0) * days / 365) / promises
    assert coverage_after(days=days, **scheme) == pytest.approx(cash / promises, rel=1e-8, abs=1e-9 * scale)
    found = inflow_dependence(days=days, **scheme)
    if scheme["withdrawals"] == 0:
        assert found is None
    elif scheme["withdrawals"] > 1e-3:
        share = 1 - scheme["earned"] * cash / (scheme["withdrawals"] * promises)
        assert found == pytest.approx(min(1, max(0, share)), rel=1e-8, abs=1e-6 * scale)


def test_no_cash_and_more_withdrawn_than_deposited_is_a_collapse_today():
    assert collapse_days(first=1, start=0, inflow=0.1, growth=0, promised=0.1, earned=0.1, withdrawals=0.5) == 0


def test_a_scheme_with_no_promises_has_no_coverage():
    nothing = {"first": 0, "start": 1, "inflow": 0, "growth": 0, "promised": 0.1, "earned": 0, "withdrawals": 0.1}
    assert coverage_after(days=10, **nothing) is None
    assert inflow_dependence(days=10, **nothing) is None
    assert collapse_days(**nothing) is None


def test_growth_as_fast_as_that_of_charles_ponzi_does_not_overflow_within_200_years():
    scheme = {"first": 0.0, "start": 0.0, "inflow": 1.13, "growth": 7.187, "earned": 0.0, "withdrawals": 0.5}
    assert collapse_days(**scheme, promised=3.0) is None
    assert 0 < collapse_days(**scheme, promised=30.0) / 365 < 1


def test_an_unknown_rate_of_earning_leaves_a_range_that_holds_both_ends():
    scheme = {name: Interval(value, value) for name, value in (BOOKS | INTRODUCTION | {"growth": 0.0}).items()}
    value, sampled = bounded(collapse_days, scheme | {"earned": Interval(0.0, 0.3)})
    assert not sampled
    assert value.lo == collapse_days(**BOOKS, **INTRODUCTION | {"earned": 0.0}, growth=0.0)
    assert value.hi == math.inf


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fitted_inflow(total=0, last=1, years=1), "'total' is 0, expected more"),
        (lambda: fitted_inflow(total=1, last=-1, years=1), "'last' is -1"),
        (lambda: critical_growth(**BOOKS, **INTRODUCTION, years=0), "'years' is 0, expected more"),
        (
            lambda: critical_growth(**BOOKS, **INTRODUCTION, years=201),
            "'years' is 201, expected a number from 0 to 200",
        ),
        (lambda: critical_growth(**BOOKS, **INTRODUCTION, years=1, lowest=2, highest=1), "'lowest' is 2"),
        (lambda: scheme_cash([1.0], **BOOKS, **INTRODUCTION, growth=math.nan), "'growth' is nan"),
        (lambda: scheme_cash([-1.0], **BOOKS, **INTRODUCTION, growth=0), "'years' is -1"),
        (
            lambda: scheme_promises([1.0], first=-1, inflow=0, growth=0, promised=0, withdrawals=0),
            "'first' is -1",
        ),
    ],
)
def test_impossible_input_is_refused_by_name(call, words):
    with pytest.raises(ModelError) as raised:
        call()
    assert words in str(raised.value)
