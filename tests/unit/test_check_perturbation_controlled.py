"""Controlled rounding: additive, adjacent, unbiased, and honest where it cannot be all of these."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check import Policy, gate
from sharewell.check.auditor.perturbed import perturbation_faults
from sharewell.check.certificate import PerturbationCertificate, TableCertificate
from sharewell.check.perturbation.controlled import control
from sharewell.check.structure import build_structure
from sharewell.plan.finding import ALL, Finding, Measure, Output, ResultTable
from sharewell.plan.released import CheckedTable

POLICY = Policy(name="c", source="a test", minimum=10, rounding=10, rounding_method="controlled", figures=3)
AXES = ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2))
ENTRY = TableCertificate("t", "", 0, 0, 0, (), (), (), "")


def crossed(values: np.ndarray) -> ResultTable:
    """Counts with every margin."""
    full = values
    for axis in range(values.ndim):
        full = np.concatenate([full.sum(axis=axis, keepdims=True), full], axis=axis)
    where = list(np.ndindex(*full.shape))
    by = [f"d{axis}" for axis in range(full.ndim)]
    data: dict[str, list[object]] = {
        dim: [ALL if index[axis] == 0 else f"v{index[axis]:02d}" for index in where]
        for axis, dim in enumerate(by)
    }
    data["people"] = [int(full[index]) for index in where]
    return ResultTable("t", "T", Output.FREQUENCY, pa.table(data), tuple(by), ("people",))


def rounded(table: ResultTable, base: int = 10) -> tuple[np.ndarray, np.ndarray, int, int]:
    people = np.array(table.data["people"].to_pylist(), dtype=float)
    structure = build_structure(
        [table.data[name] for name in table.by],
        len(people),
        [table.hierarchies.get(name, {}) for name in table.by],
    )
    found = control(structure, people, base, np.zeros(len(table.by), bool))
    return people, found.people, found.further, found.reach


def faults(table: ResultTable, shown: np.ndarray, base: int = 10, reach: int = 1) -> list[str]:
    """What the independent auditor says of these figures."""
    data = table.data.set_column(
        table.data.column_names.index("people"), "people", pa.array(shown.astype(int))
    )
    checked = CheckedTable("t", "T", table.output, data, data, table.by, table.counts)
    entry = replace(
        ENTRY,
        hierarchies=table.hierarchies,
        perturbations=(PerturbationCertificate("people", "controlled", base, 0, reach),),
    )
    return list(perturbation_faults(checked, entry, {"rounding": base}))


cells = st.integers(2, 3).flatmap(
    lambda dims: st.tuples(*[st.integers(1, 6 if dims == 2 else 4)] * dims).flatmap(
        lambda shape: st.lists(
            st.integers(0, 35), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))
        ).map(lambda values: np.array(values).reshape(shape))
    )
)


@settings(derandomize=True, max_examples=80, deadline=None)
@given(cells, st.integers(2, 15))
def test_it_is_additive_and_adjacent_on_any_table(values: np.ndarray, base: int) -> None:
    table = crossed(values)
    people, shown, further, reach = rounded(table, base)
    assert faults(table, shown, base, reach) == []
    adjacent = (shown >= np.floor(people / base) * base) & (shown <= np.ceil(people / base) * base)
    if values.ndim == 2:
        assert (further, reach) == (0, 1)
    if reach == 1:
        assert adjacent.all()
    inner = np.array(
        [ALL not in key for key in zip(*(table.data[n].to_pylist() for n in table.by), strict=True)]
    )
    assert adjacent[inner].all()


def test_the_auditor_finds_a_total_that_does_not_add() -> None:
    table = crossed(np.array([[3, 14], [25, 6]]))
    _, shown, _, _ = rounded(table)
    assert faults(table, shown) == []
    bent = shown.copy()
    bent[0] += 10
    assert any("not the sums" in fault for fault in faults(table, bent))
    bent[0] += 1
    assert any("not what controlled" in fault for fault in faults(table, bent))


def test_hierarchies_add_up_at_every_level() -> None:
    """Wards within districts, by sex."""
    wards = {f"w{i}": f"district {i % 3}" for i in range(9)}
    rows = []
    random = np.random.default_rng(3)
    counts = {(w, s): int(random.integers(0, 30)) for w in wards for s in ("f", "m")}
    for place in [*wards, *sorted(set(wards.values())), ALL]:
        for sex in ("f", "m", ALL):
            held = [
                n for (w, s), n in counts.items() if (place in (w, wards[w], ALL)) and (sex in (s, ALL))
            ]
            rows.append((place, sex, sum(held)))
    places, sexes, people = zip(*rows, strict=True)
    data = pa.table({"place": places, "sex": sexes, "people": people})
    table = ResultTable(
        "t", "T", Output.FREQUENCY, data, ("place", "sex"), ("people",), hierarchies={"place": wards}
    )
    truth, shown, further, reach = rounded(table)
    assert faults(table, shown, reach=reach) == []
    assert further == 0
    assert (np.abs(shown - truth) < 10).all()


def test_which_way_a_cell_goes_is_unbiased_and_repeats() -> None:
    """Drawn with the odds of the remainder: neither always the nearer one nor always down."""
    values = np.full((40, 50), 3)
    values[:, 0] = 7
    table = crossed(values)
    people, shown, _, _ = rounded(table)
    threes = shown[people == 3]
    assert set(threes.tolist()) == {0.0, 10.0}
    assert abs(threes.mean() - 3) < 0.5
    assert rounded(table)[1].tolist() == shown.tolist()


def test_a_table_that_has_no_controlled_rounding_says_which_totals_go_further() -> None:
    """Three-way tables need not have one (Causey, Cox and Ernst 1985): this has none, by trying all."""
    values = np.random.default_rng(9).integers(0, 2, (2, 2, 2)) * 5
    halves = np.argwhere(values)
    found = 0
    for ways in product((0, 10), repeat=len(halves)):
        tried = np.zeros_like(values)
        tried[tuple(halves.T)] = ways
        sums = [(tried.sum(axis=axes), values.sum(axis=axes)) for axes in AXES]
        found += all((np.abs(a - b) < 10).all() for a, b in sums)
    assert found == 0
    table = crossed(values)
    people, shown, further, reach = rounded(table)
    assert (further, reach) == (1, 2)
    assert faults(table, shown, reach=reach) == []
    assert int((np.abs(shown - people) >= 10).sum()) == 1


def test_the_gate_rounds_a_table_of_counts_and_withholds_nothing() -> None:
    table = crossed(np.array([[3, 14, 0], [25, 6, 31]]))
    checked = gate(Finding((table,)), POLICY)
    assert checked.withheld == ()
    assert all(value % 10 == 0 for value in checked.tables[0].data["people"].to_pylist())
    (promise,) = checked.certificate.tables[0].perturbations
    assert (promise.method, promise.base, promise.further, promise.reach) == ("controlled", 10, 0, 1)
    entry = checked.certificate.tables[0]
    assert list(perturbation_faults(checked.tables[0], entry, POLICY.as_mapping())) == []


def test_with_other_figures_than_counts_the_small_are_withheld_and_the_rest_rounded() -> None:
    """An additive table with holes would tell the rounded figure in each of them."""
    table = crossed(np.array([[3, 44], [55, 66]]))
    data = table.data.append_column("age", pa.array([40.0] * table.data.num_rows))
    table = replace(table, data=data, measures=(Measure("age", "people"),), output=Output.MAGNITUDE)
    checked = gate(Finding((table,)), POLICY)
    assert checked.tables[0].data["people"].null_count >= 2
    assert checked.certificate.tables[0].perturbations[0].method == "nearest"


def test_relations_with_a_withheld_cell_do_not_tie_the_rounding() -> None:
    table = crossed(np.array([[3, 14], [25, 6]]))
    people = np.array(table.data["people"].to_pylist(), dtype=float)
    structure = build_structure([table.data[name] for name in table.by], len(people), [{}, {}])
    withheld = np.zeros(len(people), dtype=bool)
    withheld[[4, 5, 7, 8]] = True
    found = control(structure, people, 10, np.zeros(2, bool), withheld)
    assert (found.people % 10 == 0).all()
    assert found.people[0] == found.people[1] + found.people[2]
