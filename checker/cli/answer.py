"""`ddcheck answer PROFILE FILE`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from checker.cli.check import FOR, KNOWN_BY, LANG, PACKS, Day, about_reader, cut, speak
from checker.cli.stderr import note
from checker.model.errors import UsageError


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.argument("answers", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="NEW.json",
    help="Write the profile with the answers here [default: into PROFILE]",
)
@click.option("--as-of", type=Day(), help="Day whose verdict is shown [default: --known-by]")
@KNOWN_BY
@PACKS
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    profile: Path,
    answers: Path,
    out: Path | None,
    as_of: date | None,
    known_by: date | None,
    packs: tuple[Path, ...],
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Merge a filled-in questionnaire (FILE: .md, .xlsx, .yaml, .json) into PROFILE; show the verdict before and after.

    Answers are kept as the platform's own words, refusals as not disclosed, and what the profile holds stays. Where
    anything is wrong it is told with its place, and nothing is written.
    """
    from checker.app.answer import answered, moved
    from checker.app.audit import Settings, shipped_rulebook
    from checker.app.files import write_whole
    from checker.outputs.answered import moved_dict, render_moved

    days = cut(as_of, known_by)
    target = out or profile
    if target.suffix.lower() != ".json":
        raise UsageError(f"the profile is written as JSON, not into {target.name}; name a file with --out NEW.json")
    speak(lang, form)
    rulebook = shipped_rulebook(packs)
    settings = Settings(*days, packs=packs, reader=about_reader(reader))
    old, merged = answered(profile, answers, rulebook, today=days[0])
    change = moved(old, merged, settings, rulebook)
    write_whole(target, merged.text.encode())
    if form == "json":
        counts = {"answers": merged.answers, "refusals": merged.refusals, "blank": merged.blank}
        page = {"source": merged.source, **counts, **moved_dict(change.before, change.after, change.changed)}
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
    else:
        click.echo(render_moved(change.before, change.after, change.changed), nl=False)
    told = f"{merged.answers} answers and {merged.refusals} refusals, {merged.blank} left blank; written to {target}"
    note(f"{told} with the source {merged.source}")
    if merged.answered_on > settings.known_by:
        day = settings.known_by
        note(f"the answers of {merged.answered_on} are later than --known-by {day} and change nothing")
