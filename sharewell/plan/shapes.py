"""Outlines of places that a map draws: geography only, with no figure and nobody in it.

A recipe may hand in its own (the cells of a fixed grid); else the workspace's boundaries are handed in by
the run. An outline is a GeoJSON geometry (RFC 7946, sections 3.1.6 and 3.1.7), in one of three units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Outline = Mapping[str, Any]
"""A GeoJSON geometry of type Polygon or MultiPolygon."""


class Unit(StrEnum):
    """What the coordinates of outlines count. Degrees are longitude, then latitude (WGS 84)."""

    KILOMETRES = "kilometres"
    METRES = "metres"
    DEGREES = "degrees"


@dataclass(frozen=True)
class Shapes:
    """Outlines by the name of the place.

    `larger` are places that only help a reader find their way: drawn as lines with their names. `said`
    names whose boundaries they are.
    """

    outlines: Mapping[str, Outline]
    unit: Unit = Unit.KILOMETRES
    said: str = ""
    larger: Mapping[str, Outline] = field(default_factory=dict)

    @classmethod
    def squares(
        cls,
        corners: Mapping[str, tuple[float, float]],
        side: float,
        unit: str = "kilometres",
        said: str = "",
    ) -> Shapes:
        """The cells of a square grid, by name, from the south-western corner (east, north) of each."""
        outlines = {name: _square(east, north, side) for name, (east, north) in corners.items()}
        return cls(outlines, Unit(unit), said)


def _square(west: float, south: float, side: float) -> Outline:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
