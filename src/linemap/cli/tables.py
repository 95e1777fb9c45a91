"""The commands on a table: check it, preview its cuts, review its names, build its release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linemap.cli.options import (
    PROCESSED,
    Base,
    CrossTags,
    InputPath,
    Ledgers,
    Out,
    PeriodName,
    RuleName,
    SameRecords,
    SeriesName,
    TableOptions,
    Threshold,
    options_typed,
    reads_a_table,
)
from linemap.cli.shell import (
    FAULTY_INPUT,
    MAY_NOT_LEAVE,
    NOT_ALL_PLACED,
    in_options,
    kinds,
    option_in,
    say,
    telling,
    told,
    typed,
    visible,
    warn,
)
from linemap.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from linemap.gazetteer import Gazetteer
    from linemap.pipeline import Built
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
) -> None:
    """Make the release: flows, tables, figures and one map file."""
    from linemap import pipeline

    with telling() as tell:
        built = pipeline.build(
            table,
            out=folder or PROCESSED / pipeline.stem_of(table),
            statements=given.statements,
            title=title,
            rule=pipeline.rule_named(rule, threshold=threshold, base=base),
            period=period,
            window=given.window,
            series=series,
            same_records=same_records,
            already_published=already_published,
            ledgers=ledgers,
            cross_tags=cross_tags,
            options=given.read,
            places=given.places,
            tell=tell,
        )
    _summary(built)


@reads_a_table
def check(table: InputPath, *, given: TableOptions) -> None:
    """List every error of a table, and say what a build would make of it; write nothing."""
    from linemap import pipeline
    from linemap.records import PUBLISHED

    try:
        with telling() as tell:
            checked = pipeline.check(
                table,
                statements=given.statements,
                window=given.window,
                options=given.read,
                places=given.places,
                tell=tell,
            )
    except InputError as error:
        warn(f"Error: {told(error)}")
        if option := option_in(told(error)):
            say(f"Next: {given.again('check', table)} {option}")
        raise typer.Exit(FAULTY_INPUT) from error
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
        them, again = "it" if number == 1 else "them", given.again("check", table)
        if checked.plan:
            again = f"{again} --allow-refused"
            if any(fault.hint == PUBLISHED for fault in checked.faults):
                published = given.again("check", table, "--statements")
                say(f"Next: if these are published figures: {published}")
                say(f"  (else correct {them} in the table, or leave these rows out: {again})")
            else:
                say(f"Next: correct {them} in the table, or leave these rows out: {again}")
        else:
            asked = dict.fromkeys(filter(None, map(option_in, kinds(checked.faults))))
            say(f"Next: {' '.join([again, *asked])}")
            say(f"  (or correct {them} in the table)")
        raise typer.Exit(FAULTY_INPUT)
    say(f"{errors}, in rows that are left out." if number else f"No errors in {name}.")
    covers = options_typed((("--window", window_typed(checked.window)),))
    if given.statements:
        say(f"Next: {given.again('build', table, *covers)}")
        return
    if checked.open_names:
        more = checked.postcode_districts and not given.places.postcode_districts
        districts = ["--postcode-districts"] if more else []
        say(f"Next: {given.again('geocode', '--file', table, '--review', *districts, *covers)}")
        them = "it" if checked.open_names == 1 else "them"
        say(f"  (for {_names(checked.open_names)} that you can decide; to leave {them} unplaced:")
        say(f"  {given.again('preview', table, *covers)})")
    else:
        say(f"Next: {given.again('preview', table, *covers)}")


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
            "Published statements need no preview: they are shown as they were printed. Next: "
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
    for refusal in seen.refusals:
        say(f"Refused: {told(refusal)}")
    if seen.recommended is None:
        raise typer.Exit(MAY_NOT_LEAVE)
    cut = seen.recommended
    period = [] if cut.period is None else ["--period", cut.period]
    tags = [word for tag in cut.tags for word in ("--tag", tag)]
    tags += ["--cross-tags"] if cross_tags and tags else []
    # another window than that of an earlier release would be another cut
    window = None if seen.bound_by else window_typed(seen.window)
    own = options_typed(
        (
            ("--out", folder),
            ("--rule", None if rule == "ons" else rule),
            ("--threshold", threshold),
            ("--base", base),
            ("--series", series),
            ("--ledgers", ledgers),
            ("--window", window),
        ),
    )
    if same_records is not None:
        own.append("--same-records" if same_records else "--different-records")
    say(f"Next: {given.again('build', table, *period, *tags, *own, without='tag')}")


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
    if review and file is not None:
        written = pipeline.write_review(
            matches,
            out=folder or PROCESSED / pipeline.stem_of(file),
            aliases=given.places.aliases,
        )
        say(
            f"To review: {written}. Open it, write yes, no or a place into its column 'decision', "
            "and save it as a CSV; an empty cell leaves the name unplaced."
        )
        following = "build" if given.statements else "preview"
        say(f"Next: {given.again(following, file, '--aliases', written, without='aliases')}")
    if not matches[schema.PLACE_ID].notna().all():
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
        say(extraction.described(row))
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
        say(f"Next: {typed('linemap', 'build', out, '--statements')}")


def window_typed(window: Window | None) -> str | None:
    """Write a window as --window takes it; None for none.

    >>> from linemap.windows import Window
    >>> window_typed(Window("2023-04", "2024-06"))
    '2023-04 to 2024-06'
    """
    return None if window is None else f"{window.start} to {window.end}"


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


def _summary(built: Built) -> None:
    for line in built.summary:
        say(line)
    for line in built.warnings:
        warn(f"Warning: {in_options(line)}")
    say()
    say(f"Map      {built.map}")
    say(f"Release  {built.folder}")
    say(f"Private  {built.private}  (for you alone; never send it)")
    for path in built.kept:
        say(f"Kept     {path}  (as you had changed it)")
    say(f"Next: open the map; for pages to print: {typed('linemap', 'brief', built.folder)}")
