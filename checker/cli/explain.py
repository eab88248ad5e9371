"""`ddcheck explain PROFILE RULE`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from checker.cli.check import AS_OF, FOR, KNOWN_BY, LANG, PACKS, about_reader, cut, speak


@click.command()
@click.argument("profile", type=click.Path(path_type=Path))
@click.argument("rule")
@AS_OF
@KNOWN_BY
@PACKS
@FOR
@LANG
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    profile: Path,
    rule: str,
    as_of: date | None,
    known_by: date | None,
    packs: tuple[Path, ...],
    reader: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Explain a finding (RULE is its id or code) or a number of `ddcheck stress` on PROFILE: inputs, sources, steps."""
    from checker.app.audit import Settings, audit_one, shipped_rulebook
    from checker.app.explain import explanation, find, find_number, number_explanation

    days = cut(as_of, known_by)
    speak(lang, form)
    person = about_reader(reader)
    rulebook = shipped_rulebook(packs)
    settings = Settings(*days, reader=person)
    assessment = audit_one(profile, settings, rulebook)
    number = find_number(assessment, rule)
    if number is not None:
        if form == "json":
            from checker.outputs.json import number_dict

            click.echo(json.dumps(number_dict(assessment, rulebook, number), ensure_ascii=False, indent=2))
        else:
            click.echo(number_explanation(assessment, number), nl=False)
        return
    finding = find(assessment, rulebook, rule)
    if form == "json":
        from checker.outputs.json import assessment_dict

        whole = assessment_dict(assessment, rulebook)
        found = next(f for f in whole["findings"] if f["rule"] == finding.rule)
        facts = [fact for fact in whole["facts"] if fact["id"] in found["facts"]]
        parameters = [p for p in whole["parameters"] if p["id"] in found["parameters"]]
        page = {"finding": found, "facts": facts, "parameters": parameters, "sources": whole["sources"]}
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
    else:
        click.echo(explanation(assessment, rulebook, finding), nl=False)
