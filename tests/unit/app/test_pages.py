"""The rulebook's pages: whole, linked, the same every time, and as committed."""

import re
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.app.pages import MARKER, anchor, rulebook_pages, write_pages
from checker.cli.main import main
from checker.resources import data_path

DOCS = data_path("docs")
COMMITTED = DOCS / "rules"
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return rulebook_pages(shipped_rulebook())


def test_committed_pages_are_current(pages: dict[str, str]) -> None:
    told = "run `ddcheck rules docs --out docs/rules`"
    committed = {path.relative_to(COMMITTED).as_posix(): path for path in COMMITTED.rglob("*.md")}
    assert sorted(committed) == sorted(pages), told
    stale = [place for place, path in committed.items() if path.read_text(encoding="utf-8") != pages[place]]
    assert not stale, told


def test_same_rulebook_same_bytes(pages: dict[str, str]) -> None:
    assert rulebook_pages(shipped_rulebook()) == pages


def test_every_rule_parameter_source_and_fact_has_its_place(pages: dict[str, str]) -> None:
    rulebook = shipped_rulebook()
    for rule in rulebook.rules.values():
        pack, _, name = rule.id.partition(".")
        assert f"# {rule.code} {rule.title}\n" in pages[f"{pack}/{name}.md"]
        assert rule.severity in pages[f"{pack}/README.md"]
    assert set(HEADING.findall(pages["parameters.md"])) >= set(rulebook.parameters)
    assert set(HEADING.findall(pages["sources.md"])) >= set(rulebook.sources)
    for fact in rulebook.dictionary.facts.values():
        assert f"\n## {fact.name}\n" in pages[f"facts/{fact.section}.md"]


def test_every_link_leads_somewhere(pages: dict[str, str]) -> None:
    anchors = {place: {anchor(heading) for heading in HEADING.findall(text)} for place, text in pages.items()}
    for place, text in pages.items():
        for link in LINK.findall(text):
            if link.startswith(("http:", "https:")):
                continue
            target, _, fragment = link.partition("#")
            path = (COMMITTED / place).parent / target if target else COMMITTED / place
            resolved = path.resolve()
            if COMMITTED in resolved.parents:
                known = resolved.relative_to(COMMITTED).as_posix()
                assert known in pages, f"{place}: {link}"
                assert not fragment or fragment in anchors[known], f"{place}: {link}"
            else:
                assert resolved.is_file(), f"{place}: {link}"


def test_entry_page_names_every_page_of_docs() -> None:
    entry = (DOCS / "README.md").read_text(encoding="utf-8")
    links = set(LINK.findall(entry))
    for link in links:
        assert link.startswith("http") or (DOCS / link.partition("#")[0]).exists(), link
    for path in DOCS.glob("*.md"):
        assert path.name == "README.md" or path.name in links, path.name


def test_tables_have_as_many_cells_as_heads(pages: dict[str, str]) -> None:
    for place, text in pages.items():
        width = 0
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            assert not (width and cells) or cells == width, f"{place}: {line[:80]}"
            width = cells


def test_pages_that_no_rule_stands_behind_are_taken_away(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text(f"{MARKER}\n\n# X\n", encoding="utf-8")
    (tmp_path / "mine.md").write_text("# Mine\n", encoding="utf-8")
    changed = write_pages({"a/b.md": f"{MARKER}\n\n# B\n"}, tmp_path)
    assert sorted(path.name for path in changed) == ["b.md", "gone.md"]
    assert sorted(path.name for path in tmp_path.rglob("*.md")) == ["b.md", "mine.md"]
    assert write_pages({"a/b.md": f"{MARKER}\n\n# B\n"}, tmp_path) == []


def test_the_command_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "docs", "--out", str(tmp_path / "pages")]) == 0
    assert "changed" in capsys.readouterr().out
    assert (tmp_path / "pages" / "t3" / "lcr_30d.md").is_file()
    assert main(["rules", "docs", "--out", str(tmp_path / "pages")]) == 0
    assert ", 0 changed" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["rules", "docs", "--out", str(tmp_path / "file" / "pages")]) == 2
