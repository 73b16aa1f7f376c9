"""The DuckDB connection: shut in, encrypted on disk, whole or not at all, and silent about rows."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharewell.engines.arrow import admit
from sharewell.engines.duckdb import DuckDB, lower, run
from sharewell.engines.reference import evaluate
from sharewell.errors import DataError, EngineError, StorageError
from sharewell.plan.schema import Asset, Column, Schema, Type
from sharewell.plan.sql import DEEPEST, parse_expression
from sharewell.plan.steps import Derive, Read, Step

SECRET = bytes(range(32))
CANARY = "Zebedee Quillfeather"
ROWS = pa.table({"id": ["p1", "p2"], "name": [CANARY, None], "born": [date(1948, 2, 29), None]})


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDB]:
    with DuckDB([tmp_path], threads=1, memory="500MB", spill=tmp_path / "spill") as made:
        made.hold_key("agreement", SECRET)
        yield made


def test_what_is_written_is_read_back_and_is_not_on_the_disk_in_clear(
    engine: DuckDB, tmp_path: Path
) -> None:
    path = tmp_path / "people.parquet"
    engine.write(engine.from_arrow(ROWS), path, "agreement")
    assert engine.to_arrow(engine.read(path, "agreement")) == ROWS
    assert CANARY.encode() not in path.read_bytes()
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["people.parquet"]
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(path)


def test_a_table_held_by_the_raw_connection(engine: DuckDB) -> None:
    engine.con.execute(
        "CREATE TABLE raw AS SELECT * FROM (VALUES (1::BIGINT, -0.0::DOUBLE), (2, 0.5)) t(a, x)"
    )
    assert str(engine.to_arrow(engine.held("raw")).to_pydict()) == "{'a': [1, 2], 'x': [0.0, 0.5]}"


def test_the_deepest_expression_that_is_read_can_be_run(engine: DuckDB) -> None:
    schema = Schema((Column("a", Type.INTEGER),))
    deepest = parse_expression("a" + " + a" * (DEEPEST - 1), schema)
    table = engine.from_arrow(pa.table({"a": [1, 2]}))
    assert engine.to_arrow(table.select(lower(deepest, table).name("n")))["n"].to_pylist() == [100, 200]
    assert evaluate(deepest, {"a": 2}) == 200


def test_a_long_chain_of_steps_can_be_run(engine: DuckDB) -> None:
    step: Step = Read(Asset("t", "host", Schema((Column("a", Type.INTEGER),))))
    table = engine.from_arrow(pa.table({"a": [1, 2]}))
    for _ in range(60):
        step = Derive(step, (("a", parse_expression("a + a // a", step.shape.schema)),))
        table = run(step, [table])
    assert engine.to_arrow(table)["a"].to_pylist() == [61, 62]


def test_another_key_reads_nothing(engine: DuckDB, tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    engine.write(engine.from_arrow(ROWS), path, "agreement")
    engine.hold_key("other", bytes(32))
    with pytest.raises(EngineError):
        engine.to_arrow(engine.read(path, "other"))


@pytest.mark.parametrize(("name", "secret"), [("k", b"short"), ("k'; drop", SECRET), ("", SECRET)])
def test_a_key_is_32_bytes_under_a_plain_name(engine: DuckDB, name: str, secret: bytes) -> None:
    with pytest.raises(EngineError):
        engine.hold_key(name, secret)


def test_a_full_disk_leaves_what_stood_there(engine: DuckDB, tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    engine.write(engine.from_arrow(ROWS), path, "agreement")
    before = path.read_bytes()
    many = engine.from_arrow(pa.table({"n": list(range(300_000))}))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StorageError) as caught:
            engine.write(many, path, "agreement")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert "file too large" in str(caught.value)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["people.parquet"]


def test_a_folder_that_is_not_there_is_a_storage_error(engine: DuckDB, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        engine.write(engine.from_arrow(ROWS), tmp_path / "nowhere" / "x.parquet", "agreement")
    with pytest.raises((StorageError, EngineError)):
        engine.read(tmp_path / "nothing.parquet", "agreement")


def test_it_reaches_no_other_folder(engine: DuckDB, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.parquet"
    with pytest.raises(EngineError):
        engine.write(engine.from_arrow(ROWS), outside, "agreement")
    assert not outside.exists()
    for statement in (
        "SELECT * FROM read_csv('/etc/hostname')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL spatial",
        "ATTACH '/tmp/x.db'",
        "SELECT * FROM ROWS",
    ):
        with pytest.raises(duckdb.Error):
            engine.con.execute(statement)


def test_a_fault_says_nothing_of_a_row(engine: DuckDB) -> None:
    table = engine.from_arrow(ROWS)
    with pytest.raises(EngineError) as caught:
        engine.to_arrow(table.select(n=table["name"].cast("int64")))
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_does_not_fit_in_memory_says_so() -> None:
    with DuckDB(threads=1, memory="20MB") as engine:
        many = engine.from_arrow(pa.table({"n": list(range(1_000_000))}))
        wide = many.select(a=many["n"].cast("string") + "x" * 100)
        with pytest.raises(EngineError, match="MEMORY"):
            engine.to_arrow(wide.order_by("a"))


def test_what_is_read_is_in_the_types_of_the_language() -> None:
    raw = pa.table(
        {
            "i": pa.array([1, 2**53, -(2**53), None], pa.int64()),
            "u": pa.array([1, 2**53, 2**64 - 1, 0], pa.uint64()),
            "s": pa.array([1, 2, 3, 4], pa.int8()),
            "x": pa.array([float("nan"), float("inf"), -0.0, 0.5], pa.float64()),
            "f": pa.array([0.5, None, float("-inf"), 1.0], pa.float32()),
            "t": pa.array(["a", "b\0", "", None], pa.large_string()),
            "c": pa.array(["a", "b", "a", None]).dictionary_encode(),
            "d": pa.array([date(1, 1, 1), date(9999, 12, 31), None, None]),
            "old": pa.array([-719163, -719162, 2932896, 2932897], pa.date32()),
            "m": pa.array(
                [datetime(1, 1, 1), datetime(2024, 1, 1, 0, 0, 0, 1), None, None], pa.timestamp("us")
            ),
            "nothing": pa.nulls(4),
        }
    )
    table = admit(raw)
    assert table.schema.types == [*[pa.int64()] * 3, *[pa.float64()] * 2, *[pa.string()] * 2,
                                  *[pa.date32()] * 2, pa.timestamp("us"), pa.string()]  # fmt: skip
    assert table["i"].to_pylist() == [1, None, None, None]
    assert table["u"].to_pylist() == [1, None, None, 0]
    assert str(table["x"].to_pylist()) == "[None, None, 0.0, 0.5]"
    assert table["f"].to_pylist() == [0.5, None, None, 1.0]
    assert table["t"].to_pylist() == ["a", None, "", None]
    assert table["c"].to_pylist() == ["a", "b", "a", None]
    assert table["old"].to_pylist() == [None, date(1, 1, 1), date(9999, 12, 31), None]
    assert table["m"].to_pylist()[1] == datetime(2024, 1, 1, 0, 0, 0, 1)


def test_a_type_without_a_counterpart_is_refused() -> None:
    with pytest.raises(DataError, match="column l"):
        admit(pa.table({"l": [[1], [2]]}))
    with pytest.raises(DataError):
        admit(pa.table({"z": pa.array([datetime(2024, 1, 1)], pa.timestamp("us", "UTC"))}))


@pytest.mark.long
def test_a_large_union_is_fetched_and_does_not_wait_for_itself() -> None:
    """DuckDB 1.5.5 waits for ever on just this when its result is streamed to Arrow."""
    script = """
import ibis
from sharewell.engines.duckdb import DuckDB
with DuckDB(threads=2) as engine:
    engine.con.execute("CREATE TEMP TABLE p AS SELECT md5(range::VARCHAR) AS person,"
        " range % 64 AS practice, CASE WHEN range % 90 < 18 THEN 'young' ELSE 'old' END AS band"
        " FROM range(400000)")
    engine.con.execute("CREATE TEMP TABLE m AS SELECT md5((range % 400000)::VARCHAR) AS person,"
        " 'x' || (hash(range) % 10)::VARCHAR AS place, range % 1000 AS cost FROM range(2800000)")
    people, did = engine.held("p"), engine.held("m")
    figures = {"contacts": did.count(), "pence": did["cost"].sum().cast("int64")}
    each = did.group_by(["person", "place"]).aggregate(**figures).left_join(people, "person")
    over = people.left_join(did.group_by("person").aggregate(**figures), "person")
    over = over.mutate(place=ibis.literal("All"))
    columns = ["practice", "band", "place", "contacts", "pence"]
    print(engine.to_arrow(each.select(columns).union(over.select(columns))).num_rows)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(ran.stdout) > 400_000
