"""The language of the rules: a documented subset of CEL, parsed, typed and unit-checked; it evaluates nothing.

Imports `checker.model` only.

    >>> from checker.lang.parser import parse
    >>> parse("a.b < params.c").text
    'a.b < params.c'
"""
