"""From findings to a verdict: trait levels, pattern, caps, stops, both ends, coverage, and the assessment.

Imports `engine`, `packs`, `lang` and `model`. Everything here is a table look-up over `rules/verdict.yaml`.
"""
