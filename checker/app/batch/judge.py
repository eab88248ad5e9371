"""Judges one record: its rows, and the files that are written about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from checker import __version__
from checker.app.audit import options_of
from checker.app.batch.plan import Plan, stem
from checker.app.files import write_whole
from checker.app.reader import written
from checker.assess.assess import assess
from checker.assess.assessment import Assessment
from checker.assess.portfolio import BatchRow, TraitLevels
from checker.assess.series import Series
from checker.importers.records import Record
from checker.model.dictionary import Dictionary
from checker.model.errors import Fault, InputError, UsageError
from checker.model.finding import Outcome
from checker.model.profile import Profile, Provenance, parse_profile
from checker.packs.rulebook import Rulebook

CRITICAL = "critical"
LETTERS = (("P", Outcome.PASS), ("W", Outcome.WARN), ("F", Outcome.FAIL), ("N", Outcome.NOT_APPLICABLE))


@dataclass(frozen=True)
class Done:
    """What became of one record: its rows, or its faults.

    Attributes:
        record: The record.
        rows: One for each cut; none if nothing was known at any of them.
        faults: Why it could not be judged.
    """

    record: Record
    rows: tuple[BatchRow, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Setup:
    """What every judgement of a batch needs.

    Attributes:
        rulebook: The loaded packs.
        rules: Digest of all that judges.
        plan: What is done with every record.
        out: Folder of the results.
    """

    rulebook: Rulebook
    rules: str
    plan: Plan
    out: Path


def letters(possible: Collection[Outcome]) -> str:
    """Outcomes by their letters.

    >>> letters({Outcome.FAIL, Outcome.PASS})
    'PF'
    """
    return "".join(letter for letter, outcome in LETTERS if outcome in possible)


def public_facts(profile: Profile) -> list[tuple[date, bytes]]:
    """Every statement of a profile with the day on which it became public, in order."""
    found: list[tuple[date, bytes]] = []

    def add(name: str, entries: Iterable[Provenance]) -> None:
        found.extend((entry.known_on or date.min, f"{name} {entry!r}\n".encode()) for entry in entries)

    for id, history in profile.facts.items():
        add(id, history)
    for id, table in profile.tables.items():
        add(id, table.rows)
        add(f"{id} complete", table.complete)
        add(f"{id} stated", table.stated)
    for section, looks in profile.examined.items():
        found += [(look.known_on, f"{section} {look!r}\n".encode()) for look in looks]
    return sorted(found)


def facts_digest(statements: Iterable[tuple[date, bytes]], known_by: date) -> str:
    """Digest of what was public by a day."""
    digest = sha256()
    for day, statement in statements:
        if day > known_by:
            break
        digest.update(statement)
    return digest.hexdigest()


def waiting(open_: Iterable[Iterable[str]], dictionary: Dictionary) -> tuple[tuple[str, int], ...]:
    """Facts with how many rules each holds open, the one that holds most first.

    Args:
        open_: For each open rule the names of what holds it open; a row of a table counts as the table.
        dictionary: The facts that a profile can state.
    """
    counts: Counter[str] = Counter()
    for names in open_:
        counts.update({name.partition("[")[0] for name in names})
    told = [(fact, n) for fact, n in counts.items() if fact in dictionary and not fact.startswith("platform.")]
    return tuple(sorted(told, key=lambda found: (-found[1], found[0])))


def row_of(
    record: Record,
    assessment: Assessment,
    outcomes: Mapping[str, str],
    facts: str,
    rules: str,
    open_: tuple[tuple[str, int], ...] | None = None,
) -> BatchRow:
    """One platform at one cut as a row of the results.

    Args:
        record: The record.
        assessment: The verdict, whole or no more than the first sentence needs.
        outcomes: The letters of each rule's possible outcomes, in the order of the rules.
        facts: Digest of the facts.
        rules: Digest of all that judged.
        open_: The facts that hold critical rules open; None where that is not told.
    """
    from checker.outputs import words

    verdict = assessment.verdict
    return BatchRow(
        record.id,
        assessment.name,
        assessment.kind,
        record.file,
        record.line,
        assessment.options.as_of,
        assessment.options.known_by,
        verdict.best,
        verdict.worst,
        verdict.assessable,
        verdict.pattern_best,
        verdict.pattern_worst,
        tuple(TraitLevels(trait.id, trait.best, trait.worst) for trait in verdict.traits),
        round(verdict.coverage.all, 4),
        round(verdict.coverage.critical, 4),
        verdict.stops,
        verdict.deciding,
        tuple(id for id, _ in verdict.status),
        outcomes,
        words.certain(assessment),
        written(assessment.options.reader or {}),
        facts,
        rules,
        open=open_,
    )


def judge_record(record: Record, setup: Setup) -> Done:
    """Judge one record and write its files; its faults, and our own, are returned and stop nothing.

    Raises:
        UsageError: Its files cannot be written: the disk is full, the folder is gone.
    """
    try:
        return _judged(record, setup)
    except InputError as error:
        return Done(record, faults=record.located(error.faults))
    except UsageError:
        raise
    except MemoryError:
        message, hint = "there is not enough memory to judge it", "Use fewer --jobs, or judge it alone."
    except Exception as error:
        message, hint = f"internal error, {type(error).__name__}: {error}", "This is our fault; report it."
    fault = Fault(record.file, message, hint, record.line, 1 if record.line else None)
    return Done(record, faults=record.located([fault]))


def _judged(record: Record, setup: Setup) -> Done:
    plan, rulebook = setup.plan, setup.rulebook
    today = max(plan.settings.today, record.cut[1] if record.cut else date.min)
    profile = parse_profile(record.document(), rulebook.dictionary, today=today)
    options = options_of(plan.settings)
    series = Series(profile, rulebook, options)
    statements = public_facts(profile)
    rows: list[BatchRow] = []
    for as_of, known_by in plan.cuts(record, profile):
        facts = facts_digest(statements, known_by)
        assessment: Assessment | None = None
        if plan.assessments:
            cut = replace(options, as_of=as_of.isoformat(), known_by=known_by.isoformat())
            assessment = assess(profile, rulebook, cut, version=__version__)
            outcomes = dict(sorted((finding.rule, letters(finding.possible)) for finding in assessment.findings))
            held = [f.open for f in assessment.findings if f.severity == CRITICAL and len(f.possible) > 1]
            row = row_of(record, assessment, outcomes, facts, setup.rules, waiting(held, rulebook.dictionary))
        else:
            brief = series.at(as_of, known_by)
            outcomes = dict(sorted((rule, letters(result.possible)) for rule, result in brief.results.items()))
            held = [
                result.open
                for result in brief.results.values()
                if result.rule.severity == CRITICAL and len(result.possible) > 1
            ]
            row = row_of(record, brief.assessment, outcomes, facts, setup.rules, waiting(held, rulebook.dictionary))
        rows.append(with_files(record, row, assessment, setup))
    return Done(record, tuple(rows))


def with_files(record: Record, row: BatchRow, assessment: Assessment | None, setup: Setup) -> BatchRow:
    """The row with the names of the files about it; the assessment is written now."""
    name = stem(record)
    if setup.plan.series(record):
        name += f"@{row.known_by}" if row.as_of == row.known_by else f"@{row.known_by}~{row.as_of}"
    if assessment is not None:
        from checker.outputs.json import render_json

        row = replace(row, assessment=f"assessments/{name}.json")
        write_whole(setup.out / row.assessment, render_json(assessment, setup.rulebook).encode())
    if setup.plan.wants_report(row):
        row = replace(row, report=f"reports/{name}.pdf")
        (setup.out / row.report).unlink(missing_ok=True)  # of an earlier run; the new one is rendered at the end
    return row
