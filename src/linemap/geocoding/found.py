"""Answer plain mistyped names all at once: what no reading and no rule of areas is needed for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linemap.geocoding.choose import SAME_PLACE_KM, SETTLEMENT_SHARE, Hit, flat_km
from linemap.geocoding.conditions import Condition
from linemap.geocoding.index import Index
from linemap.geocoding.match import Match, Rival, missing, new_match, new_rival
from linemap.geocoding.resolve import MOST_RIVALS
from linemap.geocoding.score import fuzzy_scores
from linemap.schema import AMBIGUOUS, SETTLEMENT

Integers = NDArray[np.int64]
Places = tuple[Integers, Integers, Integers, Integers]  # question, row, edits, kind of name


class Found:
    """The places near each of many names that are as asked, best first."""

    def __init__(
        self, index: Index, spellings: Sequence[str], conditions: Sequence[Condition], near: Places
    ) -> None:
        self._index, count = index, len(spellings)
        question, row, edits, kind = near
        self.was_near: list[int] = np.bincount(question, minlength=count).tolist()
        order = np.argsort((question * 8 + edits) * len(index.ids) + index.rank[row])
        order = order[_as_asked(index, conditions, question, row)[order]]
        question, row, edits = question[order], row[order], edits[order]
        counts = np.bincount(question, minlength=count)
        ends = np.cumsum(counts)
        starts = ends - counts
        first = starts[question]
        best = np.bincount(question[edits == edits[first]], minlength=count)
        self.starts: list[int] = starts.tolist()
        self.ends: list[int] = ends.tolist()
        self.best: list[int] = best.tolist()
        self._rows: list[int] = row.tolist()
        self._edits: list[int] = edits.tolist()
        self._kinds: list[int] = kind[order].tolist()
        self._scores = [0.0] * count
        if len(row):
            lead = np.minimum(starts, len(row) - 1)  # of a name without a place: any
            self._scores = _scores(index, spellings, row[lead], edits[lead], counts - 1)
        lead = row[first]
        km = np.round(flat_km(index.lon[lead], index.lat[lead], index.lon[row], index.lat[row]), 1)
        self._km: list[float] = km.tolist()

    def _rivals(self, start: int, end: int) -> list[Rival]:
        makings, rows, far, edits = self._index.rival_makings, self._rows, self._km, self._edits
        return [new_rival((*makings[rows[at]], far[at], edits[at])) for at in range(start, end)]

    def answers(self) -> list[Match | None]:
        """Answer every name where it is plain; None where it needs a reading or the rules."""
        rows, scores = self._rows, self._scores
        common, makings = self._index.is_too_common, self._index.fuzzy_makings
        found: list[Match | None] = []
        for start, end, best, score in zip(self.starts, self.ends, self.best, scores, strict=True):
            if best != 1:
                found.append(self._doubt(start, start + best, end) if best else None)
                continue
            row = rows[start]
            if common[row]:
                found.append(None)
                continue
            lead, source = makings[row]
            others = self._rivals(start + 1, min(end, start + MOST_RIVALS))
            found.append(new_match((*lead, score, tuple(others), None, source)))
        return found

    def _doubt(self, start: int, end: int, last: int) -> Match | None:
        """Say that several towns answer as well as each other.

        Plain are towns by their own names (beside smaller ones by weaker names),
        all apart, of different names or none of which is by far the largest. From
        `end` to `last` are those with more errors.
        """
        index = self._index
        own: list[Rival] = []
        weak: list[Rival] = []
        people: list[float] = []
        rivals = self._rivals(start, end)
        for at, rival in enumerate(rivals, start):
            if rival.level != SETTLEMENT:
                return None
            if index.is_weak[self._kinds[at]]:
                weak.append(rival)
                continue
            if own and (rival.km or 0.0) <= SAME_PLACE_KM:
                return None
            own.append(rival)
            people.append(index.people[self._rows[at]])
        if len(own) < 2 or own[0] is not rivals[0]:
            return None
        share = people[0] / sum(people)
        if share >= SETTLEMENT_SHARE and len({rival.name for rival in own}) == 1:
            return None
        beyond = self._rivals(end, min(last, start + MOST_RIVALS))
        return Match(
            AMBIGUOUS, None, None, None, "fuzzy", round(share, 3),
            (*own, *weak, *beyond)[:MOST_RIVALS], f"{end - start} places answer",
        )  # fmt: skip

    def hits(self, number: int) -> list[Hit]:
        """Give the places of name `number` as hits."""
        kinds = self._index.kinds
        return [
            Hit(self._rows[at], self._edits[at], kinds[self._kinds[at]])
            for at in range(self.starts[number], self.ends[number])
        ]


def nothing_near(name: str) -> Match:
    """Answer that no place bears the name, nor one within the errors that it may have."""
    return missing(f"no place is named {name!r}")


def _scores(
    index: Index, spellings: Sequence[str], row: Integers, edits: Integers, beyond: Integers
) -> list[float]:
    """Score a place of each name, as if it were the answer."""
    letters = np.fromiter(map(len, spellings), np.int64, len(spellings))
    starting = np.array(spellings, dtype="U1").view(np.uint32)
    same_start = index.first_letters[row] == starting
    scores: list[float] = fuzzy_scores(letters, edits, beyond, same_start).tolist()
    return scores


def _as_asked(
    index: Index, conditions: Sequence[Condition], question: Integers, row: Integers
) -> NDArray[np.bool_]:
    """Say which pairs of question and row are at the level and inside the area asked."""
    good = np.ones(len(row), dtype=np.bool_)
    numbers = list(map(id, conditions))
    distinct = dict(zip(numbers, conditions, strict=True))
    if all(c.level is None and c.within is None for c in distinct.values()):
        return good
    of_question = np.array(numbers)[question]
    for number, condition in distinct.items():
        asks = np.flatnonzero(of_question == number)
        if condition.level is not None:
            good[asks] &= index.level_codes[row[asks]] == index.level_code(condition.level)
        if condition.within is not None:
            good[asks] &= index.is_inside(row[asks], condition.within.now)
    return good
