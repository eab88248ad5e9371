"""Reads hostile JSON and YAML text into plain values, and knows where each of them stands.

Nothing in a file can run, refer to something else, or grow: size and depth are bounded, duplicate keys, NaN, infinity,
lone surrogates, NUL, anchors, aliases, tags and merge keys are refused, each with its line and column. YAML is read
with the 1.2 core types only: `no`, `on` and dates are text. Positions in JSON are computed only once somebody asks.

    >>> document = parse_json('{"terms": {"offered_apy": 0.17}}', "p.json")
    >>> document.value["terms"], document.position(("terms", "offered_apy"))
    ({'offered_apy': 0.17}, (1, 27))
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from checker.model.errors import Fault, InputError, did_you_mean, quoted

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_YAML_NODES = 500_000  # YAML is written by hand; positions of every node are kept
MAX_FAULTS = 200  # listed per file; the rest is counted

Place = tuple[str | int, ...]
"""Where a value stands: keys and list indices from the top, `("terms", "offered_apy", 0, "from")`."""

_Spot = tuple[Place, bool]  # a place, and whether its key is meant rather than its value
_Model = TypeVar("_Model", bound=BaseModel)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


# ---------------------------------------------------------------------------------------------------- the document


@dataclass(frozen=True)
class Document:
    """A file that was read.

    Attributes:
        value: The content as dict, list, str, int, float, bool and None.
        path: The file as the user named it.
        sha256: Hex digest of the bytes that were read.
    """

    value: Any
    path: str
    sha256: str
    _find: Callable[[Collection[_Spot]], Mapping[_Spot, tuple[int, int]]]

    def position(self, place: Place, *, key: bool = False) -> tuple[int, int]:
        """Returns line and column, from 1, of the value at `place`, or of its key.

        A place that does not exist has the position of the nearest value around it.
        """
        return self.positions([(place, key)])[0]

    def positions(self, spots: Iterable[_Spot]) -> list[tuple[int, int]]:
        """Returns the positions of many (place, key) pairs in one pass over the text."""
        asked = list(spots)
        found = self._find({spot for place, key in asked for spot in _around(place, key)})
        return [next((found[spot] for spot in _around(place, key) if spot in found), (1, 1)) for place, key in asked]


def _around(place: Place, key: bool) -> Iterator[_Spot]:
    """The spot itself, then ever wider ones that contain it."""
    if key:
        yield place, True
    for length in range(len(place), -1, -1):
        yield place[:length], False


def dotted(place: Place) -> str:
    """Writes a place as people do.

    >>> dotted(("terms", "offered_apy", 0, "from"))
    'terms.offered_apy[0].from'
    """
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = 0 < len(part) <= 80 and part.isprintable()
            text += f"{'.' if text else ''}{part if plain else quoted(part)}"
    return text


def read_document(path: str | Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Reads one file: YAML if its name ends in .yaml or .yml, else JSON.

    Raises:
        InputError: The file cannot be opened, is too large, is not UTF-8, or is not well formed.
    """
    name = str(path)
    content = read_bytes(path, max_bytes=max_bytes)
    parse = parse_yaml if name.lower().endswith((".yaml", ".yml")) else parse_json
    document = parse(_decoded(content, name), name)
    return Document(document.value, name, hashlib.sha256(content).hexdigest(), document._find)


def read_bytes(path: str | Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Reads one file whole.

    Raises:
        InputError: The file cannot be opened or is too large.
    """
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > max_bytes:
                _refuse_size(str(path), max_bytes)
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise InputError([_unreadable(Path(path), error)]) from None
    if len(content) > max_bytes:
        _refuse_size(str(path), max_bytes)
    return content


def read_text(path: str | Path, *, max_bytes: int = MAX_BYTES) -> tuple[str, str]:
    """Reads one text file that is neither JSON nor YAML; the text and the digest of its bytes.

    Raises:
        InputError: The file cannot be opened, is too large, empty or not UTF-8, or holds a NUL character.
    """
    content = read_bytes(path, max_bytes=max_bytes)
    return _prepared(_decoded(content, str(path)), str(path)), hashlib.sha256(content).hexdigest()


def _refuse_size(name: str, max_bytes: int) -> NoReturn:
    raise InputError(
        [Fault(name, f"the file is larger than {max_bytes:,} bytes", "Split it, or leave out what no rule reads.")]
    )


def _unreadable(path: Path, error: OSError) -> Fault:
    if isinstance(error, FileNotFoundError):
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        return Fault(str(path), "there is no such file", did_you_mean(path.name, siblings[:1000] if path.name else []))
    if isinstance(error, IsADirectoryError):
        return Fault(str(path), "this is a folder, not a file", "Name one file; `ddcheck batch` takes folders.")
    return Fault(str(path), f"the file cannot be read ({(error.strerror or 'unknown reason').lower()})")


_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


def _decoded(content: bytes, name: str) -> str:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            raise InputError([Fault(name, f"the text is in {encoding}", "Save it as UTF-8.", 1, 1)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        byte = content[error.start]
        where = _line_and_column(before, len(before))
        raise InputError([Fault(name, f"byte 0x{byte:02x} is not UTF-8", "Save the file as UTF-8.", *where)]) from None


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _prepared(text: str, name: str) -> str:
    """Drops a byte order mark and refuses what neither format may hold."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError([Fault(name, "the file is empty")])
    if (offset := text.find("\0")) >= 0:
        hint = "The file is binary, or UTF-16 without its mark: save it as UTF-8."
        raise InputError([Fault(name, "NUL character", hint, *_line_and_column(text, offset))])
    if not text.isascii() and (match := _SURROGATE.search(text)):
        message = "half of a surrogate pair, which is no character"
        raise InputError([Fault(name, message, "", *_line_and_column(text, match.start()))])
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --------------------------------------------------------------------------------------------------------- numbers


class _RefusedError(ValueError):
    """A well-formed token that may not stand in a document."""


def _integer(text: str, base: int = 10) -> int:
    number = int(text, base) if len(text) <= 24 else 1 << 63
    if abs(number) >= 1 << 63:
        raise _RefusedError(f"the number {quoted(text)} has more than 64 bits")
    return number


def _float(text: str) -> float:
    number = float(text) if len(text) <= 400 else math.inf
    if not math.isfinite(number):
        raise _RefusedError(f"the number {quoted(text)} is too large")
    return number


def _constant(text: str) -> NoReturn:
    raise _RefusedError(f"{text} is not a number")


def _clean(text: str) -> None:
    if "\0" in text:
        raise _RefusedError("NUL character in text")
    if _SURROGATE.search(text):
        raise _RefusedError("half of a surrogate pair, which is no character")


_SURROGATE = re.compile("[\ud800-\udfff]")


# ------------------------------------------------------------------------------------------------------------ JSON


def parse_json(text: str, name: str = "<text>") -> Document:
    """Parses JSON text.

    Args:
        text: The text; a byte order mark is skipped.
        name: What to call the text in faults.

    Raises:
        InputError: The text is not JSON, or holds something that is refused.
    """
    text = _prepared(text, name)
    value, refused = None, ""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InputError([_syntax_fault(text, name, error)]) from None
    except (_RefusedError, RecursionError) as error:
        refused = str(error) or "it is nested too deeply"
    if refused or _SUSPECT_ESCAPE.search(text) or _too_deep(value):
        problems: list[Fault] = []
        for _ in _json_nodes(text, name, problems):
            pass
        if refused and not problems:
            problems.append(Fault(name, refused))
        if problems:
            raise InputError(problems)
    return Document(value, name, _digest(text), lambda spots: _find_in_json(text, spots))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise _RefusedError("duplicate key")
    return mapping


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_float, parse_int=_integer, parse_constant=_constant)
_SUSPECT_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_SPACE = re.compile(r"[ \t\n\r]*")
_LITERAL = re.compile(r'[^ \t\n\r{}\[\],:"]+')


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if (kind := type(node)) is dict or kind is list
            for child in (node.values() if kind is dict else node)
        ]
        if not level:
            return False
    return any(isinstance(node, (dict, list)) for node in level)


_SYNTAX = {
    "Expecting value": "expected a value",
    "Expecting property name enclosed in double quotes": "expected a key in double quotes",
    "Expecting ':' delimiter": "expected ':' after the key",
    "Expecting ',' delimiter": "expected ',' or the closing bracket",
    "Unterminated string starting at": "the text that starts here has no closing quote",
    "Invalid control character at": "a line break or control character inside quotes",
    "Extra data": "more text after the end of the document",
    "Illegal trailing comma before end of object": "a comma before the closing bracket",
    "Illegal trailing comma before end of array": "a comma before the closing bracket",
}
_SYNTAX_HINTS = {
    "'": "JSON quotes text with double quotes.",
    "}": "Remove the comma before the closing bracket.",
    "]": "Remove the comma before the closing bracket.",
    "/": "JSON has no comments: use a note.",
    "#": "JSON has no comments: use a note.",
}


def _syntax_fault(text: str, name: str, error: json.JSONDecodeError) -> Fault:
    message = _SYNTAX.get(error.msg, error.msg[:1].lower() + error.msg[1:])
    hint = _SYNTAX_HINTS.get(text[error.pos : error.pos + 1], "") if error.msg.startswith("Expecting") else ""
    if error.pos >= len(text):
        message, hint = f"the text ends too early: {message}", ""
    elif hint.startswith("Remove") and not text[: error.pos].rstrip().endswith(","):
        hint = ""
    return Fault(name, message, hint, error.lineno, error.colno)


def _find_in_json(text: str, spots: Collection[_Spot]) -> dict[_Spot, tuple[int, int]]:
    found = {}
    for place, key_at, value_at in _json_nodes(text, "", []):
        for key, offset in ((True, key_at), (False, value_at)):
            if (place, key) in spots:
                found[place, key] = _line_and_column(text, offset)
        if len(found) == len(spots):
            break
    return found


def _json_nodes(text: str, name: str, problems: list[Fault]) -> Iterator[tuple[Place, int, int]]:
    """Walks well-formed JSON and yields (place, offset of the key, offset of the value) of every value.

    What is refused is added to `problems`; too great a depth ends the walk.
    """

    def refuse(message: str, offset: int, key: str | None = None) -> None:
        key = dotted(tuple(path)) if key is None else key
        problems.append(Fault(name, message, "", *_line_and_column(text, offset), key))

    path: list[str | int] = []  # its last part is the key or index at hand in the innermost container
    known: list[dict[str, int] | None] = []  # keys of each open object with their offsets, None for a list
    expect_key = False
    key_at: int | None = None
    at = _end_of_space(text, 0)
    while at < len(text):
        char, end = text[at], at + 1
        if char == '"':
            content, end = _DECODER.raw_decode(text, at)
            keys = known[-1] if expect_key else None
            if keys is not None:
                path[-1], key_at = content, at
                if content in keys:
                    first = _line_and_column(text, keys[content])[0]
                    refuse(f"duplicate key {quoted(content)}, first given in line {first}", at)
                keys.setdefault(content, at)
            else:
                yield tuple(path), at if key_at is None else key_at, at
            try:
                _clean(content)
            except _RefusedError as error:
                refuse(str(error), at)
        elif char in "{[":
            yield tuple(path), at if key_at is None else key_at, at
            if len(path) == MAX_DEPTH:
                refuse(f"more than {MAX_DEPTH} levels of nesting", at, "")
                return
            known.append({} if char == "{" else None)
            path.append("" if char == "{" else 0)
            expect_key, key_at = char == "{", None
        elif char in "}]":
            known.pop()
            path.pop()
            expect_key, key_at = False, None
        elif char == ",":
            key_at = None
            if known[-1] is None:
                path[-1] = int(path[-1]) + 1
            else:
                expect_key = True
        elif char == ":":
            expect_key = False
        else:
            token = _LITERAL.match(text, at)
            assert token is not None
            end = token.end()
            yield tuple(path), at if key_at is None else key_at, at
            try:
                _DECODER.decode(token[0])
            except json.JSONDecodeError:
                return  # beyond this the text is not JSON: what was found before it is reported
            except _RefusedError as error:
                refuse(str(error), at)
        at = _end_of_space(text, end)


def _end_of_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


# ------------------------------------------------------------------------------------------------------------ YAML


def parse_yaml(text: str, name: str = "<text>") -> Document:
    """Parses YAML text: one document, core types of YAML 1.2, keys always text, no references of any sort.

    Args:
        text: The text; a byte order mark is skipped.
        name: What to call the text in faults.

    Raises:
        InputError: The text is not YAML, or holds something that is refused.
    """
    text = _prepared(text, name)
    composer = _YamlComposer(name)
    try:
        composer.compose(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        composer.problems.append(_yaml_fault(text, name, error))
    if composer.problems:
        raise InputError(composer.problems)
    positions = composer.positions

    def find(spots: Collection[_Spot]) -> dict[_Spot, tuple[int, int]]:
        return {spot: positions[spot] for spot in spots if spot in positions}

    return Document(composer.value, name, _digest(text), find)


class _StopError(Exception):
    """The rest of the document would only repeat the fault."""


class _YamlComposer:
    """Builds the value from the parser's events, without recursion and without resolving anything but plain scalars."""

    def __init__(self, name: str) -> None:
        self.value: Any = None
        self.positions: dict[_Spot, tuple[int, int]] = {}
        self.problems: list[Fault] = []
        self._name = name
        self._open: list[dict[str, Any] | list[Any]] = []
        self._path: list[Any] = []  # for each open container the key or index at hand, None where a key comes next

    def compose(self, events: Iterable[Any]) -> None:
        documents = 0
        try:
            for event in events:
                kind = type(event)
                if kind is yaml.ScalarEvent:
                    self._scalar(event)
                elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                    self._start(event, {} if kind is yaml.MappingStartEvent else [])
                elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                    self._open.pop()
                    self._path.pop()
                    self._advance()
                elif kind is yaml.AliasEvent:
                    self._refuse(event, f"alias *{event.anchor}", "Write the value out.")
                    raise _StopError
                elif kind is yaml.DocumentStartEvent:
                    documents += 1
                    if documents > 1:
                        self._refuse(event, "a second document starts here", "Put each document in a file of its own.")
                        raise _StopError
        except _StopError:
            return
        if not documents:
            self.problems.append(Fault(self._name, "the file is empty"))

    def _refuse(self, event: Any, message: str, hint: str = "") -> None:
        mark = event.start_mark
        key = dotted(tuple(part for part in self._path if part is not None)) if len(self._path) < MAX_DEPTH else ""
        self.problems.append(Fault(self._name, message, hint, mark.line + 1, mark.column + 1, key))

    def _node(self, event: Any) -> None:
        """Checks what any node may carry, and keeps its position."""
        if event.anchor is not None:
            self._refuse(event, f"anchor &{event.anchor}", "Nothing may refer to another value: write it out.")
        if event.tag is not None:
            self._refuse(event, f"tag {event.tag}", "Types follow from the text alone: remove the tag.")
        if len(self.positions) > MAX_YAML_NODES:
            self._refuse(event, f"more than {MAX_YAML_NODES:,} values", "Write large files as JSON.")
            raise _StopError

    def _place(self, event: Any, value: Any) -> None:
        """Puts a value where the path stands."""
        mark = event.start_mark
        self.positions[tuple(self._path), False] = (mark.line + 1, mark.column + 1)
        if not self._open:
            self.value = value
        elif isinstance(container := self._open[-1], dict):
            container[self._path[-1]] = value
        else:
            container.append(value)

    def _advance(self) -> None:
        """Moves the path on after a finished value."""
        if self._open:
            self._path[-1] = None if isinstance(self._open[-1], dict) else self._path[-1] + 1

    def _start(self, event: Any, container: dict[str, Any] | list[Any]) -> None:
        self._node(event)
        if self._path and self._path[-1] is None:
            self._refuse(event, "a key must be text, not a list or an object")
            raise _StopError
        if len(self._open) == MAX_DEPTH:
            self._refuse(event, f"more than {MAX_DEPTH} levels of nesting")
            raise _StopError
        self._place(event, container)
        self._open.append(container)
        self._path.append(None if isinstance(container, dict) else 0)

    def _scalar(self, event: Any) -> None:
        self._node(event)
        text, plain = event.value, event.implicit[0]
        is_key = bool(self._path) and self._path[-1] is None
        value: Any = text
        try:
            _clean(text)
            if plain and not is_key:
                value = _core_value(text)
        except _RefusedError as error:
            self._refuse(event, str(error))
        if is_key:
            self._key(event, text, plain)
        else:
            self._place(event, value)
            self._advance()

    def _key(self, event: Any, text: str, plain: bool) -> None:
        self._path[-1] = text
        spot = (tuple(self._path), True)
        if plain and text == "<<":
            self._refuse(event, "merge key <<", "Nothing may refer to another value: write it out.")
        if spot in self.positions:
            self._refuse(event, f"duplicate key {quoted(text)}, first given in line {self.positions[spot][0]}")
        self.positions.setdefault(spot, (event.start_mark.line + 1, event.start_mark.column + 1))


_MAY_BE_TYPED = frozenset("-+.0123456789~nNtTfF")
_CORE_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CORE_INTEGER = re.compile(r"(?:[-+]?(?P<ten>[0-9]+)|0o(?P<eight>[0-7]+)|0x(?P<sixteen>[0-9a-fA-F]+))")
_CORE_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CORE_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def _core_value(text: str) -> str | int | float | bool | None:
    """Resolves a plain scalar by the core schema of YAML 1.2.2, section 10.3.2."""
    if text and text[0] not in _MAY_BE_TYPED:
        return text
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if match := _CORE_INTEGER.fullmatch(text):
        if match["eight"]:
            return _integer(match["eight"], 8)
        return _integer(match["sixteen"], 16) if match["sixteen"] else _integer(text)
    if _CORE_FLOAT.fullmatch(text):
        return _float(text)
    if _CORE_NOT_FINITE.fullmatch(text):
        return _constant(text)
    return text


def _yaml_fault(text: str, name: str, error: yaml.YAMLError) -> Fault:
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        message = ", ".join(part for part in (error.context, error.problem) if part)
        rest = text.splitlines()[mark.line : mark.line + 1]
        at_tab = bool(rest) and "\t" in rest[0][: mark.column + 1]
        hint = "Indent with spaces, not with tabs." if at_tab else ""
        return Fault(name, f"not valid YAML: {message}", hint, mark.line + 1, mark.column + 1)
    if isinstance(error, yaml.reader.ReaderError):
        offset = len(text.encode()[: error.position].decode("utf-8", "ignore"))
        return Fault(name, f"not valid YAML: {error.reason}", "", *_line_and_column(text, offset))
    return Fault(name, "not valid YAML")


# ---------------------------------------------------------------------------------------------------------- faults


_NOTHING: Mapping[str, object] = {}


class Faults:
    """Collects all that is wrong with one document, and places it once at the end.

    >>> faults = Faults(parse_json('{"terms": {"offered_apr": 1}}', "p.json"))
    >>> faults.add(("terms", "offered_apr"), "unknown fact 'offered_apr'", key=True)
    >>> print(*faults.listed())
    p.json:1:12 terms.offered_apr: unknown fact 'offered_apr'
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[tuple[Place, bool, str, str]] = []
        self._more = 0

    def __len__(self) -> int:
        return len(self._found) + self._more

    def add(self, place: Place, message: str, hint: str = "", *, key: bool = False) -> None:
        """Notes a fault of the value at `place`, or of its key."""
        if len(self._found) < MAX_FAULTS:
            self._found.append((place, key, message, hint))
        else:
            self._more += 1

    def check(
        self,
        model: type[_Model],
        raw: object,
        place: Place,
        *,
        also: Collection[str] = (),
        read: Mapping[str, object] = _NOTHING,
    ) -> _Model | None:
        """Validates an object against a model; on failure notes each fault at its place and returns None.

        A key whose value is null says nothing, as if it were not there.

        Args:
            model: The pydantic model; its fields may have aliases.
            raw: What the document holds at `place`.
            place: Where it stands.
            also: Keys of the object that the caller has read, and that may be suggested.
            read: Fields that the caller fills; the document itself cannot give them.
        """
        if not isinstance(raw, dict):
            self.add(place, f"expected an object, found {quoted(raw)}")
            return None
        given = {key: value for key, value in raw.items() if value is not None}
        names = [field.alias or name for name, field in model.model_fields.items() if name not in read]
        for key in given.keys() & read.keys():
            self.add((*place, key), f"unknown key {quoted(key)}", did_you_mean(key, [*also, *names]), key=True)
        try:
            return model.model_validate(given | dict(read))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                where = (*place, *detail["loc"])
                kind, context = detail["type"], detail.get("ctx", {})
                if kind == "extra_forbidden":
                    unknown = str(detail["loc"][-1])
                    self.add(where, f"unknown key {quoted(unknown)}", did_you_mean(unknown, [*also, *names]), key=True)
                elif kind == "missing":
                    self.add(where[:-1], f"{quoted(where[-1])} is missing")
                elif kind == "fault":
                    self.add(where, context["message"], context["hint"])
                else:
                    message = _EXPECTED.get(kind, "{message}").format(message=detail["msg"], **context)
                    self.add(where, f"{message}, found {quoted(detail['input'])}")
        return None

    def listed(self) -> tuple[Fault, ...]:
        """Returns the faults in the order of the file."""
        positions = self._document.positions((place, key) for place, key, _, _ in self._found)
        faults = [
            Fault(self._document.path, message, hint, *position, dotted(place))
            for (place, _, message, hint), position in zip(self._found, positions, strict=True)
        ]
        faults.sort(key=lambda fault: (fault.line or 0, fault.column or 0))
        if self._more:
            faults.append(Fault(self._document.path, f"{self._more} more faults"))
        return tuple(faults)

    def raise_as(self, error: type[InputError]) -> None:
        """Raises `error` with everything found, if anything was."""
        if self._found:
            raise error(self.listed())


_EXPECTED = {
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "enum": "expected {expected}",
    "literal_error": "expected {expected}",
    "greater_than": "expected a number above {gt}",
    "greater_than_equal": "expected a number of at least {ge}",
    "less_than_equal": "expected a number of at most {le}",
    "string_too_short": "expected text that is not empty",
    "string_too_long": "expected at most {max_length} characters",
    "too_short": "expected at least one entry",
}
