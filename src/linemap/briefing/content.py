"""What a brief holds: sentences whose numbers name their source, tables of text, one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

How = Literal["sum", "distinct", "rows", "cell", "statistic", "months", "per month", "ratio"]


_SHORT: Final = 40  # letters of a cell that stands in one line


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a sentence: as it is written, and the cells that it comes from.

    ``table`` is ``flows``, ``where to`` or the name of a summary; ``rows`` the
    identifiers of the flows, or the positions in the summary; ``column`` the column;
    ``how`` what was done with the cells: their sum, their number of different values,
    the number of rows, one cell, a statistic of the flows (named by ``column``), the
    months of a window, a count per month, or the ratio of two such.
    """

    text: str
    table: str
    rows: tuple[str | int, ...]
    column: str
    how: How

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: a template without numbers, and what fills its places in order."""

    template: str
    parts: tuple[str | Number, ...] = ()

    def __str__(self) -> str:
        pieces = self.template.split("{}")
        filled = [str(part) for part in self.parts]
        return pieces[0] + "".join(a + b for a, b in zip(filled, pieces[1:], strict=True))

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of the sentence, in order."""
        return tuple(part for part in self.parts if isinstance(part, Number))


@dataclass(frozen=True, slots=True)
class Table:
    """A table to read: a caption, headings, rows of text, and which columns hold numbers."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the sentences under it and the tables after those."""

    heading: str
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    points: bool = False  # the sentences are a list


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as SVG, its description for those who do not see it, and what stands below it."""

    svg: bytes
    alt: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a brief says, in the order in which it is read."""

    title: str
    stamp: str
    headline: tuple[Sentence, ...]
    picture: Picture | None
    sections: tuple[Section, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence, the headline's first."""
        return (*self.headline, *(one for part in self.sections for one in part.sentences))

    def as_json(self) -> dict[str, Any]:
        """Give the text of the brief as plain lists and dictionaries, without the picture."""
        return {
            "title": self.title,
            "stamp": self.stamp,
            "headline": [str(sentence) for sentence in self.headline],
            "alt": self.picture.alt if self.picture else "",
            "note": self.picture.note if self.picture else "",
            "sections": [
                {
                    "heading": section.heading,
                    "points": section.points,
                    "sentences": [str(sentence) for sentence in section.sentences],
                    "tables": [_plain(table) for table in section.tables],
                }
                for section in self.sections
            ],
        }


def _plain(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "headings": list(table.headings),
        "rows": [list(row) for row in table.rows],
        "numeric": sorted(table.numeric),
        "long": _long(table),
        "note": table.note,
    }


def _long(table: Table) -> list[int]:
    """List the columns of long texts: the others are as wide as their words, near each other."""
    return [
        at for at in range(len(table.headings)) if any(len(row[at]) > _SHORT for row in table.rows)
    ]


def listed(names: Sequence[str], *, most: int = 8) -> str:
    """Join names as a sentence does, and say how many more there are.

    >>> listed(["Norfolk", "Essex", "Kent"]), listed(["a", "b", "c"], most=2)
    ('Norfolk, Essex and Kent', 'a, b and others')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
