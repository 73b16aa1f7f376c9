"""A figure that a recipe gives under a name, and where in its checked tables it stands.

The benefits of an agreement are held to such figures: `PRODUCT.figure`. What is read is what passed the
gate and nothing else, so that a benefit never tells more than the release that it was measured by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Figure:
    """`column` of the one row of `table` whose dimensions are `where`; `low`, `high` its 95% interval.

    A table's name may end in *: the first so named that holds such a row. `promised` names the setting by
    which an agreement says of which row it promises, as `{site: lung}`; without it nothing is measured.
    """

    name: str
    table: str
    column: str
    where: Mapping[str, Any] = field(default_factory=dict, hash=False)
    low: str = ""
    high: str = ""
    promised: str = ""


@dataclass(frozen=True)
class Measured:
    """A figure as it was released."""

    value: float
    low: float | None = None
    high: float | None = None


def read_figure(
    tables: Mapping[str, pa.Table], figure: Figure, params: Mapping[str, Any] | None = None
) -> Measured | None:
    """The figure in a run's checked tables, by the settings of its product; None where it was withheld, or
    no one row holds it."""
    named = (params or {}).get(figure.promised) if figure.promised else {}
    if figure.promised and not named:
        return None
    where = {**figure.where, **dict(named or {})}
    rows = next(filter(None, (_rows(table, figure, where) for table in _named(tables, figure.table))), [])
    if len(rows) != 1 or rows[0][figure.column] is None:
        return None
    low, high = (rows[0].get(name) if name else None for name in (figure.low, figure.high))
    return Measured(float(rows[0][figure.column]), _number(low), _number(high))


def _named(tables: Mapping[str, pa.Table], name: str) -> list[pa.Table]:
    if name.endswith("*"):
        return [table for held, table in tables.items() if held.startswith(name[:-1])]
    return [tables[name]] if name in tables else []


def _rows(table: pa.Table, figure: Figure, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table that are told apart by nothing else than `where`."""
    if not {figure.column, *where} <= set(table.column_names):
        return []
    wanted = {name: str(value) for name, value in where.items()}
    return [row for row in table.to_pylist() if all(str(row[n]) == value for n, value in wanted.items())]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
