"""`ddcheck --help` and `ddcheck PROFILE` stay quick: what is heavy is imported where it is used."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
PROFILE = TOP / "profiles" / "celsius.json"
HEAVY = {"jinja2", "jsonschema", "pandas", "polars", "scipy", "weasyprint", "xlsxwriter"}
NOT_FOR_HELP = HEAVY | {"numpy", "pydantic", "rich", "yaml"}
IMPORT_LINE = re.compile(r"^import time:\s+\d+ \|\s+\d+ \| +(\S+)$", re.MULTILINE)


def imported(*arguments):
    """Return the top-level names of all modules that a run of the command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "checker", *arguments],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    modules = {name.split(".")[0] for name in IMPORT_LINE.findall(done.stderr)}
    assert "checker" in modules
    return modules


def test_help_imports_nothing_heavy():
    assert not imported("--help") & NOT_FOR_HELP


def test_a_check_in_text_form_imports_nothing_heavy():
    assert not imported(str(PROFILE), "--known-by", "2022-05-31") & HEAVY


@pytest.mark.parametrize("floor", ["model", "lang", "packs", "engine", "assess"])
def test_a_floor_alone_imports_nothing_heavy(floor):
    code = f"import pkgutil, checker.{floor} as p, importlib, sys\n"
    code += "for m in pkgutil.walk_packages(p.__path__, p.__name__ + '.'): importlib.import_module(m.name)\n"
    code += "print(' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    unwanted = HEAVY | {"click", "rich"} | ({"numpy"} if floor in ("model", "lang") else set())
    assert not set(done.stdout.split()) & unwanted
