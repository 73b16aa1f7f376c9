"""What a ward forecast says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from .ward_report import FORECAST, OBSERVED, OVERALL

Row = Mapping[str, Any]


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """How many there may be, where, and whether the method was any better than the last count."""
    years, wards, accuracy = (tables[name].to_pylist() for name in ("years", "wards", "accuracy"))
    sentences = (_whole(years, params), *_by_ward(wards), *_worth(accuracy))
    caveats = (
        "A forecast says what comes if wards go on as they did. New homes, a closed school or a change in"
        " the law are not in it.",
        "The range of a ward is wide where few people live: plan for the range, not for its middle.",
    )
    return Story(sentences, caveats)


def _whole(years: list[dict[str, Any]], params: Params) -> str:
    ages = f"aged {params['from_age']} to {params['to_age']}"
    now = next((row for row in reversed(years) if row["known"] == OBSERVED), None)
    then = next((row for row in reversed(years) if row["known"] == FORECAST), None)
    if now is None or then is None or None in (now["people"], then["people"], then["low"], then["high"]):
        return f"The number of people {ages} was withheld."
    change = then["people"] - now["people"]
    inside = then["low"] <= now["people"] <= then["high"]
    told = (
        f"{then['people']:,} people {ages} are expected in {then['year']}"
        f" (four chances in five: {then['low']:,.0f} to {then['high']:,.0f}); {now['people']:,} were"
        f" counted in {now['year']}."
    )
    if inside:
        return f"{told} The range includes the number of today: no change is shown."
    return f"{told} That is {'more' if change > 0 else 'fewer'} than today."


def _by_ward(wards: list[dict[str, Any]]) -> tuple[str, ...]:
    shown = [row for row in wards if None not in (row["people"], row["low"], row["high"])]
    more = [row["ward"] for row in shown if row["low"] > row["people"]]
    fewer = [row["ward"] for row in shown if row["high"] < row["people"]]
    same = len(shown) - len(more) - len(fewer)
    told = [
        f"{_named('More are expected', more)} {_named('Fewer are expected', fewer)} In the other {same} of"
        f" {len(shown)} wards the range includes the number of today."
    ]
    if len(wards) > len(shown):
        told.append(f"The figures of {len(wards) - len(shown)} wards were withheld.")
    return tuple(told)


def _named(text: str, wards: list[str]) -> str:
    few = ", ".join(wards[:6]) + (f" and {len(wards) - 6} others" if len(wards) > 6 else "")
    return f"{text} in {few}." if wards else f"{text} in no ward for certain."


def _worth(accuracy: list[dict[str, Any]]) -> tuple[str, ...]:
    """Whether the method beats the last count, as plainly where it does not."""
    whole = next((row for row in accuracy if row["ahead"] == OVERALL), None)
    if whole is None or None in (whole["error"], whole["naive_error"]):
        return ("How wrong the method was on known years was withheld.",)
    error, naive = whole["error"], whole["naive_error"]
    told = (
        f"On years that are known it was wrong by {error:.1%} of a ward's people on average; the last count"
        f" carried forward was wrong by {naive:.1%}."
    )
    if error >= naive:
        return (told, "It is no better than the last count here: use that instead.")
    return (told,)
