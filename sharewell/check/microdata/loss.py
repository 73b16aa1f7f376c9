"""What recoding loses: four measures, each with a lower bound that never falls on the way up.

entropy             bits by which exact values are hidden within their groups, over all rows (de Waal and
                    Willenborg 1999, non-uniform entropy); rows left out are bounded by the share
                    allowed, and cost nothing more. The default
entropy-with-rows   the same, and a row left out costs as if every value of it were `*`
loss                the share of a column's values that a group stands for, a value alone being 0 and `*`
                    being 1, averaged over cells (Iyengar 2002); a row left out counts as `*`
discernibility      for each row the number of rows it cannot be told from, all rows for one left out
                    (Bayardo and Agrawal 2005)
average-class-size  rows over classes, those left out being one class (LeFevre et al. 2006, without k)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from .classes import Classes, Verdict
from .tuples import Floats, Tuples, add_up


class Metric(Protocol):
    """One measure on one set of tuples. costs: for each column, the least loss at each level."""

    @property
    def costs(self) -> Sequence[Floats]: ...

    def bound(self, classes: Classes) -> float:
        """The least loss at or above a node, seen from its classes."""

    def loss(self, classes: Classes, verdict: Verdict) -> float:
        """The loss at a node."""


class CellMetric:
    """A measure that adds up over cells. prices[column][level][value]: what one row's value costs there;
    what `*` costs more than a group is the same for every value of the group."""

    def __init__(self, tuples: Tuples, prices: Sequence[Sequence[Floats]], rows_cost: bool) -> None:
        self._tuples, self._prices, self._rows_cost = tuples, prices, rows_cost
        self.costs: list[Floats] = [
            np.array([float(price @ people) for price in levels])
            for levels, people in zip(prices, count_values(tuples), strict=True)
        ]

    def bound(self, classes: Classes) -> float:
        return 0.0

    def loss(self, classes: Classes, verdict: Verdict) -> float:
        total = sum(float(cost[level]) for cost, level in zip(self.costs, classes.node, strict=True))
        if not (self._rows_cost and verdict.left_out):
            return total
        gone = ~verdict.stays[classes.of]
        first, people = classes.first[gone], classes.people[gone]
        for column, level in enumerate(classes.node):
            value = self._tuples.quasi_codes[column][first]
            more = self._prices[column][-1] - self._prices[column][level]
            total += float(more[value] @ people)
        return total


class ClassMetric:
    """A measure of the sizes of classes. Its bound takes every class for one that stays, which costs least,
    and only rises as classes merge."""

    def __init__(self, tuples: Tuples, average: bool) -> None:
        self._rows, self._average = tuples.rows, average
        self.costs: list[Floats] = [np.zeros(column.levels) for column in tuples.quasi]

    def bound(self, classes: Classes) -> float:
        if self._average:
            return self._rows / len(classes.size)
        return float((classes.size.astype(float) ** 2).sum())

    def loss(self, classes: Classes, verdict: Verdict) -> float:
        if self._average:
            return self._rows / (int(verdict.stays.sum()) + (verdict.left_out > 0))
        stay = classes.size[verdict.stays].astype(float)
        return float((stay**2).sum()) + float(self._rows) * verdict.left_out


def count_values(tuples: Tuples) -> list[Floats]:
    """How many rows hold each value of each column."""
    return [
        add_up(codes, tuples.people, len(column.groups[0]))
        for codes, column in zip(tuples.quasi_codes, tuples.quasi, strict=True)
    ]


def _entropy(tuples: Tuples, weights: Sequence[float], rows_cost: bool) -> Metric:
    prices = []
    for column, people, weight in zip(tuples.quasi, count_values(tuples), weights, strict=True):
        wide = [add_up(groups, people, 0)[groups] for groups in column.groups]
        prices.append([weight * np.log2(group / people) for group in wide])
    return CellMetric(tuples, prices, rows_cost)


def _share(tuples: Tuples, weights: Sequence[float]) -> Metric:
    prices = []
    cells = max(tuples.rows * len(tuples.quasi), 1)
    for column, weight in zip(tuples.quasi, weights, strict=True):
        wide = [np.bincount(groups)[groups] for groups in column.groups]
        most = max(len(column.groups[0]) - 1, 1)
        prices.append([weight * (group - 1) / most / cells for group in wide])
    return CellMetric(tuples, prices, True)


METRICS: dict[str, Callable[[Tuples, Sequence[float]], Metric]] = {
    "entropy": lambda tuples, weights: _entropy(tuples, weights, False),
    "entropy-with-rows": lambda tuples, weights: _entropy(tuples, weights, True),
    "loss": _share,
    "discernibility": lambda tuples, _: ClassMetric(tuples, False),
    "average-class-size": lambda tuples, _: ClassMetric(tuples, True),
}
"""Measures by name, each made from tuples and the weight of each column (the last two know no weights)."""
