"""Take a written name apart: kind words, the place behind the comma, the postcode, lists.

Only the wording is read here; whether a part is a place is for the resolver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from linemap.schema import BOROUGH, COUNTY, DISTRICT, FORCE, REGION, SETTLEMENT
from linemap.text import key, normalise

# Words that say what kind of place a name is, the longest first; None says no level.
_BEFORE: Final[tuple[tuple[str, str | None], ...]] = (
    ("council of the", BOROUGH), ("council of", BOROUGH), ("metropolitan district of", BOROUGH),
    ("metropolitan borough of", BOROUGH), ("london borough of", BOROUGH),
    ("royal borough of", BOROUGH), ("county borough of", COUNTY), ("city and county of", None),
    ("unitary authority of", COUNTY), ("london borough", BOROUGH), ("royal borough", BOROUGH),
    ("district of", DISTRICT), ("village of", SETTLEMENT), ("borough of", BOROUGH),
    ("county of", COUNTY), ("town of", SETTLEMENT), ("city of", None), ("lb of", BOROUGH),
    ("rb of", BOROUGH), ("county", COUNTY), ("lb", BOROUGH), ("rb", BOROUGH),
)  # fmt: skip
_AFTER: Final[tuple[tuple[str, str | None], ...]] = (
    ("metropolitan borough council", BOROUGH), ("metropolitan district council", BOROUGH),
    ("metropolitan district", BOROUGH), ("london borough council", BOROUGH),
    ("county borough council", COUNTY), ("police force area", FORCE),
    ("metropolitan borough", BOROUGH), ("unitary authority", COUNTY),
    ("district council", DISTRICT),
    ("borough council", BOROUGH), ("county council", COUNTY), ("county borough", COUNTY),
    ("police service", FORCE), ("london borough", BOROUGH), ("local authority", BOROUGH),
    ("city council", DISTRICT), ("town council", SETTLEMENT), ("police force", FORCE),
    ("police area", FORCE), ("town centre", SETTLEMENT), ("city centre", SETTLEMENT),
    ("constabulary", FORCE), ("force area", FORCE), ("district", DISTRICT), ("council", BOROUGH),
    ("borough", BOROUGH), ("village", SETTLEMENT), ("county", COUNTY), ("police", FORCE),
    ("region", REGION), ("force", FORCE), ("town", SETTLEMENT), ("city", SETTLEMENT),
    ("area", None),
    ("mbc", BOROUGH), ("mdc", BOROUGH), ("pfa", FORCE), ("lbc", BOROUGH), ("lb", BOROUGH),
    ("rb", BOROUGH), ("ua", COUNTY),
)  # fmt: skip
LAST_KIND_WORDS: Final = frozenset(words.split()[-1] for words, _ in _AFTER)
FIRST_KIND_WORDS: Final = frozenset(words.split()[0] for words, _ in _BEFORE)
# Words that join a name to something else.
JOINING_WORDS: Final = frozenset({"in", "at", "by", "near", "outside", "and", "or", "plus"})
# Words for a part of an area, which stands for the whole of it.
_REST: Final = "rest of|elsewhere in|other parts of|parts of|part of"
_SIDES: Final = "(?:north|south)(?: ?(?:east|west))?|east|west|central|mid|inner|outer"
_PART: Final = re.compile(
    rf"(?:(?P<rest>{_REST})|(?P<side>{_SIDES})(?: of)?) (?:the )?(?P<whole>.+)"
)
FIRST_PART_WORDS: Final = frozenset(
    "rest elsewhere other parts part north south east west northeast northwest southeast "
    "southwest central mid inner outer".split()
)
_STYLES: Final = frozenset(words for words, _ in _BEFORE if words.endswith(" of"))
WHOLE_COUNTRY: Final = frozenset(
    {"uk", "gb", "greatbritain", "unitedkingdom", "britain", "theuk", "greatbritainandni"}
)
# Words behind a name that only say that it is a place, or which part of it.
_EMPTY_CONTEXT: Final = frozenset(
    """
    town city village centre towncentre citycentre area general unspecified various county
    central north south east west outskirts rural other unknown
    tbc unconfirmed notconfirmed unsure notsure possibly poss maybe perhaps probably
    """.split()
)
_DOUBT: Final = re.compile(
    r"(?:^|[\s(\[])\?|\?+\s*(?:$|[)\],;/])"
    r"|[\s(,-](?:tbc|unconfirmed|not confirmed|unsure|not sure|possibly|poss|maybe|perhaps"
    r"|probably)[)\]]?$",
    re.IGNORECASE,
)

_POSTCODE: Final = re.compile(
    r"[\s,(\[-]+((?:[A-Z]{1,2})\d[A-Z\d]?)(?:\s*\d[A-Z]{2})?[)\]\s.]*$", re.IGNORECASE
)
_LIST: Final = re.compile(
    r"\s*(?:[/;|\n]|[-=]?>|→)\s*|\s+(?:and/or|or|plus|and then|then)\s+", re.IGNORECASE
)
_AND: Final = re.compile(r"\s*[&+]\s*|\s+and\s+", re.IGNORECASE)
_LAST_AND: Final = re.compile(r"\s*&\s*|(?:^|\s+)and\s+", re.IGNORECASE)
_CONTEXT: Final = re.compile(r"\s*[,:]\s*|\s*[(\[{]\s*|\s+[-–—]+\s+|\s*[)\]}]+\s*")
_NEAR: Final = re.compile(r"\s+(?:nr|near|by|outside)\.?\s+(?=\S{3})", re.IGNORECASE)
_IN: Final = re.compile(r"\s+in\s+", re.IGNORECASE)
_MARKS: Final = re.compile(r"[,:()\[\]{}/;|&+\n–—\d]|\s-+\s")


@dataclass(frozen=True, slots=True)
class NameReading:
    """One way to read a written name.

    ``base`` is the name proper in the one spelling; ``level`` what its kind
    words say; ``context`` the areas that it stands in, as written; ``hints``
    settlements that it is said to be near; ``postcode`` its postcode district;
    ``via`` what was taken off.
    """

    base: str
    level: str | None = None
    context: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    postcode: str | None = None
    via: tuple[str, ...] = ()


def without_kind_words(base: str) -> list[tuple[str, str | None]]:
    """Take "London Borough of", "Police" and their like off a normalised name.

    Gives what may be left and the level that the words say, what takes least off
    first: "City of London Police" is of the City of London before it is of London.

    >>> without_kind_words("london borough of islington")
    [('islington', 'borough')]
    >>> without_kind_words("city of london police")
    [('city of london', 'force'), ('london police', None), ('london', 'force')]
    """
    after, after_says = _without(base, _AFTER, str.removesuffix, " {}")
    before, before_says = _without(base, _BEFORE, str.removeprefix, "{} ")
    both, _ = _without(after, _BEFORE, str.removeprefix, "{} ")
    ways = [(after, after_says), (before, before_says), (both, after_says or before_says)]
    if base.endswith(" city council"):  # of a city that is no district of its own
        ways += [(after, None), (both, None)]
    return [way for way in dict.fromkeys(ways) if way[0] not in ("", base)]


def _without(
    base: str,
    phrases: tuple[tuple[str, str | None], ...],
    take_off: Callable[[str, str], str],
    form: str,
) -> tuple[str, str | None]:
    """Take the longest phrase that is there off one end, with the level that it says."""
    for phrase, says in phrases:
        rest = take_off(base, form.format(phrase))
        if rest != base:
            return rest, says
    return base, None


def is_doubted(name: str) -> bool:
    """Tell if the writer of a name was not sure of it: by a question mark, or a word behind it.

    >>> is_doubted("Ipswich?"), is_doubted("Norwich (tbc)"), is_doubted("King?s Lynn")
    (True, True, False)
    """
    return _DOUBT.search(name) is not None


def is_marked(name: str) -> bool:
    """Say whether a name holds marks or digits that may set a part of it off."""
    return _MARKS.search(name) is not None


def without_postcode(name: str) -> tuple[str, str | None]:
    """Take a postcode or its first half off the end; gives its postcode district.

    >>> without_postcode("Margate CT9")
    ('Margate', 'CT9')
    """
    found = _POSTCODE.search(name)
    if found is None:
        return name, None
    return name[: found.start()], found.group(1).upper()


def whole_of(name: str) -> tuple[str, bool] | None:
    """Give the whole of which a normalised name says a part, and whether as "rest of".

    >>> whole_of("rest of norfolk"), whole_of("north london"), whole_of("london")
    (('norfolk', True), ('london', False), None)
    """
    found = _PART.fullmatch(name)
    return None if found is None else (found["whole"], found["rest"] is not None)


def set_off(name: str) -> list[str]:
    """Split a name at commas, colons, brackets and spaced dashes.

    >>> set_off("Newport (IoW), UK")
    ['Newport', 'IoW', 'UK']
    """
    parts = (part.strip(" .-") for part in _CONTEXT.split(name))
    return [part for part in parts if part]


def list_items(name: str) -> list[str]:
    """Split a name that is plainly a list: at slashes, semicolons, line ends, arrows, "or"."""
    parts = [part.strip(" ,.") for part in _LIST.split(name)]
    return [part for part in parts if part]


def enumerated(name: str) -> list[str]:
    """Split a name that lists three or more with commas and an "and" before the last.

    >>> enumerated("London, Liverpool and Birmingham"), enumerated("Bath, Somerset and Wells")
    (['London', 'Liverpool', 'Birmingham'], ['Bath', 'Somerset', 'Wells'])
    >>> enumerated("Kensington and Chelsea")
    []
    """
    *first, last = [part.strip(" .") for part in name.split(",")]
    ends = [part.strip(" .") for part in _LAST_AND.split(last, maxsplit=1) if part.strip(" .")]
    two = len(ends) == 2 or _LAST_AND.match(f" {last}") is not None
    return [*filter(None, first), *ends] if first and two and all(first) else []


def joined(name: str) -> list[str]:
    """Split a name at "and", "&" and "+", which may also be inside one name."""
    parts = [part.strip(" ,.") for part in _AND.split(name)]
    return [part for part in parts if part]


def readings(name: str, is_area: Callable[[str], bool]) -> list[NameReading]:
    """List the ways to read a name, the plainest first, without its list marks.

    `is_area` says whether a spelling without spaces is an area, for the county
    written behind a name without a comma.
    """
    found = [NameReading(normalise(name))]
    apart = _set_apart(name)
    if apart is not None:
        found.append(apart)
        if len(apart.context) == 1 and is_area(apart.base.replace(" ", "")):  # "Kent: Margate"
            swapped = normalise(apart.context[0])
            found.append(replace(apart, base=swapped, context=(apart.base,), via=("prefix",)))
    plainest = apart or found[0]
    for base, says in _trailing_areas(plainest.base, is_area):
        via = (*plainest.via, "suffix")
        found.append(replace(plainest, base=base, context=(*plainest.context, says), via=via))
    for reading in list(found):
        if _has_kind_words(reading.base):
            via = (*reading.via, "kind words")
            found += [
                replace(reading, base=base, level=says, via=via)
                for base, says in without_kind_words(reading.base)
            ]
    return list(dict.fromkeys(reading for reading in found if reading.base))


def _has_kind_words(base: str) -> bool:
    words = base.split()
    return len(words) > 1 and (words[0] in FIRST_KIND_WORDS or words[-1] in LAST_KIND_WORDS)


def _set_apart(name: str) -> NameReading | None:
    """Take off what marks set apart from a name; None where nothing is."""
    marked = is_marked(name)
    text, postcode = without_postcode(name) if marked else (name, None)
    near = [part.strip(" ,") for part in _NEAR.split(text, maxsplit=1)]
    hints = (near[1],) if len(near) == 2 and near[0] else ()
    if hints:
        text = near[0]
    parts = set_off(text) if marked else [text]
    via = tuple(
        step
        for step, taken in (("postcode", postcode), ("near", hints), ("suffix", len(parts) > 1))
        if taken
    )
    if not via or not parts:
        return None
    if len(parts) > 1 and normalise(parts[-1]) in _STYLES:  # "Bristol, City of"
        parts = [f"{parts[-1]} {parts[0]}", *parts[1:-1]]
    context = tuple(part for part in parts[1:] if key(part) not in _EMPTY_CONTEXT)
    return NameReading(normalise(parts[0]), None, context, hints, postcode, via)


def _trailing_areas(base: str, is_area: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Split an area off the end of a name without a mark: "richmond | north yorkshire"."""
    if (inside := _IN.split(base)) and len(inside) == 2 and is_area(inside[1].replace(" ", "")):
        return [(inside[0], inside[1])]
    words = base.split()
    size = trailing_words(words, is_area)
    return [(" ".join(words[:-size]), " ".join(words[-size:]))] if size else []


def trailing_words(words: list[str], is_area: Callable[[str], bool]) -> int:
    """Count the last words that name an area, the most that do; 0 where none does."""
    for size in range(min(4, len(words) - 1), 0, -1):
        tail = "".join(words[-size:])
        if is_area(tail) or tail in WHOLE_COUNTRY:
            return size
    return 0
