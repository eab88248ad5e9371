"""Audit many profiles: one process pool, one file per platform, one bad profile never stops the rest.

No platform's result depends on another, on the order of the files or on the number of workers. Everything is written
whole; what could not be read is listed with its place.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.files import write_whole
from checker.app.reader import written
from checker.assess.assessment import Assessment
from checker.model.errors import Fault, InputError, UsageError
from checker.model.finding import Grade
from checker.packs.rulebook import Rulebook

SUFFIXES = (".json", ".yaml", ".yml")
AHEAD = 4
_UNSAFE = re.compile(r"[^\w.-]+")
_FORMULA = re.compile(r"^[=+\-@\t\r]")


@dataclass(frozen=True)
class Job:
    """One profile to audit and the name of its files."""

    path: Path
    name: str


@dataclass(frozen=True)
class Done:
    """What became of one profile: its row of the summary, or its faults."""

    job: Job
    row: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()


def find_profiles(paths: Sequence[str]) -> list[Job]:
    """The profiles that files, folders and patterns name, sorted, each once.

    Raises:
        UsageError: A path names nothing.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if path.is_dir():
            files = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in SUFFIXES and p.is_file()]
            files = [p for p in files if not any(part.startswith(".") for part in p.relative_to(path).parts)]
        elif path.is_file():
            files = [path]
        else:
            files = [Path(match) for match in sorted(glob(text, recursive=True)) if Path(match).is_file()]
        if not files:
            raise UsageError(
                f"nothing to audit at '{text}'. Name profiles, a folder that holds some, or a pattern in quotes"
            )
        found |= dict.fromkeys(files)
    return list(_named(sorted(found)))


def _named(paths: Sequence[Path]) -> Iterator[Job]:
    """Each file with a name of its own: its stem, with its folder where stems repeat, with a number where both do."""
    stems = {path: _UNSAFE.sub("-", path.stem).strip("-.") or "profile" for path in paths}
    repeated = Counter(stem.casefold() for stem in stems.values())
    taken: set[str] = set()
    for path, stem in stems.items():
        folder = _UNSAFE.sub("-", path.parent.name).strip("-.")
        base = f"{folder}-{stem}" if repeated[stem.casefold()] > 1 and folder else stem
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        yield Job(path, name)


def summary_row(job: Job, assessment: Assessment) -> dict[str, Any]:
    """One platform in the summary; verdict keys are flattened with dots."""
    from checker.outputs import words

    verdict = assessment.verdict
    row: dict[str, Any] = {
        "name": assessment.name,
        "kind": assessment.kind,
        "file": job.path.as_posix(),
        "as_of": assessment.options.as_of,
        "known_by": assessment.options.known_by,
        "for": written(assessment.options.reader or {}),
        "grade": verdict.grade.name if verdict.grade is not None else None,
        "best": verdict.best.name if verdict.best is not None else None,
        "worst": verdict.worst.name if verdict.worst is not None else None,
        "assessable": verdict.assessable,
        "pattern.best": verdict.pattern_best,
        "pattern.worst": verdict.pattern_worst,
    }
    for trait in verdict.traits:
        row[f"traits.{trait.id}.best"] = trait.best
        row[f"traits.{trait.id}.worst"] = trait.worst
    return row | {
        "coverage.all": round(verdict.coverage.all, 4),
        "coverage.critical": round(verdict.coverage.critical, 4),
        "stops": " ".join(verdict.stops),
        "deciding": " ".join(verdict.deciding),
        "status": " ".join(id for id, _ in verdict.status),
        "certain": words.certain(assessment),
        "assessment": f"assessments/{job.name}.json",
    }


def wants_report(row: dict[str, Any], grade: str | None) -> bool:
    """Whether a platform's worst end is this grade or worse, or it is not assessable."""
    return grade is not None and (row["worst"] is None or not row["assessable"] or row["worst"] >= grade)


_worker: dict[str, Any] = {}


def _start(settings: Settings, out: Path, pdf_for: str | None, language: str) -> None:
    rulebook = shipped_rulebook(settings.packs, settings.overrides)
    _worker.update(settings=settings, out=out, pdf_for=pdf_for, language=language, rulebook=rulebook)


def _audit(job: Job) -> Done:
    return audit_job(job, *(_worker[name] for name in ("rulebook", "settings", "out", "pdf_for", "language")))


def audit_job(
    job: Job, rulebook: Rulebook, settings: Settings, out: Path, pdf_for: str | None, language: str = "en"
) -> Done:
    """Audit one profile and write its files; faults of the profile, and our own, are returned and stop nothing."""
    from checker.outputs.json import render_json

    try:
        assessment = audit_one(job.path, settings, rulebook, edges=pdf_for is not None)
        row = summary_row(job, assessment)
        write_whole(out / "assessments" / f"{job.name}.json", render_json(assessment, rulebook).encode())
        if wants_report(row, pdf_for):
            from checker.outputs.pdf import render_pdf

            write_whole(out / "reports" / f"{job.name}.pdf", render_pdf(assessment, rulebook, language))
            row["report"] = f"reports/{job.name}.pdf"
    except InputError as error:
        return Done(job, None, error.faults)
    except UsageError:
        raise
    except Exception as error:
        fault = Fault(
            job.path.as_posix(), f"internal error, {type(error).__name__}: {error}", "This is our fault; report it."
        )
        return Done(job, None, (fault,))
    return Done(job, row)


def audit_many(
    jobs: Sequence[Job],
    settings: Settings,
    out: Path,
    *,
    workers: int,
    pdf_for: str | None = None,
    language: str = "en",
    progress: Callable[[int, int], None] | None = None,
) -> list[Done]:
    """Audit every job, results in the order of the jobs.

    Args:
        jobs: What `find_profiles` found.
        settings: The cut and changes to the packs, the same for all.
        out: Folder for `assessments/` and `reports/`; made if missing.
        workers: Processes; 1 runs in this one.
        pdf_for: Grade from which on a PDF is written (see `wants_report`).
        language: Language of the PDFs.
        progress: Called with (done, all) after each profile.
    """
    for folder in ("assessments", "reports") if pdf_for else ("assessments",):
        (out / folder).mkdir(parents=True, exist_ok=True)
    if workers == 1 or len(jobs) == 1:
        rulebook = shipped_rulebook(settings.packs, settings.overrides)
        return [
            _told(audit_job(job, rulebook, settings, out, pdf_for, language), index + 1, len(jobs), progress)
            for index, job in enumerate(jobs)
        ]
    shipped_rulebook(settings.packs, settings.overrides)
    done: dict[Job, Done] = {}
    waiting = iter(jobs)
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(settings, out, pdf_for, language)) as pool:
        running: set[Future[Done]] = set()
        try:
            while True:
                while len(running) < workers * AHEAD and (job := next(waiting, None)) is not None:
                    running.add(pool.submit(_audit, job))
                if not running:
                    break
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    result = future.result()
                    done[result.job] = _told(result, len(done) + 1, len(jobs), progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [done[job] for job in jobs]


def _told(result: Done, count: int, total: int, progress: Callable[[int, int], None] | None) -> Done:
    if progress is not None:
        progress(count, total)
    return result


def ranking(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Assessable platforms by (worst, best), then the others by what is known of them."""

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        ends = [Grade[row[end]] if row[end] else len(Grade) for end in ("worst", "best")]
        if row["assessable"]:
            return (0, *ends, row["name"], row["file"])
        return (1, -row["coverage.critical"], -row["coverage.all"], row["name"], row["file"])

    return sorted(rows, key=key)


def defused(text: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def write_summary(done: Sequence[Done], out: Path) -> list[dict[str, Any]]:
    """Write `summary.csv`, `summary.jsonl` and `errors.jsonl`; returns the ranked rows."""
    import pandas as pd

    rows = ranking(result.row for result in done if result.row is not None)
    table = pd.DataFrame(rows).map(defused) if rows else pd.DataFrame(columns=["name"])
    write_whole(out / "summary.csv", table.to_csv(index=False, lineterminator="\n").encode())
    lines = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    write_whole(out / "summary.jsonl", lines.encode())
    faults = [
        {"file": f.file, "line": f.line, "column": f.column, "key": f.key, "message": f.message, "hint": f.hint}
        for result in done
        for f in result.faults
    ]
    write_whole(
        out / "errors.jsonl", "".join(json.dumps(fault, ensure_ascii=False) + "\n" for fault in faults).encode()
    )
    return rows


def overview(rows: Sequence[dict[str, Any]], width: int) -> str:
    """The ranked table for a terminal."""
    import pandas as pd

    if not rows:
        return ""
    traits = [name for name in ("T1", "T2", "T3", "T4") if any(f"traits.{name}.worst" in row for row in rows)]
    shown = []
    for row in rows:
        line = {
            "platform": row["name"][: max(20, width - 60)],
            "kind": row["kind"],
            "grade": row["grade"] or (f"{row['best']}..{row['worst']}" if row["best"] else "none"),
            "": "" if row["assessable"] else "not assessable" if row["best"] else "findings only",
            "known": f"{row['coverage.critical']:.0%}",
        }
        for trait in traits:
            best, worst = row.get(f"traits.{trait}.best"), row.get(f"traits.{trait}.worst")
            line[trait] = "-" if best is None else str(best) if best == worst else f"{best}-{worst}"
        shown.append(line)
    return str(pd.DataFrame(shown).to_string(index=False))
