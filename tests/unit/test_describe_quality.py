"""Quality rules, profiles and feeds, against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from describe_example import contract

from sharewell.describe import (
    Contract,
    Feed,
    Measured,
    check_described,
    check_feed,
    check_vintage,
    measure,
    profile,
    statement,
)
from sharewell.describe.rules import Rule
from sharewell.plan.finding import ResultTable
from sharewell.plan.schema import Kind

ROWS = """
    SELECT 'p' || (i % 60) AS local_id,
           CASE WHEN i < 10 THEN NULL ELSE printf('%010d', i % 80) END AS nhs_number,
           DATE '1950-01-01' + CAST(i AS INTEGER) AS born,
           CASE WHEN i % 4 = 0 THEN 'F' WHEN i = 1 THEN 'X' ELSE 'M' END AS sex,
           CAST(i AS DOUBLE) AS cost,
           i AS visits
    FROM range(100) t(i)
"""


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"threads": 1})
    made.execute(f"CREATE TABLE held AS {ROWS}")
    made.execute("CREATE TABLE sexes AS SELECT * FROM (VALUES ('F'), ('M'), (NULL)) v(code)")
    return made


def ruled(folder: Path, **rule: Any) -> Contract:
    """The contract with one rule."""
    made = Rule.model_validate({"name": "r", **rule})
    found = contract(folder)
    table = found.tables[0].model_copy(update={"quality": [made]})
    return found.model_copy(update={"tables": [table]})


@pytest.mark.parametrize(
    ("rule", "measured", "holds"),
    [
        ({"metric": "rowCount", "mustBeBetween": [1, 100]}, 100, True),
        ({"metric": "rowCount", "mustBeGreaterThan": 100}, 100, False),
        ({"metric": "nullValues", "arguments": {"properties": ["nhs_number"]}, "mustBe": 10}, 10, True),
        (
            {
                "metric": "nullValues",
                "arguments": {"properties": ["nhs_number"]},
                "mustBeLessThan": 10,
                "unit": "percent",
            },
            10,
            False,
        ),
        (
            {
                "metric": "missingValues",
                "arguments": {"properties": ["sex"], "missingValues": ["X"]},
                "mustBe": 0,
            },
            1,
            False,
        ),
        (
            {
                "metric": "invalidValues",
                "arguments": {"properties": ["sex"], "validValues": ["F", "M"]},
                "mustBe": 1,
            },
            1,
            True,
        ),
        (
            {
                "metric": "invalidValues",
                "arguments": {"properties": ["sex"], "pattern": "^[FX]$"},
                "mustBe": 74,
            },
            74,
            True,
        ),
        (
            {
                "metric": "invalidValues",
                "arguments": {"properties": ["sex"], "reference": "codes.sexes.code"},
                "mustBe": 1,
            },
            1,
            True,
        ),
        ({"metric": "duplicateValues", "mustBeLessOrEqualTo": 40}, 40, True),
        (
            {"metric": "duplicateValues", "arguments": {"properties": ["nhs_number"]}, "mustBe": 0},
            10,
            False,
        ),
        (
            {
                "metric": "externalTotal",
                "arguments": {"property": "cost", "total": 5000},
                "mustBeLessThan": 1.1,
            },
            1.0,
            True,
        ),
        (
            {
                "metric": "externalTotal",
                "arguments": {"property": "cost", "totalOf": "ledger"},
                "mustBeLessThan": 1,
            },
            1.0,
            False,
        ),
        ({"metric": "stableVolume", "mustBeBetween": [-10, 10]}, 25.0, False),
    ],
)
def test_rules_measure_what_they_say(
    tmp_path: Path, con: duckdb.DuckDBPyConnection, rule: dict[str, Any], measured: float, holds: bool
) -> None:
    (found,) = measure(
        con,
        "held",
        ruled(tmp_path, **rule),
        totals={"ledger": 5000.0},
        earlier=[90, 70],
        references={"codes.sexes": "sexes"},
    )
    assert found.measured == pytest.approx(measured)
    assert found.holds is holds


def test_a_rule_that_cannot_be_measured_does_not_hold(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    def only(**rule: Any) -> Measured:
        return measure(con, "held", ruled(tmp_path, **rule))[0]

    total = only(metric="externalTotal", arguments={"totalOf": "ledger"}, mustBeLessThan=1)
    assert (total.measured, total.holds, total.note) == (
        None,
        False,
        "the outside total ledger was not supplied, or is zero",
    )
    codes = only(
        metric="invalidValues", arguments={"properties": ["sex"], "reference": "codes.sexes.code"}, mustBe=0
    )
    assert (codes.holds, codes.note) == (False, "the reference asset codes.sexes was not supplied")
    first = only(metric="stableVolume", mustBeBetween=[-10, 10])
    assert (first.holds, first.note) == (True, "there is no earlier feed")


def test_the_statement_holds_shares_for_the_gate(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    found = measure(
        con,
        "held",
        ruled(tmp_path, metric="nullValues", arguments={"properties": ["nhs_number"]}, mustBe=0),
    )
    table = statement(found, 60)
    (row,) = table.data.to_pylist()
    assert (row["at_fault"], row["measured"], row["people"], row["holds"]) == (0.1, None, 60, "no")
    assert table.measures[0].share


def tables(con: duckdb.DuckDBPyConnection, of: Contract) -> dict[str, ResultTable]:
    return {table.name.removeprefix("gp.patients."): table for table in profile(con, "held", of)}


def test_a_profile_counts_people_and_lists_no_identifier(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    # local_id is no key of these rows: 60 people have 100 of them.
    keyless = [p.model_copy(update={"primary_key": False}) for p in contract(tmp_path).properties]
    found = contract(tmp_path)
    table = found.tables[0].model_copy(update={"properties": keyless})
    made = tables(con, found.model_copy(update={"tables": [table]}))
    assert set(made) == {"fields", "numbers", "sex"}
    sex = {row["sex"]: row["people"] for row in made["sex"].data.to_pylist()}
    assert sex == {"F": 15, "M": 45, "X": 1}
    assert made["sex"].overlapping == ("sex",)
    fields = {row["field"]: row for row in made["fields"].data.to_pylist()}
    assert (fields["nhs_number"]["present"], fields["nhs_number"]["missing"]) == (60, 10)
    assert (fields["nhs_number"]["values"], fields["sex"]["values"]) == ("10 to 99", "2 to 9")
    numbers = {row["field"]: row for row in made["numbers"].data.to_pylist()}
    assert [numbers["cost"][p] for p in ("p05", "p50", "p95")] == [5.0, 50.0, 94.0]
    assert numbers["cost"]["people"] == 60


def test_an_empty_field_has_no_quantiles(tmp_path: Path, con: duckdb.DuckDBPyConnection) -> None:
    con.execute("UPDATE held SET cost = NULL")
    made = tables(con, contract(tmp_path))
    (cost,) = [row for row in made["numbers"].data.to_pylist() if row["field"] == "cost"]
    assert (cost["p50"], cost["people"]) == (None, 0)


JANUARY, FEBRUARY = Feed("aa", date(2024, 1, 31)), Feed("bb", date(2024, 2, 29))


@pytest.mark.parametrize(
    ("digest", "as_of", "codes"),
    [
        ("cc", date(2024, 3, 31), []),
        ("cc", date(2024, 4, 1), ["LATE"]),
        ("cc", date(2024, 3, 15), []),
        ("cc", date(2024, 2, 29), ["OLD"]),
        ("cc", date(2023, 12, 31), ["OLD"]),
        ("aa", date(2024, 3, 31), ["TWICE"]),
    ],
)
def test_feeds(tmp_path: Path, digest: str, as_of: date, codes: list[str]) -> None:
    found = check_feed(digest, as_of, [JANUARY, FEBRUARY], contract(tmp_path))
    assert [p.code for p in found] == codes
    assert check_feed(digest, as_of, [], contract(tmp_path)) == []


def test_vintage_and_description(tmp_path: Path) -> None:
    found = contract(tmp_path)
    assert check_vintage(found, "2024-04") == []
    (wrong,) = check_vintage(found, "2021-12", "systems/kid.yaml:9")
    assert str(wrong).startswith(
        "systems/kid.yaml:9 VINTAGE gp.patients is of vintage 2024-04, and 2021-12 is required"
    )
    assert check_described(found, found.digest) == []
    assert [p.code for p in check_described(found, "0" * 64)] == ["CHANGED"]


def test_a_field_that_exposes_is_never_listed_however_few_its_values(
    tmp_path: Path, con: duckdb.DuckDBPyConnection
) -> None:
    con.execute("UPDATE held SET nhs_number = '4010232137', visits = 7")
    assert "visits" in tables(con, contract(tmp_path))
    for kind in (Kind.IDENTIFIER, Kind.KEY, Kind.SENSITIVE):
        found = contract(tmp_path)
        fields = [
            p.model_copy(update={"classification": kind}) if p.name == "visits" else p
            for p in found.properties
        ]
        table = found.tables[0].model_copy(update={"properties": fields})
        made = tables(con, found.model_copy(update={"tables": [table]}))
        assert set(made) == {"fields", "numbers", "sex"}
        assert "visits" not in made["numbers"].data["field"].to_pylist()
        assert "4010232137" not in str([t.data.to_pylist() for t in made.values()])
