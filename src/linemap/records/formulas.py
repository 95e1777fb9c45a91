"""Text that a spreadsheet would run: recognise it, make it neutral, and take that back.

The characters are those of OWASP's page on CSV injection: ``= + - @``, tab,
carriage return and line feed, with the full-width forms that some
spreadsheets fold to the plain ones.
"""

from __future__ import annotations

import re
from typing import Final

_INVISIBLE: Final = "\\s\u00a0\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff"
_RUNS: Final = re.compile(f"[{_INVISIBLE}]*[=+\\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n]")
_NEUTRAL: Final = re.compile(f"'+(?:[{_INVISIBLE}]*[=+\\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n])")


def is_formula_like(text: str) -> bool:
    """Tell if a spreadsheet that opens `text` in a CSV file might run it.

    >>> is_formula_like("=1+1"), is_formula_like("＝cmd"), is_formula_like("King’s Lynn")
    (True, True, False)
    """
    return _RUNS.match(text) is not None


def neutralise(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; :func:`restore` takes it back.

    Text that already looks neutralised gets one more, so that no two texts
    become one.

    >>> neutralise("=1+1"), neutralise("'=1+1"), neutralise("Norwich")
    ("'=1+1", "''=1+1", 'Norwich')
    """
    return "'" + text if _RUNS.match(text) or _NEUTRAL.match(text) else text


def restore(text: str) -> str:
    """Take back what :func:`neutralise` did.

    >>> restore(neutralise("=1+1"))
    '=1+1'
    """
    return text[1:] if _NEUTRAL.match(text) else text
