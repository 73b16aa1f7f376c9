"""How few facts single someone out: for each number of facts known, how many people nobody else is like.

A person is unique in some facts if no other row of the table has the same values in all of them; the crowd
is how many rows do, the person's own included (Sweeney 2000; the crowd is k of k-anonymity). What is not
recorded is a value like any other, because the person who is looked for may be known to have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from ..errors import DataError, Problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Codes = npt.NDArray[np.int64]

MOST = 60
"""Combinations of one size that are all tried; of more, this many are drawn (seeded)."""

Held = Mapping[str, Sequence[str]]
"""For each fact that somebody may know, the columns that tell it; none where the table does not."""


@dataclass(frozen=True)
class Crowd:
    """What knowing some facts comes to: the share of people who are unique, and the median crowd."""

    facts: tuple[str, ...]
    unique: float
    median: float


@dataclass(frozen=True)
class Known:
    """What knowing `count` facts comes to, over the combinations of so many that were `tried`.

    `worst` is the combination that singles out most people; `unique` and `median` are the medians over all
    that were tried, so that it is seen what the worst is worst of. `all_tried` is false where drawn.
    """

    count: int
    worst: Crowd
    unique: float
    median: float
    tried: int
    all_tried: bool


def facts_needed(table: pa.Table, held: Held, most: int = 0, seed: int = 1) -> tuple[Known, ...]:
    """For 1 to `most` facts known (all, if 0), what they single out in a table of one row a person.

    `held` says which columns tell each fact. A fact that no column tells can be known and helps nobody.
    DataError where the table has no row, a column is not in it, or there is no fact.
    """
    import numpy as np

    _check(table, held)
    people = _People({fact: [_codes(table, name) for name in held[fact]] for fact in held}, len(table))
    rng = np.random.default_rng(seed)
    top = min(most or len(held), len(held))
    return tuple(_known(people, count, _chosen(tuple(held), count, rng)) for count in range(1, top + 1))


class _People:
    """The table as codes, and each crowd counted once: facts that tell nothing do not make a new one."""

    def __init__(self, codes: Mapping[str, Sequence[Codes]], rows: int) -> None:
        self.facts, self._rows = codes, rows
        self._counted: dict[frozenset[str], tuple[float, float]] = {}

    def crowd(self, facts: tuple[str, ...]) -> Crowd:
        """What knowing these facts comes to."""
        telling = frozenset(fact for fact in facts if self.facts[fact])
        if telling not in self._counted:
            self._counted[telling] = self._count(
                [part for fact in sorted(telling) for part in self.facts[fact]]
            )
        return Crowd(facts, *self._counted[telling])

    def _count(self, parts: Sequence[Codes]) -> tuple[float, float]:
        import numpy as np

        together = np.zeros(self._rows, dtype=np.int64)
        for part in parts:  # made dense each time, so that the product of many columns cannot overflow
            _, together = np.unique(together * (part.max() + 1) + part, return_inverse=True)
        crowds = np.bincount(together)[together]
        return float(np.mean(crowds == 1)), float(np.median(crowds))


def _codes(table: pa.Table, name: str) -> Codes:
    """A column as whole numbers from 0, one for each value; null is one of them."""
    import numpy as np

    column = table[name].combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(column.indices, dtype=np.int64)


def _check(table: pa.Table, held: Held) -> None:
    problems = []
    if len(table) == 0:
        problems.append(Problem("EMPTY", "there is nobody in the table", fix="give a row for each person"))
    if not held:
        problems.append(Problem("FACTS", "there is no fact to know", fix="name at least one"))
    absent = sorted({name for names in held.values() for name in names} - set(table.column_names))
    if absent:
        fix = f"it has: {', '.join(table.column_names)}"
        problems.append(Problem("COLUMNS", f"the table has no column {', '.join(absent)}", fix=fix))
    if problems:
        raise DataError(problems)


def _chosen(facts: tuple[str, ...], count: int, rng: np.random.Generator) -> Iterable[tuple[str, ...]]:
    """All combinations of so many facts, or as many as are tried, each at most once."""
    if comb(len(facts), count) <= MOST:
        return tuple(combinations(facts, count))
    drawn: dict[tuple[str, ...], None] = {}
    while len(drawn) < MOST:
        places = sorted(int(at) for at in rng.choice(len(facts), count, replace=False))
        drawn[tuple(facts[at] for at in places)] = None
    return tuple(drawn)


def _known(people: _People, count: int, chosen: Iterable[tuple[str, ...]]) -> Known:
    import numpy as np

    found = [people.crowd(facts) for facts in chosen]
    worst = max(found, key=lambda crowd: (crowd.unique, -crowd.median))
    unique = float(np.median([crowd.unique for crowd in found]))
    median = float(np.median([crowd.median for crowd in found]))
    return Known(count, worst, unique, median, len(found), len(found) == comb(len(people.facts), count))
