"""The limits of an attack as matrices: what is alike taken together, what nothing connects apart.

Of unknowns that every limit takes alike, the sum alone is limited, and any split of it fits. So
each such class is one unknown of the programmes that are solved; how far its members range follows.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from linemap.linear_programming import MOST, sums_of

FACT: Final = 0


@dataclass(frozen=True, slots=True)
class Constraint:
    """The sum of `weights` times the unknowns `members` lies from `low` to `high`."""

    members: np.ndarray
    low: float
    high: float
    weights: np.ndarray | None = None
    belief: int = FACT


@dataclass(frozen=True, slots=True)
class AttackTarget:
    """A hidden number: the sum of `members`; it must range over at least `need`.

    Unless it is never under `large`: then it is of enough people to be shown.
    """

    members: np.ndarray
    need: float
    kind: str
    large: float = np.inf


@dataclass(frozen=True, slots=True)
class Limits:
    """Sums over unknowns, the rows of `matrix`, from `low` to `high`, each with its `belief`.

    No unknown is more than its `most`. A target is at least the unknowns of its row of ``inner``
    and at most those of ``outer``; it is to range over its ``need``.
    """

    matrix: Any
    low: np.ndarray
    high: np.ndarray
    belief: np.ndarray
    most: np.ndarray
    inner: Any
    outer: Any
    need: np.ndarray

    @classmethod
    def of(
        cls, constraints: Sequence[Constraint], targets: Sequence[AttackTarget], size: int
    ) -> Limits:
        """Write constraints and targets over so many unknowns as matrices."""
        weights = [np.ones(len(c.members)) if c.weights is None else c.weights for c in constraints]
        sums = sums_of([target.members for target in targets], size)
        return cls(
            sums_of([c.members for c in constraints], size, weights),
            np.array([c.low for c in constraints], dtype=float),
            np.array([c.high for c in constraints], dtype=float),
            np.array([c.belief for c in constraints], dtype=int),
            np.full(size, MOST),
            sums,
            sums,
            np.array([target.need for target in targets], dtype=float),
        )

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return int(self.matrix.shape[1])

    def classes(self) -> np.ndarray:
        """Give each unknown the number of its class: alike are those that each sum takes alike."""
        columns = self.matrix.tocsc()
        columns.sort_indices()
        seen: dict[tuple[bytes, bytes], int] = {}
        ends = columns.indptr.tolist()
        return np.array(
            [
                seen.setdefault(
                    (columns.indices[a:b].tobytes(), columns.data[a:b].tobytes()), len(seen)
                )
                for a, b in itertools.pairwise(ends)
            ],
            dtype=np.int64,
        )

    def together(self, classes: np.ndarray) -> Limits:
        """Take the unknowns of each class together as one."""
        from scipy.sparse import csr_array  # late: scipy is slow to load

        _, first, sizes = np.unique(classes, return_index=True, return_counts=True)
        shape = (len(classes), len(first))
        one = csr_array((np.ones(len(classes)), classes, np.arange(len(classes) + 1)), shape=shape)
        outer = (self.outer @ one).tocsr()
        inner = outer.copy()
        inner.data = (inner.data == sizes[inner.indices]).astype(float)  # all of a class, or none
        inner.eliminate_zeros()
        outer.data[:] = 1
        matrix = self.matrix.tocsc()[:, first].tocsr()
        return replace(self, matrix=matrix, most=MOST * sizes, inner=inner, outer=outer)

    def distinct(self) -> tuple[Limits, np.ndarray]:
        """Keep targets that are the same once, with the largest need; say which is which."""
        keys: dict[tuple[bytes, bytes], int] = {}
        for sums in (self.inner, self.outer):
            sums.sort_indices()
        rows = [
            keys.setdefault((_row(self.inner, at), _row(self.outer, at)), len(keys))
            for at in range(len(self.need))
        ]
        which = np.array(rows, dtype=np.int64)
        _, first = np.unique(which, return_index=True)
        need = np.zeros(len(first))
        np.maximum.at(need, which, self.need)
        return replace(self, inner=self.inner[first], outer=self.outer[first], need=need), which

    def parts(self, large: int) -> list[np.ndarray]:
        """Put unknowns into parts of about `large` that no constraint connects."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        if self.size <= large:
            return [np.arange(self.size)]
        rows = np.repeat(np.arange(len(self.low)), np.diff(self.matrix.indptr))
        ends = (self.matrix.indices, self.size + rows)
        every = self.size + len(self.low)
        links = coo_array((np.ones(len(rows)), ends), shape=(every, every))
        _, label = connected_components(links, directed=False)
        label = np.unique(label[: self.size], return_inverse=True)[1]
        before = np.cumsum(np.bincount(label)) - np.bincount(label)
        _, part = np.unique((before // large)[label], return_inverse=True)  # some components each
        return [np.flatnonzero(part == number) for number in range(int(part.max()) + 1)]

    def part(self, members: np.ndarray, *, first: bool) -> tuple[Limits, np.ndarray]:
        """Take what is said of some unknowns; name the targets that have any of them.

        What is said of no unknown at all is kept with the `first` part.
        """
        every = self.matrix.tocsc()[:, members].tocsr()
        has = np.diff(every.indptr) > 0
        if first:
            has |= np.diff(self.matrix.indptr) == 0
        inner, outer = (sums.tocsc()[:, members].tocsr() for sums in (self.inner, self.outer))
        targets = np.flatnonzero(np.diff(outer.indptr) > 0)
        part = Limits(
            every[np.flatnonzero(has)],
            self.low[has],
            self.high[has],
            self.belief[has],
            self.most[members],
            inner[targets],
            outer[targets],
            self.need[targets],
        )
        return part, targets


def _row(sums: Any, at: int) -> bytes:
    return bytes(sums.indices[sums.indptr[at] : sums.indptr[at + 1]])
