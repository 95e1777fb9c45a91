"""Months and windows of time: read in any common spelling, counted, and written in words.

A month is text, "YYYY-MM"; a window is its first and its last month, both inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from linemap.errors import InputError

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
FORMS: Final = '"2023-01 to 2024-03", "Jan 2023 to Mar 2024", "2023/24" or "2023"'
COVERS: Final = "It covers "
STATED: Final = ", as its owner states."
_FINANCIAL: Final = 4  # the month in which a financial year of the public sector starts
MONTH_NUMBERS: Final = {
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    **{name.lower(): number for number, name in enumerate(MONTHS, 1)},
    "sept": 9,
}
MONTH_PATTERN: Final = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))  # in small letters
_JOINED: Final = re.compile(r"\s+(?:to|until|-|–|—)\s+|\s*[–—]\s*", re.IGNORECASE)
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_NAMED: Final = re.compile(r"([a-z]+)\.?[\s-]+(\d{4})", re.IGNORECASE)
_YEAR: Final = re.compile(r"\d{4}")
_YEARS: Final = re.compile(r"(?:FY\s*)?(\d{4})\s*([-/–])\s*(\d{4}|\d{2})", re.IGNORECASE)
_QUARTER: Final = re.compile(r"Q([1-4])\s+(\d{4})|(\d{4})[\s-]*Q([1-4])", re.IGNORECASE)
_ENDING: Final = re.compile(r"(?:the\s+)?year\s+(?:to|ending)\s+(.+)", re.IGNORECASE)
_MOST_WORDS: Final = 60  # of a title that are looked at
_LONGEST: Final = 6  # words of a window: "the year to March 2024", "January 2023 to March 2024"


@dataclass(frozen=True, slots=True)
class Window:
    """The months that a release covers: ``start`` and ``end`` as "YYYY-MM", both inside.

    >>> Window("2023-01", "2024-03").words
    'January 2023 to March 2024'
    """

    start: str
    end: str

    def __post_init__(self) -> None:
        if not (_MONTH.fullmatch(self.start) and _MONTH.fullmatch(self.end)):
            raise InputError(f"A window is two months, not {self.start!r} to {self.end!r}.")
        if self.end < self.start:
            raise InputError(f"The window ends before it starts: {self.start} to {self.end}.")

    @classmethod
    def read(cls, text: str) -> Window:
        """Read a window as people write it: months, calendar or financial years, quarters.

        ``2023-24`` and ``2023/24`` are the financial year from April. ``2011-12``
        could also be a month, and is refused.

        Raises
        ------
        InputError
            For what is no window, or could be two.

        >>> Window.read("2023-24"), Window.read("Jan 2023 to Mar 2023").end
        (Window(start='2023-04', end='2024-03'), '2023-03')
        """
        whole = _span(text.strip())
        if whole is not None:
            return cls(*whole)
        parts = [part.strip() for part in _JOINED.split(text.strip())]
        months = all(map(_MONTH.fullmatch, parts)) and not (
            len(set(parts)) > 1 and all(map(_could_be_years, parts))
        )
        spans = [(part, part) if months else _span(part) for part in parts]
        if len(spans) == 2 and spans[0] is not None and spans[1] is not None:
            return cls(spans[0][0], spans[1][1])
        raise InputError(f"{text!r} is not a window. Write {FORMS}.")

    @property
    def words(self) -> str:
        """The window in words, as titles and captions have it."""
        return window_words(self.start, self.end)

    @property
    def sentence(self) -> str:
        """The sentence about the window that every output carries."""
        return f"{COVERS}{self.words}{STATED}"

    def is_named_in(self, text: str) -> bool:
        """Tell if a text, such as a title, names this window in any spelling that is read.

        >>> Window.read("2023-24").is_named_in("Referrals, April 2023 to March 2024")
        True
        """
        words = [word.strip(",.;:()[]") for word in text.split()][:_MOST_WORDS]
        return any(
            _is(self, " ".join(words[start:end]))
            for start in range(len(words))
            for end in range(start + 1, min(len(words), start + _LONGEST) + 1)
        )

    def holds(self, start: str, end: str) -> bool:
        """Tell if the months from `start` to `end` all lie inside."""
        return self.start <= start and end <= self.end


def window_told(sentences: tuple[str, ...] | list[str]) -> Window | None:
    """Return the window that one of the sentences of a release states, or None."""
    for text in sentences:
        if text.startswith(COVERS) and text.endswith(STATED):
            try:
                return Window.read(text.removeprefix(COVERS).removesuffix(STATED))
            except InputError:
                return None
    return None


def _is(window: Window, text: str) -> bool:
    try:
        return Window.read(text) == window
    except InputError:
        return False


def month_words(month: object, *, short: bool = False) -> str | None:
    """Write "2018-01" as "January 2018", or "Jan 2018"; None for what is not a month.

    >>> month_words("2018-01"), month_words("2018-01", short=True), month_words("2018")
    ('January 2018', 'Jan 2018', None)
    """
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        return None
    name = MONTHS[int(month[5:]) - 1]
    return f"{name[:3] if short else name} {month[:4]}"


def window_words(start: object, end: object, *, short: bool = False) -> str:
    """Write the window from one month to another, either of which may be unknown.

    >>> window_words("2018-01", "2019-03"), window_words(None, "2019-03", short=True)
    ('January 2018 to March 2019', 'to Mar 2019')
    """
    first, last = month_words(start, short=short), month_words(end, short=short)
    if first and last:
        return first if first == last else f"{first} to {last}"
    if first:
        return f"from {first}"
    return f"to {last}" if last else "window not stated"


def count_months(start: object, end: object) -> int | None:
    """Count the months from `start` to `end`, both inside; None where one is not a month.

    >>> count_months("2018-01", "2019-03"), count_months("2018-01", None)
    (15, None)
    """
    if not all(isinstance(month, str) and _MONTH.fullmatch(month) for month in (start, end)):
        return None
    first, last = (int(str(month)[:4]) * 12 + int(str(month)[5:]) for month in (start, end))
    return last - first + 1


def _span(text: str) -> tuple[str, str] | None:
    """Read one month, quarter or year as its first and last month; None for anything else."""
    if found := _YEARS.fullmatch(text):
        return _financial_year(text, *found.groups())
    if _MONTH.fullmatch(text):
        return text, text
    if (found := _NAMED.fullmatch(text)) and (number := MONTH_NUMBERS.get(found[1].lower())):
        month = f"{found[2]}-{number:02d}"
        return month, month
    if _YEAR.fullmatch(text):
        return f"{text}-01", f"{text}-12"
    if found := _QUARTER.fullmatch(text):
        quarter, year = int(found[1] or found[4]), found[2] or found[3]
        return f"{year}-{3 * quarter - 2:02d}", f"{year}-{3 * quarter:02d}"
    if (found := _ENDING.fullmatch(text)) and (last := _span(found[1].strip())):
        end = last[1]
        first = int(end[:4]) * 12 + int(end[5:]) - 12
        return f"{first // 12:04d}-{first % 12 + 1:02d}", end
    return None


def _could_be_years(text: str) -> bool:
    """Tell if "YYYY-NN" could be two years that follow each other.

    >>> _could_be_years("2011-12"), _could_be_years("2023-12")
    (True, False)
    """
    return int(text[5:]) == (int(text[:4]) + 1) % 100


def _financial_year(text: str, first: str, sign: str, second: str) -> tuple[str, str] | None:
    following = int(first) + 1
    if second not in (str(following), f"{following % 100:02d}"):
        return (text, text) if _MONTH.fullmatch(text) else None
    if sign == "-" and _MONTH.fullmatch(text):
        raise InputError(
            f"{text!r} is a month or a financial year. Write {first}/{second} for the year, or "
            f'"{text} to {text}" for the month.'
        )
    return f"{first}-{_FINANCIAL:02d}", f"{following:04d}-{_FINANCIAL - 1:02d}"
