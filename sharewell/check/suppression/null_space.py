"""Movements that leave every total as it is: the null space of the relations among cells that are free.

A *movement* is what is added to each free cell, so that every relation still holds. A cell that no movement
moves is *pinned*: whoever knows the relations knows it exactly, whatever the bounds. Both are questions of
linear algebra, which answers them for all cells at once and far faster than linear programs do; bounds, and
so how far a cell can move, come after.

Up to DENSE relations by a pivoted Cholesky factor, beyond by conjugate gradients on the normal equations.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np

from ..conjugate import conjugate_gradients
from ..structure import Floats, Ints, Mask

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DENSE = 800
MOST_STEPS = 1000
ROUGH, EXACT, FINEST = 1e-3, 1e-9, 1e-11
PINNED = 1e-7
"""A random movement that moves a cell by less, moves it by rounding errors only."""

PROBES = 4


class NullSpace:
    """The movements of columns under `relations` (relations x columns)."""

    def __init__(self, relations: csr_array) -> None:
        self._used = np.flatnonzero(np.diff(relations.indptr))
        self._rows = relations[self._used]
        self._columns = self._rows.T.tocsr()
        self._factor: Floats | None = None
        self._order: Ints = np.arange(len(self._used))
        if 0 < len(self._used) <= DENSE:
            self._factorise()

    def _factorise(self) -> None:
        """Independent relations, and the Cholesky factor of what they have in common."""
        from scipy.linalg.lapack import dpstrf

        common = (self._rows @ self._columns).toarray()
        factor, order, rank, _ = dpstrf(common, tol=1e-10 * float(common.diagonal().max()), lower=1)
        self._order = order.astype(np.int64) - 1
        self._rows = self._rows[self._order[:rank]]
        self._columns = self._rows.T.tocsr()
        self._factor = np.tril(factor)[:, :rank]

    def project(self, wanted: Floats, accuracy: float = EXACT) -> Floats:
        """The movements nearest to those wanted (columns x any number)."""
        moved: Floats = wanted - self._columns @ self._solve(self._rows @ wanted, accuracy)
        # Again on what rounding left: the relations must hold to the last digits.
        if accuracy == EXACT:
            moved = moved - self._columns @ self._solve(self._rows @ moved, ROUGH)
        return moved

    def outside(self, others: csr_array) -> Floats:
        """Coordinates (any number x others) of further columns of the relations, in which everything that
        the columns of this space span is 0: others move together as far as these coordinates cancel."""
        if self._factor is None:
            whole: Floats = others.toarray()
            return whole - self._inside(whole)
        from scipy.linalg import solve_triangular

        dense = others.toarray()
        rank = self._factor.shape[1]
        first, rest = dense[self._used[self._order[:rank]]], dense[self._used[self._order[rank:]]]
        lower, below = self._factor[:rank], self._factor[rank:]
        rest = rest - below @ solve_triangular(lower, first, lower=True, check_finite=False)
        unused = np.setdiff1d(np.arange(len(dense)), self._used)
        return np.vstack([rest, dense[unused]])

    def spans(self, others: csr_array) -> Mask:
        """The further columns that those of this space span: they bring no movement of anything but
        themselves."""
        random = np.random.default_rng(20240229).normal(size=(others.shape[0], PROBES))
        if self._factor is None:
            silent = random - self._inside(random)
        else:
            from scipy.linalg import solve_triangular

            rank = self._factor.shape[1]
            first, rest = self._used[self._order[:rank]], self._used[self._order[rank:]]
            silent = random
            back = self._factor[rank:].T @ random[rest]
            silent[first] = -solve_triangular(
                self._factor[:rank], back, lower=True, trans=1, check_finite=False
            )
        spanned: Mask = np.abs(others.T @ silent).max(axis=1) < PINNED
        return spanned

    def _inside(self, vectors: Floats) -> Floats:
        """What of vectors over the relations lies in the span of the columns."""
        found = np.zeros_like(vectors)
        across = _normal_equations(self._columns, self._rows, self._columns @ vectors[self._used], FINEST)
        found[self._used] = self._rows @ across
        return found

    def _solve(self, right: Floats, accuracy: float) -> Floats:
        if self._factor is not None:
            from scipy.linalg import cho_solve

            lower = self._factor[: self._factor.shape[1]]
            solved: Floats = cho_solve((lower, True), right, check_finite=False)
            return solved
        return _normal_equations(self._rows, self._columns, right, accuracy)


def _normal_equations(matrix: csr_array, transposed: csr_array, right: Floats, accuracy: float) -> Floats:
    """(matrix transposed) x = right for every column of `right`, with the diagonal as preconditioner."""
    scale = 1.0 / np.maximum(np.asarray((matrix * matrix).sum(axis=1)).ravel(), 1e-300)[:, None]
    enough = accuracy**2 * float((right * (scale * right)).sum(axis=0).max(initial=0.0))
    return conjugate_gradients(lambda step: matrix @ (transposed @ step), scale, right, enough, MOST_STEPS)


def pinned(space: NullSpace, columns: int) -> Mask:
    """The columns that no movement moves."""
    random = np.random.default_rng(20240229)
    moved = space.project(random.normal(size=(columns, PROBES)))
    still: Mask = np.abs(moved).max(axis=1) < PINNED
    return still


def one_thread() -> AbstractContextManager[object]:
    """Linear algebra on one thread: these matrices are small, and threads that wait for one another cost
    more than they bring where the machine is busy."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limited: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limited
