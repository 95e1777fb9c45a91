"""The owner's own words on a release: a title, and the name and source of a rule.

No number of a release makes these words, so making the release again cannot tell what
they say. One rule holds for them: they carry no number but a year or month that agrees
with what the release covers, and a number word inside a listed place.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

import pandas as pd

from linemap import schema
from linemap.disclosure.numbers import numbers_in
from linemap.disclosure.rule import PRESETS, Rule
from linemap.errors import DisclosureError
from linemap.gazetteer import Gazetteer
from linemap.windows import MONTH_NUMBERS, MONTH_PATTERN

Month = tuple[int, int | None]  # a year, and a month of it or None for all of it
Span = tuple[Month, Month]

_YEAR: Final = r"(?:19|20)[0-9]{2}"
_TO: Final = r"\s*(?:-|–|—|/|to|until)\s*"
# The longest first: "Jan to Mar 2024", "Mar 2024", "2024-03", "03/2024", "2023-24", "2024".
_TIME: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<from>{MONTH_PATTERN})\.?{_TO}(?P<until>{MONTH_PATTERN})\.?,?\s+(?P<of>{_YEAR})"
    rf"|(?P<name>{MONTH_PATTERN})\.?,?[\s-]+(?P<in>{_YEAR})"
    rf"|(?P<iso>{_YEAR})-(?P<number>0[1-9]|1[0-2])"
    rf"|(?P<month>0[1-9]|1[0-2])/(?P<its>{_YEAR})"
    rf"|(?P<first>{_YEAR})[-–—/](?P<last>{_YEAR}|[0-9]{{2}})"
    rf"|(?P<year>{_YEAR}))(?![\w%]|[.,][0-9])",
    re.IGNORECASE,
)
_MOST_TIMES: Final = 6
LONGEST: Final = 200  # characters of a title


def require_title(
    title: str,
    *,
    window: tuple[str, str] | None = None,
    gazetteer: Gazetteer | None = None,
    rows: tuple[str, str] | None = None,
) -> str:
    """Return a title that may stand on a release of records.

    `window` is the first and the last month that the release covers, as "2023-01";
    without it no year can agree, and `rows`, those of the rows, are named as what to state.
    `gazetteer` lists the places whose names may hold a number word.

    Raises
    ------
    DisclosureError
        For a number of any other kind, in digits of any script or in words. The message
        says which and what to write instead.

    >>> require_title("Referrals, 2023-24", window=("2023-04", "2024-03"))
    'Referrals, 2023-24'
    """
    faults = title_faults(title, window=window, gazetteer=gazetteer, rows=rows)
    if faults:
        raise DisclosureError(f"The title {title!r} cannot be used: {'; '.join(faults)}.")
    return title


def months_of(flows: pd.DataFrame) -> tuple[str, str] | None:
    """Return the first and the last month that flows cover, or None where they do not say."""
    first, last = flows[schema.PERIOD_START].dropna(), flows[schema.PERIOD_END].dropna()
    return (str(first.min()), str(last.max())) if len(first) and len(last) else None


def title_faults(
    title: str,
    *,
    window: tuple[str, str] | None = None,
    gazetteer: Gazetteer | None = None,
    rows: tuple[str, str] | None = None,
) -> list[str]:
    """List what in a title is a number that it may not hold, each with what to write instead."""
    if len(title) > LONGEST:
        return [f"it is longer than {LONGEST} characters: shorten it"]
    times = list(_TIME.finditer(title))
    faults = []
    if times:
        named = ", ".join(match[0] for match in times)
        if window is None:
            first, last = rows or ("2023-01", "2024-03")
            theirs = f" (the rows are of {first} to {last})" if rows else ""
            faults.append(
                f"it names {named}, and the release does not say which months it covers{theirs}: "
                f"state them (window='{first} to {last}'), or leave the date out of the title"
            )
        elif not _agree([list(_spans(match)) for match in times], window):
            faults.append(
                f"it names {named}, and the release covers {window[0]} to {window[1]}: name the "
                "first and the last of these months or years, or leave the date out of the title"
            )
    rest = _TIME.sub(" | ", title)
    numbers = numbers_in(rest, gazetteer, places=True)
    if numbers:
        faults.append(
            f"it holds the number{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}, and no "
            "number in a title has been checked: leave it out (a year or month that the release "
            "covers, and the name of a listed place, may stand)"
        )
    return faults


def rule_faults(rule: Rule) -> list[str]:
    """List what in a rule's name and source is neither a preset's nor one of the rule's numbers."""
    if any((rule.name, rule.source) == (kept.name, kept.source) for kept in PRESETS.values()):
        return []
    own = {rule.threshold, rule.threshold - 1, rule.base, rule.width, rule.km_base, rule.months, 1}
    if rule.total_base is not None:
        own.add(rule.total_base)
    faults = []
    for field, text in (("name", rule.name), ("source", rule.source)):
        plain = re.sub(r"[0-9]+", lambda match: "" if int(match[0]) in own else match[0], text)
        numbers = numbers_in(plain, places=True)
        if numbers or len(text) > LONGEST:
            faults.append(
                f"the rule's {field} is too long or holds {', '.join(numbers) or 'too much'}, "
                "which is none of the rule's own numbers: leave it out"
            )
    return faults


def _spans(match: re.Match[str]) -> Iterator[Span]:
    """Yield what a time that a title names can mean: from which month or year to which."""
    found = match.groupdict()
    if found["of"]:
        year = int(found["of"])
        first, last = (MONTH_NUMBERS[found[end].lower()] for end in ("from", "until"))
        yield (year, first), (year, last)
    elif found["name"]:
        month = int(found["in"]), MONTH_NUMBERS[found["name"].lower()]
        yield month, month
    elif found["month"]:
        month = int(found["its"]), int(found["month"])
        yield month, month
    elif found["year"]:
        whole = int(found["year"]), None
        yield whole, whole
    else:
        first = int(found["iso"] or found["first"])
        other = found["number"] or found["last"]
        if found["iso"]:
            yield (first, int(other)), (first, int(other))
        last = int(other) if len(other) == 4 else first - first % 100 + int(other)
        if first < last or (last + 100 == first + 1):
            yield (first, None), (max(last, first + 1), None)


def _agree(times: list[list[Span]], window: tuple[str, str]) -> bool:
    """Say whether the times of a title run from the first month of a window to its last."""
    first, last = ((int(month[:4]), int(month[5:])) for month in window)
    return len(times) <= _MOST_TIMES and any(
        _is(min((span[0] for span in spans), key=lambda month: (month[0], month[1] or 1)), first)
        and _is(max((span[1] for span in spans), key=_ending), last)
        for spans in itertools.product(*times)
    )


def _ending(month: Month) -> tuple[int, int]:
    return month[0], month[1] or 12


def _is(named: Month, month: tuple[int, int]) -> bool:
    return named[0] == month[0] and named[1] in (None, month[1])
