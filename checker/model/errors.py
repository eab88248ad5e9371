"""What can go wrong, and the exit code each kind of failure carries.

    DdcheckError            4   our own fault, unless a subclass says otherwise
    |-- UsageError          2   the command line asks for something that cannot be done
    `-- InputError          3   a file from outside is wrong; carries every fault found in it
        |-- ProfileError    3   ... a profile
        `-- PackError       3   ... the dictionary of facts, a rule pack, reference data

A fault says where (file, line, column, key), what is wrong and what to do:

    >>> print(Fault("p.json", "unknown fact 'offered_apr'", "Did you mean 'offered_apy'?", 7, 5, "terms.offered_apr"))
    p.json:7:5 terms.offered_apr: unknown fact 'offered_apr'. Did you mean 'offered_apy'?
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

_LONGEST_NAME = 80  # longer names come from hostile files: not compared, and shortened when shown
_FEW = 12  # up to so many known names are listed when none is near


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one file.

    Attributes:
        file: The file as the user named it.
        message: What is wrong and what was expected, without a full stop.
        hint: What to do, as a full sentence; empty if there is nothing to add.
        line: Line, counted from 1; None if the fault is the file's as a whole.
        column: Column in characters, counted from 1; None with `line`.
        key: Dotted path of the value, such as `terms.offered_apy[0].from`; empty for the whole file.
    """

    file: str
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None
    key: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"
        lead = f"{place} {self.key}:" if self.key else f"{place}:"
        return f"{lead} {self.message}. {self.hint}".rstrip() if self.hint else f"{lead} {self.message}"


class DdcheckError(Exception):
    """Base of every error that ddcheck raises on purpose."""

    exit_code = 4


class UsageError(DdcheckError):
    """The command line, or a call, asks for something that cannot be done."""

    exit_code = 2


class InputError(DdcheckError):
    """A file from outside cannot be used.

    Attributes:
        faults: Everything found wrong, in the order of the file.
    """

    exit_code = 3

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class ProfileError(InputError):
    """A profile is invalid."""


class PackError(InputError):
    """The dictionary of facts, a rule pack or reference data is invalid."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Returns the candidate that `name` most probably was meant to be, if any is close.

    >>> nearest("offered_apr", ["rate_kind", "offered_apy"])
    'offered_apy'
    """
    from difflib import get_close_matches  # only needed once something is wrong

    if len(name) > _LONGEST_NAME:
        return None
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    matches = get_close_matches(name.casefold(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, candidates: Collection[str]) -> str:
    """Returns the sentence that helps after an unknown name: the nearest one, or all if they are few.

    >>> did_you_mean("fundd", ["fund", "bank"])
    "Did you mean 'fund'?"
    >>> did_you_mean("xyz", ["fund", "bank"])
    'Known: fund, bank.'
    """
    match = nearest(name, candidates)
    if match is not None:
        return f"Did you mean {match!r}?"
    return f"Known: {', '.join(candidates)}." if 0 < len(candidates) <= _FEW else ""


def quoted(value: object) -> str:
    """Shows a value from a file inside a message: quoted, escaped and short.

    >>> quoted("a" * 200) == "'" + "a" * 77 + "'..."
    True
    """
    if isinstance(value, str):
        return repr(value) if len(value) <= _LONGEST_NAME else f"{value[:77]!r}..."
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return repr(value)
