"""Direct losses on named borrowers: Three Arrows Capital in 2022, and who bears what equity cannot."""

from datetime import date
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.metrics import laws

from checker.metrics import exposure
from checker.metrics.bounds import bounded
from checker.metrics.exposure import NamedExposure, defaults
from checker.metrics.model import ModelError
from checker.model.interval import Interval, point
from checker.packs.exposures import load_exposures
from checker.resources import data_path

MODELS = laws.models_of(exposure)
TABLE = load_exposures(data_path("rules", "reference"))
THREE_ARROWS = "Three Arrows Capital"


def owed(creditor, kind, debtor=THREE_ARROWS):
    (row,) = [row for row in TABLE.select(creditor=creditor, debtor=debtor) if row.kind == kind]
    return row.amount_usd


# ------------------------------------------------------------------------------------- Three Arrows Capital, 2022


def test_the_shipped_claims_on_three_arrows_are_the_published_ones():
    assert owed("All creditors (27 firms)", "total") == 3.5e9
    assert (owed("Genesis", "gross"), owed("Genesis", "net")) == (2.36e9, 1.2e9)
    assert (owed("BlockFi", "gross"), owed("BlockFi", "net")) == (1e9, 80e6)
    assert owed("Celsius", "gross") == 75e6
    assert owed("Equities First", "gross") == 162e6
    assert owed("Deribit", "claim") == 80e6
    assert 650e6 <= owed("Voyager", "gross") <= 680e6


def test_voyagers_claim_is_350_million_dollars_and_15250_bitcoin_at_the_price_of_july_2022():
    assert (owed("Voyager", "gross") - 350e6) / 15_250 == pytest.approx(20_000, rel=0.05)


@pytest.mark.parametrize(
    ("creditor", "collateral", "loss"),
    [("Genesis", 1.16e9, 1.2e9), ("Equities First", 91e6, 71e6), ("BlockFi", 920e6, 80e6), ("Voyager", 0, 654.1e6)],
)
def test_direct_losses_after_collateral(creditor, collateral, loss):
    found = exposure.direct_loss(exposure=owed(creditor, "gross"), collateral=collateral)
    assert found == pytest.approx(loss, rel=1e-8)


def test_an_illustrative_lender_with_voyagers_largest_loans_loses_its_equity_and_a_tenth_of_deposits():
    claims = [
        NamedExposure("Alameda", owed("Voyager", "gross", "Alameda")),
        NamedExposure(THREE_ARROWS, owed("Voyager", "gross")),
    ]
    one, two = defaults(claims, equity=250e6, deposits=4e9)
    assert (one.names, two.names) == ((THREE_ARROWS,), (THREE_ARROWS, "Alameda"))
    assert one.loss == pytest.approx(654.1e6, rel=1e-8)
    assert one.equity_lost == pytest.approx(2.6164, rel=1e-8)
    assert one.equity_left == pytest.approx(-404.1e6, rel=1e-8)
    assert one.deposits_lost == pytest.approx(0.101025, rel=1e-8)
    assert two.loss == pytest.approx(1030.9e6, rel=1e-8)
    assert two.deposits_lost == pytest.approx(0.195225, rel=1e-8)


def test_before_the_default_was_public_nothing_but_a_small_claim_was_known():
    known = TABLE.select(debtor=THREE_ARROWS, known_by=date(2022, 6, 21))
    assert [row.creditor for row in known if row.add_up] == ["8 Blocks Capital"]


# ---------------------------------------------------------------------------------------------------------- order


def test_the_worst_is_the_one_that_loses_most_not_the_one_that_owes_most():
    claims = [NamedExposure("covered", 1000, 990), NamedExposure("bare", 100), NamedExposure("half", 300, 0, 0.5)]
    one, two, all_of_them = defaults(claims, equity=1000, deposits=5000, top=(1, 2, 9))
    assert one.names == ("half",)
    assert two.names == ("half", "bare")
    assert all_of_them.names == ("half", "bare", "covered")
    assert (one.loss, two.loss, all_of_them.loss) == pytest.approx((150, 250, 260), rel=1e-8)
    assert (one.exposure, all_of_them.exposure) == (300, 1400)
    assert all_of_them.equity_left == pytest.approx(740, rel=1e-8)
    assert all_of_them.deposits_lost == 0


def test_equal_losses_stay_in_their_order():
    claims = [NamedExposure("B", 10), NamedExposure("A", 10), NamedExposure("C", 10)]
    assert defaults(claims, equity=1, deposits=1)[1].names == ("B", "A")


def test_creditors_of_equal_rank_share_what_equity_does_not_bear():
    (alone,) = defaults([NamedExposure("A", 300)], equity=100, deposits=400, top=(1,))
    (shared,) = defaults([NamedExposure("A", 300)], equity=100, deposits=400, other_liabilities=100, top=(1,))
    assert (alone.deposits_lost, shared.deposits_lost) == pytest.approx((0.5, 0.4), rel=1e-8)


def test_equity_that_is_gone_before_adds_its_hole():
    (line,) = defaults([NamedExposure("A", 50)], equity=-30, deposits=400, top=(1,))
    assert (line.equity_lost, line.equity_left) == (None, -80)
    assert line.deposits_lost == pytest.approx(0.2, rel=1e-8)


def test_a_loss_on_equity_that_is_gone_is_beyond_any_share_and_never_unknown():
    box = {"equity": point(-1.0), "exposure": point(5.0)}
    assert bounded(exposure.equity_lost, box).value == point(inf)
    assert bounded(exposure.equity_lost, box | {"equity": Interval(-1.0, 10.0)}).value == Interval(0.5, inf)


def test_nobody_loses_more_than_everything():
    assert exposure.deposits_lost(equity=0, deposits=100, exposure=500) == 1
    assert exposure.direct_loss(exposure=100, collateral=120) == 0
    assert exposure.direct_loss(exposure=100, recovery=1) == 0


def test_without_claims_nothing_is_lost():
    (line,) = defaults([], equity=10, deposits=0, top=(1,))
    assert (line.names, line.loss, line.equity_lost, line.deposits_lost) == ((), 0, 0, None)


def test_two_defaults_in_a_model_are_the_two_of_the_table():
    claims = [NamedExposure("A", 162, 91, 0.2), NamedExposure("B", 80, 10, 0.2)]
    _, two = defaults(claims, equity=40, deposits=300, other_liabilities=50)
    balance = {
        "equity": 40,
        "exposure": 162,
        "collateral": 91,
        "recovery": 0.2,
        "second_exposure": 80,
        "second_collateral": 10,
    }
    assert exposure.equity_lost(**balance) == pytest.approx(two.equity_lost, rel=1e-8)
    assert two.equity_lost == pytest.approx((71 + 70) * 0.8 / 40, rel=1e-8)
    lost = exposure.deposits_lost(**balance, deposits=300, other_liabilities=50)
    assert lost == pytest.approx(two.deposits_lost, rel=1e-8)
    assert lost == pytest.approx((141 * 0.8 - 40) / 350, rel=1e-8)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1)), min_size=1, max_size=6),
    st.floats(-1e6, 1e6),
    st.floats(1, 1e6),
)
def test_one_more_default_never_loses_less_and_none_loses_more_than_the_worst(claims, equity, deposits):
    named = [NamedExposure(str(index), *claim) for index, claim in enumerate(claims)]
    lines = defaults(named, equity, deposits, top=range(1, len(claims) + 1))
    losses = [line.loss for line in lines]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(max(max(0, a - c) * (1 - r) for a, c, r in claims), rel=1e-8, abs=1e-9)
    assert losses[-1] == pytest.approx(sum(max(0, a - c) * (1 - r) for a, c, r in claims), rel=1e-8, abs=1e-9)
    for line in lines:
        assert line.deposits_lost == pytest.approx(min(1, max(0, line.loss - equity) / deposits), rel=1e-8)


@pytest.mark.parametrize(
    ("claims", "more", "part"),
    [
        ([NamedExposure("A", -1)], {}, "'exposure' is -1, expected a number of at least 0"),
        ([NamedExposure("A", 1, recovery=1.5)], {}, "'recovery' is 1.5, expected a number from 0 to 1"),
        ([NamedExposure("A", 1, collateral=float("nan"))], {}, "'collateral' is not a number"),
        ([NamedExposure("A", 1), NamedExposure("A", 2)], {}, "'A' is given twice"),
        ([NamedExposure("A", 1)], {"top": (0,)}, "'top' holds 0"),
        ([NamedExposure("A", 1)], {"top": (1, float("nan"))}, "'top' holds nan"),
        ([NamedExposure("A", 1)], {"deposits": -1}, "'deposits' is -1"),
    ],
)
def test_what_cannot_be_is_refused(claims, more, part):
    with pytest.raises(ModelError, match=part):
        defaults(claims, **{"equity": 1, "deposits": 1, **more})


# ----------------------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize(
    "law",
    [laws.assert_monotone, laws.assert_bounds_contain, laws.assert_columns_match, laws.assert_range_holds],
    ids=lambda law: law.__name__,
)
def test_models_obey(model, law):
    law(model, examples=40)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_impossible_is_refused(model):
    laws.assert_refuses_the_impossible(model)


def test_examples_hold():
    laws.assert_examples_hold(exposure)
