"""The column interpreter: the typed trees that the scalar interpreter reads, compiled to expressions over columns.

Many platforms are judged at once, on pandas with nullable types, Polars, PyArrow, DuckDB or PySpark through Narwhals.
Every number is two bounds, every condition two never-null booleans, every outcome a small integer. The two interpreters
agree on every outcome. Imports the engine, `checker.packs`, `checker.lang`, `checker.model`, and Narwhals alone of the
libraries of data frames.

    >>> from checker.engine.columns.layout import VERSION
    >>> VERSION
    1
"""
