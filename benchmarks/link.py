"""Linking people over seven health and care services and ten council registers: ours against plain Splink.

python -m benchmarks.link [--size 10k|50k|200k|1500k] [--json]

All read the same Parquet files and say which records are one person; imports, reading, training and
clustering are inside the times. A, plain Splink, is given what its documentation recommends: its own
comparisons of names, birth date, sex and postcode, the NHS number as one more field and blocking rule, u
by random sampling, EM on two rules, and a threshold of 0.95. B is the same with *our* blocking rules, over
our standard columns, which it is given ready made. Each runs in a process of its own, on two threads.
Precision, recall and F1 are pairwise after clustering, against the county's truth; `beyond` is the peak of
memory beyond what was held once the records were read.
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
COUNCIL = (
    "revenues.benefits",
    "housing.rents",
    "housing.waiting_list",
    "social.contacts",
    "children.cases",
    "schools.admissions",
    "schools.pupils",
    "council.leisure",
    "council.licensing",
    "council.travel",
)
HEALTH = tuple(f"{name}.{'clients' if name == 'social' else 'patients'}" for name in SERVICES)
IDENTITY = (
    "local_id", "nhs_number", "forename", "surname", "born", "sex", "address", "postcode", "uprn",
)  # fmt: skip
COLUMNS = ("nhs_number", "forename", "surname", "born", "sex", "postcode")
SEED = 20_250_401
THRESHOLD = 0.95


def identities(folder: Path) -> dict[str, pa.Table]:
    """The identity tables of the county by asset, keyed by `record`."""
    tables = {}
    for asset in (*HEALTH, *COUNCIL):
        path = folder / "data" / f"{asset.replace('.', '/')}.parquet"
        held = [name for name in IDENTITY if name in pq.read_schema(path).names]
        table = pq.read_table(path, columns=held)
        tables[asset] = table.rename_columns(
            ["record" if n == "local_id" else n for n in table.column_names]
        )
    return tables


def ours(folder: Path) -> pa.Table:
    """Verified NHS numbers, then our blocking around Splink's model."""
    from sharewell.link import Settings, people

    tables = identities(folder)
    settings = Settings(
        secret=b"benchmark" * 4, threshold=THRESHOLD, seed=SEED, one_per_source=frozenset(HEALTH)
    )
    return people(tables, settings=settings).table


def plain(folder: Path) -> pa.Table:
    """A: Splink as its documentation shows it."""
    import duckdb
    from splink import block_on

    parts = []
    for asset, table in identities(folder).items():
        missing = [name for name in COLUMNS if name not in table.column_names]
        for name in missing:
            table = table.append_column(name, pa.nulls(len(table), pa.string()))
        named = table.select(["record", *COLUMNS]).append_column("source", pa.array([asset] * len(table)))
        parts.append(named.set_column(1, "nhs_number", named["nhs_number"].cast(pa.string())))
    con = duckdb.connect(config={"threads": 2})
    con.register("parts", pa.concat_tables(parts))
    con.execute(
        "CREATE TABLE people AS SELECT source || ' ' || record AS unique_id, source, record, nhs_number,"
        " upper(forename) AS forename, upper(surname) AS surname, CAST(born AS VARCHAR) AS born,"
        " CASE WHEN sex IN ('F', 'M') THEN sex END AS sex, postcode FROM parts"
    )
    con.unregister("parts")
    rules = [
        block_on("nhs_number"),
        block_on("forename", "surname", "born"),
        block_on("surname", "born"),
        block_on("forename", "born"),
        block_on("postcode", "forename"),
        block_on("postcode", "born"),
    ]
    return _splink(con, rules)


def blocked(folder: Path) -> pa.Table:
    """B: the same Splink over our standard columns, with our blocking rules and one of NHS numbers."""
    import duckdb
    from splink import block_on

    from sharewell.link import model

    con = duckdb.connect(config={"threads": 2})
    con.execute(
        "CREATE TABLE people AS SELECT source || ' ' || record AS unique_id, source, record, nhs AS"
        " nhs_number,"
        " forename, surname, given, left(born, 4) || '-' || born[5:6] || '-' || born[7:8] AS born, sex,"
        " postcode[1:-4] || ' ' || postcode[-3:] AS postcode, number, street, uprn, other_id"
        f" FROM read_parquet('{folder / 'standard.parquet'}')"
    )
    held = {"forename", "surname", "given", "born", "sex", "postcode", "number", "street", "uprn"}
    rules = [block_on("nhs_number"), *(rule.as_splink() for rule in model.blocks(held))]
    return _splink(con, rules)


def _splink(con: Any, rules: list[Any]) -> pa.Table:
    """Splink's documented comparisons, training, prediction and clustering, with these blocking rules."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

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
        blocking_rules_to_generate_predictions=rules,
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


def standard(folder: Path) -> None:
    """Write the standard columns of every record, for B."""
    import duckdb

    from sharewell.link import standardise
    from sharewell.link.settings import IDENTITY as READ

    with duckdb.connect() as con:
        standardise.load(con, identities(folder), READ)
        con.execute(f"COPY (FROM records) TO '{folder / 'standard.parquet'}'")


CONTENDERS = {"ours": ours, "plain": plain, "blocked": blocked}


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
    identities(folder)
    read = resource.getrusage(resource.RUSAGE_SELF)
    reading = time.perf_counter() - start
    pq.write_table(CONTENDERS[who](folder), folder / f"{who}.parquet")
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {
        "wall_s": time.perf_counter() - start - reading,
        "cpu_s": used.ru_utime + used.ru_stime - read.ru_utime - read.ru_stime,
        "beyond_mb": (used.ru_maxrss - read.ru_maxrss) / 1024,
    }
    print(json.dumps(taken))


def measure(size: str) -> dict[str, Any]:
    """Both contenders on one county of this size."""
    import splink

    from sharewell.county import build

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, people=SIZES[size], seed=SEED, services=("places", *SERVICES, *COUNCIL))
        standard(folder)
        result: dict[str, Any] = {
            "work": "linking people",
            "size": f"{SIZES[size]:,} people, {len(HEALTH + COUNCIL)} sources",
        }
        result["ours"] = run("ours", folder)
        for letter, who in (("A", "plain"), ("B", "blocked")):
            result[letter] = {"name": f"{letter} Splink {splink.__version__}", **run(who, folder)}
    kinds = ("wall_s", "cpu_s", "beyond_mb")
    result["ratio"] = {
        letter: {kind: result[letter][kind] / result["ours"][kind] for kind in kinds} for letter in "AB"
    }
    result["agree"] = result["ours"]["f1"] >= max(result["A"]["f1"], result["B"]["f1"])
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
    for who in ("ours", "A", "B"):
        of = result[who]
        print(
            f"  {of.get('name', who):16} wall {of['wall_s']:7.1f} s  CPU {of['cpu_s']:7.1f} s "
            f" {of['beyond_mb']:7.0f} MB beyond the records  precision {of['precision']:.5f}"
            f"  recall {of['recall']:.5f}  F1 {of['f1']:.5f}  false merges {of['false_merges']:.5f}"
        )
    for letter, of in result["ratio"].items():
        print(
            f"  against {letter}: wall {of['wall_s']:.1f}x, CPU {of['cpu_s']:.1f}x,"
            f" memory {of['beyond_mb']:.1f}x"
        )


if __name__ == "__main__":
    main()
