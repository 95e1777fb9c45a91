"""The release: what may leave, sealed so that nothing else can look like it.

Everything that leaves of records is made here of the numbers that are shown and of
geography alone: no true count comes this far, so none can be in a table, a line or a
drawing. The audit makes a release again from the numbers that it has read, and compares.
Its summaries (totals, statistics of distance, the account) are made of the same numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import marshal
import secrets
from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Any, Final, NoReturn, final

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryArray, to_wkb

from linemap import measures, schema
from linemap.disclosure.cells import Key, to_flows, to_values, to_where, veiled
from linemap.disclosure.periods import told_periods
from linemap.disclosure.rule import Rule
from linemap.disclosure.views import (
    ALL,
    DESTINATION,
    NOWHERE,
    ORIGIN,
    WHERE,
    Name,
    Place,
    is_of_tag,
)
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.measures import columns as c
from linemap.simulate import is_simulated
from linemap.windows import Window

PROTECTED: Final = "protected"
ALREADY_PUBLIC: Final = "already public"
PRINTED: Final = "Already published figures, shown as they were printed."

# Made anew by every process: a seal can be neither carried over nor written by hand.
_KEY: Final = secrets.token_bytes(32)
_PARTS: Final = (
    "flows", "where_to", "places", "summaries", "rule", "basis", "account", "attributions",
    "caveats", "covered", "window", "tags",
)  # fmt: skip


@final
class Release:
    """What may leave the building: protected flows and summaries, and how they were protected.

    Only :func:`protect` and :func:`as_published` let one out. Every frame is
    handed out as a copy, and the content is sealed: a release that has been
    tampered with is refused by :func:`require_release`.

    ``flows`` is a FLOWS frame (with ``part`` and ``origin_part`` where it was
    protected), ``views`` the frames by which the same records can be read,
    ``places`` the PLACES rows that they touch and the areas around those,
    ``summaries`` frames by name, ``account`` what share of the records is shown
    at which level.
    """

    __slots__ = (*(f"_{part}" for part in _PARTS), "_seal")

    _flows: gpd.GeoDataFrame
    _where_to: gpd.GeoDataFrame | None
    _places: gpd.GeoDataFrame
    _summaries: Mapping[str, pd.DataFrame]
    _rule: Rule | None
    _basis: str
    _account: pd.DataFrame
    _attributions: tuple[str, ...]
    _caveats: tuple[str, ...]
    _covered: tuple[tuple[object, ...], ...]
    _window: Window | None
    _tags: tuple[str, ...]
    _seal: bytes

    def __init__(self, *_: object, **__: object) -> None:
        raise DisclosureError(
            "A Release is made by protect() for records, or as_published() for what is public "
            "already, and in no other way."
        )

    @property
    def flows(self) -> gpd.GeoDataFrame:
        """A copy of the flows: of records, each origin's, which is the view ``who sends``."""
        return self._flows.copy()

    @property
    def views(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Copies of the views, by name, each a FLOWS frame; every record is in each view once.

        ``schema.WHERE_TO``, where there is one, has all origins together
        (``origin_id``, distances and geometry null, ``origin_name``
        ``schema.ALL_ORIGINS``) and its destinations mostly finer;
        ``schema.WHO_SENDS`` is :attr:`flows`. Counts of two views are never to be
        added or subtracted. What was public already has no views.
        """
        if self._rule is None:
            return MappingProxyType({})
        views = {schema.WHO_SENDS: self._flows.copy()}
        if self._where_to is not None:
            views = {schema.WHERE_TO: self._where_to.copy(), **views}
        return MappingProxyType(views)

    @property
    def places(self) -> gpd.GeoDataFrame:
        """A copy of the places that the flows touch, with their outlines."""
        return self._places.copy()

    @property
    def summaries(self) -> Mapping[str, pd.DataFrame]:
        """Copies of the summaries, by name."""
        return MappingProxyType({name: frame.copy() for name, frame in self._summaries.items()})

    @property
    def rule(self) -> Rule | None:
        """The rule, or None for what was public already."""
        return self._rule

    @property
    def basis(self) -> str:
        """Either ``protected`` or ``already public``."""
        return self._basis

    @property
    def account(self) -> pd.DataFrame:
        """A copy of the account of what was kept."""
        return self._account.copy()

    @property
    def attributions(self) -> tuple[str, ...]:
        """What the sources of the places ask to be named."""
        return self._attributions

    @property
    def caveats(self) -> tuple[str, ...]:
        """Sentences that go with every output."""
        return self._caveats

    @property
    def covered(self) -> tuple[tuple[object, ...], ...]:
        """Every measure, window and set of tags that was counted, shown or not.

        For the ledger in the private folder; no output says it.
        """
        return self._covered

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags by whose values all records were counted, shown or not; for the ledger."""
        return self._tags

    @property
    def window(self) -> Window | None:
        """The months that the release covers, as its owner states; None where nobody did."""
        return self._window

    @property
    def stamps(self) -> tuple[str, ...]:
        """The parts of the stamp: whether it is simulated, the rule or the basis, the months."""
        basis = PRINTED if self._rule is None else self._rule.sentence
        simulated = (SIMULATION,) if SIMULATION in self._caveats else ()
        return (*simulated, basis, *((self._window.sentence,) if self._window is not None else ()))

    @property
    def stamp(self) -> str:
        """What every output carries: the rule, or that all of it was public; what it covers."""
        return " ".join(self.stamps)

    def __repr__(self) -> str:
        return f"<Release: {len(self._flows)} flows, {self._basis}>"

    def _repr_html_(self) -> str:
        levels = self._account.to_html(index=False, border=0, escape=True)
        told = "".join(f"<li>{escape(text)}</li>" for text in self.caveats)
        return (
            f"<p><strong>Release</strong>: {len(self._flows):,} flows, {escape(self._basis)}, of "
            f"{len(self._places):,} places and the areas around them</p>{levels}<ul>{told}</ul>"
        )

    def __copy__(self) -> Release:
        return self

    def __deepcopy__(self, memo: object) -> Release:
        return self

    def __reduce__(self) -> NoReturn:
        raise DisclosureError("A Release cannot be pickled: make it anew with protect().")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise DisclosureError(f"A Release is sealed: {name} cannot be set.")

    def __delattr__(self, name: str) -> NoReturn:
        raise DisclosureError(f"A Release is sealed: {name} cannot be taken away.")


def seal(
    *,
    flows: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    summaries: Mapping[str, pd.DataFrame],
    rule: Rule | None,
    basis: str,
    account: pd.DataFrame,
    attributions: tuple[str, ...],
    caveats: tuple[str, ...],
    covered: tuple[tuple[object, ...], ...] = (),
    window: Window | None = None,
    where_to: gpd.GeoDataFrame | None = None,
    tags: tuple[str, ...] = (),
) -> Release:
    """Seal a release; for the doors of this package and nobody else."""
    release = object.__new__(Release)
    content = {
        "flows": flows.copy(),
        "where_to": where_to.copy() if where_to is not None else None,
        "places": places.copy(),
        "summaries": {name: frame.copy() for name, frame in summaries.items()},
        "rule": rule,
        "basis": basis,
        "account": account.copy(),
        "attributions": tuple(attributions),
        "caveats": tuple(caveats),
        "covered": tuple(covered),
        "window": window,
        "tags": tuple(tags),
    }
    for part, value in content.items():
        object.__setattr__(release, f"_{part}", value)
    object.__setattr__(release, "_seal", _digest(release))
    return release


def require_release(candidate: object) -> Release:
    """Return `candidate` if it is a Release whose seal is whole.

    Raises
    ------
    DisclosureError
        For anything else, a frame of flows above all.
    """
    if type(candidate) is not Release:
        raise DisclosureError(
            f"A {type(candidate).__name__} may not leave: pass it through protect() (records) or "
            "as_published() (published statements) first."
        )
    sealed = getattr(candidate, "_seal", b"")
    if not hmac.compare_digest(sealed, _digest(candidate) if sealed else b"broken"):
        raise DisclosureError(
            "This Release was changed after it was sealed: make it anew with protect()."
        )
    return candidate


def _digest(release: Release) -> bytes:
    digest = hashlib.blake2b(key=_KEY, digest_size=32)
    for frame in (release._flows, release._where_to, release._places, release._account):
        digest.update(_content(frame) if frame is not None else b"none")
    for name in sorted(release._summaries):
        digest.update(name.encode() + b"\0" + _content(release._summaries[name]))
    plain = (
        release._rule, release._basis, release._attributions, release._caveats, release._window,
        release._tags,
    )  # fmt: skip
    digest.update(repr(release._covered).encode(errors="surrogatepass"))
    digest.update(repr(plain).encode())
    return digest.digest()


def _content(frame: pd.DataFrame) -> bytes:
    """Spell a frame out, geometry as bytes, so that any change to it shows."""
    columns = [_spell(frame.index.tolist())]
    for name, values in pd.DataFrame(frame).items():
        held: Any = values.array
        if isinstance(held, GeometryArray):
            held = to_wkb(held)
        elif isinstance(values.dtype, pd.api.extensions.ExtensionDtype):  # one null a dtype
            held = held.to_numpy(dtype=object, na_value=None)
        else:
            held = held.to_numpy()
        columns.append(_spell([str(name), str(values.dtype)]) + _spell(held.tolist()))
    return b"\n".join(columns)


def _spell(values: list[object]) -> bytes:
    """Write plain values out by content alone; version 2 of marshal knows no references."""
    try:
        return marshal.dumps(values, 2)
    except ValueError:  # values that Python itself does not know, such as pandas' NA
        return repr(values).encode(errors="surrogatepass")


# ── From the numbers that are shown to a release ─────────────────────────────

CAVEAT: Final = (
    "Counts measure detection and recording, not how much exploitation there is: an area with "
    "few may be one that looks less."
)
SIMULATION: Final = (
    "SIMULATED: what is called simulated was drawn at random, and none of it is of a person."
)
REPEATS: Final = (
    "Numbers that an earlier release showed are repeated, unless they have changed by more "
    "people than the threshold; where any has, totals are left out."
)
WHAT_TOTALS_ARE: Final = (
    "Statistics of distance, shares and bands are of the flows that are shown. A place is not "
    "shown where its number is under the threshold, or where somebody who knows this method could "
    "work out a number that is."
)
NO_ONE_DISTANCE: Final = (
    "more than 5 % are shown by region or nation only, which are at no one distance: only the "
    "bounds hold"
)
NO_MONTHS: Final = "Which months these counts cover is not stated."
WHAT_VIEWS_ARE: Final = (
    "The flows and the view of all origins together are of the same records: their counts are "
    "never to be added up."
)
WHAT_BY_TAG_IS: Final = (
    "The table by tag counts the same records once more, all origins together, by the values of "
    "a tag, rounded as totals are: it is not drawn on the map. A value that is not in it has too "
    "few records, or none; a tag is not in it where fewer than two of its values could be shown, "
    "or where they would tell "
    "a number that is hidden."
)
TOO_LARGE: Final = (
    "Of at least one measure all totals, and all numbers of all origins together, are left out: "
    "it has too many pairs of places to prove that they tell nothing that is hidden."
)


def release_of(
    cells: Mapping[Key, Mapping[Place, int]],
    totals: Mapping[Key, Mapping[Name, int]],
    columns: tuple[str, ...],
    *,
    rule: Rule,
    gazetteer: Gazetteer,
    repeats: bool = False,
    too_large: bool = False,
    window: Window | None = None,
    tags: tuple[str, ...] = (),
) -> Release:
    """Make the release that shows these numbers, by block and cell, and these totals.

    `columns` name the parts of a block's key. `repeats` says that some of the
    numbers are those of an earlier release, `too_large` that a measure was too large to
    prove more of than each origin's numbers, `window` which months its owner says
    that it covers, `tags` by which tags all records were counted, shown or not.

    Raises
    ------
    DisclosureError
        For a number that the rule does not show.
    """
    numbers = [(number, False) for shown in cells.values() for number in shown.values()]
    numbers += [
        (number, kind == ALL or is_of_tag(kind))
        for shown in totals.values()
        for (kind, _), number in shown.items()
    ]
    if not all(rule.shown(number, total=total) == number for number, total in numbers):
        raise DisclosureError("A number that the rule does not show cannot be released.")
    flows = to_flows(cells, columns, gazetteer)
    reached = {
        key: {place: n for (kind, place), n in shown.items() if kind == WHERE}
        for key, shown in totals.items()
    }
    summaries = protected_summaries(flows, totals, columns, rule, gazetteer)
    told = [
        text
        for text, is_told in (
            (WHAT_VIEWS_ARE, any(reached.values())),
            (WHAT_BY_TAG_IS, schema.BY_TAG in summaries),
            (TOO_LARGE, too_large),
            (REPEATS, repeats),
        )
        if is_told
    ]
    where_to = to_where(reached, columns, gazetteer) if any(reached.values()) else None
    return seal(
        flows=flows,
        where_to=where_to,
        places=places_touched(flows, gazetteer, where_to),
        summaries=summaries,
        rule=rule,
        basis=PROTECTED,
        account=account(flows),
        attributions=gazetteer.attributions,
        caveats=(
            *told_simulated(flows, where_to),
            rule.sentence,
            *(told_window(window) or told_undated(flows)),
            *told_periods(flows, where_to, window),
            CAVEAT,
            WHAT_TOTALS_ARE,
            *told,
        ),
        covered=tuple(key if cells[key] or totals.get(key) else veiled(key) for key in cells),
        window=window,
        tags=tags,
    )


def told_simulated(*frames: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the caveat that a measure of these flows is simulated; none where none is."""
    measures = {
        str(one)
        for frame in frames
        if frame is not None
        for one in frame[schema.MEASURE].dropna().unique()
    }
    return (SIMULATION,) if any(map(is_simulated, measures)) else ()


def told_window(window: Window | None) -> tuple[str, ...]:
    """Return the caveat that states what a release covers; none where nobody stated it."""
    return () if window is None else (window.sentence,)


def told_undated(flows: pd.DataFrame) -> tuple[str, ...]:
    """Return the caveat that nobody says which months flows cover; none where each row does."""
    return () if bool(flows[schema.PERIOD_START].notna().all()) else (NO_MONTHS,)


def places_touched(
    flows: gpd.GeoDataFrame, gazetteer: Gazetteer, where_to: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Take the places that both views touch, and the areas around, in the gazetteer's order."""
    places = gazetteer.places
    touched = set(flows[schema.ORIGIN_ID].dropna()) | set(flows[schema.DESTINATION_ID].dropna())
    if where_to is not None:
        touched |= set(where_to[schema.DESTINATION_ID].dropna())
    inside = places.loc[places.index.isin(touched)]
    around = {
        parent
        for column in schema.PARENT_IDS.values()
        for parent in inside[column].dropna().tolist()
    }
    return places.loc[places.index.isin(touched | around)]


# ── What a release says in summary: totals on their own, statistics of what is shown ────────
# Of records, a share is given in twentieths, as a distance is in fives of km.
SHARE_STEP: Final = 0.05
# What would be a minimum, a maximum, or about what is not shown.
_NOT_GIVEN: Final = (
    c.FURTHEST_ID,
    c.FURTHEST_NAME,
    c.FURTHEST_KM,
    c.FURTHEST_LOW_KM,
    c.FURTHEST_HIGH_KM,
    c.N_EXTERNAL_OPEN,
    c.N_NAMED,
    c.N_MENTIONED,
    c.AREAS_REACHED,
)
_LABELS: Final = (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)


def published_summaries(flows: pd.DataFrame, gazetteer: Gazetteer) -> dict[str, pd.DataFrame]:
    """Summarise published statements: nothing is hidden, and nothing added that may not be."""
    fine = ("measure", "level", "period")
    return {
        "origins": measures.reach(flows, by=("origin", *fine), gazetteer=gazetteer),
        "destinations": measures.reach(flows, by=("destination", *fine), gazetteer=gazetteer),
        "whole": measures.reach(flows, by="measure", gazetteer=gazetteer),
        "bands": measures.distance_bands(flows, by=("origin", *fine), gazetteer=gazetteer),
        "far_ends": measures.far_ends(flows, by="origin", gazetteer=gazetteer),
    }


def protected_summaries(
    flows: pd.DataFrame,
    totals: Mapping[Key, Mapping[Name, int]],
    columns: tuple[str, ...],
    rule: Rule,
    gazetteer: Gazetteer,
) -> dict[str, pd.DataFrame]:
    """Summarise protected flows: one row a group of each measure, window and set of tags.

    ``n`` is the true count with a place at both ends, rounded on its own, and
    null where it is under the threshold or would tell what is hidden. Statistics of
    distance and bands are of the cells that are shown, weighted by what is
    shown, to the nearest 5 km and twentieth; no minimum, no maximum.
    """
    tags = tuple(column for column in columns if column not in _LABELS)
    labels = ("measure", "period", *tags)
    plain = _by_place(flows, gazetteer)
    if not len(flows):
        return {}
    result = {}
    tables: tuple[tuple[str, tuple[str, ...], str, str | None], ...] = (
        ("origins", ("origin", *labels), ORIGIN, schema.ORIGIN_ID),
        ("destinations", ("destination", *labels), DESTINATION, schema.DESTINATION_ID),
        ("whole", labels, ALL, None),
    )
    for name, by, kind, place in tables:
        table = _coarse(measures.reach(plain, by=by, gazetteer=gazetteer), rule)
        table = _bounds_alone(table, plain, (*((place,) if place else ()), *columns))
        if place is not None:
            table = table[table[place].notna()].reset_index(drop=True)
        table[c.N] = _looked_up(table, columns, totals, kind, place)
        if kind == ALL:
            table[c.N_UNPLACED] = _looked_up(table, columns, totals, NOWHERE, None)
        else:  # none shown is not none
            table[c.N_UNPLACED] = table[c.N_UNPLACED].mask(table[c.N_UNPLACED] == 0)
        keys = [column for column in table.columns if column in (place, *columns)]
        result[name] = table.sort_values(keys, kind="stable", ignore_index=True)
    bands = measures.distance_bands(plain, by=("origin", *labels), gazetteer=gazetteer)
    bands = bands[bands[schema.ORIGIN_ID].notna()].reset_index(drop=True)
    bands = _bounds_alone(bands, plain, (schema.ORIGIN_ID, *columns))
    result["bands"] = _shares(bands).drop(columns=c.N_NAMED)
    by_tag = to_values(totals, columns)
    return result | ({schema.BY_TAG: by_tag} if len(by_tag) else {})


def _by_place(flows: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """Name each end as its place, so that a place and the rest of it are one group."""
    names = gazetteer.places[schema.NAME]
    ends = (
        (schema.ORIGIN_ID, schema.ORIGIN_NAME),
        (schema.DESTINATION_ID, schema.DESTINATION_NAME),
    )
    named = {
        name: flows[name].mask(flows[place].notna(), flows[place].map(names))
        for place, name in ends
    }
    return flows.drop(columns=list(schema.RELEASE_COLUMNS)).assign(**named)


def _looked_up(
    table: pd.DataFrame,
    columns: tuple[str, ...],
    totals: Mapping[Key, Mapping[Name, int]],
    kind: str,
    place: str | None,
) -> pd.arrays.IntegerArray:
    keys = table[list(columns)].astype(object)
    keys = keys.where(keys.notna(), None)
    names = table[place] if place is not None else [""] * len(table)
    found = [
        totals.get(key, {}).get((kind, name))
        for key, name in zip(keys.itertuples(index=False, name=None), names, strict=True)
    ]
    return pd.array(found, dtype="Int64")


def _bounds_alone(table: pd.DataFrame, flows: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Leave out the statistics of distance of groups of which too many are at no one distance.

    Their bounds stay; ``reason`` says so. `keys` are the columns that a group shares.
    """
    counted = schema.placed_at_both_ends(flows)
    counted = counted.loc[counted[schema.COUNT].fillna(0) > 0]
    counts = counted[schema.COUNT].astype(int)
    at = [counted[key].astype(object).fillna("") for key in keys]
    wide = counts.where(counted[schema.DESTINATION_LEVEL].isin(c.NO_ONE_DISTANCE), 0)
    open_ = wide.groupby(at).sum() > c.MOST_WIDE * counts.groupby(at).sum()
    groups = [key if isinstance(key, tuple) else (key,) for key in open_.index[open_]]
    mine = table[list(keys)].astype(object).fillna("").itertuples(index=False, name=None)
    rows = pd.Series([key in set(groups) for key in mine], table.index, dtype=bool)
    said = table[schema.REASON].astype(object)
    said = said.where(said.isna(), said.astype(str) + "; ").fillna("") + NO_ONE_DISTANCE
    bands = {c.N, c.SHARE} if c.BAND in table.columns else set()
    points = {column for column in table.columns if c.low(column) in table.columns} | bands
    return table.assign(
        **{column: table[column].mask(rows) for column in points},
        **{schema.REASON: table[schema.REASON].mask(rows, said)},
    )


def _coarse(table: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Round the statistics of distance, and leave out what the rule does not give."""
    table = _shares(table)
    for column in table.columns:
        if column in _NOT_GIVEN:
            table[column] = pd.Series(None, index=table.index, dtype=table[column].dtype)
        elif column.endswith("_km") and not column.startswith("share"):
            table[column] = (table[column] / rule.km_base).round() * rule.km_base
    return table


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    shares = {
        column: (np.round(table[column].astype(float) / SHARE_STEP) * SHARE_STEP).round(2)
        for column in table.columns
        if str(column).startswith("share")
    }
    return table.assign(**shares)


# ── What was kept: how much of the records is shown, and how finely ─────────────────────────
SHOWN_AS: Final = "shown_as"
FLOWS: Final = "flows"
COUNT_SHOWN: Final = "count_shown"
SHARE_OF_SHOWN: Final = "share_of_shown"
ELSEWHERE: Final = "elsewhere or not stated"
NOT_STATED: Final = "not stated"


def account(flows: pd.DataFrame) -> pd.DataFrame:
    """Say how much is shown at which level of destination: one row a measure and level.

    ``count_shown`` adds up what the flows show, and ``share_of_shown`` is its
    share of all that is shown of the measure, to a twentieth. All of it
    follows from the flows that the release shows, and no value is ever null,
    so it tells nothing more. Ordered by measure, the finest level first.
    """
    rest = flows[schema.DESTINATION_COVERAGE] == schema.REST
    level = flows[schema.DESTINATION_LEVEL].astype(object)
    level = level.where(level.notna(), np.where(rest, ELSEWHERE, NOT_STATED))
    table = pd.DataFrame(
        {
            schema.MEASURE: flows[schema.MEASURE].astype(object),
            SHOWN_AS: level,
            COUNT_SHOWN: flows[schema.COUNT].astype("int64"),
        }
    )
    groups = table.groupby([schema.MEASURE, SHOWN_AS], dropna=False, sort=False)[COUNT_SHOWN]
    rows = groups.agg(["size", "sum"]).reset_index()
    rows.columns = pd.Index([schema.MEASURE, SHOWN_AS, FLOWS, COUNT_SHOWN])
    whole = rows.groupby(schema.MEASURE, dropna=False)[COUNT_SHOWN].transform("sum")
    share = (rows[COUNT_SHOWN] / whole / SHARE_STEP).round() * SHARE_STEP
    rows[SHARE_OF_SHOWN] = share.round(2)
    order = {name: n for n, name in enumerate((*schema.LEVELS, ELSEWHERE, NOT_STATED))}
    return rows.sort_values(
        [schema.MEASURE, SHOWN_AS],
        key=lambda column: column.map(order) if column.name == SHOWN_AS else column,
        ignore_index=True,
    )
