"""The council's reference of small areas and postcodes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Reference, Service
from .outlines import PATH, boundaries


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Reference]:
    """Areas with their deprivation and population, and the area of every postcode."""
    places, homes = county.places, county.homes
    ward = pa.array(places.ward_names).take(pa.array(places.ward))
    district = pa.array(places.district_names).take(pa.array(places.district))
    areas = {
        "area": places.area,
        "ward": ward,
        "district": district,
        "deprivation": places.deprivation,
        "population": np.bincount(county.area, minlength=places.count),
        "coastal": places.coastal,
        "easting": places.east,
        "northing": places.north,
    }
    yield Part("places.areas", pa.table(areas))
    where = pa.array(homes.postcode_area)
    postcodes = {
        "postcode": homes.postcodes,
        "area": pa.array(places.area).take(where),
        "ward": ward.take(where),
        "district": district.take(where),
    }
    yield Part("places.postcodes", pa.table(postcodes))
    yield Reference(PATH, boundaries(places))


SERVICE = Service("places", ("places.areas", "places.postcodes"), keep)
