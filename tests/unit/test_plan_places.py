"""The steps about described places, about what a recipient knows, and about order: what they refuse and
give."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sharewell.engines import reference
from sharewell.engines.duckdb import DuckDB
from sharewell.engines.duckdb import run as lower
from sharewell.errors import PlanError
from sharewell.plan.footprint import live_columns
from sharewell.plan.population import meaning
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Beside, Rank, Read, Recognise, Step


def table(name: str, *columns: Column, people: bool = True) -> Read:
    held = tuple(Column(c.name, c.type, c.kind, "north", frozenset({f"{name}.{c.name}"})) for c in columns)
    return Read(Asset(name, "north", Schema(held), about_people=people))


SEEN = table(
    "seen", Column("place", Type.TEXT, Kind.SENSITIVE), Column("day", Type.DATE, Kind.QUASI),
    Column("hour", Type.INTEGER, Kind.QUASI), Column("age", Type.INTEGER, Kind.QUASI),
)  # fmt: skip
PLACES = table(
    "places",
    Column("name", Type.TEXT),
    Column("code", Type.TEXT),
    Column("east", Type.NUMBER),
    people=False,
)


def recognised(**changed: object) -> Step:
    told = {
        "of": SEEN,
        "column": "place",
        "places": PLACES,
        "name": "name",
        "adds": (("code", "at"), ("east", "east")),
    }
    return Recognise(**(told | changed))  # type: ignore[arg-type]


def beside(held: Step, compared: tuple[str, ...] = ("at",), day: str = "day") -> Step:
    return Beside(recognised(), held, "a log", compared, "at", day, "hour", 1, 6)


def test_the_words_go_no_further_and_the_place_is_no_public_fact_of_a_person() -> None:
    step = recognised()
    assert step.shape.schema.names == ("day", "hour", "age", "at", "east")
    assert step.shape.schema["at"].kind is Kind.QUASI
    assert step.shape.schema["at"].origins == {"seen.place", "places.code"}
    assert live_columns((Rank(step, "age", "first"),))[SEEN] == {"place", "day", "hour", "age"}
    assert meaning(step, "at") != meaning(step, "east")
    assert str(meaning(step, "day")) == "seen.day"


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("TYPE", lambda: recognised(column="age")),
        ("TYPE", lambda: recognised(name="east")),
        ("PLACE", lambda: recognised(adds=())),
        ("TWICE", lambda: recognised(adds=(("code", "day"),))),
        ("COLUMN", lambda: recognised(adds=(("shoe", "shoe"),))),
        ("KNOWN", lambda: beside(recognised(), ())),
        ("COLUMN", lambda: beside(SEEN)),
        ("TYPE", lambda: beside(table("log", Column("at", Type.INTEGER), Column("day", Type.DATE)))),
        ("TYPE", lambda: Rank(SEEN, "place", "first")),
        ("TWICE", lambda: Rank(SEEN, "age", "day")),
        ("RANK", lambda: Rank(SEEN, "age", "first", 0)),
    ],
)
def test_what_does_not_fit_is_refused(code: str, make: Callable[[], Step]) -> None:
    with pytest.raises(PlanError) as caught:
        make()
    assert caught.value.problems[0].code == code


def test_what_a_recipient_holds_changes_no_row_and_is_read_only_for_what_is_compared() -> None:
    step = beside(recognised())
    assert step.shape == recognised().shape
    assert live_columns((step,))[recognised()] == {"day", "hour", "age", "at", "east"}


def test_a_rank_is_the_same_on_both_engines_ties_and_nulls_too() -> None:
    import pyarrow as pa

    rows = pa.table({"name": ["b", "a", "c", "d", None], "score": pa.array([5, 5, None, 9, 5], pa.int64())})
    held = table("scores", Column("name", Type.TEXT), Column("score", Type.INTEGER))
    for most in (None, 3):
        step = Rank(held, "score", "place", most)
        mine = reference.run(step, [rows.to_pylist()])
        with DuckDB([]) as engine:
            theirs = engine.to_arrow(lower(step, [engine.from_arrow(rows)])).sort_by("place").to_pylist()
        assert mine == theirs
        assert [row["name"] for row in mine] == ["d", "a", "b", None, "c"][:most]
