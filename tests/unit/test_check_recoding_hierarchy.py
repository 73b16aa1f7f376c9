"""Generalisation hierarchies: declared or by rule, covering and nested."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.check.microdata.hierarchy import (
    Bands,
    Dates,
    Hierarchy,
    Postcodes,
    Prefixes,
    Suppressible,
    count_split_groups,
)
from sharewell.check.microdata.tuples import encode
from sharewell.errors import DocumentError, GateError


def test_declared_rows_gain_a_top() -> None:
    found = Hierarchy.from_rows([("cat", "pet"), ("cow", "farm")])
    assert found.ladder("cat") == ("cat", "pet", "*")
    assert found.ladder("dog") is None


def test_a_single_last_group_is_the_top(tmp_path: Path) -> None:
    path = tmp_path / "animals.csv"
    path.write_text("cat;pet;any\ncow;farm;any\n\n", encoding="utf-8")
    assert Hierarchy.from_csv(path).ladder("cow") == ("cow", "farm", "any")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "without values"),
        ([("a", "x", "*"), ("b", "x")], "1 values have more or fewer levels"),
        ([("a", "x"), ("b", "")], "1 values have a blank level"),
        ([("secret", "x"), ("secret", "y")], "1 values are there more than once"),
        ([("a", "x", "1"), ("b", "x", "2")], "1 groups lie in more than one group"),
    ],
)
def test_faults_are_refused_and_counted(rows: list[tuple[str, ...]], said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        Hierarchy.from_rows(rows)
    assert "secret" not in str(caught.value)


def test_ladders_of_rules() -> None:
    assert Bands((5, 10, 20)).ladder("37") == ("37", "35-39", "30-39", "20-39", "*")
    assert Bands((5, 10), top=90).ladder("93") == ("93", "90+", "90+", "*")
    assert Bands((5,)).ladder("-1") == ("-1", "-5--1", "*")
    assert Bands((5,)).ladder("old") is None
    assert Bands((5,)).ladder("nan") is None
    assert Dates().ladder("2024-02-29") == ("2024-02-29", "2024-02", "2024", "*")
    assert Dates().ladder("29/02/2024") is None
    assert Postcodes().ladder("cb2 1tn") == ("cb2 1tn", "CB2 1", "CB2", "CB", "*")
    assert Postcodes().ladder("EC1A1BB") == ("EC1A1BB", "EC1A 1", "EC1A", "EC", "*")
    assert Postcodes().ladder("nowhere") is None
    assert Prefixes((3, 1)).ladder("E11.9") == ("E11.9", "E11", "E", "*")
    assert Suppressible().ladder("x") == ("x", "*")


@pytest.mark.parametrize("widths", [(5, 12), (), (5, 5), (0, 5), (1,)])
def test_bands_that_do_not_nest_are_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(DocumentError):
        Bands(widths)


def test_a_last_band_that_cuts_another_is_refused() -> None:
    with pytest.raises(DocumentError, match="cuts a band in two"):
        Bands((5, 10), top=85)


@pytest.mark.parametrize("lengths", [(1, 3), (), (2, 0)])
def test_prefixes_that_do_not_nest_are_refused(lengths: tuple[int, ...]) -> None:
    with pytest.raises(DocumentError):
        Prefixes(lengths)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(-50, 130), min_size=1), st.sampled_from([None, 40, 80]))
def test_bands_nest(ages: list[int], top: int | None) -> None:
    bands = Bands((5, 10, 20), top)
    ladders = [bands.ladder(str(age)) for age in ages]
    assert all(ladder is not None for ladder in ladders)
    assert count_split_groups([ladder for ladder in ladders if ladder]) == 0


def test_gaps_are_told_by_number_never_by_value() -> None:
    table = pa.table({"a": ["x", "unheard", "unseen", "unheard"]})
    with pytest.raises(GateError, match="2 distinct values of a have no place") as caught:
        encode(table, ["a"], [], {"a": Hierarchy.from_rows([("x", "*")])})
    assert "unheard" not in str(caught.value)


def test_a_rule_that_does_not_nest_on_the_data_is_refused() -> None:
    class Odd:
        def ladder(self, value: str) -> tuple[str, ...]:
            return (value, "same", value, "*")

    with pytest.raises(GateError, match="does not nest"):
        encode(pa.table({"a": ["x", "y"]}), ["a"], [], {"a": Odd()})


def test_codes_do_not_depend_on_the_order_of_rows() -> None:
    one = encode(pa.table({"a": ["b", "a", None, "c"]}), ["a"], [], {"a": Suppressible()})
    two = encode(pa.table({"a": [None, "c", "b", "a"]}), ["a"], [], {"a": Suppressible()})
    assert one.quasi[0].labels == two.quasi[0].labels == (("a", "b", "c", None), ("*",))
