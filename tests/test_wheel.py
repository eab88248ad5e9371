"""The wheel carries all the program needs: it is built, installed outside the checkout, and does the main job there."""

import ctypes.util
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
CUT = "2022-05-31"


def run(*command, cwd, **environment):
    """Run a process without the variables that could lead it back to the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV_"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def must(*command, cwd):
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The source distribution of the checkout and the wheel built from that alone, as a release would be."""
    folder = tmp_path_factory.mktemp("dist")
    must(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=TOP)
    (archive,) = folder.glob("ddcheck-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    must(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    return folder


@pytest.fixture(scope="module")
def names(dist):
    (wheel,) = dist.glob("ddcheck-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def installed(dist, tmp_path_factory):
    """A clean environment with the wheel; third parties are lent by a path file, which does not run theirs in turn."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    (wheel,) = dist.glob("ddcheck-*.whl")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    must(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    (site,) = (home / "venv" / "lib").glob("python*/site-packages")
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    where = must(python, "-c", "import checker; print(checker.__file__)", cwd=home).strip()
    assert Path(where) == site / "checker" / "__init__.py"
    return home


def test_the_wheel_installs_one_package_and_nothing_beside_it(names):
    assert {name.split("/")[0].split("-")[0] for name in names} == {"checker", "ddcheck"}
    assert not [name for name in names if "__pycache__" in name or "/samples/" in name]


def test_the_wheel_carries_every_rule_template_and_profile(names):
    for folder in ("rules", "reports", "profiles"):
        expected = {
            f"checker/_data/{path.relative_to(TOP).as_posix()}"
            for path in (TOP / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and "samples" not in path.parts
        }
        assert expected, f"{folder}/ is empty"
        assert expected == {name for name in names if name.startswith(f"checker/_data/{folder}/")}


def test_the_wheel_carries_every_module(names):
    expected = {
        path.relative_to(TOP).as_posix()
        for path in (TOP / "checker").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected == {name for name in names if name.startswith("checker/") and "/_data/" not in name}


def test_data_is_read_from_the_installed_package(installed):
    code = "from checker.resources import data_path; print(data_path('rules'))"
    place = Path(must(installed / "venv/bin/python", "-c", code, cwd=installed).strip())
    assert place.is_relative_to(installed)
    assert place.parts[-3:] == ("checker", "_data", "rules")


def profile_of(home):
    (profile,) = home.glob("venv/lib/python*/site-packages/checker/_data/profiles/celsius.json")
    return profile


def test_the_installed_command_checks_a_profile(installed):
    command = (installed / "venv/bin/ddcheck", profile_of(installed), "--known-by", CUT, "--format", "json")
    first = must(*command, cwd=installed)
    assert json.loads(first)
    from_checkout = run(
        sys.executable, "-m", "checker", profile_of(installed), "--known-by", CUT, "--format", "json", cwd=TOP
    )
    assert from_checkout.stdout == first, "an installed ddcheck must say what the checkout says"


@pytest.mark.skipif(not ctypes.util.find_library("pango-1.0"), reason="Pango is not installed: no PDF on this machine")
def test_the_installed_command_writes_a_pdf(installed):
    pdf = installed / "report.pdf"
    must(installed / "venv/bin/ddcheck", profile_of(installed), "--known-by", CUT, "--pdf", pdf, cwd=installed)
    assert pdf.read_bytes().startswith(b"%PDF-")


def test_the_installed_rules_pass_their_own_lint(installed):
    must(installed / "venv/bin/ddcheck", "rules", "lint", cwd=installed)
