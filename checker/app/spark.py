"""A batch past one machine: partitioned Parquet in, partitioned Parquet out, judged where the data lies.

Spark hands each worker batches of Arrow rows and takes batches of results back; what judges them is what judges a batch
on one machine, and says the same. A partition that is judged again replaces its results whole; the others stay.

    verdicts = judge_dataset(["records"], "verdicts", plan)
"""

from __future__ import annotations

import json
import os
import pickle
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from checker.app.audit import shipped_rulebook
from checker.app.batch.columns import ColumnBench
from checker.app.batch.judge import Done, Setup
from checker.app.batch.plan import Plan, rules_digest
from checker.app.batch.table import columns, fault_line, flat, schema_of
from checker.assess.assess import program
from checker.engine.columns.judge import BatchJudge
from checker.engine.columns.layout import Layout
from checker.importers.records import Mapping as ColumnMapping
from checker.importers.records import Record, Unread
from checker.importers.records.find import LINES, PROFILES, TABLES
from checker.importers.records.mapping import NONE
from checker.importers.records.read import line_record, table_records
from checker.importers.records.tables import Cells, Table, plain_cell
from checker.importers.records.target import TargetError, read_target
from checker.model.document import MAX_BYTES
from checker.model.errors import Fault, UsageError, quoted
from checker.packs.rulebook import Rulebook

PROFILE = "profile"
"""The column that holds whole profiles as JSON."""
FAULT = "fault"
"""The column that says, as JSON, why a record could not be read; the rest of its row is empty."""
_READ_ALONE = frozenset((*PROFILES, *LINES, *TABLES)) - {".parquet"}
"""Ends of the names of files that a batch reads without Spark."""
RESULTS = "results"
"""The folder of the results, below the one that is named."""
BATCH_ROWS = 4_096
"""Rows of profiles, or of the wide form, that a worker is handed at once."""
RECORDS = 32_768
"""The same for records in the layout of the columns."""
DRIVER_MEMORY = "2g"
SHOWN = 20
"""How many faults are told; the results hold all."""
_NAMED = re.compile(r"\[[A-Z][A-Z_.]+\] .*")
_FILE, _ROW = "_ddcheck_file", "_ddcheck_row"


@dataclass(frozen=True)
class Verdicts:
    """What stands in a dataset of results.

    Attributes:
        path: Where it is.
        rows: How many rows it has, of records that were judged.
        grades: How many of them are assessable and end at worst at each grade.
        thin: How many are not assessable.
        ungraded: How many are of a kind without grades.
        unread: How many records could not be read or judged.
        faults: The first of their faults.
    """

    path: str
    rows: int
    grades: Mapping[str, int]
    thin: int
    ungraded: int
    unread: int
    faults: tuple[Fault, ...]

    def beyond(self, grade: str) -> int:
        """How many are at this worst end or beyond it, or have no assessable grade."""
        return self.thin + self.ungraded + sum(count for letter, count in self.grades.items() if letter >= grade)


@dataclass(frozen=True)
class Task:
    """What a worker needs; it is sent to each once.

    Attributes:
        setup: What every judgement needs.
        mapping: How foreign columns are read.
        headings: The columns of the data.
        partitions: Those by which it is split.
        names: The columns of the results.
        layout: Whether the rows are records in the layout of the columns.
    """

    setup: Setup
    mapping: ColumnMapping
    headings: tuple[str, ...]
    partitions: tuple[str, ...]
    names: tuple[str, ...]
    layout: bool


# ------------------------------------------------------------------------------------------------------------ a worker


class Worker:
    """Batches of Arrow rows in, batches of results out; neither Spark nor a file takes part.

    What is compiled for one share of the data serves those that come after it.

    Args:
        task: What is to be done.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._judge = _judge_of(task)
        self._bench = ColumnBench(task.setup)

    def judged(self, batches: Iterator[Any]) -> Iterator[Any]:
        """The results of one share of the data; its columns are the headings in order, then file and row."""
        names = [*self.task.headings, _FILE, _ROW]
        batches = (batch.rename_columns(names) for batch in batches)
        if self.task.layout:
            for batch in batches:
                yield from _in_columns(batch, self.task, self._judge).to_batches()
        else:
            yield from _Rows(self.task, self._bench.anew()).judged(batches)


def _in_columns(batch: Any, task: Task, judge: BatchJudge) -> Any:
    import pyarrow as arrow

    table = arrow.Table.from_batches([batch]).drop_columns([_FILE, _ROW])
    known = {spec.name for spec in judge.layout.columns}
    keep = [name for name in task.headings if name not in known or name in task.partitions or name in ("kind", "as_of")]
    results = judge.judge(table.drop_columns([name for name in keep if name not in known]))
    for place, name in enumerate(keep):
        results = results.add_column(place, name, table[name])
    return results


def _judge_of(task: Task) -> BatchJudge:
    settings = task.setup.plan.settings
    rulebook = task.setup.rulebook
    dated = settings.as_of.isoformat() if settings.parameters == "as-of" else None
    return BatchJudge(rulebook, program(rulebook, dated), reader=settings.reader, as_of=settings.as_of.toordinal())


class _Rows:
    """Rows that hold a profile each, as JSON or as one column a fact."""

    def __init__(self, task: Task, bench: ColumnBench) -> None:
        self.task = task
        self.bench = bench
        self.places: dict[tuple[str, int | None], tuple[str | None, ...]] = {}
        self.refused: list[tuple[Unread, tuple[str, int | None]]] = []

    def judged(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as arrow

        schema = results_schema(self.task)
        rows: list[dict[str, Any]] = []
        for record in chain(self._records(batches), (None,)):
            for done in self.bench.rest() if record is None else self.bench.take(record):
                rows += self._rows_of(done)
            rows += self._refusals()
            if len(rows) >= BATCH_ROWS:
                yield arrow.RecordBatch.from_pylist(rows, schema=schema)
                rows = []
        rows += self._refusals()
        if rows:
            yield arrow.RecordBatch.from_pylist(rows, schema=schema)

    def _records(self, batches: Iterator[Any]) -> Iterator[Record]:
        for batch in batches:
            for file, numbers, cells in _by_file(batch, self.task.headings):
                split = [self.task.headings.index(name) for name in self.task.partitions]
                for number, row in zip(numbers, cells, strict=True):
                    self.places[file, number] = tuple(_text(row[at]) for at in split)
                for found in self._read(file, list(zip(numbers, cells, strict=True))):
                    if isinstance(found, Record):
                        yield found
                    else:
                        line = found.faults[0].line
                        self.refused.append((found, (file, line if line in numbers else numbers[0])))

    def _read(self, file: str, rows: Sequence[tuple[int, Cells]]) -> Iterable[Record | Unread]:
        headings, task = self.task.headings, self.task
        if PROFILE in headings:
            return (_profile(file, number, dict(zip(headings, row, strict=True))) for number, row in rows)
        facts = stated(task)
        kept = [at for at, heading in enumerate(headings) if heading in facts]
        table = Table(file, facts, iter([(number, [row[at] for at in kept]) for number, row in rows]))
        return table_records(table, Path(file), task.setup.rulebook.dictionary, task.mapping)

    def _rows_of(self, done: Done) -> Iterator[dict[str, Any]]:
        key = done.record.file, done.record.line
        if done.faults:
            self.refused.append((Unread(done.record.file, done.faults), key))
            return
        split = dict(zip(self.task.partitions, self.places.pop(key), strict=True))
        for row in done.rows:
            yield flat(row, self.task.names) | {FAULT: None} | split

    def _refusals(self) -> Iterator[dict[str, Any]]:
        for unread, key in self.refused:
            split = dict(zip(self.task.partitions, self.places.get(key, ()), strict=False))
            for fault in unread.faults:
                yield {"file": key[0], "line": key[1], FAULT: fault_line(fault)} | split
        self.refused = []


def _by_file(batch: Any, headings: Sequence[str]) -> Iterator[tuple[str, list[int], list[list[object]]]]:
    """The rows of a batch, those of one file together, with their numbers in it, counted from 1."""
    values = [batch.column(name).to_pylist() for name in headings]
    files, numbers = batch.column(_FILE).to_pylist(), batch.column(_ROW).to_pylist()
    start = 0
    for at in range(1, len(files) + 1):
        if at == len(files) or files[at] != files[start]:
            rows = [[plain_cell(column[row]) for column in values] for row in range(start, at)]
            yield _path(files[start]), [number + 1 for number in numbers[start:at]], rows
            start = at


def _path(file: str) -> str:
    """A file as a user names it; Spark has addresses."""
    return unquote(urlsplit(file).path) if file.startswith("file:") else file


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _profile(file: str, number: int, row: Mapping[str, object]) -> Record | Unread:
    """A profile as JSON, with the id and the cut that stand beside it."""
    raw = str(row[PROFILE] or "").encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        return Unread(file, (Fault(file, f"the profile is longer than {MAX_BYTES:,} bytes", "", number, 1),))
    record = line_record(raw, file, number)
    if isinstance(record, Unread):
        return record
    days: list[date | None] = []
    for name in ("as_of", "known_by"):
        text = _text(row.get(name))
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            what = f"{name} is a day such as 2022-05-31, found {quoted(str(text))}"
            return Unread(file, (Fault(file, what, "", number, 1, name),))
    as_of, known_by = days[0] or days[1], days[1] or days[0]
    if as_of is None or known_by is None:
        return replace(record, id=_text(row.get("id")) or record.id)
    if as_of > known_by:
        return Unread(file, (Fault(file, f"as_of {as_of} lies after known_by {known_by}", "", number, 1, "as_of"),))
    return replace(record, id=_text(row.get("id")) or record.id, cut=(as_of, known_by))


def stated(task: Task) -> tuple[str, ...]:
    """The columns that state something; one by which the data is split need not."""
    return tuple(h for h in task.headings if h not in task.partitions or _means(h, task))


def _means(heading: str, task: Task) -> bool:
    if heading in task.mapping.columns:
        return True
    try:
        read_target(heading, task.setup.rulebook.dictionary)
    except TargetError:
        return False
    return True


def results_schema(task: Task) -> Any:
    """The columns of the results and their types."""
    import pyarrow as arrow

    fields = [field for field in schema_of(task.names) if field.name not in task.partitions]
    texts = [arrow.field(name, arrow.string()) for name in (FAULT, *task.partitions)]
    return arrow.schema([*fields, *texts])


@cache
def _worker(shipped: bytes) -> Worker:
    """What was sent to this process, unpacked once."""
    return Worker(pickle.loads(shipped))


# ------------------------------------------------------------------------------------------------------------ a driver


def judge_dataset(
    paths: Sequence[str],
    out: str,
    plan: Plan,
    *,
    workers: int = 1,
    mapping: ColumnMapping | None = None,
    rule_columns: bool = False,
    session: Any = None,
) -> Verdicts:
    """Judge every record of a Parquet dataset and write the results, split as the data is.

    Args:
        paths: Folders or files of one dataset, or addresses that Spark reads; a folder of one partition, such as
            `day=2022-05-31`, judges that one anew.
        out: Folder or address for the results; partitions that are not judged stay as they are.
        plan: What is done with every record; it writes no files about platforms.
        workers: Processors, where Spark runs on this machine.
        mapping: How the columns of foreign tables are read.
        rule_columns: Whether every rule has a column.
        session: The Spark session; made if there is none.

    Raises:
        InputError: Headings that state nothing ddcheck knows; carries every fault.
        UsageError: Spark or Java is not there, or the data cannot be read or written.
    """
    if plan.assessments or plan.pdf_for:
        raise UsageError("Spark writes a table of results and no files about platforms: leave them to a batch of few")
    for path in paths:
        _check_path(path)
    functions, problems = _pyspark()
    spark = session or _session(workers)
    try:
        data = _dataset(spark, paths)
        split = _partitions(data)
        rulebook = shipped_rulebook(plan.settings.packs, plan.settings.overrides)
        setup = Setup(rulebook, rules_digest(rulebook, plan.settings), plan, Path())
        names = columns(list(rulebook.scheme.traits), sorted(rulebook.rules) if rule_columns else ())
        flat_names = [name for name, kind in data.dtypes if not kind.startswith(("array", "map", "struct"))]
        layout = _is_layout(dict(data.dtypes), rulebook, plan)
        task = Task(setup, mapping or NONE, tuple(flat_names), split, tuple(names), layout)
        _check(task)
        schema = _schema(task, data)
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(RECORDS if layout else BATCH_ROWS))
        rows = data.select(
            *(_column(functions, name).alias(f"c{place}") for place, name in enumerate(flat_names)),
            functions.col("_metadata.file_path").alias(_FILE),
            functions.col("_metadata.row_index").alias(_ROW),
        )
        shared = spark.sparkContext.broadcast(pickle.dumps(task))
        with warnings.catch_warnings():  # PySpark tells what it thinks of the version of pandas, which takes no part
            warnings.simplefilter("ignore", FutureWarning)
            results = rows.mapInArrow(_Shared(shared), schema)
        path = f"{out.rstrip('/')}/{RESULTS}"
        writer = (
            results.write.mode("overwrite").option("partitionOverwriteMode", "dynamic").option("compression", "zstd")
        )
        (writer.partitionBy(*split) if split else writer).parquet(path)
        return _verdicts(spark, functions, path, task)
    except problems as error:
        raise UsageError(f"Spark cannot do it: {_first(error)}") from None


@dataclass(frozen=True)
class _Shared:
    """What Spark calls for each share of the data."""

    task: Any

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        return _worker(self.task.value).judged(batches)


def _pyspark() -> tuple[Any, tuple[type[Exception], ...]]:
    """The functions of Spark, and how it says that something went wrong."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import functions
    except ImportError:
        raise UsageError("Spark needs PySpark: pip install 'ddcheck[spark]', and Java 17 or newer") from None
    return functions, (PySparkException, Py4JError)


def _session(workers: int) -> Any:
    """The session that spark-submit began, or one on this machine."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("ddcheck")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        local = {
            "spark.master": f"local[{workers}]",
            "spark.driver.memory": DRIVER_MEMORY,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }
        builder = builder.config(map=local)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return builder.getOrCreate()
    except PySparkException as error:
        raise UsageError(f"Spark does not start: {_first(error)} It needs Java 17 or newer") from None


def _first(error: Exception) -> str:
    """What went wrong, in a sentence: Spark begins it with a name in brackets."""
    text = str(error)
    named = _NAMED.search(text)
    return named[0] if named else next((line for line in text.splitlines() if line.strip()), type(error).__name__)


def _check_path(path: str) -> None:
    """Refuse what lies on this machine and is read without Spark, before Spark is started.

    Raises:
        UsageError: It is no Parquet, or a folder that holds other files only.
    """
    local = Path(path)
    if local.is_dir():
        below = (found for found in local.rglob("*") if found.is_file() and not found.name.startswith(("_", ".")))
        other = next(below, None)
        if other is None or any(found.suffix.lower() not in _READ_ALONE for found in chain([other], below)):
            return  # Spark tells what a folder without any file lacks
    elif not local.is_file() or local.suffix.lower() not in _READ_ALONE:
        return
    raise UsageError(
        f"Spark reads Parquet, and {path} holds none. Leave out --engine spark to judge it on this machine, or write a "
        "Parquet dataset: the columns of a wide table, or whole profiles as JSON in a column 'profile'"
    )


def _dataset(spark: Any, paths: Sequence[str]) -> Any:
    """The data; days and numbers in the names of its partitions stay texts."""
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    spark.conf.set("spark.sql.caseSensitive", "true")
    roots = {_root(path) for path in paths}
    if len(roots) > 1 and any(root != path.rstrip("/") for root, path in zip(map(_root, paths), paths, strict=True)):
        raise UsageError(f"partitions of one dataset at a time: these are of {', '.join(sorted(roots))}")
    reader = spark.read.option("basePath", roots.pop()) if len(roots) == 1 else spark.read
    return reader.parquet(*paths)


def _root(path: str) -> str:
    """The dataset that a partition belongs to.

    >>> _root("s3a://bucket/records/day=2022-05-31")
    's3a://bucket/records'
    """
    kept: list[str] = []
    for part in path.rstrip("/").split("/"):
        if "=" in part:
            break
        kept.append(part)
    else:
        if path.endswith(".parquet") and len(kept) > 1 and Path(path).is_file():
            kept.pop()
    return "/".join(kept) or "."


def _partitions(data: Any) -> tuple[str, ...]:
    """The columns that stand in the names of folders, the outermost first."""
    files = data.inputFiles()
    if not files:
        raise UsageError("there is no Parquet file in it")
    found = [unquote(part.partition("=")[0]) for part in files[0].split("/")[:-1] if "=" in part]
    return tuple(name for name in found if name in data.columns)


def _is_layout(types: Mapping[str, str], rulebook: Rulebook, plan: Plan) -> bool:
    if types.get("kind") not in ("tinyint", "smallint", "int", "bigint"):
        return False
    dated = plan.settings.as_of.isoformat() if plan.settings.parameters == "as-of" else None
    known = {spec.name for spec in Layout.of(rulebook, program(rulebook, dated)).columns}
    return any(name in known and name not in ("kind", "as_of") for name in types)


def _check(task: Task) -> None:
    """Refuse headings before any work is done."""
    if task.layout or PROFILE in task.headings:
        return
    if "fact" in task.headings and {"value", "lo", "hi", "status"} & set(task.headings):
        raise UsageError("Spark reads rows that hold a platform each, and not the long form, a row a fact")
    table = Table("the data", stated(task), iter(()))
    list(table_records(table, Path("data.parquet"), task.setup.rulebook.dictionary, task.mapping))


def _schema(task: Task, data: Any) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    if not task.layout:
        return from_arrow_schema(results_schema(task))
    import pyarrow as arrow

    fields = [field for field in to_arrow_schema(data.schema) if field.name in task.headings]
    fields += [arrow.field(_FILE, arrow.string()), arrow.field(_ROW, arrow.int64())]
    empty = arrow.schema(fields).empty_table()
    batch = arrow.RecordBatch.from_arrays([arrow.array([], field.type) for field in fields], schema=empty.schema)
    return from_arrow_schema(_in_columns(batch, task, _judge_of(task)).schema)


def _column(functions: Any, name: str) -> Any:
    return functions.col("`" + name.replace("`", "``") + "`")


def _verdicts(spark: Any, functions: Any, path: str, task: Task) -> Verdicts:
    """What stands in the dataset of results now, counted where it lies."""
    found = spark.read.parquet(path)
    if task.layout:
        letter = functions.element_at(
            functions.array(*map(functions.lit, "ABCDEF")), _column(functions, "grade.worst") + 1
        )
        graded = _column(functions, "grade.worst") >= 0
        found = found.withColumn(FAULT, functions.lit(None)).withColumn("worst", functions.when(graded, letter))
    told = functions.col(FAULT).isNull()
    counts = found.where(told).groupBy("worst", "assessable").count().collect()
    grades: dict[str, int] = {}
    for row in counts:
        if row["worst"] is not None and row["assessable"]:
            grades[row["worst"]] = row["count"]
    thin = sum(row["count"] for row in counts if row["worst"] is not None and not row["assessable"])
    ungraded = sum(row["count"] for row in counts if row["worst"] is None)
    faults: list[Fault] = []
    unread = 0
    if not task.layout:
        lost = found.where(~told)
        unread = lost.select("file", "line").distinct().count()
        for row in lost.orderBy("file", "line").limit(SHOWN).collect():
            cells = json.loads(row[FAULT])
            faults.append(Fault(*(cells[name] for name in ("file", "message", "hint", "line", "column", "key"))))
    rows = sum(row["count"] for row in counts)
    return Verdicts(path, rows, dict(sorted(grades.items())), thin, ungraded, unread, tuple(faults))


__all__ = ["Task", "Verdicts", "Worker", "judge_dataset"]
