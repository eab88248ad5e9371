"""Where the rules, report templates and profiles that ship with the program lie.

In a checkout they stand at its top level; a wheel carries them inside the package. Every floor may import this module;
it imports none.

Example:
    >>> from checker.resources import data_path
    >>> data_path("rules", "facts").name
    'facts'
"""

from functools import cache
from pathlib import Path

__all__ = ["data_path"]

_PACKAGE = Path(__file__).resolve().parent


@cache
def _root() -> Path:
    """Return the folder that holds `rules/`, `reports/` and `profiles/`."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / "rules").is_dir():
            return root
    raise FileNotFoundError(
        f"The rules of ddcheck are missing: neither {_PACKAGE / '_data' / 'rules'} nor {_PACKAGE.parent / 'rules'} "
        "exists. Install ddcheck again."
    )


def data_path(*parts: str) -> Path:
    """Return the place of a file or folder that ships with the program.

    Args:
        parts: Its place below the top level of the project, one name each, such as `"rules", "facts"`.

    Returns:
        An absolute path in the checkout or in the installed package. It need not exist.

    Raises:
        FileNotFoundError: The installation carries no rules at all.
    """
    return _root().joinpath(*parts)
