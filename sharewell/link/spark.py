"""The same people out of Spark, for an authority whose records live there.

Spark moves the records: it brings those that share a blocking key together, and counts. What is judged of
them is judged by the code of one machine, because it runs inside Spark's tasks: DuckDB makes the keys and
weighs the pairs, a batch of Arrow at a time. So a model gives the same weight here as there, to the last
bit, with nothing translated; similarity functions made for Spark do not (decision 0022). Training needs
only a sample and is not done here; clusters are formed where the session is driven from.

Sharewell must be importable in Spark's workers. No more of Spark is used than DataFrames of version 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from ..errors import LinkError, Problem
from . import blocking, cluster, collapse, doubts, methods, numbers, standardise
from .identify import check_records
from .session import session as opened
from .settings import Settings
from .trained import Model
from .weigh import weigh

_AT_ONCE = 200_000
"""Rows that one task weighs at a time."""
_HALF = 2**63
"""DuckDB's keys are unsigned, Spark's numbers are not."""

Batches = Iterator[pa.RecordBatch]


def people(tables: Mapping[str, pa.Table], *, settings: Settings, model: Model, session: Any) -> pa.Table:
    """Link as `sharewell.link.people` does, under a trained model; Spark finds and weighs the pairs.

    `session` is a SparkSession. Answers (source, record, cluster), with the same clusters and the same ids.
    Raises LinkError for what `people` does, for a linker other than `nhs-then-splink` and `splink`, for a
    model of other columns, and where Spark stops.
    """
    check_records(tables, settings)
    if settings.linker not in ("nhs-then-splink", "splink"):
        what = f"{settings.linker} does not run on Spark"
        raise LinkError(Problem("LINKER", what, fix="use nhs-then-splink or splink"))
    with opened(settings.threads) as con:
        con.execute("SET enable_progress_bar = false")
        try:
            clean, _ = doubts.prepare(con, tables, settings.columns)
            loaded, _ = doubts.notice(con, standardise.load(con, clean, settings.columns))
            con.execute("ALTER TABLE rows ADD COLUMN side INTEGER DEFAULT 0")
            if settings.linker == "splink":
                con.execute("ALTER TABLE rows ADD COLUMN verified BIGINT")
            else:
                numbers.verify(con, settings.one_per_source)
            collapse.units(con, loaded.identities, settings.one_per_source)
            _check_held(model, methods.held_columns(con)[0])
            _score(con, model, session)
            collapse.edges(con)
            found = methods.partition(con, {})
            records = con.sql("SELECT source, record FROM records ORDER BY rid").to_arrow_table()
        except duckdb.Error as error:
            raise _stopped(error) from None
    return records.append_column("cluster", cluster.name(settings.secret, "person", records, found.labels))


def scored(session: Any, model: Model, said: Any) -> Any:
    """The pairs worth joining, as a DataFrame (l, r, weight, apart), out of the DataFrame
    `said(rid, FIELDS..., free, masks)`.

    As `blocking.find` and `weigh` together: rows that are `free` against all, where `masks` (sources that
    promised one record a person) do not meet; keys that too many rows share are passed over.
    """
    held = model.to_bytes()
    keyed = said.mapInArrow(_task(held, _keys), "rule int, key long, rid long, free boolean, masks long")
    pairs = session.sql(_PAIRS.format(most=blocking.LARGEST_BLOCK, keyed="{keyed}"), keyed=keyed)
    columns = sorted(model.columns)
    sides = ", ".join(f"{side}.{name} AS {name}_{side}" for name in columns for side in "lr")
    wide = session.sql(
        f"SELECT p.l, p.r, {sides} FROM {{pairs}} p JOIN {{said}} l ON l.rid = p.l"
        " JOIN {said} r ON r.rid = p.r",
        pairs=pairs,
        said=said,
    )
    return wide.mapInArrow(_task(held, _weights), "l long, r long, weight double, apart string")


_PAIRS = """
    WITH shared AS (
        SELECT rule, key FROM {keyed} GROUP BY rule, key
        HAVING count(*) BETWEEN 2 AND {most} AND bool_or(free)
    ), blocks AS (SELECT k.* FROM {keyed} k JOIN shared s ON s.rule = k.rule AND s.key = k.key)
    SELECT DISTINCT least(l.rid, r.rid) AS l, greatest(l.rid, r.rid) AS r FROM blocks l JOIN blocks r
    ON l.rule = r.rule AND l.key = r.key AND l.rid <> r.rid AND (l.rid < r.rid OR NOT r.free)
    WHERE l.free AND (l.masks & r.masks) = 0
"""


def _score(con: duckdb.DuckDBPyConnection, model: Model, session: Any) -> None:
    """Fill `scored(l, r, weight, apart)` from the view `said`, by Spark; what several units say word for
    word is paired with itself here.
    """
    fields = ", ".join(["rid::BIGINT AS rid", *sorted(_wanted(model)), "free", "masks::BIGINT AS masks"])
    said = con.sql(f"SELECT {fields} FROM said").to_arrow_table()
    try:
        found = scored(session, model, session.createDataFrame(said)).toArrow()
    except Exception as error:  # whatever Spark raises may quote a row
        raise _stopped(error) from None
    con.execute("CREATE OR REPLACE TABLE pairs (l BIGINT, r BIGINT)")
    collapse.add_same(con)
    weigh(con, model, "said", "pairs", "scored")
    con.register("found_by_spark", found)
    con.execute("INSERT INTO scored SELECT l, r, weight, apart FROM found_by_spark")
    con.unregister("found_by_spark")


def _check_held(model: Model, held: set[str]) -> None:
    if not model.columns & held:
        what = f"the model compares {', '.join(sorted(model.columns))}; the records hold none of them"
        raise LinkError(Problem("FIELDS", what, fix="train a model on these records"))


def _wanted(model: Model) -> frozenset[str]:
    return model.columns.union(*(rule.needs for rule in model.rules))


def _stopped(error: Exception) -> LinkError:
    what = f"the linking engine stopped ({type(error).__name__})"
    return LinkError(Problem("ENGINE", what, "its text may quote a row"))


# --- inside Spark's tasks ---

Work = Callable[[duckdb.DuckDBPyConnection, Model], str]


def _task(held: bytes, work: Work) -> Callable[[Batches], Batches]:
    """What Spark runs over each partition: `work` over table `batch`, answering the SQL of its result."""

    def run(batches: Batches) -> Batches:
        model = Model.of_bytes(held)
        for table in _gathered(batches):
            with opened(1) as con:
                con.register("batch", table)
                try:
                    found = con.sql(work(con, model)).to_arrow_table()
                except duckdb.Error as error:  # Spark logs what a task raises
                    raise _stopped(error) from None
            yield from found.to_batches()

    return run


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Arrow comes in small batches; a query is worth its planning only on larger ones."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= _AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _keys(con: duckdb.DuckDBPyConnection, model: Model) -> str:
    blocking.keys(con, "batch", model.rules, "keyed")
    return (
        f"SELECT rule, CAST(CAST(key AS HUGEINT) - {_HALF} AS BIGINT) AS key, rid, free, masks"
        " FROM keyed JOIN batch USING (rid)"
    )


def _weights(con: duckdb.DuckDBPyConnection, model: Model) -> str:
    columns = sorted(model.columns)
    sides = [
        f"SELECT {side} AS rid, {', '.join(f'{name}_{side} AS {name}' for name in columns)} FROM batch"
        for side in "lr"
    ]
    con.execute(f"CREATE TABLE said AS {' UNION '.join(sides)}")
    weigh(con, model, "said", "batch", "weighed")
    return "SELECT l, r, weight, apart FROM weighed"
