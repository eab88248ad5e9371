from datetime import date

import pytest
from conformance.frames import BACKENDS, rows, type_of
from laws.worlds import DAY, Worlds

from checker.app.audit import shipped_rulebook
from checker.assess.assess import program, rules_of_kind
from checker.engine.columns.flatten import columns_of, fact_cells, flatten, pack_result
from checker.engine.columns.judge import BatchJudge
from checker.engine.columns.layout import CERTAINLY, Layout, how, leaf_name, pack_evidence
from checker.engine.columns.plain import PlainForm
from checker.engine.cut import Cut
from checker.engine.rules import RuleEngine
from checker.model.document import Document
from checker.model.interval import Interval
from checker.model.profile import parse_profile
from checker.model.state import CERTAIN, SILENT, UNEXAMINED, FactState, Status, Support
from checker.model.view import View
from checker.packs.rulebook import changed


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def layout(rulebook):
    return Layout.of(rulebook, program(rulebook))


@pytest.fixture(scope="module")
def judge(rulebook):
    return BatchJudge(rulebook, program(rulebook))


def test_every_column_stands_once(layout):
    names = [spec.name for spec in layout.columns]
    assert len(names) == len(set(names))
    assert {spec.type for spec in layout.columns} <= {"Float64", "Int8", "Int16", "Int32"}


def test_the_type_of_a_column_follows_from_its_name(layout):
    """Readers of the tests' frames may go by the name alone."""
    assert [s.name for s in layout.columns if type_of(s.name) != s.type] == []


def test_every_fact_that_rules_read_has_its_columns(layout, rulebook):
    stems = {spec.name.rpartition(".")[0] for spec in layout.columns}
    read = {fact for reads in rulebook.reads.values() for fact in reads} - {"platform.kind"}
    assert read <= stems


def test_most_rules_need_nothing_beforehand(layout, rulebook):
    """Each rule has a column form; these are the ones of which single records may need more than that."""
    inside_a_leaf = {id for id, form in layout.rules.items() if form.tried}
    many_without_direction = {id for id, form in layout.rules.items() if not form.unrolled}
    stops_over_tables = {id for id, form in layout.rules.items() if form.stops and form.tables}
    assert inside_a_leaf == {
        "c.ltv_after_shock",
        "c.min_collateral",
        "l.carry",
        "l.liquidation_distance",
        "l.loop_multiplier",
        "t4.one_price",
        "t4.subsidy_runway",
    }
    assert many_without_direction == {
        "d.arithmetic",
        "t3.asset_life",
        "t3.lcr_30d",
        "t3.liquid_1d",
        "t3.liquid_7d",
        "t3.runnable_deposits",
    }
    assert stops_over_tables == {"g.regulatory_action", "m.scheme_return"}
    special = inside_a_leaf | many_without_direction | stops_over_tables
    assert len(rulebook.rules) - len(special) >= 85


def test_standing_is_one_number():
    def state(status, support=UNEXAMINED):
        return FactState("f", status, Interval(0, 1), support)

    assert how(state(Status.NOT_EXAMINED)) == -2
    assert how(state(Status.NOT_DISCLOSED, SILENT)) == -1
    assert how(state(Status.NOT_APPLICABLE)) == -3
    assert how(state(Status.REPORTED, Support(1, 1, 0))) == 3
    assert how(state(Status.REPORTED, CERTAIN)) == 14


def test_evidence_fits_its_column():
    assert pack_evidence(CERTAIN, CERTAIN) == CERTAINLY < 2**15


def test_open_ends_are_null(rulebook):
    definition = rulebook.dictionary["deposit_liquidity.client_liabilities"]
    state = FactState(definition.id, Status.REPORTED, Interval(5.0, float("inf")), CERTAIN)
    assert fact_cells(definition, state, "x") == {"x.how": 14, "x.lo": 5.0, "x.hi": None}


def test_a_number_beyond_all_sums_is_refused(rulebook):
    definition = rulebook.dictionary["deposit_liquidity.client_liabilities"]
    state = FactState(definition.id, Status.REPORTED, Interval(1e150, 1e150), CERTAIN)
    with pytest.raises(ValueError, match="no number beyond 1e\\+100, found 1e\\+150"):
        fact_cells(definition, state, "x")


def test_a_threshold_inside_a_leaf_changes_the_digest(rulebook, layout):
    other = changed(rulebook, {"t3.horizon_7d": 8.0})
    assert Layout.of(other, program(other)).digest != layout.digest
    assert Layout.of(rulebook, program(rulebook)).digest == layout.digest


def test_a_leaf_is_named_by_what_it_says(layout):
    for name, leaf in layout.leaves.items():
        assert leaf_name(leaf.node, leaf.shift) == name


@pytest.fixture(scope="module")
def worlds_records(layout):
    """A few random platforms as records."""
    return [world_record(layout, index) for index in range(6)]


def world_record(layout, index=0):
    worlds = Worlds(layout.rulebook)
    _, profile = next(iter(worlds.profiles(f"layout{index}", 1)))
    engine, rules = worlds.engine(profile), worlds.rules[profile.kind]
    return flatten(layout, engine, profile.kind, DAY.toordinal(), rules)


def test_records_fill_only_columns_of_the_layout(layout, worlds_records):
    names = {spec.name for spec in layout.columns}
    for record in worlds_records:
        assert set(record) <= names


@pytest.mark.parametrize("library", ["pandas", "pyarrow", "duckdb"])
def test_every_library_gives_the_same_whole_verdict(judge, layout, worlds_records, library):
    columns = columns_of(layout, worlds_records)
    assert rows(judge.judge(BACKENDS[library](columns))) == rows(judge.judge(BACKENDS["polars"](columns)))


def test_what_is_given_stands_in_place_of_what_is_judged(rulebook, layout):
    compiled = program(rulebook)
    rule = rulebook.rules["t1.returns_from_assets"]
    worlds = Worlds(rulebook)
    _, profile = next(iter(worlds.profiles("given", 1, kind="cefi_lender")))
    result = worlds.engine(profile).evaluate(rule, rulebook.reads[rule.id])
    judge = BatchJudge(rulebook, compiled, rules=[rule.id])
    frame = {"kind": [0, 0], "t1.returns_from_assets.given": [pack_result(result), None]}
    given, judged = rows(judge.judge(BACKENDS["polars"](frame)))
    assert given["rules.t1.returns_from_assets"] == sum(1 << outcome for outcome in result.possible)
    assert judged["rules.t1.returns_from_assets"] != 0


def test_columns_of_the_batch_may_stay(rulebook):
    import polars as pl

    judge = BatchJudge(rulebook, program(rulebook), rules=["t3.outflow"])
    frame = pl.DataFrame({"id": ["a", "b"], "kind": [0, 5]}, schema_overrides={"kind": pl.Int8})
    for through in ("expressions", "arrays"):
        assert judge.judge(frame, keep=["id"], through=through)["id"].to_list() == ["a", "b"]


def test_not_a_number_is_null(rulebook):
    import polars as pl

    judge = BatchJudge(rulebook, program(rulebook), rules=["t3.outflow"])
    name = "deposit_liquidity.outflow_30d_share"
    assert f"{name}.lo" in {spec.name for spec in judge.layout.columns}
    held = {"kind": [0], f"{name}.lo": [float("nan")], f"{name}.hi": [float("nan")], f"{name}.how": [14]}
    null = held | {f"{name}.lo": [None], f"{name}.hi": [None]}
    for through in ("expressions", "arrays"):
        first, second = (judge.judge(pl.DataFrame(h, strict=False), through=through) for h in (held, null))
        assert rows(first) == rows(second)


CELLS = {
    "terms.offered_apy": 0.12,
    "terms.offered_asset": "USDC",
    "terms.offering_mode": "continuous",
    "terms.open_to_public": True,
    "structure.pooled": True,
    "deposit_liquidity.client_liabilities": 2e9,
    "deposit_liquidity.outflow_30d_share": 0.2,
    "platform.country": "US",
}


@pytest.mark.parametrize("evidence", ["", "audit"])
def test_plain_cells_say_what_a_short_profile_says(rulebook, layout, judge, evidence):
    day = date(2022, 5, 31)
    cells = {id: value for id, value in CELLS.items() if id in rulebook.dictionary}
    assert len(cells) >= 6
    document = {"ddcheck": 1, "platform": {"name": "case", "kind": "cefi_lender"}}
    if evidence:
        document["defaults"] = {"from": str(day), "known_on": str(day), "evidence": evidence, "source": "s"}
        document["sources"] = {"s": {"title": "s"}}
    for id, value in cells.items():
        section, _, name = id.partition(".")
        document.setdefault(section, {})[name] = value
    read = Document(document, "plain.json", "", lambda spots: dict.fromkeys(spots, (1, 1)))
    profile = parse_profile(read, rulebook.dictionary, today=day)
    compiled = program(rulebook)
    cut = Cut(View(profile, rulebook.dictionary, day, day), rulebook.reference)
    engine = RuleEngine(compiled, cut, rulebook.dictionary)
    rules = rules_of_kind(rulebook, "cefi_lender", compiled)
    wanted = flatten(layout, engine, "cefi_lender", day.toordinal(), rules)
    found = PlainForm(layout, day, evidence).record("cefi_lender", cells)
    results = [rows(judge.judge(BACKENDS["polars"](columns_of(layout, [record])))) for record in (found, wanted)]
    assert results[0] == results[1]


def test_plain_cells_outside_their_range_are_refused(layout):
    form = PlainForm(layout, date(2022, 5, 31))
    with pytest.raises(ValueError, match="outflow_30d_share lies between -10 and 1, found 3"):
        form.record("cefi_lender", {"deposit_liquidity.outflow_30d_share": 3.0})
    with pytest.raises(ValueError, match="offering_mode is one of"):
        form.record("cefi_lender", {"terms.offering_mode": "sometimes"})
