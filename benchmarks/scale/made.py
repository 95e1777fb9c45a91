"""Make tables of any number of records, a piece at a time: boroughs, places, dates, tags.

`python benchmarks/scale/made.py 10000000 FOLDER` writes rows.parquet and rows.csv. The same
number and seed give the same rows. The places are the shipped gazetteer's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from linemap import schema
from linemap.gazetteer import Gazetteer

PIECE = 500_000
PLACES = 2_000
BANDS = ("under 14", "14 to 15", "16 to 17", "18 and over")


def names() -> tuple[list[str], list[str]]:
    """Return London's boroughs, and towns that bear their name alone."""
    places = Gazetteer.load().places
    boroughs = sorted(places.loc[places[schema.LEVEL] == schema.BOROUGH, schema.NAME].unique())
    towns = places.loc[places[schema.LEVEL] == schema.SETTLEMENT, schema.NAME]
    lone = sorted(towns[~towns.duplicated(keep=False)])
    step = max(len(lone) // PLACES, 1)
    return boroughs[:33], lone[::step][:PLACES]


def pieces(rows: int, seed: int = 20_241_126) -> Iterator[pa.Table]:
    """Yield a table of records a piece at a time; few places take most of them."""
    boroughs, towns = names()
    days = np.arange("2022-04-01", "2024-04-01", dtype="datetime64[D]").astype(str)
    for start in range(0, rows, PIECE):
        rng = np.random.default_rng([seed, start])
        size = min(PIECE, rows - start)
        skewed = (len(towns) * rng.random(size) ** 2).astype(np.int32)
        yield pa.table(
            {
                "Home borough": _chosen(rng.integers(0, len(boroughs), size), boroughs),
                "Town found": _chosen(skewed, towns),
                "Date": _chosen(rng.integers(0, len(days), size), days.tolist()),
                "Age band": _chosen(rng.integers(0, len(BANDS), size), list(BANDS)),
            }
        )


def _chosen(codes: np.ndarray, values: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), values).cast(pa.string())


def write(rows: int, folder: Path, *, csv: bool = True) -> tuple[Path, Path]:
    """Write the Parquet file and the CSV, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    parquet, text = folder / f"{rows}.parquet", folder / f"{rows}.csv"
    form = pa.schema([(name, pa.string()) for name in next(pieces(1)).column_names])
    if not parquet.exists():
        with pq.ParquetWriter(parquet, form) as file:
            for piece in pieces(rows):
                file.write_table(piece)
    if csv and not text.exists():  # quoted where it must be, as spreadsheets write it
        duckdb.sql(f"COPY (FROM '{parquet}') TO '{text}' (HEADER)")
    return parquet, text


if __name__ == "__main__":
    print(*write(int(sys.argv[1]), Path(sys.argv[2])), sep="\n")
