"""`ddcheck compare PROFILE PROFILE...`, and `ddcheck PROFILE --compare OTHER`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checker.cli.check import (
    AS_OF,
    EXACT,
    FAIL_ON,
    FOR,
    KNOWN_BY,
    LANG,
    PACKS,
    PARAMETERS,
    SET,
    about_reader,
    cut,
    locale_language,
    overrides,
    terminal_shape,
)
from checker.cli.targets import PAPER, renderer_ready, targets, worse, writes

if TYPE_CHECKING:
    from checker.app.audit import Settings
    from checker.packs.rulebook import Rulebook

COMPARED = ("pdf", "html", "json", "csv", "markdown")


@click.command()
@click.argument("profiles", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="PROFILE PROFILE...")
@AS_OF
@KNOWN_BY
@writes(
    *COMPARED,
    pdf="Write the comparison for print.",
    json="Write the whole comparison.",
    csv="Write a row for each rule.",
)
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json", "csv", "markdown"]), help="[default: text]")
@PAPER
@PACKS
@SET
@PARAMETERS
@FOR
@EXACT
@FAIL_ON
@click.pass_context
def command(
    ctx: click.Context,
    /,
    profiles: tuple[Path, ...],
    as_of: date | None,
    known_by: date | None,
    lang: str | None,
    form: str | None,
    paper: str,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    exact: bool,
    fail_on: str | None,
    **named: Path | None,
) -> None:
    """Put two to six platforms side by side, judged at the same cut by the same rules.

    A platform is called safer only where the worst it may be is better than the best the other may be. What differs
    surely comes first, then what differs by silence, then what hangs on the unknown.
    """
    from checker.app.audit import Settings, shipped_rulebook

    person = about_reader(reader)
    days = cut(as_of, known_by)
    rulebook = shipped_rulebook(packs, overrides(changes))
    settings = Settings(*days, parameters, packs, rulebook.overrides, person)
    if run(profiles, settings, rulebook, named, form, lang, paper, exact=exact, fail_on=fail_on):
        ctx.exit(1)


def run(
    profiles: Sequence[Path],
    settings: Settings,
    rulebook: Rulebook,
    named: Mapping[str, Path | None],
    form: str | None,
    lang: str | None,
    paper: str,
    *,
    exact: bool,
    fail_on: str | None,
) -> bool:
    """Compare, print and write; whether `--fail-on` is met by any of the platforms."""
    from checker.app.compare import compare_profiles
    from checker.app.forms import Choices, render_comparison
    from checker.assess.bounds import TRIALS
    from checker.outputs.language import speaking

    into = targets(named, profiles, form)
    told = compare_profiles(profiles, settings, rulebook, trials=TRIALS if exact else 0)
    local = locale_language()
    if into.stdout == "text":
        from checker.outputs.comparison_text import render_text

        colour, width = terminal_shape()
        with speaking(lang or local):
            text = render_text(told, rulebook, colour=colour, width=width)
        click.echo(text, nl=False, color=colour)
    if "pdf" in into.kinds:
        renderer_ready(lang or local)
    for kind in into.kinds:
        content = render_comparison(kind, told, rulebook, Choices(into.language(kind, lang, local), paper=paper))
        into.write(kind, content)
    verdicts = [assessment.verdict for assessment in told.assessments]
    return any(worse(v.worst.name if v.worst is not None else None, v.assessable, fail_on) for v in verdicts)
