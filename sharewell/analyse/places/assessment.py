"""The rows of a strategic assessment: prepared from each service's set, and read as arrays by span."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from ...errors import FitError, Problem
from ...plan.expressions import Col, Expression, Lit, Value, call
from ...plan.finding import UNKNOWN
from ...plan.recipe import Params
from ...plan.schema import Schema, Type
from ...plan.steps import Derive, Keep, Stack, Step
from .grid import Bools, Floats, Ints

INCIDENT, ADMISSION, PLACE, RESIDENTS = "incident", "admission", "place", "residents"
COLUMNS: dict[str, Type] = {
    "role": Type.TEXT, "on": Type.DATE, "kind": Type.TEXT, "service": Type.TEXT, "area": Type.TEXT,
    "key": Type.TEXT, "east": Type.NUMBER, "north": Type.NUMBER, "residents": Type.INTEGER,
}  # fmt: skip
_SAMPLE: dict[Type, Value] = {
    Type.TEXT: "", Type.INTEGER: 0, Type.NUMBER: 0.0, Type.BOOLEAN: False, Type.DATE: date(2000, 1, 1),
}  # fmt: skip
_ROLES: dict[str, tuple[str, dict[str, str]]] = {
    "incidents": (INCIDENT, {"on": "on", "kind": "kind", "service": "service", "area": "area"}),
    "admissions": (ADMISSION, {"on": "admitted_on", "kind": "admitted_for", "area": "admitted_from"}),
    "places": (
        PLACE,
        {"on": "place_on", "kind": "place_kind", "key": "place", "east": "easting", "north": "northing"},
    ),
    "residents": (RESIDENTS, {"area": "resident_area", "residents": "people"}),
}
"""By input: its role, and which parameter names each column of COLUMNS."""

CAUSES = (
    ("Assault (X85-Y09)", ("X8", "X9", "Y0")),
    ("Drugs (F11-F19)", ("F1",)),
    ("Alcohol (F10, T51)", ("F10", "T51")),
)


@dataclass(frozen=True)
class Span:
    """The days of the assessment, and those of last time: as many, right before."""

    first: date
    last: date

    @property
    def before(self) -> Span:
        length = (self.last - self.first).days + 1
        return Span(self.first - timedelta(days=length), self.first - timedelta(days=1))

    def holds(self, day: Ints) -> Bools:
        held: Bools = (day >= _days(self.first)) & (day <= _days(self.last))
        return held


@dataclass(frozen=True)
class Rows:
    """Rows of one role as arrays: days since 1970 (-1: not known), words with UNKNOWN, points with NaN."""

    day: Ints
    kind: list[str]
    service: list[str]
    area: list[str]
    key: list[str]
    east: Floats
    north: Floats
    residents: Ints

    def of(self, chosen: Bools) -> Rows:
        at = np.flatnonzero(chosen)

        def words(held: list[str]) -> list[str]:
            return [held[i] for i in at.tolist()]

        return Rows(
            self.day[at], words(self.kind), words(self.service), words(self.area), words(self.key),
            self.east[at], self.north[at], self.residents[at],
        )  # fmt: skip


def prepare_assessment(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row an incident, an admission, a coded place that was hit, or an area with its residents."""
    return Stack(tuple(_one(inputs[name], name, params) for name in _ROLES if name in inputs))


def _one(rows: Step, name: str, params: Params) -> Step:
    role, named = _ROLES[name]
    schema = rows.shape.schema
    found: dict[str, Expression] = {"role": Lit(role, Type.TEXT)}
    for column, kind in COLUMNS.items():
        of = params.get(named.get(column, ""))
        found.setdefault(column, _column(schema, of, kind) if of else _null(kind))
    return Keep(Derive(rows, tuple(found.items())), tuple(COLUMNS))


def _column(schema: Schema, name: str, kind: Type) -> Expression:
    column = Col(name, schema[name].type)
    return call("number", column) if kind is Type.NUMBER and column.type is Type.INTEGER else column


def _null(kind: Type) -> Expression:
    return call("case", Lit(False, Type.BOOLEAN), Lit(_SAMPLE[kind], kind))


def read_rows(table: pa.Table, params: Params) -> tuple[Span, dict[str, Rows]]:
    """The span, and rows by role. FitError SPAN where it ends before it begins, EMPTY where no incident of
    it is on a known day."""
    span = Span(params["from_day"], params["to_day"])
    if span.last < span.first:
        raise FitError(Problem("SPAN", "the last day lies before the first", fix="turn them round"))
    role = np.array(table["role"].to_pylist(), dtype=object)
    rows = {name: _read(table.filter(pa.array(role == name))) for name, _ in _ROLES.values()}
    if not span.holds(rows[INCIDENT].day).any():
        what = "no incident is on a known day of the span"
        raise FitError(Problem("EMPTY", what, "there is nothing to assess", "look at the days asked for"))
    return span, rows


def _read(table: pa.Table) -> Rows:
    def words(name: str) -> list[str]:
        return [UNKNOWN if value is None else value for value in table[name].to_pylist()]

    day = np.array([-1 if d is None else _days(d) for d in table["on"].to_pylist()], np.int64)
    point = [
        np.array([np.nan if v is None else v for v in table[n].to_pylist()], float)
        for n in ("east", "north")
    ]
    people = np.array([0 if v is None else v for v in table["residents"].to_pylist()], np.int64)
    return Rows(
        day, words("kind"), words("service"), words("area"), words("key"), point[0], point[1], people
    )


def cause(code: str) -> str:
    """The group of an ICD-10 code that SI 2007/1831 asks for; alcohol goes before the other drugs."""
    for name, starts in reversed(CAUSES):
        if code.startswith(starts):
            return name
    return "Another code"


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days
