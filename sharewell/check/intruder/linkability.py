"""Linkability: records that a recipient holds, held against released rows.

Two intruders. The careful one speaks up only where the released rows that contradict nothing held are one
person's; the bold one always picks among the rows that contradict it least. The baseline is exact: the
same picks, scored against the true people of all records tried in turn, which is what they would get if
the columns said nothing about who it is.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ..structure import Ints
from .knowledge import Knowledge, align, number_people, subjects
from .played import Attempt


def link(
    released: pa.Table,
    knowledge: Knowledge,
    *,
    subject: str | None = None,
    tries: int = 1000,
    seed: int = 0,
) -> tuple[Attempt, ...]:
    """The careful and the bold intruder, on at most `tries` records picked by seed.

    subject: the column that codes the person, where a person may have several rows. DataError where the
    knowledge does not fit the release.
    """
    about = subjects(knowledge, released.num_rows)
    random = np.random.default_rng(seed)
    tried = random.permutation(len(about))[:tries]
    if not released.num_rows:
        tried = tried[:0]
    held = align(released, knowledge.records, knowledge.columns, knowledge.tolerance)
    people = number_people(released, subject)
    careful = np.full(len(tried), -1, dtype=np.int64)
    bold = np.full(len(tried), -1, dtype=np.int64)
    for place, record in enumerate(tried):
        apart = held.apart(int(record))
        least = int(apart.min())
        fitting = people[held.rows_of(np.flatnonzero(apart == least))]
        bold[place] = fitting[random.integers(len(fitting))]
        if least == 0 and (fitting == fitting[0]).all():
            careful[place] = fitting[0]
    columns = ", ".join(knowledge.columns)
    inside = about[tried] >= 0
    truth = np.full(len(tried), -1, dtype=np.int64)
    truth[inside] = people[about[tried][inside]]
    return (
        _score(careful, truth, knowledge.name, f"Linking on {columns} where one person fits"),
        _score(bold, truth, knowledge.name, f"Linking on {columns} to the nearest"),
    )


def _score(picked: Ints, truth: Ints, held: str, how: str) -> Attempt:
    claimed = picked >= 0
    right = claimed & (picked == truth)
    return Attempt(
        attack="linkability",
        how=how,
        knowledge=held,
        did="named the right person",
        tries=len(picked),
        claims=int(claimed.sum()),
        successes=int(right.sum()),
        guess=_by_chance(picked[claimed], truth),
        names=True,
    )


def _by_chance(picked: Ints, truth: Ints) -> float:
    """The rate at which these picks are right about a record drawn at random."""
    if not len(picked) or not len(truth):
        return 0.0
    real = truth[truth >= 0]
    size = int(max(picked.max(), real.max(initial=0))) + 1
    together = np.bincount(picked, minlength=size) @ np.bincount(real, minlength=size)
    return float(together) / len(truth) ** 2
