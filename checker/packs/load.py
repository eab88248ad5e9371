"""Read a rulebook from its folders: everything is checked, every fault is listed, nothing is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from checker.lang.check import Scope, compile_expression
from checker.lang.parser import ExpressionError
from checker.lang.tree import COMPUTED, NOT_STATED, UNITS, Column, Expression, Metric, Type, walk
from checker.metrics.bounds import find, models
from checker.metrics.model import Model, ModelError
from checker.model.dictionary import Dictionary, FactDef, load_dictionary
from checker.model.document import Document, Faults, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean, nearest
from checker.packs.exposures import exposures_of
from checker.packs.files import File, MetricFile, PackFile, ParameterFile, RuleFile, SourceFile
from checker.packs.meaning import meaning_of
from checker.packs.reference import load_reference
from checker.packs.rulebook import (
    CONDITIONS,
    FRAGMENT,
    PLACEHOLDER,
    TEST,
    UNKNOWN,
    Citation,
    Dated,
    MetricDef,
    Pack,
    Parameter,
    Rule,
    Rulebook,
    SourceDef,
    slot,
)
from checker.packs.scenarios import Scenarios, read_scenarios
from checker.packs.scheme import Scheme, read_scheme

M = TypeVar("M", bound=File)
NOT_RULES = ("pack.yaml", "parameters.yaml", "metrics.yaml")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@dataclass
class _Loader:
    """Collects faults over all files of the run."""

    faults: list[Fault] = field(default_factory=list)

    def fault(
        self, document: Document, path: tuple[str | int, ...], message: str, hint: str = "", offset: int = 0
    ) -> None:
        line, column = document.position(path)
        key = ".".join(str(part) for part in path)
        self.faults.append(Fault(str(document.path), message, hint, line, column + offset, key))

    def read(self, path: Path) -> Document | None:
        try:
            return read_document(path)
        except InputError as error:
            self.faults += error.faults
            return None

    def shaped(self, document: Document, model: type[M], path: tuple[str | int, ...] = ()) -> M | None:
        """The part of a document at `path` as a model, or None with its faults recorded."""
        value: object = document.value
        for part in path:
            value = value[part]  # type: ignore[index]
        faults = Faults(document)
        shaped = faults.check(model, value, path)
        self.faults += faults.listed()
        return shaped


def fact_type(fact: FactDef) -> Type:
    """The type of a fact in expressions."""
    if fact.type == "table":
        return Type("table", (), table=fact.id)
    return _plain_type(fact.type, fact.unit, fact.values, fact.range)


def _plain_type(kind: str, unit: str | None, values: Sequence[str] | None, bounds: tuple[float, float] | None) -> Type:
    return Type(
        kind,  # type: ignore[arg-type]
        UNITS[unit] if unit else (),
        tuple(values) if values else None,
        nonnegative=kind == "number" and bounds is not None and bounds[0] >= 0,
    )


def _dictionary_scope(dictionary: Dictionary) -> tuple[dict[str, Type], dict[str, dict[str, Type]]]:
    facts = {id: fact_type(fact) for id, fact in dictionary.facts.items()} | NOT_STATED
    columns = {
        id: {name: _plain_type(c.type, c.unit, c.values, c.range) for name, c in fact.columns.items()}
        for id, fact in dictionary.facts.items()
        if fact.type == "table"
    }
    return facts, columns


@dataclass
class _PackFiles:
    """One pack's documents, read but not yet typed."""

    id: str
    folder: Path
    header: PackFile
    parameters: dict[str, ParameterFile]
    metrics: dict[str, MetricFile]
    rules: dict[str, RuleFile]
    documents: dict[str, Document]
    shipped: bool

    @property
    def digest(self) -> str:
        digest = sha256()
        for name in sorted(self.documents):
            digest.update(name.encode() + b"\0" + self.documents[name].sha256.encode())
        return digest.hexdigest()


def _read_pack(loader: _Loader, folder: Path, shipped: bool) -> _PackFiles | None:
    documents: dict[str, Document] = {}
    names = sorted(path.name for path in folder.glob("*.yaml") if not path.name.endswith(".test.yaml"))
    if "pack.yaml" not in names:
        loader.faults.append(Fault(str(folder), "no pack.yaml in this folder", "Write title, group, version, summary"))
        return None
    for name in names:
        document = loader.read(folder / name)
        if document is not None:
            documents[name] = document
    header = loader.shaped(documents["pack.yaml"], PackFile) if "pack.yaml" in documents else None

    def entries(name: str, model: type[M]) -> dict[str, M]:
        document = documents.get(name)
        if document is None:
            return {}
        if not isinstance(document.value, dict):
            loader.fault(document, (), "expected a mapping of names to definitions")
            return {}
        found: dict[str, M] = {}
        for key in document.value:
            if not NAME.match(str(key)):
                loader.fault(document, (key,), f"'{key}' is not a name", "Use lower case, digits and underscores")
                continue
            entry = loader.shaped(document, model, (key,))
            if entry is not None:
                found[key] = entry
        return found

    rules: dict[str, RuleFile] = {}
    for name, document in documents.items():
        if name not in NOT_RULES:
            shaped = loader.shaped(document, RuleFile)
            if shaped is not None:
                rules[name.removesuffix(".yaml")] = shaped
    if header is None:
        return None
    return _PackFiles(
        folder.resolve().name,
        folder,
        header,
        entries("parameters.yaml", ParameterFile),
        entries("metrics.yaml", MetricFile),
        rules,
        documents,
        shipped,
    )


def _parameters(loader: _Loader, pack: _PackFiles, sources: Mapping[str, SourceDef]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for name, entry in pack.parameters.items():
        document = pack.documents["parameters.yaml"]
        lo, hi = float(entry.range[0]), float(entry.range[1])
        values: list[Dated] = []
        for index, dated in enumerate(entry.values):
            path = (name, "values", index)
            if not dated.source and entry.basis not in ("DER", "JDG"):
                loader.fault(
                    document, path, f"a value of basis {entry.basis} needs a source", "Give an id of sources.yaml"
                )
            if dated.source:
                _known_source(loader, document, (*path, "source"), dated.source, sources)
            elif not dated.note:
                loader.fault(document, path, "a derived or judged value needs a note that says how it was reached")
            values.append(Dated(dated.from_, float(dated.value), Citation(dated.source, dated.locator), dated.note))
        if [dated.since for dated in values] != sorted({dated.since for dated in values}):
            loader.fault(document, (name, "values"), "values must be in order of their days, one a day")
        if not lo <= values[-1].value <= hi:
            loader.fault(
                document, (name, "range"), f"the latest value {values[-1].value:g} lies outside the plausible range"
            )
        id = f"{pack.id}.{name}"
        found[id] = Parameter(
            id, entry.unit, entry.basis, entry.meaning, (lo, hi), tuple(entry.learned_from), tuple(values)
        )
    return found


def _known_source(
    loader: _Loader, document: Document, path: tuple[str | int, ...], source: str, sources: Mapping[str, SourceDef]
) -> None:
    if source not in sources:
        close = nearest(source, sources)
        loader.fault(
            document, path, f"unknown source '{source}'", f"Did you mean '{close}'?" if close else "See sources.yaml"
        )


def _compiled(
    loader: _Loader,
    document: Document,
    path: tuple[str | int, ...],
    source: str,
    scope: Scope,
    expect: Type,
    row: tuple[str, str] | None = None,
) -> Expression | None:
    try:
        return compile_expression(source, scope, expect=expect, row=row)
    except ExpressionError as fault:
        near = source[fault.offset : fault.offset + 30]
        loader.fault(document, path, fault.message, f"At: {near}" if near else "", offset=fault.offset)
        return None


def _metrics(loader: _Loader, packs: Iterable[_PackFiles], scope: Scope, scenarios: Scenarios) -> dict[str, MetricDef]:
    found: dict[str, MetricDef] = {}
    for pack in packs:
        own = Scope(scope.facts, scope.columns, scope.params, scope.metrics, scope.computed, pack.id)
        for name, entry in pack.metrics.items():
            document = pack.documents["metrics.yaml"]
            expect = scope.metrics.get(f"{pack.id}.{name}") or scope.computed[entry.over][name][1]
            modelled = _modelled(loader, document, name, entry, scenarios)
            _needs_known(loader, document, name, entry, scope)
            wanted = list(_expressions(name, entry, expect, modelled))
            row = (entry.as_, entry.over) if entry.over else None
            formulas: list[Expression] = []
            for source, kind, path in wanted:
                expression = _compiled(loader, document, path, source, own, kind, row)
                if expression is not None:
                    formulas.append(expression)
            id = f"{pack.id}.{name}"
            if wanted and len(formulas) == len(wanted):
                found[id] = MetricDef(
                    id,
                    entry.unit or "",
                    entry.type,
                    entry.worse,
                    entry.meaning,
                    entry.reference,
                    tuple(formulas),
                    entry.apart,
                    entry.over,
                    entry.as_,
                    entry.title,
                    tuple(entry.kinds),
                    tuple(entry.needs),
                    entry.model,
                    tuple(entry.inputs),
                    tuple(modelled.inputs[name].sign or 0 for name in entry.inputs) if modelled else (),
                    entry.scenario,
                    modelled.scenario if modelled else "",
                    modelled.never if modelled else "",
                )
    _refuse_cycles(loader, found, packs)
    return found


def _needs_known(loader: _Loader, document: Document, name: str, entry: MetricFile, scope: Scope) -> None:
    for index, needed in enumerate(entry.needs):
        if needed not in scope.metrics and needed not in scope.facts:
            hint = did_you_mean(needed, [*scope.metrics, *scope.facts])
            loader.fault(document, (name, "needs", index), f"unknown metric or fact '{needed}'", hint)


def _expressions(
    name: str, entry: MetricFile, expect: Type, modelled: Model | None
) -> Iterator[tuple[str, Type, tuple[str | int, ...]]]:
    """Each expression of a metric with the type it must have and its place in the file."""
    if isinstance(entry.formula, str):
        yield entry.formula, expect, (name, "formula")
    for index, source in enumerate(entry.formula if isinstance(entry.formula, list) else ()):
        yield source, expect, (name, "formula", index)
    for input, source in entry.inputs.items():
        if modelled is not None and input in modelled.inputs:
            yield source, Type("number", UNITS[modelled.inputs[input].unit]), (name, "inputs", input)


def _modelled(loader: _Loader, document: Document, name: str, entry: MetricFile, scenarios: Scenarios) -> Model | None:
    """The model that tells a metric; faults where it does not fit."""
    if bool(entry.model) == (entry.formula is not None):
        loader.fault(document, (name,), "a metric has either a formula or a model", "Keep one of the two")
        return None
    if not entry.model:
        if entry.inputs or entry.scenario:
            loader.fault(document, (name,), "inputs and scenario belong to a model", "Name the model, or remove them")
        return None
    try:
        model = find(entry.model)
    except ModelError as error:
        module = entry.model.partition(".")[0]
        hint = did_you_mean(entry.model, models(module)) or "See checker/metrics"
        loader.fault(document, (name, "model"), str(error), hint)
        return None
    for input in entry.inputs:
        if input not in model.inputs:
            hint = did_you_mean(input, model.inputs) or "It takes " + ", ".join(model.inputs)
            loader.fault(document, (name, "inputs", input), f"{model.name} takes no input '{input}'", hint)
    for input, wanted in model.inputs.items():
        if input not in entry.inputs and wanted.default is None and not wanted.free:
            loader.fault(document, (name, "inputs"), f"{model.name} needs the input '{input}' ({wanted.unit})")
    if entry.type != "number" or UNITS[entry.unit or model.unit] != UNITS[model.unit]:
        loader.fault(document, (name, "unit"), f"{model.name} gives a number in {model.unit}")
    known = scenarios.of_kind(model.scenario) if model.scenario else {}
    if entry.scenario not in known and (entry.scenario or model.scenario):
        hint = did_you_mean(entry.scenario, known) or "Known: " + (", ".join(known) or "none, leave it out")
        loader.fault(document, (name, "scenario"), f"{model.name} takes no scenario '{entry.scenario}'", hint)
    return model


def _refuse_cycles(loader: _Loader, metrics: Mapping[str, MetricDef], packs: Iterable[_PackFiles]) -> None:
    uses = {
        id: {
            f"{node.pack}.{node.name}"
            for formula in metric.formulas
            for node in walk(formula.root)
            if isinstance(node, Metric) or (isinstance(node, Column) and node.pack)
        }
        for id, metric in metrics.items()
    }
    documents = {pack.id: pack.documents["metrics.yaml"] for pack in packs if "metrics.yaml" in pack.documents}
    done: set[str] = set()
    for start in uses:
        stack: list[tuple[str, tuple[str, ...]]] = [(start, (start,))]
        while stack:
            id, trail = stack.pop()
            for other in uses.get(id, ()):
                if other == start:
                    pack, name = start.split(".")
                    if start not in done:
                        loader.fault(
                            documents[pack], (name,), "this metric is defined through itself: " + " -> ".join(trail)
                        )
                    done.add(start)
                elif other not in trail:
                    stack.append((other, (*trail, other)))


def _rules(loader: _Loader, pack: _PackFiles, scope: Scope, sources: Mapping[str, SourceDef]) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for name, entry in pack.rules.items():
        document = pack.documents[f"{name}.yaml"]
        conditions: dict[str, Expression] = {}
        for key in CONDITIONS:
            source = getattr(entry, key)
            if source:
                expression = _compiled(loader, document, (key,), source, scope, Type("bool"))
                if expression is not None:
                    conditions[key] = expression
        if not entry.fail_if and not entry.warn_if:
            loader.fault(document, (), "a rule needs fail_if or warn_if")
        for fact in entry.worse:
            if fact not in scope.facts:
                close = nearest(fact, scope.facts)
                loader.fault(
                    document, ("worse", fact), f"unknown fact '{fact}'", f"Did you mean '{close}'?" if close else ""
                )
        for index, reference in enumerate(entry.references):
            _known_source(loader, document, ("references", index, "source"), reference.source, sources)
        message = entry.message.model_dump(by_alias=True)
        for key, wanted in (("fail", bool(entry.fail_if)), ("warn", bool(entry.warn_if))):
            if wanted and not message[key]:
                loader.fault(document, ("message",), f"the message for '{key}' is missing")
        for key, text in message.items():
            for placeholder in PLACEHOLDER.findall(text):
                named, words = slot(placeholder)
                if words and (wrong := _test_fault(named, words, scope)):
                    loader.fault(document, ("message", key), *wrong)
                elif not words and not _placeholder_known(named, scope):
                    loader.fault(
                        document,
                        ("message", key),
                        f"unknown placeholder {{{placeholder}}}",
                        "Use a metric, params.x, a fact or unknowns",
                    )
            if TEST.search(FRAGMENT.sub("", text)):
                fault = "a test such as {fact is word} stands within square brackets"
                loader.fault(document, ("message", key), fault, "Write [{fact is word}what then is so]")
            if fault := _fragment_fault(text):
                loader.fault(document, ("message", key), fault, "Write [ up to {limit}]: it goes where it is not known")
        found[f"{pack.id}.{name}"] = Rule(
            f"{pack.id}.{name}",
            pack.id,
            entry.code,
            entry.title,
            entry.question,
            entry.since,
            entry.severity,
            entry.silence,
            conditions,
            entry.worse,
            entry.rationale,
            entry.case,
            entry.false_alarms,
            entry.ask,
            tuple(Citation(r.source, r.locator) for r in entry.references),
            {key: text for key, text in message.items() if text},
            str(document.path),
        )
    return found


def _placeholder_known(name: str, scope: Scope) -> bool:
    own = f"{scope.pack}.{name}"
    if name.startswith("params."):
        return f"{scope.pack}.{name.removeprefix('params.')}" in scope.params
    stated = name in scope.facts and name not in COMPUTED
    return name == "unknowns" or stated or own in scope.metrics or name in scope.metrics


def _test_fault(name: str, words: Sequence[str], scope: Scope) -> tuple[str, str] | None:
    """What is wrong with the test of a fragment, with what to do; nothing where each word is one its name can be."""
    type = scope.facts.get(name) or scope.metrics.get(f"{scope.pack}.{name}") or scope.metrics.get(name)
    known = ("true", "false") if type is not None and type.kind == "bool" else type.values if type is not None else None
    if known is None:
        return f"'{name}' is no metric or fact that is true, false or one of some words", "Test one that is"
    wrong = next((word for word in words if word not in (*known, UNKNOWN)), None)
    return None if wrong is None else (f"'{name}' is never '{wrong}'", f"Write one of: {', '.join(known)}, {UNKNOWN}")


def _fragment_fault(text: str) -> str:
    """What is wrong with the fragments of a message that stand only where what they tell is known; empty if nothing."""
    rest = FRAGMENT.sub("", text)
    if "[" in rest or "]" in rest:
        return "square brackets must come in pairs, none within another"
    bare = next((part for part in FRAGMENT.findall(text) if not PLACEHOLDER.search(part)), None)
    return "" if bare is None else f"the fragment [{bare}] has no placeholder"


def _sources(loader: _Loader, path: Path) -> dict[str, SourceDef]:
    document = loader.read(path)
    found: dict[str, SourceDef] = {}
    if document is None or not isinstance(document.value, dict):
        return found
    for id in document.value:
        entry = loader.shaped(document, SourceFile, (id,))
        if entry is not None:
            found[id] = SourceDef(
                id=id,
                **{
                    **entry.model_dump(),
                    "remarks": tuple((remark.date, remark.text) for remark in entry.remarks),
                    "url": tuple(entry.url),
                },
            )
    return found


def load_rulebook(root: Path, *, extra: Sequence[Path] = ()) -> Rulebook:
    """Load the shipped packs under `root` and any added ones.

    Args:
        root: The folder that holds `facts/`, `reference/`, `sources.yaml`, `verdict.yaml` and the packs.
        extra: Folders of added packs, each with its own `pack.yaml`.

    Raises:
        PackError: with every fault of every file.
    """
    loader = _Loader()
    dictionary = load_dictionary(root / "facts")
    reference = load_reference(root / "reference")
    sources = _sources(loader, root / "sources.yaml")
    folders = [(path.parent, True) for path in sorted(root.glob("*/pack.yaml"))]
    folders += [(path, False) for path in extra]
    packs: dict[str, _PackFiles] = {}
    for folder, shipped in folders:
        pack = _read_pack(loader, folder, shipped)
        if pack is None:
            continue
        if pack.id in packs or f"{pack.id}." in {f"{section}." for section in dictionary.sections}:
            loader.faults.append(
                Fault(
                    str(folder),
                    f"the name '{pack.id}' is taken",
                    "An added pack may not shadow a shipped one: rename its folder",
                )
            )
            continue
        packs[pack.id] = pack
    facts, columns = _dictionary_scope(dictionary)
    parameters: dict[str, Parameter] = {}
    metric_types: dict[str, Type] = {}
    computed: dict[str, dict[str, tuple[str, Type]]] = {}
    for pack in packs.values():
        parameters |= _parameters(loader, pack, sources)
        for name, entry in pack.metrics.items():
            document = pack.documents["metrics.yaml"]
            if entry.type == "number" and entry.unit is None:
                loader.fault(document, (name,), "a number needs a unit", "Units: " + ", ".join(UNITS))
            kind = Type("bool") if entry.type == "bool" else Type("number", UNITS[entry.unit or "ratio"])
            if entry.over:
                if entry.over not in columns or not entry.as_:
                    loader.fault(
                        document, (name, "over"), "a computed column needs a table in `over` and a row name in `as`"
                    )
                    continue
                other = computed.setdefault(entry.over, {}).setdefault(name, (pack.id, kind))[0]
                if other != pack.id:
                    loader.fault(document, (name,), f"pack '{other}' computes a column of this name", "Choose another.")
            else:
                metric_types[f"{pack.id}.{name}"] = kind
    params = {id: Type("number", UNITS[p.unit], nonnegative=p.range[0] >= 0) for id, p in parameters.items()}
    usable = list(packs.values())
    for pack in usable:
        for name in [
            name for name, entry in pack.metrics.items() if entry.over and name not in computed.get(entry.over, {})
        ]:
            del pack.metrics[name]
    scope = Scope(facts, columns, params, metric_types, computed)
    scenarios, faults = read_scenarios(root / "scenarios.yaml", sources)
    loader.faults += faults
    metrics = _metrics(loader, usable, scope, scenarios)
    rules: dict[str, Rule] = {}
    for pack in usable:
        rules |= _rules(loader, pack, Scope(facts, columns, params, metric_types, computed, pack.id), sources)
    scheme: Scheme | None = None
    banners: dict[str, Expression] = {}
    table = loader.read(root / "verdict.yaml")
    if table is not None:
        scheme, faults = read_scheme(table, rules, metric_types, packs)
        loader.faults += faults
        for index, banner in enumerate(scheme.status if scheme else ()):
            expression = _compiled(loader, table, ("status", index, "if"), banner.if_, scope, Type("bool"))
            if expression is not None:
                banners[banner.id] = expression
    if loader.faults or scheme is None:
        raise PackError(tuple(loader.faults))
    return Rulebook(
        dictionary,
        reference,
        {
            pack.id: Pack(
                pack.id,
                pack.header.title,
                pack.header.group,
                pack.header.version,
                pack.header.summary,
                pack.digest,
                pack.shipped,
            )
            for pack in usable
        },
        dict(sorted(rules.items())),
        parameters,
        metrics,
        sources,
        scheme,
        banners,
        scenarios,
        meaning_of(root),
        exposures_of(root / "reference"),
    )
