"""What the command says, and how: words for a terminal, options instead of arguments, progress."""

from __future__ import annotations

import functools
import math
import platform
import re
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from linemap._version import __version__
from linemap.errors import DisclosureError, Fault, LinemapError, group_faults

if TYPE_CHECKING:
    from linemap.records import Tell

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
    (re.compile(r"(sheet|measure|encoding|layout|series|window)='([^']*)'"), r'--\1 "\2"'),
    (re.compile(r"(engine|memory|master)='([^']*)'"), r"--\1 \2"),
    (re.compile(r"(sheet|header_row)=(\d+|ROW)"), r"--\1 \2"),
    (re.compile(r"(allow_refused|financial_year|same_records|statements)=True"), r"--\1"),
    (re.compile(r"\b(columns) (?=names no part)"), "--column "),
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
        text = pattern.sub(lambda found, to=option: _dashed(found.expand(to)), text)  # type: ignore[misc]
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


def warn(text: str) -> None:
    """Print a line beside the result: progress, a warning, an error."""
    print(visible(text), file=sys.stderr)


def fail(error: LinemapError, code: int) -> NoReturn:
    """Print an error in the language of the command line, and exit."""
    warn(f"Error: {told(error)}")
    sys.exit(code)


def told(error: LinemapError) -> str:
    """Write an error in the language of the command line, with the ways out of it as options."""
    if isinstance(error, DisclosureError) and error.ways:
        ways = (f"  {way.option}: {way.consequence}" for way in error.ways)
        return "\n".join([in_options(error.message), *ways])
    return in_options(str(error))


def kinds(faults: Iterable[Fault]) -> Iterator[str]:
    """Write faults, those of one kind as one line."""
    for group in group_faults(faults):
        yield in_options(str(group))


def option_in(said: str) -> str:
    """Return the first option that a message names, as it is typed, and those that follow it.

    Nothing is returned if it names none.

    >>> option_in('Head one so, or say --column "origin=...".')
    '--column "origin=HEADING"'
    >>> option_in("--header-row 5."), option_in("the row is too short.")
    ('--header-row 5', '')
    """
    option = r'--[a-z-]+(?: (?:"[^"]*"|\d+))?'
    found = re.search(rf"{option}(?: {option})*", said)
    return found[0].replace("=...", "=HEADING") if found else ""


def typed(*words: object) -> str:
    """Write a command as a person types it, quoted where a shell on any system needs it.

    >>> typed("linemap", "check", "my table.xlsx", "--sheet", "2023")
    'linemap check "my table.xlsx" --sheet 2023'
    """
    texts = [str(word) for word in words]
    return " ".join(
        text if re.fullmatch(r"[\w./:=\\,%+@-]+", text) else f'"{text}"' for text in texts
    )


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
