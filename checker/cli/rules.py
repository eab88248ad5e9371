"""`ddcheck rules`: the rulebook as a reader, an author and a tester sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from checker.cli.check import LANG, speak
from checker.cli.stderr import note
from checker.model.errors import did_you_mean

PACKS = click.option(
    "--rules",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of an added pack.",
)
FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group()
def command() -> None:
    """The packs: what each rule asks, its thresholds and sources, its cases."""


def _rulebook(packs: tuple[Path, ...]) -> Any:
    from checker.app.audit import shipped_rulebook

    return shipped_rulebook(packs)


def _chosen(rulebook: Any, names: tuple[str, ...]) -> list[Any]:
    """Rules by id, code, pack or group; all where none is named."""
    if not names:
        return list(rulebook.rules.values())
    chosen: dict[str, Any] = {}
    for name in names:
        found = [r for r in rulebook.rules.values() if name in (r.id, r.code, r.pack, rulebook.packs[r.pack].group)]
        if not found:
            known = [*rulebook.rules, *(r.code for r in rulebook.rules.values()), *rulebook.packs]
            raise click.UsageError(f"no rule, code or pack '{name}'. {did_you_mean(name, known)}")
        chosen |= {rule.id: rule for rule in found}
    return list(chosen.values())


@command.command("list")
@click.argument("names", nargs=-1)
@PACKS
@FORMAT
@LANG
def list_rules(names: tuple[str, ...], packs: tuple[Path, ...], form: str, lang: str | None) -> None:
    """List rules: all, or those of a pack, group, id or code."""
    from checker.app.catalogue import rule_summary
    from checker.outputs.language import tr
    from checker.outputs.width import padded
    from checker.outputs.words import SEVERITIES

    speak(lang, form)
    rulebook = _rulebook(packs)
    rows = [rule_summary(rulebook, rule) for rule in _chosen(rulebook, names)]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        severity = padded(tr(SEVERITIES[row["severity"]]), 9)
        click.echo(f"{row['code']:<6} {severity} {row['id']:<28} {row['title']}")


@command.command("show")
@click.argument("name")
@PACKS
@FORMAT
@LANG
def show_rule(name: str, packs: tuple[Path, ...], form: str, lang: str | None) -> None:
    """Show one rule whole: what it asks, conditions, thresholds with sources, cases."""
    from checker.app.catalogue import rule_page, rule_text

    speak(lang, form)
    rulebook = _rulebook(packs)
    for rule in _chosen(rulebook, (name,)):
        page = rule_page(rulebook, rule)
        click.echo(json.dumps(page, ensure_ascii=False, indent=2) if form == "json" else rule_text(page))


@command.command("test")
@click.argument("names", nargs=-1)
@PACKS
@FORMAT
@click.pass_context
def test_rules(ctx: click.Context, names: tuple[str, ...], packs: tuple[Path, ...], form: str) -> None:
    """Run the cases beside the rules."""
    from checker.app.cases import run_cases

    rulebook = _rulebook(packs)
    results = run_cases(rulebook, _chosen(rulebook, names))
    failed = [result for result in results if not result.passed]
    if form == "json":
        rows = [
            {
                "rule": r.case.rule,
                "case": r.case.name,
                "passed": r.passed,
                "failures": list(r.failures),
                "file": r.case.file,
                "line": r.case.line,
            }
            for r in results
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for result in failed:
            click.echo(f"{result.case.file}:{result.case.line} {result.case.name}", err=True)
            for failure in result.failures:
                click.echo(f"    {failure}", err=True)
        click.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if failed:
        ctx.exit(3)


@command.command("lint")
@click.argument("names", nargs=-1)
@PACKS
@FORMAT
@click.option("--notes", is_flag=True, help="List facts and sources that nothing uses, too.")
@click.pass_context
def lint_rules(ctx: click.Context, names: tuple[str, ...], packs: tuple[Path, ...], form: str, notes: bool) -> None:
    """Find what is missing or wrong in packs, rules, ids or codes: all faults at once, with file and line.

    Exits with 3 if there is any; notes alone fail nothing.
    """
    from dataclasses import asdict

    from checker.app.lint import lint_packs
    from checker.resources import data_path

    problems = lint_packs(data_path("rules"), packs, names)
    wrong = [problem for problem in problems if problem.severity == "error"]
    if form == "json":
        click.echo(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems if notes else wrong:
            click.echo(str(problem))
        note(f"{len(wrong)} problems, {len(problems) - len(wrong)} notes")
    if wrong:
        ctx.exit(3)


@command.command("new")
@click.argument("rule", metavar="PACK.NAME")
@click.option(
    "--dir",
    "parent",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("."),
    help="Folder in which the folder of the pack stands, or is made. [default: the current one]",
)
@FORMAT
def new_rule(rule: str, parent: Path, form: str) -> None:
    """Scaffold a rule with its cases, and a pack around it where there is none yet."""
    from datetime import date

    from checker.app.files import write_whole
    from checker.app.scaffold import scaffold
    from checker.resources import data_path

    made = scaffold(_rulebook(()), data_path("rules"), rule, parent, date.today())
    try:
        made.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot make the folder {made.folder}: {error.strerror}") from None
    for path, text in made.files.items():
        write_whole(path, text.encode())
        note(f"wrote {path}")
    if form == "json":
        page = {"rule": rule, "files": [str(path) for path in made.files], "next": made.next_steps().splitlines()}
        click.echo(json.dumps(page, ensure_ascii=False, indent=2))
    else:
        click.echo(made.next_steps())


@command.command("docs")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the pages; it is made where there is none.",
)
@PACKS
def write_docs(out: Path, packs: tuple[Path, ...]) -> None:
    """Write the rulebook as Markdown pages: one for each rule, and pages of parameters, sources and facts.

    Pages of an earlier run that no rule stands behind any more are taken away; other files are left alone.
    """
    from checker.app.pages import rulebook_pages, write_pages

    pages = rulebook_pages(_rulebook(packs))
    try:
        changed = write_pages(pages, out)
    except OSError as error:
        raise click.UsageError(f"cannot write into {out}: {error.strerror}") from None
    click.echo(f"{len(pages)} pages in {out}, {len(changed)} changed")
