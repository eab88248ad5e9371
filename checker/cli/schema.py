"""`ddcheck schema`."""

from __future__ import annotations

import click

NAMES = ("profile", "assessment", "backtest", "rule", "cases", "parameters", "metrics", "pack", "verdict")


@click.command()
@click.argument("name", type=click.Choice(NAMES), default="profile")
def command(name: str) -> None:
    """Print a JSON Schema (draft 2020-12): of profiles, of results (assessment), or of a file of a pack."""
    from checker.resources import data_path

    click.echo(data_path("rules", "schema", f"{name}.schema.json").read_text(encoding="utf-8"), nl=False)
