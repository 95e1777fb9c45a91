"""The brief itself: what to ask for it by, and its two forms, HTML and PDF."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from linemap import schema
from linemap.briefing.compose import compose
from linemap.briefing.content import (
    NO_ONE_DISTANCE,
    BriefSubject,
    Content,
    Picture,
    one_place,
    whole,
)
from linemap.disclosure import Release, require_release
from linemap.errors import InputError, OutputError
from linemap.gazetteer import Gazetteer
from linemap.io import write_whole

_LONGEST: Final = 400  # letters of one text: a name that is longer is cut
_WIDTH_MM: Final = 176  # of the text on A4
_MAP_MM: Final = 130  # the height that a map has at most
_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)  # the PDF's own date: the same bytes each time


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief, ready to be written as HTML or PDF; ``content`` is all that it says."""

    content: Content

    def html(self) -> str:
        """Write the brief as one HTML text that loads nothing, runs nothing, and prints as A4."""
        return _html(self.content)

    def pdf(self) -> bytes:
        """Write the brief as a PDF that meets PDF/UA-1, the same bytes each time."""
        return _pdf(self.content)

    def as_bytes(self, name: str) -> bytes:
        """Write the brief as bytes: HTML or PDF, by the ending of a file's name.

        Raises
        ------
        OutputError
            If the name ends in neither ``.html`` nor ``.pdf``.
        """
        target = Path(name)
        kind = target.suffix.lower()
        if kind not in (".html", ".pdf"):
            raise OutputError(f"A brief is .html or .pdf: {target.stem or target.name}.html.")
        return self.html().encode() if kind == ".html" else self.pdf()

    def save(self, path: str | Path) -> Path:
        """Write the brief to a file, whole or not at all: HTML or PDF, by the file's name.

        Raises
        ------
        OutputError
            If the name ends in neither ``.html`` nor ``.pdf``, or the file cannot be written.
        """
        target = Path(path)
        data = self.as_bytes(target.name)
        try:
            write_whole(target, data)
        except OSError as error:
            raise OutputError(f"{target} cannot be written: {error.strerror or error}.") from error
        return target

    def _repr_html_(self) -> str:
        page = escape(self.html(), quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:40em;border:0"></iframe>'

    def __repr__(self) -> str:
        return f"<Brief: {self.content.title}>"


def can_be_briefed(release: Release) -> bool:
    """Tell if a brief is made of a release: not of records that were public before."""
    flows = release.flows
    return schema.holds_statements(flows) or schema.DESTINATION_COVERAGE in flows


def brief(
    release: Release,
    *,
    origin: str | None = None,
    destination: str | None = None,
    title: str | None = None,
    gazetteer: Gazetteer | None = None,
) -> Brief:
    """Write a brief of a release: of the whole, of one origin, or of one destination.

    Two or three A4 pages: headline, map, from where and where to, how far (with what
    chance and what the size of the areas leave open), change since the period before,
    what is unknown or withheld, method and limits, sources. It is made of the release
    alone; no number is in it that does not follow from the numbers of the release.
    `origin` and `destination` are a name or an identifier of a place. Everything inside a
    destination belongs to it: whoever is linked to Norwich is linked to Norfolk.
    `gazetteer` is the one that placed the flows (by default the shipped one).

    The sampling intervals are drawn with a fixed seed: the same release gives the same bytes.

    Raises
    ------
    DisclosureError
        For anything but a sealed Release.
    InputError
        For an origin and a destination together, for a place that the release does not show,
        or for records that were public before and are not protected.
    """
    release = require_release(release)
    if not can_be_briefed(release):
        raise InputError(
            "A brief says what may be withheld: it is made of protected records or of published "
            "statements. Protect these records (lm.protect(flows)), or take their tables "
            "(lm.paper_table)."
        )
    if origin is not None and destination is not None:
        raise InputError("A brief is of one origin or of one destination: give one of the two.")
    if origin is not None:
        subject = one_place(release, "origin", origin)
        heading = f"From {subject.name}: where people were found or linked to"
    elif destination is not None:
        subject = one_place(release, "destination", destination)
        heading = f"Whom should {subject.name} call?"
    else:
        subject = whole(release)
        heading = "Where people were found or linked to"
    subject = replace(subject, gazetteer=gazetteer)
    return Brief(compose(subject, title or heading, _picture(subject)))


def _picture(subject: BriefSubject) -> Picture | None:
    """Draw the flows as curves; where those are few of what is shown, the places as circles."""
    from linemap import figures  # late: matplotlib is slow to load

    def curves() -> figures.LinemapFigure | None:
        drawn = frozenset(subject.placed[schema.FLOW_ID])
        return figures.inserted_map(subject.release, only=drawn, gazetteer=subject.gazetteer)

    def circles() -> figures.LinemapFigure | None:
        if not len(subject.view):
            return None
        drawn = frozenset(subject.view[schema.FLOW_ID])
        return figures.inserted_places(subject.release, only=drawn, gazetteer=subject.gazetteer)

    # One arrow for a tenth of the records would pass for their story.
    few = 2 * _at_a_place(subject.placed) < _at_a_place(subject.view)
    figure = (circles() or curves()) if few else (curves() or circles())
    if figure is None:
        return None
    return Picture(figures.figure_bytes(figure, formats=["svg"])["svg"], figure.alt, figure.note)


def _at_a_place(flows: pd.DataFrame) -> int:
    """Count what is shown at a place or an area that a mark can stand for."""
    level = flows[schema.DESTINATION_LEVEL]
    marked = level.notna() & ~level.isin(NO_ONE_DISTANCE)
    return int(flows.loc[marked, schema.COUNT].sum())


def _visible(text: str) -> str:
    """Write a text in one line of visible letters, not too long.

    Control and direction characters, and lone surrogates, become the replacement sign.
    """
    spaced = " ".join(text.split())
    clean = "".join("\ufffd" if unicodedata.category(one)[0] == "C" else one for one in spaced)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1].rstrip() + "…"


def _told(value: Any, letters: frozenset[int] | None = None) -> Any:
    """Make every text of a brief safe to show; with `letters`, those that a font lacks too."""
    if isinstance(value, str):
        text = _visible(value)
        if letters is not None:
            text = "".join(one if ord(one) in letters else "\ufffd" for one in text)
        return text
    if isinstance(value, list):
        return [_told(one, letters) for one in value]
    if isinstance(value, dict):
        return {key: _told(one, letters) for key, one in value.items()}
    return value


def _asset(name: str) -> str:
    return (resources.files("linemap.briefing") / "assets" / name).read_text(encoding="utf-8")


# ── HTML ────────────────────────────────────────────────────────────────────────────────────
def _html(content: Content) -> str:
    told = _told(content.as_json())
    style = _asset("brief.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en-GB">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(told['title'])}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{escape(told['title'])}</h1>",
        f'<p class="stamp">{escape(told["stamp"])}</p>',
        '<section class="headline" aria-label="In short">',
        *(f"<p>{escape(text)}</p>" for text in told["headline"]),
        "</section>",
    ]
    if content.picture is not None:
        data = base64.b64encode(content.picture.svg).decode("ascii")
        alt = escape(told["alt"])
        parts.append(f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{alt}">')
        parts.append(f"<figcaption>{escape(told['note'])}</figcaption></figure>")
    for section in told["sections"]:
        parts.append(f"<section><h2>{escape(section['heading'])}</h2>")
        tag = "li" if section["points"] else "p"
        lines = [f"<{tag}>{escape(text)}</{tag}>" for text in section["sentences"]]
        parts += ["<ul>", *lines, "</ul>"] if section["points"] else lines
        for table in section["tables"]:
            parts += _table(table)
        parts.append("</section>")
    parts += ["</main>", "</body>", "</html>", ""]
    return "\n".join(parts)


def _table(table: dict[str, Any]) -> list[str]:
    numeric = set(table["numeric"])

    def cell(tag: str, at: int, text: str, more: str = "") -> str:
        kind = ' class="number"' if at in numeric else ""
        return f"<{tag}{more}{kind}>{escape(text)}</{tag}>"

    heads = "".join(
        cell("th", at, text, ' scope="col"') for at, text in enumerate(table["headings"])
    )
    rows = [
        "<tr>" + "".join(cell("td", at, text) for at, text in enumerate(row)) + "</tr>"
        for row in table["rows"]
    ]
    note = [f'<p class="note">{escape(table["note"])}</p>'] if table["note"] else []
    return [
        f"<table><caption>{escape(table['caption'])}</caption>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>", *rows, "</tbody></table>", *note,
    ]  # fmt: skip


def _shape(svg: str) -> float:
    """Give the width of a picture over its height, as its first tag has them."""
    found = re.search(r'<svg\b[^>]*?\bviewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return float(found[1]) / float(found[2]) if found else 1.0


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────
def _pdf(content: Content) -> bytes:
    import typst  # late: only a PDF needs it

    from linemap import figures

    letters = figures.font_letters()
    inputs = {"brief": json.dumps(_told(content.as_json(), letters))}
    if content.picture is not None:
        svg = content.picture.svg.decode("utf-8")
        inputs["map_width"] = str(min(_WIDTH_MM, _MAP_MM * _shape(svg)))
        lacking = {ord(one) for one in set(svg) - set("\n\t")} - letters
        inputs["map"] = svg.translate(dict.fromkeys(lacking, "\ufffd"))
    source = _asset("brief.typ").encode()
    return typst.compile(
        source,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards="ua-1",
        ignore_system_fonts=True,
        font_paths=typst.Fonts(
            include_system_fonts=False, font_paths=[figures.font_folder().as_posix()]
        ),
        timestamp=_DAY,
    )
