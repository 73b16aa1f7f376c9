"""How well the council's registers are kept: more kinds of mistake than `Rates`, and unequal ones.

Records of some people are worse than those of others, which is how linking comes to fail them. Here the
inequality is planted: whatever goes wrong on a council register does so `Unequal.weight` times as often as
its `Faults` say. The truth keeps, by ethnicity and deprivation, that factor and what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .base import County, Truth
from .margins import ETHNICITIES
from .records import Rates
from .streams import Array


@dataclass(frozen=True)
class Faults(Rates):
    """Further shares of rows. All are for somebody of weight 1.

    `twice`: people entered a second time under another number. `alias`: a name is followed by one they are
    also known by, or replaced by it. `spelling`: a name of several spellings is in another one. `order`:
    surname first, among people whose languages write it so. `shared`: the birth date of somebody else at
    home. `unnamed`: a placeholder instead of a name; `newborn`: 'BABY' for a forename below the age of one.
    `born_placeholder`: 1 January 1900.
    """

    twice: float = 0.01
    alias: float = 0.004
    spelling: float = 0.06
    order: float = 0.02
    shared: float = 0.001
    unnamed: float = 0.001
    newborn: float = 0.1
    born_placeholder: float = 0.002


@dataclass(frozen=True)
class Unequal:
    """Weight of a person: a factor by ethnicity times one by quintile of deprivation (1 most)."""

    ethnicity: tuple[float, ...] = (1.0, 1.8, 1.6, 2.0, 1.8)
    deprivation: tuple[float, ...] = (1.5, 1.2, 1.0, 0.9, 0.8)

    def weight(self, ethnicity: Array, deprivation: Array) -> Array:
        """By row, from positions in ETHNICITIES and quintiles."""
        return np.asarray(np.array(self.ethnicity)[ethnicity] * np.array(self.deprivation)[deprivation - 1])


UNEQUAL = Unequal()
SECOND_ENTRY = 2.0
"""How many times as often things go wrong on a second entry for the same person."""


def groups(county: County, person: Array) -> tuple[Array, Array]:
    """Ethnicity and quintile of deprivation of each person."""
    return county.people.ethnicity[person], county.places.deprivation[county.area[person]]


@dataclass(frozen=True)
class Told:
    """What differs from the truth on each row of a register."""

    name: Array
    born: Array
    born_missing: Array
    address: Array


def faults_told(county: County, asset: str, person: Array, told: Told) -> Truth:
    """The planted factor of each group, and how many of its rows differ from the truth in what."""
    ethnicity, deprivation = groups(county, person)
    cell = ethnicity.astype(np.int64) * 5 + deprivation - 1
    rows = np.bincount(cell, minlength=len(ETHNICITIES) * 5)
    held = np.flatnonzero(rows)
    columns = {
        "asset": pa.array([asset] * len(held), pa.string()),
        "ethnicity": pa.array(ETHNICITIES).take(pa.array(held // 5)),
        "deprivation": held % 5 + 1,
        "factor": UNEQUAL.weight(held // 5, held % 5 + 1),
        "rows": rows[held],
    }
    for name, flags in vars(told).items():
        columns[f"{name}_wrong" if name != "born_missing" else name] = np.bincount(
            cell[flags], minlength=len(rows)
        )[held]
    return Truth("faults", pa.table(columns))
