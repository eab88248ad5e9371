"""Judges many records with the scalar interpreter: in this process, or in a pool of workers that may die.

This is one way to do the work; see `ENGINES` in `checker.app.batch.run` for the seam where others are plugged in.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from checker.app.audit import shipped_rulebook
from checker.app.batch.judge import Done, Setup, judge_record
from checker.importers.records import Record
from checker.model.errors import Fault

AHEAD = 4
"""Records under way for each worker."""
WATCH_SECONDS = 1.0

_worker: dict[str, Any] = {}


def scalar(setup: Setup, workers: int, records: Iterable[Record]) -> Iterator[Done]:
    """Judge records one by one, in any order.

    Args:
        setup: What every judgement needs.
        workers: Processes; 1 runs in this one.
        records: The records, taken as there is room for them.
    """
    if workers == 1:
        for record in records:
            yield judge_record(record, setup)
    else:
        yield from _Pool(setup, workers).judge(iter(records))


def _start(bench_parts: tuple[Any, ...], stop: Any) -> None:
    """Begin a worker: it leaves interruptions to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    rules, plan, out = bench_parts
    rulebook = shipped_rulebook(plan.settings.packs, plan.settings.overrides)
    _worker.update(setup=Setup(rulebook, rules, plan, out), stop=stop)
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    gc.freeze()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def _judge(record: Record) -> Done | None:
    return None if _worker["stop"].is_set() else judge_record(record, _worker["setup"])


class _Pool:
    """A pool of workers; records that were under way when one died are tried again, each alone."""

    def __init__(self, setup: Setup, workers: int) -> None:
        self.setup, self.workers = setup, workers
        self.stop = multiprocessing.get_context().Event()

    def _open(self, workers: int) -> ProcessPoolExecutor:
        parts = self.setup.rules, self.setup.plan, self.setup.out
        return ProcessPoolExecutor(workers, initializer=_start, initargs=(parts, self.stop))

    def judge(self, records: Iterator[Record]) -> Iterator[Done]:
        pool = self._open(self.workers)
        running: dict[Future[Done | None], Record] = {}
        try:
            while True:
                while len(running) < self.workers * AHEAD and (record := next(records, None)) is not None:
                    try:
                        running[pool.submit(_judge, record)] = record
                    except BrokenProcessPool:
                        running[_broken()] = record
                        break
                if not running:
                    return
                finished = wait(running, return_when=FIRST_COMPLETED).done
                lost: list[Record] = []
                for future in finished:
                    record = running.pop(future)
                    try:
                        done = future.result()
                    except BrokenProcessPool:
                        lost.append(record)
                    else:
                        if done is not None:
                            yield done
                if lost:
                    wait(running)
                    for future, record in running.items():
                        if isinstance(future.exception(), BrokenProcessPool):
                            lost.append(record)
                        elif (done := future.result()) is not None:
                            yield done
                    running = {}
                    pool.shutdown(wait=True)
                    yield from self._each_alone(lost)
                    pool = self._open(self.workers)
        except BaseException:
            self.stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _each_alone(self, records: Iterable[Record]) -> Iterator[Done]:
        """Records of which one killed its worker: tried one at a time, so that only that one is lost."""
        pool = self._open(1)
        try:
            for record in records:
                try:
                    done = pool.submit(_judge, record).result()
                except BrokenProcessPool:
                    pool.shutdown(wait=True)
                    pool = self._open(1)
                    message = "the process that judged it was killed, twice"
                    hint = "The machine may lack memory for it: judge it alone with `ddcheck check`, or report it."
                    fault = Fault(record.file, message, hint, record.line, 1 if record.line else None)
                    yield Done(record, faults=record.located([fault]))
                else:
                    if done is not None:
                        yield done
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _broken() -> Future[Done | None]:
    future: Future[Done | None] = Future()
    future.set_exception(BrokenProcessPool("the pool broke before the record was handed over"))
    return future
