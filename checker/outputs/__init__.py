"""Renderers of the assessment: terminal, JSON, PDF. They compute nothing; the words they share stand in `words`.

Imports `assess` and below, never `importers`.
"""
