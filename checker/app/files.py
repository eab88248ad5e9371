"""Writing files whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from checker.model.errors import UsageError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        UsageError: The folder does not exist or cannot be written.
    """
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = file.name
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise UsageError(
            f"cannot write {path}: {error.strerror}. Choose a folder that exists and can be written"
        ) from None
