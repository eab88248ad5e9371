"""`ddcheck batch PATH... --out DIR`, also out of an aggregator's list: `ddcheck batch --import defillama LIST`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from checker.cli import counts
from checker.cli.check import (
    AS_OF,
    FOR,
    GRADES,
    KNOWN_BY,
    LANGUAGES,
    PACKS,
    Day,
    about_reader,
    cut,
    locale_language,
    overrides,
)
from checker.cli.import_ import IMPORTERS, LISTS, imported, lists
from checker.cli.spark import judge_on_spark, refuse_options
from checker.cli.stderr import note, show
from checker.cli.targets import renderer_ready
from checker.model.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from checker.app.batch import Plan, Ran
    from checker.importers.records import Sources

QUIET_SECONDS = 2.0
OFTEN_SECONDS = 0.2
PLAIN_SECONDS = 10.0
WHOLE_FILES = 100
"""Up to so many profiles, each judged once, their whole assessments are written unless that is turned down."""
MOST_FAULTS = 20
SHOWN = 100
PROGRESS = ("auto", "plain", "none")
ENGINES = ("scalar", "columns", "auto", "spark")
EVERY = ("month", "quarter", "year")
FORMATS = ("csv", "jsonl", "parquet")
PORTFOLIO = ("html", "pdf", "none")
IMPORTED = "imported.jsonl"
"""The profiles that were made out of an aggregator's lists, in the folder of the results."""
SORTS = ("grade", "worst-first", "name", "kind", "known")


def _progress(how: str) -> Callable[[int, int | None, int], None] | None:
    """Tells on stderr how far it is, with rate and time left, once it lasts longer than two seconds.

    On a terminal one line is rewritten; `plain` writes a line every ten seconds, for logs.
    """
    terminal = sys.stderr.isatty()
    if how == "none" or (how == "auto" and not terminal):
        return None
    rewrite = terminal and how == "auto"
    started = shown = monotonic()
    written = False

    def tell(done: int, of: int | None, rows: int) -> None:
        nonlocal shown, written
        now = monotonic()
        if rewrite and done == of and written:
            click.echo("\r\033[K", err=True, nl=False)
            written = False
        if now - started < QUIET_SECONDS or now - shown < (OFTEN_SECONDS if rewrite else PLAIN_SECONDS) or done == of:
            return
        shown, written = now, True
        rate = done / (now - started)
        text = f"{done:,} done, {counts.rows(rows)}, {rate:.1f} a second"
        if of is not None and done and of > done:
            text = f"{done:,} of {of:,}, {counts.rows(rows)}, {rate:.1f} a second, {_clock((of - done) / rate)} left"
        note(f"\r{text}\033[K" if rewrite else text, nl=not rewrite)

    return tell


def _rendering(how: str) -> Callable[[int, int], None] | None:
    """Tells on stderr how many reports are written."""
    terminal = sys.stderr.isatty()
    if how == "none" or (how == "auto" and not terminal):
        return None
    rewrite = terminal and how == "auto"

    def tell(done: int, of: int) -> None:
        text = f"{done:,} of {of:,} report" if of == 1 else f"{done:,} of {of:,} reports"
        note(f"\r{text}\033[K" if rewrite else text, nl=not rewrite or done == of)

    return tell


def _clock(seconds: float) -> str:
    """A time as a clock shows it.

    >>> _clock(75), _clock(3700)
    ('1:15', '1:01:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """Within, being told to end (SIGTERM) is the same as an interruption: what is done is kept."""

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--out", "target", required=True, type=click.Path(file_okay=False), help="Folder for the results.")
@click.option(
    "--import",
    "importer",
    type=click.Choice(IMPORTERS),
    help="PATH is this aggregator's list of protocols, a file or an address; without one it is asked for. "
    "docs/importers.md says what is taken.",
)
@lists
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What the columns of foreign tables state; see docs/batch.md.",
)
@AS_OF
@KNOWN_BY
@click.option(
    "--every", type=click.Choice(EVERY), help="Judge each profile as known at the end of each month, quarter or year."
)
@click.option(
    "--from", "since", type=Day(), help="First day of --every [default: the first on which anything is known]"
)
@click.option("--until", type=Day(), help="Last day of --every [default: --known-by]")
@PACKS
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@click.option(
    "--results",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help=f"Form of the table of results: {', '.join(FORMATS)}; repeatable [default: csv and jsonl]",
)
@click.option("--rules-columns", is_flag=True, help="Give every rule a column: P, W, F, N as far as still possible.")
@click.option(
    "--assessments/--no-assessments",
    default=None,
    help=f"Write every whole assessment as JSON [default: for up to {WHOLE_FILES} profiles judged once]",
)
@click.option(
    "--pdf-for",
    multiple=True,
    metavar="all|GRADE|NAME",
    help="Report for all, for a worst end of this grade or worse or not assessable, or by name; repeatable.",
)
@click.option(
    "--portfolio",
    "portfolio_forms",
    multiple=True,
    metavar="FORM",
    help=f"Report on all platforms together: {', '.join(PORTFOLIO)}; repeatable [default: html]",
)
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language of terminal and reports [default: from the locale]"
)
@click.option(
    "--only", multiple=True, metavar="WHAT", help="Show a kind, a worst grade (D, C..F), a failed rule, moved."
)
@click.option("--sort", type=click.Choice(SORTS), default="grade", show_default=True, help="Order of what is shown.")
@click.option("--limit", type=click.IntRange(0), help=f"Platforms to show [default: {SHOWN}; with --format json all]")
@click.option(
    "--since",
    "earlier",
    type=click.Path(path_type=Path, exists=True),
    help="Earlier table of results to say what moved [default: the last run into --out]",
)
@click.option(
    "--fail-on", type=click.Choice(GRADES), help="Exit 1 if any worst end is this or worse, or not assessable."
)
@click.option("--fresh", is_flag=True, help="Judge again what has not changed, too.")
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="scalar",
    show_default=True,
    help="What does the work: one by one, thousands at once in columns, what suits their number, or Spark.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=min(os.cpu_count() or 1, 8), show_default=True, help="Processes."
)
@click.option(
    "--progress",
    "how",
    type=click.Choice(PROGRESS),
    default="auto",
    show_default=True,
    help="A line on a terminal, plain lines for a log, or none.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    target: str,
    importer: str | None,
    pools: str | None,
    markets: str | None,
    on: date | None,
    categories: tuple[str, ...],
    cache: Path | None,
    mapping_file: Path | None,
    as_of: date | None,
    known_by: date | None,
    every: str | None,
    since: date | None,
    until: date | None,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    formats: tuple[str, ...],
    rules_columns: bool,
    assessments: bool | None,
    pdf_for: tuple[str, ...],
    portfolio_forms: tuple[str, ...],
    lang: str | None,
    only: tuple[str, ...],
    sort: str,
    limit: int | None,
    earlier: Path | None,
    fail_on: str | None,
    fresh: bool,
    engine: str,
    jobs: int,
    how: str,
    form: str,
) -> None:
    """Judge every profile in files, folders and patterns: JSON, YAML, JSON lines, CSV, XLSX, Parquet.

    With --import the profiles are made out of an aggregator's lists first, and kept in --out.

    Writes the table of results, a report on all of them, errors.jsonl and the state of the run to --out, and ranks the
    platforms. The same command again goes on where it was interrupted, and judges only what has changed.
    """
    from checker.app.audit import Settings, shipped_rulebook
    from checker.app.batch import InterruptedRun, Plan, check_formats, run
    from checker.app.batch.portfolio import write_portfolio
    from checker.importers.records import read_mapping, sources

    if engine == "spark":
        refuse_options(ctx)
    _check_paths(ctx, paths, importer)
    out = Path(target)
    today, known_by, as_of = _cut(as_of, known_by, every, since, until)
    wanted = _formats(formats)
    check_formats(wanted)
    report_forms = _portfolio(portfolio_forms)
    found = sources(paths, without=out) if engine != "spark" and importer is None else None
    settings = Settings(today, known_by, as_of, parameters, packs, overrides(changes), about_reader(reader))
    rulebook = shipped_rulebook(packs, settings.overrides)
    mapping = read_mapping(mapping_file, rulebook.dictionary) if mapping_file is not None else None
    if importer is not None:
        found, day = _imported(paths, pools, markets, out, on=on, categories=categories, cache=cache)
        if day < known_by and ctx.get_parameter_source("known_by") is ParameterSource.DEFAULT:
            note(f"the list is of {day} and judged as known by {known_by}; --known-by {day} judges it on its own day")
    if found is None:
        judge_on_spark(
            ctx,
            paths,
            target,
            Plan(settings, every, since, until),
            mapping=mapping,
            jobs=jobs,
            rule_columns=rules_columns,
            fail_on=fail_on,
            form=form,
        )
        return
    language = lang or locale_language()
    if "pdf" in report_forms:
        renderer_ready(language)
    plan = Plan(
        settings, every, since, until, _whole(assessments, found, every, engine), frozenset(_reports(pdf_for)), language
    )
    with _ended_as_interrupted():
        try:
            ran = run(
                found,
                plan,
                out,
                workers=_workers(jobs, found),
                engine=engine,
                mapping=mapping,
                formats=wanted,
                rule_columns=rules_columns,
                since=earlier,
                fresh=fresh,
                only=only,
                sort=sort,
                limit=limit if limit is not None else SHOWN if form == "text" else sys.maxsize,
                fail_on=fail_on,
                progress=_progress(how),
                rendering=_rendering(how),
            )
        except InterruptedRun as error:
            note(f"{error.done} done and kept in {out}; the same command goes on from there")
            raise
    reports = write_portfolio(ran, plan, rulebook, out, report_forms)
    _tell(ran, plan, out, form, {rule.id: rule.code for rule in rulebook.rules.values()}, assessments)
    for path in reports:
        note(f"report on all of them: {path}")
    if not ran.portfolio.rows and not ran.silent:
        ctx.exit(3)
    if ran.failed:
        ctx.exit(1)


def _check_paths(ctx: click.Context, paths: tuple[str, ...], importer: str | None) -> None:
    """Whether the paths, and the options that belong to an import, can be meant."""
    given = [
        parameter
        for parameter in ctx.command.params
        if ctx.get_parameter_source(parameter.name or "") not in (ParameterSource.DEFAULT, None)
    ]
    names = {parameter.name: parameter.opts[0] for parameter in given}
    if importer is None:
        if not paths:
            argument = next(parameter for parameter in ctx.command.params if parameter.name == "paths")
            raise click.MissingParameter(ctx=ctx, param=argument)
        if alone := [names[name] for name in LISTS if name in names]:
            raise click.UsageError(f"{alone[0]} belongs to --import, which names the aggregator of the list")
        return
    if len(paths) > 1:
        raise click.UsageError("--import takes one list of protocols, or none to ask the aggregator for it")
    if "mapping_file" in names:
        raise click.UsageError("--mapping is for tables; what the lists of --import mean is known")


def _imported(
    paths: tuple[str, ...], pools: str | None, markets: str | None, out: Path, **taken: Any
) -> tuple[Sources, date]:
    """The profiles made out of an aggregator's lists, with the entries that could not be read, and the lists' day."""
    from checker.importers.records import sources

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {out}: {(error.strerror or 'unknown reason').lower()}") from None
    done = imported(paths[0] if paths else None, pools, markets, out / IMPORTED, **taken)
    return replace(sources([str(out / IMPORTED)]), unread=done.unread), done.on


def _cut(
    as_of: date | None, known_by: date | None, every: str | None, since: date | None, until: date | None
) -> tuple[date, date, date]:
    """The day up to which dates may lie, the day of knowledge and the day judged."""
    if every is None and (since is not None or until is not None):
        raise click.UsageError("--from and --until bound a series: name its step with --every month, quarter or year")
    if every is not None and as_of is not None:
        raise click.UsageError("--every judges each profile on many days; --as-of names one. Use --until for the last")
    if every is not None and known_by is not None and until is not None and until > known_by:
        raise click.UsageError(f"--until {until} lies after --known-by {known_by}")
    today, known, judged = cut(as_of, until or known_by)
    if since is not None and since > known:
        raise click.UsageError(f"--from {since} lies after the last day, {known}")
    return today, known, judged


def _formats(asked: tuple[str, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(part.strip() for text in asked for part in text.split(","))
    for form in found:
        if form not in FORMATS:
            raise click.UsageError(f"--results knows no '{form}'. {did_you_mean(form, FORMATS)}")
    return tuple(found) or FORMATS[:2]


def _portfolio(asked: tuple[str, ...]) -> tuple[str, ...]:
    found = dict.fromkeys(part.strip() for text in asked for part in text.split(","))
    for form in found:
        if form not in PORTFOLIO:
            raise click.UsageError(f"--portfolio knows no '{form}'. {did_you_mean(form, PORTFOLIO)}")
    if "none" in found and len(found) > 1:
        raise click.UsageError("--portfolio none goes with no other form")
    return tuple(form for form in found if form != "none") if found else PORTFOLIO[:1]


def _reports(asked: tuple[str, ...]) -> Iterator[str]:
    for text in asked:
        yield from (part.strip() for part in text.split(",") if part.strip())


def _whole(asked: bool | None, found: Sources, every: str | None, engine: str) -> bool:
    if asked and engine == "columns":
        raise click.UsageError("--engine columns writes no whole assessments: use --engine scalar with --assessments")
    if asked is not None:
        return asked
    if engine == "columns":
        return False
    return every is None and not found.others and len(found.profiles) <= WHOLE_FILES


def _workers(jobs: int, found: Sources) -> int:
    return jobs if found.others else min(jobs, max(len(found.profiles), 1))


def _tell(ran: Ran, plan: Plan, out: Path, form: str, codes: dict[str, str], asked: bool | None) -> None:
    """The overview on stdout; faults, and what became of the records, on stderr."""
    from shutil import get_terminal_size

    from checker.outputs.language import speaking
    from checker.outputs.overview import render_overview

    if form == "json":
        from checker.app.batch import result_lines

        for line in result_lines(ran):
            click.echo(line, nl=False)
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        width = get_terminal_size((120, 24)).columns
        with speaking(plan.language):
            text = render_overview(ran.shown, ran.count, ran.portfolio, codes, colour=colour, width=width)
        click.echo(text, nl=False, color=colour)
    faults = ran.portfolio.unreadable
    show(faults[:MOST_FAULTS])
    if len(faults) > MOST_FAULTS:
        count, place = len(faults) - MOST_FAULTS, out / "errors.jsonl"
        note(f"1 more fault in {place}" if count == 1 else f"{count:,} more faults in {place}")
    if ran.silent:
        note(f"without a row: {counts.platforms(ran.silent)} of which nothing was known on any of these days")
    named = {*plan.pdf_for} - {"all", *GRADES}
    if named and (missing := sorted(named - {name for row in ran.portfolio.league for name in (row.id, row.name)})):
        note(f"--pdf-for names no platform of this batch: {', '.join(missing)}")
    if not plan.assessments and asked is None:
        note("whole assessments were not written; --assessments writes them")
    whole = ran.portfolio
    note(
        f"{counts.platforms(whole.platforms)}, {counts.rows(whole.rows)}: {ran.judged:,} judged, "
        f"{ran.skipped:,} unchanged, {whole.unread:,} could not be read; results in {out}"
    )
    if ran.engine != "scalar":
        note("judged in columns: the same verdicts, without the facts to ask for first")
