"""Names, types and units: an untyped tree becomes a typed one, or a fault that says what to write instead.

Units are checked as in physics: sums and comparisons need equal units, products add exponents. 0 fits every unit. No
other number than 0 and 1 may stand in an expression, since a threshold belongs to the parameters, with its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import NoReturn

from checker.lang.parser import ExpressionError, Raw, parse
from checker.lang.tree import (
    BOOL,
    REFERENCE_ROLES,
    UNITS,
    Binary,
    Call,
    Column,
    Expression,
    Fact,
    Literal,
    Macro,
    Membership,
    Metric,
    Node,
    Param,
    Ternary,
    Type,
    Unary,
    Unit,
    walk,
)

FUNCTIONS = ("min", "max", "was", "days_since", "is_fiat", *REFERENCE_ROLES)
_RATE = Type("number", UNITS["rate"])
_DAYS = Type("number", UNITS["days"])


@dataclass(frozen=True)
class Scope:
    """The names an expression may use, with their types. `pack` is the pack whose short names are in reach."""

    facts: Mapping[str, Type]
    columns: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    params: Mapping[str, Type] = field(default_factory=dict)
    metrics: Mapping[str, Type] = field(default_factory=dict)
    computed: Mapping[str, Mapping[str, tuple[str, Type]]] = field(default_factory=dict)
    pack: str = ""


def unit_text(unit: Unit | None) -> str:
    """A unit as a reader writes it.

    >>> unit_text((("year", -1),))
    'rate'
    """
    if unit is None:
        return "any unit"
    for name, known in UNITS.items():
        if known == unit:
            return "plain number" if unit == () else name
    return " * ".join(f"{base}^{power}" if power != 1 else base for base, power in unit)


def _combine(a: Unit | None, b: Unit | None, sign: int) -> Unit | None:
    if a is None or b is None:
        return None
    powers = dict(a)
    for base, power in b:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f". Did you mean '{close[0]}'?" if close else ""


class _Checker:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.rows: dict[str, str] = {}

    def fail(self, raw: Raw, message: str) -> NoReturn:
        raise ExpressionError(message, raw.start)

    def check(self, raw: Raw) -> Node:
        match raw.op:
            case "literal":
                return self.literal(raw)
            case "name":
                return self.name(raw)
            case "call":
                return self.call(raw)
            case "macro":
                return self.macro(raw)
            case "!":
                return Unary(type=BOOL, text=raw.text, start=raw.start, op="!", operand=self.condition(raw.args[0]))
            case "neg":
                operand = self.number(raw.args[0])
                kind = replace(operand.type, nonnegative=False)
                return Unary(type=kind, text=raw.text, start=raw.start, op="-", operand=operand)
            case "?:":
                return self.ternary(raw)
            case "in":
                return self.membership(raw)
            case "list":
                self.fail(raw, "a list may only stand after 'in'")
            case _:
                return self.binary(raw)

    def condition(self, raw: Raw) -> Node:
        node = self.check(raw)
        if node.type.kind != "bool":
            self.fail(raw, f"expected a condition, '{raw.text}' is {self.describe(node)}")
        return node

    def number(self, raw: Raw) -> Node:
        node = self.check(raw)
        if node.type.kind != "number":
            self.fail(raw, f"expected a number, '{raw.text}' is {self.describe(node)}")
        return node

    @staticmethod
    def describe(node: Node) -> str:
        kind = node.type.kind
        if kind == "number":
            return "a plain number" if node.type.unit == () else f"a number in {unit_text(node.type.unit)}"
        return f"an {kind}" if kind in ("enum", "asset") else f"a {kind}"

    def literal(self, raw: Raw) -> Node:
        value = raw.value
        if isinstance(value, bool):
            return Literal(type=BOOL, text=raw.text, start=raw.start, value=value)
        if isinstance(value, str):
            return Literal(type=Type("text"), text=raw.text, start=raw.start, value=value)
        if value not in (0.0, 1.0):
            self.fail(raw, f"the number {raw.text} must be a parameter with a date and a source: write params.<name>")
        kind = Type("number", None if value == 0 else (), nonnegative=True)
        return Literal(type=kind, text=raw.text, start=raw.start, value=float(value))

    def name(self, raw: Raw) -> Node:
        name = str(raw.value)
        scope = self.scope
        common = {"text": raw.text, "start": raw.start}
        head, _, rest = name.partition(".")
        if head in self.rows:
            return self.column(raw, head, rest)
        if name in scope.facts:
            return Fact(type=scope.facts[name], id=name, **common)  # type: ignore[arg-type]
        parts = name.split(".")
        if parts[:-1] == ["params"] or (len(parts) == 3 and parts[1] == "params"):
            pack = scope.pack if parts[0] == "params" else parts[0]
            key = f"{pack}.{parts[-1]}"
            if key in scope.params:
                return Param(type=scope.params[key], pack=pack, name=parts[-1], **common)  # type: ignore[arg-type]
            own = [known.split(".")[1] for known in scope.params if known.startswith(f"{pack}.")]
            self.fail(raw, f"unknown parameter '{name}'{_nearest(parts[-1], own)}")
        key = name if "." in name else f"{scope.pack}.{name}"
        if key in scope.metrics:
            pack, metric = key.split(".")
            return Metric(type=scope.metrics[key], pack=pack, name=metric, **common)  # type: ignore[arg-type]
        own = [known.split(".")[1] for known in scope.metrics if known.startswith(f"{scope.pack}.")]
        self.fail(raw, f"unknown name '{name}'{_nearest(name, [*scope.facts, *scope.metrics, *own])}")

    def column(self, raw: Raw, variable: str, name: str) -> Node:
        table = self.rows[variable]
        columns = self.scope.columns.get(table, {})
        computed = self.scope.computed.get(table, {})
        if not name:
            self.fail(raw, f"'{variable}' is a row of '{table}'; write {variable}.<column>")
        if name in columns:
            return Column(type=columns[name], text=raw.text, start=raw.start, variable=variable, name=name)
        if name in computed:
            pack, kind = computed[name]
            return Column(type=kind, text=raw.text, start=raw.start, variable=variable, name=name, pack=pack)
        self.fail(raw, f"'{table}' has no column '{name}'{_nearest(name, [*columns, *computed])}")

    def ternary(self, raw: Raw) -> Node:
        condition = self.condition(raw.args[0])
        then, otherwise = self.check(raw.args[1]), self.check(raw.args[2])
        kind = self.common(raw, then, otherwise)
        return Ternary(type=kind, text=raw.text, start=raw.start, condition=condition, then=then, otherwise=otherwise)

    def common(self, raw: Raw, a: Node, b: Node) -> Type:
        if a.type.kind != b.type.kind or a.type.kind in ("table", "text", "enum", "asset", "date"):
            self.fail(raw, f"both sides must be numbers or conditions, found {self.describe(a)} and {self.describe(b)}")
        if a.type.kind == "bool":
            return BOOL
        if a.type.unit is not None and b.type.unit is not None and a.type.unit != b.type.unit:
            self.fail(
                raw, f"units differ: '{a.text}' is in {unit_text(a.type.unit)}, '{b.text}' in {unit_text(b.type.unit)}"
            )
        unit = a.type.unit if a.type.unit is not None else b.type.unit
        return Type("number", unit, nonnegative=a.type.nonnegative and b.type.nonnegative)

    def membership(self, raw: Raw) -> Node:
        operand = self.check(raw.args[0])
        words = raw.args[1]
        if words.op != "list" or not words.args:
            self.fail(words, 'expected a list of words after in, such as ["fixed", "guaranteed"]')
        if operand.type.kind not in ("enum", "text", "asset"):
            self.fail(raw, f"'in' needs a word on its left, '{operand.text}' is {self.describe(operand)}")
        values: list[str] = []
        for item in words.args:
            if item.op != "literal" or not isinstance(item.value, str):
                self.fail(item, "a list holds words in quotes")
            self.allowed(item, operand, item.value)
            values.append(item.value)
        return Membership(type=BOOL, text=raw.text, start=raw.start, operand=operand, words=tuple(values))

    def allowed(self, raw: Raw, operand: Node, word: str) -> None:
        values = operand.type.values
        if values is not None and word not in values:
            self.fail(
                raw,
                f"'{operand.text}' is never '{word}'{_nearest(word, values) or '; it is one of ' + ', '.join(values)}",
            )

    def binary(self, raw: Raw) -> Node:
        op = raw.op
        if op in ("&&", "||"):
            left, right = self.condition(raw.args[0]), self.condition(raw.args[1])
            return Binary(type=BOOL, text=raw.text, start=raw.start, op=op, left=left, right=right)
        if op in ("==", "!="):
            return self.equality(raw)
        left, right = self.number(raw.args[0]), self.number(raw.args[1])
        if op in ("<", "<=", ">", ">="):
            self.common(raw, left, right)
            return Binary(type=BOOL, text=raw.text, start=raw.start, op=op, left=left, right=right)
        if op in ("+", "-"):
            kind = self.common(raw, left, right)
            if op == "-":
                kind = replace(kind, nonnegative=False)
        else:
            if op == "/" and isinstance(right, Literal) and right.value == 0:
                self.fail(raw.args[1], "division by zero has no value")
            unit = _combine(left.type.unit, right.type.unit, 1 if op == "*" else -1)
            kind = Type("number", unit, nonnegative=left.type.nonnegative and right.type.nonnegative)
        return Binary(type=kind, text=raw.text, start=raw.start, op=op, left=left, right=right)

    def equality(self, raw: Raw) -> Node:
        left, right = self.check(raw.args[0]), self.check(raw.args[1])
        wordy = {"enum", "text", "asset"}
        if left.type.kind in wordy and right.type.kind in wordy:
            for node, other, side in ((left, right, raw.args[1]), (right, left, raw.args[0])):
                if isinstance(other, Literal):
                    self.allowed(side, node, str(other.value))
        elif left.type.kind == "bool" and right.type.kind == "bool":
            self.fail(raw, f"write '{left.text}' or '!{left.text}' in place of a comparison of conditions")
        else:
            if left.type.kind != "number" or right.type.kind != "number":
                self.fail(raw, f"cannot compare {self.describe(left)} with {self.describe(right)}")
            self.common(raw, left, right)
        return Binary(type=BOOL, text=raw.text, start=raw.start, op=raw.op, left=left, right=right)

    def macro(self, raw: Raw) -> Node:
        table = self.check(raw.args[0])
        macro, variable = str(raw.value), str(raw.args[1].value)
        if table.type.kind != "table":
            self.fail(raw.args[0], f"'.{macro}' needs a table, '{table.text}' is {self.describe(table)}")
        if variable in self.rows or variable in self.taken():
            self.fail(raw.args[1], f"'{variable}' is taken; choose another name for the row")
        self.rows[variable] = table.type.table
        try:
            quantified = macro in ("exists", "all", "filter")
            body = self.condition(raw.args[2]) if quantified else self.number(raw.args[2])
        finally:
            del self.rows[variable]
        kind = table.type if macro == "filter" else BOOL if quantified else body.type
        if macro == "max":
            kind = replace(kind, nonnegative=False)
        return Macro(type=kind, text=raw.text, start=raw.start, macro=macro, table=table, variable=variable, body=body)

    def taken(self) -> set[str]:
        """Sections, and metrics of this pack, which a row must not hide; it may hide another pack of one letter."""
        own = f"{self.scope.pack}."
        return {
            "params",
            *(name.split(".")[0] for name in self.scope.facts),
            *(m.removeprefix(own) for m in self.scope.metrics if m.startswith(own)),
        }

    def call(self, raw: Raw) -> Node:
        name = str(raw.value)
        if name not in FUNCTIONS:
            self.fail(raw, f"unknown function '{name}'{_nearest(name, FUNCTIONS)}")
        arguments = tuple(self.check(arg) for arg in raw.args)
        kind = self.result(raw, name, arguments)
        return Call(type=kind, text=raw.text, start=raw.start, function=name, arguments=arguments)

    def result(self, raw: Raw, name: str, arguments: tuple[Node, ...]) -> Type:
        if name in ("min", "max"):
            if len(arguments) < 2 or any(a.type.kind != "number" for a in arguments):
                self.fail(raw, f"{name} takes two or more numbers")
            anchor = next((a for a in arguments if a.type.unit is not None), arguments[0])
            for argument in arguments:
                self.common(raw, anchor, argument)
            return Type("number", anchor.type.unit, nonnegative=all(a.type.nonnegative for a in arguments))
        if name == "was":
            if len(arguments) != 2 or not isinstance(arguments[1], Param) or arguments[1].type.unit != UNITS["days"]:
                self.fail(raw, "was(expression, params.days) takes an expression and a parameter in days")
            if arguments[0].type.kind not in ("number", "bool"):
                self.fail(raw, "was(...) looks back at a number or a condition")
            own = {node.variable for node in walk(arguments[0]) if isinstance(node, Macro)}
            if any(isinstance(node, Column) and node.variable not in own for node in walk(arguments[0])):
                self.fail(raw, "was(...) looks back at facts and metrics; a row belongs to one day")
            return arguments[0].type
        wanted = ("date",) if name == "days_since" else ("asset", "text")
        if len(arguments) != 1 or arguments[0].type.kind not in wanted:
            self.fail(raw, f"{name} takes one {wanted[0]}")
        return _DAYS if name == "days_since" else BOOL if name == "is_fiat" else _RATE


def compile_expression(
    source: str, scope: Scope, *, expect: Type | None = None, row: tuple[str, str] | None = None
) -> Expression:
    """Parse and type one expression.

    Args:
        source: The CEL text.
        scope: The names it may use.
        expect: The type it must have (its kind, and its unit for a number).
        row: `(variable, table)` for a computed column, whose formula reads one row.

    Raises:
        ExpressionError: with the offset of the first fault.
    """
    raw = parse(source)
    checker = _Checker(scope)
    if row:
        checker.rows[row[0]] = row[1]
    root = checker.check(raw)
    if expect is not None:
        if root.type.kind != expect.kind:
            raise ExpressionError(f"expected a {expect.kind}, found {checker.describe(root)}", root.start)
        if expect.kind == "number" and root.type.unit is not None and root.type.unit != expect.unit:
            raise ExpressionError(f"expected {unit_text(expect.unit)}, found {unit_text(root.type.unit)}", root.start)
    return Expression(root, source, frozenset(node.id for node in walk(root) if isinstance(node, Fact)))
