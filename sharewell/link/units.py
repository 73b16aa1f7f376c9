"""link(): one door for every linker an agreement may name, whatever unit it finds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from .dwelling.homes import households
from .identify import people
from .methods import METHODS
from .registry import linkers
from .settings import Linked, Progress, Settings


def link(tables: Mapping[str, pa.Table], *, settings: Settings, progress: Progress | None = None) -> Linked:
    """Link the records of named sources into the unit that `settings.linker` finds.

    Raises as `people` and `households` do, and UnknownName for a linker that is none.
    """
    return linkers[settings.linker](tables, settings=settings, progress=progress)


def dwellings(
    column: str, tables: Mapping[str, pa.Table], *, settings: Settings, progress: Progress | None = None
) -> Linked:
    """Where records live rather than who they are: `column` of Housed. A record without a home has no
    cluster, nor, for households, one whose home is communal."""
    housed = households(tables, settings=settings, progress=progress)
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


for _name in METHODS:
    linkers.add(_name, people)
linkers.add("homes", partial(dwellings, "home"))
linkers.add("households", partial(dwellings, "household"))
