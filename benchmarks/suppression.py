"""Secondary suppression of a three-way frequency table: ours against tau-Argus (optimal method).

    python -m benchmarks.suppression [--size 729|3024|11440|45000|53833] [--json]

Counts under five are small. `ours` is the whole gate, which keeps every withheld cell within an interval of
at least two people (`ours_wide`: five), certifies it, and is then audited by the independent program.
`ours_like_peer` is suppression alone at the protection the peer is asked for: 20% of the count to either
side of each small cell (`one_sided` counts the small cells whose interval is as wide, but reaches less far
to one side).
The answers compared are the people in the cells withheld in addition, and how many small cells of
the peer's pattern can be narrowed further than it promises. pytauargus is copyleft and no dependency: it is
run by the interpreter named in PYTAUARGUS_PYTHON (default: this one), and where it cannot be imported
only ours is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sharewell.check import Policy, audit, gate
from sharewell.check.evidence import gather
from sharewell.check.program import load_program, run_program
from sharewell.check.suppression.attacker import Attacker, Column
from sharewell.check.suppression.complementary import protect
from sharewell.plan.finding import ALL, Finding, Output, ResultTable

SIZES = {
    "729": (8, 8, 8),
    "3024": (11, 13, 17),
    "11440": (21, 25, 19),
    "45000": (33, 38, 32),
    "53833": (36, 40, 35),
}
"""Interior categories of each dimension, by the number of cells with the margins."""
POLICY = Policy(name="benchmark", source="benchmark: threshold 5, interval 2", minimum=5, width=2)
WIDE = replace(POLICY, width=5)
"""The interval that every policy asks for unless it says otherwise: as wide as the minimum."""
LIKE_PEER = {"width": 0.4, "share": 1 / 3}
"""From 0.8 to 1.2 of a count: 0.4 of it wide, which is a third of the upper end."""
PEER_LIMIT = 900
DIMS = ("d0", "d1", "d2")

_PEER = """
import csv, json, sys, time
from importlib.metadata import version
from pytauargus import protect
with open(sys.argv[1]) as handle:
    rows = list(csv.DictReader(handle))
data = {name: [row[name] for row in rows] for name in ("d0", "d1", "d2")}
data["n"] = [1.0] * len(rows)
start = time.perf_counter()
found = protect(data, ["d0", "d1", "d2"], "n", safety_rules="FREQ(5,20)", suppress="OPT(1)")
seconds = time.perf_counter() - start
frame = found.tables[0].dataframe()
cells = frame if isinstance(frame, list) else frame.to_dict("records")
hidden = [[str(row[d]).strip() for d in ("d0", "d1", "d2")] for row in cells
          if str(row["status"]).strip() in ("U", "M", "D")]
print(json.dumps({"seconds": seconds, "version": version("pytauargus"), "hidden": hidden}))
"""


def make_counts(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    """Skewed counts, a fifth or so of them small."""
    random = np.random.default_rng(seed)
    return random.poisson(random.gamma(0.6, 20, shape))


def make_table(counts: np.ndarray) -> ResultTable:
    """The table with all its margins; empty cells have no row, as after a group-by."""
    full = counts
    for axis in range(full.ndim):
        full = np.concatenate([full.sum(axis=axis, keepdims=True), full], axis=axis)
    where = [index for index in np.ndindex(*full.shape) if full[index] > 0]
    data = {
        dim: [ALL if index[axis] == 0 else f"c{index[axis]:03d}" for index in where]
        for axis, dim in enumerate(DIMS)
    }
    data["people"] = [int(full[index]) for index in where]
    return ResultTable("table", "Table", Output.FREQUENCY, pa.table(data), DIMS, ("people",))


def run_ours(table: ResultTable, policy: Policy = POLICY) -> dict[str, Any]:
    times, cpu = [], 0.0
    for _ in range(2):
        start, cpu = time.perf_counter(), time.process_time()
        checked = gate(Finding((table,)), policy)
        times.append(time.perf_counter() - start)
        cpu = time.process_time() - cpu
    start = time.perf_counter()
    verdict = audit(checked.tables, checked.certificate)
    people = np.array(table.data["people"].to_pylist())
    marks = np.array(checked.tables[0].marks["people"].to_pylist())
    entry = checked.certificate.tables[0]
    return {
        "first_seconds": round(times[0], 3),
        "seconds": round(times[1], 3),
        "cpu_seconds": round(cpu, 3),
        "audit_seconds": round(time.perf_counter() - start, 3),
        "audit_protected": verdict.protected,
        "primary": entry.primary,
        "secondary": entry.secondary,
        "secondary_people": int(people[marks == "x"].sum()),
    }


def run_like_peer(table: ResultTable) -> dict[str, Any]:
    evidence = gather(table)
    people = evidence.counts["people"]
    primary = people < POLICY.minimum
    column = Column("people", people, people, people, **LIKE_PEER)
    protect(evidence.structure, [column], evidence.overlapping, primary, people + 1)
    start, cpu = time.perf_counter(), time.process_time()
    found = protect(evidence.structure, [column], evidence.overlapping, primary, people + 1)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    secondary = found.suppressed & ~primary
    return {
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "one_sided": count_one_sided(evidence, column, found.suppressed, primary),
        "secondary": int(secondary.sum()),
        "secondary_people": int(people[secondary].sum()),
    }


def count_one_sided(
    evidence: Any, column: Column, suppressed: np.ndarray, primary: np.ndarray
) -> int | None:
    """Small cells that do not reach 20% to *both* sides, by two programs each (small tables)."""
    small = np.flatnonzero(primary)
    if len(small) > 1000:
        return None
    attacker = Attacker(evidence.structure, column, evidence.overlapping)
    rows = np.flatnonzero(suppressed)
    place = np.full(len(suppressed), -1)
    place[rows] = np.arange(len(rows))
    matrix = attacker.matrix[:, rows]
    matrix = matrix[np.diff(matrix.indptr) > 0]
    value, none = column.values[rows], np.zeros(matrix.shape[0])
    model = load_program(matrix, none, none, -value, np.full(len(rows), 10.0))
    for option, choice in (("solver", "simplex"), ("presolve", "off"), ("simplex_strategy", 4)):
        model.setOptionValue(option, choice)
    index, found = np.arange(len(rows), dtype=np.int32), 0
    for cell in place[small].tolist():
        reached = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(rows))
            cost[cell] = -sign
            model.changeColsCost(len(rows), index, cost)
            point = run_program(model)
            reached.append(0.0 if point is None else sign * float(point[cell]))
        found += min(reached) < 0.2 * value[cell] - 1e-6
    return int(found)


def run_peer(table: ResultTable, counts: np.ndarray) -> dict[str, Any]:
    """pytauargus on the same people, one record each; or why it was not run."""
    python = os.environ.get("PYTAUARGUS_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        with path.open("w") as handle:
            handle.write("d0,d1,d2\n")
            for index in product(*map(range, counts.shape)):
                handle.write(",".join(f"c{i + 1:03d}" for i in index).join(("", "\n")) * int(counts[index]))
        try:
            done = subprocess.run(
                [python, "-c", _PEER, str(path)],
                capture_output=True,
                text=True,
                timeout=PEER_LIMIT,
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"missing": f"pytauargus did not finish in {PEER_LIMIT} s"}
        except OSError as error:
            return {"missing": f"pytauargus could not be run: {error.strerror}"}
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"missing": f"pytauargus could not be run: {reason}"}
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return _compare(table, answer)


def _compare(table: ResultTable, answer: dict[str, Any]) -> dict[str, Any]:
    hidden = {tuple(v if v.startswith("c") else ALL for v in key) for key in answer["hidden"]}
    keys = list(zip(*(table.data[d].to_pylist() for d in DIMS), strict=True))
    evidence = gather(table)
    people = evidence.counts["people"]
    withheld = np.array([key in hidden for key in keys])
    primary = people < POLICY.minimum
    column = Column("people", people, people, people, **LIKE_PEER)
    attacker = Attacker(evidence.structure, column, evidence.overlapping)
    narrow = attacker.failures(withheld, primary)
    return {
        "version": answer["version"],
        "seconds": round(answer["seconds"], 3),
        "secondary": int((withheld & ~primary).sum()),
        "secondary_people": int(people[withheld & ~primary].sum()),
        "small_cells_shown": int((primary & ~withheld).sum()),
        "small_cells_too_narrow": int(primary[narrow].sum()),
    }


def run(size: str) -> dict[str, Any]:
    counts = make_counts(SIZES[size])
    table = make_table(counts)
    ours, peer = run_ours(table), run_peer(table, counts)
    like = run_like_peer(table)
    result: dict[str, Any] = {"work": "suppression", "cells": table.data.num_rows}
    result |= {"ours": ours, "ours_wide": run_ours(table, WIDE), "ours_like_peer": like, "peer": peer}
    if "missing" not in peer:
        result["times_faster"] = round(peer["seconds"] / like["seconds"], 1)
        result["people_withheld_ratio"] = round(
            like["secondary_people"] / max(peer["secondary_people"], 1), 3
        )
    result["agree"] = ours["audit_protected"] and peer.get("small_cells_shown", 0) == 0
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="3024")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = run(given.size)
    if given.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>24}  {value}")


if __name__ == "__main__":
    main()
