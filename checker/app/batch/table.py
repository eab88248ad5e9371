"""The table of results, a row for each platform and cut: CSV, JSON lines or Parquet, written and read in a stream."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from checker.assess.portfolio import BatchRow, TraitLevels
from checker.model.errors import Fault, InputError, UsageError, did_you_mean
from checker.model.finding import Grade

FORMATS = ("csv", "jsonl", "parquet")
STEM = "results"
BATCH_ROWS = 2_048
RULE = "rules."
"""How the name of a rule's column begins."""
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_COUNTS = re.compile(r"traits\..*|line")
_SHARES = ("coverage.all", "coverage.critical")


def columns(traits: Sequence[str], rules: Sequence[str] = ()) -> list[str]:
    """The names of the columns, in order.

    Args:
        traits: Ids of the traits.
        rules: Ids of the rules that have a column of their own.
    """
    return [
        *("id", "name", "kind", "file", "line", "as_of", "known_by", "for", "grade", "best", "worst", "assessable"),
        *("pattern.best", "pattern.worst"),
        *(f"traits.{trait}.{end}" for trait in traits for end in ("best", "worst")),
        *_SHARES,
        *("stops", "deciding", "status", "failing", "certain", "facts", "rules", "assessment", "report"),
        *(f"rules.{rule}" for rule in rules),
    ]


def flat(row: BatchRow, names: Sequence[str]) -> dict[str, Any]:
    """A row by column; several ids stand in one cell with blanks between them."""
    found: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "file": row.file,
        "line": row.line,
        "as_of": row.as_of,
        "known_by": row.known_by,
        "for": row.reader,
        "grade": row.grade.name if row.grade is not None else None,
        "best": row.best.name if row.best is not None else None,
        "worst": row.worst.name if row.worst is not None else None,
        "assessable": row.assessable,
        "pattern.best": row.pattern_best,
        "pattern.worst": row.pattern_worst,
        "coverage.all": row.coverage_all,
        "coverage.critical": row.coverage_critical,
        "stops": " ".join(row.stops),
        "deciding": " ".join(row.deciding),
        "status": " ".join(row.status),
        "failing": " ".join(sorted(row.fails)),
        "certain": row.certain,
        "facts": row.facts,
        "rules": row.rules,
        "assessment": row.assessment,
        "report": row.report,
    }
    for trait in row.traits:
        found[f"traits.{trait.id}.best"], found[f"traits.{trait.id}.worst"] = trait.best, trait.worst
    found |= {f"rules.{rule}": letters for rule, letters in row.outcomes.items()}
    return {name: found.get(name) for name in names}


def stored(row: BatchRow) -> dict[str, Any]:
    """A row as the state of a run keeps it."""
    traits = [trait.id for trait in row.traits]
    return flat(row, columns(traits, list(row.outcomes)))


def row_from(cells: dict[str, Any]) -> BatchRow:
    """A row out of its columns; values may be texts, as a CSV has them.

    Raises:
        ValueError: A column is missing or holds what it cannot.
    """

    def text(name: str) -> str:
        value = cells.get(name)
        return "" if value is None else str(value)

    def grade(name: str) -> Grade | None:
        return Grade[text(name)] if text(name) else None

    missing = [name for name in ("id", "name", "kind", "as_of", "known_by", "best", "worst") if name not in cells]
    if missing:
        raise ValueError(f"there is no column {missing[0]!r}")
    traits = [
        TraitLevels(name.split(".")[1], int(float(text(name))), int(float(text(f"traits.{name.split('.')[1]}.worst"))))
        for name in cells
        if name.startswith("traits.") and name.endswith(".best") and text(name)
    ]
    outcomes = {name[len(RULE) :]: str(value) for name, value in cells.items() if value and name.startswith(RULE)}
    outcomes = outcomes or dict.fromkeys(text("failing").split(), "F")
    return BatchRow(
        text("id"),
        text("name"),
        text("kind"),
        text("file"),
        int(float(text("line"))) if text("line") else None,
        text("as_of"),
        text("known_by"),
        grade("best"),
        grade("worst"),
        text("assessable").lower() == "true",
        text("pattern.best") or None,
        text("pattern.worst") or None,
        tuple(sorted(traits)),
        float(text("coverage.all") or 0),
        float(text("coverage.critical") or 0),
        tuple(text("stops").split()),
        tuple(text("deciding").split()),
        tuple(text("status").split()),
        outcomes,
        text("certain"),
        text("for"),
        text("facts"),
        text("rules"),
        text("assessment"),
        text("report"),
    )


# ----------------------------------------------------------------------------------------------------------- writing


def no_room(path: Path, error: OSError) -> UsageError:
    """What is told where a file cannot be written."""
    reason = (error.strerror or str(error)).lower()
    what = "free some space there" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "look at the folder"
    return UsageError(f"cannot write {path}: {reason}. What was judged is kept: {what} and run the same command again")


@contextmanager
def whole(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file that appears whole when it is closed, or not at all.

    Raises:
        UsageError: It cannot be written.
    """
    temporary = ""
    try:
        encoding, newline = (None, None) if "b" in mode else ("utf-8", "")
        with tempfile.NamedTemporaryFile(
            mode, dir=path.parent, prefix=f".{path.name}.", delete=False, encoding=encoding, newline=newline
        ) as file:
            temporary = file.name
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        raise no_room(path, error) from None
    finally:
        if temporary:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def defused(text: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def _armed(text: str) -> str:
    """The cell as it was before it was defused."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


def write_table(rows: Iterable[BatchRow], names: Sequence[str], out: Path, formats: Sequence[str]) -> list[Path]:
    """Write the results in the formats asked for; others of an earlier run are removed.

    Raises:
        UsageError: A file cannot be written, or Parquet needs a library that is not installed.
    """
    paths = [out / f"{STEM}.{form}" for form in formats]
    with _Writers(names, paths) as writers:
        for row in rows:
            writers.add(flat(row, names))
    for form in FORMATS:
        if form not in formats:
            (out / f"{STEM}.{form}").unlink(missing_ok=True)
    return paths


class _Writers:
    """One open file for each format."""

    def __init__(self, names: Sequence[str], paths: Sequence[Path]) -> None:
        from contextlib import ExitStack

        self.names = names
        self.paths = {path.suffix: path for path in paths}
        self.stack = ExitStack()
        self.files: dict[str, Any] = {}
        self.waiting: list[dict[str, Any]] = []

    def __enter__(self) -> _Writers:
        with self.stack:
            for suffix, path in self.paths.items():
                file = self.stack.enter_context(whole(path, "wb" if suffix == ".parquet" else "w"))
                if suffix == ".csv":
                    self.files[suffix] = csv.writer(file, lineterminator="\n")
                    self.files[suffix].writerow(self.names)
                elif suffix == ".jsonl":
                    self.files[suffix] = file
                else:
                    self.files[suffix] = self.stack.enter_context(_parquet_writer(file, self.names))
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            try:
                self._flush()
            except OSError as fault:
                self.stack.__exit__(type(fault), fault, None)
                raise no_room(next(iter(self.paths.values())), fault) from None
        self.stack.__exit__(*error)

    def add(self, cells: dict[str, Any]) -> None:
        if ".csv" in self.files:
            self.files[".csv"].writerow([_cell(cells[name]) for name in self.names])
        if ".jsonl" in self.files:
            self.files[".jsonl"].write(json.dumps(cells, ensure_ascii=False, allow_nan=False) + "\n")
        if ".parquet" in self.files:
            self.waiting.append(cells)
            if len(self.waiting) >= BATCH_ROWS:
                self._flush()

    def _flush(self) -> None:
        if self.waiting:
            import pyarrow as arrow

            writer = self.files[".parquet"]
            writer.write_table(arrow.Table.from_pylist(self.waiting, schema=writer.schema))
            self.waiting = []


def _cell(value: object) -> object:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else defused(value)


def schema_of(names: Sequence[str]) -> Any:
    """The columns of the table of results as Parquet has them."""
    arrow, _ = _arrow()
    types = {"assessable": arrow.bool_(), **dict.fromkeys(_SHARES, arrow.float64())}
    return arrow.schema(
        [
            arrow.field(name, types.get(name) or (arrow.int32() if _COUNTS.fullmatch(name) else arrow.string()))
            for name in names
        ]
    )


def _parquet_writer(file: IO[bytes], names: Sequence[str]) -> Any:
    _, parquet = _arrow()
    return parquet.ParquetWriter(file, schema_of(names), compression="zstd")


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install 'ddcheck[parquet]'") from None
    return pyarrow, parquet


def check_formats(formats: Sequence[str]) -> None:
    """Refuse formats that cannot be written here, before any work is done.

    Raises:
        UsageError: Parquet needs a library that is not installed.
    """
    if "parquet" in formats:
        _arrow()


# ----------------------------------------------------------------------------------------------------------- reading


def read_table(path: Path) -> Iterator[BatchRow]:
    """The rows of an earlier table of results.

    Raises:
        UsageError: It is no such table.
        InputError: A row of it is damaged.
    """
    if path.is_dir():
        path = next((path / f"{STEM}.{form}" for form in FORMATS if (path / f"{STEM}.{form}").is_file()), path / STEM)
    if path.suffix.lower() not in {f".{form}" for form in FORMATS}:
        raise UsageError(
            f"{path} is no table of results. {did_you_mean(path.suffix, [f'.{form}' for form in FORMATS])}"
        )
    number = 1
    try:
        for cells in _cells_of(path):
            yield row_from(cells)
            number += 1
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        what = f"row {number} is no row of a table of results ({error})"
        raise InputError([Fault(path.as_posix(), what, "`ddcheck batch` writes such tables.")]) from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or 'unknown reason').lower()}") from None


def _cells_of(path: Path) -> Iterator[dict[str, Any]]:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        arrow, parquet = _arrow()
        try:
            for batch in parquet.ParquetFile(path).iter_batches(batch_size=BATCH_ROWS):
                yield from batch.to_pylist()
        except arrow.ArrowException as error:
            raise ValueError(str(error).splitlines()[0]) from None
        return
    with open(path, encoding="utf-8", newline="") as file:
        if suffix == ".csv":
            for line in csv.DictReader(file):
                yield {name: _armed(cell or "") for name, cell in line.items() if name is not None}
        else:
            for text in file:
                cells = json.loads(text)
                if not isinstance(cells, dict):
                    raise ValueError("expected an object")
                yield cells


def fault_line(fault: Fault) -> str:
    """A fault as a line of JSON: where, what, what to do."""
    keys = ("file", "line", "column", "key", "message", "hint")
    return json.dumps({key: getattr(fault, key) for key in keys}, ensure_ascii=False)
