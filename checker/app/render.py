"""Render many reports: worker processes that share the packs, and one report that fails stops no other.

The workers are forked before anything is rendered, since the renderer's fonts survive no fork. A worker that dies, by a
signal or for want of memory, is replaced; what it was rendering is tried once more by itself, then told as a fault.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeAlias

from checker.app.audit import Settings, shipped_rulebook
from checker.app.files import write_whole
from checker.app.report import PARTS, prepare
from checker.assess.assessment import Assessment
from checker.model.errors import Fault, InputError, UsageError
from checker.outputs.report import Report
from checker.packs.rulebook import Rulebook

MOST_MEMORY = 768 * 1024 * 1024
"""A worker that holds more bytes when a report is done is replaced by a fresh one."""

Loaded: TypeAlias = tuple[Assessment | Report, Rulebook, bytes | None]
"""What is rendered, the rulebook with its wording, and the bytes of the profile, for the archive."""


@dataclass(frozen=True)
class RenderJob:
    """One report to write.

    Attributes:
        target: Where the PDF goes.
        load: Gives what is rendered; called in the worker, so that it must be a function of a module, or a `partial` of
            one.
        language: Language of the report.
        paper: "a4" or "letter".
        archive: Whether the file is one to keep; see `checker.outputs.pdf.render_pdf`.
    """

    target: Path
    load: Callable[[], Loaded]
    language: str = "en"
    paper: str = "a4"
    archive: bool = False


@dataclass(frozen=True)
class Rendered:
    """What became of one report: the size of its file in bytes, or its faults."""

    job: RenderJob
    size: int = 0
    faults: tuple[Fault, ...] = ()


def report_job(
    profile: Path,
    settings: Settings,
    target: Path,
    *,
    parts: Collection[str] = PARTS,
    language: str = "en",
    paper: str = "a4",
    archive: bool = False,
) -> RenderJob:
    """The report on the profile in a file, judged by the shipped packs and those of the settings.

    Args:
        profile: The file.
        settings: The cut and any changes to the packs.
        target: Where the PDF goes.
        parts: The analyses that the report has; see `checker.app.report.PARTS`.
        language: Language of the report.
        paper: "a4" or "letter".
        archive: Whether the file is one to keep, with the assessment and the profile inside.
    """
    _rulebook(settings)  # loaded before the workers are forked, so that they share it
    return RenderJob(target, partial(_judged, profile, settings, tuple(parts)), language, paper, archive)


def _judged(profile: Path, settings: Settings, parts: Sequence[str]) -> Loaded:
    rulebook = _rulebook(settings)
    return prepare(profile, settings, rulebook, parts=parts), rulebook, profile.read_bytes()


def _rulebook(settings: Settings) -> Rulebook:
    return _shipped(tuple(settings.packs), tuple(sorted(settings.overrides.items())))


@cache
def _shipped(packs: tuple[Path, ...], overrides: tuple[tuple[str, float], ...]) -> Rulebook:
    """The rulebook of some settings, loaded once in a process and all that it forks."""
    return shipped_rulebook(packs, dict(overrides))


def render_one(job: RenderJob) -> Rendered:
    """Render one report and write it whole; its faults, and our own, are returned."""
    from checker.outputs.pdf import render_pdf

    try:
        told, rulebook, profile = job.load()
        pdf = render_pdf(
            told,
            rulebook,
            job.language,
            paper=job.paper,
            archive=job.archive,
            profile=profile if job.archive else None,
        )
        write_whole(job.target, pdf)
    except InputError as error:
        return Rendered(job, faults=error.faults)
    except UsageError as error:
        return Rendered(job, faults=(Fault(str(job.target), str(error)),))
    except Exception as error:
        message = f"internal error, {type(error).__name__}: {error}"
        return Rendered(job, faults=(Fault(str(job.target), message, "This is our fault; report it."),))
    return Rendered(job, len(pdf))


def render_many(
    jobs: Sequence[RenderJob], *, workers: int, progress: Callable[[int, int], None] | None = None
) -> list[Rendered]:
    """Render every job, results in the order of the jobs.

    Args:
        jobs: What is rendered; the folders of their targets exist.
        workers: Processes; 1 renders in this one.
        progress: Called with (done, all) after each report.
    """
    done: dict[int, Rendered] = {}

    def told(number: int, result: Rendered) -> None:
        done[number] = result
        if progress is not None:
            progress(len(done), len(jobs))

    if workers <= 1 or len(jobs) <= 1:
        for number, job in enumerate(jobs):
            told(number, render_one(job))
    else:
        with _Pool(min(workers, len(jobs))) as pool:
            lost = pool.run(jobs, range(len(jobs)), told)
            for number in lost:  # again, with nothing beside it
                for _, ended in pool.run(jobs, [number], told).items():
                    told(number, Rendered(jobs[number], faults=(_death(jobs[number], ended),)))
    return [done[number] for number in range(len(jobs))]


@dataclass
class _Worker:
    """A process that renders one report after another, and the number of the job it has."""

    process: BaseProcess
    pipe: Connection
    busy: int | None = None


@dataclass
class _Pool:
    """Workers, each with a pipe of its own, so that the death of one is seen and disturbs no other."""

    size: int
    workers: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> _Pool:
        from checker.outputs.pdf import make_ready

        make_ready()
        for _ in range(self.size):
            self.hire()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in [*self.workers]:
            self.dismiss(worker)

    def hire(self) -> None:
        forks = "fork" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("fork" if forks else None)
        ours, theirs = context.Pipe()
        inherited = [worker.pipe for worker in self.workers] + [ours] if forks else []
        process = context.Process(target=_serve, args=(theirs, inherited), daemon=True)
        process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def dismiss(self, worker: _Worker, patience: float = 5) -> int | None:
        """End a worker, which ends by itself when its pipe closes; gives its exit code."""
        worker.pipe.close()
        if worker.busy is None:
            worker.process.join(patience)
        if worker.process.exitcode is None:
            worker.process.kill()
        worker.process.join()
        self.workers.remove(worker)
        return worker.process.exitcode

    def run(
        self, jobs: Sequence[RenderJob], numbers: Iterable[int], told: Callable[[int, Rendered], None]
    ) -> dict[int, int | None]:
        """Render the jobs of these numbers; gives those whose worker died, with its exit code."""
        waiting = deque(numbers)
        lost: dict[int, int | None] = {}
        while True:
            for worker in self.workers:
                if worker.busy is None and waiting:
                    worker.busy = waiting.popleft()
                    with suppress(OSError):  # a worker that is dead already is met below
                        worker.pipe.send(jobs[worker.busy])
            busy = {worker.pipe: worker for worker in self.workers if worker.busy is not None}
            if not busy:
                return lost
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]  # of the pipes given to it
                number, worker.busy = worker.busy, None
                assert number is not None
                try:
                    size, faults, memory = worker.pipe.recv()
                except (EOFError, OSError):
                    lost[number] = self.dismiss(worker)
                    self.hire()
                    continue
                if memory > MOST_MEMORY:
                    self.dismiss(worker)
                    self.hire()
                told(number, Rendered(jobs[number], size, faults))


def _death(job: RenderJob, ended: int | None) -> Fault:
    how = signal.Signals(-ended).name if ended is not None and ended < 0 else f"status {ended}"
    return Fault(
        str(job.target),
        f"the process that rendered it ended with {how}, and again with nothing beside it",
        "Where memory is short, use fewer workers; else report it.",
    )


def _serve(pipe: Connection, inherited: Iterable[Connection]) -> None:
    """Render what comes through the pipe until it closes; an interrupt is the parent's to answer."""
    for other in inherited:  # a pipe closes when nobody holds its other end
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # the packs came with the fork and never go
    with suppress(EOFError, OSError):
        while True:
            result = render_one(pipe.recv())
            pipe.send((result.size, result.faults, _memory()))


def _memory() -> int:
    """The memory that this process holds, in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
