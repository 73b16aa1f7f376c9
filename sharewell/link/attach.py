"""Records of name and home only, attached to people already found: a bill to whoever it names.

Only people of the same home are candidates, and the model is of people who share one
(`model.within_home`): trained on random strangers it would take a husband for his wife, since home and
surname agree. A record joins the one person that it fits clearly better than anyone else; 'J Smith' at
the home of John and Jane Smith joins neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from . import blocking, cluster, model, training
from .settings import Settings
from .standardise import FIELDS
from .weigh import weigh


@dataclass(frozen=True)
class Attached:
    labels: cluster.Ints
    pairs: pa.Table
    evidence: Mapping[str, Any]


_START = 0.3
"""The chance, before training, that a named resident and a bill of the same home are one person."""


def attach(con: duckdb.DuckDBPyConnection, settings: Settings, labels: cluster.Ints) -> Attached:
    """Attach records of side 1 to the clusters of side 0. `labels` is by rid; answers labels for all."""
    con.execute(
        "CREATE OR REPLACE TABLE sides AS SELECT records.*, side FROM records"
        " JOIN (SELECT rid, side FROM rows) USING (rid)"
    )
    held = _both(con)
    empty = pa.schema(
        [("l", pa.int64()), ("r", pa.int64()), ("rule", pa.string()), ("weight", pa.float64())]
    ).empty_table()
    rules, comparisons = model.doors(held), model.within_home(held)
    counts = blocking.find(con, "sides", rules, left="side = 1", right="side = 0")
    evidence: dict[str, Any] = {"columns": sorted(held), **counts}
    if not counts["pairs_scored"] or not comparisons:
        return Attached(labels, empty, evidence)
    trained = training.train_across(
        con,
        "sides",
        comparisons,
        rules[0],
        prior=_START,
        threshold=settings.threshold,
        seed=settings.seed,
    )
    trained = training.settle(con, trained, "sides", "pairs", counts["pairs_scored"])
    weigh(con, trained, "sides", "pairs", "scored")
    best, torn = _best(con, labels)
    labels = labels.copy()
    labels[best["weak"]] = labels[best["person"]]
    pairs = pa.table(
        {
            "l": best["person"],
            "r": best["weak"],
            "rule": pa.array(["attached"] * len(best["weak"]), pa.string()),
            "weight": best["weight"],
        }
    )
    evidence |= {"joined": len(best["weak"]), "torn": torn, "defaults_used_for": list(trained.defaults)}
    return Attached(_least(labels), pairs, evidence)


def _both(con: duckdb.DuckDBPyConnection) -> set[str]:
    counts = ", ".join(f"min(n_{column}) > 0" for column in FIELDS)
    each = ", ".join(f"count({column}) AS n_{column}" for column in FIELDS)
    row = con.execute(
        f"SELECT count(*) > 1, {counts} FROM (SELECT {each} FROM sides GROUP BY side)"
    ).fetchall()[0]
    return {column for column, both in zip(FIELDS, row[1:], strict=True) if both and row[0]} - {"nhs"}


def _best(con: duckdb.DuckDBPyConnection, labels: cluster.Ints) -> tuple[dict[str, Any], int]:
    """For each record of side 1 the person it fits best, unless another fits nearly as well; and how many
    were torn.
    """
    con.register("people_found", pa.table({"rid": np.arange(len(labels)), "label": labels}))
    con.execute(
        "CREATE OR REPLACE TABLE fits AS SELECT weak, label, max(weight) AS weight, arg_min(person,"
        " (-weight, person)) AS person"
        " FROM (SELECT CASE WHEN a.side = 1 THEN a.rid ELSE b.rid END AS weak,"
        " CASE WHEN a.side = 1 THEN b.rid ELSE a.rid END AS person, weight"
        " FROM scored JOIN sides a ON a.rid = scored.l JOIN sides b ON b.rid = scored.r)"
        " JOIN people_found ON people_found.rid = person GROUP BY weak, label"
    )
    ranked = (
        "SELECT *, row_number() OVER fit AS place, lead(weight) OVER fit AS rival FROM fits"
        " WINDOW fit AS (PARTITION BY weak ORDER BY weight DESC, person)"
    )
    clear = f"rival IS NULL OR weight - rival >= {cluster.TORN}"
    best = con.execute(
        f"SELECT weak, person, weight FROM ({ranked}) WHERE place = 1 AND ({clear}) ORDER BY weak"
    ).fetchnumpy()
    torn = con.execute(f"SELECT count(*) FROM ({ranked}) WHERE place = 1 AND NOT ({clear})").fetchall()[0][
        0
    ]
    return best, int(torn)


def _least(labels: cluster.Ints) -> cluster.Ints:
    """Label every cluster by its least rid again, now that records of side 1 have joined."""
    least = np.full(len(labels), len(labels), np.int64)
    np.minimum.at(least, labels, np.arange(len(labels)))
    answer: cluster.Ints = least[labels]
    return answer
