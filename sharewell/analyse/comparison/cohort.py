"""A table of people, read for a comparison of two arms: checked whole, in a fixed order, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cohort:
    """People who may be compared, one a row, in order of their key.

    `outcome` (events or an amount) over `years` observed; `home` and `exact` are codes. `held` and
    `eligible` count (treated, comparison) people before and after the exclusions; `records` are the records
    of the service given (submitted, linked), or None where the table does not say.
    """

    person: pa.ChunkedArray
    treated: Bools
    outcome: Floats
    years: Floats
    home: Ints
    exact: Ints
    covariates: pa.Table
    held: tuple[int, int]
    eligible: tuple[int, int]
    records: tuple[int, int] | None
    others: pa.Table | None = None

    def has(self, name: str) -> bool:
        """Whether a column of `others` was read."""
        return self.others is not None and name in self.others.column_names

    def other(self, name: str) -> Floats:
        """A column of `others`, NaN where it is null. FitError COLUMN where it was not read."""
        if self.others is None or name not in self.others.column_names:
            raise FitError(Problem("COLUMN", f"the cohort has no column {name}"))
        return _numbers(pc.fill_null(pc.cast(self.others[name], pa.float64()), float("nan")))


def read_cohort(
    table: pa.Table,
    covariates: Sequence[str],
    exact: Sequence[str],
    years: float,
    least: int,
    others: Sequence[str] = (),
) -> Cohort:
    """The cohort in `table`: columns person, treated, outcome, covariates, and perhaps the following.

    home (cluster), excluded (true: not to be compared), years (observed; else `years` for all), linked,
    records and records_of (how many records of the service stand against a home or person; rows with linked
    false are records that match nobody). Raises FitError
    with all of: COLUMN, DUPLICATE, NO_OUTCOME, NEGATIVE, EXPOSURE, EMPTY_ARM, TOO_SMALL (under `least`
    treated).
    """
    absent = sorted(
        {"person", "treated", "outcome", *covariates, *exact, *others} - set(table.column_names)
    )
    if absent:
        raise FitError(Problem("COLUMN", f"the cohort has no column {', '.join(absent)}"))
    people, records = _linked(table)
    people = people.take(pc.sort_indices(people, [("person", "ascending")]))
    problems = [*_faults(people), *_negative(people, others)]
    if problems:
        raise FitError(problems)
    treated = _booleans(people, "treated")
    held = _arms(treated)
    usable = np.asarray(pc.is_valid(people["outcome"]).combine_chunks().to_numpy(zero_copy_only=False))
    usable &= _years(people, years) > 0
    if "excluded" in people.column_names:
        usable &= ~_booleans(people, "excluded")
    people, treated = people.filter(pa.array(usable)), treated[usable]
    problems = list(_size_faults(treated, least))
    if problems:
        raise FitError(problems)
    cluster = "home" if "home" in people.column_names else "person"
    return Cohort(
        people["person"],
        treated,
        _numbers(people["outcome"]),
        _years(people, years),
        _home_codes(people[cluster]),
        codes_of(people, exact),
        people.select(list(covariates)),
        held,
        _arms(treated),
        records,
        people.select(list(others)),
    )


def codes_of(table: pa.Table, names: Sequence[str]) -> Ints:
    """One code for each combination of the values of `names`, null among them; zeros without names."""
    codes = np.zeros(table.num_rows, np.int64)
    for name in names:
        own = _dense(table[name])
        codes = np.unique(codes * (int(own.max(initial=0)) + 1) + own, return_inverse=True)[1]
    return codes


def _linked(table: pa.Table) -> tuple[pa.Table, tuple[int, int] | None]:
    if "linked" not in table.column_names:
        return table, None
    linked = _booleans(table, "linked")
    given = _numbers(pc.fill_null(table["records"], 0))
    # A record of a home stands against everybody who lives there, and is counted once.
    unit = _home_codes(table["records_of"])
    first = np.zeros(len(linked), bool)
    first[np.unique(np.where(linked, unit, -1), return_index=True)[1]] = True
    found = int(given[linked & first].sum())
    return table.filter(pa.array(linked)), (found + int(given[~linked].sum()), found)


def _faults(people: pa.Table) -> Iterable[Problem]:
    if people["person"].null_count or pc.count_distinct(people["person"]).as_py() < people.num_rows:
        yield Problem(
            "DUPLICATE",
            "a person stands in the cohort twice or without a key",
            "they would count twice",
            "pick one",
        )
    outcome = people["outcome"]
    if outcome.null_count == people.num_rows:
        yield Problem("NO_OUTCOME", "the outcome is missing for everybody", "there is nothing to compare")
    elif (_numbers(pc.fill_null(outcome, 0)) < 0).any():
        yield Problem("NEGATIVE", "an outcome is below zero", "a count of events cannot be")
    if "years" in people.column_names and (_numbers(pc.fill_null(people["years"], 0)) < 0).any():
        yield Problem(
            "EXPOSURE", "somebody was observed for a negative time", "dates may be swapped", "correct them"
        )


def _negative(people: pa.Table, others: Sequence[str]) -> Iterable[Problem]:
    for name in others:
        if (_numbers(pc.fill_null(people[name], 1)) < (1 if name == "days" else 0)).any():
            why, fix = "dates may be swapped", "correct the dates"
            yield Problem("NEGATIVE", f"{name} is below what can be", why, fix)


def _size_faults(treated: Bools, least: int) -> Iterable[Problem]:
    ours, theirs = _arms(treated)
    for size, name in ((ours, "treated"), (theirs, "comparison")):
        if size == 0:
            yield Problem("EMPTY_ARM", f"nobody is in the {name} arm", "there is nobody to compare")
    if 0 < ours < least:
        yield Problem(
            "TOO_SMALL",
            f"fewer than {least} people are in the treated arm",
            "an estimate would say little and could point at people",
            "wait for a larger cohort",
        )


def _arms(treated: Bools) -> tuple[int, int]:
    return int(treated.sum()), int((~treated).sum())


def _years(people: pa.Table, years: float) -> Floats:
    if "years" not in people.column_names:
        return np.full(people.num_rows, years)
    return _numbers(pc.fill_null(people["years"], 0))


def _booleans(table: pa.Table, name: str) -> Bools:
    return np.asarray(pc.fill_null(table[name], False).combine_chunks().to_numpy(zero_copy_only=False))


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.cast(column, pa.float64()).combine_chunks().to_numpy(zero_copy_only=False))


def _dense(column: pa.ChunkedArray) -> Ints:
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False)).astype(np.int64)


def _home_codes(column: pa.ChunkedArray) -> Ints:
    """Codes of homes; a person whose home is not known is a home of their own."""
    codes = _dense(column)
    alone = np.asarray(pc.is_null(column).combine_chunks().to_numpy(zero_copy_only=False))
    codes[alone] = len(codes) + np.arange(int(alone.sum()))
    return codes
