"""Names that every system accepts as a file's, Windows included."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 80  # characters; a council laptop's whole path has 260
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE
)


def safe_file_name(text: str, suffix: str = "") -> str:
    """Make a file name of any text: plain letters, digits and hyphens, never reserved or long.

    Texts that lose anything but case, accents and punctuation get a mark of
    their own, so that different names stay different files.

    >>> safe_file_name("Barking & Dagenham", ".csv"), safe_file_name("CON")
    ('barking-dagenham.csv', 'con_')
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    stem = re.sub(r"[^a-z0-9_]+", "-", letters).strip("-")
    lossy = any(sign.isalnum() and not sign.isascii() for sign in letters)
    room = LONGEST - len(suffix)
    if lossy or not stem or len(stem) > room:
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        stem = f"{stem[: room - 9].rstrip('-')}-{mark}".lstrip("-")
    if _RESERVED.fullmatch(stem):
        stem += "_"
    return stem + suffix


def file_names(texts: Iterable[str], suffix: str = "") -> dict[str, str]:
    """Name a file for each text; where two would share one, the later gets a number."""
    taken: set[str] = set()
    names: dict[str, str] = {}
    for text in texts:
        name = safe_file_name(text, suffix)
        number = 2
        while name in taken:
            name = safe_file_name(f"{text} {number}", suffix)
            number += 1
        taken.add(name)
        names[text] = name
    return names
