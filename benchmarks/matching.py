"""Matched cohort, propensity to pairs: ours against R MatchIt (method nearest, distance glm, largest
first).

python -m benchmarks.matching [--size 4k|20k] [--python] [--json]

Both read the same file of doubles and write the pairs they found; loading and writing are inside the times.
Cold is a new process with its imports, warm the second run in one process. The answers are compared first:
the share of treated people with the same match, and the total distance of the pairs. MatchIt is whichever
version Rscript finds (set R_LIBS for another) and is named; without it only ours is timed.

With --python the peer is pymatchit-causal, which gets its data and its covariates ready made, once and at
most 300 seconds; a peer that is stopped there counts as that long, which makes the ratio a lower bound.
Ratios with it are of processor time, which other work on the machine disturbs less than the clock.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"1k": (1_000, 50_000), "4k": (4_000, 200_000), "20k": (20_000, 1_000_000)}
COVARIATES = 30
PATIENCE = 300

_R = """
args <- commandArgs(trailingOnly = TRUE)
suppressMessages(library(MatchIt))
once <- function() {
  start <- Sys.time()
  n <- as.integer(args[2]); k <- as.integer(args[3])
  x <- matrix(readBin(args[1], "double", n * (k + 1)), nrow = n)
  data <- as.data.frame(x); names(data) <- c("treat", paste0("x", seq_len(k)))
  found <- matchit(reformulate(names(data)[-1], "treat"), data = data, method = "nearest")
  pairs <- cbind(match(rownames(found$match.matrix), rownames(data)),
                 match(found$match.matrix[, 1], rownames(data))) - 1
  writeBin(as.double(t(pairs)), args[4])
  as.numeric(Sys.time() - start, units = "secs")
}
first <- once(); second <- once()
cat(sprintf('{"version": "%s", "first": %.4f, "warm": %.4f}', packageVersion("MatchIt"), first, second))
"""


def write_data(path: Path, treated: int, pool: int) -> int:
    """People with 30 covariates in column order, the arm first; returns how many there are."""
    random = np.random.default_rng(20240404)
    rows = treated + pool
    columns = random.normal(size=(COVARIATES, rows))
    lean = random.normal(0, 0.15, COVARIATES) @ columns
    # Gumbel noise and the largest `treated` draw exactly that many, with odds that rise with the lean.
    arm = np.zeros(rows)
    arm[np.argpartition(-(lean + random.gumbel(size=rows)), treated)[:treated]] = 1.0
    np.vstack([arm, columns]).tofile(path)
    return rows


def arrow(data: Any) -> Any:
    """The covariates as Arrow columns on the same memory, as an engine hands them over."""
    import pyarrow as pa

    columns = [pa.Array.from_buffers(pa.float64(), len(row), [None, pa.py_buffer(row)]) for row in data[1:]]
    return pa.Table.from_arrays(columns, [f"x{i}" for i in range(1, len(data))])


def ours(path: Path, rows: int, out: Path) -> float:
    """Seconds from file to pairs on file."""
    from sharewell.analyse.comparison.matching import match
    from sharewell.analyse.comparison.propensity import design, score

    start = time.perf_counter()
    data = np.fromfile(path).reshape(COVARIATES + 1, rows)
    treated = data[0] == 1
    table = arrow(data)
    found = match(score(design(table, treated, curves=False), treated).probability, treated)
    np.column_stack([found.treated, found.controls[:, 0]]).astype(float).tofile(out)
    return time.perf_counter() - start


def run_ours(folder: Path, rows: int) -> dict[str, float]:
    """Cold and warm seconds of ours, in a process of its own."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.matching", "--child", str(folder), str(rows)],
        check=True,
        capture_output=True,
        text=True,
    )
    whole, times = time.perf_counter() - start, json.loads(done.stdout)
    return {"cold": whole - times["warm"], "warm": times["warm"]}


def run_matchit(folder: Path, rows: int) -> dict[str, Any] | None:
    """Cold and warm seconds of MatchIt and its version; None where R or MatchIt is absent."""
    if shutil.which("Rscript") is None:
        return None
    script = folder / "matchit.R"
    script.write_text(_R)
    files = (str(folder / "data"), str(rows), str(COVARIATES), str(folder / "theirs"))
    start = time.perf_counter()
    done = subprocess.run(["Rscript", str(script), *files], check=False, capture_output=True, text=True)
    whole = time.perf_counter() - start
    if done.returncode:
        return None
    times = json.loads(done.stdout[done.stdout.index("{") :])
    return {"version": times["version"], "cold": whole - times["warm"], "warm": times["warm"]}


def pymatchit(path: Path, rows: int, out: Path) -> None:
    """The pairs of pymatchit-causal on file, from the same doubles."""
    import pandas as pd
    from pymatchit import MatchIt

    data = np.fromfile(path).reshape(COVARIATES + 1, rows)
    names = [f"x{i}" for i in range(1, COVARIATES + 1)]
    frame = pd.DataFrame(data.T, columns=["treat", *names]).astype({"treat": int})
    peer = MatchIt(frame, method="nearest", distance="glm")
    peer.fit("treat ~ " + " + ".join(names))
    pairs = peer.matches()[["treated_index", "control_index"]]
    pairs.to_numpy(float).tofile(out)


def run_pymatchit(folder: Path, rows: int) -> dict[str, Any] | None:
    """Processor seconds of one cold run and whether it came to an end; None where it is not installed."""
    if importlib.util.find_spec("pymatchit") is None:
        return None
    command = [sys.executable, "-m", "benchmarks.matching", "--peer", str(folder), str(rows)]
    version = importlib.metadata.version("pymatchit-causal")
    before, start = _processor(), time.perf_counter()
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        ended = True
    except subprocess.TimeoutExpired:
        ended = False
    clock = time.perf_counter() - start
    return {
        "name": f"pymatchit-causal {version}",
        "cold": clock,
        "processor": _processor() - before,
        "ended": ended,
    }


def _processor() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_python(size: str) -> dict[str, Any]:
    """Ours against pymatchit-causal, both cold: import, load, score, match, write."""
    treated, pool = SIZES[size]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_data(folder / "data", treated, pool)
        before = _processor()
        command = [sys.executable, "-m", "benchmarks.matching", "--once", str(folder), str(rows)]
        subprocess.run(command, check=True, capture_output=True)
        spent = _processor() - before
        result: dict[str, Any] = {"work": "matched cohort", "size": f"{treated} x {pool} x {COVARIATES}"}
        result |= {"ours": {"processor": spent}, "peer": run_pymatchit(folder, rows)}
        if result["peer"]:
            result["ratio"] = {"processor": result["peer"]["processor"] / spent}
            if result["peer"]["ended"]:
                result["answers"] = compare(folder, rows)
        return result


def compare(folder: Path, rows: int) -> dict[str, Any]:
    """How far the two sets of pairs agree: the same match for each treated person, and total distance."""
    from sharewell.analyse.comparison.propensity import design, score

    data = np.fromfile(folder / "data").reshape(COVARIATES + 1, rows)
    table = arrow(data)
    chance = score(design(table, data[0] == 1, curves=False), data[0] == 1).probability
    pairs = [np.fromfile(folder / name).reshape(-1, 2) for name in ("ours", "theirs")]
    sides = [p[np.argsort(p[:, 0])].astype(int) for p in pairs]
    distance = [float(np.abs(chance[p[:, 0]] - chance[p[:, 1]]).sum()) for p in sides]
    same = float((sides[0] == sides[1]).all(axis=1).mean())
    return {
        "same_pairs": same,
        "distance_ours": distance[0],
        "distance_theirs": distance[1],
        # A peer that passes over nearer people (MatchIt 4.5.1 does) gives no answer to be equal to.
        "agree": same >= 0.999,
    }


def measure(size: str) -> dict[str, Any]:
    """The whole comparison at one size."""
    treated, pool = SIZES[size]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_data(folder / "data", treated, pool)
        result: dict[str, Any] = {"work": "matched cohort", "size": f"{treated} x {pool} x {COVARIATES}"}
        result["ours"] = run_ours(folder, rows)
        peer = run_matchit(folder, rows)
        if peer is None:
            return {**result, "peer": None}
        result["peer"] = {
            "name": f"R MatchIt {peer['version']}",
            "cold": peer["cold"],
            "warm": peer["warm"],
        }
        result["answers"] = compare(folder, rows)
        result["ratio"] = {kind: peer[kind] / result["ours"][kind] for kind in ("cold", "warm")}
        return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="4k")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--python", action="store_true", help="the Python peer in place of R's")
    for hidden in ("--once", "--peer"):
        parser.add_argument(hidden, nargs=2, metavar=("FOLDER", "ROWS"), help=argparse.SUPPRESS)
    parser.add_argument("--child", nargs=2, metavar=("FOLDER", "ROWS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        folder, rows = Path(chosen.child[0]), int(chosen.child[1])
        ours(folder / "data", rows, folder / "ours")
        print(json.dumps({"warm": ours(folder / "data", rows, folder / "ours")}))
        return
    for asked, work, file in ((chosen.once, ours, "ours"), (chosen.peer, pymatchit, "theirs")):
        if asked:
            work(Path(asked[0]) / "data", int(asked[1]), Path(asked[0]) / file)
            return
    result = measure_python(chosen.size) if chosen.python else measure(chosen.size)
    if chosen.json or chosen.python:
        print(json.dumps(result))
        return
    print(f"{result['work']}, {result['size']}")
    for who in ("ours", "peer"):
        times = result[who] or {"cold": float("nan"), "warm": float("nan")}
        print(f"  {times.get('name', who):18} cold {times['cold']:7.2f} s   warm {times['warm']:7.2f} s")
    if "answers" in result:
        answers, ratio = result["answers"], result["ratio"]
        print(f"  same pairs {answers['same_pairs']:.4%}; agree: {answers['agree']}")
        print(f"  ratio: cold {ratio['cold']:.1f}x, warm {ratio['warm']:.1f}x")


if __name__ == "__main__":
    main()
