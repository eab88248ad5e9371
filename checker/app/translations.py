"""What has to be translated, and what a catalogue lacks.

    python -m checker.app.translations zh-Hans

brings the catalogues of a language up to date: new texts are added untranslated, texts that no longer exist are
dropped. English (`en`) has one catalogue, of names.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from checker.app.audit import shipped_rulebook
from checker.app.files import write_whole
from checker.app.messages import patterns
from checker.model.document import read_document
from checker.outputs.language import COUNTRIES, COUNTRY, LANGUAGES, VALUE, catalogue, read_po
from checker.outputs.places import PART
from checker.packs.rulebook import Rule, Rulebook
from checker.resources import data_path

FUNCTIONS = ("tr", "mark")
_TEMPLATE_CALL = re.compile(r"""_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def _in_code(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _interface() -> Iterator[str]:
    code = Path(__file__).resolve().parent.parent
    for path in [p for floor in ("outputs", "app", "assess", "cli") for p in sorted((code / floor).rglob("*.py"))]:
        yield from _in_code(path.read_text(encoding="utf-8"))
    for path in sorted(data_path("reports", "templates").rglob("*.j2")):
        for double, single in _TEMPLATE_CALL.findall(path.read_text(encoding="utf-8")):
            yield double or single


def _scheme(rulebook: Rulebook) -> Iterator[str]:
    scheme = rulebook.scheme
    for trait in scheme.traits.values():
        yield trait.name
        yield trait.question
    yield from (row.name for row in scheme.levels)
    yield from (row.name for row in scheme.patterns)
    yield from (banner.text for banner in scheme.status)
    yield from scheme.grades.values()


def rule_texts(rule: Rule) -> list[str]:
    """The texts of a rule that a reader meets."""
    return [text for text in (rule.title, rule.question, *rule.message.values(), rule.ask) if text]


def untranslated(rule: Rule, language: str) -> list[str]:
    """The texts of a rule that the catalogues of a language lack."""
    return [] if language == "en" else [text for text in rule_texts(rule) if text not in catalogue(language)]


def _rules(rulebook: Rulebook, pack: str) -> Iterator[str]:
    for rule in rulebook.rules.values():
        if rule.pack == pack:
            yield from rule_texts(rule)
    for metric in rulebook.metrics.values():
        if metric.title and metric.id.partition(".")[0] == pack:
            yield metric.title
    yield rulebook.packs[pack].title


def _meanings(rulebook: Rulebook, pack: str) -> Iterator[str]:
    """Why a pack asks what it asks: grounds of its rules, meanings and names of its figures and thresholds."""
    for rule in rulebook.rules.values():
        if rule.pack == pack:
            yield from (rule.rationale, rule.case, rule.false_alarms)
    for metric in rulebook.metrics.values():
        if metric.id.partition(".")[0] == pack:
            yield from (metric.meaning, _name(metric.id))
    for parameter in rulebook.parameters.values():
        if parameter.id.partition(".")[0] == pack:
            yield from (parameter.meaning, _name(parameter.id))
            yield from (value.note for value in parameter.values)


def _reference(rulebook: Rulebook) -> Iterator[str]:
    yield from (series.meaning for series in rulebook.reference.series.values())
    yield from (source.unverified for source in rulebook.sources.values())
    yield from (source.title for source in rulebook.reference.sources.values() if not source.url)  # in our words


def _places(rulebook: Rulebook) -> Iterator[str]:
    """Where in a work a rule or threshold rests, and what the bibliography says of the place, part by part."""
    cited = [reference.locator for rule in rulebook.rules.values() for reference in rule.references]
    cited += [value.citation.locator for parameter in rulebook.parameters.values() for value in parameter.values]
    cited += [locator for scenario in rulebook.scenarios.all.values() for _, locator in scenario.references]
    for source in rulebook.sources.values():
        cited += [source.article, *(text for _, text in source.remarks)]
    for text in cited:
        yield from text.split(PART)


def _works(rulebook: Rulebook) -> Iterator[str]:
    """Titles and issuers of the bibliography; a translation that is the same keeps a title in its own language."""
    for source in rulebook.sources.values():
        yield from (source.title, source.issuer)


def _topics() -> Iterator[str]:
    """What notes of the shipped profiles are about."""
    for path in sorted(data_path("profiles").glob("*.json")):
        for note in read_document(path).value.get("notes", ()):
            yield note.get("topic", "").replace("_", " ")


def _outcomes() -> Iterator[str]:
    """What the back-test tells of platforms and shocks, read as plain text: only the back-test judges by it."""
    page = read_document(data_path("rules", "backtest", "outcomes.yaml")).value
    for name, cluster in page["clusters"].items():
        yield from (name, cluster["what"])
    for case in page["platforms"].values():
        yield from (case[part]["what"] for part in ("event", "stress", "last_seen") if part in case)
        yield from (case[part] for part in ("expected", "known_miss") if part in case)


def _facts(rulebook: Rulebook, section: str) -> Iterator[str]:
    yield section.replace("_", " ")
    for fact in rulebook.dictionary.of_section(section):
        yield fact.name.replace("_", " ")
        yield fact.meaning
        yield fact.ask
        yield fact.where
        yield from (value.replace("_", " ") for value in fact.values)
        for name, column in fact.columns.items():
            yield name.replace("_", " ")
            yield column.meaning
            yield from (value.replace("_", " ") for value in column.values)


def _name(id: str) -> str:
    return id.rpartition(".")[2].replace("_", " ")


def texts(rulebook: Rulebook) -> dict[str, list[str]]:
    """Every text a reader meets, by catalogue, each once and in the first catalogue that has it."""
    sources: dict[str, Iterable[str]] = {"interface": _interface(), "verdict": _scheme(rulebook)}
    sources["scenarios"] = (text for s in rulebook.scenarios.all.values() for text in (s.title, s.meaning))
    sources |= {f"rules-{pack}": _rules(rulebook, pack) for pack in sorted(rulebook.packs)}
    sources |= {f"facts-{section}": _facts(rulebook, section) for section in rulebook.dictionary.sections}
    sources |= {f"meanings-{pack}": _meanings(rulebook, pack) for pack in sorted(rulebook.packs)}
    sources |= {"reference": _reference(rulebook), "outcomes": _outcomes(), "messages": patterns()}
    sources |= {"places": _places(rulebook), "works": _works(rulebook), "topics": _topics()}
    sources["countries"] = (COUNTRY + code for code in COUNTRIES)
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for name, group in sources.items():
        found[name] = [text for text in dict.fromkeys(group) if text and text not in seen]
        seen.update(found[name])
    for section in rulebook.dictionary.sections:
        values = _ambiguous(rulebook, section, {*found["interface"], *found["verdict"]})
        found[f"facts-{section}"] += [value for value in values if value not in seen]
        seen.update(values)
    return found


def _ambiguous(rulebook: Rulebook, section: str, sentences: set[str]) -> list[str]:
    """Values of facts whose word a sentence uses, too, so that it may mean something else there."""
    facts = rulebook.dictionary.of_section(section)
    words = [word for fact in facts for column in (fact, *fact.columns.values()) for word in column.values]
    return [VALUE + word for word in dict.fromkeys(word.replace("_", " ") for word in words) if word in sentences]


def names(rulebook: Rulebook) -> list[str]:
    """What English names: facts, columns, figures and thresholds by the end of their id, and the values of facts.

    Where several packs end an id alike, figures and thresholds go by the whole id.
    """
    ends: dict[str, set[str]] = {}
    for id in (*rulebook.metrics, *rulebook.parameters):
        ends.setdefault(_name(id), set()).add(id)
    facts = [fact for section in rulebook.dictionary.sections for fact in rulebook.dictionary.of_section(section)]
    words = [name for fact in facts for name in (fact.name, *fact.columns)]
    values = [value for fact in facts for column in (fact, *fact.columns.values()) for value in column.values]
    found = [word.replace("_", " ") for word in words]
    found += [name for end, ids in ends.items() for name in ([end] if len(ids) == 1 else sorted(ids))]
    return list(dict.fromkeys([*found, *(VALUE + value.replace("_", " ") for value in values)]))


def _wanted(rulebook: Rulebook, language: str) -> dict[str, list[str]]:
    """The texts of each catalogue of a language: English needs names alone."""
    return {"names": names(rulebook)} if language == "en" else texts(rulebook)


def missing(rulebook: Rulebook, language: str) -> dict[str, list[str]]:
    """The texts of each catalogue that a language lacks."""
    folder = data_path("reports", "locales") / language
    known: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        known |= read_po(path)
    wanted = _wanted(rulebook, language).items()
    return {name: lacking for name, group in wanted if (lacking := [text for text in group if text not in known])}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def po_text(language: str, pairs: Iterable[tuple[str, str]]) -> str:
    """A catalogue as a .po file."""
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    return head + "".join(f"\nmsgid {_quoted(text)}\nmsgstr {_quoted(translation)}\n" for text, translation in pairs)


def update(rulebook: Rulebook, language: str) -> dict[str, int]:
    """Write the catalogues of a language anew, translations kept; returns what is still untranslated by catalogue."""
    folder = data_path("reports") / "locales" / language
    folder.mkdir(parents=True, exist_ok=True)
    known: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        known |= read_po(path)
    for name, group in _wanted(rulebook, language).items():
        pairs = [(text, known.get(text, "")) for text in group]
        write_whole(folder / f"{name}.po", po_text(language, pairs).encode())
    return {name: len(lacking) for name, lacking in missing(rulebook, language).items()}


if __name__ == "__main__":
    for chosen in sys.argv[1:]:
        if chosen not in LANGUAGES:
            sys.exit(f"no language '{chosen}'; there is {', '.join(LANGUAGES)}")
        for name, count in update(shipped_rulebook(), chosen).items():
            print(f"{chosen}/{name}: {count} untranslated")
