"""`ddcheck stress PROFILE`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from checker.cli.check import AS_OF, FOR, KNOWN_BY, LANG, PACKS, about_reader, cut, overrides, speak, terminal_shape


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME|FILE",
    help="Only this scenario; a .yaml or .json file brings your own. May be given several times.",
)
@AS_OF
@KNOWN_BY
@PACKS
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold or assumption.")
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    profile: Path,
    scenarios: tuple[str, ...],
    as_of: date | None,
    known_by: date | None,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Print the numbers behind the verdict on PROFILE: liquidity, yield, leverage, collateral under stress."""
    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.app.stress import with_scenarios

    days = cut(as_of, known_by)
    speak(lang, form)
    rulebook, names = with_scenarios(shipped_rulebook(packs, overrides(changes)), scenarios)
    settings = Settings(*days, overrides=rulebook.overrides, reader=about_reader(reader))
    assessment = audit_one(profile, settings, rulebook)
    if form == "json":
        from checker.outputs.json import stress_dict

        click.echo(json.dumps(stress_dict(assessment, rulebook, names), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        from checker.outputs.stress import render_stress

        colour, width = terminal_shape()
        text = render_stress(assessment, rulebook, colour=colour, width=width, scenarios=names)
        click.echo(text, nl=False, color=colour)
