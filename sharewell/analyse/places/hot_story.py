"""What a map of hot spots says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.finding import ALL
from ...plan.recipe import Params, Story
from .hot_report import OTHER, REST

Row = Mapping[str, Any]
CAVEATS = (
    "A hot cell says where many were hurt or harmed and not why, and nothing of who lives or works there.",
    "Gi* compares cells with the mean of the ground; where all are alike, none is hot however many"
    " there are.",
)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Where and when, with how sure that is; the null as plainly as a finding."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    what = params["incident_as"]
    sentences = []
    if "venues" in rows:
        sentences.append(_venues(rows["venues"], what))
    else:
        sentences.append(_hot(rows, params))
        if "week" in rows:
            sentences.append(_busiest(rows["week"], what))
        if "foretold" in rows:
            sentences.append(_foretold(rows["foretold"][0]))
    sentences.append(_placed(rows["placing"], what))
    return Story(tuple(sentences), CAVEATS if "venues" not in rows else CAVEATS[:1])


def _hot(rows: Mapping[str, list[Any]], params: Params) -> str:
    """How many spots there are, with how much in how little; or that there is none."""
    what, rate = params["incident_as"], f"{params['false_discovery']:.0%}"
    whole = next(row for row in rows["spots"] if row["spot"] == ALL)
    spots = [row for row in rows["spots"] if row["spot"] not in (OTHER, ALL)]
    if not spots:
        return (
            f"Nowhere do {what} gather more than chance alone would have it, at {rate} false"
            f" discoveries: there is no "
            "hot spot."
        )
    head = f"{what[:1].upper() + what[1:]} gather in {len(spots)} hot spot{'s' if len(spots) > 1 else ''}"
    told = [row for row in spots if row["incidents"] is not None and row["share_of_ground"] is not None]
    if len(told) < len(spots) or not whole["incidents"]:
        doubt = f"Of cells called hot, about {rate} may be so by chance."
        return f"{head}; how many lie there was partly withheld. {doubt}"
    share = sum(row["incidents"] for row in told) / whole["incidents"]
    ground = sum(row["share_of_ground"] for row in told)
    first = spots[0]["spot"].split(". ", 1)[1]
    return (
        f"{head}, which hold {share:.0%} of them on {ground:.0%} of the ground; the hottest is at"
        f" {first}. Of cells "
        f"called hot, about {rate} may be so by chance."
    )


def _busiest(rows: list[Any], what: str) -> str:
    """The fullest field of the week; no field is named where too much was withheld."""
    held = [r for r in rows if ALL not in (r["weekday"], r["hours"]) and r["incidents"] is not None]
    total = next(r["incidents"] for r in rows if r["weekday"] == r["hours"] == ALL)
    if not held or not total:
        return f"When in the week {what} happen was withheld."
    top = max(held, key=lambda r: r["incidents"])
    return (
        f"Most happen on {top['weekday']} at {top['hours']} o'clock: {top['incidents']:,} of {total:,}"
        f" whose time is "
        f"known, where an even week would have {total / (7 * len({r['hours'] for r in held})):,.0f}."
    )


def _foretold(row: Row) -> str:
    if row["hit_rate"] is None or row["accuracy_index"] is None:
        return "How much the map foretold of a later span was withheld."
    return (
        f"Of {row['incidents_later']:,} later incidents, {row['hit_rate']:.0%} fell into cells that"
        f" had been hot before: "
        f"{row['accuracy_index']:.1f} times what any ground of that size would hold."
    )


def _venues(rows: list[Any], what: str) -> str:
    named = [r for r in rows if r["place"] not in (ALL, REST) and r["incidents"] is not None]
    if not named:
        return f"At no single place were there {what} enough to be told."
    told = ", ".join(f"{r['place']} ({r['incidents']:,})" for r in named[:3])
    return f"Most {what} are at {told}; {len(named)} places have enough of them to be named."


def _placed(rows: list[Any], what: str) -> str:
    counts = {row["placed"]: row["incidents"] for row in rows}
    on, whole = counts["On the map"], counts[ALL]
    if on is None or not whole:
        return f"How many {what} could be put on the map was withheld."
    known = f"{on:,} of {whole:,} {what} ({on / whole:.0%}) could be put on the map"
    return f"{known}; the rest are in no figure of a place."
