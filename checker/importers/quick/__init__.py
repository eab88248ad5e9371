"""Profiles straight to columns: JSON is decoded by type and written to a layout's columns, with no profile in between.

Most facts of most profiles are statements with a value, dates, evidence and a source. Those are read here; what else a
profile may hold (tables, overrides, anything that is wrong) is left to `checker.model.profile` and `flatten`, which say
what is wrong too. Whatever is read here gives the very row that they give.

* `shapes`: what is decoded, and what is refused before;
* `statements`: how a statement counts at the cut;
* `facts`: what a kind may state, and the values of it;
* `parts`: sources, defaults, examinations, notes;
* `beyond`: silence, several statements of one fact, expressions without a column form;
* `reader`: the rows.

May import what `checker.importers` may.

    reader = QuickReader(judge.layout, CutDays(day, day, today), rulebook.reference, rules_of)
    reader.read(b'{"ddcheck": 1, "platform": {"name": "Acme", "kind": "fund"}}')   # False: it goes the long way
    results = judge.judge_arrays(*reader.take())
"""

from checker.importers.quick.reader import TYPES, QuickReader
from checker.importers.quick.statements import CutDays

__all__ = ["TYPES", "CutDays", "QuickReader"]
