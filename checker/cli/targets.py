"""The files that a command writes: one option for each form, checked before anything is judged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from checker.cli.stderr import note
from checker.model.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

STDOUT = Path("-")
TABLES = ("findings", "facts", "numbers", "questions", "sources", "parameters", "verdict")
PAPERS = ("a4", "letter")
FOR_PROGRAMS = ("json", "csv", "junit")  # English unless a language is asked for


@dataclass(frozen=True)
class Form:
    """A form of a result: how its files end, whether they are text, and what it is for."""

    suffixes: tuple[str, ...]
    text: bool
    help: str


FORMS = {
    "pdf": Form((".pdf",), False, "Write the report for an investor."),
    "summary": Form((".pdf",), False, "Write its first page alone, as a PDF."),
    "html": Form((".html", ".htm"), True, "Write it as one file for a browser."),
    "json": Form((".json",), True, "Write the whole assessment."),
    "csv": Form((".csv",), True, "Write a table; the findings, unless --table names another."),
    "xlsx": Form((".xlsx",), False, "Write a workbook: verdict, findings, facts, numbers, questions, sources."),
    "markdown": Form((".md", ".markdown"), True, "Write it for an issue or a wiki."),
    "junit": Form((".xml",), True, "Write the findings for a pipeline; what is open counts as an error."),
}
_WRITTEN = {"pdf": "report", "xlsx": "workbook", "json": "assessment"}
PAPER = click.option(
    "--paper", type=click.Choice(PAPERS), default=PAPERS[0], show_default=True, help="Paper of the PDFs."
)
TABLE = click.option(
    "--table", type=click.Choice(TABLES), default=TABLES[0], show_default=True, help="Table of the CSV."
)


def writes(*forms: str, **helps: str) -> Callable[[Command], Command]:
    """Options that name a file for each form; `helps` overrides what an option says."""

    def decorate(command: Command) -> Command:
        for form in reversed(forms):
            command = click.option(
                f"--{form}",
                f"{form}_file",
                type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
                metavar="FILE",
                help=helps.get(form, FORMS[form].help),
            )(command)
        return command

    return decorate


@dataclass(frozen=True)
class Targets:
    """Where results go: files by form, and the form for standard output, or none of it."""

    files: Mapping[str, Path]
    stdout: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every form asked for but text, each once, that for standard output first."""
        return tuple(kind for kind in dict.fromkeys((self.stdout, *self.files)) if kind != "text")

    def language(self, form: str, lang: str | None, local: str) -> str:
        """The language of a form: the one asked for, else English for programs and the local one for people."""
        return lang or ("en" if form in FOR_PROGRAMS else local)

    def write(self, form: str, content: bytes) -> None:
        """Write a form whole to its file, print it, or both."""
        from checker.app.files import write_whole

        if form in self.files:
            write_whole(self.files[form], content)
            note(f"{_WRITTEN.get(form, form)} written to {self.files[form]}")
        if form != self.stdout:
            return
        click.echo(content.decode() if FORMS[form].text else content, nl=False)


def targets(named: Mapping[str, Path | None], profiles: Sequence[Path], form: str | None) -> Targets:
    """The files that the options name, each fit to be written.

    Args:
        named: The file of each option, as `pdf_file` and so on.
        profiles: What is read, and must not be written over.
        form: What `--format` asks for on standard output; None where it is not given.

    Raises:
        UsageError: A file cannot be meant: its folder is missing, it is a profile, its name ends like another form,
            it is named twice, or two results would go to standard output.
    """
    files: dict[str, Path] = {}
    stdout = form
    taken: dict[Path, str] = {profile.resolve(): "" for profile in profiles}
    for key, path in named.items():
        if path is None:
            continue
        kind = key.removesuffix("_file")
        if path == STDOUT:
            if stdout is not None:
                other = f"--format {form}" if stdout == form else f"--{stdout} -"
                raise UsageError(f"{other} and --{kind} - would both print on standard output; name a file for one")
            if not FORMS[kind].text and sys.stdout.isatty():
                raise UsageError(f"--{kind} - prints bytes that no terminal shows; name a file, or pipe it on")
            stdout = kind
            continue
        if not path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent} to write {path.name} into")
        place = path.resolve()
        if place in taken:
            if not taken[place]:
                raise UsageError(f"--{kind} {path} would write over the profile; name another file")
            raise UsageError(f"--{taken[place]} and --{kind} both name {path}; each needs a file of its own")
        taken[place] = kind
        _fits(kind, path)
        files[kind] = path
    return Targets(files, stdout or "text")


def _fits(kind: str, path: Path) -> None:
    """Refuse a name that ends like another form."""
    ending = path.suffix.lower()
    meant = next((name for name, form in FORMS.items() if ending in form.suffixes), kind)
    if ending not in FORMS[kind].suffixes and meant != kind:
        own = FORMS[kind].suffixes[0]
        raise UsageError(
            f"--{kind} writes {own[1:].upper()}, but {path} ends in {ending}. "
            f"Name it {path.with_suffix(own).name}, or ask for --{meant} {path}"
        )


def renderer_ready(language: str) -> None:
    """Say what a PDF in a language lacks on this machine.

    Raises:
        UsageError: Without it there is no PDF.
    """
    from checker.outputs.faces import missing_faces
    from checker.outputs.pdf import missing_system_libraries

    lacking = missing_system_libraries()
    if any("pango" in library for library in lacking):
        raise UsageError(f"the PDF needs system libraries; as root: apt-get install {' '.join(lacking)}")
    for library in lacking:
        note(f"warning: without {library} the PDF takes minutes; as root: apt-get install {library}")
    for package in missing_faces(language):
        note(f"warning: without {package} Chinese is set in a plainer face; as root: apt-get install {package}")


def worse(worst: str | None, assessable: bool, limit: str | None) -> bool:
    """Whether `--fail-on` is met: the worst end is the limit or worse, or there is no assessable grade."""
    return limit is not None and (worst is None or not assessable or worst >= limit)
