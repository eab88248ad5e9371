"""Scenarios as data: what ships, a user's own file, and every fault with its line and key."""

from pathlib import Path

import pytest

from checker.metrics.scenario import Depeg, Run, Shock
from checker.model.errors import InputError, PackError
from checker.packs.scenarios import Scenarios, own_scenarios, read_scenarios
from checker.resources import data_path

OWN = """\
runs:
  my_run:
    title: a tenth a day for three days
    meaning: An assumption
    steps:
      - {days: [1, 2], share: 0.1, of: remaining}
      - {days: [4, 4], share: 0.25, of: initial}
    headline_for: [p2p]
shocks:
  my_fall:
    title: a fall of 30 %
    meaning: An assumption
    price_fall: 0.3
    slippage: 0.1
    cost: 0.02
depegs:
  my_break:
    title: a break to 0.80
    meaning: An assumption
    oracle_fall: 0
    market_fall: 0.2
    bonus: 0.05
    utilisation: [0.8, 0.99]
"""
RUN = """\
runs:
  my_run:
    title: a run
    meaning: An assumption
    steps:
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text, name="own.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def shipped() -> Scenarios:
    scenarios, _ = read_scenarios(data_path("rules", "scenarios.yaml"), _AnySource())
    return scenarios


class _AnySource(list):
    def __contains__(self, item: object) -> bool:
        return True


def faults(path, sources=()):
    return read_scenarios(path, sources)[1]


class TestShipped:
    def test_five_runs_with_their_totals(self):
        runs = {name: scenario.value for name, scenario in shipped().of_kind("run").items()}
        totals = {name: round(run.total, 3) for name, run in runs.items()}
        assert totals == {
            "crypto_run": 0.617,
            "bank_run": 0.81,
            "depeg_run": 0.729,
            "flash_run": 0.686,
            "slow_drain": 0.455,
        }
        assert runs["bank_run"].days == 2
        assert runs["crypto_run"].days == 30

    def test_every_scenario_has_a_title_a_meaning_and_a_source(self):
        for scenario in shipped().all.values():
            assert scenario.title
            assert scenario.meaning
            assert scenario.references
            assert not scenario.own

    @pytest.mark.parametrize(
        ("kind", "run"),
        [("cefi_lender", "crypto_run"), ("bank", "bank_run"), ("defi_market", "depeg_run"), ("token", "crypto_run")],
    )
    def test_the_run_shown_first(self, kind, run):
        assert shipped().headline(kind) == run

    def test_no_title_names_a_year(self):
        assert not any(year in s.title for s in shipped().all.values() for year in ("2020", "2022", "2023", "2025"))

    def test_episodes_agree_with_their_daily_share(self):
        for episode in shipped().episodes:
            if episode.platform != "Silicon Valley Bank with the queue":
                assert 1 - (1 - episode.total) ** (1 / episode.days) == pytest.approx(episode.daily, abs=0.001)


class TestOwn:
    def test_all_three_kinds(self, written):
        found = own_scenarios(written(OWN), shipped())
        run, shock, depeg = (found.all[name] for name in ("my_run", "my_fall", "my_break"))
        assert isinstance(run.value, Run)
        assert run.value.requests == pytest.approx((0.1, 0.09, 0, 0.25))
        assert run.headline_for == ("p2p",)
        assert run.own
        assert shock.value == Shock("my_fall", "a fall of 30 %", 0.3, 0.1, 0.02)
        assert depeg.value == Depeg("my_break", "a break to 0.80", 0, 0.2, 0.05, 0, 0.8, 0.99)

    def test_what_ships_stays_beside_it(self, written):
        found = own_scenarios(written(OWN), shipped())
        assert list(found.all)[: len(shipped().all)] == list(shipped().all)
        assert found.episodes == shipped().episodes
        assert found.named["my_run"] is found.all["my_run"].value

    def test_json_works_too(self, written):
        text = '{"shocks": {"half": {"title": "half", "meaning": "An assumption", "price_fall": 0.5}}}'
        assert own_scenarios(written(text, "own.json"), shipped()).all["half"].own

    def test_its_sources_are_its_own(self, written):
        text = OWN + "    references: [{source: my-notes, locator: p. 3}]\n"
        assert own_scenarios(written(text), shipped()).all["my_break"].references == (("my-notes", "p. 3"),)

    def test_a_name_that_ships_is_taken(self, written):
        with pytest.raises(PackError) as caught:
            own_scenarios(written(OWN.replace("my_run", "bank_run")), shipped())
        (fault,) = caught.value.faults
        assert "'bank_run' is taken by a scenario that ships" in fault.message
        assert fault.hint == "Choose another name"

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(InputError):
            own_scenarios(tmp_path / "none.yaml", shipped())


class TestFaults:
    def test_no_file_is_no_fault(self, tmp_path):
        assert read_scenarios(tmp_path / "none.yaml", ()) == (Scenarios(), ())

    def test_an_unknown_key_with_its_line_and_the_nearest_name(self, written):
        missing, unknown = faults(written(OWN.replace("price_fall", "price_fal")))
        assert (missing.line, missing.key, missing.message) == (11, "shocks.my_fall", "'price_fall' is missing")
        assert (unknown.line, unknown.key) == (13, "shocks.my_fall.price_fal")
        assert unknown.hint == "Did you mean 'price_fall'?"

    def test_a_key_that_is_missing(self, written):
        found = faults(written(OWN.replace("    meaning: An assumption\n    price_fall", "    price_fall")))
        assert [(f.line, f.key, f.message) for f in found] == [(11, "shocks.my_fall", "'meaning' is missing")]

    def test_a_share_above_one(self, written):
        (fault,) = faults(written(OWN.replace("market_fall: 0.2", "market_fall: 1.2")))
        assert (fault.line, fault.key) == (21, "depegs.my_break.market_fall")

    def test_a_base_nobody_knows(self, written):
        (fault,) = faults(written(RUN + "      - {days: [1, 2], share: 0.1, of: left}\n"))
        assert (fault.line, fault.key) == (6, "runs.my_run.steps[0].of")

    @pytest.mark.parametrize(
        ("steps", "said"),
        [
            (["{days: [2, 1], share: 0.1, of: remaining}"], "days 2 to 1"),
            (["{days: [1, 3], share: 0.1, of: remaining}", "{days: [3, 4], share: 0.1, of: remaining}"], "days 3 to 4"),
            (["{days: [1, 2], share: 0.6, of: initial}"], "is left"),
        ],
        ids=["backwards", "overlap", "more than there is"],
    )
    def test_a_run_that_cannot_be(self, written, steps, said):
        (fault,) = faults(written(RUN + "".join(f"      - {step}\n" for step in steps)))
        assert (fault.line, fault.key) == (3, "runs.my_run")
        assert said in fault.message

    def test_one_name_for_two_kinds(self, written):
        (fault,) = faults(written(OWN.replace("my_fall", "my_run")))
        assert fault.key == "shocks.my_run"
        assert "given twice" in fault.message

    def test_an_unknown_source_with_the_nearest(self, written):
        found = faults(written(OWN + "    references: [{source: EM-10, locator: there}]\n"), ["EM-01"])
        assert [fault.key for fault in found] == ["depegs.my_break.references[0].source"]
        assert "unknown source 'EM-10'" in found[0].message
        assert "EM-01" in found[0].hint

    def test_every_fault_is_listed(self, written):
        text = OWN.replace("price_fall", "price_fal").replace("market_fall: 0.2", "market_fall: 1.2")
        assert {fault.line for fault in faults(written(text))} >= {13, 21}

    def test_no_mapping(self, written):
        assert faults(written("- a list\n"))
