"""Laws 5, 6, 8 and 9, on whole assessments of random profiles."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from laws.worlds import DAY, LONG, stated

from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.model.profile import Examination, Note, Provenance, Row, Table
from checker.outputs.json import render_json

PROFILES = 300 if LONG else 6
TODAY = Options(DAY.isoformat(), DAY.isoformat())
LATER = DAY + timedelta(30)


@pytest.fixture(scope="module")
def whole(worlds):
    return lambda profile: assess(profile, worlds.rulebook, TODAY, version="test")


def test_nothing_known_after_the_cut_changes_anything(worlds, whole):
    """An entry, a row, a completeness, an examination and a note that became public after the cut leave no trace.

    Undated sources and remarks are shown only while a profile holds nothing later than the cut, so each profile
    begins with something later.
    """
    for rng, profile in worlds.profiles("law 6", PROFILES):
        later = stated(Note, known=LATER, text="later", topic="")
        before = replace(profile, notes=(later,))
        facts, tables = dict(profile.facts), dict(profile.tables)
        for definition in worlds.facts[profile.kind]:
            since = DAY - timedelta(rng.choice((0, 5, 500)))
            if definition.type != "table":
                entry = stated(value=worlds.value(definition, rng), since=since, known=LATER, evidence="court_finding")
                facts[definition.id] = (*facts.get(definition.id, ()), entry)
            else:
                held = tables.get(definition.id, Table())
                cells = {name: worlds.value(column, rng) for name, column in definition.columns.items()}
                rows = (*held.rows, stated(Row, since=since, known=LATER, cells=cells))
                tables[definition.id] = Table(
                    rows, (*held.complete, stated(Provenance, since=since, known=LATER)), held.stated
                )
        looked = Examination.model_construct(on=DAY, known_on=LATER, sources=("s",), note="")
        examined = {
            section: (*profile.examined.get(section, ()), looked) for section in worlds.rulebook.dictionary.sections
        }
        after = replace(before, facts=facts, tables=tables, examined=examined, notes=(later, later))
        assert asdict(whole(after)) == asdict(whole(before))


def test_a_loss_that_is_added_improves_nothing(worlds, whole):
    definition = worlds.rulebook.dictionary["deposit_liquidity.losses"]
    for rng, profile in worlds.profiles("law 5", PROFILES):
        cells = {name: worlds.value(column, rng) for name, column in definition.columns.items()}
        held = profile.tables.get(definition.id, Table(complete=(stated(Provenance),)))
        before = replace(profile, tables={**profile.tables, definition.id: held})
        more = replace(held, rows=(*held.rows, stated(Row, cells=cells)))
        after = replace(profile, tables={**profile.tables, definition.id: more})
        early, late = whole(before), whole(after)
        assert late.verdict.best >= early.verdict.best
        assert late.verdict.worst >= early.verdict.worst
        for was, now in zip(early.findings, late.findings, strict=True):
            assert max(now.possible) >= max(was.possible), was.rule
            assert min(now.possible) >= min(was.possible), was.rule


def test_the_same_profile_gives_the_same_assessment(worlds, whole):
    for _, profile in worlds.profiles("law 8", 2):
        first, second = whole(profile), whole(replace(profile, facts=dict(profile.facts)))
        assert asdict(first) == asdict(second)
        assert render_json(first, worlds.rulebook) == render_json(second, worlds.rulebook)


def test_every_number_in_a_finding_leads_to_a_fact_a_parameter_or_a_metric(worlds, whole):
    for _, profile in worlds.profiles("law 9", PROFILES):
        result = whole(profile)
        metrics = {metric.id for metric in result.metrics}
        parameters = {parameter.id for parameter in result.parameters}
        facts = {fact.id for fact in result.facts} | {table.id for table in result.tables}
        for finding in result.findings:
            assert set(finding.metrics) <= metrics
            assert set(finding.parameters) <= parameters
            assert set(finding.facts) <= facts
            for name in finding.arguments:
                if name == "unknowns" or name.startswith("reader."):
                    continue
                if name.startswith("params."):
                    assert f"{finding.pack}.{name.removeprefix('params.')}" in parameters | set(
                        worlds.rulebook.parameters
                    )
                else:
                    assert (
                        name in facts | set(worlds.rulebook.metrics)
                        or f"{finding.pack}.{name}" in worlds.rulebook.metrics
                    ), name
