"""How many people of a population each row could be: counted where there are counts, estimated by model
where not.

    count_in_population(rows, population, columns) -> Matched    exact: the county, or a census table
    pitman_uniques(rows, columns, fraction) -> Estimate          of the file: the population uniques
    log_linear_risk(rows, columns, fraction) -> LogLinear        of each row (module `log_linear`)

A sample unique is a row alone in the release; a population unique is a person alone in the population.
Only who is both can be named with certainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ...errors import DataError, FitError, Problem
from ..structure import Floats, Ints
from .coded import Rows, count, encode, gather, number, weigh
from .wildcards import match_counts


@dataclass(frozen=True)
class Matched:
    """Rows held against a population. sample: rows like each row (f). population: people like it (F),
    never fewer than f. unmatched: rows like nobody in the population, which shows that it is not the
    rows' own.
    """

    sample: Floats
    population: Floats
    unmatched: int

    @property
    def uniques(self) -> int:
        """Rows that are alone in the sample and in the population."""
        return int(((self.sample == 1) & (self.population == 1)).sum())


@dataclass(frozen=True)
class Estimate:
    """An estimated number of population uniques, in the whole population and among the rows, and by
    what.
    """

    population_uniques: float
    of_rows: float
    model: str
    parameters: dict[str, float]


def count_in_population(
    rows: Rows,
    population: Rows,
    columns: Sequence[str],
    *,
    people: str | None = None,
    wildcards: bool = True,
) -> Matched:
    """f and F of each row. population: one row a person, or distinct tuples with `people` counting them.

    The two must write their categories alike. wildcards: a null matches anything, else it is a category.
    DataError for columns as in `gather`, or TYPES where a column cannot be compared.
    """
    mine, mine_people = gather(rows, columns)
    theirs, theirs_people = gather(population, columns, people)
    both = pa.table(
        {name: _stack(name, mine.column(name), theirs.column(name)) for name in mine.column_names}
    )
    size = mine.num_rows
    coded = encode(both, np.concatenate([mine_people, theirs_people]))
    ours = np.concatenate([mine_people, np.zeros(theirs.num_rows, dtype=np.int64)]).astype(np.float64)
    everybody = np.concatenate([np.zeros(size, dtype=np.int64), theirs_people]).astype(np.float64)
    if wildcards:
        sample, found = match_counts(coded, ours)[:size], match_counts(coded, everybody)[:size]
    else:
        classes, many = number(coded.codes, coded.sizes)
        sample = weigh(classes, many, ours)[classes[:size]]
        found = weigh(classes, many, everybody)[classes[:size]]
    return Matched(sample, np.maximum(found, sample), int((found == 0).sum()))


def pitman_uniques(rows: Rows, columns: Sequence[str], fraction: float) -> Estimate:
    """Population uniques under Pitman's model, its two parameters by maximum likelihood.

    Suits populations with a long tail of rare combinations (Hoshino, J. Official Statistics 17, 2001;
    recommended by Dankar, El Emam, Neisa, Roffey 2012 for small fractions). fraction: rows over people.
    FitError where the sample holds no pair alike, or nobody alone: then the sample says nothing about
    how rare the rare are.
    """
    if not 0 < fraction <= 1:
        raise FitError(
            Problem("FRACTION", "the sampling fraction is not in (0, 1]", fix="rows over people")
        )
    table, people = gather(rows, columns)
    coded = encode(table, people)
    classes, many = number(coded.codes, coded.sizes)
    sizes = count(classes, many, people)
    alone, total = int((sizes == 1).sum()), int(sizes.sum())
    if alone == 0 or many == total or many < 2:
        raise FitError(
            Problem(
                "NO_EVIDENCE",
                "no row is alone" if alone == 0 else "no two rows are alike",
                "a model of rarity has nothing to go by",
                "count in the population itself, or recode",
            )
        )
    alpha, theta = _fit_pitman(sizes)
    uniques = min(_expected_alone(alpha, theta, round(total / fraction)), total / fraction)
    return Estimate(uniques, min(uniques * fraction, alone), "Pitman", {"alpha": alpha, "theta": theta})


def _fit_pitman(sizes: Ints) -> tuple[float, float]:
    from scipy.optimize import minimize
    from scipy.special import expit, gammaln

    total, many = float(sizes.sum()), float(len(sizes))
    values, frequency = np.unique(sizes, return_counts=True)

    def against(point: Floats) -> float:
        alpha = float(np.clip(expit(point[0]), 1e-6, 1 - 1e-6))
        theta = float(np.exp(np.clip(point[1], -20, 40))) - alpha
        tables = (many - 1) * np.log(alpha) + gammaln(theta / alpha + many) - gammaln(theta / alpha + 1)
        people = gammaln(theta + total) - gammaln(theta + 1)
        inside = frequency @ (gammaln(values - alpha) - gammaln(1 - alpha))
        likelihood = float(tables - people + inside)
        return -likelihood if np.isfinite(likelihood) else 1e300

    starts = [(0.0, np.log(many)), (-3.0, np.log(many)), (2.0, np.log(many + total))]
    best = min((minimize(against, start, method="Nelder-Mead") for start in starts), key=lambda f: f.fun)
    alpha = float(np.clip(expit(best.x[0]), 1e-6, 1 - 1e-6))
    return alpha, float(np.exp(np.clip(best.x[1], -20, 40))) - alpha


def _expected_alone(alpha: float, theta: float, population: int) -> float:
    """Expected people alone among so many: each is alone if nobody after joins their class."""
    from scipy.special import gammaln

    chance = (
        gammaln(theta + alpha + population - 1)
        + gammaln(theta + 1)
        - gammaln(theta + alpha)
        - gammaln(theta + population)
    )
    return float(population * np.exp(chance))


def _stack(name: str, *columns: pa.ChunkedArray) -> pa.ChunkedArray:
    """One column after the other, dictionaries as their values."""
    plain = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in columns
    ]
    try:
        parts = [pa.table({name: column}) for column in plain]
        return pa.concat_tables(parts, promote_options="permissive").column(name)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise DataError(
            Problem("TYPES", f"{name} has another type in the population", fix="write both alike")
        ) from None
