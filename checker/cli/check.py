"""`ddcheck check PROFILE`, the main job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from checker.cli.stderr import note
from checker.cli.targets import PAPER, TABLE, renderer_ready, targets, worse, writes
from checker.model.errors import UsageError

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
LANG = click.option("--lang", type=click.Choice(LANGUAGES), help="Language [default: from the locale; JSON is English]")
FIRST_PAGE = ("unknowns",)  # what the first page of a report shows of the analyses
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


SET = click.option(
    "--set", "changes", multiple=True, metavar="PACK.PARAM=VALUE", help="Change a threshold; shown on every page."
)
PARAMETERS = click.option("--parameters", type=click.Choice(["latest", "as-of"]), default="latest", show_default=True)
EXACT = click.option(
    "--exact", is_flag=True, help="Look for facts that attain both ends of the verdict, and label it exact if they do."
)
FAIL_ON = click.option(
    "--fail-on", type=click.Choice(GRADES), help="Exit 1 if the worst end is this or worse, or not assessable."
)


def progress() -> Callable[[str], None]:
    """Tells on a terminal what is worked out next; elsewhere nothing."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda what: note(f"... {what}")


def earlier(text: str | None) -> Path | date | None:
    """The `--since` option: a day or a file."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        if Path(text).is_file():
            return Path(text)
        raise UsageError(
            f"--since takes an earlier day (2022-03-31), profile or result; '{text}' is no day and no file"
        ) from None


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@AS_OF
@KNOWN_BY
@writes("pdf", "summary", "html", "json", "csv", "xlsx", "markdown", "junit")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language [default: from the locale; for programs English]")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "markdown", "junit"]), help="[default: text]"
)
@TABLE
@PAPER
@click.option("--archive", is_flag=True, help="Make the PDF one to keep (PDF/A-3), with result and profile.")
@click.option("--since", metavar="DAY|FILE", help="Say in the report what changed since a cut, profile or result.")
@click.option(
    "--compare",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Put PROFILE beside another; may be repeated. See `ddcheck compare`.",
)
@PACKS
@SET
@PARAMETERS
@FOR
@EXACT
@click.option("--changes", "turns", is_flag=True, help="Say what would change the verdict, too; see `ddcheck change`.")
@FAIL_ON
@click.pass_context
def command(
    ctx: click.Context,
    /,
    profile: Path,
    as_of: date | None,
    known_by: date | None,
    lang: str | None,
    form: str | None,
    table: str,
    paper: str,
    archive: bool,
    since: str | None,
    others: tuple[Path, ...],
    packs: tuple[Path, ...],
    changes: tuple[str, ...],
    parameters: str,
    reader: str | None,
    exact: bool,
    turns: bool,
    fail_on: str | None,
    **named: Path | None,
) -> None:
    """Judge PROFILE and print the verdict."""
    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.assess.bounds import TRIALS
    from checker.outputs.language import speaking

    days = cut(as_of, known_by)
    person = about_reader(reader)
    rulebook = shipped_rulebook(packs, overrides(changes))
    settings = Settings(*days, parameters, packs, rulebook.overrides, person)
    if others:
        asked: dict[str, object] = {"--archive": archive, "--since": since, "--changes": turns}
        asked |= {f"--{kind}": named[f"{kind}_file"] for kind in ("summary", "xlsx", "junit")}
        _alone([option for option, value in asked.items() if value] + (["--format junit"] if form == "junit" else []))
        from checker.cli.compare import COMPARED, run

        files = {f"{kind}_file": named.get(f"{kind}_file") for kind in COMPARED}
        if run((profile, *others), settings, rulebook, files, form, lang, paper, exact=exact, fail_on=fail_on):
            ctx.exit(1)
        return
    into = targets(named, [profile], form)
    if archive and "pdf" not in into.kinds:
        raise UsageError("--archive is about the PDF; name one with --pdf FILE")
    if since and not {"pdf", "html"}.intersection(into.kinds):
        raise UsageError("--since is about the report; name one with --pdf FILE or --html FILE")
    started = earlier(since)
    trials = TRIALS if exact else 0
    assessment = audit_one(profile, settings, rulebook, changes=turns, trials=trials)
    local = locale_language()
    if into.stdout == "text":
        from checker.outputs.text import render_text

        terminal, width = terminal_shape()
        with speaking(lang or local):
            text = render_text(assessment, rulebook, colour=terminal, width=width)
            if turns:
                from checker.outputs.change import render_changes

                text += "\n" + render_changes(assessment, colour=terminal, width=width, head=False)
        click.echo(text, nl=False, color=terminal)
    reports = [kind for kind in into.kinds if kind in ("pdf", "summary", "html")]
    if reports and reports != ["html"]:
        renderer_ready(lang or local)
    for kind in into.kinds:
        if kind not in reports:
            from checker.app.forms import Choices, render

            choices = Choices(into.language(kind, lang, local), table, paper)
            into.write(kind, render(kind, assessment, rulebook, choices))
    if reports:
        from checker.app.report import PARTS, prepare

        parts = FIRST_PAGE if reports == ["summary"] else PARTS
        report = prepare(profile, settings, rulebook, parts=parts, since=started, trials=trials, progress=progress())
        language = lang or local
        if "html" in reports:
            from checker.app.forms import Choices, render

            into.write("html", render("html", report, rulebook, Choices(language)))
        if "summary" in reports:
            from checker.outputs.summary import render_summary_pdf

            into.write("summary", render_summary_pdf(report, rulebook, language, paper=paper))
        if "pdf" in reports:
            from checker.outputs.pdf import render_pdf

            kept = profile.read_bytes() if archive else None
            into.write("pdf", render_pdf(report, rulebook, language, paper=paper, archive=archive, profile=kept))
    verdict = assessment.verdict
    if worse(verdict.worst.name if verdict.worst is not None else None, verdict.assessable, fail_on):
        ctx.exit(1)


def _alone(options: list[str]) -> None:
    """Refuse options that are about one platform where several are compared."""
    if options:
        raise UsageError(f"{options[0]} is about one platform; leave it out, or leave out --compare")
