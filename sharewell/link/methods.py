"""The ways to find people: each turns `records` into a partition, and says in counts how it got there.

`nhs-then-splink` takes verified NHS numbers as given and lets the model place the rest; `splink` uses the
model alone; `bills` also uses the model alone, and then attaches the sources that hold no birth dates (a
supplier's customers, say) to the people found, by name and home.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from . import attach, blocking, cluster, collapse, model, numbers, training
from .settings import Progress, Settings
from .standardise import FIELDS, Loaded
from .trained import Model
from .weigh import weigh


@dataclass(frozen=True)
class Partition:
    """For each rid its least rid of the same person; the pairs weighed and kept as (l, r, rule, weight);
    the rids that were joined because they say the same; and counts.
    """

    labels: cluster.Ints
    pairs: pa.Table
    alike: cluster.Ints
    evidence: Mapping[str, Any]


Linker = Callable[[duckdb.DuckDBPyConnection, Loaded, Settings, Progress], Partition]


def nhs_then_splink(
    con: duckdb.DuckDBPyConnection, loaded: Loaded, settings: Settings, told: Progress
) -> Partition:
    """Exact on verified NHS number, then Splink for the records that lack one."""
    told("verifying NHS numbers", 0.15)
    counts = numbers.verify(con, settings.one_per_source)
    return _model(con, loaded, settings, told, {"nhs_numbers": counts})


def splink(con: duckdb.DuckDBPyConnection, loaded: Loaded, settings: Settings, told: Progress) -> Partition:
    """Splink alone; NHS numbers, if any, are not looked at."""
    con.execute("ALTER TABLE rows ADD COLUMN verified BIGINT")
    return _model(con, loaded, settings, told, {})


def bills(con: duckdb.DuckDBPyConnection, loaded: Loaded, settings: Settings, told: Progress) -> Partition:
    """Splink among sources with birth dates, then sources without are attached to the people found."""
    con.execute("ALTER TABLE rows ADD COLUMN verified BIGINT")
    con.execute(
        "UPDATE rows SET side = 1 WHERE nth IN (SELECT nth FROM rows JOIN identities USING (identity)"
        " GROUP BY nth HAVING count(born) = 0)"
    )
    people = _model(con, loaded, settings, told, {})
    told("attaching records without a birth date", 0.8)
    attached = attach.attach(con, settings, people.labels)
    return Partition(
        attached.labels,
        pa.concat_tables([people.pairs, attached.pairs]),
        people.alike,
        {**people.evidence, "attached": attached.evidence},
    )


def _model(
    con: duckdb.DuckDBPyConnection,
    loaded: Loaded,
    settings: Settings,
    told: Progress,
    evidence: dict[str, Any],
) -> Partition:
    collapse.units(con, loaded.identities, settings.one_per_source)
    held, lacking = held_columns(con)
    evidence |= {"columns": sorted(held), "columns_missing": sorted(set(FIELDS) - {"nhs", "given"} - held)}
    told("finding pairs to compare", 0.25)
    wide = con.execute("SELECT coalesce(sum(copies), 0) FROM said").fetchall()[0][0] <= model.WIDE_UP_TO
    rules = model.blocks(held, lacking, wide=wide)
    evidence["unlinkable"] = _unreachable(con, rules)
    evidence |= blocking.find(
        con,
        "said",
        rules,
        left="free",
        apart="(l.masks & r.masks) <> 0",
        carry=("masks",),
    )
    evidence["blocks_skipped"] += collapse.add_same(con)
    con.execute("CREATE OR REPLACE TABLE scored (l BIGINT, r BIGINT, weight DOUBLE, apart VARCHAR)")
    if evidence["pairs_scored"]:
        told("training the model", 0.35)
        trained = training.train(
            con, "persons", "said", rules, held=held, threshold=settings.threshold, seed=settings.seed
        )
        told("scoring pairs", 0.6)
        trained = training.settle(con, trained, loaded.identities, "pairs", collapse.possible(con))
        weigh(con, trained, loaded.identities, "pairs", "scored")
        evidence |= {"defaults_used_for": list(trained.defaults), "held_apart": _held_apart(con, trained)}
    con.execute("DROP TABLE IF EXISTS pairs")
    collapse.edges(con)
    told("forming clusters", 0.75)
    return partition(con, evidence)


def _held_apart(con: duckdb.DuckDBPyConnection, trained: Model) -> dict[str, int]:
    rows = con.execute(
        "SELECT apart, count(*) FROM scored WHERE apart IS NOT NULL GROUP BY apart"
    ).fetchall()
    return {kind: dict(rows).get(kind, 0) for kind in trained.guards}


def _unreachable(con: duckdb.DuckDBPyConnection, rules: Sequence[model.Rule]) -> int:
    row = con.execute(
        "SELECT count(*) FROM rows SEMI JOIN (SELECT identity FROM identities WHERE"
        f" {blocking.silent(rules)}) USING (identity) WHERE side = 0 AND verified IS NULL"
    ).fetchall()
    return int(row[0][0])


def held_columns(con: duckdb.DuckDBPyConnection) -> tuple[set[str], set[str]]:
    """The standard columns in which at least two records say something, and those of them that some source
    leaves empty.
    """
    counts = ", ".join(f"count({column}) AS {column}" for column in FIELDS[1:])
    rows = con.execute(
        f"SELECT {counts} FROM (SELECT DISTINCT nth, identity FROM rows WHERE side = 0)"
        " JOIN identities USING (identity) GROUP BY nth"
    ).fetchall()
    copies = ", ".join(f"sum(copies) FILTER ({column} IS NOT NULL)" for column in FIELDS[1:])
    said = con.execute(f"SELECT {copies} FROM said").fetchall()[0]
    held = {column for column, n in zip(FIELDS[1:], said, strict=True) if (n or 0) > 1}
    empty = {column for row in rows for column, n in zip(FIELDS[1:], row, strict=True) if not n}
    return held, held & empty


def partition(con: duckdb.DuckDBPyConnection, evidence: dict[str, Any]) -> Partition:
    held = con.execute("SELECT unit, verified, mask FROM units").fetchnumpy()
    found = con.execute("SELECT l, r, weight FROM edges ORDER BY weight DESC, l, r").fetchnumpy()
    members = con.execute("SELECT rid, unit FROM members").fetchnumpy()
    count = int(con.execute("SELECT count(*) FROM rows").fetchall()[0][0])
    verified, mask = np.zeros(count, np.int64), np.zeros(count, np.int64)
    verified[held["unit"]], mask[held["unit"]] = held["verified"], held["mask"]
    left, right, weight = (np.asarray(found[name]) for name in ("l", "r", "weight"))
    labels, kept = cluster.join(count, left, right, weight, verified, mask)
    answer = np.arange(count)
    answer[members["rid"]] = labels[members["unit"]]
    pairs = pa.table(
        {
            "l": left[kept],
            "r": right[kept],
            "rule": pa.array(["splink"] * len(kept), pa.string()),
            "weight": weight[kept],
        }
    )
    exact = members["rid"] != members["unit"]
    alike = np.concatenate([members["rid"][exact], members["unit"][exact]])
    evidence["pairs_refused"] = len(left) - len(kept)
    return Partition(answer, pairs, alike, evidence)


METHODS: dict[str, Linker] = {"nhs-then-splink": nhs_then_splink, "splink": splink, "bills": bills}
