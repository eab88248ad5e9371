"""Which way a threshold pushes a condition: read off the tree, and confirmed by evaluating the shipped rules."""

import pytest

from checker.app.audit import shipped_rulebook
from checker.lang.check import Scope, compile_expression
from checker.lang.polarity import signs
from checker.lang.tree import Type

SCOPE = Scope(
    facts={
        "a.x": Type("number"),
        "a.y": Type("number", nonnegative=True),
        "a.flag": Type("bool"),
        "a.t": Type("table", table="a.t"),
    },
    columns={"a.t": {"v": Type("number")}},
    params={"p.limit": Type("number", nonnegative=True)},
    pack="p",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.x > params.limit", {-1}),
        ("a.x < params.limit", {1}),
        ("!(a.x < params.limit)", {-1}),
        ("a.flag && a.x >= params.limit * a.y", {-1}),
        ("a.x - params.limit > a.y", {-1}),
        ("a.x > a.y", set()),
        ("a.x > params.limit || a.x < params.limit", {-1, 1}),
        ("(a.x > params.limit ? a.x : a.y) > a.y", {-1, 1}),
        ("a.t.exists(r, r.v > params.limit)", {-1}),
        ("a.t.filter(r, r.v > params.limit).exists(r, r.v > a.x)", {-1}),
        ("a.t.filter(r, r.v > params.limit).all(r, r.v > a.x)", {1}),
        ("a.t.filter(r, r.v > params.limit).sum(r, r.v) > a.x", {-1, 1}),
        ("max(a.x, params.limit) > a.y", {1}),
    ],
)
def test_direction_of_a_threshold(text: str, expected: set[int]) -> None:
    root = compile_expression(text, SCOPE).root
    assert signs(root, "p.limit", lambda _: ()) == expected


@pytest.mark.parametrize(
    ("parameter", "raised"),
    [
        ("t1.spread_fail", -1),
        ("t3.lcr_fail", 1),
        ("t3.lq7_warn", 1),
        ("n.top1_fail", -1),
        ("t4.capital_fail", 1),
        ("t1.ladder_strong", 0),
    ],
)
def test_shipped_thresholds_are_stricter_the_way_a_reader_expects(parameter: str, raised: int) -> None:
    assert shipped_rulebook().strictness(parameter) == raised
