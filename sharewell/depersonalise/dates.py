"""Dates made coarser: year, month, week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ..plan.schema import Kind, Type
from .coarsen import RULES, Rule, Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir


def _year(value: date | None, _: Settings) -> int | None:
    return None if value is None else value.year


def _year_column(value: ir.DateValue, _: Settings) -> ir.Value:
    return value.year().cast("int64")


def _month(value: date | None, _: Settings) -> date | None:
    return None if value is None else value.replace(day=1)


def _week(value: date | None, _: Settings) -> date | None:
    return None if value is None else value - timedelta(days=value.weekday())


def _truncated(unit: str) -> Callable[[Any, Settings], Any]:
    """By way of a moment, because DuckDB truncates a date to a moment while Ibis takes it for a date still,
    and then leaves out the cast back."""
    return lambda value, _: value.cast("timestamp").truncate(unit).cast("date")


_RULES = (
    Rule("year", "the year of a date", (Type.DATE,), Type.INTEGER, Kind.QUASI, _year, _year_column),
    Rule(
        "month", "the first day of its month", (Type.DATE,), Type.DATE, Kind.QUASI, _month, _truncated("M")
    ),
    Rule(
        "week",
        "the Monday of its ISO 8601 week",
        (Type.DATE,),
        Type.DATE,
        Kind.QUASI,
        _week,
        _truncated("W"),
    ),
)

for _rule in _RULES:
    RULES.add(_rule.name, _rule)
