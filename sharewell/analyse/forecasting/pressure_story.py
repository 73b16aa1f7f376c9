"""What a forecast of pressure says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from .pressure_report import EVERY, FORECAST, slug


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """The month of most pressure of each kind, and whether the method beats the year before."""
    accuracy = {row["kind"]: row for row in tables["accuracy"].to_pylist()}
    sentences = []
    for kind, said in sorted(params["kinds"].items()):
        sentences.append(_highest(tables[f"month-{slug(kind)}"].to_pylist(), said))
        sentences.append(_worth(accuracy.get(said), said))
    whole = accuracy.get(EVERY)
    if whole is not None and whole["better"] is not None and whole["better"] <= 0:
        sentences.append(
            "Over all kinds the method is no better than the year before: plan by that instead."
        )
    return Story(
        tuple(sentences),
        (
            "A forecast says what comes if months go on as they did. An outbreak, a new service or a closed"
            " one is not in it.",
            "Plan beds and staff for the range, not for its middle.",
        ),
    )


def _highest(rows: list[dict[str, Any]], said: str) -> str:
    shown = [r for r in rows if r["known"] == FORECAST and None not in (r["events"], r["low"], r["high"])]
    if not shown:
        return f"{said}: the forecast was withheld."
    top = max(shown, key=lambda row: row["events"])
    return (
        f"{said}: most are expected in {top['month']}, {top['events']:,} (four chances in five:"
        f" {top['low']:,.0f} to {top['high']:,.0f})."
    )


def _worth(row: Mapping[str, Any] | None, said: str) -> str:
    if row is None or None in (row["error"], row["naive_error"]):
        return f"{said}: how wrong the method was on known months was withheld."
    errors = f"by {row['error']:.1%} on known months; the year before by {row['naive_error']:.1%}"
    word = "better than" if row["error"] < row["naive_error"] else "no better than"
    return f"{said}: it was wrong {errors}. That is {word} taking the same month of the year before."
