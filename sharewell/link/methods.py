"""The ways to find people: each turns `records` into a partition, and says in counts how it got there.

`nhs-then-splink` takes verified NHS numbers as given and lets the model place the rest; `splink` uses the
model alone; `bills` also uses the model alone, and then attaches the sources that hold no birth dates (a
supplier's customers, say) to the people found, by name and home.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from . import attach, blocking, cluster, guards, model, numbers, score
from .settings import Progress, Settings
from .standardise import FIELDS


@dataclass(frozen=True)
class Partition:
    """For each rid its least rid of the same person; the pairs kept as (l, r, rule, weight); and counts."""

    labels: cluster.Ints
    pairs: pa.Table
    evidence: Mapping[str, Any]


Linker = Callable[[duckdb.DuckDBPyConnection, Settings, Progress], Partition]


def nhs_then_splink(con: duckdb.DuckDBPyConnection, settings: Settings, told: Progress) -> Partition:
    """Exact on verified NHS number, then Splink for the records that lack one."""
    told("verifying NHS numbers", 0.15)
    counts = numbers.verify(con, settings.one_per_source)
    return _model(con, settings, told, {"nhs_numbers": counts})


def splink(con: duckdb.DuckDBPyConnection, settings: Settings, told: Progress) -> Partition:
    """Splink alone; NHS numbers, if any, are not looked at."""
    con.execute("ALTER TABLE records ADD COLUMN verified VARCHAR")
    return _model(con, settings, told, {})


def bills(con: duckdb.DuckDBPyConnection, settings: Settings, told: Progress) -> Partition:
    """Splink among sources with birth dates, then sources without are attached to the people found."""
    con.execute("ALTER TABLE records ADD COLUMN verified VARCHAR")
    con.execute(
        "UPDATE records SET side = 1 WHERE source IN (SELECT source FROM records GROUP BY source"
        " HAVING count(born) = 0)"
    )
    people = _model(con, settings, told, {})
    told("attaching records without a birth date", 0.8)
    attached = attach.attach(con, settings, people.labels)
    return Partition(
        attached.labels,
        pa.concat_tables([people.pairs, attached.pairs]),
        {**people.evidence, "attached": attached.evidence},
    )


def _model(
    con: duckdb.DuckDBPyConnection, settings: Settings, told: Progress, evidence: dict[str, Any]
) -> Partition:
    _collapse(con, settings)
    held = held_columns(con, "side = 0")
    evidence |= {"columns": sorted(held), "columns_missing": sorted(set(FIELDS) - {"nhs", "given"} - held)}
    told("finding pairs to compare", 0.25)
    # A number promised once a person, or two different verified numbers, can never be one person.
    apart = "(l.verified AND r.verified) OR (l.mask & r.mask) <> 0"
    evidence |= blocking.find(con, "nodes", model.blocks(held), "NOT verified", "TRUE", apart)
    least = float(np.log2(settings.threshold / (1 - settings.threshold)))
    con.execute("CREATE OR REPLACE TABLE scored (l BIGINT, r BIGINT, weight DOUBLE)")
    if evidence["pairs_scored"]:
        told("training the model", 0.35)
        con.execute("CREATE OR REPLACE VIEW training AS FROM records WHERE side = 0")
        trained = score.train(
            con,
            "training",
            model.comparisons(held),
            model.training(held),
            model.certain(held),
            settings.seed,
        )
        told("scoring pairs", 0.6)
        score.score(
            con,
            "training",
            "pairs",
            trained,
            possible=_possible(con),
            least=least,
            unless=guards.relatives(con, held),
        )
        evidence |= {"defaults_used_for": trained.fallback, "held_apart": guards.hold_apart(con, held)}
    told("forming clusters", 0.75)
    return _partition(con, evidence)


def _possible(con: duckdb.DuckDBPyConnection) -> float:
    """How many pairs of nodes the rules allow, counted by kind of node."""
    kinds = "(SELECT verified, mask, count(*) AS n FROM nodes GROUP BY ALL)"
    row = con.execute(
        "SELECT coalesce(sum(l.n * r.n * CASE WHEN r.verified THEN 1 ELSE 0.5 END), 0)"
        f" FROM {kinds} l JOIN {kinds} r ON NOT l.verified AND (l.mask & r.mask) = 0"
    ).fetchall()
    return float(row[0][0])


def held_columns(con: duckdb.DuckDBPyConnection, where: str) -> set[str]:
    """The standard columns in which at least two of the records say something."""
    counts = ", ".join(f"count({column})" for column in FIELDS)
    row = con.execute(f"SELECT {counts} FROM records WHERE {where}").fetchall()[0]
    return {column for column, count in zip(FIELDS, row, strict=True) if count > 1} - {"nhs"}


def _collapse(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """`units`: a verified number, or one record. `nodes`: the distinct identities of a unit, the first
    record for each.

    Records of one verified number that say the same need be compared but once; what differs is kept,
    because an old address or a maiden name is how the next record may be found.
    """
    con.register("promised_sources", _bits(settings))
    con.execute(
        "CREATE OR REPLACE TABLE members AS SELECT rid, coalesce(min(rid) OVER (PARTITION BY"
        " verified), rid) AS unit"
        " FROM records WHERE verified IS NOT NULL AND side = 0"
        " UNION ALL SELECT rid, rid FROM records WHERE verified IS NULL AND side = 0"
    )
    con.execute(
        "CREATE OR REPLACE TABLE units AS SELECT unit, bool_or(verified IS NOT NULL) AS verified,"
        " bit_or(coalesce(bit, 0)) AS mask FROM records JOIN members USING (rid)"
        " LEFT JOIN promised_sources USING (source) GROUP BY unit ORDER BY unit"
    )
    fields = "forename, surname, given, born, sex, postcode, number, street, uprn, other_id"
    con.execute(
        f"CREATE OR REPLACE TABLE nodes AS SELECT min(rid) AS rid, unit, units.verified, units.mask, 0"
        f" AS side, {fields}"
        f" FROM records JOIN members USING (rid) JOIN units USING (unit) GROUP BY unit,"
        f" units.verified, units.mask, {fields}"
    )


def _bits(settings: Settings) -> pa.Table:
    sources = sorted(settings.one_per_source)
    bits = [1 << at for at in range(len(sources))]
    return pa.table({"source": pa.array(sources, pa.string()), "bit": pa.array(bits, pa.int64())})


def _partition(con: duckdb.DuckDBPyConnection, evidence: dict[str, Any]) -> Partition:
    units = con.execute("SELECT unit, verified, mask FROM units ORDER BY unit").fetchnumpy()
    count = int(con.execute("SELECT count(*) FROM records").fetchall()[0][0])
    found = con.execute(
        "SELECT a.unit AS l, b.unit AS r, scored.l AS rid_l, scored.r AS rid_r, weight FROM scored"
        " JOIN members a ON a.rid = scored.l JOIN members b ON b.rid = scored.r ORDER BY weight DESC,"
        " rid_l, rid_r"
    ).fetchnumpy()
    verified, mask = np.zeros(count, np.int64), np.zeros(count, np.int64)
    verified[units["unit"]], mask[units["unit"]] = units["verified"], units["mask"]
    left, right, weight = (np.asarray(found[name]) for name in ("l", "r", "weight"))
    labels, kept = cluster.join(count, left, right, weight, verified, mask)
    members = con.execute("SELECT rid, unit FROM members").fetchnumpy()
    answer = np.arange(count)
    answer[members["rid"]] = labels[members["unit"]]
    exact = con.sql(
        "SELECT unit AS l, rid AS r, 'exact' AS rule, CAST(NULL AS DOUBLE) AS weight FROM members"
        " WHERE unit <> rid ORDER BY r"
    ).to_arrow_table()
    pairs = pa.table(
        {
            "l": found["rid_l"][kept],
            "r": found["rid_r"][kept],
            "rule": pa.array(["splink"] * len(kept), pa.string()),
            "weight": found["weight"][kept],
        }
    )
    evidence["pairs_refused"] = len(found["l"]) - len(kept)
    return Partition(answer, pa.concat_tables([exact, pairs]), evidence)


METHODS: dict[str, Linker] = {"nhs-then-splink": nhs_then_splink, "splink": splink, "bills": bills}
