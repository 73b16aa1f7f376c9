"""The auditor of noise holds what is true and finds each planted fault, from the published side alone."""

from __future__ import annotations

import copy
from dataclasses import replace

import pyarrow as pa
import pytest

from sharewell.check.auditor.noised import audit_noised
from sharewell.check.certificate import hash_table
from sharewell.check.differential.rows import Prepared
from sharewell.check.differential.tables import HALF_WIDTH, add_noise
from sharewell.check.policy import Noise
from sharewell.plan.finding import ALL, Measure, Output, ResultTable

BOUNDS = {"cost": (0.0, 400.0), "age": (0.0, 110.0), "service": (0.0, 2.0)}


def county():
    """Wards in districts, by service (which overlap), with a cost, a mean age and a share."""
    rows = []
    for ward, district in (("n1", "north"), ("n2", "north"), ("s1", "south")):
        for number, service in enumerate(("gp", "acute")):
            rows.append((ward, service, 1200 + 300 * number, 90000.0, 50.0, 0.25, district))
    out = [row[:6] for row in rows]

    def total(key, part):
        people = sum(r[2] for r in part)
        out.append(
            (
                *key,
                people,
                sum(r[3] for r in part),
                50.0,
                sum(r[4] * 0 + r[5] * r[2] for r in part) / people,
            )
        )

    for service in ("gp", "acute"):
        for district in ("north", "south"):
            total((district, service), [r for r in rows if r[1] == service and r[6] == district])
        total((ALL, service), [r for r in rows if r[1] == service])
    for ward in ("n1", "n2", "s1"):
        out.append((ward, ALL, 2000, 180000.0, 50.0, 0.25))
    out += [("north", ALL, 4000, 360000.0, 50.0, 0.25), ("south", ALL, 2000, 180000.0, 50.0, 0.25)]
    out.append((ALL, ALL, 6000, 540000.0, 50.0, 0.25))
    names = ("area", "service", "people", "cost", "age", "frail")
    data = pa.table(dict(zip(names, map(list, zip(*out, strict=True)), strict=True)))
    measures = (
        Measure("cost", "people", True),
        Measure("age", "people"),
        Measure("frail", "people", share=True),
    )
    return ResultTable(
        "county", "County", Output.MAGNITUDE, data, ("area", "service"), ("people",), measures,
        overlapping=("service",),
        hierarchies={"area": {"n1": "north", "n2": "north", "s1": "south"}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def noised():
    prepared = Prepared({"cost": (0.0, 400.0), "age": (0.0, 110.0)}, means=("age",), limited={"service": 2})
    return add_noise(county(), Noise(4.0, bounds=BOUNDS), prepared)


def changed(noised, name, change):
    """The published table with one column changed, certified again as if by a gate that errs."""
    column = change(noised.checked.data[name].to_pylist())
    place = noised.checked.data.column_names.index(name)
    data = noised.checked.data.set_column(place, name, pa.array(column, noised.checked.data[name].type))
    table = replace(noised.checked, data=data)
    return table, {**noised.certificate, "sha256": hash_table(table)}


def first(value):
    return lambda column: [value(column[0]), *column[1:]]


def test_what_is_true_is_held(noised):
    assert audit_noised(noised.checked, noised.certificate) == ()


@pytest.mark.parametrize("epsilon", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("people", [0, 3, 900])
def test_honest_tables_pass_at_every_scale(epsilon, people):
    cells = 30
    data = pa.table(
        {"ward": [*(f"w{n:02d}" for n in range(cells)), ALL], "people": [people] * cells + [people * cells]}
    )
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("people",))
    made = add_noise(table, Noise(epsilon))
    assert audit_noised(made.checked, made.certificate) == ()


def test_another_table_is_found(noised):
    table, _ = changed(noised, "people", first(lambda v: v + 1))
    assert "is not the table that was certified" in audit_noised(table, noised.certificate)


@pytest.mark.parametrize("name", ["people", "cost", "age", "frail"])
def test_a_margin_that_is_not_its_sum_is_found(noised, name):
    step = {"people": 1, "cost": 0.1, "age": 0.01, "frail": 0.01}[name]
    table, certificate = changed(noised, name, first(lambda v: v + step))
    assert any("margins are not the sums" in fault for fault in audit_noised(table, certificate))


@pytest.mark.parametrize("name", ["people", "cost", "age", "frail"])
def test_a_half_width_that_is_too_narrow_is_found(noised, name):
    table, certificate = changed(noised, name + HALF_WIDTH, first(lambda v: type(v)(v * 0.8)))
    assert any("half-widths are narrower" in fault for fault in audit_noised(table, certificate))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"scale": 0.5}, "the noise is too small for its epsilon"),
        ({"epsilon": 9.0, "scale": 1.0}, "cost more than the epsilon"),
        ({"sensitivity": 1}, "the sensitivity is not what one person can do"),
        ({"bound": 1, "sensitivity": 2}, "one person can move it further"),
    ],
)
def test_a_promise_that_does_not_hold_is_found(noised, change, fault):
    certificate = copy.deepcopy(dict(noised.certificate))
    cost = next(q for q in certificate["queries"] if q["column"] == "cost")
    cost.update(change)
    assert any(fault in found for found in audit_noised(noised.checked, certificate))


def test_a_cell_that_is_left_out_is_found(noised):
    table = replace(noised.checked, data=noised.checked.data.slice(1))
    certificate = {**noised.certificate, "sha256": hash_table(table)}
    assert any("some cells are not shown" in fault for fault in audit_noised(table, certificate))


def test_an_exact_figure_beside_the_noise_is_found(noised):
    data = noised.checked.data.append_column("exact", noised.checked.data["people"])
    table = replace(noised.checked, data=data)
    certificate = {**noised.certificate, "sha256": hash_table(table)}
    assert "exact is more than was certified" in audit_noised(table, certificate)


def test_a_certificate_that_cannot_be_read_is_a_fault(noised):
    assert audit_noised(noised.checked, {}) == ("has a certificate of noise that cannot be read",)
    without = {k: v for k, v in noised.certificate.items() if k != "queries"}
    assert audit_noised(noised.checked, without)
