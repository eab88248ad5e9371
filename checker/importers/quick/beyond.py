"""What is not one plain statement: several of one fact, silence, expressions without a column form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from checker.engine.columns.flatten import Record, is_known, leaf_cells
from checker.engine.columns.layout import Layout, how_table
from checker.engine.cut import Cut
from checker.engine.rules import PROVED
from checker.engine.scalar import Interpreter
from checker.importers.quick.facts import WIDTH, Asked, Fact, figures_of
from checker.importers.quick.shapes import OtherwiseError
from checker.importers.quick.statements import Counting, Statement, remember
from checker.lang.tree import Call, walk
from checker.model.profile import Examination, FactEntry
from checker.model.state import Status
from checker.model.view import View
from checker.packs.reference import Reference

Looks = Mapping[str, tuple[Examination, ...]]


@dataclass(frozen=True)
class _Silence:
    """What is withheld because somebody looked for it: figures of facts, ids of facts, cells of tables."""

    figures: Mapping[int, tuple[float, ...]]
    ids: Mapping[int, str]
    tables: Record


class Beyond:
    """Settles by a view what one plain statement does not.

    Args:
        layout: The columns.
        counting: Statements at the cut.
        reference: The reference rates, for leaves.
        reader: What the person who asks said.
    """

    def __init__(
        self, layout: Layout, counting: Counting, reference: Reference, reader: Mapping[str, str | float]
    ) -> None:
        self.layout, self.counting, self.reference, self.reader = layout, counting, reference, reader
        self._at = {fact: index for index, fact in enumerate(layout.facts)}
        self._earlier = [(id, shift) for id, shift in layout.facts if shift]
        self._looking_back = {
            name
            for name, leaf in layout.leaves.items()
            if any(isinstance(node, Call) and node.function == "was" for node in walk(leaf.node))
        }
        self._silences: dict[Any, _Silence] = {}
        self._leaf_memory: dict[Any, Record] = {}

    def settle(
        self, kind: str, asked: Asked, figures: list[float], later: list[tuple[Fact, list[Statement]]], examined: Looks
    ) -> Record:
        """Add the figures of the facts that are left; the cells of all else.

        Args:
            kind: Kind of the platform.
            asked: What is asked of it.
            figures: Those of the plain facts; others are added.
            later: The facts that are left, with their statements.
            examined: When somebody looked at each section.
        """
        layout, dictionary = self.layout, self.layout.rulebook.dictionary
        entries = {fact.definition.id: tuple(map(self.counting.entry, stated)) for fact, stated in later}
        view = self.counting.view(kind, entries, examined)
        silent, rumoured = set[str](), set[str]()
        settled = set[int]()
        for id in entries:
            for shift in (0, *(days for early, days in self._earlier if early == id)):
                at = self._at.get((id, shift), -1)
                if at < 0:
                    continue
                settled.add(at)
                state = view.back(shift).fact(id)
                if state.status is not Status.NOT_EXAMINED:
                    figures += (at, *figures_of(dictionary[id], state))
                if shift:
                    continue
                if state.rumour is not None:
                    rumoured.add(id)
                if state.status is Status.NOT_DISCLOSED:
                    silent.add(id)
                elif state.status is Status.REPORTED and state.support.proof < PROVED and id in asked.proved:
                    raise OtherwiseError
        cells: Record = {}
        if examined:
            silence = self._silence(kind, examined)
            settled |= {int(at) for at in figures[::WIDTH]}
            for at, numbers in silence.figures.items():
                if at not in settled:
                    figures += numbers
                    if at in silence.ids:
                        silent.add(silence.ids[at])
            cells |= silence.tables
        if silent or rumoured:
            _weigh(asked, silent, rumoured)
        if layout.leaves:
            self._leaves(view, entries, examined, cells)
        return cells

    def _silence(self, kind: str, examined: Looks) -> _Silence:
        key = kind, _days(examined)
        if key not in self._silences:
            view, dictionary = self.counting.view(kind, {}, examined), self.layout.rulebook.dictionary
            states = {at: view.back(shift).fact(id) for (id, shift), at in self._at.items()}
            held = {at: state for at, state in states.items() if state.status is Status.NOT_DISCLOSED}
            tables = {id: view.table(id).status for id in self.layout.tables}
            silence = _Silence(
                {at: (at, *figures_of(dictionary[state.id], state)) for at, state in held.items()},
                {at: state.id for at, state in held.items() if not self.layout.facts[at][1]},
                {f"{id}.how": how_table(s) for id, s in tables.items() if s is not Status.NOT_EXAMINED},
            )
            remember(self._silences, key, silence)
        return self._silences[key]

    def _leaves(self, view: View, entries: Mapping[str, tuple[FactEntry, ...]], examined: Looks, cells: Record) -> None:
        """Expressions without a column form; what they say of the same facts is worked out once."""
        cut = Cut(view, self.reference, reader=self.reader)
        looked = _days(examined)
        interpreter: Interpreter | None = None
        for leaf in self.layout.leaves.values():
            held = sorted(leaf.facts & entries.keys())
            states = [cut.fact(id, leaf.shift) for id in held]
            told = tuple((s.status, s.value, s.support, s.rumour, s.conflict, s.stale) for s in states)
            key = leaf.name, view.profile.kind, looked, tuple(held), told
            found = None if leaf.name in self._looking_back else self._leaf_memory.get(key)
            if found is None:
                interpreter = interpreter or Interpreter(self.layout.program, cut)
                found = leaf_cells(leaf, interpreter) if is_known(leaf, cut) else {}
                remember(self._leaf_memory, key, found)
            cells |= found


def _days(examined: Looks) -> tuple[Any, ...]:
    return tuple((section, tuple((e.on, e.known_on) for e in looks)) for section, looks in sorted(examined.items()))


def _weigh(asked: Asked, silent: Collection[str], rumoured: Collection[str]) -> None:
    """Leave to the long way what needs a rule judged beforehand; see `needs_giving`."""
    for rule, form, facts in asked.rules:
        if not facts.isdisjoint(rumoured):
            raise OtherwiseError
        held = facts.intersection(silent)
        several = not form.unrolled and len(held & form.undirected.keys()) > 1
        if rule.silence != "unobserved" and (several or not form.tried.isdisjoint(held)):
            raise OtherwiseError


__all__ = ["Beyond", "Looks"]
