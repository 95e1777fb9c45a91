"""One function a command: on a table, on a release, and on neither.

The first take a table: check it, preview its cuts, review its names, build its release. The
others take a release (audit, withdraw, brief, matrix), or look at the machine, write examples and
build gazetteers.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linemap.cli.next_steps import Typed, corrected, ways_told
from linemap.cli.shell import (
    FAULTY_INPUT,
    MAY_NOT_LEAVE,
    NOT_ALL_PLACED,
    NOT_WRITTEN,
    PROCESSED,
    STOPPED,
    Base,
    BuiltGazetteer,
    CrossTags,
    EarlierLedger,
    InputPath,
    Ledgers,
    Out,
    PeriodName,
    PostcodeDistricts,
    ReleaseFolder,
    RuleName,
    SameRecords,
    SeriesName,
    Stations,
    Stopped,
    TableOptions,
    Threshold,
    command_line,
    in_options,
    kinds,
    options_typed,
    reads_a_table,
    say,
    say_next,
    telling,
    told,
    visible,
    warn,
)
from linemap.errors import Fault, OutputError

if TYPE_CHECKING:
    import pandas as pd

    from linemap.gazetteer import Gazetteer
    from linemap.pipeline import Built, Check, Kept, PlaceOptions
    from linemap.windows import Window


MOST_RIVALS: Final = 5
_MOST_SHOWN: Final = 20  # names that the terminal lists; the review has them all


@reads_a_table
def build(
    table: InputPath,
    *,
    given: TableOptions,
    folder: Out = None,
    title: Annotated[str | None, typer.Option(help="The map's title.")] = None,
    rule: RuleName = "ons",
    threshold: Threshold = None,
    base: Base = None,
    period: Annotated[
        PeriodName | None,
        typer.Option(help="Divide the records by quarter, year or financial-year; else not."),
    ] = None,
    series: SeriesName = None,
    same_records: SameRecords = None,
    already_published: Annotated[
        str | None,
        typer.Option(help="Where and when figures that look like records were published."),
    ] = None,
    ledgers: Ledgers = None,
    cross_tags: CrossTags = False,
    again: Annotated[
        bool, typer.Option("--again", help="Build again, even if nothing has changed.")
    ] = False,
) -> None:
    """Make the release: flows, tables, figures and one map file."""
    from linemap import pipeline

    out = folder or PROCESSED / pipeline.stem_of(table)
    settings = pipeline.BuildSettings(
        statements=given.statements,
        title=title,
        rule=pipeline.rule_named(rule, threshold=threshold, base=base),
        period=period,
        window=given.window,
        options=given.read,
        places=given.places,
        series=series,
        same_records=same_records,
        already_published=already_published,
        ledgers=ledgers,
        cross_tags=cross_tags,
    )
    if not again and (there := pipeline.unchanged(table, out=out, settings=settings)):
        say(_UNCHANGED)
        _summary(there, given.places.gazetteer)
        return
    with telling() as tell:
        built = pipeline.build(table, out=out, tell=tell, **settings.keywords())
    _summary(built, given.places.gazetteer)


_UNCHANGED: Final = (
    "Nothing has changed since this release was built: the table, the settings, the decisions, "
    "the ledgers and linemap are the same, and every file is as it was written. It is kept as it "
    "is; --again builds it again. Then it was said:"
)


@reads_a_table
def check(table: InputPath, *, given: TableOptions) -> None:
    """List every error of a table, and say what a build would make of it; write nothing."""
    from linemap import pipeline
    from linemap.records import PUBLISHED

    with telling() as tell:
        checked = pipeline.check(
            table,
            statements=given.statements,
            window=given.window,
            options=given.read,
            places=given.places,
            tell=tell,
        )
    name = visible(table.name)
    for line in kinds(checked.faults):
        say(line)
    for line in kinds(checked.notices):
        warn(f"Warning: {line}")
    if checked.plan:
        say(f"What a build of {name} would do:")
        for line in checked.plan:
            say(f"  {line}")
    number = len(checked.faults)
    errors = f"{number:,} error{'s' * (number != 1)} in {name}"
    if number and not (checked.plan and given.read.allow_refused):
        warn(f"{errors}.")
        them = "it" if number == 1 else "them"
        if checked.plan:
            again = given.again("check", table, "--allow-refused")
            if any(fault.hint == PUBLISHED for fault in checked.faults):
                published = given.again("check", table, "--statements")
                leave = f"if they are records, correct {them} in the table, or leave these rows out"
                say_next(published, "if these are published figures", (leave, again))
            else:
                wider = _wider(given, table, checked)
                say_next(again, f"correct {them} in the table, or leave these rows out", *wider)
        else:
            say_next(*_asked(Typed.of(sys.argv[1:], given.commands), checked.faults, them))
        raise typer.Exit(FAULTY_INPUT)
    say(f"{errors}, in rows that are left out." if number else f"No errors in {name}.")
    if given.statements:
        covered = _covered(given, checked.window, "build", table)
        say_next(given.again("build", table), "", *covered)
        return
    covered = _covered(given, checked.window, "preview", table)
    if checked.open_names:
        more = checked.postcode_districts and not given.places.postcode_districts
        districts = ["--postcode-districts"] if more else []
        them = "it" if checked.open_names == 1 else "them"
        say_next(
            given.again("geocode", "--file", table, "--review", *districts),
            f"to decide {_names(checked.open_names)}",
            (f"to leave {them} unplaced", given.again("preview", table)),
            *covered,
        )
    else:
        say_next(given.again("preview", table), "", *covered)


def _covered(
    given: TableOptions, window: Window | None, *command: object, without: str = ""
) -> list[tuple[str, str]]:
    """Write the command that states a `window`, and when that is true; none without a window."""
    if window is None:
        return []
    why = f"if the table covers all of {window.words}, so that every output says so"
    return [(why, given.again(*command, "--window", window_typed(window), without=without))]


def _wider(given: TableOptions, table: Path, checked: Check) -> list[tuple[str, str]]:
    """Write the check by the window of the rows, where some lie outside the one that was stated."""
    if given.window is None or checked.rows_window is None:
        return []
    window = checked.rows_window
    again = given.again("check", table, "--window", window_typed(window), without="window")
    return [(f"if the table covers {window.words}", again)]


def _asked(typed: Typed, faults: Sequence[Fault], them: str) -> tuple[str, str]:
    """Write the command that does as the faults ask, and what else can be done."""
    again = corrected(typed, faults)
    if again == typed:
        return str(typed), f"correct {them} in the table, and check it again"
    alone = all(fault.argument for fault in faults)
    return str(again), "" if alone else f"unless you correct {them} in the table"


@reads_a_table
def preview(
    table: InputPath,
    *,
    given: TableOptions,
    folder: Out = None,
    rule: RuleName = "ons",
    threshold: Threshold = None,
    base: Base = None,
    series: SeriesName = None,
    same_records: SameRecords = None,
    ledgers: Ledgers = None,
    cross_tags: CrossTags = False,
) -> None:
    """Show what a release would tell, divided by time and tags or not; write and bind nothing."""
    from linemap import pipeline

    if given.statements:
        raise typer.BadParameter(
            "Published statements need no preview: they are shown as they were printed. Next:\n  "
            + given.again("build", table)
        )
    with telling() as tell:
        seen = pipeline.preview(
            table,
            rule=pipeline.rule_named(rule, threshold=threshold, base=base),
            window=given.window,
            options=given.read,
            places=given.places,
            out=folder or PROCESSED / pipeline.stem_of(table),
            series=series,
            same_records=same_records,
            ledgers=ledgers,
            cross_tags=cross_tags,
            tell=tell,
        )
    for line in seen.lines:
        say(line)
    if seen.recommended is None and seen.refusals:
        raise seen.refusals[0]
    typed = Typed.of(sys.argv[1:], given.commands)
    for refusal in seen.refusals:
        say(f"Refused: {told(refusal)}")
        for line in ways_told(refusal, typed):
            say(line)
    if seen.recommended is None:
        raise typer.Exit(MAY_NOT_LEAVE)
    cut = seen.recommended
    period = [] if cut.period is None else ["--period", cut.period]
    tags = [word for tag in cut.tags for word in ("--tag", tag)]
    tags += ["--cross-tags"] if cross_tags and tags else []
    own = options_typed(
        (
            ("--out", folder),
            ("--rule", None if rule == "ons" else rule),
            ("--threshold", threshold),
            ("--base", base),
            ("--series", series),
            ("--ledgers", ledgers),
        ),
    )
    if same_records is not None:
        own.append("--same-records" if same_records else "--different-records")
    command = ("build", table, *period, *tags, *own)
    # another window than that of an earlier release would be another cut
    window = None if seen.bound_by else seen.window
    say_next(
        given.again(*command, without="tag"),
        "",
        *_covered(given, window, *command, without="tag"),
    )


@reads_a_table
def geocode(
    names: Annotated[list[str] | None, typer.Argument(help="Names of places.")] = None,
    *,
    given: TableOptions,
    file: Annotated[
        Path | None, typer.Option(help="A table instead; both its ends are looked up.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(help="settlement, borough, county, force, nation, ...")
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="The county, force or nation that it lies in.")
    ] = None,
    review: Annotated[
        bool,
        typer.Option(
            "--review",
            help="With --file: write the names that you must decide to the private folder.",
        ),
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", help="With --review: the release it belongs to.")
    ] = None,
) -> None:
    """Say which place each name means, how that was found, and what else it could be."""
    from linemap import pipeline, schema

    if bool(names) == bool(file):
        raise typer.BadParameter("Give names, or --file TABLE, and not both.")
    if review and file is None:
        raise typer.BadParameter("--review needs --file TABLE.")
    places = given.places.loaded()
    if file is not None:
        with telling() as tell:
            matches = pipeline.look_up_table(
                file,
                statements=given.statements,
                options=given.read,
                places=places,
                tell=tell,
            )
        matches = matches.sort_values(schema.COUNT, ascending=False, kind="stable")
    else:
        matches = pipeline.look_up(names or [], level=level, within=within, places=places)
    placed = matches[schema.STATUS].isin((schema.EXACT, schema.ALIAS))
    shown = matches[~placed] if review else matches
    _show_matches(shown.head(_MOST_SHOWN) if review else shown, places.places())
    unit = schema.STATEMENTS if given.statements else schema.RECORDS
    if review and len(shown) > _MOST_SHOWN:
        say(f"and {_names(len(shown) - _MOST_SHOWN)} more, with fewer {unit}")
    if review and placed.any():
        say(f"{_names(int(placed.sum()))} placed by a listed name.")
    for line in pipeline.changes(matches):
        say(line)
    following = "build" if given.statements else "preview"
    if review and file is not None and shown.empty:
        say("There is no name to decide, and no review table was written.")
        say_next(given.again(following, file))
    elif review and file is not None:
        written = pipeline.write_review(
            matches,
            out=folder or PROCESSED / pipeline.stem_of(file),
            aliases=given.places.aliases,
        )
        say(
            f"To review: {written}. Open it, write yes, no or a place into its column 'decision', "
            "and save it as a CSV; an empty cell leaves the name unplaced."
        )
        again = given.again(following, file, "--aliases", written, without="aliases")
        say_next(again, "when the decisions are written")
    elif not matches[schema.PLACE_ID].notna().all():
        raise typer.Exit(NOT_ALL_PLACED)


def extract(
    articles: Annotated[
        list[Path], typer.Argument(help="Articles as text, HTML or PDF.", metavar="ARTICLE...")
    ],
    out: Annotated[Path | None, typer.Option(help="The table to write for review, a CSV.")] = None,
    source: Annotated[
        str | None, typer.Option(help="The name of the source; the file's name by default.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="When it was published.")] = None,
    url: Annotated[str | None, typer.Option(help="Its address on the web.")] = None,
) -> None:
    """Propose statements from articles for you to accept; the sentences are shown, never kept."""
    from linemap import extraction, schema

    read = extraction.read_articles(articles)
    proposed = extraction.extract_statements(read, source=source, published=published, url=url)
    texts = iter(read)
    shown = None
    for row in proposed.to_dict("records"):
        while shown is None or shown.name != row["article"]:
            shown = next(texts)
            say(f"{shown.name}:")
        say(extraction.candidate_line(row))
        say(f"    {extraction.in_context(row, shown.text)}")
    if out is not None:
        extraction.write_candidates(proposed, out)
    unsure = int((proposed[schema.CERTAINTY] == extraction.UNCERTAIN).sum())
    say(f"{len(proposed):,} statements proposed, {unsure:,} of them uncertain.")
    if out is not None:
        say(
            f"Written to {out}: write yes or no into its column 'decision', and correct what is "
            "wrong."
        )
        say_next(command_line("linemap", "build", out, "--statements"))


def window_typed(window: Window) -> str:
    """Write a window as --window takes it.

    >>> from linemap.windows import Window
    >>> window_typed(Window("2023-04", "2024-06"))
    '2023-04 to 2024-06'
    """
    return f"{window.start} to {window.end}"


def _names(number: int) -> str:
    return "1 name" if number == 1 else f"{number:,} names"


def _show_matches(matches: pd.DataFrame, gazetteer: Gazetteer) -> None:
    """Print an answer a line, and under it what else the name could mean."""
    from linemap import schema

    for _, row in matches.iterrows():
        how = f"{row[schema.STATUS]}, score {row[schema.SCORE]:.2f}"
        if isinstance(row[schema.PLACE_ID], str):
            where = _where(row[schema.PLACE_ID], gazetteer)
            say(f"{row[schema.QUERY]}: {where}, {how}")
        else:
            reason = f", {row[schema.REASON]}" if isinstance(row[schema.REASON], str) else ""
            say(f"{row[schema.QUERY]}: not placed; {row[schema.STATUS]}{reason}")
        rivals = [str(rival) for rival in row[schema.RIVALS] or ()]
        if len(rivals) > 1 or (rivals and rivals[0] not in f"{row[schema.REASON]}"):
            more = f" and {len(rivals) - MOST_RIVALS} more" if len(rivals) > MOST_RIVALS else ""
            say(f"    it could also be {'; '.join(rivals[:MOST_RIVALS])}{more}")


def _where(place_id: str, gazetteer: Gazetteer) -> str:
    """Name a place with what it lies in, and its identifier."""
    from linemap import schema

    places = gazetteer.places
    place = places.loc[place_id]
    around = next(
        (
            str(places.loc[place[column], schema.NAME])
            for column in (schema.BOROUGH_ID, schema.COUNTY_ID, schema.NATION_ID)
            if isinstance(place[column], str) and place[column] != place_id
        ),
        None,
    )
    name = f"{place[schema.NAME]}, {around}" if around else str(place[schema.NAME])
    return f"{name} ({place_id})"


def _summary(built: Built | Kept, gazetteer: object) -> None:
    from linemap.release import BRIEFS

    for line in built.summary:
        say(line)
    for line in built.warnings:
        warn(f"Warning: {in_options(line)}")
    say()
    say(f"Map      {built.map}")
    say(f"Brief    {built.folder / BRIEFS[0]}")
    say(f"Release  {built.folder}")
    say(f"Private  {built.private}  (for you alone; never send it)")
    for path in built.kept:
        say(f"Kept     {path}  (as you had changed it)")
    _say_sign_off(built.folder, gazetteer, "look at the map and the brief; then, ")


def _say_sign_off(folder: Path, gazetteer: object, before: str = "") -> None:
    """Say what comes before a release, or what is made of it, may leave."""
    own = options_typed((("--gazetteer", gazetteer),))
    record = command_line("linemap", "review-release", folder, *own)
    say_next(record, f"{before}for whoever signs the release off")


def audit(
    folder: ReleaseFolder,
    *,
    ledger: EarlierLedger = None,
    gazetteer: BuiltGazetteer = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Attack a release as an outsider would; fail if it tells more than its rule allows."""
    from linemap import pipeline

    places = _built_with(folder, gazetteer, stations, postcode_districts)
    with telling() as tell:
        report = pipeline.audit_folder(folder, ledger=ledger, places=places, tell=tell)
    say(str(report))
    if not report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)
    _say_sign_off(folder, gazetteer)


def review_release(
    folder: ReleaseFolder,
    *,
    ledger: EarlierLedger = None,
    gazetteer: BuiltGazetteer = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Print the record for whoever signs a release off: which rule acted on which table."""
    from linemap.auditing import review_release as review

    places = _built_with(folder, gazetteer, stations, postcode_districts)
    with telling() as tell:
        record = review(folder, ledger=ledger, gazetteer=places.places(), tell=tell)
    say(str(record))
    if not record.report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


def _built_with(
    folder: Path, gazetteer: Path | None, stations: bool, postcode_districts: bool
) -> PlaceOptions:
    """Return the places that a release was built with, as its manifest or its reader says."""
    from linemap.pipeline import PlaceOptions

    stated = PlaceOptions(
        gazetteer=gazetteer, stations=stations, postcode_districts=postcode_districts
    )
    return stated.of_release(folder)


def withdraw(
    folder: Annotated[Path, typer.Argument(help="A release that has never left the building.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "",
    ledgers: Ledgers = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Nobody outside has received it: do not ask.")
    ] = False,
) -> None:
    """Withdraw a release, so that it binds no later one; only if nobody has received it."""
    from linemap import pipeline

    found = pipeline.find_withdrawal(folder, ledgers=ledgers)
    called = visible(f"{found.release} in {folder}")
    gone = "" if found.holds else ", which the folder no longer holds"
    if not yes and not _agreed(
        f"Has nobody outside received {called}{gone}? If somebody has, it and the next "
        "release can be subtracted from each other, and nothing can take it back. Withdraw it"
    ):
        warn("Not withdrawn: it binds later releases as before.")
        raise typer.Exit(STOPPED)
    written = pipeline.withdraw(folder, reason=reason, ledgers=ledgers)
    marked = "; the folder is marked, and an audit refuses it" if found.holds else ""
    say(f"Withdrawn: {called}. It binds no later release{marked}. Recorded in {written}.")
    if found.others:
        number, last = len(found.others), found.others[0]
        bind = "1 earlier one still binds" if number == 1 else f"{number} earlier ones still bind"
        again = command_line(
            "linemap", "withdraw", folder, *options_typed((("--ledgers", ledgers),))
        )
        say(f"Of that name, {bind}: the last is {last}.")
        say_next(again, "if nobody has received it either")


def _agreed(question: str) -> bool:
    """Ask the user; without a terminal to ask at, name the option that answers."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise Stopped from None
        warn("")
        raise typer.BadParameter(
            "There is no terminal to ask at. If nobody outside has received it, say --yes."
        ) from None


def restore_ledger(
    folder: Annotated[Path, typer.Argument(help="A release whose ledger is lost.")],
    *,
    series: Annotated[
        str | None, typer.Option(help="The name of the ledger; by default that of the folder.")
    ] = None,
    ledgers: Ledgers = None,
) -> None:
    """Make a lost ledger again from what a release shows."""
    from linemap import pipeline

    written = pipeline.restore_ledger(folder, series=series, ledgers=ledgers)
    say(f"{written} now holds what {folder} shows.")


def brief(
    folder: ReleaseFolder,
    *,
    origin: Annotated[
        str | None, typer.Option(help="A brief of one origin, by name or identifier: Islington.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(help="A brief of one destination, by name or identifier: Norfolk.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write, .html or .pdf; by default both, beside the folder."),
    ] = None,
    gazetteer: BuiltGazetteer = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Write two or three pages to read and print, of a release, one origin or one destination."""
    from linemap import briefing
    from linemap.auditing import rebuild_release
    from linemap.release import read_manifest, safe_file_name

    if origin is not None and destination is not None:
        raise typer.BadParameter("Give --origin or --destination, not both.")
    if out is not None and out.suffix.lower() not in (".html", ".pdf"):
        raise typer.BadParameter(f"--out names an HTML or PDF file: {out.stem or out.name}.html.")
    places = _built_with(folder, gazetteer, stations, postcode_districts).places()
    with telling() as tell:
        tell("Reading the release")
        release = rebuild_release(folder, places)
    asked = origin if origin is not None else destination
    made = briefing.brief(
        release,
        origin=origin,
        destination=destination,
        title=str(read_manifest(folder)["title"]) if asked is None else None,
        gazetteer=places,
    )
    end = "" if asked is None else f"-{safe_file_name(asked)}"
    beside = folder.resolve()
    targets = (
        [out]
        if out is not None
        else [beside.with_name(f"{beside.name}-brief{end}{kind}") for kind in (".html", ".pdf")]
    )
    for target in targets:
        say(f"Written to {made.save(target)}")
    _say_sign_off(folder, gazetteer)


def matrix(
    folder: ReleaseFolder,
    *,
    measure: Annotated[
        str | None, typer.Option(help="The measure to take, if there are several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The CSV to write; by default one beside the folder.")
    ] = None,
    gazetteer: BuiltGazetteer = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Write the origin-destination matrix of what a release shows, as CSV; empty is not zero."""
    from linemap import schema
    from linemap.auditing import rebuild_release
    from linemap.errors import InputError
    from linemap.flows import to_matrix
    from linemap.io import write_output
    from linemap.records import neutralise

    if out is not None and out.suffix.lower() != ".csv":
        raise typer.BadParameter(f"--out names a CSV: {out.stem or out.name}.csv.")
    places = _built_with(folder, gazetteer, stations, postcode_districts).places()
    with telling() as tell:
        tell("Reading the release")
        release = rebuild_release(folder, places)
    beside = folder.resolve()
    target = out if out is not None else beside.with_name(f"{beside.name}-matrix.csv")
    together = release.views.get(schema.WHERE_TO)
    views = {"": release.flows} | ({} if together is None else {"-all-origins": together})
    known = sorted(set(release.flows[schema.MEASURE].dropna()))
    if measure is not None and measure not in known:
        raise InputError(f"The release has no measure {measure!r}. It has {', '.join(known)}.")
    for end, view in views.items():
        flows = view if measure is None else view[view[schema.MEASURE] == measure]
        cells = to_matrix(flows).rename(index=neutralise, columns=neutralise)
        content = cells.to_csv(lineterminator="\r\n").encode("utf-8-sig")
        path = target.with_name(f"{target.stem}{end}.csv")
        say(f"Written to {write_output(path, content)}")
    say("An empty cell has no count that is shown, which is not zero; the others are sums of")
    say("what is shown, over all windows and groups.")
    if together is not None:
        say("The two files are of the same records: never add or subtract between them.")
    _say_sign_off(folder, gazetteer)


def doctor(
    folder: Annotated[
        Path, typer.Argument(help="The folder in which releases are to be written.")
    ] = Path(),
) -> None:
    """Check whether linemap can work here: versions, fonts, rights to write, a small release."""
    from linemap import pipeline

    bad = 0
    for examined in pipeline.examine(folder):
        say(str(examined))
        bad += not examined.is_fine
    if bad:
        say(f"{bad} of these {'needs' if bad == 1 else 'need'} correcting before you build.")
        raise typer.Exit(NOT_WRITTEN)
    say("Everything that a build needs is here.")
    say_next(command_line("linemap", "demo", "linemap-demo"))


def demo(
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must not exist yet.")],
) -> None:
    """Write the notebooks and an invented table to try everything with."""
    from linemap import pipeline

    written = pipeline.write_demonstration(folder)
    for path in written:
        say(str(path))
    say("The referrals are invented; the statements are published figures.")
    say_next(
        command_line("linemap", "check", folder / pipeline.EXAMPLE),
        "",
        ("with the extra linemap[notebook]", command_line("jupyter", "lab", folder)),
    )


def simulate(
    out: Annotated[Path, typer.Argument(help="The CSV to write; it must not exist yet.")],
    *,
    rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many records.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")] = 1,
) -> None:
    """Write an invented table of records, drawn from published totals; each row says so."""
    from linemap.io import write_output
    from linemap.simulate import simulate_table

    if out.suffix.lower() != ".csv":
        raise typer.BadParameter(f"The table is a CSV: {out.stem or out.name}.csv.")
    if out.exists():
        raise OutputError(f"{out} exists. Give the table another name.")
    table = simulate_table(rows, seed=seed)
    write_output(out, table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
    say(
        f"Written to {out}: {rows:,} simulated records; none of them is of a person, and "
        "how fast they thin out with distance is assumed."
    )
    say_next(command_line("linemap", "check", out))


def build_gazetteer(
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            help="A file of places: FILE,level=district,name=NAME,code=CODE. Repeatable.",
        ),
    ] = None,
    os_open_names: Annotated[
        Path | None, typer.Option(help="The unpacked folder of OS Open Names.")
    ] = None,
    geonames: Annotated[Path | None, typer.Option(help="GB.txt of GeoNames.")] = None,
    alternates: Annotated[
        Path | None, typer.Option(help="alternateNames.txt of GeoNames, with --geonames.")
    ] = None,
    ons_ipn: Annotated[
        Path | None, typer.Option(help="The CSV of the ONS Index of Place Names.")
    ] = None,
    postcode_districts: Annotated[
        bool, typer.Option("--postcode-districts", help="Add the postcode districts.")
    ] = False,
) -> None:
    """Join your own places to the shipped ones, and write them as one file."""
    import warnings

    from linemap.gazetteer import Gazetteer, parse_layer

    if not (layer or os_open_names or geonames or ons_ipn):
        raise typer.BadParameter("Give --layer, --os-open-names, --geonames or --ons-ipn.")
    if alternates is not None and geonames is None:
        raise typer.BadParameter("--alternates needs --geonames.")
    if out.suffix.lower() != ".parquet":
        raise typer.BadParameter(f"--out names a Parquet file: {out.stem or out.name}.parquet.")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        made = Gazetteer.load()
        if layer:
            own = Gazetteer.from_files(*(parse_layer(text) for text in layer))
            made = own.with_shipped_settlements()
    for warning in dict.fromkeys(str(one.message) for one in told):
        warn(f"Warning: {warning.partition(' To have both')[0]}")
    if geonames is not None:
        made = Gazetteer.from_geonames(geonames, alternates=alternates, base=made)
    if os_open_names is not None:
        made = Gazetteer.from_os_open_names(os_open_names, base=made)
    if ons_ipn is not None:
        made = Gazetteer.from_ons_ipn(ons_ipn, base=made)
    if postcode_districts:
        made = made.with_postcode_districts()
    say(repr(made).strip("<>"))
    say(f"Written to {made.save(out)}")
