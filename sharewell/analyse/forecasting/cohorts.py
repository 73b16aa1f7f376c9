"""Hamilton-Perry: each cohort goes on by the ratio at which cohorts before it grew or shrank.

Hamilton and Perry 1962 (Social Forces 41:163); Smith, Tayman and Swanson 2013 (A Practitioner's Guide to
State and Local Population Projections, ch. 8). Their youngest age comes from the ratio of children to
women; a register of children holds no women, so that births go on by their own mean growth. Ratios of an
area are drawn towards those of all areas, as if `PRIOR` more people had behaved like everybody: in a ward
of thirty births a ratio of its own is mostly chance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRIOR = 60.0
LEVEL = 3
"""Years of births whose mean is the level from which births go on."""


def ratios(counts: Floats, prior: float = PRIOR) -> Floats:
    """Cohort change ratios by area and age but the last. `counts` is areas x years x ages, two years or
    more."""
    return _drawn(counts[:, 1:, 1:].sum(axis=1), counts[:, :-1, :-1].sum(axis=1), prior)


def growth(counts: Floats, prior: float = PRIOR) -> Floats:
    """The mean ratio of a year's youngest to those of the year before, by area."""
    return _drawn(counts[:, 1:, 0].sum(axis=1), counts[:, :-1, 0].sum(axis=1), prior)


def _drawn(after: Floats, before: Floats, prior: float) -> Floats:
    """The ratio of each area, drawn towards that of all; 1 where nobody ever was."""
    everywhere = before.sum(axis=0)
    whole = np.divide(after.sum(axis=0), everywhere, out=np.ones_like(everywhere), where=everywhere > 0)
    return np.asarray((after + prior * whole) / (before + prior))


def project(counts: Floats, ahead: int, prior: float = PRIOR) -> Floats:
    """People by area and year to come, all ages together."""
    change, births = ratios(counts, prior), growth(counts, prior)
    level = min(LEVEL, counts.shape[1])
    # The mean of the last years stands for the middle of them.
    youngest = counts[:, -level:, 0].mean(axis=1) * births ** ((level - 1) / 2)
    now, made = counts[:, -1, :], []
    for _ in range(ahead):
        youngest = youngest * births
        now = np.column_stack([youngest, now[:, :-1] * change])
        made.append(now.sum(axis=1))
    return np.column_stack(made)


def carry(counts: Floats, ahead: int) -> Floats:
    """The naive forecast: as many as there were."""
    return np.repeat(counts[:, -1, :].sum(axis=1)[:, None], ahead, axis=1)
