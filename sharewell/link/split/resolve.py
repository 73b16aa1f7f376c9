"""The linker's work on encoded records: from blocks to people, without a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ...errors import LinkError, Problem
from .. import cluster
from ..session import session
from ..settings import Linked, Progress, Settings
from . import weights
from .levels import comparisons


@dataclass(frozen=True)
class Encoded:
    """What a party sends instead of names: every record's id, its encoded rows, and rates of strangers."""

    records: pa.Table
    rows: pa.Table
    rates: pa.Table


def people_encoded(
    sources: Mapping[str, Encoded],
    *,
    columns: Collection[str],
    settings: Settings,
    progress: Progress | None = None,
) -> Linked:
    """Link encoded records into people: the counterpart of `link.people`, with the same answer.

    `columns` are the standard columns that were encoded; `settings` gives threshold, secret,
    one_per_source and threads. LinkError ENCODED where a party sent rows of records it did not list.
    """
    told = progress or (lambda stage, done: None)
    with session(settings.threads) as con:
        con.execute("SET enable_progress_bar = false")
        told("reading encodings", 0.05)
        records = _load(con, sources, settings)
        told("comparing within blocks", 0.2)
        weights.compare(con, columns)
        compared = comparisons(columns)
        u = weights.rates(compared, pa.concat_tables([held.rates for held in sources.values()]))
        told("learning weights", 0.6)
        m, learnt = weights.learn(con, compared, u)
        weights.weigh(con, compared, m, u, _possible(con))
        told("forming clusters", 0.8)
        labels, pairs, evidence = _partition(con, len(records), settings)
    named = records.append_column("cluster", cluster.name(settings.secret, "person", records, labels))
    told("done", 1.0)
    evidence |= {"records": len(records), "learnt_from": learnt, "clusters": len(np.unique(labels))}
    return Linked(named, evidence, pairs)


def _load(con: duckdb.DuckDBPyConnection, sources: Mapping[str, Encoded], settings: Settings) -> pa.Table:
    promised = sorted(settings.one_per_source)
    tables, problems, start = [], [], 0
    con.execute("CREATE OR REPLACE TABLE masks (rid BIGINT, mask BIGINT)")
    for nth, (name, held) in enumerate(sorted(sources.items())):
        ids = held.records.select(["record"]).sort_by("record")
        mask = 1 << promised.index(name) if name in promised else 0
        con.register("ids", ids.append_column("rid", pa.array(np.arange(start, start + len(ids)))))
        con.register("rows_in", held.rows)
        con.execute(f"INSERT INTO masks SELECT rid, {mask} FROM ids")
        select = f"SELECT rid, {mask}::BIGINT AS mask, rows_in.* EXCLUDE (record)"
        select += " FROM rows_in JOIN ids USING (record)"
        con.execute(
            f"{'CREATE OR REPLACE TABLE encoded AS' if nth == 0 else 'INSERT INTO encoded'} {select}"
        )
        lost = con.execute("SELECT count(*) FROM rows_in ANTI JOIN ids USING (record)").fetchall()[0][0]
        if lost:
            problems.append(Problem("ENCODED", f"{lost} encoded rows of {name} are of no listed record"))
        start += len(ids)
        tables.append(
            ids.select(["record"]).add_column(0, "source", pa.array([name] * len(ids), pa.string()))
        )
    if problems:
        raise LinkError(problems)
    return pa.concat_tables(tables)


def _possible(con: duckdb.DuckDBPyConnection) -> float:
    row = con.execute(
        "WITH kinds AS (SELECT mask, count(*) AS n FROM masks GROUP BY mask) SELECT"
        " coalesce(sum(a.n * b.n), 0) / 2 FROM kinds a JOIN kinds b ON (a.mask & b.mask) = 0"
    ).fetchall()
    return float(row[0][0])


def _partition(
    con: duckdb.DuckDBPyConnection, count: int, settings: Settings
) -> tuple[cluster.Ints, pa.Table, dict[str, Any]]:
    least = float(np.log2(settings.threshold / (1 - settings.threshold)))
    found = con.execute(
        f"SELECT l, r, rule, weight FROM scored WHERE weight >= {least} ORDER BY weight DESC, l, r"
    ).fetchnumpy()
    mask = np.asarray(con.execute("SELECT mask FROM masks ORDER BY rid").fetchnumpy()["mask"], np.int64)
    left, right, weight = (np.asarray(found[name]) for name in ("l", "r", "weight"))
    labels, kept = cluster.join(count, left, right, weight, np.zeros(count, np.int64), mask)
    pairs = pa.table({name: np.asarray(found[name])[kept] for name in ("l", "r", "rule", "weight")})
    compared = con.execute("SELECT count(*) FROM scored").fetchall()[0][0]
    return labels, pairs, {"pairs_scored": int(compared), "pairs_refused": len(left) - len(kept)}
