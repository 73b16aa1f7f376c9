"""Pathways: the variants of everybody's events, ours against pm4py as a process of its own.

python -m benchmarks.pathways [--size 85k] [--json]

pm4py is under the AGPL and therefore never a dependency: `PM4PY_PYTHON` names the Python of an environment
of its own that has it. Without it the bar is told as not measured. Both read the same Parquet file (person,
kind, time) and give how many people have each sequence of kinds; loading is inside the times. Cold is a new
process with its imports, warm the best of three more in that process. The counts of all variants are
compared first; the processor's seconds are told beside the clock's, for machines that do other work too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SIZES = {"1k": 1_000, "10k": 10_000, "85k": 85_000}
EVENTS = 20
KINDS = ("surgery", "chemotherapy", "radiotherapy", "hormones", "palliative", "emergency", "recurrence")
BAR = 10.0

_PM4PY = """
import json, sys, time
import pandas as pd
import pm4py
def once():
    start, cpu = time.perf_counter(), time.process_time()
    log = pd.read_parquet(sys.argv[1])
    log = pm4py.format_dataframe(log, case_id="person", activity_key="kind", timestamp_key="at")
    found = pm4py.get_variants(log)
    return (time.perf_counter() - start, time.process_time() - cpu), found
first = once()[0]
print("FIRST", time.time(), flush=True)
tries = [once() for _ in range(3)]
found = tries[0][1]
warm, cpu = (min(t[0][i] for t in tries) for i in (0, 1))
with open(sys.argv[2], "w") as out:
    json.dump([[list(path), n if isinstance(n, int) else len(n)] for path, n in found.items()], out)
print("WARM", json.dumps({"version": pm4py.__version__, "warm": warm, "cpu": cpu}))
"""


def write_events(path: Path, people: int) -> int:
    """About 20 events a person, in random order; some roads are common and most are not. Returns rows."""
    rng = np.random.default_rng(20240603)
    counts = rng.poisson(EVENTS, people)
    person = np.repeat(np.arange(people), counts)
    usual = np.array([0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 5, 3, 3, 5, 3, 3, 3, 6, 4, 4])
    at = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)
    strays = np.repeat(rng.random(people) < 0.6, counts) & (rng.random(len(person)) < 0.3)
    kind = np.where(strays, rng.integers(0, len(KINDS), len(person)), usual[at % len(usual)])
    # Different moments for one person, so that both sides order alike: minutes, growing with the place.
    minute = at * 20_000 + rng.integers(0, 19_000, len(person))
    order = rng.permutation(len(person))
    table = pa.table(
        {
            "person": pa.array([f"{number:08d}" for number in range(people)]).take(pa.array(person[order])),
            "kind": pa.array(KINDS).take(pa.array(kind[order])),
            "at": pa.array(
                (np.datetime64("2016-01-01", "m") + minute[order]).astype("datetime64[us]"),
            ),
        }
    )
    pq.write_table(table, path)
    return len(person)


def ours(path: Path) -> tuple[tuple[float, float], dict[tuple[str, ...], int]]:
    """Seconds from file to variants by the clock and of the processor, and the variants."""
    from sharewell.analyse.pathways.paths import in_order, sequences, variants

    start, cpu = time.perf_counter(), time.process_time()
    table = pq.read_table(path, read_dictionary=["person", "kind"]).unify_dictionaries().combine_chunks()
    person, kind = (table[name].chunk(0) for name in ("person", "kind"))
    minute = table["at"].chunk(0).cast(pa.int64()).to_numpy() // 60_000_000
    steps = in_order(
        person.indices.to_numpy().astype(np.int64),
        minute - minute.min(),
        kind.indices.to_numpy().astype(np.int64),
    )
    _, sizes, example = variants(steps, len(person.dictionary))
    paths = sequences(steps, example, kind.dictionary.to_pylist())
    found = dict(zip(paths, sizes.tolist(), strict=True))
    return (time.perf_counter() - start, time.process_time() - cpu), found


def run_ours(path: Path) -> dict[str, Any]:
    """Cold and warm seconds of ours, in a process of its own."""
    return timed([sys.executable, "-m", "benchmarks.pathways", "--child", str(path)])


def run_pm4py(path: Path, out: Path) -> dict[str, Any] | None:
    """Cold and warm seconds of pm4py and its version; None where no environment is named."""
    python = os.environ.get("PM4PY_PYTHON")
    return timed([python, "-c", _PM4PY, str(path), str(out)]) if python else None


def timed(command: list[str]) -> dict[str, Any]:
    """What a process says of its warm runs, and how long its first took from its start (cold)."""
    start = time.time()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = dict(
        line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(("FIRST ", "WARM "))
    )
    found: dict[str, Any] = json.loads(told["WARM"])
    return found | {"cold": float(told["FIRST"]) - start}


def measure(size: str) -> dict[str, Any]:
    """Both sides at one size, the answers compared before any ratio is formed."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "events.parquet", Path(folder) / "theirs.json"
        rows = write_events(path, SIZES[size])
        mine = ours(path)[1]
        result: dict[str, Any] = {"size": size, "events": rows, "variants": len(mine)}
        # Whoever has no event at all is in no log, so nobody counts them.
        peer = run_pm4py(path, out)
        if peer is not None:
            theirs = Counter({tuple(kinds): n for kinds, n in json.loads(out.read_text())})
            result["answers agree"] = theirs == Counter(mine)
        result["ours"], result["pm4py"] = run_ours(path), peer
        if peer is None or not result["answers agree"]:
            return result | {"bar": "not measured" if peer is None else "answers differ"}
        ratios = {f"ratio {name}": peer[name] / result["ours"][name] for name in ("warm", "cpu", "cold")}
        held = "met" if ratios["ratio warm"] >= BAR else "not met"
        return result | ratios | {"bar": f"{BAR:g} times warm: {held}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="85k")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        ours(told.child)
        print("FIRST", time.time())
        tries = [ours(told.child)[0] for _ in range(3)]
        print("WARM", json.dumps({"warm": min(t[0] for t in tries), "cpu": min(t[1] for t in tries)}))
        return
    found = measure(told.size)
    print(json.dumps(found) if told.json else "\n".join(f"{key}: {value}" for key, value in found.items()))


if __name__ == "__main__":
    main()
