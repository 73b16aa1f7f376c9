"""Homes and households: one home in many spellings, families that follow one another, and places of many
residents.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from link_example import asked, town

from sharewell.errors import LinkError
from sharewell.link import households, link, people

HOME = {"address": "12 High Street", "postcode": "QN1 1AA"}


def house(*rows: dict[str, Any], **changed: Any) -> list[tuple[int | None, int | None, bool]]:
    """Home and household of each row, numbered in order of appearance, and whether the home is communal."""
    table = pa.Table.from_pylist([{"record": f"{at:03d}", **row} for at, row in enumerate(_even(rows))])
    found = households({"a": table}, settings=asked(**changed)).table
    numbered = [_number(found[name].to_pylist()) for name in ("home", "household")]
    return list(zip(*numbered, found["communal"].to_pylist(), strict=True))


def _even(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def _number(names: list[str | None]) -> list[int | None]:
    seen: dict[str, int] = {}
    return [None if name is None else seen.setdefault(name, len(seen)) for name in names]


def test_an_address_tied_to_a_uprn_is_that_home() -> None:
    rows = house(
        HOME | {"uprn": "100"},
        {"address": "12 HIGH ST", "postcode": "qn11aa"},
        HOME | {"address": "14 High Street"},
    )
    assert [home for home, _, _ in rows] == [0, 0, 1]


def test_flats_of_one_house_are_homes_apart() -> None:
    rows = house(
        *(HOME | {"address": f"{flat}12 High Street"} for flat in ("Flat 1, ", "Flat 2, ", "Flat 1, "))
    )
    assert [home for home, _, _ in rows] == [0, 1, 0]


def test_no_place_is_no_home() -> None:
    assert house({"surname": "Smith", "address": None, "postcode": None}) == [(None, None, False)]
    assert house({"address": None, "postcode": "QN1 1AA"}) == [(None, None, False)]


def test_families_that_follow_one_another_are_households_apart() -> None:
    rows = house(
        HOME | {"surname": "Brown", "since": "2005-01-01", "until": "2010-01-20"},
        HOME | {"surname": "Smith", "since": "2010-01-05", "until": None},
        HOME | {"surname": "Jones", "since": "2015-06-01", "until": None},  # lives with the Smiths
        HOME | {"surname": "Smith"},
        HOME | {"surname": "Green"},  # no dates: with whoever is there now
    )
    assert [household for _, household, _ in rows] == [0, 1, 1, 1, 1]
    assert {home for home, _, _ in rows} == {0}


def test_without_dates_a_home_is_one_household() -> None:
    assert {
        household for _, household, _ in house(HOME | {"surname": "Brown"}, HOME | {"surname": "Smith"})
    } == {0}


def test_who_is_seen_elsewhere_later_has_left() -> None:
    ann = {"forename": "Ann", "surname": "Brown", "born": "1950-01-02", "sex": "F"}
    table = pa.Table.from_pylist(
        [
            {"record": "1", **HOME, **ann, "since": "2005-01-01"},
            {"record": "2", "address": "3 Low Road", "postcode": "QN2 2BB", **ann, "since": "2010-01-01"},
            {
                "record": "3",
                **HOME,
                "forename": "Una",
                "surname": "Kelby",
                "born": "1980-05-06",
                "sex": "F",
                "since": "2010-02-01",
            },
        ]
    )
    linked = people({"a": table}, settings=asked())
    found = households({"a": table}, settings=asked(), linked=linked).table["household"].to_pylist()
    assert len(set(found)) == 3


def test_a_place_of_many_residents_is_communal() -> None:
    many = [HOME | {"forename": "Ann", "surname": f"Smith{chr(65 + at)}"} for at in range(5)]
    assert {communal for _, _, communal in house(*many, communal=4)} == {True}
    assert {communal for _, _, communal in house(*many, communal=5)} == {False}


def test_an_establishment_forms_no_household() -> None:
    many = [HOME | {"forename": "Ann", "surname": f"Smith{chr(65 + at)}"} for at in range(5)]
    assert {household for _, household, _ in house(*many, communal=4)} == {None}
    assert {home for home, _, _ in house(*many, communal=4)} == {0}
    table = pa.Table.from_pylist([{"record": str(at), **row} for at, row in enumerate(many)])
    for linker, found in (("homes", 0), ("households", 5)):
        linked = link({"a": table}, settings=asked(linker=linker, communal=4))
        assert linked.table["cluster"].null_count == found


def test_one_resident_in_many_records_is_not_many() -> None:
    ann = HOME | {"forename": "Ann", "surname": "Smith", "born": "1950-01-02"}
    assert {communal for _, _, communal in house(*[ann] * 9, communal=4)} == {False}


def test_planted_homes_are_found_and_evidence_adds_up() -> None:
    place = town(300)
    found = households(place.sources, settings=asked())
    home_of = {person.number: person.uprn for person in place.people}
    rows = zip(*(found.table[name].to_pylist() for name in ("source", "record", "home")), strict=True)
    pairs = {(home_of[place.truth[(source, row)]], home) for source, row, home in rows if home}
    assert len(pairs) / len(set(home_of.values())) <= 1.02
    assert found.evidence["homes"] == len({home for _, home in pairs})
    assert found.evidence["records"] == len(place.truth)


def test_a_gazetteer_brings_together_what_spelling_keeps_apart() -> None:
    book = pa.table(
        {
            "uprn": ["100023336956.0", "2", "3"],
            "address": [
                "Flat 3, 12 High Street, Fellbury",
                "Flat 4, 12 High Street, Fellbury",
                "1 Low Road",
            ],
            "postcode": ["QN1 1AA"] * 3,
        }
    )
    sources = {
        "a": pa.table(
            {"record": ["1", "2"], "address": ["12C Hihg Street", "1 Low Rd"], "postcode": ["QN1 1AA"] * 2}
        ),
        "b": pa.table({"record": ["1"], "address": ["Flat 3, 12 High St, Fellbury"]}),
        "c": pa.table(
            {"record": ["1", "2"], "uprn": [100023336956.0, None], "address": [None, "PO Box 3"]}
        ),
        "d": pa.table({"record": ["1"], "surname": ["Smith"]}),
    }
    found = households(sources, settings=asked(), gazetteer=book)
    homes = found.table["home"].to_pylist()
    assert _number(homes) == [0, 1, 0, 0, None, None]
    assert found.evidence["placed"] == {"exact": 0, "tidy": 1, "near": 1, "by street": 1}
    assert found.evidence["unplaced"]["post box"] == 1
    apart = households(sources, settings=asked()).table["home"].to_pylist()
    assert apart[0] != apart[2]
    withheld = households(sources, settings=asked(columns=("address", "postcode")), gazetteer=book)
    assert "placed" not in withheld.evidence


def test_repeated_ids_are_refused() -> None:
    with pytest.raises(LinkError):
        households({"a": pa.table({"record": ["1", "1"]})}, settings=asked())
