"""The findings about a formula: flow, fifths, slope, weights, whose money moves, components, choices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ...plan.finding import ALL, Chart, Finding, Measure, Output, ResultTable
from ...plan.recipe import Params
from ..result_table import finite_rows
from .analysis import Analysis, analyse, others
from .clusters import FEW
from .components import Parts, correlations
from .lists import read_lists
from .workload import Ratio, slope

IN_FORCE, ANEW, REST = "Formula in force", "Weights of this analysis", "not explained"
DIGITS = 12
"""Significant digits of a figure: the formula shares out pence of a whole county."""
Row = Mapping[str, Any]


def fit(table: pa.Table, params: Params) -> Finding:
    """The finding from the prepared table (`lists.read_lists`). Raises FitError with every cause seen."""
    made = analyse(read_lists(table, params), params)
    tables = (
        _flow(made), _fifths(made), _slope(made), _weights(made), _followed(made), _components(made),
        *_overlap(made), _choices(made),
    )  # fmt: skip
    source = "Carr-Hill et al. 1994, BMJ 309:1046; Lindeman, Merenda and Gold 1980; Gromping 2007"
    return Finding(tables, _charts(made), _method(made), source, _caveats(made))


def _charts(made: Analysis) -> tuple[Chart, ...]:
    forest = Chart(
        "forest",
        "deprivation",
        "How much more often the deprived consult",
        {"label": "fifth", "estimate": "rate_ratio", "low": "low", "high": "high"},
        "Rate ratio of consultations by fifth of deprivation, at the same age and sex in the same practice,"
        " with 95% intervals.",
    )
    moves = Chart(
        "moves",
        "weights",
        "By how much each practice would move",
        {"label": "practice", "value": "move_pc", "low": "move_low", "high": "move_high"},
        "Each practice in order of how its payment would change, in per cent, with bands that hold for all"
        " practices at once.",
    )
    stack = Chart(
        "bar",
        "components",
        "What the differences between practices are made of",
        {"label": "formula", "value": "share_pc", "group": "component"},
        "Two bars of a hundred per cent, the formula in force and the new weights, by component.",
    )
    return forest, moves, stack


def _flow(made: Analysis) -> ResultTable:
    rows = [{"stage": stage, "patients": size} for stage, size in made.lists.flow]
    return _table("flow", "From patients in the extract to patients counted", Output.FLOW, rows, ("stage",))


def _free(made: Analysis) -> float:
    """Patients beyond the coefficients: what keeps a model from repeating its data."""
    return float(made.lists.patients.sum() - made.model.parameters)


def _fifths(made: Analysis) -> ResultTable:
    lists = made.lists
    rows = []
    for at, fifth in enumerate(lists.fifths):
        here = lists.fifth == at
        rate = float(lists.consultations[here].sum() / lists.years[here].sum())
        rows.append(
            {
                "fifth": fifth_name(fifth),
                "patients": int(lists.patients[here].sum()),
                "crude_rate": rate,
                **_figures("rate_ratio", made.model.ratio(at)),
                "degrees_of_freedom": _free(made),
            }
        )
    notes = (
        f"Rate ratio against fifth {made.params['reference']}: same age and sex, in the same practice.",
        "Crude rate: consultations for each year on a list, nothing held alike.",
    )
    return _table(
        "deprivation",
        "Consultations by fifth of deprivation",
        Output.ESTIMATE,
        rows,
        ("fifth",),
        ("crude_rate", "rate_ratio", "low", "high", "p_value"),
        notes,
        freedom=True,
    )


def fifth_name(fifth: int) -> str:
    """A fifth of deprivation in words."""
    return {1: "1, most deprived", 5: "5, least deprived"}.get(fifth, str(fifth))


def _slope(made: Analysis) -> ResultTable:
    relative, absolute = slope(made.lists, made.model)
    people = int(made.lists.patients.sum())
    rows = [
        {
            "index": "Relative index: rate of the most to that of the least deprived",
            **_figures("value", relative),
        },
        {
            "index": "Slope index: consultations a year more for each patient",
            **_figures("value", Ratio(*absolute, relative.p)),
        },
    ]
    rows = [{**row, "patients": people, "degrees_of_freedom": _free(made)} for row in rows]
    notes = ("Over the whole range of deprivation, from the very least to the very most deprived patient.",)
    measures = ("value", "low", "high", "p_value")
    title = "Slope of consultations along deprivation"
    return _table("slope", title, Output.ESTIMATE, rows, ("index",), measures, notes, freedom=True)


def _weights(made: Analysis) -> ResultTable:
    practices, shared = made.lists.practices, made.shared
    now = practices.payment / practices.total * practices.size.sum() / practices.size
    rows = [
        {
            "practice": name,
            "patients": int(practices.size[at]),
            "weight_now": float(now[at]),
            "weight_new": float(shared.weight[at]),
            "weight_low": float(shared.weight_low[at]),
            "weight_high": float(shared.weight_high[at]),
            **_money(int(practices.payment[at]), int(shared.pence[at])),
            "move_pc": float(shared.move[at]) * 100,
            "move_low": float(shared.low[at]) * 100,
            "move_high": float(shared.high[at]) * 100,
        }
        for at, name in enumerate(practices.names)
    ]
    rows = [rows[at] for at in np.argsort(-shared.move, kind="stable")]
    blank = dict.fromkeys(("weight_low", "weight_high", "move_pc", "move_low", "move_high"))
    whole = {"practice": ALL, "patients": int(practices.size.sum()), "weight_now": 1.0, "weight_new": 1.0}
    rows.append({**whole, **blank, **_money(practices.total, int(shared.pence.sum()))})
    notes = (
        "Weights are for each patient, against the average patient. Payments in pounds; moves in per cent.",
        "Intervals hold for all practices at once with 95% confidence. The total is the same to the penny.",
    )
    names = (
        "weight_now", "weight_new", "weight_low", "weight_high", "payment_now", "payment_new", "change",
        "move_pc", "move_low", "move_high",
    )  # fmt: skip
    title = "Weights and payments by practice, now and by this analysis"
    return _table("weights", title, Output.MAGNITUDE, rows, ("practice",), names, notes)


def _money(now: int, new: int) -> dict[str, float]:
    return {"payment_now": now / 100, "payment_new": new / 100, "change": (new - now) / 100}


def _followed(made: Analysis) -> ResultTable:
    """Whose practices gain: pounds a patient that the practices of each group of patients are paid."""
    lists = made.lists
    practices = lists.practices
    each = np.stack([practices.payment, made.shared.pence]) / practices.size / 100
    bands = [lists.profiles[profile][0] for profile in lists.profile]
    fifths = [fifth_name(lists.fifths[fifth]) for fifth in lists.fifth]
    rows = []
    for of, labels in (("Age band", bands), ("Fifth of deprivation", fifths)):
        held = np.asarray(labels, dtype=object)
        for label in sorted(set(labels), key=_by_number):
            weight = lists.patients * (held == label)
            before, after = (each[:, lists.practice] @ weight) / weight.sum()
            row = {"of": of, "group": label, "patients": int(weight.sum())}
            change = (after / before - 1) * 100
            rows.append({**row, "each_now": before, "each_new": after, "change_pc": change})
    notes = ("Pounds for each patient that their practices are paid, on average over the patients named.",)
    title = "Whose practices gain or lose"
    measures = ("each_now", "each_new", "change_pc")
    return _table("people", title, Output.MAGNITUDE, rows, ("of", "group"), measures, notes)


def _by_number(label: str) -> tuple[int, str]:
    digits = label.split("-")[0].rstrip("+").split(",")[0]
    return (int(digits) if digits.isdigit() else 10**6, label)


def _components(made: Analysis) -> ResultTable:
    published = made.params["expected_shares"]
    practices = made.lists.practices
    parts = [(IN_FORCE, practices.components, made.in_force, published), (ANEW, *made.anew, {})]
    rows = []
    for formula, names, found, expected in parts:
        rows += list(_part_rows(formula, names, found, expected))
    people = int(made.lists.patients.sum())
    notes = (
        "Share: of the variance of the logarithm of what a patient brings, averaged over all orders in"
        " which components could enter; shares add up.",
        "Alone: what a component explains by itself. They overlap, and may pass a hundred together.",
        "Published: as found elsewhere and not verified here.",
    )
    rows = [{**row, "patients": people} for row in rows]
    measures = ("share_pc", "alone_pc", "published_pc")
    title = "What the differences between practices are made of"
    return _table(
        "components", title, Output.ESTIMATE, rows, ("formula", "component"), measures, notes, freedom=made
    )


def _part_rows(
    formula: str, names: Sequence[str], found: Parts | None, expected: Mapping[str, float]
) -> Iterable[dict[str, Any]]:
    for at, name in enumerate(names):
        share, alone = (found.share[at], found.alone[at]) if found else (math.nan, math.nan)
        published = float(expected[name]) * 100 if name in expected else None
        row = {"formula": formula, "component": name.replace("_", " ")}
        yield {
            **row,
            "share_pc": float(share) * 100,
            "alone_pc": float(alone) * 100,
            "published_pc": published,
        }
    if found and found.explained < 0.9995:
        rest = {"share_pc": (1 - found.explained) * 100, "alone_pc": None, "published_pc": None}
        yield {"formula": formula, "component": REST, **rest}


def _overlap(made: Analysis) -> Iterable[ResultTable]:
    practices = made.lists.practices
    if len(practices.components) < 2:
        return
    found = correlations(practices.indices, practices.size)
    people = int(made.lists.patients.sum())
    rows = [
        {
            "component": one.replace("_", " "),
            "beside": other.replace("_", " "),
            "correlation": float(found[first, second]),
            "patients": people,
        }
        for first, one in enumerate(practices.components)
        for second, other in enumerate(practices.components)
        if first < second
    ]
    title = "How the components of the formula in force go together"
    measures, by = ("correlation",), ("component", "beside")
    yield _table("overlap", title, Output.ESTIMATE, rows, by, measures, freedom=made)


def _choices(made: Analysis) -> ResultTable:
    practices, people = made.lists.practices, int(made.lists.patients.sum())
    least = made.params["least_move"]
    rows = [
        {
            "analysis": label,
            **_figures("rate_ratio", ratio),
            "pounds_moved": shared.pence_moved(practices.payment) / 100,
            "practices_moved": float(shared.moves(least).sum()),
            "share_moved": float(shared.moves(least).mean()),
            "practices": float(len(practices.names)),
            "patients": people,
            "degrees_of_freedom": _free(made),
        }
        for label, ratio, shared in others(made)
    ]
    notes = (
        f"A practice moves when its band leaves out nothing and it gains or loses {least:.1%} or more.",
        "Pounds moved: what those that gain would gain, and the others lose.",
    )
    measures = (
        "rate_ratio",
        "low",
        "high",
        "p_value",
        "pounds_moved",
        "practices_moved",
        "share_moved",
        "practices",
    )
    title = "Most to least deprived, and how much money moves, under other choices"
    return _table("choices", title, Output.ESTIMATE, rows, ("analysis",), measures, notes, freedom=True)


def _figures(name: str, found: Ratio) -> dict[str, float]:
    return {name: found.value, "low": found.low, "high": found.high, "p_value": found.p}


def _table(
    name: str, title: str, output: Output, rows: Sequence[Row], by: tuple[str, ...],
    measures: Sequence[str] = (), notes: tuple[str, ...] = (), *, freedom: bool | Analysis = False,
) -> ResultTable:  # fmt: skip
    """A table whose figures rest on `patients`. `freedom`: it has the degrees of freedom, or whence."""
    if isinstance(freedom, Analysis):
        rows = [{**row, "degrees_of_freedom": _free(freedom)} for row in rows]
    data = finite_rows(rows, DIGITS)
    for column in measures:  # a figure that exists nowhere is still a number
        if pa.types.is_null(data[column].type):
            place = data.column_names.index(column)
            data = data.set_column(place, column, data[column].cast(pa.float64()))
    judged = tuple(Measure(column, "patients") for column in measures)
    held = "degrees_of_freedom" if freedom else None
    return ResultTable(name, title, output, data, by, ("patients",), judged, notes, held)


def _method(made: Analysis) -> str:
    params = made.params
    replaced = ", ".join(name.replace("_", " ") for name in params["replaces"]) or "no index"
    return (
        "Log-linear (Poisson) model of consultations on age band by sex and fifth of deprivation, with time"
        " on the list as exposure and a term for each practice; errors clustered by practice. A practice's"
        " need is what the model expects of its list if all practices offered the same; it takes the place"
        f" of {replaced}, and the other indices of the formula in force are kept. The same total is shared"
        f" out by largest remainders. Bands from {params['draws']:,} draws of the coefficients. Stated"
        f" beforehand: {params['hypothesis']}"
    )


def _caveats(made: Analysis) -> tuple[str, ...]:
    lists = made.lists
    found = list(lists.notes)
    if (many := len(lists.practices.names)) < FEW:
        found.append(
            f"There are {many} practices. Under {FEW}, intervals by practice are often too narrow."
        )
    if many <= len(lists.practices.components) + 1:
        found.append("There are too few practices to tell the components apart: their shares mean little.")
    if any(not math.isfinite(value) for value in made.model.log_profile):
        found.append("Nobody of some age and sex consulted: their need is counted as none.")
    return tuple(found)
