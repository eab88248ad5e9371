"""Thirty threshold rules over many records: ddcheck against NumPy and Polars by hand, and against general rule engines.

By hand and in ddcheck every number has two bounds, and the outcomes are the same, or this ends with an error. A general
engine evaluates one expression a rule on one record at a time: `same work` reads both bounds and gives the same
outcomes; `less` reads one number a fact, none of them missing, and tells only fail, warn or pass. Everything runs in
turn within one process, so that a busy machine slows all alike: read the ratios. Then the same rules with other
thresholds, up to eight times as many, over more records, each in a process of its own: how time and memory grow.

    python benchmarks/rules.py [--records 1000000] [--runs 7] [--rows 2000]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from columns import machine, peak
from thirty import FACTS, LEAST, MOST, RULES, by_numpy, by_polars, drawn, ids, write_pack
from thirty import KINDS as OF_RULES

SEED = 20261122
HUGE = 1e20
"""What a general engine is given where a bound is endless."""


def judge_of(copies: int = 1) -> Any:
    """The thirty rules, compiled by ddcheck; further copies have thresholds of their own."""
    from checker.app.audit import shipped_rulebook
    from checker.assess.assess import program
    from checker.engine.columns.judge import BatchJudge

    with tempfile.TemporaryDirectory() as folder:
        rulebook = shipped_rulebook((write_pack(Path(folder), copies),))
    return BatchJudge(rulebook, program(rulebook), rules=ids(copies), masks_only=True)


def kinds() -> dict[str, int]:
    """The number of each kind."""
    from checker.model.dictionary import KINDS

    return {kind: number for number, kind in enumerate(KINDS)}


def filled(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Records as the layout has them: the end of the fact's range where a bound is unknown."""
    ends = {f"{FACTS[s][0]}.{end}": held[s] for s in FACTS for end, held in (("lo", LEAST), ("hi", MOST))}
    return {name: np.where(np.isnan(held), ends[name], held) if name in ends else held for name, held in arrays.items()}


def frames(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The records as frames of each library, with null where a bound is unknown."""
    import duckdb
    import pandas as pd
    import polars as pl

    frame = pl.DataFrame(dict(arrays)).with_columns(pl.col(pl.Float64).fill_nan(None))
    table = frame.to_arrow()
    nullable = pd.DataFrame(
        {
            name: pd.arrays.IntegerArray(held, np.zeros(len(held), bool))
            if name == "kind"
            else pd.arrays.FloatingArray(np.nan_to_num(held), np.isnan(held))
            for name, held in arrays.items()
        }
    )
    return {"polars": frame, "pyarrow": table, "pandas": nullable, "duckdb": duckdb.from_arrow(table)}


def columns_ways(arrays: Mapping[str, Any], judge: Any) -> dict[str, Callable[[], Any]]:
    """Each way to judge all records at once."""
    held, code, ready = frames(arrays), kinds(), filled(arrays)
    size = len(arrays["kind"])

    def collected(frame: Any) -> Any:
        found = judge.judge(frame)
        return found.to_arrow_table() if hasattr(found, "to_arrow_table") else found

    return {
        "Polars by hand": lambda: by_polars(held["polars"], code),
        "NumPy by hand": lambda: by_numpy(arrays, code),
        "ddcheck, Polars": lambda: judge.judge(held["polars"]),
        "ddcheck, arrays": lambda: judge.judge_arrays(ready, size),
        "ddcheck, PyArrow": lambda: judge.judge(held["pyarrow"]),
        "ddcheck, pandas": lambda: judge.judge(held["pandas"]),
        "ddcheck, DuckDB": lambda: collected(held["duckdb"]),
    }


def outcomes(found: Any) -> dict[str, Any]:
    """Results as arrays, whatever library they are of."""
    import narwhals.stable.v2 as nw

    if isinstance(found, dict):
        return {name: np.asarray(held) for name, held in found.items()}
    frame = nw.from_native(found, eager_only=True)
    return {name: frame[name].to_numpy() for name in frame.columns}


# ------------------------------------------------------------------------------------------------- general rule engines


def bounds_of(text: str) -> tuple[str, str]:
    """A condition over numbers as whether it surely holds and whether it surely does not, over their bounds."""
    for op, join_true, join_false in (("&&", "&&", "||"), ("||", "||", "&&")):
        if op in text:
            parts = [bounds_of(part) for part in text.split(op)]
            yes = f" {join_true} ".join(f"({t})" for t, _ in parts)
            return yes, f" {join_false} ".join(f"({f})" for _, f in parts)
    left, op, right = re.split(r" (<=|>=|<|>) ", text.strip())
    ends = {end: [re.sub(r"\b([a-z]\w*)\b", rf"\1_{end}", side) for side in (left, right)] for end in ("lo", "hi")}
    against = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}[op]
    least, most = ("lo", "hi") if op in (">", ">=") else ("hi", "lo")
    return f"{ends[least][0]} {op} {ends[most][1]}", f"{ends[most][0]} {against} {ends[least][1]}"


def spelled(*, bounds: bool) -> list[str]:
    """Each rule as one expression that gives its outcome as a number."""
    found = []
    for rule in RULES:
        fail, warn = rule.text.format(*rule.fail), rule.text.format(*rule.warn)
        if not bounds:
            found.append(f"({fail}) ? 8 : (({warn}) ? 4 : 2)")
            continue
        (fails, unfailed), (warns, unwarned) = bounds_of(fail), bounds_of(warn)
        passes = f"((({fails}) || ({warns})) ? 0 : 2)"
        warning = f"((({fails}) || ({unwarned})) ? 0 : 4)"
        found.append(f"here ? ({passes} + {warning} + (({unfailed}) ? 0 : 8)) : 0")
    return found


def rows_of(arrays: Mapping[str, Any], count: int, *, bounds: bool) -> list[dict[str, Any]]:
    """The first records as rows."""
    code = kinds()
    of_rules = {code[kind] for kind in OF_RULES}
    ready = filled(arrays)
    rows: list[dict[str, Any]] = []
    for at in range(count):
        row: dict[str, Any] = {"here": bool(arrays["kind"][at] in of_rules)}
        for short, (fact, most) in FACTS.items():
            lo, hi = float(ready[f"{fact}.lo"][at]), min(float(ready[f"{fact}.hi"][at]), HUGE)
            if bounds:
                row[f"{short}_lo"], row[f"{short}_hi"] = lo, hi
            else:
                row[short] = lo if hi < HUGE else most / 2
        rows.append(row)
    return rows


def engines(*, bounds: bool) -> dict[str, Callable[[dict[str, Any]], list[Any]]]:
    """General rule engines, each as a function from a record to its thirty outcomes."""
    import cel
    import zen

    texts = spelled(bounds=bounds)
    words = [text.replace("&&", "and").replace("||", "or") for text in texts]
    programs = [cel.compile(text) for text in texts]
    expressions = [zen.compile_expression(text) for text in words]

    def by_cel(row: dict[str, Any]) -> list[Any]:
        context = cel.Context(row)
        return [program.execute(context) for program in programs]

    return {
        "common-expression-language (Rust CEL)": by_cel,
        "zen-engine": lambda row: [expression.evaluate(row) for expression in expressions],
    }


# ------------------------------------------------------------------------------------------------------------- growth


def grown(records: int, copies: int, runs: int) -> dict[str, float]:
    """Time and the most memory for more rules or records, in this process, over arrays."""
    judge = judge_of(copies)
    ready = filled(drawn(records, SEED, kinds()))
    judge.judge_arrays(ready, records)
    times = []
    for _ in range(runs):
        start = time.process_time()
        judge.judge_arrays(ready, records)
        times.append(time.process_time() - start)
    return {"cpu": statistics.median(times), "peak": peak()}


def growth(records: list[int], runs: int) -> None:
    print(f"\n{'records':>10} {'rules':>6} {'cpu s':>9} {'ns a rule and record':>21} {'peak MiB':>9}")
    shapes = [(count, 1) for count in records] + [(100_000, copies) for copies in (2, 4, 8)]
    for count, copies in shapes:
        command = [sys.executable, __file__, "--grown", str(count), str(copies), "--runs", str(runs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(done.stderr[-2000:])
        told = json.loads(done.stdout)
        rules = len(RULES) * copies
        each = told["cpu"] / count / rules * 1e9
        print(f"{count:>10,} {rules:>6} {told['cpu']:9.4f} {each:21.2f} {told['peak'] / 2**20:9,.0f}", flush=True)


# ---------------------------------------------------------------------------------------------------------------- main


def in_turn(ways: Mapping[str, Callable[[], Any]], runs: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Wall and processor seconds of each way, run in turn."""
    wall: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            start, began = time.perf_counter(), time.process_time()
            way()
            wall[name].append(time.perf_counter() - start)
            cpu[name].append(time.process_time() - began)
    return wall, cpu


def main() -> int:
    parser = argparse.ArgumentParser(description="Thirty threshold rules over many records.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--rows", type=int, default=500, help="records for engines that take one at a time")
    parser.add_argument("--full", action="store_true", help="a million records, 2,000 rows, 15 runs")
    parser.add_argument("--grown", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.grown:
        print(json.dumps(grown(*options.grown, options.runs)))
        return 0
    if options.full:
        options.records, options.runs, options.rows = 1_000_000, 15, 2000
    print(machine())
    arrays, judge = drawn(options.records, SEED, kinds()), judge_of()
    ways = columns_ways(arrays, judge)
    reference = outcomes(ways["Polars by hand"]())
    for name, way in ways.items():
        found = outcomes(way())
        for rule, held in reference.items():
            if not np.array_equal(found[rule], held):
                print(f"{name} differs in {rule}", file=sys.stderr)
                return 1
    wall, cpu = in_turn(ways, options.runs)
    base = statistics.median(wall["Polars by hand"])
    base_cpu = statistics.median(cpu["Polars by hand"])
    print(f"{options.records:,} records, {len(RULES)} rules, two bounds a number; {options.runs} runs of each, in turn")
    print(f"{'':40} {'wall ms':>9} {'cpu ms':>9} {'records/s':>12} {'x by hand':>10} {'cpu x':>7}")
    for name in ways:
        middle, processor = statistics.median(wall[name]), statistics.median(cpu[name])
        rate = options.records / middle
        print(
            f"{name:40} {middle * 1e3:9.1f} {processor * 1e3:9.1f} {rate:12,.0f} {middle / base:10.2f} "
            f"{processor / base_cpu:7.2f}"
        )
    ours = min(statistics.median(held) for name, held in cpu.items() if name.startswith("ddcheck")) / options.records
    print(f"\n{options.rows:,} records one at a time, {len(RULES)} expressions each; how many times the processor time")
    print(f"that ddcheck takes for a record ({ours * 1e9:,.0f} ns)")
    for bounds, what in ((True, "same work"), (False, "less")):
        rows = rows_of(arrays, options.rows, bounds=bounds)
        for name, engine in engines(bounds=bounds).items():
            count = options.rows
            told = [engine(row) for row in rows[:count]]
            if bounds:
                wanted = np.stack([reference[f"rules.{id}"][:count] for id in ids()], axis=1)
                differ = int((np.array(told, dtype=float) != wanted).sum())
                if differ:
                    print(f"{name} differs in {differ} outcomes", file=sys.stderr)
                    return 1
            _, spent = in_turn({name: lambda engine=engine, rows=rows[:count]: [engine(row) for row in rows]}, 3)
            each = statistics.median(spent[name]) / count
            print(f"{name:40} {what:10} {1 / each:12,.0f} records/s {each / ours:10,.0f} x", flush=True)
    growth([10_000, 100_000, 1_000_000] if options.full else [10_000, 100_000], min(options.runs, 5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
