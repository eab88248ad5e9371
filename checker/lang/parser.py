"""Parser of the CEL subset: text to an untyped tree with an offset at every node.

The grammar (CEL's, less what rules do not need) is in `docs/language.md`. Every error carries its offset, what was
expected and, where it helps, what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NoReturn

MACROS = ("exists", "all", "filter", "max", "min", "sum")
MAX_DEPTH = 60
MAX_LENGTH = 4000
MAX_HEIGHT = 100
RESERVED = ("true", "false", "in")


class ExpressionError(Exception):
    """An expression that cannot be read or typed: `message` at `offset` of the text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Raw:
    """An untyped node: `op` with its arguments, from `start` to `end` of `source`.

    `op` is one of literal, list, name, call, macro, !, neg, ?:, in, or a binary operator.
    """

    op: str
    args: tuple[Raw, ...]
    source: str
    start: int
    end: int
    value: str | bool | float | None = None
    height: int = 1

    @property
    def text(self) -> str:
        """The source of this node."""
        return self.source[self.start : self.end]


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<string>"[^"\\\n]*"|'[^'\\\n]*')
    | (?P<op>&&|\|\||==|!=|<=|>=|[<>!?:+\-*/().,\[\]])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_BINARY = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 3,
    "<=": 3,
    ">": 3,
    ">=": 3,
    "in": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while True:
        match = _TOKEN.match(source, at)
        if match is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            if source[at] in "\"'":
                raise ExpressionError("this text does not end on its line, or it holds a backslash", at)
            raise ExpressionError(f"unexpected character {source[at]!r}", at)
        kind = match.lastgroup or "end"
        tokens.append(_Token(kind, match.group(kind), match.start(kind), match.end(kind)))
        if kind == "end":
            return tokens
        at = match.end()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def fail(self, expected: str) -> NoReturn:
        found = "the end" if self.token.kind == "end" else repr(self.token.text)
        raise ExpressionError(f"expected {expected}, found {found}", self.token.start)

    def accept(self, text: str) -> bool:
        if self.token.kind in ("op", "name") and self.token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.fail(repr(text))

    def node(self, op: str, args: tuple[Raw, ...], start: int, value: str | bool | float | None = None) -> Raw:
        height = 1 + max((arg.height for arg in args), default=0)
        if height > MAX_HEIGHT:
            raise ExpressionError(
                f"more than {MAX_HEIGHT} steps upon each other; split the expression into metrics", start
            )
        return Raw(op, args, self.source, start, self.tokens[self.at - 1].end, value, height)

    def expression(self) -> Raw:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(
                f"nested deeper than {MAX_DEPTH} levels; split the expression into metrics", self.token.start
            )
        start = self.token.start
        condition = self.binary(1)
        if self.accept("?"):
            then = self.expression()
            self.expect(":")
            condition = self.node("?:", (condition, then, self.expression()), start)
        self.depth -= 1
        return condition

    def binary(self, level: int) -> Raw:
        start = self.token.start
        left = self.unary()
        while True:
            op = self.token.text if self.token.kind in ("op", "name") else ""
            power = _BINARY.get(op, 0)
            if power < level:
                return left
            self.at += 1
            right = self.binary(power + 1)
            left = self.node(op, (left, right), start)

    def unary(self) -> Raw:
        start = self.token.start
        for text, op in (("!", "!"), ("-", "neg")):
            if self.accept(text):
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", start)
                operand = self.unary()
                self.depth -= 1
                return self.node(op, (operand,), start)
        return self.postfix()

    def postfix(self) -> Raw:
        start = self.token.start
        node = self.primary()
        while self.accept("."):
            if self.token.kind != "name":
                self.fail("a name after '.'")
            name = self.token.text
            self.at += 1
            if self.accept("("):
                node = self.macro(node, name, start)
            elif node.op == "name":
                node = self.node("name", (), start, f"{node.value}.{name}")
            else:
                self.fail("a macro such as .exists(row, ...)")
        return node

    def macro(self, table: Raw, name: str, start: int) -> Raw:
        if name not in MACROS:
            self.at -= 2
            self.fail(f"one of {', '.join(MACROS)}")
        if self.token.kind != "name" or self.token.text in RESERVED:
            self.fail("a name for the row")
        variable = self.node_of_name()
        self.expect(",")
        body = self.expression()
        self.expect(")")
        return self.node("macro", (table, variable, body), start, name)

    def node_of_name(self) -> Raw:
        start = self.token.start
        name = self.token.text
        self.at += 1
        return self.node("name", (), start, name)

    def primary(self) -> Raw:
        token = self.token
        if token.kind == "number":
            self.at += 1
            return self.node("literal", (), token.start, float(token.text))
        if token.kind == "string":
            self.at += 1
            return self.node("literal", (), token.start, token.text[1:-1])
        if token.kind == "name":
            if token.text in ("true", "false"):
                self.at += 1
                return self.node("literal", (), token.start, token.text == "true")
            name = self.node_of_name()
            if self.accept("("):
                return self.node("call", self.sequence(")"), token.start, name.value)
            return name
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return replace(inner, start=token.start, end=self.tokens[self.at - 1].end)
        if self.accept("["):
            return self.node("list", self.sequence("]"), token.start)
        self.fail("a fact, a metric, params.x, a function, a text or a parenthesis")

    def sequence(self, closing: str) -> tuple[Raw, ...]:
        items: list[Raw] = []
        if not self.accept(closing):
            items.append(self.expression())
            while self.accept(","):
                items.append(self.expression())
            self.expect(closing)
        return tuple(items)


def parse(source: str) -> Raw:
    """Read one expression.

    Raises:
        ExpressionError: with the offset, what was expected and what was found.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH} characters; split the expression into metrics", MAX_LENGTH)
    parser = _Parser(source)
    tree = parser.expression()
    if parser.token.kind != "end":
        parser.fail("an operator or the end")
    return tree
