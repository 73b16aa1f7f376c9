"""What suppression of cells decides: who loses which values, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tuples import Ints, combine, factorise

Columns = tuple[int, ...]


@dataclass(frozen=True)
class Move:
    """`people` of a class lose the values of `columns`; None means that they leave altogether."""

    of: int
    columns: Columns | None
    people: int


@dataclass(frozen=True)
class Moves:
    """A plan, whether it is the cheapest there is, and its cost: weights of the cells suppressed; a row
    that leaves costs all its cells and the dearest once more."""

    moves: tuple[Move, ...]
    optimal: bool
    cost: float


def price(columns: Columns, weights: Sequence[float]) -> float:
    """What it costs a row to lose the values of these columns."""
    return float(sum(weights[column] for column in columns))


def price_of_leaving(weights: Sequence[float]) -> float:
    """What it costs that a row leaves: more than to lose every value."""
    return float(sum(weights)) + max(weights)


def patterns_of(codes: Ints, subset: Columns) -> Ints:
    """For each class, which pattern it shows once the columns of `subset` are suppressed."""
    parts = [
        (codes[:, column], int(codes[:, column].max()) + 1)
        for column in range(codes.shape[1])
        if column not in subset
    ]
    return factorise(*combine(parts, len(codes)))[0]
