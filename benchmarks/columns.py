"""All packs and the whole verdict over many platforms: records a second, and the most memory that each way takes.

Each way runs in a process of its own, which is given batches of records in turn and lets each go, as a long batch does;
making the records is not counted, the memory they take is; `first` is what ten records take before, with imports and
what is compiled once. A generated record takes each fact as some shipped profile, drawn by a fixed seed, has it; a real
one is a shipped profile as known on a day. All ways must give the same outcomes.

    python benchmarks/columns.py [--records 10000 100000] [--ways arrays polars pandas pyarrow duckdb] [--batch 50000]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

TOP = Path(__file__).resolve().parents[1]
WAYS = ("arrays", "polars", "pandas", "pyarrow", "duckdb")
CUTS = (date(2020, 12, 31), date(2021, 12, 31), date(2022, 5, 31), date(2024, 6, 30))
SEED = 20261122
SIZES = (10_000, 100_000, 1_000_000)
LIMIT = 4 * 1024**3
"""Bytes that a million records through all packs may take."""


def machine() -> str:
    """The machine and the libraries, in a line."""
    with open("/proc/meminfo", encoding="ascii") as file:
        memory = int(file.readline().split()[1]) / 1024**2
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "polars", "pandas", "pyarrow", "duckdb"))
    load = os.getloadavg()[0]
    return (
        f"{date.today()}; {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()}, Python "
        f"{platform.python_version()}, {libraries}, narwhals {version('narwhals')}; load when begun {load:.1f}"
    )


def shipped_records() -> Iterator[Any]:
    """Every shipped profile at every cut, with what judges it."""
    from checker.app.audit import shipped_rulebook
    from checker.model.profile import load_profile

    rulebook = shipped_rulebook()
    for path in sorted((TOP / "profiles").glob("*.json")):
        profile = load_profile(path, rulebook.dictionary, today=date(2026, 12, 31))
        for day in CUTS:
            yield rulebook, profile, day


def real_arrays() -> tuple[dict[str, Any], int]:
    """The shipped profiles as columns of the layout."""
    from checker.assess.assess import program, rules_of_kind
    from checker.engine.columns.flatten import columns_of, flatten
    from checker.engine.columns.layout import Layout
    from checker.engine.cut import Cut
    from checker.engine.rules import RuleEngine
    from checker.model.view import View

    rows: list[Any] = []
    layout: Any = None
    for rulebook, profile, day in shipped_records():
        if layout is None:
            compiled = program(rulebook)
            layout = Layout.of(rulebook, compiled)
        rules = rules_of_kind(rulebook, profile.kind, compiled)
        cut = Cut(View(profile, rulebook.dictionary, day, day), rulebook.reference)
        rows.append(
            flatten(layout, RuleEngine(compiled, cut, rulebook.dictionary), profile.kind, day.toordinal(), rules)
        )
    types = {"Float64": np.float64, "Int8": np.int8, "Int16": np.int16, "Int32": np.int32}
    columns = columns_of(layout, rows)
    found = {
        spec.name: np.array([spec.missing if v is None else v for v in columns[spec.name]], types[spec.type])
        for spec in layout.columns
        if spec.name in columns
    }
    return found, len(rows)


def generated(base: Mapping[str, Any], size: int, seed: int) -> dict[str, Any]:
    """Records of which each fact is that of some real one."""
    random = np.random.default_rng(seed)
    count = len(base["kind"])
    drawn: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for name, held in base.items():
        stem = name.rpartition(".")[0] or name
        if stem not in drawn:
            drawn[stem] = random.integers(0, count, size)
        found[name] = held[drawn[stem]]
    return found


def repeated(base: Mapping[str, Any], size: int, seed: int) -> dict[str, Any]:
    """Real records in any order."""
    drawn = np.random.default_rng(seed).integers(0, len(base["kind"]), size)
    return {name: held[drawn] for name, held in base.items()}


def frame_of(way: str, arrays: Mapping[str, Any]) -> Any:
    """A batch as a frame of a library."""
    if way == "arrays":
        return dict(arrays)
    if way == "polars":
        import polars as pl

        return pl.DataFrame(arrays)
    import pyarrow as pa

    table = pa.table(dict(arrays))
    if way == "pandas":
        import pandas as pd

        kinds = {"int8": "Int8", "int16": "Int16", "int32": "Int32", "float64": "Float64"}
        return pd.DataFrame({name: pd.array(held, dtype=kinds[str(held.dtype)]) for name, held in arrays.items()})
    if way == "duckdb":
        import duckdb

        return duckdb.from_arrow(table)
    return table


def run_way(way: str, base_file: str, records: int, batch: int, kind: str) -> dict[str, Any]:
    """Judge so many records in this process; times, memory, and a sum over all outcomes to compare by."""
    from checker.app.audit import shipped_rulebook
    from checker.assess.assess import program
    from checker.engine.columns.judge import BatchJudge

    with np.load(base_file) as file:
        base = dict(file)
    rulebook = shipped_rulebook()
    judge = BatchJudge(rulebook, program(rulebook))
    make = generated if kind == "generated" else repeated
    few = make(base, 10, SEED)
    start = time.process_time()
    _ = judge.judge_arrays(few, 10) if way == "arrays" else judge.judge(frame_of(way, few))
    first = time.process_time() - start
    wall = cpu = 0.0
    total = 0
    for number, at in enumerate(range(0, records, batch)):
        arrays = make(base, min(batch, records - at), SEED + number)
        frame = frame_of(way, arrays)
        size = len(arrays["kind"])
        del arrays
        start, began = time.perf_counter(), time.process_time()
        found = judge.judge_arrays(frame, size) if way == "arrays" else judge.judge(frame)
        wall, cpu = wall + time.perf_counter() - start, cpu + time.process_time() - began
        total += _sum(found)
        del found, frame
    return {"wall": wall, "cpu": cpu, "peak": peak(), "sum": total, "first": first}


def peak() -> int:
    """The most memory that this process has taken, in bytes; `ru_maxrss` would count what its parent had, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _sum(found: Any) -> int:
    import narwhals.stable.v2 as nw

    if isinstance(found, dict):
        columns = {name: np.asarray(held) for name, held in found.items()}
    else:
        frame = nw.from_native(found)
        columns = {name: frame[name].to_numpy() for name in frame.columns}
    return sum(
        int(held.astype(np.int64).sum()) * (place + 1) for place, (_, held) in enumerate(sorted(columns.items()))
    )


def scalar_rate(count: int) -> float:
    """Profiles a second, judged one by one by `ddcheck batch` from the parsed profile on."""
    from checker.assess.assessment import Options
    from checker.assess.series import Series

    seconds, done = 0.0, 0
    for rulebook, profile, day in shipped_records():
        if done == count:
            break
        start = time.process_time()
        Series(profile, rulebook, Options(str(day), str(day), "latest", {}, {})).at(day, day)
        seconds += time.process_time() - start
        done += 1
    return done / seconds


def main() -> int:
    parser = argparse.ArgumentParser(description="All packs over many records.")
    parser.add_argument("--records", type=int, nargs="+", default=[SIZES[0]], help="how many (default 10000)")
    parser.add_argument("--full", action="store_true", help="10,000, 100,000 and a million")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--batch", type=int, default=50_000, help="records at once (default 50000)")
    parser.add_argument("--one", nargs=3, metavar=("WAY", "BASE", "KIND"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, base, kind = options.one
        print(json.dumps(run_way(way, base, options.records[0], options.batch, kind)))
        return 0
    print(machine())
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "real.npz")
        base, count = real_arrays()
        np.savez(file, **base)  # type: ignore[arg-type]
        rate = scalar_rate(96)
        print(
            f"scalar path, one profile after the other, reading not counted: {rate:,.0f} profiles a second of processor"
        )
        print(f"{count} real records, {len(base)} columns; batches of {options.batch:,}")
        print(
            f"{'records':22} {'way':8} {'wall s':>8} {'cpu s':>8} {'records/s':>10} {'x scalar':>9} "
            f"{'first s':>8} {'peak MiB':>9}"
        )
        for records in SIZES if options.full else options.records:
            for kind in ("generated", "real"):
                sums = set()
                for way in options.ways:
                    if kind == "real" and way != options.ways[0]:
                        continue
                    told = _child(way, file, kind, records, options.batch)
                    sums.add(told["sum"])
                    per = records / told["cpu"]
                    most = told["peak"] / 2**20
                    print(
                        f"{records:>12,} {kind:9} {way:8} {told['wall']:8.2f} {told['cpu']:8.2f} {per:10,.0f} "
                        f"{per / rate:9.0f} {told['first']:8.2f} {most:9,.0f}",
                        flush=True,
                    )
                    if told["peak"] > LIMIT:
                        print(f"{way} took more than {LIMIT / 2**30:.0f} GiB", file=sys.stderr)
                        wrong = True
                if len(sums) > 1:
                    print(f"the ways do not agree: {sums}", file=sys.stderr)
                    wrong = True
    return 1 if wrong else 0


def _child(way: str, file: str, kind: str, records: int, batch: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", way, file, kind, "--records", str(records), "--batch", str(batch)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TOP)
    if done.returncode != 0:
        raise SystemExit(f"{way} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    sys.exit(main())
