"""The child health register: what is planted about births and crowded homes is there, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sharewell.county import Effects
from sharewell.county.base import County, Part, Truth, found
from sharewell.county.children import keep
from sharewell.county.effects.residents import Residents
from sharewell.county.schools import SERVICES
from sharewell.county.streams import stream


@cache
def county() -> County:
    return found(30_000, 3, Effects())


def drawn(planted: Residents) -> tuple[pa.Table, pa.Table]:
    held = replace(county(), effects=replace(county().effects, residents=planted))
    told = {type(part): part.table for part in keep(held, stream("children", 3))}
    return told[Part], told[Truth]


def test_nobody_is_at_two_homes_on_one_day_or_in_the_register_at_six() -> None:
    table, _ = drawn(Residents())
    rows = table.filter(pc.is_valid(table["until"])).to_pylist()
    assert all(row["born"] <= row["since"] < row["until"] for row in rows)
    by_child: dict[str, list[tuple[object, object]]] = {}
    for row in sorted(table.to_pylist(), key=lambda row: row["since"]):
        by_child.setdefault(row["local_id"], []).append((row["since"], row["until"]))
    moved = [spells for spells in by_child.values() if len(spells) > 1]
    assert len(moved) > 50
    assert all(a[1] == b[0] for spells in moved for a, b in pairwise(spells))


@pytest.mark.parametrize("growth", [0.05, 0.0])
def test_children_grow_as_planted(growth: float) -> None:
    _, truth = drawn(Residents(growth=growth, spread=0.0))
    sums = truth.group_by("year").aggregate([("children", "sum")]).sort_by("year")
    found_ = np.polyfit(sums["year"].to_numpy(), np.log(sums["children_sum"].to_numpy()), 1)[0]
    assert found_ == pytest.approx(growth, abs=0.012)


def test_the_register_begins_as_large_as_the_countys_own_children() -> None:
    _, truth = drawn(Residents(spread=0.0))
    now = pc.sum(truth.filter(pc.equal(truth["year"], 2024))["children"]).as_py()
    assert now == pytest.approx(int((county().people.age < 6).sum()), rel=0.2)


def points(crowding: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, crowding and bedrooms of the people who are there."""
    from sharewell.county.housing import bedrooms

    planted = Residents(crowding=crowding, home=0.0)
    held = replace(county(), effects=replace(county().effects, residents=planted))
    service = next(s for s in SERVICES if "schools.attainment" in s.assets)
    parts = service.keep(held, stream(service.name, 3))
    part = next(p for p in parts if isinstance(p, Part) and p.asset == "schools.attainment")
    assert part.person is not None
    household = held.people.household[part.person]
    rooms = np.maximum(bedrooms(held, held.home[part.person]), 1)
    size = np.bincount(held.people.household)[household]
    known = part.table["points"].is_valid().to_numpy()
    return part.table["points"].drop_null().to_numpy(), (size / rooms)[known], rooms[known]


@pytest.mark.parametrize("crowding", [-2.0, 0.0])
def test_points_depend_on_crowding_as_planted_once_bedrooms_are_known(crowding: float) -> None:
    outcome, factor, rooms = points(crowding)
    design = np.column_stack([np.ones(len(outcome)), factor, rooms])
    slope = np.linalg.lstsq(design, outcome, rcond=None)[0]
    error = np.sqrt(70 * np.linalg.inv(design.T @ design)[1, 1])
    assert abs(slope[1] - crowding) < 4 * error
    plain = np.polyfit(factor, outcome, 1)[0]
    assert plain < crowding - 2 * error
