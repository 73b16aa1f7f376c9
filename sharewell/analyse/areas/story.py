"""What ranks of areas say, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from ..result_table import rows_of
from .report import BASE, BRIER, DISCRIMINATION, SLOPE, first_name

Row = dict[str, Any]
_SURE = 0.95


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    ranks, terms = rows_of(tables, "ranks"), rows_of(tables, "coefficients")
    sentences = [
        *_order(ranks, params),
        *_larger(tables, params),
        *_associated(terms, params),
        *_nulls(terms, params),
        *_published(terms),
        *_validated({row["figure"]: row for row in rows_of(tables, "validation")}),
    ]
    return Story(tuple(sentences), (), *_say(ranks, params))


def _order(ranks: list[Row], params: Params) -> Iterator[str]:
    """What the order is worth. No single area is named in words: whoever lives there would read it as said
    of them, and the table holds its rank with its interval."""
    held = [row for row in ranks if row["rank"] is not None]
    first = [row for row in held if row["rank"] <= max(1, round(params["top"] * len(held)))]
    if not first:
        yield "No rank may be shown."
        return
    sure = sum(row["sure_of_first"] >= _SURE for row in first)
    yield (
        f"{len(held):,} areas stand in the order of how likely people there are to be"
        f" {params['outcome_as']}, by"
        f" what they are like. Of the {len(first)} in the {first_name(params)}, {sure}"
        f" {'is' if sure == 1 else 'are'} there in at least 95 of 100 simulations."
    )
    wide = sorted(row["rank_high"] - row["rank_low"] for row in held)[len(held) // 2]
    yield (
        f"In the middle, the interval of a rank is {wide} places wide; areas whose intervals meet cannot"
        " be told"
        " apart."
    )


def _say(ranks: list[Row], params: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What you can say, and what you cannot; neither where no rank may be shown."""
    if all(row["rank"] is None for row in ranks):
        return (), ()
    what = params["outcome_as"]
    can = (
        f"That people in one area are likelier to be {what} than in another, if their intervals are apart."
    )
    cannot = (
        f"How many people of an area are {what}, or that any one person or household there is.",
        "That two areas differ whose intervals meet.",
        f"That people are {what} because of where they live.",
    )
    return (can,), cannot


def _larger(tables: Mapping[str, pa.Table], params: Params) -> Iterator[str]:
    for name in params["within"]:
        held = [row for row in rows_of(tables, f"{name}s") if row["areas_among_first"] is not None]
        if len(held) > 1:
            most = max(held, key=lambda row: row["areas_among_first"])
            none = sum(row["areas_among_first"] == 0 for row in held)
            rest = f"; {none} of {len(held)} have none" if none else ""
            yield (
                f"By {name}, {most[name]} has the most areas in the {first_name(params)}:"
                f" {most['areas_among_first']} of its {most['areas']}{rest}."
            )


def _is_clear(row: Row) -> bool:
    return row["low"] is not None and (row["low"] > 0 or row["high"] < 0)


def _associated(terms: list[Row], params: Params) -> Iterator[str]:
    clear = [row for row in terms if row["term"] != "constant" and _is_clear(row)]
    more = [row["term"] for row in sorted(clear, key=lambda row: -row["log_odds"]) if row["log_odds"] > 0]
    less = [row["term"] for row in sorted(clear, key=lambda row: row["log_odds"]) if row["log_odds"] < 0]
    for names, side in ((more, "likelier"), (less, "less likely")):
        if names:
            with_ = ", ".join(names)
            yield f"In the survey, people were {side} to be {params['outcome_as']} with: {with_}."
    if not clear:
        yield "In the survey nothing that was asked went clearly with it."


def _nulls(terms: list[Row], params: Params) -> Iterator[str]:
    held = [row for row in terms if row["used"] is None and row["log_odds"] is not None]
    words = [name.replace("_", " ") for name in params["tested"]]
    nulls = [
        name
        for name in words
        if (mine := [row for row in held if _is_of(row["term"], name)]) and not any(map(_is_clear, mine))
    ]
    if nulls:
        one = len(nulls) == 1
        rows = [row for row in held if any(_is_of(row["term"], name) for name in nulls)]
        figures = "; ".join(
            f"{row['term']} {row['log_odds']:.2f} ({row['low']:.2f} to {row['high']:.2f})" for row in rows
        )
        yield (
            f"{_listed(nulls)} {'was' if one else 'were'} tested and showed no association once the rest"
            " is held"
            f" alike: {figures}. That does not show that there is none."
        )


def _is_of(term: str, name: str) -> bool:
    return term == name or term.startswith(f"{name} ")


def _listed(names: Sequence[str]) -> str:
    said = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    return said[:1].upper() + said[1:]


def _published(terms: list[Row]) -> Iterator[str]:
    held = [row for row in terms if row["published"] is not None and row["low"] is not None]
    if held:
        within = sum(row["low"] <= row["published"] <= row["high"] for row in held)
        yield f"Of {len(held)} published log-odds, {within} lie within the intervals found here."


def _validated(figures: Mapping[str, Row]) -> Iterator[str]:
    auc, brier, base, slope = (figures.get(name) for name in (DISCRIMINATION, BRIER, BASE, SLOPE))
    if auc and auc["value"] is not None:
        yield (
            "Shown two people it has not seen, one of each kind, the model says rightly which is which"
            f" {auc['value'] * 100:.0f} times in 100 ({auc['low'] * 100:.0f} to {auc['high'] * 100:.0f})."
        )
    if brier and base and brier["value"] is not None and base["value"]:
        gain = 1 - brier["value"] / base["value"]
        word = "smaller" if gain >= 0 else "larger"
        yield f"Its squared error is {abs(gain):.0%} {word} than that of knowing only how common it is."
    if slope and slope["low"] is not None:
        right = slope["low"] <= 1 <= slope["high"]
        said = (
            "neither too bold nor too timid" if right else "too bold" if slope["high"] < 1 else "too timid"
        )
        yield f"Its predictions are {said} (calibration slope {slope['value']:.2f})."
