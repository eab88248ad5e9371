"""Random expressions for the property tests, in our spelling and in CEL's."""

from dataclasses import dataclass

from hypothesis import strategies as st

NUMBERS = {"money": ("bank.net", "bank.cash", "bank.debt"), "plain": ("bank.index", "bank.ratio")}
CONDITIONS = ("bank.halted", "bank.licensed", "bank.audited")
TEXTS = ("bank.country", "bank.home", "bank.asset")
WORDS = ("US", "CN", "USD")
TABLES = {
    "bank.products": {"numbers": {"money": ("amount", "change")}, "conditions": ("promo",), "texts": ("name", "asset")},
    "bank.loans": {"numbers": {"money": ("amount",)}, "conditions": ("pledged",), "texts": ("name", "asset")},
}
PARAMS = {
    "plain": ("params.two", "params.minus", "params.half", "params.nought", "other.params.limit"),
    "money": ("params.cap",),
}
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
    """Two sides under an operator that leans to the left."""
    left, right = a.inside(level), b.inside(level + 1)
    return Text(f"{left.ours} {op} {right.ours}", f"{left.cel} {op} {right.cel}", level)


def name(text: str) -> Text:
    return Text(text, text)


@st.composite
def numbers(draw, unit, depth, rows, flavour="cel"):
    """A number.

    `cel` is what CEL reads too; `plain` keeps to what has no bounds of its own and to sums, so that an unknown stays
    one; `ours` adds the functions and aggregates that CEL does not have.
    """
    plain = flavour == "plain"

    def number(of=unit):
        return draw(numbers(of, depth - 1, rows, flavour))

    options = ["fact", "fact", "param", "zero"] + ["one"] * (unit == "plain")
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["numbers"].get(unit, ())]
    columns = [column for column in columns if not plain or column.endswith("change")]
    options += ["column"] * (3 if columns else 0)
    if depth:
        options += ["+", "-"] if plain else ["+", "+", "-", "*", "/", "/", "neg", "?:"]
    if depth and flavour == "ours":
        options += ["min", "max", *(["sum", "greatest", "least"] if len(rows) < 2 else []), *(() if rows else ["was"])]
    choice = draw(st.sampled_from(options))
    match choice:
        case "fact":
            return name(draw(st.sampled_from(NUMBERS[unit][: 1 if plain else None])))
        case "param":
            return name(draw(st.sampled_from(PARAMS[unit])))
        case "column":
            return name(draw(st.sampled_from(columns)))
        case "zero":
            return Text("0", "0.0")
        case "one":
            return Text("1", "1.0")
        case "neg":
            inner = number().inside(LEVEL["neg"])
            if inner.level == LEVEL["neg"]:
                inner = inner.inside(LEVEL["atom"])
            return Text(f"-{inner.ours}", f"-{inner.cel}", LEVEL["neg"])
        case "?:":
            return chosen(draw(conditions(depth - 1, rows, flavour)).inside(1), number().inside(1), number())
        case "*":
            units = draw(st.permutations([unit, "plain"]))
            return joined("*", 5, number(units[0]), number(units[1]))
        case "/":
            below = "plain" if unit == "money" else draw(st.sampled_from(["plain", "money"]))
            above = "money" if unit == "money" else below
            a, b = number(above).inside(5), number(below).inside(6)
            if b.ours == "0":
                b = name("params.nought" if below == "plain" else "bank.net")
            if b.ours in ("1", "params.two", "params.minus", "params.half", "params.cap"):
                return joined("/", 5, a, b)
            return Text(f"{a.ours} / {b.ours}", f"(({b.cel}) == 0.0 ? missing : {a.cel} / {b.cel})", LEVEL["/"])
        case "min" | "max":
            return name(f"{choice}({number().ours}, {number().ours})")
        case "was":
            return name(f"was({draw(numbers(unit, depth - 1, (), flavour)).ours}, params.year)")
        case "sum" | "greatest" | "least":
            table, inner = draw(over(depth, rows, flavour))
            body = draw(numbers(unit, depth - 1, inner, flavour)).ours
            if choice == "sum":
                return name(f"{table}.sum({inner[-1][0]}, {body})")
            macro = "max" if choice == "greatest" else "min"
            return name(f"{macro}({table}.{macro}({inner[-1][0]}, {body}), {number().ours})")
    return joined(choice, 4, number(), number())


@st.composite
def over(draw, depth, rows, flavour):
    """A table, perhaps filtered, with the row that is bound."""
    table = draw(st.sampled_from(sorted(TABLES)))
    row = "pq"[len(rows)]
    inner = (*rows, (row, table))
    kept = draw(st.none() | conditions(depth - 1, inner, flavour))
    return (f"{table}.filter({row}, {kept.ours})" if kept else table), inner


def chosen(test: Text, then: Text, other: Text) -> Text:
    """A choice; only its last branch may be a choice without parentheses, in CEL."""
    return Text(f"{test.ours} ? {then.ours} : {other.ours}", f"{test.cel} ? {then.cel} : {other.cel}", LEVEL["?:"])


@st.composite
def texts(draw, rows):
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["texts"]]
    return name(draw(st.sampled_from([*TEXTS, *columns, *columns])))


@st.composite
def conditions(draw, depth, rows, flavour="cel"):
    """A condition; `plain` leaves out choices and filters, where we may know more than CEL."""
    plain = flavour == "plain"
    columns = [f"{row}.{c}" for row, t in rows for c in TABLES[t]["conditions"]]
    options = ["fact", "fact", "literal"] + ["column"] * (3 if columns else 0)
    if depth:
        options += ["&&", "&&", "||", "||", "!", "compare", "compare", "compare", "words", "in"]
        options += [] if plain else ["?:"]
    if depth > 1 and len(rows) < 2:
        options += ["macro", "macro"]
    if depth and flavour == "ours":
        options += ["mode", *(["aggregate"] if len(rows) < 2 else []), *(() if rows else ["was"])]
    choice = draw(st.sampled_from(options))

    def condition():
        return draw(conditions(depth - 1, rows, flavour))

    match choice:
        case "fact":
            return name(draw(st.sampled_from(CONDITIONS)))
        case "literal":
            return name(draw(st.sampled_from(["true", "false"])))
        case "column":
            return name(draw(st.sampled_from(columns)))
        case "!":
            inner = condition().inside(LEVEL["!"])
            return Text(f"!{inner.ours}", f"!{inner.cel}", LEVEL["!"])
        case "compare":
            unit = draw(st.sampled_from(["money", "plain"]))
            op = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
            sides = draw(numbers(unit, depth - 1, rows, flavour)), draw(numbers(unit, depth - 1, rows, flavour))
            return joined(op, LEVEL["rel"], *sides)
        case "words":
            word = name(f'"{draw(st.sampled_from(WORDS))}"')
            right = draw(st.one_of(texts(rows), st.just(word)))
            return joined(draw(st.sampled_from(["==", "!="])), LEVEL["rel"], draw(texts(rows)), right)
        case "in":
            words = ", ".join(f'"{word}"' for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2)))
            return joined("in", LEVEL["rel"], draw(texts(rows)), name(f"[{words}]"))
        case "?:":
            return chosen(condition().inside(1), condition().inside(1), condition())
        case "macro":
            table = draw(st.sampled_from(sorted(TABLES)))
            row = "pq"[len(rows)]
            ours = theirs = table
            inner = (*rows, (row, table))
            if not plain and draw(st.booleans()):
                kept = draw(conditions(depth - 2, inner, flavour))
                ours, theirs = f"{ours}.filter({row}, {kept.ours})", f"{theirs}.filter({row}, {kept.cel})"
            macro = draw(st.sampled_from(["exists", "all"]))
            body = draw(conditions(depth - 1, inner, flavour))
            return Text(f"{ours}.{macro}({row}, {body.ours})", f"{theirs}.{macro}({row}, {body.cel})")
        case "mode":
            mode = draw(st.sampled_from(['bank.mode == "closed"', 'bank.mode in ["closed", "rolling"]']))
            return Text(mode, mode, LEVEL["rel"])
        case "was":
            return name(f"was({draw(conditions(depth - 1, (), flavour)).ours}, params.year)")
        case "aggregate":
            table, inner = draw(over(depth, rows, flavour))
            macro, op = draw(st.sampled_from(["max", "min"])), draw(st.sampled_from(["<", "<=", ">", ">="]))
            body = draw(numbers("money", depth - 1, inner, flavour)).ours
            return joined(op, LEVEL["rel"], name(f"{table}.{macro}({inner[-1][0]}, {body})"), name("bank.debt"))
    return joined(choice, LEVEL[choice], condition(), condition())


LOGIC = conditions(4, (), "plain")
EXPRESSIONS = st.one_of(conditions(4, ()), conditions(4, ()), numbers("money", 3, ()), numbers("plain", 3, ()))
OURS = st.one_of(conditions(4, (), "ours"), numbers("money", 3, (), "ours"), numbers("plain", 3, (), "ours"))
