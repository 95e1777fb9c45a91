"""Releases that count the same records, and the ledger that keeps them from telling more.

The ledgers of a folder of releases lie in ``linemap-private`` beside them, or in the
nearest folder around them that has one. What the same records are is decided by their
windows, by how many rows are those of an earlier release, and by the owner's word;
the name of a file alone decides nothing. The last part withdraws a release from its ledger, and
restores a ledger that was lost.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.disclosure import (
    AS_RECORDS,
    PRESETS,
    SAY_WHERE,
    WITHDRAW,
    Entry,
    Key,
    Ledger,
    Overlap,
    Release,
    RowSketch,
    Rule,
    blocks_of,
    keys_meet,
    range_starts,
    same_measure,
)
from linemap.errors import DisclosureError, InputError, LinemapError, OutputError, Way
from linemap.flows import end_places
from linemap.io import checksum, locked, read_cells, read_text
from linemap.release import (
    MANIFEST,
    OutputFolder,
    mark_withdrawn,
    prepare_private,
    read_manifest,
    read_release,
    safe_file_name,
)
from linemap.windows import Window, window_told

_FEW: Final = 0.2  # of the people of two tables: what other records may share by chance
_OTHERS: Final = Way(
    "--different-records",
    "same_records=False",
    "no, nobody is in both (another force, another service). Say so only if you know it: with one "
    "person in both, the two releases can be subtracted from each other.",
)
CUT: Final = (  # the options that say how a release divides its records
    "--period",
    "--tag",
    "--cross-tags",
    "--rule",
    "--threshold",
    "--base",
    "--window",
)
LEDGERS: Final = "linemap-private"
_NO_LEDGER: Final = "private.json"  # what a release called "linemap" keeps in the same folder
_PROCESSED: Final = Path("data/processed")  # where releases go by default, below a project's folder
_MOST_INSIDE: Final = 2_000  # entries of a folder that are looked at
_ABOVE: Final = 8  # how many folders above are searched for ledgers


@dataclass(frozen=True, slots=True)
class Series:
    """The ledger of a series of releases, and the sampled rows of the table at hand."""

    path: Path
    ledger: Ledger
    told: bool  # the caller named the series
    places: tuple[Path, ...]  # the folders in which releases and their ledgers may lie
    frame: pd.DataFrame = field(repr=False)
    rows: RowSketch = field(repr=False)
    found: pd.DataFrame | None = field(repr=False)  # the places of the rows

    @classmethod
    @contextmanager
    def held(
        cls,
        out: Path,
        name: str,
        frame: pd.DataFrame,
        *,
        told: bool,
        matches: pd.DataFrame | None = None,
        ledgers: Path | None = None,
        table: Path | None = None,
    ) -> Iterator[Series]:
        """Open the series `name` for the release of a RECORDS `frame`, for one build at a time.

        `matches` answers the names of the frame, as :func:`linemap.flows.find_places` does.
        `ledgers` is the folder of the ledgers; otherwise they are looked for around
        `out` and the `table` that was read.

        Raises
        ------
        OutputError
            If another build of the series is at work, or the private folder cannot be made.
        InputError
            If the ledger is damaged.
        """
        path = ledger_path(homes_of(out, ledgers, table), name)
        prepare_private(path.parent)
        with locked(path.with_name(f".{path.stem}.linemap-lock")):
            yield cls.seen(
                out, name, frame, told=told, matches=matches, ledgers=ledgers, table=table
            )

    @classmethod
    def seen(
        cls,
        out: Path,
        name: str,
        frame: pd.DataFrame,
        *,
        told: bool,
        matches: pd.DataFrame | None = None,
        ledgers: Path | None = None,
        table: Path | None = None,
    ) -> Series:
        """Look at the series `name` as :meth:`held` would open it; nothing is made or written.

        Raises
        ------
        InputError
            If the ledger is damaged.
        """
        homes = homes_of(out, ledgers, table)
        path = ledger_path(homes, name)
        ledger = Ledger.read(path)
        if not ledger.series:
            ledger = replace(ledger, series=secrets.token_hex(8), key=secrets.token_bytes(32))
        found = None if matches is None else end_places(frame, matches)
        rows = RowSketch.of(frame, ledger.key, found)
        return cls(path, ledger, told, homes, frame, rows, found)

    def bound_by(self, keys: Iterable[Key]) -> tuple[str, ...]:
        """Name the earlier releases of the series that bind what has these keys, the last first."""
        return tuple(str(entry) for entry in self.ledger.meeting(list(keys)))

    def has_block_of(self, keys: Iterable[Key]) -> bool:
        """Tell if an earlier release of the series has a block with one of these keys."""
        wanted = set(keys)
        return any(block.key in wanted for entry in self.ledger.binding for block in entry.blocks)

    def require_ledgers(
        self,
        out: Path,
        keys: Iterable[Key],
        *,
        same_records: bool | None = None,
    ) -> None:
        """Refuse to build where a release stands whose ledger is missing.

        Asked are `out` and the releases beside it, and beside the ledgers around it. Another
        name of the measure does not make other records: one that counts something else, or over
        another time, is left out only where the owner says so (`same_records` is False).
        """
        here = OutputFolder.of(out).path
        wanted = list(keys)
        series = {ledger.series for _, ledger in self._others()} | {self.ledger.series}
        manifests = {
            entry.manifest
            for ledger in (self.ledger, *(ledger for _, ledger in self._others()))
            for entry in ledger.entries
        }
        homes = dict.fromkeys((here.parent, *self.places))
        beside = [path for home in homes if home.is_dir() for path in folders_in(home)]
        for folder in (here, *(path for path in beside if path != here)):
            content = manifest_of(folder)
            if not content or content.get("rule") is None or content.get("series") in series:
                continue
            if checksum(folder / MANIFEST) in manifests or (
                folder != here and same_records is False and not _meets(folder, wanted)
            ):
                continue
            raise self._without_ledger(folder, here)

    def require_same(self, keys: Iterable[Key], *, same_records: bool | None) -> None:
        """Refuse a table unless it is clear which earlier releases count the same records.

        Within the series the rows must be those of an earlier release, or the owner says
        so (`same_records` is True). Of other series and of other measures they must not be,
        unless the owner says that the records are different (False).
        """
        wanted = list(keys)
        meeting = self.ledger.meeting(wanted)
        if meeting and same_records is False:
            raise DisclosureError(
                f"The series {self.path.stem!r} counts the same measure over the same time. Other "
                "records need a series of their own: say --series NAME (in Python series=name)."
            )
        sampled = [entry for entry in meeting if entry.rows.groups]
        overlaps = [_overlap(entry, self.rows, wanted) for entry in sampled]
        if sampled and same_records is None and not any(overlap.same for overlap in overlaps):
            best = max(overlaps, key=lambda overlap: overlap.kept)
            raise self._unlike(sampled[overlaps.index(best)], best)
        if same_records is not False:
            told = self.told or same_records is True or any(o.same for o in overlaps)
            self._require_no_other(wanted, told=told)

    def enter(self, release: Release, folder: Path, out: Path) -> None:
        """Write the ledger with the release in it, whose finished `folder` will be put at `out`."""
        entered = self.ledger.with_release(
            release,
            name=OutputFolder.of(out).path.name,
            day=today(),
            manifest=checksum(folder / MANIFEST),
            rows=self.rows,
        )
        entered.write(self.path)

    def in_full(self, error: DisclosureError, out: Path) -> DisclosureError:
        """Name in a refusal the folder of the release that binds, and the options of its cut."""
        ledgers = ((self.path, self.ledger), *self._others())
        entries = [(file, entry) for file, ledger in ledgers for entry in ledger.binding]
        file, entry = next(
            (found for found in entries if str(found[1])[1:] in error.message), (self.path, None)
        )
        if entry is None:
            return error
        here = OutputFolder.of(out).path
        home, named = home_of(file), here.with_name(entry.name or here.name)
        holds = (path for path in (here, named, home / named.name) if manifest_of(path))
        folder = next((f for f in holds if checksum(f / MANIFEST) == entry.manifest), None)
        cut = "" if folder is None or not entry.blocks else f": {_cut_of(folder, entry)}"
        near = homes_of(folder, None, None) if folder else (named.parent,)
        elsewhere = "" if home in near else f' --ledgers "{home}"'
        ways = []
        for way in error.ways:
            option = way.option
            if option == WITHDRAW.option:
                option = f'linemap withdraw "{folder or named}"{elsewhere}'
            elif cut and option.startswith("the same windows"):
                way, option = replace(way, instead_of=CUT), option + cut
            ways.append(replace(way, option=option))
        return DisclosureError(error.message, ways)

    def _others(self) -> Iterator[tuple[Path, Ledger]]:
        for home in dict.fromkeys((self.path.parent.parent, *self.places)):
            for path in ledgers_in(home / LEDGERS):
                if path != self.path:
                    yield path, Ledger.read(path)

    def _without_ledger(self, folder: Path, here: Path) -> DisclosureError:
        """Refuse a build because of a release in `folder` that no ledger knows, with the ways on.

        A release that lies elsewhere than beside the one in `here` may be a copy.
        """
        apart = folder.parent != here.parent and folder != here
        where = f", which lies around {here.parent}," if apart else ""
        copied = Way(
            "move it away",
            "move it away",
            f"if it is a copy that somebody sent you, and counts other records than this table: "
            f"releases are looked for beside this one and in the folders around it, "
            f"{folder.parent} among them.",
        )
        return DisclosureError(
            f"{folder}{where} is a release of records, and its ledger is not in "
            f"{self.path.parent}. Without it this build could tell, together with that release, "
            "what each hides. These are the ways on:",
            (
                *((copied,) if apart else ()),
                Way(
                    "put the ledger back",
                    "put the ledger back",
                    f"from a backup, into {self.path.parent}; everything is as it was.",
                ),
                Way(
                    f'linemap restore-ledger "{folder}"',
                    f"restore_ledger({str(folder)!r})",
                    "a ledger is made of what that release shows; what it counted and did not "
                    "show is not known any more, nor are releases before it.",
                ),
                Way(
                    "delete that release, and say --series NAME",
                    "series=name",
                    "only if it has never left the building, or counts other records.",
                ),
                Way(
                    "--different-records",
                    "same_records=False",
                    "only if it counts other people and another measure or time.",
                ),
            ),
        )

    def _unlike(self, entry: Entry, overlap: Overlap) -> DisclosureError:
        return DisclosureError(
            f"Few of these rows are those of {entry} in the series {self.path.stem!r}: of 100 that "
            f"it counted {round(100 * overlap.kept)} are here. If they are other records, its "
            "numbers would be repeated for people whom they do not count. Say which it is:",
            (
                Way("--series NAME", "series=name",
                    "these are other records (another year, another force): a series of their own "
                    "begins, and nothing is repeated."),
                Way("--same-records", "same_records=True",
                    "these are the same records, corrected or completed: numbers are repeated "
                    "unless they have changed by the threshold or more; the private folder lists "
                    "how far each is from now."),
                WITHDRAW,
            ),
        )  # fmt: skip

    def _require_no_other(self, keys: list[Key], *, told: bool) -> None:
        """Refuse records of another series, or under another measure, unless they are different."""
        for path, ledger in ((self.path, self.ledger), *self._others()):
            rows = self.rows
            if path != self.path:
                rows = RowSketch.of(self.frame, ledger.key, self.found)
            for entry in ledger.binding:
                renamed = _renamed(entry, rows, keys)
                if renamed is not None:
                    raise DisclosureError(
                        f"These rows are those of {entry}, which calls them {renamed!r}. Under "
                        "another name the two could be subtracted from each other. Can a person be "
                        "in both tables?",
                        (
                            Way(
                                f'--measure "{renamed}"',
                                f"measure={renamed!r}",
                                "yes, both hold the same records: numbers are repeated unless they "
                                "have changed by the threshold or more.",
                            ),
                            _OTHERS,
                            WITHDRAW,
                        ),
                    )
            if path != self.path:
                self._require_apart(path, ledger, rows, keys, told=told)

    def _require_apart(
        self, path: Path, ledger: Ledger, rows: RowSketch, keys: list[Key], *, told: bool
    ) -> None:
        """Refuse the records of another series; and, unless it is `told`, whatever may be those."""
        for entry in ledger.meeting(keys):
            overlap = _overlap(entry, rows, keys)
            sampled = bool(entry.rows.groups)
            few = overlap.comparable and overlap.both <= _FEW * min(overlap.before, overlap.now)
            again = sampled and (overlap.same or overlap.part)
            if (told and not again) or (sampled and few):
                continue
            like = f"{entry} in the series {path.stem!r} counts the same measure over the same time"
            if again:
                like += ", of the same rows" if overlap.same else ", of these rows and others"
            elif not overlap.comparable:
                like += (
                    ", and states time in another way (one with dates, one without), so that rows "
                    "cannot be compared"
                )
            raise DisclosureError(
                f"{like[0].upper()}{like[1:]}. Two releases that count the same people must agree, "
                "or one could be subtracted from the other. Can a person be in both tables?",
                (
                    Way(
                        f"--series {_typed(path.stem)}",
                        f"series={path.stem!r}",
                        "yes, both hold the same records (one is corrected, completed, or a part "
                        "of the other): numbers are repeated unless they have changed by the "
                        "threshold or more.",
                    ),
                    _OTHERS,
                    WITHDRAW,
                ),
            )


def _typed(name: str) -> str:
    """Write a name as it is typed, in quotation marks where a shell needs them."""
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _cut_of(folder: Path, entry: Entry) -> str:
    """Write how the release in a folder divides its records as the options that ask for it."""
    content, block = manifest_of(folder), entry.blocks[0]
    period = content.get("settings", {}).get("period")
    tags, window = block.columns[3:], window_told(content["caveats"])
    return cut_in_options(period, tags or block.by, block.rule, window, crossed=bool(tags))


def cut_in_options(
    period: str | None,
    tags: Iterable[str],
    rule: Rule,
    window: Window | None,
    *,
    crossed: bool = False,
) -> str:
    """Write how a release divides its records as the options that ask for it.

    `crossed` says that the tags divide every pair of places.

    >>> cut_in_options("year", ["age band"], Rule(), None)
    '--period year --tag "age band" --rule ons'
    """
    named = next((name for name, preset in PRESETS.items() if preset == rule), None)
    words = [
        f"--period {period}" if period else "no --period",
        *(told := [f'--tag "{tag}"' for tag in tags]),
        *(["--cross-tags"] if crossed and told else []),
        f"--rule {named}" if named else f"--threshold {rule.threshold} --base {rule.base}",
        *([f'--window "{window.start} to {window.end}"'] if window else []),
    ]
    return " ".join(words).replace("no --period --tag", "no --period, --tag")


def require_no_records(
    frame: pd.DataFrame,
    out: Path,
    ledgers: str | Path | None = None,
    *,
    matches: pd.DataFrame | None = None,
    table: Path | None = None,
) -> None:
    """Refuse a STATEMENTS frame whose rows are those of an earlier release of records.

    A row that states a range is compared by its start, one without a number as one person.
    """
    people = frame[schema.COUNT].astype("Float64").fillna(range_starts(frame)).fillna(1)
    frame = frame.assign(**{schema.COUNT: people.astype("Int64")})
    found = None if matches is None else end_places(frame, matches)
    homes = homes_of(out, None if ledgers is None else Path(ledgers), table)
    for path in (path for home in homes for path in ledgers_in(home / LEDGERS)):
        ledger = Ledger.read(path)
        rows = RowSketch.of(frame, ledger.key, found)
        for entry in ledger.entries:
            pairs = [(old, new) for old in entry.rows.measures for new in rows.measures]
            overlaps = (entry.rows.overlap(rows, measures={old: new}) for old, new in pairs)
            if any(overlap.before and overlap.same for overlap in overlaps):
                raise DisclosureError(
                    f"These rows are those of {entry}, which was made of records. As statements "
                    "they would leave as they are, and nothing would be checked.",
                    (AS_RECORDS, SAY_WHERE),
                )


def _overlap(entry: Entry, rows: RowSketch, keys: Iterable[Key]) -> Overlap:
    """Compare the rows of the measures that a release and the keys share, in their windows."""
    wanted = list(keys)
    shared = {same_measure(key[0]) for key in wanted} & entry.rows.measures
    return entry.rows.overlap(
        rows, measures={name: name for name in shared}, windows=_windows(entry, wanted)
    )


def _renamed(entry: Entry, rows: RowSketch, keys: list[Key]) -> str | None:
    """Name the measure of a release whose rows now stand under one that it does not have."""
    named = {same_measure(block.key[0]): str(block.key[0]) for block in entry.blocks}
    for new in sorted(rows.measures - entry.rows.measures):
        for old in sorted(entry.rows.measures - rows.measures):
            overlap = entry.rows.overlap(rows, measures={old: new}, windows=_windows(entry, keys))
            if overlap.before and overlap.same:
                return named.get(old, old)
    return None


def _windows(entry: Entry, keys: Iterable[Key]) -> list[list[tuple[str, str]]]:
    """List the windows of a release and of keys; where one has none, it covers all time."""
    found = []
    for some in ([block.key for block in entry.blocks], list(keys)):
        spans = sorted({(key[1], key[2]) for key in some}, key=str)
        if all(None not in span for span in spans):
            found.append([(str(start), str(end)) for start, end in spans])
    return found


def _meets(folder: Path, keys: list[Key]) -> bool:
    """Say whether a release may count the same records as one of the keys."""
    try:
        headings, *rows = read_cells(read_text(folder / "flows.csv")[0])
        measure, start, end = map(
            headings.index, (schema.MEASURE, schema.PERIOD_START, schema.PERIOD_END)
        )
        windows = {(row[measure], row[start] or None, row[end] or None) for row in rows}
    except (InputError, ValueError, IndexError, csv.Error):
        return True
    return not windows or any(keys_meet(window, key) for window in windows for key in keys)


def ledger_folder(out: Path, ledgers: Path | None = None, table: Path | None = None) -> Path:
    """Name the folder of the ledgers for a release.

    That is the nearest that holds any: beside the release, above it, in the ``data/processed``
    of a folder above, or likewise around the `table`; else the one beside the release.
    In `ledgers`, a folder that a team shares, they lie in one of the same name, so that
    nothing else is touched.
    """
    homes = homes_of(out, ledgers, table)
    return next(
        (home / LEDGERS for home in homes if ledgers_in(home / LEDGERS)), homes[0] / LEDGERS
    )


def homes_of(out: Path, ledgers: Path | None, table: Path | None) -> tuple[Path, ...]:
    """List the folders in which the ledgers of a release may lie, the nearest first."""
    if ledgers is not None:
        return (ledgers.parent if ledgers.name == LEDGERS else ledgers,)
    starts = [OutputFolder.of(out).path.parent]
    if table is not None:
        starts.append(Path(os.path.realpath(table)).parent)
    found: dict[Path, None] = {}
    for start in starts:
        for folder in _upwards(start):
            found |= {folder: None, folder / _PROCESSED: None}
    return tuple(found)


def folders_in(folder: Path) -> list[Path]:
    """List what lies in a folder, of a very large one a part; no release that is being written."""
    inside = islice(folder.iterdir(), _MOST_INSIDE)
    return sorted(path for path in inside if not OutputFolder.is_unfinished(path))


def _upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it; none that all users of a machine share (/tmp)."""
    yield start
    for folder in start.parents[:_ABOVE]:
        shared = stat.S_ISVTX | stat.S_IWOTH
        is_shared = folder.is_dir() and folder.stat().st_mode & shared == shared
        is_readable = not folder.is_dir() or os.access(folder, os.R_OK | os.X_OK)
        if folder == folder.parent or is_shared or not is_readable:
            return
        yield folder


def ledger_path(homes: tuple[Path, ...], name: str) -> Path:
    """Name the ledger of a series: one that there is, else one in the nearest folder of ledgers."""
    paths = [_file(home / LEDGERS, name) for home in homes]
    there = (path for path in paths if path.exists())
    beside_others = (path for path in paths if ledgers_in(path.parent))
    return next(there, next(beside_others, paths[0]))


def _file(folder: Path, series: str) -> Path:
    """Name the ledger of a series."""
    name = safe_file_name(series, ".json")
    return folder / (f"series-{name}" if name == _NO_LEDGER else name)


def home_of(ledger: Path) -> Path:
    """Name the folder whose releases a ledger is of."""
    return ledger.parent.parent


def ledgers_in(folder: Path) -> list[Path]:
    """List the ledgers of a folder, which may be the private folder of a release as well."""
    return [path for path in sorted(folder.glob("*.json")) if path.name != _NO_LEDGER]


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """Read the manifest of a release, if a folder holds one."""
    if not (folder / MANIFEST).is_file():
        return {}
    try:
        return read_manifest(folder)
    except LinemapError:
        return {}


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A release that can be withdrawn: its folder, whether that holds it, and its ledger.

    ``holds`` is False where the folder was deleted, or holds a later release by now.
    ``others`` are further releases of that name that bind.
    """

    folder: Path
    holds: bool
    ledger: Path
    entry: Entry
    others: tuple[Entry, ...] = ()

    @property
    def release(self) -> str:
        """The release in words, with the day on which it was made."""
        return str(self.entry)


def find_withdrawal(folder: str | Path, *, ledgers: Path | None = None) -> Withdrawal:
    """Find the release of a folder that binds later ones: the one there, else the last of its name.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`, and none of its name binds.
    DisclosureError
        If no ledger knows the release, or it was withdrawn before and none of its name binds.
    """
    path = OutputFolder.of(Path(folder)).path
    there = (path / MANIFEST).exists()
    if there:
        read_manifest(path)  # fails where it was changed
    manifest = checksum(path / MANIFEST) if there else ""
    where = ledger_folder(path, ledgers)
    files = [file for home in homes_of(path, ledgers, None) for file in ledgers_in(home / LEDGERS)]
    read = [(file, Ledger.read(file)) for file in files]
    known = any(entry.manifest == manifest for _, ledger in read for entry in ledger.entries)
    if there and not known:
        raise DisclosureError(f"No ledger in {where}, or around it, knows the release in {path}.")
    named = [
        (file, entry)
        for file, ledger in read
        for entry in ledger.binding
        if entry.manifest == manifest
        # in a ledger that lies elsewhere others may have the name
        or (entry.name == path.name and (ledgers is not None or home_of(file) == path.parent))
    ]
    named.sort(key=lambda found: found[1].manifest != manifest)  # stable: else the last first
    if not named and there:
        raise DisclosureError(f"The release in {path} was withdrawn before, and binds no other.")
    if not named:
        raise OutputError(
            f"{path} is no release, and no ledger in {where} has one of that name that binds."
        )
    (file, entry), *others = named
    holds = entry.manifest == manifest
    return Withdrawal(path, holds, file, entry, tuple(other for _, other in others))


def withdraw(folder: str | Path, *, reason: str = "", ledgers: Path | None = None) -> Path:
    """Withdraw a release that has never left the building; return the ledger that records it.

    The release then binds no later one, and its folder, if it is still there, is marked: an audit
    refuses it. If it has left, whoever holds it can subtract it from the next: nothing can take
    it back. Where the folder was deleted, or holds a later release that was withdrawn
    before, it is the last release of that name that binds.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`, and none of its name binds.
    DisclosureError
        If no ledger knows the release, or it was withdrawn before and none of its name binds.
    """
    found = find_withdrawal(folder, ledgers=ledgers)
    day = today()
    with locked(found.ledger.with_name(f".{found.ledger.stem}.linemap-lock")):
        kept = Ledger.read(found.ledger).withdraw(found.entry.manifest, day=day, reason=reason)
        kept.write(found.ledger)
    if found.holds:
        mark_withdrawn(found.folder, day)
    return found.ledger


def restore_ledger(
    folder: str | Path, *, series: str | None = None, ledgers: Path | None = None
) -> Path:
    """Make the lost ledger of a release again of what the release shows; return its path.

    What it counted and did not show, and the releases before it, are not known any more.
    `series` names the ledger; the folder's name unless it is given.

    Raises
    ------
    OutputError
        If there is no whole release in `folder`.
    DisclosureError
        If it is no release of records, or a ledger of that name exists.
    """
    path = OutputFolder.of(Path(folder)).path
    found = read_release(path)
    if found.manifest.get("rule") is None:
        raise DisclosureError(f"{path} is no release of records: it needs no ledger.")
    where = ledger_folder(path, ledgers)
    file = _file(where, series or path.name)
    prepare_private(where)
    with locked(file.with_name(f".{file.stem}.linemap-lock")):
        if file.exists():
            raise DisclosureError(f"{file} exists: say under which other name, --series NAME.")
        rule, where_to = Rule(**found.manifest["rule"]), found.tables.get("where_to")
        blocks = blocks_of(found.flows, found.tables, rule, where_to=where_to)
        entry = Entry(path.name, today(), blocks, checksum(path / MANIFEST))
        series_id = str(found.manifest.get("series") or secrets.token_hex(8))
        Ledger((entry,), series_id, secrets.token_bytes(32)).write(file)
    return file


def today() -> str:
    """Return the day, as a ledger writes it."""
    return dt.datetime.now().astimezone().date().isoformat()
