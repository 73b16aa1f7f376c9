"""Limits beside the proof: how many answers a population gives in a period, and how alike they may be.

The linear programs judge counts. Sums, means and models over nearly equal sets of people tell of the few in
which the sets differ too, and enough answers of any kind rebuild the rows (Dinur and Nissim, Revealing
information while preserving privacy, PODS 2003). These limits prove nothing; they bound how much is tried.
The overlap cap is that of Dobkin, Jones and Lipton (Secure databases: protection against user influence,
ACM TODS 1979), for sets that differ by a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ...errors import DocumentError, Problem
from .axes import People
from .releases import Release
from .system import assemble


@dataclass(frozen=True)
class Allowance:
    """answers: releases of one population within `days` days, across agreements; None sets no limit.
    overlap: the greatest share of a cell's people who may be in an earlier cell that differs from it by
    fewer people than the policy's least difference; None sets no limit. DocumentError ALLOWANCE."""

    answers: int | None = None
    days: int = 365
    overlap: float | None = None

    def __post_init__(self) -> None:
        fits = (self.answers is None or self.answers >= 1) and self.days >= 1
        if not fits or (self.overlap is not None and not 0 < self.overlap <= 1):
            fix = "give answers and days of at least 1, and a share over 0 and up to 1"
            raise DocumentError(Problem("ALLOWANCE", "an allowance cannot be kept to", fix=fix))


def check_budget(new: Sequence[Release], earlier: Sequence[Release], allowance: Allowance) -> list[Problem]:
    """BUDGET where the new release is one more than its population gives in the period that it ends."""
    problems = []
    populations = sorted({release.population.name for release in new})
    for name in populations if allowance.answers is not None else ():
        mine = [release for release in new if release.population.name == name]
        until = max(release.made for release in mine)
        since = until - timedelta(days=allowance.days)
        before = {r.id for r in earlier if r.population.name == name and since < r.made <= until}
        asked = {release.id for release in mine} - before
        if asked and len(before) + len(asked) > (allowance.answers or 0):
            what = f"{name} has given its {allowance.answers} releases of {allowance.days} days"
            why = "with enough answers, however harmless each, the rows behind them can be rebuilt"
            problems.append(Problem("BUDGET", what, why, "wait until the oldest falls out", "ledger"))
    return problems


def check_overlap(
    new: Sequence[Release],
    earlier: Sequence[Release],
    allowance: Allowance,
    least: int,
    people: People | None,
) -> list[Problem]:
    """OVERLAP where a new cell has nearly the people of an earlier one; releases of one population system.

    Cells within one another are left to the programs, which know what their difference tells.
    """
    if allowance.overlap is None or not earlier:
        return []
    releases = [*earlier, *new]
    system = assemble(releases, people)
    counts, weights = system.counts, system.atoms.weights
    if counts is None or weights is None:
        what = "how far its cells overlap earlier ones cannot be measured"
        return [Problem("OVERLAP", what, fix="judge where the population is at hand", where="ledger")]
    old = np.unique(system.cell_row[: system.starts[len(earlier)]])
    mine = np.setdiff1d(system.cell_row[system.starts[len(earlier)] :], old)
    # A smaller cell cannot have somebody of its own and overlap so far.
    mine = mine[counts[mine] * (1 - allowance.overlap) > 1 - 1e-9]
    shared = (system.matrix[mine] * weights @ system.matrix[old].T).tocoo()
    a, b, both = counts[mine[shared.row]], counts[old[shared.col]], shared.data
    apart = a + b - 2 * both
    near = (apart > 0) & (apart < least) & (both < np.minimum(a, b)) & (both > allowance.overlap * a)
    if not near.any():
        return []
    hit = np.unique(old[shared.col[near]])
    named = [r.name for i, r in enumerate(earlier) if np.isin(system.rows_of(i), hit).any()]
    words = str(system.predicates[mine[shared.row[near][0]]])
    what = f"cells such as [{words}] count nearly the same people as cells of {', '.join(named[:6])}"
    why = f"they differ by fewer than {least} people, of whom every other figure of the two would tell"
    return [Problem("OVERLAP", what, why, "ask about the earlier release's groups", "ledger")]
