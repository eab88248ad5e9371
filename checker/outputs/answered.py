"""What answers did to a verdict: before and after, and every finding that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.assess.assessment import Assessment, Finding
from checker.outputs import words
from checker.outputs.language import tr

Changed = Sequence[tuple[Finding, Finding]]


def _verdict_line(assessment: Assessment) -> str:
    coverage = assessment.verdict.coverage
    return tr("{grade}, {known} of {asked} facts known or settled, {critical} of {of} critical ones").format(
        grade=words.grade_range(assessment),
        known=coverage.known,
        asked=coverage.asked,
        critical=coverage.critical_known,
        of=coverage.critical_asked,
    )


def render_moved(before: Assessment, after: Assessment, changed: Changed) -> str:
    """The verdict before and after as text, with the findings that changed."""
    lines = [
        f"{after.name} · {words.cut_text(after)}",
        tr("Before: {verdict}").format(verdict=_verdict_line(before)),
        tr("After: {verdict}").format(verdict=_verdict_line(after)),
    ]
    if changed:
        lines += ["", tr("Findings that changed: {count}").format(count=len(changed))]
        lines += [
            tr("  {code} {before} → {after}: {title}").format(
                code=old.code,
                before=words.outcome_words(old),
                after=words.outcome_words(new),
                title=tr(new.title),
            )
            for old, new in changed
        ]
    return "\n".join(lines) + "\n"


def moved_dict(before: Assessment, after: Assessment, changed: Changed) -> dict[str, Any]:
    """The same as plain values."""

    def verdict(assessment: Assessment) -> dict[str, Any]:
        ends = assessment.verdict
        return {
            "best": ends.best.name if ends.best is not None else None,
            "worst": ends.worst.name if ends.worst is not None else None,
            "known": ends.coverage.known,
            "asked": ends.coverage.asked,
        }

    return {
        "platform": after.name,
        "as_of": after.options.as_of,
        "known_by": after.options.known_by,
        "before": verdict(before),
        "after": verdict(after),
        "changed": [
            {
                "rule": new.rule,
                "code": new.code,
                "before": [outcome.name for outcome in old.possible],
                "after": [outcome.name for outcome in new.possible],
            }
            for old, new in changed
        ],
    }
