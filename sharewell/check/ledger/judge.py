"""Which hidden counts a new release would give away together with all earlier ones, and which those are.

Hidden are the withheld cells, the differences of published cells of which one contains the other, and the
atoms: sets of people that two releases together tell apart and neither shows. One whose true count is small
(1 to least - 1) is *exposed* if everything published leaves it an interval narrower than the policy's
protection. A count that earlier releases expose by themselves is not the new release's doing and is let be.

Where the population is not at hand nobody can say which counts are small; every withheld cell or difference
that may be is then held to the same width, and an atom where it cannot be nobody. That refuses more, never
less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..policy import Policy
from ..structure import Floats, Ints
from .axes import People
from .contained import Contained, find_contained
from .predicates import Predicate
from .reach import Reach, name_sources
from .reduce import SLACK, Relations, reduce, tighten
from .releases import Release
from .system import System, assemble

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NAMED = 4
"""Exposed counts for each of which the very releases that expose it are looked for."""


@dataclass(frozen=True)
class Exposed:
    """Counts that would be exposed by the same releases (places in the order given; the new ones are among
    them). where: some of them in words. counts: how many there are."""

    where: tuple[str, ...]
    releases: tuple[int, ...]
    counts: int


@dataclass(frozen=True)
class _Asked:
    """Sets of atoms whose counts are hidden: what to call them, and the width that each must keep. small:
    below which it is held to."""

    sets: csr_array
    words: list[str]
    width: Floats
    small: Floats

    def pick(self, chosen: Ints) -> _Asked:
        return _Asked(
            self.sets[chosen], [self.words[i] for i in chosen], self.width[chosen], self.small[chosen]
        )


def required_width(policy: Policy) -> int:
    """The narrowest interval, in people, that a count must keep which no mark hides: a difference, or an
    atom. Rounding promises what one rounded figure leaves open, and half the base where it alone covers
    small numbers (`covered`); what was withheld keeps what its own release promised."""
    if policy.rounding is not None:
        return policy.rounding // 2 if policy.rounding_covers else policy.rounding - 1
    return policy.protection


def find_exposed(
    new: Sequence[Release], earlier: Sequence[Release], policy: Policy, people: People | None = None
) -> list[Exposed]:
    """Counts that `new` would expose. All must be of one population system (`Population.system`).

    Places in what is returned are those of `[*earlier, *new]`. GateError TOO_LARGE or CONTRADICTION where
    that cannot be judged.
    """
    releases = [*earlier, *new]
    system = assemble(releases, people)
    news = np.arange(len(earlier), len(releases))
    if not _tells_something(system, news):
        return []
    rows = np.unique(np.concatenate([system.rows_of(int(i)) for i in news]))
    pairs = find_contained(system, rows, policy.least_difference)
    found, slow = _at_once(system, pairs, news, policy)
    cells = _withheld(system, releases, policy)
    asked = _join(cells, _differences(system, slow, policy))
    return found + _by_programs(system, asked, news, policy)


def _tells_something(system: System, news: Ints) -> bool:
    """Whether any bound is told first, or more narrowly, by a new release: if not, all that can be worked
    out with it could be without it."""
    low = (system.low > 0) & np.isin(system.by_low, news)
    high = np.isfinite(system.high) & np.isin(system.by_high, news)
    return bool((low | high).any())


def _at_once(
    system: System, pairs: Contained, news: Ints, policy: Policy
) -> tuple[list[Exposed], Contained]:
    """Differences that two figures alone give away; and the pairs that need more than a subtraction."""
    narrow = pairs.high - pairs.low < required_width(policy)
    narrow &= (pairs.high > 0) & (pairs.low < policy.least_difference)
    told = np.sort(
        np.stack(
            [
                system.by_high[pairs.outer],
                system.by_low[pairs.outer],
                system.by_high[pairs.inner],
                system.by_low[pairs.inner],
            ]
        ),
        axis=0,
    )
    narrow_new = narrow & np.isin(told, news).any(axis=0)
    groups: dict[tuple[int, ...], list[int]] = {}
    for i in np.flatnonzero(narrow_new):
        groups.setdefault(tuple(sorted({int(r) for r in told[:, i]})), []).append(int(i))
    found = [
        Exposed(tuple(_difference(system, pairs, i) for i in some[:NAMED]), by, len(some))
        for by, some in groups.items()
    ]
    slow = ~narrow
    return found, Contained(pairs.inner[slow], pairs.outer[slow], pairs.low[slow], pairs.high[slow])


def _difference(system: System, pairs: Contained, i: int) -> str:
    outer, inner = system.predicates[pairs.outer[i]], system.predicates[pairs.inner[i]]
    return f"{outer}, without those of {inner}"


def _withheld(system: System, releases: Sequence[Release], policy: Policy) -> _Asked:
    """Withheld cells that are, or may be, small: each by what its own release promised, and this policy."""
    small, width = np.zeros(system.rows), np.zeros(system.rows)
    cells = [(cell, release) for release in releases for cell in release.cells]
    held = [i for i, (cell, _) in enumerate(cells) if cell.withheld]
    rows = system.cell_row[held]
    promised = [(cells[i][1].small, cells[i][1].width) for i in held] or [(0, 0)]
    np.maximum.at(
        small, rows, np.array([max(s, policy.least_difference) for s, _ in promised])[: len(rows)]
    )
    np.maximum.at(width, rows, np.array([max(w, required_width(policy)) for _, w in promised])[: len(rows)])
    least = 0 if policy.zero_is_small else 1
    counts = system.counts
    there = np.unique(rows)
    if counts is not None:
        there = there[(counts[there] >= least) & (counts[there] < small[there])]
    words = [str(system.predicates[row]) for row in there]
    return _Asked(system.matrix[there], words, width[there], small[there])


def _differences(system: System, pairs: Contained, policy: Policy) -> _Asked:
    sets = system.matrix[pairs.outer] - system.matrix[pairs.inner]
    words = [_difference(system, pairs, i) for i in range(len(pairs.inner))]
    width = np.full(len(words), float(required_width(policy)))
    return _Asked(sets, words, width, np.full(len(words), float(policy.least_difference)))


def _join(one: _Asked, other: _Asked) -> _Asked:
    from scipy.sparse import csr_array, vstack

    return _Asked(
        csr_array(vstack([one.sets, other.sets])),
        one.words + other.words,
        np.append(one.width, other.width),
        np.append(one.small, other.small),
    )


def _by_programs(system: System, asked: _Asked, news: Ints, policy: Policy) -> list[Exposed]:
    relations = reduce(system, asked.sets)
    asked = _join(asked, _parts(system, relations, asked, policy))
    weights = system.atoms.weights
    narrow = _narrow(relations, asked, weights)
    if len(narrow) and system.starts[news[0]] > 0:
        before = system.without(list(news))
        narrow = narrow[~np.isin(narrow, narrow[_narrow_before(before, asked.pick(narrow), weights)])]
    if not len(narrow):
        return []
    return _name(system, relations, asked.pick(narrow), news)


def _narrow_before(system: System, asked: _Asked, weights: Floats | None) -> Ints:
    return _narrow(reduce(system, asked.sets), asked, weights)


def _narrow(relations: Relations, asked: _Asked, weights: Floats | None) -> Ints:
    tight = tighten(relations)
    truth = None if weights is None else relations.count(weights)
    reach = Reach(tight, tight.express(asked.sets), asked.width, truth)
    narrow = reach.settle()
    if truth is None:
        # It may be small, and is not surely nobody.
        interval = reach.intervals
        narrow &= (interval.low < asked.small - SLACK) & (interval.high > SLACK)
    return np.flatnonzero(narrow)


def _parts(system: System, relations: Relations, asked: _Asked, policy: Policy) -> _Asked:
    """Small atoms (unknowns that no published figure tells apart), but for those asked for already."""
    from scipy.sparse import coo_array, csr_array

    small = policy.least_difference
    if system.atoms.weights is not None:
        people = relations.count(system.atoms.weights)
        chosen = np.flatnonzero((people > 0) & (people < small))
    else:
        tight = tighten(relations)
        chosen = np.flatnonzero((tight.least > 0) & (tight.least < small))
    sets = relations.express(asked.sets)
    chosen = np.setdiff1d(chosen, sets.indices[sets.indptr[:-1][np.diff(sets.indptr) == 1]])
    place = np.full(relations.unknowns + 1, -1)
    place[chosen] = np.arange(len(chosen))
    row = place[relations.unknown]
    atom = np.flatnonzero(row >= 0)
    sets = csr_array(coo_array((np.ones(len(atom)), (row[atom], atom)), (len(chosen), system.atoms.size)))
    width = np.full(len(chosen), float(required_width(policy)))
    return _Asked(sets, [""] * len(chosen), width, np.full(len(chosen), float(small)))


def _name(system: System, relations: Relations, asked: _Asked, news: Ints) -> list[Exposed]:
    """Which releases expose the first few counts; the others are put with the group that has most."""
    truth = None if system.atoms.weights is None else relations.count(system.atoms.weights)
    groups: dict[tuple[int, ...], list[int]] = {}
    sources = name_sources(relations, relations.express(asked.sets[:NAMED]), truth)
    for count, told in enumerate(sources):
        by = tuple(sorted({*(int(i) for i in told), *([] if np.isin(told, news).any() else news.tolist())}))
        groups.setdefault(by, []).append(count)
    most = max(groups, key=lambda by: len(groups[by]))
    rest = len(asked.words) - sum(len(some) for some in groups.values())
    return [
        Exposed(tuple(_words(system, asked, i) for i in some), by, len(some) + (rest if by == most else 0))
        for by, some in groups.items()
    ]


def _words(system: System, asked: _Asked, count: int) -> str:
    """What a count is called; of an atom, the common ground of all the cells that it is part of."""
    if asked.words[count]:
        return asked.words[count]
    atom = asked.sets.indices[asked.sets.indptr[count]]
    rows: Ints = np.asarray(system.matrix[:, [atom]].nonzero()[0], dtype=np.int64)
    common: Predicate = Predicate()
    for row in rows:
        for column, condition in system.predicates[row].where:
            common = common.narrowed(column, condition) or common
    return str(common)
