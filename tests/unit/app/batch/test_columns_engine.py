"""The column engine says of every record what the scalar one says, whichever way the record was read."""

import json
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from checker.app.audit import Settings, shipped_rulebook
from checker.app.batch import AUTO, Plan, run
from checker.app.batch import columns as engine
from checker.app.batch.judge import Setup
from checker.app.batch.plan import rules_digest
from checker.app.batch.pool import scalar
from checker.app.batch.run import engine_for
from checker.cli.batch import command
from checker.importers.records import Record, records, sources
from checker.model.finding import Grade
from checker.resources import data_path

CUT = date(2022, 5, 31)
TODAY = date(2026, 11, 22)
TOLD = {"from": "2022-05-01", "known_on": "2022-05-02", "evidence": "audit", "source": "s1"}
SHIPPED = ("anchor", "celsius", "ally-bank", "strategy", "nexo")


@pytest.fixture(autouse=True)
def cached(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def profile(name, kind="cefi_lender", **sections):
    told = {section: dict(facts) for section, facts in sections.items()}
    return {"ddcheck": 1, "platform": {"name": name, "kind": kind}, "sources": {"s1": {"title": "Terms"}}} | told


def sound(dictionary, name, kind="bank"):
    """A profile in which every fact that is no table stands at its best, proved."""
    found = profile(name, kind)
    for id in dictionary:
        definition = dictionary[id]
        if definition.section == "platform" or definition.type == "table" or not definition.applies_to(kind):
            continue
        match definition.type:
            case "number":
                lo, hi = max(definition.range[0], 0.0), min(definition.range[1], 0.5)
                value = hi if definition.worse == "lower" else lo
            case "bool":
                value = definition.worse == "lower"
            case "enum":
                value = definition.values[0]
            case "date":
                value = "2022-05-01"
            case _:
                value = "USD"
        found.setdefault(definition.section, {})[definition.name] = {"value": value} | TOLD
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory, rulebook):
    """Profiles of all sorts: shipped ones, JSON lines read quickly and slowly, rows of a table, broken ones."""
    place = tmp_path_factory.mktemp("in")
    for name in SHIPPED:
        (place / f"{name}.json").write_bytes(data_path("profiles", f"{name}.json").read_bytes())
    (place / "broken.json").write_text('{"ddcheck": 1,\n "platform": {"name": "x"')
    rate = {"value": 0.17} | TOLD
    lines = [
        profile("Thin"),
        profile("Rate", terms={"offered_apy": rate}),
        profile("Wrong", terms={"offered_apy": {"value": "much"} | TOLD}),
        profile("Hearsay", terms={"offered_apy": {"value": 0.3} | TOLD | {"evidence": "rumour"}}),
        profile("Exchange", "exchange", terms={"offered_apy": rate}),
        profile(
            "Silent", terms={"offered_apy": rate}, governance={"audited_accounts": {"status": "not_disclosed"} | TOLD}
        )
        if "governance.audited_accounts" in rulebook.dictionary
        else profile(
            "Silent", examined={"disclosure": [{"on": "2022-05-01", "known_on": "2022-05-01", "sources": ["s1"]}]}
        ),
        profile("Products", terms={"products": {"rows": [{"product": "flex", "asset": "USDC", "rate": 0.09} | TOLD]}}),
        profile("Huge", leverage={"total_assets": {"value": 1e101} | TOLD}),
        sound(rulebook.dictionary, "Sound"),
        sound(rulebook.dictionary, "Sound fund", "fund"),
    ]
    (place / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nno json\n")
    (place / "list.csv").write_text(
        "name,kind,known_on,from,evidence,terms.offered_apy,as_of\n"
        "A,defi_market,2022-01-01,2022-01-01,onchain,12%,2022-03-01\n"
        "B,fund,2022-01-01,2022-01-01,onchain,much,\n"
        "C,fund,2022-01-01,2022-01-01,onchain,0.04,\n"
    )
    return place


def judged(way, place, rulebook, plan):
    setup = Setup(rulebook, rules_digest(rulebook, plan.settings), plan, place / "out")
    found = records(sources([str(place)]), rulebook.dictionary)
    return {done.record.key: done for done in way(setup, 1, (r for r in found if isinstance(r, Record)))}


def agree(place, rulebook, plan):
    """The rows of both engines, which say the same."""
    told, wanted = judged(engine.columns, place, rulebook, plan), judged(scalar, place, rulebook, plan)
    assert told.keys() == wanted.keys()
    for key, done in wanted.items():
        assert told[key].faults == done.faults
        assert len(told[key].rows) == len(done.rows)
        for row, other in zip(told[key].rows, done.rows, strict=True):
            for field in fields(row):
                if field.name != "open" or row.open is not None:
                    assert getattr(row, field.name) == getattr(other, field.name), (key, field.name)
    return [row for done in told.values() for row in done.rows]


def plan(**given):
    return Plan(Settings(TODAY, CUT, CUT, **given.pop("settings", {})), **given)


def test_every_row_is_that_of_the_scalar_engine(folder, rulebook, monkeypatch):
    monkeypatch.setattr(engine, "ROWS", 6)
    quick = []
    read = engine.QuickReader.read
    monkeypatch.setattr(engine.QuickReader, "read", lambda self, raw: quick.append(read(self, raw)) or quick[-1])
    rows = agree(folder, rulebook, plan())
    assert quick.count(True) >= 6
    assert quick.count(False) >= 6
    assert {row.name for row in rows} >= {"Celsius Network", "Thin", "Sound", "Products", "A", "C"}
    assert len({(row.best, row.worst) for row in rows}) >= 5
    assert any(row.assessable and row.best is not None and row.best < Grade.C for row in rows)


@pytest.mark.slow
def test_series_parameters_in_force_and_whom_it_is_for(folder, rulebook, tmp_path):
    place = tmp_path / "some"
    place.mkdir()
    (place / "celsius.json").write_bytes((folder / "celsius.json").read_bytes())
    series = {"every": "quarter", "since": date(2021, 6, 1), "until": date(2022, 6, 30)}
    assert len(agree(place, rulebook, plan(**series))) == 5
    (place / "lines.jsonl").write_text(json.dumps(sound(rulebook.dictionary, "Sound")))
    settings = {"parameters": "as-of", "reader": {"country": "DE", "amount": 20_000.0}}
    assert all(row.reader for row in agree(place, rulebook, plan(settings=settings)))


def test_a_run_writes_the_same_tables(folder, tmp_path):
    found = sources([str(folder)])
    for name in ("scalar", "columns"):
        ran = run(found, plan(), tmp_path / name, engine=name, rule_columns=True)
        assert ran.engine == name
    for name in ("results.csv", "results.jsonl", "errors.jsonl"):
        assert (tmp_path / "scalar" / name).read_bytes() == (tmp_path / "columns" / name).read_bytes()


def test_auto_takes_columns_for_many(folder, tmp_path):
    lines = tmp_path / "many.jsonl"
    lines.write_text("{}\n" * 400)
    assert engine_for(sources([str(folder)]), plan()) == "scalar"
    assert engine_for(sources([str(lines)]), plan()) == "columns"
    assert engine_for(sources([str(lines)]), plan(assessments=True)) == "scalar"
    assert engine_for(sources([str(folder)]), plan(every="month")) == "scalar"
    one = tmp_path / "one"
    one.mkdir()
    (one / "p.json").write_text(json.dumps(profile("Thin")))
    assert run(sources([str(one)]), plan(), tmp_path / "out", engine=AUTO).engine == "scalar"


def test_whole_assessments_are_no_work_for_columns(folder, tmp_path):
    told = CliRunner().invoke(
        command, [str(folder), "--out", str(tmp_path / "out"), "--engine", "columns", "--assessments"]
    )
    assert told.exit_code == 2
    assert "--engine scalar" in told.output
    assert not Path(tmp_path / "out").exists()


@pytest.mark.slow
def test_a_profile_that_cannot_be_told_leaves_no_row_behind(folder, rulebook, monkeypatch):
    """Our own fault after the reading of a record must not move the rows of others."""
    whole = engine.QuickReader.profile

    def fails(self):
        if self.name == "Rate":
            raise KeyError("ours")
        return whole(self)

    monkeypatch.setattr(engine.QuickReader, "profile", fails)
    assert "Rate" in {row.name for row in agree(folder, rulebook, plan())}
