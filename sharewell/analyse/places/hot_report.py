"""Hot spots as tables and pictures: how many could be placed, hot ground against the rest, cells, the week.

Hot cells that touch are told as one spot: the statistics of single cells share incidents with their
neighbours', and could be solved for the count of each. A spot is named by the place nearest to its
hottest cell, and its point is the middle of that cell.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...plan.finding import ALL, UNKNOWN, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from ...plan.shapes import Shapes, Unit
from .density import Foretold, foretell
from .hot_map import Map, draw_map, outline, spot_names
from .seen import Seen

OTHER = "The rest of the ground"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SURE = 0.01
"""The false-discovery rate of the darker shade."""
MOST_VENUES = 25
REST = "All other places"
METHOD = (
    "Gi* with binary weights within reach, one-sided, with the false-discovery rate controlled over"
    " all cells "
    "compared; cells within reach of no known place are not compared. Density by a quartic kernel."
)


def report(seen: Seen, params: Params) -> Finding:
    """All tables and charts of one map; of venues alone where the agreement asks for these."""
    placing = _placing(seen, params)
    if params["venues"]:
        table, chart = _venues(seen, params)
        return Finding(
            (placing, table), (chart,), "Counts by place, as recognised.", caveats=_caveats(seen)
        )
    drawn = draw_map(seen, params)
    tables, charts = (
        [_spots(drawn, seen, params), placing],
        [_map_chart(drawn, seen, params), _spots_chart(params)],
    )
    if (seen.weekday > 0).any() and (seen.hour >= 0).any():
        tables.append(_week(seen, params))
        charts.append(_week_chart(params))
    if seen.later.any() and drawn.hot.any():
        later = drawn.grid.count(seen.east[seen.later], seen.north[seen.later])
        tables.append(_foretold(foretell(drawn.hot, drawn.grid.ground, later), params))
    return Finding(tuple(tables), tuple(charts), METHOD, caveats=_caveats(seen))


def _caveats(seen: Seen) -> tuple[str, ...]:
    said = [
        "A place is where it was said to be, to the cell; a map of what is known is not one of all"
        " there is."
    ]
    if seen.strange:
        said.append("Some weekdays or hours were outside what they can be, and count as not known.")
    return tuple(said)


def _placing(seen: Seen, params: Params) -> ResultTable:
    """How many are on the map, and why the rest are not."""
    placed = seen.placed
    rows = {
        "On the map": int(placed.sum()),
        "Described, not recognised": int((~placed & seen.described).sum()),
        "No place given": int((~placed & ~seen.described).sum()),
        ALL: len(placed),
    }
    data = pa.table({"placed": list(rows), "incidents": list(rows.values())})
    title = f"How many {params['incident_as']} could be put on the map"
    return ResultTable("placing", title, Output.FREQUENCY, data, ("placed",), ("incidents",))


def _spots(drawn: Map, seen: Seen, params: Params) -> ResultTable:
    """Each hot spot (hot cells that touch), the rest of the ground, and all of it: the denominator."""
    ground = drawn.grid.ground
    names = spot_names(drawn, seen)
    parts = {name: drawn.spot == number for number, name in enumerate(names, start=1)}
    parts |= {OTHER: ground & ~drawn.hot, ALL: ground}
    size = [float(mask.sum()) * (drawn.grid.side / 1_000) ** 2 for mask in parts.values()]
    counts = [int(drawn.counts[mask].sum()) for mask in parts.values()]
    inside = [name not in (OTHER, ALL) for name in parts]
    peak = [
        float(drawn.z[mask].max()) if hot else None
        for mask, hot in zip(parts.values(), inside, strict=True)
    ]
    least = [
        float(drawn.q[mask].min()) if hot else None
        for mask, hot in zip(parts.values(), inside, strict=True)
    ]
    densest = [float(f"{np.nanmax(np.where(mask, drawn.density, 0.0)):.2g}") for mask in parts.values()]
    per = [n / km if km else None for n, km in zip(counts, size, strict=True)]
    data = pa.table(
        {
            "spot": list(parts),
            "incidents": counts,
            "tier": pa.array([_tier(q) for q in least[:-1]] + [None], pa.int64()),
            "square_km": [round(km, 3) for km in size],
            "share_of_ground": [km / size[-1] for km in size],
            "per_square_km": pa.array(per, pa.float64()),
            "densest_per_square_km": densest,
            "gi_star": pa.array([None if z is None else round(z, 1) for z in peak], pa.float64()),
            "false_discovery": pa.array([None if q is None else round(q, 3) for q in least], pa.float64()),
        }
    )
    measures = tuple(Measure(name, "incidents") for name in data.column_names[2:])
    level = f"{params['false_discovery']:.0%}"
    notes = (
        f"Hot: a false-discovery rate of at most {level} over {int(ground.sum()):,} cells of"
        f" {params['cell']:g} m,"
        f" each with what lies within {params['reach']:g} m of it. Gi* is that of the hottest cell;"
        f" the densest point is that of a quartic kernel over the same reach.",
    )
    title = f"Hot spots of {params['incident_as']}, and the rest of the ground"
    return ResultTable(
        "spots",
        title,
        Output.FREQUENCY,
        data,
        ("spot",),
        ("incidents",),
        measures,
        notes,
        zero_safe=("incidents",),
    )


def _tier(least: float | None) -> int:
    """How sure a spot is: 1 is no spot at all."""
    return 1 if least is None else 3 if least <= _SURE else 2


def _map_chart(drawn: Map, seen: Seen, params: Params) -> Chart:
    """Each spot and the rest of the ground as one shape: no shape is that of one cell's count."""
    names = spot_names(drawn, seen)
    outlines = {
        name: outline(drawn.grid, drawn.spot == number) for number, name in enumerate(names, start=1)
    }
    outlines[OTHER] = outline(drawn.grid, drawn.grid.ground & ~drawn.hot)
    level, cell = params["false_discovery"], f"{params['cell']:g}"
    sure = f"Hot spot, at most {_SURE:.0%} by chance"
    fields = {
        "area": "spot",
        "tier": "tier",
        "tiers": f"Not hot|Hot spot, at most {level:.0%} by chance|{sure}",
        "caveats": f"Points are snapped to cells of {cell} m.\nA hot spot says where, and nothing of"
        " who is there.",
    }
    alt = f"A map of the ground with the hot spots of {params['incident_as']}, darker where they are surer."
    title = f"Where {params['incident_as']} gather"
    return Chart("map", "spots", title, fields, alt, Shapes(outlines, Unit.METRES))


def _spots_chart(params: Params) -> Chart:
    fields = {"label": "spot", "value": "per_square_km"}
    alt = (
        f"How many {params['incident_as']} a square kilometre had: each hot spot, the rest, and the whole."
    )
    return Chart("bar", "spots", f"{_big(params)} for each square kilometre", fields, alt)


def _week(seen: Seen, params: Params) -> ResultTable:
    """By weekday and block of hours, with totals; those without a known time apart."""
    width = int(params["block"])
    blocks = [f"{low:02d}-{min(low + width, 24) - 1:02d}" for low in range(0, 24, width)]
    known = (seen.weekday > 0) & (seen.hour >= 0)
    grid = np.zeros((8, len(blocks) + 1), np.int64)
    np.add.at(grid, (seen.weekday[known] - 1, seen.hour[known] // width), 1)
    grid[7], grid[:, -1] = grid[:7].sum(axis=0), 0
    grid[:, -1] = grid[:, :-1].sum(axis=1)
    rows = [
        (day, block, int(grid[i, j]))
        for i, day in enumerate((*WEEKDAYS, ALL))
        for j, block in enumerate((*blocks, ALL))
    ]
    day, block, count = (list(part) for part in zip(*rows, strict=True))
    data = pa.table({"weekday": day, "hours": block, "incidents": count})
    title = f"When {params['incident_as']} happen in the week"
    notes = () if known.all() else (f"Those whose time is {UNKNOWN.lower()} are not in it.",)
    return ResultTable(
        "week", title, Output.FREQUENCY, data, ("weekday", "hours"), ("incidents",), notes=notes
    )


def _week_chart(params: Params) -> Chart:
    fields = {"day": "weekday", "hours": "hours", "value": "incidents"}
    alt = f"A grid of weekdays and hours; the darker a field, the more {params['incident_as']}."
    return Chart("week", "week", f"When {params['incident_as']} happen", fields, alt)


def _foretold(foretold: Foretold, params: Params) -> ResultTable:
    data = pa.table(
        {
            "span": [f"From {params['hold_out_from']}"],
            "incidents_later": [foretold.later],
            "in_hot_cells": [foretold.hits],
            "hit_rate": [foretold.hit_rate],
            "share_of_ground": [foretold.hot / foretold.cells],
            "accuracy_index": [foretold.index],
        }
    )
    measures = (
        Measure("hit_rate", "incidents_later", share=True),
        Measure("share_of_ground", "incidents_later"),
        Measure("accuracy_index", "in_hot_cells"),
    )
    notes = (
        "The index is the hit rate over the share of ground; 1 is no better than any ground of that size.",
    )
    return ResultTable(
        "foretold", "What the map of before foretold of a later span", Output.FREQUENCY, data, ("span",),
        ("incidents_later", "in_hot_cells"), measures, notes,
    )  # fmt: skip


def _venues(seen: Seen, params: Params) -> tuple[ResultTable, Chart]:
    """The places with most incidents, by name; the rest together."""
    codes, counts = np.unique([venue for venue in seen.venue if venue], return_counts=True)
    order = np.lexsort((codes, -counts))
    first = order[:MOST_VENUES].tolist()
    rows = [(_place_name(seen, str(codes[i])), int(counts[i])) for i in first]
    rows += [(REST, int(counts[order[MOST_VENUES:]].sum())), (ALL, int(counts.sum()))]
    names, numbers = zip(*rows, strict=True)
    data = pa.table({"place": list(names), "incidents": list(numbers)})
    title = f"Places with most {params['incident_as']}"
    notes = (f"At most {MOST_VENUES} places are named. A count is of where, and of nobody's fault.",)
    table = ResultTable("venues", title, Output.FREQUENCY, data, ("place",), ("incidents",), notes=notes)
    alt = f"The places with most {params['incident_as']}, the largest first."
    return table, Chart("bar", "venues", title, {"label": "place", "value": "incidents"}, alt)


def _place_name(seen: Seen, code: str) -> str:
    return f"{seen.names.get(code, '').title()} ({code})".strip()


def _big(params: Params) -> str:
    return str(params["incident_as"])[:1].upper() + str(params["incident_as"])[1:]
