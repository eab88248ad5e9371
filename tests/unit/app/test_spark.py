"""Past one machine: a dataset through Spark says, in every cell, what one machine says of it."""

import _socket
import json
import socket
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checker.app.audit import Settings, shipped_rulebook
from checker.app.batch import Plan, run
from checker.app.spark import judge_dataset
from checker.assess.assess import program, rules_of_kind
from checker.engine.columns.flatten import columns_of, flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.importers.records import sources
from checker.model.errors import InputError, UsageError
from checker.model.profile import load_profile
from checker.model.view import View
from checker.resources import data_path

pytestmark = pytest.mark.slow

DAYS = ("2021-12-31", "2022-05-31")
CUT = date(2026, 6, 30)
PLAN = Plan(Settings(CUT, CUT, CUT))
WIDE = {
    "name": ["Alpha", "Beta", "Gamma", "Delta"],
    "kind": ["cefi_lender", "bank", "defi_market", "p2p"],
    "source": ["the operator"] * 4,
    "terms.offered_apy": ["17%", "0.02", None, "0.4"],
    "leverage.tvl.lo": [1e6, None, 2e8, None],
    "leverage.tvl.hi": [2e6, None, 3e8, None],
    "terms.notice_days": [0.0, 30.0, float("nan"), 1.0],
}


@pytest.fixture(scope="module")
def loopback():
    """Python speaks to Java, and Java to its workers, over a port of this machine that Java chooses."""
    refuse = socket.socket.connect

    def connect(self, address):
        return (_socket.socket.connect if address[0] == "127.0.0.1" else refuse)(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(scope="module")
def spark(loopback):
    pytest.importorskip("pyspark")
    from checker.app.spark import _session

    try:
        session = _session(2)
    except UsageError as error:
        pytest.skip(str(error))
    yield session
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()  # the Java machine lives as long as this is open
    gateway.proc.wait(30)


def cells(found):
    """Rows by what tells them apart, without the dataset's own folder."""
    return {(row["id"], row["as_of"], row["file"], row["line"]): row for row in found}


def of_spark(out, split=()):
    rows = pq.read_table(out / "results", partitioning=None).to_pylist() if not split else read_split(out / "results")
    return [row for row in rows if row["fault"] is None], [row for row in rows if row["fault"] is not None]


def read_split(folder):
    return [
        row | {part.partition("=")[0]: part.partition("=")[2] for part in path.relative_to(folder).parts[:-1]}
        for path in sorted(folder.rglob("*.parquet"))
        for row in pq.read_table(path, partitioning=None).to_pylist()
    ]


def on_one_machine(files, out, plan=PLAN, engine="scalar"):
    ran = run(sources(files), plan, out, engine=engine, formats=("parquet",), rule_columns=True)
    return pq.read_table(out / "results.parquet").to_pylist(), ran.portfolio.unreadable


def write_profiles(root, count=6):
    """Profiles as JSON in two partitions, and those of the first as JSON lines; one of each is broken."""
    found = sorted(data_path("profiles").glob("*.json"))[:count]
    texts = [json.dumps(json.loads(path.read_text())) for path in found] + ['{"platform": {"kind": "nonsense"}}']
    for day in DAYS:
        folder = root / "data" / f"day={day}"
        folder.mkdir(parents=True)
        table = pa.table({"profile": texts, "as_of": [day] * len(texts), "more": [[1]] * len(texts)})
        pq.write_table(table, folder / "part-0.parquet", row_group_size=3)
        (root / f"{day}.jsonl").write_text("\n".join(texts))
    return root / "data"


def test_profiles_say_what_one_machine_says(tmp_path, spark):
    data = write_profiles(tmp_path)
    told = judge_dataset([str(data)], str(tmp_path / "out"), PLAN, rule_columns=True, session=spark)
    rows, faults = of_spark(tmp_path / "out", ("day",))
    assert told.rows == len(rows) == 12
    assert told.unread == 2
    for day in DAYS:
        at = date.fromisoformat(day)
        plan = Plan(Settings(CUT, at, at))
        wanted, unread = on_one_machine([str(tmp_path / f"{day}.jsonl")], tmp_path / f"one-{day}", plan)
        held = {row["id"]: row for row in rows if row["day"] == day}
        assert held.keys() == {row["id"] for row in wanted}
        for row in wanted:
            other = held[row["id"]]
            assert {n: other[n] for n in row if n != "file"} == {n: v for n, v in row.items() if n != "file"}
        texts = [json.loads(row["fault"]) for row in faults if row["day"] == day]
        assert [(f["line"], f["column"], f["key"], f["message"], f["hint"]) for f in texts] == [
            (f.line, f.column, f.key, f.message, f.hint) for f in unread
        ]


def test_a_partition_that_is_judged_again_is_replaced_whole_and_the_others_stay(tmp_path, spark):
    data = write_profiles(tmp_path, 3)
    out = tmp_path / "out"
    judge_dataset([str(data)], str(out), PLAN, session=spark)
    before = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    first, _ = of_spark(out, ("day",))
    again = data / f"day={DAYS[1]}"
    for _ in range(2):
        judge_dataset([str(again)], str(out), PLAN, session=spark)
        rows, _ = of_spark(out, ("day",))
        assert cells(rows) == cells(first)
        assert len(rows) == len(first)
    kept = [path for path in before if DAYS[0] in str(path)]
    assert kept
    assert all(path.read_bytes() == before[path] for path in kept)
    whole = pq.read_table(again / "part-0.parquet", partitioning=None)
    pq.write_table(whole.slice(0, 1), again / "part-0.parquet")
    told = judge_dataset([str(again)], str(out), PLAN, session=spark)
    assert told.rows == 4


def test_wide_rows_say_what_one_machine_says(tmp_path, spark):
    """Columns of facts, split by a column that states one, too."""
    data = tmp_path / "data"
    for kind in set(WIDE["kind"]):
        at = [n for n, k in enumerate(WIDE["kind"]) if k == kind]
        (data / f"kind={kind}").mkdir(parents=True)
        table = pa.table(WIDE).take(at).drop_columns(["kind"])
        pq.write_table(table, data / f"kind={kind}" / "a.parquet")
    pq.write_table(pa.table(WIDE), tmp_path / "wide.parquet")
    judge_dataset([str(data)], str(tmp_path / "out"), PLAN, rule_columns=True, session=spark)
    rows, faults = of_spark(tmp_path / "out", ("kind",))
    assert not faults
    for engine in ("scalar", "columns"):
        wanted, _ = on_one_machine([str(tmp_path / "wide.parquet")], tmp_path / engine, engine=engine)
        place = ("file", "line")
        held = {row["id"]: {n: v for n, v in row.items() if n not in (*place, "fault")} for row in rows}
        assert held == {row["id"]: {n: v for n, v in row.items() if n not in place} for row in wanted}


def test_records_of_the_layout_say_what_the_column_interpreter_says(tmp_path, spark):
    rulebook = shipped_rulebook()
    compiled = program(rulebook)
    judge = BatchJudge(rulebook, compiled)
    records, names = [], []
    for path in sorted(data_path("profiles").glob("*.json"))[:10]:
        profile = load_profile(path, rulebook.dictionary, today=CUT)
        rules = rules_of_kind(rulebook, profile.kind, compiled)
        engine = RuleEngine(
            compiled, Cut(View(profile, rulebook.dictionary, CUT, CUT), rulebook.reference), rulebook.dictionary
        )
        records.append(flatten(judge.layout, engine, profile.kind, CUT.toordinal(), rules))
        names.append(path.stem)
    types = {"Float64": pa.float64(), "Int8": pa.int8(), "Int16": pa.int16(), "Int32": pa.int32()}
    specs = {spec.name: types[spec.type] for spec in judge.layout.columns}
    table = pa.table({n: pa.array(held, specs[n]) for n, held in columns_of(judge.layout, records).items()})
    table = table.append_column("platform", pa.array(names))
    (tmp_path / "data").mkdir()
    for part in range(3):
        pq.write_table(table.slice(part * 4, 4), tmp_path / "data" / f"{part}.parquet")
    told = judge_dataset([str(tmp_path / "data")], str(tmp_path / "out"), PLAN, session=spark)
    found = {row["platform"]: row for row in pq.read_table(tmp_path / "out" / "results").to_pylist()}
    wanted = judge.judge(table, keep=["platform"]).to_pylist()
    assert told.rows == len(found) == len(wanted) == 10
    for row in wanted:
        assert {name: found[row["platform"]][name] for name in row} == row
    assert sum(told.grades.values()) + told.thin + told.ungraded == 10
    assert told.beyond("A") == 10


def test_what_cannot_be_done_is_said(tmp_path, spark):
    with pytest.raises(UsageError, match="PATH_NOT_FOUND"):
        judge_dataset([str(tmp_path / "nothing")], str(tmp_path / "out"), PLAN, session=spark)
    pq.write_table(pa.table({"name": ["x"], "terms.offerd_apy": [0.1]}), tmp_path / "wrong.parquet")
    with pytest.raises(InputError) as caught:
        judge_dataset([str(tmp_path / "wrong.parquet")], str(tmp_path / "out"), PLAN, session=spark)
    assert any("terms.offered_apy" in f.message + f.hint for f in caught.value.faults)
    pq.write_table(
        pa.table({"platform": ["x"], "fact": ["terms.offered_apy"], "value": [0.1]}), tmp_path / "long.parquet"
    )
    with pytest.raises(UsageError, match="long form"):
        judge_dataset([str(tmp_path / "long.parquet")], str(tmp_path / "out"), PLAN, session=spark)
    assert not (tmp_path / "out").exists()
