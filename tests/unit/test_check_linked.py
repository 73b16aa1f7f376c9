"""Linked tables: what one withholds must not follow from another, nor from all of them together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.check import Certificate, Checked, Policy, audit, gate
from sharewell.plan.finding import ALL, Finding, Output, ResultTable

PLAIN = Policy(name="plain", source="a test", minimum=5)
DIMS = ("age", "area", "sex")
WARDS = {"v1": "north", "v2": "north", "v3": "south", "v4": "south"}


def margin(
    people: np.ndarray,
    by: tuple[str, ...],
    name: str,
    totals: bool = True,
    parents: Mapping[str, str] | None = None,
    only: Mapping[str, str] | None = None,
) -> ResultTable:
    """People (an array over DIMS) by some dimensions, with or without totals."""
    cells: dict[tuple[str, ...], int] = {}
    for at in np.ndindex(*people.shape):
        named = {d: f"v{i + 1}" for d, i in zip(DIMS, at, strict=True)}
        if any(named[d] != value for d, value in (only or {}).items()):
            continue
        named["area"] = (parents or {}).get(named["area"], named["area"])
        keys: list[tuple[str, ...]] = [()]
        for d in by:
            fixed = [named[d]] if d in (only or {}) or not totals else [named[d], ALL]
            keys = [(*key, value) for key in keys for value in fixed]
        for key in keys:
            cells[key] = cells.get(key, 0) + int(people[at])
    data = {d: [key[i] for key in cells] for i, d in enumerate(by)} | {"people": list(cells.values())}
    return ResultTable(name, "T", Output.FREQUENCY, pa.table(data), by, ("people",))


def held(checked: Checked, name: str) -> dict[tuple[str, ...], int | None]:
    table = checked.table(name)
    keys = zip(*(table.data[d].to_pylist() for d in table.by), strict=True)
    return dict(zip(keys, table.data["people"].to_pylist(), strict=True))


def audited(checked: Checked) -> tuple[str, ...]:
    return audit(checked.tables, Certificate.from_mapping(json.loads(checked.certificate.as_json()))).faults


ROOMY = np.full((2, 4, 2), 40) + np.arange(16).reshape(2, 4, 2)


def test_a_total_in_another_table_does_not_undo_a_cell() -> None:
    """By area and sex without totals; another table gives the areas' totals. No cell is shared."""
    people = ROOMY.copy()
    people[:, 0, 0] = (1, 2)
    first = margin(people, ("area", "sex"), "first", totals=False)
    second = margin(people, ("area",), "second", totals=False)
    alone = gate(Finding((first,)), PLAIN)
    assert list(held(alone, "first").values()).count(None) == 1
    checked = gate(Finding((first, second)), PLAIN)
    assert held(checked, "first")[("v1", "v1")] is None
    assert held(checked, "first")[("v1", "v2")] is None or held(checked, "second")[("v1",)] is None
    assert [link.tables for link in checked.certificate.links] == [("first", "second")]
    assert audited(checked) == ()


def test_the_auditor_reads_tables_together() -> None:
    """Each table passes by itself, certified apart; put together, one gives the other's cell away."""
    people = ROOMY.copy()
    people[:, 0, 0] = (1, 2)
    tables = [
        margin(people, ("area", "sex"), "first", totals=False),
        margin(people, ("area",), "second", False),
    ]
    apart = [gate(Finding((table,)), PLAIN) for table in tables]
    entries = tuple(entry for checked in apart for entry in checked.certificate.tables)
    together = gate(Finding(tuple(tables)), PLAIN).certificate
    forged = replace(together, tables=entries)
    shown = tuple(table for checked in apart for table in checked.tables)
    assert any("together" in fault for fault in audit(shown, forged).faults)
    unlinked = replace(forged, links=())
    assert any("not judged together" in fault for fault in audit(shown, unlinked).faults)


def test_a_district_in_one_table_and_its_wards_in_another() -> None:
    people = ROOMY.copy()
    people[:, 0, :] = 1
    wards = replace(margin(people, ("area",), "wards"), hierarchies={"area": WARDS})
    districts = margin(people, ("area",), "districts", parents=WARDS)
    checked = gate(Finding((wards, districts)), PLAIN)
    assert held(checked, "wards")[("v1",)] is None
    assert held(checked, "wards")[("v2",)] is None or held(checked, "districts")[("north",)] is None
    assert audited(checked) == ()


def test_a_table_of_women_only_is_linked_to_the_table_by_sex() -> None:
    people = ROOMY.copy()
    people[0, 0, 0] = 3
    both = margin(people, ("area", "sex"), "both")
    women = margin(people, ("age", "area", "sex"), "women", only={"sex": "v1"})
    checked = gate(Finding((both, women)), PLAIN)
    for (area, sex), value in held(checked, "both").items():
        if sex == "v1" and (ALL, area, sex) in held(checked, "women"):
            assert held(checked, "women")[(ALL, area, sex)] == value
    assert held(checked, "women")[("v1", "v1", "v1")] is None
    assert len(checked.certificate.links[0].tables) == 2
    assert audited(checked) == ()


def test_tables_of_other_people_are_not_joined() -> None:
    people = ROOMY.copy()
    people[:, 0, 0] = (1, 2)
    first = margin(people, ("area", "sex"), "first")
    second = margin(people + 7, ("area",), "second")
    checked = gate(Finding((first, second)), PLAIN)
    assert [link.tables for link in checked.certificate.links] == [("first",), ("second",)]
    assert None not in held(checked, "second").values()
    assert audited(checked) == ()


def test_a_table_of_some_areas_is_joined_by_those() -> None:
    people = ROOMY.copy()
    people[:, 0, 0] = (1, 2)
    first = margin(people, ("area", "sex"), "first", totals=False)
    keep = [area in ("v1", "v2") for area in first.data["area"].to_pylist()]
    first = replace(first, data=first.data.filter(pa.array(keep)))
    checked = gate(Finding((first, margin(people, ("area",), "second"))), PLAIN)
    assert held(checked, "first")[("v1", "v2")] is None or held(checked, "second")[("v1",)] is None
    assert audited(checked) == ()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    st.lists(st.one_of(st.integers(0, 5), st.integers(0, 60)), min_size=16, max_size=16),
    st.lists(
        st.sampled_from([("age",), ("area",), ("age", "area"), ("area", "sex"), ("age", "sex"), DIMS]),
        min_size=2,
        max_size=3,
        unique=True,
    ),
    st.booleans(),
)
def test_the_auditor_accepts_linked_tables_and_rejects_planted_faults(
    cells: list[int], shapes: list[tuple[str, ...]], totals: bool
) -> None:
    people = np.array(cells).reshape(2, 4, 2)
    tables = tuple(margin(people, by, "-".join(by), totals) for by in shapes)
    checked = gate(Finding(tables), PLAIN)
    assert audited(checked) == ()
    for given_, table in zip(tables, checked.tables, strict=True):
        marks = table.marks["people"].to_pylist()
        if "x" in marks:
            row = marks.index("x")
            place = table.data.column_names.index("people")
            figures = table.data["people"].to_pylist()
            figures[row], marks[row] = given_.data["people"].to_pylist()[row], ""
            planted = replace(
                table,
                data=table.data.set_column(place, "people", pa.array(figures, pa.int64())),
                marks=table.marks.set_column(place, "people", pa.array(marks, pa.string())),
            )
            others = tuple(planted if other is table else other for other in checked.tables)
            assert not audit(others, checked.certificate).protected


def test_tables_of_small_numbers_alone_are_withheld_together() -> None:
    people = np.ones((2, 4, 2), dtype=int)
    checked = gate(Finding((margin(people, ("area",), "a"), margin(people, ("age",), "b"))), PLAIN)
    assert set(held(checked, "a").values()) - {16} == {None}
    assert audited(checked) == ()
