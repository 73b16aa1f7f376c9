"""Mahalanobis matching without replacement: ours against the obvious way, which looks at everybody.

python -m benchmarks.mahalanobis [--size 1k|20k] [--json]

The peer is numpy, one distance to every comparison person for each treated; it is run at 1k only, where the
pairs must be the same. At 20k (by 200k) only ours is timed. Processor seconds, warm; eight covariates,
because a k-d tree slows down past a dozen.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from sharewell.analyse.comparison.mahalanobis import match_near, whitened

SIZES = {"1k": (1_000, 50_000), "20k": (20_000, 200_000)}
COVARIATES = 8


def people(treated: int, pool: int) -> tuple[Any, Any]:
    """Covariates of which the arms differ by a seventh of a standard deviation each, and the arm."""
    random = np.random.default_rng(20240404)
    columns = random.normal(size=(treated + pool, COVARIATES))
    arm = np.arange(treated + pool) < treated
    columns[arm] += 0.15
    return columns, arm


def obvious(columns: Any, arm: Any) -> Any:
    """The nearest free comparison row of each treated row in turn."""
    place = whitened(columns, arm)
    rows = np.flatnonzero(~arm)
    pool, found = place[rows], []
    for one in np.flatnonzero(arm):
        apart = ((pool - place[one]) ** 2).sum(axis=1)
        nearest = int(apart.argmin())
        found.append(rows[nearest])
        pool[nearest] = np.inf
    return np.asarray(found)


def measure(size: str) -> dict[str, Any]:
    """Processor seconds of ours, and where it is run of the peer, with whether the pairs are the same."""
    treated, pool = SIZES[size]
    columns, arm = people(treated, pool)
    start = time.process_time()
    pairs = match_near(columns, np.zeros(len(arm)), arm).controls[:, 0]
    result: dict[str, Any] = {
        "work": "Mahalanobis matching",
        "size": f"{treated} x {pool} x {COVARIATES}",
        "ours": {"processor": time.process_time() - start},
    }
    if size == "1k":
        start = time.process_time()
        theirs = obvious(columns, arm)
        result["peer"] = {"name": "numpy, everybody each time", "processor": time.process_time() - start}
        result["answers"] = {"same_pairs": float((pairs == theirs).mean())}
        result["ratio"] = result["peer"]["processor"] / result["ours"]["processor"]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="1k")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = measure(chosen.size)
    print(json.dumps(result) if chosen.json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
