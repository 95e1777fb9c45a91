"""The figures of a release, and figures as bytes: PNG and SVG, the same for the same figure."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.figure import Figure

from linemap import schema
from linemap.disclosure import Release
from linemap.errors import DisclosureError, OutputError
from linemap.figures._layout import ExploreFigure, LinemapFigure, ReleaseFigure, drawing
from linemap.figures._lettering import FAMILY, SvgRenderer, font_folder
from linemap.figures._subject import FigureSubject, admit
from linemap.figures.destinations import draw_ranges, draw_ranks
from linemap.figures.distances import draw_band_bars, draw_ecdf
from linemap.figures.flow_map import draw_map
from linemap.figures.matrix import draw_matrix
from linemap.figures.rose import draw_roses
from linemap.figures.where_to import draw_counts
from linemap.gazetteer import Gazetteer
from linemap.io import write_output

DPI: Final = 220  # as fine as Word and PowerPoint keep a picture; the SVG is for print at any size
_POINTS: Final = 72  # to the inch
_NO_METADATA: Final = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
Format = Literal["png", "svg"]
FORMATS: Final[tuple[Format, ...]] = ("png", "svg")
# In the lines of an SVG, what is finer than a hundredth of a point, which nobody can see.
_PATH: Final = re.compile(r'\bd="[^"]*"')
_DECIMALS: Final = re.compile(r"(?<=\.\d\d)\d+")
# Paths beside each other that one rectangle clips: it stands once, on a group around them.
_CLIPPED: Final = re.compile(
    r'<path\b[^<>]*? clip-path="url\(#(\w+)\)"[^<>]*/>'
    r'(?:\s*<path\b[^<>]*? clip-path="url\(#\1\)"[^<>]*/>)+'
)
_CLIP: Final = re.compile(r' clip-path="url\(#\w+\)"')
_FONTS: Final = f"'{FAMILY}', Verdana, sans-serif"


def figure_bytes(figure: Figure, *, formats: Sequence[Format] = FORMATS) -> dict[str, bytes]:
    """Write a figure of a release as ``png`` (220 dots an inch) and ``svg``, by name.

    No clock and no random number enters either. The SVG keeps text as text and
    carries the figure's title and description for a screen reader; so does the PNG.

    Raises
    ------
    DisclosureError
        A figure drawn from unprotected flows, or by other means than linemap's.
    """
    contents = written([("", figure)], lambda _: formats)
    return {form: content for (_, form), content in contents.items()}


def written(
    figures: Iterable[tuple[str, Figure]], formats_of: Callable[[str], Sequence[Format]]
) -> dict[tuple[str, Format], bytes]:
    """Write figures of a release, each in its formats, as :func:`figure_bytes` does.

    A picture is made on the other core while the next figure is drawn, for typst leaves the
    interpreter free. The contents are by name and format, in the order of the figures.
    """
    made: dict[tuple[str, Format], bytes | Future[bytes]] = {}
    pictures = ThreadPoolExecutor(max_workers=1)
    try:
        for name, figure in figures:
            _require_release(figure)
            assert isinstance(figure, ReleaseFigure)  # noqa: S101  narrows the type for mypy
            svg = _svg(figure)
            for form in formats_of(name):
                made[name, form] = svg if form == "svg" else pictures.submit(_png, svg, figure)
        return {
            part: content if isinstance(content, bytes) else content.result()
            for part, content in made.items()
        }
    finally:
        pictures.shutdown(cancel_futures=True)


def save_figure(figure: Figure, stem: str | Path) -> tuple[Path, ...]:
    """Write a figure of a release beside `stem`, as ``stem.png`` and ``stem.svg``.

    Raises
    ------
    DisclosureError
        As :func:`figure_bytes`.
    OutputError
        A file that cannot be written; say, one that another program holds open.
    """
    paths = []
    for suffix, content in figure_bytes(figure).items():
        paths.append(write_output(f"{stem}.{suffix}", content))
    return tuple(paths)


def _require_release(figure: Figure) -> None:
    if isinstance(figure, ReleaseFigure):
        return
    if isinstance(figure, ExploreFigure):
        raise DisclosureError(
            "This figure was drawn from flows that have not been protected, so it is not saved "
            "as a release. Draw it from protect(flows) or as_published(flows)."
        )
    raise DisclosureError("Only a figure that linemap drew from a Release is saved as one.")


def _png(svg: bytes, figure: ReleaseFigure) -> bytes:
    """Turn a figure's SVG into a picture of ``DPI`` dots an inch, with its title and description.

    Typst does it, several times as fast as matplotlib, with the fonts of :func:`font_folder` alone.
    """
    import typst  # late: only a picture needs it

    width, height = (f"{72 * inches:.6f}pt" for inches in figure.get_size_inches())
    source = (
        f"#set page(width: {width}, height: {height}, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)'
    )
    drawn = typst.compile(
        source.encode(),
        format="png",
        ppi=DPI,
        sys_inputs={"svg": svg.decode("utf-8")},
        ignore_system_fonts=True,
        font_paths=_fonts(),
    )
    assert isinstance(drawn, bytes)  # noqa: S101  narrows the type for mypy: one page
    metres = round(DPI / 0.0254)
    chunks = [_chunk(b"pHYs", struct.pack(">IIB", metres, metres, 1))]
    for keyword, words in ((b"Title", figure.title), (b"Description", figure.alt)):
        chunks.append(_chunk(b"iTXt", keyword + b"\0\0\0\0\0" + words.encode("utf-8")))
    after = len(_SIGNATURE) + 25  # the first chunk, of the size
    return drawn[:after] + b"".join(chunks) + drawn[after:]


@cache
def _fonts() -> Any:
    """Read the fonts once: finding them takes as long as drawing a figure."""
    import typst  # late: as above

    return typst.Fonts(include_system_fonts=False, font_paths=[font_folder().as_posix()])


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Write a part of a PNG."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _svg(figure: ReleaseFigure) -> bytes:
    text = _drawn(figure).replace(f"'{FAMILY}'", _FONTS)
    told = (
        f'<title id="linemap-title">{escape(figure.title)}</title>'
        f'<desc id="linemap-desc">{escape(figure.alt)}</desc>'
    )
    # no reference to anything outside: neither the document type's nor the vocabulary's of RDF
    text = re.sub(r"<!DOCTYPE.*?>\s*", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    text = _PATH.sub(lambda path: _DECIMALS.sub("", path.group()), text)
    text = _CLIPPED.sub(
        lambda run: f'<g clip-path="url(#{run[1]})">{_CLIP.sub("", run[0])}</g>', text
    )
    opening = re.search(r"<svg\b[^>]*>", text)
    if opening is None:
        raise OutputError("matplotlib wrote no SVG.")
    tag = opening.group()[:-1] + ' role="img" aria-labelledby="linemap-title linemap-desc">'
    return (text[: opening.start()] + tag + "\n " + told + text[opening.end() :]).encode("utf-8")


def _drawn(figure: ReleaseFigure) -> str:
    """Draw a figure as matplotlib's ``savefig`` does, with texts that are measured sooner."""
    sink = io.StringIO()
    width, height = figure.get_size_inches()
    dpi = figure.dpi
    with drawing():
        try:
            figure.dpi = _POINTS
            across, tall = _POINTS * width, _POINTS * height
            paper = SvgRenderer(across, tall, sink, image_dpi=dpi, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]  # untyped there
            renderer: Any = MixedModeRenderer(figure, width, height, dpi, paper)  # type: ignore[no-untyped-call]  # the same
            figure.draw(renderer)
            renderer.finalize()
        finally:
            figure.dpi = dpi
    return sink.getvalue()


# ── The figures that a release folder holds, by file name ───────────────────────────────────
_DRAWN: Final[dict[str, Callable[[FigureSubject], LinemapFigure]]] = {
    "distances": draw_ecdf,
    "distance_bands": draw_band_bars,
    "places": draw_ranges,
    "directions": draw_roses,
    "origins_by_destinations": draw_matrix,
    "ranks": draw_ranks,
}
WHERE_TO: Final = "where_to"
NAMES: Final = (WHERE_TO, "flow_map", *_DRAWN)


def release_figures(
    release: Release, *, gazetteer: Gazetteer | None = None, names: Collection[str] = NAMES
) -> Iterator[tuple[str, LinemapFigure]]:
    """Draw every figure of a release, or those of `names`, each with the stem of its file name.

    One at a time, in the order of ``NAMES``. Where all origins go together comes
    first, if the release has that view of its records. Any other figure that has
    nothing to show is drawn too, and says so.

    Raises
    ------
    DisclosureError
        Anything that is not a Release.
    """
    subject = admit(release, explore=False)  # once: whether it is as it was sealed takes long
    if WHERE_TO in names and schema.WHERE_TO in subject.views:
        yield WHERE_TO, draw_counts(subject)
    if "flow_map" in names:
        yield "flow_map", draw_map(subject, gazetteer)
    for name, draw in _DRAWN.items():
        if name in names:
            yield name, draw(subject)
