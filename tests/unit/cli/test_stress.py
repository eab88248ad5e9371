"""`ddcheck stress` and `ddcheck explain` of a number as their user meets them."""

import json
import os
from pathlib import Path

import pytest

from checker.cli.main import main
from checker.resources import data_path

AAVE = str(data_path("profiles", "aave.json"))
ANCHOR = str(data_path("profiles", "anchor.json"))
BLOCKFI = str(data_path("profiles", "blockfi.json"))
LOOP = str(data_path("profiles", "usde-loop.json"))
DAY = ("--as-of", "2025-10-01")
OWN = """\
runs:
  half_at_once:
    title: half of all deposits on one day
    meaning: An assumption
    steps:
      - {days: [1, 1], share: 0.5, of: initial}
shocks:
  deep_fall:
    title: a fall of 70 %
    meaning: An assumption
    price_fall: 0.7
depegs:
  small_break:
    title: a break to 0.95
    meaning: An assumption
    oracle_fall: 0
    market_fall: 0.05
"""


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DDCHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "160")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """What the command prints, after a look at its exit code."""

    def call(*arguments: str, code: int = 0) -> str:
        assert main(list(arguments)) == code
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return call


def test_text_tells_numbers_by_scenario_what_they_rest_on_and_the_workings(run) -> None:
    out = run("stress", AAVE, *DAY)
    assert out.startswith("Aave (v2 and v3) · DeFi money market · state of 2025-10-01")
    for text in (
        "Of every $100 that may be called on day one, $9 to $28 could be paid",
        "Time until one who asks is not paid in full",
        "a bank run that asks for 81",
        "a slow drain of 2",
        "share of loans back within one day",
        "Maturity ladder: what can be reached and what may be called",
        "Numbers that the facts do not tell",
    ):
        assert text in out


def test_json_holds_numbers_workings_and_what_they_rest_on(run) -> None:
    result = json.loads(run("stress", AAVE, *DAY, "--format", "json"))
    numbers = {number["id"]: number for number in result["numbers"]}
    number = numbers["t3.run_days"]
    assert number["told"]
    assert number["variants"][0]["scenario"] == "crypto_run"
    facts = {fact["id"] for fact in result["facts"]} | {table["id"] for table in result["tables"]}
    assert {fact for number in result["numbers"] for fact in number["used"]} <= facts
    assert {fact for working in result["workings"] for fact in working["facts"]} <= facts
    assert set(number["assumed"]) <= {parameter["id"] for parameter in result["parameters"]}
    sources = {source["id"] for source in result["sources"]}
    assert {entry["source"] for fact in result["facts"] for entry in fact["entries"]} <= sources


def test_workings_in_text_and_json_say_the_same(run) -> None:
    cut = ("--known-by", "2019-04-15")
    text = run("stress", BLOCKFI, *cut)
    assert "What is really promised, by balance" in text
    assert "3.05%" in text
    (working,) = json.loads(run("stress", BLOCKFI, *cut, "--format", "json"))["workings"]
    assert working["id"] == "rates_by_balance"
    assert working["rows"][1] == ["Interest Account", "BTC", 100.0, 0.02, pytest.approx(0.0305), pytest.approx(0.0315)]
    assert working["notes"][0]["text"] in " ".join(text.split())


def test_one_scenario_by_name(run) -> None:
    result = json.loads(run("stress", AAVE, *DAY, "--scenario", "bank_run", "--format", "json"))
    assert [scenario["name"] for scenario in result["scenarios"]] == ["bank_run"]
    assert {v["scenario"] for number in result["numbers"] for v in number["variants"]} == {"bank_run"}
    assert result["workings"] == []
    text = run("stress", AAVE, *DAY, "--scenario", "bank_run")
    assert "a bank run that asks for 81" in text
    assert "a slow drain" not in text
    assert "Maturity ladder" not in text


def test_an_own_run_shock_and_depeg(run, own) -> None:
    result = json.loads(run("stress", AAVE, *DAY, "--scenario", own, "--format", "json"))
    assert {scenario["name"] for scenario in result["scenarios"]} == {"half_at_once", "deep_fall", "small_break"}
    assert all(scenario["own"] for scenario in result["scenarios"])
    found = {n["id"]: {v["scenario"]: v for v in n["variants"]} for n in result["numbers"]}
    # 9.43 % to 27.54 % of deposits are payable on day one, half is asked for
    assert found["t3.run_days"]["half_at_once"]["value"][0] == pytest.approx(0.0943 / 0.5)
    assert "half of all deposits on one day" in run("stress", AAVE, *DAY, "--scenario", own)


def test_an_own_depeg_reaches_the_loops(run, own) -> None:
    cut = ("--as-of", "2025-10-15", "--scenario", own)
    (working,) = json.loads(run("stress", LOOP, *cut, "--format", "json"))["workings"]
    assert working["id"] == "loop_depeg"
    assert working["scenarios"] == ["small_break"] * 2
    (fixed, follows) = working["rows"]
    assert fixed[1:5] == ["a break to 0.95", 0.05, 0.0, "no"]
    assert fixed[-2:] == [pytest.approx(368928 * 0.95 - 268928), pytest.approx(0.184464)]
    assert follows[3] == 0.05
    assert "a break to 0.95" in run("stress", LOOP, *cut)


def test_a_name_beside_a_file(run, own) -> None:
    result = json.loads(run("stress", AAVE, *DAY, "--scenario", own, "--scenario", "slow_drain", "--format", "json"))
    named = {scenario["name"] for scenario in result["scenarios"]}
    assert named == {"slow_drain", "half_at_once", "deep_fall", "small_break"}


def test_an_unknown_name_with_the_nearest(run) -> None:
    assert "no scenario 'bank_rn'. Did you mean 'bank_run'?" in run("stress", AAVE, "--scenario", "bank_rn", code=2)


def test_a_broken_file_lists_its_faults(run, tmp_path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace("price_fall", "price_fal"), encoding="utf-8")
    said = run("stress", AAVE, "--scenario", str(path), code=3)
    assert f"{path}:11:5 shocks.deep_fall.price_fal: unknown key 'price_fal'. Did you mean 'price_fall'?" in said
    assert "2 faults; nothing was judged." in said


def test_a_file_that_is_not_there(run, tmp_path) -> None:
    assert "there is no such file" in run("stress", AAVE, "--scenario", str(tmp_path / "none.yaml"), code=3)


def test_a_name_that_ships_is_taken(run, tmp_path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace("half_at_once", "crypto_run"), encoding="utf-8")
    assert "'crypto_run' is taken" in run("stress", AAVE, "--scenario", str(path), code=3)


def test_a_day_after_what_could_be_known(run) -> None:
    said = run("stress", AAVE, "--as-of", "2025-10-01", "--known-by", "2025-09-01", code=2)
    assert "--as-of 2025-10-01 lies after --known-by 2025-09-01" in said


def test_a_changed_assumption_moves_the_numbers(run) -> None:
    before, after = (
        json.loads(run("stress", AAVE, *DAY, *changes, "--format", "json"))
        for changes in ((), ("--set", "t3.repaid_1d=0.5"))
    )
    value = {
        name: next(n for n in result["numbers"] if n["id"] == "t3.paid_day_one")["value"]
        for name, result in (("before", before), ("after", after))
    }
    assert value["after"][0] > value["before"][0]


@pytest.mark.parametrize(("profile", "day"), [(AAVE, "2025-10-01"), (LOOP, "2025-10-15"), (BLOCKFI, "2019-04-15")])
def test_chinese(run, monkeypatch, profile, day) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in run("stress", profile, "--as-of", day))
    assert run("stress", profile, "--as-of", day, "--lang", "zh-Hans")


def test_colour_only_where_asked(run, monkeypatch) -> None:
    assert "\x1b[" not in run("stress", AAVE, *DAY)
    assert os.environ["COLUMNS"] == "160"


class TestExplain:
    CUT = ("--as-of", "2022-01-31")

    def test_a_number_down_to_its_sources(self, run) -> None:
        out = run("explain", ANCHOR, "t4.runway_stated", *self.CUT)
        for text in (
            "Reserve lasts, at the monthly shortfall as stated",
            "-> 23",
            "Told by the model runway.shortfall_days; see docs/models.md.",
            "(yield_source.subsidy_reserve): $30m",
            "Weekly thread on Anchor, its yield reserve and UST",
            "runway.shortfall_days(reserve, monthly_shortfall) = 23.4",
            "Rests on EM-19",
        ):
            assert text in out

    def test_its_name_in_any_case(self, run) -> None:
        assert run("explain", ANCHOR, "T4.Runway_Stated", *self.CUT) == run(
            "explain", ANCHOR, "t4.runway_stated", *self.CUT
        )

    def test_as_json(self, run) -> None:
        found = json.loads(run("explain", ANCHOR, "t4.runway_stated", *self.CUT, "--format", "json"))
        assert found["number"]["value"] == pytest.approx([30e6 / 39e6 * 365 / 12] * 2)
        assert {fact["id"] for fact in found["facts"]} == set(found["number"]["used"])
        assert found["scenarios"] == []

    def test_scenarios_with_what_they_rest_on(self, run) -> None:
        out = run("explain", AAVE, "t3.run_days", *DAY)
        assert "Scenarios" in out
        assert "24% of the initial balance leaves on the first day" in out
        assert "EM-30 $42bn left and $100bn queued, of $175bn" in out
        assert "Assumed" in out
        assert "t3.repaid_1d" in out

    def test_a_number_that_no_fact_tells(self, run) -> None:
        out = run("explain", ANCHOR, "n.top1_loss", *self.CUT)
        assert "-> an unknown amount" in out
        assert "Evaluation" not in out

    def test_an_unknown_name_with_the_nearest_number(self, run) -> None:
        said = run("explain", ANCHOR, "t4.runway_state", *self.CUT, code=2)
        assert "no rule or number 't4.runway_state'. Did you mean 't4.runway_stat" in said


def test_a_scenario_that_no_number_depends_on_says_so(run, tmp_path: Path, own: str) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"ddcheck": 1, "platform": {"name": "Three", "kind": "cefi_lender"}, "terms": {"notice_days": 0}}')
    assert "The facts tell no number that depends on this scenario." in run("stress", str(path), "--scenario", own)


@pytest.mark.parametrize("command", [("stress", AAVE), ("explain", AAVE, "T1-01"), ("change", AAVE), ("ask", AAVE)])
def test_a_day_judged_after_the_day_of_knowledge_is_refused(run, command) -> None:
    message = run(*command, "--as-of", "2025-01-02", "--known-by", "2025-01-01", code=2)
    assert "--as-of 2025-01-02 lies after --known-by 2025-01-01" in message
