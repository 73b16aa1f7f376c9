"""A whole run of an agreement over the county, in a process of its own: seconds and peak memory.

    python -m benchmarks.end_to_end [--size PEOPLE] [--system AGREEMENT] [--json]

From the published agreement and the parties' files to the written reports, the account signed; building
the county is not counted. No tool compared does the same work, so none is named: the targets stand beside
the figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TARGET = {"seconds": 30.0, "megabytes": 2000.0, "people": 50_000}
"""For the Kent Integrated Dataset at 50,000 people."""


def run_one(folder: Path, system: str) -> dict[str, Any]:
    """Run one agreement in this process; its own import time is part of what a user waits for."""
    began = time.perf_counter()
    import sharewell as sw
    from sharewell.live.rehearsal import rehearse

    live = sw.open(folder).agreement(system)
    who = live.operator
    rehearse(live)
    outcome = live.run(who)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "megabytes": round(peak),
        "products": len(outcome.checked),
    }


def measure(people: int, system: str) -> dict[str, Any]:
    """Build the county, then run the agreement in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "sharewell.cli", "county", folder, "--people", str(people)]
        subprocess.run(command, check=True, capture_output=True)
        inner = [sys.executable, "-m", "benchmarks.end_to_end", "--inside", folder, "--system", system]
        told = subprocess.run(inner, check=True, capture_output=True, text=True).stdout
    ours = json.loads(told.strip().splitlines()[-1])
    return {
        "work": "end_to_end",
        "system": system,
        "people": people,
        "ours": ours,
        "peer": None,
        "target": TARGET,
        "holds": ours["seconds"] < TARGET["seconds"] and ours["megabytes"] < TARGET["megabytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=50_000, help="people")
    parser.add_argument("--system", default="kent-integrated-dataset")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.inside:
        print(json.dumps(run_one(args.inside, args.system)))
        return
    found = measure(args.size, args.system)
    if args.json:
        print(json.dumps(found, indent=2))
        return
    ours = found["ours"]
    print(
        f"{args.system} at {args.size:,} people: {ours['seconds']} s, {ours['megabytes']} MB, no peer known"
    )


if __name__ == "__main__":
    main()
