"""`ddcheck backtest PATH...`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from checker.cli.batch import _progress
from checker.cli.check import LANG, locale_language, overrides, terminal_shape
from checker.cli.stderr import note, show
from checker.model.errors import UsageError


def _counted() -> Callable[[int, int], None] | None:
    """Tells on a terminal how many profiles are judged, of how many."""
    tell = _progress("auto")
    return None if tell is None else lambda done, of: tell(done, of, done)


def _file(name: str, what: str) -> str:
    return f"Write {what} to a {name} file."


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--outcomes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What became of the platforms [default: the file that ships]",
)
@click.option("--strict", is_flag=True, help="Leave out entries whose day of publication is inferred.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@click.option(
    "--rules", "packs", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Add a pack."
)
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=min(os.cpu_count() or 1, 8), show_default=True, help="Processes."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "markdown"]), default="text", show_default=True
)
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help=_file("HTML", "the report"))
@click.option("--pdf", "pdf_file", type=click.Path(path_type=Path, dir_okay=False), help=_file("PDF", "the report"))
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help=_file("JSON", "everything"))
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help=_file("CSV", "a row for each day judged")
)
@click.option(
    "--write-meaning",
    is_flag=True,
    help="Renew what a verdict has meant and the past cases, for maintainers of the corpus.",
)
@LANG
def command(
    paths: tuple[str, ...],
    outcomes: Path | None,
    strict: bool,
    parameters: str,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    jobs: int,
    form: str,
    html_file: Path | None,
    pdf_file: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    write_meaning: bool,
    lang: str | None,
) -> None:
    """Judge the profiles in PATHS with what was public before their outcome; count hits, misses and false alarms."""
    from checker.app.audit import Settings, shipped_rulebook
    from checker.app.backtest import backtest, cases_text, meaning_text
    from checker.app.files import write_whole
    from checker.outputs.backtest import render_csv, render_json, render_markdown, render_text
    from checker.outputs.language import speaking
    from checker.resources import data_path

    if write_meaning and (strict or parameters != "latest" or packs or changes or outcomes):
        raise click.UsageError(
            "--write-meaning takes the packs, thresholds and outcomes that ship: leave the others out"
        )
    for target in (html_file, pdf_file, json_file, csv_file):
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent} to write {target.name} into")
    today = date.today()
    rulebook = shipped_rulebook(packs, overrides(changes))
    settings = Settings(today, today, today, parameters, packs, rulebook.overrides)
    result, faults = backtest(paths, outcomes, settings, only_strict=strict, workers=jobs, progress=_counted())
    language = lang or locale_language()
    with speaking(lang or "en"):
        text = render_json(result, rulebook) if json_file is not None or form == "json" else ""
    if json_file is not None:
        write_whole(json_file, text.encode())
    if csv_file is not None:
        write_whole(csv_file, render_csv(result).encode())
    if form == "json":
        click.echo(text, nl=False)
    elif form == "csv":
        click.echo(render_csv(result), nl=False)
    elif form == "markdown":
        with speaking(lang or "en"):
            click.echo(render_markdown(result, rulebook), nl=False)
    else:
        colour, width = terminal_shape()
        with speaking(language):
            click.echo(render_text(result, rulebook, colour=colour, width=width), nl=False, color=colour)
    if html_file is not None:
        from checker.outputs.backtest_page import render_html

        write_whole(html_file, render_html(result, rulebook, language).encode())
    if pdf_file is not None:
        from checker.outputs.backtest_page import render_pdf
        from checker.outputs.pdf import missing_system_libraries

        if any("pango" in library for library in missing_system_libraries()):
            needed = " ".join(missing_system_libraries())
            raise UsageError(f"the PDF needs system libraries; as root: apt-get install {needed}")
        write_whole(pdf_file, render_pdf(result, rulebook, language))
        note(f"report written to {pdf_file}")
    if write_meaning:
        write_whole(data_path("rules", "backtest", "meaning.yaml"), meaning_text(result).encode())
        write_whole(data_path("rules", "backtest", "cases.yaml"), cases_text(paths, settings).encode())
    show(faults)
    if faults:
        unread = len({fault.file for fault in faults})
        counted = "1 profile" if unread == 1 else f"{unread} profiles"
        note(f"{counted} could not be read; the counts are without")
