"""Judges many platforms at once: files in, a table of results and a portfolio out; see docs/batch.md."""

from checker.app.batch.judge import Done, Setup, judge_record
from checker.app.batch.plan import EVERY, Plan, at_or_worse
from checker.app.batch.run import AUTO, ENGINES, InterruptedRun, Ran, portfolio_of, result_lines, run
from checker.app.batch.select import SORTS
from checker.app.batch.state import State
from checker.app.batch.table import FORMATS, check_formats, read_table
from checker.importers.records import Job, find_profiles

__all__ = [
    "AUTO",
    "ENGINES",
    "EVERY",
    "FORMATS",
    "SORTS",
    "Done",
    "InterruptedRun",
    "Job",
    "Plan",
    "Ran",
    "Setup",
    "State",
    "at_or_worse",
    "check_formats",
    "find_profiles",
    "judge_record",
    "portfolio_of",
    "read_table",
    "result_lines",
    "run",
]
