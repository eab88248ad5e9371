"""Which way a parameter pushes a condition: whether raising it can make the condition true, or false.

A threshold that a user changes is marked looser or stricter by this. The answer is read off the tree: comparisons turn
a number into a direction, `!` turns it round, products keep it: what a threshold multiplies (liabilities, capital, a
rate) is taken as positive, as it is in the ordinary case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checker.lang.tree import (
    Binary,
    Call,
    Column,
    Expression,
    Macro,
    Membership,
    Metric,
    Node,
    Param,
    Ternary,
    Unary,
)

Signs = frozenset[int]
NONE: Signs = frozenset()
UP: Signs = frozenset({1})
BOTH: Signs = frozenset({-1, 1})


def _turned(signs: Signs) -> Signs:
    return frozenset(-sign for sign in signs)


def signs(node: Node, parameter: str, formulas: Callable[[str], Iterable[tuple[Expression, int]]]) -> Signs:
    """The directions in which a value or condition can move when a parameter is raised.

    Args:
        node: The typed tree.
        parameter: `pack.name`.
        formulas: The formulas of a metric, by `pack.name`, each with the way the metric moves with it: 1, -1, or 0
            where that depends.

    Returns:
        `{1}` if it can only grow (or become true), `{-1}` if it can only fall, both if that depends, empty if it is
        not touched.
    """

    def of(inner: Node) -> Signs:
        return signs(inner, parameter, formulas)

    match node:
        case Param():
            return UP if f"{node.pack}.{node.name}" == parameter else NONE
        case Metric():
            return _told(formulas(f"{node.pack}.{node.name}"), of)
        case Column() if node.pack:
            return _told(formulas(f"{node.pack}.{node.name}"), of)
        case Unary():
            return _turned(of(node.operand))
        case Binary(op="&&") | Binary(op="||") | Binary(op="+"):
            return of(node.left) | of(node.right)
        case Binary(op=">") | Binary(op=">=") | Binary(op="-"):
            return of(node.left) | _turned(of(node.right))
        case Binary(op="<") | Binary(op="<="):
            return _turned(of(node.left)) | of(node.right)
        case Binary(op="*") | Binary(op="/"):
            left, right = of(node.left), of(node.right)
            return left | (_turned(right) if node.op == "/" else right)
        case Ternary():
            branches = of(node.then) | of(node.otherwise)
            return BOTH if of(node.condition) else branches
        case Call(function="min") | Call(function="max"):
            return NONE.union(*map(of, node.arguments))
        case Call(function="was"):
            return BOTH if of(node.arguments[1]) else of(node.arguments[0])
        case Macro(macro="all"):
            return of(node.body) | _turned(_membership(node.table, of))
        case Macro(macro="exists"):
            return of(node.body) | _membership(node.table, of)
        case Macro():
            return BOTH if _membership(node.table, of) else of(node.body)
        case Membership() | Binary():
            return BOTH if NONE.union(*map(of, node.children)) else NONE
        case _:
            return BOTH if NONE.union(*map(of, node.children)) else NONE


def _told(formulas: Iterable[tuple[Expression, int]], of: Callable[[Node], Signs]) -> Signs:
    """How a metric moves: with each of its formulas as that formula's sign says."""
    found = NONE
    for formula, sign in formulas:
        moved = of(formula.root)
        found |= moved if sign > 0 else _turned(moved) if sign < 0 else BOTH if moved else NONE
    return found


def _membership(table: Node, of: Callable[[Node], Signs]) -> Signs:
    """How rows that belong to a filtered table become more or fewer."""
    if not isinstance(table, Macro):
        return NONE
    return of(table.body) | _membership(table.table, of)
