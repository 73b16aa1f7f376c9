"""Free-text addresses to property references, against what was planted: how many, how right, how fast.

python -m benchmarks.addresses [--size 10k|100k|1500k] [--noise usual|hard|worst|learnt] [--json]

Homes and the noise on their addresses are the county's own (`sharewell.county`), so the home behind every
address is known. The gazetteer is every home of the county with its written-out address, as the valuation
office holds it. Precision is the share right of addresses that got a reference, by kind of match; recall
the share of all addresses that got the right one; intervals are Wilson's, 95%. `stated` is the mean
probability that the matcher gave to its matches: honest if it is near the precision.

`--noise learnt` takes the invented town of the package `address-errors` (Lam, UCL) instead, made wrong at
the rates that it learnt from paired records; it must be installed. Nearly all of its wrong matches are
flats of one house written down under another's label, which no matcher can tell.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharewell.county.base import County, found
from sharewell.county.effects import Effects
from sharewell.county.records import Rates, places_of
from sharewell.link.dwelling import Placed, place

SIZES = {"10k": 10_000, "100k": 100_000, "1500k": 1_500_000}
"""Addresses to match; the county has as many people, and so a home for every 2.3."""

_USUAL = Rates(short=0.3)
NOISE = {
    "usual": _USUAL,
    "hard": replace(_USUAL, address=0.05, postcode=0.05, postcode_missing=0.1),
    "worst": replace(_USUAL, address=0.2, postcode=0.1, postcode_missing=0.3),
}
SEED = 20_250_401


def gazetteer_of(county: County) -> pa.Table:
    """Every home of the county: uprn, address, postcode."""
    homes = county.homes
    return pa.table(
        {
            "uprn": homes.uprn,
            "address": homes.address,
            "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode)),
        }
    )


def planted(county: County, count: int, rates: Rates, seed: int) -> tuple[pa.Table, np.ndarray]:
    """`count` addresses as a register writes them down, and the reference of the home behind each."""
    rng = np.random.default_rng(seed)
    home = rng.integers(0, county.homes.count, count)
    return pa.table(places_of(county, home, rates, rng, uprn=False)), county.homes.uprn[home]


def judge(placed: Placed, truth: np.ndarray) -> dict[str, Any]:
    """Precision of each kind and of all, and recall, with intervals; the mean stated probability."""
    table = placed.table
    given = np.asarray(pc.is_valid(table["uprn"]))
    right = np.asarray(pc.fill_null(pc.equal(table["uprn"], pa.array(truth).cast(pa.string())), False))
    kinds = np.array(table["kind"].to_pylist(), object)
    stated = table["probability"].to_numpy()
    by_kind = {
        kind: _share(right[kinds == kind]) | {"stated": float(stated[kinds == kind].mean())}
        for kind in sorted(set(kinds[given]))
    }
    return {
        "precision": _share(right[given]) | {"stated": float(stated[given].mean())},
        "recall": _share(right),
        "kinds": by_kind,
        "unplaced": placed.evidence["unplaced"],
    }


def _share(right: np.ndarray) -> dict[str, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(int(right.sum()), len(right), method="wilson")
    return {"n": len(right), "share": float(right.mean()), "low": float(low), "high": float(high)}


def learnt(seed: int, rounds: int = 20) -> tuple[pa.Table, pa.Table, np.ndarray] | None:
    """(addresses, gazetteer, truth) of the town of `address-errors`; None if it is not installed."""
    try:
        from address_errors import (  # type: ignore[import-not-found]
            Corruptor,
            Profile,
            example_path,
            load_components,
        )
    except ImportError:
        return None
    town = load_components(example_path())
    maker = Corruptor(Profile.load(), seed=seed)
    maker.index(town)
    rows = maker.generate([home["uprn"] for home in town] * rounds)
    gazetteer = pa.table(
        {
            "uprn": [home["uprn"] for home in town],
            "address": [_line(home) for home in town],
            "postcode": [home["postcode"] for home in town],
        }
    )
    written = {"address": "recorded_address", "postcode": "recorded_postcode"}
    addresses = pa.table({name: [row[field] for row in rows] for name, field in written.items()})
    return addresses, gazetteer, np.array([row["source_uprn"] for row in rows])


def _line(home: dict[str, str]) -> str:
    street = f"{home['number']} {home['streetname']}".strip()
    parts = (home["subname"], home["name"], street, home["locality"], home["townname"])
    return ", ".join(part for part in parts if part)


def measure(size: str, noise: str) -> dict[str, Any]:
    """One run, with its time and peak memory."""
    if noise == "learnt":
        held = learnt(SEED)
        if held is None:
            raise SystemExit("address-errors is not installed")
        addresses, gazetteer, truth = held
    else:
        county = found(SIZES[size], SEED, Effects())
        addresses, truth = planted(county, SIZES[size], NOISE[noise], SEED)
        gazetteer = gazetteer_of(county)
    start, cpu = time.perf_counter(), time.process_time()
    placed = place(addresses, gazetteer)
    return {
        "work": "addresses to property references",
        "size": f"{len(addresses):,} addresses, {len(gazetteer):,} homes",
        "noise": noise,
        "wall_s": time.perf_counter() - start,
        "cpu_s": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **judge(placed, truth),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="10k")
    parser.add_argument("--noise", choices=(*NOISE, "learnt"), default="usual")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = measure(chosen.size, chosen.noise)
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"{result['work']}, {result['size']}, noise {result['noise']}")
    print(f"  wall {result['wall_s']:.1f} s  CPU {result['cpu_s']:.1f} s  {result['peak_mb']:.0f} MB")
    for name, of in (
        ("recall", result["recall"]),
        ("precision", result["precision"]),
        *result["kinds"].items(),
    ):
        stated = f"  stated {of['stated']:.4f}" if "stated" in of else ""
        print(f"  {name:10} {of['share']:.5f} [{of['low']:.5f}, {of['high']:.5f}] of {of['n']:,}{stated}")
    print(f"  without: {', '.join(f'{why} {n:,}' for why, n in result['unplaced'].items() if n)}")


if __name__ == "__main__":
    main()
