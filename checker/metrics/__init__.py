"""Quantitative models behind the verdict: liquidity, yield, leverage, reuse, collateral, contagion, runs.

One module per model. Each holds pure functions with the names of finance: numbers in, a number out, no facts, no
files, no clock. A function that carries `@model` also tells how its result moves with each input, so that
`checker.metrics.bounds` can carry intervals through it and a pack can name it in its `metrics.yaml`.

May import numpy, scipy and the floor of the model; knows nothing of rules and profiles.

>>> from checker.metrics.loop import leverage
>>> round(100_000 * leverage(ltv=0.8, rounds=5))
368928
"""
