"""What a needs gap says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from ...plan.finding import ALL, UNKNOWN
from ...plan.recipe import Params, Story


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """Where records differ from expectation, and where they do not; withheld figures are said to be."""
    rows = tables["areas"].to_pylist()
    areas = [row for row in rows if row["area"] not in (ALL, UNKNOWN)]
    shown = [row for row in areas if None not in (row["low"], row["high"])]
    fewer = [row["area"] for row in shown if row["high"] < 1]
    more = [row["area"] for row in shown if row["low"] > 1]
    what = params["need_as"]
    total = next(row for row in rows if row["area"] == ALL)
    head = f"The number of people recorded with {what} was withheld."
    if total["recorded"] is not None and total["expected"] is not None:
        head = f"{total['recorded']:,} people are recorded with {what}; expected: {total['expected']:,.0f}."
    sentences = [
        head,
        _named(f"Fewer than expected are recorded in {len(fewer)} of {len(shown)} areas shown", fewer),
    ]
    sentences.append(_named(f"More than expected are recorded in {len(more)}", more))
    same = len(shown) - len(fewer) - len(more)
    sentences.append(f"In {same} areas the records do not differ from what would be expected.")
    if len(areas) > len(shown):
        sentences.append(f"The figures of {len(areas) - len(shown)} areas were withheld.")
    return Story(
        tuple(sentences),
        (
            "A gap is between records and expectation: it may be need that was not met or not recorded,"
            " or a prevalence that does not hold here.",
            "With many areas, about one in twenty would differ by chance alone.",
        ),
    )


def _named(text: str, areas: list[str]) -> str:
    few = ", ".join(areas[:8]) + (" and others" if len(areas) > 8 else "")
    return f"{text}: {few}." if areas else f"{text}."
