"""Words that stand where a place is meant and name none: unknown, custody, out of area, local."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from linemap.errors import Fault, InputError
from linemap.io import shipped_list

WORD, KIND, REASON = "word", "kind", "reason"
INSIDE: Final = "inside the home borough"
_LONGEST: Final = 100  # characters of a word or a kind
_MARKS: Final = frozenset("-.,;:?!*/\\_ ~#")  # a cell of these alone says nothing
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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is not in UTF-8.") from error
    reader = csv.DictReader(text.splitlines())
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
    """Return the kind of a text that names no place, or None for one that may name a place."""
    plain = folded(text)
    if plain in words:
        return words[plain]
    bare = plain.strip("()[]{}.,;:!\"' ")
    if bare in words:
        return words[bare]
    return words.get("-") if plain and set(plain) <= _MARKS else None
