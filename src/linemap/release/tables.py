"""A release as plain tables: each column one declared type, each number written once."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import OutputError
from linemap.records import restore

DECIMALS: Final = 6  # of a number with a point; of a kilometre that is a millimetre
FLOWS: Final = "flows"
WHERE_TO: Final = "where_to"
ACCOUNT: Final = "account"
PLACES: Final = "places"
_TYPES: Final = {
    pa.string(): "text",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "truth",
}


@dataclass(frozen=True, slots=True)
class Tabled:
    """One table of a release, without geometry: its name and its typed columns."""

    name: str
    data: pa.Table

    @property
    def declared(self) -> list[dict[str, str]]:
        """The columns and their types, as the manifest declares them."""
        return [{"name": field.name, "type": _TYPES[field.type]} for field in self.data.schema]


def tables(release: Release) -> Iterator[Tabled]:
    """Yield the flows, the view of all origins, every summary by name, and the account."""
    yield Tabled(FLOWS, typed(release.flows))
    if schema.WHERE_TO in release.views:
        yield Tabled(WHERE_TO, typed(release.views[schema.WHERE_TO]))
    for name in sorted(release.summaries):
        yield Tabled(name, typed(release.summaries[name]))
    yield Tabled(ACCOUNT, typed(release.account))


def typed(frame: pd.DataFrame) -> pa.Table:
    """Type every column but the geometry: text, integer, number or truth; a tuple is joined text.

    Null stays null and is what empty text becomes, and infinity (a band without
    an end), which no spreadsheet knows. Numbers keep six decimals,
    so that every output shows the same ones.

    Raises
    ------
    OutputError
        If a column holds anything else, or two columns share a name.
    """
    names = [str(column) for column in frame.columns]
    if len(set(names)) < len(names):
        raise OutputError("A table with two columns of one name cannot be written.")
    fields = {
        name: _column(name, frame.iloc[:, at])
        for at, name in enumerate(names)
        if not isinstance(frame.iloc[:, at], gpd.GeoSeries) and name != schema.GEOMETRY
    }
    return pa.table(fields) if fields else pa.table({}, schema=pa.schema([]))


def _column(name: str, series: pd.Series[Any]) -> pa.Array:
    values = [_plain(value) for value in series.tolist()]
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str} and not pd.api.types.is_numeric_dtype(series.dtype):
        return pa.array(values, pa.string())
    if kinds <= {bool} and (kinds or pd.api.types.is_bool_dtype(series.dtype)):
        return pa.array(values, pa.bool_())
    whole = pd.api.types.is_integer_dtype(series.dtype) or (kinds == {int})
    if kinds <= {int} and whole:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([_rounded(value) for value in values], pa.float64())
    shown = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise OutputError(f"Column {name!r} holds {shown}: it cannot be written as one type.")


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), DECIMALS) + 0.0  # and no minus zero


def _plain(value: object) -> object:
    """Turn one value into a plain Python one; whatever stands for nothing becomes None."""
    if isinstance(value, tuple | list):
        return "; ".join(str(part) for part in value) or None
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, str):
        return str(value) or None
    if isinstance(value, float) and math.isinf(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool | int | float):
        return value
    return str(value)


def stamp(release: Release) -> str:
    """Say in few words on what basis a number was let out, and which months it is of."""
    covers = "" if release.window is None else f"; covers {release.window.words}"
    if release.rule is None:
        return f"{release.basis}{covers}"
    rule = release.rule
    told = f"under {rule.threshold} not shown, others to {rule.base} ({rule.name})"
    return f"{release.basis}: {told}{covers}"


def with_basis(data: pa.Table, words: str) -> pa.Table:
    """Add the stamp as a last column."""
    return data.append_column(schema.BASIS, pa.array([words] * data.num_rows, pa.string()))


def rows(data: pa.Table) -> Iterator[Sequence[object]]:
    """Yield the rows of a table as plain values."""
    columns = [column.to_pylist() for column in data.columns]
    return zip(*columns, strict=True)


_READ: Final[dict[str, str]] = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "truth": "boolean",
}


def read_table(columns: Sequence[dict[str, str]], path: Path) -> pd.DataFrame:
    """Read a CSV table of a release by its declared columns, and give back what was neutralised."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heading, *body = csv.reader(stream, strict=True)
    if [restore(name) for name in heading] != [column["name"] for column in columns]:
        raise OutputError(f"{path.name} has other columns than its manifest declares.")
    frame = {}
    for at, column in enumerate(columns):
        texts = [row[at] for row in body]
        frame[column["name"]] = _read_column(texts, column["type"])
    return pd.DataFrame(frame)


def _read_column(texts: Sequence[str], kind: str) -> pd.Series[Any]:
    read: Mapping[str, Callable[[str], object]] = {
        "text": restore, "integer": int, "number": float, "truth": lambda text: text == "true",
    }  # fmt: skip
    values = [read[kind](text) if text else None for text in texts]
    return pd.Series(values, dtype=_READ[kind])
