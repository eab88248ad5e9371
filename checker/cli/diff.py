"""`ddcheck diff OLD [NEW]`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from checker.cli.check import FOR, LANG, Day, about_reader, overrides, speak, terminal_shape

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_NOTHING = (
    "there is nothing to compare. Name a second profile, two dates (--known-by OLD --known-by NEW), or rules "
    "(--rules-old DIR, --rules-new DIR)"
)


def _pair(name: str, days: Sequence[date]) -> tuple[date | None, date | None]:
    """A date for both sides, or one for each."""
    if len(days) > 2:
        raise click.UsageError(f"{name} is given once for both sides, or twice: first the old, then the new")
    return (days[0], days[-1]) if days else (None, None)


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path), required=False)
@click.option(
    "--as-of", "as_of", type=Day(), multiple=True, help="Day whose state is judged; twice for old and new. "
    "[default: --known-by]"
)  # fmt: skip
@click.option(
    "--known-by", type=Day(), multiple=True, help="Use only what was public by this day; twice for old and new. "
    "[default: today]"
)  # fmt: skip
@click.option(
    "--rules-old", multiple=True, type=_FOLDER, help="Rules of the old side: an added pack, or a whole set of rules."
)
@click.option("--rules-new", multiple=True, type=_FOLDER, help="Rules of the new side. [default: those that ship]")
@click.option("--rules", "packs", multiple=True, type=_FOLDER, help="Add a pack to both sides.")
@click.option("--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold on both sides.")
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    old: Path,
    new: Path | None,
    as_of: tuple[date, ...],
    known_by: tuple[date, ...],
    rules_old: tuple[Path, ...],
    rules_new: tuple[Path, ...],
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Compare two verdicts: on profiles OLD and NEW, on one profile at two dates, or under two sets of rules.

    The movement of the grade is split between facts and rules: the facts first, under the old rules, then the rules.
    """
    from checker.app.audit import Settings
    from checker.app.diff import compare
    from checker.outputs.diff import render_diff, render_json

    today = date.today()
    known = tuple(day or today for day in _pair("--known-by", known_by))
    judged = tuple(day or cut for day, cut in zip(_pair("--as-of", as_of), known, strict=True))
    for day, cut in zip(judged, known, strict=True):
        if day > cut:
            raise click.UsageError(f"--as-of {day} lies after --known-by {cut}; nothing could be known of that day")
    if new is None and judged[0] == judged[1] and known[0] == known[1] and rules_old == rules_new:
        raise click.UsageError(_NOTHING)
    person, thresholds = about_reader(reader), overrides(changes)
    speak(lang, form)
    sides = tuple(
        Settings(max(today, cut), cut, day, parameters, packs, thresholds, person)
        for day, cut in zip(judged, known, strict=True)
    )
    compared = compare((old, new or old), (sides[0], sides[1]), (rules_old, rules_new))
    told = compared.difference
    if form == "json":
        click.echo(render_json(told), nl=False)
        return
    colour, width = terminal_shape()
    text = render_diff(told, colour=colour, width=width, dictionary=compared.new.dictionary)
    click.echo(text, nl=False, color=colour)
