"""What to type after an error: the command that failed, with what its message asks for.

A step stands on a line of its own and works as it is pasted, where the message itself says what
to put in place of what was typed; otherwise it is a command that finds out more.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from linemap.cli.shell import PROCESSED, command_line, in_options, kinds, told
from linemap.errors import (
    DisclosureError,
    Fault,
    InputError,
    InputNotFoundError,
    LinemapError,
    OutputError,
    Way,
)

_OPTION_OF: Final = {
    "columns": "--column",
    "tags": "--tag",
    "layout": "--layout",
    "measure": "--measure",
}
_REPEATABLE: Final = frozenset({"--column", "--tag"})
_MANIFEST: Final = "datapackage.json"  # as linemap.release writes it, which is slow to load
_TABLES: Final = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet"})
_ON_A_RELEASE: Final = frozenset(
    {"audit", "review-release", "brief", "matrix", "withdraw", "restore-ledger"}
)
_WRITES_ANEW: Final = frozenset({"demo", "simulate"})
_PROPOSED: Final = 3  # files or releases that are named where none is like the one that is missing
_MOST_INSIDE: Final = 2_000  # entries of a folder that are looked at
_OPTION: Final = r'--[a-z-]+(?: (?:"[^"]*"|\d\S*))?'
_OPTIONS: Final = re.compile(rf"{_OPTION}(?: {_OPTION})*")
_PLACEHOLDERS: Final = frozenset({"NAME", "ROW", "WHERE AND WHEN"})
_LACKING: Final = "there is no column for the "
_ON_A_TABLE: Final = frozenset({"check", "preview", "build", "geocode"})

Step = tuple[str, str]  # when to take it (may be empty), and the command


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed: ``parts`` are its arguments (``""``) and options, in order.

    ``group`` holds the commands that there are, of which it is ``name``.
    """

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    group: Any

    @classmethod
    def of(cls, words: Sequence[str], group: Any) -> Typed:
        """Take the words after ``linemap`` apart, by what the commands of a click `group` take."""
        names, left, command = list[str](), list(words), group
        while left and (inner := getattr(command, "commands", {}).get(left[0])) is not None:
            names.append(left.pop(0))
            command = inner
        flags = _flags(command)
        parts: list[tuple[str, tuple[str, ...]]] = []
        while left:
            word = left.pop(0)
            name, equals, value = word.partition("=")
            if name not in flags:
                parts.append(("", (word,)))
            elif flags[name]:
                parts.append((name, ()))
            else:
                parts.append((name, (value,) if equals else tuple(left[:1])))
                left = left if equals else left[1:]
        return cls(" ".join(names), tuple(parts), group)

    def __str__(self) -> str:
        words = [word for name, values in self.parts for word in ((name,) if name else ()) + values]
        return command_line("linemap", *self.name.split(), *words)

    def values(self, option: str) -> tuple[str, ...]:
        """Return what an option, or the arguments (``""``), were given."""
        return tuple(value for name, values in self.parts if name == option for value in values)

    def without(self, option: str, value: str | None = None) -> Typed:
        """Leave out an option; of one that is repeatable, the `value`, or what is ``value=...``."""
        kept = (
            (name, values)
            for name, values in self.parts
            if name != option
            or (value is not None and values and value not in (values[0], _key(values[0])))
        )
        return replace(self, parts=tuple(kept))

    def given(self, options: Iterable[tuple[str, str]]) -> Typed:
        """Type options and their values too, in place of what was typed for the same.

        What the command does not take, or has a word in the place of its value, is left out.
        """
        made, flags = self, _flags(self.command)
        for name, value in options:
            value = "" if flags.get(name) else value
            known = name in flags and (flags[name] or value) and not value.endswith("=...")
            if known and value not in _PLACEHOLDERS:
                made = made.without(name, _key(value) if name in _REPEATABLE else None)
                made = replace(made, parts=(*made.parts, (name, (value,) if value else ())))
        return made

    def called(self, name: str) -> Typed:
        """Type another command on the same table, without the options that it does not take."""
        takes = _flags(self.group.commands[name])
        table = self.values("--file") if self.name == "geocode" else self.values("")
        options = tuple((option, values) for option, values in self.parts if option in takes)
        return Typed(name, (("", table), *options), self.group)

    @property
    def command(self) -> Any:
        """The command of the group, or the group where none was typed."""
        found = self.group
        for name in self.name.split():
            found = found.commands[name]
        return found


def _flags(command: Any) -> dict[str, bool]:
    """Say of each option of a click command whether it takes no value."""
    return {
        name: getattr(one, "is_flag", False)
        for one in getattr(command, "params", ())
        for name in (*one.opts, *one.secondary_opts)
        if name.startswith("--")
    }


def _key(value: str) -> str:
    return value.partition("=")[0]


def _pairs(said: str) -> Iterator[tuple[str, str]]:
    """Yield each option of a text with its value, empty where it takes none."""
    for option in re.findall(_OPTION, said):
        name, _, value = option.partition(" ")
        yield name, value.strip('"')


def option_in(said: str) -> str:
    """Return the first option that a message names, as it is typed, and those that follow it.

    Nothing is returned if it names none.

    >>> option_in('Head one so, or say --column "origin=Home LA".')
    '--column "origin=Home LA"'
    >>> option_in("--header-row 5."), option_in("the row is too short.")
    ('--header-row 5', '')
    """
    found = _OPTIONS.search(said)
    return found[0].rstrip(".,;") if found else ""


def corrected(typed: Typed, faults: Iterable[Fault]) -> Typed:
    """Type a command again as faults ask: without what is wrong in it, with what they propose."""
    faults = tuple(faults)
    lacking = any(fault.problem.startswith(_LACKING) for fault in faults)
    if lacking and typed.values("--header-row"):  # the row that was named holds no headings
        return typed.without("--header-row")
    for argument, key in dict.fromkeys(fault.argument for fault in faults if fault.argument):
        typed = typed.without(_OPTION_OF[argument], key)
    for line in kinds(faults):
        typed = typed.given(_pairs(option_in(line)))
    return typed


def steps_after(error: LinemapError, typed: Typed) -> Iterator[Step]:
    """Yield what can be typed after an error, the likeliest first."""
    given = typed.values("")
    on_a_table = typed.name in _ON_A_TABLE and (typed.values("") or typed.values("--file"))
    if typed.name in _ON_A_RELEASE and given and not (Path(given[0]) / _MANIFEST).is_file():
        yield from _other_releases(typed)
    elif isinstance(error, InputNotFoundError):
        yield from _other_files(typed, told(error))
    elif isinstance(error, DisclosureError) and error.ways:
        return  # they are told with their commands
    elif "--series NAME" in told(error) and "--series" in _flags(typed.command):
        yield "", str(typed.given([("--series", _new_series(typed))]))
    elif isinstance(error, InputError) and error.faults and not _is_of_table(error, typed):
        yield "when that is corrected", str(typed)
    elif isinstance(error, InputError) and error.faults and on_a_table:
        again = corrected(typed, error.faults)
        as_published = again.values("--statements") != typed.values("--statements")
        if again == typed or as_published:
            yield "to see all that is wrong", str(typed.called("check"))
        else:
            yield "", str(again)
    elif (proposed := typed.given(_pairs(option_in(told(error))))) != typed:
        yield "", str(proposed)
    elif isinstance(error, OutputError) and typed.name in _WRITES_ANEW:
        yield from _another_name(typed)
    elif at_fault := _at_fault(typed, told(error)):
        option, value = at_fault
        less = typed.without(option, value if option in _REPEATABLE else None)
        yield f"without {option}", str(less)
    elif isinstance(error, DisclosureError) and typed.name == "build":
        yield "to see what each division would show", str(typed.called("preview"))
    elif isinstance(error, OutputError):
        yield "to see whether linemap can write there", "linemap doctor"
    else:
        yield _help(typed)


def _is_of_table(error: InputError, typed: Typed) -> bool:
    """Tell if the faults of an error are of the table that was given, not of another file."""
    tables = (*typed.values(""), *typed.values("--file"))
    return any(Path(table).name in error.args[0] for table in tables)


def ways_told(error: LinemapError, typed: Typed) -> Iterator[str]:
    """Yield a line for each way out of a refusal, and under it the command that takes it."""
    for way in error.ways if isinstance(error, DisclosureError) else ():
        command = way_typed(way, typed)
        option = " ".join(way.option.split()[:2]) if way.option == command else way.option
        yield f"  {in_options(option)}: {way.consequence}"
        if command:
            yield f"    {command}"


def way_typed(way: Way, typed: Typed) -> str:
    """Write the command that takes a way out of a refusal; empty where it is none to be pasted.

    After a preview it is that of the build. A new series is named after the table.
    """
    if way.option.startswith("linemap "):
        return "" if way.option.endswith(" FOLDER") else way.option
    if typed.name not in ("build", "preview"):
        return ""
    build = typed.called("build")
    again = build
    for option in way.instead_of:
        again = again.without(option)
    text = way.option.replace(" NAME", f' "{_new_series(build)}"')
    found = re.findall(r'(--[a-z-]+)(?: ("[^"]*"|[a-z0-9]\S*))?', text)
    again = again.given((name, value.strip('"')) for name, value in found)
    return "" if again == build else str(again)


def _new_series(typed: Typed) -> str:
    """Name a series after the table, or the one that was named: with the next number."""
    table = Path(next(iter(typed.values("")), "records")).stem
    found = re.fullmatch(r"(.*)-(\d{1,3})", next(iter(typed.values("--series")), ""))
    return f"{found[1]}-{int(found[2]) + 1}" if found else f"{table}-2"


def _at_fault(typed: Typed, said: str) -> tuple[str, str] | None:
    """Return the option whose value a message quotes, and that value, if it is one alone."""
    given = [
        (name, value)
        for name, values in typed.parts
        for value in values
        if name and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", said)
    ]
    return given[0] if len(given) == 1 else None


def _help(typed: Typed) -> Step:
    """Name the help of the command, which says what each of its options takes."""
    return "for what each option takes", command_line("linemap", *typed.name.split(), "--help")


def _other_files(typed: Typed, said: str) -> Iterator[Step]:
    """Yield the same command on the files that are like the one that is missing, if any are."""
    found = [
        (place, value)
        for place, (_, values) in enumerate(typed.parts)
        for value in values
        if repr(value) in said
    ]
    if not found:
        yield _help(typed)
        return
    (at, missing), *_ = found
    name = typed.parts[at][0]
    near = _nearest_file(Path(missing))
    needed = name in ("", "--file")  # a command has no meaning without it
    others = [near] if near is not None else _beside(Path(missing)) if needed else []
    for other in others[:_PROPOSED]:
        parts = (*typed.parts[:at], (name, (str(other),)), *typed.parts[at + 1 :])
        yield f"if you mean {other.name}", str(replace(typed, parts=parts))
    if not needed and not others:
        yield f"without {name}", str(typed.without(name))
    elif not others:
        yield "to try it on an invented table", "linemap demo linemap-demo"


def _another_name(typed: Typed) -> Iterator[Step]:
    """Yield the same command on a name that is free, where what it would write exists."""
    for given in typed.values("")[:1]:
        old = Path(given)
        new = Path("linemap-demo") if not old.name else old.with_stem(f"{old.stem}-2")
        parts = [("", (str(new),)), *(part for part in typed.parts if part[0])]
        yield "under another name", str(replace(typed, parts=tuple(parts)))


def _other_releases(typed: Typed) -> Iterator[Step]:
    """Yield the same command on the releases in, beside or usually below where it was given."""
    given = Path(typed.values("")[0])
    found = dict.fromkeys(
        manifest.parent
        for folder in (given, given.parent, PROCESSED)
        for manifest in sorted(folder.glob(f"*/{_MANIFEST}"))
    )
    names = {one.name: one for one in reversed(found)}
    near = [names[name] for name in difflib.get_close_matches(given.name, names, n=1, cutoff=0.75)]
    for one in near or list(found)[:_PROPOSED]:
        parts = [("", (str(one),)), *(part for part in typed.parts if part[0])]
        yield f"if you mean {one.name}", str(replace(typed, parts=tuple(parts)))
    if not found:
        yield "to make a release of a table", "linemap build --help"


def _nearest_file(path: Path) -> Path | None:
    """Return what lies in the folder of a path and has the most similar name, if any is similar.

    Of a file it is a table, of a name without an ending a table or a folder.
    """
    found = {one.name: one for one in _beside(path)}
    names = difflib.get_close_matches(path.name, found, n=1, cutoff=0.75)
    names += [one for one in found if Path(one).stem == path.stem]
    return path.with_name(names[0]) if names else None


def _beside(path: Path) -> Sequence[Path]:
    """List the tables in the folder of a path, and the folders if it has no ending."""
    try:
        inside = sorted(path.parent.iterdir())[:_MOST_INSIDE]
    except OSError:
        return ()
    endings = {path.suffix.lower()} if path.suffix.lower() not in {*_TABLES, ""} else _TABLES
    return [
        one
        for one in inside
        if one.name[0] != "."
        and (one.suffix.lower() in endings if one.is_file() else not path.suffix)
    ]
