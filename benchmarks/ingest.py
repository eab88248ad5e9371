"""Reading JSON profiles straight to columns and judging them, against bare pydantic that validates the same bytes.

    python benchmarks/ingest.py [--profiles 10000] [--rounds 5]

The profiles are drawn with a fixed seed: some 8 kB each, nested, with dates, evidence and source for every fact. In
each round, in turn:

* *columns*: `checker.importers.quick` reads and validates them to the columns of all rules that read facts alone (no
  table, no reference rate, no model), and these rules judge them;
* *pydantic, own parts*: `model_validate_json` of a document model made of the parts of `checker.model.profile`;
* *pydantic, plain*: the same shape in types that pydantic validates without calling Python, which checks less;
* *pydantic, one form*: the same, for profiles that write every fact in the full form and in no other;
* *the long way*: parse, check against the dictionary, flatten; what a profile costs that cannot be read quickly (on a
  sample).

Process time in one process, after imports; the compiling of the rules is told apart. Ratios of medians.
"""

from __future__ import annotations

import argparse
import gc
import json
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from statistics import median
from time import process_time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from checker.app.audit import shipped_rulebook
from checker.assess.assess import program, rules_of_kind
from checker.engine.columns.flatten import flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.columns.layout import Layout
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.importers.quick import CutDays, QuickReader
from checker.model.dictionary import EVIDENCE, GRADED_KINDS, SECTIONS, Dictionary, FactDef
from checker.model.document import parse_json
from checker.model.profile import IDENTITY, Defaults, Examination, FactEntry, Note, Override, Source, parse_profile
from checker.model.view import View
from checker.packs.rulebook import Rulebook

SEED = 20_221_101
DAY = date(2022, 5, 31)
TODAY = date(2022, 12, 31)
Day = date
FACTS = 37
SAMPLE = 200
WORDS = ("audit", "regulatory_return", "analyst", "onchain", "company_disclosed", "terms_of_use", "prospectus")


# -------------------------------------------------------------------------------------------------------- profiles


def profiles(rulebook: Rulebook, count: int) -> list[bytes]:
    """So many profiles as JSON, the same for the same seed."""
    rng = Random(SEED)
    compiled = program(rulebook)
    asked = {
        kind: sorted({fact for rule in rules_of_kind(rulebook, kind, compiled) for fact in rulebook.reads[rule.id]})
        for kind in GRADED_KINDS
    }
    return [_profile(rng, index, rulebook.dictionary, asked) for index in range(count)]


def _profile(rng: Random, index: int, dictionary: Dictionary, asked: dict[Any, list[str]]) -> bytes:
    kind = rng.choice(GRADED_KINDS)
    told = [dictionary[id] for id in asked[kind] if not id.startswith("platform.")]
    told = [d for d in told if d.type != "table" and d.applies_to(kind)]
    sources = {
        f"{word}-{index}": (evidence, DAY - timedelta(rng.randrange(5, 90)))
        for word, evidence in zip(("terms", "report", "filing"), rng.sample(WORDS, 3), strict=True)
    }
    document: dict[str, Any] = {
        "$schema": "../rules/schema/profile.schema.json",
        "ddcheck": 1,
        "platform": {"name": f"Platform {index}", "kind": kind},
    }
    sections: dict[str, dict[str, Any]] = {}
    for definition in rng.sample(told, min(FACTS, len(told))):
        name, (evidence, published) = rng.choice([*sources.items()])
        sections.setdefault(definition.section, {})[definition.name] = {
            "value": _value(rng, definition),
            "from": (published - timedelta(rng.choice((0, 0, 14)))).isoformat(),
            "known_on": published.isoformat(),
            "evidence": evidence,
            "source": name,
            "locator": f"page {rng.randrange(1, 90)}, section {rng.randrange(1, 12)}.{rng.randrange(1, 9)}",
        }
    document |= {section: sections[section] for section in SECTIONS if section in sections}
    document["sources"] = {
        name: {
            "title": f"{name} of Platform {index}, as published on its site",
            "publisher": f"Platform {index}",
            "date": published.isoformat(),
            "url": f"https://example.org/platform-{index}/{name}.pdf",
        }
        for name, (_, published) in sources.items()
    }
    return json.dumps(document, indent=1).encode()


def _value(rng: Random, definition: FactDef) -> Any:
    match definition.type:
        case "number":
            lo, hi = max(definition.range[0], 0.0), min(definition.range[1], 1e9)
            top = 1.0 if definition.unit in ("rate", "share", "ratio") else 1e9 if definition.unit == "money" else 400.0
            return round(rng.uniform(lo, min(hi, top)), 4)
        case "bool":
            return rng.random() < 0.5
        case "enum":
            return rng.choice(definition.values)
        case "date":
            return (DAY - timedelta(rng.randrange(1000))).isoformat()
        case "asset":
            return rng.choice(("USD", "USDC", "BTC", "EUR"))
    return rng.choice(("US", "DE", "none"))


# -------------------------------------------------------------------------------------------------------- pydantic


class _Full(FactEntry):
    """A full form, its value as JSON has it."""

    value: float | bool | str | None = None  # type: ignore[assignment]
    lo: float | str | None = None
    hi: float | str | None = None


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Plain(_Strict):
    """The same in types that pydantic validates by itself."""

    from_: date | None = Field(None, alias="from")
    until: date | None = None
    known_on: date | None = None
    seen: date | None = None
    evidence: Literal[tuple(EVIDENCE)] | None = None  # type: ignore[valid-type]
    source: str | None = None
    locator: str = ""
    note: str = ""
    alleged: bool = False
    inferred: tuple[str, ...] = ()
    value: float | bool | str | None = None
    lo: float | str | None = None
    hi: float | str | None = None
    status: Literal["reported", "not_disclosed", "not_examined", "not_applicable"] = "reported"
    reason: str = ""


class _PlainSource(_Strict):
    title: str
    publisher: str = ""
    date: Day | None = None
    url: str | None = None
    locator: str = ""
    note: str = ""


def document_model(
    dictionary: Dictionary, full: type[BaseModel], source: type[BaseModel], *, forms: bool = True
) -> type[BaseModel]:
    """A model of whole profiles: a field for every fact, in any form that it may be written, or in the full one."""
    body: Any = full | None
    if forms:
        body = Annotated[full | list[full] | float | bool | str | None, Field(union_mode="left_to_right")]  # type: ignore[valid-type]
    fields: dict[str, Any] = {}
    for section in SECTIONS:
        of_section = {
            dictionary[id].name: (Any if dictionary[id].type == "table" or id in IDENTITY else body, None)
            for id in dictionary
            if dictionary[id].section == section
        }
        fields[section] = create_model(section, __config__=_Strict.model_config, **of_section) | None, None  # type: ignore[call-overload]
    return create_model(
        "Document",
        __config__=_Strict.model_config,
        schema_=(str | None, Field(None, alias="$schema")),
        ddcheck=(Literal[1], ...),
        defaults=(Defaults | None, None),
        examined=(dict[str, list[Examination]] | None, None),
        sources=(dict[str, source] | None, None),  # type: ignore[valid-type]
        notes=(list[Note] | None, None),
        overrides=(list[Override] | None, None),
        **fields,
    )


# --------------------------------------------------------------------------------------------------------- measure


def validated(model: type[BaseModel], texts: list[bytes]) -> Callable[[], object]:
    """Parses and validates every text; what comes of it is let go."""

    def work() -> None:
        for text in texts:
            model.model_validate_json(text)

    return work


def timed(work: Callable[[], object]) -> float:
    """Process seconds of some work, without a collection of garbage that others left."""
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    rulebook = shipped_rulebook()
    compiled = program(rulebook)
    texts = profiles(rulebook, args.profiles)
    layouts = {id: Layout.of(rulebook, compiled, {id: rule}) for id, rule in rulebook.rules.items()}
    flat = [id for id, layout in layouts.items() if not layout.leaves and not layout.tables]
    judge = BatchJudge(rulebook, compiled, rules=flat, masks_only=True)
    of_kind = {
        kind: [rule for rule in rules_of_kind(rulebook, kind, compiled) if rule.id in flat] for kind in GRADED_KINDS
    }

    def reader() -> QuickReader:
        days = CutDays(DAY, DAY, TODAY)
        return QuickReader(judge.layout, days, rulebook.reference, lambda kind: of_kind[kind])  # type: ignore[index]

    def quick() -> None:
        reading = reader()
        refused = [text for text in texts if not reading.read(text)]
        assert not refused, f"{len(refused)} went the long way"
        judge.judge_arrays(*reading.take())

    def long_way() -> None:
        for text in texts[:SAMPLE]:
            profile = parse_profile(parse_json(text.decode()), rulebook.dictionary, today=TODAY)
            cut = Cut(View(profile, rulebook.dictionary, DAY, DAY), rulebook.reference)
            engine = RuleEngine(compiled, cut, rulebook.dictionary)
            flatten(judge.layout, engine, profile.kind, DAY.toordinal(), of_kind[profile.kind])  # type: ignore[index]

    own = document_model(rulebook.dictionary, _Full, Source)
    plain = document_model(rulebook.dictionary, _Plain, _PlainSource)
    single = document_model(rulebook.dictionary, _Plain, _PlainSource, forms=False)
    first = reader()
    first.read(texts[0])
    arrays, size = first.take()
    compiling = timed(lambda: judge.judge_arrays(arrays, size))
    for model in (own, plain, single):
        model.model_validate_json(texts[0])
    ways: dict[str, tuple[Callable[[], object], int]] = {
        "columns, judged": (quick, len(texts)),
        "pydantic, own parts": (validated(own, texts), len(texts)),
        "pydantic, plain": (validated(plain, texts), len(texts)),
        "pydantic, one form": (validated(single, texts), len(texts)),
        "the long way": (long_way, min(SAMPLE, len(texts))),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, (work, count) in ways.items():
            took[name].append(timed(work) / count)
    size_kb = sum(map(len, texts)) / len(texts) / 1000
    told = f"{len(flat)} of {len(layouts)} rules, {args.rounds} rounds"
    print(f"{len(texts):,} profiles of {size_kb:.1f} kB, seed {SEED}; {told}")
    print(f"compiling the rules once: {compiling:.2f} s")
    base = median(took["columns, judged"])
    for name, times in took.items():
        each = median(times)
        print(f"{name:22} {each * 1e6:9.1f} µs a profile   {each / base:6.2f} times columns")


if __name__ == "__main__":
    main()
