"""Simulated records for demonstration, drawn from published totals and labelled on every row.

No borough-by-town table of county lines has ever been published. Where an example
needs one, it is simulated here by a gravity law that is fitted to the published totals, and
its measure says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.distance import geodesic_km
from linemap.gazetteer import Gazetteer

Floats = npt.NDArray[np.float64]
NameArray = npt.NDArray[Any]

SIMULATED: Final = "simulated links"
SOURCE: Final = (
    "Simulated, not observed: drawn at random from the totals that the press printed of the "
    "Rescue and Response strategic assessment, January 2018 to March 2019. That links fall with "
    "the inverse of the distance is assumed, so these records cannot say how far anybody goes"
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
# How fast links thin out with distance: by its inverse. No published table tells the slope.
SLOPE: Final = 1.0
_ROUNDS: Final = 100  # of the fit; its totals are then right to the last digit of a float
COUNTY_RECORDED: Final = 0.71
TOWN_RECORDED: Final = 0.44
AGE_SHARES: Final[dict[str, float]] = {"under 18": 0.34, "18 and over": 0.66}
MONTHS: Final = pd.period_range("2018-01", "2019-03", freq="M")


def is_simulated(measure: str) -> bool:
    """Say whether a measure names itself as simulated.

    >>> is_simulated(SIMULATED), is_simulated("referrals")
    (True, False)
    """
    return measure.strip().casefold().startswith("simulated")


def simulate_records(
    n: int = INDIVIDUALS, *, seed: int, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Draw `n` records of single links, each from a borough to a place or to none.

    One row is one simulated link, in RECORDS form, with the tag ``age_band``. The pairs
    of a borough and a town are drawn by a doubly constrained gravity law: the product of
    the town's population weight, the inverse of the distance in km (``SLOPE``), and a factor
    for each borough and each police force area that makes the expected totals of both the
    printed ones. A share of records has no destination (29 %), and a share only the force
    (27 %), as in the printed series. Months are drawn evenly from January 2018 to March
    2019. The same `seed` gives the same rows.
    """
    gazetteer = Gazetteer.load(gazetteer)
    rng = np.random.default_rng(seed)
    law = _fit(gazetteer)
    recorded = rng.random(n)
    pair = rng.choice(law.pairs.size, size=n, p=law.pairs.ravel())
    borough, force = np.divmod(pair, law.pairs.shape[1])
    towns = np.empty(n, dtype=object)
    for one in np.unique(pair):  # a town of the force, by its weight and how far it is
        rows = np.flatnonzero(pair == one)
        i, j = divmod(int(one), law.pairs.shape[1])
        names, pulls = law.towns[j]
        towns[rows] = rng.choice(names, size=len(rows), p=pulls[i] / pulls[i].sum())
    has_force, has_town = recorded < COUNTY_RECORDED, recorded < TOWN_RECORDED
    force_names = law.forces[force]
    months = MONTHS[rng.integers(len(MONTHS), size=n)].strftime("%Y-%m").to_numpy(dtype=object)
    nothing = np.full(n, None, dtype=object)
    origins = law.boroughs[borough]
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


@dataclass(frozen=True, slots=True)
class _FittedLaw:
    """The fitted law: names of boroughs and forces, shares of the pairs, towns with their pulls."""

    boroughs: NameArray
    forces: NameArray
    pairs: Floats  # boroughs by forces; sums to 1
    towns: tuple[tuple[NameArray, Floats], ...]  # of each force: names, and boroughs by towns


def _fit(gazetteer: Gazetteer) -> _FittedLaw:
    """Fit the gravity law to the printed totals, by iterative proportional fitting."""
    places = gazetteer.places
    boroughs = places[places[schema.LEVEL] == schema.BOROUGH]
    homes = boroughs.geometry.representative_point()
    towns = []
    for slug in FORCE_TOTALS:
        inside = gazetteer.settlements(f"force:{slug}")
        inside = inside[inside[schema.POPULATION_WEIGHT] > 0]
        # A name that two places in the same force share would not be one place.
        inside = inside[~inside[schema.NAME].duplicated(keep=False)]
        points = inside.geometry
        km = geodesic_km(
            homes.x.to_numpy()[:, np.newaxis],
            homes.y.to_numpy()[:, np.newaxis],
            points.x.to_numpy(),
            points.y.to_numpy(),
        )
        weights = inside[schema.POPULATION_WEIGHT].to_numpy(dtype=np.float64)
        towns.append((inside[schema.NAME].to_numpy(dtype=object), weights / km**SLOPE))
    pairs = np.column_stack([pulls.sum(axis=1) for _, pulls in towns])
    sent = _borough_shares(boroughs)[:, np.newaxis]
    received = _shares(FORCE_TOTALS.values())
    for _ in range(_ROUNDS):
        pairs *= sent / pairs.sum(axis=1, keepdims=True)
        pairs *= received / pairs.sum(axis=0)
    forces = places[schema.NAME].reindex([f"force:{slug}" for slug in FORCE_TOTALS])
    names = boroughs[schema.NAME].to_numpy(dtype=object)
    return _FittedLaw(names, forces.to_numpy(dtype=object), pairs / pairs.sum(), tuple(towns))


def _shares(values: Iterable[float]) -> Floats:
    weights = np.fromiter(values, dtype=np.float64)
    shares: Floats = weights / weights.sum()
    return shares


def _borough_shares(boroughs: pd.DataFrame) -> Floats:
    slugs = [str(place_id).partition(":")[2] for place_id in boroughs.index]
    rest = (INDIVIDUALS - sum(BOROUGH_TOTALS.values())) / (len(slugs) - len(BOROUGH_TOTALS))
    return _shares([BOROUGH_TOTALS.get(slug, rest) for slug in slugs])


# ── The same records as an analyst would keep them ───────────────────────────
ORIGIN: Final = "Home borough"
DESTINATION: Final = "Where found"
DATE: Final = "Date of referral"
AGE: Final = "Age group"
MEASURE: Final = "Measure"
MARK: Final = "Source"
# How often a name is written in another way: known spellings, and slips that need an eye.
_OTHERWISE: Final = 0.15
_SLIPS: Final = 0.02
_UNKNOWN: Final = ("N/K", "unknown", "Not stated", "TBC", "")
_DAYS: Final = 28


def simulate_table(
    n: int = INDIVIDUALS, *, seed: int, gazetteer: Gazetteer | None = None
) -> pd.DataFrame:
    """Draw the records of :func:`simulate_records` and write them as a council's table.

    One row is one simulated link, with the headings and the mess of a real table: names
    in other cases and spellings, with their county behind them or with slips of the keyboard,
    four ways to write a date, words for unknown. Every row names its measure
    "simulated links" and its source. The same `seed` gives the same rows.
    """
    gazetteer = Gazetteer.load(gazetteer)
    records = simulate_records(n, seed=seed, gazetteer=gazetteer)
    rng = np.random.default_rng((seed, 1))
    towns = records[schema.DESTINATION_LEVEL] == schema.SETTLEMENT
    found = [
        _as_written(name, within if is_town else None, rng)
        if isinstance(name, str)
        else str(rng.choice(_UNKNOWN))
        for name, within, is_town in zip(
            records[schema.DESTINATION], records[schema.DESTINATION_WITHIN], towns, strict=True
        )
    ]
    homes = [_home_as_written(str(name), rng) for name in records[schema.ORIGIN]]
    days = [_day_as_written(str(month), rng) for month in records[schema.PERIOD_START]]
    return pd.DataFrame(
        {
            ORIGIN: homes,
            DESTINATION: found,
            DATE: days,
            AGE: records["age_band"],
            MEASURE: SIMULATED,
            MARK: SOURCE,
        }
    )


def _home_as_written(name: str, rng: np.random.Generator) -> str:
    if rng.random() >= _OTHERWISE:
        return name
    return str(rng.choice([f"LB {name}", f"London Borough of {name}", name.upper(), f"{name} "]))


def _as_written(name: str, within: object, rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < _SLIPS and len(name) > 5:
        at = int(rng.integers(1, len(name) - 2))
        return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
    if chance >= _OTHERWISE:
        return name
    behind = f"{name}, {within}" if isinstance(within, str) else name
    return str(rng.choice([name.lower(), f" {name}", name.replace("'", ""), behind]))


def _day_as_written(month: str, rng: np.random.Generator) -> str:
    day = pd.Timestamp(f"{month}-{int(rng.integers(1, _DAYS + 1)):02d}")
    way = int(rng.integers(20))
    patterns = {0: "%d.%m.%y", 1: "%Y-%m-%d", 2: "%d %b %Y"}
    return day.strftime(patterns.get(way, "%d/%m/%Y"))
