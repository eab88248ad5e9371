"""The named scenarios as data: runs on deposits, falls of collateral, breaks of a peg.

`rules/scenarios.yaml` holds what ships, each with the event it was taken from; a file of the same shape holds a user's
own. A scenario is an assumption that was once real or that somebody wants to try, never a forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from checker.metrics.model import ModelError
from checker.metrics.scenario import Depeg, Run, Shock, requests
from checker.model.document import Document, Faults, Place, read_document
from checker.model.errors import Fault, InputError, PackError, did_you_mean
from checker.packs.files import File, ReferenceEntry, Text

Kind = Literal["run", "shock", "depeg"]
Share = Annotated[float, Field(ge=0, le=1)]


class StepFile(File):
    """Days of a run (first and last) on which the same share is asked for each day."""

    days: Annotated[list[int], Field(min_length=2, max_length=2)]
    share: Share
    of: Literal["remaining", "initial"]


class ScenarioFile(File):
    """What every scenario says about itself."""

    title: Text
    meaning: Text
    references: list[ReferenceEntry] = Field(default_factory=list)


class RunFile(ScenarioFile):
    """A run: which share of deposits is asked for on which day."""

    steps: Annotated[list[StepFile], Field(min_length=1)]
    calibrated_on: str = ""
    censored: bool = False
    headline_for: list[str] = Field(default_factory=list)


class ShockFile(ScenarioFile):
    """A fall in the price of collateral, with what selling costs."""

    price_fall: Share
    slippage: Share = 0.0
    cost: Share = 0.0


class DepegFile(ScenarioFile):
    """A break of a peg: what the market pays, what the oracle that decides on liquidation shows."""

    oracle_fall: Share
    market_fall: Share
    bonus: Share = 0.0
    slippage: Share = 0.0
    utilisation: Annotated[list[Share], Field(min_length=2, max_length=2)] | None = None


class EpisodeFile(File):
    """A run that happened: how much left in how many days."""

    platform: Text
    began: str = ""
    total: Share
    days: Annotated[int, Field(ge=1)]
    daily: Share
    peak_day: Share | None = None
    note: str = ""
    references: list[ReferenceEntry] = Field(default_factory=list)


class ScenariosFile(File):
    """`scenarios.yaml`."""

    runs: dict[str, RunFile] = Field(default_factory=dict)
    shocks: dict[str, ShockFile] = Field(default_factory=dict)
    depegs: dict[str, DepegFile] = Field(default_factory=dict)
    episodes: list[EpisodeFile] = Field(default_factory=list)


_FILES = (RunFile, ShockFile, DepegFile, StepFile, EpisodeFile)
_KEYS = tuple(dict.fromkeys(name for file in _FILES for name in file.model_fields))


@dataclass(frozen=True)
class Scenario:
    """A named scenario.

    Attributes:
        name: Its name.
        kind: `run`, `shock` or `depeg`.
        title: A short phrase for a reader.
        meaning: What it assumes and on what it rests.
        references: Ids of the bibliography with the places in them.
        value: What the models take.
        headline_for: Kinds of platform for which a run is the one shown first.
        own: Whether the user brought it.
    """

    name: str
    kind: Kind
    title: str
    meaning: str
    references: tuple[tuple[str, str], ...]
    value: Run | Shock | Depeg
    headline_for: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True)
class Scenarios:
    """All scenarios by name, and the runs that happened."""

    all: Mapping[str, Scenario] = field(default_factory=dict)
    episodes: tuple[EpisodeFile, ...] = ()

    @property
    def named(self) -> Mapping[str, object]:
        """What the models take, by name."""
        return {name: scenario.value for name, scenario in self.all.items()}

    def of_kind(self, kind: str) -> dict[str, Scenario]:
        """The scenarios of a kind, in the order of the file."""
        return {name: scenario for name, scenario in self.all.items() if scenario.kind == kind}

    def headline(self, kind: str, later: Callable[[str], bool] = lambda _: False) -> str:
        """The run shown first for a kind of platform: the one named for it, else the first run.

        A run measured on an event after the cut gives way to the first that was not. Where all were, it is the first
        of the file, so that no platform is put first through its own run to come.

        Args:
            kind: The kind of platform.
            later: Whether a work of the bibliography, by id, may be later than the cut.
        """
        runs = self.of_kind("run")
        named = next((name for name, run in runs.items() if kind in run.headline_for), "")
        early = [name for name, run in runs.items() if not any(later(source) for source, _ in run.references)]
        return named if named in early else next(iter([*early, *runs]), "")


def read_scenarios(path: Path, sources: Collection[str]) -> tuple[Scenarios, tuple[Fault, ...]]:
    """The scenarios of a file with every fault found in it, none where there is no file; sources must be known."""
    if not path.exists():
        return Scenarios(), ()
    try:
        document = read_document(path)
    except InputError as error:
        return Scenarios(), error.faults
    return _read(document, sources, own=False)


def own_scenarios(path: Path, shipped: Scenarios) -> Scenarios:
    """The scenarios of a user's file; those that ship stay beside them.

    Raises:
        InputError: with every fault of the file; a name that ships is taken.
    """
    document = read_document(path)
    found, faults = _read(document, (), own=True)
    taken = tuple(
        Fault(str(path), f"the name '{name}' is taken by a scenario that ships", "Choose another name")
        for name in found.all
        if name in shipped.all
    )
    if faults or taken:
        raise PackError(faults + taken)
    return Scenarios({**shipped.all, **found.all}, shipped.episodes)


def _read(document: Document, sources: Collection[str], *, own: bool) -> tuple[Scenarios, tuple[Fault, ...]]:
    faults = Faults(document)
    file = faults.check(ScenariosFile, document.value, (), also=_KEYS)
    if file is None:
        return Scenarios(), faults.listed()
    found: dict[str, Scenario] = {}

    def add(place: Place, kind: Kind, entry: ScenarioFile, value: Run | Shock | Depeg) -> None:
        name = str(place[1])
        if name in found:
            faults.add(place, f"the name '{name}' is given twice")
        headline = tuple(entry.headline_for) if isinstance(entry, RunFile) else ()
        cited = tuple((r.source, r.locator) for r in entry.references)
        found[name] = Scenario(name, kind, entry.title, entry.meaning, cited, value, headline, own)

    made: list[tuple[Place, Kind, ScenarioFile, Callable[[], Run | Shock | Depeg]]] = []
    made += [(("runs", name), "run", run, partial(_run, name, run)) for name, run in file.runs.items()]
    made += [(("shocks", name), "shock", shock, partial(_shock, name, shock)) for name, shock in file.shocks.items()]
    made += [(("depegs", name), "depeg", depeg, partial(_depeg, name, depeg)) for name, depeg in file.depegs.items()]
    for place, kind, entry, make in made:
        try:
            add(place, kind, entry, make())
        except ModelError as error:
            faults.add(place, str(error))
    if not own:
        for scenario in found.values():
            for index, (source, _) in enumerate(scenario.references):
                if source not in sources:
                    place = (f"{scenario.kind}s", scenario.name, "references", index, "source")
                    faults.add(place, f"unknown source '{source}'", did_you_mean(source, sources))
    return Scenarios(found, tuple(file.episodes)), faults.listed()


def _run(name: str, file: RunFile) -> Run:
    return Run(name, file.title, requests((step.days[0], step.days[1], step.share, step.of) for step in file.steps))


def _shock(name: str, file: ShockFile) -> Shock:
    return Shock(name, file.title, file.price_fall, file.slippage, file.cost)


def _depeg(name: str, file: DepegFile) -> Depeg:
    before, after = file.utilisation or (None, None)
    return Depeg(name, file.title, file.oracle_fall, file.market_fall, file.bonus, file.slippage, before, after)
