"""What an association says: that two things go together, or that it is not shown; never why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from .report import MAIN, UNADJUSTED


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """The adjusted difference with its interval, beside the unadjusted one, from checked tables alone."""
    rows = {row["analysis"]: row for row in tables["estimate"].to_pylist()}
    what, on = params["factor_as"], params["outcome_as"]
    sentences = [_main(rows.get(MAIN), what, on), *_beside(rows, params)]
    if params["hypothesis"]:
        sentences.append(f"What was expected beforehand: {params['hypothesis'].rstrip('.')}.")
    return Story(
        tuple(sentences),
        (
            "That two things go together does not say that one brings the other: something that neither"
            " record holds may go with both.",
            "The factor is as registers hold it. Where they miss people, a difference looks smaller than it"
            " is.",
            "A line is the same step everywhere along it: it says nothing of one person or one home.",
        ),
    )


def _shown(row: Mapping[str, Any] | None) -> bool:
    return row is not None and None not in (row["difference"], row["low"], row["high"])


def _main(row: Mapping[str, Any] | None, what: str, on: str) -> str:
    if row is None or not _shown(row):
        return f"How {on} goes with {what} was withheld."
    size, low, high = row["difference"], row["low"], row["high"]
    span = f"(95% confidence interval {low:+.2f} to {high:+.2f}; {row['people']:,} people)"
    if low <= 0 <= high:
        return (
            f"It is not shown that {on} goes with {what}: for one more, {on} differs by {size:+.2f} {span},"
            " which includes no difference."
        )
    word = "lower" if size < 0 else "higher"
    return f"For one more of {what}, {on} is {word} by {abs(size):.2f} on average {span}."


def _beside(rows: Mapping[str, Mapping[str, Any]], params: Params) -> list[str]:
    plain, adjusted = rows.get(UNADJUSTED), rows.get(MAIN)
    if plain is None or adjusted is None or not _shown(plain) or not _shown(adjusted):
        return []
    if not params["covariates"]:
        return ["Nothing else was taken into account."]
    return [
        f"Without taking {', '.join(params['covariates'])} into account the difference would be"
        f" {plain['difference']:+.2f} ({plain['low']:+.2f} to {plain['high']:+.2f})."
    ]
