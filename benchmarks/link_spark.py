"""The same people out of Spark: a county's records linked on one machine and on Spark, under one model.

python -m benchmarks.link_spark [--people 43000] [--json]

DuckDB alone trains, weighs and clusters; Spark (local, two cores) then finds and weighs the pairs under
that model. Both must name every record's person alike: about 100,000 records of seven services. Starting
Spark is told apart. `benchmarks/peers.txt` says what to install.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[1]
SERVICES = ("gp", "ooh", "acute", "mental", "community", "social", "hospice")
SEED = 20_250_401


def identities(folder: Path) -> dict[str, pa.Table]:
    """The seven services' identity tables, keyed by `record`."""
    tables = {}
    for name in SERVICES:
        kind = "clients" if name == "social" else "patients"
        table = pq.read_table(folder / "data" / name / f"{kind}.parquet")
        tables[name] = table.rename_columns(
            ["record" if n == "local_id" else n for n in table.column_names]
        )
    return tables


def local() -> Any:
    """A Spark session of this machine, two cores, whose workers find Sharewell."""
    from pyspark.sql import SparkSession  # type: ignore[import-not-found, unused-ignore]

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    made = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("ERROR")
    return made


def alone(tables: dict[str, pa.Table], settings: Any) -> tuple[Any, pa.Table]:
    """The model that one machine settles on, and the people it finds."""
    from sharewell.link import people, training

    kept = []
    settle = training.settle

    def keep(*told: Any) -> Any:
        kept.append(settle(*told))
        return kept[-1]

    with mock.patch.object(training, "settle", keep):
        found = people(tables, settings=settings).table
    return kept[-1], found


def measure(people: int) -> dict[str, Any]:
    """Wall seconds of each, and whether every record got the same id."""
    from sharewell.county import build
    from sharewell.link import Settings, spark

    with tempfile.TemporaryDirectory() as name:
        build(Path(name), people=people, seed=SEED, services=("places", *SERVICES))
        tables = identities(Path(name))
    settings = Settings(secret=b"benchmark" * 4, seed=SEED, one_per_source=frozenset(tables))
    times = [time.perf_counter()]
    model, one = alone(tables, settings)
    times.append(time.perf_counter())
    session = local()
    times.append(time.perf_counter())
    many = spark.people(tables, settings=settings, model=model, session=session)
    times.append(time.perf_counter())
    session.stop()
    taken = [after - before for before, after in pairwise(times)]
    return {
        "records": len(one),
        "clusters": len(set(one["cluster"].to_pylist())),
        "alone_s": taken[0],
        "spark_starts_s": taken[1],
        "spark_s": taken[2],
        "agree": many.equals(one),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=43_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = measure(chosen.people)
    if chosen.json:
        print(json.dumps(result))
        return
    print(
        f"{result['records']:,} records, {result['clusters']:,} people: alone {result['alone_s']:.1f} s"
        f" with training, Spark {result['spark_s']:.1f} s after {result['spark_starts_s']:.1f} s to start;"
        f" {'the same clusters and ids' if result['agree'] else 'THEY DIFFER'}"
    )


if __name__ == "__main__":
    main()
