"""The dictionary of facts: what every fact means, in which unit, which direction is worse, what to ask for it.

It is data (`rules/facts/<section>.yaml`). Profiles, their JSON Schema, questionnaires, column names and rules are
checked against it. A broken entry stops the run, all faults listed.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from checker.model.document import Document, Faults, Place, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean, nearest, quoted

SECTIONS = (
    "platform",
    "terms",
    "ltv_practice",
    "deposit_liquidity",
    "asset_duration",
    "yield_source",
    "structure",
    "leverage",
    "exposures",
    "affiliates",
    "disclosure",
    "governance",
    "marketing",
)
GradedKind = Literal["cefi_lender", "defi_market", "yield_product", "p2p", "fund", "bank"]
Kind = Literal[GradedKind, "borrower", "treasury", "exchange", "token"]
GRADED_KINDS: tuple[Kind, ...] = get_args(GradedKind)
"""Kinds that take money from the public and get a grade."""
KINDS: tuple[Kind, ...] = get_args(Kind)
"""All kinds; those without a grade get findings only."""
Unit = Literal["rate", "share", "ratio", "money", "money_per_month", "days", "months", "hours", "count"]
UNITS: Mapping[Unit, str] = {
    "rate": "fraction per year",
    "share": "fraction of a whole",
    "ratio": "one quantity over another",
    "money": "US dollars",
    "money_per_month": "US dollars a month",
    "days": "days",
    "months": "months",
    "hours": "hours",
    "count": "a number of things",
}
"""Every unit with its meaning."""


class EvidenceWord(NamedTuple):
    """How a fact is known.

    Attributes:
        word: The word used in profiles.
        grade: E0 (rumour) to E4 (audit, judgment, register).
        own: The platform speaks for itself: full evidence of what it promised or admitted, little of anything else.
        meaning: What counts as such evidence.
    """

    word: str
    grade: int
    own: bool
    meaning: str


EVIDENCE: Mapping[str, EvidenceWord] = {
    word.word: word
    for word in (
        EvidenceWord("rumour", 0, False, "Hearsay without a source that can be checked"),
        EvidenceWord("advertised", 1, True, "The platform's advertising, rate pages and posts"),
        EvidenceWord("company_disclosed", 1, True, "The platform's own reports, letters and statements"),
        EvidenceWord("terms_of_use", 1, True, "The contract the platform offers its users"),
        EvidenceWord("protocol_docs", 1, True, "Documents and code comments of a protocol's makers"),
        EvidenceWord("debtor_declaration", 1, True, "A debtor's own court paper"),
        EvidenceWord("press", 1, False, "A press report that quotes nothing better"),
        EvidenceWord("analyst", 2, False, "An outside analyst's work"),
        EvidenceWord("onchain", 2, False, "What anyone can read on a chain"),
        EvidenceWord("attestation", 2, False, "An accountant's or oracle's statement on assets only"),
        EvidenceWord("complaint", 2, False, "A party's or regulator's charge, not yet decided"),
        EvidenceWord("solvency_attestation", 3, False, "An independent statement on assets and debts"),
        EvidenceWord("audit", 4, False, "Audited accounts"),
        EvidenceWord("court_finding", 4, False, "What a court found"),
        EvidenceWord("examiner", 4, False, "A court-appointed examiner's report"),
        EvidenceWord("regulator_finding", 4, False, "What a regulator found"),
        EvidenceWord("settled_order", 4, False, "An order entered without admission"),
        EvidenceWord("prospectus", 4, False, "A prospectus for which its signatories are liable"),
        EvidenceWord("regulatory_return", 4, False, "A return filed with a supervisor"),
        EvidenceWord("register", 4, False, "An entry in an official register"),
    )
}
"""Every evidence word, weakest first."""

PROVENANCE_KEYS = ("from", "until", "known_on", "seen", "evidence", "source", "locator", "note", "alleged", "inferred")
"""What every entry and every row of a table may say about itself; no column may be called so."""

FactType = Literal["number", "bool", "enum", "text", "asset", "date", "table"]
Range = tuple[float, float]

_DIRECTIONS: Mapping[str, tuple[str, ...]] = {
    "number": ("higher", "lower", "none"),
    "bool": ("higher", "lower", "none"),
    "date": ("higher", "lower", "none"),
    "enum": ("order", "none"),
    "text": ("none",),
    "asset": ("none",),
    "table": ("none",),
}
_DEFAULT_RANGES: Mapping[str, Range] = {"share": (0.0, 1.0), "rate": (-1.0, math.inf)}
_NAME = re.compile(r"[a-z][a-z0-9_]*")

_Sentence = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Words = Annotated[tuple[_Sentence, ...], Field(strict=False)]
_Kinds = Annotated[tuple[Kind, ...], Field(strict=False)]


class ColumnDef(BaseModel):
    """A column of a table fact, and what it has in common with a fact.

    Attributes:
        name: Its name, unique in the table or section.
        type: What its values are.
        unit: Unit of a number, None for all else.
        range: Least and greatest value a number can have; infinite where there is no bound.
        values: Allowed words of an enum, best first where `worse` is `order`.
        worse: Which direction is worse for a depositor; for a bool `higher` means that true is worse.
        meaning: What the value means.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", defer_build=True)

    name: str
    type: FactType
    unit: Unit | None = None
    range: Annotated[Range, Field(strict=False)] = (-math.inf, math.inf)
    values: _Words = ()
    worse: Literal["higher", "lower", "order", "none"] = "none"
    meaning: _Sentence


class FactDef(ColumnDef):
    """One fact that a profile may state.

    Attributes:
        id: `<section>.<name>`.
        section: The section of the profile it stands in.
        about: `promise` if it is something the platform says or offers, `state` if it is how things are.
        observable: Anyone can see it, so it cannot be withheld.
        expected_public: Kinds of platform that can be expected to publish it.
        max_age_days: Age in days after which it no longer limits how bad things can be; None if it does not age.
        kinds: Kinds of platform it applies to.
        key: Columns that identify a row of a table.
        columns: Columns of a table by name.
        min_evidence: Evidence below this grade leaves it not examined; None if any will do.
        may_not_apply: When `not_applicable` may be stated for a kind in `kinds`; empty if never.
        ask: The question to the platform.
        where: Where to look.
    """

    id: str
    section: str
    about: Literal["promise", "state"]
    observable: bool = False
    expected_public: _Kinds = ()
    max_age_days: Annotated[int, Field(gt=0)] | None = None
    kinds: _Kinds = KINDS
    key: _Words = ()
    columns: dict[str, ColumnDef] = Field(default_factory=dict)
    min_evidence: Literal["E0", "E1", "E2", "E3", "E4"] | None = None
    may_not_apply: str = ""
    ask: _Sentence
    where: str = ""

    def applies_to(self, kind: str) -> bool:
        """Whether platforms of this kind can have the fact at all."""
        return kind in self.kinds

    def expected_of(self, kind: str) -> bool:
        """Whether a platform of this kind can be expected to publish it."""
        return kind in self.expected_public


@dataclass(frozen=True)
class Dictionary:
    """All facts by id, in the order of their sections and files.

    Attributes:
        facts: Definition by fact id.
        sha256: Digest over the files it was read from.
    """

    facts: Mapping[str, FactDef]
    sha256: str = ""

    def __getitem__(self, fact: str) -> FactDef:
        return self.facts[fact]

    def __contains__(self, fact: object) -> bool:
        return fact in self.facts

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that hold facts, in the order a reader thinks."""
        used = {definition.section for definition in self.facts.values()}
        return tuple(section for section in SECTIONS if section in used)

    def get(self, fact: str) -> FactDef | None:
        """The definition of a fact id, or None."""
        return self.facts.get(fact)

    def of_section(self, section: str) -> tuple[FactDef, ...]:
        """The facts of one section."""
        return tuple(definition for definition in self.facts.values() if definition.section == section)

    def nearest(self, fact: str) -> str | None:
        """The id that `fact` most probably was meant to be: the same name elsewhere, else the closest spelling."""
        name = fact.rpartition(".")[2]
        elsewhere = next((known for known in self.facts if known.rpartition(".")[2] == name), None)
        return elsewhere or nearest(fact, self.facts)


def load_dictionary(folder: str | Path) -> Dictionary:
    """Reads `<folder>/<section>.yaml` for every section.

    Raises:
        PackError: With every fault of every file.
    """
    folder = Path(folder)
    faults: list[Fault] = []
    facts: dict[str, dict[str, FactDef]] = {}
    digest = hashlib.sha256()
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        faults.append(Fault(str(folder), "no file of facts here", "Expected <section>.yaml files."))
    for path in paths:
        if path.stem not in SECTIONS:
            faults.append(Fault(str(path), f"unknown section {path.stem!r}", did_you_mean(path.stem, SECTIONS)))
            continue
        try:
            document = read_document(path)
            facts[path.stem] = _read_section(document, path.stem)
            digest.update(f"{path.stem} {document.sha256}\n".encode())
        except InputError as error:
            faults.extend(error.faults)
    if faults:
        raise PackError(faults)
    ordered = {fact.id: fact for section in SECTIONS for fact in facts.get(section, {}).values()}
    return Dictionary(ordered, digest.hexdigest())


def _read_section(document: Document, section: str) -> dict[str, FactDef]:
    faults = Faults(document)
    facts: dict[str, FactDef] = {}
    if not isinstance(document.value, dict):
        faults.add((), f"expected facts by name, found {quoted(document.value)}")
        faults.raise_as(PackError)
    for name, raw in document.value.items():
        place = (name,)
        if not _NAME.fullmatch(name):
            faults.add(place, f"{quoted(name)} is no name: small letters, digits and _ only", key=True)
        fact = faults.check(FactDef, _prepared_fact(raw, name, section), place)
        if fact is None:
            continue
        _check_values(fact, raw, place, faults)
        _check_table(fact, place, faults)
        for column, definition in fact.columns.items():
            _check_values(definition, raw["columns"][column], (*place, "columns", column), faults)
        if outside := [kind for kind in fact.expected_public if kind not in fact.kinds]:
            message = f"cannot be expected of {', '.join(outside)}, to which the fact does not apply"
            faults.add((*place, "expected_public"), message)
        facts[name] = fact
    faults.raise_as(PackError)
    return facts


def _prepared_fact(raw: Any, name: str, section: str) -> Any:
    """Adds what follows from the place of an entry, and spells out its short forms."""
    if not isinstance(raw, dict):
        return raw
    fact = _prepared_column(raw, name) | {"id": f"{section}.{name}", "section": section}
    if raw.get("expected_public") == "all":
        fact["expected_public"] = raw.get("kinds") or KINDS
    if isinstance(columns := raw.get("columns"), dict):
        fact["columns"] = {key: _prepared_column(column, key) for key, column in columns.items()}
    return fact


def _prepared_column(raw: Any, name: str) -> Any:
    if not isinstance(raw, dict):
        return raw
    column = {key: value for key, value in raw.items() if value is not None} | {"name": name}
    given = raw.get("range")
    if isinstance(given, list) and len(given) == 2:
        lo, hi = given
        column["range"] = [-math.inf if lo is None else lo, math.inf if hi is None else hi]
    elif given is None and raw.get("type") == "number":
        column["range"] = _DEFAULT_RANGES.get(str(raw.get("unit")), (0.0, math.inf))
    return column


def _check_values(definition: ColumnDef, raw: Mapping[str, Any], place: Place, faults: Faults) -> None:
    """Checks that unit, range, words and direction go with the type."""
    kind = definition.type
    for key in ("name", "id", "section"):
        if key in raw:
            faults.add((*place, key), f"unknown key {key!r}", "It follows from the place of the entry.", key=True)
    for key, owner in (("unit", "number"), ("range", "number"), ("values", "enum")):
        if kind != owner and raw.get(key) is not None:
            faults.add((*place, key), f"only a fact of type {owner} has {key}")
    if kind == "number" and definition.unit is None:
        faults.add(place, "'unit' is missing", f"One of: {', '.join(UNITS)}.")
    if kind == "enum" and (len(definition.values) < 2 or len(set(definition.values)) < len(definition.values)):
        faults.add((*place, "values"), "an enum needs at least two different values")
    if not definition.range[0] < definition.range[1]:
        faults.add((*place, "range"), "the range must rise: [least, greatest], null for no bound")
    if definition.worse not in _DIRECTIONS[kind]:
        allowed = ", ".join(_DIRECTIONS[kind])
        faults.add((*place, "worse"), f"{definition.worse!r} is no direction of type {kind}", f"One of: {allowed}.")
    if kind in ("number", "bool", "enum") and raw.get("worse") is None:
        faults.add(place, "'worse' is missing", f"One of: {', '.join(_DIRECTIONS[kind])}.")


def _check_table(fact: FactDef, place: Place, faults: Faults) -> None:
    if fact.type != "table":
        for key in ("key", "columns"):
            if getattr(fact, key):
                faults.add((*place, key), f"only a table has {key}")
        return
    if not fact.columns or not fact.key:
        faults.add(place, "a table needs columns, and a key that names the columns which identify a row")
    for index, column in enumerate(fact.key):
        if column not in fact.columns:
            faults.add((*place, "key", index), f"unknown column {column!r}", did_you_mean(column, list(fact.columns)))
    for column, definition in fact.columns.items():
        where = (*place, "columns", column)
        if not _NAME.fullmatch(column) or column in PROVENANCE_KEYS:
            faults.add(where, f"{quoted(column)} cannot be the name of a column", key=True)
        if definition.type == "table":
            faults.add((*where, "type"), "a column cannot be a table")
