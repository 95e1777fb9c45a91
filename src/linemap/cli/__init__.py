"""The command line: speaks to the shell, and alone knows the default paths.

`commands` holds one function a command; `shell` what is typed (options) and what is printed
(messages, progress, exit codes); `next_steps` what to type after an error. What a command needs
is loaded when it runs, so that help and version come at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Annotated, Final, NoReturn

try:
    import typer
    from typer.main import get_command

    from linemap._version import __version__
    from linemap.cli import commands, next_steps, shell
    from linemap.cli.shell import (
        FAULT_OF_LINEMAP,
        FAULTY_INPUT,
        FINE,
        MAY_NOT_LEAVE,
        NOT_ALL_PLACED,
        NOT_WRITTEN,
        STOPPED,
        in_options,
    )
    from linemap.errors import DisclosureError, InputError, LinemapError, OutputError
except KeyboardInterrupt:  # before there is a command that could be stopped
    print("Stopped.", file=sys.stderr, flush=True)
    os._exit(130)

__all__ = [
    "FAULTY_INPUT",
    "FAULT_OF_LINEMAP",
    "FINE",
    "MAY_NOT_LEAVE",
    "NOT_ALL_PLACED",
    "NOT_WRITTEN",
    "STOPPED",
    "app",
    "in_options",
    "main",
]

_VERSION: Final = f"linemap {__version__}"

app = typer.Typer(
    name="linemap",
    help="From a table of who was found where to places, flows, distances and a map.",
    epilog=(
        "Exit codes: 0 done, 2 wrong option, 3 the input has errors, 4 the output cannot be "
        "written, 5 disclosure control refuses the release, 6 geocode found no place for a name, "
        "130 stopped."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for command in (
    commands.check,
    commands.preview,
    commands.geocode,
    commands.build,
    commands.extract,
    commands.audit,
    commands.review_release,
    commands.withdraw,
    commands.restore_ledger,
    commands.brief,
    commands.matrix,
    commands.doctor,
    commands.demo,
    commands.simulate,
):
    app.command()(shell.stoppable(command))
gazetteers = typer.Typer(help="Make a gazetteer of your own lists and boundaries.")
gazetteers.callback()(lambda: None)
gazetteers.command("build")(shell.stoppable(commands.build_gazetteer))
app.add_typer(gazetteers, name="gazetteer")


@app.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Turn a table into places, flows, distances and a map."""
    if version:
        shell.say(_VERSION)
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line and exit with a code that scripts can use."""
    atexit.register(gc.freeze)  # else Python looks through all objects as it ends: 0.4 s
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows a replacement.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    gc.set_threshold(50_000, 20, 20)  # to look for cycles as often as usual takes 0.5 s of a build
    try:
        _require_text(sys.argv)
        if sys.argv[1:] == ["--version"]:  # at once: for any value Typer loads a library of types
            shell.say(_VERSION)
            sys.exit(FINE)
        with shell.warnings_printed():
            _run()
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
        said = (
            "This needs more memory than there is. Use fewer tags (--tag), or build one year at a "
            "time."
        )
        _fail(OutputError(said), NOT_WRITTEN)
    except (shell.Stopped, KeyboardInterrupt):
        shell.warn("Stopped. What was there before is as it was.")
        # Python notes a stop within an exec (a dataclass that is being made) and would end by the
        # signal; an exec that ends well takes the note back.
        exec("")  # noqa: S102  an empty text runs nothing
        sys.exit(STOPPED)
    except Exception as error:
        if os.environ.get(shell.TRACEBACK):
            raise
        shell.warn(f"Error: {shell.report_of_fault(error, sys.argv)}")
        sys.exit(FAULT_OF_LINEMAP)
    sys.exit(FINE)


def _run() -> None:
    """Run the command that was typed; Ctrl-C before it begins is an error of ours too."""
    try:
        app(standalone_mode=True)
    except SystemExit as ended:
        if ended.__context__ is not None and isinstance(
            ended.__context__.__cause__, KeyboardInterrupt
        ):
            raise shell.Stopped from ended
        raise


def _fail(error: LinemapError, code: int) -> NoReturn:
    """Print an error in the language of the command line and what to type next, and exit."""
    shell.warn(f"Error: {shell.told(error)}")
    typed = next_steps.Typed.of(sys.argv[1:], get_command(app))
    for line in next_steps.ways_told(error, typed):
        shell.warn(line)
    found = [*next_steps.steps_after(error, typed)]
    if found:
        (why, command), *others = found
        shell.say_next(command, why, *others, to=shell.warn)
    sys.exit(code)


def _require_text(arguments: list[str]) -> None:
    """Refuse what the shell gave that is not UTF-8: no output could say it."""
    for argument in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in argument):
            raise InputError(f"{shell.visible(argument)!r} is not UTF-8. Give it another name.")
