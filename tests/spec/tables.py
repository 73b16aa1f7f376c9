"""Tables drawn in text, as they stand in the spec and in the reference.

A header is `name:type`, with `*` after the columns that together tell rows apart, and the kind where it
matters: `nhs:text*:identifier`. An empty cell is null; "" is the empty text, and quotes keep the spaces at
a text's ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Read

Rows = list[dict[str, Any]]

_BAR = re.compile(r"(?<!\|)\|(?!\|)")  # a single bar: two join texts

_READ: dict[Type, Callable[[str], Any]] = {
    Type.TEXT: lambda cell: cell[1:-1] if cell.startswith('"') else cell,
    Type.INTEGER: int,
    Type.NUMBER: float,
    Type.BOOLEAN: lambda cell: {"true": True, "false": False}[cell],
    Type.DATE: date.fromisoformat,
    Type.MOMENT: datetime.fromisoformat,
}


@dataclass(frozen=True)
class Drawn:
    """A table as drawn: columns, those that tell rows apart, and rows."""

    schema: Schema
    unique: tuple[str, ...]
    rows: Rows

    def read(self, name: str, place: str = "host", people: bool = True) -> Read:
        """The step that reads it, as the asset `name` held at `place`."""
        return Read(Asset(name, place, self.schema, self.unique, about_people=people))


def lines(text: str) -> list[list[str]]:
    """The cells of each line."""
    drawn = [line for line in text.strip("\n").splitlines() if line.strip()]
    return [[cell.strip() for cell in _BAR.split(line)] for line in drawn]


def value(cell: str, kind: Type) -> Any:
    """What a cell says; None where it is empty."""
    return None if cell == "" else _READ[kind](cell)


def table(text: str) -> Drawn:
    """The table that `text` draws."""
    return of_cells(lines(text))


def of_cells(cells: list[list[str]]) -> Drawn:
    """The table of a header's cells and those of the rows."""
    header, *body = cells
    columns, unique = [], []
    for cell in header:
        name, kind, *label = cell.split(":")
        columns.append(
            Column(name, Type(kind.rstrip("*")), Kind(label[0]) if label else Kind.PLAIN, "host")
        )
        unique += [name] if kind.endswith("*") else []
    schema = Schema(tuple(columns))
    rows = [
        {column.name: value(cell, column.type) for column, cell in zip(schema, cells, strict=True)}
        for cells in body
    ]
    return Drawn(schema, tuple(unique), rows)
