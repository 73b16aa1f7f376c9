"""The three measures of proven reoffending, each as a difference between two matched groups.

The *rate*: how many of every hundred people commit a proven reoffence. The *frequency*: how many proven
reoffences a hundred people commit. The *time*: days from the index sentence to the first, of those who
reoffend. Differences of weighted means with errors clustered by matched set (`rates.difference`). Small
numbers are not told: the time needs enough treated reoffenders, and words on significance enough people
expected on both sides of the yes/no (Ministry of Justice 2013, Justice Data Lab methodology).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ...plan.recipe import Params
from .bounds import Sets
from .cohort import codes_of, read_cohort
from .effect import Comparison, compare
from .matching import Matches
from .rates import Estimate, Rows, difference

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RATE, FREQUENCY, TIME = (
    "People who reoffend, of every 100",
    "Proven reoffences, by every 100",
    "Days to the first",
)
PERCENT = 100.0


@dataclass(frozen=True)
class Measured:
    """One measure: both groups, their difference, and whom it rests on.

    `people` and `reoffenders` count (treated, comparison). `telling`: whether enough people are expected on
    both sides for words on significance.
    """

    name: str
    treated: float
    comparison: float
    difference: Estimate
    people: tuple[int, int]
    reoffenders: tuple[int, int]
    telling: bool


@dataclass(frozen=True)
class Listed:
    """How far the charity's list came: rows sent, on the police record, with an index sentence."""

    sent: int
    recorded: int
    indexed: int


@dataclass(frozen=True)
class Lab:
    """A matched comparison of who reoffends, with the other outcomes in the order of the cohort.

    `days` is NaN for whom nothing counts. `other` are the codes on which matches would agree if the pool
    were the other one (regional in place of national, or the reverse). `again`: whether somebody may be
    matched more than once.
    """

    listed: Listed
    made: Comparison
    reoffences: Floats
    days: Floats
    other: Ints
    again: bool

    def difference(self, matches: Matches | None = None) -> Estimate:
        """The difference in the rate, in percentage points, as matched or by other matches."""
        return times(difference(self.rows(self.made, matches)), PERCENT)

    def rows(self, made: Comparison, matches: Matches | None = None) -> Rows:
        """The matched people with the outcome of `made`. Sets are the clusters, and people where one may
        stand in several (Abadie and Spiess 2022, JASA 117:983)."""
        rows = made.rows(matches)
        return rows if self.again else replace(rows, clusters=rows.clusters[:1])

    def naive(self) -> Estimate:
        """The difference from everybody in the pool, unmatched, in percentage points."""
        return times(difference(self.made.everybody()), PERCENT)

    def sets(self) -> Sets:
        """The matched sets and who in them reoffends, for bounds on hidden bias."""
        rows, found = self.made.rows(), self.made.matches
        number = len(found.treated)
        treated = rows.outcome[:number] > 0
        others = np.bincount(found.sets, weights=rows.outcome[number:], minlength=number).astype(np.int64)
        sizes = 1 + (found.controls >= 0).sum(axis=1).astype(np.int64)
        return Sets(sizes, others + treated, treated)


def read_lab(table: pa.Table, params: Params) -> Lab:
    """The matched comparison in a table of `index_sentence.prepare`.

    Raises FitError: TOO_SMALL where fewer than `least` participants were sent, have an index sentence or
    find a match; DAYS or NEGATIVE for outcomes that cannot be; and what reading, scoring and matching
    raise.
    """
    listed = _listed(table, params["least"])
    table = table.filter(table["indexed"])
    table = table.take(pc.sort_indices(table, [("person", "ascending")]))
    reoffences, days = _number(table["reoffences"]), _number(table["days"])
    problems = list(_faults(reoffences, days))
    if problems:
        raise FitError(problems)
    people = pa.table(
        {
            "person": table["person"],
            "treated": table["participant"],
            "outcome": pa.array((reoffences > 0).astype(np.int64)),
            **{name: table[name] for name in dict.fromkeys((*params["covariates"], *_exact(params)))},
        }
    )
    cohort = read_cohort(people, params["covariates"], _exact(params), 1.0, params["least"])
    made = compare(cohort, {**params, "adjust": False})
    if len(made.matches.treated) < params["least"]:
        raise FitError(_small("find anybody like them to compare with", params["least"]))
    regional = params["controls"] == "regional"
    other = params["exact"] if regional else (*params["exact"], params["region"])
    return Lab(listed, made, reoffences, days, codes_of(table, other), params["replace"])


def measures(lab: Lab, params: Params) -> Iterator[Measured]:
    """The rate, the frequency and, where enough treated people reoffend, the time to the first."""
    rows = lab.rows(lab.made)
    hit = rows.outcome > 0
    people, reoffenders = _arms(lab, np.ones(len(hit), bool)), _arms(lab, hit)
    fewest = min(*reoffenders, *(a - b for a, b in zip(people, reoffenders, strict=True)))
    telling = fewest >= params["least_expected"]
    yield _measured(RATE, rows, PERCENT, people, reoffenders, telling)
    counted = lab.rows(lab.made.with_outcome(lab.reoffences))
    yield _measured(FREQUENCY, counted, PERCENT, people, reoffenders, telling)
    if reoffenders[0] >= params["least_for_time"] and reoffenders[1] >= params["least_for_time"]:
        timed = lab.rows(lab.made.with_outcome(np.nan_to_num(lab.days)))
        yield _measured(TIME, _only(timed, hit), 1.0, reoffenders, reoffenders, telling)


def times(estimate: Estimate, factor: float) -> Estimate:
    """The same difference in another unit."""
    return replace(
        estimate, value=estimate.value * factor, low=estimate.low * factor, high=estimate.high * factor
    )


def _measured(
    name: str,
    rows: Rows,
    unit: float,
    people: tuple[int, int],
    reoffenders: tuple[int, int],
    telling: bool,
) -> Measured:
    return Measured(
        name,
        rows.rate(True) * unit,
        rows.rate(False) * unit,
        times(difference(rows), unit),
        people,
        reoffenders,
        telling,
    )


def _only(rows: Rows, mask: NDArray[np.bool_]) -> Rows:
    return Rows(
        rows.outcome[mask],
        rows.years[mask],
        rows.treated[mask],
        rows.weight[mask],
        tuple(codes[mask] for codes in rows.clusters),
    )


def _arms(lab: Lab, mask: NDArray[np.bool_]) -> tuple[int, int]:
    """How many different people of either group a mask over the matched rows picks."""
    found = lab.made.matches
    number = len(found.treated)
    return int(mask[:number].sum()), len(np.unique(found.matched_controls[mask[number:]]))


def _listed(table: pa.Table, least: int) -> Listed:
    participant, recorded, indexed = (_flags(table, n) for n in ("participant", "recorded", "indexed"))
    sent = _number(pc.fill_null(table["sent"], 0))
    told = Listed(
        int(sent.sum()), int((participant & recorded).sum()), int((participant & recorded & indexed).sum())
    )
    problems = [
        _small(what, least)
        for number, what in ((told.sent, "were sent"), (told.indexed, "have an index sentence"))
        if number < least
    ]
    if problems:
        raise FitError(problems)
    return told


def _small(what: str, least: int) -> Problem:
    return Problem(
        "TOO_SMALL",
        f"fewer than {least} participants {what}",
        "an estimate would say little and could point at people",
        "wait until more people have taken part",
    )


def _faults(reoffences: Floats, days: Floats) -> Iterator[Problem]:
    if (reoffences < 0).any() or np.isnan(reoffences).any():
        what = "a number of reoffences is below zero or missing"
        yield Problem("NEGATIVE", what, "a count of offences cannot be", "count them again")
    timed = np.isfinite(days)
    if ((days[timed] < 1).any()) or (timed != (reoffences > 0)).any():
        what = "days to the first reoffence are below one, or stand where there is none"
        yield Problem("DAYS", what, "dates may be swapped", "correct the dates of the offences")


def _exact(params: Params) -> tuple[str, ...]:
    """What matches agree on: for a regional pool, where the sentence is served."""
    own = (params["region"],) if params["controls"] == "regional" else ()
    return (*params["exact"], *own)


def _number(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.cast(column, pa.float64()).combine_chunks().to_numpy(zero_copy_only=False))


def _flags(table: pa.Table, name: str) -> NDArray[np.bool_]:
    return np.asarray(pc.fill_null(table[name], False).combine_chunks().to_numpy(zero_copy_only=False))
