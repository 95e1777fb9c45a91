"""Which column plays which part: by known headings, or as the caller says; never both."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from linemap import schema
from linemap.errors import Fault

# Each part and the headings it goes by, in the spelling of `normal`.
_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    schema.ORIGIN: ("origin", "from", "origin area", "home", "home area", "exporting area"),
    schema.DESTINATION: (
        "destination", "dest", "to", "area", "place", "location", "destination area",
        "found in", "place found", "where found", "importing area",
    ),
    schema.COUNT: (
        "count", "value", "n", "number", "total", "how many", "cases", "records", "frequency",
        "freq", "individuals", "people", "young people", "children", "referrals", "links",
        "instances", "arrests",
    ),
    schema.MEASURE: ("measure", "indicator", "what is counted"),
    schema.ORIGIN_LEVEL: ("origin level", "from level", "origin type"),
    schema.DESTINATION_LEVEL: ("destination level", "dest level", "to level", "destination type"),
    schema.ORIGIN_WITHIN: ("origin within", "from within"),
    schema.DESTINATION_WITHIN: ("destination within", "dest within", "to within", "within"),
    schema.DATE: ("date", "date found", "referral date", "date of referral", "date recorded"),
    schema.PERIOD_START: ("period start", "start", "start month", "period from", "start date"),
    schema.PERIOD_END: ("period end", "end", "end month", "period to", "end date"),
    schema.SOURCE: ("source", "publisher", "source title"),
    schema.NOTE: ("note", "notes", "comment", "comments", "remark", "remarks"),
    schema.QUALIFIER: ("qualifier", "quality"),
    schema.STATEMENT_ID: ("statement id", "id", "ref", "reference"),
    schema.PUBLISHED: ("published", "date published", "publication date"),
    schema.URL: ("url", "link", "web address"),
}  # fmt: skip
STATEMENTS_ONLY: Final = (schema.STATEMENT_ID, schema.PUBLISHED, schema.URL)

# Headings that say both the part and the level.
_LEVELLED: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(
        ("borough", "london borough", "home borough", "origin borough", "from borough"),
        (schema.ORIGIN, schema.BOROUGH),
    ),
    **{
        prefix + name: (schema.DESTINATION, level)
        for prefix in ("", "destination ", "to ")
        for name, level in (
            ("town", schema.SETTLEMENT), ("city", schema.SETTLEMENT),
            ("settlement", schema.SETTLEMENT), ("village", schema.SETTLEMENT),
            ("district", schema.DISTRICT), ("county", schema.COUNTY), ("force", schema.FORCE),
            ("police force", schema.FORCE), ("police force area", schema.FORCE),
            ("pfa", schema.FORCE), ("nation", schema.NATION), ("country", schema.NATION),
        )
    },
    "destination borough": (schema.DESTINATION, schema.BOROUGH),
    "to borough": (schema.DESTINATION, schema.BOROUGH),
}  # fmt: skip
_COUNTING: Final = ("number of ", "count of ", "no of ")
_PART_OF: Final = {name: part for part, names in _SYNONYMS.items() for name in names}
_LEVEL_PART: Final = {
    schema.ORIGIN: schema.ORIGIN_LEVEL,
    schema.DESTINATION: schema.DESTINATION_LEVEL,
}


def normal(heading: str) -> str:
    """Fold a heading to one spelling.

    >>> normal(" Destination_Level ")
    'destination level'
    """
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_.:\-]+", " ", folded).strip()


def recognised(heading: str) -> bool:
    """Tell if a heading is one that linemap knows."""
    return normal(heading) in _PART_OF or normal(heading) in _LEVELLED


@dataclass(frozen=True, slots=True)
class Parts:
    """Which column (by position) plays which part, the levels that headings say, the tags."""

    columns: Mapping[str, int]
    levels: Mapping[str, str]
    tags: Mapping[str, int]
    faults: tuple[Fault, ...] = field(default=())


def assign(
    headings: Sequence[str],
    *,
    statements: bool,
    columns: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
    measured: bool = False,
) -> Parts:
    """Give each part its column; everything doubtful is a fault, nothing is chosen silently.

    `columns` maps a part (``"origin"``, ``"count"``, ...) to a heading and
    goes before the synonyms; `tags` are headings to carry along; `measured`
    says that the caller names the measure of the whole table.
    """
    faults = _doubled(headings)
    given, wrong = _given(headings, columns or {}, tags)
    faults += wrong
    found: dict[str, list[int]] = {part: [at] for part, at in given.items()}
    levels = {
        part: said[1]
        for part, at in given.items()
        if (said := _LEVELLED.get(normal(headings[at]))) and said[0] == part
    }
    taken = set(given.values())
    tagged = {name: at for name in tags if (at := _find(headings, name)) is not None}
    for at, heading in enumerate(headings):
        if at in taken or at in tagged.values():
            continue
        part, level = _part(heading, statements=statements)
        if part is None or part in given:
            continue
        found.setdefault(part, []).append(at)
        if level is not None:
            levels[part] = level
    faults += (
        _rivals(headings, found)
        + _levels_twice(headings, found, levels)
        + _lacking(found, statements and not measured)
    )
    faults += _measured_twice(headings, found) if measured else []
    return Parts({part: ats[0] for part, ats in found.items()}, levels, tagged, tuple(faults))


def _part(heading: str, *, statements: bool) -> tuple[str | None, str | None]:
    name = normal(heading)
    if name in _LEVELLED:
        return _LEVELLED[name]
    part = schema.COUNT if name.startswith(_COUNTING) else _PART_OF.get(name)
    return (None if part in STATEMENTS_ONLY and not statements else part), None


def _find(headings: Sequence[str], wanted: str) -> int | None:
    exact = [at for at, heading in enumerate(headings) if heading == wanted]
    alike = [at for at, heading in enumerate(headings) if normal(heading) == normal(wanted)]
    return next(iter(exact + alike), None)


def _given(
    headings: Sequence[str], columns: Mapping[str, str], tags: Sequence[str]
) -> tuple[dict[str, int], list[Fault]]:
    given: dict[str, int] = {}
    faults = []
    for part, heading in columns.items():
        at = _find(headings, heading)
        if part not in _SYNONYMS:
            known = ", ".join(_SYNONYMS)
            faults.append(Fault(f"columns names no part {part!r}.", hint=f"Parts are {known}."))
        elif at is None:
            faults.append(_no_heading(headings, heading))
        elif at in given.values():
            faults.append(Fault("one column is given two parts.", 1, headings[at]))
        else:
            given[part] = at
    reserved = {normal(name) for name in (*_SYNONYMS, schema.ROW)}
    for tag in tags:
        if normal(tag) in reserved or schema.is_taken(tag):
            faults.append(Fault(f"a tag may not be called {tag!r}: linemap uses that name."))
        elif _find(headings, tag) is None:
            faults.append(_no_heading(headings, tag))
        elif _find(headings, tag) in given.values():
            faults.append(Fault("one column is both a part and a tag.", 1, tag))
    if len({normal(tag) for tag in tags}) < len(tags):
        faults.append(Fault("a tag is named twice."))
    return given, faults


def _no_heading(headings: Sequence[str], wanted: str) -> Fault:
    shown = ", ".join(repr(heading) for heading in headings[:30] if heading)
    return Fault(f"no column is headed {wanted!r}.", 1, hint=f"The headings are {shown}.")


def _doubled(headings: Sequence[str]) -> list[Fault]:
    seen: dict[str, str] = {}
    faults = []
    for heading in headings:
        name = normal(heading)
        if name and name in seen:
            faults.append(Fault(f"the heading stands twice (also {seen[name]!r}).", 1, heading))
        seen.setdefault(name, heading)
    return faults


def _rivals(headings: Sequence[str], found: Mapping[str, Sequence[int]]) -> list[Fault]:
    return [
        Fault(
            f"{' and '.join(repr(headings[at]) for at in ats)} could each be the {part}.",
            1,
            hint=f"Say which: columns={{{part!r}: {headings[ats[0]]!r}}}.",
        )
        for part, ats in found.items()
        if len(ats) > 1 and len({normal(headings[at]) for at in ats}) > 1
    ]


def _levels_twice(
    headings: Sequence[str], found: Mapping[str, Sequence[int]], levels: Mapping[str, str]
) -> list[Fault]:
    return [
        Fault(
            f"the level is said twice: by this heading and by "
            f"{headings[found[_LEVEL_PART[part]][0]]!r}.",
            1,
            headings[found[part][0]],
            "Head the column 'origin' or 'destination', or leave out the column of levels.",
        )
        for part in levels
        if _LEVEL_PART[part] in found
    ]


def _measured_twice(headings: Sequence[str], found: Mapping[str, Sequence[int]]) -> list[Fault]:
    return [
        Fault("the measure is said twice: by this column and by measure=.", 1, headings[at])
        for at in found.get(schema.MEASURE, ())
    ]


def _lacking(found: Mapping[str, Sequence[int]], measure_needed: bool) -> list[Fault]:
    needed = [schema.ORIGIN, schema.DESTINATION, *([schema.MEASURE] if measure_needed else [])]
    return [
        Fault(
            f"there is no column for the {part}.",
            1,
            hint=f"Head one {_known(part)}, or say columns={{{part!r}: '...'}}.",
        )
        for part in needed
        if part not in found
    ]


def _known(part: str) -> str:
    levelled = [name for name, (of, _) in _LEVELLED.items() if of == part and " " not in name]
    return " or ".join(repr(name) for name in (*_SYNONYMS[part][:3], *levelled[:2]))
