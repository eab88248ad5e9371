"""`ddcheck change PROFILE`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from checker.cli.check import AS_OF, FOR, KNOWN_BY, LANG, PACKS, about_reader, cut, overrides, speak, terminal_shape


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@AS_OF
@KNOWN_BY
@PACKS
@click.option("--set", "changed", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    profile: Path,
    as_of: date | None,
    known_by: date | None,
    packs: tuple[Path, ...],
    changed: tuple[str, ...],
    parameters: str,
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Say what would change the verdict on PROFILE: smallest changes of facts, what it rests on, close thresholds."""
    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.outputs.change import change_page, render_changes

    days = cut(as_of, known_by)
    person = about_reader(reader)
    speak(lang, form)
    rulebook = shipped_rulebook(packs, overrides(changed))
    settings = Settings(*days, parameters, packs, rulebook.overrides, person)
    assessment = audit_one(profile, settings, rulebook, changes=True)
    if form == "json":
        click.echo(json.dumps(change_page(assessment), ensure_ascii=False, indent=2, allow_nan=False))
        return
    colour, width = terminal_shape()
    click.echo(render_changes(assessment, colour=colour, width=width), nl=False, color=colour)
