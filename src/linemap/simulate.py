"""Simulated records for demonstration, drawn from published totals and labelled on every row.

No borough-by-town table of county lines has ever been published. Where an example
needs one, it is simulated here, and its measure says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.gazetteer import Gazetteer

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[Any]

SIMULATED: Final = "simulated links"
SOURCE: Final = (
    "Simulated, not observed: drawn at random from the totals that the press printed of the "
    "Rescue and Response strategic assessment, January 2018 to March 2019"
)

# Individuals linked per police force area, as printed. Sussex was among the first five
# and its figure was not printed; it is given the midpoint of its neighbours in rank.
FORCE_TOTALS: Final[dict[str, float]] = {
    "norfolk": 416, "hampshire": 369, "essex": 336, "sussex": 293.5, "thames-valley": 251,
    "suffolk": 238, "hertfordshire": 106, "bedfordshire": 101, "northamptonshire": 47,
}  # fmt: skip
# Individuals linked per borough, as printed; the others share evenly what is left of 4,013.
BOROUGH_TOTALS: Final[dict[str, float]] = {"lambeth": 271, "redbridge": 184, "havering": 48}
INDIVIDUALS: Final = 4_013
COUNTY_RECORDED: Final = 0.71
TOWN_RECORDED: Final = 0.44
AGE_SHARES: Final[dict[str, float]] = {"under 18": 0.34, "18 and over": 0.66}
MONTHS: Final = pd.period_range("2018-01", "2019-03", freq="M")


def simulate_records(
    n: int = INDIVIDUALS, *, seed: int, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Draw `n` records of single links, each from a borough to a place or to none.

    One row is one simulated link, in RECORDS form, with the tag ``age_band``. Boroughs
    and police force areas are drawn in proportion to the printed totals; the town inside
    a force in proportion to its population weight. A share of records has no destination
    (29 %), and a share only the force (27 %), as in the printed series. Months are drawn
    evenly from January 2018 to March 2019. The same `seed` gives the same rows.
    """
    gazetteer = gazetteer or Gazetteer.load()
    rng = np.random.default_rng(seed)
    places = gazetteer.places
    boroughs = places[places[schema.LEVEL] == schema.BOROUGH]
    recorded = rng.random(n)
    forces = rng.choice(
        [f"force:{slug}" for slug in FORCE_TOTALS], size=n, p=_shares(FORCE_TOTALS.values())
    )
    towns = _towns(gazetteer, forces, rng)
    has_force, has_town = recorded < COUNTY_RECORDED, recorded < TOWN_RECORDED
    force_names = places[schema.NAME].reindex(forces).to_numpy(dtype=object)
    months = MONTHS[rng.integers(len(MONTHS), size=n)].strftime("%Y-%m").to_numpy(dtype=object)
    nothing = np.full(n, None, dtype=object)
    origins = rng.choice(boroughs[schema.NAME], size=n, p=_borough_shares(boroughs))
    records = pd.DataFrame(
        {
            schema.ROW: np.arange(2, n + 2),
            schema.INPUT: schema.RECORDS,
            schema.ORIGIN: origins,
            schema.ORIGIN_LEVEL: schema.BOROUGH,
            schema.ORIGIN_WITHIN: None,
            schema.DESTINATION: np.where(
                has_town, towns, np.where(has_force, force_names, nothing)
            ),
            schema.DESTINATION_LEVEL: np.select(
                [has_town, has_force], [schema.SETTLEMENT, schema.FORCE], default=""
            ),
            schema.DESTINATION_WITHIN: np.where(has_town, force_names, nothing),
            schema.MEASURE: SIMULATED,
            schema.COUNT: pd.array(np.ones(n, dtype=np.int64), dtype="Int64"),
            schema.PERIOD_START: months,
            schema.PERIOD_END: months,
            schema.QUALIFIER: schema.EXACT_FIGURE,
            schema.SOURCE: SOURCE,
            schema.NOTE: None,
            "age_band": rng.choice(list(AGE_SHARES), size=n, p=list(AGE_SHARES.values())),
        }
    )
    level = records[schema.DESTINATION_LEVEL]
    return records.assign(**{schema.DESTINATION_LEVEL: level.where(has_force | has_town)})


def _shares(values: Iterable[float]) -> Floats:
    weights = np.fromiter(values, dtype=np.float64)
    shares: Floats = weights / weights.sum()
    return shares


def _borough_shares(boroughs: pd.DataFrame) -> Floats:
    slugs = [str(place_id).partition(":")[2] for place_id in boroughs.index]
    rest = (INDIVIDUALS - sum(BOROUGH_TOTALS.values())) / (len(slugs) - len(BOROUGH_TOTALS))
    return _shares([BOROUGH_TOTALS.get(slug, rest) for slug in slugs])


def _towns(gazetteer: Gazetteer, forces: Names, rng: np.random.Generator) -> Names:
    """Draw a settlement inside each force, in proportion to population weight."""
    drawn = np.empty(len(forces), dtype=object)
    for force in np.unique(forces):
        inside = gazetteer.settlements(str(force))
        inside = inside[inside[schema.POPULATION_WEIGHT] > 0]
        # A name that two places in the same force share would not be one place.
        inside = inside[~inside[schema.NAME].duplicated(keep=False)]
        rows = np.flatnonzero(forces == force)
        weights = _shares(inside[schema.POPULATION_WEIGHT])
        drawn[rows] = rng.choice(inside[schema.NAME].to_numpy(), size=len(rows), p=weights)
    return drawn
