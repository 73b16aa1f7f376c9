"""Boundaries of places that maps are drawn with: a GeoJSON file (RFC 7946) or a GeoPackage (OGC 12-128r19).

They are reference geography: no asset, no contract, nobody in them. Geometry is planar. Units known are
kilometres of an origin of one's own, metres (EPSG:27700 and its like) and degrees (WGS 84); what a file
does not say, the workspace's `[places] unit` does. Nothing is reprojected: a file in another system is
refused, because a map of it would be wrong without looking so.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import DataError, Problem
from ..plan.shapes import Outline, Shapes, Unit

_UNITS = {4326: Unit.DEGREES, 4258: Unit.DEGREES, 27700: Unit.METRES, 29903: Unit.METRES, 2157: Unit.METRES}
"""What is known of the systems that files name, by EPSG number."""

_REACH = {Unit.DEGREES: (180.0, 90.0), Unit.METRES: (2e7, 2e7), Unit.KILOMETRES: (3_000.0, 3_000.0)}
"""Coordinates further out than this are not in that unit."""

_ENVELOPE = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the envelope in a GeoPackage's geometry header, by its code (OGC 12-128r19, 2.1.3)."""

_SHOWN = 5


@dataclass(frozen=True)
class Boundaries:
    """Features as they were read: the properties and the shapely polygon of each.

    `names` says which property holds the name of a place of each level (area -> LSOA21CD); a level that it
    leaves out has its own name.
    """

    path: str
    features: Sequence[tuple[Mapping[str, Any], Any]]
    unit: Unit
    said: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def shapes(self, of: str = "area", over: str = "") -> Shapes:
        """Outlines of the places of level `of`, features of one name joined; `over` are drawn as lines.

        DataError NAME where a feature has no such property.
        """
        return Shapes(
            self._joined(of), self.unit, self.said, self._joined(over, reduce=True) if over else {}
        )

    def _joined(self, level: str, reduce: bool = False) -> dict[str, Outline]:
        import shapely
        from shapely.geometry import mapping

        name = self.names.get(level, level)
        groups: dict[str, list[Any]] = {}
        for properties, outline in self.features:
            groups.setdefault(str(properties.get(name) or ""), []).append(outline)
        if "" in groups:
            what = f"{len(groups['']):,} of {len(self.features):,} features have no property {name!r}"
            fix = f"give every feature one, or say which holds it: [places.names] {level} = ..."
            raise DataError(Problem("NAME", what, "a map finds places by it", fix, self.path))
        return {
            place: mapping(parts[0] if len(parts) == 1 else shapely.union_all(parts))
            for place, parts in sorted(groups.items())
        }


@lru_cache(maxsize=4)
def _read(path: str, changed: int, unit: str) -> tuple[tuple[Any, ...], Unit, str]:
    raw, named, said = _geopackage(path) if path.endswith(".gpkg") else _geojson(path)
    if named is not None and unit and named != unit:
        what = f"the file says that its coordinates are {named}, the workspace says {unit}"
        raise DataError(Problem("COORDINATES", what, fix="correct [places] unit", where=path))
    counted = Unit(unit) if unit else named or Unit.DEGREES
    features = tuple((properties, _outline(geometry)) for properties, geometry in raw)
    problems = [*_faults(path, features, counted)]
    if problems:
        raise DataError(problems)
    return features, counted, said


def read_boundaries(
    path: Path, *, unit: str = "", names: Mapping[str, str] | None = None, said: str = ""
) -> Boundaries:
    """The boundaries in a file. DataError with every fault: FILE (absent or unreadable), FEATURES (none),
    GEOMETRY (no polygon, or a ring that crosses itself), COORDINATES (not in the unit said)."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        fix = "put the file there, or correct [places] boundaries in sharewell.toml"
        raise DataError(
            Problem("FILE", "there are no boundaries", fix=fix, where=path.as_posix())
        ) from None
    features, counted, told = _read(path.as_posix(), changed, unit)
    return Boundaries(path.as_posix(), features, counted, said or told, names or {})


def _faults(path: str, features: Sequence[tuple[Any, Any]], unit: Unit) -> Iterable[Problem]:
    import shapely

    if not features:
        yield Problem("FEATURES", "the file holds no feature", fix="export its polygons again", where=path)
        return
    other = [n for n, (_, outline) in enumerate(features, 1) if outline is None]
    if other:
        what = f"{_listed(other)} no polygon"
        yield Problem("GEOMETRY", what, fix="keep polygons only", where=path)
    crossed = [n for n, (_, one) in enumerate(features, 1) if one is not None and not one.is_valid]
    if crossed:
        what = f"{_listed(crossed)} a ring that crosses or touches itself, or is not closed"
        yield Problem("GEOMETRY", what, "what is inside cannot be told", "mend the geometry", path)
    held = [outline for _, outline in features if outline is not None]
    bounds = shapely.total_bounds(held) if held else (0.0, 0.0, 0.0, 0.0)
    far_x, far_y = _REACH[unit]
    if not max(abs(bounds[0]), abs(bounds[2])) <= far_x or not max(abs(bounds[1]), abs(bounds[3])) <= far_y:
        what = f"coordinates reach beyond what {unit} can"
        why = "they are in another coordinate system than the file or the workspace says"
        fix = 'say [places] unit = "metres" or "kilometres", or export the file in WGS 84 (EPSG:4326)'
        yield Problem("COORDINATES", what, why, fix, path)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_SHOWN])) + (", ..." if len(numbers) > _SHOWN else "")
    many = len(numbers) > 1
    return f"feature{'s' if many else ''} {shown} ({len(numbers):,} in all) {'have' if many else 'has'}"


def _outline(geometry: Any) -> Any:
    """A shapely polygon, or None of what is none."""
    import shapely
    from shapely.geometry import shape

    try:
        made = shapely.from_wkb(geometry) if isinstance(geometry, bytes) else shape(geometry)
    except (shapely.errors.ShapelyError, TypeError, ValueError, KeyError, IndexError, AttributeError):
        return None
    return made if made.geom_type in ("Polygon", "MultiPolygon") and not made.is_empty else None


def _geojson(path: str) -> tuple[list[tuple[Any, Any]], Unit | None, str]:
    """Features, the unit (a foreign member, or the `crs` of GeoJSON of 2008), attribution."""
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        features = [
            (dict(feature.get("properties") or {}), feature.get("geometry")) for feature in told["features"]
        ]
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        what, fix = (
            "is no GeoJSON feature collection",
            "export it as GeoJSON (RFC 7946), or as a GeoPackage",
        )
        raise DataError(Problem("FILE", what, fix=fix, where=path)) from None
    if told.get("unit") in list(Unit):
        return features, Unit(told["unit"]), str(told.get("attribution", ""))
    crs = told.get("crs")
    if crs is None:
        return features, None, str(told.get("attribution", ""))
    name = str((crs.get("properties") or {}).get("name", "")) if isinstance(crs, dict) else ""
    number = 4326 if name.endswith("CRS84") else int(name.rsplit(":", 1)[-1]) if name[-1:].isdigit() else 0
    return features, _known(number, path), str(told.get("attribution", ""))


def _known(number: int, path: str) -> Unit:
    if number not in _UNITS:
        what = (
            f"its coordinate system (EPSG:{number}) is none that is known"
            if number > 0
            else "it names no known coordinate system"
        )
        fix = f"export it in one of EPSG {', '.join(map(str, sorted(_UNITS)))}"
        raise DataError(Problem("COORDINATES", what, "nothing is reprojected here", fix, path))
    return _UNITS[number]


def _geopackage(path: str) -> tuple[list[tuple[Any, Any]], Unit | None, str]:
    """Features of the one layer of polygons that the package holds, and the unit of its system."""
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as held:
            layers = held.execute(
                "select table_name, column_name, g.srs_id, organization, organization_coordsys_id from"
                " gpkg_geometry_columns g left join gpkg_spatial_ref_sys s on s.srs_id = g.srs_id"
            ).fetchall()
            if len(layers) != 1:
                what = f"the package holds {len(layers)} layers of geometry"
                raise DataError(Problem("FEATURES", what, fix="export the one layer", where=path))
            table, column, srs, organisation, number = layers[0]
            quoted = '"' + table.replace('"', '""') + '"'
            found = held.execute(f"select * from {quoted}")
            names = [each[0] for each in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            outlines = [_wkb(row.pop(column)) for row in rows]
    except (sqlite3.Error, KeyError, AttributeError, UnicodeDecodeError):
        fix = "export it again as a GeoPackage, or as GeoJSON"
        raise DataError(Problem("FILE", "is no GeoPackage", fix=fix, where=path)) from None
    unit = _known(number if str(organisation).upper() == "EPSG" else srs, path)
    return list(zip(rows, outlines, strict=True)), unit, ""


def _wkb(blob: Any) -> bytes | None:
    """Well-known binary without the package's own header; None of what has none."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return None
    (flags,) = struct.unpack_from("B", blob, 3)
    return blob[8 + _ENVELOPE.get(flags >> 1 & 7, 0) :]
