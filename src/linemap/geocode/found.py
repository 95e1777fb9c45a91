"""Answer plain mistyped names all at once: what no reading and no rule of areas is needed for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linemap.geocode.choose import SAME_PLACE_KM, SETTLEMENT_SHARE, Hit, flat_km
from linemap.geocode.conditions import Condition
from linemap.geocode.index import Index
from linemap.geocode.match import Match, Rival, missing, new_match, new_rival
from linemap.geocode.resolve import MOST_RIVALS
from linemap.geocode.score import fuzzy_scores
from linemap.schema import AMBIGUOUS, SETTLEMENT

Integers = NDArray[np.int64]
Places = tuple[Integers, Integers, Integers, Integers]  # question, row, edits, kind of name
_ANY_LEVEL = -1


class Plain(NamedTuple):
    """A plain name that no place bears as it is written; ``place`` is its number."""

    place: int
    spelling: str
    name: str
    condition: Condition


class Found:
    """The places near each of many names that are as asked, best first."""

    def __init__(self, index: Index, asked: Sequence[Plain], near: Places) -> None:
        self._index = index
        question, row, edits, kind = near
        self.was_near: list[int] = np.bincount(question, minlength=len(asked)).tolist()
        order = np.argsort((question * 8 + edits) * len(index.ids) + index.rank[row])
        order = order[_as_asked(index, asked, question, row)[order]]
        question, row, edits = question[order], row[order], edits[order]
        counts = np.bincount(question, minlength=len(asked))
        ends = np.cumsum(counts)
        starts = ends - counts
        first = starts[question]
        best = np.bincount(question[edits == edits[first]], minlength=len(asked))
        self.starts: list[int] = starts.tolist()
        self.ends: list[int] = ends.tolist()
        self.best: list[int] = best.tolist()
        self.rows: list[int] = row.tolist()
        self.edits: list[int] = edits.tolist()
        self._kinds: list[int] = kind[order].tolist()
        self._scores = self._score(asked, counts, starts, row, edits)
        lead = row[first]
        km = np.round(flat_km(index.lon[lead], index.lat[lead], index.lon[row], index.lat[row]), 1)
        makings = index.rival_makings
        self._rivals = [
            new_rival((*makings[at], far, errors))
            for at, far, errors in zip(self.rows, km.tolist(), self.edits, strict=True)
        ]

    def _score(
        self,
        asked: Sequence[Plain],
        counts: Integers,
        starts: Integers,
        row: Integers,
        edits: Integers,
    ) -> list[float]:
        """Score the first place of each name, as if it were the answer."""
        if not len(row):
            return [0.0] * len(asked)
        lead = np.minimum(starts, len(row) - 1)
        letters = np.array([len(one.spelling) for one in asked])
        starting = np.array([ord(one.spelling[0]) for one in asked])
        same_start = self._index.first_letters[row[lead]] == starting
        scores: list[float] = fuzzy_scores(letters, edits[lead], counts - 1, same_start).tolist()
        return scores

    def answers(self) -> list[Match | None]:
        """Answer every name where it is plain; None where it needs a reading or the rules."""
        rivals, rows, scores = self._rivals, self.rows, self._scores
        common, makings = self._index.is_too_common, self._index.fuzzy_makings
        found: list[Match | None] = []
        for start, end, best, score in zip(self.starts, self.ends, self.best, scores, strict=True):
            if best != 1:
                found.append(self._doubt(start, start + best) if best else None)
                continue
            row = rows[start]
            if common[row]:
                found.append(None)
                continue
            lead, source = makings[row]
            others = () if end == start + 1 else tuple(rivals[start + 1 : end][:MOST_RIVALS])
            found.append(new_match((*lead, score, others, None, source)))
        return found

    def _doubt(self, start: int, end: int) -> Match | None:
        """Say that several towns answer as well as each other.

        Plain are towns by their own names (beside smaller ones by weaker names),
        all apart, of different names or none of which is by far the largest.
        """
        index = self._index
        own: list[Rival] = []
        weak: list[Rival] = []
        people: list[float] = []
        for at in range(start, end):
            rival = self._rivals[at]
            if rival.level != SETTLEMENT:
                return None
            if index.is_weak[self._kinds[at]]:
                weak.append(rival)
                continue
            if own and (rival.km or 0.0) <= SAME_PLACE_KM:
                return None
            own.append(rival)
            people.append(index.people[self.rows[at]])
        if len(own) < 2 or own[0] is not self._rivals[start]:
            return None
        share = people[0] / sum(people)
        if share >= SETTLEMENT_SHARE and len({rival.name for rival in own}) == 1:
            return None
        return Match(
            AMBIGUOUS, None, None, None, "fuzzy", round(share, 3), (*own, *weak)[:MOST_RIVALS],
            f"{end - start} places answer",
        )  # fmt: skip

    def hits(self, number: int) -> list[Hit]:
        """Give the places of name `number` as hits."""
        kinds = self._index.kinds
        return [
            Hit(self.rows[at], self.edits[at], kinds[self._kinds[at]])
            for at in range(self.starts[number], self.ends[number])
        ]


def nothing_near(name: str) -> Match:
    """Answer that no place bears the name, nor one within the errors that it may have."""
    return missing(f"no place is named {name!r}")


def _as_asked(
    index: Index, asked: Sequence[Plain], question: Integers, row: Integers
) -> NDArray[np.bool_]:
    """Say which pairs of question and row are at the level and inside the area asked."""
    conditions = {id(one.condition): one.condition for one in asked}
    good = np.ones(len(row), dtype=np.bool_)
    if all(c.level is None and c.within is None for c in conditions.values()):
        return good
    of_question = np.array([id(one.condition) for one in asked])[question]
    for number, condition in conditions.items():
        asks = np.flatnonzero(of_question == number)
        if condition.level is not None:
            good[asks] &= index.level_codes[row[asks]] == index.level_code(condition.level)
        if condition.within is not None:
            good[asks] &= index.is_inside(row[asks], condition.within.now)
    return good
