"""What a matched cohort says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from .balance import BALANCED
from .report import MAIN

Row = Mapping[str, Any]
Flow = Mapping[tuple[str, str], int | None]


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    flow = {(r["group"], r["stage"]): r["number"] for r in _rows(tables, "flow")}
    effect = {r["analysis"]: r for r in _rows(tables, "effect")}
    sentences = [_effect_sentence(effect.get(MAIN), params), _flow_sentence(flow, params)]
    sentences += [*_record_sentences(flow), _balance_sentence(_rows(tables, "balance"))]
    sentences += _sensitivity_sentences(effect)
    return Story(
        tuple(sentences),
        (
            "Matching makes the groups alike in what is recorded. A cause not recorded remains possible.",
            "People who could not be linked, or had no like in the other group, are not in the result.",
            "A result that is not significant does not show that there is no effect.",
        ),
    )


def _rows(tables: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    return tables[name].to_pylist() if name in tables else []


def _effect_sentence(row: Row | None, params: Params) -> str:
    what = params["outcome_as"]
    if row is None or None in (row["rate_ratio"], row["low"], row["high"]):
        return f"The rate ratio of {what} was withheld."
    ratio, low, high = row["rate_ratio"], row["low"], row["high"]
    span = f"rate ratio {ratio:.2f} (95% confidence interval {low:.2f} to {high:.2f})"
    if low <= 1 <= high:
        return (
            f"No significant difference in {what} was found between people who had {params['given_as']} and"
            f" similar people who had not: {span}."
        )
    change = f"{abs(1 - ratio):.0%} {'fewer' if ratio < 1 else 'more'}"
    return (
        f"People who had {params['given_as']} had {change} {what} than similar people who had not: {span}."
    )


def _flow_sentence(flow: Flow, params: Params) -> str:
    ours = _number(flow.get(("Treated people", "Matched")))
    all_ours = _number(flow.get(("Treated people", "In the linked data")))
    theirs = _number(flow.get(("Comparison people", "Matched")))
    return (
        f"{ours} of {all_ours} people who had {params['given_as']} were matched, to {theirs} who had not."
    )


def _record_sentences(flow: Flow) -> list[str]:
    if ("Records of the service", "Submitted") not in flow:
        return []
    sent, found = (flow.get(("Records of the service", stage)) for stage in ("Submitted", "Linked"))
    if sent is None or found is None:
        return [
            "How many records of the service could be linked is withheld, because the difference is small."
        ]
    return [f"Of {_number(sent)} records of the service, {_number(found)} were linked to somebody."]


def _balance_sentence(rows: list[dict[str, Any]]) -> str:
    after = [abs(row["smd_after"]) for row in rows if row["smd_after"] is not None]
    if not after:
        return "The balance table was withheld."
    worst = max(after)
    hidden = " of those shown" if len(after) < len(rows) else ""
    if worst < BALANCED:
        return (
            f"After matching the groups are alike: the largest standardised difference{hidden} is"
            f" {worst:.2f}, under {BALANCED}."
        )
    many = sum(value >= BALANCED for value in after)
    return (
        f"After matching the groups still differ: {many} of {len(after)} covariates{hidden} have a"
        f" standardised difference of {BALANCED} or more, at most {worst:.2f}. Read the result with that."
    )


def _sensitivity_sentences(effect: Mapping[str, Row]) -> list[str]:
    others = [
        row["rate_ratio"]
        for label, row in effect.items()
        if label.startswith(("Tie", "Caliper", "No caliper"))
    ]
    if not others or None in others:
        return []
    return [
        f"With other tie rules and calipers the ratio lies between {min(others):.2f} and {max(others):.2f}."
    ]


def _number(value: int | None) -> str:
    return "a number withheld" if value is None else f"{value:,}"
