"""Whoever is alone in a withheld cell must not work out another; answers of other programs beside ours."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.check import Checked, Policy, audit, gate
from sharewell.check.evidence import gather
from sharewell.check.suppression.singletons import known_to_insiders
from sharewell.plan.finding import ALL, Finding, Output, ResultTable

PLAIN = Policy(name="plain", source="a test", minimum=5)


def crossed(values: np.ndarray) -> ResultTable:
    full = values
    for axis in range(full.ndim):
        full = np.concatenate([full.sum(axis=axis, keepdims=True), full], axis=axis)
    where = list(np.ndindex(*full.shape))
    by = tuple(f"d{axis}" for axis in range(full.ndim))
    data: dict[str, list[Any]]
    data = {d: [ALL if at[axis] == 0 else f"v{at[axis]}" for at in where] for axis, d in enumerate(by)}
    data["people"] = [int(full[at]) for at in where]
    return ResultTable("t", "T", Output.FREQUENCY, pa.table(data), by, ("people",))


def hidden_of(checked: Checked, mark: str = "cx") -> set[tuple[str, ...]]:
    table = checked.tables[0]
    keys = zip(*(table.data[name].to_pylist() for name in table.by), strict=True)
    return {k for k, m in zip(keys, table.marks["people"].to_pylist(), strict=True) if m and m in mark}


def test_a_lone_person_in_a_frequency_table_would_subtract() -> None:
    """Hidden in a row: one person and three others. The one would know the three."""
    values = np.array([[1, 3, 40, 60], [50, 60, 70, 80], [55, 65, 75, 85]])
    row = {key for key in hidden_of(gate(Finding((crossed(values),)), PLAIN)) if key[0] == "v1"}
    assert len(row) >= 3
    safe = np.array([[2, 3, 40, 60], [50, 60, 70, 80], [55, 65, 75, 85]])
    row = {key for key in hidden_of(gate(Finding((crossed(safe),)), PLAIN)) if key[0] == "v1"}
    assert len(row) == 2
    pooled = gate(Finding((crossed(safe),)), replace(PLAIN, coalition=2))
    assert len({key for key in hidden_of(pooled) if key[0] == "v1"}) >= 3


def test_the_auditor_counts_ties_again() -> None:
    """Two and three people hidden in one row tell of each other; the gate saw that nobody is alone."""
    values = np.array([[2, 3, 40, 60], [50, 60, 70, 80], [55, 65, 75, 85]])
    checked = gate(Finding((crossed(values),)), PLAIN)
    (entry,) = checked.certificate.tables
    assert entry.ties == 1
    assert audit(checked.tables, checked.certificate).protected
    forged = replace(checked.certificate, tables=(replace(entry, ties=0),))
    assert any("people in them" in fault for fault in audit(checked.tables, forged).faults)


def test_a_tie_through_other_cells_is_seen() -> None:
    """A cycle of four: the corner opposite the lone person is tied to it through both its neighbours."""
    values = np.array([[1, 40, 90], [50, 3, 80], [60, 70, 95]])
    evidence = gather(crossed(values))
    keys = [tuple(k) for k in zip(*(evidence.table.data[d].to_pylist() for d in ("d0", "d1")), strict=True)]
    corners = {("v1", "v1"), ("v1", "v2"), ("v2", "v1"), ("v2", "v2")}
    suppressed = np.array([key in corners for key in keys])
    people = evidence.counts["people"]
    learnt = known_to_insiders(
        evidence.structure, evidence.overlapping, suppressed, suppressed & (people < 5), people, 1
    )
    assert [keys[row] for row in learnt] == [("v2", "v2")]
    checked = gate(Finding((crossed(values),)), PLAIN)
    assert checked.certificate.tables[0].ties == 0
    assert audit(checked.tables, checked.certificate).protected


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    st.lists(st.one_of(st.integers(1, 4), st.integers(1, 90)), min_size=16, max_size=16),
    st.integers(1, 2),
)
def test_no_insider_works_out_a_small_cell(cells: list[int], coalition: int) -> None:
    """Checked again by linear programs in which the insiders' cell is known."""
    from scipy.optimize import linprog

    given_ = crossed(np.array(cells).reshape(4, 4))
    checked = gate(Finding((given_,)), replace(PLAIN, coalition=coalition))
    evidence = gather(given_)
    people = evidence.counts["people"]
    marks = checked.tables[0].marks["people"].to_pylist()
    hidden = [row for row, mark in enumerate(marks) if mark]
    primary = [row for row, mark in enumerate(marks) if mark == "c"]
    structure = evidence.structure
    matrix = structure.children.toarray()
    matrix[np.arange(len(matrix)), structure.parents] -= 1
    inside = [row for row in hidden if people[row] <= coalition]
    known: list[tuple[int, ...]] = [(row,) for row in inside]
    known += [pair for pair in combinations(inside, 2) if people[list(pair)].sum() <= coalition]
    for members in known[:6]:
        bounds = [
            (0, None) if row in hidden and row not in members else (people[row], people[row])
            for row in range(len(people))
        ]
        for row in [row for row in primary if row not in members][:4]:
            cost = np.zeros(len(people))
            cost[row] = 1
            low = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds)
            high = linprog(-cost, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=bounds)
            assert high.status == 3 or -(high.fun or 0.0) - (low.fun or 0.0) > 0.5


def test_protects_at_least_as_well_as_gauss_suppression() -> None:
    """The example of its tests: 8 groups x 4, three or fewer small; withheld are the three small cells and
    the first of each of their rows. What we withhold passes the audit, and costs no more people."""
    values = np.array(
        [
            [11, 7, 5, 13, 9, 12, 6, 9],
            [11, 1, 8, 2, 14, 9, 4, 3],
            [55, 29, 35, 17, 63, 24, 22, 38],
            [36, 18, 25, 13, 52, 22, 8, 15],
        ]
    ).T
    policy = Policy(name="z1", source="a test", minimum=4)
    checked = gate(Finding((crossed(values),)), policy)
    hidden = hidden_of(checked)
    theirs = {(f"v{(i - 1) // 5}", f"v{(i - 1) % 5}") for i in (12, 13, 22, 23, 42, 43)}
    assert {("v2", "v2"), ("v4", "v2"), ("v8", "v2")} == hidden_of(checked, "c") <= theirs & hidden
    assert audit(checked.tables, checked.certificate).protected
    # Theirs hides 1, 2 and 3 people by means of 7, 13 and 9.
    cost = sum(
        values[int(a[1]) - 1, int(b[1]) - 1]
        for a, b in hidden - hidden_of(checked, "c")
        if ALL not in (a, b)
    )
    assert cost <= 29


_ARGUS = """
import json, sys
from pytauargus import protect
rows = json.load(open(sys.argv[1]))
data = {name: [row[i] for row in rows] for i, name in enumerate(("a", "b"))}
data["n"] = [1.0] * len(rows)
found = protect(data, ["a", "b"], "n", safety_rules="FREQ(5,20)", suppress="OPT(1)")
frame = found.tables[0].dataframe()
cells = frame if isinstance(frame, list) else frame.to_dict("records")
print(json.dumps([[str(c["a"]).strip(), str(c["b"]).strip(), str(c["status"]).strip()] for c in cells]))
"""


def test_the_small_cells_of_tau_argus_are_ours(tmp_path: Path) -> None:
    python = os.environ.get("PYTAUARGUS_PYTHON")
    if not python:
        pytest.skip("PYTAUARGUS_PYTHON does not name an interpreter with pytauargus")
    values = np.random.default_rng(3).poisson(12, (5, 6)) * np.random.default_rng(4).integers(0, 3, (5, 6))
    values[0, 0], values[2, 3] = 2, 3
    path = tmp_path / "rows.json"
    rows = [[f"v{i + 1}", f"v{j + 1}"] for i, j in np.ndindex(5, 6) for _ in range(int(values[i, j]))]
    path.write_text(json.dumps(rows))
    done = subprocess.run(
        [python, "-c", _ARGUS, path],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=True,
    )
    cells = json.loads(done.stdout.strip().splitlines()[-1])
    unsafe = {
        (a if a.startswith("v") else ALL, b if b.startswith("v") else ALL) for a, b, s in cells if s == "U"
    }
    assert unsafe == hidden_of(gate(Finding((crossed(values),)), PLAIN), "c")
