"""What every model must obey, checked over random inputs that its declared ranges allow."""

import doctest
import math
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.metrics.bounds import bounded
from checker.metrics.model import Model, ModelError
from checker.model.interval import Interval

HIGHEST = {"money": 1e4, "share": 1.0, "rate": 1.0, "ratio": 20.0, "days": 2000.0, "count": 30.0}
TOLERANCE = 1e-9
NO_SCENARIO = st.none()


def models_of(module):
    """Every model that a module defines, by name."""
    found = [value for value in vars(module).values() if isinstance(value, Model)]
    return sorted((model for model in found if model.function.__module__ == module.__name__), key=lambda m: m.name)


def values(model, name, spans):
    """Numbers that an input may be, with its ends and round numbers among them."""
    wanted = model.inputs[name]
    lo, hi = spans.get(name, wanted.range)
    lo = max(lo, -HIGHEST.get(wanted.unit, 1e4))
    hi = min(hi, HIGHEST.get(wanted.unit, 1e4))
    if wanted.unit == "count":
        return st.integers(int(lo), int(hi)).map(float)
    middle = [x for x in (0.0, 0.5, 1.0, 2.0) if lo <= x <= hi]
    return st.sampled_from([lo, hi, *middle]) | st.floats(lo, hi, allow_nan=False).map(lambda x: round(x, 6))


def points(model, **spans):
    """A value for each input of a model."""
    return st.fixed_dictionaries({name: values(model, name, spans) for name in model.inputs})


def _raw(model, point, scenario):
    return float(model.raw({name: np.float64(value) for name, value in point.items()}, scenario))


def _below(low, high):
    if math.isnan(low) or math.isnan(high) or low == high:
        return True
    return low <= high + TOLERANCE * max(1.0, min(abs(low), abs(high)))


def assert_monotone(model, scenarios=NO_SCENARIO, examples=60, **spans):
    """The result moves with every input as its sign says: +1, -1, or 0 for one way or the other."""

    @settings(max_examples=examples)
    @given(points(model, **spans), scenarios, st.data())
    def check(point, scenario, data):
        for name, wanted in model.inputs.items():
            if wanted.sign is None:
                continue
            line = sorted(data.draw(st.tuples(*[values(model, name, spans)] * 3), label=name))
            along = [_raw(model, point | {name: value}, scenario) for value in line]
            up = all(_below(a, b) for a, b in ((along[0], along[1]), (along[1], along[2]), (along[0], along[2])))
            down = all(_below(b, a) for a, b in ((along[0], along[1]), (along[1], along[2]), (along[0], along[2])))
            holds = {1: up, -1: down, 0: up or down}[wanted.sign]
            assert holds, f"{model.name} gives {along} for {name} = {line} at {point} under {scenario}"

    check()


def assert_bounds_contain(model, scenarios=NO_SCENARIO, examples=60, **spans):
    """The range over a box holds every result inside it; inputs along which the result may turn are known."""

    @settings(max_examples=examples)
    @given(points(model, **spans), points(model, **spans), scenarios, st.data())
    def check(one, other, scenario, data):
        for name, wanted in model.inputs.items():
            if wanted.sign is None:
                other[name] = one[name]
        box = {name: Interval(min(one[name], other[name]), max(one[name], other[name])) for name in one}
        value, sampled = bounded(model, box, scenario)
        assert not sampled
        for _ in range(5):
            share = data.draw(st.fixed_dictionaries({name: st.floats(0, 1) for name in box}), label="inside")
            inside = {name: min(lo + share[name] * (hi - lo), hi) for name, (lo, hi) in box.items()}
            truth = _raw(model, inside, scenario)
            if not math.isnan(truth):
                assert _below(value.lo, truth), f"{model.name} gives {truth} at {inside}, below {value}"
                assert _below(truth, value.hi), f"{model.name} gives {truth} at {inside}, above {value}"

    check()


def assert_range_holds(model, scenarios=NO_SCENARIO, examples=60, **spans):
    """No result lies outside the declared range, whatever possible inputs are given."""

    @settings(max_examples=examples)
    @given(points(model, **spans), scenarios)
    def check(point, scenario):
        result = _raw(model, point, scenario)
        if not math.isnan(result):
            assert _below(model.range[0], result), f"{model.name} gives {result} at {point} under {scenario}"
            assert _below(result, model.range[1]), f"{model.name} gives {result} at {point} under {scenario}"

    check()


def assert_columns_match(model, scenarios=NO_SCENARIO, examples=25, **spans):
    """A column gives, line by line, what single numbers give; None there is infinity or NaN here."""

    @settings(max_examples=examples)
    @given(st.lists(points(model, **spans), min_size=1, max_size=5), scenarios)
    def check(lines, scenario):
        columns = {name: np.array([line[name] for line in lines]) for name in model.inputs}
        for line, found in zip(lines, model(scenario=scenario, **columns), strict=True):
            single = model(scenario=scenario, **line)
            assert (single is None) == (not np.isfinite(found)), (model.name, line)
            assert single is None or single == pytest.approx(found, rel=1e-12, abs=1e-12), (model.name, line)

    check()


def assert_refuses_the_impossible(model, scenario=None):
    """Each input outside its range, missing, unknown or no number is refused by name."""
    valid = {
        name: wanted.default if wanted.default is not None else min(max(0.5, wanted.range[0]), wanted.range[1])
        for name, wanted in model.inputs.items()
    }
    model(scenario=scenario, **valid)
    for name, wanted in model.inputs.items():
        wrong = [math.nan, math.inf, -math.inf]
        wrong += [wanted.range[0] - 1] if math.isfinite(wanted.range[0]) else []
        wrong += [wanted.range[1] + 1] if math.isfinite(wanted.range[1]) else []
        for value in wrong:
            with pytest.raises(ModelError, match=f"{model.name}: '{name}' is "):
                model(scenario=scenario, **(valid | {name: value}))
        if wanted.default is None:
            with pytest.raises(ModelError, match=f"{model.name} needs '{name}'"):
                model(scenario=scenario, **{key: value for key, value in valid.items() if key != name})
    with pytest.raises(ModelError, match=f"{model.name} takes no input 'no_such_input'"):
        model(scenario=scenario, no_such_input=1.0, **valid)


def assert_examples_hold(module):
    """Every example in the words of a model gives what it says; a doctest finder does not look inside a model."""
    globs = vars(import_module(module.__name__))
    for model in models_of(module):
        for test in doctest.DocTestFinder(recurse=False).find(model.function, model.name, globs=dict(globs)):
            result = doctest.DocTestRunner(verbose=False).run(test)
            assert result.failed == 0, model.name
