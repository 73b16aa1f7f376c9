"""A figure that a recipe gives under a name, and where in its checked tables it stands.

The benefits of an agreement are held to such figures: `PRODUCT.figure`. What is read is what passed the
gate and nothing else, so that a benefit never tells more than the release that it was measured by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Figure:
    """`column` of the one row of `table` whose dimensions are `where`; `low`, `high` its 95% interval."""

    name: str
    table: str
    column: str
    where: Mapping[str, str] = field(default_factory=dict, hash=False)
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Measured:
    """A figure as it was released."""

    value: float
    low: float | None = None
    high: float | None = None


def read_figure(tables: Mapping[str, pa.Table], figure: Figure) -> Measured | None:
    """The figure in a run's checked tables; None where it was withheld, or no one row holds it."""
    table = tables.get(figure.table)
    if table is None or not {figure.column, *figure.where} <= set(table.column_names):
        return None
    rows = [
        row for row in table.to_pylist() if all(row[name] == value for name, value in figure.where.items())
    ]
    if len(rows) != 1 or rows[0][figure.column] is None:
        return None
    low, high = (rows[0].get(name) if name else None for name in (figure.low, figure.high))
    return Measured(float(rows[0][figure.column]), _number(low), _number(high))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
