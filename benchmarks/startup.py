"""How long a user waits for `ddcheck --help` and `ddcheck PROFILE`, against the bare interpreter and pydantic.

Whole processes, run in turn within one go so that a busy machine slows all of them alike: read the ratios.

    python benchmarks/startup.py [--runs 21] [--profile profiles/celsius.json]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Start-up times of whole processes.")
    parser.add_argument("--runs", type=int, default=21, help="runs of each command (default 21)")
    parser.add_argument("--profile", default=str(TOP / "profiles" / "celsius.json"))
    options = parser.parse_args()
    ddcheck = Path(sys.executable).with_name("ddcheck")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import pydantic'": [sys.executable, "-c", "import pydantic"],
        "ddcheck --help": [str(ddcheck), "--help"],
        "ddcheck PROFILE": [str(ddcheck), options.profile, "--known-by", "2022-05-31"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for name, command in commands.items():  # warm the disk and any cache; a command that fails is no measurement
        done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}", file=sys.stderr)
            return 1
    for _ in range(options.runs):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=TOP, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in times.items()}
    bare, pydantic, *_ = medians.values()
    print(f"{options.runs} runs of each, in turn; {os.cpu_count()} processors, Python {sys.version.split()[0]}")
    print(f"{'command':30} {'median':>9} {'fastest':>9} {'x bare':>8} {'x pydantic':>11}")
    for name, median in medians.items():
        fastest = min(times[name])
        print(
            f"{name:30} {median * 1000:6.0f} ms {fastest * 1000:6.0f} ms {median / bare:8.1f} {median / pydantic:11.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
