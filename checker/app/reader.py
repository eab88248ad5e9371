"""The person who asks: a few rules depend on where they live and how much they mean to deposit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf

from checker.lang.tree import READER
from checker.model.dictionary import ColumnDef
from checker.model.errors import UsageError, did_you_mean, quoted
from checker.model.profile import InvalidValueError, read_value

FORM = "country=DE,amount=20000"
_COUNTRY = re.compile("[A-Z]{2}")
_NOT_ISO = {"UK": "GB", "EL": "GR"}
_AMOUNT = ColumnDef(
    name="amount", type="number", unit="money", range=(0.0, inf), meaning="What the reader means to deposit"
)


def reader_of(text: str) -> dict[str, str | float]:
    """What `--for` says about the person who asks.

    Args:
        text: `key=value` pairs with commas between them: `country` (ISO 3166 code), `amount` (US dollars; k, m, bn).

    Raises:
        UsageError: A key is unknown or given twice, or a value is not what it should be.

    >>> reader_of("country=de, amount=20k")
    {'country': 'DE', 'amount': 20000.0}
    """
    known = [id.partition(".")[2] for id in READER]
    reader: dict[str, str | float] = {}
    for part in text.split(","):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or not value:
            raise UsageError(f"--for takes {FORM}, or one of the two; got {quoted(part.strip())}")
        if key not in known:
            raise UsageError(f"--for knows no {quoted(key)}. {did_you_mean(key, known)}")
        if key in reader:
            raise UsageError(f"--for names '{key}' twice")
        reader[key] = _country(value) if key == "country" else _amount(value)
    return reader


def _country(text: str) -> str:
    code = text.upper()
    if code in _NOT_ISO:
        raise UsageError(f"--for country={text}: the ISO 3166 code is {_NOT_ISO[code]}")
    if not _COUNTRY.fullmatch(code):
        raise UsageError(f"--for country={text}: write the ISO 3166 code, two letters such as DE")
    return code


def _amount(text: str) -> float:
    try:
        value = read_value(_AMOUNT, text)
    except InvalidValueError as error:
        raise UsageError(f"--for amount={text}: {error.message}. {error.hint}".rstrip()) from None
    assert isinstance(value, tuple)
    assert isinstance(value[0], float)
    return value[0]


def written(reader: Mapping[str, str | float]) -> str:
    """The same as `--for` takes it, empty where nothing was said.

    >>> written({"country": "DE", "amount": 20000.0})
    'country=DE,amount=20000'
    """
    texts = {key: value if isinstance(value, str) else f"{value:.15g}" for key, value in reader.items()}
    return ",".join(f"{key}={text}" for key, text in texts.items())
