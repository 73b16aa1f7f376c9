"""A linkage to review: a small town's records, a model of documented defaults, and its scored pairs."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pyarrow as pa

from sharewell.link import model, weigh
from sharewell.link.trained import Model, of_splink

HELD = ("forename", "surname", "given", "born", "sex", "postcode", "number", "street", "uprn")


def untrained(con: duckdb.DuckDBPyConnection, table: str = "records") -> Model:
    """A model that learnt nothing but how common names are."""
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rid",
        "probability_two_random_records_match": 0.002,
        "comparisons": [comparison.as_splink() for comparison in model.comparisons(HELD)],
    }
    shares = {
        name: con.sql(
            f"SELECT {name} AS value, count(*) / sum(count(*)) OVER () AS share FROM {table}"
            f" WHERE {name} IS NOT NULL GROUP BY {name} ORDER BY {name}"
        ).to_arrow_table()
        for name in ("forename", "surname")
    }
    made = of_splink(settings, threshold=0.95, frequencies=shares)
    return replace(made, rules=tuple(model.blocks(HELD)))


def pair_up(con: duckdb.DuckDBPyConnection, trained: Model, into: str = "pairs") -> int:
    """Fill `into(l, r)` with the pairs of `records` that any rule makes, by asking every pair; how many."""
    any_rule = " OR ".join(f"coalesce({rule.as_splink()}, FALSE)" for rule in trained.rules)
    con.execute(
        f"CREATE TABLE {into} AS SELECT l.rid AS l, r.rid AS r FROM records l JOIN records r"
        f" ON l.rid < r.rid WHERE {any_rule}"
    )
    return int(con.execute(f"SELECT count(*) FROM {into}").fetchall()[0][0])


def score(con: duckdb.DuckDBPyConnection, trained: Model) -> pa.Table:
    """Weigh `pairs`; the table that a review samples from."""
    weigh.weigh(con, trained, "records", "pairs", "weights", least=-100)
    return con.sql(
        "SELECT a.source AS source_l, a.record AS record_l, b.source AS source_r, b.record AS record_r,"
        " 'any' AS rule, weight FROM weights JOIN records a ON a.rid = l JOIN records b ON b.rid = r"
    ).to_arrow_table()
