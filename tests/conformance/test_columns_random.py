"""Random expressions over random facts: the columns say what the scalar interpreter says, evidence included."""

import os
from collections import Counter
from random import Random

import numpy as np
from conformance.expressions import TABLES, conditions, numbers
from conformance.in_columns import Asked, batch, plan, scalar_parts
from conformance.world import NAMES, Case, Memory, compiled, program
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engine.columns.arrays import ArrayPlan
from checker.engine.columns.dag import Dag

LONG = os.environ.get("DDCHECK_HYPOTHESIS") == "long"
EXAMPLES = 2000 if LONG else 120
RECORDS = 25
METRICS = [id.split(".")[1] for id, metric in NAMES["metrics"].items() if "over" not in metric and id[:4] == "own."]
EXPRESSIONS = (
    conditions(4, (), "cel").map(lambda text: text.ours)
    | numbers("money", 4, (), "cel").map(lambda text: text.ours)
    | conditions(3, (), "ours").map(lambda text: text.ours)
    | st.sampled_from(METRICS)
    | st.sampled_from(
        ["balance > params.cap", "burden < bank.net", "stuck && sound", "even || bank.halted", "size - net_then"]
    )
)
PROGRAM = program()
FILL = {"lo": -np.inf, "hi": np.inf, "how": -2, "set": -1, "proof": -1}


def value(definition, rng):
    """A value, a range or nothing, at times withheld, with some evidence."""
    style = rng.random()
    if style < 0.2:
        return None
    if style < 0.3:
        return {"status": rng.choice(["not_disclosed", "not_examined", "not_applicable"])}
    written = {"grade": rng.randrange(1, 5), "proof": rng.randrange(3)}
    match definition["type"]:
        case "number":
            lo, hi = definition.get("range", [-4, 4])
            pool = [x for x in (-3, -1, -0.5, 0, 0, 0.25, 0.5, 1, 2, 3, 100, 1e9) if lo <= x <= hi]
            ends = sorted((rng.choice(pool), rng.choice(pool)))
            return written | ({"value": ends[0]} if rng.random() < 0.6 else {"lo": ends[0], "hi": ends[1]})
        case "bool":
            return written | {"value": rng.random() < 0.5}
        case "enum":
            return written | {"any": rng.sample(definition["values"], rng.randrange(1, len(definition["values"]) + 1))}
    return written | {"value": rng.choice(["US", "CN", "USD"])}


def world(rng):
    """Facts in memory, today's and a year before."""

    def drawn():
        facts = {id: value(d, rng) for id, d in NAMES["facts"].items() if d["type"] not in ("table", "date")}
        tables = {
            id: {
                "complete": rng.random() < 0.6,
                "rows": [
                    {
                        name: value(column, rng)
                        for name, column in NAMES["facts"][id]["columns"].items()
                        if column["type"] != "date" and (name != "name" or rng.random() < 0.5)
                    }
                    for _ in range(rng.randrange(3))
                ],
            }
            for id in TABLES
        }
        for table in tables.values():
            for index, row in enumerate(table["rows"]):
                row["name"] = f"{index}"
        return {"facts": facts, "tables": tables}

    now = drawn()
    return Memory(now["facts"], now["tables"], {}, {365: drawn()})


def filled(columns):
    """Columns as arrays, filled where nothing is known."""
    found = {}
    for name, held in columns.items():
        stem, _, end = name.rpartition(".")
        definition = NAMES["facts"].get(stem.partition("@")[0], {})
        missing = FILL.get(end, 0)
        if end in ("lo", "hi") and "range" in definition:
            missing = float(definition["range"][end == "hi"])
        if end == "set":
            missing = (1 << len(definition.get("values", (False, True)))) - 1
        found[name] = np.array([missing if cell is None else cell for cell in held])
    return found


def test_random_expressions_agree():
    seen = Counter()

    @settings(max_examples=EXAMPLES)
    @given(EXPRESSIONS, st.integers(0, 2**32))
    def agree(text, seed):
        rng = Random(seed)
        root = compiled(text).root
        asked = [Asked(root, world(rng), PROGRAM, {}) for _ in range(RECORDS)]
        columns = filled(batch([each.record() for each in asked]))
        whole = ArrayPlan(plan(asked[:1], columns, Dag()).outputs)
        found = whole.run(columns, RECORDS)
        for index, each in enumerate(asked):
            wanted = scalar_parts(each)
            told = {part: found[f"0/{part}"][index] for part in wanted}
            assert told == wanted, (text, index)
            seen["compared"] += len(wanted)
            value_ = [wanted[part] for part in ("lo", "hi") if part in wanted] or [wanted["t"], wanted["f"]]
            seen["decided" if (value_[0] == value_[-1] and "lo" in wanted) or True in value_ else "open"] += 1

    agree()
    assert seen["compared"] > 0.9 * EXAMPLES * RECORDS * 8
    assert min(seen["decided"], seen["open"]) > 0.1 * EXAMPLES * RECORDS, seen


def test_a_wrong_column_would_be_seen():
    asked = Asked.of(Case("", "", "bank.cash > params.cap", {}, {"bank.cash": 101}))
    told = ArrayPlan(plan([asked], columns := filled(batch([asked.record()])), Dag()).outputs).run(columns, 1)
    other = Asked.of(Case("", "", "bank.cash > params.cap", {}, {"bank.cash": 99}))
    assert bool(told["0/t"][0]) is scalar_parts(asked)["t"] is not scalar_parts(other)["t"]
