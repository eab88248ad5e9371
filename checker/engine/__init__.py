"""Evaluation: expressions over intervals, rules over silence and rumour, each with the trace that explains it.

Imports `packs`, `metrics`, `lang` and `model`; knows nothing of verdicts, files or formats.
"""
