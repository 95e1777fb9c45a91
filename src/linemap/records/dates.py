"""Dates and periods as people write them: each text has one meaning in its column, or is refused.

A day is a day; a month, a quarter, a year is a window from a first to a last
month. How a column writes its dates is settled once for the whole column: a
number with slashes is day, month, year, unless some row of it can only be
month first.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from linemap.records.table import DATE, ERROR, MERGED, NUMBER, Cell
from linemap.records.values import Refused, calendar_date, show
from linemap.windows import MONTH_NUMBERS, MONTH_PATTERN

YEARS: Final = (1950, 2100)
_SERIALS: Final = (18_264, 73_415)  # days of a spreadsheet: 1950 to 2100
_EPOCH: Final = dt.date(1899, 12, 30)
_PIVOT: Final = 50  # two digits from here on are of the last century

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
_MONTH_OF_YEAR: Final = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
_YEAR_AND_TWO: Final = re.compile(r"(\d{4}) ?([-/–]) ?(\d\d)", re.ASCII)
_FINANCIAL_WORD: Final = r"(?:fy|f/y|financial year|fin year)[ :-]*"
_FINANCIAL: Final = re.compile(
    rf"(?P<word>{_FINANCIAL_WORD})?(?P<first>\d{{4}}|\d{{2}}) ?(?:[-/–]|to) ?"
    rf"(?P<second>\d{{4}}|\d{{2}})(?P<after> ?(?:fy|financial year))?",
    re.ASCII,
)
_QUARTER: Final = _compiled(
    r"(?:q|qtr|quarter) ?(?P<quarter>[1-4])[ ,:-]*(?P<of>\S.*)",
    r"(?P<of>.*\S)[ ,:-]*(?:q|qtr|quarter) ?(?P<quarter>[1-4])",
)
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
class Style:
    """How one column writes its dates.

    ``month_first`` is a text of the column that can only be month first;
    ``financial`` says that ``2010-11`` is a financial year; ``both`` are two
    texts of which one can only be a financial year and one only a month.
    """

    month_first: str | None = None
    financial: bool = False
    both: tuple[str, str] | None = None
    since_1904: bool = False


def style_of(cells: Iterable[Cell], *, financial: bool = False, since_1904: bool = False) -> Style:
    """Settle how a column writes its dates, from its distinct contents.

    `financial` says that the owner, or the heading, speaks of financial years.
    """
    month_first = only_financial = only_month = other_financial = None
    for cell in cells:
        text = _folded(cell.text)
        if found := _NUMBERS.fullmatch(text):
            if int(found[1]) <= 12 < int(found[3]) <= 31:
                month_first = month_first or cell.text.strip()
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
    return Style(month_first, says, both, since_1904)


def when(cell: Cell, style: Style = Style()) -> When:
    """Read a date or a period; raise a :class:`Refused` where it has no meaning, or two.

    >>> when(Cell("27.1.23")).day, when(Cell("Feb-17"))[:2], when(Cell("Q1 2019/20"))[:2]
    (datetime.date(2023, 1, 27), ('2017-02', '2017-02'), ('2019-04', '2019-06'))
    """
    if cell.kind == ERROR:
        raise Refused(f"the cell holds the spreadsheet's error {cell.text}.")
    text = _folded(cell.text)
    if cell.kind in (NUMBER, DATE) or (text.isdigit() and len(text) in (4, 5)):
        return _stored(cell, text, style)
    for read in (_day, _window):
        found = read(text, cell.text, style)
        if found is not None:
            return found
    if between := _BETWEEN.fullmatch(text):
        with_year = _BARE_BETWEEN.fullmatch(text)
        first, last = between[1], between[2]
        if with_year:
            first = f"{with_year['first']} {with_year['year']}"
            last = f"{with_year['last']} {with_year['year']}"
        ends = [_either(part, cell.text, style) for part in (first, last)]
        if ends[0] is not None and ends[1] is not None:
            if ends[0].first > ends[1].last:
                raise Refused(f"{show(cell.text.strip())} ends before it starts.")
            return When(ends[0].first, ends[1].last)
    if with_year := _BARE_BETWEEN.fullmatch(text):
        year = _year(with_year["year"])
        first, last = MONTH_NUMBERS[with_year["first"]], MONTH_NUMBERS[with_year["last"]]
        if first > last:
            raise Refused(f"{show(cell.text.strip())} ends before it starts.")
        return When(_month(year, first, text), _month(year, last, text))
    raise Refused(
        f"{show(cell.text.strip())} is not a date that linemap reads.",
        "Write 2024-02-01, 01/02/2024, Feb 2024, 2023/24 or Q1 2023/24.",
        kind="date",
    )


def is_serial(cell: Cell) -> bool:
    """Tell if a cell that was read as a date is a spreadsheet's number of a day."""
    return cell.kind != DATE and re.fullmatch(r"\d{5}(?:\.\d+)?", cell.text.strip()) is not None


def says_financial(heading: str) -> bool:
    """Tell if a heading speaks of financial years.

    >>> says_financial("Financial year"), says_financial("FY"), says_financial("Year")
    (True, True, False)
    """
    return re.search(r"\b(?:financial|fiscal|fy|fin)\b", heading.casefold()) is not None


def _either(text: str, written: str, style: Style) -> When | None:
    return _day(text, written, style) or _window(text, written, style)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .,;")


def _stored(cell: Cell, text: str, style: Style) -> When:
    """Read a date cell, a spreadsheet's day number, or a year."""
    if cell.kind == DATE:
        found = _ISO.fullmatch(text)
        if found is None:
            raise Refused(f"{show(cell.text)} is not a date that linemap reads.")
        return _one(calendar_date(int(found[1]), int(found[3]), int(found[4]), cell.text))
    if text.isdigit() and len(text) == 4 and YEARS[0] <= int(text) <= YEARS[1]:
        if style.financial:
            raise Refused(
                f"{show(cell.text)} does not say which financial year.", "Write 2019/20.",
                kind="financial",
            )  # fmt: skip
        return When(f"{text}-01", f"{text}-12")
    if found := _DIGITS.fullmatch(text):
        return _one(calendar_date(int(found[1]), int(found[2]), int(found[3]), cell.text))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text, re.ASCII) and not style.since_1904:
        serial = int(float(text))
        if _SERIALS[0] <= serial <= _SERIALS[1]:
            return _one(_EPOCH + dt.timedelta(days=serial))
    raise Refused(f"{cell.text} is a number, not a date.", "Format the cell as a date.")


def _one(day: dt.date) -> When:
    return When(f"{day:%Y-%m}", f"{day:%Y-%m}", day)


def _day(text: str, written: str, style: Style) -> When | None:
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


def _window(text: str, written: str, style: Style) -> When | None:
    """Read a month, a quarter or a year."""
    if found := _YEAR_TO.fullmatch(text):
        year, month = _year(found["year"]), MONTH_NUMBERS[found["month"]]
        first = _month(year if month == 12 else year - 1, month % 12 + 1, written)
        return When(first, _month(year, month, written))
    if found := _YEAR_AND_TWO.fullmatch(text):
        return _year_and_two(found, written, style)
    if found := _MONTH_OF_YEAR.fullmatch(text):
        return _whole_month(int(found[2]), int(found[1]), written)
    for pattern in _NAMED_MONTH:
        if found := pattern.fullmatch(text):
            return _whole_month(_year(found["year"]), MONTH_NUMBERS[found["month"]], written)
    if found := _FINANCIAL.fullmatch(text):
        return _financial(found, written, style)
    for pattern in _QUARTER:
        if found := pattern.fullmatch(text):
            return _quarter(int(found["quarter"]), found["of"].strip(" ,:-"), written, style)
    return None


def _year_and_two(found: re.Match[str], written: str, style: Style) -> When:
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


def _financial(found: re.Match[str], written: str, style: Style) -> When | None:
    first, second = found["first"], found["second"]
    said = bool(found["word"] or found["after"] or style.financial)
    if len(first) == 2 and not said:
        return None  # 19/20 alone says too little
    year = _year(first)
    if (year + 1) % 100 != int(second) % 100 or (len(second) == 4 and int(second) != year + 1):
        raise Refused(f"{show(written.strip())} is no financial year.", "Write 2019/20.")
    return _financial_year(year, written)


def _financial_year(year: int, written: str) -> When:
    return When(_month(year, 4, written), _month(year + 1, 3, written))


def _quarter(quarter: int, of: str, written: str, style: Style) -> When | None:
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


def read_all(cells: Sequence[Cell], style: Style) -> tuple[list[When | None], dict[int, Refused]]:
    """Read distinct contents: a window for each (None: empty or refused), and the refusals."""
    values: list[When | None] = []
    refused: dict[int, Refused] = {}
    for at, cell in enumerate(cells):
        value = None
        if cell.text.strip():
            try:
                if cell.kind == MERGED:
                    raise Refused(
                        f"the cell is {cell.text}, which alone holds what is written there.",
                        "Unmerge the cells and write the content into each.",
                    )
                value = when(cell, style)
            except Refused as error:
                refused[at] = error
        values.append(value)
    return values, refused
