"""Rendering many reports: in order, whole, and whatever one of them does the others are done."""

import json
import os
import signal
import time
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from checker.app.audit import Settings
from checker.app.render import RenderJob, render_many, report_job
from checker.model.errors import Fault, ProfileError, UsageError
from checker.outputs import pdf as pdf_output
from checker.outputs.pdf import missing_system_libraries

CUT = date(2022, 5, 31)
SETTINGS = Settings(date(2099, 1, 1), CUT, CUT)

pytestmark = pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")


@pytest.fixture
def written(monkeypatch):
    """The renderer gives what is told, and its process: the pool is what is tested here."""

    def render(told, rulebook, language, *, paper, archive, profile):
        if isinstance(told, Exception):
            raise told
        return f"{told} {language} {paper} {archive} {profile} {os.getpid()}".encode()

    monkeypatch.setattr(pdf_output, "render_pdf", render)


def given(told):
    return told, None, b"p"


def killed(sign, after=None, flag=None):
    """Ends its own process; once only, where a flag says that it did before."""
    if flag is not None and flag.exists():
        return "lives", None, None
    if flag is not None:
        flag.touch()
    os.kill(os.getpid(), sign)
    time.sleep(60)


def text(path):
    return path.read_bytes().decode().rpartition(" ")[0]


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_job_is_done_in_order_and_progress_is_told(written, tmp_path, workers):
    jobs = [RenderJob(tmp_path / f"{n}.pdf", partial(given, n), "en", "letter", n % 2 == 0) for n in range(9)]
    seen = []
    done = render_many(jobs, workers=workers, progress=lambda count, total: seen.append((count, total)))
    assert [result.job for result in done] == jobs
    assert seen == [(count, 9) for count in range(1, 10)]
    assert not any(result.faults for result in done)
    assert [text(job.target) for job in jobs] == [
        f"{n} en letter {n % 2 == 0} {b'p' if n % 2 == 0 else None}" for n in range(9)
    ]
    assert [result.size for result in done] == [job.target.stat().st_size for job in jobs]
    processes = {job.target.read_bytes().split()[-1] for job in jobs}
    assert (str(os.getpid()).encode() in processes) == (workers == 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_report_that_fails_is_told_and_the_others_are_written(written, tmp_path, workers):
    told = [
        "a",
        ZeroDivisionError("oh"),
        "b",
        ProfileError([Fault("p.json", "unknown key", "", 3, 1)]),
        UsageError("no room"),
        "c",
    ]
    jobs = [RenderJob(tmp_path / f"{n}.pdf", partial(given, thing)) for n, thing in enumerate(told)]
    jobs.append(RenderJob(tmp_path / "no" / "folder.pdf", partial(given, "d")))
    done = render_many(jobs, workers=workers)
    assert [bool(result.faults) for result in done] == [False, True, False, True, True, False, True]
    assert [job.target.exists() for job in jobs] == [not result.faults for result in done]
    assert "internal error, ZeroDivisionError: oh" in done[1].faults[0].message
    assert str(done[3].faults[0]).startswith("p.json:3:1")
    assert done[4].faults[0].message == "no room"
    assert "cannot write" in done[6].faults[0].message
    assert not list(tmp_path.glob(".*")), "nothing half-written"


def test_a_worker_that_dies_is_replaced_and_its_report_is_tried_once_more(written, tmp_path):
    loads = [partial(given, n) for n in range(6)]
    loads[1] = partial(killed, signal.SIGKILL)
    loads[3] = partial(killed, signal.SIGTERM, flag=tmp_path / "flag")
    jobs = [RenderJob(tmp_path / f"{n}.pdf", load) for n, load in enumerate(loads)]
    seen = []
    done = render_many(jobs, workers=2, progress=lambda count, total: seen.append(count))
    assert [bool(result.faults) for result in done] == [False, True, False, False, False, False]
    assert "ended with SIGKILL" in done[1].faults[0].message
    assert text(jobs[3].target).startswith("lives")
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_worker_that_grows_is_replaced(written, tmp_path, monkeypatch):
    jobs = [RenderJob(tmp_path / f"{n}.pdf", partial(given, n)) for n in range(6)]
    monkeypatch.setattr("checker.app.render.MOST_MEMORY", 1)
    monkeypatch.setattr("checker.app.render._memory", lambda: 2)
    assert not any(result.faults for result in render_many(jobs, workers=2))
    assert len({job.target.read_bytes().split()[-1] for job in jobs}) == 6, "a process of its own for each"


def test_nothing_to_render(written):
    assert render_many([], workers=2) == []


def test_an_interrupt_ends_the_workers(written, tmp_path):
    jobs = [RenderJob(tmp_path / f"{n}.pdf", partial(given, n)) for n in range(4)]
    jobs.append(RenderJob(tmp_path / "never.pdf", partial(time.sleep, 60)))
    started = []

    def stop(count, total):
        started.append(count)
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        render_many(jobs[::-1], workers=2, progress=stop)
    assert time.monotonic() - begun < 30
    assert started == [1]


@pytest.mark.slow
def test_real_reports_from_workers_are_the_bytes_of_one_process(tmp_path):
    path = tmp_path / "p.json"
    path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "Some Token", "kind": "token"}}), encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")

    def jobs(folder):
        (tmp_path / folder).mkdir()
        return [
            report_job(source, SETTINGS, tmp_path / folder / f"{number}.pdf", parts=(), archive=number == 1)
            for number, source in enumerate([path, path, broken])
        ]

    here = render_many(jobs("here"), workers=1)
    there = render_many(jobs("there"), workers=2)
    for one, other in zip(here[:2], there[:2], strict=True):
        assert one.job.target.read_bytes() == other.job.target.read_bytes()
    assert b"/AFRelationship" in Path(there[1].job.target).read_bytes() or there[1].size > there[0].size
    for result in (here[2], there[2]):
        assert result.faults[0].file == str(broken)
        assert not result.job.target.exists()
