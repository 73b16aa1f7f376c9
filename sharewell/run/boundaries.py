"""The workspace's boundaries, handed to the maps of a finding that bring no shapes of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..plan.finding import Chart

if TYPE_CHECKING:
    from ..workspace import Workspace

MAP = "map"
NONE = (
    "A map could not be drawn, because the workspace has no boundaries; the table holds what it would show."
)


def placed(space: Workspace, charts: Iterable[Chart]) -> tuple[tuple[Chart, ...], tuple[str, ...]]:
    """The charts with shapes where they need them, and what to tell a reader of those that have none.

    DataError for a boundary file that cannot be used.
    """
    kept, said = [], []
    for chart in charts:
        if chart.kind != MAP or chart.shapes is not None:
            kept.append(chart)
        elif (held := space.boundaries) is None:
            said.append(NONE)
        else:
            shapes = held.shapes(chart.fields.get("of", "area"), chart.fields.get("over", ""))
            kept.append(replace(chart, shapes=shapes))
    return tuple(kept), tuple(dict.fromkeys(said))
