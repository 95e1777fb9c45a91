"""What a brief holds: sentences whose numbers name their source, tables, a picture; its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from linemap import schema
from linemap.briefing.subject import Subject
from linemap.windows import Window

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


# ── Numbers, levels, windows and distances in the words of a brief ──────────────────────────
FLOWS: Final = "flows"
WHERE_TO: Final = schema.WHERE_TO
THIN: Final = 20  # fewer give no rank, mean or change: the ONS calls rates of fewer unreliable
MOST_ROWS: Final = 10
NOT_KNOWN: Final = "not known"
KM: Final = "km (nearest to furthest parts)"
FURTHER: Final = "The rest is in the tables of the release."
PLURALS: Final = {
    schema.SETTLEMENT: "towns",
    schema.BOROUGH: "boroughs",
    schema.COUNTY: "counties",
    schema.FORCE: "police force areas",
    schema.REGION: "regions",
    schema.NATION: "nations",
    schema.GROUP: "groups of areas",
    schema.DISTRICT: "districts",
    schema.STATION: "railway stations",
    schema.POSTCODE_DISTRICT: "postcode districts",
}


def whole_number(value: float) -> str:
    """Write a whole number with its thousands apart.

    >>> whole_number(4013)
    '4,013'
    """
    return f"{round(value):,}"


def window_of(start: object, end: object) -> str:
    """Write a window in words.

    >>> window_of("2018-01", "2019-03"), window_of(None, None)
    ('January 2018 to March 2019', 'window not stated')
    """
    if isinstance(start, str) and isinstance(end, str):
        return Window(start, end).words
    return "window not stated"


def ids_of(flows: pd.DataFrame) -> tuple[str, ...]:
    """List the identifiers of flows, of which a number is made."""
    return tuple(map(str, flows[schema.FLOW_ID]))


def sum_of(flows: pd.DataFrame, table: str = FLOWS) -> Number:
    """Add up the counts of flows, null ones left out, as a number that names its rows."""
    total = whole_number(int(flows[schema.COUNT].sum()))
    return Number(total, table, ids_of(flows), schema.COUNT, "sum")


def how_many_kinds(flows: pd.DataFrame, column: str, table: str = FLOWS) -> Number:
    """Count the different values of a column, null left out, as a number that names its rows."""
    text = whole_number(flows[column].nunique())
    return Number(text, table, ids_of(flows), column, "distinct")


def how_many(flows: pd.DataFrame) -> Number:
    """Count flows, as a number that names its rows."""
    return Number(whole_number(len(flows)), FLOWS, ids_of(flows), schema.FLOW_ID, "rows")


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def set_words(subject: Subject, flows: pd.DataFrame) -> str:
    """Say what a set of flows counts: the measure and, of statements, the level and window."""
    first = flows.iloc[0]
    measure = str(first[schema.MEASURE])
    if not subject.statements:
        return measure
    level = PLURALS.get(str(first[schema.DESTINATION_LEVEL]), "places")
    return f"{measure}, {level}, {window_of(first[schema.PERIOD_START], first[schema.PERIOD_END])}"


def km_range(row: Any, low: str, high: str, middle: str = schema.DISTANCE_KM) -> str:
    """Write a distance in km with its least and most; "not known" where it is null."""
    if pd.isna(row[middle]):
        return NOT_KNOWN
    return f"{row[middle]:,.0f} ({row[low]:,.0f} to {row[high]:,.0f})"


def rows_left(more: int, thing: str) -> str:
    """Say how many rows a table leaves out."""
    if not more:
        return ""
    return f"{more:,} further {thing}{'' if more == 1 else 's'}. {FURTHER}"
