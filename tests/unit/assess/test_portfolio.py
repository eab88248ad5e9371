"""The portfolio: what is counted, ranked and said to have moved; bounded, whatever the number of rows."""

import doctest
from dataclasses import replace

import pytest

from checker.assess import portfolio as module
from checker.assess.portfolio import BatchRow, Cause, Direction, TraitLevels, move, portfolio, rank
from checker.model.errors import Fault
from checker.model.finding import Grade
from checker.packs.meaning import VerdictClass


def row(id="a", best="B", worst="D", day="2022-05-31", **more):
    ends = [None if letter is None else Grade[letter] for letter in (best, worst)]
    given = {"kind": "fund", "facts": "f", "rules": "r"} | more
    return BatchRow(id, given.pop("name", id.upper()), given.pop("kind"), f"{id}.json", None, day, day, *ends, **given)


def test_the_example():
    assert doctest.testmod(module).failed == 0


def test_the_ranking():
    """Assessable platforms by the worst end, then the best; below them the others by what is known of them."""
    rows = [
        row("e", "A", "F"),
        row("thin", "A", "F", assessable=False, coverage_critical=0.1),
        row("b", "B", "C"),
        row("a", "A", "C"),
        row("ungraded", None, None, assessable=False, coverage_critical=0.9),
        row("d", "D", "D"),
    ]
    assert [r.id for r in sorted(rows, key=rank)] == ["a", "b", "d", "e", "ungraded", "thin"]
    assert [r.id for r in portfolio(rows).league] == ["a", "b", "d", "e", "ungraded", "thin"]


def test_the_distribution_counts_every_platform_once():
    rows = [
        row("a", "A", "C"),
        row("b", "D", "F"),
        row("c", "D", "F"),
        row("d", "E", "E"),
        row("e", "A", "F", assessable=False),
        row("f", None, None, assessable=False, kind="token"),
    ]
    found = portfolio(rows)
    spread = found.distribution
    assert spread.ranges == ((Grade.A, Grade.C, 1), (Grade.D, Grade.F, 2), (Grade.E, Grade.E, 1))
    assert (spread.at_best(Grade.D), spread.at_worst(Grade.F), spread.certain(Grade.E)) == (2, 2, 1)
    assert (spread.not_assessable, spread.findings_only, spread.total) == (1, 1, 6)
    assert spread.classes[VerdictClass.FLAGGED] == 3
    assert spread.classes[VerdictClass.CLEARED] == 1
    assert spread.classes[VerdictClass.NOT_ASSESSABLE] == 1
    assert [(kind, part.total) for kind, part in found.kinds] == [("fund", 5), ("token", 1)]


def test_the_heat_map_leaves_out_what_is_not_assessable():
    traits = (TraitLevels("T1", 0, 3), TraitLevels("T2", 1, 1))
    rows = [row("a", traits=traits), row("b", traits=traits, kind="bank"), row("c", traits=traits, assessable=False)]
    heat = {(h.kind, h.trait): (h.best, h.worst) for h in portfolio(rows).heat}
    assert heat["", "T1"] == ((2, 0, 0, 0), (0, 0, 0, 2))
    assert heat["bank", "T2"] == ((0, 1, 0, 0), (0, 1, 0, 0))
    assert heat["fund", "T1"] == ((1, 0, 0, 0), (0, 0, 0, 1))


def test_coverage_by_tenths():
    shares = [0.0, 0.09, 0.1, 0.3, 0.95, 1.0]
    found = portfolio([row(f"p{i}", coverage_critical=share) for i, share in enumerate(shares)])
    assert found.critical.tenths == (2, 1, 0, 1, 0, 0, 0, 0, 0, 2)
    assert found.critical.mean == pytest.approx(sum(shares) / 6, abs=1e-6)
    assert portfolio([]).coverage.mean == 1.0


def test_rules_are_counted_by_what_is_sure():
    rows = [
        row("a", outcomes={"x": "F", "y": "P", "z": "N"}),
        row("b", outcomes={"x": "F", "y": "W", "z": "PF"}),
        row("c", outcomes={"x": "PWF", "y": "F"}),
    ]
    counts = {c.rule: (c.fails, c.warns, c.passes, c.open, c.not_applicable) for c in portfolio(rows).rules}
    assert counts == {"x": (2, 0, 0, 1, 0), "y": (1, 1, 1, 0, 0), "z": (0, 0, 0, 1, 1)}
    assert [c.rule for c in portfolio(rows).rules] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("old", "new", "direction", "steps"),
    [
        ("BD", "BE", Direction.WORSE, 1),
        ("BD", "CF", Direction.WORSE, 3),
        ("BD", "AD", Direction.BETTER, 1),
        ("BD", "AF", Direction.WIDER, 3),
        ("AF", "CD", Direction.NARROWER, 4),
    ],
)
def test_which_way_it_moved(old, new, direction, steps):
    found = move(row("a", *old), row("a", *new))
    assert (found.direction, found.steps) == (direction, steps)


def test_what_counts_as_a_move():
    before = row("a", outcomes={"x": "PF"}, traits=(TraitLevels("T1", 0, 2),))
    assert move(before, replace(before, coverage_all=0.5, facts="other", known_by="2023-01-31")) is None
    assert move(before, replace(before, outcomes={"x": "PWF"})) is None  # still open
    failing = move(before, replace(before, outcomes={"x": "F"}))
    assert (failing.failing, failing.no_longer_failing, failing.direction) == (("x",), (), Direction.SAME)
    level = move(before, replace(before, traits=(TraitLevels("T1", 1, 2), TraitLevels("T2", 0, 0))))
    assert level.traits == ((before.traits[0], TraitLevels("T1", 1, 2)), (None, TraitLevels("T2", 0, 0)))
    assert move(before, replace(before, status=("halted",))) is not None
    lost = move(before, replace(before, best=None, worst=None, assessable=False))
    assert (lost.direction, lost.steps) == (Direction.SAME, 0)


def test_facts_rules_and_time_apart():
    before = row("a", "B", "D")
    now = replace(before, worst=Grade.E)
    assert move(before, now).causes == (Cause.TIME,)
    assert move(before, replace(now, facts="g")).causes == (Cause.FACTS,)
    assert move(before, replace(now, rules="s")).causes == (Cause.RULES,)
    assert move(before, replace(now, facts="g", rules="s")).causes == (Cause.FACTS, Cause.RULES)


def test_several_cuts_of_a_platform():
    """A platform counts once, at its latest cut; each cut has its own distribution; moves between cuts are told."""
    rows = [
        row("a", "A", "C", "2022-01-31"),
        row("a", "A", "C", "2022-02-28"),
        row("a", "D", "F", "2022-03-31", stops=("g.withdrawals",)),
        row("b", "B", "C", "2022-02-28"),
        row("b", "B", "D", "2022-03-31"),
    ]
    found = portfolio(rows)
    assert (found.platforms, found.rows, found.distribution.total) == (2, 5, 2)
    assert [(day.known_by, day.distribution.total) for day in found.days] == [
        ("2022-01-31", 1),
        ("2022-02-28", 2),
        ("2022-03-31", 2),
    ]
    assert [(m.now.id, m.before.known_by, m.now.known_by) for m in found.steps] == [
        ("a", "2022-02-28", "2022-03-31"),
        ("b", "2022-02-28", "2022-03-31"),
    ]
    assert (found.stepped, found.movers, found.since) == (2, (), "")


def test_movers_since_an_earlier_run():
    earlier = {"a": row("a", "B", "D"), "b": row("b", "B", "D"), "c": row("c")}
    rows = [row("a", "B", "D"), row("b", "B", "F"), row("new")]
    found = portfolio(rows, before=earlier.get, gone=("c",), since="2022-04-30")
    assert [(m.before.id, m.direction) for m in found.movers] == [("b", Direction.WORSE)]
    assert (found.moved, found.new, found.gone, found.since) == (1, ("new",), ("c",), "2022-04-30")


def test_only_the_first_are_kept_and_all_are_counted():
    """Whatever the order in which platforms come."""
    rows = [row(f"p{i:02}", "B", "CDEF"[i % 4]) for i in range(40)]
    earlier = {r.id: replace(r, worst=Grade.B) for r in rows}
    found = portfolio(rows, before=earlier.get, keep=5)
    assert found == portfolio(rows[::-1], before=earlier.get, keep=5)
    assert (len(found.league), found.platforms, len(found.movers), found.moved) == (5, 40, 5, 40)
    assert {r.worst for r in found.league} == {Grade.C}
    assert {m.now.worst for m in found.movers} == {Grade.F}
    assert portfolio(rows, keep=0).league == ()


def test_what_could_not_be_read_is_handed_on():
    faults = (Fault("x.json", "no profile"),)
    found = portfolio([], faults=faults, unread=1)
    assert (found.unreadable, found.unread, found.platforms, found.rows) == (faults, 1, 0, 0)
