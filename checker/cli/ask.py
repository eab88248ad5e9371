"""`ddcheck ask PROFILE`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from checker.cli.check import AS_OF, FOR, KNOWN_BY, LANG, PACKS, about_reader, cut, locale_language, speak
from checker.cli.stderr import note
from checker.model.errors import UsageError


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.md|.xlsx|.pdf|.yaml|.json",
    help="File to write; the end of its name says the form [default: Markdown on the terminal]",
)
@click.option("--top", "most", type=click.IntRange(min=0), default=20, show_default=True, help="Questions; 0 for all.")
@AS_OF
@KNOWN_BY
@PACKS
@FOR
@LANG
def command(
    profile: Path,
    out: Path | None,
    most: int,
    as_of: date | None,
    known_by: date | None,
    packs: tuple[Path, ...],
    reader: str | None,
    lang: str | None,
) -> None:
    """Write the questions to the platform of PROFILE: the most useful first, what an answer would decide, room for it.

    The form can be filled in and handed to `ddcheck answer`; a PDF is for print only.
    """
    from checker.app.ask import PDF, form_of, questions_for, rendered
    from checker.app.audit import Settings, shipped_rulebook
    from checker.app.files import write_whole

    days = cut(as_of, known_by)
    suffix = ".md" if out is None else form_of(out)
    if suffix == PDF:
        from checker.outputs.pdf import missing_system_libraries

        lacking = [library for library in missing_system_libraries() if "pango" in library]
        if lacking:
            raise UsageError(f"the PDF needs system libraries; as root: apt-get install {' '.join(lacking)}")
    speak(lang, "text")
    rulebook = shipped_rulebook(packs)
    settings = Settings(*days, packs=packs, reader=about_reader(reader))
    form = questions_for(profile, settings, rulebook, most=most)
    content = rendered(form, suffix, lang or locale_language())
    if out is None:
        click.echo(content.decode(), nl=False)
    else:
        write_whole(out, content)
        note(f"{len(form.asked)} of {form.open} questions written to {out}")
