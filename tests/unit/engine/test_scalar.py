"""The laws of evaluation on random expressions and random knowledge, then evidence, traces and metrics one by one."""

import re
from dataclasses import replace
from math import inf
from random import Random

import pytest
from conformance.expressions import CONDITIONS, OURS, TABLES, TEXTS, WORDS
from conformance.world import Case, Memory, cases, compiled, evaluated, fact_state, metric_forms, program, scope
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engine.scalar import Interpreter, MetricForm, Program, is_decided
from checker.lang.tree import Binary, Fact, Literal, Metric, walk
from checker.model.interval import OPEN, Interval, Truth, hull, intersect
from checker.model.state import CERTAIN, SILENT, UNEXAMINED, Reason, Status, Support

EXAMPLES = 3 * settings().max_examples
MODES = ("closed", "rolling", "continuous")
AMOUNTS = ("bank.cash", "bank.debt", "bank.ratio")
SIGNED = ("bank.net", "bank.index")
CELLS = {
    "bank.products": {"name": WORDS, "asset": WORDS, "amount": AMOUNTS, "change": SIGNED, "promo": CONDITIONS},
    "bank.loans": {"name": WORDS, "asset": WORDS, "amount": AMOUNTS, "pledged": CONDITIONS},
}

# ----------------------------------------------------------------------------------- random worlds, and less of them


def world(random):
    """Everything that is the case on one day."""

    def value(kind):
        if kind is CONDITIONS:
            return random.random() < 0.5
        if kind is WORDS:
            return random.choice(WORDS)
        return random.choice((0.0, 1.0, 2.5, 100.0)) * (random.choice((1, -1)) if kind is SIGNED else 1)

    def rows(table):
        return [{c: value(kind) for c, kind in CELLS[table].items()} for _ in range(random.randrange(4))]

    facts = {id: value(kind) for kind in (AMOUNTS, SIGNED, CONDITIONS) for id in kind}
    facts |= {id: random.choice(WORDS) for id in TEXTS} | {"bank.mode": random.choice(MODES)}
    return {"facts": facts, "tables": {t: {"rows": rows(t), "complete": True} for t in TABLES}}


def dimmer(random, known, share):
    """What is left when some of it is forgotten, blurred, or kept back."""

    def dim(id, value):
        if value is None or random.random() > share:
            return value
        if isinstance(value, bool) or random.random() < 0.4:
            return random.choice((None, {"status": "not_disclosed"}))
        if isinstance(value, str):
            others = MODES if value in MODES else WORDS
            return {"any": sorted({value, random.choice(others)})} if id in (*TEXTS, "bank.mode") else None
        if isinstance(value, dict):
            if "any" in value or "status" in value:
                return None
            value = dict(value)
            value.pop(random.choice(sorted(value)), None)
            return value or None
        return {"lo": value - random.choice((0, 1, 50)), "hi": value + random.choice((0, 1, 50))}

    facts = {id: dim(id, value) for id, value in known["facts"].items()}
    tables = {}
    for id, table in known["tables"].items():
        kept = [{c: dim(c, v) for c, v in row.items()} for row in table["rows"]]
        complete = table["complete"] and random.random() > share / 2
        if not complete and kept and random.random() < 0.5:
            kept.pop(random.randrange(len(kept)))
        tables[id] = {"rows": kept, "complete": complete}
    return {"facts": facts, "tables": tables}


def clip(known):
    """The same with no bound below what a fact can be."""

    def within(id, value):
        if isinstance(value, dict) and "lo" in value and id not in (*SIGNED, "change"):
            return value | {"lo": max(0.0, value["lo"])}
        return value

    facts = {id: within(id, value) for id, value in known["facts"].items()}
    tables = {
        id: table | {"rows": [{c: within(c, v) for c, v in row.items()} for row in table["rows"]]}
        for id, table in known["tables"].items()
    }
    return {"facts": facts, "tables": tables}


def run(text, now, then, *, tracing=False):
    facts = Memory(now["facts"], now["tables"], earlier={365 * years: then for years in range(1, 6)})
    return Interpreter(program(), facts, tracing).evaluate(compiled(text).root)


def looser(wide, narrow):
    """Whether one value leaves at least as much open as another."""
    if isinstance(narrow, Truth):
        return wide in (narrow, OPEN)
    return wide.lo <= narrow.lo and narrow.hi <= wide.hi


@settings(max_examples=EXAMPLES)
@given(OURS, st.integers(0, 2**32))
def test_less_knowledge_never_gives_a_surer_result(text, seed):
    """Inclusion and widening at once: what is the case lies within what little is known, at every step down."""
    random = Random(seed)
    for _ in range(3):
        now, then = world(random), world(random)
        for share in (0.0, 0.3, 0.5, 0.7):
            less_now, less_then = clip(dimmer(random, now, share)), clip(dimmer(random, then, share))
            sharp, blurred = run(text.ours, now, then), run(text.ours, less_now, less_then)
            assert looser(blurred.value, sharp.value), (now, less_now, sharp.value, blurred.value)
            now, then = less_now, less_then


def unknown_names(known):
    """Every fact, cell and table of which something is not known."""
    memory = Memory(known["facts"], known["tables"])
    facts = [*AMOUNTS, *SIGNED, *CONDITIONS, *TEXTS, "bank.mode"]
    states = [memory.fact(id, 0) for id in facts]
    tables = [memory.table(id, 0) for id in TABLES]
    states += [cell for table in tables for row in table.rows for cell in row.cells.values()]
    open_states = {
        state.id
        for state in states
        if not (isinstance(state.value, Interval) and state.value.is_point)
        and not (isinstance(state.value, frozenset) and len(state.value) == 1)
    }
    return open_states | {table.id for table in tables if not table.complete}


def steps(trace):
    yield trace
    for step in trace.get("steps", ()):
        yield from steps(step)


@settings(max_examples=EXAMPLES)
@given(OURS, st.integers(0, 2**32))
def test_open_names_what_is_unknown_and_nothing_else(text, seed):
    random = Random(seed)
    for share in (0.0, 0.3, 0.7):
        now, then = (clip(dimmer(random, world(random), share)) for _ in range(2))
        result = run(text.ours, now, then, tracing=True)
        if isinstance(result.value, Truth):
            assert not (result.value.surely_true and result.value.surely_false)
        assert set(result.open) <= unknown_names(now) | unknown_names(then)
        if is_decided(result.value):
            assert result.open == {}
        elif not result.open:
            quotients = [step for step in steps(result.trace) if step["op"] == "/"]
            assert [None, None] in [step["value"] for step in quotients], "open, with nothing to ask"


@settings(max_examples=EXAMPLES)
@given(OURS, st.integers(0, 2**32))
def test_every_step_is_traced(text, seed):
    random = Random(seed)
    now, then = (clip(dimmer(random, world(random), 0.3)) for _ in range(2))
    result, plain = run(text.ours, now, then, tracing=True), run(text.ours, now, then)
    assert (result.value, result.open, result.true, result.false) == (plain.value, plain.open, plain.true, plain.false)
    assert plain.trace is None
    if isinstance(compiled(text.ours).root, Literal):
        return
    for step in steps(result.trace):
        well_formed(step)
        assert step["op"] == "row" or step["text"] in text.ours


def well_formed(step):
    """The one shape that explain, diff, ask and the report read."""
    assert {"op", "text", "value"} <= set(step) <= {"op", "text", "value", "inputs", "params", "steps"}
    assert isinstance(step["op"], str)
    assert isinstance(step["text"], str)
    value = step["value"]
    if isinstance(value, list):
        assert all(item is None or isinstance(item, bool | float | int | str) for item in value)
        assert not any(isinstance(item, float) and abs(item) == inf for item in value)
    else:
        assert value is None
    for id, entries in step.get("inputs", ()):
        assert isinstance(id, str)
        assert isinstance(entries, list)
    for param in step.get("params", ()):
        assert re.fullmatch(r"[a-z]+\.[a-z]+@\d{4}-\d\d-\d\d", param)
    assert all(isinstance(inner, dict) for inner in step.get("steps", ()))


@settings(max_examples=EXAMPLES)
@given(OURS.filter(lambda text: "was(" not in text.ours), st.integers(0, 2**32))
def test_was_is_the_same_expression_on_an_earlier_day(text, seed):
    random = Random(seed)
    now, then = (clip(dimmer(random, world(random), 0.4)) for _ in range(2))
    looked_back = run(f"was({text.ours}, params.year)", now, then)
    there = run(text.ours, then, now)
    assert (looked_back.value, looked_back.open) == (there.value, there.open)
    assert (looked_back.true, looked_back.false) == (there.true, there.false)


def test_was_leaves_the_day_as_it_found_it_after_a_fault():
    interpreter = Interpreter(Program({}, {}), Memory({"bank.cash": 3}))
    node = compiled("was(bank.cash, params.year)").root
    with pytest.raises(KeyError):
        interpreter.evaluate(node)
    assert interpreter.evaluate(compiled("bank.cash").root).number == (3, 3)


# ------------------------------------------------------------------------------------------------------------ traces

CASES = [case for case in cases("arithmetic", "logic", "words", "tables", "unknowns", "functions") if case.expr != "0"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_trace_of_every_case_is_well_formed(case):
    for step in steps(evaluated(case, tracing=True).trace):
        well_formed(step)


def test_a_trace_tells_the_whole_evaluation():
    case = Case("", "", 'bank.cash < params.cap && bank.mode in ["closed"]', {}, {"bank.cash": 3})
    assert evaluated(case, tracing=True).trace == {
        "op": "&&",
        "text": case.expr,
        "value": [False, True],
        "steps": [
            {
                "op": "<",
                "text": "bank.cash < params.cap",
                "value": [True],
                "steps": [
                    {"op": "fact", "text": "bank.cash", "value": [3.0, 3.0], "inputs": [["bank.cash", [0]]]},
                    {"op": "param", "text": "params.cap", "value": [100.0, 100.0], "params": ["own.cap@2020-01-01"]},
                ],
            },
            {
                "op": "in",
                "text": 'bank.mode in ["closed"]',
                "value": [False, True],
                "steps": [
                    {
                        "op": "fact",
                        "text": "bank.mode",
                        "value": ["closed", "continuous", "rolling"],
                        "inputs": [["bank.mode", []]],
                    }
                ],
            },
        ],
    }


def test_a_trace_shows_every_row_that_counts_and_why():
    rows = [{"name": "a", "promo": True, "amount": 3}, {"name": "b", "amount": 5}, {"name": "c", "promo": False}]
    tables = {"bank.products": {"rows": rows, "complete": True}}
    case = Case("", "", "bank.products.filter(p, p.promo).sum(p, p.amount)", {}, tables=tables)
    trace = evaluated(case, tracing=True).trace
    assert (trace["op"], trace["value"]) == ("sum", [3.0, 8.0])
    assert [(row["op"], row["text"]) for row in trace["steps"]] == [("row", "a"), ("row", "b")]
    kept, amount = trace["steps"][1]["steps"]
    assert (kept["op"], kept["text"], kept["value"]) == ("filter", "p.promo", [False, True])
    assert amount["inputs"] == [["bank.products[b].amount", [0]]]


def test_a_trace_of_a_row_with_nothing_to_read_has_no_empty_steps():
    tables = {"bank.products": {"rows": [{"name": "a"}], "complete": True}}
    trace = evaluated(Case("", "", "bank.products.sum(p, 1)", {}, tables=tables), tracing=True).trace
    assert trace["steps"][0]["steps"] == []


def test_a_trace_leads_through_metrics_to_facts_and_reference_rates():
    facts = {"bank.cash": 30, "bank.net": 30}
    trace = evaluated(Case("", "", "balance", {}, facts), tracing=True).trace
    assert trace["op"] == "metric own.balance"
    (same,) = trace["steps"]
    assert (same["op"], same["text"]) == ("same quantity", "own.balance")
    assert [step["text"] for step in same["steps"]] == ["bank.cash", "bank.products.sum(p, p.amount)", "bank.net"]
    trace = evaluated(Case("", "", "risk_free(bank.asset)", {}, {"bank.asset": "USD"}), tracing=True).trace
    assert trace["inputs"] == [["reference:risk_free", ["USD_risk_free@0"]]]


# ---------------------------------------------------------------------------------------------------------- evidence

SUPPORTS = st.builds(Support, st.integers(0, 4), st.integers(0, 4), st.integers(0, 2))


@given(SUPPORTS, SUPPORTS, SUPPORTS)
def test_supports_form_a_lattice(a, b, c):
    for one, two in (("weaker", "stronger"), ("stronger", "weaker")):
        join, meet = (lambda x, y, n=one: getattr(x, n)(y)), (lambda x, y, n=two: getattr(x, n)(y))
        assert join(a, a) == a
        assert join(a, b) == join(b, a)
        assert join(a, join(b, c)) == join(join(a, b), c)
        assert join(a, meet(a, b)) == a
    assert CERTAIN.weaker(a) == a
    assert CERTAIN.stronger(a) == CERTAIN
    assert all(x <= y for x, y in zip(a.weaker(b), a.stronger(b), strict=True))


def told(value, grade, proof=2):
    return {"value": value, "grade": grade, "proof": proof}


def supports(text, facts=None, tables=None):
    result = evaluated(Case("", "", text, {}, facts or {}, tables or {}))
    return result.true, result.false


@pytest.mark.parametrize(
    ("text", "halted", "licensed", "true", "false"),
    [
        ("bank.halted && bank.licensed", told(True, 4), told(True, 1), Support(1, 1, 2), None),
        ("bank.halted || bank.licensed", told(True, 4), told(True, 1), Support(4, 4, 2), None),
        ("bank.halted || bank.licensed", told(True, 1), told(False, 4), Support(1, 1, 2), None),
        ("bank.halted && bank.licensed", told(False, 4), told(False, 1), None, Support(4, 4, 2)),
        ("bank.halted && bank.licensed", told(False, 1), told(True, 4), None, Support(1, 1, 2)),
        ("bank.halted || bank.licensed", told(False, 4), told(False, 1), None, Support(1, 1, 2)),
        ("bank.halted && bank.licensed", told(True, 4, 1), told(True, 4, 2), Support(4, 4, 1), None),
        ("!bank.halted && !bank.licensed", told(False, 4), told(False, 1), Support(1, 1, 2), None),
        ("!(bank.halted && bank.licensed)", told(False, 4), told(False, 1), Support(4, 4, 2), None),
        ("bank.halted ? bank.licensed : bank.audited", told(True, 1), told(True, 4), Support(1, 1, 2), None),
    ],
)
def test_evidence_of_a_decided_condition(text, halted, licensed, true, false):
    """All that is needed counts at its weakest, and what suffices alone at its strongest."""
    found = supports(text, {"bank.halted": halted, "bank.licensed": licensed})
    assert found[0] == true or true is None
    assert found[1] == false or false is None
    assert (true, false) != (None, None)


def test_evidence_of_an_unknown_is_none_at_worst():
    assert supports("bank.halted") == (UNEXAMINED, UNEXAMINED)
    assert supports("bank.halted", {"bank.halted": {"status": "not_disclosed"}}) == (SILENT, SILENT)
    assert supports("bank.cash > bank.debt", {"bank.cash": told(3, 4)})[0].worst == 0
    assert supports("true") == (CERTAIN, CERTAIN)


def test_evidence_of_a_number_is_that_of_its_weakest_part():
    facts = {"bank.cash": told(3, 4), "bank.debt": told(5, 2, 1)}
    for text in ("bank.cash + bank.debt", "max(bank.cash, bank.debt)", "bank.cash < bank.debt", "-bank.debt"):
        assert supports(text, facts) == (Support(2, 2, 1),) * 2


def row(name, **cells):
    return {"name": name, **cells}


def table(*rows, grade=4):
    return {"bank.products": {"rows": list(rows), "complete": True, "grade": grade}}


def test_evidence_of_a_quantifier():
    weak, strong = row("a", promo=told(True, 1)), row("b", promo=told(True, 4))
    assert supports("bank.products.exists(p, p.promo)", tables=table(weak, strong, grade=2))[0] == Support(4, 4, 2)
    assert supports("bank.products.all(p, p.promo)", tables=table(weak, strong))[0] == Support(1, 1, 2)
    none = row("a", promo=told(False, 3))
    assert supports("bank.products.exists(p, p.promo)", tables=table(none, grade=2))[1] == Support(2, 2, 2)
    assert supports("bank.products.exists(p, p.promo)", tables=table(none, grade=4))[1] == Support(3, 3, 2)
    assert supports("bank.products.all(p, p.promo)", tables=table(none, grade=2))[1] == Support(3, 3, 2)


def test_a_row_left_out_counts_with_the_evidence_for_leaving_it_out():
    left_out = row("a", promo=told(True, 1), rate=told(0.5, 4))
    kept = row("b", promo=told(False, 4), rate=told(0.25, 4))
    text = "bank.products.filter(p, !p.promo)"
    assert supports(f"{text}.exists(p, p.rate > params.low)", tables=table(left_out, kept))[1] == Support(1, 1, 2)
    assert supports(f"{text}.max(p, p.rate)", tables=table(left_out, kept))[0] == Support(1, 1, 2)
    assert supports(f"{text}.max(p, p.rate)", tables=table(kept))[0] == Support(4, 4, 2)


# ------------------------------------------------------------------------------------- one quantity, several formulas

GRADES = st.integers(0, 4)
RANGES = st.tuples(st.integers(0, 6), st.integers(0, 3)).map(lambda pair: Interval(pair[0], sum(pair)))


def combined(tellings, worse, apart="range"):
    """The metric that each of three formulas tells, given as `(interval, grade)`."""
    ids = ("bank.cash", "bank.debt", "bank.net")[: len(tellings)]
    facts = {
        id: {"lo": told.lo, "hi": told.hi, "grade": grade} for id, (told, grade) in zip(ids, tellings, strict=True)
    }
    forms = {"own.m": MetricForm(tuple(compiled(id).root for id in ids), worse, apart=apart)}
    return Interpreter(Program({}, forms), Memory(facts)).metric("own.m")


@given(st.lists(st.tuples(RANGES, GRADES), min_size=2, max_size=3), st.sampled_from(["higher", "lower", "none"]))
def test_formulas_bound_each_other_or_stand_apart(tellings, worse):
    result = combined(tellings, worse)
    ranges = [told for told, _ in tellings]
    common = ranges[0]
    for other in ranges[1:]:
        common = common and intersect(common, other)
    if common is not None:
        assert result.number == common
        assert Reason.CONFLICT not in result.open.values()
        return
    parties = [(told, grade) for told, grade in tellings if any(intersect(told, other) is None for other in ranges)]
    everything = hull(told for told, _ in parties)
    best = hull(told for told, grade in parties if grade == max(grade for _, grade in parties))
    lo = best.lo if worse == "higher" else everything.lo
    hi = best.hi if worse == "lower" else everything.hi
    assert result.number == (lo, hi)
    assert result.open.get("own.m") == (None if lo == hi else Reason.CONFLICT)


@given(st.lists(st.tuples(RANGES, GRADES), min_size=2, max_size=3), st.sampled_from(["higher", "lower"]))
def test_a_further_statement_never_moves_the_adverse_end_of_a_conflict_inwards(tellings, worse):
    """A platform cannot soften a conflict by contradicting it once more."""
    before = combined(tellings[:-1], worse) if len(tellings) > 2 else None
    if before is None or Reason.CONFLICT not in before.open.values():
        return
    after = combined(tellings, worse).number
    assert after.hi >= before.number.hi if worse == "higher" else after.lo <= before.number.lo


def test_where_apart_means_the_worst_only_the_adverse_end_is_left():
    tellings = [(Interval(1, 2), 4), (Interval(5, 6), 1)]
    assert combined(tellings, "higher", "worst").number == (5, 6)
    assert combined(tellings, "lower", "worst").number == (1, 2)


def test_a_metric_is_reckoned_once_for_each_day():
    class Counting(Memory):
        asked = 0

        def fact(self, id, shift):
            self.asked += 1
            return super().fact(id, shift)

    facts = Counting({"bank.cash": 300})
    interpreter = Interpreter(program(), facts)
    assert interpreter.evaluate(compiled("large && large || large").root).truth.surely_true
    assert facts.asked == 1
    interpreter.evaluate(compiled("was(large, params.year) || large").root)
    assert facts.asked == 2


# --------------------------------------------------------------------------------------------------- what is tried out


def test_a_hidden_value_only_takes_the_place_of_its_own_status():
    facts = Memory({"bank.cash": {"status": "not_disclosed"}, "bank.debt": 5})
    tried = {"bank.cash": (Status.NOT_DISCLOSED, Interval(inf, inf)), "bank.debt": (Status.NOT_DISCLOSED, OPEN)}
    interpreter = Interpreter(program(), facts, overrides=tried)
    assert interpreter.evaluate(compiled("bank.cash > bank.debt").root).truth.surely_true
    assert interpreter.evaluate(compiled("bank.debt").root).number == (5, 5)


def test_hearsay_takes_the_place_of_any_status():
    tried = {"bank.cash": (None, Interval(7, 7))}
    for written in (3, None, {"status": "not_disclosed"}):
        interpreter = Interpreter(program(), Memory({"bank.cash": written}), overrides=tried)
        assert interpreter.evaluate(compiled("bank.cash").root).number == (7, 7)


def test_the_kind_of_platform_is_beyond_doubt():
    """Facts of the section `platform` say what is judged, and weaken no evidence."""
    state = fact_state("platform.name", {"type": "text"}, {"value": "A", "grade": 1})
    interpreter = Interpreter(program(), type("One", (Memory,), {"fact": lambda self, id, shift: state})())
    node = Fact(type=scope().facts["bank.country"], text="platform.name", id="platform.name")
    assert interpreter.evaluate(node).true == CERTAIN
    assert interpreter.evaluate(replace(node, id="bank.country")).true == Support(1, 1, 2)


def test_a_node_nobody_knows_is_refused():
    with pytest.raises(TypeError, match="no such node"):
        Interpreter(program(), Memory()).evaluate(object())


def test_the_metrics_of_the_scope_read_what_they_say():
    assert [node.name for node in walk(metric_forms()["own.net_then"].formulas[0]) if isinstance(node, Metric)] == [
        "net_now"
    ]
    assert isinstance(metric_forms()["own.cover"].formulas[0], Binary)
