"""The questions to a platform: what is open, why it matters, what an answer would decide.

The keys and layout marks here are what every form of the questionnaire has in common, so that a filled-in one can be
read whatever language its words are in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checker.assess.assessment import Assessment, Options
from checker.assess.effects import Answering, Effect
from checker.assess.unknowns import Unknown, rank_unknowns
from checker.model.dictionary import FactDef
from checker.model.profile import Profile
from checker.packs.rulebook import Rule, Rulebook

FORMAT = 1
FORMAT_KEY = "ddcheck_answers"
HEAD_KEYS = ("platform", "answered_by", "answered_on")
ANSWER_KEYS = ("answer", "date", "document", "link", "not_disclosed")
"""What may be filled in for each question; `rows` besides for a table."""
SAID_KEYS = ("number", "question", "matters", "decides", "write", "where")
"""What a form says about a question beside the places to fill in."""
ALL_ROWS, NO_ROWS, SOME_ROWS = "all", "none", "some"
EXTENTS = (ALL_ROWS, NO_ROWS, SOME_ROWS)
"""What the answer to a question about a table says: whether its rows are all there are."""
FENCE = "answer"
"""The word after the fence of a block to fill in, before the fact's id."""
QUESTIONS_SHEET = "questions"
KEY_ROW = "ddcheck"
"""What stands in the first cell of the row of a sheet that names its columns."""
MAX_SHEET_NAME = 31


@dataclass(frozen=True)
class Asked:
    """One question of the questionnaire.

    Attributes:
        number: Its place, from 1.
        fact: What is asked.
        reason: Why it is open.
        rules: The rules it holds open, critical ones first.
        effects: What answers would decide alone.
        beside: Other facts that the same rules wait for.
        known_rows: Rows of a table that are known already.
    """

    number: int
    fact: FactDef
    reason: str
    rules: tuple[Rule, ...]
    effects: tuple[Effect, ...]
    beside: tuple[str, ...]
    known_rows: int


@dataclass(frozen=True)
class Questionnaire:
    """The questions to one platform at one cut.

    Attributes:
        platform: Its name.
        kind: Its kind.
        as_of: The day judged.
        known_by: The last day on which something could have become known.
        asked: The questions, the most useful first.
        open: How many facts are open in all.
        codes: The code of every rule by id.
        sheets: For every table asked, the name of its sheet in a spreadsheet.
    """

    platform: str
    kind: str
    as_of: str
    known_by: str
    asked: tuple[Asked, ...]
    open: int
    codes: Mapping[str, str]
    sheets: Mapping[str, str]


def ranked(profile: Profile, rulebook: Rulebook, options: Options) -> Sequence[Unknown]:
    """The open facts, those first that would settle most."""
    return rank_unknowns(profile, rulebook, options)


def questionnaire(
    profile: Profile, rulebook: Rulebook, options: Options, assessment: Assessment, *, most: int
) -> Questionnaire:
    """The questions to a platform.

    Args:
        profile: The profile.
        rulebook: The packs.
        options: The cut.
        assessment: The profile judged at that cut.
        most: How many questions to ask at most; 0 for all.
    """
    questions = ranked(profile, rulebook, options)
    answering = Answering(profile, rulebook, options)
    severity = {"critical": 0, "major": 1, "minor": 2}
    waiting = {finding.rule: finding.open for finding in assessment.findings}
    rows = {table.id: len(table.rows) for table in assessment.tables}
    asked: list[Asked] = []
    for number, question in enumerate(questions[:most] if most else questions, 1):
        definition = rulebook.dictionary[question.fact]
        rules = sorted(
            (rulebook.rules[id] for id in question.rules), key=lambda rule: (severity[rule.severity], rule.code)
        )
        beside = {fact: None for rule in rules for fact in waiting[rule.id] if fact != definition.id}
        asked.append(
            Asked(
                number,
                definition,
                question.reason,
                tuple(rules),
                answering.effects(definition.id, [rule.id for rule in rules]),
                tuple(fact for fact in beside if fact in rulebook.dictionary),
                rows.get(definition.id, 0),
            )
        )
    return Questionnaire(
        assessment.name,
        assessment.kind,
        assessment.options.as_of,
        assessment.options.known_by,
        tuple(asked),
        len(questions),
        {rule.id: rule.code for rule in rulebook.rules.values()},
        _sheet_names([question.fact for question in asked if question.fact.type == "table"]),
    )


def _sheet_names(tables: Sequence[FactDef]) -> dict[str, str]:
    """A name for the sheet of every table: as much of its id as a spreadsheet takes, each different."""
    names: dict[str, str] = {}
    for definition in tables:
        name, number = definition.id[:MAX_SHEET_NAME], 2
        while name in names.values():
            name, number = f"{definition.id[: MAX_SHEET_NAME - 3]}-{number}", number + 1
        names[definition.id] = name
    return names
