"""What a matched cohort says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from ..result_table import rows_of
from .balance import BALANCED
from .measures import COUNTS, DIFFERENCE_OF_CHANGES, FREE, HAZARD, RATIO_OF_CHANGES
from .rates import Estimate
from .report import HIDDEN, MAIN
from .sensitivity import PLACEBO_DATE, PLACEBO_OUTCOME, WEIGHTED
from .weighting import agree

Row = Mapping[str, Any]
CHANGE_CAVEAT = (
    "What went before is matched on, so that the change adds little to the later rates; people picked for a"
    " busy history fall back by themselves, in both groups."
)
Flow = Mapping[tuple[str, str], int | None]


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    flow = {(r["group"], r["stage"]): r["number"] for r in rows_of(tables, "flow")}
    effect = {r["analysis"]: r for r in rows_of(tables, "effect")}
    sentences = [_effect_sentence(effect.get(MAIN), params), _flow_sentence(flow, params)]
    sentences += [*_record_sentences(flow), _balance_sentence(rows_of(tables, "balance"))]
    sentences += [
        *_sensitivity_sentences(effect),
        *_weighted_sentence(effect),
        *_placebo_sentences(effect, params),
    ]
    sentences += [_measure_sentence(row, params) for row in rows_of(tables, "measures")]
    sentences += _hidden_sentences(rows_of(tables, "unmeasured"))
    return Story(
        tuple(sentences),
        (
            "Matching makes the groups alike in what is recorded. A cause not recorded remains possible.",
            "People who could not be linked, or had no like in the other group, are not in the result.",
            "A result that is not significant does not show that there is no effect.",
            *((CHANGE_CAVEAT,) if params["change"] else ()),
        ),
        *_say(effect.get(MAIN), params),
    )


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


def _say(row: Row | None, params: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What you can say, and what you cannot; neither of what was withheld."""
    given, what = params["given_as"], params["outcome_as"]
    if row is None or None in (row["rate_ratio"], row["low"], row["high"]):
        return (), ()
    low, high = row["low"], row["high"]
    if low <= 1 <= high:
        can = (
            f"There is not enough evidence here that {given} changes {what}; if so, the rate ratio lies"
            f" between {low:.2f} and {high:.2f}."
        )
        return (can,), (f"That {given} does not change {what}, or that it would if more people had it.",)
    side = "fewer" if high < 1 else "more"
    can = f"People who had {given} had {side} {what} than people who were like them in what is recorded."
    cannot = f"That {given} alone is the cause, or that it would do as much for other people or elsewhere."
    return (can,), (cannot,)


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
        if label.startswith(("Tie", "Caliper", "No caliper", "Bands"))
    ]
    if not others or None in others:
        return []
    return [
        f"With other tie rules, calipers or bands the ratio lies between {min(others):.2f} and"
        f" {max(others):.2f}."
    ]


def _weighted_sentence(effect: Mapping[str, Row]) -> list[str]:
    if effect and WEIGHTED not in effect:
        return ["A second method, by weights, could not be computed: somebody was certain to have it."]
    main, other = _estimate(effect.get(MAIN)), _estimate(effect.get(WEIGHTED))
    if main is None or other is None:
        return []
    verdict = "agrees" if agree(main, other) else "does not agree: read the result with that"
    span = f"{other.value:.2f} ({other.low:.2f} to {other.high:.2f})"
    return [f"A second method, which weighs everybody and matches nobody, gives {span} and {verdict}."]


def _placebo_sentences(effect: Mapping[str, Row], params: Params) -> list[str]:
    asked = ((PLACEBO_OUTCOME, params["placebo_as"]), (PLACEBO_DATE, params["placebo_date"]))
    said = [
        f"{label}: it was declared and could not be computed."
        for label, value in asked
        if value and not any(row.startswith(label) for row in effect)
    ]
    for label, row in effect.items():
        if not label.startswith((PLACEBO_OUTCOME, PLACEBO_DATE)):
            continue
        found = _estimate(row)
        if found is None:
            said.append(f"{label}: the figure was withheld.")
            continue
        span = f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
        if found.low <= 1 <= found.high:
            said.append(f"{label}: nothing was to be found and nothing was, {span}.")
        else:
            why = "the groups differ in something that was not recorded, and the result may be theirs"
            said.append(f"Warning. {label}: nothing was to be found and something was, {span}: {why}.")
    return said


def _measure_sentence(row: Row, params: Params) -> str:
    """A plain sentence of one of the other measures."""
    label, outcome = row["measure"], params["outcome_as"]
    if None in (row["figure"], row["low"], row["high"]):
        return f"{label}: the figure was withheld."
    value, span = row["figure"], f"({row['low']:.2f} to {row['high']:.2f})"
    size, way = abs(value), "fewer" if value < 0 else "more"
    nothing = 1 if label in (HAZARD, RATIO_OF_CHANGES) else 0
    doubt = ", a difference that chance may explain" if row["low"] <= nothing <= row["high"] else ""
    told = {
        COUNTS: f"That is {size:.1f} {way} {outcome} for every 100 people {span}",
        HAZARD: f"On any day a first of the {outcome} was {value:.2f} times as likely {span}",
        FREE: f"They had {size:.1f} {way} days free of {outcome} {span}",
        RATIO_OF_CHANGES: f"Since the history their {outcome} changed by {value:.2f} times what the others'"
        f" did {span}, by difference in differences",
        DIFFERENCE_OF_CHANGES: f"In a year that is {size:.1f} {way} for every 100 people {span}",
    }
    return f"{told[label]}{doubt}."


def _hidden_sentences(rows: list[dict[str, Any]]) -> list[str]:
    odds = next((row["strength"] for row in rows if row["measure"] == HIDDEN), None)
    if not odds or odds < 1:
        return []
    return [
        f"A hidden cause that made people up to {odds:.2f} times as likely to be given it as others like"
        " them could not explain by itself the difference in who had any; a stronger one could."
    ]


def _estimate(row: Row | None) -> Estimate | None:
    if row is None or None in (row["rate_ratio"], row["low"], row["high"]):
        return None
    return Estimate(row["rate_ratio"], row["low"], row["high"], 1.0, 1)


def _number(value: int | None) -> str:
    return "a number withheld" if value is None else f"{value:,}"
