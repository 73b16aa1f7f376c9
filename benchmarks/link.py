"""Linking people over seven health and care services: ours against plain Splink, on the same county.

python -m benchmarks.link [--size 10k|50k|200k|1500k] [--json]

Both read the same Parquet files and say which records are one person; imports, reading, training and
clustering are inside the times. Plain Splink is given what its documentation recommends: its own
comparisons of names, birth date, sex and postcode, the NHS number as one more field and blocking rule, u
by random sampling, EM on two rules, and a threshold of 0.95. Each runs in a process of its own, on two
threads. Precision, recall and F1 are pairwise after clustering, against the county's truth.
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

import pyarrow as pa
import pyarrow.parquet as pq

SIZES = {"10k": 10_000, "50k": 50_000, "200k": 200_000, "1500k": 1_500_000}
SERVICES = ("gp", "ooh", "acute", "mental", "community", "social", "hospice")
ASSETS = {f"{name}.{'clients' if name == 'social' else 'patients'}": name for name in SERVICES}
COLUMNS = ("nhs_number", "forename", "surname", "born", "sex", "postcode")
SEED = 20_250_401
THRESHOLD = 0.95


def identities(folder: Path) -> dict[str, pa.Table]:
    """The identity tables of the county by asset, keyed by `record`."""
    tables = {}
    for asset in ASSETS:
        table = pq.read_table(folder / "data" / f"{asset.replace('.', '/')}.parquet")
        tables[asset] = table.rename_columns(
            ["record" if n == "local_id" else n for n in table.column_names]
        )
    return tables


def ours(folder: Path) -> pa.Table:
    """Verified NHS numbers, then our blocking around Splink's model."""
    from sharewell.link import Settings, people

    tables = identities(folder)
    settings = Settings(
        secret=b"benchmark" * 4, threshold=THRESHOLD, seed=SEED, one_per_source=frozenset(tables)
    )
    return people(tables, settings=settings).table


def plain(folder: Path) -> pa.Table:
    """Splink as its documentation shows it."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    parts = [
        table.select(["record", *COLUMNS]).append_column("source", pa.array([asset] * len(table)))
        for asset, table in identities(folder).items()
    ]
    con = duckdb.connect(config={"threads": 2})
    con.register("parts", pa.concat_tables(parts))
    con.execute(
        "CREATE TABLE people AS SELECT source || ' ' || record AS unique_id, source, record, nhs_number,"
        " upper(forename) AS forename, upper(surname) AS surname, CAST(born AS VARCHAR) AS born,"
        " CASE WHEN sex IN ('F', 'M') THEN sex END AS sex, postcode FROM parts"
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("forename"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            cl.ExactMatch("sex"),
            cl.ExactMatch("nhs_number"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("nhs_number"),
            block_on("forename", "surname", "born"),
            block_on("surname", "born"),
            block_on("forename", "born"),
            block_on("postcode", "forename"),
            block_on("postcode", "born"),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(con).register("people"), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("nhs_number")], recall=0.95)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=SEED)
    for rule in (block_on("forename", "surname"), block_on("born", "postcode")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=THRESHOLD
    )
    return con.execute(
        f"SELECT source, record, cluster_id AS cluster FROM {found.physical_name}"
    ).to_arrow_table()


CONTENDERS = {"ours": ours, "plain": plain}


def judge(folder: Path, found: pa.Table) -> dict[str, float]:
    """Pairwise precision, recall and F1, and the share of clusters that hold more than one person."""
    import duckdb

    con = duckdb.connect()
    con.register("found", found)
    con.execute(
        "CREATE TABLE judged AS SELECT cluster, person_id FROM found JOIN read_parquet"
        f"('{folder / 'truth' / 'links.parquet'}') links ON links.asset = found.source AND"
        f" links.local_id = found.record"
    )

    def pairs(keys: str) -> float:
        sizes = f"SELECT count(*) AS n FROM judged GROUP BY {keys}"
        return float(
            con.execute(f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM ({sizes})").fetchall()[0][0]
        )

    both, claimed, true = pairs("cluster, person_id"), pairs("cluster"), pairs("person_id")
    mixed = con.execute(
        "SELECT avg((people > 1)::INTEGER) FROM"
        " (SELECT count(DISTINCT person_id) AS people FROM judged GROUP BY cluster)"
    ).fetchall()[0][0]
    return {
        "precision": both / claimed,
        "recall": both / true,
        "f1": 2 * both / (claimed + true),
        "false_merges": float(mixed),
        "records": float(con.execute("SELECT count(*) FROM judged").fetchall()[0][0]),
    }


def run(who: str, folder: Path) -> dict[str, float]:
    """Wall and CPU seconds and peak memory of one contender, in a process of its own, and how right it
    is."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.link", "--child", who, str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**measured, **judge(folder, pq.read_table(folder / f"{who}.parquet"))}


def run_child(who: str, folder: Path) -> None:
    """Link, and print what it took."""
    start = time.perf_counter()
    pq.write_table(CONTENDERS[who](folder), folder / f"{who}.parquet")
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {
        "wall_s": time.perf_counter() - start,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    print(json.dumps(taken))


def measure(size: str) -> dict[str, Any]:
    """Both contenders on one county of this size."""
    import splink

    from sharewell.county import build

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, people=SIZES[size], seed=SEED, services=("places", *SERVICES))
        result: dict[str, Any] = {
            "work": "linking people",
            "size": f"{SIZES[size]:,} people, {len(ASSETS)} sources",
        }
        result["ours"] = run("ours", folder)
        result["peer"] = {"name": f"Splink {splink.__version__}", **run("plain", folder)}
    result["ratio"] = {
        kind: result["peer"][kind] / result["ours"][kind] for kind in ("wall_s", "cpu_s", "peak_mb")
    }
    result["agree"] = abs(result["ours"]["f1"] - result["peer"]["f1"]) < 0.01
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="50k")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=2, metavar=("WHO", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        run_child(chosen.child[0], Path(chosen.child[1]))
        return
    result = measure(chosen.size)
    if chosen.json:
        print(json.dumps(result))
        return
    print(f"{result['work']}, {result['size']}, {result['ours']['records']:,.0f} records")
    for who in ("ours", "peer"):
        of = result[who]
        print(
            f"  {of.get('name', who):14} wall {of['wall_s']:7.1f} s  CPU {of['cpu_s']:7.1f} s "
            f" {of['peak_mb']:7.0f} MB"
            f"  precision {of['precision']:.5f}  recall {of['recall']:.5f}  F1 {of['f1']:.5f}"
        )
    ratio = result["ratio"]
    print(
        f"  ratio: wall {ratio['wall_s']:.1f}x, CPU {ratio['cpu_s']:.1f}x, memory {ratio['peak_mb']:.1f}x"
    )


if __name__ == "__main__":
    main()
