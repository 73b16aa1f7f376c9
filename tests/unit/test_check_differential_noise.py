"""Noise is what it says: its cost by OpenDP's own map, its shape by its distribution, its margins by sums.

No seed can be set, so what is judged are distributions, each at a false-alarm rate of one in a thousand
million.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import opendp.prelude as dp
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sharewell.check.differential import budget, layout, mechanism, queries, refusals, rows, tables
from sharewell.check.differential.mechanism import calibrate, half_width, share_of
from sharewell.check.differential.rows import Prepared, clamp, limit
from sharewell.check.differential.tables import HALF_WIDTH, add_noise
from sharewell.check.policy import Noise
from sharewell.errors import DataError, GateError
from sharewell.plan.finding import ALL, Measure, Output, ResultTable

NEVER = 1e-9
"""How often a test of a distribution may fail where nothing is wrong."""


def one_way(counts, **more):
    names = [f"ward {n:04d}" for n in range(len(counts))]
    data = {"ward": [*names, ALL], "people": pa.array([*counts, sum(counts)], pa.int64())}
    return ResultTable("w", "Wards", Output.FREQUENCY, pa.table(data), ("ward",), ("people",), **more)


def two_way(cells, **more):
    """A table of wards by ages with both margins; cells: dict of (ward, age) -> people."""
    totals: dict[tuple[str, str], int] = {}
    for (ward, age), people in cells.items():
        for key in {(ward, age), (ward, ALL), (ALL, age), (ALL, ALL)}:
            totals[key] = totals.get(key, 0) + people
    data = pa.table(
        {
            "ward": [key[0] for key in totals],
            "age": [key[1] for key in totals],
            "people": pa.array(list(totals.values()), pa.int64()),
        }
    )
    return ResultTable("t", "T", Output.FREQUENCY, data, ("ward", "age"), ("people",), **more)


def figures(noised, name="people"):
    held = noised.checked.data.to_pydict()
    return dict(zip(zip(*(held[d] for d in noised.table.by), strict=True), held[name], strict=True))


@pytest.mark.parametrize(
    ("sensitivity", "epsilon"), [(1, 1.0), (1, 0.1), (3, 0.7), (7, 1 / 3), (5000, 0.25)]
)
def test_the_scale_is_sensitivity_over_epsilon_by_opendps_own_map(sensitivity, epsilon):
    made = calibrate(sensitivity, epsilon)
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    independent = dp.m.make_laplace(*space, scale=made.scale)
    assert independent.map(sensitivity) == made.epsilon <= epsilon
    assert made.scale == pytest.approx(sensitivity / epsilon, rel=1e-14)
    assert dp.m.make_laplace(*space, scale=made.scale * (1 - 1e-9)).map(sensitivity) > epsilon
    # The geometric mechanism's known answer: its parameter is e to the minus epsilon.
    assert math.exp(-1 / calibrate(1, epsilon).scale) == pytest.approx(math.exp(-epsilon), rel=1e-12)


@given(st.floats(1e-3, 20), st.integers(1, 200))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_parts_of_epsilon_are_never_more_than_the_whole(epsilon, parts):
    part = share_of(epsilon, parts)
    assert Fraction(part) * parts <= Fraction(epsilon)
    assert part == pytest.approx(epsilon / parts, rel=1e-12)


def test_the_noise_is_two_sided_geometric():
    scale, draws = 2.5, calibrate(5, 2.0).draw(np.zeros(40_000, dtype=np.int64))
    p = math.exp(-1 / scale)
    edge = 12
    seen = np.array([np.sum(draws == k) for k in range(-edge, edge + 1)] + [np.sum(np.abs(draws) > edge)])
    masses = np.array([(1 - p) / (1 + p) * p ** abs(k) for k in range(-edge, edge + 1)])
    expected = np.append(masses, 1 - masses.sum()) * len(draws)
    assert stats.chisquare(seen, expected).pvalue > NEVER
    # The test has power: half of the noise would be found out at once.
    half = calibrate(5, 4.0).draw(np.zeros(40_000, dtype=np.int64))
    seen = np.array([np.sum(half == k) for k in range(-edge, edge + 1)] + [np.sum(np.abs(half) > edge)])
    assert stats.chisquare(seen, expected).pvalue < NEVER


def test_draws_differ_and_no_seed_can_be_given():
    values = np.zeros(200, dtype=np.int64)
    made = calibrate(1, 0.1)
    np.random.seed(1)
    first = made.draw(values)
    np.random.seed(1)
    assert (first != made.draw(values)).any()
    for module in (budget, layout, mechanism, queries, refusals, rows, tables):
        assert "random" not in vars(module)
        for _, function in inspect.getmembers(module, inspect.isfunction):
            assert not {"seed", "rng", "random"} & set(inspect.signature(function).parameters)


@pytest.mark.parametrize("scale", [0.5, 1.0, 7.3, 40.0])
@pytest.mark.parametrize("cells", [1, 2, 9, 100])
def test_a_half_width_is_the_least_that_holds(scale, cells):
    """Against the difference of two negative binomials, whose sum of n is one again."""
    q = -math.expm1(-1 / scale)
    y = np.arange(int(stats.nbinom.ppf(1 - 1e-13, cells, q)) + 1)

    def misses(width):
        return 2 * stats.nbinom.pmf(y, cells, q) @ stats.nbinom.sf(y + width, cells, q)

    width = half_width(scale, cells)
    assert misses(width) <= 0.05 + 1e-9
    assert width == 0 or misses(width - 1) > 0.05 - 1e-9


@pytest.mark.parametrize(("scale", "cells"), [(5e6, 3), (1e4, 40), (300.0, 20_000)])
def test_a_half_width_at_a_large_scale_is_never_narrow_and_hardly_wide(scale, cells):
    middles = (np.arange(100_000) + 0.5) / 100_000
    ys = stats.gamma.ppf(middles, cells)

    def misses(width):
        return 2 * stats.gamma.sf(ys + width / scale, cells).mean()

    width = half_width(scale, cells)
    assert misses(width) <= 0.05 + 1e-4
    assert misses(width * 0.98) > 0.05


def test_margins_are_the_sums_of_noised_cells_and_every_cell_is_shown():
    table = two_way({("a", "young"): 400, ("a", "old"): 3, ("b", "old"): 250})
    noised = add_noise(table, Noise(1.0))
    shown = figures(noised)
    assert len(shown) == 9  # ("b", "young") had no row: that it is empty is not said
    for ward in ("a", "b"):
        assert shown[ward, ALL] == shown[ward, "young"] + shown[ward, "old"]
    assert shown[ALL, ALL] == shown["a", ALL] + shown["b", ALL] == shown[ALL, "young"] + shown[ALL, "old"]
    assert min(shown.values()) >= 0
    assert noised.certificate["epsilon"] == 1.0
    assert [q["cells"] for q in noised.certificate["queries"]] == [4]


def test_only_one_finest_level_is_paid_for():
    """A margin of 400 noised apart would stand beside its cells' sum: two answers for one price."""
    noised = add_noise(two_way({(w, a): 100 for w in "abcd" for a in "xyz"}), Noise(0.5))
    (query,) = noised.certificate["queries"]
    assert query["sensitivity"] == 1
    assert query["scale"] == pytest.approx(2.0)
    assert query["epsilon"] <= 0.5


def test_figures_share_epsilon():
    data = pa.table({"ward": ["a", "b"], "people": [900, 800], "carers": [90, 70]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("people", "carers"))
    asked = add_noise(table, Noise(1.0)).certificate["queries"]
    assert [q["column"] for q in asked] == ["people", "carers"]
    assert all(q["scale"] == pytest.approx(2.0) for q in asked)
    assert sum(Fraction(q["epsilon"]) for q in asked) <= 1


def test_half_widths_hold_as_often_as_they_say():
    """Cells of nobody, of few and of many: a miss is a failure only beyond chance."""
    exact = [0, 0, 0, 1, 2, 3, 8, 40, 500, 2000] * 40
    noised = add_noise(one_way(exact), Noise(0.5))
    shown, widths = figures(noised), figures(noised, "people" + HALF_WIDTH)
    held = sum(
        abs(shown[(f"ward {n:04d}",)] - people) <= widths[(f"ward {n:04d}",)]
        for n, people in enumerate(exact)
    )
    assert stats.binom.cdf(held, len(exact), 0.95) > NEVER


@pytest.mark.parametrize("people", [0, 1, 60])
def test_half_widths_of_totals_hold_over_many_draws(people):
    """Of empty cells too, where bringing noise to 0 lifts the total far: the half-width says how far."""
    table, draws, held = one_way([people] * 25), 150, 0
    for _ in range(draws):
        noised = add_noise(table, Noise(0.5))
        held += abs(figures(noised)[(ALL,)] - 25 * people) <= figures(noised, "people" + HALF_WIDTH)[(ALL,)]
    assert stats.binom.cdf(held, draws, 0.95) > NEVER
    if people == 60:  # nothing was brought to 0: the width is that of 25 draws, and no wider
        assert figures(noised, "people" + HALF_WIDTH)[(ALL,)] == half_width(2.0, 25)


def spending(amounts, name="cost", additive=True, largest=True):
    """Wards' people and what was spent on them; amounts: ward -> one value a person."""
    data = {
        "ward": list(amounts),
        "people": pa.array([len(a) for a in amounts.values()], pa.int64()),
        name: [float(sum(a)) if additive else float(np.mean(a)) for a in amounts.values()],
        "top": [float(max(a)) for a in amounts.values()],
        "next": [float(sorted(a)[-2]) for a in amounts.values()],
    }
    data = data if largest else {k: v for k, v in data.items() if k not in ("top", "next")}
    measure = Measure(name, "people", additive, ("top", "next") if largest else None)
    return ResultTable("s", "S", Output.MAGNITUDE, pa.table(data), ("ward",), ("people",), (measure,))


def test_a_sum_is_noised_by_its_bounds_and_not_by_its_data():
    table = spending({"a": [10.0] * 50, "b": [10.0] * 70})
    noised = add_noise(table, Noise(2.0, bounds={"cost": (0, 5000)}), Prepared({"cost": (0, 5000)}))
    query = noised.certificate["queries"][1]
    assert (query["granularity"], query["bound"], query["rounded"]) == (1.0, 5001, True)
    assert query["bound"] * query["granularity"] >= 5000
    assert query["scale"] * query["granularity"] == pytest.approx(5000, rel=0.001)
    assert "top" not in noised.checked.data.column_names


def test_an_unbounded_or_unclamped_sum_is_refused():
    table = spending({"a": [10.0, 20.0, 9000.0], "b": [10.0, 5.0]})
    with pytest.raises(GateError, match="BOUNDS cost has no declared bounds"):
        add_noise(table, Noise(1.0))
    with pytest.raises(GateError, match="CLAMP cost was not made of values brought within"):
        add_noise(table, Noise(1.0, bounds={"cost": (0, 5000)}))
    with pytest.raises(GateError, match="CLAMP"):
        add_noise(table, Noise(1.0, bounds={"cost": (0, 5000)}), Prepared({"cost": (0, 9000)}))
    with pytest.raises(GateError, match="VALUE cost was made of values beyond its bounds"):
        add_noise(table, Noise(1.0, bounds={"cost": (0, 5000)}), Prepared({"cost": (0, 5000)}))


def test_a_mean_over_many_releases_is_unbiased_and_its_width_holds():
    values = [20.0 + n % 41 for n in range(4000)]  # their mean is 39.96
    table = spending({"a": values, "b": values}, "age", additive=False)
    exact, noise = float(np.mean(values)), Noise(1.0, bounds={"age": (0, 100)})
    draws, held = [], 0
    for _ in range(300):
        noised = add_noise(table, noise, Prepared({"age": (0, 100)}, ("age",)))
        draws.append(figures(noised, "age")[("a",)])
        held += abs(draws[-1] - exact) <= figures(noised, "age" + HALF_WIDTH)[("a",)]
    assert stats.ttest_1samp(draws, exact).pvalue > NEVER
    assert stats.binom.cdf(held, 300, 0.95) > NEVER
    # Measured from the middle: one person moves the sum by 50 and not by 100.
    assert noised.certificate["queries"][1]["bound"] * noised.certificate["queries"][1][
        "granularity"
    ] == pytest.approx(50, rel=0.001)


def test_a_share_is_a_ratio_of_noised_counts():
    data = pa.table({"ward": ["a", "b", ALL], "people": [400, 600, 1000], "smokers": [0.25, 0.1, 0.16]})
    measure = Measure("smokers", "people", share=True)
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("people",), (measure,))
    held = draws = 0
    for _ in range(100):
        noised = add_noise(table, Noise(1.0))
        shares, widths, people = (figures(noised, n) for n in ("smokers", "smokers" + HALF_WIDTH, "people"))
        for ward, exact in zip(("a", "b", ALL), (0.25, 0.1, 0.16), strict=True):
            smokers = shares[(ward,)] * people[(ward,)]
            assert smokers == pytest.approx(round(smokers), abs=1e-6)
            held, draws = held + (abs(shares[(ward,)] - exact) <= widths[(ward,)]), draws + 1
        assert shares[(ALL,)] * people[(ALL,)] == pytest.approx(
            sum(shares[(w,)] * people[(w,)] for w in ("a", "b"))
        )
    assert stats.binom.cdf(held, draws, 0.95) > NEVER


def service(rows_of, **more):
    data = pa.table({"service": list(rows_of), "people": list(rows_of.values())})
    return ResultTable(
        "o", "O", Output.FREQUENCY, data, ("service",), ("people",), overlapping=("service",), **more
    )


def test_overlapping_dimensions_need_a_declared_and_held_limit():
    table = service({"gp": 500, "acute": 300, "social": 80, ALL: 600})
    with pytest.raises(GateError, match="CONTRIBUTIONS"):
        add_noise(table, Noise(1.0))
    with pytest.raises(GateError, match="LIMIT rows were not limited to 2"):
        add_noise(table, Noise(1.0, bounds={"service": (0, 2)}))
    for bounds, prepared, cells in (
        ((0, 3), Prepared(), 3),
        ((0, 9), Prepared(), 3),
        ((0, 2), Prepared(limited={"service": 2}), 2),
    ):
        noised = add_noise(table, Noise(1.0, bounds={"service": bounds}), prepared)
        parts, total = noised.certificate["queries"]
        assert (parts["sensitivity"], total["sensitivity"]) == (cells, 1)
        assert total["summed"] == ["service"]  # a total along it is no sum: it is asked for by itself


def test_parents_in_a_hierarchy_are_margins():
    data = pa.table({"area": ["north", "south", "n1", "n2", "s1"], "people": [300, 90, 100, 200, 90]})
    tree = {"area": {"n1": "north", "n2": "north", "s1": "south"}}
    table = ResultTable("h", "H", Output.FREQUENCY, data, ("area",), ("people",), hierarchies=tree)
    noised = add_noise(table, Noise(1.0))
    shown = figures(noised)
    assert shown[("north",)] == shown[("n1",)] + shown[("n2",)]
    assert shown[("south",)] == shown[("s1",)]
    assert noised.certificate["queries"][0]["sensitivity"] == 1
    assert noised.certificate["queries"][0]["cells"] == 3


def test_order_and_labels_say_nothing_of_exact_figures():
    data = pa.table({"ward": ["z", "m", "a"], "people": [900, 500, 10], "label": ["most", "some", "few"]})
    table = ResultTable("t", "T", Output.FREQUENCY, data, ("ward",), ("people",))
    noised = add_noise(table, Noise(1.0), Prepared(categories={"ward": ["m", "a", "q", "z"]}))
    assert noised.checked.data["ward"].to_pylist() == ["m", "a", "q", "z"]
    assert "label" not in noised.checked.data.column_names
    assert add_noise(table, Noise(1.0)).checked.data["ward"].to_pylist() == ["a", "m", "z"]
    assert noised.certificate["categories"] == {"ward": "declared"}


def test_no_exact_figure_leaves_with_the_noised_ones():
    exact = [10_007 + 13 * n for n in range(60)]
    noised = add_noise(one_way(exact), Noise(0.01))
    shown = figures(noised)
    same = sum(shown[(f"ward {n:04d}",)] == people for n, people in enumerate(exact))
    assert same < 10  # by chance one in two hundred
    text = str(noised.certificate) + str(noised.table.notes)
    assert not any(str(people) in text for people in exact)


@pytest.mark.parametrize("output", [o for o in Output if o not in refusals.JUDGED])
def test_other_outputs_are_refused(output):
    table = one_way([50, 60])
    other = ResultTable("x", "X", output, table.data, table.by, table.counts)
    with pytest.raises(GateError, match="OUTPUT noise is not defined"):
        add_noise(other, Noise(1.0))


def test_what_cannot_be_judged_is_refused_with_every_cause():
    with pytest.raises(GateError, match="DELTA"):
        add_noise(one_way([5, 6]), Noise(1.0, 1e-6))
    margins = pa.table({"ward": ["a", "b", ALL, ALL], "age": [ALL, ALL, "x", "y"], "people": [4, 5, 3, 6]})
    with pytest.raises(GateError, match="FINEST"):
        add_noise(
            ResultTable("m", "M", Output.FREQUENCY, margins, ("ward", "age"), ("people",)), Noise(1.0)
        )
    for bad in (
        pa.table({"ward": ["a", None], "people": [4, 5]}),
        pa.table({"people": [4, 5]}),
        pa.table({"ward": ["a"], "people": [None]}),
    ):
        with pytest.raises(GateError):
            add_noise(ResultTable("m", "M", Output.FREQUENCY, bad, ("ward",), ("people",)), Noise(1.0))
    twice = pa.table({"ward": ["a", "a"], "people": [4, 5]})
    with pytest.raises(GateError, match="TWICE"):
        add_noise(ResultTable("m", "M", Output.FREQUENCY, twice, ("ward",), ("people",)), Noise(1.0))
    empty = pa.table({"ward": pa.array([], pa.string()), "people": pa.array([], pa.int64())})
    with pytest.raises(GateError, match="EMPTY"):
        add_noise(ResultTable("m", "M", Output.FREQUENCY, empty, ("ward",), ("people",)), Noise(1.0))
    plain = pa.table({"ward": ["a"], "people": [40], "dof": [39], "cost": [12.5]})
    fitted = ResultTable(
        "m", "M", Output.ESTIMATE, plain, ("ward",), ("people",), (Measure("cost", "people", True),),
        degrees_of_freedom="dof",
    )  # fmt: skip
    with pytest.raises(GateError) as caught:
        add_noise(fitted, Noise(1.0, 0.1))
    assert [problem.code for problem in caught.value.problems] == ["OUTPUT", "OUTPUT", "DELTA", "BOUNDS"]
    negative = pa.table({"ward": ["a"], "people": [-4]})
    with pytest.raises(GateError):
        add_noise(ResultTable("m", "M", Output.FREQUENCY, negative, ("ward",), ("people",)), Noise(1.0))
    with pytest.raises(GateError, match="CATEGORY"):
        add_noise(one_way([5]), Noise(1.0), Prepared(categories={"ward": ["elsewhere"]}))
    with pytest.raises(GateError, match="EPSILON"):
        add_noise(one_way([5]), Noise(1e-9))


@pytest.mark.parametrize(("value", "fault"), [(None, "lacks"), (130.0, "beyond")])
def test_a_mean_that_cannot_be_is_refused(value, fault):
    table = spending({"a": [10.0, 20.0], "b": [30.0, 40.0]}, "age", additive=False, largest=False)
    data = table.data.set_column(2, "age", pa.array([value, 35.0]))
    with pytest.raises(GateError, match=f"VALUE age .*{fault}"):
        add_noise(
            replace(table, data=data),
            Noise(1.0, bounds={"age": (0, 110)}),
            Prepared({"age": (0, 110)}, ("age",)),
        )


def test_a_median_is_not_noised_as_if_it_were_a_mean():
    """One person can move a median from one bound to the other: its sum is no sum of bounded parts."""
    table = spending({"a": [0.0, 100.0, 100.0], "b": [50.0, 60.0]}, "age", additive=False)
    noise, clamped = Noise(1.0, bounds={"age": (0, 100)}), {"age": (0, 100)}
    with pytest.raises(GateError, match="OUTPUT age is neither a sum, a share nor a mean"):
        add_noise(table, noise, Prepared(clamped))
    percentile = replace(table, measures=(replace(table.measures[0], beyond=("top", "next")),))
    with pytest.raises(GateError, match="OUTPUT age"):
        add_noise(percentile, noise, Prepared(clamped, ("age",)))


@pytest.mark.parametrize("name", ["people", "smokers"])
def test_a_margin_that_was_not_the_sum_of_its_cells_is_refused(name):
    columns = {"ward": ["a", "b", ALL], "people": [401, 605, 1006], "smokers": [0.0, 0.2, 121 / 1006]}
    columns[name] = [*columns[name][:2], columns[name][2] * 2]
    table = ResultTable(
        "t", "T", Output.FREQUENCY, pa.table(columns), ("ward",), ("people",),
        (Measure("smokers", "people", share=True),),
    )  # fmt: skip
    with pytest.raises(GateError, match="NOT_ADDITIVE"):
        add_noise(table, Noise(1.0))


def test_clamping_keeps_nulls_and_refuses_what_is_no_number():
    assert clamp(pa.array([-5, 3, None, 900]), 0, 100).to_pylist() == [0, 3, None, 100]
    assert clamp(pa.chunked_array([[1.5, 2.5], [7.0]]), 2, 5).to_pylist() == [2.0, 2.5, 5.0]
    for bad in (math.nan, math.inf):
        with pytest.raises(DataError, match="NOT_FINITE"):
            clamp(pa.array([1.0, bad]), 0, 5)


def test_limiting_looks_at_nobody_else():
    people = {"p1": "abcd", "p2": "ab", "p3": "dca"}
    made = pa.table(
        {"who": [p for p, s in people.items() for _ in s], "s": [c for s in people.values() for c in s]}
    )
    made = pa.concat_tables([made, made])
    kept = limit(made, "who", "s", 2)
    found = {p: {r["s"] for r in kept.to_pylist() if r["who"] == p} for p in people}
    assert [len(found[p]) for p in people] == [2, 2, 2]
    assert kept.num_rows == 12  # both rows of a kept category stay
    alone = limit(made.filter(pa.compute.equal(made["who"], "p1")), "who", "s", 2)
    assert {r["s"] for r in alone.to_pylist()} == found["p1"]
