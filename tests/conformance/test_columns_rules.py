"""Every case that stands beside a rule, judged in columns: all of them in one batch, and on every library."""

from collections import defaultdict
from datetime import date
from functools import cache

import pytest
from conformance.frames import BACKENDS, rows

from checker.app.audit import shipped_rulebook
from checker.app.cases import case_computed, case_profile, case_reader, read_cases
from checker.assess.assess import program
from checker.engine.columns.flatten import columns_of, flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.model.document import Document
from checker.model.profile import parse_profile
from checker.model.view import View
from checker.packs.rulebook import changed

SLOW = {"pyarrow": pytest.mark.slow, "duckdb": pytest.mark.slow}
LIBRARIES = [pytest.param(name, marks=SLOW.get(name, ())) for name in BACKENDS]
FAST = 17
"""Of so many rules one is judged through the expressions of each library in the fast tests."""


def judged(case, rule, rulebook, compiled):
    """The kind of platform of a case, its facts and what the scalar interpreter says."""
    day = date.fromisoformat(case.as_of)
    document = Document(
        case_profile(case, rulebook.dictionary), case.file, "", lambda spots: dict.fromkeys(spots, (1, 1))
    )
    profile = parse_profile(document, rulebook.dictionary, today=day)
    view = View(profile, rulebook.dictionary, day, day)
    cut = Cut(view, rulebook.reference, computed=case_computed(case), reader=case_reader(case))
    engine = RuleEngine(compiled, cut, rulebook.dictionary)
    return profile.kind, engine, day.toordinal(), engine.evaluate(rule, rulebook.reads[rule.id])


@cache
def batches():
    """The cases by the parameters they change and by who asks: a judge, records, and what each rule must say."""
    rulebook = shipped_rulebook()
    groups = defaultdict(list)
    for rule in rulebook.rules.values():
        for case in read_cases(rule):
            params = {k if k in rulebook.parameters else f"{rule.pack}.{k}": float(v) for k, v in case.params.items()}
            groups[tuple(sorted(params.items())), tuple(sorted(case_reader(case).items()))].append((case, rule))
    found = []
    for (params, reader), members in groups.items():
        own = changed(rulebook, dict(params)) if params else rulebook
        ids = dict.fromkeys(rule.id for _, rule in members)
        compiled = program(own)
        judge = BatchJudge(own, compiled, rules=list(ids), reader=dict(reader))
        records, wanted = [], []
        for case, rule in members:
            kind, engine, day, result = judged(case, rule, own, compiled)
            records.append(flatten(judge.layout, engine, kind, day, [rule]))
            wanted.append((case, rule.id, result))
        found.append((judge, records, wanted))
    return found


def differences(results, wanted):
    """Cases of which the columns say something else."""
    for row, (case, id, result) in zip(results, wanted, strict=True):
        found = row[f"rules.{id}"], bool(row[f"presumed.{id}"]), bool(row[f"rumoured.{id}"])
        told = sum(1 << outcome for outcome in result.possible), result.presumed, result.rumoured
        if row[f"rules.{id}"] and found != told:
            yield f"{case.file}: {case.name}: {found} instead of {told}"


def test_every_case_of_every_rule_agrees():
    count = 0
    for judge, records, wanted in batches():
        frame = BACKENDS["polars"](columns_of(judge.layout, records))
        assert list(differences(rows(judge.judge(frame, through="arrays")), wanted)) == []
        count += len(wanted)
    assert count >= 1700


def test_few_cases_are_judged_beforehand():
    """What the test above compares is the column interpreter, and not the scalar one with itself."""
    records = [record for _, held, _ in batches() for record in held]
    given = sum(any(name.endswith(".given") for name in record) for record in records)
    assert given <= 0.06 * len(records)


def test_rules_leave_no_case_out():
    """A rule answers for every kind it can apply to, so that no comparison is empty."""
    for judge, records, wanted in batches():
        results = rows(judge.judge(BACKENDS["polars"](columns_of(judge.layout, records)), through="arrays"))
        silent = [
            case.name
            for row, (case, id, result) in zip(results, wanted, strict=True)
            if not row[f"rules.{id}"] and len(result.possible) > 1
        ]
        assert silent == []


def through_expressions(library, every, start=0):
    """The rules one by one through the expressions of a library."""
    rulebook = shipped_rulebook()
    largest = max(batches(), key=lambda held: len(held[1]))
    _, records, wanted = largest
    for id in list(rulebook.rules)[start::every]:
        chosen = [index for index, (_, rule, _) in enumerate(wanted) if rule == id]
        judge = BatchJudge(rulebook, program(rulebook), rules=[id])
        frame = BACKENDS[library](columns_of(judge.layout, [records[index] for index in chosen]))
        results = rows(judge.judge(frame, through="expressions"))
        assert list(differences(results, [wanted[index] for index in chosen])) == []


@pytest.mark.parametrize("library", ["polars", "pandas", "duckdb"])
def test_some_rules_agree_through_expressions(library):
    through_expressions(library, FAST)


@pytest.mark.slow
@pytest.mark.parametrize("library", BACKENDS)
def test_every_rule_agrees_through_expressions(library):
    through_expressions(library, 1)
