"""Whatever is asked: a plan of known steps that reads what its footprint says, or a refusal; never else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.engines.duckdb import DuckDB
from sharewell.plan.footprint import live_columns
from sharewell.plan.query import Question
from sharewell.plan.steps import Derive, Filter, Group, Join, Keep, Pick, Read, Step

from .query_answers import check_same, compiled
from .questions import mutated, questions

from question_example import TABLES  # isort: skip

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
KNOWN = (Read, Keep, Derive, Filter, Join, Group, Pick)


def check_bounded(question: Question, rows: Step) -> None:
    """Only known steps over the tables given; the footprint, found on the tree, is what they read."""
    steps = list(rows.walk())
    assert all(isinstance(step, KNOWN) for step in steps)
    live = live_columns([rows])
    reads = [step for step in steps if isinstance(step, Read)]
    assert {step.asset.name for step in reads} <= {table.asset for table in TABLES.values()}
    seen = {(step.asset.name, column) for step in reads for column in live[step]}
    assert {(used.asset, used.column) for used in question.footprint} == seen


@QUICK
@given(questions())
def test_what_may_be_asked_compiles_and_reads_what_it_says(text: str) -> None:
    made = compiled(text)
    assert made is not None
    check_bounded(*made)


@QUICK
@given(mutated())
def test_mutations_are_refused_or_bounded(text: str) -> None:
    made = compiled(text)
    if made is not None:
        check_bounded(*made)


@QUICK
@given(
    st.text(max_size=200) | st.text("select from where group by count(*) patients ,.;'\"()-/", max_size=200)
)
def test_any_text_is_refused_or_bounded(text: str) -> None:
    made = compiled(text)
    if made is not None:
        check_bounded(*made)


def _rows() -> dict[str, pa.Table]:
    rng = Random(5)
    people = [
        {
            "born": date(1930 + rng.randrange(80), rng.randrange(1, 13), rng.randrange(1, 28)),
            "age": rng.randrange(90),
            "area": rng.choice(["N1", "N2", "N3"]),
            "sex": rng.choice(["F", "M"]),
            "asthma": rng.random() < 0.4,
            "weight": None if rng.random() < 0.1 else round(40 + rng.random() * 60, 1),
            "person": f"p{i:03d}",
            "home": f"h{i // 2:03d}",
        }
        for i in range(120)
    ]
    visits = [
        {
            "day": date(2023, 1, 1 + i % 28),
            "place": rng.choice("AB"),
            "cost": rng.randrange(100),
            "person": f"p{rng.randrange(90):03d}",
        }
        for i in range(200)
    ]
    areas = [{"area": f"N{i}", "ward": f"W{i % 2}"} for i in range(1, 4)]
    return {
        "x.patients": pa.Table.from_pylist(people),
        "x.gp-visits": pa.Table.from_pylist(visits),
        "x.areas": pa.Table.from_pylist(areas),
    }


ROWS = _rows()


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[DuckDB, duckdb.DuckDBPyConnection]]:
    plain = duckdb.connect()
    for name, table in ROWS.items():
        plain.register(name.removeprefix("x.").replace("-", "_"), table)
    with DuckDB([]) as engine:
        yield engine, plain
    plain.close()


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=questions())
def test_the_figures_are_those_of_the_sql_itself(
    text: str, engines: tuple[DuckDB, duckdb.DuckDBPyConnection]
) -> None:
    """What the plan makes is what DuckDB itself answers to the same text, before the gate."""
    engine, plain = engines
    check_same(text, ROWS, engine, plain)
