"""NHS numbers: the check digit, and numbers that more people than one hold."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.link import is_nhs_number, numbers, standardise
from sharewell.link.settings import IDENTITY


@pytest.mark.parametrize("number", ["9434765919", "9434765870", "4010232137"])
def test_published_examples(number: str) -> None:
    assert is_nhs_number(number)


@pytest.mark.parametrize(
    "number", ["", "943476591", "94347659190", "943476591A", "9999999999", "0000000000", "943 476 5919"]
)
def test_what_is_no_number_at_all(number: str) -> None:
    assert not is_nhs_number(number)


def _check(number: str) -> int:
    """The NHS Data Dictionary's steps, written out: multiply, add, divide by 11, subtract."""
    total = sum(int(number[i]) * (10 - i) for i in range(9))
    check = 11 - total % 11
    return 0 if check == 11 else check


@given(st.integers(100_000_000, 999_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first: int, place: int, shift: int) -> None:
    check = _check(f"{first}0")
    if check == 10 or len(set(f"{first}{check}")) == 1:
        return
    number = f"{first}{check}"
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert is_nhs_number(number)
    assert not is_nhs_number(wrong)


@settings(max_examples=4, deadline=None)
@given(st.lists(st.text("0123456789", min_size=10, max_size=10), min_size=200, max_size=300, unique=True))
def test_the_engine_agrees_with_the_function(held: list[str]) -> None:
    found = _verified(
        [("a", str(at), number, "ANN", "SMITH", "1950-01-02", "F") for at, number in enumerate(held)]
    )
    assert found == {str(at): number if is_nhs_number(number) else None for at, number in enumerate(held)}


def _verified(rows: list[tuple[str, ...]], once: frozenset[str] = frozenset()) -> dict[str, str | None]:
    names = ("record", "nhs_number", "forename", "surname", "born", "sex")
    sources = sorted({row[0] for row in rows})
    tables = {
        source: pa.table(
            {name: [row[at + 1] for row in rows if row[0] == source] for at, name in enumerate(names)}
        )
        for source in sources
    }
    with duckdb.connect() as con:
        standardise.load(con, tables, IDENTITY)
        numbers.verify(con, once)
        return dict(con.execute("SELECT record, lpad(verified::VARCHAR, 10, '0') FROM rows").fetchall())


NUMBER = "9434765919"
ANN = ("ANN", "SMITH", "1950-01-02", "F")


@pytest.mark.parametrize(
    "other",
    [
        ("ANN", "JONES", "1950-01-02", "F"),  # married
        ("ANNE", "SMITH", "1950-02-01", "F"),  # a slip and a swap
        ("SMITH", "ANN", "1950-01-02", "F"),  # names in each other's place
        ("ANN", "SMITH", "1950-01-02", "M"),  # sex mistaken
        (None, "SMITH", None, "F"),
    ],
)
def test_slips_and_marriage_do_not_make_a_number_shared(other: tuple[str, ...]) -> None:
    found = _verified([("a", "1", NUMBER, *ANN), ("b", "2", NUMBER, *other)])
    assert found == {"1": NUMBER, "2": NUMBER}


@pytest.mark.parametrize(
    "other", [("GEORGE", "TAYLOR", "1931-07-09", "M"), ("ANN", "TAYLOR", "1931-07-19", "F")]
)
def test_a_number_of_two_people_is_set_aside_for_both(other: tuple[str, ...]) -> None:
    found = _verified([("a", "1", NUMBER, *ANN), ("b", "2", NUMBER, *other)])
    assert found == {"1": None, "2": None}


def test_a_source_that_holds_each_person_once_cannot_hold_a_number_twice() -> None:
    rows = [("a", "1", NUMBER, *ANN), ("a", "2", NUMBER, *ANN)]
    assert _verified(rows) == {"1": NUMBER, "2": NUMBER}
    assert _verified(rows, frozenset("a")) == {"1": None, "2": None}
