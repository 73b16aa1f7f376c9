"""Survival tables and pathways, attacked: what is published is turned back into people as an intruder
would."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sharewell.check import POLICIES, gate
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Finding, Measure, Output, ResultTable

SDAP = POLICIES["sdap"]


def life_table(steps: list[tuple[int, int]], left: int, third: bool = False) -> ResultTable:
    """A Kaplan-Meier table of the (events, censored) between times; events come before censorings."""
    people = left + sum(map(sum, steps))
    at_risk, events, censored, survival = [people], [0], [0], [1.0]
    for happened, lost in steps:
        survival.append(survival[-1] * (1 - happened / at_risk[-1]) if at_risk[-1] else 0.0)
        events.append(events[-1] + happened)
        censored.append(censored[-1] + lost)
        at_risk.append(at_risk[-1] - happened - lost)
    data = pa.table(
        {"day": [f"{i:03d}" for i in range(len(at_risk))], "at risk": at_risk, "events": events}
        | {"censored": censored, "alive": survival}
    )
    counts = ("at risk", "events", "censored") if third else ("at risk", "events")
    if not third:
        data = data.drop_columns(["censored"])
    measures = (Measure("alive", "at risk"),)
    return ResultTable("km", "Curve", Output.SURVIVAL, data, ("day",), counts, measures)


STEPS = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), min_size=1, max_size=25)


@given(STEPS, st.integers(0, 60), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=150)
def test_no_step_of_a_published_curve_is_a_few_people(
    steps: list[tuple[int, int]], left: int, third: bool
) -> None:
    table = life_table(steps, left, third)
    shown = gate(Finding((table,)), SDAP).tables[0].data.to_pylist()
    kept = [row for row in shown if row["at risk"] is not None]
    assert all(row["at risk"] >= 10 for row in kept)
    start = {"at risk": left + sum(map(sum, steps)), "events": 0, "alive": 1.0}
    for before, after in pairwise([start, *kept]):
        events, fell = after["events"] - before["events"], before["at risk"] - after["at risk"]
        dropped = before["at risk"] * (1 - after["alive"] / before["alive"]) if before["alive"] else 0
        for people in (events, fell, fell - events, round(dropped, 6)):
            assert people == 0 or people >= 10 - 1e-6


def test_the_curve_shows_all_that_is_safe_and_merges_the_rest() -> None:
    table = life_table([(12, 0), (4, 0), (7, 0), (15, 11)], 30)
    rows = gate(Finding((table,)), SDAP).tables[0].data.to_pylist()
    assert [row["at risk"] for row in rows] == [79, 67, None, 56, 30]
    assert [row["events"] for row in rows] == [0, 12, None, 23, 38]


def test_the_curve_is_cut_where_the_policy_says() -> None:
    table = life_table([(20, 0), (20, 0), (20, 0)], 15)
    policy = replace(SDAP, at_risk=40)
    rows = gate(Finding((table,)), policy).tables[0].data.to_pylist()
    assert [row["at risk"] for row in rows] == [75, 55, None, None]


def test_curves_apart_are_judged_apart_and_never_totalled() -> None:
    one, two = life_table([(20, 0)], 30).data, life_table([(3, 0)], 30).data
    data = pa.concat_tables([one, two])
    arms = pa.array(["a"] * 2 + ["b"] * 2)
    table = replace(life_table([(20, 0)], 30), data=data.add_column(0, "arm", arms), by=("arm", "day"))
    shown = gate(Finding((table,)), SDAP).tables[0].data.column("at risk").to_pylist()
    assert shown == [50, 30, 33, None]
    totalled = replace(table, data=table.data.set_column(0, "arm", pa.array(["a"] * 2 + [ALL] * 2)))
    with pytest.raises(GateError):
        gate(Finding((totalled,)), SDAP)


def test_a_third_count_must_make_up_the_cohort() -> None:
    table = life_table([(20, 12), (20, 12)], 30, third=True)
    assert gate(Finding((table,)), SDAP).tables
    wrong = table.data.set_column(3, "censored", pa.array([0, 12, 25]))
    with pytest.raises(GateError, match="one cohort"):
        gate(Finding((replace(table, data=wrong),)), SDAP)


# -- pathways ------------------------------------------------------------------------------------------

Trips = list[tuple[int, int]]


def network(journeys: list[tuple[int, int, int]], totals: bool) -> ResultTable:
    """Edges of journeys (first place, second, people), all from a start to an end: each place balances."""
    edges: dict[tuple[str, str], int] = {}
    for first, second, people in journeys:
        way = ["start", f"a{first}", f"b{second}", "end"]
        for edge in pairwise(way):
            edges[edge] = edges.get(edge, 0) + people
    if totals:
        for (start, end), people in list(edges.items()):
            edges[start, ALL] = edges.get((start, ALL), 0) + people
            edges[ALL, end] = edges.get((ALL, end), 0) + people
            edges[ALL, ALL] = edges.get((ALL, ALL), 0) + people
    keys = sorted(edges)
    data = {"from": [k[0] for k in keys], "to": [k[1] for k in keys], "people": [edges[k] for k in keys]}
    return ResultTable("ways", "W", Output.PATHWAY, pa.table(data), ("from", "to"), ("people",))


def intervals(rows: list[dict[str, object]], true: list[int]) -> list[tuple[float, float]]:
    """What balance and totals leave open of each withheld edge, written down afresh."""
    names = sorted({str(row[end]) for row in rows for end in ("from", "to")} - {ALL})
    equations = []
    for name in names:
        into = [row["to"] == name and row["from"] != ALL for row in rows]
        out = [row["from"] == name and row["to"] != ALL for row in rows]
        if any(into) and any(out):
            equations.append(np.array(into, float) - np.array(out, float))
        for total, parts in (((ALL, name), into), ((name, ALL), out)):
            whole = [(row["from"], row["to"]) == total for row in rows]
            if any(whole):
                equations.append(np.array(whole, float) - np.array(parts, float))
    whole = [(row["from"], row["to"]) == (ALL, ALL) for row in rows]
    if any(whole):
        equations.append(
            np.array(whole, float) - np.array([ALL not in row.values() for row in rows], float)
        )
    matrix = np.array(equations)
    assert np.allclose(matrix @ np.array(true), 0)
    bounds = [(0, None) if row["people"] is None else (row["people"], row["people"]) for row in rows]
    found = []
    for number, row in enumerate(rows):
        if row["people"] is None and true[number] < 10:
            cost = np.eye(1, len(rows), number)[0]
            ends = [
                linprog(s * cost, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds) for s in (1, -1)
            ]
            high = float("inf") if ends[1].status == 3 else -ends[1].fun
            found.append((ends[0].fun, high))
    return found


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(2, 40)), min_size=2, max_size=9),
    st.booleans(),
)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_no_hidden_edge_follows_from_the_balance(
    journeys: list[tuple[int, int, int]], totals: bool
) -> None:
    table = network(journeys, totals)
    true = table.data.column("people").to_pylist()
    rows = gate(Finding((table,)), SDAP).tables[0].data.to_pylist()
    assert all(row["people"] is None or row["people"] >= 10 for row in rows)
    if all(row["people"] is None for row in rows):
        return
    for low, high in intervals(rows, true):
        assert high - low >= 10 - 1e-6


def test_rare_edges_of_a_network_are_hidden_in_company() -> None:
    journeys = [(0, 0, 60), (0, 1, 4), (1, 0, 45), (1, 1, 30), (2, 2, 80)]
    shown = gate(Finding((network(journeys, False),)), SDAP).tables[0].data.to_pylist()
    hidden = {(row["from"], row["to"]) for row in shown if row["people"] is None}
    assert ("a0", "b1") in hidden
    assert 2 <= len(hidden) <= 4
    assert ("a2", "b2") not in hidden


def test_how_many_end_at_a_place_is_a_count_too() -> None:
    data = pa.table({"from": ["A", "B", "C"], "to": ["B", "C", "D"], "people": [80, 77, 40]})
    table = ResultTable("ways", "W", Output.PATHWAY, data, ("from", "to"), ("people",))
    shown = gate(Finding((table,)), SDAP).tables[0].data.column("people").to_pylist()
    assert shown[0] is None or shown[1] is None


def test_where_nobody_is_a_small_number_a_curve_without_censoring_can_still_be_shown() -> None:
    table = replace(life_table([(20, 0), (20, 0), (0, 0)], 30), zero_safe=("events",))
    rows = gate(Finding((table,)), POLICIES["rule-of-10"]).tables[0].data.to_pylist()
    assert [row["at risk"] for row in rows][:2] == [70, 50]
    counted = replace(life_table([(20, 0), (20, 0)], 30, third=True), zero_safe=("events",))
    rows = gate(Finding((counted,)), POLICIES["rule-of-10"]).tables[0].data.to_pylist()
    assert [row["at risk"] for row in rows] == [None, None, None]


def test_two_small_edges_together_are_not_company_enough() -> None:
    data = pa.table({"from": ["A", "C", "E", "B"], "to": ["B", "B", "B", "D"], "people": [4, 5, 40, 49]})
    table = ResultTable("ways", "W", Output.PATHWAY, data, ("from", "to"), ("people",))
    shown = gate(Finding((table,)), SDAP).tables[0].data.column("people").to_pylist()
    assert shown == [None, None, None, 49]
