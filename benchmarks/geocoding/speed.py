"""How fast: against rapidfuzz over the same names, on a million rows, on larger gazetteers."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from noise import mistyped
from rapidfuzz import fuzz, process
from sets import typed

from linemap.gazetteer import Gazetteer
from linemap.geocoding import geocode
from linemap.geocoding.index import Index, index_of
from linemap.text import key

SEED: Final = 7
DISTINCT: Final = 5_000


def least(
    work: Callable[[], object], *, runs: int, clock: Callable[[], float] = time.process_time
) -> float:
    """Take the least time of several runs, in seconds of this process's own time."""
    times = []
    for _ in range(runs):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def questions(gazetteer: Gazetteer) -> list[str]:
    """Draw 5,000 distinct mistyped names, half with one error and half with two."""
    names = [
        name
        for edits in (1, 2)
        for name in typed(
            gazetteer, edits=edits, rows=DISTINCT, seed=SEED + edits, held_out=True
        )["typed"].drop_duplicates().head(DISTINCT // 2 + 50)
    ]  # fmt: skip
    return list(dict.fromkeys(names))[:DISTINCT]


def against_rapidfuzz(gazetteer: Gazetteer) -> dict[str, float]:
    """Compare distinct misspelt names a second with extractOne(ratio) over the same names."""
    asked = questions(gazetteer)
    places = gazetteer.places
    names = places.loc[places["level"] == "settlement", "name"].drop_duplicates().tolist()
    some = asked[:: len(asked) // 250]
    ours, theirs = [], []
    for _ in range(8):  # in turn, so that a busy machine is as busy for both
        theirs.append(
            least(lambda: [process.extractOne(q, names, scorer=fuzz.ratio) for q in some], runs=2)
        )
        ours.append(least(lambda: geocode(asked), runs=4))
    a_second, a_second_theirs = len(asked) / min(ours), len(some) / min(theirs)
    return {
        "distinct misspelt names": len(asked),
        "linemap, names a second": round(a_second),
        "rapidfuzz extractOne(ratio), names a second": round(a_second_theirs),
        "ratio": round(a_second / a_second_theirs, 1),
    }


def million_rows(gazetteer: Gazetteer) -> dict[str, float]:
    """Time a million rows of 5,000 distinct names, a fifth of them mistyped."""
    rng = random.Random(SEED)  # noqa: S311 - a benchmark's noise is no secret
    towns = gazetteer.places.query("level == 'settlement'")["name"].drop_duplicates().tolist()
    names = rng.sample(towns, DISTINCT)
    names = [mistyped(n, 1, rng) if place % 5 == 0 else n for place, n in enumerate(names)]
    rows = np.random.default_rng(SEED).integers(0, DISTINCT, 1_000_000)
    column = pd.Series(np.array(names, dtype=object)[rows])
    text = column.astype("str")
    return {
        "as text (pandas str), s": round(least(lambda: geocode(text), runs=4), 2),
        "as objects, s": round(least(lambda: geocode(column), runs=4), 2),
    }


def first_call(gazetteer: Gazetteer) -> dict[str, float]:
    """Time what the first call pays: the index, with all that a mistyped name needs."""

    def build() -> None:
        index = Index(gazetteer)
        index.make_ready()

    return {"index built, s": round(least(build, runs=5), 3)}


def enlarged(gazetteer: Gazetteer, rows: int) -> Gazetteer:
    """Add made-up settlements until there are so many: two or three parts of real names joined."""
    places = gazetteer.places
    more = rows - len(places)
    if more <= 0:
        return gazetteer
    rng = random.Random(SEED)  # noqa: S311 - made-up names are no secret
    real = places.loc[places["level"] == "settlement"]
    words = sorted({word for name in real["name"] for word in name.split() if len(word) > 3})
    heads, tails = [w[: len(w) // 2 + 1] for w in words], [w[len(w) // 2 :].lower() for w in words]
    made: set[str] = set()
    while len(made) < more:
        made.add(
            rng.choice(heads) + rng.choice(tails) + rng.choice(["", "", " " + rng.choice(words)])
        )
    copies = real.iloc[np.arange(more) % len(real)].copy()
    copies["name"] = sorted(made)
    copies.index = [f"settlement:made-{number}" for number in range(more)]
    joined = gpd.GeoDataFrame(pd.concat([places, copies]), geometry="geometry", crs=places.crs)
    return Gazetteer(joined, gazetteer.aliases, gazetteer.sources)


def by_size(
    gazetteer: Gazetteer, sizes: tuple[int, ...] = (6_000, 60_000, 600_000)
) -> pd.DataFrame:
    """Time the same 5,000 mistyped names against larger and larger gazetteers."""
    asked = questions(gazetteer)
    rows = []
    for size in sizes:
        larger = enlarged(gazetteer, size)
        start = time.process_time()
        index_of(larger).make_ready()
        built = time.process_time() - start
        seconds = least(lambda g=larger: geocode(asked, gazetteer=g), runs=3)
        half = least(lambda g=larger: geocode(asked[: DISTINCT // 2], gazetteer=g), runs=3)
        rows.append(
            {
                "places": len(larger.places),
                "index built, s": round(built, 2),
                "microseconds a name, 5,000 names": round(1e6 * seconds / len(asked), 1),
                "microseconds a name, 2,500 names": round(1e6 * half / (DISTINCT // 2), 1),
            }
        )
        near = index_of(larger).deletions.near([key(name) for name in asked])
        rows[-1]["spellings near a name"] = round(len(near.name) / len(asked), 1)
        del larger
        gc.collect()
    return pd.DataFrame(rows)
