"""The valuation office: every home with its type, age and floor area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service
from .events import coded
from .homes import AGE_BANDS, HOME_TYPES


def keep(county: County, rng: np.random.Generator) -> Iterator[Part]:
    """All homes, in order of their reference, which tells nothing of where they are."""
    homes = county.homes
    order = np.argsort(homes.uprn)
    columns = {
        "uprn": pa.array(homes.uprn[order]),
        "address": homes.address.take(pa.array(order)),
        "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode[order])),
        "type": coded(HOME_TYPES, homes.kind[order]),
        "age_band": coded(AGE_BANDS, homes.age_band[order]),
        "floor_area": pa.array(homes.floor_area[order]),
    }
    yield Part("voa.properties", pa.table(columns))


SERVICE = Service("voa", ("voa.properties",), keep)
