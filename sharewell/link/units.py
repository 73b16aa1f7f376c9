"""link(): one door for every linker an agreement may name, whatever unit it finds."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from .homes import households
from .identify import people
from .settings import Linked, Progress, Settings

DWELLINGS = ("homes", "households")
"""Linkers that find where records live rather than who they are; each names its column of `Housed`."""


def link(tables: Mapping[str, pa.Table], *, settings: Settings, progress: Progress | None = None) -> Linked:
    """Link the records of named sources into the unit that `settings.linker` finds.

    A record that belongs to no home has a null cluster. Raises as `people` and `households` do.
    """
    if settings.linker not in DWELLINGS:
        return people(tables, settings=settings, progress=progress)
    housed = households(tables, settings=settings, progress=progress)
    column = {"homes": "home", "households": "household"}[settings.linker]
    table = housed.table.select(["source", "record", column]).rename_columns(
        ["source", "record", "cluster"]
    )
    return Linked(table, {"linker": settings.linker, **housed.evidence}, pa.table({}))
