"""Inference: guessing a sensitive value of somebody from what is known of them, by the released rows
most alike.

The intruder takes the released rows that contradict least what is known, and guesses the value most of
them have (for a number with a tolerance: the median). The control is the same guess with the person's
own row left out, or people who are not in the release where there are such: what is learnt about
everybody alike, from the pattern in the data, is not the doing of anyone's row.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...errors import DataError, Problem
from ..structure import Floats, Ints, Mask
from .knowledge import Aligned, Knowledge, align, check_columns, code_alike, number_people, subjects
from .played import Attempt


def infer(
    released: pa.Table,
    knowledge: Knowledge,
    sensitive: str,
    *,
    subject: str | None = None,
    truth: pa.ChunkedArray | None = None,
    control: pa.Table | None = None,
    tolerance: float | None = None,
    tries: int = 1000,
    seed: int = 0,
) -> Attempt:
    """Guess `sensitive` of the people in the release that records are about.

    subject: the column that codes the person, where a person may have several rows. truth: the sensitive
    value of each released row as it is, where the release changed it. control: people not in the release,
    with the known columns and the sensitive one. tolerance: how near a guessed number counts as right;
    without it values must be equal. DataError where columns or true rows do not fit.
    """
    about = subjects(knowledge, released.num_rows)
    if sensitive in knowledge.columns:
        raise DataError(Problem("COLUMN", f"{sensitive} is held already", fix="infer what is not held"))
    check_columns([released, *([control] if control is not None else [])], [*knowledge.columns, sensitive])
    numeric = tolerance is not None
    values = released.column(sensitive)
    shown, actual = code_alike(sensitive, [values, truth if truth is not None else values], numeric)
    random = np.random.default_rng(seed)
    inside = np.flatnonzero(about >= 0)
    tried = random.permutation(inside[~np.isnan(actual[about[inside]])])[:tries]
    held = align(released, knowledge.records, knowledge.columns, knowledge.tolerance)
    slack = tolerance or 0.0
    own, true = about[tried], actual[about[tried]]
    people = number_people(released, subject)
    without_own = None if control is not None else people[own]
    guessed, left_out = _guesses(held, tried, shown, numeric, people, without_own)
    right = _right(guessed, true, slack)
    only = None
    if control is None:
        without = _right(left_out, true, slack)
        base, told = (int(without.sum()), len(tried)), "the same people with their row left out"
        only = (int((right & ~without).sum()), int((without & ~right).sum())) if len(tried) else None
    else:
        base = _on_control(released, control, knowledge, sensitive, numeric, slack, tries, random)
        told = "people not in the release"
    always = _right(np.full(len(true), _vote(shown, numeric)), true, slack)
    return Attempt(
        attack="inference",
        how=f"Inferring {sensitive} from {', '.join(knowledge.columns)}",
        knowledge=knowledge.name,
        did="were right",
        tries=len(tried),
        claims=int((~np.isnan(guessed)).sum()),
        successes=int(right.sum()),
        guess=float(always.mean()) if len(always) else 0.0,
        control=base,
        control_of=told,
        only=only,
    )


def _guesses(
    held: Aligned,
    tried: Ints,
    values: Floats,
    numeric: bool,
    people: Ints | None = None,
    own: Ints | None = None,
) -> tuple[Floats, Floats]:
    """A guess for each record, and the guess without the rows of its own person; NaN where the rows most
    alike have no value."""
    found, without = np.full(len(tried), np.nan), np.full(len(tried), np.nan)
    for place, record in enumerate(tried):
        apart = held.apart(int(record))
        rows = held.rows_of(np.flatnonzero(apart == apart.min()))
        found[place] = _vote(values[rows], numeric)
        if people is None or own is None:
            continue
        others = rows[people[rows] != own[place]]
        if not len(others):
            others = _next_nearest(held, apart, people, int(own[place]))
        without[place] = _vote(values[others], numeric)
    return found, without


def _next_nearest(held: Aligned, apart: npt.NDArray[np.int16], people: Ints, own: int) -> Ints:
    """The rows most alike that are somebody else's; none where there is nobody else."""
    for far in np.unique(apart):
        rows = held.rows_of(np.flatnonzero(apart == far))
        others = rows[people[rows] != own]
        if len(others):
            return np.asarray(others, dtype=np.int64)
    return np.zeros(0, dtype=np.int64)


def _vote(values: Floats, numeric: bool) -> float:
    """The median, or the value that most have (the first in order among equals)."""
    values = values[~np.isnan(values)]
    if not len(values):
        return float("nan")
    if numeric:
        return float(np.median(values))
    return float(np.argmax(np.bincount(values.astype(np.int64))))


def _right(guessed: Floats, actual: Floats, slack: float) -> Mask:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(guessed - actual) <= slack, dtype=bool)


def _on_control(
    released: pa.Table,
    control: pa.Table,
    knowledge: Knowledge,
    sensitive: str,
    numeric: bool,
    slack: float,
    tries: int,
    random: np.random.Generator,
) -> tuple[int, int]:
    shown, actual = code_alike(sensitive, [released.column(sensitive), control.column(sensitive)], numeric)
    tried = random.permutation(np.flatnonzero(~np.isnan(actual)))[:tries]
    held = align(released, control, knowledge.columns, knowledge.tolerance)
    guessed, _ = _guesses(held, tried, shown, numeric)
    return int(_right(guessed, actual[tried], slack).sum()), len(tried)
