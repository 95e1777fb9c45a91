"""Make a release again of the numbers that were read: nothing else may be in what leaves.

A release is to follow from the counts that it shows, the rule, its title and
the gazetteer. So it is made again from these, and every table, file and
drawing of it must come out the same, byte for byte. Whatever else a file
held, in a name, a coordinate, the width of a line or between two pages,
would make a difference.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from linemap import schema
from linemap.auditing.linear_attack import Claims, read_claims
from linemap.auditing.published import (
    ACCOUNT,
    FLOWS,
    WHERE_TO,
    Finding,
    Key,
    Published,
    rows_of_frame,
)
from linemap.auditing.release_files import Folder, read_folder, same
from linemap.disclosure import Release, Rule, as_published
from linemap.disclosure.protecting import PUBLISHED_IN
from linemap.disclosure.release import REPEATS, TOO_LARGE, release_of
from linemap.disclosure.views import ALL, DESTINATION, NOWHERE, ORIGIN, WHERE, Name, kind_of_tag
from linemap.errors import LinemapError, OutputError, UnknownPlaceError
from linemap.flows import measure_pairs
from linemap.gazetteer import Gazetteer
from linemap.records import Tell, nobody
from linemap.release import draw_release, drawing_names, verify_release
from linemap.release.manifest import HASH, MANIFEST, manifest_bytes, versions
from linemap.release.write import about, plain_sources, write_data, write_drawings
from linemap.windows import window_told

_OTHER: Final = "anything but what its numbers make"
NOTHING: Final = pd.DataFrame()
_NUMBERS: Final = frozenset((schema.COUNT, *schema.MODEL_COLUMNS))


def remake(published: Published, gazetteer: Gazetteer) -> Release | Finding:
    """Make the release of what was published; a finding if there can be none."""
    try:
        if published.rule is None:
            flows = _as_printed(published, gazetteer)
            said = [c for c in published.caveats if c.startswith(PUBLISHED_IN)]
            words = said[0].removeprefix(PUBLISHED_IN) if said else None
            return as_published(
                flows, gazetteer=gazetteer, already_public=True, already_published=words,
                window=window_told(published.caveats),
            )  # fmt: skip
        return _protected(published, published.rule, gazetteer)
    except UnknownPlaceError:
        return Finding("content", FLOWS, "flows between places that the gazetteer does not hold")
    except LinemapError:
        return Finding("rule", FLOWS, "numbers of which the rule lets no release be made")


def rebuild_release(folder: str | Path, gazetteer: Gazetteer) -> Release:
    """Make the sealed release of a folder again, from the numbers that the folder shows.

    `gazetteer` is the one that the folder was built with. What a folder says is no proof of
    what may leave: this neither audits it nor signs it off.

    Raises
    ------
    OutputError
        If the folder is no whole release, or its tables are not those that its numbers
        make: say, because one was changed by hand.
    """
    verify_release(folder)
    read = read_folder(Path(folder), gazetteer.places)
    again = None if read.findings or read.published is None else remake(read.published, gazetteer)
    if (
        read.published is None
        or not isinstance(again, Release)
        or not follows(read.published, again)
    ):
        raise OutputError(
            f"The tables of {folder} are not those that its numbers make. Type: "
            f"linemap audit {folder}"
        )
    return again


def _protected(published: Published, rule: Rule, gazetteer: Gazetteer) -> Release:
    claims = read_claims(published)
    totals: dict[Key, dict[Name, int]] = {key: _totals(block) for key, block in claims.items()}
    return release_of(
        {key: block.cells for key, block in claims.items()},
        totals,
        (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END, *published.tags),
        rule=rule,
        gazetteer=gazetteer,
        repeats=REPEATS in published.caveats,
        too_large=TOO_LARGE in published.caveats,
        window=window_told(published.caveats),
    )


def _totals(block: Claims) -> dict[Name, int]:
    totals: dict[Name, int] = {(ORIGIN, name): n for name, n in block.origins.items()}
    totals |= {(DESTINATION, name): n for name, n in block.destinations.items()}
    totals |= {(WHERE, name): n for name, n in block.where.items()}
    totals |= {(kind_of_tag(tag), value): n for (tag, value), n in block.by_tag.items()}
    if block.whole is not None:
        totals[ALL, ""] = block.whole
    if block.unplaced is not None:
        totals[NOWHERE, ""] = block.unplaced
    return totals


def _as_printed(published: Published, gazetteer: Gazetteer) -> gpd.GeoDataFrame:
    """Put the flows together as they were printed, and measure their geography again."""
    table = pd.DataFrame(list(published.tables[FLOWS]), columns=list(published.columns))
    for column in published.columns:
        if column not in _NUMBERS:
            table[column] = table[column].astype("str")
    table[schema.COUNT] = table[schema.COUNT].astype("Int64")
    geography = measure_pairs(table[schema.ORIGIN_ID], table[schema.DESTINATION_ID], gazetteer)
    for column in geography.columns:
        table[column] = geography[column]
    return gpd.GeoDataFrame(table, geometry=schema.GEOMETRY, crs="EPSG:4326")


def compare_releases(release: Release, remade: Release) -> Iterator[Finding]:
    """Yield each part of a release that does not follow from its numbers."""
    for name, frame, again in (
        (FLOWS, release.flows, remade.flows),
        (WHERE_TO, *(of.views.get(schema.WHERE_TO, NOTHING) for of in (release, remade))),
        ("places", release.places.reset_index(), remade.places.reset_index()),
        (ACCOUNT, release.account, remade.account),
        *(
            (name, table, remade.summaries.get(name, pd.DataFrame()))
            for name, table in release.summaries.items()
        ),
    ):
        if not _same(frame, again):
            yield Finding("unknown", name, _OTHER)
    for part in ("attributions", "caveats"):
        if getattr(release, part) != getattr(remade, part):
            yield Finding("unknown", part, _OTHER)


def follows(published: Published, remade: Release) -> bool:
    """Say whether every table that was published is the one that its numbers make."""
    made = {FLOWS: remade.flows, ACCOUNT: remade.account, **remade.summaries}
    if schema.WHERE_TO in remade.views:
        made[WHERE_TO] = remade.views[schema.WHERE_TO]
    return published.tables.keys() == made.keys() and all(
        same(published.tables[name], rows_of_frame(frame)) for name, frame in made.items()
    )


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Say whether two frames hold the same, in the same order of rows and of columns."""
    columns = [[c for c in frame.columns if c != schema.GEOMETRY] for frame in (one, other)]
    shapes = [
        list(frame.geometry.to_wkb()) if isinstance(frame, gpd.GeoDataFrame) else None
        for frame in (one, other)
    ]
    return (
        columns[0] == columns[1]
        and rows_of_frame(one) == rows_of_frame(other)
        and shapes[0] == shapes[1]
    )


def compare_files(
    folder: Folder,
    remade: Release,
    gazetteer: Gazetteer,
    *,
    draw: bool,
    tell: Tell = nobody,
) -> tuple[list[Finding], frozenset[str]]:
    """Write a release again; return each file that does not come out the same, and those that do.

    Files are compared by their SHA-256, of the files that are there and not of what the
    manifest says of them. Without `draw` drawings are taken to be those of the release,
    which the caller has then compared. `tell` is told each drawing.
    """
    content = folder.manifest
    listed = {str(entry["path"]): entry for entry in content["resources"]}
    drawn = {name for name in listed if name in drawing_names()}
    hint = _versions(content)
    found, same = list[Finding](), set[str]()
    with tempfile.TemporaryDirectory() as made:
        again = Path(made)
        outputs = write_data(remade, again, content["title"])
        if draw:
            told = partial(tell, "Auditing: drawing again")
            drawings = draw_release(remade, content["title"], gazetteer, only=drawn, told=told)
            outputs += write_drawings(again, drawings)
        else:
            outputs += [listed[name] for name in drawn]
        expected = {str(entry["path"]): entry for entry in outputs}
        for name in sorted(listed.keys() | expected.keys()):
            if name not in expected:
                found.append(Finding("unknown", name, "a file that no release has"))
            elif name not in listed:
                found.append(Finding("unknown", name, "a file of the release that is missing"))
            elif folder.hashes.get(name) != expected[name][HASH]:
                found.append(Finding("unknown", name, _OTHER, hint=hint))
            else:
                same.add(name)
    sources = plain_sources(gazetteer.sources) if content["sources"] else []
    said = {key: content[key] for key in ("title", "settings", "inputs", "series")}
    whole = about(remade, list(expected.values()), sources=sources, **said)
    if manifest_bytes(whole) != (folder.path / MANIFEST).read_bytes():
        other_places = bool(sources) and sources != content["sources"]
        found.append(
            Finding("unknown", MANIFEST, _OTHER, hint=_OTHER_PLACES if other_places else hint)
        )
    return found, frozenset(same)


_OTHER_PLACES: Final = (
    "It names other sources of places than those at hand: audit it with the options of its build "
    "(--gazetteer, --stations, --postcode-districts; in Python gazetteer=)."
)


def _versions(content: Mapping[str, Any]) -> str:
    """Say which versions a release was written with that are not the ones at hand."""
    here = versions()
    other = sorted(
        name for name in here.keys() | content["versions"].keys()
        if here.get(name) != content["versions"].get(name)
    )  # fmt: skip
    if not other:
        return ""
    return (
        f"It was written with other versions of {', '.join(other)}: audit it with those, or "
        "build it again."
    )
