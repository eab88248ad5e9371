"""`ddcheck check PROFILE`, the main job."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import click

from checker.model.errors import UsageError

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
LANG = click.option("--lang", type=click.Choice(LANGUAGES), help="Language [default: from the locale; JSON is English]")
GRADES = ("A", "B", "C", "D", "E", "F")


class Day(click.ParamType[date]):
    """A date written year-month-day."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date, or a usage error that shows the form."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is not a day; write it as 2022-05-31", param, ctx)


def override(text: str) -> tuple[str, float]:
    """`pack.param=value` as a pair; a value may end in %."""
    name, sign, value = text.partition("=")
    try:
        number = float(value.rstrip("% ")) / (100 if value.rstrip().endswith("%") else 1)
    except ValueError:
        sign, number = "", 0.0
    if not sign or "." not in name:
        raise click.UsageError(f"--set takes PACK.PARAM=VALUE, such as t3.lcr_fail=0.8; got '{text}'")
    return name.strip(), number


def locale_language() -> str:
    """The language that the environment's locale asks for."""
    from checker.outputs.language import from_locale

    return from_locale(next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "C"))


def speak(lang: str | None, form: str) -> None:
    """Speak the language asked for, else that of the locale, until the command ends; JSON is English unless asked."""
    from checker.outputs.language import speaking

    language = lang or ("en" if form == "json" else locale_language())
    click.get_current_context().with_resource(speaking(language))


def terminal_shape() -> tuple[bool, int]:
    """Whether the terminal shows colour, and how many columns to fill."""
    from shutil import get_terminal_size

    return sys.stdout.isatty() and "NO_COLOR" not in os.environ, min(get_terminal_size((100, 24)).columns, 120)


def overrides(changes: tuple[str, ...]) -> dict[str, float]:
    """All `--set` options."""
    return dict(override(change) for change in changes)


FOR = click.option(
    "--for", "reader", metavar="COUNTRY,AMOUNT", help="You: country=DE,amount=20000 (US dollars); a few rules need it."
)


AS_OF = click.option("--as-of", type=Day(), help="Day whose state is judged [default: --known-by]")
KNOWN_BY = click.option("--known-by", type=Day(), help="Use only what was public by this day [default: today]")
PACKS = click.option(
    "--rules", "packs", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False), help="Add a pack."
)


def cut(as_of: date | None, known_by: date | None) -> tuple[date, date, date]:
    """The day up to which dates of a profile may lie, the day of knowledge and the day judged.

    The one place where a command reads the clock.
    """
    today = date.today()
    known_by = known_by or today
    as_of = as_of or known_by
    if as_of > known_by:
        raise click.UsageError(f"--as-of {as_of} lies after --known-by {known_by}; nothing could be known of that day")
    return max(today, known_by), known_by, as_of


def about_reader(text: str | None) -> dict[str, str | float]:
    """The `--for` option."""
    from checker.app.reader import reader_of

    return reader_of(text) if text is not None else {}


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@AS_OF
@KNOWN_BY
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write the report for an investor.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the whole assessment."
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of terminal and PDF [default: from the locale]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@PACKS
@click.option(
    "--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold; shown on every page."
)
@click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
@FOR
@click.option(
    "--exact", is_flag=True, help="Look for facts that attain both ends of the verdict, and label it exact if they do."
)
@click.option("--changes", "turns", is_flag=True, help="Say what would change the verdict, too; see `ddcheck change`.")
@click.option(
    "--fail-on", type=click.Choice(GRADES), help="Exit 1 if the worst end is this or worse, or not assessable."
)
@click.pass_context
def command(
    ctx: click.Context,
    profile: Path,
    as_of: date | None,
    known_by: date | None,
    pdf: Path | None,
    json_file: Path | None,
    lang: str | None,
    form: str,
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    exact: bool,
    turns: bool,
    fail_on: str | None,
) -> None:
    """Judge PROFILE and print the verdict."""
    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.app.files import write_whole
    from checker.assess.bounds import TRIALS
    from checker.outputs.language import speaking

    days = cut(as_of, known_by)
    person = about_reader(reader)
    for target in (pdf, json_file):
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"there is no folder {target.parent} to write {target.name} into")
    rulebook = shipped_rulebook(packs, overrides(changes))
    settings = Settings(*days, parameters, packs, rulebook.overrides, person)
    trials = TRIALS if exact else 0
    assessment = audit_one(profile, settings, rulebook, changes=turns, edges=pdf is not None, trials=trials)
    language = lang or locale_language()
    if json_file is not None or form == "json":
        from checker.outputs.json import render_json

        with speaking(lang or "en"):
            text = render_json(assessment, rulebook)
        if json_file is not None:
            write_whole(json_file, text.encode())
        if form == "json":
            click.echo(text, nl=False)
    if form == "text":
        from checker.outputs.text import render_text

        terminal, width = terminal_shape()
        with speaking(language):
            text = render_text(assessment, rulebook, colour=terminal, width=width)
            if turns:
                from checker.outputs.change import render_changes

                text += "\n" + render_changes(assessment, colour=terminal, width=width, head=False)
        click.echo(text, nl=False, color=terminal)
    if pdf is not None:
        from checker.outputs.pdf import missing_system_libraries, render_pdf

        lacking = missing_system_libraries()
        if any("pango" in library for library in lacking):
            raise UsageError(f"the PDF needs system libraries; as root: apt-get install {' '.join(lacking)}")
        for library in lacking:
            click.echo(
                f"warning: without {library} the PDF takes minutes; as root: apt-get install {library}", err=True
            )
        write_whole(pdf, render_pdf(assessment, rulebook, language))
        click.echo(f"report written to {pdf}", err=True)
    if fail_on is not None:
        verdict = assessment.verdict
        if verdict.worst is None or not verdict.assessable or verdict.worst.name >= fail_on:
            ctx.exit(1)
