"""Nested categories: how they add up, that the gate protects them, and that the auditor sees faults."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.check import Certificate, Policy, audit, gate
from sharewell.check.structure import build_structure
from sharewell.plan.finding import ALL, Finding, Output, ResultTable
from sharewell.plan.released import CheckedTable

PLAIN = Policy(name="plain", source="a test", minimum=5)


def nested(
    counts: np.ndarray, parents: dict[str, str], drop: set[str] | None = None, sexes: bool = True
) -> ResultTable:
    """People by area (the ends of a tree) and sex, with every total; without the areas in `drop`."""
    ends = sorted(name for name in parents if name not in parents.values())
    cells: dict[tuple[str, str], int] = {}
    for end, row in zip(ends, counts.tolist(), strict=True):
        names = [end]
        while names[-1] in parents:
            names.append(parents[names[-1]])
        for sex, number in zip(("f", "m"), row, strict=True):
            for area in (*names, ALL):
                for key in ((area, sex), (area, ALL)) if sexes else ((area, ALL),):
                    cells[key] = cells.get(key, 0) + number
    cells = {key: number for key, number in cells.items() if key[0] not in (drop or set())}
    columns = {"area": [a for a, _ in cells], "sex": [s for _, s in cells], "people": list(cells.values())}
    return ResultTable(
        "t",
        "T",
        Output.FREQUENCY,
        pa.table(columns),
        ("area", "sex"),
        ("people",),
        hierarchies={"area": parents},
    )


TREE = {"a1": "w1", "a2": "w1", "a3": "w2", "a4": "w2", "a5": "w3", "a6": "w3"}
TREE |= {"w1": "north", "w2": "north", "w3": "south"}
RAGGED = {"a1": "w1", "a2": "w1", "w1": "north", "w2": "north", "south": ALL, "b1": "east", "b2": "east"}


def relations(columns: list[list[str]], parents: dict[str, str]) -> set[tuple[object, frozenset[object]]]:
    structure = build_structure(
        [pa.array(c) for c in columns], len(columns[0]), [parents, {}][: len(columns)]
    )
    names = [*zip(*columns, strict=True)]
    found = set()
    bounds = pairwise(structure.children.indptr)
    for total, (start, end) in zip(structure.parents, bounds, strict=True):
        parts = structure.children.indices[start:end]
        found.add((names[total] if total >= 0 else None, frozenset(names[p] for p in parts)))
    return found


def test_the_relations_of_a_ragged_tree() -> None:
    """North has wards, of which one has areas; south has none; east is not shown, so its areas stand for
    it."""
    column = [ALL, "north", "w1", "w2", "a1", "a2", "south", "b1", "b2"]
    assert relations([column], RAGGED) == {
        ((ALL,), frozenset({("north",), ("south",), ("b1",), ("b2",)})),
        (("north",), frozenset({("w1",), ("w2",)})),
        (("w1",), frozenset({("a1",), ("a2",)})),
    }


def test_a_tier_without_rows_is_passed_over() -> None:
    column = [ALL, "north", "south", "a1", "a2", "a3", "a4", "a5", "a6"]
    assert relations([column], TREE) == {
        ((ALL,), frozenset({("north",), ("south",)})),
        (("north",), frozenset({("a1",), ("a2",), ("a3",), ("a4",)})),
        (("south",), frozenset({("a5",), ("a6",)})),
    }


def test_a_small_area_is_not_told_by_its_ward_and_district() -> None:
    counts = np.array([[2, 30], [40, 50], [60, 70], [80, 90], [50, 60], [70, 80]])
    checked = gate(Finding((nested(counts, TREE, sexes=False),)), replace(PLAIN, minimum=33))
    held = dict(
        zip(
            checked.tables[0].data["area"].to_pylist(),
            checked.tables[0].data["people"].to_pylist(),
            strict=True,
        )
    )
    assert held["a1"] is None
    assert held["a2"] is None or held["w1"] is None
    assert audit(checked.tables, checked.certificate).protected


def plant(table: CheckedTable, row: int, value: int | None, mark: str) -> CheckedTable:
    figures, marks = table.data["people"].to_pylist(), table.marks["people"].to_pylist()
    figures[row], marks[row] = value, mark
    place = table.data.column_names.index("people")
    return replace(
        table,
        data=table.data.set_column(place, "people", pa.array(figures, pa.int64())),
        marks=table.marks.set_column(place, "people", pa.array(marks, pa.string())),
    )


counts_ = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 200)), min_size=12, max_size=12).map(
    lambda cells: np.array(cells).reshape(6, 2)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(counts_, st.sampled_from([set(), {"w1", "w2", "w3"}, {"w3"}, {"a5", "a6"}]), st.integers(0, 99))
def test_the_auditor_accepts_what_was_published_and_rejects_planted_faults(
    counts: np.ndarray, drop: set[str], seed: int
) -> None:
    given_ = nested(counts, TREE, drop)
    checked = gate(Finding((given_,)), PLAIN)
    certificate = Certificate.from_mapping(json.loads(checked.certificate.as_json()))
    verdict = audit(checked.tables, certificate)
    assert verdict.protected, verdict.faults
    table = checked.tables[0]
    marks = table.marks["people"].to_pylist()
    truth = given_.data["people"].to_pylist()
    hidden = [row for row, mark in enumerate(marks) if mark in ("c", "x")]
    shown = [row for row, mark in enumerate(marks) if mark == "" and truth[row] > 0]
    if hidden:
        row = hidden[seed % len(hidden)]
        for planted in (plant(table, row, truth[row], ""), plant(table, row, truth[row], marks[row])):
            assert not audit((planted,), certificate).protected
    if shown:
        row = shown[seed % len(shown)]
        assert not audit((plant(table, row, truth[row] + 1, ""),), certificate).protected
    swapped = replace(certificate, tables=(replace(certificate.tables[0], sha256="0" * 64),))
    assert not audit(checked.tables, swapped).protected


def test_a_needed_cell_shown_again_is_found_without_its_hash() -> None:
    """The auditor does not rest on the hash: it works the withheld figure out."""
    counts = np.array([[2, 30], [40, 50], [60, 70], [80, 90], [50, 60], [70, 80]])
    given_ = nested(counts, TREE)
    checked = gate(Finding((given_,)), PLAIN)
    truth = given_.data["people"].to_pylist()
    marks = checked.tables[0].marks["people"].to_pylist()
    found = 0
    for row, mark in enumerate(marks):
        if mark == "x":
            planted = plant(checked.tables[0], row, truth[row], "")
            found += any("closely" in fault for fault in audit((planted,), checked.certificate).faults)
    assert found == marks.count("x") > 0
