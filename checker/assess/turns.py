"""What would change a verdict, as it is told: sets of changes, the core, the thresholds on an edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checker.model.finding import Grade
from checker.model.state import Value

__all__ = ["ChangeSet", "Changes", "Core", "Edge", "Edit", "Step", "Turn"]


@dataclass(frozen=True)
class Edit:
    """A new statement about a fact, a row of a table, or a table's completeness, from the day judged on.

    Attributes:
        fact: The fact or table.
        grade: Evidence grade of the statement (1-4).
        values: New values by column; the fact's own stands under "". What is not named stays as it is known.
        row: Label of the row, for a table.
        complete: It says that the table has no other rows.
    """

    fact: str
    grade: int
    values: Mapping[str, Value]
    row: str = ""
    complete: bool = False


@dataclass(frozen=True)
class Step:
    """One fact, or one cell of a table, in a set of changes.

    Attributes:
        fact: The fact or table.
        row: Label of the row, for a table.
        column: Column of the cell, for a table; empty where only the row's evidence changes.
        unit: Unit of the value.
        now: What is known: `[lo, hi]` with null for no bound, or the words possible.
        to: The value at which the grade turns; null where the value may stay.
        relation: How a number has to stand to it: `at least`, `at most`, `more than`, `less than`; empty for words.
        distance: How far a number is from it, in its unit; null where there is no number to start from.
        evidence: Evidence grade now (0-4).
        needs: Evidence grade that it would have to have, where that is better than now, else null.
        complete: It is about the statement that the table has no other rows.
    """

    fact: str
    row: str
    column: str
    unit: str
    now: object
    to: object
    relation: str
    distance: float | None
    evidence: int
    needs: int | None
    complete: bool


@dataclass(frozen=True)
class ChangeSet:
    """Changes that together turn the grade; none of them can be left out.

    Attributes:
        steps: What would have to change.
        best: The best end of the grade then.
        worst: The worst end then.
        edits: The same as statements that can be made to the profile.
    """

    steps: tuple[Step, ...]
    best: Grade
    worst: Grade
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Turn:
    """The smallest changes of known facts that move one end of the grade by one letter.

    Attributes:
        end: `best` or `worst`.
        way: `raise` or `lower`.
        grade: The letter at that end.
        target: The letter to reach, or None where the scale ends.
        sets: The smallest sets of changes; none where no change of known facts suffices.
        exact: No smaller set of the changes that were tried suffices; otherwise a set is only known to be minimal.
        more: There are further sets as small.
        candidates: How many facts, rows and statements were candidates.
        held_by: Where nothing raises it, the rules that hold the grade when every known fact is at its best.
        withheld: The withheld facts behind those rules, to be asked.
    """

    end: str
    way: str
    grade: Grade
    target: Grade | None
    sets: tuple[ChangeSet, ...]
    exact: bool
    more: bool
    candidates: int
    held_by: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True)
class Core:
    """Facts that alone suffice for the best end of the grade: everything else could be unknown.

    Attributes:
        grade: The best end.
        facts: The facts; without any one of them the best end would be better.
        of: How many facts are known or withheld.
    """

    grade: Grade
    facts: tuple[str, ...]
    of: int


@dataclass(frozen=True)
class Edge:
    """A threshold on which the grade hangs: at an end of its plausible range an end of the grade is another.

    Attributes:
        parameter: The threshold.
        unit: Its unit.
        value: Its value in force.
        range: The least and the greatest value that its sources make plausible.
        at_lo: The grade at its best and at its worst with the least value.
        at_hi: The same with the greatest value.
        rules: The rules of this kind that read it.
    """

    parameter: str
    unit: str
    value: float
    range: tuple[float, float]
    at_lo: tuple[Grade, Grade]
    at_hi: tuple[Grade, Grade]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """What would change a verdict, and what it rests on; empty for a kind of platform without a grade.

    Attributes:
        best: The grade at its best.
        worst: The grade at its worst.
        turns: Raising the best end, lowering the worst end, lowering the best end.
        core: The facts that alone suffice for the best end.
        edges: The thresholds that it hangs on.
        parameters: How many thresholds were tried.
    """

    best: Grade | None
    worst: Grade | None
    turns: tuple[Turn, ...]
    core: Core | None
    edges: tuple[Edge, ...]
    parameters: int
