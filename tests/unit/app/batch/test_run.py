"""A batch run: what is written, what is skipped, what survives; nothing depends on order, memory or workers."""

import json
import os
import resource
import signal
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from importlib import import_module

import pytest

from checker.app.audit import Settings, shipped_rulebook
from checker.app.batch import InterruptedRun, Plan, read_table, run
from checker.app.batch import judge as judging
from checker.app.batch import pool as pooling
from checker.app.batch.judge import Done, Setup, letters
from checker.app.batch.plan import period_ends, rules_digest, stem
from checker.app.batch.pool import scalar
from checker.app.batch.select import SORTS, selection
from checker.app.batch.state import State
from checker.app.batch.table import columns, write_table
from checker.assess.portfolio import BatchRow, Cause, Direction, TraitLevels, rank
from checker.importers.records import Record, sources
from checker.model.errors import InputError, UsageError
from checker.model.finding import Grade, Outcome

CUT = date(2022, 5, 31)
TODAY = date(2026, 11, 22)
run_module = import_module("checker.app.batch.run")


@pytest.fixture(autouse=True)
def cached(tmp_path_factory, monkeypatch):
    """One cache of the packs for all tests here, so that workers start fast."""
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def plan(**given):
    settings = Settings(TODAY, CUT, CUT, **given.pop("settings", {}))
    return Plan(settings, **given)


def document(name, rate=0.08, kind="cefi_lender", **facts):
    told = {"from": "2021-01-01", "known_on": "2021-02-01", "evidence": "terms_of_use", "source": "s1"}
    terms = {"offered_apy": {"value": rate, **told}, "rate_kind": {"value": "platform_set", **told}}
    return {
        "ddcheck": 1,
        "platform": {"name": name, "kind": kind},
        "terms": terms | {fact: {"value": value, **told} for fact, value in facts.items()},
        "sources": {"s1": {"title": "Terms", "date": "2021-01-01"}},
    }


@pytest.fixture
def folder(tmp_path):
    """Five thin profiles and a broken one."""
    place = tmp_path / "in"
    place.mkdir()
    for number, kind in enumerate(["cefi_lender", "defi_market", "fund", "token", "p2p"]):
        text = json.dumps(document(f"Platform {number}", 0.03 + number / 50, kind))
        (place / f"p{number}.json").write_text(text)
    (place / "broken.json").write_text('{"ddcheck": 1,\n "platform": {"name": "x"')
    return place


def go(place, out, given=None, **more):
    return run(sources([str(place)]), given or plan(), out, **more)


def bytes_of(out):
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "state.sqlite"
    }


# ------------------------------------------------------------------------------------------------------------- results


def test_order_workers_and_how_much_is_under_way_change_nothing(folder, tmp_path, monkeypatch):
    ran = go(folder, tmp_path / "one", plan(assessments=True), formats=("csv", "jsonl", "parquet"))
    assert (ran.judged, ran.portfolio.platforms, ran.portfolio.unread) == (5, 5, 1)
    monkeypatch.setattr(pooling, "AHEAD", 1)
    files = sorted(map(str, folder.iterdir()), reverse=True)
    run(sources(files), plan(assessments=True), tmp_path / "two", workers=3, formats=("csv", "jsonl", "parquet"))
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert (tmp_path / "one" / "assessments" / "p0.json").is_file()
    (error,) = [json.loads(line) for line in (tmp_path / "one" / "errors.jsonl").read_text().splitlines()]
    assert (error["file"].rpartition("/")[2], error["line"]) == ("broken.json", 2)


def test_a_row_is_the_same_with_and_without_the_whole_assessment(tmp_path, rulebook):
    """The verdict of a row is that of an assessment, whichever way it was judged."""
    from checker.resources import data_path

    for name in ("anchor", "strategy"):
        given = sources([str(data_path("profiles", f"{name}.json"))])
        quick = run(given, plan(), tmp_path / f"{name}-1").portfolio.league[0]
        whole = run(given, plan(assessments=True), tmp_path / f"{name}-2").portfolio.league[0]
        assert replace(whole, assessment="") == quick
        result = json.loads((tmp_path / f"{name}-2" / whole.assessment).read_text())
        assert (quick.certain, quick.worst and quick.worst.name) == (result["certain"], result["verdict"]["worst"])
        assert set(quick.outcomes) == {finding["rule"] for finding in result["findings"]}


def test_the_same_facts_in_a_table_give_the_same_verdict(folder, tmp_path):
    """Only where they stand, and so their digest, differs."""
    lines = tmp_path / "all.jsonl"
    lines.write_text("\n".join(json.dumps(json.loads(p.read_text())) for p in sorted(folder.glob("p*.json"))))
    first = go(folder, tmp_path / "one").portfolio
    second = go(lines, tmp_path / "two", workers=2).portfolio
    assert [(r.name, r.best, r.worst, r.outcomes) for r in first.league] == [
        (r.name, r.best, r.worst, r.outcomes) for r in second.league
    ]
    assert [r.line for r in sorted(second.league, key=lambda r: r.line or 0)] == list(range(1, 6))


def test_a_series_judges_each_month(folder, tmp_path):
    series = plan(every="month", since=date(2021, 1, 1), until=date(2021, 6, 30))
    ran = go(folder / "p0.json", tmp_path / "out", series)
    days = [day.known_by for day in ran.portfolio.days]
    assert days == ["2021-02-28", "2021-03-31", "2021-04-30", "2021-05-31", "2021-06-30"]  # nothing was known before
    assert ran.portfolio.platforms == 1
    last = run(sources([str(folder / "p0.json")]), replace_cut(date(2021, 6, 30)), tmp_path / "last")
    (alone,), together = last.portfolio.league, ran.portfolio.league[-1]
    assert alone == together
    silent = go(folder, tmp_path / "early", plan(every="year", until=date(2020, 12, 31)))
    assert (silent.silent, silent.portfolio.rows) == (5, 0)


def replace_cut(day):
    return Plan(Settings(TODAY, day, day))


def test_a_row_of_a_table_may_name_its_own_day(tmp_path):
    path = tmp_path / "w.csv"
    head = "name,kind,known_by,terms.offered_apy,known_on,source\n"
    path.write_text(head + "A,fund,2021-01-31,3%,2021-06-30,s\nA,fund,2021-12-31,3%,2021-06-30,s\nB,fund,,3%,,s\n")
    ran = go(path, tmp_path / "out", plan(assessments=True))
    assert ran.portfolio.platforms == 2
    cuts = sorted((row.id, row.known_by, row.assessment) for row in read_table(tmp_path / "out"))
    assert [cut[:2] for cut in cuts] == [("A", "2021-01-31"), ("A", "2021-12-31"), ("B", "2022-05-31")]
    assert all((tmp_path / "out" / name).is_file() for *_, name in cuts)
    assert len({name for *_, name in cuts}) == 3


# ------------------------------------------------------------------------------------------------ again, and what moved


def test_what_has_not_changed_is_not_judged_again(folder, tmp_path):
    out = tmp_path / "out"
    assert go(folder, out).judged == 5
    before = bytes_of(out)
    again = go(folder, out, workers=2)
    assert (again.judged, again.skipped, again.portfolio.unread) == (0, 5, 1)
    assert bytes_of(out) == before
    (folder / "p3.json").write_text(json.dumps(document("Platform 3", 0.2, "token")))
    assert (go(folder, out).judged, go(folder, out).judged) == (1, 0)
    assert go(folder, out, fresh=True).judged == 5
    changed = plan(settings={"overrides": {"t3.lcr_fail": 0.5}})
    assert go(folder, out, changed).judged == 5
    (folder / "p4.json").unlink()
    assert go(folder, out, changed).portfolio.platforms == 4
    assert "p4" not in (out / "results.csv").read_text()


def test_a_file_that_is_gone_is_written_again(folder, tmp_path):
    given, out = folder / "p0.json", tmp_path / "out"
    assert [go(given, out).judged for _ in range(2)] == [1, 0]
    wanted = plan(assessments=True)
    assert [go(given, out, wanted).judged for _ in range(2)] == [1, 0]
    (out / "assessments" / "p0.json").unlink()
    assert go(given, out, wanted).judged == 1
    assert (out / "assessments" / "p0.json").is_file()


def test_what_moved_since_the_last_run(folder, tmp_path):
    out = tmp_path / "out"
    first = go(folder, out).portfolio
    assert (first.movers, first.since, first.new) == ((), "", ())
    promise = document("Platform 0", 0.03, principal_promise=True)
    halted = {"value": "suspended", "from": "2022-05-01", "known_on": "2022-05-01", "evidence": "company_disclosed"}
    promise["governance"] = {"withdrawals_status": halted | {"source": "s1"}}
    (folder / "p0.json").write_text(json.dumps(promise))
    (folder / "p1.json").unlink()
    (folder / "new.json").write_text(json.dumps(document("Another")))
    second = go(folder, out).portfolio
    (moved,) = second.movers
    assert (moved.now.id, moved.direction, moved.causes) == ("p0", Direction.WORSE, (Cause.FACTS,))
    assert "g.withdrawals" in moved.failing
    assert (second.new, second.gone, second.since) == (("new",), ("p1",), "2022-05-31")
    assert go(folder, out).portfolio.moved == 0


def test_what_moved_since_a_table_of_an_earlier_run(folder, tmp_path):
    go(folder, tmp_path / "old", formats=("parquet",))
    (folder / "p2.json").write_text(json.dumps(document("Platform 2", kind="fund", principal_promise=True)))
    for earlier in (tmp_path / "old", tmp_path / "old" / "results.parquet"):
        found = go(folder, tmp_path / "new", since=earlier, fresh=True).portfolio
        assert found.since == "2022-05-31"
        assert {move.now.id for move in found.movers} <= {"p2"}
    with pytest.raises(UsageError, match="is no table of results"):
        go(folder, tmp_path / "new", since=folder / "p0.json")
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="there is no column 'id'"):
        go(folder, tmp_path / "new", since=tmp_path / "odd.csv")


# ------------------------------------------------------------------------------------------------- interrupted, killed


def ended_after(count):
    """An engine that the user interrupts after some records."""

    def engine(setup, workers, records):
        for number, done in enumerate(scalar(setup, 1, records)):
            if number == count:
                raise KeyboardInterrupt
            yield done

    return engine


def test_an_interrupted_run_goes_on_where_it_was(folder, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole", tmp_path / "out"
    go(folder, whole)
    go(folder / "p0.json", out)  # a run before, whose results must stay whole
    before = bytes_of(out)
    monkeypatch.setattr(run_module, "ENGINES", {"scalar": ended_after(3)})
    with pytest.raises(InterruptedRun) as ended:
        go(folder, out)
    assert ended.value.done >= 3
    assert bytes_of(out) == before
    monkeypatch.undo()
    monkeypatch.setenv("DDCHECK_CACHE", "")
    again = go(folder, out)
    assert again.judged + again.skipped == 5
    assert again.skipped >= 3
    assert again.portfolio.since == "2022-05-31"  # the last run that finished
    assert len(again.portfolio.new) == 4
    assert bytes_of(out) == bytes_of(whole)


def test_two_runs_do_not_share_a_folder(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    state = State(out)
    with pytest.raises(UsageError, match="another run is writing into"):
        go(folder, out)
    state.close()
    assert go(folder, out).judged == 5


def test_a_damaged_state_is_told(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "state.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 40)
    with pytest.raises(UsageError, match="is damaged"):
        go(folder, out)


def test_what_a_killed_run_left_is_cleared_away(folder, tmp_path):
    out = tmp_path / "out"
    (out / "assessments").mkdir(parents=True)
    left = [out / ".results.csv.x1y2", out / "assessments" / ".p0.json.ab12"]
    for path in left:
        path.write_text("half")
    mine = out / "notes.txt"
    mine.write_text("mine")
    go(folder / "p0.json", out, plan(assessments=True))
    assert not any(path.exists() for path in left)
    assert mine.exists()


def deadly(name, once=None):
    """`judge_record` that kills its process at one record, always or only the first time."""
    whole = judging.judge_record

    def judge(record, setup):
        if record.id == name and (once is None or not once.exists()):
            if once is not None:
                once.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(record, setup)

    return judge


def test_a_worker_that_is_killed_costs_one_record_at_most(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(pooling, "judge_record", deadly("p3"))
    ran = go(folder, tmp_path / "out", workers=2)
    assert {row.id for row in ran.portfolio.league} == {f"p{n}" for n in range(5) if n != 3}
    told = [str(fault) for fault in ran.portfolio.unreadable if "p3.json" in fault.file]
    assert len(told) == 1
    assert "the process that judged it was killed, twice" in told[0]
    monkeypatch.setattr(pooling, "judge_record", deadly("p3", once=tmp_path / "died"))
    ran = go(folder, tmp_path / "out", workers=2)
    assert (ran.judged, ran.portfolio.platforms, ran.portfolio.unread) == (1, 5, 1)


def test_our_own_fault_is_told_and_stops_nothing(folder, tmp_path, monkeypatch):
    def fails(document, dictionary, today):
        if document.path.endswith("p1.json"):
            raise ZeroDivisionError("oops")
        return whole(document, dictionary, today=today)

    whole = judging.parse_profile
    monkeypatch.setattr(judging, "parse_profile", fails)
    ran = go(folder, tmp_path / "out")
    assert (ran.judged, ran.portfolio.unread) == (4, 2)
    assert any("internal error, ZeroDivisionError: oops" in fault.message for fault in ran.portfolio.unreadable)


# ------------------------------------------------------------------------------------------------------------ disk full


@contextmanager
def files_of_at_most(size):
    """As on a full disk: no file may grow beyond some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_room_for_an_assessment(workers, folder, tmp_path):
    """The run ends with what to do; nothing is half-written, what was kept is kept, the next run completes it."""
    out = tmp_path / "out"
    with files_of_at_most(150_000), pytest.raises(UsageError, match=r"cannot write .*assessments/p\d\.json"):
        go(folder, out, plan(assessments=True), workers=workers)
    assert [path for path in out.rglob("*") if path.is_file() and path.name != "state.sqlite"] == []
    assert go(folder, out, plan(assessments=True)).judged == 5


def test_no_room_for_the_state(folder, tmp_path):
    with files_of_at_most(30_000), pytest.raises(UsageError, match=r"free some space there|cannot write .*state"):
        go(folder, tmp_path / "out")
    go(folder, tmp_path / "whole")
    go(folder, tmp_path / "out")
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")


def test_no_room_for_the_results(folder, tmp_path, monkeypatch):
    """The results of the last run stay whole, and what was judged is not judged again."""
    out = tmp_path / "out"
    go(folder / "p0.json", out)
    before = bytes_of(out)
    writing = run_module.write_table

    def full(*given):
        with files_of_at_most(4_000):
            return writing(*given)

    monkeypatch.setattr(run_module, "write_table", full)
    with pytest.raises(UsageError, match=r"cannot write .*results.*free some space there"):
        go(folder, out)
    assert bytes_of(out) == before
    monkeypatch.setattr(run_module, "write_table", writing)
    ran = go(folder, out)
    assert (ran.judged, ran.skipped) == (0, 5)


# ------------------------------------------------------------------------------------------------------------ the parts


def test_periods():
    months = [str(day) for day in period_ends("month", date(2023, 12, 31), date(2024, 3, 30))]
    assert months == ["2023-12-31", "2024-01-31", "2024-02-29"]
    assert [str(day) for day in period_ends("year", date(2020, 1, 1), date(2021, 12, 31))] == [
        "2020-12-31",
        "2021-12-31",
    ]
    assert list(period_ends("month", date(2022, 1, 1), date(2021, 1, 1))) == []


def test_names_of_files_are_never_shared():
    ids = ["a", "A", "a b", "a-b", "a/b", "../a", "资金盘", "=a", "a" * 300, "a" * 301, "."]
    names = [stem(Record(id, "f.csv", 2, "", value={})) for id in ids]
    assert len({name.casefold() for name in names}) == len(names)
    assert all("/" not in name and not name.startswith(".") and len(name) < 120 for name in names)


def test_all_that_judges_is_in_the_digest(rulebook, monkeypatch):
    settings = Settings(TODAY, CUT, CUT)
    first = rules_digest(rulebook, settings)
    assert first == rules_digest(rulebook, settings)
    others = [
        rules_digest(replace(rulebook, overrides={"t3.lcr_fail": 0.5}), settings),
        rules_digest(rulebook, replace(settings, parameters="as-of")),
        rules_digest(rulebook, replace(settings, reader={"country": "DE"})),
    ]
    monkeypatch.setattr("checker.app.batch.plan.code_digest", lambda: "another program")
    others.append(rules_digest(rulebook, settings))
    assert len({first, *others}) == 5


def test_the_digest_of_facts_is_that_of_what_was_public(rulebook):
    from checker.model.profile import parse_profile

    def digests(told):
        record = Record("a", "a.csv", 2, "", value=told)
        profile = parse_profile(record.document(), rulebook.dictionary, today=TODAY)
        statements = judging.public_facts(profile)
        return [
            judging.facts_digest(statements, day) for day in (date(2021, 1, 31), date(2021, 3, 1), date(2023, 1, 1))
        ]

    before, after, later = digests(document("A"))
    assert before != after == later
    more = document("A", principal_promise=True)
    more["terms"]["principal_promise"]["known_on"] = "2022-06-01"
    assert digests(more)[:2] == [before, after]
    assert digests(more)[2] != later


def row(id="a", best="B", worst="D", **more):
    given = {
        "outcomes": {"t1.short_terms": "F", "t3.lcr_30d": "PF"},
        "traits": (TraitLevels("T1", 0, 2), TraitLevels("T2", 1, 1)),
        "stops": ("g.withdrawals",),
        "line": 7,
        "certain": "B at best, “quoted”, 资金盘",
    } | more
    ends = [None if letter is None else Grade[letter] for letter in (best, worst)]
    return BatchRow(
        id, given.pop("name", id), "fund", "x.csv", given.pop("line"), "2022-05-31", "2022-06-30", *ends, **given
    )


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_table_of_results_can_be_read_back(form, tmp_path):
    rows = [
        row("a"),
        row("b", None, None, traits=(), stops=(), line=None, assessable=False),
        row("=cmd|' /C calc'!A0", name="-1+1", pattern_best="V0", pattern_worst="V4"),
    ]
    names = columns(["T1", "T2"], ["t1.short_terms", "t3.lcr_30d"])
    (path,) = write_table(rows, names, tmp_path, [form])
    back = list(read_table(path))
    assert [replace(r, outcomes=dict(r.outcomes)) for r in back] == rows
    narrow = columns(["T1", "T2"])
    write_table(rows, narrow, tmp_path, [form])
    assert [r.fails for r in read_table(path)] == [r.fails for r in rows]


def test_other_forms_of_an_earlier_run_are_removed(tmp_path):
    write_table([row()], columns(["T1", "T2"]), tmp_path, ["csv", "jsonl"])
    write_table([row()], columns(["T1", "T2"]), tmp_path, ["parquet"])
    assert [path.name for path in tmp_path.iterdir()] == ["results.parquet"]


def test_the_state_keeps_a_row_as_it_is(tmp_path):
    state = State(tmp_path)
    rows = [row("b", "A", "F"), row("a", "A", "C"), row("c", None, None, assessable=False, coverage_critical=0.3)]
    for one in rows:
        state.keep(Record(one.id, one.file, one.line, ""), "d", [one])
    state.finish()
    assert [r.id for r in state.rows(ranked=True)] == [r.id for r in sorted(rows, key=rank)] == ["a", "b", "c"]
    assert list(state.rows()) == sorted(rows, key=lambda r: r.id)
    state.close()


def test_the_ranking_of_the_state_is_the_ranking(tmp_path):
    """Sorting texts in the base gives the order that `rank` gives."""
    shares = [0.0, 0.05, 0.3, 0.30001, 0.9999, 1.0]
    rows = [row(f"{i}", "A", "F", assessable=False, coverage_critical=s, name="x" * i) for i, s in enumerate(shares)]
    rows += [row(f"g{b}{w}", b, w) for b in "ABCDEF" for w in "ABCDEF" if b <= w]
    state = State(tmp_path)
    for one in rows[::-1]:
        state.keep(Record(one.id, one.file, one.line, ""), "d", [one])
    state.finish()
    assert [r.id for r in state.rows(ranked=True)] == [r.id for r in sorted(rows, key=rank)]
    state.close()


def test_which_platforms_are_shown(rulebook):
    rows = [
        row("a", "A", "C"),
        row("b", "D", "F"),
        row("c", None, None, assessable=False),
        row("d", "A", "F", assessable=False, outcomes={}),
    ]

    def shown(*texts):
        wanted = selection(texts, rulebook)
        return "".join(r.id for r in rows if wanted(r))

    assert shown() == "abcd"
    assert (shown("C"), shown("C..F"), shown("fund"), shown("bank")) == ("a", "ab", "abcd", "")
    assert (shown("not-assessable"), shown("F", "not-assessable"), shown("F,C")) == ("cd", "bcd", "ab")
    code = rulebook.rules["t1.short_terms"].code
    assert (shown("t1.short_terms"), shown(code.lower()), shown("t3.lcr_30d")) == ("abc", "abc", "")
    assert shown("F", "t1.short_terms") == "b"
    for wrong, told in (
        ("F..A", "the better grade comes first"),
        ("fundd", "Did you mean 'fund'"),
        ("Z", "--only takes"),
    ):
        with pytest.raises(UsageError, match=told):
            shown(wrong)
    assert all(sorted(rows, key=order) for order in SORTS.values())


def test_letters_of_outcomes():
    assert letters({Outcome.NOT_APPLICABLE, Outcome.FAIL, Outcome.PASS}) == "PFN"


def test_reports_that_are_wanted():
    wanted = plan(pdf_for=frozenset({"D"})).wants_report
    assert [wanted(r) for r in (row(worst="C"), row(worst="D"), row(worst="F"), row(assessable=False))] == [
        False,
        True,
        True,
        True,
    ]
    assert plan(pdf_for=frozenset({"all"})).wants_report(row(worst="C"))
    assert plan(pdf_for=frozenset({"a"})).wants_report(row("a", worst="C"))
    assert not plan().wants_report(row())


def test_another_engine_is_plugged_in(folder, tmp_path, monkeypatch):
    """An engine takes records as it likes and gives what became of each in any order."""

    def backwards(setup: Setup, workers, records):
        for record in reversed(list(records)):
            yield Done(record, judging.judge_record(record, setup).rows)

    monkeypatch.setattr(run_module, "ENGINES", {"scalar": scalar, "backwards": backwards})
    go(folder, tmp_path / "one")
    go(folder, tmp_path / "two", engine="backwards")
    assert {k: v for k, v in bytes_of(tmp_path / "one").items() if k != "errors.jsonl"} == {
        k: v for k, v in bytes_of(tmp_path / "two").items() if k != "errors.jsonl"
    }


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_records(tmp_path, monkeypatch):
    """Records, rows, tables and portfolio are streamed: ten times the rows, hardly more memory."""
    import tracemalloc

    def quick(setup, workers, records):
        for record in records:
            yield Done(record, (row(record.id, line=record.line),))

    monkeypatch.setattr(run_module, "ENGINES", {"scalar": quick})
    monkeypatch.setattr(run_module, "KEEP", 100)
    peaks = []
    for count in (300, 3000):
        path = tmp_path / f"{count}.csv"
        path.write_text("name,kind\n" + "".join(f"Platform {n},fund\n" for n in range(count)))
        tracemalloc.start()
        ran = run(sources([str(path)]), plan(), tmp_path / f"out{count}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert ran.portfolio.rows == count
    assert peaks[1] < peaks[0] + 4_000_000, peaks
