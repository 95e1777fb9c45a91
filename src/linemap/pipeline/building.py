"""The analysis, told in order: a table comes in, a release goes out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Unpack

import pandas as pd

from linemap import schema
from linemap.auditing import AuditReport, audit
from linemap.disclosure import (
    PRESETS,
    Release,
    Rule,
    as_published,
    block_keys,
    months_of,
    protect,
    repeated_numbers,
    require_title,
    why_nothing,
)
from linemap.errors import DisclosureError, InputError, InputNotFoundError
from linemap.flows import Period, build_flows
from linemap.gazetteer import Gazetteer
from linemap.io import checksum
from linemap.pipeline.checking import Account, kept_private, summary
from linemap.pipeline.preparing import (
    PlaceOptions,
    TableKeywords,
    file_of,
    measures_of,
    nothing_by_tag,
    options_given,
    partly_covered,
    prepare,
    stem_of,
    title_with_window,
    window_of_rows,
)
from linemap.pipeline.reusing import BuildKeywords, BuildSettings, Kept, Proof, unchanged
from linemap.pipeline.series import Series, cut_in_options, require_no_records
from linemap.records import Kind, ReadOptions, Tell, files_of, nobody
from linemap.release import MAP, draw_release, private_folder, write_release
from linemap.windows import Window


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made, where it lies, and what to say of it in a few lines.

    ``kept`` are files of the private folder that the analyst had changed, kept aside.
    ``warnings`` are what to think of before the release leaves.
    """

    folder: Path
    private: Path
    release: Release
    summary: tuple[str, ...] = field(repr=False)
    kept: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def map(self) -> Path:
        """The map's file."""
        return self.folder / MAP


def build(
    source: object,
    *,
    out: str | Path,
    statements: bool = False,
    title: str | None = None,
    rule: Rule | None = None,
    period: Period | None = None,
    window: Window | str | None = None,
    options: ReadOptions | None = None,
    places: PlaceOptions | None = None,
    series: str | None = None,
    same_records: bool | None = None,
    already_published: str | None = None,
    ledgers: str | Path | None = None,
    cross_tags: bool = False,
    tell: Tell = nobody,
    **given: Unpack[TableKeywords],
) -> Built:
    """Read a table, place it, count it, protect it, draw it, audit it, and write it.

    `source` is a path or a frame of records, or of published `statements`, read by the `options`
    (a :class:`ReadOptions`, or its fields as keywords).
    Records leave through :func:`linemap.protect` under `rule`, statements as
    they were printed; if they look like records it must be said in `already_published`
    where and when they were. The folder `out` is replaced whole or not at all; what
    is for the analyst alone goes to the folder beside it whose name ends in
    ``-private``. `period` splits records by quarter or year. A tag of the options is a table
    of its own, of all records by its values; with `cross_tags` tags divide every pair of places
    instead, so that far less can be shown of each. `window` states which
    months the table covers ("2023-01 to 2024-03", "2023-24"): rows with dates must lie
    inside, and the title and every output say it. Releases of records
    that belong to one `series` (the table's name, unless it is given) repeat
    each other's numbers, so that two of them tell no more than one; where the rows
    are hardly those of an earlier release, `same_records` must say whether they count the
    same people. The series has its ledger in `ledgers`, by default ``linemap-private``
    beside the release or in a folder above. `tell` is told each step.

    Raises
    ------
    InputError
        If the table cannot be used; all its faults are listed.
    DisclosureError
        If the release would tell more than its rule allows; nothing is written.
    OutputError
        If the folder cannot be written, or holds files of somebody else.
    """
    kind: Kind = schema.STATEMENTS if statements else schema.RECORDS
    options, places = options_given(options, places, given)
    settings = BuildSettings(
        statements=statements,
        title=title,
        rule=rule,
        period=period,
        window=window,
        options=options,
        places=places,
        series=series,
        same_records=same_records,
        already_published=already_published,
        ledgers=ledgers,
        cross_tags=cross_tags,
    )
    before = Proof.of(source, settings)
    prepared = prepare(
        source, statements=statements, options=options, places=places, window=window, tell=tell
    )
    reading, matches, gazetteer = prepared.reading, prepared.matches, prepared.gazetteer
    title = title_with_window(
        title, prepared.window, measures_of(reading.frame), statements=statements
    )
    flows = build_flows(
        reading.frame, gazetteer=gazetteer, matches=matches, period=period,
        window=prepared.flow_window,
    )  # fmt: skip
    rows = window_of_rows(reading.frame)
    may_be = partial(
        require_title, title, gazetteer=gazetteer, rows=(rows.start, rows.end) if rows else None
    )
    if not statements:  # now, and not only when all has been proved
        may_be(window=_months(prepared.window, flows))
    with ExitStack() as held:
        tell("Applying disclosure control")
        earlier: Series | None = None
        if statements:
            if already_published is None:
                require_no_records(
                    reading.frame, Path(out), ledgers, matches=matches, table=file_of(source)
                )
            release = as_published(
                flows, gazetteer=gazetteer, already_published=already_published,
                window=prepared.window,
            )  # fmt: skip
        else:
            earlier = held.enter_context(
                Series.held(
                    Path(out), series or stem_of(source), reading.frame, told=series is not None,
                    matches=matches, ledgers=None if ledgers is None else Path(ledgers),
                    table=file_of(source),
                )
            )  # fmt: skip
            keys = block_keys(flows)
            earlier.require_ledgers(Path(out), keys, same_records=same_records)
            try:
                earlier.require_same(keys, same_records=same_records)
                release = protect(
                    flows, rule=rule, gazetteer=gazetteer, ledger=earlier.ledger,
                    window=prepared.window, cross_tags=cross_tags,
                )  # fmt: skip
            except DisclosureError as error:
                raise earlier.in_full(error, Path(out)) from error
            if release.flows.empty:
                why = why_nothing(flows, rule=rule, gazetteer=gazetteer, cross_tags=cross_tags)
                raise _nothing(why, period, options.tags if cross_tags else ())
            may_be(window=_months(release.window, release.flows))

        bound = earlier is not None and bool(earlier.ledger.binding)
        repeated = (
            repeated_numbers(release, flows, earlier.ledger, gazetteer)
            if earlier is not None and bound
            else None
        )
        drawings = draw_release(
            release, title, gazetteer, told=lambda done, of: tell("Drawing", done, of)
        )
        tell("Writing")
        account = Account.of(reading, matches)
        inputs = before.inputs or _hashes(source, places.aliases)
        written = write_release(
            release,
            out,
            title=title,
            drawings=drawings,
            settings=_settings(kind, period, options, places),
            inputs=inputs,
            sources=gazetteer.sources,
            private=kept_private(
                reading,
                account,
                flows,
                matches,
                inputs,
                aliases=places.aliases,
                repeated=repeated,
            ),
            series=None if earlier is None else earlier.ledger.series,
            approve=lambda folder: _approve(folder, release, earlier, gazetteer, Path(out), tell),
        )
        built = Built(
            folder=written.folder,
            private=written.private or private_folder(written.folder),
            release=release,
            summary=summary(
                account,
                matches,
                release,
                reading.frame,
                repeated=repeated,
            )
            + (() if earlier is None else _by_tag(release, options.tags, cross_tags=cross_tags))
            + (
                ()
                if earlier is None
                else (_binds(earlier, release, period, options, cross_tags=cross_tags),)
            ),
            kept=written.kept,
            warnings=(
                ()
                if statements or period in (None, "stated")
                else partly_covered(reading.frame, flows, prepared.window)
            ),
        )
        before.note(built.private, built.folder, built.summary, built.warnings)
    return built


def build_if_changed(
    source: object, *, out: str | Path, tell: Tell = nobody, **given: Unpack[BuildKeywords]
) -> Built | Kept:
    """Keep the release at `out` if it is proved to be what a build would write again; else build.

    It is if the table's files, the decisions, places, settings, ledgers, linemap and the libraries
    have the checksums of the build that wrote it, and every file of it is as it was written. A
    frame proves nothing, and is built. The keywords are those of :func:`linemap.build`, whose
    errors are raised. A :class:`Kept` has no release in memory; it has the folders, and what was
    said when it was built.
    """
    about: Any = dict(given)
    own = {name: about.pop(name) for name in BuildSettings.names() if name in about}
    options, places = options_given(own.pop("options", None), own.pop("places", None), about)
    settings = BuildSettings(options=options, places=places, **own)
    return unchanged(source, out=out, settings=settings) or build(
        source, out=out, tell=tell, **settings.keywords()
    )


def _by_tag(release: Release, tags: Sequence[str], *, cross_tags: bool) -> tuple[str, ...]:
    """Say how much of each tag is shown by tag, or what it costs to cross them."""
    if not tags:
        return ()
    if cross_tags:
        return (_CROSSED,)
    table = release.summaries.get(schema.BY_TAG, pd.DataFrame(columns=[schema.TAG_HEADING]))
    numbers = table[schema.TAG_HEADING].value_counts()
    some = [tag for tag in tags if tag in numbers]
    nothing = nothing_by_tag([tag for tag in tags if tag not in numbers])
    if not some:
        return nothing
    told = ", ".join(f"{tag}: {numbers[tag]} numbers" for tag in some)
    return (f"By tag, all records together: {told} (by_tag.csv); {_NOT_CROSSED}", *nothing)


_CROSSED: Final = (
    "Tags divide every pair of places, so that fewer reach the threshold; a preview says what "
    "each division costs"
)
_NOT_CROSSED: Final = "the flows and the map are not divided by tags (--cross-tags divides them)"


def _binds(
    series: Series,
    release: Release,
    period: Period | None,
    options: ReadOptions,
    *,
    cross_tags: bool,
) -> str:
    """Say which cut binds later releases of the same records, and where that is kept."""
    cut = cut_in_options(
        period, options.tags, release.rule or Rule(), release.window, crossed=cross_tags
    )
    return (
        f"This cut ({cut}) now binds every later release of the same records; the ledger that "
        f"says so is {series.path}"
    )


def _months(window: Window | None, flows: pd.DataFrame) -> tuple[str, str] | None:
    """Return the first and the last month that a `window` or flows cover; None if none is said."""
    return months_of(flows) if window is None else (window.start, window.end)


def _nothing(why: str, period: Period | None, tags: Sequence[str]) -> DisclosureError:
    """Refuse a release of records, divided by `period` and `tags`, that would show no flow."""
    divided = [
        *(["fewer tags"] if tags else []),
        *(["a longer period or none"] if period is not None else []),
    ]
    ways = (
        f"{'Use ' + ', or '.join(divided) if divided else 'Add records, or a longer time'}; a "
        "preview shows what each choice would leave: linemap preview TABLE (lm.preview)."
    )
    return DisclosureError(
        "Nothing of this table could be shown, so nothing is written and nothing binds a "
        f"later release: {why}. "
        f"{'' if divided else 'Neither a period nor a tag divides it. '}{ways}"
    )


def rule_named(name: str, *, threshold: int | None = None, base: int | None = None) -> Rule:
    """Return a preset rule, changed where its owner says so.

    Raises
    ------
    InputError
        For a name that is no preset's, or for a rule that cannot protect.
    """
    if name not in PRESETS:
        raise InputError(f"No rule is called {name!r}; there are {', '.join(PRESETS)}.")
    rule = PRESETS[name]
    return replace(
        rule,
        threshold=rule.threshold if threshold is None else threshold,
        base=rule.base if base is None else base,
    )


def audit_folder(
    folder: str | Path,
    *,
    ledger: str | Path | None = None,
    places: PlaceOptions | None = None,
    tell: Tell = nobody,
) -> AuditReport:
    """Audit a release that was written, as an outsider would; with what its `ledger` tells too.

    `places` says with which places it was built, where these are not the shipped ones alone.
    """
    if not Path(folder).is_dir():
        raise InputNotFoundError(f"There is no folder {str(folder)!r}.")
    gazetteer = (places or PlaceOptions()).places()
    return audit(Path(folder), ledger=ledger, gazetteer=gazetteer, tell=tell)


def _approve(
    folder: Path,
    release: Release,
    series: Series | None,
    gazetteer: Gazetteer,
    out: Path,
    tell: Tell,
) -> None:
    """Let a finished folder out if it withstands the audit, and enter it in the ledger first.

    A release that is entered and then not put in place does no harm: what it
    shows is repeated. One that is put in place and not entered could be
    subtracted from the next.
    """
    tell("Auditing")
    ledger = series.path if series is not None and series.path.exists() else None
    report = audit(folder, ledger=ledger, gazetteer=gazetteer, drawn=release, tell=tell)
    if not report.passed:
        raise DisclosureError(f"The release was not written: {report}")
    if series is not None:
        series.enter(release, folder, out)


def _hashes(*sources: object) -> dict[str, str]:
    """Hash the input files, by name; a frame has no bytes to hash."""
    named = [source for source in sources if isinstance(source, str | Path)]
    paths = [path for source in named for path in files_of(source)]
    return {path.name: checksum(path) for path in paths}


def _settings(
    kind: str,
    period: Period | None,
    options: ReadOptions,
    places: PlaceOptions,
) -> dict[str, Any]:
    return {
        "input": kind,
        "period": period,
        "allow_refused": options.allow_refused,
        "own_aliases": places.aliases is not None,
        "several": places.several,
        "accept_suggestions": (
            None if places.accept_suggestions is None else f"{places.accept_suggestions:.2f}"
        ),
    }
