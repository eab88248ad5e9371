"""The checker: types, units, names in reach, and the tree that every interpreter reads."""

import pytest
from conformance.expressions import OURS
from conformance.world import compiled, scope
from hypothesis import given

from checker.lang.check import FUNCTIONS, REFERENCE_ROLES, Scope, compile_expression, unit_text
from checker.lang.parser import ExpressionError, parse
from checker.lang.tree import BOOL, UNITS, Binary, Call, Column, Fact, Literal, Macro, Metric, Param, Type, Unary, walk

MONEY, RATE, DAYS = UNITS["money"], UNITS["rate"], UNITS["days"]


def kind(text):
    return compiled(text).root.type


@pytest.mark.parametrize(
    ("text", "unit", "nonnegative"),
    [
        ("bank.cash", MONEY, True),
        ("bank.net", MONEY, False),
        ("bank.cash + bank.debt", MONEY, True),
        ("bank.cash + bank.net", MONEY, False),
        ("bank.cash - bank.debt", MONEY, False),
        ("-bank.cash", MONEY, False),
        ("bank.cash * bank.share", MONEY, True),
        ("bank.cash * bank.index", MONEY, False),
        ("bank.cash / bank.debt", (), True),
        ("bank.cash / bank.burn", UNITS["months"], True),
        ("bank.burn * bank.runway", MONEY, True),
        ("bank.cash * bank.rate", (("money", 1), ("year", -1)), False),
        ("bank.cash * bank.cash", (("money", 2),), True),
        ("1 / bank.notice", (("day", -1),), True),
        ("bank.rate / params.low", (), False),
        ("0", None, True),
        ("1", (), True),
        ("0 * bank.cash", None, True),
        ("0 + bank.cash", MONEY, True),
        ("bank.cash + 0", MONEY, True),
        ("0 + 0", None, True),
        ("min(0, bank.cash)", MONEY, True),
        ("max(0, 0, bank.net)", MONEY, False),
        ("max(bank.cash, 0, 0)", MONEY, True),
        ("bank.halted ? 0 : bank.cash", MONEY, True),
        ("bank.halted ? bank.net : 0", MONEY, False),
        ("was(bank.cash, params.year)", MONEY, True),
        ("days_since(bank.since)", DAYS, False),
        ("risk_free(bank.asset)", RATE, False),
        ("bank.products.sum(p, p.amount)", MONEY, True),
        ("bank.products.sum(p, p.change)", MONEY, False),
        ("bank.products.sum(p, 1)", (), True),
        ("bank.products.max(p, p.amount)", MONEY, False),
        ("bank.products.min(p, p.amount)", MONEY, True),
        ("bank.products.max(p, p.rate * p.amount)", (("money", 1), ("year", -1)), False),
        ("bank.products.sum(p, p.half_amount)", MONEY, False),
        ("net_now", MONEY, False),
        ("other.thrice", (), False),
        ("params.minus", (), False),
    ],
)
def test_units_and_signs(text, unit, nonnegative):
    found = kind(text)
    assert (found.kind, found.unit, found.nonnegative) == ("number", unit, nonnegative)


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "!bank.halted",
        "bank.halted && large",
        "bank.cash < 0",
        'bank.mode == "closed"',
        'bank.mode in ["closed"]',
        "bank.halted ? bank.licensed : true",
        "bank.products.exists(p, p.promo)",
        "bank.products.filter(p, p.promo).all(q, q.promo)",
        "is_fiat(bank.asset)",
        "was(bank.halted, params.year)",
    ],
)
def test_conditions(text):
    assert kind(text) == BOOL


def test_a_filter_is_its_table_again():
    found = kind("bank.products.filter(p, p.promo)")
    assert (found.kind, found.table) == ("table", "bank.products")


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        (None, "any unit"),
        ((), "plain number"),
        (MONEY, "money"),
        (RATE, "rate"),
        (UNITS["money_per_month"], "money_per_month"),
        ((("money", 2),), "money^2"),
        ((("money", 1), ("year", -1)), "money * year^-1"),
    ],
)
def test_units_in_words(unit, text):
    assert unit_text(unit) == text


@given(OURS)
def test_every_node_is_typed_and_keeps_its_place(text):
    expression = compiled(text.ours)
    assert expression.text == text.ours
    for node in walk(expression.root):
        assert text.ours[node.start : node.start + len(node.text)] == node.text
        assert node.type.kind in ("number", "bool", "enum", "text", "asset", "date", "table")
    facts = {node.id for node in walk(expression.root) if isinstance(node, Fact)}
    assert expression.reads == facts


@given(OURS)
def test_the_typed_tree_has_the_shape_of_the_text(text):
    def size(raw):
        inner = [arg for arg in raw.args if raw.op != "macro" or arg is not raw.args[1]]
        return 1 + sum(size(arg) for arg in inner if arg.op != "list")

    assert len(list(walk(compiled(text.ours).root))) == size(parse(text.ours))


def test_names_are_resolved_when_the_tree_is_built():
    root = compiled(
        "bank.products.exists(p, large && other.thrice > other.params.limit && p.spread < -params.low)"
    ).root
    assert isinstance(root, Macro)
    found = list(walk(root))
    assert [(n.pack, n.name) for n in found if isinstance(n, Metric)] == [("own", "large"), ("other", "thrice")]
    assert [(n.pack, n.name) for n in found if isinstance(n, Param)] == [("other", "limit"), ("own", "low")]
    assert [(n.variable, n.name, n.pack) for n in found if isinstance(n, Column)] == [("p", "spread", "own")]
    assert [type(n) for n in walk(compiled("-max(0, bank.cash)").root)] == [Unary, Call, Literal, Fact]
    assert isinstance(compiled("bank.cash < 0").root, Binary)


def test_short_names_are_those_of_the_own_pack():
    text = "params.limit * bank.ratio"
    assert compile_expression(text, scope("other")).root.type.unit == ()
    with pytest.raises(ExpressionError, match=r"unknown parameter 'params\.limit'"):
        compile_expression(text, scope("own"))


def test_a_fact_goes_before_a_metric_and_a_row_before_both():
    crowded = Scope({"a.b": BOOL, "t.rows": Type("table", table="t.rows")}, {"t.rows": {"b": BOOL}}, {}, {"a.b": BOOL})
    assert isinstance(compile_expression("a.b", crowded).root, Fact)
    with pytest.raises(ExpressionError, match="'a' is taken"):
        compile_expression("t.rows.exists(a, a.b)", crowded)


def test_a_computed_column_reads_its_row():
    root = compile_expression("r.amount * params.half", scope(), row=("r", "bank.products")).root
    assert [n.variable for n in walk(root) if isinstance(n, Column)] == ["r"]
    with pytest.raises(ExpressionError, match=r"unknown name 'q\.amount'"):
        compile_expression("q.amount", scope(), row=("r", "bank.products"))
    with pytest.raises(ExpressionError, match="a row belongs to one day"):
        compile_expression("was(r.amount, params.year)", scope(), row=("r", "bank.products"))
    with pytest.raises(ExpressionError, match="'r' is taken"):
        compile_expression("bank.loans.sum(r, r.amount)", scope(), row=("r", "bank.products"))


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("bank.cash", Type("number", MONEY), None),
        ("0", Type("number", MONEY), None),
        ("bank.halted", BOOL, None),
        ("bank.cash", Type("number", RATE), "expected rate, found money"),
        ("bank.cash * bank.rate", Type("number", MONEY), r"expected money, found money \* year\^-1"),
        ("bank.cash", BOOL, "expected a bool, found a number in money"),
        ("bank.mode", BOOL, "expected a bool, found an enum"),
        ("bank.share", BOOL, "expected a bool, found a plain number"),
    ],
)
def test_what_is_wanted(text, wanted, message):
    if message is None:
        assert compile_expression(text, scope(), expect=wanted).root.type.kind == wanted.kind
    else:
        with pytest.raises(ExpressionError, match=message):
            compile_expression(text, scope(), expect=wanted)


def test_a_row_is_out_of_reach_after_a_fault_and_after_its_macro():
    with pytest.raises(ExpressionError):
        compiled("bank.products.exists(p, p.nothing)")
    assert kind("bank.products.exists(p, p.promo) && bank.loans.exists(p, p.pledged)") == BOOL


@pytest.mark.parametrize("function", REFERENCE_ROLES)
def test_every_reference_function_takes_an_asset_and_gives_a_rate(function):
    assert function in FUNCTIONS
    assert kind(f"{function}(bank.asset)").unit == RATE
    assert kind(f'{function}("USD")').unit == RATE
    with pytest.raises(ExpressionError, match=f"{function} takes one asset"):
        compiled(f"{function}(bank.cash)")
