"""k, l, t and special uniques of a million rows about coded people: ours, against pyCANON and against
ourselves.

    python -m benchmarks.anonymity [--rows 1000000] [--peer-rows 5000] [--json]

Both measure the same table: two quasi-identifiers of many values and two of few, one sensitive column
of text (equal distance) and one of numbers (ordered distance). The answers must be equal before a time
counts. pyCANON takes minutes where we take a second, so it is timed on `--peer-rows`, and ours beside
it on the same rows. It is run by the interpreter named in PYCANON_PYTHON (it pins numpy and pandas);
where that is not set only ours is timed. No peer in Python looks for minimal sets: those of one and two
columns are held against DuckDB's count of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv

from sharewell.check.microdata.measure import measure
from sharewell.check.microdata.special_uniques import special_uniques

QUASI = ["sex", "age", "ethnicity", "ward"]
SUDA = [*QUASI, "work", "tenure"]
SENSITIVE = ["illness", "income"]
PEER_LIMIT = 600

_PEER = """
import json, sys, time
from importlib.metadata import version
import pandas as pd
from pycanon.anonymity import k_anonymity, l_diversity, t_closeness
data = pd.read_csv(sys.argv[1])
quasi, sensitive = sys.argv[2].split(","), sys.argv[3].split(",")
answer = {"version": version("pycanon"), "l": {}, "t": {}, "seconds": {}}
start = time.perf_counter()
answer["k"] = int(k_anonymity(data, quasi))
answer["seconds"]["k"] = time.perf_counter() - start
start = time.perf_counter()
for name in sensitive:
    answer["l"][name] = int(l_diversity(data, quasi, [name]))
answer["seconds"]["l"] = time.perf_counter() - start
start = time.perf_counter()
for name in sensitive:
    answer["t"][name] = float(t_closeness(data, quasi, [name]))
answer["seconds"]["t"] = time.perf_counter() - start
print(json.dumps(answer))
"""


def make_rows(rows: int, seed: int = 1) -> pa.Table:
    """Skewed and partly tied columns, text but for age and income."""
    random = np.random.default_rng(seed)

    def text(letter: str, values: np.ndarray) -> pa.Array:
        return pa.array([f"{letter}{value}" for value in values.tolist()])

    age = np.minimum(random.gamma(4.0, 10.0, rows).astype(np.int64), 95)
    ward = np.minimum(random.zipf(1.4, rows), 40)
    return pa.table(
        {
            "sex": text("s", random.integers(0, 2, rows)),
            "age": age,
            "ethnicity": text("e", np.minimum(random.zipf(1.8, rows), 8)),
            "ward": text("w", ward),
            "work": text("j", (age // 5 + random.integers(0, 6, rows)) % 16),
            "tenure": text("t", np.minimum(random.zipf(2.0, rows), 5)),
            "illness": text("i", np.minimum(random.zipf(1.5, rows), 14)),
            "income": (random.gamma(2.0, 12.0, rows) + ward).astype(np.int64),
        }
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """The answer, and the better of two times in seconds."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - start)
    return answer, round(min(times), 4)


def run_ours(rows: pa.Table) -> dict[str, Any]:
    alone, k_seconds = timed(lambda: measure(rows, QUASI))
    found, all_seconds = timed(lambda: measure(rows, QUASI, SENSITIVE))
    relation = duckdb.connect().from_arrow(rows)
    streamed, duck_seconds = timed(lambda: measure(relation, QUASI, SENSITIVE))
    return {
        "rows": rows.num_rows,
        "k": found.k,
        "uniques": found.rows_under(2),
        "l": {name: told.distinct for name, told in found.sensitive.items()},
        "t": {name: told.t for name, told in found.sensitive.items()},
        "k_seconds": k_seconds,
        "k_l_t_seconds": all_seconds,
        "relation_seconds": duck_seconds,
        "relation_agrees": streamed.by_size == found.by_size == alone.by_size,
    }


def run_special(rows: pa.Table) -> dict[str, Any]:
    """Sets of up to three of six columns (41 of them), and of up to six (63)."""
    found, seconds = timed(lambda: special_uniques(rows, SUDA, largest=3))
    every, all_seconds = timed(lambda: special_uniques(rows, SUDA))
    return {
        "columns": len(SUDA),
        "special_uniques": int(found.special.sum()),
        "msus_of_one_and_two": found.by_size[:2].sum(axis=1).tolist(),
        "seconds": seconds,
        "all_sizes_seconds": all_seconds,
        "all_sizes": int(every.special.sum()),
        "agree": found.by_size[:2].sum(axis=1).tolist() == _by_group(rows),
    }


def _by_group(rows: pa.Table) -> list[int]:
    """MSUs of one and of two columns, counted by DuckDB."""
    engine = duckdb.connect()
    engine.register("people", rows)
    single = [f"count(*) over (partition by {name}) = 1 as one_{name}" for name in SUDA]
    pairs = [(a, b) for i, a in enumerate(SUDA) for b in SUDA[i + 1 :]]
    double = [f"count(*) over (partition by {a}, {b}) = 1 as two_{a}_{b}" for a, b in pairs]
    ones = " + ".join(f"one_{name}::int" for name in SUDA)
    twos = " + ".join(f"(two_{a}_{b} and not one_{a} and not one_{b})::int" for a, b in pairs)
    asked = f"select sum({ones}), sum({twos}) from (select {', '.join(single + double)} from people)"
    answer = engine.execute(asked).fetchone()
    return [int(value or 0) for value in answer or ()]


def run_peer(rows: pa.Table) -> dict[str, Any]:
    python = os.environ.get("PYCANON_PYTHON")
    if not python:
        return {"missing": "PYCANON_PYTHON does not name an interpreter with pycanon"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        pyarrow.csv.write_csv(rows, path)
        command = [python, "-c", _PEER, str(path), ",".join(QUASI), ",".join(SENSITIVE)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PEER_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return {"missing": f"pyCANON did not finish in {PEER_LIMIT} s"}
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"missing": f"pyCANON could not be run: {reason}"}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def run(rows: int, peer_rows: int) -> dict[str, Any]:
    table = make_rows(rows)
    few = table.slice(0, peer_rows)
    ours, special = run_ours(table), run_special(table)
    beside, peer = run_ours(few), run_peer(few)
    result: dict[str, Any] = {"work": "anonymity", "ours": ours, "special_uniques": special}
    result |= {"ours_beside_peer": beside, "peer": peer}
    agree = ours["relation_agrees"] and special["agree"]
    if "missing" not in peer:
        seconds = sum(peer["seconds"].values())
        result["times_faster"] = round(seconds / beside["k_l_t_seconds"], 1)
        apart = max(abs(beside["t"][name] - peer["t"][name]) for name in SENSITIVE)
        agree &= beside["k"] == peer["k"] and beside["l"] == peer["l"] and apart < 1e-9
    result["agree"] = agree
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peer-rows", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = run(given.rows, given.peer_rows)
    if given.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:>24}  {value}")


if __name__ == "__main__":
    main()
