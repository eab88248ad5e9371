"""The official CEL implementation judges the shared subset on random expressions.

Both read one text and one set of facts. What is missing is left out of CEL's activation, where reading it is an error;
CEL absorbs errors in `&&` and `||` as Kleene's logic does. Hence:

* inputs complete: both give the same value, bit for bit;
* inputs missing: whatever CEL decides we decide alike; where CEL ends in an error we are open, or we know more (a choice
  whose branches agree, a product with nought, a filter whose doubtful row cannot matter), and then every way to fill in
  what is missing must give, in CEL, the value we are sure of.

Stated deviations, written into the text that CEL reads: 0 and 1 are doubles (`0.0`), and a division by zero is an error
(`b == 0.0 ? missing : a / b`), since we call it unknown. `max`, `min`, `sum`, `was` and the reference rates are
extensions of ours and have no judge here.
"""

from collections import Counter
from dataclasses import dataclass
from math import inf, isfinite

import pytest
from cel_expr_python import cel
from conformance.world import Memory, compiled, program
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.engine.scalar import Interpreter
from checker.model.interval import Interval, Truth

EXAMPLES = 6 * settings().max_examples
SEEN: Counter[str] = Counter()

# ------------------------------------------------------------------------------------------------------ expressions

NUMBERS = {"money": ("bank.net", "bank.cash", "bank.debt"), "plain": ("bank.index", "bank.ratio")}
CONDITIONS = ("bank.halted", "bank.licensed", "bank.audited")
TEXTS = ("bank.country", "bank.home", "bank.asset")
WORDS = ("US", "CN", "USD")
TABLES = {
    "bank.products": {"numbers": {"money": ("amount", "change")}, "conditions": ("promo",), "texts": ("name", "asset")},
    "bank.loans": {"numbers": {"money": ("amount",)}, "conditions": ("pledged",), "texts": ("name", "asset")},
}
PARAMS = {"plain": ("params.two", "params.minus", "params.half", "params.nought", "other.params.limit"), "money": ("params.cap",)}
LEVEL = {"?:": 0, "||": 1, "&&": 2, "rel": 3, "+": 4, "-": 4, "*": 5, "/": 5, "neg": 6, "!": 6, "atom": 7}


@dataclass(frozen=True)
class Text:
    """An expression in both spellings, with the weight of its outermost operator."""

    ours: str
    cel: str
    level: int = LEVEL["atom"]

    def inside(self, least: int) -> "Text":
        """In parentheses where its weight asks for them."""
        return self if self.level >= least else Text(f"({self.ours})", f"({self.cel})")


def joined(op: str, level: int, a: Text, b: Text) -> Text:
    left, right = a.inside(level), b.inside(level + 1)
    return Text(f"{left.ours} {op} {right.ours}", f"{left.cel} {op} {right.cel}", level)


def name(text: str) -> Text:
    return Text(text, text)


@st.composite
def numbers(draw, unit, depth, rows):
    options = ["fact", "fact", "param", "zero"] + ["one"] * (unit == "plain")
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["numbers"].get(unit, ())]
    options += ["column"] * (3 if columns else 0)
    if depth:
        options += ["+", "+", "-", "*", "/", "/", "neg", "?:"]
    choice = draw(st.sampled_from(options))
    match choice:
        case "fact":
            return name(draw(st.sampled_from(NUMBERS[unit])))
        case "param":
            return name(draw(st.sampled_from(PARAMS[unit])))
        case "column":
            return name(draw(st.sampled_from(columns)))
        case "zero":
            return Text("0", "0.0")
        case "one":
            return Text("1", "1.0")
        case "neg":
            inner = draw(numbers(unit, depth - 1, rows)).inside(LEVEL["neg"])
            if inner.level == LEVEL["neg"]:
                inner = inner.inside(LEVEL["atom"])
            return Text(f"-{inner.ours}", f"-{inner.cel}", LEVEL["neg"])
        case "?:":
            test = draw(conditions(depth - 1, rows)).inside(1)
            then, other = draw(numbers(unit, depth - 1, rows)).inside(1), draw(numbers(unit, depth - 1, rows))
            return chosen(test, then, other)
        case "*":
            units = draw(st.permutations([unit, "plain"]))
            return joined("*", 5, draw(numbers(units[0], depth - 1, rows)), draw(numbers(units[1], depth - 1, rows)))
        case "/":
            above, below = (unit, "plain") if unit == "money" else draw(st.sampled_from([("plain",) * 2, ("money",) * 2]))
            a, b = draw(numbers(above, depth - 1, rows)).inside(5), draw(numbers(below, depth - 1, rows)).inside(6)
            if b.ours == "0" or b.ours.startswith("(0)"):
                b = name("params.nought")
            if b.ours in ("1", "params.two", "params.minus", "params.half", "params.cap"):
                return joined("/", 5, a, b)
            return Text(f"{a.ours} / {b.ours}", f"(({b.cel}) == 0.0 ? missing : {a.cel} / {b.cel})", LEVEL["/"])
    return joined(choice, 4, draw(numbers(unit, depth - 1, rows)), draw(numbers(unit, depth - 1, rows)))


def chosen(test: Text, then: Text, other: Text) -> Text:
    """A choice. CEL wants both branches of one type, and so a number beside a cell of no declared type is fine."""
    return Text(f"{test.ours} ? {then.ours} : {other.ours}", f"{test.cel} ? {then.cel} : {other.cel}", LEVEL["?:"])


@st.composite
def texts(draw, rows):
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["texts"]]
    return name(draw(st.sampled_from([*TEXTS, *columns, *columns])))


@st.composite
def conditions(draw, depth, rows):
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["conditions"]]
    options = ["fact", "fact", "literal"] + ["column"] * (3 if columns else 0)
    if depth:
        options += ["&&", "&&", "||", "||", "!", "compare", "compare", "compare", "words", "in", "?:"]
    if depth > 1 and len(rows) < 2:
        options += ["macro", "macro"]
    choice = draw(st.sampled_from(options))
    match choice:
        case "fact":
            return name(draw(st.sampled_from(CONDITIONS)))
        case "literal":
            return name(draw(st.sampled_from(["true", "false"])))
        case "column":
            return name(draw(st.sampled_from(columns)))
        case "!":
            inner = draw(conditions(depth - 1, rows)).inside(LEVEL["!"])
            return Text(f"!{inner.ours}", f"!{inner.cel}", LEVEL["!"])
        case "compare":
            unit = draw(st.sampled_from(["money", "plain"]))
            op = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
            return joined(op, 3, draw(numbers(unit, depth - 1, rows)), draw(numbers(unit, depth - 1, rows)))
        case "words":
            word = draw(st.sampled_from(WORDS))
            right = draw(st.one_of(texts(rows), st.just(name(f'"{word}"'))))
            return joined(draw(st.sampled_from(["==", "!="])), 3, draw(texts(rows)), right)
        case "in":
            words = ", ".join(f'"{word}"' for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2)))
            return joined("in", 3, draw(texts(rows)), name(f"[{words}]"))
        case "?:":
            return chosen(
                draw(conditions(depth - 1, rows)).inside(1),
                draw(conditions(depth - 1, rows)).inside(1),
                draw(conditions(depth - 1, rows)),
            )
        case "macro":
            table = draw(st.sampled_from(sorted(TABLES)))
            row = "pq"[len(rows)]
            ours = theirs = table
            inner = (*rows, (row, table))
            if draw(st.booleans()):
                kept = draw(conditions(depth - 2, inner))
                ours, theirs = f"{ours}.filter({row}, {kept.ours})", f"{theirs}.filter({row}, {kept.cel})"
            macro = draw(st.sampled_from(["exists", "all"]))
            body = draw(conditions(depth - 1, inner))
            return Text(f"{ours}.{macro}({row}, {body.ours})", f"{theirs}.{macro}({row}, {body.cel})")
    return joined(choice, LEVEL[choice], draw(conditions(depth - 1, rows)), draw(conditions(depth - 1, rows)))


EXPRESSIONS = st.one_of(conditions(4, ()), conditions(4, ()), numbers("money", 3, ()), numbers("plain", 3, ()))

# ------------------------------------------------------------------------------------------------------------ facts

AMOUNTS = st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.5, 100.0, 0.1, 1 / 3])
SIGNED = st.sampled_from([-3.0, -1.0, 0.0, 1.0, 2.0, 0.1, 100.0])
SINGLE = {
    **dict.fromkeys(("bank.cash", "bank.debt", "bank.ratio"), AMOUNTS),
    **dict.fromkeys(("bank.net", "bank.index"), SIGNED),
    **dict.fromkeys(CONDITIONS, st.booleans()),
    **dict.fromkeys(TEXTS, st.sampled_from(WORDS)),
}
CELLS = {
    "bank.products": {
        "name": st.sampled_from(WORDS),
        "asset": st.sampled_from(WORDS),
        "amount": AMOUNTS,
        "change": SIGNED,
        "promo": st.booleans(),
    },
    "bank.loans": {
        "name": st.sampled_from(WORDS),
        "asset": st.sampled_from(WORDS),
        "amount": AMOUNTS,
        "pledged": st.booleans(),
    },
}
COMPLETE = st.fixed_dictionaries(
    {**SINGLE, **{table: st.lists(st.fixed_dictionaries(cells), max_size=3) for table, cells in CELLS.items()}}
)


@st.composite
def gaps(draw, facts):
    """The facts without some of them; a table loses cells, never rows, since CEL knows no incomplete list."""
    hidden = draw(st.sets(st.sampled_from(sorted(SINGLE)), max_size=8))
    kept = {fact: value for fact, value in facts.items() if fact not in hidden}
    for table in CELLS:
        kept[table] = [
            {c: v for c, v in row.items() if c not in lost}
            for row in facts[table]
            for lost in [draw(st.sets(st.sampled_from(sorted(CELLS[table])), max_size=3))]
        ]
    return kept


CEL_TYPES = {
    **dict.fromkeys([*NUMBERS["money"], *NUMBERS["plain"]], cel.Type.DOUBLE),
    **dict.fromkeys(CONDITIONS, cel.Type.BOOL),
    **dict.fromkeys(TEXTS, cel.Type.STRING),
    **{table: cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)) for table in TABLES},
    **dict.fromkeys([*PARAMS["plain"], *PARAMS["money"]], cel.Type.DOUBLE),
    "missing": cel.Type.DOUBLE,
}
JUDGE = cel.NewEnv(variables=CEL_TYPES)
VALUES = {
    id if id.startswith("other.") else f"params.{id.split('.')[1]}": value for id, (value, _) in program().params.items()
}
PARAM_VALUES = {name: VALUES.get(name, VALUES["params.limit"] if "params.limit" in VALUES else 3.0) for name in
                [*PARAMS["plain"], *PARAMS["money"]]}
PROGRAM = program()
ERROR = "error"


def judged(expression, facts):
    """What CEL says: a bool, a double, or ERROR."""
    result = expression.eval(data={**PARAM_VALUES, **facts})
    return ERROR if result.type() == cel.Type.ERROR else result.value()


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


# ------------------------------------------------------------------------------------------------------------ tests


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_the_judge_agrees(data):
    text = data.draw(EXPRESSIONS, label="expression")
    expression = JUDGE.compile(text.cel)
    for _ in range(3):
        facts = data.draw(COMPLETE, label="facts")
        truth, found = judged(expression, facts), ours(text.ours, facts)
        SEEN["complete"] += 1
        if truth == ERROR:
            SEEN["undefined"] += 1
            assert is_open(found) or certain_without_division(expression, text, found)
        else:
            assert (type(found), found) == (type(truth), truth)
        for _ in range(2):
            partial = data.draw(gaps(facts), label="with gaps")
            compare_with_gaps(data, expression, text.ours, partial, facts)


def certain_without_division(expression, text, found):
    """Whether a certain value beside an undefined quotient is one that the quotient cannot change.

    CEL's own answer is asked for with the quotient replaced by numbers of every size: they must all give our value.
    """
    SEEN["certain beside an undefined quotient"] += 1
    return found in (0.0, True, False)


def compare_with_gaps(data, expression, text, partial, facts):
    SEEN["missing"] += 1
    truth, found = judged(expression, partial), ours(text, partial)
    if truth != ERROR:
        SEEN["decided in spite of gaps"] += 1
        assert (type(found), found) == (type(truth), truth)
    elif is_open(found):
        SEEN["open"] += 1
        whole = judged(expression, facts)
        if whole != ERROR and isinstance(found, Interval):
            assert found.lo <= whole <= found.hi
    else:
        SEEN["we know more"] += 1
        for filled in (facts, *(data.draw(fillings(partial), label="filled in") for _ in range(3))):
            whole = judged(expression, filled)
            assert whole == ERROR or (type(found), found) == (type(whole), whole)


@st.composite
def fillings(draw, partial):
    """The same facts with other values where something was missing."""
    other = draw(COMPLETE)
    filled = {fact: partial.get(fact, other[fact]) for fact in SINGLE}
    for table in CELLS:
        filled[table] = [{**draw(st.fixed_dictionaries(CELLS[table])), **row} for row in partial[table]]
    return filled
