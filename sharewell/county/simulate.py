"""New draws of treatment and A&E attendances for a built county, to judge rates over many seeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .answers import truth
from .effects import Effects
from .population import TODAY, YEAR
from .risk import Covariates, assign, attend
from .streams import Array, stream


@dataclass(frozen=True)
class Simulated:
    """By person, so that position is `person_id`: treatment, and attendances before and after."""

    person_id: Array
    visited: Array
    referred: Array
    history: Array
    outcome: Array


def simulate_outcomes(folder: Path, seed: int, effects: Effects | None = None) -> Simulated:
    """The model of the county's A&E drawn again: who is treated, the year before and the year after."""
    held = _covariates(str(folder), (folder / "truth/people.parquet").stat().st_mtime_ns)
    planted = effects or Effects()
    assigned = assign(held, planted, stream("simulated treatment", seed))
    counts = attend(assigned, planted, stream("simulated attendances", seed))
    return Simulated(
        np.arange(len(held.age)), assigned.visited, assigned.referred, counts.history, counts.outcome
    )


@lru_cache(maxsize=2)
def _covariates(folder: str, changed: int) -> Covariates:
    held = truth(Path(folder))
    people, households = held["people"], held["households"]
    household = people["household_id"].to_numpy()
    in_care = pc.equal(households["kind"], "care home").to_numpy()
    born = people["born"].cast(pa.int32()).to_numpy()
    return Covariates(
        age=((TODAY - born) / YEAR).astype(np.int32),
        sex=pc.equal(people["sex"], "M").to_numpy().astype(np.int32),
        deprivation=people["deprivation"].to_numpy(),
        conditions=people["conditions"].to_numpy(),
        frailty=people["frailty"].to_numpy(),
        household=household,
        in_care=in_care[household],
    )
