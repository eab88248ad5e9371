"""The portfolio report of a run: which facts are open, what is kept of it, which files are written."""

import json
from datetime import date

import pytest

from checker.app.audit import Settings, shipped_rulebook
from checker.app.batch import Plan, run
from checker.app.batch.judge import waiting
from checker.app.batch.portfolio import write_portfolio
from checker.app.batch.run import critical_facts
from checker.app.batch.state import State
from checker.app.template import starter_facts
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.cli.main import main
from checker.importers.records import sources
from checker.model.document import read_document
from checker.model.profile import parse_profile

CUT = date(2022, 5, 31)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def cached(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture
def profile(tmp_path):
    """A thin profile in a file of its own."""
    told = {"from": "2021-01-01", "known_on": "2021-02-01", "evidence": "terms_of_use", "source": "s1"}
    document = {
        "ddcheck": 1,
        "platform": {"name": "Thin <b>", "kind": "cefi_lender"},
        "terms": {"offered_apy": {"value": 0.08, **told}},
        "sources": {"s1": {"title": "Terms", "date": "2021-01-01"}},
    }
    path = tmp_path / "thin.json"
    path.write_text(json.dumps(document))
    return path


def plan(**more):
    return Plan(Settings(TODAY, CUT, CUT), **more)


def test_rows_of_a_table_count_as_the_table(rulebook):
    open_ = [["exposures.named[0].amount", "exposures.named[1].amount"], ["exposures.named", "platform.kind", "x.y"]]
    assert waiting(open_, rulebook.dictionary) == (("exposures.named", 2),)


@pytest.mark.parametrize("whole", [False, True])
def test_open_facts_are_those_of_the_assessment(profile, tmp_path, rulebook, whole):
    """However it was judged, a row tells the facts that hold a critical rule open, and the state keeps them."""
    ran = run(sources([str(profile)]), plan(assessments=whole), tmp_path / "out")
    document = read_document(profile)
    options = Options(CUT.isoformat(), CUT.isoformat())
    told = assess(parse_profile(document, rulebook.dictionary, today=TODAY), rulebook, options, version="")
    critical = [f for f in told.findings if f.severity == "critical" and len(f.possible) > 1]
    expected = waiting([f.open for f in critical], rulebook.dictionary)
    (row,) = ran.portfolio.league
    assert row.open == expected
    assert len(expected) > 20
    assert {u.fact: u.rules for u in ran.portfolio.unknowns} == dict(expected)
    asked = critical_facts(rulebook)("cefi_lender")
    assert {fact for fact, _ in expected} <= asked
    assert sum(section.asked for section in ran.portfolio.sections) == len(asked)
    again = run(sources([str(profile)]), plan(assessments=whole), tmp_path / "out")
    assert (again.judged, again.portfolio.unknowns) == (0, ran.portfolio.unknowns)


def test_open_facts_that_rows_share_are_kept_once(tmp_path):
    lines = tmp_path / "many.csv"
    lines.write_text("name,kind\n" + "".join(f"P{n},fund\n" for n in range(5)))
    ran = run(sources([str(lines)]), plan(), tmp_path / "out")
    assert len({row.open for row in ran.portfolio.league}) == 1
    state = State(tmp_path / "out")
    try:
        assert state._one("SELECT count(*) FROM opens") == 1
        assert {row.open for row in state.rows()} == {row.open for row in ran.portfolio.league}
    finally:
        state.close()


def test_the_report_is_written_and_old_forms_go(profile, tmp_path, rulebook, monkeypatch):
    out = tmp_path / "out"
    found = run(sources([str(profile)]), plan(language="zh-Hant"), out)
    monkeypatch.setattr("checker.app.batch.portfolio.render_pdf", lambda *_: b"%PDF")
    paths = write_portfolio(found, plan(language="zh-Hant"), rulebook, out, ("pdf", "html"))
    assert [path.name for path in paths] == ["portfolio.html", "portfolio.pdf"]
    html = (out / "portfolio.html").read_text()
    assert '<html lang="zh-Hant">' in html
    assert "Thin &lt;b&gt;" in html
    assert "★" in html  # a question of the starter facts
    assert set(starter_facts("cefi_lender")) & {u.fact for u in found.portfolio.unknowns}
    assert write_portfolio(found, plan(), rulebook, out, ()) == []
    assert not list(out.glob("portfolio.*"))


def test_on_the_command_line(profile, tmp_path, capsys):
    out = tmp_path / "out"
    common = ["batch", str(profile), "--out", str(out), "--known-by", "2022-05-31", "--no-assessments", "--jobs", "1"]
    assert main([*common]) == 0
    assert f"report on all of them: {out / 'portfolio.html'}" in capsys.readouterr().err
    first = (out / "portfolio.html").read_bytes()
    assert b"The one platform cannot be assessed" in first
    assert main([*common, "--portfolio", "none"]) == 0
    assert not (out / "portfolio.html").exists()
    assert main([*common, "--fresh", "--set", "t3.lcr_fail=0.5"]) == 0
    assert b"Changed: t3.lcr_fail = 0.5" in (out / "portfolio.html").read_bytes()


@pytest.mark.parametrize(
    ("given", "message"),
    [("htm", "--portfolio knows no 'htm'. Did you mean 'html'?"), ("none,pdf", "--portfolio none goes with no other")],
)
def test_forms_that_cannot_be_meant(profile, tmp_path, capsys, given, message):
    assert main(["batch", str(profile), "--out", str(tmp_path / "out"), "--portfolio", given]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
