"""Asking the person index after one record: how long, over how many people, and what it holds in memory.

python -m benchmarks.link_index [--size 10k|50k|200k|1500k] [--index FILE] [--json]

The index is trained on the county's seventeen sources (`--index` keeps it, or takes it as it was kept).
Then a thousand records of its own, drawn at random, are asked after one at a time, in one session of two
threads; times are wall milliseconds of `match`, standardising included. `found` is the
share whose own person is the first answer, for records as they are and for the same with one letter of the
surname changed and no NHS number.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from .link import COUNCIL, HEALTH, SEED, SERVICES, SIZES, THRESHOLD, identities

ASKED = 1000
KEY, SECRET = b"k" * 32, b"benchmark" * 4


@contextmanager
def county(size: str) -> Iterator[dict[str, pa.Table]]:
    """The identity tables of a county of this size."""
    from sharewell.county import build

    with tempfile.TemporaryDirectory() as name:
        build(Path(name), people=SIZES[size], seed=SEED, services=("places", *SERVICES, *COUNCIL))
        yield identities(Path(name))


def trained(path: Path, tables: Mapping[str, pa.Table]) -> float:
    """Train an index on the county; answers the seconds that it took."""
    from sharewell.link import Settings
    from sharewell.link.index import Act, PersonIndex

    settings = Settings(secret=SECRET, threshold=THRESHOLD, seed=SEED, one_per_source=frozenset(HEALTH))
    act = Act("benchmark", "benchmark", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    start = time.perf_counter()
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        index.train(tables, settings, act)
    return time.perf_counter() - start


def drawn(tables: Mapping[str, pa.Table]) -> list[tuple[str, str, dict[str, str]]]:
    """Records of the county: source, id, and what they say as text."""
    rng, rows = random.Random(SEED), []
    names = sorted(tables)
    sizes = [len(tables[name]) for name in names]
    for name in rng.choices(names, sizes, k=ASKED):
        row = tables[name].slice(rng.randrange(len(tables[name])), 1).to_pylist()[0]
        said = {field: str(value) for field, value in row.items() if value is not None}
        rows.append((name, said.pop("record"), said))
    return rows


def slipped(said: Mapping[str, str]) -> dict[str, str]:
    """The same with the third letter of the surname changed, and no NHS number."""
    kept = {name: value for name, value in said.items() if name != "nhs_number"}
    surname = kept.get("surname", "")
    return kept | {"surname": surname[:2] + "x" + surname[3:]} if len(surname) > 3 else kept


def asked(path: Path, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Times and answers of a session."""
    from sharewell.link.index import PersonIndex

    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        start = time.perf_counter()
        matcher = index.matcher()
        result: dict[str, Any] = {"opening_s": time.perf_counter() - start, "held_mb": matcher.size / 1e6}
        people = index.people()
        result |= {"records": people.num_rows, "people": len(people["person"].unique())}
        rows = drawn(tables)
        wanted = {(source, record) for source, record, _ in rows}
        sides = (people[name].to_pylist() for name in ("source", "record", "person"))
        owner = {row[:2]: row[2] for row in zip(*sides, strict=True) if row[:2] in wanted}
        for kind, change in (("as they are", dict), ("with a slip", slipped)):
            times, found = [], 0
            for source, record, said in rows:
                identity = change(said)
                start = time.perf_counter()
                answer = matcher.match(identity).candidates
                times.append(1000 * (time.perf_counter() - start))
                found += bool(answer) and answer[0].person == owner[source, record]
            times.sort()
            at = {f"p{p}_ms": times[len(times) * p // 100] for p in (50, 95, 99)}
            result[kind] = {**at, "found": found / len(rows)}
    return result


def measure(size: str, path: Path | None) -> dict[str, Any]:
    """Train if need be, and ask."""
    with county(size) as tables, tempfile.TemporaryDirectory() as name:
        kept = path or Path(name) / "index"
        training = 0.0 if kept.exists() else trained(kept, tables)
        return {
            "work": "asking after one record",
            "size": size,
            "training_s": training,
            **asked(kept, tables),
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="50k")
    parser.add_argument("--index", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = measure(chosen.size, chosen.index)
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"{result['work']} among {result['people']:,} people, {result['records']:,} records")
    print(
        f"  trained in {result['training_s']:.1f} s, opened in {result['opening_s']:.1f} s,"
        f" {result['held_mb']:.0f} MB held"
    )
    for kind in ("as they are", "with a slip"):
        of = result[kind]
        print(
            f"  {kind:12} p50 {of['p50_ms']:.1f} ms  p95 {of['p95_ms']:.1f} ms  p99 {of['p99_ms']:.1f} ms "
            f" found {of['found']:.4f}"
        )


if __name__ == "__main__":
    main()
