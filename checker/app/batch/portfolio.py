"""Writes the portfolio report of a run beside its results."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from checker import __version__
from checker.app.batch.plan import Plan
from checker.app.batch.run import ERRORS, Ran
from checker.app.files import write_whole
from checker.app.template import starter_facts
from checker.outputs.portfolio import About, render_html, render_pdf
from checker.packs.rulebook import Rulebook

STEM = "portfolio"
FORMS = ("html", "pdf")


def write_portfolio(ran: Ran, plan: Plan, rulebook: Rulebook, out: Path, forms: Collection[str]) -> list[Path]:
    """Write the report in the forms asked for; others of an earlier run are removed.

    Args:
        ran: What the run did.
        plan: What was asked of it.
        rulebook: The packs that judged.
        out: Folder of the results.
        forms: Some of `FORMS`.

    Raises:
        UsageError: A file cannot be written.
        OSError: The PDF needs a system library that is missing.
    """
    settings = plan.settings
    about = About(
        __version__,
        settings.parameters,
        settings.overrides,
        tuple(path.name for path in ran.paths),
        ERRORS,
        frozenset(fact for kind, _ in ran.portfolio.kinds for fact in starter_facts(kind)),
    )
    paths: list[Path] = []
    for form in FORMS:
        path = out / f"{STEM}.{form}"
        if form not in forms:
            path.unlink(missing_ok=True)
            continue
        content = (
            render_html(ran.portfolio, rulebook, about, plan.language, linked=True).encode()
            if form == "html"
            else render_pdf(ran.portfolio, rulebook, about, plan.language)
        )
        write_whole(path, content)
        paths.append(path)
    return paths
