"""A filled-in questionnaire merged into a profile: answers as the platform's own words, refusals as not disclosed.

Nothing that the profile holds is changed or removed: an answer becomes one more entry of the fact's history, with the
day it refers to, the day it was given and the questionnaire as its source. Whatever is wrong with an answer is told at
its place in the questionnaire, and then nothing is written.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from checker import __version__
from checker.app.ask import options_of
from checker.app.audit import Settings
from checker.assess.assess import assess
from checker.assess.assessment import Assessment, Finding
from checker.assess.effects import ANSWERED
from checker.assess.questionnaire import ALL_ROWS, EXTENTS, NO_ROWS
from checker.importers.answers import Replies, Reply, Spot, Written, read_answers
from checker.model.dictionary import SECTIONS, ColumnDef, Dictionary, FactDef
from checker.model.document import Document, Place, read_document
from checker.model.errors import Fault, InputError, ProfileError, UsageError, did_you_mean, quoted
from checker.model.profile import IDENTITY, Profile, parse_profile
from checker.model.view import View
from checker.packs.rulebook import Rulebook

_YES = frozenset({"yes", "y", "true", "x", "是", "ja", "oui", "si", "sí"})
_NO = frozenset({"no", "n", "false", "否", "nein", "non"})
_PLAIN = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_SPAN = re.compile(r"(?P<lo>[^<>=]+?)\s*\.\.\s*(?P<hi>[^<>=]+)|(?P<sign>>=|<=|≥|≤)\s*(?P<end>.+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TAIL = ("examined", "sources", "notes", "overrides")
_ORDER = ("$schema", "ddcheck", "defaults", *SECTIONS, *_TAIL)
_TITLE = "Answers to a questionnaire of ddcheck"


@dataclass(frozen=True)
class Merged:
    """A profile with answers, not yet written.

    Attributes:
        text: The profile as JSON.
        profile: The same, read.
        source: The id of its new source.
        answered_on: The day the answers were given.
        answers: How many facts were answered.
        refusals: How many were refused.
        blank: How many questions were left blank.
    """

    text: str
    profile: Profile
    source: str
    answered_on: date
    answers: int
    refusals: int
    blank: int


@dataclass(frozen=True)
class Moved:
    """What the answers did: the assessment before and after, and every finding that changed."""

    before: Assessment
    after: Assessment
    changed: tuple[tuple[Finding, Finding], ...]


def answered(path: Path, answers: Path, rulebook: Rulebook, *, today: date) -> tuple[Profile, Merged]:
    """The profile as it is, and with the answers.

    Args:
        path: The profile, JSON or YAML.
        answers: The filled-in questionnaire.
        rulebook: The packs.
        today: No answer may be later.

    Raises:
        InputError: The profile or the questionnaire is invalid; carries every fault with its place.
        UsageError: The same answers are in the profile already.
    """
    document = read_document(path)
    profile = parse_profile(document, rulebook.dictionary, today=today)
    replies = read_answers(answers)
    return profile, _Merger(document, profile, replies, rulebook.dictionary, today).merged()


def moved(profile: Profile, merged: Merged, settings: Settings, rulebook: Rulebook) -> Moved:
    """The verdict before and after at one cut."""
    options = options_of(settings)
    before = assess(profile, rulebook, options, version=__version__)
    after = assess(merged.profile, rulebook, options, version=__version__)
    now = {finding.rule: finding for finding in after.findings}
    changed = tuple(
        (old, now[old.rule])
        for old in before.findings
        if (old.possible, old.presumed) != (now[old.rule].possible, now[old.rule].presumed)
    )
    return Moved(before, after, changed)


@dataclass
class _Merger:
    document: Document
    profile: Profile
    replies: Replies
    dictionary: Dictionary
    today: date
    faults: list[Fault] = field(default_factory=list)
    places: dict[Place, Spot] = field(default_factory=dict)

    def merged(self) -> Merged:
        """The profile with every answer, or all that is wrong."""
        if any(self.replies.sha256 in source.note for source in self.profile.sources.values()):
            raise UsageError(f"the answers of {self.replies.path} are in {self.profile.path} already")
        self.raw: dict[str, Any] = copy.deepcopy(self.document.value)
        answered_on = self.head()
        if answered_on is None:
            raise InputError(self.faults)
        self.answered_on = answered_on
        self.known = View(self.profile, self.dictionary, answered_on, answered_on)
        self.source = self.cite()
        answers = refusals = 0
        for reply in self.replies.replies:
            definition = self.definition(reply)
            if definition is None:
                continue
            refused = self.refused(reply)
            if refused:
                refusals += 1
                self.refuse(reply, definition)
            elif definition.type == "table":
                answers += self.rows(reply, definition)
            elif "answer" in reply.said:
                answers += 1
                self.answer(reply, definition)
            else:
                self.nothing_beside(reply)
        if not answers and not refusals and not self.faults:
            self.faults.append(Fault(self.replies.path, "nothing is answered", "Fill in at least one answer."))
        text, profile = self.read_back()
        blank = len(self.replies.replies) - answers - refusals
        return Merged(text, profile, self.source, answered_on, answers, refusals, blank)

    def fault(self, at: Spot, message: str, hint: str = "", key: str = "") -> None:
        """Notes a fault at its place in the questionnaire."""
        self.faults.append(at.fault(message, hint, key))

    # -- the head

    def head(self) -> date | None:
        """The day of the answers; whether they are of this platform."""
        head, path = self.replies.head, self.replies.path
        platform = head.get("platform")
        if platform is None:
            self.faults.append(Fault(path, "the questionnaire names no platform", f"Fill in {self.profile.name!r}."))
        elif " ".join(str(platform.value).split()).casefold() != " ".join(self.profile.name.split()).casefold():
            message = (
                f"the questionnaire is of {quoted(str(platform.value))}, the profile of {quoted(self.profile.name)}"
            )
            self.fault(platform.at, message, "Merge it into the profile of the same platform.", "platform")
        if "answered_on" not in head:
            hint = "Fill in the day, such as 2026-01-31."
            self.faults.append(Fault(path, "the questionnaire does not say on which day it was answered", hint))
            return None
        day = self.day(head["answered_on"], "answered_on")
        if day is not None and day > self.today:
            message = f"{day} lies in the future; today is {self.today}"
            self.fault(head["answered_on"].at, message, key="answered_on")
            return None
        return day

    def day(self, written: Written, key: str) -> date | None:
        """A date as it was written."""
        text = str(written.value)
        if not _DAY.fullmatch(text):
            message = f"expected a date such as 2022-05-31, found {quoted(written.value)}"
            self.fault(written.at, message, "Write year-month-day.", key)
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(written.at, f"there is no day {text}", key=key)
            return None

    def cite(self) -> str:
        """Adds the questionnaire to the sources; its id."""
        sources = self.section("sources")
        base = f"answers-{self.answered_on.isoformat()}"
        id, number = base, 2
        while id in sources:
            id, number = f"{base}-{number}", number + 1
        who = self.replies.head.get("answered_by")
        by = f"Answered by {' '.join(str(who.value).split())}. " if who is not None else ""
        sources[id] = {
            "title": _TITLE,
            "publisher": self.profile.name,
            "date": self.answered_on.isoformat(),
            "note": f"{by}SHA-256 of the file: {self.replies.sha256}",
        }
        if who is not None:
            self.places["sources", id, "note"] = who.at
        return id

    # -- one reply

    def definition(self, reply: Reply) -> FactDef | None:
        """What is answered, if it can be."""
        id = str(reply.fact.value)
        definition = self.dictionary.get(id)
        if definition is None:
            near = self.dictionary.nearest(id)
            hint = f"Did you mean {near!r}?" if near else "`ddcheck facts list` names all."
            self.fault(reply.fact.at, f"unknown fact {quoted(id)}", hint)
        elif id in IDENTITY:
            self.fault(reply.fact.at, f"{id} says which profile it is and cannot be answered", "Remove it.")
            return None
        elif reply.rows and definition.type != "table":
            at = next(iter(reply.rows[0].values())).at
            self.fault(at, f"{id} is no table and has no rows", "Write the value as the answer.", id)
            return None
        return definition

    def refused(self, reply: Reply) -> bool:
        """Whether the platform refuses to say."""
        written = reply.said.get("not_disclosed")
        refused = written is not None and self.truth(written, "not_disclosed", str(reply.fact.value))
        if refused and written is not None and ("answer" in reply.said or reply.rows):
            message = "both an answer and not_disclosed"
            if "answer" in reply.said:
                self.fault(written.at, message, "Keep one of the two.", str(reply.fact.value))
        return refused

    def truth(self, written: Written, name: str, key: str) -> bool:
        """A yes or no as it was written."""
        if isinstance(written.value, bool):
            return written.value
        word = str(written.value).strip().casefold()
        if word not in _YES | _NO:
            self.fault(written.at, f"{name}: expected yes or no, found {quoted(written.value)}", key=key)
        return word in _YES

    def nothing_beside(self, reply: Reply) -> None:
        """A date or document without an answer is an answer that was forgotten."""
        for key in ("date", "document", "link"):
            if (written := reply.said.get(key)) is not None:
                message = f"there is a {key}, but no answer"
                self.fault(written.at, message, "Fill in the answer, or not_disclosed: yes.", str(reply.fact.value))
                return

    def provenance(self, reply: Reply, place: Place) -> dict[str, Any]:
        """When it was true, since when it is known, who says so."""
        since = self.answered_on
        if (written := reply.said.get("date")) is not None:
            since = self.day(written, str(reply.fact.value)) or since
            self.places[*place, "from"] = written.at
            if since > self.answered_on:
                message = f"the answer of {self.answered_on} refers to a later day, {since}"
                self.fault(written.at, message, "Write the day whose state it tells.", str(reply.fact.value))
        found = {
            "from": since.isoformat(),
            "known_on": self.answered_on.isoformat(),
            "evidence": ANSWERED,
            "source": self.source,
        }
        named = [reply.said[key] for key in ("document", "link") if key in reply.said]
        if named:
            found["locator"] = "; ".join(str(written.value).strip() for written in named)
            self.places[*place, "locator"] = named[0].at
        return found

    def answer(self, reply: Reply, definition: FactDef) -> None:
        """One more entry with the value."""
        written = reply.said["answer"]
        place = self.next_entry(definition)
        self.places[place] = written.at
        self.add(definition, self.valued(definition, written) | self.provenance(reply, place))

    def refuse(self, reply: Reply, definition: FactDef) -> None:
        """One more entry that says there is no answer."""
        at = reply.said["not_disclosed"].at
        if definition.type == "table":
            table = self.whole_table(definition)
            place: Place = (*definition.id.split("."), "stated", len(table.setdefault("stated", [])))
            self.places[place] = at
            table["stated"].append({"status": "not_disclosed"} | self.provenance(reply, place))
            return
        place = self.next_entry(definition)
        self.places[place] = at
        self.add(definition, {"status": "not_disclosed"} | self.provenance(reply, place))

    def valued(self, definition: ColumnDef, written: Written) -> dict[str, Any]:
        """The value as a profile writes it: `value`, or `lo` and `hi`."""
        raw = written.value
        if isinstance(raw, dict):
            return {key: self.plain(definition, part) for key, part in raw.items() if part is not None}
        if definition.type in ("number", "date") and isinstance(raw, str) and (span := _SPAN.fullmatch(raw.strip())):
            if span["sign"]:
                end = "lo" if span["sign"] in (">=", "≥") else "hi"
                return {end: self.plain(definition, span["end"].strip())}
            return {key: self.plain(definition, span[key].strip()) for key in ("lo", "hi")}
        return {"value": self.plain(definition, raw)}

    def plain(self, definition: ColumnDef, raw: object) -> object:
        """A value in the type of the fact where that is plain; anything else stays for the reader of profiles."""
        if definition.type == "number":
            if isinstance(raw, str) and _PLAIN.fullmatch(raw.strip()):
                number = float(raw)
                return int(number) if number.is_integer() and "." not in raw else number
            if isinstance(raw, float) and raw.is_integer():
                return int(raw)
            return raw.strip() if isinstance(raw, str) else raw
        if definition.type == "bool" and isinstance(raw, str):
            word = raw.strip().casefold()
            return True if word in _YES else False if word in _NO else raw
        if definition.type == "enum" and isinstance(raw, str):
            word = re.sub(r"[\s-]+", "_", raw.strip().casefold())
            return word if word in definition.values else raw.strip()
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            return f"{raw:.15g}"
        return raw

    # -- tables

    def rows(self, reply: Reply, definition: FactDef) -> int:
        """The rows of a table, and whether they are all; returns 1 if anything was said."""
        written = reply.said.get("answer")
        if written is None and not reply.rows:
            self.nothing_beside(reply)
            return 0
        whole = written is not None and self.whole(reply, definition, written)
        section, name = definition.id.split(".")
        facts = self.section(section)
        if whole or isinstance(facts.get(name), dict):
            target: list[Any] = self.whole_table(definition).setdefault("rows", [])
            base: Place = (section, name, "rows")
        else:
            facts[name] = target = facts.get(name) or []
            base = (section, name)
        for row in reply.rows:
            place = (*base, len(target))
            self.places[place] = next(iter(row.values())).at
            target.append(self.row(definition, row, place) | self.provenance(reply, place))
        if whole and written is not None:
            statements = self.whole_table(definition).setdefault("complete", [])
            place = (section, name, "complete", len(statements))
            self.places[place] = written.at
            statements.append(self.provenance(reply, place))
        return 1

    def whole(self, reply: Reply, definition: FactDef, written: Written) -> bool:
        """Whether the rows, given and known, are said to be all there are."""
        extent = str(written.value).strip().casefold()
        known = len(self.known.table(definition.id).rows)
        message = hint = ""
        if extent not in EXTENTS:
            message = f"expected one of {', '.join(EXTENTS)}; found {quoted(written.value)}"
            hint = did_you_mean(extent, EXTENTS)
        elif extent == NO_ROWS and reply.rows:
            message, hint = f"{NO_ROWS!r}, and rows besides", "Keep one of the two."
        elif extent == NO_ROWS and known:
            message = f"{NO_ROWS!r}, but the profile knows of {known} on that day"
            hint = f"Answer {ALL_ROWS!r} if there are no others."
        elif extent == ALL_ROWS and not reply.rows and not known:
            message, hint = f"{ALL_ROWS!r}, but there is no row", f"Answer {NO_ROWS!r} if there are none."
        elif extent not in (ALL_ROWS, NO_ROWS) and not reply.rows:
            message, hint = f"{extent!r}, but there is no row", "Give the rows there are."
        if message:
            self.fault(written.at, message, hint, definition.id)
        return extent in (ALL_ROWS, NO_ROWS)

    def row(self, definition: FactDef, row: Mapping[str, Written], place: Place) -> dict[str, Any]:
        """The cells of a row."""
        cells: dict[str, Any] = {}
        for name, written in row.items():
            column = definition.columns.get(name)
            if column is None:
                hint = did_you_mean(name, definition.columns)
                self.fault(written.at, f"unknown column {quoted(name)}", hint, definition.id)
                continue
            value = self.valued(column, written)
            cells[name] = value["value"] if set(value) == {"value"} else value
            self.places[*place, name] = written.at
        return cells

    def whole_table(self, definition: FactDef) -> dict[str, Any]:
        """A table in its full form, whatever form it has."""
        section, name = definition.id.split(".")
        body = self.section(section).get(name)
        if body is None:
            body = {}
        elif isinstance(body, list):
            body = {"rows": body}
        elif body.get("status") is not None:
            body = {"rows": [], "stated": [body]}
        self.section(section)[name] = body
        for key in ("rows", "complete", "stated"):
            if key in body and body[key] is None:
                del body[key]
        table: dict[str, Any] = body
        return table

    # -- the profile

    def section(self, name: str) -> dict[str, Any]:
        """A part of the profile by its key, put in where a reader looks for it if it is missing."""
        if not isinstance(self.raw.get(name), dict):
            order = {key: index for index, key in enumerate(_ORDER)}
            later = [key for key in self.raw if key != name and order[key] > order[name]]
            moved = {key: self.raw.pop(key) for key in later}
            self.raw[name] = {}
            self.raw |= moved
        part: dict[str, Any] = self.raw[name]
        return part

    def next_entry(self, definition: FactDef) -> Place:
        """Where one more entry of a fact stands; the fact is brought into the form of a history if it needs one."""
        section, name = definition.id.split(".")
        facts = self.section(section)
        body = facts.get(name)
        if body is None:
            return (section, name)
        if not isinstance(body, list):
            facts[name] = [body if isinstance(body, dict) else {"value": body}]
        return (section, name, len(facts[name]))

    def add(self, definition: FactDef, entry: dict[str, Any]) -> None:
        """Puts an entry where `next_entry` said."""
        section, name = definition.id.split(".")
        facts = self.section(section)
        if isinstance(facts.get(name), list):
            facts[name].append(entry)
        else:
            facts[name] = entry

    def read_back(self) -> tuple[str, Profile]:
        """The new profile as text, read as any profile is; its faults are told at their places in the questionnaire."""
        text = json.dumps(self.raw, indent=2, ensure_ascii=False) + "\n"
        spots = list(self.places.items())
        lines = {(place, False): (index, 1) for index, (place, _) in enumerate(spots, 2)}
        digest = hashlib.sha256(text.encode()).hexdigest()
        try:
            profile = parse_profile(
                Document(self.raw, self.document.path, digest, _finder(lines)), self.dictionary, today=self.today
            )
        except ProfileError as error:
            noted = {(fault.file, fault.line, fault.column) for fault in self.faults}
            told = [self.told(fault, spots) for fault in error.faults]
            self.faults += [fault for fault in told if (fault.file, fault.line, fault.column) not in noted]
            raise InputError(sorted(self.faults, key=lambda fault: (fault.line or 0, fault.column or 0))) from None
        if self.faults:
            raise InputError(self.faults)
        return text, profile

    def told(self, fault: Fault, spots: list[tuple[Place, Spot]]) -> Fault:
        """A fault of the merged profile at the place of the answer that caused it."""
        if fault.line is None or fault.line < 2:
            return Fault(self.replies.path, fault.message, fault.hint, key=fault.key)
        section, _, rest = fault.key.partition(".")
        name = re.split(r"[.\[]", rest)[0]
        key = f"{section}.{name}" if section in SECTIONS and name else fault.key
        return spots[fault.line - 2][1].fault(fault.message, fault.hint, key)


def _finder(
    lines: Mapping[tuple[Place, bool], tuple[int, int]],
) -> Callable[[Iterable[tuple[Place, bool]]], Mapping[tuple[Place, bool], tuple[int, int]]]:
    return lambda spots: {spot: lines[spot] for spot in spots if spot in lines}
