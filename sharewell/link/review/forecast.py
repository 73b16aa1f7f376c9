"""Before a run: how much work the blocking rules make, where it comes from, and who could never be linked.

All of it is counts. A block is told by its rule and its size and never by its key. Small counts are still
counts of people: whoever shows them outside gates them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ...errors import LinkError, Problem
from .. import blocking, identify, model, standardise, weigh
from ..model import Rule
from ..session import session
from ..settings import Settings
from ..trained import Model

_MOST = 10


@dataclass(frozen=True)
class Before:
    """`rules(rule, records, keys, pairs, marginal, cumulative, common_keys, common_records)`;
    `blocks(rule, records, skipped)`, the largest first; `unlinkable(source, records, unlinkable, share)`,
    None without a model; `pairs` to be scored, of so many `possible`.

    `records` are those that share a key with another, `marginal` the pairs that no earlier rule makes,
    `common_keys` and `common_records` what is skipped because too many share one key.
    """

    rules: pa.Table
    blocks: pa.Table
    unlinkable: pa.Table | None
    pairs: int
    possible: int

    @property
    def share(self) -> float:
        """Pairs to be scored, of all that could be made."""
        return self.pairs / self.possible if self.possible else 0.0


def before(tables: Mapping[str, pa.Table], *, settings: Settings, trained: Model | None = None) -> Before:
    """What a run over these sources would do; `trained` brings its own rules, and says who is unlinkable.

    Raises LinkError as `link.people` does for records that cannot be linked, and where DuckDB stops.
    """
    identify.check_records(tables, settings)
    with session(settings.threads) as con:
        con.execute("SET enable_progress_bar = false")
        try:
            standardise.load(con, tables, settings.columns)
            rules = trained.rules if trained else _rules_of(con)
            found = analyse(con, "records", rules)
            unlinkable = unlinkables(con, trained, "records") if trained else None
        except duckdb.Error as error:
            kind = type(error).__name__
            why = "its text may quote a row"
            raise LinkError(Problem("ENGINE", f"the linking engine stopped ({kind})", why)) from None
    return Before(found.rules, found.blocks, unlinkable, found.pairs, found.possible)


def analyse(con: duckdb.DuckDBPyConnection, table: str, rules: Sequence[Rule], most: int = _MOST) -> Before:
    """The work that `rules` make over `table(rid, FIELDS...)`; no pair is kept, only counted."""
    blocking.keys(con, table, rules, "review_keys")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE review_blocks AS SELECT rule, key, count(*) AS n,"
        f" count(*) > {blocking.LARGEST_BLOCK} AS common"
        " FROM review_keys GROUP BY rule, key HAVING count(*) > 1"
    )
    names = [" and ".join(rule.keys) for rule in rules]
    counts = {row[0]: row[1:] for row in con.execute(_COUNTS).fetchall()}
    marginal = _marginal(con, len(rules))
    rows, total = [], 0
    for at, name in enumerate(names):
        total += marginal[at]
        records, keys, pairs, common, among = (int(n) for n in counts.get(at, (0, 0, 0, 0, 0)))
        rows.append((name, records, keys, pairs, marginal[at], total, common, among))
    largest = con.execute(
        f"SELECT rule, n, common FROM review_blocks ORDER BY n DESC, rule LIMIT {most}"
    ).fetchall()
    possible = con.execute(f"SELECT (count(*) * (count(*) - 1)) // 2 FROM {table}").fetchall()[0][0]
    con.execute("DROP TABLE review_keys; DROP TABLE review_blocks")
    return Before(
        _rules(rows), _blocks([(names[at], n, common) for at, n, common in largest]), None, total, possible
    )


_COUNTS = """
    SELECT rule, coalesce(sum(n) FILTER (NOT common), 0), count(*) FILTER (NOT common),
        coalesce(sum(n * (n - 1) // 2) FILTER (NOT common), 0), count(*) FILTER (common),
        coalesce(sum(n) FILTER (common), 0)
    FROM review_blocks GROUP BY rule
"""


def _marginal(con: duckdb.DuckDBPyConnection, count: int) -> list[int]:
    """How many pairs each rule makes that no earlier rule does.

    Each record's keys stand in one row, so that a pair is asked of the earlier rules where it is made.
    """
    if not count:
        return []
    keys = ", ".join(f"any_value(key) FILTER (rule = {at}) AS key_{at}" for at in range(count))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE review_wide AS SELECT rid, {keys} FROM review_keys"
        " SEMI JOIN (SELECT rule, key FROM review_blocks WHERE NOT common) b USING (rule, key) GROUP BY rid"
    )
    answer = []
    for at in range(count):
        earlier = "".join(f" AND NOT coalesce(l.key_{n} = r.key_{n}, FALSE)" for n in range(at))
        row = con.execute(
            f"SELECT count(*) FROM review_wide l JOIN review_wide r ON l.key_{at} = r.key_{at}"
            f" AND l.rid < r.rid{earlier}"
        ).fetchall()
        answer.append(int(row[0][0]))
    con.execute("DROP TABLE review_wide")
    return answer


def unlinkables(con: duckdb.DuckDBPyConnection, trained: Model, table: str) -> pa.Table:
    """(source, records, unlinkable, share): records that say too little to reach the threshold even against
    themselves, by source. `table(rid, source, FIELDS...)`.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE review_self AS SELECT rid AS l, rid AS r FROM {table}")
    weigh.weigh(con, trained, table, "review_self", "review_weights")
    found = con.execute(
        "SELECT source, count(*) AS records, count(*) - count(l) AS unlinkable,"
        " 1 - count(l) / count(*) AS share"
        f" FROM {table} t LEFT JOIN review_weights ON l = t.rid GROUP BY source ORDER BY source"
    ).to_arrow_table()
    con.execute("DROP TABLE review_self; DROP TABLE review_weights")
    return found


def _rules_of(con: duckdb.DuckDBPyConnection) -> list[Rule]:
    """The rules that a run would choose for these records."""
    counts = ", ".join(f"count({column})" for column in standardise.FIELDS)
    rows = con.execute(f"SELECT {counts} FROM records GROUP BY source").fetchall()
    by_column = dict(zip(standardise.FIELDS, zip(*rows, strict=True), strict=False))
    held = {column for column, each in by_column.items() if sum(each) > 1} - {"nhs"}
    lacking = {column for column in held if not min(by_column[column])}
    count = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    return model.blocks(held, lacking, wide=count <= model.WIDE_UP_TO)


def _rules(rows: Sequence[tuple[str, int, int, int, int, int, int, int]]) -> pa.Table:
    names = ("rule", "records", "keys", "pairs", "marginal", "cumulative", "common_keys", "common_records")
    kinds = [pa.string(), *[pa.int64()] * 7]
    return _table(rows, names, kinds)


def _blocks(rows: Sequence[tuple[str, int, bool]]) -> pa.Table:
    return _table(rows, ("rule", "records", "skipped"), [pa.string(), pa.int64(), pa.bool_()])


def _table(
    rows: Sequence[tuple[object, ...]], names: Sequence[str], kinds: Sequence[pa.DataType]
) -> pa.Table:
    return pa.table(
        {
            name: pa.array([row[at] for row in rows], kind)
            for at, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )
