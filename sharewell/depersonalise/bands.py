"""Whole numbers and ages put into bands.

Bands are given by `width` (from 0: "0 to 4", "5 to 9") or by rising `edges`, each the first number of
a band: [18, 65] makes "under 18", "18 to 64", "65 and over". With a width, `top` makes one band of all
from there on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..errors import Problem
from ..plan.schema import Kind, Type
from .coarsen import RULES, Rule, Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Bands:
    """Either `width` (with an optional `top`, a multiple of it) or `edges`."""

    width: int | None
    top: int | None
    edges: tuple[int, ...]

    @classmethod
    def of(cls, settings: Settings) -> Bands:
        return cls(settings.get("width"), settings.get("top"), tuple(settings.get("edges") or ()))

    def label(self, number: int) -> str:
        """The band of a number."""
        if self.width is None:
            return _label_by_edges(number, self.edges)
        if self.top is not None and number >= self.top:
            return f"{self.top} and over"
        low = number // self.width * self.width
        return _label(low, low + self.width - 1)

    def column(self, number: ir.IntegerValue) -> ir.Value:
        """The same for a column."""
        import ibis

        if self.width is None:
            return _column_by_edges(number, self.edges)
        # The remainder is made positive by hand: engines differ on that of a negative number.
        low = number - ((number % self.width) + self.width) % self.width
        label = low.cast("string")
        if self.width > 1:
            label = label + " to " + (low + (self.width - 1)).cast("string")
        if self.top is None:
            return label
        return ibis.cases(
            (number.isnull(), None), (number >= self.top, f"{self.top} and over"), else_=label
        )


def _label(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _label_by_edges(number: int, edges: tuple[int, ...]) -> str:
    if number < edges[0]:
        return f"under {edges[0]}"
    for low, above in pairwise(edges):
        if number < above:
            return _label(low, above - 1)
    return f"{edges[-1]} and over"


def _column_by_edges(number: ir.IntegerValue, edges: tuple[int, ...]) -> ir.Value:
    import ibis

    below = [(number < edges[0], f"under {edges[0]}")]
    between = [(number < above, _label(low, above - 1)) for low, above in pairwise(edges)]
    return ibis.cases((number.isnull(), None), *below, *between, else_=f"{edges[-1]} and over")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _faults_of_bands(settings: Settings) -> list[Problem]:
    width, top, edges = settings.get("width"), settings.get("top"), settings.get("edges")
    if (width is None) == (edges is None):
        return [Problem("PARAMETER", "bands need either a width or edges", fix="give one of them")]
    if edges is not None:
        rising = isinstance(edges, list | tuple) and edges and all(_is_whole(edge) for edge in edges)
        if not rising or list(edges) != sorted(set(edges)) or top is not None:
            return [
                Problem(
                    "PARAMETER", "edges are not rising whole numbers", fix="give, say, [18, 65]; no top"
                )
            ]
        return []
    if not isinstance(width, int) or not _is_whole(width) or width < 1:
        return [Problem("PARAMETER", "a band's width is not a whole number from 1", fix="give, say, 5")]
    if top is not None and (not _is_whole(top) or top % width):
        return [
            Problem(
                "PARAMETER",
                "the top band does not start where a band ends",
                fix=f"use a multiple of {width}",
            )
        ]
    return []


def _day(settings: Settings) -> date:
    at = settings["at"]
    return at if isinstance(at, date) else date.fromisoformat(at)


def _faults_of_day(settings: Settings) -> list[Problem]:
    try:
        _day(settings)
    except (KeyError, TypeError, ValueError):
        return [Problem("PARAMETER", "an age needs the day it is counted at", fix="give at: YYYY-MM-DD")]
    return []


def _age(born: date | None, settings: Settings) -> int | None:
    """Completed years; who was born on 29 February has a birthday on 1 March in other years."""
    if born is None:
        return None
    at = _day(settings)
    age = at.year - born.year - ((at.month, at.day) < (born.month, born.day))
    return age if age >= 0 else None


def _age_column(born: ir.DateValue, settings: Settings) -> ir.IntegerValue:
    at = _day(settings)
    birthday_to_come = (born.month() * 100 + born.day()) > at.month * 100 + at.day
    age = at.year - born.year().cast("int64") - birthday_to_come.cast("int64")
    return (age >= 0).ifelse(age, None)


def _band(number: int | None, settings: Settings) -> str | None:
    return None if number is None else Bands.of(settings).label(number)


def _band_column(number: ir.IntegerValue, settings: Settings) -> ir.Value:
    return Bands.of(settings).column(number.cast("int64"))


_WIDTHS: dict[str, type[Any]] = {"width": int, "top": int, "edges": list}
_RULES = (
    # A narrow band of a number that identifies still identifies, so that an identifier remains one.
    Rule("band", "a whole number's band", (Type.INTEGER,), Type.TEXT, Kind.IDENTIFIER,
         _band, _band_column, _WIDTHS, _faults_of_bands),
    Rule("age", "completed years at a day", (Type.DATE,), Type.INTEGER, Kind.QUASI,
         _age, _age_column, {"at": date}, _faults_of_day),
    Rule("age-band", "the band of completed years at a day", (Type.DATE,), Type.TEXT, Kind.QUASI,
         lambda born, settings: _band(_age(born, settings), settings),
         lambda born, settings: _band_column(_age_column(born, settings), settings),
         {"at": date, **_WIDTHS}, lambda settings: _faults_of_day(settings) + _faults_of_bands(settings)),
)  # fmt: skip

for _rule in _RULES:
    RULES.add(_rule.name, _rule)
