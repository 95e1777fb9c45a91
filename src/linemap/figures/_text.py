"""Words of a figure: names made safe to draw, windows, levels, numbers, lines of text."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from typing import Final

import pandas as pd

from linemap import schema
from linemap.windows import month_words, window_words

MOST_LETTERS: Final = 42
# areas so large that the distance to their middle is nobody's
NO_ONE_DISTANCE: Final = frozenset({schema.NATION, schema.REGION})
LEVEL_PLURALS: Final[dict[str, str]] = {
    schema.SETTLEMENT: "towns", schema.STATION: "railway stations",
    schema.POSTCODE_DISTRICT: "postcode districts", schema.BOROUGH: "boroughs",
    schema.DISTRICT: "districts",
    schema.COUNTY: "counties", schema.FORCE: "police force areas", schema.REGION: "regions",
    schema.NATION: "nations", schema.GROUP: "groups of areas",
}  # fmt: skip


def shown(text: object, *, most: int = MOST_LETTERS) -> str:
    r"""Make a name from outside safe to draw: one line, visible letters, not too long.

    Control and direction characters, which can hide or turn what stands beside
    them, and lone surrogates, which no file can hold, become the replacement sign.

    >>> shown("King's\tLynn")
    "King's Lynn"
    """
    if text is None or text is pd.NA or (isinstance(text, float) and math.isnan(text)):
        return "not named"
    spaced = " ".join(str(text).split())
    clean = "".join(
        "\ufffd" if unicodedata.category(letter)[0] == "C" else letter for letter in spaced
    )
    clean = clean or "not named"
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def labels_of(ids: pd.Series, names: pd.Series, *, most: int = MOST_LETTERS) -> pd.Series:
    """Name each row's place, telling apart different places that would be called the same.

    Row for row. By their levels where those differ (Essex the county, Essex the
    force), else by numbers. An area and the rest of it share an id and differ in name.

    >>> labels_of(pd.Series(["a:1", "a:2", "a:1"]), pd.Series(["Newton"] * 3)).tolist()
    ['Newton', 'Newton (2)', 'Newton']
    >>> labels_of(pd.Series(["county:essex", "force:essex"]), pd.Series(["Essex"] * 2)).tolist()
    ['Essex (county)', 'Essex (force)']
    """
    keys = ids.astype(str) + "\n" + names.astype(str)
    alike: dict[str, list[str]] = {}
    for key, name in sorted(set(zip(keys, names.astype(object), strict=True)), key=str):
        alike.setdefault(shown(name, most=most), []).append(key)
    labels: dict[str, str] = {}
    for label, places in alike.items():
        levels = [place.partition(":")[0] for place in places]
        apart = len(set(levels)) == len(levels) > 1
        for number, (place, level) in enumerate(zip(places, levels, strict=True), start=1):
            suffix = f" ({level})" if apart else f" ({number})" if number > 1 else ""
            labels[place] = label + suffix
    return keys.map(labels)


def how_far(flow: pd.Series) -> str:
    """Write a flow's distance: the mean, or the range where the destination has no one distance.

    >>> how_far(pd.Series({"destination_level": "nation", "distance_km": 565.3,
    ...                    "distance_low_km": 461.2, "distance_high_km": 1037.9}))
    '461 to 1,038 km'
    """
    if flow[schema.DESTINATION_LEVEL] in NO_ONE_DISTANCE:
        low, high = float(flow[schema.DISTANCE_LOW_KM]), float(flow[schema.DISTANCE_HIGH_KM])
        return f"{number_words(low)} to {number_words(high)} km"
    return f"{number_words(float(flow[schema.DISTANCE_KM]))} km"


def year_words(start: object, end: object) -> str:
    """Write the years of a window as short as can be; empty where it is not stated.

    >>> year_words("2018-01", "2019-03"), year_words("2018-01", "2018-12")
    ('2018–19', '2018')
    """
    if month_words(start) is None or month_words(end) is None:
        return ""
    first, last = str(start)[:4], str(end)[:4]
    return first if first == last else f"{first}–{last[2:]}"


def whole_window(flows: pd.DataFrame) -> str:
    """Write the window that all of `flows` lie in, saying so where some state none."""
    starts = flows[schema.PERIOD_START].dropna()
    ends = flows[schema.PERIOD_END].dropna()
    if starts.empty or ends.empty:
        return "window not stated"
    words = window_words(str(starts.min()), str(ends.max()), short=True)
    missing = int((flows[schema.PERIOD_START].isna() | flows[schema.PERIOD_END].isna()).sum())
    return f"{words}; {counted(missing, 'row')} without a window" if missing else words


def number_words(value: float) -> str:
    """Write a whole number with its thousands apart.

    >>> number_words(4013)
    '4,013'
    """
    return f"{round(value):,}"


def counted(n: float, thing: str, things: str | None = None) -> str:
    """Write a number and what it counts, in the right number.

    >>> counted(1, "flow"), counted(2, "flow"), counted(2, "county", "counties")
    ('1 flow', '2 flows', '2 counties')
    """
    return f"{number_words(n)} {thing if round(n) == 1 else things or thing + 's'}"


def level_words(level: object) -> str:
    """Name the places of a level in the plural; "places" for several levels or none."""
    return LEVEL_PLURALS.get(str(level), "places")


def sentence(text: str) -> str:
    """Begin with a capital (but for the sign n) and end with a full stop.

    >>> sentence("window not stated")
    'Window not stated.'
    """
    stripped = text.strip()
    if not stripped:
        return ""
    ended = stripped if stripped[-1] in ".!?" else stripped + "."
    return ended if ended.startswith("n =") else ended[0].upper() + ended[1:]


def lines(text: str, *, inches: float, points: float) -> list[str]:
    """Break a text into lines that fit a width at a size of type, on the safe side."""
    letters = max(12, int(inches * 72 / (points * 0.545)))
    return textwrap.wrap(text, letters, break_long_words=True, break_on_hyphens=False)
