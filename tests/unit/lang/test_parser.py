"""The parser: shape, precedence, places, limits."""

import sys

import pytest
from conformance.expressions import OURS
from conformance.world import Memory, compiled, program, scope
from hypothesis import given
from hypothesis import strategies as st

from checker.engine.scalar import Interpreter
from checker.lang.check import compile_expression
from checker.lang.parser import MAX_DEPTH, MAX_HEIGHT, MAX_LENGTH, ExpressionError, Raw, parse


def shape(raw: Raw) -> str:
    """The tree in parentheses: `a + b * c` is `(+ a (* b c))`."""
    inner = " ".join(shape(arg) for arg in raw.args)
    if raw.op in ("name", "literal"):
        return str(raw.value)
    head = f"{raw.op} {raw.value}" if raw.value is not None else raw.op
    return f"({head} {inner})" if inner else f"({head})"


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a || b && c", "(|| a (&& b c))"),
        ("a && b || c", "(|| (&& a b) c)"),
        ("(a || b) && c", "(&& (|| a b) c)"),
        ("!a && b", "(&& (! a) b)"),
        ("!a.b", "(! a.b)"),
        ("!!a", "(! (! a))"),
        ("a < b && c >= d", "(&& (< a b) (>= c d))"),
        ("a + b < c * d", "(< (+ a b) (* c d))"),
        ("a + b * c", "(+ a (* b c))"),
        ("a * b + c", "(+ (* a b) c)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a - (b - c)", "(- a (- b c))"),
        ("a / b * c", "(* (/ a b) c)"),
        ("-a * b", "(* (neg a) b)"),
        ("a - -b", "(- a (neg b))"),
        ("a * -b", "(* a (neg b))"),
        ("a < b < c", "(< (< a b) c)"),
        ("a == b != c", "(!= (== a b) c)"),
        ("a in ['x', \"y\"]", "(in a (list x y))"),
        ("!(a in ['x'])", "(! (in a (list x)))"),
        ("a ? b : c", "(?: a b c)"),
        ("a ? b : c ? d : e", "(?: a b (?: c d e))"),
        ("a ? b ? c : d : e", "(?: a (?: b c d) e)"),
        ("a || b ? c : d", "(?: (|| a b) c d)"),
        ("f()", "(call f)"),
        ("f(a, b + c)", "(call f a (+ b c))"),
        ("t.u.exists(r, r.a > b)", "(macro exists t.u r (> r.a b))"),
        ("t.filter(r, r.a).max(q, q.b) + c", "(+ (macro max (macro filter t r r.a) q q.b) c)"),
        ("-t.sum(r, r.a)", "(neg (macro sum t r r.a))"),
        ("in_force && trueish", "(&& in_force trueish)"),
        ("true || false", "(|| True False)"),
        ("1.0 + 0e3", "(+ 1.0 0.0)"),
        ("''", ""),
        ("((a))", "a"),
        ("a.b.c.d", "a.b.c.d"),
        (" a\n\t+\r\n b ", "(+ a b)"),
        ("[]", "(list)"),
    ],
)
def test_shape(source, tree):
    assert shape(parse(source)) == tree


def nodes(raw):
    yield raw
    for arg in raw.args:
        yield from nodes(arg)


@given(OURS)
def test_every_node_knows_its_place(text):
    root = parse(text.ours)
    assert root.text == text.ours
    for node in nodes(root):
        assert text.ours[node.start : node.end] == node.text
        assert node.text == node.text.strip()
        assert all(node.start <= arg.start and arg.end <= node.end for arg in node.args)
        assert node.height == 1 + max((arg.height for arg in node.args), default=0)


@given(OURS)
def test_a_node_cut_out_reads_as_it_did_in_its_place(text):
    for node in nodes(parse(text.ours)):
        assert shape(parse(node.text)) == shape(node)


@given(OURS)
def test_white_space_and_parentheses_change_nothing(text):
    spaced = f" ( \n{text.ours}\t) "
    assert shape(parse(spaced)) == shape(parse(text.ours))
    assert parse(spaced).text == spaced.strip()


def fault_of(read, source):
    """The fault with which a text is refused, None where it is read; anything else is an error of ours."""
    try:
        read(source)
    except ExpressionError as fault:
        return fault
    return None


@given(st.text(alphabet="ab.()[]!?:&|<>=+-*/,\"' 01\n\\", max_size=40))
def test_any_text_is_read_or_refused_with_a_place(source):
    fault = fault_of(parse, source)
    assert fault is None or (0 <= fault.offset <= len(source) and fault.message == str(fault) != "")


@given(OURS, st.data())
def test_a_character_lost_is_read_or_refused_with_a_place(text, data):
    at = data.draw(st.integers(0, len(text.ours) - 1))
    source = text.ours[:at] + text.ours[at + 1 :]
    fault = fault_of(lambda text: compile_expression(text, scope()), source)
    assert fault is None or 0 <= fault.offset <= len(source)


# ------------------------------------------------------------------------------------------------------------ limits


def refused(source):
    with pytest.raises(ExpressionError) as fault:
        parse(source)
    return fault.value.message, fault.value.offset


def test_parentheses_may_nest_to_the_limit_and_no_further():
    within = MAX_DEPTH - 1
    assert shape(parse("(" * within + "a" + ")" * within)) == "a"
    message, offset = refused("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    assert message == f"nested deeper than {MAX_DEPTH} levels; split the expression into metrics"
    assert offset == MAX_DEPTH


@pytest.mark.parametrize("sign", ["!", "-"])
def test_signs_may_nest_to_the_limit_and_no_further(sign):
    assert parse(sign * (MAX_DEPTH - 1) + "a").height == MAX_DEPTH
    message, offset = refused(sign * MAX_DEPTH + "a")
    assert message.startswith(f"nested deeper than {MAX_DEPTH} levels")
    assert offset == MAX_DEPTH - 1


def test_choices_count_as_nesting():
    message, _ = refused("a ? b : " * MAX_DEPTH + "c")
    assert message.startswith(f"nested deeper than {MAX_DEPTH} levels")


@pytest.mark.parametrize("op", ["&&", "||", "+", "-", "*"])
def test_a_chain_may_be_long_but_not_endless(op):
    """Each link lies upon the one before; an endless chain would exhaust whatever walks the tree."""
    longest = f" {op} ".join(["a"] * MAX_HEIGHT)
    assert parse(longest).height == MAX_HEIGHT
    message, offset = refused(f"{longest} {op} a")
    assert (message, offset) == (f"more than {MAX_HEIGHT} steps upon each other; split the expression into metrics", 0)


def test_macros_one_after_another_count_as_steps():
    message, _ = refused("t" + ".filter(r, a)" * MAX_HEIGHT)
    assert message.startswith(f"more than {MAX_HEIGHT} steps")


def nested(times):
    """Nesting in the way that costs most of the stack: through every operator to the last parenthesis."""
    text = "true"
    for _ in range(times):
        text = f"false || true && 0 == 0 + 1 * ({text} ? 0 : 1)"
    return text


def deep(frames, action):
    """Do something with part of the stack already used up."""
    return deep(frames - 1, action) if frames else action()


def test_the_deepest_expression_is_read_typed_and_evaluated_within_the_stack():
    text = nested((MAX_HEIGHT - 1) // 6)
    assert parse(text).height > MAX_HEIGHT - 6

    def all_the_way():
        compiled(text)
        return Interpreter(program(), Memory(), tracing=True).evaluate(compiled(text).root)

    assert not deep(sys.getrecursionlimit() // 4, all_the_way).truth.is_open


def test_what_is_too_deep_is_refused_within_the_stack():
    for times in (MAX_DEPTH // 2, MAX_DEPTH - 1, MAX_DEPTH):
        fault = deep(sys.getrecursionlimit() // 4, lambda times=times: fault_of(parse, nested(times)))
        assert fault is not None


def test_a_text_may_be_long_but_not_endless():
    assert parse("a" * MAX_LENGTH).value == "a" * MAX_LENGTH
    message, offset = refused("a" * (MAX_LENGTH + 1))
    assert message == f"longer than {MAX_LENGTH} characters; split the expression into metrics"
    assert offset == MAX_LENGTH


def test_a_hostile_text_is_refused_at_once():
    for source in ("(" * MAX_LENGTH, "!" * MAX_LENGTH, "a ? " * 1000, "[" * MAX_LENGTH, "a." * 2000, '"' * MAX_LENGTH):
        refused(source)
