"""The rows of the preparation as arrays: incidents with their point and hour, and the places there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ...errors import FitError, PlanError, Problem
from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.recipe import Params
from ...plan.schema import Schema, Type
from ...plan.steps import Derive, Keep, Recognise, Stack, Step
from .grid import Bools, Floats, Ints

INCIDENT, PLACE = "incident", "place"
COLUMNS: dict[str, Type] = {
    "role": Type.TEXT, "described": Type.BOOLEAN, "venue": Type.TEXT, "called": Type.TEXT,
    "east": Type.NUMBER, "north": Type.NUMBER, "weekday": Type.INTEGER, "hour": Type.INTEGER,
    "later": Type.BOOLEAN,
}  # fmt: skip
_SAMPLE: dict[Type, Value] = {Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False}


@dataclass(frozen=True)
class Seen:
    """Incidents by row: point (NaN: not known), weekday 1 to 7 and hour 0 to 23 (-1: not known), venue
    ("" where none), whether a place was described, whether it lies in the span held out. Places by row:
    point, venue and name. `strange`: whether some weekday or hour was none."""

    east: Floats
    north: Floats
    weekday: Ints
    hour: Ints
    venue: list[str]
    described: Bools
    later: Bools
    place_east: Floats
    place_north: Floats
    place_venue: list[str]
    names: dict[str, str]
    strange: bool

    @property
    def placed(self) -> Bools:
        known: Bools = np.isfinite(self.east) & np.isfinite(self.north)
        return known


def prepare_seen(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident, and one a name of a place where there is a gazetteer, in COLUMNS.

    PlanError POINT where incidents come neither with metres nor with a place that a gazetteer could know.
    """
    incidents = inputs["incidents"]
    by_words = params["place"] is not None and "places" in inputs and params["venue"] is not None
    if not by_words and None in (params["easting"], params["northing"]):
        what, why = "incidents have no point", "nothing could be put on a map"
        fix = "name `easting` and `northing`, or `place` and a table of `places` with `name` and `venue`"
        raise PlanError(Problem("POINT", what, why, fix))
    schema = incidents.shape.schema
    told = {"weekday": params["weekday"], "hour": params["hour"]}
    found: dict[str, Expression] = {name: _column(schema, of, COLUMNS[name]) for name, of in told.items()}
    found |= {"role": Lit(INCIDENT, Type.TEXT), "called": _null(Type.TEXT), "later": _later(schema, params)}
    if not by_words:
        found |= {"described": Lit(True, Type.BOOLEAN), "venue": _null(Type.TEXT)}
        found |= {"east": _number(schema, params["easting"]), "north": _number(schema, params["northing"])}
        return Keep(Derive(incidents, tuple(found.items())), tuple(COLUMNS))
    text = Col(params["place"], Type.TEXT)
    found |= {"described": call("not", call("is_null", text)), "said": text}
    derived = Keep(Derive(incidents, tuple(found.items())), tuple(found))
    places = _places(inputs["places"], params)
    placed = Recognise(derived, "said", places, "called", tuple((n, n) for n in ("venue", "east", "north")))
    return Stack((Keep(placed, tuple(COLUMNS)), places))


def _places(places: Step, params: Params) -> Step:
    """The gazetteer in the columns of the incidents."""
    schema = places.shape.schema
    found: dict[str, Expression] = {
        "role": Lit(PLACE, Type.TEXT),
        "described": Lit(True, Type.BOOLEAN),
        "later": Lit(False, Type.BOOLEAN),
        "venue": _column(schema, params["venue"], Type.TEXT),
        "called": _column(schema, params["name"], Type.TEXT),
        "east": _number(schema, params["place_east"]),
        "north": _number(schema, params["place_north"]),
        "weekday": _null(Type.INTEGER),
        "hour": _null(Type.INTEGER),
    }
    return Keep(Derive(places, tuple(found.items())), tuple(COLUMNS))


def _later(schema: Schema, params: Params) -> Expression:
    """Whether an incident is in the span held out; one without a day is in neither."""
    if params["hold_out_from"] is None or params["on"] is None:
        return Lit(False, Type.BOOLEAN)
    day = Col(params["on"], schema[params["on"]].type)
    return call("<=", Lit(params["hold_out_from"], Type.DATE), day)


def _column(schema: Schema, name: str | None, kind: Type) -> Expression:
    return _null(kind) if name is None else Col(name, schema[name].type)


def _number(schema: Schema, name: str | None) -> Expression:
    if name is None:
        return _null(Type.NUMBER)
    column = Col(name, schema[name].type)
    return call("number", column) if column.type is Type.INTEGER else column


def _null(kind: Type) -> Expression:
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))


def read_seen(table: pa.Table, params: Params) -> Seen:
    """The arrays. FitError COORDINATES where no incident has a point, FEW under `least` of them, ONE where
    all lie at one point."""
    role = np.array(table["role"].to_pylist(), dtype=object)
    mine, places = table.filter(pa.array(role == INCIDENT)), table.filter(pa.array(role == PLACE))
    weekday, odd_day = _whole(mine, "weekday", 1, 7)
    hour, odd_hour = _whole(mine, "hour", 0, 23)
    names = zip(places["venue"].to_pylist(), places["called"].to_pylist(), strict=True)
    shortest: dict[str, str] = {}
    for venue, name in sorted(names, key=lambda pair: (-len(pair[1] or ""), pair[1] or "")):
        shortest[venue] = name
    seen = Seen(
        _floats(mine, "east"),
        _floats(mine, "north"),
        weekday,
        hour,
        [venue or "" for venue in mine["venue"].to_pylist()],
        _flags(mine, "described"),
        _flags(mine, "later"),
        _floats(places, "east"),
        _floats(places, "north"),
        places["venue"].to_pylist(),
        shortest,
        odd_day or odd_hour,
    )
    _check(seen, params)
    return seen


def _check(seen: Seen, params: Params) -> None:
    placed = seen.placed
    what = params["incident_as"]
    if not placed.any():
        raise FitError(
            Problem(
                "COORDINATES",
                f"none of the {what} could be put on a map",
                "none has a point, or a place that the gazetteer knows",
                "look at how places are written, and bring names for them",
            )
        )
    if placed.sum() < params["least"]:
        raise FitError(
            Problem(
                "FEW",
                f"fewer than {params['least']} {what} could be put on a map",
                "chance alone makes any pattern of so few",
                "take a longer span",
            )
        )
    if np.ptp(seen.east[placed]) == 0 and np.ptp(seen.north[placed]) == 0:
        raise FitError(
            Problem(
                "ONE",
                f"all {what} lie at one point",
                "it is that of an office or a default",
                "bring the points at which they happened",
            )
        )


def _whole(table: pa.Table, name: str, low: int, high: int) -> tuple[Ints, bool]:
    """Whole numbers, -1 where not known; and whether some lay outside what they can be."""
    values = np.array([-1 if v is None else v for v in table[name].to_pylist()], np.int64)
    given = np.array(table[name].is_valid().to_pylist(), bool)
    odd = given & ((values < low) | (values > high))
    return np.where(odd, -1, values), bool(odd.any())


def _floats(table: pa.Table, name: str) -> Floats:
    return np.array([np.nan if v is None else v for v in table[name].to_pylist()], float)


def _flags(table: pa.Table, name: str) -> Bools:
    return np.array([bool(v) for v in table[name].to_pylist()], bool)
