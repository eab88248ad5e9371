"""The quick reader gives the very row that the long way gives, and leaves to it whatever it would refuse."""

import json
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.app.audit import shipped_rulebook
from checker.app.batch.columns import arrays
from checker.app.batch.judge import public_facts
from checker.assess.assess import program, rules_of_kind
from checker.engine.columns.flatten import flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.importers.quick import CutDays, QuickReader
from checker.model.dictionary import EVIDENCE, GRADED_KINDS
from checker.model.document import parse_json
from checker.model.errors import InputError
from checker.model.profile import parse_profile
from checker.model.view import View
from checker.resources import data_path

DAY = date(2022, 5, 31)
TODAY = date(2026, 12, 31)
TOLD = {"from": "2022-05-01", "known_on": "2022-05-02", "evidence": "audit", "source": "s1"}


class Ways:
    """Both ways to a row."""

    def __init__(self, rulebook, judge, flat):
        self.rulebook, self.judge, self.flat = rulebook, judge, flat
        self.missing = {spec.name: spec.missing for spec in judge.layout.columns}

    def rules(self, kind):
        rules = rules_of_kind(self.rulebook, kind, self.judge.program)
        return rules if self.flat is None else [rule for rule in rules if rule.id in self.flat]

    def quick(self, as_of=DAY, known_by=DAY):
        return QuickReader(self.judge.layout, CutDays(as_of, known_by, TODAY), self.rulebook.reference, self.rules)

    def profile(self, text):
        return parse_profile(parse_json(text), self.rulebook.dictionary, today=TODAY)

    def long(self, profile, as_of, known_by):
        view = View(profile, self.rulebook.dictionary, as_of, known_by)
        engine = RuleEngine(self.judge.program, Cut(view, self.rulebook.reference), self.rulebook.dictionary)
        return flatten(self.judge.layout, engine, profile.kind, as_of.toordinal(), self.rules(profile.kind))

    def agree(self, texts, as_of=DAY, known_by=DAY):
        """How many texts the quick reader read; each of them is read the long way with the same row."""
        reader = self.quick(as_of, known_by)
        rows, read = [], []
        for text in texts:
            if reader.read(text.encode("utf-8", "surrogatepass")):
                profile = self.profile(text)
                rows.append(self.long(profile, as_of, known_by))
                read.append(text)
                assert public_facts(reader.profile()) == public_facts(profile), text
        found, count = reader.take()
        assert count == len(rows)
        for name, held in arrays(self.judge, rows).items():
            told = found.get(name, np.full(count, self.missing[name]))
            for index in np.flatnonzero(told != held):
                pytest.fail(f"{name}: {told[index]} instead of {held[index]} in {read[index]}")
        return count


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def ways(rulebook):
    return Ways(rulebook, BatchJudge(rulebook, program(rulebook)), None)


@pytest.fixture(scope="module")
def flat_ways(rulebook):
    """The same for the rules that read facts alone."""
    compiled = program(rulebook)
    layouts = {id: BatchJudge(rulebook, compiled, rules=[id]).layout for id in rulebook.rules}
    flat = [id for id, layout in layouts.items() if not layout.leaves and not layout.tables]
    return Ways(rulebook, BatchJudge(rulebook, compiled, rules=flat), flat)


def without_tables(rulebook, document):
    """A shipped profile without what the quick reader leaves to the long way as a whole."""
    tables = {id for id in rulebook.dictionary if rulebook.dictionary[id].type == "table"}
    left = {
        key: {name: body for name, body in part.items() if f"{key}.{name}" not in tables}
        if isinstance(part, dict) and key != "sources"
        else part
        for key, part in document.items()
    }
    return json.dumps({key: part for key, part in left.items() if key != "overrides"})


@pytest.mark.parametrize("day", [date(2019, 12, 31), DAY, date(2026, 6, 30)])
def test_shipped_profiles_without_their_tables(ways, rulebook, day):
    paths = sorted(data_path("profiles").glob("*.json"))
    texts = [without_tables(rulebook, json.loads(path.read_text())) for path in paths]
    assert ways.agree(texts, day, day) > 0.8 * len(texts)


def test_shipped_notes_are_read(ways):
    """Notes move no rule and are read beside the facts."""
    documents = [json.loads(path.read_text()) for path in sorted(data_path("profiles").glob("*.json"))]
    noted = [document for document in documents if document.get("notes")]
    kept = ("ddcheck", "platform", "sources", "notes", "defaults")
    texts = [json.dumps({key: document[key] for key in kept if key in document}) for document in noted]
    assert ways.agree(texts) > 0.9 * len(noted) > 10


def test_a_profile_with_tables_goes_the_long_way(ways):
    reader = ways.quick()
    assert not reader.read((data_path("profiles") / "celsius.json").read_bytes())
    assert reader.count == 0


# ------------------------------------------------------------------------------------------------ random profiles


def value(rng, definition):
    """A value as somebody may write it; now and then one that is refused."""
    if rng.random() < 0.004:
        return rng.choice([17, "17", True, "yes", "", -1, "120%", "2022-02-30", 1e19, "x" * 41, "\u2067"])
    match definition.type:
        case "number":
            lo, hi = definition.range
            number = rng.choice([0, 1, 0.5, round(rng.random(), 3), *([400, 1200000.0] if hi > 1 else [])])
            number = min(max(number, lo), hi)
            share = definition.unit in ("rate", "share", "ratio")
            return f"{number * 100:g}%" if share and rng.random() < 0.3 else number
        case "bool":
            return rng.random() < 0.5
        case "enum":
            return rng.choice(definition.values)
        case "date":
            return (DAY - timedelta(rng.randrange(900))).isoformat()
        case "asset":
            return rng.choice(["USDC", "usd", "BTC", "EUR"])
    return rng.choice(["US", " CN ", "none", "ein Wort — größer"])


def dates(rng, words):
    since = DAY - timedelta(rng.choice([0, 5, 40, 40, 400, 1500]))
    said = {"from": since, "known_on": since + timedelta(rng.choice([0, 0, 3, 60]))}
    if rng.random() < 0.1:
        said["until"] = since + timedelta(rng.choice([0, 30, 900]))
    if rng.random() < 0.1:
        said["seen"] = since + timedelta(rng.choice([0, 20]))
    if rng.random() < 0.1:
        said.pop(rng.choice(["from", "known_on"]), None)
    told = {key: day.isoformat() for key, day in said.items()}
    told |= {"evidence": rng.choice(words), "source": rng.choice(["s1", "s2"])}
    if rng.random() < 0.05:
        told.pop(rng.choice(["evidence", "source"]))
    if rng.random() < 0.05 and "from" in told:
        told["inferred"] = ["from"]
    if rng.random() < 0.03:
        told["alleged"] = rng.random() < 0.8
    if rng.random() < 0.3:
        told |= {"locator": "p. 3: rates", "note": 'He said "no".' if rng.random() < 0.2 else ""}
    return told


def body(rng, definition, words):
    style = rng.random()
    if style < 0.15:
        return value(rng, definition)
    if style < 0.2 and definition.type == "number":
        ends = sorted([rng.random(), rng.random()])
        return {"lo": ends[0], "hi": ends[1]} | dates(rng, words)
    if style < 0.22 and not definition.observable:
        return {"status": "not_disclosed"} | dates(rng, words)
    if style < 0.25:
        return {"status": "not_examined"}
    if style < 0.3:
        return [{"value": value(rng, definition)} | dates(rng, words) for _ in range(rng.choice([1, 2, 3]))]
    if style < 0.33:
        return {"value": value(rng, definition)}
    if style < 0.34:
        return None
    return {"value": value(rng, definition)} | dates(rng, words)


def document(rng, dictionary, sizes=(2, 10, 40), words=None):
    """A random profile without tables."""
    kind = rng.choice([*GRADED_KINDS, "exchange"])
    words = words or rng.choice([("audit", "onchain"), ("terms_of_use", "analyst", "audit"), tuple(EVIDENCE)])
    facts = [dictionary[id] for id in dictionary if dictionary[id].applies_to(kind) and id.count(".") == 1]
    facts = [d for d in facts if d.type != "table" and d.id not in ("platform.name", "platform.kind")]
    found = {"ddcheck": 1, "platform": {"name": " Acme ", "kind": kind}}
    for definition in rng.sample(facts, rng.choice(sizes)):
        found.setdefault(definition.section, {})[definition.name] = body(rng, definition, words)
    found["sources"] = {
        "s1": {"title": "Terms", "url": "https://a.example/x"},
        "s2": {"title": "A", "date": "2021-01-01"},
    }
    if rng.random() < 0.4:
        found["defaults"] = {"from": "2022-03-01", "evidence": rng.choice(words), "source": "s1"}
    if rng.random() < 0.3:
        look = {"on": "2022-04-01", "known_on": "2022-04-02", "sources": ["s1", "s2"]}
        sections = rng.sample(["terms", "disclosure", "governance", "leverage"], 2)
        found["examined"] = {section: [look] for section in sections}
    return found


def test_random_profiles(ways, flat_ways, rulebook):
    rng = Random(11)
    texts = [json.dumps(document(rng, rulebook.dictionary), ensure_ascii=rng.random() < 0.5) for _ in range(110)]
    for cut in ((DAY, DAY), (DAY - timedelta(300), DAY - timedelta(200))):
        assert ways.agree(texts, *cut) > 20
    assert flat_ways.agree(texts) > 40


# ---------------------------------------------------------------------------------------------- hostile and mutated


def written(**change):
    found = {
        "ddcheck": 1,
        "platform": {"name": "Acme", "kind": "cefi_lender"},
        "terms": {"offered_apy": {"value": 0.17, **TOLD}},
        "sources": {"s1": {"title": "Terms"}},
    }
    return json.dumps(found | change)


def fact(**change):
    return written(terms={"offered_apy": {"value": 0.17} | TOLD | change})


APY = '"offered_apy": {"value": 0.17, "from": "2022-05-01"'
HOSTILE = {
    "a key twice": written().replace('"value": 0.17', '"value": 0.17, "value": 0.18'),
    "a key twice, one escaped": written().replace('"value": 0.17', '"value": 0.17, "v\\u0061lue": 0.18'),
    "a fact twice": written().replace('"terms": {', '"terms": {"offered_apy": 0.1, '),
    "a section twice": written().replace('"sources"', '"terms": {}, "sources"'),
    "a source twice": written().replace('"sources": {', '"sources": {"s1": {"title": "Others"}, '),
    "a key twice, with a text that looks like a key": fact(note='":').replace('"value"', '"value": 0.1, "value"'),
    "not a number": written().replace("0.17", "NaN"),
    "infinity": written().replace("0.17", "Infinity"),
    "too large": written().replace("0.17", "1e400"),
    "more than 64 bits": fact(value=1 << 64),
    "a number of 500 signs": written().replace("0.17", "0." + "0" * 500 + "1"),
    "a rate beyond one": fact(value=17),
    "out of range": fact(value=-3),
    "a text for a number": fact(value="much"),
    "a condition for a number": fact(value=True),
    "a list for a number": fact(value=[0.17]),
    "an object for a number": fact(value={"value": 0.17}),
    "no value": written(terms={"offered_apy": TOLD}),
    "value and bounds": fact(lo=0.1),
    "bounds in the wrong order": written(terms={"offered_apy": {"lo": 0.2, "hi": 0.1} | TOLD}),
    "an empty history": written(terms={"offered_apy": []}),
    "an unknown fact": written(terms={"offered_apr": 0.17}),
    "an unknown fact that is null": written(terms={"offered_apr": None}),
    "an unknown key": fact(valid="yes"),
    "an unknown section": written(term={}),
    "an unknown source": fact(source="s2"),
    "an unknown word of evidence": fact(evidence="gossip"),
    "no such day": fact(known_on="2022-02-30"),
    "a day in another form": fact(known_on="2022-5-2"),
    "a day with a time": fact(known_on="2022-05-02T00:00:00"),
    "a day to come": fact(known_on="2031-01-01"),
    "an end before the beginning": fact(until="2022-04-01"),
    "an inferred date that is not there": fact(inferred=["seen"]),
    "an inferred word": fact(inferred=["sometime"]),
    "a complaint that is not alleged": fact(evidence="complaint", alleged=False),
    "alleged as text": fact(alleged="true"),
    "alleged as a number": fact(alleged=1),
    "a control character": fact(note="\x07"),
    "delete": fact(note="\x7f"),
    "a change of direction": fact(note="\u202e"),
    "a C1 control character": json.dumps(json.loads(fact(note="\x85")), ensure_ascii=False),
    "a raw change of direction": json.dumps(json.loads(fact(note="\u2066")), ensure_ascii=False),
    "a raw line break": fact(note="a|b").replace("|", "\n"),
    "half a pair": fact(note="|").replace("|", "\\ud800"),
    "NUL": fact(note="|").replace("|", "\\u0000"),
    "a text too long": fact(note="x" * 20_001),
    "a text too long with quotes": fact(note='"' * 20_001),
    "silence without a source": written(terms={"offered_apy": {"status": "not_disclosed"}}),
    "silence with a value": fact(status="not_disclosed"),
    "a word that is no status": written(terms={"offered_apy": {"status": "secret"} | TOLD}),
    "another format": written(ddcheck=2),
    "format as text": written(ddcheck="1"),
    "format as a fraction": written().replace('"ddcheck": 1', '"ddcheck": 1.0'),
    "format as a condition": written(ddcheck=True),
    "no format": written().replace('"ddcheck": 1, ', ""),
    "no platform": written(platform=None),
    "no kind": written(platform={"name": "Acme"}),
    "another kind": written(platform={"name": "Acme", "kind": "casino"}),
    "an empty name": written(platform={"name": " ", "kind": "fund"}),
    "a name with dates": written(platform={"name": {"value": "Acme"} | TOLD, "kind": "fund"}),
    "a source without a title": written(sources={"s1": {"publisher": "Acme"}}),
    "a source with an empty title": written(sources={"s1": {"title": " "}}),
    "a source with a strange address": written(sources={"s1": {"title": "T", "url": "javascript:alert(1)"}}),
    "a source of tomorrow": written(sources={"s1": {"title": "T", "date": "2031-01-01"}}),
    "a source with a blank id": written(sources={"s1": {"title": "T"}, " s2": {"title": "T"}}),
    "a source with a long id": written(sources={"s1": {"title": "T"}, "s" * 81: {"title": "T"}}),
    "a look without sources": written(
        examined={"terms": [{"on": "2022-01-01", "known_on": "2022-01-01", "sources": []}]}
    ),
    "a look at an unknown section": written(examined={"term": []}),
    "defaults of an unknown source": written(defaults={"source": "s9"}),
    "defaults with an unknown key": written(defaults={"until": "2022-01-01"}),
    "a note without a text": written(notes=[TOLD]),
    "a note with a blank text": written(notes=[{"text": " "} | TOLD]),
    "a note of an unknown source": written(notes=[{"text": "Halted.", "source": "s2"}]),
    "a note of a day to come": written(notes=[{"text": "Halted.", "from": "2031-01-01"}]),
    "a note with an unknown key": written(notes=[{"text": "Halted.", "value": 1}]),
    "a note that is null": written(notes=[None]),
    "a note that is a text": written(notes=["Halted."]),
    "a note with a complaint that is not alleged": written(
        notes=[{"text": "Halted.", "evidence": "complaint", "alleged": False}]
    ),
    "a note with a key twice": written(notes=[{"text": "Halted."}]).replace('"text"', '"text": "Open.", "text"'),
    "a name of dates twice": written().replace('"name": "Acme"', '"name": "Acme", "name": "Other"'),
    "a source of a month to come": written(sources={"s1": {"title": "T", "date": "2031-01"}}),
    "a source of no month": written(sources={"s1": {"title": "T", "date": "2022-13"}}),
    "a source of no year": written(sources={"s1": {"title": "T", "date": "0000"}}),
    "deep nesting": '{"ddcheck": ' + "[" * 100_000,
    "deep and well formed": written(notes=json.loads("[" * 70 + "]" * 70)),
    "more after the end": written() + "{}",
    "two documents": written() + "\n" + written(),
    "nothing": "",
    "a list": "[]",
    "a comma too many": written()[:-1] + ",}",
    "a fact that does not apply": written(leverage={"tvl": {"value": 5.0} | TOLD}),
    "what anyone can see is not withheld": written(terms={"offered_apy": {"status": "not_disclosed"} | TOLD}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(ways, name):
    """What the long way refuses is never read; what it accepts is read alike, or left to it."""
    ways.agree([HOSTILE[name]])


def test_most_of_them_are_refused(ways):
    def refused(text):
        try:
            ways.profile(text)
        except InputError:
            return True
        return False

    assert sum(map(refused, HOSTILE.values())) > 0.9 * len(HOSTILE)
    noted = written(
        notes=[{"text": "Halted."} | TOLD, {"text": "Open.", "topic": "exits", "inferred": []}], overrides=[]
    )
    assert ways.agree([noted]) == 1
    published = [written(sources={"s1": {"title": "T", "date": day}}) for day in ("2022", "2022-02", "2022-02-03")]
    assert ways.agree(published) == 3
    assert ways.agree([written(), fact(note=":"), fact(note="größer, über"), fact(locator="p. 3, “rates”")]) == 4


def mutated(rng, text):
    """A text with a few pieces cut out, doubled, moved or replaced."""
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        style, at, size = rng.randrange(7), rng.randrange(len(text)), rng.choice([1, 1, 3, 12, 40])
        piece = text[at : at + size]
        if style > 3:
            digits = [index for index, sign in enumerate(text) if sign.isdigit()]
            at = rng.choice(digits) if digits else at
            text = text[:at] + rng.choice("0123456789") + text[at + 1 :]
        elif style == 0:
            text = text[:at] + text[at + size :]
        elif style == 1:
            text = text[:at] + piece + text[at:]
        elif style == 2:
            token = rng.choice(
                ["null", "true", "0", "1", "-1", "1e9", '""', "{}", "[]", '"s1"', ",", ":", " ", "\\", '"']
            )
            text = text[:at] + token + text[at + size :]
        else:
            to = rng.randrange(len(text))
            text = text[:to] + piece + text[to:]
    return text


def doubled(rng, found):
    """A document in which an object holds one of its keys twice."""
    text = json.dumps(found)
    part = rng.choice([p for p in [*found.values(), *found["terms"].values(), found] if isinstance(p, dict) and p])
    whole = json.dumps(part)
    key = rng.choice([*part])
    return text.replace(
        whole, whole[:-1] + f", {json.dumps(key)}: {json.dumps(rng.choice([part[key], None]))}" + "}", 1
    )


def test_mutated_texts(flat_ways, rulebook):
    rng = Random(29)
    texts = []
    while len(texts) < 1200:
        found = document(rng, rulebook.dictionary, (1, 2, 4), ("audit", "onchain"))
        if "terms" in found:
            texts += [mutated(rng, json.dumps(found)) for _ in range(6)] + [doubled(rng, found)]
    assert flat_ways.agree(texts) > 60


def test_keys_that_stand_twice_are_never_read(ways, rulebook):
    rng = Random(31)
    reader = ways.quick()
    for _ in range(300):
        found = document(rng, rulebook.dictionary)
        if "terms" in found:
            assert not reader.read(doubled(rng, found).encode())


# ------------------------------------------------------------------------------------------------- odd documents

ODD_NUMBERS = [0, -0.0, -1, 1, 1.0000001, 17, 1e-320, 1e308, (1 << 63) - 1, 1 << 63, 1 << 64, -(1 << 63), 2.0**63]
ODD_DAYS = ["2022-02-30", "2022-2-3", "2022-02", "2022", "20220203", "2022-02-03T00:00:00", "2022-02-03 ", "0000-01-01"]
ODD_DAYS += ["0001-01-01", "9999-12-31", "2022-W05-4", "２０２２-02-03", "+2022-02-03", "2020-02-29", "2021-02-29", ""]
ODD_TEXTS = ["", " ", "true", "null", "s1", " s1 ", "S1", "reported", "not_disclosed", "audit", "Audit", "17%", "1e3"]
ODD_TEXTS += [
    "\u00a0",
    "\u3000x",
    "größer",
    "\U0001f600",
    '"',
    "\\",
    "\u2028",
    "\u0085",
    "\u202e",
    "\ufeff",
    "e\u0301",
    "https://",
]
ODD = [*ODD_NUMBERS, *ODD_DAYS, *ODD_TEXTS, True, False, None, [], {}, [None], [[]], ["from"], ["seen", "from"]]
KEYS = ["from", "until", "known_on", "seen", "evidence", "source", "value", "lo", "hi", "status", "reason", "note"]
KEYS += ["alleged", "inferred", "locator", "text", "topic", "notes", "overrides", "defaults", "examined", "$schema"]
KEYS += ["From", "value ", "from_", "name", "kind", "offered_apy", "title", "url", "date", "on", "x", ""]


class Pairs(list):
    """An object of JSON as its keys and values, in their order, so that a key can stand twice."""


def pairs(node):
    if isinstance(node, dict):
        return Pairs([key, pairs(part)] for key, part in node.items())
    return [pairs(part) for part in node] if isinstance(node, list) else node


def dumped(node, ascii):
    if isinstance(node, Pairs):
        return (
            "{" + ", ".join(f"{json.dumps(key, ensure_ascii=ascii)}: {dumped(part, ascii)}" for key, part in node) + "}"
        )
    if isinstance(node, list):
        return "[" + ", ".join(dumped(part, ascii) for part in node) + "]"
    return json.dumps(node, ensure_ascii=ascii)


def objects(node):
    """Every object of a document that holds anything, the whole first."""
    if isinstance(node, Pairs) and node:
        yield node
    for part in node if isinstance(node, list) else ():
        yield from objects(part[1] if isinstance(node, Pairs) else part)


def changed(data, document):
    """A document with a key moved, doubled, renamed, added or dropped, or an odd value in it."""
    held = data.draw(st.sampled_from([*objects(document)]))
    at = data.draw(st.integers(0, len(held) - 1))
    style = data.draw(st.sampled_from(("order", "twice", "name", "more", "less", "value", "value", "value")))
    if style == "order":
        held[:] = data.draw(st.permutations(held))
    elif style == "twice":
        held.insert(
            data.draw(st.integers(0, len(held))), [held[at][0], data.draw(st.sampled_from([held[at][1], *ODD]))]
        )
    elif style == "name":
        held[at][0] = data.draw(st.sampled_from(KEYS))
    elif style == "more":
        held.insert(at, [data.draw(st.sampled_from(KEYS)), pairs(data.draw(st.sampled_from(ODD)))])
    elif style == "less":
        del held[at]
    else:
        held[at][1] = pairs(data.draw(st.sampled_from(ODD) | st.floats(-2, 2) | st.text(max_size=3)))


def test_odd_documents(flat_ways, rulebook):
    """A document that is changed anywhere has the same row both ways, or goes the long way."""
    read = []

    @settings(max_examples=300)
    @given(st.data(), st.integers(0, 10**6), st.integers(0, 3), st.booleans())
    def holds(data, seed, changes, ascii):
        found = document(Random(seed), rulebook.dictionary, (1, 3), ("audit", "terms_of_use", "complaint"))
        found["notes"] = [{"text": "Halted.", "from": "2022-03-01", "source": "s2"}]
        odd = pairs(found)
        for _ in range(changes):
            changed(data, odd)
        read.append(flat_ways.agree([dumped(odd, ascii)]))

    holds()
    assert 0.2 * len(read) < sum(read) < 0.8 * len(read)


@pytest.mark.parametrize("kind", ["cefi_lender", "fund", "bank"])
def test_evidence_of_every_word(ways, flat_ways, rulebook, kind):
    """Facts that need strong evidence, or of which a stop asks whether they are proved, count as the long way says."""
    asked = ways.quick()._facts.of_kind(kind).proved
    strict = [d for d in map(rulebook.dictionary.__getitem__, rulebook.dictionary) if d.min_evidence or d.id in asked]
    rng, texts = Random(5), []
    for definition in strict:
        if definition.type == "table" or not definition.applies_to(kind):
            continue
        for word in (None, *EVIDENCE):
            told = TOLD | {"evidence": word, "known_on": rng.choice(["2022-05-02", "2020-05-02"])}
            said = {"value": (True, False)[len(texts) % 2] if definition.type == "bool" else value(rng, definition)}
            found = json.loads(written(platform={"name": "Acme", "kind": kind}, terms={}))
            found.setdefault(definition.section, {})[definition.name] = said | told | {"from": told["known_on"]}
            if rng.random() < 0.3:
                found["examined"] = {
                    definition.section: [{"on": DAY.isoformat(), "known_on": DAY.isoformat(), "sources": ["s1"]}]
                }
            texts.append(json.dumps(found))
    assert len(texts) >= 20
    assert ways.agree(texts) > 0.2 * len(texts)
    assert flat_ways.agree(texts) > 0.5 * len(texts)


# ------------------------------------------------------------------------------------------------------------ rows


def test_rows_are_in_order_and_are_taken_once(ways):
    reader = ways.quick()
    for rate in (0.1, 0.2, 0.3):
        assert reader.read(fact(value=rate).encode())
        assert not reader.read(fact(value="much").encode())
    reader.forget()
    found, count = reader.take()
    assert count == 2
    assert found["terms.offered_apy.lo"].tolist() == found["terms.offered_apy.hi"].tolist() == [0.1, 0.2]
    assert reader.take()[1] == 0


def test_what_is_public_later_is_not_there(ways):
    early, late = ways.quick(DAY, date(2022, 5, 1)), ways.quick(DAY, date(2022, 5, 2))
    for reader in (early, late):
        assert reader.read(written().encode())
    assert early.take()[0]["terms.offered_apy.how"].tolist() == [-2]
    assert late.take()[0]["terms.offered_apy.how"].tolist() == [14]


def test_one_reader_remembers_nothing_wrong(ways, rulebook):
    """What is remembered of earlier profiles changes no later one."""
    rng = Random(41)
    texts = [json.dumps(document(rng, rulebook.dictionary)).encode() for _ in range(15)]
    used = ways.quick()
    for text in texts:
        fresh = ways.quick()
        assert used.read(text) == fresh.read(text)
        one, other = used.take()[0], fresh.take()[0]
        assert all((one[name] == other[name]).all() for name in other)
