"""Gi* of every cell of a grid, against esda.

    python -m benchmarks.gi_star --json

71 x 71 cells (5,041) of counts with two places where they gather, binary weights within reach of the
cell and the cell itself among them. esda (G_Local, transform="B", star=True, without permutations and
with its default of 999) is run in the interpreter that ESDA_PYTHON names, on the same counts; building its
weights is left out of its time. Every z must agree to 1e-9 before a ratio is told. Best of three for each.
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

SIDE, REACH = 250.0, 500.0

PEER = """
import json, sys, time, warnings
import numpy as np
warnings.simplefilter("ignore")
from esda.getisord import G_Local
from libpysal.weights import W
held = np.load(sys.argv[1])
count, far = held["values"].ravel(), int(float(sys.argv[2]) // float(sys.argv[3]))
high, wide = held["values"].shape
steps = [(r, c) for r in range(-far, far + 1) for c in range(-far, far + 1)
         if (r, c) != (0, 0) and np.hypot(r, c) * float(sys.argv[3]) <= float(sys.argv[2])]
near = {i * wide + j: [(i + r) * wide + j + c for r, c in steps if 0 <= i + r < high and 0 <= j + c < wide]
        for i in range(high) for j in range(wide)}
times, z = {}, None
for name, draws in (("analytic", 0), ("default", 999)):
    best = None
    for _ in range(int(sys.argv[4]) if draws == 0 else 1):
        weights = W(near, silence_warnings=True)
        start = time.perf_counter()
        found = G_Local(count, weights, transform="B", star=True, permutations=draws, seed=1)
        took = time.perf_counter() - start
        best = took if best is None else min(best, took)
    times[name] = best
    z = found.Zs if draws == 0 else z
print(json.dumps({"times": times, "z": z.tolist()}))
"""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=71, help="cells along a side of the grid")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(argv)
    found = measure(asked.size)
    sys.stdout.write(json.dumps(found, indent=None if asked.json else 2) + "\n")


def measure(size: int, runs: int = 3) -> dict[str, Any]:
    """Our time, the peer's, and whether the answers agree."""
    from sharewell.analyse.places.gathering import gi_star_grid
    from sharewell.analyse.places.grid import offsets

    values = _counts(size)
    ground, steps = np.ones(values.shape, bool), offsets(SIDE, REACH)
    gi_star_grid(values, ground, steps)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        ours = gi_star_grid(values, ground, steps)
        times.append(time.perf_counter() - start)
    told: dict[str, Any] = {"cells": size * size, "ours_seconds": min(times)}
    peer = _peer(values, runs)
    if "missing" in peer:
        return told | {"peer": peer["missing"]}
    apart = float(np.abs(ours.ravel() - np.array(peer["z"])).max())
    told |= {"peer": "esda G_Local", "peer_seconds": peer["times"], "largest_difference": apart}
    if apart > 1e-9:
        return told | {"answers_agree": False}
    ratios = {name: seconds / min(times) for name, seconds in peer["times"].items()}
    return told | {"answers_agree": True, "ratio": ratios}


def _counts(size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    random = np.random.default_rng(7)
    row, column = np.indices((size, size))
    mean = 2 + sum(8 * np.exp(-((row - r) ** 2 + (column - c) ** 2) / 8) for r, c in ((15, 20), (50, 45)))
    return random.poisson(mean).astype(float)


def _peer(values: np.ndarray[Any, np.dtype[np.float64]], runs: int) -> dict[str, Any]:
    python = os.environ.get("ESDA_PYTHON")
    if not python:
        return {"missing": "ESDA_PYTHON does not name an interpreter with esda"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.npz"
        np.savez(path, values=values)
        command = [python, "-c", PEER, str(path), str(REACH), str(SIDE), str(runs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"missing": "esda could not be run"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
