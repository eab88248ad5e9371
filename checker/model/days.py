"""Days of publication as far as they are known: a day, a month or a year.

What is known by its month or year counts, wherever it must not be later than a cut, by its last day.

    >>> span("2022-02")
    (datetime.date(2022, 2, 1), datetime.date(2022, 2, 28))
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

Span = tuple[date, date]
"""The first and the last day that something can mean."""

PUBLISHED = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
"""Shape of a day, month or year of publication."""

_TOLD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([-/]?)(0[1-9]|1[0-2])(?:\2([0-2]\d|3[01]))?)?(?!\d)")


def span(text: str) -> Span:
    """The first and the last day that a day, month or year of publication can mean.

    Raises:
        ValueError: where there is no such day, month or year.
    """
    if not re.fullmatch(PUBLISHED, text):
        raise ValueError(f"no day, month or year: {text}")
    year, month, day = (int(part) if part else 0 for part in [*text.split("-"), "", ""][:3])
    first = date(year, month if "-" in text else 1, day if text.count("-") == 2 else 1)
    if "-" not in text:
        return first, date(year, 12, 31)
    return first, first if text.count("-") == 2 else first.replace(day=monthrange(year, month)[1])


def tells_later(text: str, cut: date) -> bool:
    """Whether a title or an address names a day, month or year that lies wholly after a cut.

    >>> cut = date(2022, 5, 31)
    >>> tells_later("https://example.org/2023/05/runs", cut), tells_later("Outlook 2022", cut)
    (True, False)
    """
    for year, _, month, day in _TOLD.findall(text):
        told = "-".join(filter(None, (year, month, day)))
        try:
            first, _ = span(told)
        except ValueError:  # digits that are no date but begin with a year
            first = date(int(year), 1, 1)
        if first > cut:
            return True
    return False
