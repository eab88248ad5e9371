"""How long a platform pays in a run, and what those who leave early and late get.

Three levels of knowledge, one rule for the day on which the door shuts: a closed form for one stock of cash and a
constant daily share; totals reachable and due within 1, 7 and 30 days, where `early` and `late` say what is unknown
about the days between; and a simulation day by day over tables of assets and deposits. For `early` and `late` from 0
to 1 the totals enclose every table that adds up to them.

Models of totals take cash and deposits in one unit, such as shares of all deposits: only their proportions count.

Time: whatever happens up to the end of day t belongs to day t; day 0 counts as day 1. Requests of a day come at its
end, so that a notice of n days makes them due on day + n, rounded up to whole days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import NamedTuple

import numpy as np

from checker.metrics.checks import number
from checker.metrics.model import Column, Input, ModelError, model
from checker.metrics.scenario import Run

__all__ = [
    "DAYS",
    "Asset",
    "Binding",
    "Deposit",
    "Survival",
    "equal_share",
    "horizon",
    "late_leaver",
    "paid_day_one",
    "paid_of_run",
    "run_days",
    "simulate",
]

DAYS = 30
SLACK = 1e-9
ENDS = (1, 7, DAYS)
# Shortest and longest notice, in days, of what is due within each of these.
NOTICE_STEPS = ((0, 1), (2, 7), (8, DAYS))

CALENDAR = np.arange(1, DAYS + 1)
PIECE = 4096

CASH = {name: Input("ratio", +1) for name in ("cash_1d", "cash_7d", "cash_30d")}
DUE = {name: Input("ratio", -1) for name in ("due_1d", "due_7d", "due_30d")}
EARLY = {"early": Input("share", +1, (0.0, 1.0), free=True)}
LATE = {"late": Input("share", -1, (0.0, 1.0), free=True)}


class Asset(NamedTuple):
    """What can be turned into cash.

    Attributes:
        amount: Value at its mark, in money.
        day: Days until it is cash; None where nothing makes it cash.
        haircut: Share of the mark lost on the way.
    """

    amount: float
    day: float | None
    haircut: float = 0.0


class Deposit(NamedTuple):
    """What is owed to depositors on the same terms.

    Attributes:
        amount: What they are owed, in money.
        notice: Days of notice; 0 is on demand.
    """

    amount: float
    notice: float = 0.0


@dataclass(frozen=True)
class Binding:
    """The asset that decides on the day of failure: what improving it alone would bring.

    Attributes:
        asset: Its place in the table, from 0.
        by: `date`, were it cash on day 1, or `haircut`, were nothing lost on the way.
        fail_day: The day of failure then; None where the run would be outlived.
    """

    asset: int
    by: str
    fail_day: int | None


@dataclass(frozen=True)
class Survival:
    """A platform in a run, day by day. Doors shut on the first day on which not everyone can be paid.

    Attributes:
        run: Name of the run.
        title: The run as a short phrase.
        fail_day: First day on which a payment is not met in full; None where every payment is met.
        met_on_fail_day: Share of that day's payments that is met.
        days: Days survived, with that share as the part of the last day; None where every payment is met.
        min_buffer: Lowest cash less payments due, both cumulative, in money; negative is a hole.
        cash: Cash reached by each day.
        due: Payments due by each day.
        paid: What is paid by each day; nothing after the doors shut.
        paid_of_run: Share of what falls due that is paid; None where nothing falls due.
        early: Share that one gets who asks on day 1, at the shortest notice, with what is left for him after the
            doors shut; None where nobody holds deposits.
        late: Share that one gets who has not asked by the day of failure, if what cash comes in afterwards is shared
            equally among all who were not paid; None where everyone has been paid.
        late_in_queue: The same, if those who asked in the run stand before him in the queue.
        binding: The asset that decides on the day of failure; None where every payment is met or no asset moves it.
    """

    run: str
    title: str
    fail_day: int | None
    met_on_fail_day: float | None
    days: float | None
    min_buffer: float
    cash: tuple[float, ...]
    due: tuple[float, ...]
    paid: tuple[float, ...]
    paid_of_run: float | None
    early: float | None
    late: float | None
    late_in_queue: float | None
    binding: Binding | None


class Door(NamedTuple):
    """When the door shuts: the day (infinity for never), the share met on it, what is paid, what is due in the end."""

    day: Column
    met: Column
    paid: Column
    due: Column


def door(cash: Column, due: Column) -> Door:
    """The first day on which payments due exceed the cash reached.

    Args:
        cash: Cash reached by each day (first axis), cumulative.
        due: Payments due by each day, cumulative.
    """
    before = np.concatenate([np.zeros_like(due[:1]), due[:-1]])
    short = due > cash * (1 + SLACK)
    fails, first = short.any(axis=0), short.argmax(axis=0)
    reached, called, met_before = (np.take_along_axis(path, first[None], axis=0)[0] for path in (cash, due, before))
    met = np.minimum(np.maximum((reached - met_before) / (called - met_before), 0.0), 1.0)
    return Door(
        np.where(fails, first + 1.0, inf),
        np.where(fails, met, 1.0),
        np.where(fails, np.maximum(met_before, reached), due[-1]),
        due[-1],
    )


def left_over(cash: Column, paid: Column, owed: Column) -> Column:
    """Share of what is still owed that the cash not yet paid out covers; NaN where nothing is owed."""
    rest = owed - paid
    return np.where(rest > SLACK * owed, np.clip((cash - paid) / rest, 0.0, 1.0), np.nan)


@model(
    unit="days",
    inputs={
        "cash": Input("money", +1),
        "deposits": Input("money", -1),
        "daily_share": Input("share", None, (0.0, 1.0)),
    },
    range=(0.0, inf),
    never="the cash outlasts the deposits",
)
def horizon(cash: Column, deposits: Column, daily_share: Column) -> Column:
    """Days that a stock of cash lasts while a constant share of the remaining deposits leaves each day.

    t = ln(1 - C/D) / ln(1 - q), from C = D (1 - (1 - q)^t). Never where cash covers all deposits or nobody leaves. At
    q = 1, where all ask in one day, the part of that day that is paid, C/D; this is why t may turn in q.

    Args:
        cash: Cash that can be paid out, in money.
        deposits: What depositors may ask for, in money.
        daily_share: Share of the remaining balance asked for each day.

    Returns:
        Days.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> round(horizon(cash=20, deposits=100, daily_share=0.02), 1)
    11.0
    """
    never = (cash >= deposits) | (daily_share <= 0)
    share = np.where(never, 0.0, cash / deposits)
    return np.where(never, inf, np.where(daily_share >= 1, share, np.log1p(-share) / np.log1p(-daily_share)))


@model(unit="share", inputs={"cash_1d": Input("ratio", +1), "due_1d": Input("ratio", -1)}, range=(0.0, 1.0))
def paid_day_one(cash_1d: Column, due_1d: Column) -> Column:
    """Of every 1 that may be called on day one, how much could be paid if all called.

    min(1, cash / due). Not defined where nothing may be called.

    Args:
        cash_1d: Cash reachable within a day.
        due_1d: Deposits whose notice ends within a day.

    Returns:
        Share.

    Raises:
        ModelError: Negative money.

    >>> paid_day_one(cash_1d=12, due_1d=100)
    0.12
    """
    return np.where(due_1d > 0, np.minimum(1.0, cash_1d / due_1d), np.nan)


@model(unit="share", inputs={"cash_30d": Input("ratio", +1), "due_all": Input("ratio", -1)}, range=(0.0, 1.0))
def equal_share(cash_30d: Column, due_all: Column) -> Column:
    """What each depositor gets of 1 if the doors shut before a run begins and 30 days of cash are shared equally.

    The yardstick for who gains and who loses by the order of leaving.

    Args:
        cash_30d: Cash reachable within 30 days.
        due_all: All deposits.

    Returns:
        Share; not defined where there are no deposits.

    Raises:
        ModelError: Negative money.

    >>> equal_share(cash_30d=60, due_all=100)
    0.6
    """
    return np.where(due_all > 0, np.minimum(1.0, cash_30d / due_all), np.nan)


def _run(scenario: object) -> Run:
    if not isinstance(scenario, Run):
        raise ModelError(f"survival: 'scenario' is {scenario!r}, expected a run")
    return scenario


def _mix(start: Column, end: Column, share: Column) -> Column:
    """`share` of `start` and the rest of `end`, also where the one left out is infinite."""
    return np.where(share >= 1, start, np.where(share <= 0, end, share * start + (1 - share) * end))


def _cash(totals: Sequence[Column], early: Column) -> Column:
    """Cash reached by each day: what a step adds comes at its start (`early` of it) or at its end."""
    first, *later = totals
    levels, lengths, reached, until = [first], [1], first, 1
    for total, last in zip(later, ENDS[1:], strict=True):
        levels += [_mix(total, reached, early), total]
        lengths += [last - until - 1, 1]
        reached, until = total, last
    return np.repeat(np.stack(levels), lengths, axis=0)


def _due(totals: Sequence[Column], late: Column, run: Run) -> Column:
    """Payments due by each day.

    With a(n) the share asked for n days before, deposits of a step are due as late a(start) + (1 - late) a(end). Steps
    are summed over their cumulative totals, whose weights are never negative: this is why more due never helps.
    """
    asked = run.asked(CALENDAR - np.array(NOTICE_STEPS)[:, :, None])
    soon, slow = np.moveaxis(asked, 1, 0).reshape((2, len(NOTICE_STEPS), DAYS, *(1,) * late.ndim))
    weights = late * soon + (1 - late) * slow
    weights[:-1] -= weights[1:]
    return np.asarray(np.where(weights > 0, np.stack(totals)[:, None] * weights, 0.0).sum(axis=0))


def _cumulative(*totals: Column) -> list[Column]:
    return list(np.maximum.accumulate(np.broadcast_arrays(*totals)))


def _totals_door(run: Run, cash: Sequence[Column], due: Sequence[Column], early: Column, late: Column) -> Door:
    """When the door shuts with what totals tell; long columns go in pieces, since each row becomes 30 days."""
    columns = np.broadcast_arrays(*cash, *due, early, late)
    shape = columns[0].shape
    rows = np.stack([np.ravel(column) for column in columns])
    found = []
    for start in range(0, max(rows.shape[1], 1), PIECE):
        *sums, soon, slow = rows[:, start : start + PIECE]
        found.append(door(_cash(_cumulative(*sums[:3]), soon), _due(_cumulative(*sums[3:]), slow, run)))
    return Door(*(np.concatenate(parts).reshape(shape) for parts in zip(*found, strict=True)))


@model(
    unit="days",
    inputs={**CASH, **DUE, **EARLY, **LATE},
    scenario="run",
    range=(0.0, inf),
    never="the run ends, or 30 days pass, before the cash does",
)
def run_days(
    cash_1d: Column,
    cash_7d: Column,
    cash_30d: Column,
    due_1d: Column,
    due_7d: Column,
    due_30d: Column,
    early: Column,
    late: Column,
    scenario: object,
) -> Column:
    """Days until one who asks is not paid in full under a named run.

    The days before the first on which payments due exceed the cash reached, and of that day the share that is met.
    Looks at 30 days; never where all payments of these are met. Totals are cumulative; one below an earlier one is
    raised to it.

    Args:
        cash_1d: Cash reachable within a day, after haircuts.
        cash_7d: The same within 7 days.
        cash_30d: The same within 30 days.
        due_1d: Deposits whose notice is at most a day.
        due_7d: The same for 7 days.
        due_30d: The same for 30 days.
        early: Share of each step's cash that comes on its first day (2 and 8), the rest on its last (7 and 30).
        late: Share of each step's deposits with its shortest notice (0, 2 and 8 days), the rest with its longest (1, 7
            and 30): how much falls due too soon for the platform.
        scenario: The run.

    Returns:
        Days.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> run = Run("even", "a tenth a day", (0.1,) * 5)
    >>> totals = dict(cash_1d=25, cash_7d=25, cash_30d=25, due_1d=100, due_7d=100, due_30d=100)
    >>> round(run_days(**totals, early=0, late=1, scenario=run), 6)
    2.5
    """
    shut = _totals_door(_run(scenario), (cash_1d, cash_7d, cash_30d), (due_1d, due_7d, due_30d), early, late)
    return shut.day - 1 + shut.met


@model(unit="share", inputs={**CASH, **DUE, **EARLY, **LATE}, scenario="run", range=(0.0, 1.0))
def paid_of_run(
    cash_1d: Column,
    cash_7d: Column,
    cash_30d: Column,
    due_1d: Column,
    due_7d: Column,
    due_30d: Column,
    early: Column,
    late: Column,
    scenario: object,
) -> Column:
    """Share of what falls due in 30 days of a named run that is paid before the doors shut.

    Doors shut on the first day on which not everyone can be paid, as they did in 2022. Not defined where nothing falls
    due.

    Args:
        cash_1d: Cash reachable within a day, after haircuts.
        cash_7d: The same within 7 days.
        cash_30d: The same within 30 days.
        due_1d: Deposits whose notice is at most a day.
        due_7d: The same for 7 days.
        due_30d: The same for 30 days.
        early: As in `run_days`.
        late: As in `run_days`.
        scenario: The run.

    Returns:
        Share.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> run = Run("even", "a tenth a day", (0.1,) * 5)
    >>> totals = dict(cash_1d=25, cash_7d=25, cash_30d=25, due_1d=100, due_7d=100, due_30d=100)
    >>> round(paid_of_run(**totals, early=0, late=1, scenario=run), 6)
    0.5
    """
    shut = _totals_door(_run(scenario), (cash_1d, cash_7d, cash_30d), (due_1d, due_7d, due_30d), early, late)
    return np.where(shut.due > 0, np.where(np.isinf(shut.day), 1.0, shut.paid / shut.due), np.nan)


@model(
    unit="share",
    inputs={"cash_30d": Input("ratio", +1), **DUE, "due_all": Input("ratio", -1), **LATE},
    scenario="run",
    range=(0.0, 1.0),
)
def late_leaver(
    cash_30d: Column,
    due_1d: Column,
    due_7d: Column,
    due_30d: Column,
    due_all: Column,
    late: Column,
    scenario: object,
) -> Column:
    """What one gets of 1 who has not left by the end of a named run, out of the cash reachable within 30 days.

    (cash - due in the run) / (all deposits - due in the run), not below 0: those who asked stand before him. Where
    doors shut earlier and what is left is shared equally he gets more, at most `equal_share`. Not defined where
    everyone has left.

    Args:
        cash_30d: Cash reachable within 30 days, after haircuts.
        due_1d: Deposits whose notice is at most a day.
        due_7d: The same for 7 days.
        due_30d: The same for 30 days.
        due_all: All deposits.
        late: As in `run_days`.
        scenario: The run.

    Returns:
        Share.

    Raises:
        ModelError: Negative money or a share outside 0 to 1.

    >>> run = Run("even", "a tenth a day", (0.1,) * 5)
    >>> round(late_leaver(cash_30d=60, due_1d=100, due_7d=100, due_30d=100, due_all=100, late=1, scenario=run), 6)
    0.2
    """
    *due, owed, late, cash_30d = np.broadcast_arrays(*_cumulative(due_1d, due_7d, due_30d, due_all), late, cash_30d)
    return left_over(cash_30d, _due(due, late, _run(scenario))[-1], owed)


def simulate(
    assets: Iterable[tuple[float, float | None, float]],
    deposits: Iterable[tuple[float, float]],
    run: Run,
    horizon: int = DAYS,
) -> Survival:
    """A run played day by day on tables of assets and deposits.

    payments due by day t = sum over deposits of amount times the share asked for by day t - notice; cash by day t = sum
    over assets reachable by then of amount (1 - haircut). Doors shut on the first day on which the former exceed the
    latter.

    Args:
        assets: Amount in money, days until it is cash (None for never) and haircut of each.
        deposits: Amount in money and days of notice of each; all classes ask at the same pace.
        run: The run.
        horizon: Whole days to look at.

    Returns:
        The result with its paths.

    Raises:
        ModelError: Negative amounts or days, a haircut outside 0 to 1, or a horizon below one day.

    >>> run = Run("even", "a tenth a day", (0.1,) * 5)
    >>> result = simulate([(25, 0, 0), (20, 9, 0.5)], [(100, 0)], run)
    >>> result.fail_day, round(result.met_on_fail_day, 6), result.binding
    (3, 0.5, Binding(asset=1, by='date', fail_day=4))
    """
    if number("simulate", "horizon", horizon, 1.0) % 1:
        raise ModelError(f"simulate: 'horizon' is {horizon!r}, expected a whole number of days from 1")
    table = [_checked_asset(index, Asset(*asset)) for index, asset in enumerate(assets)]
    owed_by = [_checked_deposit(index, Deposit(*deposit)) for index, deposit in enumerate(deposits)]
    days = np.arange(1, horizon + 1)
    values = np.array([amount * (1 - haircut) for amount, _, haircut in table])
    dates = np.array([inf if day is None else max(1, ceil(day)) for _, day, _ in table])
    cash = (values * (dates <= days[:, None])).sum(axis=1)
    due = sum((amount * run.asked(days - ceil(notice)) for amount, notice in owed_by), np.zeros(horizon))
    owed = float(sum(amount for amount, _ in owed_by))
    with np.errstate(all="ignore"):
        shut = door(cash, due)
        late = _or_none(left_over(cash[-1], shut.paid, np.asarray(owed)))
        queue = _or_none(left_over(cash[-1], due[-1], np.asarray(owed)))
    fails = bool(np.isfinite(shut.day))
    paid = np.where(days < shut.day, due, shut.paid)
    met = float(shut.met)
    return Survival(
        run=run.name,
        title=run.title,
        fail_day=int(shut.day) if fails else None,
        met_on_fail_day=met if fails else None,
        days=float(shut.day) - 1 + met if fails else None,
        min_buffer=float((cash - due).min()),
        cash=tuple(cash.tolist()),
        due=tuple(due.tolist()),
        paid=tuple(paid.tolist()),
        paid_of_run=float(paid[-1] / due[-1]) if due[-1] > 0 else None,
        early=_early(owed_by, float(shut.day), met, late, horizon),
        late=late,
        late_in_queue=queue,
        binding=_binding(table, values, dates, cash, due, shut) if fails else None,
    )


def _checked_asset(index: int, asset: Asset) -> Asset:
    where = f"simulate, asset {index}"
    number(where, "amount", asset.amount)
    number(where, "haircut", asset.haircut, 0.0, 1.0)
    if asset.day is not None:
        number(where, "day", asset.day)
    return asset


def _checked_deposit(index: int, deposit: Deposit) -> Deposit:
    number(f"simulate, deposit {index}", "amount", deposit.amount)
    number(f"simulate, deposit {index}", "notice", deposit.notice)
    return deposit


def _or_none(value: Column) -> float | None:
    return float(value) if isfinite(float(value)) else None


def _early(deposits: Sequence[Deposit], fail_day: float, met: float, late: float | None, days: int) -> float | None:
    notices = [ceil(deposit.notice) for deposit in deposits if deposit.amount > 0]
    if not notices:
        return None
    payday = 1 + min(notices)
    if payday > days or payday > fail_day:
        return late
    return met + (1 - met) * (late or 0.0) if payday == fail_day else 1.0


def _binding(
    assets: Sequence[Asset], values: Column, dates: Column, cash: Column, due: Column, shut: Door
) -> Binding | None:
    """The asset whose date or haircut moves the day of failure most; each is improved alone."""
    days = np.arange(1, len(cash) + 1)[:, None]
    amounts = np.array([asset.amount for asset in assets])
    here = values * (dates <= days)
    sooner = cash[:, None] - here + values
    dearer = cash[:, None] - here + amounts * (dates <= days)
    with np.errstate(all="ignore"):
        improved = door(np.hstack([sooner, dearer]), np.repeat(due[:, None], 2 * len(assets), axis=1))
    survived = improved.day - 1 + improved.met
    if survived.max(initial=0.0) <= (shut.day - 1 + shut.met) * (1 + SLACK):
        return None
    best = int(survived.argmax())
    day = improved.day[best]
    by = "date" if best < len(assets) else "haircut"
    return Binding(best % len(assets), by, int(day) if isfinite(day) else None)
