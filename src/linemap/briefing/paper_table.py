"""A table of a release to paste into a paper: plain text, Markdown or LaTeX."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

from linemap import schema
from linemap.briefing.content import listed
from linemap.disclosure import Release, require_release, within_window
from linemap.errors import InputError
from linemap.measures import columns as c
from linemap.measures.display import WINDOW, column_words, readable, without_false_zeros

Form = Literal["text", "markdown", "latex"]
_NOTHING: Final = "—"
_NUMBER: Final = "no."  # of the source that the notes name
_COLUMNS: Final = (
    schema.ORIGIN_NAME,
    schema.DESTINATION_NAME,
    schema.DESTINATION_LEVEL,
    schema.LEVEL,
    schema.MEASURE,
    schema.PERIOD_START,
    schema.PERIOD_END,
    schema.TAG_HEADING,
    schema.TAG_VALUE,
    c.BAND,
    "shown_as",
    schema.COUNT,
    c.N,
    c.N_UNPLACED,
    "count_shown",
    "share_of_shown",
    c.SHARE,
    c.N_NAMED,
    c.N_DESTINATIONS,
    schema.DISTANCE_KM,
    c.MEDIAN_KM,
    c.share_beyond(100),
    c.SHARE_EXTERNAL,
    c.FURTHEST_NAME,
    c.FURTHEST_KM,
    "flows",
)
_ALWAYS: Final = (c.N, c.N_UNPLACED, schema.COUNT)  # in the table whatever was asked for
_BOUNDED: Final = {
    schema.DISTANCE_KM: (schema.DISTANCE_LOW_KM, schema.DISTANCE_HIGH_KM),
    c.SHARE: (c.SHARE_LOW, c.SHARE_HIGH),
}
_LINE: Final = 100  # characters of a line of notes


def paper_table(
    release: Release,
    table: str = "origins",
    *,
    form: Form = "text",
    columns: Sequence[str] | None = None,
    most: int | None = None,
    title: str | None = None,
    label: str | None = None,
) -> str:
    r"""Write a table of a release to paste into a paper, with its n, its unknowns and its sources.

    `table` is ``flows``, ``account``, ``where_to`` or the name of a summary (``origins``,
    ``destinations``, ``whole``, ``bands``). `form` is ``text``, ``markdown`` or ``latex`` (for
    the package ``booktabs``; `label` is its ``\label``). `columns` are those of the release, by
    default the ones that a reader needs; the count and what is unknown are always in it. With
    `most` only the rows with the largest counts stand in it, and the notes say how many do not.
    Distances and shares stand with their bounds, "90 (70 to 110)". A column that is the same
    throughout is said once, in the notes, which also say what is unknown, the rule, and where
    every figure comes from. Null is an em dash and never zero.

    Raises
    ------
    DisclosureError
        For anything but a sealed Release.
    InputError
        For a table, a form or columns that there are not.
    """
    release = require_release(release)
    if form not in get_args(Form):
        raise InputError(f"A table is written as {', '.join(get_args(Form))}; not as {form!r}.")
    frame = _frame(release, table)
    ordered, left = _largest(frame, most)
    chosen = _chosen(frame, columns, schema.tag_columns(release.flows))
    ordered = without_false_zeros(ordered)
    texts = readable(ordered[chosen].reset_index(drop=True))
    texts, sources = _with_sources(texts, ordered)
    texts, same = _said_once(texts)
    numeric = [not texts[name].str.contains("[^0-9,.% to()—-]", regex=True).any() for name in texts]
    made = _Made(
        title or _TITLES.get(table, column_words(table)),
        [column_words(str(name)) for name in texts],
        [list(map(str, row)) for row in texts.itertuples(index=False)],
        [
            right and str(name) != schema.ORIGIN_NAME
            for right, name in zip(numeric, texts, strict=True)
        ],
        [
            *same,
            *_unknown(frame, left, statements=release.rule is None),
            *(sources or _printed_in(release)),
            *_about(release),
        ],
    )
    write: dict[str, Callable[[_Made], str]] = {
        "text": _text,
        "markdown": _markdown,
        "latex": lambda one: _latex(one, label),
    }
    return write[form](made)


@dataclass(frozen=True, slots=True)
class _Made:
    """A table of plain texts, before it is written in a form."""

    title: str
    headings: list[str]
    rows: list[list[str]]
    right: list[bool]
    notes: list[str]


_TITLES: Final = {
    "origins": "By origin",
    "destinations": "By destination",
    "whole": "All together",
    "bands": "By distance from the origin",
    "flows": "From where to where",
    schema.WHERE_TO: "By destination, all origins together",
    "account": "What is shown, by level",
    schema.BY_TAG: "By tag, all records together",
    "far_ends": "The furthest places",
}


def _frame(release: Release, table: str) -> pd.DataFrame:
    frames = {"flows": release.flows, "account": release.account, **release.summaries}
    if schema.WHERE_TO in release.views:
        frames[schema.WHERE_TO] = release.views[schema.WHERE_TO]
    if table not in frames:
        raise InputError(f"The release has no table {table!r}. It has {', '.join(sorted(frames))}.")
    frame = pd.DataFrame(frames[table].drop(columns=schema.GEOMETRY, errors="ignore"))
    return within_window(frame, release.window)


def _largest(frame: pd.DataFrame, most: int | None) -> tuple[pd.DataFrame, int]:
    if most is None or len(frame) <= most:
        return frame, 0
    if most < 1:
        raise InputError("most is the number of rows to write: 1 or more.")
    counted = next((one for one in (c.N, schema.COUNT, "count_shown") if one in frame), None)
    if counted is not None:
        frame = frame.sort_values(counted, ascending=False, kind="stable", na_position="last")
    return frame.head(most), len(frame) - most


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None, tags: Sequence[str]) -> list[str]:
    there = [str(name) for name in frame]
    lacking = [name for name in columns or () if name not in there]
    if lacking:
        raise InputError(f"The table has no column {listed(lacking)}. It has {', '.join(there)}.")
    known = columns if columns is not None else _COLUMNS
    kept = [name for name in (*known, *_ALWAYS) if name in there]
    if columns is None:
        kept = [name for name in kept if name in _ALWAYS or frame[name].notna().any()]
        kept = [*(name for name in tags if name in there), *kept]
    pairs = [(c.low(name), c.high(name)) for name in kept] + [
        _BOUNDED[name] for name in kept if name in _BOUNDED
    ]
    pairs += [(f"{name}_low", f"{name}_high") for name in kept]
    bounds = [bound for pair in pairs if {*pair} <= {*there} for bound in pair]
    return list(dict.fromkeys((*kept, *bounds)))


def _with_sources(texts: pd.DataFrame, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give each published figure the number of its source, and return what the numbers mean."""
    if schema.SOURCE not in frame or frame[schema.SOURCE].isna().all():
        return texts, []
    told = _sources(frame)
    numbers = {one: f"[{at}]" for at, one in enumerate(dict.fromkeys(filter(None, told)), 1)}
    column = [numbers.get(one, _NOTHING) for one in told]
    texts = texts.drop(columns=schema.SOURCE, errors="ignore").assign(**{schema.SOURCE: column})
    return texts, [f"{number} {one}." for one, number in numbers.items()]


def _sources(frame: pd.DataFrame) -> list[str]:
    """Write the source of each row: who published it, when, and where."""
    parts = [column for column in (schema.SOURCE, schema.PUBLISHED, schema.URL) if column in frame]
    return [
        ", ".join(str(cell) for cell in row if pd.notna(cell))
        for row in frame[parts].itertuples(index=False)
    ]


def _printed_in(release: Release) -> list[str]:
    """List the sources of all published figures of a release; nothing of records."""
    if release.rule is not None:
        return []
    told = dict.fromkeys(filter(None, _sources(release.flows)))
    return [f"Published by: {one}." for one in told]


def _said_once(texts: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take out the measure, window or level that is the same in every row, and say it."""
    same = [
        name
        for name in (schema.MEASURE, WINDOW, schema.DESTINATION_LEVEL)
        if name in texts and len(texts) and texts[name].nunique() == 1
    ]
    told = [f"{column_words(name)}: {texts[name].iloc[0]}." for name in same]
    return texts.drop(columns=same), told


def _unknown(frame: pd.DataFrame, left: int, *, statements: bool) -> list[str]:
    told = [f"Further rows in the release: {left:,}."] if left else []
    bare = {
        column: int(frame[column].isna().sum()) for column in (c.N, schema.COUNT) if column in frame
    }
    told += [
        f"Without a count that is shown ({_NOTHING}): {empty:,} of {len(frame):,} rows. It is "
        "hidden, not stated or not to be added, which is not zero."
        for empty in bare.values()
        if empty
    ]
    if schema.DESTINATION_ID in frame and c.N not in frame:
        lost = int(frame[schema.DESTINATION_ID].isna().sum())
        if lost:
            told.append(f"Without a destination that has a place: {lost:,} of {len(frame):,} rows.")
    if c.N in frame:
        told.append("n counts those with a place at both ends, on whom the distances rest.")
        if not statements:
            told.append(
                "Who is shown by region or nation only is taken at the mean distance of that area, "
                "of which the bounds alone are certain."
            )
        if statements:
            told.append(
                "Published figures are never added, since one person may be linked to several "
                "places: a row of several figures has no n and no distance."
            )
    return told


def _about(release: Release) -> list[str]:
    counts = () if release.rule is None else ("Counts: the records of whoever made the release.",)
    told = [release.stamp, *release.caveats, *counts, *release.attributions]
    return [text for text in dict.fromkeys(told) if text not in release.stamps or text == told[0]]


# ── The three forms ──────────────────────────────────────────────────────────
def _line(text: str) -> str:
    """Write a text in one line of visible letters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _text(made: _Made) -> str:
    rows = [[_line(cell) for cell in row] for row in (made.headings, *made.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(made.headings))]
    rule = "  ".join("-" * width for width in widths)

    def written(row: list[str]) -> str:
        cells = zip(row, widths, made.right, strict=True)
        told = (cell.rjust(wide) if right else cell.ljust(wide) for cell, wide, right in cells)
        return "  ".join(told).rstrip()

    notes = [
        part
        for note in made.notes
        for part in textwrap.wrap(
            _line(note), _LINE, break_on_hyphens=False, break_long_words=False
        )
    ]
    lines = [_line(made.title), "", written(rows[0]), rule, *map(written, rows[1:]), rule, *notes]
    return "\n".join(lines) + "\n"


_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$&:])")
_PLAIN: Final = re.compile(r"[\w ,.;:()%—–'’-]*")


def _escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it is."""
    line = _line(text)
    return line if _PLAIN.fullmatch(line) and "_" not in line else _MARKS.sub(r"\\\1", line)


def _markdown(made: _Made) -> str:
    def written(row: Sequence[str]) -> str:
        return "| " + " | ".join(row) + " |"

    rules = ["---:" if right else ":---" for right in made.right]
    rows = [[_escaped(cell) for cell in row] for row in (made.headings, *made.rows)]
    lines = [f"**{_escaped(made.title)}**", "", written(rows[0]), written(rules)]
    lines += [*map(written, rows[1:]), "", *(f"- {_escaped(note)}" for note in made.notes)]
    return "\n".join(lines) + "\n"


_COMMANDS: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "—": "---",
    "–": "--",
    "’": "'",
    "©": r"\copyright{}",
    "[": "{[}",
    "]": "{]}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}


def _tex(text: str) -> str:
    """Write a text so that LaTeX sets it as it is."""
    return "".join(_COMMANDS.get(sign, sign) for sign in _line(text))


def _latex(made: _Made, label: str | None) -> str:
    if label is not None and not re.fullmatch(r"[\w:.-]+", label, re.ASCII):
        raise InputError(r"A \label is of letters, digits, colons, dots and hyphens: tab:origins.")
    kinds = "".join("r" if right else "l" for right in made.right)
    rows = [[_tex(cell) for cell in row] for row in (made.headings, *made.rows)]
    lines = [r" & ".join(row) + r" \\" for row in rows]
    notes = [rf"\par {_tex(note)}" for note in made.notes]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\small",
            rf"\caption{{{_tex(made.title)}}}",
            *([rf"\label{{{label}}}"] if label is not None else []),
            rf"\begin{{tabular}}{{{kinds}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            r"\begin{minipage}{\linewidth}\footnotesize",
            *notes,
            r"\end{minipage}",
            r"\end{table}",
            "",
        ]
    )
