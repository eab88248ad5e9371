"""A compiled rulebook on disk, so that a command need not parse and type a hundred rules again.

It can never be stale: its name is the hash of every file it was made from, of the code that made it, and of the Python
that ran it. It holds nothing that is not in those files and may be deleted at any time; a folder that others could
write to is not used.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from checker.packs.rulebook import Rulebook

CODE = ("lang", "metrics", "model", "packs")


def cache_folder() -> Path | None:
    """Where compiled rulebooks are kept: `$DDCHECK_CACHE`, else the user's cache folder; None if it is empty."""
    chosen = os.environ.get("DDCHECK_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "ddcheck"
    home = os.environ.get("HOME")
    return Path(home) / ".cache" / "ddcheck" if home else None


def _digest(root: Path, extra: Sequence[Path]) -> str:
    import pydantic

    digest = sha256(f"{sys.version} {pydantic.VERSION}".encode())
    code = Path(__file__).resolve().parent.parent
    files = [path for floor in CODE for path in sorted((code / floor).glob("*.py"))]
    for folder in (root, *extra):
        files += sorted(
            path
            for pattern in ("*.yaml", "*/*.yaml", "*/*.csv")
            for path in folder.glob(pattern)
            if not path.name.endswith(".test.yaml")
        )
        digest.update(str(folder.resolve()).encode())
    for path in files:
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _private(folder: Path) -> bool:
    """Whether only this user can write to the folder, made if it does not exist."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def cached_rulebook(root: Path, extra: Sequence[Path] = ()) -> Rulebook:
    """The rulebook under `root` with added packs, compiled at most once for the same files and code.

    Raises:
        PackError: with every fault of every file; nothing faulty is kept.
    """

    def loaded() -> Rulebook:
        from checker.packs.load import load_rulebook

        return load_rulebook(root, extra=extra)

    folder = cache_folder()
    if folder is None or not hasattr(os, "getuid") or not _private(folder):
        return loaded()
    path = folder / f"rulebook-{_digest(root, extra)}.pickle"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError):
        rulebook = pickle.loads(path.read_bytes())
        if isinstance(rulebook, Rulebook):
            return rulebook
    rulebook = loaded()
    _ = rulebook.reads, rulebook.parameters_of, rulebook.metrics_of
    with suppress(OSError):
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(pickle.dumps(rulebook, protocol=5))
        os.replace(file.name, path)
        for old in sorted(folder.glob("rulebook-*.pickle"), key=lambda p: p.stat().st_mtime)[:-4]:
            old.unlink(missing_ok=True)
    return rulebook
