"""Run the cases that stand beside the rules: small sets of facts with the outcome they must give.

A case goes the way of a profile: its facts are read against the dictionary, viewed at its day and judged. Bare values
are E4 evidence of that day; a table given as a list is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from checker.assess.assess import program
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.lang.tree import COMPUTED, NOT_STATED, READER
from checker.model.dictionary import Dictionary
from checker.model.document import Document, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean
from checker.model.finding import Outcome
from checker.model.interval import Interval, point
from checker.model.profile import parse_profile
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

DEFAULT_DAY = "2022-05-31"
KEYS = ("name", "facts", "as_of", "params", "expect")
EXPECTATIONS = ("possible", "not_applicable", "presumed", "decisive", "reason", "stop")


@dataclass(frozen=True)
class Case:
    """One case: facts at a day, changed parameters if any, and what must come out."""

    rule: str
    name: str
    facts: Mapping[str, Any]
    as_of: str
    params: Mapping[str, float]
    expect: Mapping[str, Any]
    file: str
    line: int


@dataclass(frozen=True)
class CaseResult:
    """A case with what came out and, if it failed, how that differs from what it expects."""

    case: Case
    result: RuleResult | None
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything expected came out."""
        return not self.failures


def test_file(rule: Rule) -> Path:
    """Where the cases of a rule stand."""
    return Path(rule.file.removesuffix(".yaml") + ".test.yaml")


def read_cases(rule: Rule) -> list[Case]:
    """The cases beside a rule.

    Raises:
        PackError: The file is missing or malformed.
    """
    path = test_file(rule)
    try:
        document = read_document(path)
    except InputError as error:
        raise PackError(error.faults) from None
    if not isinstance(document.value, list):
        raise PackError([Fault(str(path), "expected a list of cases", "Begin each with - name:", 1, 1)])
    return [_case(rule, document, index, raw) for index, raw in enumerate(document.value)]


def _case(rule: Rule, document: Document, index: int, raw: Any) -> Case:
    def fault(message: str, hint: str = "") -> PackError:
        line, column = document.position((index,))
        return PackError([Fault(document.path, message, hint, line, column, f"[{index}]")])

    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or not isinstance(raw.get("expect"), dict):
        raise fault("a case needs name, facts and expect")
    for key in raw:
        if key not in KEYS:
            raise fault(f"unknown key '{key}'", did_you_mean(str(key), KEYS))
    for key in raw["expect"]:
        if key not in EXPECTATIONS:
            raise fault(f"unknown expectation '{key}'", did_you_mean(str(key), EXPECTATIONS))
    line, _ = document.position((index,))
    return Case(
        rule.id,
        raw["name"],
        raw.get("facts") or {},
        str(raw.get("as_of", DEFAULT_DAY)),
        raw.get("params") or {},
        raw["expect"],
        document.path,
        line,
    )


def case_profile(case: Case, dictionary: Dictionary) -> dict[str, Any]:
    """A case as a profile document."""
    document: dict[str, Any] = {
        "ddcheck": 1,
        "platform": {"name": "case", "kind": "cefi_lender"},
        "defaults": {"from": case.as_of, "known_on": case.as_of, "evidence": "audit", "source": "case"},
        "sources": {"case": {"title": "case"}},
    }
    for id, raw in case.facts.items():
        if id in NOT_STATED:
            continue
        section, _, name = id.partition(".")
        if id in dictionary and dictionary[id].type == "table" and isinstance(raw, list):
            raw = {"rows": raw, "complete": [{"from": case.as_of, "known_on": case.as_of, "source": "case"}]}
        elif isinstance(raw, dict) and "status" in raw:
            raw = {"source": "case", **raw}
        document.setdefault(section, {})[name] = raw
    return document


def case_computed(case: Case) -> dict[str, Interval]:
    """The computed inputs that a case sets directly: a number, or `{lo, hi}`."""
    found: dict[str, Interval] = {}
    for id in COMPUTED:
        raw = case.facts.get(id)
        if isinstance(raw, dict):
            found[id] = Interval(float(raw["lo"]), float(raw["hi"]))
        elif raw is not None:
            found[id] = point(float(raw))
    return found


def case_reader(case: Case) -> dict[str, str | float]:
    """What the person who asks says in a case: a country code, an amount in US dollars."""
    return {id.partition(".")[2]: case.facts[id] for id in READER if id in case.facts}


def run_case(case: Case, rule: Rule, rulebook: Rulebook) -> CaseResult:
    """Judge one case."""
    compiled = program(rulebook)
    if case.params:
        changed = dict(compiled.params)
        for name, value in case.params.items():
            id = name if name in changed else f"{rule.pack}.{name}"
            if id not in changed:
                return CaseResult(case, None, (f"unknown parameter '{name}'. {did_you_mean(id, changed)}",))
            changed[id] = (float(value), "case")
        compiled = replace(compiled, params=changed)
    day = date.fromisoformat(case.as_of)
    document = Document(
        case_profile(case, rulebook.dictionary), case.file, "", lambda spots: dict.fromkeys(spots, (case.line, 1))
    )
    try:
        profile = parse_profile(document, rulebook.dictionary, today=day)
        computed = case_computed(case)
    except InputError as error:
        return CaseResult(case, None, tuple(f"{f.key}: {f.message}. {f.hint}" for f in error.faults))
    except (KeyError, TypeError, ValueError):
        return CaseResult(case, None, ("a computed input is a number, or {lo, hi}",))
    cut = Cut(
        View(profile, rulebook.dictionary, day, day), rulebook.reference, computed=computed, reader=case_reader(case)
    )
    result = RuleEngine(compiled, cut, rulebook.dictionary).evaluate(rule, rulebook.reads[rule.id])
    return CaseResult(case, result, tuple(_differences(case, result)))


def _differences(case: Case, result: RuleResult) -> Iterable[str]:
    expect = case.expect
    wanted = {Outcome.NOT_APPLICABLE} if expect.get("not_applicable") else None
    if "possible" in expect:
        unknown = [name for name in expect["possible"] if name not in Outcome.__members__]
        if unknown:
            yield f"no such outcome: {', '.join(unknown)}"
            return
        wanted = {Outcome[name] for name in expect["possible"]}
    if wanted is None:
        yield "expect names neither possible nor not_applicable"
    elif result.possible != wanted:
        yield f"possible: expected {_names(wanted)}, got {_names(result.possible)}"
    if "presumed" in expect and result.presumed != expect["presumed"]:
        yield f"presumed: expected {expect['presumed']}, got {result.presumed}"
    if "decisive" in expect and set(expect["decisive"]) != set(result.open):
        yield f"decisive: expected {sorted(expect['decisive'])}, got {sorted(result.open)}"
    if "reason" in expect and expect["reason"] not in {reason.value for reason in result.open.values()}:
        yield f"reason: expected {expect['reason']}, got {sorted({r.value for r in result.open.values()})}"
    if "stop" in expect:
        stop = result.stop is not None and result.stop.truth.surely_true
        if stop != expect["stop"]:
            yield f"stop: expected {expect['stop']}, got {stop}"


def _names(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(outcome.name for outcome in sorted(outcomes))


def run_cases(rulebook: Rulebook, rules: Iterable[Rule]) -> list[CaseResult]:
    """Run every case of the given rules.

    Raises:
        PackError: A case file is missing or malformed.
    """
    return [run_case(case, rule, rulebook) for rule in rules for case in read_cases(rule)]
