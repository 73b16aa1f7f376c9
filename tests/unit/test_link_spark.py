"""Spark gives the people that one machine gives: the same clusters, ids and all, from the same model."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sharewell.errors import LinkError
from sharewell.link import Settings, people, spark, training
from sharewell.link.trained import Model

SECRET = b"s" * 32
FORENAMES = (
    "ADA",
    "BEN",
    "CLEO",
    "DEV",
    "EVA",
    "FINN",
    "GITA",
    "HUGO",
    "IVY",
    "JACK",
    "KOFI",
    "LENA",
    "MAX",
)
SURNAMES = (
    "ABBOTT",
    "BAKER",
    "CLARKE",
    "DUBOIS",
    "EVANS",
    "FARAH",
    "GREEN",
    "HUSSAIN",
    "JONES",
    "KHAN",
    "LEWIS",
)


def lives(count: int) -> dict[str, pa.Table]:
    """People in two sources, the second with slips of the pen; drawn by number, not by chance."""
    both: dict[str, list[dict[str, Any]]] = {"one": [], "two": []}
    for n in range(count):
        forename, surname = (
            FORENAMES[n % 13] + "AEIO"[n % 4] * (n % 3),
            SURNAMES[(n * 7) % 11] + "SEN" * (n % 2),
        )
        row = {
            "record": str(n),
            "forename": forename,
            "surname": surname,
            "born": f"{1930 + (n * 13) % 80}-{1 + (n * 5) % 12:02}-{1 + (n * 3) % 28:02}",
            "sex": "FM"[n % 2],
            "postcode": f"CT{1 + n % 9} {n % 10}A{chr(65 + (n // 10) % 20)}",
            "address": f"{1 + n % 60} {SURNAMES[n % 11]} Road",
        }
        both["one"].append(row)
        slip: dict[str, Any] = {}
        if n % 7 == 0:
            slip["forename"] = forename[1] + forename[0] + forename[2:]
        if n % 11 == 0:
            slip["postcode"] = "ME4 1ZZ"
        if n % 13 == 0:
            slip["born"] = None
        if n % 17 == 0:
            slip |= {"forename": surname, "surname": forename}
        if n % 3:
            both["two"].append(row | slip)
    return {name: pa.Table.from_pylist(rows) for name, rows in both.items()}


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java to run Spark on")
    root = str(Path(spark.__file__).parents[2])
    ours = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    options = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    with pytest.MonkeyPatch.context() as patch:  # Spark's workers start with what is set here
        patch.setenv("PYTHONPATH", ours)
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        made = builder.getOrCreate()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def trained() -> tuple[Model, pa.Table]:
    """The model that one machine settled on, and the people it found."""
    kept: list[Model] = []
    settle = training.settle

    def keep(*told: Any) -> Model:
        kept.append(settle(*told))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "settle", keep)
        linked = people(lives(1200), settings=settings())
    return kept[0], linked.table


def settings(**told: Any) -> Settings:
    return Settings(secret=SECRET, linker="splink", one_per_source=frozenset({"one", "two"}), **told)


def test_same_people_under_the_same_ids(session: Any, trained: tuple[Model, pa.Table]) -> None:
    model, table = trained
    found = spark.people(lives(1200), settings=settings(), model=model, session=session)
    assert len(set(table["cluster"].to_pylist())) < 0.8 * len(table)  # there was something to join
    assert found.equals(table)


def test_what_stops_spark_quotes_nobody(trained: tuple[Model, pa.Table]) -> None:
    class Broken:
        def createDataFrame(self, table: pa.Table) -> Any:  # noqa: N802 (Spark's own name)
            raise RuntimeError(f"cannot read {table['surname'][0]}")

    with pytest.raises(LinkError) as told:
        spark.people(lives(50), settings=settings(), model=trained[0], session=Broken())
    assert "RuntimeError" in str(told.value)
    assert told.value.__cause__ is None
    assert not any(name in str(told.value) for name in SURNAMES)


def test_other_linkers_are_refused(trained: tuple[Model, pa.Table]) -> None:
    asked = Settings(secret=SECRET, linker="bills")
    with pytest.raises(LinkError, match="does not run on Spark"):
        spark.people(lives(5), settings=asked, model=trained[0], session=None)
