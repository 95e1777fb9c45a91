"""What is typed and what is printed: options, messages, progress, exit codes.

Messages ask for arguments in Python; here they become options. The last part holds the options
that every command on a table takes, and what their help says.
"""

from __future__ import annotations

import functools
import inspect
import math
import platform
import re
import shutil
import sys
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_type_hints

import typer

from linemap._version import __version__
from linemap.errors import DisclosureError, Fault, LinemapError, LinemapWarning, group_faults

if TYPE_CHECKING:
    from linemap.pipeline import PlaceOptions
    from linemap.records import ReadOptions, Tell


TRACEBACK: Final = "LINEMAP_TRACEBACK"  # an environment variable

# Exit codes that scripts can use; 2 is the shell's own for a wrong option.
FINE: Final = 0
FAULT_OF_LINEMAP: Final = 1
FAULTY_INPUT: Final = 3
NOT_WRITTEN: Final = 4
MAY_NOT_LEAVE: Final = 5
NOT_ALL_PLACED: Final = 6
STOPPED: Final = 130  # what shells give for Ctrl-C

# How messages ask for an argument in Python, and the option that does the same.
_OPTIONS: Final = (
    (re.compile(r"columns=\{'([^']*)': '([^']*)'\}"), r'--column "\1=\2"'),
    (re.compile(r"tags=\['([^']*)'\]"), r'--tag "\1"'),
    (re.compile(r"(sheet|measure|encoding|layout|series|window)='([^']*)'"), r'--\1 "\2"'),
    (re.compile(r"(engine|memory|master)='([^']*)'"), r"--\1 \2"),
    (re.compile(r"(sheet|header_row)=(\d+|ROW)"), r"--\1 \2"),
    (re.compile(r"(allow_refused|financial_year|same_records|statements)=True"), r"--\1"),
)  # fmt: skip


def visible(text: str) -> str:
    """Write `text` so that a terminal shows it and obeys nothing in it."""
    return "".join(
        "�" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character != "\n"
        else character
        for character in text
    )  # fmt: skip


def in_options(text: str) -> str:
    """Say in options of the command line what a message asks for in Python.

    >>> in_options("Say which: columns={'origin': 'Home LA'}, or allow_refused=True.")
    'Say which: --column "origin=Home LA", or --allow-refused.'
    """
    for pattern, option in _OPTIONS:
        text = pattern.sub(lambda found, to=option: _dashed(found.expand(to)), text)  # type: ignore[misc]  # the default of a lambda
    return text


def _dashed(option: str) -> str:
    """Write the name of an option with hyphens.

    >>> _dashed("--allow_refused"), _dashed('--column "a_b=c"')
    ('--allow-refused', '--column "a_b=c"')
    """
    name, space, value = option.partition(" ")
    return name.replace("_", "-") + space + value


def say(text: str = "") -> None:
    """Print a line of the result."""
    print(visible(text))


def say_next(
    command: str, why: str = "", *others: tuple[str, str], to: Callable[[str], None] = say
) -> None:
    """Print the command to type next, and `others` with what each is for, each on its own line.

    >>> say_next("linemap build t.csv", "", ("to look first", "linemap preview t.csv"))
    Next:
      linemap build t.csv
    Or, to look first:
      linemap preview t.csv
    """
    to(f"Next, {why}:" if why else "Next:")
    to(f"  {command}")
    for reason, other in others:
        to(f"Or, {reason}:")
        to(f"  {other}")


def warn(text: str) -> None:
    """Print a line beside the result: progress, a warning, an error."""
    print(visible(text), file=sys.stderr)


@contextmanager
def warnings_printed() -> Iterator[None]:
    """Print the warnings of linemap as lines beside the result, each once."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", LinemapWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, LinemapWarning):
                warn(f"Warning: {in_options(str(message))}")
            else:
                others(message, category, *where, **more)

        warnings.showwarning = show
        yield


def told(error: LinemapError) -> str:
    """Write an error in the language of the command line; the ways out of it are not in it."""
    return in_options(error.message if isinstance(error, DisclosureError) else str(error))


def kinds(faults: Iterable[Fault]) -> Iterator[str]:
    """Write faults, those of one kind as one line."""
    for group in group_faults(faults):
        yield in_options(str(group))


def command_line(*words: object) -> str:
    """Write a command as a person types it, quoted where a shell on any system needs it.

    >>> command_line("linemap", "check", "my table.xlsx", "--sheet", "2023")
    'linemap check "my table.xlsx" --sheet 2023'
    """
    texts = [str(word) for word in words]
    if texts[0] in _PROGRAMS:
        texts[:1] = _started(texts[0])
    return " ".join(
        text if re.fullmatch(r"[\w./:=\\,%+@-]+", text) else f'"{text}"' for text in texts
    )


_PROGRAMS: Final = frozenset({"linemap", "jupyter"})


def _started(program: str) -> list[str]:
    """Return a program by its name or, where a shell does not find it, by the Python at work.

    Another program that calls linemap, and a ``linemap`` typed without a folder, have the name.
    """
    called = Path(sys.argv[0] if sys.argv else "")
    typed_at = called.stem == "linemap" and called.name != str(called)
    own = typed_at or called.parts[-2:] == ("linemap", "__main__.py")
    if not own or shutil.which(program):
        return [program]
    python, here = Path(sys.executable), Path.cwd()
    shown = python.relative_to(here) if python.is_relative_to(here) else python
    return [str(shown), "-m", program]


@contextmanager
def telling() -> Iterator[Tell]:
    """Show on a terminal what is being done, since when, how fast and how long still; else nothing.

    What is told without how many there are has no rate and no estimate, only since when.
    """
    if not sys.stderr.isatty():
        yield lambda step, done=None, of=None: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    said = TextColumn("{task.fields[said]}", markup=False)
    columns = SpinnerColumn("line"), said, TimeElapsedColumn()
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, transient=True) as progress:
        task, at = progress.add_task("", total=None, said=""), [""]

        def tell(step: str, done: int | None = None, of: int | None = None) -> None:
            if step != at[0]:
                at[0] = step
                progress.reset(task, total=of)
            progress.update(task, completed=done or 0)
            shown = progress.tasks[0]
            words = progress_in_words(step, done, of, shown.speed, shown.time_remaining)
            progress.update(task, said=visible(words))

        yield tell


def progress_in_words(
    step: str, done: int | None, of: int | None, rate: float | None, left: float | None
) -> str:
    """Say how far a step is: `rate` in things a second, `left` in seconds; None is not known.

    >>> progress_in_words("Drawing", 3, 12, 2.0, 4.5)
    'Drawing: 3 of 12, 2.0 a second, about 5 s left'
    >>> progress_in_words("Reading moves.csv", None, None, None, None)
    'Reading moves.csv'
    """
    if of is None:
        return step
    parts = [f"{step}: {done or 0:,} of {of:,}"]
    if rate:
        parts.append(f"{rate:,.1f} a second")
    if left is not None:
        minutes, seconds = divmod(math.ceil(left), 60)
        parts.append(f"about {f'{minutes} min ' if minutes else ''}{seconds} s left")
    return ", ".join(parts)


def stoppable(command: Callable[..., None]) -> Callable[..., None]:
    """Turn Ctrl-C in a command into an error of ours, which the library of commands passes on."""

    @functools.wraps(command)
    def stopped(**values: Any) -> None:
        try:
            command(**values)
        except KeyboardInterrupt as stop:
            raise Stopped from stop

    return stopped


class Stopped(Exception):  # noqa: N818 - what happened, and nothing that went wrong
    """The user has stopped the command."""


def report_of_fault(error: BaseException, arguments: Sequence[str]) -> str:
    """Say that linemap itself is at fault, and what to report: nothing of the data is in it.

    What the error quotes, and what was typed beside the names of options, is left out.
    """
    frames = [
        f"{Path(frame.filename).stem}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if "linemap" in Path(frame.filename).parts
    ]
    given = [word.partition("=")[0] for word in arguments[1:] if word.startswith("-")]
    command = next((word for word in arguments[1:2] if re.fullmatch(r"[a-z-]+", word)), "")
    lines = (
        "This is a fault of linemap's own, not of your table. Nothing was put in place.",
        "Please report these lines; they hold nothing of your data:",
        f"  linemap {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"  linemap {' '.join([command, *given])}".rstrip(),
        f"  {type(error).__name__} at {' < '.join(reversed(frames[-8:])) or 'an unknown place'}",
        f"With {TRACEBACK}=1 in the environment the whole error is shown; it may quote your data.",
    )
    return "\n".join(lines)


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
ReleaseFolder = Annotated[
    Path, typer.Argument(help="A release: the folder that linemap build has written.")
]
EarlierLedger = Annotated[
    Path | None,
    typer.Option("--ledger", help="The ledger of earlier releases of the same records."),
]
BuiltGazetteer = Annotated[
    Path | None,
    typer.Option("--gazetteer", help="The gazetteer of your own that the release was built with."),
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
        typer.Option(
            "--column", help="Which column is the origin, count, ...: origin=Borough. Repeatable."
        ),
    ] = None
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", help="A column to count by, all records together. Repeatable."),
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
    commands: Any  # the group of all commands

    def again(self, *command: object, without: str = "") -> str:
        """Write another command on the same table, with the shared options that were given."""
        kept = (word for name, words in self.given.items() if name != without for word in words)
        return command_line("linemap", *command, *kept)


def reads_a_table(command: Callable[..., None]) -> Callable[..., None]:
    """Add the shared options to a command, which gets them as its argument `given`."""
    own = inspect.signature(command).parameters
    hints = get_type_hints(command, include_extras=True, localns={"TableOptions": TableOptions})
    shared = get_type_hints(_Shared, include_extras=True)

    @functools.wraps(command)
    def wrapper(context: typer.Context, **values: Any) -> None:
        given = {name: values.pop(name) for name in shared}
        words = {
            name: words
            for name, value in given.items()
            if (words := tuple(_words(name, value, shared[name])))
        }
        root = context.find_root().command
        command(**values, given=_table_options(words, root, **given))

    at_hand = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    parameters = [at_hand]
    parameters += [own[name].replace(annotation=hints[name]) for name in own if name != "given"] + [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=getattr(_Shared, name), annotation=hint
        )
        for name, hint in shared.items()
    ]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it
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
    commands: Any,
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
        gazetteer=gazetteer,
        stations=stations,
        postcode_districts=postcode_districts,
        aliases=aliases,
        accept_suggestions=accept_suggestions,
        several=require_several(several),
    )
    return TableOptions(statements, window, read, places, words, commands)


def _pairs(columns: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in columns or []:
        part, equals, heading = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"--column takes part=heading, not {text!r}.")
        pairs[part.strip()] = heading.strip()
    return pairs
