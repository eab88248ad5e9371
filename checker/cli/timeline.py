"""`ddcheck timeline PROFILE`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import monotonic

import click

from checker.cli.check import FOR, LANG, PACKS, Day, about_reader, overrides, speak, terminal_shape
from checker.cli.stderr import note
from checker.model.errors import UsageError

SILENT = 2.0
"""Seconds after which progress is shown."""
OFTEN = 0.2
"""Seconds between two counts on a terminal."""


def _progress() -> Callable[[int, int], None]:
    """Counts the days on stderr once it takes long; on a terminal it rewrites its line, and clears it at the end."""
    started = shown = monotonic()
    terminal = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        nonlocal shown
        now = monotonic()
        if done == of:
            if terminal and shown > started:
                click.echo("\r\033[K", err=True, nl=False)
        elif now - started > SILENT and now - shown > (OFTEN if terminal else SILENT):
            shown = now
            line = f"{done} of {of} days"
            note(f"\r{line}" if terminal else line, nl=not terminal)

    return tell


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.option("--from", "since", type=Day(), help="First day to judge [default: the first on which anything was known]")
@click.option("--until", type=Day(), help="Last day to judge [default: today]")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write a chart to this file.")
@PACKS
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    profile: Path,
    since: date | None,
    until: date | None,
    svg: Path | None,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Judge PROFILE on every day on which something became known, and say which facts moved the verdict."""
    from checker import __version__
    from checker.app.audit import Settings, shipped_rulebook
    from checker.app.files import write_whole
    from checker.app.timeline import timeline_of
    from checker.outputs.timeline import render_json, render_svg, render_text

    today = date.today()
    last = until or today
    if since is not None and since > last:
        raise click.UsageError(f"--from {since} lies after {'--until' if until else 'today,'} {last}")
    if svg is not None and not svg.parent.is_dir():
        raise UsageError(f"there is no folder {svg.parent} to write {svg.name} into")
    person = about_reader(reader)
    speak(lang, form)
    rulebook = shipped_rulebook(packs, overrides(changes))
    settings = Settings(max(today, last), last, last, parameters, packs, rulebook.overrides, person)
    told = timeline_of(profile, settings, rulebook, since=since, until=last, progress=_progress())
    if form == "json":
        click.echo(render_json(told.profile, told.timeline, rulebook, __version__), nl=False)
    else:
        colour, width = terminal_shape()
        text = render_text(told.profile, told.timeline, rulebook, colour=colour, width=width)
        click.echo(text, nl=False, color=colour)
    if svg is not None:
        write_whole(svg, render_svg(told.profile, told.timeline, until).encode())
        note(f"chart written to {svg}")
