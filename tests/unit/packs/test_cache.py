"""The compiled rulebook can never be stale, and nothing unsafe is read."""

import os
import shutil
from pathlib import Path

import pytest

from checker.model.errors import PackError
from checker.packs.cache import cache_folder, cached_rulebook
from checker.resources import data_path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path / "cache"))
    return Path(shutil.copytree(data_path("rules"), tmp_path / "rules"))


def kept(root: Path) -> list[Path]:
    return sorted((root.parent / "cache").glob("*.pickle"))


def test_the_second_time_is_the_same_rulebook(root: Path) -> None:
    first = cached_rulebook(root)
    assert len(kept(root)) == 1
    second = cached_rulebook(root)
    assert list(second.rules) == list(first.rules)
    assert second.rules["t1.offered_spread"].conditions == first.rules["t1.offered_spread"].conditions
    assert second.reads == first.reads
    assert len(kept(root)) == 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("t1/offered_spread.yaml", "severity: major", "severity: minor"),
        ("t1/parameters.yaml", "value: 0.07", "value: 0.08"),
        ("facts/terms.yaml", "max_age_days: 180", "max_age_days: 181"),
        ("verdict.yaml", "fewest_traits: 3", "fewest_traits: 2"),
        ("reference/benchmarks.csv", "0.0525", "0.0526"),
        ("sources.yaml", "status: V", "status: M"),
    ],
)
def test_any_change_of_any_file_is_seen(root: Path, file: str, old: str, new: str) -> None:
    cached_rulebook(root)
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(root / file, (0, 0))
    cached_rulebook(root)
    assert len(kept(root)) == 2


def test_a_broken_pack_is_refused_though_a_sound_one_is_kept(root: Path) -> None:
    cached_rulebook(root)
    (root / "t1" / "offered_spread.yaml").write_text("code: T1-01\n", encoding="utf-8")
    with pytest.raises(PackError):
        cached_rulebook(root)
    assert len(kept(root)) == 1


def test_a_damaged_file_is_made_anew(root: Path) -> None:
    cached_rulebook(root)
    kept(root)[0].write_bytes(b"\x80\x05broken")
    assert cached_rulebook(root).rules


def test_a_folder_that_others_can_write_to_is_not_used(root: Path) -> None:
    folder = root.parent / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    assert cached_rulebook(root).rules
    assert kept(root) == []


def test_a_folder_that_cannot_be_made_is_no_fault(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root.parent / "file").write_text("")
    monkeypatch.setenv("DDCHECK_CACHE", str(root.parent / "file" / "cache"))
    assert cached_rulebook(root).rules


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DDCHECK_CACHE", "")
    assert cache_folder() is None
    monkeypatch.delenv("DDCHECK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "ddcheck"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "ddcheck"
