"""Which characters a file's bytes stand for: told by its marks, never by a silent guess."""

from __future__ import annotations

import codecs
import re
from typing import Final

from linemap.errors import InputError

_MARKS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_READ: Final = "linemap reads UTF-8, UTF-16 with its mark, and Windows-1252"
_HINT: Final = "Save the table as 'CSV UTF-8', or say its encoding, as in encoding='mac-roman'."

# What Windows-1252 gives for text that was written in another encoding: a
# capital with an accent inside a word (Mac Roman's apostrophe), a low or
# opening quotation mark or a trade mark inside one (DOS, Mac Roman), a run of
# accented letters (Cyrillic, Greek), signs that no British table of places has
# (Japanese).
_IMPLAUSIBLE: Final = re.compile(
    "[a-z][À-ÖØ-ÞŠŒŽŸ]|[A-Za-z][‚“„•™¡¢¥¨ª¯±µ¶¸º¿÷][A-Za-z]|[À-ÖØ-öø-ÿ]{3}|[ƒˆ†‡‰‹›˜¤¦¬šž\x80-\x9f]"
)


def decide(data: bytes) -> str:
    """Name the encoding of `data`, or raise an InputError that says why none is certain enough.

    A byte-order mark decides; else text that is valid UTF-8 is UTF-8; else
    Windows-1252, if all of it reads as plausible text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            if name == "utf-32":
                raise InputError(f"The file is in UTF-32; {_READ}. {_HINT}")
            _require(data, name)
            return name
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise InputError(
            f"The file holds zero bytes (line {line}): it is damaged, not text, or UTF-16 without "
            f"its mark; {_READ}. Say encoding='utf-16-le' or 'utf-16-be' if it is that."
        )
    try:
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError as error:
        return _windows(data, error.start)
    return "utf-8"


def _require(data: bytes, name: str) -> None:
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        raise InputError(
            f"The file says that it is {name.removesuffix('-sig').upper()} and is not, "
            f"at byte {error.start}: {error.reason}."
        ) from error


def _windows(data: bytes, start: int) -> str:
    line = data.count(b"\n", 0, start) + 1
    refusal = f"The file's encoding is not known (line {line}); {_READ}. {_HINT}"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError(refusal) from None
    found = _IMPLAUSIBLE.search(text)
    if found:
        near = text[max(0, found.start() - 12) : found.end() + 12].split("\n")[0].strip()
        raise InputError(f"{refusal} As Windows-1252 it would hold {near!r}.")
    return "cp1252"
