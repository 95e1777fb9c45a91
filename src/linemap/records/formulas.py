"""Text that a spreadsheet would run: recognise it, make it neutral, and take that back.

The characters are those of OWASP's page on CSV injection: ``= + - @``, tab,
carriage return and line feed, with the full-width and small forms that some
spreadsheets fold to the plain ones. A program whose separator is the semicolon
or the tab splits a cell that was quoted for commas, so what follows a
separator or a new line inside a text counts as well.
"""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = (
    " \u00a0\u1680\u2000-\u200f\u202a-\u202f\u205f-\u2069\u3000\ufeff\x00-\x08\x0e-\x1f\x85"
)
_SIGN: Final = f"[{_UNSEEN}]*[=+\\-@＝＋－＠﹢﹣﹦﹫−]"
_START: Final = f"(?:{_SIGN}|[{_UNSEEN}]*[\t\r\n\v\f])"
_INSIDE: Final = "(?<=[;|\t\r\n\v\f])"
_RUNS: Final = re.compile(_START)
# What would run, or was made neutral before, at the start or behind a separator.
_PLACES: Final = re.compile(f"^(?='*{_START})|{_INSIDE}(?='*{_SIGN})")
_NEUTRAL: Final = re.compile(f"^'(?='*{_START})|{_INSIDE}'(?='*{_SIGN})")


def is_formula_like(text: str) -> bool:
    """Tell if a spreadsheet that opens `text` in a CSV file might run it.

    >>> is_formula_like("=1+1"), is_formula_like("＝cmd"), is_formula_like("King’s Lynn")
    (True, True, False)
    """
    return _RUNS.match(text) is not None


def neutralise(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; :func:`restore` takes it back.

    Text that already looks neutral gets one more, so that no two texts become
    one.

    >>> neutralise("=1+1"), neutralise("'=1+1"), neutralise("Norwich")
    ("'=1+1", "''=1+1", 'Norwich')
    """
    return _PLACES.sub("'", text)


def restore(text: str) -> str:
    """Take back what :func:`neutralise` did.

    >>> restore(neutralise("=1+1"))
    '=1+1'
    """
    return _NEUTRAL.sub("", text)
