"""Every coarsening gives the same in plain Python and on DuckDB, and hides what it says it hides."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.depersonalise import RULES
from sharewell.errors import PlanError, UnknownName
from sharewell.plan.schema import Kind, Type

BORN = date(1948, 2, 29)
LONG = {"at": "2024-04-01", "width": 5, "top": 85}

GOLDEN = [
    ("year", BORN, {}, 1948),
    ("month", BORN, {}, date(1948, 2, 1)),
    ("week", date(2021, 1, 3), {}, date(2020, 12, 28)),  # a Sunday in ISO week 53 of 2020
    ("week", date(2024, 4, 1), {}, date(2024, 4, 1)),  # a Monday
    ("age", BORN, {"at": "2023-02-28"}, 74),  # a leapling's birthday is 1 March in other years
    ("age", BORN, {"at": "2023-03-01"}, 75),
    ("age", date(2024, 4, 2), {"at": "2024-04-01"}, None),
    ("age-band", BORN, LONG, "75 to 79"),
    ("age-band", date(1920, 1, 1), LONG, "85 and over"),
    ("age-band", date(2008, 1, 1), {"at": date(2024, 4, 1), "edges": [18, 65]}, "under 18"),
    ("age-band", date(1960, 1, 1), {"at": date(2024, 4, 1), "edges": [18, 65]}, "18 to 64"),
    ("band", -1, {"width": 10}, "-10 to -1"),
    ("band", 0, {"width": 10}, "0 to 9"),
    ("band", 65, {"edges": [18, 65]}, "65 and over"),
    ("postcode-district", "CT1 2EH", {}, "CT1"),
    ("postcode-district", " sw1a2aa", {}, "SW1A"),
    ("postcode-district", "CT1", {}, None),
    ("postcode-sector", "ct12 3eh", {}, "CT12 3"),
    ("first-letter", "  smith", {}, "S"),
    ("first-letter", " ", {}, None),
    ("upper", "O'Neil", {}, "O'NEIL"),
]


def duckdb(rule, values, parameters):
    """The rule's Ibis expression over a column of values."""
    types = {Type.TEXT: pa.string(), Type.INTEGER: pa.int64(), Type.DATE: pa.date32()}
    table = pa.table({"n": range(len(values)), "x": pa.array(values, types[rule.takes[0]])})
    held = ibis.memtable(table)
    lowered = held.select("n", y=rule.column(held.x, parameters)).order_by("n")
    return CONNECTION.to_pyarrow(lowered)["y"]


CONNECTION = ibis.duckdb.connect()


@pytest.mark.parametrize(("name", "value", "parameters", "expected"), GOLDEN)
def test_value(name, value, parameters, expected):
    rule = RULES[name]
    rule.check(rule.takes[0], parameters)
    assert rule.value(value, parameters) == expected
    assert rule.value(None, parameters) is None


DATES = st.dates(date(1890, 1, 1), date(2030, 12, 31)) | st.dates()
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
AREAS = st.from_regex(r"\A ?[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2} ?\Z")
WHOLE = st.integers(-(2**53), 2**53) | st.integers(-50, 120)
EDGES = st.lists(st.integers(-20, 110), min_size=1, max_size=5, unique=True).map(sorted)
BANDS = (
    st.integers(1, 20).map(lambda width: {"width": width})
    | st.tuples(st.integers(1, 20), st.integers(-5, 9)).map(lambda p: {"width": p[0], "top": p[0] * p[1]})
    | EDGES.map(lambda edges: {"edges": edges})
)
AT = DATES.map(lambda day: {"at": day})

CASES = {
    "year": (DATES, st.just({})),
    "month": (DATES, st.just({})),
    "week": (DATES, st.just({})),
    "age": (DATES, AT),
    "age-band": (DATES, st.tuples(AT, BANDS).map(lambda two: two[0] | two[1])),
    "band": (WHOLE, BANDS),
    "postcode-district": (AREAS | NAMES, st.just({})),
    "postcode-sector": (AREAS | NAMES, st.just({})),
    "first-letter": (NAMES, st.just({})),
    "upper": (NAMES, st.just({})),
}


def test_every_rule_is_tried():
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("name", sorted(CASES))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_python_and_duckdb_agree(name, data):
    rule, (values, parameters) = RULES[name], CASES[name]
    chosen = data.draw(parameters)
    rule.check(rule.takes[0], chosen)
    column = data.draw(st.lists(values | st.none(), min_size=1, max_size=40))
    got = duckdb(rule, column, chosen)
    assert got.to_pylist() == [rule.value(value, chosen) for value in column]
    expected = {Type.TEXT: pa.string(), Type.INTEGER: pa.int64(), Type.DATE: pa.date32()}[rule.gives]
    assert got.type == expected


@given(born=st.dates(date(1900, 1, 1), date(2024, 1, 1)), days=st.integers(0, 6))
def test_a_week_holds_seven_birthdays(born, days):
    monday = RULES["week"].value(born, {})
    assert monday.isocalendar()[:2] == born.isocalendar()[:2]
    assert RULES["week"].value(monday + timedelta(days), {}) == monday


@pytest.mark.parametrize("name", sorted(CASES))
def test_only_identifiers_are_lowered(name):
    """A band of something sensitive is sensitive; capitals and bands of an identifier still identify."""
    rule = RULES[name]
    lowered = Kind.IDENTIFIER if name in ("upper", "band") else Kind.QUASI
    assert rule.becomes(Kind.IDENTIFIER) is lowered
    assert all(rule.becomes(kind) is kind for kind in Kind if kind is not Kind.IDENTIFIER)


@pytest.mark.parametrize(
    ("name", "given_type", "parameters", "faults"),
    [
        ("year", Type.TEXT, {"width": 3}, ["TYPE", "PARAMETER"]),
        ("age", Type.DATE, {}, ["PARAMETER"]),
        ("age", Type.DATE, {"at": "1 April"}, ["PARAMETER"]),
        ("age-band", Type.DATE, {"width": 5, "edges": [1]}, ["PARAMETER", "PARAMETER"]),
        ("band", Type.INTEGER, {}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"width": 0}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"width": True}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"width": 5, "top": 7}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"edges": [5, 5]}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"edges": []}, ["PARAMETER"]),
        ("band", Type.INTEGER, {"edges": 5}, ["PARAMETER"]),
    ],
)
def test_wrong_settings_are_refused_all_at_once(name, given_type, parameters, faults):
    with pytest.raises(PlanError) as refused:
        RULES[name].check(given_type, parameters)
    assert [problem.code for problem in refused.value.problems] == faults


def test_an_unknown_rule_is_a_refusal_that_helps():
    with pytest.raises(UnknownName, match="age-band"):
        RULES["ageband"]
