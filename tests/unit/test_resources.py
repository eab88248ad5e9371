"""The data that ships with the program is found; name and version stand in one place each."""

import tomllib
from pathlib import Path

import pytest

import checker
from checker import resources

TOP = Path(__file__).parents[2]


@pytest.fixture
def fresh_root():
    resources._root.cache_clear()
    yield
    resources._root.cache_clear()


@pytest.mark.parametrize("folder", ["rules", "reports", "profiles"])
def test_a_checkout_is_served_from_its_top_level(folder):
    assert resources.data_path(folder) == TOP / folder
    assert resources.data_path(folder, "a", "b.yaml") == TOP / folder / "a" / "b.yaml"


def test_an_installed_package_is_served_from_inside(tmp_path, monkeypatch, fresh_root):
    (tmp_path / "checker" / "_data" / "rules").mkdir(parents=True)
    (tmp_path / "rules").mkdir()  # a stranger's folder beside the package must not be taken for ours
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "checker")
    assert resources.data_path("rules", "t1") == tmp_path / "checker" / "_data" / "rules" / "t1"


def test_missing_rules_are_an_error_that_names_both_places(tmp_path, monkeypatch, fresh_root):
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "checker")
    with pytest.raises(FileNotFoundError) as error:
        resources.data_path("rules")
    assert str(tmp_path / "checker" / "_data" / "rules") in str(error.value)
    assert str(tmp_path / "rules") in str(error.value)


def test_the_version_is_the_one_of_the_distribution():
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert checker.__version__ == project["version"]


def test_no_file_names_a_package_index():
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "Makefile",
        "tools/setup.sh",
        "tools/system-libs.sh",
        "tools/heavy.sh",
    ):
        text = (TOP / name).read_text(encoding="utf-8")
        assert "://" not in text, f"{name} names a host; index and mirror come from the environment"
        assert "--index-url" not in text
        assert "--hash" not in text
