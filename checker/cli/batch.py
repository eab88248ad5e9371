"""`ddcheck batch PATH... --out DIR`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from checker.cli.check import (
    AS_OF,
    FOR,
    GRADES,
    KNOWN_BY,
    LANGUAGES,
    PACKS,
    about_reader,
    cut,
    locale_language,
    overrides,
)
from checker.model.errors import UsageError

QUIET_SECONDS = 2.0


def _progress() -> Callable[[int, int], None] | None:
    """A line on stderr once a run lasts longer than two seconds, with what is left."""
    if not sys.stderr.isatty():
        return None
    started = time.monotonic()

    def show(done: int, total: int) -> None:
        passed = time.monotonic() - started
        if passed > QUIET_SECONDS:
            left = passed / done * (total - done)
            click.echo(
                f"\r{done} of {total}, {done / passed:.1f} a second, {left:.0f} s left ", nl=done == total, err=True
            )

    return show


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the results.")
@AS_OF
@KNOWN_BY
@click.option("--pdf-for", type=click.Choice(GRADES), help="PDF for a worst end of this or worse, or not assessable.")
@PACKS
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@click.option(
    "--fail-on", type=click.Choice(GRADES), help="Exit 1 if any worst end is this or worse, or not assessable."
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=min(os.cpu_count() or 1, 8), show_default=True, help="Processes."
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of the PDFs [default: from the locale]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    out: Path,
    as_of: date | None,
    known_by: date | None,
    pdf_for: str | None,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    fail_on: str | None,
    jobs: int,
    lang: str | None,
    form: str,
) -> None:
    """Audit every profile in files, folders and patterns; write a summary and one assessment each to --out."""
    from checker.app.audit import Settings
    from checker.app.batch import audit_many, find_profiles, overview, wants_report, write_summary

    days = cut(as_of, known_by)
    found = find_profiles(paths)
    person = about_reader(reader)
    settings = Settings(*days, parameters, packs, overrides(changes), person)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {out}: {error.strerror}") from None
    done = audit_many(
        found,
        settings,
        out,
        workers=min(jobs, len(found)),
        pdf_for=pdf_for,
        language=lang or locale_language(),
        progress=_progress(),
    )
    rows = write_summary(done, out)
    if form == "json":
        click.echo((out / "summary.jsonl").read_text(encoding="utf-8"), nl=False)
    elif rows:
        from shutil import get_terminal_size

        click.echo(overview(rows, get_terminal_size((120, 24)).columns))
    bad = [result for result in done if result.faults]
    for result in bad:
        for fault in result.faults:
            click.echo(str(fault), err=True)
    click.echo(f"{len(rows)} audited, {len(bad)} could not be read; results in {out}", err=True)
    if not rows:
        ctx.exit(3)
    if fail_on is not None and any(wants_report(row, fail_on) for row in rows):
        ctx.exit(1)
