"""What the cells of one row promise each other, and what each kind of input must say."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from linemap import schema
from linemap.errors import Fault

Broken = tuple[npt.NDArray[np.bool_], str, str]  # which rows, what is wrong, in which part
_PRINTED: Final = (
    schema.HIDDEN_FIGURE, schema.UNAVAILABLE_FIGURE, schema.RANGE_FIGURE, schema.RATE_FIGURE,
)  # fmt: skip
_FIGURES: Final = (schema.EXACT_FIGURE, schema.DERIVED_FIGURE)


def required(frame: pd.DataFrame, *, statements: bool, counted: bool) -> list[Broken]:
    """List the cells that may not be empty; `counted` says that the table has a count column."""
    broken: list[Broken] = [(_null(frame, schema.ORIGIN), "the origin is missing.", schema.ORIGIN)]
    if statements:
        broken.append((_null(frame, schema.MEASURE), "the measure is missing.", schema.MEASURE))
    elif counted:
        broken.append((_null(frame, schema.COUNT), "the count is missing.", schema.COUNT))
    return broken


def between(frame: pd.DataFrame, *, statements: bool) -> list[Broken]:
    """List the rows whose cells contradict each other."""
    start, end = frame[schema.PERIOD_START], frame[schema.PERIOD_END]
    both = (start.notna() & end.notna()).to_numpy(dtype=bool)
    backward = both.copy()
    backward[both] = end[both].to_numpy(dtype=object) < start[both].to_numpy(dtype=object)
    broken: list[Broken] = [
        (backward, "the period ends before it starts.", schema.PERIOD_END),
    ]
    return broken + (_statements(frame) if statements else _records(frame))


def _records(frame: pd.DataFrame) -> list[Broken]:
    return [
        (
            _equals(frame[schema.MEASURE], (schema.NAMED, schema.AREAS_REACHED)),
            "records count people or events; a place that is only named is a statement.",
            schema.MEASURE,
        )
    ]


def _statements(frame: pd.DataFrame) -> list[Broken]:
    named = _equals(frame[schema.MEASURE], (schema.NAMED,))
    measured = ~_null(frame, schema.MEASURE)
    valued = ~_null(frame, schema.COUNT)
    figure = _equals(frame[schema.QUALIFIER], _FIGURES)
    stated = ~_null(frame, schema.QUALIFIER)
    printed = _printed(frame[schema.QUALIFIER])
    placed = ~_null(frame, schema.DESTINATION)
    ids = frame[schema.STATEMENT_ID]
    doubled = (ids.notna() & ids.duplicated(keep=False)).to_numpy(dtype=bool)
    return [
        (named & valued, "a place that is only named has no count.", schema.COUNT),
        (named & printed, "a place that is only named has no count.", schema.MEASURE),
        (measured & ~named & ~valued, "the count of a counted measure is missing.", schema.COUNT),
        (named & ~placed, "no destination is named.", schema.DESTINATION),
        (named & stated & figure, "a place that is only named is no figure.", schema.QUALIFIER),
        (
            measured & ~named & stated & ~figure & ~printed,
            "a counted figure is 'exact' or 'derived'.",
            schema.QUALIFIER,
        ),
        (doubled, "another statement has the same identifier.", schema.STATEMENT_ID),
        (
            _equals(ids, tuple(row_ids(frame)[ids.isna()])),
            "the row of that number has no identifier and is called the same: give it one.",
            schema.STATEMENT_ID,
        ),
    ]


def _printed(qualifiers: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Mark the statements whose publisher printed something instead of a count."""
    return qualifiers.fillna("").str.startswith(_PRINTED).to_numpy(dtype=bool)


def row_ids(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the identifier that each statement gets if it has none."""
    return "row " + frame[schema.ROW].astype("str")


def _null(frame: pd.DataFrame, part: str) -> npt.NDArray[np.bool_]:
    return frame[part].isna().to_numpy(dtype=bool)


def _equals(series: pd.Series[Any], words: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    return series.isin(words).to_numpy(dtype=bool)


def faults(
    broken: list[Broken], rows: npt.NDArray[np.int64], heading: dict[str, str]
) -> list[Fault]:
    """Turn broken promises into faults, one for each row."""
    return [
        Fault(problem, int(row), heading.get(part))
        for mask, problem, part in broken
        for row in rows[mask]
    ]
