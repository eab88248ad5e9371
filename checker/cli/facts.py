"""`ddcheck facts`: the dictionary, and questionnaires made from it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from checker.cli.check import LANG, speak
from checker.cli.stderr import note
from checker.model.errors import UsageError, did_you_mean

FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def command() -> None:
    """The dictionary of facts: what each means, its unit, direction and question."""


@command.command("list")
@click.argument("names", nargs=-1)
@FORMAT
@LANG
def list_facts(names: tuple[str, ...], form: str, lang: str | None) -> None:
    """List facts: all, or those of a section."""
    from checker.app.audit import shipped_rulebook
    from checker.app.catalogue import fact_page, unit_or_type
    from checker.outputs.language import tr
    from checker.outputs.width import padded

    speak(lang, form)
    dictionary = shipped_rulebook().dictionary
    for name in names:
        if name not in dictionary.sections and name not in dictionary:
            raise click.UsageError(
                f"no section or fact '{name}'. {did_you_mean(name, [*dictionary.sections, *dictionary])}"
            )
    chosen = [dictionary[id] for id in dictionary if not names or id in names or dictionary[id].section in names]
    if form == "json":
        click.echo(json.dumps([fact_page(definition) for definition in chosen], ensure_ascii=False, indent=2))
        return
    for definition in chosen:
        kind = padded(unit_or_type(definition), 16)
        click.echo(f"{definition.id:<46} {kind} {tr(definition.meaning)}")


@command.command("show")
@click.argument("name")
@FORMAT
@LANG
def show_fact(name: str, form: str, lang: str | None) -> None:
    """Show one fact whole, with the rules that read it."""
    from checker.app.audit import shipped_rulebook
    from checker.app.catalogue import fact_page, fact_text, readers

    speak(lang, form)
    rulebook = shipped_rulebook()
    if name not in rulebook.dictionary:
        near = rulebook.dictionary.nearest(name)
        hint = f"Did you mean '{near}'?" if near else ""
        raise click.UsageError(f"no fact '{name}'. {hint}".rstrip())
    page = fact_page(rulebook.dictionary[name])
    codes = readers(rulebook, name)
    if form == "json":
        click.echo(json.dumps({**page, "read_by": codes}, ensure_ascii=False, indent=2))
    else:
        click.echo(fact_text(page, codes), nl=False)


@command.command("template")
@click.option("--kind", default="cefi_lender", show_default=True, help="Kind of platform.")
@click.option("--starter", is_flag=True, help="Only the fifteen facts that settle most verdicts.")
@click.option(
    "--table",
    type=click.Choice(["wide", "long"]),
    help="A table for `ddcheck batch`: a row a platform, or a row a fact.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json", "csv", "xlsx"]),
    help="[default: yaml; with --table csv]",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; needed for xlsx.")
@LANG
def template(kind: str, starter: bool, table: str | None, form: str | None, out: Path | None, lang: str | None) -> None:
    """Write a profile, a questionnaire or a table to fill in."""
    from checker.app.audit import shipped_rulebook
    from checker.app.files import write_whole
    from checker.app.template import (
        chosen_facts,
        csv_table,
        json_template,
        xlsx_table,
        xlsx_template,
        yaml_template,
    )
    from checker.model.dictionary import KINDS

    speak(lang, "text")
    if kind not in KINDS:
        raise click.UsageError(f"no kind '{kind}'. {did_you_mean(kind, KINDS)}")
    form = form or ("yaml" if table is None else "csv")
    if form not in (("yaml", "json", "xlsx") if table is None else ("csv", "xlsx")):
        raise UsageError(
            "a table (--table wide or long) is written as csv or xlsx, a questionnaire as yaml, json or xlsx"
        )
    rulebook = shipped_rulebook()
    read = {fact for facts in rulebook.reads.values() for fact in facts}
    facts = chosen_facts(rulebook.dictionary, kind, read, starter=starter)
    if form == "xlsx":
        if out is None:
            raise UsageError("a spreadsheet needs --out FILE")
        content = xlsx_template(facts, kind) if table is None else xlsx_table(facts, table)
    elif table is not None:
        content = csv_table(facts, table).encode()
    else:
        content = (yaml_template if form == "yaml" else json_template)(facts, kind).encode()
    if out is None:
        click.echo(content.decode(), nl=False)
    else:
        write_whole(out, content)
        note(f"{len(facts)} facts written to {out}")
