"""The patterns of messages in the code: what is told on stderr about a command, a profile or a questionnaire.

A message is written where the fault is found, in English and with its values. Its pattern is the same text with
numbered placeholders in place of the values; catalogues hold patterns, and `checker.outputs.messages` matches what is
told with them. What authors of rules are told about their packs stays English, as rules are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["patterns"]

_PARTS = (
    "model/document.py",
    "model/errors.py",
    "model/profile.py",
    "importers/**/*.py",
    "app/**/*.py",
    "cli/*.py",
)
_OTHERS = {"backtest", "cases", "catalogue", "lint", "messages", "outcomes", "pages", "scaffold"}
_OTHERS |= {"template", "translations"}
_NOT_TOLD = {"tr", "mark", "option", "argument", "version_option", "Form", "ColumnDef", "_file", "compile"}
_DESCRIBES = {"help", "description", "metavar"}
_HELP = {"COMMANDS"}
_NO_SENTENCE = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ORDER BY|PRAGMA|BEGIN)\b|\w+(?:, \w+)+$|\s*\n")
_NAMED = re.compile(r"\{\w+\}")
_FEWEST_LETTERS = 3


def patterns() -> Iterator[str]:
    """Every pattern, in the order of the code."""
    code = Path(__file__).resolve().parent.parent
    for part in _PARTS:
        for path in sorted(code.glob(part)):
            if path.stem not in _OTHERS or path.parent.name == "cli":
                yield from _in(ast.parse(path.read_text(encoding="utf-8")))


def _in(node: ast.AST) -> Iterator[str]:
    """The patterns in a part of the code, without documentation, help and texts that are translated by themselves."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id in _HELP for target in targets):
            return
    if isinstance(node, ast.Call) and _called(node) in _NOT_TOLD:
        return
    if isinstance(node, ast.keyword) and node.arg in _DESCRIBES:
        return
    text = _text(node)
    if text is not None and _is_message(text):
        yield text.removeprefix("\r")
    for child in _children(node):
        yield from _in(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from (part.value for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.Dict):
        yield from node.values
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield from node.body
    else:
        yield from ast.iter_child_nodes(node)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _text(node: ast.AST) -> str | None:
    """A text with its values as `{0}`, `{1}` and so on."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        numbers = iter(range(10))
        return _NAMED.sub(lambda _: f"{{{next(numbers)}}}", node.value)
    if isinstance(node, ast.JoinedStr):
        values = iter(range(10))
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{next(values)}}}" for part in node.values
        )
    return None


def _is_message(text: str) -> bool:
    words = _NAMED.sub("", text)
    if _NO_SENTENCE.match(text):
        return False
    return " " in text.strip() and "\\" not in text and sum(map(str.isalpha, words)) >= _FEWEST_LETTERS
