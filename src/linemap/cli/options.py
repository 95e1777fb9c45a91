"""The options that every command on a table takes, and what they say."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_type_hints

import typer

from linemap.cli.shell import typed

if TYPE_CHECKING:
    from linemap.pipeline import PlaceOptions
    from linemap.records import ReadOptions

PROCESSED: Final = Path("data/processed")
EngineName = Literal["auto", "pandas", "duckdb", "spark"]
LayoutName = Literal["list", "matrix", "matrix-transposed"]
PeriodName = Literal["month", "quarter", "year", "financial-quarter", "financial-year", "stated"]

InputPath = Annotated[
    Path,
    typer.Argument(help="A CSV, Excel or Parquet table; a folder of CSV or Parquet files."),
]
Ledgers = Annotated[
    Path | None,
    typer.Option(
        help="The folder whose linemap-private holds the ledgers; else the one around the release."
    ),
]
CrossTags = Annotated[
    bool,
    typer.Option(
        "--cross-tags",
        help="Divide every pair of places by the tags, and show far less; else a table by tag.",
    ),
]
Stations = Annotated[
    bool,
    typer.Option(
        "--stations", help="Take railway stations as places too (ODbL 1.0; its notice is added)."
    ),
]
PostcodeDistricts = Annotated[
    bool,
    typer.Option("--postcode-districts", help="Take postcode districts as places too: NR1, IP27."),
]


Out = Annotated[
    Path | None,
    typer.Option("--out", help="The folder of the release; data/processed/NAME by default."),
]
RuleName = Annotated[
    str, typer.Option(help="The publication rule for records: ons, nhs, dfe or opensafely.")
]
Threshold = Annotated[int | None, typer.Option(help="Hide counts below this number.")]
Base = Annotated[
    int | None, typer.Option(help="Round the other counts to multiples of this number.")
]
SeriesName = Annotated[
    str | None,
    typer.Option(
        "--series",
        help="The name of the releases that count the same records; else the table's name.",
    ),
]
SameRecords = Annotated[
    bool | None,
    typer.Option(
        "--same-records/--different-records",
        help="Whether earlier releases count the same people, if the rows do not show it.",
    ),
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
        list[str] | None,
        typer.Option("--tag", help="A column to count by. Repeatable."),
    ] = None
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the table, if it is not recognised.")
    ] = None
    measure: Annotated[
        str | None, typer.Option(help="What is counted (referrals, links), if no column says it.")
    ] = None
    header_row: Annotated[
        int | None,
        typer.Option(min=1, help="The number of the row of headings, if it is not found."),
    ] = None
    layout: Annotated[
        LayoutName | None, typer.Option(help="One row a record (list), or a crosstab (matrix).")
    ] = None
    financial_year: Annotated[
        bool, typer.Option("--financial-year", help="2010-11 is a year from April, not a month.")
    ] = False
    engine: Annotated[
        EngineName,
        typer.Option(help="What counts the rows; auto takes DuckDB if the input is large."),
    ] = "auto"
    memory: Annotated[
        str | None, typer.Option(help="The most memory that an engine may take: 4GB.")
    ] = None
    threads: Annotated[
        int | None, typer.Option(help="The most threads that an engine may take.")
    ] = None
    master: Annotated[
        str | None, typer.Option(help="The cluster of Spark: spark://host:7077, local[2].")
    ] = None
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
        typer.Option(help='The months that the table covers: "2023-01 to 2024-03", or 2023/24.'),
    ] = None
    aliases: Annotated[
        Path | None,
        typer.Option(help="Your decisions on names: the review table, filled in, or aliases."),
    ] = None
    accept_suggestions: Annotated[
        float | None,
        typer.Option(help="Accept suggested places with at least this score (0 to 1)."),
    ] = None
    several: Annotated[
        str,
        typer.Option(help="Several places in one cell: none (unplaced), first, or area."),
    ] = "none"
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Go on without the rows that have errors.")
    ] = False


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What the shared options say; ``given`` are those that were typed, as they are typed again."""

    statements: bool
    window: str | None
    read: ReadOptions
    places: PlaceOptions
    given: Mapping[str, tuple[str, ...]]

    def again(self, *command: object, without: str = "") -> str:
        """Write another command on the same table, with the shared options that were given."""
        kept = (word for name, words in self.given.items() if name != without for word in words)
        return typed("linemap", *command, *kept)


def reads_a_table(command: Callable[..., None]) -> Callable[..., None]:
    """Add the shared options to a command, which gets them as its argument `given`."""
    own = inspect.signature(command).parameters
    hints = get_type_hints(command, include_extras=True, localns={"TableOptions": TableOptions})
    shared = get_type_hints(_Shared, include_extras=True)

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        given = {name: values.pop(name) for name in shared}
        words = {
            name: words
            for name, value in given.items()
            if (words := tuple(_words(name, value, shared[name])))
        }
        command(**values, given=_table_options(words, **given))

    parameters = [own[name].replace(annotation=hints[name]) for name in own if name != "given"] + [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=getattr(_Shared, name), annotation=hint
        )
        for name, hint in shared.items()
    ]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in parameters}
    return wrapper


def options_typed(given: Iterable[tuple[str, object]]) -> list[str]:
    """List options and their values as they are typed, without those that were not given."""
    return [word for name, value in given if value is not None for word in (name, str(value))]


def _words(name: str, value: Any, hint: Any) -> Iterator[str]:
    """Write an option as it is typed; nothing for one that has its default."""
    if value == getattr(_Shared, name):
        return
    [option] = [one for one in hint.__metadata__ if hasattr(one, "param_decls")]
    flag = next(iter(option.param_decls), f"--{name.replace('_', '-')}")
    for one in value if isinstance(value, list) else [value]:
        yield from [flag] if one is True else [flag, str(one)]


def _table_options(
    words: Mapping[str, tuple[str, ...]],
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
    engine: EngineName,
    memory: str | None,
    threads: int | None,
    master: str | None,
    unknown_words: Path | None,
    window: str | None,
    gazetteer: Path | None,
    stations: bool,
    postcode_districts: bool,
    aliases: Path | None,
    accept_suggestions: float | None,
    several: str,
    allow_refused: bool,
) -> TableOptions:
    from linemap.geocoding import require_several
    from linemap.pipeline import PlaceOptions
    from linemap.records import EngineOptions, ReadOptions

    if accept_suggestions is not None and not 0 <= accept_suggestions <= 1:
        raise typer.BadParameter("--accept-suggestions takes a score from 0 to 1.")
    read = ReadOptions(
        columns=_pairs(column),
        tags=tuple(tag or ()),
        sheet=sheet,
        encoding=encoding,
        measure=measure,
        header_row=header_row,
        layout=layout,
        financial_year=financial_year,
        unknown_words=unknown_words,
        allow_refused=allow_refused,
        engine=EngineOptions(engine=engine, memory=memory, threads=threads, master=master),
    )
    places = PlaceOptions(
        gazetteer=gazetteer, stations=stations, postcode_districts=postcode_districts,
        aliases=aliases, accept_suggestions=accept_suggestions, several=require_several(several),
    )  # fmt: skip
    return TableOptions(statements, window, read, places, words)


def _pairs(columns: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in columns or []:
        part, equals, heading = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"--column takes part=heading, not {text!r}.")
        pairs[part.strip()] = heading.strip()
    return pairs
