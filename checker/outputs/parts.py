"""The parts of a page: what the templates print, each in words and with its places."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from checker.assess.assessment import FactView, Finding, Number, Question, SourceView, TableView, TraitView, Working

__all__ = [
    "Asked",
    "Bound",
    "Brief",
    "Chip",
    "Cited",
    "Count",
    "EdgeRow",
    "Entry",
    "Evidence",
    "Group",
    "Input",
    "Known",
    "Limit",
    "Mark",
    "NumberRow",
    "Reason",
    "Sheet",
    "Step",
    "Tile",
    "WorkingTable",
]


@dataclass(frozen=True)
class Chip:
    """An outcome as colour (by `state`), symbol and word."""

    state: str
    symbol: str
    word: str
    detail: str


@dataclass(frozen=True)
class Mark:
    """A number in brackets that leads to a source, or what stands in its place."""

    text: str
    anchor: str


@dataclass(frozen=True)
class Evidence:
    """One entry behind a fact: when it was true, since when it was public, how good it is, where it was read."""

    value: str
    when: str
    known: str
    word: str
    grade: str
    marks: tuple[Mark, ...]
    locator: str
    flags: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Input:
    """A fact or table that a rule read, with its place in the facts table."""

    name: str
    anchor: str
    value: str
    detail: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Limit:
    """A threshold beside a finding."""

    name: str
    anchor: str
    value: str
    citation: str
    changed: bool


@dataclass(frozen=True)
class Bound:
    """What limits the grade at one end: how, the rules behind it, and what stands there where no rule does."""

    end: str
    grade: str
    text: str
    rules: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Brief:
    """A finding in one line: what keeps it open, or what it rests on."""

    finding: Finding
    anchor: str
    chip: Chip
    open: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    inputs: tuple[Input, ...]
    marks: tuple[Mark, ...]
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """How many findings have one outcome."""

    chip: Chip
    count: int


@dataclass(frozen=True)
class Entry:
    """A finding as the appendix prints it in full."""

    finding: Finding
    anchor: str
    chip: Chip
    message: str
    computed: tuple[tuple[str, str, str], ...]
    inputs: tuple[Input, ...]
    limits: tuple[Limit, ...]
    open: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    references: tuple[tuple[str, str], ...]
    why_not: str
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The findings of a trait or group: adverse ones in full, the others in a line each."""

    id: str
    title: str
    tally: str
    entries: tuple[Entry, ...]
    briefs: tuple[Brief, ...]


@dataclass(frozen=True)
class Tile:
    """A trait on the first page: a ladder of four steps, of which some are certain and some only possible."""

    trait: TraitView
    state: str
    word: str
    steps: tuple[tuple[str, str], ...]
    marks: tuple[Chip, ...]
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reason:
    """One sentence of the first page with the rule and the sources it rests on."""

    text: str
    code: str
    anchor: str
    chip: Chip
    marks: tuple[Mark, ...]
    more: int
    alleged: str


@dataclass(frozen=True)
class Asked:
    """An open question with the rules it holds open; `known` where the facts table has its fact.

    `effect` is what an answer would settle, where that was worked out.
    """

    question: Question
    number: int
    anchor: str
    known: bool
    reason: str
    rules: tuple[tuple[str, str], ...]
    effect: str


@dataclass(frozen=True)
class EdgeRow:
    """A threshold on an edge: its place, its value and plausible range, the grade at both ends of that."""

    name: str
    anchor: str
    value: str
    range: str
    at_lo: str
    at_hi: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """A fact of the facts table; `same` is the name and place of an earlier one with the very same long evidence."""

    fact: FactView
    name: str
    anchor: str
    value: str
    flags: tuple[str, ...]
    entries: tuple[Evidence, ...]
    readers: tuple[tuple[str, str], ...]
    same: tuple[str, str] | None = None

    @property
    def short_id(self) -> str:
        """Its id within its section."""
        return self.fact.id.rpartition(".")[2]


@dataclass(frozen=True)
class Sheet:
    """A table of the profile with its rows as lines of text."""

    table: TableView
    name: str
    anchor: str
    status: str
    rows: tuple[tuple[str, str, tuple[Evidence, ...]], ...]
    readers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Cited:
    """A numbered source of the profile with the facts that rest on it."""

    number: int
    source: SourceView
    link: Markup
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Step:
    """A letter of the scale: whether it is possible, and its place."""

    letter: str
    word: str
    state: str


@dataclass(frozen=True)
class NumberRow:
    """A number with its value in words, under each scenario, and what it rests on."""

    number: Number
    anchor: Markup
    value: str
    variants: tuple[tuple[str, str], ...]
    basis: str


@dataclass(frozen=True)
class WorkingTable:
    """A working table with its cells and notes in words and the places of its facts."""

    working: Working
    anchor: Markup
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
