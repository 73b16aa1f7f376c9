"""Optimal recoding of rows about people: ours against ANJANA, on the Adult data.

    python -m benchmarks.recoding [--size adult|100k|1m] [--json]

SHAREWELL_ADULT names the folder with the Adult data and hierarchies that ARX distributes. All nine columns
are quasi-identifiers, k = 5, and 4% of the rows may be left out. The larger sizes draw rows of Adult anew,
a twentieth of the values taken from another row. ANJANA is run by the interpreter named in ANJANA_PYTHON
(default: this one), for at most PEER_LIMIT seconds; where it cannot be imported only ours is timed. It
generalises the column of most values until k holds and does not search for the best node, so that what is
compared besides time is how much each lost, by non-uniform entropy. ARX (Java) is not run: it is on no
package index that this project uses; its published optimum on Adult is compared with ours, its time is not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv

from sharewell.check.auditor.rows import audit_rows
from sharewell.check.microdata.anonymity import Anonymity
from sharewell.check.microdata.hierarchy import Hierarchy
from sharewell.check.microdata.loss import METRICS
from sharewell.check.microdata.recode import anonymise
from sharewell.check.microdata.tuples import encode

SIZES = {"adult": 0, "100k": 100_000, "1m": 1_000_000}
WANTED = Anonymity("benchmark", "ARX's test of k-anonymity on Adult", k=5, suppress=0.04)
ARX_OPTIMUM = 255559.85455731067
PEER_LIMIT = 300

_PEER = """
import json, sys, time
from importlib.metadata import version
import pandas as pd
from anjana.anonymity import k_anonymity
folder = sys.argv[1]
data = pd.read_csv(folder + "/rows.csv", sep=";", dtype=str)
hierarchies = {}
for name in data.columns:
    frame = pd.read_csv(f"{folder}/{name}.csv", sep=";", header=None, dtype=str)
    hierarchies[name] = {level: frame[level].values for level in frame.columns}
start = time.perf_counter()
found = k_anonymity(data, [], list(data.columns), 5, 4, hierarchies)
seconds = time.perf_counter() - start
found = found[list(data.columns)]
smallest = int(found.groupby(list(data.columns)).size().min()) if len(found) else 0
levels = {name: next(level for level, labels in hierarchies[name].items()
                     if set(found[name]) <= set(labels)) for name in data.columns} if len(found) else None
print(json.dumps({"seconds": seconds, "version": version("anjana"), "rows": len(found),
                  "smallest": smallest, "levels": levels}))
"""


def read_adult(folder: Path) -> tuple[pa.Table, dict[str, Hierarchy]]:
    table = csv.read_csv(folder / "adult.csv", parse_options=csv.ParseOptions(delimiter=";"))
    return table, {
        name: Hierarchy.from_csv(folder / f"adult_hierarchy_{name}.csv") for name in table.column_names
    }


def draw_rows(table: pa.Table, rows: int) -> pa.Table:
    """Rows drawn anew, with a twentieth of the values of other rows; the table itself where rows is 0."""
    if rows == 0:
        return table
    random = np.random.default_rng(1)
    drawn = random.integers(0, table.num_rows, rows)
    return pa.table(
        {
            name: table.column(name).take(
                pa.array(
                    np.where(random.random(rows) < 0.05, random.integers(0, table.num_rows, rows), drawn)
                )
            )
            for name in table.column_names
        }
    )


def run_ours(table: pa.Table, hierarchies: dict[str, Hierarchy], cells: bool) -> dict[str, Any]:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = anonymise(
            table, quasi=table.column_names, hierarchies=hierarchies, wanted=WANTED, cells=cells
        )
        times.append(time.perf_counter() - start)
    start = time.perf_counter()
    verdict = audit_rows(found.data, found.certificate)
    return {
        "first_seconds": round(times[0], 3),
        "seconds": round(min(times), 3),
        "audit_seconds": round(time.perf_counter() - start, 3),
        "audit_protected": verdict.protected,
        "loss": found.loss,
        "node": list(found.node.values()),
        "rows_left_out": found.suppressed_rows,
        "cells_suppressed": sum(found.suppressed_cells.values()),
        "nodes": found.certificate["nodes"],
        "looked_at": found.certificate["looked_at"],
    }


def run_peer(table: pa.Table, hierarchies: dict[str, Hierarchy], folder: Path) -> dict[str, Any]:
    """ANJANA on the same rows, and what its levels lose by our measure; or why it was not run."""
    python = os.environ.get("ANJANA_PYTHON", sys.executable)
    with tempfile.TemporaryDirectory() as place:
        for name in table.column_names:
            text = (folder / f"adult_hierarchy_{name}.csv").read_text(encoding="utf-8")
            (Path(place) / f"{name}.csv").write_text(text, encoding="utf-8")
        options = csv.WriteOptions(delimiter=";", quoting_style="none")
        csv.write_csv(table, Path(place) / "rows.csv", options)
        try:
            done = subprocess.run(
                [python, "-c", _PEER, place],
                capture_output=True,
                text=True,
                timeout=PEER_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"missing": f"ANJANA did not finish in {PEER_LIMIT} s"}
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"missing": f"ANJANA could not be run: {reason}"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    answer["seconds"] = round(answer["seconds"], 3)
    if answer["levels"] is not None:
        tuples = encode(table, table.column_names, [], hierarchies)
        costs = METRICS["entropy"](tuples, [1.0] * table.num_columns).costs
        answer["loss"] = float(
            sum(cost[level] for cost, level in zip(costs, answer["levels"].values(), strict=True))
        )
    return answer


def run(size: str) -> dict[str, Any]:
    named = os.environ.get("SHAREWELL_ADULT")
    if not named:
        return {"work": "recoding", "missing": "SHAREWELL_ADULT does not name a folder with the Adult data"}
    folder = Path(named)
    adult, hierarchies = read_adult(folder)
    table = draw_rows(adult, SIZES[size])
    ours = run_ours(table, hierarchies, cells=False)
    peer = run_peer(table, hierarchies, folder)
    result: dict[str, Any] = {"work": "recoding", "rows": table.num_rows, "ours": ours}
    result |= {"ours_by_cells": run_ours(table, hierarchies, cells=True), "peer": peer}
    result["agree"] = ours["audit_protected"]
    if size == "adult":
        result["agree"] = result["agree"] and abs(ours["loss"] - ARX_OPTIMUM) < 1e-6
    if "missing" not in peer:
        result["times_faster"] = round(peer["seconds"] / ours["seconds"], 1)
        result["loss_ratio"] = round(ours["loss"] / peer["loss"], 3) if "loss" in peer else None
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=list(SIZES), default="adult")
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
