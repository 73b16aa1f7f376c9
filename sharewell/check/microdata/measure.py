"""How alike the rows about coded people are: k-anonymity, and what their classes say of sensitive values.

    measure(rows, quasi_identifiers, sensitive) -> Measured
    frequencies(rows, quasi_identifiers) -> Frequencies      for each row, fk and Fk

k-anonymity: Samarati 2001; Sweeney 2002. A null is a category of its own unless `wildcards` is set: then
it is what local suppression left, and matches anything (`wildcards` module). Sensitive values are measured
within classes where a null is a category, under either reading: a class so read is a part of what the
wildcard matches, so that its number of distinct values is never overstated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ...errors import DataError, Problem
from ..structure import Floats, Ints
from .coded import Rows, count, encode, gather, number, weigh
from .diversity import Diversity, diversity
from .wildcards import match_counts

_TOLD = (2, 3, 5, 10, 20)


@dataclass(frozen=True)
class Measured:
    """What was measured. k is 0 where there are no rows: nothing was shown to be safe.

    by_size: number of rows for each number of rows alike. classes: how many classes there are.
    """

    quasi_identifiers: tuple[str, ...]
    rows: int
    classes: int
    k: int
    by_size: Mapping[int, int]
    sensitive: Mapping[str, Diversity]
    wildcards: bool = False

    def rows_under(self, k: int) -> int:
        """Rows like fewer than k rows, themselves included."""
        return sum(rows for size, rows in self.by_size.items() if size < k)

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready; infinite bounds as null."""
        return {
            "quasi_identifiers": list(self.quasi_identifiers),
            "rows": self.rows,
            "classes": self.classes,
            "k": self.k,
            "rows_under": {str(k): self.rows_under(k) for k in _TOLD},
            "null": "matches anything" if self.wildcards else "a category of its own",
            "sensitive": {name: _told(found) for name, found in self.sensitive.items()},
        }


@dataclass(frozen=True)
class Frequencies:
    """For each row: sample, the rows like it (fk); weighted, the sum of their weights (Fk)."""

    sample: Floats
    weighted: Floats


def measure(
    rows: Rows,
    quasi_identifiers: Sequence[str],
    sensitive: Sequence[str] = (),
    *,
    people: str | None = None,
    subject: str | None = None,
    wildcards: bool = False,
) -> Measured:
    """Measure rows (an Arrow table or a DuckDB relation).

    people: the column that says how many each row stands for. subject: the column that codes the person,
    where one person may have several rows; then k counts people, and sensitive values are still rows'.
    DataError where a column is absent or named twice, or people are not counted in whole numbers.
    """
    _refuse_both(subject, wildcards or people is not None)
    coding = [subject] if subject else []
    table, held = gather(rows, [*quasi_identifiers, *sensitive, *coding], people)
    known = tuple(quasi_identifiers)
    coded = encode(table.select(list(known)), held)
    if not coded.rows:
        return Measured(known, 0, 0, 0, {}, {}, wildcards)
    classes, number_of = number(coded.codes, coded.sizes)
    sizes = count(classes, number_of, held)
    if subject:
        sizes = _count_subjects(table, subject, classes, number_of)
    alike = match_counts(coded).astype(np.int64) if wildcards else sizes[classes]
    found = weigh(alike, 0, held)
    diversities = {}
    for name in sensitive:
        one = encode(table.select([name]), held)
        diversities[name] = diversity(table.column(name), one, name, classes, number_of)
    return Measured(
        known,
        int(held.sum()),
        number_of,
        int(alike.min()),
        {int(size): int(found[size]) for size in np.flatnonzero(found)},
        diversities,
        wildcards,
    )


def frequencies(
    rows: Rows, quasi_identifiers: Sequence[str], *, weights: str | None = None, wildcards: bool = True
) -> Frequencies:
    """fk and Fk of each row of an Arrow table, in its order. weights: a column of sampling weights
    (default 1).
    """
    names = [*quasi_identifiers, *([weights] if weights else [])]
    table, held = gather(rows, names)
    coded = encode(table.select(list(quasi_identifiers)), held)
    weight = held.astype(np.float64)
    if weights:
        weight = table.column(weights).to_numpy(zero_copy_only=False).astype(np.float64)
    if wildcards:
        return Frequencies(match_counts(coded), match_counts(coded, weight))
    classes, size = number(coded.codes, coded.sizes)
    sample = np.bincount(classes, minlength=size)[classes].astype(np.float64)
    return Frequencies(sample, weigh(classes, size, weight)[classes])


def _refuse_both(subject: str | None, other: bool) -> None:
    if subject and other:
        raise DataError(
            Problem(
                "SUBJECT",
                "people are counted by subject, and by number or with nulls that match anything",
                "distinct people cannot be added up",
                "give one row a person, or count by subject alone",
            )
        )


def _count_subjects(table: pa.Table, subject: str, classes: Ints, number_of: int) -> Ints:
    """Distinct people in each class. Rows without a subject are one: nothing shows that they are more."""
    one = encode(table.select([subject]), np.ones(table.num_rows, dtype=np.int64))
    pairs, many = number([classes, one.codes[0]], [number_of, one.sizes[0]])
    of = np.zeros(many, dtype=np.int64)
    of[pairs] = classes
    return count(of, number_of, np.ones(many, dtype=np.int64))


def _told(found: Diversity) -> dict[str, Any]:
    return {
        "l_distinct": found.distinct,
        "l_entropy": found.entropy,
        "c_recursive": {str(least): bound for least, bound in found.recursive.items()},
        "t": found.t,
        "t_distance": "ordered" if found.ordered else "equal",
        "delta": found.delta,
        "strict_delta": found.delta if found.everywhere else None,
        "beta": found.beta,
    }
