"""The command line: speaks to the shell, and alone knows the default paths.

What a command needs is loaded when it runs, so that help and version come at once.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NoReturn, get_type_hints

import typer

from linemap._version import __version__
from linemap.errors import DisclosureError, Fault, InputError, LinemapError, OutputError

if TYPE_CHECKING:
    import pandas as pd

    from linemap.gazetteer import Gazetteer
    from linemap.pipeline import Built, PlaceOptions
    from linemap.records import ReadOptions

# Exit codes that scripts can use; 2 is the shell's own for a wrong option.
FINE: Final = 0
FAULTY_INPUT: Final = 3
NOT_WRITTEN: Final = 4
MAY_NOT_LEAVE: Final = 5
NOT_ALL_PLACED: Final = 6

PROCESSED: Final = Path("data/processed")
MOST_RIVALS: Final = 5
LayoutName = Literal["list", "matrix", "matrix-transposed"]
PeriodName = Literal["month", "quarter", "year", "financial-quarter", "financial-year", "stated"]

app = typer.Typer(
    name="linemap",
    help="From a table of who was found where to places, flows, distances and a map.",
    epilog=(
        "Exit codes: 0 done, 2 wrong option, 3 the input has errors, 4 the output cannot be "
        "written, 5 disclosure control refuses the release, 6 not every name has a place."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

InputPath = Annotated[Path, typer.Argument(help="A CSV, Excel or Parquet table.")]
Ledgers = Annotated[
    Path | None,
    typer.Option(help="The folder that has the ledgers in linemap-private; the release's own."),
]


Stations = Annotated[
    bool,
    typer.Option(
        "--stations", help="Know railway stations as places too (ODbL 1.0; its notice is added)."
    ),
]
PostcodeDistricts = Annotated[
    bool, typer.Option("--postcode-districts", help="Know postcode districts as places: NR1, IP27.")
]


class _Shared:
    """The options of every command that reads a table, with their defaults."""

    statements: Annotated[
        bool, typer.Option("--statements", help="The rows are published figures, public already.")
    ] = False
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Which heading holds a part: origin=Borough. Repeatable."),
    ] = None
    tag: Annotated[
        list[str] | None, typer.Option("--tag", help="A further column to keep. Repeatable.")
    ] = None
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None
    encoding: Annotated[
        str | None, typer.Option(help="The table's encoding, where it is not seen.")
    ] = None
    measure: Annotated[
        str | None, typer.Option(help="What is counted, where no column says it.")
    ] = None
    header_row: Annotated[
        int | None, typer.Option(help="The row of the headings, where it is not plain.")
    ] = None
    layout: Annotated[LayoutName | None, typer.Option(help="A list, or a crosstab (matrix).")] = (
        None
    )
    financial_year: Annotated[
        bool, typer.Option("--financial-year", help="2010-11 is a year from April, not a month.")
    ] = False
    unknown_words: Annotated[
        Path | None,
        typer.Option(help="A CSV of further words that stand for no place: word, kind."),
    ] = None
    gazetteer: Annotated[
        Path | None,
        typer.Option(help="Your own places: a file that linemap gazetteer build wrote."),
    ] = None
    stations: Stations = False
    postcode_districts: PostcodeDistricts = False
    window: Annotated[
        str | None,
        typer.Option(help='What the table covers: "2023-01 to 2024-03", or 2023/24.'),
    ] = None
    aliases: Annotated[
        Path | None,
        typer.Option(help="Your decisions on names: the review table, filled in, or aliases."),
    ] = None
    accept_suggestions: Annotated[
        float | None,
        typer.Option(help="Take suggested spellings from this score on (0 to 1) as the place."),
    ] = None
    several: Annotated[
        str,
        typer.Option(help="Several places in one cell: none (unplaced), first, or area."),
    ] = "none"


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the shared options say."""

    statements: bool
    window: str | None
    read: ReadOptions
    places: PlaceOptions


def reads_a_table(command: Callable[..., None]) -> Callable[..., None]:
    """Add the shared options to a command, which gets them as its argument `given`."""
    own = inspect.signature(command).parameters
    hints = get_type_hints(command, include_extras=True, localns={"TableOptions": TableOptions})
    shared = get_type_hints(_Shared, include_extras=True)

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        given = {name: values.pop(name) for name in shared}
        command(**values, given=_table_options(**given))

    parameters = [own[name].replace(annotation=hints[name]) for name in own if name != "given"] + [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=getattr(_Shared, name), annotation=hint
        )
        for name, hint in shared.items()
    ]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in parameters}
    return wrapper


def _table_options(
    *,
    statements: bool,
    column: list[str] | None,
    tag: list[str] | None,
    sheet: str | None,
    encoding: str | None,
    measure: str | None,
    header_row: int | None,
    layout: LayoutName | None,
    financial_year: bool,
    unknown_words: Path | None,
    window: str | None,
    gazetteer: Path | None,
    stations: bool,
    postcode_districts: bool,
    aliases: Path | None,
    accept_suggestions: float | None,
    several: str,
) -> TableOptions:
    from linemap.geocoding import require_several
    from linemap.pipeline import PlaceOptions
    from linemap.records import ReadOptions

    if accept_suggestions is not None and not 0 <= accept_suggestions <= 1:
        raise typer.BadParameter("--accept-suggestions takes a score from 0 to 1.")
    read = ReadOptions(
        columns=_pairs(column), tags=tuple(tag or ()), sheet=sheet, encoding=encoding,
        measure=measure, header_row=header_row, layout=layout, financial_year=financial_year,
        unknown_words=unknown_words,
    )  # fmt: skip
    places = PlaceOptions(
        gazetteer=gazetteer, stations=stations, postcode_districts=postcode_districts,
        aliases=aliases, accept_suggestions=accept_suggestions, several=require_several(several),
    )  # fmt: skip
    return TableOptions(statements, window, read, places)


def main() -> NoReturn:
    """Run the command line and exit with a code that scripts can use."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows a replacement.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
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
    except BrokenPipeError:
        sys.exit(FINE)  # whoever read the output has seen enough
    except OSError as error:
        said = f"{error.filename or 'A file'}: {error.strerror or error}."
        _fail(OutputError(said), NOT_WRITTEN)
    except MemoryError:
        _fail(OutputError("This needs more memory than there is."), NOT_WRITTEN)
    except KeyboardInterrupt:
        _warn("Stopped; nothing was changed.")
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
        _say(f"linemap {__version__}")
        raise typer.Exit


@app.command()
@reads_a_table
def build(
    table: InputPath,
    *,
    given: TableOptions,
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
        PeriodName | None,
        typer.Option(help="Split records by quarter, year or financial-year; else by none."),
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
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Go on without the rows that have errors.")
    ] = False,
) -> None:
    """Make the release: flows, tables, figures and one map file."""
    from linemap import pipeline

    with _telling() as tell:
        built = pipeline.build(
            table,
            out=folder or PROCESSED / _stem(table),
            statements=given.statements,
            title=title,
            rule=pipeline.rule_named(rule, threshold=threshold, base=base),
            period=period,
            window=given.window,
            series=series,
            same_records=same_records,
            already_published=already_published,
            ledgers=ledgers,
            options=given.read.with_given({"allow_refused": allow_refused}),
            places=given.places,
            tell=tell,
        )
    _summary(built)


@app.command()
@reads_a_table
def check(table: InputPath, *, given: TableOptions) -> None:
    """List every error of a table, and say what a build would make of it; write nothing."""
    from linemap import pipeline

    checked = pipeline.check(
        table, statements=given.statements, window=given.window, options=given.read,
        places=given.places,
    )  # fmt: skip
    name = visible(table.name)
    for line in _kinds(checked.faults):
        _say(line)
    for line in _kinds(checked.notices):
        _warn(f"Warning: {line}")
    if checked.plan:
        _say(f"What a build of {name} would do:")
        for line in checked.plan:
            _say(f"  {line}")
    if checked.faults:
        number = len(checked.faults)
        _warn(f"{number:,} {'error' if number == 1 else 'errors'} in {name}.")
        raise typer.Exit(FAULTY_INPUT)
    _say(
        f"No errors in {name}. Next: linemap preview {_typed(table)}"
        if not given.statements
        else f"No errors in {name}. Next: linemap build {_typed(table)} --statements"
    )


@app.command()
@reads_a_table
def preview(
    table: InputPath,
    *,
    given: TableOptions,
    rule: Annotated[
        str, typer.Option(help="The publication rule for records: ons, nhs, dfe or opensafely.")
    ] = "ons",
    threshold: Annotated[int | None, typer.Option(help="Hide counts under this.")] = None,
    base: Annotated[int | None, typer.Option(help="Round the others to this.")] = None,
) -> None:
    """Show what each of several cuts of a table would leave; write nothing, bind nothing."""
    from linemap import pipeline

    if given.statements:
        raise typer.BadParameter("Statements leave as they were printed: build them.")
    with _telling() as tell:
        seen = pipeline.preview(
            table,
            rule=pipeline.rule_named(rule, threshold=threshold, base=base),
            window=given.window,
            options=given.read,
            places=given.places,
            tell=tell,
        )
    _say(str(seen))
    if seen.recommended is None:
        raise typer.Exit(MAY_NOT_LEAVE)
    _say(f"Next: {_build_command(sys.argv[2:], seen.recommended)}")


@app.command()
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
            "--review", help="With --file: write what needs a human eye to the private folder."
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
    if file is not None:
        matches = pipeline.look_up_table(
            file, statements=given.statements, options=given.read, places=given.places
        )
    else:
        matches = pipeline.look_up(names or [], level=level, within=within, places=given.places)
    _show_matches(matches, given.places.places())
    for line in pipeline.changes(matches):
        _say(line)
    if review and file is not None:
        written = pipeline.write_review(matches, out=folder or PROCESSED / _stem(file))
        _say(f"To review: {written}")
        _say(
            "Write yes, no or a place into its column 'decision', and give it back: "
            f"--aliases {_typed(written)}"
        )
    if not matches[schema.PLACE_ID].notna().all():
        raise typer.Exit(NOT_ALL_PLACED)


@app.command()
def extract(
    articles: Annotated[
        list[Path], typer.Argument(help="Articles as text, HTML or PDF.", metavar="ARTICLE...")
    ],
    out: Annotated[Path | None, typer.Option(help="The table to write for review, a CSV.")] = None,
    source: Annotated[
        str | None, typer.Option(help="What to call the source; the file's name by default.")
    ] = None,
    published: Annotated[str | None, typer.Option(help="When it was published.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it is to be found.")] = None,
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
            _say(f"{shown.name}:")
        _say(extraction.described(row))
        _say(f"    {extraction.in_context(row, shown.text)}")
    if out is not None:
        extraction.write_candidates(proposed, out)
    unsure = int((proposed[schema.CERTAINTY] == extraction.UNCERTAIN).sum())
    _say(f"{len(proposed):,} statements proposed, {unsure:,} of them uncertain.")
    if out is not None:
        _say(
            f"Written to {out}: write yes or no in its column decision, mend what is wrong. "
            f"Next: linemap build {_typed(out)} --statements"
        )


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="A folder that linemap build has written.")],
    *,
    ledger: Annotated[
        Path | None, typer.Option(help="The ledger of earlier releases of the same records.")
    ] = None,
    gazetteer: Annotated[
        Path | None, typer.Option(help="The gazetteer that the release was built with.")
    ] = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Attack a release as an outsider would; fail if it tells more than its rule allows."""
    from linemap import pipeline

    places = pipeline.PlaceOptions(
        gazetteer=gazetteer, stations=stations, postcode_districts=postcode_districts
    )
    with _telling() as tell:
        report = pipeline.audit_folder(folder, ledger=ledger, places=places, tell=tell)
    _say(str(report))
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
    _say(str(record))
    if not record.report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


@app.command()
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

    if not yes:
        typer.confirm(
            f"Has nobody outside received {visible(str(folder))}? If somebody has, it and the "
            "next release can be subtracted from each other, and nothing can take it back. "
            "Withdraw it",
            abort=True,
            err=True,
        )
    written = pipeline.withdraw(folder, reason=reason, ledgers=ledgers)
    _say(f"{folder} is withdrawn and binds no later release. Recorded in {written}.")


@app.command("restore-ledger")
def restore_ledger(
    folder: Annotated[Path, typer.Argument(help="A release whose ledger is lost.")],
    *,
    series: Annotated[str | None, typer.Option(help="The ledger's name; the folder's.")] = None,
    ledgers: Ledgers = None,
) -> None:
    """Make a lost ledger again of what a release shows."""
    from linemap import pipeline

    written = pipeline.restore_ledger(folder, series=series, ledgers=ledgers)
    _say(f"{written} now holds what {folder} shows.")


@app.command()
def brief(
    folder: Annotated[Path, typer.Argument(help="A release folder that linemap build wrote.")],
    *,
    origin: Annotated[
        str | None, typer.Option(help="Of one origin, by name or identifier: Islington.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(help="Of one destination: whom should Norfolk call?")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write, .html or .pdf; both, beside the folder, without."),
    ] = None,
    gazetteer: Annotated[
        Path | None, typer.Option(help="The gazetteer of your own that the release was built with.")
    ] = None,
) -> None:
    """Write two or three pages to read and print, of a release, one origin or one destination."""
    from linemap import briefing
    from linemap.auditing import rebuild_release
    from linemap.gazetteer import Gazetteer
    from linemap.release import read_manifest, safe_file_name

    if origin is not None and destination is not None:
        raise typer.BadParameter("Give --origin or --destination, not both.")
    if out is not None and out.suffix.lower() not in (".html", ".pdf"):
        raise typer.BadParameter(f"--out names an HTML or PDF file: {out.stem or out.name}.html.")
    places = Gazetteer.load() if gazetteer is None else Gazetteer.load(gazetteer)
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
    targets = [out] if out is not None else [
        beside.with_name(f"{beside.name}-brief{end}{kind}") for kind in (".html", ".pdf")
    ]  # fmt: skip
    for target in targets:
        _say(f"Written to {made.save(target)}")


gazetteers = typer.Typer(help="Make a gazetteer of your own lists and boundaries.")
app.add_typer(gazetteers, name="gazetteer")


@gazetteers.callback()
def _gazetteers() -> None:
    """Make a gazetteer of your own lists and boundaries."""


@gazetteers.command("build")
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
        _warn(f"Warning: {warning.partition(' To have both')[0]}")
    if geonames is not None:
        made = Gazetteer.from_geonames(geonames, alternates=alternates, base=made)
    if os_open_names is not None:
        made = Gazetteer.from_os_open_names(os_open_names, base=made)
    if ons_ipn is not None:
        made = Gazetteer.from_ons_ipn(ons_ipn, base=made)
    if postcode_districts:
        made = made.with_postcode_districts()
    _say(repr(made).strip("<>"))
    _say(f"Written to {made.save(out)}")


def visible(text: str) -> str:
    """Write `text` so that a terminal shows it and obeys nothing in it."""
    return "".join(
        "�" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n"
        else character
        for character in text
    )  # fmt: skip


# How messages ask for an argument in Python, and the option that does the same.
_OPTIONS: Final = (
    (re.compile(r"columns=\{'([^']*)': '([^']*)'\}"), r'--column "\1=\2"'),
    (re.compile(r"(sheet|measure|encoding|layout|series|window)='([^']*)'"), r'--\1 "\2"'),
    (re.compile(r"(sheet|header_row)=(\d+)"), r"--\1 \2"),
    (re.compile(r"(allow_refused|financial_year|same_records)=True"), r"--\1"),
    (re.compile(r"\b(columns) (?=names no part)"), "--column "),
)  # fmt: skip


def in_options(text: str) -> str:
    """Say in options of the command line what a message asks for in Python.

    >>> in_options("Say which: columns={'origin': 'Home LA'}, or allow_refused=True.")
    'Say which: --column "origin=Home LA", or --allow-refused.'
    """
    for pattern, option in _OPTIONS:
        text = pattern.sub(lambda found, to=option: _dashed(found.expand(to)), text)  # type: ignore[misc]
    return text


def _dashed(option: str) -> str:
    """Write the name of an option with hyphens.

    >>> _dashed("--allow_refused"), _dashed('--column "a_b=c"')
    ('--allow-refused', '--column "a_b=c"')
    """
    name, space, value = option.partition(" ")
    return name.replace("_", "-") + space + value


def _say(text: str = "") -> None:
    print(visible(text))


def _warn(text: str) -> None:
    print(visible(text), file=sys.stderr)


def _fail(error: LinemapError, code: int) -> NoReturn:
    _warn(f"Error: {_told(error)}")
    sys.exit(code)


def _told(error: LinemapError) -> str:
    """Write an error in the language of the command line, with the ways out of it as options."""
    if isinstance(error, DisclosureError) and error.ways:
        ways = (f"  {way.option}: {way.consequence}" for way in error.ways)
        return "\n".join([in_options(error.message), *ways])
    return in_options(str(error))


def _kinds(faults: tuple[Fault, ...]) -> Iterator[str]:
    """Write faults, those of one kind as one line."""
    from linemap.errors import group_faults

    for group in group_faults(faults):
        yield in_options(str(group))


def _build_command(arguments: list[str], cut: Any) -> str:
    """Write the build of a recommended cut, with the options that the preview was given."""
    kept = []
    skip = False
    for word in arguments:
        if skip or word.startswith("--tag="):
            skip = False
            continue
        if word == "--tag":
            skip = True
            continue
        kept.append(_quoted(word))
    return " ".join(["linemap build", *kept, *([cut.options] if cut.options else [])])


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w./:=\\-]+", word) else f'"{word}"'


def _typed(path: Path) -> str:
    return _quoted(str(path))


def _stem(table: Path) -> str:
    return table.stem or "release"


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
    """Show what is being done: on a terminal as a line that changes, in a log as lines."""
    if not sys.stderr.isatty():
        yield _warn
        return
    longest = 0

    def tell(step: str) -> None:
        nonlocal longest
        text = visible(step)
        longest = max(longest, len(text))
        print(f"\r{text:<{longest}}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print(f"\r{'':<{longest}}\r", end="", file=sys.stderr, flush=True)


def _show_matches(matches: pd.DataFrame, gazetteer: Gazetteer) -> None:
    """Print an answer a line, and under it what else the name could mean."""
    from linemap import schema

    for _, row in matches.iterrows():
        how = f"{row[schema.STATUS]}, score {row[schema.SCORE]:.2f}"
        if isinstance(row[schema.PLACE_ID], str):
            where = _where(row[schema.PLACE_ID], gazetteer)
            _say(f"{row[schema.QUERY]}: {where}, {how}")
        else:
            reason = f", {row[schema.REASON]}" if isinstance(row[schema.REASON], str) else ""
            _say(f"{row[schema.QUERY]}: not placed; {row[schema.STATUS]}{reason}")
        rivals = [str(rival) for rival in row[schema.RIVALS] or ()]
        if rivals:
            more = f" and {len(rivals) - MOST_RIVALS} more" if len(rivals) > MOST_RIVALS else ""
            _say(f"    it could also be {'; '.join(rivals[:MOST_RIVALS])}{more}")


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
        _say(line)
    _say()
    _say(f"Map      {built.map}")
    _say(f"Release  {built.folder}")
    _say(f"Private  {built.private}  (for you alone; never send it)")
