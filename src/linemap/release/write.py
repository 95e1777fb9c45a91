"""Write a release as one folder, whole or not at all, and read it back only if it is whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from linemap.disclosure import Release, require_release
from linemap.errors import OutputError
from linemap.gazetteer import Gazetteer
from linemap.io import ID, LINK, PATH, ROWS, SHA256, checksum, write_whole
from linemap.release import manifest
from linemap.release.folder import (
    OutputFolder,
    Private,
    prepare_private,
    private_folder,
    require_ours,
    settle,
    write_private,
    writing,
)
from linemap.release.spatial import geojson_bytes, geoparquet_bytes, write_geopackage
from linemap.release.writers import (
    ABOUT,
    ReleaseTable,
    csv_bytes,
    dictionary_text,
    file_names,
    read_table,
    safe_file_name,
    sheet_names,
    stamp,
    table_facts,
    tables,
    with_basis,
    workbook_bytes,
)

OWN_LAYER: Final = "own-"  # begins the identifier of a user's own layer of the gazetteer
_OF_FILES: Final = (PATH, SHA256, ROWS)
_TRIES, _PAUSE = 40, 0.05  # how often a reader looks again while a run writes, after seconds


@dataclass(frozen=True, slots=True)
class Written:
    """Where a release lies, what it holds, and where the analyst's own notes are."""

    folder: Path
    files: tuple[str, ...]
    manifest: Mapping[str, Any]
    private: Path | None = None
    kept: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRelease:
    """A release that was read back and verified."""

    folder: Path
    manifest: Mapping[str, Any]
    flows: gpd.GeoDataFrame
    tables: Mapping[str, pd.DataFrame]


def write_release(
    release: Release,
    out: str | Path,
    *,
    title: str = "linemap",
    drawings: Mapping[str, Drawing] | None = None,
    settings: Mapping[str, Any] | None = None,
    inputs: Mapping[str, str] | None = None,
    sources: Sequence[Mapping[str, Any]] | pd.DataFrame = (),
    private: Private | None = None,
    private_out: str | Path | None = None,
    series: str | None = None,
    approve: Callable[[Path], object] | None = None,
) -> Written:
    """Write a release's folder and put it in place of the old one, whole or not at all.

    The folder holds the flows as GeoParquet, GeoPackage, GeoJSON and CSV, a CSV for
    each summary and the account, all of them in one workbook, the drawings,
    the data dictionary, and ``datapackage.json``, written last. `drawings` maps a file's name
    (``"map.html"``) to its content or to what writes it, given the path; a
    name that ends in ``/`` to what draws into that folder. `inputs` maps what
    was read to its SHA-256: the release of published statements names them;
    of records nothing is said, since even a keyed hash would tell that they have changed.
    `series` is the identifier of the ledger that knows the release; the manifest names it.
    `approve` is shown the finished folder, compares every file with the manifest as an audit
    does, and may raise: then nothing is put in place. `private` goes to `private_out`, or to the
    folder beside `out` with ``-private`` after its name.

    Raises
    ------
    DisclosureError
        If `release` is not a sealed Release.
    OutputError
        If the folder holds anything that linemap did not write, or cannot be
        written. What was there before is then untouched.
    """
    release = require_release(release)
    place = OutputFolder.of(Path(out))
    secret = Path(private_out) if private_out is not None else private_folder(place.path)
    if private is not None and OutputFolder.of(secret).path.is_relative_to(place.path):
        raise OutputError("The private folder may not lie in the release.")
    if private is not None:
        if not place.path.is_dir():
            require_ours(place.path)  # a file: make nothing beside it
        prepare_private(secret)
    kept: tuple[Path, ...] = ()
    with writing(place) as folder:
        resources = [
            *write_data(release, folder, title),
            *write_drawings(folder, drawings or {}),
        ]
        content = about(
            release, resources, title=title,
            settings=dict(settings or {}), inputs=_inputs(release, inputs or {}),
            sources=plain_sources(sources), series=series,
        )  # fmt: skip
        data = manifest.manifest_bytes(content)
        write_whole(folder / manifest.MANIFEST, data)
        if approve is not None:
            approve(folder)
        _require_whole(folder, contents=approve is None)
        if private is not None:
            kept = write_private(secret, private, checksum(data))
    names = tuple(str(entry["path"]) for entry in content[manifest.RESOURCES])
    return Written(place.path, names, content, secret if private is not None else None, kept)


def about(
    release: Release,
    resources: Sequence[Mapping[str, Any]],
    *,
    title: str,
    settings: Mapping[str, Any],
    inputs: Sequence[Mapping[str, str]],
    sources: Sequence[Mapping[str, Any]],
    series: str | None = None,
) -> dict[str, Any]:
    """Return the content of the manifest of a release."""
    return {
        "name": safe_file_name(title),
        "format": manifest.FORMAT,
        "title": title,
        "basis": release.basis,
        "stamp": release.stamp,
        "window": None if release.window is None else asdict(release.window),
        "rule": None if release.rule is None else asdict(release.rule),
        "caveats": list(release.caveats),
        "attributions": list(release.attributions),
        "versions": manifest.versions(),
        "settings": settings,
        "inputs": inputs,
        "sources": sources,
        "series": series,
        manifest.RESOURCES: manifest.named_once(resources),
    }


def verify_release(folder: str | Path) -> Mapping[str, Any]:
    """Return a release folder's manifest if every file is as it says, and no other is there.

    The two renames of a run that was stopped are completed first.

    Raises
    ------
    OutputError
        If it is no release or not whole; the message says all that is wrong.
    """
    place = OutputFolder.of(Path(folder))
    for attempt in range(_TRIES):
        content: Mapping[str, Any] = {}
        try:
            settle(place)
            content = manifest.read_manifest(place.path)
            faults = manifest.broken(place.path)
            if not faults:
                return content
            if manifest.read_manifest(place.path) == content:
                break
        except OSError as error:
            if attempt == _TRIES - 1 or (attempt > 1 and not place.is_busy()):
                raise
            faults = [str(error)]
        time.sleep(_PAUSE)  # a run put a new release in place while this one was being read
    raise OutputError(f"{place.path} is not a whole release: {'; '.join(faults)}.")


def read_release(folder: str | Path) -> ReadRelease:
    """Read a release back, after verifying it: its flows, with geometry, and its other tables."""
    content = verify_release(folder)
    path = OutputFolder.of(Path(folder)).path
    frames: dict[str, pd.DataFrame] = {}
    for entry in content[manifest.RESOURCES]:
        if entry["path"].endswith(".csv"):
            frames[entry["table"]] = read_table(entry["schema"]["fields"], path / entry["path"])
    return ReadRelease(path, content, gpd.read_parquet(path / FLOWS_PARQUET), frames)


def _inputs(release: Release, inputs: Mapping[str, str]) -> list[dict[str, str]]:
    if release.rule is None:
        return [{"name": name, "sha256": digest} for name, digest in sorted(inputs.items())]
    return []  # even a keyed hash tells when the records have changed and the numbers have not


def plain_sources(sources: Sequence[Mapping[str, Any]] | pd.DataFrame) -> list[dict[str, Any]]:
    """Write the sources of a gazetteer as plain values, for the manifest.

    Of a layer of the user's own what its licence asks for is named, and not its file's
    name, hash or length.
    """
    if not isinstance(sources, pd.DataFrame):
        sources = pd.DataFrame([dict(row) for row in sources])
    plain = sources.reset_index(drop=True).astype(object)
    return [_source(row) for row in plain.where(plain.notna(), None).to_dict("records")]


def _source(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Write a source as a data package does: `path` is where it can be had, `file` its name."""
    own = str(row.get(ID)).startswith(OWN_LAYER)
    source = {
        {PATH: "file", LINK: "path"}.get(str(key), str(key)): value
        for key, value in row.items()
        if not (own and key in _OF_FILES)
    }
    return {key: value for key, value in source.items() if key != "path" or value}


def _require_whole(folder: Path, *, contents: bool) -> None:
    """Refuse a folder that is not as its manifest says; hash its files where nobody has."""
    faults = manifest.broken(folder, contents=contents)
    if faults:
        raise OutputError(f"The release did not reach the disk whole: {'; '.join(faults[:5])}.")


# ── The files of a release and the manifest's resource of each ───
FLOWS_PARQUET: Final = "flows.parquet"
FLOWS_PACKAGE: Final = "flows.gpkg"
FLOWS_GEOJSON: Final = "flows.geojson"
WORKBOOK: Final = "linemap.xlsx"
DICTIONARY: Final = "data-dictionary.md"

Drawing = bytes | str | Callable[[Path], object]


def write_data(release: Release, folder: Path, title: str) -> list[dict[str, Any]]:
    """Write the data files and their dictionary; return the manifest's resource of each."""
    tabled = list(tables(release))
    stamped = [ReleaseTable(table.name, with_basis(table.data, stamp(release))) for table in tabled]
    write_whole(folder / FLOWS_PARQUET, geoparquet_bytes(release.flows, release.stamp))
    made = [manifest.resource(folder, FLOWS_PARQUET, layers=[_layer_facts(tabled[0])])]
    layers = [
        ReleaseTable(name, data)
        for name, data in write_geopackage(release, folder / FLOWS_PACKAGE, release.stamp).items()
    ]
    described = [_layer_facts(layer) for layer in layers]
    made.append(manifest.resource(folder, FLOWS_PACKAGE, layers=described))
    write_whole(folder / FLOWS_GEOJSON, geojson_bytes(release.flows, stamp(release)))
    made.append(manifest.resource(folder, FLOWS_GEOJSON, layers=[_layer_facts(stamped[0])]))
    files = file_names((table.name for table in tabled), ".csv")
    for table in stamped:
        write_whole(folder / files[table.name], csv_bytes(table.data))
        made.append(manifest.resource(folder, files[table.name], **table_facts(table)))
    write_whole(folder / WORKBOOK, workbook_bytes(tabled, _about(release, title)))
    names = sheet_names([table.name for table in tabled])
    sheets = [
        {
            "sheet": names[table.name],
            "table": table.name,
            "rows": table.data.num_rows,
            "columns": table.columns(),
        }
        for table in tabled
    ]
    made.append(manifest.resource(folder, WORKBOOK, about=ABOUT, sheets=sheets))
    write_whole(folder / DICTIONARY, dictionary_text([*stamped, *layers]).encode())
    made.append(manifest.resource(folder, DICTIONARY))
    return made


def _layer_facts(layer: ReleaseTable) -> dict[str, Any]:
    columns = layer.columns(shape=True)
    return {"table": layer.name, "rows": layer.data.num_rows, "columns": columns}


def write_drawings(folder: Path, drawings: Mapping[str, Drawing]) -> list[dict[str, Any]]:
    """Write the drawings; return the manifest's resource of each file."""
    before = set(manifest.files(folder))
    for name, drawing in drawings.items():
        path = folder / _inside(name)
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        if manifest.files(folder) and path.is_file():
            raise OutputError(f"Two outputs would be called {name!r}.")
        if callable(drawing):
            drawing(path)
        else:
            write_whole(path, drawing.encode() if isinstance(drawing, str) else drawing)
        if not path.exists():
            raise OutputError(f"Nothing was drawn to {name!r}.")
    return [
        manifest.resource(folder, file) for file in manifest.files(folder) if file not in before
    ]


def _inside(name: str) -> str:
    parts = PurePosixPath(name).parts
    if (
        not parts
        or PurePosixPath(name).is_absolute()
        or ".." in parts
        or "\\" in name
        or ":" in name
    ):
        raise OutputError(f"{name!r} is no name for a file in the release.")
    return name


def _about(release: Release, title: str) -> list[tuple[str, str]]:
    return [
        ("title", title),
        ("basis", release.stamp),
        *(("caveat", text) for text in release.caveats),
        *(("data", text) for text in release.attributions),
    ]


# ── What is drawn of a release: the map, the brief, and each figure as PNG and SVG ──────────
MAP: Final = "map.html"
BRIEFS: Final = ("brief.html", "brief.pdf")


def drawing_names() -> frozenset[str]:
    """Name every file that a release's drawings may have."""
    from linemap.figures import FIGURE_NAMES, FORMATS

    drawn = (_file(name, form) for name in FIGURE_NAMES for form in FORMATS)
    return frozenset({MAP, *BRIEFS, *drawn})


def draw_release(
    release: Release,
    title: str,
    gazetteer: Gazetteer,
    *,
    only: Collection[str] | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Drawing]:
    """Draw a release under a title, by file name: everything, or `only` some of the files.

    `told` hears how many of how many drawings are done.
    """
    # The drawing libraries are slow to load, and only a build and an audit draw.
    from linemap import briefing, figures, maps

    wanted = drawing_names() if only is None else frozenset(only)
    drawn: dict[str, Drawing] = {}
    names = [
        name
        for name in figures.FIGURE_NAMES
        if any(_file(name, form) in wanted for form in figures.FORMATS)
    ]
    told(0, len(names) + 1)
    if MAP in wanted:
        drawn[MAP] = maps.map_page(release, title=title, gazetteer=gazetteer)
    if wanted & {*BRIEFS} and briefing.can_be_briefed(release):
        made = briefing.brief(release, title=title, gazetteer=gazetteer)
        drawn |= {name: made.as_bytes(name) for name in BRIEFS if name in wanted}

    def drawing() -> Iterator[tuple[str, figures.LinemapFigure]]:
        all_figures = figures.release_figures(release, gazetteer=gazetteer, names=names)
        for done, one in enumerate(all_figures, 1):
            told(done, len(names) + 1)
            yield one

    def formats_of(name: str) -> list[figures.Format]:
        return [form for form in figures.FORMATS if _file(name, form) in wanted]

    for (name, form), content in figures.written(drawing(), formats_of).items():
        drawn[_file(name, form)] = content
    return drawn


def _file(name: str, form: str) -> str:
    return f"figures/{name}.{form}"
