"""People sentenced, as the preparation of matched-comparison gives them, with a planted difference."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa

from sharewell.analyse.matched_comparison import SIGNATURE
from sharewell.county.effects.justice import Justice
from sharewell.proof.justice import drawn

NAMES = {
    "participant": "person",
    "began": "began",
    "person": "person",
    "index_on": "index_on",
    "region": "region",
    "offence_of": "person",
    "committed": "committed",
    "proven": "proven",
    "covariates": (
        "disposal", "offence", "age", "first_age", "prior_offences", "prior_custody", "accommodation",
        "drugs", "alcohol", "thinking", "worked", "benefits",
    ),
    "controls": "national",
    "caliper": 0.2,
    "window_from": dt.date(2021, 1, 1),
    "window_to": dt.date(2021, 12, 31),
    "follow_days": 365,
    "settle_days": 183,
    "least": 60,
    "least_for_time": 30,
    "least_expected": 10,
    "green": 0.05,
    "amber": 0.1,
    "significance": 0.05,
    "programme_as": "learning with Fresh Start",
}  # fmt: skip


def settings(**changed: Any) -> dict[str, Any]:
    return SIGNATURE.settle({**NAMES, **changed})


def people(seed: int = 3, pool: int = 8_000, treated: int = 400, difference: float = -0.07) -> pa.Table:
    return drawn(Justice(difference=difference), pool, treated, np.random.default_rng(seed))[0]


def put(table: pa.Table, **columns: Any) -> pa.Table:
    """The table with these columns in place of its own."""
    for name, values in columns.items():
        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
        table = table.set_column(table.column_names.index(name), name, array)
    return table


def with_reoffenders(table: pa.Table, many: int) -> pa.Table:
    """The table with exactly `many` treated reoffenders, each once, after a hundred days."""
    treated = table["participant"].to_numpy()
    reoffences = table["reoffences"].to_numpy().copy()
    rows = np.flatnonzero(treated)
    reoffences[rows] = 0
    reoffences[rows[:many]] = 1
    return put(
        table, reoffences=reoffences, days=pa.array(np.full(len(treated), 100), mask=reoffences == 0)
    )
