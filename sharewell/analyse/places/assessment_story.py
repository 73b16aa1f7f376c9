"""What the assessment says, computed only from tables that passed the gate: priorities, plan, progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.finding import ALL
from ...plan.recipe import Params, Story
from .assessment_report import MET, MISSED
from .repeats import AGAIN

_FIRST = 3


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """The priorities first, then whether the last ones were met, then what comes back."""
    rows = {name: table.to_pylist() for name, table in tables.items()}
    sentences = [_priorities(rows["priorities"]), *_volume(rows["priorities"])]
    if "plan" in rows:
        sentences.append(_plan(rows["plan"]))
    sentences.append(_whole(rows["services"]))
    if "repeats" in rows:
        sentences.append(_repeats(rows["repeats"], params))
    if "near-repeats" in rows:
        sentences.append(_near(rows["near-repeats"], params))
    return Story(
        tuple(sentences),
        (
            "What is recorded is what was told to a service: a rise can be more trust, and a fall less.",
            "Days of the starting sentence weigh what the law thinks of an offence, and not what it"
            " did to one person.",
        ),
    )


def _priorities(rows: list[Any]) -> str:
    shown = [row for row in rows if row["share_of_harm"] is not None][:_FIRST]
    if not shown:
        return "Which kinds come first by harm was withheld."
    told = ", ".join(f"{row['kind']} ({row['share_of_harm']:.0%})" for row in shown)
    return f"First by harm come {told} of all harm."


def _volume(rows: list[Any]) -> list[str]:
    """Where the two orders part: the most frequent kind, and the place that harm gives it."""
    first = next((row for row in rows if row["place_by_volume"] == "1"), None)
    if first is None or first["share_of_volume"] is None or first["share_of_harm"] is None:
        return []
    if first["place_by_harm"] == "1":
        return [
            f"By volume {first['kind']} comes first as well ({first['share_of_volume']:.0%} of incidents)."
        ]
    return [
        f"By volume {first['kind']} comes first ({first['share_of_volume']:.0%} of incidents), and by"
        f" harm it is "
        f"number {first['place_by_harm']} ({first['share_of_harm']:.0%})."
    ]


def _plan(rows: list[Any]) -> str:
    held = [row for row in rows if row["change"] is not None]
    if not held:
        return "What came of the last plan was withheld or cannot be told."
    told = [
        f"{row['priority']} {row['change']:+.0%} ({row['low']:+.0%} to {row['high']:+.0%}), aimed at"
        f" {row['aimed']}: "
        f"{row['progress']}"
        for row in held
    ]
    met, missed = (sum(row["progress"] == word for row in held) for word in (MET, MISSED))
    open_ = len(held) - met - missed
    head = f"Of {len(held)} priorities of the last plan, met: {met}; not met: {missed}; not clear: {open_}"
    return f"{head}. {'; '.join(told)}."


def _whole(rows: list[Any]) -> str:
    whole = next(row for row in rows if row["service"] == ALL)
    if whole["incidents"] is None or whole["change"] is None:
        return "How many incidents there were was withheld, or there is no last time to compare with."
    change = f"{whole['change']:+.0%} on last time"
    return f"All services together recorded {whole['incidents']:,} incidents, {change}."


def _repeats(rows: list[Any], params: Params) -> str:
    again = next(row for row in rows if row["incident"] == AGAIN)
    if again["share"] is None:
        return "How much came back to the same place was withheld."
    return (
        f"{again['share']:.0%} of incidents at a known place came within {params['repeat_days']} days"
        f" after another "
        "there."
    )


def _near(rows: list[Any], params: Params) -> str:
    """Which kinds come near to one another more than chance has it; said plainly where none does."""
    level = 0.05 / len(rows)
    shown = [row for row in rows if row["p"] is not None and row["ratio"] is not None]
    sure = [row for row in shown if row["p"] <= level and row["ratio"] > 1]
    near = f"within {params['near_metres']:g} m and {params['near_days']} days"
    if not sure:
        return f"No kind tested comes {near} of another more often than chance would have it."
    told = ", ".join(f"{row['kind']} ({row['ratio']:.1f} times, p = {row['p']:.3f})" for row in sure)
    return f"More often than chance {near} of another come: {told}."
