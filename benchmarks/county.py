"""The synthetic county against Faker: seconds, peak memory and rows for people with all their events.

Faker draws one person's name, birth date and address at a time, with no household, no events and no truth;
its seconds for the whole size are extrapolated from a sample and say so. The two invent different people,
so there is no answer to compare: what the county promises (the same bytes again) is checked instead.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

SAMPLE = 5_000


def ours(size: int, seed: int) -> dict[str, Any]:
    """One build into an empty folder, imports included; and whether a small one repeats byte by byte."""
    start = time.perf_counter()
    from sharewell import county

    with tempfile.TemporaryDirectory() as folder:
        built = county.build(Path(folder) / "county", people=size, seed=seed)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        written = sum((built.folder / file.path).stat().st_size for file in built.files)
        twice = [county.build(Path(folder) / name, people=2_000, seed=seed).files for name in ("a", "b")]
    return {
        "people": size,
        "rows": built.rows,
        "seconds": round(seconds, 2),
        "peak_rss_mb": round(peak),
        "written_mb": round(written / 1e6),
        "people_per_second": round(size / seconds),
        "same_bytes_again": twice[0] == twice[1],
    }


def peer(size: int) -> dict[str, Any]:
    """Faker's rate on a sample of person records, and the seconds it would take for all people."""
    try:
        named = f"Faker {version('Faker')}"
    except PackageNotFoundError:
        return {"name": "Faker", "installed": False}
    fake = import_module("faker").Faker("en_GB")
    fake.seed_instance(1)
    start = time.perf_counter()
    for _ in range(SAMPLE):
        fake.first_name(), fake.last_name(), fake.date_of_birth(), fake.street_address(), fake.postcode()
    rate = SAMPLE / (time.perf_counter() - start)
    return {
        "name": named,
        "installed": True,
        "sample_records": SAMPLE,
        "records_per_second": round(rate),
        "extrapolated_seconds": round(size / rate, 1),
        "note": "person records only: no households, events or truth",
    }


def compare(size: int, seed: int = 1) -> dict[str, Any]:
    """Both, and how many times faster ours is (None without the peer)."""
    mine, other = ours(size, seed), peer(size)
    seconds = other.get("extrapolated_seconds")
    return {
        "work": "synthetic county",
        "ours": mine,
        "peer": other,
        "ratio": round(seconds / mine["seconds"], 1) if seconds else None,
        "answers": "not comparable: each invents its own people",
    }


def main() -> None:
    """Print the comparison, as lines or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1_500_000, help="people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    told = parser.parse_args()
    result = compare(told.size, told.seed)
    if told.json:
        print(json.dumps(result))
        return
    mine, other = result["ours"], result["peer"]
    print(f"county: {mine['people']:,} people, {mine['rows']:,} rows")
    print(f"  {mine['seconds']} s, {mine['peak_rss_mb']} MB")
    if not other["installed"]:
        print("peer: Faker is not installed; `pip install Faker` to compare")
        return
    print(
        f"{other['name']}: {other['records_per_second']:,} person records/s on {other['sample_records']:,}"
    )
    print(f"  extrapolated {other['extrapolated_seconds']} s for as many: {result['ratio']} times ours")


if __name__ == "__main__":
    main()
