"""What survival curves say, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from ..result_table import rows_of

Row = Mapping[str, Any]


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Survival at each landmark, medians, and whether the groups differ; what is withheld is said."""
    by = params["by"][0]
    rows, medians = rows_of(tables, "survival"), rows_of(tables, "medians")
    sentences = [
        _landmark(name, rows, by) for name in sorted(params["landmarks"], key=params["landmarks"].get)
    ]
    sentences += [*_medians(medians, by), *_difference(rows_of(tables, "differences"))]
    withheld = sum(row["survival"] is None for row in rows)
    if withheld:
        sentences.append(
            "Some points of the curves are merged with the next, so that no step tells of a few people."
        )
    return Story(
        tuple(sentences),
        (
            "A curve shows what happened to those diagnosed then. Treatment has changed since.",
            "Groups differ in age and much else: what lies between curves is not the work of the group.",
            "Deaths abroad are not seen, so survival is a little overstated.",
        ),
    )


def _landmark(name: str, rows: list[dict[str, Any]], by: str) -> str:
    mine = [row for row in rows if row["landmark"] == name]
    shown = sorted((row for row in mine if row["survival"] is not None), key=lambda row: -row["survival"])
    if not shown:
        return f"After {name}: survival was withheld."
    said = "; ".join(f"{row[by]} {_survival(row)}" for row in shown)
    left = len(mine) - len(shown)
    more = f" Withheld for {left} more." if left else ""
    return f"Alive after {name}: {said}.{more}"


def _survival(row: Row) -> str:
    if None in (row["low"], row["high"]):
        return f"{row['survival']:.1%}"
    return f"{row['survival']:.1%} ({row['low']:.1%} to {row['high']:.1%})"


def _medians(rows: list[dict[str, Any]], by: str) -> list[str]:
    shown = sorted((row for row in rows if row["median"] is not None), key=lambda row: row["median"])
    if not shown:
        return ["In no group shown had half of the people died while they were followed."]
    said = [
        f"{row[by]} {row['median']:,.0f} days"
        + ("" if None in (row["low"], row["high"]) else f" ({row['low']:,.0f} to {row['high']:,.0f})")
        for row in shown
    ]
    others = "" if len(shown) == len(rows) else " In the others this was not reached, or is withheld."
    return [f"Half had died after: {'; '.join(said)}.{others}"]


def _difference(rows: list[dict[str, Any]]) -> list[str]:
    said = []
    for row in rows:
        if row["p_value"] is None or row["chi_squared"] is None:
            said.append(f"The test of a difference by {row['compared']} was withheld.")
            continue
        p = "under 0.001" if row["p_value"] < 0.001 else f"{row['p_value']:.3f}"
        words = (
            f"People differ in how long they live by {row['compared']}"
            if row["p_value"] < 0.05
            else f"No difference in how long people live was found by {row['compared']}"
        )
        said.append(f"{words} (log-rank chi squared {row['chi_squared']:,.1f}, p {p}).")
    return said or ["There was one group, or nobody died: nothing could be compared."]
