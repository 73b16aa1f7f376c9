"""The ageing survey: people of the whole country, none of the county's own, with what they said.

Some kinds of people answer less often than others; the weight makes up for it, so that those who answered
stand for all.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .effects.survey import Survey
from .loneliness import HEALTH, MARITAL, Older, chance, marital_of, rate_health, unseen
from .records import numbers
from .streams import Array

ASKED = 1.9
"""People asked for each who answers, so that who answers can depend on who they are."""


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """One wave."""
    yield Part("elsa.respondents", respondents(county.effects.survey, rng))


def respondents(planted: Survey, rng: np.random.Generator) -> pa.Table:
    """One row a respondent aged 65 or over."""
    older, male, weight = _answering(planted.respondents, rng)
    others = unseen(older, rng)
    often = rng.random(len(older.age)) < chance(older, others, planted)
    sometimes = rng.random(len(older.age)) < 0.22 + 0.1 * (older.marital == 3)
    said = np.where(often, 2, np.where(sometimes, 1, 0))
    columns = {
        "local_id": numbers("E", len(older.age)),
        "lonely": np.array(["hardly ever", "some of the time", "often"])[said],
        "age": older.age.astype(np.int32),
        "sex": np.where(male, "M", "F"),
        "marital": MARITAL[older.marital],
        "health": HEALTH[older.health],
        "household_size": older.household_size.astype(np.int32),
        "eye_conditions": others.eyes.astype(np.int32),
        "pets": others.pets,
        "adl": others.adl.astype(np.int32),
        "deprivation": older.deprivation.astype(np.int32),
        "rural": older.rural,
        "weight": np.round(weight, 4),
    }
    return pa.table(columns)


def _answering(wanted: int, rng: np.random.Generator) -> tuple[Older, Array, Array]:
    """People asked, of whom `wanted` answer: the oldest, the poorest and the ill less often."""
    asked = round(wanted * ASKED)
    age = 65 + np.floor(35 * rng.beta(1.15, 2.6, asked))
    male = rng.random(asked) < 0.46
    deprivation = rng.integers(1, 6, asked)
    rural = rng.random(asked) < 0.12 + 0.05 * deprivation
    couple = rng.random(asked) < np.where(male, 0.76, 0.62) - np.where(male, 0.011, 0.021) * (age - 65)
    more = rng.choice([0, 1, 2, 3], asked, p=[0.87, 0.09, 0.03, 0.01])
    older = Older(
        age=age,
        marital=marital_of(age, male, couple, rng),
        health=rate_health(age, deprivation, np.zeros(asked), rng),
        household_size=1 + couple + more,
        deprivation=deprivation,
        rural=rural,
    )
    lean = 0.9 - 0.07 * (age - 65) + 0.25 * (deprivation - 3) - 0.5 * (older.health == 0)
    answers = 1 / (1 + np.exp(-lean))
    # Exactly as many answer as are wanted: those first by a weighted draw (Efraimidis 2006).
    kept = np.sort(np.argsort(-(rng.random(asked) ** (1 / answers)), kind="stable")[:wanted])
    weight = (1 / answers)[kept]
    chosen = Older(*(getattr(older, name)[kept] for name in older.__dataclass_fields__))
    return chosen, male[kept], weight / weight.mean()


SERVICE = Service("survey", ("elsa.respondents",), keep)
