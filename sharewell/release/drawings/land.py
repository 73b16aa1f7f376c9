"""Outlines laid on a picture: coordinates of the earth made pixels, simplified to what a screen can show.

Neighbours keep one common edge (`shapely.coverage_simplify`, after Visvalingam and Whyatt 1993).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from ...plan.shapes import Outline, Shapes, Unit

_DEGREE = 111.195
"""Kilometres in a degree of latitude: the mean radius of the earth, 6,371 km."""

_FINE = 0.35
"""Pixels by which an edge may be simplified."""


@dataclass(frozen=True)
class Frame:
    """How outlines become pixels: x = left + (east - west) * across, y = (north - y) * up."""

    west: float
    north: float
    across: float
    up: float
    left: float
    wide: float
    high: float
    per_kilometre: float


def frame(shapes: Shapes, wide: float, tallest: float) -> Frame:
    """The largest scale at which all outlines fit in `wide` x `tallest` pixels, set in the middle."""
    bounds = shapely.total_bounds([shape(dict(outline)) for outline in shapes.outlines.values()])
    west, south, east, north = (float(edge) for edge in bounds)
    squeeze = math.cos(math.radians((south + north) / 2)) if shapes.unit is Unit.DEGREES else 1.0
    room = min(wide / max((east - west) * squeeze, 1e-9), tallest / max(north - south, 1e-9))
    kilometre = {Unit.KILOMETRES: 1.0, Unit.METRES: 1_000.0, Unit.DEGREES: 1 / _DEGREE}[shapes.unit]
    left = (wide - (east - west) * squeeze * room) / 2
    high = (north - south) * room
    return Frame(west, north, squeeze * room, room, left, wide, high, kilometre * room)


def lay(outlines: Mapping[str, Outline], seen: Frame) -> dict[str, Any]:
    """Outlines as shapely polygons in pixels, to a tenth of one."""

    def pixels(points: Any) -> Any:
        points = points.copy()
        points[:, 0] = (points[:, 0] - seen.west) * seen.across + seen.left
        points[:, 1] = (seen.north - points[:, 1]) * seen.up
        return points

    placed = [shapely.transform(shape(dict(outline)), pixels) for outline in outlines.values()]
    simple = shapely.coverage_simplify(placed, _FINE)
    rounded = shapely.transform(simple, lambda points: points.round(1))
    return dict(zip(outlines, rounded, strict=True))


def joined(shapes: Sequence[Any]) -> dict[str, Any]:
    """Many polygons as one feature, which is drawn as one path."""
    rings = [part for each in shapes for part in _polygons(each)]
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}}


def hatched(shapes: Sequence[Any], gap: float = 4.5) -> dict[str, Any]:
    """Lines at 45 degrees within the polygons, as one feature."""
    whole = shapely.union_all([shapely.make_valid(each) for each in shapes])
    west, top, east, low = whole.bounds
    first, last = math.floor((west - low) / gap), math.ceil((east - top) / gap)
    lines = [
        ((at * gap + top - 1, top - 1), (at * gap + low + 1, low + 1)) for at in range(first, last + 1)
    ]
    crossing = shapely.get_parts(shapely.intersection(whole, shapely.MultiLineString(lines)))
    # A line that only touches a corner leaves a point, which would be drawn as a ring.
    inside = shapely.MultiLineString(
        [line for line in crossing if line.geom_type == "LineString" and not line.is_empty]
    )
    inside = shapely.transform(inside, lambda points: points.round(1))
    return {"type": "Feature", "geometry": mapping(inside)}


def middle(one: Any) -> tuple[float, float]:
    """A point well inside a polygon, for its name."""
    centre = shapely.centroid(one)
    point = centre if shapely.contains(one, centre) else shapely.point_on_surface(one)
    return round(float(point.x), 1), round(float(point.y), 1)


def _polygons(one: Any) -> list[Any]:
    told = mapping(one)
    return [told["coordinates"]] if told["type"] == "Polygon" else list(told["coordinates"])
