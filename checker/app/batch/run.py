"""A batch from its files to its results: nothing depends on order, on how much is in memory, or on how many work.

done = run(sources(["profiles"]), plan, out, workers=2)
done.portfolio.league[0]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from checker.app.audit import shipped_rulebook
from checker.app.batch.judge import CRITICAL, Done, Setup
from checker.app.batch.plan import EVERY, YEAR, Plan, at_or_worse, record_digest, rules_digest
from checker.app.batch.pool import scalar
from checker.app.batch.reports import Due, write_reports
from checker.app.batch.select import listing, selection
from checker.app.batch.state import State
from checker.app.batch.table import FORMATS, STEM, columns, fault_line, flat, read_table, whole, write_table
from checker.assess.assess import program, rules_of_kind
from checker.assess.portfolio import KEEP, BatchRow, Portfolio, portfolio
from checker.importers.records import Mapping as ColumnMapping
from checker.importers.records import Record, Sources, Unread, expected, records
from checker.model.errors import UsageError
from checker.packs.rulebook import Rulebook

Engine = Callable[[Setup, int, Iterable[Record]], Iterator[Done]]
"""Judges records: what every judgement needs, how many processes, the records; gives what became of each, in any order.

It takes records only as it has room for them, and never holds back a record that is done.
"""


def _columns(setup: Setup, workers: int, records: Iterable[Record]) -> Iterator[Done]:
    from checker.app.batch.columns import columns

    return columns(setup, workers, records)


ENGINES: Mapping[str, Engine] = {"scalar": scalar, "columns": _columns}
"""The ways to judge a batch, by the name that `--engine` takes."""
AUTO = "auto"
MANY = 300
"""Judgements from which `auto` takes columns: fewer are done before the columns are compiled."""
ERRORS = "errors.jsonl"
Progress = Callable[[int, int | None, int], None]
"""Told how many records are done, of how many (None where unknown), and how many rows they gave."""


@dataclass(frozen=True)
class Ran:
    """What a run did.

    Attributes:
        portfolio: The batch as a whole.
        shown: The platforms that were asked for, at their latest cut, in the order that was asked for.
        count: How many there are of them, shown or not.
        names: The columns of the table of results.
        failed: Whether one of all platforms is at or beyond the grade that was named.
        judged: How many records were judged.
        skipped: How many had not changed since they were judged.
        silent: How many of them had nothing known at any of the cuts.
        paths: The tables of results that were written.
        engine: Which of `ENGINES` did the work.
    """

    portfolio: Portfolio
    shown: tuple[BatchRow, ...]
    count: int
    names: tuple[str, ...]
    failed: bool
    judged: int
    skipped: int
    silent: int
    paths: tuple[Path, ...]
    engine: str = "scalar"


class InterruptedRun(KeyboardInterrupt):
    """A run that the user ended.

    Attributes:
        done: How many records are done and kept.
    """

    def __init__(self, done: int) -> None:
        super().__init__(done)
        self.done = done


def run(
    found: Sources,
    plan: Plan,
    out: Path,
    *,
    workers: int = 1,
    engine: str = "scalar",
    mapping: ColumnMapping | None = None,
    formats: Sequence[str] = FORMATS[:2],
    rule_columns: bool = False,
    since: Path | None = None,
    fresh: bool = False,
    only: Sequence[str] = (),
    sort: str = "grade",
    limit: int = 100,
    fail_on: str | None = None,
    progress: Progress | None = None,
    rendering: Callable[[int, int], None] | None = None,
) -> Ran:
    """Judge every record and write the results.

    Args:
        found: The files.
        plan: What is done with every record.
        out: Folder of the results; made if missing.
        workers: Processes; 1 runs in this one.
        engine: Which of `ENGINES` does the work, or `auto` for the one that suits the number of records.
        mapping: How the columns of foreign tables are read.
        formats: In which forms the table of results is written.
        rule_columns: Whether every rule has a column.
        since: An earlier table of results to say what moved since; None for the last run into the same folder.
        fresh: Whether what has not changed is judged again, too.
        only: Which platforms are shown; see `selection`.
        sort: In which of `SORTS` they are shown.
        limit: How many are shown at most.
        fail_on: A grade: whether a worst end is at it or worse, or not assessable, is told.
        progress: Told how far it is.
        rendering: Told how many reports are written, of how many.

    Raises:
        InterruptedRun: The user ended it; what is done is kept.
        UsageError: Something cannot be written; what is done is kept.
    """
    rulebook = shipped_rulebook(plan.settings.packs, plan.settings.overrides)
    setup = Setup(rulebook, rules_digest(rulebook, plan.settings), plan, out)
    if engine == AUTO:
        engine = engine_for(found, plan)
    selection(only, rulebook)
    earlier = list(read_table(since)) if since is not None else None
    _prepare(out, plan)
    state = State(out, fresh=fresh)
    work = _Work(state, setup, _largest_first(found), mapping, expected(found) if progress else None, progress)
    try:
        if earlier is not None:
            state.set_earlier(earlier)
        for done in ENGINES[engine](setup, workers, work.changed()):
            work.keep(done)
        work.told(end=True)
        for one, unread in write_reports(work.due, plan, out, workers=workers, progress=rendering):
            state.without_report(one.row)
            work.refuse(unread)
        state.finish()
        traits = list(rulebook.scheme.traits)
        names = columns(traits, sorted(rulebook.rules) if rule_columns else ())
        rows = state.rows(ranked=True) if state.cuts() <= 1 else state.by_name()
        with closing(rows):  # rows that are still being read would hold the state open
            paths = write_table(rows, names, out, formats)
        _write_errors(state, out)
        whole_batch = portfolio_of(state, KEEP, rulebook)
        shown, count = listing(state, selection(only, rulebook, state), sort, limit)
        failed = fail_on is not None and any(at_or_worse(row, fail_on) for row in state.latest())
        state.finished()
        return Ran(
            whole_batch,
            shown,
            count,
            tuple(names),
            failed,
            work.judged,
            work.skipped,
            work.silent,
            tuple(paths),
            engine,
        )
    except KeyboardInterrupt:
        with suppress(UsageError):
            state.commit()
        raise InterruptedRun(work.done) from None
    finally:
        with suppress(UsageError):
            state.close()


def engine_for(found: Sources, plan: Plan) -> str:
    """The engine that suits a batch: columns for many judgements without whole assessments."""
    if plan.assessments:
        return "scalar"
    count, cuts = expected(found), 1 if plan.every is None else YEAR // EVERY[plan.every]
    return "columns" if count is None or count * cuts >= MANY else "scalar"


def result_lines(ran: Ran) -> Iterator[str]:
    """The platforms that were asked for as JSON lines, with the columns of the table of results."""
    for row in ran.shown:
        yield json.dumps(flat(row, ran.names), ensure_ascii=False, allow_nan=False) + "\n"


def critical_facts(rulebook: Rulebook) -> Callable[[str], frozenset[str]]:
    """Gives the facts that the critical rules of a kind ask, whatever the facts are."""
    compiled = program(rulebook, None)

    @cache
    def asked(kind: str) -> frozenset[str]:
        dictionary = rulebook.dictionary
        rules = [rule.id for rule in rules_of_kind(rulebook, kind, compiled) if rule.severity == CRITICAL]
        found = {fact for rule in rules for fact in rulebook.reads[rule] if not fact.startswith("platform.")}
        return frozenset(fact for fact in found if dictionary[fact].applies_to(kind))

    return asked


def portfolio_of(state: State, keep: int = KEEP, rulebook: Rulebook | None = None) -> Portfolio:
    """The batch as a whole, with what moved since the earlier run.

    Args:
        state: What the batch has done.
        keep: How many rows and moves are kept whole.
        rulebook: The packs, to count what is open by section.
    """
    since = state.earlier_cut()
    unread = state.counts()[2]
    return portfolio(
        state.rows(),
        before=state.earlier if since else None,
        gone=state.gone(keep) if since else (),
        since=since,
        faults=tuple(state.faults(keep)),
        unread=unread,
        keep=keep,
        asked=critical_facts(rulebook) if rulebook is not None else None,
    )


def _prepare(out: Path, plan: Plan) -> None:
    """Make the folders, and clear away what a killed run left half-written."""
    folders = [out, *([out / "assessments"] if plan.assessments else []), *([out / "reports"] if plan.pdf_for else [])]
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make {folder}: {error.strerror}") from None
    for pattern in (f".{STEM}.*.*", f".{ERRORS}.*", "assessments/.*.json.*", "reports/.*.pdf.*"):
        for path in out.glob(pattern):
            path.unlink(missing_ok=True)


def _largest_first(found: Sources) -> Sources:
    """Profiles by size: the work is shared out better, and no result depends on the order."""

    def size(profile: tuple[Path, str]) -> int:
        try:
            return -profile[0].stat().st_size
        except OSError:
            return 0

    return replace(found, profiles=tuple(sorted(found.profiles, key=size)))


class _Work:
    """The records of a run: those to judge go to the engine, all are counted and kept."""

    def __init__(
        self,
        state: State,
        setup: Setup,
        found: Sources,
        mapping: ColumnMapping | None,
        total: int | None,
        progress: Progress | None,
    ) -> None:
        self.state, self.setup, self.found, self.mapping = state, setup, found, mapping
        self.total, self.progress = total, progress
        self.judged = self.skipped = self.silent = self.rows = self.refused = 0
        self.due: list[Due] = []

    @property
    def done(self) -> int:
        """Records of which it is known what became of them."""
        return self.judged + self.skipped + self.refused

    def changed(self) -> Iterator[Record]:
        """The records that must be judged."""
        dictionary, plan = self.setup.rulebook.dictionary, self.setup.plan
        cut = (plan.settings.as_of, plan.settings.known_by) if plan.every is None else None
        for record in records(self.found, dictionary, self.mapping, cut=cut):
            if isinstance(record, Unread):
                self.refuse(record)
                continue
            kept = self.state.unchanged(record, self._digest(record), present=self._present)
            if kept is None:
                yield record
            else:
                self.skipped += 1
                self.rows += kept
                self.silent += not kept
                self.told()

    def keep(self, done: Done) -> None:
        """What became of a record."""
        if done.faults:
            self.refuse(Unread(done.record.file, done.faults))
            return
        self.state.keep(done.record, self._digest(done.record), done.rows)
        self.due += [Due(done.record, row) for row in done.rows if row.report]
        self.judged += 1
        self.rows += len(done.rows)
        self.silent += not done.rows
        self.told()

    def refuse(self, unread: Unread) -> None:
        """What could not be read, judged or rendered."""
        self.state.refuse(unread)
        self.refused += 1
        self.told()

    def _digest(self, record: Record) -> str:
        return record_digest(record, self.setup.plan, self.setup.rules)

    def _present(self, name: str) -> bool:
        return (self.setup.out / name).is_file()

    def told(self, *, end: bool = False) -> None:
        """Tell how far it is."""
        if self.progress is not None:
            self.progress(self.done, self.done if end else self.total, self.rows)


def _write_errors(state: State, out: Path) -> None:
    with whole(out / ERRORS) as file:
        for fault in state.faults():
            file.write(fault_line(fault) + "\n")
