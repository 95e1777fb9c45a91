"""Articles as text: plain text, HTML and PDF, whatever wrote them, or a reason why not."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from linemap.errors import InputError, InputNotFoundError, MissingLibraryError
from linemap.text import sound

LARGEST_FILE: Final = 50_000_000  # bytes
LARGEST_TEXT: Final = 2_000_000  # characters; a long report has half of it
_SKIPPED: Final = frozenset(
    ("script", "style", "noscript", "template", "svg", "nav", "footer", "aside", "form", "head",
     "iframe", "button", "select", "figcaption")
)  # fmt: skip
_INLINE: Final = frozenset(
    ("a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong",
     "sub", "sup", "time", "u", "font")
)  # fmt: skip
_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)  # fmt: skip
_HTML: Final = re.compile(r"\s*(<!doctype html|<html|<head|<body|<article|<div|<p>|<h1)", re.I)


@dataclass(frozen=True, slots=True)
class Article:
    """The text of one article, a paragraph a line, and what it is called."""

    text: str
    name: str = "text"


def read_article(path: str | Path) -> Article:
    """Read an article: ``.html`` and ``.htm``, ``.pdf``, anything else as plain text.

    Text is UTF-8, or Windows-1252 where it is not. A PDF needs pypdf (``pip
    install 'linemap[extract]'``) and holds text: a scanned page has none.

    Raises
    ------
    InputNotFoundError
        If there is no such file.
    InputError
        If the file is larger than 50 MB, holds no text, more than two million
        characters, or is damaged or locked.
    MissingLibraryError
        If it is a PDF and pypdf is not installed.
    """
    path = Path(path)
    name = sound(path.name)
    if not path.is_file():
        raise InputNotFoundError(f"There is no file {sound(str(path))!r}.")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{name} has more than {LARGEST_FILE:,} bytes: it is no article.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}.") from error
    if path.suffix.lower() == ".pdf" or data.startswith(b"%PDF-"):
        text = _of_pdf(data, name)
    else:
        text = _decoded(data)
        if path.suffix.lower() in (".html", ".htm", ".xhtml") or _HTML.match(text):
            text = text_of_html(text)
    if len(text) > LARGEST_TEXT:
        raise InputError(f"{name} has more than {LARGEST_TEXT:,} characters: split it.")
    if not any(map(str.isalpha, text)):
        raise InputError(
            f"{name} holds no text. If it is a scanned page, copy its words into a .txt file."
        )
    return Article(sound(text), name)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


class _Reader(HTMLParser):
    """Collect what a reader of the page sees, a block a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED and tag not in _VOID:
            self.skipped.append(tag)
        elif tag not in _INLINE:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            while self.skipped.pop() != tag:
                pass
        elif tag not in _INLINE:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of_html(page: str) -> str:
    r"""Give the words of a page, a block a line; scripts, menus and forms are left out.

    >>> text_of_html("<h1>Gangs</h1><p>From <b>Hackney</b> to&nbsp;Norfolk<script>x</script>")
    'Gangs\nFrom Hackney to Norfolk'
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.pieces).split("\n"))
    return "\n".join(filter(None, lines))


def _of_pdf(data: bytes, name: str) -> str:
    try:
        import pypdf
    except ImportError as error:
        raise MissingLibraryError("pypdf", extra="extract") from error
    pages: list[str] = []
    try:
        reader: Any = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(f"{name} is locked with a password: save a copy without it.")
        length = 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            length += len(pages[-1])
            if length > LARGEST_TEXT:
                break
    except InputError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise InputError(f"{name} cannot be read as a PDF: {type(error).__name__}.") from error
    return unwrapped(pages)


_WRAPPED: Final = re.compile(r"(?<![.!?:”\"])[ \t]*\n(?=[ \t]*[^\s•*\-–])")


def unwrapped(pages: Iterable[str]) -> str:
    """Join the lines that a page's width broke: those that end no sentence."""
    text = "\n\n".join(pages).replace("\r", "\n")
    text = re.sub(r"(\w)-\n(\w)", r"\1\2", text)
    blocks = re.split(r"\n[ \t]*\n+", text)
    return "\n".join(_WRAPPED.sub(" ", block).strip() for block in blocks if block.strip())
