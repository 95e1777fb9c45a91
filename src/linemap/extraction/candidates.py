"""The table of proposed statements: what it holds, how it is written and shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas as pd
from pyproj import Geod

from linemap import schema
from linemap.errors import InputError, InputNotFoundError, MissingLibraryError, OutputError
from linemap.extraction.mentions import KnownNames, Mention
from linemap.extraction.statements import (
    DEFAULT_CONFIDENCE,
    Candidate,
    candidates_of,
    mentions_of_places,
)
from linemap.gazetteer import Gazetteer
from linemap.io import PathLike, read_cells, read_text, write_whole
from linemap.records import neutralise
from linemap.text import sound

CONFIDENCE: Final = "confidence"
LIKELY: Final = "likely"
UNCERTAIN: Final = "uncertain"
DOUBTS: Final = "doubts"
ARTICLE: Final = "article"
PROPOSED_ORIGIN: Final = "proposed_origin_id"
PROPOSED_DESTINATION: Final = "proposed_destination_id"
COUNT_WORDS: Final = "words_of_count"
_POSITIONS: Final = ("origin", "destination", "count", "sentence")
CANDIDATE_COLUMNS: Final[tuple[str, ...]] = (
    schema.STATEMENT_ID, schema.DECISION, schema.CERTAINTY, CONFIDENCE,
    schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN,
    schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
    schema.MEASURE, schema.COUNT, schema.QUALIFIER, schema.PERIOD_START, schema.PERIOD_END,
    DOUBTS, schema.RIVALS, COUNT_WORDS, PROPOSED_ORIGIN, PROPOSED_DESTINATION,
    schema.SOURCE, schema.PUBLISHED, schema.URL, ARTICLE, "paragraph",
    *(f"{part}_position_{side}" for part in _POSITIONS for side in ("start", "end")),
)  # fmt: skip
_EARTH: Final = Geod(ellps="WGS84")
_SAME_GROUND_M: Final = 20_000.0
_MOST_RIVALS: Final = 6
_FILES: Final = (".txt", ".html", ".htm", ".xhtml", ".pdf", ".md")
_WHOLE: Final = ("count", *(c for c in CANDIDATE_COLUMNS if "_position_" in c), "paragraph")

Articles: TypeAlias = "str | Path | Article | Sequence[str | Path | Article]"


def read_articles(articles: Articles) -> list[Article]:
    """Read what may be a file, a text, or several of either; see :func:`extract_statements`."""
    several = [articles] if isinstance(articles, str | Path | Article) else list(articles)
    return [_article(one, number) for number, one in enumerate(several, start=1)]


def _article(given: str | Path | Article, number: int) -> Article:
    if isinstance(given, Article):
        return given
    if isinstance(given, Path) or ("\n" not in given and given.lower().endswith(_FILES)):
        return read_article(given)
    return Article(sound(given), f"text {number}")


def extract_statements(
    articles: Articles,
    *,
    gazetteer: Gazetteer | None = None,
    source: str | None = None,
    published: str | None = None,
    url: str | None = None,
) -> pd.DataFrame:
    """Propose the statements of articles: from where, found where, how many, how certain.

    `articles` are files (text, HTML, PDF: see :func:`read_article`), texts, or
    several of either; a text of one line that ends in ``.txt``, ``.html`` or
    ``.pdf`` is the name of a file. `source`, `published` and `url` are kept
    beside each statement; the source is the file's name by default.

    One row of the frame is one proposed statement, in the order of the text;
    nothing is accepted. ``decision`` is empty, for a person to fill with yes or
    no. ``confidence`` is from 0 to 1; ``certainty`` is "likely" at 0.6 and
    above, else "uncertain", and ``doubts`` say why. ``origin`` and
    ``destination`` are the words of the text; ``destination`` is null where a
    total or a number of places reached is stated. ``measure`` and ``qualifier``
    are those of statements: ``named only`` where nothing is counted,
    ``mentioned`` where the place is an example or a police station; ``count``
    is null exactly there. A count for several places together is nobody's.
    ``rivals`` list the other places of a name. Positions are those of letters
    in the text, from 0, the end left out. The sentences themselves are not
    kept, since they may name people: :func:`in_context` shows them.

    Names are found as the gazetteer writes them, offline and by fixed rules: the
    same text gives the same rows. Raises InputError and MissingLibraryError for
    a file that cannot be read.
    """
    names = KnownNames.of(Gazetteer.load(gazetteer))
    rows: list[dict[str, Any]] = []
    for article in read_articles(articles):
        for one in candidates_of(article.text, names):
            row = _row(one, article, names.gazetteer)
            kept = {schema.SOURCE: source or article.name, schema.PUBLISHED: published,
                    schema.URL: url, schema.STATEMENT_ID: f"C{len(rows) + 1:03d}"}  # fmt: skip
            rows.append(row | kept)
    frame = pd.DataFrame(rows, columns=list(CANDIDATE_COLUMNS))
    for column in CANDIDATE_COLUMNS:
        if column in _WHOLE:
            frame[column] = frame[column].astype("Int64")
        else:
            frame[column] = frame[column].astype("float64" if column == CONFIDENCE else "str")
    return frame


def _row(one: Candidate, article: Article, gazetteer: Gazetteer) -> dict[str, Any]:
    spans: dict[str, tuple[int, int] | None] = {
        "origin": (one.origin.start, one.origin.end),
        "destination": (one.destination.start, one.destination.end) if one.destination else None,
        "count": (one.count.start, one.count.end) if one.count else None,
        "sentence": (one.sentence.start, one.sentence.end),
    }
    positions = {
        f"{part}_position_{side}": span[at] if span else None
        for part, span in spans.items()
        for at, side in enumerate(("start", "end"))
    }
    return {
        schema.DECISION: "",
        CONFIDENCE: one.confidence,
        schema.CERTAINTY: LIKELY if one.confidence >= DEFAULT_CONFIDENCE else UNCERTAIN,
        **_end(one.origin, schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN),
        **_end(one.destination, schema.DESTINATION, schema.DESTINATION_LEVEL,
               schema.DESTINATION_WITHIN),
        schema.MEASURE: one.measure,
        schema.COUNT: one.count.value if one.count else None,
        schema.QUALIFIER: one.qualifier,
        schema.PERIOD_START: one.period[0] if one.period else None,
        schema.PERIOD_END: one.period[1] if one.period else None,
        DOUBTS: "; ".join(one.doubts),
        schema.RIVALS: _rivals((one.origin, one.destination), gazetteer),
        COUNT_WORDS: article.text[one.count.start : one.count.end] if one.count else None,
        PROPOSED_ORIGIN: one.origin.place_id,
        PROPOSED_DESTINATION: one.destination.place_id if one.destination else None,
        ARTICLE: article.name,
        "paragraph": one.sentence.paragraph,
        **positions,
    }  # fmt: skip


def _end(mention: Mention | None, name: str, level: str, within: str) -> dict[str, str | None]:
    if mention is None:
        return {name: None, level: None, within: None}
    words = " ".join(mention.words.split())
    if mention.use == "police" and mention.place_id:
        return {name: words, level: schema.FORCE, within: None}
    return {name: words, level: mention.level, within: mention.within}


def _rivals(ends: Sequence[Mention | None], gazetteer: Gazetteer) -> str:
    places = gazetteer.places
    told = []
    for end in ends:
        for rival in (end.rivals if end else ())[:_MOST_RIVALS]:
            row = places.loc[rival]
            if end and end.place_id and _is_near(row, places.loc[end.place_id]):
                continue
            inside = row[schema.BOROUGH_ID] or row[schema.COUNTY_ID] or row[schema.NATION_ID]
            where = f", {places.loc[inside, schema.NAME]}" if isinstance(inside, str) else ""
            told.append(f"{row[schema.NAME]}{where} ({row[schema.LEVEL]})")
    return "; ".join(dict.fromkeys(told))


def _is_near(first: pd.Series, second: pd.Series) -> bool:
    """Say whether two places are the same for a reader: a town and the council of its name."""
    metres = _EARTH.inv(first[schema.LON], first[schema.LAT], second[schema.LON],
                        second[schema.LAT])[2]  # fmt: skip
    return bool(metres <= _SAME_GROUND_M)


def candidate_line(candidate: Mapping[Any, Any] | pd.Series) -> str:
    """Write a proposed statement as a line: its ends, what is counted, and how certain it is."""
    origin = f"{candidate[schema.ORIGIN]} ({_or(candidate[schema.ORIGIN_LEVEL])})"
    there = candidate[schema.DESTINATION]
    end = "" if pd.isna(there) else f" to {there} ({_or(candidate[schema.DESTINATION_LEVEL])})"
    count = candidate[schema.COUNT]
    counted = (
        candidate[schema.QUALIFIER]
        if pd.isna(count)
        else f"{candidate[schema.MEASURE]} {int(count):,}, {candidate[schema.QUALIFIER]}"
    )
    start = candidate[schema.PERIOD_START]
    period = "" if pd.isna(start) else f", {start} to {candidate[schema.PERIOD_END]}"
    doubts = f" ({candidate[DOUBTS]})" if candidate[DOUBTS] else ""
    sure = f"{candidate[schema.CERTAINTY]} {candidate[CONFIDENCE]:.2f}"
    return f"{candidate[schema.STATEMENT_ID]}  {origin}{end}: {counted}{period}; {sure}{doubts}"


def _or(level: Any) -> str:
    return "one of several" if pd.isna(level) else str(level)


def in_context(candidate: Mapping[Any, Any] | pd.Series, text: str, *, around: int = 240) -> str:
    """Show the sentence of a proposed statement, its words in square brackets, for the screen.

    `candidate` is a row of :func:`extract_statements`, `text` the article's own.
    A sentence longer than `around` letters on a side of the words is cut. The
    origin's words are bracketed only where they stand in the same sentence. It may
    name people: it is not to be kept.
    """
    start, end = (int(candidate[f"sentence_position_{side}"]) for side in ("start", "end"))
    spans = []
    for part in ("origin", "destination", "count"):
        first, last = (candidate[f"{part}_position_{side}"] for side in ("start", "end"))
        if not pd.isna(first) and start <= int(first) and int(last) <= end:
            spans.append((int(first), int(last)))
    spans.sort()
    if spans:
        low, high = max(start, spans[0][0] - around), min(end, spans[-1][1] + around)
    else:
        low, high = start, min(end, start + 2 * around)
    shown, at = ["…" if low > start else ""], low
    for first, last in spans:
        if first >= at:
            shown += [text[at:first], "[", text[first:last], "]"]
            at = last
    return " ".join("".join([*shown, text[at:high], "…" if high < end else ""]).split())


def find_mentions(text: str, *, gazetteer: Gazetteer | None = None) -> pd.DataFrame:
    """List every mention of a place in a text, and what looks like one and is none.

    Columns: ``start`` and ``end`` in the text, ``words``, ``use`` (place, council,
    police, station; or person, road, court, paper, ... which are no places),
    ``place_id``, ``name``, ``level`` and ``score``, how sure the place is from 0
    to 1; ``place_id`` is null for what is no place, and where several answer.
    """
    names = KnownNames.of(Gazetteer.load(gazetteer))
    places = names.gazetteer.places
    rows = [
        (m.start, m.end, m.words, m.use, m.place_id,
         places.loc[m.place_id, schema.NAME] if m.place_id else None, m.level, m.share)
        for m in mentions_of_places(sound(text), names)
    ]  # fmt: skip
    columns = ["start", "end", "words", "use", schema.PLACE_ID, schema.NAME, schema.LEVEL,
               schema.SCORE]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def write_candidates(candidates: pd.DataFrame, path: PathLike) -> Path:
    """Write proposed statements as a CSV table to review, readable by its owner alone.

    Fill its column ``decision`` with yes or no, mend what is wrong, and read it
    with :func:`linemap.read_statements`, which takes the rows that say yes. A
    table in which something has been decided is not overwritten. Raises
    OutputError.
    """
    path = Path(path)
    if path.exists() and _is_decided(path):
        raise OutputError(
            f"{sound(path.name)} is not overwritten: it holds decisions. Give another name."
        )
    if not path.parent.is_dir():
        raise OutputError(f"There is no folder {sound(str(path.parent))!r}: make it first.")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CANDIDATE_COLUMNS)
    for row in candidates[list(CANDIDATE_COLUMNS)].itertuples(index=False):
        writer.writerow(["" if pd.isna(cell) else neutralise(str(cell)) for cell in row])
    try:
        write_whole(path, stream.getvalue().encode("utf-8-sig"), private=True)
    except OSError as error:
        raise OutputError(f"{sound(path.name)} cannot be written: {error.strerror}.") from error
    return path


def _is_decided(path: Path) -> bool:
    """Say whether a file is anything but a table of candidates without a decision."""
    try:
        headings, *rows = list(read_cells(*read_text(path))) or [[]]
    except (InputError, csv.Error):
        return True
    if schema.DECISION not in headings:
        return True
    at = headings.index(schema.DECISION)
    return any(cell.strip() for cells in rows for cell in cells[at : at + 1])


LARGEST_FILE: Final = 50_000_000  # bytes
LARGEST_TEXT: Final = 2_000_000  # characters; a long report has half of it
_SKIPPED: Final = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "nav",
        "footer",
        "aside",
        "form",
        "head",
        "iframe",
        "button",
        "select",
        "figcaption",
    )
)
_INLINE: Final = frozenset(
    (
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "em",
        "i",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "font",
    )
)
_VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
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


class _ArticleReader(HTMLParser):
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
    reader = _ArticleReader()
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
