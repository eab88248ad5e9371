"""The typed expression tree that every interpreter reads.

A node knows its type and the piece of text it came from; the explanation of a finding quotes that text. Names are
resolved when the tree is built: a fact, a parameter, a metric, a table or a column of the row at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as Choice

Kind = Choice["number", "bool", "enum", "text", "asset", "date", "table"]
Unit = tuple[tuple[str, int], ...]

UNITS: dict[str, Unit] = {
    "rate": (("year", -1),),
    "share": (),
    "ratio": (),
    "count": (),
    "money": (("money", 1),),
    "money_per_month": (("money", 1), ("month", -1)),
    "days": (("day", 1),),
    "months": (("month", 1),),
    "hours": (("hour", 1),),
}

REFERENCE_ROLES = {
    "risk_free": "risk_free",
    "policy_rate": "policy",
    "deposit_rate": "deposit",
    "treasury_1y": "treasury_1y",
    "prime_lending_rate": "prime_lending",
}
"""Functions of the language that ask for a reference rate, with the role of the rate."""


@dataclass(frozen=True)
class Type:
    """What a value is: its kind, its unit (None fits every unit, as 0 does), the words allowed, its table."""

    kind: Kind
    unit: Unit | None = ()
    values: tuple[str, ...] | None = None
    table: str = ""
    nonnegative: bool = False


BOOL = Type("bool")
COMPUTED: dict[str, Type] = {"coverage.not_disclosed_share": Type("number", UNITS["share"], nonnegative=True)}
"""Inputs that no profile states: computed from how the facts stand, once every other rule is judged."""
READER: dict[str, Type] = {
    "reader.country": Type("text"),
    "reader.amount": Type("number", UNITS["money"], nonnegative=True),
}
"""Inputs about the person who asks, given with the question: the country (ISO 3166 code) and the amount to deposit."""
NOT_STATED: dict[str, Type] = {**COMPUTED, **READER}
"""All inputs that no profile states."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A typed expression: `text` is its source, `start` its offset in the whole expression."""

    type: Type
    text: str
    start: int = 0

    @property
    def children(self) -> tuple[Node, ...]:
        """The sub-expressions, in reading order."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Literal(Node):
    """A word, a truth value, 0 or 1."""

    value: str | bool | float


@dataclass(frozen=True, kw_only=True)
class Fact(Node):
    """A fact of the dictionary; for a table fact the table itself."""

    id: str


@dataclass(frozen=True, kw_only=True)
class Param(Node):
    """A dated threshold: `pack` and `name`."""

    pack: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Metric(Node):
    """A derived number or condition of a pack."""

    pack: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Column(Node):
    """A cell of the row bound to `variable`; a computed column names its metric in `pack`."""

    variable: str
    name: str
    pack: str = ""


@dataclass(frozen=True, kw_only=True)
class Unary(Node):
    """`!` or `-`."""

    op: str
    operand: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, kw_only=True)
class Binary(Node):
    """Arithmetic, comparison, `&&` or `||`."""

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """Left and right."""
        return (self.left, self.right)


@dataclass(frozen=True, kw_only=True)
class Membership(Node):
    """`x in ["a", "b"]`."""

    operand: Node
    words: tuple[str, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, kw_only=True)
class Ternary(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """Condition and both branches."""
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    """A function of the language."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.arguments


@dataclass(frozen=True, kw_only=True)
class Macro(Node):
    """`table.exists(row, body)` and its kin; `filter` gives a table again."""

    macro: str
    table: Node
    variable: str
    body: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The table and the body."""
        return (self.table, self.body)


@dataclass(frozen=True)
class Expression:
    """A whole typed expression with its text."""

    root: Node
    text: str
    reads: frozenset[str] = field(default_factory=frozenset)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in reading order."""
    yield node
    for child in node.children:
        yield from walk(child)
