"""The command line: speaks to the shell, and alone knows the default paths."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.text import Text

from linemap import pipeline, schema
from linemap._version import __version__
from linemap.errors import DisclosureError, InputError, LinemapError, OutputError
from linemap.flows import Period
from linemap.gazetteer import Gazetteer
from linemap.records import ReadOptions

# Exit codes that scripts can use; 2 is the shell's own for a wrong option.
FINE: Final = 0
FAULTY_INPUT: Final = 3
NOT_WRITTEN: Final = 4
MAY_NOT_LEAVE: Final = 5
NOT_ALL_PLACED: Final = 6

PROCESSED: Final = Path("data/processed")
MOST_RIVALS: Final = 5

app = typer.Typer(
    name="linemap",
    help="From a table of who was found where to places, flows, distances and a map.",
    epilog=(
        "Exit codes: 0 done, 2 wrong option, 3 the input has faults, 4 the output cannot be "
        "written, 5 something may not leave the building, 6 not every name has a place."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(highlight=False, markup=False, soft_wrap=True, stderr=True)

InputPath = Annotated[Path, typer.Argument(help="A CSV, Excel or Parquet table.")]
Statements = Annotated[
    bool, typer.Option("--statements", help="The rows are published figures, public already.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="Which heading holds a part: origin=Borough. Repeatable."),
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", help="A further column to keep. Repeatable.")
]
Sheet = Annotated[str | None, typer.Option(help="The sheet of a workbook.")]
Encoding = Annotated[str | None, typer.Option(help="The table's encoding, where it is not seen.")]
Measure = Annotated[str | None, typer.Option(help="What is counted, where no column says it.")]
Ledgers = Annotated[
    Path | None,
    typer.Option(help="The folder that has the ledgers in linemap-private; the release's own."),
]
Aliases = Annotated[
    Path | None, typer.Option(help="Your own decisions on names, from the review table.")
]


def main() -> NoReturn:
    """Run the command line and exit with a code that scripts can use."""
    try:
        _require_text(sys.argv)
        app(standalone_mode=True)
    except InputError as error:
        _fail(error, FAULTY_INPUT)
    except DisclosureError as error:
        _fail(error, MAY_NOT_LEAVE)
    except OutputError as error:
        _fail(error, NOT_WRITTEN)
    except LinemapError as error:
        _fail(error, FAULTY_INPUT)
    except OSError as error:
        said = f"{error.filename or 'A file'}: {error.strerror or error}."
        _fail(OutputError(said), NOT_WRITTEN)
    except MemoryError:
        _fail(OutputError("This needs more memory than there is."), NOT_WRITTEN)
    except KeyboardInterrupt:
        err.print("Stopped; nothing was changed.")
        sys.exit(130)
    sys.exit(FINE)


def _require_text(arguments: list[str]) -> None:
    """Refuse what the shell gave that is not UTF-8: no output could say it."""
    for argument in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in argument):
            raise InputError(f"{visible(argument)!r} is not UTF-8. Give it another name.")


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Say the version and stop.")] = False,
) -> None:
    """Turn a table into places, flows, distances and a map."""
    if version:
        out.print(f"linemap {__version__}")
        raise typer.Exit


@app.command()
def build(
    table: InputPath,
    *,
    statements: Statements = False,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write; data/processed/NAME by default."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="The map's title.")] = None,
    rule: Annotated[
        str, typer.Option(help="The publication rule for records: ons, nhs, dfe or opensafely.")
    ] = "ons",
    threshold: Annotated[int | None, typer.Option(help="Hide counts under this.")] = None,
    base: Annotated[int | None, typer.Option(help="Round the others to this.")] = None,
    period: Annotated[
        Period | None,
        typer.Option(
            help="Split records by quarter, year or financial-year; without it there is no window."
        ),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option(help="Which earlier releases count the same records; the table's name."),
    ] = None,
    same_records: Annotated[
        bool | None,
        typer.Option(
            "--same-records/--different-records",
            help="Whether earlier releases count the same people, where the rows do not tell.",
        ),
    ] = None,
    already_published: Annotated[
        str | None,
        typer.Option(help="Where and when statements that look like records were published."),
    ] = None,
    ledgers: Ledgers = None,
    column: Columns = None,
    tag: Tags = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    measure: Measure = None,
    aliases: Aliases = None,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Go on without the faulty rows.")
    ] = False,
) -> None:
    """Make the release: flows, tables, figures and one map file."""
    with _telling() as tell:
        built = pipeline.build(
            table,
            out=folder or PROCESSED / _stem(table),
            statements=statements,
            title=title,
            rule=pipeline.rule_named(rule, threshold=threshold, base=base),
            period=period,
            series=series,
            options=_options(column, tag, sheet, encoding, measure, allow_refused=allow_refused),
            same_records=same_records,
            already_published=already_published,
            ledgers=ledgers,
            aliases=aliases,
            tell=tell,
        )
    _summary(built)


@app.command()
def check(
    table: InputPath,
    *,
    statements: Statements = False,
    column: Columns = None,
    tag: Tags = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    measure: Measure = None,
) -> None:
    """List every fault of a table, with row and column; write nothing."""
    from linemap.records import inspect_table

    options = _options(column, tag, sheet, encoding, measure)
    kind: Literal["records", "statements"] = "statements" if statements else "records"
    faults, notices = inspect_table(table, kind, options)
    for fault in faults:
        out.print(visible(str(fault)))
    for notice in notices:
        err.print(visible(f"worth a look: {notice}"))
    if faults:
        err.print(f"{len(faults):,} to mend in {visible(table.name)}.")
        raise typer.Exit(FAULTY_INPUT)
    out.print(f"{visible(table.name)} can be used: nothing is wrong with it.")


@app.command()
def geocode(
    names: Annotated[list[str] | None, typer.Argument(help="Names of places.")] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help="A table instead; both its ends are looked up.")
    ] = None,
    statements: Statements = False,
    column: Columns = None,
    tag: Tags = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    measure: Measure = None,
    level: Annotated[
        str | None, typer.Option(help="settlement, borough, county, force, nation, ...")
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="The county, force or nation that it lies in.")
    ] = None,
    aliases: Aliases = None,
    review: Annotated[
        bool,
        typer.Option(
            "--review", help="With --file: write what needs a human eye to the private folder."
        ),
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", help="With --review: the release it belongs to.")
    ] = None,
) -> None:
    """Say which place each name means, how that was found, and what else it could be."""
    if bool(names) == bool(file):
        raise typer.BadParameter("Give names, or --file TABLE, and not both.")
    if review and file is None:
        raise typer.BadParameter("--review needs --file TABLE.")
    if file is not None:
        options = _options(column, tag, sheet, encoding, measure)
        matches = pipeline.look_up_table(
            file, statements=statements, options=options, aliases=aliases
        )
    else:
        matches = pipeline.look_up(names or [], level=level, within=within, aliases=aliases)
    _show_matches(matches)
    if review and file is not None:
        written = pipeline.write_review(matches, out=folder or PROCESSED / _stem(file))
        out.print(f"To review: {written}")
    if not matches[schema.PLACE_ID].notna().all():
        raise typer.Exit(NOT_ALL_PLACED)


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="A folder that linemap build has written.")],
    *,
    ledger: Annotated[
        Path | None, typer.Option(help="The ledger of earlier releases of the same records.")
    ] = None,
) -> None:
    """Attack a release as an outsider would; fail if it tells more than its rule allows."""
    with _telling() as tell:
        report = pipeline.audit_folder(folder, ledger=ledger, tell=tell)
    out.print(visible(str(report)))
    if not report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


@app.command("review-release")
def review_release(
    folder: Annotated[Path, typer.Argument(help="A folder that linemap build has written.")],
    *,
    ledger: Annotated[
        Path | None, typer.Option(help="The ledger of earlier releases of the same records.")
    ] = None,
) -> None:
    """Print the record for whoever signs a release off: which rule acted on which table."""
    from linemap.auditing import review_release as review

    record = review(folder, ledger=ledger)
    out.print(visible(str(record)))
    if not record.report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


@app.command()
def withdraw(
    folder: Annotated[Path, typer.Argument(help="A release that has never left the building.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "",
    ledgers: Ledgers = None,
) -> None:
    """Withdraw a release, so that it binds no later one; only if nobody has received it."""
    written = pipeline.withdraw(folder, reason=reason, ledgers=ledgers)
    out.print(visible(f"{folder} is withdrawn and binds no later release. Recorded in {written}."))


@app.command("restore-ledger")
def restore_ledger(
    folder: Annotated[Path, typer.Argument(help="A release whose ledger is lost.")],
    *,
    series: Annotated[str | None, typer.Option(help="The ledger's name; the folder's.")] = None,
    ledgers: Ledgers = None,
) -> None:
    """Make a lost ledger again of what a release shows."""
    written = pipeline.restore_ledger(folder, series=series, ledgers=ledgers)
    out.print(visible(f"{written} now holds what {folder} shows."))


def visible(text: str) -> str:
    """Write `text` so that a terminal shows it and obeys nothing in it."""
    return "".join(
        "�" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n"
        else character
        for character in text
    )  # fmt: skip


def _fail(error: LinemapError, code: int) -> NoReturn:
    err.print(Text(visible(str(error)), style="bold red" if err.is_terminal else ""))
    sys.exit(code)


def _stem(table: Path) -> str:
    return table.stem or "release"


def _options(
    column: list[str] | None,
    tag: list[str] | None,
    sheet: str | None,
    encoding: str | None,
    measure: str | None,
    *,
    allow_refused: bool = False,
) -> ReadOptions:
    """Gather what the command line says of a table."""
    return ReadOptions(
        columns=_pairs(column), tags=tuple(tag or ()), sheet=sheet, encoding=encoding,
        measure=measure, allow_refused=allow_refused,
    )  # fmt: skip


def _pairs(columns: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in columns or []:
        part, equals, heading = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"--column takes part=heading, not {text!r}.")
        pairs[part.strip()] = heading.strip()
    return pairs


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Show what is being done, on a terminal as a moving line, in a log as lines."""
    if err.is_terminal:
        with err.status("Starting") as status:
            yield lambda step: status.update(visible(step))
    else:
        yield lambda step: err.print(visible(step))


def _show_matches(matches: pd.DataFrame) -> None:
    """Print an answer a line, and under it what else the name could mean."""
    for _, row in matches.iterrows():
        how = f"{row[schema.STATUS]}, score {row[schema.SCORE]:.2f}"
        if row[schema.STATUS] in schema.PLACED:
            line = f"{row[schema.QUERY]}: {_where(str(row[schema.PLACE_ID]))}, {how}"
        else:
            line = f"{row[schema.QUERY]}: not placed; {row[schema.STATUS]}, {row[schema.REASON]}"
        out.print(visible(line))
        rivals = [str(rival) for rival in row[schema.RIVALS] or ()]
        if rivals:
            more = f" and {len(rivals) - MOST_RIVALS} more" if len(rivals) > MOST_RIVALS else ""
            out.print(visible(f"    it could also be {'; '.join(rivals[:MOST_RIVALS])}{more}"))


def _where(place_id: str) -> str:
    """Name a place with what it lies in, and its identifier."""
    places = Gazetteer.load().places
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


def _summary(built: pipeline.Built) -> None:
    for line in built.summary:
        out.print(visible(line))
    out.print()
    out.print(f"Map      {built.map}")
    out.print(f"Release  {built.folder}")
    out.print(f"Private  {built.private}  (for you alone; never send it)")
