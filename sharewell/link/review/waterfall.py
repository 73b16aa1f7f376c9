"""Why a pair weighs what it weighs: from the prior, one comparison after another, to the total.

The steps are levels in words and bits, so they may be kept. Values are `Sides`, shown to a reader in a
session and to nobody else: they have no printed form, and nothing here writes them anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

Ends = tuple[int, int]

_COLUMN = re.compile(r"\b([a-z_]+)_[lr]\b")
_MISSING = -1


@dataclass(frozen=True)
class Step:
    """One step: what was compared, how it came out in words, its bits, and the total so far.

    `known` is False where a side says nothing, so that the comparison adds nothing.
    """

    comparison: str
    outcome: str
    weight: float
    running: float
    known: bool = True


@dataclass(frozen=True)
class Sides:
    """The values of both records by comparison, as a reader sees them. Never printed, logged or pickled."""

    by_comparison: Mapping[str, tuple[str, str]] = field(repr=False)

    def __reduce__(self) -> Any:
        raise TypeError("values shown to a reader are not kept")


def waterfalls(evidence: pa.Table) -> dict[Ends, list[Step]]:
    """From `link.weigh.evidence` (l, r, nth, comparison, level, label, weight, frequency), by pair.

    The first step is the prior; what a rare or common shared value adds is a step of its own.
    """
    found: dict[Ends, list[Step]] = {}
    order = [("l", "ascending"), ("r", "ascending"), ("nth", "ascending")]
    for row in evidence.sort_by(order).to_pylist():
        steps = found.setdefault((row["l"], row["r"]), [])
        running = steps[-1].running if steps else 0.0
        known = row["level"] != _MISSING
        label = row["label"] if known else "a side does not say"
        steps.append(Step(row["comparison"], label, row["weight"], running + row["weight"], known))
        if row["frequency"]:
            word = "rare" if row["frequency"] > 0 else "common"
            total = steps[-1].running + row["frequency"]
            steps.append(Step(row["comparison"], f"a {word} value to share", row["frequency"], total))
    return found


def table(steps: Sequence[Step]) -> pa.Table:
    """(comparison, outcome, weight, running): the waterfall as figures, in bits; no value of a person."""
    return pa.table(
        {
            "comparison": pa.array([step.comparison for step in steps], pa.string()),
            "outcome": pa.array([step.outcome for step in steps], pa.string()),
            "weight": pa.array([step.weight for step in steps], pa.float64()),
            "running": pa.array([step.running for step in steps], pa.float64()),
        }
    )


def columns(settings: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The columns that a reader is shown for each comparison of Splink's settings, each column once.

    A column goes to the comparison of its own name, else to the first that looks at it; `given` is only
    another spelling of the forename.
    """
    found: dict[str, tuple[str, ...]] = {}
    names = [comparison["output_column_name"] for comparison in settings["comparisons"]]
    taken = {*names, "given"}
    for comparison in settings["comparisons"]:
        own = comparison["output_column_name"]
        conditions = " ".join(level["sql_condition"] for level in comparison["comparison_levels"])
        looked = dict.fromkeys(_COLUMN.findall(conditions))
        found[own] = tuple(name for name in looked if name == own or name not in taken)
        taken |= set(found[own])
    return found


def sides(
    con: duckdb.DuckDBPyConnection, settings: Mapping[str, Any], table: str, left: int, right: int
) -> Sides:
    """What both records hold, by comparison, for the eyes of a reader. `table` as for `weigh`."""
    wanted = columns(settings)
    every = sorted({name for names in wanted.values() for name in names})
    rows = con.execute(
        f"SELECT rid, {', '.join(every)} FROM {table} WHERE rid IN (?, ?)", [left, right]
    ).fetchall()
    held = {row[0]: dict(zip(every, row[1:], strict=True)) for row in rows}

    def words(rid: int, names: Sequence[str]) -> str:
        known = [str(held[rid][name]) for name in names if held[rid][name] is not None]
        return ", ".join(known) or "not known"

    return Sides({name: (words(left, names), words(right, names)) for name, names in wanted.items()})
