"""Suggestions: each was tried, keeps what it says, and is told in plain words."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check import POLICIES, gate
from sharewell.check.coarser import leave_out, longer_period, merge, one_level_up, rarest, without_figure
from sharewell.check.suggestions import MUCH, measure, suggest
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Chart, Finding, Measure, Output, ResultTable

SDAP = POLICIES["sdap"]
COST = Measure("cost", "people", additive=True, largest=("first", "second"))
RATE = Measure("rate", "people", share=True)


def cube(cells: dict[tuple[str, ...], int], by: tuple[str, ...], margins: bool = True) -> ResultTable:
    """Counts, a sum and a share over groups, with all their totals."""
    whole: dict[tuple[str, ...], int] = {}
    for key, people in cells.items():
        for level in product((False, True), repeat=len(by)) if margins else [(False,) * len(by)]:
            place = tuple(ALL if total else value for total, value in zip(level, key, strict=True))
            whole[place] = whole.get(place, 0) + people
    keys = list(whole)
    data: dict[str, list[Any]] = {name: [key[i] for key in keys] for i, name in enumerate(by)}
    data["people"] = [whole[key] for key in keys]
    return ResultTable("t", "T", Output.FREQUENCY, pa.table(data), by, ("people",))


def wards(seed: int, wards: int = 12, margins: bool = True) -> ResultTable:
    draw = np.random.default_rng(seed)
    cells = {
        (f"ward {w:02d}", sex, band): int(draw.poisson(3 + 6 * w))
        for w in range(wards)
        for sex in ("f", "m")
        for band in ("young", "old")
    }
    return cube(cells, ("ward", "sex", "band"), margins)


@given(st.integers(0, 10_000), st.integers(3, 7), st.booleans())
@settings(derandomize=True, deadline=None, max_examples=12)
def test_what_a_suggestion_promises_is_what_the_gate_then_does(seed: int, size: int, margins: bool) -> None:
    finding = Finding((wards(seed, size, margins),))
    now = gate(finding, SDAP)
    shown, figures, _ = measure(now)
    found = suggest(finding, SDAP, gate)
    for one in found:
        assert measure(gate(one.finding, one.policy)) == (one.shown, one.figures, one.people)
        assert one.passes or one.shown / one.figures >= shown / figures + MUCH
        assert one.passes is (one.shown == one.figures)
    kept = [one.shown for one in found if one.policy == SDAP]
    assert kept == sorted(kept, reverse=True)
    assert all(one.policy == SDAP for one in found[: len(kept)])
    assert found == suggest(finding, SDAP, gate)
    assert bool(found) or shown == figures or shown == 0


def test_suggestions_are_told_in_plain_words() -> None:
    finding = Finding((wards(1),))
    found = suggest(finding, SDAP, gate)
    texts = [one.text for one in found]
    assert len(found) == 5
    assert any(text.startswith(("Merge the", "Leave out `")) for text in texts)
    assert all("% of figures could be shown instead of" in text or "every figure" in text for text in texts)
    assert not any("ward 0" in text for text in texts)


def test_nothing_is_suggested_where_everything_passes() -> None:
    assert suggest(Finding((cube({("a",): 50, ("b",): 60}, ("group",)),)), SDAP, gate) == ()


def test_one_small_group_among_many_is_merged() -> None:
    cells = {(f"g{i}", sex): 40 + i for i in range(6) for sex in ("f", "m")}
    cells["rare", "f"], cells["rare", "m"] = 3, 4
    first = suggest(Finding((cube(cells, ("group", "sex")),)), SDAP, gate)[0]
    assert first.change == "Merge the 2 rarest values of `group` into one"
    assert first.passes
    assert "every figure could be shown instead of" in first.text
    assert "rare" not in first.text.replace("rarest", "")


def test_coarser_levels_and_longer_periods_are_tried() -> None:
    areas = {"w1": "north", "w2": "north", "w3": "south", "w4": "south"}
    people = [40, 4, 30, 3]
    data = pa.table({"area": [*areas, "north", "south", ALL], "people": [*people, 44, 33, 77]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("area",), ("people",))
    table = replace(table, hierarchies={"area": areas})
    words = {one.change: one for one in suggest(Finding((table,)), SDAP, gate)}
    assert words["Show `area` one level coarser"].passes
    months = cube({(f"2024-{m:02d}",): 5 for m in range(1, 13)}, ("month",))
    words = {one.change: one for one in suggest(Finding((months,)), SDAP, gate)}
    quarters = words["Show `month` by quarter"].finding.tables[0].data.to_pylist()
    assert {row["month"]: row["people"] for row in quarters} == {
        ALL: 60, "2024 Q1": 15, "2024 Q2": 15, "2024 Q3": 15, "2024 Q4": 15
    }  # fmt: skip


def test_a_figure_that_gives_people_away_may_go() -> None:
    data = pa.table({"group": ["a", "b"], "people": [100, 200], "rate": [0.02, 0.01]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("group",), ("people",), (RATE,))
    found = suggest(Finding((table,)), SDAP, gate)
    assert [one.change for one in found] == ["Leave out the figure `rate`"]
    assert found[0].passes


def test_an_arm_of_an_estimate_is_evidence_and_never_left_out() -> None:
    data = pa.table({"term": ["a", "b"], "treated": [50, 50], "control": [4, 60], "ratio": [0.5, 0.9]})
    data = data.append_column("free", pa.array([80, 80]))
    table = ResultTable(
        "t", "T", Output.ESTIMATE, data, (), ("treated", "control"), (Measure("ratio", "treated"),)
    )
    table = replace(table, degrees_of_freedom="free")
    assert without_figure(table, "control") is None
    found = suggest(Finding((table,)), SDAP, gate)
    assert not any("control" in one.change for one in found)


def test_what_makes_a_refused_finding_judgeable() -> None:
    good = cube({("a",): 50, ("b",): 60}, ("group",))
    text = replace(good, name="notes", output=Output.TEXT)
    found = suggest(Finding((good, text)), SDAP, gate)
    assert [one.text for one in found] == [
        "Leave out `notes`: every figure could be shown instead of none, as it is refused now."
    ]
    data = pa.table({"group": ["a", "b"], "people": [50, 60], "cost": [500.0, 600.0]})
    measures = (Measure("cost", "people", additive=True),)
    sums = ResultTable("t", "T", Output.MAGNITUDE, data, ("group",), ("people",), measures)
    assert [one.change for one in suggest(Finding((sums,)), SDAP, gate)] == ["Leave out the figure `cost`"]
    wrong = good.data.set_column(1, "people", pa.array([55, 110, 60]))
    refused = Finding((replace(good, data=wrong),))
    with pytest.raises(GateError):
        gate(refused, SDAP)
    assert [one.change for one in suggest(refused, SDAP, gate)] == ["Leave out the totals over `group`"]
    assert suggest(Finding((text,)), SDAP, gate) == ()
    scatter = Chart("scatter", "t", "T", {"label": "group", "value": "people"}, "alt")
    found = suggest(Finding((good,), (scatter,)), SDAP, gate)
    assert [one.change for one in found] == ["Leave out the charts that show people"]


def test_a_rule_that_refuses_a_table_is_met_by_a_change_of_the_table() -> None:
    data = pa.table({"area": ["a", "b", "c"], "people": [4, 300, 400], "risk": [0.1, 0.2, 0.3]})
    data = data.append_column("rank", pa.array([3.0, 2.0, 1.0]))
    measures = (Measure("risk", "people"), Measure("rank", "people"))
    table = ResultTable("t", "T", Output.RISK, data.take([1, 0, 2]), ("area",), ("people",), measures)
    with pytest.raises(GateError, match="rank"):
        gate(Finding((table,)), SDAP)
    found = suggest(Finding((table,)), SDAP, gate)
    assert [one.text for one in found] == [
        "Leave out the figure `rank`: 67% of figures could be shown instead of none, as it is refused now."
    ]


def test_a_chart_of_what_is_left_out_goes_with_it() -> None:
    cells = {(f"g{i}", sex): 6 for i in range(6) for sex in ("f", "m")}
    chart = Chart("bar", "t", "T", {"label": "sex", "value": "people"}, "alt")
    found = suggest(Finding((cube(cells, ("group", "sex")),), (chart,)), SDAP, gate)
    left = next(one for one in found if one.change == "Leave out `sex`")
    assert left.finding.charts == ()


# -- made coarser: the figures add up as if worked out afresh -------------------------------------------


PERSON = st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 50), st.booleans())


def tabulate(
    people: list[tuple[Any, ...]], by: tuple[str, ...], keys: list[tuple[str, ...]]
) -> dict[Any, Any]:
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for key, person in zip(keys, people, strict=True):
        found.setdefault(key, []).append(person)
    made = {}
    for key, held in found.items():
        costs = [*sorted((person[2] for person in held), reverse=True), 0]
        rate = sum(person[3] for person in held) / len(held)
        made[key] = (len(held), sum(costs), rate, costs[0], costs[1])
    return made


def as_table(made: dict[Any, Any], by: tuple[str, ...]) -> ResultTable:
    data: dict[str, list[Any]] = {name: [key[i] for key in made] for i, name in enumerate(by)}
    for i, name in enumerate(("people", "cost", "rate", "first", "second")):
        data[name] = [row[i] for row in made.values()]
    return ResultTable("t", "T", Output.MAGNITUDE, pa.table(data), by, ("people",), (COST, RATE))


def as_rows(table: ResultTable | None) -> dict[Any, Any]:
    assert table is not None
    names = ("people", "cost", "rate", "first", "second")
    return {
        tuple(row[name] for name in table.by): tuple(pytest.approx(row[name]) for name in names)
        for row in table.data.to_pylist()
    }


@given(st.lists(PERSON, min_size=1, max_size=40))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_coarser_tables_are_those_of_the_same_people(people: list[tuple[Any, ...]]) -> None:
    both, one = ("u", "v"), ("u",)
    table = as_table(tabulate(people, both, [(p[0], p[1]) for p in people]), both)
    assert tabulate(people, one, [(p[0],) for p in people]) == as_rows(leave_out(table, "v"))
    into = {"x": "Other", "y": "Other"}
    merged = tabulate(people, both, [(p[0], into.get(p[1], p[1])) for p in people])
    assert merged == as_rows(merge(table, "v", into))


def test_what_does_not_add_up_is_not_added_up() -> None:
    table = wards(2, 3, margins=False)
    assert leave_out(replace(table, overlapping=("sex",)), "sex") is None
    assert merge(replace(table, overlapping=("sex",)), "sex", {"f": "Other"}) is None
    assert leave_out(replace(table, output=Output.POSITION), "sex") is None
    assert leave_out(replace(wards(2, 3), output=Output.POSITION), "sex") is not None
    assert longer_period(table, "sex") is None
    assert one_level_up(table, "ward") is None
    assert rarest(table, "ward")[0] == "ward 00"
