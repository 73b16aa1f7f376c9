"""Activity of a service: as many rows as each person on its register has events, in blocks of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from .base import County, Part
from .effects import HISTORY, OUTCOME
from .records import Register
from .streams import Array, choose

EVERYTHING = (HISTORY[0], OUTCOME[1])
YEARS = (OUTCOME[1] - HISTORY[0]).days / 365.25
"""Years of activity that the county holds."""

_BLOCK_ROWS = 1_000_000
Fields = Callable[[Array, Array, np.random.Generator], dict[str, pa.Array]]


def days(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def dated(values: Array) -> pa.Array:
    """Days since 1970 as Arrow dates."""
    return pa.array(values.astype(np.int32)).cast(pa.date32())


def coded(values: Sequence[str], codes: Array) -> pa.Array:
    """Text with few distinct values, held as codes."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(list(values)))


def constant(value: str, count: int) -> pa.Array:
    """The same text in every row."""
    return coded([value], np.zeros(count, dtype=np.int8))


def pence(base: Array, rng: np.random.Generator) -> Array:
    """Costs around `base` pence, from 60% to 140% of it, in whole pence."""
    return (base.astype(np.int64) * rng.integers(60, 141, len(base)) // 100).astype(np.int32)


def pick(names: Sequence[str], weights: Sequence[float], count: int, rng: np.random.Generator) -> pa.Array:
    """One of a few texts in each row."""
    return coded(names, choose(rng, count, np.array(weights)))


def record(
    county: County,
    asset: str,
    register: Register,
    counts: Array,
    fields: Fields,
    rng: np.random.Generator,
    *,
    between: tuple[date, date] = EVERYTHING,
    start: int = 0,
) -> Iterator[Part]:
    """Rows of an activity table: `counts` events for each person, on days drawn within `between`.

    `counts` is by person of the county. `fields(person, day, rng)` gives the columns after `date`. Nobody
    has an event before birth. `start` is the number of rows already recorded for this asset.
    """
    mine = counts[register.person]
    edges = np.searchsorted(
        np.cumsum(mine), np.arange(_BLOCK_ROWS, int(mine.sum()) + _BLOCK_ROWS, _BLOCK_ROWS)
    )
    low, number = 0, start
    for high in np.append(edges, len(mine)).tolist():
        rows = np.repeat(np.arange(low, high), mine[low:high])
        low = high
        if not len(rows) and (number > start or high < len(mine)):
            continue  # a part without rows is yielded only where there is no other, so that the file exists
        person = register.person[rows]
        drawn = rng.integers(days(between[0]), days(between[1]), len(rows), dtype=np.int32)
        day = np.maximum(drawn, county.people.born[person])
        columns = {
            "record": pa.array(np.arange(number + 1, number + len(rows) + 1)),
            "local_id": register.local_id.take(pa.array(rows)),
            "date": dated(day),
            **fields(person, day, rng),
        }
        number += len(rows)
        yield Part(asset, pa.table(columns), person=person)
