"""Equivalence classes of tuples at one node of the lattice, and what of them satisfies the settings.

A class is the people alike in every quasi-identifier. Classes of a node are built from those of any node
below it (roll-up), because a group never splits on the way up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .anonymity import Anonymity
from .distances import equal_distance, fail_most, ordered_distance
from .tuples import Floats, Ints, Mask, Sensitive, Tuples, add_up, combine, factorise

Node = tuple[int, ...]

_SLACK = 1e-12
_ROUNDING = 1e-6
_ROOM = 10_000_000
"""Parts that may be held to roll up from, in all: some 300 MB."""


@dataclass(frozen=True)
class Classes:
    """The classes of a node, by their parts: a part is the people of one class with the same sensitive
    values.

    first: a tuple of each part. people: how many rows it holds. of: its class. size: rows of each class.
    """

    node: Node
    first: Ints
    people: Ints
    of: Ints
    size: Ints


@dataclass(frozen=True)
class Verdict:
    """Which classes may stay, how many rows are in the others, and which satisfy k and l."""

    stays: Mask
    left_out: int
    counted: Mask


@dataclass(frozen=True)
class Reached:
    """The least rows alike, the least distinct sensitive values, the greatest t and delta; None where there
    is nothing to measure."""

    k: int | None
    l: int | None  # noqa: E741 - the field's own name for it
    t: float | None
    delta: float | None


class Grouping:
    """Builds and judges classes of one set of tuples."""

    def __init__(self, tuples: Tuples, wanted: Anonymity) -> None:
        self.tuples, self.wanted = tuples, wanted
        self._lifted: dict[tuple[int, int], Ints] = {}
        everybody = np.arange(len(tuples.people))
        self._ground = Classes((), everybody, tuples.people, everybody, tuples.people)
        self._held: list[Classes] = []
        self._nodes = np.zeros((64, len(tuples.quasi)), dtype=np.int64)
        self._parts = np.zeros(64, dtype=np.int64)
        self._room = _ROOM

    def classes(self, node: Node) -> Classes:
        """The classes of a node, from the smallest classes held of a node below it."""
        start = self._nearest(node)
        of, leads, size = self._split(node, start)
        if not self.tuples.sensitive:
            return self._hold(Classes(node, start.first[leads], size, np.arange(len(leads)), size))
        values = [
            (codes[start.first], max(kind.values, 1))
            for codes, kind in zip(self.tuples.sensitive_codes, self.tuples.sensitive, strict=True)
        ]
        keys, span = combine([(of, len(leads)), *values], len(start.first))
        part, parts = factorise(keys, span)
        people = add_up(part, start.people, len(parts)).astype(np.int64)
        return self._hold(Classes(node, start.first[parts], people, of[parts], size))

    def classes_of_tuples(self, node: Node) -> Classes:
        """The classes of a node with every tuple a part of its own."""
        of, _, size = self._split(node, self._ground)
        return Classes(node, self._ground.first, self._ground.people, of, size)

    def _split(self, node: Node, start: Classes) -> tuple[Ints, Ints, Ints]:
        parts = [self._part(column, level, start.first) for column, level in enumerate(node)]
        keys, span = combine(parts, len(start.first))
        of, leads = factorise(keys, span)
        size = add_up(of, start.people, len(leads)).astype(np.int64)
        return of, leads, size

    def judge(self, classes: Classes, budget: int | None = None) -> Verdict:
        """Leave out what fails on k and l; then, with the distribution of those who stay, what fails most
        on t and delta, until nothing fails, or more than `budget` rows are left out.

        Rows left out change the distribution, and so may save others or bring them down. That is why it is
        repeated, and why each time only classes go that fail by at least half as much as the worst.
        """
        stays = classes.size >= self.wanted.smallest
        if self.wanted.l is not None:
            stays &= self._distinct(classes) >= self.wanted.l
        counted = stays.copy()
        while self._asks_distances:
            if budget is not None and classes.size[~stays].sum() > budget:
                break
            far, ratio = self._distances(classes, stays)
            fails = np.zeros_like(stays)
            if self.wanted.t is not None:
                fails |= fail_most(stays, far - self.wanted.t - _SLACK)
            if self.wanted.delta is not None:
                fails |= fail_most(stays, ratio - self.wanted.delta + _SLACK)
            if not fails.any():
                break
            stays &= ~fails
        return Verdict(stays, int(classes.size[~stays].sum()), counted)

    def least_left_out(self, classes: Classes, verdict: Verdict, budget: int) -> float:
        """A number of rows that has to be left out at this node and at every node beneath it, if no more
        than `budget` are.

        A class that fails on k or l leaves whole, as its parts beneath do. With t the distance is convex:
        if the rows that stay of a class are within t of those who stay, then a class at distance D of all
        rows has at least size x (D - b - t) / (1 - t) rows that leave, b being the share of the budget, by
        which the distribution of those who stay may differ from that of all; ordered distances have no
        such bound where a value may vanish, and with it a step. With delta the same holds of the share
        that one value may have, exp(delta) times its share among those who stay. (That a value may be too
        rare says nothing of the nodes beneath, where it may be absent, and is not used.)
        """
        gone = budget / self.tuples.rows
        need = np.zeros(len(classes.size))
        for index, kind in enumerate(self.tuples.sensitive if self._asks_distances else ()):
            of, value, people = self._counts(classes, index, kind)
            whole = add_up(value, people, kind.values) / self.tuples.rows
            if self.wanted.delta is not None:
                most = whole[value] * np.exp(self.wanted.delta) / (1 - gone)
                np.maximum.at(need, of, people - classes.size[of] * most)
            if self.wanted.t is not None and self.wanted.t < 1 and not (kind.ordered and budget):
                distance = ordered_distance if kind.ordered else equal_distance
                far = distance((of, value, people / classes.size[of]), whole, len(need))
                need = np.maximum(need, classes.size * (far - gone - self.wanted.t) / (1 - self.wanted.t))
        need = np.ceil(need - _ROUNDING)
        return float(np.where(verdict.counted, need, classes.size).sum())

    def reached(self, classes: Classes, stays: Mask) -> Reached:
        """What the classes that stay attain; nothing of sensitive columns where there are none."""
        if not stays.any():
            return Reached(None, None, None, None)
        k = int(classes.size[stays].min())
        if not self.tuples.sensitive:
            return Reached(k, None, None, None)
        far, ratio = self._distances(classes, stays)
        least = int(self._distinct(classes)[stays].min())
        return Reached(k, least, float(far[stays].max()), float(ratio[stays].max()))

    @property
    def _asks_distances(self) -> bool:
        return self.wanted.t is not None or self.wanted.delta is not None

    def _part(self, column: int, level: int, first: Ints) -> tuple[Ints, int]:
        quasi = self.tuples.quasi[column]
        size = len(quasi.labels[level])
        if size == 1:
            return first, 1
        if (column, level) not in self._lifted:
            self._lifted[column, level] = quasi.groups[level][self.tuples.quasi_codes[column]]
        codes = self._lifted[column, level]
        return (codes if first is self._ground.first else codes[first]), size

    def _nearest(self, node: Node) -> Classes:
        count = len(self._held)
        below = np.flatnonzero((self._nodes[:count] <= node).all(axis=1))
        if not len(below):
            return self._ground
        return self._held[int(below[self._parts[below].argmin()])]

    def _hold(self, classes: Classes) -> Classes:
        """Keep classes to roll up from, if they are few enough to be worth it."""
        count, parts = len(self._held), len(classes.first)
        if 2 * parts > len(self._ground.first) or self._room < parts:
            return classes
        if count == len(self._parts):
            self._nodes = np.concatenate([self._nodes, np.zeros_like(self._nodes)])
            self._parts = np.concatenate([self._parts, np.zeros_like(self._parts)])
        self._nodes[count], self._parts[count] = classes.node, parts
        self._room -= parts
        self._held.append(classes)
        return classes

    def _counts(self, classes: Classes, index: int, kind: Sensitive) -> tuple[Ints, Ints, Floats]:
        """Class, value and people of each pair of a class and a value of a sensitive column."""
        codes = self.tuples.sensitive_codes[index][classes.first]
        keys, span = combine([(classes.of, len(classes.size)), (codes, kind.values)], len(codes))
        pair, first = factorise(keys, span)
        people = add_up(pair, classes.people, len(first))
        return classes.of[first], codes[first], people

    def _distinct(self, classes: Classes) -> Ints:
        """The least number of distinct values, nulls apart, of any sensitive column in each class."""
        found = []
        for index, kind in enumerate(self.tuples.sensitive):
            of, value, _ = self._counts(classes, index, kind)
            found.append(np.bincount(of[value != kind.null], minlength=len(classes.size)))
        return np.min(found, axis=0) if found else np.zeros(len(classes.size), dtype=np.int64)

    def _distances(self, classes: Classes, stays: Mask) -> tuple[Floats, Floats]:
        """How far each class lies from everybody who stays, by t and by delta, at most over columns."""
        count = len(classes.size)
        far, most = np.zeros(count), np.zeros(count)
        for index, kind in enumerate(self.tuples.sensitive if stays.any() else ()):
            of, value, people = self._counts(classes, index, kind)
            here = stays[of]
            of, value, people = of[here], value[here], people[here]
            whole = add_up(value, people, kind.values)
            whole /= whole.sum()
            share = people / classes.size[of]
            np.maximum.at(most, of, np.abs(np.log(share / whole[value])))
            distance = ordered_distance if kind.ordered else equal_distance
            far = np.maximum(far, distance((of, value, share), whole, count))
        return far, most
