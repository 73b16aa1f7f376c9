"""Identity fields in one spelling, and what counts as knowing nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from sharewell.link import standardise
from sharewell.link.settings import IDENTITY


def standard(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """These records, standardised, in the same order."""
    table = pa.Table.from_pylist([{"record": f"{at:03d}", **row} for at, row in enumerate(rows)])
    with duckdb.connect() as con:
        standardise.load(con, {"only": table}, IDENTITY)
        return con.execute("SELECT * FROM records ORDER BY rid").to_arrow_table().to_pylist()  # type: ignore[no-any-return]


def column(name: str, values: Iterable[Any]) -> list[Any]:
    """What a column of these texts becomes."""
    return [
        row[name] for row in standard(*({name: None if value is None else str(value)} for value in values))
    ]


def test_a_surname_loses_all_but_its_letters() -> None:
    expected = {
        "O'Brien": "OBRIEN",
        "  de la  Cruz ": "DELACRUZ",
        "Smith-Jones": "SMITHJONES",
        "Müller": "MULLER",
        "A1i": "ALI",
        "Smith Jr": "SMITH",
        "Иванов": "IVANOV",
        "UNKNOWN": None,
        "not known": None,
        "XX": None,
        "-": None,
        "": None,
        None: None,
    }
    assert column("surname", expected) == list(expected.values())


def test_a_placeholder_forename_is_missing() -> None:
    held = ["BABY", "Baby Smith", "Infant of Anne", "TWIN 1", "Unknown male", "Boy"]
    assert column("forename", held) == [None] * len(held)


def test_a_name_in_one_field_is_taken_apart() -> None:
    expected = {
        "MRS J SMITH": ("J", "SMITH", "F"),
        "Mr John Arthur Smith": ("JOHN", "SMITH", "M"),
        "SMITH, John": ("JOHN", "SMITH", None),
        "Smith, Mr John": ("JOHN", "SMITH", None),
        "Dr Amina Khan": ("AMINA", "KHAN", None),
        "Smith": (None, "SMITH", None),
    }
    found = [
        (row["forename"], row["surname"], row["sex"])
        for row in standard(*({"name": name} for name in expected))
    ]
    assert found == list(expected.values())


def test_an_everyday_name_is_tied_to_what_it_stands_for() -> None:
    rows = standard({"forename": "Peggy"}, {"forename": "Margaret"}, {"forename": "Wilhelmina"})
    assert [row["given"] for row in rows] == ["MARGARET", "MARGARET", "WILHELMINA"]


def test_a_birth_date_is_a_date_or_missing() -> None:
    expected = {
        "1950-02-03": "19500203",
        "1950-02-03 12:00:00": "19500203",
        "03/02/1950": "19500203",
        "3.2.1950": "19500203",
        "19500203": "19500203",
        "1950-02-30": None,
        "1900-01-01": None,
        "9999-12-31": None,
        "last week": None,
    }
    assert column("born", expected) == list(expected.values())


def test_dates_may_come_as_dates() -> None:
    rows = standard({"born": dt.date(1950, 2, 3)}, {"born": dt.date(1900, 1, 1)}, {"born": None})
    assert [row["born"] for row in rows] == ["19500203", None, None]


def test_sex() -> None:
    expected = {"Male": "M", "f": "F", "1": "M", "2": "F", "9": None, "U": None}
    assert column("sex", expected) == list(expected.values())


def test_a_title_tells_the_sex_only_where_nothing_else_does() -> None:
    rows = standard(
        {"title": "Mrs", "sex": None}, {"title": "Mrs", "sex": "M"}, {"title": "Dr", "sex": None}
    )
    assert [row["sex"] for row in rows] == ["F", "M", None]


def test_a_postcode_has_no_space_and_no_fixed_abode_is_missing() -> None:
    expected = {"ab1 2cd": "AB12CD", "AB12CD": "AB12CD", "ZZ99 3VZ": None, "n/a": None, "2620": "2620"}
    assert column("postcode", expected) == list(expected.values())


def test_one_address_in_many_spellings() -> None:
    held = [
        "Flat 3, 12 High Street",
        "12 HIGH ST, FLAT 3",
        "Apartment 3 12, High Str. AB1 2CD",
        "12 High St Flat 3",
    ]
    rows = standard(*({"address": address} for address in [*held, "Flat 3, 12a High Street"]))
    assert [(row["number"], row["street"]) for row in rows] == [("12 3", "HIGH")] * 4 + [("12A 3", "HIGH")]


def test_uprn_leading_zeros_are_dropped_and_zero_is_missing() -> None:
    assert column("uprn", ["000123", 123, 0]) == ["123", "123", None]


def test_columns_that_the_settings_leave_out_are_not_read() -> None:
    table = pa.table({"record": ["1"], "surname": ["Smith"], "born": ["1950-02-03"]})
    with duckdb.connect() as con:
        standardise.load(con, {"only": table}, ("surname",))
        assert con.execute("SELECT surname, born FROM records").fetchall() == [("SMITH", None)]


def test_a_further_name_is_another_thing_said_of_the_same_record() -> None:
    rows = [
        {"forename": "Ann", "surname": "Smith also known as Jones", "born": "1950-01-02"},
        {"forename": "Ann", "surname": "Smith", "alias": "Annie Jones", "born": "1950-01-02"},
        {"name": "Mr John Smith aka Brown", "born": "1951-01-02"},
        {"forename": "Ann", "surname": "Nee", "born": "1950-01-02"},
    ]
    columns = ("forename", "surname", "name", "alias", "born")
    table = pa.table({name: [row.get(name) for row in rows] for name in columns})
    table = table.append_column("record", pa.array([str(at) for at in range(len(rows))]))
    with duckdb.connect() as con:
        standardise.load(con, {"only": table}, IDENTITY)
        said = con.execute("SELECT record, forename, surname FROM records ORDER BY rid").fetchall()
        known = con.execute(
            "SELECT record, forename, surname, born FROM aliases JOIN identities USING (identity)"
            " JOIN (SELECT rid, record FROM rows) USING (rid) ORDER BY rid"
        ).fetchall()
    assert said == [
        ("0", "ANN", "SMITH"),
        ("1", "ANN", "SMITH"),
        ("2", "JOHN", "SMITH"),
        ("3", "ANN", "NEE"),
    ]
    assert known == [
        ("0", "ANN", "JONES", "19500102"),
        ("1", "ANNIE", "JONES", "19500102"),
        ("2", "JOHN", "BROWN", "19510102"),
    ]


def test_names_in_other_scripts_meet_their_latin_forms() -> None:
    assert column("surname", ["Иванов", "Ivanov", "ИВАНОВ"]) == ["IVANOV"] * 3


def test_a_number_that_became_a_float_is_still_that_number() -> None:
    tables = {
        "a": pa.table({"record": ["1", "2"], "uprn": pa.array([100023336956.0, None], pa.float64())}),
        "b": pa.table({"record": ["1"], "uprn": ["100023336956.0"]}),
    }
    with duckdb.connect() as con:
        standardise.load(con, tables, IDENTITY)
        assert con.execute("SELECT uprn FROM records ORDER BY rid").fetchall() == [
            ("100023336956",),
            (None,),
            ("100023336956",),
        ]
