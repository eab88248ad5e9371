"""`ddcheck import defillama [PROTOCOLS] --out F.jsonl`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from checker.cli.check import Day
from checker.cli.stderr import note, show

MOST_FAULTS = 20


@click.group()
def command() -> None:
    """Make profiles out of an aggregator's lists; `ddcheck batch` judges them."""


@command.command()
@click.argument("protocols", required=False)
@click.option("--pools", metavar="FILE|URL", help="List of yield pools: rates of the products that take one asset.")
@click.option("--markets", metavar="FILE|URL", help="List of lending markets: balances lent and idle; needs --pools.")
@click.option("--on", type=Day(), help="Day of a saved list whose name does not hold it.")
@click.option("--category", "categories", multiple=True, help="Take this category only; repeatable.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Folder in which answers are kept.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File of JSON lines to write."
)
@click.pass_context
def defillama(
    ctx: click.Context,
    protocols: str | None,
    pools: str | None,
    markets: str | None,
    on: date | None,
    categories: tuple[str, ...],
    cache: Path | None,
    out: Path,
) -> None:
    """Profiles of lending and yield protocols as DefiLlama lists them: a saved file, an address, or live without one.

    What the aggregator cannot know stays not examined, so that nearly every profile is not assessable by itself: it is
    a start. docs/importers.md lists what is taken.
    """
    from checker.app.imports import defillama as run
    from checker.importers.defillama import URLS

    if markets is not None and pools is None:
        raise click.UsageError("--markets is joined to the pools by their ids: name --pools, too")
    done = run(
        protocols or URLS["protocols"],
        pools,
        markets,
        out,
        on=on,
        categories=categories,
        cache=cache,
        told=lambda url: note(f"asking {url}"),
    )
    show(done.faults[:MOST_FAULTS])
    if len(done.faults) > MOST_FAULTS:
        note(f"{len(done.faults) - MOST_FAULTS} more faults")
    others = done.tally.categories
    note(
        f"{done.profiles} profiles in {out}, {len(done.faults)} entries could not be read; not taken: "
        f"{sum(others.values())} protocols of {len(others)} other categories"
        + (f", {done.tally.pools} pools of projects that are not in the list" if done.tally.pools else "")
    )
    if not done.profiles:
        ctx.exit(3)
