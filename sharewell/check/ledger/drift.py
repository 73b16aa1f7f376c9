"""The same cell in two snapshots of one population: fifteen in one release, fourteen in the next.

Whom a changed figure is about: those who came, who left, or whose values changed in between. If the figures
differ by a few people, at least that few moved, and whoever knows somebody who moved learns of them. So a
difference that may be 1 to least - 1 is refused, unless the host knows the turnover of that cell and enough
people moved that the difference is nobody's own: at least `least` came, and at least `least` left, or one
of the two did and the other nobody.

Limits: equal figures pass, since they tell of nobody in particular, even though people may have swapped.
Only figures about the very same condition are compared; across snapshots, cells that overlap in part share
no exact relation, and the linear programs of one snapshot do not reach into another. A population that does
not change is `closed`, and is not compared here but judged as one.

A rounded figure stands for all the counts that are published alike. Two different ones whose runs leave a
difference of `least` or more possible tell no small difference, nor do two that leave it open to within
more people than one rounded figure does; equal ones tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .predicates import Predicate
from .releases import PublishedCell, Release


@dataclass(frozen=True)
class Turnover:
    """How many people came to a cell and left it between two snapshots."""

    came: int
    left: int

    def covers(self, least: int) -> bool:
        """Whether every movement is of at least `least` people, or of nobody."""
        return all(moved == 0 or moved >= least for moved in (self.came, self.left)) and (
            self.came + self.left >= least
        )


Turnovers = Callable[[Predicate, str, str], Turnover | None]
"""(cell, earlier snapshot, later snapshot) -> what the host knows of who moved; None where it does not."""


@dataclass(frozen=True)
class Drift:
    """A cell of the new release that differs by a few from `earlier`'s."""

    where: Predicate
    earlier: Release


def find_drift(
    new: Release,
    earlier: Sequence[Release],
    least: int,
    turnover: Turnovers | None = None,
    width: int | None = None,
) -> list[Drift]:
    """Each cell of `new`, with each earlier release of another snapshot that it differs from by a few.

    width: a difference that is known only to within so many people is not known (`judge.required_width`);
    `least`, unless told.
    """
    figures: dict[Predicate, list[PublishedCell]] = {}
    for cell in new.cells:
        if not cell.withheld:
            figures.setdefault(cell.where, []).append(cell)
    found: dict[tuple[Predicate, str], Drift] = {}
    for release in earlier:
        same = release.population.name == new.population.name
        if not same or release.population.system == new.population.system:
            continue
        for cell in release.cells:
            for mine in figures.get(cell.where, []) if not cell.withheld else []:
                small = _is_small(mine, cell, least, least if width is None else width)
                if small and not _covered(new, release, cell.where, least, turnover):
                    found[cell.where, release.id] = Drift(cell.where, release)
    return list(found.values())


def _is_small(one: PublishedCell, other: PublishedCell, least: int, width: int) -> bool:
    """Whether a reader of both knows that the counts differ by fewer than `least`, to within `width`."""
    if (one.low, one.high) == (other.low, other.high):
        return False
    apart = max(one.low - other.high, other.low - one.high)
    if one.exact and other.exact:
        return 0 < apart < least
    furthest = max(one.high - other.low, other.high - one.low)
    return apart > 0 and furthest < least and furthest - apart < width


def _covered(new: Release, old: Release, where: Predicate, least: int, turnover: Turnovers | None) -> bool:
    if turnover is None:
        return False
    first, last = sorted((old.population.snapshot, new.population.snapshot))
    known = turnover(where, first, last)
    return known is not None and known.covers(least)
