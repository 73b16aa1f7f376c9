"""Rounding row by row: what a reader knows always holds the truth, and no exact count leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check import POLICIES, Policy, gate
from sharewell.check.auditor.perturbed import known_interval, perturbation_faults, shows_small
from sharewell.check.certificate import PerturbationCertificate
from sharewell.check.perturbation.rounding import known_bounds, round_counts, round_figures
from sharewell.errors import GateError
from sharewell.plan.finding import ALL, Finding, Measure, Output, ResultTable

ROUNDING = sorted(name for name in POLICIES if POLICIES[name].rounding)
METHODS = ("nearest", "midpoint", "controlled")


def table(
    columns: Mapping[str, Sequence[object]], *measures: Measure, output: Output = Output.MAGNITUDE
) -> ResultTable:
    size = len(columns["people"])
    given_columns = {"group": [f"g{i:03d}" for i in range(size)], **columns}
    return ResultTable("t", "T", output, pa.table(given_columns), ("group",), ("people",), measures)


def test_midpoint_of_six_as_opensafely_writes_it() -> None:
    """ceil(n / 6) x 6 - 3, and nobody stays nobody."""
    people = np.arange(0, 200, dtype=float)
    expected = [0.0] + [(-(-n // 6)) * 6 - 3 for n in range(1, 200)]
    assert round_counts(people, 6, "midpoint").tolist() == expected


@settings(derandomize=True, max_examples=300)
@given(
    st.integers(0, 5000), st.integers(2, 40), st.integers(2, 40), st.sampled_from(METHODS), st.booleans()
)
def test_what_a_reader_knows_is_just_the_counts_published_alike(
    people: int, base: int, minimum: int, method: str, zero_small: bool
) -> None:
    base = max(base, minimum) if method == "controlled" else base
    policy = Policy(
        name="x",
        source="y",
        minimum=minimum,
        rounding=base,
        rounding_method=method,
        figures=3,
        zero_is_small=zero_small,
    )
    value = np.array([float(people)])
    covered = policy.rounding_covers
    low, high = known_bounds(value, policy, False, covered)
    assert low[0] <= people <= high[0]
    if method == "controlled" or (not covered and people < minimum):
        return
    shown = round_counts(value, base, method)[0]
    alike = [
        n
        for n in range(max(0, people - 2 * base), people + 2 * base)
        if round_counts(np.array([float(n)]), base, method)[0] == shown
        and (covered or n >= minimum or (n == 0 and not zero_small))
    ]
    assert (low[0], high[0]) == (min(alike), max(alike))
    promise = PerturbationCertificate("people", method, base)
    said = known_interval(shown, promise, 1 if covered else minimum, not zero_small)
    assert said == (min(alike), max(alike))


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.sampled_from(ROUNDING))
def test_no_exact_count_leaves_under_a_rounding_policy(counts: list[int], name: str) -> None:
    policy = POLICIES[name]
    data = table({"people": counts, "key": [7 * n for n in counts]}, output=Output.FREQUENCY)
    data = replace(data, cell_keys={"people": "key"})
    checked = gate(Finding((data,)), policy)
    alike = {"midpoint": 3}.get(policy.rounding_method, 0)
    for value in checked.tables[0].data["people"].to_pylist():
        assert value is None or value == 0 or value % policy.rounding == alike
    entry = checked.certificate.tables[0]
    assert list(perturbation_faults(checked.tables[0], entry, policy.as_mapping())) == []
    bent = {**policy.as_mapping(), "rounding": policy.rounding + 1}
    assert any("another base" in fault for fault in perturbation_faults(checked.tables[0], entry, bent))


def test_figures_are_rounded_in_decimal() -> None:
    values = np.array([123456.0, 0.0012345, 0.0, -98765.0, np.nan, 0.123])
    shown = round_figures(values, 3)
    assert shown[:4].tolist() == [123000.0, 0.00123, 0.0, -98800.0]
    assert np.isnan(shown[4])
    assert shown[5] == 0.123


counted = st.lists(
    st.tuples(st.integers(8, 60), st.integers(0, 400), st.floats(0.2, 90.0)), min_size=2, max_size=12
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(counted)
def test_the_count_cannot_be_had_from_a_sum_and_its_mean(groups: list[tuple[int, int, float]]) -> None:
    """Whatever the exact counts behind the same published ones, the same sum gives the same mean."""
    people = [n for n, _, _ in groups]
    total = [n * each for n, _, each in groups]
    if np.ptp([t / n for t, n in zip(total, people, strict=True)]) < 0.01:
        return
    columns = {"people": people, "cost": total, "mean": [t / n for t, n in zip(total, people, strict=True)]}
    measures = (Measure("cost", "people", additive=True), Measure("mean", "people"))
    shown = gate(Finding((table(columns, *measures),)), POLICIES["opensafely"]).tables[0].data
    for count, cost, mean in zip(*(shown[n].to_pylist() for n in ("people", "cost", "mean")), strict=True):
        assert mean == pytest.approx(cost / count, rel=0.005)


@pytest.mark.parametrize(("least", "most", "shown"), [(8, 12, 10), (13, 17, 15), (48, 52, 50)])
def test_a_mean_of_whole_numbers_does_not_betray_how_many_were_divided(
    least: int, most: int, shown: int
) -> None:
    """Every mean of up to four that people published alike can have, given to a reader who knows all this.

    To three figures, most of them would single out one count (the GRIM test).
    """
    pairs = [(n, k) for n in range(least, most + 1) for k in range(1, 4 * n + 1)]
    people, total = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    columns = {"people": people.astype(int).tolist(), "visits": (total / people).tolist()}
    checked = gate(Finding((table(columns, Measure("visits", "people")),)), POLICIES["opensafely"])
    assert set(checked.tables[0].data["people"].to_pylist()) == {shown}
    means = np.array(checked.tables[0].data["visits"].to_pylist())
    inside = total / people < 3.5
    behind = {mean: set(people[means == mean]) for mean in set(means[inside].tolist())}
    sizes = [len(counts) for counts in behind.values()]
    assert min(sizes) >= 2
    assert np.mean(sizes) > 4
    exact = round_figures(total / people, 3)
    lone = [mean for mean in set(exact.tolist()) if len(set(people[exact == mean])) == 1]
    assert len(lone) > 20


def test_a_sum_that_is_the_count_in_another_unit_is_refused() -> None:
    columns = {"people": [12, 40, 77], "fee": [12 * 35.0, 40 * 35.0, 77 * 35.0]}
    fee = Measure("fee", "people", additive=True)
    with pytest.raises(GateError) as error:
        gate(Finding((table(columns, fee),)), POLICIES["opensafely"])
    assert [problem.code for problem in error.value.problems] == ["TARIFF"]
    assert gate(Finding((table(columns, fee),)), Policy(name="x", source="y", minimum=5)).withheld == ()


def margins(inner: list[int], total: int, **more: list[float]) -> ResultTable:
    groups = [f"g{i}" for i in range(len(inner))] + [ALL]
    data = pa.table({"group": groups, "people": [*inner, total]} | more)
    return ResultTable("t", "T", Output.FREQUENCY, data, ("group",), ("people",))


def test_midpoint_rounding_withholds_what_totals_would_give_away() -> None:
    """Six threes under a three are one person each. Two threes under a three are not narrowed so far."""
    policy = POLICIES["opensafely-midpoint"]
    loose = gate(Finding((margins([2, 3], 5),)), policy)
    assert loose.tables[0].data["people"].to_pylist() == [3, 3, 3]
    assert shows_small(loose.tables[0], policy.as_mapping())
    tight = gate(Finding((margins([1] * 6, 6),)), policy)
    assert set(tight.tables[0].data["people"].to_pylist()) <= {None, 3}
    assert tight.tables[0].data["people"].null_count >= 6
    assert tight.withheld[0].rule == "minimum count"


def test_a_mean_of_few_people_is_withheld_although_their_number_is_covered() -> None:
    columns = {"people": [4, 40], "age": [71.0, 70.0]}
    shown = gate(Finding((table(columns, Measure("age", "people")),)), POLICIES["opensafely-midpoint"])
    assert shown.tables[0].data.to_pylist() == [
        {"group": "g000", "people": None, "age": None},
        {"group": "g001", "people": 39, "age": 70.0},
    ]


def test_shares_are_of_midpoints() -> None:
    columns = {"people": [50, 4], "rate": [0.2, 0.5]}
    rate = Measure("rate", "people", share=True)
    data = table(columns, rate, output=Output.FREQUENCY)
    shown = gate(Finding((data,)), POLICIES["opensafely-midpoint"]).tables[0].data
    assert shown["people"].to_pylist() == [51, 3]
    assert shown["rate"].to_pylist() == [pytest.approx(9 / 51), 1.0]
