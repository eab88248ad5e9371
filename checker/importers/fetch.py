"""Fetches a list over HTTP: bounded in time and size, tried again, kept so that the same answer is not sent twice.

What is kept is never used unasked: the server is told which answer is here (entity tag, day of change) and says whether
it still holds. The client library comes with the extra `live` and is imported only here.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path

from checker.model.errors import Fault, InputError, UsageError

MAX_BYTES = 256 * 1024 * 1024
TIMEOUT_SECONDS = 30.0
TRIES = 3
PAUSE_SECONDS = 1.0
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which it is worth asking again."""
_UNCHANGED = 304
_OFFLINE = "Check the connection, or save the answer in a browser and name the file instead of the address."


@dataclass(frozen=True)
class Fetched:
    """An answer.

    Attributes:
        content: Its bytes.
        on: The day on which the server gave it, or said that it still holds, by the server's clock.
        url: The address.
        kept: Whether it was here already and the server said that it still holds.
    """

    content: bytes
    on: date
    url: str
    kept: bool


def is_address(text: str) -> bool:
    """Whether a text names something to be fetched and not a file."""
    return text.startswith(("https://", "http://"))


def fetch(
    url: str,
    *,
    cache: Path | None = None,
    timeout: float = TIMEOUT_SECONDS,
    tries: int = TRIES,
    max_bytes: int = MAX_BYTES,
    wait: Callable[[float], None] = time.sleep,
) -> Fetched:
    """The answer at an address.

    Args:
        url: The address, http or https.
        cache: Folder in which answers are kept; without one nothing is.
        timeout: Seconds to wait for a connection, and for each piece of the answer.
        tries: How often it is asked at most; the pause doubles each time.
        max_bytes: Largest answer that is taken.
        wait: Sleeps for some seconds.

    Raises:
        InputError: There is no usable answer.
        UsageError: The extra `live` is not installed.
    """
    try:
        import httpx
    except ImportError:
        raise UsageError(
            f"to fetch {url} the package httpx is needed: pip install 'ddcheck[live]'. A saved file needs nothing"
        ) from None
    here = _Kept(cache, url)
    headers = {"accept": "application/json", **here.conditions()}
    reason = ""
    with httpx.Client(timeout=timeout, follow_redirects=True, headers=headers) as client:
        for attempt in range(tries):
            if attempt:
                wait(PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                with client.stream("GET", url) as answer:
                    if answer.status_code in BUSY:
                        reason = f"the server answered {answer.status_code}"
                        continue
                    day = _day(answer.headers.get("date", ""), url)
                    if answer.status_code == _UNCHANGED and here.content is not None:
                        return Fetched(here.content, day, url, kept=True)
                    if answer.status_code != httpx.codes.OK:
                        message = f"the server answered {answer.status_code}"
                        raise InputError([Fault(url, message, "Check the address.")])
                    content = _within(answer.iter_bytes(), url, max_bytes)
                    here.keep(content, answer.headers)
                    return Fetched(content, day, url, kept=False)
            except httpx.TimeoutException:
                reason = f"no answer within {timeout:g} seconds"
            except (httpx.UnsupportedProtocol, httpx.InvalidURL):
                raise InputError([Fault(url, "this is no address of http or https", "Check the address.")]) from None
            except httpx.HTTPError as error:
                reason = f"there is no connection ({error})" if str(error) else "there is no connection"
    raise InputError([Fault(url, f"{reason}; asked {tries} times", _OFFLINE)])


class _Kept:
    """The answer of an address that is kept in a folder, with what the server needs to say whether it still holds."""

    def __init__(self, folder: Path | None, url: str) -> None:
        name = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._path = folder / f"{name}.answer" if folder else None
        self.content: bytes | None = None
        self._said: dict[str, str] = {}
        if self._path is not None and self._path.is_file():
            head, _, content = self._path.read_bytes().partition(b"\n")
            try:
                said = json.loads(head)
            except ValueError:
                said = None
            if isinstance(said, dict) and said.get("sha256") == hashlib.sha256(content).hexdigest():
                self.content, self._said = content, said

    def conditions(self) -> dict[str, str]:
        """What to ask with: send it only if it is another one."""
        asked = {"etag": "if-none-match", "last-modified": "if-modified-since"}
        return {asked[key]: self._said[key] for key in asked if isinstance(self._said.get(key), str)}

    def keep(self, content: bytes, headers: Mapping[str, str]) -> None:
        """Keeps an answer whole, or not at all."""
        said = {key: headers[key] for key in ("etag", "last-modified") if key in headers}
        if self._path is None or not said:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps(said | {"sha256": hashlib.sha256(content).hexdigest()}).encode()
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
            file.write(head + b"\n" + content)
        os.replace(file.name, self._path)


def _within(pieces: Iterator[bytes], url: str, max_bytes: int) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > max_bytes:
            hint = "Save it and cut it down to what is needed."
            raise InputError([Fault(url, f"the answer is larger than {max_bytes:,} bytes", hint)])
    return bytes(found)


def _day(header: str, url: str) -> date:
    try:
        return parsedate_to_datetime(header).date()
    except ValueError:
        hint = "Save the answer and name the file, with --on for the day on which it was given."
        raise InputError([Fault(url, "the answer does not say from which day it is", hint)]) from None
