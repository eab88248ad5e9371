"""The reports of a batch: rendered once everything is judged, in a pool of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from checker import __version__
from checker.app.audit import Settings, options_of, shipped_rulebook
from checker.app.batch.plan import Plan
from checker.app.render import Loaded, RenderJob, render_many
from checker.app.report import prepare
from checker.assess import change
from checker.assess.assess import assess
from checker.assess.portfolio import BatchRow
from checker.assess.unknowns import rank_unknowns
from checker.importers.records import Record, Unread
from checker.model.errors import InputError
from checker.model.profile import parse_profile
from checker.outputs.report import Report


@dataclass(frozen=True)
class Due:
    """A report that is to be written: the record, and its row, which names the file."""

    record: Record
    row: BatchRow


def write_reports(
    due: Iterable[Due],
    plan: Plan,
    out: Path,
    *,
    workers: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[tuple[Due, Unread]]:
    """Render every report that is due; gives those that could not be written, with their faults."""
    waiting = list(due)
    jobs = [
        RenderJob(out / one.row.report, partial(_load, one.record, _at(plan.settings, one.row)), plan.language)
        for one in waiting
    ]
    if not jobs:
        return []
    rendered = render_many(jobs, workers=workers, progress=progress)
    return [
        (one, Unread(one.record.file, done.faults)) for one, done in zip(waiting, rendered, strict=True) if done.faults
    ]


def _at(settings: Settings, row: BatchRow) -> Settings:
    known_by, as_of = date.fromisoformat(row.known_by), date.fromisoformat(row.as_of)
    return replace(settings, known_by=known_by, as_of=as_of, today=max(settings.today, known_by))


def _load(record: Record, settings: Settings) -> Loaded:
    """What the report on a record says: of a profile in a file of its own all that `ddcheck PROFILE --pdf` says."""
    rulebook = shipped_rulebook(settings.packs, settings.overrides)
    if record.alone:
        return prepare(Path(record.file), settings, rulebook), rulebook, None
    try:
        profile = parse_profile(record.document(), rulebook.dictionary, today=settings.today)
    except InputError as error:
        raise InputError(record.located(error.faults)) from None
    options = options_of(settings)
    assessment = assess(profile, rulebook, options, version=__version__)
    found = change.changes(profile, rulebook, options)
    assessment = replace(assessment, changes=found, edges=found.edges)
    return Report(assessment, rank_unknowns(profile, rulebook, options)), rulebook, None
