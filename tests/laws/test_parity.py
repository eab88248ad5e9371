"""Law 7, parity: the column interpreter and the scalar one agree on every figure of every verdict."""

from datetime import date
from random import Random

import numpy as np
import pytest
from laws import worlds as world
from laws.worlds import DAY, Worlds

from checker.app.audit import shipped_rulebook
from checker.assess.assess import program, rules_of_kind
from checker.assess.judgement import _Quick
from checker.engine.columns.flatten import columns_of, flatten
from checker.engine.columns.judge import BatchJudge
from checker.engine.columns.verdict import NONE, pattern_names
from checker.model.profile import load_profile
from checker.resources import data_path

CUTS = (date(2022, 5, 31), date(2026, 6, 30))
MORE_CUTS = (date(2018, 12, 31), date(2020, 3, 31), date(2021, 6, 30), date(2022, 11, 30), date(2023, 9, 30))
COUNTS = ("asked", "known", "critical_asked", "critical_known", "critical_not_examined")


@pytest.fixture(scope="module")
def judge():
    rulebook = shipped_rulebook()
    return BatchJudge(rulebook, program(rulebook))


def expected(quick, rulebook):
    """Every figure of a verdict as the columns show it, told by the scalar world."""
    verdict, names = quick.verdict(), pattern_names(rulebook.scheme)
    found = {"assessable": verdict.assessable}
    for end in ("best", "worst"):
        for name, grade in (("grade", getattr(verdict, end)), ("uncapped", getattr(verdict, f"uncapped_{end}"))):
            found[f"{name}.{end}"] = NONE if grade is None else int(grade)
        pattern = getattr(verdict, f"pattern_{end}")
        found[f"pattern.{end}"] = NONE if pattern is None else names.index(pattern)
    traits = {trait.id: trait for trait in verdict.traits}
    for id in rulebook.scheme.traits:
        trait = traits.get(id)
        found[f"traits.{id}.best"] = trait.best if trait else NONE
        found[f"traits.{id}.worst"] = trait.worst if trait else NONE
        found[f"traits.{id}.presumed"] = bool(trait and trait.presumed)
    found |= {f"coverage.{name}": getattr(verdict.coverage, name) for name in COUNTS}
    found |= {f"stops.{id}": id in verdict.stops for id in rulebook.scheme.stops.rules}
    banners = dict(verdict.status)
    found |= {f"status.{banner.id}": banner.id in banners for banner in rulebook.scheme.status}
    for id in rulebook.rules:
        result = quick.results.get(id)
        found[f"rules.{id}"] = sum(1 << outcome for outcome in result.possible) if result else 0
        found[f"presumed.{id}"] = bool(result and result.presumed)
        found[f"rumoured.{id}"] = bool(result and result.rumoured)
    return found


class Batch:
    """Profiles at cuts as records, with what the scalar world says of each."""

    def __init__(self, judge):
        self.judge = judge
        self.rulebook = judge.rulebook
        self.records, self.wanted, self.labels = [], [], []

    def add(self, profile, day, label):
        rules = rules_of_kind(self.rulebook, profile.kind, self.judge.program)
        quick = _Quick(profile, self.rulebook, day, "latest", self.judge.program, rules)
        self.records.append(flatten(self.judge.layout, quick.engine, profile.kind, day.toordinal(), rules))
        self.wanted.append(expected(quick, self.rulebook))
        self.labels.append(label)

    @property
    def given(self):
        """The share of the outcomes that were judged beforehand."""
        given = sum(name.endswith(".given") for record in self.records for name in record)
        return given / sum(row[f"rules.{id}"] > 0 for row in self.wanted for id in self.rulebook.rules)

    def arrays(self):
        columns = columns_of(self.judge.layout, self.records)
        types = {"Float64": np.float64, "Int8": np.int8, "Int16": np.int16, "Int32": np.int32}
        return {
            spec.name: np.array([spec.missing if v is None else v for v in columns[spec.name]], types[spec.type])
            for spec in self.judge.layout.columns
            if spec.name in columns
        }

    def differences(self):
        results = self.judge.judge_arrays(self.arrays(), len(self.records))
        for name, held in results.items():
            for index in np.flatnonzero(held != np.array([row[name] for row in self.wanted])):
                yield f"{self.labels[index]} {name}: {held[index]} instead of {self.wanted[index][name]}"

    def check(self):
        assert set(self.judge.plan(columns_of(self.judge.layout, self.records)).outputs) == set(self.wanted[0])
        assert list(self.differences()) == []


def shipped():
    """The shipped profiles as written."""
    rulebook = shipped_rulebook()
    for path in sorted(data_path("profiles").glob("*.json")):
        yield load_profile(path, rulebook.dictionary, today=date(2026, 12, 31))


def test_shipped_profiles_agree(judge):
    batch = Batch(judge)
    for profile in shipped():
        for day in CUTS:
            batch.add(profile, day, f"{profile.name} {day}")
    batch.check()
    assert len(batch.records) > 90
    assert batch.given < 0.02


@pytest.mark.slow
def test_shipped_profiles_agree_at_many_cuts(judge):
    batch = Batch(judge)
    for profile in shipped():
        for day in MORE_CUTS:
            batch.add(profile, day, f"{profile.name} {day}")
    batch.check()


def random_batch(judge, seed, count, *, hearsay, lean):
    """Random profiles; without hearsay nearly all outcomes are told by the columns themselves."""
    drawn = Worlds(judge.rulebook, lean=lean)
    batch = Batch(judge)
    patch = pytest.MonkeyPatch()
    if not hearsay:
        stated = world.stated

        def heard(*args, **given):
            return stated(*args, **given | ({"evidence": "press"} if given.get("evidence") == "rumour" else {}))

        patch.setattr(world, "stated", heard)
    with patch.context():
        for index, (_, profile) in enumerate(drawn.profiles(seed, count)):
            batch.add(profile, DAY, f"world {seed}/{index}")
    patch.undo()
    return batch


def test_random_profiles_agree(judge):
    batch = random_batch(judge, 7, 50, hearsay=False, lean=0.5)
    batch.check()
    assert batch.given < 0.05


def test_random_profiles_with_hearsay_agree(judge):
    random_batch(judge, 8, 15, hearsay=True, lean=0.0).check()


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "lean"), [(21, 0.0), (22, 0.5), (23, 0.85)])
def test_many_random_profiles_agree(judge, seed, lean):
    random_batch(judge, seed, 1000, hearsay=seed == 21, lean=lean).check()


def test_no_record_changes_another(judge):
    batch = Batch(judge)
    for profile in list(shipped())[:12]:
        batch.add(profile, CUTS[0], profile.name)
    arrays = batch.arrays()
    whole = judge.judge_arrays(arrays, len(batch.records))
    order = list(range(len(batch.records)))
    Random(3).shuffle(order)
    mixed = judge.judge_arrays({name: held[order] for name, held in arrays.items()}, len(order))
    alone = judge.judge_arrays({name: held[5:6] for name, held in arrays.items()}, 1)
    for name, held in whole.items():
        assert (held[order] == mixed[name]).all()
        assert held[5] == alone[name][0]


def test_chunks_change_nothing(judge, monkeypatch):
    batch = Batch(judge)
    for profile in list(shipped())[:10]:
        batch.add(profile, CUTS[0], profile.name)
    whole = judge.judge_arrays(batch.arrays(), 10)
    monkeypatch.setattr("checker.engine.columns.arrays.CHUNK", 3)
    parts = judge.judge_arrays(batch.arrays(), 10)
    assert all((whole[name] == parts[name]).all() for name in whole)


def test_a_column_less_is_a_fact_not_examined(judge):
    """A batch that lacks the columns of a fact says what it says when the fact is null everywhere."""
    batch = Batch(judge)
    for profile in list(shipped())[:8]:
        batch.add(profile, CUTS[0], profile.name)
    arrays = batch.arrays()
    gone = {name for name in arrays if name.startswith(("deposit_liquidity.", "leverage."))}
    assert len(gone) > 30
    missing = {spec.name: spec.missing for spec in judge.layout.columns}
    blank = {name: np.full_like(held, missing[name]) if name in gone else held for name, held in arrays.items()}
    short = {name: held for name, held in arrays.items() if name not in gone}
    first, second = judge.judge_arrays(blank, 8), judge.judge_arrays(short, 8)
    assert all((first[name] == second[name]).all() for name in first)
