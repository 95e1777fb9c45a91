"""The distinct questions of a table, gathered where it lives, and each answered once.

A question is a name, its level, its code and the area around it. Rows are counted by question on
the engine of the frame (pandas, polars, DuckDB, Spark); only the distinct ones come home.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import narwhals as nw
import numpy as np
import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.gazetteer import Gazetteer
from linemap.text import without_full_postcodes
from linemap.windows import month_of_number

NAMES: Final = (
    schema.ORIGIN,
    schema.ORIGIN_LEVEL,
    schema.ORIGIN_WITHIN,
    schema.ORIGIN_HINT,
    schema.ORIGIN_CODE,
    schema.DESTINATION,
    schema.DESTINATION_LEVEL,
    schema.DESTINATION_WITHIN,
    schema.DESTINATION_HINT,
    schema.DESTINATION_CODE,
)
FACTS: Final = (schema.MEASURE, schema.QUALIFIER, schema.PERIOD_START, schema.PERIOD_END)
INPUT_COLUMNS: Final = frozenset(
    (
        *NAMES,
        *FACTS,
        schema.ROW,
        schema.ROWS_ALIKE,
        schema.INPUT,
        schema.STATEMENT_ID,
        schema.COUNT,
        schema.DATE,
        schema.SOURCE,
        schema.NOTE,
        schema.PUBLISHED,
        schema.URL,
    )
)
# Names of what the engine works out; they never leave this module's callers.
MONTH: Final = "_month"
FIRST_MONTH: Final = "_first_month"
LAST_MONTH: Final = "_last_month"
_UNCOUNTED: Final = "_uncounted"
_LEAST: Final = "_least"
_BROKEN: Final = "_broken"
_FIRST_SOURCE: Final = "_first_source"
_LAST_SOURCE: Final = "_last_source"
SEVERAL_SOURCES: Final = "several sources"


def columns_of(frame: Any) -> list[str]:
    """List a frame's columns, whatever engine it lives on."""
    return list(nw.from_native(frame).lazy().collect_schema().names())


def distinct_values(frame: Any, column: str) -> list[Any]:
    """List the distinct values of one column, on the frame's own engine."""
    values = nw.from_native(frame).lazy().select(column).unique().collect("pyarrow")
    return sorted(value for value in values[column].to_list() if value is not None)


def bring_home(frame: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Collect some columns of a frame into pandas, unchanged; a lacking one is null."""
    if isinstance(frame, pd.DataFrame):
        home = frame.reset_index(drop=True)
    else:
        present = [column for column in columns if column in columns_of(frame)]
        home = nw.from_native(frame).lazy().select(present).collect("pyarrow").to_pandas()
    return pd.DataFrame({column: home.get(column) for column in columns}, index=home.index)


def _month(dtype: Any) -> nw.Expr:
    """Return the month of a date: its number since year 0; of one that is text, ``"YYYY-MM"``."""
    date = nw.col(schema.DATE)
    if dtype == nw.Date or dtype == nw.Datetime:
        return date.dt.year() * 12 + date.dt.month() - 1
    return date.cast(nw.String).str.slice(0, 7)


def month_text(months: pd.Series) -> pd.Series:
    """Write months, which may be numbers since year 0, as "YYYY-MM"; null stays null."""
    if not pd.api.types.is_numeric_dtype(months):
        return as_text(months)
    text = {month: month_of_number(int(month)) for month in months.dropna().unique()}
    return months.map(text).astype(schema.TEXT_DTYPE)


def count_rows(frame: Any, *, by_month: bool, tags: Sequence[str]) -> pd.DataFrame:
    """Count the rows of each distinct question, measure, stated period and set of tags.

    One row per combination that occurs, in no order: the columns of NAMES and
    FACTS, ``tags``, ``count`` (Int64; rows are counted where the table has no
    such column; null where the rows name a place and count nothing: they stay
    apart from those that count), ``source`` (``several sources`` where they
    differ), and the months of the rows' dates.

    Raises
    ------
    InputError
        A negative count, or one that is not whole.
    """
    table = nw.from_native(frame).lazy()
    types = table.collect_schema()
    keys = [name for name in (*NAMES, *FACTS, *tags) if name in types]
    sums: list[nw.Expr] = []
    if schema.COUNT in types:
        count = nw.col(schema.COUNT)
        table = table.with_columns(count.is_null().alias(_UNCOUNTED))
        keys.append(_UNCOUNTED)
        sums += [count.sum(), count.min().alias(_LEAST)]
        if types[schema.COUNT].is_float():
            table = table.with_columns((count != count.round(0)).cast(nw.Int64).alias(_BROKEN))
            sums.append(nw.col(_BROKEN).max())
    else:
        sums.append(nw.len().alias(schema.COUNT))
    if schema.DATE in types:
        table = table.with_columns(_month(types[schema.DATE]).alias(MONTH))
        sums += [nw.col(MONTH).min().alias(FIRST_MONTH), nw.col(MONTH).max().alias(LAST_MONTH)]
        keys += [MONTH] if by_month else []
    if schema.SOURCE in types:
        table = table.with_columns(nw.col(schema.SOURCE).cast(nw.String))
        source = nw.col(schema.SOURCE)
        sums += [source.min().alias(_FIRST_SOURCE), source.max().alias(_LAST_SOURCE)]
    home = table.group_by(keys, drop_null_keys=False).agg(*sums).collect("pyarrow").to_pandas()
    return _tidy(home, tags)


def _tidy(home: pd.DataFrame, tags: Sequence[str]) -> pd.DataFrame:
    counts = pd.to_numeric(home[schema.COUNT]).astype("Float64")
    least = pd.to_numeric(home[_LEAST]) if _LEAST in home else counts
    if bool((least < 0).any()):
        raise InputError("A count is negative. Counts are whole numbers from 0 upwards.")
    if _BROKEN in home and bool((home[_BROKEN].fillna(0) > 0).any()):
        raise InputError("A count is not a whole number. Counts are whole numbers from 0 upwards.")
    if _UNCOUNTED in home:
        counts = counts.mask(home[_UNCOUNTED].astype(bool))
    months = (MONTH, FIRST_MONTH, LAST_MONTH)
    columns: dict[str, Any] = {
        name: pd.Series(pd.NA, home.index, dtype=schema.TEXT_DTYPE)
        if name not in home
        else month_text(home[name])
        if name in months
        else as_text(home[name])
        for name in (*NAMES, *FACTS, *months)
    }
    columns[schema.COUNT] = counts.astype("Int64")
    columns[schema.SOURCE] = pd.Series(pd.NA, home.index, dtype=schema.TEXT_DTYPE)
    if _FIRST_SOURCE in home:
        first, last = as_text(home[_FIRST_SOURCE]), as_text(home[_LAST_SOURCE])
        columns[schema.SOURCE] = first.where((first == last) | first.isna(), SEVERAL_SOURCES)
    return pd.DataFrame(columns | {tag: as_text(home[tag]) for tag in tags})


def as_text(values: pd.Series) -> pd.Series:
    """Return values as text, stripped of outer space; null and empty text are null."""
    if isinstance(values.dtype, pd.StringDtype):  # each distinct text once
        codes, distinct = pd.factorize(values)
        text = pd.Series(distinct, dtype=schema.TEXT_DTYPE).str.strip()
        text = text.mask(text == "").reindex(codes)
        return pd.Series(text.array, index=values.index, name=values.name)
    text = values.where(values.isna(), values.astype(str)).astype(schema.TEXT_DTYPE).str.strip()
    return text.mask(text == "")


# ── Find the places of the names ──────────────────────────────────────────────────────────

ASKED_LEVEL: Final = "asked_level"
ASKED_WITHIN: Final = "asked_within"
ASKED_HINT: Final = "asked_hint"
ASKED_CODE: Final = "asked_code"
QUESTION: Final = (schema.QUERY, ASKED_LEVEL, ASKED_WITHIN, ASKED_HINT, ASKED_CODE)

# The columns of each end that make a question, in the order of QUESTION.
QUESTION_OF: Final = {
    schema.ORIGIN: (
        schema.ORIGIN, schema.ORIGIN_LEVEL, schema.ORIGIN_WITHIN, schema.ORIGIN_HINT,
        schema.ORIGIN_CODE,
    ),
    schema.DESTINATION: (
        schema.DESTINATION, schema.DESTINATION_LEVEL, schema.DESTINATION_WITHIN,
        schema.DESTINATION_HINT, schema.DESTINATION_CODE,
    ),
}  # fmt: skip


class Geocoder(Protocol):
    """Anything that answers names as :func:`linemap.geocoding.geocode` does."""

    def __call__(
        self, names: pd.Series, *, levels: pd.Series, within: pd.Series, gazetteer: Gazetteer
    ) -> pd.DataFrame:
        """Return a MATCHES frame, one row a name, in the same order."""
        ...


def find_places(
    frame: Any,
    *,
    gazetteer: Gazetteer | None = None,
    aliases: pd.DataFrame | None = None,
    geocoder: Geocoder | None = None,
    accept_suggestions: float | None = None,
) -> pd.DataFrame:
    """Geocode both ends of records or statements, each distinct question once.

    `frame` is RECORDS or STATEMENTS on any engine that narwhals knows. Gives a
    MATCHES frame with ``asked_level``, ``asked_within``, ``asked_hint`` and
    ``asked_code`` (null where not asked) and ``count``, the records that ask it: the sum of the
    counts of records, the rows of statements. Ordered by name, level and area.
    The answers can be handed to :func:`build_flows` as `matches`.

    A level that only a heading says is a hint: where no place of that level
    bears the name as it is written, one of another level that does is the
    answer, and ``reason`` says so. A code beside a name decides what the name means
    where it can mean that place, or one inside it; where it means another, there is no
    answer, ``via`` is ``"code against name"`` and ``reason`` gives both readings.
    """
    columns = columns_of(frame)
    statements = schema.INPUT in columns and schema.STATEMENTS in distinct_values(
        frame, schema.INPUT
    )
    if statements:
        wanted = [column for end in QUESTION_OF.values() for column in end]
        rows = bring_home(frame, wanted).assign(**{schema.COUNT: 1})
        rows[wanted] = rows[wanted].apply(as_text)
    else:
        rows = count_rows(frame, by_month=False, tags=())
    answers = geocoder_of(geocoder, aliases, accept_suggestions)
    return answer(rows, Gazetteer.load(gazetteer), answers)


def without_postcodes(names: pd.Series) -> pd.Series:
    """Leave of the full postcodes in a column of names their districts."""
    codes, distinct = pd.factorize(names)
    short = [without_full_postcodes(name) for name in distinct]
    if short == list(distinct):
        return names
    reduced = pd.Series(short, dtype=names.dtype).reindex(codes)  # null where the code is -1
    return pd.Series(reduced.array, index=names.index, name=names.name)


def numbered(columns: Iterable[pd.Series]) -> np.ndarray:
    """Give each row of some columns a number from 0, as it first occurs; rows alike have the same.

    A null is like another null.
    """
    number: np.ndarray | None = None
    for column in columns:
        codes, distinct = pd.factorize(column)
        if number is None:
            number = codes + 1
        elif len(distinct):  # a column without a value tells no rows apart
            number = pd.factorize(number * (len(distinct) + 1) + codes + 1)[0]
    if number is None:
        raise ValueError("Rows without columns cannot be told apart.")
    return np.asarray(pd.factorize(number)[0])


def firsts(number: np.ndarray) -> np.ndarray:
    """Return where each number of :func:`numbered` first occurs."""
    return np.flatnonzero(~pd.Series(number).duplicated().to_numpy())


def geocoder_of(
    geocoder: Geocoder | None, aliases: pd.DataFrame | None, accept_suggestions: float | None
) -> Geocoder:
    """Return the caller's geocoder, or linemap's with the caller's choices."""
    if geocoder is not None:
        if aliases is not None or accept_suggestions is not None:
            raise InputError(
                "Give the aliases and accept_suggestions to the geocoder that you pass, "
                "not beside it."
            )
        return geocoder
    from functools import partial

    from linemap.geocoding import geocode  # late: it loads the matcher

    return partial(geocode, aliases=aliases, accept_suggestions=accept_suggestions)


def answer(rows: pd.DataFrame, gazetteer: Gazetteer, geocoder: Geocoder) -> pd.DataFrame:
    """Answer the distinct questions of both ends of counted rows; see :func:`find_places`."""
    keys = list(QUESTION)
    ends = []
    for end in QUESTION_OF.values():
        group = numbered(rows[column] for column in end)
        counts = rows[schema.COUNT].astype("Int64").fillna(0).groupby(group).sum()
        distinct = rows[list(end)].iloc[firsts(group)].set_axis(keys, axis=1)
        ends.append(distinct.assign(**{schema.COUNT: counts.array}))
    asked = pd.concat([end for end in ends if len(end)] or ends)
    asked = asked[asked[schema.QUERY].notna()]
    asked = asked.assign(**{schema.QUERY: without_postcodes(asked[schema.QUERY])})
    counts = asked[schema.COUNT]
    grouped = counts.groupby([asked[key] for key in keys], dropna=False, sort=True).sum()
    questions = grouped.rename(schema.COUNT).reset_index()
    plain = questions.astype(object).where(questions.notna(), None)
    level = plain[ASKED_LEVEL].where(questions[ASKED_LEVEL].notna(), plain[ASKED_HINT])
    matches = geocoder(
        plain[schema.QUERY], levels=level, within=plain[ASKED_WITHIN], gazetteer=gazetteer
    )
    matches = _with_codes(matches, plain, gazetteer, geocoder)
    told = {column: plain[column] for column in keys[1:]}
    return matches.assign(**told, **{schema.COUNT: questions[schema.COUNT].astype("int64")})


def _with_codes(
    matches: pd.DataFrame, asked: pd.DataFrame, gazetteer: Gazetteer, geocoder: Geocoder
) -> pd.DataFrame:
    """Hold the names that have the code of a listed place beside them against that place."""
    areas = places_of(asked[ASKED_CODE], gazetteer).dropna()
    if areas.empty:
        return matches
    names, levels = asked.loc[areas.index], gazetteer.places[schema.LEVEL]
    as_area = geocoder(
        names[schema.QUERY],
        levels=areas.map(levels).astype(object),
        within=pd.Series(None, index=names.index, dtype=object),
        gazetteer=gazetteer,
    )
    level = names[ASKED_LEVEL].where(names[ASKED_LEVEL].notna(), names[ASKED_HINT])
    inside = geocoder(names[schema.QUERY], levels=level, within=areas, gazetteer=gazetteer)
    return settled(matches, areas, as_area, inside, gazetteer)


def codes_against_names(frame: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return why the code at each end of a row does not agree with the name: null where it does.

    `frame` is RECORDS or STATEMENTS in pandas, `matches` what :func:`find_places`
    gave for it. Columns ``origin`` and ``destination``; the index is the frame's.
    """
    if not (matches[schema.VIA] == AGAINST).any():
        return pd.DataFrame(None, index=frame.index, columns=list(QUESTION_OF), dtype=object)
    reasons = matches[schema.REASON].where(matches[schema.VIA] == AGAINST)
    return _per_end(frame, matches.assign(**{schema.REASON: reasons}), schema.REASON, None)


def end_statuses(frame: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return how the name at each end of a row was answered: ``origin`` and ``destination``.

    `frame` is RECORDS or STATEMENTS in pandas, `matches` what :func:`find_places`
    gave for it. ``not stated`` where a row has no name. The index is the frame's.
    """
    return _per_end(frame, matches, schema.STATUS, schema.NOT_STATED)


def end_places(frame: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return the place (place_id) at each end of a row: ``origin`` and ``destination``.

    `frame` is RECORDS or STATEMENTS in pandas, `matches` what :func:`find_places`
    gave for it. Null where a row has no place. The index is the frame's.
    """
    return _per_end(frame, matches, schema.PLACE_ID, None)


def _per_end(
    frame: pd.DataFrame, matches: pd.DataFrame, column: str, unstated: str | None
) -> pd.DataFrame:
    """Bring one column of the answers to both ends of each row."""
    answers = {row[:-1]: row[-1] for row in _plain(matches[[*QUESTION, column]])}
    told = {}
    for end, columns in QUESTION_OF.items():
        asked = frame.reindex(columns=list(columns))
        group = numbered(asked[column] for column in columns)
        distinct = asked.iloc[firsts(group)]
        distinct = distinct.assign(**{end: without_postcodes(distinct[end])})
        said = [
            unstated if question[0] is None else answers[question] for question in _plain(distinct)
        ]
        told[end] = pd.Series(said, dtype=object).to_numpy()[group]
    return pd.DataFrame(told, index=frame.index)


def _plain(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return list(plain.itertuples(index=False, name=None))


def off_hint(matches: pd.DataFrame) -> pd.DataFrame:
    """Return the answers that are of another level than the heading says, most records first."""
    hinted = matches[ASKED_LEVEL].isna() & matches[ASKED_HINT].notna()
    other = matches[schema.PLACE_ID].notna() & (matches[schema.LEVEL] != matches[ASKED_HINT])
    return matches[hinted & other].sort_values(
        [schema.COUNT, schema.QUERY], ascending=[False, True], kind="stable"
    )


# ── The code of an area beside its name ──────────────────────────────────────
BY_CODE: Final = "code"  # in `via`
AGAINST: Final = "code against name"  # in `via`: they mean different places

Answer = Mapping[Any, Any]  # the columns of one row of MATCHES


def places_of(codes: pd.Series, gazetteer: Gazetteer) -> pd.Series:
    """Name the place that each code is of; null for a code of none, or of several."""
    listed = gazetteer.places[schema.GSS_CODE].dropna().astype(str).str.upper()
    listed = listed[~listed.duplicated(keep=False)]
    known = dict(zip(listed, listed.index, strict=True))
    return codes.astype(object).map(
        lambda code: known.get(str(code).strip().upper()), na_action="ignore"
    )


def settled(
    matches: pd.DataFrame,
    codes: pd.Series,
    as_area: pd.DataFrame,
    inside: pd.DataFrame,
    gazetteer: Gazetteer,
) -> pd.DataFrame:
    """Hold the answers of names against the places that the codes beside them are of.

    `codes` are place_ids, by the index of `matches`, none of them null. `as_area`
    answers the same names at the levels of these places, `inside` answers them within
    these places; both have the index of `codes`. A name that can mean the code's place
    means it; one that names a place inside it means that place. A name of which nothing
    is known is answered by a suggestion, and one that means another place by none: its
    ``via`` is ``"code against name"``, and ``reason`` tells both readings. Several places
    in one cell stay several.
    """
    told: list[Answer] = []
    asked = (frame.loc[codes.index].to_dict("records") for frame in (matches, as_area, inside))
    for area, before, named, within in zip(codes.astype(str), *asked, strict=True):
        if before[schema.STATUS] == schema.SEVERAL:
            told.append(before)
        elif _can_mean(named, area) or _can_mean(before, area):
            told.append(_answer(area, gazetteer))
        elif _lies_in(within[schema.PLACE_ID], area, gazetteer):
            told.append(within)
        elif before[schema.STATUS] in (schema.MISSING, schema.SUGGESTED):
            told.append(_suggested(area, gazetteer))
        else:
            told.append(_against(before, area, gazetteer))
    changed = matches.copy()
    for column in _COLUMNS:
        values = changed[column].astype(object).copy()
        values[codes.index] = pd.Series(
            [answer[column] for answer in told], codes.index, dtype=object
        )
        changed[column] = values.astype(matches[column].dtype)
    return changed


_COLUMNS: Final = (
    schema.PLACE_ID, schema.NAME, schema.LEVEL, schema.STATUS, schema.VIA, schema.SCORE,
    schema.SUGGESTION, schema.SUGGESTION_ID, schema.RIVALS, schema.REASON, schema.SOURCE,
)  # fmt: skip


def _can_mean(match: Answer, area: str) -> bool:
    """Tell if an answer is the place, suggests it, or has it among its rivals in doubt."""
    if area in (match[schema.PLACE_ID], match[schema.SUGGESTION_ID]):
        return True
    rivals = match[schema.RIVALS] if match[schema.STATUS] == schema.AMBIGUOUS else ()
    return any(rival.place_id == area for rival in rivals)


def _lies_in(place: object, area: str, gazetteer: Gazetteer) -> bool:
    if not isinstance(place, str):
        return False
    level = str(gazetteer[area][schema.LEVEL])
    return bool(gazetteer.parent_at([place], level).iloc[0] == area)


def _nothing(**said: object) -> Answer:
    empty = dict.fromkeys(_COLUMNS)
    return {**empty, schema.SCORE: 0.0, schema.RIVALS: (), **said}


def _answer(area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    return _nothing(
        place_id=area, name=place[schema.NAME], level=place[schema.LEVEL], status=schema.EXACT,
        via=BY_CODE, score=1.0, source=place[schema.SOURCE],
    )  # fmt: skip


def _suggested(area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    said = (
        f"no place bears the name; the code beside it is of {place[schema.NAME]} "
        f"({place[schema.LEVEL]})"
    )
    return _nothing(
        status=schema.SUGGESTED, via=BY_CODE, suggestion=place[schema.NAME],
        suggestion_id=area, reason=said,
    )  # fmt: skip


def _against(before: Answer, area: str, gazetteer: Gazetteer) -> Answer:
    place = gazetteer[area]
    if before[schema.STATUS] == schema.AMBIGUOUS:
        name = "one of several places elsewhere"
    else:
        name = f"{before[schema.NAME]} ({before[schema.LEVEL]})"
    said = f"the name is {name}, and the code {place[schema.NAME]} ({place[schema.LEVEL]})"
    return _nothing(status=schema.AMBIGUOUS, via=AGAINST, rivals=before[schema.RIVALS], reason=said)
