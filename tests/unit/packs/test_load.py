"""Packs together: names that clash, and folders however they are named."""

import shutil
from pathlib import Path

import pytest

from checker.model.errors import PackError
from checker.packs.load import load_rulebook
from checker.resources import data_path

ROOT = data_path("rules")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of a shipped pack that computes a column, under a name and codes of its own."""
    pack = Path(shutil.copytree(ROOT / "t1", tmp_path / "mine"))
    for path in pack.glob("*.yaml"):
        path.write_text(path.read_text().replace("code: T1-", "code: X1-"), encoding="utf-8")
    return pack


def test_two_packs_may_not_compute_a_column_of_one_name(copied: Path) -> None:
    with pytest.raises(PackError, match=r"mine/metrics\.yaml:\d+:\d+ .*pack 't1' computes a column of this name"):
        load_rulebook(ROOT, extra=[copied])


def test_a_pack_is_named_by_its_folder_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Path(shutil.copytree(ROOT / "r", tmp_path / "reuse"))
    monkeypatch.chdir(pack)
    assert "reuse.chain_length" in load_rulebook(ROOT, extra=[Path()]).rules


def test_a_shipped_pack_may_not_be_shadowed(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(ROOT / "r", tmp_path / "r"))
    with pytest.raises(PackError, match="the name 'r' is taken"):
        load_rulebook(ROOT, extra=[pack])


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("Nothing[ at all] is known.", r"the fragment \[ at all\] has no placeholder"),
        ("Nothing[ at {offered_spread} is known.", "square brackets must come in pairs"),
        ("Nothing[ at [{offered_spread}]] is known.", "square brackets must come in pairs"),
        ("Known: {terms.rate_kind is nav}.", "a test such as {fact is word} stands within square brackets"),
        ("Nothing[{terms.rate_kind is navy} here].", "'terms.rate_kind' is never 'navy'"),
        ("Nothing[{terms.open_to_public is yes} here].", "'terms.open_to_public' is never 'yes'"),
        ("Nothing[{terms.offered_apy is 0} here].", "'terms.offered_apy' is no metric or fact that is true, false or"),
        ("Nothing[{terms.rate_knd is nav} here].", "'terms.rate_knd' is no metric or fact that is true, false or"),
    ],
)
def test_a_fragment_of_a_message_is_whole_and_tells_something(copied: Path, message: str, fault: str) -> None:
    rule = copied / "offered_spread.yaml"
    lines = rule.read_text(encoding="utf-8").splitlines()
    lines = [f'  open: "{message}"' if line.startswith("  open:") else line for line in lines]
    rule.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(PackError, match=rf"offered_spread\.yaml:\d+:\d+ message\.open: {fault}"):
        load_rulebook(ROOT, extra=[copied])
