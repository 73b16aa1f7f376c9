"""link(): one door for every linker an agreement may name, whatever unit it finds."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

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
    evidence = {"linker": settings.linker, **housed.evidence, "sources": _by_source(table)}
    return Linked(table, evidence, pa.table({}))


def _by_source(table: pa.Table) -> dict[str, dict[str, int]]:
    """Records of each source, and how many live where another source has somebody."""
    lived = table.filter(pc.is_valid(table["cluster"]))
    wide = lived.group_by("cluster").aggregate([("source", "count_distinct")])
    shared = wide.filter(pc.greater(wide["source_count_distinct"], 1))["cluster"]
    elsewhere = table.append_column("elsewhere", pc.is_in(table["cluster"], shared.combine_chunks()))
    counts = (
        elsewhere.group_by("source").aggregate([([], "count_all"), ("elsewhere", "sum")]).sort_by("source")
    )
    return {
        row["source"]: {"records": row["count_all"], "linked_elsewhere": int(row["elsewhere_sum"] or 0)}
        for row in counts.to_pylist()
    }
