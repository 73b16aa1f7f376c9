"""A user's own boundary file: GeoJSON and GeoPackage, and what is wrong with one, in words."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping, shape

from sharewell.describe.boundaries import read_boundaries
from sharewell.errors import DataError
from sharewell.plan.shapes import Unit

SQUARES = {"A": (0.0, 0.0), "B": (1.0, 0.0), "C": (2.0, 0.0)}


def square(west: float, south: float) -> Any:
    return shapely.box(west, south, west + 1, south + 1)


def features(scale: float = 1.0) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "properties": {"area": name, "district": "West" if west < 2 else "East"},
            "geometry": mapping(shapely.transform(square(west, south), lambda points: points * scale)),
        }
        for name, (west, south) in SQUARES.items()
    ]


def geojson(folder: Path, held: list[dict[str, Any]], **more: Any) -> Path:
    path = folder / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": held, **more}), encoding="utf-8")
    return path


def geopackage(folder: Path, srs: int = 27700, scale: float = 1_000.0, layers: int = 1) -> Path:
    """A minimal GeoPackage, with an envelope in each header, as most programs write it."""
    path = folder / "places.gpkg"
    with sqlite3.connect(path) as made:
        made.execute(
            "create table gpkg_spatial_ref_sys"
            " (srs_id int, organization text, organization_coordsys_id int)"
        )
        made.execute("insert into gpkg_spatial_ref_sys values (?, 'EPSG', ?)", (srs, srs))
        made.execute("create table gpkg_geometry_columns (table_name text, column_name text, srs_id int)")
        for layer in range(layers):
            made.execute("insert into gpkg_geometry_columns values (?, 'geom', ?)", (f"layer {layer}", srs))
            made.execute(f'create table "layer {layer}" (fid int, geom blob, LSOA21CD text, LAD22NM text)')
        for fid, feature in enumerate(features(scale)):
            outline = shape(feature["geometry"])
            header = b"GP\x00\x03" + struct.pack("<i4d", srs, *outline.bounds)
            row = (fid, header + shapely.to_wkb(outline), *feature["properties"].values())
            made.execute('insert into "layer 0" values (?, ?, ?, ?)', row)
    return path


def codes(work: Callable[[], Any]) -> list[str]:
    with pytest.raises(DataError) as caught:
        work()
    return [problem.code for problem in caught.value.problems]


def test_geojson_and_geopackage_give_the_same_places(tmp_path: Path) -> None:
    one = read_boundaries(geojson(tmp_path, features()), unit="kilometres")
    names = {"area": "LSOA21CD", "district": "LAD22NM"}
    two = read_boundaries(geopackage(tmp_path), names=names)
    assert (one.unit, two.unit) == (Unit.KILOMETRES, Unit.METRES)
    for level in ("area", "district"):
        ours, theirs = one.shapes(level).outlines, two.shapes(level).outlines
        assert list(ours) == list(theirs)
        for name in ours:
            assert shape(dict(theirs[name])).area == pytest.approx(shape(dict(ours[name])).area * 1e6)


def test_features_of_one_name_are_joined_and_larger_places_drawn_beside(tmp_path: Path) -> None:
    made = read_boundaries(geojson(tmp_path, features(), unit="kilometres", attribution="Ours."))
    shapes = made.shapes("area", over="district")
    assert {name: shape(dict(one)).area for name, one in shapes.larger.items()} == {
        "East": 1.0,
        "West": 2.0,
    }
    assert shape(dict(shapes.larger["West"])).geom_type == "Polygon"
    assert shapes.said == "Ours."


def test_what_a_file_does_not_say_is_degrees_and_must_look_like_them(tmp_path: Path) -> None:
    assert read_boundaries(geojson(tmp_path, features())).unit is Unit.DEGREES
    metres = geojson(tmp_path, features(100_000.0), one=1)
    assert codes(lambda: read_boundaries(metres)) == ["COORDINATES"]
    assert read_boundaries(metres, unit="metres").unit is Unit.METRES


@pytest.mark.parametrize(
    ("name", "unit"),
    [("urn:ogc:def:crs:OGC:1.3:CRS84", Unit.DEGREES), ("urn:ogc:def:crs:EPSG::27700", Unit.METRES)],
)
def test_the_coordinate_system_of_older_geojson_is_read(tmp_path: Path, name: str, unit: Unit) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert read_boundaries(geojson(tmp_path, features(), crs=crs)).unit is unit


def test_a_system_that_is_not_known_or_contradicted_is_refused(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    assert codes(lambda: read_boundaries(geojson(tmp_path, features(), crs=crs))) == ["COORDINATES"]
    assert codes(lambda: read_boundaries(geopackage(tmp_path), unit="degrees")) == ["COORDINATES"]


def test_every_fault_of_geometry_is_told_at_once(tmp_path: Path) -> None:
    held = features()
    held[0]["geometry"] = {"type": "Point", "coordinates": [0, 0]}
    bow = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    held[1]["geometry"] = {"type": "Polygon", "coordinates": [bow]}
    held[2]["geometry"] = None
    with pytest.raises(DataError) as caught:
        read_boundaries(geojson(tmp_path, held))
    said = [problem.what for problem in caught.value.problems]
    assert said == [
        "features 1, 3 (2 in all) have no polygon",
        "feature 2 (1 in all) has a ring that crosses or touches itself, or is not closed",
    ]


def test_features_without_a_name_are_counted(tmp_path: Path) -> None:
    held = features()
    held[1]["properties"] = {}
    made = read_boundaries(geojson(tmp_path, held))
    with pytest.raises(DataError, match="1 of 3 features have no property 'area'"):
        made.shapes("area")
    assert codes(lambda: made.shapes("ward")) == ["NAME"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"features": 3}',
        '{"features": [3]}',
        '{"features": [{"properties": [1]}]}',
        '{"type": "Polygon"}',
    ],
)
def test_what_is_no_feature_collection_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.geojson"
    path.write_text(text, encoding="utf-8")
    assert codes(lambda: read_boundaries(path)) == ["FILE"]


def test_absent_empty_broken_and_ambiguous_files_are_refused(tmp_path: Path) -> None:
    assert codes(lambda: read_boundaries(tmp_path / "none.geojson")) == ["FILE"]
    assert codes(lambda: read_boundaries(geojson(tmp_path, []))) == ["FEATURES"]
    package = geopackage(tmp_path)
    with sqlite3.connect(package) as held:
        held.execute("update gpkg_geometry_columns set column_name = 'elsewhere'")
    assert codes(lambda: read_boundaries(package)) == ["FILE"]
    package.unlink()
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"not a database at all, though long enough to be looked at")
    assert codes(lambda: read_boundaries(broken)) == ["FILE"]
    assert codes(lambda: read_boundaries(geopackage(tmp_path, layers=2))) == ["FEATURES"]
