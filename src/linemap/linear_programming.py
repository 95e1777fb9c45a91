"""Linear programmes over counts: many objectives, one after another, within the same limits.

HiGHS solves them, which scipy brings too; but by scipy each programme is written anew, and one
that differs from the last in a single number takes as long as the first. Whatever the solver
says is checked here: an answer is a table of counts within the limits, or None.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextvars import ContextVar
from threading import Event
from typing import Any, Final, TypeVar

import numpy as np

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")
MOST: Final = 1e6  # no count is larger than this
_NEAR: Final = 1e-6  # below this a number is zero, or a whole number whole
_AT_ONCE: Final = 2  # programmes that are in memory together
_LOOK: Final = 0.2  # seconds
_STOP: ContextVar[Event | None] = ContextVar("stop", default=None)  # of the work in a thread
# Up to so many a presolve costs time; without one 20,210 sums take minutes and not half a second.
_FEW_SUMS, _FEW_UNKNOWNS = 2_000, 8_000
_DUAL, _PRIMAL = 1, 4  # HiGHS's numbers for its two simplex methods


def sums_of(
    members: Sequence[np.ndarray], size: int, weights: Sequence[np.ndarray] | None = None
) -> Any:
    """Write sums over some of `size` unknowns as a sparse matrix, one row a sum.

    >>> sums_of([np.array([0, 2])], 3).toarray()
    array([[1., 0., 1.]])
    """
    from scipy.sparse import csr_array  # late: scipy is slow to load

    columns = np.concatenate([np.empty(0, dtype=np.int64), *members]).astype(np.int64)
    values = np.ones(len(columns)) if weights is None else np.concatenate([[], *weights])
    starts = np.cumsum([0, *(len(member) for member in members)])
    return csr_array((values, columns, starts), shape=(len(members), size))


def in_order(work: Callable[[_Item], _Found], items: Iterable[_Item]) -> Iterator[_Found]:
    """Do independent work on both of two cores, for HiGHS leaves the interpreter free.

    What is found comes in the order of the items: how many cores there are changes the time
    alone. No more than two are worked on at once. Whatever stops the caller, or an end that it
    makes, stops the work at its next programme.
    """
    given = list(items)
    if len(given) == 1:
        yield work(given[0])
        return
    stop = Event()

    def begun(item: _Item) -> _Found:
        _STOP.set(stop)
        return work(item)

    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, _AT_ONCE)) as pool:
        try:
            for future in [pool.submit(begun, item) for item in given]:
                while not wait([future], timeout=_LOOK).done:
                    pass  # a wait without an end cannot be interrupted everywhere
                yield future.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


class CountProgramme:
    """Unknown counts whose sums, the rows of `matrix`, lie from `low` to `high`.

    Each unknown lies from `floor` to what is given when a table is asked for.
    """

    def __init__(
        self, matrix: Any, low: np.ndarray, high: np.ndarray, *, floor: np.ndarray | None = None
    ) -> None:
        self.matrix, self.low, self.high = matrix, low.astype(float), high.astype(float)
        self.size = int(matrix.shape[1])
        self.floor = np.zeros(self.size) if floor is None else floor.astype(float)
        self._weight = abs(matrix)
        self._every = np.arange(self.size, dtype=np.int32)
        self._most = np.full(self.size, MOST)
        self._solver: Any = None

    def loosen(self, rows: Sequence[int]) -> None:
        """Take the limits of some sums away."""
        for row in rows:
            self.low[row], self.high[row] = -np.inf, np.inf
            if self._solver is not None:
                self._solver.changeRowBounds(row, -np.inf, np.inf)

    def table(
        self, objective: np.ndarray, most: np.ndarray, *, close: bool = False, exact: bool = True
    ) -> np.ndarray | None:
        """Find a table of whole numbers within the limits that makes the objective least.

        `most` is what no unknown may exceed. `close` says that the objective differs from the
        last in few unknowns, so that the last table is a good start. None if there is no table
        or, unless `exact`, if the best one found was not of whole numbers.
        """
        found = self._solve(objective, most, close=close)
        if found is None:
            return None
        whole = self._whole(found)
        return self._by_integers(objective, most) if whole is None and exact else whole

    def _solve(self, objective: np.ndarray, most: np.ndarray, *, close: bool) -> np.ndarray | None:
        from highspy import HighsModelStatus

        if (stop := _STOP.get()) is not None and stop.is_set():
            raise CancelledError
        if self._solver is None:
            self._solver = _solver_of(self)
        if not np.array_equal(most, self._most):
            self._most = np.array(most, dtype=float)
            self._solver.changeColsBounds(self.size, self._every, self.floor, self._most)
        self._solver.changeColsCost(self.size, self._every, np.asarray(objective, dtype=float))
        for start in (close, False) if close else (False,):
            if not start:
                self._solver.clearSolver()
            self._solver.setOptionValue("simplex_strategy", _PRIMAL if start else _DUAL)
            self._solver.run()
            if self._solver.getModelStatus() == HighsModelStatus.kOptimal:
                return np.array(self._solver.getSolution().col_value)
        return None

    def _by_integers(self, objective: np.ndarray, most: np.ndarray) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp

        limits = LinearConstraint(self.matrix, self.low, self.high)
        found = milp(objective, constraints=limits, bounds=Bounds(self.floor, most), integrality=1)
        return None if found.x is None else self._whole(found.x)

    def _whole(self, found: np.ndarray) -> np.ndarray | None:
        """Round a table, if it is whole and within the limits."""
        whole = np.round(found)
        near = np.abs(found - whole).max(initial=0) < _NEAR
        return whole if near and self.fits(whole) else None

    def fits(self, table: np.ndarray) -> bool:
        """Say whether a table is within the limits."""
        sums, near = self.matrix @ table, _NEAR + _NEAR / 1_000 * (self._weight @ table)
        fits = (sums >= self.low - near) & (sums <= self.high + near)
        return bool(fits.all() and (table >= self.floor).all())


def _solver_of(programme: CountProgramme) -> Any:
    import highspy  # late: most commands solve nothing

    class Silent(highspy.Highs):
        """HiGHS as it is, but that it greets nobody."""

        def enableCallbacks(self) -> None:  # noqa: N802  HiGHS's name; called as it is made
            self.setOptionValue("output_flag", False)

    solver: Any = Silent()  # type: ignore[no-untyped-call]  # untyped there
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    if len(programme.low) <= _FEW_SUMS and programme.size <= _FEW_UNKNOWNS:
        solver.setOptionValue("presolve", "off")  # it takes as long as solving what is left
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = programme.size, len(programme.low)
    model.col_cost_ = np.zeros(programme.size)
    model.col_lower_, model.col_upper_ = programme.floor, np.full(programme.size, MOST)
    model.row_lower_, model.row_upper_ = programme.low, programme.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = programme.matrix.indptr
    model.a_matrix_.index_ = programme.matrix.indices
    model.a_matrix_.value_ = programme.matrix.data
    solver.passModel(model)
    return solver
