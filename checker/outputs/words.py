"""The words and numbers that every output shares: outcomes, kinds, the sentence that says what is certain, messages.

All sentences a reader meets come from here, so that terminal, JSON and PDF say the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from checker.assess.assessment import Assessment, ConstraintView, Finding, Question, TraitView
from checker.model.dictionary import EVIDENCE
from checker.model.finding import Grade, Outcome

KINDS = {
    "cefi_lender": "centralised lender",
    "defi_market": "DeFi money market",
    "yield_product": "yield product",
    "p2p": "P2P lending platform",
    "fund": "fund",
    "bank": "bank",
    "borrower": "borrower",
    "treasury": "treasury company",
    "exchange": "exchange",
    "token": "token",
}
OUTCOMES = {
    Outcome.PASS: "pass",
    Outcome.WARN: "warn",
    Outcome.FAIL: "fail",
    Outcome.NOT_APPLICABLE: "not applicable",
}
REASONS = {
    "not_examined": "nobody looked",
    "not_disclosed": "not disclosed",
    "range_straddles": "the known range straddles the threshold",
    "stale": "the fact is too old",
    "conflict": "sources disagree",
    "applicability_unknown": "it is not known whether the rule applies",
    "no_reference_rate": "no reference rate is held for that day",
}
GRADES = {
    Grade.A: "Sound on evidence",
    Grade.B: "Structure with backstops",
    Grade.C: "Weak spots",
    Grade.D: "Serious weaknesses",
    Grade.E: "Avoid unless rebutted",
    Grade.F: "Cash-pool pattern or a stop",
}
EVIDENCE_GRADES = (
    "hearsay",
    "own words",
    "third party, assets only",
    "independent, assets and debts",
    "audited or found",
)
LIMITS = (
    "ddcheck measures structure and evidence, not fate. It states a pattern, a fact and its source, never that anyone "
    "is a fraud. It does not look at the security of code or keys beyond what the facts say, at taxes, or at whether a yield "
    "is worth its risk. No legal or investment advice."
)
UNKNOWN_OF = {
    "rate": "rate",
    "share": "share",
    "ratio": "ratio",
    "money": "amount",
    "money_per_month": "monthly amount",
    "days": "number of days",
    "months": "number of months",
    "hours": "number of hours",
}
_REFERENCE = re.compile(r"reference:(\w+)\((.*)\)")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def number(value: float, unit: str) -> str:
    """A number with its unit as a reader expects it.

    >>> number(0.1863, "rate"), number(4.2e9, "money"), number(30, "days")
    ('18.63%', '$4.2bn', '30 days')
    """
    if unit in ("rate", "share"):
        return f"{value * 100:,.4g}%" if abs(value) < 10 else f"{value * 100:,.0f}%"
    if unit in ("money", "money_per_month"):
        sign, size = ("-", -value) if value < 0 else ("", value)
        for scale, suffix in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
            if size >= scale:
                text = f"{sign}${size / scale:,.4g}{suffix}"
                break
        else:
            text = f"{sign}${size:,.0f}"
        return f"{text} a month" if unit == "money_per_month" else text
    text = f"{value:,.10g}" if value == int(value) else f"{value:,.4g}"
    if unit in ("days", "months", "hours"):
        return f"{text} {unit if value != 1 else unit[:-1]}"
    return text


def amount(value: object, unit: str = "") -> str:
    """A value with its bounds: a number or range with its unit, words, yes or no, or unknown.

    >>> amount([0.04, None], "rate"), amount([False, True]), amount(["nav"])
    ('at least 4%', 'unknown', 'nav')
    """
    if isinstance(value, list):
        if len(value) == 2 and all(
            end is None or (isinstance(end, (int, float)) and not isinstance(end, bool)) for end in value
        ):
            lo, hi = value
            if lo is None and hi is None:
                return f"an unknown {UNKNOWN_OF.get(unit, 'number')}"
            if lo is None:
                return f"at most {number(hi, unit)}"
            if hi is None:
                return f"at least {number(lo, unit)}"
            return number(lo, unit) if lo == hi else f"{number(lo, unit)} to {number(hi, unit)}"
        if len(value) == 2 and value[0] == value[1]:
            return str(value[0])
        if set(value) == {True, False} and all(isinstance(item, bool) for item in value):
            return "unknown"
        return " or ".join(amount(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, (int, float)):
        return number(value, unit)
    return str(value).replace("_", " ")


def fact_name(fact: str) -> str:
    """A fact's id as words: `deposit_liquidity.liquid_assets_7d` is "liquid assets 7d".

    >>> fact_name("reference:risk_free(ETH)")
    'the risk free rate for ETH'
    """
    if match := _REFERENCE.fullmatch(fact):
        what = (
            "whether a state's currency stands behind"
            if match[1] == "is_fiat"
            else f"the {match[1].replace('_', ' ')} rate for"
        )
        return f"{what} {match[2]}".replace("rate rate", "rate")
    return fact.rpartition(".")[2].replace("_", " ")


def filled(template: str, arguments: Mapping[str, object]) -> str:
    """A message with its placeholders filled."""

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        value = arguments.get(name)
        if name == "unknowns" and isinstance(value, list):
            return listed([fact_name(str(fact)) for fact in value], 4) or "nothing"
        if isinstance(value, Mapping):
            return amount(value["value"], str(value["unit"] or ""))
        return amount(value)

    text = _PLACEHOLDER.sub(replacement, template)
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str], most: int = 6) -> str:
    """Items as running text.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    shown = list(items[:most])
    if len(items) > most:
        return f"{', '.join(shown)} and {len(items) - most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def outcome_words(finding: Finding) -> str:
    """A finding's outcome in words, presumption and doubt included.

    A finding that is open names every outcome still possible.
    """
    words = " or ".join(OUTCOMES[outcome] for outcome in finding.possible)
    if len(finding.possible) > 1:
        words = f"open: {words}"
    if finding.presumed:
        words += ", presumed"
    return words + (", hearsay" if finding.rumoured else "")


def message(finding: Finding, templates: Mapping[str, str]) -> str:
    """The sentence of a finding."""
    template = templates.get(finding.message) or finding.title
    text = filled(template, finding.arguments)
    if finding.presumed:
        silent = listed([fact_name(fact) for fact, reason in finding.open.items() if reason == "not_disclosed"])
        text = f"{finding.question} Not disclosed ({silent}), so presumed to fail."
        if finding.possible[-1] is not Outcome.FAIL or len(finding.possible) > 1:
            text = f"{finding.question} Not disclosed ({silent}), so no pass."
    return text


def cut_text(assessment: Assessment) -> str:
    """The cut in words."""
    options = assessment.options
    if options.as_of == options.known_by:
        return f"as known by {options.known_by}"
    return f"state of {options.as_of}, as known by {options.known_by}"


def span(best: Grade | None, worst: Grade | None) -> str:
    """A letter if both ends agree, else the range.

    >>> span(Grade.B, Grade.F)
    'B..F'
    """
    if best is None or worst is None:
        return "no grade"
    return best.name if best == worst else f"{best.name}..{worst.name}"


def grade_range(assessment: Assessment) -> str:
    """The grade: a letter if certain, else the range from best to worst."""
    return span(assessment.verdict.best, assessment.verdict.worst)


def level_text(trait: TraitView) -> str:
    """A trait's level, as a range while it is open."""
    text = trait.best_name if trait.best == trait.worst else f"{trait.best_name} to {trait.worst_name}"
    return f"{text}, presumed" if trait.presumed else text


def _decides(assessment: Assessment, constraint: ConstraintView) -> str:
    codes = listed([assessment.finding(rule).code for rule in constraint.rules], 4)
    kind = constraint.kind
    if kind.startswith("pattern"):
        present = [f"{t.name.lower()} ({t.id})" for t in assessment.verdict.traits if t.best == 3]
        if present:
            return f"{listed(present)} {'is' if len(present) == 1 else 'are'} present"
        return f"the traits that {codes} aggravate" if codes else "the structure alone"
    if kind.startswith("evidence"):
        return f"nothing behind {codes} is independently verified"
    if kind.startswith("stop"):
        return f"a stop ({codes})"
    return f"{'failed' if 'FAIL' in kind else 'weak'} {'critical ' if 'critical' in kind else ''}requirements ({codes})"


def certain(assessment: Assessment) -> str:
    """The first sentence of every result: what is certain, whatever the unknown facts turn out to be."""
    verdict = assessment.verdict
    coverage = verdict.coverage
    if not verdict.graded or verdict.best is None or verdict.worst is None:
        return f"A {KINDS[assessment.kind]} gets findings, no grade."
    critical = f"{coverage.critical:.0%}"
    if not verdict.assessable:
        return (
            f"Not assessable: nobody has looked at {coverage.not_examined:.0%} of the critical facts. What is known allows "
            f"{verdict.best.name} at best and {verdict.worst.name} at worst."
        )
    binding = [c for c in verdict.constraints if c.end == "best" and c.grade == verdict.best]
    reasons = listed(list(dict.fromkeys(_decides(assessment, c) for c in binding)), 3)
    if verdict.grade is not None:
        return f"{verdict.grade.name}, and no missing fact can change it: {reasons}."
    if verdict.best >= Grade.C:
        return f"{verdict.best.name} at best, on {critical} of the critical facts: {reasons}. The rest can only make it worse."
    count = len(assessment.questions)
    return (
        f"Between {verdict.best.name} and {verdict.worst.name}, on {critical} of the critical facts: {count} unanswered "
        f"question{'s' if count != 1 else ''} decide."
    )


def reasons(assessment: Assessment, templates: Mapping[str, Mapping[str, str]], most: int = 3) -> list[tuple[str, str]]:
    """The main reasons, gravest first, each as (sentence, rule id).

    When the evidence cap decides, the first reason says so.
    """
    verdict = assessment.verdict
    found: list[tuple[str, str]] = []
    for constraint in verdict.constraints:
        if constraint.end == "best" and constraint.grade == verdict.best and constraint.kind.startswith("evidence"):
            codes = listed([assessment.finding(rule).code for rule in constraint.rules], 4)
            grade = int(constraint.kind[-1])
            text = f"Nothing here is independently verified: {codes} rest on {EVIDENCE_GRADES[grade]}."
            found.append((text, constraint.rules[0]))
    for finding in ranked(assessment):
        if len(found) == most:
            break
        found.append((message(finding, templates[finding.rule]), finding.rule))
    return found


def ranked(assessment: Assessment) -> list[Finding]:
    """Findings that surely fail or warn, those that decide first, then stops, FAILs on evidence, severity."""
    severity = {"critical": 0, "major": 1, "minor": 2}
    deciding = set(assessment.verdict.deciding)
    adverse = [f for f in assessment.findings if f.possible[0] in (Outcome.WARN, Outcome.FAIL)]
    return sorted(
        adverse,
        key=lambda f: (not f.stop, -f.possible[0], severity[f.severity], f.presumed, f.rule not in deciding, f.code),
    )


def question_text(question: Question) -> str:
    """A question with why it is open."""
    return f"{question.ask} ({REASONS.get(question.reason, question.reason)})"


def evidence_text(grade: int | None) -> str:
    """An evidence grade in words."""
    return "" if grade is None else f"E{grade}, {EVIDENCE_GRADES[grade]}"


def evidence_word(word: str) -> str:
    """What an evidence word of a profile means."""
    return EVIDENCE[word].meaning if word in EVIDENCE else "No evidence named"
