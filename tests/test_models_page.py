"""The page on models names every module and every model that a metric uses; its example of a scenario file works."""

import re
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.metrics.bounds import models
from checker.packs.scenarios import own_scenarios

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
MODULES = sorted(
    path.stem
    for path in (ROOT / "checker" / "metrics").glob("*.py")
    if not path.stem.startswith("_") and models(path.stem)
)


def test_every_module_of_models_has_its_section() -> None:
    headings = " ".join(re.findall(r"^## .*$", PAGE, re.MULTILINE))
    assert [module for module in MODULES if f"`{module}`" not in headings] == []


def test_every_model_a_metric_uses_is_named() -> None:
    used = {metric.id: metric.model for metric in shipped_rulebook().metrics.values() if metric.model}
    missing = [(id, model) for id, model in used.items() if f"`{model}`" not in PAGE and f"`{id}`" not in PAGE]
    assert missing == []


def test_every_metric_it_names_exists() -> None:
    rulebook = shipped_rulebook()
    named = set(re.findall(r"`((?:t\d|[a-z])\.[a-z0-9_]+)`", PAGE))
    assert named - set(rulebook.metrics) - set(rulebook.parameters) == set()


def test_every_model_it_names_exists() -> None:
    named = {name for name in re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE) if name.partition(".")[0] in MODULES}
    assert named - {model for module in MODULES for model in models(module)} == set()


def test_every_scenario_is_listed() -> None:
    assert [name for name in shipped_rulebook().scenarios.all if f"`{name}`" not in PAGE] == []


def test_the_example_of_a_scenario_file_works(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "own.yaml"
    path.write_text(example, encoding="utf-8")
    found = own_scenarios(path, shipped_rulebook().scenarios).all
    assert found["payday_run"].value.requests == pytest.approx((0.1, 0.09, 0, 0.25))  # type: ignore[union-attr]
    assert {"deep_fall", "small_break"} <= set(found)
