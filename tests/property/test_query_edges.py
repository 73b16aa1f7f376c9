"""The odd corners of SQL over odd rows: what a question counts there is what DuckDB counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest

from sharewell.engines.duckdb import DuckDB
from sharewell.errors import FitError, PlanError
from sharewell.plan.query_steps import compile_question

from .query_answers import answered, check_same

from question_example import read  # isort: skip

AREAS = ("N1", None, "", "Ñandú 日本", "O'Hara", "All", "Not known", " N1")
"""A label that is missing, empty, foreign, quoted, spaced, and the words that an answer itself uses."""

HUGE = 2**52


def _rows() -> dict[str, pa.Table]:
    rng = Random(7)
    people = [
        {
            "born": None if i % 11 == 0 else date(1930 + rng.randrange(80), 1 + i % 12, 1 + i % 28),
            "age": None if i % 9 == 0 else rng.randrange(90),
            "area": AREAS[i % len(AREAS)],
            "sex": rng.choice(["F", "M", None]),
            "asthma": rng.choice([True, False, None]),
            "weight": None if i % 5 == 0 else round(40 + rng.random() * 60, 1),
            "person": None if i % 13 == 0 else f"p{i:03d}",
            "home": f"h{i // 3:03d}",
        }
        for i in range(160)
    ]
    visits = [
        {
            "day": date(2023, 1, 1 + i % 28),
            "place": rng.choice(["A", "B", None]),
            "cost": rng.choice([0, 1, 5, 2**40, None]),
            "person": None if i % 10 == 0 else f"p{rng.randrange(170):03d}",
        }
        for i in range(300)
    ]
    return {
        "x.patients": pa.Table.from_pylist(people),
        "x.gp-visits": pa.Table.from_pylist(visits),
        "x.accounts": pa.Table.from_pylist(
            [{"opened": date(2020, 1, 1), "use": float(i % 7), "home": f"h{i % 40:03d}"} for i in range(80)]
        ),
        "x.areas": pa.Table.from_pylist(
            [{"area": area, "ward": f"W{i % 2}"} for i, area in enumerate(("N1", "Ñandú 日本", "O'Hara"))]
        ),
    }


ROWS = _rows()

Engines = tuple[DuckDB, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """DuckDB's own tables are without records of nobody known, as an answer is."""
    plain = duckdb.connect()
    for name, table in ROWS.items():
        known = table.filter(table["person"].is_valid()) if "person" in table.column_names else table
        plain.register(name.removeprefix("x.").replace("-", "_"), known)
    with DuckDB([]) as engine:
        yield engine, plain
    plain.close()


SAME = [
    line
    for line in (Path(__file__).parent / "questions_answered.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("text", SAME)
def test_what_is_counted_is_what_duckdb_counts(text: str, engines: Engines) -> None:
    check_same(text, ROWS, *engines)


OTHER = {
    "no number divided by zero is infinite": (
        "select count(*) as n from patients where weight / 0 is null",
        "select count(*) as n from patients",
    ),
    "only A to Z have another case": (
        "select upper(area) as g, count(*) as n from patients where area = 'Ñandú 日本' group by 1",
        "select 'ÑANDú 日本' as g, count(*) as n from patients where area = 'Ñandú 日本'",
    ),
    "an integer beyond 2**53 is null": (
        "select count(*) as n from patients where age * 9007199254740991 > 0",
        "select count(*) as n from patients where age = 1",
    ),
    "a negative length is none": (
        "select count(*) as n from patients where left(area, -1) = ''",
        "select count(*) as n from patients where area is not null",
    ),
}


@pytest.mark.parametrize(("text", "as_"), OTHER.values(), ids=OTHER)
def test_where_the_language_has_rules_of_its_own(text: str, as_: str, engines: Engines) -> None:
    check_same(text, ROWS, *engines, as_=as_)


def test_a_sum_past_what_integers_hold_is_never_told_as_nothing(engines: Engines) -> None:
    """One person's sum of four times 2**52 is null in the language; left out, the total would be wrong."""
    many = [
        {"day": date(2023, 1, 1), "place": "A", "cost": HUGE, "person": f"p{i // 4}"} for i in range(40)
    ]
    rows = {**ROWS, "x.gp-visits": pa.Table.from_pylist(many)}
    for figure in ("sum(cost)", "avg(cost)"):
        with pytest.raises(FitError) as caught:
            answered(f"select {figure} as n from gp_visits", rows, engines[0])
        assert [problem.code for problem in caught.value.problems] == ["OVERFLOW"]
    _, found = answered("select sum(number(cost)) as n from gp_visits", rows, engines[0])
    assert found == {(): [40.0 * HUGE]}


@pytest.mark.parametrize(
    "join",
    [
        "patients p join patients q on p.person = q.person",
        "patients p left join gp_visits q on p.person = q.person",
        "patients p join (select person, home from patients) q on p.home = q.home",
        "gp_visits p join gp_visits q using (person)",
    ],
)
def test_no_join_repeats_a_row(join: str) -> None:
    """Else one person's values would be added up several times."""
    with pytest.raises(PlanError) as caught:
        compile_question(read(f"select count(*) as n from {join}"))
    assert {problem.code for problem in caught.value.problems} == {"CARDINALITY"}
