"""The fire and rescue service: home safety visits, known by home and never by person."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .effects import WINDOW
from .events import dated, days
from .records import Rates, numbers, places_of

RATES = Rates(
    short=0.1, address=0.003, postcode=0.003, postcode_missing=0.003, uprn_missing=0.01, uprn_wrong=0.0
)


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """One visit to each home that the county's treatment stage chose."""
    people = county.people
    household = rng.permutation(np.flatnonzero(county.assigned.visited[people.first]))
    home = county.residence.home[household]
    columns = {"local_id": numbers("F", len(home))}
    columns |= places_of(county, home, RATES, rng, uprn=True)
    columns["date"] = dated(rng.integers(days(WINDOW[0]), days(WINDOW[1]), len(home)))
    columns["alarms"] = pa.array(rng.binomial(4, 0.4, len(home)).astype(np.int32))
    yield Part("fire.visits", pa.table(columns), household=household, identity=True)


SERVICE = Service("fire", ("fire.visits",), keep)
