"""The distinct questions of a table, each asked once: a name, its level, the area around it."""

from __future__ import annotations

from typing import Any, Final, Protocol

import pandas as pd

from linemap import schema
from linemap.errors import InputError
from linemap.flows import codes, counting
from linemap.gazetteer import Gazetteer
from linemap.text import without_full_postcodes

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
_SETTLED: Final = frozenset({schema.EXACT, schema.ALIAS, schema.AMBIGUOUS, schema.SEVERAL})


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
    columns = counting.columns_of(frame)
    statements = schema.INPUT in columns and schema.STATEMENTS in counting.distinct(
        frame, schema.INPUT
    )
    if statements:
        wanted = [column for end in QUESTION_OF.values() for column in end]
        rows = counting.bring_home(frame, wanted).assign(**{schema.COUNT: 1})
        rows[wanted] = rows[wanted].apply(counting.as_text)
    else:
        rows = counting.count_rows(frame, by_month=False, tags=())
    answers = geocoder_of(geocoder, aliases, accept_suggestions)
    return answer(rows, gazetteer or Gazetteer.load(), answers)


def without_postcodes(names: pd.Series) -> pd.Series:
    """Leave of the full postcodes in a column of names their districts."""
    return names.map(without_full_postcodes, na_action="ignore").astype(names.dtype)


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
    ends = [
        rows[[*end, schema.COUNT]].set_axis([*keys, schema.COUNT], axis=1)
        for end in QUESTION_OF.values()
    ]
    asked = pd.concat([end for end in ends if len(end)] or ends)
    asked = asked[asked[schema.QUERY].notna()]
    asked = asked.assign(**{schema.QUERY: without_postcodes(asked[schema.QUERY])})
    counts = asked[schema.COUNT].astype("Int64").fillna(0)
    grouped = counts.groupby([asked[key] for key in keys], dropna=False, sort=True).sum()
    questions = grouped.rename(schema.COUNT).reset_index()
    plain = questions.astype(object).where(questions.notna(), None)
    level = plain[ASKED_LEVEL].where(questions[ASKED_LEVEL].notna(), plain[ASKED_HINT])
    matches = geocoder(
        plain[schema.QUERY], levels=level, within=plain[ASKED_WITHIN], gazetteer=gazetteer
    )
    matches = _without_hint(matches, plain, gazetteer, geocoder)
    matches = _with_codes(matches, plain, gazetteer, geocoder)
    told = {column: plain[column] for column in keys[1:]}
    return matches.assign(**told, **{schema.COUNT: questions[schema.COUNT].astype("int64")})


def _without_hint(
    matches: pd.DataFrame, asked: pd.DataFrame, gazetteer: Gazetteer, geocoder: Geocoder
) -> pd.DataFrame:
    """Ask again, without it, what a mere hint of the level left without a certain answer."""
    hinted = asked[ASKED_LEVEL].isna() & asked[ASKED_HINT].notna()
    again = (hinted & ~matches[schema.STATUS].isin(_SETTLED)).to_numpy(dtype=bool)
    if not again.any():
        return matches
    names = asked.loc[again]
    freely = geocoder(
        names[schema.QUERY],
        levels=pd.Series(None, index=names.index, dtype=object),
        within=names[ASKED_WITHIN],
        gazetteer=gazetteer,
    )
    better = freely[freely[schema.STATUS].isin({schema.EXACT, schema.ALIAS})].copy()
    said = [
        f"no {hint} bears the name; the {level} does"
        for hint, level in zip(
            asked.loc[better.index, ASKED_HINT], better[schema.LEVEL], strict=True
        )
    ]
    better[schema.REASON] = pd.Series(said, better.index).astype(matches[schema.REASON].dtype)
    kept = matches[~matches.index.isin(better.index)]
    return pd.concat([kept, better]).loc[matches.index] if len(better) else matches


def _with_codes(
    matches: pd.DataFrame, asked: pd.DataFrame, gazetteer: Gazetteer, geocoder: Geocoder
) -> pd.DataFrame:
    """Hold the names that have the code of a listed place beside them against that place."""
    areas = codes.places_of(asked[ASKED_CODE], gazetteer).dropna()
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
    return codes.settled(matches, areas, as_area, inside, gazetteer)


def codes_against_names(frame: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return why the code at each end of a row does not agree with the name: null where it does.

    `frame` is RECORDS or STATEMENTS in pandas, `matches` what :func:`find_places`
    gave for it. Columns ``origin`` and ``destination``; the index is the frame's.
    """
    if not (matches[schema.VIA] == codes.AGAINST).any():
        return pd.DataFrame(None, index=frame.index, columns=list(QUESTION_OF), dtype=object)
    reasons = matches[schema.REASON].where(matches[schema.VIA] == codes.AGAINST)
    return _per_end(frame, matches.assign(**{schema.REASON: reasons}), schema.REASON, None)


def end_statuses(frame: pd.DataFrame, matches: pd.DataFrame) -> pd.DataFrame:
    """Return how the name at each end of a row was answered: ``origin`` and ``destination``.

    `frame` is RECORDS or STATEMENTS in pandas, `matches` what :func:`find_places`
    gave for it. ``not stated`` where a row has no name. The index is the frame's.
    """
    return _per_end(frame, matches, schema.STATUS, schema.NOT_STATED)


def _per_end(
    frame: pd.DataFrame, matches: pd.DataFrame, column: str, unstated: str | None
) -> pd.DataFrame:
    """Bring one column of the answers to both ends of each row."""
    answers = {row[:-1]: row[-1] for row in _plain(matches[[*QUESTION, column]])}
    wanted = {column for end in QUESTION_OF.values() for column in end}
    whole = frame.reindex(columns=[*frame.columns, *sorted(wanted - {*frame.columns})])
    for end in QUESTION_OF:
        whole[end] = without_postcodes(whole[end])
    return pd.DataFrame(
        {
            end: [
                unstated if question[0] is None else answers[question]
                for question in _plain(whole[list(columns)])
            ]
            for end, columns in QUESTION_OF.items()
        },
        index=frame.index,
    )


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
