"""`ddcheck import defillama [PROTOCOLS] --out F.jsonl`, and the lists that `ddcheck batch --import` judges at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from checker.cli import counts
from checker.cli.check import Day
from checker.cli.stderr import note, show

if TYPE_CHECKING:
    from checker.app.imports import Imported

Command = TypeVar("Command", bound=Callable[..., Any])

MOST_FAULTS = 20
IMPORTERS = ("defillama",)
_LISTS = (
    click.option("--pools", metavar="FILE|URL", help="List of yield pools: rates of the products that take one asset."),
    click.option(
        "--markets", metavar="FILE|URL", help="List of lending markets: balances lent and idle; needs --pools."
    ),
    click.option("--on", type=Day(), help="Day of a saved list whose name does not hold it."),
    click.option("--category", "categories", multiple=True, help="Take this category only; repeatable."),
    click.option("--cache", type=click.Path(path_type=Path, file_okay=False), help="Folder in which answers are kept."),
)
LISTS = ("pools", "markets", "on", "categories", "cache")
"""Names of the options that say which lists are imported, and what of them."""


def lists(command: Command) -> Command:
    """The options that say which lists are imported, and what of them."""
    for option in reversed(_LISTS):
        command = option(command)
    return command


@click.group()
def command() -> None:
    """Make profiles out of an aggregator's lists; `ddcheck batch` judges them."""


@command.command()
@click.argument("protocols", required=False)
@lists
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
    a start. docs/importers.md lists what is taken; `ddcheck batch --import defillama` judges the lists at once.
    """
    done = imported(protocols, pools, markets, out, on=on, categories=categories, cache=cache)
    show(done.faults[:MOST_FAULTS])
    if len(done.faults) > MOST_FAULTS:
        note(counts.faults(len(done.faults) - MOST_FAULTS))
    if not done.profiles:
        ctx.exit(3)


def imported(
    protocols: str | None,
    pools: str | None,
    markets: str | None,
    out: Path,
    *,
    on: date | None,
    categories: Sequence[str],
    cache: Path | None,
) -> Imported:
    """Make profiles out of lists, and tell how many and what was not taken.

    Raises:
        UsageError: Markets are named without pools.
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
    others, unlisted = done.tally.categories, done.tally.pools
    note(f"{counts.profiles(done.profiles)} in {out}; {counts.entries(len(done.unread))} could not be read")
    if others:
        note(f"not taken: {counts.protocols(others.total())} of {counts.categories(len(others))}")
    if unlisted:
        note(f"not taken: {counts.pools(unlisted)} of projects that are not in the list")
    return done
