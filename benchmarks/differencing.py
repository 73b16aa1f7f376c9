"""Differencing between releases: hidden counts that separately clean releases give away together.

    python -m benchmarks.differencing [--releases 100] [--json]

A population of 60,000 people. `three`: three releases with different bandings, each through the gate by
itself; the third is judged with the first two on record. `many`: so many releases of two or three columns,
judged all at once, as when a ledger is checked; and the first twelve one after another, as they come,
where a refused one is not entered. No tool looks at what releases tell together, so the peer is the
textbook: the exact least and greatest value of each hidden count by scipy's linprog, of which a sample is
timed; which of the sample it finds exposed must be the same.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from sharewell.check import Policy, gate
from sharewell.check.ledger.axes import People
from sharewell.check.ledger.judge import find_exposed
from sharewell.check.ledger.reach import Reach
from sharewell.check.ledger.reading import Reading, read_cells
from sharewell.check.ledger.reduce import reduce, tighten
from sharewell.check.ledger.releases import Population, Release
from sharewell.check.ledger.system import System, assemble
from sharewell.plan.finding import ALL, Finding, Output, ResultTable

POLICY = Policy(name="benchmark", source="benchmark: threshold 10", minimum=10)
PEOPLE = 60_000
SAMPLE = 6
ONE_BY_ONE = 12
BANDS = {
    "five": tuple(range(5, 90, 5)),
    "ten": tuple(range(10, 90, 10)),
    "school": (5, 11, 16, 18, 25, 35, 45, 55, 65, 75, 85),
    "adult": (18, 25, 35, 45, 55, 65, 75, 85),
    "thirds": tuple(range(15, 90, 15)),
    "life": (15, 25, 45, 65, 75),
    "working": (16, 65),
    "voting": (18, 65),
    "old": (65, 75, 85),
    "young": (5, 10, 15, 20, 25),
    "twenty": (20, 40, 60, 80),
    "survey": (16, 25, 35, 50, 65, 75),
}
Columns = Mapping[str, Any]


def make_people(size: int = PEOPLE, seed: int = 3) -> Columns:
    """Skewed categories, and ages that thin out."""
    random = np.random.default_rng(seed)
    falling = np.concatenate([np.full(60, 1.2), np.linspace(1.1, 0.1, 36)])

    def pick(names: Sequence[str], shares: Any) -> Any:
        return random.choice(np.array(names), size, p=np.asarray(shares) / np.sum(shares))

    return {
        "ward": pick([f"w{i:02d}" for i in range(24)], random.gamma(8, size=24)),
        "age": random.choice(96, size, p=falling / falling.sum()),
        "sex": pick(["F", "M"], [0.51, 0.49]),
        "ethnicity": pick(list("ABCDEF"), [0.78, 0.09, 0.05, 0.04, 0.025, 0.015]),
        "tenure": pick(["own", "rent", "social", "other"], [0.5, 0.25, 0.2, 0.05]),
    }


def make_release(
    people: Columns, number: int, by: Sequence[str], bands: str, policy: Policy = POLICY
) -> Release:
    """A frequency table with all its margins, through the gate by itself."""
    shown = {name: _band(people[name], BANDS[bands]) if name == "age" else people[name] for name in by}
    held: dict[str, list[Any]] = {name: [] for name in (*by, "people")}
    for kept in product((False, True), repeat=len(by)):
        key = [
            shown[name] if keep else np.full(len(shown[name]), ALL)
            for name, keep in zip(by, kept, strict=True)
        ]
        counted = (
            pa.table(dict(zip(by, key, strict=True))).group_by(list(by)).aggregate([([], "count_all")])
        )
        for name in by:
            held[name] += counted[name].to_pylist()
        held["people"] += counted["count_all"].to_pylist()
    table = ResultTable(f"t{number}", "Table", Output.FREQUENCY, pa.table(held), tuple(by), ("people",))
    checked = gate(Finding((table,)), policy)
    cells = read_cells(checked.tables[0], "people", policy, Reading({name: name for name in by}))
    population = Population("residents", "2026")
    small, width = policy.least_difference, policy.protection
    return Release(
        f"r{number}",
        "agreement",
        "product",
        f"t{number}",
        date(2026, 1, 1),
        population,
        cells,
        "people",
        small,
        width,
    )


def host(people: Columns) -> People:
    """The population as the ledger is given it."""
    return People.from_table(pa.table(dict(people)))


def three(people: Columns) -> list[Release]:
    """Bandings whose edges cross: each release is clean, and together they are not."""
    first = make_release(people, 0, ("ward", "age", "ethnicity"), "five")
    second = make_release(people, 1, ("ward", "age", "sex"), "five")
    third = make_release(people, 2, ("ward", "age", "ethnicity"), "thirds")
    return [first, second, third]


def many(people: Columns, size: int) -> list[Release]:
    """Area by age by one characteristic, and the tables within it, in all the bandings, shuffled; after all
    of them the same tables come again, as they do when several agreements publish them."""
    more = ("sex", "ethnicity", "tenure")
    aged = [("ward", "age"), *(("ward", "age", name) for name in more), *(("age", name) for name in more)]
    plans = [(by, bands) for by in aged for bands in BANDS] + [(("ward", name), "five") for name in more]
    plans = [plans[i] for i in np.random.default_rng(7).permutation(len(plans))]
    made: dict[int, Release] = {}
    for i in range(size):
        again = made.get(i % len(plans))
        name = f"r{i}"
        made[i] = replace(again, id=name) if again else make_release(people, i, *plans[i % len(plans)])
    return list(made.values())


def exact_interval(system: System, cells: Any) -> tuple[float, float]:
    """The least and the greatest count of a set of atoms, by the textbook: nothing worked away."""
    from scipy import optimize
    from scipy.sparse import csr_array, vstack

    linprog: Any = optimize.linprog

    ties = system.atoms.ties
    nought = np.zeros(ties.shape[0])
    matrix = csr_array(vstack([system.matrix, ties]))
    low, high = np.append(system.low, nought), np.append(system.high, nought)
    exact, under, over = low == high, (low < high) & np.isfinite(high), (low < high) & (low > 0)
    some = (under.any() or over.any()) or None
    ends = [
        linprog(
            sign * cells,
            A_eq=matrix[exact],
            b_eq=low[exact],
            A_ub=some and vstack([matrix[under], -matrix[over]]),
            b_ub=some and np.append(high[under], -low[over]),
            method="highs",
        )
        for sign in (1, -1)
    ]
    return ends[0].fun, -ends[1].fun if ends[1].status == 0 else np.inf


def run_three(people: Columns) -> dict[str, Any]:
    releases, population = three(people), host(people)
    times, found = [], []
    for _ in range(2):
        start = time.perf_counter()
        found = find_exposed(releases[2:], releases[:2], POLICY, population)
        times.append(time.perf_counter() - start)
    system = assemble(releases, population)
    counts = system.counts
    assert counts is not None
    hidden = np.unique(
        [system.cell_row[i] for i, c in enumerate(c for r in releases for c in r.cells) if c.withheld]
    )
    small = hidden[(counts[hidden] > 0) & (counts[hidden] < POLICY.least_difference)]
    exposed = settle(system, small)
    chosen = range(0, len(small), max(1, len(small) // SAMPLE))[:SAMPLE]
    start = time.perf_counter()
    peer = [exact_interval(system, system.matrix[[small[i]]].toarray().reshape(-1)) for i in chosen]
    seconds = (time.perf_counter() - start) / len(peer)
    narrow = [math.floor(high + 1e-6) - math.ceil(low - 1e-6) < POLICY.protection for low, high in peer]
    if narrow != exposed[list(chosen)].tolist():
        raise SystemExit("the peer finds other counts exposed: no time is told")
    return {
        "cells": len(system.cell_row),
        "atoms": system.atoms.size,
        "hidden": len(small),
        "exposed": sum(each.counts for each in found),
        "withheld_exposed": int(exposed.sum()),
        "first_seconds": round(times[0], 3),
        "seconds": round(times[1], 3),
        "peer_seconds_estimated": round(seconds * len(small), 1),
        "ratio": round(seconds * len(small) / times[1]),
    }


def settle(system: System, rows: Any) -> Any:
    """Which of these cells are exposed by all releases together."""
    weights = system.atoms.weights
    assert weights is not None
    relations = reduce(system, system.matrix[rows])
    tight = tighten(relations)
    width = np.full(len(rows), float(POLICY.protection))
    return Reach(tight, tight.express(system.matrix[rows]), width, relations.count(weights)).settle()


def run_many(people: Columns, size: int) -> dict[str, Any]:
    releases, population = many(people, size), host(people)
    start = time.perf_counter()
    found = find_exposed(releases, [], POLICY, population)
    together = time.perf_counter() - start
    kept: list[Release] = []
    times = []
    for release in releases[:ONE_BY_ONE]:
        begin = time.perf_counter()
        if not find_exposed([release], kept, POLICY, population):
            kept.append(release)
        times.append(time.perf_counter() - begin)
    return {
        "releases": len(releases),
        "cells": sum(len(release.cells) for release in releases),
        "exposed": sum(exposed.counts for exposed in found),
        "together_seconds": round(together, 2),
        "one_by_one_median_seconds": round(float(np.median(times)), 2),
        "one_by_one_slowest_seconds": round(max(times), 2),
        "passed": len(kept),
    }


def _band(ages: Any, edges: Sequence[int]) -> Any:
    names = [f"{low} to {high - 1}" for low, high in zip((0, *edges), edges, strict=False)]
    return np.array([*names, f"{edges[-1]} and over"])[np.searchsorted(edges, ages, side="right")]


def main() -> None:
    """Time both, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--releases", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    people = make_people()
    found = {"three": run_three(people), "many": run_many(people, given.releases)}
    if given.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(name, *(f"{key} {value}" for key, value in figures.items()), sep="\n  ")


if __name__ == "__main__":
    main()
