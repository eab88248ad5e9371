"""The conformance cases as a batch: each case is a record, each of its expressions a column of the result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from conformance.world import NAMES, Case, compiled, memory, program, stated

from checker.engine.columns.dag import Dag, Expr
from checker.engine.columns.flatten import Record, fact_cells, is_known, leaf_cells
from checker.engine.columns.interpreter import Columns, Source, Trial
from checker.engine.columns.layout import Layout, column, how_table
from checker.engine.columns.lower import Plan
from checker.engine.columns.values import Code, Cond, Num, Res, Word, WordSet
from checker.engine.scalar import Interpreter, Program
from checker.lang.tree import Expression, Node
from checker.model.state import Status

INF = float("inf")


def _definition(fact: Mapping[str, Any]) -> SimpleNamespace:
    lo, hi = fact.get("range", [-INF, INF])
    return SimpleNamespace(
        type=fact["type"], range=(float(lo), float(hi)), values=tuple(fact.get("values", ())), meaning="A fact."
    )


def rulebook(compiled_program: Program) -> Any:
    """As much of a rulebook as a layout reads: the facts and the metrics of the scope."""
    metrics = {
        id: SimpleNamespace(model=form.model, formulas=[Expression(root, root.text) for root in form.formulas])
        for id, form in compiled_program.metrics.items()
    }
    return SimpleNamespace(
        dictionary={id: _definition(fact) for id, fact in NAMES["facts"].items()}, metrics=metrics, rules={}
    )


@dataclass(frozen=True)
class Asked:
    """One expression over one small world."""

    root: Node
    facts: Any
    program: Program
    hidden: Mapping[str, Any]

    @classmethod
    def of(cls, case: Case) -> "Asked":
        return cls(compiled(case.expr).root, memory(case), program(case.params), case.hidden)

    def layout(self) -> Layout:
        return Layout.reading(rulebook(self.program), self.program, [self.root])

    def record(self) -> Record:
        """The facts of the case as a record."""
        layout = self.layout()
        record: Record = {"kind": 0, "as_of": NAMES["as_of"].toordinal()}
        for id, shift in layout.facts:
            record |= fact_cells(layout.rulebook.dictionary[id], self.facts.fact(id, shift), column(id, shift))
        for id in layout.tables:
            record[f"{id}.how"] = how_table(self.facts.table(id, 0).status)
        for leaf in layout.leaves.values():
            if is_known(leaf, self.facts) or leaf.tables or leaf.facts:
                record |= leaf_cells(leaf, Interpreter(self.program, self.facts))
        return record

    def in_columns(self) -> bool:
        """Whether the case has a column form: a free word is none, nor is what silence would try inside a leaf.

        A number so large that sums overflow is refused by a batch.
        """
        if self.root.type.kind in ("text", "asset", "table"):
            return False
        try:
            self.record()
        except ValueError:
            return False
        return all(leaf.tried.isdisjoint(self.hidden) for leaf in self.layout().leaves.values())

    def result(self, present: frozenset[str], dag: Dag) -> Res:
        """What the column interpreter makes of it."""
        source = Source(self.layout(), present, dag=dag)
        tried = {
            id: (Trial(dag.true, Status.NOT_DISCLOSED, stated(NAMES["facts"][id], value)),)
            for id, value in self.hidden.items()
            if NAMES["facts"][id]["type"] not in ("text", "asset")
        }
        return Columns(source, tried).evaluate(self.root)


def parts(result: Res, dag: Dag) -> dict[str, Expr]:
    """A result as expressions: its value and its evidence."""
    value = result.value
    match value:
        case Num():
            found = {"lo": value.lo, "hi": value.hi}
        case Cond():
            found = {"t": value.t, "f": value.f}
        case WordSet():
            found = {"mask": value.mask}
        case Word() | Code():
            found = {}
    for side in ("true", "false"):
        for name in ("worst", "best", "proof"):
            found[f"{side}.{name}"] = getattr(getattr(result, side), name)
    return found


def plan(asked: Iterable[Asked], present: Iterable[str], dag: Dag) -> Plan:
    """Everything that is asked, as one plan over one batch."""
    columns = frozenset(present)
    return Plan(
        {
            f"{index}/{name}": expr
            for index, each in enumerate(asked)
            for name, expr in parts(each.result(columns, dag), dag).items()
        }
    )


def batch(records: list[Record]) -> dict[str, list[Any]]:
    """Records side by side."""
    names = sorted({name for record in records for name in record})
    return {name: [record.get(name) for record in records] for name in names}


def scalar_parts(asked: Asked) -> dict[str, Any]:
    """What the scalar interpreter makes of it, in the same shape."""
    overrides = {id: (Status.NOT_DISCLOSED, stated(NAMES["facts"][id], v)) for id, v in asked.hidden.items()}
    result = Interpreter(asked.program, asked.facts, overrides=overrides).evaluate(asked.root)
    kind = asked.root.type.kind
    if kind in ("number", "date"):
        found = {"lo": result.value.lo, "hi": result.value.hi}
    elif kind == "bool":
        found = {"t": result.value.surely_true, "f": result.value.surely_false}
    else:
        words = next(tuple(f["values"]) for id, f in NAMES["facts"].items() if id == getattr(asked.root, "id", ""))
        found = {"mask": sum(1 << bit for bit, word in enumerate(words) if word in result.value)}
    for side, support in (("true", result.true), ("false", result.false)):
        found |= {f"{side}.{name}": getattr(support, name) for name in ("worst", "best", "proof")}
    return found
