"""What is unknown or hidden: words that name no place, marks that publishers print as counts."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from linemap import schema
from linemap.errors import Fault, InputError, Refused
from linemap.io import read_text, shipped_list
from linemap.records.table import DATE, ERROR, OTHER, TRUTH, Cell
from linemap.records.validators import count

WORD, KIND, REASON = "word", "kind", "reason"
_LONGEST: Final = 100  # characters of a word or a kind
_MARKS: Final = frozenset("-.,;:?!*/\\_ ~#")  # a cell of these alone says nothing
_PARTS: Final = (re.compile(r" - |[,;:]| \(|\) ?| or | / "), re.compile(r"/"))
_MOST: Final = 10_000  # words that an owner may add


def folded(text: str) -> str:
    """Write a word in one spelling: lower case, one space, one dash.

    >>> folded("  N/K "), folded("Not – known")
    ('n/k', 'not - known')
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    for dash in "‐‑‒–—―−":
        plain = plain.replace(dash, "-")
    return " ".join(plain.split())


@lru_cache(maxsize=1)
def shipped_words() -> Mapping[str, str]:
    """Return linemap's own words, each with its kind."""
    return {folded(row[WORD]): row[KIND] for row in shipped_list("unknown_words.csv")}


def words_of(own: Mapping[str, str] | str | Path | None) -> Mapping[str, str]:
    """Join linemap's own words with the owner's, which go first.

    `own` is a mapping from word to kind, or a CSV file with the columns
    ``word`` and ``kind`` (and a ``reason`` for the reader). The kind
    ``place`` takes a word off the list: it is looked up again.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or has a row without a word or a kind.
    """
    if own is None:
        return shipped_words()
    pairs = own.items() if isinstance(own, Mapping) else _from_file(Path(own))
    words = dict(shipped_words())
    for word, kind in pairs:
        if kind.strip().casefold() == "place":
            words.pop(folded(word), None)
        else:
            words[folded(word)] = " ".join(kind.split())
    return words


def _from_file(path: Path) -> Iterable[tuple[str, str]]:
    text, separator = read_text(path)
    reader = csv.DictReader(text.splitlines(), delimiter=separator)
    if not {WORD, KIND} <= set(reader.fieldnames or ()):
        raise InputError(f"{path.name} needs the columns 'word' and 'kind'.")
    pairs, faults = [], []
    for number, row in enumerate(reader, 2):
        word, kind = (row[WORD] or "").strip(), (row[KIND] or "").strip()
        if not word or not kind or len(word) > _LONGEST or len(kind) > _LONGEST:
            faults.append(Fault("a word and its kind are needed, each in one short text.", number))
        pairs.append((word, kind))
    if faults or len(pairs) > _MOST:
        raise InputError(f"{path.name} cannot be used as a list of unknown words.", faults)
    return pairs


def kind_of(text: str, words: Mapping[str, str]) -> str | None:
    """Return the kind of a text that names no place, or None for one that may name a place.

    Of several words set apart by marks ("N/K - missing") each must be listed.
    """
    plain = folded(text)
    if (kind := _listed_kind(plain, words)) is not None:
        return kind
    if plain and set(plain) <= _MARKS:
        return words.get("-")
    for mark in _PARTS:
        parts = [part for part in mark.split(plain) if part.strip("() ")]
        kinds = [_listed_kind(part, words) for part in parts]
        if len(kinds) > 1 and None not in kinds:
            told = [kind for kind in kinds if kind != "unknown"] or kinds
            return told[0] if len({*told}) == 1 else "unknown"
    return None


def _listed_kind(plain: str, words: Mapping[str, str]) -> str | None:
    """Return the kind of a folded text that is listed as it is or without marks around it."""
    if plain in words:
        return words[plain]
    return words.get(plain.strip("()[]{}.,;:!\"'? "))


# ── What publishers print in the place of a count ─────────────────────────────
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d{1,9})"
_BELOW: Final = re.compile(rf"(?:<|under |fewer than |less than ) ?{_NUMBER}", re.ASCII)
_UP_TO: Final = re.compile(rf"(?:<=|≤|up to ) ?{_NUMBER}")
_FROM: Final = re.compile(rf"(?:>=|≥) ?{_NUMBER}|{_NUMBER} ?(?:\+|or more)")
_ABOVE: Final = re.compile(rf"(?:>|over |more than ) ?{_NUMBER}", re.ASCII)
_BETWEEN: Final = re.compile(rf"{_NUMBER} ?(?:-|–|to) ?{_NUMBER}")
_RATE: Final = re.compile(r"\d{1,9}(?:\.\d+)? ?(?:%|per cent|percent)|\d{1,9}\.\d+", re.ASCII)
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
PUBLISHED: Final = "If these are published figures: statements=True."
_MEANINGS: Final = {
    "hidden": schema.HIDDEN_FIGURE,
    "not available": schema.UNAVAILABLE_FIGURE,
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure that is no count: the qualifier that says what it is, with what was printed."""

    qualifier: str


@lru_cache(maxsize=1)
def _marks() -> Mapping[str, str]:
    return {row["mark"]: _MEANINGS[row["meaning"]] for row in shipped_list("publisher_marks.csv")}


def published_count(cell: Cell) -> int | Printed:
    """Judge the count of a statement: a whole number, or what a publisher prints instead.

    A number hidden by a mark or given as a range has no count: its qualifier
    says which of these it is, the least and the most that it may be, and what
    was printed. A rate or a percentage is never a count.

    >>> published_count(Cell("<5")).qualifier
    'published as a range, 0 to 4 (<5)'
    """
    text = " ".join(cell.text.split())
    plain = text.casefold()
    if cell.kind in (DATE, ERROR, OTHER, TRUTH):
        return count(cell)
    if plain in _marks():
        return Printed(f"{_marks()[plain]} ({text})")
    limits = _limits(plain)
    if limits is not None:
        return printed_range(*limits, text)
    if _RATE.fullmatch(plain):
        return Printed(f"{schema.RATE_FIGURE} ({text})")
    if _THOUSANDS.fullmatch(text):
        return count(Cell(text.replace(",", "")))
    try:
        return count(cell)
    except Refused as refused:
        hint = "For a hidden number write [c], for one that is not available [x], for a range 1-4."
        raise Refused(refused.problem, refused.hint or hint) from None


def printed_range(low: int, high: int | None, mark: str | None) -> Printed:
    """Write a count that is known as a range, with the mark that was printed in its place.

    >>> printed_range(1, 4, "[c]").qualifier, printed_range(5, None, None).qualifier
    ('published as a range, 1 to 4 ([c])', 'published as a range, 5 or more')
    """
    if high is not None and low > high:
        raise Refused(f"{mark or f'{low} to {high}'!r} is a range that ends before it starts.")
    most = "or more" if high is None else f"to {high:,}"
    shown = f" ({mark})" if mark else ""
    return Printed(f"{schema.RANGE_FIGURE}, {low:,} {most}{shown}")


def printed_mark(mark: str) -> Printed:
    """Take a publisher's mark that stands in a column of its own.

    Raises
    ------
    Refused
        If it is none that is known.
    """
    meaning = _marks().get(" ".join(mark.split()).casefold())
    if meaning is None:
        raise Refused(
            f"{mark!r} is no mark of a hidden number that is known.",
            "For a hidden number write [c], for one that is not available [x].",
        )
    return Printed(f"{meaning} ({mark})")


def printed_beside(
    count: object, low: int | None, high: int | None, mark: str | None, printed: str | None
) -> str | None:
    """Say what a statement prints instead of its count; None where it is printed.

    `low`, `high` and `mark` stand in columns of their own, `printed` in that of the count.

    Raises
    ------
    Refused
        If the range and the count contradict each other, or the mark is not known.
    """
    inside = re.search(r"\((.*)\)$", printed) if isinstance(printed, str) else None
    if isinstance(count, int | np.integer):
        if (low is not None and count < low) or (high is not None and count > high):
            raise Refused(f"the count {count:,} lies outside its range.")
        return None
    if low is not None or high is not None:
        return printed_range(low or 0, high, mark or (inside[1] if inside else None)).qualifier
    if inside is not None or mark is None:
        return printed
    return printed_mark(mark).qualifier


def _limits(text: str) -> tuple[int, int | None] | None:
    """Return the least and the most of a range; None for most where it has no end."""
    if found := _BELOW.fullmatch(text):
        return 0, _whole(found[1]) - 1
    if found := _UP_TO.fullmatch(text):
        return 0, _whole(found[1])
    if found := _FROM.fullmatch(text):
        return _whole(found[1] or found[2]), None
    if found := _ABOVE.fullmatch(text):
        return _whole(found[1]) + 1, None
    if found := _BETWEEN.fullmatch(text):
        return _whole(found[1]), _whole(found[2])
    return None


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
