"""The layout: which columns a batch of records has, their types and codes; it follows from the rulebook.

A record is one platform at one cut. Each fact that rules read stands in a few small columns:

==================  ========  =============================================================================
column              type      meaning
==================  ========  =============================================================================
`kind`              Int8      position of the kind among `KINDS`; never null
`as_of`             Int32     the day judged, as its proleptic ordinal
`<fact>.lo`, `.hi`  Float64   bounds of a number, or of a date as its ordinal; null where no bound is known
`<fact>.set`        Int16     words of an enum still possible, bit i for word i; a condition has the words
                              false (1) and true (2); null where nothing is known
`<fact>.how`        Int8      how the fact stands and how well it is proved (see `how`); null: not examined
`<table>.how`       Int8      the same for a table
`<leaf>.lo` ...     as above  an expression without a column form, worked out beforehand (see `Leaf`)
`<leaf>.proof`      Int16     its evidence (see `pack_evidence`)
`<input>.lo` ...    Float64   an input computed from all rules, for a few rules judged without the others
`<rule>.given`      Int32     the outcome of a rule that this one record needs judged beforehand; mostly null
==================  ========  =============================================================================

A fact that a rule reads as it stood n days before is `<fact>@n`. Every column but `kind` may be left out: what it would
hold is then not known, of no record. There is no text in a layout, so that it is small and alike everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from math import inf, prod

from checker.engine.rules import worst_values
from checker.engine.scalar import Program
from checker.lang.tree import (
    COMPUTED,
    NOT_STATED,
    REFERENCE_ROLES,
    Binary,
    Call,
    Column,
    Fact,
    Literal,
    Macro,
    Membership,
    Metric,
    Node,
    Param,
    Ternary,
    Unary,
    walk,
)
from checker.model.dictionary import KINDS, FactDef
from checker.model.state import CERTAIN, FactState, Status, Support
from checker.packs.rulebook import Rule, Rulebook

VERSION = 1
"""Version of the layout; a change of meaning of any column raises it."""
NOT_EXAMINED, NOT_DISCLOSED, NOT_APPLICABLE = -2, -1, -3
"""Codes of a fact that is not reported."""
SILENT_AT_ONCE = 8
"""Values that are tried in columns for the silent facts of one rule that have no direction."""
KIND = "platform.kind"
_CODES = {
    Status.NOT_EXAMINED: NOT_EXAMINED,
    Status.NOT_DISCLOSED: NOT_DISCLOSED,
    Status.NOT_APPLICABLE: NOT_APPLICABLE,
}
_WORDS = ("text", "asset")
_NUMBERS = ("number", "date")
DATES = (float(date.min.toordinal()), float(date.max.toordinal()))


@dataclass(frozen=True, slots=True)
class Spec:
    """A column of the layout.

    Attributes:
        name: Its name.
        type: `Int8`, `Int16`, `Int32` or `Float64`.
        missing: What stands for null where arrays are filled.
        meaning: What it holds.
    """

    name: str
    type: str
    missing: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """An expression that has no column form: over rows, over a model, a reference rate, a comparison of free words.

    The scalar interpreter works it out for each platform of which it reads anything; for all others it is what it is
    when nothing is known.

    Attributes:
        name: Stem of its columns.
        node: The expression.
        shift: How many days before the day judged it is read.
        tables: The tables it reads.
        facts: The facts it reads beside its tables.
        tried: Those of its facts for which silence could be tried.
    """

    name: str
    node: Node
    shift: int
    tables: frozenset[str]
    facts: frozenset[str]
    tried: frozenset[str]

    @property
    def is_number(self) -> bool:
        """Whether it is a number and no condition."""
        return self.node.type.kind == "number"


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What decides whether a rule of one record can be judged in columns.

    Attributes:
        facts: Facts it reads that are no tables.
        tables: Tables it reads.
        tried: Facts inside its leaves for which silence could be tried.
        undirected: Facts without a direction, each with the values that silence tries.
        trials: How many values are tried together.
        stops: Whether it may stop.
    """

    facts: tuple[str, ...]
    tables: tuple[str, ...]
    tried: frozenset[str]
    undirected: Mapping[str, int]
    trials: int
    stops: bool

    @property
    def unrolled(self) -> bool:
        """Whether all silent facts without a direction are tried together; else one at a time."""
        return self.trials <= SILENT_AT_ONCE


def how(state: FactState) -> int:
    """How a fact stands: -3 not applicable, -2 not examined, -1 not disclosed, else 3 * evidence grade + proof.

    Grades go from 0 to 4; proof is 2 for what is found or shown, 1 for what is alleged, 0 for hearsay.
    """
    if state.status is not Status.REPORTED:
        return _CODES[state.status]
    return 3 * state.support.worst + state.support.proof


def how_table(status: Status) -> int:
    """How a table stands; one that is reported has the code 0."""
    return _CODES.get(status, 0)


def pack_evidence(true: Support, false: Support) -> int:
    """The evidence of a leaf being true and being false, each as (worst, best, proof), in one number."""
    return _packed(true) * 75 + _packed(false)


def _packed(support: Support) -> int:
    return (support.worst * 5 + support.best) * 3 + support.proof


CERTAINLY = pack_evidence(CERTAIN, CERTAIN)


def column(fact: str, shift: int) -> str:
    """The stem of a fact's columns."""
    return f"{fact}@{shift}" if shift else fact


def number_range(definition: FactDef) -> tuple[float, float]:
    """Least and greatest value of a number or date of which nothing is known."""
    return DATES if definition.type == "date" else definition.range


def words_of(definition: FactDef) -> tuple[object, ...]:
    """The words a set counts, in the order of its bits."""
    return (False, True) if definition.type == "bool" else definition.values


@dataclass(frozen=True)
class Layout:
    """The columns that the rules of a rulebook read.

    Attributes:
        rulebook: The packs.
        program: Parameters in force.
        facts: Facts with their days before the day judged, tables left out.
        tables: Tables of which the standing counts.
        leaves: Expressions without a column form, by name.
    """

    rulebook: Rulebook
    program: Program
    facts: tuple[tuple[str, int], ...] = ()
    tables: tuple[str, ...] = ()
    leaves: Mapping[str, Leaf] = field(default_factory=dict)

    @classmethod
    def of(cls, rulebook: Rulebook, program: Program, rules: Mapping[str, Rule] | None = None) -> Layout:
        """The layout for some rules, all by default with the verdict's structure legs and banners.

        Args:
            rulebook: The packs.
            program: Parameters in force.
            rules: The rules by id.
        """
        chosen = rulebook.rules if rules is None else rules
        roots = [expression.root for rule in chosen.values() for expression in rule.conditions.values()]
        legs: list[str] = []
        if rules is None:
            roots += [expression.root for expression in rulebook.banners.values()]
            legs += [trait.structure for trait in rulebook.scheme.traits.values()]
        return cls.reading(rulebook, program, roots, legs)

    @classmethod
    def reading(
        cls, rulebook: Rulebook, program: Program, roots: Iterable[Node], metrics: Iterable[str] = ()
    ) -> Layout:
        """The layout for some expressions and metrics."""
        finder = _Finder(rulebook, program)
        for root in roots:
            finder.find(root, 0)
        for id in metrics:
            finder.metric(id, 0)
        return cls(
            rulebook,
            program,
            tuple(sorted(finder.facts)),
            tuple(sorted(finder.tables)),
            {name: finder.leaves[name] for name in sorted(finder.leaves)},
        )

    def leaf_of(self, node: Node, shift: int) -> Leaf:
        """The leaf that an expression is."""
        return self.leaves[leaf_name(node, shift)]

    @cached_property
    def columns(self) -> tuple[Spec, ...]:
        """Every column, in a fixed order."""
        return tuple(self._columns())

    def _columns(self) -> Iterator[Spec]:
        yield Spec("kind", "Int8", 0, "position of the kind among the kinds of platforms")
        yield Spec("as_of", "Int32", 1, "ordinal of the day judged")
        for id, shift in self.facts:
            definition, stem = self.rulebook.dictionary[id], column(id, shift)
            if definition.type in _NUMBERS:
                lo, hi = number_range(definition)
                yield Spec(f"{stem}.lo", "Float64", lo, f"least value: {definition.meaning}")
                yield Spec(f"{stem}.hi", "Float64", hi, f"greatest value: {definition.meaning}")
            elif definition.type not in _WORDS:
                everything = (1 << len(words_of(definition))) - 1
                yield Spec(f"{stem}.set", "Int16", everything, f"what is still possible: {definition.meaning}")
            yield Spec(f"{stem}.how", "Int8", NOT_EXAMINED, "how it stands and how well it is proved")
        for id in self.tables:
            yield Spec(f"{id}.how", "Int8", NOT_EXAMINED, "how the table stands")
        for name, leaf in self.leaves.items():
            text = " ".join(leaf.node.text.split())
            if leaf.is_number:
                yield Spec(f"{name}.lo", "Float64", -inf, f"lower end of {text}")
                yield Spec(f"{name}.hi", "Float64", inf, f"upper end of {text}")
            else:
                yield Spec(f"{name}.set", "Int16", 3, f"possible truth of {text}")
            yield Spec(f"{name}.proof", "Int16", -1, "its evidence; null where nothing that it reads is known")
        for id in COMPUTED:
            yield Spec(f"{id}.lo", "Float64", 0.0, "least value, for rules that are judged without the others")
            yield Spec(f"{id}.hi", "Float64", 1.0, "greatest value, for rules that are judged without the others")
        for id in self.rulebook.rules:
            yield Spec(f"{id}.given", "Int32", -1, "the outcome, where it is judged beforehand")

    @cached_property
    def digest(self) -> str:
        """Names the layout: two batches of one digest have columns of one meaning."""
        text = [str(VERSION), *(f"{spec.name} {spec.type}" for spec in self.columns)]
        nodes = (node for leaf in self.leaves.values() for node in below(self.rulebook, leaf.node))
        params = {f"{node.pack}.{node.name}" for node in nodes if isinstance(node, Param)}
        text += [f"{id}={self.program.params[id][0]!r}" for id in sorted(params)]
        return sha256("\n".join(text).encode()).hexdigest()

    @cached_property
    def rules(self) -> Mapping[str, RuleForm]:
        """What decides, rule by rule, whether a record of it can be judged in columns."""
        return {rule.id: self._form(rule) for rule in self.rulebook.rules.values()}

    def _form(self, rule: Rule) -> RuleForm:
        dictionary = self.rulebook.dictionary
        reads = [id for id in self.rulebook.reads[rule.id] if id != KIND]
        finder = _Finder(self.rulebook, self.program)
        for expression in rule.conditions.values():
            finder.find(expression.root, 0)
        undirected = {
            id: len(values)
            for id in reads
            if dictionary[id].type not in ("table", *_WORDS)
            and len(values := worst_values(dictionary[id], rule.worse.get(id, dictionary[id].worse))) > 1
        }
        return RuleForm(
            tuple(id for id in reads if dictionary[id].type != "table"),
            tuple(id for id in reads if dictionary[id].type == "table"),
            frozenset[str]().union(*(leaf.tried for leaf in finder.leaves.values())),
            undirected,
            prod(undirected.values()),
            "stop_if" in rule.conditions,
        )


def below(rulebook: Rulebook, node: Node) -> Iterator[Node]:
    """The node and everything it reads, through metrics too, each metric once."""
    todo, seen = [node], set[str]()
    while todo:
        for inner in walk(todo.pop()):
            yield inner
            if isinstance(inner, Metric) or (isinstance(inner, Column) and inner.pack):
                id = f"{inner.pack}.{inner.name}"
                if id not in seen:
                    seen.add(id)
                    todo += [formula.root for formula in rulebook.metrics[id].formulas]


def leaf_name(node: Node, shift: int) -> str:
    """The stem of a leaf's columns: the metric's name, or a digest of the expression whatever its spelling."""
    if isinstance(node, Metric):
        return column(f"metric.{node.pack}.{node.name}", shift)
    return column(f"leaf.{sha256(_shape(node).encode()).hexdigest()[:12]}", shift)


def _shape(node: Node) -> str:
    """What an expression says, without the text it came from."""
    match node:
        case Literal():
            own = repr(node.value)
        case Fact():
            own = node.id
        case Param() | Metric():
            own = f"{node.pack}.{node.name}"
        case Column():
            own = f"{node.variable}.{node.pack}.{node.name}"
        case Unary() | Binary():
            own = node.op
        case Membership():
            own = " ".join(node.words)
        case Call():
            own = node.function
        case Macro():
            own = f"{node.macro} {node.variable}"
        case _:
            own = ""
    return f"{type(node).__name__}({own}{''.join(map(_shape, node.children))})"


def is_wordy(node: Node) -> bool:
    """Whether a node is a free word: text, or the name of an asset."""
    return isinstance(node, Fact) and node.type.kind in _WORDS


def is_leaf(rulebook: Rulebook, node: Node) -> bool:
    """Whether an expression has no column form of its own."""
    match node:
        case Macro():
            return True
        case Metric():
            return bool(rulebook.metrics[f"{node.pack}.{node.name}"].model)
        case Call():
            return node.function == "is_fiat" or node.function in REFERENCE_ROLES
        case Membership():
            return is_wordy(node.operand)
        case Binary(op="==") | Binary(op="!="):
            return is_wordy(node.left) or is_wordy(node.right)
        case _:
            return False


class _Finder:
    """Collects facts, tables and leaves from expressions."""

    def __init__(self, rulebook: Rulebook, program: Program) -> None:
        self.rulebook = rulebook
        self.program = program
        self.facts: set[tuple[str, int]] = set()
        self.tables: set[str] = set()
        self.leaves: dict[str, Leaf] = {}
        self._seen: set[tuple[str, int]] = set()

    def find(self, node: Node, shift: int) -> None:
        if is_leaf(self.rulebook, node):
            self.leaf(node, shift)
            return
        match node:
            case Fact():
                if node.id not in NOT_STATED and node.id != KIND:
                    self.facts.add((node.id, shift))
            case Metric():
                self.metric(f"{node.pack}.{node.name}", shift)
            case Call(function="was"):
                self.find(node.arguments[0], shift + self.days(node))
            case Ternary() | Binary() | Unary() | Call() | Membership():
                for child in node.children:
                    self.find(child, shift)

    def metric(self, id: str, shift: int) -> None:
        if (id, shift) not in self._seen:
            self._seen.add((id, shift))
            for formula in self.rulebook.metrics[id].formulas:
                self.find(formula.root, shift)

    def days(self, node: Call) -> int:
        days = node.arguments[1]
        assert isinstance(days, Param)
        return int(self.program.params[f"{days.pack}.{days.name}"][0])

    def leaf(self, node: Node, shift: int) -> None:
        dictionary = self.rulebook.dictionary
        read = {n.id for n in below(self.rulebook, node) if isinstance(n, Fact)} - {KIND}
        tables = frozenset(id for id in read if id in dictionary and dictionary[id].type == "table")
        facts = frozenset(id for id in read - tables if id not in NOT_STATED)
        tried = frozenset(id for id in facts if dictionary[id].type not in _WORDS)
        name = leaf_name(node, shift)
        self.leaves[name] = Leaf(name, node, shift, tables, facts, tried)
        self.tables |= tables
        self.facts |= {(id, 0) for id in facts}


__all__ = [
    "CERTAINLY",
    "DATES",
    "KIND",
    "KINDS",
    "NOT_APPLICABLE",
    "NOT_DISCLOSED",
    "NOT_EXAMINED",
    "VERSION",
    "Layout",
    "Leaf",
    "RuleForm",
    "Spec",
    "below",
    "column",
    "how",
    "how_table",
    "is_leaf",
    "is_wordy",
    "leaf_name",
    "number_range",
    "pack_evidence",
    "words_of",
]
