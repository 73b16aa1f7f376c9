"""Predicates compare across agreements, and populations are cut as finely as all of them together."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest

from sharewell.check import Policy
from sharewell.check.ledger.atoms import Atoms, from_membership, refine
from sharewell.check.ledger.axes import People
from sharewell.check.ledger.cliques import find_cliques, join
from sharewell.check.ledger.predicates import TRUE, Interval, Predicate, read_band, read_category
from sharewell.check.ledger.reading import Reading, bounds, read_cells
from sharewell.check.policy import RoundingMethod
from sharewell.errors import DataError, GateError
from sharewell.plan.finding import ALL, Output
from sharewell.plan.released import CheckedTable

of = Predicate.of


def counted(atoms: Atoms, asked: list[Predicate]) -> list[float]:
    assert atoms.weights is not None
    return list(atoms.rows(atoms.number(asked)) @ atoms.weights)


def names(*some: str) -> frozenset[str]:
    return frozenset(some)


@pytest.mark.parametrize(
    ("label", "band"),
    [
        ("5 to 9", (5, 10)),
        ("16-64", (16, 65)),
        ("under 18", (-math.inf, 18)),
        ("65 and over", (65, math.inf)),
        ("90+", (90, math.inf)),
        ("17 and under", (-math.inf, 18)),
        ("7", (7, 8)),
    ],
)
def test_bands_are_intervals(label: str, band: tuple[float, float]) -> None:
    assert read_band(label) == Interval(*band)


@pytest.mark.parametrize("label", ["Not known", "9 to 5", "", "A10"])
def test_what_is_no_band_is_none(label: str) -> None:
    assert read_band(label) is None


def test_containment_is_by_conditions() -> None:
    everybody, young = of({}), of({"age": Interval(0, 16)})
    girls = of({"age": Interval(0, 16), "sex": names("F")}, ["seen by a nurse"])
    assert everybody.contains(young)
    assert young.contains(girls)
    assert not girls.contains(young)
    assert girls.apart(young) == ("seen by a nurse", "sex")
    assert not young.meets(of({"age": Interval(16, 18)}))
    assert young.meets(of({"sex": names("M")}))
    assert not of({"age": names("young")}).meets(young)
    assert Predicate.from_json(girls.as_json()) == girls
    assert str(young) == "age 0 to under 16"
    assert str(everybody) == "everybody"


def test_faults_are_named() -> None:
    for wrong in (
        lambda: Interval(3, 3),
        lambda: of({"sex": names()}),
        lambda: Predicate.from_json({"a": {}}),
    ):
        with pytest.raises(DataError):
            wrong()
    with pytest.raises(DataError, match="HIERARCHY"):
        read_category("a", {"a": "b", "b": "a"})


def test_a_district_is_its_wards() -> None:
    assert read_category("north", {"w1": "north", "w2": "north", "e1": "w2"}) == names("w1", "e1")


def test_bandings_refine_each_other_and_counts_add_up() -> None:
    ages = [0, 10, 15, 16, 17, 18, 40, 64, 65, 90]
    people = People.from_table(pa.table({"age": ages}))
    asked = [
        of({"age": Interval(*ends)}) for ends in ((0, 16), (16, 65), (0, 18), (18, 65), (65, math.inf))
    ]
    atoms = refine(asked, people)
    assert atoms.size == 4  # 0-15, 16-17, 18-64, 65+
    assert counted(atoms, asked) == [3, 5, 5, 3, 2]


def test_conditions_known_by_their_text_cut_too() -> None:
    table = pa.table({"in treatment": [True, True, False], "sex": ["F", "M", None]})
    asked = [
        of({}),
        of({}, ["in treatment"]),
        of({"sex": names("F")}, ["in treatment"]),
        of({"sex": names("F")}),
    ]
    atoms = refine(asked, People.from_table(table))
    assert counted(atoms, asked) == [3, 2, 1, 1]
    assert refine(asked, None).size == 4


def test_columns_never_used_together_need_no_joint_table() -> None:
    star = [frozenset({0, 1}), frozenset({0, 2}), frozenset({0, 3})]
    assert sorted(find_cliques(star, [9, 2, 3, 4])) == [(0, 1), (0, 2), (0, 3)]
    ring = find_cliques(
        [frozenset({0, 1}), frozenset({1, 2}), frozenset({2, 3}), frozenset({3, 0})], [2, 2, 2, 2]
    )
    assert sorted(len(clique) for clique in ring) == [3, 3]
    assert len(join(ring)[0][2]) == 2


def test_a_ward_of_another_district_is_not_possible() -> None:
    wards = [f"w{i}" for i in range(4) for _ in range(50)]
    districts = ["north" if ward < "w2" else "south" for ward in wards]
    people = People.from_table(pa.table({"ward": wards, "district": districts}))
    asked = [
        of({"ward": names(f"w{i}"), "district": names(d)}) for i in range(4) for d in ("north", "south")
    ]
    assert refine(asked, people).size == 4


def test_too_large_is_refused() -> None:
    asked = [of({f"c{i}": names(str(j)) for i in range(7)}) for j in range(7)]
    asked += [of({f"c{i}": names(str(j))}) for i in range(7) for j in range(7)]
    with pytest.raises(GateError, match="TOO_LARGE"):
        refine(asked, None)


def test_members_of_the_same_cells_are_one_atom() -> None:
    import numpy as np

    cell, unit = np.array([0, 0, 0, 1, 1, 0]), np.array([0, 1, 2, 1, 2, 0])
    atom, size = from_membership(cell, unit, 4)
    assert atom[1] == atom[2]
    assert len(set(atom.tolist())) == 3
    assert sorted(size) == [1, 1, 2]


def test_a_table_is_read_with_its_empty_combinations() -> None:
    data = {
        "age": [ALL, "0 to 15", "16 to 64", "0 to 15"],
        "sex": [ALL, ALL, ALL, "F"],
        "n": [30, 12, 18, None],
    }
    marks = {name: ["", "", "", "c" if name == "n" else ""] for name in data}
    table = CheckedTable(
        "t", "T", Output.FREQUENCY, pa.table(data), pa.table(marks), ("age", "sex"), ("n",)
    )
    policy = Policy(name="p", source="s", minimum=10)
    reading = Reading({"age": "people.age", "sex": "people.sex"}, of({}, ["alive"]))
    cells = {
        str(cell.where): (cell.low, cell.high, cell.withheld)
        for cell in read_cells(table, "n", policy, reading)
    }
    assert cells["alive"] == (30, 30, False)
    assert cells["alive and people.age 0 to under 16 and people.sex F"] == (0, math.inf, True)
    assert cells["alive and people.age 16 to under 65 and people.sex F"] == (0, 0, False)
    with pytest.raises(GateError, match="MEANING"):
        read_cells(table, "n", policy, Reading({"age": "people.age"}))
    many = {
        str(cell.where)
        for cell in read_cells(table, "n", policy, Reading(reading.columns, overlapping=["sex"]))
    }
    assert many == {"everybody", "people.age 0 to under 16", "people.age 16 to under 65",
                    "people.age 0 to under 16 and people.sex: F"}  # fmt: skip
    assert TRUE not in "".join(many)


def test_a_rounded_figure_is_the_run_of_counts_published_alike() -> None:
    import numpy as np

    from sharewell.check.perturbation.rounding import round_counts

    methods: tuple[tuple[RoundingMethod, int, int], ...] = (("nearest", 5, 8), ("midpoint", 6, 7))
    for method, base, minimum in methods:
        policy = Policy(
            name="p", source="s", minimum=minimum, rounding=base, figures=3, rounding_method=method
        )
        least = 1 if policy.rounding_covers else minimum
        counts = np.arange(least, 200).astype(float)
        shown = round_counts(counts, base, method)
        for figure in np.unique(shown):
            same = counts[shown == figure]
            if same.max() < 195:
                assert bounds(figure, policy, Reading({})) == (same.min(), same.max())
