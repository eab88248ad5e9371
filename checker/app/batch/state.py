"""What a batch has done so far: an interrupted run goes on from here, a later one skips what has not changed.

One SQLite file. Whatever happens, it holds whole records only: a run that is killed loses the last second of work. Two
runs cannot write into the same folder at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from checker.app.batch.table import row_from, stored
from checker.assess.portfolio import BatchRow, rank
from checker.importers.records import Record, Unread
from checker.model.errors import Fault, UsageError

STATE = "state.sqlite"
FORMAT = 1
COMMIT_SECONDS = 1.0
REMEMBERED = 1_000
"""Lists of open facts that are kept in memory while rows are read."""
OPENS = "opens"
_TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS records (
    id TEXT, known_by TEXT, as_of TEXT, digest TEXT, run INTEGER, PRIMARY KEY (id, known_by, as_of)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (
    id TEXT, known_by TEXT, as_of TEXT, own_known_by TEXT, own_as_of TEXT, name TEXT, place TEXT, row TEXT,
    PRIMARY KEY (id, known_by, as_of)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS earlier (id TEXT PRIMARY KEY, known_by TEXT, as_of TEXT, row TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS opens (digest TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (
    file TEXT, line INTEGER, col INTEGER, key TEXT, message TEXT, hint TEXT, record INTEGER
);
"""
_LATEST = """
INSERT INTO earlier SELECT id, known_by, as_of, row FROM rows WHERE true ORDER BY id, known_by, as_of
ON CONFLICT (id) DO UPDATE SET known_by = excluded.known_by, as_of = excluded.as_of, row = excluded.row
"""


class State:
    """The state of a batch in its folder of results.

    Args:
        out: The folder of results.
        fresh: Whether everything is judged again; what the last run found is kept only to say what moved.

    Raises:
        UsageError: Another run is writing there, or the state cannot be read or written.
    """

    def __init__(self, out: Path, *, fresh: bool = False) -> None:
        self.path = out / STATE
        self._unread = 0
        self._since = monotonic()
        self._opens: dict[str, tuple[tuple[str, int], ...]] = {}
        with self._told():
            self._base = sqlite3.connect(self.path, timeout=0.5, isolation_level=None)
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._base.execute("BEGIN EXCLUSIVE")
            for statement in filter(str.strip, _TABLES.split(";")):
                self._base.execute(statement)
            if self._about("format", str(FORMAT)) != str(FORMAT):
                raise UsageError(f"{self.path} is of another version. Choose another folder, or delete the file")
            self._set("format", str(FORMAT))
            if self._about("finished") == "yes":
                self._base.execute("DELETE FROM earlier")
                self._base.execute(_LATEST)
                self._set("run", str(int(self._about("run", "0")) + 1))
            self._set("finished", "no")
            if fresh:
                self._base.execute("DELETE FROM records")
                self._base.execute("DELETE FROM rows")
                self._base.execute("DELETE FROM opens")
            self._base.execute("DELETE FROM faults")
            self.run = int(self._about("run", "0"))
            self.commit()

    # -- plumbing

    def _told(self) -> _Told:
        return _Told(self.path)

    def _about(self, key: str, default: str = "") -> str:
        found = self._base.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else default

    def _set(self, key: str, value: str) -> None:
        self._base.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))

    def commit(self) -> None:
        """Make what was done last."""
        with self._told():
            if self._base.in_transaction:
                self._base.execute("COMMIT")
            self._base.execute("BEGIN")
            self._since = monotonic()

    def _tick(self) -> None:
        if monotonic() - self._since > COMMIT_SECONDS:
            self.commit()

    def close(self) -> None:
        """Leave the folder to others."""
        with self._told():
            if self._base.in_transaction:
                self._base.execute("COMMIT")
        self._base.close()

    # -- records

    def unchanged(self, record: Record, digest: str, *, present: Callable[[str], bool]) -> int | None:
        """How many rows a record has that need not be judged again; None if it must be.

        Args:
            record: The record.
            digest: Digest of all that its rows depend on.
            present: Whether a file that was written about it is still there.
        """
        key = record.key
        with self._told():
            kept = self._base.execute(
                "SELECT digest FROM records WHERE id = ? AND known_by = ? AND as_of = ?", key
            ).fetchone()
            if kept is None or kept[0] != digest:
                return None
            texts = [
                text
                for (text,) in self._base.execute(
                    "SELECT row FROM rows WHERE id = ? AND own_known_by = ? AND own_as_of = ?", key
                )
            ]
            for text in texts:
                row = json.loads(text)
                if not all(present(row[name]) for name in ("assessment", "report") if row[name]):
                    return None
                if row["line"] != record.line:
                    row["line"] = record.line
                    self._base.execute(
                        "UPDATE rows SET row = ? WHERE id = ? AND known_by = ? AND as_of = ?",
                        (json.dumps(row, ensure_ascii=False), row["id"], row["known_by"], row["as_of"]),
                    )
            self._base.execute(
                "UPDATE records SET run = ? WHERE id = ? AND known_by = ? AND as_of = ?", (self.run, *key)
            )
        self._tick()
        return len(texts)

    def keep(self, record: Record, digest: str, rows: Iterable[BatchRow]) -> None:
        """The rows of a record that was judged."""
        key = record.key
        with self._told():
            self._base.execute("DELETE FROM rows WHERE id = ? AND own_known_by = ? AND own_as_of = ?", key)
            self._base.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        *(row.id, row.known_by, row.as_of, *key[1:], row.name, _place(row)),
                        self._text(row),
                    )
                    for row in rows
                ],
            )
            self._base.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", (*key, digest, self.run))
        self._tick()

    def without_report(self, row: BatchRow) -> None:
        """The report of a row could not be written; the record is judged again next time."""
        with self._told():
            text = self._text(replace(row, report=""))
            key = row.id, row.known_by, row.as_of
            self._base.execute("UPDATE rows SET row = ? WHERE id = ? AND known_by = ? AND as_of = ?", (text, *key))
            self._base.execute("UPDATE records SET digest = '' WHERE id = ?", (row.id,))

    def refuse(self, unread: Unread) -> None:
        """What could not be read or judged."""
        self._unread += 1
        with self._told():
            self._base.executemany(
                "INSERT INTO faults VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(f.file, f.line, f.column, f.key, f.message, f.hint, self._unread) for f in unread.faults],
            )
        self._tick()

    def finish(self) -> None:
        """Everything was done: what this run did not meet is forgotten."""
        with self._told():
            self._base.execute(
                "DELETE FROM rows WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.run = ? AND r.id = rows.id"
                " AND r.known_by = rows.own_known_by AND r.as_of = rows.own_as_of)",
                (self.run,),
            )
            self._base.execute("DELETE FROM records WHERE run <> ?", (self.run,))
        self.commit()

    def finished(self) -> None:
        """The results are written, too: the next run tells what moved since this one."""
        with self._told():
            self._set("finished", "yes")
        self.commit()

    # -- what was found

    def rows(self, *, ranked: bool = False) -> Generator[BatchRow, None, None]:
        """Every row: in the order of the ranking, or platform by platform with the earliest cut first."""
        order = "place, id, known_by, as_of" if ranked else "id, known_by, as_of"
        yield from self._read(f"SELECT row FROM rows ORDER BY {order}")

    def by_name(self) -> Generator[BatchRow, None, None]:
        """Every row by the platform's name, the earliest cut first."""
        yield from self._read("SELECT row FROM rows ORDER BY name, id, known_by, as_of")

    def latest(self) -> Iterator[BatchRow]:
        """The latest row of every platform."""
        last: BatchRow | None = None
        for row in self.rows():
            if last is not None and row.id != last.id:
                yield last
            last = row
        if last is not None:
            yield last

    def cuts(self) -> int:
        """How many different cuts there are."""
        return int(self._one("SELECT count(*) FROM (SELECT DISTINCT known_by, as_of FROM rows)"))

    def counts(self) -> tuple[int, int, int]:
        """How many platforms, rows and unread records there are."""
        return (
            int(self._one("SELECT count(DISTINCT id) FROM rows")),
            int(self._one("SELECT count(*) FROM rows")),
            self._unread,
        )

    def faults(self, most: int | None = None) -> Iterator[Fault]:
        """What is wrong, in the order of files, lines and columns."""
        order = "ORDER BY file, line, col, key, message LIMIT ?"
        with self._told():
            query = f"SELECT file, message, hint, line, col, key FROM faults {order}"
            for file, message, hint, line, column, key in self._base.execute(query, (-1 if most is None else most,)):
                yield Fault(file, message, hint, line, column, key)

    def set_earlier(self, rows: Iterable[BatchRow]) -> None:
        """Take a table of results in place of the last run's for what moved."""
        with self._told():
            self._base.execute("DELETE FROM earlier")
            self._base.executemany(
                "INSERT INTO earlier VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET known_by = excluded.known_by,"
                " as_of = excluded.as_of, row = excluded.row"
                " WHERE (excluded.known_by, excluded.as_of) > (known_by, as_of)",
                ((r.id, r.known_by, r.as_of, json.dumps(stored(r), ensure_ascii=False)) for r in rows),
            )

    def earlier(self, id: str) -> BatchRow | None:
        """The latest row of a platform in the earlier run."""
        with self._told():
            found = self._base.execute("SELECT row FROM earlier WHERE id = ?", (id,)).fetchone()
        return row_from(json.loads(found[0])) if found else None

    def earlier_cut(self) -> str:
        """The last day known by in the earlier run; empty where there was none."""
        return str(self._one("SELECT coalesce(max(known_by), '') FROM earlier"))

    def gone(self, most: int) -> list[str]:
        """Platforms that only the earlier run has."""
        query = (
            "SELECT id FROM earlier e WHERE NOT EXISTS (SELECT 1 FROM rows WHERE rows.id = e.id) ORDER BY id LIMIT ?"
        )
        with self._told():
            return [id for (id,) in self._base.execute(query, (most,))]

    def _one(self, query: str) -> Any:
        with self._told():
            return self._base.execute(query).fetchone()[0]

    def _read(self, query: str) -> Generator[BatchRow, None, None]:
        with self._told():
            for (text,) in self._base.execute(query):
                yield self._row(text)

    def _text(self, row: BatchRow) -> str:
        """A row as it is kept; what many rows have in common, the facts that are open, is kept once."""
        cells = stored(row)
        if row.open is not None:
            facts = " ".join(f"{fact}:{rules}" for fact, rules in row.open)
            cells[OPENS] = sha256(facts.encode()).hexdigest()[:32]
            self._base.execute("INSERT OR IGNORE INTO opens VALUES (?, ?)", (cells[OPENS], facts))
        return json.dumps(cells, ensure_ascii=False)

    def _row(self, text: str) -> BatchRow:
        cells = json.loads(text)
        row = row_from(cells)
        return replace(row, open=self._opened(cells[OPENS])) if cells.get(OPENS) else row

    def _opened(self, digest: str) -> tuple[tuple[str, int], ...]:
        if digest not in self._opens:
            found = self._base.execute("SELECT facts FROM opens WHERE digest = ?", (digest,)).fetchone()
            parts = [part.rpartition(":") for part in (found[0].split() if found else ())]
            if len(self._opens) >= REMEMBERED:
                self._opens.clear()
            self._opens[digest] = tuple((fact, int(rules)) for fact, _, rules in parts)
        return self._opens[digest]


class _Told:
    """Tells what goes wrong with the state in words that help."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, sqlite3.Error):
            return
        text = str(error)
        if "locked" in text:
            raise UsageError(f"another run is writing into {self.path.parent}. Wait for it, or choose another --out")
        if "full" in text or "disk I/O" in text:
            raise UsageError(
                f"cannot write {self.path}: {text}. What was judged is kept: free some space there and run the same "
                "command again"
            )
        if isinstance(error, sqlite3.OperationalError):
            raise UsageError(f"cannot write {self.path}: {text}. Choose a folder that can be written")
        raise UsageError(f"{self.path} is damaged ({text}). Delete it and run again: everything is judged anew")


def _place(row: BatchRow) -> str:
    """The ranking as a text that sorts as it does."""
    first, *rest = rank(row)
    parts = [f"{1 + part:.6f}" if isinstance(part, float) else str(part) for part in rest]
    return "\x01".join([str(first), *parts])
