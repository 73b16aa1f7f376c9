"""The revenue office: tax credit awards."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .awards import CREDITS, award_rows, draw_awards, with_columns
from .base import County, Part, Service


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """Awards at the qualifying date with their yearly income."""
    awards = draw_awards(county)
    part, household = award_rows(county, "hmrc.tax_credits", awards.credit >= 0, "T", rng)
    credit = pa.array(CREDITS).take(pa.array(awards.credit[household]))
    yield with_columns(part, {"credit": credit, "income": pa.array(awards.income[household])})


SERVICE = Service("hmrc", ("hmrc.tax_credits",), keep)
