"""Families through people: whom living together and declared ties join, and whom a shared door does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sharewell.county.base import found as county_of
from sharewell.county.effects import Effects
from sharewell.county.margins import TYPES
from sharewell.county.names import stock
from sharewell.errors import LinkError
from sharewell.link.dwelling import Families, communal, families

SECRET = b"a secret of the linker, for tests"
PERIOD = (dt.date(2020, 1, 1), dt.date(2024, 1, 1))
Stay = tuple[str, str, str | None, str | None]


def day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def stays_of(rows: Sequence[Stay]) -> pa.Table:
    """Stays of (home, person, since, until) as one source would tell them."""
    since = pa.array([day(row[2] or "2010-01-01") for row in rows], pa.date32())
    until = pa.array([day(row[3]) for row in rows], pa.date32())
    return pa.table(
        {
            "home": pa.array([row[0] for row in rows], pa.string()),
            "person": pa.array([row[1] for row in rows], pa.string()),
            "since": since,
            "until": until,
            "first_seen": since,
            "last_seen": pc.coalesce(until, since),
            "gone_by": pa.nulls(len(rows), pa.date32()),
            "standing": ["likely"] * len(rows),
        }
    )


def families_of(
    people: Mapping[str, tuple[str | None, int | None]],
    rows: Sequence[Stay],
    declared: list[tuple[str, str, str]] | None = None,
    **more: Any,
) -> Families:
    """Families of people (surname, birth year) with these stays and declared ties."""
    folk = pa.table(
        {
            "person": list(people),
            "surname": pa.array([surname for surname, _ in people.values()], pa.string()),
            "born": pa.array(
                [None if y is None else dt.date(y, 6, 1) for _, y in people.values()], pa.date32()
            ),
        }
    )
    ties = None
    if declared is not None:
        ties = pa.table(
            {n: [row[i] for row in declared] for i, n in enumerate(("person", "other", "kind"))}
        )
    return families(stays_of(rows), folk, secret=SECRET, period=PERIOD, declared=ties, **more)


def groups(found: Families) -> set[str]:
    """Each family as its people, joined by spaces."""
    held: dict[str, list[str]] = {}
    for row in found.table.to_pylist():
        held.setdefault(row["family"], []).append(row["person"])
    return {" ".join(sorted(members)) for members in held.values()}


def kinds(found: Families) -> dict[str, str]:
    return {f"{row['one']} {row['two']}": row["kind"] for row in found.ties.to_pylist()}


def test_parents_and_children_of_one_home() -> None:
    people = {"ann": ("Ash", 1985), "bob": ("Brook", 1983), "kit": ("Ash", 2012), "lee": ("Brook", 2015)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == {"ann bob kit lee"}
    assert kinds(found) == {
        "ann bob": "partner",
        "ann kit": "parent",
        "bob kit": "carer",
        "ann lee": "carer",
        "bob lee": "parent",
        "kit lee": "sibling",
    }


def test_a_child_of_two_homes_joins_both() -> None:
    people = {"ann": ("Ash", 1985), "bob": ("Brook", 1983), "kit": ("Brook", 2012)}
    found = families_of(
        people,
        [
            ("A", "ann", None, None),
            ("A", "kit", None, None),
            ("B", "bob", None, None),
            ("B", "kit", None, None),
        ],
    )
    assert groups(found) == {"ann bob kit"}
    assert kinds(found) == {"ann kit": "carer", "bob kit": "parent"}


def test_three_generations_under_one_roof_are_one_family() -> None:
    people = {"gran": ("Ash", 1950), "ann": ("Ash", 1985), "kit": ("Ash", 2012)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == {"ann gran kit"}
    assert kinds(found) == {"ann gran": "kin", "ann kit": "parent", "gran kit": "grandparent"}


def test_lodgers_and_students_are_no_family() -> None:
    people = {f"p{at}": (f"Name{chr(65 + at)}", 1980 + 3 * at) for at in range(6)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == set(people)
    assert set(kinds(found).values()) == {"shares a home"}
    moved = [
        (home, name, f"20{year}-01-01", f"20{year + 1}-01-01")
        for home, year in (("A", 20), ("B", 21))
        for name in people
    ]
    assert groups(families_of(people, moved)) == set(people)


def test_two_who_move_from_home_to_home_by_themselves_are_partners() -> None:
    people = {"ann": ("Ash", 1985), "bob": ("Brook", 1983)}
    once = [("A", name, "2018-01-01", "2021-01-01") for name in people]
    assert groups(families_of(people, once)) == {"ann", "bob"}
    twice = [*once, *(("B", name, "2021-01-01", None) for name in people)]
    assert kinds(families_of(people, twice)) == {"ann bob": "partner"}


def test_an_unrelated_child_of_a_full_house_is_joined_by_surname_only() -> None:
    people = {"ann": ("Ash", 1985), "kit": ("Ash", 2012), "x": ("Elm", 1980), "y": ("Oak", 1979)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == {"ann kit", "x", "y"}


def test_who_left_before_the_period_is_joined_by_declaration_only() -> None:
    people = {"ann": ("Ash", 1970), "kit": ("Ash", 1996)}
    rows = [("A", "ann", None, None), ("A", "kit", None, "2018-01-01"), ("B", "kit", "2018-01-01", None)]
    assert groups(families_of(people, rows)) == {"ann", "kit"}
    assert groups(families_of(people, rows, [("ann", "kit", "parent")])) == {"ann kit"}


def test_declared_ties_keep_their_kind_and_strangers_are_counted() -> None:
    people = {"ann": ("Ash", 1970), "kit": ("Elm", 2012), "bob": ("Oak", 1980)}
    rows = [("A", "ann", None, None), ("B", "kit", None, None), ("C", "bob", None, None)]
    stated = [
        ("ann", "kit", "guardian"),
        ("bob", "kit", "neighbour"),
        ("nobody", "kit", "parent"),
        ("kit", "kit", "sibling"),
    ]
    found = families_of(people, rows, stated)
    assert groups(found) == {"ann kit", "bob"}
    assert [(row["kind"], row["declared"], row["family_tie"]) for row in found.ties.to_pylist()] == [
        ("guardian", True, True),
        ("neighbour", True, False),
    ]
    assert (found.evidence["declared"], found.evidence["declared_unused"]) == (4, 2)


def test_an_establishment_ties_nobody() -> None:
    people = {"ann": ("Ash", 1970), "kit": ("Ash", 2012)}
    rows = [("A", name, None, None) for name in people]
    assert groups(families_of(people, rows)) == {"ann kit"}
    assert groups(families_of(people, rows, communal=pa.array(["A"]))) == {"ann", "kit"}


def test_stays_that_hardly_overlap_are_no_life_together() -> None:
    people = {"ann": ("Ash", 1970), "kit": ("Ash", 1990)}
    rows = [("A", "ann", "2010-01-01", "2021-01-20"), ("A", "kit", "2021-01-01", None)]
    assert groups(families_of(people, rows)) == {"ann", "kit"}


def test_a_former_or_double_surname_still_ties() -> None:
    people = {"ann": ("Ash-Brook", 1985), "x": ("Elm", 1980), "y": ("Oak", 1979), "kit": ("Brook", 2012)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == {"ann kit", "x", "y"}


def test_a_chain_of_very_many_is_marked() -> None:
    people = {f"p{at:02d}": (f"N{chr(65 + at)}", 1980) for at in range(25)}
    links = [(f"p{at:02d}", f"p{at + 1:02d}", "sibling") for at in range(24)]
    found = families_of(people, [("A", "p00", None, None)], links)
    assert found.evidence["wide_families"] == 1
    assert set(found.table["wide"].to_pylist()) == {True}


def test_nothing_known_of_people_makes_no_family() -> None:
    people: dict[str, tuple[str | None, int | None]] = {"ann": (None, None), "bob": (None, None)}
    found = families_of(people, [("A", name, None, None) for name in people])
    assert groups(found) == {"ann", "bob"}
    assert families_of({}, []).evidence["people"] == 0


def test_what_cannot_be_done_is_refused() -> None:
    with pytest.raises(LinkError) as caught:
        families(pa.table({}), pa.table({}), secret=SECRET, period=(PERIOD[1], PERIOD[0]))
    assert len(caught.value.problems) == 12


def test_planted_families_of_the_county() -> None:
    county = county_of(4_000, 3, Effects())
    residents, household = county.people, county.people.household
    home = county.residence.home[household]
    names = [f"{at:05d}" for at in range(residents.count)]
    kind = np.array(TYPES)[residents.kind][household]
    apart = np.isin(kind, ("care home", "sharers"))
    came = np.where(
        apart, np.maximum(residents.born + 18 * 366, 17_800), np.maximum(residents.born, 10_957)
    )
    since = pa.array(came.astype(np.int32)).cast(pa.date32())
    stay = pa.table(
        {
            "home": pa.array(home.astype(str)),
            "person": names,
            "since": since,
            "until": pa.nulls(len(names), pa.date32()),
            "first_seen": since,
            "last_seen": since,
            "gone_by": pa.nulls(len(names), pa.date32()),
            "standing": ["certain"] * len(names),
        }
    )
    folk = pa.table(
        {
            "person": names,
            "surname": pa.array(stock().surnames).take(pa.array(residents.surname)),
            "born": pa.array(residents.born.astype(np.int32)).cast(pa.date32()),
        }
    )
    closed = communal(stay, folk).table["home"].combine_chunks()
    found = families(stay, folk, secret=SECRET, period=PERIOD, communal=closed)
    family = np.array(found.table.sort_by("person")["family"].to_pylist())
    with_children = np.char.find(kind, "parent") >= 0
    whole = [len(set(family[household == h])) == 1 for h in np.unique(household[with_children])]
    assert np.mean(whole) >= 0.97
    together = [
        len(set(family[household == h])) < (household == h).sum() for h in np.unique(household[apart])
    ]
    assert np.mean(together) <= 0.03
    crossing = [len(set(household[family == f])) > 1 for f in np.unique(family)]
    assert not any(crossing)
