"""Stays at homes out of several sources, and the homes that are establishments."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.errors import LinkError
from sharewell.link.dwelling import Stays, communal, living_on, stays

DATES = ("since", "until", "seen")


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def told(*rows: Sequence[str | None]) -> Stays:
    """Stays from (source, person, home, since, until, seen)."""
    table: list[dict[str, Any]] = [
        {"source": source, "record": str(at), "person": person, "home": home}
        | dict(zip(DATES, [day(date) for date in dates], strict=True))
        for at, (source, person, home, *dates) in enumerate(rows)
    ]
    schema = pa.schema(
        [(name, pa.string()) for name in ("source", "record", "person", "home")]
        + [(name, pa.date32()) for name in DATES]
    )
    return stays(pa.Table.from_pylist(table, schema))


def summed(found: Stays) -> list[tuple[Any, ...]]:
    names = ("home", "person", "since", "until", "gone_by", "sources", "against", "standing")
    return [
        tuple(str(row[name]) if isinstance(row[name], dt.date) else row[name] for name in names)
        for row in found.table.to_pylist()
    ]


def test_sources_that_agree_make_one_certain_stay() -> None:
    found = told(
        ("gp", "ann", "A", "2005-01-01", None, "2009-06-01"),
        ("tax", "ann", "A", "2005-01-10", "2010-01-31", None),
    )
    assert summed(found) == [("A", "ann", "2005-01-01", "2010-01-31", None, 2, 0, "certain")]


def test_no_end_is_made_up_but_the_day_seen_elsewhere_is_told() -> None:
    found = told(
        ("gp", "ann", "A", "2005-01-01", None, "2009-06-01"),
        ("tax", "ann", "B", "2010-02-01", None, None),
    )
    assert summed(found) == [
        ("A", "ann", "2005-01-01", None, "2010-02-01", 1, 0, "likely"),
        ("B", "ann", "2010-02-01", None, None, 1, 0, "likely"),
    ]


def test_going_and_coming_back_are_two_stays() -> None:
    found = told(
        ("gp", "bob", "A", "2001-01-01", "2003-01-01", None), ("gp", "bob", "A", "2008-01-01", None, None)
    )
    assert [row[2:4] for row in summed(found)] == [("2001-01-01", "2003-01-01"), ("2008-01-01", None)]


def test_a_silence_is_no_departure_unless_seen_elsewhere_meanwhile() -> None:
    silent = [("gp", "bob", "A", None, None, "2001-01-01"), ("gp", "bob", "A", None, None, "2009-01-01")]
    assert len(told(*silent).table) == 1
    between = ("tax", "bob", "B", "2004-01-01", "2005-01-01", None)
    assert [row["home"] for row in told(*silent, between).table.to_pylist()].count("A") == 2


def test_an_end_that_others_saw_through_is_no_end() -> None:
    found = told(
        ("tax", "cat", "A", "2001-01-01", "2004-01-01", None), ("gp", "cat", "A", None, None, "2012-05-01")
    )
    rows = found.table.sort_by("first_seen").to_pylist()
    assert [(row["until"], row["last_seen"]) for row in rows] == [
        (day("2004-01-01"), day("2004-01-01")),
        (None, day("2012-05-01")),
    ]
    nearer = told(
        ("tax", "cat", "A", "2001-01-01", "2004-01-01", None),
        ("gp", "cat", "A", "2002-01-01", None, "2012-05-01"),
    )
    assert [(row["until"], row["last_seen"]) for row in nearer.table.to_pylist()] == [
        (None, day("2012-05-01"))
    ]


def test_a_stale_register_is_outvoted_and_counted() -> None:
    found = told(
        ("gp", "dan", "B", "2010-01-01", None, "2024-01-01"),
        ("tax", "dan", "B", "2010-01-05", None, "2024-01-01"),
        ("library", "dan", "A", "2005-01-01", None, "2024-01-01"),
    )
    assert [(row[0], row[5], row[6], row[7]) for row in summed(found)] == [
        ("A", 1, 2, "doubtful"),
        ("B", 2, 1, "likely"),
    ]


def test_a_move_of_some_weeks_is_no_disagreement() -> None:
    found = told(
        ("gp", "eve", "A", "2005-01-01", "2010-02-01", None), ("gp", "eve", "B", "2010-01-10", None, None)
    )
    assert [row[6] for row in summed(found)] == [0, 0]


def test_a_child_of_two_homes_lives_at_both() -> None:
    found = told(
        ("gp", "kit", "A", "2015-01-01", None, "2024-01-01"),
        ("school", "kit", "B", "2016-01-01", None, "2024-01-01"),
    )
    assert [row[7] for row in summed(found)] == ["likely", "likely"]


def test_bad_dates_are_left_out_and_counted_and_no_date_is_a_stay_without_one() -> None:
    found = told(
        ("x", "fay", "A", "1900-01-01", None, "2011-01-01"),
        ("x", "gus", "A", "2012-01-01", "2001-01-01", None),
        ("x", "hal", "A", None, None, None),
        ("x", None, "A", "2001-01-01", None, None),
        ("x", "ivy", None, "2001-01-01", None, None),
    )
    assert [(row[1], row[2], row[3]) for row in summed(found)] == [
        ("fay", None, None),
        ("gus", None, None),
        ("hal", None, None),
    ]
    assert found.evidence == {
        "sightings": 5,
        "without_person_or_home": 2,
        "without_a_date": 2,
        "dates_reversed": 1,
        "stays": {"certain": 0, "likely": 3, "doubtful": 0},
    }


def test_missing_columns_are_named_at_once() -> None:
    with pytest.raises(LinkError) as caught:
        stays(pa.table({"source": ["a"]}))
    assert len(caught.value.problems) == 3


_days = st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2024, 1, 1)).map(str)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("xyz"), st.sampled_from("pq"), st.sampled_from("AB"), _days, _days, _days
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=15, deadline=None)
def test_every_date_was_said_and_the_order_of_rows_does_not_matter(
    rows: list[Any], rng: random.Random
) -> None:
    found = told(*rows).table
    said = {date for row in rows for date in row[3:] if date}
    for name in ("since", "until", "first_seen", "last_seen", "gone_by"):
        assert {str(date) for date in found[name].to_pylist() if date} <= said
    names = found.column_names
    mixed = rows.copy()
    rng.shuffle(mixed)
    again = told(*mixed).table

    def as_set(table: pa.Table) -> list[str]:
        return sorted(str([row[name] for name in names]) for row in table.to_pylist())

    assert as_set(again) == as_set(found)
    assert sum(found["records"].to_pylist()) == len(rows)


def test_planted_moves_are_recovered() -> None:
    rng = random.Random(4)
    truth, rows = {}, list[Sequence[str | None]]()
    for person in range(300):
        moved = dt.date(2012, 1, 1) + dt.timedelta(days=rng.randrange(3000))
        truth[str(person)] = moved
        for source in ("gp", "tax", "school"):
            if rng.random() < 0.7:
                late = moved + dt.timedelta(days=rng.randrange(25))
                rows.append((source, str(person), f"A{person}", "2005-01-01", str(late), None))
                rows.append((source, str(person), f"B{person}", str(late), None, "2024-01-01"))
    found = told(*rows).table.to_pylist()
    known = {row[1] for row in rows}
    assert len(found) == 2 * len(known)
    assert {row["standing"] for row in found if row["sources"] > 1} == {"certain"}
    for row in found:
        date = row["until"] if row["home"].startswith("A") else row["since"]
        assert dt.timedelta(0) <= date - truth[row["person"]] <= dt.timedelta(25)


def test_who_lives_where_on_a_day() -> None:
    found = told(
        ("gp", "ann", "A", "2005-01-01", "2010-01-01", None),
        ("tax", "ann", "A", "2005-01-05", "2010-01-01", None),
        ("gp", "bob", "A", "2008-01-01", None, "2008-06-01"),
        ("gp", "cat", "B", "2005-01-01", None, None),
        ("gp", "cat", "C", "2009-01-01", None, None),
        ("gp", "dan", "D", None, None, None),
    ).table
    assert living_on(found, dt.date(2009, 6, 1)).to_pylist() == [
        {"home": "A", "people": 2, "certain": 1, "sources": 2, "last_seen": day("2010-01-01")},
        {"home": "C", "people": 1, "certain": 0, "sources": 1, "last_seen": day("2009-01-01")},
    ]
    assert living_on(found, dt.date(2010, 1, 1))["people"].to_pylist() == [1, 1]
    assert len(living_on(found, dt.date(2004, 1, 1))) == 0


def establishment(residents: Sequence[Sequence[str]], classes: Any = None) -> list[tuple[str, str]]:
    """Kind and what told it, of homes of (home, surname, born, since)."""
    rows = [("gp", str(at), home, since, None, None) for at, (home, _, _, since) in enumerate(residents)]
    people = pa.table(
        {
            "person": [str(at) for at in range(len(residents))],
            "surname": [surname for _, surname, _, _ in residents],
            "born": pa.array([day(born) for _, _, born, _ in residents], pa.date32()),
        }
    )
    book = None if classes is None else pa.table({"home": list(classes), "class": list(classes.values())})
    found = communal(told(*rows).table, people, classes=book)
    assert found.evidence["establishments"] == len(found.table)
    return [(row["kind"], row["basis"]) for row in found.table.to_pylist()]


SURNAMES = [
    head + tail for head in ("Ash", "Brook", "Clay", "Dun", "Elm") for tail in ("by", "ton", "ley", "ham")
]


def test_many_residents_make_an_establishment_and_their_ages_its_kind() -> None:
    def at(born: str) -> list[Any]:
        return [("A", surname, born, "2015-01-01") for surname in SURNAMES[:13]]

    assert establishment(at("1930-05-01")) == [("care home", "residents")]
    assert establishment(at("1995-05-01")) == [("hall", "residents")]
    assert establishment(at("1970-05-01")) == [("establishment", "residents")]
    assert establishment(at("1970-05-01")[:12]) == []


def test_a_small_care_home_is_known_by_ages_and_surnames_a_large_family_is_not() -> None:
    assert establishment([("A", name, "1930-05-01", "2015-01-01") for name in SURNAMES[:6]]) == [
        ("care home", "ages and surnames")
    ]
    assert establishment([("A", "Ashby", f"{1960 + 5 * at}-05-01", "2015-01-01") for at in range(9)]) == []


def test_strangers_who_follow_one_another_quickly_make_an_establishment() -> None:
    people, rows = [], list[Sequence[str | None]]()
    for at in range(40):
        start = dt.date(2010, 1, 1) + dt.timedelta(days=60 * at)
        rows.append(("a", str(at), "A", str(start), str(start + dt.timedelta(days=359)), None))
        people.append(
            {"person": str(at), "surname": SURNAMES[at % 20] + str(at), "born": dt.date(1975, 1, 1)}
        )
    found = communal(told(*rows).table, pa.Table.from_pylist(people))
    assert [(row["basis"], row["residents"], row["people"]) for row in found.table.to_pylist()] == [
        ("turnover", 6, 40)
    ]


def test_the_class_of_the_gazetteer_decides() -> None:
    few = [("A", "Ashby", "1990-01-01", "2015-01-01")]
    many = [("B", name, "1970-05-01", "2015-01-01") for name in SURNAMES[:15]]
    kinds = {"RI01": "care home", "CC03PR": "prison", "student hall": "hall", "Women's refuge": "hostel"}
    for code, kind in kinds.items():
        assert establishment(few, {"A": code}) == [(kind, "class")]
    assert establishment([*few, *many], {"A": "RD04", "B": "RD06"}) == []
