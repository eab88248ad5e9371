"""`ddcheck batch PATH... --out DIR --engine spark`: a dataset in, a dataset out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from checker.cli import counts
from checker.cli.stderr import note, show

if TYPE_CHECKING:
    from checker.app.batch import Plan
    from checker.app.spark import Verdicts
    from checker.importers.records import Mapping

NOT_HERE = (
    *("formats", "assessments", "pdf_for", "portfolio_forms", "only", "sort", "limit", "earlier", "fresh", "how"),
    *("lang", "importer"),
)
"""Options of a batch that a dataset of results has no place for."""


def refuse_options(ctx: click.Context, names: Iterable[str] = NOT_HERE) -> None:
    """Refuse options that were given and would be without effect.

    Raises:
        UsageError: There is one.
    """
    spelled = {parameter.name: parameter.opts[0] for parameter in ctx.command.params}
    for name in names:
        if ctx.get_parameter_source(name) not in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP, None):
            raise click.UsageError(
                f"{spelled[name]} does not go with --engine spark, which writes a dataset of results and nothing else"
            )


def judge_on_spark(
    ctx: click.Context,
    paths: tuple[str, ...],
    target: str,
    plan: Plan,
    *,
    mapping: Mapping | None,
    jobs: int,
    rule_columns: bool,
    fail_on: str | None,
    form: str,
) -> None:
    """Judge a dataset and tell what stands in the results."""
    from checker.app.spark import judge_dataset

    found = judge_dataset(paths, target, plan, workers=jobs, mapping=mapping, rule_columns=rule_columns)
    if form == "json":
        told = {"rows": found.rows, "worst": dict(found.grades), "not_assessable": found.thin}
        told |= {"without_grades": found.ungraded, "unread": found.unread, "results": found.path}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found)))
    show(found.faults)
    if found.unread:
        note(f"{counts.records(found.unread)} could not be read; the column 'fault' of the results says why")
    note(f"{counts.rows(found.rows)} in {found.path}, from this run and from partitions that it did not judge")
    if not found.rows:
        ctx.exit(3)
    if fail_on is not None and found.beyond(fail_on):
        ctx.exit(1)


def _lines(found: Verdicts) -> Iterable[str]:
    counts = {f"worst end {grade}": count for grade, count in found.grades.items()}
    counts |= {"not assessable": found.thin, "of a kind without grades": found.ungraded}
    for what, count in counts.items():
        if count:
            yield f"{what:26}{count:>14,}"
