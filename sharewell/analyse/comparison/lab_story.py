"""What a matched comparison of reoffending says: wording fixed beforehand, figures from checked tables.

The sentences follow the rules of the Justice Data Lab: typical people in place of shares, an interval in
place of a verdict, what may be said beside what may not, and of an inconclusive result never that nothing
was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from ...plan.recipe import Params, Story
from ..result_table import rows_of
from .lab_report import ANALYSED, DECLARED, INDEXED, RECORDED, SENT, WITHSTANDS
from .reoffending import FREQUENCY, RATE, TIME

Row = Mapping[str, Any]

INCONCLUSIVE = (
    "More people would be needed to tell the direction of the difference, but this should not be taken to"
    " mean that the programme fails to affect it."
)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """What the checked tables say, and nothing else; a figure that is null was withheld."""
    measures = {row["measure"]: row for row in rows_of(tables, "measures")}
    rate = measures.get(RATE)
    sentences = [*_rate(rate, params), *_verdict_of_rate(rate, params)]
    sentences += [*_frequency(measures.get(FREQUENCY), params), *_time(measures.get(TIME), params)]
    sentences += [*_attrition(tables), *_balance(tables, params), *_moves(tables), *_hidden(tables)]
    return Story(
        tuple(sentences),
        (
            "Matching makes the groups alike in what is recorded: offending, needs, work and benefits. What"
            " is not recorded, such as the will to change, may still differ.",
            "A reoffence is counted where it was proven. What was never reported or proven is not.",
            "Who reoffended and was sentenced again before the programme began is followed from then.",
            "The result is about the whole group, and says nothing of any one person in it.",
        ),
        *_say(rate, params),
    )


def _rate(row: Row | None, params: Params) -> Iterator[str]:
    per = params["per"]
    if row is None or None in (row["took_part"], row["did_not"]):
        yield f"How many of {per} typical people reoffended was withheld."
        return
    ours, theirs = (round(row[name] * per / 100) for name in ("took_part", "did_not"))
    yield (
        f"For {per} typical people in the treatment group ({params['programme_as']}), {ours} committed a"
        f" proven reoffence within a year, against {theirs} of {per} people like them who did not."
    )
    if row["low"] is not None:
        yield (
            f"The difference is {_signed(row['difference'])} percentage points, and lies between"
            f" {_signed(row['low'])} and {_signed(row['high'])} percentage points with 95% confidence;"
            " below zero means that fewer people reoffended."
        )


def _verdict_of_rate(row: Row | None, params: Params) -> Iterator[str]:
    """That it is inconclusive, or that nothing may be said of significance."""
    if row is None or row["difference"] is None:
        return
    if row["p_value"] is None:
        yield (
            f"Fewer than {params['least_expected']} people are expected on one side, which is too few for"
            " words on significance."
        )
    elif row["p_value"] > params["significance"]:
        yield f"The result is inconclusive. {INCONCLUSIVE}"


def _say(row: Row | None, params: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What you can say, and what you cannot; neither of what was withheld."""
    programme = params["programme_as"]
    if row is None or row["difference"] is None:
        return (), ()
    neither = (f"That {programme} raises, lowers or does not change reoffending.",)
    if row["p_value"] is None:
        return (f"Too few people could be compared to say how {programme} bears on reoffending.",), neither
    if row["p_value"] > params["significance"]:
        can = (
            f"There is not yet enough evidence to tell whether people who took part in {programme} reoffend"
            " more or less than people like them."
        )
        return (can,), neither
    way, wrong = ("lower", "lowered") if row["difference"] < 0 else ("raise", "raised")
    can = (
        f"There is evidence that {programme} may {way} the number of people who commit a proven reoffence"
        " within a year."
    )
    cannot = (
        f"That {programme} {wrong} reoffending by exactly {abs(row['difference']):.1f} percentage points,"
        " or that it would do so elsewhere or for other people."
    )
    return (can,), (cannot,)


def _frequency(row: Row | None, params: Params) -> Iterator[str]:
    per = params["per"]
    if row is None or None in (row["took_part"], row["did_not"]):
        return
    ours, theirs = (round(row[name] * per / 100) for name in ("took_part", "did_not"))
    yield (
        f"These {per} people committed {ours} proven reoffences, against {theirs} by {per} people like them"
        f"{_verdict(row, params)}."
    )


def _time(row: Row | None, params: Params) -> Iterator[str]:
    if row is None:
        yield (
            "The time to the first reoffence is left out, because fewer than"
            f" {params['least_for_time']} people of a group reoffended."
        )
    elif None not in (row["took_part"], row["did_not"]):
        yield (
            f"Those who reoffended did so after {row['took_part']:.0f} days on average, against"
            f" {row['did_not']:.0f} among people like them{_verdict(row, params)}."
        )


def _verdict(row: Row, params: Params) -> str:
    if row["p_value"] is None:
        return ""
    return "" if row["p_value"] <= params["significance"] else ", a difference that is inconclusive"


def _attrition(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    stages = {row["stage"]: row["people"] for row in rows_of(tables, "list")}
    sent, found = stages.get(SENT), stages.get(RECORDED)
    if sent and found:
        share = f" ({found / sent:.0%})"
        yield f"Of {sent:,} people on the charity's list, {found:,}{share} are on the police record."
    if stages.get(INDEXED) and stages.get(ANALYSED):
        yield (
            f"{stages[INDEXED]:,} of them had an index sentence in the window before the programme began,"
            f" and {stages[ANALYSED]:,} are in the analysis."
        )
    elif stages.get(ANALYSED):
        yield f"{stages[ANALYSED]:,} are in the analysis; the stage before is withheld, being too near."


def _balance(tables: Mapping[str, pa.Table], params: Params) -> Iterator[str]:
    rows = rows_of(tables, "balance")
    after = [abs(row["smd_after"]) for row in rows if row["smd_after"] is not None]
    if not after:
        yield "The balance table was withheld."
        return
    green = sum(value <= params["green"] for value in after)
    red = sum(value > params["amber"] for value in after)
    amber = len(after) - green - red
    hidden = f" ({len(rows) - len(after)} more are withheld)" if len(after) < len(rows) else ""
    yield (
        f"After matching, of {len(after)} covariates{hidden} {green} are green (a standardised difference"
        f" up to {params['green']:.0%}), {amber} amber (up to {params['amber']:.0%}) and {red} red; the"
        f" largest is {max(after):.1%}."
    )
    if red:
        yield "Where a covariate is red the groups are not alike in it: read the result with that."


def _moves(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    rows = {row["analysis"]: row["difference"] for row in rows_of(tables, "choices")}
    others = [
        value for label, value in rows.items()
        if label.startswith(("Ties", "A caliper", "No caliper", "People of"))
    ]  # fmt: skip
    if others and None not in others and rows.get(DECLARED) is not None:
        yield (
            "With other tie rules, calipers and the other pool of people the difference lies between"
            f" {_signed(min(others))} and {_signed(max(others))} percentage points."
        )


def _hidden(tables: Mapping[str, pa.Table]) -> Iterator[str]:
    for row in rows_of(tables, "hidden"):
        if row["bias"] == WITHSTANDS and row["odds"] is not None:
            yield (
                "A cause that is not recorded would have to make one of two matched people more than"
                f" {row['odds']:.2f} times as likely to take part to explain the result away."
            )


def _signed(value: float) -> str:
    return f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
