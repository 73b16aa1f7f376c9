"""What a study within people says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from ..result_table import rows_of

Row = dict[str, Any]
_FIGURES = ("rate_ratio", "low", "high", "p_holm")


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    ratios = rows_of(tables, "ratios")
    shown = [row for row in ratios if None not in [row[name] for name in _FIGURES]]
    sentences = [*_found(shown, params), *_null(shown, params), _many(len(ratios)), *_people(tables)]
    if len(shown) < len(ratios):
        sentences.append(f"Figures of {len(ratios) - len(shown)} of {len(ratios)} kinds were withheld.")
    sentences += [*_models(tables, shown), *_placebo_date(tables), *_placebo_outcome(tables, params)]
    return Story(
        tuple(sentences),
        (
            "People are compared with themselves: what is constant about them cannot mislead, but what else"
            " changed in their lives with the work still can.",
            "Somebody whose health decided when the work was done would bias the result; the year before"
            " the work is shown so that this can be seen.",
            "A result that is not significant does not show that there is no effect.",
            "Events per 1,000 person-years follow from the ratio and the rate after the change; their"
            " interval takes that rate as known.",
        ),
        *_say(shown, params),
    )


def _found(shown: list[Row], params: Params) -> list[str]:
    """A sentence for each change whose effect stands after all of them have been looked at."""
    said = []
    for row in sorted(shown, key=lambda row: row["rate_ratio"]):
        if row["p_holm"] >= 0.05:
            continue
        ratio = row["rate_ratio"]
        change = f"{abs(1 - ratio):.0%} {'fewer' if ratio < 1 else 'more'} {params['outcome_as']}"
        text = f"After {row['change']} the same people had {change}, other things equal: {_span(row)}"
        if row["per_1000"] is not None:
            text += (
                f", or {abs(row['per_1000']):.0f} {'fewer' if ratio < 1 else 'more'} per 1,000 person-years"
            )
        said.append(f"{text}.")
    return said or [f"No kind of change was found to change {params['outcome_as']}."]


def _say(shown: list[Row], params: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What you can say, and what you cannot; neither where every figure was withheld."""
    what = params["outcome_as"]
    moved = [row["change"] for row in shown if row["p_holm"] < 0.05]
    unmoved = [row["change"] for row in shown if row["p_holm"] >= 0.05]
    can, cannot = [], []
    for side in ("fewer", "more"):
        theirs = [
            row["change"]
            for row in shown
            if row["p_holm"] < 0.05 and (row["rate_ratio"] < 1) is (side == "fewer")
        ]
        if theirs:
            can.append(f"The same people had {side} {what} after {', '.join(theirs)} than before.")
    if moved:
        cannot.append(f"That {', '.join(moved)} alone is the cause, or would do as much in other homes.")
    if unmoved:
        can.append(f"There is not enough evidence here that {', '.join(unmoved)} changes {what}.")
        cannot.append(f"That {', '.join(unmoved)} does not change {what}.")
    return tuple(can), tuple(cannot)


def _null(shown: list[Row], params: Params) -> list[str]:
    unmoved = [f"{row['change']} ({_span(row)})" for row in shown if row["p_holm"] >= 0.05]
    if not unmoved:
        return []
    return [f"No significant difference in {params['outcome_as']} was found after {'; '.join(unmoved)}."]


def _many(kinds: int) -> str:
    return (
        f"{kinds} kinds of change stand in one model. An effect is called significant only where it is so"
        " after allowing for all of them being looked at (Holm); the intervals shown are for one at a time."
    )


def _people(tables: Mapping[str, pa.Table]) -> list[str]:
    held = {(row["group"], row["stage"]): row["number"] for row in rows_of(tables, "flow")}
    ours, theirs = (
        held.get((group, "Looked at")) for group in ("People in changed homes", "People in other homes")
    )
    if ours is None:
        return []
    other = f", beside {theirs:,} in homes that were not" if theirs else ""
    return [f"{ours:,} people lived in homes that were changed{other}."]


def _models(tables: Mapping[str, pa.Table], shown: list[Row]) -> list[str]:
    """How far the other models lie from the main one, at most."""
    main = {row["change"]: row["rate_ratio"] for row in shown}
    apart: dict[str, tuple[float, str]] = {}
    for row in rows_of(tables, "models"):
        if row["rate_ratio"] is not None and row["change"] in main:
            far = abs(row["rate_ratio"] - main[row["change"]])
            apart[row["analysis"]] = max(apart.get(row["analysis"], (0.0, "")), (far, row["change"]))
    if not apart:
        return []
    told = "; ".join(f"{name}: {far:.2f} ({change})" for name, (far, change) in apart.items())
    return [f"With other choices no ratio moves by more than this - {told}."]


def _placebo_date(tables: Mapping[str, pa.Table]) -> list[str]:
    rows = [row for row in rows_of(tables, "placebo_date") if row["p_holm"] is not None]
    if not rows:
        return []
    moved = [f"{row['change']} ({_span(row)})" for row in rows if row["p_holm"] < 0.05]
    if not moved:
        return ["In the year before each change no ratio differs significantly from one (placebo date)."]
    return [
        f"Already in the year before the change, rates differed for {', '.join(moved)}: read that result as"
        " unproven."
    ]


def _placebo_outcome(tables: Mapping[str, pa.Table], params: Params) -> list[str]:
    rows = [row for row in rows_of(tables, "placebo_outcome") if row["p_holm"] is not None]
    if not rows:
        return []
    what = params["placebo_as"] or "the placebo outcome"
    moved = [f"{row['change']} ({_span(row)})" for row in rows if row["p_holm"] < 0.05]
    if not moved:
        return [f"No change was found to move {what}, which none should move (placebo outcome)."]
    return [f"Rates of {what}, which no change should move, differed after {', '.join(moved)}: be careful."]


def _span(row: Row) -> str:
    return (
        f"rate ratio {row['rate_ratio']:.2f}, 95% confidence interval {row['low']:.2f} to {row['high']:.2f}"
    )
