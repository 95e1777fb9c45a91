"""Days, months, quarters and years as people write them, and the window that an owner states.

A text is read as a first and a last month, and as a day where it is one. How a
column of a table writes its dates is settled once for the whole column
(:func:`style_of`): numbers with slashes are day, month, year, unless some text
of the column can only be month first.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from linemap.errors import InputError, Refused

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
YEARS: Final = (1950, 2100)
FORMS: Final = '"2023-01 to 2024-03", "Jan 2023 to Mar 2024", "2023/24" or "2023"'
COVERS: Final = "It covers "
STATED: Final = ", as its owner states."
_MOST_CHARACTERS: Final = 100  # of a text that may be a date
_MOST_WORDS: Final = 60  # of a title that are looked at
_LONGEST: Final = 8  # words of a window: "1 April 2023 to 31 March 2024"
_ISO_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_JOINED: Final = re.compile(r" (?:to|until|-|–|—) | ?[–—] ?(?=\D|\d{4}\b)")
_LAST_DAY: Final = 31  # of a month
_CLOSE_YEARS: Final = 10  # within which the years of one column are not looked at
_FAR_YEARS: Final = 20  # over which two digits of one column are no years
_PIVOT: Final = 50  # two digits from here on are of the last century

MONTH_NUMBERS: Final = {
    **{name[:3].casefold(): at for at, name in enumerate(MONTHS, 1)},
    **{name.casefold(): at for at, name in enumerate(MONTHS, 1)},
    "sept": 9,
}
MONTH_PATTERN: Final = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))  # in small letters
_MONTH: Final = f"(?P<{{}}>{MONTH_PATTERN})"
_DAYS: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_TIME: Final = (
    r"(?:[t ](?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d(?:\.\d{1,9})?)?"
    r"(?: ?[ap]m)?(?:z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?"
)
_YEAR: Final = r"(?P<{}>\d{{4}}|\d{{2}})"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII) for pattern in patterns)


_ISO: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_DIGITS: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_NUMBERS: Final = re.compile(
    rf"{_DAYS}(\d{{1,2}}) ?([-/. ]) ?(\d{{1,2}}) ?\2 ?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII
)
_NAMED_DAY: Final = _compiled(
    rf"{_DAYS}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[-/ .,]*{_MONTH.format('month')}"
    rf"[-/ .,]+{_YEAR.format('year')}{_TIME}",
    rf"{_DAYS}{_MONTH.format('month')}[-/ .]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? "
    rf"(?P<year>\d{{4}}){_TIME}",
)
_NAMED_MONTH: Final = _compiled(
    rf"{_MONTH.format('month')}[-/ .,']*{_YEAR.format('year')}",
    rf"(?P<year>\d{{4}})[-/ .]*{_MONTH.format('month')}",
)
_SHORT_MONTH: Final = re.compile(
    rf"{_MONTH.format('month')}(?P<sign>[-/ .,']*)(?P<number>\d{{1,2}})", re.ASCII
)
_MONTH_OF_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_YEAR_AND_TWO: Final = re.compile(r"(\d{4}) ?([-/–]) ?(\d\d)", re.ASCII)
_FINANCIAL_WORD: Final = r"(?:fy|f/y|financial year|fin year)[ :-]*"
_FINANCIAL: Final = re.compile(
    rf"(?P<word>{_FINANCIAL_WORD})?(?P<first>\d{{4}}|\d{{2}}) ?(?P<sign>[-/–]|to) ?"
    rf"(?P<second>\d{{4}}|\d{{2}})(?P<after> ?(?:fy|financial year))?",
    re.ASCII,
)
_QUARTER: Final = _compiled(
    r"(?:q|qtr|quarter) ?(?P<quarter>[1-4])[ ,:-]*(?P<of>\S.*)",
    r"(?P<of>.*\S)[ ,:-]*(?:q|qtr|quarter) ?(?P<quarter>[1-4])",
)
_LONE_QUARTER: Final = re.compile(r"(?:q|qtr|quarter) ?(?P<quarter>[1-4])", re.ASCII)
_LONE_MONTH: Final = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
_CALENDAR: Final = re.compile(r"(?P<word>calendar year |cy ?)?(?P<year>\d{4})", re.ASCII)
_YEAR_TO: Final = re.compile(
    rf"(?:year|ye|12 months|twelve months|y/e)(?: ending| ended| to| end)?(?: in)?"
    rf"(?: (?:2[89]|3[01])(?:st|th)?)?(?: of)? {_MONTH.format('month')}"
    rf"[-/ .,']*{_YEAR.format('year')}",
    re.ASCII,
)
_BETWEEN: Final = re.compile(r"(.+?) ?(?: to | until |–|—| - )(.+)")
_BARE_BETWEEN: Final = re.compile(
    rf"{_MONTH.format('first')}(?: to | until |–|-| - ){_MONTH.format('last')}"
    rf"[-/ .,']*{_YEAR.format('year')}",
    re.ASCII,
)


class When(NamedTuple):
    """A window from the first to the last month ("YYYY-MM"), and the day where it is one."""

    first: str
    last: str
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column, or another set of texts, writes its dates.

    ``month_first`` is a text of the column that can only be month first;
    ``financial`` says that ``2010-11`` is a financial year; ``both`` are two
    texts of which one can only be a financial year and one only a month;
    ``months`` says that some ``YYYY-NN`` can only be a month. ``days`` is a text like
    ``May 23`` of a column in which the number may be the day.
    """

    month_first: str | None = None
    financial: bool = False
    both: tuple[str, str] | None = None
    months: bool = False
    days: str | None = None


_PLAIN: Final = DateStyle()


def style_of(texts: Iterable[str], *, financial: bool = False, monthly: bool = False) -> DateStyle:
    """Settle how texts write their dates, from all of them together.

    `financial` says that the owner, or the heading, speaks of financial years;
    `monthly` says likewise that the texts are months or longer, so that ``May 23``
    is no day.
    """
    month_first = only_financial = only_month = other_financial = None
    short: dict[tuple[int, int], tuple[bool, str]] = {}  # month and number: if joined, and the text
    for written in texts:
        text = _folded(written[: _MOST_CHARACTERS + 1])
        if found := _SHORT_MONTH.fullmatch(text):
            joined = not set(found["sign"]).isdisjoint("-/'")
            short.setdefault(
                (MONTH_NUMBERS[found["month"]], int(found["number"])), (joined, written.strip())
            )
        if found := _NUMBERS.fullmatch(text):
            if int(found[1]) <= 12 < int(found[3]) <= 31:
                month_first = month_first or written.strip()
        elif found := _YEAR_AND_TWO.fullmatch(text):
            follows = (int(found[1]) + 1) % 100 == int(found[3])
            month = 1 <= int(found[3]) <= 12
            if found[2] == "/" and follows and not month:
                other_financial = text
            elif follows and not month:
                only_financial = only_financial or text
            elif month and not follows:
                only_month = only_month or text
        elif (found := _FINANCIAL.fullmatch(text)) and (found["word"] or found["after"]):
            other_financial = text
    both = (only_financial, only_month) if only_financial and only_month else None
    if both is None and only_month and other_financial:
        both = (other_financial, only_month)
    says = financial or bool(only_financial or other_financial)
    days = _perhaps_days(short, monthly=monthly)
    return DateStyle(month_first, says, both, only_month is not None, days)


def may_be_year(text: str, style: DateStyle) -> bool:
    """Tell if a text is read as a month, could be a financial year, and nothing else decides.

    >>> may_be_year("2010-11", style_of(["2010-11", "2011-12"]))
    True
    >>> may_be_year("2010-11", style_of(["2010-11", "2010-12"]))
    False
    """
    found = _YEAR_AND_TWO.fullmatch(_folded(text[: _MOST_CHARACTERS + 1]))
    open_ = not (style.financial or style.months)
    return open_ and found is not None and (int(found[1]) + 1) % 100 == int(found[3])


def _perhaps_days(
    short: Mapping[tuple[int, int], tuple[bool, str]], *, monthly: bool
) -> str | None:
    """Return a text like ``May 23`` whose number may be the day, or None where all are years.

    Numbers that could all be days, and as years lie far apart, are taken for
    neither. Joined by a sign (``May-23``) they are else years; set apart by a space
    they are where the column names more months than numbers, as months of a year do.
    """
    numbers = {number for _, number in short}
    if not numbers or max(numbers) > _LAST_DAY:
        return None
    spaced = [text for joined, text in short.values() if not joined]
    years = max(numbers) - min(numbers)
    sparse = years > _CLOSE_YEARS and 2 * len(numbers) <= years + 1
    single = any(re.search(r"\D\d\b", text) for _, text in short.values())
    if single or years > _FAR_YEARS or sparse:
        return next(iter(spaced), next(iter(short.values()))[1])
    if spaced and not monthly and len({month for month, _ in short}) <= len(numbers):
        return spaced[0]
    return None


def read_when(text: str, style: DateStyle = _PLAIN) -> When:
    """Read a date or a period; raise a :class:`Refused` where it has no meaning, or two.

    >>> read_when("27.1.23").day, read_when("Feb-17")[:2], read_when("Q1 2019/20")[:2]
    (datetime.date(2023, 1, 27), ('2017-02', '2017-02'), ('2019-04', '2019-06'))
    """
    written, text = text, _folded(text[: _MOST_CHARACTERS + 1])
    if len(written.strip()) > _MOST_CHARACTERS:
        raise Refused(f"{show(written.strip())} is too long for a date.", kind="date")
    for read in (_day, _window):
        found = read(text, written, style)
        if found is not None:
            return found
    if between := _BETWEEN.fullmatch(text):
        with_year = _BARE_BETWEEN.fullmatch(text)
        first, last = between[1].strip(), between[2].strip()
        if with_year:
            first = f"{with_year['first']} {with_year['year']}"
            last = f"{with_year['last']} {with_year['year']}"
        ends = [_either(part, written, style) for part in (first, last)]
        if ends[0] is not None and ends[1] is not None:
            if ends[0].first > ends[1].last:
                raise Refused(f"{show(written.strip())} ends before it starts.")
            return When(ends[0].first, ends[1].last)
    if with_year := _BARE_BETWEEN.fullmatch(text):
        year = _year(with_year["year"])
        first, last = MONTH_NUMBERS[with_year["first"]], MONTH_NUMBERS[with_year["last"]]
        if first > last:
            raise Refused(f"{show(written.strip())} ends before it starts.")
        return When(_month(year, first, text), _month(year, last, text))
    raise Refused(
        f"{show(written.strip())} is not a date that linemap reads.",
        "Write 2024-02-01, 01/02/2024, Feb 2024, 2023/24 or Q1 2023/24.",
        kind="date",
    )


def with_year(
    part: str, year: str, *, quarter: bool = False, financial: bool = False
) -> str | None:
    """Write a month or a quarter with the year of another column; None for what is neither.

    Of a financial year January to March are in the second of its two years. A number alone is
    a month, or a `quarter`. Where years are `financial`, 2019 alone says too little and stays.

    >>> with_year("Q2", "2019/20"), with_year("Jan", "2019/20"), with_year("4", "2019")
    ('Q2 2019/20', 'January 2020', 'April 2019')
    >>> with_year("Jan 2019", "2019")
    """
    text, of = _folded(part[: _MOST_CHARACTERS + 1]), _folded(year[: _MOST_CHARACTERS + 1])
    if found := _LONE_QUARTER.fullmatch(f"q{text}" if quarter and text.isdigit() else text):
        return f"Q{found['quarter']} {year.strip()}"
    if quarter and text.isdigit():
        return None
    month = MONTH_NUMBERS.get(text) or (int(text) if _LONE_MONTH.fullmatch(text) else None)
    if month is None:
        return None
    if re.fullmatch(r"\d{4}", of, re.ASCII):
        return of if financial else f"{MONTHS[month - 1]} {of}"
    if (found := _FINANCIAL.fullmatch(of)) and (_year(found["first"]) + 1) % 100 == (
        int(found["second"]) % 100
    ):
        return f"{MONTHS[month - 1]} {_year(found['first']) + (month < 4)}"
    return f"{part.strip()} {year.strip()}".strip()


def _either(text: str, written: str, style: DateStyle) -> When | None:
    return _day(text, written, style) or _window(text, written, style)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .,;")


def _one(day: dt.date) -> When:
    return When(f"{day:%Y-%m}", f"{day:%Y-%m}", day)


def _day(text: str, written: str, style: DateStyle) -> When | None:
    if found := _ISO.fullmatch(text):
        return _one(calendar_date(int(found[1]), int(found[3]), int(found[4]), written))
    if found := _DIGITS.fullmatch(text):
        return _one(calendar_date(int(found[1]), int(found[2]), int(found[3]), written))
    if found := _NUMBERS.fullmatch(text):
        on, month = int(found[1]), int(found[3])
        if style.month_first is not None:
            raise Refused(
                f"the column has {show(style.month_first)}, which can only be month first.",
                "Dates in numbers are read day first: write all of them as 2024-02-01.",
                kind="month first",
            )
        if month > 12 >= on:
            raise Refused(
                f"{show(written.strip())} has no month {month}.",
                "Dates are read day first, never month first.",
            )
        return _one(calendar_date(_year(found[4]), month, on, written))
    for pattern in _NAMED_DAY:
        if found := pattern.fullmatch(text):
            month = MONTH_NUMBERS[found["month"]]
            return _one(calendar_date(_year(found["year"]), month, int(found["day"]), written))
    return None


def _window(text: str, written: str, style: DateStyle) -> When | None:
    """Read a month, a quarter or a year."""
    if found := _YEAR_TO.fullmatch(text):
        year, month = _year(found["year"]), MONTH_NUMBERS[found["month"]]
        first = _month(year if month == 12 else year - 1, month % 12 + 1, written)
        return When(first, _month(year, month, written))
    if found := _CALENDAR.fullmatch(text):
        return _whole_year(int(found["year"]), written, style if not found["word"] else _PLAIN)
    if found := _YEAR_AND_TWO.fullmatch(text):
        return _year_and_two(found, written, style)
    if found := _MONTH_OF_YEAR.fullmatch(text):
        return _whole_month(int(found[2]), int(found[1]), written)
    if style.days is not None and _SHORT_MONTH.fullmatch(text):
        raise Refused(
            f"{show(written.strip())} may be a day or a month of a year.",
            "Write 2023-05-23 for a day, May 2023 for a month.",
            kind="day or month",
        )
    for pattern in _NAMED_MONTH:
        if found := pattern.fullmatch(text):
            return _whole_month(_year(found["year"]), MONTH_NUMBERS[found["month"]], written)
    if found := _FINANCIAL.fullmatch(text):
        return _financial(found, written, style)
    for pattern in _QUARTER:
        if found := pattern.fullmatch(text):
            return _quarter(int(found["quarter"]), found["of"].strip(" ,:-"), written, style)
    return None


def _whole_year(year: int, written: str, style: DateStyle) -> When:
    if style.financial:
        raise Refused(
            f"{show(written.strip())} does not say which financial year.", "Write 2019/20.",
            kind="financial",
        )  # fmt: skip
    return When(_month(year, 1, written), _month(year, 12, written))


def _year_and_two(found: re.Match[str], written: str, style: DateStyle) -> When:
    """Read ``YYYY-NN``: a month, or the financial year where the column or the owner says so."""
    year, number = int(found[1]), int(found[3])
    follows, month = (year + 1) % 100 == number, 1 <= number <= 12
    text = show(written.strip())
    if style.both is not None and (found[2] != "/" or month):
        whole, one = style.both
        if follows or whole != written:
            if found[2] != "/" and _YEAR_AND_TWO.fullmatch(whole) and "/" not in whole:
                raise Refused(
                    f"the column has the financial year {show(whole)} and the month {show(one)}.",
                    "Write months as Mar 2024 or years as 2019/20.", kind="year or month",
                )  # fmt: skip
            if follows and month:
                raise Refused(
                    f"{text} could be a month or a financial year: the column has both.",
                    "Write it as Nov 2010 or as FY2010-11.", kind="year or month",
                )  # fmt: skip
    if follows and (not month or style.financial):
        return _financial_year(year, written)
    if month and not (style.financial and style.both is None):
        return _whole_month(year, number, written)
    if month:
        raise Refused(
            f"{text} is no financial year.", "Write 2019/20, or a month as Feb 2024.",
            kind="financial",
        )  # fmt: skip
    raise Refused(f"{text} is neither a month nor a financial year.", kind="date")


def _financial(found: re.Match[str], written: str, style: DateStyle) -> When | None:
    first, second = found["first"], found["second"]
    said = bool(found["word"] or found["after"] or style.financial)
    if not said and (len(first) == 2 or found["sign"] == "to"):
        return None  # 19/20 alone says too little; 2019 to 2020 may be two years
    year = _year(first)
    if (year + 1) % 100 != int(second) % 100 or (len(second) == 4 and int(second) != year + 1):
        raise Refused(f"{show(written.strip())} is no financial year.", "Write 2019/20.")
    return _financial_year(year, written)


def _financial_year(year: int, written: str) -> When:
    return When(_month(year, 4, written), _month(year + 1, 3, written))


def _quarter(quarter: int, of: str, written: str, style: DateStyle) -> When | None:
    """Read a quarter of a financial year (Q1 starts in April) or of a calendar year."""
    if found := _FINANCIAL.fullmatch(of):
        year = _year(found["first"])
        if (year + 1) % 100 != int(found["second"]) % 100:
            raise Refused(f"{show(written.strip())} names no financial year.", "Write Q1 2019/20.")
        start = 3 * quarter + 1
        year, start = (year + 1, 1) if quarter == 4 else (year, start)
    elif re.fullmatch(r"\d{4}", of, re.ASCII):
        if style.financial:
            raise Refused(
                f"{show(written.strip())} does not say which financial year.",
                "Write Q1 2019/20.", kind="financial",
            )  # fmt: skip
        year, start = int(of), 3 * quarter - 2
    else:
        return None
    return When(_month(year, start, written), _month(year, start + 2, written))


def _whole_month(year: int, month: int, written: str) -> When:
    text = _month(year, month, written)
    return When(text, text)


def _month(year: int, month: int, written: str) -> str:
    return f"{calendar_date(year, month, 1, written):%Y-%m}"


def _year(text: str) -> int:
    """Take two digits as a year of this century or, from 50 on, of the last."""
    number = int(text)
    return number if len(text) == 4 else number + (1900 if number >= _PIVOT else 2000)


def calendar_date(year: int, month: int, on: int, text: str) -> dt.date:
    """Return the day that was written, or raise Refused if there is none such, or too far off."""
    try:
        date = dt.date(year, month, on)
    except ValueError:
        raise Refused(f"{show(text.strip())} is no day of the calendar.") from None
    if not YEARS[0] <= year <= YEARS[1]:
        raise Refused(f"the year {year} lies outside {YEARS[0]} to {YEARS[1]}.")
    return date


def show(text: str) -> str:
    """Quote a text for a message, shortened."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


@dataclass(frozen=True, slots=True)
class Window:
    """The months that a release covers: ``start`` and ``end`` as "YYYY-MM", both inside.

    >>> Window("2023-01", "2024-03").words
    'January 2023 to March 2024'
    """

    start: str
    end: str

    def __post_init__(self) -> None:
        if not (_ISO_MONTH.fullmatch(self.start) and _ISO_MONTH.fullmatch(self.end)):
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
        if len(text) > _MOST_CHARACTERS:
            raise InputError(f"{show(text)} is too long for a window. Write {FORMS}.")
        parts = [part.strip() for part in _JOINED.split(_folded(text))]
        style = style_of(parts, monthly=True)
        if not (style.financial or style.months) and (len(parts) == 1 or len(set(parts)) > 1):
            _require_one_meaning(text, parts)
        try:
            found = read_when(text, style)
        except Refused as refused:
            raise InputError(f"{text!r} is not a window. Write {FORMS}.") from refused
        days = [_day(part, part, style) for part in parts]
        if any(days) and not _whole_months(days):
            raise InputError(f"{text!r} is no window of whole months. Write {FORMS}.")
        return cls(found.first, found.last)

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
    if not isinstance(month, str) or not _ISO_MONTH.fullmatch(month):
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
    if not all(isinstance(month, str) and _ISO_MONTH.fullmatch(month) for month in (start, end)):
        return None
    return number_of_month(str(end)) - number_of_month(str(start)) + 1


def number_of_month(month: str) -> int:
    """Count the months from the year 0 to one that is written as "YYYY-MM".

    >>> number_of_month("2018-01"), month_of_number(24216)
    (24216, '2018-01')
    """
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_of_number(number: int) -> str:
    """Write the month of a :func:`number_of_month` as "YYYY-MM"."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


Span = tuple[str, str]  # a first and a last month


def regular_periods(shown: Iterable[Span], window: Window | None) -> tuple[Span, ...]:
    """Return the periods of equal length of which some are `shown`, also those that are not.

    They are those that a `window` touches or, without one, from the first that is shown to the
    last. Empty where those that are shown are not of one length, one after another.

    >>> regular_periods([("2023-04", "2024-03")], Window("2023-01", "2024-04"))[0]
    ('2022-04', '2023-03')
    """
    spans = sorted({(number_of_month(start), number_of_month(end)) for start, end in shown})
    if not spans:
        return ()
    first, width = spans[0][0], spans[0][1] - spans[0][0] + 1
    if any(end - start + 1 != width or (start - first) % width for start, end in spans):
        return ()
    low = first if window is None else number_of_month(window.start)
    high = spans[-1][1] if window is None else number_of_month(window.end)
    begin = first + (low - first) // width * width
    starts = range(begin, high + 1, width)
    return tuple((month_of_number(at), month_of_number(at + width - 1)) for at in starts)


def covered_part(start: str, end: str, window: Window | None) -> Span:
    """Return the months of a period that a window covers; all where it states nothing of them.

    >>> covered_part("2022-04", "2023-03", Window("2023-01", "2024-04"))
    ('2023-01', '2023-03')
    """
    if window is None or end < window.start or window.end < start:
        return start, end
    return max(start, window.start), min(end, window.end)


def periods_in_words(periods: Sequence[Span], window: Window | None, *, most: int = 6) -> str:
    """Name periods in a sentence by the months that a window covers of them, at most so many.

    >>> periods_in_words([("2022-04", "2023-03"), ("2024-04", "2025-03")], None, most=1)
    'April 2022 to March 2023 and 1 more'
    """
    named = [window_words(*covered_part(*period, window)) for period in periods]
    if len(named) > most:
        named = [*named[:most], f"{len(named) - most:,} more"]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _whole_months(days: list[When | None]) -> bool:
    """Tell if a window starts with a month, or its first day, and ends likewise."""
    if len(days) != 2:
        return False
    first, last = (when.day if when else None for when in days)
    next_day = last + dt.timedelta(days=1) if last else None
    return (first is None or first.day == 1) and (next_day is None or next_day.day == 1)


def _require_one_meaning(text: str, parts: Iterable[str]) -> None:
    """Refuse "2011-12", which is a month or a financial year."""
    for part in parts:
        found = _YEAR_AND_TWO.fullmatch(part)
        follows = found is not None and (int(found[1]) + 1) % 100 == int(found[3])
        if found and follows and _ISO_MONTH.fullmatch(part):
            raise InputError(
                f"{text!r} is a month or a financial year. Write {found[1]}/{found[3]} for the "
                f'year, or "{part} to {part}" for the month.'
            )
