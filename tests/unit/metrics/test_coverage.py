"""Coverage of a bank after Basel and of a platform by horizon, class of depositor and run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import coverage
from checker.metrics.coverage import CLASSES, Holding, cover, hqla, lcr, platform_cover, run_cover, sellable
from checker.metrics.model import ModelError
from checker.metrics.scenario import Run, requests

RUN = Run("fast", "fast", requests([(1, 5, 0.087, "remaining"), (6, 30, 0.02, "remaining")]))
MONEY = st.floats(0, 1e6).map(lambda x: round(x, 2))
SHARE = st.floats(0, 1)


def test_the_worked_example_gives_a_stock_of_154_and_a_ratio_of_118_46_percent():
    assert hqla(level_1=120, level_2a=40, level_2b=0) == pytest.approx(154, rel=1e-8)
    ratio = lcr(level_1=120, level_2a=40, level_2b=0, outflow=200, inflow=70)
    assert round(100 * ratio, 2) == 118.46
    assert 154 / ratio == pytest.approx(130, rel=1e-8)


def test_level_2_is_capped_at_two_thirds_of_level_1_not_at_40_percent_of_it():
    assert hqla(level_1=60, level_2a=1000, level_2b=0) == pytest.approx(100, rel=1e-8)


def test_level_2b_is_capped_at_15_percent_of_the_stock():
    assert hqla(level_1=85, level_2a=0, level_2b=1000) == pytest.approx(100, rel=1e-8)
    assert hqla(level_1=60, level_2a=1000, level_2b=1000) == pytest.approx(100, rel=1e-8)
    assert hqla(level_1=60, level_2a=20, level_2b=1000) == pytest.approx(77 / 0.85, rel=1e-8)


@given(MONEY, MONEY, MONEY)
def test_the_stock_is_that_of_the_annex(one, level_2a, level_2b):
    a, b = 0.85 * level_2a, 0.5 * level_2b
    adj15 = max(b - 15 / 85 * (one + a), b - 15 / 60 * one, 0)
    adj40 = max(a + b - adj15 - 2 / 3 * one, 0)
    assert hqla(level_1=one, level_2a=level_2a, level_2b=level_2b) == pytest.approx(
        one + a + b - adj15 - adj40, rel=1e-8, abs=1e-6
    )


def test_inflows_count_up_to_three_quarters_of_the_outflow():
    assert lcr(level_1=50, level_2a=0, level_2b=0, outflow=200, inflow=1e6) == pytest.approx(1.0, rel=1e-8)


def test_without_net_outflow_there_is_no_ratio():
    assert lcr(level_1=50, level_2a=0, level_2b=0, outflow=0, inflow=0) is None
    assert lcr(level_1=50, level_2a=0, level_2b=0, outflow=10, inflow=10, inflow_cap=1) is None
    assert platform_cover(50, []).ratio is None


def test_a_platform_is_covered_by_class_of_depositor():
    amounts = dict(zip(CLASSES, (100, 200, 40, 300, 50), strict=True))
    rates = {f"runoff_{name}": rate for name, rate in zip(CLASSES, (0.05, 0.1, 0.25, 0.4, 1.0), strict=True)}
    net = 5 + 20 + 10 + 120 + 50 - 25
    assert cover(stock=90, inflow=25, **amounts, **rates) == pytest.approx(90 / net, rel=1e-8)
    steps = platform_cover(90, [(amounts[name], rates[f"runoff_{name}"]) for name in CLASSES], inflow=25)
    assert (steps.outflow, steps.inflow, steps.net) == pytest.approx((205, 25, 180), rel=1e-8)
    assert steps.ratio == pytest.approx(0.5, rel=1e-8)


@given(MONEY, st.lists(st.tuples(MONEY, SHARE), min_size=5, max_size=5), MONEY, SHARE)
def test_the_table_and_the_column_agree(stock, classes, inflow, cap):
    amounts = {name: amount for name, (amount, _) in zip(CLASSES, classes, strict=True)}
    rates = {f"runoff_{name}": rate for name, (_, rate) in zip(CLASSES, classes, strict=True)}
    table = platform_cover(stock, classes, inflow, cap)
    assert cover(stock=stock, **amounts, **rates, inflow=inflow, inflow_cap=cap) == table.ratio
    assert table.inflow == pytest.approx(min(inflow, cap * table.outflow), rel=1e-8, abs=1e-8)


def test_pledged_assets_own_tokens_and_long_queues_are_not_stock():
    held = [
        Holding(100, 0),
        Holding(100, 5, 0.2),
        Holding(100, 5, pledged=True),
        Holding(100, 5, own_token=True),
        Holding(100, 31),
        Holding(100, None),
    ]
    assert [sellable(held, days) for days in (1, 5, 30, 31)] == [100, 180, 180, 280]


def test_cover_in_a_run_follows_what_is_asked_for_by_then():
    asked = 1 - 0.913**5
    assert run_cover(stock=20, due=100, days=5, scenario=RUN) == pytest.approx(0.2 / asked, rel=1e-8)
    assert run_cover(stock=20, due=100, days=1, scenario=RUN) == pytest.approx(0.2 / 0.087, rel=1e-8)
    assert run_cover(stock=20, due=100, days=0, scenario=RUN) is None
    assert run_cover(stock=20, due=0, days=5, scenario=RUN) is None
    with pytest.raises(ModelError, match="coverage: 'scenario' is None, expected a run"):
        run_cover(stock=20, due=100, days=5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sellable([Holding(-1, 0)], 1), "sellable, holding 0: 'amount' is -1"),
        (lambda: sellable([Holding(1, 0, 1.5)], 1), "sellable, holding 0: 'haircut' is 1.5"),
        (lambda: sellable([Holding(1, -2)], 1), "sellable, holding 0: 'days' is -2"),
        (lambda: sellable([], -1), "sellable: 'days' is -1"),
        (lambda: platform_cover(-1, []), "platform_cover: 'stock' is -1"),
        (lambda: platform_cover(1, [(1, 2)]), "class 0: 'run-off' is 2"),
        (lambda: platform_cover(1, [(-1, 1)]), "class 0: 'amount' is -1"),
        (lambda: platform_cover(1, [], inflow=-1), "'inflow' is -1"),
        (lambda: platform_cover(1, [], inflow_cap=1.1), "'inflow_cap' is 1.1"),
    ],
)
def test_tables_that_cannot_be_are_refused(call, words):
    with pytest.raises(ModelError, match=words):
        call()


CASES = [
    (model, st.just(RUN) if model.scenario else laws.NO_SCENARIO, RUN if model.scenario else None)
    for model in laws.models_of(coverage)
]
IDS = [model.name for model, _, _ in CASES]


@pytest.mark.parametrize(("model", "scenarios", "_"), CASES, ids=IDS)
@pytest.mark.parametrize(
    "law", ["assert_monotone", "assert_bounds_contain", "assert_range_holds", "assert_columns_match"]
)
def test_models_keep_the_laws(law, model, scenarios, _):
    getattr(laws, law)(model, scenarios, examples=20)


@pytest.mark.parametrize(("model", "_", "scenario"), CASES, ids=IDS)
def test_models_refuse_the_impossible(model, _, scenario):
    laws.assert_refuses_the_impossible(model, scenario)


def test_the_examples_in_their_words_hold():
    laws.assert_examples_hold(coverage)
