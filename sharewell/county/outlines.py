"""The boundaries of the county's areas, as a file that maps are drawn with.

An area is everything on land nearer to its centre than to another's (its Voronoi cell): the same rule by
which people were put in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from .geography import EAST, NORTH, Geography, shore

PATH = "data/places/boundaries.geojson"


def boundaries(places: Geography) -> bytes:
    """GeoJSON: a feature an area with its ward and district, in kilometres of the county's own origin.

    Coordinates are to a metre, so that neighbours share their corners exactly.
    """
    ward = [places.ward_names[i] for i in places.ward.tolist()]
    district = [places.district_names[i] for i in places.district.tolist()]
    features = [
        {"type": "Feature", "properties": {"area": a, "ward": w, "district": d}, "geometry": outline}
        for a, w, d, outline in zip(places.area, ward, district, cells(places), strict=True)
    ]
    told = {
        "type": "FeatureCollection",
        "unit": "kilometres",
        "attribution": "Boundaries of an invented county.",
        "features": features,
    }
    return (json.dumps(told, separators=(",", ":")) + "\n").encode()


def cells(places: Geography) -> Sequence[dict[str, Any]]:
    """A GeoJSON geometry an area, in the order of the areas."""
    import shapely
    from shapely.geometry import mapping

    along = np.linspace(0, NORTH, 169)
    coast = list(zip(shore(along).tolist(), along.tolist(), strict=True))
    land = shapely.Polygon([(0.0, 0.0), *coast, (0.0, NORTH)])
    centres = shapely.MultiPoint(np.column_stack((places.east, places.north)))
    nearest = shapely.voronoi_polygons(centres, extend_to=shapely.box(0, 0, EAST, NORTH), ordered=True)
    inside = shapely.intersection(shapely.get_parts(nearest), land)
    return [mapping(cell) for cell in shapely.transform(inside, lambda points: points.round(3))]
