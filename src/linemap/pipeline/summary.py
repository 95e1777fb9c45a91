"""What a build says of itself: to the analyst in a few lines, and in the private folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.disclosure import COUNT_SHOWN, REPEATS, SHOWN_AS, Release, Rule
from linemap.flows import end_statuses, off_hint
from linemap.measures import columns
from linemap.pipeline.reviewing import REVIEW, changes, to_review
from linemap.records import Reading
from linemap.release import Private

_REPEATED: Final = (
    "Numbers of an earlier release are repeated; repeated_numbers.csv in the private folder says "
    "how far each is from now"
)
_NAMED: Final = 6  # names that a line lists
SHARE: Final = "share"
_STEP: Final = 0.05  # shares are told to a twentieth, as in a release
MOST_ORIGINS: Final = 8  # that a summary names


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every input row: `placed`, `unplaced` and `refused` sum to `read`.

    ``unplaced`` rows state no destination (``not_stated``), or hold a name that has no place.
    """

    read: int
    placed: int
    not_stated: int
    refused: int

    @classmethod
    def of(cls, reading: Reading, matches: pd.DataFrame) -> Account:
        """Count the rows of a table by what became of them."""
        placed = end_statuses(reading.frame, matches).isin(schema.PLACED).all(axis=1)
        return cls(
            read=reading.rows,
            placed=int(reading.alike[placed].sum()),
            not_stated=int(reading.alike[reading.frame[schema.DESTINATION].isna()].sum()),
            refused=reading.rows - int(reading.alike.sum()),
        )

    @property
    def unplaced(self) -> int:
        """The rows that were read and have no place at one end or both."""
        return self.read - self.placed - self.refused


def kept_private(
    reading: Reading,
    account: Account,
    flows: gpd.GeoDataFrame,
    matches: pd.DataFrame,
    inputs: Mapping[str, str],
    *,
    aliases: str | Path | None = None,
    repeated: pd.DataFrame | None = None,
) -> Private:
    """Gather what is for the analyst alone: the unplaced, the doubtful, the refused, the hashes.

    And, of a series of releases, which numbers are `repeated` and how far each is from now.
    `aliases` is the analyst's file of decisions.
    """
    unplaced = flows[flows[schema.DESTINATION_ID].isna() | flows[schema.ORIGIN_ID].isna()]
    notices = pd.DataFrame(
        [(n.row, n.column, n.problem) for n in reading.notices],
        columns=[schema.ROW, "column", "problem"],
    )
    return Private(
        tables={
            "refused_rows": reading.refused,
            "notices": notices,
            "unplaced": unplaced.drop(columns=schema.GEOMETRY),
            REVIEW: to_review(matches, aliases),
            **({} if repeated is None else {"repeated_numbers": repeated}),
        },
        facts={
            "inputs_sha256": dict(inputs),
            "rows": account.read,
            "rows_placed": account.placed,
            "rows_unplaced": account.unplaced,
            "rows_refused": account.refused,
            "rows_blank": reading.blank,
            "columns_not_used": list(reading.unused),
        },
    )


def shares_of_records(frame: pd.DataFrame, release: Release) -> pd.DataFrame:
    """Say what share of the records of a RECORDS frame is shown at each level of destination.

    One row a measure and level that shows any, the finest first: ``measure``, ``shown_as``, and
    ``share`` of all records of the measure, those without a place among them. See
    :func:`to_twentieth`.
    """
    shown = release.account
    whole = frame.groupby(schema.MEASURE, sort=False)[schema.COUNT].sum().astype(float)
    share = shown[COUNT_SHOWN].astype(float) / shown[schema.MEASURE].map(whole).clip(lower=1.0)
    return shown[[schema.MEASURE, SHOWN_AS]].assign(**{SHARE: share})


def to_twentieth(share: float) -> float:
    """Round a share to a twentieth, as a release tells them; 1 is the most.

    >>> to_twentieth(0.62), to_twentieth(1.04)
    (0.6, 1.0)
    """
    return round(min(round(share / _STEP) * _STEP, 1.0), 2)


def summary(
    account: Account,
    matches: pd.DataFrame,
    release: Release,
    frame: pd.DataFrame,
    *,
    repeats: bool = False,
) -> tuple[str, ...]:
    """Say in a few lines what came in, what was placed, what leaves, and how far it reaches.

    Of records, counts are rounded as the rule rounds them (the exact ones are in the private
    folder alone), and shares are of all records of the `frame`. `repeats` says that the release
    shows numbers of an earlier one.
    """
    unit = "statements" if release.rule is None else "rows of records"
    unnamed = account.unplaced - account.not_stated
    read, placed, unplaced, refused, silent, unknown = (
        rounded(number, release.rule)
        for number in (
            account.read, account.placed, account.unplaced, account.refused,
            account.not_stated, unnamed,
        )
    )  # fmt: skip
    none = rounded(0, release.rule)
    without = "Without a place"
    if release.rule is not None:
        without = f"Rows without a place ({none} may be none)"
    left_out = f", {refused} refused" if account.refused or release.rule is None else ""
    return (
        f"{read} {unit} read: {placed} placed, {unplaced} without a place{left_out}",
        f"{without}: {silent} state no destination, {unknown} have a name that is not placed",
        *changes(matches),
        *other_levels(matches),
        release.stamp,
        "",
        *(_far_ends(release) if release.rule is None else _kept(release, frame)),
        *((_REPEATED,) if repeats else ()),
    )


def rounded(number: int, rule: Rule | None) -> str:
    """Write a count of records for a console, as the rule shows it; one of statements as it is.

    >>> rounded(3, Rule()), rounded(203, Rule()), rounded(3, None)
    ('fewer than 10', 'about 205', '3')
    """
    if rule is None:
        return f"{number:,}"
    shown = rule.shown(number)
    return f"fewer than {rule.threshold}" if shown is None else f"about {shown:,}"


def other_levels(matches: pd.DataFrame) -> tuple[str, ...]:
    """Say which names are places of another level than their heading says; empty if none is."""
    other = off_hint(matches)
    if other.empty:
        return ()
    few = other.head(_NAMED)
    said = ", ".join(
        f"{query} ({level})"
        for query, level in zip(few[schema.QUERY], few[schema.LEVEL], strict=True)
    )
    more = f" and {len(other) - _NAMED:,} more" if len(other) > _NAMED else ""
    return (f"Of another level than their heading says, and placed as what they are: {said}{more}",)


def _far_ends(release: Release) -> Iterator[str]:
    """Say of each origin which of its places are the furthest, with the range of each."""
    ends = release.summaries["far_ends"]
    furthest = ends.groupby(schema.ORIGIN_NAME)[columns.FURTHEST_KM].max()
    for origin in furthest.sort_values(ascending=False, kind="stable").index[:MOST_ORIGINS]:
        places = [
            f"{end[columns.FURTHEST_NAME]} {end[columns.FURTHEST_KM]:,.0f} km "
            f"({end[columns.FURTHEST_LOW_KM]:,.0f} to {end[columns.FURTHEST_HIGH_KM]:,.0f})"
            for _, end in ends[ends[schema.ORIGIN_NAME] == origin].iterrows()
        ]
        yield f"{origin} reaches {', '.join(places)}"
    if len(furthest) > MOST_ORIGINS:
        yield f"and {len(furthest) - MOST_ORIGINS:,} further origins"


def _kept(release: Release, frame: pd.DataFrame) -> Iterator[str]:
    """Say how many flows are shown, at which levels, and whether any are as they were before."""
    flows = release.flows
    pairs = flows[[schema.ORIGIN_ID, schema.DESTINATION_ID]].dropna().drop_duplicates()
    yield f"{len(flows):,} flows are shown, between {len(pairs):,} pairs of places"
    for measure, levels in shares_of_records(frame, release).groupby(schema.MEASURE, sort=False):
        shares = zip(levels[SHARE], levels[SHOWN_AS], strict=True)
        told = ", ".join(f"{to_twentieth(share):.0%} {level}" for share, level in shares)
        whole = to_twentieth(float(levels[SHARE].sum()))
        yield (
            f"Of all {measure} in the table, those without a place among them, {whole:.0%} are "
            f"shown, by destination: {told}"
        )
    if REPEATS in release.caveats:
        yield REPEATS
