"""Batches as frames of every library that the column interpreter runs on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

INTEGERS = {"given": "Int32", "as_of": "Int32", "set": "Int16", "proof": "Int16"}


def type_of(name: str) -> str:
    """The type of a layout's column, by its last part."""
    last = name.rpartition(".")[2]
    return "Float64" if last in ("lo", "hi") else INTEGERS.get(last, "Int8")


def polars(columns: Mapping[str, Sequence[Any]]) -> Any:
    import polars as pl

    return pl.DataFrame(columns, schema={name: getattr(pl, type_of(name)) for name in columns})


def pandas(columns: Mapping[str, Sequence[Any]]) -> Any:
    import pandas as pd

    return pd.DataFrame({name: pd.array(list(held), dtype=type_of(name)) for name, held in columns.items()})


def pyarrow(columns: Mapping[str, Sequence[Any]]) -> Any:
    import pyarrow as pa

    types = {"Float64": pa.float64(), "Int8": pa.int8(), "Int16": pa.int16(), "Int32": pa.int32()}
    return pa.table({name: pa.array(held, types[type_of(name)]) for name, held in columns.items()})


def duckdb(columns: Mapping[str, Sequence[Any]]) -> Any:
    import duckdb as library

    return library.from_arrow(pyarrow(columns))


BACKENDS: Mapping[str, Callable[[Mapping[str, Sequence[Any]]], Any]] = {
    "polars": polars,
    "pandas": pandas,
    "duckdb": duckdb,
    "pyarrow": pyarrow,
}


def rows(frame: Any) -> list[dict[str, Any]]:
    """A result as one dictionary a record."""
    import narwhals.stable.v2 as nw

    held = nw.from_native(frame)
    if isinstance(held, nw.LazyFrame):
        held = held.collect()
    return list(held.iter_rows(named=True))
