"""What an analysis of a formula says, computed only from tables that passed the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from ...plan.finding import ALL
from ...plan.recipe import Params, Story
from ..result_table import rows_of
from .analysis import DEPRIVATION, MAIN
from .report import ANEW, IN_FORCE, fifth_name

Row = dict[str, Any]
NAMED = 5
"""Practices that are named in a sentence; the table holds them all."""


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    most = next((row for row in rows_of(tables, "deprivation") if row["fifth"] == fifth_name(1)), None)
    sentences = [
        _answer(most, params),
        *_moved(rows_of(tables, "weights"), params["least_move"]),
        *_money(rows_of(tables, "choices")),
        *_steepness(rows_of(tables, "slope")),
        *_made_of(rows_of(tables, "components")),
        *_overlaps(rows_of(tables, "overlap")),
        *_other_choices(rows_of(tables, "choices")),
    ]
    return Story(
        tuple(sentences),
        (
            "Consultations show who is seen, not who needs to be. Groups that consult less than they need"
            " look as if they needed less.",
            "A weight says what a practice's patients would consult if every practice offered the same. It"
            " says nothing of how well a practice or a doctor works.",
            "How long a consultation lasts, and why it was sought, is not in the data.",
            "A result that is not significant does not show that there is no difference.",
        ),
        *_say(most),
    )


def _say(row: Row | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What you can say of the most deprived, and what you cannot; neither of what was withheld."""
    if row is None or None in (row["rate_ratio"], row["low"], row["high"]):
        return (), ()
    cannot = ("That a practice that would gain or lose does its work better or worse than others.",)
    if row["low"] <= 1 <= row["high"]:
        can = "There is not enough evidence here that deprivation brings a practice other work."
        return (can,), ("That deprivation brings no more work, or no more need.", *cannot)
    side = "more" if row["low"] > 1 else "less"
    can = f"People in the most deprived fifth consult {side} often than their like in the same practice."
    return (can,), ("That they need what they consult for, or need no more than that.", *cannot)


def _answer(row: Row | None, params: Params) -> str:
    if row is None or None in (row["rate_ratio"], row["low"], row["high"]):
        return "How often the most deprived consult was withheld."
    interval = f"95% confidence interval {row['low']:.2f} to {row['high']:.2f}"
    against = (
        f"people in fifth {params['reference']} of the same age and sex in the same practice: rate ratio"
        f" {row['rate_ratio']:.2f} ({interval})."
    )
    if row["low"] <= 1 <= row["high"]:
        return (
            "No significant difference was found in how often people in the most deprived fifth consult and"
            f" {against}"
        )
    change = row["rate_ratio"] - 1
    return (
        f"People in the most deprived fifth consult {abs(change):.0%}"
        f" {'more' if change > 0 else 'less'} often than {against}"
    )


def _moved(rows: list[Row], least: float) -> Iterator[str]:
    held = [row for row in rows if row["practice"] != ALL and row["move_low"] is not None]
    clear = [row for row in held if row["move_low"] > 0 or row["move_high"] < 0]
    far = [row for row in clear if abs(row["move_pc"]) >= least * 100]
    if not held:
        yield "By how much practices would move was withheld."
    elif not clear:
        yield f"No practice of {len(held)} moves by more than its own uncertainty."
    elif not far:
        yield f"No practice of {len(held)} moves by {least:.1%} or more beyond its own uncertainty."
    else:
        gain, lose = ([r for r in far if (r["move_pc"] > 0) is up] for up in (True, False))
        yield (
            f"Of {len(held)} practices {len(gain)} would gain and {len(lose)} would lose {least:.1%} or"
            " more, beyond their own uncertainty; the others do not move by so much, or not for certain."
        )
        if gain:
            yield f"The formula pays these least for their work: {', '.join(map(_named, gain[:NAMED]))}."
        if lose:
            yield f"These would lose most: {', '.join(map(_named, lose[: -NAMED - 1 : -1]))}."


def _named(row: Row) -> str:
    return (
        f"{row['practice']} ({row['move_pc']:+.1f}%, {row['move_low']:+.1f} to {row['move_high']:+.1f},"
        f" {row['patients']:,} patients)"
    ).replace("-", "\N{MINUS SIGN}")


def _money(rows: list[Row]) -> Iterator[str]:
    row = next((row for row in rows if row["analysis"] == MAIN), None)
    if row and row["pounds_moved"] is not None:
        yield (
            f"The same total is shared out, to the penny. £{row['pounds_moved']:,.0f} would change hands in"
            " the year if every weight were taken as it stands."
        )


def _steepness(rows: list[Row]) -> Iterator[str]:
    row = next((row for row in rows if row["index"].startswith("Slope")), None)
    if row and None not in (row["value"], row["low"], row["high"]):
        more = "more" if row["value"] >= 0 else "fewer"
        yield (
            f"Along the whole of deprivation that is {abs(row['value']):.2f} {more} consultations a year"
            f" for each patient (slope index; 95% interval {row['low']:.2f} to {row['high']:.2f})."
        ).replace("-", "\N{MINUS SIGN}")


def _made_of(rows: list[Row]) -> Iterator[str]:
    ours = [row for row in rows if row["formula"] == IN_FORCE and row["alone_pc"] is not None]
    if ours:
        ranked = sorted(ours, key=lambda row: -row["share_pc"])[:3]
        told = ", ".join(f"{row['component']} {row['share_pc']:.0f}%" for row in ranked)
        together = sum(row["alone_pc"] for row in ours)
        yield (
            f"Of the differences in what a patient brings now, {told}. Each counted alone, components would"
            f" explain {together:.0f}% together: they overlap, and no one share is the only right one."
        )
    row = next((r for r in rows if r["formula"] == ANEW and r["component"] == DEPRIVATION), None)
    if row and row["share_pc"] is not None:
        yield f"In the new weights deprivation makes {row['share_pc']:.0f}% of the differences."


def _overlaps(rows: list[Row]) -> Iterator[str]:
    held = [row for row in rows if row["correlation"] is not None]
    if held:
        most = max(held, key=lambda row: abs(row["correlation"]))
        way = "rise together" if most["correlation"] > 0 else "go opposite ways"
        yield (
            f"{most['component'].capitalize()} and {most['beside']} overlap most: they {way} (correlation"
            f" {most['correlation']:.2f})."
        ).replace("-", "\N{MINUS SIGN}")


def _other_choices(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        if row["analysis"] != MAIN and None not in (row["rate_ratio"], row["low"], row["high"]):
            yield (
                f"{row['analysis']}: the ratio is {row['rate_ratio']:.2f} ({row['low']:.2f} to"
                f" {row['high']:.2f}), and £{row['pounds_moved']:,.0f} would change hands."
            )
