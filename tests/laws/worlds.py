"""Random profiles for the laws: every fact that the rules of a kind read, with values close to the thresholds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from math import inf, isfinite
from random import Random

from checker.assess.assess import program, rules_of_kind
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine, RuleResult
from checker.engine.scalar import Interpreter
from checker.model.dictionary import ColumnDef, FactDef
from checker.model.interval import Truth
from checker.model.profile import Examination, FactEntry, Profile, Provenance, Row, Source, Table
from checker.model.profile import Value as Written
from checker.model.state import Reason, Status
from checker.model.view import View
from checker.packs.rulebook import Rule, Rulebook

DAY = date(2022, 5, 31)
LONG = os.environ.get("DDCHECK_HYPOTHESIS") == "long"
GRADED = ("cefi_lender", "defi_market", "yield_product", "p2p", "fund", "bank")
STRONG = ("audit", "regulatory_return", "prospectus", "court_finding")
WORDS = (
    "advertised",
    "company_disclosed",
    "terms_of_use",
    "press",
    "onchain",
    "analyst",
    "solvency_attestation",
    "audit",
)
ASSETS = ("USDC", "USD", "BTC", "EUR", "NOSUCHCOIN")
WHOLE = 100.0


def stated(
    kind: type[FactEntry] | type[Row] | type[Provenance] = FactEntry,
    *,
    since: date | None = DAY,
    known: date | None = None,
    evidence: str = "audit",
    alleged: bool = False,
    until: date | None = None,
    **own: object,
) -> FactEntry | Row | Provenance:
    """An entry as the reader of profiles would build it."""
    given: dict[str, object] = {
        "from_": since, "until": until, "known_on": known or since, "seen": None, "evidence": evidence,
        "source": "s", "locator": "", "note": "", "alleged": alleged or evidence == "complaint", "inferred": (),
    }  # fmt: skip
    if kind is FactEntry:
        given |= {"value": None, "status": Status.REPORTED, "reason": ""}
    return kind.model_construct(**given | own)


LONG_AGO = date(2000, 1, 1)
HIDDEN = (stated(since=LONG_AGO, status=Status.NOT_EXAMINED),)
SILENT = (stated(since=LONG_AGO, status=Status.NOT_DISCLOSED),)


def hidden(profile: Profile, definition: FactDef) -> Profile:
    """The profile with one fact recorded as not examined."""
    return _without(profile, definition, HIDDEN)


def silenced(profile: Profile, definition: FactDef) -> Profile:
    """The profile with one fact recorded as withheld."""
    return _without(profile, definition, SILENT)


def _without(profile: Profile, definition: FactDef, entries: tuple[FactEntry, ...]) -> Profile:
    if definition.type == "table":
        return replace(profile, tables={**profile.tables, definition.id: Table(stated=entries)})
    return replace(profile, facts={**profile.facts, definition.id: entries})


def with_fact(profile: Profile, id: str, *entries: FactEntry) -> Profile:
    """The profile with another history of one fact."""
    return replace(profile, facts={**profile.facts, id: entries})


def worsened(definition: ColumnDef, worse: str, value: Written, rng: Random, pool: list[float]) -> Written | None:
    """A worse value, or None where there is none or no direction."""
    if definition.type == "bool":
        bad = worse == "higher"
        return bad if worse != "none" and value is not bad else None
    if definition.type == "enum":
        later = definition.values[definition.values.index(value) + 1 :] if worse == "order" else ()
        return rng.choice(later) if later else None
    if definition.type == "number" and worse != "none":
        lo, hi = value
        if worse == "higher":
            higher = [x for x in pool if x > hi]
            return (x := rng.choice(higher), x) if higher else None
        lower = [x for x in pool if x < lo]
        return (x := rng.choice(lower), x) if lower else None
    return None


@dataclass
class Worlds:
    """Draws profiles for one rulebook; the same seed gives the same profiles."""

    rulebook: Rulebook
    day: date = DAY
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    facts: dict[str, list[FactDef]] = field(default_factory=dict)
    lean: float = 0.0

    def __post_init__(self) -> None:
        self.program = program(self.rulebook)
        self.thresholds: dict[str, set[float]] = {}
        for parameter in self.rulebook.parameters.values():
            self.thresholds.setdefault(parameter.unit, set()).add(parameter.values[-1].value)
        for kind in GRADED:
            self.rules[kind] = rules_of_kind(self.rulebook, kind, self.program)
            read = {fact for rule in self.rules[kind] for fact in self.rulebook.reads[rule.id]} - {"platform.kind"}
            self.facts[kind] = [self.rulebook.dictionary[fact] for fact in sorted(read)]

    def pool(self, definition: ColumnDef) -> list[float]:
        """Values of a number at, just below and just above the thresholds it may meet."""
        dimensionless = self.thresholds.get("share", set()) | self.thresholds.get("ratio", set())
        near = {0.0}
        if definition.unit in ("money", "money_per_month"):
            shares = {x for x in dimensionless if 0 < x <= 2}
            near |= (
                {WHOLE, 1.0, 25.0, 50.0}
                | {WHOLE * x for x in shares}
                | {WHOLE * x * y for x in (0.1, 0.25, 0.5) for y in shares}
            )
        elif definition.unit == "rate":
            rates = self.thresholds.get("rate", set())
            near |= rates | {x + 0.0075 for x in rates} | {0.01, 0.05, 0.1, 0.3, -0.01}
        else:
            near |= (
                dimensionless
                if definition.unit in ("share", "ratio", "count")
                else self.thresholds.get(definition.unit or "", set())
            )
            near |= {1.0, 0.5, 10.0, 400.0}
        near |= {x * 1.02 for x in near} | {x * 0.98 for x in near}
        lo, hi = definition.range
        near |= {end for end in (lo, hi) if isfinite(end)}
        return sorted(x for x in near if lo <= x <= hi and isfinite(x))

    def best(self, definition: ColumnDef) -> Written:
        """The best value of a fact with a direction."""
        if definition.type == "bool":
            return definition.worse == "lower"
        if definition.type == "enum":
            return definition.values[0]
        if definition.type == "date":
            return (self.day, self.day)
        x = self.pool(definition)[0 if definition.worse == "higher" else -1]
        return (x, x)

    def value(self, definition: ColumnDef, rng: Random, *, interval: float = 0.05) -> Written:
        """A random value; with the chance of `lean` the best one there is."""
        if self.lean and definition.worse != "none" and rng.random() < self.lean:
            return self.best(definition)
        match definition.type:
            case "number":
                pool = self.pool(definition)
                x = rng.choice(pool)
                return (min(x, y := rng.choice(pool)), max(x, y)) if rng.random() < interval else (x, x)
            case "bool":
                return rng.random() < 0.5
            case "enum":
                return rng.choice(definition.values)
            case "date":
                day = self.day - timedelta(rng.choice((0, 10, 100, 400, 1000)))
                return (day, day)
            case "asset":
                return rng.choice(ASSETS)
        return rng.choice(("CN", "US", "DE")) if definition.name == "country" else rng.choice(("one", "two", "three"))

    def history(
        self, definition: FactDef, rng: Random, *, plain: bool, words: tuple[str, ...]
    ) -> tuple[FactEntry, ...]:
        """A random history of one fact: one fresh statement, or silence, age, hearsay, contradiction."""
        since = self.day - timedelta(rng.choice((0, 3, 20, 60)))
        first = stated(value=self.value(definition, rng), since=since, evidence=rng.choice(words))
        style = 1.0 if plain else rng.random()
        if style < 0.03:
            return (stated(value=first.value, since=self.day - timedelta(1500), evidence=first.evidence),)
        if style < 0.08:
            other = stated(value=self.value(definition, rng), since=since, evidence=rng.choice(WORDS))
            return (first, other)
        if style < 0.11:
            return (stated(value=self.value(definition, rng), evidence="rumour"),)
        if style < 0.14:
            words_of_its_own = stated(value=first.value, since=since, evidence="company_disclosed")
            return (words_of_its_own, stated(value=self.value(definition, rng), evidence="rumour"))
        if style < 0.17:
            return (stated(value=first.value, since=since, evidence="complaint"),)
        if style < 0.21 and not definition.observable:
            return SILENT
        if style < 0.23:
            return (
                (first, stated(status=Status.NOT_DISCLOSED, since=self.day)) if not definition.observable else (first,)
            )
        return (first,)

    def table(self, definition: FactDef, rng: Random, *, plain: bool, words: tuple[str, ...]) -> Table:
        """A random table of up to three rows, usually stated to be complete."""
        rows = []
        for index in range(rng.randrange(4)):
            cells = {
                name: self.value(column, rng)
                for name, column in definition.columns.items()
                if name in definition.key or plain or rng.random() < 0.9
            }
            rows.append(stated(Row, cells=cells, evidence=rng.choice(words), since=self.day - timedelta(index)))
        complete = (stated(Provenance, evidence=rng.choice(words)),) if plain or rng.random() < 0.7 else ()
        return Table(tuple(rows), complete) if rows or complete else Table()

    def profile(self, rng: Random, *, kind: str = "", plain: bool = False, known: float | None = None) -> Profile:
        """A random profile of a random kind.

        Args:
            rng: Source of chance.
            kind: A kind, else a random one.
            plain: One fresh, exact statement for each fact.
            known: Share of the facts that are known at all, else a random one.
        """
        kind = kind or rng.choice(GRADED)
        known = rng.choice((0.3, 0.6, 0.85, 0.97, 1.0)) if known is None else known
        words = rng.choice(
            (("audit",), ("audit",), STRONG, WORDS, (*STRONG * 6, "company_disclosed"), ("onchain", "audit"))
        )
        facts: dict[str, tuple[FactEntry, ...]] = {"platform.kind": (stated(value=kind, since=None, evidence=""),)}
        tables: dict[str, Table] = {}
        with_tables = rng.random() < 0.6
        for definition in self.facts[kind]:
            if not definition.applies_to(kind) or rng.random() >= known:
                continue
            if definition.type == "table":
                if with_tables:
                    tables[definition.id] = self.table(definition, rng, plain=plain, words=words)
            else:
                facts[definition.id] = self.history(definition, rng, plain=plain, words=words)
        looked = Examination.model_construct(on=self.day, known_on=self.day, sources=("s",), note="")
        examined = {s: (looked,) for s in self.rulebook.dictionary.sections if s != "platform" and rng.random() < 0.3}
        sources = {
            "s": Source.model_construct(
                title="A source",
                publisher="",
                date=(DAY - timedelta(2000)).isoformat(),
                url=None,
                locator="",
                note="",
            )
        }
        return Profile("world.json", "0" * 64, 1, "World", kind, facts, tables, {} if plain else examined, sources, ())

    def profiles(self, seed: int, count: int, **how: object) -> Iterator[tuple[Random, Profile]]:
        """So many profiles, each with the chance that drew it."""
        for index in range(count):
            rng = Random(f"{seed}/{index}")
            yield rng, self.profile(rng, **how)

    def engine(self, profile: Profile) -> RuleEngine:
        """The engine over the facts of a profile on the day of the worlds."""
        view = View(profile, self.rulebook.dictionary, self.day, self.day)
        return RuleEngine(self.program, Cut(view, self.rulebook.reference), self.rulebook.dictionary)

    def result(self, engine: RuleEngine, rule: Rule) -> RuleResult:
        """What one rule says."""
        return engine.evaluate(rule, self.rulebook.reads[rule.id])

    def contested(self, engine: RuleEngine) -> set[str]:
        """The metrics whose formulas exclude each other here, or of which one rests on silence or hearsay.

        What is presumed or rumoured for one telling contradicts what another telling shows, once that one is hidden.
        """
        found: set[str] = set()
        back = {
            int(self.program.params[id][0]) for id in self.program.params if id.endswith((".year", ".lookback_days"))
        }
        for shift in (0, *sorted(back)):
            interpreter = Interpreter(self.program, engine.facts, _shift=shift)
            for id, metric in self.rulebook.metrics.items():
                if len(metric.formulas) > 1 and not metric.over and not metric.model and id not in found:
                    values = [interpreter.evaluate(formula.root).value for formula in metric.formulas]
                    if isinstance(values[0], Truth):
                        apart = any(v.surely_true for v in values) and any(v.surely_false for v in values)
                    else:
                        apart = max(v.lo for v in values) > min(v.hi for v in values)
                    if apart or any(self._unproved(engine, fact, shift) for fact in self.told_by[id]):
                        found.add(id)
        return found

    def _unproved(self, engine: RuleEngine, fact: str, shift: int) -> bool:
        if self.rulebook.dictionary[fact].type == "table":
            return engine.facts.table(fact, shift).reason is Reason.NOT_DISCLOSED
        state = engine.facts.fact(fact, shift)
        return state.status is Status.NOT_DISCLOSED or state.rumour is not None

    @cached_property
    def told_by(self) -> dict[str, set[str]]:
        """The facts behind each metric, through other metrics too."""
        told: dict[str, set[str]] = {}
        for id, metric in self.rulebook.metrics.items():
            found: dict[str, set[str]] = {}
            for formula in metric.formulas:
                self.rulebook._collect(formula.root, "", found, set())
            told[id] = set(found)
        return told


def direction(rule: Rule, definition: FactDef) -> str:
    """The direction in which a fact is worse for one rule."""
    return rule.worse.get(definition.id, definition.worse)


__all__ = ["DAY", "GRADED", "Worlds", "direction", "hidden", "inf", "silenced", "stated", "with_fact", "worsened"]
