"""The person index at size: its first build, and a delivery of ten thousand records into it.

python -m benchmarks.link_delta [--size 10k|50k|200k|1500k] [--county FOLDER] [--json]

A county's seven health and care services and ten council registers are indexed (training and all), the file
is closed, and then a delivery is applied by a process that has only just started: its time counts from
before the file is opened to after it is closed. The delivery is new people, further records of known ones,
changed homes, changed names and removals. Judged are the people found, against the county's truth; the ids
of records whose people the delivery does not reach; and whether the index then holds what indexing the same
records afresh with the same model does, person by person and edge by edge. `beyond` is the peak of memory
beyond what was held once the records were read.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sharewell.link import Settings
from sharewell.link.index import Act, PersonIndex

from .link import COUNCIL, HEALTH, SEED, SERVICES, SIZES, THRESHOLD, identities, judge

DELIVERY = {"new": 3_000, "further": 2_000, "moved": 2_500, "renamed": 1_000, "removed": 1_500}
INTO = "acute.patients"
"""The source that delivers; further records come from one that promises nothing."""
REPEATS = "council.leisure"
KEY, SECRET = b"benchmark of it." * 2, b"benchmark" * 4
SETTINGS = Settings(secret=SECRET, threshold=THRESHOLD, seed=SEED, one_per_source=frozenset(HEALTH))


def act(day: int) -> Act:
    return Act("benchmark", "an index of the county", dt.datetime(2026, 1, day, tzinfo=dt.UTC))


def opened(path: Path) -> PersonIndex:
    return PersonIndex.open(path, key=KEY, secret=SECRET)


def delivery(tables: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], dict[str, list[str]]]:
    """Ten thousand records that say something else than the index holds, and ids that are no more."""
    rng = np.random.default_rng(SEED)
    held = tables[INTO]
    rows = rng.permutation(len(held))
    ends = np.cumsum([DELIVERY[kind] for kind in ("moved", "renamed", "removed", "new")])
    moved, renamed, removed, new = np.split(rows[: ends[-1]], ends[:-1])
    parts = [
        _with(held.take(moved), held.take(rng.choice(len(held), len(moved))), ("address", "postcode")),
        _with(held.take(renamed), held.take(rng.choice(len(held), len(renamed))), ("surname",)),
        _named("new", _strangers(held, new, rng)),
    ]
    of = tables[REPEATS]
    further = of.take(rng.choice(len(of), DELIVERY["further"], replace=False))
    gone = held.take(removed)["record"].to_pylist()
    return {INTO: pa.concat_tables(parts), REPEATS: _named("again", further)}, {INTO: gone}


def _strangers(held: pa.Table, rows: Any, rng: Any) -> pa.Table:
    """People who are nobody's likeness but by chance: each field is another's; without a number."""
    made = held.take(rows)
    for name in ("forename", "surname", "born", "postcode", "address", "sex"):
        made = _with(made, held.take(rng.permutation(rows)), (name,))
    column = made.column_names.index("nhs_number")
    return made.set_column(column, "nhs_number", pa.nulls(len(made), made.schema.field(column).type))


def _with(table: pa.Table, other: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    for name in columns:
        table = table.set_column(table.column_names.index(name), name, other[name])
    return table


def _named(prefix: str, table: pa.Table) -> pa.Table:
    ids = pa.array([f"{prefix}{at}" for at in range(len(table))])
    return table.set_column(table.column_names.index("record"), "record", ids)


def after(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """All sources as they are once the delivery is in."""
    import pyarrow.compute as pc

    changed, gone = delivery(tables)
    whole = dict(tables)
    for source, table in changed.items():
        old = pa.concat_arrays(
            [table["record"].combine_chunks(), pa.array(gone.get(source, []), pa.string())]
        )
        whole[source] = pa.concat_tables(
            [whole[source].filter(pc.invert(pc.is_in(whole[source]["record"], old))), table]
        )
    return whole


@contextmanager
def timed(into: dict[str, Any]) -> Iterator[None]:
    """Wall and CPU seconds and the peak of memory beyond what there was."""
    used, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    yield
    into["wall_s"] = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_SELF)
    into["cpu_s"] = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    into["beyond_mb"] = (now.ru_maxrss - used.ru_maxrss) / 1024


def build(county: Path, folder: Path) -> dict[str, Any]:
    """Train and index the county."""
    tables = identities(county)
    taken: dict[str, Any] = {}
    stages: list[tuple[str, float]] = []
    with timed(taken), opened(folder / "index") as index:
        change = index.train(
            tables, SETTINGS, act(1), progress=lambda stage, _: stages.append((stage, time.perf_counter()))
        )
    stages.append(("", time.perf_counter()))
    spent: dict[str, float] = {}
    for (stage, start), (_, end) in itertools.pairwise(stages):
        spent[stage] = spent.get(stage, 0) + end - start
    sizes = {"file_mb": _megabytes(folder), "counts": dict(change.counts)}
    return {**taken, "stages_s": spent, **sizes}


def deliver(county: Path, folder: Path) -> dict[str, Any]:
    """Apply the delivery."""
    tables = identities(county)
    taken: dict[str, Any] = {}
    changed, gone = delivery(tables)
    del tables
    with timed(taken):
        index = opened(folder / "index")
        change = index.apply(changed, removed=gone, act=act(2))
        taken["applied_s"] = time.perf_counter()
        index.close()
        taken["closing_s"] = time.perf_counter() - taken.pop("applied_s")
    return {**taken, "file_mb": _megabytes(folder), "counts": dict(change.counts)}


def _megabytes(folder: Path) -> float:
    return (folder / "index").stat().st_size / 2**20


def rebuild(county: Path, folder: Path) -> dict[str, Any]:
    """Index afresh what the county holds after the delivery, with the model of the first build."""
    with opened(folder / "index") as index:
        model, settings = index.model, index.settings
    taken: dict[str, Any] = {}
    tables = after(identities(county))
    with timed(taken), opened(folder / "rebuilt") as index:
        index.adopt(model, settings, act(3), tables=tables)
    return taken


def keep(county: Path, folder: Path) -> dict[str, Any]:
    """Note who is who now, and judge it."""
    import pyarrow.parquet as pq

    with opened(folder / "index") as index:
        people = index.people()
    pq.write_table(people, folder / "before.parquet")
    return judge(county, people.rename_columns(["source", "record", "cluster"]))


def compare(county: Path, folder: Path) -> dict[str, Any]:
    """What stayed, and whether the index is the one that was built afresh."""
    import duckdb
    import pyarrow.parquet as pq

    found, edges = {}, {}
    for name in ("index", "rebuilt"):
        with opened(folder / name) as index:
            found[name], edges[name] = index.people(), _edges(index)
    con = duckdb.connect()
    con.register("now", found["index"])
    con.register("afresh", found["rebuilt"])
    con.register("before", pq.read_table(folder / "before.parquet"))
    changed, gone = delivery(identities(county))
    sent = [_ids(source, table["record"]) for source, table in changed.items()]
    sent += [_ids(source, pa.chunked_array([pa.array(ids)])) for source, ids in gone.items()]
    con.register("sent", pa.concat_tables(sent))
    row = con.execute(
        "SELECT count(DISTINCT now.person), count(DISTINCT afresh.person), count(DISTINCT (now.person,"
        " afresh.person)), (SELECT count(*) FROM now) FROM now JOIN afresh USING (source, record)"
    ).fetchall()[0]
    con.execute(
        "CREATE TABLE reached AS SELECT person FROM before SEMI JOIN sent USING (source, record) UNION"
        " SELECT person FROM now SEMI JOIN sent USING (source, record)"
    )
    kept = con.execute(
        "SELECT count(*), count(*) FILTER (before.person = now.person) FROM before JOIN now USING (source,"
        " record) WHERE before.person NOT IN (FROM reached) AND now.person NOT IN (FROM reached)"
    ).fetchall()[0]
    return {
        "people_equal": row[0] == row[1] == row[2] and found["index"].num_rows == found["rebuilt"].num_rows,
        "edges_equal": edges["index"] == edges["rebuilt"],
        "edges": edges["index"][0],
        "records_of_people_not_reached": kept[0],
        "ids_unchanged": kept[1] / kept[0],
    }


def _ids(source: str, records: pa.ChunkedArray) -> pa.Table:
    return pa.table({"source": pa.array([source] * len(records)), "record": records.cast(pa.string())})


def _edges(index: PersonIndex) -> tuple[Any, ...]:
    """A digest of the edges, whatever number a record has."""
    said = "hash(least(a.name, b.name), greatest(a.name, b.name), weight)"
    named = "(SELECT rid, source || '/' || record AS name FROM idx.records)"
    rows = index._store.con.execute(
        f"SELECT count(*), bit_xor({said}), sum({said}::HUGEINT) FROM idx.edges JOIN {named} a ON a.rid = l"
        f" JOIN {named} b ON b.rid = r"
    ).fetchall()
    return tuple(rows[0])


STEPS = {"build": build, "judged": keep, "delivery": deliver, "rebuild": rebuild, "compared": compare}


def measure(size: str, county: Path | None, steps: list[str], folder: Path) -> dict[str, Any]:
    """Each step in a process of its own, told on the way."""
    if county is None:
        from sharewell.county import build as build_county

        county = folder / "county"
        build_county(county, people=SIZES[size], seed=SEED, services=("places", *SERVICES, *COUNCIL))
    result: dict[str, Any] = {"work": "a delivery into the person index", "size": size}
    for step in steps:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.link_delta", "--child", step]
        done = subprocess.run(
            [*command, str(county), str(folder)], check=True, stdout=subprocess.PIPE, text=True
        )
        result[step] = json.loads(done.stdout.splitlines()[-1])
        print(f"{step}: {json.dumps(result[step])}", file=sys.stderr, flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=SIZES, default="50k")
    parser.add_argument("--county", type=Path, help="a county of that size, if it is already built")
    parser.add_argument("--keep", type=Path, help="a folder to leave the indexes in")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", nargs=3, metavar=("STEP", "COUNTY", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        step, county, folder = chosen.child
        print(json.dumps(STEPS[step](Path(county), Path(folder))))
        return
    with tempfile.TemporaryDirectory() as name:
        result = measure(chosen.size, chosen.county, chosen.steps, chosen.keep or Path(name))
    if chosen.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
