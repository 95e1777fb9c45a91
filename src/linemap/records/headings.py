"""Which column plays which part: by known headings, or as the caller says; never both."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from linemap import schema
from linemap.errors import Fault
from linemap.io import shipped_list

CODE_OF: Final = {
    schema.ORIGIN: schema.ORIGIN_CODE, schema.DESTINATION: schema.DESTINATION_CODE,
}  # fmt: skip
_EITHER: Final = "either"  # an end, and the heading does not say which
_EITHER_CODE: Final = "either_code"
_WINDOW: Final = "window"  # a month, quarter or year: the date of a table that has no other
PARTS: Final[tuple[str, ...]] = (
    schema.ORIGIN,
    schema.DESTINATION,
    schema.COUNT,
    schema.MEASURE,
    schema.ORIGIN_LEVEL,
    schema.DESTINATION_LEVEL,
    schema.ORIGIN_WITHIN,
    schema.DESTINATION_WITHIN,
    schema.DATE,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.SOURCE,
    schema.NOTE,
    schema.QUALIFIER,
    schema.STATEMENT_ID,
    schema.PUBLISHED,
    schema.URL,
    schema.ORIGIN_CODE,
    schema.DESTINATION_CODE,
    schema.COUNT_LOW,
    schema.COUNT_HIGH,
    schema.MARK,
)
STATEMENTS_ONLY: Final = (
    schema.STATEMENT_ID, schema.PUBLISHED, schema.URL,
    schema.COUNT_LOW, schema.COUNT_HIGH, schema.MARK,
)  # fmt: skip

_COUNTING: Final = ("number of ", "count of ", "no of ", "sum of ")
_NOT_WHAT: Final = frozenset(  # headings of counts that do not say of what
    ("count", "value", "n", "no", "number", "total", "how many", "frequency", "freq")
)
_SIDES: Final = frozenset((schema.ORIGIN, schema.DESTINATION, "from", "to", "home", "found"))
_YEARS: Final = frozenset(("year", "financial year", "fy"))
_PART_OF_YEAR: Final = re.compile(r"\b(?:month|quarter)\b")
_WHERE: Final = frozenset(("where", "in", "at", "to", "from"))
_LEVEL_PART: Final = {
    schema.ORIGIN: schema.ORIGIN_LEVEL,
    schema.DESTINATION: schema.DESTINATION_LEVEL,
}
# Before the words for a place, how the child was exploited ("County line destination"), and no
# county; behind them ("Linked to county line") the name of a line.
_COUNTY_LINE: Final = re.compile(r"^county lines?\b")
# A name or a code of the Office for National Statistics' tables: LAD22NM, PFA23CD.
_ONS: Final = re.compile(r"(lad|ltla|utla|ctyua|cty|pfa|rgn|ctry|bua)\d\d(nm|cd)")
_ONS_LEVELS: Final = {
    "cty": schema.COUNTY, "pfa": schema.FORCE, "rgn": schema.REGION, "ctry": schema.NATION,
    "bua": schema.SETTLEMENT,
}  # fmt: skip


def normal(heading: str) -> str:
    """Fold a heading to one spelling.

    >>> normal(" Destination_Level ")
    'destination level'
    """
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_.:\-]+", " ", folded).strip(" *,;")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading says: the part that its column plays, and the level of place, if it does."""

    part: str | None
    level: str | None = None


_NOTHING: Final = Meaning(None)


@lru_cache(maxsize=1)
def _listed() -> dict[str, Meaning]:
    """Take the list of headings that are known whole."""
    return {
        row["heading"]: Meaning(row["part"], row["level"] or None)
        for row in shipped_list("headings.csv")
    }


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, str | None]]:
    """Take the list of words that headings of places are made of: each one's role and level."""
    return {
        row["word"]: (row["role"], row["level"] or None)
        for row in shipped_list("heading_words.csv")
    }


@lru_cache(maxsize=10_000)
def meaning(heading: str) -> Meaning:
    """Say what a heading means: from the list of headings, else from the words that it is made of.

    >>> meaning("Exporting force"), meaning("Where found / linked to").part
    (Meaning(part='origin', level='force'), 'destination')
    >>> meaning("Date of referral (dd/mm/yy)").part
    'date'
    >>> meaning("County line destination").part, meaning("Linked to county line").part
    ('destination', None)
    """
    name = normal(heading)
    if (remark := re.search(r"\(([^()]*)\)$", name)) and _SIDES.intersection(remark[1].split()):
        return _composed(name)
    for known in (name, re.sub(r"\s*\([^()]*\)$", "", name)):  # and without a remark behind it
        if known in _listed():
            return _listed()[known]
    end = _listed().get(_COUNTY_LINE.sub("", name).strip(" :,/"), _NOTHING)
    if end.part in CODE_OF:
        return end
    if name.startswith(_COUNTING):
        return Meaning(schema.COUNT)
    if found := _ONS.fullmatch(name):
        part = _EITHER if found[2] == "nm" else _EITHER_CODE
        return Meaning(part, _ONS_LEVELS.get(found[1]))
    return _composed(name)


def _composed(name: str) -> Meaning:
    """Read a heading of which each word is known: a side (home, found) and what stands there."""
    plain = re.sub(r"[^\w ]", " ", name.replace("'", "").replace("’", ""))
    words, known = _COUNTY_LINE.sub(" ", plain).split(), _words()
    if not words or len(words) > 8 or any(word not in known for word in words):
        return _NOTHING
    roles = [known[word][0] for word in words]
    sides = {role for role in roles if role in (schema.ORIGIN, schema.DESTINATION)}
    nouns = {role for role in roles if role.startswith("noun")}
    if not nouns and _WHERE.isdisjoint(words) and not {"code", "label"} & set(roles):
        return _NOTHING  # "Found" may head a yes or a no
    levels = [level for word in words if (level := known[word][1])]
    level = levels[-1] if levels else None
    coded = "code" in roles
    if len(sides) == 1:
        [side] = sides
        return Meaning(CODE_OF[side] if coded else side, level)
    if sides or not nouns or len(set(levels)) > 1:
        return _NOTHING
    if coded:
        return Meaning(_EITHER_CODE, level)
    if "noun-la" in nouns:
        return Meaning(_EITHER, level)
    if "noun" in nouns:
        end = schema.ORIGIN if level == schema.BOROUGH else schema.DESTINATION
        return Meaning(end, level)
    return Meaning(schema.DESTINATION)


def part_of(heading: str) -> str | None:
    """Name the part that a heading would play, or None for one that is not known."""
    return meaning(heading).part


def is_of_words(heading: str) -> bool:
    """Tell if each word of a heading is one that headings of places are made of.

    >>> is_of_words("Name"), is_of_words("Area code"), is_of_words("Norwich")
    (True, True, False)
    """
    words = re.sub(r"[^\w ]", " ", normal(heading)).split()
    return bool(words) and all(word in _words() for word in words)


def recognised(heading: str) -> bool:
    """Tell if a heading is one that linemap knows."""
    return part_of(heading) is not None


def names_both_ends(headings: Sequence[str]) -> bool:
    """Tell if headings name an origin and a destination."""
    parts = [part_of(heading) for heading in headings]
    ends = {part for part in parts if part in (schema.ORIGIN, schema.DESTINATION)}
    ends |= {end for end, code in CODE_OF.items() if code in parts}
    return len(ends) + sum(part == _EITHER for part in parts) >= 2


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
    row: int = 1,
) -> Parts:
    """Give each part its column; everything doubtful is a fault, nothing is chosen silently.

    `columns` maps a part (``"origin"``, ``"count"``, ...) to a heading and
    goes before the synonyms; `tags` are headings to carry along; `measured`
    says that the caller names the measure of the whole table; `row` is the one of
    the headings.
    """
    faults = _doubled(headings)
    given, wrong = _given(headings, columns or {}, tags)
    faults += wrong
    found: dict[str, list[int]] = {part: [at] for part, at in given.items()}
    levels = {
        part: said.level
        for part, at in given.items()
        if part in _LEVEL_PART
        and (said := meaning(headings[at])).part in (part, _EITHER)
        and said.level
    }
    taken = set(given.values())
    tagged = {name: at for name in tags if (at := _find(headings, name)) is not None}
    for at, heading in enumerate(headings):
        if at in taken or at in tagged.values():
            continue
        said = meaning(heading)
        part = said.part
        if part is None or part in given or (part in STATEMENTS_ONLY and not statements):
            continue
        found.setdefault(part, []).append(at)
        if said.level is not None and part in _LEVEL_PART:
            levels[part] = said.level
    faults += _settle_either(headings, found, levels)
    _settle_windows(headings, found)
    for end, code in CODE_OF.items():
        if end not in found and code in found:  # a code alone is what the end is found by
            found[end] = found.pop(code)
    faults += _two_ends(headings, found)
    faults += (
        _rivals(headings, found)
        + _levels_twice(headings, found, levels)
        + _lacking(headings, found, statements and not measured)
    )
    faults += _measured_twice(headings, found) if measured else []
    placed = tuple(replace(fault, row=row) if fault.row == 1 else fault for fault in faults)
    return Parts({part: ats[0] for part, ats in found.items()}, levels, tagged, placed)


def _settle_either(
    headings: Sequence[str], found: dict[str, list[int]], levels: dict[str, str]
) -> list[Fault]:
    """Give a column that is an end, and does not say which, the end that is free.

    Two such columns where both ends are free are a fault, which is returned: each could be
    the origin.
    """
    ends = (schema.ORIGIN, schema.DESTINATION)
    names, codes = found.pop(_EITHER, []), found.pop(_EITHER_CODE, [])
    free = [end for end in ends if end not in found]
    faults = []
    if len(names) == 2 and len(free) == 2:
        one, other = (headings[at] for at in names)
        faults.append(
            Fault(
                f"{one!r} and {other!r} do not say which is the origin and which the destination.",
                1,
                hint=f"Say so: columns={{'origin': {one!r}}} columns={{'destination': {other!r}}}, "
                "or the other way round.",
            )
        )
        found |= {end: [at] for end, at in zip(ends, names, strict=True)}
    elif len(names) == 1 and free:
        found[free[0]] = names
        level = meaning(headings[names[0]]).level
        if level is not None:
            levels[free[0]] = level
    elif names and free:
        found[free[0]] = names
    for at in codes:
        end = _end_of_code(headings, at, found, alone=len(codes) == 1)
        if end is not None:
            found.setdefault(CODE_OF[end], []).append(at)
    return faults


def _end_of_code(
    headings: Sequence[str], at: int, found: Mapping[str, Sequence[int]], *, alone: bool
) -> str | None:
    """Say whose code a column is: of the name that is headed alike, or that stands beside it."""
    ends = (schema.ORIGIN, schema.DESTINATION)
    stem = _stem(headings[at])
    for end in ends:
        if any(_stem(headings[name]) == stem for name in found.get(end, ())):
            return end
    free = [end for end in ends if CODE_OF[end] not in found]
    if alone and any(end not in found for end in ends):
        return next(end for end in ends if end not in found)
    beside = [end for end in free if any(abs(name - at) == 1 for name in found.get(end, ()))]
    return beside[0] if beside else None


def _stem(heading: str) -> str:
    """Write what a heading speaks of without the words for a name and a code.

    >>> _stem("LAD22CD") == _stem("LAD22NM"), _stem("Area code") == _stem("Area name")
    (True, True)
    """
    name = normal(heading)
    if found := _ONS.fullmatch(name):
        return name.removesuffix(found[2])
    words = re.sub(r"[^\w ]", " ", name).split()
    return " ".join(w for w in words if _words().get(w, ("", None))[0] not in ("code", "label"))


def _settle_windows(headings: Sequence[str], found: dict[str, list[int]]) -> None:
    """Take the column of the finest window as the date, where no column is a date itself.

    A column of years beside one of months or quarters is kept too: those may lack theirs.
    """
    ats = found.pop(_WINDOW, [])
    if not ats or schema.PERIOD_START in found:
        return
    order = list(_listed())
    if schema.DATE not in found:
        found[schema.DATE] = [min(ats, key=lambda at: order.index(normal(headings[at])))]
    years = [at for at in ats if at not in found[schema.DATE] and normal(headings[at]) in _YEARS]
    if (
        len(years) == 1
        and len(found[schema.DATE]) == 1
        and _PART_OF_YEAR.search(normal(headings[found[schema.DATE][0]]))
    ):
        found[schema.YEAR] = years


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
        if part not in PARTS:
            faults.append(_no_part(headings, part, heading))
        elif at is None:
            faults.append(_no_heading(headings, heading, ("columns", part)))
        elif at in given.values():
            faults.append(Fault("one column is given two parts.", 1, headings[at]))
        else:
            given[part] = at
    reserved = {normal(name) for name in (*PARTS, schema.ROW)}
    for tag in tags:
        if normal(tag) in reserved or schema.is_taken(tag):
            problem = f"a tag may not be called {tag!r}: linemap uses that name."
            faults.append(Fault(problem, argument=("tags", tag)))
        elif _find(headings, tag) is None:
            faults.append(_no_heading(headings, tag, ("tags", tag)))
        elif _find(headings, tag) in given.values():
            faults.append(Fault("one column is both a part and a tag.", 1, tag))
    if len({normal(tag) for tag in tags}) < len(tags):
        faults.append(Fault("a tag is named twice."))
    return given, faults


def _no_part(headings: Sequence[str], part: str, heading: str) -> Fault:
    """Say that a name is of no part; proposed is the part of the most similar name."""
    near = difflib.get_close_matches(part.strip().casefold(), PARTS, n=1)
    at = _find(headings, heading)
    meant = headings[at] if at is not None else _nearest(headings, heading)
    say = f"Say columns={{{near[0]!r}: {meant!r}}}. " if near and meant else ""
    known = ", ".join(PARTS)
    problem, argument = f"no part of a table is called {part!r}.", ("columns", part)
    return Fault(problem, hint=f"{say}Parts are {known}.", argument=argument)


def _no_heading(headings: Sequence[str], wanted: str, argument: tuple[str, str]) -> Fault:
    """Say that no column is headed so; proposed is the one with the most similar heading."""
    shown = ", ".join(repr(heading) for heading in headings[:30] if heading)
    meant, (name, part) = _nearest(headings, wanted), argument
    say = ""
    if meant:
        say = (
            f"Say columns={{{part!r}: {meant!r}}}. "
            if name == "columns"
            else (f"Say tags=[{meant!r}]. ")
        )
    hint = f"{say}The headings are {shown}."
    return Fault(f"no column is headed {wanted!r}.", hint=hint, argument=argument)


def _nearest(headings: Sequence[str], wanted: str) -> str | None:
    """Return the heading that is most similar to another, if any is similar."""
    named = {normal(heading): heading for heading in headings if heading}
    near = difflib.get_close_matches(normal(wanted), named, n=1, cutoff=0.7)
    return named[near[0]] if near else None


def _doubled(headings: Sequence[str]) -> list[Fault]:
    seen: dict[str, str] = {}
    faults = []
    for heading in headings:
        name = normal(heading)
        if name and name in seen:
            faults.append(Fault(f"the heading stands twice (also {seen[name]!r}).", 1, heading))
        seen.setdefault(name, heading)
    return faults


def _two_ends(headings: Sequence[str], found: dict[str, list[int]]) -> list[Fault]:
    """Ask which of two columns that could each be the destination is the origin, if none is.

    Proposed is the borough, else the first of them. Both are taken out of `found` as ends
    that are asked about.
    """
    ats = found.get(schema.DESTINATION, [])
    if schema.ORIGIN in found or len({normal(headings[at]) for at in ats}) != 2 or len(ats) != 2:
        return []
    first, second = sorted(ats, key=lambda at: meaning(headings[at]).level != schema.BOROUGH)
    found[schema.ORIGIN], found[schema.DESTINATION] = [first], [second]
    one, other = headings[first], headings[second]
    both = f"{one!r} and {other!r} are both places, and neither heading says which is the"
    return [
        Fault(f"{both} {part}.", 1, hint=f"Say which: columns={{{part!r}: {heading!r}}}.")
        for part, heading in ((schema.ORIGIN, one), (schema.DESTINATION, other))
    ]


def _rivals(headings: Sequence[str], found: Mapping[str, Sequence[int]]) -> list[Fault]:
    return [
        Fault(
            f"{' and '.join(repr(headings[at]) for at in ats)} could each be the {part}.",
            1,
            hint=f"Say which: {_one_of(headings, part, ats)}.",
        )
        for part, ats in found.items()
        if len(ats) > 1 and len({normal(headings[at]) for at in ats}) > 1
    ]


def _one_of(headings: Sequence[str], part: str, ats: Sequence[int]) -> str:
    """Say how to name one of several columns; of two sizes of place, the larger as around it."""
    sizes = [schema.LEVELS.index(meaning(headings[at]).level or schema.DISTRICT) for at in ats]
    if part not in _LEVEL_PART or len(ats) != 2 or sizes[0] == sizes[1]:
        return f"columns={{{part!r}: {headings[ats[0]]!r}}}"
    first, last = (headings[ats[sizes.index(size)]] for size in sorted(sizes))
    return f"columns={{{part!r}: {first!r}}} columns={{{f'{part}_within'!r}: {last!r}}}"


def _levels_twice(
    headings: Sequence[str], found: Mapping[str, Sequence[int]], levels: Mapping[str, str]
) -> list[Fault]:
    return [
        Fault(
            f"the level is said twice: by this heading and by "
            f"{headings[found[_LEVEL_PART[part]][0]]!r}.",
            1,
            headings[found[part][0]],
            "Name that column 'origin' or 'destination', or leave out the column of levels.",
        )
        for part in levels
        if _LEVEL_PART[part] in found
    ]


def _measured_twice(headings: Sequence[str], found: Mapping[str, Sequence[int]]) -> list[Fault]:
    return [
        Fault("the measure is said twice: by this column and by measure=.", 1, headings[at])
        for at in found.get(schema.MEASURE, ())
    ]


def _lacking(
    headings: Sequence[str], found: Mapping[str, Sequence[int]], measure_needed: bool
) -> list[Fault]:
    needed = [schema.ORIGIN, schema.DESTINATION, *([schema.MEASURE] if measure_needed else [])]
    lacking = [part for part in needed if part not in found]
    shown = ", ".join(repr(heading) for heading in headings[:30] if heading)
    taken = {at for ats in found.values() for at in ats}
    free = [heading for at, heading in enumerate(headings) if heading and at not in taken]
    like = dict(zip([part for part in lacking if part != schema.MEASURE], free, strict=False))
    return [
        Fault(
            f"there is no column for the {part}.",
            1,
            hint=(
                f"Say what is counted: measure={_counted(headings, found)!r}, or name one column "
                f"{_known(part)}."
                if part == schema.MEASURE
                else f"Name one column {_known(part)}, or say which it is, as "
                f"columns={{{part!r}: {like.get(part, '...')!r}}}."
            )
            + (f" The headings are {shown}." if part == lacking[-1] else ""),
        )
        for part in lacking
    ]


def _counted(headings: Sequence[str], found: Mapping[str, Sequence[int]]) -> str:
    """Name what a table counts, where the heading of its counts says it; else what to say."""
    at = next(iter(found.get(schema.COUNT, ())), None)
    name = "" if at is None else normal(headings[at])
    start = next((start for start in _COUNTING if name.startswith(start)), "")
    name = name.removeprefix(start)
    return "WHAT IS COUNTED" if not name or name in _NOT_WHAT else name


def _known(part: str) -> str:
    of = [name for name, said in _listed().items() if said.part == part]
    plain = [name for name in of if not _listed()[name].level]
    levelled = [name for name in of if _listed()[name].level and " " not in name]
    return " or ".join(repr(name) for name in (*plain[:3], *levelled[:2]))
