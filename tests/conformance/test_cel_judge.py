"""The official CEL implementation judges the shared subset on random expressions.

Both read one text and one set of facts. What is missing is left out of CEL's activation, where reading it is an error;
CEL absorbs errors in `&&` and `||` as Kleene's logic does. Hence:

* inputs complete: both give the same value, bit for bit;
* inputs missing: whatever CEL decides we decide alike; where CEL ends in an error we are open, or we know more (a
  choice whose branches agree, a product with nought, a filter whose doubtful row cannot matter), and then every way to
  fill in what is missing must give, in CEL, the value we are sure of.

Stated deviations, written into the text that CEL reads: 0 and 1 are doubles (`0.0`), and a division by zero is an error
(`b == 0.0 ? missing : a / b`), since we call it unknown. `max`, `min`, `sum`, `was` and the reference rates are
extensions of ours and have no judge here.
"""

from collections import Counter
from random import Random

import pytest
from cel_expr_python import cel
from conformance.expressions import CONDITIONS, EXPRESSIONS, LOGIC, NUMBERS, PARAMS, TABLES, TEXTS, WORDS
from conformance.world import Memory, compiled, program, scope
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engine.scalar import Interpreter
from checker.lang.check import compile_expression
from checker.lang.parser import ExpressionError
from checker.model.interval import Interval, Truth

EXAMPLES = 8 * settings().max_examples
FACTS_A_TEXT = 8
GAPS_A_FACT = 2

# ------------------------------------------------------------------------------------------------------------ facts

AMOUNTS = (0.0, 1.0, 2.0, 3.0, 0.5, 100.0, 0.1, 1 / 3)
SIGNED = (-3.0, -1.0, 0.0, 1.0, 2.0, 0.1, 100.0)
EITHER = (True, False)
SINGLE = {
    **dict.fromkeys(("bank.cash", "bank.debt", "bank.ratio"), AMOUNTS),
    **dict.fromkeys(("bank.net", "bank.index"), SIGNED),
    **dict.fromkeys(CONDITIONS, EITHER),
    **dict.fromkeys(TEXTS, WORDS),
}
CELLS = {
    "bank.products": {"name": WORDS, "asset": WORDS, "amount": AMOUNTS, "change": SIGNED, "promo": EITHER},
    "bank.loans": {"name": WORDS, "asset": WORDS, "amount": AMOUNTS, "pledged": EITHER},
}


def row_of(random: Random, table: str) -> dict:
    return {column: random.choice(values) for column, values in CELLS[table].items()}


def complete(random: Random) -> dict:
    """A value for every fact, and a few rows for every table."""
    facts = {fact: random.choice(values) for fact, values in SINGLE.items()}
    return facts | {table: [row_of(random, table) for _ in range(random.randrange(4))] for table in CELLS}


def gappy(random: Random, facts: dict) -> dict:
    """The facts without some of them; a table loses cells, never rows, since CEL knows no incomplete list."""
    share = random.choice((0.1, 0.3, 0.6))
    kept = {fact: facts[fact] for fact in SINGLE if random.random() > share}
    for table in CELLS:
        kept[table] = [{c: v for c, v in row.items() if random.random() > share} for row in facts[table]]
    return kept


def filled(random: Random, partial: dict) -> dict:
    """The facts with some value wherever one was missing."""
    facts = complete(random) | {fact: value for fact, value in partial.items() if fact in SINGLE}
    return facts | {table: [row_of(random, table) | row for row in partial[table]] for table in CELLS}


# ------------------------------------------------------------------------------------------------------ two readings

PROGRAM = program()
PARAM_VALUES = {
    name: PROGRAM.params[name.replace(".params", "") if name.startswith("other.") else name.replace("params", "own")][0]
    for names in PARAMS.values()
    for name in names
}
JUDGE = cel.NewEnv(
    variables={
        **dict.fromkeys([*NUMBERS["money"], *NUMBERS["plain"], *PARAM_VALUES, "missing"], cel.Type.DOUBLE),
        **dict.fromkeys(CONDITIONS, cel.Type.BOOL),
        **dict.fromkeys(TEXTS, cel.Type.STRING),
        **dict.fromkeys(TABLES, cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN))),
    }
)
ERROR = "error"


def judged(expression, facts, **more):
    """What CEL says: a bool, a double, or ERROR."""
    result = expression.eval(data={**PARAM_VALUES, **facts, **more})
    return ERROR if result.type() == cel.Type.ERROR else result.value()


def judged_anyhow(expression, facts):
    """Everything CEL says of complete facts when an undefined quotient may be any number."""
    value = judged(expression, facts)
    if value != ERROR:
        return {value}
    return {judged(expression, facts, missing=quotient) for quotient in (-1000.0, -1.0, 0.0, 0.5, 1.0, 1000.0)}


def ours(text, facts):
    """What we say: a bool, a double, or the interval or pair that is left."""
    tables = {table: {"rows": facts[table], "complete": True} for table in TABLES}
    singles = {fact: value for fact, value in facts.items() if fact not in TABLES}
    result = Interpreter(PROGRAM, Memory(singles, tables)).evaluate(compiled(text).root)
    if isinstance(result.value, Truth):
        return result.value if result.value.is_open else result.value.surely_true
    return result.value.lo if result.value.is_point else result.value


def is_open(value):
    return isinstance(value, Interval | Truth)


def same(ours, judged):
    return type(ours) is type(judged) and ours == judged


def admits(found, value):
    """Whether what is left open includes a value."""
    return found.lo <= value <= found.hi if isinstance(found, Interval) else isinstance(value, bool)


def test_the_judge_agrees():
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(EXPRESSIONS, st.integers(0, 2**32))
    def agree(text, seed):
        random = Random(seed)
        expression = JUDGE.compile(text.cel)
        for _ in range(FACTS_A_TEXT):
            facts = complete(random)
            agree_on_complete(text, expression, facts)
            for _ in range(GAPS_A_FACT):
                agree_in_spite_of_gaps(text, expression, gappy(random, facts), facts, random)

    def agree_on_complete(text, expression, facts):
        verdict, found = judged(expression, facts), ours(text.ours, facts)
        seen["complete"] += 1
        if verdict != ERROR:
            seen["equal on complete facts"] += 1
            assert same(found, verdict), (facts, found, verdict)
            return
        seen["undefined quotient"] += 1
        for value in judged_anyhow(expression, facts):
            assert admits(found, value) if is_open(found) else same(found, value), (facts, found, value)

    def agree_in_spite_of_gaps(text, expression, partial, facts, random):
        verdict, found = judged(expression, partial), ours(text.ours, partial)
        seen["with gaps"] += 1
        if verdict != ERROR:
            seen["decided in spite of gaps"] += 1
            assert same(found, verdict), (partial, found, verdict)
        elif is_open(found):
            seen["open for both"] += 1
            for value in judged_anyhow(expression, facts):
                assert admits(found, value), (partial, facts, found, value)
        else:
            seen["we know more"] += 1
            for whole in (facts, *(filled(random, partial) for _ in range(4))):
                for value in judged_anyhow(expression, whole):
                    assert same(found, value), (partial, whole, found, value)

    agree()
    assert seen["complete"] >= EXAMPLES * FACTS_A_TEXT
    assert seen["with gaps"] == GAPS_A_FACT * seen["complete"]
    assert seen["equal on complete facts"] > 0.8 * seen["complete"]
    for kind in ("decided in spite of gaps", "open for both"):
        assert seen[kind] > 0.2 * seen["with gaps"], seen
    for kind in ("undefined quotient", "we know more"):
        assert seen[kind] > 0.005 * seen["complete"], seen
    print("comparisons with CEL:", dict(seen))


def test_we_are_no_more_timid_than_cel():
    """In plain logic, comparisons and macros we are open exactly where CEL ends in an error."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(LOGIC, st.integers(0, 2**32))
    def agree(text, seed):
        random = Random(seed)
        expression = JUDGE.compile(text.cel)
        for _ in range(FACTS_A_TEXT):
            partial = gappy(random, complete(random))
            verdict, found = judged(expression, partial), ours(text.ours, partial)
            seen["open" if verdict == ERROR else "certain"] += 1
            assert is_open(found) if verdict == ERROR else same(found, verdict), (partial, found, verdict)

    agree()
    assert min(seen.values()) > 0.2 * EXAMPLES * FACTS_A_TEXT, seen
    print("comparisons with CEL:", dict(seen))


def test_the_judge_is_awake():
    """A wrong answer on our side would be seen: the two texts differ, and so do the answers."""
    facts = {fact: values[0] for fact, values in SINGLE.items()} | {table: [] for table in TABLES}
    assert same(ours("bank.halted || bank.licensed && bank.audited", facts), True)
    assert not same(ours("bank.halted", facts), judged(JUDGE.compile("!bank.halted"), facts))
    assert not same(ours("bank.ratio + 1", facts), judged(JUDGE.compile("bank.ratio"), facts))
    assert judged(JUDGE.compile("bank.halted"), {}) == ERROR
    assert is_open(ours("bank.halted", {table: [] for table in TABLES}))


def test_only_we_read_a_bare_choice_in_the_first_branch():
    text = "bank.halted ? bank.licensed ? true : false : false"
    compiled(text)
    with pytest.raises(RuntimeError, match="Syntax error"):
        JUDGE.compile(text)


@pytest.mark.parametrize(
    "text",
    [
        "bank.halted == true",
        "bank.index > 0.25",
        "bank.index in [1.0, 2.0]",
        "bank.country < bank.home",
        '"a" + bank.home == "aUS"',
        "bank.country.size() > 1",
        'bank.country.startsWith("U")',
        "size(bank.products) > 0",
        "bank.products[0].promo",
        "bank.products.exists(p, has(p.promo))",
        "bank.products.exists_one(p, p.promo)",
        "bank.products.map(p, p.amount) == [1.0]",
        r'bank.country == "a\"b"',
        "bank.net == 1.0 ? bank.country == bank.home : [1.0] == []",
        "[1.0, 2.0] == [1.0, 2.0]",
    ],
)
def test_only_cel_reads(text):
    JUDGE.compile(text)
    with pytest.raises(ExpressionError):
        compile_expression(text, scope())
