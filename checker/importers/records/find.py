"""What files, folders and patterns name: profiles, and tables of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from checker.model.errors import UsageError

PROFILES = (".json", ".yaml", ".yml")
LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Job:
    """One profile to audit and the name of its files."""

    path: Path
    name: str


def find_files(paths: Sequence[str], suffixes: Sequence[str], *, without: Path | None = None) -> list[Path]:
    """The files that files, folders and patterns name, sorted, each once; a file named itself may end as it likes.

    Args:
        paths: What the user named.
        suffixes: The ends of the names of files that are taken from folders.
        without: A folder that is left out, as the one for the results.

    Raises:
        UsageError: A path names nothing.
    """
    away = without.resolve() if without is not None else None
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if path.is_dir():
            files = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in suffixes and p.is_file()]
            files = [p for p in files if not any(part.startswith(".") for part in p.relative_to(path).parts)]
            files = [p for p in files if away is None or away not in p.resolve().parents]
        elif path.is_file():
            files = [path]
        else:
            files = [Path(match) for match in sorted(glob(text, recursive=True)) if Path(match).is_file()]
        if not files:
            raise UsageError(
                f"nothing to audit at '{text}'. Name profiles, a folder that holds some, or a pattern in quotes"
            )
        found |= dict.fromkeys(files)
    return sorted(found)


def find_profiles(paths: Sequence[str]) -> list[Job]:
    """The profiles that files, folders and patterns name, sorted, each once.

    Raises:
        UsageError: A path names nothing.
    """
    return list(named(find_files(paths, PROFILES)))


def named(paths: Sequence[Path]) -> Iterator[Job]:
    """Each file with a name of its own: its stem, with its folder where stems repeat, with a number where both do."""
    stems = {path: _UNSAFE.sub("-", path.stem).strip("-.") or "profile" for path in paths}
    repeated = Counter(stem.casefold() for stem in stems.values())
    taken: set[str] = set()
    for path, stem in stems.items():
        folder = _UNSAFE.sub("-", path.parent.name).strip("-.")
        base = f"{folder}-{stem}" if repeated[stem.casefold()] > 1 and folder else stem
        name, number = base, 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        yield Job(path, name)
