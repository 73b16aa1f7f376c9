"""The department for work and pensions: Pension Credit and working-age benefits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .awards import BENEFITS, award_rows, draw_awards, with_columns
from .base import County, Part, Service


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Awards at the qualifying date, a row for the claimant and one for the partner."""
    awards = draw_awards(county)
    part, household = award_rows(county, "dwp.pension_credit", awards.pension > 0, "D", rng)
    yield with_columns(part, {"guarantee": pa.array(awards.pension[household] == 1)})
    part, household = award_rows(county, "dwp.benefits", awards.benefit >= 0, "B", rng)
    benefit = pa.array(BENEFITS).take(pa.array(awards.benefit[household]))
    yield with_columns(part, {"benefit": benefit, "in_payment": pa.array(awards.paid[household])})


SERVICE = Service("dwp", ("dwp.pension_credit", "dwp.benefits"), keep)
