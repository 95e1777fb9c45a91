"""Ask many names at once: each distinct question is resolved once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from linemap.errors import AmbiguousPlaceError
from linemap.gazetteer import Gazetteer
from linemap.geocode.choose import Hit
from linemap.geocode.index import Index, index_of
from linemap.geocode.match import Match, Rival, missing
from linemap.geocode.resolve import Asked, Question, Resolver
from linemap.geocode.score import DEFAULT_MIN_SCORE
from linemap.names import fault
from linemap.schema import (
    AMBIGUOUS,
    LEVEL,
    LEVEL_WORDS,
    LEVELS,
    NAME,
    PLACE_ID,
    QUERY,
    REASON,
    RIVALS,
    SCORE,
    SOURCE,
    STATUS,
    VIA,
)

Texts = Sequence[object] | pd.Series | np.ndarray
_COLUMNS: Final = (PLACE_ID, NAME, LEVEL, STATUS, VIA, SCORE, RIVALS, REASON, SOURCE)


def geocode(
    names: Texts | str,
    *,
    levels: Texts | str | None = None,
    within: Texts | str | None = None,
    gazetteer: Gazetteer | None = None,
    aliases: pd.DataFrame | None = None,
    min_score: float = DEFAULT_MIN_SCORE,
    on_ambiguous: Literal["flag", "raise"] = "flag",
) -> pd.DataFrame:
    """Find the place that each name means, or say why none can be told.

    ``levels`` (linemap levels, or words such as "town") and ``within`` (the
    name or place_id of an area) hold for all names or are given per row; a null
    asks nothing. ``aliases`` are an analyst's own decisions, as
    :func:`read_aliases` reads them; they go before the gazetteer's names.

    Gives a MATCHES frame: one row per name, in the caller's order and index.
    ``place_id``, ``name``, ``level`` and ``source`` are null where ``status`` is
    ``ambiguous``, ``several`` or ``missing``; ``reason`` then says why.
    ``via`` says how the answer came about, ``score`` (0 to 1) how often an
    answer that came about so is right, ``rivals`` who else answers. Answers
    that score less than ``min_score`` are ``missing``, with the place among the
    rivals. Each distinct question is resolved once; a row that is no name is
    ``missing`` and harms no other.

    Raises AmbiguousPlaceError where ``on_ambiguous`` is "raise" and a name is
    ambiguous, and ValueError for an unknown level that is given for all.

    >>> matches = geocode(["Fernport", "Newton"], gazetteer=Gazetteer.toy())
    >>> list(matches["status"])
    ['exact', 'ambiguous']
    """
    asked = pd.Series([names], dtype=object) if isinstance(names, str) else _series(names)
    gazetteer = Gazetteer.load() if gazetteer is None else gazetteer
    index = index_of(gazetteer) if aliases is None else Index(gazetteer, aliases)
    level_codes, level_values = _distinct(levels, len(asked), "levels")
    within_codes, within_values = _distinct(within, len(asked), "within")
    if isinstance(levels, str) and levels.strip().lower() not in LEVEL_WORDS:
        raise ValueError(f"No level is named {levels!r}; levels are {', '.join(LEVELS)}.")
    name_codes, name_values = _factorise(asked)
    combined = (name_codes * len(level_values) + level_codes) * len(within_values) + within_codes
    codes, distinct = pd.factorize(combined)
    rest, within_of = np.divmod(distinct, len(within_values))
    name_of, level_of = np.divmod(rest, len(level_values))
    answers = _answer_all(
        Resolver(index),
        [name_values[place] for place in name_of.tolist()],
        [level_values[place] for place in level_of.tolist()],
        [within_values[place] for place in within_of.tolist()],
    )
    answers = [_held_to(answer, min_score) for answer in answers]
    if on_ambiguous == "raise":
        _refuse_ambiguous([name_values[place] for place in name_of.tolist()], answers)
    return _frame(asked, codes, answers)


def _answer_all(
    resolver: Resolver, names: list[object], levels: list[object], within: list[object]
) -> list[Match]:
    """Answer distinct questions, those with typing errors together."""
    areas: dict[object, frozenset[str] | None | str] = {}
    answers: list[Match | None] = [None] * len(names)
    open_ways: list[tuple[int, list[Asked], Match | None]] = []
    for place, (name, level, area) in enumerate(zip(names, levels, within, strict=True)):
        if area not in areas:
            areas[area] = _area(resolver.index, area)
        inside = areas[area]
        known_level = _level(level)
        wrong = (
            fault(name)
            or (None if known_level is not False else f"no level is named {level!r}")
            or (inside if isinstance(inside, str) else None)
        )
        if wrong is not None:
            answers[place] = missing(wrong)
            continue
        assert isinstance(name, str) and not isinstance(inside, str)
        question = Question(name, known_level or None, inside)
        by_id = resolver.index.row.get(name)
        if by_id is not None:
            name = resolver.index.names[by_id]
        ways = resolver.ask(question)
        answer, miss = resolver.exact(question, ways)
        answer = answer or (None if miss else resolver.plain_list(question.name))
        if answer is None:
            open_ways.append((place, ways, miss))
        answers[place] = answer
    for (place, ways, miss), near in zip(
        open_ways, _near(resolver.index, [ways for _, ways, _ in open_ways]), strict=True
    ):
        answers[place] = (
            miss
            or resolver.fuzzy(near)
            or resolver.list_of(str(names[place]))
            or missing(f"no place is named {names[place]!r}")
        )
    return [answer for answer in answers if answer is not None]


def _near(index: Index, questions: list[list[Asked]]) -> list[list[tuple[Asked, list[Hit]]]]:
    """Find the places within a few typing errors of every reading of every question."""
    spellings = list(dict.fromkeys(asked.spelling for ways in questions for asked in ways))
    hits: dict[str, list[Hit]] = {spelling: [] for spelling in spellings}
    if spellings:
        near = index.deletions.near(spellings)
        for question, name, edits in zip(
            near.question.tolist(), near.name.tolist(), near.edits.tolist(), strict=True
        ):
            hits[spellings[question]] += [
                Hit(row, edits, kind) for row, kind in index.exact[index.spellings[name]]
            ]
    return [[(asked, hits[asked.spelling]) for asked in ways] for ways in questions]


def _level(level: object) -> str | None | Literal[False]:
    if level is None or level != level:
        return None
    return LEVEL_WORDS.get(str(level).strip().lower(), False)


def _area(index: Index, area: object) -> frozenset[str] | None | str:
    if area is None or area != area or not str(area).strip():
        return None
    return index.area_ids(str(area)) or f"{area!r} is no area that is known"


def _held_to(answer: Match, min_score: float) -> Match:
    if answer.place_id is None or answer.score >= min_score:
        return answer
    best = Rival(answer.place_id, answer.name or "", answer.level or "", None, 0.0)
    return missing(
        f"{answer.name} scores {answer.score:.2f}, under {min_score:.2f}",
        (best, *answer.rivals),
        answer.via,
    )


def _refuse_ambiguous(names: list[object], answers: list[Match]) -> None:
    doubtful = [
        f"{name!r} ({', '.join(map(str, answer.rivals[:4]))})"
        for name, answer in zip(names, answers, strict=True)
        if answer.status == AMBIGUOUS
    ]
    if doubtful:
        raise AmbiguousPlaceError(
            f"{len(doubtful)} names answer to more than one place: {'; '.join(doubtful[:10])}. "
            "Give `levels` or `within`, or decide in an aliases file."
        )


def _series(names: Texts) -> pd.Series:
    return names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)


def _factorise(values: pd.Series) -> tuple[np.ndarray, list[object]]:
    """Number the distinct values; what cannot be compared stands as its kind."""
    try:
        codes, distinct = pd.factorize(values, use_na_sentinel=True)
    except TypeError:
        plain = [value if isinstance(value, str) else _Odd(value) for value in values]
        codes, distinct = pd.factorize(pd.Series(plain, dtype=object), use_na_sentinel=True)
    found: list[object] = [value.value if isinstance(value, _Odd) else value for value in distinct]
    return np.where(codes < 0, len(found), codes).astype(np.int64), [*found, None]


class _Odd:
    """A value that is not text, by identity."""

    def __init__(self, value: object) -> None:
        self.value = value


def _distinct(
    values: Texts | str | None, rows: int, called: str
) -> tuple[np.ndarray, list[object]]:
    if values is None or isinstance(values, str):
        return np.zeros(rows, dtype=np.int64), [values]
    if len(values) != rows:
        raise ValueError(f"{called} holds {len(values)} values for {rows} names.")
    return _factorise(_series(values))


def _frame(asked: pd.Series, codes: np.ndarray, answers: list[Match]) -> pd.DataFrame:
    """Lay the answers out beside the names."""
    fields = {
        column: np.array([getattr(answer, column) for answer in answers] + [None], dtype=object)[
            :-1
        ]
        for column in _COLUMNS
        if column != SCORE
    }
    columns: dict[str, object] = {QUERY: asked.to_numpy(dtype=object)}
    for column in _COLUMNS:
        if column == SCORE:
            columns[column] = np.array([answer.score for answer in answers], dtype=float)[codes]
        else:
            columns[column] = fields[column][codes]
    return pd.DataFrame(columns, index=asked.index)
