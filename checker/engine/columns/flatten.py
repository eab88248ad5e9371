"""From the scalar world to a record: the facts of one platform at one cut as the values of a layout's columns.

What has no column form is worked out here by the scalar interpreter, for the platforms that know anything of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from checker.engine.columns.dag import MOST
from checker.engine.columns.layout import (
    KINDS,
    Layout,
    Leaf,
    RuleForm,
    column,
    how,
    how_table,
    number_range,
    pack_evidence,
    words_of,
)
from checker.engine.rules import PROVED, RuleEngine, RuleResult
from checker.engine.scalar import Facts, Interpreter
from checker.lang.tree import COMPUTED, Call, walk
from checker.model.dictionary import FactDef
from checker.model.interval import Interval, Truth
from checker.model.state import FactState, Status, TableState
from checker.packs.rulebook import Rule

Cell = float | int | None
Record = dict[str, Cell]

PRESUMED, RUMOURED, WORST, BEST = 4, 5, 6, 9
STOP, STOP_TRUE, STOP_FALSE, STOP_PRESUMED, STOP_PROOF, STOP_PROVABLE = 12, 13, 14, 15, 16, 18
"""Where in `<rule>.given` each part begins, as powers of two; the outcomes still possible are its lowest four bits."""


def fact_cells(definition: FactDef, state: FactState, stem: str) -> Record:
    """The cells of one fact.

    Args:
        definition: The fact.
        state: How it stands, with the values still possible.
        stem: The stem of its columns.

    Raises:
        ValueError: A number is so large that sums and products of such would not be finite.
    """
    cells: Record = {f"{stem}.how": how(state)}
    value = state.value
    if isinstance(value, Interval):
        lo, hi = number_range(definition)
        if any(MOST < abs(end) < inf for end in value):
            raise ValueError(f"{stem}: a batch holds no number beyond {MOST:g}, found {value.lo:g} to {value.hi:g}")
        cells[f"{stem}.lo"] = None if value.lo == lo else value.lo
        cells[f"{stem}.hi"] = None if value.hi == hi else value.hi
    elif isinstance(value, frozenset) and definition.type in ("bool", "enum"):
        words = words_of(definition)
        cells[f"{stem}.set"] = sum(1 << bit for bit, word in enumerate(words) if word in value)
    return cells


def flatten(layout: Layout, engine: RuleEngine, kind: str, as_of: int, rules: Iterable[Rule]) -> Record:
    """One platform at one cut as a record; what is not in it is null.

    Args:
        layout: The columns.
        engine: The rules over the platform's facts at the cut.
        kind: The kind of platform.
        as_of: Ordinal of the day judged.
        rules: The rules that apply to the kind.
    """
    facts, dictionary = engine.facts, layout.rulebook.dictionary
    record: Record = {"kind": KINDS.index(kind), "as_of": as_of}
    for id, shift in layout.facts:
        state = facts.fact(id, shift)
        if state.status is not Status.NOT_EXAMINED:
            record |= fact_cells(dictionary[id], state, column(id, shift))
    for id in layout.tables:
        status = facts.table(id, 0).status
        if status is not Status.NOT_EXAMINED:
            record[f"{id}.how"] = how_table(status)
    for id in COMPUTED:
        share = facts.fact(id, 0).value
        assert isinstance(share, Interval)
        record[f"{id}.lo"], record[f"{id}.hi"] = share
    for leaf in layout.leaves.values():
        if is_known(leaf, facts):
            record |= leaf_cells(leaf, engine.interpreter)
    for rule in rules:
        if needs_giving(rule, layout.rules[rule.id], facts):
            record[f"{rule.id}.given"] = pack_result(engine.evaluate(rule, layout.rulebook.reads[rule.id]))
    return record


def is_known(leaf: Leaf, facts: Facts) -> bool:
    """Whether anything that a leaf reads is known, or it reads nothing but the day."""
    if not (leaf.tables or leaf.facts) or any(isinstance(n, Call) and n.function == "was" for n in walk(leaf.node)):
        return True
    return any(facts.table(id, leaf.shift).status is not Status.NOT_EXAMINED for id in leaf.tables) or any(
        facts.fact(id, leaf.shift).status is not Status.NOT_EXAMINED for id in leaf.facts
    )


def leaf_cells(leaf: Leaf, interpreter: Interpreter) -> Record:
    """The cells of one leaf."""
    with interpreter.back(leaf.shift):
        result = interpreter.evaluate(leaf.node)
    cells: Record = {f"{leaf.name}.proof": pack_evidence(result.true, result.false)}
    if isinstance(result.value, Interval):
        cells[f"{leaf.name}.lo"], cells[f"{leaf.name}.hi"] = result.value
    else:
        assert isinstance(result.value, Truth)
        cells[f"{leaf.name}.set"] = 3 - result.value.surely_true - 2 * result.value.surely_false
    return cells


def needs_giving(rule: Rule, form: RuleForm, facts: Facts) -> bool:
    """Whether one record needs a rule judged beforehand.

    It does where hearsay takes part, where silence would have to be tried inside a leaf, where more facts without a
    direction are silent than are tried in columns, and where a stop must be asked of the proved rows of a table alone.
    """
    states = [facts.fact(id, 0) for id in form.facts]
    if any(state.rumour is not None for state in states):
        return True
    silent = {state.id for state in states if state.status is Status.NOT_DISCLOSED}
    if silent and rule.silence != "unobserved":
        if not form.tried.isdisjoint(silent):
            return True
        if not form.unrolled and len(silent & form.undirected.keys()) > 1:
            return True
    if not form.stops:
        return False
    doubted = {state.id for state in states if state.status is Status.REPORTED and state.support.proof < PROVED}
    return not form.tried.isdisjoint(doubted) or any(_doubted(facts.table(id, 0)) for id in form.tables)


def _doubted(table: TableState) -> bool:
    """Whether a table holds a row that nothing proves."""
    return any(all(cell.support.proof < PROVED for cell in row.cells.values()) for row in table.rows)


def pack_result(result: RuleResult) -> int:
    """What a rule says, as the number in `<rule>.given`."""
    packed = sum(1 << outcome for outcome in result.possible)
    packed |= result.presumed << PRESUMED | result.rumoured << RUMOURED
    packed |= result.support.worst << WORST | result.support.best << BEST
    if result.stop is not None:
        stop = result.stop
        packed |= 1 << STOP | stop.truth.surely_true << STOP_TRUE | stop.truth.surely_false << STOP_FALSE
        packed |= stop.presumed << STOP_PRESUMED | stop.proof << STOP_PROOF | stop.provable << STOP_PROVABLE
    return packed


def columns_of(layout: Layout, records: Iterable[Mapping[str, Cell]]) -> dict[str, list[Cell]]:
    """Records side by side: a list for each column of the layout that any of them fills."""
    rows = list(records)
    filled = {name for row in rows for name in row}
    return {spec.name: [row.get(spec.name) for row in rows] for spec in layout.columns if spec.name in filled}
